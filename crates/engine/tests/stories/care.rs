//! The scenario `care`, told as stories.

use expect_test::expect;

use crate::world::script::check;

#[test]
fn a_guarantee_case_from_the_first_message_to_a_closed_ticket() {
    check(
        "10:00 ivan: /start
         10:00 ivan presses «Обращение по гарантии»
         10:01 ivan: чайник течёт, куплен на Ozon
         10:02 ivan sends photo чек
         10:02 ivan sends album photo video
         10:03 ivan presses «Готово»
         10:04 olga presses «Взять в работу»
         10:05 olga: здравствуйте!
         10:06 ivan: добрый день
         10:07 olga presses «Завершить диалог»
         10:08 ivan presses «В начало»",
        &expect![[r#"
            10:00 ivan: /start
              → ivan: menu [Обращение по гарантии | Возврат товара | Другой вопрос]
            10:00 ivan presses «Обращение по гарантии»
              → ivan: guarantee [В начало]
            10:01 ivan: чайник течёт, куплен на Ozon
              → ivan: guarantee-files [Готово | Пропустить | В начало]
            10:02 ivan sends photo чек
              → ivan: guarantee-files.more [Готово | Пропустить | В начало]
            10:02 ivan sends album photo video
              → ivan: guarantee-files.more [Готово | Пропустить | В начало]
            10:03 ivan presses «Готово»
              → ivan: opened [В начало]
              ▣ № 1 · Гарантия | ivan · Telegram | чайник течёт, куплен на Ozon | Вложений: 3, они ниже | Ждёт с 20.11 10:03 [Взять в работу]
              → group: <№ 1 · ivan> photo «чек» ↩ ticket-1
              → group: <№ 1 · ivan> photo + video ↩ ticket-1
            10:04 olga presses «Взять в работу»
              (Обращение № 1 ваше. Отвечайте в личном чате со мной.)
              → olga: intro [Завершить диалог]
              → olga: «чайник течёт, куплен на Ozon»
              → olga: photo «чек»
              → olga: photo + video
              ▢ № 1 · Гарантия | ivan · Telegram | чайник течёт, куплен на Ozon | Вложений: 3, они ниже | В работе: olga, с 20.11 10:04
              → ivan: operator_joined
            10:05 olga: здравствуйте!
              → ivan: «здравствуйте!»
            10:06 ivan: добрый день
              → olga: «добрый день»
            10:07 olga presses «Завершить диалог»
              → olga: dialog_closed
              → ivan: operator_left [В начало]
              ▢ № 1 · Гарантия | ivan · Telegram | чайник течёт, куплен на Ozon | Вложений: 3, они ниже | Закрыто 20.11 10:07, оператор: olga
            10:08 ivan presses «В начало»
              → ivan: menu [Обращение по гарантии | Возврат товара | Другой вопрос]
        "#]],
    );
}

#[test]
fn a_guarantee_case_without_attachments() {
    check(
        "ivan: /start
         ivan presses «Обращение по гарантии»
         ivan: чайник течёт
         ivan presses «Пропустить»",
        &expect![[r#"
            ivan: /start
              → ivan: menu [Обращение по гарантии | Возврат товара | Другой вопрос]
            ivan presses «Обращение по гарантии»
              → ivan: guarantee [В начало]
            ivan: чайник течёт
              → ivan: guarantee-files [Готово | Пропустить | В начало]
            ivan presses «Пропустить»
              → ivan: opened [В начало]
              ▣ № 1 · Гарантия | ivan · Telegram | чайник течёт | Ждёт с 20.11 09:00 [Взять в работу]
        "#]],
    );
}

#[test]
fn a_return_opens_no_ticket_but_shows_two_ways() {
    check(
        "ivan: /start
         ivan presses «Возврат товара»
         ivan presses «Обращение по гарантии»
         ivan presses «В начало»
         ivan presses «Возврат товара»
         ivan presses «Другой вопрос»",
        &expect![[r#"
            ivan: /start
              → ivan: menu [Обращение по гарантии | Возврат товара | Другой вопрос]
            ivan presses «Возврат товара»
              → ivan: return [Обращение по гарантии | Другой вопрос | В начало]
            ivan presses «Обращение по гарантии»
              → ivan: guarantee [В начало]
            ivan presses «В начало»
              → ivan: menu [Обращение по гарантии | Возврат товара | Другой вопрос]
            ivan presses «Возврат товара»
              → ivan: return [Обращение по гарантии | Другой вопрос | В начало]
            ivan presses «Другой вопрос»
              → ivan: other [Отправить сообщение сотруднику | В начало]
        "#]],
    );
}

#[test]
fn another_question_keeps_both_the_description_and_the_message() {
    check(
        "10:00 ivan: /start
         10:00 ivan presses «Другой вопрос»
         10:01 ivan: про аксессуары
         10:01 ivan presses «Отправить сообщение сотруднику»
         10:02 ivan: подойдёт ли крышка?",
        &expect![[r#"
            10:00 ivan: /start
              → ivan: menu [Обращение по гарантии | Возврат товара | Другой вопрос]
            10:00 ivan presses «Другой вопрос»
              → ivan: other [Отправить сообщение сотруднику | В начало]
            10:01 ivan: про аксессуары
              → ivan: other.more [Отправить сообщение сотруднику | В начало]
            10:01 ivan presses «Отправить сообщение сотруднику»
              → ivan: other-send [В начало]
            10:02 ivan: подойдёт ли крышка?
              → ivan: opened [В начало]
              ▣ № 1 · Другой вопрос | ivan · Telegram | про аксессуары | подойдёт ли крышка? | Ждёт с 20.11 10:02 [Взять в работу]
        "#]],
    );
}

#[test]
fn what_is_written_without_a_ticket_leads_to_the_menu() {
    check(
        "ivan: помогите!
         ivan: ну же
         ivan: возврат товара
         ivan: 2",
        &expect![[r#"
            ivan: помогите!
              → ivan: menu [Обращение по гарантии | Возврат товара | Другой вопрос]
            ivan: ну же
              → ivan: menu [Обращение по гарантии | Возврат товара | Другой вопрос]
            ivan: возврат товара
              → ivan: return [Обращение по гарантии | Другой вопрос | В начало]
            ivan: 2
              → ivan: other [Отправить сообщение сотруднику | В начало]
        "#]],
    );
}

#[test]
fn what_is_added_while_it_waits_is_shown_to_everybody_and_comes_along() {
    check(
        "10:00 ivan: /start
         10:00 ivan presses «Другой вопрос»
         10:00 ivan presses «Отправить сообщение сотруднику»
         10:00 ivan: где заказ?
         10:01 ivan: номер 77
         10:01 ivan sends photo снимок
         10:02 ivan: /start
         10:03 olga takes #1
         10:04 ivan: /start",
        &expect![[r#"
            10:00 ivan: /start
              → ivan: menu [Обращение по гарантии | Возврат товара | Другой вопрос]
            10:00 ivan presses «Другой вопрос»
              → ivan: other [Отправить сообщение сотруднику | В начало]
            10:00 ivan presses «Отправить сообщение сотруднику»
              → ivan: other-send [В начало]
            10:00 ivan: где заказ?
              → ivan: opened [В начало]
              ▣ № 1 · Другой вопрос | ivan · Telegram | где заказ? | Ждёт с 20.11 10:00 [Взять в работу]
            10:01 ivan: номер 77
              → ivan: added
              → group: <№ 1 · ivan> «номер 77» ↩ ticket-1
            10:01 ivan sends photo снимок
              → group: <№ 1 · ivan> photo «снимок» ↩ ticket-1
            10:02 ivan: /start
              → ivan: ticket_waiting
            10:03 olga takes #1
              (Обращение № 1 ваше. Отвечайте в личном чате со мной.)
              → olga: intro [Завершить диалог]
              → olga: «где заказ?»
              → olga: «номер 77»
              → olga: photo «снимок»
              ▢ № 1 · Другой вопрос | ivan · Telegram | где заказ? | В работе: olga, с 20.11 10:03
              → ivan: operator_joined
            10:04 ivan: /start
              → ivan: ticket_assigned
        "#]],
    );
}

#[test]
fn an_outdated_key_changes_nothing() {
    check(
        "ivan: /start
         ivan forges c:1:0
         ivan forges c:1:1
         ivan forges c:2:77",
        &expect![[r#"
            ivan: /start
              → ivan: menu [Обращение по гарантии | Возврат товара | Другой вопрос]
            ivan forges c:1:0
              → ivan: guarantee [В начало]
            ivan forges c:1:1
            (an outdated key)
              (Эта кнопка уже не действует.)
            ivan forges c:2:77
              → ivan: menu [Обращение по гарантии | Возврат товара | Другой вопрос]
        "#]],
    );
}

#[test]
fn a_label_that_was_too_long_is_typed_as_it_is_shown() {
    check(
        "10:00 ivan: /start
         10:01 ivan: 3. Другой в…
         10:01 ivan: Отправить…
         10:01 ivan: 2. Отправить сообще…
         10:02 ivan: 1. отправить сообще…",
        &expect![[r#"
            10:00 ivan: /start
              → ivan: menu [Обращение по гарантии | Возврат товара | Другой вопрос]
            10:01 ivan: 3. Другой в…
              → ivan: other [Отправить сообщение сотруднику | В начало]
            10:01 ivan: Отправить…
              → ivan: other.more [Отправить сообщение сотруднику | В начало]
            10:01 ivan: 2. Отправить сообще…
              → ivan: other.more [Отправить сообщение сотруднику | В начало]
            10:02 ivan: 1. отправить сообще…
              → ivan: other-send [В начало]
        "#]],
    );
}
