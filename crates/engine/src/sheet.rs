//! The owner's sheet of clients and tariffs: what a reading of it changes, and what in it cannot be
//! understood. Pure: readings come in as tables of texts.
//!
//! Only what changed in the sheet since the last reading counts, so that an older cell does not undo a
//! payment or an edit of the owner's. Where both changed, the sheet wins and the owner is told. Rows
//! that are gone change nothing: clients are not deleted by a sheet that was read in part.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

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
    /// What stands there.
    pub text: String,
    /// What is wrong with it.
    pub wrong: Wrong,
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
    plan.complaints = reading.complaints.difference(&last.told).cloned().collect();
    plan.reading = LastReading {
        cells,
        told: reading.complaints,
        trouble: None,
    };
    Ok(plan)
}

/// A cell, and where it stands.
struct Cell {
    at: String,
    text: String,
}

struct Row {
    fields: Vec<(Field, Cell)>,
}

struct Reading {
    complaints: BTreeSet<Complaint>,
}

impl Reading {
    fn complain(&mut self, tariffs: bool, cell: &Cell, wrong: Wrong) {
        self.complaints.insert(Complaint {
            cell: cell.at.clone(),
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
                [0, 1, 2, 3].map(|nth| cell(row, columns[nth], number));
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
                [0, 1, 2, 3].map(|nth| cell(row, columns[nth], number));
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
fn columns<const N: usize>(
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
fn body(table: &Table) -> impl Iterator<Item = (usize, &Vec<String>)> {
    (1..).zip(table).skip(1)
}

/// A cell; empty if the row ends before it.
fn cell(row: &[String], column: usize, number: usize) -> Cell {
    Cell {
        at: format!("{}{number}", letters(column)),
        text: row.get(column).map(|text| clean(text)).unwrap_or_default(),
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

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    const TARIFFS: &str = "тариф|цена|валюта|дней\nБазовый|199,00|CNY|30\nПолный|1 990 ₽||365";

    fn table(text: &str) -> Table {
        let row = |line: &str| line.trim().split('|').map(str::to_owned).collect();
        text.lines().map(row).collect()
    }

    /// Readings one after the other; what each changes.
    struct Desk {
        clients: Vec<Client>,
        tariffs: Vec<Tariff>,
        last: LastReading,
        told: String,
    }

    impl Desk {
        fn new() -> Self {
            Self {
                clients: Vec::new(),
                tariffs: Vec::new(),
                last: LastReading::default(),
                told: String::new(),
            }
        }

        fn reads(&mut self, clients: &str) -> &mut Self {
            self.reads_both(clients, TARIFFS)
        }

        fn reads_both(&mut self, clients: &str, tariffs: &str) -> &mut Self {
            let sheet = Sheet {
                clients: table(clients),
                tariffs: table(tariffs),
            };
            self.told.push_str("reads\n");
            match plan(&sheet, &self.last, &self.clients, &self.tariffs) {
                Ok(plan) => self.apply(plan),
                Err(unusable) => self.told.push_str(&format!("  {unusable:?}\n")),
            }
            self
        }

        fn apply(&mut self, plan: Plan) {
            for tariff in plan.tariffs.iter().flatten() {
                self.told.push_str(&format!(
                    "  {}: {}, {} d\n",
                    tariff.name, tariff.price, tariff.days
                ));
            }
            for client in plan.clients {
                self.told.push_str(&format!("  {}\n", shown(&client)));
                self.clients.retain(|known| known.email != client.email);
                self.clients.push(client);
            }
            for complaint in plan.complaints {
                let Complaint {
                    cell,
                    tariffs,
                    text,
                    wrong,
                } = complaint;
                let tab = if tariffs { "tariffs " } else { "" };
                self.told
                    .push_str(&format!("  {tab}{cell} «{text}»: {wrong:?}\n"));
            }
            self.tariffs = plan.tariffs.unwrap_or_else(|| self.tariffs.clone());
            self.last =
                serde_json::from_str(&serde_json::to_string(&plan.reading).unwrap()).unwrap();
        }

        fn pays(&mut self, email: &str, until: &str) -> &mut Self {
            let email = Email::read(email).unwrap();
            let client = self.clients.iter_mut().find(|client| client.email == email);
            client.unwrap().paid_until = Some(until.parse().unwrap());
            self
        }

        fn check(&self, expected: &Expect) {
            expected.assert_eq(&self.told);
        }
    }

    fn shown(client: &Client) -> String {
        let until = client.paid_until.map(|date| date.to_string());
        let all = [client.name.clone(), client.tariff.clone(), until];
        let all: Vec<String> = all
            .into_iter()
            .map(|field| field.unwrap_or("–".to_owned()))
            .collect();
        format!("{} {}", client.email, all.join(" "))
    }

    #[test]
    fn only_what_changed_in_the_sheet_counts() {
        Desk::new()
            .reads("почта|имя|тариф|оплачено до\nanna@mail.ru|Анна|базовый|20.11.2026\nivan@mail.ru|Иван||")
            .pays("anna@mail.ru", "2026-12-20")
            .reads("почта|имя|тариф|оплачено до\nanna@mail.ru|Анна|базовый|20.11.2026\nivan@mail.ru|Иван|Полный|")
            .reads("почта|имя|тариф|оплачено до\nanna@mail.ru|Анна П.|базовый|20.11.2026\nivan@mail.ru|Иван||")
            .reads("почта|имя|тариф|оплачено до\nanna@mail.ru|Анна П.|базовый|25.12.2026\nivan@mail.ru|Иван||")
            .reads("почта|имя|тариф|оплачено до\nanna@mail.ru|Анна П.|базовый|25.12.2026\nivan@mail.ru|Иван||")
            .check(&expect![[r#"
                reads
                  Базовый: 199 ¥, 30 d
                  Полный: 1 990 ₽, 365 d
                  anna@mail.ru Анна Базовый 2026-11-20
                  ivan@mail.ru Иван – –
                reads
                  ivan@mail.ru Иван Полный –
                reads
                  anna@mail.ru Анна П. Базовый 2026-12-20
                  ivan@mail.ru Иван – –
                reads
                  anna@mail.ru Анна П. Базовый 2026-12-25
                  D2 «25.12.2026»: Both { field: PaidUntil, ours: "2026-12-20" }
                reads
            "#]]);
    }

    #[test]
    fn dirt_is_told_once_with_its_cell_and_hurts_nothing_else() {
        let dirty = "Email |Имя|Тариф|paid_until|заметки
            \u{feff}ANNA@mail.ru \u{a0}|Анна|Золотой|31.02.2026|!
            anna|||
            |||
            ivan@mail.ru|Иван|Базовый|11/12/2026
            oleg@mail.ru|Олег|полный|46346
            vera@mail.ru|Вера|Базовый|2026-12-01 00:00:00
            vera@mail.ru|Вера|Базовый|2026-12-02
            |Без почты|Базовый|";
        let tariffs = "tariff|price|currency|days
            Базовый|199|CNY|30
            базовый|299|CNY|30
            Пустой||CNY|30
            Даром|0|CNY|30
            Странный|199|рублики|много
            Евро|10,99 €||31.0";
        Desk::new()
            .reads_both(dirty, tariffs)
            .reads_both(dirty, tariffs)
            .reads_both(&dirty.replace("31.02", "28.02"), tariffs)
            .check(&expect![[r#"
                reads
                  Базовый: 199 ¥, 30 d
                  Евро: 10,99 €, 31 d
                  anna@mail.ru Анна – –
                  ivan@mail.ru Иван Базовый –
                  oleg@mail.ru Олег – 2026-11-20
                  A3 «anna»: Email
                  tariffs A3 «базовый»: TariffTwice
                  A7 «vera@mail.ru»: Twice { also: "A8" }
                  A8 «vera@mail.ru»: Twice { also: "A7" }
                  A9 «»: Email
                  tariffs B4 «»: Price
                  tariffs B5 «0»: Price
                  C2 «Золотой»: Tariff
                  C6 «полный»: Tariff
                  tariffs C6 «рублики»: Currency
                  D2 «31.02.2026»: Date
                  D5 «11/12/2026»: Date
                  tariffs D6 «много»: Days
                reads
                reads
                  anna@mail.ru Анна – 2026-02-28
            "#]]);
    }

    #[test]
    fn a_sheet_that_is_read_in_part_changes_nothing() {
        let mut rows = "почта|имя|тариф|оплачено до".to_owned();
        for nth in 0..50 {
            rows.push_str(&format!("\nclient{nth}@mail.ru|Клиент|Базовый|20.11.2026"));
        }
        let mut desk = Desk::new();
        desk.reads(&rows).told.clear();
        let half: String = rows.lines().take(30).collect::<Vec<_>>().join("\n");
        let less: String = rows.lines().take(48).collect::<Vec<_>>().join("\n");
        desk.reads(&half)
            .reads("")
            .reads("почта|имя|тариф")
            .reads_both(&rows, "")
            .reads(&less)
            .check(&expect![[r#"
                reads
                  Truncated { gone: 21, of: 50 }
                reads
                  Empty { tariffs: false }
                reads
                  NoColumn { tariffs: false, name: "paid_until" }
                reads
                  Empty { tariffs: true }
                reads
            "#]]);
    }

    #[test]
    fn days_are_read_as_people_write_them() {
        for text in [
            "2026-11-20",
            "20.11.2026",
            "20.11.26",
            "20/11/2026",
            "11/20/2026",
            "46346",
            "46346.0",
            "20.11.2026 г.",
            "2026-11-20T00:00:00",
        ] {
            assert_eq!(
                date(text).map(|date| date.to_string()).as_deref(),
                Some("2026-11-20"),
                "{text}"
            );
        }
        for text in [
            "",
            "завтра",
            "31.02.2026",
            "11/12/2026",
            "2026",
            "20.11",
            "1.1.1",
            "20.11.1026",
            "99999999",
        ] {
            assert_eq!(date(text), None, "{text}");
        }
    }
}
