//! The three methods of the Sheets API that read: a spreadsheet's tabs, a range, several ranges.

use serde_json::{Value, json};

use super::cell::{Cell, Render};
use super::error::ApiError;
use super::range::Area;
use super::schema::Params;
use super::state::Sheet;
use crate::world::Scene;

/// What every call comes to.
pub(crate) type Outcome = Result<Value, ApiError>;

/// `spreadsheets.get`: what tabs there are.
pub(crate) fn get(scene: &Scene, id: &str, params: &Params) -> Outcome {
    let sheet = open(scene, id)?;
    if params.flag("includeGridData", false) {
        let what = "includeGridData is published, but not emulated";
        return Err(ApiError::broken(501, what));
    }
    let areas: Vec<Area> = params
        .all("ranges")
        .map(|range| Area::read(sheet, range))
        .collect::<Result<_, _>>()?;
    let tabs: Vec<Value> = sheet
        .tabs
        .iter()
        .enumerate()
        .filter(|(index, _)| areas.is_empty() || areas.iter().any(|area| area.tab == *index))
        .map(|(index, tab)| {
            let (rows, columns) = tab.size();
            let mut properties = json!({
                "sheetId": tab.gid,
                "title": tab.title,
                "index": index,
                "sheetType": "GRID",
                "gridProperties": { "rowCount": rows, "columnCount": columns },
            });
            // As in Google: what is false is left out.
            if tab.hidden {
                properties["hidden"] = true.into();
            }
            json!({ "properties": properties })
        })
        .collect();
    Ok(json!({
        "spreadsheetId": id,
        "properties": {
            "title": sheet.title,
            "locale": "ru_RU",
            "autoRecalc": "ON_CHANGE",
            "timeZone": "Europe/Moscow",
        },
        "sheets": tabs,
        "spreadsheetUrl": format!("https://docs.google.com/spreadsheets/d/{id}/edit"),
    }))
}

/// `spreadsheets.values.get`: the values of one range.
pub(crate) fn values(scene: &Scene, id: &str, range: &str, params: &Params) -> Outcome {
    read(open(scene, id)?, range, params)
}

/// `spreadsheets.values.batchGet`: the values of several, all from the same moment.
pub(crate) fn batch(scene: &Scene, id: &str, params: &Params) -> Outcome {
    let sheet = open(scene, id)?;
    let ranges: Vec<Value> = params
        .all("ranges")
        .map(|range| read(sheet, range, params))
        .collect::<Result<_, _>>()?;
    let mut answer = json!({ "spreadsheetId": id });
    if !ranges.is_empty() {
        answer["valueRanges"] = ranges.into();
    }
    Ok(answer)
}

fn open<'a>(scene: &'a Scene, id: &str) -> Result<&'a Sheet, ApiError> {
    let sheet = scene.google.sheets.get(id);
    let sheet = sheet.ok_or_else(|| ApiError::new(404, "Requested entity was not found."))?;
    if sheet.shared {
        Ok(sheet)
    } else {
        Err(ApiError::new(403, "The caller does not have permission"))
    }
}

fn read(sheet: &Sheet, range: &str, params: &Params) -> Outcome {
    let area = Area::read(sheet, range)?;
    let dates_as_text = params.text("dateTimeRenderOption") == Some("FORMATTED_STRING");
    let how = match params.text("valueRenderOption") {
        Some("UNFORMATTED_VALUE") => Render::Unformatted { dates_as_text },
        Some("FORMULA") => Render::Formula { dates_as_text },
        _ => Render::Formatted,
    };
    let by_columns = params.text("majorDimension") == Some("COLUMNS");
    let rows = &sheet.tabs[area.tab].rows;
    let at = |row: usize, column: usize| rows.get(row).and_then(|row| row.get(column));
    let lines: Vec<Vec<Option<&Cell>>> = if by_columns {
        let rows = || area.rows.clone();
        let column = |column| rows().map(|row| at(row, column)).collect();
        area.columns.clone().map(column).collect()
    } else {
        let columns = || area.columns.clone();
        let row = |row| columns().map(|column| at(row, column)).collect();
        area.rows.clone().map(row).collect()
    };
    let values = trimmed(lines, how);
    let dimension = if by_columns { "COLUMNS" } else { "ROWS" };
    let mut answer = json!({ "range": area.shown(sheet), "majorDimension": dimension });
    if !values.is_empty() {
        answer["values"] = values.into();
    }
    Ok(answer)
}

/// Without the empty cells at the end of a line, and without the empty lines at the end.
fn trimmed(lines: Vec<Vec<Option<&Cell>>>, how: Render) -> Vec<Value> {
    let mut values: Vec<Value> = Vec::new();
    let mut kept = 0;
    for line in lines {
        let end = line
            .iter()
            .rposition(|cell| !cell.is_none_or(Cell::is_empty));
        let full = &line[..end.map_or(0, |last| last + 1)];
        let empty = Cell::default();
        let shown = full.iter().map(|cell| cell.unwrap_or(&empty).render(how));
        values.push(shown.collect());
        if end.is_some() {
            kept = values.len();
        }
    }
    values.truncate(kept);
    values
}
