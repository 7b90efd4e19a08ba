//! Which method does what.

use super::error::{Outcome, error};
use super::{accounts, messages, press, send, upload};
use crate::args::Args;
use crate::world::Scene;

/// Calls a published method with parameters of the right types.
pub(crate) fn call(scene: &mut Scene, community: i64, method: &str, args: &Args) -> Outcome {
    match method {
        "messages.send" => send::send(scene, community, args),
        "messages.edit" => messages::edit(scene, community, args),
        "messages.delete" => messages::delete(scene, community, args),
        "messages.getById" => Ok(messages::read(scene, community, args, "cmids")),
        "messages.getByConversationMessageId" => {
            let cmids = "conversation_message_ids";
            Ok(messages::read(scene, community, args, cmids))
        }
        "messages.sendMessageEventAnswer" => press::answer(scene, community, args),
        "messages.setActivity" => messages::show_typing(scene, community, args),
        "messages.markAsRead" => messages::mark_read(scene, community, args),
        "messages.sendReaction" => messages::react(scene, community, args),
        "messages.isMessagesFromGroupAllowed" => messages::is_allowed(scene, community, args),
        "users.get" => Ok(accounts::users(scene, args)),
        "groups.getById" => Ok(accounts::groups(scene, community, args)),
        "photos.getMessagesUploadServer" => upload::photo_server(scene, community, args),
        "photos.saveMessagesPhoto" => upload::save_photo(scene, community, args),
        "docs.getMessagesUploadServer" => upload::document_server(scene, community, args),
        "docs.save" => upload::save_document(scene, community, args),
        _ if method.starts_with("groups.") => accounts::telling(scene, community, method, args),
        _ => Err(error(3)),
    }
}
