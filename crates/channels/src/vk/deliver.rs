//! A piece as a call of VK's API, with the uploads that it needs before. Only `messages.send` shows
//! something new to anybody; VK makes it once for each `random_id` however often it is asked.

use engine::{
    content::Said,
    effect::{Key, Tone},
    ids::{ChatRef, MessageRef},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    change,
    client::{Client, Form},
    errors::{self, Answered, Failed},
    ids::{number, part},
    markup::literal,
    upload::attach,
};
use crate::{Carried, Errand, Piece, Receipt, Sent, Undelivered};

/// Longest answer to a press, in characters: a snackbar shows no more.
const LONGEST_ANSWER: usize = 90;

/// Makes a piece happen.
pub(super) async fn deliver(
    client: &Client,
    piece: &Piece,
    errand: &Errand<'_>,
) -> Result<Receipt, Undelivered> {
    match piece {
        Piece::Text {
            to,
            text,
            keys,
            reply_to,
            of,
        } => {
            let form = Form::default()
                .set("message", literal(&text.text))
                .maybe("keyboard", keyboard(keys));
            let sent = send(client, errand, to, form, reply_to.as_ref()).await?;
            Ok(stands(to, sent, std::slice::from_ref(of), !keys.is_empty()))
        }
        Piece::Send {
            to,
            said,
            carried,
            caption,
            reply_to,
        } => {
            let said = [(said, *carried)];
            files(client, errand, to, &said, &caption.text, reply_to.as_ref()).await
        }
        Piece::SendAll {
            to,
            said,
            caption,
            reply_to,
        } => {
            let said: Vec<_> = said
                .iter()
                .map(|(said, carried)| (said, *carried))
                .collect();
            files(client, errand, to, &said, &caption.text, reply_to.as_ref()).await
        }
        Piece::EditText {
            message,
            text,
            keys,
            of,
        } => change::text(client, message, &text.text, keys, of.clone()).await,
        Piece::EditCaption {
            message,
            caption,
            of,
        } => change::caption(client, message, &caption.text, of).await,
        Piece::EditMedia {
            message,
            said,
            carried,
            caption,
        } => {
            let attached = attach(client, errand.files, &message.chat, said, *carried).await?;
            change::file(client, message, attached, &caption.text, &said.at).await
        }
        Piece::StripKeys { message } => change::strip_keys(client, message).await,
        Piece::Delete { message } => change::delete(client, message).await,
        Piece::Answer {
            to, press, text, ..
        } => answer(client, to, press, text.as_deref()).await,
        // Abilities say so, and operators do not work here.
        Piece::Copy { .. } | Piece::CopyAll { .. } | Piece::Mark { .. } | Piece::Notice { .. } => {
            refused("VK has nothing of the kind")
        }
    }
}

/// Files in one message, with words under them.
async fn files(
    client: &Client,
    errand: &Errand<'_>,
    to: &ChatRef,
    said: &[(&Said, Carried)],
    caption: &str,
    reply_to: Option<&MessageRef>,
) -> Result<Receipt, Undelivered> {
    let mut attached = Vec::with_capacity(said.len());
    for (said, carried) in said {
        attached.push(attach(client, errand.files, to, said, *carried).await?);
    }
    let words = Some(literal(caption)).filter(|words| !words.is_empty());
    let form = Form::default()
        .maybe("message", words)
        .set("attachment", attached.join(","));
    let sent = send(client, errand, to, form, reply_to).await?;
    let of: Vec<_> = said.iter().map(|(said, _)| Some(said.at.clone())).collect();
    Ok(stands(to, sent, &of, false))
}

/// Sends a message; its number in the conversation, where VK tells it.
async fn send(
    client: &Client,
    errand: &Errand<'_>,
    to: &ChatRef,
    form: Form,
    reply_to: Option<&MessageRef>,
) -> Result<Option<i64>, Undelivered> {
    // Only the answer for several recipients names the number in the conversation.
    let form = form
        .set("peer_ids", &to.id)
        .set("random_id", random_id(errand.serial).to_string())
        .set("dont_parse_links", "0")
        .set("disable_mentions", "1");
    let Some(reply) = reply_to.and_then(forward) else {
        return Ok(sent(client, form).await?);
    };
    match sent(client, form.clone().set("forward", reply.to_string())).await {
        // What it answers is gone: better without than not at all.
        Err(failed) if is_about_reply(&failed) => Ok(sent(client, form).await?),
        outcome => Ok(outcome?),
    }
}

/// What `messages.send` answers: something for each recipient, or one message's id.
#[derive(Deserialize)]
#[serde(untagged)]
enum Outcome {
    Each(Vec<One>),
    Id(i64),
}

#[derive(Deserialize)]
struct One {
    #[serde(default)]
    message_id: i64,
    #[serde(default)]
    conversation_message_id: i64,
    error: Option<Answered>,
}

async fn sent(client: &Client, form: Form) -> Result<Option<i64>, Failed> {
    let id = match client.call("messages.send", form).await? {
        Outcome::Id(id) => id,
        Outcome::Each(each) => {
            let Some(one) = each.into_iter().next() else {
                return Err(Undelivered::Unknown("an empty answer".to_owned()).into());
            };
            if let Some(error) = one.error {
                return Err(errors::read(
                    error.error_code,
                    &client.blot(&error.error_msg),
                ));
            }
            if one.conversation_message_id > 0 {
                return Ok(Some(one.conversation_message_id));
            }
            one.message_id
        }
    };
    Ok(change::number_of(client, id).await)
}

/// The same number for the same call, never 0: with that VK would send twice. The lowest 31 bits, so
/// that neighbours differ.
fn random_id(serial: u64) -> u64 {
    (serial & 0x7fff_ffff).max(1)
}

/// The quoted message, as `forward` wants it.
fn forward(message: &MessageRef) -> Option<Value> {
    let number: i64 = number(message).parse().ok()?;
    let peer: i64 = message.chat.id.parse().ok()?;
    Some(json!({ "peer_id": peer, "conversation_message_ids": [number], "is_reply": true }))
}

fn is_about_reply(failed: &Failed) -> bool {
    match (failed.code, &failed.undelivered) {
        (Some(921 | 969), _) => true,
        (Some(100), Undelivered::Refused { reason }) => reason.contains("forward"),
        _ => false,
    }
}

/// Keys under a message. They call back, so that nothing is written when one is pressed.
pub(super) fn keyboard(rows: &[Vec<Key>]) -> Option<String> {
    if rows.is_empty() {
        return None;
    }
    let rows = rows.iter().map(|row| row.iter().map(button).collect());
    let rows: Vec<Vec<Value>> = rows.collect();
    Some(json!({ "inline": true, "buttons": rows }).to_string())
}

fn button(key: &Key) -> Value {
    let color = match key.tone {
        Tone::Plain => "secondary",
        Tone::Primary => "primary",
        Tone::Danger => "negative",
    };
    let payload = json!({ "key": key.data }).to_string();
    json!({
        "action": { "type": "callback", "label": key.label, "payload": payload },
        "color": color,
    })
}

/// Answers a press, so that its key stops waiting. A key that wrote a text waits for nothing.
async fn answer(
    client: &Client,
    to: &ChatRef,
    press: &str,
    text: Option<&str>,
) -> Result<Receipt, Undelivered> {
    if press.is_empty() {
        return Ok(Receipt::default());
    }
    let words = text.map(|text| {
        let text: String = text.chars().take(LONGEST_ANSWER).collect();
        json!({ "type": "show_snackbar", "text": text }).to_string()
    });
    let form = Form::default()
        .set("event_id", press)
        .set("user_id", &to.id)
        .set("peer_id", &to.id)
        .maybe("event_data", words);
    match client
        .call::<Value>("messages.sendMessageEventAnswer", form)
        .await
    {
        Ok(_) => Ok(Receipt::default()),
        Err(failed) => Err(match failed.undelivered {
            // A press is forgotten after a minute, and answered once.
            Undelivered::Refused { reason } => Undelivered::Moot(reason),
            other => other,
        }),
    }
}

/// What stands there now: one message, which carries each of `of` as a part.
fn stands(to: &ChatRef, sent: Option<i64>, of: &[Option<MessageRef>], keys: bool) -> Receipt {
    let Some(number) = sent else {
        return Receipt::default();
    };
    let parts = (1..).zip(of).map(|(nth, of)| Sent {
        at: part(to, number, nth),
        of: of.clone(),
        keys,
    });
    Receipt {
        sent: parts.collect(),
        stripped: None,
    }
}

pub(super) fn refused<T>(reason: &str) -> Result<T, Undelivered> {
    Err(Undelivered::Refused {
        reason: reason.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_random_id_fits_and_is_never_nothing() {
        assert_eq!(random_id(0), 1);
        assert_eq!(random_id(1 << 31), 1);
        assert_eq!(random_id(u64::MAX), 0x7fff_ffff);
        assert_ne!(random_id((7 << 40) + 5), random_id((7 << 40) + 6));
    }
}
