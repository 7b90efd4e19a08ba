//! Stories: a script goes in, a transcript comes out. And laws, which hold in every story.

mod broadcasts;
mod care;
mod carried;
mod dialogs;
mod group;
mod laws;
mod owners;
mod payments;
mod records;
mod reminders;
mod sheets;
mod subscription;
mod world;
