//! Recorded updates of every kind, and what the desk makes of them. To accept a change on purpose:
//! `UPDATE_EXPECT=1 cargo test -p channels`.

use std::collections::BTreeMap;

use channels::{
    Channel, What,
    http::Secret,
    telegram::{Settings, Telegram},
};
use engine::ids::{ChannelId, ChatRef};
use expect_test::{ExpectFile, expect_file};
use serde_json::value::RawValue;

fn telegram() -> Telegram {
    let id = ChannelId::new("telegram");
    Telegram::new(Settings {
        operators_chat: Some(ChatRef::new(&id, "-1001234567890")),
        id,
        token: Secret::new("1001:secret"),
        api_url: "http://127.0.0.1:1".to_owned(),
        proxy: None,
        webhook: None,
        poll_seconds: 0,
    })
    .unwrap()
}

fn heard(update: &str) -> String {
    let heard = match telegram().read(update.as_bytes()) {
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
    let updates: BTreeMap<String, Box<RawValue>> = serde_json::from_str(updates).unwrap();
    let told = updates
        .iter()
        .map(|(name, update)| format!("── {name}\n{}\n", heard(update.get())));
    expected.assert_eq(&told.collect::<String>());
}

#[test]
fn texts() {
    check(
        include_str!("telegram/text.json"),
        expect_file!["telegram/text.txt"],
    );
}

#[test]
fn files_places_and_cards() {
    check(
        include_str!("telegram/media.json"),
        expect_file!["telegram/media.txt"],
    );
}

#[test]
fn kinds_without_a_body_of_their_own() {
    check(
        include_str!("telegram/others.json"),
        expect_file!["telegram/others.txt"],
    );
}

#[test]
fn presses() {
    check(
        include_str!("telegram/presses.json"),
        expect_file!["telegram/presses.txt"],
    );
}

#[test]
fn people_who_come_and_go() {
    check(
        include_str!("telegram/members.json"),
        expect_file!["telegram/members.txt"],
    );
}

#[test]
fn what_no_desk_needs() {
    check(
        include_str!("telegram/ignored.json"),
        expect_file!["telegram/ignored.txt"],
    );
}

#[test]
fn the_desk_can_move() {
    let telegram = telegram();
    telegram.desk_moved(ChatRef::new(&ChannelId::new("telegram"), "-100555"));
    let update = br#"{"update_id":1,"message":{"message_id":1,"date":1,"text":"x",
        "chat":{"id":-100555,"type":"supergroup"},"from":{"id":7,"is_bot":false,"first_name":"A"}}}"#;
    assert!(matches!(
        telegram.read(update).unwrap()[0].what,
        What::Event(_)
    ));
}
