//! Reminders: once each, whatever happens to the desk on that day.

use serde_json::json;

use crate::stage::{ANNA, Desk, IVAN, MARIA, Stage, TIMUR, free_port, journeys};

journeys!(
    once_each_through_restarts,
    once_with_two_copies,
    not_for_a_day_that_has_moved,
);

const WORDS: &str = "оплаченный день вашей подписки";

/// Clients who have said hello on the day before, as it were: reminders have not been on yet.
async fn before_the_time(stage: &Stage) {
    let mut rows = vec![json!(["почта", "имя", "тариф", "оплачено до"])];
    for (email, days) in [("ivan", 0), ("anna", 1), ("timur", 3), ("maria", 2)] {
        let day = stage.day(days).await.to_string();
        rows.push(json!([format!("{email}@mail.ru"), "", "Базовый", {"date": day}]));
    }
    // In a minute of tomorrow at the earliest: there is no time later than 23:59.
    let settings = [("REMINDER_TIME", "23:59")];
    let desk = stage.open_business(json!(rows), &settings).await;
    stage.telegram(IVAN).joins("ivan@mail.ru").await;
    stage.telegram(MARIA).joins("maria@mail.ru").await;
    stage.vk(ANNA).joins("anna@mail.ru").await;
    stage.facebook(TIMUR).joins("timur@mail.ru").await;
    stage.rests(&desk).await;
    assert_eq!(stage.number("SELECT COUNT(*) FROM reminders").await, 0);
    desk.stop().await;
    stage
        .script("UPDATE leases SET until = 0; UPDATE copies SET seen_at = 0")
        .await;
}

/// A desk for which the time has come: it starts later that day.
async fn later_that_day(stage: &Stage) -> Desk {
    let settings = stage.business(&[("REMINDER_TIME", "00:00")]).await;
    let settings: Vec<_> = settings.iter().map(|(n, v)| (*n, v.as_str())).collect();
    stage.open_everywhere(&settings).await
}

async fn reminded(stage: &Stage) {
    stage.telegram(IVAN).sees("последний оплаченный день").await;
    stage.vk(ANNA).sees("Завтра").await;
    stage.facebook(TIMUR).sees("осталось дней: 3").await;
}

/// How many reminders each of them has.
async fn counts(stage: &Stage) -> [usize; 4] {
    let phones = [
        stage.telegram(IVAN),
        stage.vk(ANNA),
        stage.facebook(TIMUR),
        stage.telegram(MARIA),
    ];
    let mut counts = [0; 4];
    for (count, phone) in counts.iter_mut().zip(phones) {
        let heard = phone.heard().await;
        let texts = heard.iter().filter_map(|message| message["text"].as_str());
        *count = texts
            .filter(|text| text.contains(WORDS) || text.contains("осталось дней"))
            .count();
    }
    counts
}

async fn once_each_through_restarts(stage: &Stage) {
    before_the_time(stage).await;
    let desk = later_that_day(stage).await;
    reminded(stage).await;
    let desk = stage.restart(desk).await;
    stage.rests(&desk).await;
    let desk = stage.restart(desk).await;
    stage.rests(&desk).await;
    assert_eq!(counts(stage).await, [1, 1, 1, 0]);
    assert_eq!(stage.number("SELECT COUNT(*) FROM reminders").await, 3);
    // The pinned list names them.
    stage.sees(crate::stage::GROUP, "Напомнили об оплате").await;
}

async fn once_with_two_copies(stage: &Stage) {
    before_the_time(stage).await;
    let first = later_that_day(stage).await;
    // One file of SQLite has one desk.
    let second = if stage.database().starts_with("postgres") {
        let settings = stage.business(&[("REMINDER_TIME", "00:00")]).await;
        let mut all = stage.vk_settings();
        all.extend(stage.facebook_settings());
        all.extend(settings);
        let all: Vec<_> = all.iter().map(|(n, v)| (*n, v.as_str())).collect();
        let second = stage.begin(free_port(), &all);
        stage.ready(&second).await;
        Some(second)
    } else {
        None
    };
    reminded(stage).await;
    stage.rests(&first).await;
    if let Some(second) = &second {
        stage.rests(second).await;
    }
    assert_eq!(counts(stage).await, [1, 1, 1, 0]);
}

async fn not_for_a_day_that_has_moved(stage: &Stage) {
    before_the_time(stage).await;
    // It moves while the desk is away, in the sheet that is read at the start, too late for nobody.
    let moved = stage.day(9).await;
    stage
        .script(&format!(
            "UPDATE clients SET paid_until = '{moved}' WHERE email = 'ivan@mail.ru'"
        ))
        .await;
    let desk = later_that_day(stage).await;
    stage.vk(ANNA).sees("Завтра").await;
    stage.facebook(TIMUR).sees("осталось дней: 3").await;
    stage.rests(&desk).await;
    assert_eq!(counts(stage).await, [0, 1, 1, 0]);
}
