//! Inline keys.

use serde_json::{Value, json};

use crate::telegram::play::{BOT, IVAN, Play};

async fn with_key() -> (Play, Value) {
    let play = Play::new().await;
    let keys = json!({ "inline_keyboard": [[{ "text": "Да", "callback_data": "yes" }]] });
    let sent = play
        .call(
            "sendMessage",
            json!({ "chat_id": IVAN, "text": "?", "reply_markup": keys }),
        )
        .await;
    let press =
        json!({ "from": IVAN, "chat": BOT, "message_id": sent["message_id"], "data": "yes" });
    (play, press)
}

#[tokio::test]
async fn a_press_is_answered_once() {
    let (play, press) = with_key().await;
    let id = play.hand("press", press).await["callback_id"].clone();
    let query = play.updates().await[0]["callback_query"].clone();
    assert_eq!((&query["data"], &query["id"]), (&json!("yes"), &id));
    assert_eq!(
        query["message"]["reply_markup"]["inline_keyboard"][0][0]["text"],
        "Да"
    );
    let path = format!("callbacks/{}", id.as_str().unwrap_or_default());
    assert_eq!(play.look(&path).await, json!({ "answered": false }));
    let answer = json!({ "callback_query_id": id, "text": "Готово", "show_alert": true });
    play.call("answerCallbackQuery", answer).await;
    assert_eq!(
        play.look(&path).await,
        json!({ "answered": true, "text": "Готово", "show_alert": true })
    );
    play.clean().await;
}

#[tokio::test]
async fn a_late_answer_is_refused_and_a_late_press_is_not_delivered() {
    let (play, press) = with_key().await;
    let id = play.hand("press", press.clone()).await["callback_id"].clone();
    play.later(61).await;
    let late =
        "400 Bad Request: query is too old and response timeout expired or query ID is invalid";
    let answer = json!({ "callback_query_id": id });
    assert_eq!(play.refused("answerCallbackQuery", answer).await, late);
    assert_eq!(
        play.refused("answerCallbackQuery", json!({ "callback_query_id": "7" }))
            .await,
        late
    );
    assert_eq!(play.updates().await.len(), 1);
    play.hand("press", press).await;
    play.later(150).await;
    assert!(play.updates().await.is_empty());
}

#[tokio::test]
async fn only_keys_that_are_there_can_be_pressed_unless_forged() {
    let (play, mut press) = with_key().await;
    press["data"] = "no".into();
    assert_eq!(play.hand_raw("press", &press).await.0, 400);
    press["forge"] = true.into();
    play.hand("press", press.clone()).await;
    assert_eq!(play.updates().await[0]["callback_query"]["data"], "no");
    let by_place = json!({ "from": IVAN, "chat": BOT, "message_id": press["message_id"], "row": 0, "column": 0 });
    play.hand("press", by_place).await;
    assert_eq!(play.updates().await[0]["callback_query"]["data"], "yes");
    press["message_id"] = 404.into();
    play.hand("press", press).await;
    assert_eq!(
        play.updates().await[0]["callback_query"]["message"]["date"],
        0
    );
}
