//! A sandbox with a customer (7), an operator (8), their group, our channel, and another bot that the
//! customer can write to: what it hears is another messenger's.

use std::{
    collections::HashMap,
    fmt::Write,
    net::{Ipv4Addr, SocketAddr},
    sync::Mutex,
};

use async_trait::async_trait;
use channels::{
    Channel, Download, Errand, Files, Piece, Receipt, Undelivered, What,
    http::Secret,
    telegram::{Settings, Telegram, Webhook},
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
pub(crate) const PNG: &[u8] =
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\
\0\0\0\rIDATx\x9cc\xf8\xcf\xc0\xf0\x1f\0\x05\0\x01\xff\x89\x99=\x1d\0\0\0\0IEND\xaeB`\x82";

pub(crate) struct Stage {
    pub(crate) telegram: Telegram,
    other: Telegram,
    sandbox: Sandbox,
    http: reqwest::Client,
    cursors: Mutex<HashMap<String, Option<String>>>,
}

/// Files are with the messenger they came from.
#[async_trait]
impl Files for Stage {
    async fn open(&self, said: &Said) -> Result<Download, Undelivered> {
        let media = said.content.media().unwrap();
        self.bot_of(&said.at.chat.channel).fetch(media).await
    }
}

impl Stage {
    pub(crate) async fn begin() -> Self {
        let sandbox = Sandbox::start(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))
            .await
            .unwrap();
        let telegram = channel(&sandbox, "telegram", "1001:secret", None);
        let other = channel(&sandbox, "other", "1002:secret", None);
        telegram.me().await.unwrap();
        other.me().await.unwrap();
        let stage = Self {
            telegram,
            other,
            sandbox,
            http: reqwest::Client::new(),
            cursors: Mutex::default(),
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
        stage.heard(&stage.telegram).await;
        stage
    }

    pub(crate) fn with_token(&self, token: &str) -> Telegram {
        channel(&self.sandbox, "telegram", token, None)
    }

    pub(crate) fn with_webhook(&self, url: &str) -> Telegram {
        let webhook = Webhook {
            url: url.to_owned(),
            secret: Secret::new("s-1"),
        };
        channel(&self.sandbox, "telegram", "1001:secret", Some(webhook))
    }

    fn bot_of(&self, channel: &ChannelId) -> &Telegram {
        if channel == self.other.id() {
            &self.other
        } else {
            &self.telegram
        }
    }

    pub(crate) fn group(&self) -> ChatRef {
        ChatRef::new(self.telegram.id(), GROUP)
    }

    pub(crate) async fn deliver(&self, piece: &Piece) -> Result<Receipt, Undelivered> {
        let errand = Errand {
            at: Timestamp::UNIX_EPOCH,
            serial: 1,
            files: self,
        };
        self.telegram.deliver(piece, &errand).await
    }

    /// A call of the Bot API that our channel does not make.
    pub(crate) async fn calls_api(&self, method: &str, params: Value) -> Value {
        self.posts(&format!("/bot1001:secret/{method}"), params)
            .await["result"]
            .take()
    }

    /// Ivan writes to the bot; what the channel hears.
    pub(crate) async fn writes(&self, body: Value) -> Said {
        self.writes_to(1001, &self.telegram, body).await
    }

    /// The same to the other bot.
    pub(crate) async fn writes_abroad(&self, body: Value) -> Said {
        self.writes_to(1002, &self.other, body).await
    }

    async fn writes_to(&self, id: i64, bot: &Telegram, mut body: Value) -> Said {
        body["from"] = json!(7);
        body["chat"] = json!(id);
        self.posts("/sandbox/messages", body).await;
        self.wrote(bot).await.remove(0)
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
        self.wrote(&self.telegram).await
    }

    pub(crate) async fn presses(&self, message: &MessageRef, data: &str) -> Pressed {
        let id: i64 = message.id.parse().unwrap();
        let press = json!({ "from": 7, "chat": 1001, "message_id": id, "data": data });
        self.posts("/sandbox/press", press).await;
        match self.heard(&self.telegram).await.remove(0) {
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

    /// How often a method was called.
    pub(crate) async fn count(&self, method: &str) -> usize {
        let log = self.gets(&format!("/sandbox/calls?method={method}")).await;
        log["calls"].as_array().unwrap().len()
    }

    async fn calls(&self) -> String {
        let log = self.gets("/sandbox/calls").await;
        let mut told = String::new();
        for call in log["calls"].as_array().unwrap() {
            let method = call["method"].as_str().unwrap();
            if matches!(method, "getUpdates" | "getMe" | "getFile" | "download") {
                continue;
            }
            let mut params = call["params"].clone();
            blot_files(&mut params);
            let _ = writeln!(told, "{method} {params} → {}", call["status"]);
        }
        told
    }

    async fn wrote(&self, bot: &Telegram) -> Vec<Said> {
        let wrote = self
            .heard(bot)
            .await
            .into_iter()
            .filter_map(|event| match event {
                Event::Wrote(wrote) => Some(wrote.said()),
                _ => None,
            });
        wrote.collect()
    }

    async fn heard(&self, bot: &Telegram) -> Vec<Event> {
        let name = bot.id().to_string();
        let cursor = self.cursors.lock().unwrap().get(&name).cloned().flatten();
        let batch = bot.next(cursor.as_deref()).await.unwrap();
        self.cursors.lock().unwrap().insert(name, batch.cursor);
        let heard = batch.updates.iter().flat_map(|raw| bot.read(raw).unwrap());
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

fn channel(sandbox: &Sandbox, name: &str, token: &str, webhook: Option<Webhook>) -> Telegram {
    let id = ChannelId::new(name);
    Telegram::new(Settings {
        operators_chat: Some(ChatRef::new(&id, GROUP)),
        id,
        token: Secret::new(token),
        api_url: sandbox.url(),
        proxy: None,
        webhook,
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
                    // Of an album that is uploaded, the list stands in a form: as text.
                    Value::String(text) if file && !text.starts_with('[') => {
                        "FILE".clone_into(text);
                    }
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
