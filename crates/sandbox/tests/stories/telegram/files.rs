//! Files: up, down, and by id.

use axum::Router;
use axum::routing::get;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::stage::png;
use crate::telegram::play::{IVAN, Play, TOKEN};

async fn upload(play: &Play, method: &str, field: &'static str, part: Part) -> (u16, Value) {
    let form = Form::new()
        .text("chat_id", IVAN.to_string())
        .part(field, part);
    let url = format!("{}/bot{TOKEN}/{method}", play.sandbox.url());
    let response = play
        .http
        .post(url)
        .multipart(form)
        .send()
        .await
        .expect("an answer");
    (
        response.status().as_u16(),
        response.json().await.expect("JSON"),
    )
}

#[tokio::test]
async fn every_kind_of_file_travels_both_ways() {
    let play = Play::new().await;
    let file = play.file("a.png", png(640, 480)).await;
    for kind in [
        "photo",
        "video",
        "animation",
        "audio",
        "document",
        "voice",
        "video_note",
        "sticker",
    ] {
        play.ivan(json!({ kind: file })).await;
        let got = play.updates().await[0]["message"].clone();
        let object = if kind == "photo" {
            &got[kind][2]
        } else {
            &got[kind]
        };
        let method = match kind {
            "video_note" => "sendVideoNote".to_owned(),
            kind => format!("send{}{}", kind[..1].to_uppercase(), &kind[1..]),
        };
        let sent = play
            .call(&method, json!({ "chat_id": IVAN, kind: object["file_id"] }))
            .await;
        assert_eq!(sent[kind], got[kind]);
    }
    play.clean().await;
}

#[tokio::test]
async fn what_is_uploaded_can_be_downloaded() {
    let play = Play::new().await;
    let part = Part::bytes(b"%PDF-1.7 abc".to_vec()).file_name("чек.pdf");
    let (_, answer) = upload(&play, "sendDocument", "document", part).await;
    let document = &answer["result"]["document"];
    assert_eq!(
        (&document["file_name"], &document["mime_type"]),
        (&json!("чек.pdf"), &json!("application/pdf"))
    );
    let file = play
        .call("getFile", json!({ "file_id": document["file_id"] }))
        .await;
    let path = file["file_path"].as_str().unwrap_or_default();
    assert!(path.starts_with("documents/file_"));
    let url = format!("{}/file/bot{TOKEN}/{path}", play.sandbox.url());
    let bytes = play
        .http
        .get(&url)
        .send()
        .await
        .expect("an answer")
        .bytes()
        .await
        .expect("bytes");
    assert_eq!(&bytes[..], b"%PDF-1.7 abc");
    play.later(3600).await;
    assert_eq!(
        play.http
            .get(&url)
            .send()
            .await
            .expect("an answer")
            .status(),
        404,
        "the link has expired"
    );
    play.clean().await;
}

#[tokio::test]
async fn files_have_limits() {
    let play = Play::new().await;
    let big = play.file("big.bin", vec![0; (20 << 20) + 1]).await;
    play.ivan(json!({ "document": big })).await;
    let id = play.updates().await[0]["message"]["document"]["file_id"].clone();
    assert_eq!(
        play.refused("getFile", json!({ "file_id": id })).await,
        "400 Bad Request: file is too big"
    );
    play.call("sendDocument", json!({ "chat_id": IVAN, "document": id }))
        .await;
    let (_, answer) = upload(
        &play,
        "sendPhoto",
        "photo",
        Part::bytes(b"no picture".to_vec()).file_name("a.jpg"),
    )
    .await;
    assert_eq!(answer["description"], "Bad Request: IMAGE_PROCESS_FAILED");
    let (_, answer) = upload(
        &play,
        "sendPhoto",
        "photo",
        Part::bytes(png(9000, 2000)).file_name("a.png"),
    )
    .await;
    assert_eq!(
        answer["description"],
        "Bad Request: PHOTO_INVALID_DIMENSIONS"
    );
    let huge = Part::bytes(vec![0; 52 << 20]).file_name("huge.bin");
    assert_eq!(upload(&play, "sendDocument", "document", huge).await.0, 413);
    let foreign = json!({ "chat_id": IVAN, "document": "BQACAgIAAx3ea_1y" });
    assert_eq!(
        play.refused("sendDocument", foreign).await,
        "400 Bad Request: wrong file_id or the file is temporarily unavailable"
    );
}

#[tokio::test]
async fn a_file_can_be_named_by_url() {
    let play = Play::new().await;
    let server = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let addr = server.local_addr().expect("an address");
    let app = Router::new().route(
        "/a.png",
        get(|| async { ([("content-type", "image/png")], png(10, 10)) }),
    );
    tokio::spawn(async move { axum::serve(server, app).await });
    let photo = json!({ "chat_id": IVAN, "photo": format!("http://{addr}/a.png") });
    assert_eq!(play.call("sendPhoto", photo).await["photo"][0]["width"], 10);
    let missing = json!({ "chat_id": IVAN, "photo": format!("http://{addr}/b.png") });
    assert_eq!(
        play.refused("sendPhoto", missing).await,
        "400 Bad Request: failed to get HTTP URL content"
    );
}
