//! The way in: updates are polled or received, read, and stored; only then is the messenger told that
//! they have arrived.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State},
    http::{HeaderMap, StatusCode},
    routing::post,
};
use channels::{
    Channel, Heard, Undelivered, Unreadable, What,
    http::Secret,
    telegram::webhook::{LARGEST_BODY, SECRET_HEADER, is_from_telegram},
};
use engine::ids::ChannelId;
use sha2::{Digest, Sha256};
use store::{Intake, NewUpdate};
use tokio::sync::watch;
use tracing::{debug, error, info, warn};

use crate::desk::{Desk, Patience};

/// Where Telegram's webhook is.
pub(crate) const TELEGRAM_WEBHOOK: &str = "/webhooks/telegram";

/// A token that is refused is tried again so often: its owner may mend it at the messenger's.
const REFUSED: Duration = Duration::from_secs(30);

/// Reads updates and stores what they mean, together with where to go on; hands it to the pump.
async fn take(
    desk: &Arc<Desk>,
    channel: &dyn Channel,
    raw: &[Bytes],
    cursor: Option<String>,
) -> store::db::error::Result<()> {
    let mut updates = Vec::new();
    for raw in raw {
        match channel.read(raw) {
            Ok(heard) => {
                let events = heard
                    .into_iter()
                    .filter_map(|heard| meant(desk, channel, heard));
                updates.extend(events.map(|(key, lane, event)| NewUpdate {
                    key,
                    lane,
                    raw: raw.to_vec(),
                    heard: Ok(event),
                }));
            }
            Err(unreadable) => updates.push(set_aside(channel.id(), raw, unreadable)),
        }
    }
    if updates.is_empty() && cursor.is_none() {
        return Ok(());
    }
    let intake = Intake {
        channel: channel.id().clone(),
        updates,
        cursor,
    };
    let taken = desk.store.take_in(intake, desk.clock.now()).await?;
    desk.mail.handle(taken);
    Ok(())
}

fn meant(
    desk: &Desk,
    channel: &dyn Channel,
    heard: Heard,
) -> Option<(String, String, engine::event::Event)> {
    match heard.what {
        What::Event(event) => Some((heard.key, heard.lane, event)),
        What::Ignored(why) => {
            debug!(channel = %channel.id(), key = heard.key, why, "ignored");
            desk.measures
                .events
                .with(&[channel.id().as_str(), "ignored"])
                .one();
            None
        }
        What::Moved { from, to } => {
            desk.group_moved(&from, &to);
            None
        }
    }
}

fn set_aside(channel: &ChannelId, raw: &[u8], unreadable: Unreadable) -> NewUpdate {
    let Unreadable { key, reason } = unreadable;
    error!(%channel, reason, "an update cannot be read and is set aside");
    let key = key.unwrap_or_else(|| {
        let digest = Sha256::digest(raw);
        let head: [u8; 16] = std::array::from_fn(|at| digest[at]);
        format!("unreadable/{:032x}", u128::from_be_bytes(head))
    });
    NewUpdate {
        key,
        lane: channel.to_string(),
        raw: raw.to_vec(),
        heard: Err(reason),
    }
}

/// Polls Telegram while this copy is the one that does, until the desk closes.
pub(crate) async fn poll(desk: Arc<Desk>, mut leads: watch::Receiver<bool>) {
    while !desk.closing.is_cancelled() {
        let waited = tokio::select! {
            () = desk.closing.cancelled() => return,
            waited = leads.wait_for(|leads| *leads) => waited.is_ok(),
        };
        if !waited {
            return;
        }
        let mut led = leads.clone();
        tokio::select! {
            // When the desk closes, the lease goes too: that is no other copy.
            biased;
            () = desk.closing.cancelled() => return,
            _lost = led.wait_for(|leads| !*leads) => info!("another copy polls now"),
            () = poll_while_leading(&desk) => {}
        }
    }
}

async fn poll_while_leading(desk: &Arc<Desk>) {
    let telegram = &desk.telegram;
    let mut patience = Patience::default();
    let mut cursor = loop {
        match desk.store.cursor(telegram.id()).await {
            Ok(cursor) => break cursor,
            Err(error) => {
                desk.heard_of_database(Err(&error));
                tokio::time::sleep(patience.next_pause()).await;
            }
        }
    };
    info!("Start polling");
    prepare_polling(desk).await;
    let mut patience = Patience::default();
    loop {
        match telegram.next(cursor.as_deref()).await {
            Ok(batch) => {
                patience = Patience::default();
                in_order(desk);
                if batch.updates.is_empty() && batch.cursor == cursor {
                    continue;
                }
                store_batch(desk, &batch.updates, batch.cursor.clone()).await;
                cursor = batch.cursor.or(cursor);
            }
            Err(failed) => {
                tokio::time::sleep(trouble(desk, &failed, &mut patience)).await;
                if matches!(failed, Undelivered::Unreached(_)) {
                    prepare_polling(desk).await;
                }
            }
        }
    }
}

/// A batch is stored before the next is asked for, however long the database is away.
async fn store_batch(desk: &Arc<Desk>, updates: &[Bytes], cursor: Option<String>) {
    let mut patience = Patience::default();
    loop {
        match take(desk, &*desk.telegram, updates, cursor.clone()).await {
            Ok(()) => return,
            Err(error) => {
                desk.heard_of_database(Err(&error));
                warn!(%error, "updates wait until they can be stored");
                tokio::time::sleep(patience.next_pause()).await;
            }
        }
    }
}

/// A webhook that another program has set would keep every update from us.
async fn prepare_polling(desk: &Arc<Desk>) {
    match desk.telegram.use_polling().await {
        Ok(()) => in_order(desk),
        Err(failed) => {
            trouble(desk, &failed, &mut Patience::default());
        }
    }
}

/// Notes that the messenger answers, for `/readyz`.
pub(crate) fn in_order(desk: &Desk) {
    if desk.readiness.fine(desk.telegram.id().as_str()) {
        info!(channel = %desk.telegram.id(), "the messenger answers");
    }
}

/// Notes what is wrong; how long to wait.
fn trouble(desk: &Desk, failed: &Undelivered, patience: &mut Patience) -> Duration {
    let channel = desk.telegram.id().as_str();
    if desk.readiness.trouble(channel, &failed.to_string()) {
        warn!(channel, %failed, "the messenger does not answer");
    }
    match failed {
        Undelivered::Wait(pause) => *pause,
        Undelivered::Locked(_) => REFUSED,
        Undelivered::Unreached(_)
        | Undelivered::Unknown(_)
        | Undelivered::Gone(_)
        | Undelivered::Moved(_)
        | Undelivered::Moot(_)
        | Undelivered::Refused { .. } => patience.next_pause(),
    }
}

/// Tells Telegram where to bring updates, until it has understood.
pub(crate) async fn announce_webhook(desk: Arc<Desk>, public_url: String, secret: Secret) {
    let url = format!("{public_url}{TELEGRAM_WEBHOOK}");
    let mut patience = Patience::default();
    while !desk.closing.is_cancelled() {
        match desk.telegram.use_webhook(&url, &secret).await {
            Ok(()) => {
                info!("Telegram brings updates to the webhook");
                in_order(&desk);
                return;
            }
            Err(failed) => {
                let pause = trouble(&desk, &failed, &mut patience);
                desk.pause(pause).await;
            }
        }
    }
}

#[derive(Clone)]
struct Door {
    desk: Arc<Desk>,
    secret: Secret,
}

/// The webhook. What does not bear the secret changes nothing; what cannot be stored now is refused
/// with 503, and Telegram brings it again.
pub(crate) fn webhook(desk: Arc<Desk>, secret: Secret) -> Router {
    Router::new()
        .route(TELEGRAM_WEBHOOK, post(receive))
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .with_state(Door { desk, secret })
}

async fn receive(State(door): State<Door>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let header = headers
        .get(SECRET_HEADER)
        .map(axum::http::HeaderValue::as_bytes);
    if !is_from_telegram(header, &door.secret) {
        warn!("a request to the webhook without the secret was turned away");
        return StatusCode::UNAUTHORIZED;
    }
    match take(&door.desk, &*door.desk.telegram, &[body], None).await {
        Ok(()) => StatusCode::OK,
        Err(error) => {
            door.desk.heard_of_database(Err(&error));
            StatusCode::SERVICE_UNAVAILABLE
        }
    }
}
