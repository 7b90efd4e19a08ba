//! What the whole desk costs: the real program between the sandbox and a database. `cargo bench -p
//! zabota`. Prints; judges nothing. `LIMITS=off`, so that it is the desk that is measured.

use std::{
    fs,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use sandbox::Sandbox;
use serde_json::{Value, json};
use store::testing::{TempDb, free_port};

const BOT: i64 = 1001;
const GROUP: i64 = -1001;
const OPERATORS: i64 = 8;
const CUSTOMERS: i64 = 48;
const MESSAGES: i64 = 50;
const EACH: usize = 48;

fn main() {
    // `cargo test --benches` only wants to know that it builds.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.expect("a runtime").block_on(async {
        println!(
            "{:12} {:>9} {:>10} {:>12} {:>12} {:>15} {:>13} {:>10}",
            "",
            "ready",
            "idle",
            "messages/s",
            "median",
            "commits/message",
            "calls/message",
            "after"
        );
        for db in [Some(TempDb::lite()), TempDb::pg().await]
            .into_iter()
            .flatten()
        {
            measure(&db).await;
        }
    });
}

async fn measure(db: &TempDb) {
    let anywhere = "127.0.0.1:0".parse().expect("an address");
    let sandbox = Sandbox::start(anywhere).await.expect("a sandbox");
    let hand = Hand {
        http: reqwest::Client::new(),
        url: sandbox.url(),
    };
    hand.set().await;
    let home = tempfile::tempdir().expect("a folder");
    let port = free_port();
    let began = Instant::now();
    let desk = start(&sandbox.url(), db.url(), port, home.path());
    let pages = format!("http://127.0.0.1:{port}");
    while !hand.answers(&format!("{pages}/readyz")).await {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let ready = began.elapsed();
    tokio::time::sleep(Duration::from_secs(1)).await;
    let idle = memory(&desk.0);
    hand.dialogs().await;

    let commits = hand.figure(&pages, "zabota_commits_total").await;
    let calls = hand.calls().await.len();
    let began = Instant::now();
    join_all((0..CUSTOMERS).map(|customer| hand.chatters(2000 + customer))).await;
    let expected = usize::try_from(CUSTOMERS * MESSAGES).expect("positive");
    let all = loop {
        let new = hand.calls().await.split_off(calls);
        if new
            .iter()
            .filter(|call| call["method"] == "sendMessage")
            .count()
            >= expected
        {
            break new;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    let took = began.elapsed().as_secs_f64();
    let count = f64::from(u32::try_from(expected).expect("some thousands"));
    let commits = hand.figure(&pages, "zabota_commits_total").await - commits;
    let made = all
        .iter()
        .filter(|call| call["method"] != "getUpdates")
        .count();
    println!(
        "{:12} {:>6.0} ms {:>7.1} MB {:>12.0} {:>9.1} ms {:>15.2} {:>13.2} {:>7.1} MB",
        if db.is_pg() { "PostgreSQL" } else { "SQLite" },
        ready.as_secs_f64() * 1000.0,
        idle,
        count / took,
        hand.alone(&pages).await.as_secs_f64() * 1000.0,
        commits / count,
        f64::from(u32::try_from(made).expect("some thousands")) / count,
        memory(&desk.0),
    );
    drop(desk);
    sandbox.stop().await.expect("the sandbox stops");
}

/// The hand behind the stage.
struct Hand {
    http: reqwest::Client,
    url: String,
}

impl Hand {
    async fn tell(&self, path: &str, what: Value) -> Value {
        let answer = self
            .http
            .post(format!("{}/sandbox/{path}", self.url))
            .json(&what);
        answer
            .send()
            .await
            .expect("the sandbox")
            .json()
            .await
            .expect("JSON")
    }

    async fn set(&self) {
        self.tell(
            "bots",
            json!({ "id": BOT, "first_name": "Care", "username": "care_bot" }),
        )
        .await;
        let operators: Vec<i64> = (0..OPERATORS).map(|number| 3000 + number).collect();
        for id in operators
            .iter()
            .copied()
            .chain((0..CUSTOMERS).map(|number| 2000 + number))
        {
            self.tell(
                "people",
                json!({ "id": id, "first_name": format!("P{id}") }),
            )
            .await;
        }
        let group = json!({
            "id": GROUP, "title": "Operators", "members": operators, "bots": [BOT], "admins": [BOT],
        });
        self.tell("groups", group).await;
    }

    async fn says(&self, who: i64, text: &str) {
        self.tell(
            "messages",
            json!({ "from": who, "chat": BOT, "text": text }),
        )
        .await;
    }

    async fn chatters(&self, who: i64) {
        for number in 0..MESSAGES {
            self.says(who, &format!("message {number}")).await;
        }
    }

    /// Every customer has a dialog, each operator as many as the others.
    async fn dialogs(&self) {
        for operator in 0..OPERATORS {
            self.says(3000 + operator, "/start").await;
        }
        let steps = [
            ("/start", "Чем помочь"),
            ("Другой вопрос", "О чём вопрос"),
            ("Отправить сообщение сотруднику", "Пришлите сообщение"),
            ("?", "принято"),
        ];
        for (text, answer) in steps {
            for customer in 0..CUSTOMERS {
                self.says(2000 + customer, text).await;
            }
            self.until(|calls| said(calls, answer) >= EACH).await;
        }
        for ticket in 1..=CUSTOMERS {
            let press = json!({
                "from": 3000 + ticket % OPERATORS, "chat": GROUP, "message_id": 1,
                "data": format!("take:{ticket}"), "forge": true,
            });
            self.tell("press", press).await;
        }
        self.until(|calls| said(calls, "Оператор подключился") >= EACH)
            .await;
        tokio::time::sleep(Duration::from_secs(1)).await;
    }

    async fn until(&self, done: impl Fn(&[Value]) -> bool) {
        while !done(&self.calls().await) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// From a customer's words until the operator's copy is being sent, one at a time: the median.
    async fn alone(&self, pages: &str) -> Duration {
        while self
            .figure(pages, "zabota_outbox_depth{channel=\"telegram\"}")
            .await
            > 0.0
        {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let mut times = Vec::new();
        let before = i64::try_from(self.calls().await.len()).expect("some thousands");
        for number in 0..25 {
            let text = format!("alone {number}");
            let began = Instant::now();
            self.says(2000, &text).await;
            loop {
                let calls = self.calls_since(before).await;
                if said(&calls, &text) > 0 {
                    break;
                }
            }
            times.push(began.elapsed());
        }
        times.sort();
        times[times.len() / 2]
    }

    async fn calls(&self) -> Vec<Value> {
        self.calls_since(0).await
    }

    async fn calls_since(&self, since: i64) -> Vec<Value> {
        let url = format!("{}/sandbox/calls?since={since}", self.url);
        let answer = self.http.get(url).send().await.expect("the sandbox");
        let mut answer: Value = answer.json().await.expect("JSON");
        match answer["calls"].take() {
            Value::Array(calls) => calls,
            _ => Vec::new(),
        }
    }

    async fn answers(&self, url: &str) -> bool {
        self.http
            .get(url)
            .send()
            .await
            .is_ok_and(|answer| answer.status().is_success())
    }

    async fn figure(&self, pages: &str, name: &str) -> f64 {
        let answer = self
            .http
            .get(format!("{pages}/metrics"))
            .send()
            .await
            .expect("the desk");
        let text = answer.text().await.expect("text");
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.and_then(|figure| figure.parse().ok()).unwrap_or(0.0)
    }
}

/// How many messages with these words are being sent.
fn said(calls: &[Value], text: &str) -> usize {
    let says = |call: &&Value| {
        let sent = call["params"]["text"].as_str();
        call["method"] == "sendMessage" && sent.is_some_and(|sent| sent.contains(text))
    };
    calls.iter().filter(says).count()
}

/// A running desk; killed when dropped.
struct Desk(Child);

impl Drop for Desk {
    fn drop(&mut self) {
        let _gone = self.0.kill();
        let _reaped = self.0.wait();
    }
}

fn start(telegram: &str, database: &str, port: u16, home: &std::path::Path) -> Desk {
    let desk = Command::new(env!("CARGO_BIN_EXE_zabota"))
        .arg("run")
        .current_dir(home)
        .env("BOT_TOKEN", "1001:benchbenchbenchbenchbenchbenchbench")
        .env("OPERATORS_CHAT_ID", GROUP.to_string())
        .env("TELEGRAM_API_URL", telegram)
        .env("DATABASE_URL", database)
        .env("HTTP_ADDR", format!("127.0.0.1:{port}"))
        .env("LIMITS", "off")
        .env("LOG", "error")
        .stdout(Stdio::null())
        .spawn();
    Desk(desk.expect("the desk starts"))
}

/// Resident memory, in megabytes.
fn memory(desk: &Child) -> f64 {
    let status = fs::read_to_string(format!("/proc/{}/status", desk.id())).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    kilobytes.unwrap_or(f64::NAN) / 1024.0
}
