//! What else is done with messages: read, edited, deleted, marked.

use serde_json::{Value, json};

use super::error::{ApiError, Outcome, bad, because, error};
use super::send::{draft, is_empty, writable};
use super::state::Message;
use super::{accounts, events, render};
use crate::args::Args;
use crate::clock::Millis;
use crate::world::Scene;

/// A message can be edited, and deleted for everybody, for a day.
const EDITABLE: i64 = 24 * 3600;
/// How long «набирает сообщение» is shown.
const TYPING: Millis = 10_000;
/// Reactions are numbered from 1.
const REACTIONS: std::ops::RangeInclusive<i64> = 1..=16;

/// `messages.edit`: attachments and keyboard are replaced, also by nothing.
pub(crate) fn edit(scene: &mut Scene, community: i64, args: &Args) -> Outcome {
    let peer = args.int("peer_id").unwrap_or(0);
    writable(scene, community, peer)?;
    let cmid = args.int("cmid").or_else(|| {
        let (person, cmid) = scene.vk.find(community, args.int("message_id")?)?;
        (person == peer).then_some(cmid)
    });
    let old = cmid.and_then(|cmid| scene.vk.message(community, peer, cmid));
    let old = old
        .filter(|old| !old.hidden)
        .ok_or_else(|| because(15, "message can not be found"))?;
    if old.said.from != -community {
        return Err(because(15, "message can not be edited"));
    }
    let (now, cmid) = (scene.date(), old.said.cmid);
    if now - old.said.date > EDITABLE {
        return Err(error(909));
    }
    if old
        .said
        .attachments
        .iter()
        .any(|attachment| attachment.kind == "sticker")
    {
        return Err(error(920));
    }
    let Message {
        said: mut new,
        keyboard,
        ..
    } = draft(scene, community, args)?;
    if args.flag("keep_forward_messages") {
        new.forwards.clone_from(&old.said.forwards);
        new.reply.clone_from(&old.said.reply);
    }
    if is_empty(&new) {
        return Err(bad("message is empty or invalid"));
    }
    if let Some(message) = scene.vk.message_mut(community, peer, cmid) {
        (new.id, new.cmid, new.date) = (message.said.id, cmid, message.said.date);
        message.said = new;
        message.keyboard = keyboard;
        message.edited = Some(now);
        message.version += 1;
    }
    events::message(scene, community, "message_edit", peer, cmid);
    scene.touch();
    Ok(1.into())
}

/// The messages that a call names: by id, or by number in a conversation. `None`: there is no such message.
fn named(
    scene: &Scene,
    community: i64,
    args: &Args,
    cmids: &str,
) -> Vec<(Value, Option<(i64, i64)>)> {
    let peer = args.int("peer_id").unwrap_or(0);
    let by_id = args
        .list("message_ids")
        .iter()
        .filter_map(Value::as_i64)
        .map(|id| (json!({ "message_id": id }), scene.vk.find(community, id)));
    let by_cmid = args
        .list(cmids)
        .iter()
        .filter_map(Value::as_i64)
        .map(|cmid| {
            let found = scene
                .vk
                .message(community, peer, cmid)
                .map(|_| (peer, cmid));
            (
                json!({ "peer_id": peer, "conversation_message_id": cmid }),
                found,
            )
        });
    by_id.chain(by_cmid).collect()
}

/// `messages.delete`.
pub(crate) fn delete(scene: &mut Scene, community: i64, args: &Args) -> Outcome {
    let mut answers = Vec::new();
    for (mut about, found) in named(scene, community, args, "cmids") {
        match delete_one(scene, community, found, args.flag("delete_for_all")) {
            Ok(()) => about["response"] = 1.into(),
            Err(refused) => {
                about["response"] = 0.into();
                about["error"] = refused.short();
            }
        }
        answers.push(about);
    }
    if answers.is_empty() {
        return Err(bad("message_ids or cmids is undefined"));
    }
    scene.touch();
    Ok(answers.into())
}

fn delete_one(
    scene: &mut Scene,
    community: i64,
    found: Option<(i64, i64)>,
    for_all: bool,
) -> Result<(), ApiError> {
    let (person, cmid) = found.ok_or_else(|| error(104))?;
    let now = scene.date();
    let message = scene.vk.message_mut(community, person, cmid);
    let message = message
        .filter(|message| !message.hidden)
        .ok_or_else(|| error(104))?;
    if !for_all {
        // The person still sees it.
        message.hidden = true;
        return Ok(());
    }
    if message.said.from != -community || now - message.said.date > EDITABLE {
        return Err(error(924));
    }
    let chat = scene.vk.chat(community, person);
    chat.messages.remove(&cmid);
    if chat.keyboard == Some(cmid) {
        chat.keyboard = None;
    }
    Ok(())
}

/// `messages.getById`, and `messages.getByConversationMessageId` with its own name for the numbers.
pub(crate) fn read(scene: &Scene, community: i64, args: &Args, cmids: &str) -> Value {
    let found: Vec<(i64, &Message)> = named(scene, community, args, cmids)
        .into_iter()
        .filter_map(|(_, found)| found)
        .filter_map(|(person, cmid)| Some((person, scene.vk.message(community, person, cmid)?)))
        .filter(|(_, message)| !message.hidden)
        .collect();
    let items: Vec<Value> = found
        .iter()
        .map(|(person, message)| render::message(scene, *person, message))
        .collect();
    let mut out = json!({ "count": items.len(), "items": items });
    if args.flag("extended") {
        let mut people: Vec<i64> = found.iter().map(|(person, _)| *person).collect();
        people.sort_unstable();
        people.dedup();
        let people = people.iter().filter_map(|id| scene.vk.people.get(id));
        out["profiles"] = people.map(accounts::person).collect();
    }
    out
}

/// `messages.setActivity`.
pub(crate) fn show_typing(scene: &mut Scene, community: i64, args: &Args) -> Outcome {
    let peer = args.int("peer_id").or(args.int("user_id")).unwrap_or(0);
    writable(scene, community, peer)?;
    scene.vk.chat(community, peer).typing_until = scene.now + TYPING;
    scene.touch();
    Ok(1.into())
}

/// `messages.markAsRead`.
pub(crate) fn mark_read(scene: &Scene, community: i64, args: &Args) -> Outcome {
    match args.int("peer_id") {
        Some(peer) if !scene.vk.chats.contains_key(&(community, peer)) => Err(error(917)),
        Some(_) | None => Ok(1.into()),
    }
}

/// `messages.sendReaction`.
pub(crate) fn react(scene: &mut Scene, community: i64, args: &Args) -> Outcome {
    let number = |name| args.int(name).unwrap_or(0);
    let reaction = number("reaction_id");
    if !REACTIONS.contains(&reaction) {
        return Err(error(1009));
    }
    let message = scene
        .vk
        .message_mut(community, number("peer_id"), number("cmid"));
    let message = message.ok_or_else(|| bad("cmid is invalid"))?;
    message.reactions.insert(-community, reaction);
    scene.touch();
    Ok(1.into())
}

/// `messages.isMessagesFromGroupAllowed`.
pub(crate) fn is_allowed(scene: &Scene, community: i64, args: &Args) -> Outcome {
    let person = args.int("user_id").unwrap_or(0);
    if !scene.vk.people.contains_key(&person) {
        return Err(error(113));
    }
    let allowed = scene
        .vk
        .chats
        .get(&(community, person))
        .is_some_and(|chat| chat.allowed && !chat.denied);
    Ok(json!({ "is_allowed": u8::from(allowed) }))
}
