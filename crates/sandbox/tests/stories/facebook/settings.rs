//! What is asked and settled about people and pages.

use serde_json::{Value, json};

use crate::facebook::play::Play;

#[tokio::test]
async fn a_profile_shows_what_was_asked_for() {
    let play = Play::empty().await;
    play.page(json!({ "name": "Лавка" })).await;
    let picture = play.file("ivan.png", crate::stage::png(5, 5)).await;
    let ivan =
        json!({ "id": 7, "first_name": "Иван", "last_name": "Петров", "profile_pic": picture });
    play.hand("facebook/people", ivan).await;
    let asked = "7?fields=first_name,last_name,profile_pic,locale";
    assert_eq!(
        play.raw("GET", asked, &Value::Null).await.0,
        400,
        "they have not met"
    );
    play.ivan(json!({ "text": "Привет" })).await;
    let profile = play.call("GET", asked, Value::Null).await;
    assert_eq!(
        (&profile["first_name"], &profile["locale"]),
        (&json!("Иван"), &json!("ru_RU"))
    );
    let link = profile["profile_pic"].as_str().expect("a link");
    assert_eq!(
        play.http
            .get(link)
            .send()
            .await
            .expect("an answer")
            .status(),
        200
    );
    let (status, answer) = play.raw("GET", "7?fields=salary", &Value::Null).await;
    assert_eq!((status, &answer["error"]["code"]), (400, &json!(100)));
    assert_eq!(
        play.call("GET", "me", Value::Null).await,
        json!({ "id": "500", "name": "Лавка" })
    );
}

#[tokio::test]
async fn some_people_have_no_profile_to_show() {
    let play = Play::new().await;
    for (closed, subcode) in [("private", 2_018_218), ("hidden", 2_018_247)] {
        play.hand(
            "facebook/people",
            json!({ "id": 7, "first_name": "Иван", closed: true }),
        )
        .await;
        let (_, answer) = play.raw("GET", "7?fields=first_name", &Value::Null).await;
        assert_eq!(answer["error"]["error_subcode"], subcode);
    }
}

#[tokio::test]
async fn the_menu_needs_the_button_before_it() {
    let play = Play::new().await;
    let call = json!({ "type": "postback", "title": "Помощь", "payload": "HELP" });
    let menu = json!({ "persistent_menu": [{ "locale": "default", "call_to_actions": [call] }] });
    assert_eq!(play.raw("POST", "me/messenger_profile", &menu).await.0, 400);
    play.call(
        "POST",
        "me/messenger_profile",
        json!({ "get_started": { "payload": "START" } }),
    )
    .await;
    play.call("POST", "me/messenger_profile", menu).await;
    let asked = "me/messenger_profile?fields=get_started,greeting";
    let profile = play.call("GET", asked, Value::Null).await;
    assert_eq!(
        profile,
        json!({ "data": [{ "get_started": { "payload": "START" } }] })
    );
    let start = json!({ "fields": ["get_started"] });
    assert_eq!(
        play.raw("DELETE", "me/messenger_profile", &start).await.0,
        400
    );
    let both = json!({ "fields": ["get_started", "persistent_menu"] });
    play.call("DELETE", "me/messenger_profile", both).await;
    assert_eq!(
        play.call("GET", asked, Value::Null).await,
        json!({ "data": [] })
    );
    let long = json!({ "greeting": [{ "locale": "default", "text": "ж".repeat(161) }] });
    assert_eq!(play.raw("POST", "me/messenger_profile", &long).await.0, 400);
    assert_eq!(
        play.violations().await.len(),
        3,
        "each refused for a parameter"
    );
}

#[tokio::test]
async fn an_app_hears_only_what_it_has_subscribed_to() {
    let (play, app) = Play::with_app().await;
    let fields = json!({ "subscribed_fields": "messages,message_edits" });
    play.call("POST", "500/subscribed_apps", fields).await;
    let apps = play.call("GET", "500/subscribed_apps", Value::Null).await;
    assert_eq!(
        apps["data"][0]["subscribed_fields"],
        json!(["message_edits", "messages"])
    );
    play.says(json!({ "text": "без эха" })).await;
    play.ivan(json!({ "text": "раз" })).await;
    app.texts(1).await;
    play.call("DELETE", "500/subscribed_apps", Value::Null)
        .await;
    play.ivan(json!({ "text": "в пустоту" })).await;
    play.call(
        "POST",
        "500/subscribed_apps",
        json!({ "subscribed_fields": ["messages"] }),
    )
    .await;
    play.ivan(json!({ "text": "два" })).await;
    assert_eq!(app.texts(2).await, ["раз", "два"]);
    assert_eq!(app.events().len(), 2);
    let unknown = json!({ "subscribed_fields": "everything" });
    assert_eq!(
        play.raw("POST", "500/subscribed_apps", &unknown).await.0,
        400
    );
}
