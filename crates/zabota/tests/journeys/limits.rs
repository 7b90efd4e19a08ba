//! The messenger's published limits are kept before it complains.

use serde_json::{Value, json};

use crate::stage::{IVAN, MARIA, OLGA, Stage, journeys};

journeys!(a_burst_keeps_the_limits);

async fn a_burst_keeps_the_limits(stage: &Stage) {
    stage.hand("limits", json!({ "enforce": true })).await;
    let _desk = stage.open_with(&[("LIMITS", "platform")]).await;
    stage.dialog().await;
    for number in 1..=6 {
        stage.says(IVAN, &format!("и{number}")).await;
        stage.says(OLGA, &format!("о{number}")).await;
        stage.says(MARIA, "/start").await;
    }
    stage.sees(OLGA, "и6").await;
    stage.sees(IVAN, "о6").await;
    let calls = stage.look("calls?since=0").await;
    let calls = calls["calls"].as_array().expect("calls").iter();
    let refused: Vec<&Value> = calls.filter(|call| call["status"] == 429).collect();
    assert_eq!(refused, Vec::<&Value>::new());
}
