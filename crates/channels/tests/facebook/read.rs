//! Recorded events of Messenger, and what the desk makes of them. To accept a change on purpose:
//! `UPDATE_EXPECT=1 cargo test -p channels`.

use std::collections::BTreeMap;

use channels::{Channel, Knocked, What};
use expect_test::{ExpectFile, expect_file};
use serde_json::{Value, json};

use crate::page;

fn told(channel: &dyn Channel, update: &[u8]) -> String {
    let heard = match channel.read(update) {
        Ok(heard) => heard,
        Err(error) => return format!("unreadable {:?}: {error}\n", error.key),
    };
    let lines = heard.into_iter().map(|heard| {
        let what = match heard.what {
            What::Event(event) => serde_json::to_string_pretty(&event).unwrap(),
            What::Ignored(why) => format!("ignored: {why}"),
            What::Moved { from, to } => format!("moved from {from} to {to}"),
        };
        format!("{} in {}: {what}\n", heard.key, heard.lane)
    });
    lines.collect()
}

/// A single event in the body that it comes in.
fn body(recorded: &Value) -> String {
    if recorded.get("object").is_some() {
        return recorded.to_string();
    }
    let entry = json!({ "id": page::ID, "time": 1, "messaging": [recorded] });
    json!({ "object": "page", "entry": [entry] }).to_string()
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "snapshots are named in place"
)]
fn check(recorded: &str, expected: ExpectFile) {
    let channel = page::channel("http://127.0.0.1:1");
    let recorded: BTreeMap<String, Value> = serde_json::from_str(recorded).unwrap();
    let all = recorded.iter().map(|(name, event)| {
        let Knocked::Updates { updates, .. } = page::brings(&*channel, &body(event)) else {
            panic!("{name} is not taken");
        };
        let heard: String = updates
            .iter()
            .map(|update| told(&*channel, update))
            .collect();
        format!("── {name}\n{heard}\n")
    });
    expected.assert_eq(&all.collect::<String>());
}

#[test]
fn texts() {
    check(include_str!("texts.json"), expect_file!["texts.txt"]);
}

#[test]
fn files() {
    check(include_str!("files.json"), expect_file!["files.txt"]);
}

#[test]
fn shares_places_and_cards() {
    check(include_str!("shares.json"), expect_file!["shares.txt"]);
}

#[test]
fn presses_and_beginnings() {
    check(include_str!("presses.json"), expect_file!["presses.txt"]);
}

#[test]
fn what_the_page_itself_writes() {
    check(include_str!("echoes.json"), expect_file!["echoes.txt"]);
}

#[test]
fn what_is_said_while_another_app_holds_the_conversation() {
    check(include_str!("standby.json"), expect_file!["standby.txt"]);
}

#[test]
fn what_no_desk_needs() {
    check(include_str!("ignored.json"), expect_file!["ignored.txt"]);
}
