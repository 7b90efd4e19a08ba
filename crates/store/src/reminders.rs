//! Reminders of a payment: who is due, and what was decided, once each.

use std::collections::BTreeSet;

use engine::{
    board::Reminded,
    reminder::{Due, Outcome, Reminder},
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
               u.chat, u.person, u.name, u.username, u.language
             FROM due LEFT JOIN users u ON u.client_id = due.id AND {REACHABLE}
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
                });
            }
            if let (Some(last), Some(_)) = (due.last_mut(), row.get::<Option<String>>(4)?) {
                last.chats.push((person(row, 4)?, row.get(3)?));
            }
        }
        Ok(due)
    }

    /// Reminders that were decided on since then, the newest first, at most `limit`. Who they are called
    /// by is what the records say now.
    pub async fn recent_reminders(&self, since: Timestamp, limit: u32) -> Result<Vec<Reminded>> {
        let sql = "SELECT COALESCE(NULLIF(c.name, ''), c.email), r.days, r.outcome FROM reminders r
            JOIN clients c ON c.id = r.client_id WHERE r.reminded_at >= $1
            ORDER BY r.reminded_at DESC, r.client_id DESC LIMIT $2";
        let rows = self.db.read(stmt!(sql, since, limit)).await?;
        let reminded = rows.iter().map(|row| {
            Ok(Reminded {
                client: row.get(0)?,
                days: row.get(1)?,
                outcome: from_json(&row.get::<String>(2)?, "an outcome")?,
            })
        });
        reminded.collect()
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
pub(crate) fn decided(reminder: &Reminder, outcome: Outcome, now: Timestamp) -> Result<Stmt> {
    let Reminder {
        client,
        paid_until,
        days,
    } = reminder;
    let sql = "INSERT INTO reminders (client_id, paid_until, days, outcome, reminded_at)
        SELECT c.id, c.paid_until, CAST($3 AS BIGINT), CAST($4 AS TEXT), CAST($5 AS BIGINT)
        FROM clients c WHERE c.email = $1 AND c.paid_until = $2 ON CONFLICT DO NOTHING";
    let (client, day, outcome) = (client.as_str(), paid_until.to_string(), to_json(&outcome)?);
    Ok(stmt!(sql, client, day, *days, outcome, now).or_conflict())
}
