//! Cells as people type them, the names of columns among them.

use std::collections::BTreeMap;

use super::{Field, Table, Unusable};

/// A column that the desk reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Column {
    /// A client's address.
    Email,
    /// A client's name.
    Name,
    /// A client's tariff, and a tariff's name.
    Tariff,
    /// The last day that is paid for.
    PaidUntil,
    /// A tariff's price.
    Price,
    /// Its currency.
    Currency,
    /// For how many days it is.
    Days,
}

impl Column {
    /// What it may be called, as [`plain`] has it.
    fn names(self) -> &'static [&'static str] {
        match self {
            Self::Email => &[
                "email",
                "e mail",
                "почта",
                "эл. почта",
                "эл почта",
                "электронная почта",
            ],
            Self::Name => &["name", "имя"],
            Self::Tariff => &["tariff", "тариф"],
            Self::PaidUntil => &["paid until", "оплачено до"],
            Self::Price => &["price", "цена"],
            Self::Currency => &["currency", "валюта"],
            Self::Days => &["days", "дней", "дни"],
        }
    }
}

impl From<Field> for Column {
    fn from(field: Field) -> Self {
        match field {
            Field::Name => Self::Name,
            Field::Tariff => Self::Tariff,
            Field::PaidUntil => Self::PaidUntil,
        }
    }
}

/// A cell, and where it stands.
pub(super) struct Cell {
    pub(super) at: String,
    /// What its row begins with: the address, or the tariff.
    pub(super) row: String,
    pub(super) text: String,
}

/// The names of a tab's columns, and what stands under them.
pub(super) struct Head<'a> {
    table: &'a Table,
    tariffs: bool,
    /// The place of the row with the names.
    row: usize,
    columns: BTreeMap<Column, usize>,
}

impl<'a> Head<'a> {
    /// Finds the wanted columns, in whatever order; the first row that is not empty has their names.
    pub(super) fn of(table: &'a Table, tariffs: bool, wanted: &[Column]) -> Result<Self, Unusable> {
        let filled = |row: &Vec<String>| row.iter().any(|cell| !clean(cell).is_empty());
        let row = table.iter().position(filled);
        let row = row.ok_or(Unusable::Empty { tariffs })?;
        let mut head = Self {
            table,
            tariffs,
            row,
            columns: BTreeMap::new(),
        };
        for (place, name) in table[row].iter().enumerate() {
            let name = plain(name);
            let known = wanted
                .iter()
                .find(|column| column.names().contains(&name.as_str()));
            let Some(column) = known else { continue };
            if let Some(other) = head.columns.insert(*column, place) {
                return Err(Unusable::ColumnTwice {
                    tariffs,
                    column: *column,
                    cells: [address(other, row), address(place, row)],
                });
            }
        }
        // A formula that fills the whole tab stands in its first cell while it is reckoned.
        let broken = table[row].iter().position(|name| is_error(&clean(name)));
        match broken {
            Some(place) if head.columns.len() < wanted.len() => Err(Unusable::HalfRead {
                tariffs,
                cell: address(place, row),
                text: short(&clean(&table[row][place])),
            }),
            Some(_) | None => Ok(head),
        }
    }

    /// That a column is there.
    pub(super) fn needs(&self, column: Column) -> Result<(), Unusable> {
        let tariffs = self.tariffs;
        let missing = Unusable::NoColumn { tariffs, column };
        self.columns.get(&column).map(|_| ()).ok_or(missing)
    }

    /// The columns that are there.
    pub(super) fn has(&self, column: Column) -> bool {
        self.columns.contains_key(&column)
    }

    /// The cells of each row that has something in one of the columns; rows begin with the column
    /// `first`.
    pub(super) fn rows(&self, first: Column) -> impl Iterator<Item = BTreeMap<Column, Cell>> {
        let rows = self.table.iter().enumerate().skip(self.row + 1);
        let cells = move |(number, row): (usize, &Vec<String>)| {
            let text = |column| {
                let place = self.columns.get(&column);
                let text = place.and_then(|place| row.get(*place));
                text.map(|text| clean(text)).unwrap_or_default()
            };
            let cell = |(column, place): (&Column, &usize)| {
                let cell = Cell {
                    at: address(*place, number),
                    row: short(&text(first)),
                    text: text(*column),
                };
                (*column, cell)
            };
            self.columns.iter().map(cell).collect()
        };
        let filled = |row: &BTreeMap<Column, Cell>| row.values().any(|cell| !cell.text.is_empty());
        rows.map(cells).filter(filled)
    }
}

/// A cell's address: `C7`.
fn address(column: usize, row: usize) -> String {
    format!("{}{}", letters(column), row + 1)
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

/// Without what has no width, and with one space wherever there are any, or characters of control.
pub(super) fn clean(text: &str) -> String {
    // Joiners stay: emoji are made of them.
    let unseen = |c: &char| matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{ad}' | '\u{feff}');
    let visible: String = text.chars().filter(|c| !unseen(c)).collect();
    let words = visible.split(|c: char| c.is_whitespace() || c.is_control());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

/// A column's name as it is compared: «"Оплачёно_до: "» is «оплачено до».
fn plain(name: &str) -> String {
    let name = clean(name).to_lowercase();
    let name = name.replace('ё', "е").replace(['_', '-'], " ");
    let around = |c: char| c.is_whitespace() || "\"'`«»“”„’*:.;".contains(c);
    clean(name.trim_matches(around))
}

/// Cut to what fits into a line.
pub(super) fn short(text: &str) -> String {
    const MOST: usize = 60;
    let mut short: String = text.chars().take(MOST).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

/// Whether it stands in place of a value that a formula has not given, or not yet: `#REF!`, `#Н/Д`,
/// `Loading...`, `####`.
pub(super) fn is_error(text: &str) -> bool {
    let lower = text.to_lowercase();
    let awaited = ["loading", "загрузка"].iter().any(|word| {
        let dots = lower.strip_prefix(word);
        dots.is_some_and(|dots| !dots.is_empty() && dots.trim_matches(['.', '…']).is_empty())
    });
    let Some(code) = lower.strip_prefix('#') else {
        return awaited;
    };
    let of_code = |c: char| c.is_alphabetic() || matches!(c, '/' | '0' | '_');
    let named = code.strip_suffix(['!', '?']);
    let named = named.is_some_and(|name| !name.is_empty() && name.chars().all(of_code));
    let narrow = !code.is_empty() && code.trim_matches('#').is_empty();
    named || narrow || matches!(code, "n/a" | "н/д" | "getting_data")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_known_however_they_are_written() {
        for (name, column) in [
            ("\u{feff}Email", Column::Email),
            ("E-MAIL:", Column::Email),
            ("«Почта»", Column::Email),
            ("\u{a0}\"эл.\u{a0} почта\" ", Column::Email),
            ("Электронная\nпочта *", Column::Email),
            ("ИМЯ", Column::Name),
            ("Тариф.", Column::Tariff),
            ("Paid_Until", Column::PaidUntil),
            ("оплаченО  до :", Column::PaidUntil),
            ("Оплачёно-до", Column::PaidUntil),
        ] {
            let table = vec![vec![name.to_owned()]];
            let wanted = [
                Column::Email,
                Column::Name,
                Column::Tariff,
                Column::PaidUntil,
            ];
            let head = Head::of(&table, false, &wanted).unwrap();
            assert!(head.has(column), "{name}");
        }
    }

    #[test]
    fn a_formulas_error_is_no_value() {
        for text in [
            "#REF!",
            "#N/A",
            "#NAME?",
            "#VALUE!",
            "#DIV/0!",
            "#NUM!",
            "#NULL!",
            "#ERROR!",
            "#SPILL!",
            "#ССЫЛКА!",
            "#Н/Д",
            "#ИМЯ?",
            "#ЗНАЧ!",
            "#ДЕЛ/0!",
            "Loading...",
            "Загрузка…",
            "#####",
            "#GETTING_DATA",
        ] {
            assert!(is_error(text), "{text}");
        }
        for text in [
            "",
            "#",
            "#1 Анна",
            "Анна #2!",
            "Loading",
            "n/a",
            "Загрузка дров",
            "№ 5!",
        ] {
            assert!(!is_error(text), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_seen_is_left_out() {
        assert_eq!(
            clean("\u{202e}\u{200f}Анна\u{2069}\u{a0}\t\u{7} Б.\r\n"),
            "Анна Б."
        );
        assert_eq!(clean(" 👩\u{200d}🦰"), "👩\u{200d}🦰");
    }
}
