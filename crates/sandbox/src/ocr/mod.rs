//! OCR.space: `POST /parse/image`, from a request to what was «read».
//!
//! Order of things in a call: faults, key, quota, parameters, picture, reading, log.

use std::sync::Arc;

use axum::extract::Request;
use axum::http::Method as Verb;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

mod answer;
pub(crate) mod control;
mod picture;
mod reads;
mod schema;
mod state;
mod tesseract;

pub(crate) use state::State;

use crate::args::Args;
use crate::faults::FaultKind;
use crate::messenger::Messenger;
use crate::net::Line;
use crate::reply::{self, Reply};
use crate::request;
use crate::service::{self, Asked};
use crate::world::World;
use answer::Refusal;
use reads::Source;

/// What a reading is called in faults and in the log.
const PARSE: &str = "parse";
/// More than the service reads, so that it can say so by itself.
const MAX_BODY: usize = 32 << 20;

/// `/parse/…`.
pub(crate) async fn receive(world: Arc<World>, line: Line, request: Request) -> Response {
    let path = request.uri().path();
    if path != "/parse/image" || request.method() != Verb::POST {
        let what = format!(
            "{} {path}: not published, or not emulated",
            request.method()
        );
        world.blame(Messenger::Ocr, 0, PARSE, &what);
        return Reply::new(404, json!({ "Message": what }).to_string()).into_response();
    }
    let header = request
        .headers()
        .get("apikey")
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned);
    let mut args = match request::read(request, MAX_BODY).await {
        Ok(args) => small_letters(args),
        Err(broken) => {
            let what = format!("the body cannot be read: {broken:?}");
            world.blame(Messenger::Ocr, 0, PARSE, &what);
            return Refusal::invalid(vec![what]).reply().into_response();
        }
    };
    let field = args.values.remove("apikey");
    let key = header.or(field.and_then(|key| key.as_str().map(str::to_owned)));
    let asked = Asked::new(Messenger::Ocr, PARSE, shown(&args));
    let fault = asked.strike(&world);
    let instead = fault.as_ref().and_then(|fault| {
        let too_many = |_| Refusal::quota(schema::requests_per_day()).reply();
        reply::instead(fault, &line, too_many, |own| Refusal::from(own).reply())
    });
    let reply = if let Some(reply) = instead {
        reply
    } else {
        service::wait(fault.as_ref()).await;
        let is_twice = matches!(fault, Some(FaultKind::Twice));
        let parsed = parse(&world, key.as_deref(), &mut args, is_twice).await;
        parsed.unwrap_or_else(|refused| refused.reply())
    };
    asked.finish(&world, &line, fault.as_ref(), reply)
}

/// The names of parameters do not mind their case.
fn small_letters(args: Args) -> Args {
    let values = args.values.into_iter();
    Args {
        values: values
            .map(|(name, value)| (name.to_lowercase(), value))
            .collect(),
        files: args.files,
    }
}

/// For the log: pictures by size, and by the hash that `match` takes.
fn shown(args: &Args) -> String {
    let mut shown = serde_json::Map::new();
    for (name, value) in &args.values {
        let short = match value {
            Value::String(text) if name == "base64image" => json!({ "size": text.len() }),
            value => value.clone(),
        };
        shown.insert(name.clone(), short);
    }
    for (name, file) in &args.files {
        let hash = reads::sha256(&file.bytes);
        let about = json!({ "size": file.bytes.len(), "mime": file.mime, "name": file.name, "sha256": hash });
        shown.insert(name.clone(), json!({ "file": about }));
    }
    Value::Object(shown).to_string()
}

async fn parse(
    world: &World,
    key: Option<&str>,
    args: &mut Args,
    is_twice: bool,
) -> Result<Reply, Refusal> {
    world.act(|scene| {
        let given = key.filter(|key| !key.is_empty()).ok_or_else(Refusal::key)?;
        if scene.ocr.key.as_ref().is_some_and(|right| right != given) {
            return Err(Refusal::key());
        }
        if scene.enforce {
            let now = scene.now;
            scene.ocr.take(now).inspect_err(|_| {
                world.blame(
                    Messenger::Ocr,
                    0,
                    PARSE,
                    "more calls than a day has room for",
                );
            })?;
        }
        Ok(())
    })?;
    let problems = schema::problems(args);
    if !problems.is_empty() {
        for problem in &problems {
            world.blame(Messenger::Ocr, 0, PARSE, problem);
        }
        return Err(Refusal::invalid(problems));
    }
    let picture = picture::take(world, args).await.inspect_err(|refused| {
        if let Refusal::Errored { messages, .. } = refused {
            world.blame(Messenger::Ocr, 0, PARSE, &messages.join(" "));
        }
    })?;
    let text = match world.act(|scene| scene.ocr.reads.next(&picture)) {
        Source::Text(text) => text,
        Source::Tesseract => {
            let language = args.text("language").unwrap_or("eng");
            let read = tesseract::read(&picture, language).await;
            read.map_err(Refusal::unreadable)?
        }
    };
    let pages = if is_twice {
        vec![text.clone(), text]
    } else {
        vec![text]
    };
    Ok(answer::read(&pages, args.flag("isoverlayrequired")))
}
