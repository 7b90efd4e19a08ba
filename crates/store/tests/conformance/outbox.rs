//! What is to be sent: in order, started on disk before it leaves, settled in batches.

use engine::{
    content::Content,
    effect::{Card, Effect, Purpose},
    event::{Event, Fate, Receipt},
    ids::{DeliveryId, TicketId},
};
use store::{FollowUp, Keep, Outcome, Queued, Settlement, Store};

use crate::world::{at, channel, chat, deciding, message_ref, opened, say, story};

async fn queued(store: &Store, key: &str, effects: Vec<Effect>) -> Vec<Queued> {
    let mut commit = deciding(store, "7", key).await;
    commit.effects = effects;
    store.commit(commit, at(1)).await.unwrap().outbox
}

async fn settle(store: &Store, id: DeliveryId, outcome: Outcome) {
    store
        .settle(vec![Settlement::new(id, outcome)], vec![], at(3))
        .await
        .unwrap();
}

async fn start(store: &Store, id: DeliveryId) -> Option<store::Started> {
    store
        .settle(vec![], vec![id], at(2))
        .await
        .unwrap()
        .started
        .pop()
}

async fn open_rows(store: &Store) -> Vec<Queued> {
    store.queue(&channel(), DeliveryId(0), 100).await.unwrap()
}

const DELIVERED: Outcome = Outcome::Delivered {
    perhaps_twice: false,
};

fn card(text: &str, new: bool) -> Effect {
    let text = Content::text(text).text;
    Effect::Card(Card {
        to: chat("-100"),
        ticket: TicketId(1),
        text,
        keys: vec![],
        new,
    })
}

#[test]
fn what_is_queued_is_found_after_a_crash_in_order() {
    story(async |store| {
        let rows = queued(&store, "a", vec![say("7", "one"), say("7", "two")]).await;
        assert_eq!(open_rows(&store).await, rows);
        let later = store.queue(&channel(), rows[0].id, 100).await.unwrap();
        assert_eq!(later, rows[1..]);

        let started = start(&store, rows[0].id).await.unwrap();
        assert_eq!((started.effect, started.attempts), (say("7", "one"), 1));
        // Nobody knows whether it left.
        assert!(open_rows(&store).await[0].started);
        // It cannot be started twice.
        assert_eq!(start(&store, rows[0].id).await, None);
        settle(&store, rows[0].id, DELIVERED).await;
        assert_eq!(open_rows(&store).await, rows[1..]);
        assert_eq!(store.counts(at(4)).await.unwrap().outbox[0].1.waiting, 1);
    });
}

#[test]
fn what_is_under_way_to_a_chat_is_known_until_it_is_settled() {
    story(async |store| {
        let rows = queued(&store, "a", vec![say("7", "one"), say("8", "two")]).await;
        assert_eq!(store.under_way(&chat("7")).await.unwrap(), []);
        for row in &rows {
            start(&store, row.id).await.unwrap();
        }
        assert_eq!(store.under_way(&chat("7")).await.unwrap(), [rows[0].id]);
        settle(&store, rows[0].id, DELIVERED).await;
        assert_eq!(store.under_way(&chat("7")).await.unwrap(), []);
    });
}

#[test]
fn being_told_to_wait_is_no_attempt() {
    story(async |store| {
        let id = queued(&store, "a", vec![say("7", "one")]).await[0].id;
        for (counted, attempts) in [(false, 1), (true, 1), (true, 2)] {
            assert_eq!(start(&store, id).await.unwrap().attempts, attempts);
            settle(
                &store,
                id,
                Outcome::Retry {
                    not_before: at(60),
                    counted,
                },
            )
            .await;
        }
        let row = &open_rows(&store).await[0];
        assert_eq!(
            (row.attempts, row.not_before, row.started),
            (2, Some(at(60)), false)
        );
    });
}

#[test]
fn a_delivery_in_pieces_goes_on_where_it_was() {
    story(async |store| {
        let id = queued(&store, "a", vec![say("7", "long")]).await[0].id;
        start(&store, id).await.unwrap();
        settle(&store, id, Outcome::Partly { progress: 2 }).await;
        let row = &open_rows(&store).await[0];
        assert_eq!((row.progress, row.started), (2, true));
        settle(
            &store,
            id,
            Outcome::Retry {
                not_before: at(5),
                counted: true,
            },
        )
        .await;
        assert_eq!(start(&store, id).await.unwrap().progress, 2);
    });
}

#[test]
fn what_failed_is_sent_again_once() {
    story(async |store| {
        let id = queued(&store, "a", vec![say("7", "one")]).await[0].id;
        start(&store, id).await.unwrap();
        settle(&store, id, Outcome::Failed(Fate::Unknown)).await;
        let failed = store.failed(id).await.unwrap().unwrap();
        assert_eq!(
            (failed.effect, failed.fate),
            (say("7", "one"), Fate::Unknown)
        );

        let again = queued(&store, "b", vec![Effect::Again { delivery: id }]).await;
        assert_eq!((again[0].id, again[0].repeated), (id, true));
        assert_eq!(store.failed(id).await.unwrap(), None);
        start(&store, id).await.unwrap();
        settle(&store, id, Outcome::Failed(Fate::Gone)).await;
        assert_eq!(
            queued(&store, "c", vec![Effect::Again { delivery: id }]).await,
            vec![]
        );
    });
}

#[test]
fn a_newer_card_replaces_one_that_has_not_left() {
    story(async |store| {
        let first = queued(&store, "a", vec![card("WAITING", true)]).await;
        let second = queued(&store, "b", vec![card("ASSIGNED", false)]).await;
        assert_eq!(second[0].id, first[0].id);
        // What the group has never seen stays new, and keeps its place.
        assert_eq!(second[0].effect, card("ASSIGNED", true));
        assert_eq!(second[0].lane, first[0].lane);

        assert_eq!(
            start(&store, first[0].id).await.unwrap().effect,
            card("ASSIGNED", true)
        );
        let third = queued(&store, "c", vec![card("CLOSED", false)]).await;
        assert_ne!(third[0].id, first[0].id);
        let fourth = queued(&store, "d", vec![card("CLOSED!", false)]).await;
        assert_eq!(
            (fourth[0].id, &fourth[0].effect),
            (third[0].id, &card("CLOSED!", false))
        );
        assert_eq!(open_rows(&store).await.len(), 2);
    });
}

#[test]
fn twins_are_found_from_any_of_them() {
    story(async |store| {
        opened(&store).await;
        let id = queued(&store, "a", vec![say("100", "long")]).await[0].id;
        start(&store, id).await.unwrap();
        let origin = message_ref("7", "1");
        let mut delivered = Settlement::new(id, DELIVERED);
        let twin = |n: &str| (origin.clone(), message_ref("100", n));
        // A message's number says nothing of its place.
        delivered.links = vec![twin("20"), twin("3")];
        store.settle(vec![delivered], vec![], at(3)).await.unwrap();

        let both = vec![message_ref("100", "20"), message_ref("100", "3")];
        assert_eq!(store.twins(&origin, &chat("100")).await.unwrap(), both);
        assert_eq!(store.twins(&both[1], &chat("7")).await.unwrap(), vec![]);
        assert_eq!(
            store.twins(&both[1], &chat("100")).await.unwrap(),
            vec![both[1].clone()]
        );
        assert_eq!(
            store.twins(&origin, &chat("7")).await.unwrap(),
            vec![origin.clone()]
        );
        let known = store.message(&both[0]).await.unwrap().unwrap();
        assert_eq!(
            (known.origin, known.ticket, known.content),
            (origin, None, None)
        );
    });
}

#[test]
fn a_list_that_somebody_deleted_is_forgotten_and_a_new_one_takes_its_place() {
    story(async |store| {
        let (group, anchor) = (chat("-100"), engine::effect::board(&chat("-100")));
        let [old, new] = ["40", "50"].map(|id| group.message(id));
        for (key, gone, there) in [("a", None, &old), ("b", Some(&old), &new)] {
            let board = Effect::Board { to: group.clone() };
            let id = queued(&store, key, vec![board]).await[0].id;
            start(&store, id).await.unwrap();
            let mut settlement = Settlement::new(id, DELIVERED);
            settlement.unlinked = gone.cloned();
            settlement.links = vec![(anchor.clone(), there.clone())];
            store.settle(vec![settlement], vec![], at(3)).await.unwrap();
            let stands = store.twins(&anchor, &group).await.unwrap();
            assert_eq!(stands, std::slice::from_ref(there));
        }
        assert_eq!(store.message(&old).await.unwrap(), None);

        // The list is changed for years, and never anew.
        let years = at(3 * 366 * 24 * 3600);
        store.sweep(years, Keep::history_days(365)).await.unwrap();
        assert_eq!(store.twins(&anchor, &group).await.unwrap(), [new]);
    });
}

#[test]
fn keyboards_are_known_until_they_are_taken_away() {
    story(async |store| {
        let id = queued(&store, "a", vec![say("7", "choose")]).await[0].id;
        let message = message_ref("7", "50");
        let mut shown = Settlement::new(id, DELIVERED);
        shown.keys = Some(message.clone());
        store.settle(vec![shown], vec![], at(3)).await.unwrap();
        assert_eq!(
            store.keyboards(&chat("7")).await.unwrap(),
            vec![message.clone()]
        );
        let mut gone = Settlement::new(id, DELIVERED);
        gone.stripped = vec![message];
        store.settle(vec![gone], vec![], at(4)).await.unwrap();
        assert_eq!(store.keyboards(&chat("7")).await.unwrap(), vec![]);
    });
}

#[test]
fn a_receipt_is_an_event_once() {
    story(async |store| {
        let id = queued(&store, "a", vec![say("7", "one")]).await[0].id;
        start(&store, id).await.unwrap();
        let (purpose, fate) = (Purpose::Notice, Fate::Gone);
        let receipt = Receipt {
            delivery: id,
            to: chat("7"),
            purpose,
            fate,
            effect: None,
        };
        let event = Event::Receipt(receipt);
        let mut failed = Settlement::new(id, Outcome::Failed(Fate::Gone));
        failed.receipt = Some(FollowUp {
            lane: chat("7").to_string(),
            event: event.clone(),
        });
        let taken = store
            .settle(vec![failed.clone()], vec![], at(3))
            .await
            .unwrap()
            .inbox;
        assert_eq!(taken[0].event, event);
        // The answer got lost, so it is told again.
        assert_eq!(
            store
                .settle(vec![failed.clone()], vec![], at(9))
                .await
                .unwrap()
                .inbox,
            vec![]
        );
        // Sent again, it has a fate again.
        queued(&store, "b", vec![Effect::Again { delivery: id }]).await;
        start(&store, id).await.unwrap();
        assert_eq!(
            store
                .settle(vec![failed], vec![], at(9))
                .await
                .unwrap()
                .inbox
                .len(),
            1
        );
    });
}

#[test]
fn a_stored_file_is_found_from_every_place_of_its_message() {
    story(async |store| {
        use engine::ticket::{Kept, Side};
        opened(&store).await;
        let mut commit = deciding(&store, "7", "a").await;
        let said = crate::world::said("7", "9", "photo");
        commit.history = vec![Kept {
            ticket: TicketId(1),
            by: Side::Customer,
            said: said.clone(),
        }];
        commit.effects = vec![say("100", "one")];
        let id = store.commit(commit, at(1)).await.unwrap().outbox[0].id;
        let twin = message_ref("100", "77");
        let mut settlement = Settlement::new(id, DELIVERED);
        settlement.links = vec![(said.at.clone(), twin.clone())];
        store.settle(vec![settlement], vec![], at(2)).await.unwrap();
        assert_eq!(store.kept_file(&said.at).await.unwrap(), None);

        let mut settlement = Settlement::new(id, DELIVERED);
        settlement.kept = Some((said.at.clone(), "1/photo.jpg".to_owned()));
        store.settle(vec![settlement], vec![], at(3)).await.unwrap();
        for at in [said.at, twin] {
            let path = store.kept_file(&at).await.unwrap();
            assert_eq!(path.as_deref(), Some("1/photo.jpg"));
        }
        let unknown = message_ref("8", "1");
        assert_eq!(store.kept_file(&unknown).await.unwrap(), None);
    });
}

#[test]
fn many_settle_at_once() {
    story(async |store| {
        let effects = (0..80).map(|n| say(&n.to_string(), "hello")).collect();
        let rows = queued(&store, "a", effects).await;
        assert!(rows.windows(2).all(|pair| pair[0].id < pair[1].id));
        let work = rows.iter().map(async |row| {
            start(&store, row.id).await.unwrap();
            settle(&store, row.id, DELIVERED).await;
        });
        futures_util::future::join_all(work).await;
        assert_eq!(open_rows(&store).await, vec![]);
    });
}

#[test]
fn what_was_kept_long_enough_is_forgotten() {
    story(async |store| {
        use engine::ticket::{Kept, Side};
        let mut conversation = opened(&store).await;
        let mut commit = deciding(&store, "7", "a").await;
        let said = crate::world::said("7", "9", "old");
        commit.history = vec![Kept {
            ticket: TicketId(1),
            by: Side::Customer,
            said: said.clone(),
        }];
        commit.effects = vec![say("7", "one")];
        let id = store.commit(commit, at(1)).await.unwrap().outbox[0].id;
        let mut kept = Settlement::new(id, DELIVERED);
        kept.kept = Some((said.at.clone(), "media/1/photo.jpg".to_owned()));
        store.settle(vec![kept], vec![], at(2)).await.unwrap();

        let path = Some("media/1/photo.jpg".to_owned());
        assert_eq!(store.kept_file(&said.at).await.unwrap(), path);

        let year = Keep::history_days(365);
        let later = at(400 * 24 * 3600);
        let swept = store.sweep(at(3), year).await.unwrap();
        assert_eq!((swept.rows, swept.more), (0, false));
        // An open ticket keeps its words, however old.
        assert_eq!(
            store.sweep(later, year).await.unwrap().media_paths,
            Vec::<String>::new()
        );
        assert!(store.message(&said.at).await.unwrap().is_some());
        let open = conversation.ticket.take().unwrap();
        let mut commit = deciding(&store, "100", "close").await;
        let by = crate::world::person("100").id;
        commit.closed = Some(engine::ticket::Closed {
            ticket: open.id,
            by,
            at: at(5),
        });
        store.commit(commit, at(5)).await.unwrap();
        let swept = store.sweep(later, year).await.unwrap();
        assert_eq!(swept.media_paths, ["media/1/photo.jpg"]);
        assert_eq!(store.message(&said.at).await.unwrap(), None);
        assert_eq!(store.failed(id).await.unwrap(), None);
    });
}
