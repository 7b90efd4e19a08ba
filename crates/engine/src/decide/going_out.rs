//! A broadcast that goes out: the next few get it, its owner sees how far it is, pauses it, stops it, and
//! reads what became of it.
//!
//! What must stay true: whoever gets it is given to the couriers once, and while it is paused or stopped
//! nobody is.

use super::{Decision, Desk};
use crate::{
    broadcast::{self, Broadcast, BroadcastId, Counts, Fate, Pace, Stage},
    content::{Body, Content, Media, MediaKind, Said},
    effect::{Effect, Key, Purpose, Relay, Say, Tone},
    event::{Pressed, Timer},
    facts::Need,
    ids::{ChannelId, ChatRef},
    keys::{Act, Steers},
    phrases::Phrase,
};

use jiff::{SignedDuration, Timestamp};

/// How soon it is looked after again while the couriers are faster than it is given to them.
const SOON: SignedDuration = SignedDuration::from_millis(250);
/// The same while they have enough to do.
const LATER: SignedDuration = SignedDuration::from_secs(1);
/// How often its owner is told how far it is.
const TELL: SignedDuration = SignedDuration::from_secs(2);
/// The same in the operators' group, where dialogs need the little that may be said in a minute.
const TELL_GROUP: SignedDuration = SignedDuration::from_secs(20);
/// How many parts the bar of its progress has.
const BAR: u64 = 12;

/// It is looked after.
pub(super) fn due(desk: &Desk, id: BroadcastId) -> Result<Decision, Need> {
    let Some((broadcast, counts)) = desk.facts.broadcast(id)? else {
        return Ok(Decision::ignored("a broadcast that does not exist"));
    };
    let mut decision = Decision::default();
    match broadcast.stage {
        Stage::Running if counts.waiting == 0 && counts.under_way == 0 => {
            finish(desk, broadcast, counts, &mut decision);
        }
        Stage::Running => goes_on(desk, broadcast, counts, &mut decision)?,
        // What the couriers have begun still comes in; what they have not is taken back with the commit.
        Stage::Paused | Stage::Stopped if counts.under_way > 0 => {
            decision.broadcast = Some(broadcast.clone());
            tell(desk, broadcast, counts, &mut decision);
            decision
                .timers
                .push((Timer::Broadcast(id), desk.now + LATER));
        }
        Stage::Paused => decision.say(progress(desk, broadcast, counts)),
        Stage::Stopped => finish(desk, broadcast, counts, &mut decision),
        Stage::Done => decision.ignored = Some("a broadcast that is done"),
    }
    Ok(decision)
}

fn goes_on(
    desk: &Desk,
    broadcast: &Broadcast,
    counts: &Counts,
    decision: &mut Decision,
) -> Result<(), Need> {
    let id = broadcast.id;
    let next = if counts.waiting > 0 {
        desk.facts.waiting(id)?.as_slice()
    } else {
        &[]
    };
    for (recipient, heard_at) in next {
        let to = recipient.chat.clone();
        if let Some(fate) = out_of_reach(desk, &to.channel, *heard_at) {
            decision.missed.push((id, to, fate));
            continue;
        }
        decision.given.push((id, to.clone()));
        decision.effects.push(Effect::Bulk {
            broadcast: id,
            to,
            said: broadcast.said.clone(),
        });
    }
    let enough = counts.under_way > u64::from(broadcast::AT_ONCE) / 2;
    let pause = if next.is_empty() || enough {
        LATER
    } else {
        SOON
    };
    decision
        .timers
        .push((Timer::Broadcast(id), desk.now + pause));
    tell(desk, broadcast, counts, decision);
    Ok(())
}

/// Why there is no use in trying somebody, if there is none.
fn out_of_reach(desk: &Desk, channel: &ChannelId, heard_at: Option<Timestamp>) -> Option<Fate> {
    if !desk.policy.titles.contains_key(channel) {
        let reason = desk.policy.words(Phrase::ReasonNotInUse, &[]);
        return Some(Fate::Failed { reason });
    }
    let open = desk.policy.is_open(channel, heard_at, desk.now);
    (!open).then_some(Fate::Closed)
}

/// The owner is told how far it is, if that was long enough ago.
fn tell(desk: &Desk, broadcast: &Broadcast, counts: &Counts, decision: &mut Decision) {
    let pause = if broadcast.chat == desk.policy.group {
        TELL_GROUP
    } else {
        TELL
    };
    if broadcast.told.is_some_and(|told| desk.now < told + pause) {
        return;
    }
    decision.say(progress(desk, broadcast, counts));
    decision.broadcast = Some(Broadcast {
        told: Some(desk.now),
        ..broadcast.clone()
    });
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
    let mut broadcast = Broadcast {
        stage,
        told: Some(desk.now),
        ..broadcast.clone()
    };
    if stage == Stage::Running {
        broadcast.pace = Pace {
            since: desk.now,
            done: counts.done(),
        };
    }
    let mut decision = Decision::default();
    decision.effects.push(desk.answer(pressed, None, false));
    decision.say(progress(desk, &broadcast, counts));
    decision.timers.push((Timer::Broadcast(id), desk.now));
    decision.broadcast = Some(broadcast);
    Ok(decision)
}

/// One message says how far it is, and at the end what became of it.
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
    let (phrase, keys): (_, Vec<Vec<Key>>) = match broadcast.stage {
        Stage::Running => {
            let pause = steer(Phrase::PauseBroadcast, Steers::Pause, Tone::Plain);
            (Phrase::BroadcastRunning, vec![vec![pause, stop()]])
        }
        Stage::Paused => {
            let go_on = steer(Phrase::ContinueBroadcast, Steers::Continue, Tone::Primary);
            (Phrase::BroadcastPaused, vec![vec![go_on, stop()]])
        }
        Stage::Stopped | Stage::Done => (Phrase::BroadcastStopping, Vec::new()),
    };
    let (done, all) = (counts.done(), counts.all());
    let filled = (done * BAR).checked_div(all).unwrap_or(BAR);
    let bar: String = (0..BAR)
        .map(|at| if at < filled { '▓' } else { '░' })
        .collect();
    let (done, all) = (done.to_string(), all.to_string());
    let args = [("bar", bar.as_str()), ("done", &done), ("all", &all)];
    let mut say = desk.say(&broadcast.chat, phrase, &args);
    if broadcast.stage == Stage::Running
        && let Some(left) = left(desk, broadcast, counts)
    {
        line(desk, &mut say, Phrase::BroadcastLeft, ("time", &left));
    }
    if counts.troubles() > 0 {
        let count = counts.troubles().to_string();
        line(desk, &mut say, Phrase::BroadcastTroubles, ("count", &count));
    }
    anchored(broadcast, Say { keys, ..say })
}

fn line(desk: &Desk, say: &mut Say, phrase: Phrase, arg: (&str, &str)) {
    say.text.push("\n");
    say.text.push(&desk.policy.words(phrase, &[arg]));
}

/// How long the rest takes, if it goes on as it went since it began or was continued.
fn left(desk: &Desk, broadcast: &Broadcast, counts: &Counts) -> Option<String> {
    let Pace { since, done } = broadcast.pace;
    let done = i64::try_from(counts.done().saturating_sub(done)).ok()?;
    let rest = i64::try_from(counts.waiting + counts.under_way).ok()?;
    if done == 0 {
        return None;
    }
    let so_far = desk.now.duration_since(since).as_secs().max(1);
    let seconds = (so_far.saturating_mul(rest) / done).max(1);
    let words = |phrase, count: i64| desk.policy.words(phrase, &[("count", &count.to_string())]);
    if seconds < 60 {
        return Some(words(Phrase::Seconds, seconds));
    }
    let minutes = seconds / 60 + i64::from(seconds % 60 > 0);
    let (hours, minutes) = (minutes / 60, minutes % 60);
    Some(match (hours, minutes) {
        (0, minutes) => words(Phrase::Minutes, minutes),
        (hours, 0) => words(Phrase::Hours, hours),
        (hours, minutes) => format!(
            "{} {}",
            words(Phrase::Hours, hours),
            words(Phrase::Minutes, minutes)
        ),
    })
}

/// It is over: the report, and a file of those who did not get it.
fn finish(desk: &Desk, broadcast: &Broadcast, counts: &Counts, decision: &mut Decision) {
    let phrase = match broadcast.stage {
        Stage::Stopped => Phrase::BroadcastStopped,
        Stage::Running | Stage::Paused | Stage::Done => Phrase::BroadcastReport,
    };
    let sent = counts.sent.to_string();
    let mut report = desk.say(&broadcast.chat, phrase, &[("sent", &sent)]);
    // What there is none of is not worth a line.
    let lines = [
        (Phrase::ReportBlocked, counts.blocked),
        (Phrase::ReportFailed, counts.failed),
        (Phrase::ReportClosed, counts.closed),
        (Phrase::ReportUnknown, counts.unknown),
        (Phrase::ReportWaiting, counts.waiting),
    ];
    for (phrase, count) in lines.into_iter().filter(|(_, count)| *count > 0) {
        line(desk, &mut report, phrase, ("count", &count.to_string()));
    }
    let named = counts.troubles() + counts.waiting > 0;
    if named {
        report.text.push("\n");
        report
            .text
            .push(&desk.policy.words(Phrase::ReportFile, &[]));
    }
    decision.say(anchored(broadcast, report));
    if named {
        decision.effects.push(Effect::Relay(Relay {
            to: broadcast.chat.clone(),
            said: vec![file(desk, broadcast.id)],
            header: None,
            under: None,
            purpose: Purpose::Nothing,
        }));
    }
    decision.broadcast = Some(Broadcast {
        stage: Stage::Done,
        ..broadcast.clone()
    });
}

/// The file of those who did not get it, which the desk writes when it leaves.
fn file(desk: &Desk, id: BroadcastId) -> Said {
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
