//! Links to CSV files, published (`e/{pub}/pub`) or shared (`{id}/export`), and the files that they lead to.

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;

use super::error::page;
use super::{CSV_FILE, Pairs, SIGN_IN, csv, not_found};
use crate::faults::FaultKind;
use crate::messenger::Messenger;
use crate::net::Line;
use crate::reply::{self, Reply};
use crate::service::{self, Asked};
use crate::world::{Scene, World};

/// What links and files are called in faults and in the log.
const CSV_LINK: &str = "csv_link";
const CSV: &str = "csv";

/// `/spreadsheets/d/{path}`: leads on to the file, once.
pub(crate) async fn linked(
    world: &World,
    line: &Line,
    path: &str,
    origin: &str,
    query: &Pairs,
) -> Response {
    let value = |wanted: &str| {
        let pair = query.iter().find(|(name, _)| name == wanted);
        pair.map(|(_, value)| value.as_str())
    };
    let published = path
        .strip_prefix("e/")
        .and_then(|rest| rest.strip_suffix("/pub"));
    let exported = path.strip_suffix("/export");
    let (id, format) = match (published, exported) {
        (Some(id), _) => (id, value("output")),
        (None, Some(id)) => (id, value("format")),
        (None, None) => return not_found().into_response(),
    };
    let shown = json!({ "link": path, "gid": value("gid"), "format": format }).to_string();
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
pub(crate) async fn downloaded(world: &World, line: &Line, file: &str) -> Response {
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
fn page_instead(fault: &FaultKind, line: &Line) -> Option<Reply> {
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

fn no_tab() -> Reply {
    page(400, "Error", "Sorry, unable to open the file at this time.")
}
