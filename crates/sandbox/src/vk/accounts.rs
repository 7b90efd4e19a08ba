//! People and communities as methods tell of them, and how a community wants to be told.

use serde_json::{Value, json};

use super::callback::Server;
use super::error::{ApiError, Outcome, bad, error};
use super::events::{VERSION, Wanted};
use super::longpoll;
use super::schema::event_kinds;
use super::state::{Community, Person};
use crate::args::Args;
use crate::world::Scene;

/// Callback servers of one community.
const MAX_SERVERS: usize = 10;
/// Fields of `users.get` that come only when they are asked for.
const ASKED_FOR: [&str; 7] = [
    "sex",
    "domain",
    "screen_name",
    "photo_50",
    "photo_100",
    "photo_200",
    "online",
];

/// A person with the fields that always come.
pub(crate) fn person(person: &Person) -> Value {
    let mut out = json!({
        "id": person.id,
        "first_name": person.first_name,
        "last_name": person.last_name,
    });
    if person.deactivated {
        out["deactivated"] = "deleted".into();
    } else {
        out["is_closed"] = false.into();
        out["can_access_closed"] = true.into();
    }
    out
}

/// `users.get`: whom nobody knows is left out.
pub(crate) fn users(scene: &Scene, args: &Args) -> Value {
    let id = |value: &Value| {
        let text = value
            .as_str()
            .map(|text| text.strip_prefix("id").unwrap_or(text));
        value.as_i64().or_else(|| text?.parse().ok())
    };
    let asked: Vec<&str> = args
        .list("fields")
        .iter()
        .filter_map(Value::as_str)
        .collect();
    let found = args
        .list("user_ids")
        .iter()
        .filter_map(id)
        .filter_map(|id| scene.vk.people.get(&id))
        .map(|known| with_fields(known, &asked));
    found.collect()
}

fn with_fields(known: &Person, asked: &[&str]) -> Value {
    let mut out = person(known);
    for field in ASKED_FOR.iter().filter(|field| asked.contains(field)) {
        out[*field] = match *field {
            "sex" | "online" => 0.into(),
            "domain" | "screen_name" => format!("id{}", known.id).into(),
            _ => "https://vk.com/images/camera_200.png".into(),
        };
    }
    out
}

/// `club5`, `public5` or `5`.
pub(crate) fn group_id(value: &Value) -> Option<i64> {
    let text = value.as_str().map(|text| {
        let bare = text
            .strip_prefix("club")
            .or_else(|| text.strip_prefix("public"));
        bare.unwrap_or(text)
    });
    value
        .as_i64()
        .or_else(|| text?.parse().ok())
        .filter(|id| *id > 0)
}

/// `groups.getById`; without ids the token's own community.
pub(crate) fn groups(scene: &Scene, community: i64, args: &Args) -> Value {
    let mut ids: Vec<i64> = args
        .list("group_ids")
        .iter()
        .chain(args.get("group_id"))
        .filter_map(group_id)
        .collect();
    if ids.is_empty() {
        ids.push(community);
    }
    let groups = ids.iter().filter_map(|id| scene.vk.communities.get(id)).map(|known| {
        json!({ "id": known.id, "name": known.name, "screen_name": format!("club{}", known.id), "is_closed": 0, "type": "group" })
    });
    json!({ "groups": groups.collect::<Vec<_>>(), "profiles": [] })
}

/// A method about how the community is told; it can only be asked about the token's own.
pub(crate) fn telling(scene: &mut Scene, community: i64, method: &str, args: &Args) -> Outcome {
    if args.int("group_id") != Some(community) {
        return Err(error(15));
    }
    match method {
        "groups.getLongPollServer" => longpoll::server(scene, community),
        "groups.getLongPollSettings" => {
            let owner = scene.vk.community(community);
            Ok(
                json!({ "api_version": VERSION, "is_enabled": owner.polling, "events": owner.wanted.shown() }),
            )
        }
        "groups.setLongPollSettings" => {
            let owner = scene.vk.community(community);
            if args.get("enabled").is_some() {
                owner.polling = args.flag("enabled");
            }
            set(&mut owner.wanted, args);
            Ok(1.into())
        }
        "groups.getCallbackConfirmationCode" => {
            Ok(json!({ "code": scene.vk.community(community).confirmation }))
        }
        "groups.getCallbackServers" => Ok(servers(scene.vk.community(community), args)),
        "groups.addCallbackServer" => add_server(scene, community, args),
        _ => settled(scene, community, method, args),
    }
}

/// Methods about one callback server.
fn settled(scene: &mut Scene, community: i64, method: &str, args: &Args) -> Outcome {
    let number = scene.vk.next_serial();
    let owner = scene
        .vk
        .communities
        .get_mut(&community)
        .ok_or_else(|| error(104))?;
    let id = args.int("server_id");
    let is_it = |server: &Server| id.is_none_or(|id| server.id == id);
    let at = owner
        .servers
        .iter()
        .position(is_it)
        .ok_or_else(|| error(104))?;
    let server = &mut owner.servers[at];
    match method {
        "groups.getCallbackSettings" => {
            Ok(json!({ "api_version": VERSION, "events": server.wanted.shown() }))
        }
        "groups.setCallbackSettings" => {
            set(&mut server.wanted, args);
            Ok(1.into())
        }
        "groups.editCallbackServer" => {
            let new = made(server.id, number, server.wanted.clone(), args)?;
            let old = std::mem::replace(server, new);
            server.follow(old);
            scene.vk.unserved.push((community, number));
            Ok(1.into())
        }
        "groups.deleteCallbackServer" => {
            owner.servers.remove(at).wake.notify_waiters();
            Ok(1.into())
        }
        _ => Err(error(3)),
    }
}

fn set(wanted: &mut Wanted, args: &Args) {
    for kind in event_kinds() {
        if args.get(kind).is_some() {
            wanted.set(kind, args.flag(kind));
        }
    }
}

fn servers(owner: &Community, args: &Args) -> Value {
    let asked: Vec<i64> = args
        .list("server_ids")
        .iter()
        .filter_map(Value::as_i64)
        .collect();
    let items: Vec<Value> = owner
        .servers
        .iter()
        .filter(|server| asked.is_empty() || asked.contains(&server.id))
        .map(|server| {
            json!({
                "id": server.id,
                "title": server.title,
                "creator_id": owner.admins.first().unwrap_or(&0),
                "url": server.url,
                "secret_key": server.secret,
                "status": server.status.name(),
            })
        })
        .collect();
    json!({ "count": items.len(), "items": items })
}

/// Wants nothing until `groups.setCallbackSettings` says what.
fn add_server(scene: &mut Scene, community: i64, args: &Args) -> Outcome {
    let number = scene.vk.next_serial();
    let owner = scene.vk.community(community);
    if owner.servers.len() >= MAX_SERVERS {
        return Err(error(2000));
    }
    let id = owner.servers.last().map_or(1, |last| last.id + 1);
    let server = made(id, number, Wanted::default(), args)?;
    owner.servers.push(server);
    scene.vk.unserved.push((community, number));
    scene.touch();
    Ok(json!({ "server_id": id }))
}

fn made(id: i64, number: u64, wanted: Wanted, args: &Args) -> Result<Server, ApiError> {
    let text = |name| args.text(name).unwrap_or_default().to_owned();
    let url = text("url");
    if !url.starts_with("http://") && !url.starts_with("https://") {
        return Err(bad("url is invalid"));
    }
    let mut server = Server::new(id, number, url, text("secret_key"), wanted);
    server.title = text("title");
    Ok(server)
}
