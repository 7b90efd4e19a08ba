//! Edits, deletions, reading back, reactions.

use serde_json::{Value, json};

use crate::stage::each;
use crate::vk::play::{CLUB, IVAN, Play};

#[tokio::test]
async fn an_edit_replaces_text_and_keyboard() {
    let play = Play::new().await;
    let keys =
        json!({ "inline": true, "buttons": [[{ "action": { "type": "text", "label": "Да" } }]] });
    let id = play
        .sends(json!({ "message": "?", "keyboard": keys.to_string() }))
        .await;
    let edit = json!({ "peer_id": IVAN, "message_id": id, "message": "!" });
    assert_eq!(play.call("messages.edit", edit).await, 1);
    let seen = &play.seen().await[1];
    assert_eq!(
        (&seen["text"], &seen["keyboard"]),
        (&json!("!"), &Value::Null)
    );
    assert!(seen["edit_date"].is_i64());
    assert_eq!(
        each(&play.events().await, "/type"),
        ["message_reply", "message_edit"]
    );
    play.clean().await;
}

#[tokio::test]
async fn forwarded_messages_are_kept_when_asked_for() {
    let play = Play::new().await;
    let forward = json!({ "peer_id": IVAN, "cmids": 1, "is_reply": 1 }).to_string();
    play.sends(json!({ "message": "да", "forward": forward }))
        .await;
    let mut edit =
        json!({ "peer_id": IVAN, "cmid": 2, "message": "нет", "keep_forward_messages": 1 });
    play.call("messages.edit", edit.clone()).await;
    assert_eq!(play.seen().await[1]["reply_to"]["message_id"], 1);
    edit["keep_forward_messages"] = 0.into();
    play.call("messages.edit", edit).await;
    assert_eq!(play.seen().await[1]["reply_to"], Value::Null);
}

#[tokio::test]
async fn after_a_day_nothing_can_be_changed() {
    let play = Play::new().await;
    play.says("старое", 0).await;
    play.later(24 * 3600 + 1).await;
    let edit = json!({ "peer_id": IVAN, "cmid": 2, "message": "новое" });
    assert_eq!(
        play.refused("messages.edit", edit).await,
        "909 Can't edit this message, because it's too old"
    );
    let delete = json!({ "peer_id": IVAN, "cmids": 2, "delete_for_all": 1 });
    let answer = play.call("messages.delete", delete).await;
    assert_eq!(answer[0]["error"]["code"], 924);
    let others = json!({ "peer_id": IVAN, "cmid": 1, "message": "новое" });
    assert_eq!(
        play.refused("messages.edit", others).await,
        "15 Access denied: message can not be edited"
    );
    play.clean().await;
}

#[tokio::test]
async fn a_message_is_deleted_for_all_or_only_from_view() {
    let play = Play::new().await;
    play.says("раз", 0).await;
    play.says("два", 0).await;
    let delete = json!({ "peer_id": IVAN, "cmids": "1,2,9", "delete_for_all": 1 });
    let answer = play.call("messages.delete", delete).await;
    assert_eq!(
        each(answer.as_array().expect("a list"), "/response"),
        [0, 1, 0]
    );
    assert_eq!(each(&play.seen().await, "/text"), ["Начать", "два"]);
    play.call("messages.delete", json!({ "peer_id": IVAN, "cmids": 3 }))
        .await;
    assert_eq!(play.seen().await.len(), 2);
    let asked = json!({ "peer_id": IVAN, "cmids": "1,2,3" });
    let read = play.call("messages.getById", asked).await;
    assert_eq!(read["count"], 1);
    play.clean().await;
}

#[tokio::test]
async fn messages_are_read_by_either_number() {
    let play = Play::new().await;
    let id = play.says("раз", 7).await;
    let by_id = play
        .call("messages.getById", json!({ "message_ids": id }))
        .await;
    let asked = json!({ "peer_id": IVAN, "conversation_message_ids": "2,99", "extended": 1 });
    let by_cmid = play
        .call("messages.getByConversationMessageId", asked)
        .await;
    assert_eq!(by_id["items"], by_cmid["items"]);
    assert_eq!(by_cmid["items"][0]["text"], "раз");
    play.clean().await;
}

#[tokio::test]
async fn people_edit_delete_and_react() {
    let play = Play::new().await;
    let url = format!("{}/sandbox/vk/messages/{CLUB}/{IVAN}/1", play.sandbox.url());
    let edited = play
        .http
        .patch(&url)
        .json(&json!({ "text": "Начнём" }))
        .send()
        .await;
    assert_eq!(edited.expect("an answer").status(), 200);
    play.says("да", 0).await;
    let react = json!({ "from": IVAN, "chat": CLUB, "message_id": 2, "emoji": "👍" });
    play.hand("vk/reactions", react).await;
    play.call(
        "messages.sendReaction",
        json!({ "peer_id": IVAN, "cmid": 1, "reaction_id": 1 }),
    )
    .await;
    let events = play.events().await;
    assert_eq!(
        each(&events, "/type"),
        ["message_edit", "message_reply", "message_reaction_event"]
    );
    assert_eq!(events[0]["object"]["text"], "Начнём");
    assert_eq!(
        events[2]["object"],
        json!({ "reacted_id": IVAN, "peer_id": IVAN, "cmid": 2, "reaction_id": 4 })
    );
    let seen = play.seen().await;
    assert_eq!(each(&seen, "/reactions/0/emoji"), ["❤", "👍"]);
    let deleted = play.http.delete(&url).send().await;
    assert_eq!(deleted.expect("an answer").status(), 200);
    assert!(play.events().await.is_empty());
    assert_eq!(play.seen().await.len(), 1);
    let unknown = json!({ "peer_id": IVAN, "cmid": 2, "reaction_id": 99 });
    assert_eq!(
        play.refused("messages.sendReaction", unknown).await,
        "1009 Unknown reaction passed"
    );
}
