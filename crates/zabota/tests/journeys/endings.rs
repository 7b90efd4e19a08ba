//! SIGTERM: what is under way ends, everything else waits for the next start, and it is quick.

use std::time::Duration;

use serde_json::json;

use crate::stage::{Desk, IVAN, OLGA, Stage, journeys};

journeys!(
    at_rest_with_a_poll_open,
    in_the_middle_of_a_burst,
    while_the_messenger_hangs,
);

async fn ends_well(desk: Desk) {
    let (status, took, log) = desk.stop().await;
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(took < Duration::from_secs(10), "{took:?}\n{log}");
}

async fn at_rest_with_a_poll_open(stage: &Stage) {
    let desk = stage.open().await;
    stage.dialog().await;
    stage.rests(&desk).await;
    // A browser opens connections before it has anything to say.
    let address = desk.url().replace("http://", "");
    let _silent = std::net::TcpStream::connect(address).expect("a connection");
    stage.rests(&desk).await;
    let (status, took, log) = desk.stop().await;
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(took < Duration::from_secs(2), "{took:?}\n{log}");
    // Whoever comes next need not wait for anything.
    stage.says(IVAN, "вы ещё там?").await;
    let _desk = stage.open().await;
    stage.sees(OLGA, "вы ещё там?").await;
}

async fn in_the_middle_of_a_burst(stage: &Stage) {
    let desk = stage.open().await;
    stage.dialog().await;
    stage.rests(&desk).await;
    for number in 0..150 {
        stage.says(IVAN, &number.to_string()).await;
    }
    let desk = stage.restart(desk).await;
    stage.says(OLGA, "одну минуту").await;
    stage.sees(IVAN, "одну минуту").await;
    let (status, took, log) = desk.stop().await;
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(took < Duration::from_secs(3), "{took:?}\n{log}");
    let _desk = stage.open().await;
    let numbers = async || {
        let heard = stage.heard(OLGA).await;
        let texts = heard.iter().filter_map(|message| message["text"].as_str());
        let numbers: Vec<u32> = texts
            .filter_map(|text| text.lines().last()?.parse().ok())
            .collect();
        (numbers.last() == Some(&149)).then_some(numbers)
    };
    let mut numbers = stage.until("all of the burst", numbers).await;
    // One may have been under way when it was killed.
    numbers.dedup();
    assert_eq!(numbers, (0..150).collect::<Vec<_>>());
}

async fn while_the_messenger_hangs(stage: &Stage) {
    let desk = stage.open().await;
    stage.dialog().await;
    stage.rests(&desk).await;
    let hangs = json!({ "kind": "slow", "ms": 60_000, "times": 0 });
    stage.hand("faults", hangs).await;
    let photo = stage.file("a.png", "image/png", crate::stage::png(1)).await;
    stage.writes(IVAN, json!({ "photo": photo })).await;
    stage.says(OLGA, "сейчас").await;
    let begun = async || {
        let calls = stage
            .number(
                "SELECT COUNT(*) FROM outbox WHERE started_at IS NOT NULL AND finished_at IS NULL",
            )
            .await;
        (calls > 0).then_some(())
    };
    stage.until("a call that hangs", begun).await;
    ends_well(desk).await;
    stage.heal().await;
    let _desk = stage.open().await;
    stage.sees(IVAN, "сейчас").await;
    stage.sees_kind(OLGA, "photo").await;
}
