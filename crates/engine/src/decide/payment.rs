//! Payments: pictures are read, and what they say is credited, or the operators decide. Nothing is
//! credited twice, everything is said to the operators, and all of it can be taken back.

mod deciding;
mod words;

pub(super) use self::deciding::{Does, pressed};

use super::{Decision, Desk, card};
use crate::{
    client::Client,
    content::{Body, MediaKind, Said},
    effect::{Effect, Key, Purpose, Relay, Say, Tone, anchor},
    event::Event,
    facts::Need,
    keys::Act,
    payment::{
        By, Credit, Judgement, Payment, Picture, Proof, Reading, Stage, Unread, judge, transaction,
        until,
    },
    phrases::Phrase,
    policy::Policy,
    sheet::Tariff,
    ticket::{self, Conversation},
};

/// Most tariffs that get a key: more are no help.
const MOST_OFFERS: usize = 8;

/// A customer is asked for a picture of their payment, and this may be it: it is read. So is each that
/// follows in this dialog, until one of them counts.
pub(super) fn expected(
    desk: &Desk,
    conversation: &mut Conversation,
    said: &[Said],
    decision: &mut Decision,
) -> Result<(), Need> {
    let Some(ticket) = conversation.ticket.as_ref().map(|ticket| ticket.id) else {
        return Ok(());
    };
    if !conversation.session.paying {
        return Ok(());
    }
    let of = |kind| -> Vec<&Said> { said.iter().filter(|it| file(it) == Some(kind)).collect() };
    let chat = conversation.who.chat.clone();
    let (all, why) = match of(File::Picture) {
        none if none.is_empty() => (of(File::Pdf), Unread::Pdf),
        pictures if desk.policy.reads => {
            let said = pictures.into_iter().cloned().collect();
            decision
                .effects
                .push(Effect::Recognise { chat, ticket, said });
            return Ok(());
        }
        pictures => (pictures, Unread::Off),
    };
    let unread = |said: &Said| Picture {
        at: said.at.clone(),
        text: Err(why),
        looks: None,
    };
    let pictures = all.into_iter().map(unread).collect();
    let reading = Reading {
        chat,
        ticket,
        pictures,
    };
    note(desk, conversation, &reading, decision)
}

/// What may be a payment's picture.
#[derive(Clone, Copy, PartialEq, Eq)]
enum File {
    Picture,
    /// Banks' programs give receipts out so.
    Pdf,
}

fn file(said: &Said) -> Option<File> {
    let Body::Media(media) = &said.content.body else {
        return None;
    };
    let mime = media.mime.as_deref().unwrap_or_default();
    let name = media.name.as_deref().unwrap_or_default().to_lowercase();
    let ends = |all: &[&str]| all.iter().any(|end| name.ends_with(end));
    match media.kind {
        MediaKind::Photo => Some(File::Picture),
        MediaKind::Document if mime.starts_with("image/") => Some(File::Picture),
        MediaKind::Document if mime == "application/pdf" || ends(&[".pdf"]) => Some(File::Pdf),
        MediaKind::Document if ends(&[".jpg", ".jpeg", ".png", ".webp", ".heic"]) => {
            Some(File::Picture)
        }
        MediaKind::Document
        | MediaKind::Video
        | MediaKind::Voice
        | MediaKind::Audio
        | MediaKind::Sticker
        | MediaKind::VideoNote
        | MediaKind::Animation => None,
    }
}

/// Pictures were read, or cannot be.
pub(super) fn read(desk: &Desk, reading: &Reading) -> Result<Decision, Need> {
    let Some(conversation) = desk.facts.customer(&reading.chat)? else {
        return Ok(Decision::ignored("a picture of somebody unknown"));
    };
    let mut conversation = conversation.clone();
    let mut decision = Decision::default();
    note(desk, &mut conversation, reading, &mut decision)?;
    // The record changes under nobody's eyes: a conversation that moves meanwhile is decided anew.
    decision.conversations.push(conversation);
    Ok(decision)
}

type Judged = Result<Judgement, Unread>;

/// Credits what the picture that says most says, or asks the operators. Of an album they are asked once;
/// another picture with a price is a matter of its own, for which the first one counts or waits by then.
fn note(
    desk: &Desk,
    conversation: &mut Conversation,
    reading: &Reading,
    decision: &mut Decision,
) -> Result<(), Need> {
    let tariffs = desk.facts.tariffs()?;
    // Before the look at what was seen: of two that happen at once, the second to be stored has lost
    // its number, and looks again.
    let id = desk.facts.payment_number()?;
    let judged = |picture: &Picture| -> Judged {
        let text = picture.text.as_deref().map_err(|unread| *unread)?;
        Ok(judge(text, tariffs))
    };
    let mut all: Vec<(&Picture, Judged)> =
        reading.pictures.iter().map(|it| (it, judged(it))).collect();
    let best = (0..all.len()).min_by_key(|nth| rank(&all[*nth].1));
    let Some((picture, judged)) = best.map(|nth| all.remove(nth)) else {
        return Ok(());
    };
    let text = picture.text.as_deref().unwrap_or_default();
    let proof = Proof {
        picture: picture.at.clone(),
        ticket: reading.ticket,
        looks: picture.looks,
        transaction: transaction(text),
    };
    let earlier = desk.facts.seen(&proof)?;
    if earlier.is_some_and(|earlier| earlier.picture == picture.at) {
        decision.ignored = Some("a picture that was read already");
        return Ok(());
    }
    let has_price = |judged: &Judged| judged.as_ref().is_ok_and(Judgement::has_price);
    let beside = |earlier: &Payment| Same::of(earlier, &proof) == Same::Dialog;
    if !has_price(&judged) && earlier.is_some_and(beside) {
        decision.ignored = Some("a picture beside one that counts");
        return Ok(());
    }
    let payment = Payment {
        id,
        chat: reading.chat.clone(),
        ticket: reading.ticket,
        picture: picture.at.clone(),
        looks: picture.looks,
        transaction: proof.transaction.clone(),
        at: desk.now,
        offers: offers(&judged, tariffs),
        stage: Stage::Asked,
    };
    show_picture(desk, conversation, &payment, decision)?;
    match (earlier, conversation.client.clone(), judged) {
        (None, Some(client), Ok(Judgement::Paid(tariff))) => {
            let credit = credit(desk, &client, tariff, None);
            let note = words::credited(desk, text, &payment);
            credited(
                desk,
                conversation,
                &client,
                payment,
                credit,
                &note,
                decision,
            );
        }
        (earlier, client, judged) => {
            let why = words::why(desk, earlier, &proof, client.as_ref(), &judged, text)?;
            ask(desk, conversation, payment, &why, decision);
        }
    }
    all.retain(|(_, judged)| has_price(judged));
    if !all.is_empty() {
        decision.events.push(Event::Read(Reading {
            pictures: all.into_iter().map(|(it, _)| it.clone()).collect(),
            ..reading.clone()
        }));
    }
    Ok(())
}

/// The less, the more it says.
fn rank(judged: &Judged) -> u8 {
    match judged {
        Ok(Judgement::Paid(_)) => 0,
        Ok(Judgement::Several(_)) => 1,
        Ok(Judgement::Doubtful(_)) => 2,
        Ok(Judgement::NoTariff) => 3,
        Ok(Judgement::NotPaid(_)) => 4,
        Ok(Judgement::NoSum) => 5,
        Err(_) => 6,
    }
}

/// What a picture has in common with an earlier payment.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Same {
    Number,
    Looks,
    /// Only the dialog, in which one counts already.
    Dialog,
}

impl Same {
    fn of(earlier: &Payment, proof: &Proof) -> Self {
        let number = earlier.transaction.as_deref();
        let alike = |looks| proof.looks_like(looks, number);
        if number.is_some() && earlier.transaction == proof.transaction {
            Self::Number
        } else if earlier.looks.is_some_and(alike) {
            Self::Looks
        } else {
            Self::Dialog
        }
    }
}

/// What a payment of this tariff changes.
fn credit(desk: &Desk, client: &Client, tariff: Tariff, by: Option<By>) -> Credit {
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

/// It counts: the record changes, the customer is thanked, the operators see what was done. The next
/// picture is a picture like any other.
fn credited(
    desk: &Desk,
    conversation: &mut Conversation,
    client: &Client,
    payment: Payment,
    credit: Credit,
    note: &str,
    decision: &mut Decision,
) {
    decision.clients.push(Client {
        tariff: Some(credit.tariff.name.clone()),
        paid_until: Some(credit.until),
        ..client.clone()
    });
    if conversation.ticket.as_ref().map(|ticket| ticket.id) == Some(payment.ticket) {
        conversation.session.paying = false;
    }
    let (price, date) = (credit.tariff.price.to_string(), Policy::date(credit.until));
    let before = words::day(desk, credit.before);
    let args = [
        ("price", price.as_str()),
        ("tariff", &credit.tariff.name),
        ("until", &date),
        ("before", &before),
        ("note", note),
    ];
    decision.say(Say {
        purpose: Purpose::Notice,
        ..desk.say(&conversation.who.chat, Phrase::PaymentThanks, &args[..3])
    });
    let undo = desk.key(Phrase::UndoPayment, Tone::Danger, &Act::Undo(payment.id));
    decision.say(Say {
        keys: vec![vec![undo]],
        ..tell(desk, conversation, &payment, Phrase::PaymentCredited, &args)
    });
    decision.payments.push(payment.credit(credit));
}

/// The operators decide, with the picture and the reason before them.
fn ask(
    desk: &Desk,
    conversation: &Conversation,
    payment: Payment,
    why: &str,
    decision: &mut Decision,
) {
    let mut keys = offered(desk, &payment);
    keys.push(vec![desk.key(
        Phrase::DismissPayment,
        Tone::Plain,
        &Act::Dismiss(payment.id),
    )]);
    let args = [("reason", why)];
    decision.say(Say {
        keys,
        ..tell(desk, conversation, &payment, Phrase::PaymentAsked, &args)
    });
    let wait = desk.say(&conversation.who.chat, Phrase::PaymentChecked, &[]);
    decision.say(Say {
        purpose: Purpose::Notice,
        ..wait
    });
    decision.payments.push(payment);
}

/// «Зачесть», a key for each tariff that it may be.
fn offered(desk: &Desk, payment: &Payment) -> Vec<Vec<Key>> {
    let offer = |(place, tariff): (u32, &Tariff)| {
        let price = tariff.price.to_string();
        let args = [("tariff", tariff.name.as_str()), ("price", &price)];
        vec![Key {
            label: desk.policy.words(Phrase::CreditAs, &args),
            data: Act::Credit(payment.id, place).to_string(),
            tone: Tone::Primary,
        }]
    };
    (0..).zip(&payment.offers).map(offer).collect()
}

/// What the operators may credit it as: what it may be, or anything.
fn offers(judged: &Judged, tariffs: &[Tariff]) -> Vec<Tariff> {
    let mut offers = match judged {
        Ok(Judgement::Several(several)) => several.clone(),
        Ok(Judgement::Paid(tariff) | Judgement::Doubtful(tariff)) => vec![tariff.clone()],
        Ok(Judgement::NoTariff | Judgement::NoSum | Judgement::NotPaid(_)) | Err(_) => Vec::new(),
    };
    if offers.len() < 2 {
        let others = tariffs.iter().filter(|other| !offers.contains(other));
        let others: Vec<Tariff> = others.cloned().collect();
        offers.extend(others);
    }
    offers.truncate(MOST_OFFERS);
    offers
}

/// Where dialogs are private the group has not seen a picture that went to an operator.
fn show_picture(
    desk: &Desk,
    conversation: &Conversation,
    payment: &Payment,
    decision: &mut Decision,
) -> Result<(), Need> {
    let is_private = match conversation.ticket.as_ref().map(|ticket| &ticket.stage) {
        Some(ticket::Stage::Assigned(assigned)) => !assigned.abandoned && !desk.in_group(),
        Some(ticket::Stage::Waiting(_)) => false,
        None => !desk.in_group(),
    };
    if !is_private {
        return Ok(());
    }
    let kept = decision.history.iter();
    let kept = kept
        .map(|kept| &kept.said)
        .find(|said| said.at == payment.picture);
    let said = match kept {
        Some(said) => Some(said.clone()),
        None => desk.facts.message(&payment.picture)?.and_then(|known| {
            Some(Said {
                at: payment.picture.clone(),
                content: known.content.clone()?,
            })
        }),
    };
    if let Some(said) = said {
        let group = &desk.policy.group;
        decision.effects.push(Effect::Relay(Relay {
            to: group.clone(),
            header: Some(card::group_header(desk, payment.ticket, conversation)),
            under: Some(anchor(group, payment.ticket)),
            purpose: Purpose::Nothing,
            said: vec![said],
        }));
    }
    Ok(())
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
