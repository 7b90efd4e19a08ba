//! The sums that stand in a text, such as a payment's screenshot as a program has read it, and what
//! each of them is by the words and signs beside it. What only looks like a sum (a date, a time, the
//! number of an order, a phone, a card) is none.
//!
//! What must stay true: a balance, a fee, a discount or what came in is never taken for what was paid.

mod numbers;
mod role;

use std::ops::Range;

pub(crate) use role::is_done;
use rust_decimal::Decimal;

use crate::money::Currency;

/// A sum in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// How much; never negative: on a screenshot a minus says that it was spent.
    pub amount: Decimal,
    /// What the signs beside it may mean; empty if there are none.
    pub currencies: Vec<Currency>,
    /// What it is.
    pub role: Role,
    /// As it stands there, with its signs: `-199.00`, `¥ 199.00`.
    pub text: String,
}

/// What a sum is, by what stands beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Something else: a balance, a fee, a discount, a price that was, what came in; or nothing at all.
    Other,
    /// Nothing says what it is.
    Unnamed,
    /// What was paid: it has a minus, or words say so («Сумма», «支付成功»).
    Paid,
}

impl Found {
    /// Whether it has a currency or cents, as bonuses, batteries and ends of cards have not.
    pub fn is_sure(&self) -> bool {
        !self.currencies.is_empty() || self.amount.scale() > 0
    }

    /// The same sum, seen again: of both what says more.
    fn merge(&mut self, other: Self) {
        self.role = self.role.max(other.role);
        if self.currencies.is_empty() && !other.currencies.is_empty() {
            *self = Self {
                role: self.role,
                ..other
            };
        }
    }

    fn is_same(&self, other: &Self) -> bool {
        let unsaid = self.currencies.is_empty() || other.currencies.is_empty();
        self.amount == other.amount && (unsaid || self.currencies == other.currencies)
    }
}

/// A line that tells what stands before it from what stands behind it: no words on one side say what a
/// sum on the other is. For whoever puts texts together.
pub const BREAK: &str = "…";

/// The sums of a text, in order; each only once. Where one of them has a currency or cents, whole
/// numbers without either, of which nothing says that they were paid, are none.
pub fn find(text: &str) -> Vec<Found> {
    let text = Text::of(text);
    let lines = text.lines();
    let mut found: Vec<Found> = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        for (nth, sum) in line.sums.iter().enumerate() {
            let sum = Found {
                amount: sum.amount,
                currencies: sum.currencies.clone(),
                role: role::of(&lines, at, nth),
                text: line.shown[sum.range.clone()].trim().to_owned(),
            };
            match found.iter_mut().find(|known| known.is_same(&sum)) {
                Some(known) => known.merge(sum),
                None => found.push(sum),
            }
        }
    }
    let sure = |found: &Found| found.is_sure() && found.role != Role::Other;
    if found.iter().any(sure) {
        found.retain(|found| found.is_sure() || found.role == Role::Paid);
    }
    found
}

/// A text in its usual characters: as it is shown, and in lower case, byte for byte in the same places.
pub(crate) struct Text {
    shown: String,
    pub(crate) lower: String,
}

/// A line that is not blank, and the sums in it.
struct Line<'t> {
    shown: &'t str,
    /// In lower case, without words that mean the contrary of what they are made of.
    lower: String,
    sums: Vec<Sum>,
}

/// A sum in a line.
struct Sum {
    /// Where it stands, with its signs.
    range: Range<usize>,
    /// Where its digits begin.
    digits: usize,
    amount: Decimal,
    currencies: Vec<Currency>,
}

impl Text {
    pub(crate) fn of(text: &str) -> Self {
        let usual: String = text.chars().filter_map(usual).collect();
        let shown = numbers::with_zeros(&usual).into_owned();
        let lower = shown.chars().map(|c| {
            let mut lower = c.to_lowercase();
            let fits = lower.next().filter(|l| l.len_utf8() == c.len_utf8());
            fits.filter(|_| lower.next().is_none()).unwrap_or(c)
        });
        let lower = lower.collect();
        Self { shown, lower }
    }

    fn lines(&self) -> Vec<Line<'_>> {
        let both = self.shown.lines().zip(self.lower.lines());
        let written = both.filter(|(shown, _)| !shown.trim().is_empty());
        let lines = written.map(|(shown, lower)| {
            let lower = role::plain(lower);
            let sums = numbers::in_line(&lower);
            Line { shown, lower, sums }
        });
        lines.collect()
    }
}

/// Full-width and Arabic characters as their usual ones, one kind of space and of minus.
fn usual(c: char) -> Option<char> {
    let digit = |zero: char| {
        let value = u32::from(c).checked_sub(u32::from(zero))?;
        char::from_digit(value, 10)
    };
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0),
        '\u{660}'..='\u{669}' => digit('\u{660}'),
        '\u{6f0}'..='\u{6f9}' => digit('\u{6f0}'),
        '٫' | '。' => Some('.'),
        '٬' | '、' => Some(','),
        '￥' => Some('¥'),
        '￡' => Some('£'),
        '￦' => Some('₩'),
        '﹩' => Some('$'),
        '\u{2010}'..='\u{2015}'
        | '\u{207b}'
        | '\u{2212}'
        | '\u{2500}'
        | '\u{2796}'
        | '\u{fe58}'
        | '\u{fe63}' => Some('-'),
        '’' | 'ʼ' | '‘' | '´' => Some('\''),
        '\n' | '\r' => Some('\n'),
        // Marks of direction and joiners have no width, and no meaning here.
        '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2069}'
        | '\u{feff}'
        | '\u{ad}' => None,
        c if c.is_whitespace() => Some(' '),
        c => Some(c),
    }
}

#[cfg(test)]
mod tests;
