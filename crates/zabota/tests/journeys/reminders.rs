//! Reminders: once each, whatever happens to the desk on that day; and whoever was not reminded is told of.

use serde_json::{Value, json};

use crate::stage::{
    ANNA, Desk, GROUP, IVAN, MARIA, Phone, Stage, TIMUR, count, free_port, journeys, keys,
};

journeys!(
    once_each_through_restarts_and_other_settings,
    once_with_two_copies,
    not_for_a_day_that_has_moved,
    whoever_cannot_be_reminded_is_told_of,
    where_the_client_was_heard_last,
    the_key_opens_payment_days_later_too,
    a_kill_before_it_is_sent_loses_none,
    a_kill_before_it_is_noted_repeats_none,
    what_could_not_leave_that_day_does_not_leave_the_next,
    none_in_the_night_after,
    at_the_same_hour_before_and_after_the_clocks_change,
);

const WORDS: &str = "оплаченный день вашей подписки";

/// Clients who have said hello before the time has come.
async fn before_the_time(stage: &Stage) {
    let mut rows = vec![json!(["почта", "имя", "тариф", "оплачено до"])];
    for (email, days) in [("ivan", 0), ("anna", 1), ("timur", 3), ("maria", 2)] {
        let day = stage.day(days).await.to_string();
        rows.push(json!([format!("{email}@mail.ru"), "", "Базовый", {"date": day}]));
    }
    let desk = early(stage, json!(rows)).await;
    stage.telegram(IVAN).joins("ivan@mail.ru").await;
    stage.telegram(MARIA).joins("maria@mail.ru").await;
    stage.vk(ANNA).joins("anna@mail.ru").await;
    stage.facebook(TIMUR).joins("timur@mail.ru").await;
    over(stage, desk).await;
}

/// A desk for which the time has not come: it is noon there.
async fn early(stage: &Stage, rows: Value) -> Desk {
    stage
        .open_business(rows, &[("REMINDER_TIME", "23:59")])
        .await
}

async fn over(stage: &Stage, desk: Desk) {
    stage.rests(&desk).await;
    assert_eq!(stage.number("SELECT COUNT(*) FROM reminders").await, 0);
    desk.stop().await;
}

/// One client of Telegram, whose last day is in three days.
async fn ivan_before_the_time(stage: &Stage) {
    let day = stage.day(3).await.to_string();
    let rows = json!([
        ["почта", "имя", "тариф", "оплачено до"],
        ["ivan@mail.ru", "Иван", "Базовый", {"date": day}],
    ]);
    let desk = early(stage, rows).await;
    stage.telegram(IVAN).joins("ivan@mail.ru").await;
    over(stage, desk).await;
}

/// A desk for which the time has come: it starts later that day.
async fn later_that_day(stage: &Stage) -> Desk {
    opens(stage, &[("REMINDER_TIME", "00:00")]).await
}

async fn opens(stage: &Stage, more: &[(&str, &str)]) -> Desk {
    stage
        .script("UPDATE leases SET until = 0; UPDATE copies SET seen_at = 0")
        .await;
    let settings = stage.business(more).await;
    let settings: Vec<_> = settings.iter().map(|(n, v)| (*n, v.as_str())).collect();
    stage.open_everywhere(&settings).await
}

async fn reminded(stage: &Stage) {
    stage.telegram(IVAN).sees("последний оплаченный день").await;
    stage.vk(ANNA).sees("Завтра").await;
    stage.facebook(TIMUR).sees("осталось дней: 3").await;
}

fn phones(stage: &Stage) -> [Phone<'_>; 4] {
    [
        stage.telegram(IVAN),
        stage.vk(ANNA),
        stage.facebook(TIMUR),
        stage.telegram(MARIA),
    ]
}

/// How many reminders each of them has.
async fn counts(stage: &Stage) -> [usize; 4] {
    let mut counts = [0; 4];
    for (here, phone) in counts.iter_mut().zip(phones(stage)) {
        let heard = phone.heard().await;
        *here = count(&heard, WORDS) + count(&heard, "осталось дней");
    }
    counts
}

/// How many of them are in one state.
async fn noted(stage: &Stage, outcome: &str) -> i64 {
    let query = format!("SELECT COUNT(*) FROM reminders WHERE outcome = '\"{outcome}\"'");
    stage.number(&query).await
}

/// Waits until a reminder is in a state.
async fn becomes(stage: &Stage, outcome: &str) {
    let look = async || (noted(stage, outcome).await > 0).then_some(());
    stage
        .until(format!("a reminder that is {outcome}"), look)
        .await;
}

/// Waits until a reminder has been refused, and is to be tried again.
async fn waits(stage: &Stage) {
    let query = "SELECT COUNT(*) FROM outbox WHERE state = 0 AND not_before IS NOT NULL";
    let look = async || (stage.number(query).await > 0).then_some(());
    stage.until("a reminder that waits", look).await;
}

async fn once_each_through_restarts_and_other_settings(stage: &Stage) {
    before_the_time(stage).await;
    let desk = later_that_day(stage).await;
    reminded(stage).await;
    stage.rests(&desk).await;
    let desk = stage.restart(desk).await;
    stage.rests(&desk).await;
    desk.stop().await;
    // The pinned list names them.
    stage.sees(GROUP, "Напомнили об оплате").await;
    // It is another time of the same day there; and reminders have another time.
    let zone = stage.zone(13).await;
    let other = [("REMINDER_TIME", "12:30"), ("TIMEZONE", zone.as_str())];
    let desk = opens(stage, &other).await;
    stage.rests(&desk).await;
    assert_eq!(counts(stage).await, [1, 1, 1, 0]);
    assert_eq!(noted(stage, "sent").await, 3);
    assert_eq!(stage.number("SELECT COUNT(*) FROM reminders").await, 3);
}

async fn once_with_two_copies(stage: &Stage) {
    before_the_time(stage).await;
    let first = later_that_day(stage).await;
    // One file of SQLite has one desk.
    let second = if stage.database().starts_with("postgres") {
        let settings = stage.business(&[("REMINDER_TIME", "00:00")]).await;
        let mut all = stage.settings_everywhere();
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
    // It moves while the desk is away.
    let moved = stage.day(9).await;
    stage
        .script(&format!(
            "UPDATE clients SET paid_until = '{moved}' WHERE email = 'ivan@mail.ru'"
        ))
        .await;
    // Anna's moves when she is about to be reminded: VK is down.
    let down = json!({ "method": "messages.send", "kind": "html", "status": 502, "times": 0 });
    stage.fails("vk", down).await;
    let desk = later_that_day(stage).await;
    stage.facebook(TIMUR).sees("осталось дней: 3").await;
    becomes(stage, "under_way").await;
    stage
        .script(&format!(
            "UPDATE clients SET paid_until = '{moved}' WHERE email = 'anna@mail.ru'"
        ))
        .await;
    stage.heal().await;
    becomes(stage, "moved").await;
    stage.rests(&desk).await;
    assert_eq!(counts(stage).await, [0, 0, 1, 0]);
    let list = stage.sees(GROUP, "timur@mail.ru: за 3 дн").await;
    let list = list["text"].as_str().expect("a text");
    assert!(!list.contains("anna@mail.ru"), "{list}");
}

async fn whoever_cannot_be_reminded_is_told_of(stage: &Stage) {
    before_the_time(stage).await;
    // Timur has said nothing for long; Ivan blocks the bot, and Anna the community; and somebody whom the
    // sheet knows has never written.
    let nobody = stage.day(3).await;
    stage
        .script(&format!(
            "UPDATE users SET heard_at = NULL WHERE chat LIKE 'facebook/%';
            UPDATE clients SET paid_until = '{nobody}' WHERE email = 'maria@mail.ru';
            UPDATE users SET client_id = NULL WHERE chat = 'telegram/{MARIA}'"
        ))
        .await;
    let before = stage.calls_of("facebook", "messages").await.len();
    let block = json!({ "person": IVAN, "bot": crate::stage::BOT });
    stage.hand("block", block).await;
    let forbidden = json!({
        "method": "messages.send", "kind": "error", "code": 901, "chat": ANNA, "times": 1,
    });
    stage.fails("vk", forbidden).await;
    let desk = later_that_day(stage).await;
    for line in [
        "timur@mail.ru: мессенджер не даёт писать первым",
        "ivan@mail.ru: бот заблокирован",
        "anna@mail.ru: бот заблокирован",
        "maria@mail.ru: писать некуда",
    ] {
        stage.sees(GROUP, line).await;
    }
    stage.rests(&desk).await;
    assert_eq!(counts(stage).await, [0; 4]);
    assert_eq!(stage.calls_of("facebook", "messages").await.len(), before);
    let list = stage.sees(GROUP, "Не напомнили об оплате").await;
    let list = list["text"].as_str().expect("a text");
    assert!(!list.contains("Напомнили об оплате"), "{list}");
    let blocked = "SELECT chat FROM users WHERE CAST(blocked AS TEXT) IN ('1', 't', 'true')";
    let blocked = stage.column(&format!("{blocked} ORDER BY chat")).await;
    assert_eq!(blocked, [format!("telegram/{IVAN}"), format!("vk/{ANNA}")]);
}

async fn where_the_client_was_heard_last(stage: &Stage) {
    ivan_before_the_time(stage).await;
    let desk = opens(stage, &[("REMINDER_TIME", "23:59")]).await;
    // He goes on in VK.
    stage.vk(ANNA).joins("ivan@mail.ru").await;
    stage.rests(&desk).await;
    desk.stop().await;
    let desk = later_that_day(stage).await;
    stage.vk(ANNA).sees("осталось дней: 3").await;
    stage.rests(&desk).await;
    assert_eq!(counts(stage).await, [0, 1, 0, 0]);
}

/// The message of a reminder, and what is behind its key.
async fn key_of(phone: &Phone<'_>) -> (Value, String) {
    let message = phone.sees("подписк").await;
    let (label, data) = keys(&message).next().expect("a key");
    assert_eq!(label, "Оплата");
    (message["message_id"].clone(), data.to_owned())
}

async fn the_key_opens_payment_days_later_too(stage: &Stage) {
    before_the_time(stage).await;
    let desk = later_that_day(stage).await;
    reminded(stage).await;
    stage.rests(&desk).await;
    let [ivan, anna, timur, _] = phones(stage);
    for phone in [ivan, anna] {
        let (message, data) = key_of(&phone).await;
        phone.says("/start").await;
        phone.sees("Чем помочь?").await;
        stage.rests(&desk).await;
        // Keys of the menu before it have gone, this one has not.
        assert_eq!(key_of(&phone).await, (message.clone(), data.clone()));
        phone.presses_data(&message, &data).await;
        phone.sees("Пришлите, пожалуйста, скриншот оплаты").await;
        // Pressed once more, before it has gone.
        phone.presses_data(&message, &data).await;
        phone.sees("уже открыт").await;
        stage.rests(&desk).await;
        let messages = phone.messages().await;
        let left = messages.iter().find(|it| it["message_id"] == message);
        assert_eq!(keys(left.expect("the reminder")).count(), 0);
    }
    timur.presses("Оплата").await;
    timur.sees("Пришлите, пожалуйста, скриншот оплаты").await;
    stage.rests(&desk).await;
    assert_eq!(stage.number("SELECT COUNT(*) FROM tickets").await, 3);
}

async fn a_kill_before_it_is_sent_loses_none(stage: &Stage) {
    ivan_before_the_time(stage).await;
    let down = json!({
        "method": "sendMessage", "kind": "html", "status": 502, "chat": IVAN, "times": 0,
    });
    stage.fails("telegram", down).await;
    let desk = later_that_day(stage).await;
    waits(stage).await;
    let desk = stage.restart(desk).await;
    assert_eq!(counts(stage).await[0], 0);
    stage.heal().await;
    stage.telegram(IVAN).sees("осталось дней: 3").await;
    becomes(stage, "sent").await;
    let desk = stage.restart(desk).await;
    stage.rests(&desk).await;
    assert_eq!(counts(stage).await[0], 1);
}

async fn a_kill_before_it_is_noted_repeats_none(stage: &Stage) {
    before_the_time(stage).await;
    let desk = later_that_day(stage).await;
    reminded(stage).await;
    becomes(stage, "sent").await;
    stage.rests(&desk).await;
    desk.kill();
    // What the database says when the desk is killed just after the messenger has accepted it.
    stage
        .script(
            "UPDATE outbox SET state = 1 WHERE payload LIKE '{\"remind\"%';
            UPDATE reminders SET outcome = '\"under_way\"';
            DELETE FROM inbox WHERE update_key LIKE 'receipt/%'",
        )
        .await;
    let desk = later_that_day(stage).await;
    stage
        .sees(GROUP, "ivan@mail.ru: неизвестно, дошло ли")
        .await;
    // VK knows a message that it has got already.
    stage.sees(GROUP, "anna@mail.ru: за 1 дн").await;
    stage.rests(&desk).await;
    assert_eq!(counts(stage).await, [1, 1, 1, 0]);
    assert_eq!(noted(stage, "unknown").await, 2);
}

async fn what_could_not_leave_that_day_does_not_leave_the_next(stage: &Stage) {
    ivan_before_the_time(stage).await;
    let down = json!({
        "method": "sendMessage", "kind": "html", "status": 502, "chat": IVAN, "times": 0,
    });
    stage.fails("telegram", down).await;
    let desk = later_that_day(stage).await;
    waits(stage).await;
    desk.kill();
    stage.heal().await;
    let zone = another_day(stage).await;
    let late = [("REMINDER_TIME", "00:00"), ("TIMEZONE", zone.as_str())];
    let desk = opens(stage, &late).await;
    stage.sees(GROUP, "Иван: в свой день не ушло").await;
    stage.rests(&desk).await;
    assert_eq!(counts(stage).await[0], 0);
}

/// A zone in which it is not the day that it is where the business is.
async fn another_day(stage: &Stage) -> String {
    let today = stage.day(0).await;
    for hour in [0, 23] {
        let zone = stage.zone(hour).await;
        if stage.day_in(&zone, 0).await != today {
            return zone;
        }
    }
    panic!("it is the same day everywhere");
}

async fn none_in_the_night_after(stage: &Stage) {
    // It is past midnight where the business is: yesterday's reminders are over, today's come at one.
    let zone = stage.zone(0).await;
    let night = [("REMINDER_TIME", "13:00"), ("TIMEZONE", zone.as_str())];
    let mut rows = vec![json!(["почта", "имя", "тариф", "оплачено до"])];
    for (email, days) in [("ivan", 2), ("maria", 3)] {
        let day = stage.day_in(&zone, days).await.to_string();
        rows.push(json!([format!("{email}@mail.ru"), "", "Базовый", {"date": day}]));
    }
    let desk = stage.open_business(json!(rows), &night).await;
    stage.telegram(IVAN).joins("ivan@mail.ru").await;
    stage.telegram(MARIA).joins("maria@mail.ru").await;
    stage.rests(&desk).await;
    let desk = stage.restart(desk).await;
    stage.rests(&desk).await;
    assert_eq!(stage.number("SELECT COUNT(*) FROM reminders").await, 0);
    assert_eq!(counts(stage).await, [0; 4]);
}

/// What leads a program's clock, if it is installed (Debian: libfaketime).
fn clock_leader() -> Option<String> {
    let dirs = std::fs::read_dir("/usr/lib").ok()?;
    let mut dirs = dirs
        .flatten()
        .map(|dir| dir.path().join("faketime/libfaketime.so.1"));
    let found = dirs.find(|path| path.exists())?;
    found.to_str().map(str::to_owned)
}

/// In Berlin the clocks go forward in the night to 28 March 2027, and back in the night to 31 October.
async fn at_the_same_hour_before_and_after_the_clocks_change(stage: &Stage) {
    let Some(leader) = clock_leader() else {
        eprintln!("no libfaketime: the clocks do not change here");
        return;
    };
    let rows = json!([
        ["почта", "имя", "тариф", "оплачено до"],
        ["ivan@mail.ru", "", "Базовый", "31.03.2027"],
        ["maria@mail.ru", "", "Базовый", "03.11.2027"],
    ]);
    let desk = early(stage, rows).await;
    stage.telegram(IVAN).joins("ivan@mail.ru").await;
    stage.telegram(MARIA).joins("maria@mail.ru").await;
    over(stage, desk).await;
    for (begins, at_one, who) in [
        ("2027-03-28 10:59:57", "2027-03-28T11:00:00Z", IVAN),
        ("2027-10-31 11:59:57", "2027-10-31T12:00:00Z", MARIA),
    ] {
        let began = format!("@{begins}");
        let desk = led(stage, &leader, &began).await;
        stage.telegram(who).sees("осталось дней: 3").await;
        stage.rests(&desk).await;
        desk.kill();
        let again = led(stage, &leader, &began.replace("59:57", "59:59")).await;
        stage.rests(&again).await;
        again.stop().await;
        let last = stage.number("SELECT MAX(reminded_at) FROM reminders").await;
        let late = last
            - at_one
                .parse::<jiff::Timestamp>()
                .expect("a time")
                .as_microsecond();
        assert!((0..60_000_000).contains(&late), "{late} µs");
    }
    // A clock that was set back reminds nobody once more.
    let back = led(stage, &leader, "@2027-03-28 11:30:00").await;
    stage.rests(&back).await;
    assert_eq!(counts(stage).await, [1, 0, 0, 1]);
}

/// A desk in Berlin whose clock begins then.
async fn led(stage: &Stage, leader: &str, begins: &str) -> Desk {
    let berlin = [("TIMEZONE", "Europe/Berlin"), ("REMINDER_TIME", "13:00")];
    stage
        .script("UPDATE leases SET until = 0; UPDATE copies SET seen_at = 0")
        .await;
    let mut settings = stage.business(&berlin).await;
    settings.push(("LD_PRELOAD", leader.to_owned()));
    settings.push(("FAKETIME", begins.to_owned()));
    settings.push(("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()));
    settings.push(("TZ", "UTC".to_owned()));
    let settings: Vec<_> = settings.iter().map(|(n, v)| (*n, v.as_str())).collect();
    stage.open_with(&settings).await
}
