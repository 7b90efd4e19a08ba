//! What waits for its time. Timers are rows of the database; those that this copy has just set are
//! also in memory, so that a second is a second. What another copy set and did not live to see is
//! found when it is late.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use engine::event::Timer;
use jiff::{SignedDuration, Timestamp};
use tokio::{sync::mpsc::UnboundedReceiver, time::Instant};
use tracing::warn;

use crate::{
    desk::{Desk, Patience},
    mail::Work,
};

/// A timer of another copy is taken for forgotten when it is so late.
const LATE: SignedDuration = SignedDuration::from_secs(3);
/// How often forgotten timers are looked for. A clock that jumps is noticed as soon.
const LOOK: Duration = Duration::from_secs(3);

/// Timers that this copy has set, by when they are due and their key.
#[derive(Debug, Default)]
struct Armed(BTreeMap<(Timestamp, String), Timer>);

impl Armed {
    fn arm(&mut self, timer: Timer, due: Timestamp) {
        let key = timer.key();
        self.0.retain(|(_, known), _| *known != key);
        self.0.insert((due, key), timer);
    }

    /// Takes those that are due.
    fn due(&mut self, now: Timestamp) -> Vec<(Timer, Timestamp)> {
        // Keys are text: the empty one with the next moment is after every timer of this one.
        let later = self
            .0
            .split_off(&(now + SignedDuration::from_nanos(1), String::new()));
        let due = std::mem::replace(&mut self.0, later);
        due.into_iter()
            .map(|((at, _), timer)| (timer, at))
            .collect()
    }

    fn next(&self) -> Option<Timestamp> {
        self.0.first_key_value().map(|((due, _), _)| *due)
    }
}

/// Wakes timers until the desk closes.
pub(crate) async fn run(desk: Arc<Desk>, mut letters: UnboundedReceiver<(Timer, Timestamp)>) {
    let mut armed = Armed::default();
    let mut patience = Patience::default();
    // Not on the clock that people see: that one may be set back.
    let mut look_at = Instant::now();
    let mut first = true;
    while !desk.closing.is_cancelled() {
        let now = desk.clock.now();
        for (timer, due) in armed.due(now) {
            desk.mail.work(Work::Due(timer, due));
        }
        if Instant::now() >= look_at {
            let late = if first { now } else { now - LATE };
            match desk.store.timers(late).await {
                Ok(forgotten) => {
                    patience = Patience::default();
                    first = false;
                    for (timer, due) in forgotten {
                        desk.mail.work(Work::Due(timer, due));
                    }
                }
                Err(error) => {
                    warn!(%error, "timers cannot be looked up");
                    desk.pause(patience.next_pause()).await;
                }
            }
            look_at = Instant::now() + LOOK;
        }
        let look = look_at.saturating_duration_since(Instant::now());
        let next = armed
            .next()
            .map(|due| due.duration_since(desk.clock.now()))
            .map(|wait| Duration::try_from(wait).unwrap_or_default());
        let wait = next.map_or(look, |next| next.min(look));
        tokio::select! {
            () = desk.closing.cancelled() => {}
            Some((timer, due)) = letters.recv() => armed.arm(timer, due),
            () = tokio::time::sleep(wait) => {}
        }
    }
}
