//! Failures on demand, as a client sees them.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::telegram::play::{IVAN, Play, TOKEN};

fn hello() -> serde_json::Value {
    json!({ "chat_id": IVAN, "text": "привет" })
}

async fn sent(play: &Play) -> usize {
    let state = play.look("state").await;
    let messages = state["chats"][0]["messages"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    messages
        .iter()
        .filter(|message| message["from_bot"] == true)
        .count()
}

/// The error of a call whose connection breaks.
async fn broken(play: &Play) -> reqwest::Error {
    let url = format!("{}/bot{TOKEN}/sendMessage", play.sandbox.url());
    let outcome = play.http.post(url).json(&hello()).send().await;
    outcome.expect_err("the connection breaks")
}

#[tokio::test]
async fn too_many_and_errors_come_as_ordered() {
    let play = Play::new().await;
    play.hand(
        "faults",
        json!({ "method": "sendMessage", "kind": "too_many", "retry_after": 7 }),
    )
    .await;
    let (status, answer) = play.raw("sendMessage", &hello()).await;
    assert_eq!(
        (status, &answer["parameters"]["retry_after"]),
        (429, &json!(7))
    );
    play.call("sendMessage", hello()).await;
    let fault = json!({ "chat": IVAN, "kind": "error", "status": 500, "description": "Internal Server Error", "times": 2 });
    play.hand("faults", fault).await;
    play.call("getMe", json!({})).await;
    for _ in 0..2 {
        assert_eq!(
            play.refused("sendMessage", hello()).await,
            "500 Internal Server Error"
        );
    }
    play.call("sendMessage", hello()).await;
    let log = play.look("calls?method=sendmessage").await;
    let calls = log["calls"].as_array().cloned().unwrap_or_default();
    assert_eq!(calls.len(), 5);
    assert_eq!(
        (&calls[0]["fault"], &calls[0]["status"]),
        (&json!("too_many"), &json!(429))
    );
    assert_eq!(calls[1]["params"]["text"], "привет");
}

#[tokio::test]
async fn a_gateways_page_is_not_json() {
    let play = Play::new().await;
    play.hand("faults", json!({ "kind": "html", "status": 502 }))
        .await;
    let url = format!("{}/bot{TOKEN}/getMe", play.sandbox.url());
    let response = play.http.get(url).send().await.expect("an answer");
    assert_eq!(response.status(), 502);
    assert!(response.text().await.expect("text").starts_with("<html>"));
}

#[tokio::test]
async fn a_connection_drops_before_or_after() {
    let play = Play::new().await;
    play.hand(
        "faults",
        json!({ "method": "sendMessage", "kind": "drop_before" }),
    )
    .await;
    assert!(
        broken(&play).await.status().is_none(),
        "no status line at all"
    );
    assert_eq!(sent(&play).await, 0);
    play.hand(
        "faults",
        json!({ "method": "sendMessage", "kind": "drop_after" }),
    )
    .await;
    assert!(broken(&play).await.status().is_none());
    assert_eq!(sent(&play).await, 1);
    play.call("sendMessage", hello()).await;
    assert_eq!(sent(&play).await, 2);
}

#[tokio::test]
async fn a_fault_lasts_until_it_is_deleted() {
    let play = Play::new().await;
    let slow = play
        .hand("faults", json!({ "kind": "slow", "ms": 150, "times": 0 }))
        .await;
    for _ in 0..2 {
        let started = Instant::now();
        play.call("getMe", json!({})).await;
        assert!(started.elapsed() >= Duration::from_millis(150));
    }
    let url = format!("{}/sandbox/faults/{}", play.sandbox.url(), slow["id"]);
    assert_eq!(
        play.http
            .delete(&url)
            .send()
            .await
            .expect("an answer")
            .status(),
        200
    );
    assert_eq!(
        play.http
            .delete(&url)
            .send()
            .await
            .expect("an answer")
            .status(),
        400
    );
    let started = Instant::now();
    play.call("getMe", json!({})).await;
    assert!(started.elapsed() < Duration::from_millis(150));
    assert_eq!(
        play.hand_raw("faults", &json!({ "kind": "sabotage" }))
            .await
            .0,
        400
    );
}

#[tokio::test]
async fn a_download_breaks_off_in_the_middle() {
    let play = Play::new().await;
    let file = play.file("a.bin", vec![7; 100_000]).await;
    play.ivan(json!({ "document": file })).await;
    let id = play.updates().await[0]["message"]["document"]["file_id"].clone();
    let path = play.call("getFile", json!({ "file_id": id })).await["file_path"].clone();
    let path = path.as_str().unwrap_or_default();
    let url = format!("{}/file/bot{TOKEN}/{path}", play.sandbox.url());
    play.hand(
        "faults",
        json!({ "method": "download", "kind": "drop_after" }),
    )
    .await;
    let response = play.http.get(&url).send().await.expect("an answer");
    assert_eq!(response.content_length(), Some(100_000));
    assert!(response.bytes().await.is_err());
    let whole = play
        .http
        .get(&url)
        .send()
        .await
        .expect("an answer")
        .bytes()
        .await;
    assert_eq!(whole.expect("bytes").len(), 100_000);
}
