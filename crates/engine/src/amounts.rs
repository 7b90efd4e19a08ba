//! The sums that stand in a text, such as a payment's screenshot as a program has read it. What only
//! looks like a sum (a date, a time, the number of an order, a phone, a card, a balance) is none.

use std::{ops::Range, sync::LazyLock};

use regex::Regex;
use rust_decimal::Decimal;

use crate::money::Currency;

/// A sum in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// How much; never negative: on a screenshot a minus says that it was spent.
    pub amount: Decimal,
    /// What the signs beside it may mean; empty if there are none.
    pub currencies: Vec<Currency>,
}

/// A number in a line.
struct Number {
    range: Range<usize>,
    amount: Decimal,
    /// Whether it has two digits behind a point or comma, as sums do.
    cents: bool,
}

/// Most digits of a sum without a currency and without cents: longer ones are numbers of something.
const LONGEST_BARE: usize = 6;
/// Most digits of any sum.
const LONGEST: usize = 12;

/// The sums of a text, in order; each only once. Where one of them has a currency or cents, whole
/// numbers without either are none: they are bonuses, batteries, ends of cards.
pub fn find(text: &str) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    for line in normal(text).lines() {
        for sum in in_line(line) {
            if !found.contains(&sum) {
                found.push(sum);
            }
        }
    }
    let sure = |found: &Found| !found.currencies.is_empty() || found.amount.scale() > 0;
    if found.iter().any(sure) {
        found.retain(sure);
    }
    found
}

/// Full-width characters as their usual ones, one kind of space and of minus, letters in lower case.
pub(crate) fn normal(text: &str) -> String {
    let usual = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0),
        '￥' => Some('¥'),
        '。' => Some('.'),
        '、' => Some(','),
        '−' | '–' | '—' | '‑' | '‒' => Some('-'),
        '’' | 'ʼ' => Some('\''),
        '\n' | '\r' => Some('\n'),
        // Marks of direction and joiners have no width, and no meaning here.
        '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2069}'
        | '\u{feff}' => None,
        c if c.is_whitespace() => Some(' '),
        c => Some(c),
    };
    let usual = text.chars().filter_map(usual);
    usual.flat_map(char::to_lowercase).collect()
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a pattern that the tests have compiled")
}

const MONTHS: &str = "янв|фев|мар|апр|мая|май|июн|июл|авг|сен|окт|ноя|дек|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec";

/// What is never a sum, whatever stands beside it.
static NEVER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        &[
            // Dates.
            r"\d{4} ?[-./年] ?\d{1,2} ?[-./月] ?\d{1,2}(?: ?日|\b)",
            r"\b\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2})\b",
            r"\d{1,2} ?月 ?\d{1,2} ?日",
            &format!(r"\b\d{{1,2}} (?:{MONTHS})\p{{L}}*\.?,?(?: \d{{4}}\b)?"),
            &format!(r"\b(?:{MONTHS})[a-z]*\.? \d{{1,2}}(?:st|nd|rd|th)?,?(?: \d{{4}}\b)?"),
            // Times.
            r"\b\d{1,2}:\d{2}(?::\d{2})?(?:[.,]\d+)?",
            // Phones.
            r"\+ ?\d[\d ()-]{8,}\d",
            r"\b8[ (-]{1,2}\d{3}[ )-]{1,2}\d{3}[ -]?\d{2}[ -]?\d{2}\b",
            // Cards, whole and masked.
            r"\b\d{4}[ -]\d{4}[ -]\d{4}[ -]\d{1,7}\b",
            r"(?:\d{3,6} ?)?[*•·●xх]{2,}[*•·●xх ]*\d{2,}",
            r"\d{4,6} ?[*•●]{2,}[*•● ]*",
            r"[*•●]+ ?\d{4}\b",
            // Percents, shares, addresses.
            r"\d+(?:[.,]\d+)? ?[%‰]",
            r"\b\d{1,3}(?:\.\d{1,3}){3}\b",
        ]
        .join("|"),
    )
});

/// A number of something, unless a currency or cents say that it is a sum after all.
static LABELLED: LazyLock<Regex> = LazyLock::new(|| {
    let labels = "№|#|\\bno\\.|\\bномер\\p{L}*|\\bзаказ\\p{L}*|\\border|\\bid|\\bчек\\p{L}*|\\bтерминал\\p{L}*|\\bквитанц\\p{L}*|\\bдокумент\\p{L}*|\\bопераци\\p{L}*|\\bтранзакц\\p{L}*|\\btransaction|\\bref\\p{L}*|\\bинн|\\bкпп|\\bбик|\\bсч[её]т\\p{L}*|\\bкарт\\p{L}*|\\bcard|\\bдоговор\\p{L}*|\\bкод\\p{L}*|\\bcode|\\bpin|\\bкв\\.|\\bд\\.|\\bул\\.|单号|编号|卡号|流水号|尾号|账号|号码";
    pattern(&format!(r"(?:{labels})[ :№#.(-]*[\d ./-]*\d"))
});

/// How many of something there are.
static COUNTED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\d[\d .,]*(?:шт|бонус\p{L}*|балл\p{L}*|points?|мес|дн\p{L}*|день|гб|gb|мб|mb|кг|км|мин|час\p{L}*|сек|год\p{L}*|лет|г\.|天|个月|个|次|days?|months?|years?|hours?|min|pcs)(?:[^\p{L}]|$)",
    )
});

/// Words after which a sum on the same line is not what was paid.
static NOT_PAID: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:баланс|остат|доступн|лимит|комисси|к[эе]шб[эе]к|бонус|скидк|balance|available|\bfee|cashback|discount|余额|手续费|优惠|原价|积分|红包)[^\d]{0,20}$",
    )
});

/// Digits with what may stand between the digits of one number.
static CLUSTER: LazyLock<Regex> = LazyLock::new(|| pattern(r"\d+(?: ?[.,'] ?\d+| \d+)*"));

fn in_line(line: &str) -> Vec<Found> {
    let ranges = |pattern: &Regex| -> Vec<Range<usize>> {
        pattern.find_iter(line).map(|found| found.range()).collect()
    };
    let never = ranges(&NEVER);
    let labelled = [ranges(&LABELLED), ranges(&COUNTED)].concat();
    let meets = |all: &[Range<usize>], one: &Range<usize>| {
        all.iter()
            .any(|taken| taken.start < one.end && one.start < taken.end)
    };
    let mut sums = Vec::new();
    for cluster in clusters(line, &never) {
        for number in numbers(line, cluster) {
            let before = &line[..number.range.start];
            let after = &line[number.range.end..];
            let currencies = currencies(before, after);
            let is_sum = match (currencies.is_empty(), number.cents) {
                (false, _) => true,
                (true, true) => !glued(before, after),
                (true, false) => {
                    stands_alone(before, after, &line[number.range.clone()])
                        && !meets(&labelled, &number.range)
                }
            };
            if is_sum && !NOT_PAID.is_match(before) {
                sums.push(Found {
                    amount: number.amount,
                    currencies,
                });
            }
        }
    }
    sums
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
    if let Some((amount, cents)) = number(text) {
        return vec![Number {
            range: cluster,
            amount,
            cents,
        }];
    }
    let mut found = Vec::new();
    let mut start = cluster.start;
    for word in text.split(' ') {
        let range = start..start + word.len();
        start = range.end + 1;
        let word = word.trim_end_matches(['.', ',', '\'']);
        if let Some((amount, cents)) = number(word) {
            found.push(Number {
                range: range.start..range.start + word.len(),
                amount,
                cents,
            });
        }
    }
    found
}

/// «1 990,00», «1,990.00», «1.990,00», «1'990», «199. 00», «199»: the amount, and whether it has cents.
fn number(text: &str) -> Option<(Decimal, bool)> {
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
    Some((amount, fraction.len() == 2))
}

fn currencies(before: &str, after: &str) -> Vec<Currency> {
    let before = before.trim_end_matches([' ', '-', '+', ':']);
    let leading = Currency::before(before).map(|(all, _)| all);
    let trailing = Currency::after(after.trim_start_matches([' ', '-'])).map(|(all, _)| all);
    match (leading, trailing) {
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
    let ends = !after.starts_with(|c: char| part_of_more(c) && !matches!(c, '.' | ','))
        && !after.trim_start().starts_with(['*', '•', '/', '%']);
    begins && ends && !long
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(text: &str) -> String {
        let sums = find(text).into_iter().map(|found| {
            let codes: Vec<_> = found.currencies.iter().map(ToString::to_string).collect();
            format!("{} {}", found.amount, codes.join("/"))
                .trim()
                .to_owned()
        });
        sums.collect::<Vec<_>>().join("; ")
    }

    /// Real forms, and what they mean.
    const SUMS: &[(&str, &str)] = &[
        ("¥ 199.00", "199.00 CNY/JPY"),
        ("￥199.00", "199.00 CNY/JPY"),
        ("-199.00", "199.00"),
        ("−199,00", "199.00"),
        ("- ¥199.00", "199.00 CNY/JPY"),
        ("-¥199.00", "199.00 CNY/JPY"),
        ("¥-199.00", "199.00 CNY/JPY"),
        ("+199.00", "199.00"),
        ("199,00", "199.00"),
        ("199", "199"),
        ("199.", "199"),
        ("1 990,00 ₽", "1990.00 RUB"),
        ("1\u{a0}990,00\u{a0}₽", "1990.00 RUB"),
        ("1\u{202f}990 ₽", "1990 RUB"),
        ("1\u{2009}990 р.", "1990 RUB"),
        ("1.990,00 руб.", "1990.00 RUB"),
        ("1,990.00", "1990.00"),
        ("1'990.00 CHF", "1990.00 CHF"),
        ("12 345 678,90 RUB", "12345678.90 RUB"),
        ("RMB 199", "199 CNY"),
        ("RMB199.00", "199.00 CNY"),
        ("CNY 199.00", "199.00 CNY"),
        ("199元", "199 CNY"),
        ("199.00 元", "199.00 CNY"),
        ("人民币199.00元", "199.00 CNY"),
        ("１９９．００元", "199.00 CNY"),
        ("￥１,９９０．００", "1990.00 CNY/JPY"),
        ("199 рублей", "199 RUB"),
        ("199руб", "199 RUB"),
        ("199Р", "199 RUB"),
        ("$10.99", "10.99 USD"),
        ("US$10.99", "10.99 USD"),
        ("10,99 €", "10.99 EUR"),
        ("€10.99 EUR", "10.99 EUR"),
        ("10.99 USD", "10.99 USD"),
        ("$10.99 USD", "10.99 USD"),
        ("15000 ₸", "15000 KZT"),
        ("Сумма: 1 990 ₽", "1990 RUB"),
        ("Сумма 1 990,00", "1990.00"),
        ("Итого 1990", "1990"),
        ("支付金额 199.00", "199.00"),
        ("付款199.00", "199.00"),
        ("支付成功 ¥199.00", "199.00 CNY/JPY"),
        ("Оплата заказа 199 ₽", "199 RUB"),
        ("199. 00", "199.00"),
        ("199 .00", "199.00"),
        ("¥ 199 , 00", "199.00 CNY/JPY"),
        ("Y199.00", "199.00"),
        ("0.01 USD", "0.01 USD"),
        ("1990 ₽\n1 990 ₽\n1990,00 ₽", "1990 RUB"),
        ("10 $ и 199 ₽", "10 USD; 199 RUB"),
        ("12:30 199.00 20.11.2026", "199.00"),
        ("4821 199.00 +19 бонусов 56", "199.00"),
        ("с карты *1234 списано 199 ₽", "199 RUB"),
    ];

    /// What only looks like a sum.
    const NOT_SUMS: &[&str] = &[
        "2026-11-20 13:05:22",
        "20.11.2026 13:05",
        "20.11.26",
        "20/11/2026",
        "2026年11月20日 13:05",
        "11月20日",
        "20 ноября 2026",
        "20 ноя 2026, 13:05",
        "Nov 20, 2026",
        "13:05",
        "+7 916 123-45-67",
        "8 (916) 123-45-67",
        "+86 138 0013 8000",
        "138****8000",
        "4276 1234 5678 9012",
        "4276 **** **** 9012",
        "•• 9012",
        "*9012",
        "Карта 9012",
        "尾号9012",
        "交易单号 4200001234202611201234567890",
        "4200001234202611201234567890",
        "订单号:20261120220014",
        "Заказ № 12345",
        "заказ 12345",
        "Order 12345",
        "ID 199",
        "чек 0199",
        "№199",
        "#199",
        "A199",
        "199a",
        "v1.2.3",
        "192.168.1.1",
        "5%",
        "5,5 %",
        "1/2",
        "2 шт",
        "30 дней",
        "30天",
        "12 мес.",
        "+19 бонусов",
        "19 points",
        "007",
        "0.12345",
        "Баланс 199,00 ₽",
        "Комиссия 199 ₽",
        "余额 ¥199.00",
        "Доступно: 199 ₽",
        "12345678",
        "ИНН 7707083893",
        "",
        "привет",
    ];

    #[test]
    fn sums_are_read_in_all_their_forms() {
        for (text, means) in SUMS {
            assert_eq!(shown(text), *means, "{text}");
        }
    }

    #[test]
    fn what_only_looks_like_a_sum_is_none() {
        for text in NOT_SUMS {
            assert_eq!(shown(text), "", "{text}");
        }
    }

    fn with_thousands(whole: u64, by: &str) -> String {
        let digits = whole.to_string();
        let mut text = String::new();
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                text.push_str(by);
            }
            text.push(digit);
        }
        text
    }

    proptest! {
        #[test]
        fn however_a_sum_is_written_it_is_read(
            whole in 0u64..10_000_000, cents in 0u32..100,
            form in prop::sample::select(&[("", '.'), ("", ','), (" ", ','), (" ", '.'), ("\u{a0}", ','), ("\u{202f}", ','), (",", '.'), (".", ','), ("'", '.')][..]),
            sign in prop::sample::select(&["", "-", "−", "+"][..]),
            place in prop::sample::select(&[("", " ₽", "RUB"), ("", "₽", "RUB"), ("RUB ", "", "RUB"), ("$", "", "USD"), ("", " €", "EUR"), ("", "元", "CNY"), ("CNY", "", "CNY")][..]),
            around in prop::sample::select(&["{}", "Сумма: {}", "20.11.2026 13:05 {}", "支付 {} 成功", "Итого {}, спасибо"][..]),
            wide in any::<bool>(),
        ) {
            let (by, point) = form;
            let (before, after, code) = place;
            let number = format!("{}{point}{cents:02}", with_thousands(whole, by));
            let mut text = around.replace("{}", &format!("{sign}{before}{number}{after}"));
            if wide {
                let widen = |c: char| match c {
                    '0'..='9' => char::from_u32(u32::from(c) + 0xfee0).unwrap(),
                    c => c,
                };
                text = text.chars().map(widen).collect();
            }
            let amount: Decimal = format!("{whole}.{cents:02}").parse().unwrap();
            let found = find(&text);
            let matching = found.iter().filter(|found| found.amount == amount);
            let codes: Vec<_> = matching.flat_map(|found| &found.currencies).map(ToString::to_string).collect();
            prop_assert!(codes.contains(&code.to_owned()), "{text}: {found:?}");
            prop_assert_eq!(found.len(), 1, "{}: {:?}", text, found);
        }

        #[test]
        fn nothing_makes_it_stumble(text in "\\PC{0,200}") {
            for found in find(&text) {
                prop_assert!(!found.amount.is_sign_negative());
            }
        }
    }
}
