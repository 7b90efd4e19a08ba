//! Webhooks: the handshake, signatures, order, repeats, batches.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::facebook::play::{App, IVAN, PAGE, Play, SECRET};
use crate::stage::until;

/// What the page's state says about its webhook.
async fn webhook(play: &Play) -> Value {
    play.look("state").await["bots"][0]["webhook"].take()
}

#[tokio::test]
async fn a_webhook_must_verify_itself() {
    let play = Play::new().await;
    let app = App::start().await;
    let hook = |token: &str| json!({ "id": PAGE, "app_secret": SECRET, "webhook": { "url": app.url, "verify_token": token } });
    let (status, answer) = play.hand_raw("facebook/pages", &hook("wrong")).await;
    assert_eq!(status, 400);
    assert!(
        answer["error"]
            .as_str()
            .is_some_and(|why| why.contains("hub.challenge")),
        "{answer}"
    );
    play.ivan(json!({ "text": "никому" })).await;
    play.hand("facebook/pages", hook("verify")).await;
    play.ivan(json!({ "text": "слышно?" })).await;
    assert_eq!(app.texts(1).await, ["слышно?"]);
}

#[tokio::test]
async fn a_body_is_escaped_and_signed_as_it_is() {
    let (play, app) = Play::with_app().await;
    play.ivan(json!({ "text": "ёж 🦔 a/b" })).await;
    assert_eq!(app.texts(1).await, ["ёж 🦔 a/b"]);
    let post = app.posts()[0].clone();
    let raw = std::str::from_utf8(&post.raw).expect("text");
    assert!(
        raw.is_ascii() && raw.contains(r"\u0451\u0436 \ud83e\udd94 a\/b"),
        "{raw}"
    );
    let header = |name: &str| post.headers[name].to_str().expect("text").to_owned();
    assert_eq!(header("x-hub-signature-256").len(), "sha256=".len() + 64);
    assert!(header("x-hub-signature-256").starts_with("sha256="));
    assert!(header("x-hub-signature").starts_with("sha1="));
    assert_eq!(post.body["object"], "page");
    assert_eq!(post.body["entry"][0]["id"], PAGE.to_string());
}

#[tokio::test]
async fn what_is_not_confirmed_is_repeated_and_holds_back_its_person_only() {
    let (play, app) = Play::with_app().await;
    play.hand("facebook/people", json!({ "id": 9, "first_name": "Пётр" }))
        .await;
    app.plan(2, StatusCode::INTERNAL_SERVER_ERROR);
    play.ivan(json!({ "text": "раз" })).await;
    assert_eq!(app.texts(2).await, ["раз", "раз"], "at once");
    play.ivan(json!({ "text": "два" })).await;
    play.hand(
        "facebook/messages",
        json!({ "from": 9, "chat": PAGE, "text": "я рядом" }),
    )
    .await;
    assert_eq!(app.texts(3).await[2], "я рядом");
    assert_eq!(
        webhook(&play).await["last_error"]["message"],
        "answered 500"
    );
    play.later(2).await;
    assert_eq!(app.texts(5).await[3..], ["раз", "два"]);
}

#[tokio::test]
async fn many_who_wait_for_their_next_attempt_keep_nobody_waiting() {
    let (play, app) = Play::with_app().await;
    app.plan(10_000, StatusCode::INTERNAL_SERVER_ERROR);
    for person in 1000..1050 {
        let who = json!({ "id": person, "first_name": "Кто-то" });
        play.hand("facebook/people", who).await;
        let said = json!({ "from": person, "chat": PAGE, "text": "ау" });
        play.hand("facebook/messages", said).await;
    }
    app.texts(100).await;
    play.ivan(json!({ "text": "а я?" })).await;
    let is_heard = async || {
        let texts = app.texts(1).await;
        texts.contains(&"а я?".to_owned()).then_some(())
    };
    until(is_heard).await;
}

#[tokio::test]
async fn only_a_200_counts() {
    let (play, app) = Play::with_app().await;
    app.plan(1, StatusCode::NO_CONTENT);
    play.ivan(json!({ "text": "раз" })).await;
    assert_eq!(app.texts(2).await, ["раз", "раз"]);
}

#[tokio::test]
async fn an_hour_of_failures_ends_the_subscription() {
    let (play, app) = Play::with_app().await;
    app.plan(3, StatusCode::BAD_GATEWAY);
    play.ivan(json!({ "text": "раз" })).await;
    app.texts(2).await;
    play.later(3600).await;
    until(async || {
        webhook(&play).await["subscribed_fields"]
            .is_null()
            .then_some(())
    })
    .await;
    let apps = play.call("GET", "me/subscribed_apps", Value::Null).await;
    assert_eq!(apps, json!({ "data": [] }));
    play.ivan(json!({ "text": "никому" })).await;
    play.call(
        "POST",
        "me/subscribed_apps",
        json!({ "subscribed_fields": "messages" }),
    )
    .await;
    play.ivan(json!({ "text": "снова" })).await;
    until(async || {
        app.texts(1)
            .await
            .last()
            .is_some_and(|last| last == "снова")
            .then_some(())
    })
    .await;
}

#[tokio::test]
async fn several_events_may_come_in_one_post() {
    let (play, app) = Play::with_app().await;
    play.hand("facebook/gather", json!({ "chat": PAGE, "on": true }))
        .await;
    for text in ["раз", "два", "три"] {
        play.ivan(json!({ "text": text })).await;
    }
    assert!(app.posts().is_empty());
    play.hand("facebook/gather", json!({ "chat": PAGE, "on": false }))
        .await;
    assert_eq!(app.texts(3).await, ["раз", "два", "три"]);
    assert_eq!(app.posts().len(), 1);
    play.ivan(json!({ "text": "четыре" })).await;
    assert_eq!(app.texts(4).await[3], "четыре");
}

#[tokio::test]
async fn an_event_can_come_twice_or_by_hand() {
    let (play, app) = Play::with_app().await;
    let mid = play.ivan(json!({ "text": "раз" })).await;
    app.texts(1).await;
    let again = json!({ "chat": PAGE, "mid": mid });
    until(async || (play.hand_raw("facebook/redeliver", &again).await.0 == 200).then_some(()))
        .await;
    app.texts(2).await;
    assert_eq!(app.events()[0], app.events()[1]);
    let odd =
        json!({ "sender": { "id": IVAN.to_string() }, "recipient": { "id": "500" }, "wave": {} });
    play.hand("facebook/updates", json!({ "chat": PAGE, "update": odd }))
        .await;
    app.hears("wave").await;
    let whole = json!({ "object": "user", "entry": [] });
    play.hand("facebook/updates", json!({ "chat": PAGE, "update": whole }))
        .await;
    until(async || {
        app.posts()
            .iter()
            .any(|post| post.body == whole)
            .then_some(())
    })
    .await;
}
