//! Errors in Google's words: of the token endpoint, of the API, and the pages that people get to see.

use serde_json::json;

use crate::faults::OwnError;
use crate::reply::Reply;

const JSON: &str = "application/json; charset=UTF-8";
const HTML: &str = "text/html; charset=UTF-8";

/// An answer of the token endpoint that is an error.
#[derive(Clone, Debug)]
pub(crate) struct TokenError {
    status: u16,
    error: String,
    description: String,
}

impl TokenError {
    pub(crate) fn new(error: &str, description: &str) -> Self {
        Self {
            status: if error == "unauthorized_client" {
                401
            } else {
                400
            },
            error: error.to_owned(),
            description: description.to_owned(),
        }
    }

    pub(crate) fn too_many() -> Self {
        Self {
            status: 429,
            ..Self::new("rate_limit_exceeded", "Rate Limit Exceeded")
        }
    }

    pub(crate) fn reply(&self) -> Reply {
        let body = json!({ "error": self.error, "error_description": self.description });
        Reply {
            mime: JSON,
            ..Reply::new(self.status, body.to_string())
        }
    }
}

impl From<&OwnError> for TokenError {
    fn from(own: &OwnError) -> Self {
        let status = own.status.unwrap_or(500);
        let (error, usual) = if status >= 500 {
            ("internal_failure", "Backend Error")
        } else {
            ("invalid_grant", "Bad Request")
        };
        Self {
            status,
            ..Self::new(error, own.description.as_deref().unwrap_or(usual))
        }
    }
}

/// An answer of the API that is an error.
#[derive(Clone, Debug)]
pub(crate) struct ApiError {
    code: u16,
    pub(crate) message: String,
    /// The call broke the published schema or a limit.
    pub(crate) is_violation: bool,
}

impl ApiError {
    pub(crate) fn new(code: u16, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            is_violation: false,
        }
    }

    /// The call is not as published.
    pub(crate) fn broken(code: u16, message: impl Into<String>) -> Self {
        Self {
            is_violation: true,
            ..Self::new(code, message)
        }
    }

    pub(crate) fn too_many(limit: &str) -> Self {
        let message = format!(
            "Quota exceeded for quota metric 'Read requests' and limit 'Read requests per minute per {limit}' of service 'sheets.googleapis.com' for consumer 'project_number:100000000001'."
        );
        Self::broken(429, message)
    }

    pub(crate) fn reply(&self) -> Reply {
        let status = name(self.code);
        let error = json!({ "code": self.code, "message": self.message, "status": status });
        json_reply(self.code, &json!({ "error": error }), true)
    }
}

impl From<&OwnError> for ApiError {
    fn from(own: &OwnError) -> Self {
        let code = own.status.unwrap_or(500);
        let usual = match code {
            401 => "Request had invalid authentication credentials.",
            403 => "The caller does not have permission",
            404 => "Requested entity was not found.",
            500 => "Internal error encountered.",
            503 => "The service is currently unavailable.",
            _ => "An error was asked for.",
        };
        Self::new(code, own.description.as_deref().unwrap_or(usual))
    }
}

/// Google's name of an HTTP status (google.rpc.Code).
fn name(code: u16) -> &'static str {
    match code {
        400 => "INVALID_ARGUMENT",
        401 => "UNAUTHENTICATED",
        403 => "PERMISSION_DENIED",
        404 => "NOT_FOUND",
        429 => "RESOURCE_EXHAUSTED",
        499 => "CANCELLED",
        501 => "UNIMPLEMENTED",
        503 => "UNAVAILABLE",
        504 => "DEADLINE_EXCEEDED",
        _ if code >= 500 => "INTERNAL",
        _ => "UNKNOWN",
    }
}

/// JSON, written as Google does: with line breaks unless asked for none.
pub(crate) fn json_reply(status: u16, value: &serde_json::Value, is_pretty: bool) -> Reply {
    let body = if is_pretty {
        format!("{value:#}\n")
    } else {
        value.to_string()
    };
    Reply {
        mime: JSON,
        ..Reply::new(status, body)
    }
}

/// A page for people.
pub(crate) fn page(status: u16, title: &str, text: &str) -> Reply {
    let html = format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title></head><body><p>{text}</p></body></html>\n"
    );
    Reply {
        mime: HTML,
        ..Reply::new(status, html)
    }
}
