//! `parse_mode`: HTML and Markdown, with the errors of the real parser.

use serde_json::{Value, json};

use super::error::{ApiError, bad};
use super::text::utf16;

type Parsed = Result<(String, Vec<Value>), ApiError>;

/// Takes formatted text apart into text and entities.
pub(crate) fn parse(mode: &str, text: &str) -> Parsed {
    match mode.to_ascii_lowercase().as_str() {
        "html" => Html::new(text).run(),
        "markdownv2" => Markdown::new(text, true).run(),
        "markdown" => Markdown::new(text, false).run(),
        _ => Err(bad("unsupported parse_mode")),
    }
}

fn cannot<T>(what: &str) -> Result<T, ApiError> {
    Err(bad(&format!("can't parse entities: {what}")))
}

fn entity(mut fields: Value, from: usize, to: usize) -> Value {
    fields["offset"] = from.into();
    fields["length"] = (to - from).into();
    fields
}

struct Html<'a> {
    input: &'a str,
    at: usize,
    out: String,
    units: usize,
    /// Tag, what it makes, where it began.
    open: Vec<(String, Value, usize)>,
    entities: Vec<Value>,
}

impl<'a> Html<'a> {
    fn new(input: &'a str) -> Self {
        Self {
            input,
            at: 0,
            out: String::new(),
            units: 0,
            open: Vec::new(),
            entities: Vec::new(),
        }
    }

    fn run(mut self) -> Parsed {
        while let Some(c) = self.input[self.at..].chars().next() {
            match c {
                '<' => self.tag()?,
                '&' => self.reference(),
                c => {
                    self.put(c);
                    self.at += c.len_utf8();
                }
            }
        }
        if let Some((tag, ..)) = self.open.last() {
            return cannot(&format!(
                "Can't find end tag corresponding to start tag \"{tag}\""
            ));
        }
        Ok((self.out, self.entities))
    }

    fn put(&mut self, c: char) {
        self.out.push(c);
        self.units += c.len_utf16();
    }

    fn reference(&mut self) {
        let rest = &self.input[self.at + 1..];
        let known = rest
            .split_once(';')
            .filter(|(name, _)| name.len() <= 10)
            .and_then(|(name, _)| {
                let c = match name {
                    "lt" => '<',
                    "gt" => '>',
                    "amp" => '&',
                    "quot" => '"',
                    _ => {
                        let digits = name.strip_prefix('#')?;
                        let code = match digits.strip_prefix(['x', 'X']) {
                            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                            None => digits.parse().ok()?,
                        };
                        char::from_u32(code).filter(|c| *c != '\0')?
                    }
                };
                Some((c, name.len() + 2))
            });
        let (c, length) = known.unwrap_or(('&', 1));
        self.put(c);
        self.at += length;
    }

    fn tag(&mut self) -> Result<(), ApiError> {
        let begin = self.at;
        let rest = &self.input[begin + 1..];
        let Some(length) = rest.find('>') else {
            return cannot(&format!("Unclosed start tag at byte offset {begin}"));
        };
        let inside = &rest[..length];
        self.at = begin + length + 2;
        if let Some(name) = inside.strip_prefix('/') {
            return self.close(&name.trim().to_ascii_lowercase(), begin);
        }
        let name_end = inside.find(char::is_whitespace).unwrap_or(inside.len());
        let name = inside[..name_end].to_ascii_lowercase();
        let attribute = |key: &str| attribute(&inside[name_end..], key);
        let made = match name.as_str() {
            "b" | "strong" => json!({ "type": "bold" }),
            "i" | "em" => json!({ "type": "italic" }),
            "u" | "ins" => json!({ "type": "underline" }),
            "s" | "strike" | "del" => json!({ "type": "strikethrough" }),
            "tg-spoiler" => json!({ "type": "spoiler" }),
            "span" => match attribute("class").as_deref() {
                Some("tg-spoiler") => json!({ "type": "spoiler" }),
                _ => {
                    return cannot(&format!(
                        "Tag \"span\" must have class \"tg-spoiler\" at byte offset {begin}"
                    ));
                }
            },
            "a" => match attribute("href") {
                Some(url) => link(&url),
                None => json!({ "type": "none" }),
            },
            "tg-emoji" => {
                json!({ "type": "custom_emoji", "custom_emoji_id": attribute("emoji-id").unwrap_or_default() })
            }
            "pre" => json!({ "type": "pre" }),
            "code" => match attribute("class")
                .as_deref()
                .and_then(|class| class.strip_prefix("language-"))
            {
                Some(language) if self.open.last().is_some_and(|(tag, ..)| tag == "pre") => {
                    if let Some((_, pre, _)) = self.open.last_mut() {
                        pre["language"] = language.into();
                    }
                    json!({ "type": "none" })
                }
                _ => json!({ "type": "code" }),
            },
            "blockquote" if inside[name_end..].contains("expandable") => {
                json!({ "type": "expandable_blockquote" })
            }
            "blockquote" => json!({ "type": "blockquote" }),
            _ => {
                return cannot(&format!(
                    "Unsupported start tag \"{name}\" at byte offset {begin}"
                ));
            }
        };
        self.open.push((name, made, self.units));
        Ok(())
    }

    fn close(&mut self, name: &str, begin: usize) -> Result<(), ApiError> {
        let Some((open, made, from)) = self.open.pop() else {
            return cannot(&format!("Unexpected end tag at byte offset {begin}"));
        };
        if !name.is_empty() && open != name {
            return cannot(&format!(
                "Unmatched end tag at byte offset {begin}, expected \"</{open}>\", found \"</{name}>\""
            ));
        }
        if self.units > from && made["type"] != "none" {
            self.entities.push(entity(made, from, self.units));
        }
        Ok(())
    }
}

fn attribute(text: &str, key: &str) -> Option<String> {
    let (_, rest) = text.split_once(&format!("{key}="))?;
    let value = match rest.chars().next()? {
        quote @ ('"' | '\'') => rest[1..].split(quote).next()?,
        _ => rest.split_whitespace().next()?,
    };
    Some(
        value
            .replace("&quot;", "\"")
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&amp;", "&"),
    )
}

fn link(url: &str) -> Value {
    match url
        .strip_prefix("tg://user?id=")
        .and_then(|id| id.parse::<i64>().ok())
    {
        Some(id) => {
            json!({ "type": "text_mention", "user": { "id": id, "is_bot": false, "first_name": "" } })
        }
        None => json!({ "type": "text_link", "url": url }),
    }
}

/// Both Markdown dialects; `second` is MarkdownV2.
struct Markdown<'a> {
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
    fn new(input: &'a str, second: bool) -> Self {
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

    fn run(mut self) -> Parsed {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(mode: &str, text: &str) -> String {
        match parse(mode, text) {
            Ok((text, entities)) => {
                let spans = entities.iter().map(|e| {
                    format!(
                        " {} {}+{}",
                        e["type"].as_str().unwrap_or(""),
                        e["offset"],
                        e["length"]
                    )
                });
                text + &spans.collect::<String>()
            }
            Err(error) => error.description,
        }
    }

    #[test]
    fn html_becomes_entities() {
        assert_eq!(
            shown("HTML", "<b>Да</b> &lt;3 <a href=\"https://x.org\">тут</a>"),
            "Да <3 тут bold 0+2 text_link 6+3"
        );
        assert_eq!(
            shown("HTML", "<b><i>x</b></i>"),
            "Bad Request: can't parse entities: Unmatched end tag at byte offset 7, expected \"</i>\", found \"</b>\""
        );
        assert_eq!(
            shown("HTML", "<x>"),
            "Bad Request: can't parse entities: Unsupported start tag \"x\" at byte offset 0"
        );
        assert_eq!(
            shown("HTML", "<pre><code class=\"language-rust\">a</code></pre>"),
            "a pre 0+1"
        );
    }

    #[test]
    fn markdown_becomes_entities() {
        assert_eq!(
            shown("MarkdownV2", "*жирный* _и_ __под__ ||тайна|| `код`"),
            "жирный и под тайна код bold 0+6 italic 7+1 underline 9+3 spoiler 13+5 code 19+3"
        );
        assert_eq!(
            shown("MarkdownV2", "[имя](https://x.org) 1\\.5"),
            "имя 1.5 text_link 0+3"
        );
        assert_eq!(
            shown("MarkdownV2", "a.b"),
            "Bad Request: can't parse entities: Character '.' is reserved and must be escaped with the preceding '\\'"
        );
        assert_eq!(
            shown("MarkdownV2", "*a"),
            "Bad Request: can't parse entities: Can't find end of Bold entity at byte offset 0"
        );
        assert_eq!(
            shown("MarkdownV2", ">раз\n>два\nтри"),
            "раз\nдва\nтри blockquote 0+7"
        );
        assert_eq!(
            shown("Markdown", "*a* b_c\\_"),
            "Bad Request: can't parse entities: Can't find end of Italic entity at byte offset 5"
        );
    }
}
