//! «Отменить» under a change of a record that was saved: only while nothing else has happened to what it
//! changed, and once.

use super::{Decision, Desk, strip};
use crate::{
    client::Email,
    effect::Say,
    event::Pressed,
    facts::Need,
    phrases::Phrase,
    records::{Change, Entry, EntryId, Kept},
    sheet,
};

pub(super) fn pressed(desk: &Desk, pressed: &Pressed, id: EntryId) -> Result<Decision, Need> {
    if !desk.policy.owners.contains_key(&pressed.who.id) {
        return Ok(Decision::ignored("somebody who is no owner pressed a key"));
    }
    let keys = strip(&pressed.at.chat, Some(&pressed.at));
    let entry = desk.facts.entry(id)?;
    let Some(entry) = entry.filter(|entry| entry.undone.is_none()) else {
        let why = "a change that is undone already";
        let mut late = desk.toast(pressed, Phrase::AlreadyUndone, &[], why);
        late.effects.push(keys);
        return Ok(late);
    };
    let mut decision = Decision::default();
    decision.effects.push(desk.answer(pressed, None, false));
    decision.effects.push(keys);
    let say = |phrase, args: &[(&str, &str)]| desk.say(&pressed.at.chat, phrase, args);
    match undone(desk, &entry.change, &mut decision)? {
        Ok(()) => {
            decision.say(told(&entry.change, say));
            decision.entries.push(Entry {
                undone: Some((pressed.who.id.clone(), desk.now)),
                ..entry.clone()
            });
        }
        Err(changed) => {
            let args = [("email", changed.as_str())];
            decision.say(say(Phrase::ChangedMeanwhile, &args));
        }
    }
    Ok(decision)
}

/// The records as they were; or whose record has changed since.
fn undone<'c>(
    desk: &Desk,
    change: &'c Change,
    decision: &mut Decision,
) -> Result<Result<(), &'c Email>, Need> {
    match change {
        Change::Field {
            client,
            field,
            old,
            new,
        } => {
            let known = desk.facts.client(client)?;
            let Some(known) = known.filter(|known| sheet::ours(*field, known) == *new) else {
                return Ok(Err(client));
            };
            let mut before = known.clone();
            sheet::put(*field, old, &mut before);
            decision.clients.push(before);
        }
        Change::Renamed { old, new } => {
            if desk.facts.client(new)?.is_none() {
                return Ok(Err(new));
            }
            if desk.facts.client(old)?.is_some() {
                return Ok(Err(old));
            }
        }
        Change::Merged { gone, before, .. } => {
            let merged = before.merged(gone);
            let known = desk.facts.client(&before.email)?.map(Kept::from);
            if known != Some(merged) {
                return Ok(Err(&before.email));
            }
            if desk.facts.client(&gone.email)?.is_some() {
                return Ok(Err(&gone.email));
            }
            decision.clients.push(before.clone().into());
        }
    }
    Ok(Ok(()))
}

fn told(change: &Change, say: impl Fn(Phrase, &[(&str, &str)]) -> Say) -> Say {
    match change {
        Change::Field { client: email, .. } | Change::Renamed { old: email, .. } => {
            say(Phrase::Undone, &[("email", email.as_str())])
        }
        Change::Merged { gone, before, .. } => {
            let args = [
                ("email", gone.email.as_str()),
                ("new", before.email.as_str()),
            ];
            say(Phrase::Parted, &args)
        }
    }
}
