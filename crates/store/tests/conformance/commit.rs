//! Decisions: all of one or none of it, and never on what has moved meanwhile.

use engine::{
    content::{Body, Content, Media, MediaKind, Said},
    desk::Operator,
    event::{Event, Timer},
    ids::TicketId,
    ticket::{Conversation, Kept, Side, Stage},
};
use store::{By, Commit, Error, FollowUp, Store, stmt};

use crate::world::{
    at, chat, comes, conflict, deciding, message_ref, opened, person, said, say, story, table,
    ticket,
};

#[test]
fn a_conversation_is_read_as_it_was_written() {
    story(async |store| {
        assert_eq!(store.customer(&chat("7")).await.unwrap(), None);
        let conversation = opened(&store).await;
        let found = store.customer(&chat("7")).await.unwrap().unwrap();
        assert_eq!(found, (conversation, 1));
        assert_eq!(store.of_ticket(TicketId(1)).await.unwrap().unwrap(), found);
        assert_eq!(store.of_ticket(TicketId(2)).await.unwrap(), None);
        assert_eq!(store.next_ticket().await.unwrap(), TicketId(2));
        assert_eq!(
            table(&store, "SELECT status, user_id FROM tickets").await,
            ["WAITING|1"]
        );
        assert_eq!(
            table(&store, "SELECT tg_id, name FROM users").await,
            ["7|Person 7"]
        );
    });
}

#[test]
fn a_dialog_is_told_in_order_and_no_longer_than_asked_for() {
    story(async |store| {
        let conversation = opened(&store).await;
        let before = store.dialog(TicketId(1), 30).await.unwrap();
        let mut commit = deciding(&store, "7", "more").await;
        commit.conversations.push((conversation, 1));
        for (by, message) in [(Side::Operator, "101"), (Side::Customer, "102")] {
            let said = said("7", message, "words");
            commit.history.push(Kept {
                ticket: TicketId(1),
                by,
                said,
            });
        }
        let added = commit.history.clone();
        store.commit(commit, at(2)).await.unwrap();
        let all = store.dialog(TicketId(1), 30).await.unwrap();
        assert_eq!(all, [before, added.clone()].concat());
        assert_eq!(store.dialog(TicketId(1), 2).await.unwrap(), added);
        assert_eq!(store.dialog(TicketId(2), 30).await.unwrap(), []);
    });
}

#[test]
fn of_eight_who_take_it_one_gets_it() {
    story(async |store| {
        let conversation = opened(&store).await;
        let mut presses = Vec::new();
        for operator in 100..108 {
            let operator = operator.to_string();
            let mut taken = conversation.clone();
            let mut commit = deciding(&store, &operator, &format!("take {operator}")).await;
            let open = taken.ticket.as_mut().unwrap();
            let Stage::Waiting(waiting) = open.stage.clone() else {
                unreachable!()
            };
            open.stage = Stage::Assigned(waiting.assign(&person(&operator), at(2)).0);
            commit.conversations.push((taken, 1));
            commit.effects.push(say(&operator, "yours"));
            presses.push(store.commit(commit, at(2)));
        }
        let answers = futures_util::future::join_all(presses).await;
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
        assert_eq!(
            table(&store, "SELECT state, attempts FROM outbox").await,
            ["0|0"]
        );
        let assigned =
            "SELECT status, operator FROM tickets WHERE operator_tg_id BETWEEN 100 AND 107";
        assert_eq!(table(&store, assigned).await.len(), 1);
    });
}

#[test]
fn an_operator_has_the_dialogs_they_took_oldest_first() {
    story(async |store| {
        let olga = person("100");
        assert_eq!(store.operator(&olga.id).await.unwrap(), None);
        for (customer, since) in [("8", 20), ("9", 10)] {
            let mut conversation = Conversation::new(person(customer));
            let mut open = ticket(store.next_ticket().await.unwrap());
            let Stage::Waiting(waiting) = open.stage.clone() else {
                unreachable!()
            };
            open.stage = Stage::Assigned(waiting.assign(&olga, at(since)).0);
            conversation.ticket = Some(open);
            let mut commit = deciding(&store, customer, customer).await;
            commit.conversations.push((conversation, 0));
            store.commit(commit, at(since)).await.unwrap();
        }
        let (mut known, version) = store.operator(&olga.id).await.unwrap().unwrap();
        let customers: Vec<&str> = known.dialogs.iter().map(|d| d.customer.as_str()).collect();
        assert_eq!((customers, version), (vec!["Person 9", "Person 8"], 0));

        known.focus.current = Some(TicketId(2));
        write(&store, &known, version).await.unwrap();
        let (again, version) = store.operator(&olga.id).await.unwrap().unwrap();
        assert_eq!((again.focus, version), (known.focus.clone(), 1));
        conflict(write(&store, &known, 0).await);
        write(&store, &known, 1).await.unwrap();
        conflict(write(&store, &known, 1).await);
    });
}

async fn write(store: &Store, operator: &Operator, version: i64) -> Result<(), Error> {
    static KEY: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    let key = KEY.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let mut commit = deciding(store, "100", &format!("focus {key}")).await;
    commit.operators.push((operator.clone(), version));
    store.commit(commit, at(30)).await.map(|_| ())
}

#[test]
fn a_closed_ticket_stays_closed() {
    story(async |store| {
        let mut conversation = opened(&store).await;
        let open = conversation.ticket.take().unwrap();
        let closed = open.stage.clone().close(open.id, person("100").id, at(3));
        let mut commit = deciding(&store, "100", "close").await;
        commit.conversations.push((conversation.clone(), 1));
        commit.closed = Some(closed.clone());
        store.commit(commit, at(3)).await.unwrap();
        assert_eq!(
            table(&store, "SELECT status, closed_by FROM tickets").await,
            ["CLOSED|telegram/100"]
        );
        // The conversation goes on without it, also when asked for by the ticket.
        let found = store.of_ticket(open.id).await.unwrap().unwrap();
        assert_eq!(found, (conversation.clone(), 2));

        let mut again = deciding(&store, "100", "close again").await;
        again.closed = Some(closed);
        conflict(store.commit(again, at(4)).await);
        let mut reopen = deciding(&store, "7", "reopen").await;
        conversation.ticket = Some(open);
        reopen.conversations.push((conversation, 2));
        conflict(store.commit(reopen, at(4)).await);
    });
}

#[test]
fn two_tickets_never_share_a_number() {
    story(async |store| {
        let number = opened(&store).await.ticket.unwrap().id;
        let mut commit = deciding(&store, "8", "open too").await;
        let mut conversation = Conversation::new(person("8"));
        conversation.ticket = Some(ticket(number));
        commit.conversations.push((conversation, 0));
        conflict(store.commit(commit, at(1)).await);
        assert_eq!(store.customer(&chat("8")).await.unwrap(), None);
    });
}

#[test]
fn a_new_customer_is_new_once() {
    story(async |store| {
        opened(&store).await;
        let mut commit = deciding(&store, "7", "again").await;
        commit
            .conversations
            .push((Conversation::new(person("7")), 0));
        conflict(store.commit(commit, at(2)).await);
        assert_eq!(
            table(&store, "SELECT tg_id, version FROM users").await,
            ["7|1"]
        );
    });
}

#[test]
fn an_event_is_done_once() {
    story(async |store| {
        let mut commit = deciding(&store, "7", "a").await;
        commit.effects.push(say("7", "hello"));
        let again = commit.clone();
        let queued = store.commit(commit, at(1)).await.unwrap().outbox;
        assert_eq!((queued.len(), queued[0].lane.as_str()), (1, "telegram/7"));
        conflict(store.commit(again, at(1)).await);
        assert_eq!(
            table(&store, "SELECT lane, channel FROM outbox").await,
            ["telegram/7|telegram"]
        );
    });
}

#[test]
fn the_history_keeps_words_and_files_once_and_every_version() {
    story(async |store| {
        opened(&store).await;
        let mut commit = deciding(&store, "7", "photo").await;
        let kept = |by, said| Kept {
            ticket: TicketId(1),
            by,
            said,
        };
        let photo = Said {
            at: message_ref("7", "2"),
            content: photo("чек"),
        };
        commit.history = vec![
            kept(Side::Customer, said("7", "1", "сломалось")),
            kept(Side::Customer, photo),
            kept(Side::Operator, said("100", "5", "пришлите чек")),
            kept(Side::Customer, said("7", "1", "сломалось")),
        ];
        store.commit(commit, at(2)).await.unwrap();
        let said_so = "SELECT sender_type, COALESCE(message_text, caption) FROM ticket_messages
            ORDER BY id";
        let told = ["user|сломалось", "user|чек", "operator|пришлите чек"];
        assert_eq!(table(&store, said_so).await, told);
        let file = "SELECT content_type, file_id FROM ticket_messages WHERE caption IS NOT NULL";
        assert_eq!(table(&store, file).await, ["photo|FILE"]);

        for (key, text) in [("edit 1", "сломался"), ("edit 2", "сломался чайник")]
        {
            let mut commit = deciding(&store, "7", key).await;
            commit.revised = vec![said("7", "1", text)];
            store.commit(commit, at(3)).await.unwrap();
        }
        let now = "SELECT message_text, caption FROM ticket_messages WHERE edited_at IS NOT NULL";
        assert_eq!(table(&store, now).await, ["сломался чайник|"]);
        let before = "SELECT version, message_text FROM message_versions ORDER BY version";
        assert_eq!(table(&store, before).await, ["1|сломалось", "2|сломался"]);
        let known = store
            .message(&message_ref("7", "1"))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(known.ticket, Some(TicketId(1)));
        assert_eq!(known.content, Some(Content::text("сломался чайник")));
    });
}

fn photo(caption: &str) -> Content {
    let media = Media {
        kind: MediaKind::Photo,
        file: "FILE".to_owned(),
        name: None,
        mime: Some("image/jpeg".to_owned()),
        size: Some(1000),
        emoji: None,
        width: None,
        height: None,
        seconds: None,
        preview: None,
    };
    Content {
        body: Body::Media(media),
        ..Content::text(caption)
    }
}

#[test]
fn the_predecessors_queries_work() {
    story(async |store| {
        opened(&store).await;
        let mut commit = deciding(&store, "7", "a").await;
        let said = said("7", "2", "ещё");
        commit.history = vec![Kept {
            ticket: TicketId(1),
            by: Side::Customer,
            said,
        }];
        store.commit(commit, at(2)).await.unwrap();
        let tickets = "SELECT id,status,operator_tg_id,created_at,closed_at FROM tickets
            ORDER BY id DESC LIMIT 10";
        let rows = store.db().read(stmt!(tickets)).await.unwrap();
        assert_eq!(rows[0].get::<jiff::Timestamp>(3).unwrap(), at(1));
        let messages = "SELECT ticket_id,sender_type,content_type,message_text,caption,created_at
            FROM ticket_messages ORDER BY id DESC LIMIT 20";
        let rows = store.db().read(stmt!(messages)).await.unwrap();
        assert_eq!(rows[0].get::<String>(3).unwrap(), "ещё");
        assert_eq!(rows[0].get::<jiff::Timestamp>(5).unwrap(), at(2));
    });
}

#[test]
fn timers_move_and_go_off_once() {
    story(async |store| {
        let (chat, who) = (chat("7"), person("7").id);
        let timer = Timer::AlbumWhole {
            chat,
            who,
            album: "a".to_owned(),
        };
        for due in [5, 9] {
            let mut commit = deciding(&store, "7", &format!("part {due}")).await;
            commit.timers.push((timer.clone(), at(due)));
            store.commit(commit, at(due - 1)).await.unwrap();
        }
        assert_eq!(store.timers(at(8)).await.unwrap(), vec![]);
        assert_eq!(
            store.timers(at(9)).await.unwrap(),
            vec![(timer.clone(), at(9))]
        );
        conflict(
            store
                .commit(Commit::new(By::Timer(timer.clone(), at(5))), at(9))
                .await,
        );
        let due = Commit::new(By::Timer(timer, at(9)));
        store.commit(due.clone(), at(9)).await.unwrap();
        conflict(store.commit(due, at(9)).await);
        assert_eq!(store.timers(at(99)).await.unwrap(), vec![]);
    });
}

#[test]
fn what_follows_is_an_event_like_any_other() {
    story(async |store| {
        let mut commit = deciding(&store, "7", "a").await;
        let event = Event::Adopted {
            ticket: TicketId(1),
        };
        let lane = chat("7").to_string();
        commit.events = vec![FollowUp {
            lane: lane.clone(),
            event: event.clone(),
        }];
        let follow = store.commit(commit, at(1)).await.unwrap().inbox;
        assert_eq!(
            (follow[0].event.clone(), follow[0].lane.clone()),
            (event, lane)
        );
        store
            .commit(Commit::new(By::Inbox(follow[0].id)), at(2))
            .await
            .unwrap();
        assert_eq!(store.counts(at(3)).await.unwrap().inbox.waiting, 0);
    });
}

#[test]
fn many_conversations_share_commits_and_one_bad_one_harms_nobody() {
    story(async |store| {
        let mut commits = Vec::new();
        for who in 0..60 {
            let (name, bad) = (who.to_string(), who % 7 == 0);
            let id = comes(&store, &name, &name).await.id;
            let mut commit = Commit::new(By::Inbox(id));
            // The bad ones claim to have read a version that never was.
            commit
                .conversations
                .push((Conversation::new(person(&name)), i64::from(bad)));
            commit.effects.push(say(&name, "hello"));
            commits.push(store.commit(commit, at(1)));
        }
        let answers = futures_util::future::join_all(commits).await;
        for (who, answer) in answers.iter().enumerate() {
            assert_eq!(answer.is_err(), who % 7 == 0, "{who}: {answer:?}");
        }
        let counts = store.counts(at(2)).await.unwrap();
        assert_eq!((counts.inbox.waiting, counts.outbox[0].1.waiting), (9, 51));
    });
}
