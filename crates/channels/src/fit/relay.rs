//! What somebody wrote, as pieces: what can leave in one call does, and what belongs together stays
//! together.

use engine::{
    content::{MediaKind, Rich, Said},
    ids::{ChatRef, MessageRef},
};

use super::{Arrives, Fit, under};
use crate::{Carried, Piece};

impl Fit<'_> {
    pub(super) fn relay(
        &self,
        to: &ChatRef,
        said: &[Said],
        header: Option<&Rich>,
        reply_to: Option<&MessageRef>,
    ) -> Vec<Piece> {
        let mut pieces = Vec::new();
        for group in self.groups(to, said) {
            // The header belongs to whatever comes first, and so does the reply; but where there is a
            // header, what is answered says whose it is, and everything does.
            let first = pieces.is_empty();
            let reply_to = reply_to.filter(|_| first || header.is_some());
            let header = header.filter(|_| first);
            pieces.extend(match group {
                [one] => self.one(to, one, header, reply_to),
                many => self.many(to, many, header, reply_to),
            });
        }
        pieces
    }

    /// What can leave in one call: neighbours that are all files and can be copied, or sent together;
    /// albums are torn only where they must be. The rest stands alone.
    fn groups<'s>(&self, to: &ChatRef, said: &'s [Said]) -> Vec<&'s [Said]> {
        let most = self.abilities.album.max(1);
        let mut groups = Vec::new();
        for run in self.runs(to, said) {
            let mut from = 0;
            let mut end = 0;
            let same = |a: &Said, b: &Said| {
                a.content.album.is_some() && a.content.album == b.content.album
            };
            for album in run.chunk_by(same) {
                if end > from && end + album.len() - from > most {
                    groups.extend(run[from..end].chunks(most));
                    from = end;
                }
                end += album.len();
            }
            groups.extend(run[from..end].chunks(most));
        }
        groups
    }

    /// Neighbours that could all leave in one call, if there were room.
    fn runs<'s>(&self, to: &ChatRef, said: &'s [Said]) -> Vec<&'s [Said]> {
        let mut runs = Vec::new();
        for run in said.chunk_by(|a, b| self.go_together(to, a, b)) {
            let copied = run.iter().all(|said| self.copies(to, said));
            if !self.abilities.gathers || copied {
                runs.push(run);
                continue;
            }
            // Where an album is one message, its words are one text: words of several things under
            // one text would be nobody's, and could not be changed apart.
            let mut from = 0;
            let mut told = false;
            for (at, said) in run.iter().enumerate() {
                let tells = !said.content.text.is_empty();
                if tells && told {
                    runs.push(&run[from..at]);
                    from = at;
                }
                told = told || tells;
            }
            runs.push(&run[from..]);
        }
        runs
    }

    /// Whether two neighbours can leave in one call.
    fn go_together(&self, to: &ChatRef, a: &Said, b: &Said) -> bool {
        let files = [a, b].iter().all(|said| said.content.media().is_some());
        if !files || !follows(a, b) {
            return false;
        }
        match (self.arrives(to, a), self.arrives(to, b)) {
            (Arrives::Copied, Arrives::Copied) => true,
            (Arrives::Sent(x), Arrives::Sent(y)) => {
                (self.abilities.mixes)(kind(x), kind(y)) && self.shares(a) && self.shares(b)
            }
            (Arrives::Copied | Arrives::Sent(_) | Arrives::Written(_), _) => false,
        }
    }

    /// Whether a file can be sent with others: its words fit under it, and it is not known to be too
    /// large, or the others would be refused with it.
    fn shares(&self, said: &Said) -> bool {
        let size = said.content.media().and_then(|media| media.size);
        size.is_none_or(|size| size <= self.abilities.upload)
            && self.fits_under(&self.shown(&said.content.text))
    }

    /// Several files at once. The header stands above their words if all of it fits there. Otherwise
    /// what they answer says whose they are, or the header does, in a message before them.
    fn many(
        &self,
        to: &ChatRef,
        said: &[Said],
        header: Option<&Rich>,
        reply_to: Option<&MessageRef>,
    ) -> Vec<Piece> {
        let sent: Vec<(Said, Carried)> = said
            .iter()
            .filter_map(|said| match self.arrives(to, said) {
                Arrives::Sent(carried) => Some((self.with_words_shown(said), carried)),
                Arrives::Copied | Arrives::Written(_) => None,
            })
            .collect();
        let first = said.first();
        let lead = first.and_then(|first| self.lead(first, header));
        let whole = under(lead.as_ref(), &self.words_of(&sent));
        if lead.is_some() && !sent.is_empty() && self.fits_under(&whole) {
            return vec![Piece::SendAll {
                to: to.clone(),
                caption: whole,
                said: sent,
                reply_to: reply_to.cloned(),
            }];
        }
        let before = first.zip(lead.filter(|_| reply_to.is_none()));
        let mut pieces = match before {
            Some((first, lead)) => self.texts(to, &lead, reply_to, Some(&first.at)),
            None => Vec::new(),
        };
        let reply_to = reply_to.filter(|_| pieces.is_empty()).cloned();
        pieces.push(if sent.is_empty() {
            Piece::CopyAll {
                to: to.clone(),
                said: said.to_vec(),
                reply_to,
            }
        } else {
            Piece::SendAll {
                to: to.clone(),
                caption: self.words_of(&sent),
                said: sent,
                reply_to,
            }
        });
        pieces
    }

    /// The words under an album.
    fn words_of(&self, said: &[(Said, Carried)]) -> Rich {
        let mut words = said.iter().map(|(said, _)| &said.content.text);
        let words = if self.abilities.gathers {
            words.find(|words| !words.is_empty())
        } else {
            words.next()
        };
        words.cloned().unwrap_or_default()
    }

    /// It with its words as they can be shown.
    fn with_words_shown(&self, said: &Said) -> Said {
        let mut said = said.clone();
        said.content.text = self.shown(&said.content.text);
        said
    }

    pub(super) fn one(
        &self,
        to: &ChatRef,
        said: &Said,
        header: Option<&Rich>,
        reply_to: Option<&MessageRef>,
    ) -> Vec<Piece> {
        let lead = self.lead(said, header);
        match self.arrives(to, said) {
            Arrives::Written(text) => {
                self.texts(to, &under(lead.as_ref(), &text), reply_to, Some(&said.at))
            }
            arrives if has_caption(said, &arrives) => {
                self.captioned(to, said, &arrives, lead.as_ref(), reply_to)
            }
            arrives => {
                // What it answers shows whose it is; words that came with it have no place but before it.
                let lead = lead.filter(|_| reply_to.is_none());
                let words = &said.content.text;
                let lead = match &arrives {
                    Arrives::Sent(_) if !words.is_empty() => Some(under(lead.as_ref(), words)),
                    _ => lead,
                };
                self.after(to, said, &arrives, lead.as_ref(), reply_to)
            }
        }
    }

    /// A file with words under it: the header above them if all of it fits, otherwise before it.
    fn captioned(
        &self,
        to: &ChatRef,
        said: &Said,
        arrives: &Arrives,
        lead: Option<&Rich>,
        reply_to: Option<&MessageRef>,
    ) -> Vec<Piece> {
        let whole = self.shown(&under(lead, &said.content.text));
        let fits = self.fits_under(&whole);
        match arrives {
            Arrives::Copied if lead.is_some() && fits => vec![Piece::Copy {
                to: to.clone(),
                said: said.clone(),
                caption: Some(whole),
                reply_to: reply_to.cloned(),
            }],
            Arrives::Copied | Arrives::Written(_) => self.after(to, said, arrives, lead, reply_to),
            Arrives::Sent(carried) => {
                let mut pieces = if fits {
                    Vec::new()
                } else {
                    let words = under(lead, &said.content.text);
                    self.texts(to, &words, reply_to, Some(&said.at))
                };
                pieces.push(Piece::Send {
                    to: to.clone(),
                    said: said.clone(),
                    carried: *carried,
                    caption: if fits { whole } else { Rich::default() },
                    reply_to: reply_to.filter(|_| pieces.is_empty()).cloned(),
                });
                pieces
            }
        }
    }

    /// A message as it is, with a line before it.
    pub(super) fn after(
        &self,
        to: &ChatRef,
        said: &Said,
        arrives: &Arrives,
        lead: Option<&Rich>,
        reply_to: Option<&MessageRef>,
    ) -> Vec<Piece> {
        let mut pieces = match lead {
            Some(lead) => self.texts(to, lead, reply_to, Some(&said.at)),
            None => Vec::new(),
        };
        let reply_to = reply_to.filter(|_| pieces.is_empty());
        match arrives {
            Arrives::Copied => pieces.push(Piece::Copy {
                to: to.clone(),
                said: said.clone(),
                caption: None,
                reply_to: reply_to.cloned(),
            }),
            Arrives::Sent(carried) => pieces.push(Piece::Send {
                to: to.clone(),
                said: said.clone(),
                carried: *carried,
                caption: if has_caption(said, arrives) {
                    self.shown(&said.content.text)
                } else {
                    Rich::default()
                },
                reply_to: reply_to.cloned(),
            }),
            Arrives::Written(text) => pieces.extend(self.texts(to, text, reply_to, Some(&said.at))),
        }
        pieces
    }
}

/// Whether words can stand under it.
pub(super) fn has_caption(said: &Said, arrives: &Arrives) -> bool {
    let Some(media) = said.content.media() else {
        return false;
    };
    match arrives {
        Arrives::Copied => media.kind.has_caption(),
        Arrives::Sent(carried) => kind(*carried).has_caption(),
        Arrives::Written(_) => false,
    }
}

/// What a file is where it arrives.
pub(super) fn kind(carried: Carried) -> MediaKind {
    match carried {
        Carried::As(kind) => kind,
        Carried::Picture => MediaKind::Photo,
    }
}

/// Whether `b` stands in the same chat after `a`.
fn follows(a: &Said, b: &Said) -> bool {
    a.at.chat == b.at.chat && a.at != b.at
}
