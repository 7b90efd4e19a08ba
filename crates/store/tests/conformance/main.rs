//! What the store promises, told on SQLite and on PostgreSQL. Every query of the crate runs here.

mod adoption;
mod broadcasts;
mod clients;
mod commit;
mod copies;
mod executor;
mod inbox;
mod numbers;
mod outbox;
mod pausing;
mod payments;
mod records;
mod reminders;
mod sheet;
mod tickets;
mod upgrade;
mod world;
