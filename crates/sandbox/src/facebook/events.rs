//! What the app's webhook is told: the events of a thread, in Meta's shapes.

use serde_json::{Value, json};

use super::outlet::{Channel, Event};
use super::state::{Attachment, Chat, Kind, Message, Owner};
use crate::clock::Millis;
use crate::files::{FileId, extension};
use crate::world::Scene;

/// What a page's app can subscribe to, as far as it is emulated.
pub(crate) const FIELDS: [&str; 10] = [
    "message_deliveries",
    "message_echoes",
    "message_edits",
    "message_reactions",
    "message_reads",
    "messages",
    "messaging_optins",
    "messaging_postbacks",
    "messaging_referrals",
    "standby",
];

/// Reactions that have a name; `other` stands for the rest.
const REACTIONS: [(&str, &str); 7] = [
    ("love", "❤"),
    ("smile", "😆"),
    ("wow", "😮"),
    ("sad", "😢"),
    ("angry", "😠"),
    ("like", "👍"),
    ("dislike", "👎"),
];

/// Whose deed an event tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    Person,
    Page,
}

/// An event that is not addressed yet.
pub(crate) struct News {
    /// The subscription that it belongs to.
    field: &'static str,
    key: &'static str,
    body: Value,
}

/// A person's message.
pub(crate) fn message(scene: &Scene, chat: Chat, message: &Message) -> News {
    News {
        field: "messages",
        key: "message",
        body: shown(scene, chat, message),
    }
}

/// A page's message, told to its own app.
pub(crate) fn echo(scene: &Scene, chat: Chat, message: &Message) -> News {
    let mut body = shown(scene, chat, message);
    body["is_echo"] = true.into();
    let own = scene.facebook.pages.get(&chat.page).map(|page| page.app_id);
    body["app_id"] = match message.author {
        super::state::Author::Admin(app) => app.into(),
        super::state::Author::App | super::state::Author::Person => own.into(),
    };
    if let Some(metadata) = &message.metadata {
        body["metadata"] = metadata.clone().into();
    }
    News {
        field: "message_echoes",
        key: "message",
        body,
    }
}

fn shown(scene: &Scene, chat: Chat, message: &Message) -> Value {
    let mut body = json!({ "mid": message.mid });
    if let Some(text) = &message.text {
        body["text"] = text.clone().into();
    }
    if !message.attachments.is_empty() {
        let attachments = message.attachments.iter();
        body["attachments"] = attachments
            .map(|attachment| attached(scene, chat.page, attachment))
            .collect();
    }
    if let Some(payload) = &message.chosen {
        body["quick_reply"] = json!({ "payload": payload });
    }
    if let Some(mid) = &message.reply_to {
        let own = scene
            .facebook
            .message(chat, mid)
            .is_some_and(|replied| replied.is_from_page() == message.is_from_page());
        body["reply_to"] = json!({ "mid": mid, "is_self_reply": own });
    }
    body
}

fn attached(scene: &Scene, page: i64, attachment: &Attachment) -> Value {
    match attachment {
        Attachment::File { kind, file, .. } => {
            let mut payload = json!({ "url": url(scene, page, *file) });
            if *kind == Kind::Sticker {
                payload["sticker_id"] = (369_239_263_222_822 + file.0).into();
            }
            json!({ "type": kind.wire(), "payload": payload })
        }
        Attachment::Template { payload, .. } => json!({ "type": "template", "payload": payload }),
        Attachment::Fallback { title, url } => {
            let mut fallback = json!({ "type": "fallback" });
            if let Some(url) = url {
                fallback["payload"] = json!({ "url": url, "title": title });
            } else if let Some(title) = title {
                fallback["title"] = title.clone().into();
            }
            fallback
        }
    }
}

/// Where a file can be fetched; the address ends with its name.
pub(crate) fn url(scene: &Scene, page: i64, id: FileId) -> String {
    let file = scene.files.get(id);
    let name = file.map_or_else(String::new, |file| match &file.name {
        Some(name) => encoded(name),
        None => format!("{id}.{}", extension(&file.mime)),
    });
    format!("{}/facebook/files/{page}/{id}/{name}", scene.base)
}

/// A name as it stands in an address.
fn encoded(name: &str) -> String {
    let bytes = name.bytes().map(|byte| match byte {
        b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'.' | b'-' | b'_' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    });
    bytes.collect()
}

/// A person pressed a button of a template, of the menu, or Get Started.
pub(crate) fn postback(mid: &str, title: &str, payload: &str, referral: Option<Value>) -> News {
    let mut body = json!({ "mid": mid, "title": title, "payload": payload });
    if let Some(referral) = referral {
        body["referral"] = referral;
    }
    News {
        field: "messaging_postbacks",
        key: "postback",
        body,
    }
}

/// A person changed their message for the `num_edit`th time.
pub(crate) fn edit(mid: &str, text: &str, num_edit: u8) -> News {
    News {
        field: "message_edits",
        key: "message_edit",
        body: json!({ "mid": mid, "text": text, "num_edit": num_edit }),
    }
}

/// A person reacted (`None`: took it back).
pub(crate) fn reaction(mid: &str, emoji: Option<&str>) -> News {
    let body = match emoji {
        Some(emoji) => {
            let named = REACTIONS.iter().find(|(_, known)| *known == emoji);
            let name = named.map_or("other", |(name, _)| name);
            json!({ "mid": mid, "action": "react", "reaction": name, "emoji": emoji })
        }
        None => json!({ "mid": mid, "action": "unreact" }),
    };
    News {
        field: "message_reactions",
        key: "reaction",
        body,
    }
}

/// The emoji of a reaction's name, or the emoji itself.
pub(crate) fn emoji(reaction: &str) -> &str {
    let named = REACTIONS.iter().find(|(name, _)| *name == reaction);
    named.map_or(reaction, |(_, emoji)| emoji)
}

/// The person's device has got a message.
pub(crate) fn delivery(now: Millis, mid: &str) -> News {
    News {
        field: "message_deliveries",
        key: "delivery",
        body: json!({ "mids": [mid], "watermark": now }),
    }
}

/// The person has read everything up to now.
pub(crate) fn read(now: Millis) -> News {
    News {
        field: "message_reads",
        key: "read",
        body: json!({ "watermark": now }),
    }
}

/// A person came by a link, or agreed to something.
pub(crate) fn referral(body: Value) -> News {
    News {
        field: "messaging_referrals",
        key: "referral",
        body,
    }
}

/// A person agreed to be written to.
pub(crate) fn optin(body: Value) -> News {
    News {
        field: "messaging_optins",
        key: "optin",
        body,
    }
}

/// Sends news on its way, if the app has subscribed to it; as standby when another app answers in the thread.
pub(crate) fn tell(scene: &mut Scene, chat: Chat, by: By, news: News) {
    let (sender, recipient) = match by {
        By::Person => (chat.person, chat.page),
        By::Page => (chat.page, chat.person),
    };
    let owner = scene
        .facebook
        .threads
        .get(&chat)
        .map_or(Owner::App, |thread| thread.owner);
    let now = scene.now;
    let Some(page) = scene.facebook.pages.get_mut(&chat.page) else {
        return;
    };
    let channel = match owner {
        Owner::App => Channel::Messaging,
        Owner::Inbox => Channel::Standby,
    };
    let wants = |field| page.outlet.wants(field);
    if !wants(news.field) || (channel == Channel::Standby && !wants("standby")) {
        return;
    }
    let mid = news.body["mid"].as_str().map(str::to_owned);
    let mut body = news.body;
    if channel == Channel::Standby
        && news.key == "postback"
        && let Some(fields) = body.as_object_mut()
    {
        // What a button means is only for the app that answers.
        fields.remove("payload");
    }
    let event = json!({
        "sender": { "id": sender.to_string() },
        "recipient": { "id": recipient.to_string() },
        "timestamp": now,
        news.key: body,
    });
    page.outlet.add(Event {
        person: chat.person,
        channel,
        mid,
        body: event,
    });
}
