//! Journeys: the whole desk, as the real program, against emulated messengers, on SQLite and on
//! PostgreSQL. Told as stories; nobody here knows how the desk is made inside.

mod answers;
mod board;
mod broadcast;
mod care;
mod channels;
mod copies;
mod costs;
mod crowd;
mod endings;
mod facebook;
mod facebook_calls;
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
mod storms;
mod subscription;
mod texts;
mod updates;
mod vk;
mod vk_calls;
mod webhooks;
mod words;
