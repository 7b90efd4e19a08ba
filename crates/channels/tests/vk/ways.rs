//! The two ways in, what was left out, and files: what comes from VK, and what only says so.

use std::time::Duration;

use bytes::Bytes;
use channels::{Channel, Errand, Knock, Knocked, Undelivered, WayIn, What};
use engine::{
    content::{Body, Media, MediaKind},
    event::Event,
};
use futures_util::TryStreamExt;
use jiff::Timestamp;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::stage::{PNG, Shelf, Stage, TOKEN, channel, text};

const AGREED: [(&str, &str); 2] = [("secret", "s3cret"), ("confirmation", "a1b2c3")];

fn knock(vk: &dyn Channel, body: &[u8]) -> Knocked {
    vk.knock(&Knock {
        post: true,
        query: "",
        headers: &HeaderMap::new(),
        body: &Bytes::copy_from_slice(body),
    })
}

fn told(body: &Value) -> String {
    let vk = channel("http://127.0.0.1:1", TOKEN, &AGREED);
    match knock(&*vk, body.to_string().as_bytes()) {
        Knocked::Updates { updates, answer } => {
            format!("{} → {answer}", String::from_utf8_lossy(&updates[0]))
        }
        other => format!("{other:?}"),
    }
}

#[test]
fn only_the_secret_opens() {
    let update = json!({ "type": "message_deny", "group_id": 5, "event_id": "e", "secret": "s3cret", "object": { "user_id": 7 } });
    let with = |name: &str, value: Value| {
        let mut changed = update.clone();
        changed[name] = value;
        told(&changed)
    };
    assert_eq!(
        told(&update),
        r#"{"event_id":"e","group_id":5,"object":{"user_id":7},"type":"message_deny"} → ok"#
    );
    for secret in ["s3cre", "s3cret ", "S3CRET", ""] {
        assert_eq!(with("secret", json!(secret)), "Stranger");
    }
    assert_eq!(with("secret", Value::Null), "Stranger");
    assert_eq!(with("group_id", json!(6)), "Stranger");
    let without = json!({ "group_id": 5, "secret": "s3cret" });
    assert_eq!(told(&without), "Nonsense");
}

#[test]
fn the_confirmation_is_told_to_vk_only() {
    let asks = json!({ "type": "confirmation", "group_id": 5 });
    assert_eq!(told(&asks), r#"Asked("a1b2c3")"#);
    let mut secret = asks.clone();
    secret["secret"] = json!("s3cret");
    assert_eq!(told(&secret), r#"Asked("a1b2c3")"#);
    secret["secret"] = json!("other");
    assert_eq!(told(&secret), "Stranger");
    assert_eq!(
        told(&json!({ "type": "confirmation", "group_id": 6 })),
        "Stranger"
    );
}

#[test]
fn what_is_no_update_changes_nothing() {
    let vk = channel("http://127.0.0.1:1", TOKEN, &AGREED);
    assert_eq!(vk.way_in(), WayIn::Pushed);
    for nonsense in [&b""[..], b"{", b"[]", b"\"s3cret\"", b"\xff"] {
        assert_eq!(knock(&*vk, nonsense), Knocked::Nonsense);
    }
    let large = format!(
        r#"{{"type":"x","secret":"s3cret","group_id":5,"object":"{}"}}"#,
        "a".repeat(1 << 20)
    );
    assert_eq!(knock(&*vk, large.as_bytes()), Knocked::Nonsense);
    let asked = Knock {
        post: false,
        query: "type=confirmation&group_id=5",
        headers: &HeaderMap::new(),
        body: &Bytes::new(),
    };
    assert_eq!(vk.knock(&asked), Knocked::Stranger);
    // Without the Callback API nobody is let in.
    let polled = channel("http://127.0.0.1:1", TOKEN, &AGREED[..1]);
    let update = json!({ "type": "message_deny", "group_id": 5, "secret": "s3cret" }).to_string();
    assert_eq!(knock(&*polled, update.as_bytes()), Knocked::Stranger);
}

/// Takes one request to our webhook and answers as the ingress would.
async fn takes(listener: &TcpListener, vk: &dyn Channel) -> Knocked {
    let (mut stream, _) = listener.accept().await.unwrap();
    let body = body_of(&mut stream).await;
    let knocked = knock(vk, &body);
    let answer = match &knocked {
        Knocked::Updates { answer, .. } => (*answer).to_owned(),
        Knocked::Asked(answer) => answer.clone(),
        Knocked::Stranger | Knocked::Nonsense => panic!("{knocked:?}"),
    };
    let head = format!(
        "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        answer.len()
    );
    stream.write_all((head + &answer).as_bytes()).await.unwrap();
    knocked
}

async fn body_of(stream: &mut TcpStream) -> Vec<u8> {
    let mut read = Vec::new();
    loop {
        let mut chunk = [0; 4096];
        let more = stream.read(&mut chunk).await.unwrap();
        read.extend_from_slice(&chunk[..more]);
        let text = String::from_utf8_lossy(&read).to_lowercase();
        let Some((head, _)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let length = head.split_once("content-length: ").unwrap().1;
        let length: usize = length.split("\r\n").next().unwrap().parse().unwrap();
        if read.len() >= head.len() + 4 + length {
            return read[head.len() + 4..].to_vec();
        }
    }
}

#[tokio::test]
async fn the_callback_api_is_confirmed_and_brings_what_the_long_poll_brings() {
    let stage = Stage::begin().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let vk = channel(&stage.url(), TOKEN, &AGREED);
    vk.prepare().await.unwrap();
    let url = format!("http://{}/webhooks/vk", listener.local_addr().unwrap());
    let server = json!({ "url": url, "secret": "s3cret", "confirmation": "a1b2c3" });
    let community = json!({ "id": 5, "callback": server });
    let (_, asked) = tokio::join!(
        stage.posts("/sandbox/vk/communities", community),
        takes(&listener, &*vk)
    );
    assert_eq!(asked, Knocked::Asked("a1b2c3".to_owned()));
    let writes = stage.writes(json!({ "text": "привет" }));
    let (polled, pushed) = tokio::join!(writes, takes(&listener, &*vk));
    let Knocked::Updates { updates, .. } = pushed else {
        panic!("{pushed:?}");
    };
    assert!(!String::from_utf8_lossy(&updates[0]).contains("s3cret"));
    let heard = vk.read(&updates[0]).unwrap().remove(0);
    assert_eq!(heard.what, What::Event(Event::Wrote(polled)));
}

#[tokio::test]
async fn a_poll_goes_on_after_what_was_lost_and_with_a_new_key() {
    let stage = Stage::begin().await;
    for how in [2, 1, 3, 2] {
        stage.fails_poll(how).await;
        if how != 2 {
            assert_eq!(stage.heard().await, []);
        }
        let wrote = stage.writes(json!({ "text": how.to_string() })).await;
        assert_eq!(wrote.content.text.text, how.to_string());
    }
    stage.nothing_was_wrong().await;
}

#[tokio::test]
async fn the_same_cursor_gives_the_same_updates_also_after_a_restart() {
    let stage = Stage::begin().await;
    let vk = channel(&stage.url(), TOKEN, &[]);
    stage.fails_poll(1).await;
    let cursor = vk.next(None).await.unwrap().cursor;
    stage.writes(json!({ "text": "раз" })).await;
    let first = vk.next(cursor.as_deref()).await.unwrap();
    let restarted = channel(&stage.url(), TOKEN, &[]);
    let second = restarted.next(cursor.as_deref()).await.unwrap();
    assert_eq!(
        (first.updates, first.cursor),
        (second.updates, second.cursor)
    );
}

#[tokio::test]
async fn a_poll_that_fails_says_what_to_do_next() {
    let stage = Stage::begin().await;
    stage
        .fails(json!({ "kind": "drop_after", "method": "a_check" }))
        .await;
    let failed = stage.vk.next(Some("1")).await.unwrap_err();
    assert!(
        matches!(&failed, Undelivered::Unreached(why) if !why.contains("key=")),
        "{failed}"
    );
    let other = channel(&stage.url(), "vk1.a.another", &[]);
    let locked = other.next(None).await.unwrap_err();
    assert!(matches!(locked, Undelivered::Locked(_)), "{locked}");
}

#[tokio::test]
async fn settings_that_we_may_not_change_stay_as_they_are() {
    let stage = Stage::begin().await;
    let method = "groups.setLongPollSettings";
    stage
        .fails(json!({ "kind": "error", "code": 15, "method": method }))
        .await;
    stage.vk.prepare().await.unwrap();
    stage
        .fails(json!({ "kind": "error", "code": 5, "method": method }))
        .await;
    let locked = stage.vk.prepare().await;
    assert!(matches!(locked, Err(Undelivered::Locked(_))), "{locked:?}");
}

#[tokio::test]
async fn what_was_cropped_can_be_had_whole() {
    let stage = Stage::begin().await;
    stage
        .posts("/sandbox/vk/crop", json!({ "chat": 5, "times": 1 }))
        .await;
    let photo = stage.upload("a.png", "image/png", PNG.to_vec()).await;
    let photo = json!({ "kind": "photo", "file": photo });
    let wrote = stage
        .writes(json!({ "text": "чек", "attachments": [photo, photo] }))
        .await;
    assert!(wrote.partial && wrote.also.is_empty());
    let whole = stage.vk.whole(&wrote.at).await.unwrap().unwrap();
    let at: Vec<_> = whole.iter().map(|said| said.at.id.as_str()).collect();
    assert_eq!(at, ["1", "1#2"]);
    assert_eq!(whole[0].content.text.text, "чек");
    let gone = wrote.at.chat.message("99");
    assert_eq!(stage.vk.whole(&gone).await.unwrap(), None);
}

async fn bytes(vk: &dyn Channel, media: &Media) -> Result<Vec<u8>, Undelivered> {
    let download = vk.fetch(media).await?;
    let chunks: Vec<Bytes> = download.bytes.try_collect().await?;
    Ok(chunks.concat())
}

#[tokio::test]
async fn a_file_is_fetched_from_vk_and_from_nowhere_else() {
    let stage = Stage::begin().await;
    let photo = stage.upload("a.png", "image/png", PNG.to_vec()).await;
    let wrote = stage.writes(json!({ "photo": photo })).await;
    let Body::Media(media) = &wrote.content.body else {
        panic!("{wrote:?}");
    };
    assert_eq!(bytes(&*stage.vk, media).await.unwrap(), PNG);
    for address in [
        "http://169.254.169.254/latest",
        "https://evil.example/vk.com",
        "https://vk.com.evil.example/a",
        "https://notvk.com/a",
        "http://userapi.com/a",
        "file:///etc/passwd",
        "",
    ] {
        let refused = bytes(&*stage.vk, &Media::new(MediaKind::Photo, address)).await;
        assert!(
            matches!(refused, Err(Undelivered::Refused { .. })),
            "{address}: {refused:?}"
        );
    }
}

#[tokio::test]
async fn a_redirect_to_a_stranger_is_not_followed() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        for location in ["/b", "http://localhost:1/"] {
            let (mut stream, _) = listener.accept().await.unwrap();
            let _ = stream.read(&mut [0; 1024]).await;
            let answer = format!(
                "HTTP/1.1 302 Found\r\nconnection: close\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n"
            );
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    let vk = channel(&url, TOKEN, &[]);
    let media = Media::new(MediaKind::Photo, format!("{url}/a"));
    let refused = tokio::time::timeout(Duration::from_secs(5), bytes(&*vk, &media))
        .await
        .unwrap();
    assert!(
        matches!(refused, Err(Undelivered::Refused { .. })),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_colleague_in_vks_own_window_is_heard_and_we_are_not() {
    let stage = Stage::begin().await;
    stage.writes(json!({ "text": "привет" })).await;
    stage.says("Обращение принято", Vec::new()).await;
    let admin = json!({ "chat": 5, "person": 7, "from": 11, "text": "Уже отправили" });
    stage.posts("/sandbox/vk/admin", admin).await;
    let heard = stage.heard().await;
    let [Event::Elsewhere(elsewhere)] = heard.as_slice() else {
        panic!("{heard:?}");
    };
    assert_eq!(elsewhere.said[0].content.text.text, "Уже отправили");
    assert_eq!(elsewhere.customer.chat.id, "7");
}

/// Answers one request so, byte by byte; what was asked.
async fn answers(listener: &TcpListener, answer: &str) -> String {
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut request = vec![0; 4096];
    let read = stream.read(&mut request).await.unwrap();
    stream.write_all(answer.as_bytes()).await.unwrap();
    String::from_utf8_lossy(&request[..read]).into_owned()
}

#[tokio::test]
async fn the_token_stands_in_no_address_and_a_cut_answer_leaves_us_in_doubt() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/base/", listener.local_addr().unwrap());
    let vk = channel(&url, TOKEN, &[]);
    let cut = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 99\r\n\r\n{\"response\":";
    let errand = Errand {
        at: Timestamp::UNIX_EPOCH,
        serial: 1,
        files: &Shelf,
    };
    let piece = text("раз", Vec::new(), None);
    let (sent, asked) = tokio::join!(vk.deliver(&piece, &errand), answers(&listener, cut));
    assert!(matches!(sent, Err(Undelivered::Unknown(_))), "{sent:?}");
    let (head, body) = asked.split_once("\r\n\r\n").unwrap();
    assert!(
        head.starts_with("POST /base/method/messages.send HTTP"),
        "{head}"
    );
    assert!(!head.contains(TOKEN) && body.contains(TOKEN));
    let (probed, _) = tokio::join!(vk.probe(), answers(&listener, cut));
    assert!(
        matches!(probed, Err(Undelivered::Unreached(_))),
        "{probed:?}"
    );
    let nowhere = "HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 1\r\n\r\n<";
    let (probed, _) = tokio::join!(vk.probe(), answers(&listener, nowhere));
    assert!(matches!(probed, Err(Undelivered::Locked(_))), "{probed:?}");
}
