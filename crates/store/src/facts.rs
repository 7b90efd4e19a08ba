//! What decisions ask for: conversations, operators, messages, numbers. Each is one round trip, and
//! what is written back must prove that it has not moved since (its [`Version`]).

use std::sync::atomic::Ordering;

use engine::{
    board::Open,
    content::Said,
    desk::{Dialog, Operator},
    event::Person,
    facts::Known,
    ids::{ChatRef, MessageRef, PersonRef, TicketId},
    ticket::{Conversation, Kept, Session, Side, Stage, Ticket},
};
use jiff::Timestamp;

use crate::{
    Store, clients,
    counts::count,
    db::{Result, Row},
    from_json, parse, stmt,
};

/// Counts how often something was written; 0 is what has never been. After a commit it is one more.
pub type Version = i64;

/// A conversation, and everything it takes to write it back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The conversation.
    pub conversation: Conversation,
    /// Its version.
    pub version: Version,
    /// The version of its client's record, if there is one. Read together with it: a client's record
    /// that is changed on the word of a conversation is changed at this version.
    pub of_client: Option<Version>,
}

/// An assigned ticket before a waiting one, an older before a newer: the predecessor let one person
/// have several.
macro_rules! conversation {
    ($chat:literal) => {
        concat!(
            "
SELECT u.chat, u.person, u.name, u.username, u.language, u.phone, u.blocked, u.session, u.version,
  t.id, t.subject, t.created_at, t.card, t.stage, u.heard_at, ",
            clients::columns!(),
            "
FROM users u LEFT JOIN tickets t ON t.chat = u.chat AND t.stage IS NOT NULL
LEFT JOIN clients c ON c.id = u.client_id
WHERE u.chat = ",
            $chat,
            " ORDER BY t.operator IS NULL, t.id LIMIT 1"
        )
    };
}

const CONVERSATION: &str = conversation!("$1");
const OF_TICKET: &str = conversation!("(SELECT asked.chat FROM tickets asked WHERE asked.id = $1)");

impl Store {
    /// The conversation with the customer of this chat.
    pub async fn customer(&self, chat: &ChatRef) -> Result<Option<(Conversation, Version)>> {
        let found = self.found(chat).await?;
        Ok(found.map(|found| (found.conversation, found.version)))
    }

    /// The conversation with the customer of this chat, with what it takes to change the client.
    pub async fn found(&self, chat: &ChatRef) -> Result<Option<Found>> {
        let rows = self.db.read(stmt!(CONVERSATION, chat.to_string())).await?;
        rows.first().map(conversation).transpose()
    }

    /// The conversation that this ticket belongs to, with whatever ticket is open in it now.
    pub async fn of_ticket(&self, ticket: TicketId) -> Result<Option<(Conversation, Version)>> {
        let rows = self.db.read(stmt!(OF_TICKET, ticket.0)).await?;
        let found = rows.first().map(conversation).transpose()?;
        Ok(found.map(|found| (found.conversation, found.version)))
    }

    /// What is known of this person as an operator: they have been one before, or have tickets.
    pub async fn operator(&self, person: &PersonRef) -> Result<Option<(Operator, Version)>> {
        let id = person.to_string();
        let tickets = "SELECT t.id, t.stage, t.operator_name, u.name FROM tickets t
            JOIN users u ON u.chat = t.chat WHERE t.operator = $1 AND t.stage IS NOT NULL";
        let known = "SELECT name, username, language, chat, focus, version FROM operators
            WHERE person = $1";
        let answers = self
            .db
            .read_all(vec![stmt!(known, &id), stmt!(tickets, &id)])
            .await?;
        let [known, tickets] = answers.as_slice() else {
            return Ok(None);
        };

        let mut dialogs = Vec::new();
        for ticket in tickets {
            if let Stage::Assigned(assigned) = from_json(&ticket.get::<String>(1)?, "a stage")?
                && !assigned.abandoned
            {
                let customer = ticket.get::<Option<String>>(3)?.unwrap_or_default();
                let dialog = Dialog {
                    ticket: TicketId(ticket.get(0)?),
                    customer,
                };
                dialogs.push((assigned.since, dialog, assigned));
            }
        }
        dialogs.sort_by_key(|(since, dialog, _)| (*since, dialog.ticket));
        let (mut operator, version) = if let Some(row) = known.first() {
            let who = Person {
                id: person.clone(),
                chat: parse(&row.get::<String>(3)?)?,
                name: row.get(0)?,
                username: row.get(1)?,
                language: row.get(2)?,
            };
            let mut operator = Operator::new(who);
            operator.focus = from_json(&row.get::<String>(4)?, "a focus")?;
            (operator, row.get(5)?)
        } else if let Some((_, _, assigned)) = dialogs.first() {
            let name = assigned.operator_name.clone();
            let (id, chat) = (person.clone(), assigned.chat.clone());
            (
                Operator::new(Person {
                    id,
                    chat,
                    name,
                    username: None,
                    language: None,
                }),
                0,
            )
        } else {
            return Ok(None);
        };
        operator.dialogs = dialogs.into_iter().map(|(_, dialog, _)| dialog).collect();
        Ok(Some((operator, version)))
    }

    /// Which of our messages this is, by any of its twins. The bot's own words are known by their anchor
    /// alone, without a ticket.
    pub async fn message(&self, message: &MessageRef) -> Result<Option<Known>> {
        let sql = "SELECT l.origin, m.ticket_id, m.content FROM links l
            LEFT JOIN ticket_messages m ON m.origin = l.origin WHERE l.twin = $1";
        let rows = self.db.read(stmt!(sql, message.to_string())).await?;
        let Some(row) = rows.first() else {
            return Ok(None);
        };
        let content = row.get::<Option<String>>(2)?;
        Ok(Some(Known {
            origin: parse(&row.get::<String>(0)?)?,
            ticket: row.get::<Option<i64>>(1)?.map(TicketId),
            content: content
                .map(|content| from_json(&content, "a content"))
                .transpose()?,
        }))
    }

    /// What was said in a ticket, oldest first: its last `limit` messages. What the predecessor kept is
    /// left out: it cannot be sent anew.
    pub async fn dialog(&self, ticket: TicketId, limit: u32) -> Result<Vec<Kept>> {
        let sql = "SELECT origin, sender_type, content FROM ticket_messages
            WHERE ticket_id = $1 AND origin IS NOT NULL AND content IS NOT NULL
            ORDER BY id DESC LIMIT $2";
        let rows = self.db.read(stmt!(sql, ticket.0, limit)).await?;
        let kept = rows.iter().rev().map(|row| {
            let content = from_json(&row.get::<String>(2)?, "a content")?;
            Ok(Kept {
                ticket,
                by: match row.get::<String>(1)?.as_str() {
                    "operator" => Side::Operator,
                    _ => Side::Customer,
                },
                said: Said {
                    at: parse(&row.get::<String>(0)?)?,
                    content,
                },
            })
        });
        kept.collect()
    }

    /// The number that a ticket opened now gets. Two copies may be given the same one: the second to
    /// commit is told of a conflict. One that is not used leaves a gap.
    pub async fn next_ticket(&self) -> Result<TicketId> {
        let rows = self
            .db
            .read(stmt!("SELECT COALESCE(MAX(id), 0) FROM tickets"))
            .await?;
        let used: i64 = rows.first().map_or(Ok(0), |row| row.get(0))?;
        let used = used.max(self.shape().floor);
        let next = |given: i64| Some(given.max(used) + 1);
        let given = self
            .numbers
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, next);
        let given = given.unwrap_or_else(|given| given);
        Ok(TicketId(given.max(used) + 1))
    }

    /// How many tickets are open.
    pub async fn open_count(&self) -> Result<u64> {
        count(self.db.read(stmt!(OPEN_COUNT)).await?.first())
    }

    /// Open tickets, the oldest first, at most `limit`; and how many there are.
    pub async fn open_tickets(&self, limit: u32) -> Result<(Vec<Open>, u64)> {
        let oldest = "SELECT t.id, t.chat, t.created_at, t.stage, u.name
            FROM tickets t LEFT JOIN users u ON u.chat = t.chat
            WHERE t.stage IS NOT NULL ORDER BY t.id LIMIT $1";
        let stmts = vec![stmt!(oldest, limit), stmt!(OPEN_COUNT)];
        let answers = self.db.read_all(stmts).await?;
        let open = answers[0].iter().map(open).collect::<Result<_>>()?;
        Ok((open, count(answers[1].first())?))
    }
}

const OPEN_COUNT: &str = "SELECT COUNT(*) FROM tickets WHERE stage IS NOT NULL";

fn open(row: &Row) -> Result<Open> {
    let chat: ChatRef = parse(&row.get::<String>(1)?)?;
    let opened_at = row.get::<Option<_>>(2)?.unwrap_or(Timestamp::UNIX_EPOCH);
    let (operator, since) = match from_json(&row.get::<String>(3)?, "a stage")? {
        // Nobody has what an operator left behind.
        Stage::Assigned(assigned) => {
            let operator = Some(assigned.operator_name).filter(|_| !assigned.abandoned);
            (operator, assigned.since)
        }
        Stage::Waiting(_) => (None, opened_at),
    };
    Ok(Open {
        ticket: TicketId(row.get(0)?),
        customer: row.get::<Option<String>>(4)?.unwrap_or_default(),
        channel: chat.channel,
        operator,
        since,
    })
}

/// The person in a row of `users`, from column `first` on: chat, person, name, username, language.
pub(crate) fn person(row: &Row, first: usize) -> Result<Person> {
    let chat: ChatRef = parse(&row.get::<String>(first)?)?;
    let id = match row.get::<Option<String>>(first + 1)? {
        Some(person) => parse(&person)?,
        None => PersonRef::new(&chat.channel, chat.id.clone()),
    };
    Ok(Person {
        name: row.get::<Option<String>>(first + 2)?.unwrap_or_default(),
        username: row.get(first + 3)?,
        language: row.get(first + 4)?,
        id,
        chat,
    })
}

fn conversation(row: &Row) -> Result<Found> {
    let (client, of_client) = clients::versioned(row, 15)?.unzip();
    let session = match row.get::<Option<String>>(7)? {
        Some(session) => from_json(&session, "a session")?,
        None => Session::default(),
    };
    let ticket = match row.get::<Option<i64>>(9)? {
        Some(id) => Some(Ticket {
            id: TicketId(id),
            subject: row.get::<Option<String>>(10)?.unwrap_or_default(),
            // The predecessor may have left it out.
            opened_at: row.get::<Option<_>>(11)?.unwrap_or(Timestamp::UNIX_EPOCH),
            card: match row.get::<Option<String>>(12)? {
                Some(card) => from_json(&card, "a card")?,
                None => Vec::new(),
            },
            stage: from_json(&row.get::<String>(13)?, "a stage")?,
        }),
        None => None,
    };
    let conversation = Conversation {
        who: person(row, 0)?,
        phone: row.get(5)?,
        blocked: row.get::<Option<bool>>(6)?.unwrap_or_default(),
        heard_at: row.get(14)?,
        client,
        session,
        ticket,
    };
    Ok(Found {
        conversation,
        // A row of the predecessor has been written once.
        version: row.get::<Option<i64>>(8)?.unwrap_or(1),
        of_client,
    })
}
