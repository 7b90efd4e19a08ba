//! What a file is sent by: its id where this bot holds it, an upload where another messenger does (or
//! another bot: ids are good for one bot only).

use engine::{
    content::{MediaKind, Rich, Said},
    ids::ChannelId,
};
use reqwest::multipart::Part;
use serde_json::Value;

use super::params::Params;
use crate::{
    Carried, Errand, Undelivered,
    transfer::{self, Limits, Upload},
};

/// What Telegram takes (Bot API, "Sending files" and the methods of each kind). Photos have 10 MB and
/// 10000 pixels of width and height together, one side at most 20 times the other; anything else has
/// 50 MB.
static LIMITS: Limits = Limits {
    largest: |kind| match kind {
        MediaKind::Photo => 10_000_000,
        MediaKind::Sticker => 512_000,
        MediaKind::Video
        | MediaKind::Document
        | MediaKind::Voice
        | MediaKind::Audio
        | MediaKind::VideoNote
        | MediaKind::Animation => super::ABILITIES.upload,
    },
    takes: |kind, format| match kind {
        MediaKind::Document => true,
        MediaKind::Photo => matches!(format, "jpg" | "png" | "webp"),
        MediaKind::Video | MediaKind::VideoNote => format == "mp4",
        MediaKind::Animation => matches!(format, "gif" | "mp4"),
        MediaKind::Voice => matches!(format, "ogg" | "mp3" | "m4a"),
        MediaKind::Audio => matches!(format, "mp3" | "m4a"),
        MediaKind::Sticker => matches!(format, "webp" | "tgs" | "webm"),
    },
    shows: |width, height| {
        width.saturating_add(height) <= 10_000
            && width.max(height) <= width.min(height).saturating_mul(20)
    },
};

/// A file that is about to be sent.
pub(super) struct Outgoing {
    /// What it is sent as.
    pub(super) kind: MediaKind,
    /// Its sender's message.
    pub(super) said: Said,
    source: Source,
}

enum Source {
    Known(String),
    New(Box<Upload>),
}

/// A file inside a call.
pub(super) struct Attached {
    /// The name of its part of the form.
    pub(super) name: String,
    /// It.
    pub(super) part: Part,
    /// How many bytes, where that is known.
    pub(super) size: Option<u64>,
}

impl Outgoing {
    /// The file of a message, for a chat of `channel`. None if it has no file.
    pub(super) async fn of(
        channel: &ChannelId,
        said: &Said,
        carried: Carried,
        errand: &Errand<'_>,
    ) -> Result<Option<Self>, Undelivered> {
        let Some(media) = said.content.media() else {
            return Ok(None);
        };
        let (kind, source) = if said.at.chat.channel == *channel {
            (media.kind, Source::Known(media.file.clone()))
        } else {
            let upload = transfer::upload(errand.files, said, carried, &LIMITS).await?;
            (upload.kind, Source::New(Box::new(upload)))
        };
        Ok(Some(Self {
            kind,
            said: said.clone(),
            source,
        }))
    }

    /// Whether it is uploaded.
    pub(super) fn is_new(&self) -> bool {
        matches!(self.source, Source::New(_))
    }

    /// The call that sends it alone.
    pub(super) fn alone(
        self,
        caption: &Rich,
        params: Params,
    ) -> (&'static str, Params, Vec<Attached>) {
        let (method, field) = match self.kind {
            MediaKind::Photo => ("sendPhoto", "photo"),
            MediaKind::Video => ("sendVideo", "video"),
            MediaKind::Document => ("sendDocument", "document"),
            MediaKind::Voice => ("sendVoice", "voice"),
            MediaKind::Audio => ("sendAudio", "audio"),
            MediaKind::Sticker => ("sendSticker", "sticker"),
            MediaKind::VideoNote => ("sendVideoNote", "video_note"),
            MediaKind::Animation => ("sendAnimation", "animation"),
        };
        let params = if self.kind.has_caption() {
            params.caption(caption)
        } else {
            params
        };
        match self.source {
            Source::Known(id) => (method, params.set(field, id), Vec::new()),
            Source::New(upload) => {
                let params = measured(params, self.kind, &self.said);
                (method, params, vec![attached(field.to_owned(), *upload)])
            }
        }
    }

    /// It as `InputMedia…`, for the kinds that can stand in an album or in the place of another file;
    /// its bytes, if it has any, go along under `name`.
    pub(super) fn within(self, caption: &Rich, name: &str) -> Option<(Value, Option<Attached>)> {
        if !can_be_within(self.kind) {
            return None;
        }
        let params = Params::default().set("type", self.kind.as_str());
        let (params, attached) = match self.source {
            Source::Known(id) => (params.set("media", id), None),
            Source::New(upload) => (
                measured(params, self.kind, &self.said).set("media", format!("attach://{name}")),
                Some(attached(name.to_owned(), *upload)),
            ),
        };
        Some((params.caption(caption).into_value(), attached))
    }
}

/// Whether there is an `InputMedia…` for it that albums and edits take.
fn can_be_within(kind: MediaKind) -> bool {
    match kind {
        MediaKind::Photo
        | MediaKind::Video
        | MediaKind::Document
        | MediaKind::Audio
        | MediaKind::Animation => true,
        MediaKind::Voice | MediaKind::Sticker | MediaKind::VideoNote => false,
    }
}

/// What the other messenger says of a film or a sound: Telegram does not look into them, and without a
/// size it shows a film as a square.
fn measured(params: Params, kind: MediaKind, said: &Said) -> Params {
    let Some(media) = said.content.media() else {
        return params;
    };
    let fields: &[(&str, Option<u32>)] = match kind {
        MediaKind::Video | MediaKind::Animation => &[
            ("width", media.width),
            ("height", media.height),
            ("duration", media.seconds),
        ],
        MediaKind::VideoNote => &[("length", media.width), ("duration", media.seconds)],
        MediaKind::Voice | MediaKind::Audio => &[("duration", media.seconds)],
        MediaKind::Photo | MediaKind::Document | MediaKind::Sticker => &[],
    };
    fields
        .iter()
        .filter_map(|(name, value)| Some((name, value.filter(|value| *value > 0)?)))
        .fold(params, |params, (name, value)| params.set(name, value))
}

fn attached(name: String, upload: Upload) -> Attached {
    Attached {
        name,
        part: upload.part,
        size: upload.size,
    }
}
