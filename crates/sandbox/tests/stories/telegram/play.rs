//! The props: a sandbox with Ivan (7), who has started the bot (1001), and the calls that stories are told with.

use std::ops::Deref;

use serde_json::{Value, json};

use crate::stage::Stage;

pub(crate) const BOT: i64 = 1001;
pub(crate) const TOKEN: &str = "1001:secret";
pub(crate) const IVAN: i64 = 7;
pub(crate) const GROUP: i64 = -1_001_000_000_500;

pub(crate) struct Play {
    pub(crate) stage: Stage,
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
