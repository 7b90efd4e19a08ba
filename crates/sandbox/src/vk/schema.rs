//! The published schema: parameters of methods, shapes of answers and events, words of errors.
//!
//! The data is in `schemas/vk/vk-api.json` (see the README beside it). Nothing here knows what a method does.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::{Map, Value};

static SCHEMA: LazyLock<Schema> = LazyLock::new(|| {
    // The embedded text is ours and checked by a test, so a fault in it is a fault of the build.
    serde_json::from_str(include_str!("../../schemas/vk/vk-api.json"))
        .expect("the embedded schema is valid")
});

/// Taken with every method, besides its own.
const COMMON: [&str; 3] = ["v", "lang", "test_mode"];

#[derive(Deserialize)]
struct Schema {
    methods: HashMap<String, Method>,
    types: HashMap<String, Kind>,
    errors: HashMap<String, String>,
}

/// A method.
#[derive(Deserialize)]
pub(crate) struct Method {
    /// Communities' tokens may call it.
    pub(crate) group: bool,
    params: BTreeMap<String, Kind>,
    /// Any of these is an answer.
    responses: Vec<String>,
}

/// The part of JSON Schema that VK uses, with `required` at the property.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Kind {
    #[serde(rename = "ref")]
    named: Option<String>,
    /// A word or a list of words.
    #[serde(rename = "type")]
    types: Value,
    required: bool,
    properties: BTreeMap<String, Kind>,
    all_of: Vec<Kind>,
    one_of: Vec<Kind>,
    items: Option<Box<Kind>>,
    #[serde(rename = "enum")]
    words: Vec<Value>,
    minimum: Option<f64>,
    maximum: Option<f64>,
    max_length: Option<usize>,
    max_items: Option<usize>,
}

/// What is wrong with a parameter.
#[derive(Debug)]
pub(crate) struct Problem {
    pub(crate) field: String,
    /// A text that is longer than published.
    pub(crate) too_long: bool,
    pub(crate) what: String,
}

/// `None`: nobody published it, or it is not emulated.
pub(crate) fn method(name: &str) -> Option<&'static Method> {
    SCHEMA.methods.get(name)
}

/// What a code says, `Unknown error occurred` when the catalogue does not hold it.
pub(crate) fn error_text(code: i64) -> &'static str {
    let unknown = || SCHEMA.errors.get("1").map_or("", String::as_str);
    SCHEMA
        .errors
        .get(&code.to_string())
        .map_or_else(unknown, String::as_str)
}

/// All kinds of events that a community can ask for.
pub(crate) fn event_kinds() -> impl Iterator<Item = &'static str> {
    let events = SCHEMA.types.get("groups_long_poll_events");
    events
        .into_iter()
        .flat_map(|kind| kind.properties.keys().map(String::as_str))
}

/// What keeps a value from being of the named type; empty when nothing does. Fields that the schema does not know
/// count as wrong.
pub fn check_type(name: &str, value: &Value) -> Vec<String> {
    let mut problems = Vec::new();
    match SCHEMA.types.get(name) {
        Some(kind) => check(kind, value, name, &mut problems),
        None => problems.push(format!("{name} is not in the schema")),
    }
    problems
}

/// What keeps `{"response": …}` from being an answer of the method.
pub fn check_answer(method: &str, answer: &Value) -> Vec<String> {
    let Some(method) = SCHEMA.methods.get(method) else {
        return vec![format!("{method} is not in the schema")];
    };
    let tries = method.responses.iter().map(|name| check_type(name, answer));
    tries.min_by_key(Vec::len).unwrap_or_default()
}

impl Method {
    /// Brings raw parameters into their types (forms carry everything as text) and says what is wrong with them.
    pub(crate) fn read(&self, raw: Map<String, Value>) -> (Map<String, Value>, Vec<Problem>) {
        let mut problems = Vec::new();
        let mut typed = Map::new();
        for (name, value) in raw {
            let Some(kind) = self.params.get(&name) else {
                if !COMMON.contains(&name.as_str()) {
                    problems.push(Problem {
                        what: format!("{name} is not in the published schema"),
                        field: name.clone(),
                        too_long: false,
                    });
                }
                typed.insert(name, value);
                continue;
            };
            let Some(value) = kind.convert(value) else {
                continue;
            };
            let mut found = Vec::new();
            check(kind, &value, &name, &mut found);
            let too_long = kind.max_length.is_some_and(|max| length(&value) > max);
            problems.extend(found.into_iter().map(|what| Problem {
                field: name.clone(),
                too_long,
                what,
            }));
            typed.insert(name, value);
        }
        for (name, kind) in &self.params {
            if kind.required && !typed.contains_key(name) {
                problems.push(Problem {
                    field: name.clone(),
                    too_long: false,
                    what: format!("{name} is a required parameter"),
                });
            }
        }
        (typed, problems)
    }
}

fn length(value: &Value) -> usize {
    value.as_str().map_or(0, |text| text.chars().count())
}

impl Kind {
    fn is(&self, wanted: &str) -> bool {
        match &self.types {
            Value::String(word) => word == wanted,
            Value::Array(words) => words.iter().any(|word| word == wanted),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => false,
        }
    }

    /// A parameter's value as the type it should have; what cannot be converted is left for the check to find.
    /// `None` for a parameter that counts as not given.
    fn convert(&self, value: Value) -> Option<Value> {
        if self.is("array") {
            return self.convert_list(value);
        }
        let text = match value {
            Value::Null => return None,
            Value::String(text) => text,
            other if self.is("string") && !self.is("integer") && other.is_number() => {
                return Some(other.to_string().into());
            }
            // In JSON flags may be numbers, as they are in forms.
            Value::Number(number) if self.is("boolean") => number.to_string(),
            other => return Some(other),
        };
        if text.is_empty() && !self.is("string") {
            return None;
        }
        let parsed = if self.is("integer") {
            text.trim().parse::<i64>().ok().map(Value::from)
        } else if self.is("number") {
            text.trim().parse::<f64>().ok().map(Value::from)
        } else if self.is("boolean") {
            match text.as_str() {
                "1" | "true" => Some(true.into()),
                "0" | "false" => Some(false.into()),
                _ => None,
            }
        } else {
            None
        };
        Some(parsed.unwrap_or(Value::String(text)))
    }

    /// Lists come with commas, as JSON, or as their only item.
    fn convert_list(&self, value: Value) -> Option<Value> {
        let items: Vec<Value> = match value {
            Value::Null => return None,
            Value::Array(items) => items,
            Value::String(text) if text.trim().is_empty() => return None,
            Value::String(text) => text
                .trim()
                .trim_start_matches('[')
                .trim_end_matches(']')
                .split(',')
                .map(|part| part.trim().trim_matches('"').into())
                .collect(),
            other => vec![other],
        };
        let convert = |item| match &self.items {
            Some(kind) => kind.convert(item),
            None => Some(item),
        };
        Some(items.into_iter().filter_map(convert).collect())
    }

    /// Follows a name to what it stands for.
    fn resolved(&self) -> &Kind {
        match self.named.as_ref().and_then(|name| SCHEMA.types.get(name)) {
            Some(kind) => kind.resolved(),
            None => self,
        }
    }

    /// The fields of an object, those of its parts included; of two with one name the later counts.
    fn fields<'a>(&'a self, into: &mut BTreeMap<&'a str, &'a Kind>) {
        let kind = self.resolved();
        for part in &kind.all_of {
            part.fields(into);
        }
        for (name, field) in &kind.properties {
            into.insert(name, field);
        }
    }

    fn words(&self) -> String {
        match &self.types {
            Value::String(word) => word.clone(),
            Value::Array(words) => words
                .iter()
                .filter_map(Value::as_str)
                .collect::<Vec<_>>()
                .join(" or "),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => {
                "an object".to_owned()
            }
        }
    }
}

fn check(kind: &Kind, value: &Value, path: &str, problems: &mut Vec<String>) {
    let kind = kind.resolved();
    if !kind.one_of.is_empty() {
        let tries = kind.one_of.iter().map(|one| {
            let mut found = Vec::new();
            check(one, value, path, &mut found);
            found
        });
        problems.extend(tries.min_by_key(Vec::len).unwrap_or_default());
        return;
    }
    if !fits(kind, value) {
        problems.push(format!(
            "{path} should be {}, got {value:.80}",
            kind.words()
        ));
        return;
    }
    if !kind.words.is_empty() && !kind.words.contains(value) {
        problems.push(format!("{path} cannot be {value}"));
    }
    if let Some(number) = value.as_f64()
        && (kind.minimum.is_some_and(|least| number < least)
            || kind.maximum.is_some_and(|most| number > most))
    {
        problems.push(format!("{path} is out of range: {value}"));
    }
    if kind.max_length.is_some_and(|max| length(value) > max) {
        problems.push(format!("{path} is too long"));
    }
    if let Some(items) = value.as_array() {
        if kind.max_items.is_some_and(|max| items.len() > max) {
            problems.push(format!("{path} has too many items: {}", items.len()));
        }
        for (at, item) in items.iter().enumerate() {
            if let Some(kind) = &kind.items {
                check(kind, item, &format!("{path}[{at}]"), problems);
            }
        }
    }
    if let Some(given) = value.as_object() {
        check_object(kind, given, path, problems);
    }
}

fn fits(kind: &Kind, value: &Value) -> bool {
    if kind.types.is_null() {
        return value.is_object() || (kind.properties.is_empty() && kind.all_of.is_empty());
    }
    match value {
        Value::Null => false,
        Value::Bool(_) => kind.is("boolean"),
        Value::Number(number) => kind.is("number") || (kind.is("integer") && !number.is_f64()),
        Value::String(_) => kind.is("string"),
        Value::Array(_) => kind.is("array"),
        Value::Object(_) => kind.is("object"),
    }
}

fn check_object(kind: &Kind, given: &Map<String, Value>, path: &str, problems: &mut Vec<String>) {
    let mut fields = BTreeMap::new();
    kind.fields(&mut fields);
    // An object of which nothing is published: anything goes.
    if fields.is_empty() {
        return;
    }
    for (key, value) in given {
        let path = format!("{path}.{key}");
        match fields.get(key.as_str()) {
            Some(field) => check(field, value, &path, problems),
            None => problems.push(format!("{path} is not in the published schema")),
        }
    }
    for (key, field) in fields {
        if field.required && !given.contains_key(key) {
            problems.push(format!("{path}.{key} is required"));
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn names(kind: &Kind) -> Vec<&str> {
        let inside = kind.properties.values();
        let inside = inside.chain(&kind.all_of).chain(&kind.one_of);
        let inside = inside.chain(kind.items.as_deref());
        let own = kind.named.as_deref();
        inside.flat_map(names).chain(own).collect()
    }

    #[test]
    fn every_type_that_is_named_is_described() {
        let methods = SCHEMA.methods.values();
        let answers = methods
            .clone()
            .flat_map(|method| method.responses.iter().map(String::as_str));
        let params = methods.flat_map(|method| method.params.values());
        let named = params.chain(SCHEMA.types.values()).flat_map(names);
        for name in named.chain(answers) {
            assert!(SCHEMA.types.contains_key(name), "{name}");
        }
        assert_eq!(
            event_kinds().filter(|kind| *kind == "message_new").count(),
            1
        );
    }

    #[test]
    fn forms_are_read_as_vk_reads_them() {
        let raw =
            json!({ "peer_ids": "7,8", "random_id": "5", "message": "x", "dont_parse_links": "1" });
        let raw = raw.as_object().cloned().unwrap_or_default();
        let send = method("messages.send").expect("published");
        let (typed, problems) = send.read(raw);
        assert!(problems.is_empty(), "{problems:?}");
        assert_eq!(
            Value::Object(typed),
            json!({ "peer_ids": [7, 8], "random_id": 5, "message": "x", "dont_parse_links": true })
        );
    }

    #[test]
    fn what_is_wrong_is_said() {
        let message = json!({ "user_id": "7", "what": 1 });
        assert_eq!(
            check_type("callback_message_allow", &message),
            [
                "callback_message_allow.user_id should be integer, got \"7\"",
                "callback_message_allow.what is not in the published schema",
                "callback_message_allow.key is required"
            ]
        );
    }
}
