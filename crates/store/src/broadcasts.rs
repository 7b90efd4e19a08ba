//! Broadcasts: who gets them, and what became of each. Whoever gets one is settled when it begins; from
//! then on each goes forward only: waiting, under way (with what is sent to them, in one transaction),
//! settled.

use std::collections::BTreeSet;

use engine::{
    broadcast::{
        Audience, Broadcast, BroadcastId, Counts, Fate, Next, Pace, Preview, Reached, Recipient,
        Stage,
    },
    ids::{ChannelId, ChatRef},
};
use jiff::Timestamp;

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

const COLUMNS: &str =
    "owner, chat, audience, said, begun_at, stage, id, told_at, paced_at, paced_from, version";
const RECIPIENT: &str = "r.client, r.chat, r.name";

impl Store {
    /// How many an audience is by now, by channel. Whoever was heard on the `closed` channels at that moment
    /// or before is counted among those who cannot be written to.
    pub async fn preview(
        &self,
        audience: &Audience,
        closed: &[(ChannelId, Timestamp)],
    ) -> Result<Preview> {
        let (chosen, mut params) = chosen(audience, &self.spellings().await?, 1);
        let mut late = vec!["FALSE".to_owned()];
        for (channel, since) in closed {
            let n = params.len() + 1;
            late.push(format!(
                "(x.channel = ${n} AND (x.heard_at IS NULL OR x.heard_at <= ${}))",
                n + 1
            ));
            params.extend([channel.as_str().into(), Value::Time(*since)]);
        }
        let sql = format!(
            "SELECT x.channel, COUNT(*), COUNT(CASE WHEN {} THEN 1 END) FROM {chosen}
             GROUP BY x.channel ORDER BY 1",
            late.join(" OR ")
        );
        let rows = self.db.read(Stmt::new(sql, params)).await?;
        let parts = rows.iter().map(|row| {
            let channel: String = row.get(0)?;
            if !ChannelId::is_valid(&channel) {
                return Err(Error::unreadable("a channel's name".to_owned()));
            }
            Ok(Reached {
                channel: ChannelId::new(channel),
                count: row.get::<i64>(1)?.unsigned_abs(),
                closed: row.get::<i64>(2)?.unsigned_abs(),
            })
        });
        parts.collect()
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

    /// The next of those who wait, and when they were heard last: of each channel so many that at most
    /// `most` are under way.
    pub async fn waiting(&self, id: BroadcastId, most: u32) -> Result<Next> {
        let sql = format!(
            "SELECT {RECIPIENT}, u.heard_at FROM (
               SELECT w.*, ROW_NUMBER() OVER (PARTITION BY w.channel ORDER BY w.n) AS nth
               FROM recipients w WHERE w.broadcast = $1 AND w.state = 'waiting') r
             LEFT JOIN (SELECT g.channel, COUNT(*) AS many FROM recipients g
               WHERE g.broadcast = $1 AND g.state = 'under_way' GROUP BY g.channel) given
               ON given.channel = r.channel
             LEFT JOIN users u ON u.chat = r.chat
             WHERE r.nth + COALESCE(given.many, 0) <= $2 ORDER BY r.n"
        );
        let rows = self.db.read(stmt!(sql, id.0, most)).await?;
        let waiting = rows.iter().map(|row| Ok((recipient(row)?, row.get(3)?)));
        waiting.collect()
    }

    /// Those who did not get it for sure, in order. Without a fate: nobody has tried.
    pub async fn failures(&self, id: BroadcastId) -> Result<Vec<(Recipient, Option<Fate>)>> {
        let sql = format!(
            "SELECT {RECIPIENT}, r.state, r.reason FROM recipients r
             WHERE r.broadcast = $1 AND r.state <> 'sent' ORDER BY r.n"
        );
        let rows = self.db.read(stmt!(sql, id.0)).await?;
        let failures = rows.iter().map(|row| {
            let fate = match row.get::<String>(3)?.as_str() {
                "blocked" => Some(Fate::Blocked),
                "failed" => Some(Fate::Failed {
                    reason: row.get::<Option<String>>(4)?.unwrap_or_default(),
                }),
                "closed" => Some(Fate::Closed),
                "waiting" => None,
                _ => Some(Fate::Unknown),
            };
            Ok((recipient(row)?, fate))
        });
        failures.collect()
    }

    /// Broadcasts that are not over.
    pub async fn unfinished_broadcasts(&self) -> Result<Vec<BroadcastId>> {
        let sql = "SELECT id FROM broadcasts WHERE stage <> $1 ORDER BY id";
        let rows = self.db.read(stmt!(sql, to_json(&Stage::Done)?)).await?;
        rows.iter().map(|row| row.get(0).map(BroadcastId)).collect()
    }

    /// Broadcasts that are going out: at the start somebody has to go on with them.
    pub async fn running_broadcasts(&self) -> Result<Vec<BroadcastId>> {
        let sql = "SELECT id FROM broadcasts WHERE stage = $1 ORDER BY id";
        let rows = self.db.read(stmt!(sql, to_json(&Stage::Running)?)).await?;
        rows.iter().map(|row| row.get(0).map(BroadcastId)).collect()
    }

    /// For a start: what was given to the couriers and has not left comes back, and of what was under way on
    /// channels that are not in use any more nobody will ever hear.
    pub async fn pick_up_broadcasts(&self, in_use: &[ChannelId]) -> Result<()> {
        let places: Vec<_> = (0..in_use.len()).map(|n| format!("${}", n + 2)).collect();
        let lost = format!(
            "UPDATE recipients SET state = 'unknown' WHERE broadcast = $1 AND state = 'under_way'
               AND channel NOT IN ({})",
            places.join(", ")
        );
        for id in self.unfinished_broadcasts().await? {
            let channels = in_use.iter().map(|channel| Value::from(channel.as_str()));
            let params = std::iter::once(Value::from(id.0)).chain(channels).collect();
            let [unsent, waiting] = take_back(id);
            let stmts = vec![unsent, waiting, Stmt::new(lost.clone(), params)];
            self.db.write(stmts).await?;
        }
        Ok(())
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
            told,
            pace: Pace { since, done },
        } = broadcast;
        let is_running = *stage == Stage::Running;
        let (stage, done) = (to_json(stage)?, i64::try_from(*done).unwrap_or(i64::MAX));
        if version != 0 {
            let sql = "UPDATE broadcasts SET stage = $2, told_at = $4, paced_at = $5,
                paced_from = $6, version = version + 1 WHERE id = $1 AND version = $3";
            let update = stmt!(sql, *id, stage, version, *told, *since, done);
            plan.add(update.or_conflict());
            if !is_running {
                plan.extend(take_back(BroadcastId(*id)).into());
            }
            return Ok(());
        }
        let sql = format!(
            "INSERT INTO broadcasts ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1)
             ON CONFLICT (id) DO NOTHING"
        );
        let (owner, chat) = (owner.to_string(), chat.to_string());
        let (audience_text, said) = (to_json(audience)?, to_json(said)?);
        let new = stmt!(
            sql,
            owner,
            chat,
            audience_text,
            said,
            *begun,
            stage,
            *id,
            *told,
            *since,
            done
        );
        plan.add(new.or_conflict());
        let (chosen, mut params) = chosen(audience, &self.spellings().await?, 2);
        let sql = format!(
            "INSERT INTO recipients (broadcast, n, client, channel, chat, name, state)
             SELECT CAST($1 AS BIGINT), ROW_NUMBER() OVER (ORDER BY x.id), x.email, x.channel,
               x.chat, x.name, 'waiting' FROM {chosen}"
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
    let channels = audience.channels.iter();
    let channels: Vec<_> = channels.map(|id| Value::from(id.as_str())).collect();
    let mut params = Vec::new();
    let mut one_of = |column: &str, values: Vec<Value>| {
        if values.is_empty() {
            return "FALSE".to_owned();
        }
        let from = first + params.len();
        let places = (from..from + values.len()).map(|n| format!("${n}"));
        let places = places.collect::<Vec<_>>().join(", ");
        params.extend(values);
        format!("{column} IN ({places})")
    };
    let those = if audience.everybody {
        "TRUE".to_owned()
    } else {
        one_of("c.tariff", tariffs)
    };
    let there = one_of("u.channel", channels);
    let table = format!(
        "(SELECT y.* FROM (SELECT c.id, c.email, u.chat, u.channel, u.heard_at,
            COALESCE(NULLIF(c.name, ''), NULLIF(u.name, ''), c.email) AS name,
            ROW_NUMBER() OVER (PARTITION BY c.id ORDER BY {LAST_HEARD}) AS nth
          FROM clients c JOIN users u ON u.client_id = c.id WHERE {REACHABLE} AND {those} AND {there}) y
          WHERE y.nth = 1) x"
    );
    (table, params)
}

/// Plans that those who wait are given to the couriers, or get nothing, while nobody stops it: who wants to
/// stop it waits for this commit, or this commit finds it stopped.
pub(crate) fn give<T>(
    plan: &mut Plan<T>,
    given: &[(BroadcastId, ChatRef)],
    missed: &[(BroadcastId, ChatRef, Fate)],
) -> Result<()> {
    let ids = given.iter().map(|(id, _)| *id);
    let ids: BTreeSet<_> = ids.chain(missed.iter().map(|(id, ..)| *id)).collect();
    let running = to_json(&Stage::Running)?;
    for BroadcastId(id) in ids {
        let sql = "UPDATE broadcasts SET stage = stage WHERE id = $1 AND stage = $2";
        plan.add(stmt!(sql, id, &running).or_conflict());
    }
    let row = |BroadcastId(id), chat: &ChatRef, state: &str, reason: Option<&str>| {
        let chat = chat.to_string();
        vec![Value::from(id), chat.into(), state.into(), reason.into()]
    };
    let given = given
        .iter()
        .map(|(id, chat)| row(*id, chat, "under_way", None));
    let missed = missed.iter().map(|(id, chat, fate)| {
        let (state, reason) = state(fate);
        row(*id, chat, state, reason)
    });
    plan.extend(batches(given.chain(missed).collect(), |rows| {
        format!(
            "UPDATE recipients SET state = given.column3, reason = given.column4
             FROM (VALUES {rows}) AS given
             WHERE recipients.broadcast = CAST(given.column1 AS BIGINT)
               AND recipients.chat = given.column2 AND recipients.state = 'waiting'"
        )
    }));
    Ok(())
}

/// The statements that take back what was given to the couriers and has not left: not even a piece of it.
/// What they have begun goes its way.
fn take_back(id: BroadcastId) -> [Stmt; 2] {
    let unsent = "DELETE FROM outbox WHERE state < 2 AND state = 0 AND progress = 0
        AND lane IN (SELECT r.chat || $2 FROM recipients r
          WHERE r.broadcast = $1 AND r.state = 'under_way')";
    let waiting = "UPDATE recipients SET state = 'waiting'
        WHERE broadcast = $1 AND state = 'under_way'
          AND chat || $2 NOT IN (SELECT o.lane FROM outbox o WHERE o.state < 2)";
    [unsent, waiting].map(|sql| stmt!(sql, id.0, id.lane()))
}

/// The statement that says what became of one who was under way.
pub(crate) fn settle(BroadcastId(id): BroadcastId, chat: &ChatRef, fate: &Fate) -> Stmt {
    let (state, reason) = state(fate);
    let sql = "UPDATE recipients SET state = $3, reason = $4
        WHERE broadcast = $1 AND chat = $2 AND state = 'under_way'";
    stmt!(sql, id, chat.to_string(), state, reason)
}

/// A fate as it is kept, and the reason.
fn state(fate: &Fate) -> (&'static str, Option<&str>) {
    match fate {
        Fate::Sent => ("sent", None),
        Fate::Blocked => ("blocked", None),
        Fate::Failed { reason } => ("failed", Some(reason)),
        Fate::Closed => ("closed", None),
        Fate::Unknown => ("unknown", None),
    }
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
        told: row.get(7)?,
        pace: Pace {
            since: row.get(8)?,
            done: row.get::<i64>(9)?.unsigned_abs(),
        },
    };
    Ok((broadcast, row.get(10)?))
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
        "closed" => &mut counts.closed,
        "unknown" => &mut counts.unknown,
        _ => return Err(Error::unreadable("a recipient's state".to_owned())),
    })
}
