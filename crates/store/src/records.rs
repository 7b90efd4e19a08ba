//! What an owner does to records: another address, two records that become one, and two again. And the
//! log of who changed what, from which each change can be undone, once.

use engine::{
    client::Email,
    ids::ChatRef,
    records::{Change, Entry, EntryId, Kept},
    sheet::Field,
};
use jiff::Timestamp;

use crate::{
    Plan, Store,
    batch::batches,
    clients,
    db::{Result, Stmt, Value},
    from_json, parse, stmt, to_json,
};

impl Store {
    /// An entry of the log.
    pub async fn entry(&self, id: EntryId) -> Result<Option<Entry>> {
        let sql = "SELECT changed_at, changed_by, change, undone_by, undone_at FROM audit
            WHERE id = $1";
        let rows = self.db.read(stmt!(sql, id.0)).await?;
        let Some(row) = rows.first() else {
            return Ok(None);
        };
        let who = |column| {
            let person: Option<String> = row.get(column)?;
            person.map(|person| parse(&person)).transpose()
        };
        Ok(Some(Entry {
            id,
            at: row.get(0)?,
            by: who(1)?,
            change: from_json(&row.get::<String>(2)?, "a change")?,
            undone: who(3)?.zip(row.get(4)?),
        }))
    }

    /// The number that an entry of the log written now gets; further ones of the same commit follow it.
    /// If somebody else takes it first, the commit is told of a conflict.
    pub async fn next_entry(&self) -> Result<EntryId> {
        self.next("audit").await.map(EntryId)
    }

    /// The highest number in a table whose rows are numbered by whoever decides, and one.
    pub(crate) async fn next(&self, table: &str) -> Result<i64> {
        let sql = format!("SELECT COALESCE(MAX(id), 0) + 1 FROM {table}");
        let rows = self.db.read(stmt!(sql)).await?;
        rows.first().map_or(Ok(1), |row| row.get(0))
    }
}

/// Plans what an entry says of addresses: done as it is written, and undone as it is.
pub(crate) fn apply<T>(plan: &mut Plan<T>, entry: &Entry, now: Timestamp) {
    match (&entry.change, entry.undone.is_some()) {
        (Change::Field { .. }, _) => {}
        (Change::Renamed { old, new }, false) => rename(plan, old, new),
        (Change::Renamed { old, new }, true) => rename(plan, new, old),
        (
            Change::Merged {
                gone,
                before,
                chats,
            },
            false,
        ) => merge(plan, gone, &before.email, chats),
        (
            Change::Merged {
                gone,
                before,
                chats,
            },
            true,
        ) => {
            split(plan, gone, &before.email, chats, now);
        }
    }
}

/// A record has another address now. One that is taken is a conflict.
fn rename<T>(plan: &mut Plan<T>, old: &Email, new: &Email) {
    let (old, new) = (old.as_str(), new.as_str());
    let sql = "UPDATE clients SET email = $2, version = version + 1 WHERE email = $1";
    plan.add(stmt!(sql, old, new).or_conflict());
    let sql = "UPDATE payments SET client = $2 WHERE client = $1";
    plan.add(stmt!(sql, old, new));
}

/// A record goes, and another has what it had. A conflict if it is not what it was, or has other chats.
fn merge<T>(plan: &mut Plan<T>, record: &Kept, into: &Email, chats: &[ChatRef]) {
    let (gone, into) = (record.email.as_str(), into.as_str());
    touch(plan, into);
    for chat in chats {
        plan.add(moves(chat, gone, into).or_conflict());
    }
    remember(plan, gone, into);
    let forget = "DELETE FROM reminders
        WHERE client_id = (SELECT c.id FROM clients c WHERE c.email = $1)";
    plan.add(stmt!(forget, gone));
    let paid = "UPDATE payments SET client = $2 WHERE client = $1";
    plan.add(stmt!(paid, gone, into));
    // Somebody may have named the address meanwhile: then there is a chat more to be moved.
    let go = "DELETE FROM clients WHERE email = $1 AND COALESCE(name, '') = COALESCE($2, '')
        AND COALESCE(tariff, '') = COALESCE($3, '') AND COALESCE(paid_until, '') = COALESCE($4, '')
        AND NOT EXISTS (SELECT 1 FROM users u WHERE u.client_id = clients.id)";
    let paid_until = record.paid_until.map(|day| day.to_string());
    plan.add(stmt!(go, gone, &record.name, &record.tariff, paid_until).or_conflict());
}

/// A record is there again, with its chats, as far as they are still the other's.
fn split<T>(plan: &mut Plan<T>, record: &Kept, from: &Email, chats: &[ChatRef], now: Timestamp) {
    let (back, from) = (record.email.as_str(), from.as_str());
    touch(plan, from);
    clients::write(plan, &[(record.clone().into(), 0)], now);
    remember(plan, from, back);
    for chat in chats {
        plan.add(moves(chat, from, back));
        let paid = "UPDATE payments SET client = $3 WHERE client = $2 AND chat = $1";
        plan.add(stmt!(paid, chat.to_string(), from, back));
    }
}

/// A record is not what it was for whoever has read it.
fn touch<T>(plan: &mut Plan<T>, email: &str) {
    let sql = "UPDATE clients SET version = version + 1 WHERE email = $1";
    plan.add(stmt!(sql, email).or_conflict());
}

/// The statement that gives a chat to another client. What was decided about it before is decided anew.
fn moves(chat: &ChatRef, from: &str, to: &str) -> Stmt {
    let sql = "UPDATE users SET version = COALESCE(version, 1) + 1,
          client_id = (SELECT c.id FROM clients c WHERE c.email = $3)
        WHERE chat = $1 AND client_id = (SELECT c.id FROM clients c WHERE c.email = $2)";
    stmt!(sql, chat.to_string(), from, to)
}

/// Nobody is reminded twice of the same because two records became one, or two again.
fn remember<T>(plan: &mut Plan<T>, from: &str, to: &str) {
    let sql = "INSERT INTO reminders (client_id, paid_until, days, outcome, reminded_at, chat)
        SELECT t.id, r.paid_until, r.days, r.outcome, r.reminded_at, r.chat
        FROM reminders r, clients f, clients t
        WHERE r.client_id = f.id AND f.email = $1 AND t.email = $2 ON CONFLICT DO NOTHING";
    plan.add(stmt!(sql, from, to));
}

/// Plans the log: new entries, and those that are undone now.
pub(crate) fn log<T>(plan: &mut Plan<T>, entries: &[Entry]) -> Result<()> {
    let (new, undone): (Vec<_>, Vec<_>) = entries.iter().partition(|entry| entry.undone.is_none());
    let new = new.into_iter().map(row).collect::<Result<_>>()?;
    plan.extend(batches(new, |rows| {
        format!(
            "INSERT INTO audit (id, changed_at, changed_by, client, field, old_value, new_value, change)
             VALUES {rows} ON CONFLICT (id) DO NOTHING"
        )
    }));
    for entry in undone {
        if let Some((by, at)) = &entry.undone {
            let sql = "UPDATE audit SET undone_by = $2, undone_at = $3
                WHERE id = $1 AND undone_at IS NULL";
            plan.add(stmt!(sql, entry.id.0, by.to_string(), Value::Time(*at)).or_conflict());
        }
    }
    Ok(())
}

fn row(entry: &Entry) -> Result<Vec<Value>> {
    let (client, field, old, new) = match &entry.change {
        Change::Field {
            client,
            field,
            old,
            new,
        } => (client, column(*field), old.as_str(), new.as_str()),
        Change::Renamed { old, new } => (new, "email", old.as_str(), new.as_str()),
        Change::Merged { gone, before, .. } => {
            let (gone, into) = (&gone.email, &before.email);
            (into, "merged", gone.as_str(), into.as_str())
        }
    };
    Ok(vec![
        entry.id.0.into(),
        Value::Time(entry.at),
        entry.by.as_ref().map(ToString::to_string).into(),
        client.as_str().into(),
        field.into(),
        old.into(),
        new.into(),
        to_json(&entry.change)?.into(),
    ])
}

fn column(field: Field) -> &'static str {
    match field {
        Field::Name => "name",
        Field::Tariff => "tariff",
        Field::PaidUntil => "paid_until",
    }
}
