//! What a message says, whichever messenger it came from: text with formatting, one thing attached,
//! and where it belongs. Nothing a messenger can send is without a [`Body`]: what has no kind of its
//! own is [`Body::Other`], with words for it.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::ids::MessageRef;

/// A message's content.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// What is attached; [`Body::Text`] if nothing is.
    pub body: Body,
    /// The text, or the caption of what is attached.
    #[serde(default, skip_serializing_if = "Rich::is_empty")]
    pub text: Rich,
    /// Messages with the same album id, sent at the same moment, are one album.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub album: Option<String>,
    /// The message it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<MessageRef>,
    /// Whom it was forwarded from, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forwarded_from: Option<String>,
}

impl Content {
    /// A message of plain text.
    pub fn text(text: impl Into<String>) -> Self {
        Self {
            text: Rich::plain(text),
            ..Self::default()
        }
    }

    /// The name of its kind as the history keeps it: `text`, `photo`, `video`, …
    pub fn kind(&self) -> &str {
        match &self.body {
            Body::Text => "text",
            Body::Media(media) => media.kind.as_str(),
            Body::Location(_) => "location",
            Body::Contact(_) => "contact",
            Body::Other { kind, .. } => kind,
        }
    }

    /// The attachment, if it has one that is a file.
    pub fn media(&self) -> Option<&Media> {
        match &self.body {
            Body::Media(media) => Some(media),
            Body::Text | Body::Location(_) | Body::Contact(_) | Body::Other { .. } => None,
        }
    }
}

/// What a message carries besides text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Body {
    /// Nothing: the text is the message.
    #[default]
    Text,
    /// A file of some kind.
    Media(Media),
    /// A point on the map.
    Location(Location),
    /// A person's card.
    Contact(Contact),
    /// Something without a kind of its own here (a poll, a die, a story, …).
    Other {
        /// The messenger's word for it, such as `poll`.
        kind: String,
        /// What a person is told came, such as a poll's question; may be empty.
        about: String,
    },
}

/// A file that a messenger holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Media {
    /// How it is shown.
    pub kind: MediaKind,
    /// How the channel that it came from finds it again; opaque elsewhere.
    pub file: String,
    /// The file's name, as the sender gave it: for show, never for a path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The type, as the sender gave it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mime: Option<String>,
    /// Bytes, where the messenger says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// A sticker's emoji.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub emoji: Option<String>,
    /// Pixels, where the messenger says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// Pixels, where the messenger says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// Seconds, where the messenger says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<u32>,
    /// A still picture of it, found again as the file is: where the file itself cannot be shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preview: Option<String>,
}

impl Media {
    /// A file of a kind, of which nothing else is known.
    pub fn new(kind: MediaKind, file: impl Into<String>) -> Self {
        Self {
            kind,
            file: file.into(),
            name: None,
            mime: None,
            size: None,
            emoji: None,
            width: None,
            height: None,
            seconds: None,
            preview: None,
        }
    }
}

/// How a file is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MediaKind {
    /// A picture.
    Photo,
    /// A film with sound.
    Video,
    /// Any file.
    Document,
    /// A voice message.
    Voice,
    /// Music.
    Audio,
    /// A sticker.
    Sticker,
    /// A round film.
    VideoNote,
    /// A film without sound.
    Animation,
}

impl MediaKind {
    /// Every kind there is.
    pub const ALL: [Self; 8] = [
        Self::Photo,
        Self::Video,
        Self::Document,
        Self::Voice,
        Self::Audio,
        Self::Sticker,
        Self::VideoNote,
        Self::Animation,
    ];

    /// The name that the history keeps.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Photo => "photo",
            Self::Video => "video",
            Self::Document => "document",
            Self::Voice => "voice",
            Self::Audio => "audio",
            Self::Sticker => "sticker",
            Self::VideoNote => "video_note",
            Self::Animation => "animation",
        }
    }

    /// Whether messengers show text under it.
    pub fn has_caption(self) -> bool {
        match self {
            Self::Photo
            | Self::Video
            | Self::Document
            | Self::Voice
            | Self::Audio
            | Self::Animation => true,
            Self::Sticker | Self::VideoNote => false,
        }
    }
}

/// A point on the map.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Location {
    /// Degrees north, as the messenger wrote them (text: nothing is rounded on the way).
    pub latitude: String,
    /// Degrees east.
    pub longitude: String,
    /// The name of the place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Its address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
}

/// A person's card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// The number as the messenger gave it.
    pub phone: String,
    /// Whose it is.
    pub first_name: String,
    /// The rest of the name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_name: Option<String>,
    /// Whether the messenger vouches that it is the sender's own.
    #[serde(default)]
    pub own: bool,
}

/// Text with formatting. User text is never parsed as markup: formatting is beside it, as ranges.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rich {
    /// The text.
    pub text: String,
    /// The formatting, by start. Ranges are bytes of `text` at character borders.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<Mark>,
}

/// One stretch of formatting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// Bytes of the text, `start..end`.
    pub range: Range<usize>,
    /// What it looks like.
    pub style: Style,
}

/// How a stretch of text looks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Style {
    /// Heavy.
    Bold,
    /// Slanted.
    Italic,
    /// Lined under.
    Underline,
    /// Struck through.
    Strike,
    /// Hidden until tapped.
    Spoiler,
    /// A few words of code.
    Code,
    /// A block of code, with its language.
    Pre(Option<String>),
    /// Somebody else's words.
    Quote,
    /// The same, folded.
    FoldedQuote,
    /// Words that lead to an address.
    Link(String),
    /// A person without a public name, by the messenger's id.
    Mention(String),
    /// A messenger's own picture in the text, by its id.
    Emoji(String),
}

impl Rich {
    /// Text without formatting.
    pub fn plain(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            marks: Vec::new(),
        }
    }

    /// Whether there is nothing to read.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Adds text.
    pub fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Adds text in one style.
    pub fn push_styled(&mut self, text: &str, style: Style) {
        let start = self.text.len();
        self.text.push_str(text);
        if start < self.text.len() {
            self.marks.push(Mark {
                range: start..self.text.len(),
                style,
            });
        }
    }

    /// Adds other text with its formatting.
    pub fn append(&mut self, other: &Self) {
        let shift = self.text.len();
        self.text.push_str(&other.text);
        self.marks.extend(other.marks.iter().map(|mark| Mark {
            range: mark.range.start + shift..mark.range.end + shift,
            style: mark.style.clone(),
        }));
    }
}

/// A message that somebody wrote: where it stands, and what it says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// Where it stands in the chat of whoever wrote it: its identity ever after.
    pub at: MessageRef,
    /// What it says.
    pub content: Content,
}
