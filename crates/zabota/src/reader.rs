//! Has pictures of payments and the owner's sheet read. They have a queue of their own, and a reader
//! that is slow or dead delays no messenger.
//!
//! What must stay true: nothing is asked before the database knows that it is; an answer comes in any
//! case, at the latest when there is no use in asking again; it is an event, stored in the transaction
//! that settles the row. Asking twice does no harm, so after a crash it is asked again.

mod again;
mod work;

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::Duration,
};

use engine::{
    effect::READER,
    event::{Event, Fate},
    ids::{ChannelId, DeliveryId},
};
use jiff::{SignedDuration, Timestamp};
use store::{FollowUp, Outcome, Queued, Settled, Settlement};
use tokio::{
    sync::mpsc::UnboundedReceiver,
    task::{self, JoinError, JoinSet},
};
use tracing::{info, warn};

use crate::{
    desk::{Desk, Patience},
    mail::Order,
};

pub(crate) use work::Tools;
use work::{Came, Kind, Task};

/// So many pictures are read at once: reading one takes a processor, or a free service's patience.
const PICTURES: usize = 2;
/// Readings of the sheet must be judged in the order in which they were made.
const SHEETS: usize = 1;
/// How long what is under way may take to end when the desk closes.
const LAST_CALLS: Duration = Duration::from_secs(5);
/// Of a reading that panicked.
const BROKE: &str = "the reader broke";
/// Rows read at once when the outbox is read.
const PAGE: u32 = 1000;

/// The queue's name among the channels.
pub(crate) fn queue() -> ChannelId {
    ChannelId::new(READER)
}

/// Something to be read.
struct Job {
    task: Task,
    attempts: u32,
    /// When this copy took it on.
    since: Timestamp,
    not_before: Option<Timestamp>,
    under_way: bool,
}

/// The reader at work.
struct Round {
    desk: Arc<Desk>,
    tools: Arc<Tools>,
    active: bool,
    /// By their rows: the oldest first.
    jobs: BTreeMap<DeliveryId, Job>,
    settlements: Vec<Settlement>,
    /// The last transaction's answer was lost: what it was to start has perhaps been started.
    answer_lost: bool,
    calls: JoinSet<Came>,
    callers: HashMap<task::Id, DeliveryId>,
    patience: Patience,
}

/// Reads until the desk closes; then what is under way ends.
pub(crate) async fn run(desk: Arc<Desk>, tools: Tools, orders: UnboundedReceiver<Order>) {
    let mut round = Round {
        desk,
        tools: Arc::new(tools),
        active: false,
        jobs: BTreeMap::new(),
        settlements: Vec::new(),
        answer_lost: false,
        calls: JoinSet::new(),
        callers: HashMap::new(),
        patience: Patience::default(),
    };
    round.work(orders).await;
    round.finish().await;
}

impl Round {
    async fn work(&mut self, mut orders: UnboundedReceiver<Order>) {
        let desk = self.desk.clone();
        let tools = self.tools.clone();
        tokio::spawn(async move { tools.complain().await });
        while !desk.closing.is_cancelled() {
            let starts = self.ready(desk.clock.now());
            self.settle(starts).await;
            let wait = self.next_look(desk.clock.now());
            tokio::select! {
                biased;
                () = desk.closing.cancelled() => {}
                Some(ended) = self.calls.join_next_with_id() => self.ended(ended),
                Some(order) = orders.recv() => self.obey(order).await,
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    /// The desk closes: what ends in time is noted, the rest is asked again at the next start.
    async fn finish(&mut self) {
        self.active = false;
        let all = async {
            while let Some(ended) = self.calls.join_next_with_id().await {
                self.ended(ended);
            }
        };
        // What does not end in time has done no harm.
        let _in_time = tokio::time::timeout(LAST_CALLS, all).await;
        let now = self.desk.clock.now();
        for id in self.callers.values() {
            self.settlements.push(retry(*id, now, false));
        }
        self.settle(Vec::new()).await;
    }

    async fn obey(&mut self, order: Order) {
        match order {
            Order::Queue(queued) if self.active => self.take(*queued),
            Order::Active(active) => {
                let begins = active && !self.active;
                self.active = active;
                if begins {
                    self.read_outbox().await;
                } else if !active {
                    self.jobs.retain(|_, job| job.under_way);
                }
            }
            Order::Look if self.active => self.read_outbox().await,
            // Whoever reads finds it in the outbox; what is read is of no chat.
            Order::Queue(_) | Order::Look | Order::Moved(..) => {}
        }
    }

    async fn read_outbox(&mut self) {
        let mut after = DeliveryId(0);
        let mut patience = Patience::default();
        loop {
            match self.desk.store.queue(&queue(), after, PAGE).await {
                Ok(page) => {
                    let Some(last) = page.last() else { return };
                    after = last.id;
                    for queued in page {
                        self.take(queued);
                    }
                }
                Err(error) => {
                    warn!(%error, "the queue of what is to be read cannot be read");
                    if !self.desk.pause(patience.next_pause()).await {
                        return;
                    }
                }
            }
        }
    }

    fn take(&mut self, queued: Queued) {
        let over = self.settlements.iter().any(|known| known.id == queued.id);
        if over || self.jobs.contains_key(&queued.id) {
            return;
        }
        let now = self.desk.clock.now();
        let Some(task) = Task::of(queued.effect) else {
            let reason = "nothing that can be read".to_owned();
            let refused = Outcome::Failed(Fate::Refused { reason });
            self.settlements.push(Settlement::new(queued.id, refused));
            return;
        };
        if queued.started {
            // A crash: the attempt counts, for it may have been the reason.
            self.settlements.push(retry(queued.id, now, true));
        }
        let job = Job {
            task,
            attempts: queued.attempts,
            since: now,
            not_before: queued.not_before,
            under_way: false,
        };
        self.jobs.insert(queued.id, job);
    }

    /// What may be asked now.
    fn ready(&self, now: Timestamp) -> Vec<DeliveryId> {
        if !self.active {
            return Vec::new();
        }
        let mut ready = Vec::new();
        for (kind, most) in [(Kind::Picture, PICTURES), (Kind::Sheet, SHEETS)] {
            let of_kind = || self.jobs.iter().filter(|(_, job)| job.task.kind() == kind);
            let room = most.saturating_sub(of_kind().filter(|(_, job)| job.under_way).count());
            let may = of_kind().filter(|(_, job)| {
                !job.under_way && job.not_before.is_none_or(|moment| moment <= now)
            });
            ready.extend(may.map(|(id, _)| *id).take(room));
        }
        ready
    }

    /// Notes what ended, and that others begin.
    async fn settle(&mut self, starts: Vec<DeliveryId>) {
        if self.settlements.is_empty() && starts.is_empty() {
            return;
        }
        let now = self.desk.clock.now();
        let settlements = self.settlements.clone();
        let noted = self.desk.store.settle(settlements, starts.clone(), now);
        match noted.await {
            Ok(settled) => self.settled(starts, settled),
            Err(error) => {
                warn!(%error, "what was read cannot be noted");
                self.answer_lost = true;
                self.desk.pause(self.patience.next_pause()).await;
            }
        }
    }

    fn settled(&mut self, starts: Vec<DeliveryId>, settled: Settled) {
        self.patience = Patience::default();
        self.settlements.clear();
        self.desk.mail.handle(settled.inbox);
        let attempts: HashMap<DeliveryId, u32> = settled
            .started
            .iter()
            .map(|started| (started.id, started.attempts))
            .collect();
        for id in starts {
            match attempts.get(&id) {
                Some(attempts) => self.begin(id, *attempts),
                // Perhaps it was this copy that started it.
                None if self.answer_lost => self.begin(id, 1),
                None => {
                    self.jobs.remove(&id);
                }
            }
        }
        self.answer_lost = false;
    }

    fn begin(&mut self, id: DeliveryId, attempts: u32) {
        let Some(job) = self.jobs.get_mut(&id) else {
            return;
        };
        job.under_way = true;
        job.attempts = attempts.max(job.attempts);
        let (desk, tools, task) = (self.desk.clone(), self.tools.clone(), job.task.clone());
        let call = self
            .calls
            .spawn(async move { work::attempt(&desk, &tools, &task).await });
        self.callers.insert(call.id(), id);
    }

    fn ended(&mut self, ended: Result<(task::Id, Came), JoinError>) {
        let (call, came) = match ended {
            Ok((call, came)) => (call, Some(came)),
            Err(broken) => (broken.id(), None),
        };
        let Some(id) = self.callers.remove(&call) else {
            return;
        };
        let Some(job) = self.jobs.get_mut(&id) else {
            return;
        };
        let came = came.unwrap_or_else(|| Came::Later {
            pause: None,
            why: BROKE.to_owned(),
            otherwise: job.task.unanswered(),
        });
        let settlement = match came {
            Came::Answer(answer) => over(id, &job.task, Ok(()), answer),
            Came::Later {
                pause,
                why,
                otherwise,
            } => {
                let (kind, now) = (job.task.kind(), self.desk.clock.now());
                let again = again::not_before(kind, job.attempts, job.since, pause, now);
                if let Some(not_before) = again {
                    info!(%id, why, "asked again later");
                    job.under_way = false;
                    job.not_before = Some(not_before);
                    self.settlements.push(retry(id, not_before, true));
                    return;
                }
                warn!(%id, why, "given up");
                over(id, &job.task, Err(why), otherwise)
            }
        };
        self.jobs.remove(&id);
        self.settlements.push(settlement);
    }

    fn next_look(&self, now: Timestamp) -> Duration {
        let far = now + SignedDuration::from_secs(60);
        let waiting = self.jobs.values().filter(|job| !job.under_way);
        let next = waiting
            .filter_map(|job| job.not_before)
            .filter(|at| *at > now);
        let until = next.min().unwrap_or(far).min(far);
        Duration::try_from(until.duration_since(now)).unwrap_or_default()
    }
}

fn retry(id: DeliveryId, not_before: Timestamp, counted: bool) -> Settlement {
    let retry = Outcome::Retry {
        not_before,
        counted,
    };
    Settlement::new(id, retry)
}

/// A row is over: answered, or given up for a reason.
fn over(id: DeliveryId, task: &Task, answered: Result<(), String>, event: Event) -> Settlement {
    let outcome = match answered {
        Ok(()) => Outcome::Delivered {
            perhaps_twice: false,
        },
        Err(reason) => Outcome::Failed(Fate::Refused { reason }),
    };
    let receipt = Some(FollowUp {
        lane: task.lane(),
        event,
    });
    Settlement {
        receipt,
        ..Settlement::new(id, outcome)
    }
}
