//! The demo as a person meets it: the real program, and its page in a real browser, where the test
//! presses, types and reads as customers and operators do.

mod browser;
mod business;
mod care;
mod demo;
mod hands;
