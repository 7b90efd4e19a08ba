//! Phone numbers, brought to one form.

use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumberFormat, Region};

/// The number in E.164 (`+79161234567`), read as somebody in `region` (two letters, `RU`) would
/// write it; none if it cannot be anybody's number there.
///
/// Messengers give contact numbers with a country code but often without `+` (Telegram Bot API,
/// Contact), so a number that makes no sense at home is read once more as an international one.
pub fn normalise(number: &str, region: &str) -> Option<String> {
    let home = region.parse::<Region>().ok();
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    let international = format!("+{digits}");
    [number, &international].into_iter().find_map(|written| {
        let read = PHONE_NUMBER_UTIL.parse(written, home).ok()?;
        let valid = PHONE_NUMBER_UTIL.is_valid_number(&read);
        valid.then(|| {
            PHONE_NUMBER_UTIL
                .format(&read, PhoneNumberFormat::E164)
                .into_owned()
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_every_form_become_one() {
        for written in [
            "89161234567",
            "+7 (916) 123-45-67",
            "79161234567",
            "9161234567",
        ] {
            assert_eq!(
                normalise(written, "RU").as_deref(),
                Some("+79161234567"),
                "{written}"
            );
        }
        assert_eq!(
            normalise("4915112345678", "RU").as_deref(),
            Some("+4915112345678")
        );
    }

    #[test]
    fn what_is_no_number_stays_none() {
        for written in ["", "12", "привет", "+7 916", "99999999999999999999"] {
            assert_eq!(normalise(written, "RU"), None, "{written}");
        }
    }
}
