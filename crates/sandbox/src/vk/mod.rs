//! VK for communities: from an HTTP request to an answer.
//!
//! Order of things in a call: token, faults, version, schema, budget, the deed itself under the lock, log. A call
//! that breaks the published schema is answered with error 100 and recorded as a violation.

use std::sync::Arc;

use axum::extract::{Query, Request};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde_json::{Value, json};

mod accounts;
mod call;
mod callback;
pub(crate) mod control;
mod error;
mod events;
mod keyboard;
mod limits;
mod longpoll;
mod media;
mod messages;
mod methods;
mod people;
mod press;
mod pressing;
mod render;
mod schema;
mod send;
mod state;
mod upload;
pub(crate) mod view;
mod writing;

pub use schema::{check_answer, check_type};
pub(crate) use state::State;

use crate::args::Args;
use crate::faults::FaultKind;
use crate::files::FileId;
use crate::messenger::Messenger;
use crate::net::Line;
use crate::reply::{self, Reply};
use crate::request;
use crate::world::World;
use call::Call;
use error::{ApiError, Outcome, because, error};
use schema::Problem;

/// Parameters of a method have no files in them.
const MAX_BODY: usize = 4 << 20;
/// Versions from 5.131 on are known to behave as described here.
const OLDEST: u32 = 131;
/// What the long poll, uploads and downloads are called in faults and in the log.
const CHECK: &str = "a_check";
const UPLOAD: &str = "upload";
const DOWNLOAD: &str = "download";

/// `/method/<name>` and what lies under `/vk/`.
pub(crate) async fn receive(world: Arc<World>, line: Line, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    if let Some(method) = path.strip_prefix("/method/") {
        return called(&world, &line, method, request).await;
    }
    let mut parts = path.trim_start_matches("/vk/").splitn(2, '/');
    let (place, name) = (
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or_default(),
    );
    match place {
        "longpoll" => polled(&world, &line, name, request).await,
        "upload" => uploaded(&world, &line, name, request).await,
        "files" => downloaded(&world, &line, name).await,
        "stickers" => Reply {
            mime: "image/png",
            ..Reply::new(200, Bytes::from_static(include_bytes!("sticker.png")))
        }
        .into_response(),
        _ => Reply::new(404, "{}").into_response(),
    }
}

async fn called(world: &Arc<World>, line: &Line, method: &str, request: Request) -> Response {
    let bearer = bearer(request.headers());
    let host = request
        .headers()
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    if let Some(host) = host {
        // Addresses in answers and events lead where the caller has found us.
        let base = format!("http://{host}");
        world.act(|scene| scene.base = base);
    }
    let mut args = match request::read(request, MAX_BODY).await {
        Ok(args) => args,
        Err(broken) => {
            let what = format!("the body cannot be read: {broken:?}");
            world.blame(Messenger::Vk, 0, method, &what);
            return answer(Err(because(8, &what)), method, &Args::default()).into_response();
        }
    };
    let given = args.values.remove("access_token");
    let token = given
        .and_then(|token| token.as_str().map(str::to_owned))
        .or(bearer);
    let community = match admit(world, method, token.as_deref(), &args) {
        Ok(community) => community,
        Err(refused) => return answer(Err(refused), method, &args).into_response(),
    };
    let peer = ["peer_id", "user_id", "peer_ids"]
        .iter()
        .find_map(|name| args.int(name));
    let call = Call {
        world,
        line,
        community,
        method,
        params: args.shown(),
    };
    let (call, args) = (&call, &args);
    call.faulty(peer, |fault| async move {
        let outcome = perform(world, community, method, args);
        callback::start(world);
        let reply = answer(outcome, method, args);
        call.record(reply.status, reply.body.clone(), fault);
        reply
    })
    .await
}

fn bearer(headers: &HeaderMap) -> Option<String> {
    let given = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    given.strip_prefix("Bearer ").map(str::to_owned)
}

/// Whose token it is. The first one that asks about a community whose token is not known is that community's.
fn admit(world: &World, method: &str, token: Option<&str>, args: &Args) -> Result<i64, ApiError> {
    let token = token.filter(|token| !token.is_empty());
    let token = token.ok_or_else(|| because(5, "no access_token passed."))?;
    world.act(|scene| {
        let known = |community: &&state::Community| community.token.as_deref() == Some(token);
        if let Some(community) = scene.vk.communities.values().find(known) {
            return Ok(community.id);
        }
        let named = ["group_id", "group_ids"]
            .iter()
            .find_map(|name| args.get(name));
        let free = named
            .filter(|_| method.starts_with("groups."))
            .and_then(accounts::group_id)
            .filter(|id| {
                scene
                    .vk
                    .communities
                    .get(id)
                    .is_none_or(|known| known.token.is_none())
            })
            .ok_or_else(|| because(5, "invalid access_token (4)."))?;
        scene.vk.community(free).token = Some(token.to_owned());
        scene.touch();
        Ok(free)
    })
}

fn perform(world: &World, community: i64, name: &str, args: &Args) -> Outcome {
    let blame = |what: &str| world.blame(Messenger::Vk, community, name, what);
    check_version(args).inspect_err(|refused| blame(&refused.message))?;
    let Some(method) = schema::method(name) else {
        blame("there is no such method, or it is not emulated");
        return Err(error(3));
    };
    if !method.group {
        blame("communities' tokens cannot call it");
        return Err(because(27, "method is unavailable with group auth."));
    }
    let (values, problems) = method.read(args.values.clone());
    for problem in &problems {
        blame(&problem.what);
    }
    if let Some(problem) = problems.first() {
        return Err(refusal(problem));
    }
    let args = Args {
        values,
        ..Args::default()
    };
    let (outcome, remarks) = world.act(|scene| {
        let outcome = limits::call(scene, community)
            .and_then(|()| methods::call(scene, community, name, &args));
        (outcome, std::mem::take(&mut scene.vk.remarks))
    });
    for remark in remarks {
        blame(&remark);
    }
    if let Err(refused) = &outcome
        && refused.is_blamed
    {
        blame(&refused.message);
    }
    outcome
}

fn check_version(args: &Args) -> Result<(), ApiError> {
    let version = match args.get("v") {
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => return Err(because(8, "v (version) is required")),
    };
    let minor = version
        .strip_prefix("5.")
        .and_then(|minor| minor.parse::<u32>().ok());
    match minor {
        Some(minor) if minor >= OLDEST => Ok(()),
        Some(_) | None => Err(because(8, "v is not a version from 5.131 on")),
    }
}

fn refusal(problem: &Problem) -> ApiError {
    if problem.too_long && problem.field == "message" {
        return error(914);
    }
    error::bad(&problem.what)
}

fn answer(outcome: Outcome, method: &str, args: &Args) -> Reply {
    let body = match outcome {
        Ok(response) => json!({ "response": response }),
        Err(refused) => refused.body(method, &args.values),
    };
    Reply::new(200, body.to_string())
}

async fn polled(world: &Arc<World>, line: &Line, name: &str, request: Request) -> Response {
    let asked = Query::<longpoll::Asked>::try_from_uri(request.uri());
    let (Ok(community), Ok(Query(asked))) = (name.parse(), asked) else {
        return Reply::new(400, r#"{"failed":4}"#).into_response();
    };
    let call = Call {
        world,
        line,
        community,
        method: CHECK,
        params: json!({ "query": request.uri().query() }).to_string(),
    };
    let (call, asked) = (&call, &asked);
    call.faulty(None, |fault| async move {
        let (answer, log) = longpoll::check(world, community, asked).await;
        call.record(200, log.to_string().into(), fault);
        Reply::new(200, answer.to_string())
    })
    .await
}

async fn uploaded(world: &Arc<World>, line: &Line, name: &str, request: Request) -> Response {
    let Some(slot) = upload::slot(world, name) else {
        return Reply::new(404, r#"{"error":"no such upload address"}"#).into_response();
    };
    let args = match request::read(request, upload::MAX_BODY).await {
        Ok(args) => args,
        Err(broken) => {
            let what = format!("the upload cannot be read: {broken:?}");
            world.blame(Messenger::Vk, slot.community, UPLOAD, &what);
            return Reply::new(413, json!({ "error": what }).to_string()).into_response();
        }
    };
    let call = Call {
        world,
        line,
        community: slot.community,
        method: UPLOAD,
        params: args.shown(),
    };
    let (call, slot) = (&call, &slot);
    call.faulty(None, |fault| async move {
        let (answer, wrong) = upload::take(world, name, slot, args);
        if let Some(wrong) = wrong {
            world.blame(Messenger::Vk, slot.community, UPLOAD, &wrong);
        }
        let reply = Reply::new(200, answer.to_string());
        call.record(reply.status, reply.body.clone(), fault);
        reply
    })
    .await
}

async fn downloaded(world: &Arc<World>, line: &Line, name: &str) -> Response {
    let id = name.split('.').next().and_then(FileId::parse);
    let file = id.and_then(|id| world.act(|scene| scene.files.get(id).cloned()));
    let Some(file) = file else {
        return Reply::new(404, "{}").into_response();
    };
    let call = Call {
        world,
        line,
        community: 0,
        method: DOWNLOAD,
        params: json!({ "path": name }).to_string(),
    };
    let size: Bytes = json!({ "size": file.bytes.len() }).to_string().into();
    let fault = world.strike(Messenger::Vk, DOWNLOAD, 0, None);
    if let Some(refused) = fault.as_ref().and_then(|fault| call.refused_by(fault)) {
        return refused.into_response();
    }
    call.record(200, size, fault.as_ref().map(FaultKind::name));
    if let Some(fault) = &fault {
        tokio::time::sleep(fault.delay()).await;
    }
    let headers = [
        (header::CONTENT_TYPE, file.mime.clone()),
        (header::CONTENT_LENGTH, file.bytes.len().to_string()),
    ];
    (headers, reply::download(&file.bytes, fault.as_ref())).into_response()
}
