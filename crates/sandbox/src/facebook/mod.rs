//! Facebook Messenger: the Graph API's part of it, from an HTTP request to an answer, and webhooks.
//!
//! Order of things in a call: parameters, token, faults, proof, schema, the deed itself under the lock, log.

use std::sync::Arc;

use axum::extract::Request;
use axum::http::{HeaderMap, Method as Verb, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde_json::json;

mod address;
pub(crate) mod control;
mod deeds;
mod draft;
mod error;
mod events;
mod limits;
mod media;
mod outlet;
mod people;
mod profile;
mod schema;
mod send;
mod sign;
mod state;
pub(crate) mod view;
mod webhook;
mod writing;

pub(crate) use state::State;

use crate::args::Args;
use crate::calls::Call;
use crate::clock::Millis;
use crate::faults::FaultKind;
use crate::files::FileId;
use crate::messenger::Messenger;
use crate::net::Line;
use crate::reply::{self, Reply};
use crate::request;
use crate::world::{Scene, World};
use address::{Address, Method};
use error::{GraphError, Outcome, Trouble, bad};

/// What downloads are called in faults and in the log.
const DOWNLOAD: &str = "download";
const JSON: &str = "application/json; charset=UTF-8";
/// A file, and a little more for what surrounds it.
const MAX_BODY: usize = media::MAX_FILE + (1 << 20);
/// 24 hours.
const DAY: Millis = 24 * 3600 * 1000;

/// `/v<N>.<M>/…` and `/facebook/files/…`.
pub(crate) async fn receive(world: Arc<World>, line: Line, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    if path.starts_with("/facebook/") {
        return download(&world, &line, &path).await;
    }
    let verb = request.method().clone();
    let bearer = bearer(request.headers());
    let mut args = match request::read(request, MAX_BODY).await {
        Ok(args) => args,
        Err(broken) => return refusal(&world, &broken.into()).into_response(),
    };
    let token = args.values.remove("access_token");
    let token = token
        .and_then(|token| token.as_str().map(str::to_owned))
        .or(bearer);
    let (page, method, node) = match admit(&world, &verb, &path, token.as_deref()) {
        Ok(admitted) => admitted,
        Err(refused) => return refusal(&world, &refused).into_response(),
    };
    if let Err(broken) = method.shape().open(&mut args.values) {
        world.blame(Messenger::Facebook, page, method.name(), &broken);
        return refusal(&world, &bad(broken)).into_response();
    }
    let asked = Asked {
        page,
        method,
        node,
        token: token.unwrap_or_default(),
    };
    faulty(&world, &line, &asked, args).await
}

/// A call that may be made.
struct Asked {
    page: i64,
    method: Method,
    node: i64,
    token: String,
}

fn bearer(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let token = value
        .strip_prefix("Bearer ")
        .or(value.strip_prefix("OAuth "))?;
    Some(token.trim().to_owned())
}

/// Which page speaks, what it calls, and about whom. The first token seen for a page is its token.
fn admit(
    world: &World,
    verb: &Verb,
    path: &str,
    token: Option<&str>,
) -> Result<(i64, Method, i64), GraphError> {
    let token = token
        .filter(|token| !token.is_empty())
        .ok_or(Trouble::Token)?;
    let address = Address::parse(path).ok_or(Trouble::NoObject)?;
    let (page, method, node) = world.act(|scene| {
        let own = scene.facebook.page_of_token(token);
        let node = address.node.or(own).ok_or(Trouble::Token)?;
        let is_person = scene.facebook.people.contains_key(&node);
        let page = if is_person {
            own
        } else {
            speaker(scene, node, own, token)?
        };
        let method = address.method(verb, is_person).ok_or(Trouble::NoObject);
        Ok::<_, Trouble>((page.ok_or(Trouble::Token)?, method, node))
    })?;
    let method = method.inspect_err(|_: &Trouble| {
        let what = format!("{verb} {path}: not published, or not emulated");
        world.blame(Messenger::Facebook, page, &address.edge, &what);
    })?;
    Ok((page, method, node))
}

/// The page itself, if the token is its own or it has none yet.
fn speaker(
    scene: &mut Scene,
    node: i64,
    own: Option<i64>,
    token: &str,
) -> Result<Option<i64>, Trouble> {
    let known = scene
        .facebook
        .pages
        .get(&node)
        .map(|page| page.token.is_some());
    match (own, known) {
        (Some(own), Some(_)) if own == node => Ok(Some(node)),
        (Some(_), Some(_)) | (None, Some(true)) => Err(Trouble::Token),
        (None, None | Some(false)) if node > 0 => {
            scene.facebook.page(node).token = Some(token.to_owned());
            scene.touch();
            Ok(Some(node))
        }
        (_, None) | (None, Some(false)) => Err(Trouble::NoObject),
    }
}

/// A call, with whatever shall go wrong about it.
async fn faulty(world: &Arc<World>, line: &Line, asked: &Asked, mut args: Args) -> Response {
    let person = match asked.method {
        Method::Person => Some(asked.node),
        _ => args
            .get("recipient")
            .and_then(|recipient| recipient["id"].as_str()?.parse().ok()),
    };
    let fault = world.strike(Messenger::Facebook, asked.method.name(), asked.page, person);
    let shown = args.shown();
    let instead = fault
        .as_ref()
        .and_then(|fault| refused_by(world, fault, line));
    let name = fault.as_ref().map(FaultKind::name);
    if let Some(reply) = instead {
        record(world, asked.page, asked.method.name(), shown, &reply, name);
        return reply.into_response();
    }
    if let Some(fault) = &fault {
        tokio::time::sleep(fault.delay()).await;
    }
    let reply = match perform(world, asked, &mut args).await {
        Ok(answer) => Reply {
            mime: JSON,
            ..Reply::new(200, answer.to_string())
        },
        Err(refused) => {
            let is_violation = [Trouble::Parameter, Trouble::RateLimit, Trouble::AppLimit]
                .map(|one| refused.is(one));
            if is_violation.contains(&true) {
                world.blame(
                    Messenger::Facebook,
                    asked.page,
                    asked.method.name(),
                    refused.message(),
                );
            }
            refusal(world, &refused)
        }
    };
    record(world, asked.page, asked.method.name(), shown, &reply, name);
    if matches!(fault, Some(FaultKind::DropAfter)) {
        line.cut();
    }
    reply.into_response()
}

/// What a fault answers in the call's place; `None` when the call is made all the same.
fn refused_by(world: &World, fault: &FaultKind, line: &Line) -> Option<Reply> {
    reply::instead(
        fault,
        line,
        |_| refusal(world, &Trouble::RateLimit.into()),
        |own| refusal(world, &own.into()),
    )
}

fn refusal(world: &World, refused: &GraphError) -> Reply {
    refused.reply(world.act(|scene| scene.facebook.next_serial()))
}

async fn perform(world: &World, asked: &Asked, args: &mut Args) -> Outcome {
    let page = asked.page;
    prove(world, asked, args)?;
    let mut remarks = asked.method.shape().unknown(&args.values);
    if asked.method == Method::Messages
        && args.get("message").is_some()
        && args.get("messaging_type").is_none()
    {
        remarks.push("messaging_type is required with a message".to_owned());
    }
    let names = args.files.keys().filter(|name| name.as_str() != "filedata");
    remarks.extend(names.map(|name| format!("unknown file {name}")));
    for remark in remarks {
        world.blame(Messenger::Facebook, page, asked.method.name(), &remark);
    }
    let read =
        |deed: &dyn Fn(&state::Page) -> Outcome| world.act(|scene| deed(scene.facebook.page(page)));
    let write = |deed: &dyn Fn(&mut state::Page) -> Outcome| {
        world.act(|scene| {
            scene.touch();
            deed(scene.facebook.page(page))
        })
    };
    match asked.method {
        Method::Messages => send::post(world, page, args).await,
        Method::Attachments => media::upload(world, page, args).await,
        Method::ReadProfile => read(&|page| profile::read(page, args)),
        Method::WriteProfile => write(&|page| profile::write(page, args)),
        Method::DeleteProfile => write(&|page| profile::delete(page, args)),
        Method::Subscriptions => read(&|page| Ok(profile::subscriptions(page))),
        Method::Subscribe => write(&|page| profile::subscribe(page, args)),
        Method::Unsubscribe => write(&|page| Ok(profile::unsubscribe(page))),
        Method::Person => world.act(|scene| profile::person(scene, page, asked.node, args)),
        Method::Page => read(&|page| profile::page(page, args)),
    }
}

/// `appsecret_proof`: right where it is given, and given where the page demands it.
fn prove(world: &World, asked: &Asked, args: &Args) -> Result<(), GraphError> {
    let (secret, is_required) = world.act(|scene| {
        let page = scene.facebook.page(asked.page);
        (page.app_secret.clone(), page.require_proof)
    });
    match (args.text("appsecret_proof"), secret) {
        (Some(proof), Some(secret)) if proof != sign::sha256(&secret, asked.token.as_bytes()) => {
            Err(bad("Invalid appsecret_proof provided in the API argument"))
        }
        (None, _) if is_required => Err(bad(
            "API calls from the server require an appsecret_proof argument",
        )),
        (Some(_) | None, _) => Ok(()),
    }
}

fn record(
    world: &World,
    page: i64,
    method: &str,
    params: String,
    reply: &Reply,
    fault: Option<&'static str>,
) {
    let at = world.clock.millis();
    world.calls().record(Call {
        at,
        messenger: Messenger::Facebook,
        bot: page,
        method: method.to_owned(),
        params,
        status: reply.status,
        answer: reply.body.clone(),
        fault,
    });
}

/// `/facebook/files/{page}/{file}/{name}`: what attachments' addresses lead to.
async fn download(world: &World, line: &Line, path: &str) -> Response {
    let mut parts = path.trim_start_matches("/facebook/files/").split('/');
    let page = parts.next().and_then(|page| page.parse().ok());
    let file = parts.next().and_then(FileId::parse);
    let found = file.and_then(|file| world.act(|scene| scene.files.get(file).cloned()));
    let (Some(page), Some(file)) = (page, found) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let fault = world.strike(Messenger::Facebook, DOWNLOAD, page, None);
    let refused = fault
        .as_ref()
        .and_then(|fault| refused_by(world, fault, line));
    let size = Bytes::from(json!({ "size": file.bytes.len() }).to_string());
    let reply = refused.unwrap_or_else(|| Reply::new(200, size));
    let shown = json!({ "path": path }).to_string();
    let name = fault.as_ref().map(FaultKind::name);
    record(world, page, DOWNLOAD, shown, &reply, name);
    if reply.status != 200 {
        return reply.into_response();
    }
    if let Some(fault) = &fault {
        tokio::time::sleep(fault.delay()).await;
    }
    let headers = [
        (header::CONTENT_TYPE, file.mime.clone()),
        (header::CONTENT_LENGTH, file.bytes.len().to_string()),
    ];
    (headers, reply::download(&file.bytes, fault.as_ref())).into_response()
}
