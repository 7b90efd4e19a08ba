//! A tab as CSV (RFC 4180), as Google writes it: CRLF between the rows and none after the last, every row as wide as
//! the widest, quotes only where they are needed.

use super::state::Tab;

/// The whole tab, without the empty rows and columns at its end.
pub(crate) fn write(tab: &Tab) -> String {
    let rows: Vec<Vec<String>> = tab
        .rows
        .iter()
        .map(|row| row.iter().map(super::cell::Cell::shown).collect())
        .collect();
    let filled = |row: &Vec<String>| {
        row.iter()
            .rposition(|cell| !cell.is_empty())
            .map_or(0, |last| last + 1)
    };
    let width = rows.iter().map(filled).max().unwrap_or(0);
    let height = rows.iter().rposition(|row| filled(row) > 0);
    let lines = rows
        .iter()
        .take(height.map_or(0, |last| last + 1))
        .map(|row| {
            let cells = (0..width).map(|column| row.get(column).map_or("", String::as_str));
            cells.map(quoted).collect::<Vec<_>>().join(",")
        });
    lines.collect::<Vec<_>>().join("\r\n")
}

fn quoted(cell: &str) -> String {
    if cell.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}
