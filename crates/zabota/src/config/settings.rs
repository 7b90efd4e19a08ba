//! What is set, and where: the process environment wins over `.env`; an empty value is none.

use std::collections::BTreeMap;

use channels::kinds::{self, Setting, Shown};

use super::{Mistake, Source, dotenv, file, mistake::nearest};

/// Every setting of the desk's own; those of messengers are in [`kinds::ALL`].
const OWN: [&str; 32] = [
    "OPERATORS_CHAT_ID",
    "OWNER_IDS",
    "PUBLIC_URL",
    "DATABASE_URL",
    "POSTGRES_HOST",
    "POSTGRES_PORT",
    "POSTGRES_DB",
    "POSTGRES_USER",
    "POSTGRES_PASSWORD",
    "MEDIA_ROOT",
    "STORE_MEDIA_LOCAL",
    "DEFAULT_REGION",
    "TIMEZONE",
    "LOCALE",
    "SCENARIO",
    "DIALOG",
    "OCR",
    "OCR_SPACE_URL",
    "OCR_SPACE_KEY",
    "SHEET_ID",
    "GOOGLE_CREDENTIALS",
    "SHEETS_API_URL",
    "SHEET_CSV_URL",
    "SHEET_TARIFFS_CSV_URL",
    "SHEET_SYNC_MINUTES",
    "REMINDER_TIME",
    "REMINDER_DAYS",
    "HISTORY_DAYS",
    "LIMITS",
    "HTTP_ADDR",
    "LOG",
    "LOG_FORMAT",
];

/// Of the desk's own, those that may not be shown. Whoever knows the address of a published sheet can
/// read it.
const SECRET: [(&str, Shown); 5] = [
    ("POSTGRES_PASSWORD", Shown::Secret),
    ("OCR_SPACE_KEY", Shown::Secret),
    ("SHEET_CSV_URL", Shown::Secret),
    ("SHEET_TARIFFS_CSV_URL", Shown::Secret),
    ("DATABASE_URL", Shown::Url),
];

/// Every setting that this version understands.
pub(super) fn known() -> impl Iterator<Item = &'static str> {
    let of_messengers = of_messengers().map(|setting| setting.variable);
    OWN.into_iter().chain(of_messengers)
}

fn of_messengers() -> impl Iterator<Item = &'static Setting> {
    kinds::ALL.into_iter().flat_map(|kind| kind.settings)
}

/// Names and values, and where they stand.
#[derive(Clone, Default)]
pub struct Settings {
    values: BTreeMap<String, Value>,
    /// Names in `.env`, with file and line.
    written: Vec<(String, usize, String)>,
    /// `zabota.toml`, or why it cannot be read.
    toml: Option<Result<Source, Mistake>>,
    /// The file that `GOOGLE_CREDENTIALS` names, or why it cannot be read.
    google_key: Option<Result<Source, Mistake>>,
}

#[derive(Clone)]
struct Value {
    text: String,
    /// File and line; none in the process environment.
    place: Option<(String, usize)>,
}

impl Settings {
    /// The process environment over a file such as `.env`.
    pub fn gather(
        process: impl IntoIterator<Item = (String, String)>,
        file: Option<&Source>,
    ) -> Result<Self, Vec<Mistake>> {
        let mut settings = Self::default();
        if let Some(file) = file {
            for line in dotenv::read(file)? {
                let written = (file.name.clone(), line.number, line.name.clone());
                settings.written.push(written);
                let place = Some((file.name.clone(), line.number));
                settings.put(
                    line.name,
                    Value {
                        text: line.value,
                        place,
                    },
                );
            }
        }
        for (name, text) in process {
            settings.put(name, Value { text, place: None });
        }
        Ok(settings)
    }

    /// These values and no others: for tests and for the demo.
    pub fn of<'a>(values: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut settings = Self::default();
        for (name, text) in values {
            settings.put(
                name.to_owned(),
                Value {
                    text: text.to_owned(),
                    place: None,
                },
            );
        }
        settings
    }

    /// What a name is set to; none if to nothing.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(|value| value.text.as_str())
    }

    /// A mistake in the setting `name`: `what` is wrong with it ("is not …"), and a line to copy.
    pub fn mistake(&self, name: &str, what: &str, example: &str) -> Mistake {
        let what = format!("{name} {what}, for example {example}");
        match self.values.get(name).and_then(|value| value.place.as_ref()) {
            Some((file, line)) => Mistake::in_file(file, Some(*line), what),
            None => Mistake::new(what),
        }
    }

    /// The same, with what `zabota.toml` says besides.
    #[must_use]
    pub fn beside(mut self, toml: Result<Option<Source>, Mistake>) -> Self {
        self.toml = toml.transpose();
        self
    }

    /// The same, with the key file of a Google service account.
    #[must_use]
    pub fn with_google_key(mut self, key: Result<Option<Source>, Mistake>) -> Self {
        self.google_key = key.transpose();
        self
    }

    /// The key file of a Google service account, if one was found.
    pub(super) fn google_key(&self) -> Result<Option<&Source>, &Mistake> {
        self.google_key.as_ref().map(Result::as_ref).transpose()
    }

    /// `zabota.toml`, if there is one.
    pub(super) fn toml(&self) -> Result<Option<&Source>, &Mistake> {
        self.toml.as_ref().map(Result::as_ref).transpose()
    }

    /// What must not be shown, whether or not the settings are right.
    pub fn secrets(&self) -> Vec<String> {
        let messengers = of_messengers().map(|setting| (setting.variable, setting.shown));
        let named = SECRET.into_iter().chain(messengers);
        let mut hidden: Vec<(String, Shown)> = named
            .filter_map(|(name, shown)| Some((self.get(name)?.to_owned(), shown)))
            .collect();
        for (value, shown) in self.in_channels() {
            let value = match value {
                InChannel::Text(text) => Some(text),
                InChannel::Variable(name) => self.get(&name).map(str::to_owned),
            };
            hidden.extend(value.map(|value| (value, shown)));
        }
        hidden.into_iter().flat_map(parts).collect()
    }

    /// What looks wrong and may be right.
    pub(super) fn notes(&self) -> Vec<String> {
        let taken: Vec<String> = self
            .in_channels()
            .into_iter()
            .filter_map(|(value, _)| match value {
                InChannel::Variable(name) => Some(name),
                InChannel::Text(_) => None,
            })
            .collect();
        let known = || known().chain(["ZABOTA_CONFIG"]);
        let slip = |(file, line, name): &(String, usize, String)| {
            if known().any(|known| known == name) || taken.contains(name) {
                return None;
            }
            let meant = nearest(name, known())?;
            Some(format!(
                "{file}, line {line}: {name} is no setting; did you mean {meant}?"
            ))
        };
        self.written.iter().filter_map(slip).collect()
    }

    fn in_channels(&self) -> Vec<(InChannel, Shown)> {
        let Ok(Some(toml)) = self.toml() else {
            return Vec::new();
        };
        file::in_channels(toml)
    }

    fn put(&mut self, name: String, value: Value) {
        let text = value.text.trim().to_owned();
        if !text.is_empty() {
            self.values.insert(name, Value { text, ..value });
        }
    }
}

/// A setting of a `[[channel]]`, as it stands there.
pub(super) enum InChannel {
    /// What it is set to.
    Text(String),
    /// The variable that holds it.
    Variable(String),
}

/// What of a value must not be shown.
fn parts((value, shown): (String, Shown)) -> Vec<String> {
    match shown {
        Shown::Open => Vec::new(),
        // The half of a token behind the colon is the secret; it also shows where `:` is written %3A.
        Shown::Secret => {
            let half = value.split_once(':').map(|(_, half)| half.to_owned());
            [value].into_iter().chain(half).collect()
        }
        Shown::Url => password_of(&value).map(str::to_owned).into_iter().collect(),
    }
}

/// Between the first `:` behind the scheme and the last `@` before the path.
fn password_of(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let (user, _) = rest.rsplit_once('@')?;
    let (_, password) = user.split_once(':')?;
    Some(password).filter(|password| !password.is_empty())
}
