//! Pieces become calls.

use std::{io::Cursor, time::Duration};

use channels::{Piece, Receipt, Undelivered};
use engine::{
    content::{Body, Content, Media, MediaKind, Rich, Said},
    effect::{Key, Tone},
    event::Event,
    ids::{ChannelId, ChatRef, MessageRef},
};
use expect_test::expect;
use image::{DynamicImage, ImageFormat};
use serde_json::json;

use crate::stage::{PNG, Shelf, Stage, deliver};

fn key(label: &str, data: &str) -> Vec<Key> {
    vec![Key {
        label: label.to_owned(),
        data: data.to_owned(),
        tone: Tone::Plain,
    }]
}

fn replying(mut piece: Piece, to: MessageRef) -> Piece {
    if let Piece::Text { reply_to, .. } = &mut piece {
        *reply_to = Some(to);
    }
    piece
}

fn with_keys(mut piece: Piece, under: Vec<Vec<Key>>) -> Piece {
    if let Piece::Text { keys, .. } = &mut piece {
        *keys = under;
    }
    piece
}

fn sent(receipt: Receipt) -> MessageRef {
    let [sent] = receipt.sent.try_into().unwrap();
    sent.at
}

/// An operator's file, on its way to Ivan.
fn file(stage: &Stage, kind: MediaKind, name: &str) -> Piece {
    let operators = ChatRef::new(&ChannelId::new("telegram"), "-1001");
    let mut media = Media::new(kind, "file-1");
    media.name = Some(name.to_owned());
    let carried = (stage.channel.abilities().carries)(kind);
    Piece::Send {
        to: stage.chat(),
        said: Said {
            at: operators.message("6"),
            content: Content {
                body: Body::Media(media),
                ..Content::default()
            },
        },
        carried,
        caption: Rich::default(),
        reply_to: None,
    }
}

async fn sends(stage: &Stage, kind: MediaKind, name: &str, bytes: &[u8]) {
    let piece = file(stage, kind, name);
    let receipt = deliver(&*stage.channel, &piece, &Shelf(bytes.to_vec())).await;
    sent(receipt.unwrap());
}

fn webp() -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let sticker = DynamicImage::new_rgba8(2, 2);
    sticker.write_to(&mut bytes, ImageFormat::WebP).unwrap();
    bytes.into_inner()
}

#[tokio::test]
async fn keys_are_quick_replies_and_a_press_comes_back() {
    let stage = Stage::begin().await;
    let keys = vec![key("Возврат", "c:1:0"), key("Другой вопрос", "c:1:1")];
    let under = sent(
        stage
            .deliver(&with_keys(stage.says("Чем помочь?"), keys))
            .await
            .unwrap(),
    );
    let press = json!({ "message_id": under.id, "data": "c:1:1" });
    stage.does("press", press).await;
    let Event::Pressed(pressed) = stage.event().await else {
        panic!("no press is heard");
    };
    assert_eq!(pressed.data, "c:1:1");
    stage.check(expect![[r#"
        messages {"message":{"metadata":"zabota:42","quick_replies":[{"content_type":"text","payload":"c:1:0","title":"Возврат"},{"content_type":"text","payload":"c:1:1","title":"Другой вопрос"}],"text":"Чем помочь?"},"messaging_type":"RESPONSE","recipient":{"id":"7001"}} → 200
    "#]]).await;
}

#[tokio::test]
async fn an_answer_answers_and_is_marked_as_seen() {
    let stage = Stage::begin().await;
    let wrote = stage.writes(json!({ "text": "где заказ?" })).await;
    let answer = replying(
        stage.answers("В пути"),
        stage.chat().message(format!("{}#2", wrote.at.id)),
    );
    stage.deliver(&answer).await.unwrap();
    stage.check(expect![[r#"
        messages {"message":{"metadata":"zabota:42","text":"В пути"},"messaging_type":"RESPONSE","recipient":{"id":"7001"},"reply_to":{"mid":"MID"}} → 200
        messages {"recipient":{"id":"7001"},"sender_action":"mark_seen"} → 200
    "#]]).await;
}

#[tokio::test]
async fn a_reply_to_something_deleted_goes_without_it() {
    let stage = Stage::begin().await;
    let wrote = stage.writes(json!({ "text": "где заказ?" })).await;
    stage.deletes(&wrote.at).await;
    let answer = replying(stage.says("В пути"), wrote.at);
    stage.deliver(&answer).await.unwrap();
    stage.check(expect![[r#"
        messages {"message":{"metadata":"zabota:42","text":"В пути"},"messaging_type":"RESPONSE","recipient":{"id":"7001"},"reply_to":{"mid":"MID"}} → 400
        messages {"message":{"metadata":"zabota:42","text":"В пути"},"messaging_type":"RESPONSE","recipient":{"id":"7001"}} → 200
    "#]]).await;
}

#[tokio::test]
async fn files_of_every_kind_are_uploaded() {
    let stage = Stage::begin().await;
    let film = b"\0\0\0\x20ftypisom\0\0\0\0film";
    sends(&stage, MediaKind::Photo, "a.png", PNG).await;
    sends(&stage, MediaKind::Video, "a.mp4", film).await;
    sends(&stage, MediaKind::VideoNote, "b.mp4", film).await;
    sends(&stage, MediaKind::Animation, "c.mp4", film).await;
    sends(&stage, MediaKind::Voice, "a.ogg", b"OggS voice").await;
    sends(&stage, MediaKind::Audio, "a.mp3", b"ID3 music").await;
    sends(&stage, MediaKind::Document, "Счёт № 1.pdf", b"%PDF-1.7").await;
    sends(&stage, MediaKind::Sticker, "a.webp", &webp()).await;
    stage.check(expect![[r#"
        messages {"filedata":{"file":{"mime":"image/png","name":"a.png","size":70}},"message":{"attachment":{"payload":{"is_reusable":false},"type":"image"},"metadata":"zabota:42"},"messaging_type":"RESPONSE","recipient":{"id":"7001"}} → 200
        messages {"recipient":{"id":"7001"},"sender_action":"mark_seen"} → 200
        messages {"filedata":{"file":{"mime":"video/mp4","name":"a.mp4","size":20}},"message":{"attachment":{"payload":{"is_reusable":false},"type":"video"},"metadata":"zabota:42"},"messaging_type":"RESPONSE","recipient":{"id":"7001"}} → 200
        messages {"recipient":{"id":"7001"},"sender_action":"mark_seen"} → 200
        messages {"filedata":{"file":{"mime":"video/mp4","name":"b.mp4","size":20}},"message":{"attachment":{"payload":{"is_reusable":false},"type":"video"},"metadata":"zabota:42"},"messaging_type":"RESPONSE","recipient":{"id":"7001"}} → 200
        messages {"recipient":{"id":"7001"},"sender_action":"mark_seen"} → 200
        messages {"filedata":{"file":{"mime":"video/mp4","name":"c.mp4","size":20}},"message":{"attachment":{"payload":{"is_reusable":false},"type":"video"},"metadata":"zabota:42"},"messaging_type":"RESPONSE","recipient":{"id":"7001"}} → 200
        messages {"recipient":{"id":"7001"},"sender_action":"mark_seen"} → 200
        messages {"filedata":{"file":{"mime":"audio/ogg","name":"a.ogg","size":10}},"message":{"attachment":{"payload":{"is_reusable":false},"type":"audio"},"metadata":"zabota:42"},"messaging_type":"RESPONSE","recipient":{"id":"7001"}} → 200
        messages {"recipient":{"id":"7001"},"sender_action":"mark_seen"} → 200
        messages {"filedata":{"file":{"mime":"audio/mpeg","name":"a.mp3","size":9}},"message":{"attachment":{"payload":{"is_reusable":false},"type":"audio"},"metadata":"zabota:42"},"messaging_type":"RESPONSE","recipient":{"id":"7001"}} → 200
        messages {"recipient":{"id":"7001"},"sender_action":"mark_seen"} → 200
        messages {"filedata":{"file":{"mime":"application/pdf","name":"Счёт № 1.pdf","size":8}},"message":{"attachment":{"payload":{"is_reusable":false},"type":"file"},"metadata":"zabota:42"},"messaging_type":"RESPONSE","recipient":{"id":"7001"}} → 200
        messages {"recipient":{"id":"7001"},"sender_action":"mark_seen"} → 200
        messages {"filedata":{"file":{"mime":"image/png","name":"a.webp.png","size":86}},"message":{"attachment":{"payload":{"is_reusable":false},"type":"image"},"metadata":"zabota:42"},"messaging_type":"RESPONSE","recipient":{"id":"7001"}} → 200
        messages {"recipient":{"id":"7001"},"sender_action":"mark_seen"} → 200
    "#]]).await;
}

#[tokio::test]
async fn what_is_no_picture_after_all_goes_as_a_file() {
    let stage = Stage::begin().await;
    let refusal =
        json!({ "kind": "error", "code": 100, "subcode": 2_018_047, "method": "messages" });
    stage.fails(refusal).await;
    sends(&stage, MediaKind::Photo, "a.png", PNG).await;
    stage.check(expect![[r#"
        messages {"filedata":{"file":{"mime":"image/png","name":"a.png","size":70}},"message":{"attachment":{"payload":{"is_reusable":false},"type":"image"},"metadata":"zabota:42"},"messaging_type":"RESPONSE","recipient":{"id":"7001"}} → 400
        messages {"filedata":{"file":{"mime":"image/png","name":"a.png","size":70}},"message":{"attachment":{"payload":{"is_reusable":false},"type":"file"},"metadata":"zabota:42"},"messaging_type":"RESPONSE","recipient":{"id":"7001"}} → 200
        messages {"recipient":{"id":"7001"},"sender_action":"mark_seen"} → 200
    "#]]).await;
}

#[tokio::test]
async fn films_leave_ten_a_second_at_most() {
    let stage = Stage::begin().await;
    let begun = tokio::time::Instant::now();
    let film = b"\0\0\0\x20ftypisom\0\0\0\0film";
    for _ in 0..4 {
        sends(&stage, MediaKind::Video, "a.mp4", film).await;
    }
    assert!(begun.elapsed() >= Duration::from_millis(300));
}

#[tokio::test]
async fn after_a_day_only_people_answer_and_for_a_week() {
    let stage = Stage::begin().await;
    stage.hours_pass(25).await;
    let bot = stage.deliver(&stage.says("Оцените нас")).await.unwrap_err();
    assert!(bot.to_string().contains("только ответ оператора"), "{bot}");
    stage.deliver(&stage.answers("Всё готово")).await.unwrap();
    sends(&stage, MediaKind::Photo, "a.png", PNG).await;
    stage.hours_pass(7 * 24).await;
    let late = stage.deliver(&stage.answers("Ау")).await.unwrap_err();
    assert!(late.to_string().contains("больше семи дней"), "{late}");
    stage.check(expect![[r#"
        messages {"message":{"metadata":"zabota:42","text":"Оцените нас"},"messaging_type":"RESPONSE","recipient":{"id":"7001"}} → 403
        messages {"message":{"metadata":"zabota:42","text":"Всё готово"},"messaging_type":"RESPONSE","recipient":{"id":"7001"}} → 403
        messages {"message":{"metadata":"zabota:42","text":"Всё готово"},"messaging_type":"MESSAGE_TAG","recipient":{"id":"7001"},"tag":"HUMAN_AGENT"} → 200
        messages {"filedata":{"file":{"mime":"image/png","name":"a.png","size":70}},"message":{"attachment":{"payload":{"is_reusable":false},"type":"image"},"metadata":"zabota:42"},"messaging_type":"RESPONSE","recipient":{"id":"7001"}} → 403
        messages {"filedata":{"file":{"mime":"image/png","name":"a.png","size":70}},"message":{"attachment":{"payload":{"is_reusable":false},"type":"image"},"metadata":"zabota:42"},"messaging_type":"MESSAGE_TAG","recipient":{"id":"7001"},"tag":"HUMAN_AGENT"} → 200
        messages {"message":{"metadata":"zabota:42","text":"Ау"},"messaging_type":"RESPONSE","recipient":{"id":"7001"}} → 403
        messages {"message":{"metadata":"zabota:42","text":"Ау"},"messaging_type":"MESSAGE_TAG","recipient":{"id":"7001"},"tag":"HUMAN_AGENT"} → 403
    "#]]).await;
}

#[tokio::test]
async fn without_the_tag_a_day_is_all() {
    let stage = Stage::begin().await;
    let answer = stage.answers("Всё готово");
    stage
        .does("pages", json!({ "id": 1040, "human_agent": false }))
        .await;
    stage.hours_pass(25).await;
    let refused = stage.deliver(&answer).await.unwrap_err();
    assert!(refused.to_string().contains("Human Agent"), "{refused}");
    let without = stage.with(&[("human_agent", "false")]);
    let refused = deliver(&*without, &answer, &Shelf(Vec::new()))
        .await
        .unwrap_err();
    assert!(refused.to_string().contains("больше 24 часов"), "{refused}");
    assert!(!refused.to_string().contains("Human Agent"), "{refused}");
    let windows = [&stage.channel, &without].map(|channel| channel.abilities().window.unwrap());
    assert_eq!(
        windows.map(|window| window.by_person.as_hours()),
        [7 * 24, 24]
    );
}

#[tokio::test]
async fn a_customer_out_of_reach_and_a_conversation_held_by_another() {
    let stage = Stage::begin().await;
    stage.does("thread", json!({ "owner": "inbox" })).await;
    let held = stage.deliver(&stage.answers("раз")).await.unwrap_err();
    assert!(held.to_string().contains("другое приложение"), "{held}");
    stage.does("thread", json!({ "owner": "app" })).await;
    stage.does("block", json!({})).await;
    let gone = stage.deliver(&stage.answers("раз")).await.unwrap_err();
    assert!(matches!(gone, Undelivered::Gone(_)), "{gone}");
}

#[tokio::test]
async fn failures_say_what_to_do_next() {
    let stage = Stage::begin().await;
    let piece = stage.says("раз");
    stage.fails(json!({ "kind": "too_many" })).await;
    let wait = stage.deliver(&piece).await.unwrap_err();
    assert_eq!(wait, Undelivered::Wait(Duration::from_mins(1)));
    stage.fails(json!({ "kind": "html", "status": 502 })).await;
    let gateway = stage.deliver(&piece).await.unwrap_err();
    assert!(matches!(gateway, Undelivered::Unreached(_)), "{gateway}");
    for kind in [json!({ "kind": "drop_after" }), json!({ "kind": "error" })] {
        stage.fails(kind).await;
        let doubt = stage.deliver(&piece).await.unwrap_err();
        assert!(matches!(doubt, Undelivered::Unknown(_)), "{doubt}");
    }
    let stranger = stage.with(&[("token", "EAAG-another")]);
    let locked = deliver(&*stranger, &piece, &Shelf(Vec::new()))
        .await
        .unwrap_err();
    assert!(
        matches!(&locked, Undelivered::Locked(why) if !why.contains("another")),
        "{locked}"
    );
    let locked = stranger.probe().await.unwrap_err();
    assert!(matches!(locked, Undelivered::Locked(_)), "{locked}");
    stage.channel.probe().await.unwrap();
}

#[tokio::test]
async fn what_cannot_be_changed_is_left() {
    let stage = Stage::begin().await;
    let message = sent(stage.deliver(&stage.says("раз")).await.unwrap());
    let moot = stage.deliver(&Piece::Delete { message }).await.unwrap_err();
    assert!(matches!(moot, Undelivered::Moot(_)), "{moot}");
}

#[tokio::test]
async fn words_for_a_press_are_a_message_and_silence_is_none() {
    let stage = Stage::begin().await;
    let answer = |text: Option<&str>| Piece::Answer {
        to: stage.chat(),
        press: "m_1".to_owned(),
        text: text.map(str::to_owned),
        alert: false,
    };
    assert_eq!(
        stage.deliver(&answer(None)).await.unwrap(),
        Receipt::default()
    );
    stage
        .deliver(&answer(Some("Эта кнопка уже не действует.")))
        .await
        .unwrap();
    let message = sent(stage.deliver(&stage.says("раз")).await.unwrap());
    stage.deliver(&Piece::Mark { message }).await.unwrap();
    stage.check(expect![[r#"
        messages {"message":{"metadata":"zabota:42","text":"Эта кнопка уже не действует."},"messaging_type":"RESPONSE","recipient":{"id":"7001"}} → 200
        messages {"message":{"metadata":"zabota:42","text":"раз"},"messaging_type":"RESPONSE","recipient":{"id":"7001"}} → 200
        messages {"recipient":{"id":"7001"},"sender_action":"mark_seen"} → 200
    "#]]).await;
}
