//! `/почта`: a record is changed with keys, each change is in the log, and can be taken back.

use serde_json::json;

use crate::stage::{IVAN, MARIA, Stage, VERA, journeys};

journeys!(
    a_day_is_changed_and_changed_back,
    two_records_become_one_and_two_again,
);

async fn open(stage: &Stage) -> crate::stage::Desk {
    let rows = json!([
        ["почта", "имя", "тариф", "оплачено до"],
        ["ivan@mail.ru", "Иван", "Базовый", "10.01.2035"],
        ["maria@mail.ru", "Мария", "Полный", "20.01.2035"],
    ]);
    stage.open_business(rows, &[]).await
}

/// Vera answers the desk's last question that has these words.
async fn answers(stage: &Stage, question: &str, answer: &str) {
    let asked = stage.sees(VERA, question).await;
    let reply = json!({ "text": answer, "reply_to": asked["message_id"] });
    stage.writes(VERA, reply).await;
}

async fn clients(stage: &Stage) -> Vec<String> {
    let query = "SELECT email || ' ' || name || ' ' || tariff || ' ' || paid_until FROM clients ORDER BY email";
    stage.column(query).await
}

const IVAN_BEFORE: &str = "ivan@mail.ru Иван Базовый 2035-01-10";
const MARIA_BEFORE: &str = "maria@mail.ru Мария Полный 2035-01-20";

async fn a_day_is_changed_and_changed_back(stage: &Stage) {
    let desk = open(stage).await;
    stage.says(VERA, "/почта").await;
    answers(stage, "Чью запись показать?", "нет такой").await;
    stage.sees(VERA, "нет @").await;
    answers(stage, "Чью запись показать?", "Ivan@mail.ru").await;
    let record = stage.sees(VERA, "Что изменить?").await;
    let text = record["text"].as_str().expect("a text");
    assert!(
        text.contains("Имя: Иван\nТариф: Базовый\nОплачено до: 10.01.2035"),
        "{text}"
    );
    stage.presses(VERA, VERA, "Оплачено до").await;
    answers(stage, "ответьте на это сообщение датой", "31.02.2035").await;
    stage.sees(VERA, "Это не дата").await;
    answers(stage, "ответьте на это сообщение датой", "20.12.2035").await;
    stage
        .sees(VERA, "было: 10.01.2035\nстанет: 20.12.2035")
        .await;
    stage.rests(&desk).await;
    assert_eq!(clients(stage).await, [IVAN_BEFORE, MARIA_BEFORE]);
    stage.presses(VERA, VERA, "Сохранить").await;
    stage.sees(VERA, "ivan@mail.ru: сохранено").await;
    let changed = "ivan@mail.ru Иван Базовый 2035-12-20";
    assert_eq!(clients(stage).await, [changed, MARIA_BEFORE]);
    let log = "SELECT client, field, old_value, new_value, undone_at FROM audit WHERE changed_by IS NOT NULL";
    let log = stage.sql(log).await;
    let entry = ["ivan@mail.ru", "paid_until", "2035-01-10", "2035-12-20"];
    assert_eq!(log.len(), 1);
    assert_eq!(log[0][..4], entry.map(|it| Some(it.to_owned())));
    assert_eq!(log[0][4], None);

    let (message, data) = stage.key(VERA, "Отменить").await;
    // Nobody else's press counts.
    stage.press(IVAN, IVAN, message, &data).await;
    stage.rests(&desk).await;
    assert_eq!(clients(stage).await, [changed, MARIA_BEFORE]);
    stage.presses_data(VERA, VERA, message, &data).await;
    stage.sees(VERA, "запись такая, как была").await;
    assert_eq!(clients(stage).await, [IVAN_BEFORE, MARIA_BEFORE]);
    let undone = "SELECT COUNT(*) FROM audit WHERE undone_at IS NOT NULL AND undone_by IS NOT NULL";
    assert_eq!(stage.number(undone).await, 1);
    let late = stage.presses_data(VERA, VERA, message, &data).await;
    assert!(late.contains("уже отменено"), "{late}");
}

async fn two_records_become_one_and_two_again(stage: &Stage) {
    let desk = open(stage).await;
    stage.telegram(IVAN).joins("ivan@mail.ru").await;
    stage.telegram(MARIA).joins("maria@mail.ru").await;
    stage.says(VERA, "/почта ivan@mail.ru").await;
    stage.presses(VERA, VERA, "Почта").await;
    answers(stage, "новым адресом", "maria@mail.ru").await;
    stage.sees(VERA, "Объединить их?").await;
    stage.presses(VERA, VERA, "Объединить").await;
    stage.sees(VERA, "сохранено").await;
    stage.rests(&desk).await;
    assert_eq!(clients(stage).await.len(), 1);
    let whose = "SELECT c.email FROM users u JOIN clients c ON c.id = u.client_id ORDER BY c.email";
    assert_eq!(
        stage.column(whose).await,
        ["maria@mail.ru", "maria@mail.ru"]
    );

    stage.presses(VERA, VERA, "Отменить").await;
    stage.sees(VERA, "запись такая, как была").await;
    assert_eq!(clients(stage).await, [IVAN_BEFORE, MARIA_BEFORE]);
    assert_eq!(stage.column(whose).await, ["ivan@mail.ru", "maria@mail.ru"]);
    let chats = "SELECT u.tg_id FROM users u JOIN clients c ON c.id = u.client_id WHERE c.email = 'ivan@mail.ru'";
    assert_eq!(stage.column(chats).await, [IVAN.to_string()]);
}
