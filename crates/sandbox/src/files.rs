//! Files that people and bots have uploaded, shared by all messengers.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;

/// All files together; beyond it the oldest are forgotten, as after a long time on a real server.
const MAX_BYTES: usize = 1 << 30;

/// A file's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct FileId(pub(crate) u64);

impl FileId {
    /// Reads the form that the control API uses, `f12`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        text.strip_prefix('f')?.parse().ok().map(Self)
    }
}

impl std::fmt::Display for FileId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "f{}", self.0)
    }
}

/// A file. Width and height are zero when it is not a picture that we can measure.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) bytes: Bytes,
    pub(crate) name: Option<String>,
    pub(crate) mime: String,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

impl File {
    /// An uploaded file; the type is guessed from the bytes and the name when the uploader did not say.
    pub(crate) fn new(bytes: Bytes, name: Option<String>, mime: Option<String>) -> Self {
        let (width, height) = measure(&bytes).unwrap_or((0, 0));
        let mime = mime
            .filter(|mime| !mime.is_empty() && mime != "application/octet-stream")
            .unwrap_or_else(|| guess(&bytes, name.as_deref()).to_owned());
        Self {
            bytes,
            name,
            mime,
            width,
            height,
        }
    }
}

/// The files by number.
#[derive(Debug, Default)]
pub(crate) struct Files {
    kept: BTreeMap<FileId, Arc<File>>,
    last: u64,
    bytes: usize,
}

impl Files {
    pub(crate) fn add(&mut self, file: File) -> FileId {
        self.last += 1;
        let id = FileId(self.last);
        self.bytes += file.bytes.len();
        self.kept.insert(id, Arc::new(file));
        while self.bytes > MAX_BYTES && self.kept.len() > 1 {
            let Some((_, old)) = self.kept.pop_first() else {
                break;
            };
            self.bytes -= old.bytes.len();
        }
        id
    }

    pub(crate) fn get(&self, id: FileId) -> Option<&Arc<File>> {
        self.kept.get(&id)
    }
}

/// Width and height of a PNG, GIF, WebP or JPEG from its header.
fn measure(bytes: &[u8]) -> Option<(u32, u32)> {
    let be16 = |at: usize| {
        Some(u32::from(u16::from_be_bytes(
            bytes.get(at..at + 2)?.try_into().ok()?,
        )))
    };
    let le16 = |at: usize| {
        Some(u32::from(u16::from_le_bytes(
            bytes.get(at..at + 2)?.try_into().ok()?,
        )))
    };
    let be32 = |at: usize| Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        return Some((be32(16)?, be32(20)?));
    }
    if bytes.starts_with(b"GIF8") {
        return Some((le16(6)?, le16(8)?));
    }
    if bytes.starts_with(b"RIFF") && bytes.get(8..12)? == b"WEBP" {
        return measure_webp(bytes);
    }
    if bytes.starts_with(b"\xff\xd8") {
        let mut at = 2;
        loop {
            let marker = *bytes.get(at + 1)?;
            if *bytes.get(at)? != 0xff {
                return None;
            }
            // Frame headers are C0..CF, apart from the tables C4, C8 and CC.
            if matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc) {
                return Some((be16(at + 7)?, be16(at + 5)?));
            }
            at += 2 + be16(at + 2)? as usize;
        }
    }
    None
}

fn measure_webp(bytes: &[u8]) -> Option<(u32, u32)> {
    let byte = |at: usize| bytes.get(at).copied().map(u32::from);
    match bytes.get(12..16)? {
        b"VP8X" => Some((
            1 + (byte(24)? | byte(25)? << 8 | byte(26)? << 16),
            1 + (byte(27)? | byte(28)? << 8 | byte(29)? << 16),
        )),
        b"VP8L" => {
            let bits = byte(21)? | byte(22)? << 8 | byte(23)? << 16 | byte(24)? << 24;
            Some((1 + (bits & 0x3fff), 1 + ((bits >> 14) & 0x3fff)))
        }
        b"VP8 " => Some((
            (byte(26)? | byte(27)? << 8) & 0x3fff,
            (byte(28)? | byte(29)? << 8) & 0x3fff,
        )),
        _ => None,
    }
}

fn guess(bytes: &[u8], name: Option<&str>) -> &'static str {
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => return "image/png",
        [0xff, 0xd8, ..] => return "image/jpeg",
        [b'G', b'I', b'F', b'8', ..] => return "image/gif",
        [b'%', b'P', b'D', b'F', ..] => return "application/pdf",
        [b'O', b'g', b'g', b'S', ..] => return "audio/ogg",
        [
            b'R',
            b'I',
            b'F',
            b'F',
            _,
            _,
            _,
            _,
            b'W',
            b'E',
            b'B',
            b'P',
            ..,
        ] => return "image/webp",
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => return "video/mp4",
        _ => {}
    }
    let extension = name
        .and_then(|name| name.rsplit_once('.'))
        .map(|(_, end)| end.to_ascii_lowercase());
    TYPES
        .iter()
        .find(|(end, _)| extension.as_deref() == Some(end))
        .map_or("application/octet-stream", |(_, mime)| mime)
}

const TYPES: [(&str, &str); 17] = [
    ("jpg", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("png", "image/png"),
    ("gif", "image/gif"),
    ("webp", "image/webp"),
    ("pdf", "application/pdf"),
    ("txt", "text/plain"),
    ("csv", "text/csv"),
    ("json", "application/json"),
    ("zip", "application/zip"),
    ("mp4", "video/mp4"),
    ("webm", "video/webm"),
    ("mp3", "audio/mpeg"),
    ("m4a", "audio/mp4"),
    ("ogg", "audio/ogg"),
    ("oga", "audio/ogg"),
    (
        "docx",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
];

/// The usual extension of a type, `bin` when there is none.
pub(crate) fn extension(mime: &str) -> &'static str {
    match mime {
        "audio/ogg" => "oga",
        _ => TYPES
            .iter()
            .find(|(_, known)| *known == mime)
            .map_or("bin", |(end, _)| end),
    }
}
