//! Stories over real HTTP: what people and communities do on VK, and what each of them sees of it.
//!
//! Every answer and every event that a community gets here is also checked against the published types.

mod callback;
mod edits;
mod faults;
mod hand;
mod kinds;
mod longpoll;
mod play;
mod presses;
mod sending;
mod uploads;
