//! What a raw update means to the desk. Pure: the same bytes always mean the same.
//!
//! Nothing that a person writes is dropped: a message of a kind that we do not know is
//! [`Body::Other`]. What is ignored is ignored for a reason that is written down.

use engine::{
    event::{Event, Person, Place, Pressed, Wrote},
    ids::{ChannelId, ChatRef},
};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    content,
    types::{CallbackQuery, Chat, ChatMemberUpdated, Message, Update, User},
};
use crate::{Heard, Unreadable, What};

/// What is known beforehand about who reads.
pub(super) struct Reader<'a> {
    pub(super) channel: &'a ChannelId,
    /// The operators' group, if there is one.
    pub(super) desk: Option<&'a ChatRef>,
}

/// The kinds that the rules below read: what we ask Telegram for.
pub(super) const KINDS: [&str; 5] = [
    "message",
    "edited_message",
    "callback_query",
    "my_chat_member",
    "chat_member",
];

/// The id of an update of which perhaps nothing else can be read.
pub(super) fn id_of(update: &[u8]) -> Option<i64> {
    #[derive(Deserialize)]
    struct Numbered {
        update_id: i64,
    }
    serde_json::from_slice::<Numbered>(update)
        .ok()
        .map(|update| update.update_id)
}

impl Reader<'_> {
    pub(super) fn read(&self, update: &[u8]) -> Result<Vec<Heard>, Unreadable> {
        let key = || id_of(update).map(|id| format!("u{id}"));
        let unreadable = |error: serde_json::Error| Unreadable {
            key: key(),
            reason: error.to_string(),
        };
        let update: Update = serde_json::from_slice(update).map_err(unreadable)?;
        let (lane, whats) = self.whats(&update).map_err(unreadable)?;
        let key = format!("u{}", update.update_id);
        let alone = whats.len() == 1;
        Ok(whats
            .into_iter()
            .enumerate()
            .map(|(nth, what)| Heard {
                key: if alone {
                    key.clone()
                } else {
                    format!("{key}/{nth}")
                },
                lane: lane.clone(),
                what,
            })
            .collect())
    }

    /// The lane, and what happened in it; never nothing.
    fn whats(&self, update: &Update) -> serde_json::Result<(String, Vec<What>)> {
        if let Some(raw) = update.message {
            let message: Message = serde_json::from_str(raw.get())?;
            return Ok((self.lane(&message.chat), self.message(message, raw)));
        }
        if let Some(raw) = update.edited_message {
            let message: Message = serde_json::from_str(raw.get())?;
            return Ok((self.lane(&message.chat), vec![self.edited(message, raw)]));
        }
        if let Some(press) = &update.callback_query {
            let lane = match &press.message {
                Some(under) => self.lane(&under.chat),
                None => self.chat(press.from.id).to_string(),
            };
            return Ok((lane, vec![self.pressed(press)]));
        }
        if let Some(change) = &update.my_chat_member {
            return Ok((self.lane(&change.chat), vec![self.reach(change)]));
        }
        if let Some(change) = &update.chat_member {
            return Ok((self.lane(&change.chat), vec![self.member(change)]));
        }
        let what = What::Ignored("an update of a kind that no desk needs");
        Ok((self.channel.to_string(), vec![what]))
    }

    fn message(&self, message: Message, raw: &RawValue) -> Vec<What> {
        if let Some(moved) = self.moved(&message) {
            return vec![moved];
        }
        let place = match self.place(&message.chat) {
            Ok(place) => place,
            Err(why) => return vec![What::Ignored(why)],
        };
        if place == Place::Desk {
            let came = message
                .new_chat_members
                .iter()
                .flatten()
                .map(|user| (user, true));
            let left = message.left_chat_member.iter().map(|user| (user, false));
            let changes: Vec<What> = came
                .chain(left)
                .filter(|(user, _)| !user.is_bot)
                .map(|(user, inside)| self.membership(user, inside))
                .collect();
            if !changes.is_empty() {
                return changes;
            }
        }
        vec![match self.wrote(message, raw, place) {
            Ok(wrote) => What::Event(Event::Wrote(wrote)),
            Err(why) => What::Ignored(why),
        }]
    }

    fn edited(&self, message: Message, raw: &RawValue) -> What {
        // A place cannot be edited: these are the steps of somebody who walks.
        if message.location.is_some() {
            return What::Ignored("a live location moved on");
        }
        let wrote = self
            .place(&message.chat)
            .and_then(|place| self.wrote(message, raw, place));
        match wrote {
            Ok(wrote) => What::Event(Event::Edited(wrote)),
            Err(why) => What::Ignored(why),
        }
    }

    fn wrote(&self, message: Message, raw: &RawValue, place: Place) -> Result<Wrote, &'static str> {
        if message.is_automatic_forward {
            return Err("a channel's post, forwarded by Telegram itself");
        }
        if message.sender_chat.is_some() {
            return Err("written in a chat's name: nobody knows by whom");
        }
        let Some(from) = &message.from else {
            return Err("written by nobody");
        };
        if from.is_bot {
            return Err("written by a bot");
        }
        let who = self.person(from);
        let chat = self.chat(message.chat.id);
        let at = chat.message(message.message_id.to_string());
        let content = content::of(message, raw, &chat).ok_or("a service message")?;
        Ok(Wrote {
            who,
            place,
            at,
            content,
            also: Vec::new(),
            partial: false,
        })
    }

    /// The operators' group became a supergroup. Told twice: in the old chat and in the new one.
    fn moved(&self, message: &Message) -> Option<What> {
        let desk = self.desk?;
        let here = message.chat.id;
        let (from, to) = match (message.migrate_to_chat_id, message.migrate_from_chat_id) {
            (Some(to), _) => (here, to),
            (None, Some(from)) => (from, here),
            (None, None) => return None,
        };
        let (from, to) = (self.chat(from), self.chat(to));
        (*desk == from || *desk == to).then_some(What::Moved { from, to })
    }

    fn pressed(&self, press: &CallbackQuery) -> What {
        // Neither can come from a key of ours. They are left unanswered: Telegram forgets a press
        // by itself.
        let Some(under) = &press.message else {
            return What::Ignored("a key under a message of the inline mode");
        };
        let Some(data) = &press.data else {
            return What::Ignored("a key without data");
        };
        match self.place(&under.chat) {
            Ok(place) => What::Event(Event::Pressed(Pressed {
                who: self.person(&press.from),
                place,
                at: self
                    .chat(under.chat.id)
                    .message(under.message_id.to_string()),
                press: press.id.clone(),
                data: data.clone(),
            })),
            Err(why) => What::Ignored(why),
        }
    }

    fn reach(&self, change: &ChatMemberUpdated) -> What {
        match self.place(&change.chat) {
            Ok(Place::Private) => What::Event(Event::Reach {
                who: self.person(&change.from),
                allowed: change.new_chat_member.is_inside(),
            }),
            Ok(Place::Desk) => What::Ignored("the bot's own rights in the operators' group"),
            Err(why) => What::Ignored(why),
        }
    }

    fn member(&self, change: &ChatMemberUpdated) -> What {
        let member = &change.new_chat_member;
        match self.place(&change.chat) {
            Ok(Place::Desk) if member.user.is_bot => What::Ignored("a bot's membership"),
            Ok(Place::Desk) => self.membership(&member.user, member.is_inside()),
            Ok(Place::Private) => What::Ignored("membership of a private chat"),
            Err(why) => What::Ignored(why),
        }
    }

    fn membership(&self, user: &User, inside: bool) -> What {
        What::Event(Event::Member {
            who: self.person(user),
            inside,
        })
    }

    fn place(&self, chat: &Chat) -> Result<Place, &'static str> {
        if self.desk.is_some_and(|desk| desk.id == chat.id.to_string()) {
            return Ok(Place::Desk);
        }
        match chat.r#type.as_str() {
            "private" => Ok(Place::Private),
            "channel" => Err("a channel"),
            _ => Err("a stranger's group"),
        }
    }

    fn person(&self, user: &User) -> Person {
        content::person(self.channel, user)
    }

    fn chat(&self, id: i64) -> ChatRef {
        ChatRef::new(self.channel, id.to_string())
    }

    fn lane(&self, chat: &Chat) -> String {
        self.chat(chat.id).to_string()
    }
}
