//! What a message says, and how bots see its files.

use serde_json::{Map, Value, json};

use super::text::Rich;
use crate::files::{File, FileId, Files};

/// The content of a message.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Content {
    Text(Rich),
    Media(Media),
    /// `location`, `venue`, `contact`, `poll` or `dice`: the name of the field and the object in it.
    Plain(&'static str, Value),
    /// Something that happened: the field of a `Message` and its value, and the same in words.
    Service {
        field: &'static str,
        value: Value,
        words: String,
    },
}

/// A file in a message.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Media {
    pub(crate) kind: MediaKind,
    pub(crate) file: FileId,
    pub(crate) caption: Rich,
    pub(crate) facts: Facts,
}

/// What a sender says about a file. Zero: not said.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Facts {
    pub(crate) width: i64,
    pub(crate) height: i64,
    pub(crate) duration: i64,
    pub(crate) performer: Option<String>,
    pub(crate) title: Option<String>,
    pub(crate) emoji: Option<String>,
    pub(crate) spoiler: bool,
    pub(crate) caption_above: bool,
}

/// Kinds of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MediaKind {
    Photo,
    Video,
    Animation,
    Audio,
    Document,
    Voice,
    VideoNote,
    Sticker,
}

impl MediaKind {
    pub(crate) const ALL: [Self; 8] = [
        Self::Photo,
        Self::Video,
        Self::Animation,
        Self::Audio,
        Self::Document,
        Self::Voice,
        Self::VideoNote,
        Self::Sticker,
    ];

    /// The field of a `Message`, also the parameter of the sending method.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Photo => "photo",
            Self::Video => "video",
            Self::Animation => "animation",
            Self::Audio => "audio",
            Self::Document => "document",
            Self::Voice => "voice",
            Self::VideoNote => "video_note",
            Self::Sticker => "sticker",
        }
    }

    /// As tdlib calls it in errors.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Photo => "Photo",
            Self::Video => "Video",
            Self::Animation => "Animation",
            Self::Audio => "Audio",
            Self::Document => "Document",
            Self::Voice => "VoiceNote",
            Self::VideoNote => "VideoNote",
            Self::Sticker => "Sticker",
        }
    }

    /// The folder in `file_path`.
    pub(crate) fn folder(self) -> &'static str {
        match self {
            Self::Photo => "photos",
            Self::Video => "videos",
            Self::Animation => "animations",
            Self::Audio => "music",
            Self::Document => "documents",
            Self::Voice => "voice",
            Self::VideoNote => "video_notes",
            Self::Sticker => "stickers",
        }
    }

    /// How file ids of this kind begin; it looks like the real ones.
    fn prefix(self) -> &'static str {
        match self {
            Self::Photo => "AgACAgIAAx",
            Self::Video => "BAACAgIAAx",
            Self::Animation => "CgACAgIAAx",
            Self::Audio => "CQACAgIAAx",
            Self::Document => "BQACAgIAAx",
            Self::Voice => "AwACAgIAAx",
            Self::VideoNote => "DQACAgIAAx",
            Self::Sticker => "CAACAgIAAx",
        }
    }

    pub(crate) fn takes_caption(self) -> bool {
        match self {
            Self::Photo
            | Self::Video
            | Self::Animation
            | Self::Audio
            | Self::Document
            | Self::Voice => true,
            Self::VideoNote | Self::Sticker => false,
        }
    }
}

/// A file id holds for one bot only; `size` tells the sizes of a photo apart.
pub(crate) fn file_id(kind: MediaKind, bot: i64, file: FileId, size: char) -> String {
    format!("{}{bot:x}_{:x}{size}", kind.prefix(), file.0)
}

/// Reads a file id that this bot was given.
pub(crate) fn parse_file_id(text: &str, bot: i64) -> Option<(MediaKind, FileId)> {
    let kind = MediaKind::ALL
        .into_iter()
        .find(|kind| text.starts_with(kind.prefix()))?;
    let (owner, file) = text[kind.prefix().len()..].split_once('_')?;
    let end = file.char_indices().last()?.0;
    let file = u64::from_str_radix(&file[..end], 16).ok()?;
    (i64::from_str_radix(owner, 16).ok()? == bot).then_some((kind, FileId(file)))
}

/// The object that a `Message` carries for a file.
pub(crate) fn media_json(media: &Media, bot: i64, files: &Files) -> Value {
    let Some(file) = files.get(media.file) else {
        return json!({
            "file_id": file_id(media.kind, bot, media.file, 'y'),
            "file_unique_id": unique(media.file, 'y'),
        });
    };
    if media.kind == MediaKind::Photo {
        return photo_sizes(media, file, bot);
    }
    let facts = &media.facts;
    let mut out = Map::new();
    let mut set = |key: &str, value: Value| out.insert(key.to_owned(), value);
    set("file_id", file_id(media.kind, bot, media.file, 'y').into());
    set("file_unique_id", unique(media.file, 'y').into());
    set("file_size", file.bytes.len().into());
    let (width, height) = (
        or(facts.width, file.width, 640),
        or(facts.height, file.height, 360),
    );
    match media.kind {
        MediaKind::Photo | MediaKind::Document => {}
        MediaKind::Video | MediaKind::Animation => {
            set("width", width.into());
            set("height", height.into());
            set("duration", facts.duration.max(1).into());
        }
        MediaKind::Audio | MediaKind::Voice => {
            set("duration", facts.duration.max(1).into());
        }
        MediaKind::VideoNote => {
            set("length", or(facts.width, file.width, 240).into());
            set("duration", facts.duration.max(1).into());
        }
        MediaKind::Sticker => {
            set("type", "regular".into());
            set("width", or(facts.width, file.width, 512).into());
            set("height", or(facts.height, file.height, 512).into());
            set(
                "is_animated",
                (file.mime == "application/x-tgsticker").into(),
            );
            set("is_video", (file.mime == "video/webm").into());
        }
    }
    for (key, value) in [
        ("performer", &facts.performer),
        ("title", &facts.title),
        ("emoji", &facts.emoji),
    ] {
        if let Some(value) = value {
            set(key, value.clone().into());
        }
    }
    if !matches!(media.kind, MediaKind::Sticker | MediaKind::VideoNote) {
        set("mime_type", file.mime.clone().into());
        if media.kind != MediaKind::Voice
            && let Some(name) = &file.name
        {
            set("file_name", name.clone().into());
        }
    }
    out.into()
}

fn or(said: i64, measured: u32, default: i64) -> i64 {
    match (said, measured) {
        (0, 0) => default,
        (0, measured) => measured.into(),
        (said, _) => said,
    }
}

/// The same for all bots, but not for a photo's sizes.
pub(crate) fn unique(file: FileId, size: char) -> String {
    format!("AQAD{:x}{size}", file.0)
}

/// Sizes of a photo, smallest first, the whole one last.
fn photo_sizes(media: &Media, file: &File, bot: i64) -> Value {
    let (width, height) = (
        or(media.facts.width, file.width, 1280),
        or(media.facts.height, file.height, 960),
    );
    let longest = width.max(height).max(1);
    let smaller = [(90, 's'), (320, 'm'), (800, 'x')]
        .into_iter()
        .filter(|(side, _)| *side < longest);
    let sizes = smaller.chain([(longest, 'y')]).map(|(side, letter)| {
        let bytes = i64::try_from(file.bytes.len()).unwrap_or(i64::MAX);
        json!({
            "file_id": file_id(MediaKind::Photo, bot, media.file, letter),
            "file_unique_id": unique(media.file, letter),
            "width": (width * side / longest).max(1),
            "height": (height * side / longest).max(1),
            "file_size": (bytes / longest * side).clamp(1, bytes.max(1)),
        })
    });
    let mut sizes: Vec<Value> = sizes.collect();
    if let Some(whole) = sizes.last_mut() {
        whole["file_size"] = file.bytes.len().into();
    }
    sizes.into()
}
