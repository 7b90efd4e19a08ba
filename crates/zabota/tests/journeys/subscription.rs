//! The scenario `subscription`: known by their e-mail, let in when they ask, and asked how it was.

use serde_json::json;

use crate::stage::{ANNA, GROUP, IVAN, OLGA, Phone, Stage, TIMUR, journeys, keys};

journeys!(
    an_email_is_asked_for_until_it_is_one,
    nothing_reaches_operators_before_the_dialog,
    a_rating_by_key_and_typed,
    one_email_on_two_messengers_is_one_client,
    an_email_can_be_changed,
    it_works_in_private_too,
);

const SUBSCRIPTION: [(&str, &str); 1] = [("SCENARIO", "subscription")];

fn phones(stage: &Stage) -> [Phone<'_>; 3] {
    [stage.telegram(IVAN), stage.vk(ANNA), stage.facebook(TIMUR)]
}

/// From the first word to the menu.
async fn introduces(phone: &Phone<'_>, email: &str) {
    phone.begins().await;
    phone.sees("адрес вашей электронной почты").await;
    phone.says(email).await;
    phone.key("Связаться с поддержкой").await;
}

/// From the menu to an open dialog with a first word in it.
async fn opens(stage: &Stage, phone: &Phone<'_>, words: &str) {
    phone.presses("Связаться с поддержкой").await;
    phone.sees("Напишите, что случилось").await;
    phone.says(words).await;
    stage.sees(GROUP, words).await;
}

async fn an_email_is_asked_for_until_it_is_one(stage: &Stage) {
    let desk = stage.open_everywhere(&SUBSCRIPTION).await;
    for (nth, phone) in phones(stage).iter().enumerate() {
        phone.begins().await;
        phone.sees("адрес вашей электронной почты").await;
        for (wrong, reason) in [
            ("моя почта", "нет @"),
            ("anna@mail.ru, olga@mail.ru", "несколько адресов"),
            ("anna@", "почтового сервера"),
            ("anna petrova@mail.ru", "пробел"),
        ] {
            phone.says(wrong).await;
            phone.sees(reason).await;
        }
        let photo = stage.known_file("a.png").await;
        phone.writes(json!({ "photo": photo })).await;
        phone.says(&format!("  Anna{nth}@Mail.RU ")).await;
        phone.sees(&format!("anna{nth}@")).await;
        phone.key("Связаться с поддержкой").await;
    }
    stage.rests(&desk).await;
    assert!(
        stage.heard(GROUP).await.is_empty(),
        "{}",
        stage.everything().await
    );
    assert_eq!(stage.number("SELECT COUNT(*) FROM clients").await, 3);
    assert_eq!(
        stage
            .number("SELECT COUNT(*) FROM clients WHERE tariff IS NULL")
            .await,
        3
    );
    assert_eq!(
        stage.number("SELECT COUNT(*) FROM ticket_messages").await,
        0
    );
}

async fn nothing_reaches_operators_before_the_dialog(stage: &Stage) {
    let desk = stage.open_everywhere(&SUBSCRIPTION).await;
    for phone in &phones(stage) {
        introduces(phone, &format!("{}@mail.ru", phone.who)).await;
        let menus = async || {
            let heard = phone.heard().await;
            heard
                .iter()
                .filter(|m| {
                    m["text"]
                        .as_str()
                        .is_some_and(|t| t.contains("Чем помочь?"))
                })
                .count()
        };
        let before = menus().await;
        phone.says("у меня не работает").await;
        let photo = stage.known_file("a.png").await;
        phone.writes(json!({ "photo": photo })).await;
        let shown = async || (menus().await > before).then_some(());
        stage.until("the menu once more", shown).await;
        stage.rests(&desk).await;
    }
    assert!(
        stage.heard(GROUP).await.is_empty(),
        "{}",
        stage.everything().await
    );
    for phone in &phones(stage) {
        opens(stage, phone, &format!("не работает у {}", phone.who)).await;
    }
    // The card says who it is.
    stage.sees(GROUP, &format!("Почта: {ANNA}@mail.ru")).await;
    let anna = stage.vk(ANNA);
    anna.says("уже час").await;
    let copy = stage.sees(GROUP, "уже час").await;
    stage.answers(OLGA, &copy, "смотрим").await;
    anna.sees("смотрим").await;
    stage.rests(&desk).await;
    let kept = "SELECT COUNT(*) FROM ticket_messages";
    assert_eq!(stage.number(kept).await, 5);
}

async fn a_rating_by_key_and_typed(stage: &Stage) {
    let desk = stage.open_everywhere(&SUBSCRIPTION).await;
    for (phone, stars) in phones(stage).iter().zip(["5", "4", "3"]) {
        introduces(phone, &format!("{}@mail.ru", phone.who)).await;
        let words = format!("вопрос от {}", phone.who);
        opens(stage, phone, &words).await;
        let copy = stage.sees(GROUP, &words).await;
        stage.answers(OLGA, &copy, "готово").await;
        phone.sees("готово").await;
        stage.answers(OLGA, &copy, "/пока").await;
        let asked = phone.sees("Оцените").await;
        let labels: Vec<&str> = keys(&asked).map(|(label, _)| label).collect();
        assert_eq!(labels[..5], ["1", "2", "3", "4", "5"], "{asked}");
        phone.presses(stars).await;
        phone.sees("Спасибо за оценку").await;
        stage.sees(GROUP, &format!("Оценка {stars} из 5")).await;
        // A second time, typed.
        phone.presses("В начало").await;
        opens(stage, phone, &format!("снова {words}")).await;
        let copy = stage.sees(GROUP, &format!("снова {words}")).await;
        stage.answers(OLGA, &copy, "/пока").await;
        stage.rests(&desk).await;
        phone.says("2").await;
        stage.sees(GROUP, "Оценка 2 из 5").await;
        stage.rests(&desk).await;
    }
    let ratings = stage.column("SELECT rating FROM tickets ORDER BY id").await;
    assert_eq!(ratings, ["5", "2", "4", "2", "3", "2"]);
    let open = "SELECT COUNT(*) FROM tickets WHERE status <> 'CLOSED'";
    assert_eq!(stage.number(open).await, 0);
}

async fn one_email_on_two_messengers_is_one_client(stage: &Stage) {
    let desk = stage.open_everywhere(&SUBSCRIPTION).await;
    let [ivan, anna, timur] = phones(stage);
    introduces(&ivan, "one@mail.ru").await;
    stage.rests(&desk).await;
    stage.script("UPDATE clients SET tariff = 'Базовый'").await;
    introduces(&anna, "One@mail.ru").await;
    anna.sees("Рады видеть вас снова").await;
    introduces(&timur, "two@mail.ru").await;
    stage.rests(&desk).await;
    let clients = "SELECT email FROM clients ORDER BY email";
    assert_eq!(stage.column(clients).await, ["one@mail.ru", "two@mail.ru"]);
    let people =
        "SELECT COUNT(*), COUNT(DISTINCT client_id) FROM users WHERE client_id IS NOT NULL";
    let people = stage.sql(people).await.concat();
    assert_eq!(people, [Some("3".to_owned()), Some("2".to_owned())]);
    // Both write to the same desk, each from where they are; the tariff stands in the line.
    opens(stage, &anna, "с одного").await;
    anna.says("и ещё").await;
    let copy = stage.sees(GROUP, "и ещё").await;
    assert_eq!(copy["text"], "№ 1 · Анна · VK · Базовый\nи ещё");
    opens(stage, &ivan, "с другого").await;
    stage.answers(OLGA, &copy, "вам в VK").await;
    anna.sees("вам в VK").await;
    stage.rests(&desk).await;
    assert!(ivan.heard().await.iter().all(|m| m["text"] != "вам в VK"));
}

async fn an_email_can_be_changed(stage: &Stage) {
    let desk = stage.open_everywhere(&SUBSCRIPTION).await;
    for phone in &phones(stage) {
        introduces(phone, &format!("old{}@mail.ru", phone.who)).await;
        phone.presses("Изменить почту").await;
        phone.sees("новый адрес").await;
        phone.says("без собаки").await;
        phone.sees("нет @").await;
        phone.says(&format!("new{}@mail.ru", phone.who)).await;
        phone.sees(&format!("new{}@mail.ru", phone.who)).await;
        // Whoever thinks better of it keeps theirs.
        phone.presses("Изменить почту").await;
        phone.presses("Оставить как есть").await;
        opens(stage, phone, &format!("это {}", phone.who)).await;
        stage
            .sees(GROUP, &format!("Почта: new{}@mail.ru", phone.who))
            .await;
    }
    stage.rests(&desk).await;
    let now = "SELECT COUNT(*) FROM users JOIN clients ON clients.id = users.client_id WHERE email LIKE 'new%'";
    assert_eq!(stage.number(now).await, 3);
}

async fn it_works_in_private_too(stage: &Stage) {
    let settings = [("SCENARIO", "subscription"), ("DIALOG", "private")];
    let _desk = stage.open_everywhere(&settings).await;
    stage.starts(OLGA).await;
    let timur = stage.facebook(TIMUR);
    introduces(&timur, "timur@mail.ru").await;
    timur.presses("Оплата").await;
    timur.sees("скриншот оплаты").await;
    let told = stage.presses(OLGA, GROUP, "Взять в работу").await;
    assert!(told.contains("ваше"), "{told}");
    timur.sees("Оператор подключился").await;
    timur.says("вот, оплатил").await;
    stage.sees(OLGA, "вот, оплатил").await;
    stage.says(OLGA, "спасибо").await;
    timur.sees("спасибо").await;
    stage.presses(OLGA, OLGA, "Завершить диалог").await;
    timur.sees("Оцените").await;
    timur.presses("4").await;
    stage.sees(GROUP, "Оценка 4 из 5").await;
    assert_eq!(stage.column("SELECT rating FROM tickets").await, ["4"]);
}
