//! What each setting may be. Each function reads one value, or says what is wrong with it without
//! repeating it where it may be a secret.

use std::{net::SocketAddr, path::PathBuf};

use engine::{phrases::Locale, scenario};
use jiff::tz::TimeZone;

use super::{
    Database, ScenarioSource, Secret,
    reader::{Wrong, wrong},
};
use crate::telemetry::{self, Format};

type Checked<T> = Result<T, Wrong>;

/// `123456:ABC-DEF…` (Telegram Bot API, "Authorizing your bot").
pub(super) fn token(text: &str) -> Checked<Secret> {
    const EXAMPLE: &str = "123456:ABC-DEF…";
    let legal = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    match text.split_once(':') {
        Some((id, key))
            if !id.is_empty()
                && id.bytes().all(|b| b.is_ascii_digit())
                && !key.is_empty()
                && key.chars().all(legal) =>
        {
            Ok(Secret::new(text))
        }
        _ => wrong(
            "is not a bot's token (digits, a colon, then letters, digits, - and _): copy it from @BotFather",
            EXAMPLE,
        ),
    }
}

/// A group's id: a negative number.
pub(super) fn group(text: &str) -> Checked<String> {
    const EXAMPLE: &str = "-1001234567890";
    match text.parse::<i64>() {
        Ok(id) if id < 0 => Ok(id.to_string()),
        Ok(_) => wrong(
            format!("is {text}, a person's id: ids of groups begin with -100"),
            EXAMPLE,
        ),
        // Not repeated: a token ends up here easily.
        Err(_) => wrong("is no number: ids of groups begin with -100", EXAMPLE),
    }
}

/// People's ids, separated by commas.
pub(super) fn people(text: &str) -> Checked<Vec<String>> {
    let ids = text.split(',').map(str::trim).filter(|id| !id.is_empty());
    let read = ids.map(|id| match id.parse::<i64>() {
        Ok(number) if number > 0 => Ok(number.to_string()),
        _ => wrong(
            format!("has `{id}`, which is no person's id (a positive number)"),
            "123456789,987654321",
        ),
    });
    read.collect()
}

/// Where an API is.
pub(super) fn api_url(text: &str) -> Checked<String> {
    http_url(text, "https://api.telegram.org")
}

/// Where we are, as messengers see it.
pub(super) fn public_url(text: &str) -> Checked<String> {
    http_url(text, "https://desk.example.com")
}

fn http_url(text: &str, example: &'static str) -> Checked<String> {
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    let Some(rest) = rest else {
        return wrong("does not begin with https:// or http://", example);
    };
    if rest.contains(['?', '#', '@']) {
        return wrong("has more than a host and a path", example);
    }
    let (host, _) = rest.split_once('/').unwrap_or((rest, ""));
    host_and_port(host, example)?;
    Ok(text.trim_end_matches('/').to_owned())
}

/// A proxy, maybe with a name and a password.
pub(super) fn proxy(text: &str) -> Checked<Secret> {
    const EXAMPLE: &str = "socks5://127.0.0.1:1080";
    let schemes = ["http://", "socks5://", "socks5h://"];
    let Some(rest) = schemes
        .into_iter()
        .find_map(|scheme| text.strip_prefix(scheme))
    else {
        return wrong("does not begin with http:// or socks5://", EXAMPLE);
    };
    let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    host_and_port(host.trim_end_matches('/'), EXAMPLE)?;
    Ok(Secret::new(text))
}

/// The text is not repeated: with a misplaced `@` it may be a password.
fn host_and_port(text: &str, example: &'static str) -> Checked<()> {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (text, None),
    };
    if host.is_empty() || host.chars().any(|c| c.is_whitespace() || "@/".contains(c)) {
        return wrong("has no host", example);
    }
    match port {
        Some(port) if port.parse::<u16>().is_err() => {
            wrong("has a port that is no number up to 65535", example)
        }
        _ => Ok(()),
    }
}

/// What Telegram takes as a secret (Bot API, setWebhook).
pub(super) fn webhook_secret(text: &str) -> Checked<Secret> {
    let legal = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if text.len() <= 256 && text.chars().all(legal) {
        Ok(Secret::new(text))
    } else {
        wrong(
            "may have letters A-Z, digits, _ and - only, at most 256 of them",
            "a-long-random-word",
        )
    }
}

/// A database's address.
pub(super) fn database(text: &str) -> Checked<Database> {
    const EXAMPLE: &str = "sqlite://clients.db";
    if let Some(path) = text.strip_prefix("sqlite://") {
        if path.is_empty() || path.contains('?') {
            return wrong(
                "has no file's name, or more than that, behind sqlite://",
                EXAMPLE,
            );
        }
        return Ok(Database::Sqlite(PathBuf::from(path)));
    }
    let Some(rest) = text
        .strip_prefix("postgres://")
        .or_else(|| text.strip_prefix("postgresql://"))
    else {
        return wrong("does not begin with sqlite:// or postgres://", EXAMPLE);
    };
    let example = "postgres://admin:password@localhost:5432/care";
    let (authority, name) = rest.split_once('/').unwrap_or((rest, ""));
    if authority.contains(['?', '#']) || name.contains('@') {
        let what = "has a character in its password that a URL must write as %…; or use POSTGRES_HOST, POSTGRES_USER and POSTGRES_PASSWORD instead";
        return wrong(what, example);
    }
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    // Empty: the host is named behind the `?`, as a socket's folder is.
    if !host.is_empty() {
        for one in host.split(',') {
            host_and_port(one, example)?;
        }
    }
    Ok(Database::Postgres(Secret::new(text)))
}

/// A port.
pub(super) fn port(text: &str) -> Checked<u16> {
    text.parse().or_else(|_| {
        wrong(
            format!("is `{text}`, which is no port (1 to 65535)"),
            "5432",
        )
    })
}

/// Anything.
#[expect(clippy::unnecessary_wraps, reason = "one form for all checks")]
pub(super) fn any(text: &str) -> Checked<String> {
    Ok(text.to_owned())
}

/// Yes or no, as people write it.
pub(super) fn yes_or_no(text: &str) -> Checked<bool> {
    match text.to_lowercase().as_str() {
        "true" | "yes" | "on" | "1" | "да" => Ok(true),
        "false" | "no" | "off" | "0" | "нет" => Ok(false),
        _ => wrong(format!("is `{text}`, neither true nor false"), "true"),
    }
}

/// A country: two letters.
pub(super) fn region(text: &str) -> Checked<String> {
    if text.len() == 2 && text.bytes().all(|b| b.is_ascii_alphabetic()) {
        Ok(text.to_uppercase())
    } else {
        wrong(
            format!("is `{text}`, not the two letters of a country"),
            "RU",
        )
    }
}

/// A time zone by its name.
pub(super) fn timezone(text: &str) -> Checked<TimeZone> {
    TimeZone::get(text).or_else(|_| {
        wrong(
            format!("is `{text}`, a time zone that nobody knows"),
            "Europe/Moscow",
        )
    })
}

/// A language.
pub(super) fn locale(text: &str) -> Checked<Locale> {
    match Locale::read(text) {
        Some(locale) => Ok(locale),
        None => wrong(format!("is `{text}`, neither ru nor en"), "ru"),
    }
}

/// A scenario by its name, or a file.
pub(super) fn scenario(text: &str) -> Checked<ScenarioSource> {
    if let Some(name) = scenario::BUILT_IN.into_iter().find(|name| *name == text) {
        return Ok(ScenarioSource::BuiltIn(name));
    }
    if std::path::Path::new(text)
        .extension()
        .is_some_and(|end| end == "toml")
    {
        return Ok(ScenarioSource::File(PathBuf::from(text)));
    }
    let known = scenario::BUILT_IN.join(", ");
    let what =
        format!("is `{text}`, neither a scenario of this version ({known}) nor a path to a .toml");
    wrong(what, "care")
}

/// Where dialogs live.
pub(super) fn dialog(text: &str) -> Checked<()> {
    match text {
        "private" => Ok(()),
        "group" | "topics" => wrong(
            format!(
                "is `{text}`: in this version dialogs live in the operators' private chats only"
            ),
            "private",
        ),
        _ => wrong(
            format!("is `{text}`, which is no place for dialogs"),
            "private",
        ),
    }
}

/// How many days history is kept.
pub(super) fn history_days(text: &str) -> Checked<u32> {
    match text.parse() {
        Ok(days) if days >= 183 => Ok(days),
        Ok(days) => wrong(
            format!("is {days}: history is kept for half a year (183 days) at least"),
            "365",
        ),
        Err(_) => wrong(format!("is `{text}`, which is no number of days"), "365"),
    }
}

/// Whether published limits are kept.
pub(super) fn limits(text: &str) -> Checked<bool> {
    match text {
        "platform" => Ok(true),
        "off" => Ok(false),
        _ => wrong(format!("is `{text}`, neither platform nor off"), "platform"),
    }
}

/// Where to listen.
pub(super) fn address(text: &str) -> Checked<SocketAddr> {
    let numeric = text.replacen("localhost:", "127.0.0.1:", 1);
    numeric.parse().or_else(|_| {
        wrong(
            format!("is `{text}`, which is no address and port"),
            "127.0.0.1:8080",
        )
    })
}

/// What is logged.
pub(super) fn log(text: &str) -> Checked<()> {
    if telemetry::is_filter(text) {
        Ok(())
    } else {
        wrong(
            format!(
                "is `{text}`, which is neither error, warn, info, debug, trace nor a list such as info,zabota=debug"
            ),
            "info",
        )
    }
}

/// How it is logged.
pub(super) fn log_format(text: &str) -> Checked<Format> {
    match Format::read(text) {
        Some(format) => Ok(format),
        None => wrong(format!("is `{text}`, neither text nor json"), "text"),
    }
}
