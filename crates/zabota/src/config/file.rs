//! `zabota.toml`: what needs structure. The owner's own words (`[texts.ru]`, `[texts.en]`: `texts`), and
//! further channels (`[[channel]]`: `channels`).

mod channels;
mod texts;

use std::borrow::Cow;

use engine::phrases::{Locale, Phrases};
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

pub(super) use self::channels::in_channels;
use super::{Connection, Mistake, Settings, Source, mistake::nearest};

/// What the owner has set when the file has been read.
pub(super) struct Read {
    /// The desk's words.
    pub(super) phrases: Phrases,
    /// Every channel.
    pub(super) channels: Vec<Connection>,
}

type Name<'i> = Spanned<Cow<'i, str>>;

/// Reads the file, if there is one: words in a language, and channels besides those that are there.
pub(super) fn read(
    settings: &Settings,
    locale: Locale,
    channels: Vec<Connection>,
    public_url: Option<&str>,
) -> Result<Read, Vec<Mistake>> {
    let mut read = Read {
        phrases: Phrases::built_in(locale),
        channels,
    };
    let Some(file) = settings.toml().map_err(|mistake| vec![mistake.clone()])? else {
        return Ok(read);
    };
    let mut walk = Walk {
        file,
        wrong: Vec::new(),
    };
    walk.all(&mut read, settings, public_url);
    if walk.wrong.is_empty() {
        Ok(read)
    } else {
        Err(walk.mistakes())
    }
}

/// Goes through the file and remembers everything that is wrong.
struct Walk<'a> {
    file: &'a Source,
    /// With where each is, in bytes.
    wrong: Vec<(usize, String)>,
}

impl Walk<'_> {
    fn all(&mut self, read: &mut Read, settings: &Settings, public_url: Option<&str>) {
        let table = match DeTable::parse(&self.file.text) {
            Ok(table) => table.into_inner(),
            Err(error) => {
                return self.wrong(error.span().map_or(0, |span| span.start), error.message());
            }
        };
        for (key, value) in &table {
            match key.get_ref().as_ref() {
                "texts" => self.texts(key, value, &mut read.phrases),
                "channel" => {
                    self.channels(key, value, settings, public_url, &mut read.channels);
                }
                _ => self.unknown(key, "", &["texts", "channel"]),
            }
        }
    }

    fn table<'t, 'i>(
        &mut self,
        key: &Name<'_>,
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

    fn unknown(&mut self, key: &Name<'_>, under: &str, known: &[&str]) {
        let name = key.get_ref();
        let of = |known: &&str| format!("{under}{known}");
        let hint = if let Some(meant) = nearest(name, known.iter().copied()) {
            format!("did you mean {}?", of(&meant))
        } else {
            let known: Vec<String> = known.iter().map(of).collect();
            format!("known: {}", known.join(", "))
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
