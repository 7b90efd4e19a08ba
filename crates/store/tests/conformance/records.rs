//! What an owner does to records: renamed, merged, split again; and the log of it.

use engine::{
    client::Client,
    ids::TicketId,
    payment::{By, Credit, Payment, PaymentId, Stage},
    records::{Change, Entry, EntryId},
    reminder::{Noted, Outcome, Reminder},
    sheet::{Field, Tariff},
};
use store::{Commit, Store};

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
        commit.reminded = vec![reminded(&ivan, 0), reminded(&olga, 3)];
    };
    decided(store, write).await.unwrap();
    (ivan, olga)
}

fn reminded(of: &Client, days: u16) -> Noted {
    let reminder = Reminder {
        client: of.email.clone(),
        paid_until: of.paid_until.unwrap(),
        days,
    };
    Noted {
        reminder,
        to: None,
        outcome: Outcome::Sent,
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
        offers: Vec::new(),
        stage: Stage::Credited(credit),
    }
}

/// Whose payments are whose.
async fn payers(store: &Store) -> Vec<String> {
    table(store, "SELECT id, client FROM payments ORDER BY id").await
}

async fn is_reminded(store: &Store, of: &Client, days: u16) -> bool {
    let reminded = vec![reminded(of, days)];
    let again = decided(store, |commit| commit.reminded = reminded).await;
    again.is_err()
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

/// Something is done to a record, and written into the log.
async fn does(store: &Store, change: Change) -> Result<Entry, store::Error> {
    let id = store.next_entry().await.unwrap();
    let new = entry(id.0, Some("1"), change);
    let entries = vec![new.clone()];
    decided(store, |commit| commit.entries = entries).await?;
    Ok(new)
}

async fn undoes(store: &Store, mut entry: Entry) -> Result<Entry, store::Error> {
    entry.undone = Some((person("2").id, at(8)));
    let entries = vec![entry.clone()];
    decided(store, |commit| commit.entries = entries).await?;
    Ok(entry)
}

fn renames(old: &str, new: &str) -> Change {
    Change::Renamed {
        old: email(old),
        new: email(new),
    }
}

/// The first goes, and its chat on VK is the other's.
fn merges(gone: &Client, into: &Client) -> Change {
    Change::Merged {
        gone: gone.into(),
        before: into.into(),
        chats: vec![on_vk("7").chat],
    }
}

#[test]
fn a_renamed_record_keeps_chats_payments_and_reminders() {
    story(async |store| {
        let (ivan, _) = two(&store).await;
        let rename = renames("ivan@mail.ru", "ivanov@mail.ru");
        let done = does(&store, rename.clone()).await.unwrap();
        let now_called = Client {
            email: email("ivanov@mail.ru"),
            ..ivan.clone()
        };
        let now = store.client_versioned(&now_called.email).await.unwrap();
        assert_eq!(now, Some((now_called.clone(), 2)));
        assert_eq!(table(&store, TIES).await[0], "telegram/7|ivanov@mail.ru");
        assert_eq!(payers(&store).await[0], "1|ivanov@mail.ru");
        let payment = store.payment(PaymentId(1)).await.unwrap();
        assert_eq!(payment, Some(paid(1, &now_called, &person("7"))));
        assert!(is_reminded(&store, &now_called, 0).await);
        // Whoever has read it under the old address decides anew; an address that is taken stays.
        conflict(does(&store, rename).await);
        let clients = vec![(ivan.clone(), 1)];
        conflict(decided(&store, |commit| commit.clients = clients).await);
        conflict(does(&store, renames("ivanov@mail.ru", "olga@mail.ru")).await);

        undoes(&store, done).await.unwrap();
        let now = store.client_versioned(&ivan.email).await.unwrap();
        assert_eq!(now, Some((ivan, 3)));
        assert_eq!(payers(&store).await[0], "1|ivan@mail.ru");
    });
}

#[test]
fn a_payment_taken_back_by_whoever_read_the_old_address_stays_the_clients() {
    story(async |store| {
        two(&store).await;
        let read = store.payment(PaymentId(1)).await.unwrap().unwrap();
        let rename = renames("ivan@mail.ru", "ivanov@mail.ru");
        does(&store, rename).await.unwrap();
        let Stage::Credited(credit) = read.stage.clone() else {
            unreachable!()
        };
        let by = By {
            id: person("100").id,
            name: "Ольга".to_owned(),
        };
        let undone = vec![read.undo(credit, by, at(9))];
        decided(&store, |commit| commit.payments = undone)
            .await
            .unwrap();
        assert_eq!(payers(&store).await[0], "1|ivanov@mail.ru");
    });
}

#[test]
fn two_records_become_one_and_two_again() {
    story(async |store| {
        let (ivan, olga) = two(&store).await;
        let done = does(&store, merges(&olga, &ivan)).await.unwrap();
        let now = store.all_clients().await.unwrap();
        assert_eq!(now, [(ivan.clone(), 2)]);
        assert_eq!(
            table(&store, TIES).await,
            ["telegram/7|ivan@mail.ru", "vk/7|ivan@mail.ru"]
        );
        assert_eq!(payers(&store).await, ["1|ivan@mail.ru", "2|ivan@mail.ru"]);
        conflict(does(&store, merges(&olga, &ivan)).await);

        let undone = undoes(&store, done).await.unwrap();
        let now = store.all_clients().await.unwrap();
        assert_eq!(now, [(ivan, 3), (olga.clone(), 1)]);
        assert_eq!(
            table(&store, TIES).await,
            ["telegram/7|ivan@mail.ru", "vk/7|olga@mail.ru"]
        );
        assert_eq!(payers(&store).await, ["1|ivan@mail.ru", "2|olga@mail.ru"]);
        assert!(is_reminded(&store, &olga, 3).await);
        conflict(undoes(&store, undone).await);
    });
}

#[test]
fn a_merged_record_has_the_better_values_until_it_is_undone() {
    story(async |store| {
        let (ivan, olga) = two(&store).await;
        let better = Client {
            tariff: olga.tariff.clone(),
            ..ivan.clone()
        };
        let mut merged = entry(1, Some("1"), merges(&olga, &ivan));
        let write = |commit: &mut Commit| {
            commit.clients = vec![(better.clone(), 1)];
            commit.entries = vec![merged.clone()];
        };
        decided(&store, write).await.unwrap();
        let now = store.all_clients().await.unwrap();
        assert_eq!(now, [(better, 3)]);
        merged.undone = Some((person("1").id, at(8)));
        let write = |commit: &mut Commit| {
            commit.clients = vec![(ivan.clone(), 3)];
            commit.entries = vec![merged];
        };
        decided(&store, write).await.unwrap();
        let now = store.all_clients().await.unwrap();
        assert_eq!(now, [(ivan, 5), (olga, 1)]);
    });
}

#[test]
fn a_merge_stands_only_while_neither_record_moves() {
    story(async |store| {
        let (ivan, olga) = two(&store).await;
        let chats = |chats: &[engine::ids::ChatRef]| {
            let Change::Merged { gone, before, .. } = merges(&olga, &ivan) else {
                unreachable!()
            };
            let chats = chats.to_vec();
            Change::Merged {
                gone,
                before,
                chats,
            }
        };
        let (vk, telegram) = (on_vk("7").chat, person("7").chat);
        conflict(does(&store, chats(&[])).await);
        conflict(does(&store, chats(&[vk, telegram])).await);
        conflict(does(&store, merges(&olga, &client("nobody@mail.ru", "", ""))).await);
        let mut other = olga.clone();
        other.name = Some("Ольга".to_owned());
        conflict(does(&store, merges(&other, &ivan)).await);
        assert_eq!(table(&store, "SELECT id FROM audit").await.len(), 0);
        let now = store.all_clients().await.unwrap();
        assert_eq!(now, [(ivan.clone(), 1), (olga.clone(), 1)]);
        // What was decided about a chat that moved is decided anew.
        let read = store.customer(&on_vk("7").chat).await.unwrap().unwrap();
        does(&store, merges(&olga, &ivan)).await.unwrap();
        conflict(decided(&store, |commit| commit.conversations.push(read)).await);
    });
}

#[test]
fn a_chat_that_names_another_address_meanwhile_stays_there() {
    story(async |store| {
        let (ivan, olga) = two(&store).await;
        let done = does(&store, merges(&olga, &ivan)).await.unwrap();
        let other = client("anna@mail.ru", "", "");
        known(&store, other.clone(), &[]).await;
        let (mut read, version) = store.customer(&on_vk("7").chat).await.unwrap().unwrap();
        read.client = Some(other);
        decided(&store, |commit| commit.conversations.push((read, version)))
            .await
            .unwrap();
        undoes(&store, done).await.unwrap();
        assert_eq!(table(&store, TIES).await[1], "vk/7|anna@mail.ru");
        assert_eq!(store.client(&olga.email).await.unwrap(), Some(olga));
    });
}

#[test]
fn nobody_is_reminded_twice_because_records_became_one() {
    story(async |store| {
        let (ivan, olga) = two(&store).await;
        does(&store, merges(&olga, &ivan)).await.unwrap();
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
        let of_the_sheet = entry(1, None, field);
        let (first, second) = (vec![of_the_sheet.clone()], vec![of_the_sheet.clone()]);
        decided(&store, |commit| commit.entries = first)
            .await
            .unwrap();
        conflict(decided(&store, |commit| commit.entries = second).await);
        let rename = renames("ivan@mail.ru", "ivanov@mail.ru");
        let done = does(&store, rename).await.unwrap();
        let renamed = undoes(&store, done).await.unwrap();
        let merged = does(&store, merges(&olga, &ivan)).await.unwrap();
        for entry in [of_the_sheet, renamed.clone(), merged] {
            assert_eq!(store.entry(entry.id).await.unwrap(), Some(entry));
        }
        conflict(undoes(&store, renamed).await);
        assert_eq!(store.next_entry().await.unwrap(), EntryId(4));
        assert_eq!(store.entry(EntryId(4)).await.unwrap(), None);
        let sql = "SELECT changed_by, client, field, old_value, new_value, undone_by FROM audit
            ORDER BY id";
        let told = [
            "|ivan@mail.ru|paid_until||2026-12-31|",
            "telegram/1|ivanov@mail.ru|email|ivan@mail.ru|ivanov@mail.ru|telegram/2",
            "telegram/1|ivan@mail.ru|merged|olga@mail.ru|ivan@mail.ru|",
        ];
        assert_eq!(table(&store, sql).await, told);
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
