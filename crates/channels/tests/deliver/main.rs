//! The channel against the emulated Bot API: what is asked of Telegram for each piece, and what
//! becomes of it when things go wrong. Every call must pass the published schema.

mod across;
mod notice;
mod stage;

use std::{fmt::Write, time::Duration};

use channels::{Carried, Channel, Piece, Undelivered, WayIn, telegram::MenuOf};
use engine::{
    content::{MediaKind, Rich, Style},
    effect::{Key, Tone},
    ids::{ChannelId, ChatRef, MessageRef},
};
use expect_test::{expect, expect_file};
use serde_json::json;
use stage::Stage;

fn ivan() -> ChatRef {
    ChatRef::new(&ChannelId::new("telegram"), "7")
}

fn key() -> Vec<Vec<Key>> {
    vec![vec![Key {
        label: "Взять в работу".to_owned(),
        data: "take:1".to_owned(),
        tone: Tone::Primary,
    }]]
}

fn text(words: &str) -> Piece {
    Piece::Text {
        to: ivan(),
        text: Rich::plain(words),
        keys: Vec::new(),
        reply_to: None,
        of: None,
    }
}

fn edit(message: &MessageRef, words: &str) -> Piece {
    Piece::EditText {
        message: message.clone(),
        text: Rich::plain(words),
        keys: Vec::new(),
        of: None,
    }
}

#[tokio::test]
async fn a_text_carries_its_formatting_keys_and_reply() {
    let stage = Stage::begin().await;
    let asked = stage.writes(json!({ "text": "привет" })).await;
    let mut words = Rich::plain("🌷 Заказ ");
    words.push_styled("готов", Style::Bold);
    let piece = Piece::Text {
        to: ivan(),
        text: words,
        keys: key(),
        reply_to: Some(asked.at.clone()),
        of: Some(asked.at.clone()),
    };
    let receipt = stage.deliver(&piece).await.unwrap();
    assert_eq!(receipt.sent[0].of, Some(asked.at));
    assert!(receipt.sent[0].keys);
    stage
        .check(expect![[r#"
            sendMessage {"chat_id":7,"entities":[{"length":5,"offset":9,"type":"bold"}],"reply_markup":{"inline_keyboard":[[{"callback_data":"take:1","style":"primary","text":"Взять в работу"}]]},"reply_parameters":{"allow_sending_without_reply":true,"message_id":1},"text":"🌷 Заказ готов"} → 200
        "#]])
        .await;
}

#[tokio::test]
async fn a_reply_to_something_deleted_still_arrives() {
    let stage = Stage::begin().await;
    stage.writes(json!({ "text": "привет" })).await;
    let piece = Piece::Text {
        to: ivan(),
        text: Rich::plain("ответ"),
        keys: Vec::new(),
        reply_to: Some(ivan().message("999")),
        of: None,
    };
    stage.deliver(&piece).await.unwrap();
    stage.nothing_was_wrong().await;
}

#[tokio::test]
async fn every_kind_is_copied_and_sent_anew_when_the_original_is_gone() {
    let stage = Stage::begin().await;
    for body in stage.every_kind().await {
        let said = stage.writes(body).await;
        let piece = Piece::Copy {
            to: stage.group(),
            said: said.clone(),
            caption: said
                .content
                .media()
                .filter(|m| m.kind.has_caption())
                .map(|_| Rich::plain("Иван")),
            reply_to: None,
        };
        assert_eq!(
            stage.deliver(&piece).await.unwrap().sent[0].of,
            Some(said.at.clone())
        );
        stage.deletes(&said.at).await;
        assert_eq!(
            stage.deliver(&piece).await.unwrap().sent[0].of,
            Some(said.at)
        );
    }
    stage
        .check_file(expect_file!["../telegram/copies.txt"])
        .await;
}

#[tokio::test]
async fn a_poll_that_is_gone_is_refused_so_that_a_line_can_go() {
    let stage = Stage::begin().await;
    let poll = json!({ "poll": { "question": "Когда?", "options": ["да", "нет"] } });
    let said = stage.writes(poll).await;
    let piece = Piece::Copy {
        to: stage.group(),
        said: said.clone(),
        caption: None,
        reply_to: None,
    };
    stage.deliver(&piece).await.unwrap();
    stage.deletes(&said.at).await;
    let refused = stage.deliver(&piece).await.unwrap_err();
    assert!(matches!(refused, Undelivered::Refused { .. }), "{refused}");
}

#[tokio::test]
async fn an_album_stays_one_also_when_a_part_is_gone() {
    let stage = Stage::begin().await;
    let said = stage.writes_album().await;
    let all = |reply_to| Piece::CopyAll {
        to: stage.group(),
        said: said.clone(),
        reply_to,
    };
    let copied = stage.deliver(&all(None)).await.unwrap();
    assert_eq!(copied.sent.len(), 3);
    let answered = Some(copied.sent[0].at.clone());
    assert_eq!(stage.deliver(&all(answered)).await.unwrap().sent.len(), 3);
    stage.deletes(&said[1].at).await;
    let anew = stage.deliver(&all(None)).await.unwrap();
    let of: Vec<_> = anew.sent.into_iter().filter_map(|sent| sent.of).collect();
    assert_eq!(
        of,
        said.iter().map(|said| said.at.clone()).collect::<Vec<_>>()
    );
    stage
        .check(expect![[r#"
            copyMessages {"chat_id":-1001234567890,"from_chat_id":7,"message_ids":[1,2,3]} → 200
            sendMediaGroup {"chat_id":-1001234567890,"media":[{"caption":"раз","media":"FILE","type":"photo"},{"media":"FILE","type":"photo"},{"media":"FILE","type":"photo"}],"reply_parameters":{"allow_sending_without_reply":true,"message_id":1}} → 200
            copyMessages {"chat_id":-1001234567890,"from_chat_id":7,"message_ids":[1,2,3]} → 200
            deleteMessages {"chat_id":-1001234567890,"message_ids":[7,8]} → 200
            sendMediaGroup {"chat_id":-1001234567890,"media":[{"caption":"раз","media":"FILE","type":"photo"},{"media":"FILE","type":"photo"},{"media":"FILE","type":"photo"}]} → 200
        "#]])
        .await;
}

#[tokio::test]
async fn a_changed_message_is_changed_and_once_is_enough() {
    let stage = Stage::begin().await;
    stage.writes(json!({ "text": "привет" })).await;
    let sent = stage.deliver(&text("раз")).await.unwrap().sent.remove(0);
    let change = edit(&sent.at, "два");
    assert_eq!(stage.deliver(&change).await.unwrap().sent[0].at, sent.at);
    assert_eq!(stage.deliver(&change).await.unwrap().sent[0].at, sent.at);
    stage
        .deliver(&Piece::Delete {
            message: sent.at.clone(),
        })
        .await
        .unwrap();
    let gone = stage.deliver(&edit(&sent.at, "три")).await;
    assert!(matches!(gone, Err(Undelivered::Moot(_))), "{gone:?}");
    let again = stage.deliver(&Piece::Delete { message: sent.at }).await;
    assert!(matches!(again, Err(Undelivered::Moot(_))), "{again:?}");
    stage.nothing_was_wrong().await;
}

#[tokio::test]
async fn a_caption_and_a_file_are_changed() {
    let stage = Stage::begin().await;
    let photo = stage.photo().await;
    let said = stage
        .writes(json!({ "photo": photo, "caption": "чек" }))
        .await;
    let copy = Piece::Copy {
        to: stage.group(),
        said: said.clone(),
        caption: None,
        reply_to: None,
    };
    let message = stage.deliver(&copy).await.unwrap().sent.remove(0).at;
    let caption = Rich::plain("верный чек");
    let pieces = [
        Piece::EditCaption {
            message: message.clone(),
            caption: caption.clone(),
            of: said.at.clone(),
        },
        Piece::EditMedia {
            message,
            said,
            carried: Carried::As(MediaKind::Photo),
            caption,
        },
    ];
    for piece in pieces {
        assert_eq!(stage.deliver(&piece).await.unwrap().sent.len(), 1);
    }
    stage
        .check(expect![[r#"
            copyMessage {"chat_id":-1001234567890,"from_chat_id":7,"message_id":1} → 200
            editMessageCaption {"caption":"верный чек","chat_id":-1001234567890,"message_id":1} → 200
            editMessageMedia {"chat_id":-1001234567890,"media":{"caption":"верный чек","media":"FILE","type":"photo"},"message_id":1} → 400
        "#]])
        .await;
}

#[tokio::test]
async fn keys_go_once_and_for_good() {
    let stage = Stage::begin().await;
    stage.writes(json!({ "text": "привет" })).await;
    let piece = Piece::Text {
        to: ivan(),
        text: Rich::plain("Меню"),
        keys: key(),
        reply_to: None,
        of: None,
    };
    let message = stage.deliver(&piece).await.unwrap().sent.remove(0).at;
    let strip = Piece::StripKeys {
        message: message.clone(),
    };
    for _ in 0..2 {
        assert_eq!(
            stage.deliver(&strip).await.unwrap().stripped,
            Some(message.clone())
        );
    }
    stage.deliver(&Piece::Delete { message }).await.unwrap();
    assert!(matches!(
        stage.deliver(&strip).await,
        Err(Undelivered::Moot(_))
    ));
    stage.nothing_was_wrong().await;
}

#[tokio::test]
async fn a_press_is_answered_and_a_late_answer_is_moot() {
    let stage = Stage::begin().await;
    stage.writes(json!({ "text": "привет" })).await;
    let piece = Piece::Text {
        to: ivan(),
        text: Rich::plain("Меню"),
        keys: key(),
        reply_to: None,
        of: None,
    };
    let message = stage.deliver(&piece).await.unwrap().sent.remove(0).at;
    let pressed = stage.presses(&message, "take:1").await;
    assert_eq!((pressed.data.as_str(), &pressed.at), ("take:1", &message));
    let answer = |press: &str| Piece::Answer {
        to: ivan(),
        press: press.to_owned(),
        text: Some("я".repeat(300)),
        alert: true,
    };
    stage.deliver(&answer(&pressed.press)).await.unwrap();
    let late = stage.deliver(&answer("1234567")).await;
    assert!(matches!(late, Err(Undelivered::Moot(_))), "{late:?}");
    stage.nothing_was_wrong().await;
}

#[tokio::test]
async fn faults_say_what_to_do_next() {
    let stage = Stage::begin().await;
    stage.writes(json!({ "text": "привет" })).await;
    let faults = [
        json!({ "kind": "too_many", "retry_after": 7 }),
        json!({ "kind": "html", "status": 502 }),
        json!({ "kind": "html", "status": 429 }),
        json!({ "kind": "error", "status": 500, "description": "Internal Server Error" }),
        json!({ "kind": "drop_before" }),
        json!({ "kind": "drop_after" }),
        json!({ "kind": "error", "status": 400, "description": "Bad Request: VOICE_MESSAGES_FORBIDDEN" }),
    ];
    let mut told = String::new();
    for fault in faults {
        stage.fails(&fault).await;
        let failed = stage.deliver(&text("раз")).await.unwrap_err();
        let _ = writeln!(told, "{}: {failed}", fault["kind"]);
    }
    expect![[r#"
        "too_many": asked to wait 7 s
        "html": not accepted: the server answered 502 Bad Gateway
        "html": asked to wait 5 s
        "error": not accepted: the server answered 500 Internal Server Error
        "drop_before": outcome unknown: connection closed before message completed
        "drop_after": outcome unknown: connection closed before message completed
        "error": refused: Bad Request: VOICE_MESSAGES_FORBIDDEN
    "#]]
    .assert_eq(&told);
}

#[tokio::test]
async fn blocked_moved_and_locked_are_told_apart() {
    let stage = Stage::begin().await;
    stage.writes(json!({ "text": "привет" })).await;
    stage.blocks().await;
    let gone = stage.deliver(&text("раз")).await.unwrap_err();
    assert!(matches!(gone, Undelivered::Gone(_)), "{gone}");
    stage
        .fails(&json!({ "kind": "error", "status": 400,
            "description": "Bad Request: group chat was upgraded to a supergroup chat",
            "parameters": { "migrate_to_chat_id": -100_777 } }))
        .await;
    let moved = stage.deliver(&text("раз")).await.unwrap_err();
    assert_eq!(moved.to_string(), "the chat moved to telegram/-100777");
    let locked = stage.with_token("1001:another").probe().await.unwrap_err();
    assert!(
        matches!(&locked, Undelivered::Locked(why) if !why.contains("another")),
        "{locked}"
    );
}

#[tokio::test]
async fn members_and_administrators_are_known() {
    let stage = Stage::begin().await;
    let me = stage.telegram.me().await.unwrap();
    assert_eq!(me.id.id, "1001");
    let person = |id| engine::ids::PersonRef::new(&ChannelId::new("telegram"), id);
    let group = stage.group();
    let member = async |id| stage.telegram.is_member(&group, &person(id)).await;
    assert!(member("8").await.unwrap());
    assert!(!member("7").await.unwrap());
    assert!(!member("424242").await.unwrap());
    let admins = stage.telegram.administrators(&stage.group()).await.unwrap();
    assert_eq!(
        admins
            .iter()
            .map(|who| who.name.as_str())
            .collect::<Vec<_>>(),
        ["Анна"]
    );
    let menus = [MenuOf::Private, MenuOf::Chat(stage.group())];
    for menu in menus {
        stage
            .telegram
            .set_commands(&menu, Some("ru"), &[("start", "В начало")])
            .await
            .unwrap();
    }
    stage.nothing_was_wrong().await;
}

#[tokio::test]
async fn a_file_is_brought_home_and_a_big_one_refused() {
    let stage = Stage::begin().await;
    let said = stage.writes(json!({ "photo": stage.photo().await })).await;
    let download = stage
        .telegram
        .fetch(said.content.media().unwrap())
        .await
        .unwrap();
    let root = tempfile::tempdir().unwrap();
    let kept = channels::media::keep(download, root.path(), "2026/11/ticket-1/a", 1_000_000)
        .await
        .unwrap();
    assert_eq!(kept.path, "2026/11/ticket-1/a.png");
    let big = stage
        .upload("film.mp4", "video/mp4", vec![0; 21 << 20])
        .await;
    let said = stage.writes(json!({ "video": big })).await;
    let refused = stage
        .telegram
        .fetch(said.content.media().unwrap())
        .await
        .err()
        .unwrap();
    assert!(matches!(refused, Undelivered::Refused { .. }), "{refused}");
}

#[tokio::test]
async fn updates_come_again_until_the_cursor_moves() {
    let stage = Stage::begin().await;
    stage
        .posts(
            "/sandbox/messages",
            json!({ "from": 7, "chat": 1001, "text": "раз" }),
        )
        .await;
    let first = stage.telegram.next(None).await.unwrap();
    let again = stage.telegram.next(None).await.unwrap();
    assert_eq!(first.updates, again.updates);
    let cursor = first.cursor.unwrap();
    let after = stage.telegram.next(Some(&cursor)).await.unwrap();
    assert!(after.updates.is_empty());
    assert_eq!(after.cursor, Some(cursor));
}

#[tokio::test]
async fn a_webhook_and_polling_exclude_each_other() {
    let stage = Stage::begin().await;
    let pushed = stage.with_webhook("http://127.0.0.1:9/webhooks/telegram");
    assert_eq!(pushed.way_in(), WayIn::Pushed);
    pushed.prepare().await.unwrap();
    let conflict = stage.telegram.next(None).await.unwrap_err();
    assert!(
        matches!(&conflict, Undelivered::Unreached(why) if why.contains("webhook")),
        "{conflict}"
    );
    assert_eq!(stage.telegram.way_in(), WayIn::Polled);
    stage.telegram.prepare().await.unwrap();
    stage.telegram.next(None).await.unwrap();
}

#[tokio::test]
async fn a_slow_answer_is_waited_for() {
    let stage = Stage::begin().await;
    stage.writes(json!({ "text": "привет" })).await;
    stage.fails(&json!({ "kind": "slow", "ms": 300 })).await;
    let sent = tokio::time::timeout(Duration::from_secs(5), stage.deliver(&text("раз"))).await;
    assert_eq!(sent.unwrap().unwrap().sent.len(), 1);
}
