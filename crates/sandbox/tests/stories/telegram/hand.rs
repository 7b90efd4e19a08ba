//! The control API: what the page relies on.

use std::time::Duration;

use serde_json::{Value, json};

use crate::stage::png;
use crate::telegram::play::{BOT, GROUP, IVAN, Play};

#[tokio::test]
async fn the_state_is_what_the_page_is_promised() {
    let play = Play::with_group().await;
    let photo = play.file("a.png", png(30, 20)).await;
    play.ivan(json!({ "photo": photo, "caption": "чек https://x.org" }))
        .await;
    let state = play.look("state").await;
    assert_eq!(state["bots"][0]["mode"], "polling");
    assert_eq!(state["people"][0]["first_name"], "Иван");
    let private = &state["chats"][0];
    assert_eq!(
        (&private["id"], &private["bot"], &private["type"]),
        (&json!(IVAN), &json!(BOT), &json!("private"))
    );
    let message = &private["messages"][1];
    assert_eq!(
        (&message["kind"], &message["from_name"]),
        (&json!("photo"), &json!("Иван"))
    );
    assert_eq!(message["entities"][0]["type"], "url");
    assert_eq!(
        (&message["file"]["width"], &message["file"]["mime"]),
        (&json!(30), &json!("image/png"))
    );
    let url = format!(
        "{}/sandbox/files/{}",
        play.sandbox.url(),
        message["file"]["file_id"].as_str().unwrap_or("")
    );
    let bytes = play
        .http
        .get(url)
        .send()
        .await
        .expect("an answer")
        .bytes()
        .await
        .expect("bytes");
    assert_eq!(bytes, png(30, 20));
    assert_eq!(state["chats"][1]["id"], GROUP);
    assert_eq!(
        state["chats"][1]["members"].as_array().map(Vec::len),
        Some(3)
    );
}

#[tokio::test]
async fn a_crowd_is_there_at_once_and_can_be_looked_at_one_by_one() {
    let play = Play::new().await;
    let crowd = json!({ "bot": BOT, "first": 20_001, "count": 300, "name": "Гость" });
    play.hand("crowd", crowd).await;
    let state = play.look("state").await;
    let chats = state["chats"].as_array().expect("chats").iter();
    let theirs = chats.filter(|chat| chat["id"].as_i64() > Some(20_000));
    assert_eq!(theirs.count(), 300);
    let last = play.look("state?chat=20300").await;
    assert_eq!(last["chats"].as_array().map(Vec::len), Some(1));
    assert_eq!(last["people"][0]["first_name"], "Гость20300");
    // The bot may write to them, and has heard nothing of them.
    let hello = json!({ "chat_id": 20_001, "text": "привет" });
    assert_eq!(play.call("sendMessage", hello).await["chat"]["id"], 20_001);
    let updates = play.updates().await;
    let heard = |update: &Value| update["message"]["from"]["id"] == 20_001;
    assert!(!updates.iter().any(heard), "{updates:?}");
}

#[tokio::test]
async fn changes_are_told_as_they_happen_and_a_stop_ends_everything() {
    let play = Play::new().await;
    let url = format!("{}/sandbox/events", play.sandbox.url());
    let mut events = play.http.get(url).send().await.expect("an answer");
    let first = events.chunk().await.expect("a chunk").expect("an event");
    assert!(first.starts_with(b"event: changed\ndata: {\"seq\":"));
    play.ivan(json!({ "text": "ау" })).await;
    let next = events.chunk().await.expect("a chunk").expect("an event");
    assert_ne!(first, next);
    play.updates().await;
    let poll = format!(
        "{}/bot1001:secret/getUpdates?timeout=50",
        play.sandbox.url()
    );
    let poll = tokio::spawn(play.http.get(poll).send());
    tokio::time::sleep(Duration::from_millis(50)).await;
    let stopped = tokio::time::timeout(Duration::from_secs(5), play.stage.sandbox.stop()).await;
    stopped.expect("at once").expect("in order");
    let answer: Value = poll
        .await
        .expect("no panic")
        .expect("an answer")
        .json()
        .await
        .expect("JSON");
    assert_eq!(answer["result"], json!([]));
    assert!(events.chunk().await.expect("a clean end").is_none());
}

#[tokio::test]
async fn a_reset_forgets_everything() {
    let play = Play::with_group().await;
    play.hand("faults", json!({ "kind": "drop_before", "times": 0 }))
        .await;
    play.hand("reset", json!({})).await;
    let state = play.look("state").await;
    assert_eq!(
        (&state["bots"], &state["people"], &state["chats"]),
        (&json!([]), &json!([]), &json!([]))
    );
    play.call("getMe", json!({})).await;
    assert_eq!(
        play.look("calls").await["calls"].as_array().map(Vec::len),
        Some(1)
    );
}

#[tokio::test]
async fn mistakes_are_explained() {
    let play = Play::new().await;
    for (path, body) in [
        ("messages", json!({ "from": 404, "chat": BOT, "text": "?" })),
        (
            "messages",
            json!({ "from": IVAN, "chat": 404, "text": "?" }),
        ),
        ("messages", json!({ "from": IVAN, "chat": BOT })),
        (
            "messages",
            json!({ "from": IVAN, "chat": BOT, "photo": "f99" }),
        ),
        (
            "messages",
            json!({ "from": IVAN, "chat": BOT, "text": "?", "dice": "🎲" }),
        ),
        ("albums", json!({ "from": IVAN, "chat": BOT, "items": [] })),
        ("groups", json!({ "title": "?", "members": [404] })),
        ("people", json!({ "first_name": " " })),
    ] {
        let (status, answer) = play.hand_raw(path, &body).await;
        assert_eq!(status, 400, "{path} {body}");
        assert!(
            answer["error"].as_str().is_some_and(|why| why.len() > 10),
            "{answer}"
        );
    }
}

#[tokio::test]
async fn the_page_is_served() {
    let play = Play::empty().await;
    for (path, mime) in [
        ("/", "text/html"),
        ("/page/app.js", "text/javascript"),
        ("/page/style.css", "text/css"),
    ] {
        let url = format!("{}{path}", play.sandbox.url());
        let response = play.http.get(url).send().await.expect("an answer");
        let kind = response.headers()["content-type"]
            .to_str()
            .unwrap_or_default()
            .to_owned();
        assert!(kind.starts_with(mime), "{path}: {kind}");
    }
}
