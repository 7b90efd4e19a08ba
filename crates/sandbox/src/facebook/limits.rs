//! The published limits on sending: 300 calls a second with texts and the like, 10 with audio or video, each per page;
//! and 200 calls for every person who was active, in 24 hours, per app.

use std::collections::VecDeque;

use super::error::Trouble;
use super::state::Kind;
use crate::clock::Millis;

const TEXTS_PER_SECOND: usize = 300;
const MEDIA_PER_SECOND: usize = 10;
const CALLS_PER_PERSON: usize = 200;
const SECOND: Millis = 1000;

/// One page's budgets: when each call of the last second or day was made.
#[derive(Debug, Default)]
pub(crate) struct Limits {
    texts: VecDeque<Millis>,
    media: VecDeque<Millis>,
    day: VecDeque<Millis>,
}

impl Limits {
    /// Takes one call, or says which limit forbids it. `engaged`: people active in the last 24 hours.
    pub(crate) fn take(
        &mut self,
        kind: Option<Kind>,
        engaged: usize,
        now: Millis,
    ) -> Result<(), Trouble> {
        let (second, most) = match kind {
            Some(Kind::Audio | Kind::Voice | Kind::Video) => (&mut self.media, MEDIA_PER_SECOND),
            Some(Kind::Image | Kind::File | Kind::Sticker) | None => {
                (&mut self.texts, TEXTS_PER_SECOND)
            }
        };
        forget(second, now - SECOND);
        forget(&mut self.day, now - super::DAY);
        if self.day.len() >= CALLS_PER_PERSON * engaged.max(1) {
            return Err(Trouble::AppLimit);
        }
        if second.len() >= most {
            return Err(Trouble::RateLimit);
        }
        second.push_back(now);
        self.day.push_back(now);
        Ok(())
    }
}

fn forget(calls: &mut VecDeque<Millis>, before: Millis) {
    while calls.front().is_some_and(|at| *at <= before) {
        calls.pop_front();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(kind: Option<Kind>, engaged: usize) -> usize {
        let mut limits = Limits::default();
        (0..1000)
            .take_while(|_| limits.take(kind, engaged, 0).is_ok())
            .count()
    }

    #[test]
    fn a_second_has_room_for_so_many() {
        assert_eq!(fits(None, 100), 300);
        assert_eq!(fits(Some(Kind::Image), 100), 300);
        assert_eq!(fits(Some(Kind::Video), 100), 10);
        assert_eq!(fits(None, 1), 200, "and a day for 200 a person");
    }

    #[test]
    fn and_the_next_second_for_as_many_again() {
        let mut limits = Limits::default();
        for _ in 0..10 {
            limits.take(Some(Kind::Audio), 1, 0).expect("room");
        }
        let refused = limits.take(Some(Kind::Audio), 1, 999);
        assert_eq!(refused, Err(Trouble::RateLimit));
        limits.take(Some(Kind::Audio), 1, 1000).expect("room");
    }
}
