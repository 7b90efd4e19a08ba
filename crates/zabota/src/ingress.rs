//! The way in: updates are polled or received, read, and stored; only then is the messenger told that
//! they have arrived.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, RawQuery, State},
    http::{HeaderMap, Method, StatusCode},
    response::{IntoResponse, Response},
    routing::get,
};
use channels::{Channel, Heard, Knock, Knocked, Undelivered, Unreadable, WayIn, What};
use engine::ids::ChannelId;
use sha2::{Digest, Sha256};
use store::{Intake, NewUpdate};
use tokio::sync::{Notify, watch};
use tracing::{debug, error, info, warn};

use crate::{
    config::WEBHOOKS,
    desk::{Desk, Patience},
};

/// A token that is refused is tried again so often: its owner may mend it at the messenger's.
const REFUSED: Duration = Duration::from_secs(30);
/// After so long without its turn a copy only waits: at the start the lease is a matter of moments.
const WAITS: Duration = Duration::from_secs(2);
/// A copy that waits asks so often whether the messenger answers.
const LOOK: Duration = Duration::from_mins(1);
/// When a webhook has been quiet for so long, the messenger is asked again to bring updates: it may
/// have stopped meanwhile (Facebook does after an hour of failures).
const QUIET: Duration = Duration::from_mins(10);
/// Largest body that is taken. An update with a long text, its reply and its keys stays well below
/// 100 kB; Facebook may bring many at once.
const LARGEST_BODY: usize = 4 * 1024 * 1024;

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
            // Of another bot's chats none is the operators' group.
            if channel.id() == desk.telegram.id() {
                desk.group_moved(&from, &to);
            }
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

/// Brings in the updates of a channel until the desk closes.
pub(crate) async fn run(desk: Arc<Desk>, inlet: Inlet, leads: watch::Receiver<bool>) {
    let Inlet { channel, knocked } = inlet;
    match channel.way_in() {
        WayIn::Polled => poll(&desk, &*channel, leads).await,
        WayIn::Pushed => tokio::select! {
            () = desk.closing.cancelled() => {}
            () = stay_open(&desk, &*channel, &knocked) => {}
        },
    }
}

/// Where updates of a channel come in.
#[derive(Clone)]
pub(crate) struct Inlet {
    channel: Arc<dyn Channel>,
    /// Its webhook was used.
    knocked: Arc<Notify>,
}

impl Inlet {
    /// Of a channel.
    pub(crate) fn of(channel: Arc<dyn Channel>) -> Self {
        Self {
            channel,
            knocked: Arc::default(),
        }
    }
}

/// Polls while this copy is the one that does.
async fn poll(desk: &Arc<Desk>, channel: &dyn Channel, mut leads: watch::Receiver<bool>) {
    loop {
        let leading = tokio::select! {
            biased;
            () = desk.closing.cancelled() => return,
            waited = leads.wait_for(|leads| *leads) => waited.is_ok(),
            () = look(desk, channel) => false,
        };
        if !leading {
            return;
        }
        tokio::select! {
            // When the desk closes, the lease goes too: that is no other copy.
            biased;
            () = desk.closing.cancelled() => return,
            _lost = leads.wait_for(|leads| !*leads) => {
                info!(channel = %channel.id(), "another copy polls now");
            }
            () = poll_while_leading(desk, channel) => {}
        }
    }
}

/// Asks again and again whether the messenger answers: a copy that only waits may have to poll at any
/// moment.
async fn look(desk: &Desk, channel: &dyn Channel) {
    let mut patience = Patience::default();
    tokio::time::sleep(WAITS).await;
    loop {
        let pause = match channel.probe().await {
            Ok(()) => {
                desk.answers(channel.id());
                patience = Patience::default();
                LOOK
            }
            Err(failed) => trouble(desk, channel, &failed, &mut patience),
        };
        tokio::time::sleep(pause).await;
    }
}

async fn poll_while_leading(desk: &Arc<Desk>, channel: &dyn Channel) {
    let mut cursor = cursor(desk, channel.id()).await;
    info!(channel = %channel.id(), "Start polling");
    let mut patience = Patience::default();
    let mut prepared = false;
    loop {
        if !prepared {
            if let Err(failed) = channel.prepare().await {
                tokio::time::sleep(trouble(desk, channel, &failed, &mut patience)).await;
                continue;
            }
            desk.answers(channel.id());
            prepared = true;
        }
        match channel.next(cursor.as_deref()).await {
            Ok(batch) => {
                patience = Patience::default();
                desk.answers(channel.id());
                if batch.updates.is_empty() && batch.cursor == cursor {
                    continue;
                }
                store_batch(desk, channel, &batch.updates, batch.cursor.clone()).await;
                cursor = batch.cursor.or(cursor);
            }
            Err(failed) => {
                tokio::time::sleep(trouble(desk, channel, &failed, &mut patience)).await;
                prepared = !matches!(failed, Undelivered::Unreached(_));
            }
        }
    }
}

async fn cursor(desk: &Desk, channel: &ChannelId) -> Option<String> {
    let mut patience = Patience::default();
    loop {
        match desk.store.cursor(channel).await {
            Ok(cursor) => return cursor,
            Err(error) => {
                desk.heard_of_database(Err(&error));
                tokio::time::sleep(patience.next_pause()).await;
            }
        }
    }
}

/// A batch is stored before the next is asked for, however long the database is away.
async fn store_batch(
    desk: &Arc<Desk>,
    channel: &dyn Channel,
    updates: &[Bytes],
    cursor: Option<String>,
) {
    let mut patience = Patience::default();
    loop {
        match take(desk, channel, updates, cursor.clone()).await {
            Ok(()) => return,
            Err(error) => {
                desk.heard_of_database(Err(&error));
                warn!(%error, "updates wait until they can be stored");
                tokio::time::sleep(patience.next_pause()).await;
            }
        }
    }
}

/// Has the messenger bring updates to the webhook, and sees to it that it goes on doing so.
async fn stay_open(desk: &Desk, channel: &dyn Channel, knocked: &Notify) {
    info!(channel = %channel.id(), "updates are awaited at {WEBHOOKS}{}", channel.id());
    let mut patience = Patience::default();
    loop {
        let ready = match channel.prepare().await {
            // Where nothing has to be prepared nothing was asked: the token may be refused.
            Ok(()) => channel.probe().await,
            failed => failed,
        };
        match ready {
            Ok(()) => {
                patience = Patience::default();
                desk.answers(channel.id());
                while tokio::time::timeout(QUIET, knocked.notified())
                    .await
                    .is_ok()
                {}
            }
            Err(failed) => {
                tokio::time::sleep(trouble(desk, channel, &failed, &mut patience)).await;
            }
        }
    }
}

/// Notes what is wrong; how long to wait.
fn trouble(
    desk: &Desk,
    channel: &dyn Channel,
    failed: &Undelivered,
    patience: &mut Patience,
) -> Duration {
    desk.fails(channel.id(), failed);
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

#[derive(Clone)]
struct House {
    desk: Arc<Desk>,
    /// By the channel's name.
    inlets: Arc<HashMap<String, Inlet>>,
}

/// The webhooks of the channels that are pushed. What does not prove where it comes from changes
/// nothing; what cannot be stored now is refused with 503, and the messenger brings it again.
pub(crate) fn webhooks(desk: Arc<Desk>, inlets: &BTreeMap<ChannelId, Inlet>) -> Router {
    let pushed = inlets
        .iter()
        .filter(|(_, inlet)| inlet.channel.way_in() == WayIn::Pushed)
        .map(|(id, inlet)| (id.to_string(), inlet.clone()));
    let house = House {
        desk,
        inlets: Arc::new(pushed.collect()),
    };
    Router::new()
        .route(
            &format!("{WEBHOOKS}{{channel}}"),
            get(receive).post(receive),
        )
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .with_state(house)
}

async fn receive(
    State(house): State<House>,
    Path(channel): Path<String>,
    method: Method,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Some(Inlet { channel, knocked }) = house.inlets.get(&channel) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let knock = Knock {
        post: method == Method::POST,
        query: query.as_deref().unwrap_or_default(),
        headers: &headers,
        body: &body,
    };
    match channel.knock(&knock) {
        Knocked::Updates { updates, answer } => {
            match take(&house.desk, &**channel, &updates, None).await {
                Ok(()) => {
                    knocked.notify_one();
                    answer.into_response()
                }
                Err(error) => {
                    house.desk.heard_of_database(Err(&error));
                    StatusCode::SERVICE_UNAVAILABLE.into_response()
                }
            }
        }
        Knocked::Asked(answer) => answer.into_response(),
        Knocked::Stranger => {
            warn!(channel = %channel.id(), "a stranger at the webhook was turned away");
            StatusCode::FORBIDDEN.into_response()
        }
        Knocked::Nonsense => StatusCode::BAD_REQUEST.into_response(),
    }
}
