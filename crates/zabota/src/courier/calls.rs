//! The calls themselves: made in tasks of their own, and what follows from how each one ended.

use std::{
    collections::{HashMap, VecDeque},
    time::{Duration, Instant},
};

use channels::{Channel, Errand, Piece, Receipt, Undelivered};
use engine::{
    effect::Effect,
    ids::{ChatRef, DeliveryId, MessageRef},
    reminder,
};
use jiff::{SignedDuration, Timestamp};
use store::{Outcome, Settlement};
use tracing::{debug, warn};

use super::{
    Round,
    outcome::{self, Verdict},
    parcel,
};
use crate::{
    desk::Desk,
    files::Sources,
    throttle::{self, Pass},
};

/// How long the pinned list stays as it is: what changes meanwhile is in the next one. Of the twenty
/// operations a minute that a group has, customers need more than the list does.
const BETWEEN_BOARDS: SignedDuration = SignedDuration::from_secs(3);

/// A call that ended, or needed none.
pub(super) struct Ended {
    pub(super) id: DeliveryId,
    pub(super) pass: Pass,
    pub(super) what: What,
}

pub(super) enum What {
    /// The messenger answered a cheap question, or not.
    Probed(Result<(), Undelivered>),
    /// What an effect comes to could not be looked up.
    Unresolved(store::Error),
    /// A reminder is not true any more, and does not leave.
    Withheld(reminder::Outcome),
    /// A piece, the first of `pieces`, was sent; none if there was nothing to send.
    Sent {
        pieces: VecDeque<Piece>,
        result: Result<Receipt, Undelivered>,
        took: Duration,
    },
    /// A piece, the first of `pieces`, was not sent: its file could not be had from another messenger.
    Unfetched {
        pieces: VecDeque<Piece>,
        why: Undelivered,
    },
    /// An attachment was stored at this path, or not.
    Kept(Result<String, Undelivered>),
}

impl Round {
    /// Makes the call for the next piece; looks up the pieces first, if they are not known yet.
    pub(super) fn send(&mut self, id: DeliveryId, pass: Pass) {
        let Some(item) = self.lanes.item(id) else {
            return self.give_back(id, pass);
        };
        let (desk, channel) = (self.desk.clone(), self.channel.clone());
        let (effect, attempts, progress) = (item.effect.clone(), item.attempts, item.progress);
        let serial = item.serial(desk.store.first_serial());
        let known = item.known();
        let moved = self.moved.clone();
        self.calls.spawn(async move {
            let what = match known {
                Some(pieces) => deliver(&desk, &*channel, pieces, serial).await,
                None => match &effect {
                    Effect::Keep { of, content } => {
                        What::Kept(parcel::keep(&desk, &*channel, of, content).await)
                    }
                    Effect::Say(_)
                    | Effect::Relay(_)
                    | Effect::Revise(_)
                    | Effect::Card(_)
                    | Effect::StripKeys { .. }
                    | Effect::Answer(_)
                    | Effect::Again { .. }
                    | Effect::Recognise { .. }
                    | Effect::ReadSheet { .. }
                    | Effect::Remind { .. }
                    | Effect::Bulk { .. }
                    | Effect::Mark { .. }
                    | Effect::Board { .. } => {
                        let repeated = attempts > 1;
                        match resolved(&desk, &*channel, &effect, repeated, &moved).await {
                            Ok(Ok(pieces)) => {
                                let rest = pieces.into_iter().skip(progress as usize).collect();
                                deliver(&desk, &*channel, rest, serial).await
                            }
                            Ok(Err(outcome)) => What::Withheld(outcome),
                            Err(error) => What::Unresolved(error),
                        }
                    }
                },
            };
            Ended { id, pass, what }
        });
    }

    pub(super) fn ended(&mut self, ended: Ended) {
        let now = self.desk.clock.now();
        let Ended { id, pass, what } = ended;
        let outcome = match &what {
            What::Probed(Ok(()))
            | What::Unresolved(_)
            | What::Withheld(_)
            | What::Sent { result: Ok(_), .. }
            | What::Unfetched { .. }
            | What::Kept(Ok(_) | Err(Undelivered::Unreached(_))) => throttle::Outcome::Answered,
            What::Probed(Err(failed))
            | What::Sent {
                result: Err(failed),
                ..
            }
            | What::Kept(Err(failed)) => outcome::for_throttle(failed, now),
        };
        self.held.forget();
        self.crossing.end(id);
        self.throttle.settle(pass, outcome, now, chance(now));
        self.note_health(&what);
        match what {
            What::Probed(Ok(())) => self.silent = false,
            What::Probed(Err(failed)) => debug!(%failed, "the messenger is still silent"),
            What::Unresolved(error) => {
                warn!(%error, "what is to be sent cannot be looked up");
                let not_before = now + SignedDuration::from_secs(1);
                self.retry(id, not_before, false);
            }
            What::Withheld(outcome) => self.withheld(id, outcome),
            What::Kept(Ok(path)) => self.kept(id, path),
            What::Kept(Err(failed)) => self.failed(id, None, &failed, now),
            What::Unfetched { pieces, why } => {
                let failed = match pieces.front().and_then(parcel::source) {
                    Some(source) => self.crossing.not_given(source, why, now),
                    None => why,
                };
                self.failed(id, Some(pieces), &failed, now);
            }
            What::Sent {
                pieces,
                result: Ok(receipt),
                took,
            } => {
                self.measure("delivered", took);
                if let Some(source) = pieces.front().and_then(parcel::source) {
                    self.crossing.given(source);
                }
                self.arrived(id, pieces, receipt);
            }
            What::Sent {
                pieces,
                result: Err(failed),
                took,
            } => {
                self.measure(outcome::word(&failed), took);
                self.failed(id, Some(pieces), &failed, now);
            }
        }
        self.lanes.awake_siblings(id, now);
    }

    fn measure(&self, outcome: &'static str, took: Duration) {
        let channel = self.channel.id().as_str();
        self.desk
            .measures
            .deliveries
            .with(&[channel, outcome])
            .one();
        self.desk
            .measures
            .delivery_seconds
            .with(&[channel])
            .took(took);
    }

    /// Whether the channel is in order, for `/readyz`.
    fn note_health(&mut self, what: &What) {
        let channel = self.channel.id();
        match what {
            // Files may lie elsewhere than where messages go.
            What::Unresolved(_)
            | What::Withheld(_)
            | What::Unfetched { .. }
            | What::Kept(Ok(_) | Err(Undelivered::Unreached(_))) => {}
            // Nobody was asked.
            What::Sent { pieces, .. } if pieces.is_empty() => {}
            What::Probed(Err(failed))
            | What::Sent {
                result: Err(failed),
                ..
            }
            | What::Kept(Err(failed)) => match failed {
                Undelivered::Unreached(_) | Undelivered::Unknown(_) => self.silent = true,
                Undelivered::Locked(_) => {
                    self.silent = true;
                    self.desk.fails(channel, failed);
                }
                Undelivered::Wait(_)
                | Undelivered::Gone(_)
                | Undelivered::Moved(_)
                | Undelivered::Moot(_)
                | Undelivered::Refused { .. } => {}
            },
            What::Probed(Ok(())) | What::Sent { result: Ok(_), .. } => self.desk.answers(channel),
        }
    }

    fn arrived(&mut self, id: DeliveryId, mut pieces: VecDeque<Piece>, receipt: Receipt) {
        let sent = pieces.pop_front();
        let Some(item) = self.lanes.item_mut(id) else {
            return;
        };
        if sent.is_some() {
            item.advance();
        }
        let mut settlement = outcome::arrived(item, sent.as_ref(), receipt);
        if pieces.is_empty() {
            outcome::complete(item, &mut settlement);
            self.over(settlement);
            self.finish_item(id);
        } else {
            item.pieces = Some(pieces);
            self.settlements.push(settlement);
            self.lanes.after_settlement(id);
        }
    }

    fn withheld(&mut self, id: DeliveryId, outcome: reminder::Outcome) {
        let Some(item) = self.lanes.item(id) else {
            return;
        };
        let settlement = outcome::withheld(item, outcome);
        self.over(settlement);
        self.finish_item(id);
    }

    fn kept(&mut self, id: DeliveryId, path: String) {
        let Some(item) = self.lanes.item(id) else {
            return;
        };
        let mut settlement = Settlement::new(
            id,
            Outcome::Delivered {
                perhaps_twice: false,
            },
        );
        if let Effect::Keep { of, .. } = &item.effect {
            settlement.kept = Some((of.clone(), path));
        }
        self.over(settlement);
        self.finish_item(id);
    }

    /// Nothing more leaves for a row; the next one of its lane may, if the lane needs no rest.
    fn finish_item(&mut self, id: DeliveryId) {
        self.many.end(id);
        if let Some(item) = self.lanes.item(id)
            && matches!(item.effect, Effect::Board { .. })
        {
            self.lanes.rest(id, self.desk.clock.now() + BETWEEN_BOARDS);
        }
        self.lanes.finish(id);
    }

    fn failed(
        &mut self,
        id: DeliveryId,
        pieces: Option<VecDeque<Piece>>,
        failed: &Undelivered,
        now: Timestamp,
    ) {
        let Some(item) = self.lanes.item_mut(id) else {
            return;
        };
        let piece = pieces.as_ref().and_then(VecDeque::front).cloned();
        if let (Undelivered::Refused { .. }, Some(piece), Some(pieces)) =
            (failed, &piece, pieces.clone())
        {
            let instead = parcel::instead_of(&self.desk, &*self.channel, &item.effect, piece);
            if !instead.is_empty() {
                item.exchange(pieces, instead);
                self.lanes.again(id);
                return;
            }
        }
        if let Some(Piece::EditText { message, .. }) = &piece
            && outcome::is_to_be_said_anew(&item.effect, failed)
        {
            self.say_anew(id, message.clone(), now);
            return;
        }
        // Whoever gets a broadcast has got it or not.
        let bulk = matches!(item.effect, Effect::Bulk { .. });
        if !bulk && outcome::is_moot(piece.as_ref(), failed) {
            let stripped = match piece {
                Some(Piece::StripKeys { message }) => Some(message),
                _ => None,
            };
            let receipt = Receipt {
                stripped,
                ..Receipt::default()
            };
            self.arrived(id, pieces.unwrap_or_default(), receipt);
            return;
        }
        if let (Undelivered::Moved(to), Some(piece)) = (failed, &piece) {
            let from = parcel::to(piece).clone();
            item.moved();
            self.moved.insert(from.clone(), to.clone());
            if from == self.desk.policy.group {
                self.desk.group_moved(&from, to);
            }
        }
        let once = self.channel.abilities().once;
        match outcome::judge(item, piece.as_ref(), failed, once, now) {
            Verdict::Retry {
                not_before,
                counted,
            } => self.retry(id, not_before, counted),
            Verdict::Failed(fate) => {
                warn!(%id, %failed, "not delivered");
                let settlement = outcome::failed(item, fate);
                self.over(settlement);
                self.finish_item(id);
            }
        }
    }

    /// Words that were to be changed in their place are said anew: what stood there is forgotten.
    fn say_anew(&mut self, id: DeliveryId, stood: MessageRef, now: Timestamp) {
        let retry = Outcome::Retry {
            not_before: now,
            counted: false,
        };
        let settlement = Settlement::new(id, retry);
        self.settlements.push(Settlement {
            unlinked: Some(stood),
            ..settlement
        });
        self.lanes.retry(id, now, false);
    }

    /// Nothing more is done for a row.
    pub(super) fn over(&mut self, settlement: Settlement) {
        self.unsettled.insert(settlement.id);
        self.settlements.push(settlement);
    }

    pub(super) fn retry(&mut self, id: DeliveryId, not_before: Timestamp, counted: bool) {
        let retry = Outcome::Retry {
            not_before,
            counted,
        };
        self.settlements.push(Settlement::new(id, retry));
        self.many.end(id);
        self.lanes.retry(id, not_before, counted);
    }
}

/// The pieces that an effect comes to; or why it does not leave.
async fn resolved(
    desk: &Desk,
    channel: &dyn Channel,
    effect: &Effect,
    repeated: bool,
    moved: &HashMap<ChatRef, ChatRef>,
) -> store::Result<Result<VecDeque<Piece>, reminder::Outcome>> {
    if let Some(outcome) = parcel::withheld(desk, effect).await? {
        return Ok(Err(outcome));
    }
    let pieces = parcel::pieces(desk, channel, effect, repeated, moved);
    pieces.await.map(Ok)
}

/// Makes the call for the first of some pieces.
async fn deliver(desk: &Desk, channel: &dyn Channel, pieces: VecDeque<Piece>, serial: u64) -> What {
    let began = Instant::now();
    let files = Sources::new(desk);
    let errand = Errand {
        at: desk.clock.now(),
        serial,
        files: &files,
    };
    let result = match pieces.front() {
        Some(piece) => channel.deliver(piece, &errand).await,
        None => Ok(Receipt::default()),
    };
    match (result, files.trouble()) {
        (Err(_), Some(why)) => What::Unfetched { pieces, why },
        (result, _) => What::Sent {
            pieces,
            result,
            took: began.elapsed(),
        },
    }
}

/// A number between 0 and 1 that differs from copy to copy: the lowest digits of the time.
fn chance(now: Timestamp) -> f64 {
    f64::from(now.subsec_microsecond().unsigned_abs()) / 1000.0
}
