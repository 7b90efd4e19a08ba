//! Stories of messengers that carry less: what each kind becomes there.

use expect_test::expect;

use super::*;

/// Another messenger: nothing can be copied, there are no stickers, places, cards or formatting, and an
/// album is one message.
fn abroad() -> Abilities {
    Abilities {
        text: 60,
        caption: 60,
        gathers: true,
        mixes: |a, b| a != MediaKind::Voice && b != MediaKind::Voice,
        carries: |kind| match kind {
            MediaKind::Sticker => Carried::Picture,
            MediaKind::Photo | MediaKind::Voice | MediaKind::Document => Carried::As(kind),
            MediaKind::Video | MediaKind::Audio | MediaKind::VideoNote | MediaKind::Animation => {
                Carried::As(MediaKind::Document)
            }
        },
        places: false,
        cards: false,
        formats: false,
        copies: false,
        ..small()
    }
}

/// The same, and poorer: one file a message, without words; nothing is changed or answered.
fn poor() -> Abilities {
    Abilities {
        caption: 0,
        album: 1,
        gathers: false,
        mixes: |_, _| false,
        answers: false,
        edits: false,
        keys: Keys {
            row: 3,
            rows: 1,
            all: 3,
            stay: false,
        },
        ..abroad()
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "parcels and snapshots are written in place"
)]
fn check_at(abilities: Abilities, parcel: Parcel, expected: Expect) {
    expected.assert_eq(&told(&parcel, &abilities));
}

fn body(id: &str, body: Body, words: &str) -> Said {
    let content = Content {
        body,
        ..Content::text(words)
    };
    said(id, content)
}

fn place() -> Body {
    Body::Location(Location {
        latitude: "55.75".to_owned(),
        longitude: "37.61".to_owned(),
        title: Some("ГУМ".to_owned()),
        address: None,
    })
}

fn sticker(mime: &str, preview: Option<&str>) -> Said {
    let media = Media {
        emoji: Some("🌷".to_owned()),
        mime: Some(mime.to_owned()),
        preview: preview.map(str::to_owned),
        ..Media::new(MediaKind::Sticker, "F")
    };
    body("1", Body::Media(media), "")
}

fn keyboard(labels: &[&str]) -> Parcel {
    let key = |label: &&str| Key {
        label: (*label).to_owned(),
        data: "d".to_owned(),
        tone: Tone::Plain,
    };
    Parcel::Say {
        to: group(),
        text: Rich::plain("Что?"),
        keys: labels.iter().map(|label| vec![key(label)]).collect(),
        reply_to: None,
    }
}

fn labels(parcel: &Parcel, abilities: &Abilities) -> Vec<Vec<String>> {
    match plan(parcel, abilities, &words()).pop() {
        Some(Piece::Text { keys, .. }) => keys
            .into_iter()
            .map(|row| row.into_iter().map(|key| key.label).collect())
            .collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_album_is_one_message_with_its_words() {
    let album = || {
        vec![
            media("1", MediaKind::Photo, "", Some("a")),
            media("2", MediaKind::Video, "чек", Some("a")),
        ]
    };
    check_at(
        abroad(),
        answering(relay(album(), None), "9"),
        expect![[r#"
            send all ["1 As(Photo)", "2 As(Document)"] "чек" ↩9
        "#]],
    );
    check_at(
        poor(),
        answering(relay(album(), None), "9"),
        expect![[r#"
            send 1 As(Photo) ""
            text "чек" keys 0
            send 2 As(Document) ""
        "#]],
    );
}

#[test]
fn an_album_from_elsewhere_bears_its_header_and_all_of_it_answers() {
    let sent = vec![
        media("1", MediaKind::Photo, "чек", Some("a")),
        media("2", MediaKind::Photo, "", Some("a")),
        media("3", MediaKind::Voice, "", Some("a")),
    ];
    let parcel = || answering(relay(sent.clone(), Some("Иван")), "9");
    check_at(abroad(), parcel(), expect![[r#"
        send all ["1 As(Photo)", "2 As(Photo)"] "Иван\nчек" ↩9
        send 3 As(Voice) "" ↩9
    "#]]);
    let less = Abilities {
        caption: 6,
        ..abroad()
    };
    check_at(less, parcel(), expect![[r#"
        send all ["1 As(Photo)", "2 As(Photo)"] "чек" ↩9
        send 3 As(Voice) "" ↩9
    "#]]);
}

#[test]
fn words_of_two_files_are_not_put_under_both() {
    let said = vec![
        media("1", MediaKind::Photo, "раз", Some("a")),
        media("2", MediaKind::Photo, "два", Some("a")),
        media("3", MediaKind::Voice, "", None),
    ];
    check_at(
        abroad(),
        relay(said.clone(), None),
        expect![[r#"
            send 1 As(Photo) "раз"
            send 2 As(Photo) "два"
            send 3 As(Voice) ""
        "#]],
    );
    let apart = Abilities {
        gathers: false,
        ..abroad()
    };
    check_at(
        apart,
        relay(said, None),
        expect![[r#"
            send all ["1 As(Photo)", "2 As(Photo)"] "раз"
            send 3 As(Voice) ""
        "#]],
    );
}

#[test]
fn a_file_that_is_known_to_be_too_large_stands_alone() {
    let photo = |id| media(id, MediaKind::Photo, "", Some("a"));
    let mut large = photo("3");
    if let Body::Media(media) = &mut large.content.body {
        media.size = Some(1_001);
    }
    check_at(
        abroad(),
        relay(vec![photo("1"), photo("2"), large], None),
        expect![[r#"
            send all ["1 As(Photo)", "2 As(Photo)"] ""
            send 3 As(Photo) ""
        "#]],
    );
}

#[test]
fn a_place_and_a_card_are_written_out() {
    let card = Body::Contact(Contact {
        phone: "+79160000000".to_owned(),
        first_name: "Иван".to_owned(),
        last_name: None,
        own: true,
    });
    check_at(
        abroad(),
        relay(vec![body("1", place(), ""), body("2", card, "")], None),
        expect![[r#"
            text "ГУМ\nhttps://maps.google.com/?q=55.75,37.61" keys 0
            text "Иван\n+79160000000" keys 0
        "#]],
    );
}

#[test]
fn words_that_came_with_a_place_go_before_it() {
    let foreign = Abilities {
        copies: false,
        ..small()
    };
    check_at(
        foreign.clone(),
        relay(vec![body("1", place(), "мы тут")], Some("Иван")),
        expect![[r#"
            text "Иван\nмы тут" keys 0
            send 1 As(Document) ""
        "#]],
    );
    check_at(
        foreign,
        revise(
            body("1", place(), "мы там"),
            &["5", "6"],
            Some("Иван"),
            false,
        ),
        expect![[r#"
            edit 5 "Иван\nмы там" keys 0
        "#]],
    );
}

#[test]
fn a_sticker_is_a_picture_or_its_emoji() {
    let tgs = "application/x-tgsticker";
    let still = relay(vec![sticker("image/webp", None)], None);
    check_at(
        abroad(),
        still,
        expect![[r#"
            send 1 Picture ""
        "#]],
    );
    check_at(
        abroad(),
        relay(vec![sticker(tgs, Some("P"))], None),
        expect![[r#"
            send 1 Picture ""
        "#]],
    );
    let moving = relay(vec![sticker(tgs, None)], None);
    check_at(
        abroad(),
        moving,
        expect![[r#"
            text "🌷" keys 0
        "#]],
    );
    let refused = plan(
        &relay(vec![sticker(tgs, Some("P"))], None),
        &abroad(),
        &words(),
    )
    .remove(0);
    let emoji = instead(&refused, &abroad(), &words(), false);
    assert_eq!(line(&emoji[0]), r#"text "🌷" keys 0"#);
}

#[test]
fn formatting_is_written_out_under_files_too() {
    let mut words = Rich::plain("см. ");
    words.push_styled("сюда", Style::Link("https://a.ru".to_owned()));
    let mut photo = media("1", MediaKind::Photo, "", None);
    photo.content.text = words;
    check_at(
        abroad(),
        relay(vec![photo], None),
        expect![[r#"
            send 1 As(Photo) "см. сюда (https://a.ru)"
        "#]],
    );
}

#[test]
fn keys_that_fit_stay_as_they_are() {
    let keys = keyboard(&["Да", "Нет"]);
    assert_eq!(labels(&keys, &poor()), [["Да", "Нет"]]);
    assert_eq!(labels(&keys, &abroad()), [["Да"], ["Нет"]]);
    let many = keyboard(&["1", "2", "3", "4", "5"]);
    assert_eq!(
        labels(&many, &abroad()),
        [vec!["1", "2"], vec!["3", "4"], vec!["5"]]
    );
}

#[test]
fn long_labels_are_numbered_and_written_out() {
    let keys = keyboard(&["Гарантия и ремонт", "Нет"]);
    assert_eq!(labels(&keys, &abroad()), [["1. Гара…"], ["2. Нет"]]);
    check_at(
        abroad(),
        keys,
        expect![[r#"
            text "Что?\n\n1. Гарантия и ремонт\n2. Нет" keys 2
        "#]],
    );
}

#[test]
fn too_many_keys_are_a_numbered_list() {
    check_at(
        poor(),
        keyboard(&["а", "б", "в", "г"]),
        expect![[r#"
            text "Что?\n\n1. а\n2. б\n3. в\n4. г" keys 0
        "#]],
    );
}

#[test]
fn quick_replies_go_by_themselves() {
    let strip = Parcel::StripKeys {
        messages: vec![group().message("5")],
    };
    let changing = Abilities {
        edits: true,
        ..poor()
    };
    assert_eq!(told(&strip, &changing), "");
}

#[test]
fn a_changed_part_of_one_message_is_never_taken_back() {
    let part = |words| media("2", MediaKind::Video, words, Some("a"));
    check_at(
        abroad(),
        revise(part("верно"), &["5#2"], None, true),
        expect![[r#"
            file 5#2 "верно"
        "#]],
    );
    let long = "слова, которых больше, чем помещается под одним альбомом здесь";
    check_at(
        abroad(),
        revise(part(long), &["5#2"], None, false),
        expect![[r#"
            caption 5#2 ""
            text "слова, которых больше, чем помещается под одним альбомом" keys 0 ↩5#2
            text "здесь" keys 0
        "#]],
    );
}

#[test]
fn a_mark_and_a_notice_are_one_call_each() {
    let message = group().message("5");
    check(
        Parcel::Mark { message },
        expect![[r#"
            mark 5
        "#]],
    );
    let notice = Parcel::Notice {
        to: group(),
        stands: None,
        text: Rich::plain("диалог ".repeat(10)),
    };
    check(
        notice,
        expect![[r#"
            notice None "диалог диалог диалог диалог д…"
        "#]],
    );
}
