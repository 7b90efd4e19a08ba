//! What becomes of calls, told one at a time.

use channels::Sent;
use engine::{
    content::{Body, Content, Media, MediaKind, Rich, Said},
    effect::{Relay, Say},
    ids::{ChannelId, DeliveryId, PersonRef, TicketId},
};
use store::Queued;

use super::*;

fn chat(channel: &str, id: &str) -> ChatRef {
    ChatRef::new(&ChannelId::new(channel), id)
}

fn group() -> ChatRef {
    chat("telegram", "-1001")
}

fn item(effect: Effect) -> Item {
    let queued = Queued {
        id: DeliveryId(7),
        lane: effect.lane(),
        urgency: effect.urgency(),
        effect,
        attempts: 1,
        progress: 0,
        started: true,
        not_before: None,
        repeated: false,
    };
    Item::new(queued, &group().to_string())
}

/// An operator's words to a customer of VK.
fn reply() -> Item {
    let said = chat("telegram", "3001").message("5");
    item(Effect::Relay(Relay {
        to: chat("vk", "2001"),
        said: vec![Said {
            at: said.clone(),
            content: Content::text("да"),
        }],
        header: None,
        under: None,
        purpose: Purpose::Reply {
            ticket: TicketId(1),
            operator: PersonRef::new(&ChannelId::new("telegram"), "3001"),
            chat: said.chat.clone(),
            said,
            marked: false,
        },
    }))
}

fn text() -> Piece {
    Piece::Text {
        to: chat("vk", "2001"),
        text: Rich::plain("да"),
        keys: Vec::new(),
        reply_to: None,
        of: None,
    }
}

fn unknown(item: &mut Item, once: bool) -> Verdict {
    let cut = Undelivered::Unknown("cut".to_owned());
    judge(item, Some(&text()), &cut, once, Timestamp::UNIX_EPOCH)
}

#[test]
fn where_duplicates_are_removed_a_call_is_made_until_its_outcome_is_known() {
    let mut item = reply();
    for _ in 0..10 {
        let verdict = unknown(&mut item, true);
        assert!(matches!(verdict, Verdict::Retry { counted: false, .. }));
    }
    let mut settlement = arrived(&item, Some(&text()), Receipt::default());
    complete(&item, &mut settlement);
    let perhaps_twice = false;
    assert_eq!(settlement.outcome, Outcome::Delivered { perhaps_twice });
    assert!(settlement.receipt.is_none());
}

#[test]
fn elsewhere_it_is_made_once_more() {
    let mut item = reply();
    let verdict = unknown(&mut item, false);
    assert!(matches!(verdict, Verdict::Retry { counted: true, .. }));
    item.attempts = 2;
    let verdict = unknown(&mut item, false);
    assert!(matches!(verdict, Verdict::Failed(Fate::Unknown)));
}

#[test]
fn a_call_has_the_same_number_each_time() {
    let mut item = reply();
    let first = item.serial(1000);
    assert_eq!(first, 1000 + 7 * 64);
    unknown(&mut item, true);
    assert_eq!(item.serial(1000), first);
    item.progress = 1;
    assert_eq!(item.serial(1000), first + 1);
}

fn notice(stands: Option<&str>) -> Piece {
    Piece::Notice {
        to: group(),
        stands: stands.map(|id| group().message(id)),
        text: Rich::plain("Открытых диалогов: 1"),
    }
}

fn stands_now(id: &str) -> Receipt {
    Receipt {
        sent: vec![Sent {
            at: group().message(id),
            of: None,
            keys: false,
        }],
        stripped: None,
    }
}

#[test]
fn the_list_is_found_again_also_when_somebody_deleted_it() {
    let item = item(Effect::Board { to: group() });
    let named = |id| vec![(board(&group()), group().message(id))];
    let first = arrived(&item, Some(&notice(None)), stands_now("10"));
    assert_eq!((first.links, first.unlinked), (named("10"), None));
    let changed = arrived(&item, Some(&notice(Some("10"))), stands_now("10"));
    assert_eq!((changed.links, changed.unlinked), (named("10"), None));
    let anew = arrived(&item, Some(&notice(Some("10"))), stands_now("20"));
    let gone = Some(group().message("10"));
    assert_eq!((anew.links, anew.unlinked), (named("20"), gone));
}

#[test]
fn a_list_that_stands_is_changed_as_often_as_need_be_and_a_new_one_is_not() {
    let item = item(Effect::Board { to: group() });
    assert!(is_repeatable(&item, Some(&notice(Some("10")))));
    assert!(!is_repeatable(&item, Some(&notice(None))));
    assert!(!is_repeatable(&item, None));
}

#[test]
fn a_sign_that_is_forbidden_is_nobodys_trouble() {
    let message = group().message("5");
    let mark = Piece::Mark { message };
    let reason = "REACTION_INVALID".to_owned();
    assert!(is_moot(Some(&mark), &Undelivered::Refused { reason }));
    assert!(is_repeatable(&reply(), Some(&mark)));
}

#[test]
fn a_file_that_cannot_be_kept_is_given_up_after_a_day() {
    let content = Content {
        body: Body::Media(Media::new(MediaKind::Photo, "https://example.com/1")),
        ..Content::default()
    };
    let of = chat("vk", "2001").message("5");
    let mut item = item(Effect::Keep { of, content });
    let silence = Undelivered::Unreached("no answer in time".to_owned());
    let mut after = |hours| {
        let now = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(hours);
        matches!(
            judge(&mut item, None, &silence, true, now),
            Verdict::Failed(_)
        )
    };
    assert!(!after(0));
    assert!(!after(24));
    assert!(after(25));
}

/// A broadcast's message to a customer of VK.
fn bulk() -> Item {
    item(Effect::Bulk {
        broadcast: BroadcastId(3),
        to: chat("vk", "2001"),
        said: Vec::new(),
    })
}

/// What the owner reads of somebody to whom a broadcast did not go through.
fn told(failed: &Undelivered) -> Option<broadcast::Fate> {
    let mut item = bulk();
    // VK removes duplicates: it would be safe there, and yet nobody is tried twice.
    match judge(
        &mut item,
        Some(&text()),
        failed,
        true,
        Timestamp::UNIX_EPOCH,
    ) {
        Verdict::Retry { counted, .. } => {
            assert!(!counted, "it was not accepted");
            None
        }
        Verdict::Failed(fate) => {
            let settlement = super::failed(&item, fate);
            let is_blocked = matches!(failed, Undelivered::Gone(_));
            assert_eq!(
                settlement.receipt.is_some(),
                is_blocked,
                "a rule hears of it"
            );
            let (id, to, fate) = settlement.recipient.unwrap();
            assert_eq!((id, to), (BroadcastId(3), chat("vk", "2001")));
            Some(fate)
        }
    }
}

#[test]
fn nobody_gets_a_broadcast_twice_and_everybody_is_accounted_for() {
    let words = || "words".to_owned();
    let reason = words();
    let failed = broadcast::Fate::Failed { reason: words() };
    for (undelivered, fate) in [
        (
            Undelivered::Unknown(words()),
            Some(broadcast::Fate::Unknown),
        ),
        (Undelivered::Gone(words()), Some(broadcast::Fate::Blocked)),
        (Undelivered::Refused { reason }, Some(failed.clone())),
        (Undelivered::Moot(words()), Some(failed)),
        (Undelivered::Unreached(words()), None),
        (Undelivered::Wait(std::time::Duration::from_secs(5)), None),
        (Undelivered::Locked(words()), None),
    ] {
        assert_eq!(told(&undelivered), fate, "{undelivered}");
    }
    let mut settlement = arrived(&bulk(), Some(&text()), Receipt::default());
    assert_eq!(settlement.recipient, None, "another piece may follow");
    complete(&bulk(), &mut settlement);
    let sent = (BroadcastId(3), chat("vk", "2001"), broadcast::Fate::Sent);
    assert_eq!(settlement.recipient, Some(sent));
}

#[test]
fn what_was_under_way_at_a_kill_is_unknown_and_not_repeated() {
    let mut item = bulk();
    item.attempts = 1;
    let verdict = judge_unknown(&item, None, true, Timestamp::UNIX_EPOCH);
    assert!(matches!(verdict, Verdict::Failed(Fate::Unknown)));
}

/// A reminder to a customer of VK.
fn remind() -> Item {
    let say = Say {
        to: chat("vk", "2001"),
        name: "remind_days".to_owned(),
        text: Rich::plain("осталось дней: 3"),
        keys: Vec::new(),
        reply_to: None,
        purpose: Purpose::Nothing,
        anchor: None,
        rewrites: false,
        outdates: false,
        replaces: None,
    };
    let reminder = reminder::Reminder {
        client: "ivan@mail.ru".parse().unwrap(),
        paid_until: "2026-11-23".parse().unwrap(),
        days: 3,
    };
    item(Effect::Remind { reminder, say })
}

/// What whoever lists reminders hears.
fn heard(settlement: Settlement) -> reminder::Outcome {
    let told = settlement.receipt.unwrap();
    assert_eq!(told.lane, "vk/2001");
    let Event::Reminded(noted) = told.event else {
        panic!("it is about a reminder")
    };
    assert_eq!(noted.to, Some(chat("vk", "2001")));
    noted.outcome
}

#[test]
fn what_becomes_of_a_reminder_is_told() {
    let mut item = remind();
    let mut settlement = arrived(&item, Some(&text()), Receipt::default());
    complete(&item, &mut settlement);
    assert_eq!(heard(settlement), reminder::Outcome::Sent);
    let gone = failed(&item, Fate::Gone);
    assert_eq!(heard(gone), reminder::Outcome::Blocked);
    let late = || reminder::Outcome::Late;
    assert_eq!(heard(withheld(&item, late())), late());
    // It had been started before: perhaps it arrived then.
    item.attempts = 2;
    let in_doubt = heard(withheld(&item, late()));
    assert_eq!(in_doubt, reminder::Outcome::Unknown);
}

#[test]
fn a_reminder_whose_fate_is_unknown_is_repeated_only_where_duplicates_are_removed() {
    let mut item = remind();
    let verdict = unknown(&mut item, false);
    assert!(matches!(verdict, Verdict::Failed(Fate::Unknown)));
    item.attempts = 5;
    let verdict = unknown(&mut item, true);
    assert!(matches!(verdict, Verdict::Retry { counted: true, .. }));
    let mut settlement = arrived(&item, Some(&text()), Receipt::default());
    complete(&item, &mut settlement);
    let perhaps_twice = false;
    assert_eq!(settlement.outcome, Outcome::Delivered { perhaps_twice });
}

#[test]
fn the_key_under_a_reminder_stays() {
    let shown = || Receipt {
        sent: vec![Sent {
            at: chat("vk", "2001").message("9"),
            of: None,
            keys: true,
        }],
        stripped: None,
    };
    assert_eq!(arrived(&remind(), Some(&text()), shown()).keys, None);
    assert!(arrived(&reply(), Some(&text()), shown()).keys.is_some());
}

fn progress(rewrites: bool) -> Effect {
    Effect::Say(Say {
        to: group(),
        name: "broadcast_running".to_owned(),
        text: Rich::plain("3 из 10"),
        keys: Vec::new(),
        reply_to: None,
        purpose: Purpose::Nothing,
        anchor: Some(group().message("broadcast-1")),
        rewrites,
        outdates: false,
        replaces: None,
    })
}

#[test]
fn words_that_cannot_be_changed_any_more_are_said_anew() {
    let anew = |failed| is_to_be_said_anew(&progress(true), &failed);
    let reason = "message can't be edited".to_owned();
    assert!(anew(Undelivered::Moot(
        "message to edit not found".to_owned()
    )));
    assert!(anew(Undelivered::Refused { reason }));
    assert!(!anew(Undelivered::Unknown("cut".to_owned())));
    assert!(!anew(Undelivered::Gone("blocked".to_owned())));
    let gone = Undelivered::Moot("message to edit not found".to_owned());
    assert!(!is_to_be_said_anew(&progress(false), &gone));
}
