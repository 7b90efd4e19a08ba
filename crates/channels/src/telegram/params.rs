//! The parameters of a call, built up field by field: what is not there is left out.

use engine::{
    content::Rich,
    effect::{Key, Tone},
    ids::{ChatRef, MessageRef},
};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};

use super::entities::from_rich;

/// A JSON object on its way to the Bot API.
#[derive(Debug, Default)]
pub(super) struct Params(Map<String, Value>);

impl Params {
    /// Something for a chat.
    pub(super) fn to(chat: &ChatRef) -> Self {
        Self::default().set("chat_id", id(&chat.id))
    }

    /// Something about a message.
    pub(super) fn about(message: &MessageRef) -> Self {
        Self::to(&message.chat).set("message_id", id(&message.id))
    }

    /// One more field.
    pub(super) fn set(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.insert(name.to_owned(), value.into());
        self
    }

    /// Text with its formatting beside it: user text is never parsed as markup.
    pub(super) fn text(self, rich: &Rich) -> Self {
        self.formatted("text", "entities", rich)
    }

    /// A caption; an empty one is left out.
    pub(super) fn caption(self, rich: &Rich) -> Self {
        if rich.is_empty() {
            return self;
        }
        self.formatted("caption", "caption_entities", rich)
    }

    /// A caption that takes the place of another one, even if it is empty.
    pub(super) fn new_caption(self, rich: &Rich) -> Self {
        self.formatted("caption", "caption_entities", rich)
    }

    fn formatted(self, text: &str, entities: &str, rich: &Rich) -> Self {
        let marks = from_rich(rich);
        let params = self.set(text, rich.text.as_str());
        if marks.is_empty() {
            return params;
        }
        params.set(entities, json!(marks))
    }

    /// What it answers. A reply to something deleted is sent without the reply.
    pub(super) fn reply(self, to: Option<&MessageRef>) -> Self {
        let Some(to) = to else { return self };
        self.set(
            "reply_parameters",
            json!({ "message_id": id(&to.id), "allow_sending_without_reply": true }),
        )
    }

    /// Keys under it. Editing without this field takes the keys away (Bot API, editMessageText).
    pub(super) fn keys(self, rows: &[Vec<Key>]) -> Self {
        if rows.is_empty() {
            return self;
        }
        let rows: Vec<Vec<Value>> = rows
            .iter()
            .map(|row| row.iter().map(button).collect())
            .collect();
        self.set("reply_markup", json!({ "inline_keyboard": rows }))
    }

    /// Its fields as a form has them: text as it is, anything else as JSON.
    pub(super) fn into_fields(self) -> impl Iterator<Item = (String, String)> {
        self.0.into_iter().map(|(name, value)| match value {
            Value::String(text) => (name, text),
            value => (name, value.to_string()),
        })
    }

    /// It as the part of a bigger one.
    pub(super) fn into_value(self) -> Value {
        Value::Object(self.0)
    }
}

impl Serialize for Params {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(to)
    }
}

/// An id as Telegram writes it: a number, except for public names such as `@group`.
pub(super) fn id(text: &str) -> Value {
    text.parse::<i64>()
        .map_or_else(|_| json!(text), |number| json!(number))
}

/// `InlineKeyboardButton`; its `style` came with Bot API 9.4 and is ignored by older servers.
fn button(key: &Key) -> Value {
    let mut button = json!({ "text": key.label, "callback_data": key.data });
    let style = match key.tone {
        Tone::Plain => return button,
        Tone::Primary => "primary",
        Tone::Danger => "danger",
    };
    button["style"] = json!(style);
    button
}
