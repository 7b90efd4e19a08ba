//! The owner's own words in place of the built-in ones.

use std::collections::BTreeMap;

use engine::phrases::{Locale, Phrase, Phrases};
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{Name, Walk, nearest};

/// An owner's words and where each stands in the file.
type Own = BTreeMap<String, (usize, String)>;

impl Walk<'_> {
    /// Puts the owner's words in place; those of the other language are checked too.
    pub(super) fn texts(
        &mut self,
        key: &Name<'_>,
        value: &Spanned<DeValue<'_>>,
        phrases: &mut Phrases,
    ) {
        let Some(languages) = self.table(key, value) else {
            return;
        };
        for (key, value) in languages {
            let Some(locale) = Locale::read(key.get_ref()) else {
                self.unknown(key, "texts.", &["ru", "en"]);
                continue;
            };
            let Some(words) = self.table(key, value) else {
                continue;
            };
            let own = self.own(words);
            if let Some(placed) = self.placed(Phrases::built_in(locale), &own)
                && locale == phrases.locale()
            {
                *phrases = placed;
            }
        }
    }

    fn own(&mut self, words: &DeTable<'_>) -> Own {
        let mut own = Own::new();
        for (key, value) in words {
            let at = key.span().start;
            match value.get_ref() {
                DeValue::String(text) => {
                    own.insert(key.get_ref().to_string(), (at, text.to_string()));
                }
                _ => self.wrong(at, &format!("{} is not a text in quotes", key.get_ref())),
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
}
