//! What one event means to the desk. Pure: the same bytes always mean the same.
//!
//! Nothing that a person writes is dropped, also not while another app holds the conversation
//! (standby). What is ignored is ignored for a reason that is written down.

use engine::{
    content::{Content, Said},
    event::{Elsewhere, Event as Happened, Person, Place, Pressed, Wrote},
    ids::{ChannelId, ChatRef, MessageRef, PersonRef},
    keys::Act,
};
use serde_json::Value;

use super::{
    content,
    deliver::is_ours,
    types::{Edit, Event, Message, Postback, Referral},
    webhook::Update,
};
use crate::{Heard, Unreadable, What};

/// What the button «Get Started» sends: set by us ([`super::page`]), and the same as typing it.
pub(super) const START: &str = "/start";

/// Begins the ids of what has no message of its own; Messenger's own ids begin otherwise (`m_`, `mid.`).
pub(super) const NOT_A_MESSAGE: &str = "at-";

/// What is known beforehand about who reads.
pub(super) struct Reader<'a> {
    pub(super) channel: &'a ChannelId,
}

/// What tells an event from others of its page, its lane, and what it is.
type Told = (String, String, What);

/// A plugin on a website tells of visitors who have not begun a conversation.
const NOBODY: What = What::Ignored("what nobody we know has done");

impl Reader<'_> {
    pub(super) fn read(&self, update: &[u8]) -> Result<Vec<Heard>, Unreadable> {
        let unreadable = |reason: String| Unreadable {
            key: key_of(update),
            reason,
        };
        let update: Update =
            serde_json::from_slice(update).map_err(|e| unreadable(e.to_string()))?;
        let event = update.event.get();
        let event: Event = serde_json::from_str(event).map_err(|e| unreadable(e.to_string()))?;
        let (key, lane, what) = self
            .told(event, update.page)
            .map_err(|why| unreadable(why.to_owned()))?;
        Ok(vec![Heard {
            key: format!("{}/{key}", update.page),
            lane,
            what,
        }])
    }

    fn told(&self, event: Event, page: &str) -> Result<Told, &'static str> {
        let sender = event.sender.map(|party| party.id).unwrap_or_default();
        let recipient = event.recipient.map(|party| party.id).unwrap_or_default();
        let by_page = sender == page;
        let who = self.person(if by_page { recipient } else { sender });
        let chat = who.chat.clone();
        let at = event.timestamp;
        if who.id.id.is_empty() {
            return match event.message {
                Some(_) => Err("a message of nobody"),
                None => Ok((format!("nobody/{at}"), self.channel.to_string(), NOBODY)),
            };
        }
        let lane = chat.to_string();
        if let Some(message) = event.message {
            let key = format!("message/{}", message.mid);
            return Ok((key, lane, said(who, &message, by_page)));
        }
        if let Some(edit) = event.message_edit {
            let nth = edit.num_edit.map_or(at, i64::from);
            let key = format!("edit/{}/{nth}", edit.mid);
            return Ok((key, lane, edited(who, edit, by_page)));
        }
        if let Some(postback) = event.postback {
            let id = match &postback.mid {
                Some(mid) => mid.clone(),
                None => format!("{NOT_A_MESSAGE}{at}"),
            };
            let key = match &postback.mid {
                Some(mid) => format!("postback/{mid}"),
                None => format!("postback/{}/{at}", who.id.id),
            };
            let under = chat.message(id);
            return Ok((key, lane, pressed(who, under, postback)));
        }
        let (kind, what) = if let Some(referral) = event.referral {
            let under = chat.message(format!("{NOT_A_MESSAGE}{at}"));
            ("referral", came(who.clone(), under, &referral))
        } else if event.delivery.is_some() {
            ("delivery", What::Ignored("what we sent has arrived"))
        } else if event.read.is_some() {
            ("read", What::Ignored("what we sent has been read"))
        } else if event.reaction.is_some() {
            ("reaction", What::Ignored("a reaction"))
        } else if event.optin.is_some() {
            ("optin", What::Ignored("a permission that no desk needs"))
        } else {
            let why = "an event of a kind that no desk needs";
            ("other", What::Ignored(why))
        };
        Ok((format!("{kind}/{}/{at}", who.id.id), lane, what))
    }

    /// A conversation has its person's id. Webhooks name nobody.
    fn person(&self, id: String) -> Person {
        Person {
            chat: ChatRef::new(self.channel, id.as_str()),
            id: PersonRef::new(self.channel, id),
            name: String::new(),
            username: None,
            language: None,
        }
    }
}

/// A message: a customer's, our own come back, or one of a colleague in the page's inbox.
fn said(who: Person, message: &Message, by_page: bool) -> What {
    if by_page || message.is_echo {
        if message.metadata.as_deref().is_some_and(is_ours) {
            return What::Ignored("our own message, come back");
        }
        let said = content::parts(message, &who.chat);
        return What::Event(Happened::Elsewhere(Elsewhere {
            customer: who,
            by: None,
            said,
        }));
    }
    let at = who.chat.message(message.mid.as_str());
    if let Some(reply) = &message.quick_reply
        && Act::read(&reply.payload).is_some()
    {
        return What::Event(Happened::Pressed(Pressed {
            who,
            place: Place::Private,
            // Facebook does not say under which message the key stood.
            press: at.id.clone(),
            at,
            data: reply.payload.clone(),
        }));
    }
    let mut parts = content::parts(message, &who.chat).into_iter();
    let Some(Said { at, content }) = parts.next() else {
        return What::Ignored("a message without anything in it");
    };
    What::Event(Happened::Wrote(Wrote {
        who,
        place: Place::Private,
        at,
        content,
        also: parts.collect(),
        partial: false,
    }))
}

fn edited(who: Person, edit: Edit, by_page: bool) -> What {
    if by_page {
        return What::Ignored("a colleague changed what they had written in the page's inbox");
    }
    let at = who.chat.message(edit.mid);
    What::Event(Happened::Edited(wrote(who, at, edit.text)))
}

/// A button: one of ours, «Get Started», or one that the page has elsewhere. The words of the latter are
/// what the person says.
fn pressed(who: Person, under: MessageRef, postback: Postback) -> What {
    match postback.payload {
        Some(payload) if payload == START => {
            let words = begun(postback.referral.as_ref());
            What::Event(Happened::Wrote(wrote(who, under, words)))
        }
        Some(payload) if Act::read(&payload).is_some() => What::Event(Happened::Pressed(Pressed {
            who,
            place: Place::Private,
            press: under.id.clone(),
            at: under,
            data: payload,
        })),
        Some(_) | None if !postback.title.is_empty() => {
            What::Event(Happened::Wrote(wrote(who, under, postback.title)))
        }
        Some(_) | None => What::Ignored("a button of which nothing is said"),
    }
}

/// Somebody came by a link.
fn came(who: Person, under: MessageRef, referral: &Referral) -> What {
    if referral.r#type == "OPEN_THREAD" {
        return What::Event(Happened::Wrote(wrote(who, under, begun(Some(referral)))));
    }
    What::Ignored("a link that opened no conversation")
}

/// The command that begins, with the word that a link carries.
fn begun(referral: Option<&Referral>) -> String {
    match referral.and_then(|referral| referral.r#ref.as_deref()) {
        Some(word) if !word.is_empty() => format!("{START} {word}"),
        _ => START.to_owned(),
    }
}

fn wrote(who: Person, at: MessageRef, text: String) -> Wrote {
    Wrote {
        who,
        place: Place::Private,
        at,
        content: Content::text(text),
        also: Vec::new(),
        partial: false,
    }
}

/// The key of an update of which perhaps nothing else can be read.
fn key_of(update: &[u8]) -> Option<String> {
    let update: Value = serde_json::from_slice(update).ok()?;
    let page = update.get("page")?.as_str()?;
    let event = update.get("event")?;
    let mid = event.pointer("/message/mid").and_then(Value::as_str);
    if let Some(mid) = mid {
        return Some(format!("{page}/message/{mid}"));
    }
    let sender = event.pointer("/sender/id")?.as_str()?;
    let at = event.get("timestamp")?.as_i64()?;
    Some(format!("{page}/unreadable/{sender}/{at}"))
}
