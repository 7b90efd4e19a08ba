//! Values as they go into a statement and come back out of a row, the same for both databases.
//!
//! Going in, a value fits whatever type the column has; coming out, it is read as whatever the code
//! asks for. Both are liberal on purpose: the tables of the predecessor are adopted as they are, and
//! whether their `tg_id` is a number or a text, their times naive or zoned, is not for us to choose.
//! What cannot be read names its column.

use std::sync::Arc;

use jiff::{Timestamp, civil, tz::TimeZone};

use super::error::{Error, Result};

/// One value of a statement or a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// SQL `NULL`.
    Null,
    /// A truth value; 0 or 1 where the database has none.
    Bool(bool),
    /// A whole number. An instant in our own tables is one too: microseconds since 1970, see
    /// [`Value::from`] for [`Timestamp`].
    Int(i64),
    /// Text; fits texts, enums, JSON and UUIDs.
    Text(String),
    /// Raw bytes: `BYTEA` or `BLOB`.
    Bytes(Vec<u8>),
    /// An instant for the tables that other programs read (`users`, `tickets`, `ticket_messages`):
    /// `TIMESTAMPTZ` or `TIMESTAMP` in UTC on PostgreSQL, the text `YYYY-MM-DD HH:MM:SS.ffffff` in UTC
    /// on SQLite, as SQLAlchemy writes it.
    Time(Timestamp),
}

/// The text form of an instant that SQLAlchemy writes into SQLite: sorts as time does.
pub(crate) fn time_text(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S%.6f").to_string()
}

macro_rules! value_from {
    ($($from:ty => $make:expr),* $(,)?) => {
        $(impl From<$from> for Value {
            fn from(value: $from) -> Self {
                $make(value)
            }
        })*
    };
}

value_from! {
    bool => Value::Bool,
    i64 => Value::Int,
    i32 => |n| Value::Int(i64::from(n)),
    u32 => |n| Value::Int(i64::from(n)),
    u16 => |n| Value::Int(i64::from(n)),
    String => Value::Text,
    &str => |text: &str| Value::Text(text.to_owned()),
    &String => |text: &String| Value::Text(text.clone()),
    Vec<u8> => Value::Bytes,
    &[u8] => |bytes: &[u8]| Value::Bytes(bytes.to_vec()),
    &Option<String> => |text: &Option<String>| Value::from(text.clone()),
}

impl From<Timestamp> for Value {
    /// Microseconds since 1970, the form of our own tables (`BIGINT`). The three public tables take
    /// [`Value::Time`].
    fn from(at: Timestamp) -> Self {
        Self::Int(at.as_microsecond())
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// One row of an answer.
#[derive(Clone, Debug)]
pub struct Row {
    pub(crate) columns: Arc<[String]>,
    pub(crate) values: Vec<Value>,
}

impl Row {
    /// The value of column `i` (from 0) as the type asked for; `Option` where it may be `NULL`.
    ///
    /// # Errors
    /// [`Error::Broken`] naming the column, when it is not there or holds something else.
    pub fn get<T: Column>(&self, i: usize) -> Result<T> {
        let Some(value) = self.values.get(i) else {
            return Err(Error::unreadable(format!(
                "column {i} of {}",
                self.values.len()
            )));
        };
        T::from_value(value).ok_or_else(|| {
            let column = self.columns.get(i).map_or("?", String::as_str);
            Error::unreadable(format!(
                "column {i} \"{column}\" as {}: {}",
                T::NAME,
                shape(value)
            ))
        })
    }
}

/// What a value is, without what it says: rows hold people's words, errors go to the log.
fn shape(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(_) => "a truth value".to_owned(),
        Value::Int(_) => "a whole number".to_owned(),
        Value::Text(text) => format!("a text of {} bytes", text.len()),
        Value::Bytes(bytes) => format!("{} bytes", bytes.len()),
        Value::Time(_) => "an instant".to_owned(),
    }
}

/// What a column can be read as.
pub trait Column: Sized {
    /// How an error calls it.
    const NAME: &'static str;

    /// Reads the value; `None` when it is something else.
    fn from_value(value: &Value) -> Option<Self>;
}

impl Column for i64 {
    const NAME: &'static str = "a whole number";

    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Int(n) => Some(*n),
            Value::Bool(b) => Some(i64::from(*b)),
            Value::Text(text) => text.trim().parse().ok(),
            Value::Time(at) => Some(at.as_microsecond()),
            Value::Null | Value::Bytes(_) => None,
        }
    }
}

impl Column for u32 {
    const NAME: &'static str = "a small whole number";

    fn from_value(value: &Value) -> Option<Self> {
        i64::from_value(value)?.try_into().ok()
    }
}

impl Column for u16 {
    const NAME: &'static str = "a very small whole number";

    fn from_value(value: &Value) -> Option<Self> {
        i64::from_value(value)?.try_into().ok()
    }
}

impl Column for bool {
    const NAME: &'static str = "a truth value";

    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Bool(b) => Some(*b),
            Value::Int(n) => Some(*n != 0),
            Value::Text(text) => match text.as_str() {
                "t" | "true" | "TRUE" | "1" => Some(true),
                "f" | "false" | "FALSE" | "0" => Some(false),
                _ => None,
            },
            Value::Null | Value::Bytes(_) | Value::Time(_) => None,
        }
    }
}

impl Column for String {
    const NAME: &'static str = "a text";

    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Text(text) => Some(text.clone()),
            Value::Int(n) => Some(n.to_string()),
            Value::Bool(b) => Some(b.to_string()),
            Value::Time(at) => Some(time_text(*at)),
            Value::Bytes(bytes) => String::from_utf8(bytes.clone()).ok(),
            Value::Null => None,
        }
    }
}

impl Column for Vec<u8> {
    const NAME: &'static str = "bytes";

    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Bytes(bytes) => Some(bytes.clone()),
            Value::Text(text) => Some(text.clone().into_bytes()),
            Value::Null | Value::Bool(_) | Value::Int(_) | Value::Time(_) => None,
        }
    }
}

impl Column for Timestamp {
    const NAME: &'static str = "an instant";

    /// Microseconds since 1970, a database's own time, or a text with `T` or a space, with or without
    /// a fraction and a zone. What has no zone is UTC.
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Time(at) => Some(*at),
            Value::Int(micros) => Self::from_microsecond(*micros).ok(),
            Value::Text(text) => {
                let text = text.trim();
                text.parse().ok().or_else(|| {
                    let naive: civil::DateTime = text.parse().ok()?;
                    Some(naive.to_zoned(TimeZone::UTC).ok()?.timestamp())
                })
            }
            Value::Null | Value::Bool(_) | Value::Bytes(_) => None,
        }
    }
}

impl<T: Column> Column for Option<T> {
    const NAME: &'static str = T::NAME;

    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Null => Some(None),
            _ => T::from_value(value).map(Some),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(value: Value) -> Row {
        Row {
            columns: Arc::from(["created_at".to_owned()]),
            values: vec![value],
        }
    }

    #[test]
    fn every_form_of_time_the_predecessor_may_have_written_is_read() {
        let noon: Timestamp = "2025-03-04T12:00:00Z".parse().unwrap();
        for text in [
            "2025-03-04 12:00:00",
            "2025-03-04T12:00:00",
            "2025-03-04 12:00:00.000000",
            "2025-03-04T12:00:00Z",
            "2025-03-04 12:00:00+00:00",
            "2025-03-04 15:00:00+03",
        ] {
            assert_eq!(
                row(Value::from(text)).get::<Timestamp>(0).unwrap(),
                noon,
                "{text}"
            );
        }
        let midnight: Timestamp = "2025-03-04T00:00:00Z".parse().unwrap();
        assert_eq!(
            row(Value::from("2025-03-04")).get::<Timestamp>(0).unwrap(),
            midnight
        );
    }

    #[test]
    fn texts_of_time_sort_as_time_does() {
        let early: Timestamp = "2025-03-04T12:00:20Z".parse().unwrap();
        let late: Timestamp = "2025-03-04T12:00:20.5Z".parse().unwrap();
        assert!(time_text(early) < time_text(late));
        assert_eq!(time_text(late), "2025-03-04 12:00:20.500000");
    }

    #[test]
    fn what_cannot_be_read_names_the_column_and_keeps_the_words_to_itself() {
        let error = row(Value::from("secret words"))
            .get::<Timestamp>(0)
            .unwrap_err();
        let told = format!("{error:?}");
        assert!(
            told.contains("created_at") && !told.contains("secret"),
            "{told}"
        );
    }

    #[test]
    fn ids_are_numbers_also_when_the_column_is_a_text() {
        assert_eq!(row(Value::from("123456")).get::<i64>(0).unwrap(), 123_456);
        assert_eq!(row(Value::Int(7)).get::<String>(0).unwrap(), "7");
        assert!(row(Value::Int(1)).get::<bool>(0).unwrap());
        assert_eq!(row(Value::Null).get::<Option<i64>>(0).unwrap(), None);
    }
}
