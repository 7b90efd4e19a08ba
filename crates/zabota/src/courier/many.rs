//! What goes to many leaves a few at a time: whatever is under way when the desk is killed is in doubt,
//! and somebody has to look after it by hand. A few are enough for any messenger's limit: a call takes a
//! fraction of a second.

use std::collections::HashSet;

use engine::{effect::Effect, ids::DeliveryId};
use jiff::SignedDuration;

/// So many at once.
const MOST: usize = 10;
/// How soon who finds no room looks again.
pub(super) const SOON: SignedDuration = SignedDuration::from_millis(50);

/// The rows of broadcasts and reminders that are under way.
#[derive(Debug, Default)]
pub(super) struct Many(HashSet<DeliveryId>);

impl Many {
    /// Whether a row may leave, as far as the others are concerned. One that is under way goes on.
    pub(super) fn has_room(&self, id: DeliveryId, effect: &Effect) -> bool {
        !is_one_of_many(effect) || self.0.contains(&id) || self.0.len() < MOST
    }

    /// A row leaves.
    pub(super) fn begin(&mut self, id: DeliveryId, effect: &Effect) {
        if is_one_of_many(effect) {
            self.0.insert(id);
        }
    }

    /// It is over, or was not accepted.
    pub(super) fn end(&mut self, id: DeliveryId) {
        self.0.remove(&id);
    }
}

fn is_one_of_many(effect: &Effect) -> bool {
    matches!(effect, Effect::Bulk { .. } | Effect::Remind { .. })
}

#[cfg(test)]
mod tests {
    use engine::{
        broadcast::BroadcastId,
        ids::{ChannelId, ChatRef},
    };

    use super::*;

    #[test]
    fn a_kill_leaves_few_in_doubt() {
        let to = ChatRef::new(&ChannelId::new("telegram"), "2001");
        let mark = Effect::Mark {
            message: to.message("5"),
        };
        let bulk = Effect::Bulk {
            broadcast: BroadcastId(1),
            to,
            said: Vec::new(),
        };
        let mut many = Many::default();
        for row in 0..10 {
            assert!(many.has_room(DeliveryId(row), &bulk));
            many.begin(DeliveryId(row), &bulk);
        }
        assert!(!many.has_room(DeliveryId(10), &bulk));
        assert!(many.has_room(DeliveryId(9), &bulk), "its next piece");
        assert!(many.has_room(DeliveryId(11), &mark));
        many.end(DeliveryId(3));
        assert!(many.has_room(DeliveryId(10), &bulk));
    }
}
