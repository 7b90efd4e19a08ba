//! `/sandbox/google/…`: the owner's hand on the sheets, and the key file. The crate's `README.md` is its specification.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::cell::Cell;
use super::range;
use super::state::{PUBLISHED, Sheet, Tab};
use super::{key, origin};
use crate::control::{Answer, Given, Shared, act};
use crate::world::{Deed, Scene, World};

/// As in Google: no more cells than that in all tabs of a spreadsheet.
const MAX_CELLS: usize = 10_000_000;

pub(crate) fn routes() -> Router<Arc<World>> {
    Router::new().route("/sandbox/google/key", get(key)).route(
        "/sandbox/google/sheets/{id}",
        get(show).put(replace).patch(change).delete(remove),
    )
}

/// A sheet as it shall be.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewSheet {
    #[serde(default)]
    title: Option<String>,
    #[serde(default = "yes")]
    shared: bool,
    #[serde(default = "yes")]
    published: bool,
    tabs: Vec<NewTab>,
}

fn yes() -> bool {
    true
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewTab {
    title: String,
    #[serde(default)]
    gid: Option<u32>,
    #[serde(default)]
    hidden: bool,
    #[serde(default)]
    rows: Vec<Vec<Cell>>,
}

/// What shall change about a sheet.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    #[serde(default)]
    shared: Option<bool>,
    #[serde(default)]
    published: Option<bool>,
    /// The first one, if absent.
    #[serde(default)]
    tab: Option<String>,
    #[serde(default)]
    cell: Option<String>,
    #[serde(default)]
    value: Cell,
}

async fn key(State(world): Shared, headers: HeaderMap) -> Json<Value> {
    Json(key::file(&format!(
        "{}/google/token",
        origin(&world, &headers)
    )))
}

async fn show(State(world): Shared, Path(id): Path<String>) -> Answer {
    act(&world, |scene| {
        let sheet = scene.google.sheets.get(&id).ok_or_else(|| unknown(&id))?;
        Ok(shown(&id, sheet))
    })
}

async fn replace(
    State(world): Shared,
    Path(id): Path<String>,
    Given(new): Given<NewSheet>,
) -> Answer {
    act(&world, |scene| {
        let sheet = build(&id, new)?;
        let answer = shown(&id, &sheet);
        scene.google.sheets.insert(id, sheet);
        scene.touch();
        Ok(answer)
    })
}

async fn change(
    State(world): Shared,
    Path(id): Path<String>,
    Given(change): Given<Change>,
) -> Answer {
    act(&world, |scene| edit(scene, &id, change))
}

async fn remove(State(world): Shared, Path(id): Path<String>) -> Answer {
    act(&world, |scene| {
        scene.touch();
        let gone = scene.google.sheets.remove(&id);
        gone.map(|_| json!({})).ok_or_else(|| unknown(&id))
    })
}

fn unknown(id: &str) -> String {
    format!("no sheet {id}: make it with PUT /sandbox/google/sheets/{id}")
}

fn build(id: &str, new: NewSheet) -> Result<Sheet, String> {
    let is_safe = |sign: u8| sign.is_ascii_alphanumeric() || matches!(sign, b'-' | b'_');
    if id.is_empty() || !id.bytes().all(is_safe) {
        return Err("a sheet's id has Latin letters, digits, - and _".to_owned());
    }
    if new.tabs.is_empty() {
        return Err("tabs: a spreadsheet has at least one".to_owned());
    }
    let mut tabs: Vec<Tab> = Vec::new();
    for (tab, next) in new.tabs.into_iter().zip(0_u32..) {
        // Far from the tab's place, so that nobody takes one for the other.
        let gid = tab.gid.unwrap_or(next * 1111);
        let title = tab.title;
        let same = |other: &Tab| other.title.to_lowercase() == title.to_lowercase();
        if title.is_empty() || tabs.iter().any(same) {
            return Err(format!("tabs: {title:?}: every tab has a title of its own"));
        }
        if tabs.iter().any(|other| other.gid == gid) {
            return Err(format!("tabs: gid {gid} is taken"));
        }
        tabs.push(Tab {
            gid,
            title,
            hidden: tab.hidden,
            rows: tab.rows,
        });
    }
    Ok(Sheet {
        title: new.title.unwrap_or_else(|| id.to_owned()),
        shared: new.shared,
        published: new.published,
        tabs,
    })
}

fn edit(scene: &mut Scene, id: &str, change: Change) -> Deed {
    scene.touch();
    let sheet = scene.google.sheets.get_mut(id).ok_or_else(|| unknown(id))?;
    if let Some(cell) = change.cell {
        let place = range::cell(&cell).filter(|(row, column)| row * column < MAX_CELLS);
        let (row, column) = place.ok_or_else(|| format!("cell: {cell:?} is no cell such as C7"))?;
        let tab = match change.tab {
            Some(title) => sheet.tabs.iter_mut().find(|tab| tab.title == title),
            None => sheet.tabs.first_mut(),
        };
        let tab = tab.ok_or("tab: there is none with this title")?;
        tab.write(row, column, change.value);
    }
    sheet.shared = change.shared.unwrap_or(sheet.shared);
    sheet.published = change.published.unwrap_or(sheet.published);
    Ok(shown(id, sheet))
}

/// Everything about a sheet, in the form in which it is told.
pub(crate) fn shown(id: &str, sheet: &Sheet) -> Value {
    let tabs: Vec<Value> = sheet
        .tabs
        .iter()
        .map(|tab| {
            let gid = tab.gid;
            json!({
                "title": tab.title,
                "gid": gid,
                "hidden": tab.hidden,
                "rows": tab.rows,
                "csv": format!("/spreadsheets/d/e/{PUBLISHED}{id}/pub?gid={gid}&single=true&output=csv"),
            })
        })
        .collect();
    json!({
        "id": id,
        "title": sheet.title,
        "shared": sheet.shared,
        "published": sheet.published,
        "tabs": tabs,
    })
}
