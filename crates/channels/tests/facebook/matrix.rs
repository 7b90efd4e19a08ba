//! Whatever an operator writes in Telegram arrives on Messenger as the contract promises, cut to its
//! limits.

use channels::{
    Parcel,
    fit::{self, Words},
};
use engine::{
    content::{Body, Contact, Content, Location, Mark, Media, MediaKind, Rich, Said, Style},
    effect::{Key, Tone},
    ids::{ChannelId, ChatRef},
};
use expect_test::expect;

use crate::stage::{PNG, Shelf, Stage, deliver};

fn words() -> Words<'static> {
    Words {
        came: &|content| format!("пришло: {}", content.kind()),
        forwarded: &|from| format!("переслано от {from}"),
        edited: "исправлено",
    }
}

fn said(nth: usize, body: Body, text: &str) -> Said {
    let operators = ChatRef::new(&ChannelId::new("telegram"), "-1001");
    Said {
        at: operators.message(nth.to_string()),
        content: Content {
            body,
            text: Rich::plain(text),
            ..Content::default()
        },
    }
}

async fn carries(stage: &Stage, parcel: &Parcel) {
    let pieces = fit::plan(parcel, stage.channel.abilities(), &words());
    assert!(!pieces.is_empty());
    for piece in pieces {
        let shelf = Shelf(PNG.to_vec());
        deliver(&*stage.channel, &piece, &shelf).await.unwrap();
    }
}

async fn relays(stage: &Stage, said: Vec<Said>) {
    let to = stage.chat();
    let parcel = Parcel::Relay {
        to,
        said,
        header: None,
        reply_to: None,
    };
    carries(stage, &parcel).await;
}

#[tokio::test]
async fn everything_that_is_no_text_arrives() {
    let stage = Stage::begin().await;
    let photo = || Body::Media(Media::new(MediaKind::Photo, "f"));
    let mut album = vec![
        said(1, photo(), "раз"),
        said(2, photo(), ""),
        said(3, photo(), "три"),
    ];
    for part in &mut album {
        part.content.album = Some("a".to_owned());
    }
    relays(&stage, album).await;
    let place = Location {
        latitude: "55.75".to_owned(),
        longitude: "37.61".to_owned(),
        title: Some("ГУМ".to_owned()),
        address: None,
    };
    relays(&stage, vec![said(4, Body::Location(place), "")]).await;
    let card = Contact {
        phone: "+79160000000".to_owned(),
        first_name: "Анна".to_owned(),
        last_name: None,
        own: false,
    };
    relays(&stage, vec![said(5, Body::Contact(card), "")]).await;
    let sticker = Body::Media(Media::new(MediaKind::Sticker, "f"));
    relays(&stage, vec![said(6, sticker, "")]).await;
    let poll = Body::Other {
        kind: "poll".to_owned(),
        about: "Когда?".to_owned(),
    };
    relays(&stage, vec![said(7, poll, "")]).await;
    stage
        .check_words(expect![[r#"
        раз
        [image]
        [image]
        три
        [image]
        ГУМ
        https://maps.google.com/?q=55.75,37.61
        Анна
        +79160000000
        [image]
        пришло: poll"#]])
        .await;
}

#[tokio::test]
async fn formatting_is_written_out() {
    let stage = Stage::begin().await;
    let mut rich = said(1, Body::Text, "смотрите здесь, важно");
    let link = Style::Link("https://example.com/a".to_owned());
    let mark = |range, style| Mark { range, style };
    rich.content.text.marks = vec![mark(17..27, link), mark(29..39, Style::Bold)];
    relays(&stage, vec![rich]).await;
    stage
        .check_words(expect!["смотрите здесь (https://example.com/a), важно"])
        .await;
}

#[tokio::test]
async fn long_texts_are_split_within_the_limit() {
    let stage = Stage::begin().await;
    let text = "客服在吗?👩‍👩‍👧 ".repeat(700);
    relays(&stage, vec![said(1, Body::Text, &text)]).await;
    let whole: String = stage.words().await.concat();
    let bare = |text: &str| {
        text.chars()
            .filter(|c| !c.is_whitespace())
            .collect::<String>()
    };
    assert_eq!(bare(&whole), bare(&text));
}

#[tokio::test]
async fn long_keys_are_numbered() {
    let stage = Stage::begin().await;
    let labels = ["Обращение по гарантии", "Возврат товара", "Другой вопрос"];
    let key = |(nth, label): (usize, &str)| {
        vec![Key {
            label: label.to_owned(),
            data: format!("c:1:{nth}"),
            tone: Tone::Plain,
        }]
    };
    let to = stage.chat();
    let parcel = Parcel::Say {
        to,
        text: Rich::plain("Чем помочь?"),
        keys: labels.into_iter().enumerate().map(key).collect(),
        reply_to: None,
    };
    carries(&stage, &parcel).await;
    stage.check(expect![[r#"
        messages {"message":{"metadata":"zabota:42","quick_replies":[{"content_type":"text","payload":"c:1:0","title":"1. Обращение по гар…"},{"content_type":"text","payload":"c:1:1","title":"2. Возврат товара"},{"content_type":"text","payload":"c:1:2","title":"3. Другой вопрос"}],"text":"Чем помочь?\n\n1. Обращение по гарантии\n2. Возврат товара\n3. Другой вопрос"},"messaging_type":"RESPONSE","recipient":{"id":"7001"}} → 200
    "#]]).await;
}
