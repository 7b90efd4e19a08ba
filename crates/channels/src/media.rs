//! Files brought home from a messenger and kept under the media root.
//!
//! Names are ours alone: the caller chooses them from its own ids, the extension comes from the
//! first bytes, and the sender's name never touches the disk. A file is there whole or not at all.

pub(crate) mod formats;

use std::{
    io,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

use futures_util::StreamExt;
use tokio::{
    fs::{self, File, OpenOptions},
    io::AsyncWriteExt,
};

use self::formats::{TELLING, extension};
use crate::{Download, Undelivered};

/// Where unfinished files lie, inside the root: renaming must not cross file systems.
const UNFINISHED: &str = ".unfinished";

/// A file that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Where, relative to the media root, with `/` between the parts.
    pub path: String,
    /// How many bytes.
    pub size: u64,
}

/// Why a file was not kept. Nothing of it is left on the disk.
#[derive(Debug, thiserror::Error)]
pub enum NotKept {
    /// It is larger than we keep.
    #[error("larger than {cap} bytes")]
    TooBig {
        /// The most that is kept.
        cap: u64,
    },
    /// The messenger did not give it whole.
    #[error("not received")]
    Source(#[source] Undelivered),
    /// The disk refused it.
    #[error("not written")]
    Disk(#[from] io::Error),
    /// The name is not one of ours: a mistake in the caller.
    #[error("not a name for a file of ours")]
    Name,
}

/// Keeps a file of at most `cap` bytes as `root/name.<extension>`. `name` has parts of latin
/// letters, digits, `-` and `_` with `/` between them, such as `2026/11/ticket-12/9f3a`. A file
/// that is there already is replaced.
pub async fn keep(download: Download, root: &Path, name: &str, cap: u64) -> Result<Kept, NotKept> {
    if !is_ours(name) {
        return Err(NotKept::Name);
    }
    if download.size.is_some_and(|size| size > cap) {
        return Err(NotKept::TooBig { cap });
    }
    let suggested = download.name.clone();
    let unfinished = Unfinished::begin(root).await?;
    let (size, head) = receive(download, &unfinished.path, cap).await?;
    let path = format!("{name}.{}", extension(&head, suggested.as_deref()));
    let target = root.join(&path);
    let folder = target.parent().unwrap_or(root);
    fs::create_dir_all(folder).await?;
    fs::rename(&unfinished.path, &target).await?;
    // The name must be on the disk too, before anybody is told of it.
    File::open(folder).await?.sync_all().await?;
    Ok(Kept { path, size })
}

/// Writes what comes to `path`; gives its size and its first bytes.
async fn receive(mut download: Download, path: &Path, cap: u64) -> Result<(u64, Vec<u8>), NotKept> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path)
        .await?;
    let mut head = Vec::with_capacity(TELLING);
    let mut size = 0;
    while let Some(chunk) = download.bytes.next().await {
        let chunk = chunk.map_err(NotKept::Source)?;
        size += chunk.len() as u64;
        if size > cap {
            return Err(NotKept::TooBig { cap });
        }
        head.extend(chunk.iter().take(TELLING - head.len()));
        file.write_all(&chunk).await?;
    }
    if download.size.is_some_and(|promised| promised > size) {
        let why = "the file ended early".to_owned();
        return Err(NotKept::Source(Undelivered::Unreached(why)));
    }
    file.sync_all().await?;
    Ok((size, head))
}

/// A file that is removed unless it was renamed in time.
struct Unfinished {
    path: PathBuf,
}

impl Unfinished {
    async fn begin(root: &Path) -> io::Result<Self> {
        static NTH: AtomicU64 = AtomicU64::new(0);
        let folder = root.join(UNFINISHED);
        fs::create_dir_all(&folder).await?;
        let nth = NTH.fetch_add(1, Ordering::Relaxed);
        let path = folder.join(format!("{}-{nth}", std::process::id()));
        // Left by a process of the same number that was killed.
        match fs::remove_file(&path).await {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(Self { path }),
        }
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        // After a rename there is nothing to remove. Otherwise, what cannot be removed is left.
        let _ = std::fs::remove_file(&self.path);
    }
}

fn is_ours(name: &str) -> bool {
    let part = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    };
    name.split('/').all(part)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use futures_util::stream;

    use super::*;

    fn download(chunks: Vec<Result<&'static [u8], Undelivered>>) -> Download {
        let chunks = chunks
            .into_iter()
            .map(|chunk| chunk.map(Bytes::from_static));
        Download {
            bytes: stream::iter(chunks.collect::<Vec<_>>()).boxed(),
            size: None,
            name: Some("../../etc/passwd.html".to_owned()),
        }
    }

    fn nothing_is_left(root: &Path) -> bool {
        std::fs::read_dir(root.join(UNFINISHED))
            .unwrap()
            .next()
            .is_none()
            && std::fs::read_dir(root).unwrap().count() == 1
    }

    #[tokio::test]
    async fn a_picture_is_kept_under_our_name() {
        let root = tempfile::tempdir().unwrap();
        let picture = download(vec![Ok(b"\xff\xd8"), Ok(b"\xff\xe0rest")]);
        let kept = keep(picture, root.path(), "2026/11/ticket-12/9f", 100)
            .await
            .unwrap();
        assert_eq!(kept.path, "2026/11/ticket-12/9f.jpg");
        assert_eq!(kept.size, 8);
        let bytes = std::fs::read(root.path().join(&kept.path)).unwrap();
        assert_eq!(bytes, b"\xff\xd8\xff\xe0rest");
    }

    #[tokio::test]
    async fn what_is_too_big_or_breaks_off_leaves_nothing() {
        let root = tempfile::tempdir().unwrap();
        let big = keep(download(vec![Ok(b"12345"), Ok(b"6")]), root.path(), "a", 5).await;
        assert!(matches!(big, Err(NotKept::TooBig { cap: 5 })));
        let cut = Err(Undelivered::Unreached("cut".to_owned()));
        let cut = keep(download(vec![Ok(b"1"), cut]), root.path(), "a", 5).await;
        assert!(matches!(cut, Err(NotKept::Source(_))));
        let mut short = download(vec![Ok(b"1")]);
        short.size = Some(2);
        assert!(matches!(
            keep(short, root.path(), "a", 5).await,
            Err(NotKept::Source(_))
        ));
        assert!(nothing_is_left(root.path()));
    }

    #[tokio::test]
    async fn no_name_leads_out_of_the_root() {
        let root = tempfile::tempdir().unwrap();
        for name in ["", "..", "../a", "/a", "a//b", "a/../b", "a.b", "a\\b", "ё"] {
            let kept = keep(download(vec![Ok(b"1")]), root.path(), name, 5).await;
            assert!(matches!(kept, Err(NotKept::Name)), "{name}");
        }
    }
}
