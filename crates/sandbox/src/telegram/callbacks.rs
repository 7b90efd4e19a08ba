//! Presses of inline keys, and what the bot answered to each.

use std::collections::{HashMap, VecDeque};

use crate::clock::Millis;

/// How long a press can be answered: a minute. Telegram publishes no figure, so this is ours; its server keeps the
/// update itself for 150 s.
pub(crate) const LIFETIME: Millis = 60_000;

/// Presses remembered at once.
const MAX: usize = 20_000;

/// One press.
#[derive(Clone, Debug, Default)]
pub(crate) struct Press {
    pub(crate) bot: i64,
    pub(crate) at: Millis,
    pub(crate) answered: bool,
    pub(crate) text: Option<String>,
    pub(crate) show_alert: bool,
    pub(crate) url: Option<String>,
}

/// The presses by id.
#[derive(Debug, Default)]
pub(crate) struct Callbacks {
    known: HashMap<String, Press>,
    order: VecDeque<String>,
}

impl Callbacks {
    pub(crate) fn add(&mut self, id: String, press: Press) {
        self.order.push_back(id.clone());
        self.known.insert(id, press);
        if self.order.len() > MAX
            && let Some(old) = self.order.pop_front()
        {
            self.known.remove(&old);
        }
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Press> {
        self.known.get(id)
    }

    /// The press, if this bot may still answer it.
    pub(crate) fn open(&mut self, id: &str, bot: i64, now: Millis) -> Option<&mut Press> {
        self.known
            .get_mut(id)
            .filter(|press| press.bot == bot && now - press.at <= LIFETIME)
    }
}
