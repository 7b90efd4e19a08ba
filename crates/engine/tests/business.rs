//! Payments, the sheet, reminders and records, told as stories.

mod world;

use expect_test::{Expect, expect};
use jiff::SignedDuration;
use world::{
    at,
    business::{desk, play, with_clients},
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
