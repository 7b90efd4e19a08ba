//! PostgreSQL: a pool of connections, prepared statements, and pipelining.
//!
//! The statements of one transaction leave together and are answered together, so a transaction
//! costs a round trip or two, however many statements it has. What several tasks write at once is
//! grouped into one transaction by a few lanes. Connections that broke are replaced when the next one is asked for:
//! a server that went away for a minute is an [`Error::Unavailable`] for a minute.

use std::{fmt, future::Future, pin::pin, sync::Arc, time::Duration};

use deadpool_postgres::{
    Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod, Runtime,
};
use futures_util::{FutureExt, TryStreamExt, future, poll};
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio_postgres::{AsyncMessage, Config, NoTls, Statement, config::SslMode};

use super::{
    Done, Row, Stmt,
    error::{Error, Result},
};

mod types;

/// How many writes share one transaction at most: bounds how long the first of them waits.
const GROUP: usize = 64;
/// Lanes that write groups: while one waits for the disk, the next one fills.
const LANES: usize = 2;
/// Connections, the lanes' included.
const CONNECTIONS: usize = 8;
/// To connect, and to wait for a free connection.
const PATIENCE: Duration = Duration::from_secs(5);
/// What every connection begins with. A row held longer than this is a conflict, not a wait.
const SETTINGS: &str = "-c lock_timeout=10s -c TimeZone=UTC";

type Reply = oneshot::Sender<Result<Vec<Done>>>;
type Writes = mpsc::UnboundedReceiver<(Vec<Stmt>, Reply)>;

/// A PostgreSQL database.
#[derive(Clone)]
pub struct Pg {
    pool: Pool,
    writes: mpsc::UnboundedSender<(Vec<Stmt>, Reply)>,
    config: Arc<Config>,
}

impl fmt::Debug for Pg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pg")
            .field("database", &self.config.get_dbname())
            .finish_non_exhaustive()
    }
}

impl Pg {
    pub(super) async fn open(url: &str) -> Result<Self> {
        let refuse = |error: tokio_postgres::Error| match Error::from_pg("", error) {
            Error::Broken { source, .. } => Error::Refused(source.to_string()),
            other => other,
        };
        let mut config: Config = url.parse().map_err(refuse)?;
        if config.get_ssl_mode() == SslMode::Require {
            let why = "sslmode=require is not supported: use a private network or a local proxy";
            return Err(Error::Refused(why.to_owned()));
        }
        // A peer that vanished without a word is noticed within half a minute.
        config
            .connect_timeout(PATIENCE)
            .tcp_user_timeout(Duration::from_secs(20));
        config
            .keepalives_idle(Duration::from_secs(10))
            .keepalives_interval(PATIENCE);
        config.keepalives_retries(3);
        let options = config
            .get_options()
            .map_or(String::new(), |given| format!(" {given}"));
        config.options(format!("{SETTINGS}{options}"));
        if config.get_application_name().is_none() {
            config.application_name("zabota");
        }

        let recycling = ManagerConfig {
            recycling_method: RecyclingMethod::Fast,
        };
        let manager = Manager::from_config(config.clone(), NoTls, recycling);
        let pool = Pool::builder(manager)
            .max_size(CONNECTIONS)
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(PATIENCE))
            .create_timeout(Some(PATIENCE))
            .build()
            .map_err(|error| Error::unavailable(error.to_string()))?;
        drop(connection(&pool).await?);

        let (writes, queue) = mpsc::unbounded_channel();
        let queue = Arc::new(Mutex::new(queue));
        for _ in 0..LANES {
            tokio::spawn(lane(pool.clone(), Arc::clone(&queue)));
        }
        Ok(Self {
            pool,
            writes,
            config: Arc::new(config),
        })
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

    /// Hears `NOTIFY channel` on a connection of its own, until that breaks.
    pub async fn listen(&self, channel: &str) -> Result<Listener> {
        let failed = |error| Error::from_pg("LISTEN", error);
        let (client, mut connection) = self.config.connect(NoTls).await.map_err(failed)?;
        let (heard, calls) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Some(Ok(message)) = future::poll_fn(|cx| connection.poll_message(cx)).await {
                if let AsyncMessage::Notification(note) = message
                    && heard.send(note.payload().to_owned()).is_err()
                {
                    break;
                }
            }
        });
        client
            .batch_execute(&format!("LISTEN \"{channel}\""))
            .await
            .map_err(failed)?;
        Ok(Listener {
            _client: client,
            calls,
        })
    }
}

/// Hears what other copies call out.
#[derive(Debug)]
pub struct Listener {
    /// Held, not used: without it the connection closes.
    _client: tokio_postgres::Client,
    calls: mpsc::UnboundedReceiver<String>,
}

impl Listener {
    /// The next call's text; `None` when the connection broke: listen anew.
    pub async fn heard(&mut self) -> Option<String> {
        self.calls.recv().await
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
async fn lane(pool: Pool, queue: Arc<Mutex<Writes>>) {
    loop {
        let mut group = Vec::new();
        if queue.lock().await.recv_many(&mut group, GROUP).await == 0 {
            return;
        }
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
                .rposition(|stmt| stmt.must_hit)
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

/// Sends `ROLLBACK` unless disarmed, without waiting: it is queued before whatever comes next.
struct Undo<'a> {
    client: &'a Object,
    armed: bool,
}

impl Undo<'_> {
    fn disarm(mut self) {
        self.armed = false;
    }
}

impl Drop for Undo<'_> {
    fn drop(&mut self) {
        if self.armed {
            let _ = self.client.batch_execute("ROLLBACK").now_or_never();
        }
    }
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

/// Sends everything at once, in order, and gathers the answers: one round trip. The first error wins;
/// what follows it fails only because the transaction is broken by then.
async fn pipeline<'a>(
    client: &Object,
    open: Option<&'static str>,
    stmts: impl IntoIterator<Item = &'a Stmt>,
    close: Option<&'static str>,
) -> Result<Vec<Done>> {
    let stmts: Vec<&Stmt> = stmts.into_iter().collect();
    let mut open = pin!(control(client, open));
    // The first poll sends.
    let mut opened = match poll!(open.as_mut()) {
        std::task::Poll::Ready(answer) => Some(answer),
        std::task::Poll::Pending => None,
    };
    let mut prepared = Vec::with_capacity(stmts.len());
    for stmt in &stmts {
        // From the connection's cache after the first time.
        let ready = client.prepare_cached(&stmt.sql).await;
        prepared.push(ready.map_err(|error| Error::from_pg(&stmt.sql, error))?);
    }
    let queries = stmts
        .iter()
        .zip(&prepared)
        .map(|(stmt, ready)| query(client, ready, stmt));
    let mut queries: Vec<_> = queries.map(Box::pin).collect();
    let mut early = Vec::with_capacity(queries.len());
    for query in &mut queries {
        early.push(sent(query).await);
    }
    let mut close = pin!(control(client, close));
    let closed = sent(&mut close).await;

    if opened.is_none() {
        opened = Some(open.await);
    }
    opened.transpose()?;
    let mut done = Vec::with_capacity(queries.len());
    for (query, early) in queries.into_iter().zip(early) {
        done.push(match early {
            Some(answer) => answer?,
            None => query.await?,
        });
    }
    match closed {
        Some(answer) => answer?,
        None => close.await?,
    }
    Ok(done)
}

/// Polls once, which sends the request; the answer if it is there already.
async fn sent<F: Future + Unpin>(future: &mut F) -> Option<F::Output> {
    match poll!(future) {
        std::task::Poll::Ready(answer) => Some(answer),
        std::task::Poll::Pending => None,
    }
}

async fn control(client: &Object, sql: Option<&'static str>) -> Result<()> {
    match sql {
        Some(sql) => client
            .batch_execute(sql)
            .await
            .map_err(|error| Error::from_pg(sql, error)),
        None => Ok(()),
    }
}

async fn query(client: &Object, prepared: &Statement, stmt: &Stmt) -> Result<Done> {
    let failed = |error| Error::from_pg(&stmt.sql, error);
    let stream = client
        .query_raw(prepared, &stmt.params)
        .await
        .map_err(failed)?;
    let mut stream = pin!(stream);
    let columns: Arc<[String]> = prepared
        .columns()
        .iter()
        .map(|c| c.name().to_owned())
        .collect();
    let mut rows = Vec::new();
    while let Some(row) = stream.try_next().await.map_err(failed)? {
        let values = (0..columns.len())
            .map(|i| row.try_get(i))
            .collect::<Result<_, _>>();
        rows.push(Row {
            columns: Arc::clone(&columns),
            values: values.map_err(failed)?,
        });
    }
    Ok(Done {
        rows,
        affected: stream.rows_affected().unwrap_or(0),
    })
}
