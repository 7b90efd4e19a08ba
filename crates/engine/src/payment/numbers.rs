//! Numbers of transactions: by them a payment is known again, on whatever picture.

use std::sync::LazyLock;

use regex::Regex;

use crate::amounts::Text;

/// The number of the transaction on a picture: behind its label, or a very long number. Letters in
/// upper case, without spaces.
pub fn transaction(text: &str) -> Option<String> {
    let text = Text::of(text).lower;
    let labelled = LABELLED.captures(&text).and_then(|found| found.get(1));
    let number = labelled.or_else(|| LONG.find(&text))?;
    let kept = number.as_str().chars().filter(char::is_ascii_alphanumeric);
    let number = kept.collect::<String>().to_ascii_uppercase();
    (number.len() >= SHORTEST).then_some(number)
}

/// Shorter ones repeat.
const SHORTEST: usize = 8;

static LABELLED: LazyLock<Regex> = LazyLock::new(|| {
    let labels = "(?:交易|转账|商户|商家|付款)?(?:订单|交易|转账)?单?号|номер (?:операции|транзакции|документа|квитанции|перевода|платежа)|(?:операция|транзакция|квитанция|чек|документ) ?№|идентификатор (?:операции|платежа)|суип|transaction (?:id|no\\.?|number)|reference(?: no\\.?| number)?|order (?:id|no\\.?|number)";
    let number = r"([a-z]{0,4}-?\d[0-9a-z]*(?:[ -]?[0-9a-z]*\d[0-9a-z]*){0,8})";
    Regex::new(&format!(r"(?:{labels})[ :№#]*\n?[ :№#]*{number}"))
        .expect("a pattern that the tests have compiled")
});

static LONG: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\b\d{16,32}\b").expect("a pattern that the tests have compiled"));

/// Two numbers that differ in no more digits may be one, misread: those of different payments differ in
/// many.
const MISREAD: usize = 3;

/// Whether both may be the number of one transaction, read well or not.
pub fn may_be_one(one: &str, other: &str) -> bool {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    distance(&one, &other) <= MISREAD
}

/// How many characters have to be changed, left out or put in to make one of the other.
fn distance(one: &[char], other: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, left) in one.iter().enumerate() {
        let mut corner = row[0];
        row[0] = at + 1;
        for (place, right) in other.iter().enumerate() {
            let changed = corner + usize::from(left != right);
            corner = row[place + 1];
            row[place + 1] = changed.min(corner + 1).min(row[place] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_a_transaction_is_found() {
        for (text, number) in [
            (
                "交易单号\n4200001234202611201234567890",
                Some("4200001234202611201234567890"),
            ),
            ("订单号：20261120220014123456", Some("20261120220014123456")),
            ("Номер операции 7A12 3456 7890", Some("7A1234567890")),
            ("Квитанция № 1-23-456-789-012", Some("123456789012")),
            (
                "Transaction ID: 8AB12345CD678901E",
                Some("8AB12345CD678901E"),
            ),
            (
                "2026112022001412345678901234",
                Some("2026112022001412345678901234"),
            ),
            ("Номер операции 12", None),
            ("¥199.00 20.11.2026", None),
        ] {
            assert_eq!(transaction(text).as_deref(), number, "{text}");
        }
    }

    #[test]
    fn a_number_that_was_misread_may_be_the_same() {
        for (one, other, same) in [
            ("A1", "A1", true),
            ("42000012", "4200012", true),
            ("42000012", "420OO0I2", true),
            ("7A1234567890", "7B9876543210", false),
            ("123456789012", "12345678", false),
        ] {
            assert_eq!(may_be_one(one, other), same, "{one} {other}");
        }
    }
}
