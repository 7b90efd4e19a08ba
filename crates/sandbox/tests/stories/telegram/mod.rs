//! Stories over real HTTP: what people and bots do, and what each of them sees of it.
//!
//! Every answer that a bot gets here is also checked against the published types.

mod albums;
mod copies;
mod edits;
mod faults;
mod files;
mod groups;
mod hand;
mod limits;
mod play;
mod presses;
mod sending;
mod updates;
mod webhooks;
