//! What people write: messages and edits; and what somebody in the page's inbox answers. Called by the control API.
//!
//! A deed that Messenger would not allow is refused with a sentence that says what to do.

use serde::Deserialize;
use serde_json::{Value, json};

use super::events::{self, By};
use super::people::{known_file, page_of};
use super::send;
use super::state::{Attachment, Author, Chat, Kind, Message};
use crate::world::{Deed, Scene};

/// Messenger lets people change a message so often.
const MAX_EDITS: u8 = 5;
/// The inbox of Meta Business Suite is an app, too.
const INBOX_APP: i64 = 263_902_037_430_900;

#[derive(Deserialize)]
pub(crate) struct Written {
    from: i64,
    chat: i64,
    reply_to: Option<String>,
    #[serde(flatten)]
    said: Said,
}

/// What is said: a text, files, or something that the API does not carry.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Said {
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
    duration: Option<i64>,
    location: Option<Value>,
    contact: Option<Value>,
    fallback: Option<Value>,
}

#[derive(Deserialize)]
struct Item {
    kind: String,
    file: String,
    duration: Option<i64>,
}

/// The thread that a person can act in now; acting for the first time begins it.
pub(super) fn enter(scene: &mut Scene, from: i64, page: i64) -> Result<Chat, String> {
    let chat = place(scene, from, page)?;
    let now = scene.now;
    let thread = scene.facebook.threads.entry(chat).or_default();
    if thread.blocked {
        return Err(format!(
            "{from} has blocked the page: POST /sandbox/facebook/unblock first"
        ));
    }
    thread.acted = now;
    let until = thread.read_until;
    let newest = thread.messages.iter().rev();
    let mut unread = newest.take_while(|message| message.at > until);
    if unread.any(Message::is_from_page) {
        read(scene, chat);
    }
    Ok(chat)
}

/// The thread of a person with a page, whether or not it has begun.
pub(super) fn place(scene: &Scene, person: i64, page: i64) -> Result<Chat, String> {
    page_of(scene, page)?;
    if scene.facebook.people.contains_key(&person) {
        Ok(Chat { page, person })
    } else {
        Err(format!(
            "no person {person}: make them with POST /sandbox/facebook/people first"
        ))
    }
}

/// The person has read everything, and the app is told.
pub(super) fn read(scene: &mut Scene, chat: Chat) {
    let now = scene.now;
    if let Some(thread) = scene.facebook.threads.get_mut(&chat) {
        thread.read_until = now;
    }
    events::tell(scene, chat, By::Person, events::read(now));
    scene.touch();
}

/// A person writes.
pub(crate) fn write(scene: &mut Scene, written: Written) -> Deed {
    let chat = place(scene, written.from, written.chat)?;
    let (text, attachments) = contents(scene, written.said)?;
    replied(scene, chat, written.reply_to.as_deref())?;
    let chat = enter(scene, chat.person, chat.page)?;
    let mid = scene.facebook.next_mid(chat, scene.now);
    let mut message = Message::new(mid.clone(), scene.now, Author::Person);
    message.text = text;
    message.attachments = attachments;
    message.reply_to = written.reply_to;
    heard(scene, chat, message);
    Ok(json!({ "message_id": mid }))
}

/// A person's message is posted and told.
pub(super) fn heard(scene: &mut Scene, chat: Chat, message: Message) {
    let news = events::message(scene, chat, &message);
    scene.facebook.post(chat, message);
    events::tell(scene, chat, By::Person, news);
    scene.touch();
}

fn replied(scene: &Scene, chat: Chat, mid: Option<&str>) -> Result<(), String> {
    match mid {
        Some(mid) if scene.facebook.message(chat, mid).is_none() => {
            Err(format!("no message {mid} in this thread to reply to"))
        }
        Some(_) | None => Ok(()),
    }
}

fn contents(scene: &Scene, said: Said) -> Result<(Option<String>, Vec<Attachment>), String> {
    let simple = [
        ("photo", said.photo),
        ("video", said.video),
        ("animation", said.animation),
        ("audio", said.audio),
        ("document", said.document),
        ("voice", said.voice),
        ("video_note", said.video_note),
        ("sticker", said.sticker),
    ];
    let items = simple.into_iter().filter_map(|(kind, file)| {
        Some(Item {
            kind: kind.to_owned(),
            file: file?,
            duration: said.duration,
        })
    });
    let mut attachments = items
        .chain(said.attachments)
        .map(|item| file(scene, &item))
        .collect::<Result<Vec<_>, _>>()?;
    attachments.extend(said.location.as_ref().map(place_card));
    attachments.extend(said.contact.as_ref().map(contact_card));
    attachments.extend(said.fallback.map(|share| Attachment::Fallback {
        title: share["title"].as_str().map(str::to_owned),
        url: share["url"].as_str().map(str::to_owned),
    }));
    let text = said.text.or(said.caption).filter(|text| !text.is_empty());
    if text.is_none() && attachments.is_empty() {
        return Err("say text, attachments, or one of photo, video, animation, audio, document, voice, video_note, sticker, location, contact, fallback".to_owned());
    }
    Ok((text, attachments))
}

fn file(scene: &Scene, item: &Item) -> Result<Attachment, String> {
    let kind = match item.kind.as_str() {
        "photo" | "image" | "animation" => Kind::Image,
        "video" | "video_note" => Kind::Video,
        "audio" => Kind::Audio,
        "voice" => Kind::Voice,
        "document" | "file" => Kind::File,
        "sticker" => Kind::Sticker,
        other => {
            return Err(format!(
                "kind {other}: photo, video, animation, audio, voice, document, video_note, sticker are known"
            ));
        }
    };
    Ok(Attachment::File {
        kind,
        file: known_file(scene, &item.file)?,
        duration: item.duration,
    })
}

/// The API has no type for a place (any more): it arrives as a share of a map.
fn place_card(place: &Value) -> Attachment {
    let (lat, long) = (&place["latitude"], &place["longitude"]);
    Attachment::Fallback {
        title: Some("Pinned Location".to_owned()),
        url: Some(format!(
            "https://www.facebook.com/l.php?u=https%3A%2F%2Fwww.bing.com%2Fmaps%2Fdefault.aspx%3Fwhere1%3D{lat}%252C%2B{long}"
        )),
    }
}

fn contact_card(contact: &Value) -> Attachment {
    let words = ["first_name", "last_name", "phone_number"];
    let words = words.into_iter().filter_map(|word| contact[word].as_str());
    Attachment::Fallback {
        title: Some(words.collect::<Vec<_>>().join(" ")),
        url: None,
    }
}

#[derive(Deserialize)]
pub(crate) struct Edited {
    text: String,
}

/// A person changes their own text.
pub(crate) fn edit(scene: &mut Scene, chat: Chat, mid: &str, edited: &Edited) -> Deed {
    let date = scene.date();
    let message = own(scene, chat, mid)?;
    if message.text.is_none() || edited.text.is_empty() {
        return Err("only a text can be changed, and only to a text".to_owned());
    }
    if message.edits == MAX_EDITS {
        return Err(format!("a message can be changed {MAX_EDITS} times"));
    }
    message.edits += 1;
    message.edited = Some(date);
    message.text = Some(edited.text.clone());
    let news = events::edit(mid, &edited.text, message.edits);
    events::tell(scene, chat, By::Person, news);
    scene.touch();
    Ok(json!({}))
}

fn own<'a>(scene: &'a mut Scene, chat: Chat, mid: &str) -> Result<&'a mut Message, String> {
    scene
        .facebook
        .message_mut(chat, mid)
        .filter(|message| message.author == Author::Person)
        .ok_or_else(|| format!("no message {mid} of {} in this thread", chat.person))
}

/// A person takes their message back; the app is not told.
pub(crate) fn delete(scene: &mut Scene, chat: Chat, mid: &str) -> Deed {
    own(scene, chat, mid)?;
    if let Some(thread) = scene.facebook.threads.get_mut(&chat) {
        thread.messages.retain(|message| message.mid != mid);
    }
    scene.touch();
    Ok(json!({}))
}

#[derive(Deserialize)]
pub(crate) struct Answered {
    chat: i64,
    person: i64,
    reply_to: Option<String>,
    #[serde(flatten)]
    said: Said,
}

/// Somebody answers in the page's inbox: the app sees an echo with the inbox's `app_id`.
pub(crate) fn admin(scene: &mut Scene, answered: Answered) -> Deed {
    let chat = place(scene, answered.person, answered.chat)?;
    if !scene.facebook.threads.contains_key(&chat) {
        return Err("the person has never written to the page".to_owned());
    }
    let (text, attachments) = contents(scene, answered.said)?;
    replied(scene, chat, answered.reply_to.as_deref())?;
    let mid = scene.facebook.next_mid(chat, scene.now);
    let mut message = Message::new(mid.clone(), scene.now, Author::Admin(INBOX_APP));
    message.text = text;
    message.attachments = attachments;
    message.reply_to = answered.reply_to;
    send::said(scene, chat, message);
    Ok(json!({ "message_id": mid }))
}
