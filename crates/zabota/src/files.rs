//! Files on their way from one messenger to another: read from the media root, if they are kept there
//! whole, otherwise from the messenger that holds them. A few the desk writes itself.
//!
//! What goes wrong here is the source's fault and nobody else's: it is noted, so that the messenger
//! that a file was for is not taken for silent because another one is.

mod failures;

use std::{
    path::{Component, Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use channels::{Channel, Download, Files, Undelivered};
use engine::{
    broadcast,
    content::{Media, Said},
};
use futures_util::{StreamExt, stream};
use tokio::{fs::File, time::timeout};
use tokio_util::io::ReaderStream;
use tracing::debug;

use crate::desk::Desk;

/// A source from which nothing has come for so long has broken off.
const STALLED: Duration = Duration::from_secs(30);

/// The files of one delivery, and what went wrong with them.
pub(crate) struct Sources<'a> {
    desk: &'a Desk,
    trouble: Trouble,
}

/// Why a file could not be had: [`Undelivered::Wait`], [`Undelivered::Unreached`], or
/// [`Undelivered::Refused`] if it never can be.
#[derive(Clone, Default)]
struct Trouble(Arc<Mutex<Option<Undelivered>>>);

impl<'a> Sources<'a> {
    pub(crate) fn new(desk: &'a Desk) -> Self {
        Self {
            desk,
            trouble: Trouble::default(),
        }
    }

    /// What went wrong with a file, if anything did.
    pub(crate) fn trouble(&self) -> Option<Undelivered> {
        self.trouble.lock().clone()
    }

    async fn find(&self, said: &Said) -> Result<Download, Undelivered> {
        let refused = |reason: &str| Undelivered::Refused {
            reason: reason.to_owned(),
        };
        let media = said.content.media();
        let media = media.ok_or_else(|| refused("there is no file"))?;
        if said.at.chat.channel.as_str() == broadcast::DESK {
            return failures::open(self.desk, media).await;
        }
        if let Some(kept) = kept(self.desk, said).await {
            return Ok(kept);
        }
        let channel = self.desk.channels.get(&said.at.chat.channel);
        let channel =
            channel.ok_or_else(|| refused("the messenger that holds the file is not in use"))?;
        fetch(&**channel, media).await
    }
}

#[async_trait]
impl Files for Sources<'_> {
    async fn open(&self, said: &Said) -> Result<Download, Undelivered> {
        match self.find(said).await {
            Ok(found) => Ok(self.trouble.watch(found)),
            Err(failed) => Err(self.trouble.note(&failed)),
        }
    }
}

impl Trouble {
    fn lock(&self) -> MutexGuard<'_, Option<Undelivered>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes it; what it means for whoever wanted the file.
    fn note(&self, failed: &Undelivered) -> Undelivered {
        let why = format!("the file cannot be had: {failed}");
        let (noted, told) = match failed {
            Undelivered::Wait(pause) => (Undelivered::Wait(*pause), Undelivered::Unreached(why)),
            Undelivered::Unreached(_)
            | Undelivered::Unknown(_)
            | Undelivered::Moved(_)
            | Undelivered::Locked(_) => (
                Undelivered::Unreached(why.clone()),
                Undelivered::Unreached(why),
            ),
            Undelivered::Gone(_) | Undelivered::Moot(_) | Undelivered::Refused { .. } => (
                Undelivered::Refused {
                    reason: why.clone(),
                },
                Undelivered::Refused { reason: why },
            ),
        };
        *self.lock() = Some(noted);
        told
    }

    /// The same file; what goes wrong with it is noted.
    fn watch(&self, file: Download) -> Download {
        let trouble = self.clone();
        let noted = move |failed| trouble.note(&failed);
        Download {
            bytes: file.bytes.map(move |chunk| chunk.map_err(&noted)).boxed(),
            ..file
        }
    }
}

/// Opens a file of a messenger. One from which nothing comes any more breaks off.
pub(crate) async fn fetch(channel: &dyn Channel, media: &Media) -> Result<Download, Undelivered> {
    let opened = timeout(STALLED, channel.fetch(media)).await;
    opened.unwrap_or_else(|_| Err(stalled())).map(steady)
}

fn steady(file: Download) -> Download {
    let bytes = stream::unfold(Some(file.bytes), |bytes| async {
        let mut bytes = bytes?;
        match timeout(STALLED, bytes.next()).await {
            Ok(chunk) => Some((chunk?, Some(bytes))),
            Err(_) => Some((Err(stalled()), None)),
        }
    });
    Download {
        bytes: bytes.boxed(),
        ..file
    }
}

fn stalled() -> Undelivered {
    Undelivered::Unreached("nothing came for half a minute".to_owned())
}

/// The copy that is kept of a message's file, if one is.
async fn kept(desk: &Desk, said: &Said) -> Option<Download> {
    let root = desk.media.as_deref()?;
    let (store, asked) = (&desk.store, said.content.media()?);
    // What is kept is the message's own file, not the picture shown in its place.
    let of_message = match store.message(&said.at).await {
        Ok(known) => known?.content?,
        Err(error) => return unknown(&error),
    };
    if of_message.media()?.file != asked.file {
        return None;
    }
    match store.kept_file(&said.at).await {
        Ok(path) => open(root, &path?).await,
        Err(error) => unknown(&error),
    }
}

fn unknown(error: &store::Error) -> Option<Download> {
    debug!(%error, "whether a file is kept cannot be looked up");
    None
}

async fn open(root: &Path, path: &str) -> Option<Download> {
    let file = File::open(inside(root, path)?).await.ok()?;
    let about = file.metadata().await.ok()?;
    if !about.is_file() {
        return None;
    }
    let broken = |error: std::io::Error| Undelivered::Unreached(error.to_string());
    Some(Download {
        bytes: ReaderStream::new(file)
            .map(move |chunk| chunk.map_err(broken))
            .boxed(),
        size: Some(about.len()),
        name: Some(path.to_owned()),
    })
}

/// Where a kept file is. Paths are ours, but a database may have been edited: none if it leads out of
/// the media root.
pub(crate) fn inside(root: &Path, path: &str) -> Option<PathBuf> {
    let ours = Path::new(path)
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    ours.then(|| root.join(path))
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write};

    use futures_util::{TryStreamExt, stream::pending};

    use super::*;

    fn download(chunks: Vec<Result<&'static [u8], Undelivered>>) -> Download {
        let chunks = chunks.into_iter().map(|chunk| chunk.map(Into::into));
        Download {
            bytes: stream::iter(chunks.collect::<Vec<_>>()).boxed(),
            size: Some(4),
            name: None,
        }
    }

    async fn read(file: Download) -> Result<Vec<u8>, Undelivered> {
        let chunks: Vec<_> = file.bytes.try_collect().await?;
        Ok(chunks.concat())
    }

    fn unreached(why: &str) -> Undelivered {
        Undelivered::Unreached(why.to_owned())
    }

    #[tokio::test]
    async fn a_source_that_breaks_off_is_to_blame() {
        let trouble = Trouble::default();
        let whole = trouble.watch(download(vec![Ok(b"ab"), Ok(b"cd")]));
        assert_eq!(read(whole).await.unwrap(), b"abcd");
        assert_eq!(*trouble.lock(), None);
        let broken = trouble.watch(download(vec![Ok(b"ab"), Err(unreached("cut"))]));
        let told = unreached("the file cannot be had: not accepted: cut");
        assert_eq!(read(broken).await, Err(told.clone()));
        assert_eq!(*trouble.lock(), Some(told));
    }

    #[test]
    fn a_sources_troubles_are_not_the_readers() {
        let pause = Duration::from_secs(7);
        let trouble = Trouble::default();
        // Neither is the one that the file is for asked to wait, nor is its token refused.
        for failed in [
            Undelivered::Wait(pause),
            Undelivered::Locked("token".to_owned()),
            Undelivered::Unknown("cut".to_owned()),
        ] {
            assert!(matches!(trouble.note(&failed), Undelivered::Unreached(_)));
        }
        trouble.note(&Undelivered::Wait(pause));
        assert_eq!(*trouble.lock(), Some(Undelivered::Wait(pause)));
        let gone = trouble.note(&Undelivered::Gone("deleted".to_owned()));
        assert!(matches!(gone, Undelivered::Refused { .. }));
    }

    #[tokio::test(start_paused = true)]
    async fn a_source_that_stops_breaks_off() {
        let stalls = Download {
            bytes: stream::iter([Ok("ab".into())]).chain(pending()).boxed(),
            size: None,
            name: None,
        };
        assert_eq!(read(steady(stalls)).await, Err(stalled()));
    }

    #[tokio::test]
    async fn what_is_kept_is_read_from_the_disk() -> io::Result<()> {
        let root = tempfile::tempdir()?;
        std::fs::create_dir(root.path().join("2026"))?;
        std::fs::File::create(root.path().join("2026/a.jpg"))?.write_all(b"abc")?;
        let kept = open(root.path(), "2026/a.jpg").await.unwrap();
        assert_eq!(kept.size, Some(3));
        assert_eq!(read(kept).await.unwrap(), b"abc");
        for path in ["2026", "2026/b.jpg", "../a.jpg", "/etc/passwd"] {
            assert!(open(root.path(), path).await.is_none(), "{path}");
        }
        Ok(())
    }
}
