//! The desk itself: what `main` puts together. A library so that the journeys can hold it in their
//! hands; nobody else uses it.

pub mod clock;
pub mod commands;
pub mod config;
pub mod telemetry;
pub mod throttle;
