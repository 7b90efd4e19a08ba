//! How a [`Value`] meets a column of PostgreSQL.
//!
//! Values travel to the server as text: it knows best how to make an `int2`, an `enum`, a `uuid` or a
//! `timestamp` of one, whatever the predecessor chose. They come back in binary, typed.

use std::{error::Error as StdError, fmt::Write as _};

use bytes::{BufMut, BytesMut};
use jiff::Timestamp;
use tokio_postgres::types::{Format, FromSql, IsNull, Kind, ToSql, Type};

use super::super::value::{Value, time_text};

type Fault = Box<dyn StdError + Sync + Send>;

/// 2000-01-01, from which PostgreSQL counts, in microseconds since 1970.
const PG_EPOCH: i64 = 946_684_800_000_000;

impl ToSql for Value {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Fault> {
        match self {
            Self::Null => return Ok(IsNull::Yes),
            Self::Bool(b) if *ty == Type::BOOL => out.put_slice(if *b { b"t" } else { b"f" }),
            Self::Bool(b) => out.put_slice(if *b { b"1" } else { b"0" }),
            Self::Int(n) if *ty == Type::BOOL => out.put_slice(if *n == 0 { b"f" } else { b"t" }),
            Self::Int(n) => write!(out, "{n}")?,
            // PostgreSQL's texts cannot hold a NUL; a person's message with one is still a message.
            Self::Text(text) if text.contains('\0') => {
                out.put_slice(text.replace('\0', "\u{FFFD}").as_bytes());
            }
            Self::Text(text) => out.put_slice(text.as_bytes()),
            Self::Bytes(bytes) => out.put_slice(bytes),
            // A column without a zone ignores the zone: it keeps the time in UTC.
            Self::Time(at) => write!(out, "{}+00", time_text(*at))?,
        }
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn encode_format(&self, _: &Type) -> Format {
        match self {
            Self::Bytes(_) => Format::Binary,
            _ => Format::Text,
        }
    }

    fn to_sql_checked(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Fault> {
        self.to_sql(ty, out)
    }
}

impl<'a> FromSql<'a> for Value {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Fault> {
        let text = |raw: &[u8]| String::from_utf8_lossy(raw).into_owned();
        Ok(match *ty {
            Type::BOOL => Self::Bool(bool::from_sql(ty, raw)?),
            Type::INT2 => Self::Int(i16::from_sql(ty, raw)?.into()),
            Type::INT4 => Self::Int(i32::from_sql(ty, raw)?.into()),
            Type::INT8 => Self::Int(i64::from_sql(ty, raw)?),
            Type::OID => Self::Int(u32::from_sql(ty, raw)?.into()),
            Type::FLOAT4 => Self::Text(f32::from_sql(ty, raw)?.to_string()),
            Type::FLOAT8 => Self::Text(f64::from_sql(ty, raw)?.to_string()),
            Type::NUMERIC => Self::Text(numeric(raw).ok_or("a numeric that cannot be read")?),
            Type::BYTEA => Self::Bytes(raw.to_vec()),
            Type::TIMESTAMP | Type::TIMESTAMPTZ => {
                let micros = i64::from_be_bytes(raw.try_into()?);
                Self::Time(instant(micros.saturating_add(PG_EPOCH)))
            }
            Type::DATE => {
                let days = i64::from(i32::from_be_bytes(raw.try_into()?));
                Self::Time(instant(
                    days.saturating_mul(86_400_000_000).saturating_add(PG_EPOCH),
                ))
            }
            Type::VOID => Self::Null,
            Type::UUID => Self::Text(uuid(raw)),
            // The version of the format, then the text.
            Type::JSONB => Self::Text(text(raw.get(1..).unwrap_or_default())),
            Type::TEXT
            | Type::VARCHAR
            | Type::BPCHAR
            | Type::NAME
            | Type::CHAR
            | Type::UNKNOWN
            | Type::JSON
            | Type::XML => Self::Text(text(raw)),
            _ => match ty.kind() {
                Kind::Enum(_) => Self::Text(text(raw)),
                Kind::Domain(inner) => return Self::from_sql(inner, raw),
                _ => return Err(format!("type {ty} is not one that can be read").into()),
            },
        })
    }

    fn from_sql_null(_: &Type) -> Result<Self, Fault> {
        Ok(Self::Null)
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// `infinity` and what lies beyond the calendar become its ends.
fn instant(micros: i64) -> Timestamp {
    let end = if micros < 0 {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    };
    Timestamp::from_microsecond(micros).unwrap_or(end)
}

fn uuid(raw: &[u8]) -> String {
    let mut text = String::with_capacity(36);
    for (i, byte) in raw.iter().enumerate() {
        if matches!(i, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        // Writing into a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// A `NUMERIC` as it prints: digits in groups of four, a weight, a sign and a scale.
fn numeric(raw: &[u8]) -> Option<String> {
    let word = |i: usize| {
        Some(u16::from_be_bytes(
            raw.get(2 * i..2 * i + 2)?.try_into().ok()?,
        ))
    };
    let groups = usize::from(word(0)?);
    let weight = i32::from(word(1)?.cast_signed());
    let scale = usize::from(word(3)?);
    let group = |place: i32| {
        let index = usize::try_from(weight - place).ok().filter(|i| *i < groups);
        index.map_or(Some(0), |i| word(4 + i))
    };
    let mut text = match word(2)? {
        0 => String::new(),
        0x4000 => "-".to_owned(),
        _ => return None,
    };
    let mut whole = String::new();
    for place in (0..=weight.max(0)).rev() {
        let _ = write!(whole, "{:04}", group(place)?);
    }
    let trimmed = whole.trim_start_matches('0');
    text.push_str(if trimmed.is_empty() { "0" } else { trimmed });
    if scale > 0 {
        let mut fraction = String::new();
        let mut place = -1;
        while fraction.len() < scale {
            let _ = write!(fraction, "{:04}", group(place)?);
            place -= 1;
        }
        text.push('.');
        text.push_str(&fraction[..scale]);
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numerics_print_as_they_are() {
        // 12345.678, -0.05 and 700000000 as the server sends them.
        let cases: [(&[u8], &str); 3] = [
            (&[0, 3, 0, 1, 0, 0, 0, 3, 0, 1, 9, 41, 26, 124], "12345.678"),
            (&[0, 1, 255, 255, 64, 0, 0, 2, 1, 244], "-0.05"),
            (&[0, 1, 0, 2, 0, 0, 0, 0, 0, 7], "700000000"),
        ];
        for (raw, printed) in cases {
            assert_eq!(numeric(raw).as_deref(), Some(printed));
        }
    }
}
