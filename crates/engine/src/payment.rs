//! A payment, and what a screenshot of one says. Reading a picture is somebody else's work; here it is
//! judged what was read: which tariff was paid, or why a person must decide.

use std::sync::LazyLock;

use jiff::{Timestamp, civil::Date};
use regex::Regex;
use serde::{Deserialize, Serialize};

use crate::{
    amounts::{self, Found},
    client::Email,
    ids::{ChatRef, MessageRef, PersonRef, TicketId},
    money::Money,
    sheet::Tariff,
};

/// One payment, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PaymentId(pub i64);

impl std::fmt::Display for PaymentId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// A picture of a payment, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// Its number.
    pub id: PaymentId,
    /// The customer's chat.
    pub chat: ChatRef,
    /// The ticket that the picture belongs to.
    pub ticket: TicketId,
    /// The message that it came in: no message is credited twice.
    pub picture: MessageRef,
    /// What the picture looks like.
    pub looks: Option<Looks>,
    /// The number of the transaction, where one could be read.
    pub transaction: Option<String>,
    /// When it came.
    pub at: Timestamp,
    /// How far it is.
    pub stage: Stage,
}

/// How far a payment is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// The operators decide.
    Asked {
        /// What it may be, in the order of the keys.
        offers: Vec<Tariff>,
    },
    /// It counts.
    Credited(Credit),
    /// An operator decided that it does not count.
    Dismissed {
        /// Who.
        by: PersonRef,
    },
    /// It counted, and was taken back.
    Undone {
        /// What had counted.
        credit: Credit,
        /// Who took it back.
        by: PersonRef,
        /// When.
        at: Timestamp,
    },
}

/// What a credited payment changed: enough to take it back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credit {
    /// Whose record.
    pub client: Email,
    /// The tariff that was paid.
    pub tariff: Tariff,
    /// The client's tariff before it.
    #[serde(default)]
    pub tariff_before: Option<String>,
    /// Until when was paid for before it.
    #[serde(default)]
    pub before: Option<Date>,
    /// Until when is paid for with it.
    pub until: Date,
    /// The operator who decided it; none if the reading alone did.
    #[serde(default)]
    pub by: Option<PersonRef>,
    /// When.
    pub at: Timestamp,
}

impl Payment {
    /// The operators decided, or the reading did: it counts from now on.
    #[must_use]
    pub fn credit(self, credit: Credit) -> Self {
        let stage = Stage::Credited(credit);
        Self { stage, ..self }
    }

    /// It counts no longer.
    #[must_use]
    pub fn undo(self, credit: Credit, by: PersonRef, at: Timestamp) -> Self {
        let stage = Stage::Undone { credit, by, at };
        Self { stage, ..self }
    }

    /// It never counts.
    #[must_use]
    pub fn dismiss(self, by: PersonRef) -> Self {
        let stage = Stage::Dismissed { by };
        Self { stage, ..self }
    }
}

/// What a picture looks like, as 64 bits: nearly the same for nearly the same picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Looks(pub u64);

impl Looks {
    /// Two pictures that differ in no more bits are taken for one.
    pub const SAME: u32 = 4;

    /// Whether both may be the same picture, sent again or recompressed.
    pub fn resembles(self, other: Self) -> bool {
        (self.0 ^ other.0).count_ones() <= Self::SAME
    }
}

/// What tells a picture from others: two with anything in common may be one payment.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Proof {
    /// The message that it came in.
    pub picture: MessageRef,
    /// What it looks like.
    pub looks: Option<Looks>,
    /// The number of the transaction on it.
    pub transaction: Option<String>,
}

/// What came of reading a picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// The customer's chat.
    pub chat: ChatRef,
    /// The ticket that the picture belongs to.
    pub ticket: TicketId,
    /// The message that it came in.
    pub picture: MessageRef,
    /// The text, or why there is none.
    pub text: Result<String, Unread>,
    /// What it looks like, if it is a picture at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub looks: Option<Looks>,
}

/// Why a picture could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unread {
    /// Reading is switched off.
    Off,
    /// It is no picture that can be read.
    NoPicture,
    /// The reader refused or failed, and trying again is no use. In its words, without secrets.
    Failed(String),
}

/// What a reading says about tariffs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// Exactly this one was paid.
    Paid(Tariff),
    /// It may be any of these.
    Several(Vec<Tariff>),
    /// There are sums, but none is a tariff's price.
    NoTariff(Vec<Found>),
    /// There is no sum in it.
    NoSum,
    /// It says itself that the payment did not go through, or has not yet.
    NotPaid,
}

/// What a picture's text says about tariffs. A price must match exactly, and in its currency where one
/// stands beside the sum.
pub fn judge(text: &str, tariffs: &[Tariff]) -> Judgement {
    if NOT_PAID.is_match(&amounts::normal(text)) {
        return Judgement::NotPaid;
    }
    let found = amounts::find(text);
    if found.is_empty() {
        return Judgement::NoSum;
    }
    let paid = |tariff: &&Tariff| found.iter().any(|found| is_price(found, tariff.price));
    let matching: Vec<Tariff> = tariffs.iter().filter(paid).cloned().collect();
    match <[Tariff; 1]>::try_from(matching) {
        Ok([one]) => Judgement::Paid(one),
        Err(none) if none.is_empty() => Judgement::NoTariff(found),
        Err(several) => Judgement::Several(several),
    }
}

fn is_price(found: &Found, price: Money) -> bool {
    let right = found.currencies.is_empty() || found.currencies.contains(&price.currency);
    right && found.amount == price.amount
}

static NOT_PAID: LazyLock<Regex> = LazyLock::new(|| {
    let words = [
        "支付失败",
        "转账失败",
        "交易失败",
        "交易.闭",
        "待支付",
        "待付款",
        "处理中",
        "已退款",
        "отклон[её]н",
        "не выполнен",
        "не прош[её]л",
        "неуспешн",
        "ошибка",
        "отмен[её]н",
        "в обработке",
        "возврат",
        r"\bfailed",
        r"\bdeclined",
        r"\bpending",
        r"\bcancell?ed",
        r"\brefunded",
    ];
    Regex::new(&words.join("|")).expect("a pattern that the tests have compiled")
});

/// The number of the transaction on a picture: behind its label, or a very long number. Letters in
/// upper case, without spaces.
pub fn transaction(text: &str) -> Option<String> {
    let text = amounts::normal(text);
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

/// Until when is paid for once a payment is credited: the tariff's days from the last day that was
/// paid for, or from today if that is over.
pub fn until(paid_until: Option<Date>, today: Date, days: u16) -> Date {
    let from = paid_until.map_or(today, |until| until.max(today));
    from.saturating_add(jiff::Span::new().days(i64::from(days)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Currency;

    fn tariff(name: &str, amount: &str, currency: &str) -> Tariff {
        let (amount, currency) = (amount.parse().unwrap(), Currency::read(currency).unwrap());
        Tariff {
            name: name.to_owned(),
            price: Money { amount, currency },
            days: 30,
        }
    }

    fn judged(text: &str) -> String {
        let tariffs = [
            tariff("Базовый", "199", "CNY"),
            tariff("Полный", "1990.00", "RUB"),
            tariff("Пара", "199", "RUB"),
            tariff("Доллар", "10.99", "USD"),
        ];
        let names = |tariffs: Vec<Tariff>| {
            tariffs
                .into_iter()
                .map(|t| t.name)
                .collect::<Vec<_>>()
                .join(", ")
        };
        match judge(text, &tariffs) {
            Judgement::Paid(tariff) => tariff.name,
            Judgement::Several(tariffs) => format!("several: {}", names(tariffs)),
            Judgement::NoTariff(found) => format!("{} sums", found.len()),
            Judgement::NoSum => "no sum".to_owned(),
            Judgement::NotPaid => "not paid".to_owned(),
        }
    }

    #[test]
    fn a_price_must_match_exactly_and_in_its_currency() {
        for (text, means) in [
            ("支付成功 ¥199.00", "Базовый"),
            ("Перевод 1 990 ₽ выполнен", "Полный"),
            ("199 ₽", "Пара"),
            ("199,00", "several: Базовый, Пара"),
            ("$199.00", "1 sums"),
            ("¥ 199.01", "1 sums"),
            ("10.99", "Доллар"),
            ("1 990 ₽ и 199 ₽", "several: Полный, Пара"),
            ("支付失败 ¥199.00", "not paid"),
            ("Операция отклонена 1 990 ₽", "not paid"),
            ("привет", "no sum"),
        ] {
            assert_eq!(judged(text), means, "{text}");
        }
    }

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
    fn days_are_added_to_what_is_paid_for_or_to_today() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        let today = day("2026-11-20");
        assert_eq!(until(None, today, 30), day("2026-12-20"));
        assert_eq!(until(Some(day("2026-11-10")), today, 30), day("2026-12-20"));
        assert_eq!(until(Some(day("2026-11-25")), today, 30), day("2026-12-25"));
        assert_eq!(until(Some(day("2026-12-31")), today, u16::MAX).year(), 2206);
    }

    #[test]
    fn nearly_the_same_picture_is_the_same() {
        assert!(Looks(0xff00).resembles(Looks(0xff03)));
        assert!(!Looks(0xff00).resembles(Looks(0x00ff)));
    }
}
