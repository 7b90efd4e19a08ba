//! What people do besides writing: they press, react, block. Called by the control API.
//!
//! A deed that Telegram's own clients would not allow is refused with a sentence that says what to do.

use serde::Deserialize;
use serde_json::{Value, json};

use super::callbacks::Press;
use super::keyboard::keys;
use super::people::known_group;
use super::render::{self, notify};
use super::state::{Message, Place, Status};
use super::updates::Lane;
use crate::world::{Deed, Scene};

/// Where a person means: a bot's id is their private chat with it.
pub(super) fn place_of(scene: &Scene, from: i64, chat: i64) -> Result<Place, String> {
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
