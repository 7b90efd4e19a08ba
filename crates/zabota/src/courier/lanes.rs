//! The queues in memory: which row is the head of its lane, which heads may ask to leave, and which
//! wait for a moment.

use std::collections::{BTreeSet, HashMap, VecDeque};

use channels::Piece;
use engine::{
    effect::{Effect, Urgency},
    ids::DeliveryId,
};
use jiff::Timestamp;

use super::item::Item;

/// Where the head of a lane is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Head {
    Ready,
    Waiting(Timestamp),
    /// Its last piece must be noted before the next one leaves.
    Settling,
    UnderWay,
}

struct Lane {
    items: VecDeque<DeliveryId>,
    head: Head,
}

/// All lanes of a channel.
#[derive(Default)]
pub(super) struct Lanes {
    items: HashMap<DeliveryId, Item>,
    by_name: HashMap<String, Lane>,
    ready: BTreeSet<(Urgency, DeliveryId)>,
    waiting: BTreeSet<(Timestamp, DeliveryId)>,
    /// The lanes of a chat: what holds one holds the others.
    chats: HashMap<String, BTreeSet<String>>,
    /// Lanes from which nothing leaves before then.
    resting: HashMap<String, Timestamp>,
}

impl Lanes {
    pub(super) fn knows(&self, id: DeliveryId) -> bool {
        self.items.contains_key(&id)
    }

    pub(super) fn item(&self, id: DeliveryId) -> Option<&Item> {
        self.items.get(&id)
    }

    pub(super) fn item_mut(&mut self, id: DeliveryId) -> Option<&mut Item> {
        self.items.get_mut(&id)
    }

    pub(super) fn pieces(&self, id: DeliveryId) -> Option<&VecDeque<Piece>> {
        self.items.get(&id)?.pieces.as_ref()
    }

    /// A newer effect took the place of one that has not left.
    pub(super) fn refresh(&mut self, id: DeliveryId, effect: Effect) {
        if let Some(item) = self.items.get_mut(&id)
            && item.pieces.is_none()
        {
            item.effect = effect;
        }
    }

    /// Puts an item at the end of its lane.
    pub(super) fn push(&mut self, item: Item) {
        let (id, name, chat) = (item.id, item.lane.clone(), item.chat.clone());
        self.items.insert(id, item);
        if let Some(lane) = self.by_name.get_mut(&name) {
            lane.items.push_back(id);
            return;
        }
        self.chats.entry(chat).or_default().insert(name.clone());
        self.by_name.insert(
            name.clone(),
            Lane {
                items: VecDeque::from([id]),
                head: Head::UnderWay,
            },
        );
        self.advance(&name);
    }

    /// The most urgent and oldest head that may ask to leave, of those for which there is room.
    pub(super) fn first_ready(&self, has_room: impl Fn(&Item) -> bool) -> Option<&Item> {
        let mut ready = self.ready.iter().filter_map(|(_, id)| self.items.get(id));
        ready.find(|item| has_room(item))
    }

    /// It leaves.
    pub(super) fn leave(&mut self, id: DeliveryId) {
        self.set_head(id, Head::UnderWay);
    }

    /// It has to wait until then.
    pub(super) fn hold(&mut self, id: DeliveryId, until: Timestamp) {
        self.set_head(id, Head::Waiting(until));
    }

    /// It may ask to leave once more, with its pieces as they are.
    pub(super) fn again(&mut self, id: DeliveryId) {
        self.set_head(id, Head::Ready);
    }

    /// Its next piece may leave when what became of the last one is noted.
    pub(super) fn after_settlement(&mut self, id: DeliveryId) {
        self.set_head(id, Head::Settling);
    }

    /// What became of its last piece is noted.
    pub(super) fn settled(&mut self, id: DeliveryId) {
        let lane = self
            .items
            .get(&id)
            .and_then(|item| self.by_name.get(&item.lane));
        if lane.is_some_and(|lane| lane.head == Head::Settling) {
            self.set_head(id, Head::Ready);
        }
    }

    /// It was started: this is what it is now.
    pub(super) fn started(&mut self, id: DeliveryId, effect: Effect, attempts: u32, progress: u32) {
        if let Some(item) = self.items.get_mut(&id) {
            item.effect = effect;
            item.attempts = attempts;
            item.progress = progress;
        }
    }

    /// It was started, as far as anybody can know.
    pub(super) fn counted(&mut self, id: DeliveryId) {
        if let Some(item) = self.items.get_mut(&id) {
            item.attempts += 1;
        }
    }

    /// It did not arrive and stays the head of its lane.
    pub(super) fn retry(&mut self, id: DeliveryId, not_before: Timestamp, counted: bool) {
        if let Some(item) = self.items.get_mut(&id) {
            item.wait(not_before);
            if !counted {
                item.attempts = item.attempts.saturating_sub(1);
            }
        }
        self.set_head(id, Head::Waiting(not_before));
    }

    /// Nothing leaves from the lane of this one before then: what is queued meanwhile takes the place
    /// of what is there.
    pub(super) fn rest(&mut self, id: DeliveryId, until: Timestamp) {
        if let Some(item) = self.items.get(&id) {
            self.resting.insert(item.lane.clone(), until);
        }
    }

    /// It is over: the next one of its lane may ask to leave.
    pub(super) fn finish(&mut self, id: DeliveryId) {
        self.set_head(id, Head::UnderWay);
        let Some(item) = self.items.remove(&id) else {
            return;
        };
        if let Some(lane) = self.by_name.get_mut(&item.lane) {
            lane.items.retain(|queued| *queued != id);
        }
        self.advance(&item.lane);
        if !self.by_name.contains_key(&item.lane)
            && let Some(lanes) = self.chats.get_mut(&item.chat)
        {
            lanes.remove(&item.lane);
            if lanes.is_empty() {
                self.chats.remove(&item.chat);
            }
        }
    }

    /// Heads whose moment has come may ask to leave.
    pub(super) fn wake(&mut self, now: Timestamp) {
        while let Some((until, id)) = self.waiting.first().copied()
            && until <= now
        {
            self.set_head(id, Head::Ready);
        }
    }

    /// When the next head's moment comes.
    pub(super) fn next_wake(&self) -> Option<Timestamp> {
        self.waiting.first().map(|(until, _)| *until)
    }

    /// A call for this chat ended: other lanes of the chat may have room now.
    pub(super) fn awake_siblings(&mut self, id: DeliveryId, now: Timestamp) {
        let Some(item) = self.items.get(&id) else {
            return;
        };
        let Some(lanes) = self.chats.get(&item.chat) else {
            return;
        };
        let siblings: Vec<DeliveryId> = lanes
            .iter()
            .filter(|name| **name != item.lane)
            .filter_map(|name| self.by_name.get(name)?.items.front().copied())
            .collect();
        for sibling in siblings {
            let Some(item) = self.items.get(&sibling) else {
                continue;
            };
            let lane = self.by_name.get(&item.lane);
            let held = lane.is_some_and(|lane| matches!(lane.head, Head::Waiting(_)));
            if held && self.earliest(item).is_none_or(|until| until <= now) {
                self.set_head(sibling, Head::Ready);
            }
        }
    }

    /// The first of a lane becomes its head; an empty lane is forgotten.
    fn advance(&mut self, name: &str) {
        let Some(lane) = self.by_name.get(name) else {
            return;
        };
        match lane.items.front().copied() {
            Some(id) => {
                let until = self.items.get(&id).and_then(|item| self.earliest(item));
                self.set_head(id, until.map_or(Head::Ready, Head::Waiting));
            }
            None => {
                self.by_name.remove(name);
            }
        }
    }

    /// Before when it must not leave, whatever room there is.
    fn earliest(&self, item: &Item) -> Option<Timestamp> {
        let resting = self.resting.get(&item.lane).copied();
        item.not_before.max(resting)
    }

    fn set_head(&mut self, id: DeliveryId, head: Head) {
        let Some(item) = self.items.get(&id) else {
            return;
        };
        let Some(lane) = self.by_name.get_mut(&item.lane) else {
            return;
        };
        match lane.head {
            Head::Ready => {
                self.ready.remove(&(item.urgency, id));
            }
            Head::Waiting(until) => {
                self.waiting.remove(&(until, id));
            }
            Head::Settling | Head::UnderWay => {}
        }
        match head {
            Head::Ready => {
                self.ready.insert((item.urgency, id));
            }
            Head::Waiting(until) => {
                self.waiting.insert((until, id));
            }
            Head::Settling | Head::UnderWay => {}
        }
        lane.head = head;
    }
}

#[cfg(test)]
mod tests {
    use engine::ids::{ChannelId, ChatRef};
    use jiff::SignedDuration;
    use store::Queued;

    use super::*;

    fn group() -> ChatRef {
        ChatRef::new(&ChannelId::new("telegram"), "-1001")
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_secs(second)
    }

    fn queued(id: i64, effect: Effect) -> Item {
        let queued = Queued {
            id: DeliveryId(id),
            lane: effect.lane(),
            urgency: effect.urgency(),
            effect,
            attempts: 0,
            progress: 0,
            started: false,
            not_before: None,
            repeated: false,
        };
        Item::new(queued, &group().to_string())
    }

    fn board(id: i64) -> Item {
        queued(id, Effect::Board { to: group() })
    }

    fn mark(id: i64) -> Item {
        let message = group().message(id.to_string());
        queued(id, Effect::Mark { message })
    }

    fn strip(id: i64) -> Item {
        let (chat, under) = (group(), Vec::new());
        queued(id, Effect::StripKeys { chat, under })
    }

    /// Which row may leave at that second.
    fn ready(lanes: &mut Lanes, second: i64) -> Option<i64> {
        lanes.wake(at(second));
        lanes.first_ready(|_| true).map(|item| item.id.0)
    }

    fn leaves(lanes: &mut Lanes, id: i64) {
        lanes.leave(DeliveryId(id));
        lanes.finish(DeliveryId(id));
    }

    #[test]
    fn a_lane_rests_also_for_what_comes_later() {
        let mut lanes = Lanes::default();
        lanes.push(board(1));
        assert_eq!(ready(&mut lanes, 0), Some(1));
        lanes.rest(DeliveryId(1), at(3));
        leaves(&mut lanes, 1);
        lanes.push(board(2));
        assert_eq!(ready(&mut lanes, 2), None);
        lanes.push(mark(3));
        assert_eq!(ready(&mut lanes, 2), Some(3));
        leaves(&mut lanes, 3);
        assert_eq!(ready(&mut lanes, 3), Some(2));
    }

    #[test]
    fn room_in_the_chat_wakes_who_waits_for_room_and_not_who_rests() {
        let mut lanes = Lanes::default();
        lanes.push(strip(1));
        lanes.push(mark(2));
        lanes.push(board(3));
        lanes.rest(DeliveryId(3), at(60));
        lanes.retry(DeliveryId(3), at(5), false);
        lanes.hold(DeliveryId(2), at(60));
        lanes.leave(DeliveryId(1));
        lanes.awake_siblings(DeliveryId(1), at(6));
        assert_eq!(ready(&mut lanes, 6), Some(2));
        leaves(&mut lanes, 2);
        lanes.awake_siblings(DeliveryId(1), at(60));
        assert_eq!(ready(&mut lanes, 60), Some(3));
    }
}
