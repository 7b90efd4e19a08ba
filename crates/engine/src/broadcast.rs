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

impl std::fmt::Display for BroadcastId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// The channel of files that the desk writes itself: the file `failures/<number>` lists who did not
/// get a broadcast.
pub const DESK: &str = "desk";

/// So many are given to the couriers before more follow: what is under way when it is paused.
pub const AT_ONCE: u32 = 60;

/// To whom.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Audience {
    /// All clients, whatever their tariff, and those without one.
    #[serde(default)]
    pub everybody: bool,
    /// Clients of these tariffs.
    #[serde(default)]
    pub tariffs: BTreeSet<String>,
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
    /// Nobody knows.
    pub unknown: u64,
}

impl Counts {
    /// All of them.
    pub fn all(&self) -> u64 {
        self.waiting + self.under_way + self.done()
    }

    /// Those who were tried.
    pub fn done(&self) -> u64 {
        self.sent + self.blocked + self.failed + self.unknown
    }
}

/// How many recipients an audience has, by channel; one chat a client, the one used last.
pub type Preview = Vec<(ChannelId, u64)>;

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
