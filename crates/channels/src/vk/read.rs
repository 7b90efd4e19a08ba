//! What a raw update means to the desk. Pure: the same bytes always mean the same.
//!
//! Nothing that a person writes is dropped: an attachment of a kind that we do not know is a line.
//! What is ignored is ignored for a reason that is written down.

use engine::{
    event::{Elsewhere, Event, Person, Place, Pressed, Wrote},
    ids::{ChannelId, PersonRef},
};
use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use super::{
    content::{self, chat},
    ids::part,
    types::{Message, MessageEvent, MessageNew, Reach, Update},
};
use crate::{Heard, Unreadable, What};

/// The kinds that the rules below read: what is asked of Bots Long Poll.
pub(super) const KINDS: [&str; 6] = [
    "message_new",
    "message_edit",
    "message_reply",
    "message_event",
    "message_allow",
    "message_deny",
];

/// Peers from here on are conversations of several people (VK, `peer_id`).
const FIRST_GROUP_CHAT: i64 = 2_000_000_000;

/// Why a conversation of several people, or with another community, is left alone.
const NOT_PRIVATE: &str = "not a conversation with one person";

/// Reads an update of the community that is `channel` here.
pub(super) fn read(channel: &ChannelId, update: &[u8]) -> Result<Vec<Heard>, Unreadable> {
    let reader = Reader { channel };
    let heard = reader.heard(update).map_err(|reason| Unreadable {
        key: event_id(update).map(key),
        reason,
    })?;
    Ok(vec![heard])
}

/// The key of an event: the same by the Callback API and by Bots Long Poll.
fn key(event_id: impl std::fmt::Display) -> String {
    format!("e{event_id}")
}

/// The id of an update of which perhaps nothing else can be read.
fn event_id(update: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Numbered {
        event_id: Option<String>,
    }
    serde_json::from_slice::<Numbered>(update).ok()?.event_id
}

/// What happened, to whom, and what tells it from everything else if VK gives it no id.
struct Happened {
    peer: i64,
    mark: String,
    what: What,
}

struct Reader<'a> {
    channel: &'a ChannelId,
}

impl Reader<'_> {
    fn heard(&self, update: &[u8]) -> Result<Heard, String> {
        let update: Update = serde_json::from_slice(update).map_err(|error| error.to_string())?;
        let happened = self.happened(&update)?;
        let key = match update.event_id.filter(|id| !id.is_empty()) {
            Some(id) => key(id),
            None => format!("{}/{}/{}", update.r#type, happened.peer, happened.mark),
        };
        Ok(Heard {
            key,
            lane: chat(self.channel, happened.peer).to_string(),
            what: happened.what,
        })
    }

    fn happened(&self, update: &Update) -> Result<Happened, String> {
        let object = update.object.get();
        match update.r#type.as_str() {
            "message_new" => {
                let new: MessageNew = object_of(object)?;
                let message = object_of(new.message.map_or(object, RawValue::get))?;
                about(&message, |message| self.wrote(message))
            }
            "message_edit" => about(&object_of(object)?, |message| self.edited(message)),
            "message_reply" => about(&object_of(object)?, |message| self.replied(message)),
            "message_event" => Ok(self.pressed(object_of(object)?)),
            "message_allow" => Ok(self.reach(&object_of(object)?, true)),
            "message_deny" => Ok(self.reach(&object_of(object)?, false)),
            _ => Ok(Happened {
                peer: 0,
                mark: String::new(),
                what: What::Ignored("an update of a kind that no desk needs"),
            }),
        }
    }

    fn wrote(&self, message: &Message) -> What {
        if let Err(why) = by_person(message) {
            return What::Ignored(why);
        }
        let start = match payload(message.payload.as_ref()) {
            Payload::Key(data) => {
                return What::Event(Event::Pressed(Pressed {
                    who: self.person(message.peer_id),
                    place: Place::Private,
                    at: part(
                        &chat(self.channel, message.peer_id),
                        message.conversation_message_id,
                        1,
                    ),
                    press: String::new(),
                    data,
                }));
            }
            Payload::Start => true,
            Payload::Foreign => false,
        };
        let mut wrote = self.said(message);
        if start {
            wrote.content = engine::content::Content::text("/start");
        }
        What::Event(Event::Wrote(wrote))
    }

    fn edited(&self, message: &Message) -> What {
        match by_person(message) {
            Ok(()) => What::Event(Event::Edited(self.said(message))),
            Err(why) => What::Ignored(why),
        }
    }

    /// Everything that the community sends comes back; only what a colleague wrote in VK's own window
    /// is news.
    fn replied(&self, message: &Message) -> What {
        if message.admin_author_id == 0 {
            return What::Ignored("our own message, or another program's");
        }
        let customer = self.person(message.peer_id);
        let said = content::of(message, &customer.chat);
        What::Event(Event::Elsewhere(Elsewhere {
            customer,
            by: None,
            said,
        }))
    }

    fn said(&self, message: &Message) -> Wrote {
        let who = self.person(message.peer_id);
        let partial = content::is_cropped(message);
        let at = part(&who.chat, message.conversation_message_id, 1);
        let mut parts = content::of(message, &who.chat).into_iter();
        let content = parts.next().map(|first| first.content).unwrap_or_default();
        Wrote {
            who,
            place: Place::Private,
            at,
            content,
            also: parts.collect(),
            partial,
        }
    }

    fn pressed(&self, event: MessageEvent) -> Happened {
        let what = if event.peer_id == event.user_id {
            let data = match payload(Some(&event.payload)) {
                Payload::Key(data) => data,
                Payload::Start | Payload::Foreign => event.payload.to_string(),
            };
            let who = self.person(event.user_id);
            What::Event(Event::Pressed(Pressed {
                at: part(&who.chat, event.conversation_message_id, 1),
                who,
                place: Place::Private,
                press: event.event_id.clone(),
                data,
            }))
        } else {
            What::Ignored(NOT_PRIVATE)
        };
        Happened {
            peer: event.peer_id,
            mark: event.event_id,
            what,
        }
    }

    fn reach(&self, reach: &Reach, allowed: bool) -> Happened {
        Happened {
            peer: reach.user_id,
            mark: String::new(),
            what: What::Event(Event::Reach {
                who: self.person(reach.user_id),
                allowed,
            }),
        }
    }

    /// Somebody, whom updates name by number only. Their private chat has the same number.
    fn person(&self, id: i64) -> Person {
        Person {
            id: PersonRef::new(self.channel, id.to_string()),
            chat: chat(self.channel, id),
            name: String::new(),
            username: None,
            language: None,
        }
    }
}

/// A message in a private chat, as `what` it is.
fn about(message: &Message, what: impl FnOnce(&Message) -> What) -> Result<Happened, String> {
    let (peer, number) = (message.peer_id, message.conversation_message_id);
    if peer == 0 {
        return Err("a message without a peer_id".to_owned());
    }
    let private = (1..FIRST_GROUP_CHAT).contains(&peer);
    if private && number <= 0 {
        return Err("a message without a conversation_message_id".to_owned());
    }
    Ok(Happened {
        peer,
        mark: format!("{number}/{}", message.update_time),
        what: if private {
            what(message)
        } else {
            What::Ignored(NOT_PRIVATE)
        },
    })
}

fn object_of<'a, T: Deserialize<'a>>(object: &'a str) -> Result<T, String> {
    serde_json::from_str(object).map_err(|error| error.to_string())
}

fn by_person(message: &Message) -> Result<(), &'static str> {
    if message.out != 0 || message.from_id < 0 {
        return Err("the community's own message");
    }
    if message.action.is_some() {
        return Err("a service message");
    }
    Ok(())
}

/// What stands behind a key.
enum Payload {
    /// Ours.
    Key(String),
    /// «Начать», with which VK begins every conversation.
    Start,
    /// Another program's, or nothing.
    Foreign,
}

/// Our keys have `{"key": …}` behind them. VK gives an object, or the same as text.
fn payload(payload: Option<&Value>) -> Payload {
    let parsed;
    let object = match payload {
        Some(Value::String(text)) => {
            parsed = serde_json::from_str(text).unwrap_or(Value::Null);
            &parsed
        }
        Some(other) => other,
        None => return Payload::Foreign,
    };
    match (object["key"].as_str(), object["command"].as_str()) {
        (Some(data), _) => Payload::Key(data.to_owned()),
        (None, Some("start")) => Payload::Start,
        _ => Payload::Foreign,
    }
}
