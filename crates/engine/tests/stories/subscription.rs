//! The scenario «subscription», told as stories.

use engine::scenario::DialogPlace;
use expect_test::{Expect, expect};

use crate::world::script::check_at;

fn check(script: &str, expected: &Expect) {
    check_at("subscription", DialogPlace::Group, script, expected);
}

#[test]
fn whoever_is_unknown_is_asked_for_an_address_until_it_is_one() {
    check(
        "10:00 ivan: где мой заказ?
         ivan: привет
         ivan: ivan@mail
         ivan: ivan @mail.ru
         ivan: a@mail.ru b@mail.ru
         ivan sends photo
         ivan: моя почта Ivan@Mail.ru
         10:01 ivan: где мой заказ?
         10:02 ivan: 3
         ivan: что-то не то
         ivan: вот ivanov@mail.ru",
        &expect![[r#"
            10:00 ivan: где мой заказ?
              → ivan: email
            ivan: привет
              → ivan: email_no_at
            ivan: ivan@mail
              → ivan: email_no_host
            ivan: ivan @mail.ru
              → ivan: email_space
            ivan: a@mail.ru b@mail.ru
              → ivan: email_several
            ivan sends photo
              → ivan: email
            ivan: моя почта Ivan@Mail.ru
              → ivan: email_new
              → ivan: menu [Связаться с поддержкой | Оплата | Изменить почту]
            10:01 ivan: где мой заказ?
              → ivan: menu [Связаться с поддержкой | Оплата | Изменить почту]
            10:02 ivan: 3
              → ivan: new-email [Оставить как есть]
            ivan: что-то не то
              → ivan: email_no_at
            ivan: вот ivanov@mail.ru
              → ivan: email_new
              → ivan: menu [Связаться с поддержкой | Оплата | Изменить почту]
        "#]],
    );
}

#[test]
fn one_person_on_two_messengers_is_one_client() {
    check(
        "10:00 ivan: /start
         ivan: ivan@mail.ru
         10:01 other-ivan: /start
         other-ivan: IVAN@mail.ru
         10:02 other-ivan presses «Изменить почту»
         other-ivan presses «Оставить как есть»
         other-ivan: оплата",
        &expect![[r#"
            10:00 ivan: /start
              → ivan: email
            ivan: ivan@mail.ru
              → ivan: email_new
              → ivan: menu [Связаться с поддержкой | Оплата | Изменить почту]
            10:01 other-ivan: /start
              → other-ivan: email
            other-ivan: IVAN@mail.ru
              → other-ivan: email_known
              → other-ivan: menu [Связаться с поддержкой | Оплата | Изменить почту]
            10:02 other-ivan presses «Изменить почту»
              → other-ivan: new-email [Оставить как есть]
            other-ivan presses «Оставить как есть»
              → other-ivan: menu [Связаться с поддержкой | Оплата | Изменить почту]
            other-ivan: оплата
              → other-ivan: payment
              ▣ № 1 · Оплата | ivan · Другой | Почта: ivan@mail.ru | Ответить можно до 27.11 10:02 | Ждёт с 20.11 10:02 [Взять в работу]
        "#]],
    );
}

#[test]
fn a_dialog_opens_with_a_key_and_ends_with_a_rating() {
    check(
        "10:00 ivan: /start
         ivan: ivan@mail.ru
         10:01 ivan presses «Связаться с поддержкой»
         10:02 ivan: не работает
         10:03 olga in group answers «не работает»: проверяем
         10:04 ivan: /start
         10:05 olga in group answers «не работает»: /пока
         10:06 ivan presses «4»
         10:07 ivan: 5
         10:08 ivan: /start
         ivan presses «Связаться с поддержкой»
         10:09 olga in group: /пока 2
         10:10 ivan: 5 ⭐
         10:11 ivan presses «В начало»
         ivan presses «Оплата»
         10:12 olga in group: /пока 3
         10:13 ivan: и ещё вопрос",
        &expect![[r#"
            10:00 ivan: /start
              → ivan: email
            ivan: ivan@mail.ru
              → ivan: email_new
              → ivan: menu [Связаться с поддержкой | Оплата | Изменить почту]
            10:01 ivan presses «Связаться с поддержкой»
              → ivan: support
              ▣ № 1 · Поддержка | ivan · Telegram | Почта: ivan@mail.ru | Ждёт с 20.11 10:01 [Взять в работу]
            10:02 ivan: не работает
              → group: <№ 1 · ivan · Telegram> «не работает» ↩ ticket-1
            10:03 olga in group answers «не работает»: проверяем
              ▢ № 1 · Поддержка | ivan · Telegram | Почта: ivan@mail.ru | В работе: olga, с 20.11 10:03 [Завершить диалог]
              → ivan: operator_joined
              → ivan: «проверяем» ↩ «не работает»
              ✓ «проверяем»
            10:04 ivan: /start
              → ivan: ticket_assigned
            10:05 olga in group answers «не работает»: /пока
              → group: closed_in_group ↩ ticket-1
              → ivan: rate [1 | 2 | 3 | 4 | 5 | В начало]
              ▢ № 1 · Поддержка | ivan · Telegram | Почта: ivan@mail.ru | Закрыто 20.11 10:05, оператор: olga
            10:06 ivan presses «4»
              → group: rating ↩ ticket-1
              → ivan: rated [В начало]
            10:07 ivan: 5
              → ivan: rated [В начало]
            10:08 ivan: /start
              → ivan: menu [Связаться с поддержкой | Оплата | Изменить почту]
            ivan presses «Связаться с поддержкой»
              → ivan: support
              ▣ № 2 · Поддержка | ivan · Telegram | Почта: ivan@mail.ru | Ждёт с 20.11 10:08 [Взять в работу]
            10:09 olga in group: /пока 2
              → group: closed_in_group ↩ ticket-2
              → ivan: rate [1 | 2 | 3 | 4 | 5 | В начало]
              ▢ № 2 · Поддержка | ivan · Telegram | Почта: ivan@mail.ru | Закрыто 20.11 10:09, оператор: olga
            10:10 ivan: 5 ⭐
              → group: rating ↩ ticket-2
              → ivan: rated [В начало]
            10:11 ivan presses «В начало»
              → ivan: menu [Связаться с поддержкой | Оплата | Изменить почту]
            ivan presses «Оплата»
              → ivan: payment
              ▣ № 3 · Оплата | ivan · Telegram | Почта: ivan@mail.ru | Ждёт с 20.11 10:11 [Взять в работу]
            10:12 olga in group: /пока 3
              → group: closed_in_group ↩ ticket-3
              → ivan: rate [1 | 2 | 3 | 4 | 5 | В начало]
              ▢ № 3 · Оплата | ivan · Telegram | Почта: ivan@mail.ru | Закрыто 20.11 10:12, оператор: olga
            10:13 ivan: и ещё вопрос
              → ivan: menu [Связаться с поддержкой | Оплата | Изменить почту]
        "#]],
    );
}

#[test]
fn it_works_in_private_dialogs_too() {
    check_at(
        "subscription",
        DialogPlace::Private,
        "10:00 ivan: /start
         ivan: ivan@mail.ru
         ivan presses «Оплата»
         10:01 ivan sends photo чек
         10:02 olga takes #1
         10:03 olga: вижу, спасибо
         10:04 olga: /пока
         10:05 ivan: 5!",
        &expect![[r#"
            10:00 ivan: /start
              → ivan: email
            ivan: ivan@mail.ru
              → ivan: email_new
              → ivan: menu [Связаться с поддержкой | Оплата | Изменить почту]
            ivan presses «Оплата»
              → ivan: payment
              ▣ № 1 · Оплата | ivan · Telegram | Почта: ivan@mail.ru | Ждёт с 20.11 10:00 [Взять в работу]
            10:01 ivan sends photo чек
              → group: <№ 1 · ivan> photo «чек» ↩ ticket-1
            10:02 olga takes #1
              (Обращение № 1 ваше. Отвечайте в личном чате со мной.)
              → olga: intro [Завершить диалог]
              → olga: photo «чек»
              ▢ № 1 · Оплата | ivan · Telegram | Почта: ivan@mail.ru | В работе: olga, с 20.11 10:02
              → ivan: operator_joined
            10:03 olga: вижу, спасибо
              → ivan: «вижу, спасибо»
            10:04 olga: /пока
              → olga: dialog_closed
              → ivan: rate [1 | 2 | 3 | 4 | 5 | В начало]
              ▢ № 1 · Оплата | ivan · Telegram | Почта: ivan@mail.ru | Закрыто 20.11 10:04, оператор: olga
            10:05 ivan: 5!
              → group: rating ↩ ticket-1
              → ivan: rated [В начало]
        "#]],
    );
}
