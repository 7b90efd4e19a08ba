//! What was decided becomes so: one transaction for the event that is done, the states it left, the
//! history, what is to be sent, what to wait for, and what else has happened because of it.
//!
//! First come the statements that prove nothing has moved (the event is still ours to handle, every
//! version is what it was when it was read), then everything else; commits of different conversations
//! share a transaction, and one that must not be written takes none of the others along.

use std::collections::HashSet;

use engine::{
    broadcast::{self, Broadcast, BroadcastId},
    client::{Client, Email},
    content::Said,
    desk::Operator,
    effect::Effect,
    event::{Event, Timer},
    ids::{ChannelId, ChatRef, PersonRef, TicketId},
    payment::Payment,
    records::Entry,
    reminder::Noted,
    sheet::{LastReading, Tariff},
    ticket::{Closed, Conversation, Kept, Rated, Stage, Ticket},
};
use jiff::Timestamp;

use crate::{
    InboxId, NewUpdate, Plan, Queued, Store, Taken, Version, Wake, clients,
    db::{Result, Row, Stmt, Value},
    links,
    outbox::{self, Replaced},
    schema, stmt, to_json,
};

/// The channel of the inbox that the desk's own events come by.
pub(crate) const DESK: &str = "desk";

/// What was decided about.
#[derive(Clone, Debug)]
pub enum By {
    /// An event of the inbox.
    Inbox(InboxId),
    /// A timer that was due then.
    Timer(Timer, Timestamp),
}

/// An event that follows from another.
#[derive(Clone, Debug)]
pub struct FollowUp {
    /// The chat it is of.
    pub lane: String,
    /// What happened.
    pub event: Event,
}

/// A decision, with the versions of what it was made from.
#[derive(Clone, Debug)]
pub struct Commit {
    /// What it is about: done with this.
    pub by: By,
    /// Somebody whom the records may not know yet: a client with this address is made if there is none.
    pub new_client: Option<Email>,
    /// Conversations as they are now. All are checked and counted on, changed or not. Of a client, only
    /// the address counts: the row is tied to whoever has it, or to the client it was tied to if nobody
    /// has it any more. What is known of a client is not written.
    pub conversations: Vec<(Conversation, Version)>,
    /// Operators as they are now.
    pub operators: Vec<(Operator, Version)>,
    /// The ticket that is over.
    pub closed: Option<Closed>,
    /// How a closed ticket was rated. Once: another rating of it changes nothing.
    pub rated: Option<Rated>,
    /// Clients as they are now, by the address they were read under: new ones (of version 0), and those
    /// whose record nobody else has changed.
    pub clients: Vec<(Client, Version)>,
    /// Payments as they are now. Each is new, or was in the stage that comes before until now.
    pub payments: Vec<Payment>,
    /// The log: new entries, and those that are undone now, each once. What an entry says of addresses
    /// happens with it: a record is renamed, two become one, and the same back. A field is written by
    /// `clients`.
    pub entries: Vec<Entry>,
    /// All tariffs, if they changed, in the owner's order.
    pub tariffs: Option<Vec<Tariff>>,
    /// What the sheet said, read at this version.
    pub reading: Option<(LastReading, Version)>,
    /// Reminders that were decided on. One that was before, or whose day has moved, is a conflict.
    pub reminded: Vec<Noted>,
    /// What became of one that was under way.
    pub learned: Option<Noted>,
    /// A broadcast as it is now. Whoever gets a new one (of version 0) is settled with this commit. What
    /// was queued for others and has not left is taken back unless it is running.
    pub broadcast: Option<(Broadcast, Version)>,
    /// Those who get a broadcast and had waited: what is sent to them is among the effects.
    pub given: Vec<(BroadcastId, ChatRef)>,
    /// Those who had waited and get nothing.
    pub missed: Vec<(BroadcastId, ChatRef, broadcast::Fate)>,
    /// What the history keeps.
    pub history: Vec<Kept>,
    /// Kept messages that read otherwise now.
    pub revised: Vec<Said>,
    /// What is to be sent, in order.
    pub effects: Vec<Effect>,
    /// What to wait for. A timer with the same key is moved.
    pub timers: Vec<(Timer, Timestamp)>,
    /// What else has happened.
    pub events: Vec<FollowUp>,
}

impl Commit {
    /// A decision that nothing follows from.
    pub fn new(by: By) -> Self {
        Self {
            by,
            new_client: None,
            conversations: Vec::new(),
            operators: Vec::new(),
            closed: None,
            rated: None,
            clients: Vec::new(),
            payments: Vec::new(),
            entries: Vec::new(),
            tariffs: None,
            reading: None,
            reminded: Vec::new(),
            learned: None,
            broadcast: None,
            given: Vec::new(),
            missed: Vec::new(),
            history: Vec::new(),
            revised: Vec::new(),
            effects: Vec::new(),
            timers: Vec::new(),
            events: Vec::new(),
        }
    }
}

/// What a commit left to do.
#[derive(Clone, Debug, Default)]
pub struct Committed {
    /// Rows of the outbox, new or changed, in order. Those of channels that another copy delivers for
    /// are here too: it has been called.
    pub outbox: Vec<Queued>,
    /// Events that this copy is to handle.
    pub inbox: Vec<Taken>,
}

/// Whose answer it is.
pub(crate) enum Ask {
    /// A new row: its id.
    Queued(Box<Effect>),
    /// A row that was there: all of it.
    Changed,
    /// An event for the inbox.
    Event,
}

impl Store {
    /// Writes a decision, or none of it.
    ///
    /// # Errors
    /// [`crate::Error::Conflict`] if the event is done or another copy's, the timer was moved, a
    /// version has moved on, or a ticket's number is taken: load and decide again (or let it be, if it
    /// is done). After [`crate::Error::Unavailable`] it may have been written: try again, and a
    /// conflict tells.
    pub async fn commit(&self, commit: Commit, now: Timestamp) -> Result<Committed> {
        let mut plan = Plan::new();
        self.prove(&mut plan, &commit, now)?;
        self.business(&mut plan, &commit, now).await?;
        if let Some(rated) = &commit.rated {
            plan.add(self.rate(rated));
        }
        self.keep(&mut plan, &commit, now)?;
        for (timer, due) in &commit.timers {
            plan.add(links::set(timer, *due)?);
        }
        let cause = match &commit.by {
            By::Inbox(id) => id.to_string(),
            By::Timer(timer, due) => format!("{}@{}", timer.key(), due.as_microsecond()),
        };
        for effect in commit.effects {
            send(&mut plan, effect, now)?;
        }
        for (n, FollowUp { lane, event }) in commit.events.into_iter().enumerate() {
            let key = format!("after/{cause}/{n}");
            let new = NewUpdate {
                key,
                lane,
                raw: Vec::new(),
                heard: Ok(event),
            };
            plan.ask(Ask::Event, self.arrival(DESK, new, now)?);
        }
        let answers = self.sure(plan.write(&self.db).await)?;
        if let By::Inbox(id) = &commit.by {
            self.hand().ids.remove(id);
        }
        self.committed(answers)
    }

    fn committed(&self, answers: Vec<(Ask, Vec<Row>)>) -> Result<Committed> {
        let mut committed = Committed::default();
        for (ask, rows) in answers {
            match ask {
                Ask::Queued(effect) => {
                    for row in &rows {
                        let queued = Queued::new(engine::ids::DeliveryId(row.get(0)?), &effect);
                        committed.outbox.push(queued);
                    }
                }
                Ask::Changed => {
                    for row in &rows {
                        committed.outbox.push(Queued::read(row)?);
                    }
                }
                Ask::Event => committed.inbox.extend(self.mine(&rows)?),
            }
        }
        let channels: HashSet<&str> = committed
            .outbox
            .iter()
            .map(|queued| outbox::channel(&queued.lane))
            .collect();
        for channel in channels.into_iter().filter(|channel| !self.holds(channel)) {
            if ChannelId::is_valid(channel) {
                self.call(Wake::Outbox(ChannelId::new(channel)), "");
            }
        }
        Ok(committed)
    }

    /// Everything that must be as it was.
    fn prove(&self, plan: &mut Plan<Ask>, commit: &Commit, now: Timestamp) -> Result<()> {
        plan.add(match &commit.by {
            By::Inbox(id) => self.done(*id, now),
            By::Timer(timer, due) => links::take(timer, *due),
        });
        if let Some(email) = &commit.new_client {
            plan.add(clients::add(email, now));
        }
        clients::write(plan, &commit.clients, now);
        // Always in the same order: two commits about the same two do not wait for each other.
        let mut conversations: Vec<_> = commit.conversations.iter().collect();
        conversations.sort_by_key(|(conversation, _)| conversation.who.chat.clone());
        for (conversation, version) in &conversations {
            plan.add(self.user(conversation, *version, now)?);
        }
        let mut operators: Vec<_> = commit.operators.iter().collect();
        operators.sort_by_key(|(operator, _)| operator.who.id.clone());
        for (operator, version) in operators {
            plan.add(write_operator(operator, *version)?);
        }
        if let Some(closed) = &commit.closed {
            plan.add(self.close(closed));
        }
        for (conversation, _) in conversations {
            if let Some(ticket) = &conversation.ticket {
                plan.add(self.ticket(ticket, conversation, now)?);
            }
        }
        Ok(())
    }

    fn user(&self, of: &Conversation, version: Version, now: Timestamp) -> Result<Stmt> {
        let (chat, at) = (of.who.chat.to_string(), Value::Time(now));
        let client = of.client.as_ref().map(|client| client.email.as_str());
        let facts: Vec<(&str, Value)> = vec![
            ("username", (&of.who.username).into()),
            ("name", (&of.who.name).into()),
            ("phone", (&of.phone).into()),
            ("person", of.who.id.to_string().into()),
            ("language", (&of.who.language).into()),
            ("blocked", of.blocked.into()),
            ("heard_at", of.heard_at.map_or(Value::Null, Value::Time)),
            ("client_id", client.into()),
            ("session", to_json(&of.session)?.into()),
            ("version", (version + 1).into()),
        ];
        if version == 0 {
            let mut columns = facts;
            columns.push(("channel", of.who.chat.channel.as_str().into()));
            columns.push(("chat", chat.as_str().into()));
            columns.push(("created_at", at.clone()));
            // Other programs look people up by the messenger's number of them.
            columns.push(("tg_id", self.number(&of.who.id)));
            let also = self.shape().person.as_deref();
            columns.extend(also.map(|column| (column, self.number(&of.who.id))));
            let end = "ON CONFLICT (chat) DO NOTHING";
            return Ok(self
                .shape()
                .insert("users", columns, &chat, &at, end)
                .or_conflict());
        }
        let fit = |(column, value)| (column, self.shape().fit("users", column, value, &at));
        let facts = facts.into_iter().map(fit);
        let (columns, mut params): (Vec<_>, Vec<_>) = facts.unzip();
        let set: Vec<String> = (1..)
            .zip(columns)
            .map(|(n, column)| match (column, client) {
                ("client_id", Some(_)) => {
                    let named = schema::client_id(n);
                    format!("{column} = COALESCE({named}, {column})")
                }
                _ => format!("{column} = ${n}"),
            })
            .collect();
        let (chat_at, version_at) = (params.len() + 1, params.len() + 2);
        params.extend([Value::Text(chat), Value::Int(version)]);
        let sql = format!(
            "UPDATE users SET {} WHERE chat = ${chat_at} AND COALESCE(version, 1) = ${version_at}",
            set.join(", ")
        );
        Ok(Stmt::new(sql, params).or_conflict())
    }

    /// A ticket that is new, or has moved on. A number that another customer's ticket got meanwhile is
    /// a conflict.
    fn ticket(&self, ticket: &Ticket, of: &Conversation, now: Timestamp) -> Result<Stmt> {
        let (shape, chat, now) = (self.shape(), of.who.chat.to_string(), Value::Time(now));
        let (status, assigned) = match &ticket.stage {
            Stage::Waiting(_) => (&shape.status[0], None),
            Stage::Assigned(assigned) => (&shape.status[1], Some(assigned)),
        };
        let columns = vec![
            ("id", ticket.id.0.into()),
            ("status", status.into()),
            ("created_at", Value::Time(ticket.opened_at)),
            (
                "operator_tg_id",
                assigned.map_or(Value::Null, |a| self.number(&a.operator)),
            ),
            ("subject", (&ticket.subject).into()),
            ("channel", of.who.chat.channel.as_str().into()),
            ("chat", chat.as_str().into()),
            ("operator", assigned.map(|a| a.operator.to_string()).into()),
            (
                "operator_name",
                assigned.map(|a| a.operator_name.clone()).into(),
            ),
            (
                "assigned_at",
                assigned.map_or(Value::Null, |a| Value::Time(a.since)),
            ),
            ("stage", to_json(&ticket.stage)?.into()),
            ("card", to_json(&ticket.card)?.into()),
        ];
        let end = "ON CONFLICT (id) DO UPDATE SET status = excluded.status,
            operator_tg_id = excluded.operator_tg_id, subject = excluded.subject,
            operator = excluded.operator, operator_name = excluded.operator_name,
            assigned_at = excluded.assigned_at, stage = excluded.stage, card = excluded.card
            WHERE tickets.chat = excluded.chat AND tickets.stage IS NOT NULL";
        Ok(shape
            .insert("tickets", columns, &chat, &now, end)
            .or_conflict())
    }

    fn close(&self, closed: &Closed) -> Stmt {
        let sql = "UPDATE tickets SET status = $2, closed_at = $3, closed_by = $4, stage = NULL
            WHERE id = $1 AND stage IS NOT NULL";
        let Closed {
            ticket: TicketId(id),
            by,
            at,
        } = closed;
        let status = &self.shape().status[2];
        stmt!(sql, *id, status, Value::Time(*at), by.to_string()).or_conflict()
    }

    /// A closed ticket gets its stars, unless it has some. In an adopted table none may be written as 0.
    fn rate(&self, rated: &Rated) -> Stmt {
        let sql = "UPDATE tickets SET rating = $2 WHERE id = $1 AND status = $3 AND stage IS NULL
            AND COALESCE(CAST(rating AS TEXT), '0') IN ('0', '')";
        let closed = &self.shape().status[2];
        stmt!(sql, rated.ticket.0, u32::from(rated.stars), closed)
    }

    /// The messenger's number of somebody, where other programs know people by it.
    fn number(&self, who: &PersonRef) -> Value {
        let id = who.id.parse().ok();
        id.filter(|_| self.numbered.contains(&who.channel))
            .map_or(Value::Null, Value::Int)
    }
}

fn write_operator(operator: &Operator, version: Version) -> Result<Stmt> {
    let who = &operator.who;
    let sql = if version == 0 {
        "INSERT INTO operators (person, chat, name, username, language, focus, version)
         VALUES ($1, $2, $3, $4, $5, $6, $7 + 1) ON CONFLICT (person) DO NOTHING"
    } else {
        "UPDATE operators SET chat = $2, name = $3, username = $4, language = $5, focus = $6,
         version = version + 1 WHERE person = $1 AND version = $7"
    };
    let (person, chat, focus) = (
        who.id.to_string(),
        who.chat.to_string(),
        to_json(&operator.focus)?,
    );
    let (name, username, language) = (&who.name, &who.username, &who.language);
    Ok(stmt!(sql, person, chat, name, username, language, focus, version).or_conflict())
}

/// An effect becomes a row of the outbox, or changes one that has not left.
fn send(plan: &mut Plan<Ask>, effect: Effect, now: Timestamp) -> Result<()> {
    if let Effect::Again { delivery } = effect {
        plan.ask(Ask::Changed, outbox::again(delivery, now));
        return Ok(());
    }
    if let Some(Replaced { update, insert }) = outbox::replacing(&effect, now)? {
        plan.ask(Ask::Changed, update);
        plan.ask(Ask::Changed, insert);
    } else {
        let insert = outbox::insert(&effect, now)?;
        plan.ask(Ask::Queued(Box::new(effect)), insert);
    }
    Ok(())
}
