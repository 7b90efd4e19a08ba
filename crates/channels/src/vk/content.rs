//! What a VK message says, as its parts in order: one message carries a text, up to ten attachments, a
//! place and other people's messages, and each of these is a message of its own here.

use engine::{
    content::{Body, Content, Location, Rich, Said},
    ids::{ChannelId, ChatRef},
};

use super::{
    attached,
    ids::part,
    markup::to_rich,
    types::{Geo, Message},
};

/// What a message says; never nothing. Its place is `chat`.
pub(super) fn of(message: &Message, chat: &ChatRef) -> Vec<Said> {
    let number = message.conversation_message_id;
    let reply_to = message
        .reply_message
        .as_ref()
        .map(|reply| reply.conversation_message_id)
        .filter(|number| *number > 0)
        .map(|number| part(chat, number, 1));
    let mut parts = Vec::new();
    add(&mut parts, message, None);
    for forwarded in &message.fwd_messages {
        forward(&mut parts, forwarded);
    }
    if parts.is_empty() {
        parts.push(Content {
            body: Body::Other {
                kind: "unknown".to_owned(),
                about: String::new(),
            },
            ..Content::default()
        });
    }
    if let Some(first) = parts.first_mut() {
        first.reply_to = reply_to;
    }
    let album = (parts.len() > 1).then(|| number.to_string());
    (1..)
        .zip(parts)
        .map(|(nth, mut content)| {
            content.album.clone_from(&album);
            Said {
                at: part(chat, number, nth),
                content,
            }
        })
        .collect()
}

/// Somebody else's message, with what it quotes and forwards itself.
fn forward(parts: &mut Vec<Content>, message: &Message) {
    if let Some(quoted) = &message.reply_message {
        forward(parts, quoted);
    }
    add(parts, message, Some(&page(message.from_id)));
    for inner in &message.fwd_messages {
        forward(parts, inner);
    }
}

/// Whom a message was forwarded from: updates give no names.
fn page(id: i64) -> String {
    if id < 0 {
        format!("vk.com/club{}", id.unsigned_abs())
    } else {
        format!("vk.com/id{id}")
    }
}

fn add(parts: &mut Vec<Content>, message: &Message, forwarded_from: Option<&str>) {
    let text = to_rich(&message.text);
    let attached = message
        .attachments
        .iter()
        .filter_map(|attachment| attached::body(attachment, &message.text));
    let place = message.geo.as_ref().map(location);
    let mut bodies = attached.chain(place).peekable();
    let under = bodies.peek().is_some_and(takes_text);
    if !text.is_empty() && !under {
        let content = Content {
            text: text.clone(),
            forwarded_from: forwarded_from.map(str::to_owned),
            ..Content::default()
        };
        match parts.last_mut() {
            // A chain of forwarded texts is read in one piece.
            Some(before) if goes_on(before, &content) => {
                before.text.push("\n\n");
                before.text.append(&content.text);
            }
            _ => parts.push(content),
        }
    }
    for (nth, body) in bodies.enumerate() {
        parts.push(Content {
            body,
            text: if nth == 0 && under {
                text.clone()
            } else {
                Rich::default()
            },
            forwarded_from: forwarded_from.map(str::to_owned),
            ..Content::default()
        });
    }
}

/// Whether words stand under it; otherwise they go before it.
fn takes_text(body: &Body) -> bool {
    match body {
        Body::Media(media) => media.kind.has_caption(),
        Body::Other { .. } => true,
        Body::Text | Body::Location(_) | Body::Contact(_) => false,
    }
}

fn goes_on(before: &Content, content: &Content) -> bool {
    before.body == Body::Text
        && content.forwarded_from.is_some()
        && before.forwarded_from == content.forwarded_from
}

fn location(geo: &Geo) -> Body {
    let words = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let place = geo.place.as_ref();
    Body::Location(Location {
        latitude: geo.coordinates.latitude.to_string(),
        longitude: geo.coordinates.longitude.to_string(),
        title: place.and_then(|place| words(&place.title)),
        address: place.and_then(|place| words(&place.address).or_else(|| words(&place.city))),
    })
}

/// Whether VK left something out, at whatever depth.
pub(super) fn is_cropped(message: &Message) -> bool {
    message.is_cropped || message.fwd_messages.iter().any(is_cropped)
}

/// The private chat of a person with the community.
pub(super) fn chat(channel: &ChannelId, person: i64) -> ChatRef {
    ChatRef::new(channel, person.to_string())
}
