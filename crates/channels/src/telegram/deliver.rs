//! A piece as calls of the Bot API: one, as a rule. Where copying fails because the original is gone,
//! the same thing is sent anew by its file's id, which stays good for the same bot.

use engine::{
    content::{Body, Contact, Location, MediaKind, Rich, Said},
    ids::{ChatRef, MessageRef},
};
use serde_json::json;

use super::{
    album,
    client::Client,
    edit,
    errors::{About, Failed},
    files::Outgoing,
    notice::{self, Pins},
    params::{Params, id},
    types::Stands,
};
use crate::{Carried, Errand, Piece, Receipt, Sent, Undelivered};

/// Longest answer to a press, in characters (Bot API, answerCallbackQuery).
const LONGEST_ANSWER: usize = 200;

/// The sign that something has arrived.
const ARRIVED: &str = "👌";

/// Makes a piece happen.
pub(super) async fn deliver(
    client: &Client,
    pins: &Pins,
    piece: &Piece,
    errand: &Errand<'_>,
) -> Result<Receipt, Undelivered> {
    let anew = |to, said, reply_to: &'_ Option<MessageRef>| Anew {
        client,
        to,
        said,
        reply_to: reply_to.clone(),
        errand,
    };
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
        } => copy(&anew(to, said, reply_to), caption.as_ref()).await,
        Piece::CopyAll { to, said, reply_to } => {
            album::copy_all(client, to, said, reply_to.as_ref(), errand).await
        }
        Piece::Send {
            to,
            said,
            carried,
            caption,
            reply_to,
        } => anew(to, said, reply_to).send(*carried, caption).await,
        Piece::SendAll {
            to,
            said,
            caption,
            reply_to,
        } => album::send_all(client, to, said, caption, reply_to.as_ref(), errand).await,
        Piece::EditText {
            message,
            text,
            keys,
            of,
        } => edit::text(client, message, text, keys, of.as_ref()).await,
        Piece::EditCaption {
            message,
            caption,
            of,
        } => edit::caption(client, message, caption, of).await,
        Piece::EditMedia {
            message,
            said,
            carried,
            caption,
        } => edit::media(client, message, said, *carried, caption, errand).await,
        Piece::StripKeys { message } => edit::strip_keys(client, message).await,
        Piece::Delete { message } => edit::delete(client, message).await,
        Piece::Answer {
            to: _,
            press,
            text,
            alert,
        } => answer(client, press, text.as_deref(), *alert).await,
        Piece::Mark { message } => mark(client, message).await,
        Piece::Notice { to, stands, text } => {
            notice::keep(client, pins, to, stands.as_ref(), text).await
        }
    }
}

/// Something that may have to be sent anew.
struct Anew<'a> {
    client: &'a Client,
    to: &'a ChatRef,
    said: &'a Said,
    reply_to: Option<MessageRef>,
    errand: &'a Errand<'a>,
}

async fn copy(anew: &Anew<'_>, caption: Option<&Rich>) -> Result<Receipt, Undelivered> {
    let Anew {
        client, to, said, ..
    } = anew;
    let carried = Carried::As(MediaKind::Document);
    let words = caption.unwrap_or(&said.content.text);
    // What the predecessor left has no number of Telegram's: there is nothing to copy from.
    if said.at.id.parse::<i64>().is_err() {
        return anew.send(carried, words).await;
    }
    let mut params = Params::to(to)
        .set("from_chat_id", id(&said.at.chat.id))
        .set("message_id", id(&said.at.id))
        .reply(anew.reply_to.as_ref());
    if let Some(caption) = caption {
        params = params.new_caption(caption);
    }
    match client.call::<Stands>("copyMessage", &params).await {
        Ok(stands) => Ok(anew.receipt(&stands)),
        Err(failed) if failed.about == About::Copying => anew.send(carried, words).await,
        Err(failed) => Err(failed.into()),
    }
}

impl Anew<'_> {
    /// Sends it anew. What this bot holds itself is sent as what it is, whatever `carried` says.
    async fn send(&self, carried: Carried, caption: &Rich) -> Result<Receipt, Undelivered> {
        let params = || Params::to(self.to).reply(self.reply_to.as_ref());
        let (method, params) = match &self.said.content.body {
            Body::Media(_) => return self.send_file(carried, caption).await,
            Body::Text => ("sendMessage", params().text(caption)),
            Body::Location(place) => location(place, params())?,
            Body::Contact(card) => ("sendContact", contact(card, params())),
            Body::Other { kind, .. } => {
                return refused(&format!("a message of the kind `{kind}` cannot be copied"));
            }
        };
        let stands = self.client.call(method, &params).await?;
        Ok(self.receipt(&stands))
    }

    async fn send_file(&self, carried: Carried, caption: &Rich) -> Result<Receipt, Undelivered> {
        match self.send_file_as(carried, caption).await {
            Ok(stands) => Ok(self.receipt(&stands)),
            Err(failed) if failed.about == About::Picture => {
                let document = Carried::As(MediaKind::Document);
                let stands = self.send_file_as(document, caption).await?;
                Ok(self.receipt(&stands))
            }
            Err(failed) => Err(failed.into()),
        }
    }

    async fn send_file_as(&self, carried: Carried, caption: &Rich) -> Result<Stands, Failed> {
        let channel = &self.to.channel;
        let Some(file) = Outgoing::of(channel, self.said, carried, self.errand).await? else {
            return Err(no_file().into());
        };
        let params = Params::to(self.to).reply(self.reply_to.as_ref());
        let (method, params, files) = file.alone(caption, params);
        self.client.call_with(method, params, files).await
    }

    fn receipt(&self, stands: &Stands) -> Receipt {
        let of = Some(self.said.at.clone());
        sent(vec![twin(self.to, stands, of, false)])
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

/// A sign that cannot be given is not missed.
async fn mark(client: &Client, message: &MessageRef) -> Result<Receipt, Undelivered> {
    let sign = json!([{ "type": "emoji", "emoji": ARRIVED }]);
    let params = Params::about(message).set("reaction", sign);
    match client.tell("setMessageReaction", &params).await {
        Ok(()) => Ok(Receipt::default()),
        Err(failed) => Err(match failed.undelivered {
            Undelivered::Refused { reason } | Undelivered::Gone(reason) => {
                Undelivered::Moot(reason)
            }
            undelivered => undelivered,
        }),
    }
}

pub(super) fn no_file() -> Undelivered {
    Undelivered::Refused {
        reason: "there is no file in it".to_owned(),
    }
}

pub(super) fn refused<T>(reason: &str) -> Result<T, Undelivered> {
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
