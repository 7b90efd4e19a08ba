//! What stands behind a key. The text travels through the messenger and comes back from anybody, so
//! reading it proves nothing: roles, stages and counts are checked where the decision is made.
//!
//! At most 64 bytes (Telegram Bot API 10.3, InlineKeyboardButton.callback_data).

use std::fmt;

use crate::{
    broadcast::BroadcastId,
    ids::{DeliveryId, TicketId},
    payment::PaymentId,
    records::EntryId,
};

/// What a key does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// A customer chooses: the key was on the keyboard with this count, at this place of the step.
    Choose {
        /// The keyboard's count.
        keyboard: u32,
        /// The choice's place in its step, from 0; see [`Act::HOME`].
        choice: u32,
    },
    /// An operator takes a ticket.
    Take(TicketId),
    /// An operator closes a dialog.
    Close(TicketId),
    /// An operator makes a dialog the current one.
    Focus(TicketId),
    /// An operator wants something sent once more.
    Again(DeliveryId),
    /// An operator wants to see what customers see.
    Visit,
    /// A client who was reminded wants to pay.
    Pay,
    /// An operator credits a payment that was asked about, as the tariff at this place of the offers.
    Credit(PaymentId, u32),
    /// An operator decides that it does not count.
    Dismiss(PaymentId),
    /// An operator takes a credited payment back.
    Undo(PaymentId),
    /// An owner goes on with the task of this number.
    Task(u32, Goes),
    /// An owner pauses, continues or stops a broadcast.
    Broadcast(BroadcastId, Steers),
    /// An owner undoes a change of a record.
    Revert(EntryId),
    /// An owner says that what is gone from the sheet was meant: the question of this number.
    Meant(u32),
    /// An owner wants to see all that is wrong in the sheet.
    Wrongs,
}

/// How an owner goes on with a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goes {
    /// To everybody, or not.
    Everybody,
    /// The choice at this place: a tariff, a field, a value.
    Choice(u32),
    /// On to the next step.
    On,
    /// It is what was meant: sent, or saved.
    Confirmed,
    /// Nothing of it.
    Cancelled,
}

/// What an owner does with a broadcast under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Steers {
    /// It waits.
    Pause,
    /// It goes on.
    Continue,
    /// Nobody else gets it.
    Stop,
}

impl Act {
    /// The choice that leads to the menu from wherever it stands.
    pub const HOME: u32 = 999;

    /// Reads a key; none if it is not one of ours.
    pub fn read(data: &str) -> Option<Self> {
        let mut parts = data.split(':');
        let act = match (parts.next()?, parts.next(), parts.next(), parts.next()) {
            ("c", Some(keyboard), Some(choice), None) => Self::Choose {
                keyboard: keyboard.parse().ok()?,
                choice: choice.parse().ok()?,
            },
            ("take", Some(ticket), None, None) => Self::Take(TicketId(ticket.parse().ok()?)),
            ("close", Some(ticket), None, None) => Self::Close(TicketId(ticket.parse().ok()?)),
            ("focus", Some(ticket), None, None) => Self::Focus(TicketId(ticket.parse().ok()?)),
            ("again", Some(row), None, None) => Self::Again(DeliveryId(row.parse().ok()?)),
            ("visit", None, None, None) => Self::Visit,
            ("pay", None, None, None) => Self::Pay,
            ("credit", Some(payment), Some(offer), None) => {
                Self::Credit(PaymentId(payment.parse().ok()?), offer.parse().ok()?)
            }
            ("dismiss", Some(payment), None, None) => {
                Self::Dismiss(PaymentId(payment.parse().ok()?))
            }
            ("task", Some(number), Some(goes), None) => {
                Self::Task(number.parse().ok()?, Goes::read(goes)?)
            }
            ("cast", Some(id), Some(steers), None) => {
                Self::Broadcast(BroadcastId(id.parse().ok()?), Steers::read(steers)?)
            }
            ("revert", Some(entry), None, None) => Self::Revert(EntryId(entry.parse().ok()?)),
            ("meant", Some(number), None, None) => Self::Meant(number.parse().ok()?),
            ("wrongs", None, None, None) => Self::Wrongs,
            ("undo", Some(payment), None, None) => Self::Undo(PaymentId(payment.parse().ok()?)),
            _ => return None,
        };
        Some(act)
    }
}

impl Goes {
    fn read(text: &str) -> Option<Self> {
        Some(match text {
            "all" => Self::Everybody,
            "on" => Self::On,
            "yes" => Self::Confirmed,
            "no" => Self::Cancelled,
            place => Self::Choice(place.parse().ok()?),
        })
    }
}

impl fmt::Display for Goes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everybody => f.write_str("all"),
            Self::On => f.write_str("on"),
            Self::Confirmed => f.write_str("yes"),
            Self::Cancelled => f.write_str("no"),
            Self::Choice(place) => write!(f, "{place}"),
        }
    }
}

impl Steers {
    const ALL: [Self; 3] = [Self::Pause, Self::Continue, Self::Stop];

    fn word(self) -> &'static str {
        match self {
            Self::Pause => "pause",
            Self::Continue => "go",
            Self::Stop => "stop",
        }
    }

    fn read(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|steers| steers.word() == text)
    }
}

impl fmt::Display for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Choose { keyboard, choice } => write!(f, "c:{keyboard}:{choice}"),
            Self::Take(ticket) => write!(f, "take:{ticket}"),
            Self::Close(ticket) => write!(f, "close:{ticket}"),
            Self::Focus(ticket) => write!(f, "focus:{ticket}"),
            Self::Again(row) => write!(f, "again:{row}"),
            Self::Visit => f.write_str("visit"),
            Self::Pay => f.write_str("pay"),
            Self::Credit(payment, offer) => write!(f, "credit:{payment}:{offer}"),
            Self::Dismiss(payment) => write!(f, "dismiss:{payment}"),
            Self::Undo(payment) => write!(f, "undo:{payment}"),
            Self::Task(number, goes) => write!(f, "task:{number}:{goes}"),
            Self::Broadcast(id, steers) => write!(f, "cast:{id}:{}", steers.word()),
            Self::Revert(entry) => write!(f, "revert:{entry}"),
            Self::Meant(number) => write!(f, "meant:{number}"),
            Self::Wrongs => f.write_str("wrongs"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_as_they_are_written() {
        for act in [
            Act::Choose {
                keyboard: u32::MAX,
                choice: Act::HOME,
            },
            Act::Take(TicketId(i64::MAX)),
            Act::Close(TicketId(1)),
            Act::Focus(TicketId(1)),
            Act::Again(DeliveryId(i64::MAX)),
            Act::Visit,
            Act::Pay,
            Act::Credit(PaymentId(i64::MAX), u32::MAX),
            Act::Dismiss(PaymentId(i64::MAX)),
            Act::Undo(PaymentId(1)),
            Act::Task(u32::MAX, Goes::Everybody),
            Act::Task(1, Goes::Choice(u32::MAX)),
            Act::Task(1, Goes::On),
            Act::Task(1, Goes::Confirmed),
            Act::Task(1, Goes::Cancelled),
            Act::Broadcast(BroadcastId(i64::MAX), Steers::Pause),
            Act::Broadcast(BroadcastId(1), Steers::Continue),
            Act::Broadcast(BroadcastId(1), Steers::Stop),
            Act::Revert(EntryId(i64::MAX)),
            Act::Meant(u32::MAX),
            Act::Wrongs,
        ] {
            let data = act.to_string();
            assert!(data.len() <= 64);
            assert_eq!(Act::read(&data), Some(act));
        }
    }

    #[test]
    fn what_is_not_ours_is_no_key() {
        for data in [
            "",
            "take",
            "take:",
            "take:x",
            "take:1:2",
            "c:1",
            "c:-1:0",
            "drop table",
        ] {
            assert_eq!(Act::read(data), None, "{data}");
        }
    }
}
