//! Who gets a token, and what it is good for.

use serde_json::{Value, json};

use crate::google::play::{GRANT, Play};

async fn refused(play: &Play, change: impl FnOnce(&mut Value)) -> String {
    let mut claims = play.claims();
    change(&mut claims);
    let (status, answer) = play.exchange(&claims).await;
    assert!((400..500).contains(&status), "{answer}");
    answer["error"].as_str().expect("a word").to_owned()
}

#[tokio::test]
async fn whoever_has_the_key_file_gets_a_token_for_an_hour() {
    let play = Play::new().await;
    assert!(
        play.key["token_uri"]
            .as_str()
            .expect("text")
            .starts_with(&play.sandbox.url())
    );
    let (_, answer) = play.exchange(&play.claims()).await;
    assert_eq!(answer["token_type"], "Bearer");
    assert_eq!(answer["expires_in"], 3599);
    play.get("").await;
    play.hand("clock", json!({ "advance": 3600 })).await;
    assert_eq!(play.refused("").await.1, "UNAUTHENTICATED");
    // The stage's clock has moved, the program's has not.
    let renewed = Play {
        token: play.fresh_token().await,
        ..play
    };
    renewed.get("").await;
}

#[tokio::test]
async fn claims_that_are_wrong_are_refused() {
    let play = Play::new().await;
    let stranger = refused(&play, |claims| claims["iss"] = "x@example.org".into()).await;
    assert_eq!(stranger, "invalid_grant");
    let audience = refused(&play, |claims| {
        claims["aud"] = "https://example.org/".into();
    })
    .await;
    assert_eq!(audience, "invalid_grant");
    let scope = refused(&play, |claims| claims["scope"] = "everything".into()).await;
    assert_eq!(scope, "invalid_scope");
    let other = refused(&play, |claims| claims["sub"] = "boss@example.org".into()).await;
    assert_eq!(other, "unauthorized_client");
    let now = play.claims()["iat"].as_i64().expect("seconds");
    for (iat, exp) in [
        (now, now + 7200),
        (now - 7200, now - 3600),
        (now + 900, now + 1800),
        (now, now),
    ] {
        let late = refused(&play, |claims| {
            claims["iat"] = iat.into();
            claims["exp"] = exp.into();
        });
        assert_eq!(late.await, "invalid_grant", "{iat} {exp}");
    }
}

#[tokio::test]
async fn a_jwt_is_signed_with_the_key() {
    let play = Play::new().await;
    let jwt = play.jwt(&play.claims());
    let (signed, signature) = jwt.rsplit_once('.').expect("three parts");
    let forged = format!("{signed}.{}", signature.chars().rev().collect::<String>());
    for jwt in [forged.as_str(), signed, "nonsense"] {
        let (status, answer) = play
            .ask_token(&[("grant_type", GRANT), ("assertion", jwt)])
            .await;
        assert_eq!(status, 400);
        assert_eq!(answer["error"], "invalid_grant");
        assert_eq!(answer["error_description"], "Invalid JWT Signature.");
    }
    let (_, answer) = play.ask_token(&[("grant_type", "password")]).await;
    assert_eq!(answer["error"], "unsupported_grant_type");
    let (_, answer) = play.ask_token(&[("grant_type", GRANT)]).await;
    assert_eq!(answer["error"], "invalid_request");
}

#[tokio::test]
async fn nobody_reads_without_a_token_or_with_one_for_something_else() {
    let mut play = Play::new().await;
    let url = format!("{}/v4/spreadsheets/sheet-1", play.sandbox.url());
    let response = play.http.get(&url).send().await.expect("an answer");
    assert_eq!(response.status(), 401);
    let answer: Value = response.json().await.expect("JSON");
    assert_eq!(answer["error"]["status"], "UNAUTHENTICATED");
    let by_query = format!("{url}?access_token={}", play.token);
    let response = play.http.get(by_query).send().await.expect("an answer");
    assert_eq!(response.status(), 200);
    let mut claims = play.claims();
    claims["scope"] = "https://www.googleapis.com/auth/calendar".into();
    let (_, answer) = play.exchange(&claims).await;
    play.token = answer["access_token"].as_str().expect("a token").to_owned();
    assert_eq!(play.refused("").await.1, "PERMISSION_DENIED");
    play.token = "ya29.stolen".to_owned();
    assert_eq!(play.refused("").await.0, 401);
}
