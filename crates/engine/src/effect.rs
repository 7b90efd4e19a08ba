//! What the desk does about an event. Effects become rows of the outbox in the transaction that
//! stores the decision; they are stored as JSON and outlive deployments.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    broadcast::BroadcastId,
    content::{Content, Rich, Said},
    ids::{ChatRef, DeliveryId, MessageRef, PersonRef, TicketId},
    reminder::Reminder,
};

/// Something to be sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// The bot says something of its own.
    Say(Say),
    /// What one side wrote goes to the other.
    Relay(Relay),
    /// What one side changed is changed on the other.
    Revise(Revise),
    /// A ticket's card in the operators' group is posted, or brought up to date.
    Card(Card),
    /// Keyboards in a chat are taken away: pressed or outdated.
    StripKeys {
        /// The chat.
        chat: ChatRef,
        /// Under which messages (any that have a twin in `chat`); all that stand there if none is named.
        under: Vec<MessageRef>,
    },
    /// A press is answered, so that the key stops waiting.
    Answer(Answer),
    /// An attachment is stored under the media root.
    Keep {
        /// The message that carries it.
        of: MessageRef,
        /// What it carries.
        content: Content,
    },
    /// Something that failed is sent once more, because an operator said so. Once for each row.
    Again {
        /// The row that failed.
        delivery: DeliveryId,
    },
    /// Pictures of a payment, sent at once, are read; what comes of it is [`crate::event::Event::Read`].
    Recognise {
        /// The customer's chat.
        chat: ChatRef,
        /// The ticket that it belongs to.
        ticket: TicketId,
        /// The messages with the pictures.
        said: Vec<Said>,
    },
    /// The sheet is read; what it says is [`crate::event::Event::Sheet`].
    ReadSheet {
        /// Who asked for it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        asked: Option<ChatRef>,
    },
    /// A reminder of a payment; it does not leave if the day has moved meanwhile.
    Remind {
        /// Which one.
        reminder: Reminder,
        /// Its words.
        say: Say,
    },
    /// A broadcast's message, for one of many.
    Bulk {
        /// Which broadcast.
        broadcast: BroadcastId,
        /// To whom.
        to: ChatRef,
        /// What.
        said: Vec<Said>,
    },
    /// A sign under an operator's message that it has reached the customer.
    Mark {
        /// The operator's message.
        message: MessageRef,
    },
    /// The pinned list of open dialogs is brought up to date. It is written when it leaves, from
    /// what is true then ([`crate::board`]).
    Board {
        /// The operators' group.
        to: ChatRef,
    },
}

/// The queue of pictures to be read.
pub const READER: &str = "reader";

/// Words of the bot's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Say {
    /// To whom.
    pub to: ChatRef,
    /// Which words these are: a phrase's or a scenario step's name. For stories and statistics.
    pub name: String,
    /// The words.
    pub text: Rich,
    /// Keys under it, row by row.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<Vec<Key>>,
    /// What it answers: any message of ours or theirs that has a twin in `to`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<MessageRef>,
    /// Why it is sent, where somebody must learn what became of it.
    #[serde(default)]
    pub purpose: Purpose,
    /// A name under which later messages can reply to this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anchor: Option<MessageRef>,
    /// Whether what stands under that name is changed instead, if anything does.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub rewrites: bool,
    /// Whether the keyboards that stood in the chat before it are outdated by it, and go.
    #[serde(default)]
    pub outdates: bool,
    /// If it may be replaced by a newer one with the same key, before it has left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<String>,
}

/// A key under a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// What it reads.
    pub label: String,
    /// What comes back when it is pressed: at most 64 bytes (Telegram Bot API, InlineKeyboardButton).
    pub data: String,
    /// Whether it stands out, and how.
    #[serde(default)]
    pub tone: Tone,
}

/// How a key stands out, where the messenger can show it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tone {
    /// It does not.
    #[default]
    Plain,
    /// The thing to do.
    Primary,
    /// Cannot be taken back.
    Danger,
}

/// What one side wrote, on its way to the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relay {
    /// To whom.
    pub to: ChatRef,
    /// What was written: one message, the parts of an album, or things sent together.
    pub said: Vec<Said>,
    /// The line above it that says whose it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<Rich>,
    /// What it answers: the message's own `reply_to` if it has a twin in `to`, otherwise this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub under: Option<MessageRef>,
    /// Why it is sent.
    pub purpose: Purpose,
}

/// A change on its way to the twin of what was changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revise {
    /// Where the twin stands.
    pub to: ChatRef,
    /// What was changed, as it reads now.
    pub said: Said,
    /// The line above it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<Rich>,
    /// Whether the file changed too, and not only the words.
    #[serde(default)]
    pub new_file: bool,
    /// Why it is sent.
    pub purpose: Purpose,
}

/// A ticket as the operators' group sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// The operators' group.
    pub to: ChatRef,
    /// The ticket.
    pub ticket: TicketId,
    /// What the card reads. Keys under it are in `keys`.
    pub text: Rich,
    /// Its keys, row by row.
    pub keys: Vec<Vec<Key>>,
    /// Whether it is new: a new card goes before everything that is said about the ticket, a
    /// refreshed one when there is time.
    pub new: bool,
}

/// The name under which a ticket's card in the operators' group, or the instruction in an operator's
/// private chat, is known to `links`: others reply to it, it can be changed, and a reply to it says
/// which ticket is meant.
pub fn anchor(chat: &ChatRef, ticket: TicketId) -> MessageRef {
    chat.message(format!("ticket-{ticket}"))
}

/// The ticket of an anchor, if it is one.
pub fn anchored(message: &MessageRef) -> Option<TicketId> {
    message
        .id
        .strip_prefix("ticket-")?
        .parse()
        .ok()
        .map(TicketId)
}

/// The name under which the pinned list of a chat is known to `links`.
pub fn board(chat: &ChatRef) -> MessageRef {
    chat.message("board")
}

/// What whoever pressed a key sees at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Where the press came from.
    pub to: ChatRef,
    /// The press.
    pub press: String,
    /// Words, at most 200 characters (Telegram Bot API, answerCallbackQuery); none is fine too.
    pub text: Option<String>,
    /// Whether they must be closed by hand.
    pub alert: bool,
    /// When the press came: an answer that could not leave for long is worth nothing.
    pub pressed_at: Timestamp,
}

/// Why something is sent, where its fate matters to a rule.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Nobody waits for its fate.
    #[default]
    Nothing,
    /// A customer is told something.
    Notice,
    /// An owner is told something that they did not ask for: if they are out of reach, the group reads it.
    Report,
    /// An operator's words go to a customer: if they fail, the operator must know.
    Reply {
        /// Of which ticket.
        ticket: TicketId,
        /// The operator.
        operator: PersonRef,
        /// Where the operator reads.
        chat: ChatRef,
        /// What the operator wrote.
        said: MessageRef,
        /// Whether its arrival is shown under it.
        #[serde(default)]
        marked: bool,
    },
    /// A customer's words go to an operator: if they fail, the group must know.
    Question {
        /// Of which ticket.
        ticket: TicketId,
        /// What the customer wrote.
        said: MessageRef,
    },
    /// The first private message to an operator who takes a ticket: the ticket is theirs once it
    /// has arrived.
    Offer {
        /// The ticket.
        ticket: TicketId,
        /// Who takes it.
        operator: PersonRef,
    },
}

impl Purpose {
    /// Whether a rule must hear of a success as well as of a failure.
    pub fn awaits_success(&self) -> bool {
        match self {
            Self::Offer { .. } => true,
            Self::Reply { marked, .. } => *marked,
            Self::Nothing | Self::Notice | Self::Report | Self::Question { .. } => false,
        }
    }

    /// Whether a rule must hear of a failure.
    pub fn awaits_failure(&self) -> bool {
        match self {
            Self::Offer { .. }
            | Self::Reply { .. }
            | Self::Question { .. }
            | Self::Notice
            | Self::Report => true,
            Self::Nothing => false,
        }
    }
}

/// How urgent something is: live dialogs go before service edits, these before broadcasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Urgency {
    /// Somebody waits for it.
    Live,
    /// It keeps something up to date.
    Service,
    /// One of many.
    Bulk,
}

impl Effect {
    /// The queue it stands in: what shares a lane leaves in order, one at a time.
    pub fn lane(&self) -> String {
        match self {
            Self::Say(Say { to, .. })
            | Self::Relay(Relay { to, .. })
            | Self::Revise(Revise { to, .. })
            | Self::StripKeys { chat: to, .. } => to.to_string(),
            Self::Card(card) if card.new => card.to.to_string(),
            Self::Card(card) => format!("{}#cards", card.to),
            Self::Answer(answer) => format!("{}#press-{}", answer.to, answer.press),
            Self::Keep { of, .. } => format!("{}#keep", of.chat),
            Self::Again { delivery } => format!("again/{delivery}"),
            // No messenger's lane: whoever reads is called from a queue of its own.
            Self::Recognise { chat, said, .. } => match said.first() {
                Some(said) => format!("{READER}/{}", said.at),
                None => format!("{READER}/{chat}"),
            },
            Self::ReadSheet { .. } => format!("{READER}/sheet"),
            Self::Remind { say, .. } => say.to.to_string(),
            // A dialog with the same person waits for none of it.
            Self::Bulk { broadcast, to, .. } => format!("{to}{}", broadcast.lane()),
            Self::Mark { message } => format!("{}#marks", message.chat),
            Self::Board { to } => format!("{to}#board"),
        }
    }

    /// How urgent it is.
    pub fn urgency(&self) -> Urgency {
        match self {
            Self::Say(_)
            | Self::Relay(_)
            | Self::Revise(_)
            | Self::Answer(_)
            | Self::Recognise { .. }
            | Self::ReadSheet { .. }
            | Self::Again { .. } => Urgency::Live,

            Self::Card(card) if card.new => Urgency::Live,
            Self::Card(_) | Self::StripKeys { .. } | Self::Mark { .. } | Self::Board { .. } => {
                Urgency::Service
            }
            Self::Keep { .. } | Self::Remind { .. } | Self::Bulk { .. } => Urgency::Bulk,
        }
    }

    /// If it may be replaced by a newer one that has the same key, before it has left.
    pub fn replaces(&self) -> Option<String> {
        match self {
            Self::Card(card) => Some(format!("card/{}", card.ticket)),
            Self::Say(say) => say.replaces.clone(),
            Self::Board { to } => Some(format!("board/{to}")),
            Self::Relay(_)
            | Self::Revise(_)
            | Self::StripKeys { .. }
            | Self::Answer(_)
            | Self::Keep { .. }
            | Self::Again { .. }
            | Self::Recognise { .. }
            | Self::ReadSheet { .. }
            | Self::Remind { .. }
            | Self::Bulk { .. }
            | Self::Mark { .. } => None,
        }
    }
}
