//! Payments, the sheet and broadcasts, told as stories.

mod world;

use engine::scenario::DialogPlace;
use expect_test::{Expect, expect};
use world::{World, business::tariff, script::play};

fn desk() -> World {
    let mut world = World::new("subscription", DialogPlace::Group);
    world.business.tariffs = vec![
        tariff("Базовый", "199", "CNY", 30),
        tariff("Полный", "1990", "RUB", 365),
    ];
    world
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
              → group: payment_credited «№ 1 · ivan: оплата 199 ¥ зачтена. Тариф Базовый, оплачено до 20.12.2026.» ↩ «вот» [Отменить]
            10:03 petr presses «Отменить»
              ✎ ivan@mail.ru: –, –
              → group: payment_undone «№ 1 · ivan: оплата 199 ¥ (Базовый) отменена. Решение: petr.» ↩ «вот»
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
              → group: payment_asked «№ 1 · ivan: оплата не зачтена. Суммы на картинке не равны ни одному тарифу: 500 RUB.» ↩ «вот» [Зачесть: Базовый, 199 ¥ | Зачесть: Полный, 1 990 ₽ | Не зачитывать]
              → ivan: payment_checked «Спасибо, скриншот получили. Оператор проверит оплату и ответит здесь.»
            10:03 ivan forges credit:1:0
            (a key that does not belong where it was pressed)
            10:03 petr presses «Зачесть: Базовый, 199 ¥»
              ✎ ivan@mail.ru: Базовый, 2026-12-20
              → ivan: payment_thanks «Спасибо! Оплата 199 ¥ зачтена: тариф Базовый, оплачено до 20.12.2026.»
              → group: payment_credited «№ 1 · ivan: оплата 199 ¥ зачтена. Тариф Базовый, оплачено до 20.12.2026.» ↩ «вот» [Отменить]
            10:04 olga presses «Отменить»
              ✎ ivan@mail.ru: –, –
              → group: payment_undone «№ 1 · ivan: оплата 199 ¥ (Базовый) отменена. Решение: olga.» ↩ «вот»
              → ivan: payment_taken_back «Зачтённую оплату 199 ¥ пришлось отменить. Оператор всё уточнит и ответит здесь.»
        "#]],
    );
    check(
        &format!(
            "{IVAN_PAYS}
            10:02 reader reads: !нет ответа
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
            10:02 reader reads: !нет ответа
              → group: payment_asked «№ 1 · ivan: оплата не зачтена. Прочитать не удалось: нет ответа» ↩ «вот» [Зачесть: Базовый, 199 ¥ | Зачесть: Полный, 1 990 ₽ | Не зачитывать]
              → ivan: payment_checked «Спасибо, скриншот получили. Оператор проверит оплату и ответит здесь.»
            10:03 petr presses «Не зачитывать»
              → group: payment_dismissed «№ 1 · ivan: оплата не зачтена. Решение: petr.» ↩ «вот»
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
          → group: payment_credited «№ 1 · ivan: оплата 199 ¥ зачтена. Тариф Базовый, оплачено до 20.12.2026.» ↩ «» [Отменить]
        10:03 reader reads: 199.00 元 2026112022001412345678901234
          → group: payment_asked «№ 2 · anna: оплата не зачтена. Такая картинка или транзакция уже была: № 1, 20.11 10:02.» ↩ «» [Зачесть: Базовый, 199 ¥ | Не зачитывать]
          → anna: payment_checked «Спасибо, скриншот получили. Оператор проверит оплату и ответит здесь.»
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
          → group: sheet_refused «Это для владельца, но бот пока не может ему написать. Пусть владелец откроет чат с ботом и нажмёт /start. |  | Таблица не прочитана, ничего не изменилось. На листе «Клиенты» нет столбца name.»
          ✗ boss
          → group: sheet_complaints «Это для владельца, но бот пока не может ему написать. Пусть владелец откроет чат с ботом и нажмёт /start. |  | В таблице есть вопросы: | Клиенты, A2: «anna» — это не почта»
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
