//! Customers' phones: what a person does and sees in one messenger, the same words for each of them.

use serde_json::{Value, json};

use super::{BOT, Desk, GROUP, Stage, desk::Settings, facebook, free_port, keys};

/// A messenger, as the sandbox names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Messenger {
    Telegram,
    Vk,
    Facebook,
}

/// One person's conversation with one bot, community or page.
#[derive(Clone, Copy)]
pub(crate) struct Phone<'a> {
    pub(super) stage: &'a Stage,
    pub(crate) messenger: Messenger,
    /// The bot, community or page that is written to.
    pub(crate) account: i64,
    pub(crate) who: i64,
}

impl Messenger {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Telegram => "telegram",
            Self::Vk => "vk",
            Self::Facebook => "facebook",
        }
    }

    /// A control call of this messenger's.
    fn path(self, call: &str) -> String {
        match self {
            Self::Telegram => call.to_owned(),
            Self::Vk | Self::Facebook => format!("{}/{call}", self.name()),
        }
    }
}

impl Stage {
    /// A phone with Telegram.
    pub(crate) fn telegram(&self, who: i64) -> Phone<'_> {
        self.phone(Messenger::Telegram, BOT, who)
    }

    pub(crate) fn phone(&self, messenger: Messenger, account: i64, who: i64) -> Phone<'_> {
        Phone {
            stage: self,
            messenger,
            account,
            who,
        }
    }

    /// Besides the bot a community and a page come into being, and their customers.
    pub(crate) async fn set_everywhere(&self) {
        self.set_vk().await;
        self.set_facebook().await;
    }

    /// What a desk is told of them.
    pub(crate) fn settings_everywhere(&self) -> Settings<'_> {
        let mut all = self.vk_settings();
        all.extend(self.facebook_settings());
        all
    }

    /// A desk with a bot, a community (long poll) and a page, ready; Anna and Timur are there.
    pub(crate) async fn open_everywhere<'a>(&'a self, settings: &[(&'a str, &str)]) -> Desk {
        self.set_everywhere().await;
        let mut all = self.settings_everywhere();
        let more = settings
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()));
        all.extend(more);
        self.open_with_page(all).await
    }

    /// A desk that a page's webhook leads to.
    pub(crate) async fn open_with_page(&self, settings: Settings<'_>) -> Desk {
        let settings: Vec<_> = settings.iter().map(|(n, v)| (*n, v.as_str())).collect();
        let desk = self.begin(free_port(), &settings);
        self.connect_page(&desk, facebook::PAGE, "facebook").await;
        self.ready(&desk).await;
        desk
    }
}

impl Phone<'_> {
    async fn hand(&self, call: &str, mut body: Value) -> Value {
        body["from"] = json!(self.who);
        body["chat"] = json!(self.account);
        self.stage.hand(&self.messenger.path(call), body).await
    }

    /// Writes a text; the message's id.
    pub(crate) async fn says(&self, text: &str) -> Value {
        self.writes(json!({ "text": text })).await
    }

    /// Writes anything.
    pub(crate) async fn writes(&self, message: Value) -> Value {
        self.hand("messages", message).await["message_id"].take()
    }

    /// Sends several attachments as one album, each `{kind, file}`, the words with the first.
    pub(crate) async fn sends_album(&self, words: &str, mut items: Value) {
        match self.messenger {
            Messenger::Telegram => {
                items[0]["caption"] = json!(words);
                self.hand("albums", json!({ "items": items })).await;
            }
            Messenger::Vk | Messenger::Facebook => {
                let album = json!({ "text": words, "attachments": items });
                self.hand("messages", album).await;
            }
        }
    }

    /// Changes the text of what was written.
    pub(crate) async fn edits(&self, message: &Value, text: &str) {
        let id = message
            .as_str()
            .map_or_else(|| message.to_string(), str::to_owned);
        let call = match self.messenger {
            Messenger::Telegram => format!("messages/{}/{id}", self.account),
            Messenger::Vk | Messenger::Facebook => {
                format!("messages/{}/{}/{id}", self.account, self.who)
            }
        };
        let to = json!({ "from": self.who, "text": text });
        self.stage.change(&self.messenger.path(&call), &to).await;
    }

    /// Presses what a person presses who opens the conversation for the first time.
    pub(crate) async fn begins(&self) {
        match self.messenger {
            Messenger::Telegram => drop(self.says("/start").await),
            Messenger::Vk => {
                let start = json!({ "text": "Начать", "payload": r#"{"command":"start"}"# });
                self.writes(start).await;
            }
            Messenger::Facebook => {
                self.hand("press", json!({ "get_started": true })).await;
            }
        }
    }

    /// Waits for a key and presses it.
    pub(crate) async fn presses(&self, label: &str) {
        let (message, data) = self.key(label).await;
        self.presses_data(&message, &data).await;
    }

    /// Presses a key, also one that is not there any more, or never was.
    pub(crate) async fn presses_data(&self, message: &Value, data: &str) {
        let forge = self.messenger != Messenger::Facebook;
        let press = json!({ "message_id": message, "data": data, "forge": forge });
        self.hand("press", press).await;
    }

    /// A key with this label, also a shortened one, under the last message that has keys: those of
    /// others are about to go. The message, and what is behind the key.
    pub(crate) async fn key(&self, label: &str) -> (Value, String) {
        let look = async || {
            let messages = self.messages().await;
            let last = messages.iter().rev().find(|m| keys(m).next().is_some())?;
            let mut keys = keys(last);
            let (_, data) = keys.find(|(shown, _)| stands_for(shown, label))?;
            Some((last["message_id"].clone(), data.to_owned()))
        };
        self.until(&format!("a key «{label}»"), look).await
    }

    /// What is seen in the conversation, oldest first.
    pub(crate) async fn messages(&self) -> Vec<Value> {
        let state = self.stage.look("state").await;
        let chats = state["chats"].as_array().expect("chats");
        let mine = |chat: &&Value| {
            chat["messenger"] == self.messenger.name()
                && chat["person"] == self.who
                && chat["bot"] == self.account
        };
        let messages = chats.iter().find(mine).map(|chat| &chat["messages"]);
        let messages = messages.and_then(|messages| messages.as_array().cloned());
        messages.unwrap_or_default()
    }

    /// What the desk has written there, oldest first.
    pub(crate) async fn heard(&self) -> Vec<Value> {
        let mut messages = self.messages().await;
        messages.retain(|message| message["from_bot"] == true && message["kind"] != "service");
        messages
    }

    /// Waits until the desk has written something with these words; the last such message.
    pub(crate) async fn sees(&self, words: &str) -> Value {
        let has = |message: &Value| {
            let text = message["text"].as_str();
            text.is_some_and(|text| text.contains(words))
        };
        self.sees_one(&format!("«{words}»"), has).await
    }

    /// Waits for a message of the desk's of this kind; the last such.
    pub(crate) async fn sees_kind(&self, kind: &str) -> Value {
        self.sees_one(kind, |message| message["kind"] == kind).await
    }

    /// Waits until the desk has written something of a certain sort; the last such message.
    pub(crate) async fn sees_one(&self, what: &str, is: impl Fn(&Value) -> bool) -> Value {
        let look = async || {
            self.heard()
                .await
                .into_iter()
                .rev()
                .find(|message| is(message))
        };
        self.until(what, look).await
    }

    /// Goes from the beginning of `care` to a ticket with this question.
    pub(crate) async fn asks(&self, question: &str) {
        self.begins().await;
        self.presses("Другой вопрос").await;
        self.sees("О чём вопрос").await;
        self.presses("Отправить сообщение сотруднику").await;
        self.sees("Пришлите сообщение").await;
        self.says(question).await;
        self.stage.sees(GROUP, question).await;
    }

    async fn until<T>(&self, what: &str, look: impl AsyncFnMut() -> Option<T>) -> T {
        let what = format!("{what}, {} {}", self.messenger.name(), self.who);
        self.stage.until(what, look).await
    }
}

/// Where labels do not fit they are numbered and shortened: «1. Обращение по г…».
fn stands_for(shown: &str, label: &str) -> bool {
    let numbered = shown.split_once(". ");
    let bare = match numbered {
        Some((number, rest)) if number.parse::<u8>().is_ok() => rest,
        Some(_) | None => shown,
    };
    match bare.strip_suffix('…') {
        Some(head) => label.starts_with(head.trim_end()),
        None => bare == label,
    }
}
