//! What is carried over in a dialog: edits, albums, and what could not be delivered, told as stories.

use expect_test::expect;

use crate::world::script::check;

#[test]
fn edits_are_carried_over_while_the_ticket_is_open() {
    check(
        "10:00 ivan: /start
         ivan presses «Другой вопрос»
         ivan: описание
         ivan edits «описание»: описание получше
         ivan presses «Отправить сообщение сотруднику»
         ivan: где закас?
         10:01 ivan edits «где закас?»: где заказ?
         10:02 olga takes #1
         10:03 ivan edits «где заказ?»: где мой заказ?
         10:03 ivan edits «где мой заказ?»: где мой заказ?
         10:04 olga: в птуи
         10:05 olga edits «в птуи»: в пути
         10:06 olga closes #1
         10:07 olga edits «в пути»: уже у вас
         10:07 ivan edits «где мой заказ?»: спасибо
         10:08 ivan edits «/start»: /stop",
        &expect![[r#"
            10:00 ivan: /start
              → ivan: menu [Обращение по гарантии | Возврат товара | Другой вопрос]
            ivan presses «Другой вопрос»
              → ivan: other [Отправить сообщение сотруднику | В начало]
            ivan: описание
              → ivan: other.more [Отправить сообщение сотруднику | В начало]
            ivan edits «описание»: описание получше
            ivan presses «Отправить сообщение сотруднику»
              → ivan: other-send [В начало]
            ivan: где закас?
              → ivan: opened [В начало]
              ▣ № 1 · Другой вопрос | ivan · Telegram | описание получше | где закас? | Ждёт с 20.11 10:00 [Взять в работу]
            10:01 ivan edits «где закас?»: где заказ?
              ▢ № 1 · Другой вопрос | ivan · Telegram | описание получше | где заказ? | Ждёт с 20.11 10:00 [Взять в работу]
              ✎? group: <№ 1 · ivan> «где заказ?»
            10:02 olga takes #1
              (Обращение № 1 ваше. Отвечайте в личном чате со мной.)
              → olga: intro [Завершить диалог]
              → olga: «описание получше»
              → olga: «где заказ?»
              ▢ № 1 · Другой вопрос | ivan · Telegram | описание получше | где заказ? | В работе: olga, с 20.11 10:02
              → ivan: operator_joined
            10:03 ivan edits «где заказ?»: где мой заказ?
              ✎ olga: «где мой заказ?»
            10:03 ivan edits «где мой заказ?»: где мой заказ?
            (a change that changes nothing)
            10:04 olga: в птуи
              → ivan: «в птуи»
            10:05 olga edits «в птуи»: в пути
              ✎ ivan: «в пути»
            10:06 olga closes #1
              → olga: dialog_closed
              → ivan: operator_left [В начало]
              ▢ № 1 · Другой вопрос | ivan · Telegram | описание получше | где мой заказ? | Закрыто 20.11 10:06, оператор: olga
            10:07 olga edits «в пути»: уже у вас
            (a change to a closed dialog)
              → olga: dialog_over ↩ «уже у вас»
            10:07 ivan edits «где мой заказ?»: спасибо
            (a change to a closed ticket)
              → ivan: edit_too_late ↩ «спасибо»
            10:08 ivan edits «/start»: /stop
            (a message that was not kept)
        "#]],
    );
}

#[test]
fn an_album_of_the_operator_goes_as_one() {
    check(
        "10:00 ivan: /start
         ivan presses «Другой вопрос»
         ivan presses «Отправить сообщение сотруднику»
         ivan: где заказ?
         10:01 olga takes #1
         10:02 olga sends album photo photo
         10:03 olga sends album photo video
         olga: вот так
         10:04 ivan sends album photo photo
         olga closes #1",
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
            10:02 olga sends album photo photo
              → ivan: photo + photo
            10:03 olga sends album photo video
            olga: вот так
              → ivan: photo + video
              → ivan: «вот так»
            (the album went out already)
            10:04 ivan sends album photo photo
            olga closes #1
              → olga: photo + photo
              → olga: dialog_closed
              → ivan: operator_left [В начало]
              ▢ № 1 · Другой вопрос | ivan · Telegram | где заказ? | Закрыто 20.11 10:04, оператор: olga
            (the album went out already)
        "#]],
    );
}

#[test]
fn a_customer_who_blocks_the_bot_is_told_of_and_an_answer_can_be_sent_again() {
    check(
        "10:00 ivan: /start
         ivan presses «Другой вопрос»
         ivan presses «Отправить сообщение сотруднику»
         ivan: где заказ?
         10:01 olga takes #1
         10:02 ivan blocks
         10:03 olga: ау
         10:04 ivan unblocks
         10:05 olga presses «Отправить ещё раз»",
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
            10:02 ivan blocks
              → olga: customer_blocked ↩ ticket-1
            10:03 olga: ау
              ✗ ivan
              → olga: reply_gone ↩ «ау» [Отправить ещё раз]
            10:04 ivan unblocks
            10:05 olga presses «Отправить ещё раз»
              again 19
              → ivan: «ау»
        "#]],
    );
}
