//! `zabota migrate`: brings the database up to date, as `run` does at its start.

use std::io::Write;

use anyhow::{Context, Result};

use crate::{app, clock::Clock, config::Database};

/// Migrates, and says what was done.
pub async fn run(database: &Database, out: &mut impl Write) -> Result<()> {
    let clock = Clock::wall();
    let store = app::open(database, &clock).await?;
    let migrated = store.migrate(clock.now()).await;
    let done = migrated.context("the database cannot be brought up to date")?;
    writeln!(out, "{database:?}: version {} → {}", done.from, done.to)?;
    if done.adopted_users > 0 || !done.adopted_open.is_empty() {
        let (users, open) = (done.adopted_users, done.adopted_open.len());
        writeln!(out, "adopted: {users} customers, {open} open tickets")?;
    }
    Ok(())
}
