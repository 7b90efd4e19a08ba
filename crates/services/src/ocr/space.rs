//! OCR.space over HTTP: <https://ocr.space/ocrapi>.
//!
//! What must stay true: failures come as HTTP 200, too, and are told apart by their words; the key is
//! part of no error.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use engine::{
    amounts::{self, Found},
    payment,
};
use reqwest::{
    Client, StatusCode,
    header::RETRY_AFTER,
    multipart::{Form, Part},
};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;

use super::{Reader, Unread, agree, aside};
use crate::{
    http::{self, NoClient},
    picture::{self, Ready},
};

/// How long an answer may take: the free service gives up by itself after about half a minute.
const WITHIN: Duration = Duration::from_mins(1);

/// Largest picture that is sent; the free service takes 1 MB (ocr.space, «1 MB»), form included.
const LARGEST: usize = 950_000;

/// Largest answer that is read.
const LARGEST_ANSWER: usize = 1 << 20;

/// How long to wait where it does not say.
const WAIT: Duration = Duration::from_mins(10);

/// Longest wait, in seconds: what it names is for how long calls are counted, and it may be over sooner.
const LONGEST_WAIT: u64 = 3600;

/// Which of its engines reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Model {
    /// The older one: all languages.
    One,
    /// The newer one: latin letters and digits best, and the language found by itself.
    Two,
}

/// One way to read a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// The service's name of a language, such as `rus`.
    pub language: &'static str,
    /// Which engine.
    pub model: Model,
}

impl Attempt {
    const CHINESE: &str = "chs";

    /// Russian; if there is no sum in that, Chinese; then digits alone.
    pub const USUAL: [Self; 3] = [
        Self {
            language: "rus",
            model: Model::One,
        },
        Self {
            language: Self::CHINESE,
            model: Model::One,
        },
        Self {
            language: "eng",
            model: Model::Two,
        },
    ];
}

/// The service.
#[derive(Debug)]
pub struct OcrSpace {
    url: String,
    key: SecretString,
    attempts: Vec<Attempt>,
    client: Client,
}

impl OcrSpace {
    /// The service at `url`, such as `https://api.ocr.space/parse/image`; `attempts` in order until
    /// one reads a sum.
    pub fn new(url: &str, key: SecretString, attempts: &[Attempt]) -> Result<Self, NoClient> {
        Ok(Self {
            url: url.to_owned(),
            key,
            attempts: attempts.to_vec(),
            client: http::client(WITHIN, http::same_host)?,
        })
    }

    async fn attempt(&self, file: &Ready, attempt: Attempt) -> Result<String, Unread> {
        let length = file.bytes.len() as u64;
        let file = Part::stream_with_length(file.bytes.clone(), length)
            .file_name(format!("picture.{}", file.extension))
            .mime_str(file.mime)
            .map_err(|_| Unread::Away("the request cannot be built".to_owned()))?;
        let form = Form::new()
            .text("language", attempt.language)
            .text(
                "OCREngine",
                match attempt.model {
                    Model::One => "1",
                    Model::Two => "2",
                },
            )
            .text("isOverlayRequired", "false")
            .text("scale", "true")
            .part("file", file);
        let asked = self
            .client
            .post(&self.url)
            .header("apikey", self.key.expose_secret());
        let answer = asked.multipart(form).send().await;
        let answer = answer.map_err(|error| Unread::Away(http::why(&error)))?;
        let status = answer.status();
        let wait = answer
            .headers()
            .get(RETRY_AFTER)
            .and_then(|wait| wait.to_str().ok()?.parse().ok());
        let body = http::body(answer, LARGEST_ANSWER).await;
        let unread = match body {
            Ok(body) => match judged(status, &body, wait) {
                Ok(text) => return Ok(text),
                Err(unread) => unread,
            },
            Err(why) => Unread::Away(why),
        };
        Err(self.blotted(unread))
    }

    /// Without the key, should the service repeat it.
    fn blotted(&self, unread: Unread) -> Unread {
        let key = self.key.expose_secret();
        let blot = |words: String| {
            if key.is_empty() {
                words
            } else {
                words.replace(key, "…")
            }
        };
        match unread {
            Unread::Away(words) => Unread::Away(blot(words)),
            Unread::Locked(words) => Unread::Locked(blot(words)),
            Unread::Missing(words) => Unread::Missing(blot(words)),
            Unread::Never(why, words) => Unread::Never(why, blot(words)),
            Unread::Wait(_) => unread,
        }
    }
}

#[async_trait]
impl Reader for OcrSpace {
    async fn read(&self, picture: Bytes) -> Result<String, Unread> {
        let ready = move || picture::ready(picture, LARGEST).ok_or_else(Unread::no_picture);
        let file = aside(ready).await?;
        let mut text = String::new();
        let mut chinese = false;
        for attempt in &self.attempts {
            let read = self.attempt(&file, *attempt).await?;
            chinese |= attempt.language == Attempt::CHINESE;
            text = agree::with_words(&read, &text);
            if !amounts::find(&text).is_empty() {
                break;
            }
        }
        // A Chinese payment that failed says so in Chinese only.
        let unsure = !chinese && amounts::find(&text).iter().any(may_be_yuan);
        let ask = |attempt: &&Attempt| unsure && attempt.language == Attempt::CHINESE;
        if let Some(attempt) = self.attempts.iter().find(ask) {
            let read = self.attempt(&file, *attempt).await?;
            text = agree::with_words(&text, &read);
        }
        Ok(text)
    }

    /// Whether it takes the key shows with the first picture: each call is one of few.
    async fn lacks(&self) -> Option<String> {
        None
    }
}

fn may_be_yuan(sum: &Found) -> bool {
    sum.currencies.is_empty()
        || sum
            .currencies
            .iter()
            .any(|currency| currency.code() == "CNY")
}

/// An answer, as far as it can be relied on: numbers come as texts at times, and lists as one text.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    #[serde(default)]
    parsed_results: Option<Vec<Page>>,
    #[serde(default, rename = "OCRExitCode")]
    exit: Value,
    #[serde(default)]
    is_errored_on_processing: Value,
    #[serde(default)]
    error_message: Value,
    #[serde(default)]
    error_details: Value,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Page {
    #[serde(default)]
    parsed_text: Option<String>,
    #[serde(default)]
    file_parse_exit_code: Value,
    #[serde(default)]
    error_message: Value,
}

fn judged(status: StatusCode, body: &[u8], wait: Option<u64>) -> Result<String, Unread> {
    let Ok(answer) = serde_json::from_slice::<Answer>(body) else {
        // Refusals come as a bare text, in JSON's quotes or in XML.
        let text = String::from_utf8_lossy(body);
        return Err(of_words(status, &text, wait));
    };
    let errored = matches!(&answer.is_errored_on_processing, Value::Bool(true))
        || answer.is_errored_on_processing == "true";
    let pages = answer.parsed_results.unwrap_or_default();
    let complaints = [&answer.error_message, &answer.error_details];
    let said = complaints
        .into_iter()
        .chain(pages.iter().map(|page| &page.error_message));
    let said: Vec<String> = said
        .flat_map(texts)
        .filter(|text| !text.is_empty())
        .collect();
    let said = said.join("; ");
    // 1: read whole; 2: some pages failed, which a picture of one page cannot come to.
    let whole = is(&answer.exit, 1) && pages.iter().all(|page| is(&page.file_parse_exit_code, 1));
    if errored || !whole || !status.is_success() {
        return Err(of_words(status, &said, wait));
    }
    let pages = pages.into_iter().filter_map(|page| page.parsed_text);
    Ok(pages.collect::<Vec<_>>().join("\n").replace("\r\n", "\n"))
}

fn is(value: &Value, number: i64) -> bool {
    match value {
        Value::Number(given) => given.as_i64() == Some(number),
        Value::String(given) => given.trim().parse() == Ok(number),
        _ => false,
    }
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(all) => all.iter().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

/// What to do about a failure, by what was said and, where nothing was, by the status. That a limit is
/// reached is said with 403, as is a wrong key (forum.ui.vision/t/8926).
fn of_words(status: StatusCode, said: &str, wait: Option<u64>) -> Unread {
    let lower = said.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    let words = match http::words(said) {
        words if words.is_empty() => format!("OCR.space answers {status} and no reason"),
        words => format!("OCR.space: {words}"),
    };
    if status == StatusCode::TOO_MANY_REQUESTS
        || has(&[
            "you may only perform",
            "rate limit",
            "too many requests",
            "maximum number of",
            "limit reached",
            "limit exceeded",
            "quota",
        ])
    {
        let seconds = wait.or_else(|| within(&lower));
        return Unread::Wait(seconds.map_or(WAIT, |seconds| {
            Duration::from_secs(seconds.clamp(1, LONGEST_WAIT))
        }));
    }
    if has(&["api key", "apikey"]) || status == StatusCode::UNAUTHORIZED {
        return Unread::Locked(words);
    }
    if has(&[
        "timed out",
        "timeout",
        "try again",
        "busy",
        "overload",
        "unavailable",
    ]) {
        return Unread::Away(words);
    }
    let too_big = has(&["file size", "size limit", "dimensions"]);
    let of_the_file = has(&[
        "file type",
        "file format",
        "filetype",
        "extension",
        "not a valid",
        "corrupt",
        "errored in parsing",
        "unable to recognize",
        "e216",
        "e214",
        "e301",
    ]);
    if too_big || status == StatusCode::PAYLOAD_TOO_LARGE {
        return Unread::Never(payment::Unread::TooBig, words);
    }
    if of_the_file || status == StatusCode::UNSUPPORTED_MEDIA_TYPE {
        return Unread::Never(payment::Unread::Failed, words);
    }
    if status == StatusCode::FORBIDDEN {
        return Unread::Locked(words);
    }
    Unread::Away(words)
}

/// «… 10 number of times within 600 seconds»: how many.
fn within(text: &str) -> Option<u64> {
    let (_, rest) = text.split_once("within ")?;
    let (number, unit) = rest.split_once(' ')?;
    unit.starts_with("second").then(|| number.parse().ok())?
}

#[cfg(test)]
mod tests;
