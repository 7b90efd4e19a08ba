//! Files on their way from one messenger to another: what comes out of a download becomes a part of an
//! upload.
//!
//! What must stay true: what a file is, its first bytes say, never its sender; nothing larger than the
//! messenger takes is sent to it, and nothing is held in memory beyond [`BUFFERED`]; a source that
//! breaks off is the source's fault, and then the messenger has accepted nothing.

use std::io::Cursor;

use bytes::Bytes;
use engine::content::{self, Media, MediaKind, Said};
use futures_util::{
    StreamExt,
    stream::{self, BoxStream},
};
use image::{ImageFormat, ImageReader};
use reqwest::{
    Body,
    multipart::{Form, Part},
};

use crate::{
    Carried, Files, Undelivered,
    http::Broken,
    media::formats::{TELLING, extension, mime},
};

/// So much of a file is held in memory: pictures, and files whose size nobody told.
const BUFFERED: usize = 16 << 20;

/// Most pixels of a side of a sticker that is made a picture; Telegram's have 512.
const LARGEST_STICKER: u32 = 2048;

/// Longest name of a file, in characters, without its extension.
const LONGEST_NAME: usize = 80;

/// What a messenger takes.
pub(crate) struct Limits {
    /// Largest file of a kind, in bytes.
    pub(crate) largest: fn(MediaKind) -> u64,
    /// Whether a file of this format (its extension, such as `jpg`) may arrive as this kind.
    pub(crate) takes: fn(MediaKind, &str) -> bool,
    /// Whether a picture of this width and height, in pixels, may arrive as a photo.
    pub(crate) shows: fn(u32, u32) -> bool,
}

/// A file that is ready to be sent.
pub(crate) struct Upload {
    /// What it may be sent as: what it was to arrive as, or the nearest thing that the messenger
    /// takes it for, at the last a document.
    pub(crate) kind: MediaKind,
    /// Its name: harmless, with the extension of what it is. The part has it already.
    pub(crate) name: String,
    /// Its type, from its first bytes. The part has it already.
    pub(crate) mime: &'static str,
    /// How many bytes, where that is known beforehand.
    pub(crate) size: Option<u64>,
    /// Its bytes. A request that fails while they are read says why by [`crate::http::failure`].
    pub(crate) part: Part,
}

/// Fetches the file of a message and makes it ready for a messenger. What the messenger takes for
/// nothing at all is [`Undelivered::Refused`]; a source that does not give it is
/// [`Undelivered::Unreached`].
pub(crate) async fn upload(
    files: &dyn Files,
    said: &Said,
    carried: Carried,
    limits: &Limits,
) -> Result<Upload, Undelivered> {
    let Some(media) = said.content.media() else {
        return refused("there is no file in it");
    };
    let (kind, incoming, format) = match carried {
        Carried::As(kind) => {
            let incoming = Incoming::open(files, said).await?;
            let format = incoming.format(kind, media);
            (kind, incoming, format)
        }
        Carried::Picture => {
            let (incoming, format) = still(files, said, media).await?;
            (MediaKind::Photo, incoming, format)
        }
    };
    incoming.fitted(kind, format, media, limits).await
}

/// A form for uploads. Names of files stand in it as they are, the way browsers write them: not every
/// messenger reads the percent signs of RFC 2231.
pub(crate) fn form() -> Form {
    Form::new().percent_encode_noop()
}

/// A file as it comes in: what was read of it, and the rest.
struct Incoming {
    read: Vec<u8>,
    ended: bool,
    rest: BoxStream<'static, Result<Bytes, Undelivered>>,
    promised: Option<u64>,
    called: Option<String>,
}

impl Incoming {
    async fn open(files: &dyn Files, said: &Said) -> Result<Self, Undelivered> {
        let download = files.open(said).await.map_err(of_source)?;
        let mut incoming = Self {
            read: Vec::new(),
            ended: false,
            rest: download.bytes,
            promised: download.size,
            called: download.name,
        };
        incoming.read_up_to(TELLING).await?;
        if incoming.read.is_empty() {
            return refused("the file is empty");
        }
        Ok(incoming)
    }

    fn of(bytes: Vec<u8>) -> Self {
        Self {
            promised: Some(bytes.len() as u64),
            read: bytes,
            ended: true,
            rest: stream::empty().boxed(),
            called: None,
        }
    }

    /// Reads until so many bytes are there, or all of them.
    async fn read_up_to(&mut self, bytes: usize) -> Result<(), Undelivered> {
        while !self.ended && self.read.len() < bytes {
            match self.rest.next().await {
                Some(chunk) => self.read.extend_from_slice(&chunk.map_err(of_source)?),
                None => self.ended = true,
            }
        }
        let short = |promised| promised > self.read.len() as u64;
        if self.ended && self.promised.is_some_and(short) {
            return Err(Undelivered::Unreached("the file ended early".to_owned()));
        }
        Ok(())
    }

    /// What it is.
    fn format(&self, kind: MediaKind, media: &Media) -> &'static str {
        let called = media.name.as_deref().or(self.called.as_deref());
        match (kind, extension(&self.read, called)) {
            // Sound in a film's box, as Messenger sends it.
            (MediaKind::Voice | MediaKind::Audio, "mp4") => "m4a",
            (_, format) => format,
        }
    }

    fn size(&self) -> Option<u64> {
        if self.ended {
            Some(self.read.len() as u64)
        } else {
            self.promised
        }
    }

    /// It as the nearest thing that the messenger takes.
    async fn fitted(
        mut self,
        kind: MediaKind,
        format: &'static str,
        media: &Media,
        limits: &Limits,
    ) -> Result<Upload, Undelivered> {
        if kind == MediaKind::Photo || self.promised.is_none() {
            self.read_up_to(BUFFERED).await?;
        }
        let size = self.size();
        // Of a file that is longer than what was read, only that is known.
        let least = size.unwrap_or(self.read.len() as u64);
        let taken = |kind: &MediaKind| {
            (limits.takes)(*kind, format)
                && least <= (limits.largest)(*kind)
                && (*kind != MediaKind::Photo || is_shown(&self.read, limits))
        };
        let Some(kind) = ladder(kind).iter().copied().find(taken) else {
            let largest = (limits.largest)(MediaKind::Document);
            return if least > largest {
                refused(&format!("the file has {least} bytes, more than {largest}"))
            } else {
                refused(&format!("files of the format {format} are not taken"))
            };
        };
        let name = name(media.name.as_deref(), kind, format);
        let mime = mime(format);
        let body = self.body((limits.largest)(kind));
        let part = match size {
            Some(size) => Part::stream_with_length(body, size),
            None => Part::stream(body),
        };
        let part = part
            .file_name(name.clone())
            .mime_str(mime)
            .map_err(|_| unreadable("the type of the file"))?;
        Ok(Upload {
            kind,
            name,
            mime,
            size,
            part,
        })
    }

    /// Its bytes: exactly as many as were promised, at most `most`.
    fn body(self, most: u64) -> Body {
        if self.ended {
            return Body::from(self.read);
        }
        let promised = self.promised;
        let read = stream::once(async move { Ok(Bytes::from(self.read)) });
        let ends = stream::once(async { None });
        let chunks = read.chain(self.rest).map(Some).chain(ends);
        let counted = chunks.scan(0, move |sent, chunk| {
            let checked = match chunk {
                None if promised.is_some_and(|promised| promised > *sent) => {
                    let why = "the file ended early".to_owned();
                    Some(Err(Undelivered::Unreached(why)))
                }
                None => None,
                Some(Ok(chunk)) => {
                    *sent += chunk.len() as u64;
                    Some(if *sent > promised.unwrap_or(most) {
                        refused("the file is longer than it was said to be")
                    } else {
                        Ok(chunk)
                    })
                }
                Some(Err(failed)) => Some(Err(of_source(failed))),
            };
            async move { checked.map(|checked| checked.map_err(Broken)) }
        });
        Body::wrap_stream(counted)
    }
}

/// A sticker as a still picture: itself, or what its messenger shows in its place.
async fn still(
    files: &dyn Files,
    said: &Said,
    media: &Media,
) -> Result<(Incoming, &'static str), Undelivered> {
    let mut tries = vec![said.clone()];
    if let Some(preview) = &media.preview {
        let mut shown = said.clone();
        shown.content.body = content::Body::Media(Media::new(MediaKind::Photo, preview));
        if is_moving(media) {
            tries.clear();
        }
        tries.push(shown);
    }
    for said in tries {
        let mut incoming = Incoming::open(files, &said).await?;
        match incoming.format(MediaKind::Photo, media) {
            "webp" => {
                incoming.read_up_to(BUFFERED).await?;
                return Ok((Incoming::of(png(incoming.read).await?), "png"));
            }
            format @ ("png" | "jpg" | "gif") => return Ok((incoming, format)),
            _ => {}
        }
    }
    refused("the sticker has no still picture")
}

/// Whether a sticker says that it moves: then its own file is no picture.
pub(crate) fn is_moving(media: &Media) -> bool {
    matches!(
        media.mime.as_deref(),
        Some("application/x-tgsticker" | "video/webm")
    )
}

/// A WebP as a PNG, which every messenger takes.
async fn png(webp: Vec<u8>) -> Result<Vec<u8>, Undelivered> {
    let converted = tokio::task::spawn_blocking(move || {
        let mut reader = ImageReader::with_format(Cursor::new(webp), ImageFormat::WebP);
        let mut limits = image::Limits::default();
        limits.max_image_width = Some(LARGEST_STICKER);
        limits.max_image_height = Some(LARGEST_STICKER);
        reader.limits(limits);
        let mut png = Cursor::new(Vec::new());
        reader
            .decode()?
            .write_to(&mut png, ImageFormat::Png)
            .map(|()| png.into_inner())
    });
    match converted.await {
        Ok(Ok(png)) => Ok(png),
        Ok(Err(_)) | Err(_) => Err(unreadable("the sticker")),
    }
}

/// Whether a picture may arrive as a photo; what cannot be measured may not.
fn is_shown(picture: &[u8], limits: &Limits) -> bool {
    let reader = ImageReader::new(Cursor::new(picture)).with_guessed_format();
    let sides = reader.ok().and_then(|reader| reader.into_dimensions().ok());
    sides.is_some_and(|(width, height)| (limits.shows)(width, height))
}

/// What a file of a kind may be sent as, the best first.
fn ladder(kind: MediaKind) -> &'static [MediaKind] {
    use MediaKind::{Animation, Audio, Document, Photo, Sticker, Video, VideoNote, Voice};
    match kind {
        Photo => &[Photo, Animation, Document],
        Video => &[Video, Document],
        Document => &[Document],
        Voice => &[Voice, Audio, Document],
        // Sound in OGG is nearly always a voice; messengers play it as one only.
        Audio => &[Audio, Voice, Document],
        Sticker => &[Sticker, Photo, Animation, Document],
        VideoNote => &[VideoNote, Video, Document],
        Animation => &[Animation, Video, Document],
    }
}

/// A name that does no harm anywhere: the sender's, with our extension.
fn name(given: Option<&str>, kind: MediaKind, extension: &str) -> String {
    let given = given.unwrap_or_default();
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain = |c: char| {
        if c.is_alphanumeric() || " -_.,()+№#&'@!=~[]%$".contains(c) {
            c
        } else {
            '_'
        }
    };
    let clean: String = last.chars().map(plain).collect();
    let stem = match clean.rsplit_once('.') {
        Some((stem, end)) if is_same(end, extension) => stem,
        _ => clean.as_str(),
    };
    let stem: String = stem.chars().take(LONGEST_NAME).collect();
    let stem = match stem.trim_matches(['.', ' ']) {
        "" if kind == MediaKind::Document => "file",
        "" => kind.as_str(),
        stem => stem,
    };
    format!("{stem}.{extension}")
}

/// Whether an extension stands for the same format as ours.
fn is_same(end: &str, extension: &str) -> bool {
    let end = end.to_lowercase();
    end == extension
        || matches!(
            (end.as_str(), extension),
            ("jpeg", "jpg") | ("tiff", "tif") | ("oga" | "opus", "ogg") | ("m4a", "mp4")
        )
}

/// What a source's failure means for the delivery: nothing was accepted anywhere.
fn of_source(failed: Undelivered) -> Undelivered {
    match failed {
        Undelivered::Unreached(_)
        | Undelivered::Unknown(_)
        | Undelivered::Wait(_)
        | Undelivered::Moved(_)
        | Undelivered::Locked(_) => Undelivered::Unreached(format!("the file's source: {failed}")),
        Undelivered::Gone(reason) | Undelivered::Moot(reason) => Undelivered::Refused { reason },
        Undelivered::Refused { .. } => failed,
    }
}

fn unreadable(what: &str) -> Undelivered {
    Undelivered::Refused {
        reason: format!("{what} cannot be read"),
    }
}

fn refused<T>(reason: &str) -> Result<T, Undelivered> {
    Err(Undelivered::Refused {
        reason: reason.to_owned(),
    })
}

#[cfg(test)]
mod tests;
