//! PostgreSQL: a pool of connections, prepared statements, and pipelining.
//!
//! The statements of one transaction leave together and are answered together, so a transaction
//! costs a round trip or two, however many statements it has. What several tasks write at once is
//! grouped into one transaction by a few lanes. Connections that broke are replaced when the next one is asked for:
//! a server that went away for a minute is an [`Error::Unavailable`] for a minute.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use deadpool_postgres::{Object, Pool, PoolError, Runtime};
use futures_util::FutureExt;
use tokio::{
    sync::{Mutex, mpsc, oneshot},
    time::Instant,
};

use super::{
    Done, Stmt,
    error::{Error, Result},
};
use link::Link;
pub use link::Listener;
use pipeline::{Undo, control, pipeline};

mod link;
mod pipeline;
mod types;

/// How many writes share one transaction at most: bounds how long the first of them waits.
const GROUP: usize = 64;
/// A lane begins a transaction at once, but not sooner than this after the one before: what comes
/// meanwhile shares it. Less than anybody notices; it makes a burst cost a fraction of the flushes.
const GATHER: Duration = Duration::from_millis(3);
/// Lanes that write groups: while one waits for the disk, the next one fills.
const LANES: usize = 2;
/// Connections, the lanes' included.
const CONNECTIONS: usize = 8;
/// To connect, and to wait for a free connection.
const PATIENCE: Duration = Duration::from_secs(5);
type Reply = oneshot::Sender<Result<Vec<Done>>>;
type Writes = mpsc::UnboundedReceiver<(Vec<Stmt>, Reply)>;

/// A PostgreSQL database.
#[derive(Clone)]
pub struct Pg {
    pool: Pool,
    writes: mpsc::UnboundedSender<(Vec<Stmt>, Reply)>,
    link: Arc<Link>,
    commits: Arc<AtomicU64>,
}

impl fmt::Debug for Pg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pg")
            .field("database", &self.link.config.get_dbname())
            .finish_non_exhaustive()
    }
}

impl Pg {
    pub(super) async fn open(url: &str) -> Result<Self> {
        let link = Link::new(url)?;
        let pool = Pool::builder(link.manager())
            .max_size(CONNECTIONS)
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(PATIENCE))
            .create_timeout(Some(PATIENCE))
            .build()
            .map_err(|error| Error::unavailable(error.to_string()))?;
        drop(connection(&pool).await?);

        let (writes, queue) = mpsc::unbounded_channel();
        let queue = Arc::new(Mutex::new(queue));
        let commits = Arc::default();
        for _ in 0..LANES {
            tokio::spawn(lane(pool.clone(), Arc::clone(&queue), Arc::clone(&commits)));
        }
        let link = Arc::new(link);
        Ok(Self {
            pool,
            writes,
            link,
            commits,
        })
    }

    pub(super) fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }

    pub(super) async fn read(&self, stmts: Vec<Stmt>) -> Result<Vec<Done>> {
        let client = connection(&self.pool).await?;
        let several = stmts.len() > 1;
        let open = several.then_some("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
        let undo = Undo {
            client: &client,
            armed: several,
        };
        let done = pipeline(&client, open, &stmts, several.then_some("COMMIT")).await?;
        undo.disarm();
        Ok(done)
    }

    pub(super) async fn write(&self, stmts: Vec<Stmt>) -> Result<Vec<Done>> {
        let (reply, answer) = oneshot::channel();
        self.writes.send((stmts, reply)).map_err(|_| stopped())?;
        answer.await.map_err(|_| stopped())?
    }

    pub(super) async fn begin(&self) -> Result<PgTx> {
        Ok(PgTx {
            client: connection(&self.pool).await?,
            state: State::Fresh,
        })
    }
}

/// The lanes live as long as the runtime does.
fn stopped() -> Error {
    Error::unavailable("the process is stopping")
}

async fn connection(pool: &Pool) -> Result<Object> {
    pool.get().await.map_err(|error| match error {
        PoolError::Backend(error) => match Error::from_pg("connect", error) {
            Error::Broken { source, .. } => Error::Unavailable(source),
            other => other,
        },
        other => Error::Unavailable(Arc::new(other)),
    })
}

/// Takes what is queued and writes it as one transaction, until nobody can write any more.
async fn lane(pool: Pool, queue: Arc<Mutex<Writes>>, commits: Arc<AtomicU64>) {
    let mut gather_until = Instant::now();
    loop {
        let mut group = Vec::new();
        {
            // Whoever gathers keeps the other lane from taking what comes meanwhile.
            let mut queue = queue.lock().await;
            if queue.recv_many(&mut group, GROUP).await == 0 {
                return;
            }
            if gather_until > Instant::now() {
                tokio::time::sleep_until(gather_until).await;
                while group.len() < GROUP
                    && let Ok(unit) = queue.try_recv()
                {
                    group.push(unit);
                }
            }
        }
        gather_until = Instant::now() + GATHER;
        let client = match connection(&pool).await {
            Ok(client) => client,
            Err(error) => {
                for (_, reply) in group {
                    let _ = reply.send(Err(error.clone()));
                }
                continue;
            }
        };
        let (units, replies): (Vec<_>, Vec<_>) = group.into_iter().unzip();
        match write_group(&client, &units).await {
            Ok(answers) => {
                commits.fetch_add(1, Ordering::Relaxed);
                for (reply, answer) in replies.into_iter().zip(answers) {
                    let _ = reply.send(Ok(answer));
                }
            }
            Err(error) if units.len() == 1 || error.heals() => {
                for reply in replies {
                    let _ = reply.send(Err(error.clone()));
                }
            }
            Err(_) => {
                // One of them cannot be written: each on its own, so that it fails alone.
                for (unit, reply) in units.into_iter().zip(replies) {
                    let answer = write_group(&client, &[unit]).await;
                    commits.fetch_add(u64::from(answer.is_ok()), Ordering::Relaxed);
                    let _ = reply.send(answer.map(|mut answers| answers.pop().unwrap_or_default()));
                }
            }
        }
    }
}

/// One transaction in two round trips: first everything up to the last statement that must hit, then,
/// if all of them did, the rest and the commit. In one, when nothing must hit.
async fn write_group(client: &Object, units: &[Vec<Stmt>]) -> Result<Vec<Vec<Done>>> {
    let cuts: Vec<usize> = units
        .iter()
        .map(|unit| {
            unit.iter()
                .rposition(|stmt| stmt.must_hit.is_some())
                .map_or(0, |last| last + 1)
        })
        .collect();
    let heads: Vec<&Stmt> = units
        .iter()
        .zip(&cuts)
        .flat_map(|(unit, cut)| &unit[..*cut])
        .collect();
    let tails: Vec<&Stmt> = units
        .iter()
        .zip(&cuts)
        .flat_map(|(unit, cut)| &unit[*cut..])
        .collect();

    let undo = Undo {
        client,
        armed: true,
    };
    let (heads, open) = if heads.is_empty() {
        (Vec::new(), Some("BEGIN"))
    } else {
        let done = pipeline(client, Some("BEGIN"), heads.iter().copied(), None).await?;
        heads
            .iter()
            .zip(&done)
            .try_for_each(|(stmt, done)| stmt.judge(done))?;
        (done, None)
    };
    let tails = pipeline(client, open, tails, Some("COMMIT")).await?;
    undo.disarm();

    let (mut heads, mut tails) = (heads.into_iter(), tails.into_iter());
    let answers = units.iter().zip(cuts).map(|(unit, cut)| {
        let mut done: Vec<Done> = heads.by_ref().take(cut).collect();
        done.extend(tails.by_ref().take(unit.len() - cut));
        done
    });
    Ok(answers.collect())
}

/// A transaction; dropping it undoes it.
pub struct PgTx {
    client: Object,
    state: State,
}

/// Where a transaction stands: the server hears of it with its first statement.
#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    Fresh,
    Open,
    /// A step failed, or was not waited for.
    Failed,
    Over,
}

impl fmt::Debug for PgTx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PgTx")
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

impl PgTx {
    pub(super) async fn run(&mut self, stmts: Vec<Stmt>) -> Result<Vec<Done>> {
        let open = self.step()?;
        let done = pipeline(&self.client, open, &stmts, None).await?;
        stmts
            .iter()
            .zip(&done)
            .try_for_each(|(stmt, done)| stmt.judge(done))?;
        self.state = State::Open;
        Ok(done)
    }

    pub(super) async fn script(&mut self, sql: &str) -> Result<()> {
        let open = self.step()?.map_or("", |_| "BEGIN;");
        let ran = self.client.batch_execute(&format!("{open}{sql}")).await;
        ran.map_err(|error| Error::from_pg(sql, error))?;
        self.state = State::Open;
        Ok(())
    }

    pub(super) async fn commit(mut self) -> Result<()> {
        if self.step()?.is_none() {
            control(&self.client, Some("COMMIT")).await?;
        }
        self.state = State::Over;
        Ok(())
    }

    /// Failed until the step has succeeded; what has to be sent before it. A failed transaction must
    /// not go on: the server would answer its `COMMIT` with a silent `ROLLBACK`.
    fn step(&mut self) -> Result<Option<&'static str>> {
        match std::mem::replace(&mut self.state, State::Failed) {
            State::Fresh => Ok(Some("BEGIN")),
            State::Open => Ok(None),
            State::Failed | State::Over => Err(Error::unavailable("the transaction is over")),
        }
    }
}

impl Drop for PgTx {
    fn drop(&mut self) {
        if matches!(self.state, State::Open | State::Failed) {
            let _ = self.client.batch_execute("ROLLBACK").now_or_never();
        }
    }
}
