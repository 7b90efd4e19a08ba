//! Sending: shapes, entities, refusals, and what counts as a violation.

use serde_json::{Value, json};

use crate::telegram::play::{IVAN, Play, TOKEN};

#[tokio::test]
async fn every_plain_kind_is_a_message_of_the_published_type() {
    let play = Play::new().await;
    let here = json!({ "latitude": 55.75, "longitude": 37.62 });
    let kinds = [
        ("sendMessage", json!({ "text": "да" })),
        ("sendLocation", here.clone()),
        (
            "sendVenue",
            json!({ "latitude": 1.5, "longitude": 2, "title": "Склад", "address": "Тверская, 1" }),
        ),
        (
            "sendContact",
            json!({ "phone_number": "+79991234567", "first_name": "Анна" }),
        ),
        (
            "sendPoll",
            json!({ "question": "Как?", "options": [{ "text": "так" }, { "text": "сяк" }] }),
        ),
        ("sendDice", json!({})),
        ("sendChatAction", json!({ "action": "typing" })),
    ];
    for (method, mut params) in kinds {
        params["chat_id"] = IVAN.into();
        play.call(method, params).await;
    }
    for (kind, what) in [
        ("location", here),
        (
            "contact",
            json!({ "phone_number": "+7999", "first_name": "Анна" }),
        ),
        (
            "venue",
            json!({ "latitude": 1, "longitude": 2, "title": "Дом", "address": "Мира, 1" }),
        ),
        ("poll", json!({ "question": "?", "options": ["а", "б"] })),
        ("dice", json!("🎲")),
    ] {
        play.ivan(json!({ kind: what })).await;
    }
    assert_eq!(play.updates().await.len(), 5);
    play.clean().await;
}

#[tokio::test]
async fn a_bot_speaks_only_to_those_who_started_it() {
    let play = Play::new().await;
    play.hand("people", json!({ "id": 9, "first_name": "Пётр" }))
        .await;
    let say = |chat: i64| json!({ "chat_id": chat, "text": "привет" });
    assert_eq!(
        play.refused("sendMessage", say(9)).await,
        "403 Forbidden: bot can't initiate conversation with a user"
    );
    assert_eq!(
        play.refused("sendMessage", say(404)).await,
        "400 Bad Request: chat not found"
    );
    assert_eq!(
        play.refused("sendMessage", say(-404)).await,
        "400 Bad Request: chat not found"
    );
    play.hand("block", json!({ "person": IVAN, "bot": 1001 }))
        .await;
    assert_eq!(
        play.refused("sendMessage", say(IVAN)).await,
        "403 Forbidden: bot was blocked by the user"
    );
    let updates = play.updates().await;
    assert_eq!(
        updates[0]["my_chat_member"]["new_chat_member"]["status"],
        "kicked"
    );
    play.hand("unblock", json!({ "person": IVAN, "bot": 1001 }))
        .await;
    play.call("sendMessage", say(IVAN)).await;
    play.clean().await;
}

#[tokio::test]
async fn texts_have_one_to_4096_characters_after_parsing() {
    let play = Play::new().await;
    let say = |text: String| json!({ "chat_id": IVAN, "text": text, "parse_mode": "HTML" });
    play.call("sendMessage", say(format!("<b>{}</b>", "я".repeat(4096))))
        .await;
    assert_eq!(
        play.refused("sendMessage", say("я".repeat(4097))).await,
        "400 Bad Request: message is too long"
    );
    assert_eq!(
        play.refused("sendMessage", say(" \n".into())).await,
        "400 Bad Request: message text is empty"
    );
    assert_eq!(
        play.refused("sendMessage", json!({ "chat_id": IVAN }))
            .await,
        "400 Bad Request: message text is empty"
    );
    let emoji = json!({ "chat_id": IVAN, "text": "😀 да", "entities": [{ "type": "bold", "offset": 3, "length": 2 }] });
    let sent = play.call("sendMessage", emoji).await;
    assert_eq!(
        sent["entities"],
        json!([{ "type": "bold", "offset": 3, "length": 2 }])
    );
    let half = json!({ "chat_id": IVAN, "text": "😀", "entities": [{ "type": "bold", "offset": 1, "length": 1 }] });
    assert!(
        play.refused("sendMessage", half)
            .await
            .contains("in a middle of a UTF-16 symbol")
    );
}

#[tokio::test]
async fn what_breaks_the_schema_is_refused_and_remembered() {
    let play = Play::new().await;
    play.refused("sendMessage", json!({ "text": "кому?" }))
        .await;
    play.refused(
        "sendMessage",
        json!({ "chat_id": IVAN, "text": "x", "entities": [{ "type": "bold" }] }),
    )
    .await;
    play.call(
        "sendMessage",
        json!({ "chat_id": IVAN, "text": "x", "colour": "red" }),
    )
    .await;
    assert_eq!(
        play.refused("sendTelepathy", json!({})).await,
        "404 Not Found: method not found"
    );
    assert!(
        play.refused("sendGift", json!({ "gift_id": "1" }))
            .await
            .starts_with("501 ")
    );
    let seen = play.look("violations").await;
    let what: Vec<&str> = seen["violations"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|v| v["what"].as_str())
        .collect();
    assert_eq!(what[0], "chat_id is required");
    assert!(what.contains(&"entities[0].offset is required"));
    assert!(what.contains(&"colour is not in the published schema"));
    assert_eq!(what.last(), Some(&"there is no such method"));
}

#[tokio::test]
async fn parameters_may_come_in_any_form() {
    let play = Play::new().await;
    let url = format!("{}/bot{TOKEN}/SENDMESSAGE", play.sandbox.url());
    let markup = r#"{"inline_keyboard":[[{"text":"да","callback_data":"y"}]]}"#;
    let id = IVAN.to_string();
    let fields = [
        ("chat_id", id.as_str()),
        ("text", "из формы & так"),
        ("reply_markup", markup),
    ];
    let form = reqwest::multipart::Form::new()
        .text("chat_id", id.clone())
        .text("text", "по частям")
        .text("disable_notification", "true");
    for request in [
        play.http.get(&url).query(&fields),
        play.http.post(&url).form(&fields),
        play.http.post(&url).multipart(form),
    ] {
        let answer: Value = request
            .send()
            .await
            .expect("an answer")
            .json()
            .await
            .expect("JSON");
        assert_eq!(answer["ok"], true, "{answer}");
    }
    play.clean().await;
}

#[tokio::test]
async fn replies_need_something_to_reply_to() {
    let play = Play::new().await;
    let id = play.ivan(json!({ "text": "вопрос" })).await;
    let reply = |id: i64| json!({ "chat_id": IVAN, "text": "ответ", "reply_parameters": { "message_id": id } });
    let sent = play.call("sendMessage", reply(id)).await;
    assert_eq!(sent["reply_to_message"]["text"], "вопрос");
    assert_eq!(
        play.refused("sendMessage", reply(404)).await,
        "400 Bad Request: message to be replied not found"
    );
    let mut forgiving = reply(404);
    forgiving["reply_parameters"]["allow_sending_without_reply"] = true.into();
    assert!(
        play.call("sendMessage", forgiving)
            .await
            .get("reply_to_message")
            .is_none()
    );
    let old = json!({ "chat_id": IVAN, "text": "по-старому", "reply_to_message_id": id });
    assert_eq!(
        play.call("sendMessage", old).await["reply_to_message"]["message_id"],
        id
    );
    play.ivan(json!({ "text": "о чём это?", "reply_to": sent["message_id"] }))
        .await;
    let updates = play.updates().await;
    assert_eq!(updates[1]["message"]["reply_to_message"]["text"], "ответ");
    play.clean().await;
}

#[tokio::test]
async fn keyboards_are_checked() {
    let play = Play::new().await;
    let with = |markup: Value| json!({ "chat_id": IVAN, "text": "?", "reply_markup": markup });
    let key = |key: Value| json!({ "inline_keyboard": [[key]] });
    let long = key(json!({ "text": "да", "callback_data": "я".repeat(33) }));
    assert_eq!(
        play.refused("sendMessage", with(long)).await,
        "400 Bad Request: BUTTON_DATA_INVALID"
    );
    let both = key(json!({ "text": "да", "callback_data": "y", "url": "https://x.org" }));
    assert!(
        play.refused("sendMessage", with(both))
            .await
            .contains("exactly one action")
    );
    let none = key(json!({ "text": "да" }));
    assert!(
        play.refused("sendMessage", with(none))
            .await
            .contains("Text buttons are unallowed")
    );
    let contact = json!({ "keyboard": [[{ "text": "Телефон", "request_contact": true }]] });
    let sent = play.call("sendMessage", with(contact)).await;
    assert!(
        sent.get("reply_markup").is_none(),
        "bots do not see reply keyboards again"
    );
    let seen = play.look("state").await;
    let shown = seen.pointer("/chats/0/messages/1/reply_keyboard/keyboard/0/0/request_contact");
    assert_eq!(shown, Some(&json!(true)));
}

#[tokio::test]
async fn a_bot_describes_itself() {
    let play = Play::new().await;
    let commands = json!([{ "command": "start", "description": "Начать" }]);
    play.call("setMyCommands", json!({ "commands": commands }))
        .await;
    assert_eq!(play.call("getMyCommands", json!({})).await, commands);
    play.call("deleteMyCommands", json!({})).await;
    assert_eq!(play.call("getMyCommands", json!({})).await, json!([]));
    play.call("setMyName", json!({ "name": "Забота" })).await;
    assert_eq!(play.call("getMyName", json!({})).await["name"], "Забота");
    assert_eq!(play.call("getMe", json!({})).await["first_name"], "Забота");
    play.call("setMyDescription", json!({ "description": "Поможем" }))
        .await;
    assert_eq!(
        play.call("getMyDescription", json!({})).await["description"],
        "Поможем"
    );
    play.call(
        "setChatMenuButton",
        json!({ "menu_button": { "type": "commands" } }),
    )
    .await;
    play.call("getUserProfilePhotos", json!({ "user_id": IVAN }))
        .await;
    assert_eq!(
        play.call("getChat", json!({ "chat_id": IVAN })).await["first_name"],
        "Иван"
    );
    play.clean().await;
}
