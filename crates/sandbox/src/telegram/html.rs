//! `parse_mode` HTML.

use serde_json::{Value, json};

use super::error::ApiError;
use super::markup::{Parsed, cannot, entity, link};

/// The parser and where it stands.
pub(super) struct Html<'a> {
    input: &'a str,
    at: usize,
    out: String,
    units: usize,
    /// Tag, what it makes, where it began.
    open: Vec<(String, Value, usize)>,
    entities: Vec<Value>,
}

impl<'a> Html<'a> {
    pub(super) fn new(input: &'a str) -> Self {
        Self {
            input,
            at: 0,
            out: String::new(),
            units: 0,
            open: Vec::new(),
            entities: Vec::new(),
        }
    }

    pub(super) fn run(mut self) -> Parsed {
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
