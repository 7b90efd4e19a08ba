//! What an owner wants: commands, and the steps of what they began. Who is an owner is settled by the
//! desk's settings alone; from anybody else these words are words like any others.

use super::{
    Decision, Desk, broadcasting, edit, private,
    prompting::{keep, prompt},
    recording, strip, syncing,
};
use crate::{
    desk::Operator,
    event::{Place, Pressed, Wrote},
    facts::Need,
    ids::MessageRef,
    keys::Goes,
    phrases::Phrase,
    task::{Step, Task},
    ticket::Album,
};

/// What only owners may say.
const COMMANDS: [&str; 6] = [
    "/рассылка",
    "/broadcast",
    "/почта",
    "/email",
    "/синхронизация",
    "/sync",
];

/// What an owner wrote, if it is for the desk itself: a command, or an answer to what they were asked.
pub(super) fn wrote(desk: &Desk, wrote: &Wrote) -> Result<Option<Decision>, Need> {
    let command = wrote.command();
    if !desk.policy.owners.contains_key(&wrote.who.id) {
        let theirs = command.is_some_and(|(name, _)| COMMANDS.contains(&name));
        // In reply to a customer's message it would be taken for an answer.
        return Ok((theirs && wrote.place == Place::Desk)
            .then(|| Decision::ignored("an owner's command from somebody who is none")));
    }
    let chat = &wrote.at.chat;
    let begun = match command {
        Some(("/рассылка" | "/broadcast", _)) => {
            Some(broadcasting::begin(desk, &wrote.who, chat)?)
        }
        Some(("/почта" | "/email", which)) => {
            Some(recording::begin(desk, &wrote.who, chat, which)?)
        }
        Some(("/синхронизация" | "/sync", _)) => Some(syncing::asked(desk, chat)),
        Some(_) | None => None,
    };
    if begun.is_some() {
        return Ok(begun);
    }
    answered(desk, wrote)
}

/// An answer to the prompt of a task, or a further part of an album that is one.
fn answered(desk: &Desk, wrote: &Wrote) -> Result<Option<Decision>, Need> {
    let Some(mut owner) = desk.facts.operator(&wrote.who.id)?.cloned() else {
        return Ok(None);
    };
    let Some(task) = &mut owner.focus.task else {
        return Ok(None);
    };
    if let Step::Message {
        album: Some(album), ..
    } = &mut task.step
        && Some(&album.id) == wrote.content.album.as_ref()
    {
        album.parts.push(wrote.said());
        let mut decision = Decision::default();
        private::wait_for_album(desk, wrote, &mut decision);
        decision.operators.push(owner);
        return Ok(Some(decision));
    }
    let task = task.clone();
    match meant(desk, wrote, &owner, &task)? {
        None => return Ok(None),
        Some(number) if number != task.number => {
            let mut decision = Decision::default();
            decision.say(desk.say(&task.chat, Phrase::TaskOver, &[]));
            return Ok(Some(decision));
        }
        Some(_) => {}
    }
    match task.step.clone() {
        Step::Message { audience, .. } => match &wrote.content.album {
            Some(id) => {
                let album = Some(Album {
                    id: id.clone(),
                    parts: vec![wrote.said()],
                });
                let mut decision = Decision::default();
                private::wait_for_album(desk, wrote, &mut decision);
                let step = Step::Message { audience, album };
                keep(owner, Some(Task { step, ..task }), &mut decision);
                Ok(Some(decision))
            }
            None => broadcasting::written(desk, owner, &task, audience, wrote.all()).map(Some),
        },
        Step::Record => {
            let typed = &wrote.content.text.text;
            let decision = recording::named(desk, owner, &task.anew(), typed)?;
            Ok(Some(below(decision, &task.anchor())))
        }
        Step::Value(email, edited) => {
            let typed = &wrote.content.text.text;
            let decision = recording::valued(desk, owner, &task.anew(), &email, edited, typed)?;
            Ok(Some(below(decision, &task.anchor())))
        }
        Step::Audience(_) | Step::Confirm { .. } | Step::Field(_) | Step::Save { .. } => {
            let mut decision = Decision::default();
            decision.say(desk.say(&task.chat, Phrase::TaskPress, &[]));
            Ok(Some(decision))
        }
    }
}

/// The number of the task that is answered: by a reply to its prompt; or by plain words where they can be
/// meant for nobody else.
fn meant(desk: &Desk, wrote: &Wrote, owner: &Operator, task: &Task) -> Result<Option<u32>, Need> {
    if let Some(answers) = &wrote.content.reply_to {
        let known = desk.facts.message(answers)?;
        return Ok(known.and_then(|known| Task::anchored(&known.origin)));
    }
    let here = wrote.place == Place::Private && wrote.at.chat == task.chat;
    let has_dialogs = !owner.dialogs.is_empty() && !desk.in_group();
    if !here || has_dialogs || wrote.command().is_some() {
        return Ok(None);
    }
    // An owner who has looked at the desk as a customer since then goes on as one.
    let known = desk.facts.customer(&task.chat)?;
    let visits = known.is_some_and(|known| {
        known.ticket.is_some() || known.heard_at.is_some_and(|heard| heard > task.at)
    });
    Ok((!visits).then_some(task.number))
}

/// What follows stands below the answer: the keys of the prompt above it are outdated.
fn below(mut decision: Decision, prompt: &MessageRef) -> Decision {
    decision.effects.push(strip(&prompt.chat, Some(prompt)));
    decision
}

/// A change to what is to go out: what is seen above the keys is what goes.
pub(super) fn edited(desk: &Desk, wrote: &Wrote) -> Result<Option<Decision>, Need> {
    if !desk.policy.owners.contains_key(&wrote.who.id) {
        return Ok(None);
    }
    let Some(mut owner) = desk.facts.operator(&wrote.who.id)?.cloned() else {
        return Ok(None);
    };
    let Some(mut task) = owner.focus.task.take() else {
        return Ok(None);
    };
    let parts = match &mut task.step {
        Step::Message {
            album: Some(album), ..
        } => &mut album.parts,
        Step::Confirm { said, .. } => said,
        Step::Audience(_)
        | Step::Message { .. }
        | Step::Record
        | Step::Field(_)
        | Step::Value(..)
        | Step::Save { .. } => return Ok(None),
    };
    let before = parts.clone();
    if !edit::replace(parts.iter_mut(), wrote) {
        return Ok(None);
    }
    if *parts == before {
        return Ok(Some(Decision::ignored("a change that changes nothing")));
    }
    if let Step::Confirm { audience, said } = task.step.clone() {
        return broadcasting::written(desk, owner, &task, audience, said).map(Some);
    }
    let mut decision = Decision::default();
    keep(owner, Some(task), &mut decision);
    Ok(Some(decision))
}

/// The album that an owner sends is whole.
pub(super) fn album_whole(
    desk: &Desk,
    mut owner: Operator,
    id: &str,
) -> Result<Option<Decision>, Need> {
    let Some(task) = owner.focus.task.take() else {
        return Ok(None);
    };
    match task.step.clone() {
        Step::Message {
            audience,
            album: Some(album),
        } if album.id == id => {
            broadcasting::written(desk, owner, &task, audience, album.parts).map(Some)
        }
        Step::Audience(_)
        | Step::Message { .. }
        | Step::Confirm { .. }
        | Step::Record
        | Step::Field(_)
        | Step::Value(..)
        | Step::Save { .. } => Ok(None),
    }
}

/// A key of a task.
pub(super) fn pressed(
    desk: &Desk,
    pressed: &Pressed,
    number: u32,
    goes: Goes,
) -> Result<Decision, Need> {
    if !desk.policy.owners.contains_key(&pressed.who.id) {
        return Ok(Decision::ignored("somebody who is no owner pressed a key"));
    }
    let owner = desk.facts.operator(&pressed.who.id)?.cloned();
    let last = owner.as_ref().map(|owner| owner.focus.tasks);
    // A key that was pressed twice must not read as if nothing had come of it.
    let over = |owner: &Operator| owner.focus.task.is_none() && owner.focus.tasks == number;
    let words = if owner.as_ref().is_some_and(over) {
        Phrase::TaskDone
    } else {
        Phrase::TaskOver
    };
    let current = owner.and_then(|owner| {
        let task = owner
            .focus
            .task
            .clone()
            .filter(|task| task.number == number)?;
        Some((owner, task))
    });
    let Some((owner, task)) = current else {
        let mut late = desk.toast(pressed, words, &[], "a key of another task");
        // Pressed twice, it has other keys by now: those of what came of it.
        if last != Some(number) {
            late.effects
                .push(strip(&pressed.at.chat, Some(&pressed.at)));
        }
        return Ok(late);
    };
    let mut decision = Decision::default();
    decision.effects.push(desk.answer(pressed, None, false));
    if goes == Goes::Cancelled {
        decision.say(prompt(desk, &task, Phrase::TaskCancelled, &[], Vec::new()));
        keep(owner, None, &mut decision);
        return Ok(decision);
    }
    match task.step.clone() {
        Step::Audience(audience) => {
            broadcasting::chosen(desk, owner, &task, audience, goes, &mut decision)?;
        }
        Step::Confirm { audience, said } if goes == Goes::Confirmed => {
            broadcasting::sent(desk, owner, &task, audience, said, &mut decision)?;
        }
        Step::Field(email) => recording::chosen(desk, owner, &task, email, goes, &mut decision)?,
        Step::Value(email, edited) => {
            recording::value_chosen(desk, owner, &task, &email, edited, goes, &mut decision)?;
        }
        Step::Save {
            client,
            edited,
            value,
            seen,
        } if goes == Goes::Confirmed => {
            let save = recording::Save {
                client,
                edited,
                value,
            };
            recording::saved(desk, owner, &task, save, &seen, &mut decision)?;
        }
        Step::Message { .. } | Step::Record | Step::Confirm { .. } | Step::Save { .. } => {
            let late = "a key that does not belong to this step";
            return Ok(desk.toast(pressed, Phrase::StaleKey, &[], late));
        }
    }
    Ok(decision)
}
