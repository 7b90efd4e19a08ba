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
            Ok(plan) => self.apply(plan),
            Err(unusable) => self.tell(&format!("{unusable:?}")),
        }
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
              anna@mail.ru – – 2026-11-21
              D2 «21.11.2026»: Both { field: PaidUntil, ours: "" }
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
              Базовый: 199 ¥, 30 d
              Евро: 10,99 €, 31 d
              anna@mail.ru Анна – –
              ivan@mail.ru Иван Базовый –
              oleg@mail.ru Олег – 2026-11-20
              A3 «anna»: Email
              tariffs A3 «базовый»: TariffTwice
              A7 «vera@mail.ru»: Twice { also: "A8" }
              A8 «vera@mail.ru»: Twice { also: "A7" }
              A9 «»: Email
              tariffs B4 «»: Price
              tariffs B5 «0»: Price
              C2 «Золотой»: Tariff
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
fn a_sheet_that_is_read_in_part_changes_nothing() {
    let row = |nth: u32| format!("\nclient{nth}@mail.ru|Клиент|Базовый|20.11.2026");
    let rows: String = std::iter::once("почта|имя|тариф|оплачено до".to_owned())
        .chain((0..50).map(row))
        .collect();
    let mut desk = Desk::new();
    desk.reads(&rows).told.clear();
    let half: String = rows.lines().take(30).collect::<Vec<_>>().join("\n");
    let less: String = rows.lines().take(48).collect::<Vec<_>>().join("\n");
    desk.reads(&half)
        .reads("")
        .reads("почта|имя|тариф")
        .reads_both(&rows, "")
        .reads(&less)
        .check(&expect![[r#"
            reads
              Truncated { gone: 21, of: 50 }
            reads
              Empty { tariffs: false }
            reads
              NoColumn { tariffs: false, name: "paid_until" }
            reads
              Empty { tariffs: true }
            reads
        "#]]);
}

#[test]
fn days_are_read_as_people_write_them() {
    for text in [
        "2026-11-20",
        "20.11.2026",
        "20.11.26",
        "20/11/2026",
        "11/20/2026",
        "46346",
        "46346.0",
        "20.11.2026 г.",
        "2026-11-20T00:00:00",
    ] {
        assert_eq!(
            date(text).map(|date| date.to_string()).as_deref(),
            Some("2026-11-20"),
            "{text}"
        );
    }
    for text in [
        "",
        "завтра",
        "31.02.2026",
        "11/12/2026",
        "2026",
        "20.11",
        "1.1.1",
        "20.11.1026",
        "99999999",
    ] {
        assert_eq!(date(text), None, "{text}");
    }
}
