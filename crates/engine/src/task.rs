//! What an owner does step by step: a broadcast until it goes out, a record until it is saved. Kept
//! between the steps; a restart in the middle loses nothing.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    broadcast::Audience,
    client::Email,
    content::Said,
    ids::{ChatRef, MessageRef},
    records::Kept,
    sheet::Field,
    ticket::Album,
};

/// A task, and where it is done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// Its number: keys and prompts of another one are outdated.
    pub number: u32,
    /// The chat that the owner began it in.
    pub chat: ChatRef,
    /// When the owner began it.
    pub at: Timestamp,
    /// How often the owner was asked anew, below what they had answered.
    #[serde(default)]
    pub asked: u32,
    /// How far it is.
    pub step: Step,
}

/// How far a task is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Broadcast: tariffs are chosen with keys.
    Audience(Audience),
    /// Broadcast: the message comes by reply.
    Message {
        /// To whom it goes.
        audience: Audience,
        /// An album that is still coming in.
        #[serde(default)]
        album: Option<Album>,
    },
    /// Broadcast: «Отправить» or «Отмена».
    Confirm {
        /// To whom.
        audience: Audience,
        /// What.
        said: Vec<Said>,
    },
    /// Record: the address comes by reply.
    Record,
    /// Record: a field is chosen with a key.
    Field(Email),
    /// Record: the value comes by reply, or with a key.
    Value(Email, Edited),
    /// Record: «Сохранить» or «Отмена».
    Save {
        /// Whose record.
        client: Email,
        /// What of it.
        edited: Edited,
        /// Its new value.
        value: String,
        /// The records that the owner was shown: this one, and the one that it would be merged with.
        seen: Vec<Kept>,
    },
}

/// A field that an owner can change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Edited {
    /// The address itself.
    Email,
    /// Any other.
    Field(Field),
}

impl Edited {
    /// In the order of the keys.
    pub const ALL: [Self; 4] = [
        Self::Email,
        Self::Field(Field::Name),
        Self::Field(Field::Tariff),
        Self::Field(Field::PaidUntil),
    ];
}

impl Task {
    /// The name under which its prompt is known to `links`: a reply to it belongs to the task. What it says
    /// next takes the prompt's place.
    pub fn anchor(&self) -> MessageRef {
        let Self { number, asked, .. } = self;
        self.chat.message(format!("task-{number}-{asked}"))
    }

    /// The number in a prompt's name, if it is one.
    pub fn anchored(message: &MessageRef) -> Option<u32> {
        let numbers = message.id.strip_prefix("task-")?;
        let (number, _) = numbers.split_once('-')?;
        number.parse().ok()
    }

    /// The same task; what it says next stands below what the owner has just written.
    #[must_use]
    pub fn anew(&self) -> Self {
        Self {
            asked: self.asked.wrapping_add(1),
            ..self.clone()
        }
    }
}
