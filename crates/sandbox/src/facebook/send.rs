//! `POST /{page}/messages`: messages and sender actions.

use serde_json::{Value, json};

use super::draft::{self, Draft, DraftAttachment};
use super::error::{GraphError, Outcome, Trouble, bad};
use super::events::{self, By};
use super::media::{self, Prepared};
use super::state::{Attachment, Author, Chat, Kind, Message, Owner};
use crate::args::Args;
use crate::clock::Millis;
use crate::world::{Scene, World};

/// A human agent may answer for so long after the person's last action.
const HUMAN_AGENT: Millis = 7 * super::DAY;
/// «Typing» is shown so long, unless a message comes or it is switched off.
const TYPING: Millis = 20_000;

/// Why it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    /// Inside the 24 hours.
    Usual,
    /// `MESSAGE_TAG` with `HUMAN_AGENT`.
    HumanAgent,
}

/// `POST /{page}/messages`.
pub(crate) async fn post(world: &World, page: i64, args: &mut Args) -> Outcome {
    let person = recipient(args)?;
    let chat = Chat { page, person };
    let action = args.text("sender_action").map(str::to_ascii_lowercase);
    let message = match (args.get("message").cloned(), action) {
        (Some(_), Some(_)) => return Err(Trouble::MessageAndAction.into()),
        (None, None) => return Err(bad("Param message or sender_action is required")),
        (None, Some(action)) => return world.act(|scene| act(scene, chat, &action, args)),
        (Some(message), None) => message,
    };
    if !matches!(
        args.text("notification_type"),
        None | Some("REGULAR" | "SILENT_PUSH" | "NO_PUSH")
    ) {
        return Err(bad(
            "Param notification_type must be one of {NO_PUSH, REGULAR, SILENT_PUSH}",
        ));
    }
    let purpose = purpose(args)?;
    let draft = draft::read(&message, !args.files.is_empty())?;
    let reply_to = args
        .get("reply_to")
        .map(|reply| reply["mid"].as_str().map(str::to_owned));
    if reply_to == Some(None) {
        return Err(bad("Param reply_to[mid] is required"));
    }
    let prepared = media::prepare(world, draft.attachment.as_ref(), args).await?;
    world.act(|scene| {
        open(scene, chat, purpose)?;
        spend(scene, chat, &draft)?;
        send(scene, chat, draft, prepared, reply_to.flatten())
    })
}

fn recipient(args: &Args) -> Result<i64, GraphError> {
    let id = &args
        .get("recipient")
        .ok_or_else(|| bad("Param recipient is required"))?["id"];
    let id = match id {
        Value::String(text) => text.parse().ok(),
        id => id.as_i64(),
    };
    id.ok_or_else(|| bad(r#"Param recipient[id] must be a valid ID string (e.g., "123")"#))
}

fn purpose(args: &Args) -> Result<Purpose, GraphError> {
    let tag = args.text("tag");
    match (args.text("messaging_type"), tag) {
        (Some("RESPONSE" | "UPDATE") | None, None) => Ok(Purpose::Usual),
        // Without a type the tag alone says it.
        (Some("MESSAGE_TAG") | None, Some("HUMAN_AGENT")) => Ok(Purpose::HumanAgent),
        (Some("MESSAGE_TAG"), None) => Err(bad("Param tag is required with MESSAGE_TAG")),
        (Some("MESSAGE_TAG") | None, Some(tag)) => {
            Err(bad(format!("Message tag {tag} is no longer supported")))
        }
        (Some("RESPONSE" | "UPDATE"), Some(_)) => Err(bad(
            "Param tag must be sent with messaging_type MESSAGE_TAG",
        )),
        (Some(_), _) => Err(bad(
            "Param messaging_type must be one of {MESSAGE_TAG, RESPONSE, UPDATE}",
        )),
    }
}

/// Whether the page may write there now.
fn open(scene: &Scene, chat: Chat, purpose: Purpose) -> Result<(), Trouble> {
    let state = &scene.facebook;
    let thread = state.threads.get(&chat).ok_or(Trouble::NoRecipient)?;
    if thread.blocked {
        return Err(Trouble::Blocked);
    }
    if thread.owner == Owner::Inbox {
        return Err(Trouble::AnotherApp);
    }
    let has_feature = state
        .pages
        .get(&chat.page)
        .is_some_and(|page| page.human_agent);
    let window = match purpose {
        Purpose::Usual => super::DAY,
        Purpose::HumanAgent if has_feature => HUMAN_AGENT,
        Purpose::HumanAgent => return Err(Trouble::NotReviewed),
    };
    if scene.now - thread.acted < window {
        Ok(())
    } else {
        Err(Trouble::Window)
    }
}

fn spend(scene: &mut Scene, chat: Chat, draft: &Draft) -> Result<(), Trouble> {
    if !scene.enforce {
        return Ok(());
    }
    let kind = match &draft.attachment {
        Some(DraftAttachment::File { kind, .. }) => Some(*kind),
        Some(DraftAttachment::Template { .. }) | None => None,
    };
    take(scene, chat.page, kind)
}

fn take(scene: &mut Scene, page: i64, kind: Option<Kind>) -> Result<(), Trouble> {
    let now = scene.now;
    let engaged = scene.facebook.engaged(page, now);
    scene.facebook.page(page).limits.take(kind, engaged, now)
}

fn send(
    scene: &mut Scene,
    chat: Chat,
    draft: Draft,
    prepared: Option<Prepared>,
    reply_to: Option<String>,
) -> Outcome {
    if let Some(mid) = &reply_to
        && scene.facebook.message(chat, mid).is_none()
    {
        return Err(Trouble::Deleted.into());
    }
    let mut attachment_id = None;
    let attachment = match (draft.attachment, prepared) {
        (Some(DraftAttachment::File { kind, reusable, .. }), Some(prepared)) => {
            let (file, id) = media::keep(scene, chat.page, kind, prepared, reusable)?;
            attachment_id = id;
            Some(Attachment::File {
                kind,
                file,
                duration: None,
            })
        }
        (
            Some(DraftAttachment::Template {
                payload,
                text,
                buttons,
            }),
            _,
        ) => Some(Attachment::Template {
            payload,
            text,
            buttons,
        }),
        (Some(DraftAttachment::File { .. }) | None, _) => None,
    };
    let mid = scene.facebook.next_mid(chat, scene.now);
    let mut message = Message::new(mid.clone(), scene.now, Author::App);
    message.text = draft.text;
    message.attachments.extend(attachment);
    message.quick_replies = draft.quick_replies;
    message.metadata = draft.metadata;
    message.reply_to = reply_to;
    said(scene, chat, message);
    let mut sent = json!({ "recipient_id": chat.person.to_string(), "message_id": mid });
    if let Some(id) = attachment_id {
        sent["attachment_id"] = id.into();
    }
    Ok(sent)
}

/// The page has written: the person gets it, the app hears its echo and that it was delivered.
pub(crate) fn said(scene: &mut Scene, chat: Chat, message: Message) {
    let echo = events::echo(scene, chat, &message);
    let mid = message.mid.clone();
    scene.facebook.post(chat, message);
    if let Some(thread) = scene.facebook.threads.get_mut(&chat) {
        thread.typing_until = 0;
    }
    events::tell(scene, chat, By::Page, echo);
    let delivered = events::delivery(scene.now, &mid);
    events::tell(scene, chat, By::Person, delivered);
    scene.touch();
}

/// A sender action; nothing of it is repeated to the app.
fn act(scene: &mut Scene, chat: Chat, action: &str, args: &Args) -> Outcome {
    open(scene, chat, Purpose::Usual)?;
    if scene.enforce {
        take(scene, chat.page, None)?;
    }
    let now = scene.now;
    let thread = scene
        .facebook
        .threads
        .get_mut(&chat)
        .ok_or(Trouble::NoRecipient)?;
    match action {
        "typing_on" => thread.typing_until = now + TYPING,
        "typing_off" => thread.typing_until = 0,
        "mark_seen" => thread.seen_until = now,
        "react" | "unreact" => react(scene, chat, action == "react", args)?,
        _ => {
            return Err(bad(
                "Param sender_action must be one of {MARK_SEEN, REACT, TYPING_OFF, TYPING_ON, UNREACT}",
            ));
        }
    }
    scene.touch();
    Ok(json!({ "recipient_id": chat.person.to_string() }))
}

fn react(scene: &mut Scene, chat: Chat, on: bool, args: &Args) -> Result<(), GraphError> {
    let payload = args.get("payload").unwrap_or(&Value::Null);
    let mid = payload["message_id"]
        .as_str()
        .ok_or_else(|| bad("Param payload[message_id] is required"))?;
    let reaction = payload["reaction"].as_str();
    let message = scene
        .facebook
        .message_mut(chat, mid)
        .ok_or(Trouble::Deleted)?;
    match (on, reaction) {
        (true, None) => return Err(bad("Param payload[reaction] is required")),
        (true, Some(reaction)) => {
            let emoji = events::emoji(reaction);
            message.reactions.insert(chat.page, emoji.to_owned());
        }
        (false, _) => drop(message.reactions.remove(&chat.page)),
    }
    Ok(())
}
