//! The few fields of VK's objects (API 5.199) that a desk reads. Fields that are not here are ignored,
//! so that a newer server breaks nothing; see <https://dev.vk.com/reference/objects/message>.

use serde::{Deserialize, Deserializer};
use serde_json::{Number, Value, value::RawValue};

/// Version of the API that everything here is asked of.
pub(super) const VERSION: &str = "5.199";

/// An event, by the Callback API or by Bots Long Poll.
#[derive(Deserialize)]
pub(super) struct Update<'a> {
    pub(super) r#type: String,
    /// Read again as what its type says.
    #[serde(borrow)]
    pub(super) object: &'a RawValue,
    pub(super) event_id: Option<String>,
}

/// `message_new`: the message is inside since 5.103, and was the object itself before.
#[derive(Deserialize)]
pub(super) struct MessageNew<'a> {
    #[serde(borrow)]
    pub(super) message: Option<&'a RawValue>,
}

#[expect(clippy::struct_field_names, reason = "the names are VK's")]
/// A message: also one that is quoted or forwarded inside another.
#[derive(Deserialize)]
pub(super) struct Message {
    #[serde(default, deserialize_with = "or_default")]
    pub(super) from_id: i64,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) peer_id: i64,
    /// Its number in the conversation. Both sides see the same.
    #[serde(default, deserialize_with = "or_default")]
    pub(super) conversation_message_id: i64,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) out: i64,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) text: String,
    /// Each is read by itself: one that is odd spoils nothing else.
    #[serde(default, deserialize_with = "or_default")]
    pub(super) attachments: Vec<Value>,
    pub(super) geo: Option<Geo>,
    pub(super) reply_message: Option<Box<Message>>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) fwd_messages: Vec<Message>,
    /// What stood behind the key that wrote this: JSON as text.
    pub(super) payload: Option<Value>,
    /// Who of the administrators wrote it in VK's own window.
    #[serde(default, deserialize_with = "or_default")]
    pub(super) admin_author_id: i64,
    /// What VK itself says about a conversation.
    pub(super) action: Option<Value>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) is_cropped: bool,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) update_time: i64,
    pub(super) keyboard: Option<Value>,
}

/// A place on the map.
#[derive(Deserialize)]
pub(super) struct Geo {
    pub(super) coordinates: Coordinates,
    pub(super) place: Option<GeoPlace>,
}

#[derive(Deserialize)]
pub(super) struct Coordinates {
    pub(super) latitude: Number,
    pub(super) longitude: Number,
}

#[derive(Deserialize)]
pub(super) struct GeoPlace {
    pub(super) title: Option<String>,
    pub(super) address: Option<String>,
    pub(super) city: Option<String>,
}

/// `message_event`: a callback key was pressed.
#[derive(Deserialize)]
pub(super) struct MessageEvent {
    pub(super) user_id: i64,
    pub(super) peer_id: i64,
    pub(super) event_id: String,
    /// What stood behind the key: an object in fact, text in the schema.
    #[serde(default)]
    pub(super) payload: Value,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) conversation_message_id: i64,
}

/// `message_allow` and `message_deny`.
#[derive(Deserialize)]
pub(super) struct Reach {
    pub(super) user_id: i64,
}

/// A field that is `null` is as good as one that is not there.
fn or_default<'de, D, T>(from: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Option::deserialize(from).map(Option::unwrap_or_default)
}

/// A value that VK writes as text here and as a number there.
pub(super) fn text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}
