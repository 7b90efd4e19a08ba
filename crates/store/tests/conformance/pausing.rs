//! Broadcasts that are paused, stopped, or have no way to somebody: what has not left comes back, and whoever
//! is missed is so once.

use engine::{
    broadcast::{Broadcast, BroadcastId, Fate, Stage},
    event::Person,
    ids::{ChannelId, DeliveryId},
};
use store::{Outcome, Settlement, Store};

use crate::{
    broadcasts::{begins, broadcast, everybody, gives, on_two_channels, waiting, writes},
    world::{at, conflict, decided, story, story_of_two, table},
};

#[test]
fn whoever_is_missed_is_so_once_and_not_after_a_pause() {
    story(async |store| {
        let people = on_two_channels(&store, 2).await;
        begins(&store, 1, everybody()).await;
        let misses = async |n: usize, fate: Fate| {
            let missed = (BroadcastId(1), people[n].chat.clone(), fate);
            decided(&store, |commit| commit.missed = vec![missed]).await
        };
        misses(1, Fate::Closed).await.unwrap();
        conflict(misses(1, Fate::Closed).await);
        let reason = "этот мессенджер сейчас не подключён".to_owned();
        let off = Fate::Failed { reason };
        misses(3, off.clone()).await.unwrap();
        let failures = store.failures(BroadcastId(1)).await.unwrap();
        let fates = failures.into_iter().map(|(_, fate)| fate);
        let fates: Vec<_> = fates.collect();
        assert_eq!(fates, [None, Some(Fate::Closed), None, Some(off)]);
        let mut paused = broadcast(1, everybody());
        paused.stage = Stage::Paused;
        writes(&store, &paused, 1).await.unwrap();
        conflict(misses(0, Fate::Closed).await);
    });
}

/// «Пауза», «Продолжить» or «Остановить», at the version that it has by then.
async fn steers(store: &Store, stage: Stage) {
    let (known, version, _) = store.broadcast(BroadcastId(1)).await.unwrap().unwrap();
    let steered = Broadcast { stage, ..known };
    writes(store, &steered, version).await.unwrap();
}

async fn starts(store: &Store, rows: &[DeliveryId]) -> Vec<DeliveryId> {
    let started = store.settle(Vec::new(), rows.to_vec(), at(6)).await;
    let started = started.unwrap().started;
    started.iter().map(|row| row.id).collect()
}

fn retry(row: DeliveryId) -> Settlement {
    let outcome = Outcome::Retry {
        not_before: at(9),
        counted: false,
    };
    Settlement::new(row, outcome)
}

#[test]
fn what_has_not_left_when_it_is_paused_is_taken_back() {
    story(async |store| {
        let people = on_two_channels(&store, 3).await;
        begins(&store, 1, everybody()).await;
        let rows = gives(&store, 1, &people).await.unwrap();
        // The first is under way, the second has arrived in part and waits.
        assert_eq!(starts(&store, &rows[..2]).await, &rows[..2]);
        let partly = Settlement::new(rows[1], Outcome::Partly { progress: 1 });
        let settled = store.settle(vec![partly, retry(rows[1])], Vec::new(), at(7));
        settled.await.unwrap();
        steers(&store, Stage::Paused).await;
        assert_eq!(starts(&store, &rows[2..]).await, []);
        assert_eq!(store.are_started(&rows).await.unwrap(), &rows[..1]);
        let counted = async || {
            let (.., counts) = store.broadcast(BroadcastId(1)).await.unwrap().unwrap();
            (counts.waiting, counts.under_way)
        };
        assert_eq!(counted().await, (4, 2));
        // What was under way is told to wait: that is taken back too, the next time.
        let told = store.settle(vec![retry(rows[0])], Vec::new(), at(8));
        told.await.unwrap();
        steers(&store, Stage::Paused).await;
        assert_eq!(counted().await, (5, 1));
        steers(&store, Stage::Running).await;
        let next = waiting(&store, 1, 9).await;
        let chats = next.into_iter().map(|one| one.chat);
        let rest = [0, 2, 3, 4, 5].map(|n| people[n].chat.clone());
        assert!(chats.eq(rest));
    });
}

#[test]
fn a_messenger_that_was_taken_out_of_the_settings_holds_up_no_broadcast() {
    story(async |store| {
        let people = on_two_channels(&store, 2).await;
        begins(&store, 1, everybody()).await;
        let rows = gives(&store, 1, &people).await.unwrap();
        assert_eq!(starts(&store, &rows[..2]).await, &rows[..2]);
        let telegram = [ChannelId::new("telegram")];
        store.pick_up_broadcasts(&telegram).await.unwrap();
        let states = "SELECT chat, state FROM recipients ORDER BY n";
        let expected = [
            "telegram/10|under_way",
            "vk/10|unknown",
            "telegram/11|waiting",
            "vk/11|waiting",
        ];
        assert_eq!(table(&store, states).await, expected);
        // What was begun goes its way; the rest is given anew.
        assert_eq!(starts(&store, &rows[2..]).await, []);
        gives(&store, 1, &people[2..3]).await.unwrap();
    });
}

#[test]
fn one_copy_pauses_while_the_other_sends() {
    story_of_two(async |anna, boris| {
        let people = on_two_channels(&anna, 20).await;
        begins(&anna, 1, everybody()).await;
        let mut left = Vec::new();
        for round in 0..20 {
            let next: Vec<Person> = waiting(&anna, 1, 4)
                .await
                .iter()
                .filter_map(|one| people.iter().find(|who| who.chat == one.chat).cloned())
                .collect();
            let sends = async {
                let rows = gives(&anna, 1, &next).await.unwrap_or_default();
                starts(&anna, &rows[..rows.len() / 2]).await
            };
            let pauses = async {
                tokio::time::sleep(std::time::Duration::from_micros(300 * round)).await;
                let (known, version, _) = boris.broadcast(BroadcastId(1)).await.unwrap().unwrap();
                let stage = Stage::Paused;
                writes(&boris, &Broadcast { stage, ..known }, version)
                    .await
                    .unwrap();
            };
            let (started, ()) = tokio::join!(sends, pauses);
            left.extend(started);
            // Whatever was faster: what waits is in no queue, and what is under way has been started.
            steers(&boris, Stage::Paused).await;
            let queued = "SELECT COUNT(*) FROM outbox WHERE state = 0";
            assert_eq!(table(&boris, queued).await, ["0"]);
            let under_way = "SELECT COUNT(*) FROM recipients WHERE state = 'under_way'";
            assert_eq!(table(&boris, under_way).await, [left.len().to_string()]);
            steers(&anna, Stage::Running).await;
        }
        let lanes = "SELECT COUNT(*) - COUNT(DISTINCT lane) FROM outbox";
        assert_eq!(table(&boris, lanes).await, ["0"]);
    });
}
