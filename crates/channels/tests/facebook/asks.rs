//! What a page asks besides messages, and what its webhook hears.

use channels::{Undelivered, What};
use engine::{
    content::{Body, Media, MediaKind},
    event::Event,
};
use expect_test::expect;
use futures_util::StreamExt;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use crate::{
    page,
    stage::{PNG, Stage},
};

#[tokio::test]
async fn it_subscribes_and_shows_get_started() {
    let stage = Stage::begin().await;
    stage.channel.prepare().await.unwrap();
    stage.channel.prepare().await.unwrap();
    stage
        .does("press", json!({ "get_started": true, "ref": "flyer" }))
        .await;
    assert_eq!(stage.wrote().await.command(), Some(("/start", "flyer")));
    stage.check(expect![[r#"
        subscribed_apps {"subscribed_fields":"messages,messaging_postbacks,messaging_referrals,message_echoes,message_edits,standby"} → 200
        messenger_profile {"fields":"get_started"} → 200
        messenger_profile {"get_started":{"payload":"/start"}} → 200
        subscribed_apps {"subscribed_fields":"messages,messaging_postbacks,messaging_referrals,message_echoes,message_edits,standby"} → 200
        messenger_profile {"fields":"get_started"} → 200
    "#]]).await;
}

#[tokio::test]
async fn rights_that_are_missing_do_not_stop_it() {
    let stage = Stage::begin().await;
    for method in ["subscribed_apps", "messenger_profile"] {
        let refusal = json!({ "kind": "error", "code": 200, "method": method });
        stage.fails(refusal).await;
    }
    stage.channel.prepare().await.unwrap();
    stage.fails(json!({ "kind": "html", "status": 503 })).await;
    let later = stage.channel.prepare().await.unwrap_err();
    assert!(matches!(later, Undelivered::Unreached(_)), "{later}");
}

#[tokio::test]
async fn a_name_is_asked_and_may_be_kept_secret() {
    let stage = Stage::begin().await;
    let name = async || {
        stage
            .channel
            .profile(&stage.ivan())
            .await
            .unwrap()
            .map(|who| who.name)
    };
    assert_eq!(name().await.unwrap(), "Иван Петров");
    for secret in ["private", "hidden"] {
        let mut ivan = json!({ "id": 7001, "first_name": "Иван" });
        ivan[secret] = json!(true);
        stage.does("people", ivan).await;
        assert_eq!(name().await, None);
    }
}

#[tokio::test]
async fn our_own_echo_is_ignored_and_a_colleagues_is_heard() {
    let stage = Stage::begin().await;
    stage.deliver(&stage.answers("раз")).await.unwrap();
    let what = stage.heard().await.what;
    assert_eq!(what, What::Ignored("our own message, come back"));
    stage
        .does("admin", json!({ "text": "я уже отвечаю" }))
        .await;
    let Event::Elsewhere(elsewhere) = stage.event().await else {
        panic!("no colleague is heard");
    };
    assert_eq!(elsewhere.said[0].content.text.text, "я уже отвечаю");
    assert_eq!(elsewhere.customer.id, stage.ivan());
}

#[tokio::test]
async fn an_edit_is_heard() {
    let stage = Stage::begin().await;
    let wrote = stage.writes(json!({ "text": "раз" })).await;
    stage.edits(&wrote.at, "два").await;
    let Event::Edited(edited) = stage.event().await else {
        panic!("no edit is heard");
    };
    assert_eq!(
        (edited.at, edited.content.text.text.as_str()),
        (wrote.at, "два")
    );
}

#[tokio::test]
async fn what_is_said_while_the_inbox_holds_the_conversation_is_heard() {
    let stage = Stage::begin().await;
    stage.does("thread", json!({ "owner": "inbox" })).await;
    let wrote = stage.writes(json!({ "text": "алло?" })).await;
    assert_eq!(wrote.content.text.text, "алло?");
}

#[tokio::test]
async fn a_message_with_several_files_is_one() {
    let stage = Stage::begin().await;
    let photo = stage.upload("a.png", "image/png", PNG).await;
    let film = stage
        .upload("a.mp4", "video/mp4", b"\0\0\0\x20ftypisom")
        .await;
    let files = json!([{ "kind": "photo", "file": photo }, { "kind": "video", "file": film }]);
    let wrote = stage.writes(json!({ "attachments": files })).await;
    let kinds: Vec<_> = wrote
        .all()
        .iter()
        .map(|said| said.content.kind().to_owned())
        .collect();
    assert_eq!(kinds, ["photo", "video"]);
    assert_eq!(wrote.also[0].at.id, format!("{}#2", wrote.at.id));
}

#[tokio::test]
async fn a_file_is_brought_home() {
    let stage = Stage::begin().await;
    let bill = stage
        .upload("bill.pdf", "application/pdf", b"%PDF-1.7 bill")
        .await;
    let wrote = stage.writes(json!({ "document": bill })).await;
    let media = wrote.content.media().unwrap();
    assert_eq!(media.name.as_deref(), Some("bill.pdf"));
    let download = stage.channel.fetch(media).await.unwrap();
    assert_eq!(download.size, Some(13));
    let bytes: Vec<u8> = download
        .bytes
        .map(|chunk| chunk.unwrap().to_vec())
        .concat()
        .await;
    assert_eq!(bytes, b"%PDF-1.7 bill");
}

async fn refused(stage: &Stage, url: String) {
    let fetched = stage
        .channel
        .fetch(&Media::new(MediaKind::Photo, url))
        .await;
    let refused = fetched.err().unwrap();
    assert!(matches!(refused, Undelivered::Refused { .. }), "{refused}");
}

#[tokio::test]
async fn no_other_host_is_asked_for_a_file() {
    let stage = Stage::begin().await;
    let elsewhere = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = elsewhere.local_addr().unwrap();
    refused(&stage, format!("http://{address}/a.png")).await;
    refused(&stage, "http://scontent.fbcdn.net/a.png".to_owned()).await;
    refused(&stage, "https://fbcdn.net.evil.test/a.png".to_owned()).await;
    refused(&stage, "file:///etc/passwd".to_owned()).await;
    let asked = std::future::poll_fn(|context| elsewhere.poll_accept(context));
    let asked = tokio::time::timeout(std::time::Duration::from_millis(50), asked).await;
    assert!(asked.is_err());
    refused(
        &stage,
        format!("{}/facebook/files/1040/999/x.png", stage.url()),
    )
    .await;
}

#[tokio::test]
async fn no_redirect_leads_away_from_facebook() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let _ = stream.read(&mut [0; 1024]).await;
        let away =
            "HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/\r\ncontent-length: 0\r\n\r\n";
        stream.write_all(away.as_bytes()).await.unwrap();
    });
    let channel = page::channel(&url);
    let media = Media::new(MediaKind::Photo, format!("{url}/a.png"));
    let refused = channel.fetch(&media).await.err().unwrap();
    assert!(
        refused.to_string().contains("not on a host of Facebook's"),
        "{refused}"
    );
}

#[tokio::test]
async fn a_place_and_a_card_arrive_as_text() {
    let stage = Stage::begin().await;
    let place = json!({ "location": { "latitude": 55.75, "longitude": 37.61 } });
    let wrote = stage.writes(place).await;
    assert_eq!(wrote.content.body, Body::Text);
    let text = wrote.content.text.text;
    assert!(
        text.contains("55.75") && text.contains("https://www.bing.com/maps"),
        "{text}"
    );
    let card = json!({ "contact": { "first_name": "Анна", "phone_number": "+79160000000" } });
    let wrote = stage.writes(card).await;
    assert_eq!(wrote.content.text.text, "Анна +79160000000");
}
