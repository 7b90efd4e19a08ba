//! `cargo xtask test`: the steps, in the order in which a mistake is cheapest to learn.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::command::{cargo, find, listen, passes};
use crate::count::Count;
use crate::machine;
use crate::postgres::{Durability, Postgres};
use crate::repo;

/// What was asked for on the command line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Asked<'a> {
    steps: Vec<Step>,
    /// For the runner of [`Step::Test`].
    filter: &'a [&'a str],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Machine,
    Fmt,
    Repo,
    Clippy,
    Doc,
    Test,
    Doctest,
    Deny,
}

/// How a step ended.
enum End {
    Passed,
    Failed,
    Skipped(&'static str),
}

/// A step that was done, for the table.
struct Done {
    step: Step,
    end: End,
    took: Duration,
}

impl<'a> Asked<'a> {
    /// `[--only a,b] [-- filter…]`
    pub(crate) fn parse(args: &'a [&'a str]) -> Result<Self> {
        let split = args.iter().position(|arg| *arg == "--");
        let (options, filter) = match split {
            Some(at) => (&args[..at], &args[at + 1..]),
            None => (args, &[][..]),
        };
        let steps = match options {
            [] if filter.is_empty() => Step::ALL.to_vec(),
            // Whoever names tests wants to see them, soon.
            [] => vec![Step::Test],
            ["--only", names] => names.split(',').map(Step::named).collect::<Result<_>>()?,
            _ => bail!(
                "cannot read `{}`; cargo xtask help shows how",
                options.join(" ")
            ),
        };
        Ok(Self { steps, filter })
    }
}

/// Does every step, says how each ended, and last how many tests passed. Whether all went well.
pub(crate) fn run(asked: &Asked<'_>) -> bool {
    let mut count = Count::default();
    let done: Vec<Done> = Step::ALL
        .into_iter()
        .filter(|step| asked.steps.contains(step))
        .map(|step| {
            println!("\n=== {}", step.name());
            let began = Instant::now();
            let end = step.go(asked.filter, &mut count).unwrap_or_else(|error| {
                eprintln!("error: {error:#}");
                End::Failed
            });
            Done {
                step,
                end,
                took: began.elapsed(),
            }
        })
        .collect();
    println!("\n=== summary");
    for Done { step, end, took } in &done {
        println!(
            "{:8} {:>7.1} s  {}",
            step.name(),
            took.as_secs_f64(),
            end.words()
        );
    }
    println!("\n{count}");
    done.iter().all(|done| !matches!(done.end, End::Failed))
}

impl Step {
    const ALL: [Self; 8] = [
        Self::Machine,
        Self::Fmt,
        Self::Repo,
        Self::Clippy,
        Self::Doc,
        Self::Test,
        Self::Doctest,
        Self::Deny,
    ];

    fn named(name: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|step| step.name() == name);
        let names = Self::ALL.map(Self::name).join(", ");
        found.ok_or_else(|| anyhow::anyhow!("no step `{name}`; there are {names}"))
    }

    fn name(self) -> &'static str {
        match self {
            Self::Machine => "machine",
            Self::Fmt => "fmt",
            Self::Repo => "repo",
            Self::Clippy => "clippy",
            Self::Doc => "doc",
            Self::Test => "test",
            Self::Doctest => "doctest",
            Self::Deny => "deny",
        }
    }

    fn go(self, filter: &[&str], count: &mut Count) -> Result<End> {
        let passed = match self {
            Self::Machine => machine::prepare(),
            Self::Fmt => passes(&mut cargo(&["fmt", "--all", "--check"]))?,
            Self::Repo => repo::check()?,
            Self::Clippy => {
                let clippy = [
                    "clippy",
                    "--workspace",
                    "--all-targets",
                    "--",
                    "-D",
                    "warnings",
                ];
                passes(&mut cargo(&clippy))?
            }
            Self::Doc => {
                let doc = ["doc", "--workspace", "--no-deps"];
                passes(cargo(&doc).env("RUSTDOCFLAGS", "-D warnings"))?
            }
            Self::Test => test(filter, count)?,
            Self::Doctest => counted(&mut cargo(&DOCTEST), count)?,
            Self::Deny => return deny(),
        };
        Ok(if passed { End::Passed } else { End::Failed })
    }
}

impl End {
    fn words(&self) -> String {
        match self {
            Self::Passed => "ok".to_owned(),
            Self::Failed => "FAILED".to_owned(),
            Self::Skipped(why) => format!("skipped: {why}"),
        }
    }
}

const NEXTEST: [&str; 4] = ["nextest", "run", "--workspace", "--no-fail-fast"];
/// Without cargo-nextest; the examples in the documentation are a step of their own.
const LIBTEST: [&str; 6] = [
    "test",
    "--workspace",
    "--no-fail-fast",
    "--lib",
    "--bins",
    "--tests",
];
const DOCTEST: [&str; 4] = ["test", "--workspace", "--no-fail-fast", "--doc"];

/// All tests, on a PostgreSQL that is there for them alone.
fn test(filter: &[&str], count: &mut Count) -> Result<bool> {
    let postgres = Postgres::start(Durability::None).inspect_err(|_| {
        *count = *count + Count::UNKNOWN_FAILURE;
    })?;
    let runner: &[&str] = if find("cargo-nextest").is_some() {
        &NEXTEST
    } else {
        &LIBTEST
    };
    let mut tests = cargo(runner);
    tests
        .args(filter)
        .env("ZABOTA_TEST_PG", postgres.url())
        .env("ZABOTA_REQUIRE_PG", "1");
    counted(&mut tests, count)
}

/// Runs tests and adds what the runner counted.
fn counted(runner: &mut Command, count: &mut Count) -> Result<bool> {
    let (passed, said) = listen(runner)?;
    let mut counted = Count::read(&said);
    if !passed && counted.failed == 0 {
        // It did not even compile, or the runner itself broke.
        counted = counted + Count::UNKNOWN_FAILURE;
    }
    *count = *count + counted;
    Ok(passed && counted.failed == 0)
}

/// Licences and sources need only what is here; holes are looked up in a list that comes from the net.
fn deny() -> Result<End> {
    if find("cargo-deny").is_none() {
        return Ok(End::Skipped(
            "cargo-deny is not here (cargo install cargo-deny --locked)",
        ));
    }
    let deny = ["deny", "check", "--hide-inclusion-graph"];
    let here = passes(cargo(&deny).args(["bans", "licenses", "sources"]))?;
    let (no_holes, said) = listen(cargo(&deny).arg("advisories"))?;
    let unknown = said.contains("failed to fetch advisory database");
    Ok(match (here, no_holes, unknown) {
        (false, _, _) | (true, false, false) => End::Failed,
        (true, true, _) => End::Passed,
        (true, false, true) => {
            End::Skipped("licences ok, advisories not: their list is out of reach")
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_done_unless_less_is_asked_for() -> Result<()> {
        assert_eq!(Asked::parse(&[])?.steps, Step::ALL);
        assert_eq!(
            Asked::parse(&["--only", "fmt,deny"])?.steps,
            [Step::Fmt, Step::Deny]
        );
        Ok(())
    }

    #[test]
    fn whoever_names_tests_gets_only_tests() -> Result<()> {
        let asked = Asked::parse(&["--", "second_to_press"])?;
        assert_eq!(
            asked,
            Asked {
                steps: vec![Step::Test],
                filter: &["second_to_press"]
            }
        );
        Ok(())
    }

    #[test]
    fn a_step_that_is_not_there_is_named_with_those_that_are() {
        let error = Asked::parse(&["--only", "lint"]).unwrap_err().to_string();
        assert_eq!(
            error,
            "no step `lint`; there are machine, fmt, repo, clippy, doc, test, doctest, deny"
        );
    }

    #[test]
    fn tests_that_do_not_compile_do_not_read_as_none_failed() -> Result<()> {
        let mut count = Count::default();
        assert!(!counted(
            Command::new("sh").args(["-c", "exit 101"]),
            &mut count
        )?);
        assert_eq!(count.to_string(), "0 passed, 1 failed, 0 skipped");
        Ok(())
    }
}
