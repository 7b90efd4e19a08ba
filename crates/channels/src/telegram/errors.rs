//! What Telegram's error answers mean. They are told apart by code and by the beginning of the
//! description, in lower case, which is all that the Bot API gives; the texts come from the Bot API
//! server's source (see `tests/telegram/error-catalogue.json`).

use std::time::Duration;

use engine::ids::{ChannelId, ChatRef};
use serde::Deserialize;

use crate::Undelivered;

/// How long is waited when Telegram says 429 and does not say how long.
const WAIT_AT_LEAST: Duration = Duration::from_secs(5);

/// A failed call: what to do next, and what the caller of this very method may want to know.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Failed {
    /// What to do next.
    pub(super) undelivered: Undelivered,
    /// What it was about.
    pub(super) about: About,
}

/// Failures that some method answers in its own way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum About {
    /// The message to copy is gone, or of a kind that is never copied.
    Copying,
    /// The message already reads so.
    Unchanged,
    /// The message may not be edited or deleted any more.
    Frozen,
    /// Telegram knows no such member.
    Member,
    /// The file is no picture that Telegram shows; as a document it may go.
    Picture,
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

/// The extra facts of an error answer (Bot API, ResponseParameters).
#[derive(Debug, Default, Deserialize)]
pub(super) struct Parameters {
    /// The group's new id.
    pub(super) migrate_to_chat_id: Option<i64>,
    /// Seconds to wait.
    pub(super) retry_after: Option<u64>,
}

/// What kind of failure a description stands for.
#[derive(Clone, Copy)]
enum Fate {
    Gone,
    Moot,
    Refused,
    Locked,
}

/// Descriptions of 400, without `Bad Request: ` and in lower case, by their beginning. What is not
/// here is refused: the message is at fault, another may go.
const BAD_REQUESTS: &[(&str, Fate, About)] = &[
    ("chat not found", Fate::Gone, About::Other),
    ("private chat not found", Fate::Gone, About::Other),
    ("peer_id_invalid", Fate::Gone, About::Other),
    ("input_user_deactivated", Fate::Gone, About::Other),
    ("user_is_blocked", Fate::Gone, About::Other),
    ("group chat was upgraded", Fate::Gone, About::Other),
    ("group chat was deactivated", Fate::Gone, About::Other),
    ("have no write access to the chat", Fate::Gone, About::Other),
    (
        "need administrator rights in the channel chat",
        Fate::Gone,
        About::Other,
    ),
    ("chat_write_forbidden", Fate::Gone, About::Other),
    ("message thread not found", Fate::Gone, About::Other),
    ("topic_deleted", Fate::Gone, About::Other),
    ("message to edit not found", Fate::Moot, About::Other),
    ("message to delete not found", Fate::Moot, About::Other),
    ("message to pin not found", Fate::Moot, About::Other),
    ("message to unpin not found", Fate::Moot, About::Other),
    ("message to react not found", Fate::Moot, About::Other),
    ("message is not modified", Fate::Moot, About::Unchanged),
    ("topic_not_modified", Fate::Moot, About::Unchanged),
    ("query is too old", Fate::Moot, About::Other),
    ("query_id_invalid", Fate::Moot, About::Other),
    ("message can't be edited", Fate::Refused, About::Frozen),
    ("message can't be deleted", Fate::Refused, About::Frozen),
    ("message to copy not found", Fate::Refused, About::Copying),
    ("messages to copy not found", Fate::Refused, About::Copying),
    (
        "message to forward not found",
        Fate::Refused,
        About::Copying,
    ),
    ("message can't be copied", Fate::Refused, About::Copying),
    (
        "message has protected content",
        Fate::Refused,
        About::Copying,
    ),
    ("there are no messages to", Fate::Refused, About::Copying),
    ("message_id_invalid", Fate::Refused, About::Copying),
    ("user not found", Fate::Refused, About::Member),
    ("member not found", Fate::Refused, About::Member),
    ("participant_id_invalid", Fate::Refused, About::Member),
    ("user_not_participant", Fate::Refused, About::Member),
    ("user_id_invalid", Fate::Refused, About::Member),
    ("invalid user_id", Fate::Refused, About::Member),
    ("photo_invalid_dimensions", Fate::Refused, About::Picture),
    ("photo_save_file_invalid", Fate::Refused, About::Picture),
    ("photo_ext_invalid", Fate::Refused, About::Picture),
    ("image_process_failed", Fate::Refused, About::Picture),
    ("logged out", Fate::Locked, About::Other),
];

/// Reads an error answer. `retry_after` is what the HTTP header says.
pub(super) fn read(
    channel: &ChannelId,
    code: u16,
    description: &str,
    parameters: &Parameters,
    retry_after: Option<Duration>,
) -> Failed {
    let moved = parameters.migrate_to_chat_id;
    if let (400 | 403, Some(chat)) = (code, moved) {
        return Undelivered::Moved(ChatRef::new(channel, chat.to_string())).into();
    }
    let words = || description.to_owned();
    let undelivered = match code {
        400 => return bad_request(description),
        403 => Undelivered::Gone(words()),
        // A token that was never one is answered `Not Found`; a method that is none says so.
        404 if description.to_lowercase().contains("method not found") => {
            Undelivered::Refused { reason: words() }
        }
        401 | 404 => Undelivered::Locked(words()),
        429 => Undelivered::Wait(wait(parameters, retry_after)),
        // 409 is another poller, or a webhook that is set: over once the other side gives way.
        409 | 500.. => Undelivered::Unreached(words()),
        _ => Undelivered::Refused { reason: words() },
    };
    undelivered.into()
}

/// How long a 429 asks to wait: the answer's own figure goes before the header's.
pub(super) fn wait(parameters: &Parameters, header: Option<Duration>) -> Duration {
    parameters
        .retry_after
        .map(Duration::from_secs)
        .or(header)
        .unwrap_or(WAIT_AT_LEAST)
}

fn bad_request(description: &str) -> Failed {
    let lower = description.to_lowercase();
    let bare = lower.strip_prefix("bad request: ").unwrap_or(&lower);
    let known = BAD_REQUESTS
        .iter()
        .find(|(start, ..)| bare.starts_with(start));
    let (fate, about) = known.map_or((Fate::Refused, About::Other), |&(_, fate, about)| {
        (fate, about)
    });
    let words = description.to_owned();
    let undelivered = match fate {
        Fate::Gone => Undelivered::Gone(words),
        Fate::Moot => Undelivered::Moot(words),
        Fate::Refused => Undelivered::Refused { reason: words },
        Fate::Locked => Undelivered::Locked(words),
    };
    Failed { undelivered, about }
}

#[cfg(test)]
mod tests {
    use expect_test::expect_file;
    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize)]
    struct Catalogue {
        errors: Vec<Entry>,
    }

    #[derive(Deserialize)]
    struct Entry {
        when: String,
        error_code: u16,
        description: String,
        #[serde(default)]
        parameters: Parameters,
    }

    /// An entry for `message to <copy|delete> not found` stands for two.
    fn each(entry: &Entry) -> Vec<(&Entry, String)> {
        let Some((before, rest)) = entry.description.split_once('<') else {
            return vec![(entry, entry.description.clone())];
        };
        let (words, after) = rest.split_once('>').unwrap();
        let whole = |word| (entry, format!("{before}{word}{after}"));
        words.split('|').map(whole).collect()
    }

    #[test]
    fn every_error_of_the_catalogue_says_what_to_do_next() {
        let catalogue = include_str!("../../tests/telegram/error-catalogue.json");
        let catalogue: Catalogue = serde_json::from_str(catalogue).unwrap();
        let channel = ChannelId::new("telegram");
        let lines = catalogue
            .errors
            .iter()
            .flat_map(each)
            .map(|(entry, description)| {
                let Failed { undelivered, about } = read(
                    &channel,
                    entry.error_code,
                    &description,
                    &entry.parameters,
                    None,
                );
                format!("{}: {about:?}\n    {undelivered}\n", entry.when)
            });
        expect_file!["../../tests/telegram/error-catalogue.txt"]
            .assert_eq(&lines.collect::<String>());
    }

    #[test]
    fn a_429_without_a_figure_waits_a_little() {
        let header = Some(Duration::from_secs(9));
        assert_eq!(wait(&Parameters::default(), header), Duration::from_secs(9));
        assert_eq!(wait(&Parameters::default(), None), WAIT_AT_LEAST);
    }
}
