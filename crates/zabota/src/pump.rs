//! Takes events, those of one chat in order, those of many chats at once; looks up what the rules ask
//! for, lets them decide, and stores the decision. Holds no rules.
//!
//! An event that keeps failing is set aside and shown, the rest goes on. An event that waits for a
//! database or a messenger to come back waits; it is never dropped, and it holds up its own chat alone.

mod facts;
mod lanes;
mod names;
mod proven;

use std::{
    collections::{HashMap, VecDeque},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use engine::{
    decide::{Decision, decide},
    event::{self, Event},
};
use jiff::Timestamp;
use store::{Attempt, By, Error};
use tokio::sync::{Semaphore, SemaphorePermit, mpsc::UnboundedReceiver};
use tokio_util::task::TaskTracker;
use tracing::{debug, error, info, warn};

use crate::{
    desk::{Desk, Patience, cause},
    mail::Work,
};

use facts::Loaded;
use names::Names;

/// So many chats are worked on at once: enough to fill a group commit, few enough for the database.
const AT_ONCE: usize = 64;
/// Decisions that somebody else was faster than are made anew so often before it counts as a failure.
const RACES: u32 = 50;
/// The same for a timer: one that was moved meanwhile stays overtaken, and is woken anew.
const TIMER_RACES: u32 = 5;
/// The rules ask for at most so many facts about one event; more would be a circle.
const FACTS: usize = 32;

/// What is to be handled, by lane. A lane is here while somebody works on it.
#[derive(Default)]
struct Lanes {
    queues: Mutex<HashMap<String, VecDeque<Work>>>,
}

/// A place among those who use the database; given up while a messenger is asked, which may take its
/// time.
struct Place<'a> {
    places: &'a Semaphore,
    held: Option<SemaphorePermit<'a>>,
}

impl Place<'_> {
    async fn take(&mut self) {
        if self.held.is_none() {
            self.held = self.places.acquire().await.ok();
        }
    }

    fn give_up(&mut self) {
        self.held = None;
    }
}

/// The pump at work.
struct Pump {
    desk: Arc<Desk>,
    lanes: Lanes,
    places: Semaphore,
    names: Names,
}

impl Lanes {
    /// Puts work at the end of its lane; the lane's name if nobody works on it yet.
    fn push(&self, work: Work) -> Option<String> {
        let lane = lanes::of(&work);
        let mut queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(queue) = queues.get_mut(&lane) {
            queue.push_back(work);
            return None;
        }
        queues.insert(lane.clone(), VecDeque::from([work]));
        Some(lane)
    }

    fn next(&self, lane: &str) -> Option<Work> {
        let mut queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
        let next = queues.get_mut(lane).and_then(VecDeque::pop_front);
        if next.is_none() {
            queues.remove(lane);
        }
        next
    }
}

/// Handles what comes until the desk closes; then what was begun ends. What is still in the lanes
/// stays in the inbox.
pub(crate) async fn run(desk: Arc<Desk>, mut works: UnboundedReceiver<Work>) {
    let pump = Arc::new(Pump {
        desk,
        lanes: Lanes::default(),
        places: Semaphore::new(AT_ONCE),
        names: Names::default(),
    });
    let tasks = TaskTracker::new();
    loop {
        let work = tokio::select! {
            () = pump.desk.closing.cancelled() => break,
            work = works.recv() => work,
        };
        let Some(work) = work else { break };
        if let Some(lane) = pump.lanes.push(work) {
            let pump = pump.clone();
            tasks.spawn(async move { pump.work_on(&lane).await });
        }
    }
    tasks.close();
    tasks.wait().await;
}

/// Why a decision was not made or not stored.
enum Failed {
    /// Somebody else was faster: what it was made from has changed.
    Overtaken,
    /// The database or a messenger is away: wait, and at least so long.
    Away(String, Duration),
    /// The database went away while the decision was being stored: perhaps it was.
    InDoubt(String),
    /// It can never work.
    Broken(String),
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        let why = format!("{error}: {}", cause(&error));
        match error {
            Error::Unavailable(_) => Self::Away(why, Duration::ZERO),
            Error::Conflict(_) => Self::Overtaken,
            Error::Refused(_) | Error::Broken { .. } => Self::Broken(why),
        }
    }
}

impl Pump {
    async fn work_on(&self, lane: &str) {
        while !self.desk.closing.is_cancelled()
            && let Some(work) = self.lanes.next(lane)
        {
            self.handle(work).await;
        }
    }

    async fn handle(&self, work: Work) {
        let desk = &self.desk;
        let (by, event) = match work {
            Work::Event(taken) => {
                forget_roles(desk, &taken.event);
                note_owner(desk, &taken.event);
                let by = By::Inbox(taken.id);
                // It may be what stopped the desk: the attempt counts before it is made.
                if taken.recovered && !may_try(desk, &by, None).await {
                    return;
                }
                (by, taken.event)
            }
            Work::Due(timer, due) => (By::Timer(timer.clone(), due), Event::Due(timer)),
        };
        let most_races = match by {
            By::Inbox(_) => RACES,
            By::Timer(..) => TIMER_RACES,
        };
        let mut patience = Patience::default();
        let mut races = 0;
        let mut in_doubt = false;
        loop {
            let attempted = self.attempt(&by, &event).await;
            in_doubt |= matches!(attempted, Err(Failed::InDoubt(_)));
            if in_doubt && matches!(attempted, Ok(_) | Err(Failed::Overtaken)) {
                // If it was stored then, what it queued is in the outbox, and nobody was told.
                desk.mail.look_everywhere();
            }
            // How long it waits at least; none if the attempt counts against the event.
            let (why, waits) = match attempted {
                Ok(outcome) => {
                    desk.measures.events.with(&["desk", outcome]).one();
                    return;
                }
                Err(Failed::Overtaken) if races < most_races => {
                    races += 1;
                    tokio::task::yield_now().await;
                    continue;
                }
                Err(Failed::Away(why, at_least)) => (why, Some(at_least)),
                Err(Failed::InDoubt(why)) => (why, Some(Duration::ZERO)),
                Err(Failed::Overtaken) => ("somebody else was faster each time".to_owned(), None),
                Err(Failed::Broken(why)) => (why, None),
            };
            if waits.is_some() {
                debug!(why, "an event waits");
            } else if may_try(desk, &by, Some(&why)).await {
                races = 0;
            } else {
                return;
            }
            let pause = patience.next_pause().max(waits.unwrap_or_default());
            if !desk.pause(pause).await {
                return;
            }
        }
    }

    async fn attempt(&self, by: &By, event: &Event) -> Result<&'static str, Failed> {
        let desk = &self.desk;
        let mut place = Place {
            places: &self.places,
            held: None,
        };
        let mut loaded = Loaded::default();
        for _ in 0..FACTS {
            place.take().await;
            let now = desk.clock.now();
            let decided = catch_unwind(AssertUnwindSafe(|| {
                decide(event, &loaded.facts, &desk.policy, now)
            }));
            match decided {
                Ok(Ok(decision)) => return store_decision(desk, by, &loaded, decision, now).await,
                Ok(Err(need)) => loaded.look_up(self, need, &mut place, now).await?,
                Err(_) => return Err(Failed::Broken("the rules panicked".to_owned())),
            }
        }
        Err(Failed::Broken("the rules ask without end".to_owned()))
    }
}

/// Counts an attempt, the next one of something that failed or the first one of something that was
/// found; whether it may be made.
async fn may_try(desk: &Arc<Desk>, by: &By, failed: Option<&str>) -> bool {
    let why = failed.unwrap_or("interrupted by a stop");
    let By::Inbox(id) = by else {
        // A timer that was moved or handled by another copy; what remains is found when it is late.
        debug!(why, "a timer was not handled");
        return false;
    };
    let mut patience = Patience::default();
    loop {
        let now = desk.clock.now();
        let counted = match failed {
            Some(why) => desk.store.retry(*id, why, now).await,
            None => desk.store.resume(*id, now).await,
        };
        match counted {
            Ok(Attempt::Again(_)) => {
                info!(why, id = id.0, "an event is tried again");
                return true;
            }
            Ok(Attempt::SetAside) => {
                error!(why, id = id.0, "an event keeps failing and is set aside");
                desk.measures.events.with(&["desk", "set_aside"]).one();
                return false;
            }
            Ok(Attempt::NotMine) => return false,
            Err(error) => {
                warn!(%error, "an attempt could not be noted");
                if !desk.pause(patience.next_pause()).await {
                    return false;
                }
            }
        }
    }
}

fn forget_roles(desk: &Desk, event: &Event) {
    if let Event::Member { who, .. } = event {
        desk.roles.forget(&who.id);
    }
}

/// Whoever has written to the bot can be shown a menu there.
fn note_owner(desk: &Desk, happened: &Event) {
    if let Event::Wrote(wrote) = happened
        && wrote.place == event::Place::Private
        && desk.policy.owners.contains_key(&wrote.who.id)
    {
        desk.owner_spoke.notify_one();
    }
}

async fn store_decision(
    desk: &Arc<Desk>,
    by: &By,
    loaded: &Loaded,
    decision: Decision,
    now: Timestamp,
) -> Result<&'static str, Failed> {
    let outcome = match decision.ignored {
        Some(why) => {
            info!(why, "ignored");
            "ignored"
        }
        None => "handled",
    };
    let timers = decision.timers.clone();
    let commit = proven::commit(by, loaded, decision);
    let committed = desk
        .store
        .commit(commit, now)
        .await
        .map_err(|error| match error.into() {
            Failed::Away(why, _) => Failed::InDoubt(why),
            known => known,
        })?;
    for (timer, due) in timers {
        desk.mail.arm(timer, due);
    }
    desk.mail.carry_on(committed);
    Ok(outcome)
}
