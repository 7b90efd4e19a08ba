//! What people do besides writing: they press, react, read, come by a link, block. Called by the control API.

use serde::Deserialize;
use serde_json::{Value, json};

use super::events::{self, By};
use super::outlet::{Channel, Event};
use super::people::page_of;
use super::state::{Action, Author, Chat, Message, Owner};
use super::writing::{enter, heard, place, read};
use crate::world::{Deed, Scene};

#[derive(Deserialize)]
pub(crate) struct Pressed {
    from: i64,
    chat: i64,
    message_id: Option<String>,
    /// Counted as `keyboard` shows it: a row for each button, or all quick replies in one row.
    row: Option<usize>,
    column: Option<usize>,
    data: Option<String>,
    #[serde(default)]
    forge: bool,
    #[serde(default)]
    get_started: bool,
    /// The link by which the person came, with Get Started.
    #[serde(rename = "ref")]
    reference: Option<String>,
}

/// What a key means.
struct Key {
    title: String,
    payload: String,
    is_quick: bool,
}

/// A person presses a button, a quick reply, an item of the menu, or Get Started.
pub(crate) fn press(scene: &mut Scene, pressed: &Pressed) -> Deed {
    let chat = place(scene, pressed.from, pressed.chat)?;
    let key = pressed_key(scene, chat, pressed)?;
    let chat = enter(scene, chat.person, chat.page)?;
    let mid = scene.facebook.next_mid(chat, scene.now);
    let mut message = Message::new(mid.clone(), scene.now, Author::Person);
    message.text = Some(key.title.clone());
    if key.is_quick {
        message.chosen = Some(key.payload);
        heard(scene, chat, message);
    } else {
        let referral = pressed.reference.as_deref().map(referral_body);
        let news = events::postback(&mid, &key.title, &key.payload, referral);
        scene.facebook.post(chat, message);
        events::tell(scene, chat, By::Person, news);
        scene.touch();
    }
    Ok(json!({ "message_id": mid }))
}

fn pressed_key(scene: &Scene, chat: Chat, pressed: &Pressed) -> Result<Key, String> {
    let state = &scene.facebook;
    let page = &state.pages[&chat.page];
    if pressed.get_started {
        let payload = page
            .profile
            .get("get_started")
            .and_then(|button| button["payload"].as_str())
            .ok_or("the page has no Get Started button: its app sets one with POST /me/messenger_profile")?;
        let is_russian = state.people[&chat.person].locale.starts_with("ru");
        let title = if is_russian {
            "Начать"
        } else {
            "Get Started"
        };
        return Ok(Key {
            title: title.to_owned(),
            payload: payload.to_owned(),
            is_quick: false,
        });
    }
    let keys = match &pressed.message_id {
        Some(mid) => {
            let message = state.message(chat, mid);
            message.map_or_else(Vec::new, keys_of)
        }
        None => standing(page),
    };
    if let (true, Some(data)) = (pressed.forge, &pressed.data) {
        return Ok(Key {
            title: "Button".to_owned(),
            payload: data.clone(),
            is_quick: false,
        });
    }
    let mut keys = keys.into_iter();
    let found = match (&pressed.data, pressed.row, pressed.column) {
        (Some(data), ..) => keys.find(|(_, key)| key.payload == *data),
        (None, Some(row), Some(column)) => keys.find(|(at, _)| *at == (row, column)),
        (None, ..) => return Err("give data, or row and column, or get_started".to_owned()),
    };
    found.map(|(_, key)| key).ok_or_else(|| {
        "no such key (any more); with \"forge\": true and data a postback comes all the same"
            .to_owned()
    })
}

/// The keys of a message that send something, each with its row and column.
fn keys_of(message: &Message) -> Vec<((usize, usize), Key)> {
    let buttons = message.buttons();
    let buttons = buttons.into_iter().enumerate().filter_map(|(row, button)| {
        let Action::Postback(payload) = button.action else {
            return None;
        };
        let key = Key {
            title: button.title,
            payload,
            is_quick: false,
        };
        Some(((row, 0), key))
    });
    let quick = message.quick_replies.iter().enumerate();
    let quick = quick.map(|(column, reply)| {
        let key = Key {
            title: reply.title.clone(),
            payload: reply.payload.clone(),
            is_quick: true,
        };
        ((0, column), key)
    });
    buttons.chain(quick).collect()
}

/// The keys that a page always shows: its menu and its ice breakers.
fn standing(page: &super::state::Page) -> Vec<((usize, usize), Key)> {
    let list = |name: &str| page.profile.get(name).and_then(Value::as_array).cloned();
    let menus = list("persistent_menu").unwrap_or_default();
    let menus = menus
        .iter()
        .filter_map(|menu| menu["call_to_actions"].as_array().cloned())
        .flatten();
    let all = menus.chain(list("ice_breakers").unwrap_or_default());
    let keys = all.enumerate().filter_map(|(row, item)| {
        let title = item["title"].as_str().or(item["question"].as_str())?;
        let key = Key {
            title: title.to_owned(),
            payload: item["payload"].as_str()?.to_owned(),
            is_quick: false,
        };
        Some(((row, 0), key))
    });
    keys.collect()
}

#[derive(Deserialize)]
pub(crate) struct Reacted {
    from: i64,
    chat: i64,
    message_id: String,
    emoji: String,
}

/// A person reacts to a message, or takes it back.
pub(crate) fn react(scene: &mut Scene, reacted: &Reacted) -> Deed {
    let chat = place(scene, reacted.from, reacted.chat)?;
    let mid = &reacted.message_id;
    if scene.facebook.message(chat, mid).is_none() {
        return Err(format!("no message {mid} in this thread"));
    }
    let chat = enter(scene, chat.person, chat.page)?;
    let emoji = Some(reacted.emoji.as_str()).filter(|emoji| !emoji.is_empty());
    if let Some(message) = scene.facebook.message_mut(chat, mid) {
        match emoji {
            Some(emoji) => drop(message.reactions.insert(chat.person, emoji.to_owned())),
            None => drop(message.reactions.remove(&chat.person)),
        }
    }
    events::tell(scene, chat, By::Person, events::reaction(mid, emoji));
    scene.touch();
    Ok(json!({}))
}

#[derive(Deserialize)]
pub(crate) struct Who {
    person: i64,
    chat: i64,
}

/// A person blocks the page, or takes it back. The app is not told: it learns it from the next error.
pub(crate) fn block(scene: &mut Scene, who: &Who, blocked: bool) -> Deed {
    thread(scene, who.person, who.chat)?.blocked = blocked;
    scene.touch();
    Ok(json!({}))
}

fn thread(scene: &mut Scene, person: i64, page: i64) -> Result<&mut super::state::Thread, String> {
    let chat = place(scene, person, page)?;
    scene
        .facebook
        .threads
        .get_mut(&chat)
        .ok_or_else(|| "the person has never written to the page".to_owned())
}

/// A person looks at the thread.
pub(crate) fn look(scene: &mut Scene, who: &Who) -> Deed {
    thread(scene, who.person, who.chat)?;
    let chat = place(scene, who.person, who.chat)?;
    read(scene, chat);
    Ok(json!({}))
}

#[derive(Deserialize)]
pub(crate) struct Owned {
    person: i64,
    chat: i64,
    owner: GivenOwner,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum GivenOwner {
    App,
    Inbox,
}

/// The thread is given to our app or to the page's inbox.
pub(crate) fn own(scene: &mut Scene, owned: &Owned) -> Deed {
    thread(scene, owned.person, owned.chat)?.owner = match owned.owner {
        GivenOwner::App => Owner::App,
        GivenOwner::Inbox => Owner::Inbox,
    };
    scene.touch();
    Ok(json!({}))
}

#[derive(Deserialize)]
pub(crate) struct Came {
    from: i64,
    chat: i64,
    #[serde(rename = "ref")]
    reference: String,
}

fn referral_body(reference: &str) -> Value {
    json!({ "ref": reference, "source": "SHORTLINK", "type": "OPEN_THREAD" })
}

/// A person who has been here before comes by an m.me link.
pub(crate) fn refer(scene: &mut Scene, came: &Came) -> Deed {
    let chat = enter(scene, came.from, came.chat)?;
    let news = events::referral(referral_body(&came.reference));
    events::tell(scene, chat, By::Person, news);
    Ok(json!({}))
}

/// A person agrees by a plugin to be written to.
pub(crate) fn opt_in(scene: &mut Scene, came: &Came) -> Deed {
    let chat = enter(scene, came.from, came.chat)?;
    let news = events::optin(json!({ "ref": came.reference }));
    events::tell(scene, chat, By::Person, news);
    Ok(json!({}))
}

/// Something by hand, as it is: a whole body if it says what `object` it is about, else one event.
#[derive(Deserialize)]
pub(crate) struct Raw {
    chat: i64,
    update: Value,
}

/// Something by hand goes to the webhook.
pub(crate) fn push(scene: &mut Scene, raw: Raw) -> Deed {
    page_of(scene, raw.chat)?;
    let outlet = &mut scene.facebook.page(raw.chat).outlet;
    let channel = if raw.update.get("object").is_some() {
        Channel::Whole
    } else {
        Channel::Messaging
    };
    let sender = raw.update["sender"]["id"].as_str();
    outlet.add(Event {
        person: sender.and_then(|id| id.parse().ok()).unwrap_or(0),
        channel,
        mid: raw.update["message"]["mid"].as_str().map(str::to_owned),
        body: raw.update,
    });
    Ok(json!({}))
}

#[derive(Deserialize)]
pub(crate) struct Again {
    chat: i64,
    mid: String,
}

/// An event that has arrived arrives once more.
pub(crate) fn redeliver(scene: &mut Scene, again: &Again) -> Deed {
    page_of(scene, again.chat)?;
    let outlet = &mut scene.facebook.page(again.chat).outlet;
    if outlet.redeliver(&again.mid) {
        Ok(json!({}))
    } else {
        Err(format!("no event with mid {} has arrived", again.mid))
    }
}

#[derive(Deserialize)]
pub(crate) struct Gathered {
    chat: i64,
    on: bool,
}

/// Events are kept back from now on, or what was kept leaves in one POST.
pub(crate) fn gather(scene: &mut Scene, gathered: &Gathered) -> Deed {
    page_of(scene, gathered.chat)?;
    scene
        .facebook
        .page(gathered.chat)
        .outlet
        .gather(gathered.on);
    scene.touch();
    Ok(json!({}))
}
