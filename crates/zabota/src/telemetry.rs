//! What the process says about itself: lines on stderr, as text or as JSON.
//!
//! What must stay true: with JSON every line is JSON, also a panic and a complaint about the command
//! line; and no line holds a secret. Nobody is supposed to log one; [`Guard`] is there for the day
//! when somebody does.

use std::{
    io::{self, IsTerminal, Write},
    panic,
    sync::Arc,
};

use tracing_subscriber::{
    EnvFilter, fmt::MakeWriter, layer::SubscriberExt, util::SubscriberInitExt,
};

/// How lines are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

impl Format {
    /// Reads `text` or `json`.
    pub fn read(name: &str) -> Option<Self> {
        match name {
            "text" => Some(Self::Text),
            "json" => Some(Self::Json),
            _ => None,
        }
    }
}

/// Whether `filter` says what to log (`info`, `info,zabota=debug`).
pub fn is_filter(filter: &str) -> bool {
    EnvFilter::try_new(filter).is_ok()
}

/// Starts logging, for the whole process, and makes panics part of it. A filter that means nothing
/// is taken for `info`: whoever reads the settings complains about it, and needs a log to do so.
///
/// # Panics
/// If called twice.
pub fn start(format: Format, filter: &str, secrets: &[String]) {
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let guard = Guard::new(secrets, io::stderr);
    let registry = tracing_subscriber::registry().with(filter);
    let layer = tracing_subscriber::fmt::layer().with_writer(guard);
    match format {
        Format::Text => registry
            .with(layer.with_ansi(io::stderr().is_terminal()))
            .init(),
        Format::Json => registry
            .with(layer.json().flatten_event(true).with_ansi(false))
            .init(),
    }
    panic::set_hook(Box::new(|panic| {
        let place = panic
            .location()
            .map(ToString::to_string)
            .unwrap_or_default();
        let words = panic.payload_as_str().unwrap_or("no words");
        tracing::error!(place, "panicked: {words}");
    }));
}

/// Says why the process cannot do what it was asked: plain lines for people, the log's form for
/// machines.
pub fn complain(format: Format, lines: impl IntoIterator<Item = String>) {
    for line in lines {
        match format {
            Format::Text => {
                // If stderr is gone there is nobody left to tell.
                let _ = writeln!(io::stderr(), "{line}");
            }
            Format::Json => tracing::error!("{line}"),
        }
    }
}

/// Shorter secrets are not looked for: they would be found in half of all words.
const SHORTEST: usize = 4;

/// Writes lines on, with `***` in place of secrets.
#[derive(Clone)]
pub struct Guard<W> {
    secrets: Arc<[String]>,
    to: W,
}

impl<W> Guard<W> {
    /// Keeps `secrets` out of everything written to `to`.
    pub fn new(secrets: &[String], to: W) -> Self {
        let long = secrets.iter().filter(|secret| secret.len() >= SHORTEST);
        // As it is, and as it stands in JSON or in a `Debug` text.
        let mut forms: Vec<String> = long
            .flat_map(|secret| [secret.clone(), escaped(secret)])
            .collect();
        // The longer first: one secret may be a part of another.
        forms.sort_by_key(|form| std::cmp::Reverse(form.len()));
        forms.dedup();
        Self {
            secrets: forms.into(),
            to,
        }
    }

    fn hide(&self, line: &str) -> String {
        self.secrets.iter().fold(line.to_owned(), |line, secret| {
            line.replace(secret.as_str(), "***")
        })
    }
}

fn escaped(secret: &str) -> String {
    let quoted = serde_json::Value::from(secret).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

impl<'a, W> MakeWriter<'a> for Guard<W>
where
    W: MakeWriter<'a> + Clone + 'a,
{
    type Writer = Guard<W::Writer>;

    fn make_writer(&'a self) -> Self::Writer {
        Guard {
            secrets: self.secrets.clone(),
            to: self.to.make_writer(),
        }
    }
}

impl<W: Write> Write for Guard<W> {
    /// A line comes in one piece: the formatting layer makes it whole first.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(line);
        let hidden = self.hide(&text);
        self.to.write_all(hidden.as_bytes())?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Mutex, PoisonError};

    use super::*;

    #[derive(Clone, Default)]
    struct Page(Arc<Mutex<Vec<u8>>>);

    impl Write for Page {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Page {
        fn read(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
        }
    }

    fn logged(secrets: &[&str], log: impl FnOnce()) -> String {
        let page = Page::default();
        let secrets: Vec<String> = secrets.iter().map(|&secret| secret.to_owned()).collect();
        let to = page.clone();
        let guard = Guard::new(&secrets, move || to.clone());
        let layer = tracing_subscriber::fmt::layer()
            .json()
            .flatten_event(true)
            .with_writer(guard);
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), log);
        page.read()
    }

    #[test]
    fn a_secret_in_a_log_line_is_starred_out() {
        let page = logged(&["123456:ABC-DEF", "ABC-DEF"], || {
            tracing::warn!(
                url = "https://api.telegram.org/bot123456%3AABC-DEF/getMe",
                "asked 123456:ABC-DEF"
            );
        });
        assert!(page.contains("bot123456%3A***/getMe"), "{page}");
        assert!(page.contains("asked ***\""), "{page}");
        assert!(!page.contains("ABC-DEF"), "{page}");
    }

    #[test]
    fn a_secret_is_found_where_its_quotes_are_escaped() {
        let page = logged(&["pa\"ss\\word"], || tracing::warn!("refused pa\"ss\\word"));
        assert!(page.contains("refused ***"), "{page}");
    }

    #[test]
    fn a_line_of_json_stays_json() {
        let page = logged(&["secret"], || {
            tracing::error!(why = "a \"quote\"\nand a line", "secret");
        });
        let line: serde_json::Value = serde_json::from_str(&page).unwrap();
        assert_eq!(line["level"], "ERROR");
        assert_eq!(line["message"], "***");
    }

    #[test]
    fn a_filter_is_understood_or_refused() {
        assert!(is_filter("info") && is_filter("warn,zabota=debug"));
        assert!(!is_filter("zabota=loud"));
    }
}
