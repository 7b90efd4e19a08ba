//! Judges from npm: an unmodified client, installed into the build folder, works with a sandbox.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use sandbox::Sandbox;
use tokio::process::Command;

/// Runs `tests/<script>` with the client (`name@version`) against a fresh sandbox; it must say `judged`. Without Node or
/// npm it says so loudly and passes.
pub(crate) async fn judge(script: &str, client: &str) {
    let Some(modules) = modules_with(client).await else {
        // Past the test runner's capture: nobody shall take silence for a verdict.
        let why = format!("SKIPPED: the judge needs node and npm, and {client} from npm");
        writeln!(std::io::stderr(), "{why}").expect("stderr");
        return;
    };
    let any = "127.0.0.1:0".parse().expect("an address");
    let sandbox = Sandbox::start(any).await.expect("a free port");
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let judge = Command::new("node")
        .arg(tests.join(script))
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
async fn modules_with(client: &str) -> Option<PathBuf> {
    let folder =
        Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("judge-{}", client.replace('@', "-")));
    // Written last, so that a half-made folder is made again.
    let ready = folder.join("ready");
    if !ready.exists() {
        // It may not be there.
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).ok()?;
        let install = ["install", "--silent", "--no-audit", "--no-fund", "--prefix"];
        let made = works(Command::new("npm").args(install).arg(&folder).arg(client)).await;
        if !made || !works(Command::new("node").arg("--version")).await {
            return None;
        }
        std::fs::write(ready, client).ok()?;
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
