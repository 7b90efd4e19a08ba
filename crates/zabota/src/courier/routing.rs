//! Which queue a row stands in, how urgent it is there, and whom it is for. What must stay true: nobody's
//! words wait for what is nobody's words.

use engine::{
    effect::{Effect, Purpose, Urgency, anchored},
    ids::{ChatRef, TicketId},
};
use store::Queued;

/// The queue that a row stands in: in the operators' group one for each ticket, so that a file that takes
/// its time holds up its own dialog alone. A reminder and how far something is stand beside the words of
/// their chat.
pub(super) fn lane_of(queued: &Queued, group: &str) -> String {
    let lane = &queued.lane;
    if matches!(queued.effect, Effect::Remind { .. }) {
        return format!("{lane}#remind");
    }
    if is_progress(&queued.effect) {
        return format!("{lane}#progress");
    }
    match ticket_of(&queued.effect) {
        Some(ticket) if lane == group => format!("{group}#{ticket}"),
        Some(_) | None => lane.clone(),
    }
}

/// How urgent it is: what says how far something is only keeps that up to date.
pub(super) fn urgency_of(queued: &Queued) -> Urgency {
    if is_progress(&queued.effect) {
        Urgency::Service
    } else {
        queued.urgency
    }
}

/// Whether it says how far something is: it stands in one place and is changed there, again and again.
fn is_progress(effect: &Effect) -> bool {
    matches!(effect, Effect::Say(say) if say.rewrites && say.replaces.is_some())
}

fn ticket_of(effect: &Effect) -> Option<TicketId> {
    match effect {
        Effect::Say(say) => {
            let named = say.anchor.iter().chain(&say.reply_to).find_map(anchored);
            of_purpose(&say.purpose).or(named)
        }
        Effect::Relay(relay) => {
            let under = relay.under.as_ref().and_then(anchored);
            of_purpose(&relay.purpose).or(under)
        }
        Effect::Revise(revise) => of_purpose(&revise.purpose),
        Effect::Card(card) => Some(card.ticket),
        Effect::StripKeys { .. }
        | Effect::Answer(_)
        | Effect::Keep { .. }
        | Effect::Again { .. }
        | Effect::Recognise { .. }
        | Effect::ReadSheet { .. }
        | Effect::Remind { .. }
        | Effect::Bulk { .. }
        | Effect::Mark { .. }
        | Effect::Board { .. } => None,
    }
}

fn of_purpose(purpose: &Purpose) -> Option<TicketId> {
    match purpose {
        Purpose::Reply { ticket, .. }
        | Purpose::Question { ticket, .. }
        | Purpose::Offer { ticket, .. } => Some(*ticket),
        Purpose::Nothing | Purpose::Notice | Purpose::Report => None,
    }
}

/// The chat that it is for, if it is for one.
pub(super) fn chat_of(effect: &Effect) -> Option<&ChatRef> {
    match effect {
        Effect::Say(say) | Effect::Remind { say, .. } => Some(&say.to),
        Effect::Relay(relay) => Some(&relay.to),
        Effect::Revise(revise) => Some(&revise.to),
        Effect::Card(card) => Some(&card.to),
        Effect::StripKeys { chat, .. } => Some(chat),
        Effect::Mark { message } => Some(&message.chat),
        Effect::Board { to } | Effect::Bulk { to, .. } => Some(to),
        Effect::Answer(_)
        | Effect::Keep { .. }
        | Effect::Again { .. }
        | Effect::Recognise { .. }
        | Effect::ReadSheet { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use engine::{
        content::Rich,
        effect::{Card, Relay, Say, anchor},
        ids::{ChannelId, DeliveryId},
        reminder::Reminder,
    };

    use super::*;

    fn group() -> ChatRef {
        ChatRef::new(&ChannelId::new("telegram"), "-1001")
    }

    fn customer() -> ChatRef {
        ChatRef::new(&ChannelId::new("vk"), "2001")
    }

    fn queued(effect: Effect) -> Queued {
        Queued {
            id: DeliveryId(1),
            lane: effect.lane(),
            urgency: effect.urgency(),
            effect,
            attempts: 0,
            progress: 0,
            started: false,
            not_before: None,
            repeated: false,
        }
    }

    fn lane(effect: Effect) -> String {
        lane_of(&queued(effect), &group().to_string())
    }

    fn relay(to: ChatRef, under: Option<i64>) -> Effect {
        Effect::Relay(Relay {
            said: Vec::new(),
            header: None,
            under: under.map(|ticket| anchor(&to, TicketId(ticket))),
            to,
            purpose: Purpose::Nothing,
        })
    }

    fn say(to: &ChatRef) -> Say {
        Say {
            to: to.clone(),
            name: "words".to_owned(),
            text: Rich::plain("слова"),
            keys: Vec::new(),
            reply_to: None,
            purpose: Purpose::Nothing,
            anchor: None,
            rewrites: false,
            outdates: false,
            replaces: None,
        }
    }

    #[test]
    fn in_the_group_a_dialog_waits_for_itself_alone() {
        let card = |new| Card {
            to: group(),
            ticket: TicketId(7),
            text: Rich::default(),
            keys: Vec::new(),
            new,
        };
        // The card goes before what is said about it.
        assert_eq!(lane(Effect::Card(card(true))), "telegram/-1001#7");
        assert_eq!(lane(relay(group(), Some(7))), "telegram/-1001#7");
        assert_eq!(lane(relay(group(), Some(8))), "telegram/-1001#8");
        assert_eq!(lane(relay(group(), None)), "telegram/-1001");
        assert_eq!(lane(Effect::Card(card(false))), "telegram/-1001#cards");
        // A person reads everything in its order.
        assert_eq!(lane(relay(customer(), Some(7))), "vk/2001");
    }

    #[test]
    fn a_reminder_that_waits_holds_up_no_dialog() {
        let reminder = Reminder {
            client: "ivan@mail.ru".parse().unwrap(),
            paid_until: "2026-11-23".parse().unwrap(),
            days: 3,
        };
        let say = say(&customer());
        let remind = queued(Effect::Remind { reminder, say });
        assert_eq!(lane_of(&remind, "telegram/-1001"), "vk/2001#remind");
        assert_eq!(urgency_of(&remind), Urgency::Bulk);
        assert_eq!(chat_of(&remind.effect), Some(&customer()));
    }

    #[test]
    fn how_far_a_broadcast_is_leaves_room_for_dialogs() {
        let progress = queued(Effect::Say(Say {
            rewrites: true,
            replaces: Some("broadcast/1".to_owned()),
            ..say(&group())
        }));
        let group = group().to_string();
        assert_eq!(lane_of(&progress, &group), "telegram/-1001#progress");
        assert_eq!(urgency_of(&progress), Urgency::Service);
    }
}
