//! Failures on demand.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::google::play::{Play, SHEET};

async fn fault(play: &Play, method: &str, mut fault: Value) {
    fault["messenger"] = "google".into();
    fault["method"] = method.into();
    play.hand("faults", fault).await;
}

#[tokio::test]
async fn errors_are_googles_own() {
    let play = Play::new().await;
    fault(&play, "values", json!({ "kind": "error", "status": 503 })).await;
    assert_eq!(play.refused("/values/A1").await.1, "UNAVAILABLE");
    fault(&play, "values", json!({ "kind": "too_many" })).await;
    assert_eq!(play.refused("/values/A1").await.0, 429);
    fault(&play, "values", json!({ "kind": "html", "status": 502 })).await;
    let page = play.send("/values/A1").await.expect("an answer");
    assert_eq!(page.status(), 502);
    fault(&play, "token", json!({ "kind": "error", "status": 500 })).await;
    let (status, answer) = play.exchange(&play.claims()).await;
    assert_eq!(
        (status, answer["error"].as_str()),
        (500, Some("internal_failure"))
    );
    play.get("/values/A1").await;
    assert!(play.violations().await.is_empty());
}

#[tokio::test]
async fn an_answer_comes_late_or_never() {
    let play = Play::new().await;
    fault(&play, "values", json!({ "kind": "slow", "ms": 300 })).await;
    let start = Instant::now();
    play.get("/values/A1").await;
    assert!(start.elapsed() >= Duration::from_millis(300));
    fault(&play, "values", json!({ "kind": "drop_before" })).await;
    assert!(play.send("/values/A1").await.is_err());
    fault(&play, "token", json!({ "kind": "drop_before" })).await;
    let url = play.key["token_uri"].as_str().expect("an address");
    assert!(play.http.post(url).send().await.is_err());
}

#[tokio::test]
async fn an_answer_breaks_off_or_ends_too_soon_or_is_nothing() {
    let play = Play::new().await;
    let values = async || {
        play.send("/values/Tariffs")
            .await
            .expect("a status")
            .text()
            .await
    };
    let whole = values().await.expect("text");
    fault(&play, "values", json!({ "kind": "drop_after" })).await;
    assert!(values().await.is_err());
    fault(&play, "values", json!({ "kind": "half" })).await;
    assert!(
        whole.as_bytes().starts_with(
            &play
                .send("/values/Tariffs")
                .await
                .expect("a status")
                .bytes()
                .await
                .expect("bytes")
        )
    );
    fault(&play, "values", json!({ "kind": "empty" })).await;
    assert_eq!(values().await.expect("text"), "");
    fault(&play, "values", json!({ "kind": "garbage" })).await;
    let garbage = values().await.expect("text");
    assert!(serde_json::from_str::<Value>(&garbage).is_err());
}

#[tokio::test]
async fn a_csv_breaks_off_too() {
    let play = Play::new().await;
    let url = format!(
        "{}/spreadsheets/d/{SHEET}/export?format=csv",
        play.sandbox.url()
    );
    let csv = async || {
        play.http
            .get(&url)
            .send()
            .await
            .expect("a status")
            .bytes()
            .await
    };
    let whole = csv().await.expect("bytes");
    fault(&play, "csv", json!({ "kind": "drop_after" })).await;
    assert!(csv().await.is_err());
    fault(&play, "csv", json!({ "kind": "half" })).await;
    assert_eq!(csv().await.expect("bytes"), whole[..whole.len() / 2]);
    fault(&play, "csv", json!({ "kind": "empty" })).await;
    assert!(csv().await.expect("bytes").is_empty());
    fault(&play, "csv", json!({ "kind": "error", "status": 500 })).await;
    assert_eq!(
        play.http
            .get(&url)
            .send()
            .await
            .expect("an answer")
            .status(),
        500
    );
}

#[tokio::test]
async fn what_would_never_happen_is_refused() {
    let play = Play::new().await;
    for fault in [
        json!({ "kind": "half" }),
        json!({ "kind": "twice", "messenger": "google" }),
    ] {
        let url = format!("{}/sandbox/faults", play.sandbox.url());
        let answer = play.http.post(url).json(&fault).send().await;
        assert_eq!(answer.expect("an answer").status(), 400, "{fault}");
    }
}
