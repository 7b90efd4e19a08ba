//! Copying and forwarding.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::content::Content;
use super::error::{ApiError, Outcome, bad};
use super::state::{Message, Place};
use super::text::Rich;
use super::{media, render, send, target};
use crate::args::Args;
use crate::world::Scene;

/// How a message goes on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// Without a word about where it came from.
    Copy,
    /// Marked as forwarded.
    Forward,
}

impl Way {
    fn verb(self) -> &'static str {
        match self {
            Self::Copy => "copy",
            Self::Forward => "forward",
        }
    }
}

/// `copyMessage`, `forwardMessage`.
pub(crate) fn one(scene: &mut Scene, bot: i64, args: &Args, way: Way) -> Outcome {
    let place = target::writable(&scene.telegram, bot, args)?;
    let from = target::find(&scene.telegram, bot, args, "from_chat_id")?;
    let id = args.int("message_id").unwrap_or(0);
    let source = scene.telegram.message(from, id).cloned();
    let source = source.ok_or_else(|| bad(&format!("message to {} not found", way.verb())))?;
    if !can_go(&source) {
        return Err(match way {
            Way::Copy => bad("message can't be copied"),
            Way::Forward if source.protected => {
                bad("message has protected content and can't be forwarded")
            }
            Way::Forward => bad("message can't be forwarded"),
        });
    }
    let mut content = source.content.clone();
    if way == Way::Copy
        && args.get("caption").is_some()
        && let Content::Media(media) = &mut content
        && media.kind.takes_caption()
    {
        media.caption = send::caption_of(scene, args)?;
        media.facts.caption_above = args.flag("show_caption_above_media");
    }
    let draft = send::draft(scene, bot, place, args)?;
    target::spend(scene, bot, place, 1, false)?;
    let forward = origin(scene, &source, way);
    let (message, id) = send::post(
        scene,
        bot,
        place,
        Message {
            content,
            forward,
            ..draft
        },
    );
    Ok(match way {
        Way::Copy => json!({ "message_id": id }),
        Way::Forward => message,
    })
}

/// `copyMessages`, `forwardMessages`: albums stay albums, and what cannot go is left out silently.
pub(crate) fn many(scene: &mut Scene, bot: i64, args: &Args, way: Way) -> Outcome {
    let place = target::writable(&scene.telegram, bot, args)?;
    let from = target::find(&scene.telegram, bot, args, "from_chat_id")?;
    let sources = sources(scene, from, args)?;
    if sources.is_empty() {
        return Err(bad(&format!("there are no messages to {}", way.verb())));
    }
    target::spend(scene, bot, place, sources.len(), false)?;
    let mut sizes: HashMap<String, usize> = HashMap::new();
    for album in sources.iter().filter_map(|source| source.album.clone()) {
        *sizes.entry(album).or_default() += 1;
    }
    let mut albums: HashMap<String, String> = HashMap::new();
    let mut sent = Vec::new();
    for source in sources {
        // What is left of an album alone is no album.
        let album = source
            .album
            .as_ref()
            .filter(|album| sizes[*album] > 1)
            .map(|album| {
                albums
                    .entry(album.clone())
                    .or_insert_with(|| media::album_id(scene))
                    .clone()
            });
        let forward = origin(scene, &source, way);
        let mut content = source.content;
        if args.flag("remove_caption")
            && let Content::Media(media) = &mut content
        {
            media.caption = Rich::default();
        }
        let protected = args.flag("protect_content");
        let message = Message {
            album,
            forward,
            protected,
            ..Message::new(scene.date(), bot, content)
        };
        let (_, id) = send::post(scene, bot, place, message);
        sent.push(json!({ "message_id": id }));
    }
    Ok(sent.into())
}

fn sources(scene: &Scene, from: Place, args: &Args) -> Result<Vec<Message>, ApiError> {
    let ids = target::message_ids(args)?;
    if !ids.windows(2).all(|pair| pair[0] < pair[1]) {
        return Err(bad(
            "message identifiers must be in a strictly increasing order",
        ));
    }
    let found = ids
        .into_iter()
        .filter_map(|id| scene.telegram.message(from, id));
    Ok(found.filter(|message| can_go(message)).cloned().collect())
}

fn can_go(message: &Message) -> bool {
    !message.protected && !matches!(message.content, Content::Service { .. })
}

/// Where a forwarded message came from first.
fn origin(scene: &Scene, source: &Message, way: Way) -> Option<Value> {
    match way {
        Way::Copy => None,
        Way::Forward => Some(source.forward.clone().unwrap_or_else(|| {
            let sender = render::user(&scene.telegram, source.from);
            json!({ "type": "user", "sender_user": sender, "date": source.date })
        })),
    }
}
