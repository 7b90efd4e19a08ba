//! Which parameters and fields the calls have, so that one that nobody published is noticed.
//!
//! Transcribed from the Send API's reference and the field lists of facebook-business-sdk-codegen. Real servers pass
//! over what they do not know; here it is a violation.

use serde_json::{Map, Value};

/// The fields of an object.
pub(crate) struct Shape(&'static [(&'static str, Field)]);

/// What a field holds.
enum Field {
    Plain,
    One(&'static Shape),
    Many(&'static Shape),
}

use Field::{Many, One, Plain};

/// Parameters that every call takes.
const COMMON: [&str; 9] = [
    "appsecret_proof",
    "appsecret_time",
    "debug",
    "fields",
    "format",
    "limit",
    "locale",
    "pretty",
    "suppress_http_code",
];

/// `POST /{page}/messages`.
pub(crate) static MESSAGES: Shape = Shape(&[
    ("recipient", One(&RECIPIENT)),
    ("messaging_type", Plain),
    ("tag", Plain),
    ("message", One(&MESSAGE)),
    ("reply_to", One(&REPLY)),
    ("sender_action", Plain),
    ("payload", One(&REACTION)),
    ("notification_type", Plain),
    ("persona_id", Plain),
]);

/// `POST /{page}/message_attachments`.
pub(crate) static ATTACHMENTS: Shape = Shape(&[("message", One(&MESSAGE)), ("platform", Plain)]);

/// `/{page}/messenger_profile`.
pub(crate) static PROFILE: Shape = Shape(&[
    ("account_linking_url", Plain),
    ("get_started", One(&GET_STARTED)),
    ("greeting", Many(&GREETING)),
    ("ice_breakers", Many(&ICE_BREAKER)),
    ("persistent_menu", Many(&MENU)),
    ("platform", Plain),
    ("whitelisted_domains", Plain),
]);

/// `/{page}/subscribed_apps`.
pub(crate) static SUBSCRIBED: Shape = Shape(&[("subscribed_fields", Plain)]);

/// Reading.
pub(crate) static NOTHING: Shape = Shape(&[]);

static RECIPIENT: Shape = Shape(&[("id", Plain)]);
static REPLY: Shape = Shape(&[("mid", Plain)]);
static REACTION: Shape = Shape(&[("message_id", Plain), ("reaction", Plain)]);
static MESSAGE: Shape = Shape(&[
    ("text", Plain),
    ("attachment", One(&ATTACHMENT)),
    ("quick_replies", Many(&QUICK_REPLY)),
    ("metadata", Plain),
]);
static QUICK_REPLY: Shape = Shape(&[
    ("content_type", Plain),
    ("title", Plain),
    ("payload", Plain),
    ("image_url", Plain),
]);
static ATTACHMENT: Shape = Shape(&[("type", Plain), ("payload", One(&PAYLOAD))]);
static PAYLOAD: Shape = Shape(&[
    ("url", Plain),
    ("attachment_id", Plain),
    ("is_reusable", Plain),
    ("template_type", Plain),
    ("text", Plain),
    ("buttons", Many(&BUTTON)),
    ("elements", Many(&ELEMENT)),
    ("image_aspect_ratio", Plain),
    ("sharable", Plain),
]);
static ELEMENT: Shape = Shape(&[
    ("title", Plain),
    ("subtitle", Plain),
    ("image_url", Plain),
    ("default_action", One(&BUTTON)),
    ("buttons", Many(&BUTTON)),
]);
static BUTTON: Shape = Shape(&[
    ("type", Plain),
    ("title", Plain),
    ("payload", Plain),
    ("url", Plain),
    ("webview_height_ratio", Plain),
    ("webview_share_button", Plain),
    ("messenger_extensions", Plain),
    ("fallback_url", Plain),
]);
static GET_STARTED: Shape = Shape(&[("payload", Plain)]);
static GREETING: Shape = Shape(&[("locale", Plain), ("text", Plain)]);
static ICE_BREAKER: Shape = Shape(&[
    ("question", Plain),
    ("payload", Plain),
    ("locale", Plain),
    ("call_to_actions", Many(&GET_QUESTION)),
]);
static GET_QUESTION: Shape = Shape(&[("question", Plain), ("payload", Plain)]);
static MENU: Shape = Shape(&[
    ("locale", Plain),
    ("composer_input_disabled", Plain),
    ("disabled_surfaces", Plain),
    ("call_to_actions", Many(&BUTTON)),
]);

impl Shape {
    /// Forms carry objects and lists as JSON text: here they become what they are. Says which are broken.
    pub(crate) fn open(&self, values: &mut Map<String, Value>) -> Result<(), String> {
        for (name, field) in self.0 {
            let wanted = match field {
                Plain => continue,
                One(_) => Value::is_object as fn(&Value) -> bool,
                Many(_) => Value::is_array,
            };
            let Some(value) = values.get_mut(*name) else {
                continue;
            };
            if let Some(opened) = value
                .as_str()
                .and_then(|text| serde_json::from_str(text).ok())
            {
                *value = opened;
            }
            if !wanted(value) {
                return Err(format!("Param {name} must be a JSON object or array"));
            }
        }
        Ok(())
    }

    /// What is there that nobody published.
    pub(crate) fn unknown(&self, values: &Map<String, Value>) -> Vec<String> {
        let mut found = Vec::new();
        let own = values
            .iter()
            .filter(|(name, _)| !COMMON.contains(&name.as_str()));
        self.collect("", own, &mut found);
        found
    }

    fn collect<'a>(
        &self,
        path: &str,
        values: impl Iterator<Item = (&'a String, &'a Value)>,
        found: &mut Vec<String>,
    ) {
        for (name, value) in values {
            let Some((_, field)) = self.0.iter().find(|(known, _)| known == name) else {
                found.push(format!("unknown field {path}{name}"));
                continue;
            };
            let (shape, inner) = match field {
                Plain => continue,
                One(shape) => (shape, std::slice::from_ref(value)),
                Many(shape) => (shape, value.as_array().map_or(&[][..], Vec::as_slice)),
            };
            for item in inner.iter().filter_map(Value::as_object) {
                shape.collect(&format!("{path}{name}."), item.iter(), found);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn unknown(value: &Value) -> Vec<String> {
        MESSAGES.unknown(value.as_object().expect("an object"))
    }

    #[test]
    fn a_field_that_nobody_published_is_named_with_its_path() {
        let call = json!({ "recipient": { "id": "1" }, "pretty": 0, "message": { "text": "", "txt": "",
            "quick_replies": [{ "title": "", "colour": 1 }] }, "messageing_type": "" });
        let found = unknown(&call);
        let wanted = [
            "message.quick_replies.colour",
            "message.txt",
            "messageing_type",
        ];
        assert_eq!(found, wanted.map(|path| format!("unknown field {path}")));
    }

    #[test]
    fn texts_of_a_form_become_what_they_are() {
        let mut form = json!({ "recipient": r#"{"id":"1"}"#, "messaging_type": "UPDATE" });
        let values = form.as_object_mut().expect("an object");
        MESSAGES.open(values).expect("readable");
        assert_eq!(values["recipient"], json!({ "id": "1" }));
        values.insert("message".to_owned(), "привет".into());
        assert!(MESSAGES.open(values).is_err());
    }
}
