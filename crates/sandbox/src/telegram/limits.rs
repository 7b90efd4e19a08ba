//! The published limits on sending: about one message a second to a chat with a short burst, 20 a minute to a
//! group, 30 a second in all (Bot FAQ). Edits count against the group and the whole.

use std::collections::{HashMap, VecDeque};

use super::state::Place;
use crate::clock::Millis;

const CHAT_BURST: f64 = 3.0;
const CHAT_PER_SECOND: f64 = 1.0;
const BOT_BURST: f64 = 30.0;
const BOT_PER_SECOND: f64 = 30.0;
const GROUP_PER_MINUTE: usize = 20;
const MINUTE: Millis = 60_000;

/// One bot's budgets.
#[derive(Debug, Default)]
pub(crate) struct Limits {
    whole: Bucket,
    chats: HashMap<Place, Bucket>,
    groups: HashMap<i64, VecDeque<Millis>>,
}

/// A budget that refills steadily; an album may put it into debt.
#[derive(Debug, Default)]
struct Bucket {
    debt: f64,
    at: Millis,
}

impl Limits {
    /// Takes `count` operations, or says how many seconds to wait.
    pub(crate) fn take(
        &mut self,
        place: Place,
        count: usize,
        is_edit: bool,
        now: Millis,
    ) -> Result<(), i64> {
        // Full budgets need not be remembered.
        if self.chats.len() > 10_000 {
            self.chats.retain(|_, bucket| now - bucket.at < MINUTE);
        }
        let chat = self.chats.entry(place).or_default();
        let mut wait = self.whole.wait(BOT_BURST, BOT_PER_SECOND, now);
        if !is_edit {
            wait = wait.max(chat.wait(CHAT_BURST, CHAT_PER_SECOND, now));
        }
        if let Place::Group(id) = place {
            let recent = self.groups.entry(id).or_default();
            while recent.front().is_some_and(|at| now - at >= MINUTE) {
                recent.pop_front();
            }
            let over = (recent.len() + count).saturating_sub(GROUP_PER_MINUTE);
            if let Some(at) = over
                .checked_sub(1)
                .and_then(|over| recent.get(over).or(recent.back()))
            {
                wait = wait.max(at + MINUTE - now);
            }
            if wait == 0 {
                recent.extend(std::iter::repeat_n(now, count));
            }
        }
        if wait > 0 {
            return Err((wait + 999) / 1000);
        }
        #[expect(clippy::cast_precision_loss, reason = "an album has ten items at most")]
        let count = count as f64;
        self.whole.debt += count;
        if !is_edit {
            chat.debt += count;
        }
        Ok(())
    }
}

impl Bucket {
    /// Milliseconds until one more fits.
    fn wait(&mut self, burst: f64, per_second: f64, now: Millis) -> Millis {
        #[expect(clippy::cast_precision_loss, reason = "an interval, not a date")]
        let passed = (now - self.at) as f64 / 1000.0;
        self.debt = (self.debt - passed * per_second).max(0.0);
        self.at = now;
        let over = self.debt + 1.0 - burst;
        if over <= 0.0 {
            return 0;
        }
        #[expect(clippy::cast_possible_truncation, reason = "a few seconds")]
        let wait = (over / per_second * 1000.0).ceil() as Millis;
        wait
    }
}
