//! The owner's sheet of clients and tariffs: what a reading of it changes, and what in it cannot be
//! understood. Pure: readings come in as tables of texts.
//!
//! Only what changed in the sheet since the last reading counts, so that an older cell does not undo a
//! payment or an edit of the owner's. Where both changed, the sheet wins and the owner is told. Rows
//! that are gone change nothing; where much is gone at once, nothing changes before an owner has said
//! that it was meant ([`Loss`]).

mod cells;
mod dates;
mod loss;
mod plan;
mod tabs;
mod unread;

use std::{
    collections::{BTreeMap, BTreeSet},
    mem::Discriminant,
};

use serde::{Deserialize, Serialize};

pub use self::{
    cells::Column,
    dates::date,
    loss::{Loss, Question},
    plan::{Changed, Plan, Planned, plan},
    unread::Unread,
};
use crate::{
    client::{Client, Email},
    money::Money,
};

/// A tariff.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tariff {
    /// Its name, as the sheet and people write it.
    pub name: String,
    /// What it costs.
    pub price: Money,
    /// For how many days.
    pub days: u16,
}

/// A tab of the sheet: rows of cells, the first that is not empty with the names of the columns.
pub type Table = Vec<Vec<String>>;

/// A sheet that was read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sheet {
    /// The first tab.
    pub clients: Table,
    /// The second.
    pub tariffs: Table,
}

/// What the cells of a row meant: a tariff by its name, a date as `2026-11-20`, nothing as nothing.
pub type Cells = BTreeMap<Field, String>;

/// What the sheet said when it was read last, and what of it was reported already.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastReading {
    /// Rows of the clients' tab, by their address.
    #[serde(default)]
    pub cells: BTreeMap<Email, Cells>,
    /// Rows that stood there once: one that comes back is compared with what it said.
    #[serde(default)]
    pub gone: BTreeMap<Email, Cells>,
    /// The columns that the clients' tab had.
    #[serde(default)]
    pub columns: BTreeSet<Field>,
    /// Complaints that the owner has read.
    #[serde(default)]
    pub told: BTreeSet<Complaint>,
    /// Why the last reading was not used, if the owner has read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
    /// What the owners were asked about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<Question>,
    /// How many questions there were.
    #[serde(default)]
    pub questions: u32,
}

impl LastReading {
    /// Complaints that wait for the owner to mend something.
    pub fn open(&self) -> impl Iterator<Item = &Complaint> {
        self.told.iter().filter(|one| one.wrong.is_open())
    }
}

/// A column of the clients' tab besides the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// What to call them.
    Name,
    /// Their tariff.
    Tariff,
    /// The last day that is paid for.
    PaidUntil,
}

impl Field {
    /// In the order of the sheet.
    pub const ALL: [Self; 3] = [Self::Name, Self::Tariff, Self::PaidUntil];
}

/// Something that the owner should know.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Complaint {
    /// Where: `C7`, of the clients' tab unless `tariffs` says otherwise; empty if it is of the whole tab.
    pub cell: String,
    /// Whether it is in the tariffs' tab.
    pub tariffs: bool,
    /// Whose row it is: the address, or the tariff, as it stands there.
    #[serde(default)]
    pub row: String,
    /// What stands there, cut short.
    pub text: String,
    /// What is wrong with it.
    pub wrong: Wrong,
}

impl Complaint {
    /// What it is about, wherever it stands: the row, what is in the cell, and what is wrong.
    fn what(&self) -> (bool, &str, &str, Discriminant<Wrong>, Option<Field>) {
        let kind = std::mem::discriminant(&self.wrong);
        (
            self.tariffs,
            &self.row,
            &self.text,
            kind,
            self.wrong.field(),
        )
    }
}

/// What can be wrong in a sheet, or is worth a word.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wrong {
    /// No address.
    Email,
    /// The same address stands in another row too.
    Twice {
        /// That row's cell.
        also: String,
    },
    /// No date, or one that can mean two days.
    Date,
    /// No tariff has this name.
    Tariff,
    /// A tariff without a name.
    Nameless,
    /// Two tariffs have this name.
    TariffTwice {
        /// The other one's cell.
        also: String,
    },
    /// No price.
    Price,
    /// No currency, or not the one that stands beside the price.
    Currency,
    /// No number of days.
    Days,
    /// A formula that is broken, or still being reckoned.
    Formula,
    /// Longer than a name can be ([`LONGEST_NAME`]).
    Long,
    /// The desk had changed it too; the sheet's value stands now.
    Both {
        /// Which field.
        field: Field,
        /// What the desk had.
        ours: String,
    },
    /// The cell was emptied, and the record with it.
    Emptied {
        /// Which field.
        field: Field,
        /// What it was.
        ours: String,
    },
    /// The desk had renamed or merged this record; the row has changed, and made a new one.
    Anew,
    /// There is no such column: the sheet says nothing about it.
    NoColumn {
        /// Which one.
        field: Field,
    },
}

impl Wrong {
    /// Whether it stays until somebody mends it; the rest is told and done.
    fn is_open(&self) -> bool {
        match self {
            Self::Email
            | Self::Twice { .. }
            | Self::Date
            | Self::Tariff
            | Self::Nameless
            | Self::TariffTwice { .. }
            | Self::Price
            | Self::Currency
            | Self::Days
            | Self::Formula
            | Self::Long => true,
            Self::Both { .. } | Self::Emptied { .. } | Self::Anew | Self::NoColumn { .. } => false,
        }
    }

    fn field(&self) -> Option<Field> {
        match self {
            Self::Both { field, .. } | Self::Emptied { field, .. } | Self::NoColumn { field } => {
                Some(*field)
            }
            Self::Email
            | Self::Twice { .. }
            | Self::Date
            | Self::Tariff
            | Self::Nameless
            | Self::TariffTwice { .. }
            | Self::Price
            | Self::Currency
            | Self::Days
            | Self::Formula
            | Self::Long
            | Self::Anew => None,
        }
    }
}

/// Longest name that a client or a tariff can have in the sheet, in characters.
pub const LONGEST_NAME: usize = 200;

/// Why a whole reading is not used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unusable {
    /// A tab is empty, or has no row of names.
    Empty {
        /// Whether it is the tariffs' tab.
        tariffs: bool,
    },
    /// A column is missing that must be there.
    NoColumn {
        /// Whether it is of the tariffs' tab.
        tariffs: bool,
        /// Which one.
        column: Column,
    },
    /// Two columns have one name.
    ColumnTwice {
        /// Whether they are in the tariffs' tab.
        tariffs: bool,
        /// Which one.
        column: Column,
        /// Where they are: `A1`, `E1`.
        cells: [String; 2],
    },
    /// A formula that the rest depends on is broken, or still being reckoned: the sheet is half-read.
    HalfRead {
        /// Whether it is in the tariffs' tab.
        tariffs: bool,
        /// Where.
        cell: String,
        /// What stands there instead of a value.
        text: String,
    },
}

/// A field as the desk keeps it, as text; empty if there is nothing.
pub(crate) fn ours(field: Field, client: &Client) -> String {
    match field {
        Field::Name => client.name.clone().unwrap_or_default(),
        Field::Tariff => client.tariff.clone().unwrap_or_default(),
        Field::PaidUntil => client
            .paid_until
            .map(|date| date.to_string())
            .unwrap_or_default(),
    }
}

/// Puts such a text into a field.
pub(crate) fn put(field: Field, value: &str, client: &mut Client) {
    let value = Some(value.to_owned()).filter(|value| !value.is_empty());
    match field {
        Field::Name => client.name = value,
        Field::Tariff => client.tariff = value,
        Field::PaidUntil => client.paid_until = value.and_then(|value| value.parse().ok()),
    }
}

/// Tariffs are called by their names without regard to capital letters.
pub(crate) fn same(a: &str, b: &str) -> bool {
    a.to_lowercase() == b.to_lowercase()
}

#[cfg(test)]
mod tests;
