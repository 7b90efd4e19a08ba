//! VK's markup in texts. It cannot be switched off, so on the way out whatever would become markup is
//! kept from it, and on the way in it is read.
//!
//! What must stay true: a text that left reads the same as the text that was to be sent, and nobody
//! can make the community mention, link or name anybody by it.

use engine::content::{Rich, Style};

/// Longest text, in characters. The schema says 9000 (messages.send); VK's own window and error 914
/// begin at 4096, and the smaller number survives both.
pub(super) const LONGEST: usize = 4096;

/// Stands between a sign and what it would act on. VK keeps it, and nobody sees it.
const NOTHING: char = '\u{200b}';

/// What a sign is replaced with where there is no room for [`NOTHING`].
const LOOKALIKES: [(char, char); 4] = [('[', '［'), ('@', '＠'), ('*', '∗'), ('&', '＆')];

/// A text that VK shows as it is. Doing it twice changes nothing more.
pub(super) fn literal(text: &str) -> String {
    let signs = || {
        text.char_indices()
            .filter(|(at, sign)| acts(&text[..*at], *sign, &text[at + sign.len_utf8()..]))
    };
    let room = LONGEST.saturating_sub(text.chars().count());
    let insert = signs().count() <= room;
    let mut shown = String::with_capacity(text.len() + 16);
    let mut from = 0;
    for (at, sign) in signs() {
        shown.push_str(&text[from..at]);
        if insert {
            shown.extend([sign, NOTHING]);
        } else {
            let alike = LOOKALIKES.iter().find(|(known, _)| *known == sign);
            shown.push(alike.map_or(sign, |(_, alike)| *alike));
        }
        from = at + sign.len_utf8();
    }
    shown.push_str(&text[from..]);
    shown
}

/// Whether a sign between these would become markup: `[id1|name]`, `@name`, `*id1`, `&amp;`.
fn acts(before: &str, sign: char, after: &str) -> bool {
    match sign {
        '[' => mention(after).is_some(),
        '@' | '*' => {
            // An address of e-mail is none: VK looks for words that begin so.
            let inside = before
                .chars()
                .next_back()
                .is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '+'));
            !inside && after.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
        }
        '&' => after.split_once(';').is_some_and(|(name, _)| {
            let digits = name.strip_prefix('#').unwrap_or(name);
            (1..=10).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_alphanumeric())
        }),
        _ => false,
    }
}

/// What stands behind a `[`, if it is a mention: whom, in which words, and what is behind it.
fn mention(after: &str) -> Option<(&str, &str, &str)> {
    let (inside, rest) = after.split_once(']')?;
    let (whom, words) = inside.split_once('|')?;
    let named = !whom.is_empty()
        && !words.is_empty()
        && !whom.contains(|c: char| c.is_whitespace() || matches!(c, '[' | NOTHING));
    named.then_some((whom, words, rest))
}

/// A text of VK's with its mentions as links.
pub(super) fn to_rich(text: &str) -> Rich {
    let mut rich = Rich::default();
    let mut rest = text;
    while let Some(at) = rest.find('[') {
        let (before, after) = (&rest[..at], &rest[at + 1..]);
        rich.push(before);
        let known = mention(after).and_then(|(whom, words, rest)| Some((page(whom)?, words, rest)));
        if let Some((page, words, behind)) = known {
            rich.push_styled(words, Style::Link(page));
            rest = behind;
        } else {
            rich.push("[");
            rest = after;
        }
    }
    rich.push(rest);
    rich
}

/// Where a mention leads, if it is one of a person or a community, or an address of VK's.
fn page(whom: &str) -> Option<String> {
    if whom.starts_with("https://vk.com/") || whom.starts_with("https://vk.ru/") {
        return Some(whom.to_owned());
    }
    let number = ["id", "club", "public", "event"]
        .iter()
        .find_map(|kind| whom.strip_prefix(kind))?;
    let is_number = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    is_number.then(|| format!("https://vk.com/{whom}"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn seen(text: &str) -> String {
        literal(text).replace(NOTHING, "")
    }

    #[test]
    fn what_would_become_markup_stays_what_it_is() {
        for text in [
            "[id1|Павел]",
            "@durov",
            "(@all)",
            "*id1 (x)",
            "[club1|a] [x|y]",
            "&#128522;",
            "a &amp; b",
        ] {
            assert_ne!(literal(text), text);
            assert_eq!(seen(text), text);
        }
        assert_eq!(literal("[id1|Павел]"), "[\u{200b}id1|Павел]");
    }

    #[test]
    fn what_is_no_markup_is_not_touched() {
        for text in [
            "ivan@mail.ru",
            "2*3=6",
            "* список",
            "a[0]",
            "[скоро]",
            "цена & срок",
            "#тег",
            "@ 5",
        ] {
            assert_eq!(literal(text), text);
        }
    }

    #[test]
    fn a_full_text_stays_within_the_limit() {
        let text = "@a ".repeat(LONGEST / 3);
        let shown = literal(&text);
        assert!(shown.chars().count() <= LONGEST);
        assert!(!shown.contains('@'));
    }

    #[test]
    fn mentions_are_read_as_links() {
        let rich = to_rich("[id7|Иван], [club1|магазин] и [скоро] [x|y]");
        assert_eq!(rich.text, "Иван, магазин и [скоро] [x|y]");
        let links: Vec<_> = rich.marks.iter().map(|mark| mark.style.clone()).collect();
        assert_eq!(
            links,
            [
                Style::Link("https://vk.com/id7".to_owned()),
                Style::Link("https://vk.com/club1".to_owned())
            ]
        );
    }

    proptest! {
        #[test]
        fn nothing_acts_any_more_and_nothing_is_lost(text in "[\\[\\]|@*&;#a-c1é \u{200b}]{0,40}") {
            let shown = literal(&text);
            prop_assert_eq!(literal(&shown), shown.clone());
            prop_assert_eq!(seen(&text), text.replace(NOTHING, ""));
            prop_assert!(!to_rich(&shown).marks.iter().any(|_| true));
        }
    }
}
