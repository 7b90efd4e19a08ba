//! Errors in VK's own words: HTTP 200 and `{"error": {"error_code", "error_msg", "request_params"}}`.

use serde_json::{Map, Value, json};

use super::schema::error_text;

/// An answer that is an error.
#[derive(Clone, Debug)]
pub(crate) struct ApiError {
    pub(crate) code: i64,
    pub(crate) message: String,
    /// The caller could have known better: a violation.
    pub(crate) is_blamed: bool,
}

/// What every method gives back.
pub(crate) type Outcome = Result<Value, ApiError>;

/// In the catalogue's words.
pub(crate) fn error(code: i64) -> ApiError {
    ApiError {
        code,
        message: error_text(code).to_owned(),
        is_blamed: false,
    }
}

/// In the catalogue's words and with more.
pub(crate) fn because(code: i64, what: &str) -> ApiError {
    ApiError {
        code,
        message: format!("{}: {what}", error_text(code)),
        is_blamed: false,
    }
}

/// 100: the call is not as it should be, whatever the state of things.
pub(crate) fn bad(what: &str) -> ApiError {
    malformed(100, what)
}

/// Any other error of that sort.
pub(crate) fn malformed(code: i64, what: &str) -> ApiError {
    ApiError {
        is_blamed: true,
        ..because(code, what)
    }
}

impl ApiError {
    /// The answer; of the parameters everything but the token is told.
    pub(crate) fn body(&self, method: &str, params: &Map<String, Value>) -> Value {
        let shown = |value: &Value| match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let called = [json!({ "key": "method", "value": method })];
        let params = params
            .iter()
            .map(|(key, value)| json!({ "key": key, "value": shown(value) }));
        let params: Vec<Value> = called.into_iter().chain(params).collect();
        json!({ "error": { "error_code": self.code, "error_msg": self.message, "request_params": params } })
    }

    /// As it stands for one of several recipients.
    pub(crate) fn short(&self) -> Value {
        json!({ "code": self.code, "description": self.message })
    }
}
