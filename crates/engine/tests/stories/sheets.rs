//! The clients' sheet, told as stories: what a reading changes, and what its owner reads.

use engine::{event::Event, sheet::Unread};
use expect_test::expect;
use jiff::SignedDuration;

use crate::world::{
    World,
    business::{desk, with_clients},
    chat,
    script::play,
};

#[test]
fn a_sheet_changes_records_and_the_owner_reads_what_is_wrong_once() {
    let mut world = with_clients(&["ivan"]);
    let tariffs = "тариф, цена, валюта, дней / Базовый, 199, CNY, 30";
    let clients =
        "почта, имя, тариф, оплачено до / ivan@mail.ru, Иван, Базовый, 23.11.2026 / anna, Анна, , ";
    world.transcript.push_str("four readings\n");
    world.sheet(clients, tariffs);
    world.sheet(clients, tariffs);
    world.sheet("почта", tariffs);
    world.sheet("почта", tariffs);
    expect![[r#"
        four readings
          ✎ ivan@mail.ru: Базовый, 2026-11-23
          → boss: sheet_complaints «В таблице есть вопросы: | Клиенты, A3: «anna» — это не почта, строка пропущена»
          → boss: sheet_lost «Таблица не прочитана, ничего не изменилось: из неё пропало многое из того, что было. | — столбец «Имя» (удалён или переименован) | — столбец «Тариф» (удалён или переименован) | — столбец «Оплачено до» (удалён или переименован) | Если так и задумано, нажмите кнопку. Если нет, верните как было, и я прочитаю таблицу сам.» [Так задумано, это мы удалили]
    "#]].assert_eq(&world.transcript);
}

/// Rows of so many clients, each with a name and a day.
fn rows(numbers: std::ops::Range<u32>) -> String {
    let row = |n| format!("c{n}@mail.ru, Клиент {n}, Базовый, 23.11.2026");
    let head = "почта, имя, тариф, оплачено до".to_owned();
    let all: Vec<String> = std::iter::once(head).chain(numbers.map(row)).collect();
    all.join(" / ")
}

const TARIFFS: &str = "тариф, цена, валюта, дней / Базовый, 199, CNY, 30";

/// A desk that has read a sheet with eight clients; the transcript begins after it.
fn with_sheet() -> World {
    let mut world = with_clients(&[]);
    world.policy.sheet_every = Some(SignedDuration::from_mins(15));
    world.sheet(&rows(0..8), TARIFFS);
    world.transcript.clear();
    world
}

#[test]
fn an_owner_reads_what_a_reading_has_changed() {
    let mut world = with_sheet();
    play(&mut world, "10:00 boss: /синхронизация");
    world.sheet_for_boss(&rows(0..8), TARIFFS);
    let changed = rows(0..9).replace(
        "c3@mail.ru, Клиент 3, Базовый, 23.11",
        "c3@mail.ru, Анна, , 24.11",
    );
    let dearer = TARIFFS.replace("199", "249");
    world.sheet_for_boss(&changed, &dearer);
    world.sheet_for_boss(&changed.replace("24.11.2026", "завтра"), &dearer);
    world.sheet_for_boss(&changed.replace("24.11.2026", "завтра"), &dearer);
    play(&mut world, "10:01 boss presses «Показать вопросы»");
    expect![[r#"
        10:00 boss: /синхронизация
          → boss: sheet_reading «Читаю таблицу…»
          → boss: sheet_same «Таблица прочитана: ничего нового, записи в порядке.»
          ✎ c3@mail.ru: –, 2026-11-24
          ✎ c8@mail.ru: Базовый, 2026-11-23
          → boss: sheet_complaints «В таблице есть вопросы: | Клиенты, C5 (c3@mail.ru): клетка очищена: было «Базовый», теперь пусто и здесь»
          → boss: sheet_done «Таблица прочитана. Изменено записей: 2. | Тариф «Базовый»: 199 ¥ на 30 дн. → 249 ¥ на 30 дн. | c8@mail.ru: новая запись | c3@mail.ru, Имя: Клиент 3 → Анна | c3@mail.ru, Тариф: Базовый → пусто | c3@mail.ru, Оплачено до: 23.11.2026 → 24.11.2026»
          → boss: sheet_complaints «В таблице есть вопросы: | Клиенты, D5 (c3@mail.ru): «завтра» — это не дата; пишите, например, 20.11.2026»
          → boss: sheet_same «Таблица прочитана: ничего нового, записи в порядке. |  | Открытых вопросов к таблице: 1.» [Показать вопросы]
          → boss: sheet_same «Таблица прочитана: ничего нового, записи в порядке. |  | Открытых вопросов к таблице: 1.» [Показать вопросы]
        10:01 boss presses «Показать вопросы»
          → boss: sheet_complaints «В таблице есть вопросы: | Клиенты, D5 (c3@mail.ru): «завтра» — это не дата; пишите, например, 20.11.2026»
    "#]].assert_eq(&world.transcript);
}

#[test]
fn what_is_gone_is_accepted_by_an_owner_only_and_as_it_was_shown() {
    let mut world = with_sheet();
    world.sheet(&rows(4..8), TARIFFS);
    world.sheet(&rows(4..8), TARIFFS);
    let key = world.keyboards.keys().next().unwrap().clone();
    world.press("olga", key.clone(), "meant:1".to_owned());
    world.sheet(&rows(4..8), TARIFFS);
    play(
        &mut world,
        "10:01 boss presses «Так задумано, это мы удалили»",
    );
    world.sheet_for_boss(&rows(5..8), TARIFFS);
    world.press("boss", key, "meant:1".to_owned());
    world.sheet(&rows(5..8), TARIFFS);
    play(
        &mut world,
        "10:02 boss presses «Так задумано, это мы удалили»",
    );
    world.sheet_for_boss(&rows(5..8), TARIFFS);
    world.sheet_for_boss(&rows(6..8), TARIFFS);
    expect![[r#"
          → boss: sheet_lost «Таблица не прочитана, ничего не изменилось: из неё пропало многое из того, что было. | — строк клиентов: 4 из 8 (c0@mail.ru, c1@mail.ru, c2@mail.ru, c3@mail.ru) | Если так и задумано, нажмите кнопку. Если нет, верните как было, и я прочитаю таблицу сам.» [Так задумано, это мы удалили]
        (somebody who is no owner pressed a key)
        10:01 boss presses «Так задумано, это мы удалили»
          → boss: sheet_reading «Читаю таблицу…»
          → boss: sheet_lost «Таблица не прочитана, ничего не изменилось: из неё пропало многое из того, что было. | — строк клиентов: 5 из 8 (c0@mail.ru, c1@mail.ru, c2@mail.ru, c3@mail.ru, c4@mail.ru) | Если так и задумано, нажмите кнопку. Если нет, верните как было, и я прочитаю таблицу сам.» [Так задумано, это мы удалили]
        (a question that is over)
          (Эта кнопка уже не действует.)
        10:02 boss presses «Так задумано, это мы удалили»
          → boss: sheet_reading «Читаю таблицу…»
          → boss: sheet_same «Таблица прочитана: ничего нового, записи в порядке.»
          → boss: sheet_same «Таблица прочитана: ничего нового, записи в порядке.»
    "#]].assert_eq(&world.transcript);
}

#[test]
fn a_change_of_the_sheet_is_in_the_log_and_can_be_undone() {
    let mut world = with_sheet();
    let changed = rows(0..8).replace("Клиент 3, Базовый, 23.11", "Клиент 3, Базовый, 24.11");
    world.sheet(&changed, TARIFFS);
    let entries: Vec<_> = world.business.entries.values().collect();
    let [entry] = entries.as_slice() else {
        panic!("{entries:?}");
    };
    assert_eq!(entry.by, None);
    let (key, data) = (chat("boss").message("1"), format!("revert:{}", entry.id));
    world.press("boss", key.clone(), data.clone());
    world.press("boss", key, data);
    // The cell is no news any more.
    world.sheet(&changed, TARIFFS);
    expect![[r#"
          ✎ c3@mail.ru: Базовый, 2026-11-24
          ✎ c3@mail.ru: Базовый, 2026-11-23
          → boss: undone «Отменено. c3@mail.ru: запись такая, как была.»
        (a change that is undone already)
          (Это уже отменено.)
    "#]]
    .assert_eq(&world.transcript);
}

#[test]
fn why_there_is_no_sheet_is_told_once_and_to_whoever_asks() {
    let mut world = with_sheet();
    world.transcript.push_str("five readings\n");
    let with = "bot@project.iam.gserviceaccount.com".to_owned();
    for why in [Unread::Away, Unread::Away, Unread::NotShared { with }] {
        world.happen(&Event::Sheet {
            asked: None,
            sheet: Err(why),
        });
    }
    world.transcript.push_str("asked for:\n");
    let asked = Some(chat("boss"));
    let sheet = Err(Unread::NotCsv { tariffs: true });
    world.happen(&Event::Sheet {
        asked: asked.clone(),
        sheet: sheet.clone(),
    });
    world.happen(&Event::Sheet { asked, sheet });
    expect![[r#"
        five readings
          → boss: sheet_refused «Таблица не прочитана, ничего не изменилось. Сервер с таблицей сейчас не отвечает. Попробую снова сам через 15 мин., делать ничего не нужно.»
          → boss: sheet_refused «Таблица не прочитана, ничего не изменилось. Таблица закрыта для бота. Откройте в ней «Настройки доступа» и добавьте bot@project.iam.gserviceaccount.com как читателя.»
        asked for:
          → boss: sheet_refused «Таблица не прочитана, ничего не изменилось. Вместо листа «Тарифы» пришла веб-страница: он не опубликован. В таблице: Файл → Поделиться → Опубликовать в интернете, этот лист, формат CSV.»
          → boss: sheet_refused «Таблица не прочитана, ничего не изменилось. Вместо листа «Тарифы» пришла веб-страница: он не опубликован. В таблице: Файл → Поделиться → Опубликовать в интернете, этот лист, формат CSV.»
    "#]].assert_eq(&world.transcript);
}

#[test]
fn what_an_owner_cannot_read_the_group_does() {
    let mut world = desk();
    play(&mut world, "10:00 boss is silent");
    world.sheet("почта", "тариф, цена, валюта, дней / Базовый, 199, CNY, 30");
    world.sheet(
        "почта, имя, тариф, оплачено до / anna, Анна, , ",
        "тариф, цена, валюта, дней / Базовый, 199, CNY, 30",
    );
    expect![[r#"
        10:00 boss is silent
          ✗ boss
          → group: sheet_complaints «Это для владельца, но бот пока не может ему написать. Пусть владелец откроет чат с ботом и нажмёт /start. |  | В таблице есть вопросы: | Клиенты: столбца «Имя» нет, об этом таблица ничего не говорит | Клиенты: столбца «Тариф» нет, об этом таблица ничего не говорит | Клиенты: столбца «Оплачено до» нет, об этом таблица ничего не говорит»
          ✗ boss
          → group: sheet_complaints «Это для владельца, но бот пока не может ему написать. Пусть владелец откроет чат с ботом и нажмёт /start. |  | В таблице есть вопросы: | Клиенты, A2: «anna» — это не почта, строка пропущена»
    "#]].assert_eq(&world.transcript);
}
