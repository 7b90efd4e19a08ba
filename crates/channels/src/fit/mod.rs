//! What is to be sent, as pieces that the messenger takes. Pure.
//!
//! Nothing is lost on the way: what is too long is split, what cannot be carried becomes a line that
//! says what came. Texts are sent as our own, so that they stay when the original goes; files are
//! copied inside the messenger, so that nothing is transferred.

mod revise;
mod split;

use engine::{
    content::{Body, Content, Rich, Said, Style},
    effect::Key,
    ids::{ChatRef, MessageRef},
};

use self::split::{cut, measure, split};
use crate::{Abilities, Parcel, Piece};

/// The few words that fitting needs; they come from the phrases in the reader's language.
pub struct Words<'a> {
    /// A line for something that cannot be carried: «опрос: …», «прислали то, что Telegram не даёт
    /// переслать». Never empty.
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
        } => {
            let mut pieces = fit.texts(to, text, reply_to.as_ref(), None);
            if let Some(Piece::Text { keys: under, .. }) = pieces.last_mut() {
                *under = fit.keys(keys);
            }
            pieces
        }
        Parcel::Relay {
            to,
            said,
            header,
            reply_to,
        } => fit.relay(to, said, header.as_ref(), reply_to.as_ref()),
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
        Parcel::StripKeys { messages } if abilities.edits => messages
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
    }
}

/// What goes in the place of a piece that the messenger refused: a line that says what came. Only
/// kinds without a body of their own are replaced; a refused file is a failure to be shown.
pub fn instead(piece: &Piece, words: &Words) -> Option<Piece> {
    match piece {
        Piece::Copy {
            to, said, reply_to, ..
        } if matches!(said.content.body, Body::Other { .. }) => Some(Piece::Text {
            to: to.clone(),
            text: line(&said.content, words),
            keys: Vec::new(),
            reply_to: reply_to.clone(),
            of: Some(said.at.clone()),
        }),
        _ => None,
    }
}

struct Fit<'a> {
    abilities: &'a Abilities,
    words: &'a Words<'a>,
}

impl Fit<'_> {
    fn relay(
        &self,
        to: &ChatRef,
        said: &[Said],
        header: Option<&Rich>,
        reply_to: Option<&MessageRef>,
    ) -> Vec<Piece> {
        let mut pieces = Vec::new();
        for group in self.groups(to, said) {
            // The header and the reply belong to whatever comes first.
            let first = pieces.is_empty();
            let (header, reply_to) = if first {
                (header, reply_to)
            } else {
                (None, None)
            };
            pieces.extend(match group {
                [one] => self.one(to, one, header, reply_to),
                many => self.many(to, many, header, reply_to),
            });
        }
        pieces
    }

    /// What can leave in one call: neighbours that are all files and can be copied, albums never
    /// torn. The rest stands alone.
    fn groups<'s>(&self, to: &ChatRef, said: &'s [Said]) -> Vec<&'s [Said]> {
        let file = |said: &Said| said.content.media().is_some() && self.copies(to, said);
        let mut groups = Vec::new();
        let together = |a: &Said, b: &Said| file(a) && file(b) && follows(a, b);
        for run in said.chunk_by(together) {
            let mut from = 0;
            let mut end = 0;
            let same = |a: &Said, b: &Said| {
                a.content.album.is_some() && a.content.album == b.content.album
            };
            for album in run.chunk_by(same) {
                if end > from && end + album.len() - from > self.abilities.album {
                    groups.push(&run[from..end]);
                    from = end;
                }
                end += album.len();
            }
            groups.extend(run[from..end].chunks(self.abilities.album.max(1)));
        }
        groups
    }

    /// Several files at once. What they answer says whose they are; otherwise the header does, in a
    /// message before them.
    fn many(
        &self,
        to: &ChatRef,
        said: &[Said],
        header: Option<&Rich>,
        reply_to: Option<&MessageRef>,
    ) -> Vec<Piece> {
        let header = header.filter(|_| reply_to.is_none());
        let lead = said
            .first()
            .and_then(|first| Some((first, self.lead(first, header)?)));
        let mut pieces = match lead {
            Some((first, lead)) => self.texts(to, &lead, reply_to, Some(&first.at)),
            None => Vec::new(),
        };
        pieces.push(Piece::CopyAll {
            to: to.clone(),
            said: said.to_vec(),
            reply_to: reply_to.filter(|_| pieces.is_empty()).cloned(),
        });
        pieces
    }

    fn one(
        &self,
        to: &ChatRef,
        said: &Said,
        header: Option<&Rich>,
        reply_to: Option<&MessageRef>,
    ) -> Vec<Piece> {
        let lead = self.lead(said, header);
        match &said.content.body {
            Body::Text => {
                let text = under(lead.as_ref(), &said.content.text);
                self.texts(to, &text, reply_to, Some(&said.at))
            }
            Body::Media(media) if media.kind.has_caption() => {
                self.captioned(to, said, lead.as_ref(), reply_to)
            }
            Body::Other { .. } if !self.copies(to, said) => {
                let line = line(&said.content, self.words);
                self.texts(to, &under(lead.as_ref(), &line), reply_to, Some(&said.at))
            }
            Body::Media(_) | Body::Location(_) | Body::Contact(_) | Body::Other { .. } => {
                // What it answers shows whose it is.
                let lead = lead.filter(|_| reply_to.is_none());
                self.after(to, said, lead.as_ref(), reply_to)
            }
        }
    }

    /// A file with words under it: the header above them if all of it fits, otherwise before it.
    fn captioned(
        &self,
        to: &ChatRef,
        said: &Said,
        lead: Option<&Rich>,
        reply_to: Option<&MessageRef>,
    ) -> Vec<Piece> {
        let whole = under(lead, &said.content.text);
        let fits = measure(&whole.text, self.abilities.unit) <= self.abilities.caption;
        if self.copies(to, said) {
            return match lead {
                Some(_) if fits => vec![Piece::Copy {
                    to: to.clone(),
                    said: said.clone(),
                    caption: Some(whole),
                    reply_to: reply_to.cloned(),
                }],
                lead => self.after(to, said, lead, reply_to),
            };
        }
        let mut pieces = if fits {
            Vec::new()
        } else {
            self.texts(to, &whole, reply_to, Some(&said.at))
        };
        pieces.push(Piece::Send {
            to: to.clone(),
            said: said.clone(),
            caption: if fits { whole } else { Rich::default() },
            reply_to: reply_to.filter(|_| pieces.is_empty()).cloned(),
        });
        pieces
    }

    /// A message as it is, with a line before it.
    fn after(
        &self,
        to: &ChatRef,
        said: &Said,
        lead: Option<&Rich>,
        reply_to: Option<&MessageRef>,
    ) -> Vec<Piece> {
        let mut pieces = match lead {
            Some(lead) => self.texts(to, lead, reply_to, Some(&said.at)),
            None => Vec::new(),
        };
        let reply_to = reply_to.filter(|_| pieces.is_empty()).cloned();
        pieces.push(if self.copies(to, said) {
            Piece::Copy {
                to: to.clone(),
                said: said.clone(),
                caption: None,
                reply_to,
            }
        } else {
            Piece::Send {
                to: to.clone(),
                said: said.clone(),
                caption: said.content.text.clone(),
                reply_to,
            }
        });
        pieces
    }

    /// Text in as many messages as it needs; the first one answers.
    fn texts(
        &self,
        to: &ChatRef,
        text: &Rich,
        reply_to: Option<&MessageRef>,
        of: Option<&MessageRef>,
    ) -> Vec<Piece> {
        let parts = split(text, self.abilities.text, self.abilities.unit);
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

    fn rewrite(&self, message: &MessageRef, text: &Rich, keys: &[Vec<Key>]) -> Piece {
        let text = cut(text, self.abilities.text, self.abilities.unit);
        let keys = self.keys(keys);
        if self.abilities.edits {
            return Piece::EditText {
                message: message.clone(),
                text,
                keys,
                of: None,
            };
        }
        Piece::Text {
            to: message.chat.clone(),
            text,
            keys,
            reply_to: None,
            of: None,
        }
    }

    /// Keys with labels that fit.
    fn keys(&self, rows: &[Vec<Key>]) -> Vec<Vec<Key>> {
        let fit = |key: &Key| Key {
            label: cut(
                &Rich::plain(&key.label),
                self.abilities.key_label,
                crate::Unit::Chars,
            )
            .text,
            ..key.clone()
        };
        let rows = rows.iter().filter(|row| !row.is_empty());
        rows.map(|row| row.iter().map(fit).collect()).collect()
    }

    /// Whether the messenger copies it by itself.
    fn copies(&self, to: &ChatRef, said: &Said) -> bool {
        self.abilities.copies
            && said.at.chat.channel == to.channel
            && match &said.content.body {
                Body::Other { kind, .. } => !self.abilities.uncopyable.contains(&kind.as_str()),
                Body::Text | Body::Media(_) | Body::Location(_) | Body::Contact(_) => true,
            }
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

/// Whether `b` stands in the same chat after `a`.
fn follows(a: &Said, b: &Said) -> bool {
    a.at.chat == b.at.chat && a.at != b.at
}

/// A line that says what came, over the words that came with it.
fn line(content: &Content, words: &Words) -> Rich {
    under(Some(&Rich::plain((words.came)(content))), &content.text)
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
