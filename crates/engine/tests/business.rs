//! Payments and the sheet, told as stories.

mod world;

use engine::{event::Event, scenario::DialogPlace, sheet::Unread};
use expect_test::{Expect, expect};
use jiff::SignedDuration;
use world::{
    World,
    business::{desk, tariff, with_clients},
    chat,
    script::play,
};

fn check(script: &str, expected: &Expect) {
    let mut world = desk();
    play(&mut world, script);
    expected.assert_eq(&world.transcript);
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
              → group: payment_credited «№ 1 · ivan: оплата 199 ¥ зачтена. Тариф Базовый, оплачено до 20.12.2026 (было: пусто). | На скриншоте: ¥199.00, номер 4200001234202611201234567890.» ↩ «вот» [Отменить]
            10:03 petr presses «Отменить»
              ✎ ivan@mail.ru: –, –
              → group: payment_undone «№ 1 · ivan: оплата 199 ¥ (Базовый) отменена. Было оплачено до: 20.12.2026, теперь: пусто. Решение: petr. Если это ошибка, зачтите её снова.» ↩ «вот» [Зачесть: Базовый, 199 ¥ | Зачесть: Полный, 1 990 ₽]
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
              → group: payment_credited «№ 1 · ivan: оплата 199 ¥ зачтена. Тариф Базовый, оплачено до 20.12.2026 (было: пусто). | Решение: petr.» ↩ «вот» [Отменить]
            10:04 olga presses «Отменить»
              ✎ ivan@mail.ru: –, –
              → group: payment_undone «№ 1 · ivan: оплата 199 ¥ (Базовый) отменена. Было оплачено до: 20.12.2026, теперь: пусто. Решение: olga. Если это ошибка, зачтите её снова.» ↩ «вот» [Зачесть: Базовый, 199 ¥ | Зачесть: Полный, 1 990 ₽]
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
          → group: payment_credited «№ 1 · ivan: оплата 199 ¥ зачтена. Тариф Базовый, оплачено до 20.12.2026 (было: пусто). | На скриншоте: ¥199.00, номер 2026112022001412345678901234.» ↩ «» [Отменить]
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
              → group: payment_credited «№ 1 · ivan: оплата 199 ¥ зачтена. Тариф Базовый, оплачено до 20.12.2026 (было: пусто). | Решение: olga.» ↩ «чек» [Отменить]
            olga presses «Отменить»
              ✎ ivan@mail.ru: –, –
              → group: payment_undone «№ 1 · ivan: оплата 199 ¥ (Базовый) отменена. Было оплачено до: 20.12.2026, теперь: пусто. Решение: olga. Если это ошибка, зачтите её снова.» ↩ «чек» [Зачесть: Базовый, 199 ¥ | Зачесть: Полный, 1 990 ₽]
              → ivan: payment_taken_back «Зачтённую оплату 199 ¥ пришлось отменить. Оператор всё уточнит и ответит здесь.»
            petr presses «Зачесть: Полный, 1 990 ₽»
              ✎ ivan@mail.ru: Полный, 2027-11-20
              → ivan: payment_thanks «Спасибо! Оплата 1 990 ₽ зачтена: тариф Полный, оплачено до 20.11.2027.»
              → group: payment_credited «№ 1 · ivan: оплата 1 990 ₽ зачтена. Тариф Полный, оплачено до 20.11.2027 (было: пусто). | Решение: petr.» ↩ «чек» [Отменить]
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
          → group: payment_credited «№ 1 · ivan: оплата 199 ¥ зачтена. Тариф Базовый, оплачено до 20.12.2026 (было: пусто). | Решение: petr.» ↩ «чек» [Отменить]
        (a payment that is decided)
          (По этой оплате уже решено: зачтена как Базовый, 199 ¥ (petr).)
        (a payment that is decided)
          (По этой оплате уже решено: зачтена как Базовый, 199 ¥ (petr).)
          ✎ ivan@mail.ru: –, –
          → group: payment_undone «№ 1 · ivan: оплата 199 ¥ (Базовый) отменена. Было оплачено до: 20.12.2026, теперь: пусто. Решение: olga. Если это ошибка, зачтите её снова.» ↩ «чек» [Зачесть: Базовый, 199 ¥ | Зачесть: Полный, 1 990 ₽]
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
              → group: payment_credited «№ 1 · ivan: оплата 199 ¥ зачтена. Тариф Базовый, оплачено до 20.12.2026 (было: пусто). | На скриншоте: ¥199.00, номер 4200001234202611201234567890.» ↩ «чек» [Отменить]
            10:03 petr presses «Отменить»
              ✎ ivan@mail.ru: –, –
              → group: payment_undone «№ 1 · ivan: оплата 199 ¥ (Базовый) отменена. Было оплачено до: 20.12.2026, теперь: пусто. Решение: petr. Если это ошибка, зачтите её снова.» ↩ «чек» [Зачесть: Базовый, 199 ¥ | Зачесть: Полный, 1 990 ₽]
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
              → group: payment_credited «№ 1 · ivan: оплата 199 ¥ зачтена. Тариф Базовый, оплачено до 20.12.2026 (было: пусто). | На скриншоте: ¥199.00.» [Отменить]
            10:03 anna sends photos 2 и вот
              → group: <№ 2 · anna · Telegram> photo «и вот» + photo ↩ ticket-2
            10:04 reader reads: 支付成功 / ¥199.00 / 单号 42000012342026 + 支付成功 / 199.00元 / 单号 77700099988811
              ✎ anna@mail.ru: Базовый, 2026-12-20
              → anna: payment_thanks «Спасибо! Оплата 199 ¥ зачтена: тариф Базовый, оплачено до 20.12.2026.»
              → group: payment_credited «№ 2 · anna: оплата 199 ¥ зачтена. Тариф Базовый, оплачено до 20.12.2026 (было: пусто). | На скриншоте: ¥199.00, номер 42000012342026.» ↩ «и вот» [Отменить]
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
              → group: payment_credited «№ 1 · ivan: оплата 1 990 ₽ зачтена. Тариф Полный, оплачено до 20.11.2027 (было: пусто). | На скриншоте: 1 990,00 ₽. | Дата на скриншоте: 12.05.2024. Проверьте, не старый ли он.» ↩ «чек» [Отменить]
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
          → group: payment_credited «№ 1 · ivan: оплата 199 ¥ зачтена. Тариф Базовый, оплачено до 20.12.2026 (было: пусто). | На скриншоте: ¥199.00.» ↩ «чек» [Отменить]
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
          → boss: sheet_complaints «В таблице есть вопросы: | Клиенты, A3: «anna» — это не почта, строка пропущена»
          → boss: sheet_lost «Таблица не прочитана, ничего не изменилось: из неё пропало многое из того, что было. | — столбец «Имя» (удалён или переименован) | — столбец «Тариф» (удалён или переименован) | — столбец «Оплачено до» (удалён или переименован) | Если так и задумано, нажмите кнопку. Если нет, верните как было, и я прочитаю таблицу сам.» [Так задумано, это мы удалили]
    "#]].assert_eq(&world.transcript);
}

/// Rows of so many clients, each with a name and a day.
fn rows(numbers: std::ops::Range<u32>) -> String {
    let row = |n| format!("c{n}@mail.ru, Клиент {n}, Базовый, 23.11.2026");
    let head = "почта, имя, тариф, оплачено до".to_owned();
    let all: Vec<String> = std::iter::once(head).chain(numbers.map(row)).collect();
    all.join(" / ")
}

const TARIFFS: &str = "тариф, цена, валюта, дней / Базовый, 199, CNY, 30";

/// A desk that has read a sheet with eight clients; the transcript begins after it.
fn with_sheet() -> World {
    let mut world = with_clients(&[]);
    world.policy.sheet_every = Some(SignedDuration::from_mins(15));
    world.sheet(&rows(0..8), TARIFFS);
    world.transcript.clear();
    world
}

#[test]
fn an_owner_reads_what_a_reading_has_changed() {
    let mut world = with_sheet();
    play(&mut world, "10:00 boss: /синхронизация");
    world.sheet_for_boss(&rows(0..8), TARIFFS);
    let changed = rows(0..9).replace(
        "c3@mail.ru, Клиент 3, Базовый, 23.11",
        "c3@mail.ru, Анна, , 24.11",
    );
    let dearer = TARIFFS.replace("199", "249");
    world.sheet_for_boss(&changed, &dearer);
    world.sheet_for_boss(&changed.replace("24.11.2026", "завтра"), &dearer);
    world.sheet_for_boss(&changed.replace("24.11.2026", "завтра"), &dearer);
    play(&mut world, "10:01 boss presses «Показать вопросы»");
    expect![[r#"
        10:00 boss: /синхронизация
          → boss: sheet_reading «Читаю таблицу…»
          → boss: sheet_same «Таблица прочитана: ничего нового, записи в порядке.»
          ✎ c3@mail.ru: –, 2026-11-24
          ✎ c8@mail.ru: Базовый, 2026-11-23
          → boss: sheet_complaints «В таблице есть вопросы: | Клиенты, C5 (c3@mail.ru): клетка очищена: было «Базовый», теперь пусто и здесь»
          → boss: sheet_done «Таблица прочитана. Изменено записей: 2. | Тариф «Базовый»: 199 ¥ на 30 дн. → 249 ¥ на 30 дн. | c8@mail.ru: новая запись | c3@mail.ru, Имя: Клиент 3 → Анна | c3@mail.ru, Тариф: Базовый → пусто | c3@mail.ru, Оплачено до: 23.11.2026 → 24.11.2026»
          → boss: sheet_complaints «В таблице есть вопросы: | Клиенты, D5 (c3@mail.ru): «завтра» — это не дата; пишите, например, 20.11.2026»
          → boss: sheet_same «Таблица прочитана: ничего нового, записи в порядке. |  | Открытых вопросов к таблице: 1.» [Показать вопросы]
          → boss: sheet_same «Таблица прочитана: ничего нового, записи в порядке. |  | Открытых вопросов к таблице: 1.» [Показать вопросы]
        10:01 boss presses «Показать вопросы»
          → boss: sheet_complaints «В таблице есть вопросы: | Клиенты, D5 (c3@mail.ru): «завтра» — это не дата; пишите, например, 20.11.2026»
    "#]].assert_eq(&world.transcript);
}

#[test]
fn what_is_gone_is_accepted_by_an_owner_only_and_as_it_was_shown() {
    let mut world = with_sheet();
    world.sheet(&rows(4..8), TARIFFS);
    world.sheet(&rows(4..8), TARIFFS);
    let key = world.keyboards.keys().next().unwrap().clone();
    world.press("olga", key.clone(), "meant:1".to_owned());
    world.sheet(&rows(4..8), TARIFFS);
    play(
        &mut world,
        "10:01 boss presses «Так задумано, это мы удалили»",
    );
    world.sheet_for_boss(&rows(5..8), TARIFFS);
    world.press("boss", key, "meant:1".to_owned());
    world.sheet(&rows(5..8), TARIFFS);
    play(
        &mut world,
        "10:02 boss presses «Так задумано, это мы удалили»",
    );
    world.sheet_for_boss(&rows(5..8), TARIFFS);
    world.sheet_for_boss(&rows(6..8), TARIFFS);
    expect![[r#"
          → boss: sheet_lost «Таблица не прочитана, ничего не изменилось: из неё пропало многое из того, что было. | — строк клиентов: 4 из 8 (c0@mail.ru, c1@mail.ru, c2@mail.ru, c3@mail.ru) | Если так и задумано, нажмите кнопку. Если нет, верните как было, и я прочитаю таблицу сам.» [Так задумано, это мы удалили]
        (somebody who is no owner pressed a key)
        10:01 boss presses «Так задумано, это мы удалили»
          → boss: sheet_reading «Читаю таблицу…»
          → boss: sheet_lost «Таблица не прочитана, ничего не изменилось: из неё пропало многое из того, что было. | — строк клиентов: 5 из 8 (c0@mail.ru, c1@mail.ru, c2@mail.ru, c3@mail.ru, c4@mail.ru) | Если так и задумано, нажмите кнопку. Если нет, верните как было, и я прочитаю таблицу сам.» [Так задумано, это мы удалили]
        (a question that is over)
          (Эта кнопка уже не действует.)
        10:02 boss presses «Так задумано, это мы удалили»
          → boss: sheet_reading «Читаю таблицу…»
          → boss: sheet_same «Таблица прочитана: ничего нового, записи в порядке.»
          → boss: sheet_same «Таблица прочитана: ничего нового, записи в порядке.»
    "#]].assert_eq(&world.transcript);
}

#[test]
fn a_change_of_the_sheet_is_in_the_log_and_can_be_undone() {
    let mut world = with_sheet();
    let changed = rows(0..8).replace("Клиент 3, Базовый, 23.11", "Клиент 3, Базовый, 24.11");
    world.sheet(&changed, TARIFFS);
    let entries: Vec<_> = world.business.entries.values().collect();
    let [entry] = entries.as_slice() else {
        panic!("{entries:?}");
    };
    assert_eq!(entry.by, None);
    let (key, data) = (chat("boss").message("1"), format!("revert:{}", entry.id));
    world.press("boss", key.clone(), data.clone());
    world.press("boss", key, data);
    // The cell is no news any more.
    world.sheet(&changed, TARIFFS);
    expect![[r#"
          ✎ c3@mail.ru: Базовый, 2026-11-24
          ✎ c3@mail.ru: Базовый, 2026-11-23
          → boss: undone «Отменено. c3@mail.ru: запись такая, как была.»
        (a change that is undone already)
          (Это уже отменено.)
    "#]]
    .assert_eq(&world.transcript);
}

#[test]
fn why_there_is_no_sheet_is_told_once_and_to_whoever_asks() {
    let mut world = with_sheet();
    world.transcript.push_str("five readings\n");
    let with = "bot@project.iam.gserviceaccount.com".to_owned();
    for why in [Unread::Away, Unread::Away, Unread::NotShared { with }] {
        world.happen(&Event::Sheet {
            asked: None,
            sheet: Err(why),
        });
    }
    world.transcript.push_str("asked for:\n");
    let asked = Some(chat("boss"));
    let sheet = Err(Unread::NotCsv { tariffs: true });
    world.happen(&Event::Sheet {
        asked: asked.clone(),
        sheet: sheet.clone(),
    });
    world.happen(&Event::Sheet { asked, sheet });
    expect![[r#"
        five readings
          → boss: sheet_refused «Таблица не прочитана, ничего не изменилось. Сервер с таблицей сейчас не отвечает. Попробую снова сам через 15 мин., делать ничего не нужно.»
          → boss: sheet_refused «Таблица не прочитана, ничего не изменилось. Таблица закрыта для бота. Откройте в ней «Настройки доступа» и добавьте bot@project.iam.gserviceaccount.com как читателя.»
        asked for:
          → boss: sheet_refused «Таблица не прочитана, ничего не изменилось. Вместо листа «Тарифы» пришла веб-страница: он не опубликован. В таблице: Файл → Поделиться → Опубликовать в интернете, этот лист, формат CSV.»
          → boss: sheet_refused «Таблица не прочитана, ничего не изменилось. Вместо листа «Тарифы» пришла веб-страница: он не опубликован. В таблице: Файл → Поделиться → Опубликовать в интернете, этот лист, формат CSV.»
    "#]].assert_eq(&world.transcript);
}

#[test]
fn what_an_owner_cannot_read_the_group_does() {
    let mut world = desk();
    play(&mut world, "10:00 boss is silent");
    world.sheet("почта", "тариф, цена, валюта, дней / Базовый, 199, CNY, 30");
    world.sheet(
        "почта, имя, тариф, оплачено до / anna, Анна, , ",
        "тариф, цена, валюта, дней / Базовый, 199, CNY, 30",
    );
    expect![[r#"
        10:00 boss is silent
          ✗ boss
          → group: sheet_complaints «Это для владельца, но бот пока не может ему написать. Пусть владелец откроет чат с ботом и нажмёт /start. |  | В таблице есть вопросы: | Клиенты: столбца «Имя» нет, об этом таблица ничего не говорит | Клиенты: столбца «Тариф» нет, об этом таблица ничего не говорит | Клиенты: столбца «Оплачено до» нет, об этом таблица ничего не говорит»
          ✗ boss
          → group: sheet_complaints «Это для владельца, но бот пока не может ему написать. Пусть владелец откроет чат с ботом и нажмёт /start. |  | В таблице есть вопросы: | Клиенты, A2: «anna» — это не почта, строка пропущена»
    "#]].assert_eq(&world.transcript);
}
