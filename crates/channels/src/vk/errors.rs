//! What VK's errors mean, by their code. The codes are those of the published schema
//! (`tests/vk/errors.json`); the words are VK's own.

use std::time::Duration;

use serde::Deserialize;

use crate::Undelivered;

/// VK says how many calls a second it takes, so a second is enough (6).
const SECOND: Duration = Duration::from_secs(1);
/// Too much of the same, or to the same person (9): VK does not say how long.
const A_WHILE: Duration = Duration::from_mins(1);
/// A day's quota is used up, or a captcha is asked for, which no program can solve (14, 29).
const LONG: Duration = Duration::from_mins(10);

/// A failed call: what to do next, and VK's code where there was one.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Failed {
    pub(super) undelivered: Undelivered,
    pub(super) code: Option<i64>,
}

impl From<Undelivered> for Failed {
    fn from(undelivered: Undelivered) -> Self {
        Self {
            undelivered,
            code: None,
        }
    }
}

impl From<Failed> for Undelivered {
    fn from(failed: Failed) -> Self {
        failed.undelivered
    }
}

/// An error as VK answers it; beside a recipient of several it has the shorter names.
#[derive(Deserialize)]
pub(super) struct Answered {
    #[serde(alias = "code")]
    pub(super) error_code: i64,
    #[serde(default, alias = "description")]
    pub(super) error_msg: String,
}

enum Fate {
    Wait(Duration),
    Unreached,
    Unknown,
    Locked,
    Gone,
    Moot,
}

/// What a code means for every method. What is not here is refused: the message is at fault, or the
/// community's rights to this one thing; another message may go.
fn fate(code: i64) -> Option<Fate> {
    Some(match code {
        6 | 32 => Fate::Wait(SECOND),
        9 | 601 | 1105 => Fate::Wait(A_WHILE),
        14 | 29 | 3300 => Fate::Wait(LONG),
        // An unknown error, the server's own, a part of the site switched off for a while.
        1 | 10 | 43 => Fate::Unreached,
        // Interrupted by a time-out: perhaps after it was done.
        36 => Fate::Unknown,
        // The application, the token, the community's or the account's standing.
        2
        | 4
        | 5
        | 16
        | 17
        | 27
        | 28
        | 34
        | 35
        | 38
        | 42
        | 101
        | 703
        | 1114
        | 1116..=1118
        | 3301..=3304
        | 3609 => Fate::Locked,
        // The person: deleted, banned, unknown, without permission, in the blacklist; the
        // conversation: not there, left, closed for writing.
        18 | 37 | 39 | 113 | 900 | 901 | 902 | 917 | 922 | 927 | 932 | 935 | 936 | 945 | 946
        | 950 | 962 | 985 | 987 | 988 | 1012 | 3610 => Fate::Gone,
        104 | 924 => Fate::Moot,
        _ => return None,
    })
}

/// The message cannot be edited any more, or never could: too old, of a kind that is not, pinned a
/// moment ago.
pub(super) fn is_frozen(code: i64) -> bool {
    matches!(code, 909 | 920 | 949)
}

/// Reads an error answer; `words` are without secrets.
pub(super) fn read(code: i64, words: &str) -> Failed {
    let words = match words.trim() {
        "" => format!("error {code}"),
        words => format!("{words} (error {code})"),
    };
    let undelivered = match fate(code) {
        Some(Fate::Wait(time)) => Undelivered::Wait(time),
        Some(Fate::Unreached) => Undelivered::Unreached(words),
        Some(Fate::Unknown) => Undelivered::Unknown(words),
        Some(Fate::Locked) => Undelivered::Locked(words),
        Some(Fate::Gone) => Undelivered::Gone(words),
        Some(Fate::Moot) => Undelivered::Moot(words),
        None => Undelivered::Refused { reason: words },
    };
    Failed {
        undelivered,
        code: Some(code),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use expect_test::expect_file;

    use super::*;

    #[test]
    fn every_error_of_the_catalogue_says_what_to_do_next() {
        #[derive(Deserialize)]
        struct Catalogue {
            errors: BTreeMap<i64, String>,
        }
        let catalogue = include_str!("../../tests/vk/errors.json");
        let catalogue: Catalogue = serde_json::from_str(catalogue).unwrap();
        let lines = catalogue
            .errors
            .iter()
            .map(|(code, words)| format!("{code}: {}\n", read(*code, words).undelivered));
        expect_file!["../../tests/vk/errors.txt"].assert_eq(&lines.collect::<String>());
    }

    #[test]
    fn a_code_that_nobody_knows_is_refused_also_without_words() {
        let refused = read(77_777, "").undelivered;
        assert_eq!(refused.to_string(), "refused: error 77777");
    }
}
