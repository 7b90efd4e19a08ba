//! Clients' records as the owner changes them, and the log of who changed what: every entry can be
//! undone.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    client::{Client, Email},
    ids::PersonRef,
    sheet::Field,
};

/// One entry of the log, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EntryId(pub i64);

impl std::fmt::Display for EntryId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// Something that was done to a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its number.
    pub id: EntryId,
    /// When.
    pub at: Timestamp,
    /// Who; none if it was the sheet.
    pub by: Option<PersonRef>,
    /// What.
    pub change: Change,
    /// Who undid it, and when.
    pub undone: Option<(PersonRef, Timestamp)>,
}

/// What was done to a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// A field has another value. Dates are `2026-11-20`; empty is nothing.
    Field {
        /// Whose record.
        client: Email,
        /// Which field.
        field: Field,
        /// What it was.
        old: String,
        /// What it is.
        new: String,
    },
    /// The record has another address.
    Renamed {
        /// What it was.
        old: Email,
        /// What it is.
        new: Email,
    },
    /// Two records became one: the first is gone, its chats and payments belong to the second, which has
    /// the better of both ([`Kept::merged`]).
    Merged {
        /// The record that is gone, as it was.
        gone: Kept,
        /// The record that stayed, as it was before.
        before: Kept,
        /// The chats that moved.
        chats: Vec<crate::ids::ChatRef>,
    },
}

/// A record as it was, to be put back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// Its address.
    pub email: Email,
    /// The name.
    #[serde(default)]
    pub name: Option<String>,
    /// The tariff.
    #[serde(default)]
    pub tariff: Option<String>,
    /// Until when is paid for.
    #[serde(default)]
    pub paid_until: Option<jiff::civil::Date>,
}

impl Kept {
    /// What this record is once another one is merged into it: its own name, if it has one; and of the two
    /// the longer paid day, with the tariff that belongs to it.
    #[must_use]
    pub fn merged(&self, gone: &Self) -> Self {
        let (longer, other) = if gone.paid_until > self.paid_until {
            (gone, self)
        } else {
            (self, gone)
        };
        Self {
            email: self.email.clone(),
            name: self.name.clone().or_else(|| gone.name.clone()),
            tariff: longer.tariff.clone().or_else(|| other.tariff.clone()),
            paid_until: longer.paid_until,
        }
    }
}

impl From<&Client> for Kept {
    fn from(client: &Client) -> Self {
        Self {
            email: client.email.clone(),
            name: client.name.clone(),
            tariff: client.tariff.clone(),
            paid_until: client.paid_until,
        }
    }
}

impl From<Kept> for Client {
    fn from(kept: Kept) -> Self {
        Self {
            email: kept.email,
            name: kept.name,
            tariff: kept.tariff,
            paid_until: kept.paid_until,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(email: &str, name: &str, tariff: &str, until: &str) -> Kept {
        let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        Kept {
            email: email.parse().unwrap(),
            name: some(name),
            tariff: some(tariff),
            paid_until: some(until).map(|day| day.parse().unwrap()),
        }
    }

    #[test]
    fn the_merged_record_has_the_better_of_both() {
        let merged = |stays: [&str; 3], gone: [&str; 3], becomes: [&str; 3]| {
            let stays = kept("a@mail.ru", stays[0], stays[1], stays[2]);
            let gone = kept("b@mail.ru", gone[0], gone[1], gone[2]);
            let becomes = kept("a@mail.ru", becomes[0], becomes[1], becomes[2]);
            assert_eq!(stays.merged(&gone), becomes);
        };
        let (year, month) = ("2027-11-20", "2026-12-20");
        merged(
            ["Анна", "Месяц", month],
            ["Аня", "Год", year],
            ["Анна", "Год", year],
        );
        merged(
            ["", "Год", year],
            ["Аня", "Месяц", month],
            ["Аня", "Год", year],
        );
        merged(["", "", ""], ["Аня", "Год", ""], ["Аня", "Год", ""]);
        merged(["", "Месяц", ""], ["", "", year], ["", "Месяц", year]);
        merged(["", "Месяц", year], ["", "Год", year], ["", "Месяц", year]);
    }
}
