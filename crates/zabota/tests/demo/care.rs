//! Stories of the scenario `care`, and of what the page does whatever the scenario.

use serde_json::json;

use crate::{
    browser::until,
    demo::{CARE, all_went_well, stage},
    hands::{GROUP, Hands, IVAN, MARIA, NEWCOMER, OLGA},
};

#[test]
fn a_question_is_asked_taken_answered_and_closed() {
    let Some((demo, page)) = stage(CARE) else {
        return;
    };
    page.presses(IVAN, "Начать");
    page.presses(IVAN, "Другой вопрос");
    page.writes(IVAN, "Про запасные части");
    page.reads(IVAN, "Записали");
    page.presses(IVAN, "Отправить сообщение сотруднику");
    page.reads(IVAN, "Пришлите сообщение с вопросом");
    page.writes(IVAN, "Где купить крышку?");
    page.reads(IVAN, "Обращение № 1 принято");

    page.reads(GROUP, "Где купить крышку?");
    page.presses(GROUP, "Взять в работу");
    page.see(
        &GROUP.holds("[data-testid=alert]"),
        "Я пока не могу вам писать",
    );
    page.click(&GROUP.holds("[data-testid=alert-ok]"), "");
    page.presses(OLGA, "Начать");
    page.reads(OLGA, "Вы оператор");
    page.presses(GROUP, "Взять в работу");
    page.reads(IVAN, "Оператор подключился");
    page.reads(GROUP, "В работе: Ольга Крылова");
    page.see_no_more(&GROUP.holds("[data-testid=key]"), "");

    page.writes(OLGA, "Сейчас посмотрю");
    page.reads(IVAN, "Сейчас посмотрю");
    page.sends(IVAN, "sample-photo");
    page.see(&OLGA.holds("[data-kind=photo][data-from='1001'] img"), "");
    page.changes(OLGA, "Сейчас посмотрю", "Крышка есть у нас");
    page.reads(IVAN, "Крышка есть у нас");
    page.see_no_more(&IVAN.holds("[data-testid=bubble]"), "Сейчас посмотрю");

    page.presses(OLGA, "Завершить диалог");
    page.reads(IVAN, "Оператор отключился");
    page.reads(GROUP, "Закрыто");
    all_went_well(demo, &page);
}

#[test]
fn a_guarantee_case_with_photos_and_what_others_see_meanwhile() {
    let Some((demo, page)) = stage(CARE) else {
        return;
    };
    page.click("[data-testid=hint-close]", "");
    page.presses(OLGA, "Начать");
    page.presses(MARIA, "Начать");
    page.presses(IVAN, "Начать");
    page.presses(IVAN, "Обращение по гарантии");
    page.writes(
        IVAN,
        "Ваза пришла с трещиной, от неё откололся край. Куплена на Ozon 12 ноября.",
    );
    page.reads(IVAN, "пришлите чек");
    page.sends(IVAN, "sample-album");
    page.reads(IVAN, "Можно прислать ещё");
    page.presses(IVAN, "Готово");
    page.reads(GROUP, "Ваза пришла с трещиной");
    page.see(&GROUP.holds("[data-kind=photo] img"), "");
    page.presses(GROUP, "Взять в работу");
    page.reads(GROUP, "В работе: Ольга Крылова");
    page.writes(
        OLGA,
        "Иван, здравствуйте! Вижу трещину, заменим вазу. Есть ли чек?",
    );
    page.reads(IVAN, "заменим вазу");
    page.sends(IVAN, "sample-receipt");
    page.see(&OLGA.holds("[data-kind=photo][data-from='1001'] img"), "");
    page.writes(IVAN, "Вот чек. Спасибо, что так быстро!");
    page.reads(OLGA, "так быстро");
    page.click("[data-testid=new-customer]", "");
    page.presses(NEWCOMER, "Начать");
    page.presses(NEWCOMER, "Другой вопрос");
    page.presses(NEWCOMER, "Отправить сообщение сотруднику");
    page.writes(NEWCOMER, "Подойдёт ли крышка «Пион» к вазе «Лилия»?");
    page.reads(GROUP, "Подойдёт ли крышка");
    page.reads(MARIA, "Чем помочь?");
    all_went_well(demo, &page);
}

#[test]
fn a_fault_behind_the_scenes_is_seen_and_loses_nothing() {
    let Some((demo, page)) = stage(CARE) else {
        return;
    };
    page.click("[data-testid=backstage-toggle]", "");
    page.click("[data-testid=backstage] label:has([value=error])", "");
    page.click("[data-testid=fault-add]", "");
    page.see("[data-testid=fault]", "");
    page.presses(MARIA, "Начать");
    page.see("[data-testid=calls] .fault-mark", "error");
    page.click("[data-testid=backstage] header button", "");
    page.see_no_more("body.with-backstage", "");
    page.reads(MARIA, "Чем помочь?");
    all_went_well(demo, &page);
}

#[test]
fn a_demo_that_was_stopped_is_missed_and_welcomed_back() {
    let Some((demo, page)) = stage(CARE) else {
        return;
    };
    page.presses(IVAN, "Начать");
    page.reads(IVAN, "Чем помочь?");
    let _demo = demo.restart(
        || drop(page.see("[data-testid=offline]", "Нет связи")),
        CARE,
    );
    page.see_no_more("[data-testid=offline]", "");
    page.see_no_more(&IVAN.holds("[data-testid=bubble]"), "");
    page.presses(IVAN, "Начать");
    page.reads(IVAN, "Чем помочь?");
}

#[test]
fn what_cannot_be_loaded_is_complained_of() {
    let Some((_demo, page)) = stage(CARE) else {
        return;
    };
    page.run(
        "document.body.append(Object.assign(new Image(), { src: '/nothing' }))",
        &json!([]),
    );
    let complaint = until(|| page.complaints().pop()).unwrap();
    assert!(complaint.contains("404"), "{complaint}");
}
