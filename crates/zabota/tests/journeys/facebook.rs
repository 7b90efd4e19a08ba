//! A page whose events come twice, shuffled, or are another app's; keys, and what is typed instead of them.
//! Nothing is lost, nothing is read twice, and nothing is echoed.

use serde_json::{Value, json};

use crate::stage::{
    APP_SECRET, GROUP, OLGA, PAGE, PAGE_TOKEN, Stage, TIMUR, count, hmac, journeys, keys, numbers,
};

journeys!(
    the_same_message_again,
    a_shuffled_batch,
    another_app_holds_the_conversation,
    colleagues_are_shown_and_echoes_are_not,
    keys_and_what_is_typed,
    an_app_that_was_unsubscribed,
);

async fn the_same_message_again(stage: &Stage) {
    let desk = stage.in_dialog(stage.facebook(TIMUR)).await;
    let timur = stage.facebook(TIMUR);
    let mut mids = Vec::new();
    for number in 1..=3 {
        mids.push(timur.says(&number.to_string()).await);
    }
    stage.reads(stage.telegram(OLGA), 3).await;
    for mid in mids.iter().rev().chain(&mids) {
        let again = json!({ "chat": PAGE, "mid": mid });
        stage.hand("facebook/redeliver", again).await;
    }
    timur.says("4").await;
    assert_eq!(stage.reads(stage.telegram(OLGA), 4).await, [1, 2, 3, 4]);
    stage.rests(&desk).await;
    assert_eq!(numbers(&stage.heard(OLGA).await), [1, 2, 3, 4]);
    assert_eq!(
        stage.number("SELECT COUNT(*) FROM ticket_messages").await,
        5
    );
}

async fn a_shuffled_batch(stage: &Stage) {
    let desk = stage.in_dialog(stage.facebook(TIMUR)).await;
    let said = |number: i64| {
        json!({ "sender": { "id": TIMUR.to_string() }, "recipient": { "id": PAGE.to_string() },
            "timestamp": 1_900_000_000_000_i64 + number,
            "message": { "mid": format!("m_shuffled-{number}"), "text": number.to_string() } })
    };
    let entry = |numbers: &[i64]| {
        let all: Vec<Value> = numbers.iter().map(|number| said(*number)).collect();
        json!({ "id": PAGE.to_string(), "time": 1, "messaging": all })
    };
    // Two of them a second time, as batches are that were perhaps not taken.
    let body =
        json!({ "object": "page", "entry": [entry(&[3, 1, 3]), entry(&[5]), entry(&[4, 2, 1])] });
    let whole = json!({ "chat": PAGE, "update": body });
    stage.hand("facebook/updates", whole).await;
    assert_eq!(stage.reads(stage.telegram(OLGA), 5).await, [1, 2, 3, 4, 5]);
    stage.rests(&desk).await;
    assert_eq!(
        stage.number("SELECT COUNT(*) FROM ticket_messages").await,
        6
    );
}

async fn another_app_holds_the_conversation(stage: &Stage) {
    let _desk = stage.in_dialog(stage.facebook(TIMUR)).await;
    let timur = stage.facebook(TIMUR);
    let held_by = |owner: &str| json!({ "person": TIMUR, "chat": PAGE, "owner": owner });
    stage.hand("facebook/thread", held_by("inbox")).await;
    timur.says("меня кто-нибудь слышит?").await;
    stage.sees(OLGA, "меня кто-нибудь слышит?").await;
    stage.says(OLGA, "1").await;
    let why = stage.sees(OLGA, "не доставлено").await;
    assert!(
        why["text"]
            .as_str()
            .is_some_and(|text| text.contains("другое приложение")),
        "{why}"
    );
    stage.hand("facebook/thread", held_by("app")).await;
    stage.presses(OLGA, OLGA, "Отправить ещё раз").await;
    assert_eq!(stage.reads(timur, 1).await, [1]);
}

async fn colleagues_are_shown_and_echoes_are_not(stage: &Stage) {
    let desk = stage.in_dialog(stage.facebook(TIMUR)).await;
    let timur = stage.facebook(TIMUR);
    stage.says(OLGA, "это Ольга").await;
    timur.sees("это Ольга").await;
    stage
        .inbox_writes(TIMUR, json!({ "text": "а это коллега из ящика" }))
        .await;
    let shown = stage.sees(OLGA, "а это коллега").await;
    let text = shown["text"].as_str().unwrap_or_default();
    assert!(text.contains("отвечает из окна мессенджера"), "{text}");
    stage.rests(&desk).await;
    assert_eq!(count(&timur.messages().await, "а это коллега"), 1);
    assert_eq!(count(&stage.heard(OLGA).await, "это Ольга"), 0);
    assert_eq!(count(&stage.heard(GROUP).await, "это Ольга"), 0);
    let kept = "SELECT sender_type, message_text FROM ticket_messages ORDER BY id";
    let kept: Vec<_> = stage
        .sql(kept)
        .await
        .into_iter()
        .flatten()
        .flatten()
        .collect();
    let words = [
        "user",
        &format!("вопрос-{TIMUR}."),
        "operator",
        "это Ольга",
        "operator",
        "а это коллега из ящика",
    ];
    assert_eq!(kept, words);
}

async fn keys_and_what_is_typed(stage: &Stage) {
    let desk = stage.open_everywhere(&[]).await;
    let timur = stage.facebook(TIMUR);
    timur.begins().await;
    let menu = timur.sees("Здравствуйте").await;
    let labels: Vec<&str> = keys(&menu).map(|(label, _)| label).collect();
    assert!(
        labels.iter().all(|label| label.chars().count() <= 20),
        "{labels:?}"
    );
    let (_, old) = timur.key("Обращение по гарантии").await;
    let shortened = labels[0].to_owned();
    assert!(shortened.contains('…'), "{labels:?}");
    for typed in [
        "Обращение по гарантии",
        "обращение по гарантии",
        &shortened,
        "1",
    ] {
        timur.says("/start").await;
        stage.rests(&desk).await;
        let before = timur.heard().await.len();
        timur.says(typed).await;
        let led = async || {
            let heard = timur.heard().await;
            let last = heard.get(before..)?.last()?["text"].as_str()?;
            last.contains("где был куплен товар").then_some(())
        };
        stage.until(format!("«{typed}» understood"), led).await;
    }
    // Where messages are taken, the label of the key is no message either.
    timur.says("/start").await;
    timur.presses("Другой вопрос").await;
    timur.sees("О чём вопрос").await;
    let (way, _) = timur.key("Отправить сообщение сотруднику").await;
    let shown = timur
        .sees_one("the way on", |m| m["message_id"] == way)
        .await;
    let label = keys(&shown)
        .next()
        .map(|(label, _)| label.to_owned())
        .expect("a label");
    timur.says(&label).await;
    timur.sees("Пришлите сообщение").await;
    // A key of long ago, as somebody's screen may still show it.
    let press = json!({ "from": TIMUR, "chat": PAGE, "data": old, "forge": true });
    stage.hand("facebook/press", press.clone()).await;
    timur.sees("уже не действует").await;
    timur.says("где моя ложка?").await;
    stage.sees(GROUP, "где моя ложка?").await;
    // A button that another program has put there: its words are what Timur says.
    let press = json!({ "from": TIMUR, "chat": PAGE, "data": "BUY_NOW", "forge": true });
    stage.hand("facebook/press", press).await;
    stage.sees(GROUP, "Button").await;
    stage.rests(&desk).await;
    assert_eq!(stage.number("SELECT COUNT(*) FROM tickets").await, 1);
}

async fn an_app_that_was_unsubscribed(stage: &Stage) {
    let desk = stage.in_dialog(stage.facebook(TIMUR)).await;
    let proof = hmac(APP_SECRET, PAGE_TOKEN.as_bytes());
    let url = format!(
        "{}/v25.0/{PAGE}/subscribed_apps?appsecret_proof={proof}",
        stage.sandbox_url()
    );
    let client = reqwest::Client::builder()
        .no_proxy()
        .build()
        .expect("a client");
    let answer = client
        .delete(url)
        .bearer_auth(PAGE_TOKEN)
        .send()
        .await
        .expect("an answer");
    assert!(answer.status().is_success());
    let subscribed = async || {
        let page = stage.account("facebook").await;
        let fields = page["webhook"]["subscribed_fields"].as_array();
        fields.map(Vec::len)
    };
    assert_eq!(subscribed().await, None);
    let desk = stage.restart(desk).await;
    stage
        .until("a page that is subscribed again", subscribed)
        .await;
    stage.facebook(TIMUR).says("1").await;
    stage.reads(stage.telegram(OLGA), 1).await;
    stage.rests(&desk).await;
}
