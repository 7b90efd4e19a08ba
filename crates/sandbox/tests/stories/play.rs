//! The props: a sandbox with Ivan (7), who has started the bot (1001), and the calls that stories are told with.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use sandbox::Sandbox;
use serde_json::{Value, json};

pub(crate) const BOT: i64 = 1001;
pub(crate) const TOKEN: &str = "1001:secret";
pub(crate) const IVAN: i64 = 7;
pub(crate) const GROUP: i64 = -1_001_000_000_500;

pub(crate) struct Play {
    pub(crate) sandbox: Sandbox,
    pub(crate) http: reqwest::Client,
}

impl Play {
    /// An empty stage.
    pub(crate) async fn empty() -> Self {
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let sandbox = Sandbox::start(any).await.expect("a free port");
        let http = reqwest::Client::builder()
            .no_proxy()
            .build()
            .expect("a client");
        Self { sandbox, http }
    }

    /// With the bot, and Ivan who has pressed /start; that update is confirmed.
    pub(crate) async fn new() -> Self {
        let play = Self::empty().await;
        play.call("getMe", json!({})).await;
        play.hand("people", json!({ "id": IVAN, "first_name": "Иван" }))
            .await;
        play.ivan(json!({ "text": "/start" })).await;
        play.updates().await;
        play
    }

    /// With a group, in which are Olga (8, creator) and Petr (9); the bot is an administrator.
    pub(crate) async fn with_group() -> Self {
        let play = Self::new().await;
        for (id, name) in [(8, "Ольга"), (9, "Пётр")] {
            play.hand("people", json!({ "id": id, "first_name": name }))
                .await;
        }
        let group = json!({ "id": GROUP, "title": "Операторы", "members": [8, 9], "bots": [BOT] });
        play.hand("groups", group).await;
        play.updates().await;
        play
    }

    /// A method's result, checked against its published type.
    pub(crate) async fn call(&self, method: &str, params: Value) -> Value {
        let (status, answer) = self.raw(method, &params).await;
        assert_eq!(
            (status, &answer["ok"]),
            (200, &json!(true)),
            "{method} {params}: {answer}"
        );
        let result = answer["result"].clone();
        let problems = sandbox::telegram::check_type(result_type(method), &result);
        assert!(problems.is_empty(), "{method}: {problems:?} in {result}");
        result
    }

    /// The error of a call that must be refused.
    pub(crate) async fn refused(&self, method: &str, params: Value) -> String {
        let (status, answer) = self.raw(method, &params).await;
        assert_eq!(answer["ok"], json!(false), "{method} {params}: {answer}");
        assert_eq!(answer["error_code"], json!(status));
        let code = answer["error_code"].as_i64().unwrap_or(0);
        format!(
            "{code} {}",
            answer["description"].as_str().unwrap_or_default()
        )
    }

    pub(crate) async fn raw(&self, method: &str, params: &Value) -> (u16, Value) {
        let url = format!("{}/bot{TOKEN}/{method}", self.sandbox.url());
        let response = self
            .http
            .post(url)
            .json(params)
            .send()
            .await
            .expect("an answer");
        let status = response.status().as_u16();
        (status, response.json().await.expect("JSON"))
    }

    /// A call of the control API that succeeds.
    pub(crate) async fn hand(&self, path: &str, body: Value) -> Value {
        let (status, answer) = self.hand_raw(path, &body).await;
        assert_eq!(status, 200, "{path} {body}: {answer}");
        answer
    }

    pub(crate) async fn hand_raw(&self, path: &str, body: &Value) -> (u16, Value) {
        let url = format!("{}/sandbox/{path}", self.sandbox.url());
        let response = self
            .http
            .post(url)
            .json(body)
            .send()
            .await
            .expect("an answer");
        (
            response.status().as_u16(),
            response.json().await.expect("JSON"),
        )
    }

    pub(crate) async fn look(&self, path: &str) -> Value {
        let url = format!("{}/sandbox/{path}", self.sandbox.url());
        self.http
            .get(url)
            .send()
            .await
            .expect("an answer")
            .json()
            .await
            .expect("JSON")
    }

    /// Ivan writes to the bot; the message's id.
    pub(crate) async fn ivan(&self, what: Value) -> i64 {
        self.writes(IVAN, BOT, what).await
    }

    pub(crate) async fn writes(&self, from: i64, chat: i64, mut what: Value) -> i64 {
        what["from"] = from.into();
        what["chat"] = chat.into();
        self.hand("messages", what).await["message_id"]
            .as_i64()
            .expect("an id")
    }

    /// All waiting updates; they are confirmed.
    pub(crate) async fn updates(&self) -> Vec<Value> {
        let updates = self.call("getUpdates", json!({})).await;
        let updates = updates.as_array().expect("a list").clone();
        if let Some(last) = updates.last() {
            let offset = last["update_id"].as_i64().expect("an id") + 1;
            self.call("getUpdates", json!({ "offset": offset })).await;
        }
        updates
    }

    /// Nothing that the bot did was against the published schema.
    pub(crate) async fn clean(&self) {
        assert_eq!(self.look("violations").await, json!({ "violations": [] }));
    }

    /// Lets time pass at once.
    pub(crate) async fn later(&self, seconds: u32) {
        self.hand("clock", json!({ "advance": seconds })).await;
    }

    /// Uploads a file for people to send.
    pub(crate) async fn file(&self, name: &str, bytes: Vec<u8>) -> String {
        let url = format!("{}/sandbox/files?name={name}", self.sandbox.url());
        let response = self
            .http
            .post(url)
            .body(bytes)
            .send()
            .await
            .expect("an answer");
        let answer: Value = response.json().await.expect("JSON");
        answer["file"].as_str().expect("an id").to_owned()
    }
}

/// What a method gives back.
fn result_type(method: &str) -> &'static str {
    match method {
        "getMe" => "User",
        "getUpdates" => "Array of Update",
        "getWebhookInfo" => "WebhookInfo",
        "getFile" => "File",
        "getChat" => "ChatFullInfo",
        "getChatMember" => "ChatMember",
        "getChatAdministrators" => "Array of ChatMember",
        "getChatMemberCount" => "Integer",
        "getMyCommands" => "Array of BotCommand",
        "getMyName" => "BotName",
        "getMyDescription" => "BotDescription",
        "getMyShortDescription" => "BotShortDescription",
        "getChatMenuButton" => "MenuButton",
        "getUserProfilePhotos" => "UserProfilePhotos",
        "sendMediaGroup" => "Array of Message",
        "copyMessage" => "MessageId",
        "copyMessages" | "forwardMessages" => "Array of MessageId",
        "sendChatAction" => "True",
        _ if method.starts_with("send") || method.starts_with("edit") => "Message",
        "forwardMessage" => "Message",
        _ => "True",
    }
}

/// A PNG of this size: a header is all that anybody here looks at.
pub(crate) fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR".to_vec();
    bytes.extend(width.to_be_bytes());
    bytes.extend(height.to_be_bytes());
    bytes.extend([8, 2, 0, 0, 0, 0, 0, 0, 0]);
    bytes
}

/// A field of each, for comparing.
pub(crate) fn each<'a>(list: &'a [Value], pointer: &str) -> Vec<&'a Value> {
    list.iter()
        .map(|item| item.pointer(pointer).unwrap_or(&Value::Null))
        .collect()
}

/// Asks again and again until it holds; a story fails after ten seconds.
pub(crate) async fn until<T>(mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    for _ in 0..1000 {
        if let Some(found) = ask().await {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it never happened");
}
