//! `zabota run`: serves until SIGTERM or SIGINT.

use anyhow::{Context, Result};
use engine::scenario::Scenario;
use tokio::signal::unix::{SignalKind, signal};
use tracing::warn;

use crate::{app, clock::Clock, config::Config};

/// Runs the desk until the process is asked to stop.
pub async fn run(config: Config, scenario: Scenario) -> Result<()> {
    for warning in &config.warnings {
        warn!("{warning}");
    }
    app::run(config, scenario, Clock::wall(), asked_to_stop()?).await
}

/// Completes when the process is asked to stop. From the call on a signal no longer kills it.
pub fn asked_to_stop() -> Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate()).context("SIGTERM cannot be heard")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("SIGINT cannot be heard")?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
