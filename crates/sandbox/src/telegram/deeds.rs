//! What people do: they write, edit, press, react, block. Called by the control API.
//!
//! A deed that Telegram's own clients would not allow is refused with a sentence that says what to do.

use serde::Deserialize;
use serde_json::{Value, json};

use super::callbacks::Press;
use super::content::{Content, Facts, Media, MediaKind};
use super::keyboard::keys;
use super::people::{Deed, known_group};
use super::render::{self, announce, notify};
use super::send;
use super::state::{Message, Place, Status};
use super::text::Rich;
use super::updates::Lane;
use crate::files::FileId;
use crate::world::Scene;

/// Where a person means: a bot's id is their private chat with it.
fn place_of(scene: &Scene, from: i64, chat: i64) -> Result<Place, String> {
    let state = &scene.telegram;
    if !state.people.contains_key(&from) {
        return Err(format!(
            "no person {from}: make them with POST /sandbox/people first"
        ));
    }
    if chat >= 0 {
        return if state.bots.contains_key(&chat) {
            Ok(Place::Private {
                bot: chat,
                person: from,
            })
        } else {
            Err(format!(
                "no bot {chat}: it comes into being with its first call, or with POST /sandbox/bots"
            ))
        };
    }
    known_group(scene, chat)?;
    if !state.status(chat, from).is_inside() {
        return Err(format!("{from} is not in the group: let them join first"));
    }
    Ok(Place::Group(chat))
}

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
    if let Some(id) = written.reply_to
        && scene.telegram.message(place, id).is_none()
    {
        return Err(format!("no message {id} in this chat to reply to"));
    }
    let mut message = Message::new(scene.date(), written.from, content);
    message.reply_to = written.reply_to;
    message.forward = written.forward_from.as_ref().map(
        |name| json!({ "type": "hidden_user", "sender_user_name": name, "date": scene.date() }),
    );
    let id = scene.telegram.post(place, message);
    announce(scene, place, id, "message");
    Ok(json!({ "message_id": id }))
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
    let group = send::album_id(scene);
    let mut ids = Vec::new();
    for item in items {
        let mut message = Message::new(scene.date(), album.from, Content::Media(item));
        message.album = Some(group.clone());
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

#[derive(Deserialize)]
pub(crate) struct Pressed {
    from: i64,
    chat: i64,
    message_id: i64,
    data: Option<String>,
    row: Option<usize>,
    column: Option<usize>,
    #[serde(default)]
    forge: bool,
}

/// A person presses an inline key.
pub(crate) fn press(scene: &mut Scene, pressed: &Pressed) -> Deed {
    let place = if pressed.forge {
        // A stranger's client can send anything, also about a chat that it is not in.
        place_of(scene, pressed.from, pressed.chat).or_else(|why| match pressed.chat {
            chat if scene.telegram.groups.contains_key(&chat) => Ok(Place::Group(chat)),
            _ => Err(why),
        })?
    } else {
        place_of(scene, pressed.from, pressed.chat)?
    };
    let state = &scene.telegram;
    let message = state.message(place, pressed.message_id);
    let bots = state.bots_in(place);
    let author = message
        .map(|message| message.from)
        .filter(|from| state.bots.contains_key(from));
    let bot = author
        .or(bots.first().copied())
        .ok_or("there is no bot in this chat")?;
    let data = pressed_data(message, pressed)?;
    let id = format!(
        "{}",
        4_000_000_000_000_000_000 + scene.telegram.next_serial()
    );
    let state = &scene.telegram;
    let shown = match state.message(place, pressed.message_id) {
        Some(message) => render::message(state, &scene.files, bot, place, message),
        None => {
            json!({ "chat": render::chat(state, place), "message_id": pressed.message_id, "date": 0 })
        }
    };
    let query = json!({
        "id": id,
        "from": render::user(state, pressed.from),
        "message": shown,
        "chat_instance": (place.chat_id().unsigned_abs() * 7919).to_string(),
        "data": data,
    });
    let press = Press {
        bot,
        at: scene.now,
        ..Press::default()
    };
    scene.telegram.callbacks.add(id.clone(), press);
    notify(
        scene,
        bot,
        "callback_query",
        Lane::Presses(pressed.from),
        &query,
    );
    scene.touch();
    Ok(json!({ "callback_id": id }))
}

fn pressed_data(message: Option<&Message>, pressed: &Pressed) -> Result<String, String> {
    if let (true, Some(data)) = (pressed.forge, &pressed.data) {
        return Ok(data.clone());
    }
    let message =
        message.ok_or_else(|| format!("no message {} in this chat", pressed.message_id))?;
    if let (Some(row), Some(column)) = (pressed.row, pressed.column) {
        return render::key_data(message, row, column)
            .ok_or_else(|| format!("no callback key at row {row}, column {column}"));
    }
    let wanted = pressed
        .data
        .as_deref()
        .ok_or("give data, or row and column")?;
    let keyboard = message
        .keyboard
        .as_ref()
        .ok_or("the message has no keys (any more)")?;
    let rows = keys(keyboard);
    let mut all = rows
        .iter()
        .flatten()
        .filter_map(|key| key["callback_data"].as_str());
    if all.any(|data| data == wanted) {
        Ok(wanted.to_owned())
    } else {
        Err(format!(
            "no key with the data {wanted:?}; \"forge\": true presses it all the same"
        ))
    }
}

/// What the bot answered to a press.
pub(crate) fn callback(scene: &Scene, id: &str) -> Deed {
    let press = scene
        .telegram
        .callbacks
        .get(id)
        .ok_or_else(|| format!("no press {id}"))?;
    let mut shown = json!({ "answered": press.answered });
    if press.answered {
        shown["show_alert"] = press.show_alert.into();
    }
    for (key, value) in [("text", &press.text), ("url", &press.url)] {
        if let Some(value) = value {
            shown[key] = value.clone().into();
        }
    }
    Ok(shown)
}

#[derive(Deserialize)]
pub(crate) struct Reacted {
    from: i64,
    chat: i64,
    message_id: i64,
    emoji: String,
}

/// A person reacts to a message, or takes it back.
pub(crate) fn react(scene: &mut Scene, reacted: &Reacted) -> Deed {
    let place = place_of(scene, reacted.from, reacted.chat)?;
    let message = scene
        .telegram
        .message_mut(place, reacted.message_id)
        .ok_or_else(|| format!("no message {} in this chat", reacted.message_id))?;
    let before = if reacted.emoji.is_empty() {
        message.reactions.remove(&reacted.from)
    } else {
        message
            .reactions
            .insert(reacted.from, reacted.emoji.clone())
    };
    let list = |emoji: Option<&str>| -> Vec<Value> {
        emoji
            .iter()
            .map(|emoji| json!({ "type": "emoji", "emoji": emoji }))
            .collect()
    };
    let state = &scene.telegram;
    let change = json!({
        "chat": render::chat(state, place),
        "message_id": reacted.message_id,
        "user": render::user(state, reacted.from),
        "date": scene.date(),
        "old_reaction": list(before.as_deref()),
        "new_reaction": list(Some(reacted.emoji.as_str()).filter(|emoji| !emoji.is_empty())),
    });
    for bot in scene.telegram.bots_in(place) {
        let told = match place {
            Place::Private { .. } => true,
            Place::Group(group) => scene.telegram.status(group, bot).is_admin(),
        };
        if told {
            notify(
                scene,
                bot,
                "message_reaction",
                Lane::Reactions(place.chat_id()),
                &change,
            );
        }
    }
    scene.touch();
    Ok(json!({}))
}

#[derive(Deserialize)]
pub(crate) struct Blocking {
    person: i64,
    bot: i64,
}

/// A person blocks a bot, or takes it back.
pub(crate) fn block(scene: &mut Scene, who: &Blocking, blocked: bool) -> Deed {
    let place = place_of(scene, who.person, who.bot)?;
    let chat = scene
        .telegram
        .privates
        .get_mut(&(who.bot, who.person))
        .ok_or("the person has never written to the bot")?;
    if chat.blocked == blocked {
        return Ok(json!({}));
    }
    chat.blocked = blocked;
    let state = &scene.telegram;
    let (old, new) = if blocked {
        (Status::Member, Status::Kicked)
    } else {
        (Status::Kicked, Status::Member)
    };
    let change = json!({
        "chat": render::chat(state, place),
        "from": render::user(state, who.person),
        "date": scene.date(),
        "old_chat_member": render::member(state, who.bot, old),
        "new_chat_member": render::member(state, who.bot, new),
    });
    notify(
        scene,
        who.bot,
        "my_chat_member",
        Lane::Members(who.person),
        &change,
    );
    scene.touch();
    Ok(json!({}))
}
