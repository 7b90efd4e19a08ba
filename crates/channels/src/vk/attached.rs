//! What is attached to a message. What has no file for a community (films, posts, polls …) is a line
//! with its name and a link; a kind that is not known yet is one, too.

use engine::content::{Body, Media, MediaKind};
use serde_json::Value;

/// Sizes of a photo where VK gives no measures (photos of before 2012), the largest first.
const LETTERS: [&str; 10] = ["w", "z", "y", "x", "r", "q", "p", "o", "m", "s"];

/// Kinds that are shown on a page of their own: `https://vk.com/<path><owner>_<id>`.
const PAGES: &[(&str, &str)] = &[
    ("video", "video"),
    ("video_playlist", "video/playlist/"),
    ("audio", "audio"),
    ("audio_playlist", "music/playlist/"),
    ("photo", "photo"),
    ("album", "album"),
    ("market", "product"),
    ("poll", "poll"),
    ("story", "story"),
    ("narrative", "narrative"),
    ("podcast", "podcast"),
    ("podcasts", "podcast"),
    ("wall", "wall"),
];

/// Where an object has words of its own.
const WORDS: [&str; 6] = [
    "title",
    "name",
    "question",
    "caption",
    "text",
    "description",
];

/// Where an object says itself where it is.
const LINKS: [&str; 5] = ["url", "view_url", "share_url", "link", "page_url"];

/// Most characters of a post or a description that stand in a line about it.
const MOST_WORDS: usize = 300;

/// One attachment; none if the text says the same.
pub(super) fn body(attachment: &Value, text: &str) -> Option<Body> {
    let kind = attachment["type"].as_str().unwrap_or("unknown");
    let object = &attachment[kind];
    // VK attaches what an address in the text leads to.
    if kind == "link" && is_in_text(object, text) {
        return None;
    }
    let file = match kind {
        "photo" => photo(object),
        "sticker" => sticker(object),
        "graffiti" => graffiti(object),
        "doc" => document(object),
        "audio_message" => voice(object),
        "audio" => song(object),
        "video" => film(object),
        _ => None,
    };
    Some(file.map_or_else(
        || Body::Other {
            kind: kind.to_owned(),
            about: about(kind, object),
        },
        Body::Media,
    ))
}

fn is_in_text(link: &Value, text: &str) -> bool {
    let Some(url) = text_of(link, "url") else {
        return false;
    };
    let bare = url.split_once("://").map_or(url, |(_, bare)| bare);
    let bare = bare.strip_prefix("www.").unwrap_or(bare);
    let bare = bare.trim_end_matches('/');
    !bare.is_empty() && text.to_lowercase().contains(&bare.to_lowercase())
}

fn photo(object: &Value) -> Option<Media> {
    let sizes = object["sizes"].as_array().into_iter().flatten();
    let sizes = sizes.chain(object.get("orig_photo"));
    largest(MediaKind::Photo, sizes, |size| {
        let letter = size["type"].as_str().unwrap_or_default();
        LETTERS.len()
            - LETTERS
                .iter()
                .position(|known| *known == letter)
                .unwrap_or(LETTERS.len())
    })
}

fn sticker(object: &Value) -> Option<Media> {
    let images = |name: &str| object[name].as_array().into_iter().flatten();
    let plain = largest(MediaKind::Sticker, images("images"), |_| 0);
    plain.or_else(|| largest(MediaKind::Sticker, images("images_with_background"), |_| 0))
}

/// The largest of several pictures of the same; `rank` where measures do not tell.
fn largest<'a>(
    kind: MediaKind,
    pictures: impl Iterator<Item = &'a Value>,
    rank: impl Fn(&Value) -> usize,
) -> Option<Media> {
    let there = pictures.filter(|picture| text_of(picture, "url").is_some());
    let best = there.max_by_key(|picture| {
        let side = |name: &str| picture[name].as_u64().unwrap_or(0);
        (side("width").saturating_mul(side("height")), rank(picture))
    })?;
    Some(measured(Media::new(kind, text_of(best, "url")?), best))
}

fn graffiti(object: &Value) -> Option<Media> {
    let media = Media::new(MediaKind::Photo, text_of(object, "url")?);
    Some(measured(media, object))
}

fn measured(mut media: Media, of: &Value) -> Media {
    let side = |name: &str| small(of, name).filter(|side| *side > 0);
    media.width = side("width");
    media.height = side("height");
    media
}

fn document(object: &Value) -> Option<Media> {
    let mut media = Media::new(MediaKind::Document, text_of(object, "url")?);
    let ext = text_of(object, "ext");
    media.name = text_of(object, "title").map(|title| match ext {
        Some(ext)
            if !title
                .to_lowercase()
                .ends_with(&format!(".{}", ext.to_lowercase())) =>
        {
            format!("{title}.{ext}")
        }
        _ => title.to_owned(),
    });
    media.size = object["size"].as_u64();
    Some(media)
}

fn voice(object: &Value) -> Option<Media> {
    let (url, mime) = text_of(object, "link_ogg")
        .map(|url| (url, "audio/ogg"))
        .or_else(|| text_of(object, "link_mp3").map(|url| (url, "audio/mpeg")))?;
    let mut media = Media::new(MediaKind::Voice, url);
    media.mime = Some(mime.to_owned());
    media.seconds = small(object, "duration");
    Some(media)
}

/// Music has an address seldom: VK gives it to its own applications.
fn song(object: &Value) -> Option<Media> {
    let url = text_of(object, "url")
        .filter(|url| !url.contains("audio_api_unavailable") && !url.contains(".m3u8"))?;
    let mut media = Media::new(MediaKind::Audio, url);
    media.name = Some(format!("{}.mp3", song_title(object)));
    media.mime = Some("audio/mpeg".to_owned());
    media.seconds = small(object, "duration");
    Some(media)
}

fn song_title(object: &Value) -> String {
    let words = ["artist", "title"]
        .iter()
        .filter_map(|name| text_of(object, name));
    words.collect::<Vec<_>>().join(" – ")
}

/// A film: a community is given its file seldom, its page always.
fn film(object: &Value) -> Option<Media> {
    let files = object["files"].as_object()?.iter();
    let best = files
        .filter_map(|(name, url)| {
            let lines: u32 = name.strip_prefix("mp4_")?.parse().ok()?;
            Some((lines, url.as_str().filter(|url| !url.is_empty())?))
        })
        .max()?;
    let mut media = measured(Media::new(MediaKind::Video, best.1), object);
    media.name = text_of(object, "title").map(|title| format!("{title}.mp4"));
    media.seconds = small(object, "duration");
    Some(media)
}

/// A name and a link, as far as there are any.
fn about(kind: &str, object: &Value) -> String {
    let words = match kind {
        "audio" => Some(song_title(object)).filter(|title| !title.is_empty()),
        _ => WORDS
            .iter()
            .find_map(|name| text_of(object, name))
            .map(short),
    };
    // A song's own address is that of its file, and leads nowhere without VK's applications.
    let link = LINKS
        .iter()
        .filter(|_| kind != "audio")
        .find_map(|name| text_of(object, name))
        .filter(|link| link.starts_with("https://") || link.starts_with("http://"))
        .map(str::to_owned)
        .or_else(|| page(kind, object));
    let both = [words, link].into_iter().flatten();
    both.collect::<Vec<_>>().join(" — ")
}

/// The first words, on one line.
fn short(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(MOST_WORDS) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

fn page(kind: &str, object: &Value) -> Option<String> {
    let id = object["id"].as_i64()?;
    let owner = ["owner_id", "to_id", "from_id"]
        .iter()
        .find_map(|name| object[*name].as_i64())?;
    if kind == "wall_reply" {
        let post = object["post_id"].as_i64()?;
        return Some(format!("https://vk.com/wall{owner}_{post}?reply={id}"));
    }
    let (_, path) = PAGES.iter().find(|(known, _)| *known == kind)?;
    // What is not public opens with its key.
    let key = text_of(object, "access_key").filter(|_| matches!(kind, "video" | "photo"));
    let key = key.map_or_else(String::new, |key| format!("?list={key}"));
    Some(format!("https://vk.com/{path}{owner}_{id}{key}"))
}

/// Words that are there.
fn text_of<'a>(object: &'a Value, name: &str) -> Option<&'a str> {
    object[name]
        .as_str()
        .map(str::trim)
        .filter(|text| !text.is_empty())
}

fn small(object: &Value, name: &str) -> Option<u32> {
    object[name]
        .as_u64()
        .and_then(|number| u32::try_from(number).ok())
}
