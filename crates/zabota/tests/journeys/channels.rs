//! Several inboxes of one kind at one desk (`[[channel]]`): each customer is answered where they wrote.

use serde_json::json;

use crate::stage::{
    ANNA, GROUP, IVAN, Messenger, OLGA, Stage, TIMUR, VERIFY_TOKEN, free_port, journeys,
};

journeys!(two_bots_three_communities_one_page, a_community_that_pushes,);

const SHOP_BOT: i64 = 1002;
const SHOP_BOT_TOKEN: &str = "1002:AAE-secret_secret-secret_secret-secr";
const CLUB: i64 = 502;
const CLUB_TOKEN: &str = "vk1.a.AAE-secret-of-the-club";
const SHOP: i64 = 503;
const SHOP_TOKEN: &str = "vk1.a.AAE-secret-of-the-shop";
const SECRET: &str = "AAE-secret-of-callbacks";

/// A bot, a community that polls, and one that pushes, besides those of the environment.
fn file(sandbox: &str) -> String {
    format!(
        r#"
[[channel]]
id = "tg-shop"
kind = "telegram"
title = "Телеграм, магазин"
token_env = "SHOP_BOT_TOKEN"
api_url = "{sandbox}"

[[channel]]
id = "vk-club"
kind = "vk"
title = "ВКонтакте, клуб"
token = "{CLUB_TOKEN}"
group_id = "{CLUB}"
api_url = "{sandbox}"

[[channel]]
id = "vk-shop"
kind = "vk"
token_env = "VK_SHOP_TOKEN"
group_id = "club{SHOP}"
secret = "{SECRET}"
confirmation = "a1b2c3d4"
api_url = "{sandbox}"
"#
    )
}

async fn open(stage: &Stage) -> crate::stage::Desk {
    let sandbox = stage.bot();
    let (sandbox, _) = sandbox.split_once("/bot").expect("an address");
    std::fs::write(stage.home().join("zabota.toml"), file(sandbox)).expect("a file");
    stage.set_everywhere().await;
    stage.community(CLUB, CLUB_TOKEN).await;
    stage.community(SHOP, SHOP_TOKEN).await;
    let shop = json!({ "id": SHOP_BOT, "first_name": "Магазин", "username": "shop_bot" });
    stage.hand("bots", shop).await;
    let mut settings = stage.settings_everywhere();
    settings.push(("SHOP_BOT_TOKEN", SHOP_BOT_TOKEN.to_owned()));
    settings.push(("VK_SHOP_TOKEN", SHOP_TOKEN.to_owned()));
    settings.push(("DIALOG", "group".to_owned()));
    let settings: Vec<_> = settings.iter().map(|(n, v)| (*n, v.as_str())).collect();
    let desk = stage.begin(free_port(), &settings);
    stage
        .connect_page(&desk, crate::stage::PAGE, "facebook")
        .await;
    stage
        .connect_community(&desk, SHOP, "vk-shop", SECRET, "a1b2c3d4")
        .await;
    stage.ready(&desk).await;
    desk
}

async fn two_bots_three_communities_one_page(stage: &Stage) {
    let desk = open(stage).await;
    let phones = [
        (stage.telegram(IVAN), "Telegram"),
        (
            stage.phone(Messenger::Telegram, SHOP_BOT, IVAN),
            "Телеграм, магазин",
        ),
        (stage.vk(ANNA), "VK"),
        (stage.phone(Messenger::Vk, CLUB, ANNA), "ВКонтакте, клуб"),
        (stage.phone(Messenger::Vk, SHOP, ANNA), "VK (vk-shop)"),
        (stage.facebook(TIMUR), "Facebook"),
    ];
    for (nth, (phone, title)) in (1..).zip(&phones) {
        let question = format!("вопрос-{nth}.");
        phone.asks(&question).await;
        let card = stage.sees(GROUP, &question).await;
        let text = card["text"].as_str().unwrap_or_default();
        assert!(text.contains(&format!("· {title}\n")), "{text}");
        stage.takes(OLGA, &question).await;
        phone.sees("Оператор подключился").await;
        let photo = stage.known_file("a.png").await;
        phone
            .writes(json!({ "photo": photo, "caption": format!("фото-{nth}.") }))
            .await;
    }
    for (nth, (phone, title)) in (1..).zip(&phones) {
        let copy = stage.sees(GROUP, &format!("фото-{nth}.")).await;
        let text = copy["text"].as_str().unwrap_or_default();
        assert!(text.contains(&format!("· {title}\n")), "{text}");
        stage.answers(OLGA, &copy, &format!("ответ-{nth}.")).await;
        let paper = stage.known_file("c.pdf").await;
        let paper = json!({ "document": paper, "reply_to": copy["message_id"] });
        stage.in_group(OLGA, paper).await;
        phone.sees(&format!("ответ-{nth}.")).await;
        let file = phone.sees_kind("document").await;
        let id = file["file"]["file_id"].as_str().expect("a file");
        assert_eq!(Stage::name_of(&stage.bytes(id).await), Some("c.pdf"));
    }
    stage.rests(&desk).await;
    for (nth, (phone, _)) in (1..).zip(&phones) {
        let heard = phone.heard().await;
        let texts = heard.iter().filter_map(|message| message["text"].as_str());
        let answers: Vec<_> = texts.filter(|text| text.starts_with("ответ-")).collect();
        assert_eq!(answers, [format!("ответ-{nth}.")]);
    }
    assert_eq!(stage.number("SELECT COUNT(*) FROM tickets").await, 6);
    let board = stage.sees(GROUP, "Открытых диалогов: 6").await;
    let text = board["text"].as_str().unwrap_or_default();
    assert!(text.contains("Иван · Телеграм, магазин · Ольга"), "{text}");
    // Secrets of all of them stay secret.
    assert!(!desk.log().contains("AAE-secret"), "{}", desk.log());
}

async fn a_community_that_pushes(stage: &Stage) {
    let desk = open(stage).await;
    let shop = stage.phone(Messenger::Vk, SHOP, ANNA);
    shop.asks("есть ли чашки?").await;
    stage.takes(OLGA, "есть ли чашки?").await;
    shop.sees("Оператор подключился").await;
    stage.rests(&desk).await;
    let rows = "SELECT COUNT(*) FROM inbox";
    let before = stage.number(rows).await;
    let event = |secret: &str| {
        let message = json!({ "id": 9, "date": 1, "from_id": ANNA, "peer_id": ANNA,
            "conversation_message_id": 99, "text": "подделка" });
        json!({ "type": "message_new", "group_id": SHOP, "event_id": "ff", "v": "5.199",
            "secret": secret, "object": { "message": message, "client_info": {} } })
    };
    let brings = async |path: &str, body: &serde_json::Value| {
        let request = reqwest::Client::new()
            .post(format!("{}{path}", desk.url()))
            .json(body);
        request.send().await.expect("an answer").status().as_u16()
    };
    for (path, secret, status) in [
        ("/webhooks/vk-shop", "AAE-wrong", 403),
        ("/webhooks/vk-club", SECRET, 404),
        ("/webhooks/vk", SECRET, 404),
        ("/webhooks/nobody", SECRET, 404),
        ("/webhooks/facebook", VERIFY_TOKEN, 403),
    ] {
        assert_eq!(brings(path, &event(secret)).await, status, "{path}");
    }
    assert_eq!(stage.number(rows).await, before);
    assert_eq!(brings("/webhooks/vk-shop", &event(SECRET)).await, 200);
    stage.sees(GROUP, "подделка").await;
    shop.says("и ложки").await;
    let copy = stage.sees(GROUP, "и ложки").await;
    assert!(
        copy["text"]
            .as_str()
            .is_some_and(|text| text.contains("· VK (vk-shop)"))
    );
}
