//! What to do after a call: note that it arrived, try again, or give up and say so. A call whose
//! outcome is unknown is made at most once more, unless making it twice changes nothing: then until
//! it is known.

#[cfg(test)]
mod tests;

use channels::{Piece, Receipt, Undelivered};
use engine::{
    broadcast::{self, BroadcastId},
    effect::{Effect, Purpose, anchor, board},
    event::{Event, Fate, Receipt as Told},
    ids::{ChatRef, MessageRef},
    reminder::{self, Noted},
};
use jiff::{SignedDuration, Timestamp};
use store::{FollowUp, Outcome, Settlement};

use super::{item::Item, parcel};
use crate::throttle::{self, backoff};

/// What becomes of something that did not arrive.
pub(super) enum Verdict {
    /// It is tried again.
    Retry {
        /// Not before then.
        not_before: Timestamp,
        /// Whether this attempt counts: it may have arrived.
        counted: bool,
    },
    /// It is given up.
    Failed(Fate),
}

/// So often may something be sent whose outcome is unknown each time.
const MOST: u32 = 2;
/// A file that is to be kept is given up when it could not be had for so long: whatever held it is
/// gone.
const LONGEST_FETCH: SignedDuration = SignedDuration::from_hours(24);

/// What becomes of something that did not arrive. `once`: the messenger makes a call that it knows by
/// its number only once.
pub(super) fn judge(
    item: &mut Item,
    piece: Option<&Piece>,
    failed: &Undelivered,
    once: bool,
    now: Timestamp,
) -> Verdict {
    match failed {
        Undelivered::Wait(pause) => {
            let pause = SignedDuration::try_from(*pause).unwrap_or(SignedDuration::from_secs(60));
            Verdict::Retry {
                not_before: now + pause,
                counted: false,
            }
        }
        Undelivered::Unreached(why) if is_given_up(item, now) => Verdict::Failed(Fate::Refused {
            reason: why.clone(),
        }),
        Undelivered::Unreached(_) | Undelivered::Locked(_) => Verdict::Retry {
            not_before: later(item, now),
            counted: false,
        },
        Undelivered::Moved(_) => Verdict::Retry {
            not_before: now,
            counted: false,
        },
        Undelivered::Unknown(_) => {
            let not_before = later(item, now);
            judge_unknown(item, piece, once, not_before)
        }
        Undelivered::Gone(_) => Verdict::Failed(Fate::Gone),
        Undelivered::Moot(reason) | Undelivered::Refused { reason } => {
            Verdict::Failed(Fate::Refused {
                reason: reason.clone(),
            })
        }
    }
}

/// Each silence is waited out longer, and longer than the channel's own: a message on which the
/// messenger chokes is not always the one that tries.
fn later(item: &mut Item, now: Timestamp) -> Timestamp {
    item.silences += 1;
    item.silent_since.get_or_insert(now);
    now + backoff(item.silences, 0.5)
}

fn is_given_up(item: &Item, now: Timestamp) -> bool {
    let long = |since| now.duration_since(since) > LONGEST_FETCH;
    matches!(item.effect, Effect::Keep { .. }) && item.silent_since.is_some_and(long)
}

/// Perhaps it arrived: the connection broke, or the desk was stopped while it was under way.
pub(super) fn judge_unknown(
    item: &Item,
    piece: Option<&Piece>,
    once: bool,
    not_before: Timestamp,
) -> Verdict {
    // Nobody gets a broadcast twice: of those who perhaps got it the owner reads the names. Nor is
    // anybody reminded twice.
    let bulk = matches!(item.effect, Effect::Bulk { .. });
    let reminder = matches!(item.effect, Effect::Remind { .. });
    if bulk || (reminder && !once) {
        return Verdict::Failed(Fate::Unknown);
    }
    let repeatable = once || is_repeatable(item, piece);
    if repeatable || item.attempts < MOST {
        // A reminder that may have arrived is not one that never left.
        let counted = !repeatable || reminder;
        Verdict::Retry {
            not_before,
            counted,
        }
    } else {
        Verdict::Failed(Fate::Unknown)
    }
}

/// Whether making the call twice is the same as making it once.
fn is_repeatable(item: &Item, piece: Option<&Piece>) -> bool {
    match piece {
        Some(
            Piece::EditText { .. }
            | Piece::EditCaption { .. }
            | Piece::EditMedia { .. }
            | Piece::StripKeys { .. }
            | Piece::Delete { .. }
            | Piece::Answer { .. }
            | Piece::Mark { .. },
        ) => true,
        Some(Piece::Notice { stands, .. }) => stands.is_some(),
        Some(
            Piece::Text { .. }
            | Piece::Copy { .. }
            | Piece::CopyAll { .. }
            | Piece::Send { .. }
            | Piece::SendAll { .. },
        ) => false,
        None => match &item.effect {
            Effect::StripKeys { .. }
            | Effect::Answer(_)
            | Effect::Keep { .. }
            | Effect::Again { .. }
            | Effect::Recognise { .. }
            | Effect::ReadSheet { .. }
            | Effect::Mark { .. } => true,
            Effect::Card(card) => !card.new,
            Effect::Say(_)
            | Effect::Relay(_)
            | Effect::Revise(_)
            | Effect::Remind { .. }
            | Effect::Bulk { .. }
            | Effect::Board { .. } => false,
        },
    }
}

/// What is to be changed is not there any more, or is so already: that is as good as done.
pub(super) fn is_moot(piece: Option<&Piece>, failed: &Undelivered) -> bool {
    let Some(piece) = piece else { return false };
    // Keys under a message that cannot be changed any more, or in a chat out of reach; a sign where
    // signs are forbidden.
    let lost = matches!(failed, Undelivered::Refused { .. } | Undelivered::Gone(_))
        && matches!(
            piece,
            Piece::StripKeys { .. }
                | Piece::Delete { .. }
                | Piece::Answer { .. }
                | Piece::Mark { .. }
        );
    lost || matches!(failed, Undelivered::Moot(_))
}

/// Whether words of the bot's own that were to be changed in their place must be said anew: somebody
/// deleted them, or they are too old to be changed.
pub(super) fn is_to_be_said_anew(effect: &Effect, failed: &Undelivered) -> bool {
    let gone = matches!(failed, Undelivered::Moot(_) | Undelivered::Refused { .. });
    gone && matches!(effect, Effect::Say(say) if say.rewrites)
}

/// What the throttle must know of it.
pub(super) fn for_throttle(failed: &Undelivered, now: Timestamp) -> throttle::Outcome {
    match failed {
        Undelivered::Wait(pause) => {
            let pause = SignedDuration::try_from(*pause).unwrap_or(SignedDuration::from_secs(60));
            throttle::Outcome::Asked(now + pause)
        }
        Undelivered::Unreached(_) | Undelivered::Unknown(_) | Undelivered::Locked(_) => {
            throttle::Outcome::Silent
        }
        Undelivered::Gone(_)
        | Undelivered::Moved(_)
        | Undelivered::Moot(_)
        | Undelivered::Refused { .. } => throttle::Outcome::Answered,
    }
}

/// The word for it in the metrics.
pub(super) fn word(failed: &Undelivered) -> &'static str {
    match failed {
        Undelivered::Wait(_) => "wait",
        Undelivered::Unreached(_) => "unreached",
        Undelivered::Unknown(_) => "unknown",
        Undelivered::Gone(_) => "gone",
        Undelivered::Moved(_) => "moved",
        Undelivered::Moot(_) => "moot",
        Undelivered::Locked(_) => "locked",
        Undelivered::Refused { .. } => "refused",
    }
}

/// A piece arrived: where what it carried stands now.
pub(super) fn arrived(item: &Item, piece: Option<&Piece>, receipt: Receipt) -> Settlement {
    let mut settlement = Settlement::new(
        item.id,
        Outcome::Partly {
            progress: item.progress,
        },
    );
    settlement.stripped = receipt.stripped.into_iter().collect();
    let named = name_of(&item.effect, piece);
    if let Some(Piece::Notice {
        stands: Some(stood),
        ..
    }) = piece
        && receipt.sent.iter().any(|sent| sent.at != *stood)
    {
        // Somebody deleted it, and it was sent anew.
        settlement.unlinked = Some(stood.clone());
    }
    for sent in receipt.sent {
        // The key under a reminder works for days, whatever else is said there.
        if sent.keys && !matches!(item.effect, Effect::Remind { .. }) {
            settlement.keys = Some(sent.at.clone());
        }
        if let Some(origin) = sent.of.or_else(|| named.clone()) {
            settlement.links.push((origin, sent.at));
        }
    }
    settlement
}

/// Words of the bot's own that others refer to are known by a name.
fn name_of(effect: &Effect, piece: Option<&Piece>) -> Option<MessageRef> {
    match effect {
        Effect::Say(say) | Effect::Remind { say, .. } => say.anchor.clone(),
        Effect::Card(card) => Some(anchor(&card.to, card.ticket)),
        // The group may have got a new id: there it is looked for.
        Effect::Board { to } => Some(board(piece.map_or(to, parcel::to))),
        Effect::Relay(_)
        | Effect::Revise(_)
        | Effect::StripKeys { .. }
        | Effect::Answer(_)
        | Effect::Keep { .. }
        | Effect::Again { .. }
        | Effect::Recognise { .. }
        | Effect::ReadSheet { .. }
        | Effect::Bulk { .. }
        | Effect::Mark { .. } => None,
    }
}

/// The last piece arrived.
pub(super) fn complete(item: &Item, settlement: &mut Settlement) {
    let reminder = matches!(item.effect, Effect::Remind { .. });
    let perhaps_twice = item.attempts > 1 && !reminder;
    settlement.outcome = Outcome::Delivered { perhaps_twice };
    settlement.recipient = recipient(&item.effect, &Fate::Delivered);
    let purpose = purpose(&item.effect);
    if purpose.awaits_success() || (perhaps_twice && purpose.awaits_failure()) {
        let fate = if perhaps_twice {
            Fate::PerhapsTwice
        } else {
            Fate::Delivered
        };
        settlement.receipt = receipt(item, fate, None);
    }
    if reminder {
        settlement.receipt = reminded(item, reminder::Outcome::Sent);
    }
}

/// A reminder does not leave any more. If it may have left before, nobody knows.
pub(super) fn withheld(item: &Item, outcome: reminder::Outcome) -> Settlement {
    let (outcome, fate) = if item.attempts > 1 {
        (reminder::Outcome::Unknown, Fate::Unknown)
    } else {
        let reason = "it is not true any more".to_owned();
        (outcome, Fate::Refused { reason })
    };
    let mut settlement = Settlement::new(item.id, Outcome::Failed(fate));
    settlement.receipt = reminded(item, outcome);
    settlement
}

/// It was given up: whoever must know is told.
pub(super) fn failed(item: &Item, fate: Fate) -> Settlement {
    let mut settlement = Settlement::new(item.id, Outcome::Failed(fate.clone()));
    settlement.recipient = recipient(&item.effect, &fate);
    settlement.receipt = reminded(item, (&fate).into());
    // The owner reads what became of a broadcast; what a rule must hear of is who has blocked the bot.
    let is_told = fate == Fate::Gone || !matches!(item.effect, Effect::Bulk { .. });
    if is_told && purpose(&item.effect).awaits_failure() {
        settlement.receipt = receipt(item, fate, Some(Box::new(item.effect.clone())));
    }
    settlement
}

/// What became of one of those who get a broadcast.
fn recipient(effect: &Effect, fate: &Fate) -> Option<(BroadcastId, ChatRef, broadcast::Fate)> {
    let Effect::Bulk { broadcast, to, .. } = effect else {
        return None;
    };
    let fate = match fate {
        Fate::Delivered | Fate::PerhapsTwice => broadcast::Fate::Sent,
        Fate::Gone => broadcast::Fate::Blocked,
        Fate::Refused { reason } => broadcast::Fate::Failed {
            reason: reason.clone(),
        },
        Fate::Unknown => broadcast::Fate::Unknown,
    };
    Some((*broadcast, to.clone(), fate))
}

/// What became of a reminder, for whoever lists it; none of anything else.
fn reminded(item: &Item, outcome: reminder::Outcome) -> Option<FollowUp> {
    let Effect::Remind { reminder, say } = &item.effect else {
        return None;
    };
    let noted = Noted {
        reminder: reminder.clone(),
        to: Some(say.to.clone()),
        outcome,
    };
    Some(FollowUp {
        lane: say.to.to_string(),
        event: Event::Reminded(noted),
    })
}

fn receipt(item: &Item, fate: Fate, effect: Option<Box<Effect>>) -> Option<FollowUp> {
    let to = addressee(&item.effect)?.clone();
    let purpose = purpose(&item.effect);
    let lane = to.to_string();
    let told = Told {
        delivery: item.id,
        to,
        purpose,
        fate,
        effect,
    };
    Some(FollowUp {
        lane,
        event: Event::Receipt(told),
    })
}

/// Why it is sent.
pub(super) fn purpose(effect: &Effect) -> Purpose {
    match effect {
        Effect::Say(say) | Effect::Remind { say, .. } => say.purpose.clone(),
        Effect::Relay(relay) => relay.purpose.clone(),
        Effect::Revise(revise) => revise.purpose.clone(),
        // Whoever has blocked the bot is not counted the next time.
        Effect::Bulk { .. } => Purpose::Notice,
        Effect::Card(_)
        | Effect::StripKeys { .. }
        | Effect::Answer(_)
        | Effect::Keep { .. }
        | Effect::Again { .. }
        | Effect::Recognise { .. }
        | Effect::ReadSheet { .. }
        | Effect::Mark { .. }
        | Effect::Board { .. } => Purpose::Nothing,
    }
}

fn addressee(effect: &Effect) -> Option<&ChatRef> {
    match effect {
        Effect::Say(say) | Effect::Remind { say, .. } => Some(&say.to),
        Effect::Relay(relay) => Some(&relay.to),
        Effect::Revise(revise) => Some(&revise.to),
        Effect::Bulk { to, .. } => Some(to),
        Effect::Card(_)
        | Effect::StripKeys { .. }
        | Effect::Answer(_)
        | Effect::Keep { .. }
        | Effect::Again { .. }
        | Effect::Recognise { .. }
        | Effect::ReadSheet { .. }
        | Effect::Mark { .. }
        | Effect::Board { .. } => None,
    }
}
