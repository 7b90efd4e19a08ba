//! How a dialog ends: with a key, or with a command in the private chat or in the group.

use super::{
    Decision, Desk, card,
    operator::{self, current_is, flush_album, holds, may_answer},
    steps, strip,
};
use crate::{
    desk::Operator,
    effect::{Purpose, Say, Tone, anchor},
    event::{Pressed, Wrote},
    facts::Need,
    ids::TicketId,
    keys::Act,
    phrases::Phrase,
    ticket::{Conversation, Session, Ticket},
};

/// «Завершить диалог».
pub(super) fn closes(desk: &Desk, pressed: &Pressed, id: TicketId) -> Result<Decision, Need> {
    let Some(mut operator) = operator::acting(desk, &pressed.who)? else {
        return Ok(Decision::ignored(
            "somebody who is no operator pressed a key",
        ));
    };
    let number = id.to_string();
    let args = [("ticket", number.as_str())];
    let known = desk.facts.ticket(id)?;
    let Some(conversation) = known.filter(|conversation| holds(conversation, id)) else {
        let why = "a ticket that is not open";
        return Ok(desk.late(pressed, Phrase::AlreadyClosed, &args, why));
    };
    if !may_answer(desk, conversation, id, &operator) {
        return Ok(desk.toast(
            pressed,
            Phrase::NotYours,
            &args,
            "another operator's dialog",
        ));
    }
    let mut decision = Decision::default();
    decision.effects.push(desk.answer(pressed, None, false));
    flush_album(desk, &mut operator, &mut decision)?;
    close(desk, &mut operator, id, &mut decision)?;
    decision.operators.push(operator);
    Ok(decision)
}

/// The ticket that somebody names: «12», «№ 12», «#12».
pub(super) fn named(which: &str) -> Option<TicketId> {
    let digits = which.trim_start_matches(['№', '#', ' ']);
    digits.parse().ok().map(TicketId)
}

/// `/bye` in the private chat.
pub(super) fn says_bye(
    desk: &Desk,
    operator: &mut Operator,
    wrote: &Wrote,
    which: &str,
    decision: &mut Decision,
) -> Result<(), Need> {
    let id = match named(which) {
        Some(id) => Some(id),
        None => operator::addressed(desk, operator, wrote)?,
    };
    match id {
        Some(id) if operator.dialog(id).is_some() => close(desk, operator, id, decision),
        Some(id) => {
            let number = id.to_string();
            let args = [("ticket", number.as_str())];
            decision.say(desk.say(&operator.who.chat, Phrase::NotYours, &args));
            Ok(())
        }
        None => {
            decision.say(desk.say(&operator.who.chat, Phrase::NoDialogs, &[]));
            Ok(())
        }
    }
}

/// The dialog is over: everybody concerned is told, the customer may begin anew.
pub(super) fn close(
    desk: &Desk,
    operator: &mut Operator,
    id: TicketId,
    decision: &mut Decision,
) -> Result<(), Need> {
    let decided = decision.conversations.iter().position(|c| holds(c, id));
    let known = match decided {
        Some(place) => Some(decision.conversations.remove(place)),
        None => desk.facts.ticket(id)?.cloned(),
    };
    let Some(mut conversation) = known else {
        return Ok(());
    };
    // What came in before it was over is part of it.
    super::customer::flush_album(desk, &mut conversation, decision)?;
    let Some(ticket) = conversation.ticket.take_if(|ticket| ticket.id == id) else {
        return Ok(());
    };
    conversation.session = Session {
        keyboard: conversation.session.keyboard.wrapping_add(1),
        ..Session::default()
    };
    operator.dialogs.retain(|dialog| dialog.ticket != id);
    let was_current = operator.focus.current == Some(id);
    if was_current {
        operator.focus.current = operator.dialogs.last().map(|dialog| dialog.ticket);
    }
    tell_operators(desk, operator, &conversation, id, decision);
    if was_current && !operator.dialogs.is_empty() && !desk.in_group() {
        decision.say(current_is(desk, operator));
    }
    match &desk.policy.scenario.closing {
        Some(step) => {
            conversation.session.rates = Some(id);
            steps::enter(desk, &mut conversation, step, decision)?;
        }
        None => decision.say(farewell(desk, &conversation)),
    }
    decision.effects.push(card::closed(
        desk,
        &conversation,
        &ticket,
        &operator.who.name,
    ));
    let Ticket { stage, .. } = ticket;
    let by = operator.who.id.clone();
    decision.closed = Some(stage.close(id, by, desk.now));
    decision.board(desk);
    decision.conversations.push(conversation);
    Ok(())
}

/// Whoever worked on it reads that it is over: the operator, or the group.
fn tell_operators(
    desk: &Desk,
    operator: &Operator,
    conversation: &Conversation,
    id: TicketId,
    decision: &mut Decision,
) {
    let number = id.to_string();
    let customer = desk.policy.named(&conversation.who.name);
    let mut args = vec![("ticket", number.as_str()), ("customer", customer)];
    if desk.in_group() {
        let group = &desk.policy.group;
        args.push(("operator", &operator.who.name));
        decision.say(Say {
            reply_to: Some(anchor(group, id)),
            ..desk.say(group, Phrase::ClosedInGroup, &args)
        });
    } else {
        let chat = &operator.who.chat;
        decision.effects.push(strip(chat, Some(&anchor(chat, id))));
        decision.say(desk.say(chat, Phrase::DialogClosed, &args));
    }
}

fn farewell(desk: &Desk, conversation: &Conversation) -> Say {
    let home = Act::Choose {
        keyboard: conversation.session.keyboard,
        choice: Act::HOME,
    };
    Say {
        keys: vec![vec![desk.key(Phrase::Home, Tone::Plain, &home)]],
        purpose: Purpose::Notice,
        outdates: true,
        ..desk.say(&conversation.who.chat, Phrase::OperatorLeft, &[])
    }
}
