//! What is published about OCR.space: parameters, their values, limits.
//!
//! The data is in `schemas/ocrspace/ocrspace.json` (see the README beside it).

use std::sync::LazyLock;

use serde::Deserialize;

use crate::args::Args;

static SCHEMA: LazyLock<Schema> = LazyLock::new(|| {
    // The embedded text is ours and checked by tests, so a fault in it is a fault of the build.
    serde_json::from_str(include_str!("../../schemas/ocrspace/ocrspace.json"))
        .expect("the embedded schema is valid")
});

#[derive(Deserialize)]
struct Schema {
    languages: Vec<String>,
    languages_engine3: Vec<String>,
    filetypes: Vec<String>,
    engines: Vec<String>,
    /// Parameters that are true or false.
    flags: Vec<String>,
    limits: Limits,
}

#[derive(Deserialize)]
struct Limits {
    requests_per_day: usize,
    max_file_kb: usize,
}

/// Parameters besides the flags. Case does not matter.
const NAMES: [&str; 6] = [
    "apikey",
    "url",
    "language",
    "base64image",
    "filetype",
    "ocrengine",
];

pub(crate) fn requests_per_day() -> usize {
    SCHEMA.limits.requests_per_day
}

/// Of a file, in KB.
pub(crate) fn max_file_kb() -> usize {
    SCHEMA.limits.max_file_kb
}

/// What is wrong with the parameters, in the service's words; their names are in small letters.
pub(crate) fn problems(args: &Args) -> Vec<String> {
    let flags: Vec<String> = SCHEMA
        .flags
        .iter()
        .map(|flag| flag.to_lowercase())
        .collect();
    let is_flag = |name: &str| flags.iter().any(|flag| flag == name);
    let mut problems = Vec::new();
    for name in args.values.keys() {
        if !NAMES.contains(&name.as_str()) && !is_flag(name) {
            let valid = [NAMES.join(","), flags.join(",")].join(",");
            problems.push(format!(
                "Parameter name '{name}' is invalid. Valid parameters: {valid}"
            ));
        }
    }
    let engine = args.text("ocrengine").unwrap_or("1");
    let mut wrong = |name: &str, fits: &dyn Fn(&str) -> bool| {
        if args.text(name).is_some_and(|value| !fits(value)) {
            problems.push(format!("Value for parameter '{name}' is invalid"));
        }
    };
    wrong("ocrengine", &|value| among(&SCHEMA.engines, value));
    wrong("filetype", &|value| among(&SCHEMA.filetypes, value));
    wrong("language", &|value| speaks(engine, value));
    for flag in &flags {
        wrong(flag, &|value| {
            matches!(value.to_lowercase().as_str(), "true" | "false")
        });
    }
    problems
}

fn speaks(engine: &str, language: &str) -> bool {
    among(&SCHEMA.languages, language)
        || (engine == "2" && language == "auto")
        || (engine == "3" && among(&SCHEMA.languages_engine3, language))
}

fn among(list: &[String], value: &str) -> bool {
    list.iter().any(|known| known.eq_ignore_ascii_case(value))
}
