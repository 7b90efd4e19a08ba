//! `fields`: which parts of an answer are wanted, `sheets(properties.title,data),spreadsheetId`.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::error::ApiError;
use super::schema::Kind;

/// Names with what is wanted of each; an empty mask wants everything.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Mask(BTreeMap<String, Mask>);

impl Mask {
    /// Reads a mask of an answer of that shape.
    pub(crate) fn read(text: &str, shape: &Kind) -> Result<Self, ApiError> {
        let unclear = || ApiError::broken(400, "Request contains an invalid argument.");
        let mut rest = text;
        let mask = list(&mut rest).ok_or_else(unclear)?;
        if !rest.is_empty() {
            return Err(unclear());
        }
        if let Some(name) = mask.stranger(shape) {
            let what = format!(
                "Request contains an invalid argument. Error expanding 'fields' parameter. Cannot find matching fields for path '{name}'."
            );
            return Err(ApiError::broken(400, what));
        }
        Ok(mask)
    }

    /// A name that the shape does not have.
    fn stranger(&self, shape: &Kind) -> Option<&str> {
        self.0
            .iter()
            .filter(|(name, _)| *name != "*")
            .find_map(|(name, of)| match shape.field(name) {
                Some(field) => of.stranger(field),
                None => Some(name.as_str()),
            })
    }

    /// What is left of a value.
    pub(crate) fn apply(&self, value: Value) -> Value {
        if self.0.is_empty() || self.0.contains_key("*") {
            return value;
        }
        match value {
            Value::Array(list) => list.into_iter().map(|value| self.apply(value)).collect(),
            Value::Object(fields) => {
                let wanted = fields.into_iter().filter_map(|(name, value)| {
                    let mask = self.0.get(&name)?;
                    Some((name, mask.apply(value)))
                });
                wanted.collect::<Map<_, _>>().into()
            }
            other => other,
        }
    }
}

/// `path,path,…`, up to a closing bracket or the end.
fn list(rest: &mut &str) -> Option<Mask> {
    let mut mask = Mask::default();
    loop {
        path(rest, &mut mask)?;
        match rest.strip_prefix(',') {
            Some(after) => *rest = after,
            None => return Some(mask),
        }
    }
}

/// `name`, `name.path`, `name/path` or `name(list)`.
fn path(rest: &mut &str, into: &mut Mask) -> Option<()> {
    let end = rest
        .find(|sign: char| !(sign.is_ascii_alphanumeric() || sign == '_' || sign == '*'))
        .unwrap_or(rest.len());
    let (name, after) = rest.split_at(end);
    if name.is_empty() {
        return None;
    }
    let inner = into.0.entry(name.to_owned()).or_default();
    *rest = after;
    if let Some(after) = rest.strip_prefix(['.', '/']) {
        *rest = after;
        return path(rest, inner);
    }
    if let Some(after) = rest.strip_prefix('(') {
        *rest = after;
        *inner = list(rest)?;
        *rest = rest.strip_prefix(')')?;
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::schema;
    use super::*;

    fn masked(text: &str) -> Result<Value, String> {
        let answer = json!({
            "spreadsheetId": "x",
            "sheets": [{ "properties": { "title": "Clients", "sheetId": 0 } }],
        });
        Mask::read(text, schema::answer("spreadsheets.get"))
            .map(|mask| mask.apply(answer))
            .map_err(|error| error.message)
    }

    #[test]
    fn only_what_is_wanted_is_left() {
        let titles = json!({ "sheets": [{ "properties": { "title": "Clients" } }] });
        assert_eq!(masked("sheets.properties.title"), Ok(titles.clone()));
        assert_eq!(masked("sheets(properties(title))"), Ok(titles.clone()));
        assert_eq!(masked("sheets/properties/title"), Ok(titles));
        assert_eq!(masked("spreadsheetId"), Ok(json!({ "spreadsheetId": "x" })));
        assert_eq!(masked("*").map(|all| all["sheets"].is_array()), Ok(true));
    }

    #[test]
    fn what_is_not_a_mask_is_refused() {
        for text in ["", "sheets(", "sheets)", "sheets..title", "a b"] {
            assert!(masked(text).is_err(), "{text}");
        }
        let refused = masked("sheets.propertys").expect_err("no such field");
        assert!(refused.ends_with("for path 'propertys'."), "{refused}");
    }
}
