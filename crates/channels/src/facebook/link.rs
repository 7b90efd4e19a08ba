//! Links in shares: Facebook wraps them in redirects of its own.

use reqwest::Url;

/// Where a link leads, without Facebook's redirect (`l.php?u=…`) around it.
pub(super) fn direct(link: &str) -> String {
    let Ok(url) = Url::parse(link) else {
        return link.to_owned();
    };
    let host = url.host_str().unwrap_or_default();
    let facebook = host == "facebook.com" || host.ends_with(".facebook.com");
    if !facebook || url.path() != "/l.php" {
        return link.to_owned();
    }
    let target = url.query_pairs().find(|(name, _)| name == "u");
    target.map_or_else(|| link.to_owned(), |(_, target)| target.into_owned())
}

/// Whether a text already has a link: written as people write it, without `https://` or `www.`, and
/// without what Facebook adds to it.
pub(super) fn is_in(text: &str, link: &str) -> bool {
    let bare = link
        .trim_start_matches("https://")
        .trim_start_matches("http://")
        .trim_start_matches("www.");
    let end = bare.find(['?', '#']).unwrap_or(bare.len());
    let bare = bare[..end].trim_end_matches('/').to_lowercase();
    !bare.is_empty() && text.to_lowercase().contains(&bare)
}

/// The name of the file that a link leads to.
pub(super) fn file_name(link: &str) -> Option<String> {
    let url = Url::parse(link).ok()?;
    let last = url.path_segments()?.next_back()?;
    // Read as a query is, which undoes `%D1%81`; a `+` in a path is one.
    let mut query = url.clone();
    query.set_query(Some(&format!("n={}", last.replace('+', "%2B"))));
    let name = query.query_pairs().next()?.1.into_owned();
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_of_facebook_is_unwrapped() {
        let wrapped = "https://l.facebook.com/l.php?u=https%3A%2F%2Fexample.com%2Fa%3Fb%3D1&h=AT3";
        assert_eq!(direct(wrapped), "https://example.com/a?b=1");
        for as_it_is in [
            "https://evil.test/l.php?u=x",
            "https://facebook.com/a",
            "no link",
        ] {
            assert_eq!(direct(as_it_is), as_it_is);
        }
    }

    #[test]
    fn a_preview_is_known_by_its_link() {
        assert!(is_in(
            "смотрите: Example.com/a",
            "https://www.example.com/a/?fbclid=1"
        ));
        assert!(!is_in("смотрите", "https://example.com/"));
        assert!(!is_in("смотрите", "https://"));
    }

    #[test]
    fn a_file_has_the_name_that_its_link_ends_with() {
        let link = "https://cdn.fbsbx.com/v/t59/%D1%81%D1%87%D1%91%D1%82+1.pdf?oh=1";
        assert_eq!(file_name(link).unwrap(), "счёт+1.pdf");
        assert_eq!(file_name("https://cdn.fbsbx.com/"), None);
    }
}
