//! Who is an owner, who is not, and whom an owner's plain words are for, told as stories.

use engine::{
    content::Content,
    event::{Event, Place, Wrote},
    scenario::DialogPlace,
};
use expect_test::expect;

use super::records::{check, desk};
use crate::world::{World, person, script::play};

#[test]
fn who_is_no_owner_any_more_presses_in_vain() {
    let mut world = desk();
    play(
        &mut world,
        "11:00 boss: /почта ivan@mail.ru
        boss presses «Имя»
        boss presses «Оставить пустым»
        boss presses «Сохранить»",
    );
    world.transcript.clear();
    world.policy.owners.remove(&person("boss").id);
    play(
        &mut world,
        "boss presses «Отменить»
        boss forges task:1:yes",
    );
    expect![[r#"
        boss presses «Отменить»
        (somebody who is no owner pressed a key)
        boss forges task:1:yes
        (somebody who is no owner pressed a key)
    "#]]
    .assert_eq(&world.transcript);
}

#[test]
fn in_the_group_only_owners_are_obeyed() {
    let mut world = desk();
    play(
        &mut world,
        "11:00 ivan presses «Связаться с поддержкой»
        ivan: помогите
        olga in group answers «помогите»: /почта ivan@mail.ru
        olga in group: /рассылка",
    );
    // A stranger who was let into the group is no owner either.
    let at = world.policy.group.message("900");
    world.happen(&Event::Wrote(Wrote {
        who: person("stranger"),
        place: Place::Desk,
        at,
        content: Content::text("/sync"),
        also: Vec::new(),
        partial: false,
    }));
    play(&mut world, "boss in group: /почта ivan@mail.ru");
    expect![[r#"
        11:00 ivan presses «Связаться с поддержкой»
          → ivan: support
          ▣ № 1 · Поддержка | ivan · Telegram | Почта: ivan@mail.ru | Ждёт с 20.11 11:00 [Взять в работу]
        ivan: помогите
          → group: <№ 1 · ivan · Telegram> «помогите» ↩ ticket-1
        olga in group answers «помогите»: /почта ivan@mail.ru
        (an owner's command from somebody who is none)
        olga in group: /рассылка
        (an owner's command from somebody who is none)
        (an owner's command from somebody who is none)
        boss in group: /почта ivan@mail.ru
          → group: record «Почта: ivan@mail.ru | Имя: Иван | Тариф: Базовый | Оплачено до: 20.12.2026 |  | Что изменить?» [Почта | Имя | Тариф | Оплачено до | Отмена]
    "#]].assert_eq(&world.transcript);
}

#[test]
fn plain_words_answer_where_they_can_mean_nothing_else() {
    check(
        "10:59 boss: /start
        11:00 boss: /почта
        boss: ivan@mail.ru
        boss presses «Имя»
        boss: Ваня
        boss: да
        boss presses «Сохранить»
        boss: /почта
        11:05 boss: /start
        boss: boss@mail.ru",
        &expect![[r#"
            10:59 boss: /start
              → boss: email
            11:00 boss: /почта
              → boss: record_whose «Чью запись показать? Ответьте на это сообщение адресом почты.» [Отмена]
            boss: ivan@mail.ru
              → boss: record «Почта: ivan@mail.ru | Имя: Иван | Тариф: Базовый | Оплачено до: 20.12.2026 |  | Что изменить?» [Почта | Имя | Тариф | Оплачено до | Отмена]
            boss presses «Имя»
              → boss: ask_name «ivan@mail.ru: ответьте на это сообщение новым именем.» [Оставить пустым | Отмена]
            boss: Ваня
              → boss: record_confirm «ivan@mail.ru | Имя | было: Иван | станет: Ваня» [Отмена | Сохранить]
            boss: да
              → boss: task_press
            boss presses «Сохранить»
              ✎ ivan@mail.ru: Базовый, 2026-12-20
              → boss: record_saved «Готово, сохранили! ivan@mail.ru | Имя: было Иван, стало Ваня» [Отменить]
            boss: /почта
              → boss: record_whose «Чью запись показать? Ответьте на это сообщение адресом почты.» [Отмена]
            11:05 boss: /start
              → boss: email
            boss: boss@mail.ru
              → boss: email_new
              → boss: menu [Связаться с поддержкой | Оплата | Изменить почту]
        "#]],
    );
}

#[test]
fn plain_words_of_an_owner_with_an_open_dialog_go_to_the_customer() {
    let mut world = World::new("subscription", DialogPlace::Private);
    play(
        &mut world,
        "10:00 anna: /start
        anna: anna@mail.ru
        anna presses «Связаться с поддержкой»
        boss is hired
        boss: /start
        boss takes #1
        boss: /почта
        boss: слушаю вас",
    );
    expect![[r#"
        10:00 anna: /start
          → anna: email
        anna: anna@mail.ru
          → anna: email_new
          → anna: menu [Связаться с поддержкой | Оплата | Изменить почту]
        anna presses «Связаться с поддержкой»
          → anna: support
          ▣ № 1 · Поддержка | anna · Telegram | Почта: anna@mail.ru | Ждёт с 20.11 10:00 [Взять в работу]
        boss is hired
        boss: /start
          → boss: operator_hello [Посмотреть глазами клиента]
        boss takes #1
          (Обращение № 1 ваше. Отвечайте в личном чате со мной.)
          → boss: intro [Завершить диалог]
          ▢ № 1 · Поддержка | anna · Telegram | Почта: anna@mail.ru | В работе: boss, с 20.11 10:00
          → anna: operator_joined
        boss: /почта
          → boss: record_whose «Чью запись показать? Ответьте на это сообщение адресом почты.» [Отмена]
        boss: слушаю вас
          → anna: «слушаю вас»
    "#]].assert_eq(&world.transcript);
}
