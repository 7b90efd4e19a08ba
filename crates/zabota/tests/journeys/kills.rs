//! SIGKILL in the middle of a burst: everything arrives, in order, at most once more than it should.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::Value;

use crate::stage::{IVAN, OLGA, Stage, journeys};

journeys!(a_burst_survives_kills, a_backlog_survives_a_row_of_kills);

const CUSTOMERS: i64 = 20;
const MESSAGES: usize = 10;
/// Each has a quarter of the customers.
const OPERATORS: [i64; 4] = [3201, 3202, 3203, 3204];

fn operator_of(customer: i64) -> i64 {
    OPERATORS[usize::try_from(customer).expect("small") % OPERATORS.len()]
}

async fn a_burst_survives_kills(stage: &Stage) {
    let desk = stage.open().await;
    for operator in OPERATORS {
        stage
            .operator(operator, &format!("Оператор{operator}"))
            .await;
        stage.starts(operator).await;
    }
    join_all((0..CUSTOMERS).map(|customer| begin(stage, customer))).await;
    stage.rests(&desk).await;

    let burst = async {
        for number in 0..MESSAGES {
            for customer in 0..CUSTOMERS {
                stage
                    .says(2200 + customer, &format!("{customer}:{number}"))
                    .await;
            }
            for operator in OPERATORS {
                stage.says(operator, &format!("{operator}:{number}")).await;
            }
        }
    };
    let kills = async {
        let mut desk = desk;
        for moment in [40, 230, 90, 310, 150] {
            tokio::time::sleep(Duration::from_millis(moment)).await;
            desk = stage.restart(desk).await;
        }
        desk
    };
    let ((), desk) = futures_util::future::join(burst, kills).await;

    let look = async || {
        let all = arrived(stage).await;
        let whole = |one: &Arrived| one.numbers.last() == Some(&(MESSAGES - 1)) || one.asked > 0;
        all.iter().all(whole).then_some(())
    };
    stage.until("everything that was written", look).await;
    stage.rests(&desk).await;
    for one in arrived(stage).await {
        one.is_whole();
    }
    let twice =
        "SELECT message_text FROM ticket_messages GROUP BY message_text HAVING COUNT(*) > 1";
    assert!(stage.column(twice).await.is_empty());
    let burst = "SELECT COUNT(*) FROM ticket_messages WHERE message_text LIKE '%:%'";
    let written = 10 * (CUSTOMERS + 4);
    assert_eq!(stage.number(burst).await, written);
}

async fn a_backlog_survives_a_row_of_kills(stage: &Stage) {
    let desk = stage.open().await;
    stage.dialog().await;
    stage.rests(&desk).await;
    desk.kill();
    for number in 0..150 {
        stage.says(IVAN, &format!("7:{number}")).await;
    }
    // Killed as soon as it has begun, again and again: nothing that waits its turn is to blame.
    let mut desk = stage.open().await;
    for _ in 0..8 {
        desk = stage.restart(desk).await;
    }
    let look = async || {
        let (_, numbers) = of(&texts(stage, OLGA).await, "7");
        (numbers.last() == Some(&149)).then_some(())
    };
    stage.until("the backlog", look).await;
    stage.rests(&desk).await;
    let shown = texts(stage, OLGA).await;
    let (_, mut numbers) = of(&shown, "7");
    assert!(numbers.is_sorted(), "{numbers:?}");
    numbers.dedup();
    // What was under way at two of the kills is not sent a third time: its operator decides.
    let asked = shown.iter().filter(|text| text.contains("неизвестно"));
    assert!(numbers.len() + asked.count() >= 150, "{numbers:?}");
    let kept = "SELECT COUNT(*) FROM ticket_messages";
    assert_eq!(stage.number(kept).await, 151);
}

async fn begin(stage: &Stage, customer: i64) {
    let who = 2200 + customer;
    let question = format!("вопрос-{customer}.");
    stage.person(who, &format!("Клиент{customer}")).await;
    stage.asks(who, &question).await;
    stage.takes(operator_of(customer), &question).await;
    stage.sees(who, "Оператор подключился").await;
}

/// What arrived of somebody's messages.
struct Arrived {
    who: String,
    /// Their numbers, in order.
    numbers: Vec<usize>,
    /// How many are marked as perhaps repeated, or of unknown outcome.
    marks: usize,
    /// Of how many an operator was asked whether to send them again: what is under way at two of the
    /// kills is not sent a third time.
    asked: usize,
}

impl Arrived {
    fn is_whole(&self) {
        let Self { who, numbers, .. } = self;
        let mut once = numbers.clone();
        once.dedup();
        assert!(once.is_sorted(), "{who}: {numbers:?}");
        assert!(once.len() + self.asked >= MESSAGES, "{who}: {numbers:?}");
        let repeats = numbers.len() - once.len();
        let twice = numbers.chunk_by(|a, b| a == b).all(|same| same.len() <= 2);
        assert!(twice, "{who}: {numbers:?}");
        // What came first may have been what was not accepted: marks may outnumber repeats.
        assert!(self.marks >= repeats, "{who}: {numbers:?}");
    }
}

async fn arrived(stage: &Stage) -> Vec<Arrived> {
    let mut all = Vec::new();
    let mut phones = Vec::new();
    for operator in OPERATORS {
        phones.push((operator, texts(stage, operator).await));
    }
    let shown = |operator| {
        let found = phones.iter().find(|(of, _)| *of == operator);
        &found.expect("a phone").1
    };
    let with = |shown: &[String], words: &[&str]| {
        let has = |text: &&String| words.iter().any(|words| text.contains(words));
        shown.iter().filter(has).count()
    };
    for customer in 0..CUSTOMERS {
        let shown = shown(operator_of(customer));
        let (marks, numbers) = of(shown, &customer.to_string());
        all.push(Arrived {
            who: format!("customer {customer}"),
            numbers,
            marks,
            asked: with(shown, &["сообщение клиента не дошло"]),
        });
    }
    for operator in OPERATORS {
        let mut numbers = Vec::new();
        for customer in 0..CUSTOMERS {
            numbers.extend(of(&texts(stage, 2200 + customer).await, &operator.to_string()).1);
        }
        all.push(Arrived {
            who: format!("operator {operator}"),
            numbers,
            marks: with(shown(operator), &["дважды", "неизвестно"]),
            asked: with(shown(operator), &["неизвестно, доставлено ли"]),
        });
    }
    all
}

async fn texts(stage: &Stage, chat: i64) -> Vec<String> {
    let heard = stage.heard(chat).await;
    let text = |message: &Value| message["text"].as_str().map(str::to_owned);
    heard.iter().filter_map(text).collect()
}

fn of(texts: &[String], who: &str) -> (usize, Vec<usize>) {
    let mut marks = 0;
    let mut numbers = Vec::new();
    for text in texts {
        let last = text.lines().last().unwrap_or_default();
        if let Some((of, number)) = last.split_once(':')
            && of == who
            && let Ok(number) = number.parse()
        {
            marks += usize::from(text.contains("Возможно, это уже приходило"));
            numbers.push(number);
        }
    }
    (marks, numbers)
}
