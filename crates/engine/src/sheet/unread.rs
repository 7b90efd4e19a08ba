//! Why the sheet could not be had, as what the owner can do about it. What the server said stays in the
//! log.

use serde::{Deserialize, Serialize};

/// Why there is no sheet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unread {
    /// No sheet is set.
    Off,
    /// The server cannot be reached, does not answer in time, or has trouble of its own.
    Away,
    /// It was asked too often.
    Busy,
    /// The answer broke off, or makes no sense.
    CutOff,
    /// The answer is larger than what is read.
    TooLarge,
    /// Google shows the sheet to others only.
    NotShared {
        /// The address that it has to be shared with.
        with: String,
    },
    /// Google's project does not use the Sheets API.
    ApiOff,
    /// Google knows no sheet of this id, or it is no Google sheet (an Excel file on the drive).
    NoSuchSheet,
    /// Google does not take the key any more.
    BadKey,
    /// Google does not take the time of this machine.
    WrongClock,
    /// There is one tab only.
    OneTab,
    /// A page came in place of a published file: it is not published as CSV.
    NotCsv {
        /// Whether it is the tariffs' file.
        tariffs: bool,
    },
    /// A published file is closed to us.
    Closed {
        /// Whether it is the tariffs' file.
        tariffs: bool,
    },
    /// There is no such file.
    NoFile {
        /// Whether it is the tariffs' file.
        tariffs: bool,
    },
    /// The address leads to another server, where nothing is read.
    Elsewhere {
        /// Whether it is the tariffs' file.
        tariffs: bool,
    },
    /// Whatever else the server says no with.
    Refused,
}

impl Unread {
    /// Whether the next time may do, without anybody doing anything.
    pub fn passes(&self) -> bool {
        match self {
            Self::Away | Self::Busy | Self::CutOff => true,
            Self::Off
            | Self::TooLarge
            | Self::NotShared { .. }
            | Self::ApiOff
            | Self::NoSuchSheet
            | Self::BadKey
            | Self::WrongClock
            | Self::OneTab
            | Self::NotCsv { .. }
            | Self::Closed { .. }
            | Self::NoFile { .. }
            | Self::Elsewhere { .. }
            | Self::Refused => false,
        }
    }
}
