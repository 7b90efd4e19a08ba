//! `parse_mode` MarkdownV2, and its predecessor Markdown.

use serde_json::{Value, json};

use super::error::ApiError;
use super::markup::{Parsed, cannot, entity, link};
use super::text::utf16;

/// Both Markdown dialects; `second` is MarkdownV2.
pub(super) struct Markdown<'a> {
    input: &'a str,
    at: usize,
    second: bool,
    out: String,
    units: usize,
    /// Marker, where in the text, where in the input.
    open: Vec<(&'static str, usize, usize)>,
    entities: Vec<Value>,
    /// Where a block quotation began.
    quote: Option<usize>,
}

const RESERVED: &str = "_*[]()~`>#+-=|{}.!";

impl<'a> Markdown<'a> {
    pub(super) fn new(input: &'a str, second: bool) -> Self {
        Self {
            input,
            at: 0,
            second,
            out: String::new(),
            units: 0,
            open: Vec::new(),
            entities: Vec::new(),
            quote: None,
        }
    }

    pub(super) fn run(mut self) -> Parsed {
        while self.at < self.input.len() {
            self.line_start();
            if self.at < self.input.len() {
                self.step()?;
            }
        }
        self.end_quote(false);
        if let Some((marker, _, begin)) = self.open.last() {
            return cannot(&format!(
                "Can't find end of {} entity at byte offset {begin}",
                title(marker)
            ));
        }
        Ok((self.out, self.entities))
    }

    fn put(&mut self, text: &str) {
        self.out.push_str(text);
        self.units += utf16(text);
    }

    /// Block quotations begin and end with lines.
    fn line_start(&mut self) {
        if !self.second || !(self.out.is_empty() || self.out.ends_with('\n')) {
            return;
        }
        let rest = &self.input[self.at..];
        let marker = if rest.starts_with("**>") { "**>" } else { ">" };
        if rest.starts_with(marker) {
            if marker == "**>" {
                self.end_quote(false);
            }
            self.quote.get_or_insert(self.units);
            self.at += marker.len();
        } else if self.quote.is_some() {
            self.end_quote(false);
        }
    }

    fn end_quote(&mut self, expandable: bool) {
        let Some(from) = self.quote.take() else {
            return;
        };
        let to = self.units - usize::from(self.out.ends_with('\n'));
        if to > from {
            let kind = if expandable {
                "expandable_blockquote"
            } else {
                "blockquote"
            };
            self.entities
                .push(entity(json!({ "type": kind }), from, to));
        }
    }

    fn step(&mut self) -> Result<(), ApiError> {
        let rest = &self.input[self.at..];
        let Some(c) = rest.chars().next() else {
            return Ok(());
        };
        if c == '\\' {
            let escaped = rest[1..].chars().next();
            if let Some(next) = escaped.filter(|next| {
                if self.second {
                    next.is_ascii() && !next.is_ascii_control()
                } else {
                    "_*`[".contains(*next)
                }
            }) {
                self.put(&next.to_string());
                self.at += 2;
                return Ok(());
            }
        }
        if rest.starts_with("```") {
            return self.pre();
        }
        if c == '`' {
            return self.code();
        }
        if self.second && rest.starts_with("||") && self.quote.is_some() && self.closes_quote(rest)
        {
            self.at += 2;
            self.end_quote(true);
            return Ok(());
        }
        let markers: &[&'static str] = if self.second {
            &["||", "__", "*", "_", "~"]
        } else {
            &["*", "_"]
        };
        if let Some(marker) = markers.iter().find(|marker| rest.starts_with(**marker)) {
            self.toggle(marker);
            return Ok(());
        }
        if c == '[' || (self.second && rest.starts_with("![")) {
            self.at += if c == '!' { 2 } else { 1 };
            self.open.push(("[", self.units, self.at - 1));
            return Ok(());
        }
        if c == ']' && self.open.last().is_some_and(|(marker, ..)| *marker == "[") {
            return self.link();
        }
        if self.second && RESERVED.contains(c) {
            return cannot(&format!(
                "Character '{c}' is reserved and must be escaped with the preceding '\\'"
            ));
        }
        self.put(c.encode_utf8(&mut [0; 4]));
        self.at += c.len_utf8();
        Ok(())
    }

    fn closes_quote(&self, rest: &str) -> bool {
        !self.open.iter().any(|(marker, ..)| *marker == "||")
            && (rest.len() == 2 || rest[2..].starts_with('\n'))
    }

    fn toggle(&mut self, marker: &'static str) {
        let begin = self.at;
        self.at += marker.len();
        match self.open.last() {
            Some((open, from, _)) if *open == marker => {
                let from = *from;
                self.open.pop();
                if self.units > from {
                    self.entities
                        .push(entity(json!({ "type": kind(marker) }), from, self.units));
                }
            }
            _ => self.open.push((marker, self.units, begin)),
        }
    }

    fn code(&mut self) -> Result<(), ApiError> {
        let begin = self.at;
        let Some(length) = end_of(&self.input[begin + 1..], "`") else {
            return cannot(&format!(
                "Can't find end of Code entity at byte offset {begin}"
            ));
        };
        let from = self.units;
        let inner = unescape(&self.input[begin + 1..begin + 1 + length], self.second);
        self.put(&inner);
        if self.units > from {
            self.entities
                .push(entity(json!({ "type": "code" }), from, self.units));
        }
        self.at = begin + length + 2;
        Ok(())
    }

    fn pre(&mut self) -> Result<(), ApiError> {
        let begin = self.at;
        let Some(length) = end_of(&self.input[begin + 3..], "```") else {
            return cannot(&format!(
                "Can't find end of Pre entity at byte offset {begin}"
            ));
        };
        let inside = &self.input[begin + 3..begin + 3 + length];
        let (language, body) = match inside.split_once('\n') {
            Some((first, body)) if !first.contains(char::is_whitespace) => (first, body),
            _ => ("", inside),
        };
        let from = self.units;
        let inner = unescape(body, self.second);
        self.put(inner.strip_suffix('\n').unwrap_or(&inner));
        if self.units > from {
            let mut made = json!({ "type": "pre" });
            if !language.is_empty() {
                made["language"] = language.into();
            }
            self.entities.push(entity(made, from, self.units));
        }
        self.at = begin + length + 6;
        Ok(())
    }

    /// At the `]` of `[text](url)`.
    fn link(&mut self) -> Result<(), ApiError> {
        let Some((_, from, begin)) = self.open.pop() else {
            return Ok(());
        };
        let rest = &self.input[self.at + 1..];
        let Some(length) = rest.strip_prefix('(').and_then(|rest| end_of(rest, ")")) else {
            if self.second {
                return cannot(&format!("Can't find end of a URL at byte offset {begin}"));
            }
            self.at += 1;
            return Ok(());
        };
        let url = unescape(&rest[1..=length], self.second);
        if self.units > from {
            let made = match url.strip_prefix("tg://emoji?id=") {
                Some(id) => json!({ "type": "custom_emoji", "custom_emoji_id": id }),
                None => link(&url),
            };
            self.entities.push(entity(made, from, self.units));
        }
        self.at += length + 3;
        Ok(())
    }
}

/// Byte offset of an unescaped end mark.
fn end_of(text: &str, mark: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        if !escaped && text[at..].starts_with(mark) {
            return Some(at);
        }
        escaped = c == '\\' && !escaped;
    }
    None
}

fn unescape(text: &str, second: bool) -> String {
    if !second {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match chars.peek() {
            Some(next) if c == '\\' && next.is_ascii_punctuation() => {
                out.extend(chars.next());
            }
            _ => out.push(c),
        }
    }
    out
}

fn kind(marker: &str) -> &'static str {
    match marker {
        "*" => "bold",
        "_" => "italic",
        "__" => "underline",
        "~" => "strikethrough",
        _ => "spoiler",
    }
}

fn title(marker: &str) -> &'static str {
    match marker {
        "*" => "Bold",
        "_" => "Italic",
        "__" => "Underline",
        "~" => "Strikethrough",
        "[" => "TextUrl",
        _ => "Spoiler",
    }
}
