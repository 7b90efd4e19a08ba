//! Several copies: who leads, who lives, who wakes whom.

use std::time::Duration;

use store::{CopyId, Wake};

use crate::world::{at, channel, comes, copy, deciding, intake, say, story, story_of_two, update};

const TTL: Duration = Duration::from_secs(10);

#[test]
fn a_lease_is_renewed_given_up_and_taken_over() {
    story_of_two(async |anna, boris| {
        assert!(anna.lease("telegram", at(0), TTL).await.unwrap());
        assert!(!boris.lease("telegram", at(9), TTL).await.unwrap());
        assert!(anna.lease("telegram", at(9), TTL).await.unwrap());
        assert!(!boris.lease("telegram", at(18), TTL).await.unwrap());
        assert!(boris.lease("telegram", at(19), TTL).await.unwrap());
        assert!(!anna.lease("telegram", at(20), TTL).await.unwrap());
        boris.release("telegram").await.unwrap();
        assert!(anna.lease("telegram", at(21), TTL).await.unwrap());
    });
}

#[test]
fn of_many_who_want_a_lease_one_gets_it() {
    story_of_two(async |anna, boris| {
        let both = [&anna, &boris, &anna, &boris, &boris, &anna];
        let tries = both.iter().map(|copy| copy.lease("x", at(0), TTL));
        let answers = futures_util::future::join_all(tries).await;
        assert_eq!(
            answers
                .into_iter()
                .filter(|mine| *mine.as_ref().unwrap())
                .count(),
            3
        );
    });
}

#[test]
fn what_a_killed_process_held_on_a_file_is_free_at_once() {
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let temp = store::testing::TempDb::lite();
        assert!(
            copy(&temp, "first")
                .await
                .lease("telegram", at(0), TTL)
                .await
                .unwrap()
        );
        assert!(
            copy(&temp, "next")
                .await
                .lease("telegram", at(1), TTL)
                .await
                .unwrap()
        );
    });
}

#[test]
fn the_living_are_those_seen_lately() {
    story(async |store| {
        store.heartbeat(at(0)).await.unwrap();
        let living = store.living(at(5)).await.unwrap();
        let lives = store.db().is_pg();
        assert_eq!(living.contains(&CopyId::new("me")), lives);
        store.retire().await.unwrap();
        assert!(store.living(at(5)).await.unwrap().is_empty());
        store.ping().await.unwrap();
    });
}

#[test]
fn a_copy_is_called_for_what_it_was_given() {
    story_of_two(async |anna, boris| {
        let mut calls = anna.wakeups();
        tokio::time::sleep(Duration::from_millis(300)).await;
        comes(&anna, "7", "a").await;
        boris
            .take_in(intake(vec![update("7", "b")]), at(0))
            .await
            .unwrap();
        assert_eq!(calls.recv().await, Some(Wake::Inbox));
        // Boris decides something that Anna delivers.
        assert!(anna.lease("telegram", at(0), TTL).await.unwrap());
        let mut commit = deciding(&boris, "8", "c").await;
        commit.effects.push(say("8", "hello"));
        boris.commit(commit, at(0)).await.unwrap();
        assert_eq!(calls.recv().await, Some(Wake::Outbox(channel())));
    });
}
