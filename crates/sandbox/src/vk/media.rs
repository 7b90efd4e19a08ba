//! Attachments: made of files, and named in calls as `photo-5_12`.

use serde_json::{Value, json};

use super::error::{ApiError, bad};
use super::render::FILES;
use super::state::Attachment;
use crate::files::{File, FileId, extension};
use crate::world::Scene;

/// More attachments a message cannot have.
pub(crate) const MAX_ATTACHMENTS: usize = 10;
/// Sides of the sizes that VK makes of a photo, by their letter.
const SIZES: [(&str, u32); 6] = [
    ("s", 75),
    ("m", 130),
    ("x", 604),
    ("y", 807),
    ("z", 1080),
    ("w", 2560),
];
/// A sticker's pictures.
const STICKER_SIZES: [u32; 3] = [64, 128, 256];
/// Seconds of a voice message that a community uploads: nobody here listens to it.
pub(crate) const DURATION: i64 = 5;
/// Of a photo whose header does not say how large it is.
const UNKNOWN_SIZE: (u32, u32) = (604, 604);

/// Address of a file, without the host.
fn url(id: FileId, file: &File) -> String {
    format!("{FILES}{id}.{}", end(file))
}

/// The extension: of the name, otherwise of the type.
fn end(file: &File) -> String {
    let own = file.name.as_deref().and_then(|name| name.rsplit_once('.'));
    let own = own.map(|(_, end)| end.to_ascii_lowercase());
    own.filter(|end| end.bytes().all(|byte| byte.is_ascii_alphanumeric()) && !end.is_empty())
        .unwrap_or_else(|| extension(&file.mime).to_owned())
}

/// An attachment of this kind (`photo`, `doc`, `audio_message`, `graffiti`, `audio`, `video`, `sticker`) made of a
/// file; it can be named in calls from now on.
pub(crate) fn of_file(
    scene: &mut Scene,
    kind: &str,
    owner: i64,
    id: FileId,
    title: Option<&str>,
    duration: i64,
) -> Option<Attachment> {
    let file = scene.files.get(id)?.clone();
    let number = 456_239_000 + i64::try_from(scene.vk.next_serial()).unwrap_or(0);
    let mut body = match kind {
        "photo" => photo(&file, id),
        "doc" => document(&file, id, title),
        "audio_message" => {
            json!({ "duration": duration, "waveform": [0, 5, 9, 5, 0], "link_ogg": url(id, &file), "link_mp3": format!("{FILES}{id}.mp3") })
        }
        "graffiti" => {
            let (width, height) = side(&file);
            json!({ "url": url(id, &file), "width": width, "height": height })
        }
        "audio" => {
            let name = title.or(file.name.as_deref()).unwrap_or("Без названия");
            json!({ "artist": "Исполнитель", "title": name, "url": url(id, &file), "duration": duration })
        }
        // Communities see the player only, never a file.
        "video" => {
            let name = title.or(file.name.as_deref()).unwrap_or("Видео");
            json!({ "title": name, "duration": duration, "player": format!("/vk/player/{number}") })
        }
        "sticker" => {
            return Some(sticker(number, Some((id, &url(id, &file)))));
        }
        _ => return None,
    };
    body["id"] = number.into();
    body["owner_id"] = owner.into();
    body["access_key"] = format!("{:016x}", number.wrapping_mul(0x5bd1_e995)).into();
    if matches!(kind, "photo" | "doc" | "video") {
        body["date"] = scene.date().into();
    }
    let attachment = Attachment {
        kind: kind.to_owned(),
        body,
        file: Some(id),
    };
    scene.vk.media.insert((owner, number), attachment.clone());
    Some(attachment)
}

fn side(file: &File) -> (u32, u32) {
    match (file.width, file.height) {
        (0, _) | (_, 0) => UNKNOWN_SIZE,
        known => known,
    }
}

/// All sizes lead to the same bytes.
fn photo(file: &File, id: FileId) -> Value {
    let (width, height) = side(file);
    let longest = width.max(height);
    let address = url(id, file);
    let scaled = |length: u32, to: u32| {
        let scaled = u64::from(length) * u64::from(to) / u64::from(longest);
        u32::try_from(scaled).unwrap_or(to).max(1)
    };
    // As large as it is at most, but always one.
    let sizes: Vec<Value> = SIZES
        .iter()
        .filter(|(letter, side)| *side <= longest || *letter == "s")
        .map(|(letter, side)| (letter, (*side).min(longest)))
        .map(|(letter, side)| {
            let (width, height) = (scaled(width, side), scaled(height, side));
            json!({ "type": letter, "width": width, "height": height, "url": format!("{address}?size={width}x{height}") })
        })
        .collect();
    json!({ "album_id": -3, "has_tags": false, "text": "", "sizes": sizes })
}

fn document(file: &File, id: FileId, title: Option<&str>) -> Value {
    let ext = end(file);
    // What dev.vk.com numbers: 1 text, 2 archive, 3 gif, 4 image, 5 audio, 6 video, 7 e-book, 8 unknown.
    let kind = match ext.as_str() {
        "txt" | "pdf" | "doc" | "docx" | "xls" | "xlsx" | "rtf" | "csv" => 1,
        "zip" | "rar" | "7z" | "gz" => 2,
        "gif" => 3,
        "jpg" | "jpeg" | "png" | "webp" => 4,
        "ogg" | "wav" | "m4a" | "oga" => 5,
        "mp4" | "mov" | "avi" | "webm" => 6,
        "epub" | "fb2" => 7,
        _ => 8,
    };
    let title = title.or(file.name.as_deref()).unwrap_or("file");
    json!({ "title": title, "size": file.bytes.len(), "ext": ext, "url": url(id, file), "type": kind })
}

/// A sticker, of somebody's picture or of the set.
pub(crate) fn sticker(number: i64, picture: Option<(FileId, &str)>) -> Attachment {
    let address = picture.map_or_else(
        || format!("/vk/stickers/{number}.png"),
        |(_, url)| url.to_owned(),
    );
    let images = |background: &str| -> Vec<Value> {
        let image = |side: &u32| json!({ "url": format!("{address}?{background}{side}"), "width": side, "height": side });
        STICKER_SIZES.iter().map(image).collect()
    };
    Attachment {
        kind: "sticker".to_owned(),
        body: json!({
            "inner_type": "base_sticker_new",
            "sticker_id": number,
            "product_id": 1,
            "images": images("size="),
            "images_with_background": images("background="),
            "is_allowed": true,
        }),
        file: picture.map(|(id, _)| id),
    }
}

/// The attachments that a call names: `<type><owner>_<id>[_<key>]`, with commas between.
pub(crate) fn named(scene: &Scene, list: &str) -> Result<Vec<Attachment>, ApiError> {
    let names: Vec<&str> = list
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .collect();
    if names.len() > MAX_ATTACHMENTS {
        return Err(bad(&format!(
            "attachment: {} of {MAX_ATTACHMENTS}",
            names.len()
        )));
    }
    names.into_iter().map(|name| find(scene, name)).collect()
}

fn find(scene: &Scene, name: &str) -> Result<Attachment, ApiError> {
    let wrong = |what: &str| bad(&format!("attachment {name} {what}"));
    let at = name
        .find(|c: char| c == '-' || c.is_ascii_digit())
        .ok_or_else(|| wrong("has no owner"))?;
    let (kind, numbers) = name.split_at(at);
    let mut numbers = numbers.splitn(3, '_');
    let mut next = || numbers.next().and_then(|number| number.parse::<i64>().ok());
    let (Some(owner), Some(id)) = (next(), next()) else {
        return Err(wrong("has no owner and id"));
    };
    match kind {
        "photo" | "doc" | "audio_message" | "graffiti" | "audio" | "video" => {
            let known = scene.vk.media.get(&(owner, id));
            // Voice and graffiti are documents too.
            let fits = |known: &&Attachment| {
                known.kind == kind
                    || (kind == "doc"
                        && matches!(known.kind.as_str(), "audio_message" | "graffiti"))
            };
            known
                .filter(fits)
                .cloned()
                .ok_or_else(|| wrong("was not found"))
        }
        // These lie elsewhere on VK, where nobody can look from here.
        "wall" | "market" | "poll" | "link" | "article" => Ok(Attachment {
            kind: kind.to_owned(),
            body: json!({ "id": id, "owner_id": owner }),
            file: None,
        }),
        _ => Err(wrong("is of an unknown type")),
    }
}
