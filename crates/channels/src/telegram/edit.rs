//! Messages that stand there already: changed, or taken away. Doing any of it twice does no harm.

use engine::{
    content::{Rich, Said},
    effect::Key,
    ids::MessageRef,
};
use serde::de::IgnoredAny;

use super::{
    client::Client,
    deliver::{no_file, refused, sent},
    errors::{About, Failed},
    files::Outgoing,
    params::Params,
};
use crate::{Carried, Errand, Receipt, Sent, Undelivered};

pub(super) async fn text(
    client: &Client,
    message: &MessageRef,
    text: &Rich,
    keys: &[Vec<Key>],
    of: Option<&MessageRef>,
) -> Result<Receipt, Undelivered> {
    let params = Params::about(message).text(text).keys(keys);
    let edited = client.tell("editMessageText", &params).await;
    changed(edited, message, of, !keys.is_empty())
}

pub(super) async fn caption(
    client: &Client,
    message: &MessageRef,
    caption: &Rich,
    of: &MessageRef,
) -> Result<Receipt, Undelivered> {
    let params = Params::about(message).new_caption(caption);
    let edited = client.tell("editMessageCaption", &params).await;
    changed(edited, message, Some(of), false)
}

pub(super) async fn media(
    client: &Client,
    message: &MessageRef,
    said: &Said,
    carried: Carried,
    caption: &Rich,
    errand: &Errand<'_>,
) -> Result<Receipt, Undelivered> {
    let channel = &message.chat.channel;
    let Some(file) = Outgoing::of(channel, said, carried, errand).await? else {
        return Err(no_file());
    };
    let Some((media, attached)) = file.within(caption, "file") else {
        return refused("a message of this kind cannot become another");
    };
    let params = Params::about(message).set("media", media);
    let files = attached.into_iter().collect();
    let edited = client.call_with::<IgnoredAny>("editMessageMedia", params, files);
    changed(edited.await.map(drop), message, Some(&said.at), false)
}

pub(super) async fn strip_keys(
    client: &Client,
    message: &MessageRef,
) -> Result<Receipt, Undelivered> {
    match client
        .tell("editMessageReplyMarkup", &Params::about(message))
        .await
    {
        Ok(()) => {}
        Err(failed) if failed.about == About::Unchanged => {}
        Err(failed) => return Err(moot_if_frozen(failed)),
    }
    Ok(Receipt {
        sent: Vec::new(),
        stripped: Some(message.clone()),
    })
}

pub(super) async fn delete(client: &Client, message: &MessageRef) -> Result<Receipt, Undelivered> {
    let deleted = client.tell("deleteMessage", &Params::about(message)).await;
    deleted.map_err(moot_if_frozen)?;
    Ok(Receipt::default())
}

fn changed(
    edited: Result<(), Failed>,
    message: &MessageRef,
    of: Option<&MessageRef>,
    keys: bool,
) -> Result<Receipt, Undelivered> {
    match edited {
        Ok(()) => {}
        // It reads so already: an earlier attempt got through.
        Err(failed) if failed.about == About::Unchanged => {}
        Err(failed) => return Err(failed.into()),
    }
    Ok(sent(vec![Sent {
        at: message.clone(),
        of: of.cloned(),
        keys,
    }]))
}

/// What may not be changed any more needs no change.
fn moot_if_frozen(failed: Failed) -> Undelivered {
    match (failed.about, failed.undelivered) {
        (About::Frozen | About::Copying, Undelivered::Refused { reason }) => {
            Undelivered::Moot(reason)
        }
        (_, undelivered) => undelivered,
    }
}
