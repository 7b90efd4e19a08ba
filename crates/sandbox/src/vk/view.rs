//! What the page shows: the same state, as people see it.

use serde_json::{Value, json};

use super::callback::Server;
use super::keyboard;
use super::pressing::REACTIONS;
use super::state::{Attachment, Chat, Community, Message, Person, Said};
use crate::messenger::Messenger;
use crate::world::Scene;

/// The last messages of a conversation that are shown.
const SHOWN: usize = 200;
/// Characters of the quoted message.
const QUOTE: usize = 80;

/// The communities, people and conversations, for `GET /sandbox/state`.
pub(crate) fn everybody(scene: &Scene) -> (Vec<Value>, Vec<Value>, Vec<Value>) {
    let state = &scene.vk;
    let chats = state.chats.iter().map(|((community, person), chat)| {
        json!({
            "messenger": Messenger::Vk,
            "id": person,
            "type": "private",
            "bot": community,
            "person": person,
            "started": chat.allowed,
            "blocked": chat.denied,
            "typing": chat.typing_until > scene.now,
            "messages": messages(scene, chat),
        })
    });
    (
        state.communities.values().map(community).collect(),
        state.people.values().map(person).collect(),
        chats.collect(),
    )
}

pub(crate) fn community(community: &Community) -> Value {
    let mode = if !community.servers.is_empty() {
        "webhook"
    } else if community.history.is_polled() {
        "polling"
    } else {
        "idle"
    };
    let pending = match mode {
        "webhook" => community.servers.iter().map(Server::pending).sum(),
        _ => usize::try_from(community.history.pending()).unwrap_or(usize::MAX),
    };
    json!({
        "messenger": Messenger::Vk,
        "id": community.id,
        "username": format!("club{}", community.id),
        "first_name": community.name,
        "mode": mode,
        "pending": pending,
        "admins": community.admins,
    })
}

pub(crate) fn person(person: &Person) -> Value {
    json!({
        "messenger": Messenger::Vk,
        "id": person.id,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "username": format!("id{}", person.id),
        "deactivated": person.deactivated,
    })
}

fn messages(scene: &Scene, chat: &Chat) -> Vec<Value> {
    let skip = chat.messages.len().saturating_sub(SHOWN);
    chat.messages
        .values()
        .skip(skip)
        .map(|message| show(scene, chat, message))
        .collect()
}

fn name(scene: &Scene, id: i64) -> String {
    if let Some(person) = scene.vk.people.get(&id) {
        return format!("{} {}", person.first_name, person.last_name)
            .trim()
            .to_owned();
    }
    let community = scene.vk.communities.get(&-id);
    community.map_or_else(|| id.to_string(), |community| community.name.clone())
}

fn show(scene: &Scene, chat: &Chat, message: &Message) -> Value {
    let said = &message.said;
    let reactions: Vec<Value> = message
        .reactions
        .iter()
        .map(|(from, id)| {
            let at = usize::try_from(id - 1).ok();
            let emoji = at.and_then(|at| REACTIONS.get(at)).unwrap_or(&"?");
            json!({ "emoji": emoji, "from": from.abs() })
        })
        .collect();
    let attachments: Vec<Value> = said
        .attachments
        .iter()
        .map(|attachment| attached(scene, attachment))
        .collect();
    let mut out = json!({
        "message_id": said.cmid,
        "date": said.date,
        "edit_date": message.edited,
        "from": said.from.abs(),
        "from_bot": said.from < 0,
        "from_name": name(scene, said.from),
        "admin": message.admin,
        "kind": kind(said),
        "text": said.text,
        "entities": [],
        "album": null,
        "reactions": reactions,
        "pinned": false,
        "deleted": false,
        "keyboard": null,
        "reply_keyboard": null,
        "attachments": attachments,
        "file": attachments.first().map_or(Value::Null, |first| first["file"].clone()),
        "forwards": said.forwards.iter().map(|said| forwarded(scene, said)).collect::<Vec<_>>(),
        "forward_from": said.forwards.first().map(|first| name(scene, first.from)),
        "reply_to": said.reply.as_ref().map(|reply| json!({ "message_id": reply.cmid, "quote": gist(reply) })),
    });
    if let Some(geo) = &said.geo {
        out["location"] = geo["coordinates"].clone();
    }
    if let Some(keys) = &message.keyboard {
        if keyboard::is_inline(keys) {
            out["keyboard"] = shown_keys(keys);
        } else if chat.keyboard == Some(said.cmid) {
            let one_time = &keys["one_time"];
            out["reply_keyboard"] =
                json!({ "keyboard": shown_keys(keys), "one_time_keyboard": one_time });
        }
    }
    out
}

fn shown_keys(keys: &Value) -> Value {
    let key = |key: &Value| {
        let action = &key["action"];
        json!({
            "text": action["label"].as_str().unwrap_or("📍"),
            "callback_data": action["payload"],
            "type": action["type"],
            "url": action["link"],
            "style": key["color"].as_str().unwrap_or("secondary"),
        })
    };
    let row = |row: &Value| {
        row.as_array()
            .map(|keys| keys.iter().map(key).collect::<Vec<_>>())
    };
    keyboard::rows(keys).iter().filter_map(row).collect()
}

fn attached(scene: &Scene, attachment: &Attachment) -> Value {
    let body = &attachment.body;
    let mut out =
        json!({ "kind": shown_kind(&attachment.kind), "title": body["title"], "url": body["url"] });
    if let Some(id) = attachment.file {
        let mut file = json!({ "file_id": id.to_string(), "duration": body["duration"] });
        if let Some(known) = scene.files.get(id) {
            file["name"] = known.name.clone().into();
            file["mime"] = known.mime.clone().into();
            file["size"] = known.bytes.len().into();
            file["width"] = known.width.into();
            file["height"] = known.height.into();
        }
        out["file"] = file;
    }
    out
}

fn forwarded(scene: &Scene, said: &Said) -> Value {
    json!({
        "from_name": name(scene, said.from),
        "text": said.text,
        "attachments": said.attachments.iter().map(|one| attached(scene, one)).collect::<Vec<_>>(),
        "forwards": said.forwards.iter().map(|said| forwarded(scene, said)).collect::<Vec<_>>(),
    })
}

fn kind(said: &Said) -> &str {
    match (said.attachments.first(), &said.geo) {
        (Some(first), _) => shown_kind(&first.kind),
        (None, Some(_)) => "location",
        (None, None) => "text",
    }
}

/// The names that the page has for what VK calls otherwise.
fn shown_kind(kind: &str) -> &str {
    match kind {
        "doc" => "document",
        "audio_message" => "voice",
        "graffiti" => "photo",
        other => other,
    }
}

/// The first words of a message.
fn gist(said: &Said) -> String {
    if said.text.is_empty() {
        return kind(said).to_owned();
    }
    said.text.chars().take(QUOTE).collect()
}
