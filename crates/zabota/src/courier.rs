//! Delivers what was decided, one courier a channel. What shares a lane leaves in order, one at a
//! time; the throttle says when; nothing leaves before the database knows that it does, so that after
//! a kill only what was under way is in doubt.
//!
//! Work is grouped: what became of the last calls and which calls come next is one transaction, and
//! while it runs the next one gathers.

mod calls;
mod crossing;
mod held;
mod item;
mod lanes;
mod many;
mod outcome;
mod parcel;
mod routing;
mod settling;

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use channels::Channel;
use engine::{
    effect::Urgency,
    ids::{ChatRef, DeliveryId},
};
use jiff::{SignedDuration, Timestamp};
use store::{Outcome, Queued, Settlement};
use tokio::{sync::mpsc::UnboundedReceiver, task::JoinSet};
use tracing::warn;

use crate::{
    desk::{Desk, Patience},
    mail::Order,
    throttle::{Call, Limits, Pass, Throttle},
};

use calls::{Ended, What};
use crossing::Crossing;
use held::Held;
use item::Item;
use lanes::Lanes;
use many::Many;
use outcome::Verdict;
use settling::Settling;

/// How long what is under way may take to end when the desk closes.
const LAST_CALLS: Duration = Duration::from_secs(6);
/// Rows read at once when the outbox is read.
const PAGE: u32 = 1000;

/// A courier at work.
struct Round {
    desk: Arc<Desk>,
    channel: Arc<dyn Channel>,
    lanes: Lanes,
    throttle: Throttle,
    active: bool,
    /// The messenger was silent: nothing leaves before a cheap question is answered.
    silent: bool,
    held: Held,
    settlements: Vec<Settlement>,
    /// Rows that are over, but of which the database does not know it yet: it still shows them as
    /// under way.
    unsettled: HashSet<DeliveryId>,
    starts: Vec<DeliveryId>,
    passes: HashMap<DeliveryId, Pass>,
    /// The last transaction's answer was lost: what it was to start has perhaps been started.
    answer_lost: bool,
    calls: JoinSet<Ended>,
    moved: HashMap<ChatRef, ChatRef>,
    crossing: Crossing,
    many: Many,
    patience: Patience,
}

/// Delivers until the desk closes; then what is under way ends.
pub(crate) async fn run(
    desk: Arc<Desk>,
    channel: Arc<dyn Channel>,
    keep_limits: bool,
    orders: UnboundedReceiver<Order>,
) {
    let pace = channel.abilities().pace;
    let limits = if keep_limits {
        Limits {
            per_second: pace.per_second,
            per_chat_second: pace.per_chat_second,
            per_group_minute: pace.per_group_minute,
        }
    } else {
        Limits::OFF
    };
    let mut round = Round {
        desk,
        channel,
        lanes: Lanes::default(),
        throttle: Throttle::new(limits),
        active: false,
        silent: false,
        held: Held::default(),
        settlements: Vec::new(),
        unsettled: HashSet::new(),
        starts: Vec::new(),
        passes: HashMap::new(),
        answer_lost: false,
        calls: JoinSet::new(),
        moved: HashMap::new(),
        crossing: Crossing::default(),
        many: Many::default(),
        patience: Patience::default(),
    };
    round.work(orders).await;
    round.finish().await;
}

impl Round {
    async fn work(&mut self, mut orders: UnboundedReceiver<Order>) {
        let mut settling: Option<Settling> = None;
        let desk = self.desk.clone();
        while !desk.closing.is_cancelled() {
            self.admit();
            if settling.is_none() {
                settling = self.settle();
            }
            let wait = self.next_look();
            tokio::select! {
                biased;
                () = desk.closing.cancelled() => break,
                settled = async { settling.as_mut().expect("checked").await }, if settling.is_some() => {
                    settling = None;
                    if let Ok((settlements, starts, result)) = settled {
                        self.settled(settlements, starts, result).await;
                    }
                }
                Some(ended) = self.calls.join_next() => {
                    if let Ok(ended) = ended {
                        self.ended(ended);
                    }
                }
                Some(order) = orders.recv() => self.obey(order).await,
                () = tokio::time::sleep(wait) => {}
            }
        }
        if let Some(settling) = settling
            && let Ok((settlements, starts, result)) = settling.await
        {
            self.settled(settlements, starts, result).await;
        }
    }

    /// The desk closes: what was started is sent, what is under way ends and is noted.
    async fn finish(&mut self) {
        self.active = false;
        let all = async {
            while let Some(ended) = self.calls.join_next().await {
                if let Ok(ended) = ended {
                    self.ended(ended);
                }
            }
        };
        if tokio::time::timeout(LAST_CALLS, all).await.is_err() {
            warn!("some calls to the messenger did not end in time: their outcome is unknown");
        }
        self.starts.clear();
        if let Some(settling) = self.settle()
            && let Ok((.., Err(error))) = settling.await
        {
            warn!(%error, "the last outcomes could not be noted");
        }
    }

    async fn obey(&mut self, order: Order) {
        match order {
            Order::Queue(queued) if self.active => self.take(*queued),
            Order::Active(active) => {
                if active && !self.active {
                    self.active = true;
                    self.read_outbox().await;
                } else if !active && self.active {
                    warn!("another copy delivers now");
                    self.active = false;
                    self.lanes = Lanes::default();
                    self.many = Many::default();
                }
            }
            Order::Look if self.active => self.read_outbox().await,
            // Whoever delivers reads it from the outbox.
            Order::Queue(_) | Order::Look => {}
            Order::Moved(from, to) => {
                self.moved.insert(from, to);
            }
        }
    }

    async fn read_outbox(&mut self) {
        let mut after = DeliveryId(0);
        let mut patience = Patience::default();
        loop {
            match self.desk.store.queue(self.channel.id(), after, PAGE).await {
                Ok(page) => {
                    let Some(last) = page.last() else { return };
                    after = last.id;
                    for queued in page {
                        self.take(queued);
                    }
                }
                Err(error) => {
                    warn!(%error, "the outbox cannot be read");
                    if !self.desk.pause(patience.next_pause()).await {
                        return;
                    }
                }
            }
        }
    }

    /// A row of the outbox. One that was started and never settled is in doubt.
    fn take(&mut self, queued: Queued) {
        if self.unsettled.contains(&queued.id) {
            return;
        }
        if self.lanes.knows(queued.id) {
            self.lanes.refresh(queued.id, queued.effect);
            return;
        }
        let in_doubt = queued.started;
        let item = Item::new(queued, &self.desk.policy.group.to_string());
        if in_doubt {
            let (once, now) = (self.channel.abilities().once, self.desk.clock.now());
            match outcome::judge_unknown(&item, None, once, now) {
                Verdict::Retry {
                    not_before,
                    counted,
                } => {
                    let retry = Outcome::Retry {
                        not_before,
                        counted,
                    };
                    self.settlements.push(Settlement::new(item.id, retry));
                }
                Verdict::Failed(fate) => {
                    self.over(outcome::failed(&item, fate));
                    return;
                }
            }
        }
        self.lanes.push(item);
    }

    /// Asks the throttle for the heads of the lanes, the most urgent and oldest first.
    fn admit(&mut self) {
        let now = self.desk.clock.now();
        self.lanes.wake(now);
        if !self.active {
            return;
        }
        let group = self.desk.policy.group.to_string();
        let gathers = self.channel.abilities().gathers;
        let has_room = |many: &Many, crossing: &Crossing, head: &Item| {
            many.has_room(head) && (!head.moves_file() || crossing.has_room(head.urgency))
        };
        while let Some(head) = self
            .lanes
            .first_ready(|head| has_room(&self.many, &self.crossing, head))
        {
            if self.held.covers(head.urgency, now) {
                return;
            }
            let call = Call {
                place: head.place(&group),
                cost: if self.silent { 1 } else { head.cost(gathers) },
                urgency: head.urgency,
            };
            let (id, urgency, moves_file) = (head.id, head.urgency, head.moves_file());
            match self.throttle.admit(&call, now) {
                Ok(pass) if self.silent => {
                    self.probe(pass);
                    let far = now + SignedDuration::from_secs(60);
                    self.held.note(far, Urgency::Live);
                    return;
                }
                Ok(pass) => {
                    if moves_file {
                        self.crossing.begin(id, urgency);
                    }
                    if let Some(item) = self.lanes.item(id) {
                        self.many.begin(item);
                    }
                    self.lanes.leave(id);
                    self.start(id, pass);
                }
                Err(hold) if hold.channel => {
                    self.held.note(hold.until, urgency);
                    return;
                }
                Err(hold) => self.lanes.hold(id, hold.until),
            }
        }
    }

    fn probe(&mut self, pass: Pass) {
        let channel = self.channel.clone();
        self.calls.spawn(async move {
            let what = What::Probed(channel.probe().await);
            Ended {
                id: DeliveryId(0),
                pass,
                what,
            }
        });
    }

    fn next_look(&self) -> Duration {
        let now = self.desk.clock.now();
        let far = now + SignedDuration::from_secs(60);
        let next = self.held.until(now).into_iter();
        let until = next.chain(self.lanes.next_wake()).fold(far, Timestamp::min);
        Duration::try_from(until.duration_since(now)).unwrap_or_default()
    }
}
