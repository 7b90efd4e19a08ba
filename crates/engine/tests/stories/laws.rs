//! What is true of a desk whatever people do, in whatever order, how often they press and whenever it
//! is restarted (state passes through its stored form after every event).

use std::collections::BTreeMap;

use engine::{
    content::Content,
    effect::Effect,
    event::{Event, Place, Wrote},
    ids::{ChatRef, MessageRef, TicketId},
    keys::Act,
    scenario::{BUILT_IN, DialogPlace},
    ticket::Stage,
};
use jiff::SignedDuration;
use proptest::{prelude::*, sample::select};

use crate::world::{World, chat, person, script::media};

const CUSTOMERS: [&str; 3] = ["ivan", "anna", "other-oleg"];
const OPERATORS: [&str; 3] = ["olga", "petr", "vera"];
const EVERYBODY: [&str; 6] = ["ivan", "anna", "other-oleg", "olga", "petr", "vera"];

/// What somebody does next.
#[derive(Clone, Debug)]
enum Step {
    Starts(&'static str),
    Writes(&'static str),
    SendsPart(&'static str, u8),
    TellsAddress(&'static str),
    TalksInGroup(&'static str, Option<prop::sample::Index>),
    PressesNewest(&'static str, prop::sample::Index),
    PressesAnything(&'static str, u32, u32),
    Takes(&'static str, i64),
    Closes(&'static str, i64),
    Edits(&'static str, prop::sample::Index),
    Comes(&'static str, bool),
    Reaches(&'static str, bool),
    Waits(i64),
}

fn step() -> impl Strategy<Value = Step> {
    let index = any::<prop::sample::Index>;
    prop_oneof![
        2 => select(&CUSTOMERS[..]).prop_map(Step::Starts),
        8 => select(&EVERYBODY[..]).prop_map(Step::Writes),
        3 => (select(&EVERYBODY[..]), 0..2u8).prop_map(|(who, id)| Step::SendsPart(who, id)),
        2 => select(&CUSTOMERS[..]).prop_map(Step::TellsAddress),
        5 => (select(&EVERYBODY[..]), prop::option::weighted(0.8, index()))
            .prop_map(|(who, at)| Step::TalksInGroup(who, at)),
        12 => (select(&EVERYBODY[..]), index()).prop_map(|(who, at)| Step::PressesNewest(who, at)),
        1 => (select(&EVERYBODY[..]), 0..9u32, 0..4u32)
            .prop_map(|(who, keyboard, choice)| Step::PressesAnything(who, keyboard, choice)),
        6 => (select(&EVERYBODY[..]), 1..5i64).prop_map(|(who, id)| Step::Takes(who, id)),
        4 => (select(&EVERYBODY[..]), 1..5i64).prop_map(|(who, id)| Step::Closes(who, id)),
        3 => (select(&EVERYBODY[..]), index()).prop_map(|(who, at)| Step::Edits(who, at)),
        1 => (select(&OPERATORS[..]), any::<bool>()).prop_map(|(who, to)| Step::Comes(who, to)),
        1 => (select(&EVERYBODY[..]), any::<bool>()).prop_map(|(who, to)| Step::Reaches(who, to)),
        2 => (0..3i64).prop_map(Step::Waits),
    ]
}

fn status(world: &World) -> BTreeMap<TicketId, u8> {
    let open = world
        .conversations
        .values()
        .filter_map(|c| c.ticket.as_ref())
        .map(|ticket| {
            let rank = match ticket.stage {
                Stage::Waiting(_) => 0,
                Stage::Assigned(_) => 1,
            };
            (ticket.id, rank)
        });
    open.chain(world.closed.keys().map(|id| (*id, 2))).collect()
}

fn kept_of_closed(world: &World) -> usize {
    world
        .history
        .iter()
        .filter(|kept| world.closed.contains_key(&kept.ticket))
        .count()
}

fn play(world: &mut World, written: &mut Vec<MessageRef>, step: &Step) {
    match step {
        Step::Starts(who) => {
            world.write(who, Content::text("/start"));
        }
        Step::Writes(who) => {
            let text = format!("words {}", written.len());
            written.push(world.write(who, Content::text(text)));
        }
        Step::SendsPart(who, id) => {
            let album = Some(format!("album-{id}-{}", world.now.as_second()));
            written.push(world.write(
                who,
                Content {
                    album,
                    ..media("photo", "")
                },
            ));
        }
        Step::TellsAddress(who) => {
            let address = format!("{}@mail.ru", who.trim_start_matches("other-"));
            written.push(world.write(who, Content::text(address)));
        }
        Step::TalksInGroup(who, index) => {
            let group = world.policy.group.clone();
            let there = world.twins.values().filter(|at| at.chat == group);
            let there: Vec<MessageRef> = there.cloned().collect();
            let reply_to = index
                .filter(|_| !there.is_empty())
                .map(|index| index.get(&there).clone());
            let content = Content {
                reply_to,
                ..Content::text("ответ")
            };
            world.write_in(Place::Desk, who, content);
        }
        Step::PressesNewest(who, index) => press_visible(world, who, *index),
        Step::PressesAnything(who, keyboard, choice) => {
            let act = Act::Choose {
                keyboard: *keyboard,
                choice: *choice,
            };
            world.press(who, chat(who).message("0"), act.to_string());
        }
        Step::Takes(who, id) => {
            let at = world.policy.group.message("0");
            world.press(who, at, Act::Take(TicketId(*id)).to_string());
        }
        Step::Closes(who, id) => {
            world.press(
                who,
                chat(who).message("0"),
                Act::Close(TicketId(*id)).to_string(),
            );
        }
        Step::Edits(who, index) => {
            let own: Vec<_> = written
                .iter()
                .filter(|at| at.chat == chat(who))
                .cloned()
                .collect();
            if !own.is_empty() {
                let at = index.get(&own).clone();
                let content = Content::text(format!("edited {}", world.sent.len()));
                let place = Place::Private;
                world.happen(&Event::Edited(Wrote {
                    who: person(who),
                    place,
                    at,
                    content,
                    also: Vec::new(),
                    partial: false,
                }));
            }
        }
        Step::Comes(who, inside) => {
            let id = person(who).id;
            let _ = if *inside {
                world.members.insert(id)
            } else {
                world.members.remove(&id)
            };
            world.happen(&Event::Member {
                who: person(who),
                inside: *inside,
            });
        }
        Step::Reaches(who, allowed) => {
            let to = chat(who);
            let _ = if *allowed {
                world.silent.remove(&to)
            } else {
                world.silent.insert(to)
            };
            world.happen(&Event::Reach {
                who: person(who),
                allowed: *allowed,
            });
        }
        Step::Waits(seconds) => world.wait_until(world.now + SignedDuration::from_secs(*seconds)),
    }
}

fn press_visible(world: &mut World, who: &str, index: prop::sample::Index) {
    let group = world.policy.group.clone();
    let visible: Vec<(MessageRef, String)> = world
        .keyboards
        .iter()
        .filter(|(at, _)| at.chat == chat(who) || at.chat == group)
        .flat_map(|(at, keys)| keys.iter().map(|key| (at.clone(), key.data.clone())))
        .collect();
    if !visible.is_empty() {
        let (at, data) = index.get(&visible).clone();
        world.press(who, at, data);
    }
}

/// Where a message is at home: in a draft, in an album that is coming in, in the history, or it was
/// answered at once.
fn has_a_home(world: &World, at: &MessageRef) -> bool {
    let in_session = world.conversations.values().any(|c| {
        let album = c.session.album.iter().flat_map(|album| &album.parts);
        c.session
            .draft
            .iter()
            .chain(album)
            .any(|said| said.at == *at)
    });
    let in_focus = world.operators.values().any(|(_, focus)| {
        focus
            .album
            .iter()
            .flat_map(|(_, album)| &album.parts)
            .any(|said| said.at == *at)
    });
    in_session || in_focus || world.history.iter().any(|kept| kept.said.at == *at)
}

fn was_sent(world: &World, at: &MessageRef) -> bool {
    world.sent.iter().any(|(_, effect)| match effect {
        Effect::Relay(relay) => relay.said.iter().any(|said| said.at == *at),
        Effect::Card(_)
        | Effect::Say(_)
        | Effect::Revise(_)
        | Effect::StripKeys { .. }
        | Effect::Answer(_)
        | Effect::Keep { .. }
        | Effect::Mark { .. }
        | Effect::Board { .. }
        | Effect::Recognise { .. }
        | Effect::ReadSheet { .. }
        | Effect::Remind { .. }
        | Effect::Bulk { .. }
        | Effect::Again { .. } => false,
    })
}

fn told(world: &World, to: &ChatRef, since: usize) -> bool {
    world.sent[since..].iter().any(|(_, effect)| match effect {
        Effect::Say(say) => say.to == *to,
        Effect::Card(_)
        | Effect::Relay(_)
        | Effect::Revise(_)
        | Effect::StripKeys { .. }
        | Effect::Answer(_)
        | Effect::Keep { .. }
        | Effect::Mark { .. }
        | Effect::Board { .. }
        | Effect::Recognise { .. }
        | Effect::ReadSheet { .. }
        | Effect::Remind { .. }
        | Effect::Bulk { .. }
        | Effect::Again { .. } => false,
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn whatever_people_do(
        steps in prop::collection::vec(step(), 1..80),
        scenario in select(&BUILT_IN[..]),
        dialog in select(&[DialogPlace::Private, DialogPlace::Group][..]),
    ) {
        let mut world = World::new(scenario, dialog);
        let mut written = Vec::new();
        for step in &steps {
            let before = (status(&world), kept_of_closed(&world), world.sent.len());
            let closed_before: Vec<TicketId> = world.closed.keys().copied().collect();
            play(&mut world, &mut written, step);

            // Status only moves forward, and no ticket vanishes.
            let after = status(&world);
            for (id, rank) in &before.0 {
                prop_assert!(after.get(id) >= Some(rank), "{id} went back at {step:?}");
            }
            // Everything said after closing stays out of the closed ticket.
            if world.closed.len() == closed_before.len() {
                prop_assert_eq!(kept_of_closed(&world), before.1, "{:?}", step);
            }
            // No message without a home: it is kept somewhere, or answered at once.
            if let Step::Writes(who) | Step::SendsPart(who, _) = step {
                let at = written.last().unwrap();
                let at_home = has_a_home(&world, at) || told(&world, &chat(who), before.2);
                prop_assert!(at_home, "{at} is nowhere after {step:?}\n{}", world.transcript);
            }
        }
        world.wait_until(world.now + SignedDuration::from_secs(60));
        // What the history keeps was shown to the other side: on the card, or sent.
        for kept in &world.history {
            let ticket = world.conversations.values().filter_map(|c| c.ticket.as_ref());
            let on_card = ticket.flat_map(|t| &t.card).any(|said| said.at == kept.said.at);
            let seen = on_card || was_sent(&world, &kept.said.at)
                || world.closed.contains_key(&kept.ticket);
            prop_assert!(seen, "{} was kept but not shown", kept.said.at);
            let twice = world.history.iter().filter(|k| k.said.at == kept.said.at).count();
            prop_assert_eq!(twice, 1, "{} is kept twice", kept.said.at);
        }
        // At most one operator a ticket: no dialog is on two lists.
        for conversation in world.conversations.values() {
            let open = conversation.ticket.as_ref().map(|ticket| ticket.id);
            prop_assert!(open.is_none_or(|id| !world.closed.contains_key(&id)));
        }
    }
}
