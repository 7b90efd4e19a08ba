//! The published limits: 20 calls a second of a community (dev.vk.com), 1000 messages an hour to one person (VK's
//! help on flood control).

use std::collections::VecDeque;

use super::error::{ApiError, error};
use crate::clock::Millis;
use crate::world::Scene;

const CALLS: usize = 20;
const SECOND: Millis = 1000;
const MESSAGES: usize = 1000;
const HOUR: Millis = 3_600_000;

/// What was done lately.
#[derive(Debug, Default)]
pub(crate) struct Budget(VecDeque<Millis>);

impl Budget {
    /// Takes one, unless there were `most` in the last `window` already.
    fn take(&mut self, most: usize, window: Millis, now: Millis) -> bool {
        while self.0.front().is_some_and(|at| now - at >= window) {
            self.0.pop_front();
        }
        let is_free = self.0.len() < most;
        if is_free {
            self.0.push_back(now);
        }
        is_free
    }
}

/// One call of a community, where limits are enforced.
pub(crate) fn call(scene: &mut Scene, community: i64) -> Result<(), ApiError> {
    let (now, enforce) = (scene.now, scene.enforce);
    let calls = &mut scene.vk.community(community).calls;
    if !enforce || calls.take(CALLS, SECOND, now) {
        return Ok(());
    }
    over(scene, 6, "more than 20 calls a second")
}

/// One message to a person, where limits are enforced.
pub(crate) fn message(scene: &mut Scene, community: i64, person: i64) -> Result<(), ApiError> {
    let (now, enforce) = (scene.now, scene.enforce);
    let sent = &mut scene.vk.chat(community, person).sent;
    if !enforce || sent.take(MESSAGES, HOUR, now) {
        return Ok(());
    }
    over(scene, 9, "more than 1000 messages an hour to one person")
}

fn over(scene: &mut Scene, code: i64, what: &str) -> Result<(), ApiError> {
    scene.vk.remarks.push(what.to_owned());
    Err(error(code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_is_free_again_when_its_window_has_passed() {
        let mut budget = Budget::default();
        let mut take = |now| budget.take(2, 1000, now);
        assert_eq!([take(0), take(999), take(999)], [true, true, false]);
        assert_eq!([take(1000), take(1001), take(1999)], [true, false, true]);
    }
}
