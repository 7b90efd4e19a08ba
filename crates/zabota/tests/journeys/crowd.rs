//! A broadcast to a crowd: killed in the middle, paused, continued, stopped, with a messenger that is down,
//! and within the limits. What must stay true: nobody gets it twice, nobody is silently missed, and dialogs
//! go first.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::stage::{Desk, GROUP, IVAN, Messenger, OLGA, Stage, VERA, journeys, keys};

journeys!(
    killed_again_and_again,
    stopped_and_started,
    paused_continued_and_stopped,
    one_messenger_is_down,
    within_the_limits,
);

/// Nobody got it twice, and whoever did not get it is named.
async fn is_complete(stage: &Stage, desk: &Desk, many: i64, report: &Value) {
    stage.rests(desk).await;
    let got = stage.got("Всем привет").await;
    let twice: Vec<_> = got.iter().filter(|(_, times)| **times > 1).collect();
    assert!(twice.is_empty(), "twice: {twice:?}");
    let fates = stage.fates().await;
    let (sent, unknown) = (stage.fate("sent").await, stage.fate("unknown").await);
    assert_eq!(sent + unknown, many, "{fates:?}");
    let text = report["text"].as_str().expect("a text");
    assert!(text.contains(&format!("Доставлено: {sent}")), "{text}");
    if unknown == 0 {
        assert!(!text.contains("Неизвестно"), "{text}");
        return;
    }
    let told = format!("Неизвестно, дошло ли: {unknown}\n");
    assert!(text.contains(&told), "{text} {fates:?}");
    let lines = stage.failures().await;
    assert_eq!(i64::try_from(lines.lines().count()), Ok(unknown + 1));
    for who in got.iter().filter(|(_, times)| **times == 0) {
        let name = format!("Клиент{}", who.0);
        assert!(lines.contains(&name), "{name} is not in {lines}");
    }
}

async fn killed_again_and_again(stage: &Stage) {
    const CROWD: i64 = 5000;
    let mut desk = stage.crowd(CROWD, &[]).await;
    stage.broadcasts("Всем привет", CROWD).await;
    for some in [300, 1700, 3100, 4500] {
        stage.sent(some).await;
        desk = stage.restart(desk).await;
    }
    let report = stage.sees(VERA, "Рассылка закончена").await;
    is_complete(stage, &desk, CROWD, &report).await;
}

/// Whoever is asked to stop finishes what is under way: nobody is left in doubt.
async fn stopped_and_started(stage: &Stage) {
    const CROWD: i64 = 300;
    let mut desk = stage.crowd(CROWD, &[]).await;
    let slow = json!({ "kind": "slow", "ms": 100, "method": "sendMessage", "times": 0 });
    stage.hand("faults", slow).await;
    stage.broadcasts("Всем привет", CROWD).await;
    for some in [50, 150] {
        stage.sent(some).await;
        desk = stage.stop_and_start(desk).await;
    }
    let report = stage.sees(VERA, "Рассылка закончена").await;
    is_complete(stage, &desk, CROWD, &report).await;
    assert_eq!(stage.fate("sent").await, CROWD);
}

async fn paused_continued_and_stopped(stage: &Stage) {
    const CROWD: i64 = 300;
    let desk = stage.crowd(CROWD, &[]).await;
    stage.asks_support(IVAN).await;
    let slow = json!({ "kind": "slow", "ms": 200, "method": "sendMessage", "times": 0 });
    stage.hand("faults", slow).await;
    stage.broadcasts("Всем привет", CROWD + 1).await;
    stage.sent(10).await;
    stage.presses(VERA, VERA, "Пауза").await;
    stage.sees(VERA, "Рассылка на паузе").await;
    let under_way = stage.fate("under_way").await;
    assert!(under_way <= 10, "{under_way}");
    // What was under way comes in; then nothing moves.
    let still = async || (stage.fate("under_way").await == 0).then_some(());
    stage.until("a pause", still).await;
    let paused = stage.fates().await;
    assert!(paused.contains_key("waiting"), "{paused:?}");
    let moved = async || (stage.fates().await != paused).then_some(());
    stage.never("it moves", moved).await;

    stage.presses(VERA, VERA, "Продолжить").await;
    stage.sent(paused["sent"] + 1).await;
    // A live dialog does not wait for it.
    stage.says(IVAN, "ау?").await;
    let shown = stage.sees(GROUP, "ау?").await;
    stage.answers(OLGA, &shown, "слышим").await;
    stage.sees(IVAN, "слышим").await;
    assert!(stage.fate("waiting").await > 0, "the dialog has waited");

    stage.presses(VERA, VERA, "Остановить").await;
    let report = stage.sees(VERA, "Рассылка остановлена").await;
    stage.rests(&desk).await;
    let (sent, waiting) = (stage.fate("sent").await, stage.fate("waiting").await);
    assert_eq!(sent + waiting, CROWD + 1);
    let text = report["text"].as_str().expect("a text");
    for told in [
        format!("Доставлено: {sent}\n"),
        format!("Не отправлялось: {waiting}\n"),
    ] {
        assert!(text.contains(&told), "{text}");
    }
    assert_eq!(keys(&report).count(), 0);
    let got = stage.got("Всем привет").await;
    assert!(got.values().all(|times| *times < 2));
    assert_eq!(i64::try_from(got.values().sum::<usize>()), Ok(sent));
}

/// Twelve on each messenger, VK down: the others have theirs, and after a pause so has VK.
async fn one_messenger_is_down(stage: &Stage) {
    const EACH: i64 = 12;
    let desk = stage.crowd(EACH, &[]).await;
    let others: Vec<_> = (0..EACH)
        .flat_map(|n| [stage.vk(4100 + n), stage.facebook(5100 + n)])
        .collect();
    for phone in &others {
        match phone.messenger {
            Messenger::Vk => stage.vk_person(phone.who, "Анна").await,
            Messenger::Facebook | Messenger::Telegram => {
                stage.facebook_person(phone.who, "Тимур").await;
            }
        }
    }
    let joins = others.iter().map(async |phone| {
        phone.joins(&format!("c{}@mail.ru", phone.who)).await;
    });
    futures_util::future::join_all(joins).await;
    stage.rests(&desk).await;
    let down = json!({ "kind": "html", "status": 502, "times": 0, "method": "messages.send" });
    stage.fails("vk", down).await;
    stage.broadcasts("Всем привет", 3 * EACH).await;
    stage.sent(2 * EACH).await;
    stage.presses(VERA, VERA, "Пауза").await;
    // What VK did not accept goes back.
    let back = async || (stage.fate("waiting").await == EACH).then_some(());
    stage.until("a pause", back).await;
    stage.heal().await;
    stage.rests(&desk).await;
    stage.presses(VERA, VERA, "Продолжить").await;
    let report = stage.sees(VERA, "Рассылка закончена").await;
    is_complete(stage, &desk, 3 * EACH, &report).await;
    let got = stage.got("Всем привет").await;
    assert!(others.iter().all(|phone| got[&phone.who] == 1), "{got:?}");
}

async fn within_the_limits(stage: &Stage) {
    const CROWD: i64 = 200;
    stage.hand("limits", json!({ "enforce": true })).await;
    let desk = stage.crowd(CROWD, &[("LIMITS", "platform")]).await;
    stage.asks_support(IVAN).await;
    stage.broadcasts("Всем привет", CROWD + 1).await;
    stage.sent(40).await;
    let asked = Instant::now();
    stage.says(IVAN, "ау?").await;
    stage.sees(GROUP, "ау?").await;
    assert!(
        asked.elapsed() < Duration::from_secs(2),
        "the dialog has waited"
    );
    let report = stage.sees(VERA, "Рассылка закончена").await;
    is_complete(stage, &desk, CROWD + 1, &report).await;
    let calls = stage.calls_of("telegram", "sendMessage").await;
    assert!(calls.iter().all(|call| call["status"] == 200));
    let mine = calls
        .iter()
        .filter(|call| call["params"]["text"] == "Всем привет");
    let at: Vec<f64> = mine.filter_map(|call| call["at"].as_f64()).collect();
    // On a machine that has much else to do; the limit itself is the sandbox's to watch.
    let took = at[at.len() - 1] - at[0];
    assert!(took < 20.0, "{} calls in {took} s", at.len());
}
