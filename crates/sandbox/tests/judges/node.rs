//! Judges from npm.

use std::path::PathBuf;

use tokio::process::Command;

use crate::{folder, skipped, works};

/// Runs a script with the client (`name@version`). Without Node or npm it says so loudly and passes.
pub(crate) async fn judge(script: &str, client: &str) {
    let Some(modules) = modules_with(client).await else {
        skipped(&format!(
            "the judge needs node and npm, and {client} from npm"
        ));
        return;
    };
    crate::judge("node", script, &[("NODE_PATH", modules.as_os_str())]).await;
}

/// The folder of modules in which the client is, installed when it is not there yet.
async fn modules_with(client: &str) -> Option<PathBuf> {
    let folder = folder(&client.replace('@', "-"));
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
