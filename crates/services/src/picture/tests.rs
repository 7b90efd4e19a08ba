use image::{Rgb, RgbImage, Rgba, RgbaImage};

use super::*;

/// A screen: a dark head, lines of «text».
fn screen(width: u32, height: u32) -> DynamicImage {
    let pixel = |x: u32, y: u32| {
        let (x, y) = (x * 360 / width, y * 780 / height);
        let ink = y % 40 < 14 && x > 20 && x < 80 + (y / 40 * 53) % 240;
        match (y < 120, ink) {
            (true, _) => Rgb([33, 160, 56]),
            (false, true) => Rgb([30, 30, 30]),
            (false, false) => Rgb([245, 245, 245]),
        }
    };
    DynamicImage::ImageRgb8(RgbImage::from_fn(width, height, pixel))
}

fn png(picture: &DynamicImage) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

#[test]
fn a_picture_sent_again_looks_the_same() {
    let screen = screen(1080, 2340);
    let first = looks(&png(&screen)).unwrap();
    for (side, quality) in [(1280, 80), (1280, 40), (640, 70), (640, 30)] {
        let again = encode(&no_larger(&screen, side), quality).unwrap();
        assert!(first.resembles(looks(&again).unwrap()), "{side} {quality}");
    }
    assert!(!first.resembles(hash(&screen.rotate180())));
}

#[test]
fn what_is_no_picture_has_no_looks() {
    for bytes in [
        &b""[..],
        b"hello",
        b"\x89PNG\r\n\x1a\n",
        b"%PDF-1.4",
        b"\xff\xd8\xff\xe0",
    ] {
        assert_eq!(looks(bytes), None, "{bytes:?}");
    }
}

#[test]
fn a_bomb_is_not_unpacked() {
    let large = DynamicImage::ImageLuma8(GrayImage::new(9000, 6000));
    let bomb = png(&large);
    assert!(bomb.len() < 1 << 20);
    let refused = decode(&bomb).unwrap_err().to_string();
    assert_eq!(refused, "the picture has more than 50 megapixels");
    assert!(decode(&vec![0; LARGEST + 1]).is_err());
}

#[test]
fn a_turned_photo_is_turned_back() {
    let wide = encode(&screen(200, 100), 80).unwrap();
    // EXIF, little endian, one entry: orientation 6, a quarter to the right.
    let exif =
        b"\xff\xe1\x00\x22Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0";
    let turned = [&wide[..2], exif, &wide[2..]].concat();
    let decoded = decode(&turned).unwrap();
    assert_eq!((decoded.width(), decoded.height()), (100, 200));
    let sent = ready(turned.clone().into(), LARGEST).unwrap();
    assert_ne!(sent.bytes, turned);
    assert_eq!(decode(&sent.bytes).unwrap().height(), 200);
}

#[test]
fn what_can_be_sent_is_sent_as_it_is() {
    let png = png(&screen(300, 600));
    let sent = ready(png.clone().into(), LARGEST).unwrap();
    assert_eq!((&sent.bytes[..], sent.extension), (&png[..], "png"));
}

#[test]
fn what_is_too_large_is_made_smaller() {
    let scattered = |x: u32, y: u32| ((x * 7919) ^ (y * 104_729)).to_le_bytes();
    let noise = |x: u32, y: u32| {
        let [red, green, blue, _] = scattered(x, y);
        Rgb([red, green, blue])
    };
    let noise = DynamicImage::ImageRgb8(RgbImage::from_fn(1600, 1600, noise));
    let sent = ready(png(&noise).into(), 900_000).unwrap();
    assert!(sent.bytes.len() <= 900_000);
    assert_eq!(sent.mime, "image/jpeg");
}

#[test]
fn what_is_see_through_lies_on_white_and_light_letters_become_dark() {
    let clear = DynamicImage::ImageRgba8(RgbaImage::from_pixel(20, 20, Rgba([0, 0, 0, 0])));
    assert!(page(&clear, 40).iter().all(|pixel| *pixel == 255));
    let dark = DynamicImage::ImageRgb8(RgbImage::from_pixel(20, 20, Rgb([10, 10, 10])));
    assert!(page(&dark, 40).iter().all(|pixel| *pixel > 200));
}
