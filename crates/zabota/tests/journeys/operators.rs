//! Operators: who gets a ticket, who is told what, who may do what.

use serde_json::json;

use crate::stage::{BOT, GROUP, IVAN, MARIA, OLGA, PETR, Stage, journeys, keys};

journeys!(
    eight_press_at_once,
    several_dialogs_of_one_operator,
    who_has_not_pressed_start,
    stale_and_forged_keys,
    an_operator_who_leaves,
);

async fn eight_press_at_once(stage: &Stage) {
    let desk = stage.open().await;
    let operators: Vec<i64> = (3101..3109).collect();
    for operator in &operators {
        stage
            .operator(*operator, &format!("Оператор{operator}"))
            .await;
        stage.starts(*operator).await;
    }
    let customers: Vec<i64> = (2101..2104).collect();
    for customer in &customers {
        stage.person(*customer, &format!("Клиент{customer}")).await;
        stage.asks(*customer, &format!("вопрос-{customer}")).await;
    }
    for customer in &customers {
        let card = stage.sees(GROUP, &format!("вопрос-{customer}")).await;
        let (_, data) = keys(&card).next().expect("a key");
        let id = card["message_id"].as_i64().expect("an id");
        let presses = operators
            .iter()
            .map(|who| stage.presses_data(*who, GROUP, id, data));
        let told = futures_util::future::join_all(presses).await;
        let got = told.iter().filter(|text| text.contains("ваше")).count();
        let late = told
            .iter()
            .filter(|text| text.contains("Оператор:") || text.contains("берёт"));
        assert_eq!((got, late.count()), (1, 7), "{told:?}");
        stage.sees(*customer, "Оператор подключился").await;
    }
    stage.rests(&desk).await;
    let owned = "SELECT COUNT(*) FROM tickets WHERE status = 'ASSIGNED' AND operator_tg_id > 3100";
    assert_eq!(stage.number(owned).await, 3);
    for customer in customers {
        let heard = stage.heard(customer).await;
        let joined = |text: &str| text.contains("Оператор подключился");
        let joined = heard
            .iter()
            .filter(|m| m["text"].as_str().is_some_and(joined));
        assert_eq!(joined.count(), 1);
    }
    let intros = stage.calls("sendMessage").await;
    let intro = |call: &&serde_json::Value| {
        call["params"]["text"]
            .as_str()
            .is_some_and(|text| text.contains("Завершить диалог"))
            && call["params"]["chat_id"]
                .as_i64()
                .is_some_and(|chat| chat > 3100)
    };
    assert_eq!(intros.iter().filter(intro).count(), 3);
}

async fn several_dialogs_of_one_operator(stage: &Stage) {
    let desk = stage.open().await;
    stage.dialog().await;
    stage.asks(MARIA, "где чек?").await;
    stage.takes(OLGA, "где чек?").await;
    stage.sees(MARIA, "Оператор подключился").await;
    stage.says(IVAN, "это Иван").await;
    stage.says(MARIA, "это Мария").await;
    let of_ivan = stage.sees(OLGA, "это Иван").await;
    stage.sees(OLGA, "это Мария").await;
    // Anything else goes to the current dialog: the one that was taken last.
    stage.says(OLGA, "текущему").await;
    stage.sees(MARIA, "текущему").await;
    let reply = json!({ "text": "именно Ивану", "reply_to": of_ivan["message_id"] });
    stage.writes(OLGA, reply).await;
    stage.sees(IVAN, "именно Ивану").await;
    stage.presses(OLGA, OLGA, "№ 1 · Иван").await;
    stage.sees(OLGA, "Сейчас вы отвечаете: № 1").await;
    stage.says(OLGA, "снова Ивану").await;
    stage.sees(IVAN, "снова Ивану").await;
    stage.says(OLGA, "/bye").await;
    stage.sees(IVAN, "Оператор отключился").await;
    stage.sees(OLGA, "Сейчас вы отвечаете: № 2").await;
    stage.says(OLGA, "Марии").await;
    stage.sees(MARIA, "Марии").await;
    stage.rests(&desk).await;
    let to_ivan = stage.heard(IVAN).await;
    let astray = to_ivan
        .iter()
        .any(|m| m["text"] == "текущему" || m["text"] == "Марии");
    assert!(!astray, "{}", stage.everything().await);
    let kept = "SELECT ticket_id, message_text FROM ticket_messages WHERE sender_type = 'operator' ORDER BY id";
    let kept: Vec<_> = stage
        .sql(kept)
        .await
        .into_iter()
        .flatten()
        .flatten()
        .collect();
    assert_eq!(
        kept.join(" "),
        "2 текущему 1 именно Ивану 1 снова Ивану 2 Марии"
    );
}

async fn who_has_not_pressed_start(stage: &Stage) {
    let _desk = stage.open().await;
    stage.asks(IVAN, "алло?").await;
    let told = stage.takes(PETR, "алло?").await;
    assert!(told.contains("/start"), "{told}");
    assert_eq!(
        stage.column("SELECT status FROM tickets").await,
        ["WAITING"]
    );
    stage.says(PETR, "/start").await;
    stage.sees(PETR, "Здравствуйте").await;
    let told = stage.takes(PETR, "алло?").await;
    assert!(told.contains("ваше"), "{told}");
    stage.sees(PETR, "Обращение № 1 ваше").await;
    stage.sees(IVAN, "Оператор подключился").await;
    assert_eq!(
        stage.column("SELECT status FROM tickets").await,
        ["ASSIGNED"]
    );
}

async fn stale_and_forged_keys(stage: &Stage) {
    let desk = stage.open().await;
    stage.asks(IVAN, "алло?").await;
    let (card, take) = stage.key(GROUP, "Взять в работу").await;
    stage.starts(OLGA).await;
    stage.starts(PETR).await;
    // A stranger gets nothing, also in the group's place.
    let stranger = 9001;
    stage.person(stranger, "Чужой").await;
    stage.says(stranger, "/start").await;
    let (menu, _) = stage.key(stranger, "Другой вопрос").await;
    stage.press(stranger, stranger, menu, &take).await;
    stage.press(stranger, stranger, menu, "close:1").await;
    stage.press(stranger, stranger, menu, "мусор").await;
    let elsewhere =
        json!({ "id": -1_009_999, "title": "Не наша", "members": [stranger], "bots": [BOT] });
    stage.hand("groups", elsewhere).await;
    let said = json!({ "from": stranger, "chat": -1_009_999, "text": "@bot /start" });
    stage.hand("messages", said).await;
    stage.rests(&desk).await;
    assert_eq!(
        stage.column("SELECT status FROM tickets").await,
        ["WAITING"]
    );
    assert!(stage.heard(-1_009_999).await.is_empty());

    stage.presses_data(OLGA, GROUP, card, &take).await;
    stage.sees(IVAN, "Оператор подключился").await;
    // Taken is taken.
    let told = stage.presses_data(PETR, GROUP, card, &take).await;
    assert!(told.contains("Ольга"), "{told}");
    let (intro, close) = stage.key(OLGA, "Завершить диалог").await;
    stage.press(PETR, PETR, 1, &close).await;
    stage.press(IVAN, IVAN, 1, &close).await;
    stage.rests(&desk).await;
    assert_eq!(
        stage.column("SELECT status FROM tickets").await,
        ["ASSIGNED"]
    );
    stage.presses_data(OLGA, OLGA, intro, &close).await;
    stage.sees(IVAN, "Оператор отключился").await;
    stage.presses_data(OLGA, OLGA, intro, &close).await;
    let told = stage.presses_data(PETR, GROUP, card, &take).await;
    assert!(told.contains("закрыто"), "{told}");
    assert_eq!(stage.column("SELECT status FROM tickets").await, ["CLOSED"]);
    let owner = "SELECT operator_tg_id FROM tickets";
    assert_eq!(stage.column(owner).await, [OLGA.to_string()]);
}

async fn an_operator_who_leaves(stage: &Stage) {
    let _desk = stage.open().await;
    stage.dialog().await;
    let leave = json!({ "user": OLGA });
    stage.hand(&format!("groups/{GROUP}/leave"), leave).await;
    stage.sees(GROUP, "больше не на связи").await;
    stage.says(OLGA, "я ещё здесь").await;
    stage.starts(PETR).await;
    let told = stage.presses(PETR, GROUP, "Взять в работу").await;
    assert!(told.contains("ваше"), "{told}");
    stage.says(PETR, "теперь я").await;
    stage.sees(IVAN, "теперь я").await;
    let astray = stage.heard(IVAN).await;
    assert!(!astray.iter().any(|m| m["text"] == "я ещё здесь"));
    let owner = "SELECT operator_tg_id FROM tickets";
    assert_eq!(stage.column(owner).await, [PETR.to_string()]);
}
