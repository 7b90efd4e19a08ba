//! What the loops of the desk tell each other. A loop knows its own letters and whom to send others
//! to; it does not know the other loops.

use std::collections::BTreeMap;

use engine::{
    event::Timer,
    ids::{ChannelId, ChatRef},
};
use jiff::Timestamp;
use store::{Committed, Queued, Taken};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Something to be handled: for the pump.
#[derive(Debug)]
pub(crate) enum Work {
    /// An event of the inbox.
    Event(Box<Taken>),
    /// A timer that is due.
    Due(Timer, Timestamp),
}

/// What a courier is told, or whoever else works through a queue of the outbox.
#[derive(Debug)]
pub(crate) enum Order {
    /// Something was queued.
    Queue(Box<Queued>),
    /// This copy delivers for the queue's channel from now on, or does so no longer.
    Active(bool),
    /// Something may have been queued that this copy does not know of: it is in the database.
    Look,
    /// A chat has a new id.
    Moved(ChatRef, ChatRef),
}

/// Where letters go. When nobody receives them any more the desk is closing: what they were about
/// is in the database, and goes on at the next start.
pub(crate) struct Mail {
    works: UnboundedSender<Work>,
    timers: UnboundedSender<(Timer, Timestamp)>,
    couriers: BTreeMap<ChannelId, UnboundedSender<Order>>,
}

/// The other ends, one for each loop.
pub(crate) struct Boxes {
    pub(crate) works: UnboundedReceiver<Work>,
    pub(crate) timers: UnboundedReceiver<(Timer, Timestamp)>,
    pub(crate) couriers: BTreeMap<ChannelId, UnboundedReceiver<Order>>,
}

impl Mail {
    /// Mail for a desk with these queues: one for each channel, and the reader's.
    pub(crate) fn new(channels: impl IntoIterator<Item = ChannelId>) -> (Self, Boxes) {
        let (works, works_box) = unbounded_channel();
        let (timers, timers_box) = unbounded_channel();
        let mut couriers = BTreeMap::new();
        let mut courier_boxes = BTreeMap::new();
        for channel in channels {
            let (orders, orders_box) = unbounded_channel();
            couriers.insert(channel.clone(), orders);
            courier_boxes.insert(channel, orders_box);
        }
        let boxes = Boxes {
            works: works_box,
            timers: timers_box,
            couriers: courier_boxes,
        };
        (
            Self {
                works,
                timers,
                couriers,
            },
            boxes,
        )
    }

    /// Something is to be handled.
    pub(crate) fn work(&self, work: Work) {
        let _closing = self.works.send(work);
    }

    /// Events that this copy has stored are to be handled.
    pub(crate) fn handle(&self, taken: impl IntoIterator<Item = Taken>) {
        for taken in taken {
            self.work(Work::Event(Box::new(taken)));
        }
    }

    /// A timer was stored.
    pub(crate) fn arm(&self, timer: Timer, due: Timestamp) {
        let _closing = self.timers.send((timer, due));
    }

    /// What a commit left to do goes to whoever does it.
    pub(crate) fn carry_on(&self, committed: Committed) {
        for queued in committed.outbox {
            let channel = queued.lane.split('/').next().unwrap_or_default();
            let courier = self.couriers.iter().find(|(id, _)| id.as_str() == channel);
            if let Some((_, courier)) = courier {
                let _closing = courier.send(Order::Queue(Box::new(queued)));
            }
        }
        self.handle(committed.inbox);
    }

    /// Whether this copy delivers for a channel.
    pub(crate) fn active(&self, channel: &ChannelId, active: bool) {
        if let Some(courier) = self.couriers.get(channel) {
            let _closing = courier.send(Order::Active(active));
        }
    }

    /// Something may have been queued for a channel that this copy does not know of.
    pub(crate) fn look(&self, channel: &ChannelId) {
        if let Some(courier) = self.couriers.get(channel) {
            let _closing = courier.send(Order::Look);
        }
    }

    /// The same for every channel.
    pub(crate) fn look_everywhere(&self) {
        for courier in self.couriers.values() {
            let _closing = courier.send(Order::Look);
        }
    }

    /// A chat has a new id.
    pub(crate) fn moved(&self, from: &ChatRef, to: &ChatRef) {
        if let Some(courier) = self.couriers.get(&from.channel) {
            let _closing = courier.send(Order::Moved(from.clone(), to.clone()));
        }
    }

    /// The channels.
    pub(crate) fn channels(&self) -> impl Iterator<Item = &ChannelId> {
        self.couriers.keys()
    }
}
