//! The owner's sheet: read at the start and when asked, told of once, and never half believed.

use serde_json::json;

use crate::stage::{IVAN, Stage, VERA, journeys, picture};

journeys!(
    read_at_the_start_and_when_asked,
    dirt_is_told_once,
    what_cannot_be_read_changes_nothing,
    an_older_cell_undoes_no_payment,
);

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
    assert!(
        told.contains("Изменено записей: 1, вопросов к таблице: 0"),
        "{told}"
    );
    assert_eq!(clients(stage).await[1], "ivan@mail.ru Иван - 2027-01-20");
    let told = stage.sync().await;
    assert!(told.contains("Изменено записей: 0"), "{told}");
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

async fn what_cannot_be_read_changes_nothing(stage: &Stage) {
    let mut rows = vec![json!(["почта", "имя", "тариф", "оплачено до"])];
    rows.extend((1..=40).map(|n| json!([format!("c{n}@mail.ru"), format!("Клиент {n}")])));
    let desk = stage.open_business(json!(rows), &[]).await;
    let before = clients(stage).await;
    assert_eq!(before.len(), 40);
    for kind in ["error", "half", "drop_after", "html", "garbage", "empty"] {
        let fault = json!({
            "messenger": "google", "method": "values", "kind": kind, "status": 503, "times": 0,
        });
        stage.hand("faults", fault).await;
        let told = stage.sync().await;
        assert!(told.contains("ничего не изменилось"), "{kind}: {told}");
        stage.heal().await;
        assert_eq!(clients(stage).await, before, "{kind}");
    }
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
