//! A panic is a line of the log like any other: JSON where the log is JSON, and without secrets.

use std::process::Command;

use zabota::telemetry::{self, Format};

/// Not a test: what the test below runs as a process of its own, since a log is for a whole process.
#[test]
#[ignore = "run by the other test"]
fn somebody_panics() {
    telemetry::start(Format::Json, "info", &["123456:ABC-DEF".to_owned()]);
    let nobody = std::thread::spawn(|| panic!("no answer\nfrom bot123456:ABC-DEF")).join();
    assert!(nobody.is_err());
}

#[test]
fn a_panic_is_one_line_of_json_without_secrets() {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "somebody_panics", "--ignored", "--nocapture"])
        .output()
        .unwrap();
    let log = String::from_utf8(output.stderr).unwrap();
    let line: serde_json::Value = serde_json::from_str(log.trim_end()).unwrap();
    assert_eq!(line["level"], "ERROR");
    assert_eq!(line["message"], "panicked: no answer\nfrom bot***");
    assert!(line["place"].as_str().unwrap().contains("panic.rs"));
}
