//! From an HTTP request to raw parameters: query, JSON, form or multipart, as all the messengers take them.

use axum::body::{Body, to_bytes};
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::{Method, Uri, header};
use serde_json::{Map, Value};

use crate::args::{Args, Upload};

/// What is wrong with a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Broken {
    /// More bytes than the messenger takes.
    TooLarge,
    Json,
    /// JSON, but not an object.
    NotAnObject,
    Form,
    Multipart,
}

/// Reads the parameters; a body has at most so many bytes.
pub(crate) async fn read(request: Request, max_body: usize) -> Result<Args, Broken> {
    let mut args = Args::default();
    read_pairs(request.uri(), &mut args.values);
    if request.method() == Method::GET {
        return Ok(args);
    }
    let kind = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .to_ascii_lowercase();
    if kind.starts_with("multipart/form-data") {
        read_multipart(request, max_body, &mut args).await?;
        return Ok(args);
    }
    let body = read_body(request.into_body(), max_body).await?;
    if kind.starts_with("application/json") {
        if !body.is_empty() {
            let given: Value = serde_json::from_slice(&body).map_err(|_| Broken::Json)?;
            let Value::Object(given) = given else {
                return Err(Broken::NotAnObject);
            };
            args.values.extend(given);
        }
    } else if kind.starts_with("application/x-www-form-urlencoded") {
        let text = String::from_utf8_lossy(&body);
        let uri = Uri::builder().path_and_query(format!("/?{text}")).build();
        read_pairs(&uri.map_err(|_| Broken::Form)?, &mut args.values);
    }
    Ok(args)
}

fn read_pairs(uri: &Uri, values: &mut Map<String, Value>) {
    let pairs = axum::extract::Query::<Vec<(String, String)>>::try_from_uri(uri);
    for (name, value) in pairs.map(|query| query.0).unwrap_or_default() {
        values.insert(name, value.into());
    }
}

async fn read_body(body: Body, max_body: usize) -> Result<bytes::Bytes, Broken> {
    to_bytes(body, max_body).await.map_err(|_| Broken::TooLarge)
}

async fn read_multipart(request: Request, max_body: usize, args: &mut Args) -> Result<(), Broken> {
    let (parts, body) = request.into_parts();
    // Read first: then a body that is too large is told apart from one that is broken.
    let whole = read_body(body, max_body).await?;
    let request = Request::from_parts(parts, Body::from(whole));
    let mut form = Multipart::from_request(request, &())
        .await
        .map_err(|_| Broken::Multipart)?;
    let broken = |_| Broken::Multipart;
    while let Some(field) = form.next_field().await.map_err(broken)? {
        let Some(key) = field.name().map(str::to_owned) else {
            continue;
        };
        let name = field.file_name().map(str::to_owned);
        let mime = field.content_type().map(str::to_owned);
        let bytes = field.bytes().await.map_err(broken)?;
        if name.is_some() {
            args.files.insert(key, Upload { bytes, name, mime });
        } else {
            args.values
                .insert(key, String::from_utf8_lossy(&bytes).into_owned().into());
        }
    }
    Ok(())
}
