//! Uploads: an address, the file, saving.

use serde_json::json;

use crate::stage::png;
use crate::vk::play::{CLUB, IVAN, Play};

#[tokio::test]
async fn a_photo_is_uploaded_saved_and_sent() {
    let play = Play::new().await;
    let server = play
        .call("photos.getMessagesUploadServer", json!({ "peer_id": IVAN }))
        .await;
    let uploaded = play.upload(&server, "photo", "a.png", png(300, 200)).await;
    let photos = play.call("photos.saveMessagesPhoto", uploaded).await;
    let photo = &photos[0];
    assert_eq!(photo["owner_id"], -CLUB);
    let name = format!(
        "photo{}_{}_{}",
        photo["owner_id"],
        photo["id"],
        photo["access_key"].as_str().unwrap_or_default()
    );
    play.sends(json!({ "message": "вот", "attachment": name }))
        .await;
    let sent = &play.seen().await[1];
    assert_eq!(
        (&sent["kind"], &sent["file"]["width"]),
        (&json!("photo"), &json!(300))
    );
    assert_eq!(
        play.events().await[0]["object"]["attachments"][0]["photo"]["id"],
        photo["id"]
    );
    play.clean().await;
}

#[tokio::test]
async fn a_document_keeps_its_title_and_a_voice_is_a_voice() {
    let play = Play::new().await;
    let voice = [b"OggS".to_vec(), vec![0; 60]].concat();
    for (kind, name, bytes, field) in [
        ("doc", "a.pdf", b"%PDF-1.7".to_vec(), "doc"),
        ("audio_message", "a.ogg", voice, "audio_message"),
        ("graffiti", "a.png", png(50, 50), "graffiti"),
    ] {
        let asked = json!({ "type": kind, "peer_id": IVAN });
        let server = play.call("docs.getMessagesUploadServer", asked).await;
        let mut uploaded = play.upload(&server, "file", name, bytes).await;
        uploaded["title"] = "Счёт".into();
        let saved = play.call("docs.save", uploaded).await;
        assert_eq!(saved["type"], kind);
        let id = &saved[field]["id"];
        play.sends(json!({ "attachment": format!("doc-{CLUB}_{id}") }))
            .await;
    }
    let seen = play.seen().await;
    assert_eq!(seen[1]["attachments"][0]["title"], "Счёт");
    assert_eq!(
        (&seen[2]["kind"], &seen[3]["kind"]),
        (&json!("voice"), &json!("photo"))
    );
    play.events().await;
    play.clean().await;
}

#[tokio::test]
async fn music_programs_and_broken_pictures_are_not_taken() {
    let play = Play::new().await;
    for name in ["song.mp3", "virus.EXE"] {
        let server = play.call("docs.getMessagesUploadServer", json!({})).await;
        let answer = play.upload(&server, "file", name, b"data".to_vec()).await;
        assert!(answer["error"].is_string(), "{answer}");
    }
    let voice = play
        .call(
            "docs.getMessagesUploadServer",
            json!({ "type": "audio_message" }),
        )
        .await;
    let answer = play
        .upload(&voice, "file", "a.ogg", b"not Ogg".to_vec())
        .await;
    assert!(answer["error"].is_string(), "{answer}");
    for bytes in [b"text".to_vec(), png(14_000, 1)] {
        let server = play.call("photos.getMessagesUploadServer", json!({})).await;
        let answer = play.upload(&server, "photo", "a.png", bytes).await;
        assert_eq!(answer["photo"], "[]");
        assert_eq!(
            play.refused("photos.saveMessagesPhoto", answer).await,
            "129 Invalid photo"
        );
    }
    let violations = play.look("violations").await;
    assert_eq!(violations["violations"].as_array().map(Vec::len), Some(5));
}

#[tokio::test]
async fn what_was_not_uploaded_cannot_be_saved() {
    let play = Play::new().await;
    let refused = play
        .refused("docs.save", json!({ "file": "nothing" }))
        .await;
    assert_eq!(refused, "105 Couldn't save file: the file was not uploaded");
    play.person(8, "Ольга").await;
    let refused = play
        .refused("photos.getMessagesUploadServer", json!({ "peer_id": 8 }))
        .await;
    assert_eq!(
        refused,
        "901 Can't send messages for users without permission"
    );
}
