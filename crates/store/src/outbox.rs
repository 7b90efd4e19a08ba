//! What is to be sent, and what became of it.
//!
//! A row is queued, then started (on disk before the messenger is called), then delivered or failed;
//! one that is found started after a crash has an unknown outcome. What the courier learned is written
//! in batches together with what it starts next: [`Store::settle`].

use engine::{
    broadcast::{self, BroadcastId},
    effect::{Effect, Urgency},
    event::Fate,
    ids::{ChannelId, ChatRef, DeliveryId, MessageRef},
};
use jiff::Timestamp;

use crate::{
    FollowUp, Plan, Store, Taken, broadcasts,
    db::{Result, Row, Stmt},
    from_json, stmt, to_json,
};

// The states of a row, as the statements below write them.
//   0 queued, 1 started, 2 delivered, 3 failed

/// Something to be sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Queued {
    /// Its row.
    pub id: DeliveryId,
    /// The queue it stands in.
    pub lane: String,
    /// How urgent it is.
    pub urgency: Urgency,
    /// What it is. [`Started`] says what it is by the time it leaves.
    pub effect: Effect,
    /// How often it was started.
    pub attempts: u32,
    /// How many of its pieces have arrived.
    pub progress: u32,
    /// Whether it was started and never settled: nobody knows whether it arrived.
    pub started: bool,
    /// When it may be tried again.
    pub not_before: Option<Timestamp>,
    /// Whether an operator asked for it to be sent again.
    pub repeated: bool,
}

/// Something that may leave now.
#[derive(Clone, Debug, PartialEq)]
pub struct Started {
    /// Its row.
    pub id: DeliveryId,
    /// What it is now.
    pub effect: Effect,
    /// How often it was started, this time included.
    pub attempts: u32,
    /// How many of its pieces have arrived.
    pub progress: u32,
}

/// What the courier learned of one row.
#[derive(Clone, Debug)]
pub struct Settlement {
    /// The row.
    pub id: DeliveryId,
    /// What became of it.
    pub outcome: Outcome,
    /// A message of ours that is not there any more (somebody deleted it): what it was a twin of has to
    /// be sent anew. Forgotten before anything is linked.
    pub unlinked: Option<MessageRef>,
    /// What it was a twin of, and where that stands now.
    pub links: Vec<(MessageRef, MessageRef)>,
    /// A message that carries keys now.
    pub keys: Option<MessageRef>,
    /// Messages that carry none any more.
    pub stripped: Vec<MessageRef>,
    /// A message whose attachment is stored now, and where.
    pub kept: Option<(MessageRef, String)>,
    /// What became of one of those who get a broadcast. Settled once: what comes later changes nothing.
    pub recipient: Option<(BroadcastId, ChatRef, broadcast::Fate)>,
    /// An event for the inbox.
    pub receipt: Option<FollowUp>,
}

impl Settlement {
    /// An outcome, and nothing besides.
    pub fn new(id: DeliveryId, outcome: Outcome) -> Self {
        let (links, stripped) = (Vec::new(), Vec::new());
        Self {
            id,
            outcome,
            unlinked: None,
            links,
            keys: None,
            stripped,
            kept: None,
            recipient: None,
            receipt: None,
        }
    }
}

/// What became of something that was started.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// All of it arrived.
    Delivered {
        /// And perhaps it arrived twice.
        perhaps_twice: bool,
    },
    /// So many of its pieces have arrived; it is still under way.
    Partly {
        /// Pieces, from the first.
        progress: u32,
    },
    /// It did not arrive and is queued again.
    Retry {
        /// When it may be tried again.
        not_before: Timestamp,
        /// Whether the attempt counts: being told to wait is no attempt.
        counted: bool,
    },
    /// It will not arrive.
    Failed(Fate),
}

/// What settling left to do.
#[derive(Clone, Debug, Default)]
pub struct Settled {
    /// What may leave now. What was asked for and is not here has left already, or is not queued.
    pub started: Vec<Started>,
    /// Receipts that this copy is to handle.
    pub inbox: Vec<Taken>,
}

/// Something that failed.
#[derive(Clone, Debug, PartialEq)]
pub struct Failed {
    /// What it was.
    pub effect: Effect,
    /// Why it failed.
    pub fate: Fate,
    /// How many of its pieces had arrived.
    pub progress: u32,
}

const COLUMNS: &str = "id, lane, urgency, payload, attempts, progress, state, not_before, again_at";

enum Ask {
    Start,
    Receipt,
}

impl Store {
    /// Unfinished rows of a channel with ids above `after`, by id: to begin with, after another copy, and
    /// to find what other copies queued. Call again with the last id until nothing comes. A row may
    /// appear below ids that were seen already (ids are given before the commit): what is looked through
    /// once a second begins at 0, or some thousand ids back.
    pub async fn queue(
        &self,
        channel: &ChannelId,
        after: DeliveryId,
        limit: u32,
    ) -> Result<Vec<Queued>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM outbox WHERE channel = $1 AND id > $2 AND state < 2
             ORDER BY id LIMIT $3"
        );
        let rows = self
            .db
            .read(stmt!(sql, channel.as_str(), after.0, limit))
            .await?;
        rows.iter().map(Queued::read).collect()
    }

    /// Writes what became of rows that were started, and starts others, in one transaction. Nothing may
    /// leave before it is among the answer's [`Settled::started`].
    pub async fn settle(
        &self,
        settlements: Vec<Settlement>,
        starts: Vec<DeliveryId>,
        now: Timestamp,
    ) -> Result<Settled> {
        let mut plan = Plan::new();
        for settlement in settlements {
            self.plan_settlement(&mut plan, settlement, now)?;
        }
        let start = "UPDATE outbox SET state = 1, attempts = attempts + 1, started_at = $2
            WHERE id = $1 AND state = 0 RETURNING id, payload, attempts, progress";
        for id in starts {
            plan.ask(Ask::Start, stmt!(start, id.0, now));
        }
        let mut settled = Settled::default();
        for (ask, rows) in self.sure(plan.write(&self.db).await)? {
            match ask {
                Ask::Start => {
                    for row in &rows {
                        settled.started.push(Started {
                            id: DeliveryId(row.get(0)?),
                            effect: from_json(&row.get::<String>(1)?, "an effect")?,
                            attempts: row.get(2)?,
                            progress: row.get(3)?,
                        });
                    }
                }
                Ask::Receipt => settled.inbox.extend(self.mine(&rows)?),
            }
        }
        Ok(settled)
    }

    fn plan_settlement(
        &self,
        plan: &mut Plan<Ask>,
        settlement: Settlement,
        now: Timestamp,
    ) -> Result<()> {
        let DeliveryId(id) = settlement.id;
        plan.add(match settlement.outcome {
            Outcome::Delivered { perhaps_twice } => stmt!(
                "UPDATE outbox SET state = 2, finished_at = $2, perhaps_twice = $3
                 WHERE id = $1 AND state < 2",
                id,
                now,
                perhaps_twice
            ),
            Outcome::Partly { progress } => {
                stmt!(
                    "UPDATE outbox SET progress = $2 WHERE id = $1 AND state = 1",
                    id,
                    progress
                )
            }
            Outcome::Retry {
                not_before,
                counted,
            } => stmt!(
                "UPDATE outbox SET state = 0, not_before = $2, attempts = attempts - $3
                 WHERE id = $1 AND state = 1",
                id,
                not_before,
                i64::from(!counted)
            ),
            Outcome::Failed(fate) => stmt!(
                "UPDATE outbox SET state = 3, finished_at = $2, fate = $3
                 WHERE id = $1 AND state < 2",
                id,
                now,
                to_json(&fate)?
            ),
        });
        if let Some(message) = settlement.unlinked {
            let sql = "DELETE FROM links WHERE twin = $1";
            plan.add(stmt!(sql, message.to_string()));
        }
        let link = "INSERT INTO links (twin, origin, chat, linked_at) VALUES ($1, $2, $3, $4)
            ON CONFLICT (twin) DO NOTHING";
        for (origin, twin) in settlement.links {
            plan.add(stmt!(
                link,
                twin.to_string(),
                origin.to_string(),
                twin.chat.to_string(),
                now
            ));
        }
        if let Some(message) = settlement.keys {
            let sql = "INSERT INTO keyboards (message, chat, shown_at) VALUES ($1, $2, $3)
                ON CONFLICT (message) DO NOTHING";
            plan.add(stmt!(
                sql,
                message.to_string(),
                message.chat.to_string(),
                now
            ));
        }
        for message in settlement.stripped {
            plan.add(stmt!(
                "DELETE FROM keyboards WHERE message = $1",
                message.to_string()
            ));
        }
        if let Some((message, path)) = settlement.kept {
            let sql = "UPDATE ticket_messages SET media_path = $2 WHERE origin = $1";
            plan.add(stmt!(sql, message.to_string(), path));
        }
        if let Some((id, chat, fate)) = settlement.recipient {
            plan.add(broadcasts::settle(id, &chat, &fate));
        }
        if let Some(receipt) = settlement.receipt {
            plan.ask(Ask::Receipt, self.receipt(settlement.id, receipt, now)?);
        }
        Ok(())
    }

    /// Which of these rows are noted as started: for whoever lost the answer to [`Store::settle`].
    pub async fn are_started(&self, rows: &[DeliveryId]) -> Result<Vec<DeliveryId>> {
        let sql = "SELECT id FROM outbox WHERE id = $1 AND state = 1";
        let stmts = rows.iter().map(|id| stmt!(sql, id.0)).collect();
        let answers = self.db.read_all(stmts).await?;
        let rows = answers.iter().flatten();
        rows.map(|row| Ok(DeliveryId(row.get(0)?))).collect()
    }

    /// What is under way to a chat: perhaps it has arrived, and where it stands is not noted yet.
    pub async fn under_way(&self, chat: &ChatRef) -> Result<Vec<DeliveryId>> {
        let sql = "SELECT id FROM outbox
            WHERE channel = $1 AND lane = $2 AND state < 2 AND state = 1 ORDER BY id";
        let rows = self
            .db
            .read(stmt!(sql, chat.channel.to_string(), chat.to_string()))
            .await?;
        rows.iter().map(|row| Ok(DeliveryId(row.get(0)?))).collect()
    }

    /// A row that failed, whether or not it was asked for again.
    pub async fn failed(&self, id: DeliveryId) -> Result<Option<Failed>> {
        let sql = "SELECT payload, fate, progress FROM outbox WHERE id = $1 AND state = 3";
        let rows = self.db.read(stmt!(sql, id.0)).await?;
        let Some(row) = rows.first() else {
            return Ok(None);
        };
        Ok(Some(Failed {
            effect: from_json(&row.get::<String>(0)?, "an effect")?,
            fate: from_json(&row.get::<String>(1)?, "a fate")?,
            progress: row.get(2)?,
        }))
    }
}

impl Queued {
    /// A row that was just made.
    pub(crate) fn new(id: DeliveryId, effect: &Effect) -> Self {
        Self {
            id,
            lane: effect.lane(),
            urgency: effect.urgency(),
            effect: effect.clone(),
            attempts: 0,
            progress: 0,
            started: false,
            not_before: None,
            repeated: false,
        }
    }

    pub(crate) fn read(row: &Row) -> Result<Self> {
        let urgency = match row.get::<i64>(2)? {
            0 => Urgency::Live,
            1 => Urgency::Service,
            _ => Urgency::Bulk,
        };
        Ok(Self {
            id: DeliveryId(row.get(0)?),
            lane: row.get(1)?,
            urgency,
            effect: from_json(&row.get::<String>(3)?, "an effect")?,
            attempts: row.get(4)?,
            progress: row.get(5)?,
            started: row.get::<i64>(6)? == 1,
            not_before: row.get(7)?,
            repeated: row.get::<Option<i64>>(8)?.is_some(),
        })
    }
}

/// The channel of a lane.
pub(crate) fn channel(lane: &str) -> &str {
    lane.split('/').next().unwrap_or(lane)
}

fn rank(urgency: Urgency) -> i64 {
    match urgency {
        Urgency::Live => 0,
        Urgency::Service => 1,
        Urgency::Bulk => 2,
    }
}

/// The statement that queues an effect; answers with its id.
pub(crate) fn insert(effect: &Effect, now: Timestamp) -> Result<Stmt> {
    let (lane, urgency) = (effect.lane(), rank(effect.urgency()));
    let sql =
        "INSERT INTO outbox (channel, lane, urgency, payload, fresh, state, attempts, progress,
        queued_at, perhaps_twice) VALUES ($1, $2, $3, $4, FALSE, 0, 0, 0, $5, FALSE) RETURNING id";
    Ok(stmt!(
        sql,
        channel(&lane),
        &lane,
        urgency,
        to_json(effect)?,
        now
    ))
}

/// The two statements of an effect that takes the place of one that has not left.
pub(crate) struct Replaced {
    /// Changes the row that is there.
    pub update: Stmt,
    /// Makes one if none is.
    pub insert: Stmt,
}

/// For an effect that replaces: only one of the two answers with a row.
pub(crate) fn replacing(effect: &Effect, now: Timestamp) -> Result<Option<Replaced>> {
    let Some(key) = effect.replaces() else {
        return Ok(None);
    };
    let (fresh, as_new) = match effect {
        // What is new to the messenger stays new until it has left.
        Effect::Card(card) => {
            let mut new = card.clone();
            new.new = true;
            (card.new, to_json(&Effect::Card(new))?)
        }
        other => (false, to_json(other)?),
    };
    let payload = to_json(effect)?;
    let waiting = "replaces = $1 AND state = 0 AND progress = 0";
    let update = format!(
        "UPDATE outbox SET payload = CASE WHEN fresh THEN $2 ELSE $3 END, fresh = (fresh OR $4)
         WHERE {waiting} RETURNING {COLUMNS}"
    );
    let insert = format!(
        "INSERT INTO outbox (replaces, channel, lane, urgency, payload, fresh, state, attempts,
           progress, queued_at, perhaps_twice)
         SELECT CAST($1 AS TEXT), CAST($2 AS TEXT), CAST($3 AS TEXT), CAST($4 AS BIGINT),
           CAST($5 AS TEXT), CAST($6 AS BOOLEAN), 0, 0, 0, CAST($7 AS BIGINT), FALSE
         WHERE NOT EXISTS (SELECT 1 FROM outbox WHERE {waiting}) RETURNING {COLUMNS}"
    );
    let (lane, urgency) = (effect.lane(), rank(effect.urgency()));
    Ok(Some(Replaced {
        update: stmt!(update, &key, as_new, &payload, fresh),
        insert: stmt!(
            insert,
            &key,
            channel(&lane),
            &lane,
            urgency,
            payload,
            fresh,
            now
        ),
    }))
}

/// The statement that queues a failed row once more, the first time it is asked for.
pub(crate) fn again(DeliveryId(id): DeliveryId, now: Timestamp) -> Stmt {
    let sql = format!(
        "UPDATE outbox SET state = 0, again_at = $2, attempts = 0, not_before = NULL,
           started_at = NULL, finished_at = NULL
         WHERE id = $1 AND state = 3 AND again_at IS NULL RETURNING {COLUMNS}"
    );
    stmt!(sql, id, now)
}
