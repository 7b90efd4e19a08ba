//! One text, two databases: the executor beneath every query.
//!
//! A [`Stmt`] is a text with `$1…$n` and its values, the same for PostgreSQL and SQLite; [`Db`] runs it
//! on whichever was opened. What must stay true:
//! * the hot path is [`Db::write`]: what several tasks hand in at once shares one transaction and so
//!   one flush to disk, and on PostgreSQL one or two round trips;
//! * a write that fails takes only itself along, never those it was grouped with;
//! * nothing here knows a table.

pub mod error;
mod lite;
mod pg;
pub mod value;

use std::{borrow::Cow, path::PathBuf};

pub use error::{Error, Result};
pub use lite::Lite;
pub use pg::{Listener, Pg};
pub use value::{Column, Row, Value};

/// A statement and its values. Make it with [`stmt!`](crate::stmt).
#[derive(Clone, Debug)]
pub struct Stmt {
    pub(crate) sql: Cow<'static, str>,
    pub(crate) params: Vec<Value>,
    /// How many rows it must touch.
    pub(crate) must_hit: Option<u64>,
}

impl Stmt {
    /// A statement; `$n` in the text stands for `params[n - 1]`, and every one is used.
    pub fn new(sql: impl Into<Cow<'static, str>>, params: Vec<Value>) -> Self {
        Self {
            sql: sql.into(),
            params,
            must_hit: None,
        }
    }

    /// The whole transaction is undone with [`Error::Conflict`] unless exactly one row is touched:
    /// the compare-and-set of a version, a state or a lease. Put these first: on PostgreSQL what
    /// follows the last of them leaves only when their answers are there.
    #[must_use]
    pub fn or_conflict(self) -> Self {
        self.hitting(1)
    }

    /// The same for a statement about many: undone unless exactly so many rows are touched.
    #[must_use]
    pub fn hitting(mut self, rows: u64) -> Self {
        self.must_hit = Some(rows);
        self
    }

    /// Checks an answer against [`Stmt::hitting`].
    fn judge(&self, done: &Done) -> Result<()> {
        match self.must_hit {
            Some(rows) if done.affected != rows => Err(Error::conflict(&self.sql)),
            Some(_) | None => Ok(()),
        }
    }
}

/// `stmt!("UPDATE t SET a = $2 WHERE id = $1", id, a)`: the text and the values in order.
#[macro_export]
macro_rules! stmt {
    ($sql:expr $(, $value:expr)* $(,)?) => {
        $crate::db::Stmt::new($sql, vec![$($crate::db::Value::from($value)),*])
    };
}

/// What a statement did.
#[derive(Clone, Debug, Default)]
pub struct Done {
    /// The rows of a `SELECT` or of `RETURNING`.
    pub rows: Vec<Row>,
    /// How many rows were inserted, changed, removed or (after a `SELECT`) read.
    pub affected: u64,
}

/// A database that was opened. Cheap to clone.
#[derive(Clone, Debug)]
pub enum Db {
    /// A file.
    Lite(Lite),
    /// A server.
    Pg(Pg),
}

impl Db {
    /// Opens `sqlite://file`, `sqlite:///absolute/file` or `postgres://user:password@host/db`; the
    /// forms of SQLAlchemy with a driver (`postgresql+asyncpg://`) are understood too.
    ///
    /// # Errors
    /// [`Error::Refused`] for an address, a file or a login that cannot work (never showing the
    /// password), [`Error::Unavailable`] for a server that does not answer now.
    pub async fn open(url: &str) -> Result<Self> {
        match Address::parse(url)? {
            Address::File(path) => Lite::open(path).await.map(Self::Lite),
            Address::Server(url) => Pg::open(&url).await.map(Self::Pg),
        }
    }

    /// Whether it is PostgreSQL: for the few texts that cannot be the same.
    pub fn is_pg(&self) -> bool {
        matches!(self, Self::Pg(_))
    }

    /// Runs one `SELECT`.
    pub async fn read(&self, stmt: Stmt) -> Result<Vec<Row>> {
        let mut answers = self.read_all(vec![stmt]).await?;
        Ok(answers.pop().unwrap_or_default())
    }

    /// Runs several `SELECT`s on one state of the database, in one round trip.
    pub async fn read_all(&self, stmts: Vec<Stmt>) -> Result<Vec<Vec<Row>>> {
        let done = match self {
            Self::Lite(db) => db.read(stmts).await?,
            Self::Pg(db) => db.read(stmts).await?,
        };
        Ok(done.into_iter().map(|done| done.rows).collect())
    }

    /// Writes in one transaction, all or nothing, grouped with what other tasks write meanwhile.
    /// Returns once it is on disk. Between two writes that are not awaited one after the other there is
    /// no order. It happens also when the caller stops waiting.
    ///
    /// # Errors
    /// [`Error::Conflict`] when a statement marked [`Stmt::or_conflict`] or [`Stmt::hitting`] did not touch
    /// exactly so many rows.
    pub async fn write(&self, stmts: Vec<Stmt>) -> Result<Vec<Done>> {
        match self {
            Self::Lite(db) => db.write(stmts).await,
            Self::Pg(db) => db.write(stmts).await,
        }
    }

    /// Begins a transaction for what needs answers in between (migrations, adoption, erasing).
    /// On SQLite nothing else can be written until it ends: never wait for a network inside.
    pub async fn begin(&self) -> Result<Tx> {
        Ok(match self {
            Self::Lite(db) => Tx::Lite(db.begin()),
            Self::Pg(db) => Tx::Pg(Box::new(db.begin().await?)),
        })
    }

    /// How many transactions [`Db::write`] has committed since it was opened: each a flush to disk, shared
    /// by however many writes were handed in together.
    pub fn commits(&self) -> u64 {
        match self {
            Self::Lite(db) => db.commits(),
            Self::Pg(db) => db.commits(),
        }
    }

    /// Asks for a sign of life.
    pub async fn ping(&self) -> Result<()> {
        self.read(stmt!("SELECT 1")).await.map(|_| ())
    }
}

/// A transaction. Dropping it, or an error from it, undoes it.
#[derive(Debug)]
pub enum Tx {
    /// On a file.
    Lite(lite::LiteTx),
    /// On a server.
    Pg(Box<pg::PgTx>),
}

impl Tx {
    /// Runs statements in order, on PostgreSQL in one round trip.
    pub async fn run(&mut self, stmts: Vec<Stmt>) -> Result<Vec<Done>> {
        match self {
            Self::Lite(tx) => tx.run(stmts).await,
            Self::Pg(tx) => tx.run(stmts).await,
        }
    }

    /// Runs one statement.
    pub async fn one(&mut self, stmt: Stmt) -> Result<Done> {
        Ok(self.run(vec![stmt]).await?.pop().unwrap_or_default())
    }

    /// Runs a script of several statements without values: definitions of tables.
    pub async fn script(&mut self, sql: String) -> Result<()> {
        match self {
            Self::Lite(tx) => tx.script(sql).await,
            Self::Pg(tx) => tx.script(&sql).await,
        }
    }

    /// Makes it last. After [`Error::Unavailable`] it may or may not have happened.
    pub async fn commit(self) -> Result<()> {
        match self {
            Self::Lite(tx) => tx.commit().await,
            Self::Pg(tx) => tx.commit().await,
        }
    }
}

/// Where a database is.
#[derive(Debug, PartialEq)]
enum Address {
    File(PathBuf),
    Server(String),
}

impl Address {
    fn parse(url: &str) -> Result<Self> {
        let help = "expected sqlite://clients.db or postgres://user:password@host/database";
        let Some((scheme, rest)) = url.split_once(':') else {
            return Err(Error::Refused(help.to_owned()));
        };
        match scheme.split('+').next().unwrap_or(scheme) {
            "sqlite" => {
                let path = rest.strip_prefix("//").unwrap_or(rest);
                let path = path.strip_suffix("?mode=rwc").unwrap_or(path);
                if path.is_empty() || path.contains('?') || path == ":memory:" {
                    let why = "a SQLite address is a file's path, without options";
                    return Err(Error::Refused(format!("{why}; {help}")));
                }
                Ok(Self::File(PathBuf::from(path)))
            }
            "postgres" | "postgresql" => Ok(Self::Server(format!("postgres:{rest}"))),
            _ => Err(Error::Refused(help.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_people_write_them() {
        let file = |path: &str| Address::File(PathBuf::from(path));
        assert_eq!(
            Address::parse("sqlite://clients.db").unwrap(),
            file("clients.db")
        );
        assert_eq!(
            Address::parse("sqlite:///var/lib/z.db").unwrap(),
            file("/var/lib/z.db")
        );
        assert_eq!(
            Address::parse("sqlite:z.db?mode=rwc").unwrap(),
            file("z.db")
        );
        assert_eq!(
            Address::parse("postgresql+asyncpg://u:p@db:5432/care").unwrap(),
            Address::Server("postgres://u:p@db:5432/care".to_owned())
        );
    }

    #[test]
    fn a_wrong_address_is_refused_without_repeating_it() {
        for url in [
            "clients.db",
            "mysql://root:secret@db/x",
            "sqlite://",
            "sqlite://x?cache=shared",
        ] {
            let Err(Error::Refused(said)) = Address::parse(url) else {
                panic!("{url} was accepted")
            };
            assert!(
                said.contains("sqlite://clients.db") && !said.contains("secret"),
                "{said}"
            );
        }
    }
}
