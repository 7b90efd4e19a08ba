//! `reply_markup`: keyboards, checked the way the server checks them.

use serde_json::Value;

use super::error::{ApiError, bad};

/// What a message's `reply_markup` asks for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Markup {
    /// Keys under the message; `None` also for an empty keyboard.
    pub(crate) inline: Option<Value>,
    /// A keyboard for the person, its removal, or a forced reply.
    pub(crate) reply: Option<Value>,
}

/// Fields of a key that say how it looks, not what it does.
const LOOKS: [&str; 3] = ["text", "style", "icon_custom_emoji_id"];

/// Checks and sorts a `reply_markup`.
pub(crate) fn read(markup: Option<&Value>) -> Result<Markup, ApiError> {
    let Some(markup) = markup else {
        return Ok(Markup::default());
    };
    let Some(fields) = markup.as_object() else {
        return Err(bad("object expected as reply markup"));
    };
    if let Some(rows) = fields.get("inline_keyboard") {
        let keys = rows_of(rows)?;
        for key in keys.iter().copied().flatten() {
            check_inline_key(key)?;
        }
        let keyless = keys.iter().all(|row| row.is_empty());
        return Ok(Markup {
            inline: (!keyless).then(|| markup.clone()),
            reply: None,
        });
    }
    if let Some(rows) = fields.get("keyboard") {
        let keys = rows_of(rows)?;
        for key in keys.iter().copied().flatten() {
            let text = key.as_str().or_else(|| key["text"].as_str());
            if text.is_none_or(|text| text.trim().is_empty()) {
                return Err(bad("keyboard button text must be non-empty"));
            }
        }
        let keyless = keys.iter().all(|row| row.is_empty());
        return Ok(Markup {
            inline: None,
            reply: (!keyless).then(|| markup.clone()),
        });
    }
    let reply = fields.contains_key("remove_keyboard") || fields.contains_key("force_reply");
    Ok(Markup {
        inline: None,
        reply: reply.then(|| markup.clone()),
    })
}

fn rows_of(rows: &Value) -> Result<Vec<&Vec<Value>>, ApiError> {
    let rows = rows
        .as_array()
        .ok_or_else(|| bad("field \"keyboard\" must be of type Array"))?;
    rows.iter()
        .map(|row| {
            row.as_array()
                .ok_or_else(|| bad("each row of the keyboard must be an Array"))
        })
        .collect()
}

fn check_inline_key(key: &Value) -> Result<(), ApiError> {
    let invalid = |what: &str| Err(bad(&format!("can't parse inline keyboard button: {what}")));
    let Some(fields) = key.as_object() else {
        return invalid("InlineKeyboardButton must be an Object");
    };
    let text = fields
        .get("text")
        .and_then(Value::as_str)
        .unwrap_or_default();
    if text.trim().is_empty() {
        return invalid("Text buttons are unallowed in the inline keyboard");
    }
    let actions: Vec<&String> = fields
        .keys()
        .filter(|key| !LOOKS.contains(&key.as_str()))
        .collect();
    match actions.len() {
        0 => return invalid("Text buttons are unallowed in the inline keyboard"),
        1 => {}
        _ => return invalid("exactly one action must be specified"),
    }
    if let Some(data) = fields.get("callback_data") {
        let data = data.as_str().unwrap_or_default();
        if data.is_empty() || data.len() > 64 {
            return Err(bad("BUTTON_DATA_INVALID"));
        }
    }
    if let Some(url) = fields.get("url") {
        let url = url.as_str().unwrap_or_default();
        let known = ["http://", "https://", "tg://"];
        let plain = !url.contains("://") && url.contains('.') && !url.contains(char::is_whitespace);
        if !plain
            && !known
                .iter()
                .any(|scheme| url.len() > scheme.len() && url.starts_with(scheme))
        {
            return Err(bad(&format!(
                "inline keyboard button URL '{url}' is invalid: Wrong HTTP URL"
            )));
        }
    }
    Ok(())
}

/// The keys of an inline keyboard by row.
pub(crate) fn keys(markup: &Value) -> Vec<Vec<&Value>> {
    let rows = markup["inline_keyboard"]
        .as_array()
        .map_or(&[][..], Vec::as_slice);
    rows.iter()
        .map(|row| {
            row.as_array()
                .map_or_else(Vec::new, |row| row.iter().collect())
        })
        .collect()
}
