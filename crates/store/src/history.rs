//! The history: everything either side wrote, as it reads now and as it read before.

use engine::{
    content::{Body, Content, Said},
    ids::MessageRef,
    ticket::{Kept, Side},
};
use jiff::Timestamp;

use crate::{
    Commit, Plan, Store,
    commit::Ask,
    db::{Result, Stmt, Value},
    links,
    schema::Shape,
    stmt, to_json,
};

impl Store {
    /// Where the attachment of a message is stored, below the media root; the message by any of its twins.
    /// None if it carries none, or it is not stored (yet).
    pub async fn kept_file(&self, message: &MessageRef) -> Result<Option<String>> {
        let sql = "SELECT media_path FROM ticket_messages WHERE media_path IS NOT NULL
            AND origin = COALESCE((SELECT known.origin FROM links known WHERE known.twin = $1), $1)";
        let rows = self.db.read(stmt!(sql, message.to_string())).await?;
        rows.first().map(|row| row.get(0)).transpose()
    }

    /// Plans what a decision keeps, and what it revises.
    pub(crate) fn keep(&self, plan: &mut Plan<Ask>, commit: &Commit, now: Timestamp) -> Result<()> {
        for Kept { ticket, by, said } in &commit.history {
            let owner = commit.conversations.iter().find(|(conversation, _)| {
                conversation
                    .ticket
                    .as_ref()
                    .is_some_and(|open| open.id == *ticket)
            });
            let owner = owner.or(commit.conversations.first());
            let chat = owner.map_or_else(String::new, |(owner, _)| owner.who.chat.to_string());
            let sender = match by {
                Side::Customer => &self.shape().sender[0],
                Side::Operator => &self.shape().sender[1],
            };
            let mut columns = words(&said.content)?;
            columns.extend([
                ("ticket_id", ticket.0.into()),
                ("sender_type", sender.into()),
                ("created_at", Value::Time(now)),
                ("origin", said.at.to_string().into()),
            ]);
            let end = "ON CONFLICT (origin) DO NOTHING";
            plan.add(self.shape().insert(
                "ticket_messages",
                columns,
                &chat,
                &Value::Time(now),
                end,
            ));
            plan.add(links::root(&said.at, now));
        }
        for said in &commit.revised {
            revise(plan, said, self.shape(), now)?;
        }
        Ok(())
    }
}

/// What a message's row says of its content.
fn words(content: &Content) -> Result<Vec<(&'static str, Value)>> {
    let text = content.text.text.clone();
    let came = match &content.body {
        Body::Text | Body::Media(_) => None,
        Body::Location(place) => Some(format!("{}, {}", place.latitude, place.longitude)),
        Body::Contact(card) => Some(format!("{} {}", card.first_name, card.phone)),
        Body::Other { about, .. } => Some(about.clone()),
    };
    let (message_text, caption) = match &content.body {
        Body::Text => (Some(text), None),
        Body::Media(_) | Body::Location(_) | Body::Contact(_) | Body::Other { .. } => {
            // What has no file is in its words alone, above those that came with it.
            let lines = came
                .into_iter()
                .chain([text])
                .filter(|line| !line.is_empty());
            let caption = lines.collect::<Vec<_>>().join("\n");
            (None, Some(caption).filter(|caption| !caption.is_empty()))
        }
    };
    let media = content.media();
    let size = media
        .and_then(|media| media.size)
        .and_then(|size| i64::try_from(size).ok());
    Ok(vec![
        ("content_type", content.kind().into()),
        ("message_text", message_text.into()),
        ("caption", caption.into()),
        ("content", to_json(content)?.into()),
        ("file_id", media.map(|media| media.file.clone()).into()),
        (
            "file_name",
            media.and_then(|media| media.name.clone()).into(),
        ),
        ("file_size", size.into()),
        (
            "mime_type",
            media.and_then(|media| media.mime.clone()).into(),
        ),
    ])
}

/// What the message read until now becomes a version of it.
fn revise(plan: &mut Plan<Ask>, said: &Said, shape: &Shape, now: Timestamp) -> Result<()> {
    let origin = said.at.to_string();
    let keep = "INSERT INTO message_versions
        (message_id, version, message_text, caption, content, edited_at)
        SELECT m.id, COALESCE((SELECT MAX(v.version) FROM message_versions v
          WHERE v.message_id = m.id), 0) + 1, m.message_text, m.caption, m.content, CAST($2 AS BIGINT)
        FROM ticket_messages m WHERE m.origin = $1";
    plan.add(stmt!(keep, &origin, now));
    let at = Value::Time(now);
    let (columns, mut params): (Vec<_>, Vec<_>) = words(&said.content)?
        .into_iter()
        .map(|(column, value)| (column, shape.fit("ticket_messages", column, value, &at)))
        .unzip();
    let mut set: Vec<String> = (1..)
        .zip(&columns)
        .map(|(n, column)| format!("{column} = ${n}"))
        .collect();
    let file = columns
        .iter()
        .position(|column| *column == "file_id")
        .unwrap_or(0)
        + 1;
    set.push(format!(
        "media_path = CASE WHEN file_id = ${file} THEN media_path END"
    ));
    params.push(at);
    set.push(format!("edited_at = ${}", params.len()));
    params.push(Value::Text(origin));
    let place = params.len();
    let sql = format!(
        "UPDATE ticket_messages SET {} WHERE origin = ${place}",
        set.join(", ")
    );
    plan.add(Stmt::new(sql, params));
    Ok(())
}
