//! Several messages at once: an album stays an album.
//!
//! It is all or nothing, so that trying again never doubles a part: what was sent before a failure is
//! taken back, and if that fails too the outcome is unknown.

use engine::{
    content::{MediaKind, Rich, Said},
    ids::{ChatRef, MessageRef},
};
use serde_json::{Value, json};

use super::{
    client::Client,
    deliver::{sent, take_back, twin},
    errors::{About, Failed},
    files::Outgoing,
    params::{Params, id},
    types::Stands,
};
use crate::{Carried, Errand, Receipt, Undelivered};

/// Copies messages, or sends them anew where copying leaves some out.
pub(super) async fn copy_all(
    client: &Client,
    to: &ChatRef,
    said: &[Said],
    reply_to: Option<&MessageRef>,
    errand: &Errand<'_>,
) -> Result<Receipt, Undelivered> {
    let said = in_order(said);
    // Copying many knows no reply (Bot API, copyMessages); sending a media group does.
    if reply_to.is_none()
        && let Some(stands) = copied(client, to, &said).await?
    {
        return Ok(receipt(to, &said, &stands));
    }
    let mut parts = Vec::with_capacity(said.len());
    for said in &said {
        // They are all this bot's own: nothing is uploaded.
        let carried = Carried::As(MediaKind::Document);
        if let Some(file) = Outgoing::of(&to.channel, said, carried, errand).await? {
            let words = &said.content.text;
            parts.push(Part { file, words });
        }
    }
    let stands = sent_anew(client, to, parts, reply_to).await?;
    Ok(receipt(to, &said, &stands))
}

/// Ids must ascend strictly (Bot API, copyMessages).
fn in_order(said: &[Said]) -> Vec<&Said> {
    let mut said: Vec<&Said> = said.iter().collect();
    said.sort_by_key(|said| said.at.id.parse::<i64>().unwrap_or(i64::MAX));
    said.dedup_by(|a, b| a.at == b.at);
    said
}

/// The copies; `None` if some cannot be copied, and then none stands there.
async fn copied(
    client: &Client,
    to: &ChatRef,
    said: &[&Said],
) -> Result<Option<Vec<Stands>>, Undelivered> {
    let Some(first) = said.first() else {
        return Ok(Some(Vec::new()));
    };
    let ids: Vec<Value> = said.iter().map(|said| id(&said.at.id)).collect();
    let params = Params::to(to)
        .set("from_chat_id", id(&first.at.chat.id))
        .set("message_ids", json!(ids));
    let stands: Vec<Stands> = match client.call("copyMessages", &params).await {
        Ok(stands) => stands,
        Err(failed) if failed.about == About::Copying => return Ok(None),
        Err(failed) => return Err(failed.into()),
    };
    if stands.len() == said.len() {
        return Ok(Some(stands));
    }
    // Some were skipped silently, and nobody says which.
    if take_back(client, to, &stands).await {
        Ok(None)
    } else {
        Err(in_part())
    }
}

/// A file and the words under it.
struct Part<'a> {
    file: Outgoing,
    words: &'a Rich,
}

/// Sends files anew: albums as media groups, the rest one by one. `caption` stands under the first.
pub(super) async fn send_all(
    client: &Client,
    to: &ChatRef,
    said: &[(Said, Carried)],
    caption: &Rich,
    reply_to: Option<&MessageRef>,
    errand: &Errand<'_>,
) -> Result<Receipt, Undelivered> {
    let mut parts = Vec::with_capacity(said.len());
    for (said, carried) in said {
        let first = parts.is_empty();
        let words = if first { caption } else { &said.content.text };
        if let Some(file) = Outgoing::of(&to.channel, said, *carried, errand).await? {
            parts.push(Part { file, words });
        }
    }
    let said: Vec<&Said> = said.iter().map(|(said, _)| said).collect();
    let stands = sent_anew(client, to, parts, reply_to).await?;
    Ok(receipt(to, &said, &stands))
}

/// All or nothing.
async fn sent_anew(
    client: &Client,
    to: &ChatRef,
    parts: Vec<Part<'_>>,
    mut reply_to: Option<&MessageRef>,
) -> Result<Vec<Stands>, Undelivered> {
    let mut done: Vec<Stands> = Vec::with_capacity(parts.len());
    for group in in_groups(parts) {
        match send_group(client, to, group, reply_to).await {
            Ok(stands) => done.extend(stands),
            Err(failed) if take_back(client, to, &done).await => return Err(failed.into()),
            Err(_) => return Err(in_part()),
        }
        reply_to = None;
    }
    Ok(done)
}

/// Neighbours that may share a media group.
fn in_groups(parts: Vec<Part<'_>>) -> Vec<Vec<Part<'_>>> {
    let mut groups: Vec<Vec<Part>> = Vec::new();
    for part in parts {
        match groups.last_mut() {
            Some(group) if group.last().is_some_and(|last| belong(last, &part)) => group.push(part),
            _ => groups.push(vec![part]),
        }
    }
    groups
}

/// Whether two neighbours may share a media group: kinds that mix, of one album. What is uploaded was
/// put together on purpose.
fn belong(a: &Part, b: &Part) -> bool {
    let album = |part: &Part| part.file.said.content.album.clone();
    let together = album(a).is_some() && album(a) == album(b);
    super::mixes(a.file.kind, b.file.kind) && (together || (a.file.is_new() && b.file.is_new()))
}

async fn send_group(
    client: &Client,
    to: &ChatRef,
    mut group: Vec<Part<'_>>,
    reply_to: Option<&MessageRef>,
) -> Result<Vec<Stands>, Failed> {
    let params = Params::to(to).reply(reply_to);
    if let [_] = group.as_slice()
        && let Some(Part { file, words }) = group.pop()
    {
        let (method, params, files) = file.alone(words, params);
        let stands = client.call_with(method, params, files).await?;
        return Ok(vec![stands]);
    }
    let mut media: Vec<Value> = Vec::with_capacity(group.len());
    let mut files = Vec::new();
    for (nth, Part { file, words }) in group.into_iter().enumerate() {
        if let Some((input, attached)) = file.within(words, &format!("file{nth}")) {
            media.push(input);
            files.extend(attached);
        }
    }
    let params = params.set("media", json!(media));
    client.call_with("sendMediaGroup", params, files).await
}

fn receipt(to: &ChatRef, said: &[&Said], stands: &[Stands]) -> Receipt {
    let twins = said.iter().zip(stands);
    sent(
        twins
            .map(|(said, stands)| twin(to, stands, Some(said.at.clone()), false))
            .collect(),
    )
}

fn in_part() -> Undelivered {
    Undelivered::Unknown("a part of it may stand there".to_owned())
}
