//! The two tabs as rows: whose row it is, or which tariff. What cannot be understood of a row is told and
//! changes nothing; what makes the whole tab doubtful ends the reading.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use super::{
    Complaint, Field, LONGEST_NAME, Table, Tariff, Unusable, Wrong,
    cells::{Cell, Column, Head, is_error, short},
    loss::much_of,
    same,
};
use crate::{
    amounts,
    client::Email,
    money::{Currency, Money},
};

/// The longest that a tariff may last, in days: ten years.
const LONGEST_TARIFF: u16 = 3660;

/// What the owner should know of a reading.
#[derive(Default)]
pub(super) struct Complaints(pub(super) BTreeSet<Complaint>);

impl Complaints {
    pub(super) fn add(&mut self, tariffs: bool, cell: &Cell, wrong: Wrong) {
        self.0.insert(Complaint {
            cell: cell.at.clone(),
            row: cell.row.clone(),
            tariffs,
            text: short(&cell.text),
            wrong,
        });
    }
}

/// A client's row.
pub(super) struct Row {
    pub(super) address: Cell,
    pub(super) fields: BTreeMap<Field, Cell>,
}

impl Row {
    /// What stands in a column, if there is such a column.
    pub(super) fn text(&self, field: Field) -> Option<&str> {
        self.fields.get(&field).map(|cell| cell.text.as_str())
    }
}

/// The clients' tab.
pub(super) struct Rows {
    pub(super) columns: BTreeSet<Field>,
    /// The rows that count.
    pub(super) by_email: BTreeMap<Email, Row>,
    /// Addresses that stand in several rows, none of which counts.
    twice: BTreeSet<Email>,
}

impl Rows {
    /// Whether a row of this address is there, be it a good one or not.
    pub(super) fn has(&self, email: &Email) -> bool {
        self.by_email.contains_key(email) || self.twice.contains(email)
    }
}

/// Reads the clients' tab.
pub(super) fn clients(table: &Table, complaints: &mut Complaints) -> Result<Rows, Unusable> {
    let wanted = [
        Column::Email,
        Column::Name,
        Column::Tariff,
        Column::PaidUntil,
    ];
    let head = Head::of(table, false, &wanted)?;
    head.needs(Column::Email)?;
    let columns: BTreeSet<Field> = Field::ALL
        .into_iter()
        .filter(|field| head.has((*field).into()))
        .collect();
    let mut rows: BTreeMap<Email, Vec<Row>> = BTreeMap::new();
    for mut cells in head.rows(Column::Email) {
        let Some(address) = cells.remove(&Column::Email) else {
            continue;
        };
        half_read(false, Some(&address).filter(|cell| is_error(&cell.text)))?;
        match email(&address.text) {
            Some(email) => {
                let cell = |field: &Field| Some((*field, cells.remove(&(*field).into())?));
                let fields = columns.iter().filter_map(cell).collect();
                rows.entry(email).or_default().push(Row { address, fields });
            }
            None => complaints.add(false, &address, Wrong::Email),
        }
    }
    for field in &columns {
        broken(*field, rows.values().flatten())?;
    }
    let mut read = Rows {
        columns,
        by_email: BTreeMap::new(),
        twice: BTreeSet::new(),
    };
    for (email, mut rows) in rows {
        for (nth, row) in rows.iter().enumerate().filter(|_| rows.len() > 1) {
            let also = rows[(nth + 1) % rows.len()].address.at.clone();
            complaints.add(false, &row.address, Wrong::Twice { also });
        }
        match rows.pop() {
            Some(row) if rows.is_empty() => {
                read.by_email.insert(email, row);
            }
            Some(_) | None => {
                read.twice.insert(email);
            }
        }
    }
    Ok(read)
}

/// An address as sheets have it: with what programs and people put around it.
fn email(text: &str) -> Option<Email> {
    let joiners = ['\u{200c}', '\u{200d}'];
    let text = text.to_lowercase().replace(joiners, "");
    let around = |c: char| c.is_whitespace() || "<>()\"'«»,;.".contains(c);
    Email::read(text.trim_matches(around)).ok()
}

/// A column with many broken formulas is half-read.
fn broken<'a>(field: Field, rows: impl Iterator<Item = &'a Row>) -> Result<(), Unusable> {
    let cells: Vec<&Cell> = rows.filter_map(|row| row.fields.get(&field)).collect();
    let mut errors = cells.iter().filter(|cell| is_error(&cell.text));
    let is_much = much_of(errors.clone().count(), cells.len());
    half_read(false, errors.next().copied().filter(|_| is_much))
}

fn half_read(tariffs: bool, cell: Option<&Cell>) -> Result<(), Unusable> {
    cell.map_or(Ok(()), |cell| {
        Err(Unusable::HalfRead {
            tariffs,
            cell: cell.at.clone(),
            text: short(&cell.text),
        })
    })
}

/// The tariffs' tab.
pub(super) struct Priced {
    /// In the owner's order.
    pub(super) tariffs: Vec<Tariff>,
    /// Names that stand there, be their rows good or not, in lower case.
    pub(super) named: BTreeSet<String>,
}

/// Reads the tariffs' tab. A row that cannot be understood leaves its tariff as it is known.
pub(super) fn tariffs(
    table: &Table,
    known: &[Tariff],
    complaints: &mut Complaints,
) -> Result<Priced, Unusable> {
    let wanted = [
        Column::Tariff,
        Column::Price,
        Column::Currency,
        Column::Days,
    ];
    let head = Head::of(table, true, &wanted)?;
    for column in wanted {
        head.needs(column)?;
    }
    let rows = head.rows(Column::Tariff);
    let rows: Vec<[Cell; 4]> = rows
        .filter_map(|mut row| {
            let cells = wanted.map(|column| row.remove(&column));
            let [Some(name), Some(price), Some(currency), Some(days)] = cells else {
                return None;
            };
            Some([name, price, currency, days])
        })
        .collect();
    // There are few of them, and payments hang on each.
    half_read(
        true,
        rows.iter().flatten().find(|cell| is_error(&cell.text)),
    )?;
    let mut read: Vec<Tariff> = Vec::new();
    for row in &rows {
        let name = &row[0];
        let others = rows.iter().map(|[other, ..]| other);
        let mut others =
            others.filter(|other| other.at != name.at && same(&other.text, &name.text));
        let tariff = match others.next() {
            _ if name.text.is_empty() => {
                complaints.add(true, name, Wrong::Nameless);
                continue;
            }
            _ if is_long(&name.text) => {
                complaints.add(true, name, Wrong::Long);
                continue;
            }
            Some(other) => {
                let also = other.at.clone();
                complaints.add(true, name, Wrong::TariffTwice { also });
                None
            }
            None => tariff(row, complaints),
        };
        let known = known.iter().find(|known| same(&known.name, &name.text));
        let tariff = tariff.or_else(|| known.cloned());
        let is_there = read.iter().any(|other| same(&other.name, &name.text));
        read.extend(tariff.filter(|_| !is_there));
    }
    Ok(Priced {
        tariffs: read,
        named: rows
            .iter()
            .map(|[name, ..]| name.text.to_lowercase())
            .collect(),
    })
}

fn tariff(
    [name, price, currency, days]: &[Cell; 4],
    complaints: &mut Complaints,
) -> Option<Tariff> {
    let amount = amount(&price.text);
    if amount.is_none() {
        complaints.add(true, price, Wrong::Price);
    }
    let of = currency_of(&price.text, &currency.text);
    if of.is_none() {
        complaints.add(true, currency, Wrong::Currency);
    }
    let lasts = lasts(&days.text);
    if lasts.is_none() {
        complaints.add(true, days, Wrong::Days);
    }
    Some(Tariff {
        name: name.text.clone(),
        price: Money {
            amount: amount?,
            currency: of?,
        },
        days: lasts?,
    })
}

/// One sum that is more than nothing.
fn amount(text: &str) -> Option<Decimal> {
    if amounts::Text::of(text).lower.starts_with('-') {
        return None;
    }
    let found = amounts::find(text);
    let read = match found.as_slice() {
        [one] => Some(one.amount),
        _ => reckoned(text),
    };
    read.filter(|amount| !amount.is_zero())
}

/// A number as spreadsheets keep it: `1990.5`, or a formula's result `199.00000000000003`.
fn reckoned(text: &str) -> Option<Decimal> {
    let exact: Decimal = text.replace(',', ".").parse().ok()?;
    let round = exact.round_dp(2);
    let close = (exact - round).abs() < Decimal::new(1, 6);
    let whole = exact.scale() <= 2 || (close && exact.scale() > 3);
    (whole && exact.is_sign_positive()).then_some(round)
}

/// From its own column, or from the sign beside the price; none if they differ.
fn currency_of(price: &str, text: &str) -> Option<Currency> {
    let beside = amounts::find(price);
    let beside = beside.first().map_or(&[][..], |found| &found.currencies);
    if text.is_empty() {
        return beside.first().copied();
    }
    let read = currency(text)?;
    (beside.is_empty() || beside.contains(&read)).then_some(read)
}

/// Currencies in words, by how they begin.
const STEMS: [(&str, &str); 4] = [
    ("руб", "RUB"),
    ("юан", "CNY"),
    ("доллар", "USD"),
    ("гривн", "UAH"),
];

fn currency(text: &str) -> Option<Currency> {
    Currency::read(text).ok().or_else(|| {
        let lower = text.to_lowercase();
        let (stem, code) = STEMS.iter().find(|(stem, _)| lower.starts_with(stem))?;
        // An ending of the word, and no other word.
        let ending = lower.strip_prefix(stem)?.trim_end_matches('.');
        let one = ending.chars().count() <= 2 && ending.chars().all(char::is_alphabetic);
        Currency::read(code).ok().filter(|_| one)
    })
}

/// «30», «30.0», «30 дней».
fn lasts(text: &str) -> Option<u16> {
    const UNITS: [&str; 10] = [
        "", ".0", ",0", "д", "дн", "дней", "дня", "день", "days", "day",
    ];
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let unit = unit.trim().to_lowercase();
    let known = UNITS.contains(&unit.trim_end_matches('.'));
    let days = number.parse().ok().filter(|_| known)?;
    (1..=LONGEST_TARIFF).contains(&days).then_some(days)
}

/// Whether it is no name any more.
pub(super) fn is_long(name: &str) -> bool {
    name.chars().count() > LONGEST_NAME
}
