//! What waits for an app's webhook.
//!
//! What must stay true: events of one person leave in their order, each only when the one before it has arrived. An
//! hour of failures takes the page's subscription away, and what waited is lost.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::sync::Arc;

use serde_json::Value;
use tokio::sync::Notify;

use super::events::FIELDS;
use crate::clock::Millis;

/// After so long a time of failures the page's subscription ends.
const GIVE_UP: Millis = 3600 * 1000;
/// Events in one POST.
const MAX_BATCH: usize = 1000;
/// POSTs at the same time.
const MAX_CONNECTIONS: usize = 40;
/// Beyond this new events are lost.
const MAX_WAITING: usize = 100_000;
/// Delivered events remembered for `POST /sandbox/facebook/redeliver`.
const MAX_PAST: usize = 10_000;

/// Where an event stands in an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Channel {
    Messaging,
    /// Another app answers in the thread.
    Standby,
    /// By hand: it is the whole body.
    Whole,
}

/// One event.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    /// Order is kept per person.
    pub(crate) person: i64,
    pub(crate) channel: Channel,
    pub(crate) mid: Option<String>,
    pub(crate) body: Value,
}

/// A page's webhook and what waits for it.
#[derive(Debug, Default)]
pub(crate) struct Outlet {
    url: Option<String>,
    /// What the app has subscribed to; `None`: the app does not serve the page (any more).
    subscribed: Option<BTreeSet<String>>,
    /// Events are kept back, to leave together.
    gathering: Option<Vec<Event>>,
    parcels: HashMap<u64, Vec<Event>>,
    /// The parcels of each person, in order; one that leads all its queues may leave.
    queues: HashMap<i64, VecDeque<u64>>,
    ready: VecDeque<u64>,
    serving: usize,
    last: u64,
    failing_since: Option<Millis>,
    last_error: Option<(i64, String)>,
    past: VecDeque<Event>,
    dispatched: bool,
    /// Wakes whoever delivers; it also tells this outlet from one of another life of the page.
    wake: Arc<Notify>,
}

impl Outlet {
    pub(crate) fn url(&self) -> Option<&str> {
        self.url.as_deref()
    }

    pub(crate) fn subscribed(&self) -> Option<&BTreeSet<String>> {
        self.subscribed.as_ref()
    }

    pub(crate) fn last_error(&self) -> Option<&(i64, String)> {
        self.last_error.as_ref()
    }

    pub(crate) fn wants(&self, field: &str) -> bool {
        self.url.is_some()
            && self
                .subscribed
                .as_ref()
                .is_some_and(|fields| fields.contains(field))
    }

    /// Sends to this address from now on; subscribes to everything if to nothing yet. The first time somebody must
    /// begin to deliver: they get the handle that wakes them.
    pub(crate) fn aim(&mut self, url: String) -> Option<Arc<Notify>> {
        self.url = Some(url);
        self.subscribed
            .get_or_insert_with(|| FIELDS.map(str::to_owned).into());
        let begin = !std::mem::replace(&mut self.dispatched, true);
        begin.then(|| self.wake.clone())
    }

    /// Whether the handle belongs to this outlet, not to one of another life of the page.
    pub(crate) fn wakes(&self, wake: &Arc<Notify>) -> bool {
        Arc::ptr_eq(&self.wake, wake)
    }

    /// The events of a parcel, if they are still to be delivered.
    pub(crate) fn parcel(&self, number: u64) -> Option<&[Event]> {
        self.parcels.get(&number).map(Vec::as_slice)
    }

    /// A parcel is tried once more: it takes a connection, also one too many.
    pub(crate) fn occupy(&mut self) {
        self.serving += 1;
    }

    /// A connection is free again.
    pub(crate) fn free(&mut self) {
        self.serving -= 1;
        self.wake.notify_waiters();
    }

    /// Subscribes to these fields and no others.
    pub(crate) fn subscribe(&mut self, fields: BTreeSet<String>) {
        self.subscribed = Some(fields);
        self.failing_since = None;
    }

    /// The app serves the page no longer; what waits is lost.
    pub(crate) fn unsubscribe(&mut self) {
        self.subscribed = None;
        self.parcels.clear();
        self.queues.clear();
        self.ready.clear();
        if let Some(kept) = &mut self.gathering {
            kept.clear();
        }
        self.wake.notify_waiters();
    }

    /// Events that were not delivered yet.
    pub(crate) fn pending(&self) -> usize {
        let waiting: usize = self.parcels.values().map(Vec::len).sum();
        waiting + self.gathering.as_ref().map_or(0, Vec::len)
    }

    pub(crate) fn add(&mut self, event: Event) {
        if self.parcels.len() >= MAX_WAITING {
            return;
        }
        match &mut self.gathering {
            Some(kept) if event.channel != Channel::Whole => kept.push(event),
            Some(_) | None => self.pack(vec![event]),
        }
    }

    /// Keeps events back from now on, or lets what was kept leave together.
    pub(crate) fn gather(&mut self, on: bool) {
        if on {
            self.gathering.get_or_insert_default();
            return;
        }
        let kept = self.gathering.take().unwrap_or_default();
        for batch in kept.chunks(MAX_BATCH) {
            self.pack(batch.to_vec());
        }
    }

    /// Puts an event that was delivered on its way once more. False when it is not remembered.
    pub(crate) fn redeliver(&mut self, mid: &str) -> bool {
        // Later events about a message carry its mid, too: the first is the message itself.
        let mut past = self.past.iter();
        let found = past
            .find(|event| event.mid.as_deref() == Some(mid))
            .cloned();
        let is_known = found.is_some();
        self.pack(found.into_iter().collect());
        is_known
    }

    fn pack(&mut self, events: Vec<Event>) {
        let people: HashSet<i64> = events.iter().map(|event| event.person).collect();
        if people.is_empty() {
            return;
        }
        self.last += 1;
        for person in &people {
            self.queues.entry(*person).or_default().push_back(self.last);
        }
        self.parcels.insert(self.last, events);
        self.call(self.last);
        self.wake.notify_waiters();
    }

    /// Makes a parcel ready if it leads all its queues.
    fn call(&mut self, number: u64) {
        let Some(events) = self.parcels.get(&number) else {
            return;
        };
        let leads = events
            .iter()
            .all(|event| self.queues[&event.person].front() == Some(&number));
        if leads {
            self.ready.push_back(number);
        }
    }

    /// A parcel to deliver, if a connection is free.
    pub(crate) fn next(&mut self) -> Option<u64> {
        if self.serving >= MAX_CONNECTIONS {
            return None;
        }
        let number = self.ready.pop_front()?;
        self.serving += 1;
        Some(number)
    }

    /// A parcel has arrived: those behind it may leave.
    pub(crate) fn done(&mut self, number: u64) {
        self.failing_since = None;
        let events = self.parcels.remove(&number).unwrap_or_default();
        let people: BTreeSet<i64> = events.iter().map(|event| event.person).collect();
        let mut behind = BTreeSet::new();
        for person in people {
            let Some(queue) = self.queues.get_mut(&person) else {
                continue;
            };
            queue.retain(|known| *known != number);
            match queue.front() {
                Some(next) => drop(behind.insert(*next)),
                None => drop(self.queues.remove(&person)),
            }
        }
        for event in events {
            if self.past.len() == MAX_PAST {
                self.past.pop_front();
            }
            self.past.push_back(event);
        }
        for next in behind {
            self.call(next);
        }
    }

    /// An attempt failed.
    pub(crate) fn failed(&mut self, why: String, now: Millis) {
        self.last_error = Some((now / 1000, why));
        let since = *self.failing_since.get_or_insert(now);
        if now - since >= GIVE_UP {
            self.unsubscribe();
        }
    }

    /// The page is no more: whoever delivers shall notice.
    pub(crate) fn close(&self) {
        self.wake.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn event(person: i64, n: usize) -> Event {
        Event {
            person,
            channel: Channel::Messaging,
            mid: Some(n.to_string()),
            body: n.into(),
        }
    }

    proptest! {
        /// Whatever is gathered, and whichever of those that may leave arrives first.
        #[test]
        fn events_of_a_person_arrive_in_order(
            people in vec((0_i64..4, any::<bool>()), 0..60),
            choices in vec(0_usize..40, 60),
        ) {
            let mut outlet = Outlet::default();
            for (n, (person, gathers)) in people.iter().enumerate() {
                outlet.gather(*gathers);
                outlet.add(event(*person, n));
            }
            outlet.gather(false);
            let (mut arrived, mut on_the_way) = (Vec::new(), Vec::new());
            for choice in choices {
                on_the_way.extend(std::iter::from_fn(|| outlet.next()));
                if on_the_way.is_empty() {
                    break;
                }
                let number = on_the_way.swap_remove(choice % on_the_way.len());
                arrived.extend(outlet.parcel(number).unwrap_or_default().to_vec());
                outlet.done(number);
                outlet.free();
            }
            prop_assert_eq!(arrived.len(), people.len());
            for person in 0..4 {
                let own = arrived.iter().filter(|event| event.person == person);
                let numbers: Vec<_> = own.map(|event| event.body.as_u64()).collect();
                prop_assert!(numbers.is_sorted());
            }
        }
    }
}
