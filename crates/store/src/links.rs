//! Which messages are one message: what somebody wrote (its origin), and every copy that stands in
//! another chat. And which messages carry keys, and what waits for its time.

use engine::{
    event::Timer,
    ids::{ChatRef, MessageRef},
};
use jiff::Timestamp;

use crate::{
    Store,
    db::{Result, Stmt},
    from_json, parse, stmt,
};

impl Store {
    /// Where this message stands in `chat`, in the order of sending: several, if it was too long for
    /// one. Itself, if it stands there.
    pub async fn twins(&self, of: &MessageRef, chat: &ChatRef) -> Result<Vec<MessageRef>> {
        let sql = "SELECT twin FROM links WHERE chat = $2
            AND origin = COALESCE((SELECT known.origin FROM links known WHERE known.twin = $1), $1)
            ORDER BY id";
        let rows = self
            .db
            .read(stmt!(sql, of.to_string(), chat.to_string()))
            .await?;
        let twins = rows.iter().map(|row| parse(&row.get::<String>(0)?));
        let twins: Vec<MessageRef> = twins.collect::<Result<_>>()?;
        let itself = of.chat == *chat && (twins.is_empty() || twins.contains(of));
        Ok(if itself { vec![of.clone()] } else { twins })
    }

    /// The messages in a chat whose keys have not been taken away.
    pub async fn keyboards(&self, chat: &ChatRef) -> Result<Vec<MessageRef>> {
        let sql = "SELECT message FROM keyboards WHERE chat = $1 ORDER BY shown_at";
        let rows = self.db.read(stmt!(sql, chat.to_string())).await?;
        rows.iter()
            .map(|row| parse(&row.get::<String>(0)?))
            .collect()
    }

    /// Timers that are due by `until`, the earliest first. Handled by a commit that says so
    /// ([`By::Timer`](crate::By::Timer)).
    pub async fn timers(&self, until: Timestamp) -> Result<Vec<(Timer, Timestamp)>> {
        let sql = "SELECT timer, due FROM timers WHERE due <= $1 ORDER BY due LIMIT 1000";
        let rows = self.db.read(stmt!(sql, until)).await?;
        rows.iter()
            .map(|row| Ok((from_json(&row.get::<String>(0)?, "a timer")?, row.get(1)?)))
            .collect()
    }
}

/// The statement that sets a timer, or moves it.
pub(crate) fn set(timer: &Timer, due: Timestamp) -> Result<Stmt> {
    let sql = "INSERT INTO timers (name, timer, due) VALUES ($1, $2, $3)
        ON CONFLICT (name) DO UPDATE SET timer = excluded.timer, due = excluded.due";
    Ok(stmt!(sql, timer.key(), crate::to_json(timer)?, due))
}

/// The statement that takes a timer that is due, unless it has been moved.
pub(crate) fn take(timer: &Timer, due: Timestamp) -> Stmt {
    stmt!(
        "DELETE FROM timers WHERE name = $1 AND due = $2",
        timer.key(),
        due
    )
    .or_conflict()
}

/// The statement that makes a message its own origin.
pub(crate) fn root(message: &MessageRef, now: Timestamp) -> Stmt {
    let sql = "INSERT INTO links (twin, origin, chat, linked_at) VALUES ($1, $1, $2, $3)
        ON CONFLICT (twin) DO NOTHING";
    stmt!(sql, message.to_string(), message.chat.to_string(), now)
}
