//! Keys: quick replies, buttons, the menu, Get Started.

use serde_json::{Value, json};

use crate::facebook::play::{IVAN, PAGE, Play};

/// Ivan presses.
async fn press(play: &Play, mut what: Value) -> (u16, Value) {
    what["from"] = IVAN.into();
    what["chat"] = PAGE.into();
    play.hand_raw("facebook/press", &what).await
}

#[tokio::test]
async fn a_quick_reply_is_a_message_and_is_gone_then() {
    let (play, app) = Play::with_app().await;
    let reply = |title: &str, payload: &str| json!({ "content_type": "text", "title": title, "payload": payload });
    let replies = [reply("Да", "YES"), reply("Нет", "NO")];
    let mid = play
        .says(json!({ "text": "Помогло?", "quick_replies": replies }))
        .await;
    let keys = json!([{ "title": "Да", "payload": "YES" }, { "title": "Нет", "payload": "NO" }]);
    assert_eq!(play.newest().await["quick_replies"], keys);
    let pressed = press(&play, json!({ "message_id": mid, "row": 0, "column": 1 })).await;
    assert_eq!(pressed.0, 200);
    assert_eq!(app.texts(1).await, ["Нет"]);
    let heard = app
        .events()
        .into_iter()
        .find(|event| event["message"]["mid"] == pressed.1["message_id"]);
    assert_eq!(
        heard.expect("an event")["message"]["quick_reply"]["payload"],
        "NO"
    );
    assert_eq!(
        press(&play, json!({ "message_id": mid, "data": "YES" }))
            .await
            .0,
        400,
        "gone"
    );
}

#[tokio::test]
async fn quick_replies_are_shown_under_the_newest_message_only() {
    let play = Play::new().await;
    let reply = json!({ "content_type": "text", "title": "Да", "payload": "YES" });
    let mid = play
        .says(json!({ "text": "Помогло?", "quick_replies": [reply] }))
        .await;
    play.says(json!({ "text": "И ещё:" })).await;
    let (status, _) = press(&play, json!({ "message_id": mid, "data": "YES" })).await;
    assert_eq!(status, 400);
}

#[tokio::test]
async fn a_button_of_a_template_is_a_postback_and_stays() {
    let (play, app) = Play::with_app().await;
    let buttons = json!([
        { "type": "web_url", "title": "Сайт", "url": "https://example.com" },
        { "type": "postback", "title": "Меню", "payload": "MENU" },
    ]);
    let payload = json!({ "template_type": "button", "text": "Куда?", "buttons": buttons });
    let mid = play
        .says(json!({ "attachment": { "type": "template", "payload": payload } }))
        .await;
    let shown = play.newest().await;
    assert_eq!(shown["text"], "Куда?");
    assert_eq!(
        shown["keyboard"][1][0],
        json!({ "text": "Меню", "callback_data": "MENU" })
    );
    for _ in 0..2 {
        assert_eq!(
            press(&play, json!({ "message_id": mid, "row": 1, "column": 0 }))
                .await
                .0,
            200
        );
    }
    let event = app.hears("postback").await;
    assert_eq!(event["postback"]["payload"], "MENU");
    assert_eq!(
        press(&play, json!({ "message_id": mid, "row": 0, "column": 0 }))
            .await
            .0,
        400,
        "a link"
    );
    let forged = json!({ "message_id": mid, "data": "HACK", "forge": true });
    assert_eq!(press(&play, forged).await.0, 200);
}

#[tokio::test]
async fn the_page_has_keys_of_its_own() {
    let (play, app) = Play::with_app().await;
    assert_eq!(
        press(&play, json!({ "get_started": true })).await.0,
        400,
        "none yet"
    );
    let menu = json!([{ "locale": "default", "call_to_actions": [{ "type": "postback", "title": "Помощь", "payload": "HELP" }] }]);
    let profile = json!({ "get_started": { "payload": "START" }, "persistent_menu": menu });
    play.call("POST", "me/messenger_profile", profile).await;
    assert_eq!(
        press(&play, json!({ "get_started": true, "ref": "site" }))
            .await
            .0,
        200
    );
    let event = app.hears("postback").await;
    assert_eq!(event["postback"]["payload"], "START");
    assert_eq!(event["postback"]["referral"]["ref"], "site");
    assert_eq!(press(&play, json!({ "data": "HELP" })).await.0, 200);
}

#[tokio::test]
async fn in_standby_a_button_does_not_say_what_it_means() {
    let (play, app) = Play::with_app().await;
    play.hand(
        "facebook/thread",
        json!({ "person": IVAN, "chat": PAGE, "owner": "inbox" }),
    )
    .await;
    let forged = json!({ "data": "X", "forge": true });
    assert_eq!(press(&play, forged).await.0, 200);
    assert!(
        app.hears("postback").await["postback"]
            .get("payload")
            .is_none()
    );
}
