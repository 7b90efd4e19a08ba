//! What the Graph API's errors mean. Numbers from Meta's table of error codes for Messenger, updated on
//! 25 June 2026 (`tests/facebook/error-codes.json`). A long number says it all, whether it comes as the
//! subcode or as the code.

use std::time::Duration;

use engine::phrases::Locale;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use serde::Deserialize;
use serde_json::Value;

use super::reasons::Reason;
use crate::Undelivered;

/// How long is waited where Facebook does not say how long.
const WAIT: Duration = Duration::from_mins(1);

/// Where it says when calls are taken again (Graph API, "Rate limits").
const USAGE: &str = "x-business-use-case-usage";

/// A failed call: what to do next, and what the caller of this very method may want to know.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Failed {
    /// What to do next.
    pub(super) undelivered: Undelivered,
    /// What it was about.
    pub(super) about: About,
}

/// Failures that some call answers in its own way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum About {
    /// Too long after the person's last words.
    Window,
    /// What is answered is not there any more.
    Reply,
    /// The file is not what it is sent as.
    Format,
    /// A right or a permission that the page, the app or the person does not give.
    Right,
    /// A parameter that Facebook does not take.
    Parameter,
    /// There is no such thing, or it is not shown.
    Absent,
    /// Anything else.
    Other,
}

impl From<Undelivered> for Failed {
    fn from(undelivered: Undelivered) -> Self {
        Self {
            undelivered,
            about: About::Other,
        }
    }
}

impl From<Failed> for Undelivered {
    fn from(failed: Failed) -> Self {
        failed.undelivered
    }
}

/// An error answer (Graph API, "Error handling").
#[derive(Debug, Deserialize)]
pub(super) struct GraphError {
    #[serde(default)]
    pub(super) message: String,
    pub(super) code: u64,
    pub(super) error_subcode: Option<u64>,
}

/// What kind of failure a number stands for.
#[derive(Clone, Copy)]
enum Fate {
    Gone,
    Locked,
    Wait,
    Unknown,
    /// With Facebook's words.
    Refused,
    /// With ours.
    Because(Reason),
}

/// Subcodes that mean something only under their code.
const PAIRS: &[(u64, u64, Fate, About)] = &[
    (1, 99, Fate::Refused, About::Right),
    (100, 33, Fate::Refused, About::Absent),
];

/// Codes and subcodes. What is not here is refused: the message is at fault, another may go.
const NUMBERS: &[(u64, Fate, About)] = &[
    // «Perhaps all messages were sent although an error is returned»: that is what Unknown says.
    (1_357_046, Fate::Unknown, About::Other),
    (2_018_278, Fate::Because(Reason::DayIsOver), About::Window),
    (2_534_022, Fate::Because(Reason::DayIsOver), About::Window),
    (2_018_065, Fate::Because(Reason::DayIsOver), About::Window),
    (2_018_108, Fate::Gone, About::Other),
    (1_545_041, Fate::Gone, About::Other),
    (2_018_001, Fate::Gone, About::Absent),
    (1_893_063, Fate::Because(Reason::Restricted), About::Other),
    (2_018_008, Fate::Refused, About::Other),
    (2_018_047, Fate::Refused, About::Format),
    (2_018_074, Fate::Refused, About::Other),
    (2_018_109, Fate::Refused, About::Other),
    (2_018_294, Fate::Refused, About::Format),
    (2_018_014, Fate::Refused, About::Other),
    (2_534_037, Fate::Because(Reason::AnotherApp), About::Other),
    (2_018_300, Fate::Because(Reason::AnotherApp), About::Other),
    (2_018_321, Fate::Because(Reason::AnotherApp), About::Other),
    (2_018_028, Fate::Because(Reason::NotReviewed), About::Right),
    (2_018_338, Fate::Wait, About::Other),
    (2_534_040, Fate::Wait, About::Other),
    (2_018_218, Fate::Refused, About::Absent),
    (2_018_247, Fate::Refused, About::Right),
    (9_000_001, Fate::Refused, About::Reply),
    // «Retry later», and «the customer may have blocked the business», of which no answer ever comes.
    // Unreached would be tried for ever and hold up all that is to go there; Unknown is tried once
    // more, and then an operator is told and may send it again. The same of «unknown error».
    (1, Fate::Unknown, About::Other),
    (2, Fate::Unknown, About::Other),
    // Limits: of the app, of the user, of the page, of Messenger's calls (Graph API, "Rate limits").
    (4, Fate::Wait, About::Other),
    (17, Fate::Wait, About::Other),
    (32, Fate::Wait, About::Other),
    (613, Fate::Wait, About::Other),
    (80_006, Fate::Wait, About::Other),
    (102, Fate::Locked, About::Other),
    (190, Fate::Locked, About::Other),
    (551, Fate::Gone, About::Other),
    (3, Fate::Refused, About::Right),
    (10, Fate::Refused, About::Right),
];

/// Permissions have codes of their own (Graph API, "Error codes": 200–299).
const RIGHTS: std::ops::RangeInclusive<u64> = 200..=299;

/// Reads an error answer. `pause` is what the headers say of waiting.
pub(super) fn read(error: &GraphError, pause: Option<Duration>, locale: Locale) -> Failed {
    let (fate, about) = known(error);
    let words = || error.message.clone();
    let undelivered = match fate {
        Fate::Gone => Undelivered::Gone(words()),
        Fate::Locked => Undelivered::Locked(words()),
        Fate::Wait => Undelivered::Wait(pause.unwrap_or(WAIT)),
        Fate::Unknown => Undelivered::Unknown(words()),
        Fate::Refused => Undelivered::Refused { reason: words() },
        Fate::Because(reason) => because(reason, locale),
    };
    Failed { undelivered, about }
}

/// Refused, in our own words.
pub(super) fn because(reason: Reason, locale: Locale) -> Undelivered {
    Undelivered::Refused {
        reason: reason.words(locale).to_owned(),
    }
}

fn known(error: &GraphError) -> (Fate, About) {
    let code = error.code;
    let subcode = error.error_subcode.unwrap_or_default();
    let pair = PAIRS.iter().find(|row| (row.0, row.1) == (code, subcode));
    if let Some(&(.., fate, about)) = pair {
        return (fate, about);
    }
    let number = |number| NUMBERS.iter().find(|row| row.0 == number);
    if let Some(&(_, fate, about)) = number(subcode).or_else(|| number(code)) {
        return (fate, about);
    }
    let words = error.message.to_lowercase();
    match code {
        100 if words.contains("no matching user") => (Fate::Gone, About::Absent),
        100 if words.contains("reply_to") => (Fate::Refused, About::Reply),
        100 if subcode == 0 => (Fate::Refused, About::Parameter),
        200 if words.contains("developers or testers") => {
            (Fate::Because(Reason::NotReviewed), About::Right)
        }
        code if RIGHTS.contains(&code) => (Fate::Refused, About::Right),
        _ => (Fate::Refused, About::Other),
    }
}

/// How long an answer's headers ask to wait, if they do.
pub(super) fn pause(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: &str| headers.get(name)?.to_str().ok();
    let seconds = text(RETRY_AFTER.as_str()).and_then(|text| text.trim().parse().ok());
    seconds
        .map(Duration::from_secs)
        .or_else(|| regained(text(USAGE)?))
}

/// `{"<id>": [{"type": "messenger", …, "estimated_time_to_regain_access": <minutes>}]}`
fn regained(usage: &str) -> Option<Duration> {
    let usage: Value = serde_json::from_str(usage).ok()?;
    let cases = usage.as_object()?.values().filter_map(Value::as_array);
    let minutes = cases
        .flatten()
        .filter_map(|case| case.get("estimated_time_to_regain_access")?.as_u64());
    let longest = minutes.max().filter(|minutes| *minutes > 0)?;
    Some(Duration::from_secs(longest.saturating_mul(60)))
}

#[cfg(test)]
mod tests {
    use expect_test::expect_file;
    use reqwest::header::HeaderValue;

    use super::*;

    #[derive(Deserialize)]
    struct Table {
        rows: Vec<Row>,
    }

    #[derive(Deserialize)]
    struct Row {
        code: u64,
        subcode: Option<u64>,
        message: String,
    }

    fn told(row: Row) -> String {
        let name = match row.subcode {
            Some(subcode) => format!("{}/{subcode}", row.code),
            None => row.code.to_string(),
        };
        let error = GraphError {
            message: row.message,
            code: row.code,
            error_subcode: row.subcode,
        };
        let Failed { undelivered, about } = read(&error, None, Locale::Ru);
        format!("{name}: {about:?}\n    {undelivered}\n")
    }

    #[test]
    fn every_published_error_says_what_to_do_next() {
        let table = include_str!("../../tests/facebook/error-codes.json");
        let table: Table = serde_json::from_str(table).unwrap();
        let lines = table.rows.into_iter().map(told);
        expect_file!["../../tests/facebook/error-codes.txt"].assert_eq(&lines.collect::<String>());
    }

    #[test]
    fn a_number_means_the_same_as_code_and_as_subcode() {
        for (code, error_subcode) in [(2_018_300, None), (10, Some(2_018_300))] {
            let error = GraphError {
                message: String::new(),
                code,
                error_subcode,
            };
            let failed = read(&error, None, Locale::En).undelivered.to_string();
            assert!(failed.contains("another app"), "{failed}");
        }
    }

    #[test]
    fn the_headers_say_how_long_to_wait() {
        let mut headers = HeaderMap::new();
        assert_eq!(pause(&headers), None);
        let usage = r#"{"1":[{"type":"messenger","estimated_time_to_regain_access":3}],
            "2":[{"type":"pages","estimated_time_to_regain_access":0}]}"#;
        let usage = usage.replace('\n', "");
        headers.insert(USAGE, HeaderValue::from_str(&usage).unwrap());
        assert_eq!(pause(&headers), Some(Duration::from_mins(3)));
        headers.insert(RETRY_AFTER, HeaderValue::from_static("9"));
        assert_eq!(pause(&headers), Some(Duration::from_secs(9)));
    }
}
