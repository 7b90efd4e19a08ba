//! Payments: a picture from any messenger is read and credited once; what is doubtful, the operators
//! decide.

use serde_json::json;

use crate::stage::{
    ANNA, Desk, GROUP, IVAN, MARIA, OLGA, Phone, Stage, TIMUR, VERA, journeys, picture,
};

journeys!(
    a_picture_from_each_messenger,
    what_the_operators_decide,
    who_has_paid_before,
    a_reader_that_is_silent,
    read_twice,
    a_kill_while_it_is_read,
);

const PAID: &str = "支付成功\n¥199.00";

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
    stage.sees(GROUP, "отменена. Решение: Ольга").await;
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
    asked(stage, ivan, 1, "¥199.01", "не равны ни одному тарифу: 199").await;
    asked(stage, maria, 2, "кот на окне", "Прочитано: кот на окне").await;
    asked(stage, anna, 3, "支付失败 ¥199.00", "платёж не прошёл").await;
    let refused = json!({ "messenger": "ocr", "kind": "error", "code": 3, "description": "Unable to recognize" });
    stage.hand("faults", refused).await;
    asked(stage, timur, 4, PAID, "Прочитать не удалось").await;
    assert_eq!(credits(stage).await, 0);

    // Timur's counts, Anna's does not.
    stage
        .presses(OLGA, GROUP, "Зачесть: Базовый, 199\u{a0}¥")
        .await;
    timur.sees("Спасибо! Оплата 199").await;
    stage.paid_until("timur@mail.ru", stage.day(30).await).await;
    stage.presses(OLGA, GROUP, "Не зачитывать").await;
    stage.sees(GROUP, "Решение: Ольга").await;
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
    stage
        .sees(GROUP, "Такая картинка или транзакция уже была: № 1")
        .await;
    maria.sees("Оператор проверит оплату").await;
    // Another picture of the same transaction.
    stage.reader_sees(with_number).await;
    anna.joins("anna@mail.ru").await;
    anna.pays(picture(3)).await;
    anna.sees("Спасибо! Оплата 1").await;
    timur.joins("timur@mail.ru").await;
    timur.pays(picture(4)).await;
    stage
        .sees(GROUP, "Такая картинка или транзакция уже была: № 3")
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
    // The same words twice in one answer, and an answer that gets lost on its way.
    for (number, who, email, kind) in [
        (1, IVAN, "ivan@mail.ru", "twice"),
        (2, MARIA, "maria@mail.ru", "drop_after"),
    ] {
        let fault = json!({ "messenger": "ocr", "kind": kind });
        stage.hand("faults", fault).await;
        let phone = stage.telegram(who);
        phone.joins(email).await;
        phone.pays(picture(number)).await;
        phone.sees("Спасибо! Оплата 199").await;
    }
    stage.rests(&desk).await;
    assert!(stage.calls("parse").await.len() > 2);
    assert_eq!(credits(stage).await, 2);
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
