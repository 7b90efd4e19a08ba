//! Which call an address of the graph is.

use axum::http::Method as Verb;

use super::schema::{self, Shape};

/// What is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    Messages,
    Attachments,
    ReadProfile,
    WriteProfile,
    DeleteProfile,
    Subscriptions,
    Subscribe,
    Unsubscribe,
    Person,
    Page,
}

impl Method {
    /// The name in faults and in the log.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Messages => "messages",
            Self::Attachments => "message_attachments",
            Self::ReadProfile | Self::WriteProfile | Self::DeleteProfile => "messenger_profile",
            Self::Subscriptions | Self::Subscribe | Self::Unsubscribe => "subscribed_apps",
            Self::Person => "profile",
            Self::Page => "page",
        }
    }

    pub(crate) fn shape(self) -> &'static Shape {
        match self {
            Self::Messages => &schema::MESSAGES,
            Self::Attachments => &schema::ATTACHMENTS,
            Self::WriteProfile => &schema::PROFILE,
            Self::Subscribe => &schema::SUBSCRIBED,
            Self::ReadProfile
            | Self::DeleteProfile
            | Self::Subscriptions
            | Self::Unsubscribe
            | Self::Person
            | Self::Page => &schema::NOTHING,
        }
    }
}

/// An address in the graph: `/v25.0/{node}/{edge}`.
pub(crate) struct Address {
    /// `None`: `me`.
    pub(crate) node: Option<i64>,
    pub(crate) edge: String,
}

impl Address {
    /// `None` when it cannot be one.
    pub(crate) fn parse(path: &str) -> Option<Self> {
        let mut parts = path.trim_matches('/').split('/').skip(1);
        let node = match parts.next()? {
            "me" => None,
            id => Some(id.parse().ok()?),
        };
        let edge = parts.next().unwrap_or_default().to_owned();
        parts.next().is_none().then_some(Self { node, edge })
    }

    /// `None`: not published, or not emulated.
    pub(crate) fn method(&self, verb: &Verb, is_person: bool) -> Option<Method> {
        Some(match (verb.as_str(), self.edge.as_str()) {
            ("POST", "messages") => Method::Messages,
            ("POST", "message_attachments") => Method::Attachments,
            ("GET", "messenger_profile") => Method::ReadProfile,
            ("POST", "messenger_profile") => Method::WriteProfile,
            ("DELETE", "messenger_profile") => Method::DeleteProfile,
            ("GET", "subscribed_apps") => Method::Subscriptions,
            ("POST", "subscribed_apps") => Method::Subscribe,
            ("DELETE", "subscribed_apps") => Method::Unsubscribe,
            ("GET", "") if is_person => Method::Person,
            ("GET", "") => Method::Page,
            _ => return None,
        })
    }
}
