//! Files that apps send: fetched by URL or uploaded, checked, kept under an `attachment_id` when asked for.

use std::time::Duration;

use axum::http::header;
use futures_util::StreamExt;
use serde_json::{Value, json};

use super::draft::{self, DraftAttachment, Source};
use super::error::{GraphError, Outcome, Trouble, bad};
use super::state::{Kind, Stored};
use crate::args::{Args, Upload};
use crate::clock::Millis;
use crate::files::{File, FileId};
use crate::world::{Scene, World};

/// Bytes of any attachment.
pub(crate) const MAX_FILE: usize = 25 << 20;
/// Bytes of an image that is fetched by URL.
const MAX_IMAGE_BY_URL: usize = 8 << 20;
/// How long a video may take to be fetched, and anything else.
const VIDEO_TIMEOUT: Duration = Duration::from_secs(75);
const FETCH_TIMEOUT: Duration = Duration::from_secs(20);
/// An `attachment_id` holds so long.
const LIFETIME: Millis = 90 * super::DAY;
/// Ids look like the real ones: long numbers.
const FIRST_ID: u64 = 1_857_777_774_821_032;

/// A file on its way into a message.
#[derive(Debug)]
pub(crate) enum Prepared {
    New(File),
    /// An `attachment_id`.
    Stored(String),
}

/// Brings the file of a draft here; `None` when the message has none.
pub(crate) async fn prepare(
    world: &World,
    attachment: Option<&DraftAttachment>,
    args: &mut Args,
) -> Result<Option<Prepared>, GraphError> {
    let Some(DraftAttachment::File { kind, source, .. }) = attachment else {
        return Ok(None);
    };
    let file = match source {
        Source::Stored(id) => return Ok(Some(Prepared::Stored(id.clone()))),
        Source::Upload => {
            let upload = args.files.remove("filedata");
            upload.ok_or_else(|| bad("Param filedata is required"))?
        }
        Source::Url(url) => fetch(world, url, *kind).await?,
    };
    let file = File::new(file.bytes, file.name, file.mime);
    check(&file, *kind)?;
    Ok(Some(Prepared::New(file)))
}

fn check(file: &File, kind: Kind) -> Result<(), Trouble> {
    if file.bytes.len() > MAX_FILE {
        return Err(Trouble::TooBig);
    }
    let family = file.mime.split('/').next().unwrap_or_default();
    let fits = match kind {
        // Nothing is decoded, but a picture must have a picture's header.
        Kind::Image => file.width > 0,
        // M4A and MP4 look the same from outside, OGG may hold either.
        Kind::Audio | Kind::Voice | Kind::Video => {
            matches!(family, "audio" | "video" | "application")
        }
        Kind::File | Kind::Sticker => true,
    };
    if fits && !file.bytes.is_empty() {
        Ok(())
    } else {
        Err(Trouble::WrongMedia)
    }
}

async fn fetch(world: &World, url: &str, kind: Kind) -> Result<Upload, GraphError> {
    let (timeout, most) = match kind {
        Kind::Video => (VIDEO_TIMEOUT, MAX_FILE),
        Kind::Image => (FETCH_TIMEOUT, MAX_IMAGE_BY_URL),
        Kind::Audio | Kind::Voice | Kind::File | Kind::Sticker => (FETCH_TIMEOUT, MAX_FILE),
    };
    let request = world.http().get(url).timeout(timeout);
    let failed = |_| GraphError::from(Trouble::NotFetched);
    let response = request.send().await.map_err(failed)?;
    if !response.status().is_success() {
        return Err(Trouble::NotFetched.into());
    }
    let mime = response.headers().get(header::CONTENT_TYPE);
    let mime = mime
        .and_then(|value| value.to_str().ok())
        .map(|mime| mime.split(';').next().unwrap_or(mime).trim().to_owned());
    let mut bytes = Vec::new();
    let mut body = response.bytes_stream();
    while let Some(part) = body.next().await {
        bytes.extend_from_slice(&part.map_err(failed)?);
        if bytes.len() > most {
            return Err(Trouble::TooBig.into());
        }
    }
    let path = url.split(['?', '#']).next().unwrap_or(url);
    let name = path.rsplit('/').next().filter(|name| !name.is_empty());
    Ok(Upload {
        bytes: bytes.into(),
        name: name.map(str::to_owned),
        mime,
    })
}

/// The file of a message, and the id under which it can be sent again when that was asked for.
pub(crate) fn keep(
    scene: &mut Scene,
    page: i64,
    kind: Kind,
    prepared: Prepared,
    reusable: bool,
) -> Result<(FileId, Option<String>), GraphError> {
    match prepared {
        Prepared::Stored(id) => Ok((stored(scene, page, kind, &id)?, None)),
        Prepared::New(file) => {
            let file = scene.files.add(file);
            let id = reusable.then(|| {
                let id = FIRST_ID + scene.facebook.next_serial();
                let until = scene.now + LIFETIME;
                let stored = Stored {
                    page,
                    kind,
                    file,
                    until,
                };
                scene.facebook.attachments.insert(id, stored);
                id.to_string()
            });
            Ok((file, id))
        }
    }
}

fn stored(scene: &Scene, page: i64, kind: Kind, id: &str) -> Result<FileId, Trouble> {
    let found = id
        .parse()
        .ok()
        .and_then(|id: u64| scene.facebook.attachments.get(&id))
        .filter(|stored| stored.page == page && scene.now < stored.until)
        .filter(|stored| scene.files.get(stored.file).is_some())
        .ok_or(Trouble::NoAttachment)?;
    if found.kind == kind {
        Ok(found.file)
    } else {
        Err(Trouble::WrongMedia)
    }
}

/// `POST /{page}/message_attachments`.
pub(crate) async fn upload(world: &World, page: i64, args: &mut Args) -> Outcome {
    let message = args.get("message").cloned().unwrap_or(Value::Null);
    let draft = draft::read(&message, !args.files.is_empty())?;
    let Some(DraftAttachment::File { kind, .. }) = draft.attachment else {
        return Err(bad(
            "Param message[attachment] must be audio, file, image or video",
        ));
    };
    let prepared = prepare(world, draft.attachment.as_ref(), args).await?;
    let file = match prepared {
        Some(Prepared::New(file)) => file,
        Some(Prepared::Stored(_)) | None => return Err(bad("Give a url or filedata")),
    };
    world.act(|scene| {
        let (_, id) = keep(scene, page, kind, Prepared::New(file), true)?;
        Ok(json!({ "attachment_id": id }))
    })
}
