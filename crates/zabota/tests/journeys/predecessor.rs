//! A database that the predecessor made: adopted at the start, nothing lost, open dialogs go on.

use crate::stage::{GROUP, IVAN, MARIA, OLGA, PETR, Stage, journeys};

journeys!(plain_texts_and_numbers, enums_and_names);

/// As SQLAlchemy makes it, with columns that nobody knows.
const PLAIN: &str = "
CREATE TABLE users (
  id {serial}, tg_id BIGINT NOT NULL UNIQUE, username VARCHAR(64), first_name VARCHAR(64),
  last_name VARCHAR(64), phone VARCHAR(32), is_active BOOLEAN NOT NULL, created_at TIMESTAMP NOT NULL
);
CREATE TABLE tickets (
  id {serial}, user_id INTEGER NOT NULL REFERENCES users (id), topic VARCHAR(32) NOT NULL,
  status {status} NOT NULL, operator_tg_id BIGINT, created_at TIMESTAMP NOT NULL,
  closed_at TIMESTAMP, updated_at TIMESTAMP NOT NULL
);
CREATE TABLE ticket_messages (
  id {serial}, ticket_id INTEGER NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
  sender_type {sender} NOT NULL, sender_tg_id BIGINT NOT NULL, content_type VARCHAR(16) NOT NULL,
  message_text TEXT, caption TEXT, file_id VARCHAR(255), created_at TIMESTAMP NOT NULL
);
INSERT INTO users (tg_id, username, first_name, phone, is_active, created_at) VALUES
  (2001, 'ivan', 'Иван', '+79161234567', {true}, '2026-01-02 03:04:05.678'),
  (2002, NULL, 'Мария', NULL, {true}, '2026-01-03 03:04:05'),
  (777, 'old', 'Старый', NULL, {true}, '2025-01-03 03:04:05');
INSERT INTO tickets (user_id, topic, status, operator_tg_id, created_at, closed_at, updated_at) VALUES
  (3, 'warranty', 'CLOSED', 3001, '2025-06-01 10:00:00', '2025-06-01 11:00:00', '2025-06-01 11:00:00'),
  (1, 'warranty', 'WAITING', NULL, '2026-11-19 10:00:00', NULL, '2026-11-19 10:00:00'),
  (2, 'other', 'ASSIGNED', 3001, '2026-11-19 11:00:00', NULL, '2026-11-19 11:30:00');
INSERT INTO ticket_messages
  (ticket_id, sender_type, sender_tg_id, content_type, message_text, caption, file_id, created_at) VALUES
  (1, 'user', 777, 'text', 'давно', NULL, NULL, '2025-06-01 10:00:00'),
  (2, 'user', 2001, 'text', 'чайник течёт', NULL, NULL, '2026-11-19 10:00:00'),
  (2, 'user', 2001, 'photo', NULL, 'чек', 'AgACAgI', '2026-11-19 10:00:01'),
  (3, 'user', 2002, 'text', 'подойдёт ли крышка?', NULL, NULL, '2026-11-19 11:00:00'),
  (3, 'operator', 3001, 'text', 'сейчас узнаю', NULL, NULL, '2026-11-19 11:30:00');
";

async fn plain_texts_and_numbers(stage: &Stage) {
    let pg = stage.database().starts_with("postgres");
    leave_behind(stage, pg, "VARCHAR(16)", "VARCHAR(16)").await;
    goes_on(stage).await;
}

async fn enums_and_names(stage: &Stage) {
    let pg = stage.database().starts_with("postgres");
    if pg {
        stage.script("CREATE TYPE ticketstatus AS ENUM ('WAITING', 'ASSIGNED', 'CLOSED'); CREATE TYPE sendertype AS ENUM ('user', 'operator')").await;
        leave_behind(stage, pg, "ticketstatus", "sendertype").await;
    } else {
        // SQLAlchemy writes an enum as a text with a check.
        let status = "VARCHAR(8) CHECK (status IN ('WAITING', 'ASSIGNED', 'CLOSED'))";
        let sender = "VARCHAR(8) CHECK (sender_type IN ('user', 'operator'))";
        leave_behind(stage, pg, status, sender).await;
    }
    goes_on(stage).await;
}

async fn leave_behind(stage: &Stage, pg: bool, status: &str, sender: &str) {
    let serial = if pg {
        "SERIAL PRIMARY KEY"
    } else {
        "INTEGER NOT NULL PRIMARY KEY"
    };
    let sql = PLAIN
        .replace("{serial}", serial)
        .replace("{status}", status)
        .replace("{sender}", sender)
        .replace("{true}", if pg { "TRUE" } else { "1" });
    stage.script(&sql).await;
}

async fn goes_on(stage: &Stage) {
    // They all wrote to the predecessor's bot: it may write to them.
    for person in [IVAN, MARIA, OLGA, PETR] {
        stage.says(person, "когда-то").await;
    }
    let nothing = format!("{}/getUpdates?offset=-1", stage.bot());
    let answer = reqwest::get(nothing)
        .await
        .expect("an answer")
        .text()
        .await
        .expect("a text");
    let last: serde_json::Value = serde_json::from_str(&answer).expect("JSON");
    let next = last["result"][0]["update_id"].as_i64().expect("an id") + 1;
    reqwest::get(format!("{}/getUpdates?offset={next}", stage.bot()))
        .await
        .expect("an answer");

    let rows = "SELECT ticket_id, sender_type, content_type, message_text, caption, created_at FROM ticket_messages WHERE id <= 5 ORDER BY id";
    let before = stage.sql(rows).await;
    let desk = stage.open().await;
    // The one that waits gets a card.
    stage.sees(GROUP, "чайник течёт").await;
    stage.rests(&desk).await;
    assert_eq!(stage.sql(rows).await.len(), before.len());
    // The dialog goes on, both ways.
    stage.says(MARIA, "ну что, узнали?").await;
    stage.sees(OLGA, "ну что, узнали?").await;
    stage.says(OLGA, "подойдёт").await;
    stage.sees(MARIA, "подойдёт").await;
    stage.presses(PETR, GROUP, "Взять в работу").await;
    stage.sees(IVAN, "Оператор подключился").await;
    stage.sees(PETR, "чек").await;
    stage.says(PETR, "уже чиним").await;
    stage.sees(IVAN, "уже чиним").await;
    stage.says(PETR, "/bye").await;
    stage.sees(IVAN, "Оператор отключился").await;
    stage.says(OLGA, "/bye").await;
    stage.sees(MARIA, "Оператор отключился").await;
    // A new ticket has a number of its own.
    stage.asks(MARIA, "ещё вопрос").await;
    stage.rests(&desk).await;
    let tickets = "SELECT id, status, operator_tg_id FROM tickets ORDER BY id";
    let tickets: Vec<String> = stage
        .sql(tickets)
        .await
        .into_iter()
        .map(|row| {
            row.into_iter()
                .map(|cell| cell.unwrap_or_else(|| "-".to_owned()))
                .collect::<Vec<_>>()
                .join(" ")
        })
        .collect();
    assert_eq!(
        tickets,
        [
            "1 CLOSED 3001",
            "2 CLOSED 3002",
            "3 CLOSED 3001",
            "4 WAITING -"
        ]
    );
    let texts = "SELECT COALESCE(message_text, caption) FROM ticket_messages ORDER BY id";
    assert_eq!(
        stage.column(texts).await,
        [
            "давно",
            "чайник течёт",
            "чек",
            "подойдёт ли крышка?",
            "сейчас узнаю",
            "ну что, узнали?",
            "подойдёт",
            "уже чиним",
            "ещё вопрос"
        ]
    );
    assert_eq!(
        stage
            .number("SELECT COUNT(*) FROM users WHERE phone = '+79161234567'")
            .await,
        1
    );
    // The second start finds nothing new.
    let cards = stage.heard(GROUP).await.len();
    let desk = stage.restart(desk).await;
    stage.rests(&desk).await;
    assert_eq!(stage.heard(GROUP).await.len(), cards);
}
