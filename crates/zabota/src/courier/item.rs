//! A row of the outbox on its way: what it is, how far it has come, and what its next call costs.

use std::collections::VecDeque;

use channels::Piece;
use engine::{
    effect::{Effect, Urgency},
    ids::DeliveryId,
};
use jiff::Timestamp;
use store::Queued;

use super::{
    parcel,
    routing::{chat_of, lane_of, urgency_of},
};
use crate::throttle::Place;

/// A row of the outbox on its way.
pub(super) struct Item {
    pub(super) id: DeliveryId,
    pub(super) lane: String,
    pub(super) urgency: Urgency,
    pub(super) effect: Effect,
    /// How often it was started, where that counts.
    pub(super) attempts: u32,
    /// How many pieces have arrived.
    pub(super) progress: u32,
    /// What is left to send, once it is known.
    pub(super) pieces: Option<VecDeque<Piece>>,
    /// So many of the first pieces stand for one that was refused: it has arrived when they have.
    standing: u32,
    /// How many of those have arrived.
    part: u32,
    /// What was left of them when the row had to wait.
    left: Option<VecDeque<Piece>>,
    /// How often the messenger was silent to it: each time it waits longer.
    pub(super) silences: u32,
    /// Since when it has been.
    pub(super) silent_since: Option<Timestamp>,
    /// The chat that it is for, as the throttle names it.
    pub(super) chat: String,
    /// When it may be tried again.
    pub(super) not_before: Option<Timestamp>,
}

impl Item {
    /// A row as it was queued; `group` is the operators' group.
    pub(super) fn new(queued: Queued, group: &str) -> Self {
        Self {
            id: queued.id,
            chat: chat_of(&queued.effect).map_or_else(String::new, ToString::to_string),
            lane: lane_of(&queued, group),
            urgency: urgency_of(&queued),
            effect: queued.effect,
            attempts: queued.attempts,
            progress: queued.progress,
            pieces: None,
            standing: 0,
            part: 0,
            left: None,
            silences: 0,
            silent_since: None,
            not_before: queued.not_before,
        }
    }

    /// Which budget its next call uses.
    pub(super) fn place(&self, group: &str) -> Place<'_> {
        if self.chat.is_empty() {
            return Place::Nowhere;
        }
        if self.chat == group {
            return Place::Group(&self.chat);
        }
        let changes = match self.pieces.as_ref().and_then(VecDeque::front) {
            Some(piece) => is_change(piece),
            None => matches!(
                self.effect,
                Effect::StripKeys { .. } | Effect::Revise(_) | Effect::Mark { .. }
            ),
        };
        if changes {
            Place::Change(&self.chat)
        } else {
            Place::Private(&self.chat)
        }
    }

    /// How many messages its next call makes. `gathers`: whether an album is one.
    pub(super) fn cost(&self, gathers: bool) -> u32 {
        let parts = match (self.pieces.as_ref().and_then(VecDeque::front), &self.effect) {
            (Some(Piece::CopyAll { said, .. }), _) if !gathers => said.len(),
            (Some(Piece::SendAll { said, .. }), _) if !gathers => said.len(),
            (None, Effect::Relay(relay)) if !gathers => relay.said.len(),
            (None, Effect::Bulk { said, .. }) if !gathers => said.len(),
            // A new notice is also pinned.
            (Some(Piece::Notice { stands: None, .. }), _) => 2,
            _ => 1,
        };
        u32::try_from(parts).unwrap_or(u32::MAX)
    }

    /// Whether its next call moves a file, which may take minutes.
    pub(super) fn moves_file(&self) -> bool {
        match (self.pieces.as_ref().and_then(VecDeque::front), &self.effect) {
            (Some(piece), _) => parcel::source(piece).is_some(),
            (None, Effect::Keep { .. }) => true,
            (None, Effect::Relay(relay)) => relay
                .said
                .iter()
                .any(|said| parcel::is_foreign(said, &relay.to)),
            (None, Effect::Bulk { to, said, .. }) => {
                said.iter().any(|said| parcel::is_foreign(said, to))
            }
            (None, Effect::Revise(revise)) => {
                revise.new_file && parcel::is_foreign(&revise.said, &revise.to)
            }
            (
                None,
                Effect::Say(_)
                | Effect::Card(_)
                | Effect::StripKeys { .. }
                | Effect::Answer(_)
                | Effect::Again { .. }
                | Effect::Recognise { .. }
                | Effect::ReadSheet { .. }
                | Effect::Remind { .. }
                | Effect::Mark { .. }
                | Effect::Board { .. },
            ) => false,
        }
    }

    /// The number of its next call: the same whenever that is tried. What stands for a piece has
    /// other numbers than the piece. A row comes to far fewer calls than [`NUMBERS`]: one message, or
    /// an album.
    pub(super) fn serial(&self, first: u64) -> u64 {
        let row = self.id.0.unsigned_abs();
        let progress = u64::from(self.progress);
        let call = if self.standing == 0 {
            progress
        } else {
            NUMBERS / 2 + progress * PARTS + u64::from(self.part)
        };
        first + row * NUMBERS + call
    }

    /// What its next call is to send, if that is known.
    pub(super) fn known(&self) -> Option<VecDeque<Piece>> {
        self.pieces.clone().or_else(|| self.left.clone())
    }

    /// Others go in the place of the first piece.
    pub(super) fn exchange(&mut self, mut pieces: VecDeque<Piece>, instead: Vec<Piece>) {
        pieces.pop_front();
        let more = u32::try_from(instead.len()).unwrap_or(u32::MAX);
        self.standing = self.standing.saturating_sub(1) + more;
        for piece in instead.into_iter().rev() {
            pieces.push_front(piece);
        }
        self.pieces = Some(pieces);
    }

    /// A piece arrived.
    pub(super) fn advance(&mut self) {
        self.left = None;
        if self.standing > 1 {
            self.standing -= 1;
            self.part += 1;
            return;
        }
        (self.standing, self.part) = (0, 0);
        self.progress += 1;
    }

    /// It waits: what it comes to is looked up anew, but for what stands for something refused.
    pub(super) fn wait(&mut self, not_before: Timestamp) {
        self.not_before = Some(not_before);
        let pieces = self.pieces.take();
        self.left = pieces
            .or_else(|| self.left.take())
            .filter(|_| self.standing > 0);
    }

    /// Its chat has a new id: everything is looked up anew.
    pub(super) fn moved(&mut self) {
        (self.standing, self.part) = (0, 0);
        self.pieces = None;
    }
}

/// So many numbers each row has for its calls.
const NUMBERS: u64 = 64;
/// So many things are sent one by one in the place of one piece at most: the parts of an album.
const PARTS: u64 = 10;

fn is_change(piece: &Piece) -> bool {
    match piece {
        Piece::EditText { .. }
        | Piece::EditCaption { .. }
        | Piece::EditMedia { .. }
        | Piece::StripKeys { .. }
        | Piece::Delete { .. }
        | Piece::Mark { .. } => true,
        Piece::Notice { stands, .. } => stands.is_some(),
        Piece::Text { .. }
        | Piece::Copy { .. }
        | Piece::CopyAll { .. }
        | Piece::Send { .. }
        | Piece::SendAll { .. }
        | Piece::Answer { .. } => false,
    }
}

#[cfg(test)]
mod tests {
    use engine::{
        content::{Content, Rich, Said},
        effect::{Purpose, Relay},
        ids::{ChannelId, ChatRef},
    };
    use jiff::SignedDuration;

    use super::*;

    fn customer() -> ChatRef {
        ChatRef::new(&ChannelId::new("vk"), "2001")
    }

    fn text(words: &str) -> Piece {
        Piece::Text {
            to: customer(),
            text: Rich::plain(words),
            keys: Vec::new(),
            reply_to: None,
            of: None,
        }
    }

    fn row(effect: Effect) -> Item {
        let queued = Queued {
            id: DeliveryId(1),
            lane: effect.lane(),
            urgency: effect.urgency(),
            effect,
            attempts: 1,
            progress: 0,
            started: true,
            not_before: None,
            repeated: false,
        };
        Item::new(queued, "telegram/-1001")
    }

    fn relay() -> Effect {
        let operator = ChatRef::new(&ChannelId::new("telegram"), "3001");
        Effect::Relay(Relay {
            to: customer(),
            said: vec![Said {
                at: operator.message("5"),
                content: Content::default(),
            }],
            header: None,
            under: None,
            purpose: Purpose::Nothing,
        })
    }

    /// A row that comes to an album and a text after it.
    fn album() -> (Item, VecDeque<Piece>) {
        let pieces = VecDeque::from([text("album"), text("after")]);
        (row(relay()), pieces)
    }

    fn words(pieces: Option<VecDeque<Piece>>) -> Option<Vec<String>> {
        let words = |piece| match piece {
            Piece::Text { text, .. } => text.text,
            other => format!("{other:?}"),
        };
        pieces.map(|pieces| pieces.into_iter().map(words).collect())
    }

    /// As a courier does: the rest is what is left after the first has arrived.
    fn arrives(item: &mut Item) {
        let mut pieces = item.known().unwrap();
        pieces.pop_front();
        item.advance();
        item.pieces = Some(pieces);
    }

    #[test]
    fn an_album_has_arrived_when_each_of_its_parts_has() {
        let (mut item, pieces) = album();
        item.exchange(pieces, vec![text("one"), text("two")]);
        arrives(&mut item);
        assert_eq!(item.progress, 0);
        // The second part is refused too: a line goes in its place.
        let pieces = item.known().unwrap();
        item.exchange(pieces, vec![text("line")]);
        assert_eq!(words(item.known()).unwrap(), ["line", "after"]);
        arrives(&mut item);
        assert_eq!(item.progress, 1);
        assert_eq!(words(item.known()).unwrap(), ["after"]);
    }

    #[test]
    fn parts_that_arrived_are_not_sent_again_after_a_pause() {
        let (mut item, pieces) = album();
        item.exchange(pieces, vec![text("one"), text("two")]);
        arrives(&mut item);
        let moment = Timestamp::UNIX_EPOCH + SignedDuration::from_secs(1);
        item.wait(moment);
        item.wait(moment);
        assert!(item.pieces.is_none(), "it must be started again");
        assert_eq!(words(item.known()).unwrap(), ["two", "after"]);
        arrives(&mut item);
        item.wait(moment);
        assert_eq!(item.known(), None, "the rest is looked up anew");
    }

    #[test]
    fn no_two_calls_of_a_row_share_a_number() {
        let (mut item, pieces) = album();
        let mut numbers = vec![item.serial(0)];
        item.exchange(pieces, vec![text("one"), text("two")]);
        for _ in 0..3 {
            numbers.push(item.serial(0));
            arrives(&mut item);
        }
        assert_eq!(numbers, [64, 96, 97, 65]);
    }
}
