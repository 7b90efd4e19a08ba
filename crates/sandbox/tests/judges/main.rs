//! Judges from outside: unmodified clients, installed into the build folder, must be able to work with the sandbox.

mod node;
mod python;

use std::{
    ffi::OsStr,
    io::Write,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use sandbox::Sandbox;
use tokio::process::Command;

#[tokio::test]
async fn aiogram_works_with_the_sandbox() {
    python::judge("judge_aiogram.py", &["aiogram==3.31.0"]).await;
}

#[tokio::test]
async fn vk_io_works_with_the_sandbox() {
    node::judge("judge_vk.js", "vk-io@4.10.1").await;
}

#[tokio::test]
async fn messaging_api_messenger_works_with_the_sandbox() {
    node::judge("judge_facebook.js", "messaging-api-messenger@1.1.0").await;
}

#[tokio::test]
async fn googles_python_client_works_with_the_sandbox() {
    let clients = [
        "google-api-python-client==2.202.0",
        "google-auth==2.62.2",
        "google-auth-httplib2==0.4.4",
        "requests==2.32.5",
    ];
    python::judge("judge_google.py", &clients).await;
}

/// Runs a script of this folder against a fresh sandbox; it must say `judged`.
async fn judge(program: impl AsRef<OsStr>, script: &str, variables: &[(&str, &OsStr)]) {
    let any = "127.0.0.1:0".parse().expect("an address");
    let sandbox = Sandbox::start(any).await.expect("a free port");
    let script = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/judges")
        .join(script);
    let judge = Command::new(program)
        .arg(script)
        .arg(sandbox.url())
        .envs(variables.iter().copied())
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(Duration::from_mins(1), judge).await;
    let output = output
        .expect("the judge ends in a minute")
        .expect("the judge runs");
    let (said, complained) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(
        output.status.success() && said.contains("judged"),
        "{said}\n{complained}"
    );
    sandbox.stop().await.expect("it stops");
}

/// Past the test runner's capture: nobody shall take silence for a verdict.
fn skipped(why: &str) {
    writeln!(std::io::stderr(), "SKIPPED: {why}").expect("stderr");
}

/// The build folder of a judge with these clients.
fn folder(clients: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("judge-{clients}"))
}

async fn works(command: &mut Command) -> bool {
    let command = command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .stdin(Stdio::null());
    command.status().await.is_ok_and(|status| status.success())
}
