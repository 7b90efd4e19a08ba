//! Remembers: everything the desk knows is here, in PostgreSQL or SQLite alike.
//!
//! What must stay true:
//! * one SQL text for both databases; every query runs on both in `tests/`;
//! * an update is stored before it is acknowledged, and what is decided is stored together with what
//!   is to be sent ([`Store::take_in`], [`Store::commit`]);
//! * whoever writes proves that nothing moved meanwhile (versions, claims), or is told
//!   [`Error::Conflict`] and nothing is written;
//! * no rule and no messenger is known here; time comes in as an argument.
//!
//! Times in our own tables are microseconds since 1970; in the tables that other programs read (`users`,
//! `tickets`, `ticket_messages`, `payments`, `audit`) they are the database's own.

mod batch;
mod broadcasts;
mod business;
mod clients;
mod commit;
mod copies;
mod counts;
pub mod db;
mod facts;
mod history;
mod inbox;
mod links;
mod migrate;
mod outbox;
mod payments;
mod records;
mod reminders;
mod schema;
mod sheet;
mod sweep;
#[cfg(feature = "testing")]
pub mod testing;

use std::{
    collections::HashSet,
    fmt,
    sync::{Arc, Mutex, OnceLock, PoisonError, atomic::AtomicI64},
};

pub use commit::{By, Commit, Committed, FollowUp};
pub use copies::Wake;
pub use counts::{Counts, Queue};
pub use db::{Error, error::Result};
pub use facts::{Found, Version};
pub use inbox::{
    Attempt, InboxId, Intake, MAX_ATTEMPTS, MAX_STOPS, NewUpdate, Recovered, Shelved, Taken,
};
pub use migrate::Migrated;
pub use outbox::{Failed, Outcome, Queued, Settled, Settlement, Started};
pub use sweep::{Keep, Swept};

use db::{Db, Row, Stmt};
use engine::ids::ChannelId;
use schema::Shape;

/// One running copy of the program: a random text, new at each start.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CopyId(Arc<str>);

impl CopyId {
    /// Names a copy.
    pub fn new(name: impl Into<Arc<str>>) -> Self {
        Self(name.into())
    }

    /// The name itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CopyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The desk's memory. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    db: Db,
    me: CopyId,
    /// What the public tables look like; known after [`Store::migrate`].
    shape: Arc<OnceLock<Shape>>,
    /// Leases this copy took and did not release: whom to call when something is queued.
    held: Arc<Mutex<HashSet<String>>>,
    /// Events this copy has in hand.
    hand: Arc<Mutex<inbox::Hand>>,
    /// The highest ticket number given out by this copy.
    numbers: Arc<AtomicI64>,
    /// Known after [`Store::migrate`].
    first_serial: Arc<OnceLock<u64>>,
    /// See [`Store::numbered`].
    numbered: Arc<HashSet<ChannelId>>,
}

impl Store {
    /// Opens a database for this copy; see [`Db::open`] for the address. [`Store::migrate`] comes next.
    pub async fn open(url: &str, me: CopyId) -> Result<Self> {
        Ok(Self {
            db: Db::open(url).await?,
            me,
            shape: Arc::default(),
            held: Arc::default(),
            hand: Arc::default(),
            numbers: Arc::default(),
            first_serial: Arc::default(),
            numbered: Arc::new([ChannelId::new(migrate::CHANNEL)].into()),
        })
    }

    /// Says on which channels other programs know people by the messenger's number of them: there it
    /// is written to `users.tg_id` and `tickets.operator_tg_id`, elsewhere these stay empty. Unless
    /// said otherwise, that is the one channel that the predecessor spoke on.
    #[must_use]
    pub fn numbered(mut self, channels: impl IntoIterator<Item = ChannelId>) -> Self {
        self.numbered = Arc::new(channels.into_iter().collect());
        self
    }

    /// A number of this database's own, from which it counts what it sends: two databases do not
    /// send under the same numbers. Microseconds since 1970 when it was first brought up to this
    /// version; the same ever after and for all copies. 0 before [`Store::migrate`].
    pub fn first_serial(&self) -> u64 {
        self.first_serial.get().copied().unwrap_or_default()
    }

    /// Asks the database for a sign of life.
    pub async fn ping(&self) -> Result<()> {
        self.db.ping().await
    }

    /// The database beneath, for what is not the desk's: tests, a person's own queries.
    pub fn db(&self) -> &Db {
        &self.db
    }

    /// This copy's name.
    pub fn me(&self) -> &CopyId {
        &self.me
    }

    fn shape(&self) -> &Shape {
        self.shape.get_or_init(Shape::ours)
    }

    fn holds(&self, lease: &str) -> bool {
        self.held
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .contains(lease)
    }
}

/// Statements of one transaction, with names for the answers that are wanted.
struct Plan<T> {
    stmts: Vec<Stmt>,
    wanted: Vec<(usize, T)>,
}

impl<T> Plan<T> {
    fn new() -> Self {
        Self {
            stmts: Vec::new(),
            wanted: Vec::new(),
        }
    }

    fn add(&mut self, stmt: Stmt) {
        self.stmts.push(stmt);
    }

    fn extend(&mut self, stmts: Vec<Stmt>) {
        self.stmts.extend(stmts);
    }

    /// Adds a statement whose rows are wanted under `name`.
    fn ask(&mut self, name: T, stmt: Stmt) {
        self.wanted.push((self.stmts.len(), name));
        self.stmts.push(stmt);
    }

    /// Writes it all; the rows that were wanted.
    async fn write(self, db: &Db) -> Result<Vec<(T, Vec<Row>)>> {
        if self.stmts.is_empty() {
            return Ok(Vec::new());
        }
        let mut done = db.write(self.stmts).await?;
        let wanted = self.wanted.into_iter().map(|(at, name)| {
            let rows = done.get_mut(at).map(|done| std::mem::take(&mut done.rows));
            (name, rows.unwrap_or_default())
        });
        Ok(wanted.collect())
    }
}

/// Reads something that was kept as JSON.
fn from_json<T: serde::de::DeserializeOwned>(text: &str, what: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|error| Error::unreadable(format!("{what}: {error}")))
}

/// Keeps something as JSON. None of our types can fail to.
fn to_json<T: serde::Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|error| Error::unreadable(error.to_string()))
}

/// Reads a reference that was kept as text.
fn parse<T: std::str::FromStr<Err: fmt::Display>>(text: &str) -> Result<T> {
    text.parse()
        .map_err(|error: T::Err| Error::unreadable(error.to_string()))
}
