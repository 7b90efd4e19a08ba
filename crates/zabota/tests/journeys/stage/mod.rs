//! The stage of a journey: a sandbox, a database, a folder, and the people who are there.
//!
//! What must stay true: a journey waits for what it expects ([`Stage::until`]), never for a time; at
//! its end no call may have broken the published schema.

mod business;
mod crowd;
mod desk;
mod facebook;
mod group;
mod hand;
mod people;
mod phones;
mod shown;
mod sql;
mod trouble;
mod vk;

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

pub(crate) use business::{CAME, VERA, big_picture, picture};
pub(crate) use desk::Desk;
pub(crate) use facebook::TIMUR;
pub(crate) use facebook::{APP_SECRET, PAGE, PAGE_TOKEN, VERIFY_TOKEN};
pub(crate) use phones::{Messenger, Phone};
use sandbox::Sandbox;
use serde_json::Value;
pub(crate) use sql::Row;
pub(crate) use store::testing::free_port;
use store::testing::{Disk, Server, TempDb};
use tempfile::TempDir;
pub(crate) use trouble::{count, hex, hmac, numbers};
pub(crate) use vk::ANNA;
pub(crate) use vk::{COMMUNITY, COMMUNITY_TOKEN};

/// The bot.
pub(crate) const BOT: i64 = 1001;
/// Its token: nobody may ever read it in a log.
pub(crate) const TOKEN: &str = "1001:AAE-secret_secret-secret_secret-secr";
/// The operators' group.
pub(crate) const GROUP: i64 = -1_001_234_567_890;
/// What nobody may ever read in a log.
pub(crate) const SECRETS: [&str; 5] =
    [TOKEN, COMMUNITY_TOKEN, PAGE_TOKEN, APP_SECRET, VERIFY_TOKEN];
/// Customers.
pub(crate) const IVAN: i64 = 2001;
pub(crate) const MARIA: i64 = 2002;
/// Operators.
pub(crate) const OLGA: i64 = 3001;
pub(crate) const PETR: i64 = 3002;

/// How long anything that must happen may take on a machine that has much else to do.
const PATIENCE: Duration = Duration::from_secs(20);

/// On which database a journey is made.
#[derive(Clone, Copy, Debug)]
pub(crate) enum On {
    Sqlite,
    Postgres,
}

/// Each journey is two tests, one a database.
macro_rules! journeys {
    ($($name:ident),* $(,)?) => { $(
        mod $name {
            use crate::stage::{On, play};

            #[test]
            fn on_sqlite() {
                play(On::Sqlite, super::$name);
            }

            #[test]
            fn on_postgresql() {
                play(On::Postgres, super::$name);
            }
        }
    )* };
}
pub(crate) use journeys;

/// Makes a journey on a stage of its own.
pub(crate) fn play(on: On, journey: impl AsyncFnOnce(&Stage)) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build();
    runtime.expect("a runtime").block_on(async {
        let db = match on {
            On::Sqlite => Some(TempDb::lite()),
            On::Postgres => TempDb::pg().await,
        };
        // Where there is no server, that was said aloud.
        let Some(db) = db else { return };
        let stage = Stage::new(db.url().to_owned()).await;
        journey(&stage).await;
        stage.nothing_was_violated().await;
    });
}

/// Makes a journey with a PostgreSQL server of its own, which may be stopped.
pub(crate) fn play_with_server(journey: impl AsyncFnOnce(&Stage, &Server)) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build();
    runtime.expect("a runtime").block_on(async {
        // Says aloud that there is none, or fails if there has to be one.
        if TempDb::pg().await.is_none() {
            return;
        }
        let server = Server::start(Disk::Careless).expect("PostgreSQL's programs");
        let stage = Stage::new(server.url().to_owned()).await;
        journey(&stage, &server).await;
        stage.nothing_was_violated().await;
    });
}

/// Where a journey is made.
pub(crate) struct Stage {
    database: String,
    sandbox: Sandbox,
    http: reqwest::Client,
    home: TempDir,
}

impl Stage {
    async fn new(database: String) -> Self {
        let anywhere = "127.0.0.1:0".parse().expect("an address");
        let stage = Self {
            database,
            sandbox: Sandbox::start(anywhere).await.expect("a sandbox"),
            http: reqwest::Client::builder()
                .no_proxy()
                .build()
                .expect("a client"),
            home: TempDir::new().expect("a folder"),
        };
        stage.set().await;
        stage
    }

    /// Where attachments are kept.
    pub(crate) fn media(&self) -> PathBuf {
        self.home.path().join("media")
    }

    /// A folder that goes with the stage.
    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    async fn nothing_was_violated(&self) {
        let violations = self.look("violations").await;
        assert_eq!(violations["violations"], serde_json::json!([]));
    }

    /// Waits until `look` finds something; fails with everything that there is to see otherwise.
    pub(crate) async fn until<T>(
        &self,
        what: impl std::fmt::Display,
        look: impl AsyncFnMut() -> Option<T>,
    ) -> T {
        match self.within(PATIENCE, look).await {
            Some(found) => found,
            None => panic!("{what}: waited in vain\n{}", self.everything().await),
        }
    }

    /// Looks again and again for so long.
    pub(crate) async fn within<T>(
        &self,
        patience: Duration,
        mut look: impl AsyncFnMut() -> Option<T>,
    ) -> Option<T> {
        let deadline = Instant::now() + patience;
        let mut pause = Duration::from_millis(5);
        loop {
            if let Some(found) = look().await {
                return Some(found);
            }
            if Instant::now() > deadline {
                return None;
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 3 / 2).min(Duration::from_millis(150));
        }
    }

    /// All chats as a text, for failures.
    pub(crate) async fn everything(&self) -> String {
        let state = self.look("state").await;
        let mut text = String::new();
        for bot in state["bots"].as_array().into_iter().flatten() {
            let (id, mode, pending) = (&bot["id"], &bot["mode"], &bot["pending"]);
            let _ = writeln!(text, "== {id} is {mode}, {pending} pending");
        }
        for chat in state["chats"].as_array().into_iter().flatten() {
            let _ = writeln!(text, "== {} {}", chat["messenger"], chat["id"]);
            for message in chat["messages"].as_array().into_iter().flatten() {
                let _ = writeln!(text, "{}", line(message));
            }
        }
        text
    }
}

/// A message in one line.
pub(crate) fn line(message: &Value) -> String {
    let keys: Vec<&str> = keys(message).map(|(label, _)| label).collect();
    let keys = if keys.is_empty() {
        String::new()
    } else {
        format!(" [{}]", keys.join(" | "))
    };
    let text = message["text"].as_str().unwrap_or_default();
    let service = message["service"].as_str().unwrap_or_default();
    let (id, from, kind) = (&message["message_id"], &message["from"], &message["kind"]);
    format!("#{id} {from} {kind} {text:?}{service}{keys}")
}

/// Labels and data of the keys under a message, quick replies too.
pub(crate) fn keys(message: &Value) -> impl Iterator<Item = (&str, &str)> {
    let rows = message["keyboard"].as_array().into_iter().flatten();
    let keys = rows.filter_map(Value::as_array).flatten();
    let keys = keys.filter_map(|key| Some((key["text"].as_str()?, key["callback_data"].as_str()?)));
    let quick = message["quick_replies"].as_array().into_iter().flatten();
    let quick = quick.filter_map(|key| Some((key["title"].as_str()?, key["payload"].as_str()?)));
    keys.chain(quick)
}

/// The smallest picture there is; behind its end, where nobody looks, each number makes it another one.
pub(crate) fn png(number: u8) -> Vec<u8> {
    let mut bytes =
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\
\0\0\0\rIDATx\x9cc\xf8\xcf\xc0\xf0\x1f\0\x05\0\x01\xff\x89\x99=\x1d\0\0\0\0IEND\xaeB`\x82"
            .to_vec();
    bytes.extend([number; 64]);
    bytes
}
