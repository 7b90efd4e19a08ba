//! A page of ours, and how Facebook knocks at its webhook.

use std::{collections::BTreeMap, fmt::Write, sync::Arc};

use bytes::Bytes;
use channels::{
    Channel, Knock, Knocked,
    facebook::KIND,
    kinds::{Given, Need},
};
use engine::ids::ChannelId;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::header::{HeaderMap, HeaderValue};
use sha2::Sha256;

pub(crate) const ID: &str = "1040";
pub(crate) const TOKEN: &str = "EAAG-page-token";
pub(crate) const APP_SECRET: &str = "3f8a0c-app-secret";
pub(crate) const VERIFY_TOKEN: &str = "a-long-word";

pub(crate) fn channel(api_url: &str) -> Arc<dyn Channel> {
    with(api_url, &[])
}

/// The same with other settings.
pub(crate) fn with(api_url: &str, others: &[(&'static str, &str)]) -> Arc<dyn Channel> {
    let mut values = BTreeMap::new();
    for setting in KIND.settings {
        if let Need::Default(value) = setting.need {
            values.insert(setting.name, value.to_owned());
        }
    }
    let ours = [
        ("page_id", ID),
        ("token", TOKEN),
        ("app_secret", APP_SECRET),
        ("verify_token", VERIFY_TOKEN),
        ("api_url", api_url),
    ];
    for (name, value) in ours.iter().chain(others) {
        values.insert(name, (*value).to_owned());
    }
    let given = Given {
        id: ChannelId::new("facebook"),
        values,
        webhook: None,
    };
    (KIND.open)(given).unwrap()
}

/// Facebook brings a body, signed as it should be.
pub(crate) fn brings(channel: &dyn Channel, body: &str) -> Knocked {
    knocks(channel, body.as_bytes(), Some(&signature(body.as_bytes())))
}

/// Somebody brings a body.
pub(crate) fn knocks(channel: &dyn Channel, body: &[u8], signature: Option<&str>) -> Knocked {
    let mut headers = HeaderMap::new();
    if let Some(signature) = signature {
        let value = HeaderValue::from_str(signature).unwrap();
        headers.insert("x-hub-signature-256", value);
    }
    channel.knock(&Knock {
        post: true,
        query: "",
        headers: &headers,
        body: &Bytes::copy_from_slice(body),
    })
}

pub(crate) fn signature(body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(APP_SECRET.as_bytes()).unwrap();
    mac.update(body);
    let mut signature = "sha256=".to_owned();
    for byte in mac.finalize().into_bytes() {
        write!(signature, "{byte:02x}").unwrap();
    }
    signature
}
