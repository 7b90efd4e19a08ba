//! What a message costs: one call out, whichever way it goes, and no wait. And what else is easily lost:
//! a group's new number, a phone's one form, what is added while a ticket waits.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::stage::{GROUP, IVAN, OLGA, Stage, journeys, png};

journeys!(
    a_message_costs_one_call,
    a_group_that_becomes_a_supergroup,
    a_phone_number_is_kept_in_one_form,
    what_is_said_while_it_waits,
);

async fn calls(stage: &Stage) -> Vec<Value> {
    let calls = stage.look("calls?since=0").await;
    let mut calls = calls["calls"].as_array().expect("calls").clone();
    calls.retain(|call| call["method"] != "getUpdates");
    calls
}

async fn a_message_costs_one_call(stage: &Stage) {
    let desk = stage.open_with(&[("STORE_MEDIA_LOCAL", "false")]).await;
    stage.dialog().await;
    stage.rests(&desk).await;
    let before = calls(stage).await.len();
    let photo = stage.file("a.png", "image/png", png(1)).await;
    let began = Instant::now();
    for number in 0..10 {
        stage.says(IVAN, &number.to_string()).await;
        stage.says(OLGA, &number.to_string()).await;
    }
    stage.writes(IVAN, json!({ "photo": photo })).await;
    stage.sees_kind(OLGA, "photo").await;
    assert!(
        began.elapsed() < Duration::from_secs(5),
        "{:?}",
        began.elapsed()
    );
    stage.rests(&desk).await;
    let calls = calls(stage).await.split_off(before);
    let methods: Vec<&str> = calls
        .iter()
        .filter_map(|call| call["method"].as_str())
        .collect();
    assert_eq!(methods.len(), 21, "{methods:?}");
}

async fn a_group_that_becomes_a_supergroup(stage: &Stage) {
    let group = -4242;
    let made = json!({ "id": group, "title": "Операторы", "members": [OLGA], "bots": [1001], "type": "group" });
    stage.hand("groups", made).await;
    let _desk = stage.open_with(&[("OPERATORS_CHAT_ID", "-4242")]).await;
    stage.starts(OLGA).await;
    let new = stage
        .hand(&format!("groups/{group}/migrate"), json!({}))
        .await;
    let new = new["id"].as_i64().expect("an id");
    assert_ne!(new, GROUP);
    stage.says(IVAN, "/start").await;
    stage.presses(IVAN, IVAN, "Другой вопрос").await;
    stage
        .presses(IVAN, IVAN, "Отправить сообщение сотруднику")
        .await;
    stage.sees(IVAN, "Пришлите сообщение").await;
    stage.says(IVAN, "где мой заказ?").await;
    stage.sees(new, "где мой заказ?").await;
    let told = stage.presses(OLGA, new, "Взять в работу").await;
    assert!(told.contains("ваше"), "{told}");
    stage.sees(IVAN, "Оператор подключился").await;
    stage.says(OLGA, "здесь").await;
    stage.sees(IVAN, "здесь").await;
}

async fn a_phone_number_is_kept_in_one_form(stage: &Stage) {
    let desk = stage.open().await;
    stage.dialog().await;
    let contact = json!({ "contact": { "phone_number": "8 (916) 123-45-67", "first_name": "Иван", "user_id": IVAN } });
    stage.writes(IVAN, contact).await;
    stage.sees_kind(OLGA, "contact").await;
    stage.rests(&desk).await;
    let phone = format!("SELECT phone FROM users WHERE tg_id = {IVAN}");
    assert_eq!(stage.column(&phone).await, ["+79161234567"]);
}

async fn what_is_said_while_it_waits(stage: &Stage) {
    let desk = stage.open().await;
    stage.starts(OLGA).await;
    stage.asks(IVAN, "где мой заказ?").await;
    let photo = stage.file("a.png", "image/png", png(1)).await;
    let album = json!([{ "kind": "photo", "file": photo }, { "kind": "photo", "file": photo }]);
    stage.sends_album(IVAN, album).await;
    let added = stage.says(IVAN, "номер 17").await;
    stage.sees(GROUP, "номер 17").await;
    stage.says(IVAN, "/start").await;
    stage.sees(IVAN, "у нас").await;
    stage
        .edits(IVAN, added, json!({ "text": "номер 71" }))
        .await;
    stage.sees(GROUP, "номер 71").await;
    stage.takes(OLGA, "где мой заказ?").await;
    stage.sees(OLGA, "номер 71").await;
    stage.rests(&desk).await;
    let shown = stage.heard(OLGA).await;
    assert_eq!(shown.iter().filter(|m| m["album"].is_string()).count(), 2);
    assert_eq!(stage.number("SELECT COUNT(*) FROM tickets").await, 1);
    let kept = "SELECT content_type FROM ticket_messages ORDER BY id";
    assert_eq!(stage.column(kept).await, ["text", "photo", "photo", "text"]);
}
