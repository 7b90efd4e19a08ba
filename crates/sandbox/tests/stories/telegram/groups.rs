//! Groups: who is in them, who may what, what bots see.

use serde_json::json;

use crate::stage::each;
use crate::telegram::play::{BOT, GROUP, Play};

#[tokio::test]
async fn members_and_their_standing() {
    let play = Play::with_group().await;
    let ask = |user: i64| json!({ "chat_id": GROUP, "user_id": user });
    for (user, status) in [
        (8, "creator"),
        (9, "member"),
        (BOT, "administrator"),
        (7, "left"),
    ] {
        assert_eq!(
            play.call("getChatMember", ask(user)).await["status"],
            status
        );
    }
    assert_eq!(
        play.refused("getChatMember", ask(404)).await,
        "400 Bad Request: PARTICIPANT_ID_INVALID"
    );
    assert_eq!(
        play.call("getChatMemberCount", json!({ "chat_id": GROUP }))
            .await,
        3
    );
    let admins = play
        .call("getChatAdministrators", json!({ "chat_id": GROUP }))
        .await;
    assert_eq!(admins.as_array().map(Vec::len), Some(2));
    assert_eq!(
        play.call("getChat", json!({ "chat_id": GROUP })).await["title"],
        "Операторы"
    );
    play.clean().await;
}

#[tokio::test]
async fn comings_and_goings_are_told() {
    let play = Play::with_group().await;
    play.call(
        "getUpdates",
        json!({ "allowed_updates": ["message", "chat_member", "my_chat_member"] }),
    )
    .await;
    let path = format!("groups/{GROUP}/leave");
    play.hand(&path, json!({ "user": 9 })).await;
    let updates = play.updates().await;
    assert_eq!(updates[0]["message"]["left_chat_member"]["id"], 9);
    assert_eq!(
        updates[1]["chat_member"]["new_chat_member"]["status"],
        "left"
    );
    let say = json!({ "from": 9, "chat": GROUP, "text": "я снаружи" });
    assert_eq!(play.hand_raw("messages", &say).await.0, 400);
    play.hand(&format!("groups/{GROUP}/join"), json!({ "user": 9 }))
        .await;
    let updates = play.updates().await;
    assert_eq!(
        each(&updates, "/chat_member/new_chat_member/status")[0],
        "member"
    );
    assert_eq!(updates[1]["message"]["new_chat_members"][0]["id"], 9);
    play.hand(&path, json!({ "user": BOT })).await;
    let say = json!({ "chat_id": GROUP, "text": "ау" });
    assert_eq!(
        play.refused("sendMessage", say).await,
        "403 Forbidden: bot was kicked from the supergroup chat"
    );
    play.clean().await;
}

#[tokio::test]
async fn a_pin_comes_back_as_a_service_message() {
    let play = Play::with_group().await;
    let sent = play
        .call("sendMessage", json!({ "chat_id": GROUP, "text": "список" }))
        .await;
    let pin =
        json!({ "chat_id": GROUP, "message_id": sent["message_id"], "disable_notification": true });
    play.call("pinChatMessage", pin.clone()).await;
    let updates = play.updates().await;
    assert_eq!(updates[0]["message"]["pinned_message"]["text"], "список");
    assert_eq!(updates[0]["message"]["from"]["id"], BOT);
    let chat = play.call("getChat", json!({ "chat_id": GROUP })).await;
    assert_eq!(chat["pinned_message"]["message_id"], sent["message_id"]);
    let service = json!({ "chat_id": GROUP, "from_chat_id": GROUP, "message_id": updates[0]["message"]["message_id"] });
    assert_eq!(
        play.refused("copyMessage", service).await,
        "400 Bad Request: message can't be copied"
    );
    play.call(
        "unpinChatMessage",
        json!({ "chat_id": GROUP, "message_id": sent["message_id"] }),
    )
    .await;
    let pin = json!({ "chat_id": GROUP, "message_id": 404 });
    assert_eq!(
        play.refused("pinChatMessage", pin).await,
        "400 Bad Request: message to pin not found"
    );
    play.clean().await;
}

#[tokio::test]
async fn a_bot_without_rights_hears_only_what_is_meant_for_it() {
    let play = Play::empty().await;
    play.call("getMe", json!({})).await;
    play.hand("people", json!({ "id": 8, "first_name": "Ольга" }))
        .await;
    play.hand(
        "groups",
        json!({ "id": GROUP, "title": "Чат", "members": [8], "plain_bots": [BOT] }),
    )
    .await;
    play.updates().await;
    for text in ["просто так", "/start", "/start@other_bot"] {
        play.writes(8, GROUP, json!({ "text": text })).await;
    }
    let sent = play
        .call("sendMessage", json!({ "chat_id": GROUP, "text": "слушаю" }))
        .await;
    play.writes(
        8,
        GROUP,
        json!({ "text": "ответ", "reply_to": sent["message_id"] }),
    )
    .await;
    assert_eq!(
        each(&play.updates().await, "/message/text"),
        ["/start", "ответ"]
    );
    let pin = json!({ "chat_id": GROUP, "message_id": sent["message_id"] });
    assert!(
        play.refused("pinChatMessage", pin)
            .await
            .contains("not enough rights")
    );
}

#[tokio::test]
async fn a_basic_group_becomes_a_supergroup() {
    let play = Play::with_group().await;
    play.hand(
        "groups",
        json!({ "id": -55, "title": "Малая", "members": [8], "bots": [BOT], "type": "group" }),
    )
    .await;
    let new = play.hand("groups/-55/migrate", json!({})).await["id"].clone();
    let updates = play.updates().await;
    assert!(each(&updates, "/message/migrate_to_chat_id").contains(&&new));
    let (status, answer) = play
        .raw("sendMessage", &json!({ "chat_id": -55, "text": "ау" }))
        .await;
    assert_eq!(
        (status, &answer["parameters"]["migrate_to_chat_id"]),
        (400, &new)
    );
    play.call("sendMessage", json!({ "chat_id": new, "text": "ау" }))
        .await;
}

#[tokio::test]
async fn a_bot_bans_and_leaves() {
    let play = Play::with_group().await;
    let petr = json!({ "chat_id": GROUP, "user_id": 9 });
    play.call("banChatMember", petr.clone()).await;
    assert_eq!(
        play.call("getChatMember", petr.clone()).await["status"],
        "kicked"
    );
    play.call("unbanChatMember", petr.clone()).await;
    assert_eq!(play.call("getChatMember", petr).await["status"], "left");
    let olga = json!({ "chat_id": GROUP, "user_id": 8 });
    assert_eq!(
        play.refused("banChatMember", olga).await,
        "400 Bad Request: can't remove chat owner"
    );
    play.call("leaveChat", json!({ "chat_id": GROUP })).await;
    let say = json!({ "chat_id": GROUP, "text": "ау" });
    assert_eq!(
        play.refused("sendMessage", say).await,
        "403 Forbidden: bot is not a member of the supergroup chat"
    );
    play.clean().await;
}
