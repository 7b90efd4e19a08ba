//! The hand behind the stage: administrators, raw updates, repeats, the state, forgetting.

use serde_json::json;

use crate::stage::each;
use crate::vk::play::{CLUB, IVAN, Play};

#[tokio::test]
async fn an_administrator_writes_in_vks_own_window() {
    let play = Play::new().await;
    let by = json!({ "from": 90, "chat": CLUB, "person": IVAN, "text": "Я сам" });
    play.hand("vk/admin", by.clone()).await;
    let told = play.events().await[0].clone();
    assert_eq!(told["type"], "message_reply");
    assert_eq!(
        (&told["object"]["admin_author_id"], &told["object"]["out"]),
        (&json!(90), &json!(1))
    );
    play.hand("vk/deny", json!({ "person": IVAN, "chat": CLUB }))
        .await;
    assert_eq!(play.hand_raw("vk/admin", &by).await.0, 400);
}

#[tokio::test]
async fn an_event_is_told_again_with_the_same_id() {
    let play = Play::new().await;
    play.ivan(json!({ "text": "раз" })).await;
    let first = play.events().await[0].clone();
    play.hand(
        "vk/redeliver",
        json!({ "chat": CLUB, "event_id": first["event_id"] }),
    )
    .await;
    assert_eq!(play.events().await, [first]);
    let unknown = json!({ "chat": CLUB, "event_id": "none" });
    assert_eq!(play.hand_raw("vk/redeliver", &unknown).await.0, 400);
}

#[tokio::test]
async fn raw_updates_come_as_they_are() {
    let play = Play::new().await;
    let update = json!({ "type": "moon_new", "object": { "phase": 1 }, "event_id": "mine" });
    let id = play
        .hand("vk/updates", json!({ "chat": CLUB, "update": update }))
        .await;
    assert_eq!(id["event_id"], "mine");
    play.hand("vk/updates", json!({ "chat": CLUB, "update": "nonsense" }))
        .await;
    let updates = play.check(0).await["updates"].clone();
    assert_eq!(
        (&updates[0]["object"]["phase"], &updates[0]["group_id"]),
        (&json!(1), &json!(CLUB))
    );
    assert_eq!(updates[1], "nonsense");
}

#[tokio::test]
async fn the_state_shows_all_messengers_together() {
    let play = Play::new().await;
    play.hand("people", json!({ "id": 5, "first_name": "Телеграм" }))
        .await;
    // Only the next look says that the events before it were read.
    play.events().await;
    let state = play.look("state").await;
    let people = state["people"].as_array().expect("a list");
    assert_eq!(each(people, "/messenger"), ["telegram", "vk"]);
    let bot = &state["bots"][0];
    assert_eq!(
        (&bot["id"], &bot["mode"], &bot["pending"]),
        (&json!(CLUB), &json!("polling"), &json!(0))
    );
    let chat = &state["chats"][0];
    assert_eq!(
        (&chat["messenger"], &chat["bot"], &chat["started"]),
        (&json!("vk"), &json!(CLUB), &json!(true))
    );
    let named = json!({ "id": CLUB, "name": "Забота", "admins": [90] });
    assert_eq!(
        play.hand("vk/communities", named).await["first_name"],
        "Забота"
    );
}

#[tokio::test]
async fn everything_can_be_forgotten() {
    let play = Play::new().await;
    play.hand("reset", json!({})).await;
    let state = play.look("state").await;
    assert_eq!((&state["bots"], &state["chats"]), (&json!([]), &json!([])));
    assert_eq!(play.check(20).await, json!({ "failed": 2 }));
    play.listen().await;
    play.person(IVAN, "Иван").await;
    play.ivan(json!({ "text": "снова" })).await;
    assert_eq!(play.events().await.len(), 1);
}
