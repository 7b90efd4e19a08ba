//! `zabota scenario`: prints what ships inside the binary, to start one's own from.

use std::{io::Write, process::ExitCode};

use engine::{
    phrases::{Locale, Phrase, Phrases},
    scenario,
};

use crate::config::nearest;

/// Prints the built-in scenario called `name`; or says which there are, and exits 1.
pub fn run(name: &str, out: &mut impl Write, err: &mut impl Write) -> ExitCode {
    // Whoever closed the pipe has read enough.
    if let Some(text) = scenario::built_in(name) {
        let _ = out.write_all(text.as_bytes());
        return ExitCode::SUCCESS;
    }
    let known = scenario::BUILT_IN.join(", ");
    let meant = nearest(name, scenario::BUILT_IN).map(|name| format!("; did you mean {name}?"));
    let _ = writeln!(
        err,
        "there is no scenario `{name}`; known: {known}{}",
        meant.unwrap_or_default()
    );
    ExitCode::FAILURE
}

/// Prints the desk's own words as they would stand in `zabota.toml`.
pub fn phrases(locale: Locale, out: &mut impl Write) -> ExitCode {
    let phrases = Phrases::built_in(locale);
    let _ = writeln!(out, "[texts.{}]", locale.code());
    for phrase in Phrase::ALL {
        // A text in JSON is one in TOML too.
        let words = serde_json::Value::from(phrases.words(*phrase, &[]));
        let _ = writeln!(out, "{} = {words}", phrase.name());
    }
    ExitCode::SUCCESS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn care_is_printed_and_read_again() {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        assert_eq!(run("care", &mut out, &mut err), ExitCode::SUCCESS);
        assert!(scenario::Scenario::read(std::str::from_utf8(&out).unwrap()).is_ok());
    }

    #[test]
    fn a_slip_is_answered_with_the_name() {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        assert_eq!(run("car", &mut out, &mut err), ExitCode::FAILURE);
        assert!(out.is_empty());
        assert!(
            String::from_utf8(err)
                .unwrap()
                .ends_with("did you mean care?\n")
        );
    }

    #[test]
    fn the_printed_words_may_be_put_into_the_file_as_they_are() {
        let mut out = Vec::new();
        phrases(Locale::Ru, &mut out);
        let text = String::from_utf8(out).unwrap();
        let file: toml::Table = toml::from_str(&text).unwrap();
        assert_eq!(
            file["texts"]["ru"].as_table().unwrap().len(),
            Phrase::ALL.len()
        );
    }
}
