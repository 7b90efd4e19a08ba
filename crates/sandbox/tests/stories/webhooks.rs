//! Webhooks: secret, order, repeats, calls in the answer.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde_json::{Value, json};

use crate::play::{IVAN, Play, until};

/// A secret and an update.
type Seen = (Option<String>, Value);

/// What a bot's server has seen, and what it answers next; 200 when nothing is planned.
#[derive(Clone, Default)]
struct Server {
    seen: Arc<Mutex<Vec<Seen>>>,
    planned: Arc<Mutex<Vec<Response>>>,
}

impl Server {
    async fn start() -> (Self, String) {
        let server = Self::default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port");
        let addr = listener.local_addr().expect("an address");
        let app = Router::new()
            .route("/hook", post(receive))
            .with_state(server.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        (server, format!("http://{addr}/hook"))
    }

    fn plan(&self, response: impl IntoResponse) {
        self.planned
            .lock()
            .expect("a lock")
            .insert(0, response.into_response());
    }

    fn texts(&self) -> Vec<String> {
        let seen = self.seen.lock().expect("a lock");
        let texts = seen
            .iter()
            .filter_map(|(_, update)| update["message"]["text"].as_str());
        texts.map(str::to_owned).collect()
    }

    async fn sees(&self, count: usize) -> Vec<String> {
        until(async || Some(self.texts()).filter(|texts| texts.len() >= count)).await
    }
}

async fn receive(State(server): State<Server>, headers: HeaderMap, body: Bytes) -> Response {
    let secret = headers.get("x-telegram-bot-api-secret-token");
    let secret = secret
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned);
    let update = serde_json::from_slice(&body).expect("JSON");
    server.seen.lock().expect("a lock").push((secret, update));
    server
        .planned
        .lock()
        .expect("a lock")
        .pop()
        .unwrap_or_else(|| StatusCode::OK.into_response())
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
    let (server, url) = Server::start().await;
    play.call("setWebhook", json!({ "url": url, "secret_token": "s-1_A" }))
        .await;
    play.ivan(json!({ "text": "два" })).await;
    assert_eq!(server.sees(2).await, ["раз", "два"]);
    assert_eq!(
        server.seen.lock().expect("a lock")[0].0.as_deref(),
        Some("s-1_A")
    );
    assert!(
        play.refused("getUpdates", json!({}))
            .await
            .starts_with("409 Conflict: can't use getUpdates")
    );
    assert_eq!(play.call("getWebhookInfo", json!({})).await["url"], url);
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
    let (server, url) = Server::start().await;
    for _ in 0..2 {
        server.plan(StatusCode::INTERNAL_SERVER_ERROR);
    }
    play.call("setWebhook", json!({ "url": url })).await;
    play.ivan(json!({ "text": "раз" })).await;
    assert_eq!(server.sees(2).await, ["раз", "раз"], "at once");
    play.ivan(json!({ "text": "два" })).await;
    play.writes(9, 1001, json!({ "text": "я рядом" })).await;
    assert_eq!(server.sees(3).await[2], "я рядом");
    assert!(error(&play).await.contains("500"));
    play.later(2).await;
    assert_eq!(server.sees(5).await[3..], ["раз", "два"]);
}

#[tokio::test]
async fn an_answer_may_carry_a_call() {
    let play = Play::new().await;
    let (server, url) = Server::start().await;
    server.plan(axum::Json(
        json!({ "method": "sendMessage", "chat_id": IVAN, "text": "слышу" }),
    ));
    play.call("setWebhook", json!({ "url": url })).await;
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
    let (server, url) = Server::start().await;
    server.plan((StatusCode::SERVICE_UNAVAILABLE, [("retry-after", "100")]));
    play.call("setWebhook", json!({ "url": url })).await;
    play.ivan(json!({ "text": "раз" })).await;
    assert!(error(&play).await.contains("503"));
    play.later(90).await;
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    assert_eq!(server.texts().len(), 1, "not yet");
    play.later(11).await;
    assert_eq!(server.sees(2).await.len(), 2);
}

#[tokio::test]
async fn a_webhook_that_is_gone_for_a_day_is_removed() {
    let play = Play::new().await;
    let (server, url) = Server::start().await;
    for _ in 0..3 {
        server.plan(StatusCode::GONE);
    }
    play.call("setWebhook", json!({ "url": url })).await;
    play.ivan(json!({ "text": "раз" })).await;
    server.sees(2).await;
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
