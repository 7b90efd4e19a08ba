//! What is remembered of the owner's sheet, and readings that change thousands of clients.

use engine::{
    money::Money,
    sheet::{Complaint, Field, LastReading, Tariff, Wrong},
};
use store::{Commit, stmt};

use crate::world::{client, conflict, decided, email, story, table};

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
        cells: [(email("ivan@mail.ru"), cells.into())].into(),
        told: [told].into(),
        trouble: Some("403".to_owned()),
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
