//! The desk itself: what `main` puts together. A library so that the journeys can hold it in their
//! hands; nobody else uses it.

use std::{io, thread::available_parallelism};

use tokio::runtime::{Builder, Runtime};

pub mod app;
pub mod clock;
pub mod commands;
pub mod config;
mod courier;
mod desk;
mod files;
mod ingress;
mod keeper;
mod mail;
mod pump;
mod reader;
mod roles;
pub mod telemetry;
pub mod throttle;
mod timers;

/// More threads than these only wait for the database.
const MOST_WORKERS: usize = 4;

/// What everything that waits runs on.
pub fn runtime() -> io::Result<Runtime> {
    let cores = available_parallelism().map_or(1, usize::from);
    Builder::new_multi_thread()
        .worker_threads(cores.min(MOST_WORKERS))
        .thread_name("zabota")
        .enable_all()
        .build()
}
