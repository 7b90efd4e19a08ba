//! Operators and their dialogs, told as stories.

use expect_test::expect;

use crate::world::script::check;

#[test]
fn the_second_to_press_is_told_who_has_it() {
    check(
        "10:00 ivan: /start
         10:00 ivan presses «Другой вопрос»
         10:01 ivan presses «Отправить сообщение сотруднику»
         10:02 ivan: где мой заказ?
         10:03 olga takes #1
         10:03 petr takes #1
         10:03 olga takes #1
         10:04 petr closes #1
         10:05 olga closes #1
         10:06 petr takes #1
         10:06 olga closes #1
         10:07 olga takes #7",
        &expect![[r#"
            10:00 ivan: /start
              → ivan: menu [Обращение по гарантии | Возврат товара | Другой вопрос]
            10:00 ivan presses «Другой вопрос»
              → ivan: other [Отправить сообщение сотруднику | В начало]
            10:01 ivan presses «Отправить сообщение сотруднику»
              → ivan: other-send [В начало]
            10:02 ivan: где мой заказ?
              → ivan: opened [В начало]
              ▣ № 1 · Другой вопрос | ivan · Telegram | где мой заказ? | Ждёт с 20.11 10:02 [Взять в работу]
            10:03 olga takes #1
              (Обращение № 1 ваше. Отвечайте в личном чате со мной.)
              → olga: intro [Завершить диалог]
              → olga: «где мой заказ?»
              ▢ № 1 · Другой вопрос | ivan · Telegram | где мой заказ? | В работе: olga, с 20.11 10:03
              → ivan: operator_joined
            10:03 petr takes #1
            (another operator's ticket)
              (Обращение № 1 уже в работе. Оператор: olga.)
            10:03 olga takes #1
            (a ticket of theirs already)
              (Обращение № 1 уже у вас. Отвечайте в личном чате со мной.)
            10:04 petr closes #1
            (another operator's dialog)
              (Диалог по обращению № 1 ведёт другой оператор.)
            10:05 olga closes #1
              → olga: dialog_closed
              → ivan: operator_left [В начало]
              ▢ № 1 · Другой вопрос | ivan · Telegram | где мой заказ? | Закрыто 20.11 10:05, оператор: olga
            10:06 petr takes #1
            (a closed ticket)
              (Обращение № 1 уже закрыто.)
            10:06 olga closes #1
            (a ticket that is not open)
              (Обращение № 1 уже закрыто.)
            10:07 olga takes #7
            (a ticket that does not exist)
              (Обращения № 7 нет.)
        "#]],
    );
}

#[test]
fn an_operator_with_several_dialogs_answers_the_current_one_or_by_reply() {
    check(
        "10:00 ivan: /start
         ivan presses «Другой вопрос»
         ivan presses «Отправить сообщение сотруднику»
         ivan: первый
         anna: /start
         anna presses «Другой вопрос»
         anna presses «Отправить сообщение сотруднику»
         anna: вторая
         10:01 olga takes #1
         10:02 olga takes #2
         10:03 ivan: ау
         10:03 ivan sends sticker
         10:04 olga: это Анне
         10:05 olga answers «ау»: это Ивану
         10:06 olga presses «№ 1 · ivan»
         10:07 olga: и это Ивану
         10:08 olga: /dialogs
         10:09 olga: /bye
         10:10 olga: снова Анне
         10:11 olga answers «ау»: поздно
         10:12 olga: /пока",
        &expect![[r#"
            10:00 ivan: /start
              → ivan: menu [Обращение по гарантии | Возврат товара | Другой вопрос]
            ivan presses «Другой вопрос»
              → ivan: other [Отправить сообщение сотруднику | В начало]
            ivan presses «Отправить сообщение сотруднику»
              → ivan: other-send [В начало]
            ivan: первый
              → ivan: opened [В начало]
              ▣ № 1 · Другой вопрос | ivan · Telegram | первый | Ждёт с 20.11 10:00 [Взять в работу]
            anna: /start
              → anna: menu [Обращение по гарантии | Возврат товара | Другой вопрос]
            anna presses «Другой вопрос»
              → anna: other [Отправить сообщение сотруднику | В начало]
            anna presses «Отправить сообщение сотруднику»
              → anna: other-send [В начало]
            anna: вторая
              → anna: opened [В начало]
              ▣ № 2 · Другой вопрос | anna · Telegram | вторая | Ждёт с 20.11 10:00 [Взять в работу]
            10:01 olga takes #1
              (Обращение № 1 ваше. Отвечайте в личном чате со мной.)
              → olga: intro [Завершить диалог]
              → olga: «первый»
              ▢ № 1 · Другой вопрос | ivan · Telegram | первый | В работе: olga, с 20.11 10:01
              → ivan: operator_joined
            10:02 olga takes #2
              (Обращение № 2 ваше. Отвечайте в личном чате со мной.)
              → olga: intro [Завершить диалог]
              → olga: <№ 2 · anna> «вторая» ↩ ticket-2
              → olga: current_is [№ 1 · ivan]
              ▢ № 2 · Другой вопрос | anna · Telegram | вторая | В работе: olga, с 20.11 10:02
              → anna: operator_joined
            10:03 ivan: ау
              → olga: <№ 1 · ivan> «ау» ↩ ticket-1
            10:03 ivan sends sticker
              → olga: <№ 1 · ivan> sticker ↩ ticket-1
            10:04 olga: это Анне
              → anna: «это Анне»
            10:05 olga answers «ау»: это Ивану
              → ivan: «это Ивану» ↩ «ау»
            10:06 olga presses «№ 1 · ivan»
              → olga: current_is [№ 2 · anna]
            10:07 olga: и это Ивану
              → ivan: «и это Ивану»
            10:08 olga: /dialogs
              → olga: dialogs [№ 2 · anna | № 1 · ivan]
            10:09 olga: /bye
              → olga: dialog_closed
              → olga: current_is
              → ivan: operator_left [В начало]
              ▢ № 1 · Другой вопрос | ivan · Telegram | первый | Закрыто 20.11 10:09, оператор: olga
            10:10 olga: снова Анне
              → anna: «снова Анне»
            10:11 olga answers «ау»: поздно
              → olga: dialog_over ↩ «поздно»
            10:12 olga: /пока
              → olga: dialog_closed
              → anna: operator_left [В начало]
              ▢ № 2 · Другой вопрос | anna · Telegram | вторая | Закрыто 20.11 10:12, оператор: olga
        "#]],
    );
}

#[test]
fn an_operator_whom_the_bot_cannot_write_to_presses_start_first() {
    check(
        "10:00 vera is new
         vera joins
         ivan: /start
         ivan presses «Другой вопрос»
         ivan presses «Отправить сообщение сотруднику»
         ivan: где заказ?
         10:01 vera takes #1
         10:02 vera unblocks
         vera: /start
         10:03 vera takes #1",
        &expect![[r#"
            10:00 vera is new
            vera joins
            ivan: /start
              → ivan: menu [Обращение по гарантии | Возврат товара | Другой вопрос]
            ivan presses «Другой вопрос»
              → ivan: other [Отправить сообщение сотруднику | В начало]
            ivan presses «Отправить сообщение сотруднику»
              → ivan: other-send [В начало]
            ivan: где заказ?
              → ivan: opened [В начало]
              ▣ № 1 · Другой вопрос | ivan · Telegram | где заказ? | Ждёт с 20.11 10:00 [Взять в работу]
            10:01 vera takes #1
              ✗ vera
              (Я пока не могу вам писать. Откройте личный чат со мной, нажмите «Начать» (/start), а потом снова «Взять в работу».)!
            10:02 vera unblocks
            vera: /start
              → vera: operator_hello [Посмотреть глазами клиента]
            10:03 vera takes #1
              (Обращение № 1 ваше. Отвечайте в личном чате со мной.)
              → vera: intro [Завершить диалог]
              → vera: «где заказ?»
              ▢ № 1 · Другой вопрос | ivan · Telegram | где заказ? | В работе: vera, с 20.11 10:03
              → ivan: operator_joined
        "#]],
    );
}

#[test]
fn an_operator_whose_first_word_is_start_is_known_at_once() {
    check(
        "10:00 nina is hired
         10:00 nina: /start
         10:01 ivan: /start
         ivan presses «Другой вопрос»
         ivan presses «Отправить сообщение сотруднику»
         ivan: где заказ?
         10:02 nina takes #1",
        &expect![[r#"
            10:00 nina is hired
            10:00 nina: /start
              → nina: operator_hello [Посмотреть глазами клиента]
            10:01 ivan: /start
              → ivan: menu [Обращение по гарантии | Возврат товара | Другой вопрос]
            ivan presses «Другой вопрос»
              → ivan: other [Отправить сообщение сотруднику | В начало]
            ivan presses «Отправить сообщение сотруднику»
              → ivan: other-send [В начало]
            ivan: где заказ?
              → ivan: opened [В начало]
              ▣ № 1 · Другой вопрос | ivan · Telegram | где заказ? | Ждёт с 20.11 10:01 [Взять в работу]
            10:02 nina takes #1
              (Обращение № 1 ваше. Отвечайте в личном чате со мной.)
              → nina: intro [Завершить диалог]
              → nina: «где заказ?»
              ▢ № 1 · Другой вопрос | ivan · Telegram | где заказ? | В работе: nina, с 20.11 10:02
              → ivan: operator_joined
        "#]],
    );
}

#[test]
fn strangers_and_forgeries_change_nothing() {
    check(
        "10:00 ivan: /start
         ivan presses «Другой вопрос»
         ivan presses «Отправить сообщение сотруднику»
         ivan: где заказ?
         10:01 mallory takes #1
         10:02 mallory forges close:1
         10:02 mallory forges c:1:0
         10:02 mallory forges rm -rf
         10:03 ivan forges take:1
         10:03 ivan forges again:1
         10:04 olga takes #1
         10:05 mallory forges close:1
         10:05 petr forges close:1",
        &expect![[r#"
            10:00 ivan: /start
              → ivan: menu [Обращение по гарантии | Возврат товара | Другой вопрос]
            ivan presses «Другой вопрос»
              → ivan: other [Отправить сообщение сотруднику | В начало]
            ivan presses «Отправить сообщение сотруднику»
              → ivan: other-send [В начало]
            ivan: где заказ?
              → ivan: opened [В начало]
              ▣ № 1 · Другой вопрос | ivan · Telegram | где заказ? | Ждёт с 20.11 10:00 [Взять в работу]
            10:01 mallory takes #1
            (somebody who is no operator pressed a key)
            10:02 mallory forges close:1
            (somebody who is no operator pressed a key)
            10:02 mallory forges c:1:0
            (a key of somebody unknown)
              (Эта кнопка уже не действует.)
            10:02 mallory forges rm -rf
            (a key that is not ours)
              (Эта кнопка уже не действует.)
            10:03 ivan forges take:1
            (a key that does not belong where it was pressed)
            10:03 ivan forges again:1
            (somebody who is no operator pressed a key)
            10:04 olga takes #1
              (Обращение № 1 ваше. Отвечайте в личном чате со мной.)
              → olga: intro [Завершить диалог]
              → olga: «где заказ?»
              ▢ № 1 · Другой вопрос | ivan · Telegram | где заказ? | В работе: olga, с 20.11 10:04
              → ivan: operator_joined
            10:05 mallory forges close:1
            (somebody who is no operator pressed a key)
            10:05 petr forges close:1
            (another operator's dialog)
              (Диалог по обращению № 1 ведёт другой оператор.)
        "#]],
    );
}

#[test]
fn when_the_operator_is_gone_another_takes_over() {
    check(
        "10:00 ivan: /start
         ivan presses «Другой вопрос»
         ivan presses «Отправить сообщение сотруднику»
         ivan: где заказ?
         10:01 olga takes #1
         10:01 olga: сейчас узнаю
         10:02 olga leaves
         10:03 ivan: ау
         10:03 olga: я ещё тут
         10:04 petr presses «Взять в работу»
         10:05 ivan: наконец-то
         10:06 petr blocks
         10:07 ivan: а теперь?",
        &expect![[r#"
            10:00 ivan: /start
              → ivan: menu [Обращение по гарантии | Возврат товара | Другой вопрос]
            ivan presses «Другой вопрос»
              → ivan: other [Отправить сообщение сотруднику | В начало]
            ivan presses «Отправить сообщение сотруднику»
              → ivan: other-send [В начало]
            ivan: где заказ?
              → ivan: opened [В начало]
              ▣ № 1 · Другой вопрос | ivan · Telegram | где заказ? | Ждёт с 20.11 10:00 [Взять в работу]
            10:01 olga takes #1
              (Обращение № 1 ваше. Отвечайте в личном чате со мной.)
              → olga: intro [Завершить диалог]
              → olga: «где заказ?»
              ▢ № 1 · Другой вопрос | ivan · Telegram | где заказ? | В работе: olga, с 20.11 10:01
              → ivan: operator_joined
            10:01 olga: сейчас узнаю
              → ivan: «сейчас узнаю»
            10:02 olga leaves
              ▢ № 1 · Другой вопрос | ivan · Telegram | где заказ? | Нужен другой оператор: olga больше не на связи [Взять в работу]
              → group: abandoned ↩ ticket-1 [Взять в работу]
            10:03 ivan: ау
              → group: <№ 1 · ivan> «ау» ↩ ticket-1
            10:03 olga: я ещё тут
              → olga: menu [Обращение по гарантии | Возврат товара | Другой вопрос]
            10:04 petr presses «Взять в работу»
              (Обращение № 1 ваше. Отвечайте в личном чате со мной.)
              → petr: intro [Завершить диалог]
              → petr: <№ 1 · ivan> «где заказ?» ↩ ticket-1
              → petr: <№ 1 · olga> «сейчас узнаю» ↩ ticket-1
              → petr: <№ 1 · ivan> «ау» ↩ ticket-1
              ▢ № 1 · Другой вопрос | ivan · Telegram | где заказ? | В работе: petr, с 20.11 10:04
              → ivan: operator_joined
            10:05 ivan: наконец-то
              → petr: «наконец-то»
            10:06 petr blocks
              ▢ № 1 · Другой вопрос | ivan · Telegram | где заказ? | Нужен другой оператор: petr больше не на связи [Взять в работу]
              → group: abandoned ↩ ticket-1 [Взять в работу]
            10:07 ivan: а теперь?
              → group: <№ 1 · ivan> «а теперь?» ↩ ticket-1
        "#]],
    );
}

#[test]
fn an_operator_who_blocked_the_bot_unnoticed_is_found_out() {
    check(
        "10:00 ivan: /start
         ivan presses «Другой вопрос»
         ivan presses «Отправить сообщение сотруднику»
         ivan: где заказ?
         10:01 olga takes #1
         10:02 olga is silent
         10:03 ivan: ау",
        &expect![[r#"
            10:00 ivan: /start
              → ivan: menu [Обращение по гарантии | Возврат товара | Другой вопрос]
            ivan presses «Другой вопрос»
              → ivan: other [Отправить сообщение сотруднику | В начало]
            ivan presses «Отправить сообщение сотруднику»
              → ivan: other-send [В начало]
            ivan: где заказ?
              → ivan: opened [В начало]
              ▣ № 1 · Другой вопрос | ivan · Telegram | где заказ? | Ждёт с 20.11 10:00 [Взять в работу]
            10:01 olga takes #1
              (Обращение № 1 ваше. Отвечайте в личном чате со мной.)
              → olga: intro [Завершить диалог]
              → olga: «где заказ?»
              ▢ № 1 · Другой вопрос | ivan · Telegram | где заказ? | В работе: olga, с 20.11 10:01
              → ivan: operator_joined
            10:02 olga is silent
            10:03 ivan: ау
              ✗ olga
              → group: <№ 1 · ivan> «ау» ↩ ticket-1
              ▢ № 1 · Другой вопрос | ivan · Telegram | где заказ? | Нужен другой оператор: olga больше не на связи [Взять в работу]
              → group: abandoned ↩ ticket-1 [Взять в работу]
        "#]],
    );
}

#[test]
fn an_operator_may_play_the_customer_but_not_take_their_own_ticket() {
    check(
        "10:00 olga in group: всем привет
         10:00 olga in group: и ещё раз
         10:01 olga: /start
         10:01 olga: есть кто?
         10:02 olga presses «Посмотреть глазами клиента»
         10:03 olga presses «Другой вопрос»
         10:03 olga presses «Отправить сообщение сотруднику»
         10:03 olga: проверка
         10:04 olga takes #1
         10:05 petr takes #1
         10:06 petr: вижу",
        &expect![[r#"
            10:00 olga in group: всем привет
            10:00 olga in group: и ещё раз
            (colleagues' talk)
            10:01 olga: /start
              → olga: operator_hello [Посмотреть глазами клиента]
            10:01 olga: есть кто?
              → olga: no_dialogs [Посмотреть глазами клиента]
            10:02 olga presses «Посмотреть глазами клиента»
              → olga: menu [Обращение по гарантии | Возврат товара | Другой вопрос]
            10:03 olga presses «Другой вопрос»
              → olga: other [Отправить сообщение сотруднику | В начало]
            10:03 olga presses «Отправить сообщение сотруднику»
              → olga: other-send [В начало]
            10:03 olga: проверка
              → olga: opened [В начало]
              ▣ № 1 · Другой вопрос | olga · Telegram | проверка | Ждёт с 20.11 10:03 [Взять в работу]
            10:04 olga takes #1
            (an operator's own ticket)
              (Это ваше собственное обращение, его возьмёт коллега.)
            10:05 petr takes #1
              (Обращение № 1 ваше. Отвечайте в личном чате со мной.)
              → petr: intro [Завершить диалог]
              → petr: «проверка»
              ▢ № 1 · Другой вопрос | olga · Telegram | проверка | В работе: petr, с 20.11 10:05
              → olga: operator_joined
            10:06 petr: вижу
              → olga: «вижу»
        "#]],
    );
}
