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
    /// Two records became one: the first is gone, its chats and payments belong to the second.
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
