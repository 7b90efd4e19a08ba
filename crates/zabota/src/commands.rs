//! What the binary does for whom, a file each.

pub mod check;
pub mod demo;
pub mod healthz;
pub mod migrate;
pub mod run;
pub mod sandbox;
pub mod scenario;
