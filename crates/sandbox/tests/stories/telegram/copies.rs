//! Copying and forwarding.

use serde_json::json;

use crate::stage::png;
use crate::telegram::play::{BOT, GROUP, IVAN, Play};

#[tokio::test]
async fn a_copy_has_a_new_caption_and_keys_and_no_author() {
    let play = Play::with_group().await;
    let photo = play.file("a.png", png(100, 50)).await;
    let id = play
        .ivan(json!({ "photo": photo, "caption": "было" }))
        .await;
    let keys = json!({ "inline_keyboard": [[{ "text": "Взять", "callback_data": "take" }]] });
    let copy = json!({ "chat_id": GROUP, "from_chat_id": IVAN, "message_id": id, "caption": "стало", "reply_markup": keys });
    let copied = play.call("copyMessage", copy).await;
    let state = play.look("state").await;
    let shown = &state["chats"][1]["messages"][0];
    assert_eq!(shown["message_id"], copied["message_id"]);
    assert_eq!(
        (&shown["text"], &shown["kind"]),
        (&json!("стало"), &json!("photo"))
    );
    assert_eq!(shown["keyboard"][0][0]["callback_data"], "take");
    assert_eq!(
        (&shown["from"], &shown["forward_from"]),
        (&json!(BOT), &json!(null))
    );
    play.clean().await;
}

#[tokio::test]
async fn copies_of_albums_are_albums_and_what_cannot_be_copied_is_left_out() {
    let play = Play::with_group().await;
    let photo = play.file("a.png", png(100, 50)).await;
    let item = json!({ "kind": "photo", "file": photo });
    let album = json!({ "from": IVAN, "chat": BOT, "items": [item, item, item] });
    let ids = play.hand("albums", album).await["message_ids"].clone();
    let last = play.ivan(json!({ "text": "вот" })).await;
    let mut wanted = ids.as_array().cloned().unwrap_or_default();
    wanted.extend([json!(last), json!(last + 100)]);
    let copy = json!({ "chat_id": GROUP, "from_chat_id": IVAN, "message_ids": wanted });
    let copied = play.call("copyMessages", copy).await;
    assert_eq!(copied.as_array().map(Vec::len), Some(4));
    let state = play.look("state").await;
    let shown = state["chats"][1]["messages"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    assert!(shown[0]["album"].is_string());
    assert_eq!(shown[0]["album"], shown[2]["album"]);
    assert!(shown[3]["album"].is_null());
    let unsorted = json!({ "chat_id": GROUP, "from_chat_id": IVAN, "message_ids": [5, 3] });
    assert!(
        play.refused("copyMessages", unsorted)
            .await
            .contains("strictly increasing")
    );
}

#[tokio::test]
async fn a_forward_says_where_it_came_from() {
    let play = Play::with_group().await;
    let id = play.ivan(json!({ "text": "вот" })).await;
    let forward = json!({ "chat_id": GROUP, "from_chat_id": IVAN, "message_id": id });
    let sent = play.call("forwardMessage", forward).await;
    assert_eq!(sent["forward_origin"]["sender_user"]["id"], IVAN);
    play.ivan(json!({ "text": "чужое", "forward_from": "Анна" }))
        .await;
    let updates = play.updates().await;
    assert_eq!(
        updates[1]["message"]["forward_origin"]["sender_user_name"],
        "Анна"
    );
    let secret = json!({ "chat_id": IVAN, "text": "тайна", "protect_content": true });
    let secret = play.call("sendMessage", secret).await["message_id"].clone();
    let forward = json!({ "chat_id": GROUP, "from_chat_id": IVAN, "message_id": secret });
    assert_eq!(
        play.refused("forwardMessage", forward).await,
        "400 Bad Request: message has protected content and can't be forwarded"
    );
    play.clean().await;
}
