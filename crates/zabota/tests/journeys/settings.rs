//! Settings that are wrong, a token that is refused, and a log without secrets.

use std::time::Duration;

use crate::stage::{IVAN, OLGA, On, Stage, TOKEN, free_port, journeys, play};

journeys!(
    a_refused_token,
    a_log_without_secrets,
    a_log_of_json,
    missing_settings,
    a_database_out_of_reach,
);

/// What nobody may read.
const SECRET: &str = "AAE-secret";

async fn a_refused_token(stage: &Stage) {
    let settings = [(
        "BOT_TOKEN",
        "1001:AAE-secret_that_the_messenger_does_not_know",
    )];
    let desk = stage.begin(free_port(), &settings);
    let told = async || {
        let (status, page) = desk.page("/readyz").await;
        let named = page.contains("telegram") && !page.contains("telegram: starting");
        (status == 503 && named).then_some(page)
    };
    let page = stage.until("a page that names it", told).await;
    assert!(!page.contains(SECRET), "{page}");
    assert_eq!(desk.page("/healthz").await.0, 200);
    let (status, _, log) = desk.stop().await;
    assert_eq!(status.code(), Some(0));
    assert!(log.contains("Unauthorized") || log.contains("401"), "{log}");
    assert!(!log.contains(SECRET), "{log}");
}

/// Everything goes wrong that can, at the most talkative level.
async fn whole_log(stage: &Stage, format: &str) -> String {
    let settings = [("LOG", "trace"), ("LOG_FORMAT", format)];
    let desk = stage.open_with(&settings).await;
    stage.dialog().await;
    for fault in ["drop_before", "drop_after", "html"] {
        let fault = serde_json::json!({ "kind": fault, "status": 502, "times": 3 });
        stage.hand("faults", fault).await;
        stage.says(IVAN, "ау").await;
    }
    let photo = stage.file("a.png", "image/png", crate::stage::png(1)).await;
    stage
        .writes(IVAN, serde_json::json!({ "photo": photo }))
        .await;
    stage.sees_kind(OLGA, "photo").await;
    let (status, _, log) = desk.stop().await;
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(log.contains("Start polling"));
    log
}

async fn a_log_without_secrets(stage: &Stage) {
    let log = whole_log(stage, "text").await;
    let leak = log
        .lines()
        .find(|line| line.contains(SECRET) || line.contains(TOKEN));
    assert_eq!(leak, None);
}

async fn a_log_of_json(stage: &Stage) {
    let log = whole_log(stage, "json").await;
    assert!(!log.contains(SECRET));
    for line in log.lines() {
        let read: Result<serde_json::Value, _> = serde_json::from_str(line);
        assert!(read.is_ok_and(|value| value.is_object()), "{line}");
    }
}

async fn missing_settings(stage: &Stage) {
    for (wrong, value, named) in [
        ("BOT_TOKEN", "", "BOT_TOKEN"),
        ("BOT_TOKEN", "AAE-secret", "BOT_TOKEN"),
        ("OPERATORS_CHAT_ID", "", "OPERATORS_CHAT_ID"),
        ("OPERATORS_CHAT_ID", "операторы", "OPERATORS_CHAT_ID"),
        ("DATABASE_URL", "mysql://db", "DATABASE_URL"),
        ("STORE_MEDIA_LOCAL", "иногда", "STORE_MEDIA_LOCAL"),
        ("HTTP_ADDR", "порт", "HTTP_ADDR"),
        ("LIMITS", "никакие", "LIMITS"),
        ("SCENARIO", "/nowhere.toml", "SCENARIO"),
    ] {
        let mut desk = stage.begin(free_port(), &[(wrong, value)]);
        let status = desk.ended(Duration::from_secs(10)).await;
        let log = desk.log();
        assert_eq!(status.code(), Some(2), "{wrong}={value}: {log}");
        assert_eq!(log.trim().lines().count(), 1, "{log}");
        assert!(log.contains(named) && !log.contains(SECRET), "{log}");
    }
}

async fn a_database_out_of_reach(stage: &Stage) {
    let address = "postgres://desk:AAE-secret@127.0.0.1:1/desk";
    let settings = [("DATABASE_URL", address), ("LOG_FORMAT", "json")];
    let desk = stage.begin(free_port(), &settings);
    // It may wait for the database or give up; it may not tell the password.
    let ended = async || desk.log().contains("database").then_some(());
    stage.until("a word about the database", ended).await;
    assert!(!desk.log().contains(SECRET), "{}", desk.log());
}

#[test]
fn a_sqlite_file_has_one_desk() {
    play(On::Sqlite, async |stage| {
        let first = stage.open().await;
        let mut second = stage.begin(free_port(), &[]);
        let ended = second.ended(Duration::from_secs(5)).await;
        assert_eq!(ended.code(), Some(1));
        assert!(
            second.log().contains("in use by another zabota"),
            "{}",
            second.log()
        );
        // However the first one ends, the file is free.
        first.kill();
        stage.open().await;
    });
}
