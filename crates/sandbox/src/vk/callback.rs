//! Callback API: each server is confirmed first, then gets one POST per event, in order for each person, repeated
//! until its answer is `ok`.
//!
//! Real VK publishes neither its pauses nor when it gives up; these are ours (see the README).

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::Notify;

use super::events::{Event, VERSION, Wanted};
use crate::clock::Millis;
use crate::world::{Scene, World};

/// A server that has not answered by then has failed.
const TIMEOUT: Duration = Duration::from_secs(10);
/// The longest pause between attempts.
const MAX_PAUSE: Duration = Duration::from_mins(1);
/// A longer `Retry-After` is not believed.
const MAX_RETRY_AFTER: Duration = Duration::from_hours(3);
/// An event that could not be delivered for so long is given up.
const GIVE_UP: Millis = 24 * 3600 * 1000;

/// A server, and what waits for it.
pub(crate) struct Server {
    /// Inside the community.
    pub(crate) id: i64,
    pub(crate) title: String,
    pub(crate) url: String,
    pub(crate) secret: String,
    pub(crate) wanted: Wanted,
    pub(crate) status: Status,
    lanes: HashMap<i64, VecDeque<Event>>,
    /// Lanes with something to do that nobody serves yet.
    ready: VecDeque<i64>,
    pub(crate) wake: Arc<Notify>,
    /// Tells this server from its successors.
    pub(crate) number: u64,
}

/// How a server stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// Not confirmed yet.
    Wait,
    /// The last attempt failed.
    Failed,
    Ok,
}

impl Status {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Wait => "wait",
            Self::Failed => "failed",
            Self::Ok => "ok",
        }
    }
}

impl Server {
    pub(crate) fn new(id: i64, number: u64, url: String, secret: String, wanted: Wanted) -> Self {
        Self {
            id,
            title: String::new(),
            url,
            secret,
            wanted,
            status: Status::Wait,
            lanes: HashMap::new(),
            ready: VecDeque::new(),
            wake: Arc::new(Notify::new()),
            number,
        }
    }

    pub(crate) fn push(&mut self, event: Event) {
        // A lane leaves the map only when whoever serves it has found it empty: so nobody serves it twice.
        let ready = &mut self.ready;
        let person = event.person;
        let lane = self.lanes.entry(person).or_insert_with(|| {
            ready.push_back(person);
            VecDeque::new()
        });
        lane.push_back(event);
        self.wake.notify_waiters();
    }

    /// Takes over what waits for the server before it, and lets that one go.
    pub(crate) fn follow(&mut self, old: Self) {
        old.wake.notify_waiters();
        for event in old.lanes.into_values().flatten() {
            self.push(event);
        }
    }

    pub(crate) fn pending(&self) -> usize {
        self.lanes.values().map(VecDeque::len).sum()
    }

    fn head(&mut self, lane: i64) -> Option<Event> {
        let first = self.lanes.get(&lane)?.front().cloned();
        if first.is_none() {
            self.lanes.remove(&lane);
        }
        first
    }

    fn done(&mut self, lane: i64) {
        if let Some(events) = self.lanes.get_mut(&lane) {
            events.pop_front();
        }
    }

    /// The body of a POST: the update, with the secret in it.
    fn signed(&self, update: &Value) -> Value {
        let mut update = update.clone();
        if !self.secret.is_empty()
            && let Some(fields) = update.as_object_mut()
        {
            fields.insert("secret".to_owned(), self.secret.clone().into());
        }
        update
    }
}

/// Begins to serve the servers that came to be since the last time.
pub(crate) fn start(world: &Arc<World>) {
    let new = world.act(|scene| std::mem::take(&mut scene.vk.unserved));
    for (community, number) in new {
        tokio::spawn(serve(world.clone(), community, number));
    }
}

async fn serve(world: Arc<World>, community: i64, number: u64) {
    if !confirm(&world, community, number).await {
        return;
    }
    let Some(wake) = with(&world, community, number, |server| server.wake.clone()) else {
        return;
    };
    loop {
        let woken = wake.notified();
        tokio::pin!(woken);
        woken.as_mut().enable();
        loop {
            match with(&world, community, number, |server| server.ready.pop_front()) {
                None => return,
                Some(None) => break,
                Some(Some(lane)) => {
                    tokio::spawn(deliver(world.clone(), community, number, lane));
                }
            }
        }
        tokio::select! {
            () = &mut woken => {}
            () = world.stop.cancelled() => return,
        }
    }
}

/// Asks until the server answers with the community's code. False when it is gone.
async fn confirm(world: &World, community: i64, number: u64) -> bool {
    let mut attempt = 0;
    loop {
        let asked = with(world, community, number, |server| {
            let question = json!({ "type": "confirmation", "group_id": community, "event_id": "", "v": VERSION });
            (server.url.clone(), server.signed(&question))
        });
        let code = world.act(|scene| scene.vk.community(community).confirmation.clone());
        let Some((url, body)) = asked else {
            return false;
        };
        let answer = post(world, &url, &body, attempt).await;
        let right = answer.is_ok_and(|answer| answer == code);
        let status = if right { Status::Ok } else { Status::Failed };
        set_status(world, community, number, status);
        if right {
            return true;
        }
        attempt += 1;
        let until = world.clock.millis() + millis(pause(attempt));
        tokio::select! {
            () = world.clock.sleep_until(until) => {}
            () = world.stop.cancelled() => return false,
        }
    }
}

/// Delivers a person's events, one after the other, until there are none.
async fn deliver(world: Arc<World>, community: i64, number: u64, lane: i64) {
    let mut attempt = 0;
    let mut since = world.clock.millis();
    loop {
        let head = with(&world, community, number, |server| {
            let event = server.head(lane)?;
            Some((server.url.clone(), server.signed(&event.body)))
        });
        let Some(Some((url, body))) = head else {
            return;
        };
        let answer = post(&world, &url, &body, attempt).await;
        let is_taken = answer.as_ref().is_ok_and(|answer| answer == "ok");
        let status = if is_taken { Status::Ok } else { Status::Failed };
        set_status(&world, community, number, status);
        let now = world.clock.millis();
        let later = match answer {
            Ok(_) if is_taken => None,
            Ok(answer) if answer == "remove" => {
                remove(&world, community, number);
                return;
            }
            Ok(_) => Some(pause(attempt + 1)),
            Err(failed) => Some(failed.unwrap_or_else(|| pause(attempt + 1))),
        };
        match later {
            Some(pause) if now - since < GIVE_UP => {
                attempt += 1;
                tokio::select! {
                    () = world.clock.sleep_until(now + millis(pause)) => {}
                    () = world.stop.cancelled() => return,
                }
            }
            Some(_) | None => {
                attempt = 0;
                since = now;
                with(&world, community, number, |server| server.done(lane));
                world.act(Scene::touch);
            }
        }
    }
}

/// 1, 2, 4, 8 … seconds.
fn pause(attempt: u32) -> Duration {
    Duration::from_secs(1 << attempt.saturating_sub(1).min(6)).min(MAX_PAUSE)
}

fn millis(duration: Duration) -> Millis {
    Millis::try_from(duration.as_millis()).unwrap_or(0)
}

/// One POST. The body of a 200; otherwise for how long the server asks to be left alone, if it does.
async fn post(
    world: &World,
    url: &str,
    body: &Value,
    attempt: u32,
) -> Result<String, Option<Duration>> {
    let mut request = world
        .http()
        .post(url)
        .timeout(TIMEOUT)
        .header("content-type", "application/json")
        .body(body.to_string());
    if attempt > 0 {
        request = request.header("x-retry-counter", attempt);
    }
    let response = request.send().await.map_err(|_| None)?;
    match response.status().as_u16() {
        200 => response.text().await.map_err(|_| None),
        410 | 429 | 503 => Err(retry_after(world, &response)),
        _ => Err(None),
    }
}

/// Seconds, or a date of HTTP.
fn retry_after(world: &World, response: &reqwest::Response) -> Option<Duration> {
    let asked = response.headers().get("retry-after")?.to_str().ok()?;
    let wait = if let Ok(seconds) = asked.parse() {
        Duration::from_secs(seconds)
    } else {
        let date = jiff::fmt::rfc2822::parse(asked).ok()?.timestamp();
        let left = date.as_millisecond() - world.clock.millis();
        Duration::from_millis(u64::try_from(left).ok()?)
    };
    Some(wait.min(MAX_RETRY_AFTER))
}

fn set_status(world: &World, community: i64, number: u64, status: Status) {
    let changed = with(world, community, number, |server| {
        std::mem::replace(&mut server.status, status) != status
    });
    if changed == Some(true) {
        world.act(Scene::touch);
    }
}

fn remove(world: &World, community: i64, number: u64) {
    world.act(|scene| {
        if let Some(owner) = scene.vk.communities.get_mut(&community) {
            owner.servers.retain(|server| server.number != number);
        }
        scene.touch();
    });
}

/// Does something with the server of this number; `None` when it is gone.
fn with<T>(
    world: &World,
    community: i64,
    number: u64,
    deed: impl FnOnce(&mut Server) -> T,
) -> Option<T> {
    world.act(|scene| {
        let servers = &mut scene.vk.communities.get_mut(&community)?.servers;
        let server = servers.iter_mut().find(|server| server.number == number);
        server.map(deed)
    })
}
