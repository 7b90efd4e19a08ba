//! Payments, told as stories: what is credited, what the operators decide, and what is taken back.

use engine::scenario::DialogPlace;
use expect_test::{Expect, expect};

use crate::world::{
    World,
    business::{desk, tariff, with_clients},
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
