//! What comes in: each update once, however often it is brought, and nothing unreadable stops the rest.

use serde_json::{Value, json};
use store::testing::Server;

use crate::stage::{BOT, Desk, GROUP, IVAN, OLGA, Stage, free_port, journeys, play_with_server};

journeys!(
    the_same_update_twice,
    a_restart_goes_on_where_it_was,
    a_webhook_wants_its_secret,
    what_cannot_be_read_is_set_aside,
);

/// The ids of all updates handed out so far.
async fn update_ids(stage: &Stage) -> Vec<i64> {
    let polls = stage.calls("getUpdates").await;
    let ids = polls.iter().filter_map(|call| {
        call["answer"]["update_ids"]
            .as_array()
            .or(call["update_ids"].as_array())
    });
    ids.flatten().filter_map(Value::as_i64).collect()
}

async fn the_same_update_twice(stage: &Stage) {
    let desk = stage.open().await;
    stage.dialog().await;
    stage.says(IVAN, "ровно один раз").await;
    stage.sees(OLGA, "ровно один раз").await;
    stage.rests(&desk).await;
    let before = (stage.heard(IVAN).await.len(), stage.heard(OLGA).await.len());
    let ids = update_ids(stage).await;
    assert!(
        ids.len() > 4,
        "{:?}",
        stage.calls("getUpdates").await.last()
    );
    for id in &ids {
        stage
            .hand("redeliver", json!({ "bot": BOT, "update_id": id }))
            .await;
    }
    let again = async || (update_ids(stage).await.len() >= 2 * ids.len()).then_some(());
    stage.until("everything once more", again).await;
    stage.says(IVAN, "а это новое").await;
    stage.sees(OLGA, "а это новое").await;
    stage.rests(&desk).await;
    let after = (stage.heard(IVAN).await.len(), stage.heard(OLGA).await.len());
    assert_eq!(
        after,
        (before.0, before.1 + 1),
        "{}",
        stage.everything().await
    );
    let kept = "SELECT message_text FROM ticket_messages ORDER BY id";
    assert_eq!(
        stage.column(kept).await,
        ["где мой заказ?", "ровно один раз", "а это новое"]
    );
}

async fn a_restart_goes_on_where_it_was(stage: &Stage) {
    let desk = stage.open().await;
    stage.dialog().await;
    stage.rests(&desk).await;
    let handed_out = update_ids(stage).await;
    let _desk = stage.restart(desk).await;
    stage.says(IVAN, "пока вас не было").await;
    stage.sees(OLGA, "пока вас не было").await;
    let polls = stage.calls("getUpdates").await;
    let after: Vec<i64> = update_ids(stage).await.split_off(handed_out.len());
    assert_eq!(
        after.len(),
        1,
        "only what was not confirmed: {:?}",
        polls.last()
    );
}

/// A desk with a webhook.
async fn with_webhook(stage: &Stage) -> Desk {
    let port = free_port();
    let url = format!("http://127.0.0.1:{port}");
    let settings = [
        ("TELEGRAM_WEBHOOK_SECRET", "a_secret-1"),
        ("PUBLIC_URL", url.as_str()),
    ];
    let desk = stage.begin(port, &settings);
    stage.ready(&desk).await;
    desk
}

async fn bring(desk: &Desk, secret: Option<&str>, body: String) -> u16 {
    let client = reqwest::Client::builder()
        .no_proxy()
        .build()
        .expect("a client");
    let mut request = client.post(desk.url() + "/webhooks/telegram").body(body);
    if let Some(secret) = secret {
        request = request.header("X-Telegram-Bot-Api-Secret-Token", secret);
    }
    request.send().await.expect("an answer").status().as_u16()
}

fn update(id: i64, text: &str) -> String {
    let person = json!({ "id": IVAN, "is_bot": false, "first_name": "Иван" });
    let chat = json!({ "id": IVAN, "type": "private", "first_name": "Иван" });
    let message =
        json!({ "message_id": id, "date": 1, "from": person, "chat": chat, "text": text });
    json!({ "update_id": id, "message": message }).to_string()
}

async fn a_webhook_wants_its_secret(stage: &Stage) {
    let desk = with_webhook(stage).await;
    stage.dialog().await;
    stage.rests(&desk).await;
    let rows = "SELECT COUNT(*) FROM inbox";
    let before = stage.number(rows).await;
    for wrong in [None, Some(""), Some("a_secret-2"), Some("a_secret-11")] {
        assert_eq!(bring(&desk, wrong, update(990_001, "подделка")).await, 403);
    }
    assert_eq!(stage.number(rows).await, before);
    for _ in 0..2 {
        let status = bring(&desk, Some("a_secret-1"), update(990_002, "дважды")).await;
        assert_eq!(status, 200);
    }
    stage.sees(OLGA, "дважды").await;
    stage.rests(&desk).await;
    let kept = "SELECT message_text FROM ticket_messages ORDER BY id";
    assert_eq!(stage.column(kept).await, ["где мой заказ?", "дважды"]);
    // What is no update at all is taken, shown, and never brought again.
    assert_eq!(
        bring(&desk, Some("a_secret-1"), "не JSON".to_owned()).await,
        200
    );
    let counted = async || (desk.figure("zabota_set_aside").await > 0.0).then_some(());
    stage.until("something set aside", counted).await;
}

async fn what_cannot_be_read_is_set_aside(stage: &Stage) {
    let desk = stage.open().await;
    stage.dialog().await;
    for strange in [
        json!({ "message": { "message_id": "семь", "chat": 7 } }),
        json!({ "message": "нет" }),
        json!({ "something_new": { "a": 1 } }),
        json!({ "callback_query": { "id": 5 } }),
        json!({ "edited_message": { "message_id": 1, "date": 1, "chat": { "id": GROUP, "type": "новый" } } }),
    ] {
        let strange = json!({ "bot": BOT, "update": strange });
        stage.hand("updates", strange).await;
        stage.says(IVAN, "дальше").await;
    }
    let all = async || {
        let heard = stage.heard(OLGA).await;
        (heard.iter().filter(|m| m["text"] == "дальше").count() == 5).then_some(())
    };
    stage.until("everything else", all).await;
    assert!(
        desk.figure("zabota_set_aside").await >= 2.0,
        "{}",
        desk.page("/metrics").await.1
    );
    assert_eq!(desk.page("/readyz").await.0, 200);
}

#[test]
fn a_webhook_says_503_while_the_database_is_away() {
    play_with_server(webhook_without_database);
}

async fn webhook_without_database(stage: &Stage, server: &Server) {
    let desk = with_webhook(stage).await;
    stage.dialog().await;
    stage.rests(&desk).await;
    server.stop();
    assert_eq!(
        bring(&desk, Some("a_secret-1"), update(990_003, "рано")).await,
        503
    );
    stage.says(IVAN, "не потеряйте").await;
    let not_ready = async || (desk.page("/readyz").await.0 == 503).then_some(());
    stage.until("not ready", not_ready).await;
    server.resume();
    stage.ready(&desk).await;
    // Telegram waits longer and longer: here it need not.
    stage.hand("clock", json!({ "advance": 60 })).await;
    stage.sees(OLGA, "не потеряйте").await;
    let kept = "SELECT COUNT(*) FROM ticket_messages";
    assert_eq!(stage.number(kept).await, 2);
}
