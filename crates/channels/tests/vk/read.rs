//! Recorded VK events of every kind, and what the desk makes of them. To accept a change on purpose:
//! `UPDATE_EXPECT=1 cargo test -p channels`.

use std::collections::BTreeMap;

use channels::{Channel, What};
use expect_test::{ExpectFile, expect_file};
use serde_json::value::RawValue;

use crate::stage::channel;

fn heard(vk: &dyn Channel, update: &str) -> String {
    let heard = match vk.read(update.as_bytes()) {
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

#[expect(
    clippy::needless_pass_by_value,
    reason = "snapshots are named in place"
)]
fn check(updates: &str, expected: ExpectFile) {
    let vk = channel("http://127.0.0.1:1", "vk1.a.secret", &[]);
    let updates: BTreeMap<String, Box<RawValue>> = serde_json::from_str(updates).unwrap();
    let told = updates
        .iter()
        .map(|(name, update)| format!("── {name}\n{}\n", heard(&*vk, update.get())));
    expected.assert_eq(&told.collect::<String>());
}

#[test]
fn texts() {
    check(include_str!("text.json"), expect_file!["text.txt"]);
}

#[test]
fn files_and_places() {
    check(include_str!("media.json"), expect_file!["media.txt"]);
}

#[test]
fn kinds_without_a_file() {
    check(include_str!("others.json"), expect_file!["others.txt"]);
}

#[test]
fn presses() {
    check(include_str!("presses.json"), expect_file!["presses.txt"]);
}

#[test]
fn permissions_and_colleagues() {
    check(include_str!("members.json"), expect_file!["members.txt"]);
}

#[test]
fn what_no_desk_needs() {
    check(include_str!("ignored.json"), expect_file!["ignored.txt"]);
}

#[test]
fn what_makes_no_sense() {
    check(
        include_str!("unreadable.json"),
        expect_file!["unreadable.txt"],
    );
}
