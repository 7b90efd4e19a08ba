//! A bot's queue of updates, and `getUpdates`.
//!
//! What must stay true: an update stays until an offset above it, or a webhook's 2xx, confirms it; re-reading gives
//! the same updates again; only one poller is served at a time.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use super::error::{ApiError, bad, conflict};
use super::webhook::Webhook;
use crate::args::Args;
use crate::clock::Millis;
use crate::world::World;

/// Updates are kept for a day, presses for 150 seconds (tdlib/telegram-bot-api).
const DAY: Millis = 24 * 3600 * 1000;
const PRESS_LIFETIME: Millis = 150_000;
/// Beyond this new updates are lost, as in the real server.
const MAX_WAITING: usize = 100_000;
/// Confirmed updates remembered for `POST /sandbox/redeliver`.
const MAX_PAST: usize = 10_000;
/// Not sent unless asked for by name.
const NOT_BY_DEFAULT: [&str; 3] = ["chat_member", "message_reaction", "message_reaction_count"];

/// Webhook deliveries keep their order inside a lane only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Lane {
    Messages(i64),
    Presses(i64),
    Reactions(i64),
    Members(i64),
    Raw,
}

impl Lane {
    fn lifetime(self) -> Millis {
        match self {
            Self::Presses(_) => PRESS_LIFETIME,
            Self::Messages(_) | Self::Reactions(_) | Self::Members(_) | Self::Raw => DAY,
        }
    }
}

/// One update, as JSON text.
#[derive(Clone, Debug)]
pub(crate) struct Update {
    pub(crate) id: i64,
    pub(crate) body: Arc<str>,
    pub(crate) lane: Lane,
    pub(crate) expires: Millis,
    /// Put in by hand below the offset: it is delivered once although the offset has passed it.
    forced: bool,
}

/// The queue.
#[derive(Debug)]
pub(crate) struct Queue {
    next_id: i64,
    /// By ascending id.
    waiting: VecDeque<Update>,
    past: VecDeque<Update>,
    /// As asked for last; `None`: the default.
    allowed: Option<Vec<String>>,
    pub(crate) webhook: Option<Webhook>,
    /// Wakes the poller, or what serves the webhook.
    pub(crate) wake: Arc<Notify>,
    /// Number of the poll being served: a newer one ends it.
    poll: u64,
    polling: bool,
    last_poll: Option<(Instant, i64)>,
}

impl Queue {
    pub(crate) fn new(bot: i64) -> Self {
        // Looks random, as the real one does, but is the same in every run.
        let next_id = 100_000_000 + bot.wrapping_mul(7_919).rem_euclid(800_000_000);
        Self {
            next_id,
            waiting: VecDeque::new(),
            past: VecDeque::new(),
            allowed: None,
            webhook: None,
            wake: Arc::new(Notify::new()),
            poll: 0,
            polling: false,
            last_poll: None,
        }
    }

    pub(crate) fn pending(&self) -> usize {
        self.waiting.len() + self.webhook.as_ref().map_or(0, Webhook::pending)
    }

    /// For the page: how the bot gets its updates.
    pub(crate) fn mode(&self) -> &'static str {
        if self.webhook.is_some() {
            "webhook"
        } else if self.polling
            || self
                .last_poll
                .is_some_and(|(at, _)| at.elapsed() < Duration::from_mins(1))
        {
            "polling"
        } else {
            "idle"
        }
    }

    pub(crate) fn wants(&self, kind: &str) -> bool {
        match &self.allowed {
            Some(kinds) => kinds.iter().any(|wanted| wanted == kind),
            None => !NOT_BY_DEFAULT.contains(&kind),
        }
    }

    /// The kinds asked for, for `getWebhookInfo`.
    pub(crate) fn allowed(&self) -> Option<&[String]> {
        self.allowed.as_deref()
    }

    /// An empty list asks for the default; an absent one leaves things as they were.
    pub(crate) fn allow(&mut self, args: &Args) {
        if let Some(list) = args.get("allowed_updates").and_then(|list| list.as_array()) {
            let kinds: Vec<String> = list
                .iter()
                .filter_map(|kind| kind.as_str())
                .map(str::to_owned)
                .collect();
            self.allowed = if kinds.is_empty() { None } else { Some(kinds) };
        }
    }

    /// Adds an update of a kind that the bot wants. `content` is the JSON text of its only field.
    pub(crate) fn push(&mut self, kind: &str, content: &str, lane: Lane, now: Millis) {
        if self.pending() >= MAX_WAITING {
            return;
        }
        let id = self.next_id;
        self.next_id += 1;
        let body = format!(r#"{{"update_id":{id},"{kind}":{content}}}"#);
        let expires = now + lane.lifetime();
        self.queue(Update {
            id,
            body: body.into(),
            lane,
            expires,
            forced: false,
        });
    }

    /// Adds an update by hand, as it is; gives its id.
    pub(crate) fn push_raw(&mut self, mut update: serde_json::Value, now: Millis) -> i64 {
        let given = update.get("update_id").and_then(serde_json::Value::as_i64);
        let id = given.unwrap_or(self.next_id);
        self.next_id = self.next_id.max(id + 1);
        if let Some(fields) = update.as_object_mut() {
            fields.entry("update_id").or_insert_with(|| id.into());
        }
        let body = update.to_string().into();
        self.queue(Update {
            id,
            body,
            lane: Lane::Raw,
            expires: now + DAY,
            forced: true,
        });
        id
    }

    /// Puts a confirmed update into the queue once more. False when it is not remembered.
    pub(crate) fn redeliver(&mut self, id: i64, now: Millis) -> bool {
        let Some(old) = self.past.iter().rev().find(|old| old.id == id).cloned() else {
            return false;
        };
        self.queue(Update {
            forced: true,
            expires: now + DAY,
            ..old
        });
        true
    }

    fn queue(&mut self, update: Update) {
        if let Some(webhook) = &mut self.webhook {
            webhook.add(update);
        } else {
            let at = self.waiting.partition_point(|known| known.id <= update.id);
            self.waiting.insert(at, update);
        }
        self.wake.notify_waiters();
    }

    /// Remembers an update that was confirmed.
    pub(crate) fn remember(&mut self, update: Update) {
        if self.past.len() == MAX_PAST {
            self.past.pop_front();
        }
        self.past.push_back(update);
    }

    pub(crate) fn drop_pending(&mut self) {
        self.waiting.clear();
        if let Some(webhook) = &mut self.webhook {
            webhook.clear();
        }
    }

    /// Switches to a webhook (`None`: back to polling); what waits moves along.
    pub(crate) fn switch(&mut self, webhook: Option<Webhook>) {
        let mut waiting: Vec<Update> = self.waiting.drain(..).collect();
        if let Some(old) = self.webhook.take() {
            waiting.extend(old.into_updates());
            waiting.sort_by_key(|update| update.id);
        }
        self.webhook = webhook;
        match &mut self.webhook {
            Some(webhook) => waiting.into_iter().for_each(|update| webhook.add(update)),
            None => self.waiting = waiting.into(),
        }
        self.wake.notify_waiters();
    }

    /// Confirms everything below the offset; a negative one keeps only so many of the last.
    fn confirm(&mut self, offset: i64) {
        // An offset far beyond the end belongs to another life of the bot (TQueue).
        if offset > self.next_id + 10 {
            return;
        }
        let count = if offset < 0 {
            let keep = usize::try_from(offset.unsigned_abs()).unwrap_or(usize::MAX);
            self.waiting.len().saturating_sub(keep)
        } else {
            self.waiting.partition_point(|update| update.id < offset)
        };
        let done: Vec<Update> = self.waiting.drain(..count).collect();
        for update in done.into_iter().rev() {
            if update.forced && offset >= 0 {
                self.waiting.push_front(update);
            } else {
                self.remember(update);
            }
        }
    }

    /// The first updates that have not expired.
    fn read(&mut self, limit: usize, now: Millis) -> Vec<Arc<str>> {
        while self
            .waiting
            .front()
            .is_some_and(|update| update.expires <= now)
        {
            self.waiting.pop_front();
        }
        let alive = self
            .waiting
            .iter_mut()
            .filter(|update| update.expires > now)
            .take(limit);
        let read = alive.map(|update| {
            update.forced = false;
            update.body.clone()
        });
        read.collect()
    }
}

/// `getUpdates`: the JSON text of the list. Waits up to 50 seconds when there is nothing.
pub(crate) async fn poll(world: &World, bot: i64, args: &Args) -> Result<String, ApiError> {
    let offset = args.int("offset").unwrap_or(0);
    let mut limit = args
        .int("limit")
        .and_then(|n| usize::try_from(n).ok())
        .filter(|n| (1..=100).contains(n))
        .unwrap_or(100);
    let mut timeout = u64::try_from(args.int("timeout").unwrap_or(0))
        .unwrap_or(0)
        .min(50);
    let (wake, number) = world.act(|scene| {
        let hurry = scene.enforce;
        let queue = &mut scene.telegram.bot(bot).queue;
        if queue.webhook.is_some() {
            return Err(conflict(
                "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
            ));
        }
        // The real server slows down those who ask for the same thing again and again.
        if hurry && let Some((at, last)) = queue.last_poll && last == offset {
            if at.elapsed() < Duration::from_millis(500) {
                limit = 1;
            }
            if at.elapsed() < Duration::from_secs(3) {
                timeout = timeout.max(3);
            }
        }
        let was_idle = queue.mode() == "idle";
        queue.allow(args);
        queue.confirm(offset);
        queue.poll += 1;
        queue.polling = true;
        queue.last_poll = Some((Instant::now(), offset));
        let asked = (queue.wake.clone(), queue.poll);
        queue.wake.notify_waiters();
        if was_idle {
            scene.touch();
        }
        Ok(asked)
    })?;
    let deadline = tokio::time::Instant::now() + Duration::from_secs(timeout);
    loop {
        let woken = wake.notified();
        tokio::pin!(woken);
        woken.as_mut().enable();
        let over = tokio::time::Instant::now() >= deadline || world.stop.is_cancelled();
        if let Some(answer) = serve(world, bot, number, limit, over)? {
            return Ok(answer);
        }
        tokio::select! {
            () = &mut woken => {}
            () = tokio::time::sleep_until(deadline) => {}
            () = world.stop.cancelled() => {}
        }
    }
}

/// One look into the queue for the poll of this number.
fn serve(
    world: &World,
    bot: i64,
    number: u64,
    limit: usize,
    over: bool,
) -> Result<Option<String>, ApiError> {
    world.act(|scene| {
        let now = scene.now;
        let queue = &mut scene.telegram.bot(bot).queue;
        if queue.webhook.is_some() {
            return Err(conflict("terminated by setWebhook request"));
        }
        if queue.poll != number {
            return Err(conflict(
                "terminated by other getUpdates request; make sure that only one bot instance is running",
            ));
        }
        let batch = queue.read(limit, now);
        if batch.is_empty() && !over {
            return Ok(None);
        }
        queue.polling = false;
        Ok(Some(format!("[{}]", batch.join(","))))
    })
}

/// The `update_id`s inside a `getUpdates` answer, for the call log.
pub(crate) fn summary(answer: &[u8]) -> String {
    #[derive(serde::Deserialize)]
    struct Answer {
        result: Vec<Numbered>,
    }
    #[derive(serde::Deserialize)]
    struct Numbered {
        update_id: Option<i64>,
    }
    let list = serde_json::from_slice::<Answer>(answer).map(|answer| answer.result);
    let ids: Vec<i64> = list
        .unwrap_or_default()
        .into_iter()
        .filter_map(|update| update.update_id)
        .collect();
    serde_json::json!({ "ok": true, "update_ids": ids }).to_string()
}

/// A kind that `allowed_updates` may name.
pub(crate) fn check_kinds(args: &Args) -> Result<(), ApiError> {
    match args.get("allowed_updates") {
        None => Ok(()),
        Some(list) if list.is_array() => Ok(()),
        Some(_) => Err(bad("can't parse allowed updates JSON object")),
    }
}
