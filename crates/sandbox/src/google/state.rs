//! What the emulated Google remembers: sheets, the tokens it gave, and when it was read.

use std::collections::{BTreeMap, VecDeque};

use super::cell::Cell;
use super::error::ApiError;
use crate::clock::Millis;

const READS_PER_USER: usize = 60;
const READS_PER_PROJECT: usize = 300;
const MINUTE: Millis = 60_000;
/// A new tab is so large, and grows with what is written into it.
const ROWS: usize = 1000;
const COLUMNS: usize = 26;
/// Identifiers of published sheets begin so.
pub(crate) const PUBLISHED: &str = "2PACX-";

/// Everything.
#[derive(Default)]
pub(crate) struct State {
    pub(crate) sheets: BTreeMap<String, Sheet>,
    tokens: BTreeMap<String, Token>,
    /// For tokens: grows for ever.
    serial: u64,
    /// When each call of the last minute was made, and by which user (`quotaUser`, or the account).
    reads: VecDeque<(Millis, String)>,
}

/// An access token that was given out.
pub(crate) struct Token {
    pub(crate) scopes: Vec<String>,
    pub(crate) until: Millis,
}

/// A spreadsheet.
pub(crate) struct Sheet {
    pub(crate) title: String,
    /// The service account may read it.
    pub(crate) shared: bool,
    /// Whoever has the link may read it as CSV.
    pub(crate) published: bool,
    /// At least one.
    pub(crate) tabs: Vec<Tab>,
}

/// A tab of a spreadsheet.
pub(crate) struct Tab {
    /// Its number in addresses; another in each tab of a spreadsheet.
    pub(crate) gid: u32,
    pub(crate) title: String,
    /// Not shown to people; the API gives it all the same.
    pub(crate) hidden: bool,
    pub(crate) rows: Vec<Vec<Cell>>,
}

impl State {
    /// Keeps a token, forgets those that have expired.
    pub(crate) fn give(&mut self, token: Token, now: Millis) -> String {
        self.tokens.retain(|_, token| token.until > now);
        self.serial += 1;
        let name = format!("ya29.c.sandbox-{:08}", self.serial);
        self.tokens.insert(name.clone(), token);
        name
    }

    /// A token that is still good.
    pub(crate) fn token(&self, name: &str, now: Millis) -> Option<&Token> {
        self.tokens.get(name).filter(|token| token.until > now)
    }

    /// The sheet that was published under this identifier.
    pub(crate) fn published(&self, id: &str) -> Option<(&str, &Sheet)> {
        let id = id.strip_prefix(PUBLISHED).unwrap_or(id);
        let (id, sheet) = self.sheets.get_key_value(id)?;
        sheet.published.then_some((id, sheet))
    }

    /// Takes one read from the quota.
    pub(crate) fn take(&mut self, user: &str, now: Millis) -> Result<(), ApiError> {
        while self
            .reads
            .front()
            .is_some_and(|(at, _)| *at <= now - MINUTE)
        {
            self.reads.pop_front();
        }
        let own = self.reads.iter().filter(|(_, by)| by == user).count();
        if own >= READS_PER_USER {
            return Err(ApiError::too_many("user"));
        }
        if self.reads.len() >= READS_PER_PROJECT {
            return Err(ApiError::too_many("project"));
        }
        self.reads.push_back((now, user.to_owned()));
        Ok(())
    }
}

impl Tab {
    /// Number of rows and columns, empty ones too.
    pub(crate) fn size(&self) -> (usize, usize) {
        let widest = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        (self.rows.len().max(ROWS), widest.max(COLUMNS))
    }

    /// Writes into a cell; the tab grows as far as that.
    pub(crate) fn write(&mut self, row: usize, column: usize, cell: Cell) {
        if self.rows.len() <= row {
            self.rows.resize_with(row + 1, Vec::new);
        }
        let row = &mut self.rows[row];
        if row.len() <= column {
            row.resize_with(column + 1, Cell::default);
        }
        row[column] = cell;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reads(state: &mut State, user: &str, now: Millis) -> usize {
        (0..1000)
            .take_while(|_| state.take(user, now).is_ok())
            .count()
    }

    #[test]
    fn a_minute_has_60_reads_for_a_user_and_300_for_a_project() {
        let mut state = State::default();
        let users = ["a", "b", "c", "d", "e", "f"];
        let taken = users.map(|user| reads(&mut state, user, 0));
        assert_eq!(taken, [60, 60, 60, 60, 60, 0]);
        assert_eq!(reads(&mut state, "a", MINUTE - 1), 0);
        assert_eq!(reads(&mut state, "a", MINUTE), 60);
    }
}
