//! Keeps a messenger that does not answer from being hammered: after a failure everything waits,
//! then one call tries; its answer opens the way for all.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// The first wait; each further one is twice as long.
const FIRST: Duration = Duration::from_millis(500);
/// The longest wait.
const LONGEST: Duration = Duration::from_secs(30);
/// A call that tries for so long may be a large upload, or gone: another one tries too.
const SLOW: SignedDuration = SignedDuration::from_secs(5);
/// How soon to look again while somebody tries; its settlement is the real signal.
const SOON: SignedDuration = SignedDuration::from_secs(1);

/// How long to wait after so many failures in a row (1 or more): half a second, doubled each time,
/// 30 s at most; `chance` (0 to 1) takes up to half of it off, so that those who failed together do
/// not come back together.
pub fn backoff(failures: u32, chance: f64) -> Duration {
    let doublings = failures.saturating_sub(1).min(16);
    let whole = FIRST.saturating_mul(1 << doublings).min(LONGEST);
    whole.mul_f64(1.0 - chance.clamp(0.0, 1.0) / 2.0)
}

/// Whether the messenger answers, as far as is known.
#[derive(Debug, Default)]
pub(super) enum Breaker {
    /// It does.
    #[default]
    Closed,
    /// It did not: nobody asks before `until`.
    Open { failures: u32, until: Timestamp },
    /// One call asks.
    Trying { failures: u32, since: Timestamp },
}

impl Breaker {
    /// None if a call may leave; otherwise when to look again.
    pub(super) fn ready(&self, now: Timestamp) -> Option<Timestamp> {
        match *self {
            Self::Closed => None,
            Self::Open { until, .. } => Some(until).filter(|&until| until > now),
            Self::Trying { since, .. } => Some(now + SOON).filter(|_| since + SLOW > now),
        }
    }

    /// A call leaves. Whether it is the one that tries.
    pub(super) fn leave(&mut self, now: Timestamp) -> bool {
        match *self {
            Self::Closed => false,
            Self::Open { failures, .. } | Self::Trying { failures, .. } => {
                *self = Self::Trying {
                    failures,
                    since: now,
                };
                true
            }
        }
    }

    /// A call was answered: any answer will do, also to a call that left before the failure.
    pub(super) fn answered(&mut self) {
        *self = Self::Closed;
    }

    /// A call was not answered.
    pub(super) fn silent(&mut self, probe: bool, now: Timestamp, chance: f64) {
        let failures = match *self {
            Self::Closed => 1,
            Self::Trying { failures, .. } if probe => failures + 1,
            // It left before the failure that is already known: one outage counts once.
            Self::Open { .. } | Self::Trying { .. } => return,
        };
        let wait = SignedDuration::try_from(backoff(failures, chance))
            .unwrap_or(SignedDuration::from_secs(30));
        *self = Self::Open {
            failures,
            until: now + wait,
        };
    }
}
