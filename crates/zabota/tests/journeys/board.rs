//! The pinned list of open dialogs: true, one, pinned, and within what the group can bear.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::stage::{GROUP, IVAN, MARIA, OLGA, Stage, journeys};

journeys!(
    it_follows_the_dialogs,
    it_heals_with_the_next_change,
    it_heals_by_itself,
    sixty_dialogs_within_the_budget,
);

/// The list that people see: the newest message that is pinned.
async fn pinned(stage: &Stage) -> Option<Value> {
    let messages = stage.chat(GROUP).await;
    messages.into_iter().rev().find(|m| m["pinned"] == true)
}

/// Waits until the pinned list reads so; it.
async fn reads(stage: &Stage, words: &str) -> Value {
    let look = async || {
        let board = pinned(stage).await?;
        board["text"].as_str()?.contains(words).then_some(board)
    };
    stage.until(format!("a pinned «{words}»"), look).await
}

/// As a bot, past the desk: what an administrator would do by hand.
async fn by_hand(stage: &Stage, method: &str, message: &Value) {
    let url = format!(
        "{}/{method}?chat_id={GROUP}&message_id={}",
        stage.bot(),
        message["message_id"]
    );
    let answer = reqwest::get(url).await.expect("an answer");
    assert!(
        answer.status().is_success(),
        "{}",
        answer.text().await.unwrap_or_default()
    );
}

async fn it_follows_the_dialogs(stage: &Stage) {
    let desk = stage.open().await;
    stage.starts(OLGA).await;
    stage.asks(IVAN, "где чайник?").await;
    let first = reads(stage, "№ 1 · Иван · Telegram · ждёт 0 мин").await;
    stage.asks(MARIA, "где чашка?").await;
    reads(stage, "Открытых диалогов: 2").await;
    stage.takes(OLGA, "где чайник?").await;
    let both = reads(stage, "№ 1 · Иван · Telegram · Ольга, 0 мин").await;
    let text = both["text"].as_str().expect("a text");
    assert!(text.contains("№ 2 · Мария · Telegram · ждёт"), "{text}");
    stage.presses(OLGA, OLGA, "Завершить диалог").await;
    reads(stage, "Открытых диалогов: 1\n№ 2").await;
    stage.takes(OLGA, "где чашка?").await;
    stage.presses(OLGA, OLGA, "Завершить диалог").await;
    let last = reads(stage, "Открытых диалогов нет").await;
    assert_eq!(last["message_id"], first["message_id"]);
    stage.rests(&desk).await;
    let lists = stage.heard(GROUP).await;
    let lists = lists.iter().filter(|m| {
        m["text"]
            .as_str()
            .is_some_and(|t| t.contains("Открытых диалогов"))
    });
    assert_eq!(lists.count(), 1);
}

async fn it_heals_with_the_next_change(stage: &Stage) {
    let mut desk = stage.open().await;
    stage.starts(OLGA).await;
    stage.asks(IVAN, "где чайник?").await;
    let first = reads(stage, "Открытых диалогов: 1").await;
    by_hand(stage, "deleteMessage", &first).await;
    stage.asks(MARIA, "где чашка?").await;
    let second = reads(stage, "Открытых диалогов: 2").await;
    assert_ne!(second["message_id"], first["message_id"]);
    by_hand(stage, "unpinChatMessage", &second).await;
    // Also one that has just been started knows which message it was.
    stage.rests(&desk).await;
    desk = stage.restart(desk).await;
    stage.takes(OLGA, "где чайник?").await;
    let third = reads(stage, "№ 1 · Иван · Telegram · Ольга").await;
    assert_eq!(third["message_id"], second["message_id"]);
    stage.rests(&desk).await;
    let lists = stage.heard(GROUP).await;
    let lists = lists.iter().filter(|m| {
        m["text"]
            .as_str()
            .is_some_and(|t| t.contains("Открытых диалогов"))
    });
    assert_eq!(lists.count(), 1);
}

async fn it_heals_by_itself(stage: &Stage) {
    let _desk = stage.open().await;
    stage.asks(IVAN, "где чайник?").await;
    let first = reads(stage, "Открытых диалогов: 1").await;
    by_hand(stage, "deleteMessage", &first).await;
    assert!(pinned(stage).await.is_none());
    ten_minutes_pass(stage).await;
    let second = reads(stage, "Открытых диалогов: 1").await;
    assert_ne!(second["message_id"], first["message_id"]);
    by_hand(stage, "unpinChatMessage", &second).await;
    assert!(pinned(stage).await.is_none());
    ten_minutes_pass(stage).await;
    let third = reads(stage, "Открытых диалогов: 1").await;
    assert_eq!(third["message_id"], second["message_id"]);
}

/// The desk has a clock of its own: what it waits for is due now.
async fn ten_minutes_pass(stage: &Stage) {
    stage
        .script("UPDATE timers SET due = 0 WHERE timer LIKE '%board%'")
        .await;
}

async fn sixty_dialogs_within_the_budget(stage: &Stage) {
    let desk = stage.open().await;
    stage.starts(OLGA).await;
    let customers: Vec<i64> = (2101..2161).collect();
    for some in customers.chunks(15) {
        join_all(some.iter().map(|who| async move {
            stage.person(*who, &format!("Константин-{who}")).await;
            stage.asks(*who, &format!("вопрос-{who}.")).await;
        }))
        .await;
    }
    let board = reads(stage, "Открытых диалогов: 60").await;
    let text = board["text"].as_str().expect("a text");
    assert!(text.contains("…и ещё 30"), "{text}");
    assert_eq!(text.lines().count(), 32);
    stage.rests(&desk).await;
    drop(desk);

    // From now on the group bears 20 operations a minute, as the real one.
    stage.hand("limits", json!({ "enforce": true })).await;
    stage
        .script("UPDATE leases SET until = 0; UPDATE copies SET seen_at = 0")
        .await;
    let _desk = stage.open_with(&[("LIMITS", "platform")]).await;
    for who in &customers[..4] {
        stage.takes(OLGA, &format!("вопрос-{who}.")).await;
    }
    stage.says(OLGA, "/bye").await;
    stage.says(OLGA, "/bye").await;
    let look = async || {
        let board = pinned(stage).await?;
        let text = board["text"].as_str()?;
        let taken = text.matches("· Ольга,").count();
        (text.contains("Открытых диалогов: 58") && taken == 2).then_some(())
    };
    // What cannot leave now leaves a little later.
    let within = stage.within(Duration::from_mins(1), look).await;
    assert!(within.is_some(), "{}", stage.everything().await);
    let calls = stage.look("calls?since=0").await;
    let calls = calls["calls"].as_array().expect("calls").iter();
    let refused: Vec<&Value> = calls.filter(|call| call["status"] == 429).collect();
    assert_eq!(refused, Vec::<&Value>::new());
}
