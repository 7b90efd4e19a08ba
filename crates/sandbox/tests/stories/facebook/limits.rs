//! Limits and failures on demand.

use serde_json::{Value, json};

use crate::facebook::play::{IVAN, PAGE, Play, TOKEN, response};

#[tokio::test]
async fn a_page_sends_ten_videos_a_second() {
    let play = Play::new().await;
    let video = play.file("a.mp4", b"\0\0\0\x18ftypmp42".to_vec()).await;
    let link = format!("{}/facebook/files/{PAGE}/{video}/a.mp4", play.sandbox.url());
    let payload = json!({ "url": link, "is_reusable": true });
    let first = response(json!({ "attachment": { "type": "video", "payload": payload } }));
    let id = play.call("POST", "me/messages", first).await["attachment_id"].take();
    play.hand("limits", json!({ "enforce": true })).await;
    let send =
        response(json!({ "attachment": { "type": "video", "payload": { "attachment_id": id } } }));
    let all = (0..30).map(|_| play.raw("POST", "me/messages", &send));
    let answers = futures_util::future::join_all(all).await;
    let refused: Vec<&Value> = answers
        .iter()
        .filter(|(status, _)| *status != 200)
        .map(|(_, answer)| &answer["error"]["code"])
        .collect();
    assert!(!refused.is_empty() && refused.iter().all(|code| **code == 613));
    play.later(1).await;
    play.call("POST", "me/messages", send).await;
    assert!(!play.violations().await.is_empty());
}

#[tokio::test]
async fn an_app_makes_200_calls_a_day_for_a_person() {
    let play = Play::new().await;
    play.hand("limits", json!({ "enforce": true })).await;
    for _ in 0..200 {
        play.says(json!({ "text": "!" })).await;
    }
    assert_eq!(play.refused(response(json!({ "text": "!" }))).await, (4, 0));
}

#[tokio::test]
async fn faults_are_for_one_messenger_method_and_person() {
    let play = Play::new().await;
    let say = response(json!({ "text": "раз" }));
    let fault = |kind: &str| json!({ "messenger": "facebook", "method": "messages", "bot": PAGE, "chat": IVAN, "kind": kind });
    play.hand("faults", fault("too_many")).await;
    assert_eq!(play.refused(say.clone()).await, (613, 2_534_040));
    let mut own = fault("error");
    own["code"] = 10.into();
    own["subcode"] = 1_893_063.into();
    play.hand("faults", own).await;
    assert_eq!(play.refused(say.clone()).await, (10, 1_893_063));
    play.hand("faults", fault("drop_after")).await;
    let url = format!("{}/v25.0/me/messages", play.sandbox.url());
    let dropped = play
        .http
        .post(url)
        .bearer_auth(TOKEN)
        .json(&say)
        .send()
        .await;
    assert!(dropped.is_err());
    assert_eq!(play.newest().await["text"], "раз", "it was accepted");
    let calls = play.look("calls?messenger=facebook&method=messages").await;
    let faults: Vec<&Value> = calls["calls"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|call| &call["fault"])
        .collect();
    assert_eq!(faults, ["too_many", "error", "drop_after"]);
}

#[tokio::test]
async fn a_download_can_break_off() {
    let play = Play::new().await;
    let file = play.file("a.bin", vec![7; 100_000]).await;
    let fault = json!({ "messenger": "facebook", "method": "download", "kind": "drop_after" });
    play.hand("faults", fault).await;
    let link = format!("{}/facebook/files/{PAGE}/{file}/a.bin", play.sandbox.url());
    let get = async || {
        play.http
            .get(&link)
            .send()
            .await
            .expect("an answer")
            .bytes()
            .await
    };
    assert!(get().await.is_err());
    assert_eq!(get().await.expect("bytes").len(), 100_000);
}
