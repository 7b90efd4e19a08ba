//! Payments: a picture from any messenger is read and credited once; what is doubtful, the operators
//! decide.

use serde_json::json;

use crate::stage::{
    ANNA, Desk, GROUP, IVAN, MARIA, OLGA, On, Phone, Stage, TIMUR, VERA, big_picture, journeys,
    picture, play,
};

journeys!(
    a_picture_from_each_messenger,
    what_the_operators_decide,
    who_has_paid_before,
    a_reader_that_is_silent,
    read_twice,
    a_kill_while_it_is_read,
    an_album,
    one_picture_from_two_at_once,
    decided_otherwise,
    who_cannot_read,
);

#[test]
fn of_two_copies_one_reads_and_another_takes_over() {
    play(On::Postgres, two_copies);
}

const PAID: &str = "支付成功\n¥199.00";

/// Readings under way.
const STARTED: &str = "SELECT COUNT(*) FROM outbox WHERE channel = 'reader' AND started_at IS NOT NULL AND finished_at IS NULL";

async fn open(stage: &Stage) -> Desk {
    let clients = json!([
        ["почта", "имя", "тариф", "оплачено до"],
        ["ivan@mail.ru", "Иван", "Базовый", "10.01.2035"],
        ["anna@mail.ru", "Анна", "Полный", "10.01.2020"],
        ["maria@mail.ru", "Мария", "", ""],
    ]);
    stage.open_business(clients, &[]).await
}

/// How often anything was credited.
async fn credits(stage: &Stage) -> i64 {
    let credited = "SELECT COUNT(*) FROM payments WHERE status = 'credited'";
    stage.number(credited).await
}

async fn a_picture_from_each_messenger(stage: &Stage) {
    let desk = open(stage).await;
    stage.reader_sees(PAID).await;
    let (ivan, anna, timur) = (stage.telegram(IVAN), stage.vk(ANNA), stage.facebook(TIMUR));
    let from_today = stage.day(30).await;
    for (number, phone, email, until) in [
        (
            1,
            ivan,
            "ivan@mail.ru",
            "2035-02-09".parse().expect("a day"),
        ),
        (2, anna, "anna@mail.ru", from_today),
        (3, timur, "timur@mail.ru", from_today),
    ] {
        phone.joins(email).await;
        phone.pays(picture(number)).await;
        phone.sees("Спасибо! Оплата 199").await;
        stage.paid_until(email, until).await;
    }
    stage.rests(&desk).await;
    let kept =
        "SELECT client, tariff, amount, currency, days, credited_by FROM payments ORDER BY id";
    let kept = stage.sql(kept).await;
    let ours = |email: &str| {
        let all = [email, "Базовый", "199", "CNY", "30"].map(|it| Some(it.to_owned()));
        [all.to_vec(), vec![None]].concat()
    };
    let emails = ["ivan@mail.ru", "anna@mail.ru", "timur@mail.ru"];
    assert_eq!(kept, emails.map(ours));

    // The operators see all three, with the pictures, and take one back.
    let told = stage.told_to(GROUP, &["зачтена. Тариф Базовый"]).await;
    assert_eq!(told.len(), 3, "{}", stage.everything().await);
    let pictures = stage.heard(GROUP).await;
    let pictures = pictures.iter().filter(|shown| shown["kind"] == "photo");
    assert_eq!(pictures.count(), 3);
    undo(stage, "Анна").await;
    anna.sees("пришлось отменить").await;
    stage
        .sees(GROUP, "теперь: 10.01.2020. Решение: Ольга")
        .await;
    stage
        .paid_until("anna@mail.ru", "2020-01-10".parse().expect("a day"))
        .await;
    let tariff = "SELECT tariff FROM clients WHERE email = 'anna@mail.ru'";
    assert_eq!(stage.column(tariff).await, ["Полный"]);
    assert_eq!(credits(stage).await, 2);
}

/// Olga presses «Отменить» under what was said of somebody's payment; a second time it is too late.
async fn undo(stage: &Stage, name: &str) {
    let of = format!("{name}: оплата");
    let is = |shown: &serde_json::Value| {
        let text = shown["text"].as_str().unwrap_or_default();
        text.contains(&of) && text.contains("зачтена. Тариф")
    };
    let shown = stage.sees_one(GROUP, &of, is).await;
    let id = shown["message_id"].as_i64().expect("an id");
    let (label, data) = crate::stage::keys(&shown).next().expect("a key");
    assert_eq!(label, "Отменить");
    // Not a stranger, and not the owner either, who is no operator.
    stage.press(VERA, GROUP, id, data).await;
    stage.presses_data(OLGA, GROUP, id, data).await;
    let late = stage.presses_data(OLGA, GROUP, id, data).await;
    assert!(late.contains("уже решено"), "{late}");
}

async fn what_the_operators_decide(stage: &Stage) {
    let desk = open(stage).await;
    let (ivan, maria) = (stage.telegram(IVAN), stage.telegram(MARIA));
    let (anna, timur) = (stage.vk(ANNA), stage.facebook(TIMUR));
    for (phone, email) in [
        (ivan, "ivan@mail.ru"),
        (maria, "maria@mail.ru"),
        (anna, "anna@mail.ru"),
        (timur, "timur@mail.ru"),
    ] {
        phone.joins(email).await;
    }
    asked(stage, ivan, 1, "¥199.01", "не равны ни одному тарифу").await;
    asked(stage, maria, 2, "кот на окне", "Прочитано: кот на окне").await;
    asked(stage, anna, 3, "支付失败 ¥199.00", "платёж не прошёл").await;
    let refused = json!({ "messenger": "ocr", "kind": "error", "code": 3, "description": "Unable to recognize" });
    stage.hand("faults", refused).await;
    asked(
        stage,
        timur,
        4,
        PAID,
        "Прочитать эту картинку не получилось",
    )
    .await;
    assert_eq!(credits(stage).await, 0);

    // Timur's counts, Anna's does not.
    stage
        .presses(OLGA, GROUP, "Зачесть: Базовый, 199\u{a0}¥")
        .await;
    timur.sees("Спасибо! Оплата 199").await;
    stage.paid_until("timur@mail.ru", stage.day(30).await).await;
    stage.rests(&desk).await;
    stage.presses(OLGA, GROUP, "Не зачитывать").await;
    stage.sees(GROUP, "не зачтена. Решение: Ольга").await;
    stage.rests(&desk).await;
    let by = "SELECT status, credited_by FROM payments WHERE status <> 'asked' ORDER BY id";
    let by = stage.sql(by).await;
    let some = |text: &str| Some(text.to_owned());
    let olga = format!("telegram:{OLGA}");
    assert_eq!(by[0], [some("dismissed"), None]);
    assert_eq!(by[1][0], some("credited"));
    assert!(
        by[1][1]
            .as_ref()
            .is_some_and(|by| by.ends_with(&OLGA.to_string())),
        "{olga} {by:?}"
    );
}

async fn asked(stage: &Stage, phone: Phone<'_>, number: u64, text: &str, why: &str) {
    let picture = picture(number);
    stage.reader_sees_on(&picture, text).await;
    phone.pays(picture).await;
    stage.sees(GROUP, why).await;
    phone.sees("Оператор проверит оплату").await;
}

async fn who_has_paid_before(stage: &Stage) {
    let desk = open(stage).await;
    let (ivan, maria) = (stage.telegram(IVAN), stage.telegram(MARIA));
    let (anna, timur) = (stage.vk(ANNA), stage.facebook(TIMUR));
    let with_number = "Номер операции 7A12 3456 7890\n1 990,00 ₽";
    stage.reader_sees(PAID).await;
    ivan.joins("ivan@mail.ru").await;
    ivan.pays(picture(1)).await;
    ivan.sees("Спасибо! Оплата 199").await;
    // The same picture, though its bytes are others.
    maria.joins("maria@mail.ru").await;
    let mut same = picture(1);
    same.extend(b"and a comment");
    maria.pays(same).await;
    stage.sees(GROUP, "Такой скриншот уже был: № 1, Иван").await;
    maria.sees("Оператор проверит оплату").await;
    // Another picture of the same transaction.
    stage.reader_sees(with_number).await;
    anna.joins("anna@mail.ru").await;
    anna.pays(picture(3)).await;
    anna.sees("Спасибо! Оплата 1").await;
    timur.joins("timur@mail.ru").await;
    timur.pays(picture(4)).await;
    stage
        .sees(GROUP, "Этот номер операции уже был: № 3, Анна")
        .await;
    stage.rests(&desk).await;
    assert_eq!(credits(stage).await, 2);
}

async fn a_reader_that_is_silent(stage: &Stage) {
    let desk = open(stage).await;
    stage.reader_sees(PAID).await;
    let silent = json!({ "messenger": "ocr", "kind": "drop_before", "times": 0 });
    stage.hand("faults", silent).await;
    let ivan = stage.telegram(IVAN);
    ivan.joins("ivan@mail.ru").await;
    ivan.pays(picture(1)).await;
    let tried = async || (!stage.calls("parse").await.is_empty()).then_some(());
    stage.until("an attempt", tried).await;
    // Dialogs go on, his own too.
    ivan.says("вы получили?").await;
    stage.sees(GROUP, "вы получили?").await;
    let anna = stage.vk(ANNA);
    anna.joins("anna@mail.ru").await;
    assert_eq!(credits(stage).await, 0);
    stage.heal().await;
    ivan.sees("Спасибо! Оплата 199").await;
    stage.rests(&desk).await;
    assert_eq!(credits(stage).await, 1);
}

async fn read_twice(stage: &Stage) {
    let desk = open(stage).await;
    stage.reader_sees(PAID).await;
    // The same words twice in one answer, an answer that gets lost on its way, and nonsense.
    for (number, phone, email, kind) in [
        (1, stage.telegram(IVAN), "ivan@mail.ru", "twice"),
        (2, stage.telegram(MARIA), "maria@mail.ru", "drop_after"),
        (3, stage.vk(ANNA), "anna@mail.ru", "garbage"),
    ] {
        let fault = json!({ "messenger": "ocr", "kind": kind });
        stage.hand("faults", fault).await;
        phone.joins(email).await;
        phone.pays(picture(number)).await;
        phone.sees("Спасибо! Оплата 199").await;
    }
    stage.rests(&desk).await;
    assert!(stage.calls("parse").await.len() > 4);
    assert_eq!(credits(stage).await, 3);
    stage
        .paid_until("ivan@mail.ru", "2035-02-09".parse().expect("a day"))
        .await;
    stage.paid_until("maria@mail.ru", stage.day(30).await).await;
}

async fn a_kill_while_it_is_read(stage: &Stage) {
    let desk = open(stage).await;
    stage.reader_sees(PAID).await;
    let slow = json!({ "messenger": "ocr", "kind": "slow", "ms": 1500 });
    stage.hand("faults", slow).await;
    let ivan = stage.telegram(IVAN);
    ivan.joins("ivan@mail.ru").await;
    ivan.pays(picture(1)).await;
    let started = "SELECT COUNT(*) FROM payments";
    assert_eq!(stage.number(started).await, 0);
    stage.sees_kind(GROUP, "photo").await;
    let desk = stage.restart(desk).await;
    ivan.sees("Спасибо! Оплата 199").await;
    stage.rests(&desk).await;
    let heard = ivan.heard().await;
    let thanks = heard
        .iter()
        .filter(|m| m["text"].as_str().is_some_and(|t| t.contains("зачтена")));
    assert_eq!(thanks.count(), 1);
    assert_eq!(credits(stage).await, 1);
    stage
        .paid_until("ivan@mail.ru", "2035-02-09".parse().expect("a day"))
        .await;
}

async fn an_album(stage: &Stage) {
    let desk = open(stage).await;
    stage.reader_sees("кот на окне").await;
    let (receipt, big) = (picture(2), big_picture(3));
    stage.reader_sees_on(&receipt, PAID).await;
    let ivan = stage.telegram(IVAN);
    ivan.joins("ivan@mail.ru").await;
    ivan.presses("Оплата").await;
    ivan.sees("Пришлите, пожалуйста, скриншот оплаты").await;
    let mut album = Vec::new();
    // One is too big to be sent to be read as it is.
    for bytes in [picture(1), big, receipt] {
        let file = stage.file("payment.png", "image/png", bytes).await;
        album.push(json!({ "kind": "photo", "file": file }));
    }
    ivan.sends_album("вот", json!(album)).await;
    ivan.sees("Спасибо! Оплата 199").await;
    stage.rests(&desk).await;
    assert_eq!(credits(stage).await, 1);
    let asked = stage.told_to(GROUP, &["оплата не зачтена"]).await;
    assert!(asked.is_empty(), "{asked:?}");
}

async fn one_picture_from_two_at_once(stage: &Stage) {
    let desk = open(stage).await;
    stage.reader_sees(PAID).await;
    let (ivan, anna) = (stage.telegram(IVAN), stage.vk(ANNA));
    for (phone, email) in [(ivan, "ivan@mail.ru"), (anna, "anna@mail.ru")] {
        phone.joins(email).await;
        phone.presses("Оплата").await;
        phone.sees("Пришлите, пожалуйста, скриншот оплаты").await;
    }
    futures_util::join!(ivan.shows(picture(1)), anna.shows(picture(1)));
    stage.sees(GROUP, "зачтена. Тариф Базовый").await;
    stage.sees(GROUP, "Такой скриншот уже был").await;
    stage.rests(&desk).await;
    assert_eq!(credits(stage).await, 1);
}

async fn decided_otherwise(stage: &Stage) {
    let desk = open(stage).await;
    let ivan = stage.telegram(IVAN);
    ivan.joins("ivan@mail.ru").await;
    asked(stage, ivan, 1, "500,00 ₽", "не равны ни одному тарифу").await;
    stage.presses(OLGA, GROUP, "Не зачитывать").await;
    stage.sees(GROUP, "Передумали?").await;
    stage
        .presses(OLGA, GROUP, "Зачесть: Базовый, 199\u{a0}¥")
        .await;
    ivan.sees("Спасибо! Оплата 199").await;
    stage.presses(OLGA, GROUP, "Отменить").await;
    stage.sees(GROUP, "теперь: 10.01.2035").await;
    stage
        .presses(OLGA, GROUP, "Зачесть: Базовый, 199\u{a0}¥")
        .await;
    stage
        .paid_until("ivan@mail.ru", "2035-02-09".parse().expect("a day"))
        .await;
    stage.rests(&desk).await;
    assert_eq!(credits(stage).await, 1);
}

/// Neither a program that is not there nor a service that refuses the key stops the desk.
async fn who_cannot_read(stage: &Stage) {
    let desk = open(stage).await;
    let (ivan, anna) = (stage.telegram(IVAN), stage.vk(ANNA));
    stage.hand("ocr/key", json!({ "key": "another" })).await;
    ivan.joins("ivan@mail.ru").await;
    ivan.pays(picture(1)).await;
    stage.sees(GROUP, "не принимает ключ").await;
    stage.rests(&desk).await;
    desk.kill();
    let without = [("OCR", "tesseract"), ("PATH", "/nowhere")];
    let settings = stage.business(&[]).await;
    let kept = settings.iter().filter(|(name, _)| !name.starts_with("OCR"));
    let mut settings: Vec<_> = kept.map(|(n, v)| (*n, v.as_str())).collect();
    settings.extend(without);
    let desk = stage.open_again(&settings).await;
    anna.joins("anna@mail.ru").await;
    anna.pays(picture(2)).await;
    stage.sees(GROUP, "не установлена").await;
    assert_eq!(desk.page("/readyz").await.0, 200);
    assert!(desk.log().contains("tesseract is not installed"));
}

async fn two_copies(stage: &Stage) {
    let first = open(stage).await;
    let mut settings = stage.settings_everywhere();
    settings.extend(stage.business(&[]).await);
    let settings: Vec<_> = settings.iter().map(|(n, v)| (*n, v.as_str())).collect();
    let second = stage.open_with(&settings).await;
    stage.reader_sees(PAID).await;
    let (ivan, maria) = (stage.telegram(IVAN), stage.telegram(MARIA));
    ivan.joins("ivan@mail.ru").await;
    maria.joins("maria@mail.ru").await;
    ivan.pays(picture(1)).await;
    ivan.sees("Спасибо! Оплата 199").await;
    // Once in Russian and once in Chinese, and by nobody else.
    assert_eq!(stage.calls("parse").await.len(), 2);
    let slow = json!({ "messenger": "ocr", "kind": "slow", "ms": 3000 });
    stage.hand("faults", slow).await;
    maria.pays(picture(2)).await;
    let begun = async || (stage.number(STARTED).await > 0).then_some(());
    stage.until("a reading under way", begun).await;
    first.kill();
    stage
        .script("UPDATE leases SET until = 0; UPDATE copies SET seen_at = 0")
        .await;
    maria.sees("Спасибо! Оплата 199").await;
    stage.rests(&second).await;
    assert_eq!(credits(stage).await, 2);
}
