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
    let late = || {
        let why = "a change that is undone already";
        desk.late(pressed, Phrase::AlreadyUndone, &[], why)
    };
    let entry = desk.facts.entry(id)?;
    let Some(entry) = entry.filter(|entry| entry.undone.is_none()) else {
        return Ok(late());
    };
    let mut decision = Decision::default();
    let say = |phrase, args: &[(&str, &str)]| desk.say(&pressed.at.chat, phrase, args);
    match undone(desk, &entry.change, &mut decision)? {
        // Another owner has done it between two looks.
        Err(Hindrance::Undone) => return Ok(late()),
        Ok(()) => {
            decision.say(told(&entry.change, say));
            decision.entries.push(Entry {
                undone: Some((pressed.who.id.clone(), desk.now)),
                ..entry.clone()
            });
        }
        Err(Hindrance::Changed(changed)) => {
            let args = [("email", changed.as_str())];
            decision.say(say(Phrase::ChangedMeanwhile, &args));
        }
    }
    decision.effects.push(desk.answer(pressed, None, false));
    decision
        .effects
        .push(strip(&pressed.at.chat, Some(&pressed.at)));
    Ok(decision)
}

/// Why a change cannot be undone.
enum Hindrance<'c> {
    /// All is as it was before it.
    Undone,
    /// This record has changed since.
    Changed(&'c Email),
}

/// The records as they were; or why that cannot be.
fn undone<'c>(
    desk: &Desk,
    change: &'c Change,
    decision: &mut Decision,
) -> Result<Result<(), Hindrance<'c>>, Need> {
    let unless = |is_as_it_was: bool, changed| {
        Ok(Err(if is_as_it_was {
            Hindrance::Undone
        } else {
            Hindrance::Changed(changed)
        }))
    };
    match change {
        Change::Field {
            client,
            field,
            old,
            new,
        } => {
            let known = desk.facts.client(client)?;
            let now = known.map(|known| sheet::ours(*field, known));
            let (Some(known), true) = (known, now.as_ref() == Some(new)) else {
                return unless(now.as_ref() == Some(old), client);
            };
            let mut before = known.clone();
            sheet::put(*field, old, &mut before);
            decision.clients.push(before);
        }
        Change::Renamed { old, new } => {
            let is_back = desk.facts.client(old)?.is_some();
            if desk.facts.client(new)?.is_none() {
                return unless(is_back, new);
            }
            if is_back {
                return unless(false, old);
            }
        }
        Change::Merged { gone, before, .. } => {
            let known = desk.facts.client(&before.email)?.map(Kept::from);
            let is_back = desk.facts.client(&gone.email)?.is_some();
            if known != Some(before.merged(gone)) {
                return unless(is_back && known.as_ref() == Some(before), &before.email);
            }
            if is_back {
                return unless(false, &gone.email);
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
