//! Until when there is no use in asking the throttle. What must stay true: a broadcast that waits for its
//! share holds up no dialog.

use engine::effect::Urgency;
use jiff::Timestamp;

/// The throttle's last no to the whole channel: until when, and for what is of which urgency or less.
#[derive(Debug, Default)]
pub(super) struct Held(Option<(Timestamp, Urgency)>);

impl Held {
    /// The throttle said no.
    pub(super) fn note(&mut self, until: Timestamp, urgency: Urgency) {
        self.0 = Some((until, urgency));
    }

    /// There may be room now.
    pub(super) fn forget(&mut self) {
        self.0 = None;
    }

    /// Whether there is no use in asking for something of this urgency.
    pub(super) fn covers(&self, urgency: Urgency, now: Timestamp) -> bool {
        self.0
            .is_some_and(|(until, least)| until > now && urgency >= least)
    }

    /// When there is use in it again, if it is not now.
    pub(super) fn until(&self, now: Timestamp) -> Option<Timestamp> {
        self.0.map(|(until, _)| until).filter(|&until| until > now)
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    #[test]
    fn a_broadcast_that_waits_holds_up_no_dialog() {
        let now = Timestamp::UNIX_EPOCH;
        let soon = now + SignedDuration::from_millis(900);
        let mut held = Held::default();
        held.note(soon, Urgency::Bulk);
        assert!(!held.covers(Urgency::Live, now));
        assert!(!held.covers(Urgency::Service, now));
        assert!(held.covers(Urgency::Bulk, now));
        assert!(!held.covers(Urgency::Bulk, soon));
        held.note(soon, Urgency::Live);
        assert!(held.covers(Urgency::Bulk, now));
    }
}
