//! Formatting in both directions: Telegram counts UTF-16 units, we count bytes.
//!
//! Whatever offsets come in, the marks that go out lie at character borders inside the text.

use engine::content::{Mark, Rich, Style};
use serde::{Deserialize, Serialize};

/// `MessageEntity` (Bot API 10.3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Entity {
    pub(super) r#type: String,
    pub(super) offset: i64,
    pub(super) length: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) user: Option<Mentioned>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) language: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) custom_emoji_id: Option<String>,
}

/// The person of a `text_mention`. Telegram looks at the id only; the rest is there because `User`
/// requires it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Mentioned {
    pub(super) id: i64,
    #[serde(default)]
    pub(super) is_bot: bool,
    #[serde(default)]
    pub(super) first_name: String,
}

/// Telegram's text and entities as ours. Entities that only say what a stretch *is* (commands,
/// addresses, hashtags, `@names`) need no mark: every messenger finds them again by itself.
pub(super) fn to_rich(text: String, entities: &[Entity]) -> Rich {
    let borders = Borders::of(&text);
    let mut marks: Vec<Mark> = entities
        .iter()
        .filter_map(|entity| {
            let style = style_of(entity)?;
            let end = entity.offset.saturating_add(entity.length);
            let range = borders.byte_before(entity.offset)..borders.byte_after(end);
            (range.start < range.end).then_some(Mark { range, style })
        })
        .collect();
    marks.sort_by_key(|mark| mark.range.start);
    Rich { text, marks }
}

/// Our text's formatting as Telegram's entities.
pub(super) fn from_rich(rich: &Rich) -> Vec<Entity> {
    rich.marks
        .iter()
        .filter_map(|mark| {
            let before = rich.text.get(..mark.range.start)?;
            let inside = rich.text.get(mark.range.clone())?;
            let (offset, length) = (utf16(before), utf16(inside));
            (length > 0)
                .then(|| entity_of(&mark.style, offset, length))
                .flatten()
        })
        .collect()
}

/// How long a text is to Telegram.
fn utf16(text: &str) -> i64 {
    i64::try_from(text.encode_utf16().count()).unwrap_or(i64::MAX)
}

fn style_of(entity: &Entity) -> Option<Style> {
    Some(match entity.r#type.as_str() {
        "bold" => Style::Bold,
        "italic" => Style::Italic,
        "underline" => Style::Underline,
        "strikethrough" => Style::Strike,
        "spoiler" => Style::Spoiler,
        "code" => Style::Code,
        "pre" => Style::Pre(entity.language.clone()),
        "blockquote" => Style::Quote,
        "expandable_blockquote" => Style::FoldedQuote,
        "text_link" => Style::Link(entity.url.clone()?),
        "text_mention" => Style::Mention(entity.user.as_ref()?.id.to_string()),
        "custom_emoji" => Style::Emoji(entity.custom_emoji_id.clone()?),
        _ => return None,
    })
}

fn entity_of(style: &Style, offset: i64, length: i64) -> Option<Entity> {
    let mut entity = Entity {
        r#type: String::new(),
        offset,
        length,
        url: None,
        user: None,
        language: None,
        custom_emoji_id: None,
    };
    let name = match style {
        Style::Bold => "bold",
        Style::Italic => "italic",
        Style::Underline => "underline",
        Style::Strike => "strikethrough",
        Style::Spoiler => "spoiler",
        Style::Code => "code",
        Style::Pre(language) => {
            entity.language.clone_from(language);
            "pre"
        }
        Style::Quote => "blockquote",
        Style::FoldedQuote => "expandable_blockquote",
        Style::Link(url) => {
            entity.url = Some(url.clone());
            "text_link"
        }
        Style::Mention(id) => {
            entity.user = Some(Mentioned {
                id: id.parse().ok()?,
                is_bot: false,
                first_name: String::new(),
            });
            "text_mention"
        }
        Style::Emoji(id) => {
            entity.custom_emoji_id = Some(id.clone());
            "custom_emoji"
        }
    };
    name.clone_into(&mut entity.r#type);
    Some(entity)
}

/// Where each character begins, in both counts.
struct Borders {
    /// `(utf16, byte)` of every character's start and of the text's end, ascending.
    points: Vec<(i64, usize)>,
}

impl Borders {
    fn of(text: &str) -> Self {
        let mut units = 0;
        let mut points = Vec::with_capacity(text.len() + 1);
        for (byte, c) in text.char_indices() {
            points.push((units, byte));
            units += if c.len_utf16() == 2 { 2 } else { 1 };
        }
        points.push((units, text.len()));
        Self { points }
    }

    /// The border at `units`, or the last one before it.
    fn byte_before(&self, units: i64) -> usize {
        let next = self.points.partition_point(|&(u, _)| u <= units);
        self.points[next.saturating_sub(1)].1
    }

    /// The border at `units`, or the first one after it.
    fn byte_after(&self, units: i64) -> usize {
        let next = self.points.partition_point(|&(u, _)| u < units);
        self.points[next.min(self.points.len() - 1)].1
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn entity(kind: &str, offset: i64, length: i64) -> Entity {
        let mut entity = entity_of(&Style::Bold, offset, length).unwrap();
        entity.r#type = kind.to_owned();
        entity
    }

    #[test]
    fn emoji_count_as_two_units() {
        let rich = to_rich("🌷 Роза".to_owned(), &[entity("bold", 3, 4)]);
        assert_eq!(&rich.text[rich.marks[0].range.clone()], "Роза");
        assert_eq!(from_rich(&rich), [entity("bold", 3, 4)]);
    }

    #[test]
    fn nonsense_is_pulled_inside_or_left_out() {
        let all = [
            entity("bold", -5, 3),
            entity("italic", 1, 1),
            entity("code", i64::MAX, i64::MAX),
            entity("underline", 2, -1),
            entity("spoiler", 0, 99),
            entity("text_link", 0, 2),
        ];
        let rich = to_rich("🌷a".to_owned(), &all);
        let kept: Vec<_> = rich
            .marks
            .iter()
            .map(|m| (m.range.clone(), m.style.clone()))
            .collect();
        assert_eq!(kept, [(0..4, Style::Italic), (0..5, Style::Spoiler)]);
    }

    fn style() -> impl Strategy<Value = Style> {
        prop_oneof![
            Just(Style::Bold),
            Just(Style::Italic),
            Just(Style::Underline),
            Just(Style::Strike),
            Just(Style::Spoiler),
            Just(Style::Code),
            Just(Style::Quote),
            Just(Style::FoldedQuote),
            Just(Style::Pre(None)),
            Just(Style::Pre(Some("rust".to_owned()))),
            "[a-z]{1,5}".prop_map(|host| Style::Link(format!("https://{host}.ru/"))),
            (1..i64::MAX).prop_map(|id| Style::Mention(id.to_string())),
            "[0-9]{5,9}".prop_map(Style::Emoji),
        ]
    }

    fn rich() -> impl Strategy<Value = Rich> {
        let marks = prop::collection::vec(
            (
                any::<prop::sample::Index>(),
                any::<prop::sample::Index>(),
                style(),
            ),
            0..6,
        );
        ("[a-zа-я 🌷👨‍👩‍👧é\n]{1,40}", marks).prop_map(|(text, marks)| {
            let borders: Vec<usize> = text
                .char_indices()
                .map(|(i, _)| i)
                .chain([text.len()])
                .collect();
            let mut marks: Vec<Mark> = marks
                .into_iter()
                .map(|(a, b, style)| {
                    let (a, b) = (*a.get(&borders), *b.get(&borders));
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

    proptest! {
        #[test]
        fn formatting_survives_the_way_there_and_back(rich in rich()) {
            prop_assert_eq!(to_rich(rich.text.clone(), &from_rich(&rich)), rich);
        }

        #[test]
        fn any_offsets_give_marks_inside_the_text(text in "\\PC{0,20}", at in any::<i64>(), len in any::<i64>()) {
            let rich = to_rich(text.clone(), &[entity("bold", at, len)]);
            for mark in &rich.marks {
                prop_assert!(text.get(mark.range.clone()).is_some());
            }
        }
    }
}
