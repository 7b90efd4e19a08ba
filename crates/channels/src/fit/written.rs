//! What a messenger cannot show, written so that it can be read: formatting, places, cards.

use engine::content::{Contact, Location, Mark, Rich, Style};

/// A text with its formatting written out. Everything that it said is still there: addresses stand in
/// brackets behind their words, other people's words behind «>».
pub(super) fn written(rich: &Rich) -> Rich {
    let mut plain = String::with_capacity(rich.text.len());
    let mut links: Vec<&Mark> = Vec::new();
    let mut quoted = false;
    for (at, c) in rich.text.char_indices() {
        let quote = rich
            .marks
            .iter()
            .any(|mark| is_quote(&mark.style) && mark.range.contains(&at));
        write_ends(&mut plain, rich, &mut links, at);
        if quote && (!quoted || plain.ends_with('\n')) {
            if !plain.is_empty() && !plain.ends_with('\n') {
                plain.push('\n');
            }
            plain.push_str("> ");
        }
        if quoted && !quote && !plain.ends_with('\n') && c != '\n' {
            plain.push('\n');
        }
        quoted = quote;
        plain.push(c);
        links.extend(rich.marks.iter().filter(|mark| mark.range.start == at));
    }
    write_ends(&mut plain, rich, &mut links, rich.text.len());
    Rich::plain(plain)
}

/// The addresses of links that end here.
fn write_ends(plain: &mut String, rich: &Rich, open: &mut Vec<&Mark>, at: usize) {
    open.retain(|mark| {
        if mark.range.end > at {
            return true;
        }
        if let Style::Link(address) = &mark.style
            && let Some(words) = rich.text.get(mark.range.clone())
            && !is_address(words, address)
        {
            plain.push_str(" (");
            plain.push_str(address);
            plain.push(')');
        }
        false
    });
}

/// Whether words are an address, as people write it: with or without `https://` and the last slash.
fn is_address(words: &str, address: &str) -> bool {
    let bare = |text: &str| {
        let text = text.trim().trim_end_matches('/');
        let text = text.strip_prefix("https://").unwrap_or(text);
        text.strip_prefix("http://").unwrap_or(text).to_lowercase()
    };
    bare(words) == bare(address)
}

fn is_quote(style: &Style) -> bool {
    match style {
        Style::Quote | Style::FoldedQuote => true,
        Style::Bold
        | Style::Italic
        | Style::Underline
        | Style::Strike
        | Style::Spoiler
        | Style::Code
        | Style::Pre(_)
        | Style::Link(_)
        | Style::Mention(_)
        | Style::Emoji(_) => false,
    }
}

/// A point on the map: its name, its address, and a link that every messenger opens. None if it is no
/// point at all.
pub(super) fn place(place: &Location) -> Option<Rich> {
    let degrees = |text: &str, most: f64| {
        text.parse::<f64>()
            .is_ok_and(|degrees| degrees.abs() <= most)
    };
    let (latitude, longitude) = (place.latitude.trim(), place.longitude.trim());
    if !degrees(latitude, 90.0) || !degrees(longitude, 180.0) {
        return None;
    }
    let link = format!("https://maps.google.com/?q={latitude},{longitude}");
    let words = [
        place.title.as_deref(),
        place.address.as_deref(),
        Some(&link),
    ];
    Some(lines(words))
}

/// A person's card: name and number. None if it is empty.
pub(super) fn card(card: &Contact) -> Option<Rich> {
    let mut name = card.first_name.clone();
    if let Some(last) = &card.last_name {
        name = format!("{name} {last}");
    }
    let text = lines([Some(name.trim()), Some(&card.phone)]);
    (!text.is_empty()).then_some(text)
}

fn lines<const N: usize>(lines: [Option<&str>; N]) -> Rich {
    let lines: Vec<&str> = lines
        .into_iter()
        .flatten()
        .filter(|line| !line.is_empty())
        .collect();
    Rich::plain(lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn styled(parts: &[(&str, Option<Style>)]) -> String {
        let mut rich = Rich::default();
        for (text, style) in parts {
            match style {
                Some(style) => rich.push_styled(text, style.clone()),
                None => rich.push(text),
            }
        }
        written(&rich).text
    }

    #[test]
    fn an_address_stands_behind_its_words() {
        let link = |address: &str| Some(Style::Link(address.to_owned()));
        assert_eq!(
            styled(&[
                ("см. ", None),
                ("здесь", link("https://a.ru/б")),
                (".", None)
            ]),
            "см. здесь (https://a.ru/б)."
        );
        assert_eq!(styled(&[("a.ru", link("https://A.ru/"))]), "a.ru");
    }

    #[test]
    fn other_peoples_words_stand_behind_a_sign() {
        assert_eq!(
            styled(&[
                ("он: ", None),
                ("раз\nдва", Some(Style::Quote)),
                ("да", None)
            ]),
            "он: \n> раз\n> два\nда"
        );
        assert_eq!(
            styled(&[("раз", Some(Style::FoldedQuote)), ("\nда", None)]),
            "> раз\nда"
        );
    }

    #[test]
    fn the_rest_is_plain_words() {
        assert_eq!(
            styled(&[("жирно", Some(Style::Bold)), (" x=1", Some(Style::Code))]),
            "жирно x=1"
        );
    }

    #[test]
    fn a_place_is_a_link_only_if_it_is_one() {
        let at = |latitude: &str| Location {
            latitude: latitude.to_owned(),
            longitude: "37.61".to_owned(),
            title: Some("ГУМ".to_owned()),
            address: None,
        };
        let link = "ГУМ\nhttps://maps.google.com/?q=55.75,37.61";
        assert_eq!(place(&at("55.75")).unwrap().text, link);
        for nonsense in ["", "NaN", "inf", "91", "1&x=2"] {
            assert_eq!(place(&at(nonsense)), None, "{nonsense}");
        }
    }

    proptest! {
        #[test]
        fn every_character_is_still_there(text in "[а-я >\n]{0,40}", from in 0..40_usize, long in 0..40_usize, quote in any::<bool>()) {
            let borders: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
            let start = borders[from.min(borders.len() - 1)];
            let end = borders[(from + long).min(borders.len() - 1)];
            let style = if quote { Style::Quote } else { Style::Link("https://x".to_owned()) };
            let rich = Rich { marks: vec![Mark { range: start..end, style }], text: text.clone() };
            let mut all = written(&rich).text.chars().collect::<Vec<_>>().into_iter();
            for c in text.chars() {
                prop_assert!(all.any(|other| other == c));
            }
        }
    }
}
