//! The local program `tesseract`, for whoever wants pictures to be read for real.

use std::process::Stdio;
use std::time::Duration;

use bytes::Bytes;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

const PROGRAM: &str = "tesseract";
const PATIENCE: Duration = Duration::from_mins(1);
/// What `auto` stands for.
const AUTO: &str = "eng";

/// OCR.space's names of languages where they are not tesseract's.
const NAMES: [(&str, &str); 8] = [
    ("auto", AUTO),
    ("chs", "chi_sim"),
    ("cht", "chi_tra"),
    ("cze", "ces"),
    ("dut", "nld"),
    ("fre", "fra"),
    ("ger", "deu"),
    ("gre", "ell"),
];

/// Whether it can be called at all.
pub(crate) async fn is_there() -> bool {
    let mut command = Command::new(PROGRAM);
    let quiet = command
        .arg("--version")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    quiet.status().await.is_ok_and(|status| status.success())
}

/// What stands in a picture; the error is what the program says.
pub(crate) async fn read(picture: &Bytes, language: &str) -> Result<String, String> {
    let name = NAMES.iter().find(|(known, _)| *known == language);
    let language = name.map_or(language, |(_, name)| name);
    let mut program = Command::new(PROGRAM)
        .args(["stdin", "stdout", "-l", language])
        // One picture shall not take all processors.
        .env("OMP_THREAD_LIMIT", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| error.to_string())?;
    let input = program.stdin.take();
    let bytes = picture.clone();
    // Beside the reading: a full pipe must not stop both.
    let feeding = async move {
        if let Some(mut input) = input {
            // A program that ended already says by its status what was wrong.
            let _ = input.write_all(&bytes).await;
        }
    };
    let both = async { tokio::join!(feeding, program.wait_with_output()).1 };
    let output = tokio::time::timeout(PATIENCE, both)
        .await
        .map_err(|_| format!("{PROGRAM} took longer than {} s", PATIENCE.as_secs()))?
        .map_err(|error| error.to_string())?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).trim().to_owned())
    }
}
