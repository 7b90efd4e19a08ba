//! A call's parameters, and the files that came with it.

use std::collections::HashMap;

use bytes::Bytes;
use serde_json::{Map, Value, json};

/// An uploaded file.
#[derive(Clone, Debug)]
pub(crate) struct Upload {
    pub(crate) bytes: Bytes,
    pub(crate) name: Option<String>,
    pub(crate) mime: Option<String>,
}

/// The parameters. Forms carry everything as text; each messenger's schema knows the types.
#[derive(Debug, Default)]
pub(crate) struct Args {
    pub(crate) values: Map<String, Value>,
    pub(crate) files: HashMap<String, Upload>,
}

impl Args {
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.values.get(name)
    }

    pub(crate) fn int(&self, name: &str) -> Option<i64> {
        match self.values.get(name)? {
            Value::String(text) => text.parse().ok(),
            value => value.as_i64(),
        }
    }

    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.values.get(name)?.as_str()
    }

    pub(crate) fn flag(&self, name: &str) -> bool {
        match self.values.get(name) {
            Some(Value::String(text)) => matches!(text.as_str(), "true" | "True" | "1"),
            Some(value) => value.as_bool().unwrap_or(false),
            None => false,
        }
    }

    /// A list; empty when absent.
    pub(crate) fn list(&self, name: &str) -> &[Value] {
        self.values
            .get(name)
            .and_then(Value::as_array)
            .map_or(&[], Vec::as_slice)
    }

    /// JSON text for the call log: files are named by size and type.
    pub(crate) fn shown(&self) -> String {
        if self.files.is_empty() {
            return Value::Object(self.values.clone()).to_string();
        }
        let mut shown = self.values.clone();
        for (name, file) in &self.files {
            let about = json!({ "size": file.bytes.len(), "mime": file.mime, "name": file.name });
            shown.insert(name.clone(), json!({ "file": about }));
        }
        Value::Object(shown).to_string()
    }
}
