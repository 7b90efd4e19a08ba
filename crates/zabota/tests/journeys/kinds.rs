//! Every kind of message, both ways: what one phone sends is what the other shows, in order.

use serde_json::{Value, json};

use crate::stage::{BOT, IVAN, OLGA, Stage, journeys, png};

journeys!(
    everything_a_customer_sends,
    everything_an_operator_sends,
    what_cannot_be_copied_is_said,
    edits_are_carried_over,
);

async fn everything_a_customer_sends(stage: &Stage) {
    let desk = stage.open().await;
    stage.dialog().await;
    stage.rests(&desk).await;
    everything(stage, IVAN, OLGA).await;
    the_same_is_kept(stage, "user").await;
}

async fn everything_an_operator_sends(stage: &Stage) {
    let desk = stage.open().await;
    stage.dialog().await;
    stage.rests(&desk).await;
    everything(stage, OLGA, IVAN).await;
    the_same_is_kept(stage, "operator").await;
}

const KEPT: [&str; 20] = [
    "text",
    "photo",
    "photo",
    "video",
    "photo",
    "document",
    "document",
    "video",
    "document",
    "voice",
    "audio",
    "sticker",
    "video_note",
    "animation",
    "location",
    "location",
    "contact",
    "text",
    "text",
    "text",
];

async fn the_same_is_kept(stage: &Stage, side: &str) {
    let kinds = format!(
        "SELECT content_type FROM ticket_messages WHERE sender_type = '{side}' ORDER BY id"
    );
    let mut kinds = stage.column(&kinds).await;
    if side == "user" {
        assert_eq!(kinds.remove(0), "text", "the question itself");
    }
    assert_eq!(kinds, KEPT);
}

/// Sends one of each kind, and compares the two phones.
async fn everything(stage: &Stage, from: i64, to: i64) {
    let before = (sent(stage, from).await.len(), stage.heard(to).await.len());
    send_everything(stage, from).await;
    let look = async || {
        let shown = stage.heard(to).await.split_off(before.1);
        (shown.len() >= KEPT.len()).then_some(shown)
    };
    let shown = stage.until("as many messages as were sent", look).await;
    let sent = sent(stage, from).await.split_off(before.0);
    let sent: Vec<Value> = sent.iter().map(essence).collect();
    let shown: Vec<Value> = shown.iter().map(essence).collect();
    assert_eq!(shown.len(), sent.len());
    for (shown, sent) in shown.iter().zip(&sent) {
        assert_eq!(shown, sent);
    }
    let text = |message: &Value| message["text"] == "ответ на приветствие";
    let answer = stage.heard(to).await.into_iter().find(text);
    let answer = answer.expect("the answer");
    let quote = answer["reply_to"]["quote"].as_str().unwrap_or_default();
    assert!(quote.starts_with("жирный"), "{answer}");
}

/// What somebody wrote to the bot.
async fn sent(stage: &Stage, who: i64) -> Vec<Value> {
    let mut messages = stage.chat(who).await;
    messages.retain(|message| message["from"] != BOT && message["kind"] != "service");
    messages
}

/// What a person sees of a message.
fn essence(message: &Value) -> Value {
    let file = &message["file"];
    json!({
        "kind": message["kind"], "text": message["text"], "entities": message["entities"],
        "file": [file["name"], file["mime"], file["size"], file["duration"]],
        "location": message["location"], "venue": message["venue"],
        "contact": message["contact"], "emoji": message["emoji"],
        "album": message["album"].is_string(), "reply": message["reply_to"].is_object(),
    })
}

async fn send_everything(stage: &Stage, from: i64) {
    let picture = stage.file("a.png", "image/png", png(1)).await;
    let film = stage.file("b.mp4", "video/mp4", vec![1; 70_000]).await;
    let paper = stage
        .file("c.pdf", "application/pdf", b"%PDF-1".to_vec())
        .await;
    let sound = stage
        .file("d.mp3", "audio/mpeg", b"ID3 la la".to_vec())
        .await;
    let voice = stage
        .file("e.ogg", "audio/ogg", b"OggS la la".to_vec())
        .await;
    let sticker = stage
        .file("f.webp", "image/webp", b"RIFF....WEBP".to_vec())
        .await;
    let first = stage.writes(from, formatted()).await;
    let photo = json!({ "photo": picture, "caption": "с подписью",
        "caption_entities": [{ "type": "bold", "offset": 0, "length": 1 }] });
    stage.writes(from, photo).await;
    let mixed = json!([
        { "kind": "photo", "file": picture, "caption": "альбом" },
        { "kind": "video", "file": film },
        { "kind": "photo", "file": picture },
    ]);
    // The bot sees that an album has ended by what comes next.
    stage.sends_album(from, mixed).await;
    let papers = json!([
        { "kind": "document", "file": paper }, { "kind": "document", "file": paper, "caption": "оба" },
    ]);
    stage.sends_album(from, papers).await;
    for message in [
        json!({ "video": film, "caption": "видео" }),
        json!({ "document": paper, "caption": "договор" }),
        json!({ "voice": voice, "duration": 7 }),
        json!({ "audio": sound }),
        json!({ "sticker": sticker, "emoji": "👍" }),
        json!({ "video_note": film }),
        json!({ "animation": film }),
        json!({ "location": { "latitude": 55.75, "longitude": 37.62 } }),
        json!({ "venue": { "latitude": 55.75, "longitude": 37.62, "title": "Склад", "address": "Мира, 1" } }),
        json!({ "contact": { "phone_number": "+79161234567", "first_name": "Пётр" } }),
        json!({ "text": "ответ на приветствие", "reply_to": first }),
        json!({ "text": "👩‍👩‍👧‍👦 مرحبا שלום \u{200b}\u{200d} 你好" }),
        json!({ "text": "напоследок" }),
    ] {
        stage.writes(from, message).await;
    }
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

async fn what_cannot_be_copied_is_said(stage: &Stage) {
    let _desk = stage.open().await;
    stage.dialog().await;
    let poll = json!({ "poll": { "question": "Чай или кофе?", "options": ["чай", "кофе"] } });
    stage.writes(IVAN, poll).await;
    stage.writes(IVAN, json!({ "dice": "🎲" })).await;
    stage.says(IVAN, "вот так").await;
    stage.sees(OLGA, "вот так").await;
    let heard = stage.heard(OLGA).await;
    let last: Vec<_> = heard[heard.len() - 3..]
        .iter()
        .map(crate::stage::line)
        .collect();
    assert!(
        last[0].contains("опрос") || last[0].contains("poll"),
        "{last:?}"
    );
    assert!(
        last[1].contains("кость") || last[1].contains("dice"),
        "{last:?}"
    );
    let kinds = "SELECT content_type FROM ticket_messages ORDER BY id";
    assert_eq!(stage.column(kinds).await, ["text", "poll", "dice", "text"]);
}

async fn edits_are_carried_over(stage: &Stage) {
    let desk = stage.open().await;
    stage.dialog().await;
    let text = stage.says(IVAN, "прошу 2 чашки").await;
    stage.sees(OLGA, "прошу 2 чашки").await;
    let picture = stage.file("a.png", "image/png", png(1)).await;
    let photo = json!({ "photo": picture, "caption": "старая подпись" });
    let photo = stage.writes(IVAN, photo).await;
    stage.sees(OLGA, "старая подпись").await;
    stage
        .edits(IVAN, text, json!({ "text": "прошу 3 чашки" }))
        .await;
    stage
        .edits(IVAN, photo, json!({ "caption": "новая подпись" }))
        .await;
    stage.sees(OLGA, "прошу 3 чашки").await;
    let captioned = stage.sees(OLGA, "новая подпись").await;
    assert_eq!(captioned["kind"], "photo");
    let answer = stage.says(OLGA, "буедт").await;
    stage.sees(IVAN, "буедт").await;
    stage.edits(OLGA, answer, json!({ "text": "будет" })).await;
    stage.sees(IVAN, "будет").await;
    stage.rests(&desk).await;
    let now = "SELECT COALESCE(message_text, caption) FROM ticket_messages ORDER BY id";
    let texts = ["где мой заказ?", "прошу 3 чашки", "новая подпись", "будет"];
    assert_eq!(stage.column(now).await, texts);
    let before = "SELECT COALESCE(message_text, caption) FROM message_versions ORDER BY message_id";
    let texts = ["прошу 2 чашки", "старая подпись", "буедт"];
    assert_eq!(stage.column(before).await, texts);
}
