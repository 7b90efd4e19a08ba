//! Calls of the Sheets API: whose they are, whether they may be made, and what they come to.
//!
//! Order of things in a call: faults, token, schema, quota, the deed itself under the lock, log.

use axum::http::{HeaderMap, Method as Verb, header};
use axum::response::{IntoResponse, Response};
use percent_encoding::percent_decode_str;
use serde_json::json;

use super::error::{self, ApiError};
use super::mask::Mask;
use super::sheets::{self, Outcome};
use super::{Pairs, key, not_found, schema};
use crate::messenger::Messenger;
use crate::net::Line;
use crate::reply::{self, Reply};
use crate::service::{self, Asked};
use crate::world::{Scene, World};

/// What the methods are called in faults and in the log.
const SPREADSHEET: &str = "spreadsheet";
const VALUES: &str = "values";

/// `/v4/{path}`.
pub(crate) async fn called(
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
    let reply = if let Some(reply) = instead {
        reply
    } else {
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
    let is_published = schema::is_published(verb.as_str(), &format!("v4/{path}"));
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
