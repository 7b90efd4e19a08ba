//! The owner's sheet: read at the start and when asked, told of once, and never half believed.

use serde_json::json;

use crate::stage::{CAME, IVAN, OLGA, Stage, VERA, journeys, picture};

journeys!(
    read_at_the_start_and_when_asked,
    dirt_is_told_once,
    dirt_reads_the_same_from_google,
    dirt_reads_the_same_from_files,
    what_cannot_be_read_changes_nothing,
    an_older_cell_undoes_no_payment,
    a_payment_while_the_sheet_is_read_is_not_lost,
    much_that_is_gone_is_asked_about,
    what_has_changed_is_told_and_can_be_undone,
    published_files_are_read_whole_or_not_at_all,
);

/// The key that accepts what is gone.
const MEANT: &str = "Так задумано, это мы удалили";

/// Each fault of a method's answers changes nothing, and the owner reads why.
async fn changes_nothing(stage: &Stage, method: &str, faults: &[(&str, &str)]) {
    let before = clients(stage).await;
    for (kind, why) in faults {
        let fault = json!({
            "messenger": "google", "method": method, "kind": kind, "status": 503, "times": 0,
        });
        stage.hand("faults", fault).await;
        let told = stage.sync().await;
        assert!(told.contains("ничего не изменилось"), "{kind}: {told}");
        assert!(told.contains(why), "{kind}: {told}");
        stage.heal().await;
        assert_eq!(clients(stage).await, before, "{kind}");
    }
}

/// What is known of clients, by their addresses.
async fn clients(stage: &Stage) -> Vec<String> {
    let query = "SELECT email, name, tariff, paid_until FROM clients ORDER BY email";
    let rows = stage.sql(query).await;
    let line = |row: Vec<Option<String>>| {
        let cells = row.into_iter().map(|cell| cell.unwrap_or("-".to_owned()));
        cells.collect::<Vec<_>>().join(" ")
    };
    rows.into_iter().map(line).collect()
}

async fn read_at_the_start_and_when_asked(stage: &Stage) {
    let rows = json!([
        ["Email", "Имя", "Тариф", "Оплачено до"],
        [" Anna@Mail.ru ", "Анна", "базовый", {"date": "2026-12-31"}],
        ["ivan@mail.ru", "Иван", "", ""],
    ]);
    let _desk = stage.open_business(rows, &[]).await;
    let before = [
        "anna@mail.ru Анна Базовый 2026-12-31",
        "ivan@mail.ru Иван - -",
    ];
    assert_eq!(clients(stage).await, before);
    let tariffs = "SELECT name, amount, currency, days FROM tariffs ORDER BY position";
    let tariffs = stage.sql(tariffs).await;
    assert_eq!(tariffs.len(), 2);

    stage.cell("D3", "20.01.2027").await;
    let told = stage.sync().await;
    let changed = "Изменено записей: 1.\nivan@mail.ru, Оплачено до: пусто → 20.01.2027";
    assert!(told.ends_with(changed), "{told}");
    assert_eq!(clients(stage).await[1], "ivan@mail.ru Иван - 2027-01-20");
    let told = stage.sync().await;
    assert!(told.contains("ничего нового"), "{told}");
}

async fn dirt_is_told_once(stage: &Stage) {
    let rows = json!([
        ["почта", "имя", "тариф", "оплачено до"],
        ["anna@mail.ru", "Анна", "Базовый", "31.02.2026"],
        ["ivan@mail.ru", "Иван", "Золотой", "20.12.2026"],
        ["twice@mail.ru", "Раз", "", ""],
        ["TWICE@mail.ru", "Два", "", ""],
        ["нет почты", "Никто", "", ""],
        ["timur@mail.ru", "Тимур", "Полный", "20.12.2026"],
    ]);
    let desk = stage.open_business(rows, &[]).await;
    let told = stage.sees(VERA, "В таблице есть вопросы").await;
    let text = told["text"].as_str().expect("a text");
    for cell in ["D2", "C3", "A4", "A5", "A6"] {
        assert!(text.contains(cell), "{cell}: {text}");
    }
    assert_eq!(
        clients(stage).await,
        [
            "anna@mail.ru Анна Базовый -",
            "ivan@mail.ru Иван - 2026-12-20",
            "timur@mail.ru Тимур Полный 2026-12-20",
        ]
    );
    // Not again when it is read again, nor after a restart; but what is new.
    stage.sync().await;
    let desk = stage.restart(desk).await;
    stage.sync().await;
    stage.rests(&desk).await;
    assert_eq!(stage.told_to(VERA, &["есть вопросы"]).await.len(), 1);
    stage.cell("D7", "завтра").await;
    stage.sync().await;
    stage.rests(&desk).await;
    let told = stage.told_to(VERA, &["есть вопросы"]).await;
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(
        told[1].contains("D7") && !told[1].contains("C3"),
        "{told:?}"
    );
    assert_eq!(
        clients(stage).await[2],
        "timur@mail.ru Тимур Полный 2026-12-20"
    );
}

/// A tab as people leave it.
fn dirty() -> serde_json::Value {
    json!([
        [],
        [" «Тариф»:", "Телефон", "E-Mail", "ОПЛАЧЕНО_ДО", "\u{feff}имя"],
        ["базовый ", 79, "MAILTO:Anna@Mail.ru,", {"date": "2026-11-20"}, "\u{202e}Анна\u{a0}Б."],
        [" ", "", "\u{a0}", "", ""],
        ["#N/A", "", "<boris@mail.ru>.", "20 ноября 2026 г.", "👩\u{200d}🦰"],
        ["Полный", "", "vera@mail.ru", "11/12/2026", "Вера; \"В\",\nВ."],
        ["", "", "gleb@mail.ru", "20.11.26", ""],
        ["", "", "нет", "20.11.2026", "Никто"],
    ])
}

async fn cleaned(stage: &Stage) {
    assert_eq!(
        clients(stage).await,
        [
            "anna@mail.ru Анна Б. Базовый 2026-11-20",
            "boris@mail.ru 👩\u{200d}🦰 - 2026-11-20",
            "gleb@mail.ru - - 2026-11-20",
            "vera@mail.ru Вера; \"В\", В. Полный -",
        ]
    );
    let told = stage.sees(VERA, "В таблице есть вопросы").await;
    let text = told["text"].as_str().expect("a text");
    for cell in ["A5 (<boris@mail.ru>.)", "D6 (vera@mail.ru)", "C8"] {
        assert!(text.contains(cell), "{cell}: {text}");
    }
    assert_eq!(text.lines().count(), 4, "{text}");
}

async fn dirt_reads_the_same_from_google(stage: &Stage) {
    let _desk = stage.open_business(dirty(), &[]).await;
    cleaned(stage).await;
}

async fn dirt_reads_the_same_from_files(stage: &Stage) {
    let _desk = stage.open_published(dirty()).await;
    cleaned(stage).await;
}

async fn what_cannot_be_read_changes_nothing(stage: &Stage) {
    let mut rows = vec![json!(["почта", "имя", "тариф", "оплачено до"])];
    rows.extend((1..=40).map(|n| json!([format!("c{n}@mail.ru"), format!("Клиент {n}")])));
    let desk = stage.open_business(json!(rows), &[]).await;
    let before = clients(stage).await;
    assert_eq!(before.len(), 40);
    let faults = [
        ("error", "сейчас не отвечает"),
        ("half", "не целиком"),
        ("drop_after", "не целиком"),
        ("html", "сейчас не отвечает"),
        ("garbage", "не целиком"),
        ("empty", "не целиком"),
        ("too_many", "просит подождать"),
    ];
    changes_nothing(stage, "values", &faults).await;
    stage.shows_sheet(false).await;
    let told = stage.sync().await;
    assert!(
        told.contains(".iam.gserviceaccount.com как читателя"),
        "{told}"
    );
    // The sheet itself is cut short, or empty.
    for rows in [
        json!([
            ["почта", "имя", "тариф", "оплачено до"],
            ["c1@mail.ru", "Другой"]
        ]),
        json!([]),
    ] {
        stage.sheet(rows).await;
        let told = stage.sync().await;
        assert!(told.contains("ничего не изменилось"), "{told}");
        assert_eq!(clients(stage).await, before);
    }
    stage.rests(&desk).await;
}

async fn an_older_cell_undoes_no_payment(stage: &Stage) {
    let rows = json!([
        ["почта", "имя", "тариф", "оплачено до"],
        ["ivan@mail.ru", "Иван", "Базовый", "10.01.2035"],
    ]);
    let _desk = stage.open_business(rows, &[]).await;
    stage.reader_sees("¥199.00").await;
    let ivan = stage.telegram(IVAN);
    ivan.joins("ivan@mail.ru").await;
    ivan.pays(picture(1)).await;
    ivan.sees("Спасибо! Оплата 199").await;
    let paid = ["ivan@mail.ru Иван Базовый 2035-02-09"];
    assert_eq!(clients(stage).await, paid);
    stage.sync().await;
    assert_eq!(clients(stage).await, paid);
    // Another cell of the row is news, the day is not.
    stage.cell("B2", "Иван Петрович").await;
    stage.sync().await;
    let renamed = ["ivan@mail.ru Иван Петрович Базовый 2035-02-09"];
    assert_eq!(clients(stage).await, renamed);
    // Both changed: the sheet wins, and she is told.
    stage.cell("D2", "01.03.2035").await;
    stage.sync().await;
    let wins = ["ivan@mail.ru Иван Петрович Базовый 2035-03-01"];
    assert_eq!(clients(stage).await, wins);
    stage
        .sees(VERA, "было «09.02.2035», теперь как в таблице")
        .await;
}

async fn a_payment_while_the_sheet_is_read_is_not_lost(stage: &Stage) {
    let rows = json!([
        ["почта", "имя", "тариф", "оплачено до"],
        ["ivan@mail.ru", "Иван", "Базовый", "10.01.2035"],
    ]);
    let _desk = stage.open_business(rows, &[]).await;
    stage.reader_sees("¥199.00").await;
    let ivan = stage.telegram(IVAN);
    ivan.joins("ivan@mail.ru").await;
    stage.cell("B2", "Иван Петрович").await;
    let slow = json!({ "messenger": "google", "method": "values", "kind": "slow", "ms": 2000 });
    stage.hand("faults", slow).await;
    let before = stage.told_to(VERA, &CAME).await.len();
    stage.says(VERA, "/синхронизация").await;
    ivan.pays(picture(1)).await;
    ivan.sees("Спасибо! Оплата 199").await;
    let told = stage.came_of_sheet(before).await;
    assert!(
        told.ends_with("ivan@mail.ru, Имя: Иван → Иван Петрович"),
        "{told}"
    );
    let both = ["ivan@mail.ru Иван Петрович Базовый 2035-02-09"];
    assert_eq!(clients(stage).await, both);
}

async fn much_that_is_gone_is_asked_about(stage: &Stage) {
    let head = json!(["почта", "имя", "тариф", "оплачено до"]);
    let rows = |numbers: std::ops::RangeInclusive<u32>| {
        let rows = numbers.map(|n| json!([format!("c{n}@mail.ru"), format!("Клиент {n}")]));
        json!(
            std::iter::once(head.clone())
                .chain(rows)
                .collect::<Vec<_>>()
        )
    };
    let desk = stage.open_business(rows(1..=9), &[]).await;
    stage.sheet(rows(1..=4)).await;
    let told = stage.sync().await;
    assert!(
        told.contains("строк клиентов: 5 из 9 (c5@mail.ru, c6@mail.ru"),
        "{told}"
    );
    // Whoever is no owner accepts nothing.
    let (message, data) = stage.key(VERA, MEANT).await;
    stage.press(OLGA, OLGA, message, &data).await;
    let told = stage.sync().await;
    assert!(told.contains("строк клиентов: 5 из 9"), "{told}");
    // It reads otherwise by then: she is asked anew.
    stage.sheet(rows(1..=3)).await;
    let before = stage.told_to(VERA, &CAME).await.len();
    stage.presses(VERA, VERA, MEANT).await;
    let told = stage.came_of_sheet(before).await;
    assert!(told.contains("строк клиентов: 6 из 9"), "{told}");
    stage.presses(VERA, VERA, MEANT).await;
    let told = stage.came_of_sheet(before + 1).await;
    assert!(told.contains("ничего нового"), "{told}");
    // Nobody was deleted, and what is gone is not missed any more.
    assert_eq!(clients(stage).await.len(), 9);
    let told = stage.sync().await;
    assert!(told.contains("ничего нового"), "{told}");
    stage.rests(&desk).await;
}

async fn what_has_changed_is_told_and_can_be_undone(stage: &Stage) {
    let rows = json!([
        ["Оплачено до:", "телефон", "E-mail"],
        ["20.12.2026", "+7", "anna@mail.ru"],
        ["20.12.2026", "+7", "ivan@mail.ru"],
    ]);
    let desk = stage.open_business(rows, &[]).await;
    stage.sees(VERA, "столбца «Имя» нет").await;
    stage.cell("A2", "1 марта 2027 г.").await;
    stage.cell("A3", "#REF!").await;
    let told = stage.sync().await;
    let changed =
        "anna@mail.ru, Оплачено до: 20.12.2026 → 01.03.2027\n\nОткрытых вопросов к таблице: 1.";
    assert!(told.ends_with(changed), "{told}");
    stage.presses(VERA, VERA, "Показать вопросы").await;
    let open = "В таблице есть вопросы:\nКлиенты, A3 (ivan@mail.ru): «#REF!»";
    let look = async || (stage.told_to(VERA, &[open]).await.len() == 2).then_some(());
    stage.until("the question, once more", look).await;
    let entry = stage
        .number("SELECT MAX(id) FROM audit WHERE changed_by IS NULL")
        .await;
    let (message, _) = stage.key(VERA, "Показать вопросы").await;
    stage
        .press(VERA, VERA, message, &format!("revert:{entry}"))
        .await;
    stage.sees(VERA, "Отменено").await;
    let before = ["anna@mail.ru - - 2026-12-20", "ivan@mail.ru - - 2026-12-20"];
    assert_eq!(clients(stage).await, before);
    stage.sync().await;
    assert_eq!(clients(stage).await, before);
    stage.rests(&desk).await;
}

async fn published_files_are_read_whole_or_not_at_all(stage: &Stage) {
    let rows = json!([
        ["почта", "имя", "тариф", "оплачено до"],
        ["anna@mail.ru", "Анна,\n\"Б\"", "базовый", {"date": "2026-12-31"}],
        ["ivan@mail.ru", "Иван", "", ""],
    ]);
    let desk = stage.open_published(rows).await;
    let before = [
        "anna@mail.ru Анна, \"Б\" Базовый 2026-12-31",
        "ivan@mail.ru Иван - -",
    ];
    assert_eq!(clients(stage).await, before);
    stage.cell("B3", "Никто").await;
    let faults = [
        ("error", "сейчас не отвечает"),
        ("half", "не целиком"),
        ("drop_after", "не целиком"),
        ("drop_before", "сейчас не отвечает"),
        ("html", "сейчас не отвечает"),
        ("empty", "пуст"),
        ("too_many", "просит подождать"),
    ];
    changes_nothing(stage, "csv", &faults).await;
    stage.shows_sheet(false).await;
    let told = stage.sync().await;
    assert!(told.contains("Проверьте SHEET_CSV_URL"), "{told}");
    stage.shows_sheet(true).await;
    let told = stage.sync().await;
    assert!(told.ends_with("ivan@mail.ru, Имя: Иван → Никто"), "{told}");
    stage.rests(&desk).await;
}
