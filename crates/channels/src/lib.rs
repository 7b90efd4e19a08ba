//! Speaks with the messengers: one folder each. A channel reads a raw update into events and sends
//! what the desk decided; it decides nothing and knows no database.
//!
//! What is to be sent is a [`Parcel`]. [`fit::plan`] cuts it into [`Piece`]s, each one call to the
//! messenger that its [`Abilities`] allow; [`Channel::deliver`] makes that call.

pub mod checks;
pub mod facebook;
pub mod fit;
pub mod http;
pub mod kinds;
pub mod media;
pub mod telegram;
mod transfer;
pub mod vk;

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use engine::{
    content::{Media, MediaKind, Rich, Said},
    effect::Key,
    event::{Event, Profile},
    ids::{ChannelId, ChatRef, MessageRef, PersonRef},
    policy::Window,
};
use futures_util::stream::BoxStream;
use jiff::Timestamp;
use reqwest::header::HeaderMap;

/// A connection to a messenger.
#[async_trait]
pub trait Channel: Send + Sync {
    /// Its name in the configuration.
    fn id(&self) -> &ChannelId;

    /// What it can carry: limits and kinds, as data.
    fn abilities(&self) -> &Abilities;

    /// How updates come.
    fn way_in(&self) -> WayIn;

    /// Makes the messenger bring updates that way. Asked at the start and after each silence, until
    /// it succeeds; doing it twice does no harm.
    async fn prepare(&self) -> Result<(), Undelivered>;

    /// The next updates after `cursor`, where they are polled; waits for them. Dropping the future
    /// loses nothing.
    async fn next(&self, cursor: Option<&str>) -> Result<Batch, Undelivered>;

    /// What a request to our webhook is, where updates are pushed. Pure; whatever does not prove that
    /// it comes from the messenger is [`Knocked::Stranger`].
    fn knock(&self, request: &Knock<'_>) -> Knocked;

    /// Turns one raw update into what it means. Pure: the same bytes always mean the same.
    fn read(&self, update: &[u8]) -> Result<Vec<Heard>, Unreadable>;

    /// A message that an update showed only in part ([`engine::event::Wrote::partial`]), whole: its
    /// parts in order. None if it is not there any more.
    async fn whole(&self, message: &MessageRef) -> Result<Option<Vec<Said>>, Undelivered>;

    /// What the messenger tells of a person whom its updates do not name. None if it tells nothing.
    async fn profile(&self, who: &PersonRef) -> Result<Option<Profile>, Undelivered>;

    /// Makes the one call that a piece needs; where a file must be uploaded first, that too.
    async fn deliver(&self, piece: &Piece, errand: &Errand<'_>) -> Result<Receipt, Undelivered>;

    /// Opens a file that the messenger holds.
    async fn fetch(&self, media: &Media) -> Result<Download, Undelivered>;

    /// A cheap call without effect that tells whether the messenger answers and takes our token.
    async fn probe(&self) -> Result<(), Undelivered>;
}

/// How updates come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WayIn {
    /// We ask for them ([`Channel::next`]).
    Polled,
    /// The messenger brings them to our webhook ([`Channel::knock`]).
    Pushed,
}

/// A request to our webhook.
#[derive(Clone, Copy, Debug)]
pub struct Knock<'a> {
    /// Whether it brings something (POST), or only asks (GET).
    pub post: bool,
    /// What stands behind the `?`, as it came.
    pub query: &'a str,
    /// Its headers.
    pub headers: &'a HeaderMap,
    /// Its body, as it came: signatures are over these bytes.
    pub body: &'a Bytes,
}

/// What a request to our webhook turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Knocked {
    /// Updates: stored first, then answered with 200 and this text.
    Updates {
        /// Each is for [`Channel::read`].
        updates: Vec<Bytes>,
        /// What the messenger wants to read.
        answer: &'static str,
    },
    /// A question of the messenger's own: answered with 200 and this text.
    Asked(String),
    /// Nothing proves that it comes from the messenger: 403, and nothing changes.
    Stranger,
    /// It comes from the messenger and makes no sense: 400.
    Nonsense,
}

/// What a delivery is given besides its piece.
#[derive(Clone, Copy)]
pub struct Errand<'a> {
    /// The time, for what expires.
    pub at: Timestamp,
    /// This call's own number, the same each time that it is tried: messengers that remove
    /// duplicates know them by it. Numbers of one database count upwards from a place of its own.
    pub serial: u64,
    /// Where files of other messengers are.
    pub files: &'a dyn Files,
}

/// Where the files of messages are: with the messenger they came from, or kept.
#[async_trait]
pub trait Files: Send + Sync {
    /// Opens the file that the message's content names, wherever it came from. A sticker may be asked
    /// for twice: as it is, and with its preview in the place of its file.
    async fn open(&self, said: &Said) -> Result<Download, Undelivered>;
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
#[expect(
    clippy::struct_excessive_bools,
    reason = "each says one thing that a messenger can or cannot"
)]
pub struct Abilities {
    /// Longest text, in the messenger's own units.
    pub text: usize,
    /// Longest caption, in the same units; 0 where files have none.
    pub caption: usize,
    /// What a text's length is counted in.
    pub unit: Unit,
    /// Most parts of an album; 1 where there are none.
    pub album: usize,
    /// Whether an album is one message with one text; otherwise each part is a message and has its
    /// own words.
    pub gathers: bool,
    /// Whether two kinds of files, as they arrive, may stand in one album.
    pub mixes: fn(MediaKind, MediaKind) -> bool,
    /// What each kind of file arrives as: itself where that can be, otherwise the nearest thing.
    pub carries: fn(MediaKind) -> Carried,
    /// Whether a place on the map can be sent as what it is; otherwise it is written out.
    pub places: bool,
    /// The same for a person's card.
    pub cards: bool,
    /// Kinds of [`engine::content::Body::Other`] that are never copied, even inside the messenger.
    pub uncopyable: &'static [&'static str],
    /// Whether formatting is shown; otherwise it is written so that it can be read.
    pub formats: bool,
    /// Whether a message can answer another.
    pub answers: bool,
    /// Longest label of a key, in characters.
    pub key_label: usize,
    /// Where keys can stand.
    pub keys: Keys,
    /// Whether sent messages can be changed.
    pub edits: bool,
    /// Whether a message can be copied inside the messenger, so that files need no transfer.
    pub copies: bool,
    /// Whether the same call made twice with the same [`Errand::serial`] is made once.
    pub once: bool,
    /// Largest upload, in bytes.
    pub upload: u64,
    /// How long after somebody last wrote they can be answered; none where always.
    pub window: Option<Window>,
    /// Published limits on sending.
    pub pace: Pace,
}

/// What a file arrives as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carried {
    /// As a file of this kind.
    As(MediaKind),
    /// As a picture of it: stickers, where there are none.
    Picture,
}

/// Where keys can stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keys {
    /// Most in a row.
    pub row: usize,
    /// Most rows.
    pub rows: usize,
    /// Most in all.
    pub all: usize,
    /// Whether they stay under their message until they are taken away; otherwise they go by
    /// themselves with the next message.
    pub stay: bool,
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
    /// A sign under somebody's message that it has arrived.
    Mark {
        /// Which message.
        message: MessageRef,
    },
    /// The notice at the top of a chat.
    Notice {
        /// Where.
        to: ChatRef,
        /// Where it stands, if it does.
        stands: Option<MessageRef>,
        /// What it reads now; what does not fit is cut with «…».
        text: Rich,
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
        /// The message. A file of another messenger is fetched ([`Errand::files`]) and uploaded.
        said: Said,
        /// What the file arrives as; means nothing for places and cards.
        carried: Carried,
        /// Its caption.
        caption: Rich,
        /// What it answers.
        reply_to: Option<MessageRef>,
    },
    /// Several files in one message or album, sent anew.
    SendAll {
        /// To whom.
        to: ChatRef,
        /// The messages and what each file arrives as, at most as many as an album may have.
        said: Vec<(Said, Carried)>,
        /// The words under all of them where an album is one message ([`Abilities::gathers`]);
        /// otherwise under the first, and the others keep their own.
        caption: Rich,
        /// What the first answers.
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
        /// What the file arrives as.
        carried: Carried,
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
    /// A sign under a message that it has arrived.
    Mark {
        /// Which.
        message: MessageRef,
    },
    /// A notice that stands at the top of a chat: changed where it stands, sent anew if somebody
    /// deleted it, pinned if it is not.
    Notice {
        /// Where.
        to: ChatRef,
        /// Where it stands, if it does.
        stands: Option<MessageRef>,
        /// The words.
        text: Rich,
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
