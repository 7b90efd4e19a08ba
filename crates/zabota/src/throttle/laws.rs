//! What the throttle never does, whatever is asked of it in whatever order.

use proptest::prelude::*;

use super::*;

const LIMITS: Limits = Limits {
    per_second: 6,
    per_chat_second: 1,
    per_group_minute: 10,
};

#[derive(Clone, Copy, Debug)]
enum Act {
    Ask {
        chat: usize,
        cost: u32,
        urgency: Urgency,
        lasts: i64,
        counted: f64,
    },
    Obey {
        chat: Option<usize>,
        millis: i64,
    },
    Pass {
        millis: i64,
    },
}

/// A call that left, and when the messenger counted it: somewhere between leaving and answering.
struct Left {
    chat: usize,
    cost: u32,
    urgency: Urgency,
    at: i64,
    counted: i64,
}

/// A 429: for which chat (or all), when it came, and the moment that it named.
struct Told {
    chat: Option<usize>,
    from: i64,
    until: i64,
}

const GROUP_CHAT: usize = 0;
const NOWHERE: usize = 4;

fn place(chat: usize) -> Place<'static> {
    match chat {
        GROUP_CHAT => Place::Group("desk"),
        1 => Place::Private("ivan"),
        2 => Place::Private("maria"),
        3 => Place::Change("ivan"),
        _ => Place::Nowhere,
    }
}

fn moment(millis: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_millis(millis)
}

fn urgency() -> impl Strategy<Value = Urgency> {
    prop_oneof![
        Just(Urgency::Live),
        Just(Urgency::Service),
        Just(Urgency::Bulk)
    ]
}

fn act() -> impl Strategy<Value = Act> {
    let ask = (
        0..=NOWHERE,
        1..5_u32,
        urgency(),
        prop_oneof![Just(0), 0..3000_i64],
        0.0..=1.0_f64,
    );
    prop_oneof![
        12 => ask.prop_map(|(chat, cost, urgency, lasts, counted)| Act::Ask { chat, cost, urgency, lasts, counted }),
        1 => (proptest::option::of(0..=2_usize), 0..5000_i64).prop_map(|(chat, millis)| Act::Obey { chat, millis }),
        6 => prop_oneof![0..50_i64, 0..1500_i64, 0..20_000_i64].prop_map(|millis| Act::Pass { millis }),
    ]
}

/// Plays the acts; calls are settled when they are due. Returns what left and what was to be obeyed.
fn play(acts: &[Act]) -> (Vec<Left>, Vec<Told>) {
    let mut throttle = Throttle::new(LIMITS);
    let (mut now, mut left, mut told) = (0, Vec::new(), Vec::new());
    let mut under_way: Vec<(i64, Pass)> = Vec::new();
    for act in acts {
        match *act {
            Act::Pass { millis } => {
                now += millis;
                under_way.sort_by_key(|(due, _)| *due);
                while under_way.first().is_some_and(|(due, _)| *due <= now) {
                    let (due, pass) = under_way.remove(0);
                    throttle.settle(pass, Outcome::Answered, moment(due), 0.0);
                }
            }
            Act::Obey { chat, millis } => {
                let name = chat.and_then(|chat| place(chat).chat());
                throttle.obey(name, moment(now + millis), moment(now));
                told.push(Told {
                    chat,
                    from: now,
                    until: now + millis,
                });
            }
            Act::Ask {
                chat,
                cost,
                urgency,
                lasts,
                counted,
            } => {
                let call = Call {
                    place: place(chat),
                    cost,
                    urgency,
                };
                match throttle.admit(&call, moment(now)) {
                    Ok(pass) => {
                        #[expect(
                            clippy::cast_possible_truncation,
                            clippy::cast_precision_loss,
                            reason = "below 3000"
                        )]
                        let counted = now + (lasts as f64 * counted) as i64;
                        left.push(Left {
                            chat,
                            cost,
                            urgency,
                            at: now,
                            counted,
                        });
                        under_way.push((now + lasts, pass));
                    }
                    Err(hold) => {
                        assert!(hold.until > moment(now), "asked to come back in the past");
                    }
                }
            }
        }
    }
    (left, told)
}

/// The most that any window of that length holds.
fn fullest(counted: &[(i64, u32)], span: i64) -> u32 {
    let within = |start: i64| {
        counted
            .iter()
            .filter(move |(at, _)| (start..start + span).contains(at))
    };
    counted
        .iter()
        .map(|&(start, _)| within(start).map(|(_, cost)| cost).sum())
        .max()
        .unwrap_or(0)
}

fn counted(left: &[Left], of: impl Fn(&Left) -> Option<u32>) -> Vec<(i64, u32)> {
    left.iter()
        .filter_map(|call| Some((call.counted, of(call)?)))
        .collect()
}

proptest! {
    #[test]
    fn no_window_ever_holds_more_than_its_limit(acts in prop::collection::vec(act(), 1..300)) {
        let (left, _) = play(&acts);
        let all = counted(&left, |call| Some(call.cost));
        prop_assert!(fullest(&all, 1000) <= LIMITS.per_second);
        let group = counted(&left, |call| (call.chat == GROUP_CHAT).then_some(call.cost));
        prop_assert!(fullest(&group, 60_000) <= LIMITS.per_group_minute);
        for chat in [1, 2] {
            let private = counted(&left, |call| (call.chat == chat).then_some(1));
            prop_assert!(fullest(&private, 1000) <= LIMITS.per_chat_second);
        }
    }

    #[test]
    fn broadcasts_never_fill_the_budget(acts in prop::collection::vec(act(), 1..300)) {
        let (left, _) = play(&acts);
        let bulk = counted(&left, |call| (call.urgency == Urgency::Bulk).then_some(call.cost));
        prop_assert!(fullest(&bulk, 1000) <= LIMITS.per_second * CHANNEL.bulk / 100);
        let others = |call: &Left| (call.chat == GROUP_CHAT && call.urgency != Urgency::Live).then_some(call.cost);
        prop_assert!(fullest(&counted(&left, others), 60_000) <= LIMITS.per_group_minute * GROUP.service / 100);
    }

    #[test]
    fn nothing_leaves_before_the_moment_a_429_named(acts in prop::collection::vec(act(), 1..300)) {
        let (left, told) = play(&acts);
        for Told { chat, from, until } in told {
            let name = chat.and_then(|chat| place(chat).chat());
            let concerned = |call: &&Left| name.is_none() || place(call.chat).chat() == name;
            // A call at the very moment at which the 429 came may have left just before it.
            let early = left.iter().filter(concerned).find(|call| from < call.at && call.at < until);
            prop_assert!(early.is_none());
        }
    }

    /// Whoever comes back when told finds room, as long as nothing is under way: no wait is longer
    /// than it must be, and none has to be repeated.
    #[test]
    fn who_comes_back_when_told_may_leave(calls in prop::collection::vec((0..=NOWHERE, 1..5_u32, 0..400_i64), 1..100)) {
        let mut throttle = Throttle::new(LIMITS);
        let mut now = Timestamp::UNIX_EPOCH;
        for (chat, cost, millis) in calls {
            now += SignedDuration::from_millis(millis);
            let call = Call { place: place(chat), cost, urgency: Urgency::Live };
            let pass = match throttle.admit(&call, now) {
                Ok(pass) => pass,
                Err(hold) => {
                    now = hold.until;
                    throttle.admit(&call, now).expect("it came back when told")
                }
            };
            throttle.settle(pass, Outcome::Answered, now, 0.0);
        }
    }

    /// A call is held only if a limit is really full: counted over again without any cleverness.
    #[test]
    fn what_has_room_leaves(calls in prop::collection::vec((0..=NOWHERE, 1..5_u32, 0..400_i64), 1..100)) {
        let mut throttle = Throttle::new(LIMITS);
        let (mut now, mut left) = (0, Vec::<(i64, usize, u32)>::new());
        for (chat, cost, millis) in calls {
            now += millis;
            let used = |span: i64, of: Option<usize>| -> u32 {
                let inside = left.iter().filter(|(at, to, _)| *at + span > now && of.is_none_or(|of| of == *to));
                inside.map(|(.., cost)| cost).sum()
            };
            let fits = used(1000, None) + cost <= LIMITS.per_second
                && (chat != GROUP_CHAT || used(60_000, Some(chat)) + cost <= LIMITS.per_group_minute)
                && (![1, 2].contains(&chat) || used(1000, Some(chat)) == 0);
            let call = Call { place: place(chat), cost, urgency: Urgency::Live };
            let answer = throttle.admit(&call, moment(now));
            prop_assert_eq!(answer.is_ok(), fits);
            if let Ok(pass) = answer {
                throttle.settle(pass, Outcome::Answered, moment(now), 0.0);
                left.push((now, chat, cost));
            }
        }
    }

    /// However hard broadcasts and service push, a live message that no live message stands in the
    /// way of leaves within one window.
    #[test]
    fn a_live_message_waits_one_window_at_most(crowd in prop::collection::vec((urgency(), 1..5_u32, 0..300_i64), 0..200), cost in 1..5_u32) {
        let mut throttle = Throttle::new(LIMITS);
        let mut now = 0;
        for (urgency, cost, millis) in crowd {
            now += millis;
            let urgency = if urgency == Urgency::Live { Urgency::Bulk } else { urgency };
            let call = Call { place: Place::Nowhere, cost, urgency };
            if let Ok(pass) = throttle.admit(&call, moment(now)) {
                throttle.settle(pass, Outcome::Answered, moment(now), 0.0);
            }
        }
        let live = Call { place: Place::Nowhere, cost, urgency: Urgency::Live };
        if let Err(hold) = throttle.admit(&live, moment(now)) {
            prop_assert!(cost > 1, "a single message always finds the live share free");
            prop_assert!(hold.until <= moment(now + 1000));
            let rival = Call { urgency: Urgency::Bulk, cost: 1, ..live };
            prop_assert!(throttle.admit(&rival, hold.until).is_err(), "overtaken by a broadcast");
            prop_assert!(throttle.admit(&live, hold.until).is_ok());
        }
    }
}
