//! How bots see things: users, chats, members and messages as JSON objects of the published types.

use serde_json::{Map, Value, json};

use super::content::{Content, Media, MediaKind, media_json};
use super::keyboard::keys;
use super::state::{Message, Place, State, Status, User};
use super::updates::Lane;
use crate::files::Files;
use crate::world::Scene;

/// A `User`.
pub(crate) fn user(state: &State, id: i64) -> Value {
    match state.user(id) {
        Some(user) => user_json(user),
        None => json!({ "id": id, "is_bot": false, "first_name": "" }),
    }
}

pub(crate) fn user_json(user: &User) -> Value {
    let mut out = json!({ "id": user.id, "is_bot": user.is_bot, "first_name": user.first_name });
    let optional = [
        ("last_name", &user.last_name),
        ("username", &user.username),
        ("language_code", &user.language_code),
    ];
    for (key, value) in optional {
        if let Some(value) = value {
            out[key] = value.clone().into();
        }
    }
    out
}

/// A `Chat`.
pub(crate) fn chat(state: &State, place: Place) -> Value {
    match place {
        Place::Private { person, .. } => {
            let mut out = user(state, person);
            if let Some(fields) = out.as_object_mut() {
                fields.remove("is_bot");
                fields.remove("language_code");
                fields.insert("type".to_owned(), "private".into());
            }
            out
        }
        Place::Group(id) => {
            let group = state.groups.get(&id);
            let kind = if group.is_none_or(|group| group.is_super) {
                "supergroup"
            } else {
                "group"
            };
            json!({
                "id": id,
                "type": kind,
                "title": group.map_or("", |group| group.title.as_str()),
            })
        }
    }
}

/// A `ChatMember`.
pub(crate) fn member(state: &State, id: i64, status: Status) -> Value {
    let user = user(state, id);
    let is_bot = state.bots.contains_key(&id);
    match status {
        Status::Creator => json!({ "status": "creator", "user": user, "is_anonymous": false }),
        Status::Administrator => {
            let mut out = json!({
                "status": "administrator",
                "user": user,
                "can_be_edited": false,
                "is_anonymous": false,
                "can_promote_members": false,
            });
            for right in [
                "can_manage_chat",
                "can_delete_messages",
                "can_manage_video_chats",
                "can_restrict_members",
                "can_change_info",
                "can_invite_users",
                "can_post_stories",
                "can_edit_stories",
                "can_delete_stories",
                "can_pin_messages",
                "can_manage_topics",
                "can_send_welcome_messages",
            ] {
                out[right] = is_bot.into();
            }
            out["can_manage_chat"] = true.into();
            out
        }
        Status::Member => json!({ "status": "member", "user": user }),
        Status::Left => json!({ "status": "left", "user": user }),
        Status::Kicked => json!({ "status": "kicked", "user": user, "until_date": 0 }),
    }
}

/// A `Message` as this bot sees it.
pub(crate) fn message(
    state: &State,
    files: &Files,
    bot: i64,
    place: Place,
    message: &Message,
) -> Value {
    message_json(state, files, bot, place, message, true)
}

fn message_json(
    state: &State,
    files: &Files,
    bot: i64,
    place: Place,
    message: &Message,
    with_reply: bool,
) -> Value {
    let mut out = Map::new();
    let mut set = |key: &str, value: Value| out.insert(key.to_owned(), value);
    set("message_id", message.id.into());
    set("from", user(state, message.from));
    set("chat", chat(state, place));
    set("date", message.date.into());
    if let Some(edited) = message.edited {
        set("edit_date", edited.into());
    }
    if let Some(origin) = &message.forward {
        set("forward_origin", origin.clone());
    }
    if let Some(album) = &message.album {
        set("media_group_id", album.clone().into());
    }
    if let Some(quote) = &message.quote {
        set("quote", quote.clone());
    }
    if message.protected {
        set("has_protected_content", true.into());
    }
    if let Some(keyboard) = &message.keyboard {
        set("reply_markup", keyboard.clone());
    }
    if with_reply && let Some(replied) = message.reply_to.and_then(|id| state.message(place, id)) {
        set(
            "reply_to_message",
            message_json(state, files, bot, place, replied, false),
        );
    }
    match &message.content {
        Content::Text(rich) => {
            set("text", rich.text.clone().into());
            if !rich.entities.is_empty() {
                set("entities", rich.entities.clone().into());
            }
        }
        Content::Media(media) => set_media(&mut out, media, bot, files),
        Content::Plain(field, value) => {
            set(field, value.clone());
            // Old bots look for the place of a venue in `location`.
            if *field == "venue" {
                set("location", value["location"].clone());
            }
        }
        Content::Service { field, value, .. } => {
            set(field, service(state, files, bot, place, field, value));
        }
    }
    out.into()
}

fn set_media(out: &mut Map<String, Value>, media: &Media, bot: i64, files: &Files) {
    let mut set = |key: &str, value: Value| out.insert(key.to_owned(), value);
    let object = media_json(media, bot, files);
    if media.kind == MediaKind::Animation {
        // For backward compatibility an animation is a document, too.
        let mut document = object.clone();
        if let Some(fields) = document.as_object_mut() {
            fields.retain(|key, _| !matches!(key.as_str(), "width" | "height" | "duration"));
        }
        set("document", document);
    }
    set(media.kind.name(), object);
    if !media.caption.text.is_empty() {
        set("caption", media.caption.text.clone().into());
        if media.facts.caption_above {
            set("show_caption_above_media", true.into());
        }
    }
    if !media.caption.entities.is_empty() {
        set("caption_entities", media.caption.entities.clone().into());
    }
    if media.facts.spoiler {
        set("has_media_spoiler", true.into());
    }
}

/// Members and pinned messages are looked up when they are shown.
fn service(
    state: &State,
    files: &Files,
    bot: i64,
    place: Place,
    field: &str,
    value: &Value,
) -> Value {
    match (field, value) {
        ("pinned_message", Value::Number(id)) => {
            let id = id.as_i64().unwrap_or(0);
            match state.message(place, id) {
                Some(pinned) => message_json(state, files, bot, place, pinned, false),
                None => json!({ "chat": chat(state, place), "message_id": id, "date": 0 }),
            }
        }
        ("new_chat_members", Value::Array(ids)) => ids
            .iter()
            .filter_map(Value::as_i64)
            .map(|id| user(state, id))
            .collect(),
        ("left_chat_member", Value::Number(id)) => user(state, id.as_i64().unwrap_or(0)),
        _ => value.clone(),
    }
}

/// Tells the bots of a chat about a message, `message` or `edited_message`. A bot's own messages are not echoed,
/// except for its service messages; a bot that is no administrator sees only what is meant for it.
pub(crate) fn announce(scene: &mut Scene, place: Place, id: i64, kind: &str) {
    scene.touch();
    let now = scene.now;
    for bot in scene.telegram.bots_in(place) {
        let state = &scene.telegram;
        let Some(posted) = state.message(place, id) else {
            return;
        };
        let is_service = matches!(posted.content, Content::Service { .. });
        let is_bots = state.bots.contains_key(&posted.from);
        if (is_bots && !(is_service && posted.from == bot))
            || !concerns(state, place, posted, bot, is_service)
            || !state
                .bots
                .get(&bot)
                .is_some_and(|bot| bot.queue.wants(kind))
        {
            continue;
        }
        let json = message(state, &scene.files, bot, place, posted).to_string();
        scene
            .telegram
            .bot(bot)
            .queue
            .push(kind, &json, Lane::Messages(place.chat_id()), now);
    }
}

/// Privacy mode: commands, replies to the bot, mentions of it, and service messages.
fn concerns(state: &State, place: Place, message: &Message, bot: i64, is_service: bool) -> bool {
    let Place::Group(group) = place else {
        return true;
    };
    if is_service || state.status(group, bot).is_admin() {
        return true;
    }
    let replied = message.reply_to.and_then(|id| state.message(place, id));
    if replied.is_some_and(|replied| replied.from == bot) {
        return true;
    }
    let rich = match &message.content {
        Content::Text(rich) => rich,
        Content::Media(media) => &media.caption,
        Content::Plain(..) | Content::Service { .. } => return false,
    };
    let username = state
        .bots
        .get(&bot)
        .and_then(|bot| bot.user.username.as_deref());
    let named = username.is_some_and(|name| rich.text.contains(&format!("@{name}")));
    let command = rich.text.starts_with('/');
    named
        || (command
            && !rich
                .text
                .split_whitespace()
                .next()
                .is_some_and(|word| word.contains('@')))
}

/// Sends an update of any other kind to one bot, if it wants it.
pub(crate) fn notify(scene: &mut Scene, bot: i64, kind: &str, lane: Lane, content: &Value) {
    let now = scene.now;
    let queue = &mut scene.telegram.bot(bot).queue;
    if queue.wants(kind) {
        queue.push(kind, &content.to_string(), lane, now);
    }
}

/// The data of a key, by its place or by itself; `None` when there is no such key.
pub(crate) fn key_data(message: &Message, row: usize, column: usize) -> Option<String> {
    let keyboard = message.keyboard.as_ref()?;
    let key = *keys(keyboard).get(row)?.get(column)?;
    key["callback_data"].as_str().map(str::to_owned)
}
