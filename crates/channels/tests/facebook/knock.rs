//! What is let in at the webhook of a page, and in which order.

use bytes::Bytes;
use channels::{Knock, Knocked};
use reqwest::header::HeaderMap;
use serde_json::json;

use crate::page;

const BODY: &str = r#"{"object":"page","entry":[]}"#;

fn asks(query: &str) -> Knocked {
    page::channel("http://127.0.0.1:1").knock(&Knock {
        post: false,
        query,
        headers: &HeaderMap::new(),
        body: &Bytes::new(),
    })
}

#[test]
fn the_handshake_gives_the_challenge_back() {
    let query = "hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=a-long-word";
    assert_eq!(asks(query), Knocked::Asked("1158201444".to_owned()));
}

#[test]
fn nobody_else_shakes_hands() {
    for query in [
        "",
        "hub.mode=subscribe&hub.challenge=1",
        "hub.mode=subscribe&hub.challenge=1&hub.verify_token=another",
        "hub.mode=subscribe&hub.challenge=1&hub.verify_token=",
        "hub.mode=unsubscribe&hub.challenge=1&hub.verify_token=a-long-word",
        "hub.mode=subscribe&hub.verify_token=a-long-word",
    ] {
        assert_eq!(asks(query), Knocked::Stranger, "{query}");
    }
}

#[test]
fn only_what_is_signed_is_let_in() {
    let channel = page::channel("http://127.0.0.1:1");
    let right = page::signature(BODY.as_bytes());
    let knocks = |signature| page::knocks(&*channel, BODY.as_bytes(), signature);
    assert!(matches!(knocks(Some(&right)), Knocked::Updates { .. }));
    let upper = right.to_uppercase().replace("SHA256", "sha256");
    assert!(matches!(knocks(Some(&upper)), Knocked::Updates { .. }));
    let other = page::signature(b"{}");
    let cut = &right[..right.len() - 2];
    let bare = right.trim_start_matches("sha256=");
    for wrong in [
        None,
        Some(""),
        Some("sha256="),
        Some("sha256=я"),
        Some(cut),
        Some(bare),
        Some(&other),
    ] {
        assert_eq!(knocks(wrong), Knocked::Stranger, "{wrong:?}");
    }
}

#[test]
fn the_signature_is_over_the_bytes_as_they_came() {
    let channel = page::channel("http://127.0.0.1:1");
    let escaped = br#"{"object":"page", "entry":[], "x":"\u00e4"}"#;
    let signature = page::signature(escaped);
    assert!(matches!(
        page::knocks(&*channel, escaped, Some(&signature)),
        Knocked::Updates {
            answer: "EVENT_RECEIVED",
            ..
        }
    ));
    let unescaped = r#"{"object":"page", "entry":[], "x":"ä"}"#;
    let stranger = page::knocks(&*channel, unescaped.as_bytes(), Some(&signature));
    assert_eq!(stranger, Knocked::Stranger);
}

#[test]
fn what_is_signed_and_cannot_be_taken_apart_is_set_aside_whole() {
    let channel = page::channel("http://127.0.0.1:1");
    for strange in ["{", r#"{"object":"page","entry":"none"}"#] {
        let Knocked::Updates { updates, .. } = page::brings(&*channel, strange) else {
            panic!("refused: {strange}");
        };
        assert_eq!(updates, [Bytes::from(strange)]);
        assert!(channel.read(&updates[0]).is_err());
    }
}

#[test]
fn a_shuffled_batch_is_heard_in_its_order() {
    let said = |who: &str, at: i64, text: &str| {
        json!({ "sender": { "id": who }, "recipient": { "id": page::ID }, "timestamp": at,
            "message": { "mid": format!("m_{who}_{at}"), "text": text } })
    };
    let body = json!({ "object": "page", "entry": [
        { "id": page::ID, "time": 9, "messaging": [said("7", 3, "три"), said("8", 2, "b")] },
        { "id": page::ID, "time": 9, "standby": [said("7", 1, "раз")] },
        { "id": page::ID, "time": 9, "messaging": [said("7", 2, "два"), said("8", 1, "a")] },
    ] });
    let channel = page::channel("http://127.0.0.1:1");
    let Knocked::Updates { updates, .. } = page::brings(&*channel, &body.to_string()) else {
        panic!("not taken");
    };
    let keys = |who: &str| -> Vec<String> {
        let heard = updates
            .iter()
            .flat_map(|update| channel.read(update).unwrap());
        let lane = format!("facebook/{who}");
        heard
            .filter(|heard| heard.lane == lane)
            .map(|heard| heard.key)
            .collect()
    };
    assert_eq!(
        keys("7"),
        [
            "1040/message/m_7_1",
            "1040/message/m_7_2",
            "1040/message/m_7_3"
        ]
    );
    assert_eq!(keys("8"), ["1040/message/m_8_1", "1040/message/m_8_2"]);
}
