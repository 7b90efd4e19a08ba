//! The Callback API: whether a request comes from VK, and what it brings. The only proof is the
//! `secret` inside the body, so nothing else of it is believed before; it is not stored with the
//! update.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde_json::value::RawValue;
use subtle::ConstantTimeEq;

use crate::{Knock, Knocked, http::Secret};

/// What VK wants to read; anything else is a failure, and is sent again.
const ANSWER: &str = "ok";

/// Largest body that is taken.
const LARGEST_BODY: usize = 1024 * 1024;

/// What a community and its Callback API server agree upon.
pub(super) struct Agreed {
    /// The «secret key» of the server.
    pub(super) secret: Secret,
    /// What VK wants to read when it asks whether the server is ours.
    pub(super) confirmation: String,
}

/// What a request is.
pub(super) fn knock(agreed: &Agreed, group: &str, request: &Knock<'_>) -> Knocked {
    if !request.post {
        return Knocked::Stranger;
    }
    if request.body.len() > LARGEST_BODY {
        return Knocked::Nonsense;
    }
    // Everything in it stays as it came, to the last digit.
    let Ok(mut fields) = serde_json::from_slice::<BTreeMap<String, &RawValue>>(request.body) else {
        return Knocked::Nonsense;
    };
    let secret = fields.remove("secret").map(text);
    let is_secret = secret.as_ref().map(|secret| is(secret, &agreed.secret));
    let is_ours = fields.get("group_id").is_some_and(|id| text(id) == group);
    let kind = fields.get("type").map(|kind| text(kind));
    let is_question = kind.as_deref() == Some("confirmation");
    // VK asks before it knows the secret, and then with it.
    let is_known = is_secret.unwrap_or(is_question);
    if !is_known || !is_ours {
        return Knocked::Stranger;
    }
    if is_question {
        return Knocked::Asked(agreed.confirmation.clone());
    }
    match (kind, serde_json::to_vec(&fields)) {
        (Some(_), Ok(update)) => Knocked::Updates {
            updates: vec![Bytes::from(update)],
            answer: ANSWER,
        },
        _ => Knocked::Nonsense,
    }
}

/// Whether it is the secret; takes the same time wherever they differ.
fn is(given: &str, secret: &Secret) -> bool {
    let secret = secret.reveal().as_bytes();
    !secret.is_empty() && bool::from(given.as_bytes().ct_eq(secret))
}

/// A field as text, whether it is text or a number.
fn text(field: &RawValue) -> String {
    serde_json::from_str(field.get()).unwrap_or_else(|_| field.get().to_owned())
}
