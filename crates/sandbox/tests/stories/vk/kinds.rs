//! What people send, and how the community sees it.

use serde_json::{Value, json};

use crate::stage::{each, png};
use crate::vk::play::{CLUB, IVAN, Play};

#[tokio::test]
async fn a_photo_comes_in_sizes_that_can_be_fetched() {
    let play = Play::new().await;
    let photo = play.file("a.png", png(1200, 600)).await;
    let message = play
        .hears(json!({ "photo": photo, "caption": "вот" }))
        .await;
    assert_eq!(message["text"], "вот");
    let sizes = message["attachments"][0]["photo"]["sizes"]
        .as_array()
        .expect("a list");
    assert_eq!(each(sizes, "/type"), ["s", "m", "x", "y", "z"]);
    assert_eq!(
        (&sizes[4]["width"], &sizes[4]["height"]),
        (&json!(1080), &json!(540))
    );
    let url = sizes[4]["url"].as_str().expect("an address");
    let answer = play.http.get(url).send().await.expect("an answer");
    assert_eq!(answer.headers()["content-type"], "image/png");
    assert_eq!(answer.bytes().await.expect("bytes"), png(1200, 600));
    let calls = play.look("calls?messenger=vk&method=download").await;
    assert_eq!(calls["calls"][0]["answer"]["size"], png(1200, 600).len());
}

#[tokio::test]
async fn one_message_carries_many_kinds() {
    let play = Play::new().await;
    let file = play.file("a.png", png(10, 10)).await;
    let kinds = [
        "photo", "video", "audio", "voice", "document", "sticker", "graffiti",
    ];
    let mut items: Vec<Value> = kinds
        .iter()
        .map(|kind| json!({ "kind": kind, "file": file }))
        .collect();
    items.push(json!({ "kind": "link", "url": "https://example.com/a", "title": "Пример" }));
    items.push(json!({ "kind": "poll", "question": "?" }));
    items.push(json!({ "kind": "gift" }));
    let message = play.hears(json!({ "attachments": items })).await;
    let attachments = message["attachments"].as_array().expect("a list");
    let types = [
        "photo",
        "video",
        "audio",
        "audio_message",
        "doc",
        "sticker",
        "graffiti",
        "link",
        "poll",
        "gift",
    ];
    assert_eq!(each(attachments, "/type"), types);
    // A community never sees a video's file.
    assert!(attachments[1]["video"]["player"].is_string());
    assert!(attachments[1]["video"]["files"].is_null());
    for pointer in [
        "/3/audio_message/link_ogg",
        "/3/audio_message/link_mp3",
        "/4/doc/url",
        "/5/sticker/images/0/url",
        "/6/graffiti/url",
    ] {
        let url = message["attachments"]
            .pointer(pointer)
            .and_then(Value::as_str)
            .expect("an address");
        let answer = play.http.get(url).send().await.expect("an answer");
        assert_eq!(
            answer.bytes().await.expect("bytes"),
            png(10, 10),
            "{pointer}"
        );
    }
    let seen = &play.seen().await[1];
    assert_eq!(
        (&seen["kind"], &seen["attachments"][3]["kind"]),
        (&json!("photo"), &json!("voice"))
    );
    assert_eq!(seen["attachments"][4]["file"]["name"], "a.png");
}

#[tokio::test]
async fn posts_goods_places_and_the_unheard_of_come_as_they_are() {
    let play = Play::new().await;
    let items = json!([
        { "kind": "wall", "text": "пост" },
        { "kind": "market", "title": "Чайник" },
        { "kind": "story", "views": 3 },
    ]);
    let message = play.hears(json!({ "attachments": items })).await;
    assert_eq!(message["attachments"][0]["wall"]["text"], "пост");
    assert_eq!(message["attachments"][1]["market"]["title"], "Чайник");
    assert_eq!(message["attachments"][2]["story"], json!({ "views": 3 }));
    let place = json!({ "latitude": 55.5, "longitude": 37.5 });
    let message = play.hears(json!({ "location": place })).await;
    assert_eq!(
        message["geo"],
        json!({ "type": "point", "coordinates": place })
    );
    let contact = json!({ "phone_number": "+7 900", "first_name": "Ольга" });
    assert_eq!(
        play.hears(json!({ "contact": contact })).await["text"],
        "Ольга +7 900"
    );
}

#[tokio::test]
async fn forwarded_messages_hold_others() {
    let play = Play::new().await;
    play.person(8, "Ольга").await;
    let inner = json!([{ "from": 8, "text": "внутри" }]);
    let forwards = json!([{ "from": 8, "text": "снаружи", "forwards": inner }]);
    let message = play
        .hears(json!({ "forwards": forwards, "reply_to": 1 }))
        .await;
    assert_eq!(
        message["fwd_messages"][0]["fwd_messages"][0]["text"],
        "внутри"
    );
    assert_eq!(message["reply_message"]["text"], "Начать");
    assert_eq!(play.seen().await[1]["forward_from"], "Ольга");
}

#[tokio::test]
async fn a_cropped_message_can_be_read_whole() {
    let play = Play::new().await;
    let photo = play.file("a.png", png(10, 10)).await;
    play.hand("vk/crop", json!({ "chat": CLUB, "times": 1 }))
        .await;
    let cropped = play.hears(json!({ "photo": photo })).await;
    assert_eq!(
        (&cropped["is_cropped"], &cropped["attachments"]),
        (&json!(true), &json!([]))
    );
    let asked =
        json!({ "peer_id": IVAN, "conversation_message_ids": cropped["conversation_message_id"] });
    let whole = play
        .call("messages.getByConversationMessageId", asked)
        .await;
    assert_eq!(whole["items"][0]["attachments"][0]["type"], "photo");
    assert!(play.hears(json!({ "photo": photo })).await["is_cropped"].is_null());
}

#[tokio::test]
async fn what_people_cannot_do_is_refused_in_words() {
    let play = Play::new().await;
    for (what, why) in [
        (
            json!({ "from": 99, "chat": CLUB, "text": "?" }),
            "no person 99: make them with POST /sandbox/vk/people first",
        ),
        (
            json!({ "from": IVAN, "chat": CLUB }),
            "there is nothing in the message: give text or attachments",
        ),
        (
            json!({ "from": IVAN, "chat": CLUB, "text": "?", "reply_to": 9 }),
            "no message 9 in this chat to reply to",
        ),
        (
            json!({ "from": IVAN, "chat": CLUB, "attachments": [{ "kind": "photo" }] }),
            "photo needs a file: upload it with POST /sandbox/files first",
        ),
    ] {
        let (status, answer) = play.hand_raw("vk/messages", &what).await;
        assert_eq!((status, &answer["error"]), (400, &json!(why)));
    }
}
