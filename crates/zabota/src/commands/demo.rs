//! `zabota demo`: the whole thing in one process, with emulated messengers and a page on which a
//! person plays everybody. Nothing outlives it.

mod stage;

use std::{
    io::{self, Write},
    net::SocketAddr,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, anyhow};
use clap::Args;
use sandbox::Sandbox;
use services::ocr::Tesseract;

use super::run::asked_to_stop;
use crate::{
    app,
    clock::Clock,
    config::{self, Config, Mistake, Settings, Source},
};

use stage::{
    APP_SECRET, COMMUNITY, COMMUNITY_TOKEN, GROUP, OWNER, PAGE, PAGE_TOKEN, SHEET, Stage, TOKEN,
    VERIFY_TOKEN,
};

/// What the demo shows.
#[derive(Args)]
#[command(after_help = "\
You play everybody, on one page: customers on three phones (Telegram, VK, Messenger), operators, and the
owner with a clients' sheet. Nothing is real, no token is needed, and nothing is left behind.

  zabota demo                    subscriptions: payments, the sheet, reminders, broadcasts
  zabota demo --scenario care    a shop's customer service: guarantee, returns, questions
  LOCALE=en zabota demo          the desk speaks English")]
pub struct Show {
    /// Where the page is; if that port is taken, on another one.
    #[arg(long, default_value = "127.0.0.1:8090")]
    addr: SocketAddr,
    /// The way that customers are led: a scenario's name, or a path to a .toml.
    #[arg(long, default_value = "subscription")]
    scenario: String,
    /// Where dialogs live: private or group; otherwise where the scenario says.
    #[arg(long)]
    dialog: Option<String>,
    /// Who reads screenshots of payments: tesseract, `ocr_space` (the page plays it), or off; by itself
    /// tesseract, if it is installed here.
    #[arg(long)]
    ocr: Option<String>,
}

impl Show {
    /// Whether there are clients who pay: a shop's customer service keeps no sheet of them.
    fn has_sheet(&self) -> bool {
        self.scenario != "care"
    }
}

/// Runs the demo until the process is asked to stop. A port that is taken is no obstacle.
pub async fn run(show: Show, locale: &str, out: &mut impl Write) -> Result<()> {
    let stop = asked_to_stop()?;
    let sandbox = start(show.addr).await?;
    let url = sandbox.url();
    let home = Home::new()?;
    let stage = Stage::new(&url)?;
    let key = stage.google_key().await?;
    let (config, scenario) = settings(&url, &home.0, locale, &show, key).await?;
    let clock = Clock::wall();
    let today = clock.now().to_zoned(config.timezone.clone()).date();
    stage
        .set(show.has_sheet().then_some(today))
        .await
        .context("the demo's people do not come on stage")?;
    let desk = format!("http://{}", config.http);
    let followed = clock.clone();
    let opened = async {
        stage.connect_page(&desk).await?;
        // Whoever closed the pipe knows the address, or does not want it.
        let words = [moved(locale, show.addr, &url), welcome(locale, &url)].concat();
        let _ = writeln!(out, "{words}").and_then(|()| out.flush());
        stage.lead(&followed).await
    };
    tokio::select! {
        ended = app::run(config, scenario, clock, stop) => ended?,
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

/// What to say where the port that was asked for is somebody else's.
fn moved(locale: &str, asked: SocketAddr, url: &str) -> String {
    let port = asked.port();
    if port == 0 || url.ends_with(&format!(":{port}")) {
        return String::new();
    }
    if locale == "en" {
        format!("Port {port} is taken (perhaps by another demo), so the address is a new one.\n\n")
    } else {
        format!("Порт {port} занят (может быть, другой демонстрацией), поэтому адрес новый.\n\n")
    }
}

fn welcome(locale: &str, url: &str) -> String {
    if locale == "en" {
        format!(
            "Zabota is ready. Open it in your browser:

    {url}/?lang=en

There are three customers' phones (Telegram, VK, Messenger), the operators' group, and the chat of the
owner, Olga. Nothing is real: nobody gets anything, and once you stop it, nothing is left.

Stop it with Ctrl+C."
        )
    } else {
        format!(
            "Забота готова. Откройте в браузере:

    {url}

Там три телефона клиентов (Telegram, ВКонтакте, Messenger), группа операторов и чат владельца, Ольги.
Всё понарошку: никому ничего не уйдёт, а когда остановите, ничего не останется.

Остановить: Ctrl+C."
        )
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

async fn settings(
    url: &str,
    home: &Path,
    locale: &str,
    show: &Show,
    google_key: String,
) -> Result<(Config, engine::scenario::Scenario)> {
    // The desk's own pages need a port too; whoever wants to see them finds it in the log.
    let free = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await?
        .local_addr()?
        .to_string();
    let database = format!("sqlite://{}", home.join("demo.db").display());
    let media = home.join("media").display().to_string();
    let (group, community, page) = (GROUP.to_string(), COMMUNITY.to_string(), PAGE.to_string());
    let (owner, space) = (OWNER.to_string(), format!("{url}/parse/image"));
    let ocr = match &show.ocr {
        Some(ocr) => ocr,
        None if Tesseract::default().check().await.is_ok() => "tesseract",
        None => "ocr_space",
    };
    let has_sheet = show.has_sheet();
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
        ("OWNER_IDS", &owner),
        ("OCR", ocr),
        ("OCR_SPACE_URL", &space),
        ("OCR_SPACE_KEY", "demo"),
        ("SHEET_ID", if_so(has_sheet, SHEET)),
        ("GOOGLE_CREDENTIALS", if_so(has_sheet, "the demo's key")),
        ("SHEETS_API_URL", if_so(has_sheet, url)),
        ("SHEET_SYNC_MINUTES", if_so(has_sheet, "1")),
        ("DATABASE_URL", &database),
        ("MEDIA_ROOT", &media),
        ("HTTP_ADDR", &free),
        ("LOCALE", locale),
        ("LIMITS", "off"),
        ("SCENARIO", &show.scenario),
        ("DIALOG", show.dialog.as_deref().unwrap_or_default()),
    ]);
    let settings = settings.with_google_key(Ok(Some(Source {
        name: "the demo's key".to_owned(),
        text: google_key,
    })));
    let all = |mistakes: Vec<Mistake>| {
        let lines: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
        anyhow!("the demo cannot be set up: {}", lines.join("; "))
    };
    let config = Config::read(&settings).map_err(all)?;
    let scenario = config::load_scenario(&settings).map_err(all)?;
    Ok((config, scenario))
}

/// A value that is set only sometimes: an empty one is none.
fn if_so(is_set: bool, value: &str) -> &str {
    if is_set { value } else { "" }
}
