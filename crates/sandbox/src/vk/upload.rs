//! Uploads in three steps: a method gives an address, the file goes there, a method saves what came back.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use serde_json::{Value, json};

use super::error::{ApiError, Outcome, because, error};
use super::media::{self, of_file};
use super::{render, send};
use crate::args::{Args, Upload};
use crate::files::{File, FileId};
use crate::world::{Scene, World};

/// A photo has at most so many bytes, and so many pixels in width and height together (vksdk).
const MAX_PHOTO: usize = 50 << 20;
const MAX_SIDES: u32 = 14_000;
/// A document's bytes, and a little more for what surrounds them.
pub(crate) const MAX_BODY: usize = (200 << 20) + (1 << 20);
/// Upload addresses remembered at once.
const MAX_OPEN: usize = 10_000;
/// VK takes neither music nor programs as documents.
const REFUSED: [&str; 9] = [
    "mp3", "exe", "bat", "cmd", "com", "msi", "scr", "apk", "dll",
];

/// What an address takes.
#[derive(Clone, Debug)]
pub(crate) struct Slot {
    pub(crate) community: i64,
    /// `photo`, `doc`, `audio_message` or `graffiti`.
    pub(crate) kind: &'static str,
    /// What was uploaded, waiting to be saved.
    file: Option<FileId>,
}

/// The addresses that were given out and not used yet.
#[derive(Default)]
pub(crate) struct Slots {
    open: HashMap<String, Slot>,
    order: VecDeque<String>,
}

impl Slots {
    fn add(&mut self, name: String, slot: Slot) {
        self.order.push_back(name.clone());
        self.open.insert(name, slot);
        if self.order.len() > MAX_OPEN
            && let Some(old) = self.order.pop_front()
        {
            self.open.remove(&old);
        }
    }
}

/// An address for a file of this kind.
fn open(scene: &mut Scene, community: i64, kind: &'static str) -> String {
    let serial = scene.vk.next_serial();
    let name = format!("{:016x}", serial.wrapping_mul(0xd6e8_feb8_6659_fd93));
    let slot = Slot {
        community,
        kind,
        file: None,
    };
    scene.vk.slots.add(name.clone(), slot);
    format!("{}/vk/upload/{name}", scene.base)
}

/// Whoever cannot be written to cannot be sent files either.
fn admit(scene: &Scene, community: i64, args: &Args) -> Result<(), ApiError> {
    match args.int("peer_id") {
        None | Some(0) => Ok(()),
        Some(peer) => send::writable(scene, community, peer),
    }
}

/// `photos.getMessagesUploadServer`.
pub(crate) fn photo_server(scene: &mut Scene, community: i64, args: &Args) -> Outcome {
    admit(scene, community, args)?;
    let url = open(scene, community, "photo");
    Ok(json!({ "album_id": -3, "upload_url": url, "user_id": 0, "group_id": community }))
}

/// `docs.getMessagesUploadServer`.
pub(crate) fn document_server(scene: &mut Scene, community: i64, args: &Args) -> Outcome {
    admit(scene, community, args)?;
    let kind = match args.text("type") {
        Some("audio_message") => "audio_message",
        Some("graffiti") => "graffiti",
        Some(_) | None => "doc",
    };
    Ok(json!({ "upload_url": open(scene, community, kind) }))
}

/// The slot of this name.
pub(crate) fn slot(world: &World, name: &str) -> Option<Slot> {
    world.act(|scene| scene.vk.slots.open.get(name).cloned())
}

/// A file arrives at its address. The answer, and what was wrong with the file.
pub(crate) fn take(
    world: &Arc<World>,
    name: &str,
    slot: &Slot,
    mut args: Args,
) -> (Value, Option<String>) {
    let is_photo = slot.kind == "photo";
    let field = if is_photo { "photo" } else { "file" };
    let verdict = match args.files.remove(field) {
        None => Err(format!("no file in the field {field}")),
        Some(upload) => check(slot.kind, upload),
    };
    let kept = verdict.map(|file| {
        world.act(|scene| {
            let id = scene.files.add(file);
            if let Some(slot) = scene.vk.slots.open.get_mut(name) {
                slot.file = Some(id);
            }
        });
    });
    match (kept, is_photo) {
        (Ok(()), true) => {
            let photo = json!([{ "photo": name, "sizes": [] }]).to_string();
            (json!({ "server": 1, "photo": photo, "hash": name }), None)
        }
        (Ok(()), false) => (json!({ "file": name }), None),
        // So a refused photo looks: the error comes when it is saved.
        (Err(why), true) => (
            json!({ "server": 1, "photo": "[]", "hash": name }),
            Some(why),
        ),
        (Err(why), false) => (
            json!({ "error": "upload_error", "error_descr": why.clone() }),
            Some(why),
        ),
    }
}

fn check(kind: &str, upload: Upload) -> Result<File, String> {
    let name = upload.name.unwrap_or_default();
    let end = name
        .rsplit_once('.')
        .map(|(_, end)| end.to_ascii_lowercase());
    let file = File::new(upload.bytes, Some(name), upload.mime);
    if file.bytes.is_empty() {
        return Err("the file is empty".to_owned());
    }
    let bytes = &file.bytes;
    let is_picture = bytes.starts_with(b"\x89PNG")
        || bytes.starts_with(b"\xff\xd8")
        || bytes.starts_with(b"GIF8");
    match kind {
        "photo" if !is_picture => Err("a photo is a JPG, PNG or GIF".to_owned()),
        "photo" if bytes.len() > MAX_PHOTO => Err("a photo has at most 50 MB".to_owned()),
        "photo" if file.width + file.height > MAX_SIDES => {
            Err("width and height are together at most 14000".to_owned())
        }
        "audio_message" if !bytes.starts_with(b"OggS") => {
            Err("an audio message is an OGG file with Opus".to_owned())
        }
        "graffiti" if !bytes.starts_with(b"\x89PNG") => Err("a graffiti is a PNG".to_owned()),
        "doc" if end.is_some_and(|end| REFUSED.contains(&end.as_str())) => {
            Err("music and programs are not taken as documents".to_owned())
        }
        _ => Ok(file),
    }
}

/// `photos.saveMessagesPhoto`.
pub(crate) fn save_photo(scene: &mut Scene, community: i64, args: &Args) -> Outcome {
    let given: Value =
        serde_json::from_str(args.text("photo").unwrap_or_default()).map_err(|_| error(129))?;
    let name = given[0]["photo"].as_str().ok_or_else(|| error(129))?;
    if args.text("hash") != Some(name) {
        return Err(error(121));
    }
    let photo = save(scene, community, name, &["photo"], None)?;
    Ok(json!([photo.1]))
}

/// `docs.save`.
pub(crate) fn save_document(scene: &mut Scene, community: i64, args: &Args) -> Outcome {
    let name = args.text("file").unwrap_or_default().to_owned();
    let kinds = ["doc", "audio_message", "graffiti"];
    let title = args.text("title").filter(|title| !title.is_empty());
    let (kind, saved) = save(scene, community, &name, &kinds, title)?;
    Ok(json!({ "type": kind, kind: saved }))
}

fn save(
    scene: &mut Scene,
    community: i64,
    name: &str,
    kinds: &[&str],
    title: Option<&str>,
) -> Result<(&'static str, Value), ApiError> {
    let slot = scene.vk.slots.open.get(name).cloned();
    let slot = slot.filter(|slot| slot.community == community && kinds.contains(&slot.kind));
    let file = slot.as_ref().and_then(|slot| slot.file);
    let (Some(slot), Some(file)) = (slot, file) else {
        return Err(because(105, "the file was not uploaded"));
    };
    let saved = of_file(scene, slot.kind, -community, file, title, media::DURATION);
    let saved = saved.ok_or_else(|| error(105))?;
    scene.vk.slots.open.remove(name);
    Ok((slot.kind, render::object(scene, &saved)))
}
