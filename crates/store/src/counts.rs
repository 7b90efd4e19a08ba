//! How much there is to do: for `/metrics` and `/readyz`.

use jiff::{SignedDuration, Timestamp};

use crate::{
    Store,
    db::{Result, Row},
    stmt,
};

/// How much waits, and since when.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Queue {
    /// Rows that are not finished.
    pub waiting: u64,
    /// How long the oldest of them has waited.
    pub oldest: SignedDuration,
}

/// Numbers about the whole desk, all of one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Events that are not handled.
    pub inbox: Queue,
    /// Updates that were set aside.
    pub set_aside: u64,
    /// What is to be sent, by channel.
    pub outbox: Vec<(String, Queue)>,
    /// Open tickets that nobody has.
    pub waiting: u64,
    /// Open tickets that an operator has.
    pub assigned: u64,
    /// Tickets that are over.
    pub closed: u64,
}

impl Store {
    /// Counts. Looks at what is unfinished, and at the number of tickets.
    pub async fn counts(&self, now: Timestamp) -> Result<Counts> {
        let open = "stage IS NOT NULL";
        let stmts = vec![
            stmt!(
                "SELECT COUNT(*), MIN(taken_at) FROM inbox
                 WHERE done_at IS NULL AND shelved_at IS NULL"
            ),
            stmt!("SELECT COUNT(*) FROM inbox WHERE shelved_at IS NOT NULL"),
            stmt!(
                "SELECT COUNT(*), MIN(queued_at), channel FROM outbox WHERE state < 2
                 GROUP BY channel ORDER BY channel"
            ),
            stmt!(format!(
                "SELECT COUNT(*) FROM tickets WHERE {open} AND operator IS NULL"
            )),
            stmt!(format!(
                "SELECT COUNT(*) FROM tickets WHERE {open} AND operator IS NOT NULL"
            )),
            stmt!("SELECT COUNT(*) FROM tickets"),
        ];
        let answers = self.db.read_all(stmts).await?;
        let queue = |row: &Row| {
            let since = row.get::<Option<Timestamp>>(1)?.unwrap_or(now);
            let oldest = now.duration_since(since).max(SignedDuration::ZERO);
            Ok(Queue {
                waiting: count(Some(row))?,
                oldest,
            })
        };
        let one = |i: usize| count(answers[i].first());
        let (waiting, assigned) = (one(3)?, one(4)?);
        Ok(Counts {
            inbox: answers[0].first().map_or(Ok(Queue::default()), queue)?,
            set_aside: one(1)?,
            outbox: answers[2]
                .iter()
                .map(|row| Ok((row.get(2)?, queue(row)?)))
                .collect::<Result<_>>()?,
            waiting,
            assigned,
            closed: one(5)?.saturating_sub(waiting + assigned),
        })
    }
}

/// What a `SELECT COUNT(*)` answered.
pub(crate) fn count(row: Option<&Row>) -> Result<u64> {
    row.map_or(Ok(0), |row| Ok(row.get::<i64>(0)?.unsigned_abs()))
}
