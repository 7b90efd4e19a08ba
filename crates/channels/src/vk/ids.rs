//! How messages are named: by their number in the conversation, which both sides see, and a part of
//! one that carries several things by `#2`, `#3` … behind it.

use engine::ids::{ChatRef, MessageRef};

/// Part `nth` of a message, from 1.
pub(super) fn part(chat: &ChatRef, number: i64, nth: usize) -> MessageRef {
    if nth == 1 {
        chat.message(number.to_string())
    } else {
        chat.message(format!("{number}#{nth}"))
    }
}

/// The message that a part is of, as VK numbers it.
pub(super) fn number(message: &MessageRef) -> &str {
    split(message).0
}

/// Which part it is, from 1.
pub(super) fn nth(message: &MessageRef) -> usize {
    split(message)
        .1
        .and_then(|nth| nth.parse().ok())
        .unwrap_or(1)
}

fn split(message: &MessageRef) -> (&str, Option<&str>) {
    match message.id.split_once('#') {
        Some((number, nth)) => (number, Some(nth)),
        None => (&message.id, None),
    }
}
