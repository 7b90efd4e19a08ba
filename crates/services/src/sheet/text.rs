//! Bytes of a published file as text. Excel in Russia writes Windows-1251, elsewhere UTF-16 too.

/// The text; none if it breaks off within a character.
pub(super) fn text(bytes: &[u8]) -> Option<String> {
    match bytes {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        bytes => match std::str::from_utf8(bytes) {
            Ok(text) => Some(text.trim_start_matches('\u{feff}').to_owned()),
            // Whole but for its last character, and no plain letters only.
            Err(broken)
                if broken.error_len().is_none() && has_letters(&bytes[..broken.valid_up_to()]) =>
            {
                None
            }
            Err(_) => Some(bytes.iter().map(|byte| windows_1251(*byte)).collect()),
        },
    }
}

fn has_letters(valid: &[u8]) -> bool {
    valid.iter().any(|byte| !byte.is_ascii())
}

fn utf16(bytes: &[u8], read: fn([u8; 2]) -> u16) -> Option<String> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let units = pairs.iter().map(|pair| read(*pair));
    let text = char::decode_utf16(units).collect::<Result<String, _>>();
    text.ok().filter(|_| rest.is_empty())
}

/// The upper half of Windows-1251, up to the letters of the alphabet
/// (<https://www.unicode.org/Public/MAPPINGS/VENDORS/MICSFT/WINDOWS/CP1251.TXT>).
const SIGNS: &str =
    "ЂЃ‚ѓ„…†‡€‰Љ‹ЊЌЋЏђ‘’“”•–—\u{98}™љ›њќћџ\u{a0}ЎўЈ¤Ґ¦§Ё©Є«¬\u{ad}®Ї°±Ііґµ¶·ё№є»јЅѕї";

fn windows_1251(byte: u8) -> char {
    match byte {
        0..0x80 => char::from(byte),
        0x80..0xc0 => {
            let sign = SIGNS.chars().nth(usize::from(byte - 0x80));
            sign.unwrap_or(char::REPLACEMENT_CHARACTER)
        }
        0xc0.. => {
            let letter = char::from_u32(u32::from('А') + u32::from(byte - 0xc0));
            letter.unwrap_or(char::REPLACEMENT_CHARACTER)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_excel_are_read() {
        let russian = b"\xef\xee\xf7\xf2\xe0;\xf6\xe5\xed\xe0 \xb9\x88\xa0\xb8";
        assert_eq!(text(russian).as_deref(), Some("почта;цена №€\u{a0}ё"));
        assert_eq!(text("\u{feff}почта".as_bytes()).as_deref(), Some("почта"));
        let wide = |read: fn(u16) -> [u8; 2]| {
            let units = "\u{feff}почта 🦰".encode_utf16().flat_map(read);
            text(&units.collect::<Vec<u8>>())
        };
        assert_eq!(wide(u16::to_le_bytes).as_deref(), Some("почта 🦰"));
        assert_eq!(wide(u16::to_be_bytes).as_deref(), Some("почта 🦰"));
        assert_eq!(SIGNS.chars().count(), 64);
    }

    #[test]
    fn what_breaks_off_within_a_character_is_none() {
        assert_eq!(text(&"почта".as_bytes()[..9]), None);
        assert_eq!(text(b"\xff\xfe\x3f\x04\x3e"), None);
    }
}
