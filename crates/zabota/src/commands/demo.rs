//! `zabota demo`: the whole thing in one process, with emulated messengers and a page on which a
//! person plays everybody. Nothing outlives it.

use std::{
    io::{self, Write},
    net::SocketAddr,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use sandbox::Sandbox;
use serde_json::{Value, json};

use super::run::asked_to_stop;
use crate::{
    app,
    clock::Clock,
    config::{self, Config, Mistake, Settings},
};

const TOKEN: &str = "1001:demo-demo-demo-demo-demo-demo-demo1";
const BOT: i64 = 1001;
const GROUP: i64 = -1_000_000_001;

/// Who is there: an id, a name, and whether they are an operator.
const PEOPLE: [(i64, &str, &str, bool); 4] = [
    (2001, "Иван", "Соколов", false),
    (2002, "Мария", "Белова", false),
    (3001, "Ольга", "Крылова", true),
    (3002, "Пётр", "Зимин", true),
];

/// Runs the demo until the process is asked to stop. A port that is taken is no obstacle.
pub async fn run(address: SocketAddr, locale: &str, out: &mut impl Write) -> Result<()> {
    let stop = asked_to_stop()?;
    let sandbox = start(address).await?;
    let home = Home::new()?;
    people(&sandbox.url())
        .await
        .context("the demo's people do not come on stage")?;
    let (config, scenario) = settings(&sandbox.url(), &home.0, locale).await?;
    // Whoever closed the pipe knows the address, or does not want it.
    let _ = writeln!(out, "{}", welcome(locale, &sandbox.url())).and_then(|()| out.flush());
    app::run(config, scenario, Clock::wall(), stop).await?;
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

async fn people(url: &str) -> Result<()> {
    let client = reqwest::Client::builder().no_proxy().build()?;
    let bot = json!({ "id": BOT, "first_name": "Служба заботы", "username": "zabota_bot" });
    tell(&client, &format!("{url}/sandbox/bots"), &bot).await?;
    for (id, first_name, last_name, _) in PEOPLE {
        let phone = format!("+7916123{}", id % 10_000);
        let person = json!({
            "id": id, "first_name": first_name, "last_name": last_name,
            "language_code": "ru", "phone": phone,
        });
        tell(&client, &format!("{url}/sandbox/people"), &person).await?;
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
    tell(&client, &format!("{url}/sandbox/groups"), &group).await
}

async fn tell(client: &reqwest::Client, url: &str, what: &Value) -> Result<()> {
    let answer = client.post(url).json(what).send().await?;
    let status = answer.status();
    let text = answer.text().await?;
    ensure!(status.is_success(), "{url}: {text}");
    Ok(())
}

async fn settings(
    url: &str,
    home: &Path,
    locale: &str,
) -> Result<(Config, engine::scenario::Scenario)> {
    // The desk's own pages need a port too; whoever wants to see them finds it in the log.
    let free = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await?
        .local_addr()?
        .to_string();
    let database = format!("sqlite://{}", home.join("demo.db").display());
    let media = home.join("media").display().to_string();
    let group = GROUP.to_string();
    let settings = Settings::of([
        ("BOT_TOKEN", TOKEN),
        ("OPERATORS_CHAT_ID", &group),
        ("TELEGRAM_API_URL", url),
        ("DATABASE_URL", &database),
        ("MEDIA_ROOT", &media),
        ("HTTP_ADDR", &free),
        ("LOCALE", locale),
        ("LIMITS", "off"),
    ]);
    let all = |mistakes: Vec<Mistake>| {
        let lines: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
        anyhow::anyhow!("the demo's own settings are wrong: {}", lines.join("; "))
    };
    let config = config::load(&settings).map_err(all)?;
    let scenario = config::load_scenario(&settings).map_err(all)?;
    Ok((config, scenario))
}
