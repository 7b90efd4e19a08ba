//! Keyboards, checked strictly: real VK refuses the whole message with error 911.

use serde_json::{Map, Value};

use super::error::{ApiError, malformed};

/// Rows, keys in a row and keys in all (dev.vk.com): a standard keyboard has 10, 5 and 40, one under a message 6, 5
/// and 10.
const STANDARD: (usize, usize) = (10, 40);
const INLINE: (usize, usize) = (6, 10);
const IN_A_ROW: usize = 5;
/// Characters. Not published; what libraries agree on.
const MAX_LABEL: usize = 40;
const MAX_PAYLOAD: usize = 255;
const COLORS: [&str; 4] = ["primary", "secondary", "negative", "positive"];

/// A keyboard as it is kept with its message: complete, and with its author.
pub(crate) fn parse(text: &str, community: i64) -> Result<Value, ApiError> {
    let wrong = |what: &str| malformed(911, what);
    let Ok(Value::Object(mut fields)) = serde_json::from_str(text) else {
        return Err(wrong("it is not a JSON object"));
    };
    only(&fields, &["one_time", "inline", "buttons", "author_id"]).map_err(|what| wrong(&what))?;
    let one_time = flag(&fields, "one_time").map_err(|what| wrong(&what))?;
    let inline = flag(&fields, "inline").map_err(|what| wrong(&what))?;
    if inline && one_time {
        return Err(wrong("inline keyboard can't be one_time"));
    }
    let rows = fields.get("buttons").and_then(Value::as_array);
    let rows = rows.ok_or_else(|| wrong("buttons should be array"))?;
    check_rows(rows, inline).map_err(|what| wrong(&what))?;
    for (field, value) in [
        ("one_time", one_time.into()),
        ("inline", inline.into()),
        ("author_id", (-community).into()),
    ] {
        fields.insert(field.to_owned(), value);
    }
    Ok(Value::Object(fields))
}

/// The keyboard is under its message, not below the conversation.
pub(crate) fn is_inline(keyboard: &Value) -> bool {
    keyboard["inline"] == Value::Bool(true)
}

/// The keys by row and column.
pub(crate) fn rows(keyboard: &Value) -> &[Value] {
    keyboard["buttons"].as_array().map_or(&[], Vec::as_slice)
}

fn check_rows(rows: &[Value], inline: bool) -> Result<(), String> {
    let (max_rows, max_keys) = if inline { INLINE } else { STANDARD };
    if rows.len() > max_rows {
        return Err(format!("too many rows: {} of {max_rows}", rows.len()));
    }
    let mut count = 0;
    for (at, row) in rows.iter().enumerate() {
        let keys = row
            .as_array()
            .ok_or_else(|| format!("row [{at}] should be array"))?;
        if keys.is_empty() {
            return Err(format!("row [{at}] is empty"));
        }
        if keys.len() > IN_A_ROW {
            return Err(format!(
                "row [{at}] is too wide: {} of {IN_A_ROW}",
                keys.len()
            ));
        }
        for (column, key) in keys.iter().enumerate() {
            check_key(key).map_err(|what| format!("button [{at}][{column}]: {what}"))?;
        }
        count += keys.len();
    }
    if count > max_keys {
        return Err(format!("too many buttons: {count} of {max_keys}"));
    }
    Ok(())
}

fn check_key(key: &Value) -> Result<(), String> {
    let key = key.as_object().ok_or("should be object")?;
    only(key, &["action", "color"])?;
    let action = key.get("action").and_then(Value::as_object);
    let action = action.ok_or("action is required")?;
    let kind = action.get("type").and_then(Value::as_str);
    let (needed, others): (&[&str], &[&str]) = match kind.ok_or("action.type is required")? {
        "text" | "callback" => (&["label"], &[]),
        "open_link" => (&["label", "link"], &[]),
        "location" => (&[], &[]),
        "vkpay" => (&["hash"], &[]),
        "open_app" => (&["label", "app_id"], &["owner_id", "hash"]),
        other => return Err(format!("action.type {other} is unknown")),
    };
    let known: Vec<&str> = ["type", "payload"]
        .iter()
        .chain(needed)
        .chain(others)
        .copied()
        .collect();
    only(action, &known)?;
    if let Some(missing) = needed.iter().find(|field| !action.contains_key(**field)) {
        return Err(format!("action.{missing} is required"));
    }
    check_texts(action)?;
    check_color(key, kind)
}

fn check_texts(action: &Map<String, Value>) -> Result<(), String> {
    if let Some(label) = action.get("label") {
        let length = label.as_str().map_or(0, |label| label.chars().count());
        if length == 0 || length > MAX_LABEL {
            return Err(format!("label has 1 to {MAX_LABEL} characters"));
        }
    }
    if let Some(payload) = action.get("payload") {
        let payload = payload.as_str().ok_or("payload should be JSON text")?;
        if payload.chars().count() > MAX_PAYLOAD {
            return Err(format!("payload is longer than {MAX_PAYLOAD}"));
        }
        if !payload.is_empty() && serde_json::from_str::<Value>(payload).is_err() {
            return Err("payload is not valid JSON".to_owned());
        }
    }
    let link = action
        .get("link")
        .map(|link| link.as_str().unwrap_or_default());
    match link {
        Some(link) if !link.starts_with("http://") && !link.starts_with("https://") => {
            Err("link is not a URL".to_owned())
        }
        Some(_) | None => Ok(()),
    }
}

/// Only keys that send something have a colour.
fn check_color(key: &Map<String, Value>, kind: Option<&str>) -> Result<(), String> {
    let Some(color) = key.get("color") else {
        return Ok(());
    };
    if !matches!(kind, Some("text" | "callback")) {
        return Err("color is for text and callback only".to_owned());
    }
    match color.as_str() {
        Some(color) if COLORS.contains(&color) => Ok(()),
        Some(_) | None => Err(format!("color {color} is unknown")),
    }
}

fn only(fields: &Map<String, Value>, known: &[&str]) -> Result<(), String> {
    match fields.keys().find(|field| !known.contains(&field.as_str())) {
        Some(stranger) => Err(format!("{stranger} is unknown")),
        None => Ok(()),
    }
}

fn flag(fields: &Map<String, Value>, name: &str) -> Result<bool, String> {
    match fields.get(name) {
        None => Ok(false),
        Some(Value::Bool(flag)) => Ok(*flag),
        Some(_) => Err(format!("{name} should be boolean")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refusal(keyboard: &Value) -> String {
        parse(&keyboard.to_string(), 5).map_or_else(|error| error.message, |_| "taken".to_owned())
    }

    fn keys(count: usize) -> Vec<Value> {
        let key = json!({ "action": { "type": "text", "label": "Да", "payload": "{}" }, "color": "primary" });
        vec![key; count]
    }

    #[test]
    fn the_published_limits_are_kept() {
        let rows = |rows: usize, row: usize| vec![keys(row); rows];
        for (inline, buttons, verdict) in [
            (false, rows(10, 4), "taken"),
            (false, rows(8, 5), "taken"),
            (false, rows(0, 0), "taken"),
            (true, rows(2, 5), "taken"),
            (
                false,
                rows(11, 1),
                "Keyboard format is invalid: too many rows: 11 of 10",
            ),
            (
                false,
                rows(10, 5),
                "Keyboard format is invalid: too many buttons: 50 of 40",
            ),
            (
                false,
                rows(1, 6),
                "Keyboard format is invalid: row [0] is too wide: 6 of 5",
            ),
            (
                true,
                rows(7, 1),
                "Keyboard format is invalid: too many rows: 7 of 6",
            ),
            (
                true,
                rows(3, 4),
                "Keyboard format is invalid: too many buttons: 12 of 10",
            ),
        ] {
            assert_eq!(
                refusal(&json!({ "inline": inline, "buttons": buttons })),
                verdict
            );
        }
    }

    #[test]
    fn a_key_is_checked_field_by_field() {
        for (action, verdict) in [
            (
                json!({ "type": "text", "label": "a", "payload": "{" }),
                "payload is not valid JSON",
            ),
            (
                json!({ "type": "text", "label": "a".repeat(41) }),
                "label has 1 to 40 characters",
            ),
            (json!({ "type": "text" }), "action.label is required"),
            (
                json!({ "type": "text", "label": "a", "url": "" }),
                "url is unknown",
            ),
            (
                json!({ "type": "open_link", "label": "a", "link": "a" }),
                "link is not a URL",
            ),
            (json!({ "type": "dance" }), "action.type dance is unknown"),
        ] {
            let keyboard = json!({ "buttons": [[{ "action": action }]] });
            let verdict = format!("Keyboard format is invalid: button [0][0]: {verdict}");
            assert_eq!(refusal(&keyboard), verdict);
        }
    }
}
