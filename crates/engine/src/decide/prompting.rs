//! What an owner is shown step by step: words in the place of those before them, and the keys of a task.

use super::{Decision, Desk};
use crate::{
    content::Rich,
    desk::Operator,
    effect::{Key, Say, Tone},
    event::Person,
    facts::Need,
    ids::ChatRef,
    keys::{Act, Goes},
    phrases::Phrase,
    task::{Step, Task},
};

/// A task begins; what was begun before is over.
pub(super) fn begin(
    desk: &Desk,
    who: &Person,
    chat: &ChatRef,
    step: Step,
) -> Result<(Operator, Task), Need> {
    let known = desk.facts.operator(&who.id)?.cloned();
    let mut owner = known.unwrap_or_else(|| Operator::new(who.clone()));
    owner.who = who.clone();
    owner.focus.tasks = owner.focus.tasks.wrapping_add(1);
    let task = Task {
        number: owner.focus.tasks,
        chat: chat.clone(),
        at: desk.now,
        asked: 0,
        step,
    };
    Ok((owner, task))
}

/// The owner is at this step now.
pub(super) fn keep(mut owner: Operator, task: Option<Task>, decision: &mut Decision) {
    owner.focus.task = task;
    decision.operators.push(owner);
}

/// Words of a task, in place of those of the step before it.
pub(super) fn prompt(
    desk: &Desk,
    task: &Task,
    phrase: Phrase,
    args: &[(&str, &str)],
    keys: Vec<Vec<Key>>,
) -> Say {
    Say {
        anchor: Some(task.anchor()),
        rewrites: true,
        keys,
        ..desk.say(&task.chat, phrase, args)
    }
}

/// The same, with what was wrong with the answer before it.
pub(super) fn with_trouble(mut say: Say, trouble: Option<String>) -> Say {
    if let Some(trouble) = trouble {
        let mut text = Rich::plain(&trouble);
        text.push("\n\n");
        text.append(&say.text);
        say.text = text;
    }
    say
}

/// A key of a task with a label of its own.
pub(super) fn key(task: &Task, label: String, goes: Goes, tone: Tone) -> Key {
    Key {
        label,
        data: Act::Task(task.number, goes).to_string(),
        tone,
    }
}

/// A key of a task that reads as a phrase does.
pub(super) fn named_key(desk: &Desk, task: &Task, phrase: Phrase, goes: Goes, tone: Tone) -> Key {
    key(task, desk.policy.words(phrase, &[]), goes, tone)
}

pub(super) fn cancel(desk: &Desk, task: &Task) -> Vec<Key> {
    let key = named_key(desk, task, Phrase::Cancel, Goes::Cancelled, Tone::Plain);
    vec![key]
}

/// «Отмена», and the key that does it.
pub(super) fn yes_or_no(desk: &Desk, task: &Task, yes: Phrase) -> Vec<Vec<Key>> {
    let mut keys = cancel(desk, task);
    keys.push(named_key(desk, task, yes, Goes::Confirmed, Tone::Primary));
    vec![keys]
}
