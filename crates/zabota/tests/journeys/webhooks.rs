//! Webhooks: whoever proves nothing changes nothing; what is taken is stored; and it is answered at once,
//! whatever becomes of it.

use std::time::{Duration, Instant};

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha512;
use store::testing::Server;

use crate::stage::{
    ANNA, APP_SECRET, COMMUNITY, Desk, IVAN, OLGA, PAGE, Stage, TIMUR, VERIFY_TOKEN, free_port,
    hex, hmac, journeys, play_with_server,
};

journeys!(
    strangers_are_turned_away,
    hands_are_shaken_with_those_who_know,
    nonsense_harms_nobody,
    a_hundred_events_in_one_request,
    an_answer_waits_for_nobody,
);

const TELEGRAM_SECRET: &str = "a_secret-1";
const VK_SECRET: &str = "aLongRandomWord";
const CONFIRMATION: &str = "a1b2c3d4";

/// A desk to which all three messengers bring everything.
async fn pushed(stage: &Stage) -> Desk {
    let port = free_port();
    let url = format!("http://127.0.0.1:{port}");
    stage.set_everybody().await;
    let mut settings = stage.vk_settings();
    settings.extend(stage.facebook_settings());
    settings.push(("TELEGRAM_WEBHOOK_SECRET", TELEGRAM_SECRET.to_owned()));
    settings.push(("PUBLIC_URL", url));
    settings.push(("VK_SECRET", VK_SECRET.to_owned()));
    settings.push(("VK_CONFIRMATION", CONFIRMATION.to_owned()));
    let settings: Vec<_> = settings.iter().map(|(n, v)| (*n, v.as_str())).collect();
    let desk = stage.begin(port, &settings);
    stage.connect_page(&desk, PAGE, "facebook").await;
    stage
        .connect_community(&desk, COMMUNITY, "vk", VK_SECRET, CONFIRMATION)
        .await;
    stage.ready(&desk).await;
    desk
}

/// What Telegram brings when Ivan writes.
fn telegram(id: i64, text: &str) -> Value {
    let person = json!({ "id": IVAN, "is_bot": false, "first_name": "Иван" });
    let chat = json!({ "id": IVAN, "type": "private", "first_name": "Иван" });
    let message =
        json!({ "message_id": id, "date": 1, "from": person, "chat": chat, "text": text });
    json!({ "update_id": id, "message": message })
}

/// What VK brings when Anna writes.
fn vk(id: i64, text: &str) -> Value {
    let message = json!({ "id": id, "conversation_message_id": id, "date": 1, "peer_id": ANNA,
        "from_id": ANNA, "out": 0, "text": text, "attachments": [], "fwd_messages": [] });
    json!({ "type": "message_new", "object": { "message": message, "client_info": {} },
        "group_id": COMMUNITY, "event_id": format!("by-hand-{id}"), "v": "5.199", "secret": VK_SECRET })
}

/// What Facebook brings when Timur writes.
fn facebook(id: i64, text: &str) -> Value {
    let event = json!({ "sender": { "id": TIMUR.to_string() }, "recipient": { "id": PAGE.to_string() },
        "timestamp": 1_700_000_000_000_i64 + id,
        "message": { "mid": format!("m_by-hand-{id}"), "text": text } });
    json!({ "object": "page", "entry": [{ "id": PAGE.to_string(), "time": 1, "messaging": [event] }] })
}

async fn facebook_brings(desk: &Desk, body: String) -> (u16, String) {
    let signature = format!("sha256={}", hmac(APP_SECRET, body.as_bytes()));
    let signed = [("X-Hub-Signature-256", signature.as_str())];
    desk.brings("facebook", body, &signed).await
}

/// Everything that a stranger might change.
async fn all_there_is(stage: &Stage) -> (Vec<String>, String) {
    let tables = ["inbox", "outbox", "tickets", "ticket_messages"];
    let count = |table| format!("SELECT COUNT(*) FROM {table}");
    let mut counts = Vec::new();
    for table in tables {
        counts.extend(stage.column(&count(table)).await);
    }
    (counts, stage.everything().await)
}

async fn strangers_are_turned_away(stage: &Stage) {
    let desk = pushed(stage).await;
    stage.dialog().await;
    stage.vk(ANNA).begins().await;
    stage.vk(ANNA).sees("Здравствуйте").await;
    stage.rests(&desk).await;
    let before = all_there_is(stage).await;
    for wrong in [
        None,
        Some(""),
        Some("a_secret-2"),
        Some("a_secret-11"),
        Some("a_secret-"),
    ] {
        let secret = wrong.map(|wrong| ("X-Telegram-Bot-Api-Secret-Token", wrong));
        let (status, _) = desk
            .brings(
                "telegram",
                telegram(990_001, "подделка").to_string(),
                secret.as_slice(),
            )
            .await;
        assert!([401, 403].contains(&status), "{wrong:?}: {status}");
    }
    for (field, wrong) in [
        ("secret", Value::Null),
        ("secret", json!("")),
        ("secret", json!("another")),
        ("secret", json!({ "a": VK_SECRET })),
        ("group_id", json!(COMMUNITY + 1)),
        ("group_id", Value::Null),
    ] {
        let mut forged = vk(1, "подделка");
        forged[field] = wrong;
        let (status, _) = desk.brings("vk", forged.to_string(), &[]).await;
        assert!([401, 403].contains(&status), "{forged}: {status}");
    }
    let body = facebook(1, "подделка").to_string();
    let right = hmac(APP_SECRET, body.as_bytes());
    let mut other = Hmac::<Sha512>::new_from_slice(APP_SECRET.as_bytes()).expect("a key");
    other.update(body.as_bytes());
    let other = hex(&other.finalize().into_bytes());
    for (header, wrong) in [
        ("X-Nothing", String::new()),
        ("X-Hub-Signature-256", String::new()),
        ("X-Hub-Signature-256", right.clone()),
        ("X-Hub-Signature-256", format!("sha1={right}")),
        ("X-Hub-Signature-256", format!("sha512={other}")),
        ("X-Hub-Signature-256", format!("sha256={other}")),
        (
            "X-Hub-Signature-256",
            format!("sha256={}", hmac("another", body.as_bytes())),
        ),
        // Right, and over the same words in other bytes.
        (
            "X-Hub-Signature-256",
            format!("sha256={}", hmac(APP_SECRET, format!("{body} ").as_bytes())),
        ),
        ("X-Hub-Signature", format!("sha256={right}")),
        ("X-Hub-Signature", format!("sha1={right}")),
    ] {
        let (status, _) = desk
            .brings("facebook", body.clone(), &[(header, wrong.as_str())])
            .await;
        assert!([401, 403].contains(&status), "{header}: {wrong}: {status}");
    }
    // The app may serve other pages too: they are nobody's business here.
    let elsewhere = body.replace(&PAGE.to_string(), "602");
    assert_eq!(facebook_brings(&desk, elsewhere).await.0, 200);
    assert_eq!(desk.brings("elsewhere", "{}", &[]).await.0, 404);
    stage.rests(&desk).await;
    assert_eq!(all_there_is(stage).await, before);

    let secret = [("X-Telegram-Bot-Api-Secret-Token", TELEGRAM_SECRET)];
    let real = desk.brings(
        "telegram",
        telegram(990_002, "а это от меня").to_string(),
        &secret,
    );
    assert_eq!(real.await.0, 200);
    stage.sees(OLGA, "а это от меня").await;
    assert_eq!(
        desk.brings("vk", vk(2, "/start").to_string(), &[]).await,
        (200, "ok".to_owned())
    );
    stage.vk(ANNA).sees("Здравствуйте").await;
}

async fn hands_are_shaken_with_those_who_know(stage: &Stage) {
    let desk = pushed(stage).await;
    let asks = |group: i64| json!({ "type": "confirmation", "group_id": group });
    let confirmed = (200, CONFIRMATION.to_owned());
    assert_eq!(
        desk.brings("vk", asks(COMMUNITY).to_string(), &[]).await,
        confirmed
    );
    let mut with_secret = asks(COMMUNITY);
    with_secret["secret"] = json!(VK_SECRET);
    assert_eq!(
        desk.brings("vk", with_secret.to_string(), &[]).await,
        confirmed
    );
    with_secret["secret"] = json!("another");
    for wrong in [asks(COMMUNITY + 1), with_secret] {
        let (status, answer) = desk.brings("vk", wrong.to_string(), &[]).await;
        assert!(
            [401, 403].contains(&status) && !answer.contains(CONFIRMATION),
            "{wrong}: {status}"
        );
    }
    let mode = ("hub.mode", "subscribe");
    let token = ("hub.verify_token", VERIFY_TOKEN);
    let challenge = ("hub.challenge", "11582 01444+<b>");
    let shaken = desk.asks("facebook", &[mode, token, challenge]).await;
    assert_eq!(shaken, (200, challenge.1.to_owned()));
    for wrong in [
        &[mode, ("hub.verify_token", "another"), challenge][..],
        &[mode, ("hub.verify_token", ""), challenge],
        &[mode, challenge],
        &[("hub.mode", "unsubscribe"), token, challenge],
        &[token, challenge],
        &[],
    ] {
        let (status, answer) = desk.asks("facebook", wrong).await;
        assert!(
            [401, 403].contains(&status) && !answer.contains(challenge.1),
            "{wrong:?}: {status}"
        );
    }
}

async fn nonsense_harms_nobody(stage: &Stage) {
    let desk = pushed(stage).await;
    stage.rests(&desk).await;
    let stored = "SELECT update_key FROM inbox WHERE channel <> 'desk'";
    let before = stage.column(stored).await;
    for channel in ["telegram", "vk", "facebook"] {
        for nonsense in [
            "",
            "{",
            "null",
            "[]",
            "7",
            "\u{0}",
            "{\"secret\":{}}",
            "<xml/>",
        ] {
            let (status, _) = desk.brings(channel, nonsense, &[]).await;
            assert!(
                (400..500).contains(&status),
                "{channel} {nonsense}: {status}"
            );
        }
        // Nobody can make the desk remember, or even read, more than a messenger ever brings.
        let huge = " ".repeat(8 * 1024 * 1024);
        let request = desk.request(reqwest::Method::POST, channel).body(huge);
        if let Ok(answer) = request.send().await {
            assert_eq!(answer.status(), 413, "{channel}");
        }
        let (asked, _) = desk.asks(channel, &[]).await;
        assert!([401, 403, 405].contains(&asked), "{channel}: {asked}");
        let put = desk.request(reqwest::Method::PUT, channel).body("{}");
        assert_eq!(put.send().await.expect("an answer").status(), 405);
    }
    assert_eq!(stage.column(stored).await, before);

    // What proves where it comes from and cannot be read is set aside, shown, and never brought again.
    let mut strange = vk(3, "");
    strange["object"] = json!({ "message": { "peer_id": "семь" } });
    assert_eq!(
        desk.brings("vk", strange.to_string(), &[]).await,
        (200, "ok".to_owned())
    );
    for (nth, strange) in (2_u8..).zip([
        "не JSON".to_owned(),
        json!({ "object": "page", "entry": "нет" }).to_string(),
        json!({ "object": "page", "entry": [{ "id": PAGE.to_string(), "messaging": [{ "sender": 7 }] }] }).to_string(),
    ]) {
        assert_eq!(facebook_brings(&desk, strange).await.0, 200);
        let counted = async || (desk.figure("zabota_set_aside").await >= f64::from(nth)).then_some(());
        stage.until("something set aside", counted).await;
    }
    stage.facebook(TIMUR).begins().await;
    stage.facebook(TIMUR).sees("Здравствуйте").await;
    stage.vk(ANNA).begins().await;
    stage.vk(ANNA).sees("Здравствуйте").await;
}

async fn a_hundred_events_in_one_request(stage: &Stage) {
    let desk = stage.open_everywhere(&[]).await;
    let people: Vec<i64> = (5101..5106).collect();
    for who in &people {
        stage.facebook_person(*who, &format!("Клиент{who}.")).await;
    }
    let asked = people.iter().map(|who| async move {
        stage.facebook(*who).asks(&format!("вопрос-{who}.")).await;
    });
    futures_util::future::join_all(asked).await;
    stage.rests(&desk).await;
    stage
        .hand("facebook/gather", json!({ "chat": PAGE, "on": true }))
        .await;
    for number in 1..=20 {
        for who in &people {
            stage.facebook(*who).says(&number.to_string()).await;
        }
    }
    stage
        .hand("facebook/gather", json!({ "chat": PAGE, "on": false }))
        .await;
    for who in &people {
        let read = stage.group_reads(&format!("Клиент{who}."), 20).await;
        assert_eq!(read, (1..=20).collect::<Vec<_>>(), "{who}");
    }
    let kept = "SELECT COUNT(*) FROM ticket_messages";
    assert_eq!(stage.number(kept).await, 105);
}

async fn an_answer_waits_for_nobody(stage: &Stage) {
    let desk = pushed(stage).await;
    let phones = [stage.telegram(IVAN), stage.vk(ANNA), stage.facebook(TIMUR)];
    for phone in phones {
        phone.begins().await;
        phone.sees("Здравствуйте").await;
    }
    stage.rests(&desk).await;
    // Nothing can be asked of anybody, neither names nor memberships, and nothing sent.
    stage
        .hand("faults", json!({ "kind": "slow", "ms": 3000, "times": 0 }))
        .await;
    let began = Instant::now();
    let secret = [("X-Telegram-Bot-Api-Secret-Token", TELEGRAM_SECRET)];
    for number in 1..=5 {
        let body = telegram(991_000 + number, "возврат товара").to_string();
        assert_eq!(desk.brings("telegram", body, &secret).await.0, 200);
        assert_eq!(
            desk.brings("vk", vk(10 + number, "возврат товара").to_string(), &[])
                .await
                .0,
            200
        );
        let body = facebook(10 + number, "возврат товара").to_string();
        assert_eq!(facebook_brings(&desk, body).await.0, 200);
    }
    let took = began.elapsed();
    assert!(took < Duration::from_secs(2), "{took:?}");
    stage.heal().await;
    for phone in phones {
        phone.sees("маркетплейс").await;
    }
}

#[test]
fn webhooks_say_503_while_the_database_is_away() {
    play_with_server(without_database);
}

async fn without_database(stage: &Stage, server: &Server) {
    let desk = pushed(stage).await;
    let (anna, timur) = (stage.vk(ANNA), stage.facebook(TIMUR));
    for phone in [anna, timur] {
        phone.asks(&format!("вопрос-{}.", phone.who)).await;
    }
    stage.rests(&desk).await;
    server.stop();
    assert_eq!(
        desk.brings("vk", vk(21, "рано").to_string(), &[]).await.0,
        503
    );
    assert_eq!(
        facebook_brings(&desk, facebook(21, "рано").to_string())
            .await
            .0,
        503
    );
    for number in 1..=5 {
        anna.says(&number.to_string()).await;
        timur.says(&number.to_string()).await;
    }
    let not_ready = async || (desk.page("/readyz").await.0 == 503).then_some(());
    stage.until("not ready", not_ready).await;
    server.resume();
    stage.ready(&desk).await;
    // The messengers wait longer and longer: here they need not.
    for _ in 0..3 {
        stage.hand("clock", json!({ "advance": 60 })).await;
    }
    for name in ["Анна", "Тимур"] {
        assert_eq!(stage.group_reads(name, 5).await, [1, 2, 3, 4, 5]);
    }
    stage.rests(&desk).await;
    let kept = "SELECT COUNT(*) FROM ticket_messages";
    assert_eq!(stage.number(kept).await, 12);
    let early = "SELECT COUNT(*) FROM ticket_messages WHERE message_text = 'рано'";
    assert_eq!(stage.number(early).await, 0);
}
