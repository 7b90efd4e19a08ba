//! What Facebook brings to our webhook: whether it comes from Facebook, and the single events in it.
//!
//! The signature is over the bytes as they came: Facebook signs a body whose letters are escaped, so it
//! is never written anew before it is checked. Each event becomes an update of its own, in the shape of
//! [`Update`].

use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::Url;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::Sha256;
use subtle::ConstantTimeEq;

use super::types::id;
use crate::{Knock, Knocked, http::Secret};

/// The header with the signature.
const SIGNATURE: &str = "x-hub-signature-256";

/// What Facebook wants to read; any 200 would do.
const RECEIVED: &str = "EVENT_RECEIVED";

/// What a request is held against.
pub(super) struct Gate {
    /// The page's id.
    pub(super) page: String,
    /// What requests are signed with.
    pub(super) app_secret: Secret,
    /// What the first request knows.
    pub(super) verify_token: Secret,
}

/// One event, as it is stored and read again.
#[derive(Serialize, Deserialize)]
pub(super) struct Update<'a> {
    /// The page's id.
    pub(super) page: &'a str,
    /// Whether another app holds the conversation, and ours only looks on.
    pub(super) standby: bool,
    /// The event, byte by byte.
    #[serde(borrow)]
    pub(super) event: &'a RawValue,
}

/// The body of a request.
#[derive(Deserialize)]
struct Batch<'a> {
    #[serde(default)]
    object: String,
    #[serde(borrow, default)]
    entry: Vec<Entry<'a>>,
}

#[derive(Deserialize)]
struct Entry<'a> {
    #[serde(deserialize_with = "id")]
    id: String,
    #[serde(default)]
    time: i64,
    #[serde(borrow, default)]
    messaging: Vec<&'a RawValue>,
    #[serde(borrow, default)]
    standby: Vec<&'a RawValue>,
}

impl Gate {
    pub(super) fn knock(&self, request: &Knock<'_>) -> Knocked {
        if !request.post {
            return self.asked(request.query);
        }
        let signature = request.headers.get(SIGNATURE);
        if !signature.is_some_and(|signature| self.is_signed(request.body, signature.as_bytes())) {
            return Knocked::Stranger;
        }
        // What Facebook has signed is never refused: it would be brought again and again, and after an hour
        // nothing would be brought any more. What cannot be taken apart is set aside whole.
        let updates = self.updates(request.body);
        Knocked::Updates {
            updates: updates.unwrap_or_else(|_| vec![request.body.clone()]),
            answer: RECEIVED,
        }
    }

    /// The handshake, when the webhook is entered in the app's settings.
    fn asked(&self, query: &str) -> Knocked {
        let mut url = Url::parse("http://localhost").ok();
        if let Some(url) = &mut url {
            url.set_query(Some(query));
        }
        let value = |name: &str| {
            let mut pairs = url.as_ref()?.query_pairs();
            Some(pairs.find(|(key, _)| key == name)?.1.into_owned())
        };
        let expected = self.verify_token.reveal();
        let known = value("hub.verify_token").is_some_and(|token| {
            !expected.is_empty() && bool::from(token.as_bytes().ct_eq(expected.as_bytes()))
        });
        match value("hub.challenge") {
            Some(challenge) if known && value("hub.mode").as_deref() == Some("subscribe") => {
                Knocked::Asked(challenge)
            }
            _ => Knocked::Stranger,
        }
    }

    /// Whether `sha256=<hex>` is the body's HMAC; takes the same time wherever they differ.
    fn is_signed(&self, body: &[u8], header: &[u8]) -> bool {
        let given = header
            .strip_prefix(b"sha256=")
            .and_then(|hex| std::str::from_utf8(hex).ok())
            .and_then(bytes_of);
        // An empty secret would be everybody's.
        !self.app_secret.reveal().is_empty()
            && given.is_some_and(|given| hmac(&self.app_secret, body).verify_slice(&given).is_ok())
    }

    /// The events for our page. Those of one person are in their order in time, whatever order they came in.
    fn updates(&self, body: &[u8]) -> serde_json::Result<Vec<Bytes>> {
        let batch: Batch = serde_json::from_slice(body)?;
        if batch.object != "page" {
            return Ok(Vec::new());
        }
        let ours = batch.entry.iter().filter(|entry| entry.id == self.page);
        let mut events: Vec<(i64, bool, &RawValue)> = ours
            .flat_map(|entry| {
                let messaging = entry.messaging.iter().map(|event| (false, *event));
                let standby = entry.standby.iter().map(|event| (true, *event));
                let at = |event| time_of(event).unwrap_or(entry.time);
                let all = messaging.chain(standby);
                all.map(move |(standby, event)| (at(event), standby, event))
            })
            .collect();
        events.sort_by_key(|(at, ..)| *at);
        let wrapped = events.into_iter().map(|(_, standby, event)| {
            let update = Update {
                page: &self.page,
                standby,
                event,
            };
            serde_json::to_vec(&update).map(Bytes::from)
        });
        wrapped.collect()
    }
}

/// Milliseconds since 1970.
fn time_of(event: &RawValue) -> Option<i64> {
    #[derive(Deserialize)]
    struct Timed {
        timestamp: i64,
    }
    serde_json::from_str::<Timed>(event.get())
        .ok()
        .map(|timed| timed.timestamp)
}

/// The HMAC of some bytes under a key.
pub(super) fn hmac(key: &Secret, bytes: &[u8]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.reveal().as_bytes())
        .expect("an HMAC takes keys of every length");
    mac.update(bytes);
    mac
}

fn bytes_of(hex: &str) -> Option<Vec<u8>> {
    if !hex.is_ascii() || !hex.len().is_multiple_of(2) {
        return None;
    }
    let digits = (0..hex.len()).step_by(2);
    digits
        .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).ok())
        .collect()
}
