//! What a messenger can carry, as data: [`crate::fit`] and the throttle keep to it.

use engine::{content::MediaKind, policy::Window};

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
    /// Whether the same call made twice with the same [`crate::Errand::serial`] is made once.
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
