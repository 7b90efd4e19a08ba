//! What is set, and where: the process environment wins over `.env`; an empty value is none.

use std::collections::BTreeMap;

use super::{LATER, Mistake, Source, dotenv, mistake::nearest};

/// Every setting that this version understands.
pub(super) const KNOWN: [&str; 25] = [
    "BOT_TOKEN",
    "OPERATORS_CHAT_ID",
    "OWNER_IDS",
    "TELEGRAM_API_URL",
    "TELEGRAM_PROXY",
    "TELEGRAM_WEBHOOK_SECRET",
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
    "HISTORY_DAYS",
    "LIMITS",
    "HTTP_ADDR",
    "LOG",
    "LOG_FORMAT",
];

/// What holds a secret, or may: kept out of every line that is logged.
const SECRET: [&str; 10] = [
    "BOT_TOKEN",
    "TELEGRAM_WEBHOOK_SECRET",
    "POSTGRES_PASSWORD",
    "VK_TOKEN",
    "VK_SECRET",
    "FB_PAGE_TOKEN",
    "FB_APP_SECRET",
    "FB_VERIFY_TOKEN",
    "OCR_SPACE_KEY",
    "VK_CONFIRMATION",
];

/// What is a URL that may hold a password.
const SECRET_URL: [&str; 4] = ["DATABASE_URL", "TELEGRAM_PROXY", "VK_PROXY", "FB_PROXY"];

/// Names and values, and where they stand.
#[derive(Clone, Default)]
pub struct Settings {
    values: BTreeMap<String, Value>,
    notes: Vec<String>,
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
                settings.note_slip(file, &line);
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

    /// What must not be shown, whether or not the settings are right.
    pub fn secrets(&self) -> Vec<String> {
        let mut secrets: Vec<String> = SECRET
            .into_iter()
            .filter_map(|name| self.get(name))
            .map(str::to_owned)
            .collect();
        // The half of a token behind the colon is the secret; it also shows where `:` is written %3A.
        let halves = secrets
            .iter()
            .filter_map(|token| Some(token.split_once(':')?.1.to_owned()));
        secrets.extend(halves.collect::<Vec<_>>());
        let urls = SECRET_URL.into_iter().filter_map(|name| self.get(name));
        secrets.extend(urls.filter_map(|url| Some(password_of(url)?.to_owned())));
        secrets
    }

    /// What looks wrong and may be right.
    pub(super) fn notes(&self) -> &[String] {
        &self.notes
    }

    fn put(&mut self, name: String, value: Value) {
        let text = value.text.trim().to_owned();
        if !text.is_empty() {
            self.values.insert(name, Value { text, ..value });
        }
    }

    /// The process environment is full of other programs' names; `.env` is ours.
    fn note_slip(&mut self, file: &Source, line: &dotenv::Line) {
        let known = || KNOWN.into_iter().chain(LATER).chain(["ZABOTA_CONFIG"]);
        if known().any(|name| name == line.name) {
            return;
        }
        if let Some(meant) = nearest(&line.name, known()) {
            let (file, number, name) = (&file.name, line.number, &line.name);
            self.notes.push(format!(
                "{file}, line {number}: {name} is no setting; did you mean {meant}?"
            ));
        }
    }
}

/// Between the first `:` behind the scheme and the last `@` before the path.
fn password_of(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let (user, _) = rest.rsplit_once('@')?;
    let (_, password) = user.split_once(':')?;
    Some(password).filter(|password| !password.is_empty())
}
