//! `zabota check`: reads the settings and the scenario and says everything that is wrong.

use std::{io::Write, process::ExitCode};

use channels::WayIn;
use engine::phrases::Locale;
use services::ocr::Tesseract;

use crate::config::{self, Config, Connection, Mistake, Ocr, Settings, Sheet, SheetAt, WEBHOOKS};

/// Prints the channels and services in use, or every mistake, a line each; exits 1 if there is any.
pub fn run(settings: Result<&Settings, &[Mistake]>, out: &mut impl Write) -> ExitCode {
    let judged = match settings {
        Ok(settings) => judge(settings),
        Err(mistakes) => Err(mistakes.to_vec()),
    };
    let (code, lines) = match judged {
        Ok(lines) => (ExitCode::SUCCESS, lines),
        Err(mistakes) => {
            let lines = mistakes.iter().map(ToString::to_string);
            (ExitCode::FAILURE, lines.collect())
        }
    };
    // Whoever closed the pipe has read enough; the exit code still counts.
    for line in lines {
        let _ = writeln!(out, "{line}");
    }
    code
}

fn judge(settings: &Settings) -> Result<Vec<String>, Vec<Mistake>> {
    let (config, mut mistakes) = match Config::read(settings) {
        Ok(config) => (Some(config), Vec::new()),
        Err(mistakes) => (None, mistakes),
    };
    if let Err(wrong) = config::load_scenario(settings) {
        for mistake in wrong {
            // A SCENARIO that means nothing is found on both ways.
            if !mistakes.contains(&mistake) {
                mistakes.push(mistake);
            }
        }
    }
    let Some(config) = config.filter(|_| mistakes.is_empty()) else {
        return Err(mistakes);
    };
    let mut lines = config.warnings.clone();
    let locale = config.phrases.locale();
    for connection in &config.channels {
        match way_in(connection, locale) {
            Ok(way) => {
                let title = config.titles().remove(connection.id());
                let title = title.unwrap_or_default();
                lines.push(format!("{}: {title}, {way}", connection.id()));
            }
            Err(mistake) => mistakes.push(mistake),
        }
    }
    match ocr(&config.ocr) {
        Ok(line) => lines.extend(line),
        Err(mistake) => mistakes.push(mistake),
    }
    lines.extend(config.sheet.as_ref().map(|read| sheet(read, locale)));
    lines.push(all_is_well(locale).to_owned());
    if mistakes.is_empty() {
        Ok(lines)
    } else {
        Err(mistakes)
    }
}

fn way_in(connection: &Connection, locale: Locale) -> Result<String, Mistake> {
    let way = connection.open()?.way_in();
    let path = || format!("{WEBHOOKS}{}", connection.id());
    let webhook = || connection.given.webhook.clone().unwrap_or_else(path);
    Ok(match (way, locale) {
        (WayIn::Polled, Locale::Ru) => "опрос (long polling)".to_owned(),
        (WayIn::Polled, Locale::En) => "long polling".to_owned(),
        (WayIn::Pushed, Locale::Ru) => format!("вебхук {}", webhook()),
        (WayIn::Pushed, Locale::En) => format!("webhook {}", webhook()),
    })
}

/// Who reads pictures, if anybody does; or what they lack.
fn ocr(ocr: &Ocr) -> Result<Option<String>, Mistake> {
    match ocr {
        Ocr::Off => Ok(None),
        Ocr::Space { url, .. } => Ok(Some(format!("OCR: OCR.space, {url}"))),
        Ocr::Tesseract => match tesseract() {
            Ok(()) => Ok(Some("OCR: tesseract (eng, rus, chi_sim)".to_owned())),
            Err(missing) => Err(Mistake::new(format!("OCR: {missing}"))),
        },
    }
}

fn tesseract() -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    let checked = runtime.block_on(async { Tesseract::default().check().await });
    checked.map_err(|missing| missing.to_string())
}

fn sheet(sheet: &Sheet, locale: Locale) -> String {
    let minutes = sheet.every.as_mins();
    let place = match &sheet.at {
        SheetAt::Google { id, .. } => format!("Google {id}"),
        SheetAt::Csv { .. } => "CSV".to_owned(),
    };
    match locale {
        Locale::Ru => format!("таблица: {place}, каждые {minutes} мин."),
        Locale::En => format!("sheet: {place}, every {minutes} min"),
    }
}

fn all_is_well(locale: Locale) -> &'static str {
    match locale {
        Locale::Ru => "Всё в порядке",
        Locale::En => "All is well",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(settings: &Settings) -> (ExitCode, String) {
        let mut page = Vec::new();
        let code = run(Ok(settings), &mut page);
        (code, String::from_utf8(page).unwrap())
    }

    #[test]
    fn all_is_well_in_the_owners_language() {
        for (locale, words) in [
            (
                "ru",
                "telegram: Telegram, опрос (long polling)\nВсё в порядке\n",
            ),
            ("en", "telegram: Telegram, long polling\nAll is well\n"),
        ] {
            let settings = Settings::of([
                ("BOT_TOKEN", "123456:ABC"),
                ("OPERATORS_CHAT_ID", "-1001234567890"),
                ("LOCALE", locale),
            ]);
            assert_eq!(check(&settings), (ExitCode::SUCCESS, words.to_owned()));
        }
    }

    #[test]
    fn who_reads_pictures_and_the_sheet_is_named_without_secrets() {
        let (code, page) = check(&Settings::of([
            ("BOT_TOKEN", "123456:ABC"),
            ("OPERATORS_CHAT_ID", "-1001234567890"),
            ("OCR", "ocr_space"),
            ("OCR_SPACE_KEY", "SECRET"),
            ("SHEET_CSV_URL", "https://docs.google.com/SECRET"),
            ("SHEET_TARIFFS_CSV_URL", "https://docs.google.com/SECRET"),
        ]));
        assert_eq!(code, ExitCode::SUCCESS);
        assert_eq!(
            page,
            "telegram: Telegram, опрос (long polling)\n\
             OCR: OCR.space, https://api.ocr.space/parse/image\n\
             таблица: CSV, каждые 15 мин.\n\
             Всё в порядке\n"
        );
    }

    #[test]
    fn every_mistake_of_the_scenario_is_a_line_with_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("my.toml");
        std::fs::write(&path, "name = \"x\"\nstart = \"nowhere\"\noops = 1\n").unwrap();
        let path = path.display().to_string();
        let (code, page) = check(&Settings::of([
            ("BOT_TOKEN", "123456:ABC"),
            ("OPERATORS_CHAT_ID", "-1001234567890"),
            ("SCENARIO", &path),
        ]));
        assert_eq!(code, ExitCode::FAILURE);
        assert!(page.starts_with(&format!("{path}, line 3: ")), "{page}");
    }

    #[test]
    fn a_scenario_that_is_nowhere_is_one_line() {
        let (_, page) = check(&Settings::of([
            ("BOT_TOKEN", "123456:ABC"),
            ("OPERATORS_CHAT_ID", "-1001234567890"),
            ("SCENARIO", "absent.toml"),
        ]));
        assert_eq!(
            page,
            "SCENARIO names `absent.toml`, and there is no such file, for example SCENARIO=care\n"
        );
    }
}
