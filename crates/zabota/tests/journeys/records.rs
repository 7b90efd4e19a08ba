//! `/почта`: a record is changed with keys, each change is in the log, and can be taken back.

use serde_json::json;

use crate::stage::{GROUP, IVAN, MARIA, OLGA, Stage, VERA, count, journeys, keys, picture};

journeys!(
    a_day_is_changed_and_changed_back,
    what_is_typed_wrong_is_asked_for_again,
    a_record_has_another_address_and_no_name,
    two_records_become_one_and_two_again,
    what_has_changed_since_is_not_undone,
    of_two_owners_the_second_looks_again,
    only_owners_are_obeyed,
    what_an_owner_cannot_read_stands_in_the_group,
    an_owner_has_a_menu_once_they_have_begun,
);

/// Another owner.
const PARTNER: i64 = 3902;

async fn open(stage: &Stage) -> crate::stage::Desk {
    stage.open_business(rows(), &[]).await
}

/// What the sheet says.
fn rows() -> serde_json::Value {
    json!([
        ["почта", "имя", "тариф", "оплачено до"],
        ["ivan@mail.ru", "Иван", "Базовый", "10.01.2035"],
        ["maria@mail.ru", "Мария", "Полный", "20.01.2035"],
    ])
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
    answers(stage, "Чью запись показать?", "Ivan@mail.ru").await;
    let record = stage.sees(VERA, "Что изменить?").await;
    let text = record["text"].as_str().expect("a text");
    assert!(
        text.contains("Имя: Иван\nТариф: Базовый\nОплачено до: 10.01.2035"),
        "{text}"
    );
    stage.presses(VERA, VERA, "Оплачено до").await;
    answers(stage, "ответьте на это сообщение датой", "20.12.2035").await;
    stage
        .sees(VERA, "было: 10.01.2035\nстанет: 20.12.2035")
        .await;
    stage.rests(&desk).await;
    assert_eq!(clients(stage).await, [IVAN_BEFORE, MARIA_BEFORE]);
    stage.presses(VERA, VERA, "Сохранить").await;
    let told = "сохранили! ivan@mail.ru\nОплачено до: было 10.01.2035, стало 20.12.2035";
    stage.sees(VERA, told).await;
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

async fn what_is_typed_wrong_is_asked_for_again(stage: &Stage) {
    let desk = open(stage).await;
    stage.says(VERA, "/почта").await;
    answers(stage, "Чью запись показать?", "нет такой").await;
    answers(stage, "нет @", "nobody@mail.ru").await;
    answers(stage, "Записи с почтой nobody@mail.ru нет", "ivan@mail.ru").await;
    stage.presses(VERA, VERA, "Тариф").await;
    answers(stage, "выберите тариф", "Золотой").await;
    // The answer stands below what was typed, with the same keys; those above are gone.
    stage.sees(VERA, "Такого тарифа нет").await;
    stage.rests(&desk).await;
    let messages = stage.chat(VERA).await;
    let with_keys = messages.iter().filter(|message| keys(message).count() > 0);
    let with_keys: Vec<_> = with_keys.map(|message| message["text"].clone()).collect();
    assert_eq!(with_keys.len(), 1, "{with_keys:?}");
    stage.presses(VERA, VERA, "Полный").await;
    stage.sees(VERA, "было: Базовый\nстанет: Полный").await;
    stage.presses(VERA, VERA, "Отмена").await;
    stage.sees(VERA, "ничего не изменилось").await;
    stage.says(VERA, "/почта ivan@mail.ru").await;
    stage.presses(VERA, VERA, "Оплачено до").await;
    for wrong in ["завтра", "31.02.2035", "2035-13-01"] {
        answers(stage, "сообщение датой", wrong).await;
        stage.rests(&desk).await;
    }
    for form in ["20.12.2035", "2035-12-20", "20/12/2035"] {
        answers(stage, "сообщение датой", form).await;
        stage.sees(VERA, "станет: 20.12.2035").await;
        stage.presses(VERA, VERA, "Отмена").await;
        stage.says(VERA, "/почта ivan@mail.ru").await;
        stage.presses(VERA, VERA, "Оплачено до").await;
        stage.rests(&desk).await;
    }
    assert_eq!(clients(stage).await, [IVAN_BEFORE, MARIA_BEFORE]);
    let log = "SELECT COUNT(*) FROM audit WHERE changed_by IS NOT NULL";
    assert_eq!(stage.number(log).await, 0);
}

async fn a_record_has_another_address_and_no_name(stage: &Stage) {
    let desk = open(stage).await;
    stage.telegram(IVAN).joins("ivan@mail.ru").await;
    stage.says(VERA, "/почта ivan@mail.ru").await;
    stage.presses(VERA, VERA, "Почта").await;
    answers(stage, "новым адресом", "Ivanov@Mail.ru").await;
    stage.presses(VERA, VERA, "Сохранить").await;
    stage
        .sees(VERA, "было ivan@mail.ru, стало ivanov@mail.ru")
        .await;
    let (renamed, undo) = stage.key(VERA, "Отменить").await;
    stage.says(VERA, "/почта ivanov@mail.ru").await;
    stage.presses(VERA, VERA, "Имя").await;
    stage.presses(VERA, VERA, "Оставить пустым").await;
    stage.sees(VERA, "было: Иван\nстанет: пусто").await;
    stage.presses(VERA, VERA, "Сохранить").await;
    stage.sees(VERA, "Имя: было Иван, стало пусто").await;
    stage.rests(&desk).await;
    let query = "SELECT email, name FROM clients ORDER BY email";
    let ivan = |email: &str| vec![Some(email.to_owned()), None];
    assert_eq!(stage.sql(query).await[0], ivan("ivanov@mail.ru"));
    // The address is the other's again; the name was another change.
    stage.presses_data(VERA, VERA, renamed, &undo).await;
    stage.sees(VERA, "запись такая, как была").await;
    assert_eq!(stage.sql(query).await[0], ivan("ivan@mail.ru"));
    let chats = "SELECT u.tg_id FROM users u JOIN clients c ON c.id = u.client_id WHERE c.email = 'ivan@mail.ru'";
    assert_eq!(stage.column(chats).await, [IVAN.to_string()]);
}

/// Maria's record takes in Ivan's, as Vera has wished.
async fn merge(stage: &Stage) {
    stage.says(VERA, "/почта ivan@mail.ru").await;
    stage.presses(VERA, VERA, "Почта").await;
    answers(stage, "новым адресом", "maria@mail.ru").await;
    let offer = stage.sees(VERA, "Объединяем?").await;
    let text = offer["text"].as_str().expect("a text");
    for line in [
        "Имя: Мария (из записи maria@mail.ru)",
        "Тариф: Базовый (из записи ivan@mail.ru)",
        "Оплачено до: 09.02.2035 (из записи ivan@mail.ru)",
    ] {
        assert!(text.contains(line), "{text}");
    }
    stage.presses(VERA, VERA, "Объединить").await;
    stage
        .sees(VERA, "Две записи стали одной: maria@mail.ru")
        .await;
}

const WHOSE: &str =
    "SELECT u.tg_id || ' ' || c.email FROM users u JOIN clients c ON c.id = u.client_id ORDER BY 1";
const PAYERS: &str = "SELECT client FROM payments ORDER BY id";
const PAID: &str = "ivan@mail.ru Иван Базовый 2035-02-09";

async fn two_records_become_one_and_two_again(stage: &Stage) {
    let desk = open(stage).await;
    stage.reader_sees("¥199.00").await;
    let ivan = stage.telegram(IVAN);
    ivan.joins("ivan@mail.ru").await;
    stage.telegram(MARIA).joins("maria@mail.ru").await;
    ivan.pays(picture(1)).await;
    ivan.sees("Спасибо! Оплата 199").await;
    stage.rests(&desk).await;
    let before = stage.sql("SELECT id, chat, status FROM tickets").await;
    merge(stage).await;
    stage.rests(&desk).await;
    let merged = "maria@mail.ru Мария Базовый 2035-02-09";
    assert_eq!(clients(stage).await, [merged]);
    let of = |whose: [&str; 2]| {
        [
            format!("{IVAN} {}", whose[0]),
            format!("{MARIA} {}", whose[1]),
        ]
    };
    assert_eq!(stage.column(WHOSE).await, of(["maria@mail.ru"; 2]));
    assert_eq!(stage.column(PAYERS).await, ["maria@mail.ru"]);
    // What he writes is of the client that he is now.
    ivan.says("это я").await;
    stage.sees(GROUP, "это я").await;

    let (message, data) = stage.key(VERA, "Отменить").await;
    stage.presses_data(VERA, VERA, message, &data).await;
    stage.sees(VERA, "снова две записи").await;
    assert_eq!(clients(stage).await, [PAID, MARIA_BEFORE]);
    assert_eq!(
        stage.column(WHOSE).await,
        of(["ivan@mail.ru", "maria@mail.ru"])
    );
    assert_eq!(stage.column(PAYERS).await, ["ivan@mail.ru"]);
    assert_eq!(
        stage.sql("SELECT id, chat, status FROM tickets").await,
        before
    );
    let late = stage.presses_data(VERA, VERA, message, &data).await;
    assert!(late.contains("уже отменено"), "{late}");
    assert_eq!(clients(stage).await, [PAID, MARIA_BEFORE]);
}

async fn what_has_changed_since_is_not_undone(stage: &Stage) {
    let desk = open(stage).await;
    stage
        .script("UPDATE clients SET paid_until = '2035-02-09' WHERE email = 'ivan@mail.ru'")
        .await;
    merge(stage).await;
    let (message, data) = stage.key(VERA, "Отменить").await;
    stage.reader_sees("1 990 ₽").await;
    let maria = stage.telegram(MARIA);
    maria.joins("maria@mail.ru").await;
    maria.pays(picture(2)).await;
    maria.sees("Спасибо! Оплата 1").await;
    stage.rests(&desk).await;
    let after = clients(stage).await;
    assert_eq!(after.len(), 1);
    stage.presses_data(VERA, VERA, message, &data).await;
    stage
        .sees(VERA, "с тех пор изменилась, поэтому отменить уже нельзя")
        .await;
    assert_eq!(clients(stage).await, after);
}

async fn of_two_owners_the_second_looks_again(stage: &Stage) {
    stage.person(PARTNER, "Глеб").await;
    stage.says(PARTNER, "/start").await;
    let owners = format!("{VERA},{PARTNER}");
    let desk = stage.open_business(rows(), &[("OWNER_IDS", &owners)]).await;
    for (owner, name) in [(VERA, "Ваня"), (PARTNER, "Иван Ильич")] {
        stage.says(owner, "/почта ivan@mail.ru").await;
        stage.presses(owner, owner, "Имя").await;
        let asked = stage.sees(owner, "новым именем").await;
        let reply = json!({ "text": name, "reply_to": asked["message_id"] });
        stage.writes(owner, reply).await;
        stage
            .sees(owner, &format!("было: Иван\nстанет: {name}"))
            .await;
    }
    stage.presses(VERA, VERA, "Сохранить").await;
    stage.sees(VERA, "стало Ваня").await;
    stage.presses(PARTNER, PARTNER, "Сохранить").await;
    let again = stage.sees(PARTNER, "тем временем изменилась").await;
    let text = again["text"].as_str().expect("a text");
    assert!(text.contains("было: Ваня\nстанет: Иван Ильич"), "{text}");
    stage.presses(PARTNER, PARTNER, "Сохранить").await;
    stage.sees(PARTNER, "было Ваня, стало Иван Ильич").await;
    // Both undo the last change at once: one of them has done it.
    let (message, data) = stage.key(PARTNER, "Отменить").await;
    let presses = [VERA, PARTNER].map(|owner| stage.presses_data(owner, PARTNER, message, &data));
    let told = futures_util::future::join_all(presses).await;
    let late = told.iter().filter(|told| told.contains("уже отменено"));
    assert_eq!(late.count(), 1, "{told:?}");
    stage.rests(&desk).await;
    assert_eq!(
        clients(stage).await[0],
        "ivan@mail.ru Ваня Базовый 2035-01-10"
    );

    // Who is no owner any more presses in vain.
    let (message, data) = stage.key(VERA, "Отменить").await;
    desk.stop().await;
    let settings = stage.business(&[("OWNER_IDS", &PARTNER.to_string())]).await;
    let settings: Vec<_> = settings.iter().map(|(n, v)| (*n, v.as_str())).collect();
    let desk = stage.open_again(&settings).await;
    stage.press(VERA, VERA, message, &data).await;
    stage.rests(&desk).await;
    assert_eq!(
        clients(stage).await[0],
        "ivan@mail.ru Ваня Базовый 2035-01-10"
    );
    assert!(
        desk.log()
            .contains("somebody who is no owner pressed a key")
    );
}

async fn only_owners_are_obeyed(stage: &Stage) {
    let desk = open(stage).await;
    stage.asks_support(IVAN).await;
    stage.telegram(IVAN).says("помогите").await;
    let copy = stage.sees(GROUP, "помогите").await;
    let heard = stage.heard(GROUP).await.len();
    for words in ["/почта ivan@mail.ru", "/рассылка", "/sync"] {
        stage.answers(OLGA, &copy, words).await;
        stage.rests(&desk).await;
    }
    assert_eq!(stage.heard(GROUP).await.len(), heard);
    let log = desk.log();
    assert_eq!(
        log.matches("an owner's command from somebody who is none")
            .count(),
        3,
        "{log}"
    );
    // To a customer it would have been an answer.
    let ivan = stage.telegram(IVAN).heard().await;
    assert_eq!(count(&ivan, "/почта") + count(&ivan, "/рассылка"), 0);
}

async fn what_an_owner_cannot_read_stands_in_the_group(stage: &Stage) {
    stage.person(PARTNER, "Глеб").await;
    let rows = json!([
        ["почта", "имя", "тариф", "оплачено до"],
        ["ivan@mail.ru", "Иван", "Базовый", "31.02.2035"],
    ]);
    // He has never written to the bot.
    let desk = stage
        .open_business(rows, &[("OWNER_IDS", &PARTNER.to_string())])
        .await;
    let told = stage.sees(GROUP, "В таблице есть вопросы").await;
    let text = told["text"].as_str().expect("a text");
    assert!(text.contains("/start") && text.contains("D2"), "{text}");
    stage.rests(&desk).await;
    // From now on he reads them himself.
    stage.says(PARTNER, "/start").await;
    stage.cell("D2", "32.02.2035").await;
    stage.says(PARTNER, "/синхронизация").await;
    stage.sees(PARTNER, "32.02.2035").await;
    stage.rests(&desk).await;
    assert_eq!(stage.told_to(GROUP, &["есть вопросы"]).await.len(), 1);
}

/// The commands that Telegram has been told to show in a chat.
async fn menu(stage: &Stage, chat: i64) -> Vec<String> {
    let scope = json!({ "type": "chat", "chat_id": chat }).to_string();
    let url = format!("{}/getMyCommands", stage.bot());
    let client = reqwest::Client::builder().no_proxy().build();
    let asked = client
        .expect("a client")
        .get(url)
        .query(&[("scope", scope)]);
    let answer = asked.send().await.expect("an answer");
    let answer: serde_json::Value = answer.json().await.expect("JSON");
    let commands = answer["result"].as_array().into_iter().flatten();
    commands
        .filter_map(|command| command["command"].as_str().map(str::to_owned))
        .collect()
}

async fn an_owner_has_a_menu_once_they_have_begun(stage: &Stage) {
    // Telegram knows no chat that has not begun.
    let unknown = json!({
        "method": "setMyCommands", "chat": VERA, "times": 1,
        "kind": "error", "status": 400, "description": "Bad Request: chat not found",
    });
    stage.fails("telegram", unknown).await;
    let desk = open(stage).await;
    let group = async || (menu(stage, GROUP).await == ["bye"]).then_some(());
    stage.until("the operators' menu", group).await;
    stage.rests(&desk).await;
    stage.says(VERA, "/start").await;
    let hers = ["start", "broadcast", "email", "sync"];
    let own = async || (menu(stage, VERA).await == hers).then_some(());
    stage.until("the owner's menu", own).await;
}
