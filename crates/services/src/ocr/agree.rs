//! Several readings of one picture as one text.
//!
//! Readers lose digits without saying so: «1 199,00» becomes «199,00», a sign of a currency becomes a
//! digit. What must stay true: a sum that only one reading saw is not in the text.

use std::collections::{BTreeMap, BTreeSet};

use engine::amounts;
use rust_decimal::Decimal;

/// The lines of all readings whose sums at least two of them saw; of several lines with one sum, the
/// first reading's. Lines without sums stay: one language has words that another has not, such as
/// «支付失败». Where lines are left out, a break tells that what stood there was not beside what stands
/// there now.
pub(super) fn agreed(readings: &[String]) -> String {
    let mut seen = BTreeMap::new();
    for reading in readings {
        for sum in sums(reading) {
            *seen.entry(sum).or_insert(0) += 1;
        }
    }
    let mut told = BTreeSet::new();
    let mut lines = Vec::new();
    for reading in readings {
        let before = told.clone();
        // Without blank ones, so that what a label names is beneath it.
        for line in reading.lines().filter(|line| !line.trim().is_empty()) {
            let sums = sums(line);
            let twice = sums
                .iter()
                .all(|sum| seen.get(sum).is_some_and(|times| *times > 1));
            let new = sums.is_empty() || sums.iter().any(|sum| !before.contains(sum));
            if twice && new {
                lines.push(line);
                told.extend(sums);
            } else if lines.last() != Some(&amounts::BREAK) {
                lines.push(amounts::BREAK);
            }
        }
        lines.push(amounts::BREAK);
    }
    lines.dedup();
    lines.pop_if(|last| *last == amounts::BREAK);
    lines.join("\n")
}

fn sums(text: &str) -> BTreeSet<Decimal> {
    amounts::find(text)
        .into_iter()
        .map(|sum| sum.amount.normalize())
        .collect()
}

/// A reading, then the lines of another that have no sum.
pub(super) fn with_words(reading: &str, other: &str) -> String {
    let words = other.lines().map(|line| match amounts::find(line) {
        none if none.is_empty() => line,
        _ => amounts::BREAK,
    });
    let mut lines: Vec<&str> = reading
        .lines()
        .chain([amounts::BREAK])
        .chain(words)
        .collect();
    lines.dedup();
    lines.pop_if(|last| *last == amounts::BREAK);
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_that_one_reading_saw_is_left_out() {
        let readings = [
            "Сумма 199,00\nИтого 5,00",
            "Сумма 1199,00\n支付失败\nИтого 5.00",
        ];
        let agreed = agreed(&readings.map(str::to_owned));
        assert_eq!(agreed, "…\nИтого 5,00\n…\n支付失败");
    }

    #[test]
    fn a_sum_that_two_of_three_saw_stays() {
        let readings = ["¥199.00", "4199.00", "Y199.00"].map(str::to_owned);
        assert_eq!(agreed(&readings), "¥199.00");
    }

    #[test]
    fn words_of_another_reading_come_along() {
        assert_eq!(
            with_words("¥199.00", "Y99.00\n支付失败"),
            "¥199.00\n…\n支付失败"
        );
    }
}
