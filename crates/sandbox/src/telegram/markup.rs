//! `parse_mode`: HTML and Markdown, with the errors of the real parser.

use serde_json::{Value, json};

use super::error::{ApiError, bad};
use super::html::Html;
use super::markdown::Markdown;

/// Text and entities.
pub(super) type Parsed = Result<(String, Vec<Value>), ApiError>;

/// Takes formatted text apart into text and entities.
pub(crate) fn parse(mode: &str, text: &str) -> Parsed {
    match mode.to_ascii_lowercase().as_str() {
        "html" => Html::new(text).run(),
        "markdownv2" => Markdown::new(text, true).run(),
        "markdown" => Markdown::new(text, false).run(),
        _ => Err(bad("unsupported parse_mode")),
    }
}

/// The error that begins like all of the parser's.
pub(super) fn cannot<T>(what: &str) -> Result<T, ApiError> {
    Err(bad(&format!("can't parse entities: {what}")))
}

/// An entity with its place in the text.
pub(super) fn entity(mut fields: Value, from: usize, to: usize) -> Value {
    fields["offset"] = from.into();
    fields["length"] = (to - from).into();
    fields
}

/// A link, or the mention of a person by id.
pub(super) fn link(url: &str) -> Value {
    match url
        .strip_prefix("tg://user?id=")
        .and_then(|id| id.parse::<i64>().ok())
    {
        Some(id) => {
            json!({ "type": "text_mention", "user": { "id": id, "is_bot": false, "first_name": "" } })
        }
        None => json!({ "type": "text_link", "url": url }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(mode: &str, text: &str) -> String {
        match parse(mode, text) {
            Ok((text, entities)) => {
                let spans = entities.iter().map(|e| {
                    format!(
                        " {} {}+{}",
                        e["type"].as_str().unwrap_or(""),
                        e["offset"],
                        e["length"]
                    )
                });
                text + &spans.collect::<String>()
            }
            Err(error) => error.description,
        }
    }

    #[test]
    fn html_becomes_entities() {
        assert_eq!(
            shown("HTML", "<b>Да</b> &lt;3 <a href=\"https://x.org\">тут</a>"),
            "Да <3 тут bold 0+2 text_link 6+3"
        );
        assert_eq!(
            shown("HTML", "<b><i>x</b></i>"),
            "Bad Request: can't parse entities: Unmatched end tag at byte offset 7, expected \"</i>\", found \"</b>\""
        );
        assert_eq!(
            shown("HTML", "<x>"),
            "Bad Request: can't parse entities: Unsupported start tag \"x\" at byte offset 0"
        );
        assert_eq!(
            shown("HTML", "<pre><code class=\"language-rust\">a</code></pre>"),
            "a pre 0+1"
        );
    }

    #[test]
    fn markdown_becomes_entities() {
        assert_eq!(
            shown("MarkdownV2", "*жирный* _и_ __под__ ||тайна|| `код`"),
            "жирный и под тайна код bold 0+6 italic 7+1 underline 9+3 spoiler 13+5 code 19+3"
        );
        assert_eq!(
            shown("MarkdownV2", "[имя](https://x.org) 1\\.5"),
            "имя 1.5 text_link 0+3"
        );
        assert_eq!(
            shown("MarkdownV2", "a.b"),
            "Bad Request: can't parse entities: Character '.' is reserved and must be escaped with the preceding '\\'"
        );
        assert_eq!(
            shown("MarkdownV2", "*a"),
            "Bad Request: can't parse entities: Can't find end of Bold entity at byte offset 0"
        );
        assert_eq!(
            shown("MarkdownV2", ">раз\n>два\nтри"),
            "раз\nдва\nтри blockquote 0+7"
        );
        assert_eq!(
            shown("Markdown", "*a* b_c\\_"),
            "Bad Request: can't parse entities: Can't find end of Italic entity at byte offset 5"
        );
    }

    proptest::proptest! {
        /// Whatever is written, every entity lies inside the text and cuts no symbol.
        #[test]
        fn no_text_confuses_the_parsers(text in "[a*_~|`\\[\\]()>\\\\<b/&;! \n😀я@#.:+1]{0,24}") {
            for mode in ["HTML", "MarkdownV2", "Markdown"] {
                if let Ok((text, entities)) = parse(mode, &text) {
                    let mut remarks = Vec::new();
                    let rich = super::super::text::Rich::new(&text, entities, &mut remarks);
                    proptest::prop_assert!(rich.is_ok());
                    proptest::prop_assert_eq!(remarks, Vec::<String>::new());
                }
            }
        }
    }
}
