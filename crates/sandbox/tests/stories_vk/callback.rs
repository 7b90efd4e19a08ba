//! Callback API: confirmation, secret, order, repeats.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde_json::{Value, json};

use crate::play::{CLUB, IVAN, Play, check_event, until};

/// The counter of repeats, and an event.
type Seen = (Option<String>, Value);

/// What a community's server has seen, and what it answers next; `ok` when nothing is planned.
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
            .route("/vk", post(receive))
            .with_state(server.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        (server, format!("http://{addr}/vk"))
    }

    fn plan(&self, response: impl IntoResponse) {
        let mut planned = self.planned.lock().expect("a lock");
        planned.insert(0, response.into_response());
    }

    /// The texts of messages, each with the counter of its repeat.
    fn texts(&self) -> Vec<String> {
        let seen = self.seen.lock().expect("a lock");
        let texts = seen.iter().filter_map(|(again, event)| {
            let text = event["object"]["message"]["text"].as_str()?;
            Some(
                again
                    .as_ref()
                    .map_or(text.to_owned(), |again| format!("{text} again {again}")),
            )
        });
        texts.collect()
    }

    async fn sees(&self, count: usize) -> Vec<String> {
        until(async || Some(self.texts()).filter(|texts| texts.len() >= count)).await
    }
}

async fn receive(State(server): State<Server>, headers: HeaderMap, body: Bytes) -> Response {
    let again = headers.get("x-retry-counter");
    let again = again
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned);
    let event: Value = serde_json::from_slice(&body).expect("JSON");
    let usual = if event["type"] == "confirmation" {
        "c0de"
    } else {
        "ok"
    };
    server.seen.lock().expect("a lock").push((again, event));
    let planned = server.planned.lock().expect("a lock").pop();
    planned.unwrap_or_else(|| usual.into_response())
}

/// A server with the secret `s`, confirmed.
async fn with_server() -> (Play, Server) {
    let play = Play::new().await;
    let (server, url) = Server::start().await;
    let callback = json!({ "url": url, "secret": "s", "confirmation": "c0de" });
    play.hand(
        "vk/communities",
        json!({ "id": CLUB, "callback": callback }),
    )
    .await;
    status(&play, "ok").await;
    (play, server)
}

async fn status(play: &Play, wanted: &str) {
    let asked = json!({ "group_id": CLUB });
    until(async || {
        let servers = play.call("groups.getCallbackServers", asked.clone()).await;
        (servers["items"][0]["status"] == wanted).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_server_is_confirmed_and_told_with_the_secret() {
    let (play, server) = with_server().await;
    let code = play
        .call(
            "groups.getCallbackConfirmationCode",
            json!({ "group_id": CLUB }),
        )
        .await;
    assert_eq!(code["code"], "c0de");
    play.ivan(json!({ "text": "раз" })).await;
    play.ivan(json!({ "text": "два" })).await;
    assert_eq!(server.sees(2).await, ["раз", "два"]);
    let seen = server.seen.lock().expect("a lock").clone();
    assert_eq!(
        (&seen[0].1["type"], &seen[0].1["group_id"]),
        (&json!("confirmation"), &json!(CLUB))
    );
    assert!(seen.iter().all(|(_, event)| event["secret"] == "s"));
    seen.iter()
        .skip(1)
        .for_each(|(_, event)| check_event(event));
    play.clean().await;
}

#[tokio::test]
async fn what_is_not_answered_with_ok_is_repeated_in_order() {
    let (play, server) = with_server().await;
    server.plan("okay");
    server.plan(StatusCode::INTERNAL_SERVER_ERROR);
    play.ivan(json!({ "text": "раз" })).await;
    server.sees(1).await;
    play.ivan(json!({ "text": "два" })).await;
    until(async || {
        play.later(2).await;
        (server.texts().len() >= 4).then_some(())
    })
    .await;
    assert_eq!(server.texts(), ["раз", "раз again 1", "раз again 2", "два"]);
    let seen = server.seen.lock().expect("a lock").clone();
    assert_eq!(seen[1].1["event_id"], seen[3].1["event_id"]);
}

#[tokio::test]
async fn a_server_can_ask_to_be_left_alone() {
    let (play, server) = with_server().await;
    server.plan((StatusCode::SERVICE_UNAVAILABLE, [("retry-after", "600")]));
    play.ivan(json!({ "text": "раз" })).await;
    server.sees(1).await;
    status(&play, "failed").await;
    play.later(500).await;
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    assert_eq!(server.texts().len(), 1);
    play.later(200).await;
    assert_eq!(server.sees(2).await[1], "раз again 1");
}

#[tokio::test]
async fn what_waits_moves_to_the_server_that_follows() {
    let (play, old) = with_server().await;
    old.plan((StatusCode::SERVICE_UNAVAILABLE, [("retry-after", "600")]));
    play.ivan(json!({ "text": "раз" })).await;
    old.sees(1).await;
    play.ivan(json!({ "text": "два" })).await;
    let (new, url) = Server::start().await;
    let callback = json!({ "url": url, "secret": "s", "confirmation": "c0de" });
    play.hand(
        "vk/communities",
        json!({ "id": CLUB, "callback": callback }),
    )
    .await;
    assert_eq!(new.sees(2).await, ["раз", "два"]);
    assert_eq!(old.texts(), ["раз"]);
}

#[tokio::test]
async fn a_server_that_says_remove_is_removed() {
    let (play, server) = with_server().await;
    server.plan("remove");
    play.ivan(json!({ "text": "раз" })).await;
    let asked = json!({ "group_id": CLUB });
    until(async || {
        let servers = play.call("groups.getCallbackServers", asked.clone()).await;
        (servers["count"] == 0).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_server_added_by_a_call_wants_nothing_until_told_what() {
    let play = Play::new().await;
    let (server, url) = Server::start().await;
    play.hand("vk/communities", json!({ "id": CLUB })).await;
    let add = json!({ "group_id": CLUB, "url": url, "title": "наш", "secret_key": "s" });
    let id = play.call("groups.addCallbackServer", add).await["server_id"].clone();
    // Its code is not the community's.
    status(&play, "failed").await;
    let code = play
        .call(
            "groups.getCallbackConfirmationCode",
            json!({ "group_id": CLUB }),
        )
        .await;
    server.plan(code["code"].as_str().expect("a code").to_owned());
    play.later(60).await;
    status(&play, "ok").await;
    play.ivan(json!({ "text": "мимо" })).await;
    let wanted =
        json!({ "group_id": CLUB, "server_id": id, "api_version": "5.199", "message_new": 1 });
    play.call("groups.setCallbackSettings", wanted).await;
    play.ivan(json!({ "text": "сюда" })).await;
    assert_eq!(server.sees(1).await, ["сюда"]);
    let gone = json!({ "group_id": CLUB, "server_id": id });
    play.call("groups.deleteCallbackServer", gone.clone()).await;
    assert_eq!(
        play.refused("groups.deleteCallbackServer", gone).await,
        "104 Not found"
    );
    assert_eq!(play.look("state").await["people"][0]["id"], IVAN);
    play.clean().await;
}
