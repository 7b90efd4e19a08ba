//! Broadcasts: who gets them, and what became of each. Whoever gets one is settled when it begins; from
//! then on each goes forward only: waiting, under way (with what is sent to them, in one transaction),
//! settled.

use engine::{
    broadcast::{Audience, Broadcast, BroadcastId, Counts, Fate, Preview, Recipient, Stage},
    ids::{ChannelId, ChatRef},
};

use crate::{
    Plan, Store, Version,
    batch::batches,
    clients,
    counts::count,
    db::{Error, Result, Row, Stmt, Value},
    from_json, parse,
    reminders::{LAST_HEARD, REACHABLE},
    sheet::known_as,
    stmt, to_json,
};

const COLUMNS: &str = "owner, chat, audience, said, begun_at, stage, id, version";
const RECIPIENT: &str = "client, chat, name";

impl Store {
    /// How many an audience is by now, by channel.
    pub async fn preview(&self, audience: &Audience) -> Result<Preview> {
        let (chosen, params) = chosen(audience, &self.spellings().await?, 1);
        let sql = format!("SELECT x.channel, COUNT(*) FROM {chosen} GROUP BY x.channel ORDER BY 1");
        let rows = self.db.read(Stmt::new(sql, params)).await?;
        let numbers = rows.iter().map(|row| {
            let channel: String = row.get(0)?;
            if !ChannelId::is_valid(&channel) {
                return Err(Error::unreadable("a channel's name".to_owned()));
            }
            Ok((ChannelId::new(channel), row.get::<i64>(1)?.unsigned_abs()))
        });
        numbers.collect()
    }

    /// A broadcast, the version to change it at, and how many of its recipients are how far.
    pub async fn broadcast(&self, id: BroadcastId) -> Result<Option<(Broadcast, Version, Counts)>> {
        let known = format!("SELECT {COLUMNS} FROM broadcasts WHERE id = $1");
        let states = "SELECT COUNT(*), state FROM recipients WHERE broadcast = $1 GROUP BY state";
        let stmts = vec![stmt!(known, id.0), stmt!(states, id.0)];
        let answers = self.db.read_all(stmts).await?;
        let Some(row) = answers[0].first() else {
            return Ok(None);
        };
        let (broadcast, version) = read(row)?;
        let mut counts = Counts::default();
        for row in &answers[1] {
            let state: String = row.get(1)?;
            *place(&mut counts, &state)? = count(Some(row))?;
        }
        Ok(Some((broadcast, version, counts)))
    }

    /// The next of those who wait, at most `limit`.
    pub async fn waiting(&self, id: BroadcastId, limit: u32) -> Result<Vec<Recipient>> {
        let sql = format!(
            "SELECT {RECIPIENT} FROM recipients WHERE broadcast = $1 AND state = 'waiting'
             ORDER BY n LIMIT $2"
        );
        let rows = self.db.read(stmt!(sql, id.0, limit)).await?;
        rows.iter().map(recipient).collect()
    }

    /// Those who were tried and did not get it for sure, in order.
    pub async fn failures(&self, id: BroadcastId) -> Result<Vec<(Recipient, Fate)>> {
        let sql = format!(
            "SELECT {RECIPIENT}, state, reason FROM recipients
             WHERE broadcast = $1 AND state IN ('blocked', 'failed', 'unknown') ORDER BY n"
        );
        let rows = self.db.read(stmt!(sql, id.0)).await?;
        let failures = rows.iter().map(|row| {
            let fate = match row.get::<String>(3)?.as_str() {
                "blocked" => Fate::Blocked,
                "failed" => Fate::Failed {
                    reason: row.get::<Option<String>>(4)?.unwrap_or_default(),
                },
                _ => Fate::Unknown,
            };
            Ok((recipient(row)?, fate))
        });
        failures.collect()
    }

    /// Broadcasts that are going out: at the start somebody has to go on with them.
    pub async fn running_broadcasts(&self) -> Result<Vec<BroadcastId>> {
        let sql = "SELECT id FROM broadcasts WHERE stage = $1 ORDER BY id";
        let rows = self.db.read(stmt!(sql, to_json(&Stage::Running)?)).await?;
        rows.iter().map(|row| row.get(0).map(BroadcastId)).collect()
    }

    /// The number that a broadcast begun now gets. If somebody else takes it first, the commit is told of a
    /// conflict.
    pub async fn next_broadcast(&self) -> Result<BroadcastId> {
        self.next("broadcasts").await.map(BroadcastId)
    }

    /// Plans that a broadcast is as it is now; a new one gets its recipients.
    pub(crate) async fn broadcasts<T>(
        &self,
        plan: &mut Plan<T>,
        broadcast: &Broadcast,
        version: Version,
    ) -> Result<()> {
        let Broadcast {
            id: BroadcastId(id),
            owner,
            chat,
            audience,
            said,
            begun,
            stage,
        } = broadcast;
        let stage = to_json(stage)?;
        if version != 0 {
            let sql = "UPDATE broadcasts SET stage = $2, version = version + 1
                WHERE id = $1 AND version = $3";
            plan.add(stmt!(sql, *id, stage, version).or_conflict());
            return Ok(());
        }
        let sql = format!(
            "INSERT INTO broadcasts ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, 1)
             ON CONFLICT (id) DO NOTHING"
        );
        let (owner, chat) = (owner.to_string(), chat.to_string());
        let (audience_text, said) = (to_json(audience)?, to_json(said)?);
        let new = stmt!(sql, owner, chat, audience_text, said, *begun, stage, *id);
        plan.add(new.or_conflict());
        let (chosen, mut params) = chosen(audience, &self.spellings().await?, 2);
        let sql = format!(
            "INSERT INTO recipients (broadcast, n, client, chat, name, state)
             SELECT CAST($1 AS BIGINT), ROW_NUMBER() OVER (ORDER BY x.id), x.email, x.chat, x.name,
               'waiting' FROM {chosen}"
        );
        params.insert(0, Value::from(*id));
        plan.add(Stmt::new(sql, params));
        Ok(())
    }

    /// How tariffs are spelled in clients' records: the sheet may have changed a letter's case since.
    async fn spellings(&self) -> Result<Vec<String>> {
        let sql = "SELECT DISTINCT tariff FROM clients WHERE tariff IS NOT NULL ORDER BY tariff";
        let rows = self.db.read(stmt!(sql)).await?;
        rows.iter().map(|row| row.get(0)).collect()
    }
}

/// The audience as a table called `x`, with its values from `$first` on: of each client the reachable chat
/// that was used last.
fn chosen(audience: &Audience, spellings: &[String], first: usize) -> (String, Vec<Value>) {
    let wanted = |tariff: &&String| {
        let tariff = known_as(tariff);
        audience
            .tariffs
            .iter()
            .any(|wanted| known_as(wanted) == tariff)
    };
    let tariffs: Vec<_> = spellings.iter().filter(wanted).map(Value::from).collect();
    let places: Vec<_> = (0..tariffs.len())
        .map(|n| format!("${}", n + first))
        .collect();
    let (those, params) = if audience.everybody {
        ("TRUE".to_owned(), Vec::new())
    } else if tariffs.is_empty() {
        ("FALSE".to_owned(), Vec::new())
    } else {
        (format!("c.tariff IN ({})", places.join(", ")), tariffs)
    };
    let table = format!(
        "(SELECT y.* FROM (SELECT c.id, c.email, u.chat, u.channel,
            COALESCE(NULLIF(c.name, ''), NULLIF(u.name, ''), c.email) AS name,
            ROW_NUMBER() OVER (PARTITION BY c.id ORDER BY {LAST_HEARD}) AS nth
          FROM clients c JOIN users u ON u.client_id = c.id WHERE {REACHABLE} AND {those}) y
          WHERE y.nth = 1) x"
    );
    (table, params)
}

/// Plans that those who wait are given to the couriers, if nobody has stopped it meanwhile.
pub(crate) fn give<T>(plan: &mut Plan<T>, given: &[(BroadcastId, ChatRef)]) -> Result<()> {
    let running = to_json(&Stage::Running)?;
    let rows = given
        .iter()
        .map(|(BroadcastId(id), chat)| vec![(*id).into(), chat.to_string().into()]);
    plan.extend(batches(rows.collect(), |rows| {
        format!(
            "UPDATE recipients SET state = 'under_way' FROM (VALUES {rows}) AS given
             WHERE recipients.broadcast = CAST(given.column1 AS BIGINT)
               AND recipients.chat = given.column2 AND recipients.state = 'waiting'
               AND EXISTS (SELECT 1 FROM broadcasts b
                 WHERE b.id = recipients.broadcast AND b.stage = '{running}')"
        )
    }));
    Ok(())
}

/// The statement that says what became of one who was under way.
pub(crate) fn settle(BroadcastId(id): BroadcastId, chat: &ChatRef, fate: &Fate) -> Stmt {
    let (state, reason) = match fate {
        Fate::Sent => ("sent", None),
        Fate::Blocked => ("blocked", None),
        Fate::Failed { reason } => ("failed", Some(reason.clone())),
        Fate::Unknown => ("unknown", None),
    };
    let sql = "UPDATE recipients SET state = $3, reason = $4
        WHERE broadcast = $1 AND chat = $2 AND state = 'under_way'";
    stmt!(sql, id, chat.to_string(), state, reason)
}

fn read(row: &Row) -> Result<(Broadcast, Version)> {
    let broadcast = Broadcast {
        id: BroadcastId(row.get(6)?),
        owner: parse(&row.get::<String>(0)?)?,
        chat: parse(&row.get::<String>(1)?)?,
        audience: from_json(&row.get::<String>(2)?, "an audience")?,
        said: from_json(&row.get::<String>(3)?, "a message")?,
        begun: row.get(4)?,
        stage: from_json(&row.get::<String>(5)?, "a broadcast's stage")?,
    };
    Ok((broadcast, row.get(7)?))
}

fn recipient(row: &Row) -> Result<Recipient> {
    Ok(Recipient {
        client: clients::email(&row.get::<String>(0)?)?,
        chat: parse(&row.get::<String>(1)?)?,
        name: row.get(2)?,
    })
}

fn place<'a>(counts: &'a mut Counts, state: &str) -> Result<&'a mut u64> {
    Ok(match state {
        "waiting" => &mut counts.waiting,
        "under_way" => &mut counts.under_way,
        "sent" => &mut counts.sent,
        "blocked" => &mut counts.blocked,
        "failed" => &mut counts.failed,
        "unknown" => &mut counts.unknown,
        _ => return Err(Error::unreadable("a recipient's state".to_owned())),
    })
}
