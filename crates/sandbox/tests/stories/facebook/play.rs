//! The props: a sandbox with a page and Ivan, who has written to it, and an app's server that takes webhooks.

use std::ops::Deref;

use axum::Router;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::get;
use serde_json::{Value, json};

use crate::server::Server;
use crate::stage::{Stage, until};

pub(crate) const PAGE: i64 = 500;
pub(crate) const TOKEN: &str = "page-token";
pub(crate) const SECRET: &str = "app-secret";
pub(crate) const APP: i64 = 42;
pub(crate) const IVAN: i64 = 7;

pub(crate) struct Play {
    stage: Stage,
}

impl Deref for Play {
    type Target = Stage;

    fn deref(&self) -> &Stage {
        &self.stage
    }
}

impl Play {
    /// An empty stage.
    pub(crate) async fn empty() -> Self {
        let stage = Stage::empty().await;
        Self { stage }
    }

    /// With the page, without a webhook; Ivan has written.
    pub(crate) async fn new() -> Self {
        let play = Self::empty().await;
        play.page(json!({})).await;
        play.hand(
            "facebook/people",
            json!({ "id": IVAN, "first_name": "Иван" }),
        )
        .await;
        play.ivan(json!({ "text": "Привет" })).await;
        play
    }

    /// And with an app that takes webhooks, which has not heard of anything yet.
    pub(crate) async fn with_app() -> (Self, App) {
        let play = Self::new().await;
        let app = App::start().await;
        let webhook = json!({ "url": app.url, "verify_token": "verify" });
        play.page(json!({ "webhook": webhook })).await;
        (play, app)
    }

    /// Changes the page.
    pub(crate) async fn page(&self, mut facts: Value) -> Value {
        let usual = [
            ("id", json!(PAGE)),
            ("token", json!(TOKEN)),
            ("app_secret", json!(SECRET)),
            ("app_id", json!(APP)),
        ];
        for (name, value) in usual {
            facts[name] = value;
        }
        self.hand("facebook/pages", facts).await
    }

    /// A call with the page's token: status and answer.
    pub(crate) async fn raw(&self, verb: &str, path: &str, body: &Value) -> (u16, Value) {
        let url = format!("{}/v25.0/{path}", self.sandbox.url());
        let verb = verb.parse().expect("a verb");
        let request = self.http.request(verb, url).bearer_auth(TOKEN);
        let request = if body.is_null() {
            request
        } else {
            request.json(body)
        };
        let response = request.send().await.expect("an answer");
        let status = response.status().as_u16();
        (status, response.json().await.expect("JSON"))
    }

    /// A call that succeeds.
    pub(crate) async fn call(&self, verb: &str, path: &str, body: Value) -> Value {
        let (status, answer) = self.raw(verb, path, &body).await;
        assert_eq!(status, 200, "{verb} {path} {body}: {answer}");
        answer
    }

    /// The page sends this message to Ivan; its id.
    pub(crate) async fn says(&self, message: Value) -> String {
        let call = response(message);
        let sent = self.call("POST", "me/messages", call).await;
        sent["message_id"].as_str().expect("an id").to_owned()
    }

    /// Code and subcode of a message to Ivan that is refused.
    pub(crate) async fn refused(&self, call: Value) -> (i64, i64) {
        let (status, answer) = self.raw("POST", "me/messages", &call).await;
        assert!((400..500).contains(&status), "{call}: {answer}");
        let number = |name: &str| answer["error"][name].as_i64().unwrap_or(0);
        assert!(answer["error"]["fbtrace_id"].is_string());
        (number("code"), number("error_subcode"))
    }

    /// Ivan writes to the page; the message's id.
    pub(crate) async fn ivan(&self, mut what: Value) -> String {
        what["from"] = IVAN.into();
        what["chat"] = PAGE.into();
        let sent = self.hand("facebook/messages", what).await;
        sent["message_id"].as_str().expect("an id").to_owned()
    }

    /// Ivan's thread, as the page shows it.
    pub(crate) async fn thread(&self) -> Value {
        let state = self.look("state").await;
        let chats = state["chats"].as_array().expect("a list");
        let own = chats.iter().find(|chat| chat["person"] == IVAN);
        own.cloned().expect("a thread")
    }

    /// The newest message of Ivan's thread.
    pub(crate) async fn newest(&self) -> Value {
        let messages = self.thread().await["messages"].take();
        messages
            .as_array()
            .and_then(|all| all.last())
            .cloned()
            .expect("a message")
    }
}

/// A call that answers Ivan with this message.
pub(crate) fn response(message: Value) -> Value {
    let mut call = json!({ "recipient": { "id": IVAN.to_string() }, "messaging_type": "RESPONSE" });
    call["message"] = message;
    call
}

/// An app's server, which passes the handshake and answers 200 when nothing is planned.
pub(crate) struct App {
    server: Server,
}

impl Deref for App {
    type Target = Server;

    fn deref(&self) -> &Server {
        &self.server
    }
}

impl App {
    pub(crate) async fn start() -> Self {
        let handshake = Router::new().route("/hook", get(verify));
        let usual = |_: &Value| StatusCode::OK.into_response();
        let server = Server::start(usual, handshake).await;
        Self { server }
    }

    /// The next so many POSTs are answered with this.
    pub(crate) fn plan(&self, times: usize, status: StatusCode) {
        for _ in 0..times {
            self.server.plan(status);
        }
    }

    /// All events so far, in order.
    pub(crate) fn events(&self) -> Vec<Value> {
        let posts = self.posts();
        let entries = posts
            .iter()
            .filter_map(|post| post.body["entry"].as_array())
            .flatten();
        let lists = entries.filter_map(|entry| {
            let list = entry["messaging"].as_array();
            list.or(entry["standby"].as_array())
        });
        lists.flatten().cloned().collect()
    }

    /// The first event with this key, once it has come.
    pub(crate) async fn hears(&self, key: &str) -> Value {
        until(async || {
            self.events()
                .into_iter()
                .find(|event| event.get(key).is_some())
        })
        .await
    }

    /// What people said, once there are so many of it.
    pub(crate) async fn texts(&self, count: usize) -> Vec<String> {
        until(async || {
            let events = self.events();
            let said = events
                .iter()
                .filter(|event| event["message"]["is_echo"].is_null());
            let texts = said.filter_map(|event| event["message"]["text"].as_str());
            let texts: Vec<String> = texts.map(str::to_owned).collect();
            (texts.len() >= count).then_some(texts)
        })
        .await
    }
}

async fn verify(
    Query(asked): Query<std::collections::HashMap<String, String>>,
) -> (StatusCode, String) {
    let is_right = asked
        .get("hub.verify_token")
        .is_some_and(|token| token == "verify")
        && asked
            .get("hub.mode")
            .is_some_and(|mode| mode == "subscribe");
    let status = if is_right {
        StatusCode::OK
    } else {
        StatusCode::FORBIDDEN
    };
    (
        status,
        asked.get("hub.challenge").cloned().unwrap_or_default(),
    )
}
