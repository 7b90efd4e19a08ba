//! Something wrong with what the owner has set: one line that says where, what, and what to do.

use std::fmt;

/// One mistake. Never holds a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    file: Option<(String, Option<usize>)>,
    what: String,
}

impl Mistake {
    /// In no file: in the process environment, or nowhere at all.
    pub fn new(what: impl Into<String>) -> Self {
        Self {
            file: None,
            what: what.into(),
        }
    }

    /// In a file; lines count from 1.
    pub fn in_file(file: &str, line: Option<usize>, what: impl Into<String>) -> Self {
        Self {
            file: Some((file.to_owned(), line)),
            what: what.into(),
        }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.file {
            Some((file, Some(line))) => write!(f, "{file}, line {line}: ")?,
            Some((file, None)) => write!(f, "{file}: ")?,
            None => {}
        }
        // What a parser or a path brings along must not break the line.
        let mut words = self
            .what
            .split(['\n', '\r'])
            .map(str::trim)
            .filter(|line| !line.is_empty());
        f.write_str(words.next().unwrap_or_default())?;
        words.try_for_each(|more| write!(f, "; {more}"))
    }
}

/// The known name that somebody probably meant.
pub fn nearest<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let allowed = (written.chars().count() / 3).clamp(1, 3);
    let near = known
        .into_iter()
        .map(|name| (distance(written, name), name));
    near.filter(|(far, _)| *far <= allowed)
        .min()
        .map(|(_, name)| name)
}

/// How many letters must be added, taken away or changed (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let changed = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_understood_and_another_word_is_not() {
        let known = ["BOT_TOKEN", "LOCALE", "LOG"];
        assert_eq!(nearest("BOT_TOKN", known), Some("BOT_TOKEN"));
        assert_eq!(nearest("LOCAL", known), Some("LOCALE"));
        assert_eq!(nearest("PATH", known), None);
    }

    #[test]
    fn a_mistake_stays_one_line() {
        let mistake = Mistake::in_file("a.toml", Some(3), "expected `=`\n  found x\n");
        assert_eq!(mistake.to_string(), "a.toml, line 3: expected `=`; found x");
    }
}
