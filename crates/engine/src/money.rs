//! Money: an exact decimal and its currency. Never a float.

use std::{fmt, str::FromStr};

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// A currency by its ISO 4217 code, such as `CNY`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency([u8; 3]);

/// Something that names no currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoCurrency(pub String);

impl fmt::Display for NoCurrency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is no currency", self.0)
    }
}

/// How people write currencies, in lower case; each may mean several.
const NAMES: &[(&str, &[[u8; 3]])] = &[
    ("¥", &[*b"CNY", *b"JPY"]),
    ("元", &[*b"CNY"]),
    ("圆", &[*b"CNY"]),
    ("块", &[*b"CNY"]),
    ("人民币", &[*b"CNY"]),
    ("rmb", &[*b"CNY"]),
    ("yuan", &[*b"CNY"]),
    ("юаней", &[*b"CNY"]),
    ("юаня", &[*b"CNY"]),
    ("юань", &[*b"CNY"]),
    ("円", &[*b"JPY"]),
    ("yen", &[*b"JPY"]),
    ("₽", &[*b"RUB"]),
    ("рублей", &[*b"RUB"]),
    ("рубля", &[*b"RUB"]),
    ("рубль", &[*b"RUB"]),
    ("руб.", &[*b"RUB"]),
    ("руб", &[*b"RUB"]),
    ("р.", &[*b"RUB"]),
    ("р", &[*b"RUB"]),
    ("p", &[*b"RUB"]),
    ("rur", &[*b"RUB"]),
    ("rub", &[*b"RUB"]),
    ("us$", &[*b"USD"]),
    ("$", &[*b"USD"]),
    ("cn¥", &[*b"CNY"]),
    ("jp¥", &[*b"JPY"]),
    ("hk$", &[*b"HKD"]),
    ("nt$", &[*b"TWD"]),
    ("s$", &[*b"SGD"]),
    ("c$", &[*b"CAD"]),
    ("ca$", &[*b"CAD"]),
    ("a$", &[*b"AUD"]),
    ("au$", &[*b"AUD"]),
    ("r$", &[*b"BRL"]),
    ("mx$", &[*b"MXN"]),
    ("долларов", &[*b"USD"]),
    ("доллара", &[*b"USD"]),
    ("доллар", &[*b"USD"]),
    ("€", &[*b"EUR"]),
    ("евро", &[*b"EUR"]),
    ("euro", &[*b"EUR"]),
    ("£", &[*b"GBP"]),
    ("₸", &[*b"KZT"]),
    ("тенге", &[*b"KZT"]),
    ("тг", &[*b"KZT"]),
    ("₴", &[*b"UAH"]),
    ("грн", &[*b"UAH"]),
    ("₺", &[*b"TRY"]),
    ("₾", &[*b"GEL"]),
    ("֏", &[*b"AMD"]),
    ("₹", &[*b"INR"]),
    ("₩", &[*b"KRW"]),
    ("฿", &[*b"THB"]),
    ("₫", &[*b"VND"]),
    ("бел. руб.", &[*b"BYN"]),
    ("br", &[*b"BYN"]),
    ("сум", &[*b"UZS"]),
];

/// Codes that are read as such wherever they stand.
const CODES: &[&[u8; 3]] = &[
    b"CNY", b"JPY", b"RUB", b"USD", b"EUR", b"GBP", b"KZT", b"UAH", b"TRY", b"GEL", b"AMD", b"INR",
    b"KRW", b"THB", b"VND", b"BYN", b"UZS", b"HKD", b"TWD", b"SGD", b"CHF", b"PLN", b"CZK", b"AZN",
    b"KGS", b"TJS", b"MDL", b"RSD", b"AED", b"ILS", b"IDR", b"MYR", b"PHP", b"CAD", b"AUD", b"BRL",
    b"MXN",
];

impl Currency {
    /// Reads a code of three latin letters, or a name or sign that means one currency only (`₽`, `руб`,
    /// `元`; `¥` alone is taken for the yuan).
    pub fn read(text: &str) -> Result<Self, NoCurrency> {
        let trimmed = text.trim();
        let lower = trimmed.to_lowercase().replace('￥', "¥");
        let named = NAMES.iter().find(|(name, _)| *name == lower);
        if let Some((_, codes)) = named
            && let Some(code) = codes.first()
        {
            return Ok(Self(*code));
        }
        let upper = trimmed.to_ascii_uppercase();
        match <[u8; 3]>::try_from(upper.as_bytes()) {
            Ok(code) if code.iter().all(u8::is_ascii_uppercase) => Ok(Self(code)),
            Ok(_) | Err(_) => Err(NoCurrency(trimmed.to_owned())),
        }
    }

    /// The code.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("???")
    }

    /// How many digits behind the point people write.
    fn digits(self) -> u32 {
        match &self.0 {
            b"JPY" | b"KRW" | b"VND" => 0,
            _ => 2,
        }
    }

    fn sign(self) -> Option<&'static str> {
        Some(match &self.0 {
            b"CNY" | b"JPY" => "¥",
            b"RUB" => "₽",
            b"USD" => "$",
            b"EUR" => "€",
            b"GBP" => "£",
            b"KZT" => "₸",
            b"UAH" => "₴",
            _ => return None,
        })
    }

    /// The currencies that the end of a text may name, and how many bytes of it do.
    pub(crate) fn before(text: &str) -> Option<(Vec<Self>, usize)> {
        let fits = |name: &str| {
            let start = text.len().checked_sub(name.len())?;
            let tail = text.get(start..)?;
            let apart =
                !begins_with_letter(name) || !text[..start].ends_with(|c: char| c.is_alphabetic());
            (tail == name && apart).then_some(name.len())
        };
        longest(fits)
    }

    /// The currencies that the beginning of a text may name, and how many bytes of it do.
    pub(crate) fn after(text: &str) -> Option<(Vec<Self>, usize)> {
        let fits = |name: &str| {
            let rest = text.strip_prefix(name)?;
            let ends_with_letter = name.ends_with(|c: char| c.is_alphabetic() && !is_han(c));
            let apart = !ends_with_letter || !rest.starts_with(|c: char| c.is_alphanumeric());
            apart.then_some(name.len())
        };
        longest(fits)
    }
}

fn begins_with_letter(name: &str) -> bool {
    name.starts_with(|c: char| c.is_alphabetic() && !is_han(c))
}

fn is_han(c: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&c)
}

/// The longest name that fits; codes are names too. `fits` compares with lower case.
fn longest(fits: impl Fn(&str) -> Option<usize>) -> Option<(Vec<Currency>, usize)> {
    let names = NAMES.iter().filter_map(|(name, codes)| {
        let codes: Vec<Currency> = codes.iter().map(|code| Currency(*code)).collect();
        Some((codes, fits(name)?))
    });
    let codes = CODES.iter().filter_map(|code| {
        let name = Currency(**code).code().to_ascii_lowercase();
        Some((vec![Currency(**code)], fits(&name)?))
    });
    names.chain(codes).max_by_key(|(_, length)| *length)
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Currency {
    type Err = NoCurrency;
    fn from_str(text: &str) -> Result<Self, NoCurrency> {
        Self::read(text)
    }
}

impl TryFrom<String> for Currency {
    type Error = NoCurrency;
    fn try_from(text: String) -> Result<Self, NoCurrency> {
        Self::read(&text)
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.code().to_owned()
    }
}

/// A sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    /// How much; exact.
    pub amount: Decimal,
    /// Of what.
    pub currency: Currency,
}

impl fmt::Display for Money {
    /// As people write it: `1 990 ₽`, `199,50 ¥`, `10 CHF`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let amount = self.amount.normalize();
        let (whole, fraction) = (amount.trunc(), amount.fract().abs());
        let digits = whole.abs().to_string();
        if amount.is_sign_negative() {
            f.write_str("−")?;
        }
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                // A narrow space that no line breaks at.
                f.write_str("\u{202f}")?;
            }
            write!(f, "{digit}")?;
        }
        if !fraction.is_zero() {
            let mut fraction = fraction;
            fraction.rescale(fraction.scale().max(self.currency.digits()));
            let text = fraction.to_string();
            write!(f, ",{}", text.trim_start_matches("0."))?;
        }
        match self.currency.sign() {
            Some(sign) => write!(f, "\u{a0}{sign}"),
            None => write!(f, "\u{a0}{}", self.currency),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(amount: &str, currency: &str) -> String {
        let money = Money {
            amount: amount.parse().unwrap(),
            currency: currency.parse().unwrap(),
        };
        money.to_string()
    }

    #[test]
    fn a_sum_is_written_as_people_write_it() {
        assert_eq!(money("1990", "RUB"), "1\u{202f}990\u{a0}₽");
        assert_eq!(money("199.50", "cny"), "199,50\u{a0}¥");
        assert_eq!(money("199.5", "¥"), "199,50\u{a0}¥");
        assert_eq!(
            money("-1234567.05", "usd"),
            "−1\u{202f}234\u{202f}567,05\u{a0}$"
        );
        assert_eq!(money("10.00", "CHF"), "10\u{a0}CHF");
    }

    #[test]
    fn a_currency_is_known_by_its_code_sign_or_name() {
        for (text, code) in [
            ("cny", "CNY"),
            ("￥", "CNY"),
            ("元", "CNY"),
            ("Руб.", "RUB"),
            ("₽", "RUB"),
            ("$", "USD"),
            ("xyz", "XYZ"),
        ] {
            assert_eq!(Currency::read(text).unwrap().code(), code, "{text}");
        }
        for text in ["", "рублики", "US", "RUBL", "12€"] {
            assert!(Currency::read(text).is_err(), "{text}");
        }
    }
}
