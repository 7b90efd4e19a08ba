//! Several copies on one PostgreSQL, and a PostgreSQL that goes away.

use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

use serde_json::Value;
use store::testing::Server;

use crate::stage::{IVAN, OLGA, On, Stage, play, play_with_server};

#[test]
fn two_copies_share_the_work() {
    play(On::Postgres, two_copies);
}

#[test]
fn a_database_that_goes_away_comes_back() {
    play_with_server(without_database);
}

async fn shown(stage: &Stage, chat: i64) -> Vec<u32> {
    let heard = stage.heard(chat).await;
    let texts = heard.iter().filter_map(|message| message["text"].as_str());
    texts
        .filter_map(|text| text.lines().last()?.parse().ok())
        .collect()
}

async fn all(stage: &Stage, chat: i64, last: u32) -> Vec<u32> {
    let look = async || {
        let shown = shown(stage, chat).await;
        (shown.last() == Some(&last)).then_some(shown)
    };
    stage.until(format!("{last} in {chat}"), look).await
}

async fn two_copies(stage: &Stage) {
    let first = stage.open().await;
    // Both are in order: one polls, one is ready to.
    let second = stage.open().await;
    stage.dialog().await;
    for number in 1..=30 {
        stage.says(IVAN, &number.to_string()).await;
        stage.says(OLGA, &number.to_string()).await;
    }
    assert_eq!(all(stage, OLGA, 30).await, (1..=30).collect::<Vec<_>>());
    assert_eq!(all(stage, IVAN, 30).await, (1..=30).collect::<Vec<_>>());
    // Telegram says 409 to the second of two pollers: nobody ever was one.
    let polls = stage.calls("getUpdates").await;
    assert!(polls.iter().all(|poll| poll["status"] == 200));
    let ids = polls
        .iter()
        .filter_map(|poll| poll["answer"]["update_ids"].as_array());
    let ids: Vec<i64> = ids.flatten().filter_map(Value::as_i64).collect();
    assert_eq!(ids.iter().collect::<HashSet<_>>().len(), ids.len());

    // The one that leads dies in the middle of it.
    for number in 31..=40 {
        stage.says(IVAN, &number.to_string()).await;
    }
    first.kill();
    let died = Instant::now();
    for number in 41..=50 {
        stage.says(IVAN, &number.to_string()).await;
        stage.says(OLGA, &number.to_string()).await;
    }
    let mut numbers = all(stage, OLGA, 50).await;
    assert!(
        died.elapsed() < Duration::from_secs(15),
        "{:?}",
        died.elapsed()
    );
    numbers.dedup();
    assert_eq!(numbers, (1..=50).collect::<Vec<_>>());
    let answers = all(stage, IVAN, 50).await;
    assert_eq!(answers[30..], (41..=50).collect::<Vec<_>>());
    let twice = "SELECT message_text FROM ticket_messages GROUP BY sender_type, message_text HAVING COUNT(*) > 1";
    assert!(stage.column(twice).await.is_empty());
    stage.rests(&second).await;
}

async fn without_database(stage: &Stage, server: &Server) {
    let desk = stage.open().await;
    stage.dialog().await;
    for number in 1..=20 {
        stage.says(IVAN, &number.to_string()).await;
        if number == 10 {
            server.stop();
        }
    }
    stage.says(OLGA, "1").await;
    let not_ready = async || {
        let (status, page) = desk.page("/readyz").await;
        (status == 503 && page.contains("database")).then_some(())
    };
    stage
        .until("a desk that says what is wrong", not_ready)
        .await;
    assert_eq!(desk.page("/healthz").await.0, 200);
    server.resume();
    let mut numbers = all(stage, OLGA, 20).await;
    numbers.dedup();
    assert_eq!(numbers, (1..=20).collect::<Vec<_>>());
    all(stage, IVAN, 1).await;
    stage.ready(&desk).await;
    stage.rests(&desk).await;
    assert_eq!(
        stage.number("SELECT COUNT(*) FROM ticket_messages").await,
        22
    );
    let twice = "SELECT message_text FROM ticket_messages WHERE sender_type = 'user' GROUP BY message_text HAVING COUNT(*) > 1";
    assert!(stage.column(twice).await.is_empty());
}
