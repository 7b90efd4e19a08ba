//! What operators read of a payment: why it is theirs to decide, what was read on the picture, and what
//! became of an earlier one.

use jiff::{ToSpan, civil::Date};

use super::{Judged, Same};
use crate::{
    amounts::{self, Role},
    client::Client,
    decide::Desk,
    facts::Need,
    payment::{By, Judgement, NotPaid, Payment, Proof, Stage, Unread, newest_date},
    phrases::Phrase,
    policy::Policy,
};

/// So much of what was read is shown, in characters.
const SHOWN: usize = 300;
/// So many sums of it.
const SUMS: usize = 8;
/// A picture of a payment older than this is worth a look, in days.
const OLD: i32 = 31;

/// Why a person must decide, and what was read.
pub(super) fn why(
    desk: &Desk,
    earlier: Option<&Payment>,
    proof: &Proof,
    client: Option<&Client>,
    judged: &Judged,
    text: &str,
) -> Result<String, Need> {
    let reason = match earlier {
        Some(earlier) => seen(desk, earlier, proof)?,
        None if client.is_none() => desk.policy.words(Phrase::ReasonNoClient, &[]),
        None => of_text(desk, judged, text),
    };
    let read = read(desk, text, proof.transaction.as_deref());
    Ok(format!("{reason}{read}"))
}

fn of_text(desk: &Desk, judged: &Judged, text: &str) -> String {
    let words = |phrase, args: &[(&str, &str)]| desk.policy.words(phrase, args);
    match judged {
        Ok(Judgement::Paid(_)) => String::new(),
        Ok(Judgement::Several(several)) => {
            let names: Vec<&str> = several.iter().map(|tariff| tariff.name.as_str()).collect();
            words(Phrase::ReasonSeveral, &[("tariffs", &names.join(", "))])
        }
        Ok(Judgement::Doubtful(tariff)) => {
            let price = tariff.price.to_string();
            let args = [("tariff", tariff.name.as_str()), ("price", &price)];
            words(Phrase::ReasonDoubtful, &args)
        }
        Ok(Judgement::NoTariff) => words(Phrase::ReasonNoTariff, &[]),
        Ok(Judgement::NoSum) => {
            let shown: String = text.trim().chars().take(SHOWN).collect();
            if shown.is_empty() {
                words(Phrase::ReasonNoText, &[])
            } else {
                words(Phrase::ReasonNoSum, &[("text", &shown)])
            }
        }
        Ok(Judgement::NotPaid(why)) => {
            let phrase = match why {
                NotPaid::Failed => Phrase::ReasonNotPaid,
                NotPaid::Requested => Phrase::ReasonRequested,
                NotPaid::CameIn => Phrase::ReasonCameIn,
            };
            words(phrase, &[])
        }
        Err(unread) => words(unread_phrase(*unread), &[]),
    }
}

fn unread_phrase(unread: Unread) -> Phrase {
    match unread {
        Unread::Off => Phrase::ReasonOff,
        Unread::NoPicture => Phrase::ReasonNoPicture,
        Unread::Pdf => Phrase::ReasonPdf,
        Unread::TooBig => Phrase::ReasonTooBig,
        Unread::NoFile => Phrase::ReasonNoFile,
        Unread::Away => Phrase::ReasonAway,
        Unread::Refused => Phrase::ReasonRefused,
        Unread::Limit => Phrase::ReasonLimit,
        Unread::Missing => Phrase::ReasonMissing,
        Unread::Failed => Phrase::ReasonFailed,
    }
}

/// The earlier payment: whose, when, and what became of it.
fn seen(desk: &Desk, earlier: &Payment, proof: &Proof) -> Result<String, Need> {
    let phrase = match Same::of(earlier, proof) {
        Same::Number => Phrase::ReasonSeenNumber,
        Same::Looks => Phrase::ReasonSeen,
        Same::Dialog => Phrase::ReasonSeenDialog,
    };
    let known = desk.facts.customer(&earlier.chat)?;
    let name = known.map_or("", |conversation| conversation.who.name.as_str());
    let (ticket, at) = (earlier.ticket.to_string(), desk.policy.moment(earlier.at));
    let became = became(desk, earlier);
    let args = [
        ("ticket", ticket.as_str()),
        ("customer", desk.policy.named(name)),
        ("at", &at),
        ("became", &became),
    ];
    Ok(desk.policy.words(phrase, &args))
}

/// What became of a payment.
pub(super) fn became(desk: &Desk, payment: &Payment) -> String {
    let words = |phrase, args: &[(&str, &str)]| desk.policy.words(phrase, args);
    match &payment.stage {
        Stage::Asked => words(Phrase::PaymentWaits, &[]),
        Stage::Credited(credit) => {
            let by = match &credit.by {
                Some(by) => by.name.clone(),
                None => words(Phrase::ByReading, &[]),
            };
            let price = credit.tariff.price.to_string();
            let args = [
                ("tariff", credit.tariff.name.as_str()),
                ("price", &price),
                ("by", &by),
            ];
            words(Phrase::PaymentCounts, &args)
        }
        Stage::Dismissed { by } => words(Phrase::PaymentRefused, &[("operator", &by.name)]),
        Stage::Undone { credit, by, .. } => {
            let price = credit.tariff.price.to_string();
            let args = [
                ("tariff", credit.tariff.name.as_str()),
                ("price", &price),
                ("operator", &by.name),
            ];
            words(Phrase::PaymentRevoked, &args)
        }
    }
}

/// What the reading alone has credited: what was read, and whether it is old.
pub(super) fn credited(desk: &Desk, text: &str, payment: &Payment) -> String {
    let mut note = read(desk, text, payment.transaction.as_deref());
    let today = desk.policy.day(desk.now);
    let old = today.saturating_sub(OLD.days());
    if let Some(date) = newest_date(text, today).filter(|date| *date < old) {
        let args = [("date", Policy::date(date))];
        let args = args.each_ref().map(|(name, date)| (*name, date.as_str()));
        note.push('\n');
        note.push_str(&desk.policy.words(Phrase::PaymentOld, &args));
    }
    note
}

/// A line of what stands on the picture; empty if nothing of use does.
fn read(desk: &Desk, text: &str, number: Option<&str>) -> String {
    let sums = amounts::find(text);
    let shown = sums.iter().filter(|sum| sum.role != Role::Other);
    let shown: Vec<&str> = shown.take(SUMS).map(|sum| sum.text.as_str()).collect();
    let number = number.map(|number| desk.policy.words(Phrase::ReadNumber, &[("number", number)]));
    let sums = Some(shown.join("; ")).filter(|sums| !sums.is_empty());
    let parts: Vec<String> = sums.into_iter().chain(number).collect();
    if parts.is_empty() {
        return String::new();
    }
    let read = parts.join(", ");
    format!(
        "\n{}",
        desk.policy.words(Phrase::PaymentRead, &[("read", &read)])
    )
}

/// Who decided, as a line.
pub(super) fn decided_by(desk: &Desk, by: &By) -> String {
    let args = [("operator", by.name.as_str())];
    format!("\n{}", desk.policy.words(Phrase::DecidedBy, &args))
}

/// A day as people write it; a word for none.
pub(super) fn day(desk: &Desk, day: Option<Date>) -> String {
    match day {
        Some(day) => Policy::date(day),
        None => desk.policy.words(Phrase::FieldEmpty, &[]),
    }
}
