//! Speaks with the messengers: one folder each. A channel reads a raw update into events and sends
//! what the desk decided; it decides nothing and knows no database.
//!
//! What is to be sent is a [`Parcel`]. [`fit::plan`] cuts it into [`Piece`]s, each one call to the
//! messenger that its [`Abilities`] allow; [`Channel::deliver`] makes that call.

pub mod fit;
pub mod http;
pub mod media;
pub mod telegram;

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use engine::{
    content::{Media, MediaKind, Rich, Said},
    effect::Key,
    event::Event,
    ids::{ChannelId, ChatRef, MessageRef},
};
use futures_util::stream::BoxStream;
use jiff::Timestamp;

/// A connection to a messenger.
#[async_trait]
pub trait Channel: Send + Sync {
    /// Its name in the configuration.
    fn id(&self) -> &ChannelId;

    /// What it can carry: limits and kinds, as data.
    fn abilities(&self) -> &Abilities;

    /// Turns one raw update into what it means. Pure: the same bytes always mean the same.
    fn read(&self, update: &[u8]) -> Result<Vec<Heard>, Unreadable>;

    /// Makes the one call that a piece needs. `at` is the time, for what expires.
    async fn deliver(&self, piece: &Piece, at: Timestamp) -> Result<Receipt, Undelivered>;

    /// Opens a file that the messenger holds.
    async fn fetch(&self, media: &Media) -> Result<Download, Undelivered>;

    /// A cheap call without effect that tells whether the messenger answers and takes our token.
    async fn probe(&self) -> Result<(), Undelivered>;
}

/// What one raw update turned out to mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// Unique in the channel: the same update delivered twice has the same key.
    pub key: String,
    /// What keeps its order among itself: the chat that it happened in.
    pub lane: String,
    /// What it means.
    pub what: What,
}

/// What an update means to the desk.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(
    clippy::large_enum_variant,
    reason = "few live at once; a box would only spoil matching"
)]
pub enum What {
    /// Something that rules may act on.
    Event(Event),
    /// Nothing, and why: a stranger's group, the bot's own echo, a kind that no desk needs.
    Ignored(&'static str),
    /// The operators' group got a new id; everything addressed to the old one goes there.
    Moved {
        /// The group's old id.
        from: ChatRef,
        /// Its new one.
        to: ChatRef,
    },
}

/// An update that cannot be read. It is set aside and shown; the rest goes on.
#[derive(Debug, thiserror::Error)]
#[error("{reason}")]
pub struct Unreadable {
    /// The update's key, if that much could be read.
    pub key: Option<String>,
    /// What is wrong with it.
    pub reason: String,
}

/// One batch of a polled messenger.
#[derive(Debug, Default)]
pub struct Batch {
    /// The raw updates, in order.
    pub updates: Vec<Bytes>,
    /// Where to go on, to be stored together with them.
    pub cursor: Option<String>,
}

/// What a messenger can carry.
#[derive(Clone, Debug)]
pub struct Abilities {
    /// Longest text, in the messenger's own units.
    pub text: usize,
    /// Longest caption, in the same units.
    pub caption: usize,
    /// What a text's length is counted in.
    pub unit: Unit,
    /// Most parts of an album; 1 where there are none.
    pub album: usize,
    /// Kinds that can be sent as what they are.
    pub kinds: &'static [MediaKind],
    /// Kinds of [`engine::content::Body::Other`] that are never copied, even inside the messenger.
    pub uncopyable: &'static [&'static str],
    /// Longest label of a key, in characters.
    pub key_label: usize,
    /// Most keys in a row, most rows; 0 where there are no keys under messages.
    pub keys: (usize, usize),
    /// Whether sent messages can be changed.
    pub edits: bool,
    /// Whether a message can be copied inside the messenger, so that files need no transfer.
    pub copies: bool,
    /// Largest upload, in bytes.
    pub upload: u64,
    /// Published limits on sending.
    pub pace: Pace,
}

/// What the length of a text is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// UTF-16 code units (Telegram).
    Utf16,
    /// Characters.
    Chars,
}

/// Published limits on sending; all are kept before the messenger complains.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Calls a second, over everything.
    pub per_second: u32,
    /// Messages to one private chat a second.
    pub per_chat_second: u32,
    /// Messages to one group a minute, edits included.
    pub per_group_minute: u32,
}

/// Something to be sent, with every reference already found: what is replied to or changed stands
/// in the chat it goes to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(
    clippy::large_enum_variant,
    reason = "few live at once; a box would only spoil matching"
)]
pub enum Parcel {
    /// Words of the bot's own.
    Say {
        /// To whom.
        to: ChatRef,
        /// The words.
        text: Rich,
        /// Keys under the last piece.
        keys: Vec<Vec<Key>>,
        /// What the first piece answers.
        reply_to: Option<MessageRef>,
    },
    /// What somebody wrote: one message, an album, or things that belong together.
    Relay {
        /// To whom.
        to: ChatRef,
        /// What was written, in order.
        said: Vec<Said>,
        /// The line above it.
        header: Option<Rich>,
        /// What the first piece answers.
        reply_to: Option<MessageRef>,
    },
    /// A changed message, and where its twins stand (several where it was split).
    Revise {
        /// Where.
        to: ChatRef,
        /// Its twins, in order; never empty.
        twins: Vec<MessageRef>,
        /// What it reads now.
        said: Said,
        /// The line above it.
        header: Option<Rich>,
        /// Whether the file changed too, and not only the words.
        new_file: bool,
    },
    /// The bot's own words are changed.
    Rewrite {
        /// Which message.
        message: MessageRef,
        /// What it reads now; what does not fit is cut with «…».
        text: Rich,
        /// Its keys now.
        keys: Vec<Vec<Key>>,
    },
    /// Keys are taken from under messages.
    StripKeys {
        /// Which messages.
        messages: Vec<MessageRef>,
    },
    /// A press is answered.
    Answer {
        /// Where it came from.
        to: ChatRef,
        /// The press, as the channel named it.
        press: String,
        /// Words for whoever pressed.
        text: Option<String>,
        /// Whether they must be closed by hand.
        alert: bool,
    },
}

/// One call to the messenger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// A text message. `of`: whose words these are, if somebody's.
    Text {
        /// To whom.
        to: ChatRef,
        /// The words: within the limit.
        text: Rich,
        /// Keys under it.
        keys: Vec<Vec<Key>>,
        /// What it answers.
        reply_to: Option<MessageRef>,
        /// The message that it carries, or a part of.
        of: Option<MessageRef>,
    },
    /// A message copied inside the messenger; sent anew from `said` if it cannot be copied any more.
    Copy {
        /// To whom.
        to: ChatRef,
        /// The message.
        said: Said,
        /// Its caption, where it gets another one.
        caption: Option<Rich>,
        /// What it answers.
        reply_to: Option<MessageRef>,
    },
    /// Several messages copied inside the messenger at once: an album stays one.
    CopyAll {
        /// To whom.
        to: ChatRef,
        /// The messages, at most as many as an album may have; all from one chat.
        said: Vec<Said>,
        /// What the first answers.
        reply_to: Option<MessageRef>,
    },
    /// A message with a file, a place or a card, sent anew.
    Send {
        /// To whom.
        to: ChatRef,
        /// The message.
        said: Said,
        /// Its caption.
        caption: Rich,
        /// What it answers.
        reply_to: Option<MessageRef>,
    },
    /// Text of a message is changed.
    EditText {
        /// Which.
        message: MessageRef,
        /// The words now.
        text: Rich,
        /// Its keys now.
        keys: Vec<Vec<Key>>,
        /// The message that it carries, if it carries one.
        of: Option<MessageRef>,
    },
    /// Caption of a message is changed.
    EditCaption {
        /// Which.
        message: MessageRef,
        /// The words now.
        caption: Rich,
        /// The message that it carries.
        of: MessageRef,
    },
    /// File and caption of a message are changed.
    EditMedia {
        /// Which.
        message: MessageRef,
        /// What it is now.
        said: Said,
        /// The words now.
        caption: Rich,
    },
    /// Keys are taken from under a message.
    StripKeys {
        /// Which.
        message: MessageRef,
    },
    /// A message of ours is taken back.
    Delete {
        /// Which.
        message: MessageRef,
    },
    /// A press is answered.
    Answer {
        /// Where it came from.
        to: ChatRef,
        /// The press.
        press: String,
        /// Words.
        text: Option<String>,
        /// Whether they must be closed by hand.
        alert: bool,
    },
}

/// What the messenger made of a piece.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Receipt {
    /// The messages that stand there now.
    pub sent: Vec<Sent>,
    /// A message from under which the keys are gone, for good.
    pub stripped: Option<MessageRef>,
}

/// A message that stands in a chat now because of us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// Where.
    pub at: MessageRef,
    /// The message that it carries, or a part of.
    pub of: Option<MessageRef>,
    /// Whether keys stand under it.
    pub keys: bool,
}

/// Why something was not delivered, as what to do next.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Undelivered {
    /// The messenger asks to wait that long (429): nothing was accepted.
    #[error("asked to wait {} s", .0.as_secs())]
    Wait(Duration),
    /// Nothing was accepted: try again later.
    #[error("not accepted: {0}")]
    Unreached(String),
    /// It may have been accepted: the connection ended before the answer.
    #[error("outcome unknown: {0}")]
    Unknown(String),
    /// The chat is out of reach: blocked, deleted, never begun.
    #[error("out of reach: {0}")]
    Gone(String),
    /// The chat has a new id.
    #[error("the chat moved to {0}")]
    Moved(ChatRef),
    /// What was to be changed, answered or copied is not there any more, or is so already.
    #[error("nothing to do: {0}")]
    Moot(String),
    /// The messenger does not take our token: nothing can be delivered until it is mended.
    #[error("access refused: {0}")]
    Locked(String),
    /// The messenger will not take this message; another may go.
    #[error("refused: {reason}")]
    Refused {
        /// Its words, without secrets.
        reason: String,
    },
}

/// A file on its way from a messenger.
pub struct Download {
    /// Its bytes.
    pub bytes: BoxStream<'static, Result<Bytes, Undelivered>>,
    /// How many, where the messenger says.
    pub size: Option<u64>,
    /// Its name on the messenger's side, for its extension.
    pub name: Option<String>,
}
