//! What an owner may write, and what they read when it is wrong.

use std::fmt::Write as _;

use expect_test::{Expect, expect};

use super::*;

mod channels;
mod services;

const GOOD: [(&str, &str); 2] = [
    ("BOT_TOKEN", "123456:ABC-DEF"),
    ("OPERATORS_CHAT_ID", "-1001234567890"),
];

fn with(more: &[(&str, &str)]) -> Result<Config, Vec<Mistake>> {
    Config::read(&Settings::of(GOOD.iter().chain(more).copied()))
}

/// A setting of a channel, as it was read.
fn setting<'a>(config: &'a Config, channel: &str, name: &str) -> Option<&'a str> {
    let mut channels = config.channels.iter();
    let found = channels.find(|one| one.id().as_str() == channel)?;
    found.given.get(name)
}

fn lines(mistakes: &[Mistake]) -> String {
    mistakes.iter().fold(String::new(), |mut page, mistake| {
        writeln!(page, "{mistake}").unwrap();
        page
    })
}

fn check(more: &[(&str, &str)], expected: &Expect) {
    match with(more) {
        Ok(config) => panic!("{config:?}"),
        Err(mistakes) => expected.assert_eq(&lines(&mistakes)),
    }
}

#[test]
fn two_settings_are_enough() {
    let config = with(&[]).unwrap();
    assert_eq!(
        setting(&config, "telegram", "token"),
        Some("123456:ABC-DEF")
    );
    assert_eq!(
        setting(&config, "telegram", "api_url"),
        Some("https://api.telegram.org")
    );
    assert_eq!(config.channels.len(), 1);
    assert_eq!(config.group.to_string(), "telegram/-1001234567890");
    assert_eq!(config.dialog, None);
    assert_eq!(config.database, Database::Sqlite("clients.db".into()));
    assert_eq!(config.media, Some("media".into()));
    assert_eq!(
        (
            config.region.as_str(),
            config.history_days,
            config.keep_limits
        ),
        ("RU", 365, true)
    );
    assert_eq!(config.timezone.iana_name(), Some("Europe/Moscow"));
    assert_eq!(config.phrases.locale(), Locale::Ru);
    assert_eq!(config.http.to_string(), "127.0.0.1:8080");
    assert_eq!((&config.ocr, &config.sheet), (&Ocr::Off, &None));
    assert_eq!(config.reminders.time.to_string(), "13:00:00");
    assert_eq!(config.reminders.days, [3, 1, 0]);
    assert!(config.warnings.is_empty());
}

#[test]
fn everything_that_is_missing_is_said_at_once() {
    let mistakes = Config::read(&Settings::of([("BOT_TOKEN", "  ")])).unwrap_err();
    expect![[r"
        BOT_TOKEN is missing: operators answer from Telegram: put the token that @BotFather gave you into .env, for example BOT_TOKEN=123456:ABC-DEF…
        OPERATORS_CHAT_ID is missing: put the id of the operators' group into .env, for example OPERATORS_CHAT_ID=-1001234567890
    "]]
    .assert_eq(&lines(&mistakes));
}

#[test]
fn each_wrong_value_is_one_line_with_an_example() {
    check(
        &[
            ("BOT_TOKEN", "ABC SECRET"),
            ("OPERATORS_CHAT_ID", "1234567890"),
            ("OWNER_IDS", "1, olga"),
            ("TELEGRAM_API_URL", "api.telegram.org"),
            ("TELEGRAM_PROXY", "ftp://SECRET@host"),
            ("TELEGRAM_WEBHOOK_SECRET", "SECRET word"),
            ("PUBLIC_URL", "https://"),
            ("DATABASE_URL", "mysql://SECRET@host"),
            ("STORE_MEDIA_LOCAL", "maybe"),
            ("DEFAULT_REGION", "RUS"),
            ("TIMEZONE", "Moscow"),
            ("LOCALE", "de"),
            ("SCENARIO", "carre"),
            ("DIALOG", "topics"),
            ("HISTORY_DAYS", "30"),
            ("LIMITS", "on"),
            ("HTTP_ADDR", "8080"),
            ("LOG", "zabota=loud"),
            ("LOG_FORMAT", "xml"),
        ],
        &expect![[r"
            PUBLIC_URL has no host, for example PUBLIC_URL=https://desk.example.com
            BOT_TOKEN is not a bot's token (digits, a colon, then letters, digits, - and _): copy it from @BotFather, for example BOT_TOKEN=123456:ABC-DEF…
            TELEGRAM_API_URL does not begin with https:// or http://, for example TELEGRAM_API_URL=https://api.telegram.org
            TELEGRAM_PROXY does not begin with http:// or socks5://, for example TELEGRAM_PROXY=socks5://127.0.0.1:1080
            TELEGRAM_WEBHOOK_SECRET may have letters A-Z, digits, _ and - only, at most 256 of them, for example TELEGRAM_WEBHOOK_SECRET=a-long-random-word
            OPERATORS_CHAT_ID is 1234567890, a person's id: ids of groups begin with -100, for example OPERATORS_CHAT_ID=-1001234567890
            OWNER_IDS has `olga`, which is no person's id (a positive number), for example OWNER_IDS=123456789,987654321
            DATABASE_URL does not begin with sqlite:// or postgres://, for example DATABASE_URL=sqlite://clients.db
            STORE_MEDIA_LOCAL is `maybe`, neither true nor false, for example STORE_MEDIA_LOCAL=true
            DEFAULT_REGION is `RUS`, not the two letters of a country, for example DEFAULT_REGION=RU
            TIMEZONE is `Moscow`, a time zone that nobody knows, for example TIMEZONE=Europe/Moscow
            LOCALE is `de`, neither ru nor en, for example LOCALE=ru
            SCENARIO is `carre`, neither a scenario of this version (care, subscription) nor a path to a .toml, for example SCENARIO=care
            DIALOG is `topics`: in this version dialogs live in the operators' private chats or in their group, for example DIALOG=group
            HISTORY_DAYS is 30: history is kept for half a year (183 days) at least, for example HISTORY_DAYS=365
            LIMITS is `on`, neither platform nor off, for example LIMITS=platform
            HTTP_ADDR is `8080`, which is no address and port, for example HTTP_ADDR=127.0.0.1:8080
            LOG is `zabota=loud`, which is neither error, warn, info, debug, trace nor a list such as info,zabota=debug, for example LOG=info
            LOG_FORMAT is `xml`, neither text nor json, for example LOG_FORMAT=text
        "]],
    );
}

#[test]
fn a_group_by_name_is_asked_for_by_number() {
    check(
        &[("OPERATORS_CHAT_ID", "@desk")],
        &expect![[r"
        OPERATORS_CHAT_ID is no number: ids of groups begin with -100, for example OPERATORS_CHAT_ID=-1001234567890
    "]],
    );
}

#[test]
fn databases_of_every_kind_are_understood() {
    for (url, path) in [
        ("sqlite://clients.db", "clients.db"),
        ("sqlite:///data/c.db", "/data/c.db"),
    ] {
        assert_eq!(
            with(&[("DATABASE_URL", url)]).unwrap().database,
            Database::Sqlite(path.into())
        );
    }
    for url in [
        "postgres://admin:p%40ss@db:5432/care",
        "postgresql://db/care?sslmode=require",
        "postgres://%2Fvar%2Frun/care",
        "postgres:///care?host=/var/run/postgresql",
        "postgres://a:b@one:1,two:2/care",
    ] {
        assert_eq!(
            with(&[("DATABASE_URL", url)]).unwrap().database,
            Database::Postgres(Secret::new(url))
        );
    }
}

#[test]
fn a_password_that_no_url_can_hold_is_not_repeated() {
    for url in [
        "postgres://a:SECRET/x@db/care",
        "postgres://a:SECRET?@db/care",
        "postgres://a:b@db:SECRET/x",
        "postgres://a:SECRET#@db",
    ] {
        let mistakes = with(&[("DATABASE_URL", url)]).unwrap_err();
        assert_eq!(mistakes.len(), 1);
        assert!(!lines(&mistakes).contains("SECRET"), "{}", lines(&mistakes));
    }
}

#[test]
fn the_predecessors_connection_takes_any_password() {
    let parts = [
        ("POSTGRES_HOST", "db"),
        ("POSTGRES_DB", "care"),
        ("POSTGRES_USER", "admin"),
        ("POSTGRES_PASSWORD", r"p@:/'\%?"),
    ];
    let expected = r"host='db' port=5432 dbname='care' user='admin' password='p@:/\'\\%?'";
    assert_eq!(
        with(&parts).unwrap().database,
        Database::Postgres(Secret::new(expected))
    );
    let both = [&parts[..], &[("DATABASE_URL", "sqlite://x.db")]].concat();
    assert_eq!(
        with(&both).unwrap().database,
        Database::Sqlite("x.db".into())
    );
    check(
        &[parts[0], ("POSTGRES_PORT", "x")],
        &expect![[r"
        POSTGRES_PORT is `x`, which is no port (1 to 65535), for example POSTGRES_PORT=5432
        POSTGRES_DB is missing: it names the database, for example POSTGRES_DB=care
        POSTGRES_USER is missing: it names the database's user, for example POSTGRES_USER=admin
    "]],
    );
}

#[test]
fn other_ways_of_writing_are_understood() {
    let config = with(&[
        ("OWNER_IDS", "1, 2,"),
        ("STORE_MEDIA_LOCAL", "False"),
        ("DEFAULT_REGION", "kz"),
        ("HTTP_ADDR", "localhost:9000"),
        ("TELEGRAM_PROXY", "socks5://user:pa:ss@127.0.0.1:1080"),
        ("TELEGRAM_API_URL", "http://127.0.0.1:8081/api/"),
        ("DIALOG", "group"),
        ("LIMITS", "off"),
        ("SCENARIO", "mine/my.toml"),
    ]);
    let config = config.unwrap();
    assert_eq!(config.owners, ["1", "2"]);
    assert_eq!(
        (&config.media, config.region.as_str(), config.keep_limits),
        (&None, "KZ", false)
    );
    assert_eq!(config.http.to_string(), "127.0.0.1:9000");
    assert_eq!(config.dialog, Some(DialogPlace::Group));
    assert_eq!(
        setting(&config, "telegram", "api_url"),
        Some("http://127.0.0.1:8081/api")
    );
    assert_eq!(config.scenario, ScenarioSource::File("mine/my.toml".into()));
}

fn env_file(text: &str) -> Source {
    Source {
        name: ".env".to_owned(),
        text: text.to_owned(),
    }
}

#[test]
fn the_process_wins_over_the_file_unless_it_is_empty() {
    let process =
        [("LOCALE", "en"), ("SCENARIO", "")].map(|(name, text)| (name.to_owned(), text.to_owned()));
    let file = env_file("LOCALE=ru\nSCENARIO=care\n");
    let settings = Settings::gather(process, Some(&file)).unwrap();
    assert_eq!(
        (settings.get("LOCALE"), settings.get("SCENARIO")),
        (Some("en"), Some("care"))
    );
}

#[test]
fn a_mistake_in_the_file_names_its_line() {
    let file = env_file("# Telegram\nBOT_TOKN=1:a\nBOT_TOKEN=1:a\nOPERATORS_CHAT_ID=5\n");
    let settings = Settings::gather([], Some(&file)).unwrap();
    let mistakes = Config::read(&settings).unwrap_err();
    expect![[r"
        .env, line 4: OPERATORS_CHAT_ID is 5, a person's id: ids of groups begin with -100, for example OPERATORS_CHAT_ID=-1001234567890
    "]].assert_eq(&lines(&mistakes));
    assert_eq!(
        settings.notes(),
        [".env, line 2: BOT_TOKN is no setting; did you mean BOT_TOKEN?"]
    );
}

#[test]
fn no_debug_text_shows_a_secret() {
    let config = with(&[
        ("TELEGRAM_PROXY", "socks5://user:PROXY@host:1"),
        ("TELEGRAM_WEBHOOK_SECRET", "HOOK"),
        ("PUBLIC_URL", "https://desk.example.com"),
        ("DATABASE_URL", "postgres://admin:DBPASS@db/care"),
    ]);
    let shown = format!("{config:?}");
    for secret in ["ABC-DEF", "PROXY", "HOOK", "DBPASS"] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
}

#[test]
fn every_secret_is_known_to_the_guard_of_the_log() {
    let settings = Settings::of([
        ("BOT_TOKEN", "123456:ABC-DEF"),
        ("DATABASE_URL", "postgres://admin:p@ss@db/care"),
        ("TELEGRAM_PROXY", "socks5://host:1"),
    ]);
    assert_eq!(settings.secrets(), ["p@ss", "123456:ABC-DEF", "ABC-DEF"]);
}

/// The settings that are enough, some more, and a `zabota.toml`.
fn beside(more: &[(&str, &str)], toml: &str) -> Settings {
    let file = Source {
        name: "zabota.toml".to_owned(),
        text: toml.to_owned(),
    };
    Settings::of(GOOD.iter().chain(more).copied()).beside(Ok(Some(file)))
}

fn toml_file(text: &str, expected: &Expect) {
    let mistakes = Config::read(&beside(&[], text)).unwrap_err();
    expected.assert_eq(&lines(&mistakes));
}

#[test]
fn an_owners_words_replace_ours() {
    let settings = beside(&[], "[texts.ru]\nhome = \"Домой\"\n");
    let config = Config::read(&settings).unwrap();
    assert_eq!(
        config.phrases.words(engine::phrases::Phrase::Home, &[]),
        "Домой"
    );
}

#[test]
fn a_file_that_cannot_be_read_is_named_among_the_rest() {
    let missing = Mistake::new("ZABOTA_CONFIG names `x`");
    let settings = Settings::of([GOOD[0]]).beside(Err(missing.clone()));
    let mistakes = Config::read(&settings).unwrap_err();
    assert!(mistakes[0].to_string().starts_with("OPERATORS_CHAT_ID"));
    assert_eq!(mistakes[1..], [missing]);
}

#[test]
fn mistakes_in_the_toml_name_their_line() {
    toml_file(
        "text = 1\n[texts.ru]\nhom = \"Домой\"\ntake = 5\nheader = \"{nobody}\"\n[texts.de]\n[texts.en]\nclose = \"\"\n",
        &expect![[r"
            zabota.toml, line 1: text means nothing here; did you mean texts?
            zabota.toml, line 3: hom: there is no such phrase; `zabota scenario --phrases` lists them; did you mean home?
            zabota.toml, line 4: take is not a text in quotes
            zabota.toml, line 5: header: {nobody} means nothing here; known: {ticket}, {customer}
            zabota.toml, line 6: texts.de means nothing here; known: texts.ru, texts.en
            zabota.toml, line 8: close: is empty
        "]],
    );
    toml_file(
        "[texts.ru]\n\nhome = Домой\n",
        &expect![[r"
        zabota.toml, line 3: string values must be quoted, expected literal string
    "]],
    );
}

#[test]
fn the_example_file_holds_with_every_line_switched_on() {
    let example = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../.env.example"));
    let is_setting = |line: &str| {
        line.split_once('=')
            .is_some_and(|(name, _)| !name.contains(' '))
    };
    let lines = example
        .lines()
        .map(|line| line.strip_prefix("# ").unwrap_or(line));
    let switched_on: Vec<_> = lines.filter(|line| is_setting(line)).collect();
    let process = GOOD.map(|(name, text)| (name.to_owned(), text.to_owned()));
    let settings = Settings::gather(process, Some(&env_file(&switched_on.join("\n")))).unwrap();
    let settings = settings.with_google_key(Ok(Some(services::google_key())));
    let config = Config::read(&settings).unwrap();
    assert!(matches!(config.database, Database::Postgres(_)));
    assert_eq!(config.channels.len(), ::channels::kinds::ALL.len());
    let named: Vec<&str> = switched_on
        .iter()
        .filter_map(|line| Some(line.split_once('=')?.0))
        .collect();
    let known = || settings::known().chain(["ZABOTA_CONFIG"]);
    for name in &named {
        assert!(known().any(|known| known == *name), "{name}");
    }
    for name in known() {
        assert!(named.contains(&name), "{name} is not in the example");
    }
}
