//! `/рассылка`: from the choice of tariffs to the report, whatever is sent, and whoever gets it.

use expect_test::expect;
use serde_json::{Value, json};

use crate::stage::{ANNA, BOT, GROUP, IVAN, MARIA, OLGA, Phone, Stage, TIMUR, VERA, journeys};

journeys!(
    from_keys_to_the_report,
    whatever_is_sent_arrives,
    the_words_of_a_stranger,
);

async fn from_keys_to_the_report(stage: &Stage) {
    let clients = json!([
        ["почта", "имя", "тариф", "оплачено до"],
        ["ivan@mail.ru", "", "Базовый"],
        ["maria@mail.ru", "", "Полный"],
        ["anna@mail.ru", "", "Базовый"],
        ["timur@mail.ru", "", "Базовый"],
        ["late@mail.ru", "", "Базовый"],
    ]);
    let desk = stage.open_business(clients, &[]).await;
    let (ivan, maria) = (stage.telegram(IVAN), stage.telegram(MARIA));
    let (anna, timur) = (stage.vk(ANNA), stage.facebook(TIMUR));
    ivan.joins("ivan@mail.ru").await;
    maria.joins("maria@mail.ru").await;
    anna.joins("anna@mail.ru").await;
    timur.joins("timur@mail.ru").await;
    stage.facebook_person(5002, "Поздно").await;
    let late = stage.facebook(5002);
    late.joins("late@mail.ru").await;
    stage.person(2003, "Ушла").await;
    let gone = stage.telegram(2003);
    gone.joins("gone@mail.ru").await;
    stage.rests(&desk).await;
    // Nobody tells the desk that she is gone.
    let gone = json!({ "id": 2003, "first_name": "Ушла", "deactivated": true });
    stage.hand("people", gone).await;
    let days_ago = "UPDATE users SET heard_at = '2020-01-01 00:00:00' WHERE chat = 'facebook/5002'";
    stage.script(days_ago).await;

    // Nobody but the owner, and nobody without a choice.
    stage.says(VERA, "/рассылка").await;
    stage.presses(VERA, VERA, "Дальше").await;
    stage.sees(VERA, "Пока никто не выбран").await;
    stage.presses(VERA, VERA, "▫️ Базовый").await;
    stage.key(VERA, "✅ Базовый").await;
    stage.presses(VERA, VERA, "Дальше").await;
    let asked = stage.sees(VERA, "Получателей: 4").await;
    let photo = stage.known_file("a.png").await;
    let reply = json!({ "photo": photo, "caption": "Скидки!", "reply_to": asked["message_id"] });
    stage.writes(VERA, reply).await;
    let preview = stage.sees(VERA, "Отправляем?").await;
    let text = preview["text"].as_str().expect("a text");
    let closed = "Facebook: 2, из них 1 не получат";
    for words in ["Всего: 4", "Telegram: 1", "VK: 1", closed] {
        assert!(text.contains(words), "{text}");
    }
    // Until she has said so, nobody gets it.
    stage.rests(&desk).await;
    assert!(!ivan.heard().await.iter().any(is_sale));
    let desk = stage.restart(desk).await;
    // She presses twice: what she reads is that it was done.
    let (message, send) = stage.key(VERA, "Отправить").await;
    stage.presses_data(VERA, VERA, message, &send).await;
    let again = stage.presses_data(VERA, VERA, message, &send).await;
    assert!(again.contains("уже сделано"), "{again}");
    for phone in [ivan, anna, timur] {
        phone.sees_kind("photo").await;
        phone.sees("Скидки!").await;
    }
    let report = stage.sees(VERA, "Рассылка закончена").await;
    let text = report["text"].as_str().expect("a text");
    assert!(text.contains("Доставлено: 3\n"), "{text}");
    assert!(text.contains("писал больше суток назад: 1\n"), "{text}");
    for nobody in ["Заблокировали", "Неизвестно", "Не отправлялось"]
    {
        assert!(!text.contains(nobody), "{text}");
    }
    assert!(!maria.heard().await.iter().any(is_sale));
    // Nobody even tried the one to whom Facebook lets nobody write.
    assert!(!late.heard().await.iter().any(is_sale));

    // To all: one of them is out of reach, and a file names her.
    stage.broadcasts("Всем привет", 6).await;
    maria.sees("Всем привет").await;
    let report = stage.sees(VERA, "Доставлено: 4\n").await;
    let text = report["text"].as_str().expect("a text");
    assert!(text.contains("Заблокировали бота: 1\n"), "{text}");
    let lines = stage.failures().await;
    assert!(lines.starts_with('\u{feff}'), "{lines}");
    let gone = "\"gone@mail.ru\";\"Ушла\";\"Telegram\";\"заблокировал бота или удалил аккаунт\"";
    assert!(lines.contains(gone), "{lines}");
    assert!(lines.contains("late@mail.ru") && !lines.contains("ivan@mail.ru"));
    // The next time nobody counts on her.
    stage.rests(&desk).await;
    stage.broadcasts("И ещё раз", 5).await;
    stage.sees(VERA, "Доставлено: 4\n").await;
    stage.rests(&desk).await;
}

fn is_sale(message: &Value) -> bool {
    let text = message["text"].as_str();
    text.is_some_and(|text| text.contains("Скидки!"))
}

/// An album, a voice, a picture with words: as if each had come from the bot itself.
async fn whatever_is_sent_arrives(stage: &Stage) {
    let clients = json!([["почта", "имя", "тариф", "оплачено до"], ["ivan@mail.ru"]]);
    let desk = stage.open_business(clients, &[]).await;
    let phones = [stage.telegram(IVAN), stage.vk(ANNA), stage.facebook(TIMUR)];
    for phone in phones {
        phone.joins(&format!("c{}@mail.ru", phone.who)).await;
    }
    let (photo, other) = (
        stage.known_file("a.png").await,
        stage.known_file("g.png").await,
    );
    let (voice, film) = (
        stage.known_file("e.ogg").await,
        stage.known_file("b.mp4").await,
    );
    let album = json!([
        { "kind": "photo", "file": photo, "caption": "Новинки" },
        { "kind": "photo", "file": other },
    ]);
    let prompt = stage.asks_everybody(3).await;
    let album = json!({ "from": VERA, "chat": BOT, "items": album, "reply_to": prompt });
    stage.hand("albums", album).await;
    stage.presses(VERA, VERA, "Отправить").await;
    stage.sees(VERA, "Доставлено: 3").await;
    for message in [
        json!({ "voice": voice, "duration": 3 }),
        json!({ "video": film, "caption": "Смотрите *сами*" }),
    ] {
        stage.rests(&desk).await;
        let mut reply = message.clone();
        reply["reply_to"] = stage.asks_everybody(3).await;
        stage.writes(VERA, reply).await;
        stage.presses(VERA, VERA, "Отправить").await;
    }
    for phone in phones {
        phone.sees("Смотрите *сами*").await;
    }
    stage.rests(&desk).await;
    let told = async |phone: &Phone<'_>| {
        let heard = phone.heard().await;
        let is_menu = |message: &Value| {
            let text = message["text"].as_str();
            text.is_some_and(|text| text.starts_with("Чем помочь?"))
        };
        let menu = heard.iter().position(is_menu).expect("the menu");
        stage.told(&heard[menu + 1..]).await
    };
    expect![[r#"
        photo a.png = a.png (album) "Новинки"
        photo g.png = g.png (album)
        voice e.ogg = e.ogg
        video b.mp4 = b.mp4 "Смотрите *сами*"
    "#]]
    .assert_eq(&told(&phones[0]).await);
    expect![[r#"
        photo photo.png = a.png + photo photo.png = g.png "Новинки"
        voice voice.ogg = e.ogg
        document b.mp4 = b.mp4 "Смотрите *сами*"
    "#]]
    .assert_eq(&told(&phones[1]).await);
    expect![[r#"
        text "Новинки"
        photo photo.png = a.png
        photo photo.png = g.png
        audio voice.ogg = e.ogg
        text "Смотрите *сами*"
        video b.mp4 = b.mp4
    "#]]
    .assert_eq(&told(&phones[2]).await);
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
