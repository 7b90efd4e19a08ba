//! Bots Long Poll: `GET /vk/longpoll/<community>?act=a_check&key&ts&wait`.
//!
//! The queue is here and nothing is ever confirmed: a client that asks with an old `ts` reads the same events again.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::Notify;

use super::error::{Outcome, bad};
use super::events::Event;
use crate::world::{Deed, Scene, World};

/// Events that can still be read; whoever asks for older ones has lost them.
const MAX_EVENTS: usize = 100_000;
/// Remembered for `POST /sandbox/vk/redeliver`.
const MAX_PAST: usize = 10_000;
/// Seconds that a poll waits at most, and usually.
const MAX_WAIT: u64 = 90;
const USUAL_WAIT: u64 = 25;
/// A community that has asked so recently is polling.
const RECENT: Duration = Duration::from_mins(2);

/// A community's events.
pub(crate) struct History {
    /// `ts` of the first event that can be read.
    first: u64,
    events: VecDeque<Event>,
    past: VecDeque<Event>,
    community: i64,
    /// Each key has a number; only the newest holds.
    key: u64,
    /// Told once to whoever asks next with the right key.
    fail: bool,
    /// What a wrong key is told: 2, or 3 when the history is lost too.
    stale: u8,
    /// The newest `ts` that somebody has asked with.
    read: u64,
    asked: Option<Instant>,
    pub(crate) wake: Arc<Notify>,
}

impl History {
    pub(crate) fn new(community: i64) -> Self {
        let first = 1 + community.unsigned_abs() % 1000;
        Self {
            first,
            events: VecDeque::new(),
            past: VecDeque::new(),
            community,
            key: 1,
            fail: false,
            stale: 2,
            read: first,
            asked: None,
            wake: Arc::new(Notify::new()),
        }
    }

    fn next(&self) -> u64 {
        self.first + self.events.len() as u64
    }

    fn key(&self) -> String {
        let mix = self.key.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ self.community.unsigned_abs();
        format!("{mix:016x}{:016x}", mix.rotate_left(17))
    }

    pub(crate) fn push(&mut self, event: Event) {
        self.events.push_back(event);
        if self.events.len() > MAX_EVENTS {
            self.events.pop_front();
            self.first += 1;
        }
        self.wake.notify_waiters();
    }

    pub(crate) fn keep(&mut self, event: Event) {
        self.past.push_back(event);
        if self.past.len() > MAX_PAST {
            self.past.pop_front();
        }
    }

    pub(crate) fn find(&self, id: &str) -> Option<Event> {
        self.past.iter().rev().find(|event| event.id == id).cloned()
    }

    /// Events that nobody has asked beyond.
    pub(crate) fn pending(&self) -> u64 {
        self.next().saturating_sub(self.read)
    }

    pub(crate) fn is_polled(&self) -> bool {
        self.asked.is_some_and(|at| at.elapsed() < RECENT)
    }

    /// What `groups.getLongPollServer` tells; it mends a lost history.
    fn server(&mut self, base: &str) -> Value {
        self.stale = 2;
        let server = format!("{base}/vk/longpoll/{}", self.community);
        json!({ "key": self.key(), "server": server, "ts": self.next().to_string() })
    }

    fn lose(&mut self) {
        self.first = self.next();
        self.events.clear();
    }

    /// One look; `None`: nothing yet.
    fn look(&mut self, asked: &Asked) -> Option<Value> {
        if asked.key.as_deref() != Some(self.key().as_str()) {
            return Some(json!({ "failed": self.stale }));
        }
        let next = self.next();
        let ts = asked.ts.as_deref().and_then(|ts| ts.parse().ok());
        let ts = ts.filter(|ts| (self.first..=next).contains(ts));
        let fails = std::mem::take(&mut self.fail);
        let Some(ts) = ts.filter(|_| !fails) else {
            // Here alone `ts` is a number.
            return Some(json!({ "failed": 1, "ts": next }));
        };
        self.read = self.read.max(ts);
        if ts == next {
            return None;
        }
        let skip = usize::try_from(ts - self.first).unwrap_or(usize::MAX);
        let updates = self
            .events
            .iter()
            .skip(skip)
            .map(|event| (*event.body).clone());
        Some(json!({ "ts": next.to_string(), "updates": updates.collect::<Vec<_>>() }))
    }

    fn nothing(&self) -> Value {
        json!({ "ts": self.next().to_string(), "updates": [] })
    }
}

/// `groups.getLongPollServer`.
pub(crate) fn server(scene: &mut Scene, community: i64) -> Outcome {
    let owner = scene.vk.community(community);
    if !owner.polling {
        return Err(bad("longpoll for this group is not enabled"));
    }
    Ok(owner.history.server(&scene.base))
}

/// The query of a check.
#[derive(Deserialize)]
pub(crate) struct Asked {
    act: Option<String>,
    key: Option<String>,
    ts: Option<String>,
    wait: Option<u64>,
}

/// Waits for events. The answer, and the same for the log: of events only the ids.
pub(crate) async fn check(world: &World, community: i64, asked: &Asked) -> (Value, Value) {
    if asked.act.as_deref() != Some("a_check") {
        let failed = json!({ "failed": 4, "error": "act is a_check" });
        return (failed.clone(), failed);
    }
    let wait = Duration::from_secs(asked.wait.unwrap_or(USUAL_WAIT).min(MAX_WAIT));
    let deadline = tokio::time::Instant::now() + wait;
    loop {
        let wake = world.act(|scene| {
            let owner = scene.vk.communities.get_mut(&community)?;
            let was_polled = owner.history.is_polled();
            owner.history.asked = Some(Instant::now());
            let wake = owner.history.wake.clone();
            if !was_polled {
                scene.touch();
            }
            Some(wake)
        });
        let Some(wake) = wake else {
            let failed = json!({ "failed": 2 });
            return (failed.clone(), failed);
        };
        let woken = wake.notified();
        tokio::pin!(woken);
        woken.as_mut().enable();
        let over = tokio::time::Instant::now() >= deadline || world.stop.is_cancelled();
        let found = world.act(|scene| {
            let history = &mut scene.vk.community(community).history;
            let pending = history.pending();
            let found = history.look(asked);
            let found = found.or_else(|| over.then(|| history.nothing()));
            if history.pending() != pending {
                scene.touch();
            }
            found
        });
        if let Some(answer) = found {
            let log = summary(&answer);
            return (answer, log);
        }
        tokio::select! {
            () = &mut woken => {}
            () = tokio::time::sleep_until(deadline) => {}
            () = world.stop.cancelled() => {}
        }
    }
}

fn summary(answer: &Value) -> Value {
    let Some(updates) = answer["updates"].as_array() else {
        return answer.clone();
    };
    let ids: Vec<&Value> = updates.iter().map(|update| &update["event_id"]).collect();
    json!({ "ts": answer["ts"], "event_ids": ids })
}

#[derive(Deserialize)]
pub(crate) struct Failure {
    chat: i64,
    fail: u8,
}

/// The long poll fails: 1 events are lost, 2 the key is too old, 3 both.
pub(crate) fn fail(scene: &mut Scene, failure: &Failure) -> Deed {
    let history = &mut scene.vk.community(failure.chat).history;
    match failure.fail {
        1 => {
            history.lose();
            history.fail = true;
        }
        2 => history.key += 1,
        3 => {
            history.lose();
            history.first += 1000;
            history.key += 1;
            history.stale = 3;
        }
        _ => return Err("fail: 1, 2 or 3".to_owned()),
    }
    history.wake.notify_waiters();
    Ok(json!({}))
}
