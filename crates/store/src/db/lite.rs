//! SQLite: one thread that writes, a few that read.
//!
//! SQLite has one writer at a time whatever we do; a single thread that owns the writing connection
//! turns that from a lock to fight for into a queue, and lets what queued up while the disk was busy
//! share the next flush. Every write runs inside `BEGIN IMMEDIATE … COMMIT` and is read to its end:
//! a `RETURNING` that is abandoned half-way would keep the log from ever being checkpointed.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

use rusqlite::{Connection, OpenFlags, types::ValueRef};
use tokio::sync::oneshot;

use super::{
    Done, Row, Stmt, Value,
    error::{Error, Result},
    value::time_text,
};

/// How many writes share one transaction at most: bounds how long the first of them waits.
const GROUP: usize = 128;
/// A transaction begins at once, but not sooner than this after the one before: what comes meanwhile
/// shares it. Less than anybody notices; it makes a burst cost a fraction of the flushes.
const GATHER: Duration = Duration::from_millis(2);
/// Threads that read. Each keeps a connection and its cache.
const READERS: usize = 2;
/// Prepared statements kept per connection; above the number of different texts there are.
const STATEMENTS: usize = 256;
/// How long another process may hold the file (a backup, a person with a shell).
const BUSY: Duration = Duration::from_secs(5);

/// A SQLite database.
#[derive(Clone, Debug)]
pub struct Lite {
    writer: mpsc::Sender<Job>,
    readers: mpsc::Sender<(Vec<Stmt>, Reply)>,
    path: Arc<PathBuf>,
    commits: Arc<AtomicU64>,
}

type Reply = oneshot::Sender<Result<Vec<Done>>>;

/// What the writing thread is asked for.
enum Job {
    /// All of it is known: may share a transaction with others.
    Write(Vec<Stmt>, Reply),
    /// Steps that arrive one by one: a transaction of its own.
    Steps(mpsc::Receiver<Step>),
}

enum Step {
    Run(Vec<Stmt>, Reply),
    Script(String, Reply),
    Commit(Reply),
}

impl Lite {
    pub(super) async fn open(path: PathBuf) -> Result<Self> {
        let path = Arc::new(path);
        let (writer, jobs) = mpsc::channel();
        let (readers, queue) = mpsc::channel();
        let lite = Self {
            writer,
            readers,
            path,
            commits: Arc::default(),
        };
        let (at, commits) = (Arc::clone(&lite.path), Arc::clone(&lite.commits));
        let opened = tokio::task::spawn_blocking(move || start(&at, jobs, queue, commits)).await;
        opened.map_err(|error| Error::unavailable(error.to_string()))??;
        Ok(lite)
    }

    /// The database's file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }

    pub(super) async fn read(&self, stmts: Vec<Stmt>) -> Result<Vec<Done>> {
        let (reply, answer) = oneshot::channel();
        self.readers.send((stmts, reply)).map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }

    pub(super) async fn write(&self, stmts: Vec<Stmt>) -> Result<Vec<Done>> {
        let (reply, answer) = oneshot::channel();
        self.writer
            .send(Job::Write(stmts, reply))
            .map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }

    pub(super) fn begin(&self) -> LiteTx {
        LiteTx {
            writer: self.writer.clone(),
            steps: None,
        }
    }
}

/// The threads live as long as anybody can ask them: only their own panic ends them early.
fn gone() -> Error {
    Error::unavailable("the transaction, or the thread that ran it, is over")
}

/// A transaction on the writing thread; dropping the channel of its steps undoes it.
#[derive(Debug)]
pub struct LiteTx {
    writer: mpsc::Sender<Job>,
    steps: Option<mpsc::Sender<Step>>,
}

impl LiteTx {
    pub(super) async fn run(&mut self, stmts: Vec<Stmt>) -> Result<Vec<Done>> {
        self.step(|reply| Step::Run(stmts, reply)).await
    }

    pub(super) async fn script(&mut self, sql: String) -> Result<()> {
        self.step(|reply| Step::Script(sql, reply))
            .await
            .map(|_| ())
    }

    pub(super) async fn commit(mut self) -> Result<()> {
        self.step(Step::Commit).await.map(|_| ())
    }

    async fn step(&mut self, step: impl FnOnce(Reply) -> Step) -> Result<Vec<Done>> {
        let (reply, answer) = oneshot::channel();
        if let Some(steps) = &self.steps {
            steps.send(step(reply)).map_err(|_| gone())?;
        } else {
            // The writer is taken with the first step, not before.
            let (steps, queue) = mpsc::channel();
            steps.send(step(reply)).map_err(|_| gone())?;
            self.writer.send(Job::Steps(queue)).map_err(|_| gone())?;
            self.steps = Some(steps);
        }
        answer.await.map_err(|_| gone())?
    }
}

fn start(
    path: &Path,
    jobs: mpsc::Receiver<Job>,
    queue: mpsc::Receiver<(Vec<Stmt>, Reply)>,
    commits: Arc<AtomicU64>,
) -> Result<()> {
    let writer = connect(path, true)?;
    spawn("db-write", move || serve_writes(&writer, &jobs, &commits))?;
    let queue = Arc::new(Mutex::new(queue));
    for _ in 0..READERS {
        let (reader, queue) = (connect(path, false)?, Arc::clone(&queue));
        spawn("db-read", move || serve_reads(&reader, &queue))?;
    }
    Ok(())
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<()> {
    let spawned = thread::Builder::new().name(name.to_owned()).spawn(work);
    spawned
        .map(|_| ())
        .map_err(|error| Error::unavailable(error.to_string()))
}

fn connect(path: &Path, write: bool) -> Result<Connection> {
    let flags = if write {
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE
    } else {
        OpenFlags::SQLITE_OPEN_READ_ONLY
    };
    // Each connection stays on one thread.
    let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let refuse = |error| Error::Refused(format!("the file {}: {error}", path.display()));
    let connection = Connection::open_with_flags(path, flags).map_err(refuse)?;
    connection.busy_timeout(BUSY).map_err(refuse)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // Our own tables have no CHECKs; an adopted one may know fewer kinds of message than there are.
    let settings = if write {
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
         PRAGMA ignore_check_constraints = ON;"
    } else {
        "PRAGMA foreign_keys = ON;"
    };
    // A journal_mode that cannot be set (a file that is not a database) shows here, at the start.
    connection.execute_batch(settings).map_err(refuse)?;
    connection
        .query_row("SELECT count(*) FROM sqlite_master", [], |_| Ok(()))
        .map_err(refuse)?;
    Ok(connection)
}

fn serve_writes(connection: &Connection, jobs: &mpsc::Receiver<Job>, commits: &AtomicU64) {
    let mut gather_until = Instant::now();
    while let Ok(first) = jobs.recv() {
        let mut next = Some(first);
        while let Some(job) = next.take() {
            match job {
                Job::Write(stmts, reply) => {
                    let mut group = vec![(stmts, reply)];
                    while group.len() < GROUP {
                        let left = gather_until.saturating_duration_since(Instant::now());
                        match jobs.recv_timeout(left) {
                            Ok(Job::Write(stmts, reply)) => group.push((stmts, reply)),
                            Ok(steps) => {
                                next = Some(steps);
                                break;
                            }
                            Err(_) => break,
                        }
                    }
                    gather_until = Instant::now() + GATHER;
                    write_group(connection, group, commits);
                }
                Job::Steps(steps) => transaction(connection, &steps),
            }
        }
    }
    // The last handle is gone: leave one file behind, not three.
    let _ = connection.execute_batch("PRAGMA optimize; PRAGMA wal_checkpoint(TRUNCATE);");
}

/// Several writes, one flush. Each has a savepoint, so that one that fails takes only itself along.
fn write_group(connection: &Connection, group: Vec<(Vec<Stmt>, Reply)>, commits: &AtomicU64) {
    let outcome = control(connection, "BEGIN IMMEDIATE").and_then(|()| {
        let mut answers = Vec::with_capacity(group.len());
        for (stmts, _) in &group {
            answers.push(write_one(connection, stmts));
            if connection.is_autocommit() {
                // A full disk or a broken one makes SQLite undo everything by itself.
                return Err(Error::unavailable(
                    "the disk failed and the transaction was undone",
                ));
            }
        }
        control(connection, "COMMIT").map(|()| answers)
    });
    match outcome {
        Ok(answers) => {
            commits.fetch_add(1, Ordering::Relaxed);
            for ((_, reply), answer) in group.into_iter().zip(answers) {
                let _ = reply.send(answer);
            }
        }
        Err(error) => {
            undo(connection);
            for (_, reply) in group {
                let _ = reply.send(Err(error.clone()));
            }
        }
    }
}

fn write_one(connection: &Connection, stmts: &[Stmt]) -> Result<Vec<Done>> {
    control(connection, "SAVEPOINT one")?;
    let answer = run_all(connection, stmts);
    if answer.is_err() {
        if connection.is_autocommit() {
            return answer;
        }
        control(connection, "ROLLBACK TO one")?;
    }
    control(connection, "RELEASE one")?;
    answer
}

/// A transaction whose steps arrive one by one. Any error, or the end of the steps, undoes it.
fn transaction(connection: &Connection, steps: &mpsc::Receiver<Step>) {
    let mut begun = control(connection, "BEGIN IMMEDIATE");
    while let Ok(step) = steps.recv() {
        let (reply, answer, over) = match step {
            Step::Run(stmts, reply) => {
                let answer = begun.clone().and_then(|()| run_all(connection, &stmts));
                (reply, answer, false)
            }
            Step::Script(sql, reply) => {
                let run = |()| {
                    connection
                        .execute_batch(&sql)
                        .map_err(|e| Error::from_lite(&sql, e))
                };
                (
                    reply,
                    begun.clone().and_then(run).map(|()| Vec::new()),
                    false,
                )
            }
            Step::Commit(reply) => {
                let answer = begun.clone().and_then(|()| control(connection, "COMMIT"));
                (reply, answer.map(|()| Vec::new()), true)
            }
        };
        begun = answer.as_ref().map(|_| ()).map_err(Clone::clone);
        if begun.is_err() {
            // Before the answer leaves: whoever hears of it may begin anew at once.
            undo(connection);
        }
        let _ = reply.send(answer);
        if over || begun.is_err() {
            break;
        }
    }
    undo(connection);
}

fn undo(connection: &Connection) {
    if !connection.is_autocommit()
        && let Err(error) = control(connection, "ROLLBACK")
    {
        tracing::error!(%error, "a transaction could not be undone");
    }
}

fn serve_reads(connection: &Connection, queue: &Mutex<mpsc::Receiver<(Vec<Stmt>, Reply)>>) {
    loop {
        // A thread that panicked while holding the lock had only received: the queue is whole.
        let job = queue
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .recv();
        let Ok((stmts, reply)) = job else { return };
        let answer = if stmts.len() == 1 {
            run_all(connection, &stmts)
        } else {
            // One state of the database for all of them.
            let answer = control(connection, "BEGIN").and_then(|()| run_all(connection, &stmts));
            undo(connection);
            answer
        };
        let _ = reply.send(answer);
    }
}

fn control(connection: &Connection, sql: &'static str) -> Result<()> {
    let run = |sql| connection.prepare_cached(sql)?.execute([]);
    run(sql)
        .map(|_| ())
        .map_err(|error| Error::from_lite(sql, error))
}

fn run_all(connection: &Connection, stmts: &[Stmt]) -> Result<Vec<Done>> {
    stmts
        .iter()
        .map(|stmt| {
            let done = run(connection, stmt).map_err(|error| Error::from_lite(&stmt.sql, error))?;
            stmt.judge(&done)?;
            Ok(done)
        })
        .collect()
}

fn run(connection: &Connection, stmt: &Stmt) -> rusqlite::Result<Done> {
    let mut prepared = connection.prepare_cached(&stmt.sql)?;
    bind(&mut prepared, &stmt.params)?;
    if prepared.column_count() == 0 {
        let affected = prepared.raw_execute()?;
        return Ok(Done {
            rows: Vec::new(),
            affected: u64::try_from(affected).unwrap_or(0),
        });
    }
    let columns: Arc<[String]> = prepared.column_names().map(str::to_owned).collect();
    let mut rows = Vec::new();
    let mut cursor = prepared.raw_query();
    while let Some(row) = cursor.next()? {
        let values = (0..columns.len())
            .map(|i| row.get_ref(i).map(read_value))
            .collect::<rusqlite::Result<_>>()?;
        rows.push(Row {
            columns: Arc::clone(&columns),
            values,
        });
    }
    let affected = u64::try_from(rows.len()).unwrap_or(0);
    Ok(Done { rows, affected })
}

/// To SQLite `$2` is a name, numbered by first appearance: the values are bound by what the name says.
fn bind(prepared: &mut rusqlite::CachedStatement<'_>, params: &[Value]) -> rusqlite::Result<()> {
    let wanted = prepared.parameter_count();
    if wanted != params.len() {
        return Err(rusqlite::Error::InvalidParameterCount(params.len(), wanted));
    }
    for at in 1..=wanted {
        let number = prepared
            .parameter_name(at)
            .and_then(|name| name.strip_prefix('$'));
        let number: usize = number.and_then(|n| n.parse().ok()).unwrap_or(at);
        let value = number.checked_sub(1).and_then(|i| params.get(i));
        let Some(value) = value else {
            return Err(rusqlite::Error::InvalidParameterCount(params.len(), number));
        };
        match value {
            Value::Null => prepared.raw_bind_parameter(at, rusqlite::types::Null)?,
            Value::Bool(b) => prepared.raw_bind_parameter(at, b)?,
            Value::Int(n) => prepared.raw_bind_parameter(at, n)?,
            Value::Text(text) => prepared.raw_bind_parameter(at, text)?,
            Value::Bytes(bytes) => prepared.raw_bind_parameter(at, bytes)?,
            Value::Time(time) => prepared.raw_bind_parameter(at, time_text(*time))?,
        }
    }
    Ok(())
}

fn read_value(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(n) => Value::Int(n),
        // No table of ours holds fractions; in an adopted one they are read as the text they print as.
        ValueRef::Real(x) => Value::Text(x.to_string()),
        ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).into_owned()),
        ValueRef::Blob(bytes) => Value::Bytes(bytes.to_vec()),
    }
}
