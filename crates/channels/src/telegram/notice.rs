//! The notice at the top of a chat: one message that is changed, and stays pinned.
//!
//! Being the topmost pin is not to be fought for: Telegram shows the newest message of those that are
//! pinned, so another's pin that is newer than ours covers it for good. Such a pin is remembered, and
//! ours is pinned under it once and not again. Not being allowed to pin is no failure: the words are
//! there.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use engine::{
    content::Rich,
    ids::{ChatRef, MessageRef},
};

use super::{
    client::Client,
    deliver::{sent, twin},
    errors::{About, Failed},
    params::Params,
    types::{FullChat, Stands},
};
use crate::{Receipt, Undelivered};

/// Which pin of somebody else covers ours, by chat. Only in memory: at worst ours is pinned once more.
#[derive(Default)]
pub(super) struct Pins(Mutex<HashMap<ChatRef, Covered>>);

#[derive(Clone, Copy, PartialEq, Eq)]
struct Covered {
    ours: i64,
    by: i64,
}

/// Brings the notice up to date.
pub(super) async fn keep(
    client: &Client,
    pins: &Pins,
    to: &ChatRef,
    stands: Option<&MessageRef>,
    text: &Rich,
) -> Result<Receipt, Undelivered> {
    if let Some(message) = stands
        && let Some(ours) = changed(client, message, text).await?
    {
        // Doing this again does no harm, so a failure may be heard of.
        pins.keep_pinned(client, to, ours).await?;
        return Ok(sent(vec![twin(
            to,
            &Stands { message_id: ours },
            None,
            false,
        )]));
    }
    let params = Params::to(to).text(text).set("disable_notification", true);
    let stands: Stands = client.call("sendMessage", &params).await?;
    // It stands there: if it cannot be pinned now, the next change pins it.
    let _ = pins.keep_pinned(client, to, stands.message_id).await;
    Ok(sent(vec![twin(to, &stands, None, false)]))
}

/// Changes the notice where it stands: its number, or none if it is gone.
async fn changed(
    client: &Client,
    message: &MessageRef,
    text: &Rich,
) -> Result<Option<i64>, Undelivered> {
    let Ok(ours) = message.id.parse() else {
        return Ok(None);
    };
    let params = Params::about(message).text(text);
    match client.tell("editMessageText", &params).await {
        Ok(()) => Ok(Some(ours)),
        Err(failed) if failed.about == About::Unchanged => Ok(Some(ours)),
        Err(failed) if is_gone(&failed) => Ok(None),
        Err(failed) => Err(failed.into()),
    }
}

fn is_gone(failed: &Failed) -> bool {
    matches!(failed.undelivered, Undelivered::Moot(_))
        || matches!(failed.about, About::Frozen | About::Copying)
}

impl Pins {
    async fn keep_pinned(
        &self,
        client: &Client,
        to: &ChatRef,
        ours: i64,
    ) -> Result<(), Undelivered> {
        let chat: FullChat = client.call("getChat", &Params::to(to)).await?;
        let top = chat.pinned_message.map(|pinned| pinned.message_id);
        if top == Some(ours) {
            return Ok(());
        }
        // Messages count upwards: a higher number is a newer message.
        let cover = top.filter(|&top| top > ours);
        let covered = cover.map(|by| Covered { ours, by });
        if covered.is_some() && self.of(to) == covered {
            return Ok(());
        }
        let params = Params::about(&to.message(ours.to_string())).set("disable_notification", true);
        match client.tell("pinChatMessage", &params).await {
            Ok(()) => {}
            Err(failed) if is_final(&failed.undelivered) => {}
            Err(failed) => return Err(failed.into()),
        }
        self.remember(to, covered);
        Ok(())
    }

    fn of(&self, chat: &ChatRef) -> Option<Covered> {
        let pins = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        pins.get(chat).copied()
    }

    fn remember(&self, chat: &ChatRef, covered: Option<Covered>) {
        let mut pins = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match covered {
            Some(covered) => pins.insert(chat.clone(), covered),
            None => pins.remove(chat),
        };
    }
}

/// Whether trying again would not help: the bot may not pin here.
fn is_final(failed: &Undelivered) -> bool {
    match failed {
        Undelivered::Refused { .. } | Undelivered::Gone(_) | Undelivered::Moot(_) => true,
        Undelivered::Wait(_)
        | Undelivered::Unreached(_)
        | Undelivered::Unknown(_)
        | Undelivered::Moved(_)
        | Undelivered::Locked(_) => false,
    }
}
