//! Signatures: of webhook bodies, and of tokens (`appsecret_proof`).

use std::fmt::Write;

use hmac::digest::KeyInit;
use hmac::{Hmac, Mac};
use sha1::Sha1;
use sha2::Sha256;

/// Hex HMAC-SHA256, as in `X-Hub-Signature-256` and `appsecret_proof`.
pub(crate) fn sha256(key: &str, bytes: &[u8]) -> String {
    hmac::<Hmac<Sha256>>(key, bytes)
}

/// Hex HMAC-SHA1, as in the older `X-Hub-Signature`.
pub(crate) fn sha1(key: &str, bytes: &[u8]) -> String {
    hmac::<Hmac<Sha1>>(key, bytes)
}

fn hmac<M: Mac + KeyInit>(key: &str, bytes: &[u8]) -> String {
    let mut mac =
        <M as KeyInit>::new_from_slice(key.as_bytes()).expect("an HMAC takes keys of every length");
    mac.update(bytes);
    let mut hex = String::new();
    for byte in mac.finalize().into_bytes() {
        // Writing into a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_examples_come_out() {
        // RFC 4231 and RFC 2202, test case 2.
        let what = b"what do ya want for nothing?";
        let long = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(sha256("Jefe", what), long);
        assert_eq!(
            sha1("Jefe", what),
            "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"
        );
    }
}
