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
    /// It refuses the key, or is not installed as it must be: the owner has to do something.
    #[error("{0}")]
    Locked(String),
    /// This picture will never be read.
    #[error("not readable: {0:?}")]
    Never(payment::Unread),
}

/// Runs work on pictures where it holds up nobody.
async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Unread> + Send + 'static,
) -> Result<T, Unread> {
    let done = tokio::task::spawn_blocking(work).await;
    // It panicked over this picture, and would again.
    done.unwrap_or_else(|_| Err(Unread::Never(payment::Unread::NoPicture)))
}
