//! The owner's sheet of clients and tariffs: Google Sheets, or two published CSV files.
//!
//! What must stay true: what was not read whole is not a [`Sheet`]; cells are exactly what the sheet
//! has, never by way of floats; addresses and keys are part of no error.

mod csv;
mod google;
mod text;
mod token;

use engine::sheet::{Sheet, Unread};
use jiff::Timestamp;
use reqwest::StatusCode;

pub use self::{
    csv::Csv,
    google::Google,
    token::{BadKey, KeyFile},
};
use crate::http::NoBody;

/// Where the sheet is.
#[derive(Debug)]
pub enum Source {
    /// A spreadsheet of Google's.
    Google(Google),
    /// Two files.
    Csv(Csv),
}

/// Why the sheet was not read. Nothing changes then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct NotRead {
    /// What the owner can do about it.
    pub why: Unread,
    /// What happened, for the log: in words without secrets.
    pub detail: String,
}

impl NotRead {
    fn new(why: Unread, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self { why, detail }
    }

    /// Of an answer of `who` that did not come whole.
    fn no_body(who: &str, why: &NoBody) -> Self {
        let unread = match why {
            NoBody::TooLarge(_) => Unread::TooLarge,
            NoBody::BrokeOff(_) => Unread::CutOff,
        };
        Self::new(unread, format!("{who}: {why}"))
    }

    /// Of a status that is no success, where nothing more is known.
    fn of_status(status: StatusCode, detail: String) -> Self {
        let why = match status {
            StatusCode::TOO_MANY_REQUESTS => Unread::Busy,
            StatusCode::REQUEST_TIMEOUT => Unread::Away,
            status if status.is_server_error() => Unread::Away,
            _ => Unread::Refused,
        };
        Self::new(why, detail)
    }
}

impl Source {
    /// Both tabs, as they are at one time. `now` is for the access token.
    pub async fn read(&self, now: Timestamp) -> Result<Sheet, NotRead> {
        match self {
            Self::Google(google) => google.read(now).await,
            Self::Csv(csv) => csv.read().await,
        }
    }
}
