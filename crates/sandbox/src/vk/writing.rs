//! What people and administrators write, edit and delete. Called by the control API.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::media::{MAX_ATTACHMENTS, of_file};
use super::people::known;
use super::state::{Attachment, Message, Said};
use super::{events, send};
use crate::files::FileId;
use crate::world::{Deed, Scene};

/// Seconds of a voice message that nobody has measured.
const DURATION: i64 = 3;

#[derive(Deserialize)]
pub(crate) struct Written {
    from: i64,
    chat: i64,
    reply_to: Option<i64>,
    #[serde(default)]
    forwards: Vec<Forwarded>,
    /// As a key carries it: JSON text.
    payload: Option<String>,
    #[serde(flatten)]
    given: Given,
}

/// What is said: text, files in a list, or one file in Telegram's form.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Given {
    text: Option<String>,
    caption: Option<String>,
    attachments: Vec<Item>,
    photo: Option<String>,
    video: Option<String>,
    animation: Option<String>,
    audio: Option<String>,
    document: Option<String>,
    voice: Option<String>,
    video_note: Option<String>,
    sticker: Option<String>,
    graffiti: Option<String>,
    duration: Option<i64>,
    location: Option<Place>,
    contact: Option<Contact>,
}

#[derive(Clone, Copy, Deserialize)]
struct Place {
    latitude: f64,
    longitude: f64,
}

/// VK has no contacts: it is written out.
#[derive(Deserialize)]
struct Contact {
    phone_number: String,
    first_name: String,
    #[serde(default)]
    last_name: String,
}

/// One attachment. Of a kind that is not made of a file, the other fields are the object's own.
#[derive(Default, Deserialize)]
struct Item {
    kind: String,
    file: Option<String>,
    title: Option<String>,
    duration: Option<i64>,
    location: Option<Place>,
    #[serde(flatten)]
    fields: Map<String, Value>,
}

/// A forwarded message, perhaps with messages in it.
#[derive(Deserialize)]
struct Forwarded {
    from: i64,
    #[serde(default)]
    forwards: Vec<Forwarded>,
    #[serde(flatten)]
    given: Given,
}

/// A person writes.
pub(crate) fn write(scene: &mut Scene, written: Written) -> Deed {
    let (person, community) = (written.from, written.chat);
    known(scene, person, community)?;
    let mut said = said(scene, person, written.given)?;
    if let Some(cmid) = written.reply_to {
        said.reply = Some(Box::new(quoted(scene, community, person, cmid)?));
    }
    for one in written.forwards {
        said.forwards.push(forwarded(scene, one)?);
    }
    if send::is_empty(&said) {
        return Err("there is nothing in the message: give text or attachments".to_owned());
    }
    Ok(receive(scene, community, said, written.payload))
}

/// A person's message arrives; whoever writes also allows answers.
pub(crate) fn receive(
    scene: &mut Scene,
    community: i64,
    said: Said,
    payload: Option<String>,
) -> Value {
    let person = said.from;
    let chat = scene.vk.chat(community, person);
    chat.allowed = true;
    chat.denied = false;
    let message = Message {
        said,
        payload,
        ..Message::default()
    };
    let (_, cmid) = scene.vk.post(community, person, message);
    events::message_new(scene, community, person, cmid);
    scene.touch();
    json!({ "message_id": cmid })
}

fn quoted(scene: &Scene, community: i64, person: i64, cmid: i64) -> Result<Said, String> {
    let message = scene.vk.message(community, person, cmid);
    message
        .map(|message| message.said.clone())
        .ok_or_else(|| format!("no message {cmid} in this chat to reply to"))
}

fn forwarded(scene: &mut Scene, one: Forwarded) -> Result<Said, String> {
    let mut said = said(scene, one.from, one.given)?;
    for inner in one.forwards {
        said.forwards.push(forwarded(scene, inner)?);
    }
    Ok(said)
}

fn said(scene: &mut Scene, from: i64, given: Given) -> Result<Said, String> {
    let date = scene.date();
    let location = given.location;
    let text = given.text.or(given.caption);
    let contact = given.contact.map(|contact| {
        let name = format!("{} {}", contact.first_name, contact.last_name);
        format!("{} {}", name.trim(), contact.phone_number)
    });
    let alone = [
        ("photo", given.photo),
        ("video", given.video),
        ("animation", given.animation),
        ("audio", given.audio),
        ("document", given.document),
        ("voice", given.voice),
        ("video_note", given.video_note),
        ("sticker", given.sticker),
        ("graffiti", given.graffiti),
    ];
    let alone = alone
        .into_iter()
        .filter(|(_, file)| file.is_some())
        .map(|(kind, file)| Item {
            kind: kind.to_owned(),
            file,
            duration: given.duration,
            ..Item::default()
        });
    let mut said = Said {
        date,
        from,
        text: text.or(contact).unwrap_or_default(),
        geo: location.map(|place| send::geo(place.latitude, place.longitude)),
        ..Said::default()
    };
    let items: Vec<Item> = alone.chain(given.attachments).collect();
    if items.len() > MAX_ATTACHMENTS {
        return Err(format!(
            "a message has at most {MAX_ATTACHMENTS} attachments"
        ));
    }
    for item in items {
        if let Some(place) = item.location {
            said.geo = Some(send::geo(place.latitude, place.longitude));
        } else {
            said.attachments.push(attachment(scene, from, item)?);
        }
    }
    Ok(said)
}

fn attachment(scene: &mut Scene, owner: i64, item: Item) -> Result<Attachment, String> {
    let kind = match item.kind.as_str() {
        "document" | "doc" | "animation" => "doc",
        "voice" | "audio_message" => "audio_message",
        "video" | "video_note" => "video",
        other => other,
    };
    if let Some(name) = &item.file {
        let id = FileId::parse(name).ok_or_else(|| format!("{name} is no id of a file"))?;
        let duration = item.duration.unwrap_or(DURATION);
        let made = of_file(scene, kind, owner, id, item.title.as_deref(), duration);
        return made.ok_or_else(|| {
            format!("{kind} of {name}: upload the file with POST /sandbox/files first, and name a kind that has a file")
        });
    }
    if matches!(
        kind,
        "photo" | "doc" | "audio_message" | "audio" | "graffiti"
    ) {
        return Err(format!(
            "{kind} needs a file: upload it with POST /sandbox/files first"
        ));
    }
    Ok(Attachment {
        kind: kind.to_owned(),
        body: without_file(scene, kind, owner, item.title, item.fields),
        file: None,
    })
}

/// A link, a post, goods, a gift …, and kinds that nobody has heard of.
fn without_file(
    scene: &mut Scene,
    kind: &str,
    owner: i64,
    title: Option<String>,
    fields: Map<String, Value>,
) -> Value {
    let id = i64::try_from(scene.vk.next_serial()).unwrap_or(0);
    let mut body = match kind {
        "link" => {
            json!({ "url": "https://example.com/", "title": "", "caption": "", "description": "" })
        }
        "video" => {
            json!({ "id": id, "owner_id": owner, "title": "Видео", "duration": DURATION, "date": scene.date(), "player": format!("/vk/player/{id}") })
        }
        "wall" => {
            json!({ "id": id, "owner_id": owner, "from_id": owner, "date": scene.date(), "text": "", "attachments": [] })
        }
        "market" => json!({ "id": id, "owner_id": owner, "title": "Товар", "description": "" }),
        "poll" => json!({ "id": id, "owner_id": owner, "question": "", "answers": [] }),
        "gift" => json!({ "id": id, "thumb_256": format!("/vk/stickers/{id}.png") }),
        "sticker" => return super::media::sticker(id, None).body,
        _ => json!({}),
    };
    if let Some(title) = title {
        body["title"] = title.into();
    }
    for (name, value) in fields {
        body[name] = value;
    }
    body
}

#[derive(Deserialize)]
pub(crate) struct Edited {
    text: Option<String>,
    attachments: Option<Vec<Item>>,
}

/// A person edits their own message.
pub(crate) fn edit(
    scene: &mut Scene,
    community: i64,
    person: i64,
    cmid: i64,
    edited: Edited,
) -> Deed {
    let old = quoted(scene, community, person, cmid)?;
    if old.from != person {
        return Err(format!("message {cmid} is not of {person}"));
    }
    let given = Given {
        text: Some(edited.text.unwrap_or_else(|| old.text.clone())),
        attachments: edited.attachments.unwrap_or_default(),
        ..Given::default()
    };
    let keeps = given.attachments.is_empty();
    let new = said(scene, person, given)?;
    let date = scene.date();
    if let Some(message) = scene.vk.message_mut(community, person, cmid) {
        message.said.text = new.text;
        if !keeps {
            message.said.attachments = new.attachments;
        }
        message.edited = Some(date);
        message.version += 1;
    }
    events::message(scene, community, "message_edit", person, cmid);
    scene.touch();
    Ok(json!({}))
}

/// A person deletes a message for everybody; the community is not told.
pub(crate) fn delete(scene: &mut Scene, community: i64, person: i64, cmid: i64) -> Deed {
    let chat = scene.vk.chat(community, person);
    chat.messages
        .remove(&cmid)
        .ok_or_else(|| format!("no message {cmid} in this chat"))?;
    scene.touch();
    Ok(json!({}))
}

#[derive(Deserialize)]
pub(crate) struct ByAdmin {
    from: Option<i64>,
    chat: i64,
    person: i64,
    #[serde(flatten)]
    given: Given,
}

/// An administrator writes to a person in VK's own window.
pub(crate) fn write_as_admin(scene: &mut Scene, by: ByAdmin) -> Deed {
    known(scene, by.person, by.chat)?;
    send::writable(scene, by.chat, by.person).map_err(|refused| refused.message)?;
    let admins = &scene.vk.community(by.chat).admins;
    let admin = by.from.or(admins.first().copied());
    let admin = admin.ok_or("the community has no administrator: give \"from\"")?;
    let said = said(scene, -by.chat, by.given)?;
    if send::is_empty(&said) {
        return Err("there is nothing in the message: give text or attachments".to_owned());
    }
    let message = Message {
        said,
        admin: Some(admin),
        ..Message::default()
    };
    let (_, cmid) = scene.vk.post(by.chat, by.person, message);
    events::message(scene, by.chat, "message_reply", by.person, cmid);
    scene.touch();
    Ok(json!({ "message_id": cmid }))
}
