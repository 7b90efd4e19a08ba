//! Long texts in parts.
//!
//! Nothing is lost but whitespace at a border, no cluster of characters is torn, nor an address or a
//! formatted stretch that fits into one part; formatting that must reach over a border goes on behind it.

use std::ops::Range;

use engine::content::{Mark, Rich};
use unicode_segmentation::{GraphemeCursor, UnicodeSegmentation};

use crate::Unit;

/// How long a text is.
pub(super) fn measure(text: &str, unit: Unit) -> usize {
    match unit {
        Unit::Utf16 => text.encode_utf16().count(),
        Unit::Chars => text.chars().count(),
    }
}

/// A text as parts of at most `most` each. What fits comes back as it is.
pub(super) fn split(rich: &Rich, most: usize, unit: Unit) -> Vec<Rich> {
    let text = rich.text.as_str();
    let mut parts = Vec::new();
    let mut start = 0;
    if measure(text, unit) > most {
        start = blank_start(text);
    }
    while measure(&text[start..], unit) > most {
        let rest = &text[start..];
        let cut = start + border(rest, fitting(rest, most, unit));
        let cut = before_whole(rich, start, cut, most, unit);
        let end = start + without_blank_end(&text[start..cut]);
        if end > start {
            parts.push(slice(rich, start, end));
        }
        start = cut + blank_start(&text[cut..]);
    }
    if start < text.len() || parts.is_empty() {
        parts.push(slice(rich, start, text.len()));
    }
    parts
}

/// A text that ends with «…» if it was longer than `most`.
pub(super) fn cut(rich: &Rich, most: usize, unit: Unit) -> Rich {
    if measure(&rich.text, unit) <= most {
        return rich.clone();
    }
    let end = fitting(&rich.text, most.saturating_sub(1), unit);
    let mut short = slice(rich, 0, without_blank_end(&rich.text[..end]));
    short.push("…");
    short
}

/// How many bytes of `text` fit, up to a border between clusters; never none, so that it goes on.
fn fitting(text: &str, most: usize, unit: Unit) -> usize {
    let (mut bytes, mut length) = (0, 0);
    for cluster in text.graphemes(true) {
        length += measure(cluster, unit);
        if length > most {
            break;
        }
        bytes += cluster.len();
    }
    if bytes > 0 {
        return bytes;
    }
    // One cluster that is longer than everything allowed: nonsense, but it must end somewhere.
    for c in text.chars() {
        length = measure(&text[..bytes + c.len_utf8()], unit);
        if length > most && bytes > 0 {
            break;
        }
        bytes += c.len_utf8();
    }
    bytes
}

/// Where to cut within the first `hard` bytes: behind a paragraph, a line, a sentence, a word.
/// Addresses have no blanks inside, so they stay whole.
fn border(text: &str, hard: usize) -> usize {
    let mut best = [0; 4];
    let mut blank_before = true;
    let mut before = "";
    for (at, cluster) in text.grapheme_indices(true) {
        if at > hard {
            break;
        }
        let blank = is_blank(cluster);
        if blank && !blank_before {
            for place in &mut best[..=rank(&text[at..], before)] {
                *place = at;
            }
        } else if let Some(rank) = rank_unspaced(before) {
            for place in &mut best[..=rank] {
                *place = at;
            }
        }
        blank_before = blank;
        before = cluster;
    }
    let [word, better @ ..] = best;
    // A better border is worth a shorter part, but not a tiny one.
    let better = better
        .into_iter()
        .rev()
        .find(|&at| at * 2 >= hard && at > 0);
    match better {
        Some(at) => at,
        None if word > 0 => word,
        None => hard,
    }
}

/// How good a border is where `rest` begins with blanks: 3 a paragraph, 2 a line, 1 a sentence.
fn rank(rest: &str, before: &str) -> usize {
    let blanks = &rest[..blank_start(rest)];
    match blanks.matches('\n').count() {
        0 if before.ends_with(['.', '!', '?', '…', '。', '！', '？']) => 1,
        0 => 0,
        1 => 2,
        _ => 3,
    }
}

/// An earlier cut that leaves formatting and addresses whole, where there is one.
fn before_whole(rich: &Rich, start: usize, cut: usize, most: usize, unit: Unit) -> usize {
    let text = rich.text.as_str();
    let mut wholes: Vec<Range<usize>> = rich.marks.iter().map(|mark| mark.range.clone()).collect();
    wholes.extend(address_at(text, start, cut));
    wholes.sort_by_key(|range| range.start);
    let mut best = cut;
    // They go by start: from the last one back, each may push the cut in front of the next.
    for range in wholes.into_iter().rev() {
        let torn = range.start < best && best < range.end;
        if torn
            && range.start > start
            && measure(&text[range.clone()], unit) <= most
            && !is_blank(&text[start..range.start])
            && between_clusters(text, range.start)
        {
            best = range.start;
        }
    }
    best
}

/// The address that stands across `cut`, if one does: in a script without blanks no border keeps it
/// whole.
fn address_at(text: &str, start: usize, cut: usize) -> Option<Range<usize>> {
    let inside = |c: char| c.is_ascii_graphic() || ('\u{400}'..='\u{4ff}').contains(&c);
    let before: usize = text[start..cut]
        .chars()
        .rev()
        .take_while(|c| inside(*c))
        .map(char::len_utf8)
        .sum();
    let after: usize = text[cut..]
        .chars()
        .take_while(|c| inside(*c))
        .map(char::len_utf8)
        .sum();
    let word = cut - before..cut + after;
    let scheme = text[word.clone()].find("http")?;
    let address = word.start + scheme..word.end;
    let is_one = ["http://", "https://"]
        .iter()
        .any(|scheme| text[address.clone()].starts_with(scheme));
    (is_one && address.start < cut && cut < address.end).then_some(address)
}

/// How good a border is where no blank is needed: 1 behind a sentence, 0 behind a part of one.
fn rank_unspaced(before: &str) -> Option<usize> {
    match before {
        "。" | "！" | "？" => Some(1),
        "，" | "、" | "；" | "：" => Some(0),
        _ => None,
    }
}

fn between_clusters(text: &str, at: usize) -> bool {
    GraphemeCursor::new(at, text.len(), true)
        .is_boundary(text, 0)
        .unwrap_or(false)
}

/// A stretch of a text, with the formatting inside it.
fn slice(rich: &Rich, start: usize, end: usize) -> Rich {
    let marks = rich.marks.iter().filter_map(|mark| {
        let from = mark.range.start.max(start);
        let to = mark.range.end.min(end);
        (from < to).then(|| Mark {
            range: from - start..to - start,
            style: mark.style.clone(),
        })
    });
    Rich {
        text: rich.text[start..end].to_owned(),
        marks: marks.collect(),
    }
}

fn is_blank(text: &str) -> bool {
    text.chars().all(char::is_whitespace)
}

/// How many bytes of blanks a text begins with.
fn blank_start(text: &str) -> usize {
    text.graphemes(true)
        .take_while(|g| is_blank(g))
        .map(str::len)
        .sum()
}

/// How many bytes a text has without the blanks at its end.
fn without_blank_end(text: &str) -> usize {
    let blanks: usize = text
        .graphemes(true)
        .rev()
        .take_while(|g| is_blank(g))
        .map(str::len)
        .sum();
    text.len() - blanks
}

#[cfg(test)]
mod tests {
    use engine::content::Style;
    use proptest::prelude::*;

    use super::*;

    fn parts(text: &str, most: usize) -> Vec<String> {
        let parts = split(&Rich::plain(text), most, Unit::Utf16);
        parts.into_iter().map(|part| part.text).collect()
    }

    #[test]
    fn the_best_border_near_the_end_is_taken() {
        assert_eq!(
            parts("Раз два.\n\nТри четыре", 15),
            ["Раз два.", "Три четыре"]
        );
        assert_eq!(parts("Раз два\nтри четыре", 14), ["Раз два", "три четыре"]);
        assert_eq!(parts("Раз. Два три", 9), ["Раз. Два", "три"]);
        assert_eq!(parts("Раз два! Три", 11), ["Раз два!", "Три"]);
        assert_eq!(parts("раздватри", 4), ["разд", "ватр", "и"]);
    }

    #[test]
    fn addresses_and_families_stay_whole() {
        assert_eq!(
            parts("вот https://example.org/a/b", 24),
            ["вот", "https://example.org/a/b"]
        );
        assert_eq!(parts("a👨‍👩‍👧b", 8), ["a", "👨‍👩‍👧", "b"]);
        // Where nobody writes blanks.
        assert_eq!(
            parts("请看https://a.cn/b继续", 15),
            ["请看", "https://a.cn/b继", "续"]
        );
        assert_eq!(
            parts("你好，世界。再见了吗", 8),
            ["你好，世界。", "再见了吗"]
        );
    }

    #[test]
    fn a_link_moves_on_whole_and_bold_goes_on() {
        let mut rich = Rich::plain("слова и ");
        rich.push_styled("сюда же", Style::Link("https://a.ru".to_owned()));
        let texts: Vec<_> = split(&rich, 13, Unit::Chars)
            .into_iter()
            .map(|p| p.text)
            .collect();
        assert_eq!(texts, ["слова и", "сюда же"]);

        let mut bold = Rich::plain(" ");
        bold.push_styled("жирно и длинно", Style::Bold);
        let parts = split(&bold, 8, Unit::Chars);
        assert!(
            parts
                .iter()
                .all(|part| part.marks[0].range == (0..part.text.len()))
        );
    }

    #[test]
    fn what_is_too_long_to_stay_is_cut_with_a_sign() {
        assert_eq!(
            cut(&Rich::plain("длинное слово"), 9, Unit::Utf16).text,
            "длинное…"
        );
        assert_eq!(cut(&Rich::plain("короче"), 6, Unit::Utf16).text, "короче");
    }

    fn marked() -> impl Strategy<Value = Rich> {
        let words = prop::collection::vec(
            prop_oneof![
                "[а-я]{1,9}[.!]?",
                "👨‍👩‍👧",
                "🌷",
                "e\u{301}",
                "https://[a-z]{1,12}/",
                "\r\n"
            ],
            1..40,
        );
        let blanks = prop::collection::vec(
            prop_oneof![Just(" "), Just("\n"), Just("\n\n"), Just("")],
            40,
        );
        let mark = (
            any::<prop::sample::Index>(),
            any::<prop::sample::Index>(),
            any::<bool>(),
        );
        (words, blanks, prop::collection::vec(mark, 0..4)).prop_map(|(words, blanks, marks)| {
            let text: String = words
                .iter()
                .zip(blanks)
                .flat_map(|(w, b)| [w.as_str(), b])
                .collect();
            let at: Vec<usize> = text.grapheme_indices(true).map(|(at, _)| at).collect();
            let mut marks: Vec<Mark> = marks
                .into_iter()
                .map(|(a, b, bold)| {
                    let (a, b) = (*a.get(&at), *b.get(&at));
                    let style = if bold { Style::Bold } else { Style::Code };
                    Mark {
                        range: a.min(b)..a.max(b),
                        style,
                    }
                })
                .filter(|mark| !mark.range.is_empty())
                .collect();
            marks.sort_by_key(|mark| mark.range.start);
            Rich { text, marks }
        })
    }

    /// Every character that is not blank, with how it looks.
    fn looks(rich: &Rich) -> Vec<(char, Vec<Style>)> {
        let chars = rich.text.char_indices().filter(|(_, c)| !c.is_whitespace());
        let look = |at: usize| {
            let mut styles: Vec<Style> = Vec::new();
            for mark in rich.marks.iter().filter(|mark| mark.range.contains(&at)) {
                if !styles.contains(&mark.style) {
                    styles.push(mark.style.clone());
                }
            }
            styles
        };
        chars.map(|(at, c)| (c, look(at))).collect()
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_everything_fits(rich in marked(), most in 12_usize..60) {
            for unit in [Unit::Utf16, Unit::Chars] {
                let parts = split(&rich, most, unit);
                for part in &parts {
                    prop_assert!(measure(&part.text, unit) <= most, "{:?}", part.text);
                }
                let joined: Vec<_> = parts.iter().flat_map(looks).collect();
                prop_assert_eq!(joined, looks(&rich));
            }
        }

        #[test]
        fn no_cluster_is_torn(rich in marked(), most in 12_usize..60) {
            let mut at = 0;
            for part in split(&rich, most, Unit::Utf16) {
                at += rich.text[at..].find(&part.text).unwrap();
                prop_assert!(between_clusters(&rich.text, at));
                at += part.text.len();
                prop_assert!(between_clusters(&rich.text, at));
            }
        }

        #[test]
        fn what_fits_into_a_part_is_not_torn(
            stretches in prop::collection::vec(("[а-я ]{1,14}", any::<bool>()), 1..12),
            most in 14_usize..40,
        ) {
            let mut rich = Rich::default();
            for (words, styled) in &stretches {
                if *styled && !words.trim().is_empty() {
                    rich.push_styled(words.trim(), Style::Italic);
                }
                rich.push(" a ");
            }
            let marks = |rich: &Rich| -> Vec<String> {
                let marks = rich.marks.iter();
                marks.map(|mark| rich.text[mark.range.clone()].to_owned()).collect()
            };
            let split: Vec<String> = split(&rich, most, Unit::Chars).iter().flat_map(marks).collect();
            prop_assert_eq!(split, marks(&rich));
        }

        #[test]
        fn any_text_at_all_ends(text in "\\PC{0,60}", most in 1_usize..5) {
            let parts = split(&Rich::plain(text.clone()), most, Unit::Utf16);
            let squeeze = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            let joined: String = parts.iter().map(|part| part.text.as_str()).collect();
            prop_assert_eq!(squeeze(&joined), squeeze(&text));
        }
    }
}
