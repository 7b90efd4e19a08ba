//! Names of things. A messenger's own ids are opaque text here: only its folder in `channels` knows
//! that a Telegram chat is a number.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A configured connection to a messenger, such as `telegram` or `vk-shop`: lower-case latin
/// letters, digits, `-` and `_`, at most 32 of them.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ChannelId(String);

impl ChannelId {
    /// Names a channel.
    ///
    /// # Panics
    /// If the name has other characters or another length than a channel's name may: names come
    /// from our own configuration, which checks them first with [`ChannelId::is_valid`].
    pub fn new(name: impl Into<String>) -> Self {
        let name = name.into();
        assert!(Self::is_valid(&name), "`{name}` is not a channel's name");
        Self(name)
    }

    /// Whether `name` may name a channel.
    pub fn is_valid(name: &str) -> bool {
        (1..=32).contains(&name.len())
            && name
                .bytes()
                .all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_'))
    }

    /// The name itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ChannelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A chat of a messenger. Written `telegram/123`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ChatRef {
    /// The connection it is seen through.
    pub channel: ChannelId,
    /// The messenger's own id of it.
    pub id: String,
}

/// A person as a messenger knows them. Written `telegram/123`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PersonRef {
    /// The connection they are seen through.
    pub channel: ChannelId,
    /// The messenger's own id of them.
    pub id: String,
}

/// A message in a chat. Written `telegram/123/45`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MessageRef {
    /// The chat it stands in.
    pub chat: ChatRef,
    /// The messenger's own id of it, unique in the chat.
    pub id: String,
}

impl ChatRef {
    /// The chat `id` on `channel`.
    pub fn new(channel: &ChannelId, id: impl Into<String>) -> Self {
        Self {
            channel: channel.clone(),
            id: id.into(),
        }
    }

    /// The message `id` in this chat.
    pub fn message(&self, id: impl Into<String>) -> MessageRef {
        MessageRef {
            chat: self.clone(),
            id: id.into(),
        }
    }
}

impl PersonRef {
    /// The person `id` on `channel`.
    pub fn new(channel: &ChannelId, id: impl Into<String>) -> Self {
        Self {
            channel: channel.clone(),
            id: id.into(),
        }
    }
}

/// A reference that does not read like one.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not a reference such as telegram/123")]
pub struct BadRef(String);

fn split(text: &str) -> Result<(ChannelId, &str), BadRef> {
    match text.split_once('/') {
        Some((channel, rest)) if ChannelId::is_valid(channel) && !rest.is_empty() => {
            Ok((ChannelId(channel.to_owned()), rest))
        }
        _ => Err(BadRef(text.to_owned())),
    }
}

impl fmt::Display for ChatRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.channel, self.id)
    }
}

impl fmt::Display for PersonRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.channel, self.id)
    }
}

impl fmt::Display for MessageRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.chat, self.id)
    }
}

impl FromStr for ChatRef {
    type Err = BadRef;
    fn from_str(text: &str) -> Result<Self, BadRef> {
        let (channel, id) = split(text)?;
        Ok(Self {
            channel,
            id: id.to_owned(),
        })
    }
}

impl FromStr for PersonRef {
    type Err = BadRef;
    fn from_str(text: &str) -> Result<Self, BadRef> {
        let (channel, id) = split(text)?;
        Ok(Self {
            channel,
            id: id.to_owned(),
        })
    }
}

impl FromStr for MessageRef {
    type Err = BadRef;
    /// The chat's id ends at the first `/`: messengers' chat ids have none, message ids may.
    fn from_str(text: &str) -> Result<Self, BadRef> {
        let (channel, rest) = split(text)?;
        match rest.split_once('/') {
            Some((chat, id)) if !chat.is_empty() && !id.is_empty() => Ok(ChatRef {
                channel,
                id: chat.to_owned(),
            }
            .message(id)),
            _ => Err(BadRef(text.to_owned())),
        }
    }
}

macro_rules! serde_as_text {
    ($($name:ident),*) => { $(
        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.collect_str(self)
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
            }
        }
    )* };
}
serde_as_text!(ChatRef, PersonRef, MessageRef);

/// A ticket's number, as people read it: «№ 12» is `tickets.id = 12`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TicketId(pub i64);

impl fmt::Display for TicketId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// One row of the outbox: something that is to be sent, or was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DeliveryId(pub i64);

impl fmt::Display for DeliveryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_read_as_they_are_written() {
        let message = ChatRef::new(&ChannelId::new("telegram"), "-100").message("m/7");
        assert_eq!(message.to_string(), "telegram/-100/m/7");
        assert_eq!(message.to_string().parse::<MessageRef>().unwrap(), message);
        assert!("telegram".parse::<ChatRef>().is_err());
        assert!("Telegram/1".parse::<ChatRef>().is_err());
        assert!("telegram/1/".parse::<MessageRef>().is_err());
    }
}
