//! What a Telegram message says, as [`Content`].

use engine::{
    content::{Body, Contact, Content, Location, Media, MediaKind, Rich},
    event::Person,
    ids::{ChannelId, ChatRef, PersonRef},
};
use serde_json::{Value, value::RawValue};

use super::{
    entities::to_rich,
    types::{self, Chat, File, Message, Origin, User},
};

/// Kinds of messages that have no body of their own, with where the words for them stand.
const OTHERS: &[(&str, &str)] = &[
    ("poll", "/question"),
    ("dice", "/emoji"),
    ("game", "/title"),
    ("checklist", "/title"),
    ("invoice", "/title"),
    ("story", "/chat/title"),
    ("paid_media", ""),
    ("giveaway", "/prize_description"),
    ("giveaway_winners", "/prize_description"),
    ("rich_message", ""),
];

/// What Telegram itself says about a chat ("Service message: …", Bot API 10.3, Message). Bots' own
/// doings come back as these, too.
const SERVICE: &[&str] = &[
    "new_chat_members",
    "left_chat_member",
    "chat_owner_left",
    "chat_owner_changed",
    "new_chat_title",
    "new_chat_photo",
    "delete_chat_photo",
    "group_chat_created",
    "supergroup_chat_created",
    "channel_chat_created",
    "message_auto_delete_timer_changed",
    "migrate_to_chat_id",
    "migrate_from_chat_id",
    "pinned_message",
    "successful_payment",
    "refunded_payment",
    "users_shared",
    "chat_shared",
    "gift",
    "unique_gift",
    "gift_upgrade_sent",
    "connected_website",
    "write_access_allowed",
    "passport_data",
    "proximity_alert_triggered",
    "boost_added",
    "chat_background_set",
    "checklist_tasks_done",
    "checklist_tasks_added",
    "community_chat_added",
    "community_chat_joined",
    "community_chat_removed",
    "direct_message_price_changed",
    "forum_topic_created",
    "forum_topic_edited",
    "forum_topic_closed",
    "forum_topic_reopened",
    "general_forum_topic_hidden",
    "general_forum_topic_unhidden",
    "giveaway_created",
    "giveaway_completed",
    "managed_bot_created",
    "paid_message_price_changed",
    "poll_option_added",
    "poll_option_deleted",
    "suggested_post_approved",
    "suggested_post_approval_failed",
    "suggested_post_declined",
    "suggested_post_paid",
    "suggested_post_refunded",
    "video_chat_scheduled",
    "video_chat_started",
    "video_chat_ended",
    "video_chat_participants_invited",
    "web_app_data",
];

/// What a message says, or `None` if Telegram says it and not a person.
pub(super) fn of(message: Message, raw: &RawValue, chat: &ChatRef) -> Option<Content> {
    let mut content = Content {
        album: message.media_group_id.clone(),
        reply_to: replied(&message).map(|id| chat.message(id.to_string())),
        forwarded_from: message.forward_origin.as_ref().map(words_for),
        ..Content::default()
    };
    if let Some(text) = message.text {
        content.text = command_to_us(to_rich(text, &message.entities), &message.entities);
        return Some(content);
    }
    content.body = match attached(&message) {
        Some(body) => body,
        None => other(raw)?,
    };
    if let Some(caption) = message.caption {
        content.text = to_rich(caption, &message.caption_entities);
    }
    Some(content)
}

/// Somebody, with what Telegram tells of them. A private chat has its person's id.
pub(super) fn person(channel: &ChannelId, user: &User) -> Person {
    let id = user.id.to_string();
    Person {
        id: PersonRef::new(channel, id.as_str()),
        chat: ChatRef::new(channel, id),
        name: name_of(user),
        username: user.username.clone(),
        language: user.language_code.clone(),
    }
}

/// What to call somebody; never empty.
pub(super) fn name_of(user: &User) -> String {
    let full = joined(&user.first_name, user.last_name.as_deref());
    if full.is_empty() {
        user.username.clone().unwrap_or_else(|| user.id.to_string())
    } else {
        full
    }
}

fn joined(first: &str, last: Option<&str>) -> String {
    let mut full = first.trim().to_owned();
    if let Some(last) = last.map(str::trim).filter(|last| !last.is_empty()) {
        if !full.is_empty() {
            full.push(' ');
        }
        full.push_str(last);
    }
    full
}

fn words_for(origin: &Origin) -> String {
    let chat = |chat: &Chat| match &chat.title {
        Some(title) => title.clone(),
        None => joined(
            chat.first_name.as_deref().unwrap_or_default(),
            chat.last_name.as_deref(),
        ),
    };
    origin
        .sender_user
        .as_ref()
        .map(name_of)
        .or_else(|| origin.sender_user_name.clone())
        .or_else(|| origin.sender_chat.as_ref().map(chat))
        .or_else(|| origin.chat.as_ref().map(chat))
        .unwrap_or_default()
}

/// The id of the message that is answered. Every message in a topic names the topic's first
/// message; that is no answer.
fn replied(message: &Message) -> Option<i64> {
    let id = message.reply_to_message.as_ref()?.message_id;
    let topic = message.is_topic_message && message.message_thread_id == Some(id);
    (!topic).then_some(id)
}

/// `/start@care_bot payload` is `/start payload`.
fn command_to_us(mut rich: Rich, entities: &[super::entities::Entity]) -> Rich {
    let end = rich
        .text
        .find(char::is_whitespace)
        .unwrap_or(rich.text.len());
    let word = &rich.text[..end];
    let marked = entities
        .iter()
        .any(|entity| entity.offset == 0 && entity.r#type == "bot_command");
    let Some(at) = word.find('@').filter(|_| marked || is_command(word)) else {
        return rich;
    };
    rich.text.replace_range(at..end, "");
    let moved = |byte: usize| {
        if byte <= at {
            byte
        } else {
            at.max(byte.saturating_sub(end - at))
        }
    };
    for mark in &mut rich.marks {
        mark.range = moved(mark.range.start)..moved(mark.range.end);
    }
    rich.marks.retain(|mark| !mark.range.is_empty());
    rich
}

/// Whether a word is a command to a bot, also in letters of which Telegram marks no commands (it knows
/// latin ones): `/пока@care_bot`. Names of bots end so (<https://core.telegram.org/bots/features>).
fn is_command(word: &str) -> bool {
    let command = word.strip_prefix('/').and_then(|rest| rest.split_once('@'));
    command.is_some_and(|(command, name)| {
        command.starts_with(char::is_alphabetic)
            && command.chars().all(|c| c.is_alphanumeric() || c == '_')
            && name.to_ascii_lowercase().ends_with("bot")
    })
}

/// The attachment. Newer kinds go first: Telegram adds an older one beside them for older bots (an
/// animation has a document, a venue a location, a live photo a photo).
fn attached(message: &Message) -> Option<Body> {
    let file = |kind, file: &Option<File>| Some(media(kind, file.as_ref()?));
    let largest = |sizes: &Vec<File>| {
        sizes
            .iter()
            .max_by_key(|size| {
                u64::from(size.width.unwrap_or(0)) * u64::from(size.height.unwrap_or(0))
            })
            .map(|size| media(MediaKind::Photo, size))
    };
    file(MediaKind::Animation, &message.animation)
        .or_else(|| message.photo.as_ref().and_then(largest))
        .or_else(|| file(MediaKind::Video, &message.video))
        .or_else(|| file(MediaKind::Voice, &message.voice))
        .or_else(|| file(MediaKind::Audio, &message.audio))
        .or_else(|| file(MediaKind::Sticker, &message.sticker))
        .or_else(|| file(MediaKind::VideoNote, &message.video_note))
        .or_else(|| file(MediaKind::Document, &message.document))
        .or_else(|| {
            let venue = message.venue.as_ref()?;
            let (title, address) = (venue.title.clone(), venue.address.clone());
            Some(Body::Location(location(&venue.location, title, address)))
        })
        .or_else(|| {
            Some(Body::Location(location(
                message.location.as_ref()?,
                None,
                None,
            )))
        })
        .or_else(|| Some(Body::Contact(contact(message))).filter(|_| message.contact.is_some()))
}

fn media(kind: MediaKind, file: &File) -> Body {
    Body::Media(Media {
        kind,
        file: file.file_id.clone(),
        name: file.file_name.clone(),
        mime: file.mime_type.clone().or_else(|| sticker_type(kind, file)),
        size: file.file_size,
        emoji: file.emoji.clone(),
        width: file.width.or(file.length),
        height: file.height.or(file.length),
        seconds: file.duration,
        preview: preview(kind, file),
    })
}

/// Telegram does not say the type of a sticker, but what makes it move.
fn sticker_type(kind: MediaKind, file: &File) -> Option<String> {
    let mime = match kind {
        MediaKind::Sticker if file.is_animated => "application/x-tgsticker",
        MediaKind::Sticker if file.is_video => "video/webm",
        MediaKind::Sticker => "image/webp",
        MediaKind::Photo
        | MediaKind::Video
        | MediaKind::Document
        | MediaKind::Voice
        | MediaKind::Audio
        | MediaKind::VideoNote
        | MediaKind::Animation => return None,
    };
    Some(mime.to_owned())
}

/// A still picture, of what moves.
fn preview(kind: MediaKind, file: &File) -> Option<String> {
    match kind {
        MediaKind::Sticker | MediaKind::Video | MediaKind::VideoNote | MediaKind::Animation => {
            Some(file.thumbnail.as_ref()?.file_id.clone())
        }
        MediaKind::Photo | MediaKind::Document | MediaKind::Voice | MediaKind::Audio => None,
    }
}

fn location(at: &types::Location, title: Option<String>, address: Option<String>) -> Location {
    Location {
        latitude: at.latitude.get().to_owned(),
        longitude: at.longitude.get().to_owned(),
        title,
        address,
    }
}

/// A person's card; their own if Telegram says that it is the sender's account.
fn contact(message: &Message) -> Contact {
    let sender = message.from.as_ref().map(|user| user.id);
    let card = message.contact.as_ref();
    Contact {
        phone: card.map(|c| c.phone_number.clone()).unwrap_or_default(),
        first_name: card.map(|c| c.first_name.clone()).unwrap_or_default(),
        last_name: card.and_then(|c| c.last_name.clone()),
        own: card.is_some_and(|c| c.user_id.is_some() && c.user_id == sender),
    }
}

/// A message without a body of its own here; `None` if it is a service message.
fn other(raw: &RawValue) -> Option<Body> {
    let whole: Value = serde_json::from_str(raw.get()).unwrap_or_default();
    for (kind, path) in OTHERS {
        if let Some(inside) = whole.get(kind) {
            return Some(Body::Other {
                kind: (*kind).to_owned(),
                about: about(inside, path),
            });
        }
    }
    if SERVICE.iter().any(|name| whole.get(name).is_some()) {
        return None;
    }
    Some(Body::Other {
        kind: "unknown".to_owned(),
        about: String::new(),
    })
}

/// The words inside: at `path`, or all of a rich message's text.
fn about(value: &Value, path: &str) -> String {
    if !path.is_empty() {
        let words = value.pointer(path).and_then(Value::as_str);
        return words.unwrap_or_default().to_owned();
    }
    let mut lines = Vec::new();
    blocks(value, &mut lines);
    lines.join("\n")
}

/// A rich message is a tree of blocks (Bot API 10.3, RichBlock): a line for each that has words.
fn blocks(value: &Value, lines: &mut Vec<String>) {
    match value {
        Value::Array(parts) => parts.iter().for_each(|part| blocks(part, lines)),
        Value::Object(fields) => {
            for (name, field) in fields {
                match name.as_str() {
                    "text" | "summary" | "caption" | "credit" => lines.push(inline(field)),
                    _ => blocks(field, lines),
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// A line's words: a string, a row of lines, or something styled with a line inside (RichText).
fn inline(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().map(inline).collect(),
        Value::Object(fields) => ["text", "alternative_text", "expression"]
            .iter()
            .find_map(|name| fields.get(*name))
            .map(inline)
            .unwrap_or_default(),
        Value::Null | Value::Bool(_) | Value::Number(_) => String::new(),
    }
}
