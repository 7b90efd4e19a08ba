//! Which method does what.

use serde_json::Value;

use super::content::MediaKind;
use super::error::{Outcome, error};
use super::{chats, copy, edit, fetch, media, profile, send, target, webhook};
use crate::args::Args;
use crate::world::Scene;

/// How long "typing…" is shown.
const TYPING: i64 = 5_000;

/// Calls a published method with parameters of the right types.
pub(crate) fn call(scene: &mut Scene, bot: i64, method: &str, args: &Args) -> Outcome {
    let media = |scene: &mut Scene, kind| media::single(scene, bot, args, kind);
    match method {
        "getMe" => Ok(profile::me(scene, bot)),
        "logOut" | "close" => Ok(super::done()),
        "getWebhookInfo" => Ok(webhook::info(&scene.telegram.bot(bot).queue)),
        "sendMessage" => send::text(scene, bot, args),
        "sendPhoto" => media(scene, MediaKind::Photo),
        "sendAudio" => media(scene, MediaKind::Audio),
        "sendDocument" => media(scene, MediaKind::Document),
        "sendVideo" => media(scene, MediaKind::Video),
        "sendAnimation" => media(scene, MediaKind::Animation),
        "sendVoice" => media(scene, MediaKind::Voice),
        "sendVideoNote" => media(scene, MediaKind::VideoNote),
        "sendSticker" => media(scene, MediaKind::Sticker),
        "sendMediaGroup" => media::album(scene, bot, args),
        "sendLocation" => send::location(scene, bot, args),
        "sendVenue" => send::venue(scene, bot, args),
        "sendContact" => send::contact(scene, bot, args),
        "sendPoll" => send::poll(scene, bot, args),
        "sendDice" => send::dice(scene, bot, args),
        "sendChatAction" => typing(scene, bot, args),
        "forwardMessage" => copy::one(scene, bot, args, copy::Way::Forward),
        "forwardMessages" => copy::many(scene, bot, args, copy::Way::Forward),
        "copyMessage" => copy::one(scene, bot, args, copy::Way::Copy),
        "copyMessages" => copy::many(scene, bot, args, copy::Way::Copy),
        "editMessageText" => edit::text(scene, bot, args),
        "editMessageCaption" => edit::caption(scene, bot, args),
        "editMessageMedia" => edit::media(scene, bot, args),
        "editMessageReplyMarkup" => edit::markup(scene, bot, args),
        "deleteMessage" => edit::delete(scene, bot, args),
        "deleteMessages" => edit::delete_many(scene, bot, args),
        "setMessageReaction" => edit::react(scene, bot, args),
        "answerCallbackQuery" => edit::answer(scene, bot, args),
        "getFile" => fetch::get_file(scene, bot, args),
        "getUserProfilePhotos" => Ok(serde_json::json!({ "total_count": 0, "photos": [] })),
        "getChat" => chats::chat(scene, bot, args),
        "getChatAdministrators" => chats::administrators(scene, bot, args),
        "getChatMemberCount" => chats::count(scene, bot, args),
        "getChatMember" => chats::member(scene, bot, args),
        "banChatMember" => chats::ban(scene, bot, args),
        "unbanChatMember" => chats::unban(scene, bot, args),
        "leaveChat" => chats::leave(scene, bot, args),
        "pinChatMessage" => chats::pin(scene, bot, args),
        "unpinChatMessage" => chats::unpin(scene, bot, args),
        "unpinAllChatMessages" => chats::unpin_all(scene, bot, args),
        "setMyCommands" => profile::set_commands(scene, bot, args),
        "deleteMyCommands" => Ok(profile::delete_commands(scene, bot, args)),
        "getMyCommands" => Ok(profile::commands(scene, bot, args)),
        "setMyName" => profile::set_text(scene, bot, args, "name", 64),
        "getMyName" => Ok(profile::text(scene, bot, args, "name")),
        "setMyDescription" => profile::set_text(scene, bot, args, "description", 512),
        "getMyDescription" => Ok(profile::text(scene, bot, args, "description")),
        "setMyShortDescription" => profile::set_text(scene, bot, args, "short_description", 120),
        "getMyShortDescription" => Ok(profile::text(scene, bot, args, "short_description")),
        "setChatMenuButton" => Ok(profile::set_menu(scene, bot, args)),
        "getChatMenuButton" => Ok(profile::menu(scene, bot, args)),
        _ => Err(error(
            501,
            &format!("Not Implemented: the sandbox does not emulate {method}"),
        )),
    }
}

/// `sendChatAction`.
fn typing(scene: &mut Scene, bot: i64, args: &Args) -> Outcome {
    let place = target::writable(&scene.telegram, bot, args)?;
    let known = [
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
    ];
    if !args
        .text("action")
        .is_some_and(|action| known.contains(&action))
    {
        return Err(super::error::bad("wrong parameter action in request"));
    }
    let until = scene.now + TYPING;
    if let Some(thread) = scene.telegram.thread_mut(place) {
        thread.typing_until = until;
    }
    scene.touch();
    Ok(Value::Bool(true))
}
