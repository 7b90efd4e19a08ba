//! Events have the published shapes: each sample's fields are there, with values of the same type.

use serde_json::{Value, json};

use crate::facebook::play::{App, IVAN, PAGE, Play};
use crate::stage::png;

const SAMPLES: &str = include_str!("../../../schemas/facebook/webhook-samples.json");

/// Where the event differs from the sample.
fn differences(path: &str, sample: &Value, event: &Value) -> Vec<String> {
    match (sample, event) {
        (Value::Object(wanted), Value::Object(given)) => {
            let missing = wanted
                .iter()
                .flat_map(|(name, value)| match given.get(name) {
                    Some(inner) => differences(&format!("{path}.{name}"), value, inner),
                    None => vec![format!("{path}.{name} is missing")],
                });
            let extra = given.keys().filter(|name| !wanted.contains_key(*name));
            missing
                .chain(extra.map(|name| format!("{path}.{name} is not in the sample")))
                .collect()
        }
        (Value::Array(wanted), Value::Array(given)) => given
            .iter()
            .flat_map(|item| differences(&format!("{path}[]"), &wanted[0], item))
            .collect(),
        (wanted, given) if std::mem::discriminant(wanted) == std::mem::discriminant(given) => {
            vec![]
        }
        (wanted, given) => vec![format!("{path}: {given} is not like {wanted}")],
    }
}

/// The app has heard an event like the sample of this name.
async fn heard(app: &App, name: &str) {
    let samples: Value = serde_json::from_str(SAMPLES).expect("JSON");
    let sample = &samples[name];
    assert!(sample.is_object(), "{name}");
    let mut best = Vec::new();
    for _ in 0..300 {
        let found = app
            .events()
            .iter()
            .map(|event| differences("", sample, event))
            .min_by_key(Vec::len);
        match found {
            Some(found) if found.is_empty() => return,
            found => best = found.unwrap_or_default(),
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("{name}: {best:?}");
}

#[tokio::test]
async fn what_people_say_looks_as_published() {
    let (play, app) = Play::with_app().await;
    let mid = play.ivan(json!({ "text": "hello" })).await;
    play.ivan(json!({ "text": "hello", "reply_to": mid })).await;
    let photo = play.file("a.png", png(1, 1)).await;
    play.ivan(json!({ "photo": photo })).await;
    play.ivan(json!({ "sticker": photo })).await;
    play.ivan(json!({ "fallback": {} })).await;
    for name in [
        "text",
        "reply",
        "attachment",
        "sticker_after_2026_08_30",
        "unsupported_share",
    ] {
        heard(&app, name).await;
    }
}

#[tokio::test]
async fn what_people_do_looks_as_published() {
    let (play, app) = Play::with_app().await;
    let replies = json!([{ "content_type": "text", "title": "Yes", "payload": "Y" }]);
    let asked = play
        .says(json!({ "text": "hi", "quick_replies": replies, "metadata": "m" }))
        .await;
    let who = json!({ "from": IVAN, "chat": PAGE, "person": IVAN });
    let with = |name: &str, value: Value| {
        let mut body = who.clone();
        body[name] = value;
        body
    };
    let mut press = with("message_id", asked.clone().into());
    press["data"] = "Y".into();
    play.hand("facebook/press", press).await;
    let mut forged = with("data", "P".into());
    forged["forge"] = true.into();
    play.hand("facebook/press", forged).await;
    let mut reaction = with("message_id", asked.into());
    reaction["emoji"] = "❤".into();
    play.hand("facebook/reactions", reaction).await;
    play.hand("facebook/read", who).await;
    let mid = play.ivan(json!({ "text": "old" })).await;
    let url = format!(
        "{}/sandbox/facebook/messages/{PAGE}/{IVAN}/{mid}",
        play.sandbox.url()
    );
    let edit = play.http.patch(url).json(&json!({ "text": "new text" }));
    edit.send().await.expect("an answer");
    for name in [
        "quick_reply",
        "echo",
        "edit",
        "postback",
        "delivery",
        "read",
        "reaction",
    ] {
        heard(&app, name).await;
    }
}
