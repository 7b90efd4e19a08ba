//! Reminders of a payment: on the day and some days before, once each, where the client was heard last;
//! and the key under them, which opens payment at once.

use super::{Decision, Desk, customer, steps, strip};
use crate::{
    effect::{Effect, Key, Purpose, Say, Tone},
    event::{Pressed, Timer},
    facts::Need,
    ids::ChatRef,
    keys::Act,
    phrases::Phrase,
    policy::Policy,
    reminder::{self, Due, Noted, Outcome, Reminder},
    ticket::Conversation,
};

/// It is time, or may be: a clock can have been set, the desk can have started late.
pub(super) fn due(desk: &Desk) -> Result<Decision, Need> {
    let policy = desk.policy;
    let next = reminder::next(&policy.reminders, &policy.timezone, desk.now);
    let mut decision = Decision::default();
    if !reminder::is_time(&policy.reminders, &policy.timezone, desk.now) {
        decision.timers.push((Timer::Reminders, next));
        return Ok(decision);
    }
    let all = desk.facts.due(policy.day(desk.now))?;
    for due in all {
        let noted = noted(desk, due);
        if let (Some(to), Outcome::UnderWay) = (&noted.to, &noted.outcome) {
            let say = words(desk, &due.reminder, to);
            let reminder = due.reminder.clone();
            decision.effects.push(Effect::Remind { reminder, say });
        }
        decision.reminded.push(noted);
    }
    let more = all.len() >= reminder::AT_ONCE as usize;
    decision
        .timers
        .push((Timer::Reminders, if more { desk.now } else { next }));
    let known = |noted: &Noted| noted.outcome != Outcome::UnderWay;
    if decision.reminded.iter().any(known) {
        decision.board(desk);
    }
    Ok(decision)
}

/// Whether a reminder goes out, and where to.
fn noted(desk: &Desk, due: &Due) -> Noted {
    let (to, outcome) = match due.chats.first() {
        None if due.blocked => (None, Outcome::Blocked),
        None => (None, Outcome::NoChat),
        Some((who, heard_at)) => {
            let open = desk.policy.is_open(&who.id.channel, *heard_at, desk.now);
            let outcome = if open {
                Outcome::UnderWay
            } else {
                Outcome::WindowClosed
            };
            (Some(who.chat.clone()), outcome)
        }
    };
    Noted {
        reminder: due.reminder.clone(),
        to,
        outcome,
    }
}

fn words(desk: &Desk, reminder: &Reminder, to: &ChatRef) -> Say {
    let date = Policy::date(reminder.paid_until);
    let phrase = match reminder.days {
        0 => Phrase::RemindToday,
        1 => Phrase::RemindTomorrow,
        _ => Phrase::RemindDays,
    };
    let days = reminder.days.to_string();
    Say {
        keys: pay(desk).map(|key| vec![key]).into_iter().collect(),
        ..desk.say(to, phrase, &[("date", &date), ("days", &days)])
    }
}

/// «Оплата», if the scenario knows payments.
fn pay(desk: &Desk) -> Option<Key> {
    desk.policy.scenario.payment()?;
    Some(desk.key(Phrase::Pay, Tone::Primary, &Act::Pay))
}

/// What became of a reminder is known.
pub(super) fn settled(desk: &Desk, noted: &Noted) -> Result<Decision, Need> {
    let mut decision = Decision::default();
    if let (Outcome::Blocked, Some(to)) = (&noted.outcome, &noted.to) {
        decision.conversations.extend(customer::gone(desk, to)?);
    }
    decision.learned = Some(noted.clone());
    decision.board(desk);
    Ok(decision)
}

/// «Оплата» under a reminder, also an old one: the same step as from the menu. In a dialog that is open
/// already the next picture is taken for one of a payment.
pub(super) fn pressed(desk: &Desk, pressed: &Pressed) -> Result<Decision, Need> {
    let mut decision = Decision::default();
    let Some(mut conversation) = customer::pressing(desk, pressed)? else {
        return Ok(desk.toast(pressed, Phrase::StaleKey, &[], "a key of somebody unknown"));
    };
    decision.effects.push(desk.answer(pressed, None, false));
    decision
        .effects
        .push(strip(&pressed.at.chat, Some(&pressed.at)));
    customer::flush_album(desk, &mut conversation, &mut decision)?;
    pays(desk, &mut conversation, &mut decision)?;
    decision.conversations.push(conversation);
    Ok(decision)
}

fn pays(desk: &Desk, conversation: &mut Conversation, decision: &mut Decision) -> Result<(), Need> {
    let scenario = &desk.policy.scenario;
    // The scenario may have been replaced, or whoever pressed is a client no more.
    let (Some(step), Some(_)) = (scenario.payment(), &conversation.client) else {
        return customer::start(desk, conversation, decision);
    };
    let Some(ticket) = &conversation.ticket else {
        return steps::enter(desk, conversation, step, decision);
    };
    let number = ticket.id.to_string();
    decision.say(Say {
        purpose: Purpose::Notice,
        ..desk.say(
            &conversation.who.chat,
            Phrase::PayHere,
            &[("ticket", &number)],
        )
    });
    conversation.session.paying = true;
    Ok(())
}
