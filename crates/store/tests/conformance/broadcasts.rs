//! Broadcasts: who gets them, and that each goes forward only. Pauses are in `pausing`.

use engine::{
    broadcast::{Audience, Broadcast, BroadcastId, Counts, Fate, Pace, Recipient, Stage},
    effect::Effect,
    event::Person,
    ids::{ChannelId, DeliveryId},
};
use store::{Commit, Outcome, Settlement, Store};

use crate::world::{
    at, blocks, chat, client, conflict, decided, email, known, on_vk, person, said, story, table,
};

pub(crate) fn everybody() -> Audience {
    Audience {
        everybody: true,
        ..of(&[])
    }
}

fn of(tariffs: &[&str]) -> Audience {
    Audience {
        everybody: false,
        tariffs: tariffs.iter().map(|&tariff| tariff.to_owned()).collect(),
        channels: ["telegram", "vk"].map(ChannelId::new).into(),
    }
}

pub(crate) fn broadcast(id: i64, audience: Audience) -> Broadcast {
    Broadcast {
        id: BroadcastId(id),
        owner: person("1").id,
        chat: chat("1"),
        audience,
        said: vec![said("1", "5", "скидка"), said("1", "6", "до пятницы")],
        begun: at(3),
        stage: Stage::Running,
        told: None,
        pace: Pace {
            since: at(3),
            done: 0,
        },
    }
}

pub(crate) async fn writes(
    store: &Store,
    broadcast: &Broadcast,
    version: i64,
) -> Result<(), store::Error> {
    let now = Some((broadcast.clone(), version));
    let answer = decided(store, |commit| commit.broadcast = now).await;
    answer.map(|_| ())
}

/// The next of those who wait.
pub(crate) async fn waiting(store: &Store, id: i64, most: u32) -> Vec<Recipient> {
    let next = store.waiting(BroadcastId(id), most).await.unwrap();
    next.into_iter().map(|(recipient, _)| recipient).collect()
}

/// How many an audience is, by channel; in brackets those who cannot be written to if VK is closed to
/// whoever was heard then.
async fn preview(store: &Store, audience: &Audience, closed: i64) -> String {
    let closed = [(ChannelId::new("vk"), at(closed))];
    let preview = store.preview(audience, &closed).await.unwrap();
    let told = preview.iter().map(|part| match part.closed {
        0 => format!("{} {}", part.channel, part.count),
        closed => format!("{} {} ({closed})", part.channel, part.count),
    });
    told.collect::<Vec<_>>().join(", ")
}

/// Begins a broadcast; who gets it, in order.
pub(crate) async fn begins(store: &Store, id: i64, audience: Audience) -> Vec<String> {
    writes(store, &broadcast(id, audience), 0).await.unwrap();
    let waiting = waiting(store, id, 100).await;
    let told = waiting
        .iter()
        .map(|one| format!("{} {} {}", one.client, one.chat, one.name));
    told.collect()
}

/// Four clients: one with two chats, one with a name of their own, one who has blocked, one on VK.
async fn four(store: &Store) {
    known(
        store,
        client("ivan@mail.ru", "Год", ""),
        &[person("7"), on_vk("7")],
    )
    .await;
    let mut olga = client("olga@mail.ru", "Месяц", "");
    olga.name = Some("Ольга".to_owned());
    known(store, olga, &[person("8")]).await;
    known(store, client("petr@mail.ru", "Год", ""), &[person("9")]).await;
    blocks(store, &person("9")).await;
    known(store, client("anna@mail.ru", "", ""), &[on_vk("8")]).await;
    known(store, client("nobody@mail.ru", "Год", ""), &[]).await;
}

#[test]
fn an_audience_is_one_chat_a_client_the_one_used_last() {
    story(async |store| {
        four(&store).await;
        let preview = async |audience: &Audience| preview(&store, audience, -1).await;
        assert_eq!(preview(&everybody()).await, "telegram 1, vk 2");
        assert_eq!(preview(&of(&["Год"])).await, "vk 1");
        assert_eq!(
            preview(&of(&["год", "МЕСЯЦ", "Нет"])).await,
            "telegram 1, vk 1"
        );
        assert_eq!(preview(&of(&["Нет"])).await, "");
        assert_eq!(preview(&Audience::default()).await, "");

        let ivan = "ivan@mail.ru vk/7 Person 7";
        let (olga, anna) = (
            "olga@mail.ru telegram/8 Ольга",
            "anna@mail.ru vk/8 Person 8",
        );
        assert_eq!(begins(&store, 1, everybody()).await, [ivan, olga, anna]);
        assert_eq!(begins(&store, 2, of(&["месяц", "Год"])).await, [ivan, olga]);
        assert_eq!(begins(&store, 3, Audience::default()).await.len(), 0);
        // A chat that is heard again later is the one.
        let (mut again, version) = store.customer(&chat("7")).await.unwrap().unwrap();
        again.heard_at = Some(at(60));
        decided(&store, |commit| commit.conversations.push((again, version)))
            .await
            .unwrap();
        assert_eq!(preview(&everybody()).await, "telegram 2, vk 1");
        assert_eq!(waiting(&store, 1, 1).await[0].chat, on_vk("7").chat);
    });
}

#[test]
fn a_broadcast_is_read_as_it_was_written_and_changed_at_its_version() {
    story(async |store| {
        assert_eq!(store.next_broadcast().await.unwrap(), BroadcastId(1));
        assert_eq!(store.broadcast(BroadcastId(1)).await.unwrap(), None);
        four(&store).await;
        let mut now = broadcast(1, of(&["Год"]));
        let counts = Counts {
            waiting: 1,
            ..Counts::default()
        };
        for (version, stage) in (0..).zip([Stage::Running, Stage::Paused, Stage::Done]) {
            now.stage = stage;
            now.told = Some(at(version));
            now.pace = Pace {
                since: at(version),
                done: version.unsigned_abs(),
            };
            writes(&store, &now, version).await.unwrap();
            let known = store.broadcast(now.id).await.unwrap();
            assert_eq!(known, Some((now.clone(), version + 1, counts.clone())));
            conflict(writes(&store, &now, version).await);
        }
        for id in 2..5 {
            writes(&store, &broadcast(id, everybody()), 0)
                .await
                .unwrap();
        }
        let mut stopped = broadcast(3, everybody());
        stopped.stage = Stage::Stopped;
        writes(&store, &stopped, 1).await.unwrap();
        let running = store.running_broadcasts().await.unwrap();
        assert_eq!(running, [BroadcastId(2), BroadcastId(4)]);
        let unfinished = store.unfinished_broadcasts().await.unwrap();
        assert_eq!(unfinished, [2, 3, 4].map(BroadcastId));
    });
}

fn delivered(id: DeliveryId, of: i64, who: &Person, fate: Fate) -> Settlement {
    let outcome = Outcome::Delivered {
        perhaps_twice: false,
    };
    let mut settlement = Settlement::new(id, outcome);
    settlement.recipient = Some((BroadcastId(of), who.chat.clone(), fate));
    settlement
}

/// Gives recipients to the courier, with what is sent to them; the ids of the rows.
pub(crate) async fn gives(
    store: &Store,
    id: i64,
    whom: &[Person],
) -> Result<Vec<DeliveryId>, store::Error> {
    let write = |commit: &mut Commit| {
        let given = whom.iter().map(|who| (BroadcastId(id), who.chat.clone()));
        commit.given = given.collect();
        let bulk = |who: &Person| Effect::Bulk {
            broadcast: BroadcastId(id),
            to: who.chat.clone(),
            said: vec![said("1", "5", "скидка")],
        };
        commit.effects = whom.iter().map(bulk).collect();
    };
    let committed = decided(store, write).await?;
    Ok(committed.outbox.iter().map(|queued| queued.id).collect())
}

#[test]
fn a_recipient_is_given_once_and_settled_once() {
    story(async |store| {
        let people: Vec<Person> = (10..15).map(|n| person(&n.to_string())).collect();
        for who in &people {
            let address = format!("c{}@mail.ru", who.chat.id);
            known(&store, client(&address, "", ""), std::slice::from_ref(who)).await;
        }
        begins(&store, 1, everybody()).await;
        let rows = gives(&store, 1, &people[..4]).await.unwrap();
        let started = store.settle(Vec::new(), rows.clone(), at(6)).await;
        assert_eq!(started.unwrap().started.len(), 4);
        conflict(gives(&store, 1, &people[3..]).await);
        conflict(gives(&store, 2, &people[4..]).await);
        for (version, stage) in (1..).zip([Stage::Paused, Stage::Running]) {
            let mut steered = broadcast(1, everybody());
            steered.stage = stage;
            writes(&store, &steered, version).await.unwrap();
            if stage == Stage::Paused {
                conflict(gives(&store, 1, &people[4..]).await);
            }
        }
        // What was not sent for one of them was not sent for any.
        assert_eq!(table(&store, "SELECT id FROM outbox").await.len(), 4);
        let refused = Fate::Failed {
            reason: "PEER_ID_INVALID".to_owned(),
        };
        let fates = [Fate::Sent, Fate::Blocked, refused.clone(), Fate::Unknown];
        let settlements = rows.iter().zip(&people).zip(fates);
        let settlements = settlements.map(|((row, who), fate)| delivered(*row, 1, who, fate));
        store
            .settle(settlements.collect(), Vec::new(), at(6))
            .await
            .unwrap();
        // A late word, and one of somebody who still waits.
        let late = vec![
            delivered(rows[0], 1, &people[0], Fate::Unknown),
            delivered(rows[0], 1, &people[4], Fate::Sent),
        ];
        store.settle(late, Vec::new(), at(7)).await.unwrap();

        let counts = Counts {
            waiting: 1,
            under_way: 0,
            sent: 1,
            blocked: 1,
            failed: 1,
            closed: 0,
            unknown: 1,
        };
        let (_, _, known) = store.broadcast(BroadcastId(1)).await.unwrap().unwrap();
        assert_eq!(known, counts);
        let recipient = |n: usize| Recipient {
            client: email(&format!("c{}@mail.ru", people[n].chat.id)),
            chat: people[n].chat.clone(),
            name: people[n].name.clone(),
        };
        let failures = [
            (recipient(1), Some(Fate::Blocked)),
            (recipient(2), Some(refused)),
            (recipient(3), Some(Fate::Unknown)),
            (recipient(4), None),
        ];
        assert_eq!(store.failures(BroadcastId(1)).await.unwrap(), failures);
        assert_eq!(waiting(&store, 1, 9).await, [recipient(4)]);
    });
}

#[test]
fn a_channel_that_is_not_in_use_or_closed_is_known_before() {
    story(async |store| {
        four(&store).await;
        // Ivan was heard in VK a second later than in Telegram, Anna never there.
        let everybody = everybody();
        assert_eq!(preview(&store, &everybody, -1).await, "telegram 1, vk 2");
        assert_eq!(preview(&store, &everybody, 0).await, "telegram 1, vk 2 (1)");
        assert_eq!(preview(&store, &everybody, 1).await, "telegram 1, vk 2 (2)");
        let only = Audience {
            channels: [ChannelId::new("telegram")].into(),
            ..everybody
        };
        assert_eq!(preview(&store, &only, 1).await, "telegram 2");
        let ivan = "ivan@mail.ru telegram/7 Person 7";
        let olga = "olga@mail.ru telegram/8 Ольга";
        assert_eq!(begins(&store, 1, only).await, [ivan, olga]);
        let heard = store.waiting(BroadcastId(1), 9).await.unwrap();
        assert_eq!(heard[0].1, Some(at(0)));
        let none = Audience {
            everybody: true,
            ..Audience::default()
        };
        assert_eq!(preview(&store, &none, 0).await, "");
        assert_eq!(begins(&store, 2, none).await.len(), 0);
    });
}

/// So many clients on each of two channels.
pub(crate) async fn on_two_channels(store: &Store, many: i64) -> Vec<Person> {
    let mut people = Vec::new();
    for n in 10..10 + many {
        people.extend([person(&n.to_string()), on_vk(&n.to_string())]);
    }
    for who in &people {
        let address = format!("c{}@{}.ru", who.chat.id, who.chat.channel);
        known(store, client(&address, "", ""), std::slice::from_ref(who)).await;
    }
    people
}

#[test]
fn a_channel_that_is_down_takes_no_room_from_another() {
    story(async |store| {
        let people = on_two_channels(&store, 4).await;
        begins(&store, 1, everybody()).await;
        let next = async |most| {
            let waiting = waiting(&store, 1, most).await;
            let chats = waiting.iter().map(|one| one.chat.to_string());
            chats.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(next(2).await, "telegram/10 vk/10 telegram/11 vk/11");
        let rows = gives(&store, 1, &people[..4]).await.unwrap();
        assert_eq!(next(2).await, "");
        assert_eq!(next(3).await, "telegram/12 vk/12");
        // Telegram goes on, VK is down.
        let done = [0, 2].map(|n| delivered(rows[n], 1, &people[n], Fate::Sent));
        let done = store.settle(done.into(), Vec::new(), at(6)).await;
        done.unwrap();
        assert_eq!(next(2).await, "telegram/12 telegram/13");
    });
}

#[test]
fn who_got_a_broadcast_is_forgotten_with_the_history() {
    story(async |store| {
        four(&store).await;
        for id in 1..4 {
            begins(&store, id, everybody()).await;
        }
        for (id, stage) in [(1, Stage::Done), (2, Stage::Stopped)] {
            let mut over = broadcast(id, everybody());
            over.stage = stage;
            writes(&store, &over, 1).await.unwrap();
        }
        let keep = store::Keep::history_days(365);
        let left = async |days: i64| {
            let now = at(0) + jiff::SignedDuration::from_hours(24 * days);
            for _ in 0..3 {
                store.sweep(now, keep).await.unwrap();
            }
            table(
                &store,
                "SELECT broadcast FROM recipients ORDER BY n, broadcast",
            )
            .await
        };
        assert_eq!(left(365).await.len(), 9);
        assert_eq!(left(366).await, ["3", "3", "3"]);
        assert_eq!(store.next_broadcast().await.unwrap(), BroadcastId(4));
    });
}

/// Five thousand clients with a chat each, without a word of the desk's.
async fn crowd(store: &Store) {
    let numbers = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)";
    let clients = format!(
        "INSERT INTO clients (email, tariff, created_at, version) {numbers}
         SELECT 'c' || i || '@mail.ru', 'Год', 0, 1 FROM n"
    );
    let users = "INSERT INTO users (channel, chat, name, client_id, version)
        SELECT 'telegram', 'telegram/' || c.id, c.email, c.id, 1 FROM clients c";
    let stmts = vec![store::stmt!(clients), store::stmt!(users)];
    store.db().write(stmts).await.unwrap();
}

#[test]
fn five_thousand_go_out_and_nobody_is_missed() {
    story(async |store| {
        crowd(&store).await;
        let began = std::time::Instant::now();
        let year = preview(&store, &of(&["год"]), 0).await;
        assert_eq!(year, "telegram 5000");
        let id = BroadcastId(1);
        writes(&store, &broadcast(1, of(&["год"])), 0)
            .await
            .unwrap();
        println!("5000 recipients settled: {:?}", began.elapsed());
        loop {
            let next = waiting(&store, id.0, 250).await;
            if next.is_empty() {
                break;
            }
            let people: Vec<_> = next.iter().map(|one| person(&one.chat.id)).collect();
            let rows = gives(&store, 1, &people).await.unwrap();
            let done = rows.iter().zip(&people);
            let done = done.map(|(row, who)| delivered(*row, 1, who, Fate::Sent));
            store
                .settle(done.collect(), Vec::new(), at(6))
                .await
                .unwrap();
        }
        println!("5000 recipients gone: {:?}", began.elapsed());
        let (_, _, counts) = store.broadcast(id).await.unwrap().unwrap();
        assert_eq!((counts.sent, counts.all()), (5000, 5000));
        let sent = "SELECT COUNT(*), COUNT(DISTINCT lane) FROM outbox WHERE state = 2";
        assert_eq!(table(&store, sent).await, ["5000|5000"]);
    });
}
