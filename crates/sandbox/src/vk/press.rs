//! Presses of callback keys, and what the community answered to each.

use std::collections::{HashMap, VecDeque};

use serde_json::{Value, json};

use super::error::{ApiError, Outcome, bad, because};
use crate::args::Args;
use crate::clock::Millis;
use crate::world::{Deed, Scene};

/// How long a press can be answered (vk-io, vksdk: «active for a minute»).
const LIFETIME: Millis = 60_000;
/// Presses remembered at once.
const MAX: usize = 20_000;
/// Characters of a snackbar.
const MAX_SNACKBAR: usize = 90;

/// One press.
#[derive(Debug)]
pub(crate) struct Press {
    pub(crate) community: i64,
    pub(crate) person: i64,
    pub(crate) at: Millis,
    /// What was answered: `event_data`, null when it was empty.
    pub(crate) answer: Option<Value>,
}

/// The presses by event id.
#[derive(Default)]
pub(crate) struct Presses {
    known: HashMap<String, Press>,
    order: VecDeque<String>,
}

impl Presses {
    pub(crate) fn add(&mut self, id: String, press: Press) {
        self.order.push_back(id.clone());
        self.known.insert(id, press);
        if self.order.len() > MAX
            && let Some(old) = self.order.pop_front()
        {
            self.known.remove(&old);
        }
    }
}

/// `messages.sendMessageEventAnswer`.
pub(crate) fn answer(scene: &mut Scene, community: i64, args: &Args) -> Outcome {
    let data = match args.text("event_data") {
        None | Some("") => Value::Null,
        Some(text) => event_data(text)?,
    };
    let now = scene.now;
    let press = args
        .text("event_id")
        .and_then(|id| scene.vk.presses.known.get_mut(id))
        .filter(|press| {
            press.community == community
                && args.int("user_id") == Some(press.person)
                && args.int("peer_id") == Some(press.person)
        })
        .ok_or_else(|| because(100, "event_id is invalid"))?;
    if press.answer.is_some() {
        return Err(because(100, "event_id was answered already"));
    }
    if now - press.at > LIFETIME {
        return Err(because(100, "event_id is expired"));
    }
    press.answer = Some(data);
    scene.touch();
    Ok(1.into())
}

fn event_data(text: &str) -> Result<Value, ApiError> {
    let wrong = |what: &str| bad(&format!("event_data {what}"));
    let data: Value = serde_json::from_str(text).map_err(|_| wrong("is not JSON"))?;
    let kind = data["type"].as_str();
    let (needed, known): (&str, &[&str]) = match kind {
        Some("show_snackbar") => ("text", &["type", "text"]),
        Some("open_link") => ("link", &["type", "link"]),
        Some("open_app") => ("app_id", &["type", "app_id", "owner_id", "hash"]),
        Some(_) | None => return Err(wrong("has an unknown type")),
    };
    let fields = data.as_object().into_iter().flatten();
    if let Some((stranger, _)) = fields
        .clone()
        .find(|(name, _)| !known.contains(&name.as_str()))
    {
        return Err(wrong(&format!("has an unknown field {stranger}")));
    }
    if data[needed].is_null() {
        return Err(wrong(&format!("has no {needed}")));
    }
    let length = data["text"].as_str().map_or(0, |text| text.chars().count());
    if length > MAX_SNACKBAR {
        return Err(wrong(&format!("has a text over {MAX_SNACKBAR} characters")));
    }
    Ok(data)
}

/// What came of a press, for the person who pressed.
pub(crate) fn outcome(scene: &Scene, id: &str) -> Deed {
    let press = scene.vk.presses.known.get(id);
    let press = press.ok_or_else(|| format!("no press {id}"))?;
    let mut out = json!({ "answered": press.answer.is_some() });
    if let Some(fields) = press.answer.as_ref().and_then(Value::as_object) {
        for (name, value) in fields {
            out[name] = value.clone();
        }
    }
    Ok(out)
}
