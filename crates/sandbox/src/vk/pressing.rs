//! What people do besides writing: they press, react, begin to type. Called by the control API.

use serde::Deserialize;
use serde_json::{Value, json};

use super::events::notify;
use super::people::known;
use super::press::Press;
use super::state::Said;
use super::{keyboard, send, writing};
use crate::world::{Deed, Scene};

/// The pictures of reactions, in the order of their numbers. VK publishes the numbers only.
pub(crate) const REACTIONS: [&str; 16] = [
    "❤", "🔥", "😂", "👍", "💩", "❓", "😭", "😡", "👎", "👌", "😄", "🤔", "🙏", "😘", "😍", "🎉",
];
/// Where a person is who sends their place by a key: Moscow.
const HERE: (f64, f64) = (55.7558, 37.6173);

#[derive(Deserialize)]
pub(crate) struct Pressed {
    from: i64,
    chat: i64,
    /// Absent: the keyboard below the conversation.
    message_id: Option<i64>,
    data: Option<Value>,
    row: Option<usize>,
    column: Option<usize>,
    #[serde(default)]
    forge: bool,
}

/// A person presses a key. `{callback_id}` for a callback key, `{message_id}` for one that writes.
pub(crate) fn press(scene: &mut Scene, pressed: &Pressed) -> Deed {
    let (person, community) = (pressed.from, pressed.chat);
    known(scene, person, community)?;
    let below = scene.vk.chat(community, person).keyboard;
    let cmid = pressed.message_id.or(below);
    let found = cmid.and_then(|cmid| scene.vk.message(community, person, cmid)?.keyboard.clone());
    let data = pressed.data.as_ref().map(|data| match data {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    });
    if pressed.forge {
        let data = data.ok_or("a forged press needs \"data\"")?;
        return Ok(call_back(scene, community, person, cmid, &data));
    }
    let keys = found.ok_or("there is no keyboard here")?;
    let inline = keyboard::is_inline(&keys);
    if !inline && cmid != below {
        return Err("this keyboard is not shown any more".to_owned());
    }
    let action = find(&keys, pressed, data.as_deref())?;
    let payload = action["payload"].as_str().map(str::to_owned);
    let label = action["label"].as_str().unwrap_or_default();
    let said = Said {
        date: scene.date(),
        from: person,
        ..Said::default()
    };
    let said = match action["type"].as_str() {
        Some("callback") => {
            let payload = payload.unwrap_or_default();
            let under = cmid.filter(|_| inline);
            return Ok(call_back(scene, community, person, under, &payload));
        }
        Some("text") => Said {
            text: label.to_owned(),
            ..said
        },
        Some("location") => Said {
            geo: Some(send::geo(HERE.0, HERE.1)),
            ..said
        },
        _ => {
            return Err(
                "this key opens something outside the conversation: VK tells nobody".to_owned(),
            );
        }
    };
    if keys["one_time"] == Value::Bool(true) {
        scene.vk.chat(community, person).keyboard = None;
    }
    Ok(writing::receive(scene, community, said, payload))
}

/// The action of the key that is meant.
fn find(keys: &Value, pressed: &Pressed, data: Option<&str>) -> Result<Value, String> {
    let rows = keyboard::rows(keys);
    if let (Some(row), Some(column)) = (pressed.row, pressed.column) {
        let key = rows.get(row).and_then(|row| row.get(column));
        return key
            .map(|key| key["action"].clone())
            .ok_or_else(|| format!("there is no key in row {row}, column {column}"));
    }
    let data = data.ok_or("give \"row\" and \"column\", or \"data\"")?;
    let actions = rows
        .iter()
        .filter_map(Value::as_array)
        .flatten()
        .map(|key| &key["action"]);
    actions
        .into_iter()
        .find(|action| action["payload"] == data)
        .cloned()
        .ok_or_else(|| {
            format!(
                "there is no key with the payload {data}; \"forge\": true sends it all the same"
            )
        })
}

fn call_back(
    scene: &mut Scene,
    community: i64,
    person: i64,
    cmid: Option<i64>,
    payload: &str,
) -> Value {
    let serial = scene.vk.next_serial();
    let id = format!(
        "{:012x}",
        serial.wrapping_mul(0x2545_f491_4f6c) & 0xffff_ffff_ffff
    );
    let press = Press {
        community,
        person,
        at: scene.now,
        answer: None,
    };
    scene.vk.presses.add(id.clone(), press);
    let payload = serde_json::from_str(payload).unwrap_or_else(|_| Value::from(payload));
    let mut object =
        json!({ "user_id": person, "peer_id": person, "event_id": id, "payload": payload });
    if let Some(cmid) = cmid {
        object["conversation_message_id"] = cmid.into();
    }
    notify(scene, community, "message_event", person, &object);
    json!({ "callback_id": id })
}

#[derive(Deserialize)]
pub(crate) struct Reacted {
    from: i64,
    chat: i64,
    message_id: i64,
    /// Its picture; empty takes the reaction back.
    emoji: Option<String>,
    /// Or its number; 0 takes the reaction back.
    reaction_id: Option<i64>,
}

/// A person reacts to a message.
pub(crate) fn react(scene: &mut Scene, reacted: &Reacted) -> Deed {
    known(scene, reacted.from, reacted.chat)?;
    let number = |emoji: &str| {
        let at = REACTIONS
            .iter()
            .position(|known| emoji.starts_with(known))?;
        i64::try_from(at + 1).ok()
    };
    let id = match (reacted.reaction_id, reacted.emoji.as_deref()) {
        (Some(id), _) => id,
        (None, Some("")) => 0,
        (None, Some(emoji)) => number(emoji)
            .ok_or_else(|| format!("VK has no reaction {emoji}; it has {REACTIONS:?}"))?,
        (None, None) => return Err("give \"emoji\" or \"reaction_id\"".to_owned()),
    };
    let message = scene
        .vk
        .message_mut(reacted.chat, reacted.from, reacted.message_id);
    let message = message.ok_or_else(|| format!("no message {}", reacted.message_id))?;
    let mut object =
        json!({ "reacted_id": reacted.from, "peer_id": reacted.from, "cmid": reacted.message_id });
    if id > 0 {
        message.reactions.insert(reacted.from, id);
        object["reaction_id"] = id.into();
    } else {
        message.reactions.remove(&reacted.from);
    }
    notify(
        scene,
        reacted.chat,
        "message_reaction_event",
        reacted.from,
        &object,
    );
    Ok(json!({}))
}

#[derive(Deserialize)]
pub(crate) struct Typing {
    from: i64,
    chat: i64,
}

/// A person begins to type.
pub(crate) fn begin_typing(scene: &mut Scene, typing: &Typing) -> Deed {
    known(scene, typing.from, typing.chat)?;
    let object = json!({ "state": "typing", "from_id": typing.from, "to_id": -typing.chat });
    notify(
        scene,
        typing.chat,
        "message_typing_state",
        typing.from,
        &object,
    );
    Ok(json!({}))
}
