//! Messenger: recorded events, what is let in at the webhook, and a page on an emulated Graph API, which
//! holds each call against the published limits.

mod asks;
mod deliver;
mod knock;
mod matrix;
mod page;
mod read;
mod stage;
