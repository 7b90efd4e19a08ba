//! What is to be sent, as pieces that the messenger takes. Pure.
//!
//! Nothing is lost on the way: what is too long is split, what cannot be carried becomes the nearest
//! thing that can, and at the last a line that says what came. Texts are sent as our own, so that they
//! stay when the original goes; files are copied inside the messenger, so that nothing is transferred.

mod keys;
mod relay;
mod revise;
mod split;
mod written;

use engine::{
    content::{Body, Content, MediaKind, Rich, Said, Style},
    ids::{ChatRef, MessageRef},
};

use self::{
    split::{cut, measure, split},
    written::written,
};
use crate::{Abilities, Carried, Parcel, Piece, transfer::is_moving};

/// The few words that fitting needs; they come from the phrases in the reader's language.
pub struct Words<'a> {
    /// A line for something that cannot be carried: «опрос: …», «прислали то, что Telegram не даёт
    /// переслать»; of a file its name and size too. Never empty.
    pub came: &'a (dyn Fn(&Content) -> String + Sync),
    /// A line for something forwarded from somebody: «переслано от …».
    pub forwarded: &'a (dyn Fn(&str) -> String + Sync),
    /// «исправлено», where a change must go as a new message.
    pub edited: &'a str,
}

/// A parcel as the calls that bring it there, in order. Empty if there is nothing to send.
pub fn plan(parcel: &Parcel, abilities: &Abilities, words: &Words) -> Vec<Piece> {
    let fit = Fit { abilities, words };
    match parcel {
        Parcel::Say {
            to,
            text,
            keys,
            reply_to,
        } => fit.say(to, text, keys, fit.answered(reply_to.as_ref())),
        Parcel::Relay {
            to,
            said,
            header,
            reply_to,
        } => fit.relay(to, said, header.as_ref(), fit.answered(reply_to.as_ref())),
        Parcel::Revise {
            to,
            twins,
            said,
            header,
            new_file,
        } => fit.revise(to, twins, said, header.as_ref(), *new_file),
        Parcel::Rewrite {
            message,
            text,
            keys,
        } => vec![fit.rewrite(message, text, keys)],
        // Elsewhere they go by themselves.
        Parcel::StripKeys { messages } if abilities.edits && abilities.keys.stay => messages
            .iter()
            .map(|message| Piece::StripKeys {
                message: message.clone(),
            })
            .collect(),
        Parcel::StripKeys { .. } => Vec::new(),
        Parcel::Answer {
            to,
            press,
            text,
            alert,
        } => vec![Piece::Answer {
            to: to.clone(),
            press: press.clone(),
            text: text.clone(),
            alert: *alert,
        }],
        Parcel::Mark { message } => vec![Piece::Mark {
            message: message.clone(),
        }],
        Parcel::Notice { to, stands, text } => vec![Piece::Notice {
            to: to.clone(),
            stands: stands.clone(),
            text: cut(&fit.shown(text), abilities.text, abilities.unit),
        }],
    }
}

/// What goes in the place of a piece that the messenger refused, if anything can: of several things
/// each one alone, so that one is not lost for another; of one thing a line that says what came.
///
/// A thing without a body of its own is always replaced, a sticker by its emoji. A file is replaced
/// only if `files` says so: towards operators a line must stand for it, but a customer who gets a line
/// instead of an operator's file is no success; that refusal is for the operator to see.
pub fn instead(piece: &Piece, abilities: &Abilities, words: &Words, files: bool) -> Vec<Piece> {
    let fit = Fit { abilities, words };
    match piece {
        Piece::Copy {
            to,
            said,
            caption,
            reply_to,
        } if files || !is_file(&said.content) => {
            let words = caption.as_ref().unwrap_or(&said.content.text);
            vec![fit.instead_of_one(to, said, words, reply_to.as_ref())]
        }
        Piece::Send {
            to,
            said,
            caption,
            reply_to,
            ..
        } if files || !is_file(&said.content) => {
            vec![fit.instead_of_one(to, said, caption, reply_to.as_ref())]
        }
        Piece::CopyAll { to, said, reply_to } => {
            let one = |(nth, said): (usize, &Said)| Piece::Copy {
                to: to.clone(),
                said: said.clone(),
                caption: None,
                reply_to: reply_to.clone().filter(|_| nth == 0),
            };
            said.iter().enumerate().map(one).collect()
        }
        Piece::SendAll {
            to, said, reply_to, ..
        } => {
            let one = |(nth, (said, carried)): (usize, &(Said, Carried))| Piece::Send {
                to: to.clone(),
                said: said.clone(),
                carried: *carried,
                caption: said.content.text.clone(),
                reply_to: reply_to.clone().filter(|_| nth == 0),
            };
            said.iter().enumerate().map(one).collect()
        }
        Piece::Copy { .. }
        | Piece::Send { .. }
        | Piece::Text { .. }
        | Piece::EditText { .. }
        | Piece::EditCaption { .. }
        | Piece::EditMedia { .. }
        | Piece::StripKeys { .. }
        | Piece::Delete { .. }
        | Piece::Answer { .. }
        | Piece::Mark { .. }
        | Piece::Notice { .. } => Vec::new(),
    }
}

/// Whether it is a file that means something by itself; a sticker's emoji says as much as the sticker.
fn is_file(content: &Content) -> bool {
    content
        .media()
        .is_some_and(|media| media.kind != MediaKind::Sticker || media.emoji.is_none())
}

struct Fit<'a> {
    abilities: &'a Abilities,
    words: &'a Words<'a>,
}

/// How a message arrives.
enum Arrives {
    /// Copied inside the messenger.
    Copied,
    /// Sent anew, as this.
    Sent(Carried),
    /// As text.
    Written(Rich),
}

impl Fit<'_> {
    fn arrives(&self, to: &ChatRef, said: &Said) -> Arrives {
        let content = &said.content;
        if self.copies(to, said) {
            return Arrives::Copied;
        }
        match &content.body {
            Body::Text => Arrives::Written(content.text.clone()),
            Body::Media(media) => match (self.abilities.carries)(media.kind) {
                Carried::Picture if is_moving(media) && media.preview.is_none() => {
                    Arrives::Written(self.line(content))
                }
                carried => Arrives::Sent(carried),
            },
            // What places and cards arrive as means nothing.
            Body::Location(_) if self.abilities.places => {
                Arrives::Sent(Carried::As(MediaKind::Document))
            }
            Body::Contact(_) if self.abilities.cards => {
                Arrives::Sent(Carried::As(MediaKind::Document))
            }
            Body::Location(_) | Body::Contact(_) | Body::Other { .. } => {
                Arrives::Written(self.line(content))
            }
        }
    }

    /// Whether the messenger copies it by itself. Texts are sent anew: as our own they stay.
    fn copies(&self, to: &ChatRef, said: &Said) -> bool {
        self.abilities.copies
            && said.at.chat.channel == to.channel
            && match &said.content.body {
                Body::Other { kind, .. } => !self.abilities.uncopyable.contains(&kind.as_str()),
                Body::Media(_) | Body::Location(_) | Body::Contact(_) => true,
                Body::Text => false,
            }
    }

    /// A line in the place of something refused, under the words that stood with it.
    fn instead_of_one(
        &self,
        to: &ChatRef,
        said: &Said,
        words: &Rich,
        reply_to: Option<&MessageRef>,
    ) -> Piece {
        let words = Some(words).filter(|words| !words.is_empty());
        let text = self.shown(&under(words, &self.lost(&said.content)));
        Piece::Text {
            to: to.clone(),
            text: cut(&text, self.abilities.text, self.abilities.unit),
            keys: Vec::new(),
            reply_to: reply_to.cloned(),
            of: Some(said.at.clone()),
        }
    }

    /// What stands for something that cannot be carried, over the words that came with it.
    fn line(&self, content: &Content) -> Rich {
        under(Some(&self.lost(content)), &content.text)
    }

    /// The same without those words.
    fn lost(&self, content: &Content) -> Rich {
        let line = || Rich::plain((self.words.came)(content));
        match &content.body {
            Body::Location(place) => written::place(place).unwrap_or_else(line),
            Body::Contact(card) => written::card(card).unwrap_or_else(line),
            Body::Media(media) => match &media.emoji {
                Some(emoji) if media.kind == MediaKind::Sticker => Rich::plain(emoji),
                _ => line(),
            },
            Body::Text | Body::Other { .. } => line(),
        }
    }

    /// A text as it can be shown: with its formatting, or with its formatting written out.
    fn shown(&self, text: &Rich) -> Rich {
        if self.abilities.formats {
            text.clone()
        } else {
            written(text)
        }
    }

    fn answered<'r>(&self, reply_to: Option<&'r MessageRef>) -> Option<&'r MessageRef> {
        reply_to.filter(|_| self.abilities.answers)
    }

    /// Whether words can stand under a file.
    fn fits_under(&self, words: &Rich) -> bool {
        measure(&words.text, self.abilities.unit) <= self.abilities.caption
    }

    /// Text in as many messages as it needs; the first one answers.
    fn texts(
        &self,
        to: &ChatRef,
        text: &Rich,
        reply_to: Option<&MessageRef>,
        of: Option<&MessageRef>,
    ) -> Vec<Piece> {
        let parts = split(&self.shown(text), self.abilities.text, self.abilities.unit);
        let parts = parts
            .into_iter()
            .filter(|part| !part.text.trim().is_empty());
        parts
            .enumerate()
            .map(|(nth, text)| Piece::Text {
                to: to.clone(),
                text,
                keys: Vec::new(),
                reply_to: reply_to.filter(|_| nth == 0).cloned(),
                of: of.cloned(),
            })
            .collect()
    }

    /// What stands above a message: the header, and whom it was forwarded from. Without a header
    /// nothing does: it should read as if the bot had written it.
    fn lead(&self, said: &Said, header: Option<&Rich>) -> Option<Rich> {
        let mut lead = header.filter(|header| !header.is_empty())?.clone();
        if let Some(from) = &said.content.forwarded_from {
            lead.push("\n");
            lead.push_styled(&(self.words.forwarded)(from), Style::Italic);
        }
        Some(lead)
    }
}

/// A text under a line.
fn under(lead: Option<&Rich>, text: &Rich) -> Rich {
    let Some(lead) = lead else {
        return text.clone();
    };
    let mut whole = lead.clone();
    if !text.is_empty() {
        whole.push("\n");
        whole.append(text);
    }
    whole
}

#[cfg(test)]
mod tests;
