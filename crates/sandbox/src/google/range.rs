//! Ranges in A1 notation: `Sheet1!A1:C7`, `'It''s a tab'!A:C`, `Sheet1`, `B2`.

use std::ops::Range;

use super::error::ApiError;
use super::state::Sheet;

/// Part of a tab. Rows and columns are counted from 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Area {
    /// The tab's place in the spreadsheet.
    pub(crate) tab: usize,
    pub(crate) rows: Range<usize>,
    pub(crate) columns: Range<usize>,
}

/// `B2`, `B` or `2`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Corner {
    column: Option<usize>,
    row: Option<usize>,
}

impl Area {
    /// Reads a range, and cuts it to the size of its tab.
    pub(crate) fn read(sheet: &Sheet, text: &str) -> Result<Self, ApiError> {
        let unclear = || ApiError::new(400, format!("Unable to parse range: {text}"));
        let (tab, cells) = match text.rsplit_once('!') {
            Some((title, cells)) => (find(sheet, title).ok_or_else(unclear)?, Some(cells)),
            None => match find(sheet, text) {
                Some(tab) => (tab, None),
                None => (0, Some(text)),
            },
        };
        let (rows, columns) = sheet.tabs[tab].size();
        let whole = Self {
            tab,
            rows: 0..rows,
            columns: 0..columns,
        };
        let Some(cells) = cells else {
            return Ok(whole);
        };
        let asked = whole.part(cells).ok_or_else(unclear)?;
        if asked.rows.start >= rows || asked.columns.start >= columns {
            let shown = asked.shown(sheet);
            let what = format!(
                "Range ({shown}) exceeds grid limits. Max rows: {rows}, max columns: {columns}"
            );
            return Err(ApiError::new(400, what));
        }
        Ok(Self {
            tab,
            rows: asked.rows.start..asked.rows.end.min(rows),
            columns: asked.columns.start..asked.columns.end.min(columns),
        })
    }

    /// `A1:B2` of this tab.
    fn part(&self, cells: &str) -> Option<Self> {
        let (from, to) = cells.split_once(':').unwrap_or((cells, cells));
        let (from, to) = (corner(from)?, corner(to)?);
        let is_one = !cells.contains(':');
        if is_one && (from.column.is_none() || from.row.is_none()) {
            return None;
        }
        if from.column.is_some() != to.column.is_some() {
            return None;
        }
        Some(Self {
            tab: self.tab,
            rows: span(from.row, to.row, self.rows.end),
            columns: span(from.column, to.column, self.columns.end),
        })
    }

    /// As the API writes it.
    pub(crate) fn shown(&self, sheet: &Sheet) -> String {
        let first = address(self.rows.start, self.columns.start);
        let last = address(self.rows.end - 1, self.columns.end - 1);
        let title = quoted(&sheet.tabs[self.tab].title);
        if first == last {
            format!("{title}!{first}")
        } else {
            format!("{title}!{first}:{last}")
        }
    }
}

/// Row and column of a single cell such as `C7`.
pub(crate) fn cell(text: &str) -> Option<(usize, usize)> {
    let corner = corner(text)?;
    corner.row.zip(corner.column)
}

fn find(sheet: &Sheet, title: &str) -> Option<usize> {
    let quoted = title
        .strip_prefix('\'')
        .and_then(|rest| rest.strip_suffix('\''));
    let title = quoted.map_or_else(|| title.to_owned(), |title| title.replace("''", "'"));
    let title = title.to_lowercase();
    sheet
        .tabs
        .iter()
        .position(|tab| tab.title.to_lowercase() == title)
}

/// Titles of other than Latin letters, digits and `_` are quoted.
fn quoted(title: &str) -> String {
    let is_plain = title
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && !title.starts_with(|first: char| first.is_ascii_digit());
    if is_plain {
        title.to_owned()
    } else {
        format!("'{}'", title.replace('\'', "''"))
    }
}

fn corner(text: &str) -> Option<Corner> {
    let letters = text.strip_prefix('$').unwrap_or(text);
    let end = letters
        .find(|sign: char| !sign.is_ascii_alphabetic())
        .unwrap_or(letters.len());
    let (letters, digits) = letters.split_at(end);
    let digits = digits.strip_prefix('$').unwrap_or(digits);
    let column = letters
        .bytes()
        .try_fold(0_usize, |sum, letter| {
            let digit = usize::from(letter.to_ascii_uppercase() - b'A') + 1;
            // Three letters are as many as there are.
            (sum < 26 * 26 + 26).then_some(sum * 26 + digit)
        })?
        .checked_sub(1);
    let row = match digits {
        "" => None,
        digits => Some(digits.parse::<u32>().ok()?.checked_sub(1)? as usize),
    };
    (column.is_some() || row.is_some()).then_some(Corner { column, row })
}

/// From one to the other, whichever comes first; what is not said is the edge.
fn span(from: Option<usize>, to: Option<usize>, edge: usize) -> Range<usize> {
    match (from, to) {
        (Some(from), Some(to)) => from.min(to)..from.max(to) + 1,
        (Some(from), None) => from..edge.max(from + 1),
        (None, Some(to)) => 0..to + 1,
        (None, None) => 0..edge,
    }
}

fn address(row: usize, column: usize) -> String {
    let mut letters = String::new();
    let mut left = column + 1;
    while left > 0 {
        left -= 1;
        let letter = u8::try_from(left % 26).unwrap_or(0) + b'A';
        letters.insert(0, char::from(letter));
        left /= 26;
    }
    format!("{letters}{}", row + 1)
}

#[cfg(test)]
mod tests {
    use super::super::state::Tab;
    use super::*;

    fn sheet() -> Sheet {
        let tab = |title: &str| Tab {
            gid: 0,
            title: title.to_owned(),
            hidden: false,
            rows: Vec::new(),
        };
        Sheet {
            title: String::new(),
            shared: true,
            published: true,
            tabs: ["Clients", "Тарифы", "It's", "Tab1"].map(tab).into(),
        }
    }

    fn check(text: &str, shown: &str) {
        let sheet = sheet();
        let read = Area::read(&sheet, text).map(|area| area.shown(&sheet));
        assert_eq!(read.unwrap_or_else(|error| error.message), shown, "{text}");
    }

    #[test]
    fn a_range_says_which_cells_of_which_tab() {
        check("Clients!A1:C7", "Clients!A1:C7");
        check("clients!$a$1:$C$7", "Clients!A1:C7");
        check("B2", "Clients!B2");
        check("C7:A1", "Clients!A1:C7");
        check("'Тарифы'!A:D", "'Тарифы'!A1:D1000");
        check("Тарифы!A2:D", "'Тарифы'!A2:D1000");
        check("'It''s'!2:3", "'It''s'!A2:Z3");
        check("Тарифы", "'Тарифы'!A1:Z1000");
        check("'Clients'", "Clients!A1:Z1000");
        check("Tab1", "Tab1!A1:Z1000");
        check("Clients!A1:ZZ5000", "Clients!A1:Z1000");
    }

    #[test]
    fn and_some_say_nothing() {
        for text in [
            "Klients!A1",
            "A",
            "7",
            "Clients!",
            "A1:",
            "A:3",
            "A0",
            "AAAA1",
            "Ы1",
        ] {
            check(text, &format!("Unable to parse range: {text}"));
        }
        let beyond = "Range (Clients!AA1:AB1) exceeds grid limits. Max rows: 1000, max columns: 26";
        check("Clients!AA1:AB1", beyond);
    }
}
