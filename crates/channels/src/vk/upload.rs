//! Files for VK: they are brought to a server that VK names, saved, and then attached by name. Nobody
//! sees anything before they are attached, so whatever fails here can be done again.

use engine::{content::MediaKind, content::Said, ids::ChatRef};
use reqwest::Url;
use serde::Deserialize;
use serde_json::Value;

use super::{
    client::{Client, Form},
    types::text,
};
use crate::{
    Carried, Files, Undelivered,
    transfer::{self, Limits, Upload},
};

/// Largest picture, in bytes, and its most pixels in width and height together (vksdk, upload).
const LARGEST_PHOTO: u64 = 50_000_000;
const MOST_SIDES: u32 = 14_000;

/// Largest document, in bytes (vksdk, upload).
pub(super) const LARGEST: u64 = 200_000_000;

/// Of the formats that we tell apart, those that VK takes as no document: music and programs (vksdk,
/// upload). It goes by the name, so they get another one; the bytes stay what they are.
const REFUSED: [&str; 2] = [".mp3", ".apk"];

const LIMITS: Limits = Limits {
    largest: |kind| match kind {
        MediaKind::Photo => LARGEST_PHOTO,
        _ => LARGEST,
    },
    takes: |kind, format| match kind {
        // As a picture a GIF would stand still.
        MediaKind::Photo => matches!(format, "jpg" | "png"),
        MediaKind::Voice => format == "ogg",
        MediaKind::Document => true,
        MediaKind::Video
        | MediaKind::Audio
        | MediaKind::Sticker
        | MediaKind::VideoNote
        | MediaKind::Animation => false,
    },
    shows: |width, height| width.saturating_add(height) <= MOST_SIDES,
};

/// Where a file is to be brought.
#[derive(Deserialize)]
struct Server {
    upload_url: String,
}

/// What an upload server answers about a picture; a refused one is `[]`.
#[derive(Deserialize)]
struct Picture {
    server: Value,
    #[serde(default)]
    photo: String,
    #[serde(default)]
    hash: String,
}

/// What it answers about a document.
#[derive(Deserialize)]
struct Document {
    #[serde(default)]
    file: String,
    #[serde(default)]
    error: String,
    #[serde(default)]
    error_descr: String,
}

/// Brings the file of a message to VK; its name for `attachment`.
pub(super) async fn attach(
    client: &Client,
    files: &dyn Files,
    to: &ChatRef,
    said: &Said,
    carried: Carried,
) -> Result<String, Undelivered> {
    let upload = transfer::upload(files, said, carried, &LIMITS).await?;
    match upload.kind {
        MediaKind::Photo => photo(client, to, upload).await,
        MediaKind::Voice => document(client, to, upload, "audio_message").await,
        MediaKind::Document
        | MediaKind::Video
        | MediaKind::Audio
        | MediaKind::Sticker
        | MediaKind::VideoNote
        | MediaKind::Animation => document(client, to, upload, "doc").await,
    }
}

async fn photo(client: &Client, to: &ChatRef, upload: Upload) -> Result<String, Undelivered> {
    let form = Form::default().set("peer_id", &to.id);
    let server: Server = client.ask("photos.getMessagesUploadServer", form).await?;
    let form = transfer::form().part("photo", upload.part);
    let answer = client.upload(address(&server)?, form).await?;
    let uploaded: Picture = understood(&answer)?;
    if matches!(uploaded.photo.as_str(), "" | "[]") {
        return refused("VK does not take the picture");
    }
    let form = Form::default()
        .set("photo", uploaded.photo)
        .set("server", text(&uploaded.server))
        .set("hash", uploaded.hash);
    let saved: Value = client.ask("photos.saveMessagesPhoto", form).await?;
    named("photo", &saved[0])
}

async fn document(
    client: &Client,
    to: &ChatRef,
    upload: Upload,
    kind: &str,
) -> Result<String, Undelivered> {
    let form = Form::default().set("type", kind).set("peer_id", &to.id);
    let server: Server = client.ask("docs.getMessagesUploadServer", form).await?;
    let name = harmless(upload.name);
    let part = upload.part.file_name(name.clone());
    let form = transfer::form().part("file", part);
    let answer = client.upload(address(&server)?, form).await?;
    let uploaded: Document = understood(&answer)?;
    if uploaded.file.is_empty() {
        let why = [uploaded.error, uploaded.error_descr].join(" ");
        return refused(&format!("VK does not take the file: {}", why.trim()));
    }
    let form = Form::default()
        .set("file", uploaded.file)
        .set("title", name);
    let saved: Value = client.ask("docs.save", form).await?;
    let kind = saved["type"].as_str().unwrap_or(kind);
    named(kind, &saved[kind])
}

/// A name that VK takes for a document's.
fn harmless(name: String) -> String {
    if REFUSED.iter().any(|end| name.to_lowercase().ends_with(end)) {
        format!("{name}.bin")
    } else {
        name
    }
}

/// How an object is named in `attachment`: `photo-1_2_key`.
pub(super) fn named(kind: &str, object: &Value) -> Result<String, Undelivered> {
    let (Some(owner), Some(id)) = (object["owner_id"].as_i64(), object["id"].as_i64()) else {
        return refused("VK did not keep the file");
    };
    Ok(match object["access_key"].as_str() {
        Some(key) if !key.is_empty() => format!("{kind}{owner}_{id}_{key}"),
        _ => format!("{kind}{owner}_{id}"),
    })
}

fn address(server: &Server) -> Result<Url, Undelivered> {
    Url::parse(&server.upload_url)
        .map_err(|_| Undelivered::Unreached("the upload server has no address".to_owned()))
}

fn understood<'a, T: Deserialize<'a>>(answer: &'a [u8]) -> Result<T, Undelivered> {
    serde_json::from_slice(answer)
        .map_err(|_| Undelivered::Unreached("an unreadable answer of the upload server".to_owned()))
}

fn refused<T>(reason: &str) -> Result<T, Undelivered> {
    Err(Undelivered::Refused {
        reason: reason.to_owned(),
    })
}
