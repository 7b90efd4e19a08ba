//! Speaks with the messengers: one folder each. A channel reads a raw update into events and sends
//! what the desk decided; it decides nothing and knows no database.
//!
//! What is to be sent is a [`Parcel`]. [`fit::plan`] cuts it into [`Piece`]s, each one call to the
//! messenger that its [`Abilities`] allow; [`Channel::deliver`] makes that call.

mod abilities;
pub mod checks;
pub mod facebook;
pub mod fit;
pub mod http;
pub mod kinds;
pub mod media;
mod parcel;
pub mod telegram;
mod transfer;
pub mod vk;

use async_trait::async_trait;
use bytes::Bytes;
use engine::{
    content::{Media, Said},
    event::{Event, Profile},
    ids::{ChannelId, ChatRef, MessageRef, PersonRef},
};
use futures_util::stream::BoxStream;
use jiff::Timestamp;
use reqwest::header::HeaderMap;

pub use abilities::{Abilities, Carried, Keys, Pace, Unit};
pub use parcel::{Parcel, Piece, Receipt, Sent, Undelivered};

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

/// A file on its way from a messenger.
pub struct Download {
    /// Its bytes.
    pub bytes: BoxStream<'static, Result<Bytes, Undelivered>>,
    /// How many, where the messenger says.
    pub size: Option<u64>,
    /// Its name on the messenger's side, for its extension.
    pub name: Option<String>,
}
