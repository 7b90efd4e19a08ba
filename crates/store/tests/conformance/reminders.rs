//! Reminders: who is due, on which chats, that each is decided on once, and what became of it.

use engine::{
    board::{Newest, Reminded, Reminders},
    records::Change,
    reminder::{Due, Noted, Outcome, Reminder},
};
use jiff::civil::Date;
use store::Store;

use crate::world::{
    at, blocks, client, conflict, decided, email, known, on_vk, person, story, story_of_two, table,
};

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn reminder(address: &str, paid_until: &str, days: u16) -> Reminder {
    Reminder {
        client: email(address),
        paid_until: day(paid_until),
        days,
    }
}

async fn due(store: &Store, today: &str) -> Vec<Reminder> {
    let due = store.due_reminders(day(today), &[3, 1, 0], 100).await;
    due.unwrap().into_iter().map(|due| due.reminder).collect()
}

async fn remind(store: &Store, reminder: Reminder, outcome: Outcome) -> Result<(), store::Error> {
    let one = vec![noted(reminder, outcome)];
    let answer = decided(store, |commit| commit.reminded = one).await;
    answer.map(|_| ())
}

/// On its way to Ivan, or over.
fn noted(reminder: Reminder, outcome: Outcome) -> Noted {
    let to = Some(person("7").chat);
    Noted {
        reminder,
        to,
        outcome,
    }
}

async fn learns(store: &Store, reminder: &Reminder, outcome: Outcome) {
    let learned = Some(noted(reminder.clone(), outcome));
    let answer = decided(store, |commit| commit.learned = learned).await;
    answer.unwrap();
}

async fn outcomes(store: &Store) -> Vec<String> {
    table(store, "SELECT outcome FROM reminders ORDER BY client_id").await
}

#[test]
fn who_is_due_is_known_by_the_day_and_until_it_is_decided() {
    story(async |store| {
        for (address, paid_until) in [
            ("three@mail.ru", "2026-11-23"),
            ("two@mail.ru", "2026-11-22"),
            ("one@mail.ru", "2026-11-21"),
            ("today@mail.ru", "2026-11-20"),
            ("over@mail.ru", "2026-11-19"),
            ("never@mail.ru", ""),
        ] {
            known(&store, client(address, "Год", paid_until), &[]).await;
        }
        let three = reminder("three@mail.ru", "2026-11-23", 3);
        let one = reminder("one@mail.ru", "2026-11-21", 1);
        let today = reminder("today@mail.ru", "2026-11-20", 0);
        let all = [three.clone(), one.clone(), today];
        assert_eq!(due(&store, "2026-11-20").await, all);
        let few = store.due_reminders(day("2026-11-20"), &[0, 3, 3], 1).await;
        assert_eq!(few.unwrap()[0].reminder, three);
        let none = store.due_reminders(day("2026-11-20"), &[], 100).await;
        assert_eq!(none.unwrap(), []);

        remind(&store, three.clone(), Outcome::Sent).await.unwrap();
        assert_eq!(due(&store, "2026-11-20").await, all[1..]);
        conflict(remind(&store, three, Outcome::Sent).await);
        // Two days later it is another reminder of the same day.
        let later = reminder("three@mail.ru", "2026-11-23", 1);
        assert!(due(&store, "2026-11-22").await.contains(&later));
        remind(&store, later, Outcome::WindowClosed).await.unwrap();
    });
}

#[test]
fn a_day_that_moves_makes_another_reminder() {
    story(async |store| {
        known(&store, client("ivan@mail.ru", "Год", "2026-11-23"), &[]).await;
        let read = reminder("ivan@mail.ru", "2026-11-23", 3);
        let moved = vec![(client("ivan@mail.ru", "Год", "2026-12-23"), 1)];
        decided(&store, |commit| commit.clients = moved)
            .await
            .unwrap();
        conflict(remind(&store, read, Outcome::Sent).await);
        assert_eq!(due(&store, "2026-11-20").await, []);
        let next = reminder("ivan@mail.ru", "2026-12-23", 3);
        assert_eq!(due(&store, "2026-12-20").await, std::slice::from_ref(&next));
        remind(&store, next, Outcome::Sent).await.unwrap();
    });
}

#[test]
fn the_chat_used_last_comes_first_and_whoever_blocked_is_left_out() {
    story(async |store| {
        let ivan = client("ivan@mail.ru", "Год", "2026-11-23");
        let olga = client("olga@mail.ru", "Год", "2026-11-23");
        known(&store, ivan, &[person("7"), on_vk("7"), person("8")]).await;
        known(&store, olga, &[person("9")]).await;
        known(&store, client("anna@mail.ru", "", "2026-11-23"), &[]).await;
        blocks(&store, &person("8")).await;
        blocks(&store, &person("9")).await;
        let due = store.due_reminders(day("2026-11-20"), &[3], 100).await;
        let expected = [
            Due {
                reminder: reminder("ivan@mail.ru", "2026-11-23", 3),
                chats: vec![(on_vk("7"), Some(at(1))), (person("7"), Some(at(0)))],
                blocked: true,
            },
            Due {
                reminder: reminder("olga@mail.ru", "2026-11-23", 3),
                chats: Vec::new(),
                blocked: true,
            },
            Due {
                reminder: reminder("anna@mail.ru", "2026-11-23", 3),
                chats: Vec::new(),
                blocked: false,
            },
        ];
        assert_eq!(due.unwrap(), expected);
    });
}

#[test]
fn the_newest_reminders_are_listed_with_what_became_of_them() {
    story(async |store| {
        for (address, name, outcome) in [
            ("ivan@mail.ru", "Иван", Outcome::Sent),
            ("olga@mail.ru", "", Outcome::NoChat),
            ("anna@mail.ru", "Анна", Outcome::UnderWay),
            ("oleg@mail.ru", "Олег", Outcome::Moved),
        ] {
            let mut client = client(address, "Год", "2026-11-23");
            client.name = Some(name.to_owned());
            known(&store, client, &[]).await;
            let reminder = reminder(address, "2026-11-23", 3);
            remind(&store, reminder, outcome).await.unwrap();
        }
        let newest = |client: &str, outcome| Newest {
            listed: vec![Reminded {
                client: client.to_owned(),
                days: 3,
                outcome,
            }],
            total: 1,
        };
        let expected = Reminders {
            reached: newest("Иван", Outcome::Sent),
            missed: newest("olga@mail.ru", Outcome::NoChat),
        };
        assert_eq!(store.recent_reminders(at(5)).await.unwrap(), expected);
        let none = store.recent_reminders(at(6)).await.unwrap();
        assert!(none.is_empty());
    });
}

#[test]
fn of_many_the_newest_ten_are_listed() {
    story(async |store| {
        for n in 0..12 {
            let address = format!("c{n}@mail.ru");
            known(&store, client(&address, "", "2026-11-23"), &[]).await;
            let reminder = reminder(&address, "2026-11-23", 3);
            remind(&store, reminder, Outcome::Sent).await.unwrap();
        }
        let Newest { listed, total } = store.recent_reminders(at(5)).await.unwrap().reached;
        assert_eq!((listed.len(), total), (10, 12));
        assert_eq!(listed[0].client, "c11@mail.ru");
    });
}

#[test]
fn what_became_of_a_reminder_is_noted_once() {
    story(async |store| {
        let ivan = client("ivan@mail.ru", "Год", "2026-11-23");
        known(&store, ivan, &[person("7")]).await;
        let reminder = reminder("ivan@mail.ru", "2026-11-23", 3);
        learns(&store, &reminder, Outcome::Sent).await;
        assert!(outcomes(&store).await.is_empty(), "nobody decided on it");
        let under_way = remind(&store, reminder.clone(), Outcome::UnderWay).await;
        under_way.unwrap();
        learns(&store, &reminder, Outcome::Late).await;
        learns(&store, &reminder, Outcome::Sent).await;
        assert_eq!(outcomes(&store).await, [r#""late""#]);
    });
}

#[test]
fn a_record_that_is_renamed_or_merged_meanwhile_learns_what_became_of_it() {
    story(async |store| {
        let ivan = client("ivan@mail.ru", "Год", "2026-11-23");
        known(&store, ivan.clone(), &[person("7")]).await;
        let reminder = reminder("ivan@mail.ru", "2026-11-23", 3);
        let under_way = remind(&store, reminder.clone(), Outcome::UnderWay).await;
        under_way.unwrap();
        let olga = client("olga@mail.ru", "", "");
        known(&store, olga.clone(), &[]).await;
        let change = Change::Merged {
            gone: (&ivan).into(),
            before: (&olga).into(),
            chats: vec![person("7").chat],
        };
        let entry = engine::records::Entry {
            id: store.next_entry().await.unwrap(),
            at: at(4),
            by: None,
            change,
            undone: None,
        };
        let entries = vec![entry];
        let merged = decided(&store, |commit| commit.entries = entries).await;
        merged.unwrap();
        learns(&store, &reminder, Outcome::Sent).await;
        assert_eq!(outcomes(&store).await, [r#""sent""#]);
    });
}

#[test]
fn old_reminders_are_forgotten_with_the_history() {
    story(async |store| {
        known(&store, client("ivan@mail.ru", "", "2026-11-23"), &[]).await;
        let reminder = reminder("ivan@mail.ru", "2026-11-23", 3);
        remind(&store, reminder, Outcome::Sent).await.unwrap();
        let keep = store::Keep::history_days(365);
        for (days, left) in [(365, 1), (366, 0)] {
            let now = at(0) + jiff::SignedDuration::from_hours(24 * days);
            store.sweep(now, keep).await.unwrap();
            let kept = table(&store, "SELECT days FROM reminders").await;
            assert_eq!(kept.len(), left);
        }
    });
}

#[test]
fn of_two_copies_one_reminds() {
    story_of_two(async |anna, boris| {
        for round in 0..10 {
            let address = format!("c{round}@mail.ru");
            known(&anna, client(&address, "", "2026-11-23"), &[]).await;
            let remind = |store| {
                let reminder = reminder(&address, "2026-11-23", 3);
                async move { remind(store, reminder, Outcome::Sent).await }
            };
            let (one, other) = futures_util::join!(remind(&anna), remind(&boris));
            assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
        }
    });
}
