//! How many tests passed: read from what the runners print, never guessed.

use std::fmt;
use std::ops::Add;

/// The last line of `cargo xtask test`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) skipped: u64,
}

impl Count {
    /// What stands for a runner that could not count: it must not read as a success.
    pub(crate) const UNKNOWN_FAILURE: Self = Self {
        passed: 0,
        failed: 1,
        skipped: 0,
    };

    /// Sums what cargo-nextest or `cargo test` (one line a binary) said.
    pub(crate) fn read(said: &str) -> Self {
        said.lines()
            .filter_map(counts_in)
            .fold(Self::default(), |sum, line| sum + of_line(line))
    }
}

impl Add for Count {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            passed: self.passed + other.passed,
            failed: self.failed + other.failed,
            skipped: self.skipped + other.skipped,
        }
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} passed, {} failed, {} skipped",
            self.passed, self.failed, self.skipped
        )
    }
}

/// The part of a runner's summary line that holds the numbers.
fn counts_in(line: &str) -> Option<&str> {
    // Indented, it is what nextest shows of a test that failed, and counts itself.
    if let Some(counts) = line.strip_prefix("test result: ") {
        return counts.split_once(". ").map(|(_, counts)| counts);
    }
    let (head, counts) = line.split_once(" run: ")?;
    (head.contains("Summary [") && head.contains("test")).then_some(counts)
}

/// `11 passed (1 slow, 2 flaky), 1 failed` or `3 passed; 0 failed; 1 ignored; 0 measured`.
fn of_line(counts: &str) -> Count {
    let mut sum = Count::default();
    for part in without_parentheses(counts).split([',', ';']) {
        let Some((number, outcome)) = part.trim().split_once(' ') else {
            continue;
        };
        let Ok(number) = number.parse::<u64>() else {
            continue;
        };
        match outcome.trim() {
            "passed" => sum.passed += number,
            "failed" | "timed out" | "exec failed" => sum.failed += number,
            "skipped" | "ignored" => sum.skipped += number,
            // Measured and filtered out: nobody asked for them.
            _ => {}
        }
    }
    sum
}

fn without_parentheses(text: &str) -> String {
    let mut depth = 0_u32;
    let mut kept = String::new();
    for letter in text.chars() {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ if depth == 0 => kept.push(letter),
            _ => {}
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(said: &str, line: &str) {
        assert_eq!(Count::read(said).to_string(), line);
    }

    #[test]
    fn nextest_sums_up_itself() {
        check(
            "        PASS [   0.004s] store conformance::takes\n\
             \x20   test result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured; 9 filtered out\n\
             ------------\n\
             \x20    Summary [   0.012s] 16 tests run: 11 passed (1 slow, 2 flaky), 2 failed, 1 timed out, 2 exec failed, 3 skipped\n\
             \x20       FAIL [   0.004s] store conformance::closes\n",
            "11 passed, 5 failed, 3 skipped",
        );
    }

    #[test]
    fn cargo_test_is_summed_over_its_binaries() {
        check(
            "running 3 tests\n\
             test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 4 filtered out; finished in 0.00s\n\
             test result: FAILED. 5 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.10s\n",
            "7 passed, 1 failed, 1 skipped",
        );
    }

    #[test]
    fn a_single_test_is_counted_too() {
        check(
            "     Summary [   0.012s] 1 test run: 1 passed, 0 skipped\n",
            "1 passed, 0 failed, 0 skipped",
        );
    }

    #[test]
    fn other_words_are_not_counts() {
        check(
            "dry run: 3 passed, 4 failed\ntest result\n",
            "0 passed, 0 failed, 0 skipped",
        );
    }
}
