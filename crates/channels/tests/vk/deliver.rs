//! What is asked of VK for each piece, and what becomes of it when things go wrong.

use std::fmt::Write;

use channels::{Piece, Undelivered};
use engine::{
    content::{MediaKind, Rich},
    ids::{ChannelId, PersonRef},
};
use expect_test::{expect, expect_file};
use serde_json::json;

use crate::stage::{Stage, TOKEN, channel, file, ivan, key, operator, text};

#[tokio::test]
async fn a_text_carries_its_keys_and_reply_and_becomes_no_markup() {
    let stage = Stage::begin().await;
    let asked = stage.writes(json!({ "text": "привет" })).await;
    let piece = text("[id1|Павел], @durov: ivan@mail.ru", key(), Some(asked.at));
    let receipt = stage.deliver(&piece).await.unwrap();
    assert_eq!(receipt.sent[0].of, Some(operator("1")));
    assert!(receipt.sent[0].keys);
    let seen = stage.sees().await;
    assert_eq!(
        json!(receipt.sent[0].at.id),
        seen[1]["message_id"].to_string()
    );
    stage.check(expect![[r#"
        messages.send {"disable_mentions":"1","dont_parse_links":"0","forward":"{\"conversation_message_ids\":[1],\"is_reply\":true,\"peer_id\":7}","keyboard":"{\"buttons\":[[{\"action\":{\"label\":\"В начало\",\"payload\":\"{\\\"key\\\":\\\"c:1:999\\\"}\",\"type\":\"callback\"},\"color\":\"primary\"}]],\"inline\":true}","message":"[◌id1|Павел], @◌durov: ivan@mail.ru","peer_ids":"7","random_id":"…","v":"5.199"}
    "#]]).await;
}

#[tokio::test]
async fn a_reply_to_something_deleted_still_arrives() {
    let stage = Stage::begin().await;
    stage.writes(json!({ "text": "привет" })).await;
    let piece = text("ответ", Vec::new(), Some(ivan().message("999")));
    stage.deliver(&piece).await.unwrap();
    assert_eq!(stage.sees().await[1]["text"], "ответ");
}

#[tokio::test]
async fn the_same_call_made_twice_is_made_once() {
    let stage = Stage::begin().await;
    stage.writes(json!({ "text": "привет" })).await;
    stage
        .fails(json!({ "kind": "drop_after", "method": "messages.send" }))
        .await;
    let piece = text("раз", Vec::new(), None);
    let doubt = stage.deliver_as(1 << 40, &piece).await;
    assert!(matches!(doubt, Err(Undelivered::Unknown(_))), "{doubt:?}");
    let again = stage.deliver_as(1 << 40, &piece).await.unwrap();
    let seen = stage.sees().await;
    assert_eq!(seen.len(), 2);
    assert_eq!(seen[1]["message_id"].to_string(), again.sent[0].at.id);
    stage.deliver_as((1 << 40) + 2, &piece).await.unwrap();
    assert_eq!(stage.sees().await.len(), 3);
}

#[tokio::test]
async fn every_kind_arrives_as_the_nearest_thing_that_vk_has() {
    let stage = Stage::begin().await;
    stage.writes(json!({ "text": "привет" })).await;
    for kind in MediaKind::ALL {
        let (said, carried) = file(&*stage.vk, kind, kind.as_str());
        let piece = Piece::Send {
            to: ivan(),
            said: said.clone(),
            carried,
            caption: Rich::plain("@подпись"),
            reply_to: None,
        };
        let receipt = stage.deliver(&piece).await.unwrap();
        assert_eq!(receipt.sent[0].of, Some(said.at));
    }
    stage.check_file(expect_file!["deliveries.txt"]).await;
}

#[tokio::test]
async fn an_album_is_one_message_of_which_each_part_has_a_name() {
    let stage = Stage::begin().await;
    stage.writes(json!({ "text": "привет" })).await;
    let said = ["1", "2", "3"].map(|id| file(&*stage.vk, MediaKind::Photo, id));
    let piece = Piece::SendAll {
        to: ivan(),
        said: said.to_vec(),
        caption: Rich::plain("три"),
        reply_to: None,
    };
    let sent = stage.deliver(&piece).await.unwrap().sent;
    let at: Vec<_> = sent.iter().map(|sent| sent.at.id.as_str()).collect();
    assert_eq!(at, ["2", "2#2", "2#3"]);
    assert_eq!(sent[2].of, Some(operator("3")));
    let seen = stage.sees().await;
    assert_eq!(seen[1]["attachments"].as_array().unwrap().len(), 3);
    assert_eq!(seen[1]["text"], "три");
    stage.nothing_was_wrong().await;
}

#[tokio::test]
async fn a_large_album_keeps_within_what_vk_takes_a_second() {
    let stage = Stage::begin().await;
    stage.writes(json!({ "text": "привет" })).await;
    stage
        .posts("/sandbox/limits", json!({ "enforce": true }))
        .await;
    let id = |nth: u32| file(&*stage.vk, MediaKind::Photo, &nth.to_string());
    let piece = Piece::SendAll {
        to: ivan(),
        said: (1..=10).map(id).collect(),
        caption: Rich::default(),
        reply_to: None,
    };
    assert_eq!(stage.deliver(&piece).await.unwrap().sent.len(), 10);
    stage.nothing_was_wrong().await;
}

#[tokio::test]
async fn a_file_that_does_not_get_through_leaves_nothing_in_doubt() {
    let stage = Stage::begin().await;
    stage.writes(json!({ "text": "привет" })).await;
    let send = |id: &str| {
        let (said, carried) = file(&*stage.vk, MediaKind::Document, id);
        Piece::Send {
            to: ivan(),
            said,
            carried,
            caption: Rich::default(),
            reply_to: None,
        }
    };
    let broken = stage.deliver(&send("broken")).await.unwrap_err();
    assert!(
        matches!(&broken, Undelivered::Unreached(why) if why.contains("cut off")),
        "{broken}"
    );
    for method in ["docs.getMessagesUploadServer", "upload", "docs.save"] {
        for kind in ["drop_before", "drop_after"] {
            stage.fails(json!({ "kind": kind, "method": method })).await;
            let failed = stage.deliver(&send("a")).await.unwrap_err();
            assert!(
                matches!(failed, Undelivered::Unreached(_)),
                "{method} {kind}: {failed}"
            );
        }
    }
    stage.deliver(&send("a")).await.unwrap();
    assert_eq!(stage.sees().await.len(), 2);
}

#[tokio::test]
async fn a_press_is_answered_and_a_late_answer_is_moot() {
    let stage = Stage::begin().await;
    stage.writes(json!({ "text": "привет" })).await;
    let menu = stage.says("Меню", key()).await;
    let (pressed, id) = stage.presses(&menu).await;
    assert_eq!((pressed.data.as_str(), &pressed.at), ("c:1:999", &menu));
    let answer = |press: &str| Piece::Answer {
        to: ivan(),
        press: press.to_owned(),
        text: Some("я".repeat(300)),
        alert: true,
    };
    stage.deliver(&answer(&pressed.press)).await.unwrap();
    let seen = stage.gets(&format!("/sandbox/vk/callbacks/{id}")).await;
    assert_eq!(seen["text"], "я".repeat(90));
    let late = stage.deliver(&answer(&pressed.press)).await;
    assert!(matches!(late, Err(Undelivered::Moot(_))), "{late:?}");
    // The press of a key that writes a text waits for nothing.
    stage.deliver(&answer("")).await.unwrap();
}

#[tokio::test]
async fn faults_say_what_to_do_next() {
    let stage = Stage::begin().await;
    stage.writes(json!({ "text": "привет" })).await;
    let faults = [
        json!({ "kind": "too_many" }),
        json!({ "kind": "html", "status": 502 }),
        json!({ "kind": "html", "status": 429 }),
        json!({ "kind": "html", "status": 200 }),
        json!({ "kind": "error", "code": 10, "description": "Internal server error" }),
        json!({ "kind": "error", "code": 9, "description": "Flood control" }),
        json!({ "kind": "error", "code": 901, "description": "Can't send messages" }),
        json!({ "kind": "error", "code": 914, "description": format!("too long {TOKEN}") }),
        json!({ "kind": "drop_before" }),
        json!({ "kind": "drop_after" }),
    ];
    let mut told = String::new();
    for fault in faults {
        stage.fails(fault.clone()).await;
        let failed = stage.deliver(&text("раз", Vec::new(), None)).await;
        let _ = writeln!(told, "{}: {}", fault["kind"], failed.unwrap_err());
    }
    expect![[r#"
        "too_many": asked to wait 1 s
        "html": not accepted: the server answered 502 Bad Gateway
        "html": asked to wait 5 s
        "html": outcome unknown: an unreadable answer
        "error": not accepted: Internal server error (error 10)
        "error": asked to wait 60 s
        "error": out of reach: Can't send messages (error 901)
        "error": refused: too long … (error 914)
        "drop_before": outcome unknown: connection closed before message completed
        "drop_after": outcome unknown: connection closed before message completed
    "#]]
    .assert_eq(&told);
}

#[tokio::test]
async fn gone_and_locked_are_told_apart() {
    let stage = Stage::begin().await;
    stage.writes(json!({ "text": "привет" })).await;
    stage
        .posts("/sandbox/vk/deny", json!({ "person": 7, "chat": 5 }))
        .await;
    let gone = stage.deliver(&text("раз", Vec::new(), None)).await;
    assert!(matches!(gone, Err(Undelivered::Gone(_))), "{gone:?}");
    stage.vk.probe().await.unwrap();
    let other = channel(&stage.url(), "vk1.a.another", &[]);
    let locked = other.probe().await.unwrap_err();
    assert!(
        matches!(&locked, Undelivered::Locked(why) if !why.contains("another")),
        "{locked}"
    );
}

#[tokio::test]
async fn people_have_names_when_they_are_asked_for() {
    let stage = Stage::begin().await;
    let person = |id| PersonRef::new(&ChannelId::new("vk"), id);
    let ivan = stage.vk.profile(&person("7")).await.unwrap().unwrap();
    assert_eq!((ivan.name.as_str(), ivan.username), ("Иван Петров", None));
    assert_eq!(stage.vk.profile(&person("777")).await.unwrap(), None);
}
