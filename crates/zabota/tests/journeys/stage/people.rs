//! What people do, and what they see.

use serde_json::{Value, json};

use super::{BOT, Desk, GROUP, IVAN, MARIA, OLGA, PETR, Stage, TOKEN, keys};

impl Stage {
    /// Everybody who is there from the beginning. Olga and Petr are operators.
    pub(super) async fn set(&self) {
        let me = format!("{}/bot{TOKEN}/getMe", self.sandbox.url());
        let answer = self.http.get(me).send().await.expect("an answer");
        assert!(answer.status().is_success());
        for (id, name) in [
            (IVAN, "Иван"),
            (MARIA, "Мария"),
            (OLGA, "Ольга"),
            (PETR, "Пётр"),
        ] {
            self.person(id, name).await;
        }
        let group = json!({
            "id": GROUP, "title": "Операторы", "members": [OLGA, PETR], "bots": [BOT],
        });
        self.hand("groups", group).await;
    }

    /// Somebody comes into being.
    pub(crate) async fn person(&self, id: i64, name: &str) {
        let person = json!({ "id": id, "first_name": name, "language_code": "ru" });
        self.hand("people", person).await;
    }

    /// A new operator, who has not written to the bot yet.
    pub(crate) async fn operator(&self, id: i64, name: &str) {
        self.person(id, name).await;
        let join = json!({ "user": id });
        self.hand(&format!("groups/{GROUP}/join"), join).await;
    }

    /// Somebody writes to the bot; the message's id.
    pub(crate) async fn says(&self, who: i64, text: &str) -> i64 {
        self.writes(who, json!({ "text": text })).await
    }

    /// Somebody writes anything to the bot.
    pub(crate) async fn writes(&self, who: i64, mut message: Value) -> i64 {
        message["from"] = json!(who);
        message["chat"] = json!(BOT);
        let written = self.hand("messages", message).await;
        written["message_id"].as_i64().expect("an id")
    }

    /// Somebody sends an album to the bot.
    pub(crate) async fn sends_album(&self, who: i64, items: Value) {
        let album = json!({ "from": who, "chat": BOT, "items": items });
        self.hand("albums", album).await;
    }

    /// Waits for a key and presses it; what the bot answers to the press.
    pub(crate) async fn presses(&self, who: i64, chat: i64, label: &str) -> String {
        let (message, data) = self.key(chat, label).await;
        self.presses_data(who, chat, message, &data).await
    }

    /// The last message in a chat that has a key with this label, and what is behind the key.
    pub(crate) async fn key(&self, chat: i64, label: &str) -> (i64, String) {
        let look = async || {
            let messages = self.chat(chat).await;
            messages.iter().rev().find_map(|message| {
                let (_, data) = keys(message).find(|(found, _)| *found == label)?;
                Some((message["message_id"].as_i64()?, data.to_owned()))
            })
        };
        self.until(format!("a key «{label}» in {chat}"), look).await
    }

    /// Presses a key, also one that is not there any more; what the bot answers.
    pub(crate) async fn presses_data(
        &self,
        who: i64,
        chat: i64,
        message: i64,
        data: &str,
    ) -> String {
        let callback = self.press(who, chat, message, data).await;
        self.answer(&callback).await
    }

    /// Presses without waiting for the answer.
    pub(crate) async fn press(&self, who: i64, chat: i64, message: i64, data: &str) -> String {
        // Private chats are called by the other side's name.
        let chat = if chat > 0 { BOT } else { chat };
        let press = json!({
            "from": who, "chat": chat, "message_id": message, "data": data, "forge": true,
        });
        let pressed = self.hand("press", press).await;
        pressed["callback_id"].as_str().expect("an id").to_owned()
    }

    /// Waits until a press is answered; the words.
    pub(crate) async fn answer(&self, callback: &str) -> String {
        let look = async || {
            let state = self.look(&format!("callbacks/{callback}")).await;
            let text = state["text"].as_str().unwrap_or_default().to_owned();
            (state["answered"] == true).then_some(text)
        };
        self.until("an answer to a press", look).await
    }

    /// Waits until the bot has written something with these words in a chat; the last such message.
    pub(crate) async fn sees(&self, chat: i64, words: &str) -> Value {
        let has = |message: &Value| {
            let text = message["text"].as_str();
            text.is_some_and(|text| text.contains(words))
        };
        self.sees_one(chat, &format!("«{words}»"), has).await
    }

    /// Waits for a message of the bot of this kind; the last such.
    pub(crate) async fn sees_kind(&self, chat: i64, kind: &str) -> Value {
        self.sees_one(chat, kind, |message| message["kind"] == kind)
            .await
    }

    /// Waits until the bot has written something of a certain sort; the last such message.
    pub(crate) async fn sees_one(
        &self,
        chat: i64,
        what: &str,
        is: impl Fn(&Value) -> bool,
    ) -> Value {
        let look = async || {
            let heard = self.heard(chat).await;
            heard.into_iter().rev().find(|message| is(message))
        };
        self.until(format!("{what} in {chat}"), look).await
    }

    /// Leads a customer from /start to a ticket with this question.
    pub(crate) async fn asks(&self, who: i64, question: &str) {
        self.says(who, "/start").await;
        self.presses(who, who, "Другой вопрос").await;
        self.sees(who, "О чём вопрос").await;
        self.presses(who, who, "Отправить сообщение сотруднику")
            .await;
        self.sees(who, "Пришлите сообщение").await;
        self.says(who, question).await;
        self.sees(GROUP, question).await;
    }

    /// An operator introduces themselves to the bot, which may write to them from then on.
    pub(crate) async fn starts(&self, operator: i64) {
        self.says(operator, "/start").await;
        self.sees(operator, "Здравствуйте").await;
    }

    /// An operator takes the ticket whose card has these words.
    pub(crate) async fn takes(&self, operator: i64, words: &str) -> String {
        let with_key = |message: &Value| {
            let text = message["text"].as_str();
            text.is_some_and(|text| text.contains(words)) && keys(message).count() > 0
        };
        let card = self.sees_one(GROUP, words, with_key).await;
        let (_, data) = keys(&card).next().expect("a key under the card");
        let id = card["message_id"].as_i64().expect("an id");
        self.presses_data(operator, GROUP, id, data).await
    }

    /// Ivan in a dialog with Olga, the question being answered.
    pub(crate) async fn dialog(&self) {
        self.starts(OLGA).await;
        self.asks(IVAN, "где мой заказ?").await;
        self.takes(OLGA, "где мой заказ?").await;
        self.sees(IVAN, "Оператор подключился").await;
        self.sees(OLGA, "где мой заказ?").await;
    }

    /// Waits until the desk has nothing to do.
    pub(crate) async fn rests(&self, desk: &Desk) {
        let look = async || {
            let state = self.look("state?chat=0").await;
            let (_, metrics) = desk.page("/metrics").await;
            let depth = |name: &str| {
                let lines = metrics.lines().filter(|line| line.starts_with(name));
                lines
                    .map(|line| line.rsplit(' ').next().unwrap_or("?").to_owned())
                    .collect::<Vec<_>>()
            };
            let mut bots = state["bots"].as_array().into_iter().flatten();
            let outboxes = depth("zabota_outbox_depth{");
            let empty = depth("zabota_inbox_depth") == ["0"]
                && !outboxes.is_empty()
                && outboxes.iter().all(|depth| depth == "0")
                && bots.all(|bot| bot["pending"] == 0);
            empty.then_some(())
        };
        self.until("the desk at rest", look).await;
    }
}
