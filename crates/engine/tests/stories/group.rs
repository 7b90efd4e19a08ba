//! Dialogs in the operators' group, told as stories.

use engine::scenario::DialogPlace;
use expect_test::{Expect, expect};

use crate::world::script::check_at;

fn check(script: &str, expected: &Expect) {
    check_at("care", DialogPlace::Group, script, expected);
}

const IVAN_ASKS: &str = "10:00 ivan: /start
    ivan presses «Другой вопрос»
    ivan presses «Отправить сообщение сотруднику»
    ivan: где мой заказ?
    ";

#[test]
fn a_reply_goes_to_the_customer_and_talk_goes_nowhere() {
    check(
        &format!(
            "{IVAN_ASKS}
             10:01 petr in group: кто возьмёт?
             10:02 ivan: ау
             10:03 olga in group answers «ау»: смотрю
             10:03 petr in group answers «смотрю»: спасибо!
             10:04 ivan: жду
             10:05 petr in group answers «жду»: уже в пути
             10:06 nobody in group answers «жду»: я чужой"
        ),
        &expect![[r#"
            10:00 ivan: /start
              → ivan: menu [Обращение по гарантии | Возврат товара | Другой вопрос]
            ivan presses «Другой вопрос»
              → ivan: other [Отправить сообщение сотруднику | В начало]
            ivan presses «Отправить сообщение сотруднику»
              → ivan: other-send [В начало]
            ivan: где мой заказ?
              → ivan: opened [В начало]
              ▣ № 1 · Другой вопрос | ivan · Telegram | где мой заказ? | Ждёт с 20.11 10:00 [Взять в работу]
            10:01 petr in group: кто возьмёт?
            10:02 ivan: ау
              → ivan: added
              → group: <№ 1 · ivan · Telegram> «ау» ↩ ticket-1
            10:03 olga in group answers «ау»: смотрю
              ▢ № 1 · Другой вопрос | ivan · Telegram | где мой заказ? | В работе: olga, с 20.11 10:03 [Завершить диалог]
              → ivan: operator_joined
              → ivan: «смотрю» ↩ «ау»
              ✓ «смотрю»
            10:03 petr in group answers «смотрю»: спасибо!
            (colleagues' talk)
            10:04 ivan: жду
              → group: <№ 1 · ivan · Telegram> «жду» ↩ ticket-1
            10:05 petr in group answers «жду»: уже в пути
              → ivan: «уже в пути» ↩ «жду»
              ✓ «уже в пути»
            10:06 nobody in group answers «жду»: я чужой
            (somebody who is no operator spoke)
        "#]],
    );
}

#[test]
fn a_dialog_is_taken_and_closed_with_keys_and_commands() {
    check(
        &format!(
            "{IVAN_ASKS}
             10:01 olga takes #1
             10:01 petr takes #1
             10:01 olga takes #1
             10:02 ivan: спасибо
             10:03 petr in group: /пока
             10:04 petr in group: /bye 7
             10:05 olga in group answers «спасибо»: /пока
             10:06 olga in group answers «спасибо»: поздно
             10:07 olga in group: /пока 1
             10:08 ivan presses «В начало»
             ivan presses «Другой вопрос»
             ivan presses «Отправить сообщение сотруднику»
             ivan: ещё вопрос
             10:09 olga takes #2
             10:10 petr presses «Завершить диалог»"
        ),
        &expect![[r#"
            10:00 ivan: /start
              → ivan: menu [Обращение по гарантии | Возврат товара | Другой вопрос]
            ivan presses «Другой вопрос»
              → ivan: other [Отправить сообщение сотруднику | В начало]
            ivan presses «Отправить сообщение сотруднику»
              → ivan: other-send [В начало]
            ivan: где мой заказ?
              → ivan: opened [В начало]
              ▣ № 1 · Другой вопрос | ivan · Telegram | где мой заказ? | Ждёт с 20.11 10:00 [Взять в работу]
            10:01 olga takes #1
              (Обращение № 1 ваше. Чтобы ответить клиенту, ответьте здесь на его сообщение.)
              ▢ № 1 · Другой вопрос | ivan · Telegram | где мой заказ? | В работе: olga, с 20.11 10:01 [Завершить диалог]
              → ivan: operator_joined
            10:01 petr takes #1
            (another operator's ticket)
              (Обращение № 1 уже в работе. Оператор: olga.)
            10:01 olga takes #1
            (a ticket of theirs already)
              (Обращение № 1 уже у вас. Отвечайте здесь, ответом на сообщение клиента.)
            10:02 ivan: спасибо
              → group: <№ 1 · ivan · Telegram> «спасибо» ↩ ticket-1
            10:03 petr in group: /пока
              → group: close_which ↩ «/пока»
            10:04 petr in group: /bye 7
              → group: no_such_ticket ↩ «/bye 7»
            10:05 olga in group answers «спасибо»: /пока
              → group: closed_in_group ↩ ticket-1
              → ivan: operator_left [В начало]
              ▢ № 1 · Другой вопрос | ivan · Telegram | где мой заказ? | Закрыто 20.11 10:05, оператор: olga
            10:06 olga in group answers «спасибо»: поздно
              → group: dialog_over ↩ «поздно»
            10:07 olga in group: /пока 1
              → group: already_closed ↩ «/пока 1»
            10:08 ivan presses «В начало»
              → ivan: menu [Обращение по гарантии | Возврат товара | Другой вопрос]
            ivan presses «Другой вопрос»
              → ivan: other [Отправить сообщение сотруднику | В начало]
            ivan presses «Отправить сообщение сотруднику»
              → ivan: other-send [В начало]
            ivan: ещё вопрос
              → ivan: opened [В начало]
              ▣ № 2 · Другой вопрос | ivan · Telegram | ещё вопрос | Ждёт с 20.11 10:08 [Взять в работу]
            10:09 olga takes #2
              (Обращение № 2 ваше. Чтобы ответить клиенту, ответьте здесь на его сообщение.)
              ▢ № 2 · Другой вопрос | ivan · Telegram | ещё вопрос | В работе: olga, с 20.11 10:09 [Завершить диалог]
              → ivan: operator_joined
            10:10 petr presses «Завершить диалог»
              → group: closed_in_group ↩ ticket-2
              → ivan: operator_left [В начало]
              ▢ № 2 · Другой вопрос | ivan · Telegram | ещё вопрос | Закрыто 20.11 10:10, оператор: petr
        "#]],
    );
}

#[test]
fn changes_are_carried_over_both_ways() {
    check(
        &format!(
            "{IVAN_ASKS}
             10:01 ivan: красный
             10:02 olga in group answers «красный»: принято
             10:03 olga in group edits «принято»: принято, спасибо
             10:04 ivan edits «красный»: синий
             10:05 petr in group: между нами
             10:06 petr in group edits «между нами»: ничего"
        ),
        &expect![[r#"
            10:00 ivan: /start
              → ivan: menu [Обращение по гарантии | Возврат товара | Другой вопрос]
            ivan presses «Другой вопрос»
              → ivan: other [Отправить сообщение сотруднику | В начало]
            ivan presses «Отправить сообщение сотруднику»
              → ivan: other-send [В начало]
            ivan: где мой заказ?
              → ivan: opened [В начало]
              ▣ № 1 · Другой вопрос | ivan · Telegram | где мой заказ? | Ждёт с 20.11 10:00 [Взять в работу]
            10:01 ivan: красный
              → ivan: added
              → group: <№ 1 · ivan · Telegram> «красный» ↩ ticket-1
            10:02 olga in group answers «красный»: принято
              ▢ № 1 · Другой вопрос | ivan · Telegram | где мой заказ? | В работе: olga, с 20.11 10:02 [Завершить диалог]
              → ivan: operator_joined
              → ivan: «принято» ↩ «красный»
              ✓ «принято»
            10:03 olga in group edits «принято»: принято, спасибо
              ✎ ivan: «принято, спасибо»
            10:04 ivan edits «красный»: синий
              ✎ group: <№ 1 · ivan · Telegram> «синий»
            10:05 petr in group: между нами
            10:06 petr in group edits «между нами»: ничего
            (a message that was not kept)
        "#]],
    );
}

#[test]
fn albums_and_things_in_one_message_stay_together() {
    check(
        &format!(
            "{IVAN_ASKS}
             10:01 ivan sends photos 3 вот они
             10:02 olga in group answers «вот они»: sends photo video
             10:03 ivan: вижу
             10:04 olga in group sends album photo photo
             10:05 ivan sends album photo photo"
        ),
        &expect![[r#"
            10:00 ivan: /start
              → ivan: menu [Обращение по гарантии | Возврат товара | Другой вопрос]
            ivan presses «Другой вопрос»
              → ivan: other [Отправить сообщение сотруднику | В начало]
            ivan presses «Отправить сообщение сотруднику»
              → ivan: other-send [В начало]
            ivan: где мой заказ?
              → ivan: opened [В начало]
              ▣ № 1 · Другой вопрос | ivan · Telegram | где мой заказ? | Ждёт с 20.11 10:00 [Взять в работу]
            10:01 ivan sends photos 3 вот они
              → ivan: added
              → group: <№ 1 · ivan · Telegram> photo «вот они» + photo + photo ↩ ticket-1
            10:02 olga in group answers «вот они»: sends photo video
              ▢ № 1 · Другой вопрос | ivan · Telegram | где мой заказ? | В работе: olga, с 20.11 10:02 [Завершить диалог]
              → ivan: operator_joined
              → ivan: photo + video ↩ «вот они»
              ✓ «»
            10:03 ivan: вижу
              → group: <№ 1 · ivan · Telegram> «вижу» ↩ ticket-1
            10:04 olga in group sends album photo photo
            (colleagues' talk)
            (colleagues' talk)
            10:05 ivan sends album photo photo
              → group: <№ 1 · ivan · Telegram> photo + photo ↩ ticket-1
        "#]],
    );
}

#[test]
fn what_did_not_arrive_is_said_where_it_was_written() {
    check(
        &format!(
            "{IVAN_ASKS}
             10:01 ivan: ау
             10:02 ivan blocks
             10:03 olga in group answers «ау»: здравствуйте
             10:04 ivan unblocks
             10:05 olga presses «Отправить ещё раз»"
        ),
        &expect![[r#"
            10:00 ivan: /start
              → ivan: menu [Обращение по гарантии | Возврат товара | Другой вопрос]
            ivan presses «Другой вопрос»
              → ivan: other [Отправить сообщение сотруднику | В начало]
            ivan presses «Отправить сообщение сотруднику»
              → ivan: other-send [В начало]
            ivan: где мой заказ?
              → ivan: opened [В начало]
              ▣ № 1 · Другой вопрос | ivan · Telegram | где мой заказ? | Ждёт с 20.11 10:00 [Взять в работу]
            10:01 ivan: ау
              → ivan: added
              → group: <№ 1 · ivan · Telegram> «ау» ↩ ticket-1
            10:02 ivan blocks
            10:03 olga in group answers «ау»: здравствуйте
              ▢ № 1 · Другой вопрос | ivan · Telegram | где мой заказ? | В работе: olga, с 20.11 10:03 [Завершить диалог]
              ✗ ivan
            (a notice that did not arrive)
              ✗ ivan
              → group: reply_gone ↩ «здравствуйте» [Отправить ещё раз]
            10:04 ivan unblocks
            10:05 olga presses «Отправить ещё раз»
              again 17
              → ivan: «здравствуйте» ↩ «ау»
              ✓ «здравствуйте»
        "#]],
    );
}

#[test]
fn an_operator_who_leaves_hands_the_dialog_to_the_group() {
    check(
        &format!(
            "{IVAN_ASKS}
             10:01 olga takes #1
             10:02 olga leaves
             10:03 ivan: вы здесь?
             10:04 petr in group answers «вы здесь?»: я здесь"
        ),
        &expect![[r#"
            10:00 ivan: /start
              → ivan: menu [Обращение по гарантии | Возврат товара | Другой вопрос]
            ivan presses «Другой вопрос»
              → ivan: other [Отправить сообщение сотруднику | В начало]
            ivan presses «Отправить сообщение сотруднику»
              → ivan: other-send [В начало]
            ivan: где мой заказ?
              → ivan: opened [В начало]
              ▣ № 1 · Другой вопрос | ivan · Telegram | где мой заказ? | Ждёт с 20.11 10:00 [Взять в работу]
            10:01 olga takes #1
              (Обращение № 1 ваше. Чтобы ответить клиенту, ответьте здесь на его сообщение.)
              ▢ № 1 · Другой вопрос | ivan · Telegram | где мой заказ? | В работе: olga, с 20.11 10:01 [Завершить диалог]
              → ivan: operator_joined
            10:02 olga leaves
              ▢ № 1 · Другой вопрос | ivan · Telegram | где мой заказ? | Нужен другой оператор: olga больше не на связи [Взять в работу]
              → group: abandoned ↩ ticket-1 [Взять в работу]
            10:03 ivan: вы здесь?
              → group: <№ 1 · ivan · Telegram> «вы здесь?» ↩ ticket-1
            10:04 petr in group answers «вы здесь?»: я здесь
              ▢ № 1 · Другой вопрос | ivan · Telegram | где мой заказ? | В работе: petr, с 20.11 10:04 [Завершить диалог]
              → ivan: operator_joined
              → ivan: «я здесь» ↩ «вы здесь?»
              ✓ «я здесь»
        "#]],
    );
}

#[test]
fn privately_the_bot_says_where_dialogs_live() {
    check(
        &format!(
            "{IVAN_ASKS}
             10:01 olga takes #1
             10:02 olga: /start
             10:03 olga: это кому?
             10:04 olga presses «Посмотреть глазами клиента»"
        ),
        &expect![[r#"
            10:00 ivan: /start
              → ivan: menu [Обращение по гарантии | Возврат товара | Другой вопрос]
            ivan presses «Другой вопрос»
              → ivan: other [Отправить сообщение сотруднику | В начало]
            ivan presses «Отправить сообщение сотруднику»
              → ivan: other-send [В начало]
            ivan: где мой заказ?
              → ivan: opened [В начало]
              ▣ № 1 · Другой вопрос | ivan · Telegram | где мой заказ? | Ждёт с 20.11 10:00 [Взять в работу]
            10:01 olga takes #1
              (Обращение № 1 ваше. Чтобы ответить клиенту, ответьте здесь на его сообщение.)
              ▢ № 1 · Другой вопрос | ivan · Telegram | где мой заказ? | В работе: olga, с 20.11 10:01 [Завершить диалог]
              → ivan: operator_joined
            10:02 olga: /start
              → olga: operator_hello_group [Посмотреть глазами клиента]
            10:03 olga: это кому?
              → olga: talk_in_group [Посмотреть глазами клиента]
            10:04 olga presses «Посмотреть глазами клиента»
              → olga: menu [Обращение по гарантии | Возврат товара | Другой вопрос]
        "#]],
    );
}

#[test]
fn what_a_colleague_writes_in_the_messengers_own_window_is_shown_and_not_echoed() {
    check(
        "10:00 colleague tells other-anna: это вне диалога
         10:01 other-anna: /start
         other-anna presses «Другой вопрос»
         other-anna presses «Отправить сообщение сотруднику»
         other-anna: где заказ?
         10:02 colleague tells other-anna: я отвечу здесь
         10:03 olga in group answers «я отвечу здесь»: и я здесь
         10:04 other-anna: спасибо обоим",
        &expect![[r#"
            10:00 colleague tells other-anna: это вне диалога
              → group: <anna · Другой: коллега отвечает из окна мессенджера> «это вне диалога»
            10:01 other-anna: /start
              → other-anna: menu [Обращение по гарантии | Возврат товара | Другой вопрос]
            other-anna presses «Другой вопрос»
              → other-anna: other [Отправить сообщение сотруднику | В начало]
            other-anna presses «Отправить сообщение сотруднику»
              → other-anna: other-send [В начало]
            other-anna: где заказ?
              → other-anna: opened [В начало]
              ▣ № 1 · Другой вопрос | anna · Другой | Ответить можно до 27.11 10:01 | где заказ? | Ждёт с 20.11 10:01 [Взять в работу]
            10:02 colleague tells other-anna: я отвечу здесь
              → group: <anna · Другой: коллега отвечает из окна мессенджера> «я отвечу здесь» ↩ ticket-1
            10:03 olga in group answers «я отвечу здесь»: и я здесь
              ▢ № 1 · Другой вопрос | anna · Другой | Ответить можно до 27.11 10:01 | где заказ? | В работе: olga, с 20.11 10:03 [Завершить диалог]
              → other-anna: operator_joined
              → other-anna: «и я здесь» ↩ «я отвечу здесь»
              ✓ «и я здесь»
            10:04 other-anna: спасибо обоим
              → group: <№ 1 · anna · Другой> «спасибо обоим» ↩ ticket-1
              ▢ № 1 · Другой вопрос | anna · Другой | Ответить можно до 27.11 10:04 | где заказ? | В работе: olga, с 20.11 10:03 [Завершить диалог]
        "#]],
    );
}

#[test]
fn the_card_says_until_when_one_can_answer() {
    check(
        "10:00 other-anna: /start
         other-anna presses «Другой вопрос»
         other-anna presses «Отправить сообщение сотруднику»
         other-anna: где заказ?
         12:00 other-anna: ау
         13:00 other-nobody: /start
         other-nobody presses «Другой вопрос»
         other-nobody presses «Отправить сообщение сотруднику»
         other-nobody: без имени",
        &expect![[r#"
            10:00 other-anna: /start
              → other-anna: menu [Обращение по гарантии | Возврат товара | Другой вопрос]
            other-anna presses «Другой вопрос»
              → other-anna: other [Отправить сообщение сотруднику | В начало]
            other-anna presses «Отправить сообщение сотруднику»
              → other-anna: other-send [В начало]
            other-anna: где заказ?
              → other-anna: opened [В начало]
              ▣ № 1 · Другой вопрос | anna · Другой | Ответить можно до 27.11 10:00 | где заказ? | Ждёт с 20.11 10:00 [Взять в работу]
            12:00 other-anna: ау
              → other-anna: added
              → group: <№ 1 · anna · Другой> «ау» ↩ ticket-1
              ▢ № 1 · Другой вопрос | anna · Другой | Ответить можно до 27.11 12:00 | где заказ? | Ждёт с 20.11 10:00 [Взять в работу]
            13:00 other-nobody: /start
              → other-nobody: menu [Обращение по гарантии | Возврат товара | Другой вопрос]
            other-nobody presses «Другой вопрос»
              → other-nobody: other [Отправить сообщение сотруднику | В начало]
            other-nobody presses «Отправить сообщение сотруднику»
              → other-nobody: other-send [В начало]
            other-nobody: без имени
              → other-nobody: opened [В начало]
              ▣ № 2 · Другой вопрос | Клиент · Другой | Ответить можно до 27.11 13:00 | без имени | Ждёт с 20.11 13:00 [Взять в работу]
        "#]],
    );
}
