//! Fitting, tested: stories and laws, and what both are told with.

mod kinds;
mod laws;
mod stories;

use std::fmt::Write;

use engine::{
    content::{Contact, Content, Location, Media, MediaKind},
    effect::{Key, Tone},
    ids::ChannelId,
};
use expect_test::Expect;

use super::*;
use crate::{Keys, Pace, Unit};

/// A messenger with little room.
fn small() -> Abilities {
    Abilities {
        text: 30,
        caption: 20,
        unit: Unit::Utf16,
        album: 3,
        gathers: false,
        mixes: |a, b| a == b,
        carries: Carried::As,
        places: true,
        cards: true,
        uncopyable: &["story"],
        formats: true,
        answers: true,
        key_label: 8,
        keys: Keys {
            row: 2,
            rows: 3,
            all: 5,
            stay: true,
        },
        edits: true,
        copies: true,
        once: false,
        upload: 1_000,
        window: None,
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
    let media = Media::new(kind, "F");
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
            let rows = keys.len();
            format!("text {:?} keys {rows}{}", text.text, reply(reply_to))
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
            carried,
            caption,
            reply_to,
            ..
        } => {
            let (id, words) = (&said.at.id, &caption.text);
            format!("send {id} {carried:?} {words:?}{}", reply(reply_to))
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
        Piece::SendAll {
            said,
            caption,
            reply_to,
            ..
        } => {
            let sent = |(said, carried): &(Said, Carried)| format!("{} {carried:?}", said.at.id);
            let sent: Vec<String> = said.iter().map(sent).collect();
            format!("send all {sent:?} {:?}{}", caption.text, reply(reply_to))
        }
        Piece::Mark { message } => format!("mark {}", message.id),
        Piece::Notice { stands, text, .. } => {
            let stands = stands.as_ref().map(|message| &message.id);
            format!("notice {stands:?} {:?}", text.text)
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
