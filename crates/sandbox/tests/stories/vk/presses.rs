//! Keyboards and presses.

use serde_json::{Value, json};

use crate::stage::each;
use crate::vk::play::{CLUB, IVAN, Play};

fn key(kind: &str, label: &str) -> Value {
    let payload = json!({ "key": label }).to_string();
    json!({ "action": { "type": kind, "label": label, "payload": payload }, "color": "primary" })
}

/// A message with the inline keys «Да» (callback) and «Нет» (text).
async fn with_keys() -> Play {
    let play = Play::new().await;
    let keys = json!({ "inline": true, "buttons": [[key("callback", "Да"), key("text", "Нет")]] });
    play.sends(json!({ "message": "?", "keyboard": keys.to_string() }))
        .await;
    play.events().await;
    play
}

async fn pressed(play: &Play) -> (String, Value) {
    let press = json!({ "from": IVAN, "chat": CLUB, "message_id": 2, "row": 0, "column": 0 });
    let id = play.hand("vk/press", press).await["callback_id"].clone();
    let event = play.events().await[0]["object"].clone();
    assert_eq!(event["event_id"], id);
    (id.as_str().expect("an id").to_owned(), event)
}

fn answer(event: &Value, data: &Value) -> Value {
    json!({ "event_id": event["event_id"], "user_id": IVAN, "peer_id": IVAN, "event_data": data.to_string() })
}

#[tokio::test]
async fn a_press_is_answered_once() {
    let play = with_keys().await;
    let shown = &play.seen().await[1]["keyboard"][0][0];
    assert_eq!(
        (&shown["text"], &shown["type"], &shown["style"]),
        (&json!("Да"), &json!("callback"), &json!("primary"))
    );
    let (id, event) = pressed(&play).await;
    assert_eq!(
        (&event["payload"], &event["conversation_message_id"]),
        (&json!({ "key": "Да" }), &json!(2))
    );
    let path = format!("vk/callbacks/{id}");
    assert_eq!(play.look(&path).await, json!({ "answered": false }));
    let data = json!({ "type": "show_snackbar", "text": "Готово" });
    play.call("messages.sendMessageEventAnswer", answer(&event, &data))
        .await;
    assert_eq!(
        play.look(&path).await,
        json!({ "answered": true, "type": "show_snackbar", "text": "Готово" })
    );
    let again = play
        .refused("messages.sendMessageEventAnswer", answer(&event, &data))
        .await;
    assert!(again.ends_with("event_id was answered already"), "{again}");
    play.clean().await;
}

#[tokio::test]
async fn a_late_or_malformed_answer_is_refused() {
    let play = with_keys().await;
    let (_, event) = pressed(&play).await;
    for (data, why) in [
        (json!({ "type": "dance" }), "event_data has an unknown type"),
        (json!({ "type": "open_link" }), "event_data has no link"),
        (
            json!({ "type": "show_snackbar", "text": "я".repeat(91) }),
            "event_data has a text over 90 characters",
        ),
    ] {
        let refused = play
            .refused("messages.sendMessageEventAnswer", answer(&event, &data))
            .await;
        assert!(refused.ends_with(why), "{refused}");
    }
    play.later(61).await;
    let data = json!({ "type": "show_snackbar", "text": "Поздно" });
    let late = play
        .refused("messages.sendMessageEventAnswer", answer(&event, &data))
        .await;
    assert!(late.ends_with("event_id is expired"), "{late}");
}

#[tokio::test]
async fn a_text_key_writes_with_its_payload() {
    let play = with_keys().await;
    let press = json!({ "from": IVAN, "chat": CLUB, "message_id": 2, "data": "{\"key\":\"Нет\"}" });
    play.hand("vk/press", press).await;
    let message = &play.events().await[0]["object"]["message"];
    assert_eq!(
        (&message["text"], &message["payload"]),
        (&json!("Нет"), &json!("{\"key\":\"Нет\"}"))
    );
}

#[tokio::test]
async fn a_keyboard_below_is_shown_until_it_is_taken_away() {
    let play = Play::new().await;
    let menu = json!({ "one_time": true, "buttons": [[key("text", "Меню")], [{ "action": { "type": "location" } }]] });
    play.sends(json!({ "message": "раз", "keyboard": menu.to_string() }))
        .await;
    assert_eq!(
        play.seen().await[1]["reply_keyboard"]["keyboard"][0][0]["text"],
        "Меню"
    );
    let press = json!({ "from": IVAN, "chat": CLUB, "row": 1, "column": 0 });
    play.hand("vk/press", press.clone()).await;
    assert_eq!(
        play.events().await[1]["object"]["message"]["geo"]["type"],
        "point"
    );
    assert_eq!(play.hand_raw("vk/press", &press).await.0, 400);
    let stays = json!({ "buttons": [[key("text", "Меню")]] });
    play.sends(json!({ "message": "два", "keyboard": stays.to_string() }))
        .await;
    let none = json!({ "buttons": [] }).to_string();
    let shown = async || {
        let seen = play.seen().await;
        each(&seen, "/reply_keyboard")
            .iter()
            .filter(|keys| !keys.is_null())
            .count()
    };
    assert_eq!(shown().await, 1);
    play.sends(json!({ "message": "три", "keyboard": none }))
        .await;
    assert_eq!(shown().await, 0);
    play.clean().await;
}

#[tokio::test]
async fn only_keys_that_are_there_can_be_pressed_unless_forged() {
    let play = with_keys().await;
    let mut press = json!({ "from": IVAN, "chat": CLUB, "message_id": 2, "data": "{\"key\":1}" });
    assert_eq!(play.hand_raw("vk/press", &press).await.0, 400);
    press["forge"] = true.into();
    play.hand("vk/press", press).await;
    assert_eq!(
        play.events().await[0]["object"]["payload"],
        json!({ "key": 1 })
    );
}
