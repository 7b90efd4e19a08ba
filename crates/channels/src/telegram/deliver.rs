//! A piece as calls of the Bot API: one, as a rule. Where copying fails because the original is gone,
//! the same thing is sent anew by its file's id, which stays good for the same bot.

use engine::{
    content::{Body, Contact, Content, Location, Media, MediaKind, Rich, Said},
    ids::{ChatRef, MessageRef},
};
use serde_json::{Value, json};

use super::{
    client::Client,
    errors::{About, Failed},
    params::{Params, id},
    types::Stands,
};
use crate::{Piece, Receipt, Sent, Undelivered};

/// Longest answer to a press, in characters (Bot API, answerCallbackQuery).
const LONGEST_ANSWER: usize = 200;

/// Makes a piece happen.
pub(super) async fn deliver(client: &Client, piece: &Piece) -> Result<Receipt, Undelivered> {
    match piece {
        Piece::Text {
            to,
            text,
            keys,
            reply_to,
            of,
        } => {
            let params = Params::to(to)
                .text(text)
                .reply(reply_to.as_ref())
                .keys(keys);
            let stands: Stands = client.call("sendMessage", &params).await?;
            Ok(sent(vec![twin(to, &stands, of.clone(), !keys.is_empty())]))
        }
        Piece::Copy {
            to,
            said,
            caption,
            reply_to,
        } => copy(client, to, said, caption.as_ref(), reply_to.as_ref()).await,
        Piece::CopyAll { to, said, reply_to } => {
            super::album::copy_all(client, to, said, reply_to.as_ref()).await
        }
        Piece::Send {
            to,
            said,
            caption,
            reply_to,
        } => {
            if said.at.chat.channel != to.channel {
                return refused("the file is on another messenger");
            }
            let stands = send(client, to, &said.content, caption, reply_to.as_ref()).await?;
            Ok(sent(vec![twin(to, &stands, Some(said.at.clone()), false)]))
        }
        Piece::EditText {
            message,
            text,
            keys,
            of,
        } => {
            let params = Params::about(message).text(text).keys(keys);
            edit(
                client,
                "editMessageText",
                params,
                message,
                of.clone(),
                !keys.is_empty(),
            )
            .await
        }
        Piece::EditCaption {
            message,
            caption,
            of,
        } => {
            let params = Params::about(message).new_caption(caption);
            edit(
                client,
                "editMessageCaption",
                params,
                message,
                Some(of.clone()),
                false,
            )
            .await
        }
        Piece::EditMedia {
            message,
            said,
            caption,
        } => {
            let Some(media) = said.content.media().and_then(|media| input(media, caption)) else {
                return refused("a message of this kind cannot become another");
            };
            let params = Params::about(message).set("media", media);
            edit(
                client,
                "editMessageMedia",
                params,
                message,
                Some(said.at.clone()),
                false,
            )
            .await
        }
        Piece::StripKeys { message } => strip_keys(client, message).await,
        Piece::Delete { message } => delete(client, message).await,
        Piece::Answer {
            to: _,
            press,
            text,
            alert,
        } => answer(client, press, text.as_deref(), *alert).await,
    }
}

async fn copy(
    client: &Client,
    to: &ChatRef,
    said: &Said,
    caption: Option<&Rich>,
    reply_to: Option<&MessageRef>,
) -> Result<Receipt, Undelivered> {
    // What the predecessor left has no number of Telegram's: there is nothing to copy from.
    if said.at.id.parse::<i64>().is_err() {
        let caption = caption.unwrap_or(&said.content.text);
        let stands = send(client, to, &said.content, caption, reply_to).await?;
        return Ok(sent(vec![twin(to, &stands, Some(said.at.clone()), false)]));
    }
    let mut params = Params::to(to)
        .set("from_chat_id", id(&said.at.chat.id))
        .set("message_id", id(&said.at.id))
        .reply(reply_to);
    if let Some(caption) = caption {
        params = params.new_caption(caption);
    }
    let stands = match client.call::<Stands>("copyMessage", &params).await {
        Ok(stands) => stands,
        Err(failed) if failed.about == About::Copying => {
            let caption = caption.unwrap_or(&said.content.text);
            send(client, to, &said.content, caption, reply_to).await?
        }
        Err(failed) => return Err(failed.into()),
    };
    Ok(sent(vec![twin(to, &stands, Some(said.at.clone()), false)]))
}

/// Sends a message's content anew.
pub(super) async fn send(
    client: &Client,
    to: &ChatRef,
    content: &Content,
    caption: &Rich,
    reply_to: Option<&MessageRef>,
) -> Result<Stands, Undelivered> {
    let params = Params::to(to).reply(reply_to);
    let (method, params) = match &content.body {
        Body::Text => ("sendMessage", params.text(caption)),
        Body::Media(media) => file(media, caption, params),
        Body::Location(place) => location(place, params)?,
        Body::Contact(card) => ("sendContact", contact(card, params)),
        Body::Other { kind, .. } => {
            return refused(&format!("a message of the kind `{kind}` cannot be copied"));
        }
    };
    Ok(client.call(method, &params).await?)
}

fn file(media: &Media, caption: &Rich, params: Params) -> (&'static str, Params) {
    let (method, field) = match media.kind {
        MediaKind::Photo => ("sendPhoto", "photo"),
        MediaKind::Video => ("sendVideo", "video"),
        MediaKind::Document => ("sendDocument", "document"),
        MediaKind::Voice => ("sendVoice", "voice"),
        MediaKind::Audio => ("sendAudio", "audio"),
        MediaKind::Sticker => ("sendSticker", "sticker"),
        MediaKind::VideoNote => ("sendVideoNote", "video_note"),
        MediaKind::Animation => ("sendAnimation", "animation"),
    };
    let params = params.set(field, media.file.as_str());
    if media.kind.has_caption() {
        (method, params.caption(caption))
    } else {
        (method, params)
    }
}

fn location(place: &Location, params: Params) -> Result<(&'static str, Params), Undelivered> {
    let degrees = |text: &str| match text.parse::<f64>() {
        Ok(degrees) if degrees.is_finite() => Ok(degrees),
        _ => refused("the place has no coordinates"),
    };
    let params = params
        .set("latitude", degrees(&place.latitude)?)
        .set("longitude", degrees(&place.longitude)?);
    Ok(match (&place.title, &place.address) {
        (None, None) => ("sendLocation", params),
        (title, address) => {
            let words = |text: &Option<String>| text.clone().unwrap_or_default();
            (
                "sendVenue",
                params
                    .set("title", words(title))
                    .set("address", words(address)),
            )
        }
    })
}

fn contact(card: &Contact, params: Params) -> Params {
    let params = params
        .set("phone_number", card.phone.as_str())
        .set("first_name", card.first_name.as_str());
    match &card.last_name {
        Some(name) => params.set("last_name", name.as_str()),
        None => params,
    }
}

/// `InputMedia…`, for the kinds that can be put in the place of another or into an album.
pub(super) fn input(media: &Media, caption: &Rich) -> Option<Value> {
    let kind = match media.kind {
        MediaKind::Photo
        | MediaKind::Video
        | MediaKind::Document
        | MediaKind::Audio
        | MediaKind::Animation => media.kind.as_str(),
        MediaKind::Voice | MediaKind::Sticker | MediaKind::VideoNote => return None,
    };
    let params = Params::default()
        .set("type", kind)
        .set("media", media.file.as_str());
    Some(params.caption(caption).into_value())
}

async fn edit(
    client: &Client,
    method: &str,
    params: Params,
    message: &MessageRef,
    of: Option<MessageRef>,
    keys: bool,
) -> Result<Receipt, Undelivered> {
    match client.tell(method, &params).await {
        Ok(()) => {}
        // It reads so already: an earlier attempt got through.
        Err(failed) if failed.about == About::Unchanged => {}
        Err(failed) => return Err(failed.into()),
    }
    Ok(sent(vec![Sent {
        at: message.clone(),
        of,
        keys,
    }]))
}

async fn strip_keys(client: &Client, message: &MessageRef) -> Result<Receipt, Undelivered> {
    match client
        .tell("editMessageReplyMarkup", &Params::about(message))
        .await
    {
        Ok(()) => {}
        Err(failed) if failed.about == About::Unchanged => {}
        Err(failed) => return Err(moot_if_frozen(failed)),
    }
    Ok(Receipt {
        sent: Vec::new(),
        stripped: Some(message.clone()),
    })
}

async fn delete(client: &Client, message: &MessageRef) -> Result<Receipt, Undelivered> {
    let deleted = client.tell("deleteMessage", &Params::about(message)).await;
    deleted.map_err(moot_if_frozen)?;
    Ok(Receipt::default())
}

async fn answer(
    client: &Client,
    press: &str,
    text: Option<&str>,
    alert: bool,
) -> Result<Receipt, Undelivered> {
    let mut params = Params::default().set("callback_query_id", press);
    if let Some(text) = text {
        let text: String = text.chars().take(LONGEST_ANSWER).collect();
        params = params.set("text", text).set("show_alert", alert);
    }
    client.tell("answerCallbackQuery", &params).await?;
    Ok(Receipt::default())
}

/// What may not be changed any more needs no change.
fn moot_if_frozen(failed: Failed) -> Undelivered {
    match (failed.about, failed.undelivered) {
        (About::Frozen | About::Copying, Undelivered::Refused { reason }) => {
            Undelivered::Moot(reason)
        }
        (_, undelivered) => undelivered,
    }
}

fn refused<T>(reason: &str) -> Result<T, Undelivered> {
    Err(Undelivered::Refused {
        reason: reason.to_owned(),
    })
}

pub(super) fn sent(sent: Vec<Sent>) -> Receipt {
    Receipt {
        sent,
        stripped: None,
    }
}

pub(super) fn twin(to: &ChatRef, stands: &Stands, of: Option<MessageRef>, keys: bool) -> Sent {
    Sent {
        at: to.message(stands.message_id.to_string()),
        of,
        keys,
    }
}

/// Takes messages back that were sent in vain; `true` if they are gone.
pub(super) async fn take_back(client: &Client, to: &ChatRef, messages: &[Stands]) -> bool {
    if messages.is_empty() {
        return true;
    }
    let ids: Vec<i64> = messages.iter().map(|stands| stands.message_id).collect();
    let params = Params::to(to).set("message_ids", json!(ids));
    client.tell("deleteMessages", &params).await.is_ok()
}
