//! Errors in the Bot API's own words. The texts come from the error catalogue of tdlib/telegram-bot-api.

use serde_json::{Value, json};

/// An answer that is not `ok`. The HTTP status equals the code.
#[derive(Clone, Debug)]
pub(crate) struct ApiError {
    pub(crate) code: u16,
    pub(crate) description: String,
    pub(crate) parameters: Option<Value>,
}

/// What every method gives back.
pub(crate) type Outcome = Result<Value, ApiError>;

/// 400.
pub(crate) fn bad(what: &str) -> ApiError {
    error(400, &format!("Bad Request: {what}"))
}

/// 403.
pub(crate) fn forbidden(what: &str) -> ApiError {
    error(403, &format!("Forbidden: {what}"))
}

/// 409.
pub(crate) fn conflict(what: &str) -> ApiError {
    error(409, &format!("Conflict: {what}"))
}

/// 429; `retry_after` in seconds.
pub(crate) fn flood(retry_after: i64) -> ApiError {
    ApiError {
        parameters: Some(json!({ "retry_after": retry_after })),
        ..error(
            429,
            &format!("Too Many Requests: retry after {retry_after}"),
        )
    }
}

/// 400 for a basic group that became a supergroup.
pub(crate) fn migrated(to: i64) -> ApiError {
    ApiError {
        parameters: Some(json!({ "migrate_to_chat_id": to })),
        ..bad("group chat was upgraded to a supergroup chat")
    }
}

/// Any other.
pub(crate) fn error(code: u16, description: &str) -> ApiError {
    ApiError {
        code,
        description: description.to_owned(),
        parameters: None,
    }
}

impl ApiError {
    /// The JSON text of the answer.
    pub(crate) fn body(&self) -> String {
        let mut body =
            json!({ "ok": false, "error_code": self.code, "description": self.description });
        if let Some(parameters) = &self.parameters {
            body["parameters"] = parameters.clone();
        }
        body.to_string()
    }
}
