//! A sandbox with a community (5), its administrator (11), a customer (7) and our channel in it.

use std::{
    collections::BTreeMap,
    fmt::Write,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use bytes::Bytes;
use channels::{
    Carried, Channel, Download, Errand, Files, Piece, Receipt, Undelivered, What, kinds::Given, vk,
};
use engine::{
    content::{Body, Content, Media, MediaKind, Rich, Said},
    effect::{Key, Tone},
    event::{Event, Pressed, Wrote},
    ids::{ChannelId, ChatRef, MessageRef},
};
use expect_test::{Expect, ExpectFile};
use futures_util::{StreamExt, stream};
use jiff::Timestamp;
use sandbox::Sandbox;
use serde_json::{Value, json};

pub(crate) const TOKEN: &str = "vk1.a.secret";

/// The smallest picture there is.
pub(crate) const PNG: &[u8] =
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\
\0\0\0\rIDATx\x9cc\xf8\xcf\xc0\xf0\x1f\0\x05\0\x01\xff\x89\x99=\x1d\0\0\0\0IEND\xaeB`\x82";

/// What the files of every kind begin with.
const BYTES: [(MediaKind, &str, &[u8]); 8] = [
    (MediaKind::Photo, "a.png", PNG),
    (MediaKind::Video, "a.mp4", b"\0\0\0\x20ftypisom film"),
    (MediaKind::Document, "Договор.pdf", b"%PDF-1.4 words"),
    (MediaKind::Voice, "a.ogg", b"OggS opus"),
    (MediaKind::Audio, "Песня.mp3", b"ID3 song"),
    (MediaKind::Sticker, "a.png", PNG),
    (MediaKind::VideoNote, "a.mp4", b"\0\0\0\x20ftypisom round"),
    (MediaKind::Animation, "a.mp4", b"\0\0\0\x20ftypisom moves"),
];

/// Files of another messenger: whatever is in the file's name comes out of it.
pub(crate) struct Shelf;

#[async_trait]
impl Files for Shelf {
    async fn open(&self, said: &Said) -> Result<Download, Undelivered> {
        let media = said.content.media().unwrap();
        let bytes = if media.file == "broken" {
            vec![
                Ok(Bytes::from_static(b"%PDF-1.4 ha")),
                Err(Undelivered::Unreached("cut off".to_owned())),
            ]
        } else {
            let known = BYTES.iter().find(|(kind, ..)| *kind == media.kind).unwrap();
            vec![Ok(Bytes::from_static(known.2))]
        };
        let size = bytes.iter().flatten().map(|chunk| chunk.len() as u64).sum();
        Ok(Download {
            bytes: stream::iter(bytes).boxed(),
            size: (media.file != "broken").then_some(size),
            name: None,
        })
    }
}

pub(crate) struct Stage {
    pub(crate) vk: Arc<dyn Channel>,
    sandbox: Sandbox,
    http: reqwest::Client,
    cursor: Mutex<Option<String>>,
}

impl Stage {
    pub(crate) async fn begin() -> Self {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let sandbox = Sandbox::start(address).await.unwrap();
        let stage = Self {
            vk: channel(&sandbox.url(), TOKEN, &[]),
            sandbox,
            http: reqwest::Client::new(),
            cursor: Mutex::default(),
        };
        let community = json!({ "id": 5, "name": "Магазин", "token": TOKEN, "admins": [11] });
        stage.posts("/sandbox/vk/communities", community).await;
        for (id, name) in [(7, "Иван"), (11, "Анна")] {
            let person = json!({ "id": id, "first_name": name, "last_name": "Петров" });
            stage.posts("/sandbox/vk/people", person).await;
        }
        stage.vk.prepare().await.unwrap();
        // The first cursor comes at once.
        stage.heard().await;
        stage
    }

    pub(crate) fn url(&self) -> String {
        self.sandbox.url()
    }

    pub(crate) async fn fails_poll(&self, how: u8) {
        self.posts("/sandbox/vk/longpoll", json!({ "chat": 5, "fail": how }))
            .await;
    }

    pub(crate) async fn deliver(&self, piece: &Piece) -> Result<Receipt, Undelivered> {
        static SERIAL: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(1);
        let serial = SERIAL.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        self.deliver_as(serial, piece).await
    }

    pub(crate) async fn deliver_as(
        &self,
        serial: u64,
        piece: &Piece,
    ) -> Result<Receipt, Undelivered> {
        let errand = Errand {
            at: Timestamp::UNIX_EPOCH,
            serial,
            files: &Shelf,
        };
        self.vk.deliver(piece, &errand).await
    }

    /// Delivers a text; where it stands.
    pub(crate) async fn says(&self, words: &str, keys: Vec<Vec<Key>>) -> MessageRef {
        let piece = text(words, keys, None);
        self.deliver(&piece).await.unwrap().sent.remove(0).at
    }

    /// Ivan writes to the community; what the channel hears.
    pub(crate) async fn writes(&self, mut body: Value) -> Wrote {
        body["from"] = json!(7);
        body["chat"] = json!(5);
        self.posts("/sandbox/vk/messages", body).await;
        match self.heard().await.pop() {
            Some(Event::Wrote(wrote)) => wrote,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) async fn presses(&self, message: &MessageRef) -> (Pressed, String) {
        let number: i64 = message.id.parse().unwrap();
        let press = json!({ "from": 7, "chat": 5, "message_id": number, "row": 0, "column": 0 });
        let answer = self.posts("/sandbox/vk/press", press).await;
        let id = answer["callback_id"].as_str().unwrap().to_owned();
        match self.heard().await.pop() {
            Some(Event::Pressed(pressed)) => (pressed, id),
            other => panic!("{other:?}"),
        }
    }

    pub(crate) async fn fails(&self, mut fault: Value) {
        fault["messenger"] = json!("vk");
        self.posts("/sandbox/faults", fault).await;
    }

    pub(crate) async fn upload(&self, name: &str, mime: &str, bytes: Vec<u8>) -> String {
        let url = format!("{}/sandbox/files?name={name}", self.url());
        let request = self.http.post(url).header("content-type", mime).body(bytes);
        let answer: Value = request.send().await.unwrap().json().await.unwrap();
        answer["file"].as_str().unwrap().to_owned()
    }

    /// The messages of Ivan's conversation, as he sees them.
    pub(crate) async fn sees(&self) -> Vec<Value> {
        let state = self.gets("/sandbox/state").await;
        let chats = state["chats"].as_array().unwrap().iter();
        let chat = chats
            .clone()
            .find(|chat| chat["messenger"] == "vk")
            .unwrap();
        chat["messages"].as_array().unwrap().clone()
    }

    /// What was asked of VK so far, apart from what preparing the stage took; and that all of it was
    /// right.
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
        let log = self.gets("/sandbox/calls?messenger=vk").await;
        let mut told = String::new();
        for call in log["calls"].as_array().unwrap() {
            let method = call["method"].as_str().unwrap();
            if method == "a_check" || method.starts_with("groups.") {
                continue;
            }
            let mut params = call["params"].clone();
            blot(&mut params);
            let error = &call["answer"]["error"]["error_code"];
            let error = error
                .as_i64()
                .map_or_else(String::new, |code| format!(" → {code}"));
            let _ = writeln!(told, "{method} {params}{error}");
        }
        // What nobody sees must be seen here.
        told.replace('\u{200b}', "◌")
    }

    pub(crate) async fn heard(&self) -> Vec<Event> {
        let cursor = self.cursor.lock().unwrap().clone();
        let batch = self.vk.next(cursor.as_deref()).await.unwrap();
        *self.cursor.lock().unwrap() = batch.cursor;
        let heard = batch
            .updates
            .iter()
            .flat_map(|raw| self.vk.read(raw).unwrap());
        heard
            .filter_map(|heard| match heard.what {
                What::Event(event) => Some(event),
                What::Ignored(_) | What::Moved { .. } => None,
            })
            .collect()
    }

    pub(crate) async fn posts(&self, path: &str, body: Value) -> Value {
        let url = format!("{}{path}", self.url());
        let answer = self.http.post(url).json(&body).send().await.unwrap();
        let status = answer.status();
        let answer: Value = answer.json().await.unwrap();
        assert!(status.is_success(), "{path} {body}: {answer}");
        answer
    }

    pub(crate) async fn gets(&self, path: &str) -> Value {
        let url = format!("{}{path}", self.url());
        let answer = self.http.get(url).send().await.unwrap();
        answer.json().await.unwrap()
    }
}

/// The channel as the configuration makes it.
pub(crate) fn channel(
    api_url: &str,
    token: &str,
    more: &[(&'static str, &str)],
) -> Arc<dyn Channel> {
    let all = [("token", token), ("group_id", "5"), ("api_url", api_url)];
    let values = all
        .iter()
        .chain(more)
        .map(|(name, text)| (*name, (*text).to_owned()));
    let given = Given {
        id: ChannelId::new("vk"),
        values: values.collect::<BTreeMap<_, _>>(),
        webhook: None,
    };
    (vk::KIND.open)(given).unwrap()
}

pub(crate) fn ivan() -> ChatRef {
    ChatRef::new(&ChannelId::new("vk"), "7")
}

pub(crate) fn key() -> Vec<Vec<Key>> {
    vec![vec![Key {
        label: "В начало".to_owned(),
        data: "c:1:999".to_owned(),
        tone: Tone::Primary,
    }]]
}

pub(crate) fn text(words: &str, keys: Vec<Vec<Key>>, reply_to: Option<MessageRef>) -> Piece {
    Piece::Text {
        to: ivan(),
        text: Rich::plain(words),
        keys,
        reply_to,
        of: Some(operator("1")),
    }
}

/// A message of an operator, on another messenger.
pub(crate) fn operator(id: &str) -> MessageRef {
    ChatRef::new(&ChannelId::new("telegram"), "-100").message(id)
}

/// An operator's file of a kind, and what it arrives as.
pub(crate) fn file(vk: &dyn Channel, kind: MediaKind, id: &str) -> (Said, Carried) {
    let known = BYTES.iter().find(|(known, ..)| *known == kind).unwrap();
    let mut media = Media::new(kind, id);
    media.name = Some(known.1.to_owned());
    let content = Content {
        body: Body::Media(media),
        ..Content::default()
    };
    let said = Said {
        at: operator(id),
        content,
    };
    (said, (vk.abilities().carries)(kind))
}

/// Names, keys and numbers are made up anew each time.
fn blot(value: &mut Value) {
    let Some(fields) = value.as_object_mut() else {
        return;
    };
    for (name, field) in fields {
        let new = ["random_id", "photo", "hash", "file", "event_id"].contains(&name.as_str());
        if new && !field.is_object() {
            *field = json!("…");
        }
        if name == "attachment" {
            let text = field.as_str().unwrap_or_default().to_owned();
            let kinds = text
                .split(',')
                .map(|one| one.split('-').next().unwrap_or_default());
            *field = json!(kinds.collect::<Vec<_>>().join(","));
        }
    }
}
