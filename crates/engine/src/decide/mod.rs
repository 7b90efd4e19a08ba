//! What the desk does about an event. One file per actor: `customer`, `operator`, and the fates
//! of what was sent, `receipt`. Everything here is a pure function of the event, the facts asked
//! for, the policy and the time.

mod card;
mod customer;
mod edit;
mod operator;
mod private;
mod receipt;
mod steps;
mod taking;

use jiff::{SignedDuration, Timestamp};

use crate::{
    content::Said,
    desk::Operator,
    effect::{Answer, Effect, Key, Say, Tone},
    event::{Event, Place, Pressed, Timer},
    facts::{Facts, Need},
    ids::{ChatRef, MessageRef, TicketId},
    keys::Act,
    phrases::Phrase,
    policy::Policy,
    ticket::{Closed, Conversation, Kept, Side},
};

/// How long an album waits for a further part. Messengers send the parts within a fraction of a
/// second and set no end mark (Telegram Bot API, Message.media_group_id).
pub const ALBUM_PAUSE: SignedDuration = SignedDuration::from_millis(1000);

/// What follows from an event. All of it is stored in one transaction, or none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decision {
    /// Conversations as they are now. One that did not change is here too if the decision stands
    /// only while nobody else changes it.
    pub conversations: Vec<Conversation>,
    /// Operators as they are now, if they changed.
    pub operators: Vec<Operator>,
    /// The ticket that is over now.
    pub closed: Option<Closed>,
    /// What the history keeps.
    pub history: Vec<Kept>,
    /// Kept messages that read otherwise now.
    pub revised: Vec<Said>,
    /// What is to be sent, in order.
    pub effects: Vec<Effect>,
    /// What to wait for. A timer with the same key is moved.
    pub timers: Vec<(Timer, Timestamp)>,
    /// What else has happened because of it.
    pub events: Vec<Event>,
    /// Why nothing follows from it, for the log.
    pub ignored: Option<&'static str>,
}

/// Decides. `Err` names a fact that is missing: look it up, add it to `facts`, and call again; the
/// same event with the same facts always asks for the same.
pub fn decide(
    event: &Event,
    facts: &Facts,
    policy: &Policy,
    now: Timestamp,
) -> Result<Decision, Need> {
    let desk = Desk { facts, policy, now };
    match event {
        Event::Wrote(wrote) => match wrote.place {
            Place::Private => private::wrote(&desk, wrote),
            Place::Desk => operator::spoke_in_group(&desk, wrote),
        },
        Event::Edited(wrote) => match wrote.place {
            Place::Private => edit::edited(&desk, wrote),
            Place::Desk => Ok(Decision::ignored("colleagues' talk")),
        },
        Event::Pressed(pressed) => press(&desk, pressed),
        Event::Reach { who, allowed } => private::reach(&desk, who, *allowed),
        Event::Member { who, inside } => operator::member(&desk, who, *inside),
        Event::Due(Timer::AlbumWhole { chat, who, album }) => {
            private::album_whole(&desk, chat, who, album)
        }
        Event::Receipt(receipt) => receipt::arrived(&desk, receipt),
        Event::Abandoned { ticket, operator } => taking::abandoned(&desk, *ticket, operator),
        Event::Adopted { ticket } => taking::adopted(&desk, *ticket),
    }
}

fn press(desk: &Desk, pressed: &Pressed) -> Result<Decision, Need> {
    match (Act::read(&pressed.data), pressed.place) {
        (Some(Act::Choose { keyboard, choice }), Place::Private) => {
            customer::chose(desk, pressed, keyboard, choice)
        }
        (Some(Act::Take(ticket)), Place::Desk) => taking::pressed(desk, pressed, ticket),
        (Some(Act::Close(ticket)), Place::Private) => operator::closes(desk, pressed, ticket),
        (Some(Act::Focus(ticket)), Place::Private) => operator::switches(desk, pressed, ticket),
        (Some(Act::Again(delivery)), _) => operator::sends_again(desk, pressed, delivery),
        (Some(Act::Visit), Place::Private) => private::visit(desk, pressed),
        // Keys of the predecessor's bot, and forgeries.
        (None, Place::Private) => {
            Ok(desk.toast(pressed, Phrase::StaleKey, &[], "a key that is not ours"))
        }
        (
            Some(Act::Choose { .. } | Act::Close(_) | Act::Focus(_) | Act::Visit) | None,
            Place::Desk,
        )
        | (Some(Act::Take(_)), Place::Private) => Ok(Decision::ignored(
            "a key that does not belong where it was pressed",
        )),
    }
}

/// What every rule is given.
struct Desk<'a> {
    facts: &'a Facts,
    policy: &'a Policy,
    now: Timestamp,
}

impl Desk<'_> {
    fn say(&self, to: &ChatRef, phrase: Phrase, args: &[(&str, &str)]) -> Say {
        Say {
            to: to.clone(),
            name: phrase.name().to_owned(),
            text: self.policy.rich(phrase, args),
            keys: Vec::new(),
            reply_to: None,
            purpose: crate::effect::Purpose::Nothing,
            anchor: None,
            outdates: false,
            replaces: None,
        }
    }

    fn key(&self, phrase: Phrase, tone: Tone, act: &Act) -> Key {
        Key {
            label: self.policy.words(phrase, &[]),
            data: act.to_string(),
            tone,
        }
    }

    fn answer(&self, pressed: &Pressed, words: Option<String>, alert: bool) -> Effect {
        self.answer_to(&pressed.at.chat, &pressed.press, words, alert)
    }

    fn answer_to(&self, to: &ChatRef, press: &str, text: Option<String>, alert: bool) -> Effect {
        Effect::Answer(Answer {
            to: to.clone(),
            press: press.to_owned(),
            text,
            alert,
            pressed_at: self.now,
        })
    }

    /// Whoever pressed reads a line, and nothing else happens.
    fn toast(
        &self,
        pressed: &Pressed,
        phrase: Phrase,
        args: &[(&str, &str)],
        ignored: &'static str,
    ) -> Decision {
        let words = self.policy.words(phrase, args);
        Decision {
            effects: vec![self.answer(pressed, Some(words), false)],
            ..Decision::ignored(ignored)
        }
    }

    /// The attachments of something that the history keeps are stored.
    fn keep(&self, decision: &mut Decision, ticket: TicketId, by: Side, said: &[Said]) {
        for said in said {
            decision.history.push(Kept {
                ticket,
                by,
                said: said.clone(),
            });
            if self.policy.keep_media && said.content.media().is_some() {
                decision.effects.push(Effect::Keep {
                    of: said.at.clone(),
                    content: said.content.clone(),
                });
            }
        }
    }
}

impl Decision {
    fn ignored(why: &'static str) -> Self {
        Self {
            ignored: Some(why),
            ..Self::default()
        }
    }

    fn say(&mut self, say: Say) {
        self.effects.push(Effect::Say(say));
    }
}

fn strip(chat: &ChatRef, under: Option<&MessageRef>) -> Effect {
    Effect::StripKeys {
        chat: chat.clone(),
        under: under.into_iter().cloned().collect(),
    }
}
