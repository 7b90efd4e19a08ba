//! What is remembered of the owner's sheet, and readings that change thousands of clients.

use engine::{
    client::Client,
    money::Money,
    records::{Change, Entry, EntryId},
    sheet::{Complaint, Field, LastReading, Loss, Question, Tariff, Wrong},
};
use store::{Commit, Store, stmt};

use crate::world::{
    at, client, conflict, decided, email, known, person, story, story_of_two, table,
};

fn tariff(name: &str, amount: &str, currency: &str, days: u16) -> Tariff {
    let (amount, currency) = (amount.parse().unwrap(), currency.parse().unwrap());
    Tariff {
        name: name.to_owned(),
        price: Money { amount, currency },
        days,
    }
}

#[test]
fn tariffs_are_those_of_the_last_reading_in_its_order() {
    story(async |store| {
        assert_eq!(store.tariffs().await.unwrap(), []);
        let month = tariff("Месяц", "199.00", "CNY", 30);
        let year = tariff("Год", "12345678901234567.89", "RUB", 365);
        for tariffs in [vec![year.clone(), month.clone()], vec![month.clone()]] {
            let all = Some(tariffs.clone());
            decided(&store, |commit| commit.tariffs = all)
                .await
                .unwrap();
            assert_eq!(store.tariffs().await.unwrap(), tariffs);
        }
        let sql = "SELECT name, amount, currency, days, position FROM tariffs";
        assert_eq!(table(&store, sql).await, ["Месяц|199.00|CNY|30|0"]);
        let twice = Some(vec![year, tariff("месяц", "1", "CNY", 1), month.clone()]);
        conflict(decided(&store, |commit| commit.tariffs = twice).await);
        assert_eq!(store.tariffs().await.unwrap(), [month]);
        decided(&store, |commit| commit.tariffs = Some(Vec::new()))
            .await
            .unwrap();
        assert_eq!(store.tariffs().await.unwrap(), []);
    });
}

fn reading(name: &str) -> LastReading {
    let cells = [
        (Field::Name, name.to_owned()),
        (Field::PaidUntil, String::new()),
    ];
    let told = Complaint {
        cell: "D7".to_owned(),
        tariffs: false,
        row: "ivan@mail.ru".to_owned(),
        text: "завтра".to_owned(),
        wrong: Wrong::Date,
    };
    LastReading {
        cells: [(email("ivan@mail.ru"), cells.clone().into())].into(),
        gone: [(email("olga@mail.ru"), cells.into())].into(),
        columns: [Field::Name, Field::PaidUntil].into(),
        told: [told].into(),
        trouble: Some("403".to_owned()),
        question: Some(Question {
            number: 3,
            loss: Loss {
                rows: [email("anna@mail.ru")].into(),
                emptied: [(Field::Tariff, [email("ivan@mail.ru")].into())].into(),
                ..Loss::default()
            },
            accepted: true,
        }),
        questions: 3,
    }
}

#[test]
fn of_two_that_read_the_sheet_at_once_one_is_told() {
    story(async |store| {
        let none = store.last_reading().await.unwrap();
        assert_eq!(none, (LastReading::default(), 0));
        for version in 0..3 {
            let both = ["anna", "boris"].map(|name| {
                let read = Some((reading(name), version));
                decided(&store, |commit| commit.reading = read)
            });
            let answers = futures_util::future::join_all(both).await;
            let first = answers.iter().position(Result::is_ok).unwrap();
            assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
            let last = store.last_reading().await.unwrap();
            assert_eq!(last, (reading(["anna", "boris"][first]), version + 1));
        }
    });
}

/// A reading that gives Ivan a name, decided when his record was at this version.
async fn named(store: &Store, ivan: &Client, version: i64) -> Result<(), store::Error> {
    let named = Client {
        name: Some("Иван".to_owned()),
        ..ivan.clone()
    };
    let change = Change::Field {
        client: ivan.email.clone(),
        field: Field::Name,
        old: String::new(),
        new: "Иван".to_owned(),
    };
    let entry = Entry {
        id: EntryId(1),
        at: at(1),
        by: None,
        change,
        undone: None,
    };
    let write = |commit: &mut Commit| {
        commit.clients = vec![(named, version)];
        commit.entries = vec![entry];
        commit.tariffs = Some(vec![tariff("Год", "1990", "RUB", 365)]);
        commit.reading = Some((reading("Иван"), 0));
    };
    decided(store, write).await.map(|_| ())
}

/// Ivan has paid until the end of January.
async fn paid(store: &Store, version: i64) -> Result<(), store::Error> {
    let ivan = client("ivan@mail.ru", "Год", "2027-01-31");
    let write = |commit: &mut Commit| commit.clients = vec![(ivan, version)];
    decided(store, write).await.map(|_| ())
}

const IVAN: &str = "SELECT name, paid_until FROM clients";

#[test]
fn a_payment_credited_while_a_reading_is_applied_is_not_lost() {
    story(async |store| {
        let ivan = client("ivan@mail.ru", "Год", "2026-12-31");
        known(&store, ivan.clone(), &[person("7")]).await;
        paid(&store, 1).await.unwrap();
        // Nothing of the reading stands, and the next try sees the payment.
        conflict(named(&store, &ivan, 1).await);
        assert_eq!(store.last_reading().await.unwrap().1, 0);
        assert_eq!(store.tariffs().await.unwrap(), []);
        assert_eq!(store.entry(EntryId(1)).await.unwrap(), None);
        let all = store.all_clients().await.unwrap();
        let (ivan, version) = &all[0];
        named(&store, ivan, *version).await.unwrap();
        assert_eq!(table(&store, IVAN).await, ["Иван|2027-01-31"]);
        let log = "SELECT changed_by, client, field, old_value, new_value FROM audit";
        assert_eq!(table(&store, log).await, ["|ivan@mail.ru|name||Иван"]);
    });
}

#[test]
fn of_a_payment_and_a_reading_on_two_copies_one_is_decided_anew() {
    story_of_two(async |anna, boris| {
        let ivan = client("ivan@mail.ru", "Год", "2026-12-31");
        known(&anna, ivan.clone(), &[person("7")]).await;
        let both = futures_util::future::join(paid(&anna, 1), named(&boris, &ivan, 1));
        let both: (Result<_, _>, Result<_, _>) = both.await;
        assert!(both.0.is_ok() != both.1.is_ok(), "{both:?}");
        let (ivan, version) = anna.all_clients().await.unwrap().remove(0);
        if both.0.is_ok() {
            named(&boris, &ivan, version).await.unwrap();
            assert_eq!(table(&anna, IVAN).await, ["Иван|2027-01-31"]);
        } else {
            paid(&anna, version).await.unwrap();
            assert_eq!(table(&anna, IVAN).await, ["|2027-01-31"]);
        }
    });
}

#[test]
fn thousands_of_clients_change_in_one_transaction() {
    story(async |store| {
        let all = |day: &str| {
            let clients = (0..5000).map(|n| client(&format!("c{n:04}@mail.ru"), "Год", day));
            clients.collect::<Vec<_>>()
        };
        for (version, day) in (0..).zip(["2026-12-31", "2027-01-31"]) {
            let clients = all(day)
                .into_iter()
                .map(|client| (client, version))
                .collect();
            let before = store.db().commits();
            let write = |commit: &mut Commit| {
                commit.clients = clients;
                commit.reading = Some((reading(day), version));
            };
            let began = std::time::Instant::now();
            decided(&store, write).await.unwrap();
            println!("5000 clients at version {version}: {:?}", began.elapsed());
            // The update that it was about, and the decision.
            assert_eq!(store.db().commits() - before, 2);
            let sql = format!(
                "SELECT COUNT(*), MIN(version), MAX(version) FROM clients WHERE paid_until = '{day}'"
            );
            assert_eq!(
                table(&store, sql).await,
                [format!("5000|{0}|{0}", version + 1)]
            );
        }
        // One of them was changed meanwhile: none is written.
        let moved = "UPDATE clients SET version = 9 WHERE email = 'c4321@mail.ru'";
        store.db().write(vec![stmt!(moved)]).await.unwrap();
        let clients = all("2028-01-31")
            .into_iter()
            .map(|client| (client, 2))
            .collect();
        conflict(decided(&store, |commit| commit.clients = clients).await);
        let late = "SELECT 1 FROM clients WHERE paid_until > '2028'";
        assert_eq!(table(&store, late).await.len(), 0);
        let known = store.all_clients().await.unwrap();
        assert!(
            known
                .iter()
                .map(|(client, _)| client)
                .eq(&all("2027-01-31"))
        );
    });
}
