//! Asks others: a reader of pictures ([`ocr`]) and the owner's sheet of clients ([`sheet`]).
//!
//! Decides nothing, knows no messenger and no database. What comes from outside is never trusted to be
//! small, whole or well-formed, and what went wrong is said as what to do next, in words without
//! secrets.

mod http;
pub mod ocr;
pub mod picture;
pub mod sheet;

pub use http::NoClient;
