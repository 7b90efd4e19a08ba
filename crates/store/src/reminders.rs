//! Reminders of a payment: who is due, what was decided, once each, and what became of it.

use std::collections::BTreeSet;

use engine::{
    board::{Newest, REMINDED, Reminded, Reminders},
    reminder::{Due, Noted, Outcome, Reminder},
};
use jiff::{Span, Timestamp, civil::Date};

use crate::{
    Store, clients,
    db::{Result, Row, Stmt, Value},
    facts::person,
    from_json, parse, stmt, to_json,
};

/// Chats that can be written to, of a table that is called `u`. What stands for a truth value in a table
/// of the predecessor is up to them.
pub(crate) const REACHABLE: &str = "u.chat IS NOT NULL
    AND COALESCE(CAST(u.blocked AS TEXT), '0') NOT IN ('1', 't', 'true')";

/// The chat that was used last comes first.
pub(crate) const LAST_HEARD: &str = "u.heard_at IS NULL, u.heard_at DESC, u.chat";

impl Store {
    /// Reminders that nobody has decided on yet: of clients whose last paid day is so many `days` after
    /// `today`. At most `limit` of them.
    pub async fn due_reminders(&self, today: Date, days: &[u16], limit: u32) -> Result<Vec<Due>> {
        let days: BTreeSet<u16> = days.iter().copied().collect();
        let day = |days: u16| today.checked_add(Span::new().days(i64::from(days))).ok();
        let days: Vec<_> = days
            .into_iter()
            .filter_map(|d| Some((day(d)?, d)))
            .collect();
        if days.is_empty() {
            return Ok(Vec::new());
        }
        let places: Vec<_> = (0..days.len())
            .map(|n| format!("(${}, ${})", 2 * n + 2, 2 * n + 3))
            .collect();
        let sql = format!(
            "WITH due AS (
               SELECT c.id, c.email, c.paid_until, CAST(d.column2 AS BIGINT) AS days
               FROM clients c JOIN (VALUES {}) AS d ON d.column1 = c.paid_until
               WHERE NOT EXISTS (SELECT 1 FROM reminders r WHERE r.client_id = c.id
                 AND r.paid_until = c.paid_until AND r.days = CAST(d.column2 AS BIGINT))
               ORDER BY c.id LIMIT $1)
             SELECT due.email, due.paid_until, due.days, u.heard_at,
               u.chat, u.person, u.name, u.username, u.language,
               CASE WHEN {REACHABLE} THEN 1 ELSE 0 END
             FROM due LEFT JOIN users u ON u.client_id = due.id AND u.chat IS NOT NULL
             ORDER BY due.id, {LAST_HEARD}",
            places.join(", ")
        );
        let mut params = vec![Value::from(limit)];
        for (day, days) in days {
            params.extend([day.to_string().into(), days.into()]);
        }
        let mut due: Vec<Due> = Vec::new();
        for row in &self.db.read(Stmt::new(sql, params)).await? {
            let reminder = reminder(row)?;
            if due.last().is_none_or(|last| last.reminder != reminder) {
                due.push(Due {
                    reminder,
                    chats: Vec::new(),
                    blocked: false,
                });
            }
            if let (Some(last), Some(_)) = (due.last_mut(), row.get::<Option<String>>(4)?) {
                if row.get::<i64>(9)? == 1 {
                    last.chats.push((person(row, 4)?, row.get(3)?));
                } else {
                    last.blocked = true;
                }
            }
        }
        Ok(due)
    }

    /// Who was reminded since then, and who was not: the newest of each. Who they are called by is what the
    /// records say now. Left out is what is still under way, and what there was no need to remind of.
    pub async fn recent_reminders(&self, since: Timestamp) -> Result<Reminders> {
        Ok(Reminders {
            reached: self.newest("=", since).await?,
            missed: self.newest("<>", since).await?,
        })
    }

    /// The newest reminders whose outcome is, or is not, that they were sent.
    async fn newest(&self, is: &str, since: Timestamp) -> Result<Newest> {
        let sql = format!(
            "SELECT COALESCE(NULLIF(c.name, ''), c.email), r.days, r.outcome, COUNT(*) OVER ()
             FROM reminders r JOIN clients c ON c.id = r.client_id
             WHERE r.reminded_at >= $1 AND r.outcome {is} $3 AND r.outcome NOT IN ($4, $5)
             ORDER BY r.reminded_at DESC, r.client_id DESC LIMIT $2"
        );
        let sent = to_json(&Outcome::Sent)?;
        let (under_way, moved) = (to_json(&Outcome::UnderWay)?, to_json(&Outcome::Moved)?);
        let rows = self
            .db
            .read(stmt!(sql, since, REMINDED, sent, under_way, moved))
            .await?;
        let mut newest = Newest::default();
        for row in &rows {
            newest.total = u64::from(row.get::<u32>(3)?);
            newest.listed.push(Reminded {
                client: row.get(0)?,
                days: row.get(1)?,
                outcome: from_json(&row.get::<String>(2)?, "an outcome")?,
            });
        }
        Ok(newest)
    }
}

fn reminder(row: &Row) -> Result<Reminder> {
    Ok(Reminder {
        client: clients::email(&row.get::<String>(0)?)?,
        paid_until: parse(&row.get::<String>(1)?)?,
        days: row.get(2)?,
    })
}

/// The statement that notes a reminder, if it still is one and nobody has noted it.
pub(crate) fn decided(noted: &Noted, now: Timestamp) -> Result<Stmt> {
    let Reminder {
        client,
        paid_until,
        days,
    } = &noted.reminder;
    let sql = "INSERT INTO reminders (client_id, paid_until, days, outcome, reminded_at, chat)
        SELECT c.id, c.paid_until, CAST($3 AS BIGINT), CAST($4 AS TEXT), CAST($5 AS BIGINT),
          CAST($6 AS TEXT)
        FROM clients c WHERE c.email = $1 AND c.paid_until = $2 ON CONFLICT DO NOTHING";
    let (client, day) = (client.as_str(), paid_until.to_string());
    let (outcome, chat) = (to_json(&noted.outcome)?, noted.to.as_ref());
    let chat = chat.map(ToString::to_string);
    Ok(stmt!(sql, client, day, *days, outcome, now, chat).or_conflict())
}

/// The statement that notes what became of a reminder that was under way to a chat. The client may have
/// another address by now, or be one with another.
pub(crate) fn learned(noted: &Noted) -> Result<Stmt> {
    let sql = "UPDATE reminders SET outcome = $4
        WHERE chat = $1 AND paid_until = $2 AND days = $3 AND outcome = $5";
    let chat = noted.to.as_ref().map(ToString::to_string);
    let (day, days) = (noted.reminder.paid_until.to_string(), noted.reminder.days);
    let (outcome, under_way) = (to_json(&noted.outcome)?, to_json(&Outcome::UnderWay)?);
    Ok(stmt!(sql, chat, day, days, outcome, under_way))
}
