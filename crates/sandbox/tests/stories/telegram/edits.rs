//! Edits, deletions, reactions.

use serde_json::json;

use crate::stage::png;
use crate::telegram::play::{BOT, IVAN, Play, TOKEN};

#[tokio::test]
async fn a_bot_edits_its_own_texts() {
    let play = Play::new().await;
    let keys = json!({ "inline_keyboard": [[{ "text": "да", "callback_data": "y" }]] });
    let sent = play
        .call(
            "sendMessage",
            json!({ "chat_id": IVAN, "text": "раз", "reply_markup": keys }),
        )
        .await;
    let id = sent["message_id"].clone();
    let edit = json!({ "chat_id": IVAN, "message_id": id, "text": "два" });
    let edited = play.call("editMessageText", edit.clone()).await;
    assert_eq!(edited["text"], "два");
    assert!(
        edited.get("reply_markup").is_none(),
        "absent keys are taken away"
    );
    assert!(edited["edit_date"].is_i64());
    assert!(
        play.refused("editMessageText", edit)
            .await
            .starts_with("400 Bad Request: message is not modified")
    );
    let edit = json!({ "chat_id": IVAN, "message_id": id, "reply_markup": keys });
    assert_eq!(
        play.call("editMessageReplyMarkup", edit).await["reply_markup"],
        keys
    );
    let edit = json!({ "chat_id": IVAN, "message_id": 404, "text": "два" });
    assert_eq!(
        play.refused("editMessageText", edit).await,
        "400 Bad Request: message to edit not found"
    );
    let edit = json!({ "chat_id": IVAN, "message_id": id, "caption": "?" });
    assert_eq!(
        play.refused("editMessageCaption", edit).await,
        "400 Bad Request: there is no caption in the message to edit"
    );
    play.clean().await;
}

#[tokio::test]
async fn others_messages_and_those_with_a_reply_keyboard_stay_as_they_are() {
    let play = Play::new().await;
    let theirs = play.ivan(json!({ "text": "моё" })).await;
    let keyboard = json!({ "keyboard": [[{ "text": "да" }]] });
    let ours = play
        .call(
            "sendMessage",
            json!({ "chat_id": IVAN, "text": "?", "reply_markup": keyboard }),
        )
        .await;
    for id in [json!(theirs), ours["message_id"].clone()] {
        let edit = json!({ "chat_id": IVAN, "message_id": id, "text": "иначе" });
        assert_eq!(
            play.refused("editMessageText", edit).await,
            "400 Bad Request: message can't be edited"
        );
    }
}

#[tokio::test]
async fn a_persons_edit_reaches_the_bot_and_a_deletion_does_not() {
    let play = Play::new().await;
    let id = play.ivan(json!({ "text": "зделать" })).await;
    play.updates().await;
    let url = format!("{}/sandbox/messages/{BOT}/{id}", play.sandbox.url());
    let edit = play
        .http
        .patch(&url)
        .json(&json!({ "from": IVAN, "text": "сделать" }));
    assert_eq!(edit.send().await.expect("an answer").status(), 200);
    let updates = play.updates().await;
    assert_eq!(updates[0]["edited_message"]["text"], "сделать");
    assert_eq!(updates[0]["edited_message"]["message_id"], id);
    let gone = play
        .http
        .delete(format!("{url}?from={IVAN}"))
        .send()
        .await
        .expect("an answer");
    assert_eq!(gone.status(), 200);
    assert!(play.updates().await.is_empty());
    let copy = json!({ "chat_id": IVAN, "from_chat_id": IVAN, "message_id": id });
    assert_eq!(
        play.refused("copyMessage", copy).await,
        "400 Bad Request: message to copy not found"
    );
}

#[tokio::test]
async fn a_file_is_replaced() {
    let play = Play::new().await;
    let photo = play.file("a.png", png(100, 100)).await;
    play.ivan(json!({ "photo": photo, "caption": "вот" })).await;
    let got = &play.updates().await[0]["message"];
    let file = got["photo"][1]["file_id"].clone();
    let sent = play
        .call(
            "sendPhoto",
            json!({ "chat_id": IVAN, "photo": file, "caption": "раз" }),
        )
        .await;
    let id = sent["message_id"].clone();
    let caption = json!({ "chat_id": IVAN, "message_id": id, "caption": "*два*", "parse_mode": "MarkdownV2" });
    let edited = play.call("editMessageCaption", caption).await;
    assert_eq!(edited["caption_entities"][0]["type"], "bold");
    let media = json!({ "type": "document", "media": "attach://paper" }).to_string();
    let form = reqwest::multipart::Form::new()
        .text("chat_id", IVAN.to_string())
        .text("message_id", id.to_string())
        .text("media", media)
        .part(
            "paper",
            reqwest::multipart::Part::bytes(vec![1, 2, 3]).file_name("акт.pdf"),
        );
    let url = format!("{}/bot{TOKEN}/editMessageMedia", play.sandbox.url());
    let answer = play
        .http
        .post(url)
        .multipart(form)
        .send()
        .await
        .expect("an answer");
    let answer: serde_json::Value = answer.json().await.expect("JSON");
    assert_eq!(
        answer["result"]["document"]["file_name"], "акт.pdf",
        "{answer}"
    );
    play.clean().await;
}

#[tokio::test]
async fn deletions_have_an_end() {
    let play = Play::new().await;
    let early = play.ivan(json!({ "text": "раз" })).await;
    let late = play.ivan(json!({ "text": "два" })).await;
    let delete = |id: i64| json!({ "chat_id": IVAN, "message_id": id });
    play.call("deleteMessage", delete(early)).await;
    assert_eq!(
        play.refused("deleteMessage", delete(early)).await,
        "400 Bad Request: message to delete not found"
    );
    play.later(48 * 3600).await;
    assert_eq!(
        play.refused("deleteMessage", delete(late)).await,
        "400 Bad Request: message can't be deleted"
    );
    play.call(
        "deleteMessages",
        json!({ "chat_id": IVAN, "message_ids": [early, late] }),
    )
    .await;
}

#[tokio::test]
async fn a_bot_reacts() {
    let play = Play::new().await;
    let id = play.ivan(json!({ "text": "спасибо" })).await;
    let react = |emoji: &str| json!({ "chat_id": IVAN, "message_id": id, "reaction": [{ "type": "emoji", "emoji": emoji }] });
    play.call("setMessageReaction", react("👍")).await;
    assert_eq!(
        play.refused("setMessageReaction", react("🥔")).await,
        "400 Bad Request: REACTION_INVALID"
    );
    let seen = play.look("state").await;
    assert_eq!(
        seen.pointer("/chats/0/messages/1/reactions/0"),
        Some(&json!({ "emoji": "👍", "from": BOT }))
    );
    play.clean().await;
}
