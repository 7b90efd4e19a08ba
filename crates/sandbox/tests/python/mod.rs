//! Judges from PyPI: an unmodified client, installed into the build folder, works with a sandbox.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use sandbox::Sandbox;
use tokio::process::Command;

/// Runs `tests/<script>` with the clients (`name==version`) against a fresh sandbox; it must say `judged`. Without
/// Python or PyPI it says so loudly and passes.
pub(crate) async fn judge(script: &str, clients: &[&str]) {
    let Some(python) = python_with(clients).await else {
        // Past the test runner's capture: nobody shall take silence for a verdict.
        let wanted = clients.join(", ");
        let why = format!("SKIPPED: the judge needs python3 with venv, and {wanted} from PyPI");
        writeln!(std::io::stderr(), "{why}").expect("stderr");
        return;
    };
    let any = "127.0.0.1:0".parse().expect("an address");
    let sandbox = Sandbox::start(any).await.expect("a free port");
    let script = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests")
        .join(script);
    let judge = Command::new(python)
        .arg(script)
        .arg(sandbox.url())
        // The sandbox is on this machine, whatever leads to the others.
        .env("NO_PROXY", "127.0.0.1")
        .env("no_proxy", "127.0.0.1")
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

/// The interpreter of an environment with the clients, made when it is not there yet.
async fn python_with(clients: &[&str]) -> Option<PathBuf> {
    let name = clients.first()?.replace("==", "-");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("judge-{name}"));
    let python = folder.join("bin/python");
    // Written last, so that a half-made environment is made again.
    let ready = folder.join("ready");
    let wanted = clients.join("\n");
    if !std::fs::read_to_string(&ready).is_ok_and(|made| made == wanted) {
        let made = works(
            Command::new("python3")
                .args(["-m", "venv", "--clear"])
                .arg(&folder),
        )
        .await;
        let install = ["-m", "pip", "install", "--quiet"];
        if !made || !works(Command::new(&python).args(install).args(clients)).await {
            return None;
        }
        std::fs::write(ready, wanted).ok()?;
    }
    Some(python)
}

async fn works(command: &mut Command) -> bool {
    let command = command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .stdin(Stdio::null());
    command.status().await.is_ok_and(|status| status.success())
}
