//! The Bot API: from an HTTP request to an answer.
//!
//! Order of things in a call: token, faults, schema, the deed itself under the lock, log. A call that breaks the
//! published schema is answered with Telegram's 400 and recorded as a violation.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde_json::Value;

mod address;
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

use crate::args::Args;
use crate::calls::Call;
use crate::faults::{FaultKind, OwnError};
use crate::messenger::Messenger;
use crate::net::Line;
use crate::reply::{self, Reply};
use crate::request::{self, Broken};
use crate::world::World;
use address::Address;
use error::{ApiError, bad, error, flood};
use schema::{Problem, Trouble};

/// `/bot<token>/<method>` and `/file/bot<token>/<path>`.
pub(crate) async fn receive(world: Arc<World>, line: Line, request: Request) -> Response {
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
    let args = match request::read(request, MAX_BODY).await {
        Ok(args) => args,
        Err(broken) => {
            let broken = ApiError::from(broken);
            blame(&world, address.bot, &address.rest, &broken.description);
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
    world.strike(Messenger::Telegram, method, bot, chat)
}

/// What a fault answers in the method's place; `None` when the method is called all the same.
fn refused_by(fault: &FaultKind, line: &Line) -> Option<Reply> {
    reply::instead(
        fault,
        line,
        |wait| flood(wait).into(),
        |own| in_words(own).into(),
    )
}

fn in_words(own: &OwnError) -> ApiError {
    let status = own.status.unwrap_or(400);
    let usual = StatusCode::from_u16(status)
        .ok()
        .and_then(|code| code.canonical_reason());
    let description = own.description.as_deref().or(usual).unwrap_or("Unknown");
    ApiError {
        parameters: own.parameters.clone(),
        ..error(status, description)
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
        Ok(result) => Reply::new(200, format!(r#"{{"ok":true,"result":{result}}}"#)),
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
    let (mut args, problems) = method.typed(args);
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
    world.blame(Messenger::Telegram, bot, method, what);
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
        messenger: Messenger::Telegram,
        bot,
        method,
        params,
        status,
        answer,
        fault,
    });
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

impl From<Broken> for ApiError {
    fn from(broken: Broken) -> Self {
        match broken {
            Broken::TooLarge => error(413, "Request Entity Too Large"),
            Broken::Json => bad("can't parse JSON object in the request body"),
            Broken::NotAnObject => bad("request body must be a JSON object"),
            Broken::Form => bad("can't parse form in the request body"),
            Broken::Multipart => bad("can't parse multipart form in the request body"),
        }
    }
}

/// The cloud takes files of 50 MB; a little more for what surrounds them.
const MAX_BODY: usize = (50 << 20) + (1 << 20);
/// How long a file is fetched by URL, at most.
const FETCH_TIMEOUT: Duration = Duration::from_secs(20);

/// A result that is just `true`.
fn done() -> Value {
    Value::Bool(true)
}
