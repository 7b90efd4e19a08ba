//! Reminders: who is due, on which chats, and that each is decided on once.

use engine::{
    board::Reminded,
    reminder::{Due, Outcome, Reminder},
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
    let one = vec![(reminder, outcome)];
    let answer = decided(store, |commit| commit.reminded = one).await;
    answer.map(|_| ())
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
        blocks(&store, &person("8")).await;
        blocks(&store, &person("9")).await;
        let due = store.due_reminders(day("2026-11-20"), &[3], 100).await;
        let expected = [
            Due {
                reminder: reminder("ivan@mail.ru", "2026-11-23", 3),
                chats: vec![(on_vk("7"), Some(at(1))), (person("7"), Some(at(0)))],
            },
            Due {
                reminder: reminder("olga@mail.ru", "2026-11-23", 3),
                chats: Vec::new(),
            },
        ];
        assert_eq!(due.unwrap(), expected);
    });
}

#[test]
fn the_newest_reminders_are_listed_with_what_became_of_them() {
    story(async |store| {
        let mut ivan = client("ivan@mail.ru", "Год", "2026-11-23");
        ivan.name = Some("Иван".to_owned());
        known(&store, ivan, &[]).await;
        known(&store, client("olga@mail.ru", "", "2026-11-20"), &[]).await;
        let outcomes = [
            (reminder("ivan@mail.ru", "2026-11-23", 3), Outcome::Sent),
            (reminder("olga@mail.ru", "2026-11-20", 0), Outcome::NoChat),
        ];
        for (reminder, outcome) in outcomes {
            remind(&store, reminder, outcome).await.unwrap();
        }
        let reminded = |client: &str, days, outcome| Reminded {
            client: client.to_owned(),
            days,
            outcome,
        };
        let expected = [
            reminded("olga@mail.ru", 0, Outcome::NoChat),
            reminded("Иван", 3, Outcome::Sent),
        ];
        assert_eq!(store.recent_reminders(at(5), 9).await.unwrap(), expected);
        assert_eq!(
            store.recent_reminders(at(5), 1).await.unwrap(),
            expected[..1]
        );
        assert_eq!(store.recent_reminders(at(6), 9).await.unwrap(), []);
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
