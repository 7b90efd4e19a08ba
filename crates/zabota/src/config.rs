//! What the owner has set: the process environment over `.env` over defaults, and `zabota.toml` for
//! what needs structure.
//!
//! What must stay true: every mistake is found at once and is one line that names the setting, what
//! is wrong and an example; no mistake, warning or `Debug` shows a secret. [`settings`] looks at the
//! process and the disk; [`Config::read`] is pure.

mod channels;
mod dotenv;
mod file;
mod mistake;
mod postgres;
mod reader;
mod secret;
mod services;
mod settings;
mod values;

#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    fmt, fs, io,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use engine::{
    ids::{ChannelId, ChatRef},
    phrases::{Locale, Phrases},
    reminder::Schedule,
    scenario::{self, DialogPlace, Scenario},
};
use jiff::{civil::time, tz::TimeZone};

pub use self::channels::{Connection, WEBHOOKS};
pub use mistake::{Mistake, nearest};
pub use secret::Secret;
pub use services::{Ocr, Sheet, SheetAt};
pub use settings::Settings;

use reader::Reader;

/// Everything that the owner has set.
#[derive(Clone, Debug)]
pub struct Config {
    /// Every channel; the operators' bot is the first.
    pub channels: Vec<Connection>,
    /// The operators' group.
    pub group: ChatRef,
    /// Telegram ids of those who may broadcast and edit records.
    pub owners: Vec<String>,
    /// Where everything is kept.
    pub database: Database,
    /// Where attachments are kept, if they are.
    pub media: Option<PathBuf>,
    /// Where phone numbers without a country code are at home: two letters.
    pub region: String,
    /// The clock that people see.
    pub timezone: TimeZone,
    /// The desk's own words, in the owner's language.
    pub phrases: Phrases,
    /// The way that customers are led.
    pub scenario: ScenarioSource,
    /// Where dialogs live, if not where the scenario says.
    pub dialog: Option<DialogPlace>,
    /// Who reads pictures of payments.
    pub ocr: Ocr,
    /// The clients' sheet, if there is one.
    pub sheet: Option<Sheet>,
    /// When clients are reminded of a payment.
    pub reminders: Schedule,
    /// How many days history and media are kept; at least 183.
    pub history_days: u32,
    /// Whether the messengers' published limits are kept, or only their 429s obeyed.
    pub keep_limits: bool,
    /// Where webhooks, health and metrics listen.
    pub http: SocketAddr,
    /// What is worth knowing at start, though nothing is wrong: one line each.
    pub warnings: Vec<String>,
}

/// Where everything is kept.
#[derive(Clone, PartialEq, Eq)]
pub enum Database {
    /// A file; relative to the working directory unless it is absolute.
    Sqlite(PathBuf),
    /// A server, as a connection string that `tokio_postgres::Config` reads (a URL, or `host='…'
    /// user='…'`).
    Postgres(Secret),
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite://{}", path.display()),
            Self::Postgres(_) => f.write_str("postgres"),
        }
    }
}

/// Where the scenario comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScenarioSource {
    /// It ships inside the binary, under that name.
    BuiltIn(&'static str),
    /// A file.
    File(PathBuf),
}

/// A file that was read: its name for messages, and what it says.
#[derive(Clone, Debug)]
pub struct Source {
    /// As the owner knows it.
    pub name: String,
    /// What it says.
    pub text: String,
}

impl Config {
    /// Reads the settings, those of `zabota.toml` too; or says everything that is wrong.
    pub fn read(settings: &Settings) -> Result<Self, Vec<Mistake>> {
        let mut reader = Reader::new(settings);
        let public_url = reader.checked("PUBLIC_URL", values::public_url);
        let channels = channels::from_environment(&mut reader, public_url.as_deref());
        let group = reader.required("OPERATORS_CHAT_ID", values::group, "put the id of the operators' group into .env, for example OPERATORS_CHAT_ID=-1001234567890");
        let owners = reader
            .checked("OWNER_IDS", values::people)
            .unwrap_or_default();
        let database = database(&mut reader);
        let keep_media = reader
            .checked("STORE_MEDIA_LOCAL", values::yes_or_no)
            .unwrap_or(true);
        let media_root = reader.text("MEDIA_ROOT").unwrap_or("media");
        let region = reader
            .checked("DEFAULT_REGION", values::region)
            .unwrap_or_else(|| "RU".to_owned());
        let timezone = reader.checked("TIMEZONE", values::timezone);
        let timezone =
            timezone.unwrap_or_else(|| TimeZone::get("Europe/Moscow").unwrap_or(TimeZone::UTC));
        let locale = reader
            .checked("LOCALE", values::locale)
            .unwrap_or(Locale::Ru);
        let scenario = reader
            .checked("SCENARIO", values::scenario)
            .unwrap_or(ScenarioSource::BuiltIn("care"));
        let dialog = reader.checked("DIALOG", values::dialog);
        let ocr = services::ocr(&mut reader);
        let sheet = services::sheet(&mut reader);
        let reminders = Schedule {
            time: reader
                .checked("REMINDER_TIME", values::time_of_day)
                .unwrap_or(time(13, 0, 0, 0)),
            days: reader
                .checked("REMINDER_DAYS", values::reminder_days)
                .unwrap_or_else(|| vec![3, 1, 0]),
        };
        let history_days = reader
            .checked("HISTORY_DAYS", values::history_days)
            .unwrap_or(365);
        let keep_limits = reader.checked("LIMITS", values::limits).unwrap_or(true);
        let http = reader
            .checked("HTTP_ADDR", values::address)
            .unwrap_or(DEFAULT_ADDRESS);
        reader.checked("LOG", values::log);
        reader.checked("LOG_FORMAT", values::log_format);
        let file = file::read(settings, locale, channels, public_url.as_deref());
        let (mut mistakes, mut warnings) = reader.finish();
        let file = file.map_err(|wrong| mistakes.extend(wrong)).ok();
        match (group, database, file, ocr) {
            (Some(group), Some(database), Some(file), Some(ocr)) if mistakes.is_empty() => {
                warnings.extend(channels::notes(&file.channels));
                Ok(Self {
                    group: ChatRef::new(file.channels[0].id(), group),
                    channels: file.channels,
                    owners,
                    database,
                    media: keep_media.then(|| PathBuf::from(media_root)),
                    region,
                    timezone,
                    phrases: file.phrases,
                    scenario,
                    dialog,
                    ocr,
                    sheet,
                    reminders,
                    history_days,
                    keep_limits,
                    http,
                    warnings,
                })
            }
            _ => Err(mistakes),
        }
    }

    /// What people call each channel.
    pub fn titles(&self) -> BTreeMap<ChannelId, String> {
        channels::titles(&self.channels, self.phrases.locale())
    }
}

/// Where it listens unless told otherwise: this machine only.
const DEFAULT_ADDRESS: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 8080);

/// The process environment, `.env` and `zabota.toml`, without judging what is in them.
pub fn settings() -> Result<Settings, Vec<Mistake>> {
    let process = std::env::vars_os().filter_map(|(name, value)| {
        Some((
            name.into_string().ok()?,
            value.to_string_lossy().into_owned(),
        ))
    });
    let env = read_file(Path::new(".env")).map_err(|mistake| vec![mistake])?;
    let settings = Settings::gather(process, env.as_ref())?;
    let (toml, key) = (zabota_toml(&settings), google_key(&settings));
    Ok(settings.beside(toml).with_google_key(key))
}

/// The key file of a service account; none if no file is named, or none of that name is there.
fn google_key(settings: &Settings) -> Result<Option<Source>, Mistake> {
    let named = settings.get("GOOGLE_CREDENTIALS");
    named.map_or(Ok(None), |name| read_file(Path::new(name)))
}

/// A file that is named must be there.
fn zabota_toml(settings: &Settings) -> Result<Option<Source>, Mistake> {
    let Some(name) = settings.get("ZABOTA_CONFIG") else {
        return read_file(Path::new("zabota.toml"));
    };
    let absent = || {
        let what = format!("names `{name}`, and there is no such file");
        settings.mistake("ZABOTA_CONFIG", &what, "ZABOTA_CONFIG=zabota.toml")
    };
    read_file(Path::new(name))?.ok_or_else(absent).map(Some)
}

/// The scenario that the settings name; or everything that is wrong with it.
pub fn load_scenario(settings: &Settings) -> Result<Scenario, Vec<Mistake>> {
    let mut reader = Reader::new(settings);
    let source = match reader.text("SCENARIO") {
        Some(_) => reader.checked("SCENARIO", values::scenario),
        None => Some(ScenarioSource::BuiltIn("care")),
    };
    let Some(source) = source else {
        return Err(reader.finish().0);
    };
    let file = match source {
        ScenarioSource::BuiltIn(name) => {
            let text = scenario::built_in(name).unwrap_or_default().to_owned();
            Source {
                name: format!("the built-in scenario {name}"),
                text,
            }
        }
        ScenarioSource::File(path) => read_file(&path)
            .map_err(|mistake| vec![mistake])?
            .ok_or_else(|| {
                let what = format!("names `{}`, and there is no such file", path.display());
                vec![settings.mistake("SCENARIO", &what, "SCENARIO=care")]
            })?,
    };
    Scenario::read(&file.text).map_err(|mistakes| {
        let placed = |wrong: scenario::Mistake| {
            let hint = Some(wrong.hint).filter(|hint| !hint.is_empty());
            let hint = hint.map(|hint| format!(": {hint}")).unwrap_or_default();
            Mistake::in_file(&file.name, wrong.line, format!("{}{hint}", wrong.what))
        };
        mistakes.into_iter().map(placed).collect()
    })
}

/// Only the database, for the commands that need nothing else.
pub fn load_database(settings: &Settings) -> Result<Database, Vec<Mistake>> {
    let mut reader = Reader::new(settings);
    let database = database(&mut reader);
    let (mistakes, _) = reader.finish();
    match database {
        Some(database) if mistakes.is_empty() => Ok(database),
        _ => Err(mistakes),
    }
}

/// Only the address to listen on, as far as it is legible.
pub fn http_address(settings: &Settings) -> SocketAddr {
    let address = settings
        .get("HTTP_ADDR")
        .and_then(|text| values::address(text).ok());
    address.unwrap_or(DEFAULT_ADDRESS)
}

/// A file's text; none if there is no such file.
pub(crate) fn read_file(path: &Path) -> Result<Option<Source>, Mistake> {
    let name = path.display().to_string();
    let wrong = |what: String| Mistake::in_file(&name, None, what);
    match fs::read(path) {
        Ok(bytes) => match String::from_utf8(bytes) {
            Ok(text) => Ok(Some(Source {
                name,
                text: text.trim_start_matches('\u{feff}').to_owned(),
            })),
            Err(_) => Err(wrong(
                "is not UTF-8 text: save it in that encoding".to_owned(),
            )),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(wrong(format!("cannot be read: {error}"))),
    }
}

fn database(reader: &mut Reader<'_>) -> Option<Database> {
    if reader.text("DATABASE_URL").is_none() && reader.text("POSTGRES_HOST").is_some() {
        return postgres::from_parts(reader).map(Database::Postgres);
    }
    match reader.text("DATABASE_URL") {
        Some(_) => reader.checked("DATABASE_URL", values::database),
        None => Some(Database::Sqlite(PathBuf::from("clients.db"))),
    }
}
