//! Stories of a small subscription business: its sheet, payments from screenshots, reminders, broadcasts.

use serde_json::json;

use crate::{
    browser::Browser,
    demo::{SUBSCRIPTION, all_went_well, stage},
    hands::{ANNA, GROUP, Hands, IVAN, MARIA, OLGA, Place, TIMUR},
};

#[test]
fn a_sheet_changed_on_the_page_arrives_in_the_desk() {
    let Some((demo, page)) = stage(SUBSCRIPTION) else {
        return;
    };
    page.presses(OLGA, "Начать");
    page.reads(OLGA, "Вы оператор");
    page.click("[data-testid=view-sheet]", "");
    page.fills("D2", "31.12.2035");
    page.fills("D3", "31.02.2035");
    page.fills("A7", "vera@example.com");
    page.fills("B7", "Вера");
    page.fills("C5", "Полный");
    page.click("[data-testid=sheet-undo]", "");
    page.click("[data-testid=sheet-read]", "");
    page.reads(OLGA, "D3 (maria@example.com): «31.02.2035» — это не дата");
    page.reads(OLGA, "вопросов к таблице: 1");
    shows(&page, "ivan@example.com", "Оплачено до: 31.12.2035");
    shows(&page, "timur@example.com", "Тариф: World");
    shows(&page, "vera@example.com", "Имя: Вера");
    all_went_well(demo, &page);
}

/// The record of an address, as the owner asks for it.
fn shows(page: &Browser, email: &str, words: &str) {
    page.click(&OLGA.holds("[data-testid=command]"), "/почта");
    page.writes(OLGA, email);
    page.reads(OLGA, words);
    page.presses(OLGA, "Отмена");
    page.reads(OLGA, "ничего не изменилось");
}

#[test]
fn a_payment_is_credited_undone_and_left_to_the_operators() {
    let Some((demo, page)) = stage(SUBSCRIPTION) else {
        return;
    };
    joins(&page, IVAN, "ivan@example.com");
    pays(&page, IVAN, "");
    page.reads(IVAN, "Спасибо! Оплата 199");
    page.reads(GROUP, "оплата 199\u{a0}¥ зачтена. Тариф Базовый");
    page.see(&GROUP.holds("[data-kind=photo] img"), "");
    page.presses(GROUP, "Отменить");
    page.reads(IVAN, "пришлось отменить");
    page.reads(GROUP, "отменена. Было оплачено до");

    joins(&page, ANNA, "anna@example.com");
    pays(&page, ANNA, "198");
    page.reads(ANNA, "Оператор проверит оплату");
    page.reads(GROUP, "не равны ни одному тарифу");
    page.reads(GROUP, "На скриншоте: -198.00");
    page.presses(GROUP, "Не зачитывать");
    page.reads(GROUP, "не зачтена. Решение: Ольга");
    all_went_well(demo, &page);
}

#[test]
fn a_moved_clock_reminds_whom_it_should() {
    let Some((demo, page)) = stage(SUBSCRIPTION) else {
        return;
    };
    joins(&page, IVAN, "ivan@example.com");
    joins(&page, MARIA, "maria@example.com");
    page.click("[data-testid=backstage-toggle]", "");
    page.click("[data-testid=remind-3]", "");
    page.reads(IVAN, "осталось дней: 3");
    page.see(&GROUP.holds("[data-testid=pinned]"), "");
    page.reads(GROUP, "Напомнили об оплате");
    page.click("[data-testid=remind-0]", "");
    page.reads(IVAN, "последний оплаченный день");
    page.see_no_more(&MARIA.holds("[data-testid=bubble]"), "оплачен");
    all_went_well(demo, &page);
}

#[test]
fn a_broadcast_goes_from_its_keys_to_its_report() {
    let Some((demo, page)) = stage(SUBSCRIPTION) else {
        return;
    };
    page.presses(OLGA, "Начать");
    for (phone, email) in [
        (IVAN, "ivan@example.com"),
        (ANNA, "anna@example.com"),
        (TIMUR, "timur@example.com"),
    ] {
        joins(&page, phone, email);
    }
    page.click(&OLGA.holds("[data-testid=command]"), "/рассылка");
    page.presses(OLGA, "Все");
    page.presses(OLGA, "Дальше");
    page.begins_reply(OLGA, "Получателей: 3");
    page.sends(OLGA, "sample-album");
    page.reads(OLGA, "Отправляем?");
    page.see_no_more(&IVAN.holds("[data-kind=photo]"), "");
    page.presses(OLGA, "Отправить");
    for phone in [IVAN, ANNA, TIMUR] {
        page.see(&phone.holds("[data-kind=photo] img"), "");
    }
    page.reads(OLGA, "Доставлено: 3");
    all_went_well(demo, &page);
}

/// The moment that the README shows. `ZABOTA_PICTURE=file.png` keeps a picture of it.
#[test]
fn an_ordinary_day() {
    let Some((demo, page)) = stage(SUBSCRIPTION) else {
        return;
    };
    page.size(1600, 1120);
    page.click("[data-testid=hint-close]", "");
    page.presses(OLGA, "Начать");
    joins(&page, IVAN, "ivan@example.com");
    page.click("[data-testid=backstage-toggle]", "");
    page.click("[data-testid=remind-3]", "");
    page.reads(IVAN, "осталось дней: 3");
    page.click("[data-testid=backstage-toggle]", "");

    asks(
        &page,
        TIMUR,
        "timur@example.com",
        "Можно перейти на «Полный»?",
    );
    page.replies(
        GROUP,
        "Можно перейти",
        "Можно! День в день, доплата спишется в декабре.",
    );
    page.reads(TIMUR, "День в день");
    page.writes(TIMUR, "Спасибо!");
    pays(&page, IVAN, "");
    page.reads(IVAN, "Спасибо! Оплата 199");
    page.reads(GROUP, "зачтена. Тариф Базовый");
    asks(
        &page,
        ANNA,
        "anna@example.com",
        "Не открывается третий урок, что делать?",
    );
    page.reads(GROUP, "третий урок");

    page.click("[data-testid=view-sheet]", "");
    page.fills("D4", "15.01.2027");
    page.click("[data-testid=sheet-read]", "");
    page.reads(OLGA, "Изменено записей");
    page.writes(OLGA, "/почта anna@example.com");
    page.reads(OLGA, "Оплачено до: 15.01.2027");
    page.see(&GROUP.holds("[data-testid=pinned]"), "Открытых диалогов: 3");
    keep_a_picture(&page);
    all_went_well(demo, &page);
}

/// A customer says who they are, opens a dialog, and asks.
fn asks(page: &Browser, phone: Place, email: &str, words: &str) {
    joins(page, phone, email);
    page.presses(phone, "Связаться с под");
    page.reads(phone, "Напишите, что случилось");
    page.writes(phone, words);
    page.reads(GROUP, words);
}

fn keep_a_picture(page: &Browser) {
    let Some(file) = std::env::var_os("ZABOTA_PICTURE") else {
        return;
    };
    let tidy = "document.querySelector('.phones').scrollTo(0, 0); document.activeElement.blur()";
    page.run(tidy, &json!([]));
    page.rest();
    page.see_no_more("[data-testid=toast]", "");
    std::fs::write(file, page.picture()).unwrap();
}

fn joins(page: &Browser, phone: Place, email: &str) {
    page.presses(phone, "Начать");
    page.reads(phone, "адрес вашей электронной почты");
    page.writes(phone, email);
    page.reads(phone, "Чем помочь?");
}

/// Sends a screenshot of a payment: of this sum, or of the tariff's.
fn pays(page: &Browser, phone: Place, sum: &str) {
    page.presses(phone, "Оплата");
    page.reads(phone, "скриншот оплаты");
    page.sends(phone, "sample-payment");
    if !sum.is_empty() {
        page.rewrite("[data-testid=payment-amount]", sum);
    }
    page.click("[data-testid=payment-send]", "");
}
