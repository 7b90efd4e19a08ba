//! Webhooks: one POST per update, several lanes at once, each in order, repeated until a 2xx confirms.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::error::{ApiError, bad};
use super::updates::{Lane, Queue, Update};
use crate::args::Args;
use crate::clock::Millis;
use crate::world::World;

/// The longest pause between attempts.
const MAX_PAUSE: Duration = Duration::from_mins(1);
/// A webhook that says 410 Gone for so long is removed.
const GONE: Millis = 23 * 3600 * 1000;
/// A longer `Retry-After` is not believed.
const MAX_RETRY_AFTER: Duration = Duration::from_hours(1);

/// A webhook and what waits for it.
#[derive(Debug)]
pub(crate) struct Webhook {
    url: String,
    secret: Option<String>,
    max_connections: usize,
    has_certificate: bool,
    ip_address: Option<String>,
    lanes: HashMap<Lane, VecDeque<Update>>,
    /// Lanes with something to do that nobody serves yet.
    ready: VecDeque<Lane>,
    serving: usize,
    pending: usize,
    last_error: Option<(i64, String)>,
    /// Since when it has answered nothing but 410 Gone.
    gone_since: Option<Millis>,
    /// Tells this webhook from its successors.
    number: u64,
}

impl Webhook {
    pub(crate) fn pending(&self) -> usize {
        self.pending
    }

    pub(crate) fn add(&mut self, update: Update) {
        // A lane leaves the map only when whoever serves it has found it empty: so nobody serves it twice.
        let ready = &mut self.ready;
        let lane = self.lanes.entry(update.lane).or_insert_with(|| {
            ready.push_back(update.lane);
            VecDeque::new()
        });
        lane.push_back(update);
        self.pending += 1;
    }

    pub(crate) fn clear(&mut self) {
        self.lanes.values_mut().for_each(VecDeque::clear);
        self.pending = 0;
    }

    pub(crate) fn into_updates(self) -> impl Iterator<Item = Update> {
        self.lanes.into_values().flatten()
    }

    /// A lane to serve, if a connection is free.
    fn next(&mut self) -> Option<Lane> {
        if self.serving >= self.max_connections {
            return None;
        }
        let lane = self.ready.pop_front()?;
        self.serving += 1;
        Some(lane)
    }

    /// The lane's first update that is still worth delivering.
    fn head(&mut self, lane: Lane, now: Millis) -> Option<Update> {
        let updates = self.lanes.get_mut(&lane)?;
        while updates.front().is_some_and(|update| update.expires <= now) {
            updates.pop_front();
            self.pending -= 1;
        }
        if let Some(update) = updates.front() {
            return Some(update.clone());
        }
        self.lanes.remove(&lane);
        None
    }

    /// An attempt failed. True when the webhook has been gone for so long that it is given up.
    fn failed(&mut self, failed: Failed, now: Millis) -> bool {
        self.last_error = Some((now / 1000, failed.why));
        self.gone_since = failed.gone.then(|| self.gone_since.unwrap_or(now));
        self.gone_since.is_some_and(|since| now - since >= GONE)
    }

    /// The lane's first update was confirmed.
    fn done(&mut self, lane: Lane, id: i64) {
        if let Some(updates) = self.lanes.get_mut(&lane)
            && updates.front().is_some_and(|update| update.id == id)
        {
            updates.pop_front();
            self.pending -= 1;
        }
    }
}

/// `setWebhook`; an empty URL removes it.
pub(crate) fn set(world: &Arc<World>, bot: i64, args: &Args) -> Result<Value, ApiError> {
    let url = args.text("url").unwrap_or_default();
    if url.is_empty() {
        return Ok(delete(world, bot, args.flag("drop_pending_updates")));
    }
    let Some((_, rest)) = url
        .split_once("://")
        .filter(|(scheme, _)| matches!(*scheme, "http" | "https"))
    else {
        return Err(bad(
            "bad webhook: An HTTPS URL must be provided for webhook",
        ));
    };
    if rest.is_empty() || rest.starts_with('/') {
        return Err(bad("invalid webhook URL specified"));
    }
    let secret = args.text("secret_token").unwrap_or_default();
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if secret.len() > 256 {
        return Err(bad("secret token is too long"));
    }
    if !secret.chars().all(allowed) {
        return Err(bad("secret token contains unallowed characters"));
    }
    let connections = args
        .int("max_connections")
        .filter(|n| (1..=100).contains(n))
        .unwrap_or(40);
    let number = world.act(|scene| {
        scene.touch();
        let number = scene.telegram.next_serial();
        let queue = &mut scene.telegram.bot(bot).queue;
        queue.allow(args);
        if args.flag("drop_pending_updates") {
            queue.drop_pending();
        }
        queue.switch(Some(Webhook {
            url: url.to_owned(),
            secret: Some(secret.to_owned()).filter(|secret| !secret.is_empty()),
            max_connections: usize::try_from(connections).unwrap_or(40),
            has_certificate: args.files.contains_key("certificate"),
            ip_address: args.text("ip_address").map(str::to_owned),
            lanes: HashMap::new(),
            ready: VecDeque::new(),
            serving: 0,
            pending: 0,
            last_error: None,
            gone_since: None,
            number,
        }));
        number
    });
    tokio::spawn(dispatch(world.clone(), bot, number));
    Ok(true.into())
}

/// `deleteWebhook`.
pub(crate) fn delete(world: &World, bot: i64, drop_pending: bool) -> Value {
    world.act(|scene| {
        scene.touch();
        let queue = &mut scene.telegram.bot(bot).queue;
        if drop_pending {
            queue.drop_pending();
        }
        if queue.webhook.is_some() {
            queue.switch(None);
        }
    });
    true.into()
}

/// `getWebhookInfo`.
pub(crate) fn info(queue: &Queue) -> Value {
    let mut info = json!({
        "url": "",
        "has_custom_certificate": false,
        "pending_update_count": queue.pending(),
    });
    if let Some(webhook) = &queue.webhook {
        info["url"] = webhook.url.clone().into();
        info["has_custom_certificate"] = webhook.has_certificate.into();
        info["max_connections"] = webhook.max_connections.into();
        info["ip_address"] = webhook
            .ip_address
            .clone()
            .unwrap_or("127.0.0.1".to_owned())
            .into();
        if let Some((date, message)) = &webhook.last_error {
            info["last_error_date"] = (*date).into();
            info["last_error_message"] = message.clone().into();
        }
    }
    if let Some(kinds) = queue.allowed() {
        info["allowed_updates"] = kinds.into();
    }
    info
}

/// Gives lanes to connections until the webhook is replaced or removed.
async fn dispatch(world: Arc<World>, bot: i64, number: u64) {
    let wake = world.act(|scene| scene.telegram.bot(bot).queue.wake.clone());
    loop {
        let woken = wake.notified();
        tokio::pin!(woken);
        woken.as_mut().enable();
        loop {
            match with(&world, bot, number, |webhook, _| webhook.next()) {
                None => return,
                Some(None) => break,
                Some(Some(lane)) => drop(tokio::spawn(serve(world.clone(), bot, number, lane))),
            }
        }
        tokio::select! {
            () = &mut woken => {}
            () = world.stop.cancelled() => return,
        }
    }
}

/// Delivers a lane's updates, one after the other, until it is empty.
async fn serve(world: Arc<World>, bot: i64, number: u64, lane: Lane) {
    let mut attempt = 0;
    loop {
        let head = with(&world, bot, number, |webhook, now| {
            let update = webhook.head(lane, now);
            if update.is_none() {
                webhook.serving -= 1;
            }
            update.map(|update| (update, webhook.url.clone(), webhook.secret.clone()))
        });
        let Some(head) = head else { return };
        let Some((update, url, secret)) = head else {
            break;
        };
        match deliver(&world, &url, secret.as_deref(), &update).await {
            Ok(answer) => {
                attempt = 0;
                world.act(|scene| {
                    let queue = &mut scene.telegram.bot(bot).queue;
                    if let Some(webhook) = current(queue, number) {
                        webhook.gone_since = None;
                        webhook.done(lane, update.id);
                        queue.remember(update);
                    }
                    scene.touch();
                });
                obey(&world, bot, answer).await;
            }
            Err(failed) => {
                attempt += 1;
                let pause = failed.retry_after.unwrap_or_else(|| pause(attempt));
                let at = world.clock.millis() + Millis::try_from(pause.as_millis()).unwrap_or(0);
                let gone = with(&world, bot, number, |webhook, now| {
                    webhook.failed(failed, now)
                });
                if gone == Some(true) {
                    delete(&world, bot, false);
                    return;
                }
                tokio::select! {
                    () = world.clock.sleep_until(at) => {}
                    () = world.stop.cancelled() => return,
                }
            }
        }
    }
    let wake = world.act(|scene| scene.telegram.bot(bot).queue.wake.clone());
    wake.notify_waiters();
}

/// At once, then 2, 4, 8 … seconds.
fn pause(attempt: u32) -> Duration {
    match attempt {
        0 | 1 => Duration::ZERO,
        _ => Duration::from_secs(1 << (attempt - 1).min(6)).min(MAX_PAUSE),
    }
}

struct Failed {
    why: String,
    /// 410.
    gone: bool,
    retry_after: Option<Duration>,
}

/// One POST. The answer's body, or why it does not count.
async fn deliver(
    world: &World,
    url: &str,
    secret: Option<&str>,
    update: &Update,
) -> Result<bytes::Bytes, Failed> {
    let mut request = world
        .http()
        .post(url)
        .header("content-type", "application/json")
        .body(update.body.to_string());
    if let Some(secret) = secret {
        request = request.header("x-telegram-bot-api-secret-token", secret);
    }
    let failed = |why: String| Failed {
        why,
        gone: false,
        retry_after: None,
    };
    let response = request.send().await.map_err(|error| {
        failed(
            if error.is_connect() {
                "Connection refused"
            } else {
                "Connection closed"
            }
            .to_owned(),
        )
    })?;
    let status = response.status();
    if status.is_success() {
        return Ok(response.bytes().await.unwrap_or_default());
    }
    let retry_after = response
        .headers()
        .get("retry-after")
        .and_then(|value| value.to_str().ok()?.parse().ok())
        .map(|seconds| Duration::from_secs(seconds).min(MAX_RETRY_AFTER));
    Err(Failed {
        why: format!("Wrong response from the webhook: {status}"),
        gone: status == reqwest::StatusCode::GONE,
        retry_after,
    })
}

/// A 2xx body may hold one method call; its result is discarded.
async fn obey(world: &Arc<World>, bot: i64, answer: bytes::Bytes) {
    let Ok(Value::Object(mut values)) = serde_json::from_slice(&answer) else {
        return;
    };
    let Some(Value::String(method)) = values.remove("method") else {
        return;
    };
    let args = Args {
        values,
        ..Args::default()
    };
    // Boxed, because the call may in turn set a webhook.
    Box::pin(super::execute(world, bot, &method, args)).await;
}

/// Does something with the webhook of this number; `None` when it is gone.
fn with<T>(
    world: &World,
    bot: i64,
    number: u64,
    deed: impl FnOnce(&mut Webhook, Millis) -> T,
) -> Option<T> {
    world.act(|scene| {
        let now = scene.now;
        current(&mut scene.telegram.bot(bot).queue, number).map(|webhook| deed(webhook, now))
    })
}

fn current(queue: &mut Queue, number: u64) -> Option<&mut Webhook> {
    queue
        .webhook
        .as_mut()
        .filter(|webhook| webhook.number == number)
}
