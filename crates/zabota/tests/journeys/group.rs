//! Dialogs in the operators' group: which dialog a word belongs to, who may answer it, and how it ends.

use futures_util::future::join;
use serde_json::json;

use crate::stage::{ANNA, BOT, GROUP, IVAN, OLGA, PETR, Stage, TIMUR, journeys, keys, line, png};

journeys!(
    three_phones_one_group,
    answers_to_any_copy_also_after_a_restart,
    talk_of_colleagues_goes_nowhere,
    a_dialog_ends_by_reply_or_by_number,
    an_answer_takes_the_ticket,
    two_operators_at_once,
    strangers_and_forged_keys,
);

const IN_GROUP: [(&str, &str); 1] = [("DIALOG", "group")];

async fn three_phones_one_group(stage: &Stage) {
    let desk = stage.open_everywhere(&IN_GROUP).await;
    let phones = [stage.telegram(IVAN), stage.vk(ANNA), stage.facebook(TIMUR)];
    for (phone, question) in phones
        .iter()
        .zip(["где чайник?", "где чашка?", "где ложка?"])
    {
        phone.asks(question).await;
        let told = stage.takes(OLGA, question).await;
        assert!(told.contains("ваше"), "{told}");
        phone.sees("Оператор подключился").await;
    }
    // All at once: each copy says whose it is, each answer goes to whom it answers.
    for (phone, words) in phones.iter().zip(["я Иван", "я Анна", "я Тимур"]) {
        phone.says(words).await;
    }
    let headers = [
        "№ 1 · Иван · Telegram",
        "№ 2 · Анна · VK",
        "№ 3 · Тимур · Facebook",
    ];
    for ((phone, words), header) in phones
        .iter()
        .zip(["я Иван", "я Анна", "я Тимур"])
        .zip(headers)
    {
        let copy = stage.sees(GROUP, words).await;
        assert_eq!(copy["text"], format!("{header}\n{words}"));
        let answer = stage
            .answers(OLGA, &copy, &format!("отвечаю: {words}"))
            .await;
        phone.sees(&format!("отвечаю: {words}")).await;
        stage.sees_mark(&answer, "👌").await;
    }
    stage.rests(&desk).await;
    for (phone, words) in phones.iter().zip(["я Иван", "я Анна", "я Тимур"]) {
        let heard = phone.heard().await;
        let answers = heard.iter().filter_map(|message| message["text"].as_str());
        let answers: Vec<_> = answers.filter(|text| text.contains("отвечаю")).collect();
        assert_eq!(answers, [format!("отвечаю: {words}")]);
    }
}

async fn answers_to_any_copy_also_after_a_restart(stage: &Stage) {
    let desk = stage.open_everywhere(&IN_GROUP).await;
    let (ivan, anna) = (stage.telegram(IVAN), stage.vk(ANNA));
    for (phone, question) in [(ivan, "вопрос Ивана"), (anna, "вопрос Анны")] {
        phone.asks(question).await;
        stage.takes(OLGA, question).await;
        phone.sees("Оператор подключился").await;
        let (one, two) = (png(1), png(2));
        let one = stage.file("1.png", "image/png", one).await;
        let two = stage.file("2.png", "image/png", two).await;
        let album = json!([{ "kind": "photo", "file": one }, { "kind": "photo", "file": two }]);
        phone.sends_album("альбом", album).await;
        let paper = stage.known_file("c.pdf").await;
        phone.writes(json!({ "document": paper })).await;
        // With its header it is two messages in the group.
        let long = format!("начало{}конец", " слово".repeat(680));
        phone.says(&long).await;
    }
    stage.rests(&desk).await;
    let copies = stage.heard(GROUP).await;
    let parts = |kind: &str| {
        copies
            .iter()
            .filter(|m| m["kind"] == kind)
            .collect::<Vec<_>>()
    };
    let photos = parts("photo");
    let ends: Vec<_> = copies
        .iter()
        .filter(|m| {
            m["text"]
                .as_str()
                .is_some_and(|text| text.ends_with("конец"))
        })
        .collect();
    assert_eq!(
        (photos.len(), parts("document").len(), ends.len()),
        (4, 2, 2)
    );
    assert!(
        ends.iter()
            .all(|end| !end["text"].as_str().unwrap_or_default().contains("начало"))
    );

    let desk = stage.restart(desk).await;
    for (phone, nth) in [(ivan, 0), (anna, 1)] {
        let to = [photos[nth * 2 + 1], parts("document")[nth], ends[nth]];
        for (copy, words) in to
            .into_iter()
            .zip(["ко второму фото", "к файлу", "к концу"])
        {
            stage.answers(PETR, copy, words).await;
            let answer = phone.sees(words).await;
            assert!(answer["reply_to"].is_object(), "{answer}");
        }
        let quoted = phone.sees("к файлу").await["reply_to"]["message_id"].clone();
        let all = phone.messages().await;
        let answered = all.iter().find(|m| m["message_id"] == quoted);
        assert_eq!(answered.expect("the quoted message")["kind"], "document");
    }
    stage.rests(&desk).await;
    for phone in [ivan, anna] {
        let heard = phone.heard().await;
        let answers = heard.iter().filter(|m| m["reply_to"].is_object());
        assert_eq!(answers.count(), 3, "{}", stage.everything().await);
    }
}

async fn talk_of_colleagues_goes_nowhere(stage: &Stage) {
    let desk = stage.open_everywhere(&IN_GROUP).await;
    let anna = stage.vk(ANNA);
    anna.asks("алло?").await;
    stage.takes(OLGA, "алло?").await;
    anna.sees("Оператор подключился").await;
    stage.rests(&desk).await;
    let before = (anna.heard().await.len(), stage.heard(GROUP).await.len());
    let said = stage
        .in_group(OLGA, json!({ "text": "кто знает, где склад?" }))
        .await;
    let colleague = json!({ "text": "на Мира, 1", "reply_to": said });
    let answer = stage.in_group(PETR, colleague).await;
    let thanks = json!({ "text": "спасибо", "reply_to": answer });
    stage.in_group(OLGA, thanks).await;
    let board = stage.sees(GROUP, "Открытых диалогов").await;
    stage.answers(PETR, &board, "что-то много").await;
    stage
        .in_group(PETR, json!({ "text": "/команда другого бота" }))
        .await;
    stage.rests(&desk).await;
    let after = (anna.heard().await.len(), stage.heard(GROUP).await.len());
    assert_eq!(after, before, "{}", stage.everything().await);
    let kept = "SELECT message_text FROM ticket_messages";
    assert_eq!(stage.column(kept).await, ["алло?"]);
    // In the private chat nobody is answered, and the bot says where they are.
    stage.says(OLGA, "а здесь?").await;
    stage.sees(OLGA, "Диалоги идут в группе").await;
    assert_eq!(anna.heard().await.len(), before.0);
}

async fn a_dialog_ends_by_reply_or_by_number(stage: &Stage) {
    let desk = stage.open_everywhere(&IN_GROUP).await;
    let (ivan, anna, timur) = (stage.telegram(IVAN), stage.vk(ANNA), stage.facebook(TIMUR));
    for (phone, question) in [(ivan, "вопрос-1"), (anna, "вопрос-2"), (timur, "вопрос-3")]
    {
        phone.asks(question).await;
        stage.takes(OLGA, question).await;
        phone.sees("Оператор подключился").await;
    }
    ivan.says("ещё слово").await;
    let copy = stage.sees(GROUP, "ещё слово").await;
    stage.in_group(OLGA, json!({ "text": "/пока" })).await;
    stage.sees(GROUP, "Какой диалог завершить?").await;
    stage.in_group(OLGA, json!({ "text": "/пока 99" })).await;
    stage.sees(GROUP, "Обращения № 99 нет").await;
    stage.answers(OLGA, &copy, "/пока").await;
    let left = ivan.sees("Оператор отключился").await;
    assert!(keys(&left).any(|(label, _)| label == "В начало"));
    stage
        .sees(GROUP, "Диалог завершён: № 1 · Иван. Оператор: Ольга")
        .await;
    // Whoever is an operator may end it, also in reply to a colleague's answer.
    stage.in_group(PETR, json!({ "text": "/bye 2" })).await;
    anna.sees("Оператор отключился").await;
    let card = stage.sees(GROUP, "вопрос-3").await;
    let answer = stage.answers(OLGA, &card, "ложка едет").await;
    timur.sees("ложка едет").await;
    let bye = json!({ "text": "/bye", "reply_to": answer });
    stage.in_group(PETR, bye).await;
    timur.sees("Оператор отключился").await;
    stage.answers(OLGA, &copy, "/пока").await;
    stage.sees(GROUP, "Обращение № 1 уже закрыто").await;
    stage.answers(OLGA, &copy, "вдогонку").await;
    stage.rests(&desk).await;
    assert!(ivan.heard().await.iter().all(|m| m["text"] != "вдогонку"));
    stage.sees(GROUP, "сообщение клиенту не отправлено").await;
    let closed = "SELECT status FROM tickets";
    assert_eq!(stage.column(closed).await, ["CLOSED", "CLOSED", "CLOSED"]);
    stage.sees(GROUP, "Открытых диалогов нет").await;
}

async fn an_answer_takes_the_ticket(stage: &Stage) {
    let _desk = stage.open_everywhere(&IN_GROUP).await;
    let timur = stage.facebook(TIMUR);
    timur.asks("алло?").await;
    let card = stage.sees(GROUP, "алло?").await;
    assert!(
        card["text"]
            .as_str()
            .is_some_and(|text| text.contains("Ответить можно до"))
    );
    stage.answers(PETR, &card, "слушаю вас").await;
    timur.sees("слушаю вас").await;
    let heard = timur.heard().await;
    let last: Vec<_> = heard[heard.len() - 2..].iter().map(line).collect();
    assert!(last[0].contains("Оператор подключился"), "{last:?}");
    stage.sees(GROUP, "В работе: Пётр").await;
    let taken = "SELECT status, operator_tg_id FROM tickets";
    let taken: Vec<_> = stage.sql(taken).await.concat();
    assert_eq!(taken, [Some("ASSIGNED".to_owned()), Some(PETR.to_string())]);
    // A colleague may answer too; it stays Petr's.
    stage.answers(OLGA, &card, "и я").await;
    timur.sees("и я").await;
    let owner = "SELECT operator_tg_id FROM tickets";
    assert_eq!(stage.column(owner).await, [PETR.to_string()]);
    // «Завершить диалог» stands under the card.
    stage.presses(PETR, GROUP, "Завершить диалог").await;
    timur.sees("Оператор отключился").await;
}

async fn two_operators_at_once(stage: &Stage) {
    let desk = stage.open_everywhere(&IN_GROUP).await;
    let anna = stage.vk(ANNA);
    anna.asks("кто первый?").await;
    let card = stage.sees(GROUP, "кто первый?").await;
    let (_, take) = keys(&card).next().expect("a key");
    let id = card["message_id"].as_i64().expect("an id");
    let (one, two) = join(
        stage.presses_data(OLGA, GROUP, id, take),
        stage.presses_data(PETR, GROUP, id, take),
    )
    .await;
    let got = [&one, &two]
        .iter()
        .filter(|told| told.contains("ваше"))
        .count();
    assert_eq!(got, 1, "{one}; {two}");
    let ivan = stage.telegram(IVAN);
    ivan.asks("а меня?").await;
    let card = stage.sees(GROUP, "а меня?").await;
    join(
        stage.answers(OLGA, &card, "Ольга тут"),
        stage.answers(PETR, &card, "Пётр тут"),
    )
    .await;
    ivan.sees("Ольга тут").await;
    ivan.sees("Пётр тут").await;
    stage.rests(&desk).await;
    for phone in [anna, ivan] {
        let heard = phone.heard().await;
        let joined = |m: &&serde_json::Value| {
            m["text"]
                .as_str()
                .is_some_and(|text| text.contains("Оператор подключился"))
        };
        assert_eq!(heard.iter().filter(joined).count(), 1);
    }
}

async fn strangers_and_forged_keys(stage: &Stage) {
    let desk = stage.open_everywhere(&IN_GROUP).await;
    let (anna, timur) = (stage.vk(ANNA), stage.facebook(TIMUR));
    anna.asks("алло?").await;
    timur.begins().await;
    timur.sees("Чем помочь?").await;
    let (card, take) = stage.key(GROUP, "Взять в работу").await;
    let stranger = 9001;
    stage.person(stranger, "Чужой").await;
    stage.says(stranger, "/start").await;
    for data in [take.as_str(), "close:1", "again:1", "мусор"] {
        stage.press(stranger, stranger, 1, data).await;
        stage.press(stranger, GROUP, card, data).await;
        anna.presses_data(&json!(1), data).await;
        let forged = json!({ "from": TIMUR, "chat": timur.account, "data": data, "forge": true });
        stage.hand("facebook/press", forged).await;
    }
    let elsewhere =
        json!({ "id": -1_009_999, "title": "Не наша", "members": [stranger], "bots": [BOT] });
    stage.hand("groups", elsewhere).await;
    let said = json!({ "from": stranger, "chat": -1_009_999, "text": "/пока 1" });
    stage.hand("messages", said).await;
    stage.rests(&desk).await;
    let open = "SELECT status FROM tickets";
    assert_eq!(stage.column(open).await, ["WAITING"]);
    assert!(stage.heard(-1_009_999).await.is_empty());
    assert!(desk.page("/readyz").await.0 == 200);
    // Those who left are no operators any more.
    stage
        .hand(&format!("groups/{GROUP}/leave"), json!({ "user": PETR }))
        .await;
    stage.press(PETR, GROUP, card, &take).await;
    stage.rests(&desk).await;
    assert_eq!(stage.column(open).await, ["WAITING"]);
}
