//! Decides which calls to a messenger may leave now, and when to look again.
//!
//! One throttle a channel. Pure: time and chance are arguments. What must stay true, whatever is
//! asked in whatever order:
//!
//! - No window of a published limit ever holds more than the limit, as the *messenger* counts: a call
//!   counts from when it left until its answer is here, because somewhere in between it was counted.
//! - Nothing leaves for a chat before the moment that a 429 named.
//! - Broadcasts never use the whole budget and nothing overtakes a live message that waits for room:
//!   what is more urgent waits for the window, never for what is less urgent.
//! - While a messenger is silent one call at a time tries it (a slow one does not bar the way for
//!   long); the rest waits.
//! - A chat that is quiet is forgotten.

mod breaker;
mod window;

#[cfg(test)]
mod laws;
#[cfg(test)]
mod stories;

use std::collections::HashMap;

use engine::effect::Urgency;
use jiff::{SignedDuration, Timestamp};

use breaker::Breaker;
pub use breaker::backoff;
use window::{Shares, Window};

/// A chat that is quiet for so long is forgotten: longer than any window.
const QUIET: SignedDuration = SignedDuration::from_secs(120);

/// 429s from so many chats within [`STORM`] mean that the channel is meant, not the chats.
const STORM_CHATS: usize = 3;
const STORM: SignedDuration = SignedDuration::from_secs(10);

/// Overall budget, in hundredths: broadcasts leave a sixth to the others, of Telegram's thirty a second
/// five. With less, dialogs would wait for them.
const CHANNEL: Shares = Shares {
    live: 100,
    service: 90,
    bulk: 84,
};
/// A group's budget: of Telegram's twenty a minute six stay free for live messages.
const GROUP: Shares = Shares {
    live: 100,
    service: 70,
    bulk: 50,
};
/// One private chat: there is nothing to divide.
const PRIVATE: Shares = Shares {
    live: 100,
    service: 100,
    bulk: 100,
};

/// A messenger's published limits; 0 means that there is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Calls in any second, over everything.
    pub per_second: u32,
    /// Messages in any second to one private chat.
    pub per_chat_second: u32,
    /// Messages and edits in any minute in one group.
    pub per_group_minute: u32,
}

impl Limits {
    /// Only 429s are obeyed (`LIMITS=off`).
    pub const OFF: Self = Self {
        per_second: 0,
        per_chat_second: 0,
        per_group_minute: 0,
    };
}

/// A call that wants to leave.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// Which chat's budget it uses.
    pub place: Place<'a>,
    /// How many messages it makes: an album's parts, otherwise 1. An album to a private chat, which
    /// no budget of one could ever hold, goes when the chat's window is empty.
    pub cost: u32,
    /// How urgent it is.
    pub urgency: Urgency,
}

/// Which chat's budget a call uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place<'a> {
    /// None: an answer to a press, a download, a question about a member.
    Nowhere,
    /// None, but it is about that private chat and heeds its 429s: an edit there.
    Change(&'a str),
    /// A message to a private chat.
    Private(&'a str),
    /// A message or an edit in a group.
    Group(&'a str),
}

impl<'a> Place<'a> {
    fn chat(self) -> Option<&'a str> {
        match self {
            Self::Nowhere => None,
            Self::Change(chat) | Self::Private(chat) | Self::Group(chat) => Some(chat),
        }
    }
}

/// Leave to make one call. Must be given back to [`Throttle::settle`], whatever came of the call.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub struct Pass {
    number: u64,
    chat: Option<String>,
    probe: bool,
}

/// Why a call may not leave yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hold {
    /// It is worth asking again then, or when any call of the channel has been settled. Always in
    /// the future.
    pub until: Timestamp,
    /// Whether the whole channel is held for calls of this urgency or less, so that there is no use
    /// in asking for other chats.
    pub channel: bool,
}

/// What came of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The messenger answered, be it with an error.
    Answered,
    /// It asked to wait until then (429).
    Asked(Timestamp),
    /// It did not answer, or answered that it cannot work (5xx).
    Silent,
}

/// Decides for one channel.
#[derive(Debug)]
pub struct Throttle {
    limits: Limits,
    overall: Window,
    chats: HashMap<String, Chat>,
    held_until: Option<Timestamp>,
    /// The chats that were last told to wait, and when.
    told: Vec<(String, Timestamp)>,
    breaker: Breaker,
    passes: u64,
    /// The latest time seen: an earlier one is taken for it.
    now: Timestamp,
    tidied: Timestamp,
}

#[derive(Debug)]
struct Chat {
    window: Option<Window>,
    held_until: Option<Timestamp>,
    used: Timestamp,
}

impl Throttle {
    /// Nothing has left yet.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            overall: Window::new(SignedDuration::from_secs(1), limits.per_second, CHANNEL),
            chats: HashMap::new(),
            held_until: None,
            told: Vec::new(),
            breaker: Breaker::default(),
            passes: 0,
            now: Timestamp::MIN,
            tidied: Timestamp::MIN,
        }
    }

    /// May this call leave now? If so it counts from here on. Ask for the heads of the lanes in the
    /// order of their urgency, then of their age.
    pub fn admit(&mut self, call: &Call<'_>, now: Timestamp) -> Result<Pass, Hold> {
        let now = self.at(now);
        self.tidy(now);
        self.may(call, now)?;
        self.passes += 1;
        let number = self.passes;
        self.overall.enter(number, call.cost, call.urgency, now);
        if let Some(window) = self.window(call.place, now) {
            window.enter(number, call.cost, call.urgency, now);
        }
        Ok(Pass {
            number,
            chat: call.place.chat().map(str::to_owned),
            probe: self.breaker.leave(now),
        })
    }

    /// What came of a call that was admitted. `chance` (0 to 1) spreads the copies that find the
    /// messenger silent. A call that found it silent had better be tried again later than the
    /// channel is ([`backoff`] with one attempt more), so that a message on which the messenger
    /// chokes is not always the one that tries.
    pub fn settle(&mut self, pass: Pass, outcome: Outcome, now: Timestamp, chance: f64) {
        let Pass {
            number,
            chat,
            probe,
        } = pass;
        let now = self.at(now);
        self.overall.land(number, now);
        if let Some(chat) = chat.as_deref().and_then(|chat| self.chats.get_mut(chat)) {
            chat.used = now;
            if let Some(window) = &mut chat.window {
                window.land(number, now);
            }
        }
        match outcome {
            Outcome::Answered => self.breaker.answered(),
            Outcome::Asked(until) => {
                self.breaker.answered();
                self.obey(chat.as_deref(), until, now);
            }
            Outcome::Silent => self.breaker.silent(probe, now, chance),
        }
    }

    /// The messenger asked (429) that nothing go to `chat` before `until`; without a chat, that
    /// nothing go at all.
    pub fn obey(&mut self, chat: Option<&str>, until: Timestamp, now: Timestamp) {
        let now = self.at(now);
        let Some(name) = chat else {
            self.held_until = self.held_until.max(Some(until));
            return;
        };
        let chat = self
            .chats
            .entry(name.to_owned())
            .or_insert(Chat::quiet(now));
        chat.held_until = chat.held_until.max(Some(until));
        self.told
            .retain(|(told, at)| told != name && *at + STORM > now);
        self.told.push((name.to_owned(), now));
        if self.told.len() >= STORM_CHATS {
            self.held_until = self.held_until.max(Some(until));
        }
    }

    /// How many chats are remembered.
    pub fn chats(&self) -> usize {
        self.chats.len()
    }

    fn may(&mut self, call: &Call<'_>, now: Timestamp) -> Result<(), Hold> {
        let whole = [
            self.breaker.ready(now),
            self.held_until.filter(|&until| until > now),
            self.overall.room(call.cost, call.urgency, now),
        ];
        let chat = [
            self.told_to_wait(call.place).filter(|&until| until > now),
            self.window(call.place, now)
                .and_then(|window| window.room(call.cost, call.urgency, now)),
        ];
        // All of them are asked even if one says no: each remembers who waits for room in it.
        let (whole, chat) = (latest(&whole), latest(&chat));
        match whole.max(chat) {
            None => Ok(()),
            Some(until) => Err(Hold {
                until,
                channel: whole.is_some() && call.cost <= 1,
            }),
        }
    }

    fn told_to_wait(&self, place: Place<'_>) -> Option<Timestamp> {
        self.chats.get(place.chat()?)?.held_until
    }

    /// The budget that a call uses besides the overall one, if it uses another.
    fn window(&mut self, place: Place<'_>, now: Timestamp) -> Option<&mut Window> {
        let (name, limit, seconds, shares) = match place {
            Place::Nowhere | Place::Change(_) => return None,
            Place::Private(name) => (name, self.limits.per_chat_second, 1, PRIVATE),
            Place::Group(name) => (name, self.limits.per_group_minute, 60, GROUP),
        };
        if !self.chats.contains_key(name) {
            self.chats.insert(name.to_owned(), Chat::quiet(now));
        }
        let chat = self.chats.get_mut(name)?;
        chat.used = now;
        let fresh = || Window::new(SignedDuration::from_secs(seconds), limit, shares);
        Some(chat.window.get_or_insert_with(fresh))
    }

    /// A clock that goes back must not open a window twice.
    fn at(&mut self, now: Timestamp) -> Timestamp {
        self.now = self.now.max(now);
        self.now
    }

    fn tidy(&mut self, now: Timestamp) {
        if self.tidied.duration_until(now) < QUIET {
            return;
        }
        self.tidied = now;
        self.chats.retain(|_, chat| {
            chat.used.duration_until(now) < QUIET
                || chat.held_until.is_some_and(|until| until > now)
                || chat
                    .window
                    .as_ref()
                    .is_some_and(|window| window.is_under_way(now))
        });
    }
}

impl Chat {
    fn quiet(now: Timestamp) -> Self {
        Self {
            window: None,
            held_until: None,
            used: now,
        }
    }
}

fn latest(times: &[Option<Timestamp>]) -> Option<Timestamp> {
    times.iter().copied().flatten().max()
}
