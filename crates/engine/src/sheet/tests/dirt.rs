//! Sheets as people leave them: what is forgiven, what is told, and what is never a value.

use expect_test::expect;

use super::*;

#[test]
fn dirt_is_told_once_with_its_cell_and_hurts_nothing_else() {
    let dirty = "Email |Имя|Тариф|paid_until|заметки
        \u{feff}ANNA@mail.ru \u{a0}|Анна|Золотой|31.02.2026|!
        anna|||
        |||
        ivan@mail.ru|Иван|Базовый|11/12/2026
        oleg@mail.ru|Олег|полный|46346
        vera@mail.ru|Вера|Базовый|2026-12-01 00:00:00
        vera@mail.ru|Вера|Базовый|2026-12-02
        |Без почты|Базовый|";
    let tariffs = "tariff|price|currency|days
        Базовый|199|CNY|30
        базовый|299|CNY|30
        Пустой||CNY|30
        Даром|0|CNY|30
        Странный|199|рублики|много
        Евро|10,99 €||31.0";
    Desk::new()
        .reads_both(dirty, tariffs)
        .reads_both(dirty, tariffs)
        .reads_both(&dirty.replace("anna|", "|||\n            anna|"), tariffs)
        .reads_both(&dirty.replace("31.02", "28.02"), tariffs)
        .check(&expect![[r#"
            reads
              Евро: 10,99 €, 31 d
              anna@mail.ru Анна – –
              ivan@mail.ru Иван – –
              oleg@mail.ru Олег – 2026-11-20
              tariffs A2 «Базовый»: TariffTwice { also: "A3" }
              A3 «anna»: Email
              tariffs A3 «базовый»: TariffTwice { also: "A2" }
              A7 «vera@mail.ru»: Twice { also: "A8" }
              A8 «vera@mail.ru»: Twice { also: "A7" }
              A9 «»: Email
              tariffs B4 «»: Price
              tariffs B5 «0»: Price
              C2 «Золотой»: Tariff
              C5 «Базовый»: Tariff
              C6 «полный»: Tariff
              tariffs C6 «рублики»: Currency
              D2 «31.02.2026»: Date
              D5 «11/12/2026»: Date
              tariffs D6 «много»: Days
            reads
            reads
            reads
              anna@mail.ru Анна – 2026-02-28
        "#]]);
}

#[test]
fn dirt_of_every_kind_is_no_value() {
    let long = "я".repeat(50_000);
    let rows = [
        "MAILTO:Anna@Mail.ru ,|\u{202e}Анна\u{7}\u{a0}Б.\u{200b}|\u{a0}базовый |20 ноября 2026 г.",
        "<boris@mail.ru>.|👩\u{200d}🦰|#N/A|46346.5",
        "vera@mail.ru;|#ERROR!|Loading...|#VALUE!",
        " ||| ",
        "gleb@mail.ru|Глеб|Базовый|вчера",
        &format!("dina@mail.ru|{long}|{long}|{long}"),
        &format!("{long}|Никто||"),
        "|Без почты|Полный|20.11.2026",
        "a@b.ru c@d.ru|Двое||",
    ];
    Desk::new()
        .reads(&format!("{HEAD}\n{}", rows.join("\n")))
        .check(&expect![[r#"
            reads
              Базовый: 199 ¥, 30 d
              Полный: 1 990 ₽, 365 d
              anna@mail.ru Анна Б. Базовый 2026-11-20
              boris@mail.ru 👩‍🦰 – 2026-11-20
              dina@mail.ru – – –
              gleb@mail.ru Глеб Базовый –
              vera@mail.ru – – –
              A10 «a@b.ru c@d.ru»: Email
              A8 «яяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяя…»: Email
              A9 «»: Email
              B4 «#ERROR!»: Formula
              B7 «яяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяя…»: Long
              C3 «#N/A»: Formula
              C4 «Loading...»: Formula
              C7 «яяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяя…»: Tariff
              D4 «#VALUE!»: Formula
              D6 «вчера»: Date
              D7 «яяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяя…»: Date
        "#]]);
}

#[test]
fn columns_that_were_never_there_are_told_once() {
    let sheet = "оплачено до|телефон|почта\n20.11.2026|+7|anna@mail.ru";
    Desk::new()
        .reads(sheet)
        .reads(sheet)
        .reads(&format!("|\n{sheet}"))
        .reads("оплачено до|имя|почта\n20.11.2026|Анна|anna@mail.ru")
        .check(&expect![[r#"
            reads
              Базовый: 199 ¥, 30 d
              Полный: 1 990 ₽, 365 d
              anna@mail.ru – – 2026-11-20
               «»: NoColumn { field: Name }
               «»: NoColumn { field: Tariff }
            reads
            reads
            reads
              anna@mail.ru Анна – 2026-11-20
        "#]]);
}

#[test]
fn a_tariff_that_cannot_be_understood_stays_as_it_is_known() {
    let clients = format!("{HEAD}\nanna@mail.ru|Анна|базовый|20.11.2026");
    Desk::new()
        .reads(&clients)
        .reads_both(&clients, &TARIFFS.replace("199,00", ""))
        .reads_both(&clients, &format!("{TARIFFS}\nбазовый|299|CNY|30"))
        .reads_both(&clients, "тариф|цена|валюта|дней\nПолный|1 990 ₽||365")
        .reads_both(
            &clients.replace("базовый", "старт"),
            &TARIFFS.replace("Базовый", "Старт"),
        )
        .check(&expect![[r#"
            reads
              Базовый: 199 ¥, 30 d
              Полный: 1 990 ₽, 365 d
              anna@mail.ru Анна Базовый 2026-11-20
            reads
              tariffs B2 «»: Price
            reads
              tariffs A2 «Базовый»: TariffTwice { also: "A4" }
              tariffs A4 «базовый»: TariffTwice { also: "A2" }
            reads
              Полный: 1 990 ₽, 365 d
              C2 «базовый»: Tariff
            reads
              Старт: 199 ¥, 30 d
              Полный: 1 990 ₽, 365 d
              anna@mail.ru Анна Старт 2026-11-20
        "#]]);
}

#[test]
fn tariffs_are_read_as_people_write_them() {
    for (row, means) in [
        ("Т|199|CNY|30", "199 ¥, 30 d"),
        ("Т|¥199.00||30 дней", "199 ¥, 30 d"),
        ("Т|1 990,00 ₽||365.0", "1 990 ₽, 365 d"),
        ("Т|1\u{a0}990|рублей|1", "1 990 ₽, 1 d"),
        ("Т|1990.5|рубли|30", "1 990,50 ₽, 30 d"),
        ("Т|199.00000000000003|юани|30", "199 ¥, 30 d"),
        ("Т|10,99 €|EUR|31", "10,99 €, 31 d"),
        ("Т|199|РУБ.|30 дн.", "199 ₽, 30 d"),
        ("Т|199|доллары США|30", ""),
        ("Т|199|белорусские рубли|30", ""),
        ("Т|199|рублики|30", ""),
        ("Т|¥199|RUB|30", ""),
        ("Т|-199|RUB|30", ""),
        ("Т|199 или 299|RUB|30", ""),
        ("Т|даром|RUB|30", ""),
        ("Т|199|RUB|30 месяцев", ""),
        ("Т|199|RUB|0", ""),
        ("Т|199|RUB|3661", ""),
        ("Т|199|RUB|1,5", ""),
        ("|199|RUB|30", ""),
    ] {
        let mut desk = Desk::new();
        desk.reads_both(HEAD, &format!("тариф|цена|валюта|дней\n{row}"));
        let read = desk
            .tariffs
            .iter()
            .map(|one| format!("{}, {} d", one.price, one.days));
        let read = read
            .collect::<String>()
            .replace(['\u{a0}', '\u{202f}'], " ");
        assert_eq!(read, means, "{row}\n{}", desk.told);
    }
}

#[test]
fn ten_thousand_dirty_rows_are_read_at_once() {
    let row = |nth| format!("\nclient{nth}@mail.ru|Клиент|Никакой|завтра");
    let rows: String = std::iter::once(HEAD.to_owned())
        .chain((0..10_000).map(row))
        .collect();
    let sheet = Sheet {
        clients: table(&rows),
        tariffs: table(TARIFFS),
    };
    let read = |last: &LastReading, clients: &[Client]| match plan(&sheet, last, clients, &[]) {
        Ok(Planned::Changes(plan)) => plan,
        other => panic!("{other:?}"),
    };
    let first = read(&LastReading::default(), &[]);
    assert_eq!(
        (first.clients.len(), first.complaints.len()),
        (10_000, 20_000)
    );
    let second = read(&first.reading, &first.clients);
    assert_eq!((second.clients.len(), second.complaints.len()), (0, 0));
    assert_eq!(second.reading.open().count(), 20_000);
}
