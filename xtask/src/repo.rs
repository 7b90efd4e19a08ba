//! The house keeps its walls: what a crate may not know, and what may not stand in a file.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::command::{cargo, root};

/// Our crates and which of ours each may use (`ARCHITECTURE.md` draws the same). The sandbox is as
/// foreign to us as the real messengers, so its tests may not look inside either.
const ARROWS: [(&str, &[&str]); 7] = [
    ("engine", &[]),
    ("store", &["engine"]),
    ("channels", &["engine"]),
    ("services", &["engine"]),
    ("sandbox", &[]),
    ("console", &["engine", "store"]),
    (
        "zabota",
        &[
            "engine", "store", "channels", "services", "sandbox", "console",
        ],
    ),
];

/// Anything of the kind in the engine's tree means that it no longer only decides.
const NOT_PURE: [&str; 8] = [
    "tokio",
    "reqwest",
    "hyper",
    "rusqlite",
    "tokio-postgres",
    "axum",
    "tracing",
    "rand",
];

/// Files of code longer than this are named, so that somebody asks whether they tell two stories.
const LONG_FILE: usize = 600;

/// Whether everything stands; what does not is said.
pub(crate) fn check() -> Result<bool> {
    let mut wrong = Vec::new();
    for (of, may_use) in ARROWS {
        let edges = if of == "sandbox" {
            "normal,build,dev"
        } else {
            "normal,build"
        };
        wrong.extend(
            ours(of, edges)?
                .into_iter()
                .filter(|used| !may_use.contains(&used.as_str()))
                .map(|used| format!("{of} depends on {used}, and may not")),
        );
    }
    let tree = tree(&["-p", "engine", "-e", "normal"])?;
    wrong.extend(
        tree.iter()
            .filter(|name| NOT_PURE.contains(&name.as_str()))
            .map(|name| format!("engine depends on {name}: it only decides")),
    );
    for file in files()? {
        let Ok(text) = fs::read_to_string(root().join(&file)) else {
            continue;
        };
        wrong.extend(
            homes_in(&text).map(|line| format!("{file}:{line}: a path of somebody's machine")),
        );
        let length = text.lines().count();
        if Path::new(&file).extension() == Some("rs".as_ref()) && length > LONG_FILE {
            println!("warning: {file} has {length} lines: does it tell two stories?");
        }
    }
    for line in &wrong {
        eprintln!("error: {line}");
    }
    Ok(wrong.is_empty())
}

/// Which of our crates the crate uses directly.
fn ours(of: &str, edges: &str) -> Result<Vec<String>> {
    let mut used = tree(&["-p", of, "--depth", "1", "-e", edges])?;
    used.retain(|name| name != of && ARROWS.iter().any(|(ours, _)| ours == name));
    Ok(used)
}

/// Names of the crates in a dependency tree, as they stand in `Cargo.lock`.
fn tree(args: &[&str]) -> Result<Vec<String>> {
    let mut tree = cargo(&["tree", "--prefix", "none", "--format", "{p}"]);
    let output = tree.args(args).output().context("cannot run cargo tree")?;
    ensure!(
        output.status.success(),
        "cargo tree {}: {}",
        args.join(" "),
        String::from_utf8_lossy(&output.stderr).trim()
    );
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut names: Vec<String> = text
        .lines()
        .filter_map(|line| line.split(' ').next())
        .map(str::to_owned)
        .collect();
    names.sort_unstable();
    names.dedup();
    Ok(names)
}

/// What git keeps; a checkout without git (an archive) has nothing to leak that is not in the archive.
fn files() -> Result<Vec<String>> {
    let output = Command::new("git")
        .args(["ls-files", "-z"])
        .current_dir(root())
        .output()
        .context("cannot run git")?;
    if !output.status.success() {
        println!("warning: no git checkout here, so files are not searched");
    }
    let names = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok(names
        .split('\0')
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect())
}

/// Lines (from 1) that name a folder of one person's machine.
fn homes_in(text: &str) -> impl Iterator<Item = usize> {
    text.lines()
        .enumerate()
        .filter(|(_, line)| names_home(line))
        .map(|(index, _)| index + 1)
}

fn names_home(line: &str) -> bool {
    // In pieces, so that this file does not accuse itself.
    ["home", "root", "Users", "work"]
        .iter()
        .map(|folder| format!("/{folder}/"))
        .any(|folder| {
            line.match_indices(&folder).any(|(at, _)| {
                // Within an address or a longer path it is somebody else's folder.
                line[..at]
                    .chars()
                    .next_back()
                    .is_none_or(|before| " \t\"'`(=:[<".contains(before))
            })
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_ones_own_machine_is_found() {
        let leaked = format!("open(\"/{}/ann/bot.db\")", "home");
        assert!(names_home(&leaked));
        assert!(!names_home("https://example.com/home/page, ./root/x"));
    }
}
