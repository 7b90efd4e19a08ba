//! What an operator writes and presses in the private chat with the bot.

use super::{Decision, Desk, closing, private, strip, taking};
use crate::{
    content::Said,
    desk::Operator,
    effect::{Effect, Key, Purpose, Relay, Say, Tone, anchored},
    event::{Person, Pressed, Wrote},
    facts::Need,
    ids::{ChatRef, DeliveryId, MessageRef, TicketId},
    keys::Act,
    phrases::Phrase,
    ticket::{Album, Assigned, Conversation, Side, Stage},
};

/// Most dialogs that get a key of their own under a list: more keys are no help.
const MOST_KEYS: usize = 20;

pub(super) fn wrote(desk: &Desk, mut operator: Operator, wrote: &Wrote) -> Result<Decision, Need> {
    let mut decision = Decision::default();
    let same_album = matches!(
        (&operator.focus.album, &wrote.content.album),
        (Some((_, open)), Some(id)) if open.id == *id
    );
    if !same_album {
        flush_album(desk, &mut operator, &mut decision)?;
    }
    if operator.dialogs.is_empty() || desk.in_group() {
        remember_reach(desk, &operator, &mut decision)?;
    }
    if desk.in_group() {
        decision.say(meet_in_group(desk, &operator, wrote));
        decision.operators.push(operator);
        return Ok(decision);
    }
    match wrote.command() {
        Some(("/start" | "/help", _)) => decision.say(hello(desk, &operator)),
        Some(("/dialogs" | "/диалоги", _)) => decision.say(list(desk, &operator)),
        Some(("/bye" | "/пока" | "/close" | "/завершить", which)) => {
            closing::says_bye(desk, &mut operator, wrote, which, &mut decision)?;
        }
        Some(_) | None => speaks(desk, &mut operator, wrote, &mut decision)?,
    }
    decision.operators.push(operator);
    Ok(decision)
}

/// Where dialogs live in the group, what an operator writes here goes to nobody.
fn meet_in_group(desk: &Desk, operator: &Operator, wrote: &Wrote) -> Say {
    let to = &operator.who.chat;
    let say = match wrote.command() {
        Some(("/start" | "/help", _)) => greeting(desk, operator, Phrase::OperatorHelloGroup),
        Some(_) | None => desk.say(to, Phrase::TalkInGroup, &[]),
    };
    Say {
        keys: vec![vec![desk.key(Phrase::Visit, Tone::Plain, &Act::Visit)]],
        ..say
    }
}

/// The greeting; an owner reads what else they may do.
fn greeting(desk: &Desk, operator: &Operator, phrase: Phrase) -> Say {
    let mut say = desk.say(&operator.who.chat, phrase, &[]);
    if desk.policy.owners.contains_key(&operator.who.id) {
        say.text.push("\n\n");
        say.text.push(&desk.policy.words(Phrase::OwnerHello, &[]));
    }
    say
}

/// Whoever has written to the bot can be written to: the next ticket they take is theirs at once.
fn remember_reach(desk: &Desk, operator: &Operator, decision: &mut Decision) -> Result<(), Need> {
    let known = desk.facts.customer(&operator.who.chat)?;
    if known.is_none_or(|known| known.blocked) {
        let fresh = Conversation::new(operator.who.clone());
        let known = known.cloned().unwrap_or(fresh);
        decision.conversations.push(Conversation {
            blocked: false,
            ..known
        });
    }
    Ok(())
}

fn speaks(
    desk: &Desk,
    operator: &mut Operator,
    wrote: &Wrote,
    decision: &mut Decision,
) -> Result<(), Need> {
    if let (Some((_, album)), Some(id)) = (&mut operator.focus.album, &wrote.content.album)
        && album.id == *id
    {
        album.parts.push(wrote.said());
        private::wait_for_album(desk, wrote, decision);
        return Ok(());
    }
    let Some(ticket) = addressed(desk, operator, wrote)? else {
        let mut none = desk.say(&operator.who.chat, Phrase::NoDialogs, &[]);
        none.keys = vec![vec![desk.key(Phrase::Visit, Tone::Plain, &Act::Visit)]];
        decision.say(none);
        return Ok(());
    };
    match &wrote.content.album {
        Some(id) => {
            let begun = Album {
                id: id.clone(),
                parts: vec![wrote.said()],
            };
            operator.focus.album = Some((ticket, begun));
            private::wait_for_album(desk, wrote, decision);
            Ok(())
        }
        None => send(
            desk,
            operator,
            &wrote.at.chat,
            ticket,
            vec![wrote.said()],
            decision,
        ),
    }
}

/// Which dialog something goes to: that of the message it answers, otherwise the current one.
pub(super) fn addressed(
    desk: &Desk,
    operator: &Operator,
    wrote: &Wrote,
) -> Result<Option<TicketId>, Need> {
    let answered = match &wrote.content.reply_to {
        Some(message) => ticket_of(desk, message)?,
        None => None,
    };
    Ok(answered.or_else(|| operator.current().map(|dialog| dialog.ticket)))
}

pub(super) fn ticket_of(desk: &Desk, message: &MessageRef) -> Result<Option<TicketId>, Need> {
    let known = desk.facts.message(message)?;
    Ok(known.and_then(|known| known.ticket.or_else(|| anchored(&known.origin))))
}

pub(super) fn flush_album(
    desk: &Desk,
    operator: &mut Operator,
    decision: &mut Decision,
) -> Result<(), Need> {
    let Some((ticket, album)) = operator.focus.album.take() else {
        return Ok(());
    };
    let Some(chat) = album.parts.first().map(|said| said.at.chat.clone()) else {
        return Ok(());
    };
    send(desk, operator, &chat, ticket, album.parts, decision)
}

/// What an operator wrote in `chat` goes to the customer of a ticket, if they may answer it.
pub(super) fn send(
    desk: &Desk,
    operator: &Operator,
    chat: &ChatRef,
    id: TicketId,
    said: Vec<Said>,
    decision: &mut Decision,
) -> Result<(), Need> {
    let decided = decision.conversations.iter().position(|c| holds(c, id));
    let known = match decided {
        Some(place) => Some(&decision.conversations[place]),
        None => desk.facts.ticket(id)?,
    };
    let first = said.first().map(|said| said.at.clone());
    let Some(known) = known.filter(|c| may_answer(desk, c, id, operator)) else {
        let number = id.to_string();
        decision.say(Say {
            reply_to: first,
            ..desk.say(chat, Phrase::DialogOver, &[("ticket", &number)])
        });
        return Ok(());
    };
    let mut conversation = known.clone();
    if desk.in_group() {
        // The first to answer a ticket that waits has it.
        taking::answered(desk, &mut conversation, id, &operator.who, decision)?;
    }
    let purpose = first.map_or(Purpose::Nothing, |said| Purpose::Reply {
        ticket: id,
        operator: operator.who.id.clone(),
        chat: chat.clone(),
        said,
        marked: desk.in_group(),
    });
    desk.keep(decision, id, Side::Operator, &said);
    let to = conversation.who.chat.clone();
    decision.effects.push(Effect::Relay(Relay {
        to,
        said,
        header: None,
        under: None,
        purpose,
    }));
    match decided {
        Some(place) => decision.conversations[place] = conversation,
        None => decision.conversations.push(conversation),
    }
    Ok(())
}

/// Whether an operator may answer an open ticket: in the group every one may, in private only the one
/// who has it. Nobody answers themselves.
pub(super) fn may_answer(
    desk: &Desk,
    conversation: &Conversation,
    id: TicketId,
    operator: &Operator,
) -> bool {
    if desk.in_group() {
        holds(conversation, id) && conversation.who.id != operator.who.id
    } else {
        theirs(conversation, id, operator).is_some()
    }
}

pub(super) fn holds(conversation: &Conversation, id: TicketId) -> bool {
    conversation
        .ticket
        .as_ref()
        .is_some_and(|ticket| ticket.id == id)
}

/// The stage of an open ticket, if this operator has it.
pub(super) fn theirs<'a>(
    conversation: &'a Conversation,
    id: TicketId,
    operator: &Operator,
) -> Option<&'a Assigned> {
    let ticket = conversation
        .ticket
        .as_ref()
        .filter(|ticket| ticket.id == id)?;
    match &ticket.stage {
        Stage::Assigned(assigned) if assigned.operator == operator.who.id => Some(assigned),
        Stage::Assigned(_) | Stage::Waiting(_) => None,
    }
}

fn hello(desk: &Desk, operator: &Operator) -> Say {
    let mut hello = greeting(desk, operator, Phrase::OperatorHello);
    hello.keys = switches_to(desk, operator, false);
    if operator.dialogs.is_empty() {
        hello
            .keys
            .push(vec![desk.key(Phrase::Visit, Tone::Plain, &Act::Visit)]);
    }
    hello
}

fn list(desk: &Desk, operator: &Operator) -> Say {
    if operator.dialogs.is_empty() {
        return desk.say(&operator.who.chat, Phrase::NoDialogs, &[]);
    }
    let count = operator.dialogs.len().to_string();
    let mut list = desk.say(&operator.who.chat, Phrase::Dialogs, &[("count", &count)]);
    list.keys = switches_to(desk, operator, true);
    list
}

/// Which dialog is the current one, with keys to the others.
pub(super) fn current_is(desk: &Desk, operator: &Operator) -> Say {
    let Some(current) = operator.current() else {
        return desk.say(&operator.who.chat, Phrase::NoDialogs, &[]);
    };
    let number = current.ticket.to_string();
    let args = [("ticket", number.as_str()), ("customer", &current.customer)];
    let mut say = desk.say(&operator.who.chat, Phrase::CurrentIs, &args);
    say.keys = switches_to(desk, operator, false);
    say
}

fn switches_to(desk: &Desk, operator: &Operator, with_current: bool) -> Vec<Vec<Key>> {
    let current = operator.current().map(|dialog| dialog.ticket);
    let offered = operator.dialogs.iter().rev();
    offered
        .filter(|dialog| with_current || Some(dialog.ticket) != current)
        .take(MOST_KEYS)
        .map(|dialog| {
            let number = dialog.ticket.to_string();
            let args = [("ticket", number.as_str()), ("customer", &dialog.customer)];
            let tone = if Some(dialog.ticket) == current {
                Tone::Primary
            } else {
                Tone::Plain
            };
            let label = desk.policy.words(Phrase::Switch, &args);
            vec![Key {
                label,
                data: Act::Focus(dialog.ticket).to_string(),
                tone,
            }]
        })
        .collect()
}

pub(super) fn switches(desk: &Desk, pressed: &Pressed, id: TicketId) -> Result<Decision, Need> {
    let Some(mut operator) = acting(desk, &pressed.who)? else {
        return Ok(Decision::ignored(
            "somebody who is no operator pressed a key",
        ));
    };
    let number = id.to_string();
    if operator.dialog(id).is_none() {
        let args = [("ticket", number.as_str())];
        return Ok(desk.toast(
            pressed,
            Phrase::AlreadyClosed,
            &args,
            "not a dialog of theirs",
        ));
    }
    let mut decision = Decision::default();
    decision.effects.push(desk.answer(pressed, None, false));
    decision
        .effects
        .push(strip(&pressed.at.chat, Some(&pressed.at)));
    flush_album(desk, &mut operator, &mut decision)?;
    operator.focus.current = Some(id);
    decision.say(current_is(desk, &operator));
    decision.operators.push(operator);
    Ok(decision)
}

/// «Отправить ещё раз».
pub(super) fn sends_again(
    desk: &Desk,
    pressed: &Pressed,
    delivery: DeliveryId,
) -> Result<Decision, Need> {
    if !desk.facts.is_member(&pressed.who.id)? {
        return Ok(Decision::ignored(
            "somebody who is no operator pressed a key",
        ));
    }
    Ok(Decision {
        effects: vec![
            desk.answer(pressed, None, false),
            strip(&pressed.at.chat, Some(&pressed.at)),
            Effect::Again { delivery },
        ],
        ..Decision::default()
    })
}

pub(super) fn acting(desk: &Desk, who: &Person) -> Result<Option<Operator>, Need> {
    if !desk.facts.is_member(&who.id)? {
        return Ok(None);
    }
    let known = desk.facts.operator(&who.id)?.cloned();
    Ok(Some(known.unwrap_or_else(|| Operator::new(who.clone()))))
}

pub(super) fn member(desk: &Desk, who: &Person, inside: bool) -> Result<Decision, Need> {
    Ok(match (desk.facts.operator(&who.id)?, inside) {
        (None, true) => appointed(who),
        (Some(operator), false) => private::abandon_all(operator),
        (Some(_), true) | (None, false) => Decision::ignored("known already"),
    })
}

pub(super) fn appointed(who: &Person) -> Decision {
    Decision {
        operators: vec![Operator::new(who.clone())],
        ..Decision::default()
    }
}
