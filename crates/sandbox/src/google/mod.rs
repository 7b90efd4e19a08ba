//! Google, as far as a program that reads a sheet sees it: access tokens for a service account, the reading half of
//! the Sheets API v4, and published sheets as CSV.
//!
//! Order of things in a call: faults, token, schema, quota, the deed itself under the lock, log.

use std::sync::Arc;

use axum::extract::{Query, Request};
use axum::http::{HeaderMap, HeaderValue, Method as Verb, header};
use axum::response::{IntoResponse, Response};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::json;

mod cell;
pub(crate) mod control;
mod csv;
mod error;
mod key;
mod mask;
mod range;
mod schema;
mod sheets;
mod state;
mod token;

pub use schema::check_answer;
pub(crate) use state::State;

use crate::messenger::Messenger;
use crate::net::Line;
use crate::reply::{self, Reply};
use crate::request;
use crate::service::{self, Asked};
use crate::world::{Scene, World};
use error::{ApiError, TokenError, page};
use mask::Mask;
use sheets::Outcome;

/// What the parts are called in faults and in the log.
const TOKEN: &str = "token";
const SPREADSHEET: &str = "spreadsheet";
const VALUES: &str = "values";
const CSV: &str = "csv";
const CSV_LINK: &str = "csv_link";
/// A JWT and little else.
const MAX_BODY: usize = 64 << 10;
/// A link to a CSV leads here first.
const CSV_FILE: &str = "/google/csv/";
const SIGN_IN: &str = "/google/signin";

type Pairs = Vec<(String, String)>;

/// `/google/…`, `/token`, `/v4/…` and `/spreadsheets/…`.
pub(crate) async fn receive(world: Arc<World>, line: Line, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    if path == "/google/token" || path == "/token" {
        return exchange(&world, &line, &path, request).await;
    }
    let query = Query::<Pairs>::try_from_uri(request.uri());
    let query = query.map(|query| query.0).unwrap_or_default();
    if let Some(api) = path.strip_prefix("/v4/") {
        return called(
            &world,
            &line,
            api,
            request.method(),
            request.headers(),
            query,
        )
        .await;
    }
    if let Some(link) = path.strip_prefix("/spreadsheets/d/") {
        let origin = origin(&world, request.headers());
        return linked(&world, &line, link, &origin, &query).await;
    }
    if let Some(file) = path.strip_prefix(CSV_FILE) {
        return downloaded(&world, &line, file).await;
    }
    if path == SIGN_IN {
        return sign_in().into_response();
    }
    not_found().into_response()
}

/// Where the caller has found us: no slash at the end.
fn origin(world: &World, headers: &HeaderMap) -> String {
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    match host {
        Some(host) => format!("http://{host}"),
        None => world.act(|scene| scene.base.clone()),
    }
}

async fn exchange(world: &World, line: &Line, path: &str, request: Request) -> Response {
    if request.method() != Verb::POST {
        return not_found().into_response();
    }
    let here = format!("{}{path}", origin(world, request.headers()));
    let args = match request::read(request, MAX_BODY).await {
        Ok(args) => args,
        Err(broken) => {
            let what = format!("the body cannot be read: {broken:?}");
            world.blame(Messenger::Google, 0, TOKEN, &what);
            return TokenError::new("invalid_request", "Bad Request")
                .reply()
                .into_response();
        }
    };
    let asked = Asked::new(Messenger::Google, TOKEN, args.shown());
    let fault = asked.strike(world);
    let instead = fault.as_ref().and_then(|fault| {
        let too_many = |_| TokenError::too_many().reply();
        reply::instead(fault, line, too_many, |own| TokenError::from(own).reply())
    });
    let reply = match instead {
        Some(reply) => reply,
        None => {
            service::wait(fault.as_ref()).await;
            match token::give(world, &args, &here) {
                Ok(answer) => error::json_reply(200, &answer, true),
                Err(refused) => refused.reply(),
            }
        }
    };
    asked.finish(world, line, fault.as_ref(), reply)
}

/// A call of the API, by its path.
#[derive(Debug)]
enum Call {
    Spreadsheet { id: String },
    Values { id: String, range: String },
    Batch { id: String },
}

impl Call {
    fn read(verb: &Verb, path: &str) -> Option<Self> {
        let rest = path.strip_prefix("spreadsheets/")?;
        if verb != Verb::GET {
            return None;
        }
        let decoded = |text: &str| {
            let text = percent_decode_str(text).decode_utf8();
            text.ok().map(std::borrow::Cow::into_owned)
        };
        let (id, rest) = rest.split_once('/').unwrap_or((rest, ""));
        let id = decoded(id)?;
        if id.contains(':') {
            return None;
        }
        match rest {
            "" => Some(Self::Spreadsheet { id }),
            "values:batchGet" => Some(Self::Batch { id }),
            _ => {
                let range = decoded(rest.strip_prefix("values/")?)?;
                Some(Self::Values { id, range })
            }
        }
    }

    /// In the published schema.
    fn published(&self) -> &'static str {
        match self {
            Self::Spreadsheet { .. } => "spreadsheets.get",
            Self::Values { .. } => "values.get",
            Self::Batch { .. } => "values.batchGet",
        }
    }

    /// In faults and in the log.
    fn name(&self) -> &'static str {
        match self {
            Self::Spreadsheet { .. } => SPREADSHEET,
            Self::Values { .. } | Self::Batch { .. } => VALUES,
        }
    }

    fn shown(&self, query: &Pairs) -> String {
        let mut shown = match self {
            Self::Spreadsheet { id } | Self::Batch { id } => json!({ "spreadsheetId": id }),
            Self::Values { id, range } => json!({ "spreadsheetId": id, "range": range }),
        };
        for (name, value) in query {
            match &mut shown[name] {
                place if place.is_null() => *place = value.as_str().into(),
                place if place.is_array() => {
                    place
                        .as_array_mut()
                        .into_iter()
                        .for_each(|list| list.push(value.as_str().into()));
                }
                place => *place = json!([place.take(), value]),
            }
        }
        shown.to_string()
    }
}

async fn called(
    world: &World,
    line: &Line,
    path: &str,
    verb: &Verb,
    headers: &HeaderMap,
    mut query: Pairs,
) -> Response {
    let Some(call) = Call::read(verb, path) else {
        return stranger(world, verb, path).into_response();
    };
    let token = take_token(headers, &mut query);
    let asked = Asked::new(Messenger::Google, call.name(), call.shown(&query));
    let fault = asked.strike(world);
    let instead = fault.as_ref().and_then(|fault| {
        let too_many = |_| ApiError::too_many("user").reply();
        reply::instead(fault, line, too_many, |own| ApiError::from(own).reply())
    });
    let reply = match instead {
        Some(reply) => reply,
        None => {
            service::wait(fault.as_ref()).await;
            let is_pretty = !query.contains(&("prettyPrint".to_owned(), "false".to_owned()));
            match world.act(|scene| perform(scene, &call, token.as_deref(), query)) {
                Ok(answer) => error::json_reply(200, &answer, is_pretty),
                Err(refused) => {
                    if refused.is_violation {
                        world.blame(Messenger::Google, 0, call.name(), &refused.message);
                    }
                    refused.reply()
                }
            }
        }
    };
    asked.finish(world, line, fault.as_ref(), reply)
}

/// The access token, which does not go into the log.
fn take_token(headers: &HeaderMap, query: &mut Pairs) -> Option<String> {
    let is_token = |name: &str| matches!(name, "access_token" | "oauth_token");
    let given = query.iter().find(|(name, _)| is_token(name));
    let given = given.map(|(_, value)| value.clone());
    query.retain(|(name, _)| !is_token(name));
    let bearer = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    bearer.map(str::to_owned).or(given)
}

fn perform(scene: &mut Scene, call: &Call, token: Option<&str>, query: Pairs) -> Outcome {
    let name = call.published();
    let token = token.ok_or_else(|| {
        ApiError::new(401, "Request is missing required authentication credential. Expected OAuth 2 access token, login cookie or other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.")
    })?;
    let known = scene.google.token(token, scene.now).ok_or_else(|| {
        ApiError::new(401, "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.")
    })?;
    if !schema::allows(name, &known.scopes) {
        let what = "Request had insufficient authentication scopes.";
        return Err(ApiError::broken(403, what));
    }
    let params = schema::params(name, query)?;
    if params.text("alt").is_some_and(|alt| alt != "json") {
        let what = "alt: other than json is published, but not emulated";
        return Err(ApiError::broken(501, what));
    }
    let mask = params
        .text("fields")
        .map(|fields| Mask::read(fields, schema::answer(name)))
        .transpose()?;
    if scene.enforce {
        let user = params.text("quotaUser").unwrap_or(key::EMAIL);
        scene.google.take(user, scene.now)?;
    }
    let answer = match call {
        Call::Spreadsheet { id } => sheets::get(scene, id, &params),
        Call::Values { id, range } => sheets::values(scene, id, range, &params),
        Call::Batch { id } => sheets::batch(scene, id, &params),
    }?;
    Ok(mask.unwrap_or_default().apply(answer))
}

/// A method that is not emulated, or that nobody published.
fn stranger(world: &World, verb: &Verb, path: &str) -> Reply {
    let is_published = schema::is_published(verb.as_str(), path);
    let what = if is_published {
        format!("{verb} /v4/{path}: published, but not emulated")
    } else {
        format!("{verb} /v4/{path}: not published")
    };
    world.blame(Messenger::Google, 0, "v4", &what);
    if is_published {
        ApiError::new(501, what).reply()
    } else {
        not_found()
    }
}

/// A link to a CSV, published (`e/{pub}/pub`) or shared (`{id}/export`): leads on to the file, once.
async fn linked(world: &World, line: &Line, link: &str, origin: &str, query: &Pairs) -> Response {
    let value = |wanted: &str| {
        let pair = query.iter().find(|(name, _)| name == wanted);
        pair.map(|(_, value)| value.as_str())
    };
    let published = link
        .strip_prefix("e/")
        .and_then(|rest| rest.strip_suffix("/pub"));
    let exported = link.strip_suffix("/export");
    let (id, format) = match (published, exported) {
        (Some(id), _) => (id, value("output")),
        (None, Some(id)) => (id, value("format")),
        (None, None) => return not_found().into_response(),
    };
    let shown = json!({ "link": link, "gid": value("gid"), "format": format }).to_string();
    let asked = Asked::new(Messenger::Google, CSV_LINK, shown);
    let fault = asked.strike(world);
    let instead = fault.as_ref().and_then(|fault| page_instead(fault, line));
    if let Some(reply) = instead {
        return asked.finish(world, line, fault.as_ref(), reply);
    }
    service::wait(fault.as_ref()).await;
    let place = world.act(|scene| place(scene, id, value("gid")));
    let to = match place {
        Place::At(_) if format != Some("csv") => {
            let what = "only CSV is emulated: output=csv, format=csv";
            world.blame(Messenger::Google, 0, CSV_LINK, what);
            return asked.finish(world, line, fault.as_ref(), page(501, "Error", what));
        }
        Place::At(file) => format!("{origin}{CSV_FILE}{file}"),
        Place::NoTab => return asked.finish(world, line, fault.as_ref(), no_tab()),
        Place::NotPublished if exported.is_some() => format!("{origin}{SIGN_IN}"),
        Place::NotPublished => return asked.finish(world, line, fault.as_ref(), not_found()),
    };
    let moved = page(307, "Temporary Redirect", "The document has moved.");
    let mut response = asked.finish(world, line, fault.as_ref(), moved);
    if let Ok(to) = HeaderValue::from_str(&to) {
        response.headers_mut().insert(header::LOCATION, to);
    }
    response
}

/// What a link leads to.
enum Place {
    /// `{id}/{gid}`.
    At(String),
    NoTab,
    NotPublished,
}

fn place(scene: &Scene, id: &str, gid: Option<&str>) -> Place {
    let Some((id, sheet)) = scene.google.published(id) else {
        return Place::NotPublished;
    };
    let mut tabs = sheet.tabs.iter();
    let tab = match gid {
        Some(gid) => tabs.find(|tab| tab.gid.to_string() == gid),
        None => tabs.next(),
    };
    tab.map_or(Place::NoTab, |tab| Place::At(format!("{id}/{}", tab.gid)))
}

/// `/google/csv/{id}/{gid}`: the file itself.
async fn downloaded(world: &World, line: &Line, file: &str) -> Response {
    let asked = Asked::new(Messenger::Google, CSV, json!({ "file": file }).to_string());
    let fault = asked.strike(world);
    if let Some(reply) = fault.as_ref().and_then(|fault| page_instead(fault, line)) {
        return asked.finish(world, line, fault.as_ref(), reply);
    }
    service::wait(fault.as_ref()).await;
    let found = world.act(|scene| {
        let (id, gid) = file.split_once('/')?;
        let (_, sheet) = scene.google.published(id)?;
        let tab = sheet.tabs.iter().find(|tab| tab.gid.to_string() == gid)?;
        Some((
            csv::write(tab),
            format!("{} - {}.csv", sheet.title, tab.title),
        ))
    });
    let Some((text, name)) = found else {
        return asked.finish(world, line, fault.as_ref(), not_found());
    };
    let reply = Reply {
        mime: "text/csv; charset=utf-8",
        ..Reply::new(200, text)
    };
    let mut response = asked.finish(world, line, fault.as_ref(), reply);
    let name = utf8_percent_encode(&name, NON_ALPHANUMERIC);
    let attached = format!("attachment; filename=\"sheet.csv\"; filename*=UTF-8''{name}");
    if let Ok(attached) = HeaderValue::from_str(&attached) {
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_DISPOSITION, attached);
    }
    response
}

/// A fault in a page's place.
fn page_instead(fault: &crate::faults::FaultKind, line: &Line) -> Option<Reply> {
    let busy =
        "Sorry, unable to open the file at this time. Please check the address and try again.";
    reply::instead(
        fault,
        line,
        |_| page(429, "Error 429 (Too Many Requests)", busy),
        |own| {
            let text = own.description.as_deref().unwrap_or(busy);
            page(own.status.unwrap_or(500), "Error", text)
        },
    )
}

fn not_found() -> Reply {
    let text = "Sorry, the file you have requested does not exist.";
    page(404, "Error 404 (Not Found)", text)
}

fn no_tab() -> Reply {
    page(400, "Error", "Sorry, unable to open the file at this time.")
}

/// Where Google leads those who may not read: a page that is no error, and no CSV either.
fn sign_in() -> Reply {
    page(
        200,
        "Sign in - Google Accounts",
        "Sign in to continue to Sheets",
    )
}

/// All sheets, for the page.
pub(crate) fn everything(scene: &Scene) -> Vec<serde_json::Value> {
    let sheets = scene.google.sheets.iter();
    sheets
        .map(|(id, sheet)| control::shown(id, sheet))
        .collect()
}
