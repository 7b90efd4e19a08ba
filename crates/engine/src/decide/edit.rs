//! Somebody changed what they had written: the twins are changed too, and the history keeps what it
//! read before.

use super::{Decision, Desk, card, customer, operator};
use crate::{
    content::Said,
    desk::Operator,
    effect::{Effect, Purpose, Revise, Say},
    event::{Event, Wrote},
    facts::{Known, Need},
    ids::TicketId,
    phrases::Phrase,
    ticket::{Conversation, Stage},
};

pub(super) fn edited(desk: &Desk, wrote: &Wrote) -> Result<Decision, Need> {
    let mut decision = one(desk, wrote)?;
    let kept = desk.facts.message(&wrote.at)?.is_some();
    for also in &wrote.also {
        let part = Wrote {
            at: also.at.clone(),
            content: also.content.clone(),
            also: Vec::new(),
            partial: false,
            ..wrote.clone()
        };
        // What was put into a message afterwards is something said now.
        let is_new = kept && desk.facts.message(&part.at)?.is_none();
        decision.events.push(if is_new {
            Event::Wrote(part)
        } else {
            Event::Edited(part)
        });
    }
    Ok(decision)
}

fn one(desk: &Desk, wrote: &Wrote) -> Result<Decision, Need> {
    let known = desk.facts.message(&wrote.at)?;
    let Some((known, id)) = known.and_then(|known| Some((known, known.ticket?))) else {
        return not_kept_yet(desk, wrote);
    };
    // Messengers report changes that nobody made, such as a link's preview coming in.
    let same = |before: &crate::content::Content| {
        before.text == wrote.content.text && before.body == wrote.content.body
    };
    if known.content.as_ref().is_some_and(same) {
        return Ok(Decision::ignored("a change that changes nothing"));
    }
    let Some(conversation) = desk.facts.ticket(id)? else {
        return Ok(Decision::ignored("a ticket that does not exist"));
    };
    if wrote.at.chat == conversation.who.chat {
        by_customer(desk, conversation.clone(), known, id, wrote)
    } else {
        by_operator(desk, conversation, known, id, wrote)
    }
}

/// It is in a draft, in an album that is still coming in, or nowhere.
fn not_kept_yet(desk: &Desk, wrote: &Wrote) -> Result<Decision, Need> {
    if let Some(known) = desk.facts.operator(&wrote.who.id)? {
        let mut operator: Operator = known.clone();
        let parts = operator
            .focus
            .album
            .iter_mut()
            .flat_map(|(_, album)| &mut album.parts);
        if replace(parts, wrote) {
            return Ok(Decision {
                operators: vec![operator],
                ..Decision::default()
            });
        }
    }
    let Some(known) = desk.facts.customer(&wrote.who.chat)? else {
        return Ok(Decision::ignored("a message that was not kept"));
    };
    let mut conversation = known.clone();
    let session = &mut conversation.session;
    let album = session.album.iter_mut().flat_map(|album| &mut album.parts);
    if replace(session.draft.iter_mut().chain(album), wrote) {
        return Ok(Decision {
            conversations: vec![conversation],
            ..Decision::default()
        });
    }
    Ok(Decision::ignored("a message that was not kept"))
}

/// Puts the new words where the old ones are; an album's part stays one.
pub(super) fn replace<'a>(mut all: impl Iterator<Item = &'a mut Said>, wrote: &Wrote) -> bool {
    match all.find(|said| said.at == wrote.at) {
        Some(said) => {
            let album = said.content.album.take();
            said.content = wrote.content.clone();
            said.content.album = said.content.album.take().or(album);
            true
        }
        None => false,
    }
}

fn by_customer(
    desk: &Desk,
    mut conversation: Conversation,
    known: &Known,
    id: TicketId,
    wrote: &Wrote,
) -> Result<Decision, Need> {
    let Some(mut ticket) = conversation.ticket.take_if(|ticket| ticket.id == id) else {
        let number = id.to_string();
        let late = desk.say(&wrote.at.chat, Phrase::EditTooLate, &[("ticket", &number)]);
        let late = Say {
            reply_to: Some(wrote.at.clone()),
            ..late
        };
        let effects = vec![Effect::Say(late)];
        return Ok(Decision {
            effects,
            ..Decision::ignored("a change to a closed ticket")
        });
    };
    let on_card = replace(ticket.card.iter_mut(), wrote);
    let group = || {
        let header = card::group_header(desk, id, &conversation);
        (desk.policy.group.clone(), Some(header))
    };
    let waits = matches!(ticket.stage, Stage::Waiting(_));
    let (to, header) = match &mut ticket.stage {
        Stage::Waiting(waiting) => {
            replace(waiting.added.iter_mut(), wrote);
            group()
        }
        Stage::Assigned(assigned) if assigned.abandoned || desk.in_group() => group(),
        Stage::Assigned(assigned) => {
            let operator = desk.facts.operator(&assigned.operator)?;
            let several = operator.is_some_and(|operator| operator.dialogs.len() > 1);
            let header = several.then(|| card::header(desk, id, &conversation.who.name));
            (assigned.chat.clone(), header)
        }
    };
    conversation.heard_at = Some(desk.now);
    let mut decision = Decision::default();
    if waits && on_card && customer::typed(&wrote.content).is_some() {
        // The card shows these words itself, or they stand below it: both are brought up to date.
        decision
            .effects
            .push(card::card(desk, &conversation, &ticket, false));
    }
    decision.effects.push(Effect::Revise(Revise {
        to,
        said: wrote.said(),
        header,
        new_file: new_file(known, wrote),
        purpose: Purpose::Question {
            ticket: id,
            said: wrote.at.clone(),
        },
    }));
    decision.revised.push(wrote.said());
    conversation.ticket = Some(ticket);
    decision.conversations.push(conversation);
    Ok(decision)
}

fn by_operator(
    desk: &Desk,
    conversation: &Conversation,
    known: &Known,
    id: TicketId,
    wrote: &Wrote,
) -> Result<Decision, Need> {
    let author = desk.facts.operator(&wrote.who.id)?;
    let theirs = author.is_some_and(|author| operator::may_answer(desk, conversation, id, author));
    if !theirs || !desk.facts.is_member(&wrote.who.id)? {
        let number = id.to_string();
        let over = desk.say(&wrote.at.chat, Phrase::DialogOver, &[("ticket", &number)]);
        let over = Say {
            reply_to: Some(wrote.at.clone()),
            ..over
        };
        let effects = vec![Effect::Say(over)];
        return Ok(Decision {
            effects,
            ..Decision::ignored("a change to a closed dialog")
        });
    }
    let revise = Revise {
        to: conversation.who.chat.clone(),
        said: wrote.said(),
        header: None,
        new_file: new_file(known, wrote),
        purpose: Purpose::Reply {
            ticket: id,
            operator: wrote.who.id.clone(),
            chat: wrote.at.chat.clone(),
            said: wrote.at.clone(),
            marked: false,
        },
    };
    Ok(Decision {
        conversations: vec![conversation.clone()],
        revised: vec![wrote.said()],
        effects: vec![Effect::Revise(revise)],
        ..Decision::default()
    })
}

fn new_file(known: &Known, wrote: &Wrote) -> bool {
    let before = known.content.as_ref().and_then(|content| content.media());
    let now = wrote.content.media();
    before.map(|media| &media.file) != now.map(|media| &media.file)
}
