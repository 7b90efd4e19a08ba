//! Albums: messages that share a `media_group_id`.

use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::stage::{each, png};
use crate::telegram::play::{BOT, IVAN, Play, TOKEN};

#[tokio::test]
async fn a_persons_album_arrives_one_by_one() {
    let play = Play::new().await;
    let photo = play.file("a.png", png(800, 600)).await;
    let video = play.file("b.mp4", b"....ftypmp42".to_vec()).await;
    let items = json!([
        { "kind": "photo", "file": photo, "caption": "чек" },
        { "kind": "video", "file": video },
    ]);
    play.hand(
        "albums",
        json!({ "from": IVAN, "chat": BOT, "items": items }),
    )
    .await;
    let updates = play.updates().await;
    let groups = each(&updates, "/message/media_group_id");
    assert_eq!(groups.len(), 2);
    assert!(groups[0].is_string() && groups[0] == groups[1]);
    assert_eq!(
        each(&updates, "/message/caption"),
        [&json!("чек"), &Value::Null]
    );
    let sizes = updates[0]["message"]["photo"].as_array().expect("sizes");
    assert_eq!(each(sizes, "/width"), [90, 320, 800]);
}

#[tokio::test]
async fn a_bot_sends_an_album_of_new_and_known_files() {
    let play = Play::new().await;
    let photo = play.file("a.png", png(100, 50)).await;
    play.ivan(json!({ "photo": photo })).await;
    let known = play.updates().await[0]["message"]["photo"][1]["file_id"].clone();
    let media = json!([
        { "type": "photo", "media": known, "caption": "старое" },
        { "type": "photo", "media": "attach://new" },
    ]);
    let form = Form::new()
        .text("chat_id", IVAN.to_string())
        .text("media", media.to_string())
        .part("new", Part::bytes(png(300, 300)).file_name("b.png"));
    let url = format!("{}/bot{TOKEN}/sendMediaGroup", play.sandbox.url());
    let answer: Value = play
        .http
        .post(url)
        .multipart(form)
        .send()
        .await
        .expect("an answer")
        .json()
        .await
        .expect("JSON");
    let sent = answer["result"].as_array().expect("messages");
    assert_eq!(sent.len(), 2);
    assert_eq!(sent[0]["media_group_id"], sent[1]["media_group_id"]);
    assert!(sandbox::telegram::check_type("Array of Message", &answer["result"]).is_empty());
    play.clean().await;
}

#[tokio::test]
async fn albums_have_rules() {
    let play = Play::new().await;
    let photo = play.file("a.png", png(100, 50)).await;
    play.ivan(json!({ "photo": photo })).await;
    play.ivan(json!({ "document": photo })).await;
    let updates = play.updates().await;
    let photo = &updates[0]["message"]["photo"][0]["file_id"];
    let document = &updates[1]["message"]["document"]["file_id"];
    let send = |items: Value| json!({ "chat_id": IVAN, "media": items });
    let a_photo = json!({ "type": "photo", "media": photo });
    let a_document = json!({ "type": "document", "media": document });
    let wrong = json!({ "type": "photo", "media": document });
    assert!(
        play.refused("sendMediaGroup", send(json!([a_photo])))
            .await
            .starts_with("400 ")
    );
    assert_eq!(
        play.refused("sendMediaGroup", send(json!([a_photo, a_document])))
            .await,
        "400 Bad Request: can't use the media of the specified type in the album"
    );
    assert_eq!(
        play.refused("sendMediaGroup", send(json!([a_photo, wrong])))
            .await,
        "400 Bad Request: failed to send message #2 with the error message \"can't use file of type Document as Photo\""
    );
    play.call("sendMediaGroup", send(json!([a_document, a_document])))
        .await;
}
