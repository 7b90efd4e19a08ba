//! Builds the parts of the desk once, from the settings downwards, starts its loops, and stops them
//! in order.

mod clocks;
mod introduce;

use std::{
    collections::BTreeMap,
    fs::{File, TryLockError},
    future::Future,
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, Result, bail};
use axum::Router;
use channels::{
    Channel,
    telegram::{self, Telegram},
};
use console::{Console, Measures, Readiness, Registry};
use engine::{
    ids::{ChannelId, ChatRef, PersonRef},
    policy::Policy,
    scenario::Scenario,
};
use jiff::Timestamp;
use store::{CopyId, Keep, Store};
use tokio::{
    net::TcpListener,
    sync::{Notify, watch},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::{info, warn};

use crate::{
    clock::Clock,
    config::{Config, Database, Ocr},
    courier,
    desk::{DATABASE, Desk},
    ingress::{self, Inlet},
    keeper,
    mail::{Boxes, Mail},
    pump, reader,
    roles::Roles,
    timers,
};

/// How long the loops may take to end; with the rest it stays below 10 s.
const LAST_WORK: Duration = Duration::from_secs(8);

/// Opens the database of a configuration.
pub async fn open(database: &Database, clock: &Clock) -> Result<Store> {
    let address = match database {
        Database::Sqlite(path) => format!("sqlite://{}", path.display()),
        Database::Postgres(secret) => secret.expose().to_owned(),
    };
    let store = Store::open(&address, copy_id(clock.now())).await;
    store.with_context(|| format!("the database {database:?} cannot be opened"))
}

/// A SQLite file has one desk: two would deliver everything twice. The lock goes with the process,
/// however that ends.
fn alone(database: &Database) -> Result<Option<File>> {
    let Database::Sqlite(path) = database else {
        return Ok(None);
    };
    let mut lock = path.clone().into_os_string();
    lock.push("-lock");
    let lock = PathBuf::from(lock);
    let shown = path.display();
    let file = File::create(&lock).with_context(|| {
        format!("DATABASE_URL: nothing can be written beside {shown}; does the folder exist, and is it ours?")
    })?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => {
            bail!("{shown} is in use by another zabota: stop that one first, or use PostgreSQL")
        }
        // Some network file systems know no locks; nothing else is wrong with them.
        Err(TryLockError::Error(error)) => {
            warn!(%error, "{shown} cannot be locked: see that no second zabota uses it");
            Ok(None)
        }
    }
}

/// Different for each copy and each start: no two processes of one machine share a number at a time.
fn copy_id(now: Timestamp) -> CopyId {
    CopyId::new(format!("{}-{}", std::process::id(), now.as_microsecond()))
}

/// Runs the desk until `stop` completes, then ends what is under way.
pub async fn run(
    config: Config,
    scenario: Scenario,
    clock: Clock,
    stop: impl Future<Output = ()>,
) -> Result<()> {
    let listener = TcpListener::bind(config.http).await.with_context(|| {
        format!(
            "HTTP_ADDR={}: another program listens there, or it is not ours",
            config.http
        )
    })?;
    let _alone = alone(&config.database)?;
    let store = open(&config.database, &clock).await?;
    let migrated = store
        .migrate(clock.now())
        .await
        .context("the database cannot be brought up to date")?;
    if migrated.from != migrated.to {
        info!(
            from = migrated.from,
            to = migrated.to,
            "the database is up to date"
        );
    }
    let registry = Registry::default();
    let (desk, boxes) = build(&config, scenario, clock, store, &registry)?;
    let readers = reader::Tools::of(&config)?;
    if !migrated.adopted_open.is_empty() {
        let open = migrated.adopted_open.len();
        info!(
            open,
            users = migrated.adopted_users,
            "the predecessor's database was adopted"
        );
    }
    desk.store
        .heartbeat(desk.clock.now())
        .await
        .context("the database takes no sign of life")?;
    keeper::recover(&desk).await;

    let inlets = inlets(&desk);
    let tasks = start(&config, &desk, boxes, &inlets, readers);
    let app = pages(&desk, registry).merge(ingress::webhooks(desk.clone(), &inlets));
    tasks.spawn(serve(listener, app, desk.closing.clone()));
    info!(address = %config.http, "health and metrics");
    stop.await;
    close(&desk, &tasks).await;
    Ok(())
}

fn build(
    config: &Config,
    scenario: Scenario,
    clock: Clock,
    store: Store,
    registry: &Registry,
) -> Result<(Arc<Desk>, Boxes)> {
    let (channels, telegram) = connect(config)?;
    let (mail, boxes) = Mail::new(channels.keys().cloned().chain([reader::queue()]));
    let windows = channels
        .iter()
        .filter_map(|(id, channel)| Some((id.clone(), channel.abilities().window?)));
    let policy = Policy {
        dialog: config.dialog.unwrap_or(scenario.dialog),
        scenario,
        phrases: config.phrases.clone(),
        group: config.group.clone(),
        titles: config.titles(),
        windows: windows.collect(),
        region: config.region.clone(),
        timezone: config.timezone.clone(),
        keep_media: config.media.is_some(),
        reads: config.ocr != Ocr::Off,
        owners: owners(config),
        sheet_every: config.sheet.as_ref().map(|sheet| sheet.every),
        reminders: config.reminders.clone(),
    };
    let parts = channels.keys().map(ToString::to_string);
    let desk = Desk {
        readiness: Readiness::of(parts.chain([DATABASE.to_owned()])),
        store,
        clock,
        policy,
        channels,
        telegram,
        roles: Roles::default(),
        mail,
        media: config.media.clone(),
        owner_spoke: Notify::new(),
        measures: Measures::new(registry, env!("CARGO_PKG_VERSION")),
        closing: CancellationToken::new(),
    };
    Ok((Arc::new(desk), boxes))
}

/// The owners, and their private chats with the operators' bot.
fn owners(config: &Config) -> BTreeMap<PersonRef, ChatRef> {
    let bot = &config.group.channel;
    let one = |id: &String| (PersonRef::new(bot, id), ChatRef::new(bot, id));
    config.owners.iter().map(one).collect()
}

type Channels = BTreeMap<ChannelId, Arc<dyn Channel>>;

/// Every channel, and the operators' bot once more as what it is.
fn connect(config: &Config) -> Result<(Channels, Arc<Telegram>)> {
    let mut channels = Channels::new();
    let mut bot = None;
    for connection in &config.channels {
        let id = connection.id().clone();
        if id == config.group.channel {
            let telegram = telegram::open(&connection.given, Some(config.group.clone()));
            let telegram = Arc::new(telegram.with_context(|| id.to_string())?);
            bot = Some(telegram.clone());
            channels.insert(id, telegram);
        } else {
            let channel = connection.open().map_err(anyhow::Error::msg)?;
            channels.insert(id, channel);
        }
    }
    let bot = bot.context("the operators' group is of no channel")?;
    Ok((channels, bot))
}

fn inlets(desk: &Desk) -> BTreeMap<ChannelId, Inlet> {
    let inlet =
        |(id, channel): (&ChannelId, &Arc<dyn Channel>)| (id.clone(), Inlet::of(channel.clone()));
    desk.channels.iter().map(inlet).collect()
}

fn start(
    config: &Config,
    desk: &Arc<Desk>,
    mut boxes: Boxes,
    inlets: &BTreeMap<ChannelId, Inlet>,
    readers: reader::Tools,
) -> TaskTracker {
    let tasks = TaskTracker::new();
    if let Some(orders) = boxes.couriers.remove(&reader::queue()) {
        tasks.spawn(reader::run(desk.clone(), readers, orders));
        let (leads, _) = watch::channel(false);
        tasks.spawn(keeper::lead(desk.clone(), reader::queue(), leads));
    }
    for (id, channel) in &desk.channels {
        if let Some(orders) = boxes.couriers.remove(id) {
            let channel = channel.clone();
            let keep_limits = config.keep_limits;
            tasks.spawn(courier::run(desk.clone(), channel, keep_limits, orders));
        }
        let (leads, led) = watch::channel(false);
        tasks.spawn(keeper::lead(desk.clone(), id.clone(), leads));
        tasks.spawn(ingress::run(desk.clone(), inlets[id].clone(), led));
    }
    tasks.spawn(pump::run(desk.clone(), boxes.works));
    tasks.spawn(keeper::watch_copies(desk.clone()));
    tasks.spawn(keeper::ping(desk.clone()));
    tasks.spawn(keeper::sweep(
        desk.clone(),
        Keep::history_days(config.history_days),
    ));
    tasks.spawn(timers::run(desk.clone(), boxes.timers));
    tasks.spawn(introduce::operators(desk.clone()));
    tasks.spawn(introduce::owners(desk.clone()));
    tasks.spawn(clocks::start(desk.clone()));
    tasks
}

fn pages(desk: &Arc<Desk>, registry: Registry) -> Router {
    let console = Console::new(desk.readiness.clone(), registry);
    let sampled = desk.clone();
    console
        .sampled_by(move || {
            let desk = sampled.clone();
            async move { sample(&desk).await }
        })
        .router()
}

async fn sample(desk: &Desk) {
    let Ok(counts) = desk.store.counts(desk.clock.now()).await else {
        return;
    };
    let measures = &desk.measures;
    let commits = desk.store.db().commits();
    measures
        .commits
        .add(commits.saturating_sub(measures.commits.count()));
    measures.inbox_depth.set(number(counts.inbox.waiting));
    measures
        .inbox_oldest_seconds
        .set(counts.inbox.oldest.as_secs_f64());
    measures.set_aside.set(number(counts.set_aside));
    for id in desk.mail.channels() {
        let queue = counts
            .outbox
            .iter()
            .find(|(channel, _)| channel == id.as_str());
        let queue = queue.map(|(_, queue)| queue.clone()).unwrap_or_default();
        measures
            .outbox_depth
            .with(&[id.as_str()])
            .set(number(queue.waiting));
        measures
            .outbox_oldest_seconds
            .with(&[id.as_str()])
            .set(queue.oldest.as_secs_f64());
    }
    measures
        .tickets
        .with(&["WAITING"])
        .set(number(counts.waiting));
    measures
        .tickets
        .with(&["ASSIGNED"])
        .set(number(counts.assigned));
    measures
        .tickets
        .with(&["CLOSED"])
        .set(number(counts.closed));
    measures.open_dialogs.set(number(counts.assigned));
}

fn number(count: u64) -> f64 {
    // A gauge is a float; beyond 2^53 rows nobody counts any more.
    #[expect(clippy::cast_precision_loss, reason = "a gauge is a float")]
    let number = count as f64;
    number
}

async fn serve(listener: TcpListener, app: Router, closing: CancellationToken) {
    let served = axum::serve(listener, app).with_graceful_shutdown(closing.cancelled_owned());
    if let Err(error) = served.await {
        warn!(%error, "the HTTP server ended");
    }
}

/// Nothing new is taken on; what is under way ends; other copies need not wait for our leases.
async fn close(desk: &Arc<Desk>, tasks: &TaskTracker) {
    info!("closing");
    desk.closing.cancel();
    tasks.close();
    if tokio::time::timeout(LAST_WORK, tasks.wait()).await.is_err() {
        warn!("some work did not end in time; it goes on at the next start");
    }
    let goodbye = async {
        for channel in desk.mail.channels() {
            desk.store.release(channel.as_str()).await?;
        }
        desk.store.retire().await
    };
    if !matches!(
        tokio::time::timeout(Duration::from_secs(1), goodbye).await,
        Ok(Ok(()))
    ) {
        warn!("the database did not hear our goodbye");
    }
    info!("closed");
}
