//! What came in: stored once, handled in order, never lost.

use std::time::Duration;

use store::{
    Attempt, By, Commit, CopyId, Error, Intake, MAX_ATTEMPTS, MAX_STOPS, NewUpdate, Store, stmt,
    testing::{Disk, Server},
};

use crate::world::{
    at, channel, comes, copy, deciding, intake, say, story, story_of_two, update, wrote,
};

#[test]
fn the_same_update_twice_is_taken_once() {
    story(async |store| {
        let both = intake(vec![update("7", "a"), update("7", "b")]);
        let taken = store.take_in(both.clone(), at(0)).await.unwrap();
        assert_eq!(taken.len(), 2);
        assert!(taken[0].id < taken[1].id && taken[0].attempts == 1);
        assert_eq!(taken[0].event, wrote("7", "a", "hello"));
        assert_eq!(store.take_in(both, at(1)).await.unwrap(), vec![]);
    });
}

#[test]
fn the_cursor_moves_with_the_updates() {
    story(async |store| {
        assert_eq!(store.cursor(&channel()).await.unwrap(), None);
        for cursor in ["5", "9"] {
            let cursor = Some(cursor.to_owned());
            let empty = Intake {
                channel: channel(),
                updates: vec![],
                cursor,
            };
            store.take_in(empty, at(0)).await.unwrap();
        }
        assert_eq!(
            store.cursor(&channel()).await.unwrap().as_deref(),
            Some("9")
        );
    });
}

#[test]
fn many_webhooks_at_once_are_all_stored() {
    story(async |store| {
        let calls = (0..100).map(|n| {
            store.take_in(
                intake(vec![update(&n.to_string(), &format!("u{n}"))]),
                at(0),
            )
        });
        let answers = futures_util::future::join_all(calls).await;
        assert!(
            answers
                .iter()
                .all(|taken| taken.as_ref().unwrap().len() == 1)
        );
        assert_eq!(store.counts(at(5)).await.unwrap().inbox.waiting, 100);
        assert_eq!(store.counts(at(5)).await.unwrap().inbox.oldest.as_secs(), 5);
    });
}

#[test]
fn what_cannot_be_read_is_set_aside_and_shown() {
    story(async |store| {
        let heard = Err("not JSON".to_owned());
        let (key, raw) = ("x".to_owned(), b"\xff".to_vec());
        let odd = NewUpdate {
            key,
            lane: "telegram/?".to_owned(),
            raw,
            heard,
        };
        assert_eq!(
            store.take_in(intake(vec![odd]), at(0)).await.unwrap(),
            vec![]
        );
        let shelf = store.shelf(10).await.unwrap();
        assert_eq!(
            (shelf[0].reason.as_str(), shelf[0].raw.as_slice()),
            ("not JSON", &b"\xff"[..])
        );
        assert_eq!(store.counts(at(0)).await.unwrap().set_aside, 1);
        assert_eq!(store.recover(at(60)).await.unwrap().taken, vec![]);
    });
}

#[test]
fn what_keeps_failing_is_set_aside() {
    story(async |store| {
        let taken = comes(&store, "7", "a").await;
        for attempt in 2..=MAX_ATTEMPTS {
            let again = store.retry(taken.id, "oops", at(1)).await.unwrap();
            assert_eq!(again, Attempt::Again(attempt));
        }
        assert_eq!(
            store.retry(taken.id, "oops", at(1)).await.unwrap(),
            Attempt::SetAside
        );
        assert_eq!(
            store.retry(taken.id, "oops", at(1)).await.unwrap(),
            Attempt::NotMine
        );
        assert_eq!(
            store.shelf(10).await.unwrap()[0].reason,
            "kept failing: oops"
        );
    });
}

#[test]
fn what_is_set_aside_cannot_be_done_any_more() {
    story(async |store| {
        let commit = deciding(&store, "7", "a").await;
        let By::Inbox(id) = commit.by else {
            unreachable!()
        };
        store.set_aside(id, "poison", at(1)).await.unwrap();
        let late = store.commit(commit, at(2)).await.unwrap_err();
        assert!(matches!(late, Error::Conflict(_)), "{late:?}");
    });
}

#[test]
fn after_a_crash_the_next_run_finds_what_was_not_done() {
    store::testing::on_both(async |temp| {
        let first = copy(&temp, "first").await;
        let done = deciding(&first, "7", "a").await;
        first.commit(done, at(1)).await.unwrap();
        for key in ["b", "c"] {
            comes(&first, "7", key).await;
        }
        let next = copy(&temp, "next").await;
        // On a server the first one might live; on a file it cannot.
        let found = next.recover(at(5)).await.unwrap().taken.len();
        assert_eq!(found, if temp.is_pg() { 0 } else { 2 });
        if temp.is_pg() {
            next.heartbeat(at(11)).await.unwrap();
            let found = next.recover(at(11)).await.unwrap().taken;
            assert_eq!(
                found.iter().map(|taken| taken.attempts).collect::<Vec<_>>(),
                // Whoever handles them counts the attempt.
                [1, 1]
            );
            assert!(found[0].id < found[1].id);
        }
        assert_eq!(next.recover(at(12)).await.unwrap().taken, vec![]);
    });
}

#[test]
fn an_event_that_kills_the_process_is_given_up() {
    store::testing::on_both(async |temp| {
        comes(&copy(&temp, "0").await, "7", "poison").await;
        let mut attempts = Vec::new();
        for run in 1..=i64::from(MAX_STOPS) {
            let store = copy(&temp, &run.to_string()).await;
            store.heartbeat(at(run * 20)).await.unwrap();
            let found = store.recover(at(run * 20)).await.unwrap().taken;
            assert!(found[0].recovered);
            attempts.push(store.resume(found[0].id, at(run * 20)).await.unwrap());
        }
        let again: Vec<Attempt> = (2..=MAX_STOPS).map(Attempt::Again).collect();
        assert_eq!(attempts, [again, vec![Attempt::SetAside]].concat());
    });
}

#[test]
fn an_event_that_was_never_handled_is_not_blamed_for_any_number_of_kills() {
    store::testing::on_both(async |temp| {
        comes(&copy(&temp, "0").await, "7", "patient").await;
        for run in 1..=i64::from(MAX_STOPS) + 3 {
            let store = copy(&temp, &run.to_string()).await;
            store.heartbeat(at(run * 20)).await.unwrap();
            let recovered = store.recover(at(run * 20)).await.unwrap();
            assert_eq!((recovered.taken.len(), recovered.given_up), (1, 0));
        }
    });
}

#[test]
fn an_event_of_a_version_that_knew_more_does_not_hold_up_the_rest() {
    store::testing::on_both(async |temp| {
        let first = copy(&temp, "first").await;
        comes(&first, "7", "a").await;
        comes(&first, "8", "b").await;
        let odd = "UPDATE inbox SET event = '{\"unheard_of\":1}' WHERE update_key = 'a'";
        first.db().write(vec![store::stmt!(odd)]).await.unwrap();
        let next = copy(&temp, "next").await;
        next.heartbeat(at(20)).await.unwrap();
        let recovered = next.recover(at(20)).await.unwrap();
        assert_eq!((recovered.taken.len(), recovered.given_up), (1, 1));
    });
}

#[test]
fn a_chat_that_another_copy_works_on_goes_on_there() {
    story_of_two(async |anna, boris| {
        let first = comes(&anna, "7", "a").await;
        let given = boris
            .take_in(intake(vec![update("7", "b")]), at(1))
            .await
            .unwrap();
        assert_eq!(given, vec![]);
        // Boris does not take it, Anna finds it, once.
        assert_eq!(boris.recover(at(1)).await.unwrap().taken, vec![]);
        let found = anna.recover(at(1)).await.unwrap().taken;
        assert_eq!(found.len(), 1);
        assert!(found[0].id > first.id && found[0].attempts == 1);
        assert_eq!(anna.recover(at(1)).await.unwrap().taken, vec![]);
        // When Anna has done both, the chat is free.
        for id in [first.id, found[0].id] {
            anna.commit(Commit::new(By::Inbox(id)), at(2))
                .await
                .unwrap();
        }
        assert_eq!(comes(&boris, "7", "c").await.attempts, 1);
    });
}

#[test]
fn a_copy_that_died_loses_its_events_to_another() {
    story_of_two(async |anna, boris| {
        let taken = comes(&anna, "7", "a").await;
        boris.heartbeat(at(11)).await.unwrap();
        assert_eq!(boris.recover(at(11)).await.unwrap().taken.len(), 1);
        // It was only slow: it must not do what Boris does.
        let late = anna
            .commit(Commit::new(By::Inbox(taken.id)), at(12))
            .await
            .unwrap_err();
        assert!(matches!(late, Error::Conflict(_)), "{late:?}");
    });
}

#[test]
fn a_server_that_goes_away_in_a_burst_loses_and_doubles_nothing() {
    let Some(server) = Server::start(Disk::Careless) else {
        return;
    };
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let store = Store::open(server.url(), CopyId::new("me")).await.unwrap();
        store.migrate(at(0)).await.unwrap();
        let outage = tokio::task::spawn_blocking(move || {
            std::thread::sleep(Duration::from_millis(100));
            server.stop();
            server.resume();
            server
        });
        futures_util::future::join_all((0..8).map(|who| burst(&store, who))).await;
        let _server = outage.await.unwrap();
        let taken = store.db().read(stmt!(
            "SELECT COUNT(*) FROM inbox WHERE done_at IS NOT NULL"
        ));
        assert_eq!(taken.await.unwrap()[0].get::<i64>(0).unwrap(), 8 * 60);
        let queued = store.db().read(stmt!("SELECT COUNT(*) FROM outbox"));
        assert_eq!(queued.await.unwrap()[0].get::<i64>(0).unwrap(), 8 * 60);
    });
}

/// Sixty updates of one chat, each told until it is known to be stored, and handled as it comes.
async fn burst(store: &Store, who: i64) {
    let lane = who.to_string();
    for n in 0..60 {
        let updates = intake(vec![update(&lane, &format!("{who}/{n}"))]);
        let mut taken = until_it_works(async || store.take_in(updates.clone(), at(0)).await).await;
        let mut commit = Commit::new(By::Inbox(taken.pop().expect("in nobody else's hand").id));
        commit.effects.push(say(&lane, "hello"));
        until_it_works(async || match store.commit(commit.clone(), at(1)).await {
            Err(Error::Conflict(_)) => Ok(()),
            other => other.map(|_| ()),
        })
        .await;
    }
}

async fn until_it_works<T>(work: impl AsyncFn() -> Result<T, Error>) -> T {
    loop {
        match work().await {
            Ok(done) => return done,
            Err(error) => assert!(error.heals(), "{error:?}"),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[test]
fn what_was_stored_although_the_answer_got_lost_is_found() {
    let Some(server) = Server::start(Disk::Careless) else {
        return;
    };
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let store = Store::open(server.url(), CopyId::new("me")).await.unwrap();
        store.migrate(at(0)).await.unwrap();
        // As if this copy had stored it and had not been told: it is claimed and in nobody's hand.
        let twin = Store::open(server.url(), CopyId::new("me")).await.unwrap();
        comes(&twin, "7", "a").await;
        comes(&twin, "8", "b").await;
        assert_eq!(store.recover(at(5)).await.unwrap().taken, vec![]);
        server.stop();
        let first = intake(vec![update("7", "a"), update("7", "c")]);
        assert!(
            store
                .take_in(first.clone(), at(5))
                .await
                .unwrap_err()
                .heals()
        );
        server.resume();
        let taken = until_it_works(async || store.take_in(first.clone(), at(6)).await).await;
        assert_eq!(taken.len(), 2);
        assert!(taken[0].id < taken[1].id);
        let found = until_it_works(async || store.recover(at(9)).await)
            .await
            .taken;
        assert_eq!(
            found
                .iter()
                .map(|taken| taken.lane.as_str())
                .collect::<Vec<_>>(),
            ["telegram/8"]
        );
        assert_eq!(store.recover(at(9)).await.unwrap().taken, vec![]);
    });
}
