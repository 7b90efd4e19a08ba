//! What people see, as a text: for journeys that tell of many messages, and for failures.

use std::fmt::Write as _;

use serde_json::Value;

use super::{Stage, keys, png};

/// Files by their names. Each begins as its kind does, so that whoever looks at the bytes knows it.
const FILES: [(&str, &str, &[u8]); 9] = [
    ("a.png", "image/png", b""),
    ("g.png", "image/png", b""),
    (
        "b.mp4",
        "video/mp4",
        b"\0\0\0\x20ftypisom\0\0\x02\0isomiso2avc1mp41 a film",
    ),
    ("c.pdf", "application/pdf", b"%PDF-1.7 a paper"),
    ("h.pdf", "application/pdf", b"%PDF-1.7 another paper"),
    ("d.mp3", "audio/mpeg", b"ID3\x04\0\0\0\0\0\0 a song"),
    (
        "e.ogg",
        "audio/ogg",
        b"OggS\0\x02\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\x13OpusHead a voice",
    ),
    // The smallest picture there is, of 1 by 1.
    (
        "f.webp",
        "image/webp",
        b"RIFF\x1a\0\0\0WEBPVP8L\x0d\0\0\0\x2f\0\0\0\x10\x07\x10\x11\x11\x88\x88\xfe\x07\0",
    ),
    (
        "s.tgs",
        "application/x-tgsticker",
        b"\x1f\x8b\x08\0 a sticker that moves",
    ),
];

fn bytes_of(name: &str) -> Vec<u8> {
    match name {
        "a.png" => png(1),
        "g.png" => png(2),
        _ => {
            let known = FILES.iter().find(|(known, ..)| *known == name);
            known.expect("a known file").2.to_vec()
        }
    }
}

impl Stage {
    /// A file that is known by its name, ready to be sent.
    pub(crate) async fn known_file(&self, name: &str) -> String {
        let known = FILES.iter().find(|(known, ..)| *known == name);
        let (_, mime, _) = known.expect("a known file");
        self.file(name, mime, bytes_of(name)).await
    }

    /// Which known file these bytes are.
    pub(crate) fn name_of(bytes: &[u8]) -> Option<&'static str> {
        let same = |name: &&str| bytes_of(name) == bytes;
        FILES
            .map(|(name, ..)| name)
            .iter()
            .find(|name| same(name))
            .copied()
    }

    /// Messages as people see them, a line each.
    pub(crate) async fn told(&self, messages: &[Value]) -> String {
        let mut text = String::new();
        for message in messages {
            let _ = writeln!(text, "{}", self.told_one(message).await);
        }
        text
    }

    async fn told_one(&self, message: &Value) -> String {
        let mut text = String::new();
        let several = message["attachments"]
            .as_array()
            .filter(|all| !all.is_empty());
        match several {
            Some(all) => {
                let mut parts = Vec::new();
                for one in all {
                    parts.push(self.told_file(one).await);
                }
                text.push_str(&parts.join(" + "));
            }
            None => text.push_str(&self.told_file(message).await),
        }
        for plain in ["location", "venue", "contact"] {
            if message[plain].is_object() {
                let _ = write!(text, " {}", message[plain]);
            }
        }
        if message["album"].is_string() {
            text.push_str(" (album)");
        }
        if let Some(words) = message["text"].as_str().filter(|words| !words.is_empty()) {
            let _ = write!(text, " {}", marked(words, &message["entities"]));
        }
        if let Some(quote) = message["reply_to"]["quote"].as_str() {
            let quote: String = quote
                .lines()
                .last()
                .unwrap_or_default()
                .chars()
                .take(20)
                .collect();
            let _ = write!(text, " ↩ «{quote}»");
        }
        if message["edit_date"].is_number() {
            text.push_str(" ✎");
        }
        for reaction in message["reactions"].as_array().into_iter().flatten() {
            let _ = write!(text, " {}", reaction["emoji"].as_str().unwrap_or("?"));
        }
        let keys: Vec<&str> = keys(message).map(|(label, _)| label).collect();
        if !keys.is_empty() {
            let _ = write!(text, " [{}]", keys.join(" | "));
        }
        text
    }

    async fn told_file(&self, one: &Value) -> String {
        let kind = one["kind"].as_str().unwrap_or("?");
        let Some(id) = one["file"]["file_id"].as_str() else {
            let url = one["url"]
                .as_str()
                .map_or(String::new(), |url| format!(" at {url}"));
            return format!("{kind}{url}");
        };
        let bytes = self.bytes(id).await;
        let file = &one["file"];
        let what = Self::name_of(&bytes).map_or_else(
            || format!("other bytes, {}", file["mime"].as_str().unwrap_or("?")),
            |name| format!("= {name}"),
        );
        let called = file["name"]
            .as_str()
            .map_or(String::new(), |name| format!(" {name}"));
        format!("{kind}{called} {what}")
    }
}

/// A text with its formatting in brackets.
fn marked(text: &str, entities: &Value) -> String {
    let mut told = format!("{text:?}");
    for entity in entities.as_array().into_iter().flatten() {
        let utf16: Vec<u16> = text.encode_utf16().collect();
        let at = |name: &str| {
            let number = entity[name].as_u64().and_then(|n| usize::try_from(n).ok());
            number.unwrap_or_default()
        };
        let (from, long) = (at("offset"), at("length"));
        let words = utf16.get(from..from + long).unwrap_or_default();
        let words = String::from_utf16_lossy(words);
        let _ = write!(
            told,
            " {}:{words:?}",
            entity["type"].as_str().unwrap_or("?")
        );
    }
    told
}
