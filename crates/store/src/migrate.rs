//! Brings a database up to date: a new one, an older one of ours, or one that the predecessor made.
//!
//! All of it is one transaction, and two copies that start at once take turns. Nothing is dropped and
//! no row is lost; what the predecessor's tables lack is added, and what they insist on is either
//! relaxed or remembered, to be given something harmless.

mod adopt;
mod look;
mod relax;

use engine::ids::TicketId;
use jiff::Timestamp;

use crate::{
    Store,
    db::{Result, Tx},
    parse, schema,
    schema::{MESSAGES, PublicColumn, PublicTable, Shape, TICKETS, USERS, typed},
    stmt,
};
pub(crate) use adopt::CHANNEL;
use look::Columns;

/// What was done to the database.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Migrated {
    /// The version of our own tables before; 0 for a database without them.
    pub from: i64,
    /// The version now.
    pub to: i64,
    /// Open tickets of the predecessor found just now. The same transaction has put
    /// `Event::Adopted` for each into the inbox, where [`Store::recover`] finds it.
    pub adopted_open: Vec<TicketId>,
    /// Customers of the predecessor found just now.
    pub adopted_users: u64,
}

impl Store {
    /// Brings the database up to date. Safe to call at every start, by several copies at once.
    pub async fn migrate(&self, now: Timestamp) -> Result<Migrated> {
        let pg = self.db.is_pg();
        let mut tx = self.db.begin().await?;
        if pg {
            // Held until the transaction ends. The number is only ours among such locks.
            tx.one(stmt!("SELECT pg_advisory_xact_lock(72104151)"))
                .await?;
        }
        let versions = "CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)";
        tx.script(versions.to_owned()).await?;
        let done = tx
            .one(stmt!(
                "SELECT COALESCE(MAX(version), 0) FROM schema_version"
            ))
            .await?;
        let from: i64 = done.rows.first().map_or(Ok(0), |row| row.get(0))?;
        let taken = schema::TAKEN.iter().filter(|(version, _)| from < *version);
        for table in taken.flat_map(|(_, tables)| *tables) {
            set_aside(&mut tx, pg, table).await?;
        }
        let mut to = from;
        for (version, sql) in (1..)
            .zip(schema::OWN)
            .skip_while(|(version, _)| *version <= from)
        {
            tx.script(typed(sql, pg)).await?;
            tx.one(stmt!(
                "INSERT INTO schema_version (version) VALUES ($1)",
                version
            ))
            .await?;
            to = version;
        }

        let found = Found {
            users: ensure(&mut tx, pg, &USERS).await?,
            tickets: ensure(&mut tx, pg, &TICKETS).await?,
            messages: ensure(&mut tx, pg, &MESSAGES).await?,
        };
        let mut shape = if found.is_foreign() {
            adopt::shape(&mut tx, pg, &found).await?
        } else {
            remembered(&mut tx).await?.unwrap_or_else(Shape::ours)
        };
        relax::numbers(&mut tx, &found, &mut shape).await?;
        let adopted_users = adopt::users(&mut tx, &found.users).await?;
        for index in [&USERS, &TICKETS, &MESSAGES]
            .iter()
            .flat_map(|table| table.indexes)
        {
            tx.script((*index).to_owned()).await?;
        }
        let adopted_open = adopt::tickets(&mut tx, &shape, &found, now).await?;
        remember(&mut tx, &shape).await?;
        note(&mut tx, "begun_at", now.as_microsecond()).await?;
        let serial = note(&mut tx, "first_serial", now.as_microsecond()).await?;
        // Alive from the first moment on: what it takes in next is not taken for a dead copy's.
        tx.one(self.sign_of_life(now)).await?;
        tx.commit().await?;
        // A second call finds what the first one did.
        let _ = self.shape.set(shape);
        let _ = self.first_serial.set(serial.unsigned_abs());
        Ok(Migrated {
            from,
            to,
            adopted_open,
            adopted_users,
        })
    }
}

/// The public tables as they were found (empty: they were not there).
struct Found {
    users: Columns,
    tickets: Columns,
    messages: Columns,
}

impl Found {
    /// Whether a table was there that has not been seen before: it has none of what we add.
    fn is_foreign(&self) -> bool {
        [
            (&self.users, "chat"),
            (&self.tickets, "stage"),
            (&self.messages, "origin"),
        ]
        .iter()
        .any(|(table, ours)| !table.is_empty() && table.find(ours).is_none())
    }
}

/// Makes a public table, or adds the columns that it lacks. Returns it as it was.
async fn ensure(tx: &mut Tx, pg: bool, table: &PublicTable) -> Result<Columns> {
    let found = look::columns(tx, pg, table.name).await?;
    let column = |PublicColumn(name, kind, _): &PublicColumn| format!("{name} {kind}");
    let script = if found.is_empty() {
        let columns: Vec<String> = table
            .columns
            .iter()
            .map(|c| {
                if c.2 {
                    format!("{} NOT NULL", column(c))
                } else {
                    column(c)
                }
            })
            .collect();
        format!(
            "CREATE TABLE {} ({}{});",
            table.name,
            columns.join(", "),
            table.rules
        )
    } else {
        let missing = table.columns.iter().filter(|c| found.find(c.0).is_none());
        // A ticket's customer is linked as the predecessor did it.
        let missing = missing.filter(|c| !(table.name == "tickets" && c.0 == "user_id"));
        let additions = missing.map(|c| {
            // An identity can be added; a second primary key cannot.
            let added = column(c).replace("{id}", if pg { "BIGSERIAL" } else { "BIGINT" });
            format!("ALTER TABLE {} ADD COLUMN {added};", table.name)
        });
        additions.collect::<Vec<_>>().concat()
    };
    if !script.is_empty() {
        tx.script(typed(&script, pg)).await?;
    }
    Ok(found)
}

async fn remembered(tx: &mut Tx) -> Result<Option<Shape>> {
    let done = tx
        .one(stmt!("SELECT value FROM settings WHERE name = 'shape'"))
        .await?;
    let Some(row) = done.rows.first() else {
        return Ok(None);
    };
    crate::from_json(&row.get::<String>(0)?, "the shape of the tables").map(Some)
}

async fn remember(tx: &mut Tx, shape: &Shape) -> Result<()> {
    let sql = "INSERT INTO settings (name, value) VALUES ('shape', $1)
        ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    tx.one(stmt!(sql, crate::to_json(shape)?)).await.map(|_| ())
}

/// Settles a number once and for all; what it is. `begun_at` says since when this desk keeps the history:
/// until that is long ago, the predecessor's rows stay. For `first_serial` see [`Store::first_serial`].
async fn note(tx: &mut Tx, name: &str, number: i64) -> Result<i64> {
    let once = "INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";
    let is = "SELECT value FROM settings WHERE name = $1";
    let stmts = vec![stmt!(once, name, number.to_string()), stmt!(is, name)];
    let done = tx.run(stmts).await?;
    done[1].rows.first().map_or(Ok(number), |row| row.get(0))
}

/// Gives another name to a table that somebody else made and that bears one of ours.
async fn set_aside(tx: &mut Tx, pg: bool, table: &str) -> Result<()> {
    if look::columns(tx, pg, table).await?.is_empty() {
        return Ok(());
    }
    let to = format!("{table}_before");
    tracing::warn!(
        table,
        to,
        "a table of another program is renamed: its name is needed"
    );
    tx.script(format!("ALTER TABLE {table} RENAME TO {to};"))
        .await
}

/// A chat that the predecessor knew, as we write it.
fn chat(tg_id: &str) -> Result<engine::ids::ChatRef> {
    parse(&format!("{CHANNEL}/{tg_id}"))
}
