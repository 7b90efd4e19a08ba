//! Takes over what the predecessor left: SQLAlchemy models `users`, `tickets`, `ticket_messages`, of
//! which only the seed's columns are known. Whatever else they have stays as it is.
//!
//! Runs at every start and finds nothing the second time, unless the predecessor has run in between.

use engine::{
    content::{Body, Content, Said},
    event::Event,
    ids::{PersonRef, TicketId},
    ticket::{Assigned, Stage, Waiting},
};
use jiff::Timestamp;

use super::{
    Found, chat,
    look::Columns,
    relax::{fillers, relax},
};
use crate::{
    db::{Result, Row, Tx},
    parse,
    schema::{MESSAGES, Shape, TICKETS, USERS},
    stmt, to_json,
};

/// The one channel that the predecessor spoke on.
pub(crate) const CHANNEL: &str = "telegram";

/// How other bots of this kind call the person's id in their messenger.
const PERSON: [&str; 5] = ["tg_id", "telegram_id", "tg_user_id", "user_id", "chat_id"];
/// How they call a ticket's customer.
const CUSTOMER: [&str; 9] = [
    "user_id",
    "user_tg_id",
    "tg_id",
    "tg_user_id",
    "telegram_id",
    "customer_id",
    "client_id",
    "author_id",
    "chat_id",
];
/// How they call what a ticket is about.
const SUBJECT: [&str; 7] = [
    "topic",
    "category",
    "title",
    "theme",
    "type",
    "kind",
    "ticket_type",
];

/// Relaxes what can be relaxed, and finds out the rest.
pub(super) async fn shape(tx: &mut Tx, pg: bool, found: &Found) -> Result<Shape> {
    let mut shape = Shape::ours();
    if let Some(old) = super::remembered(tx).await? {
        shape = old;
    }
    shape.fillers.clear();
    let tables = [
        (&USERS, &found.users),
        (&TICKETS, &found.tickets),
        (&MESSAGES, &found.messages),
    ];
    for (table, columns) in tables {
        if pg {
            relax(tx, table, columns).await?;
        } else {
            shape.fillers.extend(fillers(table, columns));
        }
    }
    if !found.users.is_empty() {
        shape.person = person(&found.users).map(str::to_owned);
    }
    if !found.tickets.is_empty() {
        shape.user_link = user_link(tx, &found.tickets).await?;
        shape.status = spelled(tx, "tickets", "status", shape.status).await?;
        shape.floor = floor(tx, pg).await?;
    }
    if !found.messages.is_empty() {
        shape.sender = spelled(tx, "ticket_messages", "sender_type", shape.sender).await?;
    }
    Ok(shape)
}

/// Which column of a ticket says whose it is: by foreign key, or by name and what its values match.
async fn user_link(tx: &mut Tx, tickets: &Columns) -> Result<Option<(String, String)>> {
    let is_staff = |name: &str| name.contains("operator") || name.contains("assign");
    let key = tickets.0.iter().find_map(|column| {
        let (table, target) = column.refers.as_ref()?;
        let found = table == "users" && !is_staff(&column.name);
        found.then(|| (column.name.clone(), target.clone()))
    });
    if key.is_some() {
        return Ok(key);
    }
    let Some(column) = tickets.first_of(&CUSTOMER) else {
        return Ok(None);
    };
    let matching = |target: &str| {
        stmt!(format!(
            "SELECT COUNT(*) FROM tickets t WHERE EXISTS (SELECT 1 FROM users u
             WHERE CAST(u.{target} AS TEXT) = CAST(t.\"{column}\" AS TEXT))"
        ))
    };
    let done = tx.run(vec![matching("id"), matching("tg_id")]).await?;
    let count = |i: usize| done[i].rows.first().map_or(Ok(0), |row| row.get::<i64>(0));
    let (by_id, by_tg_id) = (count(0)?, count(1)?);
    let by_name = by_id == by_tg_id && column != "user_id";
    let target = if by_tg_id > by_id || by_name {
        "tg_id"
    } else {
        "id"
    };
    Ok(Some((column.to_owned(), target.to_owned())))
}

/// The words as this database has them, in whatever case.
async fn spelled<const N: usize>(
    tx: &mut Tx,
    table: &str,
    column: &str,
    mut words: [String; N],
) -> Result<[String; N]> {
    let sql = format!("SELECT DISTINCT CAST({column} AS TEXT) FROM {table}");
    let done = tx.one(stmt!(sql)).await?;
    let seen: Vec<String> = done.rows.iter().filter_map(|row| row.get(0).ok()).collect();
    for word in &mut words {
        if let Some(theirs) = seen.iter().find(|theirs| theirs.eq_ignore_ascii_case(word)) {
            word.clone_from(theirs);
        } else if !seen.is_empty() && seen.iter().all(|theirs| *theirs == theirs.to_lowercase()) {
            *word = word.to_lowercase();
        } else if !seen.is_empty() && seen.iter().all(|theirs| *theirs == theirs.to_uppercase()) {
            *word = word.to_uppercase();
        }
    }
    Ok(words)
}

/// The highest ticket number ever given, also when its row is gone.
async fn floor(tx: &mut Tx, pg: bool) -> Result<i64> {
    let sql = if pg {
        "SELECT COALESCE(last_value, 0) FROM pg_sequences WHERE schemaname = current_schema()
         AND pg_get_serial_sequence('tickets', 'id') = schemaname || '.' || sequencename"
    } else {
        "SELECT COUNT(*) FROM sqlite_master WHERE name = 'sqlite_sequence'"
    };
    let first = |rows: &[Row]| rows.first().map_or(Ok(0), |row| row.get::<i64>(0));
    let answer = first(&tx.one(stmt!(sql)).await?.rows)?;
    if pg || answer == 0 {
        return Ok(answer);
    }
    first(
        &tx.one(stmt!(
            "SELECT seq FROM sqlite_sequence WHERE name = 'tickets'"
        ))
        .await?
        .rows,
    )
}

/// The column that says who somebody is, if it is not `tg_id`.
fn person(users: &Columns) -> Option<&'static str> {
    users.first_of(&PERSON).filter(|column| *column != "tg_id")
}

/// Gives the predecessor's customers the names by which we know them.
pub(super) async fn users(tx: &mut Tx, found: &Columns) -> Result<u64> {
    if found.is_empty() {
        return Ok(0);
    }
    let mut stmts = Vec::new();
    // PostgreSQL has numbered them itself.
    if found.find("id").is_none() && matches!(tx, Tx::Lite(_)) {
        stmts.push(stmt!("UPDATE users SET id = rowid WHERE id IS NULL"));
    }
    if let Some(person) = person(found) {
        let sql =
            format!("UPDATE users SET tg_id = CAST(\"{person}\" AS BIGINT) WHERE tg_id IS NULL");
        stmts.push(stmt!(sql));
    }
    // Two rows of one person stay two rows; the older one is the conversation.
    let theirs = format!("'{CHANNEL}/' || CAST(tg_id AS TEXT)");
    let key = format!(
        "UPDATE users SET channel = '{CHANNEL}', chat = {theirs}, person = {theirs}
         WHERE chat IS NULL AND tg_id IS NOT NULL
         AND NOT EXISTS (SELECT 1 FROM users older WHERE older.tg_id = users.tg_id
           AND (older.channel = '{CHANNEL}' OR (older.chat IS NULL AND older.id < users.id)))"
    );
    let mut names: Vec<String> = Vec::new();
    if let Some(full) = found.first_of(&["full_name", "fullname", "display_name"]) {
        names.push(format!("NULLIF(TRIM({full}), '')"));
    }
    let part = |name: &str| found.find(name).map(|_| format!("COALESCE({name}, '')"));
    let parts: Vec<String> = ["first_name", "last_name"]
        .iter()
        .filter_map(|n| part(n))
        .collect();
    if !parts.is_empty() {
        names.push(format!("NULLIF(TRIM({}), '')", parts.join(" || ' ' || ")));
    }
    if found.find("username").is_some() {
        names.push("NULLIF(TRIM(username), '')".to_owned());
    }
    names.push("CAST(tg_id AS TEXT)".to_owned());
    let name = format!(
        "UPDATE users SET name = COALESCE({}) WHERE name IS NULL AND chat IS NOT NULL",
        names.join(", ")
    );
    let at = stmts.len();
    stmts.push(stmt!(
        "CREATE INDEX IF NOT EXISTS zabota_users_tg_id ON users (tg_id)"
    ));
    stmts.push(stmt!(key));
    stmts.push(stmt!(name));
    let done = tx.run(stmts).await?;
    Ok(done.get(at + 1).map_or(0, |done| done.affected))
}

/// Gives the predecessor's tickets their customers' chats, and the open ones a stage. Each open one
/// is put into the inbox as an event, so that the rules hear of it whatever happens next.
pub(super) async fn tickets(
    tx: &mut Tx,
    shape: &Shape,
    found: &Found,
    now: Timestamp,
) -> Result<Vec<TicketId>> {
    let (false, Some((column, target))) = (found.tickets.is_empty(), &shape.user_link) else {
        return Ok(Vec::new());
    };
    let same = match (found.tickets.find(column), found.users.find(target)) {
        (Some(ticket), Some(user)) if ticket.is_number() == user.is_number() => {
            format!("u.{target} = tickets.\"{column}\"")
        }
        _ => format!("CAST(u.{target} AS TEXT) = CAST(tickets.\"{column}\" AS TEXT)"),
    };
    let chats = format!(
        "UPDATE tickets SET channel = '{CHANNEL}', chat =
         (SELECT '{CHANNEL}/' || CAST(u.tg_id AS TEXT) FROM users u WHERE {same} LIMIT 1)
         WHERE chat IS NULL"
    );
    let subject = found
        .tickets
        .first_of(&SUBJECT)
        .map_or("''".to_owned(), |s| format!("\"{s}\""));
    let open = format!(
        "SELECT id, CAST(status AS TEXT), CAST(operator_tg_id AS TEXT), created_at, chat,
         CAST({subject} AS TEXT) FROM tickets
         WHERE stage IS NULL AND chat IS NOT NULL AND status IN ($1, $2) ORDER BY id"
    );
    let [waiting, assigned, _] = &shape.status;
    let done = tx
        .run(vec![stmt!(chats), stmt!(open, waiting, assigned)])
        .await?;
    let mut adopted = Vec::new();
    for row in &done[1].rows {
        adopted.push(ticket(tx, shape, row, now).await?);
    }
    Ok(adopted)
}

async fn ticket(tx: &mut Tx, shape: &Shape, row: &Row, now: Timestamp) -> Result<TicketId> {
    let (id, status): (i64, String) = (row.get(0)?, row.get(1)?);
    let operator: Option<String> = row
        .get::<Option<String>>(2)?
        .filter(|id| !id.trim().is_empty());
    let since: Option<Timestamp> = row.get(3)?;
    let customer: String = row.get(4)?;
    let subject: Option<String> = row.get(5)?;
    let assigned = match operator {
        Some(operator) if status == shape.status[1] => {
            let names =
                "SELECT name FROM users WHERE CAST(tg_id AS TEXT) = $1 AND name IS NOT NULL";
            let done = tx.one(stmt!(names, &operator)).await?;
            let name = done
                .rows
                .first()
                .map_or(Ok(operator.clone()), |row| row.get(0))?;
            Some(Assigned {
                operator: PersonRef::new(&chat(&operator)?.channel, operator.trim()),
                operator_name: name,
                chat: chat(operator.trim())?,
                since: since.unwrap_or(now),
                abandoned: false,
            })
        }
        // ASSIGNED to nobody is waiting for somebody.
        _ => None,
    };
    let person = assigned
        .as_ref()
        .map(|assigned| assigned.operator.to_string());
    let name = assigned
        .as_ref()
        .map(|assigned| assigned.operator_name.clone());
    let stage = assigned.map_or_else(|| Stage::Waiting(Waiting::default()), Stage::Assigned);
    let card = card(tx, shape, id, &customer).await?;
    let update = "UPDATE tickets SET stage = $2, card = $3, operator = $4, operator_name = $5,
        subject = COALESCE(subject, $6), status = $7 WHERE id = $1";
    let status = &shape.status[usize::from(person.is_some())];
    let subject = subject.unwrap_or_default();
    let update = stmt!(
        update,
        id,
        to_json(&stage)?,
        to_json(&card)?,
        person,
        name,
        subject,
        status
    );
    let event = to_json(&Event::Adopted {
        ticket: TicketId(id),
    })?;
    let told = "INSERT INTO inbox (channel, update_key, lane, raw, event, attempts, taken_at)
        VALUES ('desk', $1, $2, $3, $4, 0, $5) ON CONFLICT (channel, update_key) DO NOTHING";
    let key = format!("adopted/{id}");
    tx.run(vec![
        update,
        stmt!(told, key, customer, Vec::<u8>::new(), event, now),
    ])
    .await?;
    Ok(TicketId(id))
}

/// What the customer said to open it, as far as the rows tell. The messenger's ids are not known, so
/// these stand at places of our own making.
async fn card(tx: &mut Tx, shape: &Shape, ticket: i64, customer: &str) -> Result<Vec<Said>> {
    let sql = "SELECT id, CAST(content_type AS TEXT), message_text, caption FROM ticket_messages
        WHERE ticket_id = $1 AND sender_type = $2 ORDER BY id LIMIT 20";
    let done = tx.one(stmt!(sql, ticket, &shape.sender[0])).await?;
    let chat: engine::ids::ChatRef = parse(customer)?;
    let mut said = Vec::new();
    for row in &done.rows {
        let kind: String = row
            .get::<Option<String>>(1)?
            .unwrap_or_default()
            .to_lowercase();
        let text: Option<String> = row.get(2)?;
        let mut content = Content::text(text.or(row.get(3)?).unwrap_or_default());
        if kind != "text" {
            content.body = Body::Other {
                kind,
                about: String::new(),
            };
        }
        said.push(Said {
            at: chat.message(format!("adopted-{}", row.get::<i64>(0)?)),
            content,
        });
    }
    Ok(said)
}
