//! A judge from outside: an unmodified messaging-api-messenger 1.1 from npm must be able to work with the sandbox.
//!
//! It is installed into the build folder. Without Node or npm the test says so loudly and passes.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use sandbox::Sandbox;
use tokio::process::Command;

const CLIENT: &str = "messaging-api-messenger@1.1.0";

#[tokio::test]
async fn messaging_api_messenger_works_with_the_sandbox() {
    let Some(modules) = modules_with_the_client().await else {
        // Past the test runner's capture: nobody shall take silence for a verdict.
        let why = "SKIPPED: the judge needs node and npm, and messaging-api-messenger from npm";
        writeln!(std::io::stderr(), "{why}").expect("stderr");
        return;
    };
    let any = "127.0.0.1:0".parse().expect("an address");
    let sandbox = Sandbox::start(any).await.expect("a free port");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/judge_facebook.js");
    let judge = Command::new("node")
        .arg(script)
        .arg(sandbox.url())
        .env("NODE_PATH", modules)
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

/// The folder of modules in which the client is, installed when it is not there yet.
async fn modules_with_the_client() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("judge-messaging-api-messenger-1.1.0");
    // Written last, so that a half-made folder is made again.
    let ready = folder.join("ready");
    if !ready.exists() {
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).ok()?;
        let install = ["install", "--silent", "--no-audit", "--no-fund", "--prefix"];
        let made = works(Command::new("npm").args(install).arg(&folder).arg(CLIENT)).await;
        if !made || !works(Command::new("node").arg("--version")).await {
            return None;
        }
        std::fs::write(ready, CLIENT).ok()?;
    }
    Some(folder.join("node_modules"))
}

async fn works(command: &mut Command) -> bool {
    let command = command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .stdin(Stdio::null());
    command.status().await.is_ok_and(|status| status.success())
}
