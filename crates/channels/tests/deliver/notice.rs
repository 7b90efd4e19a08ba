//! Signs and notices: what shows operators that something has arrived, and what is open.

use channels::{Piece, Undelivered};
use engine::{content::Rich, ids::MessageRef};
use expect_test::expect;
use serde_json::{Value, json};

use super::stage::Stage;

async fn notice(stage: &Stage, stands: Option<&MessageRef>, words: &str) -> MessageRef {
    let piece = Piece::Notice {
        to: stage.group(),
        stands: stands.cloned(),
        text: Rich::plain(words),
    };
    let mut receipt = stage.deliver(&piece).await.unwrap();
    assert_eq!(receipt.sent.len(), 1);
    receipt.sent.remove(0).at
}

async fn in_group(stage: &Stage, method: &str, mut params: Value) -> Value {
    params["chat_id"] = json!(stage.group().id.parse::<i64>().unwrap());
    stage.calls_api(method, params).await
}

fn number(message: &MessageRef) -> i64 {
    message.id.parse().unwrap()
}

#[tokio::test]
async fn a_sign_stands_under_a_message_and_is_not_missed() {
    let stage = Stage::begin().await;
    let said = stage.writes(json!({ "text": "привет" })).await;
    let mark = |message| Piece::Mark { message };
    stage.deliver(&mark(said.at.clone())).await.unwrap();
    let gone = stage.deliver(&mark(said.at.chat.message("999"))).await;
    assert!(matches!(gone, Err(Undelivered::Moot(_))), "{gone:?}");
    stage
        .fails(&json!({ "kind": "error", "status": 400, "description": "Bad Request: REACTION_INVALID" }))
        .await;
    let refused = stage.deliver(&mark(said.at)).await;
    assert!(matches!(refused, Err(Undelivered::Moot(_))), "{refused:?}");
    stage
        .check(expect![[r#"
            setMessageReaction {"chat_id":7,"message_id":1,"reaction":[{"emoji":"👌","type":"emoji"}]} → 200
            setMessageReaction {"chat_id":7,"message_id":999,"reaction":[{"emoji":"👌","type":"emoji"}]} → 400
            setMessageReaction {"chat_id":7,"message_id":1,"reaction":[{"emoji":"👌","type":"emoji"}]} → 400
        "#]])
        .await;
}

#[tokio::test]
async fn a_notice_is_pinned_once_and_changed_where_it_stands() {
    let stage = Stage::begin().await;
    let first = notice(&stage, None, "Открыто: 1").await;
    assert_eq!(notice(&stage, Some(&first), "Открыто: 2").await, first);
    assert_eq!(notice(&stage, Some(&first), "Открыто: 2").await, first);
    stage
        .check(expect![[r#"
        sendMessage {"chat_id":-1001234567890,"disable_notification":true,"text":"Открыто: 1"} → 200
        getChat {"chat_id":-1001234567890} → 200
        pinChatMessage {"chat_id":-1001234567890,"disable_notification":true,"message_id":1} → 200
        editMessageText {"chat_id":-1001234567890,"message_id":1,"text":"Открыто: 2"} → 200
        getChat {"chat_id":-1001234567890} → 200
        editMessageText {"chat_id":-1001234567890,"message_id":1,"text":"Открыто: 2"} → 400
        getChat {"chat_id":-1001234567890} → 200
    "#]])
        .await;
}

#[tokio::test]
async fn a_notice_that_is_gone_or_unpinned_is_mended() {
    let stage = Stage::begin().await;
    let first = notice(&stage, None, "Открыто: 1").await;
    in_group(
        &stage,
        "unpinChatMessage",
        json!({ "message_id": number(&first) }),
    )
    .await;
    notice(&stage, Some(&first), "Открыто: 2").await;
    in_group(
        &stage,
        "deleteMessage",
        json!({ "message_id": number(&first) }),
    )
    .await;
    let second = notice(&stage, Some(&first), "Открыто: 3").await;
    assert_ne!(first, second);
    stage
        .check(expect![[r#"
        sendMessage {"chat_id":-1001234567890,"disable_notification":true,"text":"Открыто: 1"} → 200
        getChat {"chat_id":-1001234567890} → 200
        pinChatMessage {"chat_id":-1001234567890,"disable_notification":true,"message_id":1} → 200
        unpinChatMessage {"chat_id":-1001234567890,"message_id":1} → 200
        editMessageText {"chat_id":-1001234567890,"message_id":1,"text":"Открыто: 2"} → 200
        getChat {"chat_id":-1001234567890} → 200
        pinChatMessage {"chat_id":-1001234567890,"disable_notification":true,"message_id":1} → 200
        deleteMessage {"chat_id":-1001234567890,"message_id":1} → 200
        editMessageText {"chat_id":-1001234567890,"message_id":1,"text":"Открыто: 3"} → 400
        sendMessage {"chat_id":-1001234567890,"disable_notification":true,"text":"Открыто: 3"} → 200
        getChat {"chat_id":-1001234567890} → 200
        pinChatMessage {"chat_id":-1001234567890,"disable_notification":true,"message_id":4} → 200
    "#]])
        .await;
}

#[tokio::test]
async fn a_newer_pin_of_somebody_else_is_left_alone() {
    let stage = Stage::begin().await;
    let ours = notice(&stage, None, "Открыто: 1").await;
    let theirs = in_group(&stage, "sendMessage", json!({ "text": "важно" })).await;
    let theirs = json!({ "message_id": theirs["message_id"] });
    in_group(&stage, "pinChatMessage", theirs.clone()).await;
    for words in ["Открыто: 2", "Открыто: 3", "Открыто: 4"] {
        notice(&stage, Some(&ours), words).await;
    }
    assert_eq!(stage.count("pinChatMessage").await, 3);
    in_group(&stage, "unpinChatMessage", theirs).await;
    notice(&stage, Some(&ours), "Открыто: 5").await;
    assert_eq!(stage.count("pinChatMessage").await, 3);
    stage.nothing_was_wrong().await;
}

#[tokio::test]
async fn where_pinning_is_not_allowed_or_fails_the_words_are_there() {
    let stage = Stage::begin().await;
    let forbidden = json!({ "method": "pinChatMessage", "kind": "error", "status": 400,
        "description": "Bad Request: not enough rights to manage pinned messages in the chat" });
    stage.fails(&forbidden).await;
    let ours = notice(&stage, None, "Открыто: 1").await;
    stage
        .fails(&json!({ "method": "getChat", "kind": "too_many", "retry_after": 7 }))
        .await;
    let piece = Piece::Notice {
        to: stage.group(),
        stands: Some(ours.clone()),
        text: Rich::plain("Открыто: 2"),
    };
    let failed = stage.deliver(&piece).await.unwrap_err();
    assert!(matches!(failed, Undelivered::Wait(_)), "{failed}");
    stage
        .fails(&json!({ "method": "getChat", "kind": "too_many", "retry_after": 7 }))
        .await;
    assert_ne!(notice(&stage, None, "Открыто: 3").await, ours);
}
