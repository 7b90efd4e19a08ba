//! What the desk remembers, in PostgreSQL or SQLite alike.

pub mod db;
#[cfg(feature = "testing")]
pub mod testing;
