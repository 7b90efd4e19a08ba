//! The dates on a picture: a payment of long ago is credited, for clocks and readers err; but the
//! operators are told.

use std::sync::LazyLock;

use jiff::{ToSpan, civil::Date};
use regex::Regex;

use crate::amounts::Text;

const MONTHS: [[&str; 2]; 12] = [
    ["янв", "jan"],
    ["фев", "feb"],
    ["мар", "mar"],
    ["апр", "apr"],
    ["ма", "may"],
    ["июн", "jun"],
    ["июл", "jul"],
    ["авг", "aug"],
    ["сен", "sep"],
    ["окт", "oct"],
    ["ноя", "nov"],
    ["дек", "dec"],
];

static DATES: LazyLock<Regex> = LazyLock::new(|| {
    let names: Vec<&str> = MONTHS.iter().flatten().copied().collect();
    let names = names.join("|");
    let forms = [
        r"\b(?P<y1>20\d{2}) ?[-./年] ?(?P<m1>\d{1,2}) ?[-./月] ?(?P<d1>\d{1,2})",
        r"\b(?P<d2>\d{1,2})[.-](?P<m2>\d{1,2})[.-](?P<y2>20\d{2})\b",
        &format!(r"\b(?P<d3>\d{{1,2}}) (?P<m3>{names})\p{{L}}*\.?,? (?P<y3>20\d{{2}})\b"),
        r"\b(?P<d5>\d{1,2})/(?P<m5>\d{1,2})/(?P<y5>20\d{2})\b",
        &format!(r"\b(?P<m4>{names})[a-z]*\.? (?P<d4>\d{{1,2}}),? (?P<y4>20\d{{2}})\b"),
    ];
    Regex::new(&forms.join("|")).expect("a pattern that the tests have compiled")
});

/// The newest day that stands in a text with its year, up to tomorrow: later ones are the ends of cards
/// and subscriptions.
pub fn newest_date(text: &str, today: Date) -> Option<Date> {
    let text = Text::of(text).lower;
    let latest = today.saturating_add(1.day());
    let dates = DATES.captures_iter(&text).flat_map(|found| {
        let part = |name: &str| {
            let named = (1..=5).find_map(|form| found.name(&format!("{name}{form}")));
            named.map(|named| named.as_str().to_owned())
        };
        let (year, month, day) = (part("y"), part("m"), part("d"));
        let (year, month, day) = (year.as_deref(), month.as_deref(), day.as_deref());
        // «03/04/2026» is a day in March or in April.
        let either = found.name("y5").and_then(|_| date(year, day, month));
        [date(year, month, day), either]
    });
    dates.flatten().filter(|date| *date <= latest).max()
}

fn date(year: Option<&str>, month: Option<&str>, day: Option<&str>) -> Option<Date> {
    let (year, month, day) = (year?, month?, day?);
    let named = MONTHS
        .iter()
        .position(|names| names.iter().any(|name| month.starts_with(name)));
    let month = match named {
        Some(place) => i8::try_from(place + 1).ok()?,
        None => month.parse().ok()?,
    };
    Date::new(year.parse().ok()?, month, day.parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_day_is_found_in_all_its_forms() {
        let today = "2026-11-20".parse().unwrap();
        for (text, day) in [
            ("2026-05-03 13:05", Some("2026-05-03")),
            ("2026年5月3日", Some("2026-05-03")),
            ("03.05.2026", Some("2026-05-03")),
            ("12.05.2024", Some("2024-05-12")),
            ("3 мая 2026, 13:05", Some("2026-05-03")),
            ("May 3, 2026", Some("2026-05-03")),
            ("25/10/2026", Some("2026-10-25")),
            ("10/25/2026", Some("2026-10-25")),
            (
                "03.05.2026 карта до 12.2030, 01.01.2030",
                Some("2026-05-03"),
            ),
            ("договор от 01.02.2020, 20 ноября 2026", Some("2026-11-20")),
            ("20 ноября, 13:05", None),
            ("99.99.2026", None),
        ] {
            let expected = day.map(|day| day.parse().unwrap());
            assert_eq!(newest_date(text, today), expected, "{text}");
        }
    }
}
