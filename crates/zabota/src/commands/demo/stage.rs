//! Who and what is there before anybody plays: people, a group, a community, a page, and the clients'
//! sheet.

use std::time::Duration;

use anyhow::{Result, ensure};
use jiff::{SignedDuration, ToSpan, civil::Date};
use reqwest::{Client, Method};
use serde_json::{Value, json};

use crate::{clock::Clock, config::WEBHOOKS};

pub(super) const TOKEN: &str = "1001:demo-demo-demo-demo-demo-demo-demo1";
const BOT: i64 = 1001;
pub(super) const GROUP: i64 = -1_000_000_001;
pub(super) const COMMUNITY: i64 = 501;
pub(super) const COMMUNITY_TOKEN: &str = "vk1.a.demo-demo-demo";
pub(super) const PAGE: i64 = 601;
pub(super) const PAGE_TOKEN: &str = "EAAdemodemodemo";
pub(super) const APP_SECRET: &str = "demo-demo-demo-demo";
pub(super) const VERIFY_TOKEN: &str = "demo-verify";
/// What the bot, the community and the page are called.
const NAME: &str = "Служба заботы";

/// The owner: Olga.
pub(super) const OWNER: i64 = 3001;
/// The clients' sheet, by its id.
pub(super) const SHEET: &str = "demo-clients";
/// The page's clock is looked at so often.
const BETWEEN_LOOKS: Duration = Duration::from_millis(250);

/// Who is there in Telegram: an id, a name, and whether they are an operator.
const PEOPLE: [(i64, &str, &str, bool); 4] = [
    (2001, "Иван", "Соколов", false),
    (2002, "Мария", "Белова", false),
    (OWNER, "Ольга", "Крылова", true),
    (3002, "Пётр", "Зимин", true),
];
/// Who is there in the other messengers.
const OTHERS: [(&str, i64, &str, &str); 2] = [
    ("vk", 4001, "Анна", "Лебедева"),
    ("facebook", 5001, "Тимур", "Алиев"),
];

/// Who and what is there before anybody plays.
pub(super) struct Stage {
    url: String,
    client: Client,
}

impl Stage {
    pub(super) fn new(url: &str) -> Result<Self> {
        Ok(Self {
            url: url.to_owned(),
            client: Client::builder().no_proxy().build()?,
        })
    }

    /// Brings everybody and everything on stage; the sheet as it is on some day.
    pub(super) async fn set(&self, sheet_of: Option<Date>) -> Result<()> {
        let bot = json!({ "id": BOT, "first_name": NAME, "username": "zabota_bot" });
        self.tell("bots", &bot).await?;
        for (id, first_name, last_name, _) in PEOPLE {
            let phone = format!("+7916123{}", id % 10_000);
            let person = json!({
                "id": id, "first_name": first_name, "last_name": last_name,
                "language_code": "ru", "phone": phone,
            });
            self.tell("people", &person).await?;
        }
        let members: Vec<i64> = PEOPLE
            .iter()
            .filter(|(.., operator)| *operator)
            .map(|(id, ..)| *id)
            .collect();
        let group = json!({
            "id": GROUP, "title": "Операторы", "members": members, "bots": [BOT],
            "admins": [BOT, members[0]],
        });
        self.tell("groups", &group).await?;
        let community = json!({ "id": COMMUNITY, "name": NAME, "token": COMMUNITY_TOKEN });
        self.tell("vk/communities", &community).await?;
        let page = json!({
            "id": PAGE, "name": NAME, "token": PAGE_TOKEN, "app_secret": APP_SECRET,
            "human_agent": true,
        });
        self.tell("facebook/pages", &page).await?;
        for (messenger, id, first_name, last_name) in OTHERS {
            let person = json!({ "id": id, "first_name": first_name, "last_name": last_name });
            self.tell(&format!("{messenger}/people"), &person).await?;
        }
        if let Some(today) = sheet_of {
            let path = format!("google/sheets/{SHEET}");
            self.send(Method::PUT, &path, &sheet(today)).await?;
        }
        Ok(())
    }

    /// The key file of the service account that may read the sheet.
    pub(super) async fn google_key(&self) -> Result<String> {
        let url = format!("{}/sandbox/google/key", self.url);
        Ok(self.client.get(url).send().await?.text().await?)
    }

    /// Moves the desk's clock on whenever the page's is moved.
    pub(super) async fn lead(&self, clock: &Clock) -> Result<()> {
        loop {
            let told = self.tell("clock", &json!({ "advance": 0 })).await?;
            let ahead = told["now"].as_i64().unwrap_or_default() - clock.now().as_second();
            // Both tell whole seconds: one is no difference.
            if ahead > 1 {
                clock.advance(SignedDuration::from_secs(ahead));
            }
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
    }

    /// Tells the page where the desk is, as soon as the desk answers: a webhook is verified at once.
    pub(super) async fn connect_page(&self, desk: &str) -> Result<()> {
        let alive = || self.client.get(format!("{desk}/healthz")).send();
        while alive().await.is_err() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let webhook = json!({
            "url": format!("{desk}{WEBHOOKS}facebook"), "verify_token": VERIFY_TOKEN,
        });
        let page = json!({ "id": PAGE, "webhook": webhook });
        self.tell("facebook/pages", &page).await.map(|_| ())
    }

    async fn tell(&self, path: &str, what: &Value) -> Result<Value> {
        self.send(Method::POST, path, what).await
    }

    async fn send(&self, method: Method, path: &str, what: &Value) -> Result<Value> {
        let url = format!("{}/sandbox/{path}", self.url);
        let answer = self.client.request(method, url).json(what).send().await?;
        let status = answer.status();
        let text = answer.text().await?;
        ensure!(status.is_success(), "{path}: {text}");
        Ok(serde_json::from_str(&text)?)
    }
}

/// Clients and tariffs as an owner writes them. Nobody's last day is near: reminders come when the
/// page's clock is moved on.
fn sheet(today: Date) -> Value {
    let day = |days: i32| {
        let day = today.saturating_add(days.days());
        day.strftime("%d.%m.%Y").to_string()
    };
    let clients = json!([
        ["Почта", "Имя", "Тариф", "Оплачено до"],
        ["ivan@example.com", "Иван Соколов", "Базовый", day(10)],
        ["maria@example.com", "Мария Белова", "Полный", day(40)],
        ["anna@example.com", "Анна Лебедева", "Базовый", day(-5)],
        ["timur@example.com", "Тимур Алиев", "World", day(20)],
    ]);
    let tariffs = json!([
        ["Тариф", "Цена", "Валюта", "Дней"],
        ["Базовый", "199,00", "CNY", 30],
        ["Полный", "1 990", "RUB", 90],
        ["World", "10.99", "USD", 30],
    ]);
    json!({
        "title": "Подписки", "published": false,
        "tabs": [
            { "title": "Клиенты", "rows": clients },
            { "title": "Тарифы", "rows": tariffs },
        ],
    })
}
