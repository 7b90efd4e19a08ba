//! Stories over real HTTP: what people and programs do, and what each of them sees of it.
//!
//! Every answer that a program gets here is also checked against the published types.

mod facebook;
mod google;
mod ocr;
mod server;
mod stage;
mod telegram;
mod vk;
