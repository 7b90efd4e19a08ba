//! `messages.send`: to one person or to many.
//!
//! What must stay true: a repeated `random_id` to the same person gives the same message again and sends nothing.

use serde_json::{Value, json};

use super::error::{ApiError, Outcome, bad, because, error};
use super::state::{Message, Said};
use super::{events, keyboard, limits, media};
use crate::args::Args;
use crate::world::Scene;

/// Ids from here on are chats of several people.
const FIRST_CHAT: i64 = 2_000_000_000;
/// Messages that can be forwarded at once.
const MAX_FORWARDS: usize = 100;

/// Whether the community may write to the peer.
pub(crate) fn writable(scene: &Scene, community: i64, peer: i64) -> Result<(), ApiError> {
    if peer == 0 {
        return Err(bad("peer_id is undefined"));
    }
    if peer >= FIRST_CHAT {
        return Err(error(917));
    }
    let person = scene.vk.people.get(&peer).ok_or_else(|| error(936))?;
    let owner = scene.vk.communities.get(&community);
    let chat = scene.vk.chats.get(&(community, peer));
    if person.deactivated {
        Err(error(18))
    } else if owner.is_some_and(|owner| owner.blacklist.contains(&peer)) {
        Err(error(900))
    } else if person.private {
        Err(error(902))
    } else if chat.is_some_and(|chat| chat.allowed && !chat.denied) {
        Ok(())
    } else {
        Err(error(901))
    }
}

/// `messages.send`.
pub(crate) fn send(scene: &mut Scene, community: i64, args: &Args) -> Outcome {
    let draft = draft(scene, community, args)?;
    if args.get("peer_ids").is_none() {
        let peer = recipient(scene, args)?;
        let (id, _) = post(scene, community, peer, &draft, args)?;
        return Ok(id.into());
    }
    let peers: Vec<i64> = args
        .list("peer_ids")
        .iter()
        .filter_map(Value::as_i64)
        .collect();
    let answers = peers.into_iter().map(|peer| {
        match post(scene, community, peer, &draft, args) {
            Ok((id, cmid)) => {
                json!({ "peer_id": peer, "message_id": id, "conversation_message_id": cmid })
            }
            Err(refused) => {
                json!({ "peer_id": peer, "message_id": 0, "conversation_message_id": 0, "error": refused.short() })
            }
        }
    });
    Ok(answers.collect())
}

/// The only one.
fn recipient(scene: &Scene, args: &Args) -> Result<i64, ApiError> {
    if let Some(peer) = args.int("peer_id") {
        return Ok(peer);
    }
    let user = args
        .int("user_id")
        .or_else(|| args.text("domain")?.strip_prefix("id")?.parse().ok());
    match user {
        Some(user) if scene.vk.people.contains_key(&user) => Ok(user),
        Some(_) => Err(error(113)),
        None if args.get("domain").is_some() => Err(error(113)),
        None if args.get("chat_id").is_some() => Err(error(917)),
        None => Err(bad("peer_id is undefined")),
    }
}

/// What is the same for all recipients.
pub(crate) fn draft(scene: &Scene, community: i64, args: &Args) -> Result<Message, ApiError> {
    let mut attachments = media::named(scene, args.text("attachment").unwrap_or_default())?;
    if let Some(sticker) = args.int("sticker_id").filter(|id| *id > 0) {
        attachments.push(media::sticker(sticker, None));
    }
    let keyboard = match args.text("keyboard") {
        None | Some("") => None,
        Some(text) => Some(keyboard::parse(text, community)?),
    };
    let payload = args.text("payload").filter(|payload| !payload.is_empty());
    if payload.is_some_and(|payload| serde_json::from_str::<Value>(payload).is_err()) {
        return Err(bad("payload is not valid JSON"));
    }
    if args.get("template").is_some() {
        return Err(bad("template: carousels are not emulated"));
    }
    Ok(Message {
        said: Said {
            date: scene.date(),
            from: -community,
            text: args.text("message").unwrap_or_default().to_owned(),
            attachments,
            geo: place(args)?,
            ..Said::default()
        },
        payload: payload.map(str::to_owned),
        keyboard,
        random_id: args.int("random_id").unwrap_or(0),
        ..Message::default()
    })
}

fn place(args: &Args) -> Result<Option<Value>, ApiError> {
    let number = |name| args.get(name).and_then(Value::as_f64);
    match (number("lat"), number("long")) {
        (Some(lat), Some(long)) if lat.abs() <= 90.0 && long.abs() <= 180.0 => {
            Ok(Some(geo(lat, long)))
        }
        (None, None) => Ok(None),
        _ => Err(bad("lat and long are a place on Earth")),
    }
}

/// A place as messages show it.
pub(crate) fn geo(lat: f64, long: f64) -> Value {
    json!({ "type": "point", "coordinates": { "latitude": lat, "longitude": long } })
}

fn post(
    scene: &mut Scene,
    community: i64,
    peer: i64,
    draft: &Message,
    args: &Args,
) -> Result<(i64, i64), ApiError> {
    let owner = scene.vk.community(community);
    if let Some(known) = owner.sent_before(peer, draft.random_id) {
        return Ok(known);
    }
    writable(scene, community, peer)?;
    let mut message = draft.clone();
    quote(scene, community, peer, args, &mut message.said)?;
    let said = &message.said;
    if is_empty(said) {
        return Err(bad("message is empty or invalid"));
    }
    limits::message(scene, community, peer)?;
    let below = message
        .keyboard
        .as_ref()
        .filter(|keys| !keyboard::is_inline(keys));
    let below = below.map(|keys| !keyboard::rows(keys).is_empty());
    let ids = scene.vk.post(community, peer, message);
    scene
        .vk
        .community(community)
        .remember(peer, draft.random_id, ids);
    let chat = scene.vk.chat(community, peer);
    chat.typing_until = 0;
    match below {
        Some(true) => chat.keyboard = Some(ids.1),
        Some(false) => chat.keyboard = None,
        None => {}
    }
    events::message(scene, community, "message_reply", peer, ids.1);
    scene.touch();
    Ok(ids)
}

/// There is nothing in it. An answer to another message is not enough, forwarded messages are.
pub(crate) fn is_empty(said: &Said) -> bool {
    said.text.trim().is_empty()
        && said.attachments.is_empty()
        && said.geo.is_none()
        && said.forwards.is_empty()
}

/// Puts in what the message answers or forwards.
fn quote(
    scene: &Scene,
    community: i64,
    peer: i64,
    args: &Args,
    said: &mut Said,
) -> Result<(), ApiError> {
    if let Some(id) = args.int("reply_to") {
        let reply = by_id(scene, community, id)?;
        said.reply = Some(Box::new(reply));
    }
    for id in args
        .list("forward_messages")
        .iter()
        .filter_map(Value::as_i64)
    {
        said.forwards.push(by_id(scene, community, id)?);
    }
    if let Some(text) = args.text("forward").filter(|text| !text.is_empty()) {
        forward(scene, community, peer, text, said)?;
    }
    if said.forwards.len() > MAX_FORWARDS {
        return Err(error(913));
    }
    Ok(())
}

fn forward(
    scene: &Scene,
    community: i64,
    peer: i64,
    text: &str,
    said: &mut Said,
) -> Result<(), ApiError> {
    const KNOWN: [&str; 6] = [
        "owner_id",
        "peer_id",
        "conversation_message_ids",
        "cmids",
        "message_ids",
        "is_reply",
    ];
    let wrong = |what: &str| bad(&format!("forward {what}"));
    let Ok(Value::Object(given)) = serde_json::from_str::<Value>(text) else {
        return Err(wrong("is not a JSON object"));
    };
    if let Some(stranger) = given.keys().find(|key| !KNOWN.contains(&key.as_str())) {
        return Err(wrong(&format!("has an unknown field {stranger}")));
    }
    let numbers = |name: &str| given.get(name).map(numbers).unwrap_or_default();
    let from = given.get("peer_id").and_then(lone).unwrap_or(peer);
    let mut found = Vec::new();
    for cmid in numbers("conversation_message_ids")
        .into_iter()
        .chain(numbers("cmids"))
    {
        let message = scene.vk.message(community, from, cmid);
        found.push(message.ok_or_else(|| error(921))?.said.clone());
    }
    for id in numbers("message_ids") {
        found.push(by_id(scene, community, id)?);
    }
    let is_reply = given.get("is_reply");
    let is_reply =
        is_reply.is_some_and(|flag| flag.as_bool() == Some(true) || lone(flag) == Some(1));
    match (is_reply, found.len()) {
        (_, 0) => Err(wrong("names no message")),
        (false, _) => {
            said.forwards.append(&mut found);
            Ok(())
        }
        (true, 1) if from == peer => {
            said.reply = found.pop().map(Box::new);
            Ok(())
        }
        (true, _) => Err(wrong(
            "with is_reply names one message of the same conversation",
        )),
    }
}

/// A list of numbers in any of the forms that VK takes: a list, one number, numbers with commas.
fn numbers(value: &Value) -> Vec<i64> {
    match value {
        Value::Array(items) => items.iter().filter_map(lone).collect(),
        Value::String(text) => text
            .split(',')
            .filter_map(|part| part.trim().parse().ok())
            .collect(),
        other => lone(other).into_iter().collect(),
    }
}

fn lone(value: &Value) -> Option<i64> {
    match value {
        Value::String(text) => text.trim().parse().ok(),
        other => other.as_i64(),
    }
}

fn by_id(scene: &Scene, community: i64, id: i64) -> Result<Said, ApiError> {
    let (person, cmid) = scene.vk.find(community, id).ok_or_else(|| error(921))?;
    let message = scene.vk.message(community, person, cmid);
    message
        .map(|message| message.said.clone())
        .ok_or_else(|| because(921, &format!("message {id} is not there")))
}
