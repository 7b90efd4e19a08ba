//! What the emulated OCR.space remembers: its key, what it shall read, and when it was asked.

use std::collections::VecDeque;

use super::answer::Refusal;
use super::reads::Reads;
use super::schema;
use crate::clock::Millis;

const DAY: Millis = 24 * 3600 * 1000;

/// Everything.
#[derive(Default)]
pub(crate) struct State {
    /// Unknown: any will do.
    pub(crate) key: Option<String>,
    pub(crate) reads: Reads,
    /// When each call of the last day was made.
    calls: VecDeque<Millis>,
}

impl State {
    /// Takes one call from the day's quota.
    pub(crate) fn take(&mut self, now: Millis) -> Result<(), Refusal> {
        while self.calls.front().is_some_and(|at| *at <= now - DAY) {
            self.calls.pop_front();
        }
        let most = schema::requests_per_day();
        if self.calls.len() >= most {
            return Err(Refusal::quota(most));
        }
        self.calls.push_back(now);
        Ok(())
    }
}
