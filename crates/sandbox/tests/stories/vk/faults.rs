//! Failures on demand, and the limit of calls.

use serde_json::json;

use crate::stage::{each, png};
use crate::vk::play::{CLUB, IVAN, Play};

async fn fault(play: &Play, fault: serde_json::Value) {
    play.hand("faults", fault).await;
}

#[tokio::test]
async fn errors_come_in_the_form_of_vk() {
    let play = Play::new().await;
    let send = json!({ "peer_id": IVAN, "random_id": 1, "message": "?" });
    for (kind, said) in [
        (
            json!({ "kind": "too_many" }),
            "6 Too many requests per second",
        ),
        (json!({ "kind": "error", "code": 9 }), "9 Flood control"),
        (
            json!({ "kind": "error", "code": 945 }),
            "945 Chat was disabled",
        ),
        (
            json!({ "kind": "error", "code": 14, "description": "Captcha" }),
            "14 Captcha",
        ),
        (json!({ "kind": "error" }), "10 Internal server error"),
    ] {
        let mut kind = kind;
        kind["messenger"] = "vk".into();
        kind["method"] = "messages.send".into();
        kind["chat"] = IVAN.into();
        fault(&play, kind).await;
        assert_eq!(play.refused("messages.send", send.clone()).await, said);
    }
    play.call("messages.send", send).await;
    assert_eq!(play.seen().await.len(), 2);
    let calls = play.look("calls?messenger=vk&method=messages.send").await;
    let calls = calls["calls"].as_array().expect("a list");
    assert_eq!(each(calls, "/bot"), [CLUB; 6]);
    assert_eq!(each(calls, "/fault")[..2], ["too_many", "error"]);
    play.clean().await;
}

#[tokio::test]
async fn a_dropped_answer_was_sent_and_a_repeat_sends_nothing() {
    let play = Play::new().await;
    let params = json!({ "peer_id": IVAN, "random_id": 77, "message": "раз", "v": "5.199" });
    let url = format!("{}/method/messages.send", play.sandbox.url());
    for (kind, seen) in [("drop_before", 1), ("drop_after", 2)] {
        fault(&play, json!({ "kind": kind, "messenger": "vk" })).await;
        let request = play
            .http
            .post(&url)
            .bearer_auth(crate::vk::play::TOKEN)
            .json(&params);
        assert!(request.send().await.is_err());
        assert_eq!(play.seen().await.len(), seen);
    }
    assert_eq!(play.says("раз", 77).await, 2);
    assert_eq!(play.seen().await.len(), 2);
}

#[tokio::test]
async fn polls_uploads_and_downloads_fail_too() {
    let play = Play::new().await;
    fault(
        &play,
        json!({ "kind": "html", "status": 502, "method": "a_check" }),
    )
    .await;
    fault(
        &play,
        json!({ "kind": "html", "status": 504, "method": "upload" }),
    )
    .await;
    fault(&play, json!({ "kind": "drop_after", "method": "download" })).await;
    // Anything but JSON would fail here.
    let server = play.call("photos.getMessagesUploadServer", json!({})).await;
    let url = server["upload_url"].as_str().expect("an address");
    let answer = play.http.post(url).send().await.expect("an answer");
    assert_eq!(answer.status(), 504);
    let photo = play.file("a.png", png(100, 100)).await;
    play.ivan(json!({ "photo": photo })).await;
    let asked = json!({ "group_id": CLUB });
    let server = play.call("groups.getLongPollServer", asked).await;
    let url = server["server"].as_str().expect("an address");
    let answer = play.http.get(url).send().await.expect("an answer");
    assert_eq!(answer.status(), 502);
    let message = play.events().await[0]["object"]["message"].clone();
    let url = message["attachments"][0]["photo"]["sizes"][0]["url"]
        .as_str()
        .expect("an address");
    let answer = play.http.get(url).send().await.expect("headers");
    assert!(answer.bytes().await.is_err());
}

#[tokio::test]
async fn twenty_calls_a_second_are_allowed() {
    let play = Play::new().await;
    play.hand("limits", json!({ "enforce": true })).await;
    play.later(2).await;
    let mut refused = 0;
    for _ in 0..25 {
        let answer = play.raw("users.get", &json!({ "user_ids": IVAN })).await;
        refused += usize::from(answer["error"]["error_code"] == 6);
    }
    assert!((1..=5).contains(&refused), "{refused}");
    play.later(2).await;
    play.call("users.get", json!({ "user_ids": IVAN })).await;
    let violations = play.look("violations").await;
    assert_eq!(
        violations["violations"].as_array().map(Vec::len),
        Some(refused)
    );
}
