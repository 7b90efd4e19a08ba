//! Webhooks: secret, order, repeats, calls in the answer.

use axum::Router;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde_json::json;

use crate::server::{Post, Server};
use crate::stage::until;
use crate::telegram::play::{IVAN, Play};

/// A bot's server, which answers 200 when nothing is planned.
async fn server() -> Server {
    Server::start(|_| StatusCode::OK.into_response(), Router::new()).await
}

/// What people wrote.
fn said(post: &Post) -> Option<String> {
    post.body["message"]["text"].as_str().map(str::to_owned)
}

/// What `getWebhookInfo` says about the last failure, once there is one.
async fn error(play: &Play) -> String {
    until(async || {
        let info = play.call("getWebhookInfo", json!({})).await;
        info["last_error_message"].as_str().map(str::to_owned)
    })
    .await
}

#[tokio::test]
async fn updates_arrive_in_order_with_the_secret_and_polling_is_refused() {
    let play = Play::new().await;
    play.ivan(json!({ "text": "раз" })).await;
    let server = server().await;
    play.call(
        "setWebhook",
        json!({ "url": server.url, "secret_token": "s-1_A" }),
    )
    .await;
    play.ivan(json!({ "text": "два" })).await;
    assert_eq!(server.sees(2, said).await, ["раз", "два"]);
    assert_eq!(
        server.posts()[0].header("x-telegram-bot-api-secret-token"),
        Some("s-1_A")
    );
    assert!(
        play.refused("getUpdates", json!({}))
            .await
            .starts_with("409 Conflict: can't use getUpdates")
    );
    assert_eq!(
        play.call("getWebhookInfo", json!({})).await["url"],
        server.url
    );
    play.call("deleteWebhook", json!({})).await;
    play.ivan(json!({ "text": "три" })).await;
    assert_eq!(play.updates().await.len(), 1);
    assert_eq!(play.call("getWebhookInfo", json!({})).await["url"], "");
    play.clean().await;
}

#[tokio::test]
async fn what_is_not_confirmed_is_repeated_and_holds_back_its_chat_only() {
    let play = Play::new().await;
    play.hand("people", json!({ "id": 9, "first_name": "Пётр" }))
        .await;
    let server = server().await;
    for _ in 0..2 {
        server.plan(StatusCode::INTERNAL_SERVER_ERROR);
    }
    play.call("setWebhook", json!({ "url": server.url })).await;
    play.ivan(json!({ "text": "раз" })).await;
    assert_eq!(server.sees(2, said).await, ["раз", "раз"], "at once");
    play.ivan(json!({ "text": "два" })).await;
    play.writes(9, 1001, json!({ "text": "я рядом" })).await;
    assert_eq!(server.sees(3, said).await[2], "я рядом");
    assert!(error(&play).await.contains("500"));
    play.later(2).await;
    assert_eq!(server.sees(5, said).await[3..], ["раз", "два"]);
}

#[tokio::test]
async fn an_answer_may_carry_a_call() {
    let play = Play::new().await;
    let server = server().await;
    server.plan(axum::Json(
        json!({ "method": "sendMessage", "chat_id": IVAN, "text": "слышу" }),
    ));
    play.call("setWebhook", json!({ "url": server.url })).await;
    play.ivan(json!({ "text": "ау" })).await;
    let said = until(async || {
        let state = play.look("state").await;
        let messages = state["chats"][0]["messages"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        messages
            .last()
            .filter(|last| last["from_bot"] == true)
            .map(|last| last["text"].clone())
    });
    assert_eq!(said.await, "слышу");
}

#[tokio::test]
async fn retry_after_is_honoured() {
    let play = Play::new().await;
    let server = server().await;
    server.plan((StatusCode::SERVICE_UNAVAILABLE, [("retry-after", "100")]));
    play.call("setWebhook", json!({ "url": server.url })).await;
    play.ivan(json!({ "text": "раз" })).await;
    assert!(error(&play).await.contains("503"));
    play.later(90).await;
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    assert_eq!(server.texts(said).len(), 1, "not yet");
    play.later(11).await;
    assert_eq!(server.sees(2, said).await.len(), 2);
}

#[tokio::test]
async fn a_webhook_that_is_gone_for_a_day_is_removed() {
    let play = Play::new().await;
    let server = server().await;
    for _ in 0..3 {
        server.plan(StatusCode::GONE);
    }
    play.call("setWebhook", json!({ "url": server.url })).await;
    play.ivan(json!({ "text": "раз" })).await;
    server.sees(2, said).await;
    play.later(23 * 3600).await;
    let removed = until(async || {
        let info = play.call("getWebhookInfo", json!({})).await;
        (info["url"] == "").then_some(())
    });
    removed.await;
    assert_eq!(play.updates().await.len(), 1, "it waits for whoever polls");
}

#[tokio::test]
async fn bad_webhooks_are_refused() {
    let play = Play::new().await;
    assert!(
        play.refused("setWebhook", json!({ "url": "ftp://x" }))
            .await
            .contains("bad webhook")
    );
    let secret = json!({ "url": "http://127.0.0.1:1/", "secret_token": "с пробелом" });
    assert!(
        play.refused("setWebhook", secret)
            .await
            .contains("unallowed characters")
    );
}
