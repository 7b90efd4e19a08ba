//! Pictures as bytes from outside: decoded with caps, made ready for readers, and what they look like.
//!
//! What must stay true: nothing is decoded before its size is known to be bearable.

use std::io::Cursor;

use bytes::Bytes;
use engine::payment::Looks;
use image::{
    DynamicImage, GrayImage, ImageDecoder, ImageFormat, ImageReader, Limits,
    codecs::jpeg::JpegEncoder, imageops::FilterType, metadata::Orientation,
};

/// Largest file that is decoded, in bytes.
pub const LARGEST: usize = 20 << 20;

/// Most pixels of a picture that is decoded.
pub const MOST_PIXELS: u64 = 50_000_000;

/// Most bytes that its pixels may take.
const MOST_MEMORY: u64 = 4 * MOST_PIXELS;

/// It is no picture, or none that can be borne. Says what is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NoPicture(&'static str);

/// A picture (JPEG, PNG, WebP, the first frame of a GIF), turned as its EXIF says.
pub fn decode(bytes: &[u8]) -> Result<DynamicImage, NoPicture> {
    let mut decoded = Decoded::of(bytes)?;
    decoded.picture.apply_orientation(decoded.orientation);
    Ok(decoded.picture)
}

/// A picture as it lies in its file.
struct Decoded {
    picture: DynamicImage,
    orientation: Orientation,
    format: Option<ImageFormat>,
}

impl Decoded {
    fn of(bytes: &[u8]) -> Result<Self, NoPicture> {
        if bytes.len() > LARGEST {
            return Err(NoPicture("the file is larger than 20 MB"));
        }
        let unknown = NoPicture("no picture in a format that can be read");
        let reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format();
        let mut reader = reader.map_err(|_| unknown.clone())?;
        let format = reader.format();
        let mut limits = Limits::default();
        limits.max_alloc = Some(MOST_MEMORY);
        reader.limits(limits);
        let mut decoder = reader.into_decoder().map_err(|_| unknown)?;
        let (width, height) = decoder.dimensions();
        let pixels = u64::from(width) * u64::from(height);
        if pixels > MOST_PIXELS || decoder.total_bytes() > MOST_MEMORY {
            return Err(NoPicture("the picture has more than 50 megapixels"));
        }
        // Without one, or with one that cannot be read, it stands as it is.
        let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
        let broken = |_| NoPicture("the picture is broken");
        let picture = DynamicImage::from_decoder(decoder).map_err(broken)?;
        Ok(Self {
            picture,
            orientation,
            format,
        })
    }
}

/// A picture's file, ready for a reader that is sent files.
pub(crate) struct Ready {
    pub(crate) bytes: Bytes,
    pub(crate) extension: &'static str,
    pub(crate) mime: &'static str,
}

/// The file as it is, if it is a JPEG or PNG of at most `most` bytes that stands upright; otherwise as
/// a JPEG, made smaller or rougher step by step. None if it is no picture.
pub(crate) fn ready(bytes: Bytes, most: usize) -> Option<Ready> {
    let mut decoded = Decoded::of(&bytes).ok()?;
    let (extension, mime) = match decoded.format {
        Some(ImageFormat::Png) => ("png", "image/png"),
        _ => ("jpg", "image/jpeg"),
    };
    let taken = matches!(decoded.format, Some(ImageFormat::Png | ImageFormat::Jpeg));
    if taken && decoded.orientation == Orientation::NoTransforms && bytes.len() <= most {
        return Some(Ready {
            bytes,
            extension,
            mime,
        });
    }
    decoded.picture.apply_orientation(decoded.orientation);
    let bytes = jpeg(&decoded.picture, most)?.into();
    Some(Ready {
        bytes,
        extension: "jpg",
        mime: "image/jpeg",
    })
}

/// What a picture looks like: of an 8×8 grid, whether each cell is brighter than the one to its right.
/// Nothing if it is no picture.
pub fn looks(bytes: &[u8]) -> Option<Looks> {
    Some(hash(&decode(bytes).ok()?))
}

fn hash(picture: &DynamicImage) -> Looks {
    let small = picture
        .resize_exact(9, 8, FilterType::Triangle)
        .into_luma8();
    let bits = (0..8).flat_map(|y| (0..8).map(move |x| (x, y)));
    let brighter = |(x, y)| {
        let [left, right] = [x, x + 1].map(|x| small.get_pixel(x, y).0[0]);
        // What is equally bright is so after recompression, too, but for a little.
        left > right.saturating_add(FLAT)
    };
    Looks(bits.fold(0, |bits, at| bits << 1 | u64::from(brighter(at))))
}

/// Cells whose brightness differs by no more are equally bright.
const FLAT: u8 = 1;

fn jpeg(picture: &DynamicImage, most: usize) -> Option<Vec<u8>> {
    let steps = [(2400, 90), (2000, 80), (1600, 80), (1280, 70), (1000, 60)];
    steps.into_iter().find_map(|(side, quality)| {
        let bytes = encode(&no_larger(picture, side), quality)?;
        (bytes.len() <= most).then_some(bytes)
    })
}

fn encode(picture: &DynamicImage, quality: u8) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let encoder = JpegEncoder::new_with_quality(&mut bytes, quality);
    opaque(picture).write_with_encoder(encoder).ok()?;
    Some(bytes)
}

/// On white, where one could see through it; eight bits a channel.
fn opaque(picture: &DynamicImage) -> DynamicImage {
    if !picture.color().has_alpha() {
        return DynamicImage::ImageRgb8(picture.to_rgb8());
    }
    let mut solid = picture.to_rgba8();
    for pixel in solid.pixels_mut() {
        let [red, green, blue, alpha] = pixel.0.map(u16::from);
        let over = |colour: u16| (colour * alpha + 255 * (255 - alpha)) / 255;
        let seen =
            [over(red), over(green), over(blue)].map(|colour| u8::try_from(colour).unwrap_or(255));
        pixel.0 = [seen[0], seen[1], seen[2], 255];
    }
    DynamicImage::ImageRgb8(DynamicImage::ImageRgba8(solid).into_rgb8())
}

fn no_larger(picture: &DynamicImage, side: u32) -> DynamicImage {
    if picture.width().max(picture.height()) <= side {
        return picture.clone();
    }
    picture.resize(side, side, FilterType::CatmullRom)
}

/// Grey, black on white, its longer side `side` pixels.
pub(crate) fn page(picture: &DynamicImage, side: u32) -> GrayImage {
    let grey = DynamicImage::ImageLuma8(opaque(picture).into_luma8());
    let mut page = grey.resize(side, side, FilterType::CatmullRom).into_luma8();
    if is_dark(&page) {
        image::imageops::invert(&mut page);
    }
    page
}

fn is_dark(page: &GrayImage) -> bool {
    let total: u64 = page.as_raw().iter().map(|pixel| u64::from(*pixel)).sum();
    total < DARK * page.as_raw().len() as u64
}

/// Darker than this on average is light letters on a dark ground.
const DARK: u64 = 110;

#[cfg(test)]
mod tests;
