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
mod outcome;
mod parcel;
mod routing;

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
use store::{Outcome, Queued, Settled, Settlement, Started};
use tokio::{sync::mpsc::UnboundedReceiver, task::JoinSet};
use tracing::warn;

use crate::{
    desk::{Desk, Patience},
    mail::Order,
    throttle::{self, Call, Limits, Pass, Throttle},
};

use calls::{Ended, What};
use crossing::Crossing;
use held::Held;
use item::Item;
use lanes::Lanes;
use outcome::Verdict;

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
    patience: Patience,
}

type Settling = tokio::task::JoinHandle<(Vec<Settlement>, Vec<DeliveryId>, store::Result<Settled>)>;

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
        while let Some(head) = self.lanes.first_ready() {
            if self.held.covers(head.urgency, now) {
                return;
            }
            let call = Call {
                place: head.place(&group),
                cost: if self.silent { 1 } else { head.cost(gathers) },
                urgency: head.urgency,
            };
            let (id, urgency, moves_file) = (head.id, head.urgency, head.moves_file());
            if moves_file && !self.crossing.has_room(urgency) {
                self.lanes.hold(id, now + SignedDuration::from_secs(1));
                continue;
            }
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

    fn start(&mut self, id: DeliveryId, pass: Pass) {
        if self.lanes.pieces(id).is_some() {
            self.send(id, pass);
        } else {
            self.starts.push(id);
            self.passes.insert(id, pass);
        }
    }

    fn settle(&mut self) -> Option<Settling> {
        if self.settlements.is_empty() && self.starts.is_empty() {
            return None;
        }
        let settlements = std::mem::take(&mut self.settlements);
        let starts = std::mem::take(&mut self.starts);
        let (store, now) = (self.desk.store.clone(), self.desk.clock.now());
        Some(tokio::spawn(async move {
            let result = store.settle(settlements.clone(), starts.clone(), now).await;
            (settlements, starts, result)
        }))
    }

    async fn settled(
        &mut self,
        settlements: Vec<Settlement>,
        starts: Vec<DeliveryId>,
        result: store::Result<Settled>,
    ) {
        match result {
            Ok(settled) => {
                self.patience = Patience::default();
                let desk = self.desk.clone();
                desk.mail.handle(settled.inbox);
                for settlement in &settlements {
                    self.unsettled.remove(&settlement.id);
                    self.lanes.settled(settlement.id);
                }
                let started: Vec<DeliveryId> = settled.started.iter().map(|s| s.id).collect();
                for started in settled.started {
                    self.started(started);
                }
                for id in starts.into_iter().filter(|id| !started.contains(id)) {
                    self.not_started(id);
                }
                self.answer_lost = false;
            }
            Err(error) => {
                warn!(%error, "outcomes cannot be noted");
                self.answer_lost = true;
                self.settlements.splice(0..0, settlements);
                self.starts.splice(0..0, starts);
                self.desk.pause(self.patience.next_pause()).await;
            }
        }
    }

    fn started(&mut self, started: Started) {
        let Some(pass) = self.passes.remove(&started.id) else {
            return;
        };
        self.lanes.started(
            started.id,
            started.effect,
            started.attempts,
            started.progress,
        );
        self.send(started.id, pass);
    }

    /// A row that could not be started has left already, or is gone. After a lost answer it was
    /// perhaps this copy that started it.
    fn not_started(&mut self, id: DeliveryId) {
        let Some(pass) = self.passes.remove(&id) else {
            return;
        };
        if self.answer_lost {
            self.lanes.counted(id);
            self.send(id, pass);
            return;
        }
        self.give_back(id, pass);
        self.lanes.finish(id);
    }

    /// No call is made after all.
    fn give_back(&mut self, id: DeliveryId, pass: Pass) {
        self.crossing.end(id);
        let now = self.desk.clock.now();
        self.throttle
            .settle(pass, throttle::Outcome::Answered, now, 0.0);
    }

    fn next_look(&self) -> Duration {
        let now = self.desk.clock.now();
        let far = now + SignedDuration::from_secs(60);
        let next = self.held.until(now).into_iter();
        let until = next.chain(self.lanes.next_wake()).fold(far, Timestamp::min);
        Duration::try_from(until.duration_since(now)).unwrap_or_default()
    }
}
