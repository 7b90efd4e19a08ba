//! What the page shows: the same state, as people see it.

use serde_json::{Value, json};

use super::content::Content;
use super::state::{Bot, Message, Place, State, Thread, User};
use crate::messenger::Messenger;
use crate::world::Scene;

/// The last messages of a chat that are shown.
const SHOWN: usize = 200;
/// Units of the quoted message.
const QUOTE: usize = 80;

/// The bots, people and chats, for `GET /sandbox/state`; of the chats only those of this id, if one is
/// given: a crowd takes its time.
pub(crate) fn everybody(scene: &Scene, only: Option<i64>) -> (Vec<Value>, Vec<Value>, Vec<Value>) {
    let state = &scene.telegram;
    let is_meant = |id: i64| only.is_none_or(|only| only == id);
    let privates = state.privates.iter();
    let privates = privates.filter(|((_, person), _)| is_meant(*person));
    let privates = privates.map(|((bot, person), chat)| {
        let place = Place::Private {
            bot: *bot,
            person: *person,
        };
        json!({
            "messenger": Messenger::Telegram,
            "id": person,
            "type": "private",
            "bot": bot,
            "person": person,
            "started": chat.started,
            "blocked": chat.blocked,
            "typing": chat.thread.typing_until > scene.now,
            "messages": messages(scene, place, &chat.thread, SHOWN),
        })
    });
    let groups = state.groups.keys().filter(|id| is_meant(**id));
    let groups = groups.map(|id| group(scene, *id, SHOWN));
    let people = state.people.values().filter(|person| is_meant(person.id));
    (
        state.bots.values().map(bot).collect(),
        people.map(person).collect(),
        privates.chain(groups).collect(),
    )
}

pub(crate) fn bot(bot: &Bot) -> Value {
    json!({
        "messenger": Messenger::Telegram,
        "id": bot.user.id,
        "username": bot.user.username,
        "first_name": bot.user.first_name,
        "mode": bot.queue.mode(),
        "pending": bot.queue.pending(),
    })
}

pub(crate) fn person(person: &User) -> Value {
    json!({
        "messenger": Messenger::Telegram,
        "id": person.id,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "username": person.username,
        "phone": person.phone,
        "deactivated": person.deactivated,
    })
}

/// A group with so many of its last messages.
pub(crate) fn group(scene: &Scene, id: i64, shown: usize) -> Value {
    let Some(group) = scene.telegram.groups.get(&id) else {
        return Value::Null;
    };
    let member = |(user, status): (&i64, &super::state::Status)| {
        let is_bot = scene.telegram.bots.contains_key(user);
        json!({ "user": user, "status": status.name(), "is_bot": is_bot })
    };
    json!({
        "messenger": Messenger::Telegram,
        "id": id,
        "type": if group.is_super { "supergroup" } else { "group" },
        "title": group.title,
        "bots": scene.telegram.bots_in(Place::Group(id)),
        "members": group.members.iter().map(member).collect::<Vec<_>>(),
        "typing": group.thread.typing_until > scene.now,
        "messages": messages(scene, Place::Group(id), &group.thread, shown),
    })
}

/// First and last name.
pub(crate) fn name(state: &State, id: i64) -> String {
    let Some(user) = state.user(id) else {
        return id.to_string();
    };
    match &user.last_name {
        Some(last) => format!("{} {last}", user.first_name),
        None => user.first_name.clone(),
    }
}

fn messages(scene: &Scene, place: Place, thread: &Thread, shown: usize) -> Vec<Value> {
    let mut list: Vec<Value> = thread
        .messages
        .values()
        .rev()
        .take(shown)
        .map(|message| show(scene, place, thread, message))
        .collect();
    list.reverse();
    list
}

fn show(scene: &Scene, place: Place, thread: &Thread, message: &Message) -> Value {
    let state = &scene.telegram;
    let reactions: Vec<Value> = message
        .reactions
        .iter()
        .map(|(from, emoji)| json!({ "emoji": emoji, "from": from }))
        .collect();
    let mut out = json!({
        "message_id": message.id,
        "date": message.date,
        "edit_date": message.edited,
        "from": message.from,
        "from_bot": state.bots.contains_key(&message.from),
        "from_name": name(state, message.from),
        "kind": kind(&message.content),
        "album": message.album,
        "reactions": reactions,
        "pinned": thread.pinned.contains(&message.id),
        "deleted": false,
        "keyboard": message.keyboard.as_ref().map_or(Value::Null, |keyboard| keyboard["inline_keyboard"].clone()),
        "reply_keyboard": message.reply_keyboard,
        "forward_from": message.forward.as_ref().map(origin),
        "reply_to": message.reply_to.map(|id| {
            let quote = state.message(place, id).map(|replied| gist(&replied.content));
            json!({ "message_id": id, "quote": quote })
        }),
    });
    match &message.content {
        Content::Text(rich) => {
            out["text"] = rich.text.clone().into();
            out["entities"] = rich.entities.clone().into();
        }
        Content::Media(media) => {
            out["text"] = media.caption.text.clone().into();
            out["entities"] = media.caption.entities.clone().into();
            out["emoji"] = media.facts.emoji.clone().into();
            let mut about = json!({ "file_id": media.file.to_string() });
            if let Some(file) = scene.files.get(media.file) {
                about["name"] = file.name.clone().into();
                about["mime"] = file.mime.clone().into();
                about["size"] = file.bytes.len().into();
                about["width"] = media.facts.width.max(file.width.into()).into();
                about["height"] = media.facts.height.max(file.height.into()).into();
                about["duration"] = media.facts.duration.into();
            }
            out["file"] = about;
        }
        Content::Plain(field, value) => out[*field] = value.clone(),
        Content::Service { words, .. } => out["service"] = words.clone().into(),
    }
    out
}

fn kind(content: &Content) -> &'static str {
    match content {
        Content::Text(_) => "text",
        Content::Media(media) => media.kind.name(),
        Content::Plain(field, _) => field,
        Content::Service { .. } => "service",
    }
}

fn origin(origin: &Value) -> Value {
    let user = &origin["sender_user"];
    if user.is_object() {
        let last = user["last_name"]
            .as_str()
            .map(|last| format!(" {last}"))
            .unwrap_or_default();
        return format!("{}{last}", user["first_name"].as_str().unwrap_or_default()).into();
    }
    match &origin["sender_user_name"] {
        Value::Null => origin["sender_chat"]["title"].clone(),
        name => name.clone(),
    }
}

/// The first words of a message.
fn gist(content: &Content) -> String {
    let text = match content {
        Content::Text(rich) => rich.text.as_str(),
        Content::Media(media) if media.caption.text.is_empty() => media.kind.name(),
        Content::Media(media) => media.caption.text.as_str(),
        Content::Plain(field, _) => field,
        Content::Service { words, .. } => words.as_str(),
    };
    text.chars().take(QUOTE).collect()
}
