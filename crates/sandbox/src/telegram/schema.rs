//! The published schema: which methods there are, and whether a value is of the type it should be.
//!
//! The data is in `schemas/telegram/bot-api.json` (see the README beside it). Nothing here knows what a method does.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::args::Args;

static SCHEMA: LazyLock<Schema> = LazyLock::new(Schema::load);

/// A type of the schema.
#[derive(Clone, Debug)]
enum Kind {
    Integer,
    Float,
    String,
    Boolean,
    True,
    /// A string that can only be this one.
    Word(String),
    File,
    Object(String),
    List(Box<Kind>),
    AnyOf(Vec<Kind>),
}

#[derive(Clone, Debug)]
struct Field {
    kind: Kind,
    required: bool,
}

type Fields = HashMap<String, Field>;

struct Schema {
    /// By lower-cased name: the real server does not care about case either.
    methods: HashMap<String, Method>,
    types: HashMap<String, Fields>,
    unions: HashMap<String, Vec<Kind>>,
}

/// A published method.
pub(crate) struct Method {
    /// As published, `sendMessage`.
    pub(crate) name: String,
    fields: Fields,
}

/// Something wrong with a value.
#[derive(Debug)]
pub(crate) struct Problem {
    pub(crate) what: String,
    /// The parameter that it is in.
    pub(crate) field: String,
    pub(crate) kind: Trouble,
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// A required value is not there.
    Missing,
    /// The value is of another type.
    Wrong,
    /// Nobody published this name; the real server ignores it.
    Unknown,
}

/// Parameters of older versions that the real server still understands.
const LEGACY: [&str; 4] = [
    "reply_to_message_id",
    "allow_sending_without_reply",
    "disable_web_page_preview",
    "thumb",
];

/// Looks a method up, in any case.
pub(crate) fn method(name: &str) -> Option<&'static Method> {
    SCHEMA.methods.get(&name.to_ascii_lowercase())
}

/// What is wrong with a value that should be of the named type; empty when nothing is. Names that the schema does
/// not know count as wrong.
pub fn check_type(name: &str, value: &Value) -> Vec<String> {
    let mut problems = Vec::new();
    check(&parse(name), value, name, &mut problems);
    problems.into_iter().map(|problem| problem.what).collect()
}

impl Method {
    /// Types a call's parameters and says what is wrong with them.
    pub(crate) fn typed(&self, args: Args) -> (Args, Vec<Problem>) {
        let names: Vec<&str> = args.files.keys().map(String::as_str).collect();
        let (values, problems) = self.read(args.values, &names);
        let files = args.files;
        (Args { values, files }, problems)
    }

    /// Brings raw parameters into their types (forms carry everything as text) and says what is wrong with them.
    /// `files` are the names under which files were uploaded.
    pub(crate) fn read(
        &self,
        raw: Map<String, Value>,
        files: &[&str],
    ) -> (Map<String, Value>, Vec<Problem>) {
        let mut problems = Vec::new();
        let mut typed = Map::new();
        for (name, value) in raw {
            let Some(field) = self.fields.get(&name) else {
                if !LEGACY.contains(&name.as_str()) {
                    problems.push(problem(
                        &name,
                        Trouble::Unknown,
                        "is not in the published schema",
                    ));
                }
                typed.insert(name, value);
                continue;
            };
            if let Some(value) = field.kind.convert(value) {
                let from = problems.len();
                check(&field.kind, &value, &name, &mut problems);
                for found in &mut problems[from..] {
                    found.field.clone_from(&name);
                }
                typed.insert(name, value);
            }
        }
        for (name, field) in &self.fields {
            if field.required && !typed.contains_key(name) && !files.contains(&name.as_str()) {
                problems.push(problem(name, Trouble::Missing, "is required"));
            }
        }
        for name in files {
            let named = self
                .fields
                .get(*name)
                .is_some_and(|field| field.kind.takes_file());
            let attached = typed.values().any(|value| mentions(value, name));
            if !named && !attached {
                problems.push(problem(
                    name,
                    Trouble::Unknown,
                    "is uploaded, but nothing refers to it",
                ));
            }
        }
        (typed, problems)
    }
}

fn mentions(value: &Value, file: &str) -> bool {
    match value {
        Value::String(text) => text.strip_prefix("attach://") == Some(file),
        Value::Array(items) => items.iter().any(|item| mentions(item, file)),
        Value::Object(fields) => fields.values().any(|item| mentions(item, file)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

impl Kind {
    /// A parameter's value as the type it should have; what cannot be converted is left for the check to find.
    /// `None` for a parameter that counts as not given.
    fn convert(&self, value: Value) -> Option<Value> {
        let text = match value {
            Value::Null => return None,
            Value::String(text) => text,
            other => return Some(other),
        };
        let parsed = match self {
            Self::String | Self::Word(_) | Self::File => None,
            Self::Integer => text.trim().parse::<i64>().ok().map(Value::from),
            Self::Float => text.trim().parse::<f64>().ok().map(Value::from),
            Self::Boolean | Self::True => match text.to_ascii_lowercase().as_str() {
                "true" | "1" | "yes" => Some(true.into()),
                "false" | "0" | "no" | "" => Some(false.into()),
                _ => None,
            },
            Self::AnyOf(kinds)
                if kinds
                    .iter()
                    .any(|kind| matches!(kind, Self::String | Self::File)) =>
            {
                text.parse::<i64>()
                    .ok()
                    .filter(|_| !self.takes_file())
                    .map(Value::from)
            }
            // An empty text stands for "none" in forms.
            Self::Object(_) | Self::List(_) | Self::AnyOf(_) if text.is_empty() => return None,
            Self::Object(_) | Self::List(_) | Self::AnyOf(_) => serde_json::from_str(&text).ok(),
        };
        Some(parsed.unwrap_or(Value::String(text)))
    }

    fn takes_file(&self) -> bool {
        match self {
            Self::File => true,
            Self::AnyOf(kinds) => kinds.iter().any(Self::takes_file),
            Self::Integer
            | Self::Float
            | Self::String
            | Self::Boolean
            | Self::True
            | Self::Word(_)
            | Self::Object(_)
            | Self::List(_) => false,
        }
    }
}

fn problem(path: &str, kind: Trouble, what: &str) -> Problem {
    Problem {
        what: format!("{path} {what}"),
        field: path.to_owned(),
        kind,
    }
}

fn check(kind: &Kind, value: &Value, path: &str, problems: &mut Vec<Problem>) {
    let fits = match kind {
        Kind::Integer => value.is_i64() || value.is_u64(),
        Kind::Float => value.is_number(),
        Kind::String | Kind::File => value.is_string(),
        Kind::Boolean => value.is_boolean(),
        Kind::True => value == &Value::Bool(true),
        Kind::Word(word) => value == word.as_str(),
        Kind::List(item) => {
            let Some(items) = value.as_array() else {
                return problems.push(wrong(path, kind, value));
            };
            for (at, value) in items.iter().enumerate() {
                check(item, value, &format!("{path}[{at}]"), problems);
            }
            true
        }
        Kind::Object(name) => return check_object(name, value, path, problems),
        Kind::AnyOf(kinds) => return check_any(kinds, value, path, problems),
    };
    if !fits {
        problems.push(wrong(path, kind, value));
    }
}

fn wrong(path: &str, kind: &Kind, value: &Value) -> Problem {
    let mut shown = value.to_string();
    if shown.len() > 80 {
        let cut = (0..=80)
            .rev()
            .find(|at| shown.is_char_boundary(*at))
            .unwrap_or(0);
        shown.truncate(cut);
        shown.push('…');
    }
    problem(
        path,
        Trouble::Wrong,
        &format!("should be {}, got {shown}", kind.words()),
    )
}

fn check_object(name: &str, value: &Value, path: &str, problems: &mut Vec<Problem>) {
    if let Some(members) = SCHEMA.unions.get(name) {
        // Rich text may also be plain text or a list of itself.
        if name == "RichText" && !value.is_object() {
            return;
        }
        return check_any(members, value, path, problems);
    }
    let (Some(fields), Some(given)) = (SCHEMA.types.get(name), value.as_object()) else {
        return problems.push(wrong(path, &Kind::Object(name.to_owned()), value));
    };
    for (key, value) in given {
        let path = format!("{path}.{key}");
        match fields.get(key) {
            Some(field) => check(&field.kind, value, &path, problems),
            None => problems.push(problem(
                &path,
                Trouble::Unknown,
                "is not in the published schema",
            )),
        }
    }
    for (key, field) in fields {
        if field.required && !given.contains_key(key) {
            problems.push(problem(
                &format!("{path}.{key}"),
                Trouble::Missing,
                "is required",
            ));
        }
    }
}

/// The alternative that fits best is the one whose complaints are shown.
fn check_any(kinds: &[Kind], value: &Value, path: &str, problems: &mut Vec<Problem>) {
    let mut best: Option<(usize, Vec<Problem>)> = None;
    for kind in kinds {
        let mut found = Vec::new();
        check(kind, value, path, &mut found);
        // A value whose fixed word does not match is of another kind, however few complaints there are.
        let cost = found.len() + if is_other(kind, value) { 1000 } else { 0 };
        if best.as_ref().is_none_or(|(least, _)| cost < *least) {
            best = Some((cost, found));
        }
        if cost == 0 {
            return;
        }
    }
    problems.extend(best.into_iter().flat_map(|(_, found)| found));
}

fn is_other(kind: &Kind, value: &Value) -> bool {
    let Kind::Object(name) = kind else {
        return false;
    };
    SCHEMA.types.get(name).is_some_and(|fields| {
        fields.iter().any(|(key, field)| match &field.kind {
            Kind::Word(word) => value.get(key).and_then(Value::as_str) != Some(word),
            _ => false,
        })
    })
}

impl Kind {
    fn words(&self) -> String {
        match self {
            Self::Integer => "Integer".to_owned(),
            Self::Float => "Float".to_owned(),
            Self::String => "String".to_owned(),
            Self::Boolean => "Boolean".to_owned(),
            Self::True => "True".to_owned(),
            Self::File => "InputFile".to_owned(),
            Self::Word(word) => format!("\"{word}\""),
            Self::Object(name) => name.clone(),
            Self::List(item) => format!("Array of {}", item.words()),
            Self::AnyOf(kinds) => kinds
                .iter()
                .map(Self::words)
                .collect::<Vec<_>>()
                .join(" or "),
        }
    }
}

#[derive(Deserialize)]
struct Published {
    methods: HashMap<String, HashMap<String, String>>,
    types: HashMap<String, HashMap<String, String>>,
    unions: HashMap<String, Vec<String>>,
}

impl Schema {
    /// The embedded text is ours and checked by a test, so a fault in it is a fault of the build.
    fn load() -> Self {
        let text = include_str!("../../schemas/telegram/bot-api.json");
        let published: Published =
            serde_json::from_str(text).expect("the embedded schema is valid");
        let methods = published.methods.into_iter().map(|(name, given)| {
            (
                name.to_ascii_lowercase(),
                Method {
                    fields: fields(given),
                    name,
                },
            )
        });
        let types = published
            .types
            .into_iter()
            .map(|(name, given)| (name, fields(given)));
        let unions = published
            .unions
            .into_iter()
            .map(|(name, members)| (name, members.iter().map(|member| parse(member)).collect()));
        Self {
            methods: methods.collect(),
            types: types.collect(),
            unions: unions.collect(),
        }
    }
}

fn fields(given: HashMap<String, String>) -> Fields {
    let read = |(name, kind): (String, String)| {
        let (kind, required) = match kind.strip_suffix('?') {
            Some(kind) => (kind, false),
            None => (kind.as_str(), true),
        };
        let kind = match kind.strip_prefix('=') {
            Some(word) => Kind::Word(word.to_owned()),
            None => parse(kind),
        };
        (name, Field { kind, required })
    };
    given.into_iter().map(read).collect()
}

fn parse(text: &str) -> Kind {
    if let Some(item) = text.strip_prefix("Array of ") {
        return Kind::List(Box::new(parse(item)));
    }
    let parts: Vec<&str> = text
        .split(" or ")
        .flat_map(|part| part.split(" and "))
        .flat_map(|part| part.split(", "))
        .collect();
    if let [single] = parts.as_slice() {
        return match *single {
            "Integer" => Kind::Integer,
            "Float" => Kind::Float,
            "String" => Kind::String,
            "Boolean" => Kind::Boolean,
            "True" => Kind::True,
            "InputFile" => Kind::File,
            name => Kind::Object(name.to_owned()),
        };
    }
    Kind::AnyOf(parts.into_iter().map(parse).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn names(kind: &Kind) -> Vec<&str> {
        match kind {
            Kind::Object(name) => vec![name],
            Kind::List(item) => names(item),
            Kind::AnyOf(kinds) => kinds.iter().flat_map(names).collect(),
            Kind::Integer
            | Kind::Float
            | Kind::String
            | Kind::Boolean
            | Kind::True
            | Kind::Word(_)
            | Kind::File => Vec::new(),
        }
    }

    #[test]
    fn every_type_that_is_named_is_described() {
        let methods = SCHEMA
            .methods
            .values()
            .flat_map(|method| method.fields.values());
        let fields = methods.chain(SCHEMA.types.values().flat_map(HashMap::values));
        let kinds = fields
            .map(|field| &field.kind)
            .chain(SCHEMA.unions.values().flatten());
        for name in kinds.flat_map(names) {
            let known = SCHEMA.types.contains_key(name) || SCHEMA.unions.contains_key(name);
            assert!(known, "{name}");
        }
        assert_eq!(SCHEMA.methods.len(), 185);
    }

    #[test]
    fn a_union_is_told_by_its_fixed_word() {
        let owner = json!({ "status": "creator", "user": { "id": 1, "is_bot": false } });
        assert_eq!(
            check_type("ChatMember", &owner)
                .into_iter()
                .collect::<std::collections::BTreeSet<_>>(),
            [
                "ChatMember.is_anonymous is required",
                "ChatMember.user.first_name is required"
            ]
            .map(str::to_owned)
            .into()
        );
    }
}
