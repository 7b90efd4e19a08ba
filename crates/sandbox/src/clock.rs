//! The stage's clock: the wall clock plus whatever `POST /sandbox/clock` has added.
//!
//! Everything here that expires, retries or is limited asks this clock, so that a test can let a day pass at once.
//! It only goes forward.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use tokio::sync::Notify;

/// Milliseconds since 1970, by the stage's clock.
pub(crate) type Millis = i64;

/// The clock.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    /// Milliseconds.
    ahead: Arc<AtomicI64>,
    moved: Notify,
}

impl Clock {
    /// How far it is ahead of the wall clock, as it moves on.
    pub(crate) fn ahead(&self) -> Ahead {
        Ahead(self.ahead.clone())
    }

    pub(crate) fn millis(&self) -> Millis {
        wall() + self.ahead.load(Ordering::Relaxed)
    }

    /// Seconds since 1970, as messengers write them.
    pub(crate) fn seconds(&self) -> i64 {
        self.millis() / 1000
    }

    pub(crate) fn advance(&self, by: Duration) {
        let by = i64::try_from(by.as_millis()).unwrap_or(i64::MAX / 4);
        self.ahead.fetch_add(by, Ordering::Relaxed);
        self.moved.notify_waiters();
    }

    /// Sleeps until the clock shows `at`, also when it is moved there meanwhile.
    pub(crate) async fn sleep_until(&self, at: Millis) {
        loop {
            let moved = self.moved.notified();
            let Ok(left) = u64::try_from(at - self.millis()) else {
                return;
            };
            if left == 0 {
                return;
            }
            tokio::select! {
                () = tokio::time::sleep(Duration::from_millis(left)) => {}
                () = moved => {}
            }
        }
    }
}

/// How far the stage's clock is ahead of the wall clock.
#[derive(Clone, Debug)]
pub(crate) struct Ahead(Arc<AtomicI64>);

impl Ahead {
    /// It, now.
    pub(crate) fn now(&self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.load(Ordering::Relaxed)).unwrap_or(0))
    }
}

/// The real time, which whoever calls us lives by.
#[expect(
    clippy::disallowed_methods,
    reason = "the sandbox is the outside world: its clock is a real one"
)]
pub(crate) fn wall() -> Millis {
    jiff::Timestamp::now().as_millisecond()
}
