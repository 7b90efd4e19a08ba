//! Readers of pictures: [`OcrSpace`] over HTTP, [`Tesseract`] on this machine.
//!
//! A reader gives the text of a picture, or says what to do next. What the text means is the engine's
//! business.

mod agree;
mod space;
mod tesseract;

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use engine::payment;

pub use self::{
    space::{Attempt, Model, OcrSpace},
    tesseract::{Missing, Tesseract},
};

/// Reads pictures.
#[async_trait]
pub trait Reader: Send + Sync {
    /// The text of a picture, lines apart; empty if there is none. Asking again does no harm.
    async fn read(&self, picture: Bytes) -> Result<String, Unread>;

    /// What it lacks, as far as that can be told without reading: a line that says what to do.
    async fn lacks(&self) -> Option<String>;
}

/// Why a picture was not read, as what to do next. Words are without secrets.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unread {
    /// Asked too often: again after this long.
    #[error("asked too often: again in {} s", .0.as_secs())]
    Wait(Duration),
    /// The reader cannot be reached or has troubles of its own: try again.
    #[error("{0}")]
    Away(String),
    /// It refuses the key: the owner has to do something.
    #[error("{0}")]
    Locked(String),
    /// It is not installed as it must be: the owner has to do something.
    #[error("{0}")]
    Missing(String),
    /// This picture will never be read: why, for people, and in its own words.
    #[error("{1}")]
    Never(payment::Unread, String),
}

impl Unread {
    /// It is no picture.
    fn no_picture() -> Self {
        Self::Never(payment::Unread::NoPicture, "no picture".to_owned())
    }
}

/// Runs work on pictures where it holds up nobody.
async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Unread> + Send + 'static,
) -> Result<T, Unread> {
    let done = tokio::task::spawn_blocking(work).await;
    // It panicked over this picture, and would again.
    done.unwrap_or_else(|_| Err(Unread::no_picture()))
}
