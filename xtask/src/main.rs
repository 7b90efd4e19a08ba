//! The repository's own commands, so that one word does the same on every machine.
//!
//! What must stay true: std and anyhow only (this is compiled before anything else can be said), and
//! the last line of `cargo xtask test` is the count, alone: people and machines read it there.

mod command;
mod count;
mod machine;
mod postgres;
mod repo;
mod test;

use std::env;
use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::postgres::{Durability, Postgres};

const HELP: &str = "\
cargo xtask test [--only STEP,STEP…] [-- FILTER…]
    Installs what the tests need (apt-get, where it may) and runs every step:
    machine  what the tests need is here, or is installed, or is named
    fmt      cargo fmt --all --check
    repo     arrows between crates run one way; no path of somebody's machine in a file
    clippy   cargo clippy, warnings are errors
    doc      cargo doc, warnings are errors
    test     all tests, on SQLite and on a PostgreSQL of its own (cargo-nextest if it is there)
    doctest  the examples in the documentation
    deny     licences and advisories (cargo-deny if it is there)
    A step that fails does not hide the ones behind it. The last line is the count.
    With a FILTER only the step `test` runs, and the filter goes to its runner.
    CI=true makes a missing browser or Python a failure.
    ZABOTA_TEST_PG=postgres://… uses that server (of PostgreSQL) instead of one of its own.

cargo xtask bench [-- ARGS…]
    The store's and the whole desk's benchmarks, on SQLite and on a PostgreSQL that really writes to the disk.

cargo xtask help
    This text.
";

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match run(&args) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Whether everything asked for went well.
fn run(args: &[&str]) -> Result<bool> {
    match args {
        ["test", options @ ..] => Ok(test::run(&test::Asked::parse(options)?)),
        ["bench"] => bench(&[]),
        ["bench", "--", rest @ ..] => bench(rest),
        [] | ["help" | "-h" | "--help"] => {
            print!("{HELP}");
            Ok(true)
        }
        [other, ..] => bail!("no command `{other}`; cargo xtask help lists them"),
    }
}

fn bench(args: &[&str]) -> Result<bool> {
    let postgres = Postgres::start(Durability::Disk)?;
    let mut bench = command::cargo(&[
        "bench", "-p", "store", "-p", "zabota", "--bench", "commit", "--bench", "desk",
    ]);
    if !args.is_empty() {
        bench.arg("--").args(args);
    }
    command::passes(
        bench
            .env("ZABOTA_TEST_PG", postgres.url())
            .env("ZABOTA_REQUIRE_PG", "1"),
    )
}
