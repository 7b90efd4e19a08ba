//! What holds for any messenger and anything said.

use proptest::prelude::*;

use super::*;

/// Any mixture of abilities.
fn abilities() -> impl Strategy<Value = Abilities> {
    let sizes = (
        30..90_usize,
        prop_oneof![Just(0), 10..40_usize],
        prop_oneof![Just(Unit::Utf16), Just(Unit::Chars)],
        1..5_usize,
    );
    let carries: fn(MediaKind) -> Carried = |kind| match kind {
        MediaKind::Sticker => Carried::Picture,
        MediaKind::Photo => Carried::As(kind),
        _ => Carried::As(MediaKind::Document),
    };
    let mixes: fn(MediaKind, MediaKind) -> bool = |a, b| a == b;
    let ways = (
        any::<[bool; 8]>(),
        prop_oneof![Just(carries), Just(Carried::As as fn(MediaKind) -> Carried)],
        prop_oneof![
            Just(mixes),
            Just((|_, _| true) as fn(MediaKind, MediaKind) -> bool)
        ],
        (1..4_usize, 1..4_usize, 1..6_usize, 3..12_usize),
    );
    (sizes, ways).prop_map(
        |((text, caption, unit, album), (can, carries, mixes, keys))| {
            let [
                gathers,
                places,
                cards,
                formats,
                answers,
                stay,
                edits,
                copies,
            ] = can;
            let (row, rows, all, key_label) = keys;
            Abilities {
                text,
                caption,
                unit,
                album,
                gathers,
                mixes,
                carries,
                places,
                cards,
                formats,
                answers,
                key_label,
                keys: Keys {
                    row,
                    rows,
                    all,
                    stay,
                },
                edits,
                copies,
                ..small()
            }
        },
    )
}

fn body(kind: u8) -> Body {
    match kind {
        0..8 => Body::Media(Media::new(MediaKind::ALL[usize::from(kind)], "F")),
        8 => Body::Location(Location {
            latitude: "55.75".to_owned(),
            longitude: "37.61".to_owned(),
            title: None,
            address: None,
        }),
        9 => Body::Contact(Contact {
            phone: "+7916".to_owned(),
            first_name: "Иван".to_owned(),
            last_name: None,
            own: false,
        }),
        10 => Body::Other {
            kind: "story".to_owned(),
            about: String::new(),
        },
        _ => Body::Text,
    }
}

/// Anything said: words that name themselves, so that they can be looked for.
fn anything() -> impl Strategy<Value = Vec<Said>> {
    let words = prop::collection::vec("[а-я]{1,9}", 0..12);
    let one = (words, 0..14_u8, prop::option::of("[ab]"), any::<bool>());
    prop::collection::vec(one, 1..8).prop_map(|all| {
        let said = |(nth, (words, kind, album, bold)): (usize, (Vec<String>, u8, _, bool))| {
            let words: Vec<String> = words.iter().map(|word| format!("{word}{nth}")).collect();
            let mut text = Rich::default();
            let style = Style::Link("https://a.ru".to_owned());
            for word in &words {
                text.push_styled(word, if bold { Style::Bold } else { style.clone() });
                text.push(" ");
            }
            let body = body(kind);
            // A text says something.
            if body == Body::Text {
                text.push("я");
            }
            let content = Content {
                body,
                text,
                album,
                ..Content::default()
            };
            let at = ChatRef::new(&ChannelId::new("t"), "7").message((nth + 1).to_string());
            Said { at, content }
        };
        all.into_iter().enumerate().map(said).collect()
    })
}

/// What a piece carries, in order, and all that can be read in it.
fn carried(piece: &Piece) -> (Vec<MessageRef>, Vec<&str>) {
    match piece {
        Piece::Text { of, text, .. } => (of.iter().cloned().collect(), vec![&text.text]),
        Piece::Copy { said, caption, .. } => {
            let words = caption.as_ref().unwrap_or(&said.content.text);
            (vec![said.at.clone()], vec![&words.text])
        }
        Piece::CopyAll { said, .. } => (
            said.iter().map(|said| said.at.clone()).collect(),
            said.iter()
                .map(|said| said.content.text.text.as_str())
                .collect(),
        ),
        Piece::Send { said, caption, .. } => (vec![said.at.clone()], vec![&caption.text]),
        Piece::SendAll { said, caption, .. } => {
            let own = said
                .iter()
                .skip(1)
                .map(|(said, _)| said.content.text.text.as_str());
            (
                said.iter().map(|(said, _)| said.at.clone()).collect(),
                std::iter::once(caption.text.as_str()).chain(own).collect(),
            )
        }
        other => panic!("{other:?}"),
    }
}

/// Whether a piece is within what the messenger takes.
fn fits(piece: &Piece, abilities: &Abilities) -> bool {
    let short = |words: &Rich, most| measure(&words.text, abilities.unit) <= most;
    match piece {
        Piece::Text { text, reply_to, .. } => {
            short(text, abilities.text) && (abilities.answers || reply_to.is_none())
        }
        Piece::Copy { caption, .. } => {
            abilities.copies && caption.iter().all(|words| short(words, abilities.caption))
        }
        Piece::CopyAll { said, .. } => abilities.copies && said.len() <= abilities.album,
        Piece::Send {
            caption,
            carried,
            said,
            ..
        } => {
            let kind = relay::kind(*carried);
            let file = said.content.media().is_some();
            short(caption, abilities.caption)
                && (caption.is_empty() || (file && kind.has_caption()))
        }
        Piece::SendAll { said, caption, .. } => {
            let mix = |pair: &[(Said, Carried)]| {
                (abilities.mixes)(relay::kind(pair[0].1), relay::kind(pair[1].1))
            };
            short(caption, abilities.caption)
                && (2..=abilities.album).contains(&said.len())
                && said.windows(2).all(mix)
                && said
                    .iter()
                    .all(|(said, _)| short(&said.content.text, abilities.caption))
        }
        _ => true,
    }
}

proptest! {
    #[test]
    fn everything_said_is_in_some_piece_in_order(
        said in anything(),
        header in any::<bool>(),
        abilities in abilities(),
        abroad in any::<bool>(),
    ) {
        let to = if abroad { ChatRef::new(&ChannelId::new("other"), "1") } else { group() };
        let parcel = Parcel::Relay {
            to: to.clone(),
            said: said.clone(),
            header: header.then(|| Rich::plain("Иван")),
            reply_to: Some(to.message("9")),
        };
        let pieces = plan(&parcel, &abilities, &words());
        for piece in &pieces {
            prop_assert!(fits(piece, &abilities), "{piece:?}");
        }
        let (of, texts): (Vec<_>, Vec<_>) = pieces.iter().map(carried).unzip();
        let mut of: Vec<MessageRef> = of.into_iter().flatten().collect();
        of.dedup();
        prop_assert_eq!(of, said.iter().map(|said| said.at.clone()).collect::<Vec<_>>());
        let all: Vec<&str> = texts.into_iter().flatten().flat_map(str::split_whitespace).collect();
        let mut all = all.into_iter();
        for word in said.iter().flat_map(|said| said.content.text.text.split_whitespace()) {
            prop_assert!(all.any(|other| other == word), "{word} of {said:?} in {pieces:?}");
        }
    }

    #[test]
    fn a_change_is_somewhere_and_fits(
        said in anything(),
        twins in 1..4_usize,
        header in any::<bool>(),
        new_file in any::<bool>(),
        abilities in abilities(),
    ) {
        let said = said.into_iter().next().unwrap();
        let ids = ["5", "6", "7"];
        let header = header.then_some("Иван");
        let pieces = plan(&revise(said.clone(), &ids[..twins], header, new_file), &abilities, &words());
        let mut read = String::new();
        for piece in &pieces {
            let (words, most) = match piece {
                Piece::EditText { text, .. } => (text, abilities.text),
                Piece::EditCaption { caption, .. } | Piece::EditMedia { caption, .. } => {
                    (caption, abilities.caption)
                }
                Piece::Delete { .. } => continue,
                sent => {
                    prop_assert!(fits(sent, &abilities), "{sent:?}");
                    read.extend(carried(sent).1);
                    read.push(' ');
                    continue;
                }
            };
            prop_assert!(abilities.edits);
            prop_assert!(measure(&words.text, abilities.unit) <= most);
            read.push_str(&words.text);
            read.push(' ');
        }
        let mut all = read.split_whitespace();
        let words = said.content.text.text.split_whitespace();
        if !pieces.is_empty() {
            for word in words {
                prop_assert!(all.any(|other| other == word), "{word} of {said:?} in {pieces:?}");
            }
        }
    }

    #[test]
    fn keys_stand_within_their_limits_and_every_label_can_be_read(
        labels in prop::collection::vec(prop::collection::vec("[а-я]{1,16}", 0..4), 0..5),
        abilities in abilities(),
    ) {
        let key = |label: String| Key { label, data: "d".to_owned(), tone: Tone::Plain };
        let keys: Vec<Vec<Key>> = labels
            .iter()
            .map(|row| row.iter().cloned().map(key).collect())
            .collect();
        let parcel = Parcel::Say { to: group(), text: Rich::plain("Что?"), keys, reply_to: None };
        let pieces = plan(&parcel, &abilities, &words());
        let mut read = String::new();
        for piece in &pieces {
            let Piece::Text { text, keys, .. } = piece else { panic!("{piece:?}") };
            let places = &abilities.keys;
            prop_assert!(keys.len() <= places.rows);
            prop_assert!(keys.iter().all(|row| (1..=places.row).contains(&row.len())));
            prop_assert!(keys.iter().map(Vec::len).sum::<usize>() <= places.all);
            let short = |key: &Key| key.label.chars().count() <= abilities.key_label;
            prop_assert!(keys.iter().flatten().all(short));
            read.push_str(&text.text);
            read.extend(keys.iter().flatten().map(|key| key.label.as_str()));
        }
        for label in labels.iter().flatten() {
            prop_assert!(read.contains(label.as_str()), "{label} in {read}");
        }
    }
}
