//! A customer's conversation and the ticket that is open in it. A ticket only moves forward:
//! each transition consumes the stage it leaves, so no stage can be used twice.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    client::Client,
    content::Said,
    event::Person,
    ids::{ChatRef, PersonRef, TicketId},
};

/// A customer, where they are in the scenario, and their open ticket. One is kept per customer and
/// channel; it is read and written as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conversation {
    /// Who it is, and where they write.
    pub who: Person,
    /// Their own phone number in E.164, once they shared it.
    pub phone: Option<String>,
    /// Whether they blocked the bot.
    pub blocked: bool,
    /// When they last did something: wrote, changed a message, pressed a key.
    pub heard_at: Option<Timestamp>,
    /// Which client they are, once they have said so.
    pub client: Option<Client>,
    /// Where they are in the scenario.
    pub session: Session,
    /// The one ticket that is open, if one is.
    pub ticket: Option<Ticket>,
}

impl Conversation {
    /// With somebody who has never written before.
    pub fn new(who: Person) -> Self {
        Self {
            who,
            phone: None,
            blocked: false,
            heard_at: None,
            client: None,
            session: Session::default(),
            ticket: None,
        }
    }
}

/// Where a customer is in the scenario.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// The step they are at; none before the first `/start` and while a ticket is open.
    #[serde(default)]
    pub step: Option<String>,
    /// What a ticket opened now would be about: the label of the way they took.
    #[serde(default)]
    pub subject: Option<String>,
    /// What they have said on the way to a ticket.
    #[serde(default)]
    pub draft: Vec<Said>,
    /// Counts keyboards: a key with another count is outdated.
    #[serde(default)]
    pub keyboard: u32,
    /// An album that is still coming in.
    #[serde(default)]
    pub album: Option<Album>,
    /// The closed ticket that they are asked to rate.
    #[serde(default)]
    pub rates: Option<TicketId>,
    /// Whether the next picture is expected to be one of a payment.
    #[serde(default)]
    pub paying: bool,
}

/// Parts of an album that came in so far: messengers send them one by one, with no end mark.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Album {
    /// The messenger's id of it.
    pub id: String,
    /// Its parts, in order.
    pub parts: Vec<Said>,
}

/// An open ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// Its number.
    pub id: TicketId,
    /// What it is about, in the customer's language.
    pub subject: String,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// What the customer said to open it: the card shows it.
    pub card: Vec<Said>,
    /// How far it is.
    pub stage: Stage,
}

/// How far an open ticket is. (A closed one is no longer part of a conversation: see [`Closed`].)
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Nobody has it yet: `WAITING`.
    Waiting(Waiting),
    /// An operator has it: `ASSIGNED`.
    Assigned(Assigned),
}

/// Nobody has it yet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// What the customer added since it was opened.
    #[serde(default)]
    pub added: Vec<Said>,
    /// An operator took it, but it is not yet known whether the bot may write to them.
    #[serde(default)]
    pub offer: Option<Offer>,
}

/// A ticket on its way to an operator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// The operator.
    pub operator: Person,
    /// When they pressed.
    pub since: Timestamp,
    /// Their press, to be answered when it is known.
    pub press: String,
    /// Where the press came from.
    pub pressed_in: ChatRef,
}

/// An operator has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assigned {
    /// The operator.
    pub operator: PersonRef,
    /// What to call them.
    pub operator_name: String,
    /// The operator's private chat with the bot.
    pub chat: ChatRef,
    /// Since when.
    pub since: Timestamp,
    /// Whether the operator is gone (left the group, blocked the bot), so that another may take it.
    #[serde(default)]
    pub abandoned: bool,
}

/// It is over: `CLOSED`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closed {
    /// Which ticket.
    pub ticket: TicketId,
    /// Who closed it.
    pub by: PersonRef,
    /// When.
    pub at: Timestamp,
}

/// How a customer rated a closed ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rated {
    /// Which ticket.
    pub ticket: TicketId,
    /// From 1, bad, to 5, good.
    pub stars: u8,
}

/// A message that the history keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// In which ticket.
    pub ticket: TicketId,
    /// Who wrote it.
    pub by: Side,
    /// What was written.
    pub said: Said,
}

/// The two sides of a dialog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// `user` in the history.
    Customer,
    /// `operator` in the history.
    Operator,
}

impl Stage {
    /// It is over, whether or not anybody had it.
    pub fn close(self, ticket: TicketId, by: PersonRef, now: Timestamp) -> Closed {
        Closed {
            ticket,
            by,
            at: now,
        }
    }
}

impl Waiting {
    /// An operator has it now; also returns what the customer added while it waited.
    pub fn assign(self, operator: &Person, now: Timestamp) -> (Assigned, Vec<Said>) {
        let assigned = Assigned::by(operator, now);
        (assigned, self.added)
    }
}

impl Assigned {
    fn by(operator: &Person, now: Timestamp) -> Self {
        Self {
            operator: operator.id.clone(),
            operator_name: operator.name.clone(),
            chat: operator.chat.clone(),
            since: now,
            abandoned: false,
        }
    }

    /// Another operator has it now: the one before is gone.
    #[must_use]
    pub fn pass_on(self, operator: &Person, now: Timestamp) -> Self {
        Self::by(operator, now)
    }
}
