//! Published limits, when they are enforced.

use serde_json::{Value, json};

use crate::telegram::play::{GROUP, IVAN, Play};

async fn status(play: &Play, method: &str, params: &Value) -> u16 {
    play.raw(method, params).await.0
}

#[tokio::test]
async fn a_chat_takes_a_short_burst_and_then_one_a_second() {
    let play = Play::new().await;
    let say = json!({ "chat_id": IVAN, "text": "!" });
    for _ in 0..10 {
        assert_eq!(
            status(&play, "sendMessage", &say).await,
            200,
            "off by default"
        );
    }
    play.hand("limits", json!({ "enforce": true })).await;
    for _ in 0..3 {
        assert_eq!(status(&play, "sendMessage", &say).await, 200);
    }
    let (code, answer) = play.raw("sendMessage", &say).await;
    assert_eq!(
        (code, &answer["parameters"]["retry_after"]),
        (429, &json!(1))
    );
    play.later(1).await;
    assert_eq!(status(&play, "sendMessage", &say).await, 200);
    assert!(play.look("violations").await["violations"][0]["what"].is_string());
}

#[tokio::test]
async fn a_group_takes_twenty_a_minute_edits_included() {
    let play = Play::with_group().await;
    let sent = play
        .call("sendMessage", json!({ "chat_id": GROUP, "text": "0" }))
        .await;
    play.hand("limits", json!({ "enforce": true })).await;
    for n in 1..=20 {
        let edit =
            json!({ "chat_id": GROUP, "message_id": sent["message_id"], "text": n.to_string() });
        assert_eq!(
            status(&play, "editMessageText", &edit).await,
            200,
            "edit {n}"
        );
    }
    let (code, answer) = play
        .raw("sendMessage", &json!({ "chat_id": GROUP, "text": "!" }))
        .await;
    assert_eq!(code, 429);
    let wait = answer["parameters"]["retry_after"]
        .as_u64()
        .expect("seconds");
    assert!((55..=60).contains(&wait), "{wait}");
    play.later(60).await;
    play.call("sendMessage", json!({ "chat_id": GROUP, "text": "!" }))
        .await;
}
