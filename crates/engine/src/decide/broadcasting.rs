//! `/рассылка`: to whom, what, and a preview. What must stay true: what goes out when «Отправить» is
//! pressed is what stands above it.

use super::{
    Decision, Desk,
    prompting::{begin as begin_task, cancel, keep, key, named_key, prompt, yes_or_no},
    strip,
};
use crate::{
    broadcast::{Audience, Broadcast, Pace, Reached, Stage},
    content::Said,
    desk::Operator,
    effect::{Effect, Purpose, Relay, Say, Tone},
    event::{Person, Timer},
    facts::Need,
    ids::ChatRef,
    keys::Goes,
    phrases::Phrase,
    task::{Step, Task},
};

pub(super) fn begin(desk: &Desk, who: &Person, chat: &ChatRef) -> Result<Decision, Need> {
    let (owner, task) = begin_task(desk, who, chat, Step::Audience(Audience::default()))?;
    let mut decision = Decision::default();
    decision.say(choosing(desk, &task, &Audience::default())?);
    keep(owner, Some(task), &mut decision);
    Ok(decision)
}

fn choosing(desk: &Desk, task: &Task, audience: &Audience) -> Result<Say, Need> {
    let mark = |on: bool| if on { "✅" } else { "▫️" };
    let everybody = desk.policy.words(Phrase::Everybody, &[]);
    let label = format!("{} {everybody}", mark(audience.everybody));
    let mut keys = vec![vec![key(task, label, Goes::Everybody, Tone::Plain)]];
    for (place, tariff) in (0..).zip(desk.facts.tariffs()?) {
        let on = audience.everybody || audience.tariffs.contains(&tariff.name);
        let label = format!("{} {}", mark(on), tariff.name);
        keys.push(vec![key(task, label, Goes::Choice(place), Tone::Plain)]);
    }
    let mut last = cancel(desk, task);
    last.push(named_key(desk, task, Phrase::Next, Goes::On, Tone::Primary));
    keys.push(last);
    Ok(prompt(desk, task, Phrase::BroadcastWhom, &[], keys))
}

/// A key of the choice of tariffs.
pub(super) fn chosen(
    desk: &Desk,
    owner: Operator,
    task: &Task,
    mut audience: Audience,
    goes: Goes,
    decision: &mut Decision,
) -> Result<(), Need> {
    match goes {
        Goes::Everybody => {
            audience.everybody = !audience.everybody;
            audience.tariffs.clear();
        }
        Goes::Choice(place) => {
            let tariffs = desk.facts.tariffs()?;
            if let Some(tariff) = tariffs.get(place as usize) {
                if std::mem::take(&mut audience.everybody) {
                    audience.tariffs = tariffs.iter().map(|tariff| tariff.name.clone()).collect();
                }
                if !audience.tariffs.remove(&tariff.name) {
                    audience.tariffs.insert(tariff.name.clone());
                }
            }
        }
        Goes::On => return ask_message(desk, owner, task, audience, decision),
        Goes::Confirmed | Goes::Cancelled => {}
    }
    decision.say(choosing(desk, task, &audience)?);
    let step = Step::Audience(audience);
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

fn ask_message(
    desk: &Desk,
    owner: Operator,
    task: &Task,
    audience: Audience,
    decision: &mut Decision,
) -> Result<(), Need> {
    if !audience.everybody && audience.tariffs.is_empty() {
        decision.say(desk.say(&task.chat, Phrase::BroadcastNobody, &[]));
        keep(owner, Some(task.clone()), decision);
        return Ok(());
    }
    let audience = in_reach(desk, audience);
    let total = total(desk.facts.preview(&audience)?);
    if total == 0 {
        decision.say(desk.say(&task.chat, Phrase::BroadcastEmpty, &[]));
        keep(owner, Some(task.clone()), decision);
        return Ok(());
    }
    let count = total.to_string();
    decision.say(prompt(
        desk,
        task,
        Phrase::BroadcastWhat,
        &[("count", &count)],
        vec![cancel(desk, task)],
    ));
    let step = Step::Message {
        audience,
        album: None,
    };
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

/// The same audience on the channels that are in use by now.
fn in_reach(desk: &Desk, audience: Audience) -> Audience {
    Audience {
        channels: desk.policy.titles.keys().cloned().collect(),
        ..audience
    }
}

fn total(preview: &[Reached]) -> u64 {
    preview.iter().map(|reached| reached.count).sum()
}

/// How many they are on a channel, and how many of them cannot be written to.
fn reached(desk: &Desk, reached: &Reached) -> String {
    let channel = desk.policy.title(&reached.channel);
    let (count, closed) = (reached.count.to_string(), reached.closed.to_string());
    if reached.closed == 0 {
        return format!("{channel}: {count}");
    }
    let args = [("channel", channel), ("count", &count), ("closed", &closed)];
    desk.policy.words(Phrase::BroadcastClosed, &args)
}

/// The message is there, or was changed: it is shown as it will arrive, with the numbers.
pub(super) fn written(
    desk: &Desk,
    owner: Operator,
    task: &Task,
    audience: Audience,
    said: Vec<Said>,
) -> Result<Decision, Need> {
    let mut decision = Decision::default();
    let audience = in_reach(desk, audience);
    let preview = desk.facts.preview(&audience)?;
    let mut lines: Vec<String> = preview.iter().map(|part| reached(desk, part)).collect();
    if !desk.facts.unfinished()?.is_empty() {
        lines.push(desk.policy.words(Phrase::BroadcastAnother, &[]));
    }
    let (count, lines) = (total(preview).to_string(), lines.join("\n"));
    // The keys of the step before, or under what the message read before, are outdated.
    let outdated = Some(task.anchor());
    decision.effects.push(strip(&task.chat, outdated.as_ref()));
    decision.effects.push(Effect::Relay(Relay {
        to: task.chat.clone(),
        said: said.clone(),
        header: None,
        under: None,
        purpose: Purpose::Nothing,
    }));
    let step = Step::Confirm { audience, said };
    // A prompt of its own: it stands below the message that it is about.
    let mut owner = owner;
    owner.focus.tasks = owner.focus.tasks.wrapping_add(1);
    let task = Task {
        number: owner.focus.tasks,
        step,
        ..task.clone()
    };
    let keys = yes_or_no(desk, &task, Phrase::Send);
    let args = [("count", count.as_str()), ("channels", &lines)];
    decision.say(prompt(desk, &task, Phrase::BroadcastPreview, &args, keys));
    keep(owner, Some(task), &mut decision);
    Ok(decision)
}

/// «Отправить».
pub(super) fn sent(
    desk: &Desk,
    owner: Operator,
    task: &Task,
    audience: Audience,
    said: Vec<Said>,
    decision: &mut Decision,
) -> Result<(), Need> {
    let broadcast = Broadcast {
        id: desk.facts.broadcast_number()?,
        owner: owner.who.id.clone(),
        chat: task.chat.clone(),
        audience: in_reach(desk, audience),
        said,
        begun: desk.now,
        stage: Stage::Running,
        told: None,
        pace: Pace {
            since: desk.now,
            done: 0,
        },
    };
    decision.say(prompt(desk, task, Phrase::BroadcastBegun, &[], Vec::new()));
    decision
        .timers
        .push((Timer::Broadcast(broadcast.id), desk.now));
    decision.broadcast = Some(broadcast);
    keep(owner, None, decision);
    Ok(())
}
