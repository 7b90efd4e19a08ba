//! `getUpdates`: nothing is forgotten before it is confirmed, and only one poller is served.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::stage::each;
use crate::telegram::play::{BOT, IVAN, Play};

async fn texts(play: &Play, params: Value) -> Vec<String> {
    let updates = play.call("getUpdates", params).await;
    let list = updates.as_array().cloned().unwrap_or_default();
    each(&list, "/message/text")
        .into_iter()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

async fn first_id(play: &Play) -> i64 {
    play.call("getUpdates", json!({ "limit": 1 })).await[0]["update_id"]
        .as_i64()
        .expect("an id")
}

#[tokio::test]
async fn updates_come_again_until_an_offset_confirms_them() {
    let play = Play::new().await;
    for text in ["раз", "два", "три"] {
        play.ivan(json!({ "text": text })).await;
    }
    assert_eq!(texts(&play, json!({})).await, ["раз", "два", "три"]);
    assert_eq!(texts(&play, json!({ "limit": 2 })).await, ["раз", "два"]);
    let offset = first_id(&play).await + 1;
    assert_eq!(
        texts(&play, json!({ "offset": offset })).await,
        ["два", "три"]
    );
    assert_eq!(
        texts(&play, json!({ "offset": offset })).await,
        ["два", "три"]
    );
    assert_eq!(texts(&play, json!({ "offset": -1 })).await, ["три"]);
    assert_eq!(
        texts(&play, json!({})).await,
        ["три"],
        "the others were forgotten"
    );
    assert_eq!(
        texts(&play, json!({ "offset": offset + 1_000_000 })).await,
        ["три"],
        "another life"
    );
    play.clean().await;
}

#[tokio::test]
async fn a_long_poll_ends_with_the_first_message() {
    let play = Play::new().await;
    let started = Instant::now();
    let wait = play.call("getUpdates", json!({ "timeout": 30 }));
    let write = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        play.ivan(json!({ "text": "здравствуйте" })).await;
    };
    let (updates, ()) = tokio::join!(wait, write);
    assert_eq!(updates[0]["message"]["text"], "здравствуйте");
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn a_second_poller_ends_the_first() {
    let play = Play::new().await;
    let first = play.refused("getUpdates", json!({ "timeout": 30 }));
    let second = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        play.call("getUpdates", json!({})).await
    };
    let (first, _) = tokio::join!(first, second);
    assert_eq!(
        first,
        "409 Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
    );
}

#[tokio::test]
async fn reactions_come_only_when_asked_for_and_the_choice_is_remembered() {
    let play = Play::new().await;
    let id = play.ivan(json!({ "text": "спасибо" })).await;
    let thumb = json!({ "from": IVAN, "chat": BOT, "message_id": id, "emoji": "👍" });
    play.hand("reactions", thumb.clone()).await;
    assert_eq!(play.updates().await.len(), 1, "only the message");
    play.call(
        "getUpdates",
        json!({ "allowed_updates": ["message_reaction"] }),
    )
    .await;
    play.ivan(json!({ "text": "ещё раз" })).await;
    let back = json!({ "from": IVAN, "chat": BOT, "message_id": id, "emoji": "" });
    play.hand("reactions", back).await;
    let updates = play.updates().await;
    assert_eq!(updates.len(), 1);
    assert_eq!(
        updates[0]["message_reaction"]["old_reaction"][0]["emoji"],
        "👍"
    );
    assert_eq!(updates[0]["message_reaction"]["new_reaction"], json!([]));
}

#[tokio::test]
async fn old_updates_are_dropped() {
    let play = Play::new().await;
    play.ivan(json!({ "text": "вчера" })).await;
    play.later(24 * 3600).await;
    play.ivan(json!({ "text": "сегодня" })).await;
    assert_eq!(texts(&play, json!({})).await, ["сегодня"]);
}

#[tokio::test]
async fn a_confirmed_update_can_be_delivered_once_more() {
    let play = Play::new().await;
    play.ivan(json!({ "text": "дважды" })).await;
    let once = play.updates().await;
    let id = once[0]["update_id"].as_i64().expect("an id");
    play.hand("redeliver", json!({ "bot": BOT, "update_id": id }))
        .await;
    let again = play.call("getUpdates", json!({ "offset": id + 1 })).await;
    assert_eq!(again, json!(once));
    assert_eq!(
        play.call("getUpdates", json!({ "offset": id + 1 })).await,
        json!([])
    );
    let (status, _) = play
        .hand_raw("redeliver", &json!({ "bot": BOT, "update_id": 5 }))
        .await;
    assert_eq!(status, 400);
}

#[tokio::test]
async fn nonsense_can_be_put_into_the_queue() {
    let play = Play::new().await;
    play.hand(
        "updates",
        json!({ "bot": BOT, "update": { "telepathy": { "mood": 1 } } }),
    )
    .await;
    let (_, answer) = play.raw("getUpdates", &json!({})).await;
    assert_eq!(answer["result"][0]["telepathy"]["mood"], 1);
    assert!(answer["result"][0]["update_id"].is_i64());
}

#[tokio::test]
async fn another_secret_is_refused() {
    let play = Play::new().await;
    let url = format!("{}/bot1001:guess/getMe", play.sandbox.url());
    let response = play.http.get(url).send().await.expect("an answer");
    assert_eq!(response.status(), 401);
    let answer: Value = response.json().await.expect("JSON");
    assert_eq!(
        answer,
        json!({ "ok": false, "error_code": 401, "description": "Unauthorized" })
    );
}
