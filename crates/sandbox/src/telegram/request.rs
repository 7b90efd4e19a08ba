//! From an HTTP request to a bot, a method and raw parameters: query, JSON, form or multipart, as the real server
//! takes them.

use axum::body::{Body, to_bytes};
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::{Method, Uri, header};
use serde_json::{Map, Value};

use super::args::{Args, Upload};
use super::error::{ApiError, bad, error};

/// The cloud takes files of 50 MB; a little more for what surrounds them.
const MAX_BODY: usize = (50 << 20) + (1 << 20);

/// `/bot<id>:<secret>/<method>` taken apart.
#[derive(Clone, Debug)]
pub(crate) struct Address {
    pub(crate) bot: i64,
    pub(crate) secret: String,
    /// Method, or the path of a file.
    pub(crate) rest: String,
}

impl Address {
    /// `path` without the leading `/bot`; `None` when it holds no token.
    pub(crate) fn parse(path: &str) -> Option<Self> {
        let (token, rest) = path.split_once('/')?;
        let token = token.replace("%3A", ":").replace("%3a", ":");
        let (bot, secret) = token.split_once(':')?;
        let bot = bot.parse().ok().filter(|bot| *bot > 0)?;
        Some(Self {
            bot,
            secret: secret.to_owned(),
            rest: rest.to_owned(),
        })
    }
}

/// Reads the parameters.
pub(crate) async fn read(request: Request) -> Result<Args, ApiError> {
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
        read_multipart(request, &mut args).await?;
        return Ok(args);
    }
    let body = read_body(request.into_body()).await?;
    if kind.starts_with("application/json") {
        if !body.is_empty() {
            let given: Value = serde_json::from_slice(&body)
                .map_err(|_| bad("can't parse JSON object in the request body"))?;
            let Value::Object(given) = given else {
                return Err(bad("request body must be a JSON object"));
            };
            args.values.extend(given);
        }
    } else if kind.starts_with("application/x-www-form-urlencoded") {
        let text = String::from_utf8_lossy(&body);
        if let Ok(uri) = Uri::builder().path_and_query(format!("/?{text}")).build() {
            read_pairs(&uri, &mut args.values);
        } else {
            return Err(bad("can't parse form in the request body"));
        }
    }
    Ok(args)
}

fn read_pairs(uri: &Uri, values: &mut Map<String, Value>) {
    let pairs = axum::extract::Query::<Vec<(String, String)>>::try_from_uri(uri);
    for (name, value) in pairs.map(|query| query.0).unwrap_or_default() {
        values.insert(name, value.into());
    }
}

async fn read_body(body: Body) -> Result<bytes::Bytes, ApiError> {
    to_bytes(body, MAX_BODY)
        .await
        .map_err(|_| error(413, "Request Entity Too Large"))
}

async fn read_multipart(request: Request, args: &mut Args) -> Result<(), ApiError> {
    let (parts, body) = request.into_parts();
    // Read first: then a body that is too large is told apart from one that is broken.
    let whole = read_body(body).await?;
    let request = Request::from_parts(parts, Body::from(whole));
    let broken = |_| bad("can't parse multipart form in the request body");
    let mut form = Multipart::from_request(request, &())
        .await
        .map_err(|_| bad("can't parse multipart form in the request body"))?;
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
