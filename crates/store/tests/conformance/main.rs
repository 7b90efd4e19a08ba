//! What the store promises, told on SQLite and on PostgreSQL. Every query of the crate runs here.

mod adoption;
mod commit;
mod copies;
mod executor;
mod inbox;
mod outbox;
mod world;
