//! The published schema of the Sheets API: parameters, scopes, shapes of answers.
//!
//! The data is in `schemas/google/sheets-v4.json` (see the README beside it).

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::Value;

use super::error::ApiError;

static SCHEMA: LazyLock<Schema> = LazyLock::new(|| {
    // The embedded text is ours and checked by tests, so a fault in it is a fault of the build.
    serde_json::from_str(include_str!("../../schemas/google/sheets-v4.json"))
        .expect("the embedded schema is valid")
});

#[derive(Deserialize)]
struct Schema {
    /// Taken with every method, besides its own.
    parameters: BTreeMap<String, Kind>,
    methods: HashMap<String, Method>,
    /// Everything that there is: `GET v4/spreadsheets/{spreadsheetId}`.
    published: Vec<String>,
    schemas: HashMap<String, Kind>,
}

#[derive(Deserialize)]
struct Method {
    parameters: BTreeMap<String, Kind>,
    response: Kind,
    scopes: Vec<String>,
}

/// The part of JSON Schema that Google uses.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Kind {
    #[serde(rename = "$ref")]
    named: Option<String>,
    #[serde(rename = "type")]
    type_name: Option<String>,
    properties: BTreeMap<String, Kind>,
    items: Option<Box<Kind>>,
    #[serde(rename = "enum")]
    words: Vec<String>,
    repeated: bool,
}

/// A call's parameters; every one is published and has a possible value.
#[derive(Debug, Default)]
pub(crate) struct Params(Vec<(String, String)>);

impl Params {
    /// The last value of that name.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.all(name).next_back()
    }

    pub(crate) fn all(&self, name: &str) -> impl DoubleEndedIterator<Item = &str> {
        self.0
            .iter()
            .filter(move |(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// `usual` when it is absent.
    pub(crate) fn flag(&self, name: &str, usual: bool) -> bool {
        self.text(name).map_or(usual, |text| text == "true")
    }
}

fn method(name: &str) -> &'static Method {
    // Only the three that are emulated are asked for, and a test asks for each.
    &SCHEMA.methods[name]
}

/// Whether a token with these scopes may call the method.
pub(crate) fn allows(name: &str, scopes: &[String]) -> bool {
    let wanted = &method(name).scopes;
    scopes.iter().any(|scope| wanted.contains(scope))
}

/// Checks the query against what is published.
pub(crate) fn params(name: &str, query: Vec<(String, String)>) -> Result<Params, ApiError> {
    let mut seen: Vec<&str> = Vec::new();
    for (key, value) in &query {
        let own = &method(name).parameters;
        let kind = own.get(key).or_else(|| SCHEMA.parameters.get(key));
        let Some(kind) = kind else {
            let what = format!(
                "Invalid JSON payload received. Unknown name \"{key}\": Cannot bind query parameter. Field '{key}' could not be found in request message."
            );
            return Err(ApiError::broken(400, what));
        };
        let is_flag = kind.type_name.as_deref() == Some("boolean");
        let fits = (kind.words.is_empty() || kind.words.contains(value))
            && (!is_flag || matches!(value.as_str(), "true" | "false"));
        if !fits {
            let what = format!("Invalid value at '{key}', \"{value}\"");
            return Err(ApiError::broken(400, what));
        }
        if !kind.repeated && seen.contains(&key.as_str()) {
            let what = format!("Invalid value at '{key}': it is given more than once");
            return Err(ApiError::broken(400, what));
        }
        seen.push(key);
    }
    Ok(Params(query))
}

/// Whether Google has such a method, emulated or not. The path has no slash in front.
pub(crate) fn is_published(verb: &str, path: &str) -> bool {
    SCHEMA.published.iter().any(|line| {
        line.split_once(' ')
            .is_some_and(|(known, pattern)| known == verb && matches(pattern, path))
    })
}

/// Each `{name}` of the pattern stands for some text without a slash.
fn matches(pattern: &str, path: &str) -> bool {
    let same_length = pattern.split('/').count() == path.split('/').count();
    same_length
        && pattern.split('/').zip(path.split('/')).all(|(want, got)| {
            let Some((before, after)) = want.split_once('{') else {
                return want == got;
            };
            let after = after.split_once('}').map_or("", |(_, after)| after);
            let middle = got
                .strip_prefix(before)
                .and_then(|got| got.strip_suffix(after));
            middle.is_some_and(|middle| !middle.is_empty() && !middle.contains(':'))
        })
}

/// The shape of a method's answer.
pub(crate) fn answer(name: &str) -> &'static Kind {
    &method(name).response
}

impl Kind {
    fn resolve(&self) -> &Self {
        let named = self.named.as_ref();
        named
            .and_then(|name| SCHEMA.schemas.get(name))
            .unwrap_or(self)
    }

    /// The field of that name, also of what a list holds.
    pub(crate) fn field(&self, name: &str) -> Option<&Self> {
        let kind = self.resolve();
        match &kind.items {
            Some(items) => items.field(name),
            None => kind.properties.get(name),
        }
    }
}

/// What keeps an answer from being one of the method (`spreadsheets.get`, `values.get`, `values.batchGet`); empty when
/// nothing does. Fields that the schema does not know count as wrong.
pub fn check_answer(name: &str, answer: &Value) -> Vec<String> {
    let mut problems = Vec::new();
    match SCHEMA.methods.get(name) {
        Some(method) => check(&method.response, answer, name, &mut problems),
        None => problems.push(format!("{name} is not in the schema")),
    }
    problems
}

fn check(kind: &Kind, value: &Value, at: &str, problems: &mut Vec<String>) {
    let kind = kind.resolve();
    let fits = match kind.type_name.as_deref() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("integer") => value.is_i64(),
        Some("boolean") => value.is_boolean(),
        _ => true,
    };
    let is_word = kind.words.is_empty() || kind.words.iter().any(|word| value == word);
    if !fits || !is_word {
        problems.push(format!("{at}: {value}"));
    }
    if let (Some(fields), Some("object")) = (value.as_object(), kind.type_name.as_deref()) {
        for (name, value) in fields {
            match kind.properties.get(name) {
                Some(kind) => check(kind, value, &format!("{at}.{name}"), problems),
                None => problems.push(format!("{at}.{name} is not published")),
            }
        }
    }
    if let (Some(values), Some(items)) = (value.as_array(), &kind.items) {
        for value in values {
            check(items, value, &format!("{at}[]"), problems);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_emulated_methods_are_in_the_schema() {
        for name in ["spreadsheets.get", "values.get", "values.batchGet"] {
            assert!(allows(
                name,
                &["https://www.googleapis.com/auth/spreadsheets.readonly".to_owned()]
            ));
        }
    }

    #[test]
    fn it_is_known_what_google_publishes() {
        assert!(is_published("POST", "v4/spreadsheets"));
        assert!(is_published("POST", "v4/spreadsheets/x:batchUpdate"));
        assert!(is_published("PUT", "v4/spreadsheets/x/values/A1"));
        assert!(is_published("POST", "v4/spreadsheets/x/values/A1:clear"));
        assert!(!is_published("PUT", "v4/spreadsheets/x"));
        assert!(!is_published("GET", "v4/spreadsheets/x/cells"));
    }
}
