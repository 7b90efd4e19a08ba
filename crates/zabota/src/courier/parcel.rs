//! What an effect comes to at the moment it leaves: references are looked up now, when everything
//! before it in its lane has arrived.

#[cfg(test)]
mod tests;

use std::collections::{HashMap, VecDeque};

use channels::{Channel, Parcel, Piece, Undelivered, fit, media};
use engine::{
    board,
    content::{Content, Rich, Said, Style},
    effect::{self, Card, Effect, Purpose, Relay, Revise, Say, anchor, anchored},
    ids::{ChannelId, ChatRef, MessageRef},
    phrases::Phrase,
    reminder,
};
use jiff::SignedDuration;
use store::{Store, db::error::Result};

use super::outcome;
use crate::{desk::Desk, files};

/// The largest attachment that is stored, in bytes. Telegram's own limit for bots is 20 MB
/// (Bot API, getFile); an own Bot API server gives more.
const LARGEST_KEPT: u64 = 200_000_000;
/// For so long a reminder stays in the pinned list.
const RECENT: SignedDuration = SignedDuration::from_hours(24);

/// Why an effect that was decided on does not leave, if what it says is not true any more.
pub(super) async fn withheld(desk: &Desk, effect: &Effect) -> Result<Option<reminder::Outcome>> {
    let Effect::Remind { reminder, say } = effect else {
        return Ok(None);
    };
    let known = desk.store.customer(&say.to).await?;
    let known = known.as_ref().map(|(known, _)| known);
    let now = desk.clock.now();
    Ok(reminder::withheld(reminder, known, &desk.policy, now))
}

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
            Some(self::say(store, say, moved).await?)
        }
        Effect::Remind { say, .. } => Some(self::say(store, say, moved).await?),
        Effect::Relay(relay) => Some(self::relay(desk, relay, repeated).await?),
        Effect::Bulk { to, said, .. } => Some(bulk(to, said)),
        Effect::Revise(revise) => self::revise(store, revise).await?,
        Effect::Card(card) => Some(self::card(store, card, moved).await?),
        Effect::StripKeys { chat, under } => Some(strip(store, chat, under).await?),
        Effect::Answer(answer) => Some(Parcel::Answer {
            to: answer.to.clone(),
            press: answer.press.clone(),
            text: answer.text.clone(),
            alert: answer.alert,
        }),
        Effect::Mark { message } => Some(Parcel::Mark {
            message: message.clone(),
        }),
        Effect::Board { to } => board(desk, moved.get(to).unwrap_or(to)).await?,
        // What is read has a queue of its own.
        Effect::Recognise { .. }
        | Effect::ReadSheet { .. }
        | Effect::Keep { .. }
        | Effect::Again { .. } => None,
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

async fn say(store: &Store, say: &Say, moved: &HashMap<ChatRef, ChatRef>) -> Result<Parcel> {
    if say.rewrites
        && let Some(message) = stands(store, say.anchor.as_ref(), &say.to, moved).await?
    {
        return Ok(Parcel::Rewrite {
            message,
            text: say.text.clone(),
            keys: say.keys.clone(),
        });
    }
    Ok(Parcel::Say {
        to: say.to.clone(),
        text: say.text.clone(),
        keys: say.keys.clone(),
        reply_to: first_twin(store, say.reply_to.as_ref(), &say.to).await?,
    })
}

/// Where the bot's own words of that name stand, if they do.
async fn stands(
    store: &Store,
    name: Option<&MessageRef>,
    to: &ChatRef,
    moved: &HashMap<ChatRef, ChatRef>,
) -> Result<Option<MessageRef>> {
    let Some(name) = name else { return Ok(None) };
    let twins = store.twins(name, moved.get(to).unwrap_or(to)).await?;
    Ok(twins.into_iter().find(|twin| twin != name))
}

/// A broadcast's message reads as if the bot had written it, and answers nothing.
fn bulk(to: &ChatRef, said: &[Said]) -> Parcel {
    Parcel::Relay {
        to: to.clone(),
        said: said.to_vec(),
        header: None,
        reply_to: None,
    }
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

async fn card(store: &Store, card: &Card, moved: &HashMap<ChatRef, ChatRef>) -> Result<Parcel> {
    let name = anchor(&card.to, card.ticket);
    let (text, keys) = (card.text.clone(), card.keys.clone());
    Ok(match stands(store, Some(&name), &card.to, moved).await? {
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

/// The pinned list as it is now. None if there is nothing to list and no list stands.
async fn board(desk: &Desk, to: &ChatRef) -> Result<Option<Parcel>> {
    let name = effect::board(to);
    let twins = desk.store.twins(&name, to).await?;
    // The newest: an older one may have been forgotten there by a stop at the wrong moment.
    let stands = twins.into_iter().rfind(|twin| *twin != name);
    let now = desk.clock.now();
    let (open, total) = desk.store.open_tickets(board::LISTED).await?;
    let reminders = desk.store.recent_reminders(now - RECENT).await?;
    if open.is_empty() && reminders.is_empty() && stands.is_none() {
        return Ok(None);
    }
    Ok(Some(Parcel::Notice {
        to: to.clone(),
        stands,
        text: board::text(&open, total, &reminders, &desk.policy, now),
    }))
}

/// A chat that has a new id is written to there.
fn readdress(piece: &mut Piece, moved: &HashMap<ChatRef, ChatRef>) {
    if let Some(new) = moved.get(to(piece)) {
        match piece {
            Piece::Text { to, reply_to, .. }
            | Piece::Copy { to, reply_to, .. }
            | Piece::CopyAll { to, reply_to, .. }
            | Piece::Send { to, reply_to, .. }
            | Piece::SendAll { to, reply_to, .. }
            | Piece::Notice {
                to,
                stands: reply_to,
                ..
            } => {
                *to = new.clone();
                // Messages of the old chat cannot be answered or changed from the new one.
                *reply_to = None;
            }
            Piece::Answer { to, .. } => *to = new.clone(),
            Piece::EditText { .. }
            | Piece::EditCaption { .. }
            | Piece::EditMedia { .. }
            | Piece::StripKeys { .. }
            | Piece::Delete { .. }
            | Piece::Mark { .. } => {}
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
        | Piece::SendAll { to, .. }
        | Piece::Answer { to, .. }
        | Piece::Notice { to, .. } => to,
        Piece::EditText { message, .. }
        | Piece::EditCaption { message, .. }
        | Piece::EditMedia { message, .. }
        | Piece::StripKeys { message }
        | Piece::Delete { message }
        | Piece::Mark { message } => &message.chat,
    }
}

/// The channel that a piece brings a file from, if that is another one.
pub(super) fn source(piece: &Piece) -> Option<&ChannelId> {
    let to = to(piece);
    let mut files: Vec<&Said> = Vec::new();
    match piece {
        Piece::Send { said, .. } | Piece::EditMedia { said, .. } => files.push(said),
        Piece::SendAll { said, .. } => files.extend(said.iter().map(|(said, _)| said)),
        Piece::Text { .. }
        | Piece::Copy { .. }
        | Piece::CopyAll { .. }
        | Piece::EditText { .. }
        | Piece::EditCaption { .. }
        | Piece::StripKeys { .. }
        | Piece::Delete { .. }
        | Piece::Answer { .. }
        | Piece::Mark { .. }
        | Piece::Notice { .. } => {}
    }
    let foreign = files.into_iter().find(|said| is_foreign(said, to))?;
    Some(&foreign.at.chat.channel)
}

/// Whether something said has a file of another channel than the one it is to go to.
pub(super) fn is_foreign(said: &Said, to: &ChatRef) -> bool {
    said.content.media().is_some() && said.at.chat.channel != to.channel
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
    let download = files::fetch(channel, file).await?;
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

/// What goes instead of a piece that was refused, if anything can. No line replaces a file of an
/// operator's or of a broadcast: whoever sent it is told.
pub(super) fn instead_of(
    desk: &Desk,
    channel: &dyn Channel,
    effect: &Effect,
    piece: &Piece,
) -> Vec<Piece> {
    let reply = matches!(outcome::purpose(effect), Purpose::Reply { .. });
    let files = !reply && !matches!(effect, Effect::Bulk { .. });
    with_words(desk, |words| {
        fit::instead(piece, channel.abilities(), words, files)
    })
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
