//! The picture in a request: uploaded, as base64, or by its address.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;

use super::answer::Refusal;
use super::schema;
use crate::args::Args;
use crate::world::World;

/// How the kinds that can be read begin.
const KINDS: [&[u8]; 7] = [
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8",
    b"GIF8",
    b"BM",
    b"II*\0",
    b"MM\0*",
    b"%PDF",
];

/// The one picture of a request.
pub(crate) async fn take(world: &World, args: &mut Args) -> Result<Bytes, Refusal> {
    let upload = args.files.remove("file");
    let base64 = args.text("base64image");
    let url = args.text("url");
    let has_type = args.text("filetype").is_some();
    let picture = match (upload, base64, url) {
        (Some(upload), None, None) => upload.bytes,
        (None, Some(text), None) => decode(text)?,
        (None, None, Some(url)) => fetch(world, url).await?,
        (None, None, None) => return Err(invalid("No file uploaded or URL provided")),
        _ => {
            let what = "Please provide only one of: file, url, base64Image";
            return Err(invalid(what));
        }
    };
    let most = schema::max_file_kb();
    if picture.len() > most << 10 {
        return Err(Refusal::too_big(most));
    }
    let is_known = KINDS.iter().any(|kind| picture.starts_with(kind));
    if !is_known && !has_type {
        return Err(Refusal::invalid(vec![
            "Unable to recognize the file type".to_owned(),
            "E216:Unable to detect the file extension, or the file extension is incorrect, and no 'file type' provided in request. Please provide a file with a proper content type or extension, or provide a file type in the request to manually set the file extension.".to_owned(),
        ]));
    }
    if !is_known {
        return Err(Refusal::unreadable("The file is no picture".to_owned()));
    }
    Ok(picture)
}

fn decode(text: &str) -> Result<Bytes, Refusal> {
    let data = text
        .strip_prefix("data:")
        .and_then(|rest| rest.split_once(";base64,"))
        .and_then(|(_, data)| STANDARD.decode(data).ok());
    data.map(Bytes::from).ok_or_else(|| {
        invalid("Not a valid base64 image. The accepted base64 image format is 'data:<content_type>;base64,<base64_image_content>'. Where 'content_type' like 'image/png' or 'image/jpg' or 'application/pdf' or any other supported type.")
    })
}

async fn fetch(world: &World, url: &str) -> Result<Bytes, Refusal> {
    let unreached = |_| invalid("Unable to download the file from the URL provided");
    let answer = world.http().get(url).send().await.map_err(unreached)?;
    let answer = answer.error_for_status().map_err(unreached)?;
    answer.bytes().await.map_err(unreached)
}

fn invalid(what: &str) -> Refusal {
    Refusal::invalid(vec![what.to_owned()])
}
