//! A message to many: who gets it, how far it is, and what became of each.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    client::Email,
    content::Said,
    ids::{ChannelId, ChatRef, PersonRef},
};

/// One broadcast, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BroadcastId(pub i64);

impl BroadcastId {
    /// What follows a chat in the name of the queue of what is sent to it.
    pub fn lane(self) -> String {
        format!("#bulk-{self}")
    }
}

impl std::fmt::Display for BroadcastId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// The channel of files that the desk writes itself: the file `failures/<number>` lists who did not
/// get a broadcast.
pub const DESK: &str = "desk";

/// So many of each channel are given to the couriers before more follow: a channel that is down takes no
/// room from the others. Those that have not left when it is paused are taken back.
pub const AT_ONCE: u32 = 250;

/// To whom.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Audience {
    /// All clients, whatever their tariff, and those without one.
    #[serde(default)]
    pub everybody: bool,
    /// Clients of these tariffs.
    #[serde(default)]
    pub tariffs: BTreeSet<String>,
    /// On these channels: those that are in use. Settled when somebody is counted or chosen.
    #[serde(default)]
    pub channels: BTreeSet<ChannelId>,
}

/// A message to many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broadcast {
    /// Its number.
    pub id: BroadcastId,
    /// Whose it is.
    pub owner: PersonRef,
    /// Where they are told how it goes.
    pub chat: ChatRef,
    /// To whom.
    pub audience: Audience,
    /// The message: its parts, if it is an album.
    pub said: Vec<Said>,
    /// When it began.
    pub begun: Timestamp,
    /// How far it is.
    pub stage: Stage,
    /// When its owner was told last how far it is.
    pub told: Option<Timestamp>,
    /// From where on it is counted how fast it goes.
    pub pace: Pace,
}

/// From where on it is counted how fast a broadcast goes: where it began, or went on after a pause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// When that was.
    pub since: Timestamp,
    /// How many had been tried by then.
    pub done: u64,
}

/// How far a broadcast is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// It is going out.
    Running,
    /// It goes on when the owner says so.
    Paused,
    /// The owner stopped it: nobody else gets it.
    Stopped,
    /// Everybody was tried.
    Done,
}

/// What became of one recipient.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// It arrived.
    Sent,
    /// They have blocked the bot, or are gone.
    Blocked,
    /// The messenger refused it.
    Failed {
        /// In its words.
        reason: String,
    },
    /// The messenger lets nobody write to them so long after their last words: nobody tried.
    Closed,
    /// It was under way when the desk was stopped or the connection broke: perhaps it arrived. It is
    /// not repeated.
    Unknown,
}

/// How many of each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Nobody has tried them yet.
    pub waiting: u64,
    /// Given to the couriers.
    pub under_way: u64,
    /// It arrived.
    pub sent: u64,
    /// They have blocked the bot.
    pub blocked: u64,
    /// The messenger refused it.
    pub failed: u64,
    /// Too long after their last words.
    pub closed: u64,
    /// Nobody knows.
    pub unknown: u64,
}

impl Counts {
    /// All of them.
    pub fn all(&self) -> u64 {
        self.waiting + self.under_way + self.done()
    }

    /// Those whose turn has been.
    pub fn done(&self) -> u64 {
        self.sent + self.troubles()
    }

    /// Those of them who did not get it for sure.
    pub fn troubles(&self) -> u64 {
        self.blocked + self.failed + self.closed + self.unknown
    }
}

/// How many recipients an audience has, by channel; one chat a client, the one used last.
pub type Preview = Vec<Reached>;

/// The part of an audience on one channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reached {
    /// The channel.
    pub channel: ChannelId,
    /// How many they are.
    pub count: u64,
    /// How many of them the messenger lets nobody write to by now.
    pub closed: u64,
}

/// Those who get it next, and when each was heard last.
pub type Next = Vec<(Recipient, Option<Timestamp>)>;

/// One of those who get it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    /// The client.
    pub client: Email,
    /// Their chat.
    pub chat: ChatRef,
    /// What to call them, for the report.
    pub name: String,
}
