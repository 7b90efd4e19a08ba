//! What a message of Messenger's says, as [`Content`]. One may carry several files: each is a part of
//! its own, and part 2 of message `m_1` has the id `m_1#2`.

use engine::{
    content::{Body, Content, Media, MediaKind, Said},
    ids::{ChatRef, MessageRef},
};
use serde_json::Value;

use super::{
    link,
    read::NOT_A_MESSAGE,
    types::{Attachment, Message},
};

/// Files of voice messages are named so; nothing else tells them from music.
const VOICE: &str = "audioclip";

/// A message's parts in order; never none.
pub(super) fn parts(message: &Message, chat: &ChatRef) -> Vec<Said> {
    let text = message.text.as_deref().unwrap_or_default();
    let attachments = message.attachments.as_deref().unwrap_or_default();
    let mut contents: Vec<Content> = attachments
        .iter()
        .filter(|attachment| !is_shadow(attachment, attachments))
        .filter(|attachment| !is_preview(attachment, text))
        .map(content)
        .collect();
    match contents.first_mut() {
        Some(first) if takes_words(first) => first.text = Content::text(text).text,
        Some(_) if text.is_empty() => {}
        None if text.is_empty() => contents.push(other("unknown", String::new())),
        Some(_) | None => contents.insert(0, Content::text(text)),
    }
    if let (Some(first), Some(reply)) = (contents.first_mut(), &message.reply_to) {
        first.reply_to = reply.mid.as_deref().map(|mid| chat.message(mid));
    }
    let numbered = contents.into_iter().enumerate();
    numbered
        .map(|(nth, content)| Said {
            at: chat.message(part(&message.mid, nth)),
            content,
        })
        .collect()
}

/// The id of a part, from 0.
fn part(mid: &str, nth: usize) -> String {
    if nth == 0 {
        mid.to_owned()
    } else {
        format!("{mid}#{}", nth + 1)
    }
}

/// Messenger's own id of a message, whichever part of it is meant; none of what is no message.
pub(super) fn mid(message: &MessageRef) -> Option<&str> {
    let id = message.id.as_str();
    let whole = match id.rsplit_once('#') {
        Some((whole, nth)) if !nth.is_empty() && nth.bytes().all(|b| b.is_ascii_digit()) => whole,
        _ => id,
    };
    (!whole.starts_with(NOT_A_MESSAGE)).then_some(whole)
}

/// A sticker that came as a picture besides (until 30 August 2026).
fn is_shadow(attachment: &Attachment, all: &[Attachment]) -> bool {
    let id = sticker(attachment);
    attachment.r#type == "image"
        && id.is_some()
        && all
            .iter()
            .any(|other| other.r#type == "sticker" && sticker(other) == id)
}

/// What Messenger shows under a link that the text has anyway.
fn is_preview(attachment: &Attachment, text: &str) -> bool {
    attachment.r#type == "fallback"
        && address(attachment).is_some_and(|address| link::is_in(text, &address))
}

/// Whether a message's text can stand under it.
fn takes_words(content: &Content) -> bool {
    match &content.body {
        Body::Media(media) => media.kind.has_caption(),
        Body::Other { .. } => true,
        Body::Text | Body::Location(_) | Body::Contact(_) => false,
    }
}

fn content(attachment: &Attachment) -> Content {
    let known = match attachment.r#type.as_str() {
        "image" if sticker(attachment).is_some() => file(MediaKind::Sticker, attachment),
        "image" => file(picture(attachment), attachment),
        "sticker" => file(MediaKind::Sticker, attachment),
        "video" => file(MediaKind::Video, attachment),
        "audio" => file(sound(attachment), attachment),
        "file" => file(MediaKind::Document, attachment),
        // A link, a place, somebody's card: it says all that it has.
        "fallback" | "location" => {
            let words = words(attachment);
            (!words.is_empty()).then(|| Content::text(words))
        }
        _ => None,
    };
    known.unwrap_or_else(|| other(&attachment.r#type, words(attachment)))
}

fn other(kind: &str, about: String) -> Content {
    let kind = if kind.is_empty() { "unknown" } else { kind };
    Content {
        body: Body::Other {
            kind: kind.to_owned(),
            about,
        },
        ..Content::default()
    }
}

fn file(kind: MediaKind, attachment: &Attachment) -> Option<Content> {
    let url = in_payload(attachment, "/url")?;
    let mut media = Media::new(kind, url);
    if kind == MediaKind::Document {
        media.name = link::file_name(url);
    }
    Some(Content {
        body: Body::Media(media),
        ..Content::default()
    })
}

fn picture(attachment: &Attachment) -> MediaKind {
    match name(attachment) {
        Some(name) if name.to_lowercase().ends_with(".gif") => MediaKind::Animation,
        _ => MediaKind::Photo,
    }
}

fn sound(attachment: &Attachment) -> MediaKind {
    match name(attachment) {
        Some(name) if name.starts_with(VOICE) => MediaKind::Voice,
        _ => MediaKind::Audio,
    }
}

fn name(attachment: &Attachment) -> Option<String> {
    link::file_name(in_payload(attachment, "/url")?)
}

fn sticker(attachment: &Attachment) -> Option<&Value> {
    attachment.payload.get("sticker_id")
}

fn in_payload<'a>(attachment: &'a Attachment, path: &str) -> Option<&'a str> {
    let found = attachment.payload.pointer(path)?.as_str()?;
    (!found.is_empty()).then_some(found)
}

/// Where a share leads: a place has only its coordinates.
fn address(attachment: &Attachment) -> Option<String> {
    let place = || {
        let degrees = |name| attachment.payload.pointer(&format!("/coordinates/{name}"));
        let (lat, long) = (degrees("lat")?, degrees("long")?);
        Some(format!("https://maps.google.com/?q={lat},{long}"))
    };
    let url = in_payload(attachment, "/url").or(attachment.url.as_deref());
    url.map(link::direct).or_else(place)
}

/// What a share says, a line each: its title, a template's words, the link.
fn words(attachment: &Attachment) -> String {
    let title = in_payload(attachment, "/title").or(attachment.title.as_deref());
    let mut lines: Vec<String> = title.into_iter().map(str::to_owned).collect();
    lines.extend(in_payload(attachment, "/text").map(str::to_owned));
    for path in ["/elements", "/generic/elements", "/product/elements"] {
        let elements = attachment.payload.pointer(path).and_then(Value::as_array);
        for element in elements.into_iter().flatten() {
            let text = ["title", "subtitle"]
                .into_iter()
                .filter_map(|name| element.get(name)?.as_str());
            lines.extend(text.map(str::to_owned));
        }
    }
    lines.extend(address(attachment));
    lines.retain(|line| !line.trim().is_empty());
    lines.join("\n")
}
