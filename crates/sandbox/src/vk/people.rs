//! Who is there: people, communities, and who lets whom write. Called by the control API.

use serde::Deserialize;
use serde_json::{Value, json};

use super::callback::Server;
use super::events::{Wanted, notify};
use super::state::{Community, Person};
use super::view;
use crate::world::{Deed, Scene};

/// Ids given out begin here.
const FIRST_PERSON: i64 = 1000;
const FIRST_COMMUNITY: i64 = 200_000_000;

#[derive(Deserialize)]
pub(crate) struct NewPerson {
    id: Option<i64>,
    first_name: String,
    last_name: Option<String>,
    #[serde(default)]
    deactivated: bool,
    #[serde(default)]
    private: bool,
}

/// A person comes, or changes their profile.
pub(crate) fn add_person(scene: &mut Scene, new: NewPerson) -> Deed {
    if new.first_name.trim().is_empty() {
        return Err("first_name is empty: give the person a name".to_owned());
    }
    let people = &mut scene.vk.people;
    let id = new.id.unwrap_or_else(|| {
        let last = people.last_key_value().map_or(FIRST_PERSON, |(id, _)| *id);
        last.max(FIRST_PERSON) + 1
    });
    if !(1..2_000_000_000).contains(&id) {
        return Err(format!(
            "id {id}: a person's id is positive and below 2000000000"
        ));
    }
    let person = Person {
        id,
        first_name: new.first_name,
        last_name: new.last_name.unwrap_or_default(),
        deactivated: new.deactivated,
        private: new.private,
    };
    let shown = view::person(&person);
    people.insert(id, person);
    scene.touch();
    Ok(shown)
}

#[derive(Deserialize)]
pub(crate) struct NewCommunity {
    id: Option<i64>,
    name: Option<String>,
    token: Option<String>,
    callback: Option<Callback>,
    admins: Option<Vec<i64>>,
    blacklist: Option<Vec<i64>>,
}

/// A callback server that is told everything.
#[derive(Deserialize)]
struct Callback {
    url: String,
    #[serde(default)]
    secret: String,
    confirmation: Option<String>,
}

/// A community is made before its first call, or changed.
pub(crate) fn add_community(scene: &mut Scene, new: NewCommunity) -> Deed {
    let id = new.id.unwrap_or_else(|| {
        let last = scene.vk.communities.last_key_value();
        last.map_or(FIRST_COMMUNITY, |(id, _)| *id)
            .max(FIRST_COMMUNITY)
            + 1
    });
    if id <= 0 {
        return Err(format!(
            "id {id}: a community's id is positive; its peer id is the negative one"
        ));
    }
    let taken =
        |other: &Community| other.id != id && other.token.is_some() && other.token == new.token;
    if scene.vk.communities.values().any(taken) {
        return Err("this token is another community's: choose another".to_owned());
    }
    let number = scene.vk.next_serial();
    let community = scene.vk.community(id);
    if let Some(name) = new.name {
        community.name = name;
    }
    if new.token.is_some() {
        community.token = new.token;
    }
    if let Some(admins) = new.admins {
        community.admins = admins;
    }
    if let Some(blacklist) = new.blacklist {
        community.blacklist = blacklist;
    }
    if let Some(callback) = new.callback {
        if let Some(code) = callback.confirmation {
            community.confirmation = code;
        }
        let mut server = Server::new(1, number, callback.url, callback.secret, Wanted::all());
        // All of them were told the same: what waits for the first is enough.
        if let Some(old) = std::mem::take(&mut community.servers).into_iter().next() {
            server.follow(old);
        }
        community.servers.push(server);
        scene.vk.unserved.push((id, number));
    }
    scene.touch();
    Ok(scene
        .vk
        .communities
        .get(&id)
        .map_or(Value::Null, view::community))
}

/// Person and community, if both are there.
pub(crate) fn known(scene: &Scene, person: i64, community: i64) -> Result<(), String> {
    if !scene.vk.people.contains_key(&person) {
        return Err(format!(
            "no person {person}: make them with POST /sandbox/vk/people first"
        ));
    }
    if !scene.vk.communities.contains_key(&community) {
        return Err(format!(
            "no community {community}: it comes into being with its first call, or with POST /sandbox/vk/communities"
        ));
    }
    Ok(())
}

#[derive(Deserialize)]
pub(crate) struct Permission {
    person: i64,
    chat: i64,
}

/// A person lets the community write, or forbids it.
pub(crate) fn permit(scene: &mut Scene, who: &Permission, allow: bool) -> Deed {
    known(scene, who.person, who.chat)?;
    let chat = scene.vk.chat(who.chat, who.person);
    chat.denied = !allow;
    chat.allowed |= allow;
    let (kind, object) = if allow {
        ("message_allow", json!({ "user_id": who.person, "key": "" }))
    } else {
        ("message_deny", json!({ "user_id": who.person }))
    };
    notify(scene, who.chat, kind, who.person, &object);
    Ok(json!({}))
}
