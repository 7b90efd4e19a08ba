//! Who is there: people, bots, groups and their members. Called by the control API.
//!
//! A deed that Telegram's own clients would not allow is refused with a sentence that says what to do.

use serde::Deserialize;
use serde_json::{Value, json};

use super::content::Content;
use super::render::{self, announce, notify};
use super::state::{Group, Message, Place, Status, User};
use super::updates::Lane;
use crate::world::{Deed, Scene};

/// Ids given out begin here.
const FIRST_PERSON: i64 = 1000;
const FIRST_GROUP: i64 = -1_001_000_000_000;

#[derive(Deserialize)]
pub(crate) struct NewPerson {
    id: Option<i64>,
    first_name: String,
    last_name: Option<String>,
    username: Option<String>,
    language_code: Option<String>,
    phone: Option<String>,
    #[serde(default)]
    deactivated: bool,
}

/// A person comes, or changes their profile.
pub(crate) fn add_person(scene: &mut Scene, new: NewPerson) -> Deed {
    if new.first_name.trim().is_empty() {
        return Err("first_name is empty: give the person a name".to_owned());
    }
    let state = &mut scene.telegram;
    let id = new.id.unwrap_or_else(|| {
        let last = state
            .people
            .last_key_value()
            .map_or(FIRST_PERSON, |(id, _)| *id);
        let mut next = last.max(FIRST_PERSON) + 1;
        while state.bots.contains_key(&next) {
            next += 1;
        }
        next
    });
    if id <= 0 {
        return Err(format!("id {id}: a person's id is a positive number"));
    }
    if state.bots.contains_key(&id) {
        return Err(format!("id {id} belongs to a bot: choose another"));
    }
    let person = User {
        id,
        is_bot: false,
        first_name: new.first_name,
        last_name: new.last_name,
        username: new.username,
        language_code: new.language_code.or(Some("ru".to_owned())),
        phone: new.phone,
        deactivated: new.deactivated,
    };
    let shown = super::view::person(&person);
    state.people.insert(id, person);
    scene.touch();
    Ok(shown)
}

/// As many people as a test of a load needs.
const MOST_PEOPLE: u32 = 100_000;

#[derive(Deserialize)]
pub(crate) struct Crowd {
    bot: i64,
    /// The first one's id; the others follow.
    first: i64,
    count: u32,
    name: String,
}

/// Many people at once, each of whom has opened a chat with the bot some time ago: no update tells it.
pub(crate) fn add_crowd(scene: &mut Scene, crowd: &Crowd) -> Deed {
    if crowd.count > MOST_PEOPLE {
        return Err(format!("count {}: at most {MOST_PEOPLE}", crowd.count));
    }
    for id in crowd.first..crowd.first.saturating_add(crowd.count.into()) {
        let person = NewPerson {
            id: Some(id),
            first_name: format!("{}{id}", crowd.name),
            last_name: None,
            username: None,
            language_code: None,
            phone: None,
            deactivated: false,
        };
        add_person(scene, person)?;
        let chat = scene.telegram.privates.entry((crowd.bot, id)).or_default();
        chat.started = true;
    }
    Ok(json!({ "count": crowd.count }))
}

#[derive(Deserialize)]
pub(crate) struct NewBot {
    id: i64,
    first_name: Option<String>,
    username: Option<String>,
}

/// Makes a bot before its first call, or names it.
pub(crate) fn add_bot(scene: &mut Scene, new: NewBot) -> Deed {
    if new.id <= 0 || scene.telegram.people.contains_key(&new.id) {
        return Err(format!(
            "id {} cannot be a bot's: it is negative or a person's",
            new.id
        ));
    }
    let bot = scene.telegram.bot(new.id);
    if let Some(name) = new.first_name {
        bot.user.first_name = name;
    }
    if new.username.is_some() {
        bot.user.username = new.username;
    }
    let shown = super::view::bot(bot);
    scene.touch();
    Ok(shown)
}

#[derive(Deserialize)]
pub(crate) struct NewGroup {
    id: Option<i64>,
    title: String,
    members: Vec<i64>,
    #[serde(default)]
    bots: Vec<i64>,
    #[serde(default)]
    admins: Vec<i64>,
    /// Bots that are ordinary members: they see only what privacy mode lets them.
    #[serde(default)]
    plain_bots: Vec<i64>,
    /// `supergroup`, or `group` for a basic one.
    #[serde(rename = "type")]
    kind: Option<String>,
}

/// A group is made; its first member is the creator, its bots are administrators.
pub(crate) fn add_group(scene: &mut Scene, new: NewGroup) -> Deed {
    let state = &mut scene.telegram;
    let id = new.id.unwrap_or_else(|| {
        let lowest = state
            .groups
            .first_key_value()
            .map_or(FIRST_GROUP, |(id, _)| *id);
        lowest.min(FIRST_GROUP) - 1
    });
    if id >= 0 {
        return Err(format!("id {id}: a group's id is a negative number"));
    }
    if state.groups.contains_key(&id) {
        return Err(format!("there is a group {id} already"));
    }
    if let Some(stranger) = new.members.iter().find(|id| !state.people.contains_key(id)) {
        return Err(format!(
            "no person {stranger}: make them with POST /sandbox/people first"
        ));
    }
    let is_super = new.kind.as_deref() != Some("group");
    let mut group = Group::new(new.title, is_super);
    for (at, person) in new.members.iter().enumerate() {
        let status = match at {
            0 => Status::Creator,
            _ if new.admins.contains(person) => Status::Administrator,
            _ => Status::Member,
        };
        group.members.insert(*person, status);
    }
    let creator = new.members.first().copied();
    state.groups.insert(id, group);
    for bot in new.bots.iter().chain(&new.plain_bots) {
        scene.telegram.bot(*bot);
        let status = if new.plain_bots.contains(bot) {
            Status::Member
        } else {
            Status::Administrator
        };
        set_status(scene, id, *bot, status, creator.unwrap_or(*bot));
    }
    scene.touch();
    Ok(super::view::group(scene, id, 0))
}

#[derive(Deserialize)]
pub(crate) struct Who {
    user: i64,
}

/// Somebody joins a group; a bot is made an administrator.
pub(crate) fn join(scene: &mut Scene, group: i64, who: &Who) -> Deed {
    known_group(scene, group)?;
    let user = who.user;
    let is_bot = scene.telegram.bots.contains_key(&user);
    if !is_bot && !scene.telegram.people.contains_key(&user) {
        return Err(format!(
            "no person {user}: make them with POST /sandbox/people first"
        ));
    }
    if scene.telegram.status(group, user).is_inside() {
        return Err(format!("{user} is in the group already"));
    }
    let status = if is_bot {
        Status::Administrator
    } else {
        Status::Member
    };
    set_status(scene, group, user, status, user);
    happen(
        scene,
        group,
        user,
        "new_chat_members",
        json!([user]),
        "вступает в группу",
    );
    Ok(json!({}))
}

/// Somebody leaves a group.
pub(crate) fn leave(scene: &mut Scene, group: i64, who: &Who) -> Deed {
    known_group(scene, group)?;
    let user = who.user;
    if !scene.telegram.status(group, user).is_inside() {
        return Err(format!("{user} is not in the group"));
    }
    happen(
        scene,
        group,
        user,
        "left_chat_member",
        user.into(),
        "покидает группу",
    );
    let status = if scene.telegram.bots.contains_key(&user) {
        Status::Kicked
    } else {
        Status::Left
    };
    set_status(scene, group, user, status, user);
    Ok(json!({}))
}

/// A sentence, unless there is such a group.
pub(crate) fn known_group(scene: &Scene, group: i64) -> Result<(), String> {
    if scene.telegram.groups.contains_key(&group) {
        Ok(())
    } else {
        Err(format!(
            "no group {group}: make it with POST /sandbox/groups first"
        ))
    }
}

/// Posts a service message about `user`.
pub(crate) fn happen(
    scene: &mut Scene,
    group: i64,
    user: i64,
    field: &'static str,
    value: Value,
    words: &str,
) {
    let words = format!("{} {words}", super::view::name(&scene.telegram, user));
    let message = Message::new(
        scene.date(),
        user,
        Content::Service {
            field,
            value,
            words,
        },
    );
    let place = Place::Group(group);
    let id = scene.telegram.post(place, message);
    announce(scene, place, id, "message");
}

/// Changes a standing, and tells the bots: about themselves, and about others if they are administrators.
pub(crate) fn set_status(scene: &mut Scene, group: i64, user: i64, status: Status, by: i64) {
    let state = &mut scene.telegram;
    let before = state.status(group, user);
    let watching: Vec<i64> = state
        .bots_in(Place::Group(group))
        .into_iter()
        .filter(|bot| state.status(group, *bot).is_admin())
        .collect();
    if let Some(known) = state.groups.get_mut(&group) {
        known.members.insert(user, status);
    }
    let state = &scene.telegram;
    let change = json!({
        "chat": render::chat(state, Place::Group(group)),
        "from": render::user(state, by),
        "date": scene.date(),
        "old_chat_member": render::member(state, user, before),
        "new_chat_member": render::member(state, user, status),
    });
    if state.bots.contains_key(&user) {
        notify(scene, user, "my_chat_member", Lane::Members(group), &change);
    }
    for bot in watching.into_iter().filter(|bot| *bot != user) {
        notify(scene, bot, "chat_member", Lane::Members(group), &change);
    }
    scene.touch();
}

/// A basic group becomes a supergroup with a new id.
pub(crate) fn migrate(scene: &mut Scene, group: i64) -> Deed {
    known_group(scene, group)?;
    let state = &mut scene.telegram;
    let new = state
        .groups
        .first_key_value()
        .map_or(FIRST_GROUP, |(id, _)| *id)
        .min(FIRST_GROUP)
        - 1;
    let Some(old) = state.groups.get_mut(&group).filter(|old| !old.is_super) else {
        return Err("only a basic group (made with \"type\": \"group\") can migrate".to_owned());
    };
    let mut next = Group::new(old.title.clone(), true);
    next.members.clone_from(&old.members);
    let by = old.members.keys().next().copied().unwrap_or(0);
    state.groups.insert(new, next);
    happen(
        scene,
        group,
        by,
        "migrate_to_chat_id",
        new.into(),
        "превращает группу в супергруппу",
    );
    happen(
        scene,
        new,
        by,
        "migrate_from_chat_id",
        group.into(),
        "превращает группу в супергруппу",
    );
    if let Some(old) = scene.telegram.groups.get_mut(&group) {
        old.migrated_to = Some(new);
    }
    Ok(json!({ "id": new }))
}
