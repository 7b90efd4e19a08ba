//! Journeys: the whole desk, as the real program, against emulated messengers, on SQLite and on
//! PostgreSQL. Told as stories; nobody here knows how the desk is made inside.

mod care;
mod faults;
mod kills;
mod kinds;
mod operators;
mod stage;
mod texts;
mod updates;
