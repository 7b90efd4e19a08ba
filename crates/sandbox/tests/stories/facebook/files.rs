//! Attachments: by URL, by upload, by id; and what people send.

use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::facebook::play::{PAGE, Play, TOKEN, response};
use crate::stage::png;

fn attached(kind: &str, payload: Value) -> Value {
    let mut message = json!({ "attachment": { "type": kind } });
    message["attachment"]["payload"] = payload;
    message
}

/// Uploads to this edge.
async fn upload(play: &Play, edge: &str, kind: &str, name: &str, bytes: Vec<u8>) -> (u16, Value) {
    let part = Part::bytes(bytes).file_name(name.to_owned());
    let form = Form::new()
        .text("recipient", r#"{"id":"7"}"#)
        .text("messaging_type", "RESPONSE")
        .text(
            "message",
            attached(kind, json!({ "is_reusable": true })).to_string(),
        )
        .part("filedata", part);
    let url = format!(
        "{}/v25.0/me/{edge}?access_token={TOKEN}",
        play.sandbox.url()
    );
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

/// Lets the sandbox's own files stand for somebody's web server.
async fn url(play: &Play, name: &str, bytes: Vec<u8>) -> String {
    let file = play.file(name, bytes).await;
    format!("{}/facebook/files/{PAGE}/{file}/{name}", play.sandbox.url())
}

#[tokio::test]
async fn a_file_is_sent_by_url() {
    let play = Play::new().await;
    let picture = url(&play, "a.png", png(30, 20)).await;
    play.says(attached("image", json!({ "url": picture })))
        .await;
    let shown = play.newest().await;
    assert_eq!(
        (&shown["kind"], &shown["file"]["width"]),
        (&json!("photo"), &json!(30))
    );
    let missing = format!("{}/facebook/files/{PAGE}/f99/x.png", play.sandbox.url());
    let text = url(&play, "a.txt", b"text".to_vec()).await;
    let large = url(&play, "b.png", [png(1, 1), vec![0; 9 << 20]].concat()).await;
    for (link, subcode) in [
        (missing, 2_018_008),
        (text, 2_018_047),
        (large.clone(), 2_018_109),
    ] {
        let call = response(attached("image", json!({ "url": link })));
        assert_eq!(play.refused(call).await, (100, subcode));
    }
    play.says(attached("file", json!({ "url": large }))).await;
}

#[tokio::test]
async fn a_file_is_uploaded_and_sent_again_by_its_id() {
    let play = Play::new().await;
    let (status, sent) = upload(
        &play,
        "messages",
        "file",
        "договор.pdf",
        b"%PDF-1.7".to_vec(),
    )
    .await;
    assert_eq!(status, 200, "{sent}");
    assert_eq!(play.newest().await["file"]["name"], "договор.pdf");
    play.says(attached(
        "file",
        json!({ "attachment_id": sent["attachment_id"] }),
    ))
    .await;
    let wrong = response(attached(
        "image",
        json!({ "attachment_id": sent["attachment_id"] }),
    ));
    assert_eq!(play.refused(wrong).await, (100, 2_018_047));
    let unknown = response(attached("file", json!({ "attachment_id": "1" })));
    assert_eq!(play.refused(unknown).await, (100, 2_018_074));
    let (status, ready) = upload(&play, "message_attachments", "image", "a.png", png(1, 1)).await;
    assert_eq!(status, 200, "{ready}");
    play.says(attached(
        "image",
        json!({ "attachment_id": ready["attachment_id"] }),
    ))
    .await;
    assert_eq!(play.newest().await["kind"], "photo");
}

#[tokio::test]
async fn what_is_too_big_is_refused() {
    let play = Play::new().await;
    for size in [(25 << 20) + 1, 27 << 20] {
        let (status, answer) = upload(&play, "messages", "file", "a.bin", vec![0; size]).await;
        assert_eq!(
            (status, &answer["error"]["error_subcode"]),
            (400, &json!(2_018_109))
        );
    }
}

#[tokio::test]
async fn what_people_send_can_be_fetched() {
    let (play, app) = Play::with_app().await;
    let photo = play.file("ель 1.png", png(3, 2)).await;
    let voice = play.file("v.ogg", b"OggS".to_vec()).await;
    let items = json!([{ "kind": "photo", "file": photo }, { "kind": "photo", "file": photo }]);
    play.ivan(json!({ "attachments": items })).await;
    play.ivan(json!({ "voice": voice, "duration": 3 })).await;
    app.hears("message").await;
    let events =
        crate::stage::until(async || Some(app.events()).filter(|all| all.len() == 2)).await;
    let album = &events[0]["message"]["attachments"];
    assert_eq!(album.as_array().map(Vec::len), Some(2));
    let link = album[0]["payload"]["url"].as_str().expect("a link");
    assert!(link.ends_with("/%D0%B5%D0%BB%D1%8C%201.png"), "{link}");
    let voice = &events[1]["message"]["attachments"][0];
    assert_eq!(voice["type"], "audio");
    let got = play.http.get(link).send().await.expect("an answer");
    assert_eq!(got.headers()["content-type"], "image/png");
    assert_eq!(got.bytes().await.expect("bytes"), png(3, 2));
    let shown = play.newest().await;
    assert_eq!(
        (&shown["kind"], &shown["file"]["duration"]),
        (&json!("voice"), &json!(3))
    );
}
