//! The local program reads, where it is installed.

use std::io::Write;

use serde_json::{Value, json};

use crate::ocr::play::Play;

/// «RMB 199.00», as a program with one font would draw it; black on white.
const PICTURE: &[u8] = include_bytes!("rmb-199.png");

#[tokio::test]
async fn tesseract_reads_if_it_is_there() {
    let play = Play::new().await;
    let told = play
        .told("ocr/reads", &json!({ "engine": "tesseract" }))
        .await;
    if told.status() == 400 {
        let answer: Value = told.json().await.expect("JSON");
        assert!(
            answer["error"]
                .as_str()
                .is_some_and(|what| what.contains("apt install"))
        );
        // Past the test runner's capture: nobody shall take silence for a verdict.
        writeln!(std::io::stderr(), "SKIPPED: {}", answer["error"]).expect("stderr");
        return;
    }
    let text = play.text(PICTURE).await;
    assert!(text.contains("199.00"), "{text}");
}
