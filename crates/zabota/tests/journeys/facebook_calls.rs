//! Calls to a page's messenger that fail, or come too late. Messenger has no key against duplicates: what is in
//! doubt goes once more at most, and says so; what cannot go is told to whoever wrote it.

use serde_json::{Value, json};

use crate::stage::{ANNA, GROUP, IVAN, OLGA, PAGE, Stage, TIMUR, count, journeys, numbers};

journeys!(
    answers_after_a_day_and_after_a_week,
    a_page_without_the_feature,
    who_has_blocked_the_page,
    told_to_wait_it_waits,
    a_token_that_is_refused,
    an_answer_that_is_dropped,
    large_files,
);

const HOUR: u32 = 3600;

async fn later(stage: &Stage, seconds: u32) {
    stage.hand("clock", json!({ "advance": seconds })).await;
}

/// How often Olga has been told something with these words.
async fn told(stage: &Stage, words: &str) -> usize {
    count(&stage.heard(OLGA).await, words)
}

/// The calls that sent words: what was sent, and with which tag.
async fn sent(stage: &Stage) -> Vec<(String, String)> {
    let calls = stage.calls_of("facebook", "messages").await;
    let words = calls.iter().filter_map(|call| {
        let params = match &call["params"] {
            Value::String(text) => serde_json::from_str(text).unwrap_or(Value::Null),
            other => other.clone(),
        };
        let text = params["message"]["text"].as_str()?.to_owned();
        let tag = params["tag"].as_str().unwrap_or("-").to_owned();
        Some((text, tag))
    });
    words.collect()
}

async fn answers_after_a_day_and_after_a_week(stage: &Stage) {
    let desk = stage.in_dialog(stage.facebook(TIMUR)).await;
    let timur = stage.facebook(TIMUR);
    stage.sees(GROUP, "Ответить можно до").await;
    later(stage, 25 * HOUR).await;
    stage.says(OLGA, "1").await;
    assert_eq!(stage.reads(timur, 1).await, [1]);
    assert_eq!(
        sent(stage).await.last(),
        Some(&("1".to_owned(), "HUMAN_AGENT".to_owned()))
    );
    later(stage, 6 * 24 * HOUR).await;
    stage.says(OLGA, "2").await;
    let why = stage.sees(OLGA, "не доставлено").await;
    assert!(
        why["text"]
            .as_str()
            .is_some_and(|text| text.contains("семи дней")),
        "{why}"
    );
    stage.rests(&desk).await;
    let calls = sent(stage).await.len();
    stage
        .never("asked again and again", async || {
            (sent(stage).await.len() > calls).then_some(())
        })
        .await;
    timur.says("я снова здесь").await;
    stage.sees(OLGA, "я снова здесь").await;
    stage.presses(OLGA, OLGA, "Отправить ещё раз").await;
    assert_eq!(stage.reads(timur, 2).await, [1, 2]);
    assert_eq!(told(stage, "не доставлено").await, 1);
}

async fn a_page_without_the_feature(stage: &Stage) {
    let desk = stage.in_dialog(stage.facebook(TIMUR)).await;
    let timur = stage.facebook(TIMUR);
    stage
        .hand(
            "facebook/pages",
            json!({ "id": PAGE, "human_agent": false }),
        )
        .await;
    later(stage, 25 * HOUR).await;
    stage.says(OLGA, "1").await;
    let why = stage.sees(OLGA, "не доставлено").await;
    assert!(
        why["text"]
            .as_str()
            .is_some_and(|text| text.contains("24 час")),
        "{why}"
    );
    // The bot's own words are refused too: they are given up, and hold nothing up.
    stage.presses(OLGA, OLGA, "Завершить диалог").await;
    stage.rests(&desk).await;
    assert_eq!(stage.column("SELECT status FROM tickets").await, ["CLOSED"]);
    let calls = stage.calls_of("facebook", "messages").await.len();
    let more = async || (stage.calls_of("facebook", "messages").await.len() > calls).then_some(());
    stage.never("asked again and again", more).await;
    let heard = timur.heard().await.len();
    timur.begins().await;
    timur.sees("Здравствуйте").await;
    stage.rests(&desk).await;
    assert!(
        timur.heard().await.len() <= heard + 2,
        "{}",
        stage.everything().await
    );
}

async fn who_has_blocked_the_page(stage: &Stage) {
    let _desk = stage.in_dialog(stage.facebook(TIMUR)).await;
    let timur = stage.facebook(TIMUR);
    let who = json!({ "person": TIMUR, "chat": PAGE });
    stage.hand("facebook/block", who.clone()).await;
    stage.says(OLGA, "1").await;
    let why = stage.sees(OLGA, "не доставлено").await;
    assert!(
        why["text"]
            .as_str()
            .is_some_and(|text| text.contains("заблокировал")),
        "{why}"
    );
    stage.hand("facebook/unblock", who).await;
    stage.presses(OLGA, OLGA, "Отправить ещё раз").await;
    assert_eq!(stage.reads(timur, 1).await, [1]);
}

async fn told_to_wait_it_waits(stage: &Stage) {
    let desk = stage.in_dialog(stage.facebook(TIMUR)).await;
    let timur = stage.facebook(TIMUR);
    for (number, fault) in (1..).zip([
        json!({ "kind": "html", "status": 502, "times": 2 }),
        json!({ "kind": "drop_before" }),
        json!({ "kind": "error", "code": 2 }),
    ]) {
        let mut fault = fault;
        fault["method"] = json!("messages");
        stage.fails("facebook", fault.clone()).await;
        stage.says(OLGA, &number.to_string()).await;
        let read = stage.reads(timur, number).await;
        assert_eq!(read, (1..=number).collect::<Vec<_>>(), "{fault}");
    }
    // Whether a dropped call had been accepted nobody can know.
    stage.rests(&desk).await;
    assert_eq!(told(stage, "мог получить это дважды").await, 2);
    let rina = 5002;
    stage.facebook_person(rina, "Рина").await;
    for (customer, limit) in [(TIMUR, 4), (rina, 613)] {
        let limit =
            json!({ "method": "messages", "kind": "error", "code": limit, "chat": customer });
        stage.fails("facebook", limit).await;
    }
    stage.says(OLGA, "4").await;
    stage.facebook(rina).begins().await;
    let waits = "SELECT COUNT(*) FROM outbox WHERE not_before IS NOT NULL AND finished_at IS NULL";
    let waiting = async || (stage.number(waits).await == 2).then_some(());
    stage.until("two who wait", waiting).await;
    stage.facebook_person(5003, "Сева").await;
    stage.facebook(5003).begins().await;
    stage.facebook(5003).sees("Здравствуйте").await;
    assert_eq!(numbers(&timur.heard().await).last(), Some(&3));
    assert!(stage.facebook(rina).heard().await.is_empty());
    assert_eq!(told(stage, "не доставлено").await, 0);
    // A minute later.
    desk.kill();
    stage.script("UPDATE outbox SET not_before = NULL").await;
    let _desk = stage.open_again(&[]).await;
    assert_eq!(stage.reads(timur, 4).await, [1, 2, 3, 4]);
    stage.facebook(rina).sees("Здравствуйте").await;
}

async fn a_token_that_is_refused(stage: &Stage) {
    let desk = stage.in_dialog(stage.facebook(TIMUR)).await;
    let timur = stage.facebook(TIMUR);
    stage
        .fails(
            "facebook",
            json!({ "kind": "error", "code": 190, "times": 0 }),
        )
        .await;
    stage.says(OLGA, "1").await;
    let named = async || {
        let (status, page) = desk.page("/readyz").await;
        (status == 503 && page.contains("facebook")).then_some(page)
    };
    let page = stage.until("a desk that says what is wrong", named).await;
    assert!(!page.contains("telegram") && !page.contains("vk"), "{page}");
    let anna = stage.vk(ANNA);
    anna.begins().await;
    anna.sees("Здравствуйте").await;
    stage.says(IVAN, "/start").await;
    stage.sees(IVAN, "Здравствуйте").await;
    stage.heal().await;
    assert_eq!(stage.reads(timur, 1).await, [1]);
    stage.ready(&desk).await;
}

async fn an_answer_that_is_dropped(stage: &Stage) {
    let desk = stage.in_dialog(stage.facebook(TIMUR)).await;
    let timur = stage.facebook(TIMUR);
    let dropped = |times: u32| json!({ "method": "messages", "kind": "drop_after", "chat": TIMUR, "times": times });
    stage.fails("facebook", dropped(1)).await;
    stage.says(OLGA, "1").await;
    stage.sees(OLGA, "мог получить это дважды").await;
    stage.says(OLGA, "2").await;
    assert_eq!(stage.reads(timur, 2).await, [1, 1, 2]);
    // The call of the second has its answer, and the faults to come are not its own.
    stage.rests(&desk).await;
    stage.fails("facebook", dropped(2)).await;
    stage.says(OLGA, "3").await;
    stage.sees(OLGA, "неизвестно, доставлено ли").await;
    stage.says(OLGA, "4").await;
    assert_eq!(stage.reads(timur, 4).await, [1, 1, 2, 3, 3, 4]);
    stage.key(OLGA, "Отправить ещё раз").await;
}

async fn large_files(stage: &Stage) {
    let _desk = stage.in_dialog(stage.facebook(TIMUR)).await;
    let timur = stage.facebook(TIMUR);
    let zip = |size: usize| [b"PK\x03\x04".to_vec(), vec![7; size - 4]].concat();
    let large = stage
        .file("large.zip", "application/zip", zip(25_000_000))
        .await;
    timur.writes(json!({ "document": large })).await;
    timur.says("1").await;
    let came = stage.telegram(OLGA).sees_kind("document").await;
    assert_eq!(came["file"]["size"], 25_000_000, "{came}");
    stage.reads(stage.telegram(OLGA), 1).await;
    // More than a bot may fetch from Telegram (20 MB), and more than Messenger takes (25 MB): Olga is told.
    for size in [21_000_000, 26_000_000] {
        let before = told(stage, "не доставлено").await;
        let file = stage.file("larger.zip", "application/zip", zip(size)).await;
        stage.writes(OLGA, json!({ "document": file })).await;
        let word = async || (told(stage, "не доставлено").await > before).then_some(());
        stage.until("word of a file that is too large", word).await;
    }
    stage.says(OLGA, "2").await;
    assert_eq!(stage.reads(timur, 2).await, [2]);
}
