//! What another messenger holds (here: another bot, whose file ids are as foreign) is fetched and
//! uploaded.

use channels::{Carried, Piece, Sent, Undelivered};
use engine::content::{MediaKind, Rich, Said};
use expect_test::expect_file;
use serde_json::{Value, json};

use super::stage::{PNG, Stage};

/// The beginnings of files, as much as tells what they are.
const MP4: &[u8] = b"\0\0\0\x20ftypisom\0\0\x02\0isomiso2";
const MP3: &[u8] = b"ID3\x04\0\0\0\0\0\0";
const OGG: &[u8] = b"OggS\0\x02\0\0\0\0";
const PDF: &[u8] = b"%PDF-1.7\n";
const WEBP: &[u8] =
    b"RIFF\x1a\0\0\0WEBPVP8L\x0d\0\0\0\x2f\0\0\0\x10\x07\x10\x11\x11\x88\x88\xfe\x07\0";

fn sends(stage: &Stage, said: &Said) -> Piece {
    Piece::Send {
        to: stage.group(),
        said: said.clone(),
        carried: Carried::As(said.content.media().map_or(MediaKind::Photo, |m| m.kind)),
        caption: said.content.text.clone(),
        reply_to: None,
    }
}

fn of(sent: Vec<Sent>) -> Vec<String> {
    sent.into_iter()
        .filter_map(|sent| sent.of)
        .map(|of| of.to_string())
        .collect()
}

async fn file(stage: &Stage, kind: &str, name: &str, mime: &str, bytes: &[u8]) -> Said {
    let mut body = match kind {
        "voice" | "audio" | "video" => json!({ "duration": 7 }),
        _ => json!({}),
    };
    body[kind] = json!(stage.upload(name, mime, bytes.to_vec()).await);
    stage.writes_abroad(body).await
}

#[tokio::test]
async fn every_kind_arrives_as_itself() {
    let stage = Stage::begin().await;
    let files = [
        ("photo", "a.png", "image/png", PNG),
        ("video", "a.mp4", "video/mp4", MP4),
        ("animation", "a.mp4", "video/mp4", MP4),
        ("audio", "a.mp3", "audio/mpeg", MP3),
        ("document", "Счёт «1»/2.pdf", "application/pdf", PDF),
        ("voice", "a.ogg", "audio/ogg", OGG),
        ("sticker", "a.webp", "image/webp", WEBP),
        ("video_note", "a.mp4", "video/mp4", MP4),
    ];
    for (kind, name, mime, bytes) in files {
        let said = file(&stage, kind, name, mime, bytes).await;
        let receipt = stage.deliver(&sends(&stage, &said)).await.unwrap();
        assert_eq!(of(receipt.sent), [said.at.to_string()], "{kind}");
    }
    let place = json!({ "latitude": 55.75, "longitude": 37.61, "title": "ГУМ", "address": "Красная пл., 3" });
    let card = json!({ "phone_number": "+79160000000", "first_name": "Иван" });
    for body in [json!({ "venue": place }), json!({ "contact": card })] {
        let said = stage.writes_abroad(body).await;
        stage.deliver(&sends(&stage, &said)).await.unwrap();
    }
    stage
        .check_file(expect_file!["../telegram/across.txt"])
        .await;
}

#[tokio::test]
async fn an_album_arrives_as_one_with_its_words() {
    let stage = Stage::begin().await;
    let mut said = Vec::new();
    for words in ["раз", "", "три"] {
        let photo = json!({ "photo": stage.photo().await, "caption": words });
        said.push((
            stage.writes_abroad(photo).await,
            Carried::As(MediaKind::Photo),
        ));
    }
    let piece = Piece::SendAll {
        to: stage.group(),
        said: said.clone(),
        caption: Rich::plain("раз"),
        reply_to: None,
    };
    let receipt = stage.deliver(&piece).await.unwrap();
    let expected: Vec<String> = said.iter().map(|(said, _)| said.at.to_string()).collect();
    assert_eq!(of(receipt.sent), expected);
    stage
        .check_file(expect_file!["../telegram/album-across.txt"])
        .await;
}

#[tokio::test]
async fn what_is_no_picture_arrives_as_a_document() {
    let stage = Stage::begin().await;
    let page = file(&stage, "photo", "a.png", "image/png", b"<html>").await;
    stage.deliver(&sends(&stage, &page)).await.unwrap();
    // One that we cannot judge and Telegram will not show.
    stage
        .fails(
            &json!({ "method": "sendPhoto", "kind": "error", "status": 400,
            "description": "Bad Request: PHOTO_INVALID_DIMENSIONS" }),
        )
        .await;
    let photo = file(&stage, "photo", "a.png", "image/png", PNG).await;
    stage.deliver(&sends(&stage, &photo)).await.unwrap();
    stage
        .check_file(expect_file!["../telegram/documents-across.txt"])
        .await;
}

#[tokio::test]
async fn a_file_takes_the_place_of_another() {
    let stage = Stage::begin().await;
    let photo = || async { file(&stage, "photo", "a.png", "image/png", PNG).await };
    let stands = stage.deliver(&sends(&stage, &photo().await)).await.unwrap();
    let said = photo().await;
    let piece = Piece::EditMedia {
        message: stands.sent[0].at.clone(),
        said: said.clone(),
        carried: Carried::As(MediaKind::Photo),
        caption: Rich::plain("другой чек"),
    };
    let receipt = stage.deliver(&piece).await.unwrap();
    assert_eq!(of(receipt.sent), [said.at.to_string()]);
    stage.nothing_was_wrong().await;
}

/// What becomes of a delivery whose source fails so.
async fn with_source(size: usize, fault: Value) -> (Undelivered, Stage) {
    let stage = Stage::begin().await;
    let mut bytes = PDF.to_vec();
    bytes.resize(size, b' ');
    let said = file(&stage, "document", "a.pdf", "application/pdf", &bytes).await;
    stage.fails(&fault).await;
    let failed = stage.deliver(&sends(&stage, &said)).await.unwrap_err();
    (failed, stage)
}

#[tokio::test]
async fn a_source_that_fails_is_tried_again_and_nothing_stands_there() {
    for fault in [
        json!({ "method": "download", "kind": "html", "status": 502 }),
        json!({ "method": "download", "kind": "drop_before" }),
        json!({ "method": "download", "kind": "drop_after" }),
        json!({ "method": "getFile", "kind": "too_many", "retry_after": 7 }),
        json!({ "method": "getFile", "kind": "error", "status": 401, "description": "Unauthorized" }),
    ] {
        let (failed, stage) = with_source(3 << 20, fault.clone()).await;
        assert!(
            matches!(failed, Undelivered::Unreached(_)),
            "{fault}: {failed}"
        );
        let after = stage.calls_api(
            "sendMessage",
            json!({ "chat_id": stage.group().id.parse::<i64>().unwrap(), "text": "раз" }),
        );
        assert_eq!(after.await["message_id"], json!(1), "{fault}");
    }
}

#[tokio::test]
async fn a_file_that_its_messenger_does_not_give_is_refused() {
    let (failed, _) = with_source(
        21 << 20,
        json!({ "method": "nothing", "kind": "slow", "ms": 1 }),
    )
    .await;
    assert!(matches!(failed, Undelivered::Refused { .. }), "{failed}");
}

#[tokio::test]
async fn an_upload_that_is_cut_off_leaves_us_in_doubt() {
    let stage = Stage::begin().await;
    let said = file(&stage, "document", "a.pdf", "application/pdf", PDF).await;
    stage
        .fails(&json!({ "method": "sendDocument", "kind": "drop_after" }))
        .await;
    let failed = stage.deliver(&sends(&stage, &said)).await.unwrap_err();
    assert!(matches!(failed, Undelivered::Unknown(_)), "{failed}");
}
