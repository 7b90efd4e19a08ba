//! An owner changes clients' records, told as stories: each field, what is typed wrong, merging, undoing.

use engine::scenario::DialogPlace;
use expect_test::expect;

use crate::world::{World, business::tariff, person, script::play};

/// Ivan and Anna are clients: name, tariff, paid until. The transcript begins after it.
pub(crate) fn desk() -> World {
    let mut world = World::new("subscription", DialogPlace::Group);
    world.business.tariffs = vec![
        tariff("Базовый", "199", "CNY", 30),
        tariff("Полный", "1990", "RUB", 365),
    ];
    let owner = world.policy.owners.values().next().expect("an owner");
    let other = person("partner");
    assert_eq!(owner.id, "boss");
    world.policy.owners.insert(other.id, other.chat);
    play(
        &mut world,
        "10:00 ivan: /start
        ivan: ivan@mail.ru
        anna: /start
        anna: anna@mail.ru",
    );
    for (at, name, tariff, until) in [
        (0, Some("Иван"), "Базовый", "2026-12-20"),
        (1, None, "Полный", "2027-11-20"),
    ] {
        let client = &mut world.business.clients[at];
        client.name = name.map(str::to_owned);
        client.tariff = Some(tariff.to_owned());
        client.paid_until = Some(until.parse().expect("a day"));
    }
    world.transcript.clear();
    world
}

pub(crate) fn check(script: &str, expected: &expect_test::Expect) {
    let mut world = desk();
    play(&mut world, script);
    expected.assert_eq(&world.transcript);
}

#[test]
fn a_name_is_changed_emptied_and_put_back() {
    check(
        "11:00 boss: /почта ivan@mail.ru
        boss presses «Имя»
        boss replies: Иван Петрович
        boss presses «Сохранить»
        boss presses «Отменить»
        boss: /email Ivan@Mail.ru
        boss presses «Имя»
        boss presses «Оставить пустым»
        boss presses «Сохранить»
        boss: /почта ivan@mail.ru
        boss presses «Тариф»
        boss replies: Пусто
        boss presses «Отмена»",
        &expect![[r#"
            11:00 boss: /почта ivan@mail.ru
              → boss: record «Почта: ivan@mail.ru | Имя: Иван | Тариф: Базовый | Оплачено до: 20.12.2026 |  | Что изменить?» [Почта | Имя | Тариф | Оплачено до | Отмена]
            boss presses «Имя»
              → boss: ask_name «ivan@mail.ru: ответьте на это сообщение новым именем.» [Оставить пустым | Отмена]
            boss replies: Иван Петрович
              → boss: record_confirm «ivan@mail.ru | Имя | было: Иван | станет: Иван Петрович» [Отмена | Сохранить]
            boss presses «Сохранить»
              ✎ ivan@mail.ru: Базовый, 2026-12-20
              → boss: record_saved «Готово, сохранили! ivan@mail.ru | Имя: было Иван, стало Иван Петрович» [Отменить]
            boss presses «Отменить»
              ✎ ivan@mail.ru: Базовый, 2026-12-20
              → boss: undone «Отменено. ivan@mail.ru: запись такая, как была.»
            boss: /email Ivan@Mail.ru
              → boss: record «Почта: ivan@mail.ru | Имя: Иван | Тариф: Базовый | Оплачено до: 20.12.2026 |  | Что изменить?» [Почта | Имя | Тариф | Оплачено до | Отмена]
            boss presses «Имя»
              → boss: ask_name «ivan@mail.ru: ответьте на это сообщение новым именем.» [Оставить пустым | Отмена]
            boss presses «Оставить пустым»
              → boss: record_confirm «ivan@mail.ru | Имя | было: Иван | станет: пусто» [Отмена | Сохранить]
            boss presses «Сохранить»
              ✎ ivan@mail.ru: Базовый, 2026-12-20
              → boss: record_saved «Готово, сохранили! ivan@mail.ru | Имя: было Иван, стало пусто» [Отменить]
            boss: /почта ivan@mail.ru
              → boss: record «Почта: ivan@mail.ru | Имя: пусто | Тариф: Базовый | Оплачено до: 20.12.2026 |  | Что изменить?» [Почта | Имя | Тариф | Оплачено до | Отмена]
            boss presses «Тариф»
              → boss: ask_tariff «ivan@mail.ru: выберите тариф или ответьте его названием.» [Базовый | Полный | Оставить пустым | Отмена]
            boss replies: Пусто
              → boss: record_confirm «ivan@mail.ru | Тариф | было: Базовый | станет: пусто» [Отмена | Сохранить]
            boss presses «Отмена»
              → boss: task_cancelled
        "#]],
    );
}

#[test]
fn what_is_typed_wrong_is_asked_for_again() {
    check(
        "11:00 boss: /почта
        boss replies: нет такой
        boss replies: nobody@mail.ru
        boss replies: ivan@mail.ru
        boss presses «Тариф»
        boss replies: Золотой
        boss replies: базовый
        boss replies: полный
        boss presses «Сохранить»
        boss: /почта ivan@mail.ru
        boss presses «Оплачено до»
        boss replies: 31.02.2027
        boss replies: 20.12.2026
        boss replies: 2027-01-05
        boss presses «Отмена»",
        &expect![[r#"
            11:00 boss: /почта
              → boss: record_whose «Чью запись показать? Ответьте на это сообщение адресом почты.» [Отмена]
            boss replies: нет такой
              → boss: record_whose «Это не похоже на почту: в адресе нет @. Напишите его, пожалуйста, целиком, например anna@mail.ru. |  | Чью запись показать? Ответьте на это сообщение адресом почты.» [Отмена]
            boss replies: nobody@mail.ru
              → boss: record_whose «Записи с почтой nobody@mail.ru нет. |  | Чью запись показать? Ответьте на это сообщение адресом почты.» [Отмена]
            boss replies: ivan@mail.ru
              → boss: record «Почта: ivan@mail.ru | Имя: Иван | Тариф: Базовый | Оплачено до: 20.12.2026 |  | Что изменить?» [Почта | Имя | Тариф | Оплачено до | Отмена]
            boss presses «Тариф»
              → boss: ask_tariff «ivan@mail.ru: выберите тариф или ответьте его названием.» [Базовый | Полный | Оставить пустым | Отмена]
            boss replies: Золотой
              → boss: ask_tariff «Такого тарифа нет. |  | ivan@mail.ru: выберите тариф или ответьте его названием.» [Базовый | Полный | Оставить пустым | Отмена]
            boss replies: базовый
              → boss: ask_tariff «Там и так это значение. |  | ivan@mail.ru: выберите тариф или ответьте его названием.» [Базовый | Полный | Оставить пустым | Отмена]
            boss replies: полный
              → boss: record_confirm «ivan@mail.ru | Тариф | было: Базовый | станет: Полный» [Отмена | Сохранить]
            boss presses «Сохранить»
              ✎ ivan@mail.ru: Полный, 2026-12-20
              → boss: record_saved «Готово, сохранили! ivan@mail.ru | Тариф: было Базовый, стало Полный» [Отменить]
            boss: /почта ivan@mail.ru
              → boss: record «Почта: ivan@mail.ru | Имя: Иван | Тариф: Полный | Оплачено до: 20.12.2026 |  | Что изменить?» [Почта | Имя | Тариф | Оплачено до | Отмена]
            boss presses «Оплачено до»
              → boss: ask_until «ivan@mail.ru: ответьте на это сообщение датой, например 20.12.2026.» [Оставить пустым | Отмена]
            boss replies: 31.02.2027
              → boss: ask_until «Это не дата. |  | ivan@mail.ru: ответьте на это сообщение датой, например 20.12.2026.» [Оставить пустым | Отмена]
            boss replies: 20.12.2026
              → boss: ask_until «Там и так это значение. |  | ivan@mail.ru: ответьте на это сообщение датой, например 20.12.2026.» [Оставить пустым | Отмена]
            boss replies: 2027-01-05
              → boss: record_confirm «ivan@mail.ru | Оплачено до | было: 20.12.2026 | станет: 05.01.2027» [Отмена | Сохранить]
            boss presses «Отмена»
              → boss: task_cancelled
        "#]],
    );
}

#[test]
fn a_day_reads_as_it_can_be_typed() {
    check(
        "11:00 boss: /почта ivan@mail.ru
        boss presses «Оплачено до»
        boss replies: 05.01.2027
        boss presses «Сохранить»
        boss: /почта ivan@mail.ru
        boss presses «Оплачено до»
        boss presses «Оставить пустым»
        boss presses «Сохранить»
        boss presses «Отменить»",
        &expect![[r#"
            11:00 boss: /почта ivan@mail.ru
              → boss: record «Почта: ivan@mail.ru | Имя: Иван | Тариф: Базовый | Оплачено до: 20.12.2026 |  | Что изменить?» [Почта | Имя | Тариф | Оплачено до | Отмена]
            boss presses «Оплачено до»
              → boss: ask_until «ivan@mail.ru: ответьте на это сообщение датой, например 20.12.2026.» [Оставить пустым | Отмена]
            boss replies: 05.01.2027
              → boss: record_confirm «ivan@mail.ru | Оплачено до | было: 20.12.2026 | станет: 05.01.2027» [Отмена | Сохранить]
            boss presses «Сохранить»
              ✎ ivan@mail.ru: Базовый, 2027-01-05
              → boss: record_saved «Готово, сохранили! ivan@mail.ru | Оплачено до: было 20.12.2026, стало 05.01.2027» [Отменить]
            boss: /почта ivan@mail.ru
              → boss: record «Почта: ivan@mail.ru | Имя: Иван | Тариф: Базовый | Оплачено до: 05.01.2027 |  | Что изменить?» [Почта | Имя | Тариф | Оплачено до | Отмена]
            boss presses «Оплачено до»
              → boss: ask_until «ivan@mail.ru: ответьте на это сообщение датой, например 20.12.2026.» [Оставить пустым | Отмена]
            boss presses «Оставить пустым»
              → boss: record_confirm «ivan@mail.ru | Оплачено до | было: 05.01.2027 | станет: пусто» [Отмена | Сохранить]
            boss presses «Сохранить»
              ✎ ivan@mail.ru: Базовый, –
              → boss: record_saved «Готово, сохранили! ivan@mail.ru | Оплачено до: было 05.01.2027, стало пусто» [Отменить]
            boss presses «Отменить»
              ✎ ivan@mail.ru: Базовый, 2027-01-05
              → boss: undone «Отменено. ivan@mail.ru: запись такая, как была.»
        "#]],
    );
}

#[test]
fn a_record_is_renamed_and_called_as_before() {
    check(
        "11:00 boss: /почта ivan@mail.ru
        boss presses «Почта»
        boss replies: ivan
        boss replies: ivan@mail.ru
        boss replies: Ivanov@Mail.ru
        boss presses «Сохранить»
        boss: /почта ivan@mail.ru
        boss: /почта ivanov@mail.ru
        boss forges revert:1
        boss forges revert:1",
        &expect![[r#"
            11:00 boss: /почта ivan@mail.ru
              → boss: record «Почта: ivan@mail.ru | Имя: Иван | Тариф: Базовый | Оплачено до: 20.12.2026 |  | Что изменить?» [Почта | Имя | Тариф | Оплачено до | Отмена]
            boss presses «Почта»
              → boss: ask_email «ivan@mail.ru: ответьте на это сообщение новым адресом.» [Отмена]
            boss replies: ivan
              → boss: ask_email «Это не похоже на почту: в адресе нет @. Напишите его, пожалуйста, целиком, например anna@mail.ru. |  | ivan@mail.ru: ответьте на это сообщение новым адресом.» [Отмена]
            boss replies: ivan@mail.ru
              → boss: ask_email «Там и так это значение. |  | ivan@mail.ru: ответьте на это сообщение новым адресом.» [Отмена]
            boss replies: Ivanov@Mail.ru
              → boss: record_confirm «ivan@mail.ru | Почта | было: ivan@mail.ru | станет: ivanov@mail.ru» [Отмена | Сохранить]
            boss presses «Сохранить»
              ✎ ivan@mail.ru → ivanov@mail.ru
              → boss: record_saved «Готово, сохранили! ivanov@mail.ru | Почта: было ivan@mail.ru, стало ivanov@mail.ru» [Отменить]
            boss: /почта ivan@mail.ru
              → boss: record_whose «Записи с почтой ivan@mail.ru нет. |  | Чью запись показать? Ответьте на это сообщение адресом почты.» [Отмена]
            boss: /почта ivanov@mail.ru
              → boss: record «Почта: ivanov@mail.ru | Имя: Иван | Тариф: Базовый | Оплачено до: 20.12.2026 |  | Что изменить?» [Почта | Имя | Тариф | Оплачено до | Отмена]
            boss forges revert:1
              ✎ ivanov@mail.ru → ivan@mail.ru
              → boss: undone «Отменено. ivan@mail.ru: запись такая, как была.»
            boss forges revert:1
            (a change that is undone already)
              (Это уже отменено.)
        "#]],
    );
}

#[test]
fn two_records_become_one_with_the_better_of_both_and_two_again() {
    check(
        "11:00 boss: /почта anna@mail.ru
        boss presses «Почта»
        boss replies: ivan@mail.ru
        boss presses «Объединить»
        boss: /почта ivan@mail.ru
        boss forges revert:1
        partner forges revert:1",
        &expect![[r#"
            11:00 boss: /почта anna@mail.ru
              → boss: record «Почта: anna@mail.ru | Имя: пусто | Тариф: Полный | Оплачено до: 20.11.2027 |  | Что изменить?» [Почта | Имя | Тариф | Оплачено до | Отмена]
            boss presses «Почта»
              → boss: ask_email «anna@mail.ru: ответьте на это сообщение новым адресом.» [Отмена]
            boss replies: ivan@mail.ru
              → boss: record_merge «Запись с почтой ivan@mail.ru уже есть. Если объединить, останется она одна: |  | Почта: ivan@mail.ru | Имя: Иван (из записи ivan@mail.ru) | Тариф: Полный (из записи anna@mail.ru) | Оплачено до: 20.11.2027 (из записи anna@mail.ru) |  | Чаты, обращения и оплаты anna@mail.ru перейдут к ней. Это можно будет отменить. Объединяем?» [Отмена | Объединить]
            boss presses «Объединить»
              ✎ ivan@mail.ru: Полный, 2027-11-20
              ⇄ anna is of ivan@mail.ru
              → boss: record_merged «Готово! Две записи стали одной: ivan@mail.ru. Чаты, обращения и оплаты anna@mail.ru теперь там.» [Отменить]
            boss: /почта ivan@mail.ru
              → boss: record «Почта: ivan@mail.ru | Имя: Иван | Тариф: Полный | Оплачено до: 20.11.2027 |  | Что изменить?» [Почта | Имя | Тариф | Оплачено до | Отмена]
            boss forges revert:1
              ✎ ivan@mail.ru: Базовый, 2026-12-20
              ⇄ anna is of anna@mail.ru
              → boss: parted «Отменено. anna@mail.ru и ivan@mail.ru: снова две записи, каждая такая, как была.»
            partner forges revert:1
            (a change that is undone already)
              (Это уже отменено.)
        "#]],
    );
}

#[test]
fn what_has_changed_since_is_not_undone() {
    check(
        "11:00 boss: /почта anna@mail.ru
        boss presses «Почта»
        boss replies: ivan@mail.ru
        boss presses «Объединить»
        partner: /почта ivan@mail.ru
        partner presses «Имя»
        partner replies: Ваня
        partner presses «Сохранить»
        boss forges revert:1
        partner forges revert:2
        boss forges revert:1",
        &expect![[r#"
            11:00 boss: /почта anna@mail.ru
              → boss: record «Почта: anna@mail.ru | Имя: пусто | Тариф: Полный | Оплачено до: 20.11.2027 |  | Что изменить?» [Почта | Имя | Тариф | Оплачено до | Отмена]
            boss presses «Почта»
              → boss: ask_email «anna@mail.ru: ответьте на это сообщение новым адресом.» [Отмена]
            boss replies: ivan@mail.ru
              → boss: record_merge «Запись с почтой ivan@mail.ru уже есть. Если объединить, останется она одна: |  | Почта: ivan@mail.ru | Имя: Иван (из записи ivan@mail.ru) | Тариф: Полный (из записи anna@mail.ru) | Оплачено до: 20.11.2027 (из записи anna@mail.ru) |  | Чаты, обращения и оплаты anna@mail.ru перейдут к ней. Это можно будет отменить. Объединяем?» [Отмена | Объединить]
            boss presses «Объединить»
              ✎ ivan@mail.ru: Полный, 2027-11-20
              ⇄ anna is of ivan@mail.ru
              → boss: record_merged «Готово! Две записи стали одной: ivan@mail.ru. Чаты, обращения и оплаты anna@mail.ru теперь там.» [Отменить]
            partner: /почта ivan@mail.ru
              → partner: record «Почта: ivan@mail.ru | Имя: Иван | Тариф: Полный | Оплачено до: 20.11.2027 |  | Что изменить?» [Почта | Имя | Тариф | Оплачено до | Отмена]
            partner presses «Имя»
              → partner: ask_name «ivan@mail.ru: ответьте на это сообщение новым именем.» [Оставить пустым | Отмена]
            partner replies: Ваня
              → partner: record_confirm «ivan@mail.ru | Имя | было: Иван | станет: Ваня» [Отмена | Сохранить]
            partner presses «Сохранить»
              ✎ ivan@mail.ru: Полный, 2027-11-20
              → partner: record_saved «Готово, сохранили! ivan@mail.ru | Имя: было Иван, стало Ваня» [Отменить]
            boss forges revert:1
              → boss: changed_meanwhile «Запись ivan@mail.ru с тех пор изменилась, поэтому отменить уже нельзя. Посмотреть и исправить её: /почта ivan@mail.ru»
            partner forges revert:2
              ✎ ivan@mail.ru: Полный, 2027-11-20
              → partner: undone «Отменено. ivan@mail.ru: запись такая, как была.»
            boss forges revert:1
              ✎ ivan@mail.ru: Базовый, 2026-12-20
              ⇄ anna is of anna@mail.ru
              → boss: parted «Отменено. anna@mail.ru и ivan@mail.ru: снова две записи, каждая такая, как была.»
        "#]],
    );
}

#[test]
fn of_two_owners_the_second_sees_what_the_first_has_done() {
    check(
        "11:00 boss: /почта ivan@mail.ru
        boss presses «Имя»
        boss replies: Ваня
        partner: /почта ivan@mail.ru
        partner presses «Имя»
        partner replies: Иван Ильич
        boss presses «Сохранить»
        partner forges task:1:yes
        partner forges task:1:yes
        partner: /почта anna@mail.ru
        partner presses «Почта»
        partner replies: ivan@mail.ru
        boss: /почта ivan@mail.ru
        boss presses «Почта»
        boss replies: vanya@mail.ru
        boss forges task:2:yes
        partner forges task:2:yes",
        &expect![[r#"
            11:00 boss: /почта ivan@mail.ru
              → boss: record «Почта: ivan@mail.ru | Имя: Иван | Тариф: Базовый | Оплачено до: 20.12.2026 |  | Что изменить?» [Почта | Имя | Тариф | Оплачено до | Отмена]
            boss presses «Имя»
              → boss: ask_name «ivan@mail.ru: ответьте на это сообщение новым именем.» [Оставить пустым | Отмена]
            boss replies: Ваня
              → boss: record_confirm «ivan@mail.ru | Имя | было: Иван | станет: Ваня» [Отмена | Сохранить]
            partner: /почта ivan@mail.ru
              → partner: record «Почта: ivan@mail.ru | Имя: Иван | Тариф: Базовый | Оплачено до: 20.12.2026 |  | Что изменить?» [Почта | Имя | Тариф | Оплачено до | Отмена]
            partner presses «Имя»
              → partner: ask_name «ivan@mail.ru: ответьте на это сообщение новым именем.» [Оставить пустым | Отмена]
            partner replies: Иван Ильич
              → partner: record_confirm «ivan@mail.ru | Имя | было: Иван | станет: Иван Ильич» [Отмена | Сохранить]
            boss presses «Сохранить»
              ✎ ivan@mail.ru: Базовый, 2026-12-20
              → boss: record_saved «Готово, сохранили! ivan@mail.ru | Имя: было Иван, стало Ваня» [Отменить]
            partner forges task:1:yes
              → partner: record_confirm «Запись тем временем изменилась. Проверьте, пожалуйста, ещё раз. |  | ivan@mail.ru | Имя | было: Ваня | станет: Иван Ильич» [Отмена | Сохранить]
            partner forges task:1:yes
              ✎ ivan@mail.ru: Базовый, 2026-12-20
              → partner: record_saved «Готово, сохранили! ivan@mail.ru | Имя: было Ваня, стало Иван Ильич» [Отменить]
            partner: /почта anna@mail.ru
              → partner: record «Почта: anna@mail.ru | Имя: пусто | Тариф: Полный | Оплачено до: 20.11.2027 |  | Что изменить?» [Почта | Имя | Тариф | Оплачено до | Отмена]
            partner presses «Почта»
              → partner: ask_email «anna@mail.ru: ответьте на это сообщение новым адресом.» [Отмена]
            partner replies: ivan@mail.ru
              → partner: record_merge «Запись с почтой ivan@mail.ru уже есть. Если объединить, останется она одна: |  | Почта: ivan@mail.ru | Имя: Иван Ильич (из записи ivan@mail.ru) | Тариф: Полный (из записи anna@mail.ru) | Оплачено до: 20.11.2027 (из записи anna@mail.ru) |  | Чаты, обращения и оплаты anna@mail.ru перейдут к ней. Это можно будет отменить. Объединяем?» [Отмена | Объединить]
            boss: /почта ivan@mail.ru
              → boss: record «Почта: ivan@mail.ru | Имя: Иван Ильич | Тариф: Базовый | Оплачено до: 20.12.2026 |  | Что изменить?» [Почта | Имя | Тариф | Оплачено до | Отмена]
            boss presses «Почта»
              → boss: ask_email «ivan@mail.ru: ответьте на это сообщение новым адресом.» [Отмена]
            boss replies: vanya@mail.ru
              → boss: record_confirm «ivan@mail.ru | Почта | было: ivan@mail.ru | станет: vanya@mail.ru» [Отмена | Сохранить]
            boss forges task:2:yes
              ✎ ivan@mail.ru → vanya@mail.ru
              → boss: record_saved «Готово, сохранили! vanya@mail.ru | Почта: было ivan@mail.ru, стало vanya@mail.ru» [Отменить]
            partner forges task:2:yes
              → partner: record_confirm «Запись тем временем изменилась. Проверьте, пожалуйста, ещё раз. |  | anna@mail.ru | Почта | было: anna@mail.ru | станет: ivan@mail.ru» [Отмена | Сохранить]
        "#]],
    );
}

#[test]
fn a_record_that_is_gone_meanwhile_ends_the_task() {
    let mut world = desk();
    play(
        &mut world,
        "11:00 boss: /почта ivan@mail.ru\nboss presses «Имя»",
    );
    world.business.clients.remove(0);
    play(&mut world, "boss replies: Ваня");
    expect![[r#"
        11:00 boss: /почта ivan@mail.ru
          → boss: record «Почта: ivan@mail.ru | Имя: Иван | Тариф: Базовый | Оплачено до: 20.12.2026 |  | Что изменить?» [Почта | Имя | Тариф | Оплачено до | Отмена]
        boss presses «Имя»
          → boss: ask_name «ivan@mail.ru: ответьте на это сообщение новым именем.» [Оставить пустым | Отмена]
        boss replies: Ваня
          → boss: record_gone «Записи с почтой ivan@mail.ru больше нет: её переименовали или объединили с другой. Начните заново: /почта»
    "#]].assert_eq(&world.transcript);
}

#[test]
fn a_key_pressed_twice_takes_no_other_key_away() {
    check(
        "11:00 boss: /почта ivan@mail.ru
        boss presses «Имя»
        boss replies: Ваня
        boss presses «Сохранить»
        boss forges task:1:yes
        boss presses «Отменить»",
        &expect![[r#"
            11:00 boss: /почта ivan@mail.ru
              → boss: record «Почта: ivan@mail.ru | Имя: Иван | Тариф: Базовый | Оплачено до: 20.12.2026 |  | Что изменить?» [Почта | Имя | Тариф | Оплачено до | Отмена]
            boss presses «Имя»
              → boss: ask_name «ivan@mail.ru: ответьте на это сообщение новым именем.» [Оставить пустым | Отмена]
            boss replies: Ваня
              → boss: record_confirm «ivan@mail.ru | Имя | было: Иван | станет: Ваня» [Отмена | Сохранить]
            boss presses «Сохранить»
              ✎ ivan@mail.ru: Базовый, 2026-12-20
              → boss: record_saved «Готово, сохранили! ivan@mail.ru | Имя: было Иван, стало Ваня» [Отменить]
            boss forges task:1:yes
            (a key of another task)
              (Это уже сделано, второй раз нажимать не нужно.)
            boss presses «Отменить»
              ✎ ivan@mail.ru: Базовый, 2026-12-20
              → boss: undone «Отменено. ivan@mail.ru: запись такая, как была.»
        "#]],
    );
}

#[test]
fn what_was_put_back_by_hand_is_undone_already() {
    check(
        "11:00 boss: /почта ivan@mail.ru
        boss presses «Имя»
        boss replies: Ваня
        boss presses «Сохранить»
        partner: /почта ivan@mail.ru
        partner presses «Имя»
        partner replies: Иван
        partner presses «Сохранить»
        boss forges revert:1",
        &expect![[r#"
            11:00 boss: /почта ivan@mail.ru
              → boss: record «Почта: ivan@mail.ru | Имя: Иван | Тариф: Базовый | Оплачено до: 20.12.2026 |  | Что изменить?» [Почта | Имя | Тариф | Оплачено до | Отмена]
            boss presses «Имя»
              → boss: ask_name «ivan@mail.ru: ответьте на это сообщение новым именем.» [Оставить пустым | Отмена]
            boss replies: Ваня
              → boss: record_confirm «ivan@mail.ru | Имя | было: Иван | станет: Ваня» [Отмена | Сохранить]
            boss presses «Сохранить»
              ✎ ivan@mail.ru: Базовый, 2026-12-20
              → boss: record_saved «Готово, сохранили! ivan@mail.ru | Имя: было Иван, стало Ваня» [Отменить]
            partner: /почта ivan@mail.ru
              → partner: record «Почта: ivan@mail.ru | Имя: Ваня | Тариф: Базовый | Оплачено до: 20.12.2026 |  | Что изменить?» [Почта | Имя | Тариф | Оплачено до | Отмена]
            partner presses «Имя»
              → partner: ask_name «ivan@mail.ru: ответьте на это сообщение новым именем.» [Оставить пустым | Отмена]
            partner replies: Иван
              → partner: record_confirm «ivan@mail.ru | Имя | было: Ваня | станет: Иван» [Отмена | Сохранить]
            partner presses «Сохранить»
              ✎ ivan@mail.ru: Базовый, 2026-12-20
              → partner: record_saved «Готово, сохранили! ivan@mail.ru | Имя: было Ваня, стало Иван» [Отменить]
            boss forges revert:1
            (a change that is undone already)
              (Это уже отменено.)
        "#]],
    );
}
