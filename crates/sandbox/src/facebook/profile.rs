//! What is asked and settled about people and pages: profiles, the Messenger profile, subscriptions.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::draft::most;
use super::error::{GraphError, Outcome, Trouble, bad};
use super::events::{self, FIELDS};
use super::state::{Page, Privacy};
use crate::args::Args;
use crate::world::Scene;

/// What the Messenger profile of a page can hold here.
const PROPERTIES: [&str; 6] = [
    "account_linking_url",
    "get_started",
    "greeting",
    "ice_breakers",
    "persistent_menu",
    "whitelisted_domains",
];
const MAX_GREETING: usize = 160;
const MAX_QUESTION: usize = 80;
const MAX_ICE_BREAKERS: usize = 4;
const MAX_PAYLOAD: usize = 1000;
/// Characters of a menu item's title, and items of a menu.
const MAX_MENU_TITLE: usize = 30;
const MAX_MENU: usize = 20;

/// Fields of subscriptions that exist and are not emulated.
const OTHER_FIELDS: [&str; 7] = [
    "feed",
    "messaging_account_linking",
    "messaging_customer_information",
    "messaging_feedback",
    "messaging_handovers",
    "messaging_policy_enforcement",
    "response_feedback",
];

/// `GET /{PSID}`.
pub(crate) fn person(scene: &Scene, page: i64, id: i64, args: &Args) -> Outcome {
    let state = &scene.facebook;
    let person = state.people.get(&id).ok_or(Trouble::NoObject)?;
    let chat = super::state::Chat { page, person: id };
    if !state.threads.contains_key(&chat) {
        // A page-scoped id exists only between people who have met.
        return Err(Trouble::NoObject.into());
    }
    match person.privacy {
        Privacy::Open => {}
        Privacy::Private => return Err(Trouble::NoProfile.into()),
        Privacy::Hidden => return Err(Trouble::HiddenProfile.into()),
    }
    let last = person.last_name.as_deref();
    let name = [Some(person.first_name.as_str()), last];
    let picture = person
        .profile_pic
        .map(|file| events::url(scene, page, file));
    let facts = [
        ("id", Some(id.to_string())),
        (
            "name",
            Some(name.into_iter().flatten().collect::<Vec<_>>().join(" ")),
        ),
        ("first_name", Some(person.first_name.clone())),
        ("last_name", person.last_name.clone()),
        ("profile_pic", picture),
        ("locale", Some(person.locale.clone())),
        ("timezone", None),
        ("gender", None),
    ];
    pick(
        &facts,
        args,
        &["id", "first_name", "last_name", "profile_pic"],
    )
}

/// `GET /{page}`, `GET /me`.
pub(crate) fn page(page: &Page, args: &Args) -> Outcome {
    let facts = [
        ("id", Some(page.id.to_string())),
        ("name", Some(page.name.clone())),
        (
            "link",
            Some(format!("https://www.facebook.com/{}", page.id)),
        ),
        ("username", None),
        ("category", Some("Customer service".to_owned())),
    ];
    pick(&facts, args, &["id", "name"])
}

/// The fields that were asked for; those without a value are left out, the id is always there.
fn pick(facts: &[(&str, Option<String>)], args: &Args, usual: &[&str]) -> Outcome {
    let asked = args
        .text("fields")
        .map(|fields| fields.split(',').map(str::trim).collect());
    let asked: Vec<&str> = asked.unwrap_or_else(|| usual.to_vec());
    let mut out = Map::new();
    for name in asked
        .into_iter()
        .filter(|name| !name.is_empty())
        .chain(["id"])
    {
        let (_, value) = facts
            .iter()
            .find(|(known, _)| *known == name)
            .ok_or_else(|| bad(format!("Tried accessing nonexisting field ({name})")))?;
        if let Some(value) = value {
            out.insert(name.to_owned(), value.clone().into());
        }
    }
    Ok(out.into())
}

/// `GET /{page}/messenger_profile`.
pub(crate) fn read(page: &Page, args: &Args) -> Outcome {
    let asked = names(args.get("fields"));
    for name in &asked {
        known(name)?;
    }
    let found: Map<String, Value> = page
        .profile
        .iter()
        .filter(|(name, _)| asked.contains(*name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let data = if found.is_empty() {
        Vec::new()
    } else {
        vec![Value::Object(found)]
    };
    Ok(json!({ "data": data }))
}

/// `POST /{page}/messenger_profile`.
pub(crate) fn write(page: &mut Page, args: &Args) -> Outcome {
    let given: BTreeMap<String, Value> = PROPERTIES
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), args.get(name)?.clone())))
        .collect();
    if given.is_empty() {
        return Err(bad(
            "Requires one of the params: greeting, get_started, ice_breakers, persistent_menu",
        ));
    }
    for (name, value) in &given {
        check(name, value)?;
    }
    let has_start = given.contains_key("get_started") || page.profile.contains_key("get_started");
    if given.contains_key("persistent_menu") && !has_start {
        return Err(bad(
            "You must set a Get Started button if you also wish to use persistent menu",
        ));
    }
    page.profile.extend(given);
    Ok(json!({ "result": "success" }))
}

/// `DELETE /{page}/messenger_profile`.
pub(crate) fn delete(page: &mut Page, args: &Args) -> Outcome {
    let asked = names(args.get("fields"));
    for name in &asked {
        known(name)?;
    }
    let keeps_menu =
        page.profile.contains_key("persistent_menu") && !asked.contains("persistent_menu");
    if asked.contains("get_started") && keeps_menu {
        return Err(bad(
            "Remove persistent_menu first: it needs the Get Started button",
        ));
    }
    page.profile.retain(|name, _| !asked.contains(name));
    Ok(json!({ "result": "success" }))
}

fn known(name: &str) -> Result<(), GraphError> {
    if PROPERTIES.contains(&name) {
        Ok(())
    } else {
        Err(bad(format!(
            "Param fields[0] must be one of {PROPERTIES:?}, not {name}"
        )))
    }
}

/// A list, or text with commas.
fn names(value: Option<&Value>) -> BTreeSet<String> {
    let list = match value {
        Some(Value::Array(list)) => list.clone(),
        Some(Value::String(text)) => serde_json::from_str(text)
            .unwrap_or_else(|_| text.split(',').map(|name| name.trim().into()).collect()),
        Some(_) | None => Vec::new(),
    };
    let names = list.iter().filter_map(Value::as_str);
    names
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}

fn check(name: &str, value: &Value) -> Result<(), GraphError> {
    let items = value.as_array().map_or(&[][..], Vec::as_slice);
    match name {
        "get_started" => words(value, "payload", MAX_PAYLOAD),
        "greeting" => {
            has_default(items, name)?;
            items
                .iter()
                .try_for_each(|item| words(item, "text", MAX_GREETING))
        }
        "persistent_menu" => {
            has_default(items, name)?;
            items.iter().try_for_each(menu)
        }
        "ice_breakers" => items
            .iter()
            .try_for_each(|item| match &item["call_to_actions"] {
                Value::Array(list) => ice_breakers(list),
                _ => ice_breakers(std::slice::from_ref(item)),
            }),
        _ => Ok(()),
    }
}

fn has_default(items: &[Value], name: &str) -> Result<(), GraphError> {
    if items.iter().any(|item| item["locale"] == "default") {
        Ok(())
    } else {
        Err(bad(format!(
            "Param {name} must have an item with the locale default"
        )))
    }
}

fn menu(menu: &Value) -> Result<(), GraphError> {
    let items = menu["call_to_actions"]
        .as_array()
        .map_or(&[][..], Vec::as_slice);
    let is_mute = menu["composer_input_disabled"] == true;
    if items.len() > MAX_MENU || (items.is_empty() && !is_mute) {
        return Err(bad(format!(
            "Param call_to_actions must have 1 to {MAX_MENU} elements"
        )));
    }
    items.iter().try_for_each(|item| {
        words(item, "title", MAX_MENU_TITLE)?;
        match item["type"].as_str() {
            Some("postback") => words(item, "payload", MAX_PAYLOAD),
            Some("web_url") => words(item, "url", MAX_PAYLOAD),
            _ => Err(bad(
                "Param call_to_actions[type] must be one of {postback, web_url}",
            )),
        }
    })
}

fn ice_breakers(items: &[Value]) -> Result<(), GraphError> {
    if items.len() > MAX_ICE_BREAKERS {
        return Err(bad(format!(
            "Param ice_breakers must have at most {MAX_ICE_BREAKERS} elements"
        )));
    }
    items.iter().try_for_each(|item| {
        words(item, "question", MAX_QUESTION)?;
        words(item, "payload", MAX_PAYLOAD)
    })
}

/// A text that is there and not too long.
fn words(item: &Value, field: &str, limit: usize) -> Result<(), GraphError> {
    let text = item[field].as_str().filter(|text| !text.is_empty());
    let text = text.ok_or_else(|| bad(format!("Param {field} is required")))?;
    most(field, Some(text), limit)
}

/// `GET /{page}/subscribed_apps`.
pub(crate) fn subscriptions(page: &Page) -> Value {
    let apps: Vec<Value> = page
        .outlet
        .subscribed()
        .into_iter()
        .map(|fields| json!({ "id": page.app_id.to_string(), "name": "Sandbox", "subscribed_fields": fields }))
        .collect();
    json!({ "data": apps })
}

/// `POST /{page}/subscribed_apps`.
pub(crate) fn subscribe(page: &mut Page, args: &Args) -> Outcome {
    let fields = names(args.get("subscribed_fields"));
    if fields.is_empty() {
        return Err(bad("The parameter subscribed_fields is required."));
    }
    let unknown = fields
        .iter()
        .find(|field| !FIELDS.contains(&field.as_str()) && !OTHER_FIELDS.contains(&field.as_str()));
    if let Some(field) = unknown {
        return Err(bad(format!(
            "Param subscribed_fields: there is no field {field}"
        )));
    }
    page.outlet.subscribe(fields);
    Ok(json!({ "success": true }))
}

/// `DELETE /{page}/subscribed_apps`.
pub(crate) fn unsubscribe(page: &mut Page) -> Value {
    page.outlet.unsubscribe();
    json!({ "success": true })
}
