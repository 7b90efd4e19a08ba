//! The owner's sheet of clients and tariffs: Google Sheets, or two published CSV files.
//!
//! What must stay true: what was not read whole is not a [`Sheet`]; cells are exactly what the sheet
//! has, never by way of floats; addresses and keys are part of no error.

mod csv;
mod google;
mod token;

use engine::sheet::{Sheet, Table};
use jiff::Timestamp;
use reqwest::StatusCode;

pub use self::{
    csv::Csv,
    google::Google,
    token::{BadKey, KeyFile},
};

/// Where the sheet is.
#[derive(Debug)]
pub enum Source {
    /// A spreadsheet of Google's.
    Google(Google),
    /// Two files.
    Csv(Csv),
}

/// Why the sheet was not read. Nothing changes then. Words are without secrets.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotRead {
    /// It cannot be reached, or came broken off: the next time may do.
    #[error("{0}")]
    Away(String),
    /// It is closed to us: the owner has to open it, or to give another key.
    #[error("{0}")]
    Locked(String),
    /// What is there is no sheet of clients and tariffs.
    #[error("{0}")]
    Refused(String),
}

impl Source {
    /// Both tabs, as they are at one time. `now` is for the access token.
    pub async fn read(&self, now: Timestamp) -> Result<Sheet, NotRead> {
        let sheet = match self {
            Self::Google(google) => google.read(now).await?,
            Self::Csv(csv) => csv.read().await?,
        };
        let empty = |table: &Table| table.iter().flatten().all(|cell| cell.trim().is_empty());
        if empty(&sheet.clients) {
            return Err(NotRead::Refused("the clients' tab is empty".to_owned()));
        }
        if empty(&sheet.tariffs) {
            return Err(NotRead::Refused("the tariffs' tab is empty".to_owned()));
        }
        Ok(sheet)
    }
}

/// What to do about a status that is no success, where nothing more is known.
fn of_status(status: StatusCode, words: String) -> NotRead {
    match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => NotRead::Locked(words),
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS => NotRead::Away(words),
        status if status.is_server_error() => NotRead::Away(words),
        _ => NotRead::Refused(words),
    }
}
