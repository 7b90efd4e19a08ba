//! The few fields of the Bot API 10.3 that a desk reads. Fields that are not here are ignored, so
//! that a newer server breaks nothing; see <https://core.telegram.org/bots/api#available-types>.

#![expect(clippy::struct_field_names, reason = "the names are Telegram's")]

use serde::Deserialize;
use serde_json::value::RawValue;

use super::entities::Entity;

#[derive(Deserialize)]
pub(super) struct Update<'a> {
    pub(super) update_id: i64,
    /// Read again as [`Message`]; kept raw to see which fields it has.
    #[serde(borrow)]
    pub(super) message: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) edited_message: Option<&'a RawValue>,
    pub(super) callback_query: Option<CallbackQuery>,
    pub(super) my_chat_member: Option<ChatMemberUpdated>,
    pub(super) chat_member: Option<ChatMemberUpdated>,
}

#[derive(Deserialize)]
pub(super) struct User {
    pub(super) id: i64,
    #[serde(default)]
    pub(super) is_bot: bool,
    #[serde(default)]
    pub(super) first_name: String,
    pub(super) last_name: Option<String>,
    pub(super) username: Option<String>,
    pub(super) language_code: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Chat {
    pub(super) id: i64,
    #[serde(default)]
    pub(super) r#type: String,
    pub(super) title: Option<String>,
    pub(super) first_name: Option<String>,
    pub(super) last_name: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Message {
    pub(super) message_id: i64,
    pub(super) from: Option<User>,
    pub(super) sender_chat: Option<Chat>,
    pub(super) chat: Chat,
    #[serde(default)]
    pub(super) is_topic_message: bool,
    #[serde(default)]
    pub(super) is_automatic_forward: bool,
    pub(super) message_thread_id: Option<i64>,
    pub(super) forward_origin: Option<Origin>,
    pub(super) reply_to_message: Option<Replied>,
    pub(super) media_group_id: Option<String>,

    pub(super) text: Option<String>,
    #[serde(default)]
    pub(super) entities: Vec<Entity>,
    pub(super) caption: Option<String>,
    #[serde(default)]
    pub(super) caption_entities: Vec<Entity>,

    pub(super) animation: Option<File>,
    pub(super) audio: Option<File>,
    pub(super) document: Option<File>,
    pub(super) photo: Option<Vec<File>>,
    pub(super) sticker: Option<File>,
    pub(super) video: Option<File>,
    pub(super) video_note: Option<File>,
    pub(super) voice: Option<File>,
    pub(super) contact: Option<Contact>,
    pub(super) location: Option<Location>,
    pub(super) venue: Option<Venue>,

    pub(super) new_chat_members: Option<Vec<User>>,
    pub(super) left_chat_member: Option<User>,
    pub(super) migrate_to_chat_id: Option<i64>,
    pub(super) migrate_from_chat_id: Option<i64>,
}

/// The message that is replied to: only where it stands.
#[derive(Deserialize)]
pub(super) struct Replied {
    pub(super) message_id: i64,
}

/// `MessageOrigin`: who wrote a forwarded message, as much as is shown of them.
#[derive(Deserialize)]
pub(super) struct Origin {
    pub(super) sender_user: Option<User>,
    pub(super) sender_user_name: Option<String>,
    pub(super) sender_chat: Option<Chat>,
    pub(super) chat: Option<Chat>,
}

/// Any of `PhotoSize`, `Video`, `Document`, `Voice`, `Audio`, `Sticker`, `VideoNote`, `Animation`.
#[derive(Deserialize)]
pub(super) struct File {
    pub(super) file_id: String,
    pub(super) file_name: Option<String>,
    pub(super) mime_type: Option<String>,
    pub(super) file_size: Option<u64>,
    pub(super) width: Option<u32>,
    pub(super) height: Option<u32>,
    /// Side of a round film.
    pub(super) length: Option<u32>,
    pub(super) duration: Option<u32>,
    pub(super) emoji: Option<String>,
    /// Of films and stickers.
    pub(super) thumbnail: Option<Thumbnail>,
    /// Of stickers: drawn by a program of its own.
    #[serde(default)]
    pub(super) is_animated: bool,
    /// Of stickers: a film.
    #[serde(default)]
    pub(super) is_video: bool,
    /// `getFile` only.
    pub(super) file_path: Option<String>,
}

/// `PhotoSize`, as far as it is asked for.
#[derive(Deserialize)]
pub(super) struct Thumbnail {
    pub(super) file_id: String,
}

#[derive(Deserialize)]
pub(super) struct Contact {
    pub(super) phone_number: String,
    #[serde(default)]
    pub(super) first_name: String,
    pub(super) last_name: Option<String>,
    pub(super) user_id: Option<i64>,
}

#[derive(Deserialize)]
pub(super) struct Location {
    /// As written: nothing is rounded on the way.
    pub(super) latitude: Box<RawValue>,
    pub(super) longitude: Box<RawValue>,
}

#[derive(Deserialize)]
pub(super) struct Venue {
    pub(super) location: Location,
    pub(super) title: Option<String>,
    pub(super) address: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct CallbackQuery {
    pub(super) id: String,
    pub(super) from: User,
    pub(super) message: Option<Under>,
    pub(super) data: Option<String>,
}

/// The message that a pressed key stands under; deleted ones still say where they stood.
#[derive(Deserialize)]
pub(super) struct Under {
    pub(super) chat: Chat,
    pub(super) message_id: i64,
}

#[derive(Deserialize)]
pub(super) struct ChatMemberUpdated {
    pub(super) chat: Chat,
    pub(super) from: User,
    pub(super) new_chat_member: ChatMember,
}

#[derive(Deserialize)]
pub(super) struct ChatMember {
    pub(super) user: User,
    pub(super) status: String,
    /// `restricted` only.
    #[serde(default)]
    pub(super) is_member: bool,
}

impl ChatMember {
    /// Whether they are in the chat now.
    pub(super) fn is_inside(&self) -> bool {
        match self.status.as_str() {
            "creator" | "administrator" | "member" => true,
            "restricted" => self.is_member,
            _ => false,
        }
    }
}

/// `ChatFullInfo`: what stands pinned.
#[derive(Deserialize)]
pub(super) struct FullChat {
    /// The newest message of those that are pinned.
    pub(super) pinned_message: Option<Stands>,
}

/// Where a sent message stands: both `Message` and `MessageId`.
#[derive(Deserialize)]
pub(super) struct Stands {
    pub(super) message_id: i64,
}
