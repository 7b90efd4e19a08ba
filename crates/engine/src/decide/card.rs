//! A ticket as the operators' group sees it.

use super::Desk;
use crate::{
    content::{Body, Rich, Said, Style},
    effect::{Card, Effect, Tone},
    ids::TicketId,
    keys::Act,
    phrases::Phrase,
    ticket::{Conversation, Stage, Ticket},
};

/// How many bytes of the customer's words a card shows; more of them follow below the card, whole.
/// The rest of what a message may hold is for the card's own lines.
const WORDS_ON_CARD: usize = 2400;

/// The line that says whose a message is.
pub(super) fn header(desk: &Desk, ticket: TicketId, customer: &str) -> Rich {
    let number = ticket.to_string();
    let customer = desk.policy.named(customer);
    bold(
        desk,
        Phrase::Header,
        &[("ticket", &number), ("customer", customer)],
    )
}

/// The same in the operators' group. Where dialogs live there, it also says where the customer writes
/// from, and their tariff.
pub(super) fn group_header(desk: &Desk, ticket: TicketId, conversation: &Conversation) -> Rich {
    let who = &conversation.who;
    if !desk.in_group() {
        return header(desk, ticket, &who.name);
    }
    let number = ticket.to_string();
    let mut args = vec![
        ("ticket", number.as_str()),
        ("customer", desk.policy.named(&who.name)),
        ("channel", desk.policy.title(&who.id.channel)),
    ];
    match tariff(conversation) {
        Some(tariff) => {
            args.push(("tariff", tariff));
            bold(desk, Phrase::HeaderTariff, &args)
        }
        None => bold(desk, Phrase::HeaderGroup, &args),
    }
}

fn tariff(conversation: &Conversation) -> Option<&str> {
    let client = conversation.client.as_ref()?;
    client.tariff.as_deref()
}

pub(super) fn bold(desk: &Desk, phrase: Phrase, args: &[(&str, &str)]) -> Rich {
    let mut bold = Rich::default();
    bold.push_styled(&desk.policy.words(phrase, args), Style::Bold);
    bold
}

/// The card of an open ticket.
pub(super) fn card(desk: &Desk, conversation: &Conversation, ticket: &Ticket, new: bool) -> Effect {
    let policy = desk.policy;
    let (stage, free) = match &ticket.stage {
        Stage::Waiting(_) => {
            let since = policy.moment(ticket.opened_at);
            (
                policy.words(Phrase::CardWaiting, &[("since", &since)]),
                true,
            )
        }
        Stage::Assigned(assigned) if assigned.abandoned => {
            let args = [("operator", assigned.operator_name.as_str())];
            (policy.words(Phrase::CardAbandoned, &args), true)
        }
        Stage::Assigned(assigned) => {
            let since = policy.moment(assigned.since);
            let args = [
                ("operator", assigned.operator_name.as_str()),
                ("since", &since),
            ];
            (policy.words(Phrase::CardAssigned, &args), false)
        }
    };
    let take = || desk.key(Phrase::Take, Tone::Primary, &Act::Take(ticket.id));
    let close = || desk.key(Phrase::Close, Tone::Danger, &Act::Close(ticket.id));
    let keys = match (free, desk.in_group()) {
        (true, _) => vec![vec![take()]],
        (false, true) => vec![vec![close()]],
        (false, false) => Vec::new(),
    };
    Effect::Card(Card {
        to: policy.group.clone(),
        ticket: ticket.id,
        text: text(desk, conversation, ticket, &stage),
        keys,
        new,
    })
}

/// The card of a ticket that is over.
pub(super) fn closed(
    desk: &Desk,
    conversation: &Conversation,
    ticket: &Ticket,
    operator: &str,
) -> Effect {
    let at = desk.policy.moment(desk.now);
    let args = [("at", at.as_str()), ("operator", operator)];
    let stage = desk.policy.words(Phrase::CardClosed, &args);
    Effect::Card(Card {
        to: desk.policy.group.clone(),
        ticket: ticket.id,
        text: text(desk, conversation, ticket, &stage),
        keys: Vec::new(),
        new: false,
    })
}

fn text(desk: &Desk, conversation: &Conversation, ticket: &Ticket, stage: &str) -> Rich {
    let policy = desk.policy;
    let who = &conversation.who;
    let number = ticket.id.to_string();
    let title = [("ticket", number.as_str()), ("subject", &ticket.subject)];
    let name = policy.named(&who.name);
    let name = match &who.username {
        Some(username) => format!("{name} (@{username})"),
        None => name.to_owned(),
    };
    let customer = [
        ("channel", policy.title(&who.id.channel)),
        ("customer", &name),
    ];
    let mut card = Rich::default();
    card.push_styled(&policy.words(Phrase::CardTitle, &title), Style::Bold);
    card.push("\n");
    card.push(&policy.words(Phrase::CardCustomer, &customer));
    if let Some(phone) = &conversation.phone {
        card.push("\n");
        card.push(&policy.words(Phrase::CardPhone, &[("phone", phone)]));
    }
    if let Some(client) = &conversation.client {
        let email = ("email", client.email.as_str());
        card.push("\n");
        card.push(&match &client.tariff {
            Some(tariff) => policy.words(Phrase::CardClientTariff, &[email, ("tariff", tariff)]),
            None => policy.words(Phrase::CardClient, &[email]),
        });
    }
    if let (Some(window), Some(heard_at)) =
        (policy.windows.get(&who.id.channel), conversation.heard_at)
    {
        let until = policy.moment(heard_at + window.by_person);
        card.push("\n");
        card.push(&policy.words(Phrase::CardUntil, &[("until", &until)]));
    }
    card.push("\n\n");
    if fits(&ticket.card) {
        for said in ticket.card.iter().filter(|said| is_words(said)) {
            card.append(&said.content.text);
            card.push("\n\n");
        }
    } else {
        card.push(&policy.words(Phrase::CardLong, &[]));
        card.push("\n\n");
    }
    let attached = ticket.card.iter().filter(|said| !is_words(said)).count();
    if attached > 0 {
        let count = attached.to_string();
        card.push(&policy.words(Phrase::CardAttachments, &[("count", &count)]));
        card.push("\n");
    }
    card.push_styled(stage, Style::Italic);
    card
}

fn is_words(said: &Said) -> bool {
    match said.content.body {
        Body::Text => true,
        Body::Media(_) | Body::Location(_) | Body::Contact(_) | Body::Other { .. } => false,
    }
}

fn fits(said: &[Said]) -> bool {
    let words = said.iter().filter(|said| is_words(said));
    words
        .map(|said| said.content.text.text.len())
        .sum::<usize>()
        <= WORDS_ON_CARD
}

/// What goes below the card: everything that it does not show itself. What belongs to one album
/// stays together.
pub(super) fn below(draft: &[Said]) -> Vec<Vec<Said>> {
    let shown = fits(draft);
    let below = draft.iter().filter(|said| !(shown && is_words(said)));
    together(below)
}

/// Messages one by one, albums whole.
pub(super) fn together<'a>(said: impl Iterator<Item = &'a Said>) -> Vec<Vec<Said>> {
    let mut groups: Vec<Vec<Said>> = Vec::new();
    for said in said {
        match groups.last_mut() {
            Some(group) if same_album(group, said) => group.push(said.clone()),
            Some(_) | None => groups.push(vec![said.clone()]),
        }
    }
    groups
}

/// Whether a message is a further part of the album that a group of messages is.
fn same_album(group: &[Said], said: &Said) -> bool {
    let album = &said.content.album;
    album.is_some()
        && group
            .last()
            .is_some_and(|last| last.content.album == *album)
}
