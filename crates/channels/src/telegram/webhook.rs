//! Whether a webhook's request comes from Telegram.

use reqwest::header::HeaderValue;
use subtle::ConstantTimeEq;

use crate::{Knock, Knocked, http::Secret};

/// The header that carries the secret (Bot API, setWebhook).
const SECRET_HEADER: &str = "x-telegram-bot-api-secret-token";

/// What a request is. A body that cannot be read is taken too: it is set aside and shown.
pub(super) fn knock(request: &Knock<'_>, secret: Option<&Secret>) -> Knocked {
    let header = request.headers.get(SECRET_HEADER);
    let header = header.map(HeaderValue::as_bytes);
    if !secret.is_some_and(|secret| is_from_telegram(header, secret)) {
        return Knocked::Stranger;
    }
    if !request.post {
        return Knocked::Nonsense;
    }
    Knocked::Updates {
        updates: vec![request.body.clone()],
        answer: "",
    }
}

/// Whether the header's value is the secret; takes the same time wherever they differ.
fn is_from_telegram(header: Option<&[u8]>, secret: &Secret) -> bool {
    let expected = secret.reveal().as_bytes();
    !expected.is_empty() && header.is_some_and(|header| bool::from(header.ct_eq(expected)))
}

/// Whether Telegram takes it as a secret: 1–256 of `A-Z a-z 0-9 _ -` (Bot API, setWebhook).
pub(super) fn is_valid_secret(secret: &str) -> bool {
    (1..=256).contains(&secret.len())
        && secret
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use reqwest::header::HeaderMap;

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
    fn only_a_post_with_the_secret_brings_something() {
        let body = Bytes::from_static(b"{}");
        let knocked = |post, header: Option<&'static str>, secret: Option<&Secret>| {
            let mut headers = HeaderMap::new();
            if let Some(header) = header {
                headers.insert(SECRET_HEADER, header.parse().unwrap());
            }
            let request = Knock {
                post,
                query: "",
                headers: &headers,
                body: &body,
            };
            knock(&request, secret)
        };
        let secret = Secret::new("s-1");
        let brought = Knocked::Updates {
            updates: vec![body.clone()],
            answer: "",
        };
        assert_eq!(knocked(true, Some("s-1"), Some(&secret)), brought);
        assert_eq!(
            knocked(false, Some("s-1"), Some(&secret)),
            Knocked::Nonsense
        );
        assert_eq!(knocked(true, Some("s-2"), Some(&secret)), Knocked::Stranger);
        assert_eq!(knocked(true, None, Some(&secret)), Knocked::Stranger);
        assert_eq!(knocked(true, Some(""), None), Knocked::Stranger);
    }

    #[test]
    fn a_secret_has_only_characters_that_telegram_takes() {
        assert!(is_valid_secret("Aa0_-"));
        assert!(!is_valid_secret(""));
        assert!(!is_valid_secret("тайна"));
        assert!(!is_valid_secret(&"a".repeat(257)));
    }
}
