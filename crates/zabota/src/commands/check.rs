//! `zabota check`: reads the settings and the scenario and says everything that is wrong.

use std::{io::Write, process::ExitCode};

use engine::phrases::Locale;

use crate::config::{self, Mistake, Settings};

/// Prints every mistake, a line each; exits 1 if there is any.
pub fn run(settings: Result<&Settings, &[Mistake]>, out: &mut impl Write) -> ExitCode {
    let (notes, mistakes) = match settings {
        Ok(settings) => judge(settings),
        Err(mistakes) => (Vec::new(), mistakes.to_vec()),
    };
    // Whoever closed the pipe has read enough; the exit code still counts.
    for line in notes {
        let _ = writeln!(out, "{line}");
    }
    for mistake in &mistakes {
        let _ = writeln!(out, "{mistake}");
    }
    if !mistakes.is_empty() {
        return ExitCode::FAILURE;
    }
    let _ = writeln!(out, "{}", all_is_well(settings.ok()));
    ExitCode::SUCCESS
}

fn judge(settings: &Settings) -> (Vec<String>, Vec<Mistake>) {
    let (notes, mut mistakes) = match config::load(settings) {
        Ok(config) => (config.warnings, Vec::new()),
        Err(mistakes) => (Vec::new(), mistakes),
    };
    if let Err(wrong) = config::load_scenario(settings) {
        for mistake in wrong {
            // A SCENARIO that means nothing is found on both ways.
            if !mistakes.contains(&mistake) {
                mistakes.push(mistake);
            }
        }
    }
    (notes, mistakes)
}

fn all_is_well(settings: Option<&Settings>) -> &'static str {
    let locale = settings
        .and_then(|settings| settings.get("LOCALE"))
        .and_then(Locale::read);
    match locale.unwrap_or_default() {
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
        for (locale, words) in [("ru", "Всё в порядке\n"), ("en", "All is well\n")] {
            let settings = Settings::of([
                ("BOT_TOKEN", "123456:ABC"),
                ("OPERATORS_CHAT_ID", "-1001234567890"),
                ("LOCALE", locale),
            ]);
            assert_eq!(check(&settings), (ExitCode::SUCCESS, words.to_owned()));
        }
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
