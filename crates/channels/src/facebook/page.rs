//! What is asked of Facebook besides messages: to bring the page's events, to show «Get Started», who a
//! person is, and whether it answers at all.

use engine::{event::Profile, ids::PersonRef};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    client::Client,
    errors::{About, Failed},
    read::START,
};
use crate::Undelivered;

/// The events that `read` reads.
const FIELDS: [&str; 6] = [
    "messages",
    "messaging_postbacks",
    "messaging_referrals",
    "message_echoes",
    "message_edits",
    "standby",
];

/// Subscribes the app to the page's events, which also heals a subscription that Facebook took away after
/// an hour of failures, and sets the button that begins.
pub(super) async fn prepare(client: &Client) -> Result<(), Undelivered> {
    let fields = json!({ "subscribed_fields": FIELDS.join(",") });
    unless_forbidden(client.post::<Value>("subscribed_apps", &fields).await)?;
    unless_forbidden(get_started(client).await)
}

/// A token may be good for messages and not for settings: then somebody has made these by hand.
fn unless_forbidden<T>(made: Result<T, Failed>) -> Result<(), Undelivered> {
    match made {
        Ok(_) => Ok(()),
        Err(failed) => match failed.undelivered {
            Undelivered::Refused { .. } => Ok(()),
            other => Err(other),
        },
    }
}

/// Written only if it is not so already: Facebook takes few changes of these settings.
async fn get_started(client: &Client) -> Result<(), Failed> {
    let edge = "messenger_profile";
    let stands: Value = client.get(&[client.page(), edge], "get_started").await?;
    let payload = stands.pointer("/data/0/get_started/payload");
    if payload.and_then(Value::as_str) == Some(START) {
        return Ok(());
    }
    let wanted = json!({ "get_started": { "payload": START } });
    client.post::<Value>(edge, &wanted).await.map(drop)
}

/// What Facebook tells of a person: nothing of one without a profile, or whose profile the app may not
/// see.
pub(super) async fn profile(
    client: &Client,
    who: &PersonRef,
) -> Result<Option<Profile>, Undelivered> {
    #[derive(Deserialize)]
    struct Person {
        name: Option<String>,
        #[serde(default)]
        first_name: String,
        #[serde(default)]
        last_name: String,
    }
    let asked = client.get(&[&who.id], "first_name,last_name,name").await;
    let person: Person = match asked {
        Ok(person) => person,
        Err(failed) => match failed.undelivered {
            Undelivered::Refused { .. } | Undelivered::Gone(_) => return Ok(None),
            other => return Err(other),
        },
    };
    let name = person
        .name
        .unwrap_or_else(|| format!("{} {}", person.first_name, person.last_name));
    let name = name.trim();
    Ok((!name.is_empty()).then(|| Profile {
        name: name.to_owned(),
        username: None,
        language: None,
    }))
}

/// Whether Facebook answers and knows us as this page.
pub(super) async fn probe(client: &Client) -> Result<(), Undelivered> {
    let asked = client.get::<Value>(&[client.page()], "id").await;
    asked.map(drop).map_err(|failed| match failed {
        // A page that the token does not see: nothing can be sent in its name.
        Failed {
            undelivered: Undelivered::Refused { reason },
            about: About::Absent | About::Right,
        } => Undelivered::Locked(reason),
        Failed { undelivered, .. } => undelivered,
    })
}
