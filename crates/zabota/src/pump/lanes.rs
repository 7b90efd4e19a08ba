//! Which events wait for each other: those of one chat keep their order, those of different chats do not.
//! What is nobody's, the sheet, the reminders, a broadcast, has a lane of its own, so that a big one holds
//! up nobody.

use engine::event::{Event, Timer};
use store::FollowUp;

use crate::mail::Work;

/// The chat that a piece of work is of: what shares it keeps its order.
pub(super) fn of(work: &Work) -> String {
    match work {
        Work::Event(taken) => taken.lane.clone(),
        Work::Due(timer, _) => of_timer(timer),
    }
}

fn of_timer(timer: &Timer) -> String {
    match timer {
        Timer::AlbumWhole { chat, .. } => chat.to_string(),
        Timer::Board | Timer::Sheet | Timer::Reminders | Timer::Broadcast(_) => timer.key(),
    }
}

/// An event that follows from a decision. The desk's own have lanes of their own: they wait for nobody.
pub(super) fn follow_up(event: Event) -> FollowUp {
    let lane = match &event {
        Event::Abandoned { ticket, .. } | Event::Adopted { ticket } => format!("ticket/{ticket}"),
        Event::Receipt(receipt) => receipt.to.to_string(),
        Event::Due(timer) => of_timer(timer),
        Event::Wrote(wrote) | Event::Edited(wrote) => wrote.at.chat.to_string(),
        Event::Elsewhere(elsewhere) => elsewhere.customer.chat.to_string(),
        Event::Pressed(pressed) => pressed.at.chat.to_string(),
        Event::Reach { who, .. } | Event::Member { who, .. } => who.chat.to_string(),
        Event::Read(reading) => reading.chat.to_string(),
        Event::Sheet { .. } => of_timer(&Timer::Sheet),
        Event::Reminded(noted) => match &noted.to {
            Some(chat) => chat.to_string(),
            None => of_timer(&Timer::Reminders),
        },
    };
    FollowUp { lane, event }
}

#[cfg(test)]
mod tests {
    use engine::{
        broadcast::BroadcastId,
        ids::{ChannelId, ChatRef, TicketId},
        payment::Reading,
    };
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn a_picture_is_judged_among_its_customers_words() {
        let chat = ChatRef::new(&ChannelId::new("vk"), "2001");
        let reading = Event::Read(Reading {
            chat: chat.clone(),
            ticket: TicketId(1),
            pictures: Vec::new(),
        });
        assert_eq!(follow_up(reading).lane, chat.to_string());
    }

    #[test]
    fn a_big_sheet_holds_up_nobody() {
        let due = |timer| of(&Work::Due(timer, Timestamp::UNIX_EPOCH));
        let sheet = Event::Sheet {
            asked: None,
            sheet: Err(engine::sheet::Unread::Away),
        };
        assert_eq!(follow_up(sheet).lane, due(Timer::Sheet));
        let others = [
            due(Timer::Sheet),
            due(Timer::Reminders),
            due(Timer::Broadcast(BroadcastId(1))),
            due(Timer::Broadcast(BroadcastId(2))),
            due(Timer::Board),
        ];
        for (nth, lane) in others.iter().enumerate() {
            assert!(!others[..nth].contains(lane), "{lane}");
        }
    }
}
