//! A changed message brought to its twins: what stands there is changed, what is missing is sent,
//! what is left over is taken away.

use engine::{
    content::{Body, MediaKind, Rich, Said, Style},
    ids::{ChatRef, MessageRef},
};

use super::{
    Arrives, Fit,
    relay::{has_caption, kind},
    under,
};
use crate::{Carried, Piece};

impl Fit<'_> {
    pub(super) fn revise(
        &self,
        to: &ChatRef,
        twins: &[MessageRef],
        said: &Said,
        header: Option<&Rich>,
        new_file: bool,
    ) -> Vec<Piece> {
        if !self.abilities.edits {
            return self.once_more(to, twins, said, header);
        }
        match self.arrives(to, said) {
            Arrives::Written(text) => {
                let text = under(self.lead(said, header).as_ref(), &text);
                self.retext(to, twins, said, &text)
            }
            arrives if has_caption(said, &arrives) => {
                self.recaption(to, twins, said, header, new_file)
            }
            Arrives::Copied if matches!(said.content.body, Body::Other { .. }) => {
                self.replace(to, twins, said)
            }
            // Words that stand before a place or a card; these themselves, stickers and round films
            // cannot be edited anywhere.
            Arrives::Sent(_) if twins.len() > 1 => {
                let before = &twins[..twins.len() - 1];
                let text = under(self.lead(said, header).as_ref(), &said.content.text);
                self.retext(to, before, said, &text)
            }
            Arrives::Copied | Arrives::Sent(_) => Vec::new(),
        }
    }

    /// The new text over the old one, part by part.
    fn retext(&self, to: &ChatRef, twins: &[MessageRef], said: &Said, text: &Rich) -> Vec<Piece> {
        let mut fresh = self.texts(to, text, None, Some(&said.at));
        let surplus = fresh.split_off(fresh.len().min(twins.len()));
        let mut pieces = replaced(twins, fresh.into_iter(), &said.at);
        pieces.extend(surplus);
        pieces
    }

    /// New words under a file, or another file. Its twin is the last one; what stands before it is
    /// text that did not fit under it.
    fn recaption(
        &self,
        to: &ChatRef,
        twins: &[MessageRef],
        said: &Said,
        header: Option<&Rich>,
        new_file: bool,
    ) -> Vec<Piece> {
        let Some((file, before)) = twins.split_last() else {
            return Vec::new();
        };
        let arrives = self.arrives(to, said);
        // Above an album the header stands in a message of its own, or above another part of it.
        let in_album = said.content.album.is_some();
        let header = header.filter(|_| !in_album || !before.is_empty());
        let fresh = if in_album {
            self.after(to, said, &arrives, self.lead(said, header).as_ref(), None)
        } else {
            self.one(to, said, header, None)
        };
        let texts = fresh.len().saturating_sub(1);
        let caption = match fresh.last() {
            Some(
                Piece::Copy {
                    caption: Some(words),
                    ..
                }
                | Piece::Send { caption: words, .. },
            ) => words.clone(),
            _ => self.shown(&said.content.text),
        };
        // There is no room before the file for another line, or under it for these words (copies may
        // have longer captions than a bot may write): all of it comes anew.
        if texts > before.len() || !self.fits_under(&caption) {
            if self.is_inside(said) {
                return self.beside(to, file, said);
            }
            let deleted = twins
                .iter()
                .cloned()
                .map(|message| Piece::Delete { message });
            return deleted.chain(self.one(to, said, header, None)).collect();
        }
        let lines = fresh.into_iter().take(texts);
        let mut pieces = replaced(before, lines, &said.at);
        let carried = match arrives {
            Arrives::Sent(carried) => Some(carried),
            Arrives::Copied | Arrives::Written(_) => None,
        };
        pieces.extend(if new_file {
            refile(to, file, said, carried, caption)
        } else {
            vec![Piece::EditCaption {
                message: file.clone(),
                caption,
                of: said.at.clone(),
            }]
        });
        pieces
    }

    /// Whether it is a part of a message that holds other things too: it cannot be taken back alone.
    fn is_inside(&self, said: &Said) -> bool {
        self.abilities.gathers && said.content.album.is_some()
    }

    /// Words that there is no room for under an album: they go beside it.
    fn beside(&self, to: &ChatRef, file: &MessageRef, said: &Said) -> Vec<Piece> {
        let mut pieces = vec![Piece::EditCaption {
            message: file.clone(),
            caption: Rich::default(),
            of: said.at.clone(),
        }];
        let reply_to = self.answered(Some(file));
        pieces.extend(self.texts(to, &said.content.text, reply_to, Some(&said.at)));
        pieces
    }

    /// Something that cannot be edited, only copied again.
    fn replace(&self, to: &ChatRef, twins: &[MessageRef], said: &Said) -> Vec<Piece> {
        let Some((twin, _)) = twins.split_last() else {
            return Vec::new();
        };
        let mut pieces = vec![Piece::Delete {
            message: twin.clone(),
        }];
        pieces.extend(self.after(to, said, &Arrives::Copied, None, None));
        pieces
    }

    /// Where nothing can be changed, the new version goes as a new message, marked as such.
    fn once_more(
        &self,
        to: &ChatRef,
        twins: &[MessageRef],
        said: &Said,
        header: Option<&Rich>,
    ) -> Vec<Piece> {
        let mut marked = Rich::default();
        marked.push_styled(self.words.edited, Style::Italic);
        let marked = under(header, &marked);
        let reply_to = self.answered(twins.first());
        self.relay(to, std::slice::from_ref(said), Some(&marked), reply_to)
    }
}

/// Another file in the place of a file's twin.
fn refile(
    to: &ChatRef,
    file: &MessageRef,
    said: &Said,
    carried: Option<Carried>,
    caption: Rich,
) -> Vec<Piece> {
    let Some(media) = said.content.media() else {
        return Vec::new();
    };
    let carried = carried.unwrap_or(Carried::As(media.kind));
    if kind(carried) != MediaKind::Voice {
        return vec![Piece::EditMedia {
            message: file.clone(),
            said: said.clone(),
            carried,
            caption,
        }];
    }
    vec![
        Piece::Delete {
            message: file.clone(),
        },
        Piece::Send {
            to: to.clone(),
            said: said.clone(),
            carried,
            caption,
            reply_to: None,
        },
    ]
}

/// New lines over old ones; old ones that are left over go.
fn replaced(
    twins: &[MessageRef],
    mut fresh: impl Iterator<Item = Piece>,
    of: &MessageRef,
) -> Vec<Piece> {
    let change = |twin: &MessageRef| match fresh.next() {
        Some(piece) => over(twin, piece, of),
        None => Piece::Delete {
            message: twin.clone(),
        },
    };
    twins.iter().map(change).collect()
}

/// A piece of text, as a change of what stands there.
fn over(twin: &MessageRef, piece: Piece, of: &MessageRef) -> Piece {
    match piece {
        Piece::Text { text, keys, .. } => Piece::EditText {
            message: twin.clone(),
            text,
            keys,
            of: Some(of.clone()),
        },
        other => other,
    }
}
