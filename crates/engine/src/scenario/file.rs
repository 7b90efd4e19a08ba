//! A scenario as it is written.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::{DialogPlace, Texts};

/// Something wrong with a scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Where: from 1.
    pub line: Option<usize>,
    /// What is wrong.
    pub what: String,
    /// What to do about it.
    pub hint: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) name: String,
    pub(super) start: Spanned<String>,
    pub(super) identify: Option<Spanned<String>>,
    pub(super) closing: Option<Spanned<String>>,
    pub(super) dialog: DialogPlace,
    pub(super) steps: BTreeMap<Spanned<String>, FileStep>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileStep {
    pub(super) say: Texts,
    pub(super) more: Option<Texts>,
    pub(super) subject: Option<Texts>,
    pub(super) collect: Option<Collect>,
    #[serde(default)]
    pub(super) ticket: bool,
    #[serde(default)]
    pub(super) payment: bool,
    pub(super) go: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) choices: Vec<FileChoice>,
}

#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(super) enum Collect {
    One,
    Many,
    Email,
    Rating,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileChoice {
    pub(super) ru: String,
    pub(super) en: Option<String>,
    pub(super) go: Spanned<String>,
}

pub(super) fn read(text: &str) -> Result<File, Vec<Mistake>> {
    toml::from_str(text).map_err(|error| {
        vec![Mistake {
            line: error.span().map(|span| line_at(text, span.start)),
            what: error.message().trim().replace('\n', "; "),
            hint: "compare with a scenario that works: `zabota scenario care` prints one"
                .to_owned(),
        }]
    })
}

/// The line that a byte stands in, from 1.
pub(super) fn line_at(text: &str, byte: usize) -> usize {
    text.as_bytes()
        .iter()
        .take(byte)
        .filter(|b| **b == b'\n')
        .count()
        + 1
}
