//! A broadcast and its crowd: what the owner does to send one, and so many clients that they are put into the
//! database and the sandbox by hand.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{BOT, Desk, Stage, VERA};

/// The first of a crowd.
const FIRST: i64 = 20_001;

impl Stage {
    /// Vera chooses everybody: so many. The prompt that waits for the message.
    pub(crate) async fn asks_everybody(&self, many: i64) -> Value {
        let words = format!("Получателей: {many}.");
        let before = self.told_to(VERA, &[&words]).await.len();
        self.says(VERA, "/рассылка").await;
        self.presses(VERA, VERA, "▫️ Все").await;
        self.key(VERA, "✅ Все").await;
        self.presses(VERA, VERA, "Дальше").await;
        let asked = async || (self.told_to(VERA, &[&words]).await.len() > before).then_some(());
        self.until(&words, asked).await;
        self.sees(VERA, &words).await["message_id"].take()
    }

    /// Vera sends a text to everybody: so many.
    pub(crate) async fn broadcasts(&self, text: &str, many: i64) {
        let prompt = self.asks_everybody(many).await;
        let reply = json!({ "text": text, "reply_to": prompt });
        self.writes(VERA, reply).await;
        self.presses(VERA, VERA, "Отправить").await;
    }

    /// The last file of those who did not get it.
    pub(crate) async fn failures(&self) -> String {
        let file = self.sees_kind(VERA, "document").await;
        let id = file["file"]["file_id"].as_str().expect("a file");
        String::from_utf8(self.bytes(id).await).expect("a text")
    }

    /// A desk of a business with so many clients, each with a chat in Telegram, as if they had been here
    /// for long.
    pub(crate) async fn crowd(&self, many: i64, settings: &[(&str, &str)]) -> Desk {
        let crowd = json!({ "bot": BOT, "first": FIRST, "count": many, "name": "Клиент" });
        self.hand("crowd", crowd).await;
        let header = json!([["почта", "имя", "тариф", "оплачено до"], ["vera@mail.ru"]]);
        let desk = self.open_business(header, settings).await;
        let last = FIRST + many - 1;
        let numbers = format!(
            "WITH RECURSIVE n (i) AS (SELECT {FIRST} UNION ALL SELECT i + 1 FROM n WHERE i < {last})"
        );
        self.script(&format!(
            "INSERT INTO clients (email, tariff, created_at, version) {numbers}
               SELECT 'c' || i || '@mail.ru', 'Базовый', 0, 1 FROM n;
             INSERT INTO users (channel, chat, person, name, client_id, session, version) {numbers}
               SELECT 'telegram', 'telegram/' || i, 'telegram/' || i, 'Клиент' || i, c.id, '{{}}', 1
               FROM n JOIN clients c ON c.email = 'c' || i || '@mail.ru'"
        ))
        .await;
        desk
    }

    /// How often everybody but Vera got this text.
    pub(crate) async fn got(&self, text: &str) -> BTreeMap<i64, usize> {
        let shown = self.look("state").await;
        let mut got = BTreeMap::new();
        for chat in shown["chats"].as_array().expect("chats") {
            let who = chat["id"].as_i64().unwrap_or_default();
            if who > 0 && who != VERA {
                let messages = chat["messages"].as_array().into_iter().flatten();
                let same = messages.filter(|message| message["text"] == text);
                got.insert(who, same.count());
            }
        }
        got
    }

    /// How many recipients are how far.
    pub(crate) async fn fates(&self) -> BTreeMap<String, i64> {
        let rows = self
            .sql("SELECT state, COUNT(*) FROM recipients GROUP BY state")
            .await;
        let row = |row: Vec<Option<String>>| {
            let [of, count] = <[_; 2]>::try_from(row).expect("two columns");
            let count = count.and_then(|count| count.parse().ok());
            (of.unwrap_or_default(), count.expect("a number"))
        };
        rows.into_iter().map(row).collect()
    }

    /// How many recipients are as far as that.
    pub(crate) async fn fate(&self, state: &str) -> i64 {
        self.fates().await.get(state).copied().unwrap_or_default()
    }

    /// Waits until so many have got it.
    pub(crate) async fn sent(&self, many: i64) {
        let look = async || (self.fate("sent").await >= many).then_some(());
        self.until(format!("{many} who have got it"), look).await;
    }
}
