//! What is known of an operator: which dialogs are theirs, and which of them they are answering.

use serde::{Deserialize, Serialize};

use crate::{event::Person, ids::TicketId, task::Task, ticket::Album};

/// An operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operator {
    /// Who.
    pub who: Person,
    /// Their open dialogs, oldest first. Derived from the tickets; never written back.
    pub dialogs: Vec<Dialog>,
    /// What only the operator's own events change.
    pub focus: Focus,
}

/// Whom an operator is answering.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Focus {
    /// The dialog that anything goes to that is no reply.
    #[serde(default)]
    pub current: Option<TicketId>,
    /// An album that is still coming in, and the dialog it goes to.
    #[serde(default)]
    pub album: Option<(TicketId, Album)>,
    /// What an owner is doing step by step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<Task>,
    /// Counts tasks: a key or a prompt of another one is outdated.
    #[serde(default)]
    pub tasks: u32,
}

/// One of an operator's open dialogs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dialog {
    /// Its ticket.
    pub ticket: TicketId,
    /// What to call the customer.
    pub customer: String,
}

impl Operator {
    /// Somebody not seen before.
    pub fn new(who: Person) -> Self {
        Self {
            who,
            dialogs: Vec::new(),
            focus: Focus::default(),
        }
    }

    /// The dialog of a ticket, if it is one of theirs.
    pub fn dialog(&self, ticket: TicketId) -> Option<&Dialog> {
        self.dialogs.iter().find(|dialog| dialog.ticket == ticket)
    }

    /// The dialog that anything goes to that is no reply: the marked one while it is open,
    /// otherwise the newest.
    pub fn current(&self) -> Option<&Dialog> {
        self.dialogs
            .iter()
            .find(|dialog| Some(dialog.ticket) == self.focus.current)
            .or_else(|| self.dialogs.last())
    }
}
