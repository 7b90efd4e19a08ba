//! What operators do in their group.

use serde_json::{Value, json};

use super::{BOT, GROUP, Stage};

impl Stage {
    /// An operator writes anything in the group; the message's id.
    pub(crate) async fn in_group(&self, who: i64, mut message: Value) -> Value {
        message["from"] = json!(who);
        message["chat"] = json!(GROUP);
        self.hand("messages", message).await["message_id"].take()
    }

    /// An operator answers a message in the group.
    pub(crate) async fn answers(&self, who: i64, to: &Value, words: &str) -> Value {
        let answer = json!({ "text": words, "reply_to": to["message_id"] });
        self.in_group(who, answer).await
    }

    /// An operator changes what they wrote in the group.
    pub(crate) async fn edits_in_group(&self, who: i64, message: &Value, words: &str) {
        let to = json!({ "from": who, "text": words });
        self.change(&format!("messages/{GROUP}/{message}"), &to)
            .await;
    }

    /// Waits for a sign of the bot's at a message in the group.
    pub(crate) async fn sees_mark(&self, message: &Value, emoji: &str) {
        let look = async || {
            let messages = self.chat(GROUP).await;
            let found = messages
                .iter()
                .find(|found| found["message_id"] == *message)?;
            let marks = found["reactions"].as_array()?;
            let mark = |mark: &Value| mark["emoji"] == emoji && mark["from"] == BOT;
            marks.iter().any(mark).then_some(())
        };
        self.until(format!("{emoji} at message {message}"), look)
            .await;
    }
}
