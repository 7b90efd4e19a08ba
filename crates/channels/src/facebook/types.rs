//! The few fields of Messenger's events that a desk reads. Fields that are not here are ignored, so that
//! a newer version breaks nothing; see the Messenger Platform's reference of webhook events.

#![expect(clippy::struct_field_names, reason = "the names are Facebook's")]

use serde::{Deserialize, Deserializer, de::IgnoredAny};
use serde_json::Value;

/// One element of `messaging` or `standby`.
#[derive(Deserialize)]
pub(super) struct Event {
    pub(super) sender: Option<Party>,
    pub(super) recipient: Option<Party>,
    /// Milliseconds since 1970.
    #[serde(default)]
    pub(super) timestamp: i64,
    pub(super) message: Option<Message>,
    pub(super) message_edit: Option<Edit>,
    pub(super) postback: Option<Postback>,
    pub(super) referral: Option<Referral>,
    pub(super) delivery: Option<IgnoredAny>,
    pub(super) read: Option<IgnoredAny>,
    pub(super) reaction: Option<IgnoredAny>,
    pub(super) optin: Option<IgnoredAny>,
}

/// Who: a person's id on this page, or the page's. A visitor of a website has none.
#[derive(Deserialize)]
pub(super) struct Party {
    #[serde(default, deserialize_with = "id")]
    pub(super) id: String,
}

#[derive(Deserialize)]
pub(super) struct Message {
    pub(super) mid: String,
    pub(super) text: Option<String>,
    pub(super) attachments: Option<Vec<Attachment>>,
    pub(super) quick_reply: Option<QuickReply>,
    pub(super) reply_to: Option<ReplyTo>,
    #[serde(default)]
    pub(super) is_echo: bool,
    pub(super) metadata: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct QuickReply {
    #[serde(default)]
    pub(super) payload: String,
}

#[derive(Deserialize)]
pub(super) struct ReplyTo {
    pub(super) mid: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Attachment {
    #[serde(default)]
    pub(super) r#type: String,
    /// Shares have it here or in the payload.
    pub(super) title: Option<String>,
    pub(super) url: Option<String>,
    /// Read by path: its form differs from type to type.
    #[serde(default)]
    pub(super) payload: Value,
}

#[derive(Deserialize)]
pub(super) struct Edit {
    pub(super) mid: String,
    #[serde(default)]
    pub(super) text: String,
    /// How many times it was changed, this time included.
    pub(super) num_edit: Option<u32>,
}

#[derive(Deserialize)]
pub(super) struct Postback {
    pub(super) mid: Option<String>,
    #[serde(default)]
    pub(super) title: String,
    /// Not there where another app holds the conversation.
    pub(super) payload: Option<String>,
    pub(super) referral: Option<Referral>,
}

/// By which link somebody came.
#[derive(Deserialize)]
pub(super) struct Referral {
    pub(super) r#ref: Option<String>,
    #[serde(default)]
    pub(super) r#type: String,
}

/// An id: text, or a number.
pub(super) fn id<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Id {
        Text(String),
        Number(u64),
    }
    Ok(match Id::deserialize(from)? {
        Id::Text(text) => text,
        Id::Number(number) => number.to_string(),
    })
}
