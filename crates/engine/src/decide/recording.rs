//! `/почта`: a client's record is shown, one field of it changed, old and new shown, and saved only
//! then. Each change is in the log and can be undone.

use super::{
    Decision, Desk,
    owner::{begin as begin_task, keep, key, named_key, prompt},
    strip,
};
use crate::{
    client::{Client, Email},
    desk::Operator,
    effect::{Key, Say, Tone},
    event::{Person, Pressed, Wrote},
    facts::Need,
    ids::ChatRef,
    keys::{Act, Goes},
    phrases::Phrase,
    policy::Policy,
    records::{Change, Entry, EntryId, Kept},
    sheet::{self, Field},
    task::{Edited, Step, Task},
};

/// Longest name of a client, in characters.
const LONGEST_NAME: usize = 200;

pub(super) fn begin(
    desk: &Desk,
    who: &Person,
    chat: &ChatRef,
    which: &str,
) -> Result<Decision, Need> {
    let (owner, task) = begin_task(desk, who, chat, Step::Record)?;
    if !which.is_empty() {
        return open(desk, owner, &task, which);
    }
    let mut decision = Decision::default();
    let cancel = named_key(desk, &task, Phrase::Cancel, Goes::Cancelled, Tone::Plain);
    decision.say(prompt(
        desk,
        &task,
        Phrase::RecordWhose,
        &[],
        vec![vec![cancel]],
    ));
    keep(owner, Some(task), &mut decision);
    Ok(decision)
}

/// The address came by reply.
pub(super) fn named(
    desk: &Desk,
    owner: Operator,
    task: &Task,
    wrote: &Wrote,
) -> Result<Decision, Need> {
    open(desk, owner, task, &wrote.content.text.text)
}

fn open(desk: &Desk, owner: Operator, task: &Task, typed: &str) -> Result<Decision, Need> {
    let mut decision = Decision::default();
    let email = match Email::read(typed) {
        Ok(email) => email,
        Err(bad) => {
            decision.say(desk.say(&task.chat, super::steps::why(bad), &[]));
            keep(owner, Some(task.clone()), &mut decision);
            return Ok(decision);
        }
    };
    let Some(client) = desk.facts.client(&email)? else {
        let args = [("email", email.as_str())];
        decision.say(desk.say(&task.chat, Phrase::RecordNone, &args));
        keep(owner, Some(task.clone()), &mut decision);
        return Ok(decision);
    };
    decision.say(shown(desk, task, client));
    let step = Step::Field(email);
    keep(
        owner,
        Some(Task {
            step,
            ..task.clone()
        }),
        &mut decision,
    );
    Ok(decision)
}

fn shown(desk: &Desk, task: &Task, client: &Client) -> Say {
    let value = |edited| readable(desk, edited, &value(client, edited));
    let all = Edited::ALL.map(value);
    let args = [
        ("email", all[0].as_str()),
        ("name", &all[1]),
        ("tariff", &all[2]),
        ("until", &all[3]),
    ];
    let choice = |(place, edited)| {
        vec![named_key(
            desk,
            task,
            title(edited),
            Goes::Choice(place),
            Tone::Plain,
        )]
    };
    let mut keys: Vec<Vec<Key>> = (0..).zip(Edited::ALL).map(choice).collect();
    keys.push(vec![named_key(
        desk,
        task,
        Phrase::Cancel,
        Goes::Cancelled,
        Tone::Plain,
    )]);
    prompt(desk, task, Phrase::Record, &args, keys)
}

pub(super) fn title(edited: Edited) -> Phrase {
    match edited {
        Edited::Email => Phrase::FieldEmail,
        Edited::Field(Field::Name) => Phrase::FieldName,
        Edited::Field(Field::Tariff) => Phrase::FieldTariff,
        Edited::Field(Field::PaidUntil) => Phrase::FieldUntil,
    }
}

/// A field as it is kept: dates as `2026-11-20`, nothing as nothing.
fn value(client: &Client, edited: Edited) -> String {
    match edited {
        Edited::Email => client.email.to_string(),
        Edited::Field(field) => sheet::ours(field, client),
    }
}

/// A field as people read it.
pub(super) fn readable(desk: &Desk, edited: Edited, value: &str) -> String {
    match (edited, value) {
        (_, "") => desk.policy.words(Phrase::FieldEmpty, &[]),
        (Edited::Field(Field::PaidUntil), value) => {
            value.parse().map_or(value.to_owned(), Policy::date)
        }
        (Edited::Email | Edited::Field(Field::Name | Field::Tariff), value) => value.to_owned(),
    }
}

/// A field was chosen.
pub(super) fn chosen(
    desk: &Desk,
    owner: Operator,
    task: &Task,
    email: Email,
    goes: Goes,
    decision: &mut Decision,
) -> Result<(), Need> {
    let Goes::Choice(place) = goes else {
        decision.ignored = Some("a key that does not belong to this step");
        return Ok(());
    };
    let Some(edited) = Edited::ALL.get(place as usize).copied() else {
        decision.ignored = Some("a field that does not exist");
        return Ok(());
    };
    let mut keys = Vec::new();
    if edited == Edited::Field(Field::Tariff) {
        for (place, tariff) in (0..).zip(desk.facts.tariffs()?) {
            keys.push(vec![key(
                task,
                tariff.name.clone(),
                Goes::Choice(place),
                Tone::Plain,
            )]);
        }
    }
    if edited != Edited::Email {
        keys.push(vec![named_key(
            desk,
            task,
            Phrase::FieldClear,
            Goes::On,
            Tone::Plain,
        )]);
    }
    keys.push(vec![named_key(
        desk,
        task,
        Phrase::Cancel,
        Goes::Cancelled,
        Tone::Plain,
    )]);
    let phrase = match edited {
        Edited::Email => Phrase::AskEmail,
        Edited::Field(Field::Name) => Phrase::AskName,
        Edited::Field(Field::Tariff) => Phrase::AskTariff,
        Edited::Field(Field::PaidUntil) => Phrase::AskUntil,
    };
    decision.say(prompt(
        desk,
        task,
        phrase,
        &[("email", email.as_str())],
        keys,
    ));
    let step = Step::Value(email, edited);
    keep(
        owner,
        Some(Task {
            step,
            ..task.clone()
        }),
        decision,
    );
    Ok(())
}

/// A value was chosen with a key.
pub(super) fn value_chosen(
    desk: &Desk,
    owner: Operator,
    task: &Task,
    email: &Email,
    edited: Edited,
    goes: Goes,
    decision: &mut Decision,
) -> Result<(), Need> {
    let value = match (goes, edited) {
        (Goes::On, Edited::Field(_)) => Some(String::new()),
        (Goes::Choice(place), Edited::Field(Field::Tariff)) => {
            let tariff = desk.facts.tariffs()?.get(place as usize);
            tariff.map(|tariff| tariff.name.clone())
        }
        (Goes::On | Goes::Choice(_) | Goes::Everybody | Goes::Confirmed | Goes::Cancelled, _) => {
            None
        }
    };
    let Some(value) = value else {
        decision.ignored = Some("a key that does not belong to this step");
        return Ok(());
    };
    confirm(desk, owner, task, email, edited, value, decision)
}

/// The value came by reply.
pub(super) fn valued(
    desk: &Desk,
    owner: Operator,
    task: &Task,
    email: &Email,
    edited: Edited,
    typed: &str,
) -> Result<Decision, Need> {
    let mut decision = Decision::default();
    let typed = typed.trim();
    let read = match edited {
        Edited::Email => Email::read(typed)
            .map(|email| email.to_string())
            .map_err(super::steps::why),
        Edited::Field(Field::Name) => match typed.chars().count() {
            1..=LONGEST_NAME => Ok(typed.to_owned()),
            _ => Err(Phrase::BadName),
        },
        Edited::Field(Field::Tariff) => {
            let tariffs = desk.facts.tariffs()?;
            let same = tariffs
                .iter()
                .find(|tariff| tariff.name.to_lowercase() == typed.to_lowercase());
            same.map(|tariff| tariff.name.clone())
                .ok_or(Phrase::BadTariff)
        }
        Edited::Field(Field::PaidUntil) => sheet::date(typed)
            .map(|date| date.to_string())
            .ok_or(Phrase::BadDate),
    };
    match read {
        Ok(value) => confirm(desk, owner, task, email, edited, value, &mut decision)?,
        Err(phrase) => {
            decision.say(desk.say(&task.chat, phrase, &[]));
            keep(owner, Some(task.clone()), &mut decision);
        }
    }
    Ok(decision)
}

/// Old and new stand side by side; nothing has changed yet.
fn confirm(
    desk: &Desk,
    owner: Operator,
    task: &Task,
    email: &Email,
    edited: Edited,
    new: String,
    decision: &mut Decision,
) -> Result<(), Need> {
    let Some(client) = desk.facts.client(email)? else {
        decision.say(prompt(
            desk,
            task,
            Phrase::RecordNone,
            &[("email", email.as_str())],
            Vec::new(),
        ));
        keep(owner, None, decision);
        return Ok(());
    };
    let old = value(client, edited);
    if old == new {
        decision.say(desk.say(&task.chat, Phrase::SameValue, &[]));
        keep(owner, Some(task.clone()), decision);
        return Ok(());
    }
    let (old, shown_new) = (readable(desk, edited, &old), readable(desk, edited, &new));
    let field = desk.policy.words(title(edited), &[]);
    let args = [
        ("email", email.as_str()),
        ("field", &field),
        ("old", &old),
        ("new", &shown_new),
    ];
    let other = match edited {
        Edited::Email => match Email::read(&new) {
            Ok(new) => desk.facts.client(&new)?,
            Err(_) => None,
        },
        Edited::Field(_) => None,
    };
    let (phrase, save) = match other {
        Some(_) => (Phrase::RecordMerge, Phrase::Merge),
        None => (Phrase::RecordConfirm, Phrase::Save),
    };
    let keys = vec![vec![
        named_key(desk, task, Phrase::Cancel, Goes::Cancelled, Tone::Plain),
        named_key(desk, task, save, Goes::Confirmed, Tone::Primary),
    ]];
    decision.say(prompt(desk, task, phrase, &args, keys));
    let step = Step::Save(email.clone(), edited, new);
    keep(
        owner,
        Some(Task {
            step,
            ..task.clone()
        }),
        decision,
    );
    Ok(())
}

/// «Сохранить».
pub(super) fn saved(
    desk: &Desk,
    owner: Operator,
    task: &Task,
    email: &Email,
    edited: Edited,
    value: &str,
    decision: &mut Decision,
) -> Result<(), Need> {
    let Some(client) = desk.facts.client(email)? else {
        decision.say(prompt(
            desk,
            task,
            Phrase::RecordNone,
            &[("email", email.as_str())],
            Vec::new(),
        ));
        keep(owner, None, decision);
        return Ok(());
    };
    let change = match (edited, Email::read(value)) {
        (Edited::Email, Ok(new)) => match desk.facts.client(&new)? {
            Some(stays) => Change::Merged {
                gone: Kept::from(client),
                before: Kept::from(stays),
                chats: desk.facts.chats(email)?.to_vec(),
            },
            None => Change::Renamed {
                old: email.clone(),
                new,
            },
        },
        (Edited::Email, Err(_)) => {
            decision.ignored = Some("an address that is none");
            return Ok(());
        }
        (Edited::Field(field), _) => Change::Field {
            client: email.clone(),
            field,
            old: sheet::ours(field, client),
            new: value.to_owned(),
        },
    };
    if let Change::Field { field, new, .. } = &change {
        let mut changed = client.clone();
        sheet::put(*field, new, &mut changed);
        decision.clients.push(changed);
    }
    let id = desk.facts.entry_number()?;
    decision.entries.push(Entry {
        id,
        at: desk.now,
        by: Some(owner.who.id.clone()),
        change,
        undone: None,
    });
    let undo = desk.key(Phrase::UndoPayment, Tone::Plain, &Act::Revert(id));
    decision.say(prompt(
        desk,
        task,
        Phrase::RecordSaved,
        &[("email", email.as_str())],
        vec![vec![undo]],
    ));
    keep(owner, None, decision);
    Ok(())
}

/// «Отменить» of a change that was saved: only while nothing else has happened to what it changed.
pub(super) fn reverted(desk: &Desk, pressed: &Pressed, id: EntryId) -> Result<Decision, Need> {
    if !desk.policy.owners.contains_key(&pressed.who.id) {
        return Ok(Decision::ignored("somebody who is no owner pressed a key"));
    }
    let late = |phrase| {
        let mut late = desk.toast(
            pressed,
            phrase,
            &[],
            "a change that cannot be undone any more",
        );
        late.effects
            .push(strip(&pressed.at.chat, Some(&pressed.at)));
        late
    };
    let Some(entry) = desk.facts.entry(id)?.filter(|entry| entry.undone.is_none()) else {
        return Ok(late(Phrase::AlreadyUndone));
    };
    let mut decision = Decision::default();
    match &entry.change {
        Change::Field {
            client,
            field,
            old,
            new,
        } => {
            let known = desk.facts.client(client)?;
            let Some(known) = known.filter(|known| sheet::ours(*field, known) == *new) else {
                return Ok(late(Phrase::ChangedMeanwhile));
            };
            let mut before = known.clone();
            sheet::put(*field, old, &mut before);
            decision.clients.push(before);
        }
        Change::Renamed { old, new } => {
            if desk.facts.client(new)?.is_none() || desk.facts.client(old)?.is_some() {
                return Ok(late(Phrase::ChangedMeanwhile));
            }
        }
        Change::Merged { gone, before, .. } => {
            let stays = desk.facts.client(&before.email)?;
            if stays.is_none() || desk.facts.client(&gone.email)?.is_some() {
                return Ok(late(Phrase::ChangedMeanwhile));
            }
        }
    }
    decision.effects.push(desk.answer(pressed, None, false));
    decision
        .effects
        .push(strip(&pressed.at.chat, Some(&pressed.at)));
    decision.say(desk.say(&pressed.at.chat, Phrase::Undone, &[]));
    decision.entries.push(Entry {
        undone: Some((pressed.who.id.clone(), desk.now)),
        ..entry.clone()
    });
    Ok(decision)
}
