//! Chats and their members: look-ups, bans, pins.

use serde_json::{Value, json};

use super::content::Content;
use super::error::{ApiError, Outcome, bad};
use super::people::{happen, set_status};
use super::state::{Message, Place, Status};
use super::{render, target, view};
use crate::args::Args;
use crate::world::Scene;

/// `getChat`.
pub(crate) fn chat(scene: &mut Scene, bot: i64, args: &Args) -> Outcome {
    let state = &scene.telegram;
    let place = target::find(state, bot, args, "chat_id")?;
    let mut chat = render::chat(state, place);
    chat["accent_color_id"] = (place.chat_id().rem_euclid(7)).into();
    chat["max_reaction_count"] = 11.into();
    chat["accepted_gift_types"] = json!({
        "unlimited_gifts": false,
        "limited_gifts": false,
        "unique_gifts": false,
        "premium_subscription": false,
        "gifts_from_channels": false,
    });
    if matches!(place, Place::Group(_)) {
        chat["permissions"] = json!({
            "can_send_messages": true,
            "can_send_photos": true,
            "can_send_videos": true,
            "can_send_documents": true,
            "can_pin_messages": false,
        });
    }
    let pinned = state
        .thread(place)
        .and_then(|thread| thread.pinned.last().copied());
    if let Some(message) = pinned.and_then(|id| state.message(place, id)) {
        chat["pinned_message"] = render::message(state, &scene.files, bot, place, message);
    }
    Ok(chat)
}

fn group(scene: &Scene, bot: i64, args: &Args) -> Result<i64, ApiError> {
    match target::find(&scene.telegram, bot, args, "chat_id")? {
        Place::Group(id) => Ok(id),
        Place::Private { .. } => Err(bad("there are no administrators in the private chat")),
    }
}

/// `getChatAdministrators`: other bots are left out, as in the real server.
pub(crate) fn administrators(scene: &mut Scene, bot: i64, args: &Args) -> Outcome {
    let id = group(scene, bot, args)?;
    let state = &scene.telegram;
    let members = state.groups.get(&id).map(|group| &group.members);
    let shown = members.into_iter().flatten().filter(|(user, status)| {
        status.is_admin() && (**user == bot || !state.bots.contains_key(user))
    });
    Ok(shown
        .map(|(user, status)| render::member(state, *user, *status))
        .collect())
}

/// `getChatMemberCount`.
pub(crate) fn count(scene: &mut Scene, bot: i64, args: &Args) -> Outcome {
    let Place::Group(id) = target::find(&scene.telegram, bot, args, "chat_id")? else {
        return Ok(2.into());
    };
    let members = scene.telegram.groups.get(&id).map(|group| &group.members);
    Ok(members
        .into_iter()
        .flatten()
        .filter(|(_, status)| status.is_inside())
        .count()
        .into())
}

/// `getChatMember`.
pub(crate) fn member(scene: &mut Scene, bot: i64, args: &Args) -> Outcome {
    let state = &scene.telegram;
    let place = target::find(state, bot, args, "chat_id")?;
    let user = args.int("user_id").unwrap_or(0);
    if state.user(user).is_none() {
        return Err(bad("PARTICIPANT_ID_INVALID"));
    }
    let status = match place {
        Place::Group(id) => state.status(id, user),
        Place::Private { person, .. } if user == person || user == bot => Status::Member,
        Place::Private { .. } => return Err(bad("user not found")),
    };
    Ok(render::member(state, user, status))
}

/// A group where the bot may restrict others, and the user it means.
fn restrictable(scene: &Scene, bot: i64, args: &Args) -> Result<(i64, i64), ApiError> {
    let Place::Group(id) = target::find(&scene.telegram, bot, args, "chat_id")? else {
        return Err(bad("can't ban members in private chats"));
    };
    let user = args.int("user_id").unwrap_or(0);
    if scene.telegram.user(user).is_none() {
        return Err(bad("PARTICIPANT_ID_INVALID"));
    }
    if !scene.telegram.status(id, bot).is_admin() {
        return Err(bad("not enough rights to restrict/unrestrict chat member"));
    }
    match scene.telegram.status(id, user) {
        Status::Creator => Err(bad("can't remove chat owner")),
        Status::Administrator => Err(bad("user is an administrator of the chat")),
        Status::Member | Status::Left | Status::Kicked => Ok((id, user)),
    }
}

/// `banChatMember`.
pub(crate) fn ban(scene: &mut Scene, bot: i64, args: &Args) -> Outcome {
    let (id, user) = restrictable(scene, bot, args)?;
    let was_inside = scene.telegram.status(id, user).is_inside();
    set_status(scene, id, user, Status::Kicked, bot);
    if was_inside {
        let words = format!("удаляет из группы: {}", view::name(&scene.telegram, user));
        happen(scene, id, bot, "left_chat_member", user.into(), &words);
    }
    Ok(super::done())
}

/// `unbanChatMember`: without `only_if_banned` a member is removed, too.
pub(crate) fn unban(scene: &mut Scene, bot: i64, args: &Args) -> Outcome {
    let (id, user) = restrictable(scene, bot, args)?;
    let status = scene.telegram.status(id, user);
    if status == Status::Kicked || (status.is_inside() && !args.flag("only_if_banned")) {
        set_status(scene, id, user, Status::Left, bot);
    }
    Ok(super::done())
}

/// `leaveChat`.
pub(crate) fn leave(scene: &mut Scene, bot: i64, args: &Args) -> Outcome {
    let Place::Group(id) = target::find(&scene.telegram, bot, args, "chat_id")? else {
        return Err(bad("can't leave a private chat"));
    };
    happen(
        scene,
        id,
        bot,
        "left_chat_member",
        bot.into(),
        "покидает группу",
    );
    set_status(scene, id, bot, Status::Left, bot);
    Ok(super::done())
}

/// A chat where the bot may pin.
fn pinnable(scene: &Scene, bot: i64, args: &Args) -> Result<Place, ApiError> {
    let place = target::writable(&scene.telegram, bot, args)?;
    match place {
        Place::Group(id) if !scene.telegram.status(id, bot).is_admin() => Err(bad(
            "not enough rights to manage pinned messages in the chat",
        )),
        Place::Group(_) | Place::Private { .. } => Ok(place),
    }
}

/// `pinChatMessage`: its service message comes back to the bot.
pub(crate) fn pin(scene: &mut Scene, bot: i64, args: &Args) -> Outcome {
    let place = pinnable(scene, bot, args)?;
    let id = args.int("message_id").unwrap_or(0);
    match scene.telegram.message(place, id) {
        None => return Err(bad("message to pin not found")),
        Some(Message {
            content: Content::Service { .. },
            ..
        }) => {
            return Err(bad("message can't be pinned"));
        }
        Some(_) => {}
    }
    let fresh = scene
        .telegram
        .thread_mut(place)
        .is_some_and(|thread| thread.pinned.insert(id));
    scene.touch();
    if fresh {
        let words = format!("{} закрепляет сообщение", view::name(&scene.telegram, bot));
        let content = Content::Service {
            field: "pinned_message",
            value: id.into(),
            words,
        };
        let message = Message::new(scene.date(), bot, content);
        let service = scene.telegram.post(place, message);
        render::announce(scene, place, service, "message");
    }
    Ok(super::done())
}

/// `unpinChatMessage`: without a message, the last pinned one.
pub(crate) fn unpin(scene: &mut Scene, bot: i64, args: &Args) -> Outcome {
    let place = pinnable(scene, bot, args)?;
    let asked = args.int("message_id");
    let Some(thread) = scene.telegram.thread_mut(place) else {
        return Err(bad("chat not found"));
    };
    let Some(id) = asked.or(thread.pinned.last().copied()) else {
        return Err(bad("message to unpin not found"));
    };
    if !thread.pinned.remove(&id) && !thread.messages.contains_key(&id) {
        return Err(bad("message to unpin not found"));
    }
    scene.touch();
    Ok(super::done())
}

/// `unpinAllChatMessages`.
pub(crate) fn unpin_all(scene: &mut Scene, bot: i64, args: &Args) -> Outcome {
    let place = pinnable(scene, bot, args)?;
    if let Some(thread) = scene.telegram.thread_mut(place) {
        thread.pinned.clear();
    }
    scene.touch();
    Ok(Value::Bool(true))
}
