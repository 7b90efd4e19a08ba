//! The Bot API: from an HTTP request to an answer.
//!
//! Order of things in a call: token, faults, schema, the deed itself under the lock, log. A call that breaks the
//! published schema is answered with Telegram's 400 and recorded as a violation.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{ConnectInfo, Request, State as Shared};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde_json::Value;

mod args;
mod callbacks;
mod chats;
mod content;
mod copy;
pub(crate) mod deeds;
mod edit;
mod error;
mod fetch;
mod html;
mod keyboard;
mod limits;
mod markdown;
mod markup;
mod media;
mod methods;
pub(crate) mod people;
mod profile;
mod render;
mod request;
mod schema;
mod send;
mod state;
mod target;
mod text;
mod updates;
pub(crate) mod view;
mod webhook;
pub(crate) mod writing;

pub use schema::check_type;
pub(crate) use state::State;

use crate::calls::Call;
use crate::faults::FaultKind;
use crate::net::Line;
use crate::world::World;
use args::Args;
use error::{ApiError, bad, error, flood};
use request::Address;
use schema::{Problem, Trouble};

/// Whatever is not a page or the control API: `/bot<token>/<method>` and `/file/bot<token>/<path>`.
pub(crate) async fn receive(
    Shared(world): Shared<Arc<World>>,
    ConnectInfo(line): ConnectInfo<Line>,
    request: Request,
) -> Response {
    let path = request.uri().path().to_owned();
    if let Some(file) = path.strip_prefix("/file/bot") {
        return fetch::download(&world, &line, file).await;
    }
    let Some(address) = path.strip_prefix("/bot").and_then(Address::parse) else {
        return Reply::from(error(404, "Not Found")).into_response();
    };
    if let Err(refused) = admit(&world, &address) {
        return Reply::from(refused).into_response();
    }
    let args = match request::read(request).await {
        Ok(args) => args,
        Err(broken) => {
            world.calls().blame(
                world.clock.millis(),
                address.bot,
                &address.rest,
                broken.description.clone(),
            );
            return Reply::from(broken).into_response();
        }
    };
    faulty(&world, &line, address.bot, &address.rest, args).await
}

/// The first secret seen for a bot is its secret.
fn admit(world: &World, address: &Address) -> Result<(), ApiError> {
    world.act(|scene| {
        if address.secret.is_empty() || scene.telegram.people.contains_key(&address.bot) {
            return Err(error(401, "Unauthorized"));
        }
        let known = scene.telegram.bots.contains_key(&address.bot);
        let bot = scene.telegram.bot(address.bot);
        let right = bot.secret.get_or_insert_with(|| address.secret.clone()) == &address.secret;
        if !known {
            scene.touch();
        }
        if right {
            Ok(())
        } else {
            Err(error(401, "Unauthorized"))
        }
    })
}

/// A call, with whatever shall go wrong about it.
async fn faulty(world: &Arc<World>, line: &Line, bot: i64, method: &str, args: Args) -> Response {
    let Some(fault) = strike(world, method, bot, args.int("chat_id")) else {
        return execute(world, bot, method, args).await.into_response();
    };
    let name = Some(fault.name());
    if let Some(reply) = refused_by(&fault, line) {
        record(
            world,
            bot,
            method,
            args.shown(),
            reply.status,
            reply.body.clone(),
            name,
        );
        return reply.into_response();
    }
    tokio::time::sleep(fault.delay()).await;
    let reply = run(world, bot, method, args, name).await;
    if matches!(fault, FaultKind::DropAfter) {
        line.cut();
    }
    reply.into_response()
}

fn strike(world: &World, method: &str, bot: i64, chat: Option<i64>) -> Option<FaultKind> {
    let mut faults = world.faults();
    if faults.is_empty() {
        None
    } else {
        faults.strike(method, bot, chat)
    }
}

/// What a fault answers in the method's place; `None` when the method is called all the same.
fn refused_by(fault: &FaultKind, line: &Line) -> Option<Reply> {
    match fault {
        FaultKind::TooMany { retry_after } => Some(flood(*retry_after).into()),
        FaultKind::Error {
            status,
            description,
            parameters,
        } => {
            let usual = StatusCode::from_u16(*status)
                .ok()
                .and_then(|code| code.canonical_reason());
            let description = description.as_deref().or(usual).unwrap_or("Unknown");
            Some(
                ApiError {
                    parameters: parameters.clone(),
                    ..error(*status, description)
                }
                .into(),
            )
        }
        FaultKind::Html { status } => Some(Reply {
            mime: "text/html",
            ..Reply::new(
                *status,
                format!("<html><body><h1>{status}</h1></body></html>\n"),
            )
        }),
        FaultKind::DropBefore => {
            line.cut();
            Some(Reply::new(0, ""))
        }
        FaultKind::DropAfter | FaultKind::Slow { .. } => None,
    }
}

/// Does a call and logs it.
async fn execute(world: &Arc<World>, bot: i64, method: &str, args: Args) -> Reply {
    run(world, bot, method, args, None).await
}

async fn run(
    world: &Arc<World>,
    bot: i64,
    method: &str,
    args: Args,
    fault: Option<&'static str>,
) -> Reply {
    let shown = args.shown();
    let reply = match perform(world, bot, method, args).await {
        Ok(result) => Reply::ok(&result),
        Err(refused) => Reply::from(refused),
    };
    // A poller's answers are large and said elsewhere: their numbers are enough.
    let logged = if reply.status == 200 && method.eq_ignore_ascii_case("getUpdates") {
        updates::summary(&reply.body).into()
    } else {
        reply.body.clone()
    };
    record(world, bot, method, shown, reply.status, logged, fault);
    reply
}

/// The JSON text of the result.
async fn perform(world: &Arc<World>, bot: i64, name: &str, args: Args) -> Result<String, ApiError> {
    let Some(method) = schema::method(name) else {
        blame(world, bot, name, "there is no such method");
        return Err(error(404, "Not Found: method not found"));
    };
    let (mut args, problems) = args.typed(method);
    for problem in &problems {
        blame(world, bot, &method.name, &problem.what);
    }
    if let Some(problem) = problems
        .iter()
        .find(|problem| problem.kind != Trouble::Unknown)
    {
        return Err(refusal(problem));
    }
    match method.name.as_str() {
        "getUpdates" => {
            updates::check_kinds(&args)?;
            return updates::poll(world, bot, &args).await;
        }
        "setWebhook" => {
            updates::check_kinds(&args)?;
            return webhook::set(world, bot, &args).map(|done| done.to_string());
        }
        "deleteWebhook" => {
            return Ok(webhook::delete(world, bot, args.flag("drop_pending_updates")).to_string());
        }
        _ => {}
    }
    fetch::follow_urls(world, &mut args).await?;
    let (result, remarks) = world.act(|scene| {
        let result = methods::call(scene, bot, &method.name, &args);
        (result, std::mem::take(&mut scene.telegram.remarks))
    });
    for remark in remarks {
        blame(world, bot, &method.name, &remark);
    }
    result.map(|result| result.to_string())
}

/// A broken call in the words of the real server, as far as they are known.
fn refusal(problem: &Problem) -> ApiError {
    let field = problem.field.split(['.', '[']).next().unwrap_or_default();
    match (problem.kind, field) {
        (Trouble::Missing, "chat_id") if problem.field == "chat_id" => bad("chat_id is empty"),
        (Trouble::Missing, "text") => bad("message text is empty"),
        (
            Trouble::Missing,
            "photo" | "video" | "animation" | "audio" | "document" | "voice" | "sticker",
        ) => bad(&format!("there is no {field} in the request")),
        (Trouble::Missing, "video_note") => bad("there is no video note in the request"),
        (_, "reply_markup") => bad(&format!(
            "can't parse reply keyboard markup JSON object: {}",
            problem.what
        )),
        (Trouble::Wrong, _) => bad(&format!("can't parse parameter: {}", problem.what)),
        (Trouble::Missing | Trouble::Unknown, _) => bad(&problem.what),
    }
}

fn blame(world: &World, bot: i64, method: &str, what: &str) {
    world
        .calls()
        .blame(world.clock.millis(), bot, method, what.to_owned());
}

fn record(
    world: &World,
    bot: i64,
    method: &str,
    params: String,
    status: u16,
    answer: Bytes,
    fault: Option<&'static str>,
) {
    // In the published spelling, so that one name finds all calls.
    let method = schema::method(method)
        .map_or(method, |method| &method.name)
        .to_owned();
    let at = world.clock.millis();
    world.calls().record(Call {
        at,
        bot,
        method,
        params,
        status,
        answer,
        fault,
    });
}

/// What goes back over HTTP.
struct Reply {
    /// 0: nothing does.
    status: u16,
    body: Bytes,
    mime: &'static str,
    /// Seconds, for 429.
    retry_after: Option<i64>,
}

impl Reply {
    fn new(status: u16, body: impl Into<Bytes>) -> Self {
        Self {
            status,
            body: body.into(),
            mime: "application/json",
            retry_after: None,
        }
    }

    fn ok(result: &str) -> Self {
        Self::new(200, format!(r#"{{"ok":true,"result":{result}}}"#))
    }
}

impl From<ApiError> for Reply {
    fn from(error: ApiError) -> Self {
        let retry_after = error
            .parameters
            .as_ref()
            .and_then(|parameters| parameters["retry_after"].as_i64());
        Self {
            retry_after,
            ..Self::new(error.code, error.body())
        }
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, [(header::CONTENT_TYPE, self.mime)], self.body).into_response();
        if let Some(seconds) = self.retry_after {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

/// How long a file is fetched by URL, at most.
const FETCH_TIMEOUT: Duration = Duration::from_secs(20);

/// A result that is just `true`.
fn done() -> Value {
    Value::Bool(true)
}
