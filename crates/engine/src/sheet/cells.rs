//! Cells as people type them: names of columns, empty ones, dates in several forms.

use jiff::civil::Date;

use super::{Table, Unusable};

/// A cell, and where it stands.
pub(super) struct Cell {
    pub(super) at: String,
    /// What its row begins with: the address, or the tariff.
    pub(super) row: String,
    pub(super) text: String,
}

/// A day as people and sheets write it: `2026-11-20`, `20.11.2026`, `20.11.26`, or the number of days
/// since 30 December 1899. `11/12/2026` can mean two days, and is none.
pub fn date(text: &str) -> Option<Date> {
    let text = text
        .trim()
        .trim_end_matches('.')
        .trim_end_matches("г")
        .trim_end();
    if let Ok(serial) = text.trim_end_matches(".0").parse::<i32>() {
        let begin = Date::constant(1899, 12, 30);
        let days = Some(serial).filter(|days| (20_000..90_000).contains(days))?;
        return begin.checked_add(jiff::Span::new().days(days)).ok();
    }
    // A time behind it means nothing here.
    let day = text.split(['T', ' ']).next()?;
    let parts: Vec<&str> = day.split(['.', '-', '/']).collect();
    let [first, second, third] = parts.as_slice() else {
        return None;
    };
    let number = |part: &str| part.parse::<i16>().ok();
    let (year, month, day) = if first.len() == 4 {
        (number(first)?, number(second)?, number(third)?)
    } else {
        let (first, second) = (number(first)?, number(second)?);
        let year = match third.len() {
            4 => number(third)?,
            2 => 2000 + number(third)?,
            _ => return None,
        };
        match (day.contains('/'), first > 12, second > 12) {
            (true, false, true) => (year, first, second),
            (true, false, false) if first != second => return None,
            _ => (year, second, first),
        }
    };
    let (month, day) = (i8::try_from(month).ok()?, i8::try_from(day).ok()?);
    Date::new(year, month, day)
        .ok()
        .filter(|date| (2000..2200).contains(&date.year()))
}

/// Where each column stands, in the order asked for.
pub(super) fn columns<const N: usize>(
    table: &Table,
    tariffs: bool,
    wanted: &[(&'static str, &[&str]); N],
) -> Result<[usize; N], Unusable> {
    let head = table.first().ok_or(Unusable::Empty { tariffs })?;
    let head: Vec<String> = head.iter().map(|name| clean(name).to_lowercase()).collect();
    if head.iter().all(String::is_empty) {
        return Err(Unusable::Empty { tariffs });
    }
    let mut columns = [0; N];
    for (place, (name, names)) in columns.iter_mut().zip(wanted) {
        let found = head.iter().position(|head| names.contains(&head.as_str()));
        *place = found.ok_or(Unusable::NoColumn { tariffs, name })?;
    }
    Ok(columns)
}

/// The rows under the names, with their numbers in the sheet.
pub(super) fn body(table: &Table) -> impl Iterator<Item = (usize, &Vec<String>)> {
    (1..).zip(table).skip(1)
}

/// A cell; empty if the row ends before it.
pub(super) fn cell(row: &[String], column: usize, first: usize, number: usize) -> Cell {
    let text = |column: usize| row.get(column).map(|text| clean(text)).unwrap_or_default();
    Cell {
        at: format!("{}{number}", letters(column)),
        row: text(first),
        text: text(column),
    }
}

/// `A`, `B`, … `Z`, `AA`, …
fn letters(column: usize) -> String {
    let mut letters = Vec::new();
    let mut rest = column + 1;
    while rest > 0 {
        rest -= 1;
        let letter = u8::try_from(rest % 26).unwrap_or_default();
        letters.push(char::from(b'A' + letter));
        rest /= 26;
    }
    letters.iter().rev().collect()
}

/// Without spaces around, of any kind, and without what has no width.
fn clean(text: &str) -> String {
    let visible = text
        .chars()
        .filter(|c| !matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}'));
    let spaced = visible.map(|c| {
        if c.is_whitespace() || c.is_control() {
            ' '
        } else {
            c
        }
    });
    spaced.collect::<String>().trim().to_owned()
}
