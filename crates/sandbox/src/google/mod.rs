//! Google, as far as a program that reads a sheet sees it: access tokens for a service account, the reading half of
//! the Sheets API v4, and published sheets as CSV.

use std::sync::Arc;

use axum::extract::{Query, Request};
use axum::http::{HeaderMap, Method as Verb, header};
use axum::response::{IntoResponse, Response};

mod api;
mod cell;
pub(crate) mod control;
mod csv;
mod error;
mod key;
mod links;
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
use error::{TokenError, page};

/// What the exchange is called in faults and in the log.
const TOKEN: &str = "token";
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
    let (verb, headers) = (request.method(), request.headers());
    if let Some(method) = path.strip_prefix("/v4/") {
        return api::called(&world, &line, method, verb, headers, query).await;
    }
    if let Some(link) = path.strip_prefix("/spreadsheets/d/") {
        let origin = origin(&world, headers);
        return links::linked(&world, &line, link, &origin, &query).await;
    }
    if let Some(file) = path.strip_prefix(CSV_FILE) {
        return links::downloaded(&world, &line, file).await;
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
    let reply = if let Some(reply) = instead {
        reply
    } else {
        service::wait(fault.as_ref()).await;
        match token::give(world, &args, &here) {
            Ok(answer) => error::json_reply(200, &answer, true),
            Err(refused) => refused.reply(),
        }
    };
    asked.finish(world, line, fault.as_ref(), reply)
}

fn not_found() -> Reply {
    let text = "Sorry, the file you have requested does not exist.";
    page(404, "Error 404 (Not Found)", text)
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
