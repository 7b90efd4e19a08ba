//! A client: whom the business knows by an e-mail address, whichever messengers they write from.

use std::{fmt, str::FromStr};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// An e-mail address, as it is compared: without spaces around it, in lower case.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Email(String);

/// What is wrong with something that should be an e-mail address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadEmail {
    /// No `@` in it.
    NoAt,
    /// More than one address, or more than one `@`.
    Several,
    /// A space in the middle of it.
    Space,
    /// Nothing that could be a mail server behind the `@`.
    NoHost,
    /// A character that no address has, or dots in the wrong place.
    Malformed,
    /// Longer than an address can be (254 characters, RFC 5321).
    TooLong,
}

impl Email {
    /// The longest address that mail servers take, in characters (RFC 5321, 4.5.3.1.3).
    pub const LONGEST: usize = 254;

    /// Reads an address that somebody typed; brackets and a final dot are forgiven.
    pub fn read(typed: &str) -> Result<Self, BadEmail> {
        let text = typed
            .trim()
            .trim_start_matches("mailto:")
            .trim_matches(['<', '>', '"', '«', '»', ',', ';', '.']);
        let text = text.trim().to_lowercase();
        let (name, host) = text.split_once('@').ok_or(BadEmail::NoAt)?;
        if host.contains('@') {
            return Err(BadEmail::Several);
        }
        if text.contains(char::is_whitespace) {
            return Err(BadEmail::Space);
        }
        if text.chars().count() > Self::LONGEST {
            return Err(BadEmail::TooLong);
        }
        let last = host.rsplit_once('.').map(|(_, last)| last);
        if last.is_none_or(|last| last.chars().count() < 2) {
            return Err(BadEmail::NoHost);
        }
        let odd = |c: char| c.is_control() || ",;:<>()[]\"«»!?/\\".contains(c);
        if name.is_empty() || text.contains(odd) || !email_address::EmailAddress::is_valid(&text) {
            return Err(BadEmail::Malformed);
        }
        Ok(Self(text))
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Email {
    type Err = BadEmail;
    fn from_str(text: &str) -> Result<Self, BadEmail> {
        Self::read(text)
    }
}

/// What is known of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// The address that they are known by.
    pub email: Email,
    /// Their name in the owner's records.
    pub name: Option<String>,
    /// The name of their tariff, if they have one.
    pub tariff: Option<String>,
    /// The last day that is paid for.
    pub paid_until: Option<Date>,
}

impl Client {
    /// Somebody whom the records do not know yet.
    pub fn new(email: Email) -> Self {
        Self {
            email,
            name: None,
            tariff: None,
            paid_until: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_compared_as_everybody_means_it() {
        for typed in [
            "Ivan@Mail.RU",
            " ivan@mail.ru ",
            "<ivan@mail.ru>",
            "ivan@mail.ru.",
        ] {
            assert_eq!(Email::read(typed).unwrap().as_str(), "ivan@mail.ru");
        }
        assert!(Email::read("иван@почта.рф").is_ok());
        assert!(Email::read("a+b.c_d-e@sub.example.com").is_ok());
    }

    #[test]
    fn what_is_wrong_is_told_apart() {
        let wrong = |typed: &str| Email::read(typed).unwrap_err();
        assert_eq!(wrong("привет"), BadEmail::NoAt);
        assert_eq!(wrong("/start"), BadEmail::NoAt);
        assert_eq!(wrong("a@b.ru c@d.ru"), BadEmail::Several);
        assert_eq!(wrong("ivan ivanov@mail.ru"), BadEmail::Space);
        assert_eq!(wrong("ivan@mail"), BadEmail::NoHost);
        assert_eq!(wrong("ivan@mail.r"), BadEmail::NoHost);
        assert_eq!(wrong("@mail.ru"), BadEmail::Malformed);
        assert_eq!(wrong("a..b@mail.ru"), BadEmail::Malformed);
        assert_eq!(wrong("ivan@ma_il..ru"), BadEmail::Malformed);
        assert_eq!(
            wrong(&format!("{}@mail.ru", "a".repeat(300))),
            BadEmail::TooLong
        );
    }
}
