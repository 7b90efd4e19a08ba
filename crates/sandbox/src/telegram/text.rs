//! Text with entities: trimming, checking, and the entities that clients find by themselves.
//!
//! Offsets and lengths count UTF-16 code units everywhere.

use serde_json::{Value, json};

use super::error::{ApiError, bad};

/// Text and its entities.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Rich {
    pub(crate) text: String,
    /// `MessageEntity` objects by offset.
    pub(crate) entities: Vec<Value>,
}

/// Length in UTF-16 code units.
pub(crate) fn utf16(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

fn number(entity: &Value, key: &str) -> usize {
    entity[key]
        .as_i64()
        .and_then(|n| usize::try_from(n).ok())
        .unwrap_or(0)
}

fn span(entity: &Value) -> (usize, usize) {
    let from = number(entity, "offset");
    (from, from + number(entity, "length"))
}

fn set_span(entity: &mut Value, from: usize, to: usize) {
    entity["offset"] = from.into();
    entity["length"] = (to - from).into();
}

impl Rich {
    /// Checks given entities against the text, trims white space and adds what clients find by themselves.
    /// What the real server mends silently is added to `remarks`.
    pub(crate) fn new(
        text: &str,
        entities: Vec<Value>,
        remarks: &mut Vec<String>,
    ) -> Result<Self, ApiError> {
        let mut rich = Self {
            text: text.to_owned(),
            entities,
        };
        rich.check(remarks)?;
        rich.trim();
        rich.detect();
        rich.entities.sort_by_key(|entity| {
            let (from, to) = span(entity);
            (from, usize::MAX - to)
        });
        Ok(rich)
    }

    /// Length in UTF-16 code units.
    pub(crate) fn len(&self) -> usize {
        utf16(&self.text)
    }

    fn check(&mut self, remarks: &mut Vec<String>) -> Result<(), ApiError> {
        if self.entities.is_empty() {
            return Ok(());
        }
        let mut is_start = Vec::with_capacity(self.text.len() + 1);
        for c in self.text.chars() {
            is_start.push(true);
            if c.len_utf16() == 2 {
                is_start.push(false);
            }
        }
        let end = is_start.len();
        is_start.push(true);
        let mut kept = Vec::new();
        for mut entity in std::mem::take(&mut self.entities) {
            let negative = |key: &str| entity[key].as_i64().is_some_and(|n| n < 0);
            if negative("offset") || negative("length") {
                remarks.push(format!("entity has a negative offset or length: {entity}"));
                continue;
            }
            let (from, to) = span(&entity);
            if to > end || to == from {
                remarks.push(format!(
                    "entity is empty or outside the text of {end} units: {entity}"
                ));
                if from >= end || to == from {
                    continue;
                }
                set_span(&mut entity, from, end);
            }
            if !is_start[from] {
                let what = "entity begins in a middle of a UTF-16 symbol at byte offset";
                return Err(bad(&format!("{what} {from}")));
            }
            if !is_start[to.min(end)] {
                let what = "entity ends in a middle of a UTF-16 symbol at byte offset";
                return Err(bad(&format!("{what} {to}")));
            }
            kept.push(entity);
        }
        self.entities = kept;
        Ok(())
    }

    fn trim(&mut self) {
        let trimmed = self.text.trim();
        if trimmed.len() == self.text.len() {
            return;
        }
        let start = self.text.len() - self.text.trim_start().len();
        let cut = utf16(&self.text[..start]);
        let end = utf16(trimmed);
        self.text = trimmed.to_owned();
        for entity in &mut self.entities {
            let (from, to) = span(entity);
            let from = from.saturating_sub(cut).min(end);
            set_span(entity, from, to.saturating_sub(cut).clamp(from, end));
        }
        self.entities.retain(|entity| number(entity, "length") > 0);
    }

    /// Adds commands, mentions, hashtags, links, e-mail addresses and phone numbers outside given entities.
    fn detect(&mut self) {
        let taken: Vec<(usize, usize)> = self.entities.iter().map(span).collect();
        let mut at = 0;
        let mut units = 0;
        for (from, to) in words(&self.text) {
            let Some((kind, start, end)) = recognise(&self.text[from..to]) else {
                continue;
            };
            units += utf16(&self.text[at..from + start]);
            at = from + start;
            let length = utf16(&self.text[at..from + end]);
            if taken
                .iter()
                .all(|(a, b)| units + length <= *a || *b <= units)
            {
                self.entities
                    .push(json!({ "type": kind, "offset": units, "length": length }));
            }
        }
    }
}

/// Byte ranges between white space.
fn words(text: &str) -> Vec<(usize, usize)> {
    let mut words = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices() {
        match (c.is_whitespace(), start) {
            (true, Some(from)) => {
                words.push((from, at));
                start = None;
            }
            (false, None) => start = Some(at),
            (true, None) | (false, Some(_)) => {}
        }
    }
    words.extend(start.map(|from| (from, text.len())));
    words
}

/// What a word is, and which bytes of it.
fn recognise(word: &str) -> Option<(&'static str, usize, usize)> {
    let inner = word.trim_start_matches(['(', '[', '«', '"', '\'', '<']);
    let start = word.len() - inner.len();
    let inner = inner.trim_end_matches([
        '.', ',', '!', '?', ':', ';', ')', ']', '»', '"', '\'', '>', '…',
    ]);
    let found = |kind, length: usize| Some((kind, start, start + length));
    let name_length = |text: &str| {
        text.chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .map(char::len_utf8)
            .sum::<usize>()
    };
    if let Some(rest) = inner.strip_prefix('/') {
        let plain = rest
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
            .count();
        let follows = &rest[plain..];
        let addressed = follows
            .strip_prefix('@')
            .map_or(0, |name| match name_length(name) {
                0 => 0,
                length => length + 1,
            });
        let ends = rest[plain + addressed..]
            .chars()
            .next()
            .is_none_or(|c| c != '/' && !c.is_alphanumeric());
        return if (1..=64).contains(&plain) && ends {
            found("bot_command", 1 + plain + addressed)
        } else {
            None
        };
    }
    if let Some(rest) = inner.strip_prefix('@') {
        let length = name_length(rest);
        return if rest.is_char_boundary(length)
            && (3..=32).contains(&length)
            && rest[..length].is_ascii()
        {
            found("mention", 1 + length)
        } else {
            None
        };
    }
    if let Some(rest) = inner.strip_prefix('#') {
        let length = name_length(rest);
        return if length > 0 && rest[..length].chars().any(|c| !c.is_ascii_digit()) {
            found("hashtag", 1 + length)
        } else {
            None
        };
    }
    if inner.contains("://") || looks_like_host(inner) {
        return if inner.contains("://") && !has_scheme(inner) {
            None
        } else {
            found("url", inner.len())
        };
    }
    if let Some((name, host)) = inner.split_once('@') {
        return if !name.is_empty() && looks_like_host(host) && !host.contains('/') {
            found("email", inner.len())
        } else {
            None
        };
    }
    let digits = inner.strip_prefix('+')?;
    let plain = digits
        .chars()
        .all(|c| c.is_ascii_digit() || matches!(c, '-' | '(' | ')'));
    let count = digits.chars().filter(char::is_ascii_digit).count();
    if plain && (10..=15).contains(&count) {
        found("phone_number", inner.len())
    } else {
        None
    }
}

fn has_scheme(text: &str) -> bool {
    let schemes = ["http://", "https://", "ftp://", "tg://", "ton://"];
    let lower = text.to_ascii_lowercase();
    schemes
        .iter()
        .any(|scheme| lower.len() > scheme.len() && lower.starts_with(scheme))
}

/// `example.org/…`: only well-known endings, or every missing space after a full stop would be a link.
fn looks_like_host(text: &str) -> bool {
    const ENDINGS: [&str; 14] = [
        "com", "org", "net", "ru", "рф", "io", "me", "dev", "info", "su", "by", "kz", "ua", "app",
    ];
    let host = text.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
    let labels: Vec<&str> = host.split('.').collect();
    let valid =
        |label: &&str| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-');
    labels.len() >= 2
        && labels.iter().all(valid)
        && labels
            .last()
            .is_some_and(|end| ENDINGS.contains(&end.to_lowercase().as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        let rich = Rich::new(text, Vec::new(), &mut Vec::new()).expect("plain text");
        let show = |e: &Value| {
            format!(
                "{} {}+{}",
                e["type"].as_str().unwrap_or(""),
                e["offset"],
                e["length"]
            )
        };
        rich.entities.iter().map(show).collect()
    }

    #[test]
    fn clients_find_commands_links_and_names() {
        assert_eq!(found("/start"), ["bot_command 0+6"]);
        assert_eq!(found("😀 /пока /bye@care_bot"), ["bot_command 9+13"]);
        assert_eq!(
            found("пишите на a@b.ru, https://x.org/?a=1."),
            ["email 10+6", "url 18+18"]
        );
        assert_eq!(
            found("#сбой @ivan 1/2 +79991234567"),
            ["hashtag 0+5", "mention 6+5", "phone_number 16+12"]
        );
    }

    #[test]
    fn entities_move_with_trimmed_text() {
        let bold = json!({ "type": "bold", "offset": 2, "length": 4 });
        let rich = Rich::new("  да  ", vec![bold], &mut Vec::new()).expect("valid");
        assert_eq!(rich.text, "да");
        assert_eq!(
            rich.entities,
            [json!({ "type": "bold", "offset": 0, "length": 2 })]
        );
    }

    #[test]
    fn an_entity_may_not_cut_a_symbol() {
        let half = json!({ "type": "bold", "offset": 1, "length": 1 });
        assert!(Rich::new("😀", vec![half], &mut Vec::new()).is_err());
    }
}
