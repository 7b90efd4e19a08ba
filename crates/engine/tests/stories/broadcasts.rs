//! Broadcasts, told as stories: who gets them, what their owner sees, and every key pressed at the wrong time.

use engine::{
    content::Content,
    event::{Event, Place, Wrote},
};
use expect_test::expect;
use jiff::SignedDuration;

use crate::world::{World, at, business::with_clients, chat, person, script::play};

#[test]
fn a_broadcast_from_the_choice_of_tariffs_to_its_report() {
    let mut world = with_clients(&["ivan", "anna", "oleg"]);
    world.business.clients[0].tariff = Some("Базовый".to_owned());
    world.business.clients[1].tariff = Some("Базовый".to_owned());
    play(
        &mut world,
        "11:00 ivan: /рассылка
        boss: /рассылка
        boss presses «▫️ Базовый»
        boss presses «Дальше»
        boss replies: Новая цена с декабря!
        anna is silent
        11:01 boss presses «Отправить»
        11:02 ivan: спасибо",
    );
    expect![[r#"
        11:00 ivan: /рассылка
          → ivan: menu [Связаться с поддержкой | Оплата | Изменить почту]
        boss: /рассылка
          → boss: broadcast_whom «Кому отправить рассылку? Отметьте тарифы и нажмите «Дальше».» [▫️ Все | ▫️ Базовый | ▫️ Полный | Отмена | Дальше]
        boss presses «▫️ Базовый»
          → boss: broadcast_whom «Кому отправить рассылку? Отметьте тарифы и нажмите «Дальше».» [▫️ Все | ✅ Базовый | ▫️ Полный | Отмена | Дальше]
        boss presses «Дальше»
          → boss: broadcast_what «Получателей: 2. Пришлите в ответ то, что нужно разослать: текст, фото, файл, альбом.» [Отмена]
        boss replies: Новая цена с декабря!
          → boss: «Новая цена с декабря!»
          → boss: broadcast_preview «Выше то, что получат клиенты. Всего: 2 | Telegram: 2 |  | Отправляем?» [Отмена | Отправить]
        anna is silent
        11:01 boss presses «Отправить»
          → boss: broadcast_begun «Рассылка началась. Пока она идёт, не меняйте и не удаляйте своё сообщение.»
          ⇉ ivan: «Новая цена с декабря!»
          ✗ anna
          → boss: broadcast_running «Рассылка идёт | ░░░░░░░░░░░░ | 0 из 2» [Пауза | Остановить]
          → boss: broadcast_report «Рассылка закончена. | Доставлено: 1 | Заблокировали бота: 1 | Кто это и почему, написано в файле ниже.»
          → boss: document
        11:02 ivan: спасибо
          → ivan: menu [Связаться с поддержкой | Оплата | Изменить почту]
    "#]].assert_eq(&world.transcript);
}

/// Everybody is to get it; the transcript begins with what the owner answers.
fn asked(world: &mut World) {
    asks(world);
    world.transcript.clear();
}

fn asks(world: &mut World) {
    let everybody = "boss: /рассылка
        boss presses «▫️ Все»
        boss presses «Дальше»";
    play(world, everybody);
}

fn seconds(world: &mut World, seconds: i64) {
    world.wait_until(world.now + SignedDuration::from_secs(seconds));
}

#[test]
fn whoever_cannot_be_written_to_is_counted_before_and_after() {
    let mut world = with_clients(&["ivan", "other-vera", "other-oleg"]);
    world.wait_until(at(9, 30) + SignedDuration::from_hours(24));
    play(&mut world, "other-oleg: спасибо");
    world.wait_until(at(11, 0) + SignedDuration::from_hours(24));
    asked(&mut world);
    play(
        &mut world,
        "boss replies: Скидки!
        boss presses «Отправить»",
    );
    seconds(&mut world, 5);
    expect![[r#"
        boss replies: Скидки!
          → boss: «Скидки!»
          → boss: broadcast_preview «Выше то, что получат клиенты. Всего: 3 | Другой: 2, из них 1 не получат: писали больше суток назад | Telegram: 1 |  | Отправляем?» [Отмена | Отправить]
        boss presses «Отправить»
          → boss: broadcast_begun «Рассылка началась. Пока она идёт, не меняйте и не удаляйте своё сообщение.»
          ⇉ ivan: «Скидки!»
          ⇉ other-oleg: «Скидки!»
          → boss: broadcast_running «Рассылка идёт | ░░░░░░░░░░░░ | 0 из 3» [Пауза | Остановить]
          → boss: broadcast_report «Рассылка закончена. | Доставлено: 2 | Не доставлено, потому что клиент писал больше суток назад: 1 | Кто это и почему, написано в файле ниже.»
          → boss: document
    "#]].assert_eq(&world.transcript);
}

#[test]
fn a_messenger_that_was_taken_out_is_counted_nowhere() {
    let mut world = with_clients(&["ivan", "other-vera", "other-oleg"]);
    asked(&mut world);
    play(
        &mut world,
        "boss replies: Скидки!
        other-vera is away
        other-oleg is away
        boss presses «Отправить»",
    );
    seconds(&mut world, 1);
    play(&mut world, "boss presses «Пауза»");
    seconds(&mut world, 1);
    // It is taken out of the settings, and the desk starts anew.
    world.policy.titles.remove(&crate::world::other());
    play(&mut world, "boss presses «Продолжить»");
    seconds(&mut world, 5);
    asks(&mut world);
    play(&mut world, "boss replies: Ещё скидки!");
    expect![[r#"
        boss replies: Скидки!
          → boss: «Скидки!»
          → boss: broadcast_preview «Выше то, что получат клиенты. Всего: 3 | Другой: 2 | Telegram: 1 |  | Отправляем?» [Отмена | Отправить]
        other-vera is away
        other-oleg is away
        boss presses «Отправить»
          → boss: broadcast_begun «Рассылка началась. Пока она идёт, не меняйте и не удаляйте своё сообщение.»
          ⇉ ivan: «Скидки!»
          → boss: broadcast_running «Рассылка идёт | ░░░░░░░░░░░░ | 0 из 3» [Пауза | Остановить]
        boss presses «Пауза»
          → boss: broadcast_paused «Рассылка на паузе | ▓▓▓▓░░░░░░░░ | 1 из 3» [Продолжить | Остановить]
          → boss: broadcast_paused «Рассылка на паузе | ▓▓▓▓░░░░░░░░ | 1 из 3» [Продолжить | Остановить]
        boss presses «Продолжить»
          → boss: broadcast_running «Рассылка идёт | ▓▓▓▓░░░░░░░░ | 1 из 3» [Пауза | Остановить]
          → boss: broadcast_report «Рассылка закончена. | Доставлено: 1 | Не доставлено: 2 | Кто это и почему, написано в файле ниже.»
          → boss: document
        boss: /рассылка
          → boss: broadcast_whom «Кому отправить рассылку? Отметьте тарифы и нажмите «Дальше».» [▫️ Все | ▫️ Базовый | ▫️ Полный | Отмена | Дальше]
        boss presses «▫️ Все»
          → boss: broadcast_whom «Кому отправить рассылку? Отметьте тарифы и нажмите «Дальше».» [✅ Все | ✅ Базовый | ✅ Полный | Отмена | Дальше]
        boss presses «Дальше»
          → boss: broadcast_what «Получателей: 1. Пришлите в ответ то, что нужно разослать: текст, фото, файл, альбом.» [Отмена]
        boss replies: Ещё скидки!
          → boss: «Ещё скидки!»
          → boss: broadcast_preview «Выше то, что получат клиенты. Всего: 1 | Telegram: 1 |  | Отправляем?» [Отмена | Отправить]
    "#]].assert_eq(&world.transcript);
}

#[test]
fn paused_continued_and_stopped_each_gets_it_once() {
    let mut world = with_clients(&["ivan", "anna", "oleg"]);
    asked(&mut world);
    play(
        &mut world,
        "boss replies: Скидки!
        anna is away
        oleg is away
        boss presses «Отправить»",
    );
    seconds(&mut world, 1);
    play(
        &mut world,
        "boss presses «Пауза»
        boss forges cast:1:pause
        anna is back",
    );
    seconds(&mut world, 60);
    play(&mut world, "boss presses «Продолжить»");
    seconds(&mut world, 5);
    play(&mut world, "boss presses «Остановить»");
    seconds(&mut world, 1);
    play(&mut world, "boss forges cast:1:go\nolga forges cast:1:go");
    expect![[r#"
        boss replies: Скидки!
          → boss: «Скидки!»
          → boss: broadcast_preview «Выше то, что получат клиенты. Всего: 3 | Telegram: 3 |  | Отправляем?» [Отмена | Отправить]
        anna is away
        oleg is away
        boss presses «Отправить»
          → boss: broadcast_begun «Рассылка началась. Пока она идёт, не меняйте и не удаляйте своё сообщение.»
          ⇉ ivan: «Скидки!»
          → boss: broadcast_running «Рассылка идёт | ░░░░░░░░░░░░ | 0 из 3» [Пауза | Остановить]
        boss presses «Пауза»
          → boss: broadcast_paused «Рассылка на паузе | ▓▓▓▓░░░░░░░░ | 1 из 3» [Продолжить | Остановить]
        boss forges cast:1:pause
        (a broadcast that is so already)
          (Эта кнопка уже не действует.)
        anna is back
          → boss: broadcast_paused «Рассылка на паузе | ▓▓▓▓░░░░░░░░ | 1 из 3» [Продолжить | Остановить]
        boss presses «Продолжить»
          → boss: broadcast_running «Рассылка идёт | ▓▓▓▓░░░░░░░░ | 1 из 3» [Пауза | Остановить]
          ⇉ anna: «Скидки!»
          → boss: broadcast_running «Рассылка идёт | ▓▓▓▓▓▓▓▓░░░░ | 2 из 3 | Осталось около 2 с» [Пауза | Остановить]
          → boss: broadcast_running «Рассылка идёт | ▓▓▓▓▓▓▓▓░░░░ | 2 из 3 | Осталось около 4 с» [Пауза | Остановить]
        boss presses «Остановить»
          → boss: broadcast_stopping «Рассылка останавливается | ▓▓▓▓▓▓▓▓░░░░ | 2 из 3»
          → boss: broadcast_stopped «Рассылка остановлена. | Доставлено: 2 | Не отправлялось: 1 | Кто это и почему, написано в файле ниже.»
          → boss: document
        boss forges cast:1:go
        (a broadcast that is so already)
          (Эта кнопка уже не действует.)
        olga forges cast:1:go
        (somebody who is no owner pressed a key)
    "#]].assert_eq(&world.transcript);
}

#[test]
fn keys_pressed_twice_too_late_or_too_early() {
    let mut world = with_clients(&["ivan"]);
    play(
        &mut world,
        "boss: /рассылка
        boss presses «Дальше»
        boss presses «▫️ Полный»
        boss presses «Дальше»
        boss presses «▫️ Все»
        boss presses «Дальше»
        boss forges task:1:on
        boss replies: Скидки!
        boss forges task:1:no
        boss presses «Отправить»
        boss forges task:2:yes
        boss forges task:2:no
        ivan forges task:2:yes",
    );
    expect![[r#"
        boss: /рассылка
          → boss: broadcast_whom «Кому отправить рассылку? Отметьте тарифы и нажмите «Дальше».» [▫️ Все | ▫️ Базовый | ▫️ Полный | Отмена | Дальше]
        boss presses «Дальше»
          → boss: broadcast_nobody «Пока никто не выбран: отметьте «Все» или тарифы.»
        boss presses «▫️ Полный»
          → boss: broadcast_whom «Кому отправить рассылку? Отметьте тарифы и нажмите «Дальше».» [▫️ Все | ▫️ Базовый | ✅ Полный | Отмена | Дальше]
        boss presses «Дальше»
          → boss: broadcast_empty «Среди выбранных сейчас нет никого, кому бот может написать. Отметьте других.»
        boss presses «▫️ Все»
          → boss: broadcast_whom «Кому отправить рассылку? Отметьте тарифы и нажмите «Дальше».» [✅ Все | ✅ Базовый | ✅ Полный | Отмена | Дальше]
        boss presses «Дальше»
          → boss: broadcast_what «Получателей: 1. Пришлите в ответ то, что нужно разослать: текст, фото, файл, альбом.» [Отмена]
        boss forges task:1:on
        (a key that does not belong to this step)
          (Эта кнопка уже не действует.)
        boss replies: Скидки!
          → boss: «Скидки!»
          → boss: broadcast_preview «Выше то, что получат клиенты. Всего: 1 | Telegram: 1 |  | Отправляем?» [Отмена | Отправить]
        boss forges task:1:no
        (a key of another task)
          (Это уже не действует. Начните заново командой.)
        boss presses «Отправить»
          → boss: broadcast_begun «Рассылка началась. Пока она идёт, не меняйте и не удаляйте своё сообщение.»
        boss forges task:2:yes
        (a key of another task)
          (Это уже сделано, второй раз нажимать не нужно.)
        boss forges task:2:no
        (a key of another task)
          (Это уже сделано, второй раз нажимать не нужно.)
        ivan forges task:2:yes
        (somebody who is no owner pressed a key)
    "#]].assert_eq(&world.transcript);
}

/// The owner changes what is to go out.
fn changes(world: &mut World, text: &str) {
    let origins = world.twins.keys().map(|(origin, _)| origin);
    let mut own = origins.filter(|origin| origin.id.parse::<u32>().is_ok());
    let at = own.next().unwrap().clone();
    let edited = Wrote {
        who: person("boss"),
        place: Place::Private,
        at,
        content: Content::text(text),
        also: Vec::new(),
        partial: false,
    };
    world.transcript.push_str("boss changes the message\n");
    world.happen(&Event::Edited(edited));
}

#[test]
fn a_message_that_is_changed_after_its_preview_is_shown_anew() {
    let mut world = with_clients(&["ivan"]);
    asked(&mut world);
    play(&mut world, "boss replies: Скидки 5%");
    changes(&mut world, "Скидки 50%");
    // A link's preview has come in: nothing has changed.
    changes(&mut world, "Скидки 50%");
    play(
        &mut world,
        "boss forges task:2:yes
        boss presses «Отправить»",
    );
    changes(&mut world, "Скидки 90%");
    seconds(&mut world, 3);
    expect![[r#"
        boss replies: Скидки 5%
          → boss: «Скидки 5%»
          → boss: broadcast_preview «Выше то, что получат клиенты. Всего: 1 | Telegram: 1 |  | Отправляем?» [Отмена | Отправить]
        boss changes the message
          → boss: «Скидки 50%»
          → boss: broadcast_preview «Выше то, что получат клиенты. Всего: 1 | Telegram: 1 |  | Отправляем?» [Отмена | Отправить]
        boss changes the message
        (a change that changes nothing)
        boss forges task:2:yes
        (a key of another task)
          (Это уже не действует. Начните заново командой.)
        boss presses «Отправить»
          → boss: broadcast_begun «Рассылка началась. Пока она идёт, не меняйте и не удаляйте своё сообщение.»
        boss changes the message
        (a message that was not kept)
          ⇉ ivan: «Скидки 50%»
          → boss: broadcast_running «Рассылка идёт | ░░░░░░░░░░░░ | 0 из 1» [Пауза | Остановить]
          → boss: broadcast_report «Рассылка закончена. | Доставлено: 1»
    "#]].assert_eq(&world.transcript);
}

#[test]
fn a_second_one_may_go_out_at_once_and_the_owner_is_told() {
    let mut world = with_clients(&["ivan", "anna"]);
    asked(&mut world);
    play(
        &mut world,
        "boss replies: Скидки!
        anna is away
        boss presses «Отправить»",
    );
    asked(&mut world);
    play(
        &mut world,
        "boss replies: Мы переехали
        anna is back
        boss presses «Отправить»",
    );
    seconds(&mut world, 5);
    expect![[r#"
        boss replies: Мы переехали
          → boss: «Мы переехали»
          → boss: broadcast_preview «Выше то, что получат клиенты. Всего: 2 | Telegram: 2 | Другая рассылка ещё не закончена, они пойдут одновременно. |  | Отправляем?» [Отмена | Отправить]
        anna is back
        boss presses «Отправить»
          → boss: broadcast_begun «Рассылка началась. Пока она идёт, не меняйте и не удаляйте своё сообщение.»
          ⇉ ivan: «Скидки!»
          ⇉ anna: «Скидки!»
          → boss: broadcast_running «Рассылка идёт | ░░░░░░░░░░░░ | 0 из 2» [Пауза | Остановить]
          ⇉ ivan: «Мы переехали»
          ⇉ anna: «Мы переехали»
          → boss: broadcast_running «Рассылка идёт | ░░░░░░░░░░░░ | 0 из 2» [Пауза | Остановить]
          → boss: broadcast_report «Рассылка закончена. | Доставлено: 2»
          → boss: broadcast_report «Рассылка закончена. | Доставлено: 2»
    "#]].assert_eq(&world.transcript);
}

#[test]
fn in_the_group_the_owner_is_told_less_often() {
    let mut world = with_clients(&["ivan", "anna"]);
    play(
        &mut world,
        "boss in group: /рассылка
        boss presses «▫️ Все»
        boss presses «Дальше»",
    );
    let group = world.policy.group.clone();
    let mut prompts = world.twins.iter();
    let prompt = prompts.find(|((name, to), _)| name.id.starts_with("task-") && *to == group);
    let reply_to = prompt.map(|(_, prompt)| prompt.clone());
    let reply = Content {
        reply_to,
        ..Content::text("Скидки!")
    };
    world.write_in(Place::Desk, "boss", reply);
    world.transcript.clear();
    play(&mut world, "anna is away\nboss presses «Отправить»");
    seconds(&mut world, 59);
    expect![[r#"
        anna is away
        boss presses «Отправить»
          → group: broadcast_begun «Рассылка началась. Пока она идёт, не меняйте и не удаляйте своё сообщение.»
          ⇉ ivan: «Скидки!»
          → group: broadcast_running «Рассылка идёт | ░░░░░░░░░░░░ | 0 из 2» [Пауза | Остановить]
          → group: broadcast_running «Рассылка идёт | ▓▓▓▓▓▓░░░░░░ | 1 из 2 | Осталось около 20 с» [Пауза | Остановить]
          → group: broadcast_running «Рассылка идёт | ▓▓▓▓▓▓░░░░░░ | 1 из 2 | Осталось около 40 с» [Пауза | Остановить]
    "#]].assert_eq(&world.transcript);
}

#[test]
fn who_has_blocked_the_bot_is_not_counted_again_until_they_write() {
    let mut world = with_clients(&["ivan", "anna"]);
    asked(&mut world);
    play(
        &mut world,
        "boss replies: Скидки!
        anna is silent
        boss presses «Отправить»",
    );
    seconds(&mut world, 3);
    asks(&mut world);
    world.silent.remove(&chat("anna"));
    play(
        &mut world,
        "boss replies: Ещё скидки!
        boss presses «Отмена»
        anna: здравствуйте",
    );
    asks(&mut world);
    play(&mut world, "boss replies: И ещё!");
    expect![[r#"
        boss replies: Скидки!
          → boss: «Скидки!»
          → boss: broadcast_preview «Выше то, что получат клиенты. Всего: 2 | Telegram: 2 |  | Отправляем?» [Отмена | Отправить]
        anna is silent
        boss presses «Отправить»
          → boss: broadcast_begun «Рассылка началась. Пока она идёт, не меняйте и не удаляйте своё сообщение.»
          ⇉ ivan: «Скидки!»
          ✗ anna
          → boss: broadcast_running «Рассылка идёт | ░░░░░░░░░░░░ | 0 из 2» [Пауза | Остановить]
          → boss: broadcast_report «Рассылка закончена. | Доставлено: 1 | Заблокировали бота: 1 | Кто это и почему, написано в файле ниже.»
          → boss: document
        boss: /рассылка
          → boss: broadcast_whom «Кому отправить рассылку? Отметьте тарифы и нажмите «Дальше».» [▫️ Все | ▫️ Базовый | ▫️ Полный | Отмена | Дальше]
        boss presses «▫️ Все»
          → boss: broadcast_whom «Кому отправить рассылку? Отметьте тарифы и нажмите «Дальше».» [✅ Все | ✅ Базовый | ✅ Полный | Отмена | Дальше]
        boss presses «Дальше»
          → boss: broadcast_what «Получателей: 1. Пришлите в ответ то, что нужно разослать: текст, фото, файл, альбом.» [Отмена]
        boss replies: Ещё скидки!
          → boss: «Ещё скидки!»
          → boss: broadcast_preview «Выше то, что получат клиенты. Всего: 1 | Telegram: 1 |  | Отправляем?» [Отмена | Отправить]
        boss presses «Отмена»
          → boss: task_cancelled
        anna: здравствуйте
          → anna: menu [Связаться с поддержкой | Оплата | Изменить почту]
        boss: /рассылка
          → boss: broadcast_whom «Кому отправить рассылку? Отметьте тарифы и нажмите «Дальше».» [▫️ Все | ▫️ Базовый | ▫️ Полный | Отмена | Дальше]
        boss presses «▫️ Все»
          → boss: broadcast_whom «Кому отправить рассылку? Отметьте тарифы и нажмите «Дальше».» [✅ Все | ✅ Базовый | ✅ Полный | Отмена | Дальше]
        boss presses «Дальше»
          → boss: broadcast_what «Получателей: 2. Пришлите в ответ то, что нужно разослать: текст, фото, файл, альбом.» [Отмена]
        boss replies: И ещё!
          → boss: «И ещё!»
          → boss: broadcast_preview «Выше то, что получат клиенты. Всего: 2 | Telegram: 2 |  | Отправляем?» [Отмена | Отправить]
    "#]].assert_eq(&world.transcript);
}
