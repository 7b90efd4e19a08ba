//! What an owner does to records: renamed, merged, split again; and the log of it.

use engine::{
    client::Client,
    ids::TicketId,
    payment::{Credit, Payment, PaymentId, Stage},
    records::{Change, Entry, EntryId},
    reminder::{Outcome, Reminder},
    sheet::{Field, Tariff},
};
use store::{Commit, Merged, Store};

use crate::world::{
    at, client, conflict, decided, email, known, message_ref, on_vk, person, story, table,
};

const TIES: &str = "SELECT u.chat, c.email FROM users u LEFT JOIN clients c ON c.id = u.client_id
    WHERE u.chat LIKE '%/7' ORDER BY u.chat";

/// Ivan writes from Telegram, Olga from VK; a payment and a reminder of each.
async fn two(store: &Store) -> (Client, Client) {
    let ivan = client("ivan@mail.ru", "Год", "2026-12-31");
    let olga = client("olga@mail.ru", "Месяц", "2026-11-23");
    known(store, ivan.clone(), &[person("7")]).await;
    known(store, olga.clone(), &[on_vk("7")]).await;
    let write = |commit: &mut Commit| {
        commit.payments = vec![paid(1, &ivan, &person("7")), paid(2, &olga, &on_vk("7"))];
        commit.reminded = vec![
            (reminder(&ivan, 0), Outcome::Sent),
            (reminder(&olga, 3), Outcome::Sent),
        ];
    };
    decided(store, write).await.unwrap();
    (ivan, olga)
}

fn reminder(of: &Client, days: u16) -> Reminder {
    Reminder {
        client: of.email.clone(),
        paid_until: of.paid_until.unwrap(),
        days,
    }
}

fn paid(id: i64, of: &Client, from: &engine::event::Person) -> Payment {
    let price = engine::money::Money {
        amount: "10".parse().unwrap(),
        currency: "RUB".parse().unwrap(),
    };
    let tariff = Tariff {
        name: of.tariff.clone().unwrap(),
        price,
        days: 30,
    };
    let credit = Credit {
        client: of.email.clone(),
        tariff,
        tariff_before: None,
        before: None,
        until: of.paid_until.unwrap(),
        by: None,
        at: at(1),
    };
    Payment {
        id: PaymentId(id),
        chat: from.chat.clone(),
        ticket: TicketId(id),
        picture: message_ref("7", &id.to_string()),
        looks: None,
        transaction: None,
        at: at(1),
        stage: Stage::Credited(credit),
    }
}

/// Whose payments are whose.
async fn payers(store: &Store) -> Vec<String> {
    table(store, "SELECT id, client FROM payments ORDER BY id").await
}

async fn is_reminded(store: &Store, of: &Client, days: u16) -> bool {
    let reminded = vec![(reminder(of, days), Outcome::Sent)];
    let again = decided(store, |commit| commit.reminded = reminded).await;
    again.is_err()
}

#[test]
fn a_renamed_record_keeps_chats_payments_and_reminders() {
    story(async |store| {
        let (ivan, olga) = two(&store).await;
        let new = email("ivanov@mail.ru");
        let renames = vec![(ivan.email.clone(), new.clone())];
        let again = renames.clone();
        decided(&store, |commit| commit.renames = renames)
            .await
            .unwrap();
        conflict(decided(&store, |commit| commit.renames = again).await);
        let now_called = Client {
            email: new.clone(),
            ..ivan.clone()
        };
        let now = store.client_versioned(&new).await.unwrap();
        assert_eq!(now, Some((now_called.clone(), 2)));
        assert_eq!(table(&store, TIES).await[0], "telegram/7|ivanov@mail.ru");
        assert_eq!(payers(&store).await[0], "1|ivanov@mail.ru");
        let payment = store.payment(PaymentId(1)).await.unwrap();
        assert_eq!(payment, Some(paid(1, &now_called, &person("7"))));
        assert!(is_reminded(&store, &now_called, 0).await);
        // Whoever has read it under the old address decides anew; an address that is taken stays.
        conflict(decided(&store, |commit| commit.clients = vec![(ivan, 1)]).await);
        let taken = vec![(new, olga.email)];
        conflict(decided(&store, |commit| commit.renames = taken).await);
    });
}

#[test]
fn a_payment_taken_back_by_whoever_read_the_old_address_stays_the_clients() {
    story(async |store| {
        let (ivan, _) = two(&store).await;
        let read = store.payment(PaymentId(1)).await.unwrap().unwrap();
        let renames = vec![(ivan.email, email("ivanov@mail.ru"))];
        decided(&store, |commit| commit.renames = renames)
            .await
            .unwrap();
        let Stage::Credited(credit) = read.stage.clone() else {
            unreachable!()
        };
        let undone = vec![read.undo(credit, person("100").id, at(9))];
        decided(&store, |commit| commit.payments = undone)
            .await
            .unwrap();
        assert_eq!(payers(&store).await[0], "1|ivanov@mail.ru");
    });
}

fn merged(gone: &Client, into: &Client) -> Merged {
    Merged {
        gone: gone.clone(),
        into: into.email.clone(),
        chats: vec![on_vk("7").chat],
    }
}

async fn merge(store: &Store, merged: Merged, version: i64) -> Result<(), store::Error> {
    let one = vec![(merged, version)];
    let answer = decided(store, |commit| commit.merges = one).await;
    answer.map(|_| ())
}

#[test]
fn two_records_become_one_and_two_again() {
    story(async |store| {
        let (ivan, olga) = two(&store).await;
        let one = merged(&olga, &ivan);
        let later = Client {
            paid_until: Some("2027-01-31".parse().unwrap()),
            ..ivan.clone()
        };
        let (merges, clients) = (vec![(one.clone(), 1)], vec![(later.clone(), 1)]);
        let write = |commit: &mut Commit| {
            commit.merges = merges;
            commit.clients = clients;
        };
        decided(&store, write).await.unwrap();
        assert_eq!(store.all_clients().await.unwrap(), [(later, 3)]);
        assert_eq!(
            table(&store, TIES).await,
            ["telegram/7|ivan@mail.ru", "vk/7|ivan@mail.ru"]
        );
        assert_eq!(payers(&store).await, ["1|ivan@mail.ru", "2|ivan@mail.ru"]);
        conflict(merge(&store, one.clone(), 1).await);

        let (splits, clients) = (vec![one.clone()], vec![(ivan.clone(), 3)]);
        let write = |commit: &mut Commit| {
            commit.splits = splits;
            commit.clients = clients;
        };
        decided(&store, write).await.unwrap();
        let now = store.all_clients().await.unwrap();
        assert_eq!(now, [(ivan, 5), (olga.clone(), 1)]);
        assert_eq!(
            table(&store, TIES).await,
            ["telegram/7|ivan@mail.ru", "vk/7|olga@mail.ru"]
        );
        assert_eq!(payers(&store).await, ["1|ivan@mail.ru", "2|olga@mail.ru"]);
        assert!(is_reminded(&store, &olga, 3).await);
        conflict(decided(&store, |commit| commit.splits = vec![one]).await);
    });
}

#[test]
fn a_merge_stands_only_while_neither_record_moves() {
    story(async |store| {
        let (ivan, olga) = two(&store).await;
        let whole = merged(&olga, &ivan);
        conflict(merge(&store, whole.clone(), 2).await);
        let fewer = Merged {
            chats: Vec::new(),
            ..whole.clone()
        };
        conflict(merge(&store, fewer, 1).await);
        let more = Merged {
            chats: vec![on_vk("7").chat, person("7").chat],
            ..whole.clone()
        };
        conflict(merge(&store, more, 1).await);
        let nowhere = Merged {
            into: email("nobody@mail.ru"),
            ..whole.clone()
        };
        conflict(merge(&store, nowhere, 1).await);
        let now = store.all_clients().await.unwrap();
        assert_eq!(now, [(ivan, 1), (olga, 1)]);
        // What was decided about a chat that moved is decided anew.
        let read = store.customer(&on_vk("7").chat).await.unwrap().unwrap();
        merge(&store, whole, 1).await.unwrap();
        conflict(decided(&store, |commit| commit.conversations.push(read)).await);
    });
}

#[test]
fn nobody_is_reminded_twice_because_records_became_one() {
    story(async |store| {
        let (ivan, olga) = two(&store).await;
        merge(&store, merged(&olga, &ivan), 1).await.unwrap();
        let same_day = Client {
            paid_until: olga.paid_until,
            ..ivan
        };
        let clients = vec![(same_day.clone(), 2)];
        decided(&store, |commit| commit.clients = clients)
            .await
            .unwrap();
        assert!(is_reminded(&store, &same_day, 3).await);
        assert!(!is_reminded(&store, &same_day, 1).await);
    });
}

fn entry(id: i64, by: Option<&str>, change: Change) -> Entry {
    Entry {
        id: EntryId(id),
        at: at(4),
        by: by.map(|id| person(id).id),
        change,
        undone: None,
    }
}

#[test]
fn the_log_keeps_who_changed_what_and_each_is_undone_once() {
    story(async |store| {
        let (ivan, olga) = two(&store).await;
        assert_eq!(store.next_entry().await.unwrap(), EntryId(1));
        let field = Change::Field {
            client: ivan.email.clone(),
            field: Field::PaidUntil,
            old: String::new(),
            new: "2026-12-31".to_owned(),
        };
        let renamed = Change::Renamed {
            old: ivan.email.clone(),
            new: email("ivanov@mail.ru"),
        };
        let became_one = Change::Merged {
            gone: (&olga).into(),
            before: (&ivan).into(),
            chats: vec![on_vk("7").chat],
        };
        let entries = vec![
            entry(1, None, field),
            entry(2, Some("1"), renamed),
            entry(3, Some("1"), became_one),
        ];
        let (written, again) = (entries.clone(), entries[1..2].to_vec());
        decided(&store, |commit| commit.entries = written)
            .await
            .unwrap();
        conflict(decided(&store, |commit| commit.entries = again).await);
        for entry in &entries {
            assert_eq!(store.entry(entry.id).await.unwrap().as_ref(), Some(entry));
        }
        assert_eq!(store.next_entry().await.unwrap(), EntryId(4));
        assert_eq!(store.entry(EntryId(4)).await.unwrap(), None);
        let sql = "SELECT changed_by, client, field, old_value, new_value FROM audit ORDER BY id";
        let told = [
            "|ivan@mail.ru|paid_until||2026-12-31",
            "telegram/1|ivanov@mail.ru|email|ivan@mail.ru|ivanov@mail.ru",
            "telegram/1|ivan@mail.ru|merged|olga@mail.ru|ivan@mail.ru",
        ];
        assert_eq!(table(&store, sql).await, told);

        let mut undone = entries[2].clone();
        undone.undone = Some((person("2").id, at(8)));
        let (first, second) = (vec![undone.clone()], vec![undone.clone()]);
        decided(&store, |commit| commit.entries = first)
            .await
            .unwrap();
        assert_eq!(store.entry(EntryId(3)).await.unwrap(), Some(undone));
        conflict(decided(&store, |commit| commit.entries = second).await);
    });
}

#[test]
fn thousands_of_entries_are_written_in_one_transaction() {
    story(async |store| {
        let change = |n: i64| Change::Field {
            client: email(&format!("c{n}@mail.ru")),
            field: Field::Tariff,
            old: "Месяц".to_owned(),
            new: "Год".to_owned(),
        };
        let entries = (1..=2600).map(|n| entry(n, None, change(n))).collect();
        decided(&store, |commit| commit.entries = entries)
            .await
            .unwrap();
        assert_eq!(store.next_entry().await.unwrap(), EntryId(2601));
        let last = store.entry(EntryId(2600)).await.unwrap();
        assert_eq!(last, Some(entry(2600, None, change(2600))));
    });
}
