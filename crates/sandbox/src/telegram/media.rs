//! Sending files, alone and in albums.

use serde_json::Value;

use super::content::{Content, Facts, Media, MediaKind, parse_file_id};
use super::error::{ApiError, Outcome, bad};
use super::send::{caption_of, draft, one, post};
use super::state::Message;
use super::target;
use super::text::Rich;
use crate::args::Args;
use crate::files::{File, FileId};
use crate::world::Scene;

/// Bytes of a photo.
const MAX_PHOTO: usize = 10 << 20;
/// Bytes of any other file.
const MAX_FILE: usize = 50 << 20;

/// `sendPhoto`, `sendVideo` and their like.
pub(crate) fn single(scene: &mut Scene, bot: i64, args: &Args, kind: MediaKind) -> Outcome {
    let place = target::writable(&scene.telegram, bot, args)?;
    let media = media_of(scene, bot, args, kind, kind.name())?;
    one(scene, bot, place, args, Content::Media(media))
}

/// A file named by the parameter `field`, with its caption and facts.
pub(crate) fn media_of(
    scene: &mut Scene,
    bot: i64,
    args: &Args,
    kind: MediaKind,
    field: &str,
) -> Result<Media, ApiError> {
    let caption = if kind.takes_caption() {
        caption_of(scene, args)?
    } else {
        Rich::default()
    };
    let (kind, file) = file_of(scene, bot, args, kind, field)?;
    let int = |name| args.int(name).unwrap_or(0).max(0);
    let facts = Facts {
        width: int("width").max(int("length")),
        height: int("height").max(int("length")),
        duration: int("duration"),
        performer: args.text("performer").map(str::to_owned),
        title: args.text("title").map(str::to_owned),
        emoji: args.text("emoji").map(str::to_owned),
        spoiler: args.flag("has_spoiler"),
        caption_above: args.flag("show_caption_above_media"),
    };
    Ok(Media {
        kind,
        file,
        caption,
        facts,
    })
}

fn file_of(
    scene: &mut Scene,
    bot: i64,
    args: &Args,
    kind: MediaKind,
    field: &str,
) -> Result<(MediaKind, FileId), ApiError> {
    let named = args.text(field).unwrap_or_default();
    let upload = match named.strip_prefix("attach://") {
        Some(name) => args.files.get(name),
        None => args
            .files
            .get(field)
            .filter(|_| named.is_empty())
            .or_else(|| args.files.get(named)),
    };
    if let Some(upload) = upload {
        let file = File::new(
            upload.bytes.clone(),
            upload.name.clone(),
            upload.mime.clone(),
        );
        check_file(&file, kind)?;
        return Ok((kind, scene.files.add(file)));
    }
    if named.is_empty() || named.starts_with("attach://") {
        let what = kind.name().replace('_', " ");
        return Err(bad(&format!("there is no {what} in the request")));
    }
    let unknown = || bad("wrong file_id or the file is temporarily unavailable");
    let (real, file) = parse_file_id(named, bot).ok_or_else(unknown)?;
    scene.files.get(file).ok_or_else(unknown)?;
    if (real == MediaKind::Photo) != (kind == MediaKind::Photo) {
        let (real, kind) = (real.title(), kind.title());
        return Err(bad(&format!("can't use file of type {real} as {kind}")));
    }
    // Documents of all sorts can be sent by each other's methods and stay what they are.
    Ok((real, file))
}

fn check_file(file: &File, kind: MediaKind) -> Result<(), ApiError> {
    if file.bytes.is_empty() {
        return Err(bad("file must be non-empty"));
    }
    if kind == MediaKind::Photo {
        if file.bytes.len() > MAX_PHOTO {
            let size = file.bytes.len();
            return Err(bad(&format!(
                "file of size {size} bytes is too big for a photo; the maximum size is {MAX_PHOTO} bytes"
            )));
        }
        let (short, long) = (file.width.min(file.height), file.width.max(file.height));
        if short == 0 {
            return Err(bad("IMAGE_PROCESS_FAILED"));
        }
        if file.width + file.height > 10_000 || long / short > 20 {
            return Err(bad("PHOTO_INVALID_DIMENSIONS"));
        }
    } else if file.bytes.len() > MAX_FILE {
        return Err(super::error::error(413, "Request Entity Too Large"));
    }
    Ok(())
}

/// `sendMediaGroup`: 2–10 items, documents and audio only among themselves.
pub(crate) fn album(scene: &mut Scene, bot: i64, args: &Args) -> Outcome {
    let place = target::writable(&scene.telegram, bot, args)?;
    let items = args.list("media");
    if items.is_empty() {
        return Err(bad("there are no media in the request"));
    }
    if !(2..=10).contains(&items.len()) {
        return Err(bad("too many messages to send as an album"));
    }
    let kinds: Vec<&str> = items
        .iter()
        .map(|item| item["type"].as_str().unwrap_or_default())
        .collect();
    let visual = kinds
        .iter()
        .all(|kind| matches!(*kind, "photo" | "video" | "live_photo"));
    let same =
        matches!(kinds[0], "document" | "audio") && kinds.iter().all(|kind| *kind == kinds[0]);
    if !visual && !same {
        return Err(bad(
            "can't use the media of the specified type in the album",
        ));
    }
    let mut contents = Vec::new();
    for (at, item) in items.iter().enumerate() {
        let media = input_media(scene, bot, args, item).map_err(|error| {
            let inner = error.description.trim_start_matches("Bad Request: ");
            ApiError {
                description: format!(
                    "Bad Request: failed to send message #{} with the error message \"{inner}\"",
                    at + 1
                ),
                ..error
            }
        })?;
        contents.push(Content::Media(media));
    }
    target::spend(scene, bot, place, contents.len(), false)?;
    let draft = draft(scene, bot, place, args)?;
    let album = album_id(scene);
    let mut sent = Vec::new();
    for content in contents {
        let message = Message {
            content,
            album: Some(album.clone()),
            ..draft.clone()
        };
        sent.push(post(scene, bot, place, message).0);
    }
    Ok(sent.into())
}

/// A fresh `media_group_id`.
pub(crate) fn album_id(scene: &mut Scene) -> String {
    (13_000_000_000_000_000 + scene.telegram.next_serial()).to_string()
}

/// An `InputMedia…` object.
pub(crate) fn input_media(
    scene: &mut Scene,
    bot: i64,
    args: &Args,
    item: &Value,
) -> Result<Media, ApiError> {
    let name = item["type"].as_str().unwrap_or_default();
    let kind = MediaKind::ALL
        .into_iter()
        .find(|kind| kind.name() == name && kind.takes_caption())
        .ok_or_else(|| bad("type must be one of photo, video, audio, document, animation"))?;
    let own = Args {
        values: item.as_object().cloned().unwrap_or_default(),
        files: args.files.clone(),
    };
    media_of(scene, bot, &own, kind, "media")
}
