//! What settings that messengers share may be. Each function reads one value, or says what is wrong
//! with it without repeating it where it may be a secret.

use crate::kinds::BadValue;

/// Schemes of a proxy.
pub(crate) const PROXIES: [&str; 3] = ["http://", "socks5://", "socks5h://"];

/// The form of every check here; says what is wrong, as what goes on after the setting's name.
pub type Checked = Result<String, BadValue>;

/// Says what is wrong.
pub fn wrong<T>(what: impl Into<String>) -> Result<T, BadValue> {
    Err(BadValue(what.into()))
}

/// The address of a web server: `https://host:port/path` without anything behind it. The slash at its
/// end is left out.
pub fn http_url(text: &str) -> Checked {
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    let Some(rest) = rest else {
        return wrong("does not begin with https:// or http://");
    };
    if rest.contains(['?', '#', '@']) {
        return wrong("has more than a host and a path");
    }
    let (host, _) = rest.split_once('/').unwrap_or((rest, ""));
    host_and_port(host)?;
    Ok(text.trim_end_matches('/').to_owned())
}

/// A proxy, maybe with a name and a password.
pub fn proxy(text: &str) -> Checked {
    let Some(rest) = PROXIES
        .into_iter()
        .find_map(|scheme| text.strip_prefix(scheme))
    else {
        return wrong("does not begin with http:// or socks5://");
    };
    let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    host_and_port(host.trim_end_matches('/'))?;
    Ok(text.to_owned())
}

/// A host, maybe with a port. The text is not repeated: with a misplaced `@` it may be a password.
pub fn host_and_port(text: &str) -> Result<(), BadValue> {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (text, None),
    };
    if host.is_empty() || host.chars().any(|c| c.is_whitespace() || "@/".contains(c)) {
        return wrong("has no host");
    }
    match port {
        Some(port) if port.parse::<u16>().is_err() => {
            wrong("has a port that is no number up to 65535")
        }
        _ => Ok(()),
    }
}

/// A positive number that names something, such as a community or a page.
pub fn id(text: &str) -> Checked {
    match text.parse::<u64>() {
        Ok(number) if number > 0 => Ok(number.to_string()),
        // Not repeated: a token ends up here easily.
        _ => wrong("is no number of digits only"),
    }
}

/// A secret of letters, digits and signs, without blanks. Never repeated.
pub fn secret(text: &str) -> Checked {
    if text.chars().all(|c| c.is_ascii_graphic()) {
        Ok(text.to_owned())
    } else {
        wrong("has blanks or letters that no secret has: copy it once more")
    }
}

/// Yes or no, as people write it: `true` or `false`.
pub fn yes_or_no(text: &str) -> Checked {
    let yes = match text.to_lowercase().as_str() {
        "true" | "yes" | "on" | "1" | "да" => true,
        "false" | "no" | "off" | "0" | "нет" => false,
        _ => return wrong(format!("is `{text}`, neither true nor false")),
    };
    Ok(yes.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_host_and_a_path() {
        assert_eq!(http_url("https://api.ru/a/").unwrap(), "https://api.ru/a");
        assert!(http_url("http://127.0.0.1:8081").is_ok());
        for bad in [
            "api.ru",
            "https://",
            "https://a b",
            "https://a?b",
            "https://a:x",
        ] {
            assert!(http_url(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_proxy_that_is_none_does_not_show_its_password() {
        assert!(proxy("socks5://user:word@host:1080").is_ok());
        for bad in ["ftp://user:word@host", "http://user:word@", "http://h:word"] {
            let BadValue(why) = proxy(bad).unwrap_err();
            assert!(!why.contains("word"), "{why}");
        }
    }

    #[test]
    fn a_token_in_the_place_of_an_id_is_not_shown() {
        assert_eq!(id("0042").unwrap(), "42");
        let BadValue(why) = id("vk1.a.secret").unwrap_err();
        assert!(!why.contains("secret"), "{why}");
        assert!(id("-1").is_err());
    }
}
