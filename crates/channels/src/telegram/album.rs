//! Several messages at once: an album stays an album.
//!
//! It is all or nothing, so that trying again never doubles a part: what was sent before a failure is
//! taken back, and if that fails too the outcome is unknown.

use engine::{
    content::{MediaKind, Said},
    ids::{ChatRef, MessageRef},
};
use serde_json::{Value, json};

use super::{
    client::Client,
    deliver::{input, send, sent, take_back, twin},
    errors::About,
    params::{Params, id},
    types::Stands,
};
use crate::{Receipt, Undelivered};

/// Copies messages, or sends them anew where copying leaves some out.
pub(super) async fn copy_all(
    client: &Client,
    to: &ChatRef,
    said: &[Said],
    reply_to: Option<&MessageRef>,
) -> Result<Receipt, Undelivered> {
    let said = in_order(said);
    // Copying many knows no reply (Bot API, copyMessages); sending a media group does.
    if reply_to.is_none()
        && let Some(stands) = copied(client, to, &said).await?
    {
        return Ok(receipt(to, &said, &stands));
    }
    let stands = sent_anew(client, to, &said, reply_to).await?;
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

/// Everything by its file's id: albums as media groups, the rest one by one.
async fn sent_anew(
    client: &Client,
    to: &ChatRef,
    said: &[&Said],
    mut reply_to: Option<&MessageRef>,
) -> Result<Vec<Stands>, Undelivered> {
    let mut done: Vec<Stands> = Vec::with_capacity(said.len());
    for group in said.chunk_by(|a, b| belong(a, b)) {
        let stands = match group {
            [one] => {
                let content = &one.content;
                let stands = send(client, to, content, &content.text, reply_to).await;
                stands.map(|stands| vec![stands])
            }
            many => media_group(client, to, many, reply_to).await,
        };
        match stands {
            Ok(stands) => done.extend(stands),
            Err(undelivered) if take_back(client, to, &done).await => return Err(undelivered),
            Err(_) => return Err(in_part()),
        }
        reply_to = None;
    }
    Ok(done)
}

async fn media_group(
    client: &Client,
    to: &ChatRef,
    said: &[&Said],
    reply_to: Option<&MessageRef>,
) -> Result<Vec<Stands>, Undelivered> {
    let media: Vec<Value> = said
        .iter()
        .filter_map(|said| input(said.content.media()?, &said.content.text))
        .collect();
    let params = Params::to(to).set("media", json!(media)).reply(reply_to);
    Ok(client.call("sendMediaGroup", &params).await?)
}

/// Whether two neighbours may share a media group: the same album, of kinds that mix.
fn belong(a: &Said, b: &Said) -> bool {
    let (Some(x), Some(y)) = (a.content.media(), b.content.media()) else {
        return false;
    };
    a.content.album.is_some() && a.content.album == b.content.album && mix(x.kind, y.kind)
}

/// Pictures and films mix; documents and music only with their own kind (Bot API, sendMediaGroup).
fn mix(a: MediaKind, b: MediaKind) -> bool {
    use MediaKind::{Audio, Document, Photo, Video};
    matches!(
        (a, b),
        (Photo | Video, Photo | Video) | (Document, Document) | (Audio, Audio)
    )
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
