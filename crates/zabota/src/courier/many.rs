//! What goes to many leaves a few at a time: whatever is under way when the desk is killed is in doubt,
//! and somebody has to look after it by hand. A few are enough for any messenger's limit: a call takes a
//! fraction of a second.

use std::collections::HashSet;

use engine::{effect::Effect, ids::DeliveryId};

use super::item::Item;

/// So many of a channel at once: each channel has a courier of its own.
const MOST: usize = 10;

/// The rows of broadcasts and reminders that are under way.
#[derive(Debug, Default)]
pub(super) struct Many(HashSet<DeliveryId>);

impl Many {
    /// Whether a row may leave, as far as the others are concerned. One that is under way goes on.
    pub(super) fn has_room(&self, item: &Item) -> bool {
        let full = self.0.len() >= MOST && !self.0.contains(&item.id);
        !full || !is_one_of_many(&item.effect)
    }

    /// A row leaves.
    pub(super) fn begin(&mut self, item: &Item) {
        if is_one_of_many(&item.effect) {
            self.0.insert(item.id);
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
    use store::Queued;

    use super::*;

    fn item(row: i64, effect: Effect) -> Item {
        let queued = Queued {
            id: DeliveryId(row),
            lane: effect.lane(),
            urgency: effect.urgency(),
            effect,
            attempts: 0,
            progress: 0,
            started: false,
            not_before: None,
            repeated: false,
        };
        Item::new(queued, "telegram/-1001")
    }

    fn customer() -> ChatRef {
        ChatRef::new(&ChannelId::new("telegram"), "2001")
    }

    fn bulk(row: i64) -> Item {
        let (broadcast, to, said) = (BroadcastId(1), customer(), Vec::new());
        let bulk = Effect::Bulk {
            broadcast,
            to,
            said,
        };
        item(row, bulk)
    }

    #[test]
    fn a_kill_leaves_few_in_doubt() {
        let mut many = Many::default();
        for row in 0..10 {
            assert!(many.has_room(&bulk(row)));
            many.begin(&bulk(row));
        }
        assert!(!many.has_room(&bulk(10)));
        assert!(many.has_room(&bulk(9)), "its next piece");
        let message = customer().message("5");
        assert!(many.has_room(&item(11, Effect::Mark { message })));
        many.end(DeliveryId(3));
        assert!(many.has_room(&bulk(10)));
    }
}
