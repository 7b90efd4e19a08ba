//! A payment, and what came of reading its screenshot. Reading a picture is somebody else's work; what
//! was read is judged in `judge.rs`.

mod dates;
mod judge;
mod numbers;

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

pub use self::{
    dates::newest_date,
    judge::{Judgement, NotPaid, judge},
    numbers::{may_be_one, transaction},
};
use crate::{
    client::Email,
    ids::{ChatRef, MessageRef, PersonRef, TicketId},
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
    /// What the operators may credit it as, in the order of the keys: the same as long as it is known.
    pub offers: Vec<Tariff>,
    /// How far it is.
    pub stage: Stage,
}

/// How far a payment is. What an operator decided an operator can decide otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// The operators decide.
    Asked,
    /// It counts.
    Credited(Credit),
    /// An operator decided that it does not count.
    Dismissed {
        /// Who.
        by: By,
    },
    /// It counted, and was taken back.
    Undone {
        /// What had counted.
        credit: Credit,
        /// Who took it back.
        by: By,
        /// When.
        at: Timestamp,
    },
}

/// The operator who decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct By {
    /// Who.
    pub id: PersonRef,
    /// What to call them.
    pub name: String,
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
    pub by: Option<By>,
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
    pub fn undo(self, credit: Credit, by: By, at: Timestamp) -> Self {
        let stage = Stage::Undone { credit, by, at };
        Self { stage, ..self }
    }

    /// It does not count.
    #[must_use]
    pub fn dismiss(self, by: By) -> Self {
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
    /// The ticket that it belongs to.
    pub ticket: TicketId,
    /// What it looks like.
    pub looks: Option<Looks>,
    /// The number of the transaction on it.
    pub transaction: Option<String>,
}

impl Proof {
    /// Whether a picture with these looks and this number may show the same payment. Screenshots of one
    /// program look alike: where both numbers were read and are no misreadings of each other, it is another.
    pub fn looks_like(&self, looks: Looks, transaction: Option<&str>) -> bool {
        let alike = self.looks.is_some_and(|these| these.resembles(looks));
        let numbers = self.transaction.as_deref().zip(transaction);
        alike && numbers.is_none_or(|(these, those)| may_be_one(these, those))
    }
}

/// What came of reading what was sent at once: a picture, or an album.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// The customer's chat.
    pub chat: ChatRef,
    /// The ticket that it belongs to.
    pub ticket: TicketId,
    /// Each picture, in the order in which they were sent.
    pub pictures: Vec<Picture>,
}

/// A picture, and what stands on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture {
    /// The message that it came in.
    pub at: MessageRef,
    /// The text, or why there is none.
    pub text: Result<String, Unread>,
    /// What it looks like, if it is a picture at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub looks: Option<Looks>,
}

/// Why a picture could not be read. What exactly happened is in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unread {
    /// Reading is switched off.
    Off,
    /// It is no picture that can be read.
    NoPicture,
    /// It is a PDF: those are not read.
    Pdf,
    /// It is too big.
    TooBig,
    /// The messenger does not give it out, or not any more.
    NoFile,
    /// Whoever reads, or the messenger, was out of reach for too long.
    Away,
    /// Whoever reads refuses the key.
    Refused,
    /// Whoever reads was asked too often.
    Limit,
    /// The program that reads is not installed as it must be.
    Missing,
    /// Whoever reads failed on this picture.
    Failed,
}

/// Until when is paid for once a payment is credited: the tariff's days from the last day that was
/// paid for, or from today if that is over.
pub fn until(paid_until: Option<Date>, today: Date, days: u16) -> Date {
    let from = paid_until.map_or(today, |until| until.max(today));
    from.saturating_add(jiff::Span::new().days(i64::from(days)))
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn another_number_tells_pictures_of_one_program_apart_if_it_was_read_well() {
        let chat = ChatRef::new(&crate::ids::ChannelId::new("telegram"), "7");
        let proof = |number: Option<&str>| Proof {
            picture: chat.message("1"),
            ticket: TicketId(1),
            looks: Some(Looks(0xff)),
            transaction: number.map(str::to_owned),
        };
        let (one, other, misread) = ("4200001234567890", "4200009876543210", "420000123456789D");
        for (this, that, same) in [
            (Some(one), Some(one), true),
            (Some(one), Some(other), false),
            (Some(one), Some(misread), true),
            (Some(one), None, true),
            (None, Some(other), true),
        ] {
            assert_eq!(
                proof(this).looks_like(Looks(0xfe), that),
                same,
                "{this:?} {that:?}"
            );
        }
        assert!(!proof(None).looks_like(Looks(u64::MAX), None));
    }
}
