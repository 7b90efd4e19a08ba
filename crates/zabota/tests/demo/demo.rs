//! The program under test: `zabota demo`, and a browser that has its page open.

use std::{
    io::{BufRead, BufReader, Lines, Write},
    process::{Child, ChildStdout, Command, Stdio},
};

use serde_json::json;
use tempfile::TempDir;

use crate::browser::Browser;

/// Customers with a warranty, operators in their private chats.
pub(crate) const CARE: &[&str] = &["--scenario", "care", "--dialog", "private"];
/// What the demo shows unless it is told otherwise; the page plays the reader of pictures.
pub(crate) const SUBSCRIPTION: &[&str] = &["--ocr", "ocr_space"];

/// The demo, begun with these words and open in a browser. None where there is no browser, which is an error only where nothing
/// may be skipped.
pub(crate) fn stage(shown: &[&str]) -> Option<(Demo, Browser)> {
    let Some(browser) = Browser::start() else {
        let strict = std::env::var("CI").is_ok_and(|ci| ci == "true");
        assert!(
            !strict,
            "chromedriver is missing: the page must be tested here"
        );
        // Not by `eprintln!`: what a test that passes prints that way is not shown.
        let why = "SKIPPED: chromedriver is missing (apt-get install chromium chromium-driver)";
        writeln!(std::io::stderr(), "{why}").expect("stderr");
        return None;
    };
    let demo = Demo::start(shown);
    browser.go(&demo.url);
    browser.run("window.sameAsAtFirst = true", &json!([]));
    Some((demo, browser))
}

/// The page was never loaded anew, the browser has nothing to complain of, and the desk ends in peace.
pub(crate) fn all_went_well(demo: Demo, page: &Browser) {
    assert_eq!(page.run("return window.sameAsAtFirst", &json!([])), true);
    assert_eq!(page.complaints(), Vec::<String>::new());
    demo.stop();
}

/// `zabota demo` on a free port, in a folder of its own.
pub(crate) struct Demo {
    process: Child,
    url: String,
    /// What it still says goes here; without it the demo would have nobody to speak to, and end.
    _said: Lines<BufReader<ChildStdout>>,
    _folder: TempDir,
}

impl Demo {
    fn start(shown: &[&str]) -> Self {
        Self::start_at("127.0.0.1:0", shown)
    }

    /// Stops it, and starts another one in its place.
    pub(crate) fn restart(self, between: impl FnOnce(), shown: &[&str]) -> Self {
        let at = self.url.trim_start_matches("http://").to_owned();
        self.stop();
        between();
        let again = Self::start_at(&at, shown);
        assert!(again.url.ends_with(&at), "somebody took its port: {at}");
        again
    }

    fn start_at(at: &str, shown: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut process = Command::new(env!("CARGO_BIN_EXE_zabota"))
            .args(["demo", "--addr", at])
            .args(shown)
            .env("TMPDIR", folder.path())
            .env_remove("LOCALE")
            .current_dir(folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(process.stdout.take().unwrap()).lines();
        let url =
            said.find_map(|line| line.unwrap().trim().strip_prefix("http").map(str::to_owned));
        Self {
            process,
            url: format!("http{}", url.expect("the demo says where it is")),
            _said: said,
            _folder: folder,
        }
    }

    fn stop(mut self) {
        let pid = self.process.id().to_string();
        let asked = Command::new("kill").args(["-TERM", &pid]).status().unwrap();
        assert!(asked.success());
        assert!(self.process.wait().unwrap().success());
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _killed = self.process.kill();
        let _ended = self.process.wait();
    }
}
