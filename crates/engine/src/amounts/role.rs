//! What a sum is, by the words and signs beside it: on its line, or on the line above where a label
//! stands over its value.
//!
//! What must stay true: of two words that could name a sum the nearer one does; words that say that it
//! is something else win over a minus.

use std::{ops::Range, sync::LazyLock};

use regex::Regex;

use super::{Line, Role, numbers::pattern};

/// Words that mean the contrary of a word in them: «без комиссии», «余额宝».
static PLAIN: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        &[
            r"(?:без|включая|с уч[её]том|уч[её]том|с|со) (?:комисси|скидк|бонус|к[эе]шб[эе]к)\p{L}*",
            r"(?:с|со) (?:баланса|остатка|к[эе]шб[эе]ком)",
            r"комисси\p{L}* (?:не взима|отсутству|нет|включена)\p{L}*",
            r"(?:from|with|using) (?:your )?(?:paypal )?balance|(?:no|without|incl(?:uding|\.)?) fees?",
            "余额宝|优惠后|券后|折后|抵扣后|[免无含]手续费",
        ]
        .join("|"),
    )
});

/// In lower case, without those words; everything else stays in its place.
pub(super) fn plain(line: &str) -> String {
    let blank = |found: &regex::Captures<'_>| " ".repeat(found[0].len());
    PLAIN.replace_all(line, blank).into_owned()
}

/// What names something that was not paid.
static OTHER: LazyLock<Regex> = LazyLock::new(|| {
    let words = [
        r"\bбаланс|\bостат(?:ок|ка|ки)\b|\bдоступн|\bлимит|\bсобственны|\bна (?:сч[её]те|карте|кошельке)\b|\bнакоплен|\bзадолженн|\bдолг\b",
        r"\bкомисси|\bндс\b|\bштраф|\bпен[ия]\b|\bчаевы|\bкурс[уа]?\b|\bсдач",
        r"\bк[эе]ш[ -]?б[эе]к|\bбонус|\bбалл|\bмил[ьи]\b|\bначислен|\bзачислен[оы]?\b|\bпоступ(?:ил|лени)|\bпополнен|\bполучен[оы]\b",
        r"\bскидк|\bэконом|\bсэконом|\bвыгод|\bбыло\b|\b(?:старая|полная|обычная) цена|\bцена до|\bпромокод",
        r"\bследующ\p{L}+ (?:плат|списан)\p{L}*|\bминимальн\p{L}+ плат\p{L}*",
        r"\bbalance|\bavailable|\bremaining|\blimit\b|\bowed\b",
        r"\bfees?\b|\bcommission|\bvat\b|\btax(?:es)?\b|\btips?\b|\bchange\b|(?:exchange|conversion) rate",
        r"\bcash ?-?back|\brewards?\b|\bpoints\b|\bbonus|\bcredited\b|\brefund|\bdeposit",
        r"\bdiscount|\bsaved?\b|\bsavings\b|\bcoupon|\bvoucher|\bpromo|(?:list|original|regular|full) price|\brrp\b",
        r"\bnext (?:payment|billing|charge)|\bminimum payment",
        "余额|可用|剩余|额度|手续费|服务费|税[费额]|汇率|找零|待还|欠款",
        "优惠|立减|红包|抵扣|折扣|积分|原价|返现|返利|节省|已省|奖励|到账",
    ];
    // What belongs to them: «комиссия за перевод», «手续费金额».
    let rest = r"(?:\p{L}*(?: (?:сумм\p{L}*|amount|total))?(?: (?:за|по|после|на|до|от|карты|сч[её]та|банка|for|of|on|after|to)\b[^\d:;,.]{0,40})?|(?:金额|总额))";
    pattern(&format!("(?:{}){rest}", words.join("|")))
});

/// What names what was paid.
static PAID: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        &[
            r"\bсумм[аыу]\b|\bитого?\b|\bвсего\b|\bсписан|\bоплачен|\bоплат[аыу]\b|\bплат[её]ж|\bперев(?:од|едено)|\bпокупк[аи]\b|\bпотрачен|\bрасход|\bотправлен",
            r"\btotal\b|\bamount\b|\bpaid\b|\bpayment\b|\bsent\b|\bpurchase\b|\btransfer|\bdebited\b|\bcharged\b|\bspent\b",
            "支付|付款|实付|转账|消费|支出|扣款|合计|总计|(?:交易|汇款|转出)?金额",
        ]
        .join("|"),
    )
});

/// The sum before discounts: neither.
static BEFORE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?:订单|商品|应付)(?:总)?金额|商品总[价额]|sub-?total|amount off"));

/// What says that a payment went through: the sum beside it is its own.
static DONE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:支付|付款|转账|交易|缴费|充值|扣款)成功|已(?:支付|付款|转账)|对方已收|успешн|выполнен|исполнен|доставлен|оплачен|провед[её]н|соверш[её]н|заверш[её]н|одобрен|\bотправлен|\bcompleted?\b|success|\bpaid\b|\bsent\b|approved",
    )
});

/// Names of sums that are named so only once they were paid.
static SPENT: LazyLock<Regex> = LazyLock::new(|| pattern(r"\bсписан[оы]\b|实付"));

/// Whether a text, in lower case, says anywhere that a payment went through.
pub(crate) fn is_done(text: &str) -> bool {
    DONE.is_match(text) || SPENT.is_match(text)
}

/// Longest line that may be a label, in characters.
const LABEL: usize = 40;

/// What the `nth` sum of a line is.
pub(super) fn of(lines: &[Line<'_>], at: usize, nth: usize) -> Role {
    let line = &lines[at];
    let sum = &line.sums[nth];
    let signs = &line.lower[sum.range.start..sum.digits];
    if signs.contains('+') || sum.amount.is_zero() {
        return Role::Other;
    }
    let before = before(line, nth);
    let over = || (nth == 0 && !has_letters(before)).then(|| label(lines, at));
    let named = named(before)
        .or_else(|| over().flatten().and_then(|label| named(&label.lower)))
        .or_else(|| behind(line, nth));
    if let Some(named) = named {
        return named;
    }
    let sure = !sum.currencies.is_empty() || sum.amount.scale() > 0;
    if signs.contains('-') || (sure && is_beside_done(lines, at)) {
        return Role::Paid;
    }
    Role::Unnamed
}

/// What stands between a sum and the one before it on its line.
fn before<'t>(line: &'t Line<'_>, nth: usize) -> &'t str {
    let from = nth
        .checked_sub(1)
        .map_or(0, |previous| line.sums[previous].range.end);
    let to = line.sums[nth].range.start;
    line.lower.get(from..to).unwrap_or_default()
}

/// What words name: the last of them does.
fn named(words: &str) -> Option<Role> {
    let last = |pattern: &Regex| -> Option<usize> {
        pattern.find_iter(words).last().map(|found| found.end())
    };
    let (other, paid, neither) = (last(&OTHER), last(&PAID), last(&BEFORE));
    let newest = other.max(paid).max(neither)?;
    Some(if other == Some(newest) {
        Role::Other
    } else if neither == Some(newest) {
        Role::Unnamed
    } else {
        Role::Paid
    })
}

/// «199 ₽ комиссия»: a word right behind the last sum of a line.
fn behind(line: &Line<'_>, nth: usize) -> Option<Role> {
    let rest = line.lower[line.sums[nth].range.end..].trim_start_matches([' ', '-', '(', ')']);
    let is_last = nth + 1 == line.sums.len();
    let named = OTHER.find(rest).filter(|found| found.start() == 0);
    (is_last && named.is_some()).then_some(Role::Other)
}

/// The line that may name what stands alone on its own: the one above; in columns, as readers give them
/// at times, the labels come first and then as many sums.
fn label<'l, 't>(lines: &'l [Line<'t>], at: usize) -> Option<&'l Line<'t>> {
    let alone = |at: &usize| lines[*at].sums.len() == 1 && !has_letters(before(&lines[*at], 0));
    let first = (0..=at).rev().take_while(alone).last().unwrap_or(at);
    let count = (first..lines.len()).take_while(alone).count().max(1);
    let labels = |range: Range<usize>| lines[range].iter().all(is_label);
    let column = first.checked_sub(count);
    let label = match column {
        Some(start) if labels(start..first) => start + (at - first),
        Some(_) | None if at == first => at.checked_sub(1)?,
        Some(_) | None => return None,
    };
    lines.get(label).filter(|line| is_label(line))
}

fn is_label(line: &Line<'_>) -> bool {
    line.sums.is_empty()
        && !line.lower.contains(|c: char| c.is_ascii_digit())
        && line.lower.chars().count() <= LABEL
}

fn has_letters(text: &str) -> bool {
    text.contains(char::is_alphabetic)
}

fn is_beside_done(lines: &[Line<'_>], at: usize) -> bool {
    let near = at.saturating_sub(1)..(at + 2).min(lines.len());
    lines[near].iter().any(|line| DONE.is_match(&line.lower))
}
