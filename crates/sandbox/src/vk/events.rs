//! Events: what a community is told, over the long poll and over its callback servers.
//!
//! What must stay true: an event has one `event_id`, whichever way and however often it is delivered.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Value, json};

use super::render;
use super::schema::event_kinds;
use crate::world::Scene;

/// Version of the objects in events.
pub(crate) const VERSION: &str = "5.199";

/// The kinds of events that somebody wants.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted(BTreeSet<&'static str>);

impl Wanted {
    pub(crate) fn all() -> Self {
        Self(event_kinds().collect())
    }

    pub(crate) fn has(&self, kind: &str) -> bool {
        self.0.contains(kind)
    }

    pub(crate) fn set(&mut self, kind: &'static str, wanted: bool) {
        if wanted {
            self.0.insert(kind);
        } else {
            self.0.remove(kind);
        }
    }

    /// As settings tell it.
    pub(crate) fn shown(&self) -> Value {
        let flag = |kind: &'static str| (kind.to_owned(), u8::from(self.has(kind)).into());
        Value::Object(event_kinds().map(flag).collect())
    }
}

/// One event.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) id: String,
    /// Events of one person keep their order.
    pub(crate) person: i64,
    pub(crate) body: Arc<Value>,
}

/// Tells a community, as far as it wants to know.
pub(crate) fn notify(scene: &mut Scene, community: i64, kind: &str, person: i64, object: &Value) {
    let serial = scene.vk.next_serial();
    let id = event_id(community, serial);
    let body = json!({
        "group_id": community,
        "type": kind,
        "event_id": id,
        "v": VERSION,
        "object": object,
    });
    let event = Event {
        id,
        person,
        body: Arc::new(body),
    };
    queue(scene, community, &event, Some(kind));
}

/// Puts a raw update in, as it is; what every update has is added where it is missing. Gives its id.
pub(crate) fn push_raw(scene: &mut Scene, community: i64, mut update: Value) -> String {
    let serial = scene.vk.next_serial();
    let own = event_id(community, serial);
    if let Some(fields) = update.as_object_mut() {
        fields
            .entry("event_id")
            .or_insert_with(|| own.clone().into());
        fields.entry("group_id").or_insert_with(|| community.into());
        fields.entry("v").or_insert_with(|| VERSION.into());
    }
    let id = update["event_id"].as_str().unwrap_or(&own).to_owned();
    let event = Event {
        id: id.clone(),
        person: 0,
        body: Arc::new(update),
    };
    queue(scene, community, &event, None);
    id
}

/// Delivers an event that was told before once more. False when it is not remembered.
pub(crate) fn redeliver(scene: &mut Scene, community: i64, id: &str) -> bool {
    let known = scene.vk.community(community).history.find(id);
    if let Some(event) = &known {
        queue(scene, community, event, None);
    }
    known.is_some()
}

/// `kind`: only to those who want it; `None`: to everybody.
fn queue(scene: &mut Scene, community: i64, event: &Event, kind: Option<&str>) {
    let owner = scene.vk.community(community);
    let wants = |wanted: &Wanted| kind.is_none_or(|kind| wanted.has(kind));
    if owner.polling && wants(&owner.wanted) {
        owner.history.push(event.clone());
    }
    for server in &mut owner.servers {
        if wants(&server.wanted) {
            server.push(event.clone());
        }
    }
    owner.history.keep(event.clone());
    scene.touch();
}

/// Forty hexadecimal digits, the same in every run.
fn event_id(community: i64, serial: u64) -> String {
    let mix = serial.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ community.unsigned_abs();
    format!(
        "{mix:016x}{:016x}{:08x}",
        mix.rotate_left(29),
        serial & 0xffff_ffff
    )
}

/// A person has written: `message_new`.
pub(crate) fn message_new(scene: &mut Scene, community: i64, person: i64, cmid: i64) {
    let owner = scene.vk.community(community);
    let is_cropped = owner.crop > 0;
    owner.crop = owner.crop.saturating_sub(1);
    let Some(message) = scene.vk.message(community, person, cmid) else {
        return;
    };
    let mut shown = render::message(scene, person, message);
    if is_cropped && let Some(fields) = shown.as_object_mut() {
        fields.insert("is_cropped".to_owned(), true.into());
        fields.insert("attachments".to_owned(), json!([]));
        for left_out in ["fwd_messages", "reply_message", "geo"] {
            fields.remove(left_out);
        }
    }
    let object = json!({
        "message": shown,
        "client_info": {
            "button_actions": ["text", "vkpay", "open_app", "location", "open_link", "callback", "intent_subscribe", "intent_unsubscribe"],
            "keyboard": true,
            "inline_keyboard": true,
            "carousel": true,
            "lang_id": 0,
        },
    });
    notify(scene, community, "message_new", person, &object);
}

/// The community has written (`message_reply`), or somebody has changed a message (`message_edit`).
pub(crate) fn message(scene: &mut Scene, community: i64, kind: &str, person: i64, cmid: i64) {
    let Some(message) = scene.vk.message(community, person, cmid) else {
        return;
    };
    let shown = render::message(scene, person, message);
    notify(scene, community, kind, person, &shown);
}
