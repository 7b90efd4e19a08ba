//! What stands behind a key. The text travels through the messenger and comes back from anybody, so
//! reading it proves nothing: roles, stages and counts are checked where the decision is made.
//!
//! At most 64 bytes (Telegram Bot API 10.3, InlineKeyboardButton.callback_data).

use std::fmt;

use crate::{
    ids::{DeliveryId, TicketId},
    payment::PaymentId,
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
    /// An operator credits a payment that was asked about, as the tariff at this place of the offers.
    Credit(PaymentId, u32),
    /// An operator decides that it does not count.
    Dismiss(PaymentId),
    /// An operator takes a credited payment back.
    Undo(PaymentId),
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
            ("credit", Some(payment), Some(offer), None) => {
                Self::Credit(PaymentId(payment.parse().ok()?), offer.parse().ok()?)
            }
            ("dismiss", Some(payment), None, None) => {
                Self::Dismiss(PaymentId(payment.parse().ok()?))
            }
            ("undo", Some(payment), None, None) => Self::Undo(PaymentId(payment.parse().ok()?)),
            _ => return None,
        };
        Some(act)
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
            Self::Credit(payment, offer) => write!(f, "credit:{payment}:{offer}"),
            Self::Dismiss(payment) => write!(f, "dismiss:{payment}"),
            Self::Undo(payment) => write!(f, "undo:{payment}"),
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
            Act::Credit(PaymentId(i64::MAX), u32::MAX),
            Act::Dismiss(PaymentId(i64::MAX)),
            Act::Undo(PaymentId(1)),
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
