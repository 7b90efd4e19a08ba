//! What a message costs on the way through the store, on both databases with the disk waited for.
//!
//! `cargo bench -p store`. One message is: an inbox row, a decision (the state moves on by its
//! version, a history row, two outbox rows, the inbox row done), two settlements. It is told for
//! one conversation at a time and for many at once; how many messages share a flush is the executor's work.

use std::time::{Duration, Instant};

use store::{
    db::{Db, Stmt},
    stmt,
    testing::{Disk, Server, TempDb},
};

const TABLES: &str = "
CREATE TABLE b_inbox (id BIGINT PRIMARY KEY, body TEXT NOT NULL, done_at BIGINT);
CREATE TABLE b_state (id BIGINT PRIMARY KEY, version BIGINT NOT NULL, body TEXT NOT NULL);
CREATE TABLE b_history (id BIGINT PRIMARY KEY, conversation BIGINT NOT NULL, body TEXT NOT NULL);
CREATE TABLE b_outbox (id BIGINT PRIMARY KEY, lane TEXT NOT NULL, body TEXT NOT NULL, sent_at BIGINT);
CREATE INDEX b_outbox_head ON b_outbox (lane, id) WHERE sent_at IS NULL;
";

#[tokio::main]
async fn main() {
    let lite = TempDb::lite();
    measure("SQLite", &Db::open(lite.url()).await.expect("a file")).await;
    match Server::start(Disk::Durable) {
        Some(server) => {
            measure(
                "PostgreSQL",
                &Db::open(server.url()).await.expect("a server"),
            )
            .await;
        }
        None => println!("PostgreSQL: no server binaries found"),
    }
}

async fn measure(name: &str, db: &Db) {
    let mut tx = db.begin().await.expect("a transaction");
    tx.script(TABLES.to_owned()).await.expect("tables");
    tx.commit().await.expect("tables");
    println!(
        "{name:12} {:>9} {:>12} {:>10} {:>10}",
        "at once", "messages/s", "median", "slowest 1%"
    );
    let mut base = 0;
    for (producers, each) in [(1, 400), (16, 150), (64, 80), (256, 30)] {
        // Once to warm up.
        run(db, base, producers, each / 10).await;
        let began = Instant::now();
        let mut times = run(db, base + 1_000_000, producers, each).await;
        let messages = u32::try_from(times.len()).expect("some thousands");
        let per_second = f64::from(messages) / began.elapsed().as_secs_f64();
        times.sort_unstable();
        let (median, slow) = (times[times.len() / 2], times[times.len() * 99 / 100]);
        println!("{name:12} {producers:>9} {per_second:>12.0} {median:>10.1?} {slow:>10.1?}");
        base += 2_000_000;
    }
}

/// Runs conversations side by side; how long each message took until it was committed to be sent.
async fn run(db: &Db, base: i64, producers: i64, each: i64) -> Vec<Duration> {
    let tasks: Vec<_> = (0..producers)
        .map(|who| tokio::spawn(conversation(db.clone(), base + who * 1000, each)))
        .collect();
    let mut times = Vec::new();
    for task in tasks {
        times.extend(task.await.expect("a conversation"));
    }
    times
}

async fn conversation(db: Db, id: i64, messages: i64) -> Vec<Duration> {
    let body = "x".repeat(600);
    let new = "INSERT INTO b_state (id, version, body) VALUES ($1, 0, $2)";
    db.write(vec![stmt!(new, id, &body)])
        .await
        .expect("a state");
    let mut times = Vec::new();
    for n in 0..messages {
        let began = Instant::now();
        let message = id + n;
        let heard = "INSERT INTO b_inbox (id, body) VALUES ($1, $2) ON CONFLICT DO NOTHING";
        db.write(vec![stmt!(heard, message, &body)])
            .await
            .expect("an inbox row");
        db.write(decision(id, n, message, &body))
            .await
            .expect("a decision");
        times.push(began.elapsed());
        db.write(vec![sent(2 * message), sent(2 * message + 1)])
            .await
            .expect("settlements");
    }
    times
}

fn decision(id: i64, version: i64, message: i64, body: &String) -> Vec<Stmt> {
    let state =
        "UPDATE b_state SET version = version + 1, body = $3 WHERE id = $1 AND version = $2";
    let history = "INSERT INTO b_history (id, conversation, body) VALUES ($1, $2, $3)";
    let outbox = "INSERT INTO b_outbox (id, lane, body) VALUES ($1, $2, $3)";
    let done = "UPDATE b_inbox SET done_at = 1 WHERE id = $1 AND done_at IS NULL";
    let lane = format!("lane {id}");
    vec![
        stmt!(state, id, version, body).or_conflict(),
        stmt!(done, message).or_conflict(),
        stmt!(history, message, id, body),
        stmt!(outbox, 2 * message, &lane, body),
        stmt!(outbox, 2 * message + 1, "group", body),
    ]
}

fn sent(id: i64) -> Stmt {
    stmt!(
        "UPDATE b_outbox SET sent_at = 1 WHERE id = $1 AND sent_at IS NULL",
        id
    )
}
