//! `zabota.toml`: what needs structure. For now the owner's own words, `[texts.ru]` and `[texts.en]`.

use std::collections::BTreeMap;

use engine::phrases::{Locale, Phrase, Phrases};
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{Mistake, Source, mistake::nearest};

/// The desk's words in a language, the owner's own in place of the built-in ones. The other language
/// is checked too.
pub(super) fn words(file: Option<&Source>, locale: Locale) -> Result<Phrases, Vec<Mistake>> {
    let Some(file) = file else {
        return Ok(Phrases::built_in(locale));
    };
    let mut walk = Walk {
        file,
        wrong: Vec::new(),
    };
    let own = walk.texts();
    let mut phrases = Phrases::built_in(locale);
    for (language, own) in own {
        match walk.placed(Phrases::built_in(language), &own) {
            Some(placed) if language == locale => phrases = placed,
            Some(_) | None => {}
        }
    }
    if walk.wrong.is_empty() {
        Ok(phrases)
    } else {
        Err(walk.mistakes())
    }
}

/// An owner's words and where each stands in the file.
type Own = BTreeMap<String, (usize, String)>;

struct Walk<'a> {
    file: &'a Source,
    /// With where each is, in bytes.
    wrong: Vec<(usize, String)>,
}

impl Walk<'_> {
    fn texts(&mut self) -> Vec<(Locale, Own)> {
        let text = &self.file.text;
        let table = match DeTable::parse(text) {
            Ok(table) => table.into_inner(),
            Err(error) => {
                self.wrong(error.span().map_or(0, |span| span.start), error.message());
                return Vec::new();
            }
        };
        let mut own = Vec::new();
        for (key, value) in &table {
            if key.get_ref() != "texts" {
                self.unknown(key, "", ["texts"]);
            } else if let Some(languages) = self.table(key, value) {
                for (key, value) in languages {
                    match Locale::read(key.get_ref()) {
                        None => self.unknown(key, "texts.", ["ru", "en"]),
                        Some(locale) => own.extend(
                            self.table(key, value)
                                .map(|words| (locale, self.own(words))),
                        ),
                    }
                }
            }
        }
        own
    }

    fn own(&mut self, words: &DeTable<'_>) -> Own {
        let mut own = Own::new();
        for (key, value) in words {
            match value.get_ref() {
                DeValue::String(text) => {
                    own.insert(
                        key.get_ref().to_string(),
                        (key.span().start, text.to_string()),
                    );
                }
                _ => self.wrong(
                    key.span().start,
                    &format!("{} is not a text in quotes", key.get_ref()),
                ),
            }
        }
        own
    }

    fn placed(&mut self, phrases: Phrases, own: &Own) -> Option<Phrases> {
        let words = own
            .iter()
            .map(|(name, (_, text))| (name.clone(), text.clone()))
            .collect();
        match phrases.with(&words) {
            Ok(phrases) => Some(phrases),
            Err(bad) => {
                for bad in bad {
                    let meant = nearest(&bad.name, Phrase::ALL.iter().map(|phrase| phrase.name()));
                    let meant = meant
                        .filter(|meant| *meant != bad.name)
                        .map(|meant| format!("; did you mean {meant}?"));
                    let at = own.get(&bad.name).map_or(0, |(at, _)| *at);
                    self.wrong(at, &format!("{bad}{}", meant.unwrap_or_default()));
                }
                None
            }
        }
    }

    fn table<'t, 'i>(
        &mut self,
        key: &Spanned<std::borrow::Cow<'_, str>>,
        value: &'t Spanned<DeValue<'i>>,
    ) -> Option<&'t DeTable<'i>> {
        if let DeValue::Table(table) = value.get_ref() {
            return Some(table);
        }
        self.wrong(
            key.span().start,
            &format!("{} is not a table, such as [texts.ru]", key.get_ref()),
        );
        None
    }

    fn unknown<const N: usize>(
        &mut self,
        key: &Spanned<std::borrow::Cow<'_, str>>,
        under: &str,
        known: [&str; N],
    ) {
        let name = key.get_ref();
        let hint = match nearest(name, known) {
            Some(meant) => format!("did you mean {under}{meant}?"),
            None => format!(
                "known: {}",
                known.map(|known| format!("{under}{known}")).join(", ")
            ),
        };
        self.wrong(
            key.span().start,
            &format!("{under}{name} means nothing here; {hint}"),
        );
    }

    fn wrong(&mut self, at: usize, what: &str) {
        self.wrong.push((at, what.to_owned()));
    }

    /// In the order of the file.
    fn mistakes(mut self) -> Vec<Mistake> {
        self.wrong.sort();
        let line = |at: usize| {
            let before = self.file.text.bytes().take(at);
            before.filter(|byte| *byte == b'\n').count() + 1
        };
        let placed = |(at, what): &(usize, String)| {
            Mistake::in_file(&self.file.name, Some(line(*at)), what.as_str())
        };
        self.wrong.iter().map(placed).collect()
    }
}
