//! When a page may write: the 24 hours, the human agent, the thread's owner.

use serde_json::{Value, json};

use crate::facebook::play::{IVAN, PAGE, Play, response};

const DAY: u32 = 24 * 3600;

fn tagged(tag: &str) -> Value {
    let mut call = response(json!({ "text": "от человека" }));
    call["messaging_type"] = "MESSAGE_TAG".into();
    call["tag"] = tag.into();
    call
}

#[tokio::test]
async fn after_a_day_only_a_human_agent_may_write_and_after_a_week_nobody() {
    let play = Play::new().await;
    play.later(DAY - 60).await;
    let say = response(json!({ "text": "успели" }));
    play.call("POST", "me/messages", say.clone()).await;
    play.later(120).await;
    assert_eq!(play.refused(say.clone()).await, (10, 2_018_278));
    assert_eq!(
        play.refused(tagged("HUMAN_AGENT")).await,
        (200, 0),
        "not reviewed"
    );
    play.page(json!({ "human_agent": true })).await;
    play.call("POST", "me/messages", tagged("HUMAN_AGENT"))
        .await;
    assert_eq!(
        play.refused(say.clone()).await,
        (10, 2_018_278),
        "its own words open nothing"
    );
    play.later(6 * DAY).await;
    assert_eq!(play.refused(tagged("HUMAN_AGENT")).await, (10, 2_018_278));
    play.ivan(json!({ "text": "я снова здесь" })).await;
    play.call("POST", "me/messages", say).await;
}

#[tokio::test]
async fn other_tags_are_gone() {
    let play = Play::new().await;
    for tag in [
        "ACCOUNT_UPDATE",
        "CONFIRMED_EVENT_UPDATE",
        "POST_PURCHASE_UPDATE",
    ] {
        assert_eq!(play.refused(tagged(tag)).await, (100, 0));
    }
    let mut call = tagged("HUMAN_AGENT");
    call["messaging_type"] = "RESPONSE".into();
    assert_eq!(play.refused(call).await, (100, 0));
    let mut call = response(json!({ "text": "?" }));
    call["messaging_type"] = "SHOUT".into();
    assert_eq!(play.refused(call).await, (100, 0));
}

#[tokio::test]
async fn a_thread_of_the_inbox_is_not_ours() {
    let (play, app) = Play::with_app().await;
    let own = |owner: &str| json!({ "person": IVAN, "chat": PAGE, "owner": owner });
    play.hand("facebook/thread", own("inbox")).await;
    let say = response(json!({ "text": "?" }));
    assert_eq!(play.refused(say.clone()).await, (10, 2_018_300));
    play.ivan(json!({ "text": "оператор?" })).await;
    app.texts(1).await;
    let entry = app.posts()[0].body["entry"][0].clone();
    assert_eq!(entry["standby"][0]["message"]["text"], "оператор?");
    assert!(entry.get("messaging").is_none());
    play.hand("facebook/thread", own("app")).await;
    play.call("POST", "me/messages", say).await;
}
