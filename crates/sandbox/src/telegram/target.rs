//! Which chat a call means, and whether the bot may speak there.

use serde_json::Value;

use super::error::{ApiError, bad, flood, forbidden, migrated};
use super::state::{Place, State, Status};
use crate::args::Args;
use crate::world::Scene;

/// The chat in the parameter `name`, as long as the bot knows it. Says nothing about the right to write.
pub(crate) fn find(state: &State, bot: i64, args: &Args, name: &str) -> Result<Place, ApiError> {
    let value = args.get(name);
    if value.is_none_or(|value| value.as_str() == Some("")) {
        return Err(bad(&format!("{name} is empty")));
    }
    value
        .and_then(Value::as_i64)
        .map_or_else(|| Err(bad("chat not found")), |id| by_id(state, bot, id))
}

/// The chat of this id.
pub(crate) fn by_id(state: &State, bot: i64, id: i64) -> Result<Place, ApiError> {
    if id < 0 {
        let group = state.groups.get(&id).ok_or_else(|| bad("chat not found"))?;
        if let Some(to) = group.migrated_to {
            return Err(migrated(to));
        }
        return match state.status(id, bot) {
            Status::Creator | Status::Administrator | Status::Member => Ok(Place::Group(id)),
            Status::Left if !group.members.contains_key(&bot) => Err(bad("chat not found")),
            Status::Left => Err(forbidden(&format!(
                "bot is not a member of the {} chat",
                kind(state, id)
            ))),
            Status::Kicked => Err(forbidden(&format!(
                "bot was kicked from the {} chat",
                kind(state, id)
            ))),
        };
    }
    if state.bots.contains_key(&id) {
        return Err(forbidden("bots can't send messages to bots"));
    }
    if !state.people.contains_key(&id) {
        return Err(bad("chat not found"));
    }
    Ok(Place::Private { bot, person: id })
}

fn kind(state: &State, group: i64) -> &'static str {
    if state.groups.get(&group).is_none_or(|group| group.is_super) {
        "supergroup"
    } else {
        "group"
    }
}

/// The chat in `chat_id`, where the bot may write.
pub(crate) fn writable(state: &State, bot: i64, args: &Args) -> Result<Place, ApiError> {
    let place = find(state, bot, args, "chat_id")?;
    if let Place::Private { person, .. } = place {
        if state
            .people
            .get(&person)
            .is_some_and(|person| person.deactivated)
        {
            return Err(forbidden("user is deactivated"));
        }
        match state.privates.get(&(bot, person)) {
            Some(chat) if chat.blocked => return Err(forbidden("bot was blocked by the user")),
            Some(chat) if chat.started => {}
            Some(_) | None => {
                return Err(forbidden("bot can't initiate conversation with a user"));
            }
        }
    }
    // No emulated chat is a forum.
    if args
        .int("message_thread_id")
        .is_some_and(|thread| thread != 0)
    {
        return Err(bad("message thread not found"));
    }
    Ok(place)
}

/// Takes from the bot's budgets, where they are enforced.
pub(crate) fn spend(
    scene: &mut Scene,
    bot: i64,
    place: Place,
    count: usize,
    is_edit: bool,
) -> Result<(), ApiError> {
    if !scene.enforce {
        return Ok(());
    }
    let (now, state) = (scene.now, &mut scene.telegram);
    state
        .bot(bot)
        .limits
        .take(place, count, is_edit, now)
        .map_err(|wait| {
            state
                .remarks
                .push(format!("over the published limits: wait {wait} s"));
            flood(wait)
        })
}

/// The messages that a call names: 1 to 100 (copyMessages, deleteMessages).
pub(crate) fn message_ids(args: &Args) -> Result<Vec<i64>, ApiError> {
    let ids: Vec<i64> = args
        .list("message_ids")
        .iter()
        .filter_map(Value::as_i64)
        .collect();
    if ids.is_empty() {
        return Err(bad("message identifiers are not specified"));
    }
    if ids.len() > 100 {
        return Err(bad("too many message identifiers specified"));
    }
    Ok(ids)
}
