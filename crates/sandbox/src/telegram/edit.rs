//! Changing what is there: edits, deletions, reactions, answers to presses.

use super::content::Content;
use super::error::{ApiError, Outcome, bad};
use super::state::{Message, Place};
use super::{keyboard, media, render, send, target};
use crate::args::Args;
use crate::world::Scene;

/// A message can be deleted for so long, in seconds.
const DELETABLE: i64 = 48 * 3600;

/// `editMessageText`.
pub(crate) fn text(scene: &mut Scene, bot: i64, args: &Args) -> Outcome {
    let (place, message) = own(scene, bot, args)?;
    if !matches!(message.content, Content::Text(_)) {
        return Err(bad("there is no text in the message to edit"));
    }
    let rich = send::text_of(scene, args)?;
    change(scene, bot, place, args, &message, |message| {
        message.content = Content::Text(rich);
    })
}

/// `editMessageCaption`.
pub(crate) fn caption(scene: &mut Scene, bot: i64, args: &Args) -> Outcome {
    let (place, message) = own(scene, bot, args)?;
    let can = matches!(&message.content, Content::Media(media) if media.kind.takes_caption());
    if !can {
        return Err(bad("there is no caption in the message to edit"));
    }
    let caption = send::caption_of(scene, args)?;
    let above = args.flag("show_caption_above_media");
    change(scene, bot, place, args, &message, |message| {
        if let Content::Media(media) = &mut message.content {
            media.caption = caption;
            media.facts.caption_above = above;
        }
    })
}

/// `editMessageMedia`.
pub(crate) fn media(scene: &mut Scene, bot: i64, args: &Args) -> Outcome {
    let (place, message) = own(scene, bot, args)?;
    match &message.content {
        Content::Text(_) | Content::Media(_) => {}
        Content::Plain(..) | Content::Service { .. } => {
            return Err(bad("message can't be edited"));
        }
    }
    let item = args.get("media").cloned().unwrap_or_default();
    let media = media::input_media(scene, bot, args, &item)?;
    change(scene, bot, place, args, &message, |message| {
        message.content = Content::Media(media);
    })
}

/// `editMessageReplyMarkup`.
pub(crate) fn markup(scene: &mut Scene, bot: i64, args: &Args) -> Outcome {
    let (place, message) = own(scene, bot, args)?;
    change(scene, bot, place, args, &message, |_| {})
}

/// The bot's own message, as far as it can be edited.
fn own(scene: &Scene, bot: i64, args: &Args) -> Result<(Place, Message), ApiError> {
    if args.get("chat_id").is_none() && args.text("inline_message_id").is_some() {
        return Err(bad("MESSAGE_ID_INVALID"));
    }
    let place = target::writable(&scene.telegram, bot, args)?;
    let Some(id) = args.int("message_id") else {
        return Err(bad("message identifier is not specified"));
    };
    let message = scene
        .telegram
        .message(place, id)
        .ok_or_else(|| bad("message to edit not found"))?;
    // Only without a keyboard or with an inline one; forwarded messages stay as they were.
    let keyboard = message.reply_keyboard.as_ref();
    let bound = keyboard.is_some_and(|markup| markup.get("remove_keyboard").is_none());
    let service = matches!(message.content, Content::Service { .. });
    if message.from != bot || message.forward.is_some() || bound || service {
        return Err(bad("message can't be edited"));
    }
    Ok((place, message.clone()))
}

/// Edits a message: an absent `reply_markup` takes the keys away.
fn change(
    scene: &mut Scene,
    bot: i64,
    place: Place,
    args: &Args,
    before: &Message,
    edit: impl FnOnce(&mut Message),
) -> Outcome {
    let mut after = before.clone();
    edit(&mut after);
    after.keyboard = keyboard::read(args.get("reply_markup"))?.inline;
    if after.content == before.content && after.keyboard == before.keyboard {
        return Err(bad(
            "message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message",
        ));
    }
    target::spend(scene, bot, place, 1, true)?;
    if after.content != before.content {
        after.edited = Some(scene.date());
    }
    let shown = render::message(&scene.telegram, &scene.files, bot, place, &after);
    if let Some(message) = scene.telegram.message_mut(place, after.id) {
        *message = after;
    }
    scene.touch();
    Ok(shown)
}

/// `deleteMessage`.
pub(crate) fn delete(scene: &mut Scene, bot: i64, args: &Args) -> Outcome {
    let place = target::writable(&scene.telegram, bot, args)?;
    let id = args.int("message_id").unwrap_or(0);
    let message = scene
        .telegram
        .message(place, id)
        .ok_or_else(|| bad("message to delete not found"))?;
    if !deletable(scene, bot, place, message) {
        return Err(bad("message can't be deleted"));
    }
    remove(scene, place, id);
    Ok(super::done())
}

/// `deleteMessages`: what is not there or cannot be deleted is passed over.
pub(crate) fn delete_many(scene: &mut Scene, bot: i64, args: &Args) -> Outcome {
    let place = target::writable(&scene.telegram, bot, args)?;
    let ids = target::message_ids(args)?;
    for id in ids {
        let message = scene.telegram.message(place, id);
        if message.is_some_and(|message| deletable(scene, bot, place, message)) {
            remove(scene, place, id);
        }
    }
    Ok(super::done())
}

fn deletable(scene: &Scene, bot: i64, place: Place, message: &Message) -> bool {
    match place {
        Place::Group(id) if scene.telegram.status(id, bot).is_admin() => true,
        Place::Group(_) => message.from == bot && scene.date() - message.date < DELETABLE,
        Place::Private { .. } => scene.date() - message.date < DELETABLE,
    }
}

fn remove(scene: &mut Scene, place: Place, id: i64) {
    if let Some(thread) = scene.telegram.thread_mut(place) {
        thread.messages.remove(&id);
        thread.pinned.remove(&id);
    }
    scene.touch();
}

/// Reactions that everybody may set (`ReactionTypeEmoji`).
const REACTIONS: &str = "❤👍👎🔥🥰👏😁🤔🤯😱🤬😢🎉🤩🤮💩🙏👌🕊🤡🥱🥴😍🐳❤‍🔥🌚🌭💯🤣⚡🍌🏆💔🤨😐🍓🍾💋🖕😈😴😭🤓👻👨‍💻👀🎃🙈😇😨🤝✍🤗🫡🎅🎄☃💅🤪🗿🆒💘🙉🦄😘💊🙊😎👾🤷‍♂🤷🤷‍♀😡";

/// `setMessageReaction`: a bot sets one at most; none takes it back.
pub(crate) fn react(scene: &mut Scene, bot: i64, args: &Args) -> Outcome {
    let place = target::writable(&scene.telegram, bot, args)?;
    let id = args.int("message_id").unwrap_or(0);
    let wanted = args.list("reaction");
    if wanted.len() > 1 {
        return Err(bad("REACTIONS_TOO_MANY"));
    }
    let emoji = match wanted.first() {
        None => None,
        Some(reaction) => match reaction["emoji"].as_str() {
            Some(emoji)
                if !emoji.is_empty() && REACTIONS.contains(emoji.trim_end_matches('\u{fe0f}')) =>
            {
                Some(emoji.to_owned())
            }
            _ => return Err(bad("REACTION_INVALID")),
        },
    };
    // In an album it lands on the first message.
    let message = scene.telegram.message(place, id);
    let Some(message) =
        message.filter(|message| !matches!(message.content, Content::Service { .. }))
    else {
        return Err(bad("message to react not found"));
    };
    let id = first_of_album(scene, place, message);
    if let Some(message) = scene.telegram.message_mut(place, id) {
        match emoji {
            Some(emoji) => drop(message.reactions.insert(bot, emoji)),
            None => drop(message.reactions.remove(&bot)),
        }
    }
    scene.touch();
    Ok(super::done())
}

fn first_of_album(scene: &Scene, place: Place, message: &Message) -> i64 {
    let Some(album) = &message.album else {
        return message.id;
    };
    let before = scene
        .telegram
        .thread(place)
        .map(|thread| thread.messages.range(..message.id).rev());
    let same = before
        .into_iter()
        .flatten()
        .take_while(|(_, earlier)| earlier.album.as_ref() == Some(album));
    same.last().map_or(message.id, |(id, _)| *id)
}

/// `answerCallbackQuery`.
pub(crate) fn answer(scene: &mut Scene, bot: i64, args: &Args) -> Outcome {
    let text = args
        .text("text")
        .filter(|text| !text.is_empty())
        .map(str::to_owned);
    if text.as_ref().is_some_and(|text| text.chars().count() > 200) {
        return Err(bad("MESSAGE_TOO_LONG"));
    }
    let id = args.text("callback_query_id").unwrap_or_default();
    let now = scene.now;
    let press = scene.telegram.callbacks.open(id, bot, now).ok_or_else(|| {
        bad("query is too old and response timeout expired or query ID is invalid")
    })?;
    // The client has shown the first answer already.
    if !press.answered {
        press.answered = true;
        press.text = text;
        press.show_alert = args.flag("show_alert");
        press.url = args.text("url").map(str::to_owned);
    }
    scene.touch();
    Ok(super::done())
}
