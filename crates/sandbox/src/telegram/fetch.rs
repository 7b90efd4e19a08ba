//! Files on their way: downloads by `file_path`, and uploads that name an HTTP URL.

use std::sync::Arc;

use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::address::Address;
use super::content::{MediaKind, parse_file_id, unique};
use super::error::{ApiError, Outcome, bad, error};
use super::{FETCH_TIMEOUT, record, refused_by, strike};
use crate::args::{Args, Upload};
use crate::clock::Millis;
use crate::faults::FaultKind;
use crate::files::{File, FileId, extension};
use crate::net::Line;
use crate::reply::{self, Reply};
use crate::world::{Scene, World};

/// Bots can download no more than this.
const MAX_DOWNLOAD: usize = 20 << 20;
/// What downloads are called in faults and in the log.
const DOWNLOAD: &str = "download";
/// Links hold at least an hour; here exactly so long.
const LINK: Millis = 3600 * 1000;

/// `getFile`.
pub(crate) fn get_file(scene: &mut Scene, bot: i64, args: &Args) -> Outcome {
    let wrong = || bad("wrong file_id or the file is temporarily unavailable");
    let asked = args.text("file_id").unwrap_or_default();
    let (kind, id) = parse_file_id(asked, bot).ok_or_else(|| bad("invalid file_id"))?;
    let file = scene.files.get(id).ok_or_else(wrong)?;
    if file.bytes.len() > MAX_DOWNLOAD {
        return Err(bad("file is too big"));
    }
    let size = file.bytes.len();
    let end = match kind {
        MediaKind::Photo => "jpg",
        MediaKind::Video
        | MediaKind::Animation
        | MediaKind::Audio
        | MediaKind::Document
        | MediaKind::Voice
        | MediaKind::VideoNote
        | MediaKind::Sticker => extension(&file.mime),
    };
    let own = file
        .name
        .as_deref()
        .and_then(|name| name.rsplit_once('.'))
        .map(|(_, end)| end);
    let end = own
        .filter(|own| kind == MediaKind::Document && own.is_ascii())
        .unwrap_or(end);
    let path = format!("{}/file_{}.{end}", kind.folder(), id.0);
    let until = scene.now + LINK;
    scene.telegram.bot(bot).links.insert(id.0, until);
    let size_letter = asked.chars().last().unwrap_or('y');
    let unique = unique(id, size_letter);
    Ok(json!({ "file_id": asked, "file_unique_id": unique, "file_size": size, "file_path": path }))
}

/// `/file/bot<token>/<path>`; `rest` begins with the token. For faults and the log its method is `download`.
pub(crate) async fn download(world: &World, line: &Line, rest: &str) -> Response {
    let Some((address, file)) = find(world, rest) else {
        return Reply::from(error(404, "Not Found")).into_response();
    };
    let fault = strike(world, DOWNLOAD, address.bot, None);
    let refused = fault.as_ref().and_then(|fault| refused_by(fault, line));
    let status = refused.as_ref().map_or(200, |reply| reply.status);
    let (path, name) = (
        json!({ "path": address.rest }),
        fault.as_ref().map(FaultKind::name),
    );
    let size = json!({ "size": file.bytes.len() }).to_string();
    record(
        world,
        address.bot,
        DOWNLOAD,
        path.to_string(),
        status,
        size.into(),
        name,
    );
    if let Some(reply) = refused {
        return reply.into_response();
    }
    if let Some(fault) = &fault {
        tokio::time::sleep(fault.delay()).await;
    }
    let body = reply::download(&file.bytes, fault.as_ref());
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_LENGTH, file.bytes.len().to_string()),
    ];
    (headers, body).into_response()
}

fn find(world: &World, rest: &str) -> Option<(Address, Arc<File>)> {
    let address = Address::parse(rest)?;
    let (_, end) = address.rest.rsplit_once("file_")?;
    let number = end.split('.').next()?.parse().ok()?;
    let file = world.act(|scene| {
        let bot = scene.telegram.bots.get(&address.bot)?;
        let known = bot.secret.as_ref() == Some(&address.secret);
        let open = bot
            .links
            .get(&number)
            .is_some_and(|until| scene.now < *until);
        scene
            .files
            .get(FileId(number))
            .filter(|_| known && open)
            .cloned()
    })?;
    Some((address, file))
}

/// Parameters that may name a file by URL.
const FILE_FIELDS: [&str; 10] = [
    "photo",
    "video",
    "animation",
    "audio",
    "document",
    "voice",
    "video_note",
    "sticker",
    "thumbnail",
    "media",
];

/// Fetches what is named by URL, so that the method finds an uploaded file in its place.
pub(crate) async fn follow_urls(world: &World, args: &mut Args) -> Result<(), ApiError> {
    let mut found = Vec::new();
    for (name, value) in &mut args.values {
        if !FILE_FIELDS.contains(&name.as_str()) {
            continue;
        }
        collect(value, &mut found);
    }
    for (key, url) in found {
        let upload = fetch(world, &url).await?;
        args.files.insert(key, upload);
    }
    Ok(())
}

/// Replaces each URL by a reference to the file that will be fetched from it.
fn collect(value: &mut Value, found: &mut Vec<(String, String)>) {
    match value {
        Value::String(text) if text.starts_with("http://") || text.starts_with("https://") => {
            let key = format!("fetched-{}", found.len());
            let url = std::mem::replace(text, format!("attach://{key}"));
            found.push((key, url));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| collect(item, found)),
        Value::Object(fields) => {
            for (_, inner) in fields
                .iter_mut()
                .filter(|(key, _)| matches!(key.as_str(), "media" | "thumbnail"))
            {
                collect(inner, found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

async fn fetch(world: &World, url: &str) -> Result<Upload, ApiError> {
    let failed = |_| bad("failed to get HTTP URL content");
    let response = world
        .http()
        .get(url)
        .timeout(FETCH_TIMEOUT)
        .send()
        .await
        .map_err(failed)?;
    if !response.status().is_success() {
        return Err(bad("failed to get HTTP URL content"));
    }
    let mime = response
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let mime = mime.map(|mime| mime.split(';').next().unwrap_or(mime).trim().to_owned());
    if mime.as_deref() == Some("text/html") {
        return Err(bad("wrong type of the web page content"));
    }
    if response
        .content_length()
        .is_some_and(|length| length > MAX_DOWNLOAD as u64)
    {
        return Err(bad("failed to get HTTP URL content"));
    }
    let name = url
        .split(['?', '#'])
        .next()
        .and_then(|path| path.rsplit('/').next());
    let name = name.filter(|name| !name.is_empty()).map(str::to_owned);
    Ok(Upload {
        bytes: response.bytes().await.map_err(failed)?,
        name,
        mime,
    })
}
