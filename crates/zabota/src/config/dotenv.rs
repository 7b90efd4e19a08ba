//! Reads `.env`.
//!
//! Not a crate's parser, for three reasons: `check` names the line of each mistake; an error must not
//! show the line (it may hold the token); and a `$` in a password is a `$`, not a variable. The rest is
//! what everybody understands: `NAME=value`, an optional `export `, comments behind ` #`, `'taken as
//! it is'`, `"with \n, \t, \\ and \""`. A value does not go beyond its line.

use super::{Mistake, Source};

/// One setting of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// Its line, from 1.
    pub(super) number: usize,
    /// Its name.
    pub(super) name: String,
    /// What it is set to.
    pub(super) value: String,
}

/// All settings of the file, in order.
pub(super) fn read(file: &Source) -> Result<Vec<Line>, Vec<Mistake>> {
    let mut lines = Vec::new();
    let mut mistakes = Vec::new();
    for (number, line) in (1..).zip(file.text.lines()) {
        match setting(line.trim()) {
            Ok(Some((name, value))) => lines.push(Line {
                number,
                name: name.to_owned(),
                value,
            }),
            Ok(None) => {}
            Err(what) => mistakes.push(Mistake::in_file(&file.name, Some(number), what)),
        }
    }
    if mistakes.is_empty() {
        Ok(lines)
    } else {
        Err(mistakes)
    }
}

fn setting(line: &str) -> Result<Option<(&str, String)>, String> {
    if line.is_empty() || line.starts_with('#') {
        return Ok(None);
    }
    let line = line.strip_prefix("export ").unwrap_or(line);
    let Some((name, value)) = line.split_once('=') else {
        return Err(
            "a setting is written NAME=value, for example LOCALE=ru; a comment begins with #"
                .to_owned(),
        );
    };
    let name = name.trim_end();
    let legal = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if name.is_empty() || !name.chars().all(legal) {
        return Err(
            "the name before `=` has letters A-Z, digits and _ only, for example LOCALE=ru"
                .to_owned(),
        );
    }
    Ok(Some((
        name,
        value_of(value.trim_start()).map_err(|what| format!("{name}: {what}"))?,
    )))
}

fn value_of(text: &str) -> Result<String, &'static str> {
    let (value, rest) = match text.chars().next() {
        Some('\'') => {
            let (value, rest) = text[1..]
                .split_once('\'')
                .ok_or("the closing ' is missing on this line")?;
            (value.to_owned(), rest)
        }
        Some('"') => quoted(&text[1..])?,
        _ => return Ok(plain(text).to_owned()),
    };
    let rest = rest.trim_start();
    if rest.is_empty() || rest.starts_with('#') {
        Ok(value)
    } else {
        Err(
            "something follows the closing quote; a quote inside is written \\\" between double quotes",
        )
    }
}

/// Up to the closing quote, and what follows it.
fn quoted(text: &str) -> Result<(String, &str), &'static str> {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Ok((value, &text[at + 1..])),
            '\\' => match chars.next().map(|(_, escaped)| escaped) {
                Some('n') => value.push('\n'),
                Some('r') => value.push('\r'),
                Some('t') => value.push('\t'),
                Some(other @ ('\\' | '"' | '\'' | '$')) => value.push(other),
                Some(_) | None => {
                    return Err(
                        "only \\n, \\r, \\t, \\\\, \\\" and \\$ are known between double quotes",
                    );
                }
            },
            other => value.push(other),
        }
    }
    Err("the closing \" is missing on this line")
}

/// Without the comment: `#` at the beginning or behind a space.
fn plain(text: &str) -> &str {
    let begins = |at: usize| {
        text[..at]
            .chars()
            .next_back()
            .is_none_or(char::is_whitespace)
    };
    let comment = text
        .match_indices('#')
        .map(|(at, _)| at)
        .find(|&at| begins(at));
    text[..comment.unwrap_or(text.len())].trim_end()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> Result<Vec<Line>, Vec<Mistake>> {
        read(&Source {
            name: ".env".to_owned(),
            text: text.to_owned(),
        })
    }

    #[test]
    fn every_way_of_writing_a_value_is_understood() {
        for (written, meant) in [
            ("A=b", "b"),
            ("A = b ", "b"),
            ("export A=b", "b"),
            ("A=b c", "b c"),
            ("A=b # comment", "b"),
            ("A=b#c", "b#c"),
            ("A=# comment", ""),
            ("A=", ""),
            ("A='b # $c'", "b # $c"),
            (r#"A="b \"c\" \\ $d" # comment"#, r#"b "c" \ $d"#),
            ("A=pa$$w=rd", "pa$$w=rd"),
            ("A=привет", "привет"),
            ("A=b\r", "b"),
        ] {
            let lines = read_text(written).unwrap();
            assert_eq!(lines[0].value, meant, "{written}");
        }
    }

    #[test]
    fn the_predecessors_file_is_read() {
        let lines = read_text(
            "# Telegram\nBOT_TOKEN=123456:ABCDEF...          # токен бота\n\nMEDIA_ROOT=media\n",
        )
        .unwrap();
        assert_eq!(
            (lines[0].number, lines[0].value.as_str()),
            (2, "123456:ABCDEF...")
        );
        assert_eq!((lines[1].number, lines[1].name.as_str()), (4, "MEDIA_ROOT"));
    }

    #[test]
    fn mistakes_name_their_line_and_show_nothing_of_it() {
        for written in [
            "123456:SECRET",
            "A=\"SECRET",
            "A='SECRET",
            "A=\"SECRET\"x",
            "A B=SECRET",
            "A=\"\\SECRET\"",
            "=SECRET",
        ] {
            let mistakes = read_text(&format!("# first\n{written}")).unwrap_err();
            let shown = mistakes[0].to_string();
            assert!(shown.starts_with(".env, line 2: "), "{shown}");
            assert!(!shown.contains("SECRET"), "{shown}");
        }
    }
}
