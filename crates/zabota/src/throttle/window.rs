//! One published limit: at most so much in any window of that length, shared out by urgency.

use std::collections::VecDeque;

use engine::effect::Urgency;
use jiff::{SignedDuration, Timestamp};

/// A call that has not been settled for so long never will be: its task is gone. Longer than the
/// largest upload may take.
const LOST: SignedDuration = SignedDuration::from_mins(20);

/// Somebody who waits for room asks again soon after it is there; if not, they are gone too.
const PATIENCE: SignedDuration = SignedDuration::from_millis(500);

/// How much of a limit calls of each urgency may fill, in hundredths.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shares {
    pub(super) live: u32,
    pub(super) service: u32,
    pub(super) bulk: u32,
}

/// What has left within the window. A limit of 0 is none.
#[derive(Debug)]
pub(super) struct Window {
    span: SignedDuration,
    limit: u32,
    shares: Shares,
    entries: VecDeque<Entry>,
    /// Who waits for room, by urgency: what is less urgent does not take it from them.
    waiting: [Option<Timestamp>; 3],
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    number: u64,
    cost: u32,
    left: Timestamp,
    /// When its answer was here: the latest moment at which the messenger can have counted it.
    landed: Option<Timestamp>,
}

impl Window {
    pub(super) fn new(span: SignedDuration, limit: u32, shares: Shares) -> Self {
        Self {
            span,
            limit,
            shares,
            entries: VecDeque::new(),
            waiting: [None; 3],
        }
    }

    /// None if there is room now; otherwise when there may be, if nothing else leaves.
    pub(super) fn room(
        &mut self,
        cost: u32,
        urgency: Urgency,
        now: Timestamp,
    ) -> Option<Timestamp> {
        if self.limit == 0 {
            return None;
        }
        self.forget(now);
        let full = self.full(cost, urgency, now);
        let before_me = &self.waiting[..rank(urgency)];
        let after_them = before_me
            .iter()
            .copied()
            .flatten()
            .filter(|&until| until > now)
            .max();
        if let Some(until) = full {
            self.waiting[rank(urgency)] = Some(until + PATIENCE);
        }
        full.max(after_them)
    }

    /// The call leaves.
    pub(super) fn enter(&mut self, number: u64, cost: u32, urgency: Urgency, now: Timestamp) {
        if self.limit == 0 {
            return;
        }
        self.waiting[rank(urgency)] = None;
        let cost = cost.min(self.share(urgency));
        self.entries.push_back(Entry {
            number,
            cost,
            left: now,
            landed: None,
        });
    }

    /// Its answer is here.
    pub(super) fn land(&mut self, number: u64, now: Timestamp) {
        if let Some(entry) = self.entries.iter_mut().find(|entry| entry.number == number) {
            entry.landed = Some(now);
        }
    }

    /// Whether a call has left and its answer is not here.
    pub(super) fn is_under_way(&self, now: Timestamp) -> bool {
        self.entries
            .iter()
            .any(|entry| entry.landed.is_none() && entry.left + LOST > now)
    }

    fn full(&self, cost: u32, urgency: Urgency, now: Timestamp) -> Option<Timestamp> {
        let share = self.share(urgency);
        let used: u32 = self.entries.iter().map(|entry| entry.cost).sum();
        let mut over = (used + cost.min(share)).saturating_sub(share);
        if over == 0 {
            return None;
        }
        let mut ends: Vec<_> = self
            .entries
            .iter()
            .map(|entry| (self.end(entry, now), entry.cost))
            .collect();
        ends.sort_unstable();
        for (end, freed) in ends {
            over = over.saturating_sub(freed);
            if over == 0 {
                return Some(end);
            }
        }
        // Not reached: a cost is no larger than the share, so an empty window has room for it.
        Some(now + self.span)
    }

    /// When it stops counting. Under way, it cannot have been counted later than now, so far.
    fn end(&self, entry: &Entry, now: Timestamp) -> Timestamp {
        entry.landed.unwrap_or(now) + self.span
    }

    fn forget(&mut self, now: Timestamp) {
        let span = self.span;
        self.entries.retain(|entry| match entry.landed {
            Some(landed) => landed + span > now,
            None => entry.left + LOST > now,
        });
    }

    fn share(&self, urgency: Urgency) -> u32 {
        let hundredths = match urgency {
            Urgency::Live => self.shares.live,
            Urgency::Service => self.shares.service,
            Urgency::Bulk => self.shares.bulk,
        };
        (self.limit * hundredths / 100).max(1)
    }
}

fn rank(urgency: Urgency) -> usize {
    match urgency {
        Urgency::Live => 0,
        Urgency::Service => 1,
        Urgency::Bulk => 2,
    }
}
