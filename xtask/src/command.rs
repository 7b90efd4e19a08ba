//! Other programs: found, started, listened to.

use std::env;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read, Write, stderr, stdout};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use anyhow::{Context, Result};

/// The repository's root, also after the checkout was moved.
pub(crate) fn root() -> PathBuf {
    let here = env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    here.parent().map(Path::to_path_buf).unwrap_or(here)
}

/// The cargo that started us, in the repository's root.
pub(crate) fn cargo(args: &[&str]) -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root()).args(args);
    // Build scripts watch these; ours would have the dependencies built anew at every turn between
    // `cargo xtask` and plain `cargo`.
    for (name, _) in env::vars_os() {
        if describes_xtask(&name) {
            cargo.env_remove(name);
        }
    }
    cargo
}

fn describes_xtask(variable: &OsStr) -> bool {
    let name = variable.to_string_lossy();
    name.starts_with("CARGO_PKG_")
        || name.starts_with("CARGO_MANIFEST_")
        || matches!(
            &*name,
            "CARGO_BIN_NAME" | "CARGO_CRATE_NAME" | "CARGO_PRIMARY_PACKAGE"
        )
}

/// Where `PATH` has the program.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
}

/// Whether the program runs and is content; its words are thrown away.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Runs to the end; what it said is shown only if it was not content.
pub(crate) fn quietly(command: &mut Command) -> bool {
    match command.stdin(Stdio::null()).output() {
        Ok(output) if output.status.success() => true,
        Ok(output) => {
            eprintln!("{}{}", lossy(&output.stdout), lossy(&output.stderr));
            false
        }
        Err(error) => {
            eprintln!("cannot start {command:?}: {error}");
            false
        }
    }
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Runs to the end with its words on the terminal; whether it was content.
pub(crate) fn passes(command: &mut Command) -> Result<bool> {
    let status = command
        .status()
        .with_context(|| format!("cannot start {command:?}"))?;
    Ok(status.success())
}

/// Runs to the end, passes every line on as it comes, and gives back all that was said.
pub(crate) fn listen(command: &mut Command) -> Result<(bool, String)> {
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {command:?}"))?;
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let (out, err) = thread::scope(|scope| {
        let err = scope.spawn(|| pass_on(err, stderr()));
        let out = pass_on(out, stdout());
        (out, err.join().unwrap_or_default())
    });
    Ok((child.wait()?.success(), out + &err))
}

fn pass_on(from: Option<impl Read>, mut to: impl Write) -> String {
    let mut said = String::new();
    let Some(from) = from else { return said };
    let mut from = BufReader::new(from);
    let mut line = Vec::new();
    while from
        .read_until(b'\n', &mut line)
        .is_ok_and(|length| length > 0)
    {
        // A reader that went away (`| head`) does not end the tests.
        let _ = to.write_all(&line);
        said.push_str(&lossy(&line));
        line.clear();
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_on_both_streams_is_heard() -> Result<()> {
        let (content, said) =
            listen(Command::new("sh").args(["-c", "echo one; echo two >&2; exit 3"]))?;
        assert!(!content);
        assert!(said.contains("one\n") && said.contains("two\n"));
        Ok(())
    }

    #[test]
    fn cargo_is_not_told_about_xtask() {
        assert!(describes_xtask(OsStr::new("CARGO_PKG_NAME")));
        assert!(!describes_xtask(OsStr::new("CARGO_TARGET_DIR")));
    }
}
