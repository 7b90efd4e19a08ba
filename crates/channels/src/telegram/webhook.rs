//! Whether a webhook's request comes from Telegram.

use subtle::ConstantTimeEq;

use crate::http::Secret;

/// The header that carries the secret (Bot API, setWebhook).
pub const SECRET_HEADER: &str = "x-telegram-bot-api-secret-token";

/// Largest body that is taken. An update with a long text, its reply and its keys stays well below.
pub const LARGEST_BODY: usize = 1024 * 1024;

/// Whether the header's value is the secret; takes the same time wherever they differ.
pub fn is_from_telegram(header: Option<&[u8]>, secret: &Secret) -> bool {
    let expected = secret.reveal().as_bytes();
    !expected.is_empty() && header.is_some_and(|header| bool::from(header.ct_eq(expected)))
}

/// Whether Telegram takes it as a secret: 1–256 of `A-Z a-z 0-9 _ -` (Bot API, setWebhook).
pub fn is_valid_secret(secret: &str) -> bool {
    (1..=256).contains(&secret.len())
        && secret
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_secret_itself_opens() {
        let secret = Secret::new("s-1");
        assert!(is_from_telegram(Some(b"s-1"), &secret));
        assert!(!is_from_telegram(Some(b"s-2"), &secret));
        assert!(!is_from_telegram(Some(b"s-"), &secret));
        assert!(!is_from_telegram(None, &secret));
        assert!(!is_from_telegram(Some(b""), &Secret::new("")));
    }

    #[test]
    fn a_secret_has_only_characters_that_telegram_takes() {
        assert!(is_valid_secret("Aa0_-"));
        assert!(!is_valid_secret(""));
        assert!(!is_valid_secret("тайна"));
        assert!(!is_valid_secret(&"a".repeat(257)));
    }
}
