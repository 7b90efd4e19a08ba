//! All three messengers at once, and one of them failing, or the desk itself: the others go on without delay,
//! nothing is lost, each dialog keeps its order.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::stage::{
    ANNA, COMMUNITY, Desk, IVAN, Messenger, OLGA, On, PETR, Phone, Stage, TIMUR, journeys, numbers,
    play,
};

journeys!(
    telegram_fails_and_customers_elsewhere_are_answered,
    vk_fails_and_the_others_go_on,
    facebook_fails_and_the_others_go_on,
    a_storm_survives_kills,
    a_rush_keeps_every_limit,
    no_log_has_a_secret,
);

/// The third operator.
const NINA: i64 = 3003;
/// How long an exchange may take while another messenger fails: machines are busy, delays of a failing
/// messenger are longer.
const WITHOUT_DELAY: Duration = Duration::from_secs(3);

/// Customers on each messenger, each in a dialog with an operator of their own.
async fn dialogs(stage: &Stage) -> (Desk, [(i64, Phone<'_>); 3]) {
    let desk = stage.open_everywhere(&[]).await;
    stage.operator(NINA, "Нина").await;
    let pairs = [
        (OLGA, stage.telegram(IVAN)),
        (PETR, stage.vk(ANNA)),
        (NINA, stage.facebook(TIMUR)),
    ];
    for (operator, customer) in pairs {
        stage.dialog_of(operator, customer).await;
    }
    stage.rests(&desk).await;
    (desk, pairs)
}

/// Every way of failing in turn, what a refused token is like last.
fn failures(refused: &Value) -> [Value; 4] {
    [
        json!({ "kind": "html", "status": 502, "times": 0 }),
        json!({ "kind": "drop_before", "times": 0 }),
        json!({ "kind": "slow", "ms": 4000, "times": 0 }),
        refused.clone(),
    ]
}

/// Both sides of a dialog write this number, and read the other's.
async fn exchange(stage: &Stage, operator: i64, customer: Phone<'_>, number: u32) {
    customer.says(&number.to_string()).await;
    stage.says(operator, &number.to_string()).await;
    stage.reads(stage.telegram(operator), number).await;
    stage.reads(customer, number).await;
}

/// A customers' messenger fails; then it does no longer.
async fn fails_in_every_way(stage: &Stage, messenger: &str, refused: Value, at: usize) {
    let (desk, pairs) = dialogs(stage).await;
    let (operator, customer) = pairs[at];
    for (failure, number) in failures(&refused).into_iter().zip(1..) {
        stage.fails(messenger, failure.clone()).await;
        stage.says(operator, &number.to_string()).await;
        // A token that is refused is tried again after a while only: its customers wait for that.
        let is_heard = failure != refused;
        if is_heard {
            customer.says(&number.to_string()).await;
        }
        for (nth, (other, phone)) in pairs.iter().enumerate() {
            if nth != at {
                let began = Instant::now();
                exchange(stage, *other, *phone, number).await;
                let took = began.elapsed();
                assert!(took < WITHOUT_DELAY, "{failure}: {took:?}");
            }
        }
        stage.heal().await;
        let mut read = stage.reads(customer, number).await;
        read.dedup();
        assert_eq!(read, (1..=number).collect::<Vec<_>>(), "{failure}");
        if is_heard {
            let heard = stage.reads(stage.telegram(operator), number).await;
            assert_eq!(heard, (1..=number).collect::<Vec<_>>(), "{failure}");
        }
    }
    for (nth, (other, phone)) in pairs.iter().enumerate() {
        if nth != at {
            assert_eq!(numbers(&phone.heard().await), [1, 2, 3, 4]);
            assert_eq!(numbers(&stage.telegram(*other).heard().await), [1, 2, 3, 4]);
        }
    }
    let _kept_to_the_end = desk;
}

async fn vk_fails_and_the_others_go_on(stage: &Stage) {
    let refused = json!({ "kind": "error", "code": 5, "times": 0 });
    fails_in_every_way(stage, "vk", refused, 1).await;
}

async fn facebook_fails_and_the_others_go_on(stage: &Stage) {
    let refused = json!({ "kind": "error", "code": 190, "times": 0 });
    fails_in_every_way(stage, "facebook", refused, 2).await;
}

/// Operators are in Telegram: without it customers still find their way, and what they say waits for them.
async fn telegram_fails_and_customers_elsewhere_are_answered(stage: &Stage) {
    let desk = stage.open_everywhere(&[]).await;
    stage.rests(&desk).await;
    let refused = json!({ "kind": "error", "status": 401, "times": 0 });
    for (failure, nth) in failures(&refused).into_iter().zip(1..) {
        let (anna, timur) = (4200 + nth, 5200 + nth);
        stage.vk_person(anna, "Анна").await;
        stage.facebook_person(timur, "Тимур").await;
        stage.fails("telegram", failure.clone()).await;
        let began = Instant::now();
        for phone in [stage.vk(anna), stage.facebook(timur)] {
            phone.begins().await;
            phone.presses("Обращение по гарантии").await;
            phone.sees("где был куплен товар").await;
            phone.says(&format!("чайник-{}.", phone.who)).await;
            phone.presses("Пропустить").await;
            phone.sees("принято").await;
            phone.says("и крышка").await;
        }
        let took = began.elapsed();
        assert!(took < 2 * WITHOUT_DELAY, "{failure}: {took:?}");
        stage.heal().await;
        for who in [anna, timur] {
            stage
                .sees(crate::stage::GROUP, &format!("чайник-{who}."))
                .await;
        }
    }
    assert_eq!(
        stage.number("SELECT COUNT(*) FROM ticket_messages").await,
        16
    );
}

async fn a_storm_survives_kills(stage: &Stage) {
    let (desk, pairs) = dialogs(stage).await;
    let storm = async {
        for number in 1..=30 {
            for (operator, customer) in pairs {
                customer.says(&number.to_string()).await;
                stage.says(operator, &number.to_string()).await;
            }
        }
    };
    let kills = async {
        let mut desk = desk;
        for moment in [50, 200, 100] {
            tokio::time::sleep(Duration::from_millis(moment)).await;
            desk = stage.restart(desk).await;
            // A webhook that did not answer is tried again later and later: here it need not be.
            stage.hand("clock", json!({ "advance": 20 })).await;
        }
        desk
    };
    let ((), desk) = futures_util::future::join(storm, kills).await;
    stage.hand("clock", json!({ "advance": 60 })).await;
    for (operator, customer) in pairs {
        let there = stage.reads(customer, 30).await;
        let back = stage.reads(stage.telegram(operator), 30).await;
        for (read, may_repeat) in [(there, customer.messenger != Messenger::Vk), (back, true)] {
            let mut once = read.clone();
            once.dedup();
            assert_eq!(once, (1..=30).collect::<Vec<_>>(), "{operator}: {read:?}");
            let twice = |same: &[u32]| same.len() <= 1 + usize::from(may_repeat);
            assert!(
                read.chunk_by(|a, b| a == b).all(twice),
                "{operator}: {read:?}"
            );
        }
    }
    stage.rests(&desk).await;
    let kept = "SELECT sender_type, COUNT(*) FROM ticket_messages GROUP BY sender_type ORDER BY sender_type";
    let kept: Vec<_> = stage
        .sql(kept)
        .await
        .into_iter()
        .flatten()
        .flatten()
        .collect();
    assert_eq!(kept.join(" "), "operator 90 user 93");
}

async fn a_rush_keeps_every_limit(stage: &Stage) {
    stage.hand("limits", json!({ "enforce": true })).await;
    let _desk = stage.open_everywhere(&[("LIMITS", "platform")]).await;
    let mut phones = Vec::new();
    for nth in 0..30 {
        stage.vk_person(4300 + nth, "Анна").await;
        stage.facebook_person(5300 + nth, "Тимур").await;
        stage.person(2300 + nth, "Иван").await;
        phones.extend([
            stage.vk(4300 + nth),
            stage.facebook(5300 + nth),
            stage.telegram(2300 + nth),
        ]);
    }
    join_all(phones.iter().map(Phone::begins)).await;
    for phone in &phones {
        phone.sees("Здравствуйте").await;
    }
    join_all(phones.iter().map(|phone| phone.says("возврат товара"))).await;
    for phone in &phones {
        phone.sees("маркетплейс").await;
    }
    // What breaks a limit is a violation: at the end of a journey there is none.
    let calls = stage.look("calls?since=0").await;
    let calls = calls["calls"].as_array().expect("calls").iter();
    let mut refused = calls.filter(|call| {
        let code = [
            &call["answer"]["error"]["error_code"],
            &call["answer"]["error"]["code"],
        ];
        call["status"] == 429
            || code
                .iter()
                .any(|code| [6, 9, 4, 613].contains(&code.as_i64().unwrap_or(0)))
    });
    assert_eq!(refused.next(), None);
}

#[test]
fn vks_polling_is_taken_over() {
    play(On::Postgres, two_copies);
}

async fn two_copies(stage: &Stage) {
    let first = stage.open_everywhere(&[]).await;
    // The page's webhook leads to the second from here on: it outlives the first.
    let second = stage.open_everywhere(&[]).await;
    let (anna, timur) = (stage.vk(ANNA), stage.facebook(TIMUR));
    stage.dialog_of(OLGA, anna).await;
    stage.dialog_of(PETR, timur).await;
    for number in 1..=20 {
        exchange(stage, OLGA, anna, number).await;
    }
    let polls = stage.calls_of("vk", "a_check").await;
    let ids: Vec<String> = polls
        .iter()
        .filter_map(|poll| poll["answer"]["event_ids"].as_array())
        .flatten()
        .map(Value::to_string)
        .collect();
    let mut once = ids.clone();
    once.sort();
    once.dedup();
    assert_eq!(once.len(), ids.len(), "two copies polled at once");
    for number in 21..=25 {
        anna.says(&number.to_string()).await;
        stage.says(OLGA, &number.to_string()).await;
    }
    first.kill();
    let died = Instant::now();
    for number in 26..=30 {
        anna.says(&number.to_string()).await;
        stage.says(OLGA, &number.to_string()).await;
        timur.says(&number.to_string()).await;
    }
    let mut read = stage.reads(stage.telegram(OLGA), 30).await;
    let taken_over = died.elapsed();
    assert!(taken_over < Duration::from_secs(15), "{taken_over:?}");
    let answers = stage.reads(anna, 30).await;
    read.dedup();
    assert_eq!(read, (1..=30).collect::<Vec<_>>());
    assert_eq!(answers, (1..=30).collect::<Vec<_>>());
    assert_eq!(
        stage.reads(stage.telegram(PETR), 30).await,
        (26..=30).collect::<Vec<_>>()
    );
    stage.rests(&second).await;
}

async fn no_log_has_a_secret(stage: &Stage) {
    const CALLBACK: &str = "AAE-secret-callback";
    let settings = [("LOG", "trace"), ("VK_CONFIRMATION", "a1b2c3d4")];
    let (polled, pushed) = (
        &settings[..1],
        [&settings[..], &[("VK_SECRET", CALLBACK)]].concat(),
    );
    let mut logs = String::new();
    for settings in [polled, &pushed] {
        let desk = stage.open_everywhere(settings).await;
        if settings.len() > 1 {
            stage
                .connect_community(&desk, COMMUNITY, "vk", CALLBACK, "a1b2c3d4")
                .await;
        }
        for phone in [stage.telegram(IVAN), stage.vk(ANNA), stage.facebook(TIMUR)] {
            for fault in ["drop_before", "drop_after", "html"] {
                stage
                    .hand("faults", json!({ "kind": fault, "status": 502 }))
                    .await;
            }
            phone.says("/start").await;
            phone.sees("Здравствуйте").await;
        }
        for (messenger, code) in [("vk", 5), ("facebook", 190), ("telegram", 401)] {
            let refused = json!({ "kind": "error", "code": code, "status": 401, "times": 2 });
            stage.fails(messenger, refused).await;
        }
        for phone in [stage.telegram(IVAN), stage.vk(ANNA), stage.facebook(TIMUR)] {
            phone.says("ау").await;
        }
        desk.brings(
            "vk",
            json!({ "secret": "wrong", "type": "message_new" }).to_string(),
            &[],
        )
        .await;
        desk.brings("facebook", "{", &[("X-Hub-Signature-256", "sha256=00")])
            .await;
        tokio::time::sleep(Duration::from_millis(500)).await;
        stage.heal().await;
        let (status, _, log) = desk.stop().await;
        assert_eq!(status.code(), Some(0));
        logs.push_str(&log);
    }
    assert!(logs.contains("DEBUG"));
    let keys = stage.calls_of("vk", "groups.getLongPollServer").await;
    let keys: Vec<String> = keys
        .iter()
        .filter_map(|call| {
            call["answer"]["response"]["key"]
                .as_str()
                .map(str::to_owned)
        })
        .collect();
    assert!(!keys.is_empty());
    let all = crate::stage::SECRETS
        .iter()
        .map(|secret| (*secret).to_owned());
    for secret in all.chain([CALLBACK.to_owned()]).chain(keys) {
        if let Some(at) = logs.find(&secret) {
            let from = logs[..at].rfind('\n').map_or(0, |from| from + 1);
            panic!("{}", &logs[from..at]);
        }
    }
}
