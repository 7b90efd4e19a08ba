//! Draws the screenshots: the pages in `looks/` by a headless Chromium, made small as messengers do.
//! What it drew is kept in `pictures/`, so that every machine reads the same.

use std::{env, fs, path::Path, process::Command};

use image::{DynamicImage, codecs::jpeg::JpegEncoder, imageops::FilterType};

use crate::cases::Case;

/// Width and height of the phone, in its own points, and pixels of a point.
const PHONE: (u32, u32, u32) = (360, 780, 3);

/// Shows a page on another screen: askew, dull and a little blurred.
const PHOTO: &str = "<style>html{background:#5a5148;overflow:hidden}body{transform:rotate(1.4deg) \
    scale(.93);filter:contrast(.75) brightness(.9) blur(.5px)}</style>";

pub(crate) fn draw(case: &Case, pictures: &Path) {
    let folder = tempfile::tempdir().unwrap();
    let (page, shot) = (
        folder.path().join("page.html"),
        folder.path().join("shot.png"),
    );
    fs::write(&page, filled(case)).unwrap();
    let (width, height, scale) = PHONE;
    let chromium = env::var("CHROMIUM").unwrap_or_else(|_| "chromium".to_owned());
    let drawn = Command::new(chromium)
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
        ])
        .arg(format!("--window-size={width},{height}"))
        .arg(format!("--force-device-scale-factor={scale}"))
        .arg(format!("--screenshot={}", shot.display()))
        .arg(&page)
        .output()
        .unwrap();
    assert!(drawn.status.success() && shot.exists(), "{drawn:?}");
    let shot = fs::read(&shot).unwrap();
    let sent = sent_again(&shot, case.side, case.quality);
    fs::write(pictures.join(format!("{}.jpg", case.name())), sent).unwrap();
}

/// A picture as a messenger passes it on.
pub(crate) fn sent_again(picture: &[u8], side: u32, quality: u8) -> Vec<u8> {
    let sent = image::load_from_memory(picture).unwrap();
    let sent = sent.resize(side, side, FilterType::Triangle);
    let mut jpeg = Vec::new();
    DynamicImage::ImageRgb8(sent.into_rgb8())
        .write_with_encoder(JpegEncoder::new_with_quality(&mut jpeg, quality))
        .unwrap();
    jpeg
}

fn filled(case: &Case) -> String {
    let page = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join(format!("tests/screenshots/looks/{}.html", case.look));
    let page = fs::read_to_string(page).unwrap();
    let theme = if case.theme == "photo" {
        "light"
    } else {
        case.theme
    };
    let plain = case.shown.trim_start_matches('−').trim_end_matches(" USD");
    let mut filled = page
        .replace("{theme}", theme)
        .replace("{amount}", case.shown)
        .replace("{plain}", plain)
        .replace("{state}", case.state)
        .replace("{date}", &date(case))
        .replace(
            "{time}",
            &format!("{:02}:{:02}", 9 + case.nth % 12, 7 * case.nth % 60),
        )
        .replace("{number}", &number(case))
        .replace(
            "{order}",
            &format!("20261120{:06}", 104_729 * (case.nth + 3) % 1_000_000),
        );
    if case.theme == "photo" {
        filled.push_str(PHOTO);
    }
    filled
}

fn date(case: &Case) -> String {
    let (day, hour, minute) = (1 + case.nth % 28, 9 + case.nth % 12, 7 * case.nth % 60);
    match case.look {
        "sber" => format!("{day} ноября 2026 {hour:02}:{minute:02}:41"),
        "tbank" => format!("{day} ноября 2026, {hour:02}:{minute:02}"),
        "paypal" => format!("Nov {day}, 2026 at {hour:02}:{minute:02}"),
        "wechat" => format!("2026年11月{day}日 {hour:02}:{minute:02}:41"),
        _ => format!("2026-11-{day:02} {hour:02}:{minute:02}:41"),
    }
}

fn number(case: &Case) -> String {
    let tail = 7_368_787 * (case.nth + 11) % 100_000_000;
    match case.look {
        "sber" => format!("10120{tail:08}"),
        "tbank" => format!("A6324{tail:08}3290"),
        "paypal" => format!("8AB{tail:08}901E"),
        _ => format!("420000245620261120{tail:08}12"),
    }
}
