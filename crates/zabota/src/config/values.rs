//! What each setting may be. Each function reads one value, or says what is wrong with it without
//! repeating it where it may be a secret.

use std::{net::SocketAddr, path::PathBuf};

use channels::{checks, kinds::BadValue};
use engine::{
    phrases::Locale,
    scenario::{self, DialogPlace},
};
use jiff::{SignedDuration, civil::Time, tz::TimeZone};

use super::{
    Database, ScenarioSource, Secret,
    reader::{Wrong, wrong},
};
use crate::telemetry::{self, Format};

type Checked<T> = Result<T, Wrong>;

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

/// Where we are, as messengers see it.
pub(super) fn public_url(text: &str) -> Checked<String> {
    checks::http_url(text).map_err(with("https://desk.example.com"))
}

/// What is wrong, and how it should look.
fn with(example: &'static str) -> impl Fn(BadValue) -> Wrong {
    move |bad| Wrong {
        what: bad.0,
        example,
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
            checks::host_and_port(one).map_err(with(example))?;
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
    let answer = checks::yes_or_no(text).map_err(with("true"))?;
    Ok(answer == "true")
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
pub(super) fn dialog(text: &str) -> Checked<DialogPlace> {
    match text {
        "private" => Ok(DialogPlace::Private),
        "group" => Ok(DialogPlace::Group),
        "topics" => wrong(
            "is `topics`: in this version dialogs live in the operators' private chats or in their group",
            "group",
        ),
        _ => wrong(format!("is `{text}`, neither private nor group"), "private"),
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

/// The time of day at which reminders go out.
pub(super) fn time_of_day(text: &str) -> Checked<Time> {
    let whole = Time::strptime("%H:%M", text).ok();
    // A sign or a blank before a number is no way to write a time.
    let time = whole.filter(|_| text.chars().all(|c| c.is_ascii_digit() || c == ':'));
    match time {
        Some(time) => Ok(time),
        None => wrong(
            format!("is `{text}`, which is no time of day (00:00 to 23:59)"),
            "13:00",
        ),
    }
}

/// How many days before the end reminders go out: each number once.
pub(super) fn reminder_days(text: &str) -> Checked<Vec<u16>> {
    const EXAMPLE: &str = "3,1,0";
    let mut days = Vec::new();
    for part in text.split(',').map(str::trim).filter(|day| !day.is_empty()) {
        let day = part.parse().ok().filter(|day| *day <= MOST_DAYS);
        let Some(day) = day else {
            let what = format!("has `{part}`, which is no number of days (0 to {MOST_DAYS})");
            return wrong(what, EXAMPLE);
        };
        if days.contains(&day) {
            return wrong(format!("has {day} twice"), EXAMPLE);
        }
        days.push(day);
    }
    if days.is_empty() {
        return wrong("has no number of days", EXAMPLE);
    }
    Ok(days)
}

/// Reminders go out at most so long before the end.
const MOST_DAYS: u16 = 365;

/// How often the sheet is read.
pub(super) fn sync_minutes(text: &str) -> Checked<SignedDuration> {
    match text.parse() {
        Ok(minutes) if (1..=MOST_MINUTES).contains(&minutes) => {
            Ok(SignedDuration::from_mins(minutes))
        }
        _ => wrong(
            format!("is `{text}`, which is no number of minutes (1 to {MOST_MINUTES})"),
            "15",
        ),
    }
}

/// A week: a sheet that is read less often is not read at all.
const MOST_MINUTES: i64 = 7 * 24 * 60;

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
