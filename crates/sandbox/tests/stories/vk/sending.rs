//! `messages.send`: to whom, how often, and what is refused.

use serde_json::json;

use crate::stage::each;
use crate::vk::play::{CLUB, IVAN, Play, TOKEN};

#[tokio::test]
async fn a_text_arrives_and_is_told_to_the_community_too() {
    let play = Play::new().await;
    let id = play.says("Здравствуйте", 11).await;
    let seen = play.seen().await;
    assert_eq!(each(&seen, "/text"), ["Начать", "Здравствуйте"]);
    assert_eq!(each(&seen, "/from_bot"), [&json!(false), &json!(true)]);
    let events = play.events().await;
    assert_eq!(each(&events, "/type"), ["message_reply"]);
    let told = &events[0]["object"];
    assert_eq!(
        (&told["id"], &told["out"], &told["random_id"]),
        (&json!(id), &json!(1), &json!(11))
    );
    assert_eq!(
        (&told["from_id"], &told["peer_id"]),
        (&json!(-CLUB), &json!(IVAN))
    );
    play.clean().await;
}

#[tokio::test]
async fn the_same_random_id_sends_nothing_twice() {
    let play = Play::new().await;
    let first = play.says("раз", 42).await;
    assert_eq!(play.says("раз", 42).await, first);
    assert_ne!(play.says("раз", 0).await, play.says("раз", 0).await);
    assert_eq!(play.seen().await.len(), 4);
    play.person(8, "Ольга").await;
    play.hand("vk/allow", json!({ "person": 8, "chat": CLUB }))
        .await;
    let params = json!({ "peer_id": 8, "random_id": 42, "message": "раз" });
    assert_ne!(play.call("messages.send", params).await, first);
}

#[tokio::test]
async fn many_recipients_get_an_answer_each() {
    let play = Play::new().await;
    let params = json!({ "peer_ids": "7,99,2000000001", "random_id": 5, "message": "всем" });
    let answers = play.call("messages.send", params).await;
    let answers = answers.as_array().expect("a list");
    assert_eq!(each(answers, "/peer_id"), [7, 99, 2_000_000_001_i64]);
    assert_eq!(each(answers, "/conversation_message_id"), [2, 0, 0]);
    assert_eq!(each(&answers[1..], "/error/code"), [936, 917]);
    play.clean().await;
}

#[tokio::test]
async fn who_may_not_be_written_to_is_not() {
    let play = Play::new().await;
    let send = |peer: i64| json!({ "peer_id": peer, "random_id": 0, "message": "?" });
    let deny = "901 Can't send messages for users without permission";
    for (person, code) in [
        (json!({ "id": 20, "first_name": "a" }), deny),
        (
            json!({ "id": 21, "first_name": "a", "deactivated": true }),
            "18 User was deleted or banned",
        ),
        (
            json!({ "id": 22, "first_name": "a", "private": true }),
            "902 Can't send messages to this user due to their privacy settings",
        ),
        (
            json!({ "id": 23, "first_name": "a" }),
            "900 Can't send messages for users from blacklist",
        ),
    ] {
        play.hand("vk/communities", json!({ "id": CLUB, "blacklist": [23] }))
            .await;
        let id = play.hand("vk/people", person).await["id"]
            .as_i64()
            .expect("an id");
        assert_eq!(play.refused("messages.send", send(id)).await, code);
    }
    play.hand("vk/deny", json!({ "person": IVAN, "chat": CLUB }))
        .await;
    assert_eq!(play.refused("messages.send", send(IVAN)).await, deny);
    let asked = json!({ "group_id": CLUB, "user_id": IVAN });
    let answer = play
        .call("messages.isMessagesFromGroupAllowed", asked)
        .await;
    assert_eq!(answer, json!({ "is_allowed": 0 }));
    play.hand("vk/allow", json!({ "person": IVAN, "chat": CLUB }))
        .await;
    play.says("можно", 0).await;
    let events = play.events().await;
    assert_eq!(
        each(&events, "/type"),
        ["message_deny", "message_allow", "message_reply"]
    );
    play.clean().await;
}

#[tokio::test]
async fn what_breaks_the_schema_is_refused_and_noted() {
    let play = Play::new().await;
    for (params, why) in [
        (
            json!({ "peer_id": IVAN, "message": "?" }),
            "100 One of the parameters specified was missing or invalid: random_id is a required parameter",
        ),
        (
            json!({ "peer_id": IVAN, "random_id": 1, "text": "?" }),
            "100 One of the parameters specified was missing or invalid: text is not in the published schema",
        ),
        (
            json!({ "peer_id": "ivan", "random_id": 1, "message": "?" }),
            "100 One of the parameters specified was missing or invalid: peer_id should be integer, got \"ivan\"",
        ),
        (
            json!({ "peer_id": IVAN, "random_id": 1 }),
            "100 One of the parameters specified was missing or invalid: message is empty or invalid",
        ),
        (
            json!({ "random_id": 1, "message": "?" }),
            "100 One of the parameters specified was missing or invalid: peer_id is undefined",
        ),
        (
            json!({ "peer_id": IVAN, "random_id": 1, "message": "я".repeat(9001) }),
            "914 Message is too long",
        ),
        (
            json!({ "peer_id": IVAN, "random_id": 1, "message": "?", "keyboard": "{}" }),
            "911 Keyboard format is invalid: buttons should be array",
        ),
        (
            json!({ "peer_id": IVAN, "random_id": 1, "message": "?", "attachment": "doc-1_1" }),
            "100 One of the parameters specified was missing or invalid: attachment doc-1_1 was not found",
        ),
        (
            json!({ "peer_id": IVAN, "random_id": 1, "message": "?", "payload": "{" }),
            "100 One of the parameters specified was missing or invalid: payload is not valid JSON",
        ),
    ] {
        assert_eq!(play.refused("messages.send", params).await, why);
    }
    let violations = play.look("violations").await;
    let violations = violations["violations"].as_array().expect("a list");
    assert_eq!(violations.len(), 9);
    assert_eq!(violations[0]["messenger"], "vk");
    assert_eq!(play.seen().await.len(), 1);
}

#[tokio::test]
async fn answers_and_forwarded_messages_carry_what_they_quote() {
    let play = Play::new().await;
    let asked = play.ivan(json!({ "text": "сколько?" })).await;
    let forward = json!({ "peer_id": IVAN, "conversation_message_ids": [asked], "is_reply": 1 });
    play.sends(json!({ "message": "сто", "forward": forward.to_string() }))
        .await;
    let forward = json!({ "peer_id": IVAN, "cmids": [1, asked] });
    play.sends(json!({ "forward": forward.to_string() })).await;
    let seen = play.seen().await;
    assert_eq!(
        seen[2]["reply_to"],
        json!({ "message_id": asked, "quote": "сколько?" })
    );
    let quoted = seen[3]["forwards"].as_array().expect("a list");
    assert_eq!(each(quoted, "/text"), ["Начать", "сколько?"]);
    let events = play.events().await;
    assert_eq!(events[1]["object"]["reply_message"]["text"], "сколько?");
    let nobody = json!({ "peer_id": IVAN, "cmids": [99] }).to_string();
    let refused = play
        .refused(
            "messages.send",
            json!({ "peer_id": IVAN, "random_id": 0, "forward": nobody }),
        )
        .await;
    assert_eq!(refused, "921 Can't forward these messages");
    play.clean().await;
}

#[tokio::test]
async fn a_place_and_a_sticker_can_be_sent() {
    let play = Play::new().await;
    play.sends(json!({ "lat": 55.5, "long": "37.5" })).await;
    play.sends(json!({ "sticker_id": 9000 })).await;
    let seen = play.seen().await;
    assert_eq!(
        seen[1]["location"],
        json!({ "latitude": 55.5, "longitude": 37.5 })
    );
    assert_eq!(each(&seen, "/kind"), ["text", "location", "sticker"]);
    play.events().await;
    play.clean().await;
}

#[tokio::test]
async fn a_token_belongs_to_one_community() {
    let play = Play::new().await;
    let url = format!("{}/method/groups.getById", play.sandbox.url());
    let ask = async |query: &str| -> serde_json::Value {
        let response = play
            .http
            .get(format!("{url}?{query}"))
            .send()
            .await
            .expect("an answer");
        response.json().await.expect("JSON")
    };
    let answer = ask(&format!("access_token={TOKEN}&v=5.199")).await;
    assert_eq!(answer["response"]["groups"][0]["id"], CLUB);
    let answer = ask(&format!("access_token=other&v=5.199&group_id={CLUB}")).await;
    assert_eq!(answer["error"]["error_code"], 5);
    let shown = answer["error"]["request_params"]
        .as_array()
        .expect("a list");
    assert_eq!(each(shown, "/key"), ["method", "group_id", "v"]);
    let answer = ask("access_token=other&v=5.199&group_id=206").await;
    assert_eq!(answer["response"]["groups"][0]["screen_name"], "club206");
    let answer = ask("v=5.199").await;
    assert_eq!(
        answer["error"]["error_msg"],
        "User authorization failed: no access_token passed."
    );
    let answer = ask(&format!("access_token={TOKEN}")).await;
    assert_eq!(answer["error"]["error_code"], 8);
    let refused = play
        .refused("groups.getLongPollServer", json!({ "group_id": 206 }))
        .await;
    assert_eq!(refused, "15 Access denied");
}

#[tokio::test]
async fn methods_that_are_not_there_say_so() {
    let play = Play::new().await;
    assert_eq!(
        play.refused("messages.sing", json!({})).await,
        "3 Unknown method passed"
    );
    assert_eq!(
        play.refused("execute", json!({ "code": "" })).await,
        "3 Unknown method passed"
    );
    let refused = play.refused("video.get", json!({})).await;
    assert_eq!(
        refused,
        "27 Group authorization failed: method is unavailable with group auth."
    );
}

#[tokio::test]
async fn people_are_told_by_name() {
    let play = Play::new().await;
    let users = play
        .call(
            "users.get",
            json!({ "user_ids": [IVAN, 99], "fields": "sex,domain" }),
        )
        .await;
    let ivan = json!({
        "id": IVAN, "first_name": "Иван", "last_name": "", "is_closed": false,
        "can_access_closed": true, "sex": 0, "domain": "id7",
    });
    assert_eq!(users, json!([ivan]));
    play.call(
        "messages.setActivity",
        json!({ "peer_id": IVAN, "type": "typing" }),
    )
    .await;
    assert_eq!(play.look("state").await["chats"][0]["typing"], true);
    play.call("messages.markAsRead", json!({ "peer_id": IVAN }))
        .await;
    play.clean().await;
}
