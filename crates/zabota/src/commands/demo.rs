//! `zabota demo`: the whole thing in one process, with emulated messengers and a page on which a
//! person plays everybody. Nothing outlives it.

use std::{
    future::pending,
    io::{self, Write},
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, Result, anyhow, ensure};
use clap::Args;
use reqwest::Client;
use sandbox::Sandbox;
use serde_json::{Value, json};

use super::run::asked_to_stop;
use crate::{
    app,
    clock::Clock,
    config::{self, Config, Mistake, Settings, WEBHOOKS},
};

const TOKEN: &str = "1001:demo-demo-demo-demo-demo-demo-demo1";
const BOT: i64 = 1001;
const GROUP: i64 = -1_000_000_001;
const COMMUNITY: i64 = 501;
const COMMUNITY_TOKEN: &str = "vk1.a.demo-demo-demo";
const PAGE: i64 = 601;
const PAGE_TOKEN: &str = "EAAdemodemodemo";
const APP_SECRET: &str = "demo-demo-demo-demo";
const VERIFY_TOKEN: &str = "demo-verify";
/// What the bot, the community and the page are called.
const NAME: &str = "Служба заботы";

/// Who is there in Telegram: an id, a name, and whether they are an operator.
const PEOPLE: [(i64, &str, &str, bool); 4] = [
    (2001, "Иван", "Соколов", false),
    (2002, "Мария", "Белова", false),
    (3001, "Ольга", "Крылова", true),
    (3002, "Пётр", "Зимин", true),
];
/// Who is there in the other messengers.
const OTHERS: [(&str, i64, &str, &str); 2] = [
    ("vk", 4001, "Анна", "Лебедева"),
    ("facebook", 5001, "Тимур", "Алиев"),
];

/// What the demo shows.
#[derive(Args)]
pub struct Show {
    /// Where the page is; another free port if that one is taken.
    #[arg(long, default_value = "127.0.0.1:8090")]
    addr: SocketAddr,
    /// The way that customers are led: a scenario's name, or a path to a .toml.
    #[arg(long, default_value = "care")]
    scenario: String,
    /// Where dialogs live: private or group; otherwise where the scenario says.
    #[arg(long)]
    dialog: Option<String>,
}

/// Runs the demo until the process is asked to stop. A port that is taken is no obstacle.
pub async fn run(show: Show, locale: &str, out: &mut impl Write) -> Result<()> {
    let stop = asked_to_stop()?;
    let sandbox = start(show.addr).await?;
    let url = sandbox.url();
    let home = Home::new()?;
    let stage = Stage::new(&url)?;
    stage
        .set()
        .await
        .context("the demo's people do not come on stage")?;
    let (config, scenario) = settings(&url, &home.0, locale, &show).await?;
    let desk = format!("http://{}", config.http);
    let opened = async {
        stage.connect_page(&desk).await?;
        // Whoever closed the pipe knows the address, or does not want it.
        let _ = writeln!(out, "{}", welcome(locale, &url)).and_then(|()| out.flush());
        pending::<Result<()>>().await
    };
    tokio::select! {
        ended = app::run(config, scenario, Clock::wall(), stop) => ended?,
        failed = opened => failed?,
    }
    sandbox.stop().await?;
    Ok(())
}

async fn start(address: SocketAddr) -> Result<Sandbox> {
    match Sandbox::start(address).await {
        Ok(sandbox) => Ok(sandbox),
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
            let free = SocketAddr::new(address.ip(), 0);
            Sandbox::start(free)
                .await
                .context("no port is free for the demo")
        }
        Err(error) => Err(error).with_context(|| format!("the demo cannot listen on {address}")),
    }
}

fn welcome(locale: &str, url: &str) -> String {
    if locale == "en" {
        format!("Zabota is ready to be tried:\n\n    {url}\n\nStop it with Ctrl+C.")
    } else {
        format!("Забота готова, попробуйте:\n\n    {url}\n\nОстановить: Ctrl+C.")
    }
}

/// A folder that goes with the demo.
struct Home(PathBuf);

impl Home {
    fn new() -> Result<Self> {
        let path = std::env::temp_dir().join(format!("zabota-demo-{}", std::process::id()));
        std::fs::create_dir_all(&path)
            .with_context(|| format!("no folder {} can be made", path.display()))?;
        Ok(Self(path))
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        // What cannot be removed now, the system removes from its temporary folder.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Who and what is there before anybody plays.
struct Stage {
    url: String,
    client: Client,
}

impl Stage {
    fn new(url: &str) -> Result<Self> {
        Ok(Self {
            url: url.to_owned(),
            client: Client::builder().no_proxy().build()?,
        })
    }

    async fn set(&self) -> Result<()> {
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
        Ok(())
    }

    /// Tells the page where the desk is, as soon as the desk answers: a webhook is verified at once.
    async fn connect_page(&self, desk: &str) -> Result<()> {
        let alive = || self.client.get(format!("{desk}/healthz")).send();
        while alive().await.is_err() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let webhook = json!({
            "url": format!("{desk}{WEBHOOKS}facebook"), "verify_token": VERIFY_TOKEN,
        });
        let page = json!({ "id": PAGE, "webhook": webhook });
        self.tell("facebook/pages", &page).await
    }

    async fn tell(&self, path: &str, what: &Value) -> Result<()> {
        let url = format!("{}/sandbox/{path}", self.url);
        let answer = self.client.post(url).json(what).send().await?;
        let status = answer.status();
        let text = answer.text().await?;
        ensure!(status.is_success(), "{path}: {text}");
        Ok(())
    }
}

async fn settings(
    url: &str,
    home: &Path,
    locale: &str,
    show: &Show,
) -> Result<(Config, engine::scenario::Scenario)> {
    // The desk's own pages need a port too; whoever wants to see them finds it in the log.
    let free = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await?
        .local_addr()?
        .to_string();
    let database = format!("sqlite://{}", home.join("demo.db").display());
    let media = home.join("media").display().to_string();
    let (group, community, page) = (GROUP.to_string(), COMMUNITY.to_string(), PAGE.to_string());
    let settings = Settings::of([
        ("BOT_TOKEN", TOKEN),
        ("OPERATORS_CHAT_ID", &group),
        ("TELEGRAM_API_URL", url),
        ("VK_TOKEN", COMMUNITY_TOKEN),
        ("VK_GROUP_ID", &community),
        ("VK_API_URL", url),
        ("FB_PAGE_ID", &page),
        ("FB_PAGE_TOKEN", PAGE_TOKEN),
        ("FB_APP_SECRET", APP_SECRET),
        ("FB_VERIFY_TOKEN", VERIFY_TOKEN),
        ("FB_API_URL", url),
        ("DATABASE_URL", &database),
        ("MEDIA_ROOT", &media),
        ("HTTP_ADDR", &free),
        ("LOCALE", locale),
        ("LIMITS", "off"),
        ("SCENARIO", &show.scenario),
        ("DIALOG", show.dialog.as_deref().unwrap_or_default()),
    ]);
    let all = |mistakes: Vec<Mistake>| {
        let lines: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
        anyhow!("the demo cannot be set up: {}", lines.join("; "))
    };
    let config = Config::read(&settings).map_err(all)?;
    let scenario = config::load_scenario(&settings).map_err(all)?;
    Ok((config, scenario))
}
