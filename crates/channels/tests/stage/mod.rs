//! A sandbox with a customer (7), an operator (8), their group and our channel in it.

use std::{
    fmt::Write,
    net::{Ipv4Addr, SocketAddr},
    sync::Mutex,
};

use channels::{
    Channel, Piece, Receipt, Undelivered, What,
    http::Secret,
    telegram::{Settings, Telegram},
};
use engine::{
    content::Said,
    event::{Event, Pressed},
    ids::{ChannelId, ChatRef, MessageRef},
};
use expect_test::{Expect, ExpectFile};
use jiff::Timestamp;
use sandbox::Sandbox;
use serde_json::{Value, json};

const GROUP: &str = "-1001234567890";

/// The smallest picture there is.
const PNG: &[u8] =
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\
\0\0\0\rIDATx\x9cc\xf8\xcf\xc0\xf0\x1f\0\x05\0\x01\xff\x89\x99=\x1d\0\0\0\0IEND\xaeB`\x82";

pub(crate) struct Stage {
    pub(crate) telegram: Telegram,
    sandbox: Sandbox,
    http: reqwest::Client,
    cursor: Mutex<Option<String>>,
}

impl Stage {
    pub(crate) async fn begin() -> Self {
        let sandbox = Sandbox::start(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))
            .await
            .unwrap();
        let telegram = channel(&sandbox, "1001:secret");
        telegram.me().await.unwrap();
        let stage = Self {
            telegram,
            sandbox,
            http: reqwest::Client::new(),
            cursor: Mutex::default(),
        };
        stage
            .posts("/sandbox/people", json!({ "id": 7, "first_name": "Иван" }))
            .await;
        stage
            .posts("/sandbox/people", json!({ "id": 8, "first_name": "Анна" }))
            .await;
        let group: i64 = GROUP.parse().unwrap();
        let group = json!({ "id": group, "title": "Операторы", "members": [8], "bots": [1001], "admins": [8, 1001] });
        stage.posts("/sandbox/groups", group).await;
        stage.heard().await;
        stage
    }

    pub(crate) fn with_token(&self, token: &str) -> Telegram {
        channel(&self.sandbox, token)
    }

    pub(crate) fn group(&self) -> ChatRef {
        ChatRef::new(self.telegram.id(), GROUP)
    }

    pub(crate) async fn deliver(&self, piece: &Piece) -> Result<Receipt, Undelivered> {
        self.telegram.deliver(piece, Timestamp::UNIX_EPOCH).await
    }

    /// Ivan writes to the bot; what the channel hears.
    pub(crate) async fn writes(&self, mut body: Value) -> Said {
        body["from"] = json!(7);
        body["chat"] = json!(1001);
        self.posts("/sandbox/messages", body).await;
        self.wrote().await.remove(0)
    }

    pub(crate) async fn writes_album(&self) -> Vec<Said> {
        let photo = self.photo().await;
        let item = |caption: &str| json!({ "kind": "photo", "file": photo, "caption": caption });
        let items = [item("раз"), item(""), item("")];
        self.posts(
            "/sandbox/albums",
            json!({ "from": 7, "chat": 1001, "items": items }),
        )
        .await;
        self.wrote().await
    }

    pub(crate) async fn presses(&self, message: &MessageRef, data: &str) -> Pressed {
        let id: i64 = message.id.parse().unwrap();
        let press = json!({ "from": 7, "chat": 1001, "message_id": id, "data": data });
        self.posts("/sandbox/press", press).await;
        match self.heard().await.remove(0) {
            Event::Pressed(pressed) => pressed,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) async fn deletes(&self, message: &MessageRef) {
        let url = format!(
            "{}/sandbox/messages/1001/{}?from=7",
            self.sandbox.url(),
            message.id
        );
        let answer = self.http.delete(url).send().await.unwrap();
        assert!(
            answer.status().is_success(),
            "{}",
            answer.text().await.unwrap()
        );
    }

    pub(crate) async fn blocks(&self) {
        self.posts("/sandbox/block", json!({ "person": 7, "bot": 1001 }))
            .await;
    }

    pub(crate) async fn fails(&self, fault: &Value) {
        self.posts("/sandbox/faults", fault.clone()).await;
    }

    pub(crate) async fn photo(&self) -> String {
        self.upload("a.png", "image/png", PNG.to_vec()).await
    }

    pub(crate) async fn upload(&self, name: &str, mime: &str, bytes: Vec<u8>) -> String {
        let url = format!("{}/sandbox/files?name={name}", self.sandbox.url());
        let request = self.http.post(url).header("content-type", mime).body(bytes);
        let answer: Value = request.send().await.unwrap().json().await.unwrap();
        answer["file"].as_str().unwrap().to_owned()
    }

    /// A body for each kind that a person can write, text last.
    pub(crate) async fn every_kind(&self) -> Vec<Value> {
        let mut bodies = Vec::new();
        let files = [
            ("photo", "a.png", "image/png"),
            ("video", "a.mp4", "video/mp4"),
            ("animation", "a.mp4", "video/mp4"),
            ("audio", "a.mp3", "audio/mpeg"),
            ("document", "a.pdf", "application/pdf"),
            ("voice", "a.ogg", "audio/ogg"),
            ("sticker", "a.webp", "image/webp"),
            ("video_note", "a.mp4", "video/mp4"),
        ];
        for (kind, name, mime) in files {
            let mut body = json!({});
            body[kind] = json!(self.upload(name, mime, PNG.to_vec()).await);
            bodies.push(body);
        }
        let place = json!({ "latitude": 55.751_244, "longitude": 37.618_423 });
        bodies.push(json!({ "location": place }));
        bodies.push(json!({ "venue": { "latitude": 55.75, "longitude": 37.61, "title": "ГУМ", "address": "Красная пл., 3" } }));
        bodies.push(json!({ "contact": { "phone_number": "+79160000000", "first_name": "Иван", "user_id": 7 } }));
        bodies.push(json!({ "text": "привет" }));
        bodies
    }

    /// What was asked of Telegram so far, apart from what preparing the stage took; and that all of
    /// it was right.
    pub(crate) async fn check(&self, expected: Expect) {
        expected.assert_eq(&self.calls().await);
        self.nothing_was_wrong().await;
    }

    /// The same, for long stories.
    pub(crate) async fn check_file(&self, expected: ExpectFile) {
        expected.assert_eq(&self.calls().await);
        self.nothing_was_wrong().await;
    }

    pub(crate) async fn nothing_was_wrong(&self) {
        let wrong = self.gets("/sandbox/violations").await;
        assert_eq!(wrong, json!({ "violations": [] }), "{wrong:#}");
    }

    async fn calls(&self) -> String {
        let log = self.gets("/sandbox/calls").await;
        let mut told = String::new();
        for call in log["calls"].as_array().unwrap() {
            let method = call["method"].as_str().unwrap();
            if matches!(method, "getUpdates" | "getMe") {
                continue;
            }
            let mut params = call["params"].clone();
            blot_files(&mut params);
            let _ = writeln!(told, "{method} {params} → {}", call["status"]);
        }
        told
    }

    async fn wrote(&self) -> Vec<Said> {
        let wrote = self
            .heard()
            .await
            .into_iter()
            .filter_map(|event| match event {
                Event::Wrote(wrote) => Some(wrote.said()),
                _ => None,
            });
        wrote.collect()
    }

    async fn heard(&self) -> Vec<Event> {
        let cursor = self.cursor.lock().unwrap().clone();
        let batch = self.telegram.next(cursor.as_deref()).await.unwrap();
        *self.cursor.lock().unwrap() = batch.cursor;
        let heard = batch
            .updates
            .iter()
            .flat_map(|raw| self.telegram.read(raw).unwrap());
        heard
            .filter_map(|heard| match heard.what {
                What::Event(event) => Some(event),
                What::Ignored(_) | What::Moved { .. } => None,
            })
            .collect()
    }

    pub(crate) async fn posts(&self, path: &str, body: Value) -> Value {
        let url = format!("{}{path}", self.sandbox.url());
        let answer = self.http.post(url).json(&body).send().await.unwrap();
        let status = answer.status();
        let answer: Value = answer.json().await.unwrap();
        assert!(status.is_success(), "{path} {body}: {answer}");
        answer
    }

    async fn gets(&self, path: &str) -> Value {
        let url = format!("{}{path}", self.sandbox.url());
        self.http
            .get(url)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap()
    }
}

fn channel(sandbox: &Sandbox, token: &str) -> Telegram {
    let id = ChannelId::new("telegram");
    Telegram::new(Settings {
        operators_chat: Some(ChatRef::new(&id, GROUP)),
        id,
        token: Secret::new(token),
        api_url: sandbox.url(),
        proxy: None,
        poll_seconds: 0,
    })
    .unwrap()
}

/// Files' ids are made up anew each time.
fn blot_files(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                let file = channels_kind(name) || name == "media";
                match field {
                    Value::String(text) if file => "FILE".clone_into(text),
                    other => blot_files(other),
                }
            }
        }
        Value::Array(parts) => parts.iter_mut().for_each(blot_files),
        _ => {}
    }
}

fn channels_kind(name: &str) -> bool {
    engine::content::MediaKind::ALL
        .iter()
        .any(|kind| kind.as_str() == name)
}
