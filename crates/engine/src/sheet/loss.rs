//! What was there at the last reading and is not any more. A sheet that was read in part looks the same
//! as one from which an owner has deleted much: so where much is gone, the owners are asked, and what
//! they were shown is what they accept.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Field, LastReading, Tariff, tabs::Rows};
use crate::client::Email;

/// So many may vanish between two readings, or a tenth of them.
const MAY_VANISH: usize = 3;

/// So much that is gone that it needs an owner's word. Kinds of which little is gone are empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Loss {
    /// Columns of the clients' tab: a column with another name looks the same.
    #[serde(default)]
    pub columns: BTreeSet<Field>,
    /// Rows of the clients' tab.
    #[serde(default)]
    pub rows: BTreeSet<Email>,
    /// Tariffs.
    #[serde(default)]
    pub tariffs: BTreeSet<String>,
    /// Whose cells of a column are empty now.
    #[serde(default)]
    pub emptied: BTreeMap<Field, BTreeSet<Email>>,
}

/// What the owners are asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// Its number: the key of an earlier one accepts nothing.
    pub number: u32,
    /// What they are shown.
    pub loss: Loss,
    /// Whether one of them has said that it was meant.
    pub accepted: bool,
}

impl Loss {
    /// What a reading lacks. `named`: the tariffs that it has.
    pub(super) fn of(
        rows: &Rows,
        named: &BTreeSet<String>,
        last: &LastReading,
        tariffs: &[Tariff],
    ) -> Self {
        let gone = last.cells.keys().filter(|email| !rows.has(email));
        let gone_tariffs = tariffs.iter().map(|tariff| &tariff.name);
        let gone_tariffs = gone_tariffs.filter(|name| !named.contains(&name.to_lowercase()));
        Self {
            columns: &last.columns - &rows.columns,
            rows: much(gone.cloned().collect(), last.cells.len()),
            tariffs: much(gone_tariffs.cloned().collect(), tariffs.len()),
            emptied: emptied(rows, last),
        }
    }

    /// Whether too little is gone to ask about it.
    pub(super) fn is_small(&self) -> bool {
        *self == Self::default()
    }
}

impl LastReading {
    /// Whether an owner has said that exactly this was meant.
    pub(super) fn accepts(&self, loss: &Loss) -> bool {
        let asked = self.question.as_ref();
        asked.is_some_and(|asked| asked.accepted && asked.loss == *loss)
    }
}

/// Whether it is much of so many, or all of them.
pub(super) fn much_of(gone: usize, of: usize) -> bool {
    (gone > 1 && gone == of) || gone > MAY_VANISH.max(of / 10)
}

/// What is gone, if it is much.
fn much<T: Ord>(gone: BTreeSet<T>, of: usize) -> BTreeSet<T> {
    let is_much = much_of(gone.len(), of);
    if is_much { gone } else { BTreeSet::new() }
}

fn emptied(rows: &Rows, last: &LastReading) -> BTreeMap<Field, BTreeSet<Email>> {
    let filled = |field: &Field, email: &Email| {
        let seen = last.cells.get(email).and_then(|cells| cells.get(field));
        seen.is_some_and(|text| !text.is_empty())
    };
    let of_column = |field: &Field| {
        let before = last.cells.keys().filter(|email| filled(field, email));
        let empty = rows.by_email.iter().filter(|(email, row)| {
            let is_empty = row.text(*field).is_some_and(str::is_empty);
            is_empty && filled(field, email)
        });
        let empty = empty.map(|(email, _)| email.clone()).collect();
        (*field, much(empty, before.count()))
    };
    let columns = rows.columns.iter().map(of_column);
    columns.filter(|(_, gone)| !gone.is_empty()).collect()
}
