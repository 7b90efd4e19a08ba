//! What becomes of files that are carried across, by their first bytes.

use std::sync::Mutex;

use async_trait::async_trait;
use engine::{
    content::{Body, Content},
    ids::{ChannelId, ChatRef},
};
use image::{ImageFormat, RgbaImage};

use super::*;
use crate::Download;

/// A source that gives this, chunk by chunk, and says so much of it beforehand.
struct Source {
    chunks: Vec<Result<Vec<u8>, Undelivered>>,
    size: Option<u64>,
    asked: Mutex<Vec<String>>,
}

#[async_trait]
impl Files for Source {
    async fn open(&self, said: &Said) -> Result<Download, Undelivered> {
        let media = said.content.media().unwrap();
        self.asked.lock().unwrap().push(media.file.clone());
        let chunks = self.chunks.clone().into_iter();
        let chunks = chunks.map(|chunk| chunk.map(Bytes::from));
        Ok(Download {
            bytes: stream::iter(chunks.collect::<Vec<_>>()).boxed(),
            size: self.size,
            name: None,
        })
    }
}

fn source(bytes: impl Into<Vec<u8>>) -> Source {
    Source {
        chunks: vec![Ok(bytes.into())],
        size: None,
        asked: Mutex::default(),
    }
}

static LIMITS: Limits = Limits {
    largest: |kind| {
        if kind == MediaKind::Photo {
            1_000
        } else {
            2_000
        }
    },
    takes: |kind, format| match kind {
        MediaKind::Photo => matches!(format, "png" | "jpg"),
        MediaKind::Voice => format == "ogg",
        MediaKind::Audio => format == "m4a",
        MediaKind::Document => format != "mp3",
        MediaKind::Video | MediaKind::Sticker | MediaKind::VideoNote | MediaKind::Animation => {
            false
        }
    },
    shows: |width, height| width + height <= 100,
};

fn picture(side: u32, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let picture = RgbaImage::new(side, side);
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn said(media: Media) -> Said {
    let content = Content {
        body: Body::Media(media),
        ..Content::default()
    };
    let at = ChatRef::new(&ChannelId::new("vk"), "1").message("1");
    Said { at, content }
}

async fn carried(source: &Source, media: Media) -> Result<Upload, Undelivered> {
    let kind = media.kind;
    upload(source, &said(media), Carried::As(kind), &LIMITS).await
}

async fn kind(bytes: impl Into<Vec<u8>>, kind: MediaKind) -> MediaKind {
    let upload = carried(&source(bytes), Media::new(kind, "F")).await;
    upload.unwrap().kind
}

/// Why a server that takes everything got nothing.
async fn sent(upload: Upload) -> Undelivered {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        tokio::io::copy(&mut stream, &mut tokio::io::sink()).await
    });
    let client = crate::http::client(None).unwrap();
    let request = client.post(url).multipart(form().part("file", upload.part));
    crate::http::failure(&request.send().await.unwrap_err())
}

#[tokio::test]
async fn a_file_arrives_as_the_nearest_thing_that_is_taken() {
    assert_eq!(
        kind(picture(10, ImageFormat::Png), MediaKind::Photo).await,
        MediaKind::Photo
    );
    // Too many pixels, no picture at all, nothing that can be measured.
    let wide = picture(51, ImageFormat::Png);
    for bytes in [wide, b"<html>".to_vec(), b"\x89PNG\r\n\x1a\n".to_vec()] {
        assert_eq!(kind(bytes, MediaKind::Photo).await, MediaKind::Document);
    }
    let sound = b"\0\0\0\x20ftypisom".as_slice();
    assert_eq!(kind(sound, MediaKind::Voice).await, MediaKind::Audio);
    assert_eq!(kind(sound, MediaKind::Video).await, MediaKind::Document);
    assert_eq!(
        kind(b"OggS".as_slice(), MediaKind::Audio).await,
        MediaKind::Voice
    );
}

#[tokio::test]
async fn what_is_too_large_or_taken_for_nothing_is_refused() {
    for bytes in [vec![b'a'; 2_001], Vec::new(), b"ID3".to_vec()] {
        let failed = carried(&source(bytes), Media::new(MediaKind::Document, "F")).await;
        assert!(matches!(failed, Err(Undelivered::Refused { .. })));
    }
    let mut told = source(vec![b'a'; 100]);
    told.size = Some(2_001);
    let failed = carried(&told, Media::new(MediaKind::Document, "F")).await;
    assert!(matches!(failed, Err(Undelivered::Refused { .. })));
}

#[tokio::test]
async fn names_do_no_harm_and_say_what_it_is() {
    let named = async |name: &str, bytes: &'static [u8]| {
        let media = Media {
            name: Some(name.to_owned()),
            ..Media::new(MediaKind::Document, "F")
        };
        carried(&source(bytes), media).await.unwrap().name
    };
    let pdf = b"%PDF-".as_slice();
    assert_eq!(named("Счёт (1).pdf", pdf).await, "Счёт (1).pdf");
    assert_eq!(named("Акт №5, копия.pdf", pdf).await, "Акт №5, копия.pdf");
    assert_eq!(named("../../etc/passwd", pdf).await, "passwd.pdf");
    assert_eq!(named("photo.JPEG", b"\xff\xd8\xff").await, "photo.jpg");
    assert_eq!(named("page.html", b"<html>").await, "page.html.bin");
    assert_eq!(named("a\"\r\nb\u{202e}.pdf", pdf).await, "a___b_.pdf");
    assert_eq!(named("..", pdf).await, "file.pdf");
    assert_eq!(named(&"я".repeat(300), pdf).await.chars().count(), 84);
}

#[tokio::test]
async fn a_sticker_is_a_picture_of_itself_or_of_its_preview() {
    let webp = picture(8, ImageFormat::WebP);
    let upload_of = async |source: &Source, media: Media| {
        upload(source, &said(media), Carried::Picture, &LIMITS).await
    };
    let still = source(webp.clone());
    let made = upload_of(&still, Media::new(MediaKind::Sticker, "F")).await;
    let made = made.unwrap();
    assert_eq!((made.kind, made.mime), (MediaKind::Photo, "image/png"));
    assert_eq!(made.name, "photo.png");

    let moving = |preview: Option<&str>| Media {
        mime: Some("video/webm".to_owned()),
        preview: preview.map(str::to_owned),
        ..Media::new(MediaKind::Sticker, "F")
    };
    let previewed = source(webp);
    upload_of(&previewed, moving(Some("P"))).await.unwrap();
    assert_eq!(*previewed.asked.lock().unwrap(), ["P"]);
    let film = source(b"\x1a\x45\xdf\xa3".as_slice());
    for media in [moving(None), moving(Some("P"))] {
        let refused = upload_of(&film, media).await;
        assert!(matches!(refused, Err(Undelivered::Refused { .. })));
    }
    let broken = source(b"RIFF\0\0\0\0WEBPVP8 ".as_slice());
    let refused = upload_of(&broken, Media::new(MediaKind::Sticker, "F")).await;
    assert!(matches!(refused, Err(Undelivered::Refused { .. })));
}

#[tokio::test]
async fn a_source_that_breaks_off_is_the_sources_fault() {
    let pdf = || Ok([b"%PDF-".as_slice(), &[b' '; 100]].concat());
    let broken = |last: Vec<Result<Vec<u8>, Undelivered>>, size| Source {
        chunks: std::iter::once(pdf()).chain(last).collect(),
        size: Some(size),
        asked: Mutex::default(),
    };
    let locked = Err(Undelivered::Locked("401".to_owned()));
    for (source, unreached) in [
        (broken(vec![locked], 1_000), true),
        (broken(vec![], 1_000), true),
        (broken(vec![pdf(), pdf()], 106), false),
    ] {
        let media = Media::new(MediaKind::Document, "F");
        let failed = sent(carried(&source, media).await.unwrap()).await;
        let as_told = match failed {
            Undelivered::Unreached(_) => unreached,
            Undelivered::Refused { .. } => !unreached,
            _ => false,
        };
        assert!(as_told, "{failed}");
    }
}

#[tokio::test]
async fn without_a_size_it_is_known_before_anything_is_sent() {
    let source = Source {
        chunks: vec![Ok(b"%PDF-".to_vec()), Ok(vec![b' '; 100])],
        size: None,
        asked: Mutex::default(),
    };
    let media = Media::new(MediaKind::Document, "F");
    assert_eq!(carried(&source, media).await.unwrap().size, Some(105));
}
