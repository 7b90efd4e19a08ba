//! `zabota sandbox`: only the emulated messengers, for tests and for other people's bots.

use std::{io::Write, net::SocketAddr};

use anyhow::{Context, Result};
use sandbox::Sandbox;

use super::run::asked_to_stop;

/// Serves the sandbox until the process is asked to stop.
pub async fn run(address: SocketAddr, out: &mut impl Write) -> Result<()> {
    let stop = asked_to_stop()?;
    let sandbox = Sandbox::start(address)
        .await
        .with_context(|| format!("--addr {address}: another program listens there"))?;
    let url = sandbox.url();
    writeln!(out, "The sandbox: {url}\nTELEGRAM_API_URL={url}")?;
    out.flush()?;
    stop.await;
    sandbox.stop().await?;
    Ok(())
}
