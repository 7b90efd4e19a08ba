//! A cell: what stands in it, what is shown, and how the API writes it.

use jiff::civil::{Date, date};
use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};

/// A cell, in the form of the control API.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Cell {
    #[default]
    Empty,
    Plain(Plain),
    Formatted(Formatted),
}

/// A value that is shown as it is.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Plain {
    Flag(bool),
    Number(Number),
    Text(String),
}

/// A value that is shown otherwise, a date, or what a formula comes to.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Formatted {
    #[serde(flatten)]
    content: Content,
    /// What people see, if it is not the usual.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    shown: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    formula: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Content {
    Date(Date),
    Value(Plain),
}

/// `valueRenderOption` and `dateTimeRenderOption` in one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Render {
    /// What people see, as text.
    Formatted,
    /// The value; dates as text or as serial numbers.
    Unformatted { dates_as_text: bool },
    /// As unformatted, but formulas as they were written.
    Formula { dates_as_text: bool },
}

/// Serial numbers count days from here, as Lotus 1-2-3 did.
const FIRST_DAY: Date = date(1899, 12, 30);

impl Cell {
    pub(crate) fn is_empty(&self) -> bool {
        self.shown().is_empty()
    }

    /// What people see; numbers and dates as in Russia.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Plain(plain) => plain.shown(),
            Self::Formatted(cell) => cell.shown.clone().unwrap_or_else(|| match &cell.content {
                Content::Date(day) => day.strftime("%d.%m.%Y").to_string(),
                Content::Value(plain) => plain.shown(),
            }),
        }
    }

    /// As the API writes it.
    pub(crate) fn render(&self, how: Render) -> Value {
        let dates_as_text = match how {
            Render::Formatted => return self.shown().into(),
            Render::Unformatted { dates_as_text } | Render::Formula { dates_as_text } => {
                dates_as_text
            }
        };
        match self {
            Self::Empty => "".into(),
            Self::Plain(plain) => plain.value(),
            Self::Formatted(cell) => match (&cell.formula, &cell.content) {
                (Some(formula), _) if matches!(how, Render::Formula { .. }) => {
                    formula.as_str().into()
                }
                (_, Content::Date(_)) if dates_as_text => self.shown().into(),
                (_, Content::Date(day)) => serial(*day).into(),
                (_, Content::Value(plain)) => plain.value(),
            },
        }
    }
}

fn serial(day: Date) -> i32 {
    (day - FIRST_DAY).get_days()
}

impl Plain {
    fn shown(&self) -> String {
        match self {
            Self::Flag(true) => "TRUE".to_owned(),
            Self::Flag(false) => "FALSE".to_owned(),
            Self::Number(number) => number.to_string().replace('.', ","),
            Self::Text(text) => text.clone(),
        }
    }

    fn value(&self) -> Value {
        match self {
            Self::Flag(flag) => (*flag).into(),
            Self::Number(number) => number.clone().into(),
            Self::Text(text) => text.as_str().into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(cell: &Value, formatted: &str, unformatted: &Value) {
        let read: Cell = serde_json::from_value(cell.clone()).expect("a cell");
        let as_number = Render::Unformatted {
            dates_as_text: false,
        };
        assert_eq!(read.render(Render::Formatted), formatted);
        assert_eq!(read.render(as_number), *unformatted);
        assert_eq!(serde_json::to_value(&read).expect("JSON"), *cell);
    }

    #[test]
    fn cells_are_shown_and_read() {
        for text in ["", "01.03.2026"] {
            check(&json!(text), text, &json!(text));
        }
        check(&json!(null), "", &json!(""));
        check(&json!(1990), "1990", &json!(1990));
        check(&json!(199.5), "199,5", &json!(199.5));
        check(&json!(true), "TRUE", &json!(true));
        let price = json!({ "value": 1990, "shown": "1 990,00 ₽" });
        check(&price, "1 990,00 ₽", &json!(1990));
        // From the documentation: the first of February 1900 is day 33.
        check(&json!({ "date": "1900-02-01" }), "01.02.1900", &json!(33));
    }

    #[test]
    fn a_formula_is_itself_only_where_asked_for() {
        let cell: Cell =
            serde_json::from_value(json!({ "value": 5, "formula": "=2+3" })).expect("a cell");
        let how = |dates_as_text| Render::Formula { dates_as_text };
        assert_eq!(cell.render(how(true)), "=2+3");
        assert_eq!(cell.render(Render::Formatted), "5");
    }
}
