//! Days as people and sheets write them. What can mean two days means none: somebody's paid days hang
//! on it.

use std::sync::LazyLock;

use jiff::civil::Date;
use regex::{Captures, Regex};

use super::cells::clean;
use crate::amounts;

/// A day: `2026-11-20`, `20.11.2026`, `20.11.26`, `20/11/2026`, `20 ноября 2026 г.`, `Nov 20, 2026`,
/// `2026年11月20日`, or the number of days since 30 December 1899; a time behind it means nothing.
/// `11/12/2026` can mean two days, and is none.
pub fn date(text: &str) -> Option<Date> {
    let text = amounts::Text::of(&clean(text)).lower;
    let text = text.replace(['年', '月'], "-").replace('日', "");
    let text = TIME.replace(&text, "");
    let text = YEAR_WORD.replace(text.trim(), "$1");
    let read = serial(&text)
        .or_else(|| in_digits(&text))
        .or_else(|| in_words(&text));
    read.filter(|date| (2000..2200).contains(&date.year()))
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a pattern that the tests have compiled")
}

/// A time behind a date.
static TIME: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:(?:,? |, ?| в |t)\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?: ?[ap]m)?(?: ?z| ?[+-]\d{2}:?\d{2})?)$",
    )
});

/// «г.» behind a year, or a point.
static YEAR_WORD: LazyLock<Regex> = LazyLock::new(|| pattern(r"(\d) ?(?:года|год|г)?\.?$"));

static DIGITS: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^(\d{1,4})([-./]) ?(\d{1,2})([-./]) ?(\d{1,4})$"));

static DAY_FIRST: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^(\d{1,2})[ .-]{1,2}(\p{L}+)\.?[ ,-]{1,2}(\d{4})$"));

static MONTH_FIRST: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^(\p{L}+)\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})$"));

const MONTHS: [[&str; 3]; 12] = [
    ["января", "январь", "january"],
    ["февраля", "февраль", "february"],
    ["марта", "март", "march"],
    ["апреля", "апрель", "april"],
    ["мая", "май", "may"],
    ["июня", "июнь", "june"],
    ["июля", "июль", "july"],
    ["августа", "август", "august"],
    ["сентября", "сентябрь", "september"],
    ["октября", "октябрь", "october"],
    ["ноября", "ноябрь", "november"],
    ["декабря", "декабрь", "december"],
];

/// Days since 30 December 1899, as spreadsheets count; a fraction is a time.
fn serial(text: &str) -> Option<Date> {
    let (days, time) = text.split_once(['.', ',']).unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|digit| digit.is_ascii_digit());
    if days.len() < 5 || !digits(days) || !digits(time) {
        return None;
    }
    let begin = Date::constant(1899, 12, 30);
    let days: i32 = days.parse().ok()?;
    begin
        .checked_add(jiff::Span::new().try_days(days).ok()?)
        .ok()
}

fn in_digits(text: &str) -> Option<Date> {
    let parts = DIGITS.captures(text)?;
    let [first, mark, second, again, third] = [1, 2, 3, 4, 5].map(|nth| part(&parts, nth));
    if mark != again {
        return None;
    }
    if first.len() == 4 && third.len() <= 2 {
        return day(third, second.parse().ok()?, first);
    }
    let (one, two) = (first.parse::<i8>().ok()?, second.parse::<i8>().ok()?);
    match (mark, third.len()) {
        // With points the day comes first everywhere, and people leave out the century.
        (".", 4) => day(first, two, third),
        (".", 2) => day(first, two, &format!("20{third}")),
        (_, 4) if two > 12 => day(second, one, third),
        (_, 4) if one > 12 || one == two => day(first, two, third),
        _ => None,
    }
}

fn in_words(text: &str) -> Option<Date> {
    if let Some(parts) = DAY_FIRST.captures(text) {
        return day(part(&parts, 1), month(part(&parts, 2))?, part(&parts, 3));
    }
    let parts = MONTH_FIRST.captures(text)?;
    day(part(&parts, 2), month(part(&parts, 1))?, part(&parts, 3))
}

fn part<'a>(parts: &'a Captures<'_>, nth: usize) -> &'a str {
    parts.get(nth).map_or("", |part| part.as_str())
}

/// A month by its name, or by the first letters of it: at least three.
fn month(word: &str) -> Option<i8> {
    let named = |names: &[&str; 3]| names.iter().any(|name| name.starts_with(word));
    let long = word.chars().count() >= 3;
    let found = (1..).zip(MONTHS).find(|(_, names)| long && named(names));
    found.map(|(number, _)| number)
}

fn day(day: &str, month: i8, year: &str) -> Option<Date> {
    Date::new(year.parse().ok()?, month, day.parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_as_people_write_them() {
        for text in [
            "2026-11-20",
            "2026.11.20",
            "2026/11/20",
            "20.11.2026",
            "20.11.26",
            "20. 11. 2026",
            "20/11/2026",
            "11/20/2026",
            "20-11-2026",
            "46346",
            "46346.0",
            "46346.75",
            "46346,5",
            "20.11.2026 г.",
            "20.11.2026г",
            "20.11.2026.",
            "2026-11-20T00:00:00",
            "2026-11-20T23:59:59.999Z",
            "2026-11-20 23:59",
            "20.11.2026, 13:00",
            "20.11.2026 в 13:00",
            "11/20/2026 1:00 PM",
            "\u{a0}20.11.2026\u{200f}",
            "２０.１１.２０２６",
            "20 ноября 2026",
            "20 Ноября 2026 года",
            "20 нояб. 2026 г.",
            "20 ноя 2026",
            "20-Nov-2026",
            "20 November 2026",
            "November 20th, 2026",
            "Nov 20 2026",
            "2026年11月20日",
        ] {
            let read = date(text).map(|date| date.to_string());
            assert_eq!(read.as_deref(), Some("2026-11-20"), "{text}");
        }
        for text in ["5 мая 2027", "05/05/2027", "5.5.27"] {
            assert_eq!(date(text), Some(Date::constant(2027, 5, 5)), "{text}");
        }
    }

    #[test]
    fn what_is_no_day_or_can_be_two_is_none() {
        for text in [
            "",
            "завтра",
            "31.02.2026",
            "11/12/2026",
            "11-12-2026",
            "26-11-20",
            "20/11/26",
            "20.11/2026",
            "20.11.2026 или 21.11.2026",
            "20.11.2026 оплатил",
            "2026",
            "20.11",
            "20 ноября",
            "20 мяу 2026",
            "20 ма 2026",
            "1.1.1",
            "20.11.1026",
            "20.11.026",
            "0",
            "199",
            "99999999",
            "99999999999999999999",
            "4634x",
            "#REF!",
            "-46346",
        ] {
            assert_eq!(date(text), None, "{text}");
        }
    }
}
