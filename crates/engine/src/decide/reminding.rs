//! Reminders of a payment: on the day and some days before, once each, where the client was heard last.

use super::{Decision, Desk};
use crate::{
    effect::{Effect, Purpose, Say},
    event::Timer,
    facts::Need,
    phrases::Phrase,
    policy::Policy,
    reminder::{self, Due, Outcome},
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
        let (outcome, effect) = remind(desk, due);
        decision.effects.extend(effect);
        decision.reminded.push((due.reminder.clone(), outcome));
    }
    let more = all.len() >= reminder::AT_ONCE as usize;
    decision
        .timers
        .push((Timer::Reminders, if more { desk.now } else { next }));
    if !all.is_empty() {
        decision.board(desk);
    }
    Ok(decision)
}

fn remind(desk: &Desk, due: &Due) -> (Outcome, Option<Effect>) {
    let Some((who, heard_at)) = due.chats.first() else {
        return (Outcome::NoChat, None);
    };
    let open = desk.policy.is_open(&who.id.channel, *heard_at, desk.now);
    if !open {
        return (Outcome::WindowClosed, None);
    }
    let date = Policy::date(due.reminder.paid_until);
    let phrase = match due.reminder.days {
        0 => Phrase::RemindToday,
        1 => Phrase::RemindTomorrow,
        _ => Phrase::RemindDays,
    };
    let days = due.reminder.days.to_string();
    let say = Say {
        purpose: Purpose::Notice,
        ..desk.say(&who.chat, phrase, &[("date", &date), ("days", &days)])
    };
    let reminder = due.reminder.clone();
    (Outcome::Sent, Some(Effect::Remind { reminder, say }))
}
