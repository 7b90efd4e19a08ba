//! What the tests need on a machine, and how a Debian or Ubuntu machine gets it.
//!
//! Nothing is installed that is there already, and nothing without the right to do so without asking
//! (root, or sudo without a password); otherwise one line says what to install.

use std::cell::OnceCell;
use std::env;
use std::process::Command;

use crate::command::{cargo, find, quietly, succeeds};
use crate::postgres;

struct Need {
    what: &'static str,
    is_here: fn() -> bool,
    packages: &'static [&'static str],
    /// What happens without it; nothing to say where it is required.
    otherwise: Option<&'static str>,
}

const NEEDS: [Need; 5] = [
    Need {
        what: "PostgreSQL 15 or newer (server)",
        is_here: || postgres::given().is_some() || postgres::programs().is_some(),
        packages: &["postgresql"],
        otherwise: None,
    },
    Need {
        what: "a headless Chromium with its driver",
        is_here: || {
            (find("chromium").is_some() || find("chromium-browser").is_some())
                && find("chromedriver").is_some()
        },
        packages: &["chromium", "chromium-driver"],
        otherwise: Some("the demo's page is not tested"),
    },
    Need {
        what: "Tesseract with English, Russian and Chinese",
        is_here: || {
            let list = Command::new("tesseract").arg("--list-langs").output();
            list.is_ok_and(|list| {
                let here = String::from_utf8_lossy(&list.stdout).into_owned();
                let is_here = |language| here.lines().any(|line| line.trim() == language);
                ["eng", "rus", "chi_sim"].into_iter().all(is_here)
            })
        },
        packages: &[
            "tesseract-ocr",
            "tesseract-ocr-eng",
            "tesseract-ocr-rus",
            "tesseract-ocr-chi-sim",
        ],
        otherwise: Some("screenshots of payments are not read"),
    },
    Need {
        what: "libfaketime, which leads a program's clock",
        is_here: || {
            let dirs = std::fs::read_dir("/usr/lib")
                .into_iter()
                .flatten()
                .flatten();
            let mut dirs = dirs.map(|dir| dir.path().join("faketime/libfaketime.so.1"));
            dirs.any(|path| path.exists())
        },
        packages: &["libfaketime"],
        otherwise: Some("no clock changes in the tests"),
    },
    Need {
        what: "Python 3 with venv and pip",
        is_here: || {
            succeeds(Command::new("python3").args(["-c", "import venv, ensurepip"]))
                && succeeds(Command::new("python3").args(["-m", "pip", "--version"]))
        },
        packages: &["python3", "python3-venv", "python3-pip"],
        otherwise: Some("other people's clients are not tried"),
    },
];

/// Whether the tests can run here after everything that may be done was done.
pub(crate) fn prepare() -> bool {
    rust_components();
    let apt = Apt::default();
    let missing: Vec<&Need> = NEEDS.iter().filter(|need| !provide(need, &apt)).collect();
    !missing.iter().any(|need| need.otherwise.is_none() || ci())
}

/// Continuous integration: nothing is skipped for want of a program.
fn ci() -> bool {
    env::var("CI").is_ok_and(|ci| ci == "true")
}

fn provide(need: &Need, apt: &Apt) -> bool {
    if (need.is_here)() {
        println!("{}: here", need.what);
        return true;
    }
    if apt.install(need.packages) && (need.is_here)() {
        println!("{}: installed", need.what);
        return true;
    }
    let otherwise = need.otherwise.unwrap_or("the tests cannot run without it");
    eprintln!(
        "{} is missing ({otherwise}): apt-get install {}",
        need.what,
        need.packages.join(" ")
    );
    false
}

/// Minimal toolchains (the Rust images, for one) come without these.
fn rust_components() {
    for (subcommand, component) in [("fmt", "rustfmt"), ("clippy", "clippy")] {
        if !succeeds(&mut cargo(&[subcommand, "--version"])) {
            let added = succeeds(Command::new("rustup").args(["component", "add", component]));
            println!(
                "{component}: {}",
                if added {
                    "installed"
                } else {
                    "missing: rustup component add it"
                }
            );
        }
    }
}

/// apt-get, asked for its lists at most once.
#[derive(Default)]
struct Apt {
    updated: OnceCell<()>,
}

impl Apt {
    fn install(&self, packages: &[&str]) -> bool {
        let Some(prefix) = right_to_install() else {
            return false;
        };
        println!("installing {} …", packages.join(" "));
        self.updated.get_or_init(|| {
            // Old lists may still do: what counts is whether the install succeeds.
            quietly(&mut apt_get(prefix, &["update", "--quiet=2"]));
        });
        let _no_cluster = NoCluster::ask(prefix);
        let mut install = apt_get(
            prefix,
            &["install", "--yes", "--quiet=2", "--no-install-recommends"],
        );
        quietly(install.args(packages))
    }
}

fn apt_get(prefix: &[&str], args: &[&str]) -> Command {
    let words = [
        prefix,
        &["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"],
        args,
    ]
    .concat();
    let mut command = Command::new(words[0]);
    command.args(&words[1..]);
    command
}

/// What to put before a command that changes the machine; nothing where we may not.
fn right_to_install() -> Option<&'static [&'static str]> {
    find("apt-get")?;
    if postgres::is_root() {
        Some(&[])
    } else {
        succeeds(Command::new("sudo").args(["-n", "true"])).then_some(&["sudo", "-n"])
    }
}

/// The package `postgresql` would make a cluster and start it on port 5432, which nobody asked for:
/// while this lives, it does not.
struct NoCluster {
    prefix: &'static [&'static str],
}

impl NoCluster {
    const FOLDER: &str = "/etc/postgresql-common/createcluster.d";
    const FILE: &str = "/etc/postgresql-common/createcluster.d/zabota-tests.conf";

    fn ask(prefix: &'static [&'static str]) -> Self {
        let (folder, file) = (Self::FOLDER, Self::FILE);
        sh(
            prefix,
            &format!("mkdir -p {folder} && echo 'create_main_cluster = false' > {file}"),
        );
        Self { prefix }
    }
}

impl Drop for NoCluster {
    fn drop(&mut self) {
        sh(self.prefix, &format!("rm -f {}", Self::FILE));
    }
}

fn sh(prefix: &[&str], script: &str) -> bool {
    let words = [prefix, &["sh", "-c", script]].concat();
    succeeds(Command::new(words[0]).args(&words[1..]))
}
