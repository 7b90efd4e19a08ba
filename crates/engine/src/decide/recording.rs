//! `/почта`: a client's record is shown, one field of it changed, old and new shown, and saved only
//! then. Each change is in the log and can be undone (`undoing`); an address that another record has makes
//! the two one (`merging`).

use super::{
    Decision, Desk,
    fields::{read, readable, title, value},
    merging,
    prompting::{
        begin as begin_task, cancel, keep, key, named_key, prompt, with_trouble, yes_or_no,
    },
    steps,
};
use crate::{
    client::{Client, Email},
    desk::Operator,
    effect::{Key, Say, Tone},
    event::Person,
    facts::Need,
    ids::ChatRef,
    keys::{Act, Goes},
    phrases::Phrase,
    records::{Change, Entry, Kept},
    sheet::{self, Field},
    task::{Edited, Step, Task},
};

/// A change that was shown, and waits for «Сохранить».
pub(super) struct Save {
    /// Whose record.
    pub(super) client: Email,
    /// What of it.
    pub(super) edited: Edited,
    /// Its new value, as it is kept.
    pub(super) value: String,
}

pub(super) fn begin(
    desk: &Desk,
    who: &Person,
    chat: &ChatRef,
    which: &str,
) -> Result<Decision, Need> {
    let (owner, task) = begin_task(desk, who, chat, Step::Record)?;
    if which.is_empty() {
        return Ok(whose(desk, owner, &task, None));
    }
    named(desk, owner, &task, which)
}

fn whose(desk: &Desk, owner: Operator, task: &Task, trouble: Option<String>) -> Decision {
    let mut decision = Decision::default();
    let say = prompt(
        desk,
        task,
        Phrase::RecordWhose,
        &[],
        vec![cancel(desk, task)],
    );
    decision.say(with_trouble(say, trouble));
    keep(owner, Some(task.clone()), &mut decision);
    decision
}

/// The address came, by reply or with the command.
pub(super) fn named(
    desk: &Desk,
    owner: Operator,
    task: &Task,
    typed: &str,
) -> Result<Decision, Need> {
    let words = |phrase, args: &[(&str, &str)]| Some(desk.policy.words(phrase, args));
    let email = match Email::read(typed) {
        Ok(email) => email,
        Err(bad) => return Ok(whose(desk, owner, task, words(steps::why(bad), &[]))),
    };
    let Some(client) = desk.facts.client(&email)? else {
        let trouble = words(Phrase::RecordNone, &[("email", email.as_str())]);
        return Ok(whose(desk, owner, task, trouble));
    };
    let mut decision = Decision::default();
    decision.say(shown(desk, task, client));
    at(owner, task, Step::Field(email), &mut decision);
    Ok(decision)
}

/// The owner is at this step of the task now.
fn at(owner: Operator, task: &Task, step: Step, decision: &mut Decision) {
    let task = Task {
        step,
        ..task.clone()
    };
    keep(owner, Some(task), decision);
}

fn shown(desk: &Desk, task: &Task, client: &Client) -> Say {
    let all = Edited::ALL.map(|edited| readable(desk, edited, &value(client, edited)));
    let args = [
        ("email", all[0].as_str()),
        ("name", &all[1]),
        ("tariff", &all[2]),
        ("until", &all[3]),
    ];
    let choice = |(place, edited)| {
        let (title, goes) = (title(edited), Goes::Choice(place));
        vec![named_key(desk, task, title, goes, Tone::Plain)]
    };
    let mut keys: Vec<Vec<Key>> = (0..).zip(Edited::ALL).map(choice).collect();
    keys.push(cancel(desk, task));
    prompt(desk, task, Phrase::Record, &args, keys)
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
    decision.say(ask(desk, task, &email, edited, None)?);
    at(owner, task, Step::Value(email, edited), decision);
    Ok(())
}

/// The question for a new value, with what was wrong with the one before.
fn ask(
    desk: &Desk,
    task: &Task,
    email: &Email,
    edited: Edited,
    trouble: Option<Phrase>,
) -> Result<Say, Need> {
    let mut keys = Vec::new();
    if edited == Edited::Field(Field::Tariff) {
        for (place, tariff) in (0..).zip(desk.facts.tariffs()?) {
            let (label, goes) = (tariff.name.clone(), Goes::Choice(place));
            keys.push(vec![key(task, label, goes, Tone::Plain)]);
        }
    }
    if edited != Edited::Email {
        let (clear, goes) = (Phrase::FieldClear, Goes::On);
        keys.push(vec![named_key(desk, task, clear, goes, Tone::Plain)]);
    }
    keys.push(cancel(desk, task));
    let phrase = match edited {
        Edited::Email => Phrase::AskEmail,
        Edited::Field(Field::Name) => Phrase::AskName,
        Edited::Field(Field::Tariff) => Phrase::AskTariff,
        Edited::Field(Field::PaidUntil) => Phrase::AskUntil,
    };
    let say = prompt(desk, task, phrase, &[("email", email.as_str())], keys);
    let trouble = trouble.map(|phrase| desk.policy.words(phrase, &[]));
    Ok(with_trouble(say, trouble))
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
    let save = Save {
        client: email.clone(),
        edited,
        value,
    };
    confirm(desk, owner, task, save, None, decision)
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
    match read(desk, edited, typed.trim())? {
        Ok(value) => {
            let save = Save {
                client: email.clone(),
                edited,
                value,
            };
            confirm(desk, owner, task, save, None, &mut decision)?;
        }
        Err(trouble) => {
            decision.say(ask(desk, task, email, edited, Some(trouble))?);
            keep(owner, Some(task.clone()), &mut decision);
        }
    }
    Ok(decision)
}

/// The record that a change is about; and the one that has the new address already, if one has.
fn concerned<'a>(
    desk: &'a Desk,
    save: &Save,
) -> Result<Option<(&'a Client, Option<&'a Client>)>, Need> {
    let Some(client) = desk.facts.client(&save.client)? else {
        return Ok(None);
    };
    let other = match (save.edited, Email::read(&save.value)) {
        (Edited::Email, Ok(new)) if new != save.client => desk.facts.client(&new)?,
        (Edited::Email | Edited::Field(_), _) => None,
    };
    Ok(Some((client, other)))
}

fn seen(client: &Client, other: Option<&Client>) -> Vec<Kept> {
    [client].into_iter().chain(other).map(Kept::from).collect()
}

/// Old and new stand side by side; nothing has changed yet.
fn confirm(
    desk: &Desk,
    owner: Operator,
    task: &Task,
    save: Save,
    trouble: Option<Phrase>,
    decision: &mut Decision,
) -> Result<(), Need> {
    let Some((client, other)) = concerned(desk, &save)? else {
        gone(desk, owner, task, &save.client, decision);
        return Ok(());
    };
    let old = value(client, save.edited);
    if old == save.value {
        let trouble = Some(Phrase::SameValue);
        decision.say(ask(desk, task, &save.client, save.edited, trouble)?);
        at(owner, task, Step::Value(save.client, save.edited), decision);
        return Ok(());
    }
    let say = match other {
        Some(other) => merging::offer(desk, task, client, other),
        None => Say {
            keys: yes_or_no(desk, task, Phrase::Save),
            ..beside(
                desk,
                task,
                Phrase::RecordConfirm,
                &save.client,
                &save,
                client,
            )
        },
    };
    let trouble = trouble.map(|phrase| desk.policy.words(phrase, &[]));
    decision.say(with_trouble(say, trouble));
    let step = Step::Save {
        client: save.client,
        edited: save.edited,
        value: save.value,
        seen: seen(client, other),
    };
    at(owner, task, step, decision);
    Ok(())
}

/// Somebody else has renamed the record, or merged it with another.
fn gone(desk: &Desk, owner: Operator, task: &Task, email: &Email, decision: &mut Decision) {
    let args = [("email", email.as_str())];
    decision.say(prompt(desk, task, Phrase::RecordGone, &args, Vec::new()));
    keep(owner, None, decision);
}

/// Words in which old and new stand beside each other; `called` is the record's address by then.
fn beside(
    desk: &Desk,
    task: &Task,
    phrase: Phrase,
    called: &Email,
    save: &Save,
    before: &Client,
) -> Say {
    let field = desk.policy.words(title(save.edited), &[]);
    let old = readable(desk, save.edited, &value(before, save.edited));
    let new = readable(desk, save.edited, &save.value);
    let args = [
        ("email", called.as_str()),
        ("field", &field),
        ("old", &old),
        ("new", &new),
    ];
    prompt(desk, task, phrase, &args, Vec::new())
}

/// «Сохранить»: what was shown, and nothing else. If a record has changed since, it is shown again.
pub(super) fn saved(
    desk: &Desk,
    owner: Operator,
    task: &Task,
    save: Save,
    shown: &[Kept],
    decision: &mut Decision,
) -> Result<(), Need> {
    let Some((client, other)) = concerned(desk, &save)? else {
        gone(desk, owner, task, &save.client, decision);
        return Ok(());
    };
    if seen(client, other) != shown {
        let trouble = Some(Phrase::LookAgain);
        return confirm(desk, owner, task, save, trouble, decision);
    }
    let (change, say) = match (save.edited, other, Email::read(&save.value)) {
        (Edited::Email, Some(stays), _) => merging::merged(desk, task, client, stays, decision)?,
        (Edited::Email, None, Ok(new)) => {
            let old = client.email.clone();
            let say = beside(desk, task, Phrase::RecordSaved, &new, &save, client);
            (Change::Renamed { old, new }, say)
        }
        (Edited::Email, None, Err(_)) => {
            decision.ignored = Some("an address that is none");
            return Ok(());
        }
        (Edited::Field(field), _, _) => {
            let mut changed = client.clone();
            sheet::put(field, &save.value, &mut changed);
            decision.clients.push(changed);
            let say = beside(desk, task, Phrase::RecordSaved, &save.client, &save, client);
            let change = Change::Field {
                client: save.client,
                field,
                old: sheet::ours(field, client),
                new: save.value,
            };
            (change, say)
        }
    };
    let id = desk.facts.entry_number()?;
    decision.entries.push(Entry {
        id,
        at: desk.now,
        by: Some(owner.who.id.clone()),
        change,
        undone: None,
    });
    let undo = desk.key(Phrase::UndoPayment, Tone::Plain, &Act::Revert(id));
    decision.say(Say {
        keys: vec![vec![undo]],
        ..say
    });
    keep(owner, None, decision);
    Ok(())
}
