//! Messages as VK's JSON.

use serde_json::{Value, json};

use super::state::{Attachment, Message, Said};
use crate::world::Scene;

/// Files are served under this path.
pub(crate) const FILES: &str = "/vk/files/";
/// What else is served here and named in objects.
const OURS: &str = "/vk/";

/// A message of the conversation with `person`.
pub(crate) fn message(scene: &Scene, person: i64, message: &Message) -> Value {
    let said = &message.said;
    let mut out = common(scene, said);
    out["id"] = said.id.into();
    out["peer_id"] = person.into();
    out["out"] = u8::from(said.from < 0).into();
    out["version"] = message.version.into();
    out["important"] = false.into();
    out["is_hidden"] = false.into();
    out["random_id"] = message.random_id.into();
    if let Some(reply) = &said.reply {
        out["reply_message"] = foreign(scene, person, reply);
    }
    out["fwd_messages"] = forwards(scene, person, &said.forwards);
    if let Some(date) = message.edited {
        out["update_time"] = date.into();
    }
    if let Some(admin) = message.admin {
        out["admin_author_id"] = admin.into();
    }
    if let Some(payload) = &message.payload {
        out["payload"] = payload.clone().into();
    }
    if let Some(keyboard) = &message.keyboard {
        out["keyboard"] = keyboard.clone();
    }
    out
}

/// A message that is quoted or forwarded.
fn foreign(scene: &Scene, person: i64, said: &Said) -> Value {
    let mut out = common(scene, said);
    if said.id != 0 {
        out["id"] = said.id.into();
        out["peer_id"] = person.into();
    }
    if let Some(reply) = &said.reply {
        out["reply_message"] = foreign(scene, person, reply);
    }
    if !said.forwards.is_empty() {
        out["fwd_messages"] = forwards(scene, person, &said.forwards);
    }
    out
}

fn forwards(scene: &Scene, person: i64, said: &[Said]) -> Value {
    said.iter()
        .map(|said| foreign(scene, person, said))
        .collect()
}

fn common(scene: &Scene, said: &Said) -> Value {
    let attachments: Value = said
        .attachments
        .iter()
        .map(|attachment| shown(scene, attachment))
        .collect();
    let mut out = json!({
        "date": said.date,
        "from_id": said.from,
        "text": said.text,
        "attachments": attachments,
        "conversation_message_id": said.cmid,
    });
    if let Some(geo) = &said.geo {
        out["geo"] = geo.clone();
    }
    out
}

fn shown(scene: &Scene, attachment: &Attachment) -> Value {
    json!({ "type": attachment.kind, &attachment.kind: object(scene, attachment) })
}

/// The object alone, with whole addresses.
pub(crate) fn object(scene: &Scene, attachment: &Attachment) -> Value {
    let mut body = attachment.body.clone();
    complete(&scene.base, &mut body);
    body
}

/// Puts the host before addresses of this host.
fn complete(base: &str, value: &mut Value) {
    match value {
        Value::String(text) if text.starts_with(OURS) => text.insert_str(0, base),
        Value::Array(items) => items.iter_mut().for_each(|item| complete(base, item)),
        Value::Object(fields) => fields.values_mut().for_each(|field| complete(base, field)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
