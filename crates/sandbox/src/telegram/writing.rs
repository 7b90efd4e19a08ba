//! What people write: messages, albums, edits, deletions. Called by the control API.

use serde::Deserialize;
use serde_json::{Value, json};

use super::content::{Content, Facts, Media, MediaKind};
use super::deeds::place_of;
use super::media::album_id;
use super::render::announce;
use super::send;
use super::state::{Message, Place};
use super::text::Rich;
use crate::files::FileId;
use crate::world::{Deed, Scene};

/// Where a person can write now; writing to a bot starts the chat.
fn writable(scene: &mut Scene, from: i64, chat: i64) -> Result<Place, String> {
    let place = place_of(scene, from, chat)?;
    if let Place::Private { bot, person } = place {
        let chat = scene.telegram.privates.entry((bot, person)).or_default();
        if chat.blocked {
            return Err(format!(
                "{from} has blocked the bot: POST /sandbox/unblock first"
            ));
        }
        chat.started = true;
    }
    Ok(place)
}

#[derive(Deserialize)]
pub(crate) struct Written {
    from: i64,
    chat: i64,
    reply_to: Option<i64>,
    forward_from: Option<String>,
    #[serde(flatten)]
    said: Said,
}

/// One of the kinds, and what goes with it.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Said {
    text: Option<String>,
    entities: Vec<Value>,
    caption: Option<String>,
    caption_entities: Vec<Value>,
    photo: Option<String>,
    video: Option<String>,
    animation: Option<String>,
    audio: Option<String>,
    document: Option<String>,
    voice: Option<String>,
    video_note: Option<String>,
    sticker: Option<String>,
    emoji: Option<String>,
    duration: Option<i64>,
    location: Option<Value>,
    venue: Option<Value>,
    contact: Option<Value>,
    poll: Option<Value>,
    dice: Option<String>,
}

/// A person writes.
pub(crate) fn write(scene: &mut Scene, written: &Written) -> Deed {
    let content = content_of(scene, &written.said)?;
    let place = writable(scene, written.from, written.chat)?;
    answered(scene, place, written.reply_to)?;
    let mut message = Message::new(scene.date(), written.from, content);
    message.reply_to = written.reply_to;
    message.forward = written.forward_from.as_ref().map(
        |name| json!({ "type": "hidden_user", "sender_user_name": name, "date": scene.date() }),
    );
    let id = scene.telegram.post(place, message);
    announce(scene, place, id, "message");
    Ok(json!({ "message_id": id }))
}

/// What is answered must be there.
fn answered(scene: &Scene, place: Place, reply_to: Option<i64>) -> Result<(), String> {
    match reply_to {
        Some(id) if scene.telegram.message(place, id).is_none() => {
            Err(format!("no message {id} in this chat to reply to"))
        }
        Some(_) | None => Ok(()),
    }
}

fn content_of(scene: &mut Scene, said: &Said) -> Result<Content, String> {
    let mut contents = Vec::new();
    if let Some(text) = &said.text {
        let rich = rich(text, &said.entities)?;
        if rich.text.is_empty() || rich.len() > send::MAX_TEXT {
            return Err("text has 1 to 4096 characters".to_owned());
        }
        contents.push(Content::Text(rich));
    }
    let files = [
        (MediaKind::Photo, &said.photo),
        (MediaKind::Video, &said.video),
        (MediaKind::Animation, &said.animation),
        (MediaKind::Audio, &said.audio),
        (MediaKind::Document, &said.document),
        (MediaKind::Voice, &said.voice),
        (MediaKind::VideoNote, &said.video_note),
        (MediaKind::Sticker, &said.sticker),
    ];
    for (kind, file) in files {
        let Some(file) = file else { continue };
        contents.push(Content::Media(media(scene, kind, file, said)?));
    }
    for (field, value) in [
        ("location", &said.location),
        ("venue", &said.venue),
        ("contact", &said.contact),
    ] {
        if let Some(value) = value {
            contents.push(Content::Plain(field, plain(field, value)?));
        }
    }
    if let Some(poll) = &said.poll {
        let options = poll["options"].as_array().map_or(&[][..], Vec::as_slice);
        let options: Vec<&str> = options.iter().filter_map(Value::as_str).collect();
        let question = poll["question"].as_str().unwrap_or_default();
        contents.push(Content::Plain(
            "poll",
            send::poll_json(scene, question, &options),
        ));
    }
    if let Some(emoji) = &said.dice {
        let dice = send::dice_json(scene, emoji).map_err(|error| error.description)?;
        contents.push(Content::Plain("dice", dice));
    }
    let content = contents.pop().ok_or("say one of text, photo, video, animation, audio, document, voice, sticker, video_note, location, venue, contact, poll, dice")?;
    if contents.is_empty() {
        Ok(content)
    } else {
        Err("a message has exactly one kind".to_owned())
    }
}

fn rich(text: &str, entities: &[Value]) -> Result<Rich, String> {
    let mut remarks = Vec::new();
    let rich =
        Rich::new(text, entities.to_vec(), &mut remarks).map_err(|error| error.description)?;
    match remarks.pop() {
        Some(remark) => Err(remark),
        None => Ok(rich),
    }
}

fn media(scene: &Scene, kind: MediaKind, file: &str, said: &Said) -> Result<Media, String> {
    let id = FileId::parse(file)
        .filter(|id| scene.files.get(*id).is_some())
        .ok_or_else(|| format!("no file {file}: upload it with POST /sandbox/files first"))?;
    let caption = rich(
        said.caption.as_deref().unwrap_or_default(),
        &said.caption_entities,
    )?;
    let facts = Facts {
        emoji: said.emoji.clone(),
        duration: said.duration.unwrap_or(0).max(0),
        ..Facts::default()
    };
    Ok(Media {
        kind,
        file: id,
        caption,
        facts,
    })
}

/// Brings a location, venue or contact into the published form, or says what it lacks.
fn plain(field: &str, value: &Value) -> Result<Value, String> {
    let (name, value) = match field {
        "venue" => {
            let location =
                json!({ "latitude": value["latitude"], "longitude": value["longitude"] });
            let (title, address) = (&value["title"], &value["address"]);
            (
                "Venue",
                json!({ "location": location, "title": title, "address": address }),
            )
        }
        "location" => ("Location", value.clone()),
        _ => ("Contact", value.clone()),
    };
    let problems = super::check_type(name, &value);
    if problems.is_empty() {
        Ok(value)
    } else {
        Err(problems.join("; "))
    }
}

#[derive(Deserialize)]
pub(crate) struct Album {
    from: i64,
    chat: i64,
    reply_to: Option<i64>,
    items: Vec<AlbumItem>,
}

#[derive(Deserialize)]
struct AlbumItem {
    kind: String,
    file: String,
    #[serde(flatten)]
    said: Said,
}

/// A person sends an album: its messages arrive one by one.
pub(crate) fn album(scene: &mut Scene, album: &Album) -> Deed {
    if !(2..=10).contains(&album.items.len()) {
        return Err("an album has 2 to 10 items".to_owned());
    }
    let mut items = Vec::new();
    for item in &album.items {
        let kind = MediaKind::ALL
            .into_iter()
            .find(|kind| kind.name() == item.kind)
            .filter(|kind| {
                matches!(
                    kind,
                    MediaKind::Photo | MediaKind::Video | MediaKind::Audio | MediaKind::Document
                )
            })
            .ok_or_else(|| {
                format!(
                    "kind {:?}: an album holds photo, video, audio, document",
                    item.kind
                )
            })?;
        items.push(media(scene, kind, &item.file, &item.said)?);
    }
    let place = writable(scene, album.from, album.chat)?;
    answered(scene, place, album.reply_to)?;
    let group = album_id(scene);
    let mut ids = Vec::new();
    for item in items {
        let mut message = Message::new(scene.date(), album.from, Content::Media(item));
        message.album = Some(group.clone());
        message.reply_to = album.reply_to;
        let id = scene.telegram.post(place, message);
        announce(scene, place, id, "message");
        ids.push(id);
    }
    Ok(json!({ "message_ids": ids }))
}

#[derive(Deserialize)]
pub(crate) struct Edited {
    from: i64,
    text: Option<String>,
    #[serde(default)]
    entities: Vec<Value>,
    caption: Option<String>,
    #[serde(default)]
    caption_entities: Vec<Value>,
}

/// A person edits their own message.
pub(crate) fn edit(scene: &mut Scene, chat: i64, id: i64, edited: &Edited) -> Deed {
    let place = place_of(scene, edited.from, chat)?;
    let date = scene.date();
    let message = scene
        .telegram
        .message_mut(place, id)
        .filter(|message| message.from == edited.from)
        .ok_or_else(|| format!("no message {id} of {} in this chat", edited.from))?;
    match (&mut message.content, &edited.text, &edited.caption) {
        (Content::Text(rich_text), Some(text), None) => {
            let new = rich(text, &edited.entities)?;
            if new.text.is_empty() {
                return Err("text is empty".to_owned());
            }
            *rich_text = new;
        }
        (Content::Media(media), None, Some(caption)) => {
            media.caption = rich(caption, &edited.caption_entities)?;
        }
        _ => return Err("give \"text\" for a text, \"caption\" for a file".to_owned()),
    }
    message.edited = Some(date);
    announce(scene, place, id, "edited_message");
    Ok(json!({}))
}

/// A person deletes a message; bots are not told.
pub(crate) fn delete(scene: &mut Scene, chat: i64, id: i64, from: i64) -> Deed {
    let place = place_of(scene, from, chat)?;
    let thread = scene
        .telegram
        .thread_mut(place)
        .ok_or("there is no such chat")?;
    thread
        .messages
        .remove(&id)
        .ok_or_else(|| format!("no message {id} in this chat"))?;
    thread.pinned.remove(&id);
    scene.touch();
    Ok(json!({}))
}
