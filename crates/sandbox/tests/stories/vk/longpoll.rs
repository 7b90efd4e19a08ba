//! Bots Long Poll.

use serde_json::json;

use crate::stage::each;
use crate::vk::play::{CLUB, IVAN, Play};

#[tokio::test]
async fn a_poll_waits_for_events_and_reads_them_again_with_the_old_ts() {
    let play = Play::new().await;
    let written = async {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        play.ivan(json!({ "text": "раз" })).await;
    };
    let (answer, ()) = tokio::join!(play.check(20), written);
    assert_eq!(answer["updates"][0]["object"]["message"]["text"], "раз");
    assert_eq!(answer["updates"][0]["group_id"], CLUB);
    let before = play.events().await;
    assert!(before.is_empty());
}

#[tokio::test]
async fn what_is_not_read_beyond_stays() {
    let play = Play::new().await;
    let server = play
        .call("groups.getLongPollServer", json!({ "group_id": CLUB }))
        .await;
    play.ivan(json!({ "text": "раз" })).await;
    let url = format!(
        "{}?act=a_check&key={}&ts={}&wait=0",
        server["server"].as_str().expect("an address"),
        server["key"].as_str().expect("a key"),
        server["ts"].as_str().expect("a number")
    );
    for _ in 0..2 {
        let answer = play.http.get(&url).send().await.expect("an answer");
        let answer: serde_json::Value = answer.json().await.expect("JSON");
        assert_eq!(answer["updates"][0]["object"]["message"]["text"], "раз");
    }
}

#[tokio::test]
async fn it_fails_in_the_three_published_ways() {
    let play = Play::new().await;
    play.ivan(json!({ "text": "потеряется" })).await;
    play.hand("vk/longpoll", json!({ "chat": CLUB, "fail": 1 }))
        .await;
    let failed = play.check(0).await;
    assert_eq!(failed["failed"], 1);
    assert!(failed["ts"].is_u64());
    for fail in [2, 3] {
        play.listen().await;
        play.hand("vk/longpoll", json!({ "chat": CLUB, "fail": fail }))
            .await;
        assert_eq!(play.check(0).await, json!({ "failed": fail }));
        assert_eq!(play.check(0).await, json!({ "failed": fail }));
        play.listen().await;
        assert!(play.events().await.is_empty());
    }
}

#[tokio::test]
async fn only_what_is_wanted_is_told() {
    let play = Play::new().await;
    let wanted = json!({ "group_id": CLUB, "enabled": 1, "message_reply": 0 });
    play.call("groups.setLongPollSettings", wanted).await;
    let settings = play
        .call("groups.getLongPollSettings", json!({ "group_id": CLUB }))
        .await;
    assert_eq!(settings["events"]["message_reply"], 0);
    assert_eq!(settings["events"]["message_new"], 1);
    play.says("молча", 0).await;
    play.hand("vk/typing", json!({ "from": IVAN, "chat": CLUB }))
        .await;
    let events = play.events().await;
    assert_eq!(each(&events, "/type"), ["message_typing_state"]);
    play.call(
        "groups.setLongPollSettings",
        json!({ "group_id": CLUB, "enabled": 0 }),
    )
    .await;
    let refused = play
        .refused("groups.getLongPollServer", json!({ "group_id": CLUB }))
        .await;
    assert!(
        refused.ends_with("longpoll for this group is not enabled"),
        "{refused}"
    );
}
