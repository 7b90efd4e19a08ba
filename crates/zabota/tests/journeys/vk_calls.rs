//! Calls to a community's messenger that fail, and keys: whatever is sent arrives once, or its writer is told.

use std::time::Duration;

use serde_json::{Value, json};

use crate::stage::{
    ANNA, COMMUNITY, GROUP, IVAN, OLGA, Stage, TIMUR, count, journeys, keys, numbers, png,
};

journeys!(
    a_dropped_answer_is_no_second_message,
    an_upload_that_fails_at_each_step,
    who_cannot_be_written_to,
    told_to_wait_it_waits,
    a_token_that_is_refused,
    a_colleague_in_vks_own_window,
    keys_are_answered_and_go,
);

/// Whether an operator has been left in doubt about anything.
async fn is_told_of_doubt(stage: &Stage) -> bool {
    let told = stage.heard(OLGA).await;
    count(&told, "дважды") + count(&told, "неизвестно") > 0
}

async fn a_dropped_answer_is_no_second_message(stage: &Stage) {
    let desk = stage.in_dialog(stage.vk(ANNA)).await;
    let anna = stage.vk(ANNA);
    let send = |fault: Value| async {
        let mut fault = fault;
        fault["method"] = json!("messages.send");
        stage.fails("vk", fault).await;
    };
    send(json!({ "kind": "drop_after", "times": 3 })).await;
    stage.says(OLGA, "1").await;
    stage.says(OLGA, "2").await;
    assert_eq!(stage.reads(anna, 2).await, [1, 2]);
    stage.rests(&desk).await;

    // Accepted, and the desk dies before it knows.
    send(json!({ "kind": "drop_after", "times": 0 })).await;
    stage.says(OLGA, "3").await;
    stage.reads(anna, 3).await;
    let desk = stage.restart(desk).await;
    stage.heal().await;
    stage.says(OLGA, "4").await;
    assert_eq!(stage.reads(anna, 4).await, [1, 2, 3, 4]);
    stage.rests(&desk).await;

    // It dies while VK takes its time: whichever of the two calls comes first is the only one.
    send(json!({ "kind": "slow", "ms": 1500 })).await;
    stage.says(OLGA, "5").await;
    let under_way =
        "SELECT COUNT(*) FROM outbox WHERE started_at IS NOT NULL AND finished_at IS NULL";
    let begun = async || (stage.number(under_way).await > 0).then_some(());
    stage.until("a call that takes its time", begun).await;
    let desk = stage.restart(desk).await;
    stage.says(OLGA, "6").await;
    stage.reads(anna, 6).await;
    tokio::time::sleep(Duration::from_millis(1600)).await;
    stage.rests(&desk).await;
    assert_eq!(numbers(&anna.heard().await), [1, 2, 3, 4, 5, 6]);
    assert!(
        !is_told_of_doubt(stage).await,
        "{}",
        stage.everything().await
    );
}

async fn an_upload_that_fails_at_each_step(stage: &Stage) {
    let desk = stage.in_dialog(stage.vk(ANNA)).await;
    let anna = stage.vk(ANNA);
    let html = json!({ "kind": "html", "status": 502 });
    let dropped = json!({ "kind": "drop_after" });
    let internal = json!({ "kind": "error", "code": 10 });
    let photo = stage.file("a.png", "image/png", png(1)).await;
    let document = stage
        .file("a.pdf", "application/pdf", b"%PDF-1.4 a".to_vec())
        .await;
    let steps = [
        ("photos.getMessagesUploadServer", "photo", &dropped),
        ("photos.getMessagesUploadServer", "photo", &internal),
        ("upload", "photo", &html),
        ("upload", "photo", &dropped),
        ("photos.saveMessagesPhoto", "photo", &dropped),
        ("messages.send", "photo", &dropped),
        ("docs.getMessagesUploadServer", "document", &html),
        ("upload", "document", &dropped),
        ("docs.save", "document", &internal),
        ("messages.send", "document", &html),
    ];
    for ((method, kind, fault), nth) in steps.into_iter().zip(1..) {
        let mut fault = fault.clone();
        fault["method"] = json!(method);
        stage.fails("vk", fault).await;
        let file = if kind == "photo" { &photo } else { &document };
        let caption = format!("{nth}. {method}");
        stage
            .writes(OLGA, json!({ kind: file, "caption": caption }))
            .await;
        let came = anna.sees(&caption).await;
        assert_eq!(came["kind"], kind, "{method}: {came}");
        stage.rests(&desk).await;
        stage.heal().await;
    }
    let heard = anna.heard().await;
    let files = heard
        .iter()
        .filter(|m| m["kind"] == "photo" || m["kind"] == "document");
    assert_eq!(files.count(), steps.len(), "{}", stage.everything().await);
    assert!(!is_told_of_doubt(stage).await);
}

async fn who_cannot_be_written_to(stage: &Stage) {
    let desk = stage.in_dialog(stage.vk(ANNA)).await;
    let anna = stage.vk(ANNA);
    let who = json!({ "person": ANNA, "chat": COMMUNITY });
    let private = |private: bool| json!({ "id": ANNA, "first_name": "Анна", "private": private });
    let blacklist = |list: &[i64]| json!({ "id": COMMUNITY, "blacklist": list });
    for (nth, code) in (1..).zip([901, 900, 902]) {
        match code {
            901 => stage.hand("vk/deny", who.clone()).await,
            900 => stage.hand("vk/communities", blacklist(&[ANNA])).await,
            _ => stage.hand("vk/people", private(true)).await,
        };
        if code == 901 {
            stage.sees(OLGA, "больше не принимает").await;
        }
        stage.says(OLGA, &nth.to_string()).await;
        let refused = async || {
            let told = count(&stage.heard(OLGA).await, "не доставлено");
            (told == nth as usize).then_some(())
        };
        stage.until(format!("word of {code}"), refused).await;
        stage.rests(&desk).await;
        match code {
            901 => stage.hand("vk/allow", who.clone()).await,
            900 => stage.hand("vk/communities", blacklist(&[])).await,
            _ => stage.hand("vk/people", private(false)).await,
        };
        stage.presses(OLGA, OLGA, "Отправить ещё раз").await;
        let read = stage.reads(anna, nth).await;
        assert_eq!(read, (1..=nth).collect::<Vec<_>>(), "{code}");
    }
}

async fn told_to_wait_it_waits(stage: &Stage) {
    let desk = stage.in_dialog(stage.vk(ANNA)).await;
    let anna = stage.vk(ANNA);
    let send = |mut fault: Value| async {
        fault["method"] = json!("messages.send");
        stage.fails("vk", fault).await;
    };
    for (number, fault) in (1..).zip([
        json!({ "kind": "too_many" }),
        json!({ "kind": "error", "code": 10, "times": 2 }),
        json!({ "kind": "error", "code": 1, "times": 2 }),
        json!({ "kind": "html", "status": 503, "times": 2 }),
    ]) {
        send(fault.clone()).await;
        stage.says(OLGA, &number.to_string()).await;
        let read = stage.reads(anna, number).await;
        assert_eq!(read, (1..=number).collect::<Vec<_>>(), "{fault}");
    }
    stage.rests(&desk).await;
    // Too much to this one person (9): Anna waits for a minute, others do not.
    send(json!({ "kind": "error", "code": 9, "chat": ANNA })).await;
    stage.says(OLGA, "5").await;
    stage.says(OLGA, "6").await;
    let waits = "SELECT COUNT(*) FROM outbox WHERE not_before IS NOT NULL AND finished_at IS NULL";
    let waiting = async || (stage.number(waits).await > 0).then_some(());
    stage.until("something that waits", waiting).await;
    let bella = 4002;
    stage.vk_person(bella, "Белла").await;
    stage.vk(bella).begins().await;
    stage.vk(bella).sees("Здравствуйте").await;
    assert_eq!(numbers(&anna.heard().await), [1, 2, 3, 4]);
    assert_eq!(count(&stage.heard(OLGA).await, "не доставлено"), 0);
    // A minute later.
    desk.kill();
    stage.script("UPDATE outbox SET not_before = NULL").await;
    let _desk = stage.open_again(&[]).await;
    assert_eq!(stage.reads(anna, 6).await, [1, 2, 3, 4, 5, 6]);
}

async fn a_token_that_is_refused(stage: &Stage) {
    let desk = stage.in_dialog(stage.vk(ANNA)).await;
    let anna = stage.vk(ANNA);
    stage
        .fails("vk", json!({ "kind": "error", "code": 5, "times": 0 }))
        .await;
    stage.says(OLGA, "1").await;
    let named = async || {
        let (status, page) = desk.page("/readyz").await;
        (status == 503 && page.contains("vk")).then_some(page)
    };
    let page = stage.until("a desk that says what is wrong", named).await;
    assert!(
        !page.contains("telegram") && !page.contains("facebook"),
        "{page}"
    );
    stage.facebook(TIMUR).begins().await;
    stage.facebook(TIMUR).sees("Здравствуйте").await;
    stage.says(IVAN, "/start").await;
    stage.sees(IVAN, "Здравствуйте").await;
    assert!(numbers(&anna.heard().await).is_empty());
    stage.heal().await;
    assert_eq!(stage.reads(anna, 1).await, [1]);
}

async fn a_colleague_in_vks_own_window(stage: &Stage) {
    let desk = stage.in_dialog(stage.vk(ANNA)).await;
    let anna = stage.vk(ANNA);
    stage
        .boris_writes(ANNA, json!({ "text": "это Борис, сейчас посмотрю" }))
        .await;
    let shown = stage.sees(OLGA, "это Борис").await;
    let text = shown["text"].as_str().unwrap_or_default();
    assert!(text.contains("отвечает из окна мессенджера"), "{text}");
    let photo = stage.file("a.png", "image/png", png(1)).await;
    stage.boris_writes(ANNA, json!({ "photo": photo })).await;
    stage.telegram(OLGA).sees_kind("photo").await;
    stage.says(OLGA, "и я здесь").await;
    anna.sees("и я здесь").await;
    stage.rests(&desk).await;
    let messages = anna.messages().await;
    assert_eq!(count(&messages, "это Борис"), 1);
    assert_eq!(count(&messages, "и я здесь"), 1);
    // What the desk itself has sent comes back and is no news.
    assert_eq!(count(&stage.heard(OLGA).await, "и я здесь"), 0);
    assert_eq!(count(&stage.heard(GROUP).await, "и я здесь"), 0);
    let kept = "SELECT sender_type, content_type FROM ticket_messages ORDER BY id";
    let kept: Vec<_> = stage
        .sql(kept)
        .await
        .into_iter()
        .flatten()
        .flatten()
        .collect();
    assert_eq!(
        kept.join(" "),
        "user text operator text operator photo operator text"
    );
}

/// Anna presses a key; what VK shows her then, once the desk has answered.
async fn presses(stage: &Stage, message: &Value, data: &str) -> Value {
    let press = json!({ "from": ANNA, "chat": COMMUNITY, "message_id": message, "data": data, "forge": true });
    let pressed = stage.hand("vk/press", press).await;
    let path = format!(
        "vk/callbacks/{}",
        pressed["callback_id"].as_str().expect("an id")
    );
    let look = async || {
        let outcome = stage.look(&path).await;
        (outcome["answered"] == true).then_some(outcome)
    };
    stage.until("an answer to a press", look).await
}

async fn keys_are_answered_and_go(stage: &Stage) {
    let desk = stage.open_everywhere(&[]).await;
    let anna = stage.vk(ANNA);
    anna.begins().await;
    let (menu, data) = anna.key("Возврат товара").await;
    let answer = presses(stage, &menu, &data).await;
    assert!(answer["text"].is_null(), "{answer}");
    anna.sees("маркетплейс").await;
    // Pressed twice, as fast as fingers are, or by somebody whose screen is old.
    let answer = presses(stage, &menu, &data).await;
    assert_eq!(answer["type"], "show_snackbar");
    assert!(
        answer["text"]
            .as_str()
            .is_some_and(|text| text.contains("не действует")),
        "{answer}"
    );
    for forged in [r#"{"key":"мусор"}"#, r#"{"command":"buy"}"#, "[]"] {
        let press = json!({ "from": ANNA, "chat": COMMUNITY, "message_id": menu, "data": forged, "forge": true });
        stage.hand("vk/press", press).await;
    }
    stage.rests(&desk).await;
    let heard = anna.heard().await;
    let with_keys: Vec<_> = heard.iter().filter(|m| keys(m).count() > 0).collect();
    assert_eq!(with_keys.len(), 1, "{}", stage.everything().await);
    assert_eq!(heard.len(), 2, "{}", stage.everything().await);
    // What is typed works as well as what is pressed; the keys before it go.
    anna.says("другой вопрос").await;
    anna.sees("О чём вопрос").await;
    stage.rests(&desk).await;
    let with_keys = anna
        .heard()
        .await
        .into_iter()
        .filter(|m| keys(m).count() > 0)
        .count();
    assert_eq!(with_keys, 1, "{}", stage.everything().await);
}
