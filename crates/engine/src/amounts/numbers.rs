//! Which numbers in a line are sums, by their form and by what is glued to them.

use std::{borrow::Cow, ops::Range, sync::LazyLock};

use regex::Regex;
use rust_decimal::Decimal;

use super::Sum;
use crate::money::Currency;

/// A number in a line.
struct Number {
    range: Range<usize>,
    amount: Decimal,
    /// How many digits stand behind its point or comma.
    fraction: usize,
}

/// Most digits of a sum without a currency and without cents: longer ones are numbers of something.
const LONGEST_BARE: usize = 6;
/// Most digits of any sum.
const LONGEST: usize = 12;

pub(super) fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a pattern that the tests have compiled")
}

/// Two letters O behind a point are zeros: readers mistake them, and no word begins so.
static LETTERS: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(\d[.,])(?:[oOоО]{2}|0[oOоО]|[oOоО]0)\b"));

pub(super) fn with_zeros(text: &str) -> Cow<'_, str> {
    LETTERS.replace_all(text, "${1}00")
}

const MONTHS: &str = "янв|фев|мар|апр|мая|май|июн|июл|авг|сен|окт|ноя|дек|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec";

/// What is never a sum, whatever stands beside it.
static NEVER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        &[
            // Dates.
            r"\d{4} ?[-./年] ?\d{1,2} ?[-./月] ?\d{1,2}(?: ?日|\b)",
            r"\b\d{1,2}\. ?\d{1,2}\. ?(?:\d{4}|\d{2})\b",
            r"\b\d{1,2}/\d{1,2}/(?:\d{4}|\d{2})\b|\b\d{1,2}-\d{1,2}-(?:\d{4}|\d{2})\b",
            r"\d{1,2} ?月 ?\d{1,2} ?日",
            &format!(r"\b\d{{1,2}}[ -](?:{MONTHS})\p{{L}}*[.,-]*(?: ?\d{{4}}\b)?"),
            &format!(r"\b(?:{MONTHS})[a-z]*\.? \d{{1,2}}(?:st|nd|rd|th)?,?(?: \d{{4}}\b)?"),
            // Times.
            r"\b\d{1,2}:\d{2}(?::\d{2})?(?:[.,]\d+)?",
            // Phones.
            r"\+ ?\d[\d ()-]{8,}\d",
            r"\b8[ (-]{1,2}\d{3}[ )-]{1,2}\d{3}[ -]?\d{2}[ -]?\d{2}\b",
            r"\b\d{3} \d{3}[ -]\d{2}[ -]\d{2}\b",
            r"\(\d{3}\) ?\d{3}[ -]?\d{2}[ -]?\d{2}\b",
            r"\b\d{3}-\d{3,4}-\d{4}\b",
            r"\b1\d{2} \d{4} \d{4}\b",
            // Cards, whole and masked.
            r"\b\d{4}[ -]\d{4}[ -]\d{4}[ -]\d{1,7}\b",
            r"(?:\d{3,6} ?)?[*•·●xх]{2,}[*•·●xх ]*\d{2,}",
            r"\d{4,6} ?[*•●]{2,}[*•● ]*",
            r"[*•●]+ ?\d{4}\b",
            r"(?:卡|银行|card|visa|карт\p{L}*|мир|сч[её]т\p{L}*) ?\(\d{4}\)",
            // Percents, shares, addresses, versions.
            r"\d+(?:[.,]\d+)? ?(?:[%‰]|процент|percent)",
            r"\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b",
            r"\b(?:v|ver\.?|version|версия|ios|android) ?\d+(?:\.\d+)+",
            r"\b\d+(?:[.,]\d+)? (?:из|of|out of) \d+\b",
        ]
        .join("|"),
    )
});

/// A number of something, unless a currency or cents say that it is a sum after all.
static LABELLED: LazyLock<Regex> = LazyLock::new(|| {
    let labels = "№|#|\\bno\\.|\\bномер\\p{L}*(?: \\p{L}+){0,2}|\\bзаказ\\p{L}*|\\border|\\bid|\\bчек\\p{L}*|\\bтерминал\\p{L}*|\\bквитанц\\p{L}*|\\bдокумент\\p{L}*|\\bопераци\\p{L}*|\\bтранзакц\\p{L}*|\\btransaction|\\bref\\p{L}*|\\bинн|\\bкпп|\\bбик|\\bсч[её]т\\p{L}*|\\bкарт\\p{L}*|\\bcard|\\bдоговор\\p{L}*|\\bкод\\p{L}*|\\bcode|\\bpin|\\bкв\\.|\\bд\\.|\\bул\\.|单号|编号|卡号|流水号|尾号|账号|号码";
    pattern(&format!(r"(?:{labels})[ :№#.(-]*[\d ./-]*\d"))
});

/// How many of something there are, unless a currency says that it is a sum after all.
static COUNTED: LazyLock<Regex> = LazyLock::new(|| {
    let units = [
        "шт|уп|чел|раз|мест",
        "бонус\\p{L}*|балл\\p{L}*|points?|pts|мил[ьи]|miles",
        "мес|дн\\p{L}*|день|мин|ч|час\\p{L}*|сек|год\\p{L}*|лет|min|hours?|hrs?|sec|days?|months?|years?",
        "[кмгт]б|[kmgt]i?b|мбит\\p{L}*|mbps|кг|гр|г\\.|мг|kg|lbs?|oz|км|см|мм|м|km|cm|mm|м²|мл|л|ml",
        "°|℃|градус\\p{L}*|гц|hz|вт|квт|kwh?|mah|мач|px|fps|dpi",
        "天|个月|个|次|件|份|分钟|小时|公里|公斤",
        "pcs|items?|people|x|×",
    ];
    let units = units.join("|");
    pattern(&format!(r"\d[\d .,]*(?:{units})(?:[^\p{{L}}]|$)"))
});

/// Digits with what may stand between the digits of one number.
static CLUSTER: LazyLock<Regex> = LazyLock::new(|| pattern(r"\d+(?: ?[.,'] ?\d+| \d+)*"));

/// Hundredths that are written apart: «руб. 50 коп.», «-50 руб.», «元5角».
static APART: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?: ?(?:рублей|рубля|рубль|руб\.?|р\.?|₽),? ?(?P<coins>\d{1,2}) ?к(?:оп\p{L}*)?\b\.?|-(?P<dash>\d{2}) ?(?:руб|р\b|₽)| ?[元块](?P<tenths>\d)[角毛])",
    )
});

/// The sums of a line in lower case.
pub(super) fn in_line(line: &str) -> Vec<Sum> {
    let ranges = |pattern: &Regex| -> Vec<Range<usize>> {
        pattern.find_iter(line).map(|found| found.range()).collect()
    };
    let (never, labelled, counted) = (ranges(&NEVER), ranges(&LABELLED), ranges(&COUNTED));
    let meets = |all: &[Range<usize>], one: &Range<usize>| {
        all.iter()
            .any(|taken| taken.start < one.end && one.start < taken.end)
    };
    let mut sums: Vec<Sum> = Vec::new();
    for number in clusters(line, &never)
        .into_iter()
        .flat_map(|it| numbers(line, it))
    {
        if sums
            .last()
            .is_some_and(|sum| number.range.start < sum.range.end)
        {
            continue;
        }
        let (before, after) = (&line[..number.range.start], &line[number.range.end..]);
        // What is never a sum begins or ends in the middle of it.
        let is_digit = |c: char| c.is_ascii_digit();
        if before.ends_with(is_digit) || after.starts_with(is_digit) {
            continue;
        }
        if let Some(sum) = in_two_parts(&number, before, after) {
            sums.push(sum);
            continue;
        }
        let signs = Signs::of(before, after);
        let is_sum = match (signs.currencies.is_empty(), number.fraction) {
            (false, _) => true,
            (true, 2) => !glued(before, after) && !meets(&counted, &number.range),
            (true, 0) => {
                stands_alone(before, after, &line[number.range.clone()])
                    && !meets(&labelled, &number.range)
                    && !meets(&counted, &number.range)
            }
            // «4,9 из 5», «17.4»: nobody writes a sum so.
            (true, _) => false,
        };
        if is_sum {
            sums.push(Sum {
                range: signs.start..number.range.end + signs.behind,
                digits: number.range.start,
                amount: number.amount,
                currencies: signs.currencies,
            });
        }
    }
    sums
}

fn in_two_parts(number: &Number, before: &str, after: &str) -> Option<Sum> {
    let parts = APART.captures(after).filter(|_| number.fraction == 0)?;
    let whole = parts.get(0)?;
    let part = |name| -> Option<i64> { parts.name(name)?.as_str().parse().ok() };
    let (hundredths, currency) = match (part("coins").or_else(|| part("dash")), part("tenths")) {
        (Some(coins), _) => (coins, "rub"),
        (None, Some(tenths)) => (tenths * 10, "cny"),
        (None, None) => return None,
    };
    let mut amount = number.amount + Decimal::new(hundredths, 2);
    amount.rescale(2);
    Some(Sum {
        range: Signs::of(before, after).start..number.range.end + whole.end(),
        digits: number.range.start,
        amount,
        currencies: Currency::read(currency).into_iter().collect(),
    })
}

/// Runs of digits outside of what is never a sum.
fn clusters(line: &str, never: &[Range<usize>]) -> Vec<Range<usize>> {
    let mut free = Vec::new();
    let mut from = 0;
    for taken in never {
        free.push(from..taken.start);
        from = taken.end;
    }
    free.push(from..line.len());
    let found = free.into_iter().flat_map(|free| {
        let start = free.start;
        let clusters = CLUSTER.find_iter(&line[free]);
        clusters.map(move |found| start + found.start()..start + found.end())
    });
    found.collect()
}

/// A run of digits as the number it is written as; or, if it is none, as what stands between spaces.
fn numbers(line: &str, cluster: Range<usize>) -> Vec<Number> {
    let text = &line[cluster.clone()];
    if let Some((amount, fraction)) = number(text) {
        return vec![Number {
            range: cluster,
            amount,
            fraction,
        }];
    }
    let mut found = Vec::new();
    let mut start = cluster.start;
    for word in text.split(' ') {
        let range = start..start + word.len();
        start = range.end + 1;
        let word = word.trim_end_matches(['.', ',', '\'']);
        if let Some((amount, fraction)) = number(word) {
            found.push(Number {
                range: range.start..range.start + word.len(),
                amount,
                fraction,
            });
        }
    }
    found
}

/// «1 990,00», «1,990.00», «1.990,00», «1'990», «199. 00», «199»: the amount, and how many digits stand
/// behind its point.
fn number(text: &str) -> Option<(Decimal, usize)> {
    let mut groups = Vec::new();
    let mut marks: Vec<char> = Vec::new();
    for part in text.split_inclusive(|c: char| !c.is_ascii_digit()) {
        let digits = part.trim_end_matches(|c: char| !c.is_ascii_digit());
        if !digits.is_empty() {
            groups.push(digits);
        }
        // A space beside another mark is the reader's.
        match part.chars().last().filter(|c| !c.is_ascii_digit()) {
            Some(' ') if marks.len() >= groups.len() => {}
            Some(mark) if marks.len() >= groups.len() => *marks.last_mut()? = mark,
            Some(mark) => marks.push(mark),
            None => {}
        }
    }
    let (last, head) = groups.split_last()?;
    let ends = marks.last().copied();
    let cents = matches!(ends, Some('.' | ',')) && last.len() <= 2;
    let (whole, between, fraction) = if cents {
        (head, &marks[..marks.len() - 1], *last)
    } else {
        (groups.as_slice(), marks.as_slice(), "")
    };
    let (first, rest) = whole.split_first()?;
    let grouped = rest.iter().all(|group| group.len() == 3)
        && between.iter().all(|mark| Some(mark) == between.first());
    let told_apart = !cents || between.first() != ends.as_ref();
    let thousands = rest.is_empty() || ((1..=3).contains(&first.len()) && grouped && told_apart);
    let padded = first.len() > 1 && first.starts_with('0');
    let digits: String = whole.concat();
    if !thousands || padded || digits.len() > LONGEST {
        return None;
    }
    let amount = if fraction.is_empty() {
        digits
    } else {
        format!("{digits}.{fraction}")
    };
    let amount: Decimal = amount.parse().ok()?;
    Some((amount, fraction.len()))
}

/// The signs around a number: its minus and its currency.
struct Signs {
    /// Where they begin.
    start: usize,
    /// How many bytes of them stand behind the number.
    behind: usize,
    currencies: Vec<Currency>,
}

impl Signs {
    fn of(before: &str, after: &str) -> Self {
        let near = before.trim_end_matches([' ', '-', '+', ':']);
        // «Р» stands behind its sums; before a number it is a letter of something.
        let leading = Currency::before(near).filter(|_| !near.ends_with(['р', 'p']));
        // «199.- ₽».
        let dash = [".-", ",-"].iter().any(|dash| after.starts_with(dash));
        let gap = after.len()
            - after[if dash { 2 } else { 0 }..]
                .trim_start_matches([' ', '-'])
                .len();
        let trailing = Currency::after(&after[gap..]);
        // «¥199 ¥1», «199 ₽ 1 ₽»: a sign between two numbers is of the one that has none on its other side.
        let is_digit = |c: char| c.is_ascii_digit();
        let of_next = |name: &str, rest: &str| {
            !name.starts_with(char::is_alphabetic) && rest.trim_start().starts_with(is_digit)
        };
        let trailing = trailing.filter(|(_, length)| {
            let (name, rest) = after[gap..].split_at(*length);
            leading.is_none() || !of_next(name, rest)
        });
        let leading = leading.filter(|(_, length)| {
            let rest = near[..near.len() - length].trim_end();
            trailing.is_none() || !rest.ends_with(is_digit)
        });
        let behind = trailing.as_ref().map_or(0, |(_, length)| gap + length);
        let start = leading
            .as_ref()
            .map_or(before.len(), |(_, length)| near.len() - length);
        let bare = before[..start].trim_end();
        let signed = bare.trim_end_matches(['-', '+']);
        // «Месяц - 199 ₽»: a dash between words is no sign; nor is one inside of a word or a range.
        let apart = bare.len() < start && !signed.trim_end().is_empty() && !signed.ends_with(": ");
        let start =
            if signed.len() == bare.len() || apart || signed.ends_with(char::is_alphanumeric) {
                start
            } else {
                signed.len()
            };
        let currencies = match (leading.map(|it| it.0), trailing.map(|it| it.0)) {
            (Some(leading), Some(trailing)) => {
                let both: Vec<_> = leading
                    .iter()
                    .filter(|c| trailing.contains(c))
                    .copied()
                    .collect();
                // «10 $ 199 ₽»: the sign behind a number is its own, the one before it its neighbour's.
                if both.is_empty() { trailing } else { both }
            }
            (Some(one), None) | (None, Some(one)) => one,
            (None, None) => Vec::new(),
        };
        Self {
            start,
            behind,
            currencies,
        }
    }
}

/// Whether a number with cents is a part of something longer. One odd letter before it is forgiven:
/// readers take signs of currencies for letters.
fn glued(before: &str, after: &str) -> bool {
    let mut back = before.chars().rev();
    // Chinese puts no spaces between words and numbers.
    let of_word = |c: char| c.is_alphanumeric() && !('\u{4e00}'..='\u{9fff}').contains(&c);
    let odd = back.next().is_some_and(of_word);
    let word = odd && back.next().is_some_and(of_word);
    word || after.starts_with(char::is_alphanumeric) || after.starts_with(['/', '%'])
}

/// Whether a number without a currency and without cents can be a sum at all.
fn stands_alone(before: &str, after: &str, digits: &str) -> bool {
    let part_of_more = |c: char| c.is_alphanumeric() || "#№*•/\\_@.,:^%'".contains(c);
    let near = before.trim_end_matches(['-', '+']);
    let long = digits.bytes().filter(u8::is_ascii_digit).count() > LONGEST_BARE;
    let begins = !near.ends_with(|c: char| part_of_more(c) && c != ':');
    let range = after
        .strip_prefix('-')
        .is_some_and(|rest| rest.starts_with(|c: char| c.is_alphanumeric()));
    let ends = !after.starts_with(|c: char| part_of_more(c) && !matches!(c, '.' | ','))
        && !after.trim_start().starts_with(['*', '•', '/', '%']);
    begins && ends && !range && !long
}
