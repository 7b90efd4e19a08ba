//! Callback API: confirmation, secret, order, repeats.

use axum::Router;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde_json::{Value, json};

use crate::server::{Post, Server};
use crate::stage::until;
use crate::vk::play::{CLUB, IVAN, Play, check_event};

/// A community's server, which confirms itself and answers `ok` when nothing is planned.
async fn server() -> Server {
    let usual = |event: &Value| {
        let code = event["type"] == "confirmation";
        if code { "c0de" } else { "ok" }.into_response()
    };
    Server::start(usual, Router::new()).await
}

/// The texts of messages, each with the counter of its repeat.
fn said(post: &Post) -> Option<String> {
    let text = post.body["object"]["message"]["text"].as_str()?;
    let again = post.header("x-retry-counter");
    Some(again.map_or(text.to_owned(), |again| format!("{text} again {again}")))
}

/// A server with the secret `s`, confirmed.
async fn with_server() -> (Play, Server) {
    let play = Play::new().await;
    let server = server().await;
    let callback = json!({ "url": server.url, "secret": "s", "confirmation": "c0de" });
    play.hand(
        "vk/communities",
        json!({ "id": CLUB, "callback": callback }),
    )
    .await;
    status(&play, "ok").await;
    (play, server)
}

async fn status(play: &Play, wanted: &str) {
    let asked = json!({ "group_id": CLUB });
    until(async || {
        let servers = play.call("groups.getCallbackServers", asked.clone()).await;
        (servers["items"][0]["status"] == wanted).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_server_is_confirmed_and_told_with_the_secret() {
    let (play, server) = with_server().await;
    let code = play
        .call(
            "groups.getCallbackConfirmationCode",
            json!({ "group_id": CLUB }),
        )
        .await;
    assert_eq!(code["code"], "c0de");
    play.ivan(json!({ "text": "раз" })).await;
    play.ivan(json!({ "text": "два" })).await;
    assert_eq!(server.sees(2, said).await, ["раз", "два"]);
    let posts = server.posts().clone();
    assert_eq!(
        (&posts[0].body["type"], &posts[0].body["group_id"]),
        (&json!("confirmation"), &json!(CLUB))
    );
    assert!(posts.iter().all(|post| post.body["secret"] == "s"));
    let events = posts.iter().skip(1);
    events.for_each(|post| check_event(&post.body));
    play.clean().await;
}

#[tokio::test]
async fn what_is_not_answered_with_ok_is_repeated_in_order() {
    let (play, server) = with_server().await;
    server.plan("okay");
    server.plan(StatusCode::INTERNAL_SERVER_ERROR);
    play.ivan(json!({ "text": "раз" })).await;
    server.sees(1, said).await;
    play.ivan(json!({ "text": "два" })).await;
    until(async || {
        play.later(2).await;
        (server.texts(said).len() >= 4).then_some(())
    })
    .await;
    assert_eq!(
        server.texts(said),
        ["раз", "раз again 1", "раз again 2", "два"]
    );
    let posts = server.posts().clone();
    assert_eq!(posts[1].body["event_id"], posts[3].body["event_id"]);
}

#[tokio::test]
async fn a_server_can_ask_to_be_left_alone() {
    let (play, server) = with_server().await;
    server.plan((StatusCode::SERVICE_UNAVAILABLE, [("retry-after", "600")]));
    play.ivan(json!({ "text": "раз" })).await;
    server.sees(1, said).await;
    status(&play, "failed").await;
    play.later(500).await;
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    assert_eq!(server.texts(said).len(), 1);
    play.later(200).await;
    assert_eq!(server.sees(2, said).await[1], "раз again 1");
}

#[tokio::test]
async fn what_waits_moves_to_the_server_that_follows() {
    let (play, old) = with_server().await;
    old.plan((StatusCode::SERVICE_UNAVAILABLE, [("retry-after", "600")]));
    play.ivan(json!({ "text": "раз" })).await;
    old.sees(1, said).await;
    play.ivan(json!({ "text": "два" })).await;
    let new = server().await;
    let callback = json!({ "url": new.url, "secret": "s", "confirmation": "c0de" });
    play.hand(
        "vk/communities",
        json!({ "id": CLUB, "callback": callback }),
    )
    .await;
    assert_eq!(new.sees(2, said).await, ["раз", "два"]);
    assert_eq!(old.texts(said), ["раз"]);
}

#[tokio::test]
async fn a_server_that_says_remove_is_removed() {
    let (play, server) = with_server().await;
    server.plan("remove");
    play.ivan(json!({ "text": "раз" })).await;
    let asked = json!({ "group_id": CLUB });
    until(async || {
        let servers = play.call("groups.getCallbackServers", asked.clone()).await;
        (servers["count"] == 0).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_server_added_by_a_call_wants_nothing_until_told_what() {
    let play = Play::new().await;
    let server = server().await;
    play.hand("vk/communities", json!({ "id": CLUB })).await;
    let add = json!({ "group_id": CLUB, "url": server.url, "title": "наш", "secret_key": "s" });
    let id = play.call("groups.addCallbackServer", add).await["server_id"].clone();
    // Its code is not the community's.
    status(&play, "failed").await;
    let code = play
        .call(
            "groups.getCallbackConfirmationCode",
            json!({ "group_id": CLUB }),
        )
        .await;
    server.plan(code["code"].as_str().expect("a code").to_owned());
    play.later(60).await;
    status(&play, "ok").await;
    play.ivan(json!({ "text": "мимо" })).await;
    let wanted =
        json!({ "group_id": CLUB, "server_id": id, "api_version": "5.199", "message_new": 1 });
    play.call("groups.setCallbackSettings", wanted).await;
    play.ivan(json!({ "text": "сюда" })).await;
    assert_eq!(server.sees(1, said).await, ["сюда"]);
    let gone = json!({ "group_id": CLUB, "server_id": id });
    play.call("groups.deleteCallbackServer", gone.clone()).await;
    assert_eq!(
        play.refused("groups.deleteCallbackServer", gone).await,
        "104 Not found"
    );
    assert_eq!(play.look("state").await["people"][0]["id"], IVAN);
    play.clean().await;
}
