//! Readings one after the other, and what each changes.

use expect_test::{Expect, expect};

use super::*;

const TARIFFS: &str = "тариф|цена|валюта|дней\nБазовый|199,00|CNY|30\nПолный|1 990 ₽||365";

fn table(text: &str) -> Table {
    let row = |line: &str| line.trim().split('|').map(str::to_owned).collect();
    text.lines().map(row).collect()
}

/// Readings one after the other; what each changes.
struct Desk {
    clients: Vec<Client>,
    tariffs: Vec<Tariff>,
    last: LastReading,
    told: String,
}

impl Desk {
    fn new() -> Self {
        Self {
            clients: Vec::new(),
            tariffs: Vec::new(),
            last: LastReading::default(),
            told: String::new(),
        }
    }

    fn tell(&mut self, line: &str) {
        self.told.push_str("  ");
        self.told.push_str(line);
        self.told.push('\n');
    }

    fn reads(&mut self, clients: &str) -> &mut Self {
        self.reads_both(clients, TARIFFS)
    }

    fn reads_both(&mut self, clients: &str, tariffs: &str) -> &mut Self {
        let sheet = Sheet {
            clients: table(clients),
            tariffs: table(tariffs),
        };
        self.told.push_str("reads\n");
        match plan(&sheet, &self.last, &self.clients, &self.tariffs) {
            Ok(Planned::Changes(plan)) => self.apply(*plan),
            Ok(Planned::Lost(loss)) => self.ask(loss),
            Err(unusable) => self.tell(&format!("{unusable:?}")),
        }
        self
    }

    fn ask(&mut self, loss: Loss) {
        let emptied = loss.emptied.iter().map(|(field, of)| (field, of.len()));
        let emptied: Vec<_> = emptied.collect();
        let (rows, tariffs, columns) = (loss.rows.len(), loss.tariffs.len(), &loss.columns);
        self.tell(&format!(
            "lost: {rows} rows, {tariffs} tariffs, {columns:?}, emptied {emptied:?}"
        ));
        let number = self.last.questions + 1;
        self.last.questions = number;
        self.last.question = Some(Question {
            number,
            loss,
            accepted: false,
        });
    }

    /// An owner says that what is gone was meant.
    fn accepts(&mut self) -> &mut Self {
        self.told.push_str("accepted\n");
        self.last.question.as_mut().unwrap().accepted = true;
        self
    }

    fn apply(&mut self, plan: Plan) {
        for tariff in plan.tariffs.iter().flatten() {
            self.tell(&format!(
                "{}: {}, {} d",
                tariff.name, tariff.price, tariff.days
            ));
        }
        for client in plan.clients {
            self.tell(&shown(&client));
            self.clients.retain(|known| known.email != client.email);
            self.clients.push(client);
        }
        for complaint in plan.complaints {
            let Complaint {
                cell,
                tariffs,
                text,
                wrong,
                ..
            } = complaint;
            let tab = if tariffs { "tariffs " } else { "" };
            self.tell(&format!("{tab}{cell} «{text}»: {wrong:?}"));
        }
        self.tariffs = plan.tariffs.unwrap_or_else(|| self.tariffs.clone());
        self.last = serde_json::from_str(&serde_json::to_string(&plan.reading).unwrap()).unwrap();
    }

    fn pays(&mut self, email: &str, until: &str) -> &mut Self {
        let email = Email::read(email).unwrap();
        let client = self.clients.iter_mut().find(|client| client.email == email);
        client.unwrap().paid_until = Some(until.parse().unwrap());
        self
    }

    fn check(&self, expected: &Expect) {
        expected.assert_eq(&self.told);
    }
}

fn shown(client: &Client) -> String {
    let until = client.paid_until.map(|date| date.to_string());
    let all = [client.name.clone(), client.tariff.clone(), until];
    let all: Vec<String> = all
        .into_iter()
        .map(|field| field.unwrap_or("–".to_owned()))
        .collect();
    format!("{} {}", client.email, all.join(" "))
}

#[test]
fn only_what_changed_in_the_sheet_counts() {
    Desk::new()
        .reads("почта|имя|тариф|оплачено до\nanna@mail.ru|Анна|базовый|20.11.2026\nivan@mail.ru|Иван||")
        .pays("anna@mail.ru", "2026-12-20")
        .reads("почта|имя|тариф|оплачено до\nanna@mail.ru|Анна|базовый|20.11.2026\nivan@mail.ru|Иван|Полный|")
        .reads("почта|имя|тариф|оплачено до\nanna@mail.ru|Анна П.|базовый|20.11.2026\nivan@mail.ru|Иван||")
        .reads("почта|имя|тариф|оплачено до\nanna@mail.ru|Анна П.|базовый|25.12.2026\nivan@mail.ru|Иван||")
        .reads("почта|имя|тариф|оплачено до\nanna@mail.ru|Анна П.|базовый|25.12.2026\nivan@mail.ru|Иван||")
        .check(&expect![[r#"
            reads
              Базовый: 199 ¥, 30 d
              Полный: 1 990 ₽, 365 d
              anna@mail.ru Анна Базовый 2026-11-20
              ivan@mail.ru Иван – –
            reads
              ivan@mail.ru Иван Полный –
            reads
              anna@mail.ru Анна П. Базовый 2026-12-20
              ivan@mail.ru Иван – –
              C3 «»: Emptied { field: Tariff, ours: "Полный" }
            reads
              anna@mail.ru Анна П. Базовый 2026-12-25
              D2 «25.12.2026»: Both { field: PaidUntil, ours: "2026-12-20" }
            reads
        "#]]);
}

#[test]
fn a_record_that_was_renamed_does_not_come_back_with_its_old_row() {
    let sheet = "почта|имя|тариф|оплачено до\nanna@mail.ru|Анна|базовый|20.11.2026";
    let mut desk = Desk::new();
    desk.reads(sheet);
    desk.clients[0].email = Email::read("anna@new.ru").unwrap();
    desk.reads(sheet)
        .reads(&sheet.replace("20.11", "21.11"))
        .check(&expect![[r#"
            reads
              Базовый: 199 ¥, 30 d
              Полный: 1 990 ₽, 365 d
              anna@mail.ru Анна Базовый 2026-11-20
            reads
            reads
              anna@mail.ru Анна Базовый 2026-11-21
              A2 «anna@mail.ru»: Anew
        "#]]);
}

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

const HEAD: &str = "почта|имя|тариф|оплачено до";

/// So many clients, each with everything.
fn clients(numbers: std::ops::Range<u32>) -> String {
    let row = |nth| format!("\nclient{nth:02}@mail.ru|Клиент {nth}|Базовый|20.11.2026");
    std::iter::once(HEAD.to_owned())
        .chain(numbers.map(row))
        .collect()
}

/// Fifty clients are known.
fn fifty() -> Desk {
    let mut desk = Desk::new();
    desk.reads(&clients(0..50)).told.clear();
    desk
}

#[test]
fn a_sheet_that_is_read_in_part_changes_nothing() {
    fifty()
        .reads(&clients(0..29).replace("20.11", "21.11"))
        .reads("")
        .reads(" | \n|")
        .reads(HEAD)
        .reads(&clients(0..50).replace("почта", "адрес"))
        .reads(&clients(0..50).replace("оплачено до", "до какого"))
        .reads(&clients(0..50).replace("Базовый", ""))
        .reads(&clients(0..50).replace("Базовый", "#N/A"))
        .reads(&clients(0..50).replace("client07@mail.ru", "#REF!"))
        .reads(&format!("Loading...\n{}", clients(0..50)))
        .reads(&format!("{HEAD}|E-mail"))
        .reads_both(&clients(0..50), "")
        .reads_both(&clients(0..50), "тариф|цена|валюта|дней")
        .reads_both(&clients(0..50), &TARIFFS.replace("валюта", "деньги"))
        .reads_both(&clients(0..50), &TARIFFS.replace("199,00", "Loading..."))
        .reads(&clients(0..47))
        .check(&expect![[r##"
            reads
              lost: 21 rows, 0 tariffs, {}, emptied []
            reads
              Empty { tariffs: false }
            reads
              Empty { tariffs: false }
            reads
              lost: 50 rows, 0 tariffs, {}, emptied []
            reads
              NoColumn { tariffs: false, column: Email }
            reads
              lost: 0 rows, 0 tariffs, {PaidUntil}, emptied []
            reads
              lost: 0 rows, 0 tariffs, {}, emptied [(Tariff, 50)]
            reads
              HalfRead { tariffs: false, cell: "C2", text: "#N/A" }
            reads
              HalfRead { tariffs: false, cell: "A9", text: "#REF!" }
            reads
              HalfRead { tariffs: false, cell: "A1", text: "Loading..." }
            reads
              ColumnTwice { tariffs: false, column: Email, cells: ["A1", "E1"] }
            reads
              Empty { tariffs: true }
            reads
              lost: 0 rows, 2 tariffs, {}, emptied []
            reads
              NoColumn { tariffs: true, column: Currency }
            reads
              HalfRead { tariffs: true, cell: "B2", text: "Loading..." }
            reads
        "##]]);
}

#[test]
fn what_an_owner_has_deleted_is_accepted_as_it_was_shown() {
    fifty()
        .reads(&clients(0..30))
        .accepts()
        .reads(&clients(0..29))
        .accepts()
        .reads(&clients(0..29))
        .reads(&clients(0..29))
        .reads("почта|имя\nclient00@mail.ru|Клиент 0")
        .accepts()
        .reads("почта|имя\nclient00@mail.ru|Клиент 0")
        .check(&expect![[r#"
            reads
              lost: 20 rows, 0 tariffs, {}, emptied []
            accepted
            reads
              lost: 21 rows, 0 tariffs, {}, emptied []
            accepted
            reads
            reads
            reads
              lost: 28 rows, 0 tariffs, {Tariff, PaidUntil}, emptied []
            accepted
            reads
               «»: NoColumn { field: Tariff }
               «»: NoColumn { field: PaidUntil }
        "#]]);
}

#[test]
fn small_deletions_do_not_add_up() {
    let mut desk = fifty();
    for left in (0..50).rev().step_by(3) {
        desk.reads(&clients(0..left));
    }
    desk.check(&expect![[r#"
        reads
        reads
        reads
        reads
        reads
        reads
        reads
        reads
        reads
        reads
        reads
        reads
        reads
        reads
        reads
        reads
        reads
    "#]]);
}

#[test]
fn a_row_that_comes_back_undoes_nothing() {
    let (all, less) = (clients(0..50), clients(1..50));
    fifty()
        .reads(&less)
        .pays("client00@mail.ru", "2026-12-20")
        .reads(&all)
        .reads(&less)
        .reads(&all.replacen("Клиент 0|", "Анна|", 1))
        .reads(&less)
        .reads(&all.replacen("20.11.2026", "25.12.2026", 1))
        .check(&expect![[r#"
            reads
            reads
            reads
            reads
              client00@mail.ru Анна Базовый 2026-12-20
            reads
            reads
              client00@mail.ru Клиент 0 Базовый 2026-12-25
              D2 «25.12.2026»: Both { field: PaidUntil, ours: "2026-12-20" }
        "#]]);
}

#[test]
fn a_day_written_otherwise_is_no_news() {
    let sheet = format!("{HEAD}\nanna@mail.ru|Анна|базовый|20.11.2026");
    Desk::new()
        .reads(&sheet)
        .pays("anna@mail.ru", "2026-12-20")
        .reads(&sheet.replace("20.11.2026", "46346"))
        .reads(&sheet.replace("20.11.2026", "2026-11-20 00:00:00"))
        .reads(&sheet.replace("базовый", "БАЗОВЫЙ "))
        .check(&expect![[r#"
            reads
              Базовый: 199 ¥, 30 d
              Полный: 1 990 ₽, 365 d
              anna@mail.ru Анна Базовый 2026-11-20
            reads
            reads
            reads
        "#]]);
}

#[test]
fn an_emptied_cell_empties_the_record_and_is_told() {
    let sheet =
        format!("{HEAD}\nanna@mail.ru|Анна|базовый|20.11.2026\nivan@mail.ru|Иван|полный|1.12.2026");
    Desk::new()
        .reads(&sheet)
        .reads(&sheet.replace("20.11.2026", "").replace("Иван", " "))
        .reads(&sheet.replace("20.11.2026", "").replace("Иван", " "))
        .check(&expect![[r#"
            reads
              Базовый: 199 ¥, 30 d
              Полный: 1 990 ₽, 365 d
              anna@mail.ru Анна Базовый 2026-11-20
              ivan@mail.ru Иван Полный 2026-12-01
            reads
              anna@mail.ru Анна Базовый –
              ivan@mail.ru – Полный 2026-12-01
              D2 «»: Emptied { field: PaidUntil, ours: "2026-11-20" }
            reads
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
