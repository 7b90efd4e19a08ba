//! Judges from PyPI.

use std::{ffi::OsStr, path::PathBuf};

use tokio::process::Command;

use crate::{folder, skipped, works};

/// Runs a script with the clients (`name==version`). Without Python or PyPI it says so loudly and passes.
pub(crate) async fn judge(script: &str, clients: &[&str]) {
    let Some(python) = python_with(clients).await else {
        let wanted = clients.join(", ");
        skipped(&format!(
            "the judge needs python3 with venv, and {wanted} from PyPI"
        ));
        return;
    };
    // The sandbox is on this machine, whatever leads to the others.
    let here = OsStr::new("127.0.0.1");
    crate::judge(python, script, &[("NO_PROXY", here), ("no_proxy", here)]).await;
}

/// The interpreter of an environment with the clients, made when it is not there yet.
async fn python_with(clients: &[&str]) -> Option<PathBuf> {
    let folder = folder(&clients.first()?.replace("==", "-"));
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
