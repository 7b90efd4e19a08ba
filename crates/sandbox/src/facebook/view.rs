//! What the page shows: the same state, as people see it. Shapes are those of Telegram's chats.

use serde_json::{Value, json};

use super::state::{Action, Attachment, Author, Chat, Message, Owner, Page, Person, Thread};
use crate::files::FileId;
use crate::messenger::Messenger;
use crate::world::Scene;

/// The last messages of a thread that are shown.
const SHOWN: usize = 200;
/// Characters of the quoted message.
const QUOTE: usize = 80;

/// The pages, people and threads, for `GET /sandbox/state`.
pub(crate) fn everybody(scene: &Scene) -> (Vec<Value>, Vec<Value>, Vec<Value>) {
    let state = &scene.facebook;
    let threads = state.threads.iter();
    (
        state.pages.values().map(page).collect(),
        state.people.values().map(person).collect(),
        threads
            .map(|(chat, thread)| show_thread(scene, *chat, thread))
            .collect(),
    )
}

pub(crate) fn page(page: &Page) -> Value {
    let outlet = &page.outlet;
    let last_error = outlet
        .last_error()
        .map(|(date, message)| json!({ "date": date, "message": message }));
    json!({
        "messenger": Messenger::Facebook,
        "id": page.id,
        "first_name": page.name,
        "mode": if outlet.url().is_some() { "webhook" } else { "idle" },
        "pending": outlet.pending(),
        "app_id": page.app_id,
        "human_agent": page.human_agent,
        "webhook": { "url": outlet.url(), "subscribed_fields": outlet.subscribed(), "last_error": last_error },
        "get_started": page.profile.get("get_started"),
        "greeting": page.profile.get("greeting"),
        "persistent_menu": page.profile.get("persistent_menu"),
        "ice_breakers": page.profile.get("ice_breakers"),
    })
}

pub(crate) fn person(person: &Person) -> Value {
    json!({
        "messenger": Messenger::Facebook,
        "id": person.id,
        "first_name": person.first_name,
        "last_name": person.last_name,
    })
}

fn show_thread(scene: &Scene, chat: Chat, thread: &Thread) -> Value {
    let first = thread.messages.len().saturating_sub(SHOWN);
    let messages = thread.messages.iter().skip(first);
    json!({
        "messenger": Messenger::Facebook,
        "id": chat.person,
        "type": "private",
        "bot": chat.page,
        "person": chat.person,
        "started": true,
        "blocked": thread.blocked,
        "typing": thread.typing_until > scene.now,
        "seen": thread.seen_until / 1000,
        "owner": match thread.owner {
            Owner::App => "app",
            Owner::Inbox => "inbox",
        },
        "window_until": (thread.acted + super::DAY) / 1000,
        "messages": messages.map(|message| show(scene, chat, message)).collect::<Vec<_>>(),
    })
}

fn show(scene: &Scene, chat: Chat, message: &Message) -> Value {
    let state = &scene.facebook;
    let attachments = message.attachments.iter();
    let attachments: Vec<Value> = attachments.map(|one| attached(scene, one)).collect();
    let first = attachments.first();
    let reactions = message.reactions.iter();
    let name = match message.author {
        Author::Person => state
            .people
            .get(&chat.person)
            .map(|person| person.first_name.clone()),
        Author::App | Author::Admin(_) => state.pages.get(&chat.page).map(|page| page.name.clone()),
    };
    let mut out = json!({
        "message_id": message.mid,
        "date": message.at / 1000,
        "edit_date": message.edited,
        "from": if message.is_from_page() { chat.page } else { chat.person },
        "from_bot": message.author == Author::App,
        "from_admin": matches!(message.author, Author::Admin(_)),
        "from_name": name,
        "kind": first.map_or(&json!("text"), |first| &first["kind"]),
        "text": text(message),
        "file": first.map(|first| &first["file"]),
        "keyboard": keyboard(message),
        "quick_replies": message.quick_replies.iter()
            .map(|reply| json!({ "title": reply.title, "payload": reply.payload }))
            .collect::<Vec<_>>(),
        "chosen": message.chosen,
        "metadata": message.metadata,
        "reactions": reactions.map(|(from, emoji)| json!({ "emoji": emoji, "from": from })).collect::<Vec<_>>(),
        "reply_to": message.reply_to.as_ref().map(|mid| {
            let quote = state.message(chat, mid).map(gist);
            json!({ "message_id": mid, "quote": quote })
        }),
        "pinned": false,
        "deleted": false,
    });
    if attachments.len() > 1 {
        out["attachments"] = attachments.into();
    }
    out
}

/// What there is to read: the text, or what a template or a share says.
fn text(message: &Message) -> Option<String> {
    let said = message
        .attachments
        .iter()
        .find_map(|attachment| match attachment {
            Attachment::Template { text, .. } => Some(text.clone()),
            Attachment::Fallback { title, url } => {
                let parts = [title, url].into_iter().flatten().cloned();
                Some(parts.collect::<Vec<_>>().join("\n"))
            }
            Attachment::File { .. } => None,
        });
    message.text.clone().or(said)
}

fn keyboard(message: &Message) -> Option<Vec<Value>> {
    let rows: Vec<Value> = message
        .buttons()
        .iter()
        .map(|button| match &button.action {
            Action::Postback(payload) => {
                json!([{ "text": button.title, "callback_data": payload }])
            }
            Action::Open(url) => json!([{ "text": button.title, "url": url }]),
            Action::Call(number) => json!([{ "text": button.title, "phone": number }]),
        })
        .collect();
    (!rows.is_empty()).then_some(rows)
}

fn attached(scene: &Scene, attachment: &Attachment) -> Value {
    match attachment {
        Attachment::File {
            kind,
            file,
            duration,
        } => {
            let about = about(scene, *file, *duration);
            json!({ "kind": kind.shown(), "file": about })
        }
        Attachment::Template { .. } | Attachment::Fallback { .. } => json!({ "kind": "text" }),
    }
}

fn about(scene: &Scene, id: FileId, duration: Option<i64>) -> Value {
    let mut about = json!({ "file_id": id.to_string(), "duration": duration });
    if let Some(file) = scene.files.get(id) {
        about["name"] = file.name.clone().into();
        about["mime"] = file.mime.clone().into();
        about["size"] = file.bytes.len().into();
        about["width"] = file.width.into();
        about["height"] = file.height.into();
    }
    about
}

/// The first words of a message.
fn gist(message: &Message) -> String {
    let kind = message
        .attachments
        .iter()
        .find_map(|attachment| match attachment {
            Attachment::File { kind, .. } => Some(kind.shown().to_owned()),
            Attachment::Template { .. } | Attachment::Fallback { .. } => None,
        });
    let text = text(message).or(kind).unwrap_or_default();
    text.chars().take(QUOTE).collect()
}
