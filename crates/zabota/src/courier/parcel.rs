//! What an effect comes to at the moment it leaves: references are looked up now, when everything
//! before it in its lane has arrived.

use std::collections::{HashMap, VecDeque};

use channels::{Channel, Parcel, Piece, Undelivered, fit, media};
use engine::{
    content::{Content, Rich, Style},
    effect::{Card, Effect, Purpose, Relay, Revise, Say, anchor, anchored},
    ids::{ChatRef, MessageRef},
    phrases::Phrase,
};
use store::{Store, db::error::Result};

use crate::desk::Desk;

/// The largest attachment that is stored, in bytes. Telegram's own limit for bots is 20 MB
/// (Bot API, getFile); an own Bot API server gives more.
const LARGEST_KEPT: u64 = 200_000_000;

/// The calls that an effect needs now.
pub(super) async fn pieces(
    desk: &Desk,
    channel: &dyn Channel,
    effect: &Effect,
    repeated: bool,
    moved: &HashMap<ChatRef, ChatRef>,
) -> Result<VecDeque<Piece>> {
    let store = &desk.store;
    let mut outdated = Vec::new();
    let parcel = match effect {
        Effect::Say(say) => {
            if say.outdates {
                outdated = store.keyboards(&say.to).await?;
            }
            Some(self::say(store, say).await?)
        }
        Effect::Relay(relay) => Some(self::relay(desk, relay, repeated).await?),
        Effect::Revise(revise) => self::revise(store, revise).await?,
        Effect::Card(card) => Some(self::card(store, card).await?),
        Effect::StripKeys { chat, under } => Some(strip(store, chat, under).await?),
        Effect::Answer(answer) => Some(Parcel::Answer {
            to: answer.to.clone(),
            press: answer.press.clone(),
            text: answer.text.clone(),
            alert: answer.alert,
        }),
        Effect::Keep { .. } | Effect::Again { .. } => None,
    };
    let planned = parcel
        .map(|parcel| with_words(desk, |words| fit::plan(&parcel, channel.abilities(), words)));
    let strips = outdated
        .into_iter()
        .map(|message| Piece::StripKeys { message });
    let mut pieces: VecDeque<Piece> = planned
        .unwrap_or_default()
        .into_iter()
        .chain(strips)
        .collect();
    for piece in &mut pieces {
        readdress(piece, moved);
    }
    Ok(pieces)
}

async fn first_twin(
    store: &Store,
    of: Option<&MessageRef>,
    chat: &ChatRef,
) -> Result<Option<MessageRef>> {
    let Some(of) = of else { return Ok(None) };
    let twins = store.twins(of, chat).await?;
    Ok(twins.into_iter().find(|twin| anchored(twin).is_none()))
}

async fn say(store: &Store, say: &Say) -> Result<Parcel> {
    Ok(Parcel::Say {
        to: say.to.clone(),
        text: say.text.clone(),
        keys: say.keys.clone(),
        reply_to: first_twin(store, say.reply_to.as_ref(), &say.to).await?,
    })
}

async fn relay(desk: &Desk, relay: &Relay, repeated: bool) -> Result<Parcel> {
    let own = relay
        .said
        .first()
        .and_then(|said| said.content.reply_to.as_ref());
    let mut reply_to = first_twin(&desk.store, own, &relay.to).await?;
    if reply_to.is_none() {
        reply_to = first_twin(&desk.store, relay.under.as_ref(), &relay.to).await?;
    }
    let header = match (&relay.purpose, repeated) {
        // An operator reads it twice, perhaps; a customer is not bothered with it.
        (Purpose::Question { .. }, true) => {
            // Files that answer something have no line above them: the warning needs one.
            reply_to = reply_to.filter(|_| relay.said.len() == 1);
            Some(with_warning(desk, relay.header.as_ref()))
        }
        _ => relay.header.clone(),
    };
    Ok(Parcel::Relay {
        to: relay.to.clone(),
        said: relay.said.clone(),
        header,
        reply_to,
    })
}

fn with_warning(desk: &Desk, header: Option<&Rich>) -> Rich {
    let mut warned = Rich::default();
    warned.push_styled(
        &desk.policy.phrases.words(Phrase::Repeated, &[]),
        Style::Italic,
    );
    if let Some(header) = header {
        warned.push("\n");
        warned.append(header);
    }
    warned
}

/// None if what was changed never arrived: then it is sent as it reads now, or not at all.
async fn revise(store: &Store, revise: &Revise) -> Result<Option<Parcel>> {
    let twins = store.twins(&revise.said.at, &revise.to).await?;
    if twins.is_empty() {
        return Ok(None);
    }
    Ok(Some(Parcel::Revise {
        to: revise.to.clone(),
        twins,
        said: revise.said.clone(),
        header: revise.header.clone(),
        new_file: revise.new_file,
    }))
}

async fn card(store: &Store, card: &Card) -> Result<Parcel> {
    let name = anchor(&card.to, card.ticket);
    let (text, keys) = (card.text.clone(), card.keys.clone());
    Ok(match first_twin(store, Some(&name), &card.to).await? {
        Some(message) => Parcel::Rewrite {
            message,
            text,
            keys,
        },
        None => Parcel::Say {
            to: card.to.clone(),
            text,
            keys,
            reply_to: None,
        },
    })
}

async fn strip(store: &Store, chat: &ChatRef, under: &[MessageRef]) -> Result<Parcel> {
    if under.is_empty() {
        return Ok(Parcel::StripKeys {
            messages: store.keyboards(chat).await?,
        });
    }
    let mut messages = Vec::new();
    for message in under {
        messages.extend(first_twin(store, Some(message), chat).await?);
    }
    Ok(Parcel::StripKeys { messages })
}

/// A chat that has a new id is written to there.
fn readdress(piece: &mut Piece, moved: &HashMap<ChatRef, ChatRef>) {
    if let Some(new) = moved.get(to(piece)) {
        match piece {
            Piece::Text { to, reply_to, .. }
            | Piece::Copy { to, reply_to, .. }
            | Piece::CopyAll { to, reply_to, .. }
            | Piece::Send { to, reply_to, .. } => {
                *to = new.clone();
                // Messages of the old chat cannot be answered from the new one.
                *reply_to = None;
            }
            Piece::Answer { to, .. } => *to = new.clone(),
            Piece::EditText { .. }
            | Piece::EditCaption { .. }
            | Piece::EditMedia { .. }
            | Piece::StripKeys { .. }
            | Piece::Delete { .. } => {}
        }
    }
}

/// The chat that a piece is for.
pub(super) fn to(piece: &Piece) -> &ChatRef {
    match piece {
        Piece::Text { to, .. }
        | Piece::Copy { to, .. }
        | Piece::CopyAll { to, .. }
        | Piece::Send { to, .. }
        | Piece::Answer { to, .. } => to,
        Piece::EditText { message, .. }
        | Piece::EditCaption { message, .. }
        | Piece::EditMedia { message, .. }
        | Piece::StripKeys { message }
        | Piece::Delete { message } => &message.chat,
    }
}

/// Stores an attachment; the path below the media root.
pub(super) async fn keep(
    desk: &Desk,
    channel: &dyn Channel,
    of: &MessageRef,
    content: &Content,
) -> std::result::Result<String, Undelivered> {
    let refused = |reason: &str| Undelivered::Refused {
        reason: reason.to_owned(),
    };
    let (Some(file), Some(root)) = (content.media(), &desk.media) else {
        return Err(refused("nothing to keep"));
    };
    let download = channel.fetch(file).await?;
    let day = desk
        .clock
        .now()
        .to_zoned(desk.policy.timezone.clone())
        .strftime("%Y/%m/%d");
    let name = format!("{day}/{}", file_name(of));
    match media::keep(download, root, &name, LARGEST_KEPT).await {
        Ok(kept) => Ok(kept.path),
        Err(media::NotKept::Source(failed)) => Err(failed),
        // A full disk may have room again.
        Err(error @ media::NotKept::Disk(_)) => Err(Undelivered::Unreached(error.to_string())),
        Err(error @ (media::NotKept::TooBig { .. } | media::NotKept::Name)) => {
            Err(refused(&error.to_string()))
        }
    }
}

/// A name of ours for the file of a message: no two messages share one.
fn file_name(of: &MessageRef) -> String {
    let safe = |c: char| {
        if c.is_ascii_alphanumeric() || c == '-' {
            c
        } else {
            '_'
        }
    };
    of.to_string().chars().map(safe).collect()
}

/// The line that goes instead of a piece that was refused, if one can.
pub(super) fn instead_of(desk: &Desk, piece: &Piece) -> Option<Piece> {
    with_words(desk, |words| fit::instead(piece, words))
}

fn with_words<T>(desk: &Desk, fits: impl FnOnce(&fit::Words) -> T) -> T {
    let phrases = &desk.policy.phrases;
    let came = |content: &Content| phrases.instead_of(content);
    let forwarded = |from: &str| phrases.words(Phrase::Forwarded, &[("from", from)]);
    let edited = phrases.words(Phrase::Corrected, &[]);
    fits(&fit::Words {
        came: &came,
        forwarded: &forwarded,
        edited: &edited,
    })
}
