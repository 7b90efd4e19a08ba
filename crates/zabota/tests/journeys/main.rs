//! Journeys: the whole desk, as the real program, against emulated messengers, on SQLite and on
//! PostgreSQL. Told as stories; nobody here knows how the desk is made inside.

mod broadcast;
mod care;
mod copies;
mod costs;
mod endings;
mod faults;
mod group;
mod kills;
mod kinds;
mod limits;
mod matrix;
mod operators;
mod payments;
mod predecessor;
mod records;
mod reminders;
mod settings;
mod sheet;
mod stage;
mod texts;
mod updates;
