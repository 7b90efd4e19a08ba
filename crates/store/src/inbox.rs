//! What came in. An update is stored before it is acknowledged; each row is handled once, by the copy
//! that claimed it, and the rows of a lane (a chat) in the order of their ids.
//!
//! A lane with unfinished rows of another copy goes on there: the new row is given to that copy (with
//! no attempt counted), which finds it by [`Store::recover`]. So two copies never work on one chat.

use std::{
    collections::HashSet,
    fmt,
    sync::{MutexGuard, PoisonError},
};

use engine::{
    event::Event,
    ids::{ChannelId, DeliveryId},
};
use jiff::{SignedDuration, Timestamp};

use crate::{
    Error, FollowUp, Plan, Store,
    commit::DESK,
    copies::Wake,
    db::{Result, Row, Stmt},
    from_json, stmt, to_json,
};

/// How many looks [`Store::recover`] takes for events whose storing had an unknown outcome: the server may
/// finish what it was told after the connection is gone.
const LOOKS: u32 = 5;
/// Rows younger than this may be in the hands of whoever is just storing them.
const SETTLED: SignedDuration = SignedDuration::from_secs(2);

/// How often an event that fails is tried before it is set aside.
pub const MAX_ATTEMPTS: u32 = 5;
/// How often one is tried during which the desk was stopped. Most stops are nobody's fault, so they
/// count less; but an event that brings the desk down each time must not do so for ever.
pub const MAX_STOPS: u32 = 25;

/// A row of the inbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct InboxId(pub i64);

impl fmt::Display for InboxId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// What a messenger brought at once.
#[derive(Clone, Debug)]
pub struct Intake {
    /// The connection it came by.
    pub channel: ChannelId,
    /// The updates, in order.
    pub updates: Vec<NewUpdate>,
    /// Where to go on reading, stored together with them.
    pub cursor: Option<String>,
}

/// One update, and what it means. An update that means several things comes as several, with keys of
/// their own.
#[derive(Clone, Debug)]
pub struct NewUpdate {
    /// The messenger's own id of it, unique in its channel.
    pub key: String,
    /// The chat it is of: what shares a lane keeps its order.
    pub lane: String,
    /// The update as it came.
    pub raw: Vec<u8>,
    /// What it means, or why it cannot be read: then it is set aside at once.
    pub heard: Result<Event, String>,
}

/// An event that this copy is to handle.
#[derive(Clone, Debug, PartialEq)]
pub struct Taken {
    /// Its row.
    pub id: InboxId,
    /// The chat it is of.
    pub lane: String,
    /// What happened.
    pub event: Event,
    /// How often it has been tried, this time included; see `recovered`.
    pub attempts: u32,
    /// Whether it was left behind, by another copy or an earlier run: then this attempt is not counted
    /// yet. [`Store::resume`] counts it, before it is handled.
    pub recovered: bool,
}

/// The events that this copy has taken and not finished, and whether there may be more of them than it
/// knows.
#[derive(Debug, Default)]
pub(crate) struct Hand {
    pub ids: HashSet<InboxId>,
    /// Looks still to be taken.
    unsure: u32,
}

/// What was left behind.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recovered {
    /// To be handled now, in the order of their ids.
    pub taken: Vec<Taken>,
    /// How many cannot be read any more and were set aside.
    pub given_up: u64,
}

/// Whether an event may be tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attempt {
    /// It may; this is the number of the attempt.
    Again(u32),
    /// It was tried too often and is set aside now.
    SetAside,
    /// It is done, or another copy has it.
    NotMine,
}

/// An update that was set aside.
#[derive(Clone, Debug, PartialEq)]
pub struct Shelved {
    /// Its row.
    pub id: InboxId,
    /// The connection it came by.
    pub channel: String,
    /// The chat it is of.
    pub lane: String,
    /// The update as it came.
    pub raw: Vec<u8>,
    /// Why.
    pub reason: String,
    /// Since when.
    pub at: Timestamp,
}

/// Whoever has the newest unfinished row of the lane gets this one too; it counts as tried only by us.
macro_rules! insert {
    ($key:literal) => {
        concat!("
INSERT INTO inbox
  (channel, update_key, lane, raw, event, taken_at, shelved_at, reason, claimed_by, attempts)
VALUES ($1, ", $key, ", $3, $4, $5, $6, $7, $8,
  COALESCE((SELECT other.claimed_by FROM inbox other WHERE other.lane = $3 AND other.done_at IS NULL
    AND other.shelved_at IS NULL ORDER BY other.id DESC LIMIT 1), $9),
  CASE (SELECT other.claimed_by FROM inbox other WHERE other.lane = $3 AND other.done_at IS NULL
    AND other.shelved_at IS NULL ORDER BY other.id DESC LIMIT 1) <> $9 WHEN TRUE THEN 0 ELSE 1 END)
ON CONFLICT (channel, update_key) DO NOTHING
RETURNING id, lane, event, attempts, claimed_by")
    };
}

const INSERT: &str = insert!("$2");
/// A delivery has one receipt, and one more after it was sent again.
const INSERT_RECEIPT: &str = insert!(
    "(SELECT $2 || CAST(o.id AS TEXT) || COALESCE('/' || CAST(o.again_at AS TEXT), '')
      FROM outbox o WHERE o.id = $10)"
);

impl Store {
    /// Stores what came, and where to go on reading. Updates that are known already are passed over.
    /// Returns what this copy is to handle. Only after this may the messenger be told that all is well.
    pub async fn take_in(&self, intake: Intake, now: Timestamp) -> Result<Vec<Taken>> {
        let mut plan = Plan::new();
        let channel = intake.channel.as_str();
        let keys: Vec<String> = intake
            .updates
            .iter()
            .map(|update| update.key.clone())
            .collect();
        for update in intake.updates {
            plan.ask((), self.arrival(channel, update, now)?);
        }
        if let Some(cursor) = intake.cursor {
            let sql = "INSERT INTO cursors (channel, cursor) VALUES ($1, $2)
                ON CONFLICT (channel) DO UPDATE SET cursor = excluded.cursor";
            plan.add(stmt!(sql, channel, cursor));
        }
        let answers = self.sure(plan.write(&self.db).await)?;
        let mut mine = self.mine(answers.iter().flat_map(|((), rows)| rows))?;
        // Told once more after an answer that got lost: what it had stored comes before what is new.
        let known = answers
            .iter()
            .zip(&keys)
            .filter(|(((), rows), _)| rows.is_empty());
        let known: Vec<&String> = known.map(|(_, key)| key).collect();
        if !known.is_empty() && self.hand().unsure > 0 {
            mine.extend(self.again_known(channel, known).await?);
            mine.sort_by_key(|taken| taken.id);
        }
        Ok(mine)
    }

    /// The statement that stores one update; its answer goes to [`Store::mine`].
    pub(crate) fn arrival(&self, channel: &str, new: NewUpdate, now: Timestamp) -> Result<Stmt> {
        let NewUpdate {
            key,
            lane,
            raw,
            heard,
        } = new;
        let (event, reason) = match heard {
            Ok(event) => (Some(to_json(&event)?), None),
            Err(reason) => (None, Some(reason)),
        };
        let (me, shelved) = (self.me.as_str(), reason.as_ref().map(|_| now));
        Ok(stmt!(
            INSERT, channel, key, lane, raw, event, now, shelved, reason, me
        ))
    }

    /// The statement that stores the receipt of a delivery; its answer goes to [`Store::mine`].
    pub(crate) fn receipt(&self, of: DeliveryId, new: FollowUp, now: Timestamp) -> Result<Stmt> {
        let key = "receipt/".to_owned();
        let new = NewUpdate {
            key,
            lane: new.lane,
            raw: Vec::new(),
            heard: Ok(new.event),
        };
        let mut stmt = self.arrival(DESK, new, now)?;
        stmt.sql = INSERT_RECEIPT.into();
        stmt.params.push(of.0.into());
        Ok(stmt)
    }

    /// Of rows just stored, those that this copy handles; other copies are called for theirs.
    pub(crate) fn mine<'a>(&self, rows: impl IntoIterator<Item = &'a Row>) -> Result<Vec<Taken>> {
        let mut mine = Vec::new();
        for row in rows {
            let holder: String = row.get(4)?;
            if holder != self.me.as_str() {
                self.call(Wake::Inbox, &holder);
            } else if row.get::<Option<String>>(2)?.is_some() {
                mine.push(taken(row)?);
            }
        }
        self.hand().ids.extend(mine.iter().map(|taken| taken.id));
        Ok(mine)
    }

    /// Remembers that a write may have happened although its answer is an error: events it stored would
    /// be claimed by this copy and in nobody's hand.
    pub(crate) fn sure<T>(&self, answer: Result<T>) -> Result<T> {
        if answer.as_ref().is_err_and(Error::heals) {
            self.hand().unsure = LOOKS;
        }
        answer
    }

    pub(crate) fn hand(&self) -> MutexGuard<'_, Hand> {
        self.hand.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Of updates that are known, those of this copy that are in nobody's hand.
    async fn again_known(&self, channel: &str, keys: Vec<&String>) -> Result<Vec<Taken>> {
        let sql = "SELECT id, lane, event, attempts FROM inbox
            WHERE channel = $1 AND update_key = $2 AND claimed_by = $3
            AND done_at IS NULL AND shelved_at IS NULL AND attempts > 0";
        let me = self.me.as_str();
        let stmts = keys
            .into_iter()
            .map(|key| stmt!(sql, channel, key, me))
            .collect();
        let rows = self.db.read_all(stmts).await?;
        let mut known = rows
            .iter()
            .flatten()
            .map(taken)
            .collect::<Result<Vec<_>>>()?;
        let mut hand = self.hand();
        known.retain(|taken| hand.ids.insert(taken.id));
        Ok(known)
    }

    /// Events of this copy that are in nobody's hand.
    async fn dropped(&self, now: Timestamp) -> Result<Vec<Taken>> {
        if self.hand().unsure == 0 {
            return Ok(Vec::new());
        }
        let sql = "SELECT id, lane, event, attempts FROM inbox WHERE claimed_by = $1
            AND done_at IS NULL AND shelved_at IS NULL AND attempts > 0 AND taken_at < $2";
        let rows = self
            .db
            .read(stmt!(sql, self.me.as_str(), now - SETTLED))
            .await?;
        let mut unfinished = rows.iter().map(taken).collect::<Result<Vec<_>>>()?;
        let mut hand = self.hand();
        hand.unsure = hand.unsure.saturating_sub(1);
        unfinished.retain(|taken| hand.ids.insert(taken.id));
        Ok(unfinished)
    }

    /// Where to go on reading a channel.
    pub async fn cursor(&self, channel: &ChannelId) -> Result<Option<String>> {
        let sql = "SELECT cursor FROM cursors WHERE channel = $1";
        let rows = self.db.read(stmt!(sql, channel.as_str())).await?;
        rows.first().map(|row| row.get(0)).transpose()
    }

    /// Claims what nobody works on: what was stored although the answer got lost, rows of copies that are dead (no sign of life for
    /// [`Store::LIVES`]; on SQLite every other copy), rows that others gave to this one, and rows that
    /// wait for anybody. Call it before the first [`Store::take_in`], then each second.
    pub async fn recover(&self, now: Timestamp) -> Result<Recovered> {
        let claimable = "done_at IS NULL AND shelved_at IS NULL
            AND (claimed_by IS NULL OR (claimed_by = $1 AND attempts = 0)
              OR (claimed_by <> $1 AND claimed_by NOT IN (SELECT id FROM copies WHERE seen_at > $2)))";
        let (me, alive) = (self.me.as_str(), self.alive_since(now));
        // Copies take turns, so that one lane's rows do not go to two of them.
        let turn = stmt!("UPDATE settings SET value = value WHERE name = 'shape'");
        // Whoever handles it counts the attempt then: a row that only waited was not tried, however
        // often the desk was stopped meanwhile.
        let claim = format!(
            "UPDATE inbox SET claimed_by = $1, attempts = CASE WHEN attempts > 0 THEN attempts ELSE 1 END
             WHERE {claimable} RETURNING id, lane, event, attempts"
        );
        let stmts = vec![turn, stmt!(claim, me, alive)];
        let waiting = stmt!(
            format!("SELECT 1 FROM inbox WHERE {claimable} LIMIT 1"),
            me,
            alive
        );
        let dropped = self.dropped(now).await?;
        if self.db.read(waiting).await?.is_empty() {
            return Ok(Recovered {
                taken: dropped,
                given_up: 0,
            });
        }
        let done = self.db.write(stmts).await?;
        let mut recovered = Recovered {
            taken: dropped,
            given_up: 0,
        };
        for row in &done[1].rows {
            match taken(row) {
                Ok(taken) => recovered.taken.push(Taken {
                    recovered: true,
                    ..taken
                }),
                Err(error) => {
                    // Written by a version that knew more: it must not hold up the rest.
                    let reason = format!("cannot be read: {error:?}");
                    self.set_aside(InboxId(row.get(0)?), &reason, now).await?;
                    recovered.given_up += 1;
                }
            }
        }
        recovered.taken.sort_by_key(|taken| taken.id);
        self.hand()
            .ids
            .extend(recovered.taken.iter().map(|taken| taken.id));
        Ok(recovered)
    }

    /// Counts one more attempt of an event that failed, or sets it aside.
    pub async fn retry(&self, id: InboxId, reason: &str, now: Timestamp) -> Result<Attempt> {
        let reason = format!("kept failing: {reason}");
        self.count(id, &reason, MAX_ATTEMPTS, now).await
    }

    /// Counts the attempt that begins now of an event that was found ([`Taken::recovered`]), or sets it
    /// aside.
    pub async fn resume(&self, id: InboxId, now: Timestamp) -> Result<Attempt> {
        let reason = "the desk stopped each time it was handled";
        self.count(id, reason, MAX_STOPS, now).await
    }

    async fn count(&self, id: InboxId, reason: &str, most: u32, now: Timestamp) -> Result<Attempt> {
        let mine = "id = $1 AND claimed_by = $2 AND done_at IS NULL AND shelved_at IS NULL";
        let shelve = format!(
            "UPDATE inbox SET shelved_at = $3, reason = $4 WHERE {mine} AND attempts >= $5"
        );
        let again =
            format!("UPDATE inbox SET attempts = attempts + 1 WHERE {mine} RETURNING attempts");
        let me = self.me.as_str();
        let stmts = vec![
            stmt!(shelve, id.0, me, now, reason, most),
            stmt!(again, id.0, me),
        ];
        let done = self.db.write(stmts).await?;
        let attempt = match done[1].rows.first() {
            _ if done[0].affected > 0 => Attempt::SetAside,
            Some(row) => return Ok(Attempt::Again(row.get(0)?)),
            None => Attempt::NotMine,
        };
        self.hand().ids.remove(&id);
        Ok(attempt)
    }

    /// Sets an event aside: it will not be tried again by itself.
    pub async fn set_aside(&self, id: InboxId, reason: &str, now: Timestamp) -> Result<()> {
        let sql = "UPDATE inbox SET shelved_at = $2, reason = $3
            WHERE id = $1 AND done_at IS NULL AND shelved_at IS NULL";
        self.db.write(vec![stmt!(sql, id.0, now, reason)]).await?;
        self.hand().ids.remove(&id);
        Ok(())
    }

    /// What is set aside, newest first.
    pub async fn shelf(&self, limit: u32) -> Result<Vec<Shelved>> {
        let sql = "SELECT id, channel, lane, raw, reason, shelved_at FROM inbox
            WHERE shelved_at IS NOT NULL ORDER BY id DESC LIMIT $1";
        let rows = self.db.read(stmt!(sql, limit)).await?;
        rows.iter()
            .map(|row| {
                Ok(Shelved {
                    id: InboxId(row.get(0)?),
                    channel: row.get(1)?,
                    lane: row.get(2)?,
                    raw: row.get(3)?,
                    reason: row.get::<Option<String>>(4)?.unwrap_or_default(),
                    at: row.get(5)?,
                })
            })
            .collect()
    }

    /// The statement that marks an event done, if it is still this copy's to do.
    pub(crate) fn done(&self, id: InboxId, now: Timestamp) -> Stmt {
        let sql = "UPDATE inbox SET done_at = $3 WHERE id = $1 AND claimed_by = $2
            AND done_at IS NULL AND shelved_at IS NULL";
        stmt!(sql, id.0, self.me.as_str(), now).or_conflict()
    }
}

fn taken(row: &Row) -> Result<Taken> {
    Ok(Taken {
        id: InboxId(row.get(0)?),
        lane: row.get(1)?,
        event: from_json(&row.get::<String>(2)?, "an event")?,
        attempts: row.get(3)?,
        recovered: false,
    })
}
