//! The messengers and services that are emulated, and whose a path is.

use serde::{Deserialize, Serialize};

/// A messenger or another service, by the name it has in the control API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Messenger {
    Telegram,
    Vk,
    Facebook,
    /// Tokens, the Sheets API, published sheets.
    Google,
    /// OCR.space.
    Ocr,
}

impl Messenger {
    /// Whose API answers at this path; `None`: nobody's.
    pub(crate) fn at(path: &str) -> Option<Self> {
        let first = path.trim_start_matches('/').split('/').next()?;
        match first {
            "method" | "vk" => Some(Self::Vk),
            "facebook" => Some(Self::Facebook),
            "google" | "token" | "v4" | "spreadsheets" => Some(Self::Google),
            "parse" => Some(Self::Ocr),
            "file" => Some(Self::Telegram),
            _ if first.starts_with("bot") => Some(Self::Telegram),
            _ if is_version(first) => Some(Self::Facebook),
            _ => None,
        }
    }
}

/// `v25.0`, as Graph API paths begin.
fn is_version(part: &str) -> bool {
    let numbers = part.strip_prefix('v').and_then(|rest| rest.split_once('.'));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    numbers.is_some_and(|(major, minor)| digits(major) && digits(minor))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_says_whose_it_is() {
        assert_eq!(Messenger::at("/bot1:a/getMe"), Some(Messenger::Telegram));
        assert_eq!(
            Messenger::at("/file/bot1:a/photos/1.jpg"),
            Some(Messenger::Telegram)
        );
        assert_eq!(Messenger::at("/method/users.get"), Some(Messenger::Vk));
        assert_eq!(Messenger::at("/vk/files/1.jpg"), Some(Messenger::Vk));
        assert_eq!(
            Messenger::at("/v25.0/me/messages"),
            Some(Messenger::Facebook)
        );
        assert_eq!(Messenger::at("/facebook/f1"), Some(Messenger::Facebook));
        for googles in [
            "/google/token",
            "/v4/spreadsheets/x",
            "/spreadsheets/d/x/export",
        ] {
            assert_eq!(Messenger::at(googles), Some(Messenger::Google), "{googles}");
        }
        assert_eq!(Messenger::at("/parse/image"), Some(Messenger::Ocr));
        for nobodys in ["/", "/v1", "/version.2/x", "/favicon.ico"] {
            assert_eq!(Messenger::at(nobodys), None, "{nobodys}");
        }
    }
}
