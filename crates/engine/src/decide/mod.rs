//! What the desk does about an event. One file per actor: `customer`, `operator`, and the fates
//! of what was sent, `receipt`. Everything here is a pure function of the event, the facts asked
//! for, the policy and the time.

mod broadcasting;
mod card;
mod closing;
mod customer;
mod edit;
mod elsewhere;
mod fields;
mod going_out;
mod group;
mod merging;
mod operator;
mod owner;
mod payment;
mod private;
mod prompting;
mod receipt;
mod recording;
mod reminding;
mod steps;
mod syncing;
mod taking;
mod telling;
mod undoing;

use jiff::{SignedDuration, Timestamp};

use crate::{
    board,
    broadcast::{self, Broadcast, BroadcastId},
    client::{Client, Email},
    content::Said,
    desk::Operator,
    effect::{Answer, Effect, Key, Say, Tone},
    event::{Event, Person, Place, Pressed, Timer, Wrote},
    facts::{Facts, Need},
    ids::{ChatRef, MessageRef, TicketId},
    keys::Act,
    payment::Payment,
    phrases::Phrase,
    policy::Policy,
    records::Entry,
    reminder::Noted,
    scenario::DialogPlace,
    sheet::{LastReading, Tariff},
    ticket::{Closed, Conversation, Kept, Rated, Side},
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
    /// Clients as they are now. Each stands only while nobody else changes the record.
    pub clients: Vec<Client>,
    /// Payments as they are now.
    pub payments: Vec<Payment>,
    /// All tariffs as they are now, if they changed.
    pub tariffs: Option<Vec<Tariff>>,
    /// What the sheet said, for the next reading.
    pub reading: Option<LastReading>,
    /// Changes of records, made and undone, for the log; renames, merges and their undoing happen with
    /// their entries.
    pub entries: Vec<Entry>,
    /// Reminders that are decided on: there is never a second one.
    pub reminded: Vec<Noted>,
    /// What became of one that was decided on before.
    pub learned: Option<Noted>,
    /// A broadcast as it is now. A new one gets its recipients.
    pub broadcast: Option<Broadcast>,
    /// Recipients whose message is queued now.
    pub given: Vec<(BroadcastId, ChatRef)>,
    /// Recipients who get nothing: nobody tries.
    pub missed: Vec<(BroadcastId, ChatRef, broadcast::Fate)>,
    /// How a customer rated a ticket that is over.
    pub rated: Option<Rated>,
    /// An address that no client had yet: a client is made of it, unless somebody else was faster.
    pub new_client: Option<Email>,
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
        Event::Wrote(wrote) => match (owner::wrote(&desk, wrote)?, wrote.place) {
            (Some(decision), _) => Ok(decision),
            (None, Place::Private) => private::wrote(&desk, &desk.complete(wrote)?),
            (None, Place::Desk) => group::wrote(&desk, wrote),
        },
        Event::Edited(wrote) => match (owner::edited(&desk, wrote)?, wrote.place, policy.dialog) {
            (Some(decision), ..) => Ok(decision),
            (None, Place::Private, _) => edit::edited(&desk, &desk.complete(wrote)?),
            (None, Place::Desk, DialogPlace::Group) => edit::edited(&desk, wrote),
            (None, Place::Desk, DialogPlace::Private) => Ok(Decision::ignored("colleagues' talk")),
        },
        Event::Elsewhere(elsewhere) => elsewhere::answered(&desk, elsewhere),
        Event::Pressed(pressed) => press(&desk, pressed),
        Event::Reach { who, allowed } => private::reach(&desk, who, *allowed),
        Event::Member { who, inside } => operator::member(&desk, who, *inside),
        Event::Due(Timer::AlbumWhole { chat, who, album }) => {
            private::album_whole(&desk, chat, who, album)
        }
        Event::Due(Timer::Board) => board_due(&desk),
        Event::Due(Timer::Sheet) => Ok(syncing::due(&desk)),
        Event::Due(Timer::Reminders) => reminding::due(&desk),
        Event::Due(Timer::Broadcast(id)) => going_out::due(&desk, *id),
        Event::Sheet { asked, sheet } => syncing::read(&desk, asked.as_ref(), sheet),
        Event::Receipt(receipt) => receipt::arrived(&desk, receipt),
        Event::Reminded(noted) => reminding::settled(&desk, noted),
        Event::Read(reading) => payment::read(&desk, reading),
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
        (Some(Act::Close(ticket)), _) => closing::closes(desk, pressed, ticket),
        (Some(Act::Focus(ticket)), Place::Private) => operator::switches(desk, pressed, ticket),
        (Some(Act::Credit(id, offer)), Place::Desk) => {
            payment::pressed(desk, pressed, id, payment::Does::Credit(offer))
        }
        (Some(Act::Dismiss(id)), Place::Desk) => {
            payment::pressed(desk, pressed, id, payment::Does::Dismiss)
        }
        (Some(Act::Undo(id)), Place::Desk) => {
            payment::pressed(desk, pressed, id, payment::Does::Undo)
        }
        (Some(Act::Task(number, goes)), _) => owner::pressed(desk, pressed, number, goes),
        (Some(Act::Broadcast(id, steers)), _) => going_out::steered(desk, pressed, id, steers),
        (Some(Act::Revert(id)), _) => undoing::pressed(desk, pressed, id),
        (Some(Act::Meant(number)), _) => syncing::meant(desk, pressed, number),
        (Some(Act::Wrongs), _) => syncing::wrongs(desk, pressed),
        (Some(Act::Again(delivery)), _) => operator::sends_again(desk, pressed, delivery),
        (Some(Act::Visit), Place::Private) => private::visit(desk, pressed),
        (Some(Act::Pay), Place::Private) => reminding::pressed(desk, pressed),
        // Keys of the predecessor's bot, and forgeries.
        (None, Place::Private) => {
            Ok(desk.toast(pressed, Phrase::StaleKey, &[], "a key that is not ours"))
        }
        (Some(Act::Choose { .. } | Act::Focus(_) | Act::Visit | Act::Pay) | None, Place::Desk)
        | (Some(Act::Take(_) | Act::Credit(..) | Act::Dismiss(_) | Act::Undo(_)), Place::Private) => {
            Ok(Decision::ignored(
                "a key that does not belong where it was pressed",
            ))
        }
    }
}

/// Nobody did anything, and yet the pinned list has aged, or is gone.
fn board_due(desk: &Desk) -> Result<Decision, Need> {
    if desk.facts.open()? == 0 {
        return Ok(Decision::ignored("no dialogs are open"));
    }
    let mut decision = Decision::default();
    decision.board(desk);
    Ok(decision)
}

/// What every rule is given.
struct Desk<'a> {
    facts: &'a Facts,
    policy: &'a Policy,
    now: Timestamp,
}

impl Desk<'_> {
    /// A message with what its update had left out: the rest of it, and who wrote it.
    fn complete(&self, wrote: &Wrote) -> Result<Wrote, Need> {
        let mut complete = wrote.clone();
        if wrote.partial
            && let Some([first, rest @ ..]) = self.facts.whole(&wrote.at)?
        {
            complete.content = first.content.clone();
            complete.also = rest.to_vec();
        }
        // Things that came in one message stay together.
        if !complete.also.is_empty() {
            let together = Some(wrote.at.id.clone());
            complete.content.album.clone_from(&together);
            for also in &mut complete.also {
                also.content.album.clone_from(&together);
            }
        }
        complete.who = self.person(&wrote.who)?;
        Ok(complete)
    }

    /// Somebody, with the name that is known of them where the update has none.
    fn person(&self, who: &Person) -> Result<Person, Need> {
        if !who.name.is_empty() {
            return Ok(who.clone());
        }
        if let Some(known) = self.facts.customer(&who.chat)?
            && !known.who.name.is_empty()
        {
            return Ok(known.who.clone());
        }
        let mut person = who.clone();
        if let Some(profile) = self.facts.profile(&who.id)? {
            person.name.clone_from(&profile.name);
            person.username.clone_from(&profile.username);
            person.language.clone_from(&profile.language);
        }
        Ok(person)
    }

    /// Whether operators talk with customers in their group.
    fn in_group(&self) -> bool {
        match self.policy.dialog {
            DialogPlace::Group => true,
            DialogPlace::Private => false,
        }
    }

    fn say(&self, to: &ChatRef, phrase: Phrase, args: &[(&str, &str)]) -> Say {
        Say {
            to: to.clone(),
            name: phrase.name().to_owned(),
            text: self.policy.rich(phrase, args),
            keys: Vec::new(),
            reply_to: None,
            purpose: crate::effect::Purpose::Nothing,
            anchor: None,
            rewrites: false,
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

    /// The same, and the key goes: pressing it is no use any more.
    fn late(
        &self,
        pressed: &Pressed,
        phrase: Phrase,
        args: &[(&str, &str)],
        ignored: &'static str,
    ) -> Decision {
        let mut late = self.toast(pressed, phrase, args, ignored);
        late.effects
            .push(strip(&pressed.at.chat, Some(&pressed.at)));
        late
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

    /// The pinned list is not what it was; it is looked after again in a while.
    fn board(&mut self, desk: &Desk) {
        let to = desk.policy.group.clone();
        self.effects.push(Effect::Board { to });
        self.timers
            .push((Timer::Board, desk.now + board::LOOKED_AFTER));
    }
}

fn strip(chat: &ChatRef, under: Option<&MessageRef>) -> Effect {
    Effect::StripKeys {
        chat: chat.clone(),
        under: under.into_iter().cloned().collect(),
    }
}
