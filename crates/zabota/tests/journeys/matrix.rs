//! The contract's table, cell by cell: every kind of message, from each messenger to the operators and
//! back, in the group and in private. What arrived stands in `matrix/*.txt`, as people see it; a file
//! that came through unchanged is called by its name there.

use expect_test::expect_file;
use serde_json::{Value, json};

use crate::stage::{ANNA, Desk, GROUP, IVAN, OLGA, Phone, Row, Stage, TIMUR, journeys};

journeys!(
    telegram_in_the_group,
    telegram_in_private,
    vk_in_the_group,
    vk_in_private,
    facebook_in_the_group,
    facebook_in_private,
);

async fn telegram_in_the_group(stage: &Stage) {
    both_ways(stage, stage.telegram(IVAN), "group").await;
}

async fn telegram_in_private(stage: &Stage) {
    both_ways(stage, stage.telegram(IVAN), "private").await;
}

async fn vk_in_the_group(stage: &Stage) {
    both_ways(stage, stage.vk(ANNA), "group").await;
}

async fn vk_in_private(stage: &Stage) {
    both_ways(stage, stage.vk(ANNA), "private").await;
}

async fn facebook_in_the_group(stage: &Stage) {
    both_ways(stage, stage.facebook(TIMUR), "group").await;
}

async fn facebook_in_private(stage: &Stage) {
    both_ways(stage, stage.facebook(TIMUR), "private").await;
}

/// Who writes: a customer, or Olga, in her private chat or in the group, where each of her messages
/// answers one of the customer's.
enum Pen<'a> {
    Customer(Phone<'a>),
    Private(Phone<'a>),
    Group(&'a Stage, Value),
}

impl Pen<'_> {
    async fn writes(&self, mut message: Value) -> Value {
        match self {
            Self::Customer(phone) | Self::Private(phone) => phone.writes(message).await,
            Self::Group(stage, answered) => {
                if message["reply_to"].is_null() {
                    message["reply_to"] = answered.clone();
                }
                message["from"] = json!(OLGA);
                message["chat"] = json!(GROUP);
                stage.hand("messages", message).await["message_id"].take()
            }
        }
    }

    async fn sends_album(&self, words: &str, mut items: Value) {
        match self {
            Self::Customer(phone) | Self::Private(phone) => phone.sends_album(words, items).await,
            Self::Group(stage, answered) => {
                items[0]["caption"] = json!(words);
                let album =
                    json!({ "from": OLGA, "chat": GROUP, "reply_to": answered, "items": items });
                stage.hand("albums", album).await;
            }
        }
    }

    async fn edits(&self, message: &Value, text: &str) {
        match self {
            Self::Customer(phone) | Self::Private(phone) => phone.edits(message, text).await,
            Self::Group(stage, _) => {
                let to = json!({ "from": OLGA, "text": text });
                stage
                    .change(&format!("messages/{GROUP}/{message}"), &to)
                    .await;
            }
        }
    }
}

/// A dialog in which everything is sent in both directions.
async fn both_ways(stage: &Stage, phone: Phone<'_>, place: &str) {
    let desk = stage.open_everywhere(&[("DIALOG", place)]).await;
    if place == "private" {
        stage.starts(OLGA).await;
    }
    phone.asks("где мой заказ?").await;
    stage.takes(OLGA, "где мой заказ?").await;
    phone.sees("Оператор подключился").await;
    stage.rests(&desk).await;

    let operators = if place == "group" { GROUP } else { OLGA };
    let before = stage.heard(operators).await.len();
    send_everything(stage, &Pen::Customer(phone), &desk, async || {
        let question = phone.messages().await.into_iter().find(is_first);
        question.expect("the first message")["message_id"].clone()
    })
    .await;
    stage.sees(operators, "исправленные слова").await;
    stage.sees(operators, "напоследок").await;
    stage.rests(&desk).await;
    let shown = stage.heard(operators).await.split_off(before);
    let name = format!("{}-{place}", phone.messenger.name());
    let told = stage.told(&shown).await;
    expect_file![format!("matrix/{name}-in.txt")].assert_eq(&told);

    let before = phone.heard().await.len();
    let hello = stage.sees(operators, "напоследок").await["message_id"].take();
    let pen = if place == "group" {
        Pen::Group(stage, hello)
    } else {
        Pen::Private(stage.telegram(OLGA))
    };
    send_everything(stage, &pen, &desk, async || {
        let heard = stage.heard(operators).await;
        let first = heard.into_iter().find(is_first);
        first.expect("the customer's first message")["message_id"].clone()
    })
    .await;
    phone.sees("исправленные слова").await;
    phone.sees("напоследок").await;
    stage.rests(&desk).await;
    let shown = phone.heard().await.split_off(before);
    let told = stage.told(&shown).await;
    expect_file![format!("matrix/{name}-out.txt")].assert_eq(&told);
    kept(stage, &name).await;
}

fn is_first(message: &Value) -> bool {
    let text = message["text"].as_str();
    text.is_some_and(|text| text.contains("жирный"))
}

/// One of each kind, an answer to something earlier, and two changes.
async fn send_everything(
    stage: &Stage,
    pen: &Pen<'_>,
    desk: &Desk,
    earlier: impl AsyncFn() -> Value,
) {
    let file = async |name: &str| stage.known_file(name).await;
    let picture = file("a.png").await;
    let film = file("b.mp4").await;
    let paper = file("c.pdf").await;
    pen.writes(formatted()).await;
    // Whoever answers a message has seen it.
    stage.rests(desk).await;
    let photo = json!({ "photo": picture, "caption": "с подписью" });
    pen.writes(photo).await;
    let mixed = json!([
        { "kind": "photo", "file": picture },
        { "kind": "video", "file": film },
        { "kind": "photo", "file": file("g.png").await },
    ]);
    pen.sends_album("альбом", mixed).await;
    let papers = json!([
        { "kind": "document", "file": paper }, { "kind": "document", "file": file("h.pdf").await },
    ]);
    pen.sends_album("оба договора", papers).await;
    for message in [
        json!({ "video": film, "caption": "видео" }),
        json!({ "document": paper, "caption": "договор" }),
        json!({ "voice": file("e.ogg").await, "duration": 7 }),
        json!({ "audio": file("d.mp3").await, "duration": 200 }),
        json!({ "sticker": file("f.webp").await, "emoji": "👍" }),
        json!({ "sticker": file("s.tgs").await, "emoji": "🎉" }),
        json!({ "video_note": film, "duration": 5 }),
        json!({ "animation": film }),
        json!({ "location": { "latitude": 55.75, "longitude": 37.62 } }),
        json!({ "contact": { "phone_number": "+79161234567", "first_name": "Пётр" } }),
        json!({ "text": "ответ на приветствие", "reply_to": earlier().await }),
        json!({ "text": "👩‍👩‍👧‍👦 مرحبا שלום \u{200b}\u{200d} 你好" }),
    ] {
        pen.writes(message).await;
    }
    let changed = pen.writes(json!({ "text": "слова с ошибкой" })).await;
    stage.rests(desk).await;
    pen.edits(&changed, "исправленные слова").await;
    pen.writes(json!({ "text": "напоследок" })).await;
}

fn formatted() -> Value {
    let text = "жирный курсив код ссылка спойлер 😀 зачёркнуто";
    let at = |word: &str, kind: &str| {
        let start = text[..text.find(word).expect("a word")]
            .encode_utf16()
            .count();
        json!({ "type": kind, "offset": start, "length": word.encode_utf16().count() })
    };
    let mut link = at("ссылка", "text_link");
    link["url"] = json!("https://example.com/a?b=c");
    json!({ "text": text, "entities": [
        at("жирный", "bold"), at("курсив", "italic"), at("код", "code"), link,
        at("спойлер", "spoiler"), at("зачёркнуто", "strikethrough"),
    ] })
}

/// What lies in the history, and that the originals lie under the media root.
async fn kept(stage: &Stage, name: &str) {
    let rows = "SELECT sender_type, content_type, message_text, caption, media_path FROM ticket_messages ORDER BY id";
    let files = [
        "photo",
        "video",
        "document",
        "voice",
        "audio",
        "sticker",
        "video_note",
        "animation",
    ];
    let whole = async || {
        let rows = stage.sql(rows).await;
        let here = |row: &Row| {
            // Of a film VK gives nothing but a link.
            let link = row
                .iter()
                .flatten()
                .any(|cell| cell.contains("https://vk.com/video"));
            link || row[4].is_some() || !files.contains(&row[1].as_deref().unwrap_or_default())
        };
        rows.iter().all(here).then_some(rows)
    };
    let rows = stage.until("attachments on the disk", whole).await;
    let mut told = String::new();
    for row in rows {
        let words: Vec<&str> = row[..4].iter().flatten().map(String::as_str).collect();
        told.push_str(&words.join(" | "));
        if let Some(path) = &row[4] {
            let bytes = std::fs::read(stage.media().join(path)).expect(path);
            told.push_str(" = ");
            told.push_str(Stage::name_of(&bytes).unwrap_or("other bytes"));
        }
        told.push('\n');
    }
    expect_file![format!("matrix/{name}-kept.txt")].assert_eq(&told);
}
