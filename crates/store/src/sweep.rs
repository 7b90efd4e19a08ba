//! Forgets what has been kept long enough. In small steps: a sweep is never what a customer waits for.

use jiff::{SignedDuration, Timestamp};

use crate::{
    Store,
    db::{Result, Value},
    stmt,
};

/// How long things are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep {
    /// Handled updates: longer than a messenger may deliver one again.
    pub inbox: SignedDuration,
    /// What was delivered.
    pub delivered: SignedDuration,
    /// What failed, so that an operator can still send it again.
    pub failed: SignedDuration,
    /// The history of closed tickets, with media and links (`HISTORY_DAYS`); who got a broadcast or a
    /// reminder. Payments and the log of changed records are kept for good.
    pub history: SignedDuration,
}

impl Keep {
    /// The usual times, and the history for so many days.
    pub fn history_days(days: u32) -> Self {
        let days_of = |days: i64| SignedDuration::from_hours(24 * days);
        let (inbox, delivered, failed) = (days_of(3), days_of(1), days_of(14));
        Self {
            inbox,
            delivered,
            failed,
            history: days_of(i64::from(days)),
        }
    }
}

/// What a step removed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Files that no row names any more: to be removed now.
    pub media_paths: Vec<String>,
    /// How many rows went.
    pub rows: u64,
    /// Whether there may be more: sweep again soon.
    pub more: bool,
}

/// Rows of one table that go in one step.
const STEP: i64 = 500;

impl Store {
    /// One step of forgetting. Unfinished events, open tickets and what is set aside stay.
    pub async fn sweep(&self, now: Timestamp, keep: Keep) -> Result<Swept> {
        let before = |age: SignedDuration| now.checked_sub(age).unwrap_or(Timestamp::MIN);
        let history = before(keep.history);
        let mut swept = self.sweep_history(history).await?;
        let delete = |table: &str, key: &str, old: &str| {
            format!(
                "DELETE FROM {table} WHERE {key} IN (SELECT {key} FROM {table} WHERE {old} LIMIT $2)"
            )
        };
        let inbox = delete("inbox", "id", "done_at IS NOT NULL AND done_at < $1");
        let delivered = delete("outbox", "id", "finished_at < $1 AND state = 2");
        let failed = delete("outbox", "id", "finished_at < $1 AND state = 3");
        // What is kept can be answered and changed. The pinned list is one message for as long as nobody
        // deletes it (`engine::effect::board`).
        let links = delete(
            "links",
            "id",
            "linked_at < $1 AND origin NOT LIKE '%/board'
              AND NOT EXISTS (SELECT 1 FROM ticket_messages m WHERE m.origin = links.origin)",
        );
        let keyboards = delete("keyboards", "message", "shown_at < $1");
        let copies = delete(
            "copies",
            "id",
            "seen_at < $1 AND NOT EXISTS (SELECT 1 FROM inbox WHERE claimed_by = copies.id
              AND done_at IS NULL AND shelved_at IS NULL)",
        );
        // One broadcast at a time. Its row stays: numbers are not used again.
        let recipients = "DELETE FROM recipients WHERE broadcast IN (SELECT b.id FROM broadcasts b
            WHERE b.begun_at < $1 AND b.stage IN ('\"done\"', '\"stopped\"')
              AND EXISTS (SELECT 1 FROM recipients r WHERE r.broadcast = b.id) LIMIT 1)";
        let reminders = "DELETE FROM reminders WHERE reminded_at < $1 AND client_id IN
            (SELECT client_id FROM reminders WHERE reminded_at < $1 LIMIT $2)";
        let done = self
            .db
            .write(vec![
                stmt!(inbox, before(keep.inbox), STEP),
                stmt!(delivered, before(keep.delivered), STEP),
                stmt!(failed, before(keep.failed), STEP),
                stmt!(links, history, STEP),
                stmt!(keyboards, history, STEP),
                stmt!(recipients, history),
                stmt!(reminders, history, STEP),
                stmt!(copies, before(SignedDuration::from_hours(24)), STEP),
            ])
            .await?;
        for done in &done {
            swept.rows += done.affected;
            swept.more |= done.affected >= STEP.unsigned_abs();
        }
        Ok(swept)
    }

    async fn sweep_history(&self, before: Timestamp) -> Result<Swept> {
        // The predecessor's rows (they have no origin) are not ours to forget on the first day.
        let old = "SELECT m.id, m.media_path FROM ticket_messages m
            JOIN tickets t ON t.id = m.ticket_id WHERE m.created_at < $1 AND t.stage IS NULL
            AND (m.origin IS NOT NULL OR EXISTS (SELECT 1 FROM settings
              WHERE name = 'begun_at' AND CAST(value AS BIGINT) < $3))
            ORDER BY m.created_at LIMIT $2";
        let old = stmt!(old, Value::Time(before), STEP, before);
        let rows = self.db.read(old).await?;
        let mut swept = Swept {
            rows: 0,
            more: rows.len() >= 500,
            media_paths: Vec::new(),
        };
        let mut stmts = Vec::new();
        for row in &rows {
            let id: i64 = row.get(0)?;
            stmts.push(stmt!(
                "DELETE FROM message_versions WHERE message_id = $1",
                id
            ));
            stmts.push(stmt!("DELETE FROM ticket_messages WHERE id = $1", id));
            swept.media_paths.extend(row.get::<Option<String>>(1)?);
            swept.rows += 1;
        }
        if !stmts.is_empty() {
            self.db.write(stmts).await?;
        }
        Ok(swept)
    }
}
