//! What waits for its time. Timers are rows of the database; those that this copy has just set are
//! also in memory, so that a second is a second. What another copy set and did not live to see is
//! found when it is late.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use engine::event::Timer;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Notify;
use tracing::warn;

use crate::{
    desk::{Desk, Patience},
    pump::Work,
};

/// A timer of another copy is taken for forgotten when it is so late.
const LATE: SignedDuration = SignedDuration::from_secs(3);
/// How often forgotten timers are looked for.
const LOOK: Duration = Duration::from_secs(3);

/// Timers that this copy has set.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    armed: Mutex<BTreeMap<(Timestamp, String), Timer>>,
    changed: Notify,
}

impl Timers {
    /// A timer that was just stored.
    pub(crate) fn arm(&self, timer: Timer, due: Timestamp) {
        let mut armed = self.armed.lock().unwrap_or_else(PoisonError::into_inner);
        let key = timer.key();
        armed.retain(|(_, known), _| *known != key);
        armed.insert((due, key), timer);
        drop(armed);
        self.changed.notify_one();
    }

    fn due(&self, now: Timestamp) -> Vec<(Timer, Timestamp)> {
        let mut armed = self.armed.lock().unwrap_or_else(PoisonError::into_inner);
        // Keys are text: the empty one with the next moment is after every timer of this one.
        let later = armed.split_off(&(now + SignedDuration::from_nanos(1), String::new()));
        let due = std::mem::replace(&mut *armed, later);
        due.into_iter()
            .map(|((at, _), timer)| (timer, at))
            .collect()
    }

    fn next(&self) -> Option<Timestamp> {
        let armed = self.armed.lock().unwrap_or_else(PoisonError::into_inner);
        armed.first_key_value().map(|((due, _), _)| *due)
    }
}

/// Wakes timers until the desk closes.
pub(crate) async fn run(desk: Arc<Desk>) {
    let mut patience = Patience::default();
    let mut look_at = Timestamp::MIN;
    let mut first = true;
    while !desk.closing.is_cancelled() {
        let now = desk.clock.now();
        for (timer, due) in desk.timers.due(now) {
            desk.pump.push(&desk, Work::Due(timer, due));
        }
        if now >= look_at {
            let late = if first { now } else { now - LATE };
            match desk.store.timers(late).await {
                Ok(forgotten) => {
                    patience = Patience::default();
                    first = false;
                    for (timer, due) in forgotten {
                        desk.pump.push(&desk, Work::Due(timer, due));
                    }
                }
                Err(error) => {
                    warn!(%error, "timers cannot be looked up");
                    desk.pause(patience.next_pause()).await;
                }
            }
            look_at = now + LOOK;
        }
        let until = desk.timers.next().map_or(look_at, |due| due.min(look_at));
        let wait = Duration::try_from(until.duration_since(desk.clock.now())).unwrap_or_default();
        tokio::select! {
            () = desk.closing.cancelled() => {}
            () = desk.timers.changed.notified() => {}
            () = tokio::time::sleep(wait) => {}
        }
    }
}
