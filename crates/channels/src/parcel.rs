//! What is to be sent, the calls that it is cut into, and what became of each.

use std::time::Duration;

use engine::{
    content::{Rich, Said},
    effect::Key,
    ids::{ChatRef, MessageRef},
};

use crate::Carried;

/// Something to be sent, with every reference already found: what is replied to or changed stands
/// in the chat it goes to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(
    clippy::large_enum_variant,
    reason = "few live at once; a box would only spoil matching"
)]
pub enum Parcel {
    /// Words of the bot's own.
    Say {
        /// To whom.
        to: ChatRef,
        /// The words.
        text: Rich,
        /// Keys under the last piece.
        keys: Vec<Vec<Key>>,
        /// What the first piece answers.
        reply_to: Option<MessageRef>,
    },
    /// What somebody wrote: one message, an album, or things that belong together.
    Relay {
        /// To whom.
        to: ChatRef,
        /// What was written, in order.
        said: Vec<Said>,
        /// The line above it.
        header: Option<Rich>,
        /// What the first piece answers.
        reply_to: Option<MessageRef>,
    },
    /// A changed message, and where its twins stand (several where it was split).
    Revise {
        /// Where.
        to: ChatRef,
        /// Its twins, in order; never empty.
        twins: Vec<MessageRef>,
        /// What it reads now.
        said: Said,
        /// The line above it.
        header: Option<Rich>,
        /// Whether the file changed too, and not only the words.
        new_file: bool,
    },
    /// The bot's own words are changed.
    Rewrite {
        /// Which message.
        message: MessageRef,
        /// What it reads now; what does not fit is cut with «…».
        text: Rich,
        /// Its keys now.
        keys: Vec<Vec<Key>>,
    },
    /// Keys are taken from under messages.
    StripKeys {
        /// Which messages.
        messages: Vec<MessageRef>,
    },
    /// A press is answered.
    Answer {
        /// Where it came from.
        to: ChatRef,
        /// The press, as the channel named it.
        press: String,
        /// Words for whoever pressed.
        text: Option<String>,
        /// Whether they must be closed by hand.
        alert: bool,
    },
    /// A sign under somebody's message that it has arrived.
    Mark {
        /// Which message.
        message: MessageRef,
    },
    /// The notice at the top of a chat.
    Notice {
        /// Where.
        to: ChatRef,
        /// Where it stands, if it does.
        stands: Option<MessageRef>,
        /// What it reads now; what does not fit is cut with «…».
        text: Rich,
    },
}

/// One call to the messenger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// A text message. `of`: whose words these are, if somebody's.
    Text {
        /// To whom.
        to: ChatRef,
        /// The words: within the limit.
        text: Rich,
        /// Keys under it.
        keys: Vec<Vec<Key>>,
        /// What it answers.
        reply_to: Option<MessageRef>,
        /// The message that it carries, or a part of.
        of: Option<MessageRef>,
    },
    /// A message copied inside the messenger; sent anew from `said` if it cannot be copied any more.
    Copy {
        /// To whom.
        to: ChatRef,
        /// The message.
        said: Said,
        /// Its caption, where it gets another one.
        caption: Option<Rich>,
        /// What it answers.
        reply_to: Option<MessageRef>,
    },
    /// Several messages copied inside the messenger at once: an album stays one.
    CopyAll {
        /// To whom.
        to: ChatRef,
        /// The messages, at most as many as an album may have; all from one chat.
        said: Vec<Said>,
        /// What the first answers.
        reply_to: Option<MessageRef>,
    },
    /// A message with a file, a place or a card, sent anew.
    Send {
        /// To whom.
        to: ChatRef,
        /// The message. A file of another messenger is fetched ([`crate::Errand::files`]) and uploaded.
        said: Said,
        /// What the file arrives as; means nothing for places and cards.
        carried: Carried,
        /// Its caption.
        caption: Rich,
        /// What it answers.
        reply_to: Option<MessageRef>,
    },
    /// Several files in one message or album, sent anew.
    SendAll {
        /// To whom.
        to: ChatRef,
        /// The messages and what each file arrives as, at most as many as an album may have.
        said: Vec<(Said, Carried)>,
        /// The words under all of them where an album is one message ([`crate::Abilities::gathers`]);
        /// otherwise under the first, and the others keep their own.
        caption: Rich,
        /// What the first answers.
        reply_to: Option<MessageRef>,
    },
    /// Text of a message is changed.
    EditText {
        /// Which.
        message: MessageRef,
        /// The words now.
        text: Rich,
        /// Its keys now.
        keys: Vec<Vec<Key>>,
        /// The message that it carries, if it carries one.
        of: Option<MessageRef>,
    },
    /// Caption of a message is changed.
    EditCaption {
        /// Which.
        message: MessageRef,
        /// The words now.
        caption: Rich,
        /// The message that it carries.
        of: MessageRef,
    },
    /// File and caption of a message are changed.
    EditMedia {
        /// Which.
        message: MessageRef,
        /// What it is now.
        said: Said,
        /// What the file arrives as.
        carried: Carried,
        /// The words now.
        caption: Rich,
    },
    /// Keys are taken from under a message.
    StripKeys {
        /// Which.
        message: MessageRef,
    },
    /// A message of ours is taken back.
    Delete {
        /// Which.
        message: MessageRef,
    },
    /// A press is answered.
    Answer {
        /// Where it came from.
        to: ChatRef,
        /// The press.
        press: String,
        /// Words.
        text: Option<String>,
        /// Whether they must be closed by hand.
        alert: bool,
    },
    /// A sign under a message that it has arrived.
    Mark {
        /// Which.
        message: MessageRef,
    },
    /// A notice that stands at the top of a chat: changed where it stands, sent anew if somebody
    /// deleted it, pinned if it is not.
    Notice {
        /// Where.
        to: ChatRef,
        /// Where it stands, if it does.
        stands: Option<MessageRef>,
        /// The words.
        text: Rich,
    },
}

/// What the messenger made of a piece.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Receipt {
    /// The messages that stand there now.
    pub sent: Vec<Sent>,
    /// A message from under which the keys are gone, for good.
    pub stripped: Option<MessageRef>,
}

/// A message that stands in a chat now because of us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// Where.
    pub at: MessageRef,
    /// The message that it carries, or a part of.
    pub of: Option<MessageRef>,
    /// Whether keys stand under it.
    pub keys: bool,
}

/// Why something was not delivered, as what to do next.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Undelivered {
    /// The messenger asks to wait that long (429): nothing was accepted.
    #[error("asked to wait {} s", .0.as_secs())]
    Wait(Duration),
    /// Nothing was accepted: try again later.
    #[error("not accepted: {0}")]
    Unreached(String),
    /// It may have been accepted: the connection ended before the answer.
    #[error("outcome unknown: {0}")]
    Unknown(String),
    /// The chat is out of reach: blocked, deleted, never begun.
    #[error("out of reach: {0}")]
    Gone(String),
    /// The chat has a new id.
    #[error("the chat moved to {0}")]
    Moved(ChatRef),
    /// What was to be changed, answered or copied is not there any more, or is so already.
    #[error("nothing to do: {0}")]
    Moot(String),
    /// The messenger does not take our token: nothing can be delivered until it is mended.
    #[error("access refused: {0}")]
    Locked(String),
    /// The messenger will not take this message; another may go.
    #[error("refused: {reason}")]
    Refused {
        /// Its words, without secrets.
        reason: String,
    },
}
