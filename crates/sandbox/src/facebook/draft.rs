//! A message as an app asks for it, checked against the published limits, before anything is sent.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::error::{GraphError, bad};
use super::state::{Action, Button, Kind, QuickReply};

/// Characters of a text.
pub(crate) const MAX_TEXT: usize = 2000;
const MAX_METADATA: usize = 1000;
const MAX_PAYLOAD: usize = 1000;
const MAX_QUICK_REPLIES: usize = 13;
/// Characters of a key.
const MAX_TITLE: usize = 20;
const MAX_BUTTONS: usize = 3;
/// Characters of a button template's text.
const MAX_BUTTON_TEXT: usize = 640;
const MAX_ELEMENTS: usize = 10;
/// Characters of an element's title and subtitle.
const MAX_ELEMENT_TEXT: usize = 80;

/// A message that keeps the limits.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) text: Option<String>,
    pub(crate) attachment: Option<DraftAttachment>,
    pub(crate) quick_replies: Vec<QuickReply>,
    pub(crate) metadata: Option<String>,
}

/// What shall be attached.
#[derive(Debug)]
pub(crate) enum DraftAttachment {
    File {
        kind: Kind,
        source: Source,
        /// It shall get an id, to be sent again.
        reusable: bool,
    },
    Template {
        payload: Value,
        text: String,
        buttons: Vec<Button>,
    },
}

/// Where a file comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Url(String),
    /// An `attachment_id`.
    Stored(String),
    /// `filedata` of the same call.
    Upload,
}

#[derive(Deserialize)]
struct Given {
    text: Option<String>,
    attachment: Option<GivenAttachment>,
    #[serde(default)]
    quick_replies: Vec<GivenReply>,
    metadata: Option<String>,
}

#[derive(Deserialize)]
struct GivenAttachment {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    payload: Map<String, Value>,
}

#[derive(Deserialize)]
struct GivenReply {
    content_type: String,
    title: Option<String>,
    payload: Option<String>,
}

/// Reads the parameter `message`.
pub(crate) fn read(message: &Value, has_upload: bool) -> Result<Draft, GraphError> {
    let given: Given = serde_json::from_value(message.clone())
        .map_err(|error| bad(format!("Param message is not right: {error}")))?;
    most("message[text]", given.text.as_deref(), MAX_TEXT)?;
    most("message[metadata]", given.metadata.as_deref(), MAX_METADATA)?;
    let attachment = given
        .attachment
        .map(|attachment| attachment_of(attachment, has_upload))
        .transpose()?;
    match (given.text.as_deref(), &attachment) {
        (Some(_), Some(_)) => return Err(bad("Param message takes text or attachment, not both")),
        (None, None) => return Err(bad("Param message must have text or attachment")),
        (Some(text), None) if text.trim().is_empty() => {
            return Err(bad("Param message[text] must not be empty"));
        }
        (Some(_), None) | (None, Some(_)) => {}
    }
    if has_upload
        && !matches!(
            &attachment,
            Some(DraftAttachment::File {
                source: Source::Upload,
                ..
            })
        )
    {
        return Err(bad(
            "Param filedata needs message[attachment] without url or attachment_id",
        ));
    }
    Ok(Draft {
        text: given.text,
        attachment,
        quick_replies: replies(given.quick_replies)?,
        metadata: given.metadata,
    })
}

fn replies(given: Vec<GivenReply>) -> Result<Vec<QuickReply>, GraphError> {
    if given.len() > MAX_QUICK_REPLIES {
        return Err(bad(format!(
            "Param message[quick_replies] must have at most {MAX_QUICK_REPLIES} elements"
        )));
    }
    given.into_iter().map(reply).collect()
}

fn reply(given: GivenReply) -> Result<QuickReply, GraphError> {
    if given.content_type != "text" {
        return Err(bad(format!(
            "Param quick_replies[content_type]: the sandbox knows text, not {}",
            given.content_type
        )));
    }
    let title = given.title.unwrap_or_default();
    let payload = given.payload.unwrap_or_default();
    if title.is_empty() || payload.is_empty() {
        return Err(bad("A quick reply of type text needs title and payload"));
    }
    most("quick_replies[title]", Some(&title), MAX_TITLE)?;
    most("quick_replies[payload]", Some(&payload), MAX_PAYLOAD)?;
    Ok(QuickReply { title, payload })
}

fn attachment_of(given: GivenAttachment, has_upload: bool) -> Result<DraftAttachment, GraphError> {
    if given.kind == "template" {
        return template(given.payload);
    }
    let kind = Kind::sendable(&given.kind).ok_or_else(|| {
        bad("Param attachment[type] must be one of {audio, file, image, template, video}")
    })?;
    let text = |name: &str| match given.payload.get(name) {
        Some(Value::String(text)) => Some(text.clone()),
        Some(Value::Number(number)) => Some(number.to_string()),
        _ => None,
    };
    let source = match (text("url"), text("attachment_id")) {
        (Some(_), Some(_)) => return Err(bad("Give url or attachment_id, not both")),
        (Some(url), None) => Source::Url(web(&url)?),
        (None, Some(id)) => Source::Stored(id),
        (None, None) if has_upload => Source::Upload,
        (None, None) => {
            return Err(bad(
                "Param attachment[payload] must have url or attachment_id",
            ));
        }
    };
    let reusable = matches!(given.payload.get("is_reusable"), Some(Value::Bool(true)))
        || given.payload.get("is_reusable").and_then(Value::as_str) == Some("true");
    Ok(DraftAttachment::File {
        kind,
        source,
        reusable,
    })
}

#[derive(Deserialize)]
struct GivenTemplate {
    template_type: String,
    text: Option<String>,
    #[serde(default)]
    buttons: Vec<GivenButton>,
    #[serde(default)]
    elements: Vec<GivenElement>,
}

#[derive(Deserialize)]
struct GivenElement {
    title: Option<String>,
    subtitle: Option<String>,
    #[serde(default)]
    buttons: Vec<GivenButton>,
}

#[derive(Deserialize)]
struct GivenButton {
    #[serde(rename = "type")]
    kind: String,
    title: Option<String>,
    payload: Option<String>,
    url: Option<String>,
}

fn template(payload: Map<String, Value>) -> Result<DraftAttachment, GraphError> {
    let payload = Value::Object(payload);
    let given: GivenTemplate = serde_json::from_value(payload.clone())
        .map_err(|error| bad(format!("Param attachment[payload] is not right: {error}")))?;
    let (text, buttons) = match given.template_type.as_str() {
        "button" => {
            let text = given.text.unwrap_or_default();
            if text.trim().is_empty() || given.buttons.is_empty() {
                return Err(bad("A button template needs text and buttons"));
            }
            most("payload[text]", Some(&text), MAX_BUTTON_TEXT)?;
            (text, keys(given.buttons)?)
        }
        "generic" => elements(given.elements)?,
        other => return Err(bad(format!("The sandbox knows no template {other}"))),
    };
    Ok(DraftAttachment::Template {
        payload,
        text,
        buttons,
    })
}

fn elements(given: Vec<GivenElement>) -> Result<(String, Vec<Button>), GraphError> {
    if !(1..=MAX_ELEMENTS).contains(&given.len()) {
        return Err(bad(format!(
            "Param elements must have 1 to {MAX_ELEMENTS} elements"
        )));
    }
    let (mut lines, mut all) = (Vec::new(), Vec::new());
    for element in given {
        let title = element
            .title
            .filter(|title| !title.is_empty())
            .ok_or_else(|| bad("Param elements[title] is required"))?;
        for text in [Some(title), element.subtitle].into_iter().flatten() {
            most("elements[title]", Some(&text), MAX_ELEMENT_TEXT)?;
            lines.push(text);
        }
        all.extend(keys(element.buttons)?);
    }
    Ok((lines.join("\n"), all))
}

fn keys(given: Vec<GivenButton>) -> Result<Vec<Button>, GraphError> {
    if given.len() > MAX_BUTTONS {
        return Err(bad(format!(
            "Param buttons must have at most {MAX_BUTTONS} elements"
        )));
    }
    given.into_iter().map(key).collect()
}

fn key(given: GivenButton) -> Result<Button, GraphError> {
    let title = given
        .title
        .filter(|title| !title.is_empty())
        .ok_or_else(|| bad("Param buttons[title] is required"))?;
    most("buttons[title]", Some(&title), MAX_TITLE)?;
    most("buttons[payload]", given.payload.as_deref(), MAX_PAYLOAD)?;
    let payload = given.payload.filter(|payload| !payload.is_empty());
    let action = match (given.kind.as_str(), payload, given.url) {
        ("postback", Some(payload), _) => Action::Postback(payload),
        ("phone_number", Some(number), _) => Action::Call(number),
        ("web_url", _, Some(url)) => Action::Open(web(&url)?),
        ("postback" | "phone_number", None, _) => {
            return Err(bad("Param buttons[payload] is required"));
        }
        ("web_url", _, None) => return Err(bad("Param buttons[url] is required")),
        (other, ..) => return Err(bad(format!("The sandbox knows no button of type {other}"))),
    };
    Ok(Button { title, action })
}

fn web(url: &str) -> Result<String, GraphError> {
    if url.starts_with("https://") || url.starts_with("http://") {
        Ok(url.to_owned())
    } else {
        Err(bad(format!("{url} should represent a valid URL")))
    }
}

/// At most so many characters.
pub(crate) fn most(what: &str, text: Option<&str>, most: usize) -> Result<(), GraphError> {
    if text.is_some_and(|text| text.chars().count() > most) {
        return Err(bad(format!(
            "Length of param {what} must be less than or equal to {most}"
        )));
    }
    Ok(())
}
