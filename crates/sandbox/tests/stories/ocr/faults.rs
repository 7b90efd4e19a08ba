//! Failures on demand.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::ocr::play::{PNG, Play, file};

#[tokio::test]
async fn pages_fail_with_exit_codes() {
    let play = Play::new().await;
    play.fault("error", json!({ "code": 3 })).await;
    let answer = play.parse(file(PNG)).await;
    assert_eq!(answer["OCRExitCode"], 3);
    assert_eq!(
        answer["ErrorMessage"],
        json!(["All images/pages errored in parsing"])
    );
    assert!(answer.get("ParsedResults").is_none());
    play.fault("error", json!({ "code": 4, "description": "Oops" }))
        .await;
    let answer = play.parse(file(PNG)).await;
    assert_eq!(
        (&answer["OCRExitCode"], &answer["ErrorMessage"]),
        (&json!(4), &json!("Oops"))
    );
    play.fault("error", json!({ "status": 503 })).await;
    assert_eq!(play.raw(file(PNG)).await.0, 503);
    play.fault("too_many", json!({})).await;
    assert_eq!(play.raw(file(PNG)).await.0, 403);
    play.text(PNG).await;
}

#[tokio::test]
async fn an_answer_is_slow_dropped_broken_or_garbage() {
    let play = Play::new().await;
    play.fault("slow", json!({ "ms": 300 })).await;
    let start = Instant::now();
    play.text(PNG).await;
    assert!(start.elapsed() >= Duration::from_millis(300));
    let send = async || play.request(file(PNG)).header("apikey", "K1").send().await;
    play.fault("drop_before", json!({})).await;
    assert!(send().await.is_err());
    for kind in ["drop_after", "half", "garbage", "empty"] {
        play.fault(kind, json!({ "method": "parse" })).await;
        let answer = send().await.expect("a status");
        assert_eq!(answer.status(), 200, "{kind}");
        assert!(answer.json::<Value>().await.is_err(), "{kind}");
    }
}

#[tokio::test]
async fn a_text_is_there_twice() {
    let play = Play::new().await;
    play.hand("ocr/reads", json!({ "text": "¥ 199.00" })).await;
    play.fault("twice", json!({})).await;
    let answer = play.parse(file(PNG)).await;
    let pages = answer["ParsedResults"].as_array().expect("a list");
    let texts: Vec<&Value> = pages.iter().map(|page| &page["ParsedText"]).collect();
    assert_eq!(texts, ["¥ 199.00\r\n", "¥ 199.00\r\n"]);
}
