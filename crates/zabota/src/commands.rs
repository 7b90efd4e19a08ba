//! What the binary does for whom, a file each. A command returns its exit code.

pub mod check;
pub mod healthz;
pub mod scenario;
