//! `/рассылка`: from the choice of tariffs to the report; a kill in the middle, a pause, a stop, and
//! dialogs that go first.

use std::{collections::BTreeMap, time::Duration};

use serde_json::{Value, json};

use crate::stage::{ANNA, Desk, GROUP, IVAN, MARIA, OLGA, Stage, TIMUR, VERA, journeys, keys};

journeys!(
    from_keys_to_the_report,
    killed_in_the_middle,
    paused_continued_and_stopped,
    the_words_of_a_stranger,
);

/// The first of a crowd of customers.
const FIRST: i64 = 20_001;

async fn from_keys_to_the_report(stage: &Stage) {
    let clients = json!([
        ["почта", "имя", "тариф", "оплачено до"],
        ["ivan@mail.ru", "", "Базовый"],
        ["maria@mail.ru", "", "Полный"],
        ["anna@mail.ru", "", "Базовый"],
        ["timur@mail.ru", "", "Базовый"],
    ]);
    let desk = stage.open_business(clients, &[]).await;
    let (ivan, maria) = (stage.telegram(IVAN), stage.telegram(MARIA));
    let (anna, timur) = (stage.vk(ANNA), stage.facebook(TIMUR));
    ivan.joins("ivan@mail.ru").await;
    maria.joins("maria@mail.ru").await;
    anna.joins("anna@mail.ru").await;
    timur.joins("timur@mail.ru").await;
    stage.person(2003, "Ушла").await;
    let gone = stage.telegram(2003);
    gone.joins("gone@mail.ru").await;
    stage.rests(&desk).await;
    // Nobody tells the desk that she is gone.
    let gone = json!({ "id": 2003, "first_name": "Ушла", "deactivated": true });
    stage.hand("people", gone).await;

    // Nobody but the owner, and nobody without a choice.
    stage.says(VERA, "/рассылка").await;
    stage.presses(VERA, VERA, "Дальше").await;
    stage.sees(VERA, "Пока никто не выбран").await;
    stage.presses(VERA, VERA, "▫️ Базовый").await;
    stage.key(VERA, "✅ Базовый").await;
    stage.presses(VERA, VERA, "Дальше").await;
    let asked = stage.sees(VERA, "Получателей: 3").await;
    let photo = stage.known_file("a.png").await;
    let reply = json!({ "photo": photo, "caption": "Скидки!", "reply_to": asked["message_id"] });
    stage.writes(VERA, reply).await;
    let preview = stage.sees(VERA, "Отправляем?").await;
    let text = preview["text"].as_str().expect("a text");
    for words in ["Всего: 3", "Telegram: 1", "VK: 1", "Facebook: 1"] {
        assert!(text.contains(words), "{text}");
    }
    // Until she has said so, nobody gets it.
    stage.rests(&desk).await;
    assert!(!ivan.heard().await.iter().any(is_sale));
    stage.presses(VERA, VERA, "Отправить").await;
    for phone in [ivan, anna, timur] {
        phone.sees_kind("photo").await;
        phone.sees("Скидки!").await;
    }
    let report = stage.sees(VERA, "Рассылка закончена").await;
    let text = report["text"].as_str().expect("a text");
    assert!(
        text.contains("Доставлено: 3\n") && text.contains("Не отправлялось: 0"),
        "{text}"
    );
    assert!(!maria.heard().await.iter().any(is_sale));

    // To all: one of them is out of reach, and a file names her.
    broadcast(stage, "Всем привет", 5).await;
    maria.sees("Всем привет").await;
    let report = stage.sees(VERA, "Доставлено: 4\n").await;
    let text = report["text"].as_str().expect("a text");
    assert!(text.contains("Заблокировали бота: 1\n"), "{text}");
    let lines = failures(stage).await;
    assert!(
        lines.contains("gone@mail.ru") && !lines.contains("ivan@mail.ru"),
        "{lines}"
    );
    stage.rests(&desk).await;
}

fn is_sale(message: &Value) -> bool {
    let text = message["text"].as_str();
    text.is_some_and(|text| text.contains("Скидки!"))
}

/// The file of those who did not get it.
async fn failures(stage: &Stage) -> String {
    let file = stage.sees_kind(VERA, "document").await;
    let id = file["file"]["file_id"].as_str().expect("a file");
    String::from_utf8(stage.bytes(id).await).expect("a text")
}

/// Vera sends a text to everybody: so many.
async fn broadcast(stage: &Stage, text: &str, many: i64) {
    stage.says(VERA, "/рассылка").await;
    stage.presses(VERA, VERA, "▫️ Все").await;
    stage.key(VERA, "✅ Все").await;
    stage.presses(VERA, VERA, "Дальше").await;
    let asked = stage.sees(VERA, &format!("Получателей: {many}")).await;
    let reply = json!({ "text": text, "reply_to": asked["message_id"] });
    stage.writes(VERA, reply).await;
    stage.presses(VERA, VERA, "Отправить").await;
    stage.sees(VERA, "Рассылка идёт").await;
}

/// So many clients, each with a chat in Telegram, as if they had been here before.
async fn crowd(stage: &Stage, many: i64) -> Desk {
    let mut rows = vec![json!(["почта", "имя", "тариф", "оплачено до"])];
    for who in FIRST..FIRST + many {
        stage.person(who, &format!("Клиент{who}")).await;
        rows.push(json!([format!("c{who}@mail.ru"), "", "Базовый"]));
    }
    let desk = stage.open_business(Value::Array(rows), &[]).await;
    let phones = (FIRST..FIRST + many).map(|who| stage.telegram(who));
    let joins = phones.map(async |phone| {
        phone.says("/start").await;
        phone.says(&format!("c{}@mail.ru", phone.who)).await;
    });
    futures_util::future::join_all(joins).await;
    let joined = async || {
        let known = "SELECT COUNT(*) FROM users WHERE client_id IS NOT NULL";
        (stage.number(known).await == many).then_some(())
    };
    stage.until("a crowd", joined).await;
    stage.rests(&desk).await;
    desk
}

/// How often each customer got it.
async fn got(stage: &Stage, text: &str) -> BTreeMap<i64, usize> {
    let shown = stage.look("state").await;
    let chats = shown["chats"].as_array().expect("chats").clone();
    let mut got = BTreeMap::new();
    for chat in chats {
        let who = chat["id"].as_i64().unwrap_or_default();
        if who > 0 && who != VERA {
            let messages = chat["messages"].as_array().into_iter().flatten();
            let same =
                messages.filter(|message| message["text"] == text && message["from_bot"] == true);
            got.insert(who, same.count());
        }
    }
    got
}

async fn states(stage: &Stage) -> BTreeMap<String, i64> {
    let query = "SELECT state, COUNT(*) FROM recipients GROUP BY state";
    let rows = stage.sql(query).await;
    let row = |row: Vec<Option<String>>| {
        let [of, count] = <[_; 2]>::try_from(row)
            .expect("two columns")
            .map(Option::unwrap_or_default);
        (of, count.parse().expect("a number"))
    };
    rows.into_iter().map(row).collect()
}

async fn killed_in_the_middle(stage: &Stage) {
    const CROWD: i64 = 300;
    let mut desk = crowd(stage, CROWD).await;
    // Each takes a little, so that some are under way whenever it is killed.
    let slow = json!({ "kind": "slow", "ms": 60, "method": "sendMessage", "times": 0 });
    stage.hand("faults", slow).await;
    broadcast(stage, "Всем привет", CROWD).await;
    for wave in [30, 120, 200] {
        let some = async || {
            let got = got(stage, "Всем привет").await;
            (got.values().sum::<usize>() > wave).then_some(())
        };
        stage.until("a part of it", some).await;
        desk = stage.restart(desk).await;
    }
    let report = stage.sees(VERA, "Рассылка закончена").await;
    stage.rests(&desk).await;

    let got = got(stage, "Всем привет").await;
    let twice: Vec<_> = got.iter().filter(|(_, times)| **times > 1).collect();
    assert!(twice.is_empty(), "twice: {twice:?}");
    let states = states(stage).await;
    let count = |state: &str| states.get(state).copied().unwrap_or_default();
    let (sent, unknown) = (count("sent"), count("unknown"));
    assert_eq!(
        sent + unknown + count("blocked") + count("failed"),
        CROWD,
        "{states:?}"
    );
    // Whoever did not get it is named.
    let missed: Vec<String> = got
        .iter()
        .filter(|(_, times)| **times == 0)
        .map(|(who, _)| who.to_string())
        .collect();
    let named = "SELECT chat FROM recipients WHERE state <> 'sent'";
    let named = stage.column(named).await;
    for who in &missed {
        assert!(
            named.iter().any(|chat| chat.ends_with(who.as_str())),
            "{who} is missed, {named:?}"
        );
    }
    let text = report["text"].as_str().expect("a text");
    assert!(
        text.contains(&format!("Доставлено: {sent}\n")),
        "{text} {states:?}"
    );
    assert!(
        text.contains(&format!("Неизвестно: {unknown}\n")),
        "{text} {states:?}"
    );
    if unknown > 0 {
        let lines = failures(stage).await;
        for who in &missed {
            assert!(
                lines.contains(&format!("Клиент{who}")),
                "{who} is not in {lines}"
            );
        }
    }
}

async fn paused_continued_and_stopped(stage: &Stage) {
    const CROWD: i64 = 200;
    let desk = crowd(stage, CROWD).await;
    stage.asks_support(IVAN).await;
    let slow = json!({ "kind": "slow", "ms": 200, "method": "sendMessage", "times": 0 });
    stage.hand("faults", slow).await;
    broadcast(stage, "Всем привет", CROWD + 1).await;
    stage.presses(VERA, VERA, "Пауза").await;
    stage.sees(VERA, "Рассылка на паузе").await;
    // What was under way comes in; then nothing moves.
    let still = async || (!states(stage).await.contains_key("under_way")).then_some(());
    stage.until("a pause", still).await;
    let before = states(stage).await;
    assert!(before.contains_key("waiting"), "{before:?}");
    let moved = async || (states(stage).await != before).then_some(());
    let moved = stage.within(Duration::from_secs(3), moved).await;
    assert!(moved.is_none(), "{before:?}");

    stage.presses(VERA, VERA, "Продолжить").await;
    let goes_on = async || (states(stage).await["sent"] > before["sent"]).then_some(());
    stage.until("it goes on", goes_on).await;
    // A live dialog does not wait for it.
    let said = stage.says(IVAN, "ау?").await;
    let shown = stage.sees(GROUP, "ау?").await;
    assert!(said > 0);
    let reply =
        json!({ "from": OLGA, "chat": GROUP, "text": "слышим", "reply_to": shown["message_id"] });
    stage.hand("messages", reply).await;
    stage.sees(IVAN, "слышим").await;
    let left = states(stage).await;
    assert!(
        left.contains_key("waiting"),
        "the dialog has waited: {left:?}"
    );

    stage.presses(VERA, VERA, "Остановить").await;
    let report = stage.sees(VERA, "Рассылка закончена").await;
    stage.rests(&desk).await;
    let states = states(stage).await;
    let text = report["text"].as_str().expect("a text");
    let (sent, waiting) = (states["sent"], states["waiting"]);
    assert_eq!(sent + waiting, CROWD + 1, "{states:?}");
    assert!(
        text.contains(&format!("Доставлено: {sent}\n")),
        "{text} {states:?}"
    );
    assert!(
        text.contains(&format!("Не отправлялось: {waiting}")),
        "{text} {states:?}"
    );
    let got = got(stage, "Всем привет").await;
    assert_eq!(
        i64::try_from(got.values().sum::<usize>()).expect("small"),
        sent
    );
    assert!(got.values().all(|times| *times < 2));
    assert_eq!(keys(&report).count(), 0);
}

async fn the_words_of_a_stranger(stage: &Stage) {
    let desk = stage
        .open_business(
            json!([["почта", "имя", "тариф", "оплачено до"], ["anna@mail.ru"]]),
            &[],
        )
        .await;
    stage.asks_support(IVAN).await;
    stage.starts(OLGA).await;
    stage.says(IVAN, "/рассылка").await;
    stage.sees(GROUP, "/рассылка").await;
    stage.says(OLGA, "/рассылка").await;
    stage.rests(&desk).await;
    for who in [IVAN, OLGA] {
        let heard = stage.told_to(who, &["Кому отправить рассылку"]).await;
        assert!(heard.is_empty(), "{heard:?}");
    }
    // Nor does a key that was not theirs.
    stage.says(VERA, "/рассылка").await;
    let (message, data) = stage.key(VERA, "Отмена").await;
    stage.press(IVAN, IVAN, message, &data).await;
    stage.rests(&desk).await;
    stage.key(VERA, "Отмена").await;
    stage.presses(VERA, VERA, "Отмена").await;
    stage.sees(VERA, "ничего не изменилось").await;
}
