//! Messages that stand there already: read, changed, taken back. An edit replaces attachments and
//! keyboard (`messages.edit`), so whatever is to stay is read first and sent along.

use engine::{
    effect::Key,
    ids::{ChatRef, MessageRef},
};
use serde::Deserialize;
use serde_json::Value;

use super::{
    client::{Client, Form},
    deliver::{keyboard, refused},
    errors::{Failed, is_frozen},
    ids::{nth, number},
    markup::literal,
    types::Message,
    upload::named,
};
use crate::{Receipt, Sent, Undelivered};

#[derive(Deserialize)]
struct Found {
    #[serde(default)]
    items: Vec<Message>,
}

/// A message as it stands; none if it does not any more.
pub(super) async fn read(client: &Client, at: &MessageRef) -> Result<Option<Message>, Undelivered> {
    let form = Form::default()
        .set("peer_id", &at.chat.id)
        .set("conversation_message_ids", number(at));
    let found: Found = client
        .ask("messages.getByConversationMessageId", form)
        .await?;
    let there = |message: &Message| message.conversation_message_id > 0;
    Ok(found.items.into_iter().find(there))
}

/// The number in its conversation of a message that VK has named by another id. It stands there
/// whether this can be found out or not.
pub(super) async fn number_of(client: &Client, id: i64) -> Option<i64> {
    if id <= 0 {
        return None;
    }
    let form = Form::default().set("message_ids", id.to_string());
    let found: Found = client.ask("messages.getById", form).await.ok()?;
    let number = found.items.first()?.conversation_message_id;
    (number > 0).then_some(number)
}

/// Changes a message of words only.
pub(super) async fn text(
    client: &Client,
    message: &MessageRef,
    text: &str,
    keys: &[Vec<Key>],
    of: Option<MessageRef>,
) -> Result<Receipt, Undelivered> {
    let form = Form::default().maybe("keyboard", keyboard(keys));
    edit(client, message, &literal(text), form).await?;
    Ok(stands(message, of, !keys.is_empty()))
}

/// Changes the words under files.
pub(super) async fn caption(
    client: &Client,
    message: &MessageRef,
    caption: &str,
    of: &MessageRef,
) -> Result<Receipt, Undelivered> {
    if nth(message) > 1 {
        return refused("only the words under the first file of several can be changed");
    }
    let stood = there(client, message).await?;
    let form = Form::default().set("attachment", attachments(&stood).join(","));
    edit(client, message, &literal(caption), form).await?;
    Ok(stands(message, Some(of.clone()), false))
}

/// Puts another file in the place of one.
pub(super) async fn file(
    client: &Client,
    message: &MessageRef,
    attached: String,
    caption: &str,
    of: &MessageRef,
) -> Result<Receipt, Undelivered> {
    let stood = there(client, message).await?;
    let mut attachments = attachments(&stood);
    let nth = nth(message);
    match attachments.get_mut(nth - 1) {
        Some(place) => *place = attached,
        None => attachments.push(attached),
    }
    let form = Form::default().set("attachment", attachments.join(","));
    // The words belong to the first.
    let words = if nth == 1 {
        literal(caption)
    } else {
        stood.text
    };
    edit(client, message, &words, form).await?;
    Ok(stands(message, Some(of.clone()), false))
}

/// Takes the keys from under a message, for good.
pub(super) async fn strip_keys(
    client: &Client,
    message: &MessageRef,
) -> Result<Receipt, Undelivered> {
    let stood = there(client, message).await?;
    if has_keys(&stood) {
        let form = Form::default().set("attachment", attachments(&stood).join(","));
        let edited = edit(client, message, &stood.text, form).await;
        edited.map_err(moot_if_frozen)?;
    }
    Ok(Receipt {
        sent: Vec::new(),
        stripped: Some(message.clone()),
    })
}

/// Takes a message back.
pub(super) async fn delete(client: &Client, message: &MessageRef) -> Result<Receipt, Undelivered> {
    if nth(message) > 1 {
        return refused("a part of a message cannot be taken back alone");
    }
    let form = about(&message.chat)
        .set("cmids", number(message))
        .set("delete_for_all", "1");
    let deleted: Value = client.call("messages.delete", form).await?;
    let failed = deleted.as_array().into_iter().flatten();
    match failed.into_iter().find(|one| one["error"].is_object()) {
        Some(one) => Err(Undelivered::Moot(format!("not deleted: {}", one["error"]))),
        None => Ok(Receipt::default()),
    }
}

/// `text` goes as it is: what stands there was made [`literal`] when it was sent.
async fn edit(client: &Client, message: &MessageRef, text: &str, form: Form) -> Result<(), Failed> {
    let form = form
        .set("peer_id", &message.chat.id)
        .set("cmid", number(message))
        .set("message", text)
        .set("keep_forward_messages", "1")
        .set("keep_snippets", "1")
        .set("dont_parse_links", "0")
        .set("disable_mentions", "1");
    let edited = client.call::<Value>("messages.edit", form).await;
    edited
        .map(drop)
        .map_err(|failed| match (failed.code, failed.undelivered) {
            // It is not there any more.
            (code @ Some(15), Undelivered::Refused { reason }) => Failed {
                undelivered: Undelivered::Moot(reason),
                code,
            },
            (code, undelivered) => Failed { undelivered, code },
        })
}

async fn there(client: &Client, message: &MessageRef) -> Result<Message, Undelivered> {
    let stood = read(client, message).await?;
    stood.ok_or_else(|| Undelivered::Moot("the message is not there any more".to_owned()))
}

/// What may not be changed any more needs no change.
fn moot_if_frozen(failed: Failed) -> Undelivered {
    match (failed.code, failed.undelivered) {
        (Some(code), Undelivered::Refused { reason }) if is_frozen(code) => {
            Undelivered::Moot(reason)
        }
        (_, undelivered) => undelivered,
    }
}

/// What is attached, as `attachment` wants it. Previews of links stay by themselves.
fn attachments(message: &Message) -> Vec<String> {
    let attached = message.attachments.iter().filter_map(|attachment| {
        let kind = attachment["type"].as_str()?;
        named(kind, &attachment[kind]).ok()
    });
    attached.collect()
}

fn has_keys(message: &Message) -> bool {
    let rows = message
        .keyboard
        .as_ref()
        .and_then(|keys| keys["buttons"].as_array());
    rows.is_some_and(|rows| !rows.is_empty())
}

fn about(chat: &ChatRef) -> Form {
    Form::default().set("peer_id", &chat.id)
}

fn stands(message: &MessageRef, of: Option<MessageRef>, keys: bool) -> Receipt {
    Receipt {
        sent: vec![Sent {
            at: message.clone(),
            of,
            keys,
        }],
        stripped: None,
    }
}
