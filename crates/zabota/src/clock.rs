//! The one place that reads the wall clock. Everything else is told the time.
//!
//! What must stay true: within a process time never goes back and no moment is given twice, so that
//! what happened later also has the later time.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering::Relaxed},
};

use jiff::{SignedDuration, Timestamp};

/// Tells the time. Cheap to clone; clones share it.
#[derive(Clone, Debug)]
pub struct Clock(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    hand: Hand,
    /// How far it was moved on by hand, in microseconds.
    shift: AtomicI64,
    /// What it told last, in microseconds.
    last: AtomicI64,
}

#[derive(Debug)]
enum Hand {
    Wall,
    /// Stands still at that many microseconds, but for the shift.
    Still(i64),
}

impl Clock {
    /// The machine's clock.
    pub fn wall() -> Self {
        Self::with(Hand::Wall)
    }

    /// Stands at `start` until it is moved: for tests.
    pub fn still(start: Timestamp) -> Self {
        Self::with(Hand::Still(start.as_microsecond()))
    }

    /// The time. If the machine's clock was set back, a microsecond after what was told last.
    pub fn now(&self) -> Timestamp {
        let shift = self.0.shift.load(Relaxed);
        let told = match self.0.hand {
            Hand::Wall => self.after_last(wall_micros().saturating_add(shift)),
            Hand::Still(at) => at.saturating_add(shift),
        };
        Timestamp::from_microsecond(told).unwrap_or(Timestamp::MAX)
    }

    /// Moves it on: the demo shows a day in a minute, a test waits for nobody. It is never moved
    /// back.
    pub fn advance(&self, by: SignedDuration) {
        let micros = i64::try_from(by.as_micros()).unwrap_or(0).max(0);
        let add = |shift: i64| Some(shift.saturating_add(micros));
        // Cannot fail: the closure never refuses.
        let _before = self.0.shift.fetch_update(Relaxed, Relaxed, add);
    }

    fn with(hand: Hand) -> Self {
        Self(Arc::new(Inner {
            hand,
            shift: AtomicI64::new(0),
            last: AtomicI64::new(i64::MIN),
        }))
    }

    fn after_last(&self, micros: i64) -> i64 {
        let later = |last: i64| micros.max(last.saturating_add(1));
        match self
            .0
            .last
            .fetch_update(Relaxed, Relaxed, |last| Some(later(last)))
        {
            Ok(last) | Err(last) => later(last),
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the file that reads the clock"
)]
fn wall_micros() -> i64 {
    Timestamp::now().as_microsecond()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_moment_is_told_twice_not_even_to_two_threads() {
        let clock = Clock::wall();
        let told = |clock: Clock| move || (0..10_000).map(|_| clock.now()).collect::<Vec<_>>();
        let other = std::thread::spawn(told(clock.clone()));
        let mut all = told(clock)();
        assert!(all.is_sorted());
        all.extend(other.join().unwrap());
        all.sort_unstable();
        assert!(all.windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn a_clock_that_is_set_back_goes_on_from_where_it_was() {
        let clock = Clock::wall();
        assert_eq!(clock.after_last(1_000), 1_000);
        assert_eq!(clock.after_last(10), 1_001);
        assert_eq!(clock.after_last(2_000), 2_000);
    }

    #[test]
    fn a_clock_is_moved_on_for_all_who_share_it() {
        let clock = Clock::still(Timestamp::UNIX_EPOCH);
        clock.clone().advance(SignedDuration::from_secs(90));
        clock.advance(SignedDuration::from_secs(-90));
        assert_eq!(clock.now().as_second(), 90);
        assert_eq!(clock.now(), clock.now());
    }
}
