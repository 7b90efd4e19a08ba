//! A messenger that fails in every way it can: nothing is lost, order is kept, and what may have
//! arrived twice says so.

use serde_json::{Value, json};

use crate::stage::{BOT, GROUP, IVAN, MARIA, OLGA, Stage, journeys};

journeys!(
    asked_to_wait_it_waits,
    every_fault_once_each,
    errors_for_a_while,
    a_customer_who_blocked_the_bot,
    an_outcome_that_stays_unknown,
    an_outcome_that_was_unknown_once,
    an_operator_is_told_of_repeats,
    trouble_with_questions_and_files,
);

/// What a phone shows of these numbered messages, in order.
async fn numbers(stage: &Stage, chat: i64) -> Vec<u32> {
    let heard = stage.heard(chat).await;
    let texts = heard.iter().filter_map(|message| message["text"].as_str());
    texts
        .filter_map(|text| text.lines().last()?.parse().ok())
        .collect()
}

async fn arrive(stage: &Stage, chat: i64, last: u32) -> Vec<u32> {
    let look = async || {
        let numbers = numbers(stage, chat).await;
        (numbers.last() == Some(&last)).then_some(numbers)
    };
    stage.until(format!("{last} in {chat}"), look).await
}

async fn fault(stage: &Stage, fault: Value) {
    stage.hand("faults", fault).await;
}

async fn asked_to_wait_it_waits(stage: &Stage) {
    let desk = stage.open().await;
    stage.dialog().await;
    stage.rests(&desk).await;
    fault(
        stage,
        json!({ "chat": IVAN, "kind": "too_many", "retry_after": 2 }),
    )
    .await;
    for number in 1..=3 {
        stage.says(OLGA, &number.to_string()).await;
    }
    // Others need not wait.
    stage.says(MARIA, "/start").await;
    stage.sees(MARIA, "Здравствуйте").await;
    assert!(numbers(stage, IVAN).await.is_empty());
    assert_eq!(arrive(stage, IVAN, 3).await, [1, 2, 3]);
    let calls = stage.look("calls?since=0").await;
    let calls = calls["calls"].as_array().expect("calls").iter();
    let to_ivan = calls.filter(|call| {
        call["params"]["chat_id"]
            .to_string()
            .contains(&IVAN.to_string())
    });
    let mut to_ivan = to_ivan.skip_while(|call| call["status"] != 429);
    let asked = to_ivan.next().expect("a 429")["at"]
        .as_f64()
        .expect("a time");
    let next = to_ivan.next().expect("another try")["at"]
        .as_f64()
        .expect("a time");
    assert!((2.0..3.5).contains(&(next - asked)), "{asked} {next}");
}

async fn every_fault_once_each(stage: &Stage) {
    let _desk = stage.open().await;
    stage.dialog().await;
    let faults = [
        json!({ "kind": "error", "status": 500 }),
        json!({ "kind": "html", "status": 502 }),
        json!({ "kind": "drop_before" }),
        json!({ "kind": "drop_after" }),
        json!({ "kind": "slow", "ms": 300 }),
    ];
    for (at, mut failing) in (0..).zip(faults) {
        failing["chat"] = json!(IVAN);
        fault(stage, failing.clone()).await;
        for number in 1..=3 {
            stage.says(OLGA, &(at * 3 + number).to_string()).await;
        }
        let shown = arrive(stage, IVAN, at * 3 + 3).await;
        let mut once = shown.clone();
        once.dedup();
        assert_eq!(once, (1..=at * 3 + 3).collect::<Vec<_>>(), "{failing}");
        let repeats = usize::from(at >= 3);
        assert!(shown.len() <= once.len() + repeats, "{failing}: {shown:?}");
    }
    let kept = "SELECT COUNT(*) FROM ticket_messages WHERE sender_type = 'operator'";
    assert_eq!(stage.number(kept).await, 15);
}

async fn errors_for_a_while(stage: &Stage) {
    let desk = stage.open().await;
    stage.dialog().await;
    stage.rests(&desk).await;
    // Nobody is reached at all, neither for sending nor for polling.
    fault(stage, json!({ "kind": "drop_before", "times": 0 })).await;
    stage.says(IVAN, "1").await;
    stage.says(OLGA, "1").await;
    stage.says(IVAN, "2").await;
    let not_ready = async || (desk.page("/readyz").await.0 == 503).then_some(());
    stage
        .until("a desk that says what is wrong", not_ready)
        .await;
    assert!(desk.page("/readyz").await.1.contains("telegram"));
    stage.heal().await;
    assert_eq!(arrive(stage, OLGA, 2).await, [1, 2]);
    assert_eq!(arrive(stage, IVAN, 1).await, [1]);
    stage.ready(&desk).await;

    fault(
        stage,
        json!({ "chat": OLGA, "kind": "error", "status": 503, "times": 4 }),
    )
    .await;
    for number in 3..=5 {
        stage.says(IVAN, &number.to_string()).await;
    }
    let shown = arrive(stage, OLGA, 5).await;
    assert_eq!(shown, [1, 2, 3, 4, 5], "{}", stage.everything().await);
}

async fn a_customer_who_blocked_the_bot(stage: &Stage) {
    let desk = stage.open().await;
    stage.dialog().await;
    stage
        .hand("block", json!({ "person": IVAN, "bot": BOT }))
        .await;
    stage.says(OLGA, "вы здесь?").await;
    stage.sees(OLGA, "не доставлено").await;
    stage.key(OLGA, "Отправить ещё раз").await;
    stage
        .hand("unblock", json!({ "person": IVAN, "bot": BOT }))
        .await;
    let (message, again) = stage.key(OLGA, "Отправить ещё раз").await;
    stage.presses_data(OLGA, OLGA, message, &again).await;
    stage.sees(IVAN, "вы здесь?").await;
    // Once is once, however often it is pressed.
    stage.press(OLGA, OLGA, message, &again).await;
    stage.says(OLGA, "хорошо").await;
    stage.sees(IVAN, "хорошо").await;
    stage.rests(&desk).await;
    let heard = stage.heard(IVAN).await;
    assert_eq!(heard.iter().filter(|m| m["text"] == "вы здесь?").count(), 1);
    let kept = "SELECT message_text FROM ticket_messages ORDER BY id";
    assert_eq!(
        stage.column(kept).await,
        ["где мой заказ?", "вы здесь?", "хорошо"]
    );
}

async fn an_outcome_that_stays_unknown(stage: &Stage) {
    let desk = stage.open().await;
    stage.dialog().await;
    stage.rests(&desk).await;
    fault(
        stage,
        json!({ "chat": IVAN, "kind": "drop_after", "times": 2 }),
    )
    .await;
    stage.says(OLGA, "1").await;
    stage.sees(OLGA, "неизвестно, доставлено ли").await;
    stage.says(OLGA, "2").await;
    assert_eq!(arrive(stage, IVAN, 2).await, [1, 1, 2]);
    stage.presses(OLGA, OLGA, "Отправить ещё раз").await;
    assert_eq!(arrive(stage, IVAN, 1).await, [1, 1, 2, 1]);
}

async fn an_outcome_that_was_unknown_once(stage: &Stage) {
    let desk = stage.open().await;
    stage.dialog().await;
    stage.rests(&desk).await;
    fault(stage, json!({ "chat": IVAN, "kind": "drop_after" })).await;
    stage.says(OLGA, "1").await;
    stage.says(OLGA, "2").await;
    assert_eq!(arrive(stage, IVAN, 2).await, [1, 1, 2]);
    stage.sees(OLGA, "мог получить это дважды").await;
}

async fn an_operator_is_told_of_repeats(stage: &Stage) {
    let desk = stage.open().await;
    stage.dialog().await;
    stage.rests(&desk).await;
    fault(stage, json!({ "chat": OLGA, "kind": "drop_after" })).await;
    stage.says(IVAN, "1").await;
    stage.says(IVAN, "2").await;
    assert_eq!(arrive(stage, OLGA, 2).await, [1, 1, 2]);
    stage.sees(OLGA, "Возможно, это уже приходило").await;
}

async fn trouble_with_questions_and_files(stage: &Stage) {
    let _desk = stage.open().await;
    stage.starts(OLGA).await;
    stage.asks(IVAN, "где мой заказ?").await;
    // Whether she is an operator cannot be asked for a while: her press waits.
    fault(
        stage,
        json!({ "method": "getChatMember", "kind": "error", "status": 500, "times": 2 }),
    )
    .await;
    stage.takes(OLGA, "где мой заказ?").await;
    stage.sees(IVAN, "Оператор подключился").await;
    fault(
        stage,
        json!({ "method": "getFile", "kind": "html", "status": 502, "times": 2 }),
    )
    .await;
    let bytes = crate::stage::png(1);
    let photo = stage.file("a.png", "image/png", bytes.clone()).await;
    stage.writes(IVAN, json!({ "photo": photo })).await;
    stage.sees_kind(OLGA, "photo").await;
    let kept = async || {
        let paths = stage
            .column("SELECT media_path FROM ticket_messages WHERE content_type = 'photo'")
            .await;
        std::fs::read(stage.media().join(paths.first()?)).ok()
    };
    assert_eq!(stage.until("the photo on the disk", kept).await, bytes);
    // A group that is out of reach keeps nobody else waiting.
    fault(
        stage,
        json!({ "chat": GROUP, "kind": "error", "status": 500, "times": 3 }),
    )
    .await;
    stage.asks(MARIA, "а мой?").await;
}
