//! Stories of Facebook Messenger over real HTTP: what people and apps do, and what each of them sees of it.

mod files;
mod hand;
mod limits;
mod play;
mod presses;
mod sending;
mod settings;
mod shapes;
mod webhooks;
mod window;
