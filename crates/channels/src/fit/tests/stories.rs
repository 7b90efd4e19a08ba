//! A parcel in, its pieces out, one line each.

use expect_test::expect;

use super::*;

#[test]
fn keys_stand_under_the_last_part() {
    let key = Key {
        label: "Взять".to_owned(),
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
fn a_refused_poll_becomes_a_line_and_a_refused_photo_if_it_may() {
    let lines = |said: Said, files| {
        let copy = plan(&relay(vec![said], None), &small(), &words()).remove(0);
        let lines = instead(&copy, &small(), &words(), files);
        lines.iter().map(line).collect::<Vec<_>>()
    };
    let poll = lines(other("1", "poll"), false);
    assert_eq!(poll, [r#"text "[poll]" keys 0"#]);
    let photo = || media("1", MediaKind::Photo, "чек", None);
    assert!(lines(photo(), false).is_empty());
    assert_eq!(lines(photo(), true), [r#"text "чек\n[photo]" keys 0"#]);
}

#[test]
fn an_album_that_is_refused_goes_one_by_one() {
    let album = vec![
        media("1", MediaKind::Photo, "раз", Some("a")),
        media("2", MediaKind::Photo, "два", Some("a")),
    ];
    for copies in [true, false] {
        let abilities = Abilities { copies, ..small() };
        let all = plan(
            &answering(relay(album.clone(), None), "9"),
            &abilities,
            &words(),
        );
        let each = instead(&all[0], &abilities, &words(), false);
        let expected = if copies {
            ["copy 1 None ↩9", "copy 2 None"]
        } else {
            [r#"send 1 As(Photo) "раз" ↩9"#, r#"send 2 As(Photo) "два""#]
        };
        assert_eq!(each.iter().map(line).collect::<Vec<_>>(), expected);
    }
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
        send 1 As(Photo) ""
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
