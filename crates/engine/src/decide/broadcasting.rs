//! `/рассылка`: to whom, what, a preview, and then to everybody, a few at a time, so that it can be
//! paused and stopped, and so that dialogs go first.

use super::{
    Decision, Desk,
    owner::{begin as begin_task, keep, key, named_key, prompt},
};
use crate::{
    broadcast::{self, Audience, Broadcast, BroadcastId, Counts, Stage},
    content::{Body, Content, Media, MediaKind, Said},
    desk::Operator,
    effect::{Effect, Key, Purpose, Relay, Say, Tone},
    event::{Person, Pressed, Timer},
    facts::Need,
    ids::{ChannelId, ChatRef},
    keys::{Act, Goes, Steers},
    phrases::Phrase,
    task::{Step, Task},
};

use jiff::SignedDuration;

/// How often a broadcast is looked after while it goes out.
const STEP: SignedDuration = SignedDuration::from_secs(2);
/// How many parts the bar of its progress has.
const BAR: u64 = 12;

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
    keys.push(vec![
        named_key(desk, task, Phrase::Cancel, Goes::Cancelled, Tone::Plain),
        named_key(desk, task, Phrase::Next, Goes::On, Tone::Primary),
    ]);
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
    let total = total(desk.facts.preview(&audience)?);
    if total == 0 {
        decision.say(desk.say(&task.chat, Phrase::BroadcastNobody, &[]));
        keep(owner, Some(task.clone()), decision);
        return Ok(());
    }
    let cancel = named_key(desk, task, Phrase::Cancel, Goes::Cancelled, Tone::Plain);
    let count = total.to_string();
    decision.say(prompt(
        desk,
        task,
        Phrase::BroadcastWhat,
        &[("count", &count)],
        vec![vec![cancel]],
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

fn total(preview: &[(ChannelId, u64)]) -> u64 {
    preview.iter().map(|(_, count)| count).sum()
}

/// The message is there: it is shown as it will arrive, with the numbers.
pub(super) fn written(
    desk: &Desk,
    owner: Operator,
    task: &Task,
    audience: Audience,
    said: Vec<Said>,
) -> Result<Decision, Need> {
    let mut decision = Decision::default();
    let preview = desk.facts.preview(&audience)?;
    let by_channel: Vec<String> = preview
        .iter()
        .map(|(channel, count)| format!("{}: {count}", desk.policy.title(channel)))
        .collect();
    let (count, by_channel) = (total(preview).to_string(), by_channel.join("\n"));
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
    let keys = vec![vec![
        named_key(desk, &task, Phrase::Cancel, Goes::Cancelled, Tone::Plain),
        named_key(desk, &task, Phrase::Send, Goes::Confirmed, Tone::Primary),
    ]];
    let args = [("count", count.as_str()), ("channels", &by_channel)];
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
        audience,
        said,
        begun: desk.now,
        stage: Stage::Running,
    };
    decision.say(prompt(desk, task, Phrase::BroadcastBegun, &[], Vec::new()));
    decision
        .timers
        .push((Timer::Broadcast(broadcast.id), desk.now));
    decision.broadcast = Some(broadcast);
    keep(owner, None, decision);
    Ok(())
}

/// It is looked after: the next few get it, the owner sees how far it is.
pub(super) fn due(desk: &Desk, id: BroadcastId) -> Result<Decision, Need> {
    let Some((broadcast, counts)) = desk.facts.broadcast(id)? else {
        return Ok(Decision::ignored("a broadcast that does not exist"));
    };
    let mut decision = Decision::default();
    match broadcast.stage {
        Stage::Running => {
            let room = u64::from(broadcast::AT_ONCE).saturating_sub(counts.under_way);
            let most = u32::try_from(room).unwrap_or(0);
            let next = if most > 0 {
                desk.facts.waiting(id, most)?
            } else {
                &[]
            };
            for recipient in next {
                decision.given.push((id, recipient.chat.clone()));
                decision.effects.push(Effect::Bulk {
                    broadcast: id,
                    to: recipient.chat.clone(),
                    said: broadcast.said.clone(),
                });
            }
            if next.is_empty() && counts.waiting == 0 && counts.under_way == 0 {
                finish(desk, broadcast, counts, Stage::Done, &mut decision);
            } else {
                decision.say(progress(desk, broadcast, counts));
                decision
                    .timers
                    .push((Timer::Broadcast(id), desk.now + STEP));
            }
        }
        // What is under way still comes in.
        Stage::Paused | Stage::Stopped if counts.under_way > 0 => {
            decision.say(progress(desk, broadcast, counts));
            decision
                .timers
                .push((Timer::Broadcast(id), desk.now + STEP));
        }
        Stage::Paused => decision.say(progress(desk, broadcast, counts)),
        Stage::Stopped => finish(desk, broadcast, counts, Stage::Done, &mut decision),
        Stage::Done => decision.ignored = Some("a broadcast that is done"),
    }
    Ok(decision)
}

/// «Пауза», «Продолжить», «Остановить».
pub(super) fn steered(
    desk: &Desk,
    pressed: &Pressed,
    id: BroadcastId,
    steers: Steers,
) -> Result<Decision, Need> {
    if !desk.policy.owners.contains_key(&pressed.who.id) {
        return Ok(Decision::ignored("somebody who is no owner pressed a key"));
    }
    let Some((broadcast, counts)) = desk.facts.broadcast(id)? else {
        return Ok(Decision::ignored("a broadcast that does not exist"));
    };
    let stage = match (broadcast.stage, steers) {
        (Stage::Running, Steers::Pause) => Stage::Paused,
        (Stage::Paused, Steers::Continue) => Stage::Running,
        (Stage::Running | Stage::Paused, Steers::Stop) => Stage::Stopped,
        (Stage::Running, Steers::Continue)
        | (Stage::Paused, Steers::Pause)
        | (Stage::Stopped | Stage::Done, _) => {
            return Ok(desk.toast(
                pressed,
                Phrase::StaleKey,
                &[],
                "a broadcast that is so already",
            ));
        }
    };
    let broadcast = Broadcast {
        stage,
        ..broadcast.clone()
    };
    let mut decision = Decision::default();
    decision.effects.push(desk.answer(pressed, None, false));
    decision.say(progress(desk, &broadcast, counts));
    decision.timers.push((Timer::Broadcast(id), desk.now));
    decision.broadcast = Some(broadcast);
    Ok(decision)
}

fn anchored(broadcast: &Broadcast, say: Say) -> Say {
    Say {
        anchor: Some(
            broadcast
                .chat
                .message(format!("broadcast-{}", broadcast.id)),
        ),
        rewrites: true,
        replaces: Some(format!("broadcast/{}", broadcast.id)),
        ..say
    }
}

fn progress(desk: &Desk, broadcast: &Broadcast, counts: &Counts) -> Say {
    let steer =
        |phrase, steers, tone| desk.key(phrase, tone, &Act::Broadcast(broadcast.id, steers));
    let stop = || steer(Phrase::StopBroadcast, Steers::Stop, Tone::Danger);
    let keys: Vec<Vec<Key>> = match broadcast.stage {
        Stage::Running => vec![vec![
            steer(Phrase::PauseBroadcast, Steers::Pause, Tone::Plain),
            stop(),
        ]],
        Stage::Paused => vec![vec![
            steer(Phrase::ContinueBroadcast, Steers::Continue, Tone::Primary),
            stop(),
        ]],
        Stage::Stopped | Stage::Done => Vec::new(),
    };
    let phrase = match broadcast.stage {
        Stage::Running => Phrase::BroadcastRunning,
        Stage::Paused => Phrase::BroadcastPaused,
        Stage::Stopped | Stage::Done => Phrase::BroadcastStopping,
    };
    let (done, all) = (counts.done(), counts.all());
    let filled = (done * BAR).checked_div(all).unwrap_or(BAR);
    let bar: String = (0..BAR)
        .map(|at| if at < filled { '▓' } else { '░' })
        .collect();
    let (done_text, all_text) = (done.to_string(), all.to_string());
    let left = left(desk, broadcast, counts);
    let args = [
        ("bar", bar.as_str()),
        ("done", &done_text),
        ("all", &all_text),
        ("left", &left),
    ];
    anchored(
        broadcast,
        Say {
            keys,
            ..desk.say(&broadcast.chat, phrase, &args)
        },
    )
}

/// How long the rest takes, if it goes on as it went.
fn left(desk: &Desk, broadcast: &Broadcast, counts: &Counts) -> String {
    let done = i64::try_from(counts.done()).unwrap_or(i64::MAX);
    let rest = i64::try_from(counts.waiting + counts.under_way).unwrap_or(i64::MAX);
    let so_far = desk.now.duration_since(broadcast.begun).as_secs().max(1);
    if done == 0 {
        return "…".to_owned();
    }
    let seconds = so_far.saturating_mul(rest) / done;
    let minutes = seconds.div_euclid(60) + i64::from(seconds % 60 > 0);
    desk.policy
        .words(Phrase::Minutes, &[("count", &minutes.to_string())])
}

fn finish(
    desk: &Desk,
    broadcast: &Broadcast,
    counts: &Counts,
    stage: Stage,
    decision: &mut Decision,
) {
    let figures = [
        counts.sent,
        counts.blocked,
        counts.failed,
        counts.unknown,
        counts.waiting,
    ];
    let [sent, blocked, failed, unknown, waiting] = figures.map(|count| count.to_string());
    let args = [
        ("sent", sent.as_str()),
        ("blocked", &blocked),
        ("failed", &failed),
        ("unknown", &unknown),
        ("waiting", &waiting),
    ];
    decision.say(anchored(
        broadcast,
        desk.say(&broadcast.chat, Phrase::BroadcastReport, &args),
    ));
    if counts.blocked + counts.failed + counts.unknown > 0 {
        decision.effects.push(Effect::Relay(Relay {
            to: broadcast.chat.clone(),
            said: vec![report(desk, broadcast.id)],
            header: None,
            under: None,
            purpose: Purpose::Nothing,
        }));
    }
    decision.broadcast = Some(Broadcast {
        stage,
        ..broadcast.clone()
    });
}

/// The file of those who did not get it, which the desk writes when it leaves.
fn report(desk: &Desk, id: BroadcastId) -> Said {
    let name = desk
        .policy
        .words(Phrase::BroadcastFile, &[("number", &id.to_string())]);
    let file = Media {
        name: Some(format!("{name}.csv")),
        mime: Some("text/csv".to_owned()),
        ..Media::new(MediaKind::Document, format!("failures/{id}"))
    };
    let desk = ChatRef::new(&ChannelId::new(broadcast::DESK), "reports");
    Said {
        at: desk.message(format!("failures-{id}")),
        content: Content {
            body: Body::Media(file),
            ..Content::default()
        },
    }
}
