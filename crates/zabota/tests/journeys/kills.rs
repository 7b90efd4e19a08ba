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
        all.iter()
            .all(|(_, _, numbers)| numbers.last() == Some(&(MESSAGES - 1)))
            .then_some(all)
    };
    let all = stage.until("everything that was written", look).await;
    stage.rests(&desk).await;
    for (who, marks, numbers) in all {
        let mut once = numbers.clone();
        once.dedup();
        assert_eq!(
            once,
            (0..MESSAGES).collect::<Vec<_>>(),
            "{who}: {numbers:?}"
        );
        let repeats = numbers.len() - once.len();
        assert!(
            numbers.chunk_by(|a, b| a == b).all(|same| same.len() <= 2),
            "{who}: {numbers:?}"
        );
        // What came first may have been what was not accepted: marks may outnumber repeats.
        assert!(marks >= repeats, "{who}: {repeats} repeats, {marks} marks");
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

/// Whose messages arrived: how many marked as perhaps repeated, and their numbers in order.
async fn arrived(stage: &Stage) -> Vec<(String, usize, Vec<usize>)> {
    let mut all = Vec::new();
    let mut phones = Vec::new();
    for operator in OPERATORS {
        phones.push((operator, texts(stage, operator).await));
    }
    for customer in 0..CUSTOMERS {
        let operator = operator_of(customer);
        let (_, shown) = phones
            .iter()
            .find(|(of, _)| *of == operator)
            .expect("a phone");
        let (marks, numbers) = of(shown, &customer.to_string());
        all.push((format!("customer {customer}"), marks, numbers));
    }
    for operator in OPERATORS {
        let name = operator.to_string();
        let mut numbers = Vec::new();
        for customer in 0..CUSTOMERS {
            numbers.extend(of(&texts(stage, 2200 + customer).await, &name).1);
        }
        let (_, shown) = phones
            .iter()
            .find(|(of, _)| *of == operator)
            .expect("a phone");
        let told = shown
            .iter()
            .filter(|text| text.contains("дважды") || text.contains("неизвестно"));
        all.push((format!("operator {operator}"), told.count(), numbers));
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
