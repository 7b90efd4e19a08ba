//! A piece as a call of the Send API: one, as a rule. It is made once more at once where Facebook says
//! what to leave out or to say differently: after 24 hours with the tag `HUMAN_AGENT`, if a person's words
//! are in it; without the reply, if what it answers is gone; a picture, film or sound as a plain file, if
//! Facebook does not take it for one. Each of these happens at most once a call.
//!
//! Facebook has no key against duplicates. What we send carries our mark, so that it is known when it
//! comes back as an echo.

use std::time::Duration;

use engine::{
    content::{MediaKind, Rich, Said},
    effect::Key,
    ids::{ChatRef, MessageRef},
};
use reqwest::multipart::Part;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tokio::{sync::Mutex, time::Instant};

use super::{
    client::Client,
    content::mid,
    errors::{About, Failed, because},
    reasons::Reason,
};
use crate::{
    Carried, Errand, Piece, Receipt, Sent, Undelivered,
    transfer::{self, Limits},
};

/// Largest attachment, in bytes (Messenger Platform, "Saving assets": 25 MB).
pub(super) const LARGEST: u64 = 25_000_000;

/// Films and sound: ten calls a second (Messenger Platform, "Rate limits" of the Send API).
const BETWEEN_FILMS: Duration = Duration::from_millis(100);

/// Our mark, in the field `metadata`: at most 1000 characters of an app's own.
const MARK: &str = "zabota:";

/// Whether an echo carries our mark.
pub(super) fn is_ours(metadata: &str) -> bool {
    metadata.starts_with(MARK)
}

/// Sends in the name of a page.
pub(super) struct Sender {
    pub(super) client: Client,
    /// Whether an operator's words are sent with the tag `HUMAN_AGENT` after 24 hours.
    human_agent: bool,
    /// When the next film may leave.
    film: Mutex<Option<Instant>>,
}

/// A message on its way.
struct Letter<'a> {
    to: &'a ChatRef,
    reply_to: Option<&'a MessageRef>,
    /// The message that it carries: what a person wrote. The bot's own words carry none.
    of: Option<&'a MessageRef>,
    what: What<'a>,
}

impl Letter<'_> {
    /// Whether it could go as a plain file and does not yet.
    fn may_be_a_file(&self) -> bool {
        match self.what {
            What::Text(..) => false,
            What::File(_, carried) => carried != Carried::As(MediaKind::Document),
        }
    }
}

#[derive(Clone, Copy)]
enum What<'a> {
    Text(&'a str, &'a [Vec<Key>]),
    File(&'a Said, Carried),
}

/// What Facebook has said so far about how a letter must not go.
#[derive(Default)]
struct Objections {
    tagged: bool,
    without_reply: bool,
    as_file: bool,
}

/// The answer to a message.
#[derive(Deserialize)]
struct Stands {
    message_id: String,
}

impl Sender {
    pub(super) fn new(client: Client, human_agent: bool) -> Self {
        Self {
            client,
            human_agent,
            film: Mutex::new(None),
        }
    }

    /// Makes a piece happen.
    pub(super) async fn deliver(
        &self,
        piece: &Piece,
        errand: &Errand<'_>,
    ) -> Result<Receipt, Undelivered> {
        match piece {
            Piece::Text {
                to,
                text,
                keys,
                reply_to,
                of,
            } => {
                let letter = Letter {
                    to,
                    reply_to: reply_to.as_ref(),
                    of: of.as_ref(),
                    what: What::Text(&text.text, keys),
                };
                self.send(&letter, errand).await
            }
            Piece::Send {
                to,
                said,
                carried,
                caption,
                reply_to,
            } => {
                no_words(caption)?;
                let letter = Letter {
                    to,
                    reply_to: reply_to.as_ref(),
                    of: Some(&said.at),
                    what: What::File(said, *carried),
                };
                self.send(&letter, errand).await
            }
            // A press shows nothing by itself: words for whoever pressed are a message.
            Piece::Answer {
                to,
                text: Some(text),
                ..
            } => {
                let letter = Letter {
                    to,
                    reply_to: None,
                    of: None,
                    what: What::Text(text, &[]),
                };
                self.send(&letter, errand).await
            }
            Piece::Answer { text: None, .. } => Ok(Receipt::default()),
            Piece::Mark { message } => {
                let action = action(&message.chat);
                self.client.post::<Value>("messages", &action).await?;
                Ok(Receipt::default())
            }
            // Quick replies go by themselves, and the Send API changes and takes back nothing.
            Piece::StripKeys { .. }
            | Piece::EditText { .. }
            | Piece::EditCaption { .. }
            | Piece::EditMedia { .. }
            | Piece::Delete { .. } => Err(Undelivered::Moot(
                "what stands on Facebook stays as it is".to_owned(),
            )),
            Piece::Copy { .. }
            | Piece::CopyAll { .. }
            | Piece::SendAll { .. }
            | Piece::Notice { .. } => refused("Facebook has nothing of the kind"),
        }
    }

    async fn send(&self, letter: &Letter<'_>, errand: &Errand<'_>) -> Result<Receipt, Undelivered> {
        let mut heard = Objections::default();
        let stands = loop {
            let failed = match self.attempt(letter, &heard, errand).await {
                Ok(stands) => break stands,
                Err(failed) => failed,
            };
            match failed.about {
                About::Window if !heard.tagged && self.may_tag(letter) => heard.tagged = true,
                About::Reply if !heard.without_reply && letter.reply_to.is_some() => {
                    heard.without_reply = true;
                }
                About::Format if !heard.as_file && letter.may_be_a_file() => heard.as_file = true,
                _ => return Err(self.explained(failed, letter, &heard)),
            }
        };
        // The page's inbox would go on showing the conversation as unread, and the customer that nobody
        // has seen it. After the answer, so that nothing holds the answer up; a bot has seen nothing, and
        // outside the 24 hours no action is taken.
        if letter.of.is_some() && !heard.tagged {
            self.client.hint("messages", &action(letter.to)).await;
        }
        Ok(Receipt {
            sent: vec![Sent {
                at: letter.to.message(stands.message_id),
                of: letter.of.cloned(),
                // They go with the next message of either side.
                keys: false,
            }],
            stripped: None,
        })
    }

    async fn attempt(
        &self,
        letter: &Letter<'_>,
        heard: &Objections,
        errand: &Errand<'_>,
    ) -> Result<Stands, Failed> {
        let mut message = json!({ "metadata": format!("{MARK}{}", errand.serial) });
        let mut file = None;
        match letter.what {
            What::Text(text, keys) => {
                message["text"] = text.into();
                let replies: Vec<Value> = keys.iter().flatten().map(quick_reply).collect();
                if !replies.is_empty() {
                    message["quick_replies"] = replies.into();
                }
            }
            What::File(said, carried) => {
                let carried = if heard.as_file {
                    Carried::As(MediaKind::Document)
                } else {
                    carried
                };
                let upload = transfer::upload(errand.files, said, carried, &LIMITS).await?;
                let kind = type_of(upload.kind, upload.mime);
                message["attachment"] =
                    json!({ "type": kind, "payload": { "is_reusable": false } });
                if matches!(kind, "video" | "audio") {
                    self.film_may_leave().await;
                }
                file = Some(upload.part);
            }
        }
        let call = call(letter, heard, message);
        match file {
            None => self.client.post("messages", &Value::Object(call)).await,
            Some(part) => self.client.upload("messages", form(call, part)).await,
        }
    }

    /// The tag is for people's words: a bot that used it would lose it for the page.
    fn may_tag(&self, letter: &Letter<'_>) -> bool {
        self.human_agent && letter.of.is_some()
    }

    /// A failure, with what we know of it better than Facebook says.
    fn explained(&self, failed: Failed, letter: &Letter<'_>, heard: &Objections) -> Undelivered {
        let reason = match failed.about {
            About::Window if letter.of.is_none() => Reason::OnlyPeople,
            About::Window if heard.tagged => Reason::WeekIsOver,
            About::Window => Reason::DayIsOver,
            // Without the tag only the time was wrong, so it is the tag.
            About::Right | About::Parameter if heard.tagged => Reason::NotGranted,
            _ => return failed.undelivered,
        };
        because(reason, self.client.locale)
    }

    /// Waits until one more film or sound may leave.
    async fn film_may_leave(&self) {
        // Whoever waits here holds the lock: the others wait behind it.
        let mut next = self.film.lock().await;
        if let Some(at) = *next {
            tokio::time::sleep_until(at).await;
        }
        *next = Some(Instant::now() + BETWEEN_FILMS);
    }
}

/// The parameters of a call.
fn call(letter: &Letter<'_>, heard: &Objections, message: Value) -> Map<String, Value> {
    let mut call = Map::new();
    call.insert("recipient".to_owned(), recipient(letter.to));
    if heard.tagged {
        call.insert("messaging_type".to_owned(), "MESSAGE_TAG".into());
        call.insert("tag".to_owned(), "HUMAN_AGENT".into());
    } else {
        call.insert("messaging_type".to_owned(), "RESPONSE".into());
    }
    if let Some(mid) = letter.reply_to.and_then(mid)
        && !heard.without_reply
    {
        call.insert("reply_to".to_owned(), json!({ "mid": mid }));
    }
    call.insert("message".to_owned(), message);
    call
}

/// The same call with a file: its parameters are fields of a form, objects among them written as JSON.
fn form(call: Map<String, Value>, file: Part) -> reqwest::multipart::Form {
    let fields = call
        .into_iter()
        .fold(transfer::form(), |form, (name, value)| {
            let text = match value {
                Value::String(text) => text,
                other => other.to_string(),
            };
            form.text(name, text)
        });
    fields.part("filedata", file)
}

fn recipient(to: &ChatRef) -> Value {
    json!({ "id": to.id })
}

/// «Seen», which stands alone: it cannot be combined with a message (error 100/2018014).
fn action(to: &ChatRef) -> Value {
    json!({ "recipient": recipient(to), "sender_action": "mark_seen" })
}

fn quick_reply(key: &Key) -> Value {
    json!({ "content_type": "text", "title": key.label, "payload": key.data })
}

/// Which type of attachment a file is sent as.
fn type_of(kind: MediaKind, mime: &str) -> &'static str {
    match kind {
        MediaKind::Photo | MediaKind::Sticker => "image",
        MediaKind::Animation if mime.starts_with("image/") => "image",
        MediaKind::Video | MediaKind::VideoNote | MediaKind::Animation => "video",
        MediaKind::Voice | MediaKind::Audio => "audio",
        MediaKind::Document => "file",
    }
}

/// What Facebook takes. Formats are not published with the limit; these are the ones that its apps play,
/// and whatever it refuses for its format goes as a file.
static LIMITS: Limits = Limits {
    largest: |_| LARGEST,
    takes: |kind, format| match kind {
        MediaKind::Photo | MediaKind::Sticker => matches!(format, "jpg" | "png" | "gif"),
        MediaKind::Animation => matches!(format, "gif" | "mp4"),
        MediaKind::Video | MediaKind::VideoNote => matches!(format, "mp4" | "mov"),
        MediaKind::Voice | MediaKind::Audio => matches!(format, "mp3" | "m4a" | "ogg" | "wav"),
        MediaKind::Document => true,
    },
    shows: |_, _| true,
};

/// A file has no words under it here; whoever cuts the parcel knows ([`crate::Abilities::caption`]).
fn no_words(caption: &Rich) -> Result<(), Undelivered> {
    if caption.is_empty() {
        return Ok(());
    }
    refused("a file has no words under it here")
}

fn refused<T>(reason: &str) -> Result<T, Undelivered> {
    Err(Undelivered::Refused {
        reason: reason.to_owned(),
    })
}
