//! Errors in the Graph API's own form. Code, subcode and words come from Meta's published table (`schemas/facebook`),
//! so that nothing is answered here that the real platform could not answer.

use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::faults::OwnError;
use crate::reply::Reply;
use crate::request::Broken;

const TABLE: &str = include_str!("../../schemas/facebook/error-codes.json");

/// What can be wrong with a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    AppLimit,
    Window,
    AnotherApp,
    /// A parameter; say which with [`bad`].
    Parameter,
    NoObject,
    NoRecipient,
    /// A message that is not (any more) in the thread.
    Deleted,
    NotFetched,
    MessageAndAction,
    WrongMedia,
    NoAttachment,
    TooBig,
    Token,
    NotReviewed,
    Blocked,
    RateLimit,
    NoProfile,
    HiddenProfile,
}

impl Trouble {
    #[cfg(test)]
    const ALL: [Self; 18] = [
        Self::AppLimit,
        Self::Window,
        Self::AnotherApp,
        Self::Parameter,
        Self::NoObject,
        Self::NoRecipient,
        Self::Deleted,
        Self::NotFetched,
        Self::MessageAndAction,
        Self::WrongMedia,
        Self::NoAttachment,
        Self::TooBig,
        Self::Token,
        Self::NotReviewed,
        Self::Blocked,
        Self::RateLimit,
        Self::NoProfile,
        Self::HiddenProfile,
    ];

    /// HTTP status, code, subcode.
    fn codes(self) -> (u16, i64, Option<i64>) {
        match self {
            Self::AppLimit => (403, 4, None),
            Self::Window => (403, 10, Some(2_018_278)),
            Self::AnotherApp => (403, 10, Some(2_018_300)),
            Self::Parameter => (400, 100, None),
            Self::NoObject => (400, 100, Some(33)),
            Self::NoRecipient => (400, 100, Some(2_018_001)),
            Self::Deleted => (400, 100, Some(9_000_001)),
            Self::NotFetched => (400, 100, Some(2_018_008)),
            Self::MessageAndAction => (400, 100, Some(2_018_014)),
            Self::WrongMedia => (400, 100, Some(2_018_047)),
            Self::NoAttachment => (400, 100, Some(2_018_074)),
            Self::TooBig => (400, 100, Some(2_018_109)),
            Self::Token => (401, 190, None),
            Self::NotReviewed => (403, 200, None),
            Self::Blocked => (400, 551, Some(1_545_041)),
            Self::RateLimit => (400, 613, Some(2_534_040)),
            Self::NoProfile => (400, 100, Some(2_018_218)),
            Self::HiddenProfile => (400, 100, Some(2_018_247)),
        }
    }
}

/// A row of the published table; some rows name a subcode alone, as a code.
#[derive(Debug, Deserialize)]
struct Row {
    code: i64,
    subcode: Option<i64>,
    message: String,
}

#[derive(Deserialize)]
struct Table {
    rows: Vec<Row>,
}

static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| {
    serde_json::from_str::<Table>(TABLE).map_or_else(|_| Vec::new(), |table| table.rows)
});

fn row(code: i64, subcode: Option<i64>) -> Option<&'static Row> {
    let exact = ROWS
        .iter()
        .find(|row| (row.code, row.subcode) == (code, subcode));
    exact.or_else(|| {
        let alone = subcode?;
        ROWS.iter()
            .find(|row| (row.code, row.subcode) == (alone, None))
    })
}

/// The table's words for an error, or words that say that it has none.
fn words(code: i64, subcode: Option<i64>) -> String {
    let found = row(code, subcode).or_else(|| row(code, None));
    let text = found.map_or("An unknown error occurred.", |row| row.message.as_str());
    // Some rows hold the words of several cases.
    text.split(" / ").next().unwrap_or(text).to_owned()
}

/// An answer that is an error.
#[derive(Clone, Debug)]
pub(crate) struct GraphError {
    status: u16,
    code: i64,
    subcode: Option<i64>,
    message: String,
}

/// What every call gives back.
pub(crate) type Outcome = Result<Value, GraphError>;

impl From<Trouble> for GraphError {
    fn from(trouble: Trouble) -> Self {
        let (status, code, subcode) = trouble.codes();
        Self {
            status,
            code,
            subcode,
            message: words(code, subcode),
        }
    }
}

/// Something is wrong with a parameter.
pub(crate) fn bad(what: impl Into<String>) -> GraphError {
    GraphError {
        message: what.into(),
        ..Trouble::Parameter.into()
    }
}

impl From<Broken> for GraphError {
    fn from(broken: Broken) -> Self {
        match broken {
            Broken::TooLarge => Trouble::TooBig.into(),
            Broken::Json | Broken::NotAnObject => bad("The request body is not a JSON object"),
            Broken::Form | Broken::Multipart => bad("The request body is not a form"),
        }
    }
}

impl From<&OwnError> for GraphError {
    /// What a fault asks for; without a code it is the platform's transient error.
    fn from(own: &OwnError) -> Self {
        let code = own.code.unwrap_or(2);
        let usual = if code == 2 { 500 } else { 400 };
        Self {
            status: own.status.unwrap_or(usual),
            code,
            subcode: own.subcode,
            message: own
                .description
                .clone()
                .unwrap_or_else(|| words(code, own.subcode)),
        }
    }
}

impl GraphError {
    /// `serial` makes the trace id one that no other error has.
    pub(crate) fn reply(&self, serial: u64) -> Reply {
        let is_call = self.subcode == Some(33);
        let mut error = json!({
            "message": format!("(#{}) {}", self.code, self.message),
            "type": if is_call { "GraphMethodException" } else { "OAuthException" },
            "code": self.code,
            "fbtrace_id": format!("A{serial:022}"),
        });
        if let Some(subcode) = self.subcode {
            error["error_subcode"] = subcode.into();
        }
        Reply {
            mime: super::JSON,
            ..Reply::new(self.status, json!({ "error": error }).to_string())
        }
    }

    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    pub(crate) fn is(&self, trouble: Trouble) -> bool {
        (self.status, self.code, self.subcode) == trouble.codes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_is_in_the_published_table() {
        for trouble in Trouble::ALL {
            let (_, code, subcode) = trouble.codes();
            assert!(row(code, subcode).is_some(), "{trouble:?}");
        }
    }
}
