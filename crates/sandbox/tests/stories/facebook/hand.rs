//! What people and the page's inbox do, and what is refused with a sentence.

use serde_json::{Value, json};

use crate::facebook::play::{APP, IVAN, PAGE, Play};

#[tokio::test]
async fn a_text_can_be_changed_five_times() {
    let (play, app) = Play::with_app().await;
    let mid = play.ivan(json!({ "text": "0" })).await;
    let url = format!(
        "{}/sandbox/facebook/messages/{PAGE}/{IVAN}/{mid}",
        play.sandbox.url()
    );
    for n in 1..=6 {
        let edit = play
            .http
            .patch(&url)
            .json(&json!({ "text": n.to_string() }));
        let status = edit.send().await.expect("an answer").status();
        assert_eq!(status, if n < 6 { 200 } else { 400 });
    }
    let edit = app.hears("message_edit").await;
    assert_eq!(
        edit["message_edit"],
        json!({ "mid": mid, "text": "1", "num_edit": 1 })
    );
    assert_eq!(play.newest().await["text"], "5");
    let deleted = play.http.delete(&url).send().await.expect("an answer");
    assert_eq!(deleted.status(), 200);
    assert_eq!(
        play.thread().await["messages"].as_array().map(Vec::len),
        Some(1)
    );
}

#[tokio::test]
async fn somebody_in_the_inbox_is_echoed_with_another_app() {
    let (play, app) = Play::with_app().await;
    play.hand(
        "facebook/admin",
        json!({ "chat": PAGE, "person": IVAN, "text": "Это Анна" }),
    )
    .await;
    let echo = app.hears("message").await;
    assert_eq!(echo["message"]["is_echo"], true);
    assert_ne!(echo["message"]["app_id"], APP);
    assert_eq!(echo["sender"]["id"], PAGE.to_string());
    assert_eq!(play.newest().await["from_admin"], true);
}

#[tokio::test]
async fn whoever_answers_has_read() {
    let (play, app) = Play::with_app().await;
    play.says(json!({ "text": "Здравствуйте" })).await;
    let delivery = app.hears("delivery").await;
    assert_eq!(delivery["sender"]["id"], IVAN.to_string());
    assert!(app.events().iter().all(|event| event.get("read").is_none()));
    play.ivan(json!({ "text": "Да" })).await;
    app.hears("read").await;
    assert_eq!(app.texts(1).await, ["Да"]);
}

#[tokio::test]
async fn links_and_agreements_are_told() {
    let (play, app) = Play::with_app().await;
    let came = json!({ "from": IVAN, "chat": PAGE, "ref": "promo" });
    play.hand("facebook/referral", came.clone()).await;
    assert_eq!(app.hears("referral").await["referral"]["ref"], "promo");
    play.hand("facebook/optin", came).await;
    assert_eq!(app.hears("optin").await["optin"]["ref"], "promo");
}

#[tokio::test]
async fn what_messenger_would_not_allow_is_refused_in_words() {
    let play = Play::new().await;
    let wrong = [
        ("people", json!({ "first_name": " " })),
        ("people", json!({ "id": PAGE, "first_name": "Иван" })),
        (
            "pages",
            json!({ "webhook": { "url": "http://127.0.0.1:1/", "verify_token": "" } }),
        ),
        ("messages", json!({ "from": 99, "chat": PAGE, "text": "?" })),
        ("messages", json!({ "from": IVAN, "chat": 1, "text": "?" })),
        ("messages", json!({ "from": IVAN, "chat": PAGE })),
        (
            "messages",
            json!({ "from": IVAN, "chat": PAGE, "photo": "f99" }),
        ),
        (
            "messages",
            json!({ "from": IVAN, "chat": PAGE, "text": "?", "reply_to": "m_0" }),
        ),
        (
            "press",
            json!({ "from": IVAN, "chat": PAGE, "data": "nothing" }),
        ),
        ("redeliver", json!({ "chat": PAGE, "mid": "m_0" })),
    ];
    for (path, body) in wrong {
        let (status, answer) = play.hand_raw(&format!("facebook/{path}"), &body).await;
        assert_eq!(status, 400, "{path} {body}");
        assert!(answer["error"].is_string(), "{path} {body}: {answer}");
    }
}

#[tokio::test]
async fn a_reset_forgets_everything() {
    let (play, app) = Play::with_app().await;
    play.hand("reset", json!({})).await;
    assert_eq!(play.look("state").await["bots"], json!([]));
    play.page(json!({ "webhook": { "url": app.url, "verify_token": "verify" } }))
        .await;
    play.hand(
        "facebook/people",
        json!({ "id": IVAN, "first_name": "Иван" }),
    )
    .await;
    play.ivan(json!({ "text": "заново" })).await;
    assert_eq!(app.texts(1).await, ["заново"]);
    assert_eq!(play.call("GET", "me", Value::Null).await["id"], "500");
}
