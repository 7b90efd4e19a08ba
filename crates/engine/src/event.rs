//! What can happen to the desk. Events are stored as JSON and outlive deployments: new fields need a
//! default, names are not changed.

use serde::{Deserialize, Serialize};

use crate::{
    broadcast::BroadcastId,
    content::{Content, Said},
    effect::{Effect, Purpose},
    ids::{ChatRef, DeliveryId, MessageRef, PersonRef, TicketId},
    payment::Reading,
    reminder::Noted,
    sheet::{Sheet, Unread},
};

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// Somebody wrote.
    Wrote(Wrote),
    /// Somebody changed what they had written.
    Edited(Wrote),
    /// A customer was answered elsewhere: by a colleague, in the messenger's own window.
    Elsewhere(Elsewhere),
    /// Somebody pressed a key under one of the bot's messages.
    Pressed(Pressed),
    /// A person let the bot write to them (again), or forbade it.
    Reach {
        /// Whom.
        who: Person,
        /// Whether it may write.
        allowed: bool,
    },
    /// Somebody came into the operators' group or left it.
    Member {
        /// Whom.
        who: Person,
        /// Whether they are in it now.
        inside: bool,
    },
    /// A timer that the desk had set is due.
    Due(Timer),
    /// The fate of something sent, where a rule waits for it.
    Receipt(Receipt),
    /// An operator is gone from the group; this ticket of theirs needs another one.
    Abandoned {
        /// The ticket.
        ticket: TicketId,
        /// Whose it was.
        operator: PersonRef,
    },
    /// What became of a reminder is known.
    Reminded(Noted),
    /// A picture of a payment was read, or cannot be.
    Read(Reading),
    /// The sheet was read, or cannot be.
    Sheet {
        /// Who asked for it, and waits for an answer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        asked: Option<ChatRef>,
        /// What it says; or why there is none.
        sheet: Result<Sheet, Unread>,
    },
    /// An open ticket was found in a database that the predecessor made.
    Adopted {
        /// The ticket.
        ticket: TicketId,
    },
}

/// A person, with what the messenger tells of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Who.
    pub id: PersonRef,
    /// Their private chat with the bot, whether it has begun or not.
    pub chat: ChatRef,
    /// What to call them; empty where the messenger does not say: then it is asked
    /// ([`crate::facts::Need::Profile`]).
    pub name: String,
    /// Their public name, without `@`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// The language of their messenger, as it says it (`ru`, `en-GB`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
}

/// What a messenger tells of a person when it is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// What to call them; never empty.
    pub name: String,
    /// Their public name, without `@`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// The language of their messenger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
}

/// Where something was written or pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// A person's private chat with the bot.
    Private,
    /// The operators' group.
    Desk,
}

/// A message that somebody wrote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wrote {
    /// Who.
    pub who: Person,
    /// Where.
    pub place: Place,
    /// Which message.
    pub at: MessageRef,
    /// What it says. For an edit: what it says now.
    pub content: Content,
    /// What else is in the same message, where one may carry several things: each as a message of
    /// its own, under an id of its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<Said>,
    /// Whether the messenger left something out: it must be asked for the whole
    /// ([`crate::facts::Need::Whole`]).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub partial: bool,
}

impl Wrote {
    /// It as something said, without what else is in it.
    pub fn said(&self) -> Said {
        Said {
            at: self.at.clone(),
            content: self.content.clone(),
        }
    }

    /// All of it.
    pub fn all(&self) -> Vec<Said> {
        std::iter::once(self.said())
            .chain(self.also.iter().cloned())
            .collect()
    }

    /// The command it is, if it is one (`/start`), and what follows it. Commands are plain text
    /// that begins with `/` and a letter.
    pub fn command(&self) -> Option<(&str, &str)> {
        let text = self.content.text.text.trim();
        let rest = text.strip_prefix('/')?;
        if !rest.starts_with(char::is_alphabetic) {
            return None;
        }
        let end = text.find(char::is_whitespace).unwrap_or(text.len());
        Some((&text[..end], text[end..].trim()))
    }
}

/// A customer was answered elsewhere than here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Elsewhere {
    /// The customer, with what is known of them.
    pub customer: Person,
    /// The colleague's name, where the messenger says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// What was written, in order; never empty. Its place is the customer's chat.
    pub said: Vec<Said>,
}

/// A key that somebody pressed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pressed {
    /// Who.
    pub who: Person,
    /// Where.
    pub place: Place,
    /// The message that the key stands under.
    pub at: MessageRef,
    /// How the messenger wants the press answered; opaque.
    pub press: String,
    /// What the key says it is: [`crate::keys`] reads it. Comes from outside: may be forged.
    pub data: String,
}

/// A moment that the desk waits for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Timer {
    /// No further part of an album came into this chat for a moment: it is whole.
    AlbumWhole {
        /// The chat of whoever sends it.
        chat: ChatRef,
        /// Who sends it.
        who: PersonRef,
        /// Which album.
        album: String,
    },
    /// The pinned list says how long dialogs have been open, and somebody may have deleted it: it is
    /// looked after from time to time.
    Board,
    /// The sheet is read again.
    Sheet,
    /// Reminders go out.
    Reminders,
    /// A broadcast goes on.
    Broadcast(BroadcastId),
}

impl Timer {
    /// One timer is kept per key: setting it anew moves it.
    pub fn key(&self) -> String {
        match self {
            Self::AlbumWhole { chat, album, .. } => format!("album/{chat}/{album}"),
            Self::Board => "board".to_owned(),
            Self::Sheet => "sheet".to_owned(),
            Self::Reminders => "reminders".to_owned(),
            Self::Broadcast(id) => format!("broadcast/{id}"),
        }
    }
}

/// The fate of something sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Which row of the outbox.
    pub delivery: DeliveryId,
    /// Where it went.
    pub to: ChatRef,
    /// Why it was sent.
    pub purpose: Purpose,
    /// What became of it.
    pub fate: Fate,
    /// What it was, if it failed: so that it can be sent elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effect: Option<Box<Effect>>,
}

/// What became of something sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// It arrived.
    Delivered,
    /// It arrived, and perhaps twice: its first outcome was unknown and it was sent once more.
    PerhapsTwice,
    /// Nobody knows whether it arrived.
    Unknown,
    /// The person is out of reach: blocked the bot, never wrote to it, deleted the account.
    Gone,
    /// The messenger will not take it.
    Refused {
        /// Its words, without secrets.
        reason: String,
    },
}
