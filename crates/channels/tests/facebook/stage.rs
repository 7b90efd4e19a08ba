//! A sandbox with a page, its webhook, and Ivan (7001), who has written to it.

use std::{
    fmt::Write,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use axum::{
    Router,
    extract::{Request, State},
    http::{Method, StatusCode},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use channels::{
    Channel, Download, Errand, Files, Heard, Knock, Knocked, Piece, Receipt, Undelivered, What,
};
use engine::{
    content::{Rich, Said},
    event::{Event, Wrote},
    ids::{ChatRef, MessageRef, PersonRef},
};
use expect_test::Expect;
use futures_util::{StreamExt, stream};
use jiff::Timestamp;
use sandbox::Sandbox;
use serde_json::{Value, json};
use tokio::sync::{
    Mutex,
    mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
};

use crate::page;

const IVAN: i64 = 7001;
/// The number of every delivery here.
const SERIAL: u64 = 42;

/// The smallest picture there is.
pub(crate) const PNG: &[u8] =
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\
\0\0\0\rIDATx\x9cc\xf8\xcf\xc0\xf0\x1f\0\x05\0\x01\xff\x89\x99=\x1d\0\0\0\0IEND\xaeB`\x82";

pub(crate) struct Stage {
    pub(crate) channel: Arc<dyn Channel>,
    sandbox: Sandbox,
    http: reqwest::Client,
    heard: Mutex<UnboundedReceiver<Heard>>,
}

/// A file that lies ready, whichever is asked for.
pub(crate) struct Shelf(pub(crate) Vec<u8>);

#[async_trait]
impl Files for Shelf {
    async fn open(&self, _said: &Said) -> Result<Download, Undelivered> {
        let bytes = Bytes::from(self.0.clone());
        Ok(Download {
            size: Some(bytes.len() as u64),
            bytes: stream::iter([Ok(bytes)]).boxed(),
            name: None,
        })
    }
}

impl Stage {
    pub(crate) async fn begin() -> Self {
        let sandbox = Sandbox::start(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))
            .await
            .unwrap();
        let channel = page::channel(&sandbox.url());
        let (tell, heard) = unbounded_channel();
        let webhook = serve(channel.clone(), tell).await;
        let stage = Self {
            channel,
            sandbox,
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
            heard: Mutex::new(heard),
        };
        let id: i64 = page::ID.parse().unwrap();
        let facts = json!({ "id": id, "name": "Лавка", "token": page::TOKEN, "app_secret": page::APP_SECRET,
            "human_agent": true, "require_proof": true, "webhook": { "url": webhook, "verify_token": page::VERIFY_TOKEN } });
        stage.hand("pages", facts).await;
        let ivan = json!({ "id": IVAN, "first_name": "Иван", "last_name": "Петров" });
        stage.hand("people", ivan).await;
        stage.writes(json!({ "text": "здравствуйте" })).await;
        stage
    }

    pub(crate) fn with(&self, others: &[(&'static str, &str)]) -> Arc<dyn Channel> {
        page::with(&self.sandbox.url(), others)
    }

    pub(crate) fn url(&self) -> String {
        self.sandbox.url()
    }

    pub(crate) fn chat(&self) -> ChatRef {
        ChatRef::new(self.channel.id(), IVAN.to_string())
    }

    pub(crate) fn ivan(&self) -> PersonRef {
        PersonRef::new(self.channel.id(), IVAN.to_string())
    }

    pub(crate) async fn deliver(&self, piece: &Piece) -> Result<Receipt, Undelivered> {
        deliver(&*self.channel, piece, &Shelf(PNG.to_vec())).await
    }

    /// Words of the bot's own.
    pub(crate) fn says(&self, text: &str) -> Piece {
        self.text(text, None)
    }

    /// What an operator wrote.
    pub(crate) fn answers(&self, text: &str) -> Piece {
        let operators = ChatRef::new(&engine::ids::ChannelId::new("telegram"), "-1001");
        self.text(text, Some(operators.message("5")))
    }

    fn text(&self, text: &str, of: Option<MessageRef>) -> Piece {
        Piece::Text {
            to: self.chat(),
            text: Rich::plain(text),
            keys: Vec::new(),
            reply_to: None,
            of,
        }
    }

    /// Ivan writes to the page; what the channel hears.
    pub(crate) async fn writes(&self, mut body: Value) -> Wrote {
        body["from"] = json!(IVAN);
        body["chat"] = json!(page::ID.parse::<i64>().unwrap());
        self.hand("messages", body).await;
        self.wrote().await
    }

    /// Somebody does something to Ivan's conversation.
    pub(crate) async fn does(&self, what: &str, mut body: Value) -> Value {
        body["chat"] = json!(page::ID.parse::<i64>().unwrap());
        let who = if what == "press" { "from" } else { "person" };
        body[who] = json!(IVAN);
        self.hand(what, body).await
    }

    pub(crate) async fn deletes(&self, message: &MessageRef) {
        let path = format!("messages/{}/{IVAN}/{}", page::ID, message.id);
        let url = format!("{}/sandbox/facebook/{path}", self.sandbox.url());
        let answer = self.http.delete(url).send().await.unwrap();
        assert!(answer.status().is_success());
    }

    pub(crate) async fn edits(&self, message: &MessageRef, text: &str) {
        let path = format!("messages/{}/{IVAN}/{}", page::ID, message.id);
        let url = format!("{}/sandbox/facebook/{path}", self.sandbox.url());
        let request = self.http.patch(url).json(&json!({ "text": text }));
        let answer = request.send().await.unwrap();
        assert!(answer.status().is_success());
    }

    pub(crate) async fn fails(&self, mut fault: Value) {
        fault["messenger"] = json!("facebook");
        self.posts("/sandbox/faults", fault).await;
    }

    pub(crate) async fn hours_pass(&self, hours: i64) {
        let advance = json!({ "advance": hours * 3600 });
        self.posts("/sandbox/clock", advance).await;
    }

    pub(crate) async fn upload(&self, name: &str, mime: &str, bytes: &[u8]) -> Value {
        let url = format!("{}/sandbox/files?name={name}", self.sandbox.url());
        let request = self.http.post(url).header("content-type", mime);
        let answer: Value = request
            .body(bytes.to_vec())
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        answer["file"].clone()
    }

    pub(crate) async fn wrote(&self) -> Wrote {
        loop {
            if let Event::Wrote(wrote) = self.event().await {
                return wrote;
            }
        }
    }

    /// The next event that the channel hears; what is ignored is passed over.
    pub(crate) async fn event(&self) -> Event {
        loop {
            if let What::Event(event) = self.heard().await.what {
                return event;
            }
        }
    }

    pub(crate) async fn heard(&self) -> Heard {
        let mut heard = self.heard.lock().await;
        let next = tokio::time::timeout(Duration::from_secs(10), heard.recv());
        next.await.expect("nothing is heard").unwrap()
    }

    /// What was asked of Facebook so far, and that all of it was right.
    pub(crate) async fn check(&self, expected: Expect) {
        let log = self.gets("/sandbox/calls").await;
        let mut told = String::new();
        for call in log["calls"].as_array().unwrap() {
            let mut params = call["params"].clone();
            blot(&mut params);
            let method = call["method"].as_str().unwrap();
            let _ = writeln!(told, "{method} {params} → {}", call["status"]);
        }
        expected.assert_eq(&told);
        let wrong = self.gets("/sandbox/violations").await;
        assert_eq!(wrong, json!({ "violations": [] }), "{wrong:#}");
    }

    /// What was sent to Ivan, without what it took: words, or the type of a file.
    pub(crate) async fn check_words(&self, expected: Expect) {
        expected.assert_eq(&self.words().await.join("\n"));
    }

    pub(crate) async fn words(&self) -> Vec<String> {
        let log = self.gets("/sandbox/calls?method=messages").await;
        let messages = log["calls"].as_array().unwrap().iter().filter_map(|call| {
            assert_eq!(call["status"], 200, "{call}");
            let message = call["params"].get("message")?;
            let words = message["text"].as_str();
            let file = || format!("[{}]", message["attachment"]["type"].as_str().unwrap());
            Some(words.map_or_else(file, str::to_owned))
        });
        messages.collect()
    }

    async fn hand(&self, what: &str, body: Value) -> Value {
        self.posts(&format!("/sandbox/facebook/{what}"), body).await
    }

    async fn posts(&self, path: &str, body: Value) -> Value {
        let url = format!("{}{path}", self.sandbox.url());
        let answer = self.http.post(url).json(&body).send().await.unwrap();
        let status = answer.status();
        let answer: Value = answer.json().await.unwrap();
        assert!(status.is_success(), "{path} {body}: {answer}");
        answer
    }

    async fn gets(&self, path: &str) -> Value {
        let url = format!("{}{path}", self.sandbox.url());
        let answer = self.http.get(url).send().await.unwrap();
        answer.json().await.unwrap()
    }
}

pub(crate) async fn deliver(
    channel: &dyn Channel,
    piece: &Piece,
    files: &dyn Files,
) -> Result<Receipt, Undelivered> {
    let errand = Errand {
        at: Timestamp::UNIX_EPOCH,
        serial: SERIAL,
        files,
    };
    channel.deliver(piece, &errand).await
}

/// The desk's end of the webhook.
async fn serve(channel: Arc<dyn Channel>, tell: UnboundedSender<Heard>) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!(
        "http://{}/webhooks/facebook",
        listener.local_addr().unwrap()
    );
    let router = Router::new().fallback(knocked).with_state((channel, tell));
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

type Desk = (Arc<dyn Channel>, UnboundedSender<Heard>);

async fn knocked(State((channel, tell)): State<Desk>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let knock = Knock {
        post: parts.method == Method::POST,
        query: parts.uri.query().unwrap_or_default(),
        headers: &parts.headers,
        body: &body,
    };
    match channel.knock(&knock) {
        Knocked::Asked(answer) => answer.into_response(),
        Knocked::Updates { updates, answer } => {
            let read = updates.iter().flat_map(|raw| channel.read(raw).unwrap());
            read.for_each(|heard| drop(tell.send(heard)));
            answer.into_response()
        }
        Knocked::Stranger => StatusCode::FORBIDDEN.into_response(),
        Knocked::Nonsense => StatusCode::BAD_REQUEST.into_response(),
    }
}

/// Ids are made up anew each time.
fn blot(params: &mut Value) {
    if let Some(fields) = params.as_object_mut() {
        fields.remove("appsecret_proof");
    }
    if let Some(mid) = params.pointer_mut("/reply_to/mid") {
        *mid = "MID".into();
    }
}
