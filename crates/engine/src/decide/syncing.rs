//! The sheet: what a reading of it changes, and what the owners are told. Once, not at every reading;
//! whoever asked for it reads what came of it in any case.
//!
//! What must stay true: a reading changes all that it can, or nothing; each change of a record is in the
//! log; much that is gone is accepted only as it was shown.

use super::{Decision, Desk, strip, telling};
use crate::{
    effect::{Effect, Purpose, Say, Tone},
    event::{Pressed, Timer},
    facts::{Need, Records},
    ids::ChatRef,
    keys::Act,
    phrases::Phrase,
    records::{Change, Entry, EntryId},
    sheet::{self, LastReading, Loss, Plan, Planned, Question, Sheet, Unread},
};

/// It is time to read the sheet.
pub(super) fn due(desk: &Desk) -> Decision {
    let Some(every) = desk.policy.sheet_every else {
        return Decision::ignored("there is no sheet");
    };
    Decision {
        effects: vec![Effect::ReadSheet { asked: None }],
        timers: vec![(Timer::Sheet, desk.now + every)],
        ..Decision::default()
    }
}

/// An owner wants it read now.
pub(super) fn asked(desk: &Desk, chat: &ChatRef) -> Decision {
    let mut decision = Decision::default();
    if desk.policy.sheet_every.is_none() {
        decision.say(desk.say(chat, Phrase::NoSheet, &[]));
        return decision;
    }
    decision.say(desk.say(chat, Phrase::SheetReading, &[]));
    decision.effects.push(Effect::ReadSheet {
        asked: Some(chat.clone()),
    });
    decision
}

/// It was read, or cannot be.
pub(super) fn read(
    desk: &Desk,
    asked: Option<&ChatRef>,
    sheet: &Result<Sheet, Unread>,
) -> Result<Decision, Need> {
    let records = desk.facts.records()?;
    let sheet = match sheet {
        Ok(sheet) => sheet,
        Err(why) => {
            let why = telling::unread(desk, why);
            return Ok(refuse(desk, asked, &why, &records.last));
        }
    };
    match sheet::plan(sheet, &records.last, &records.clients, &records.tariffs) {
        Ok(Planned::Changes(plan)) => apply(desk, asked, *plan, records),
        Ok(Planned::Lost(loss)) => Ok(ask(desk, asked, loss, records)),
        Err(unusable) => {
            let why = telling::unusable(desk, &unusable);
            Ok(refuse(desk, asked, &why, &records.last))
        }
    }
}

fn apply(
    desk: &Desk,
    asked: Option<&ChatRef>,
    plan: Plan,
    records: &Records,
) -> Result<Decision, Need> {
    let mut decision = Decision::default();
    for chat in desk.policy.owners.values() {
        if !plan.complaints.is_empty() {
            decision.say(report(telling::complaints(desk, chat, &plan.complaints)));
        }
    }
    if let Some(chat) = asked {
        decision.say(telling::done(desk, chat, &plan, &records.tariffs));
    }
    if !plan.changed.is_empty() {
        let EntryId(first) = desk.facts.entry_number()?;
        let entries = (first..).zip(plan.changed).map(|(number, changed)| Entry {
            id: EntryId(number),
            at: desk.now,
            by: None,
            change: Change::Field {
                client: changed.client,
                field: changed.field,
                old: changed.old,
                new: changed.new,
            },
            undone: None,
        });
        decision.entries = entries.collect();
    }
    decision.tariffs = plan.tariffs;
    decision.clients = plan.clients;
    decision.reading = Some(plan.reading);
    Ok(decision)
}

/// Nothing changes. The owners read why, once; whoever asked reads it each time.
fn refuse(desk: &Desk, asked: Option<&ChatRef>, why: &str, last: &LastReading) -> Decision {
    let mut decision = Decision::default();
    let is_new = last.trouble.as_deref() != Some(why);
    let say = |chat: &ChatRef| desk.say(chat, Phrase::SheetRefused, &[("why", why)]);
    tell(desk, asked, is_new, say, &mut decision);
    if is_new {
        decision.reading = Some(LastReading {
            trouble: Some(why.to_owned()),
            ..last.clone()
        });
    }
    decision
}

/// Nothing changes, unless an owner says that what is gone was meant.
fn ask(desk: &Desk, asked: Option<&ChatRef>, loss: Loss, records: &Records) -> Decision {
    let mut decision = Decision::default();
    let last = &records.last;
    let known = last.question.as_ref().filter(|known| known.loss == loss);
    let question = known.cloned().unwrap_or_else(|| Question {
        number: last.questions.wrapping_add(1),
        loss,
        accepted: false,
    });
    let say = |chat: &ChatRef| Say {
        keys: vec![vec![desk.key(
            Phrase::SheetMeant,
            Tone::Danger,
            &Act::Meant(question.number),
        )]],
        ..telling::lost(desk, chat, &question.loss, records)
    };
    tell(desk, asked, known.is_none(), say, &mut decision);
    if known.is_none() {
        decision.reading = Some(LastReading {
            questions: question.number,
            question: Some(question),
            trouble: None,
            ..last.clone()
        });
    }
    decision
}

/// The owners read what is new; whoever asked reads it in any case.
fn tell(
    desk: &Desk,
    asked: Option<&ChatRef>,
    is_new: bool,
    say: impl Fn(&ChatRef) -> Say,
    decision: &mut Decision,
) {
    let owners = desk.policy.owners.values().filter(|_| is_new);
    for chat in owners.filter(|chat| Some(*chat) != asked) {
        decision.say(report(say(chat)));
    }
    decision.effects.extend(asked.map(say).map(Effect::Say));
}

/// What nobody has asked for: if the owner cannot be reached, the group reads it.
fn report(say: Say) -> Say {
    Say {
        purpose: Purpose::Report,
        ..say
    }
}

/// An owner says that what is gone was meant; the sheet is read once more, and has to lack the same.
pub(super) fn meant(desk: &Desk, pressed: &Pressed, number: u32) -> Result<Decision, Need> {
    if !desk.policy.owners.contains_key(&pressed.who.id) {
        return Ok(Decision::ignored("somebody who is no owner pressed a key"));
    }
    let last = &desk.facts.records()?.last;
    let strip = strip(&pressed.at.chat, Some(&pressed.at));
    let asked = last
        .question
        .as_ref()
        .filter(|asked| asked.number == number);
    let Some(question) = asked.filter(|question| !question.accepted) else {
        return Ok(desk.late(pressed, Phrase::StaleKey, &[], "a question that is over"));
    };
    let mut decision = self::asked(desk, &pressed.at.chat);
    decision.effects.push(desk.answer(pressed, None, false));
    decision.effects.push(strip);
    decision.reading = Some(LastReading {
        question: Some(Question {
            accepted: true,
            ..question.clone()
        }),
        ..last.clone()
    });
    Ok(decision)
}

/// An owner wants to read again all that is wrong in the sheet.
pub(super) fn wrongs(desk: &Desk, pressed: &Pressed) -> Result<Decision, Need> {
    if !desk.policy.owners.contains_key(&pressed.who.id) {
        return Ok(Decision::ignored("somebody who is no owner pressed a key"));
    }
    let last = &desk.facts.records()?.last;
    let mut decision = Decision::default();
    decision.effects.push(desk.answer(pressed, None, false));
    decision.say(telling::all_open(desk, &pressed.at.chat, last));
    Ok(decision)
}
