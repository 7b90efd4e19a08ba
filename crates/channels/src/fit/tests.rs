//! Stories of fitting: a parcel in, its pieces out, one line each.

use std::fmt::Write;

use engine::{
    content::{Location, Media, MediaKind},
    effect::Tone,
    ids::ChannelId,
};
use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::*;
use crate::{Pace, Unit};

fn small() -> Abilities {
    Abilities {
        text: 30,
        caption: 20,
        unit: Unit::Utf16,
        album: 3,
        kinds: &MediaKind::ALL,
        uncopyable: &["story"],
        key_label: 8,
        keys: (8, 100),
        edits: true,
        copies: true,
        upload: 1,
        pace: Pace {
            per_second: 30,
            per_chat_second: 1,
            per_group_minute: 20,
        },
    }
}

fn words() -> Words<'static> {
    Words {
        came: &|content| format!("[{}]", content.kind()),
        forwarded: &|from| format!("от {from}"),
        edited: "исправлено",
    }
}

fn group() -> ChatRef {
    ChatRef::new(&ChannelId::new("t"), "-1")
}

fn said(id: &str, content: Content) -> Said {
    let at = ChatRef::new(&ChannelId::new("t"), "7").message(id);
    Said { at, content }
}

fn media(id: &str, kind: MediaKind, caption: &str, album: Option<&str>) -> Said {
    let media = Media {
        kind,
        file: "F".to_owned(),
        name: None,
        mime: None,
        size: None,
        emoji: None,
        width: None,
        height: None,
        seconds: None,
    };
    let content = Content {
        body: Body::Media(media),
        album: album.map(str::to_owned),
        ..Content::text(caption)
    };
    said(id, content)
}

fn other(id: &str, kind: &str) -> Said {
    let body = Body::Other {
        kind: kind.to_owned(),
        about: String::new(),
    };
    said(
        id,
        Content {
            body,
            ..Content::default()
        },
    )
}

fn relay(said: Vec<Said>, header: Option<&str>) -> Parcel {
    Parcel::Relay {
        to: group(),
        said,
        header: header.map(Rich::plain),
        reply_to: None,
    }
}

fn answering(parcel: Parcel, to: &str) -> Parcel {
    match parcel {
        Parcel::Relay {
            to: chat,
            said,
            header,
            ..
        } => Parcel::Relay {
            reply_to: Some(chat.message(to)),
            to: chat,
            said,
            header,
        },
        other => other,
    }
}

fn revise(said: Said, twins: &[&str], header: Option<&str>, new_file: bool) -> Parcel {
    Parcel::Revise {
        to: group(),
        twins: twins.iter().map(|id| group().message(*id)).collect(),
        said,
        header: header.map(Rich::plain),
        new_file,
    }
}

fn line(piece: &Piece) -> String {
    let reply = |to: &Option<MessageRef>| match to {
        Some(to) => format!(" ↩{}", to.id),
        None => String::new(),
    };
    match piece {
        Piece::Text {
            text,
            keys,
            reply_to,
            ..
        } => {
            format!(
                "text {:?} keys {}{}",
                text.text,
                keys.len(),
                reply(reply_to)
            )
        }
        Piece::Copy {
            said,
            caption,
            reply_to,
            ..
        } => {
            let caption = caption.as_ref().map(|caption| caption.text.as_str());
            format!("copy {} {caption:?}{}", said.at.id, reply(reply_to))
        }
        Piece::CopyAll { said, reply_to, .. } => {
            let ids: Vec<&str> = said.iter().map(|said| said.at.id.as_str()).collect();
            format!("copy all {ids:?}{}", reply(reply_to))
        }
        Piece::Send {
            said,
            caption,
            reply_to,
            ..
        } => {
            format!("send {} {:?}{}", said.at.id, caption.text, reply(reply_to))
        }
        Piece::EditText {
            message,
            text,
            keys,
            ..
        } => {
            format!("edit {} {:?} keys {}", message.id, text.text, keys.len())
        }
        Piece::EditCaption {
            message, caption, ..
        } => {
            format!("caption {} {:?}", message.id, caption.text)
        }
        Piece::EditMedia {
            message, caption, ..
        } => {
            format!("file {} {:?}", message.id, caption.text)
        }
        Piece::StripKeys { message } => format!("strip {}", message.id),
        Piece::Delete { message } => format!("delete {}", message.id),
        Piece::Answer { press, .. } => format!("answer {press}"),
    }
}

fn told(parcel: &Parcel, abilities: &Abilities) -> String {
    plan(parcel, abilities, &words())
        .iter()
        .fold(String::new(), |mut all, piece| {
            let _ = writeln!(all, "{}", line(piece));
            all
        })
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "parcels and snapshots are written in place"
)]
fn check(parcel: Parcel, expected: Expect) {
    expected.assert_eq(&told(&parcel, &small()));
}

#[test]
fn keys_stand_under_the_last_part() {
    let key = Key {
        label: "Взять в работу".to_owned(),
        data: "t".to_owned(),
        tone: Tone::Primary,
    };
    let parcel = Parcel::Say {
        to: group(),
        text: Rich::plain("Первое предложение здесь. Второе тут же."),
        keys: vec![vec![key]],
        reply_to: Some(group().message("9")),
    };
    check(
        parcel,
        expect![[r#"
        text "Первое предложение здесь." keys 0 ↩9
        text "Второе тут же." keys 1
    "#]],
    );
}

#[test]
fn a_text_goes_under_its_header_as_our_own() {
    let parcel = relay(vec![said("1", Content::text("привет"))], Some("Иван"));
    check(
        answering(parcel, "9"),
        expect![[r#"
        text "Иван\nпривет" keys 0 ↩9
    "#]],
    );
}

#[test]
fn a_forwarded_text_says_from_whom_where_there_is_a_header() {
    let forwarded = Content {
        forwarded_from: Some("Ольга".to_owned()),
        ..Content::text("привет")
    };
    check(
        relay(vec![said("1", forwarded.clone())], Some("Иван")),
        expect![[r#"
        text "Иван\nот Ольга\nпривет" keys 0
    "#]],
    );
    check(
        relay(vec![said("1", forwarded)], None),
        expect![[r#"
        text "привет" keys 0
    "#]],
    );
}

#[test]
fn a_photo_is_copied_and_takes_the_header_into_its_caption() {
    let photo = |caption| vec![media("1", MediaKind::Photo, caption, None)];
    check(
        relay(photo("чек"), None),
        expect![[r#"
        copy 1 None
    "#]],
    );
    check(
        relay(photo("чек"), Some("Иван")),
        expect![[r#"
        copy 1 Some("Иван\nчек")
    "#]],
    );
    check(
        answering(relay(photo("чек на двадцать букв"), Some("Иван")), "9"),
        expect![[r#"
        text "Иван" keys 0 ↩9
        copy 1 None
    "#]],
    );
}

#[test]
fn a_sticker_needs_a_line_only_if_nothing_else_says_whose_it_is() {
    let sticker = || vec![media("1", MediaKind::Sticker, "", None)];
    check(
        relay(sticker(), Some("Иван")),
        expect![[r#"
        text "Иван" keys 0
        copy 1 None
    "#]],
    );
    check(
        answering(relay(sticker(), Some("Иван")), "9"),
        expect![[r#"
        copy 1 None ↩9
    "#]],
    );
    let place = Body::Location(Location {
        latitude: "55.75".to_owned(),
        longitude: "37.61".to_owned(),
        title: None,
        address: None,
    });
    let place = said(
        "1",
        Content {
            body: place,
            ..Content::default()
        },
    );
    check(
        relay(vec![place], None),
        expect![[r#"
        copy 1 None
    "#]],
    );
}

#[test]
fn files_leave_together_and_albums_are_not_torn() {
    let photo = |id, album| media(id, MediaKind::Photo, "", album);
    let said = vec![
        said("1", Content::text("вот")),
        photo("2", None),
        photo("3", Some("a")),
        photo("4", Some("a")),
        photo("5", Some("b")),
        photo("6", Some("b")),
    ];
    check(
        relay(said, Some("Иван")),
        expect![[r#"
        text "Иван\nвот" keys 0
        copy all ["2", "3", "4"]
        copy all ["5", "6"]
    "#]],
    );
}

#[test]
fn an_album_stands_under_its_header() {
    let album = || {
        vec![
            media("1", MediaKind::Photo, "а", Some("a")),
            media("2", MediaKind::Video, "", Some("a")),
        ]
    };
    check(
        answering(relay(album(), Some("Иван")), "9"),
        expect![[r#"
            copy all ["1", "2"] ↩9
        "#]],
    );
    check(
        answering(relay(album(), None), "9"),
        expect![[r#"
        copy all ["1", "2"] ↩9
    "#]],
    );
}

#[test]
fn what_is_never_copied_becomes_a_line() {
    check(
        relay(vec![other("1", "story"), other("2", "poll")], Some("Иван")),
        expect![[r#"
        text "Иван\n[story]" keys 0
        copy 2 None
    "#]],
    );
}

#[test]
fn a_refused_poll_becomes_a_line_and_a_refused_photo_a_failure() {
    let copy = |said: Said| plan(&relay(vec![said], None), &small(), &words()).remove(0);
    let line = instead(&copy(other("1", "poll")), &words());
    assert!(matches!(line, Some(Piece::Text { text, .. }) if text.text == "[poll]"));
    assert_eq!(
        instead(&copy(media("1", MediaKind::Photo, "", None)), &words()),
        None
    );
}

#[test]
fn a_longer_text_grows_and_a_shorter_one_shrinks() {
    let text = |text| said("1", Content::text(text));
    let long = "Первое предложение здесь. Второе тут же.";
    check(
        revise(text(long), &["5"], None, false),
        expect![[r#"
        edit 5 "Первое предложение здесь." keys 0
        text "Второе тут же." keys 0
    "#]],
    );
    check(
        revise(text("коротко"), &["5", "6"], Some("Иван"), false),
        expect![[r#"
        edit 5 "Иван\nкоротко" keys 0
        delete 6
    "#]],
    );
}

#[test]
fn a_changed_caption_finds_its_place() {
    let photo = |caption| media("1", MediaKind::Photo, caption, None);
    check(
        revise(photo("чек"), &["5"], Some("Иван"), false),
        expect![[r#"
        caption 5 "Иван\nчек"
    "#]],
    );
    check(
        revise(photo("чек"), &["5", "6"], Some("Иван"), true),
        expect![[r#"
        delete 5
        file 6 "Иван\nчек"
    "#]],
    );
    check(
        revise(photo("чек на двадцать букв"), &["5"], Some("Иван"), false),
        expect![[r#"
        delete 5
        text "Иван" keys 0
        copy 1 None
    "#]],
    );
    check(
        revise(
            photo("чек на двадцать букв"),
            &["5", "6"],
            Some("Иван"),
            false,
        ),
        expect![[r#"
        edit 5 "Иван" keys 0
        caption 6 "чек на двадцать букв"
    "#]],
    );
    check(
        revise(
            photo("подпись, длиннее чем можно боту"),
            &["5"],
            None,
            false,
        ),
        expect![[r#"
        delete 5
        copy 1 None
    "#]],
    );
    let part = media("2", MediaKind::Photo, "новая", Some("a"));
    check(
        revise(part, &["6"], Some("Иван"), false),
        expect![[r#"
        caption 6 "новая"
    "#]],
    );
}

#[test]
fn where_nothing_is_edited_the_new_version_goes_as_a_new_message() {
    let fixed = Abilities {
        edits: false,
        ..small()
    };
    let parcel = revise(said("1", Content::text("верно")), &["5"], None, false);
    expect![[r#"
        text "исправлено\nверно" keys 0 ↩5
    "#]]
    .assert_eq(&told(&parcel, &fixed));
    let strip = Parcel::StripKeys {
        messages: vec![group().message("5")],
    };
    assert_eq!(told(&strip, &fixed), "");
}

#[test]
fn without_copies_a_long_caption_goes_before_the_file() {
    let abroad = Abilities {
        copies: false,
        ..small()
    };
    let photo = media("1", MediaKind::Photo, "подпись на двадцать и больше", None);
    expect![[r#"
        text "Иван\nподпись на двадцать и" keys 0
        text "больше" keys 0
        send 1 ""
    "#]]
    .assert_eq(&told(&relay(vec![photo], Some("Иван")), &abroad));
}

#[test]
fn our_own_words_are_cut_when_they_are_rewritten() {
    let parcel = Parcel::Rewrite {
        message: group().message("5"),
        text: Rich::plain("буква ".repeat(10)),
        keys: Vec::new(),
    };
    check(
        parcel,
        expect![[r#"
        edit 5 "буква буква буква буква буква…" keys 0
    "#]],
    );
}

fn anything() -> impl Strategy<Value = Vec<Said>> {
    let one = ("[а-я .]{1,80}", 0..4_u8, prop::option::of("[ab]"));
    prop::collection::vec(one, 1..8).prop_map(|all| {
        let said = |(nth, (words, kind, album)): (usize, (String, u8, Option<String>))| {
            let id = (nth + 1).to_string();
            match kind {
                0 => said(&id, Content::text(format!("я{words}"))),
                1 => media(&id, MediaKind::Photo, &words, album.as_deref()),
                2 => media(&id, MediaKind::Sticker, "", None),
                _ => other(&id, "story"),
            }
        };
        all.into_iter().enumerate().map(said).collect()
    })
}

proptest! {
    #[test]
    fn everything_said_is_in_some_piece_in_order(said in anything(), header in any::<bool>()) {
        let header = header.then_some("Иван");
        let pieces = plan(&relay(said.clone(), header), &small(), &words());
        let mut carried: Vec<MessageRef> = pieces
            .iter()
            .flat_map(|piece| match piece {
                Piece::Text { of, text, .. } => {
                    assert!(measure(&text.text, Unit::Utf16) <= 30);
                    of.iter().cloned().collect()
                }
                Piece::Copy { said, .. } => vec![said.at.clone()],
                Piece::CopyAll { said, .. } => {
                    assert!(said.len() <= 3);
                    said.iter().map(|said| said.at.clone()).collect()
                }
                _ => Vec::new(),
            })
            .collect();
        carried.dedup();
        prop_assert_eq!(carried, said.into_iter().map(|said| said.at).collect::<Vec<_>>());
    }
}
