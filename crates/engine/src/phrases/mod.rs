//! The desk's own words, in each language a file: `phrases/ru.toml`, `phrases/en.toml`. The rules
//! name a [`Phrase`]; what it reads is data, and an owner may put other words in its place.

mod names;

use std::{collections::BTreeMap, fmt};

pub use self::names::Phrase;
use crate::content::{Body, Content};

/// A language that the desk speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Locale {
    /// Russian.
    #[default]
    Ru,
    /// English.
    En,
}

impl Locale {
    /// Reads `ru` or `en`.
    pub fn read(code: &str) -> Option<Self> {
        match code {
            "ru" => Some(Self::Ru),
            "en" => Some(Self::En),
            _ => None,
        }
    }

    /// Its two letters.
    pub fn code(self) -> &'static str {
        match self {
            Self::Ru => "ru",
            Self::En => "en",
        }
    }

    fn source(self) -> &'static str {
        match self {
            Self::Ru => include_str!("ru.toml"),
            Self::En => include_str!("en.toml"),
        }
    }
}

/// The words of every phrase in one language.
#[derive(Clone, Debug)]
pub struct Phrases {
    locale: Locale,
    words: BTreeMap<&'static str, String>,
}

/// Something wrong with an owner's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadWords {
    /// The phrase's name, as the owner wrote it.
    pub name: String,
    /// What is wrong, and what to do.
    pub what: String,
}

impl fmt::Display for BadWords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.what)
    }
}

impl Phrases {
    /// The built-in words.
    ///
    /// # Panics
    /// Never: a test reads both files.
    pub fn built_in(locale: Locale) -> Self {
        let mut file: BTreeMap<String, String> =
            toml::from_str(locale.source()).expect("a file of words that a test has read");
        let words = Phrase::ALL
            .iter()
            .map(|phrase| {
                let words = file
                    .remove(phrase.name())
                    .expect("words that a test has found");
                (phrase.name(), words)
            })
            .collect();
        Self { locale, words }
    }

    /// The same with an owner's words in place of some.
    pub fn with(mut self, own: &BTreeMap<String, String>) -> Result<Self, Vec<BadWords>> {
        let mut bad = Vec::new();
        for (name, words) in own {
            let Some(phrase) = Phrase::ALL.iter().find(|phrase| phrase.name() == name) else {
                let what = "there is no such phrase; `zabota scenario --phrases` lists them";
                bad.push(BadWords {
                    name: name.clone(),
                    what: what.to_owned(),
                });
                continue;
            };
            match unknown_arg(*phrase, words) {
                Some(arg) => bad.push(BadWords {
                    name: name.clone(),
                    what: format!(
                        "{{{arg}}} means nothing here; known: {}",
                        known_args(*phrase)
                    ),
                }),
                None if words.trim().is_empty() => {
                    bad.push(BadWords {
                        name: name.clone(),
                        what: "is empty".to_owned(),
                    });
                }
                None => {
                    self.words.insert(phrase.name(), words.clone());
                }
            }
        }
        if bad.is_empty() { Ok(self) } else { Err(bad) }
    }

    /// The language.
    pub fn locale(&self) -> Locale {
        self.locale
    }

    /// A line that says what came, for something that cannot be shown: its kind and what it is about,
    /// or the file's name and size.
    pub fn instead_of(&self, content: &Content) -> String {
        let mut about = vec![self.of(kind(content.kind())).to_owned()];
        match &content.body {
            Body::Other { about: words, .. } if !words.is_empty() => about.push(words.clone()),
            Body::Media(media) => {
                about.extend(media.name.clone());
                about.extend(media.size.map(|bytes| self.megabytes(bytes)));
            }
            Body::Other { .. } | Body::Text | Body::Location(_) | Body::Contact(_) => {}
        }
        let kind = match about.as_slice() {
            [kind, rest @ ..] if !rest.is_empty() => format!("{kind}: {}", rest.join(", ")),
            _ => about.concat(),
        };
        self.words(Phrase::Unshowable, &[("kind", &kind)])
    }

    /// A size as people read it, with one digit behind the point.
    fn megabytes(&self, bytes: u64) -> String {
        let tenths = bytes.div_ceil(100_000);
        let point = match self.locale {
            Locale::Ru => ',',
            Locale::En => '.',
        };
        let count = format!("{}{point}{}", tenths / 10, tenths % 10);
        self.words(Phrase::Megabytes, &[("count", &count)])
    }

    /// What a phrase without braces reads.
    pub(crate) fn of(&self, phrase: Phrase) -> &str {
        &self.words[phrase.name()]
    }

    /// What a phrase reads, with values in place of its braces.
    pub fn words(&self, phrase: Phrase, args: &[(&str, &str)]) -> String {
        fill(&self.words[phrase.name()], args)
    }
}

/// What a kind of message is called.
fn kind(name: &str) -> Phrase {
    match name {
        "photo" => Phrase::KindPhoto,
        "video" | "video_playlist" => Phrase::KindVideo,
        "document" => Phrase::KindDocument,
        "voice" => Phrase::KindVoice,
        "audio" => Phrase::KindAudio,
        "sticker" => Phrase::KindSticker,
        "video_note" => Phrase::KindVideoNote,
        "animation" => Phrase::KindAnimation,
        "location" => Phrase::KindLocation,
        "contact" => Phrase::KindContact,
        "poll" => Phrase::KindPoll,
        "dice" => Phrase::KindDice,
        "story" => Phrase::KindStory,
        "game" => Phrase::KindGame,
        "giveaway" | "giveaway_winners" => Phrase::KindGiveaway,
        "invoice" => Phrase::KindInvoice,
        "paid_media" => Phrase::KindPaidMedia,
        "checklist" => Phrase::KindChecklist,
        "link" => Phrase::KindLink,
        "wall" | "wall_reply" => Phrase::KindWall,
        "post" => Phrase::KindPost,
        "reel" => Phrase::KindReel,
        "market" => Phrase::KindMarket,
        "gift" => Phrase::KindGift,
        "article" => Phrase::KindArticle,
        "podcast" => Phrase::KindPodcast,
        "call" => Phrase::KindCall,
        "template" => Phrase::KindTemplate,
        _ => Phrase::KindUnknown,
    }
}

/// Puts values in place of `{names}`; in one pass, so that a value is never read as a template.
pub fn fill(template: &str, args: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let value = after
            .split_once('}')
            .and_then(|(name, tail)| Some((args.iter().find(|(key, _)| *key == name)?.1, tail)));
        if let Some((value, tail)) = value {
            filled.push_str(value);
            rest = tail;
        } else {
            filled.push('{');
            rest = after;
        }
    }
    filled.push_str(rest);
    filled
}

fn unknown_arg(phrase: Phrase, words: &str) -> Option<&str> {
    words
        .split('{')
        .skip(1)
        .filter_map(|rest| Some(rest.split_once('}')?.0))
        .find(|arg| !phrase.args().contains(arg))
}

fn known_args(phrase: Phrase) -> String {
    match phrase.args() {
        [] => "none".to_owned(),
        args => args
            .iter()
            .map(|arg| format!("{{{arg}}}"))
            .collect::<Vec<_>>()
            .join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::{Media, MediaKind};

    #[test]
    fn both_languages_have_words_for_every_phrase_and_no_others() {
        for locale in [Locale::Ru, Locale::En] {
            let file: BTreeMap<String, String> = toml::from_str(locale.source()).unwrap();
            for phrase in Phrase::ALL {
                let words = file
                    .get(phrase.name())
                    .unwrap_or_else(|| panic!("{}.toml lacks {}", locale.code(), phrase.name()));
                assert_eq!(unknown_arg(*phrase, words), None, "{}", phrase.name());
            }
            assert_eq!(file.len(), Phrase::ALL.len(), "{}.toml", locale.code());
        }
    }

    #[test]
    fn toasts_fit_into_a_toast() {
        use Phrase::{
            AlreadyClosed, BeingTaken, NoSuchTicket, NotYours, OwnTicket, PressStartFirst,
            StaleKey, Taken, TakenBy, TakenByYou, TaskDone,
        };
        let long = "Ж".repeat(40);
        for locale in [Locale::Ru, Locale::En] {
            let phrases = Phrases::built_in(locale);
            for phrase in [
                AlreadyClosed,
                BeingTaken,
                NoSuchTicket,
                NotYours,
                OwnTicket,
                PressStartFirst,
                StaleKey,
                Taken,
                TakenBy,
                TakenByYou,
                TaskDone,
            ] {
                let words = phrases.words(phrase, &[("ticket", "1234567"), ("operator", &long)]);
                assert!(words.chars().count() <= 200, "{words}");
            }
        }
    }

    #[test]
    fn what_cannot_be_shown_is_named() {
        let told = |locale, body| {
            let content = Content {
                body,
                ..Content::default()
            };
            Phrases::built_in(locale).instead_of(&content)
        };
        let file = || {
            Body::Media(Media {
                name: Some("отчёт.psd".to_owned()),
                size: Some(62_345_678),
                ..Media::new(MediaKind::Document, "id")
            })
        };
        let poll = || Body::Other {
            kind: "poll".to_owned(),
            about: "Кто за?".to_owned(),
        };
        assert!(told(Locale::Ru, file()).contains("файл: отчёт.psd, 62,4 МБ"));
        assert!(told(Locale::En, file()).contains("file: отчёт.psd, 62.4 MB"));
        assert!(told(Locale::Ru, poll()).contains("опрос: Кто за?"));
    }

    #[test]
    fn a_value_is_never_read_as_a_template() {
        assert_eq!(fill("{a} {b}", &[("a", "{b}"), ("b", "1")]), "{b} 1");
        assert_eq!(fill("{", &[]), "{");
    }

    #[test]
    fn an_owner_may_put_other_words_in_place_but_no_nonsense() {
        let own = |name: &str, words: &str| BTreeMap::from([(name.to_owned(), words.to_owned())]);
        let phrases = Phrases::built_in(Locale::Ru);
        let other = phrases.clone().with(&own("home", "Назад")).unwrap();
        assert_eq!(other.words(Phrase::Home, &[]), "Назад");
        assert!(phrases.clone().with(&own("hom", "Назад")).is_err());
        assert!(phrases.clone().with(&own("home", "{ticket}")).is_err());
        assert!(phrases.with(&own("home", " ")).is_err());
    }
}
