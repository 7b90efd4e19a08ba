//! What a picture's text says about tariffs: which one was paid, or why a person must decide.
//!
//! What must stay true: a wrong credit is worse than a question. A price counts if nothing on the picture
//! says that something else was paid, or that nothing was.

use std::sync::LazyLock;

use regex::Regex;

use crate::{
    amounts::{self, Found, Role, Text},
    money::Money,
    sheet::Tariff,
};

/// What a reading says about tariffs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// Exactly this one was paid.
    Paid(Tariff),
    /// It may be any of these.
    Several(Vec<Tariff>),
    /// The price of this one stands there; but so does another sum that may be what was paid.
    Doubtful(Tariff),
    /// There are sums, but none is a tariff's price.
    NoTariff,
    /// There is no sum in it that may have been paid.
    NoSum,
    /// It says itself that nothing was paid.
    NotPaid(NotPaid),
}

/// Why nothing was paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotPaid {
    /// It failed, or is not through yet.
    Failed,
    /// It was asked for, and not made.
    Requested,
    /// It came in: a transfer to whoever made the picture, or a refund.
    CameIn,
}

impl Judgement {
    /// Whether a tariff's price stands there, and nothing says that it was not paid.
    pub fn has_price(&self) -> bool {
        match self {
            Self::Paid(_) | Self::Several(_) | Self::Doubtful(_) => true,
            Self::NoTariff | Self::NoSum | Self::NotPaid(_) => false,
        }
    }
}

/// What a picture's text says about tariffs. A price must match exactly, and in its currency where one
/// stands beside the sum.
pub fn judge(text: &str, tariffs: &[Tariff]) -> Judgement {
    if let Some(why) = not_paid(&Text::of(text).lower) {
        return Judgement::NotPaid(why);
    }
    let all = amounts::find(text);
    let named: Vec<&Found> = all.iter().filter(|it| it.role != Role::Other).collect();
    if named.is_empty() {
        return Judgement::NoSum;
    }
    let paid = |tariff: &&Tariff| named.iter().any(|found| is_price(found, tariff.price));
    let matching: Vec<Tariff> = tariffs.iter().filter(paid).cloned().collect();
    match <[Tariff; 1]>::try_from(matching) {
        Ok([one]) if is_in_doubt(&all, &one) => Judgement::Doubtful(one),
        Ok([one]) => Judgement::Paid(one),
        Err(none) if none.is_empty() => Judgement::NoTariff,
        Err(several) => Judgement::Several(several),
    }
}

fn is_price(found: &Found, price: Money) -> bool {
    let right = found.currencies.is_empty() || found.currencies.contains(&price.currency);
    right && found.amount == price.amount
}

/// Whether another sum may be what was paid: one that is said to be; or, where none is, a larger one.
fn is_in_doubt(all: &[Found], tariff: &Tariff) -> bool {
    let price = tariff.price;
    let of_its_currency =
        |other: &&Found| other.currencies.is_empty() || other.currencies.contains(&price.currency);
    let others = || {
        all.iter()
            .filter(|other| !is_price(other, price))
            .filter(of_its_currency)
    };
    // «Сумма 199, комиссия 5, итого 204»: one payment.
    let with_fee = |total: &Found| {
        let fees = others().filter(|other| other.role == Role::Other);
        fees.into_iter()
            .any(|fee| price.amount + fee.amount == total.amount)
    };
    if others().any(|other| other.role == Role::Paid && !with_fee(other)) {
        return true;
    }
    let prices = || all.iter().filter(|found| is_price(found, price));
    let said = prices().any(|found| found.role == Role::Paid);
    let sure = prices().any(Found::is_sure);
    let larger = |other: &Found| {
        other.role == Role::Unnamed && other.is_sure() >= sure && other.amount > price.amount
    };
    !said && others().any(larger)
}

fn pattern(words: &[&str]) -> Regex {
    Regex::new(&words.join("|")).expect("a pattern that the tests have compiled")
}

/// Why nothing was paid, if a text in lower case says so.
fn not_paid(text: &str) -> Option<NotPaid> {
    let text = HARMLESS.replace_all(text, " ");
    if FAILED.is_match(&text) {
        Some(NotPaid::Failed)
    } else if CAME_IN.is_match(&text) {
        Some(NotPaid::CameIn)
    } else if REQUESTED.is_match(&text) && !amounts::is_done(&text) {
        Some(NotPaid::Requested)
    } else {
        None
    }
}

/// Keys and rows of good payments that have the words of others in them.
static HARMLESS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&[
        "申请退款|支持退款|退款政策|发起群收款|收款[方人账帐]|对方已收[钱款]",
        r"(?:сумма|дата|время|сч[её]т|карта) зачислени\p{L}*|зачислени\p{L}* получателю",
        r"(?:оформить|условия|правила) возврат\p{L}*|отменить (?:платеж|платёж|перевод|операцию)",
        r"(?:request|issue|get) a refund|refund policy|refundable|processing (?:fee|time)|without errors?|без ошибок",
    ])
});

/// It failed, or is not through yet.
static FAILED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&[
        "(?:支付|付款|转账|交易|扣款)(?:失败|未完成|已?关闭|已?取消|异常|中(?:[^国行心]|$))|交易.闭|余额不足",
        "待(?:支付|付款|收款|对方|确认)|等待(?:支付|付款|对方)|未(?:支付|付款|成功)|处理中|已退[款还回]|退款(?:成功|中)|已(?:取消|撤销)",
        r"отклон[её]н|отказан|не (?:был[оа]? )?(?:выполнен|прош[её]л|прошл[оа]|оплачен|исполнен|заверш[её]н|удал|провед[её]н)|неуспешн|неоплачен|недостаточно",
        r"ошибка|отмен[её]н|в обработке|обрабатывается|буд[еу]т списан|на рассмотрении|ожида\p{L}+ (?:оплат|подтвержд|списан|исполнен|отправк)|заблокирован|возвращ[её]н|просрочен",
        r"\bfailed|\bdeclined|\bpending|\bcancell?ed|\brefunded|\bunsuccessful|\bunpaid|\brejected|\bdenied|\breversed|\bvoided|\bexpired|\binsufficient",
        r"\bnot (?:been )?(?:paid|completed|sent|processed|successful|approved)|\bto be paid|\bprocessing\b|\bon hold|\berror\b",
    ])
});

/// It came in.
static CAME_IN: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&[
        r"входящ\p{L}+ (?:перевод|плат[её]ж)|\bзачисление\b|\bпополнение\b|\bпоступление\b|\bвам (?:перев[её]л|поступил|пришл)|перевод от \p{L}",
        "возврат",
        "退款|收款成功|收款到账|到账成功|收到(?:转账|红包)|已收款|已存入|转入成功",
        r"\byou(?:'ve| have)? (?:received|got)|\breceived from|\bmoney received|\bsent you\b|(?m)^ *refund\b|\brefund (?:received|issued|completed|successful|from|to)",
    ])
});

/// It was asked for.
static REQUESTED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&[
        r"к оплате|сч[её]т на оплату|выставлен сч[её]т|\bоплатить\b|\bоплатите\b|\bперевести\b|\bпереведите\b|\bподтверди(?:ть|те)\b|проверьте|запрос(?:ил)?\p{L}* (?:денег|деньги|перевод|оплат)|введите код",
        "立即(?:支付|付款)|确认(?:支付|付款|转账)|去(?:支付|付款)|(?:请输入|输入)支付密码|需(?:支付|付款)|应付|收银台|向你收款|发起收款",
        r"\bpay now|\bconfirm (?:and pay|payment|transfer)|\breview and pay|\bproceed to|\bcheckout\b|\b(?:amount|total|balance|payment) due|\bdue (?:on|by|date)|\binvoice|\bpayment request|\brequest(?:s|ed)? (?:\$|€|£|money|payment)|\bscan to pay",
    ])
});

#[cfg(test)]
mod tests;
