//! What a file is, told from its first bytes: what its sender calls it chooses only among formats that
//! begin alike.

/// How many bytes tell what a file is.
pub(crate) const TELLING: usize = 32;

/// What formats begin with: bytes at an offset, and the extension.
const BEGINNINGS: &[(usize, &[u8], &str)] = &[
    (0, b"\xff\xd8\xff", "jpg"),
    (0, b"\x89PNG\r\n\x1a\n", "png"),
    (0, b"GIF8", "gif"),
    (8, b"WEBP", "webp"),
    (8, b"WAVE", "wav"),
    (8, b"AVI ", "avi"),
    (4, b"ftypheic", "heic"),
    (4, b"ftypmif1", "heic"),
    (4, b"ftypavif", "avif"),
    (4, b"ftypM4A", "m4a"),
    (4, b"ftypqt", "mov"),
    (4, b"ftyp3gp", "3gp"),
    (4, b"ftyp", "mp4"),
    (0, b"\x1a\x45\xdf\xa3", "webm"),
    (0, b"OggS", "ogg"),
    (0, b"ID3", "mp3"),
    (0, b"\xff\xfb", "mp3"),
    (0, b"\xff\xf3", "mp3"),
    (0, b"fLaC", "flac"),
    (0, b"%PDF-", "pdf"),
    (0, b"7z\xbc\xaf\x27\x1c", "7z"),
    (0, b"Rar!\x1a\x07", "rar"),
    (0, b"{\\rtf", "rtf"),
    (0, b"II*\0", "tif"),
    (0, b"MM\0*", "tif"),
];

/// Formats that share their first bytes with others: told apart by the messenger's name for the
/// file, which may choose only among these.
const FAMILIES: &[(&[u8], &[&str], &str)] = &[
    (
        b"PK\x03\x04",
        &["docx", "xlsx", "pptx", "odt", "ods", "odp", "epub", "apk"],
        "zip",
    ),
    (b"\x1f\x8b", &["tgs"], "gz"),
    (b"\xd0\xcf\x11\xe0", &["doc", "xls", "ppt", "msg"], "ole"),
];

/// Formats without a beginning of their own.
const PLAIN: &[&str] = &["txt", "csv", "json", "xml", "log", "md", "vcf"];

/// Types of the formats that messengers look at; the rest is «some bytes».
const TYPES: &[(&str, &str)] = &[
    ("jpg", "image/jpeg"),
    ("png", "image/png"),
    ("gif", "image/gif"),
    ("webp", "image/webp"),
    ("heic", "image/heic"),
    ("avif", "image/avif"),
    ("tif", "image/tiff"),
    ("mp4", "video/mp4"),
    ("mov", "video/quicktime"),
    ("3gp", "video/3gpp"),
    ("webm", "video/webm"),
    ("avi", "video/x-msvideo"),
    ("m4a", "audio/mp4"),
    ("mp3", "audio/mpeg"),
    ("ogg", "audio/ogg"),
    ("wav", "audio/wav"),
    ("flac", "audio/flac"),
    ("tgs", "application/x-tgsticker"),
    ("pdf", "application/pdf"),
    ("zip", "application/zip"),
    ("txt", "text/plain"),
    ("csv", "text/csv"),
    ("json", "application/json"),
];

/// The extension for a file that begins so. Never anything but an entry of the tables above: a
/// page or a program gets `bin`, whatever it calls itself.
pub(crate) fn extension(head: &[u8], suggested: Option<&str>) -> &'static str {
    let known = |&&(at, bytes, _): &&(usize, &[u8], &str)| {
        head.get(at..).is_some_and(|rest| rest.starts_with(bytes))
    };
    if let Some((_, _, extension)) = BEGINNINGS.iter().find(known) {
        return extension;
    }
    let suggested = suggested
        .and_then(|name| name.rsplit_once('.'))
        .map(|(_, extension)| extension.to_ascii_lowercase());
    let among = |allowed: &[&'static str]| {
        let suggested = suggested.as_deref()?;
        allowed
            .iter()
            .copied()
            .find(|extension| *extension == suggested)
    };
    for (bytes, members, otherwise) in FAMILIES {
        if head.starts_with(bytes) {
            return among(members).unwrap_or(otherwise);
        }
    }
    among(PLAIN).unwrap_or("bin")
}

/// The type of a format.
pub(crate) fn mime(extension: &str) -> &'static str {
    let known = TYPES.iter().find(|(known, _)| *known == extension);
    known.map_or("application/octet-stream", |(_, mime)| mime)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bytes_choose_the_extension() {
        assert_eq!(extension(b"RIFF\0\0\0\0WEBPVP8 ", None), "webp");
        assert_eq!(extension(b"\0\0\0\x20ftypisom", Some("x.exe")), "mp4");
        assert_eq!(extension(b"PK\x03\x04", Some("Счёт.DOCX")), "docx");
        assert_eq!(extension(b"PK\x03\x04", Some("a.html")), "zip");
        assert_eq!(extension(b"<html>", Some("a.html")), "bin");
        assert_eq!(extension(b"a,b", Some("a.csv")), "csv");
        assert_eq!(extension(b"", None), "bin");
    }

    #[test]
    fn what_nobody_looks_at_is_some_bytes() {
        assert_eq!(mime("png"), "image/png");
        assert_eq!(mime("bin"), "application/octet-stream");
    }
}
