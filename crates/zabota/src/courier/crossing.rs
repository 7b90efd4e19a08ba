//! Files on the move: so many at once, and how long those of a messenger that gives none are waited for.
//! What must stay true: words never wait long for files.

use std::collections::HashMap;

use channels::Undelivered;
use engine::{
    effect::Urgency,
    ids::{ChannelId, DeliveryId},
};
use jiff::{SignedDuration, Timestamp};

/// So many files move at once for each urgency: however slow they are, most of what the messenger takes
/// at a time is left to words.
const MOST: usize = 4;
/// How long files of a messenger that gives none are waited for. What is behind them waits too.
const PATIENCE: SignedDuration = SignedDuration::from_secs(60);
/// How long nothing more is hoped from such a messenger: then its files are waited for again.
const HOPELESS: SignedDuration = SignedDuration::from_mins(10);

/// What a courier knows of files on the move.
#[derive(Debug, Default)]
pub(super) struct Crossing {
    /// The rows that move one just now.
    moving: HashMap<DeliveryId, Urgency>,
    /// The messengers that give none, and since when.
    barren: HashMap<ChannelId, Timestamp>,
}

impl Crossing {
    /// Whether one more may move.
    pub(super) fn has_room(&self, urgency: Urgency) -> bool {
        let rivals = self.moving.values().filter(|rival| **rival == urgency);
        rivals.count() < MOST
    }

    /// A row begins to move a file.
    pub(super) fn begin(&mut self, id: DeliveryId, urgency: Urgency) {
        self.moving.insert(id, urgency);
    }

    /// A row's call is over.
    pub(super) fn end(&mut self, id: DeliveryId) {
        self.moving.remove(&id);
    }

    /// A messenger gave a file.
    pub(super) fn given(&mut self, by: &ChannelId) {
        self.barren.remove(by);
    }

    /// A messenger gave no file. The first one is waited for; when that was in vain, it and the next
    /// ones are as good as refused.
    pub(super) fn not_given(
        &mut self,
        by: &ChannelId,
        why: Undelivered,
        now: Timestamp,
    ) -> Undelivered {
        let since = self.barren.entry(by.clone()).or_insert(now);
        if now.duration_since(*since) > HOPELESS {
            *since = now;
        }
        let mut waited = now.duration_since(*since);
        if let Undelivered::Wait(pause) = &why {
            waited += SignedDuration::try_from(*pause).unwrap_or(PATIENCE);
        }
        if waited < PATIENCE {
            return why;
        }
        Undelivered::Refused {
            reason: why.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// What becomes of a file that VK does not give at that second.
    fn at(crossing: &mut Crossing, second: i64, why: Undelivered) -> Undelivered {
        let now = Timestamp::UNIX_EPOCH + SignedDuration::from_secs(second);
        crossing.not_given(&ChannelId::new("vk"), why, now)
    }

    fn silence() -> Undelivered {
        Undelivered::Unreached("silence".to_owned())
    }

    fn is_refused(failed: &Undelivered) -> bool {
        matches!(failed, Undelivered::Refused { .. })
    }

    #[test]
    fn the_first_file_is_waited_for_and_the_next_ones_no_longer() {
        let mut crossing = Crossing::default();
        assert_eq!(at(&mut crossing, 0, silence()), silence());
        assert_eq!(at(&mut crossing, 59, silence()), silence());
        assert!(is_refused(&at(&mut crossing, 60, silence())));
        assert!(is_refused(&at(&mut crossing, 61, silence())));
        crossing.given(&ChannelId::new("vk"));
        assert_eq!(at(&mut crossing, 62, silence()), silence());
        assert_eq!(at(&mut crossing, 3600, silence()), silence());
    }

    #[test]
    fn nobody_waits_as_long_as_a_429_may_say() {
        let mut crossing = Crossing::default();
        let short = Undelivered::Wait(Duration::from_secs(5));
        assert_eq!(at(&mut crossing, 0, short.clone()), short);
        let long = Undelivered::Wait(Duration::from_mins(5));
        assert!(is_refused(&at(&mut crossing, 5, long)));
    }

    #[test]
    fn keeping_files_leaves_room_for_sending_them() {
        let mut crossing = Crossing::default();
        for id in 0..4 {
            assert!(crossing.has_room(Urgency::Bulk));
            crossing.begin(DeliveryId(id), Urgency::Bulk);
        }
        assert!(!crossing.has_room(Urgency::Bulk));
        assert!(crossing.has_room(Urgency::Live));
        crossing.end(DeliveryId(2));
        assert!(crossing.has_room(Urgency::Bulk));
    }
}
