//! Sending: what arrives, what is refused, and what counts as a violation.

use serde_json::{Value, json};

use crate::facebook::play::{IVAN, Play, TOKEN, response};

#[tokio::test]
async fn a_message_arrives_and_keeps_its_metadata() {
    let play = Play::new().await;
    let mid = play
        .says(json!({ "text": "Слушаю", "metadata": "outbox-1" }))
        .await;
    let shown = play.newest().await;
    assert_eq!(shown["message_id"], mid);
    assert_eq!(
        (&shown["text"], &shown["from_bot"]),
        (&json!("Слушаю"), &json!(true))
    );
    assert_eq!(shown["metadata"], "outbox-1");
    assert!(play.violations().await.is_empty());
}

#[tokio::test]
async fn a_form_with_json_inside_is_as_good_and_the_token_may_be_anywhere() {
    let play = Play::new().await;
    let recipient = json!({ "id": IVAN.to_string() }).to_string();
    let message = json!({ "text": "да" }).to_string();
    let form = [
        ("recipient", recipient.as_str()),
        ("message", &message),
        ("messaging_type", "UPDATE"),
    ];
    let url = format!("{}/v26.0/me/messages", play.sandbox.url());
    let by_query = play
        .http
        .post(format!("{url}?access_token={TOKEN}"))
        .form(&form);
    assert_eq!(by_query.send().await.expect("an answer").status(), 200);
    let mut body = response(json!({ "text": "да" }));
    body["access_token"] = TOKEN.into();
    let by_body = play.http.post(&url).json(&body);
    assert_eq!(by_body.send().await.expect("an answer").status(), 200);
    assert!(play.violations().await.is_empty());
}

#[tokio::test]
async fn what_is_too_long_or_too_much_is_refused() {
    let play = Play::new().await;
    play.says(json!({ "text": "ж".repeat(2000) })).await;
    let reply = |title: &str| json!({ "content_type": "text", "title": title, "payload": "P" });
    let quick = |count: usize, title: &str| json!({ "text": "?", "quick_replies": vec![reply(title); count] });
    play.says(quick(13, &"д".repeat(20))).await;
    let button = json!({ "type": "postback", "title": "Да", "payload": "P" });
    let template = |text: &str, buttons: usize| {
        let payload =
            json!({ "template_type": "button", "text": text, "buttons": vec![&button; buttons] });
        json!({ "attachment": { "type": "template", "payload": payload } })
    };
    play.says(template(&"ж".repeat(640), 3)).await;
    let wrong = [
        json!({ "text": "ж".repeat(2001) }),
        json!({ "text": "" }),
        json!({}),
        json!({ "text": "?", "metadata": "m".repeat(1001) }),
        quick(14, "Да"),
        quick(1, &"д".repeat(21)),
        template(&"ж".repeat(641), 1),
        template("?", 4),
        template("?", 0),
        json!({ "attachment": { "type": "location", "payload": {} } }),
    ];
    for message in wrong {
        assert_eq!(play.refused(response(message)).await, (100, 0));
    }
}

#[tokio::test]
async fn tokens_and_proofs_are_checked() {
    let play = Play::new().await;
    let url = format!("{}/v25.0/me/messages", play.sandbox.url());
    let say = response(json!({ "text": "?" }));
    for stranger in [
        play.http.post(&url),
        play.http.post(&url).bearer_auth("another"),
    ] {
        let refused = stranger.json(&say).send().await.expect("an answer");
        assert_eq!(refused.status(), 401);
        let answer: Value = refused.json().await.expect("JSON");
        assert_eq!(answer["error"]["code"], 190);
    }
    let mut forged = say.clone();
    forged["appsecret_proof"] = "00".into();
    assert_eq!(play.refused(forged).await, (100, 0));
    play.page(json!({ "require_proof": true })).await;
    assert_eq!(play.refused(say.clone()).await, (100, 0), "none at all");
    let mut proven = say;
    // HMAC-SHA256 of "page-token" with the key "app-secret".
    proven["appsecret_proof"] =
        "d8b448b9cc7d64c51098271805b3cc20b5b715e52bd587eb71b610259587c856".into();
    assert_eq!(play.raw("POST", "me/messages", &proven).await.0, 200);
}

#[tokio::test]
async fn a_page_comes_into_being_with_its_first_call() {
    let play = Play::empty().await;
    assert_eq!(
        play.call("GET", "900?fields=name", Value::Null).await["name"],
        "Page 900"
    );
    let url = format!("{}/v25.0/900?access_token=another", play.sandbox.url());
    assert_eq!(
        play.http.get(url).send().await.expect("an answer").status(),
        401
    );
    assert_eq!(
        play.raw("GET", "901", &Value::Null).await.0,
        400,
        "the token is that of 900"
    );
}

#[tokio::test]
async fn only_those_who_have_written_can_be_written_to() {
    let play = Play::new().await;
    play.hand("facebook/people", json!({ "id": 8, "first_name": "Ольга" }))
        .await;
    for nobody in ["8", "9"] {
        let say = json!({ "recipient": { "id": nobody }, "messaging_type": "RESPONSE", "message": { "text": "?" } });
        assert_eq!(play.refused(say).await, (100, 2_018_001));
    }
    let who = json!({ "person": IVAN, "chat": 500 });
    play.hand("facebook/block", who.clone()).await;
    let say = response(json!({ "text": "?" }));
    assert_eq!(play.refused(say.clone()).await, (551, 1_545_041));
    play.hand("facebook/unblock", who).await;
    play.call("POST", "me/messages", say).await;
}

#[tokio::test]
async fn sender_actions_are_for_themselves() {
    let play = Play::new().await;
    let act = |action: &str| json!({ "recipient": { "id": "7" }, "sender_action": action });
    play.call("POST", "me/messages", act("TYPING_ON")).await;
    assert_eq!(play.thread().await["typing"], true);
    play.call("POST", "me/messages", act("typing_off")).await;
    assert_eq!(play.thread().await["typing"], false);
    let mut both = response(json!({ "text": "?" }));
    both["sender_action"] = "mark_seen".into();
    assert_eq!(play.refused(both).await, (100, 2_018_014));
    assert_eq!(play.refused(act("dance")).await, (100, 0));
    let mid = play.ivan(json!({ "text": "спасибо" })).await;
    let mut react = act("react");
    react["payload"] = json!({ "message_id": mid, "reaction": "love" });
    play.call("POST", "me/messages", react).await;
    assert_eq!(play.newest().await["reactions"][0]["emoji"], "❤");
    let found = play.violations().await;
    assert!(
        found.len() == 1 && found[0].contains("sender_action"),
        "{found:?}"
    );
}

#[tokio::test]
async fn a_reply_names_a_message_of_the_thread() {
    let play = Play::new().await;
    let mid = play.ivan(json!({ "text": "Сколько стоит?" })).await;
    let mut reply = response(json!({ "text": "100 ₽" }));
    reply["reply_to"] = json!({ "mid": mid });
    play.call("POST", "me/messages", reply.clone()).await;
    let shown = play.newest().await;
    assert_eq!(
        shown["reply_to"],
        json!({ "message_id": mid, "quote": "Сколько стоит?" })
    );
    reply["reply_to"] = json!({ "mid": "m_unknown" });
    assert_eq!(play.refused(reply).await, (100, 9_000_001));
}

#[tokio::test]
async fn what_nobody_published_is_a_violation() {
    let play = Play::new().await;
    let mut call = response(json!({ "text": "да", "entities": [] }));
    call["text"] = "да".into();
    play.call("POST", "me/messages", call).await;
    assert_eq!(play.raw("POST", "me/typing", &json!({})).await.0, 400);
    let found = play.violations().await;
    assert_eq!(
        found[..2],
        ["unknown field message.entities", "unknown field text"]
    );
    assert!(found[2].contains("not published"), "{found:?}");
}
