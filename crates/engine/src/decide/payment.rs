//! Payments: a picture is read, and what it says is credited, or the operators decide. Nothing is
//! credited twice, everything is said to the operators, and all of it can be taken back.

use super::{Decision, Desk, card, strip};
use crate::{
    amounts,
    client::Client,
    content::{Body, MediaKind, Said},
    effect::{Effect, Key, Purpose, Relay, Say, Tone, anchor},
    event::Pressed,
    facts::Need,
    ids::PersonRef,
    keys::Act,
    payment::{
        Credit, Judgement, Payment, PaymentId, Proof, Reading, Stage, Unread, judge, transaction,
        until,
    },
    phrases::Phrase,
    policy::Policy,
    sheet::Tariff,
    ticket::Conversation,
};

/// Most tariffs that get a key: more are no help.
const MOST_OFFERS: usize = 8;
/// So much of what was read is shown, in characters.
const SHOWN: usize = 300;

/// A customer is asked for a picture of their payment, and this may be it: it is read.
pub(super) fn expected(
    desk: &Desk,
    conversation: &mut Conversation,
    said: &[Said],
    decision: &mut Decision,
) -> Result<(), Need> {
    let picture = said.iter().find(|said| is_picture(said));
    let (Some(picture), Some(ticket)) = (picture, &conversation.ticket) else {
        return Ok(());
    };
    if !std::mem::take(&mut conversation.session.paying) {
        return Ok(());
    }
    let chat = conversation.who.chat.clone();
    if desk.policy.reads {
        decision.effects.push(Effect::Recognise {
            chat,
            ticket: ticket.id,
            said: picture.clone(),
        });
        return Ok(());
    }
    let reading = Reading {
        chat,
        ticket: ticket.id,
        picture: picture.at.clone(),
        text: Err(Unread::Off),
        looks: None,
    };
    note(desk, conversation, &reading, decision)
}

fn is_picture(said: &Said) -> bool {
    let Body::Media(media) = &said.content.body else {
        return false;
    };
    let named = media
        .mime
        .as_deref()
        .is_some_and(|mime| mime.starts_with("image/"));
    match media.kind {
        MediaKind::Photo => true,
        MediaKind::Document => named,
        MediaKind::Video
        | MediaKind::Voice
        | MediaKind::Audio
        | MediaKind::Sticker
        | MediaKind::VideoNote
        | MediaKind::Animation => false,
    }
}

/// A picture was read, or cannot be.
pub(super) fn read(desk: &Desk, reading: &Reading) -> Result<Decision, Need> {
    let Some(conversation) = desk.facts.customer(&reading.chat)? else {
        return Ok(Decision::ignored("a picture of somebody unknown"));
    };
    let mut decision = Decision::default();
    // The record changes under nobody's eyes: a conversation that moves meanwhile is decided anew.
    decision.conversations.push(conversation.clone());
    note(desk, conversation, reading, &mut decision)?;
    Ok(decision)
}

/// Credits what a reading says, or asks the operators.
fn note(
    desk: &Desk,
    conversation: &Conversation,
    reading: &Reading,
    decision: &mut Decision,
) -> Result<(), Need> {
    let tariffs = desk.facts.tariffs()?;
    // Before the look at what was seen: of two that happen at once, the second to be stored has lost
    // its number, and looks again.
    let id = desk.facts.payment_number()?;
    let text = reading.text.as_deref().unwrap_or_default();
    let proof = Proof {
        picture: reading.picture.clone(),
        looks: reading.looks,
        transaction: transaction(text),
    };
    // Screenshots of one program look alike: another transaction is another payment.
    let other = |earlier: &&Payment| {
        let numbers = earlier.transaction.as_ref().zip(proof.transaction.as_ref());
        earlier.picture != proof.picture && numbers.is_some_and(|(a, b)| a != b)
    };
    let earlier = desk.facts.seen(&proof)?.filter(|earlier| !other(earlier));
    if earlier.is_some_and(|earlier| earlier.picture == reading.picture) {
        decision.ignored = Some("a picture that was read already");
        return Ok(());
    }
    let payment = Payment {
        id,
        chat: reading.chat.clone(),
        ticket: reading.ticket,
        picture: reading.picture.clone(),
        looks: reading.looks,
        transaction: proof.transaction,
        at: desk.now,
        stage: Stage::Asked { offers: Vec::new() },
    };
    let judged = reading.text.as_deref().map(|text| judge(text, tariffs));
    match (earlier, &conversation.client, judged) {
        (None, Some(client), Ok(Judgement::Paid(tariff))) => {
            let credit = credit(desk, client, tariff, None);
            credited(desk, conversation, client, payment, credit, decision);
        }
        (earlier, client, judged) => {
            let why = why(desk, earlier, client.as_ref(), judged.as_ref(), reading);
            let offers = offers(judged.ok(), tariffs);
            ask(desk, conversation, payment, offers, &why, decision);
        }
    }
    Ok(())
}

/// What a payment of this tariff changes.
fn credit(desk: &Desk, client: &Client, tariff: Tariff, by: Option<PersonRef>) -> Credit {
    let today = desk.policy.day(desk.now);
    Credit {
        client: client.email.clone(),
        until: until(client.paid_until, today, tariff.days),
        tariff_before: client.tariff.clone(),
        before: client.paid_until,
        tariff,
        by,
        at: desk.now,
    }
}

/// It counts: the record changes, the customer is thanked, the operators see what was done.
fn credited(
    desk: &Desk,
    conversation: &Conversation,
    client: &Client,
    payment: Payment,
    credit: Credit,
    decision: &mut Decision,
) {
    decision.clients.push(Client {
        tariff: Some(credit.tariff.name.clone()),
        paid_until: Some(credit.until),
        ..client.clone()
    });
    let (price, date) = (credit.tariff.price.to_string(), Policy::date(credit.until));
    let args = [
        ("price", price.as_str()),
        ("tariff", &credit.tariff.name),
        ("until", &date),
    ];
    decision.say(Say {
        purpose: Purpose::Notice,
        ..desk.say(&conversation.who.chat, Phrase::PaymentThanks, &args)
    });
    let undo = desk.key(Phrase::UndoPayment, Tone::Danger, &Act::Undo(payment.id));
    let told = tell(desk, conversation, &payment, Phrase::PaymentCredited, &args);
    show_picture(desk, conversation, &payment, decision);
    decision.say(Say {
        keys: vec![vec![undo]],
        ..told
    });
    decision.payments.push(payment.credit(credit));
}

/// The operators decide, with the picture and the reason before them.
fn ask(
    desk: &Desk,
    conversation: &Conversation,
    payment: Payment,
    offers: Vec<Tariff>,
    why: &str,
    decision: &mut Decision,
) {
    let id = payment.id;
    // Without a record there is nothing to credit to.
    let offers = if conversation.client.is_some() {
        offers
    } else {
        Vec::new()
    };
    let mut keys: Vec<Vec<Key>> = (0..)
        .zip(&offers)
        .map(|(place, tariff)| vec![offer(desk, id, place, tariff)])
        .collect();
    keys.push(vec![desk.key(
        Phrase::DismissPayment,
        Tone::Plain,
        &Act::Dismiss(id),
    )]);
    show_picture(desk, conversation, &payment, decision);
    decision.say(Say {
        keys,
        ..tell(
            desk,
            conversation,
            &payment,
            Phrase::PaymentAsked,
            &[("reason", why)],
        )
    });
    let wait = desk.say(&conversation.who.chat, Phrase::PaymentChecked, &[]);
    decision.say(Say {
        purpose: Purpose::Notice,
        ..wait
    });
    decision.payments.push(Payment {
        stage: Stage::Asked { offers },
        ..payment
    });
}

fn offer(desk: &Desk, id: PaymentId, place: u32, tariff: &Tariff) -> Key {
    let price = tariff.price.to_string();
    let args = [("tariff", tariff.name.as_str()), ("price", &price)];
    Key {
        label: desk.policy.words(Phrase::CreditAs, &args),
        data: Act::Credit(id, place).to_string(),
        tone: Tone::Primary,
    }
}

/// What the operators may credit it as: what it may be, or anything.
fn offers(judged: Option<Judgement>, tariffs: &[Tariff]) -> Vec<Tariff> {
    let offers = match judged {
        Some(Judgement::Paid(tariff)) => vec![tariff],
        Some(Judgement::Several(several)) => several,
        Some(Judgement::NoTariff(_) | Judgement::NoSum | Judgement::NotPaid) | None => {
            tariffs.to_vec()
        }
    };
    offers.into_iter().take(MOST_OFFERS).collect()
}

/// Where dialogs are private the group has not seen the picture yet.
fn show_picture(
    desk: &Desk,
    conversation: &Conversation,
    payment: &Payment,
    decision: &mut Decision,
) {
    let kept = decision
        .history
        .iter()
        .find(|kept| kept.said.at == payment.picture);
    let said = kept
        .map(|kept| kept.said.clone())
        .or_else(|| said_before(desk, payment));
    if let (false, Some(said)) = (desk.in_group(), said) {
        let group = &desk.policy.group;
        decision.effects.push(Effect::Relay(Relay {
            to: group.clone(),
            header: Some(card::group_header(desk, payment.ticket, conversation)),
            under: Some(anchor(group, payment.ticket)),
            purpose: Purpose::Nothing,
            said: vec![said],
        }));
    }
}

fn said_before(desk: &Desk, payment: &Payment) -> Option<Said> {
    let known = desk.facts.message(&payment.picture).ok()??;
    Some(Said {
        at: payment.picture.clone(),
        content: known.content.clone()?,
    })
}

/// Words to the operators, under the picture.
fn tell(
    desk: &Desk,
    conversation: &Conversation,
    payment: &Payment,
    phrase: Phrase,
    args: &[(&str, &str)],
) -> Say {
    let number = payment.ticket.to_string();
    let mut all = vec![
        ("ticket", number.as_str()),
        ("customer", desk.policy.named(&conversation.who.name)),
    ];
    all.extend(args);
    Say {
        reply_to: Some(payment.picture.clone()),
        ..desk.say(&desk.policy.group, phrase, &all)
    }
}

/// Why a person must decide, in words, with what was read.
fn why(
    desk: &Desk,
    earlier: Option<&Payment>,
    client: Option<&Client>,
    judged: Result<&Judgement, &&Unread>,
    reading: &Reading,
) -> String {
    let words = |phrase, args: &[(&str, &str)]| desk.policy.words(phrase, args);
    if let Some(earlier) = earlier {
        let (ticket, at) = (earlier.ticket.to_string(), desk.policy.moment(earlier.at));
        return words(Phrase::ReasonSeen, &[("ticket", &ticket), ("at", &at)]);
    }
    if client.is_none() {
        return words(Phrase::ReasonNoClient, &[]);
    }
    match judged {
        Ok(Judgement::Paid(_)) => String::new(),
        Ok(Judgement::Several(several)) => {
            let names: Vec<&str> = several.iter().map(|tariff| tariff.name.as_str()).collect();
            words(Phrase::ReasonSeveral, &[("tariffs", &names.join(", "))])
        }
        Ok(Judgement::NoTariff(found)) => words(Phrase::ReasonNoTariff, &[("sums", &sums(found))]),
        Ok(Judgement::NoSum) => {
            let text = reading.text.as_deref().unwrap_or_default().trim();
            let shown: String = text.chars().take(SHOWN).collect();
            if shown.is_empty() {
                words(Phrase::ReasonNoText, &[])
            } else {
                words(Phrase::ReasonNoSum, &[("text", &shown)])
            }
        }
        Ok(Judgement::NotPaid) => words(Phrase::ReasonNotPaid, &[]),
        Err(Unread::Off) => words(Phrase::ReasonOff, &[]),
        Err(Unread::NoPicture) => words(Phrase::ReasonNoPicture, &[]),
        Err(Unread::Failed(why)) => words(Phrase::ReasonFailed, &[("why", why)]),
    }
}

fn sums(found: &[amounts::Found]) -> String {
    let shown = found
        .iter()
        .take(8)
        .map(|found| match found.currencies.first() {
            Some(currency) => format!("{} {currency}", found.amount),
            None => found.amount.to_string(),
        });
    shown.collect::<Vec<_>>().join(", ")
}

/// «Зачесть», «Не зачитывать», «Отменить».
pub(super) fn pressed(
    desk: &Desk,
    pressed: &Pressed,
    id: PaymentId,
    does: Does,
) -> Result<Decision, Need> {
    if !desk.facts.is_member(&pressed.who.id)? {
        return Ok(Decision::ignored(
            "somebody who is no operator pressed a key",
        ));
    }
    let late = || {
        let mut late = desk.toast(
            pressed,
            Phrase::PaymentDecided,
            &[],
            "a payment that is decided",
        );
        late.effects
            .push(strip(&pressed.at.chat, Some(&pressed.at)));
        late
    };
    let Some(payment) = desk.facts.payment(id)?.cloned() else {
        return Ok(late());
    };
    let Some(conversation) = desk.facts.customer(&payment.chat)? else {
        return Ok(late());
    };
    let mut decision = Decision::default();
    decision.effects.push(desk.answer(pressed, None, false));
    decision
        .effects
        .push(strip(&pressed.at.chat, Some(&pressed.at)));
    decision.conversations.push(conversation.clone());
    let by = &pressed.who;
    match (does, payment.stage.clone(), &conversation.client) {
        (Does::Credit(place), Stage::Asked { offers }, Some(client)) => {
            let Some(tariff) = offers.get(place as usize).cloned() else {
                return Ok(late());
            };
            let credit = credit(desk, client, tariff, Some(by.id.clone()));
            credited(desk, conversation, client, payment, credit, &mut decision);
        }
        (Does::Dismiss, Stage::Asked { .. }, _) => {
            let args = [("operator", by.name.as_str())];
            decision.say(tell(
                desk,
                conversation,
                &payment,
                Phrase::PaymentDismissed,
                &args,
            ));
            decision.payments.push(payment.dismiss(by.id.clone()));
        }
        (Does::Undo, Stage::Credited(credit), _) => {
            undo(desk, conversation, payment, credit, pressed, &mut decision)?;
        }
        (Does::Credit(_), Stage::Asked { .. }, None)
        | (
            Does::Credit(_) | Does::Dismiss,
            Stage::Credited(_) | Stage::Dismissed { .. } | Stage::Undone { .. },
            _,
        )
        | (Does::Undo, Stage::Asked { .. } | Stage::Dismissed { .. } | Stage::Undone { .. }, _) => {
            return Ok(late());
        }
    }
    Ok(decision)
}

/// What an operator wants with a payment.
#[derive(Clone, Copy, Debug)]
pub(super) enum Does {
    /// It counts, as the offer at this place.
    Credit(u32),
    /// It does not count.
    Dismiss,
    /// It counts no longer.
    Undo,
}

/// The record is as if it had not been paid; what else has happened to it meanwhile stays.
fn undo(
    desk: &Desk,
    conversation: &Conversation,
    payment: Payment,
    credit: Credit,
    pressed: &Pressed,
    decision: &mut Decision,
) -> Result<(), Need> {
    if let Some(client) = desk.facts.client(&credit.client)? {
        let untouched = client.paid_until == Some(credit.until);
        let shorter = client.paid_until.map(|until| {
            until.saturating_sub(jiff::Span::new().days(i64::from(credit.tariff.days)))
        });
        let same_tariff = client.tariff.as_ref() == Some(&credit.tariff.name);
        decision.clients.push(Client {
            paid_until: if untouched { credit.before } else { shorter },
            tariff: if untouched && same_tariff {
                credit.tariff_before.clone()
            } else {
                client.tariff.clone()
            },
            ..client.clone()
        });
    }
    let price = credit.tariff.price.to_string();
    let args = [
        ("price", price.as_str()),
        ("tariff", &credit.tariff.name),
        ("operator", &pressed.who.name),
    ];
    decision.say(tell(
        desk,
        conversation,
        &payment,
        Phrase::PaymentUndone,
        &args,
    ));
    decision.say(Say {
        purpose: Purpose::Notice,
        ..desk.say(&conversation.who.chat, Phrase::PaymentTakenBack, &args[..1])
    });
    decision
        .payments
        .push(payment.undo(credit, pressed.who.id.clone(), desk.now));
    Ok(())
}
