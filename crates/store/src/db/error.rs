//! What went wrong with the database, told by what to do next.
//!
//! A database that went away is an everyday event, not a bug: everything that heals by itself is
//! [`Error::Unavailable`]. Nothing here carries a password or a parameter's value.

use std::sync::Arc;

use tokio_postgres::error::SqlState;

/// The driver's own error beneath.
pub type Cause = Arc<dyn std::error::Error + Send + Sync>;

/// The result of everything that speaks to a database.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why the database did not do as it was told.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// It cannot be reached, is starting or stopping, is full or locked: pause and try again. When
    /// this answers a commit, the commit may have happened: what is tried again must bear it.
    #[error("the database is not available")]
    Unavailable(#[source] Cause),
    /// Somebody else wrote first (a version moved on, a unique key was taken, a deadlock was broken).
    /// Nothing was written: load again and decide again.
    #[error("somebody else wrote first")]
    Conflict(#[source] Cause),
    /// It does not let us in, or the address is wrong: a person has to mend the configuration.
    #[error("the database refuses: {0}")]
    Refused(String),
    /// The statement can never work, or its answer cannot be read: a bug, or a foreign schema.
    #[error("the statement does not work: {sql}")]
    Broken {
        /// The statement's text (without its values).
        sql: String,
        /// What the driver said.
        #[source]
        source: Cause,
    },
}

/// A cause of our own, where no driver has one.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Said(pub(crate) String);

impl Error {
    pub(crate) fn unreadable(what: String) -> Self {
        Self::Broken {
            sql: "(reading an answer)".to_owned(),
            source: Arc::new(Said(what)),
        }
    }

    pub(crate) fn conflict(sql: &str) -> Self {
        Self::Conflict(Arc::new(Said(format!(
            "not the rows that were there before, for: {}",
            head(sql)
        ))))
    }

    pub(crate) fn unavailable(why: impl Into<String>) -> Self {
        Self::Unavailable(Arc::new(Said(why.into())))
    }

    /// Whether trying the same again later may work.
    pub fn heals(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }

    pub(crate) fn from_lite(sql: &str, error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as E;
        let code = error.sqlite_error().map(|e| (e.code, e.extended_code));
        match code {
            Some((
                E::DatabaseBusy
                | E::DatabaseLocked
                | E::DiskFull
                | E::SystemIoFailure
                | E::CannotOpen
                | E::OutOfMemory
                | E::ReadOnly
                | E::FileLockingProtocolFailed
                | E::OperationInterrupted,
                _,
            )) => Self::Unavailable(Arc::new(error)),
            Some((E::ConstraintViolation, SQLITE_UNIQUE | SQLITE_PRIMARY_KEY)) => {
                Self::Conflict(Arc::new(error))
            }
            _ => Self::Broken {
                sql: head(sql),
                source: Arc::new(error),
            },
        }
    }

    pub(crate) fn from_pg(sql: &str, error: tokio_postgres::Error) -> Self {
        let Some(code) = error.code() else {
            // Without a word from the server, it is the connection, unless we asked nonsense: what
            // the server never saw has a wrong number of parameters or an answer of an odd type.
            return match unsaid(&error) {
                Unsaid::OurMistake => Self::Broken {
                    sql: head(sql),
                    source: Arc::new(error),
                },
                Unsaid::NoEntry => Self::Refused(chain(&error)),
                Unsaid::Lost => Self::Unavailable(Arc::new(error)),
            };
        };
        if [SqlState::UNIQUE_VIOLATION, SqlState::LOCK_NOT_AVAILABLE].contains(code)
            || code.code().starts_with("40")
        {
            return Self::Conflict(Arc::new(error));
        }
        let class = &code.code()[..2];
        match class {
            // Invalid authorization, unknown database.
            "28" | "3D" => {
                let said = error
                    .as_db_error()
                    .map_or_else(String::new, |e| e.message().to_owned());
                Self::Refused(said)
            }
            // Connection, resources (disk full, too many clients), operator's intervention (restart,
            // statement timeout), the system's own failures; 25006: a standby that is not yet ours.
            "08" | "53" | "57" | "58" => Self::Unavailable(Arc::new(error)),
            _ if code == &SqlState::READ_ONLY_SQL_TRANSACTION => Self::Unavailable(Arc::new(error)),
            _ => Self::Broken {
                sql: head(sql),
                source: Arc::new(error),
            },
        }
    }
}

/// SQLite's extended codes for a taken unique key and a taken primary key.
const SQLITE_UNIQUE: i32 = rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE;
const SQLITE_PRIMARY_KEY: i32 = rusqlite::ffi::SQLITE_CONSTRAINT_PRIMARYKEY;

/// What a failure means that the server said nothing about.
enum Unsaid {
    OurMistake,
    NoEntry,
    Lost,
}

/// tokio-postgres tells its own kinds of failure apart only in words.
fn unsaid(error: &tokio_postgres::Error) -> Unsaid {
    const OURS: [&str; 5] = [
        "error serializing",
        "error deserializing",
        "error encoding",
        "expected",
        "invalid column",
    ];
    const ENTRY: [&str; 3] = [
        "error performing TLS",
        "authentication error",
        "invalid con",
    ];
    let text = error.to_string();
    if OURS.iter().any(|start| text.starts_with(start)) {
        Unsaid::OurMistake
    } else if ENTRY.iter().any(|start| text.starts_with(start)) {
        Unsaid::NoEntry
    } else {
        Unsaid::Lost
    }
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut said = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        said = format!("{said}: {error}");
        cause = error.source();
    }
    said
}

fn head(sql: &str) -> String {
    let line = sql.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(200) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line,
    }
}
