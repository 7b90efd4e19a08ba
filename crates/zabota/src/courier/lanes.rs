//! The queues in memory: which row is the head of its lane, which heads may ask to leave, and which
//! wait for a moment.

use std::collections::{BTreeSet, HashMap, VecDeque};

use channels::Piece;
use engine::{
    effect::{Effect, Urgency},
    ids::{ChatRef, DeliveryId},
};
use jiff::Timestamp;
use store::Queued;

use crate::throttle::Place;

/// A row of the outbox on its way.
pub(super) struct Item {
    pub(super) id: DeliveryId,
    lane: String,
    pub(super) urgency: Urgency,
    pub(super) effect: Effect,
    /// How often it was started, where that counts.
    pub(super) attempts: u32,
    /// How many pieces have arrived.
    pub(super) progress: u32,
    /// What is left to send, once it is known.
    pub(super) pieces: Option<VecDeque<Piece>>,
    /// How often the messenger was silent to it: each time it waits longer.
    pub(super) silences: u32,
    /// The chat that it is for, as the throttle names it.
    chat: String,
    not_before: Option<Timestamp>,
}

impl Item {
    pub(super) fn new(queued: Queued) -> Self {
        Self {
            id: queued.id,
            chat: chat_of(&queued.effect).map_or_else(String::new, ToString::to_string),
            lane: queued.lane,
            urgency: queued.urgency,
            effect: queued.effect,
            attempts: queued.attempts,
            progress: queued.progress,
            pieces: None,
            silences: 0,
            not_before: queued.not_before,
        }
    }

    /// Which budget its next call uses.
    pub(super) fn place(&self, group: &str) -> Place<'_> {
        if self.chat.is_empty() {
            return Place::Nowhere;
        }
        if self.chat == group {
            return Place::Group(&self.chat);
        }
        let changes = match self.pieces.as_ref().and_then(VecDeque::front) {
            Some(piece) => is_change(piece),
            None => matches!(self.effect, Effect::StripKeys { .. } | Effect::Revise(_)),
        };
        if changes {
            Place::Change(&self.chat)
        } else {
            Place::Private(&self.chat)
        }
    }

    /// How many messages its next call makes.
    pub(super) fn cost(&self) -> u32 {
        let parts = match (self.pieces.as_ref().and_then(VecDeque::front), &self.effect) {
            (Some(Piece::CopyAll { said, .. }), _) => said.len(),
            (None, Effect::Relay(relay)) => relay.said.len(),
            _ => 1,
        };
        u32::try_from(parts).unwrap_or(u32::MAX)
    }
}

fn is_change(piece: &Piece) -> bool {
    match piece {
        Piece::EditText { .. }
        | Piece::EditCaption { .. }
        | Piece::EditMedia { .. }
        | Piece::StripKeys { .. }
        | Piece::Delete { .. } => true,
        Piece::Text { .. }
        | Piece::Copy { .. }
        | Piece::CopyAll { .. }
        | Piece::Send { .. }
        | Piece::Answer { .. } => false,
    }
}

fn chat_of(effect: &Effect) -> Option<&ChatRef> {
    match effect {
        Effect::Say(say) => Some(&say.to),
        Effect::Relay(relay) => Some(&relay.to),
        Effect::Revise(revise) => Some(&revise.to),
        Effect::Card(card) => Some(&card.to),
        Effect::StripKeys { chat, .. } => Some(chat),
        Effect::Answer(_) | Effect::Keep { .. } | Effect::Again { .. } => None,
    }
}

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

    /// The most urgent and oldest head that may ask to leave.
    pub(super) fn first_ready(&self) -> Option<&Item> {
        let (_, id) = self.ready.first()?;
        self.items.get(id)
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
            item.pieces = None;
            if !counted {
                item.attempts = item.attempts.saturating_sub(1);
            }
        }
        self.set_head(id, Head::Waiting(not_before));
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
    pub(super) fn awake_siblings(&mut self, id: DeliveryId) {
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
            let held = self
                .items
                .get(&sibling)
                .and_then(|item| self.by_name.get(&item.lane));
            if held.is_some_and(|lane| matches!(lane.head, Head::Waiting(_))) {
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
                let until = self.items.get(&id).and_then(|item| item.not_before);
                self.set_head(id, until.map_or(Head::Ready, Head::Waiting));
            }
            None => {
                self.by_name.remove(name);
            }
        }
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
