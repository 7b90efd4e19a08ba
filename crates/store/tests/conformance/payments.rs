//! Payments: what was seen is known again, whoever is first leaves a stage, and nothing counts twice.

use engine::{
    client::Email,
    ids::TicketId,
    payment::{By, Credit, Looks, Payment, PaymentId, Proof, Stage},
    sheet::Tariff,
};
use jiff::{SignedDuration, Timestamp};
use store::Store;

use crate::world::{
    at, chat, client, conflict, decided, email, known, message_ref, person, story, story_of_two,
    table,
};

fn tariff() -> Tariff {
    let price = engine::money::Money {
        amount: "199.00".parse().unwrap(),
        currency: "CNY".parse().unwrap(),
    };
    Tariff {
        name: "Месяц".to_owned(),
        price,
        days: 30,
    }
}

fn credit(client: Email) -> Credit {
    Credit {
        client,
        tariff: tariff(),
        tariff_before: None,
        before: None,
        until: "2026-12-20".parse().unwrap(),
        by: None,
        at: at(3),
    }
}

/// The operators are asked about message `picture` of customer 7.
fn asked(id: i64, picture: &str) -> Payment {
    Payment {
        id: PaymentId(id),
        chat: chat("7"),
        ticket: TicketId(1),
        picture: message_ref("7", picture),
        looks: None,
        transaction: None,
        at: at(2),
        offers: vec![tariff()],
        stage: Stage::Asked,
    }
}

fn olga() -> By {
    By {
        id: person("100").id,
        name: "Ольга".to_owned(),
    }
}

fn credited(id: i64, picture: &str) -> Payment {
    asked(id, picture).credit(credit(email("ivan@mail.ru")))
}

async fn write(store: &Store, payment: &Payment) -> Result<(), store::Error> {
    let payments = vec![payment.clone()];
    let answer = decided(store, |commit| commit.payments = payments).await;
    answer.map(|_| ())
}

fn proof(picture: &str, looks: Option<u64>, transaction: Option<&str>) -> Proof {
    Proof {
        picture: message_ref("7", picture),
        ticket: TicketId(9),
        looks: looks.map(Looks),
        transaction: transaction.map(str::to_owned),
    }
}

/// The number of the payment that was seen.
async fn seen(store: &Store, proof: Proof, now: Timestamp) -> Option<i64> {
    let seen = store.seen(&proof, now).await.unwrap();
    seen.map(|payment| payment.id.0)
}

#[test]
fn each_step_is_taken_once_and_a_decision_can_be_taken_back() {
    story(async |store| {
        assert_eq!(store.next_payment().await.unwrap(), PaymentId(1));
        assert_eq!(store.payment(PaymentId(1)).await.unwrap(), None);
        let by = olga();
        let credit = credit(email("ivan@mail.ru"));
        let payment = Payment {
            looks: Some(Looks(u64::MAX)),
            transaction: Some("A1".to_owned()),
            ..asked(1, "5")
        };
        let counts = payment.clone().credit(credit.clone());
        let undone = counts.clone().undo(credit, by.clone(), at(9));
        let dismissed = payment.clone().dismiss(by);
        for step in [&payment, &counts, &undone] {
            write(&store, step).await.unwrap();
            let known = store.payment(payment.id).await.unwrap();
            assert_eq!(known.as_ref(), Some(step));
            conflict(write(&store, step).await);
        }
        for late in [&payment, &dismissed] {
            conflict(write(&store, late).await);
        }
        for step in [&counts, &undone] {
            write(&store, step).await.unwrap();
            conflict(write(&store, step).await);
        }
        assert_eq!(store.next_payment().await.unwrap(), PaymentId(2));
        let other = Payment {
            id: PaymentId(2),
            ..dismissed
        };
        write(&store, &asked(2, "5")).await.unwrap();
        conflict(write(&store, &credited(2, "6")).await);
        write(&store, &other).await.unwrap();
        conflict(write(&store, &asked(2, "5")).await);
        write(&store, &credited(2, "5")).await.unwrap();
    });
}

#[test]
fn other_programs_read_what_was_paid() {
    story(async |store| {
        let by = olga();
        write(&store, &credited(1, "5")).await.unwrap();
        write(&store, &asked(2, "6")).await.unwrap();
        let sql = "SELECT status, client, tariff, amount, currency, days, paid_until, undone_by
            FROM payments ORDER BY id";
        let credited_row = "credited|ivan@mail.ru|Месяц|199.00|CNY|30|2026-12-20|";
        assert_eq!(table(&store, sql).await, [credited_row, "asked|||||||"]);
        let undone = credited(1, "5").undo(credit(email("ivan@mail.ru")), by, at(9));
        write(&store, &undone).await.unwrap();
        let now = &table(&store, sql).await[0];
        assert_eq!(
            now,
            "undone|ivan@mail.ru|Месяц|199.00|CNY|30|2026-12-20|telegram/100"
        );
        let when = "SELECT credited_at, undone_at FROM payments WHERE id = 1";
        let rows = store.db().read(store::stmt!(when)).await.unwrap();
        let read = |column| rows[0].get::<Timestamp>(column).unwrap();
        assert_eq!((read(0), read(1)), (at(3), at(9)));
    });
}

#[test]
fn a_picture_counts_once_until_it_is_taken_back() {
    story(async |store| {
        write(&store, &credited(1, "5")).await.unwrap();
        conflict(write(&store, &credited(2, "5")).await);
        conflict(write(&store, &asked(2, "5")).await);
        let by = olga();
        let undone = credited(1, "5").undo(credit(email("ivan@mail.ru")), by, at(9));
        write(&store, &undone).await.unwrap();
        write(&store, &credited(2, "5")).await.unwrap();
        let known = store.payment(PaymentId(1)).await.unwrap();
        assert_eq!(known, Some(undone));
    });
}

#[test]
fn what_was_seen_is_known_by_its_message_its_number_or_its_looks() {
    story(async |store| {
        let payment = Payment {
            looks: Some(Looks(0xff00_0000_0000_00ff)),
            transaction: Some("A1".to_owned()),
            ..credited(1, "5")
        };
        write(&store, &payment).await.unwrap();
        write(&store, &credited(2, "6")).await.unwrap();
        let late = at(0) + SignedDuration::from_hours(24 * 401);
        let alike = Some(0xff00_0000_0000_000f);
        for (proof, now, known) in [
            (proof("5", None, None), late, Some(1)),
            (proof("9", None, Some("A1")), late, Some(1)),
            (proof("9", alike, None), at(9), Some(1)),
            (proof("9", alike, Some("B2")), at(9), Some(1)),
            (proof("9", alike, Some("98765")), at(9), None),
            (proof("9", alike, None), late, None),
            (proof("9", Some(0xff00_0000_0000_0007), None), at(9), None),
            (proof("9", None, Some("B2")), at(9), None),
            (proof("6", alike, Some("A1")), at(9), Some(2)),
        ] {
            assert_eq!(seen(&store, proof.clone(), now).await, known, "{proof:?}");
        }
        let same_ticket = Proof {
            ticket: TicketId(1),
            ..proof("9", None, None)
        };
        assert_eq!(seen(&store, same_ticket, late).await, Some(2));
    });
}

#[test]
fn whatever_became_of_it_it_was_seen() {
    story(async |store| {
        let by = olga();
        let payment = |id, picture| Payment {
            looks: Some(Looks(7)),
            transaction: Some("A1".to_owned()),
            ..asked(id, picture)
        };
        let counts = payment(1, "5").credit(credit(email("ivan@mail.ru")));
        write(&store, &counts).await.unwrap();
        let undone = counts.undo(credit(email("ivan@mail.ru")), by.clone(), at(9));
        write(&store, &undone).await.unwrap();
        assert_eq!(seen(&store, proof("5", None, None), at(9)).await, Some(1));
        let again = proof("9", Some(7), Some("A1"));
        assert_eq!(seen(&store, again, at(9)).await, Some(1));
        // What was decided last is shown, and what counts before that.
        write(&store, &payment(2, "6")).await.unwrap();
        write(&store, &payment(2, "6").dismiss(by)).await.unwrap();
        assert_eq!(
            seen(&store, proof("9", None, Some("A1")), at(9)).await,
            Some(2)
        );
        assert_eq!(
            seen(&store, proof("9", Some(7), None), at(9)).await,
            Some(2)
        );
        write(&store, &payment(3, "7")).await.unwrap();
        let counts = payment(3, "7").credit(credit(email("ivan@mail.ru")));
        write(&store, &counts).await.unwrap();
        assert_eq!(
            seen(&store, proof("9", None, Some("A1")), at(9)).await,
            Some(3)
        );
        assert_eq!(
            seen(&store, proof("9", Some(7), None), at(9)).await,
            Some(3)
        );
    });
}

/// Reads the picture and credits it, as often as somebody else is faster.
async fn credits(store: &Store, picture: &str) -> bool {
    loop {
        let id = store.next_payment().await.unwrap();
        let proof = proof(picture, None, Some("A1"));
        if store.seen(&proof, at(3)).await.unwrap().is_some() {
            return false;
        }
        let (client, version) = store
            .client_versioned(&email("ivan@mail.ru"))
            .await
            .unwrap()
            .unwrap();
        let payment = Payment {
            transaction: Some("A1".to_owned()),
            ..credited(id.0, picture)
        };
        let answer = decided(store, |commit| {
            commit.payments = vec![payment];
            commit.clients = vec![(client, version)];
        });
        match answer.await {
            Ok(_) => return true,
            Err(error) => conflict::<()>(Err(error)),
        }
    }
}

#[test]
fn of_many_readings_of_one_payment_one_counts() {
    story(async |store| {
        known(&store, client("ivan@mail.ru", "", ""), &[]).await;
        let pictures = ["5", "5", "6", "7", "5", "8"];
        let all = pictures.map(|picture| credits(&store, picture));
        let credited = futures_util::future::join_all(all).await;
        assert_eq!(credited.into_iter().filter(|credited| *credited).count(), 1);
        assert_eq!(
            table(&store, "SELECT status FROM payments").await,
            ["credited"]
        );
        let version = "SELECT version FROM clients";
        assert_eq!(table(&store, version).await, ["2"]);
    });
}

#[test]
fn of_two_copies_one_credits_a_picture() {
    story_of_two(async |anna, boris| {
        known(&anna, client("ivan@mail.ru", "", ""), &[]).await;
        for round in 0..10 {
            let picture = format!("picture-{round}");
            let (one, other) =
                futures_util::join!(write_next(&anna, &picture), write_next(&boris, &picture),);
            assert!(one != other, "{one} {other}");
        }
        assert_eq!(table(&anna, "SELECT id FROM payments").await.len(), 10);
        let (one, other) = futures_util::join!(credits(&anna, "5"), credits(&boris, "6"));
        assert!(one != other, "{one} {other}");
    });
}

/// Credits without looking, under the next number; whether it was the first.
async fn write_next(store: &Store, picture: &str) -> bool {
    let id = store.next_payment().await.unwrap();
    write(store, &credited(id.0, picture)).await.is_ok()
}
