//! What the emulated OCR «reads»: it is told beforehand, by the control API.

use std::fmt::Write;

use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Read when nothing was told: no amount, no date.
const USUAL: &str = "Hello World!";

/// How to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// This is what stands there.
    Text(String),
    /// The local program `tesseract` is asked.
    Tesseract,
}

/// Something that was told.
#[derive(Debug)]
pub(crate) struct Told {
    source: Source,
    /// How often it still holds; `None`: until something else is told.
    times: Option<u32>,
    /// Only of the file with this SHA-256, in hex.
    only: Option<String>,
}

/// What is told, in the form of the control API.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Telling {
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    engine: Option<Engine>,
    #[serde(default)]
    times: Option<u32>,
    #[serde(default, rename = "match")]
    only: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Engine {
    Tesseract,
}

impl Telling {
    pub(crate) fn wants_tesseract(&self) -> bool {
        self.engine.is_some()
    }

    /// What it comes to; the error says what to do.
    pub(crate) fn read(self) -> Result<Told, String> {
        let source = match (self.text, self.engine) {
            (Some(text), None) => Source::Text(text),
            (None, Some(Engine::Tesseract)) => Source::Tesseract,
            (Some(_), Some(_)) | (None, None) => {
                return Err("either text, or engine: \"tesseract\"".to_owned());
            }
        };
        let is_hash =
            |hash: &String| hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit());
        if self.only.as_ref().is_some_and(|hash| !is_hash(hash)) {
            return Err("match: the SHA-256 of the file, 64 hex digits".to_owned());
        }
        Ok(Told {
            source,
            times: self.times.filter(|times| *times > 0),
            only: self.only.map(|hash| hash.to_lowercase()),
        })
    }
}

/// Everything that was told, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Reads(Vec<Told>);

impl Reads {
    /// Takes the place of what held for ever before, for the same file.
    pub(crate) fn tell(&mut self, told: Told) {
        if told.times.is_none() {
            self.0
                .retain(|old| old.times.is_some() || old.only != told.only);
        }
        self.0.push(told);
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    pub(crate) fn shown(&self) -> Value {
        let told = self.0.iter().map(|told| match &told.source {
            Source::Text(text) => json!({ "text": text, "times": told.times, "match": told.only }),
            Source::Tesseract => {
                json!({ "engine": "tesseract", "times": told.times, "match": told.only })
            }
        });
        told.collect()
    }

    /// How to read a file: first what was told of it alone, then what holds some times only, oldest first.
    pub(crate) fn next(&mut self, file: &[u8]) -> Source {
        let hash = sha256(file);
        let fitting = self
            .0
            .iter()
            .enumerate()
            .filter(|(_, told)| told.only.as_ref().is_none_or(|only| *only == hash));
        let found = fitting
            .min_by_key(|(at, told)| (told.only.is_none(), told.times.is_none(), *at))
            .map(|(at, _)| at);
        let Some(at) = found else {
            return Source::Text(USUAL.to_owned());
        };
        let source = self.0[at].source.clone();
        match &mut self.0[at].times {
            Some(1) => drop(self.0.remove(at)),
            Some(times) => *times -= 1,
            None => {}
        }
        source
    }
}

/// In hex.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    let mut hex = String::new();
    for byte in Sha256::digest(bytes) {
        // Writing into a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tell(reads: &mut Reads, telling: Value) {
        let telling: Telling = serde_json::from_value(telling).expect("a telling");
        reads.tell(telling.read().expect("sense"));
    }

    fn texts(reads: &mut Reads, file: &[u8], times: usize) -> Vec<String> {
        let next = std::iter::repeat_with(|| match reads.next(file) {
            Source::Text(text) => text,
            Source::Tesseract => "tesseract".to_owned(),
        });
        next.take(times).collect()
    }

    #[test]
    fn it_reads_what_it_was_told() {
        let mut reads = Reads::default();
        assert_eq!(texts(&mut reads, b"a", 1), [USUAL]);
        tell(&mut reads, json!({ "text": "always" }));
        tell(&mut reads, json!({ "text": "first", "times": 2 }));
        tell(&mut reads, json!({ "text": "then", "times": 1 }));
        tell(&mut reads, json!({ "text": "b", "match": sha256(b"b") }));
        assert_eq!(texts(&mut reads, b"b", 2), ["b", "b"]);
        let all = ["first", "first", "then", "always", "always"];
        assert_eq!(texts(&mut reads, b"a", 5), all);
        tell(&mut reads, json!({ "engine": "tesseract" }));
        assert_eq!(texts(&mut reads, b"a", 1), ["tesseract"]);
    }
}
