//! A changed message brought to its twins: what stands there is changed, what is missing is sent,
//! what is left over is taken away.

use engine::{
    content::{Body, MediaKind, Rich, Said, Style},
    ids::{ChatRef, MessageRef},
};

use super::{Fit, line, measure, under};
use crate::Piece;

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
        match &said.content.body {
            Body::Text => {
                let text = under(self.lead(said, header).as_ref(), &said.content.text);
                self.retext(to, twins, said, &text)
            }
            Body::Media(media) if media.kind.has_caption() => {
                self.recaption(to, twins, said, header, new_file)
            }
            Body::Other { .. } if !self.copies(to, said) => {
                let line = line(&said.content, self.words);
                let text = under(self.lead(said, header).as_ref(), &line);
                self.retext(to, twins, said, &text)
            }
            Body::Other { .. } => self.replace(to, twins, said),
            // Stickers, round films, places and cards cannot be edited anywhere.
            Body::Media(_) | Body::Location(_) | Body::Contact(_) => Vec::new(),
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
        // Above an album the header stands in a message of its own, or above another part of it.
        let fresh = if said.content.album.is_some() {
            let header = header.filter(|_| !before.is_empty());
            self.after(to, said, self.lead(said, header).as_ref(), None)
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
            _ => said.content.text.clone(),
        };
        // There is no room before the file for another line, or under it for these words (copies may
        // have longer captions than a bot may write): all of it comes anew.
        if texts > before.len()
            || measure(&caption.text, self.abilities.unit) > self.abilities.caption
        {
            let deleted = twins
                .iter()
                .cloned()
                .map(|message| Piece::Delete { message });
            return deleted.chain(fresh).collect();
        }
        let lines = fresh.into_iter().take(texts);
        let mut pieces = replaced(before, lines, &said.at);
        pieces.extend(refile(to, file, said, caption, new_file));
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
        pieces.extend(self.after(to, said, None, None));
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
        self.relay(to, std::slice::from_ref(said), Some(&marked), twins.first())
    }
}

/// A file's own twin: new words under it, or another file in its place.
fn refile(
    to: &ChatRef,
    file: &MessageRef,
    said: &Said,
    caption: Rich,
    new_file: bool,
) -> Vec<Piece> {
    if !new_file {
        return vec![Piece::EditCaption {
            message: file.clone(),
            caption,
            of: said.at.clone(),
        }];
    }
    let ours = said.at.chat.channel == to.channel;
    let changes = said
        .content
        .media()
        .is_some_and(|media| media.kind != MediaKind::Voice);
    if ours && changes {
        return vec![Piece::EditMedia {
            message: file.clone(),
            said: said.clone(),
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
