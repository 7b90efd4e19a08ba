//! Readings one after the other, and what each changes.

mod dirt;

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
