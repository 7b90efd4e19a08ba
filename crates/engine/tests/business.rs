//! Payments, the sheet, reminders, broadcasts and records, told as stories.

mod world;

use engine::scenario::DialogPlace;
use expect_test::{Expect, expect};
use jiff::SignedDuration;
use world::{World, at, business::tariff};

fn desk() -> World {
    let mut world = World::new("subscription", DialogPlace::Group);
    world.business.tariffs = vec![
        tariff("Базовый", "199", "CNY", 30),
        tariff("Полный", "1990", "RUB", 365),
    ];
    world
}

fn play(world: &mut World, script: &str) {
    for line in script
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
    {
        world.line(line);
    }
}

fn check(script: &str, expected: &Expect) {
    let mut world = desk();
    play(&mut world, script);
    expected.assert_eq(&world.transcript);
}

/// A client who has said who they are; the transcript begins after it.
fn with_clients(names: &[&str]) -> World {
    let mut world = desk();
    for name in names {
        let plain = name.trim_start_matches("other-");
        play(
            &mut world,
            &format!("10:00 {name}: /start\n{name}: {plain}@mail.ru"),
        );
    }
    world.transcript.clear();
    world
}

const IVAN_PAYS: &str = "10:00 ivan: /start
    ivan: ivan@mail.ru
    ivan presses «Оплата»
    10:01 ivan sends photo вот
    ";

#[test]
fn a_picture_with_a_price_is_credited_and_can_be_taken_back() {
    check(
        &format!(
            "{IVAN_PAYS}
            10:02 reader reads: 支付成功 / ¥199.00 / 交易单号 4200001234202611201234567890
            10:03 petr presses «Отменить»
            10:03 petr forges undo:1
            10:04 ivan sends photo ещё раз"
        ),
        &expect![[r#"
            10:00 ivan: /start
              → ivan: email
            ivan: ivan@mail.ru
              → ivan: email_new
              → ivan: menu [Связаться с поддержкой | Оплата | Изменить почту]
            ivan presses «Оплата»
              → ivan: payment
              ▣ № 1 · Оплата | ivan · Telegram | Почта: ivan@mail.ru | Ждёт с 20.11 10:00 [Взять в работу]
            10:01 ivan sends photo вот
              → group: <№ 1 · ivan · Telegram> photo «вот» ↩ ticket-1
            10:02 reader reads: 支付成功 / ¥199.00 / 交易单号 4200001234202611201234567890
              ✎ ivan@mail.ru: Базовый, 2026-12-20
              → ivan: payment_thanks «Спасибо! Оплата 199 ¥ зачтена: тариф Базовый, оплачено до 20.12.2026.»
              → group: payment_credited «№ 1 · ivan: оплата 199 ¥ зачтена. Тариф Базовый, оплачено до 20.12.2026 (было: нет). | На скриншоте: ¥199.00, номер 4200001234202611201234567890.» ↩ «вот» [Отменить]
            10:03 petr presses «Отменить»
              ✎ ivan@mail.ru: –, –
              → group: payment_undone «№ 1 · ivan: оплата 199 ¥ (Базовый) отменена. Было оплачено до: 20.12.2026, теперь: нет. Решение: petr. Если это ошибка, зачтите её снова.» ↩ «вот» [Зачесть: Базовый, 199 ¥ | Зачесть: Полный, 1 990 ₽]
              → ivan: payment_taken_back «Зачтённую оплату 199 ¥ пришлось отменить. Оператор всё уточнит и ответит здесь.»
            10:03 petr forges undo:1
            (a key that does not belong where it was pressed)
            10:04 ivan sends photo ещё раз
              → group: <№ 1 · ivan · Telegram> photo «ещё раз» ↩ ticket-1
        "#]],
    );
}

#[test]
fn what_is_not_clear_the_operators_decide() {
    check(
        &format!(
            "{IVAN_PAYS}
            10:02 reader reads: Перевод 500 ₽ выполнен
            10:03 ivan forges credit:1:0
            10:03 petr presses «Зачесть: Базовый, 199 ¥»
            10:04 olga presses «Отменить»"
        ),
        &expect![[r#"
            10:00 ivan: /start
              → ivan: email
            ivan: ivan@mail.ru
              → ivan: email_new
              → ivan: menu [Связаться с поддержкой | Оплата | Изменить почту]
            ivan presses «Оплата»
              → ivan: payment
              ▣ № 1 · Оплата | ivan · Telegram | Почта: ivan@mail.ru | Ждёт с 20.11 10:00 [Взять в работу]
            10:01 ivan sends photo вот
              → group: <№ 1 · ivan · Telegram> photo «вот» ↩ ticket-1
            10:02 reader reads: Перевод 500 ₽ выполнен
              → group: payment_asked «№ 1 · ivan: оплата не зачтена. Суммы на скриншоте не равны ни одному тарифу. | На скриншоте: 500 ₽.» ↩ «вот» [Зачесть: Базовый, 199 ¥ | Зачесть: Полный, 1 990 ₽ | Не зачитывать]
              → ivan: payment_checked «Спасибо, скриншот получили. Оператор проверит оплату и ответит здесь.»
            10:03 ivan forges credit:1:0
            (a key that does not belong where it was pressed)
            10:03 petr presses «Зачесть: Базовый, 199 ¥»
              ✎ ivan@mail.ru: Базовый, 2026-12-20
              → ivan: payment_thanks «Спасибо! Оплата 199 ¥ зачтена: тариф Базовый, оплачено до 20.12.2026.»
              → group: payment_credited «№ 1 · ivan: оплата 199 ¥ зачтена. Тариф Базовый, оплачено до 20.12.2026 (было: нет). | Решение: petr.» ↩ «вот» [Отменить]
            10:04 olga presses «Отменить»
              ✎ ivan@mail.ru: –, –
              → group: payment_undone «№ 1 · ivan: оплата 199 ¥ (Базовый) отменена. Было оплачено до: 20.12.2026, теперь: нет. Решение: olga. Если это ошибка, зачтите её снова.» ↩ «вот» [Зачесть: Базовый, 199 ¥ | Зачесть: Полный, 1 990 ₽]
              → ivan: payment_taken_back «Зачтённую оплату 199 ¥ пришлось отменить. Оператор всё уточнит и ответит здесь.»
        "#]],
    );
    check(
        &format!(
            "{IVAN_PAYS}
            10:02 reader reads: !away
            10:03 petr presses «Не зачитывать»"
        ),
        &expect![[r#"
            10:00 ivan: /start
              → ivan: email
            ivan: ivan@mail.ru
              → ivan: email_new
              → ivan: menu [Связаться с поддержкой | Оплата | Изменить почту]
            ivan presses «Оплата»
              → ivan: payment
              ▣ № 1 · Оплата | ivan · Telegram | Почта: ivan@mail.ru | Ждёт с 20.11 10:00 [Взять в работу]
            10:01 ivan sends photo вот
              → group: <№ 1 · ivan · Telegram> photo «вот» ↩ ticket-1
            10:02 reader reads: !away
              → group: payment_asked «№ 1 · ivan: оплата не зачтена. Сервис, который читает скриншоты, так и не ответил.» ↩ «вот» [Зачесть: Базовый, 199 ¥ | Зачесть: Полный, 1 990 ₽ | Не зачитывать]
              → ivan: payment_checked «Спасибо, скриншот получили. Оператор проверит оплату и ответит здесь.»
            10:03 petr presses «Не зачитывать»
              → group: payment_dismissed «№ 1 · ivan: оплата не зачтена. Решение: petr. Передумали? Зачтите её кнопкой ниже.» ↩ «вот» [Зачесть: Базовый, 199 ¥ | Зачесть: Полный, 1 990 ₽]
        "#]],
    );
}

#[test]
fn the_same_picture_is_not_credited_twice() {
    let mut world = with_clients(&["ivan", "anna"]);
    play(
        &mut world,
        "10:01 ivan presses «Оплата»
        anna presses «Оплата»
        ivan sends photo
        anna sends photo
        10:02 reader reads: ¥199.00 2026112022001412345678901234
        10:03 reader reads: 199.00 元 2026112022001412345678901234",
    );
    expect![[r#"
        10:01 ivan presses «Оплата»
          → ivan: payment
          ▣ № 1 · Оплата | ivan · Telegram | Почта: ivan@mail.ru | Ждёт с 20.11 10:01 [Взять в работу]
        anna presses «Оплата»
          → anna: payment
          ▣ № 2 · Оплата | anna · Telegram | Почта: anna@mail.ru | Ждёт с 20.11 10:01 [Взять в работу]
        ivan sends photo
          → group: <№ 1 · ivan · Telegram> photo ↩ ticket-1
        anna sends photo
          → group: <№ 2 · anna · Telegram> photo ↩ ticket-2
        10:02 reader reads: ¥199.00 2026112022001412345678901234
          ✎ ivan@mail.ru: Базовый, 2026-12-20
          → ivan: payment_thanks «Спасибо! Оплата 199 ¥ зачтена: тариф Базовый, оплачено до 20.12.2026.»
          → group: payment_credited «№ 1 · ivan: оплата 199 ¥ зачтена. Тариф Базовый, оплачено до 20.12.2026 (было: нет). | На скриншоте: ¥199.00, номер 2026112022001412345678901234.» ↩ «» [Отменить]
        10:03 reader reads: 199.00 元 2026112022001412345678901234
          → group: payment_asked «№ 2 · anna: оплата не зачтена. Этот номер операции уже был: № 1, ivan, 20.11 10:02. Та оплата зачтена как Базовый, 199 ¥ (по скриншоту). | На скриншоте: 199.00 元, номер 2026112022001412345678901234.» ↩ «» [Зачесть: Базовый, 199 ¥ | Зачесть: Полный, 1 990 ₽ | Не зачитывать]
          → anna: payment_checked «Спасибо, скриншот получили. Оператор проверит оплату и ответит здесь.»
    "#]].assert_eq(&world.transcript);
}

/// What is seen of payments, from the first picture on.
fn told(script: &str, expected: &Expect) {
    let mut world = with_clients(&["ivan", "anna"]);
    play(
        &mut world,
        "10:01 ivan presses «Оплата»\nanna presses «Оплата»",
    );
    world.transcript.clear();
    play(&mut world, script);
    expected.assert_eq(&world.transcript);
}

#[test]
fn whatever_was_decided_can_be_decided_otherwise() {
    told(
        "ivan sends photo чек
        10:02 reader reads: 500 ₽
        petr presses «Не зачитывать»
        olga presses «Зачесть: Базовый, 199 ¥»
        olga presses «Отменить»
        petr presses «Зачесть: Полный, 1 990 ₽»",
        &expect![[r#"
            ivan sends photo чек
              → group: <№ 1 · ivan · Telegram> photo «чек» ↩ ticket-1
            10:02 reader reads: 500 ₽
              → group: payment_asked «№ 1 · ivan: оплата не зачтена. Суммы на скриншоте не равны ни одному тарифу. | На скриншоте: 500 ₽.» ↩ «чек» [Зачесть: Базовый, 199 ¥ | Зачесть: Полный, 1 990 ₽ | Не зачитывать]
              → ivan: payment_checked «Спасибо, скриншот получили. Оператор проверит оплату и ответит здесь.»
            petr presses «Не зачитывать»
              → group: payment_dismissed «№ 1 · ivan: оплата не зачтена. Решение: petr. Передумали? Зачтите её кнопкой ниже.» ↩ «чек» [Зачесть: Базовый, 199 ¥ | Зачесть: Полный, 1 990 ₽]
            olga presses «Зачесть: Базовый, 199 ¥»
              ✎ ivan@mail.ru: Базовый, 2026-12-20
              → ivan: payment_thanks «Спасибо! Оплата 199 ¥ зачтена: тариф Базовый, оплачено до 20.12.2026.»
              → group: payment_credited «№ 1 · ivan: оплата 199 ¥ зачтена. Тариф Базовый, оплачено до 20.12.2026 (было: нет). | Решение: olga.» ↩ «чек» [Отменить]
            olga presses «Отменить»
              ✎ ivan@mail.ru: –, –
              → group: payment_undone «№ 1 · ivan: оплата 199 ¥ (Базовый) отменена. Было оплачено до: 20.12.2026, теперь: нет. Решение: olga. Если это ошибка, зачтите её снова.» ↩ «чек» [Зачесть: Базовый, 199 ¥ | Зачесть: Полный, 1 990 ₽]
              → ivan: payment_taken_back «Зачтённую оплату 199 ¥ пришлось отменить. Оператор всё уточнит и ответит здесь.»
            petr presses «Зачесть: Полный, 1 990 ₽»
              ✎ ivan@mail.ru: Полный, 2027-11-20
              → ivan: payment_thanks «Спасибо! Оплата 1 990 ₽ зачтена: тариф Полный, оплачено до 20.11.2027.»
              → group: payment_credited «№ 1 · ivan: оплата 1 990 ₽ зачтена. Тариф Полный, оплачено до 20.11.2027 (было: нет). | Решение: petr.» ↩ «чек» [Отменить]
        "#]],
    );
}

#[test]
fn of_two_who_press_one_decides_and_the_other_reads_what() {
    let mut world = with_clients(&["ivan"]);
    play(
        &mut world,
        "10:01 ivan presses «Оплата»\nivan sends photo чек\nreader reads: 500 ₽",
    );
    world.transcript.clear();
    let key = world.policy.group.message("0");
    world.press("petr", key.clone(), "credit:1:0".to_owned());
    world.press("olga", key.clone(), "dismiss:1".to_owned());
    world.press("olga", key.clone(), "credit:1:1".to_owned());
    world.press("olga", key.clone(), "undo:1".to_owned());
    world.press("petr", key.clone(), "undo:1".to_owned());
    world.press("petr", key, "credit:1:7".to_owned());
    expect![[r#"
          ✎ ivan@mail.ru: Базовый, 2026-12-20
          → ivan: payment_thanks «Спасибо! Оплата 199 ¥ зачтена: тариф Базовый, оплачено до 20.12.2026.»
          → group: payment_credited «№ 1 · ivan: оплата 199 ¥ зачтена. Тариф Базовый, оплачено до 20.12.2026 (было: нет). | Решение: petr.» ↩ «чек» [Отменить]
        (a payment that is decided)
          (По этой оплате уже решено: зачтена как Базовый, 199 ¥ (petr).)
        (a payment that is decided)
          (По этой оплате уже решено: зачтена как Базовый, 199 ¥ (petr).)
          ✎ ivan@mail.ru: –, –
          → group: payment_undone «№ 1 · ivan: оплата 199 ¥ (Базовый) отменена. Было оплачено до: 20.12.2026, теперь: нет. Решение: olga. Если это ошибка, зачтите её снова.» ↩ «чек» [Зачесть: Базовый, 199 ¥ | Зачесть: Полный, 1 990 ₽]
          → ivan: payment_taken_back «Зачтённую оплату 199 ¥ пришлось отменить. Оператор всё уточнит и ответит здесь.»
        (a payment that is decided)
          (По этой оплате уже решено: зачтена как Базовый, 199 ¥, и отменена (olga).)
        (a payment that is decided)
          (Эта кнопка уже не действует.)
    "#]].assert_eq(&world.transcript);
}

#[test]
fn what_was_taken_back_and_comes_again_the_operators_decide() {
    told(
        "ivan sends photo чек
        10:02 reader reads: 支付成功 / ¥199.00 / 交易单号 4200001234202611201234567890
        10:03 petr presses «Отменить»
        10:04 anna sends photo и я
        10:05 reader reads: 支付成功 / ¥199.00 / 交易单号 4200001234202611201234567890",
        &expect![[r#"
            ivan sends photo чек
              → group: <№ 1 · ivan · Telegram> photo «чек» ↩ ticket-1
            10:02 reader reads: 支付成功 / ¥199.00 / 交易单号 4200001234202611201234567890
              ✎ ivan@mail.ru: Базовый, 2026-12-20
              → ivan: payment_thanks «Спасибо! Оплата 199 ¥ зачтена: тариф Базовый, оплачено до 20.12.2026.»
              → group: payment_credited «№ 1 · ivan: оплата 199 ¥ зачтена. Тариф Базовый, оплачено до 20.12.2026 (было: нет). | На скриншоте: ¥199.00, номер 4200001234202611201234567890.» ↩ «чек» [Отменить]
            10:03 petr presses «Отменить»
              ✎ ivan@mail.ru: –, –
              → group: payment_undone «№ 1 · ivan: оплата 199 ¥ (Базовый) отменена. Было оплачено до: 20.12.2026, теперь: нет. Решение: petr. Если это ошибка, зачтите её снова.» ↩ «чек» [Зачесть: Базовый, 199 ¥ | Зачесть: Полный, 1 990 ₽]
              → ivan: payment_taken_back «Зачтённую оплату 199 ¥ пришлось отменить. Оператор всё уточнит и ответит здесь.»
            10:04 anna sends photo и я
              → group: <№ 2 · anna · Telegram> photo «и я» ↩ ticket-2
            10:05 reader reads: 支付成功 / ¥199.00 / 交易单号 4200001234202611201234567890
              → group: payment_asked «№ 2 · anna: оплата не зачтена. Этот номер операции уже был: № 1, ivan, 20.11 10:02. Та оплата зачтена как Базовый, 199 ¥, и отменена (petr). | На скриншоте: ¥199.00, номер 4200001234202611201234567890.» ↩ «и я» [Зачесть: Базовый, 199 ¥ | Зачесть: Полный, 1 990 ₽ | Не зачитывать]
              → anna: payment_checked «Спасибо, скриншот получили. Оператор проверит оплату и ответит здесь.»
        "#]],
    );
}

#[test]
fn every_picture_of_an_album_is_read_and_one_counts() {
    told(
        "ivan sends photos 3 вот
        10:02 reader reads: кот + 支付成功 / ¥199.00 + Баланс 5 000 ₽
        10:03 anna sends photos 2 и вот
        10:04 reader reads: 支付成功 / ¥199.00 / 单号 42000012342026 + 支付成功 / 199.00元 / 单号 77700099988811",
        &expect![[r#"
            ivan sends photos 3 вот
              → group: <№ 1 · ivan · Telegram> photo «вот» + photo + photo ↩ ticket-1
            10:02 reader reads: кот + 支付成功 / ¥199.00 + Баланс 5 000 ₽
              ✎ ivan@mail.ru: Базовый, 2026-12-20
              → ivan: payment_thanks «Спасибо! Оплата 199 ¥ зачтена: тариф Базовый, оплачено до 20.12.2026.»
              → group: payment_credited «№ 1 · ivan: оплата 199 ¥ зачтена. Тариф Базовый, оплачено до 20.12.2026 (было: нет). | На скриншоте: ¥199.00.» [Отменить]
            10:03 anna sends photos 2 и вот
              → group: <№ 2 · anna · Telegram> photo «и вот» + photo ↩ ticket-2
            10:04 reader reads: 支付成功 / ¥199.00 / 单号 42000012342026 + 支付成功 / 199.00元 / 单号 77700099988811
              ✎ anna@mail.ru: Базовый, 2026-12-20
              → anna: payment_thanks «Спасибо! Оплата 199 ¥ зачтена: тариф Базовый, оплачено до 20.12.2026.»
              → group: payment_credited «№ 2 · anna: оплата 199 ¥ зачтена. Тариф Базовый, оплачено до 20.12.2026 (было: нет). | На скриншоте: ¥199.00, номер 42000012342026.» ↩ «и вот» [Отменить]
              → group: payment_asked «№ 2 · anna: оплата не зачтена. В этом диалоге оплата уже была, 20.11 10:04: зачтена как Базовый, 199 ¥ (по скриншоту). Возможно, это она же. | На скриншоте: 199.00元, номер 77700099988811.» [Зачесть: Базовый, 199 ¥ | Зачесть: Полный, 1 990 ₽ | Не зачитывать]
              → anna: payment_checked «Спасибо, скриншот получили. Оператор проверит оплату и ответит здесь.»
        "#]],
    );
}

#[test]
fn until_one_counts_each_picture_is_read() {
    told(
        "ivan sends photo кот
        10:02 reader reads: !limit
        10:03 ivan sends photo чек
        10:04 reader reads: Перевод выполнен / 1 990,00 ₽ / 12.05.2024
        10:05 ivan sends photo спасибо",
        &expect![[r#"
            ivan sends photo кот
              → group: <№ 1 · ivan · Telegram> photo «кот» ↩ ticket-1
            10:02 reader reads: !limit
              → group: payment_asked «№ 1 · ivan: оплата не зачтена. Сегодня сервис больше не читает: лимит запросов исчерпан.» ↩ «кот» [Зачесть: Базовый, 199 ¥ | Зачесть: Полный, 1 990 ₽ | Не зачитывать]
              → ivan: payment_checked «Спасибо, скриншот получили. Оператор проверит оплату и ответит здесь.»
            10:03 ivan sends photo чек
              → group: <№ 1 · ivan · Telegram> photo «чек» ↩ ticket-1
            10:04 reader reads: Перевод выполнен / 1 990,00 ₽ / 12.05.2024
              ✎ ivan@mail.ru: Полный, 2027-11-20
              → ivan: payment_thanks «Спасибо! Оплата 1 990 ₽ зачтена: тариф Полный, оплачено до 20.11.2027.»
              → group: payment_credited «№ 1 · ivan: оплата 1 990 ₽ зачтена. Тариф Полный, оплачено до 20.11.2027 (было: нет). | На скриншоте: 1 990,00 ₽. | Дата на скриншоте: 12.05.2024. Проверьте, не старый ли он.» ↩ «чек» [Отменить]
            10:05 ivan sends photo спасибо
              → group: <№ 1 · ivan · Telegram · Полный> photo «спасибо» ↩ ticket-1
        "#]],
    );
}

#[test]
fn where_dialogs_are_private_the_group_sees_the_picture_too() {
    let mut world = World::new("subscription", DialogPlace::Private);
    world.business.tariffs = vec![tariff("Базовый", "199", "CNY", 30)];
    play(
        &mut world,
        "10:00 ivan: /start
        ivan: ivan@mail.ru
        ivan presses «Оплата»
        olga takes #1",
    );
    world.transcript.clear();
    play(&mut world, "ivan sends photo чек\nreader reads: ¥199.00");
    expect![[r#"
        ivan sends photo чек
          → olga: photo «чек»
        reader reads: ¥199.00
          ✎ ivan@mail.ru: Базовый, 2026-12-20
          → group: <№ 1 · ivan> photo «чек» ↩ ticket-1
          → ivan: payment_thanks «Спасибо! Оплата 199 ¥ зачтена: тариф Базовый, оплачено до 20.12.2026.»
          → group: payment_credited «№ 1 · ivan: оплата 199 ¥ зачтена. Тариф Базовый, оплачено до 20.12.2026 (было: нет). | На скриншоте: ¥199.00.» ↩ «чек» [Отменить]
    "#]].assert_eq(&world.transcript);
}

#[test]
fn a_receipt_as_a_pdf_is_shown_to_the_operators() {
    told(
        "ivan sends pdf чек",
        &expect![[r#"
        ivan sends pdf чек
          → group: <№ 1 · ivan · Telegram> document «чек» ↩ ticket-1
          → group: payment_asked «№ 1 · ivan: оплата не зачтена. Это PDF: такие чеки бот не читает, посмотрите сами.» ↩ «чек» [Зачесть: Базовый, 199 ¥ | Зачесть: Полный, 1 990 ₽ | Не зачитывать]
          → ivan: payment_checked «Спасибо, скриншот получили. Оператор проверит оплату и ответит здесь.»
    "#]],
    );
}

#[test]
fn a_picture_of_somebody_who_did_not_press_payment_is_a_picture() {
    let mut world = with_clients(&["ivan"]);
    world.transcript.clear();
    play(
        &mut world,
        "10:01 ivan sends photo чек
        ivan presses «Связаться с поддержкой»
        ivan sends photo чек",
    );
    assert!(world.business.unread.is_empty());
    expect![[r#"
        10:01 ivan sends photo чек
          → ivan: menu [Связаться с поддержкой | Оплата | Изменить почту]
        ivan presses «Связаться с поддержкой»
          → ivan: support
          ▣ № 1 · Поддержка | ivan · Telegram | Почта: ivan@mail.ru | Ждёт с 20.11 10:01 [Взять в работу]
        ivan sends photo чек
          → group: <№ 1 · ivan · Telegram> photo «чек» ↩ ticket-1
    "#]].assert_eq(&world.transcript);
}

#[test]
fn a_sheet_changes_records_and_the_owner_reads_what_is_wrong_once() {
    let mut world = with_clients(&["ivan"]);
    let tariffs = "тариф, цена, валюта, дней / Базовый, 199, CNY, 30";
    let clients =
        "почта, имя, тариф, оплачено до / ivan@mail.ru, Иван, Базовый, 23.11.2026 / anna, Анна, , ";
    world.transcript.push_str("four readings\n");
    world.sheet(clients, tariffs);
    world.sheet(clients, tariffs);
    world.sheet("почта", tariffs);
    world.sheet("почта", tariffs);
    expect![[r#"
        four readings
          ✎ ivan@mail.ru: Базовый, 2026-11-23
          → boss: sheet_complaints «В таблице есть вопросы: | Клиенты, A3: «anna» — это не почта»
          → boss: sheet_refused «Таблица не прочитана, ничего не изменилось. На листе «Клиенты» нет столбца name.»
    "#]].assert_eq(&world.transcript);
}

#[test]
fn reminders_go_out_once_each_where_the_client_was_heard_last() {
    let mut world = with_clients(&["ivan", "other-vera", "oleg"]);
    for (name, until) in [
        ("ivan", "2026-11-23"),
        ("vera", "2026-11-21"),
        ("oleg", "2026-11-20"),
    ] {
        let email = format!("{name}@mail.ru");
        let client = world
            .business
            .clients
            .iter_mut()
            .find(|client| client.email.as_str() == email);
        client.unwrap().paid_until = Some(until.parse().unwrap());
    }
    let due = engine::event::Event::Due(engine::event::Timer::Reminders);
    world.wait_until(at(12, 59));
    world.happen(&due);
    world.wait_until(at(13, 5));
    world.happen(&due);
    world.transcript.push_str("two days later\n");
    world.wait_until(at(13, 5) + SignedDuration::from_hours(48));
    expect![[r#"
          → ivan: remind_days «Ваша подписка оплачена до 23.11.2026, осталось дней: 3. Продлить её можно кнопкой «Оплата» в меню (/start).»
          → other-vera: remind_tomorrow «Завтра, 21.11.2026, последний оплаченный день вашей подписки. Продлить её можно кнопкой «Оплата» в меню (/start).»
          → oleg: remind_today «Сегодня, 20.11.2026, последний оплаченный день вашей подписки. Чтобы она не прервалась, нажмите «Оплата» в меню (/start).»
        two days later
        (no dialogs are open)
        (no dialogs are open)
          → ivan: remind_tomorrow «Завтра, 23.11.2026, последний оплаченный день вашей подписки. Продлить её можно кнопкой «Оплата» в меню (/start).»
    "#]].assert_eq(&world.transcript);
}

#[test]
fn a_broadcast_from_the_choice_of_tariffs_to_its_report() {
    let mut world = with_clients(&["ivan", "anna", "oleg"]);
    world.business.clients[0].tariff = Some("Базовый".to_owned());
    world.business.clients[1].tariff = Some("Базовый".to_owned());
    play(
        &mut world,
        "11:00 ivan: /рассылка
        boss: /рассылка
        boss presses «▫️ Базовый»
        boss presses «Дальше»
        boss replies: Новая цена с декабря!
        anna is silent
        11:01 boss presses «Отправить»
        11:02 ivan: спасибо",
    );
    expect![[r#"
        11:00 ivan: /рассылка
          → ivan: menu [Связаться с поддержкой | Оплата | Изменить почту]
        boss: /рассылка
          → boss: broadcast_whom «Кому отправить рассылку? Отметьте тарифы и нажмите «Дальше».» [▫️ Все | ▫️ Базовый | ▫️ Полный | Отмена | Дальше]
        boss presses «▫️ Базовый»
          → boss: broadcast_whom «Кому отправить рассылку? Отметьте тарифы и нажмите «Дальше».» [▫️ Все | ✅ Базовый | ▫️ Полный | Отмена | Дальше]
        boss presses «Дальше»
          → boss: broadcast_what «Получателей: 2. Ответьте на это сообщение тем, что нужно разослать: текстом, фото, файлом, альбомом.» [Отмена]
        boss replies: Новая цена с декабря!
          → boss: «Новая цена с декабря!»
          → boss: broadcast_preview «Выше то, что получат клиенты. Всего: 2 | Telegram: 2 |  | Отправляем?» [Отмена | Отправить]
        anna is silent
        11:01 boss presses «Отправить»
          → boss: broadcast_begun «Рассылка началась.»
          ⇉ ivan: «Новая цена с декабря!»
          → boss: broadcast_running «Рассылка идёт | ░░░░░░░░░░░░ | 0 из 2, осталось: …» [Пауза | Остановить]
          → boss: broadcast_report «Рассылка закончена. | Доставлено: 1 | Заблокировали бота: 1 | Не доставлено: 0 | Неизвестно: 0 | Не отправлялось: 0»
          → boss: document
        11:02 ivan: спасибо
          → ivan: menu [Связаться с поддержкой | Оплата | Изменить почту]
    "#]].assert_eq(&world.transcript);
}

#[test]
fn an_owner_changes_a_record_and_undoes_it() {
    let mut world = with_clients(&["ivan"]);
    play(
        &mut world,
        "11:00 olga: /почта
        boss: /почта
        boss replies: nobody@mail.ru
        boss replies: ivan@mail.ru
        boss presses «Тариф»
        boss replies: Золотой
        boss replies: базовый
        boss presses «Сохранить»
        boss presses «Отменить»
        boss: /почта ivan@mail.ru
        boss presses «Оплачено до»
        boss replies: завтра
        boss replies: 20.12.2026
        boss presses «Отмена»",
    );
    expect![[r#"
        11:00 olga: /почта
          → olga: email
        boss: /почта
          → boss: record_whose «Чью запись показать? Ответьте на это сообщение адресом почты.» [Отмена]
        boss replies: nobody@mail.ru
          → boss: record_none «Записи с почтой nobody@mail.ru нет. Проверьте адрес и ответьте ещё раз.»
        boss replies: ivan@mail.ru
          → boss: record «Почта: ivan@mail.ru | Имя: нет | Тариф: нет | Оплачено до: нет |  | Что изменить?» [Почта | Имя | Тариф | Оплачено до | Отмена]
        boss presses «Тариф»
          → boss: ask_tariff [Базовый | Полный | Оставить пустым | Отмена]
        boss replies: Золотой
          → boss: bad_tariff
        boss replies: базовый
          → boss: record_confirm «ivan@mail.ru | Тариф | было: нет | станет: Базовый» [Отмена | Сохранить]
        boss presses «Сохранить»
          ✎ ivan@mail.ru: Базовый, –
          → boss: record_saved «ivan@mail.ru: сохранено.» [Отменить]
        boss presses «Отменить»
          ✎ ivan@mail.ru: –, –
          → boss: undone
        boss: /почта ivan@mail.ru
          → boss: record «Почта: ivan@mail.ru | Имя: нет | Тариф: нет | Оплачено до: нет |  | Что изменить?» [Почта | Имя | Тариф | Оплачено до | Отмена]
        boss presses «Оплачено до»
          → boss: ask_until [Оставить пустым | Отмена]
        boss replies: завтра
          → boss: bad_date
        boss replies: 20.12.2026
          → boss: record_confirm «ivan@mail.ru | Оплачено до | было: нет | станет: 20.12.2026» [Отмена | Сохранить]
        boss presses «Отмена»
          → boss: task_cancelled
    "#]].assert_eq(&world.transcript);
}

#[test]
fn two_records_of_one_person_are_merged_and_parted() {
    let mut world = with_clients(&["ivan", "anna"]);
    play(
        &mut world,
        "boss: /почта anna@mail.ru
        boss presses «Почта»
        boss replies: ivan@mail.ru
        boss presses «Объединить»
        boss presses «Отменить»",
    );
    expect![[r#"
        boss: /почта anna@mail.ru
          → boss: record «Почта: anna@mail.ru | Имя: нет | Тариф: нет | Оплачено до: нет |  | Что изменить?» [Почта | Имя | Тариф | Оплачено до | Отмена]
        boss presses «Почта»
          → boss: ask_email [Отмена]
        boss replies: ivan@mail.ru
          → boss: record_merge «Запись с почтой ivan@mail.ru уже есть. Объединить их? Чаты и оплаты anna@mail.ru перейдут к ней, запись anna@mail.ru исчезнет. Это можно будет отменить.» [Отмена | Объединить]
        boss presses «Объединить»
          → boss: record_saved «anna@mail.ru: сохранено.» [Отменить]
        boss presses «Отменить»
          → boss: undone
    "#]].assert_eq(&world.transcript);
}
