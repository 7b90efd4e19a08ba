//! The VK channel: recorded events, and everything that it asks of VK, against the emulated API. Every
//! call must pass the published schema.

#[path = "vk/change.rs"]
mod change;
#[path = "vk/deliver.rs"]
mod deliver;
#[path = "vk/read.rs"]
mod read;
#[path = "vk/stage.rs"]
mod stage;
#[path = "vk/ways.rs"]
mod ways;
