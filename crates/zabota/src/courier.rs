//! Delivers what was decided, one courier a channel. What shares a lane leaves in order, one at a
//! time; the throttle says when; nothing leaves before the database knows that it does, so that after
//! a kill only what was under way is in doubt.
//!
//! Work is grouped: what became of the last calls and which calls come next is one transaction, and
//! while it runs the next one gathers.

mod lanes;
mod outcome;
mod parcel;

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::Arc,
    time::Duration,
};

use channels::{Channel, Piece, Receipt, Undelivered, fit};
use engine::{
    content::Content,
    effect::Effect,
    ids::{ChatRef, DeliveryId},
    phrases::Phrase,
};
use jiff::{SignedDuration, Timestamp};
use store::{Outcome, Queued, Settled, Settlement, Started};
use tokio::{sync::mpsc, task::JoinSet};
use tracing::{debug, warn};

use crate::{
    desk::{Desk, Patience},
    throttle::{self, Call, Limits, Pass, Throttle},
};

use lanes::{Item, Lanes};
use outcome::Verdict;

/// How long what is under way may take to end when the desk closes.
const LAST_CALLS: Duration = Duration::from_secs(6);
/// Rows read at once when the outbox is read.
const PAGE: u32 = 1000;

/// What a courier is told.
enum Order {
    Queue(Box<Queued>),
    /// This copy delivers for the channel from now on, or does so no longer.
    Active(bool),
    /// Another copy queued something.
    Look,
    Moved(ChatRef, ChatRef),
}

/// Where to put what is to be delivered.
pub(crate) struct Courier {
    orders: mpsc::UnboundedSender<Order>,
}

/// The other end of a [`Courier`], for [`run`].
pub(crate) struct Orders(mpsc::UnboundedReceiver<Order>);

impl Courier {
    /// A courier and its orders.
    pub(crate) fn new() -> (Self, Orders) {
        let (orders, received) = mpsc::unbounded_channel();
        (Self { orders }, Orders(received))
    }

    /// Something was queued.
    pub(crate) fn queue(&self, queued: Queued) {
        self.tell(Order::Queue(Box::new(queued)));
    }

    /// Whether this copy delivers for the channel.
    pub(crate) fn active(&self, active: bool) {
        self.tell(Order::Active(active));
    }

    /// Another copy queued something: it is in the database.
    pub(crate) fn look(&self) {
        self.tell(Order::Look);
    }

    /// A chat has a new id.
    pub(crate) fn moved(&self, from: ChatRef, to: ChatRef) {
        self.tell(Order::Moved(from, to));
    }

    fn tell(&self, order: Order) {
        // Without its other end the desk is closing: what is queued stays in the outbox.
        let _closing = self.orders.send(order);
    }
}

/// A call that ended, or needed none.
struct Ended {
    id: DeliveryId,
    pass: Option<Pass>,
    what: What,
}

enum What {
    /// The messenger answered a cheap question, or not.
    Probed(Result<(), Undelivered>),
    /// What an effect comes to could not be looked up.
    Unresolved(store::Error),
    /// A piece, the first of `pieces`, was sent; none if there was nothing to send.
    Sent {
        pieces: VecDeque<Piece>,
        result: Result<Receipt, Undelivered>,
        took: Duration,
    },
    /// An attachment was stored at this path, or not.
    Kept(Result<String, Undelivered>),
}

/// A courier at work.
struct Round {
    desk: Arc<Desk>,
    channel: Arc<dyn Channel>,
    lanes: Lanes,
    throttle: Throttle,
    active: bool,
    /// The messenger was silent: nothing leaves before a cheap question is answered.
    doubt: bool,
    /// No use in asking the throttle before then.
    held_until: Option<Timestamp>,
    settlements: Vec<Settlement>,
    /// Rows that are over, but of which the database does not know it yet: it still shows them as
    /// under way.
    unsettled: HashSet<DeliveryId>,
    starts: Vec<DeliveryId>,
    passes: HashMap<DeliveryId, Pass>,
    /// The last transaction's answer was lost: what it was to start has perhaps been started.
    doubtful: bool,
    calls: JoinSet<Ended>,
    moved: HashMap<ChatRef, ChatRef>,
    patience: Patience,
}

type Settling = tokio::task::JoinHandle<(Vec<Settlement>, Vec<DeliveryId>, store::Result<Settled>)>;

/// Delivers until the desk closes; then what is under way ends.
pub(crate) async fn run(
    desk: Arc<Desk>,
    channel: Arc<dyn Channel>,
    keep_limits: bool,
    orders: Orders,
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
        doubt: false,
        held_until: None,
        settlements: Vec::new(),
        unsettled: HashSet::new(),
        starts: Vec::new(),
        passes: HashMap::new(),
        doubtful: false,
        calls: JoinSet::new(),
        moved: HashMap::new(),
        patience: Patience::default(),
    };
    round.work(orders.0).await;
    round.finish().await;
}

impl Round {
    async fn work(&mut self, mut orders: mpsc::UnboundedReceiver<Order>) {
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
        let item = Item::new(queued);
        if in_doubt {
            match outcome::judge_lost(&item) {
                Verdict::Retry { counted, .. } => {
                    let not_before = self.desk.clock.now();
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
        if !self.active || self.held_until.is_some_and(|until| until > now) {
            return;
        }
        self.held_until = None;
        while let Some(head) = self.lanes.first_ready() {
            let group = self.desk.policy.group.to_string();
            let call = Call {
                place: head.place(&group),
                cost: if self.doubt { 1 } else { head.cost() },
                urgency: head.urgency,
            };
            let id = head.id;
            match self.throttle.admit(&call, now) {
                Ok(pass) if self.doubt => {
                    self.probe(pass);
                    self.held_until = Some(now + SignedDuration::from_secs(60));
                    return;
                }
                Ok(pass) => {
                    self.lanes.leave(id);
                    self.start(id, pass);
                }
                Err(hold) if hold.channel => {
                    self.held_until = Some(hold.until);
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
                pass: Some(pass),
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
                desk.handle(settled.inbox);
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
                self.doubtful = false;
            }
            Err(error) => {
                warn!(%error, "outcomes cannot be noted");
                self.doubtful = true;
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
        if self.doubtful {
            self.lanes.counted(id);
            self.send(id, pass);
            return;
        }
        let now = self.desk.clock.now();
        self.throttle
            .settle(pass, throttle::Outcome::Answered, now, 0.0);
        self.lanes.finish(id);
    }

    /// Makes the call for the next piece; looks up the pieces first, if they are not known yet.
    fn send(&mut self, id: DeliveryId, pass: Pass) {
        let Some(item) = self.lanes.item(id) else {
            return;
        };
        let (desk, channel) = (self.desk.clone(), self.channel.clone());
        let (effect, attempts, progress) = (item.effect.clone(), item.attempts, item.progress);
        let known = item.pieces.clone();
        let moved = self.moved.clone();
        self.calls.spawn(async move {
            let what = match known {
                Some(pieces) => deliver(&desk, &*channel, pieces).await,
                None => match &effect {
                    Effect::Keep { of, content } => {
                        What::Kept(parcel::keep(&desk, &*channel, of, content).await)
                    }
                    Effect::Say(_)
                    | Effect::Relay(_)
                    | Effect::Revise(_)
                    | Effect::Card(_)
                    | Effect::StripKeys { .. }
                    | Effect::Answer(_)
                    | Effect::Again { .. } => {
                        let repeated = attempts > 1;
                        match parcel::pieces(&desk, &*channel, &effect, repeated, &moved).await {
                            Ok(pieces) => {
                                let rest = pieces.into_iter().skip(progress as usize).collect();
                                deliver(&desk, &*channel, rest).await
                            }
                            Err(error) => What::Unresolved(error),
                        }
                    }
                },
            };
            Ended {
                id,
                pass: Some(pass),
                what,
            }
        });
    }

    fn ended(&mut self, ended: Ended) {
        let now = self.desk.clock.now();
        let Ended { id, pass, what } = ended;
        let outcome = match &what {
            What::Probed(Ok(()))
            | What::Unresolved(_)
            | What::Sent { result: Ok(_), .. }
            | What::Kept(Ok(_)) => throttle::Outcome::Answered,
            What::Probed(Err(failed))
            | What::Sent {
                result: Err(failed),
                ..
            }
            | What::Kept(Err(failed)) => outcome::for_throttle(failed, now),
        };
        self.held_until = None;
        if let Some(pass) = pass {
            self.throttle.settle(pass, outcome, now, chance(now));
        }
        self.note_health(&what);
        match what {
            What::Probed(Ok(())) => self.doubt = false,
            What::Probed(Err(failed)) => debug!(%failed, "the messenger is still silent"),
            What::Unresolved(error) => {
                warn!(%error, "what is to be sent cannot be looked up");
                let not_before = now + SignedDuration::from_secs(1);
                self.retry(id, not_before, false);
            }
            What::Kept(Ok(path)) => self.kept(id, path),
            What::Kept(Err(failed)) => self.failed(id, None, &failed, now),
            What::Sent {
                pieces,
                result: Ok(receipt),
                took,
            } => {
                self.measure("delivered", took);
                self.arrived(id, pieces, receipt);
            }
            What::Sent {
                pieces,
                result: Err(failed),
                took,
            } => {
                self.measure(outcome::word(&failed), took);
                self.failed(id, Some(pieces), &failed, now);
            }
        }
        self.lanes.awake_siblings(id);
    }

    fn measure(&self, outcome: &'static str, took: Duration) {
        let channel = self.channel.id().as_str();
        self.desk
            .measures
            .deliveries
            .with(&[channel, outcome])
            .one();
        self.desk
            .measures
            .delivery_seconds
            .with(&[channel])
            .took(took);
    }

    /// Whether the channel is in order, for `/readyz`.
    fn note_health(&mut self, what: &What) {
        let channel = self.channel.id().as_str();
        match what {
            What::Probed(Err(failed))
            | What::Sent {
                result: Err(failed),
                ..
            }
            | What::Kept(Err(failed)) => match failed {
                Undelivered::Unreached(_) | Undelivered::Unknown(_) => self.doubt = true,
                Undelivered::Locked(_) => {
                    self.doubt = true;
                    self.desk.readiness.trouble(channel, &failed.to_string());
                }
                Undelivered::Wait(_)
                | Undelivered::Gone(_)
                | Undelivered::Moved(_)
                | Undelivered::Moot(_)
                | Undelivered::Refused { .. } => {}
            },
            What::Probed(Ok(())) | What::Sent { result: Ok(_), .. } => {
                self.desk.readiness.fine(channel);
            }
            What::Unresolved(_) | What::Kept(Ok(_)) => {}
        }
    }

    fn arrived(&mut self, id: DeliveryId, mut pieces: VecDeque<Piece>, receipt: Receipt) {
        let sent_something = pieces.pop_front().is_some();
        let Some(item) = self.lanes.item_mut(id) else {
            return;
        };
        if sent_something {
            item.progress += 1;
        }
        let mut settlement = outcome::arrived(item, receipt);
        if pieces.is_empty() {
            outcome::complete(item, &mut settlement);
            self.over(settlement);
            self.lanes.finish(id);
        } else {
            item.pieces = Some(pieces);
            self.settlements.push(settlement);
            self.lanes.after_settlement(id);
        }
    }

    fn kept(&mut self, id: DeliveryId, path: String) {
        let Some(item) = self.lanes.item(id) else {
            return;
        };
        let mut settlement = Settlement::new(
            id,
            Outcome::Delivered {
                perhaps_twice: false,
            },
        );
        if let Effect::Keep { of, .. } = &item.effect {
            settlement.kept = Some((of.clone(), path));
        }
        self.over(settlement);
        self.lanes.finish(id);
    }

    fn failed(
        &mut self,
        id: DeliveryId,
        pieces: Option<VecDeque<Piece>>,
        failed: &Undelivered,
        now: Timestamp,
    ) {
        let Some(item) = self.lanes.item_mut(id) else {
            return;
        };
        let piece = pieces.as_ref().and_then(VecDeque::front).cloned();
        if let (Undelivered::Refused { .. }, Some(piece), Some(mut pieces)) =
            (failed, &piece, pieces.clone())
            && let Some(instead) = self.desk.instead_of(piece)
        {
            pieces[0] = instead;
            item.pieces = Some(pieces);
            self.lanes.again(id);
            return;
        }
        if outcome::is_moot(piece.as_ref(), failed) {
            let stripped = match piece {
                Some(Piece::StripKeys { message }) => Some(message),
                _ => None,
            };
            let receipt = Receipt {
                stripped,
                ..Receipt::default()
            };
            self.arrived(id, pieces.unwrap_or_default(), receipt);
            return;
        }
        if let (Undelivered::Moved(to), Some(piece)) = (failed, &piece) {
            let from = parcel::to(piece).clone();
            self.moved.insert(from.clone(), to.clone());
            if from == self.desk.policy.group {
                self.desk.group_moved(&from, to);
            }
        }
        match outcome::judge(item, piece.as_ref(), failed, now) {
            Verdict::Retry {
                not_before,
                counted,
            } => self.retry(id, not_before, counted),
            Verdict::Failed(fate) => {
                warn!(%id, %failed, "not delivered");
                let settlement = outcome::failed(item, fate);
                self.over(settlement);
                self.lanes.finish(id);
            }
        }
    }

    /// Nothing more is done for a row.
    fn over(&mut self, settlement: Settlement) {
        self.unsettled.insert(settlement.id);
        self.settlements.push(settlement);
    }

    fn retry(&mut self, id: DeliveryId, not_before: Timestamp, counted: bool) {
        let retry = Outcome::Retry {
            not_before,
            counted,
        };
        self.settlements.push(Settlement::new(id, retry));
        self.lanes.retry(id, not_before, counted);
    }

    fn next_look(&self) -> Duration {
        let now = self.desk.clock.now();
        let far = now + SignedDuration::from_secs(60);
        let held = self.held_until.or_else(|| self.lanes.next_wake());
        let until = held.unwrap_or(far).min(far);
        Duration::try_from(until.duration_since(now)).unwrap_or_default()
    }
}

/// Makes the call for the first of some pieces.
async fn deliver(desk: &Desk, channel: &dyn Channel, pieces: VecDeque<Piece>) -> What {
    let began = std::time::Instant::now();
    let result = match pieces.front() {
        Some(piece) => channel.deliver(piece, desk.clock.now()).await,
        None => Ok(Receipt::default()),
    };
    What::Sent {
        pieces,
        result,
        took: began.elapsed(),
    }
}

/// A number between 0 and 1 that differs from copy to copy: the lowest digits of the time.
fn chance(now: Timestamp) -> f64 {
    f64::from(now.subsec_microsecond().unsigned_abs()) / 1000.0
}

impl Desk {
    fn instead_of(&self, piece: &Piece) -> Option<Piece> {
        self.with_words(|words| fit::instead(piece, words))
    }

    fn with_words<T>(&self, fits: impl FnOnce(&fit::Words) -> T) -> T {
        let phrases = &self.policy.phrases;
        let came = |content: &Content| phrases.instead_of(content);
        let forwarded = |from: &str| phrases.words(Phrase::Forwarded, &[("from", from)]);
        let edited = phrases.words(Phrase::Corrected, &[]);
        fits(&fit::Words {
            came: &came,
            forwarded: &forwarded,
            edited: &edited,
        })
    }
}
