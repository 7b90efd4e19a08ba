//! The owner's sheet of clients and tariffs: what a reading of it changes, and what in it cannot be
//! understood. Pure: readings come in as tables of texts.
//!
//! Only what changed in the sheet since the last reading counts, so that an older cell does not undo a
//! payment or an edit of the owner's. Where both changed, the sheet wins and the owner is told. Rows
//! that are gone change nothing: clients are not deleted by a sheet that was read in part.

mod cells;

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

pub use self::cells::date;
use self::cells::{Cell, body, cell, columns};
use crate::{
    amounts,
    client::{Client, Email},
    money::{Currency, Money},
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

/// The longest that a tariff may last, in days: ten years.
const LONGEST_TARIFF: u16 = 3660;

/// A tab of the sheet: rows of cells, the first with the names of the columns.
pub type Table = Vec<Vec<String>>;

/// A sheet that was read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sheet {
    /// The first tab.
    pub clients: Table,
    /// The second.
    pub tariffs: Table,
}

/// What the sheet said when it was read last, and what of it was reported already.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastReading {
    /// Cells of the clients' tab, by the row's address and the column.
    #[serde(default)]
    pub cells: BTreeMap<Email, BTreeMap<Field, String>>,
    /// Complaints that the owner has read.
    #[serde(default)]
    pub told: BTreeSet<Complaint>,
    /// Why the last reading was not used, if the owner has read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
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

/// What a reading comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Tariffs as the sheet has them, if any of them changed.
    pub tariffs: Option<Vec<Tariff>>,
    /// Clients that are new or changed, as they are now.
    pub clients: Vec<Client>,
    /// What the owner has not read yet.
    pub complaints: Vec<Complaint>,
    /// To be kept for the next reading.
    pub reading: LastReading,
}

/// Something that the owner should know.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Complaint {
    /// Where: `C7`, of the clients' tab unless `tariffs` says otherwise.
    pub cell: String,
    /// Whether it is in the tariffs' tab.
    pub tariffs: bool,
    /// Whose row it is: the address, or the tariff, as it stands there.
    #[serde(default)]
    pub row: String,
    /// What stands there.
    pub text: String,
    /// What is wrong with it.
    pub wrong: Wrong,
}

impl Complaint {
    /// What it is about, wherever it stands: the row, what is in the cell, and what is wrong.
    fn what(&self) -> (bool, &str, &str, std::mem::Discriminant<Wrong>) {
        let kind = std::mem::discriminant(&self.wrong);
        (self.tariffs, &self.row, &self.text, kind)
    }
}

/// What can be wrong in a sheet.
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
    /// Two tariffs have this name.
    TariffTwice,
    /// No price.
    Price,
    /// No currency.
    Currency,
    /// No number of days.
    Days,
    /// The desk had changed it too; the sheet's value stands now.
    Both {
        /// Which field.
        field: Field,
        /// What the desk had.
        ours: String,
    },
}

/// Why a whole reading is not used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unusable {
    /// A tab is empty, or has no row of names.
    Empty {
        /// Whether it is the tariffs' tab.
        tariffs: bool,
    },
    /// A column is missing.
    NoColumn {
        /// Whether it is of the tariffs' tab.
        tariffs: bool,
        /// Its name.
        name: &'static str,
    },
    /// Many rows that were there are gone: it was read in part.
    Truncated {
        /// How many are gone.
        gone: usize,
        /// Of how many.
        of: usize,
    },
}

/// So many rows may vanish between two readings, or a tenth of them.
const MAY_VANISH: usize = 3;

/// What a reading changes.
pub fn plan(
    sheet: &Sheet,
    last: &LastReading,
    clients: &[Client],
    tariffs: &[Tariff],
) -> Result<Plan, Unusable> {
    let mut reading = Reading {
        complaints: BTreeSet::new(),
    };
    let priced = reading.tariffs(&sheet.tariffs)?;
    let rows = reading.rows(&sheet.clients)?;
    let of = last.cells.len();
    let gone = last
        .cells
        .keys()
        .filter(|email| !rows.contains_key(*email))
        .count();
    if gone > MAY_VANISH.max(of / 10) {
        return Err(Unusable::Truncated { gone, of });
    }
    let known: BTreeMap<&Email, &Client> = clients
        .iter()
        .map(|client| (&client.email, client))
        .collect();
    let mut plan = Plan {
        tariffs: (priced != tariffs).then(|| priced.clone()),
        ..Plan::default()
    };
    let mut cells = last.cells.clone();
    for (email, row) in rows {
        let before = known.get(&email).copied();
        // The desk has renamed or merged it since: an old row does not bring it back.
        if before.is_none() && last.cells.get(&email).is_some_and(|seen| row.reads(seen)) {
            continue;
        }
        let mut client = before
            .cloned()
            .unwrap_or_else(|| Client::new(email.clone()));
        let seen = cells.entry(email).or_default();
        for (field, cell) in row.fields {
            reading.field(field, &cell, seen, &mut client, &priced);
        }
        if before != Some(&client) {
            plan.clients.push(client);
        }
    }
    // A row that only moved is no news.
    let told: Vec<_> = last.told.iter().map(Complaint::what).collect();
    let news = reading
        .complaints
        .iter()
        .filter(|one| !told.contains(&one.what()));
    plan.complaints = news.cloned().collect();
    plan.reading = LastReading {
        cells,
        told: reading.complaints,
        trouble: None,
    };
    Ok(plan)
}

struct Row {
    fields: Vec<(Field, Cell)>,
}

impl Row {
    /// Whether it reads as it did.
    fn reads(&self, seen: &BTreeMap<Field, String>) -> bool {
        let same = |(field, cell): &(Field, Cell)| seen.get(field) == Some(&cell.text);
        self.fields.iter().all(same)
    }
}

struct Reading {
    complaints: BTreeSet<Complaint>,
}

impl Reading {
    fn complain(&mut self, tariffs: bool, cell: &Cell, wrong: Wrong) {
        self.complaints.insert(Complaint {
            cell: cell.at.clone(),
            row: cell.row.clone(),
            tariffs,
            text: cell.text.clone(),
            wrong,
        });
    }

    fn tariffs(&mut self, table: &Table) -> Result<Vec<Tariff>, Unusable> {
        let columns = columns(
            table,
            true,
            &[
                ("tariff", &["tariff", "тариф"]),
                ("price", &["price", "цена"]),
                ("currency", &["currency", "валюта"]),
                ("days", &["days", "дней", "дни"]),
            ],
        )?;
        let mut read: Vec<Tariff> = Vec::new();
        for (number, row) in body(table) {
            let [name, price, currency, days] =
                [0, 1, 2, 3].map(|nth| cell(row, columns[nth], columns[0], number));
            if [&name, &price, &currency, &days]
                .iter()
                .all(|cell| cell.text.is_empty())
            {
                continue;
            }
            let amount = self.price(&price);
            let of = self.currency(&price, &currency);
            let lasting = days.text.trim_end_matches(".0").parse().ok();
            let lasting = lasting.filter(|days| (1..=LONGEST_TARIFF).contains(days));
            if lasting.is_none() {
                self.complain(true, &days, Wrong::Days);
            }
            if name.text.is_empty() {
                self.complain(true, &name, Wrong::Tariff);
            } else if read.iter().any(|tariff| same(&tariff.name, &name.text)) {
                self.complain(true, &name, Wrong::TariffTwice);
            } else if let (Some(amount), Some(currency), Some(days)) = (amount, of, lasting) {
                read.push(Tariff {
                    name: name.text,
                    price: Money { amount, currency },
                    days,
                });
            }
        }
        Ok(read)
    }

    fn price(&mut self, cell: &Cell) -> Option<Decimal> {
        let found = amounts::find(&cell.text);
        match found.as_slice() {
            [one] if !one.amount.is_zero() => Some(one.amount),
            _ => {
                self.complain(true, cell, Wrong::Price);
                None
            }
        }
    }

    /// From its own column, or from the sign beside the price.
    fn currency(&mut self, price: &Cell, cell: &Cell) -> Option<Currency> {
        let beside = || Some(*amounts::find(&price.text).first()?.currencies.first()?);
        let read = match cell.text.as_str() {
            "" => beside(),
            text => Currency::read(text).ok(),
        };
        if read.is_none() {
            self.complain(true, cell, Wrong::Currency);
        }
        read
    }

    /// Rows by their address; of two rows with one address neither counts.
    fn rows(&mut self, table: &Table) -> Result<BTreeMap<Email, Row>, Unusable> {
        let columns = columns(
            table,
            false,
            &[
                (
                    "email",
                    &["email", "e-mail", "почта", "эл. почта", "электронная почта"],
                ),
                ("name", &["name", "имя"]),
                ("tariff", &["tariff", "тариф"]),
                (
                    "paid_until",
                    &["paid_until", "paid until", "оплачено до", "оплачено_до"],
                ),
            ],
        )?;
        let mut rows = BTreeMap::new();
        let mut places: BTreeMap<Email, Vec<Cell>> = BTreeMap::new();
        for (number, row) in body(table) {
            let [address, name, tariff, until] =
                [0, 1, 2, 3].map(|nth| cell(row, columns[nth], columns[0], number));
            if [&address, &name, &tariff, &until]
                .iter()
                .all(|cell| cell.text.is_empty())
            {
                continue;
            }
            let Ok(email) = Email::read(&address.text) else {
                self.complain(false, &address, Wrong::Email);
                continue;
            };
            let fields = vec![
                (Field::Name, name),
                (Field::Tariff, tariff),
                (Field::PaidUntil, until),
            ];
            places.entry(email.clone()).or_default().push(address);
            rows.insert(email, Row { fields });
        }
        for (email, cells) in places {
            for (nth, cell) in cells.iter().enumerate().filter(|_| cells.len() > 1) {
                let also = cells[(nth + 1) % cells.len()].at.clone();
                self.complain(false, cell, Wrong::Twice { also });
                rows.remove(&email);
            }
        }
        Ok(rows)
    }

    fn field(
        &mut self,
        field: Field,
        cell: &Cell,
        seen: &mut BTreeMap<Field, String>,
        client: &mut Client,
        tariffs: &[Tariff],
    ) {
        let before = seen.get(&field);
        if before == Some(&cell.text) {
            return;
        }
        // Of a row that is new an empty cell says nothing.
        if before.is_none() && cell.text.is_empty() {
            seen.insert(field, String::new());
            return;
        }
        let ours = ours(field, client);
        let Some(value) = self.value(field, cell, tariffs) else {
            return;
        };
        let known = before.and_then(|text| value_of(field, text, tariffs));
        let moved = ours != known.clone().unwrap_or_default();
        if moved && ours != value && !(before.is_none() && ours.is_empty()) {
            self.complain(
                false,
                cell,
                Wrong::Both {
                    field,
                    ours: ours.clone(),
                },
            );
        }
        put(field, &value, client);
        seen.insert(field, cell.text.clone());
    }

    /// The cell's value as the desk keeps it; a complaint if it has none.
    fn value(&mut self, field: Field, cell: &Cell, tariffs: &[Tariff]) -> Option<String> {
        let value = value_of(field, &cell.text, tariffs);
        if value.is_none() {
            let wrong = match field {
                Field::PaidUntil => Wrong::Date,
                Field::Tariff | Field::Name => Wrong::Tariff,
            };
            self.complain(false, cell, wrong);
        }
        value
    }
}

/// What a cell means: a name as it is, a tariff by its own name, a date as `2026-11-20`; empty is empty.
fn value_of(field: Field, text: &str, tariffs: &[Tariff]) -> Option<String> {
    if text.is_empty() {
        return Some(String::new());
    }
    match field {
        Field::Name => Some(text.to_owned()),
        Field::Tariff => {
            let tariff = tariffs.iter().find(|tariff| same(&tariff.name, text))?;
            Some(tariff.name.clone())
        }
        Field::PaidUntil => Some(date(text)?.to_string()),
    }
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

fn same(a: &str, b: &str) -> bool {
    a.to_lowercase() == b.to_lowercase()
}

#[cfg(test)]
mod tests;
