//! What the throttle does, told one situation at a time.

use super::*;

const TELEGRAM: Limits = Limits {
    per_second: 30,
    per_chat_second: 1,
    per_group_minute: 20,
};

/// A throttle and a clock in milliseconds; every call is answered at once.
struct Story {
    throttle: Throttle,
    now: Timestamp,
}

fn story(limits: Limits) -> Story {
    Story {
        throttle: Throttle::new(limits),
        now: Timestamp::UNIX_EPOCH,
    }
}

fn live(place: Place<'_>) -> Call<'_> {
    Call {
        place,
        cost: 1,
        urgency: Urgency::Live,
    }
}

fn bulk(place: Place<'_>) -> Call<'_> {
    Call {
        urgency: Urgency::Bulk,
        ..live(place)
    }
}

fn service(place: Place<'_>) -> Call<'_> {
    Call {
        urgency: Urgency::Service,
        ..live(place)
    }
}

impl Story {
    fn wait(&mut self, millis: i64) -> &mut Self {
        self.now += SignedDuration::from_millis(millis);
        self
    }

    fn at(&self, millis: i64) -> Timestamp {
        self.now + SignedDuration::from_millis(millis)
    }

    fn ask(&mut self, call: Call<'_>) -> Result<Pass, Hold> {
        self.throttle.admit(&call, self.now)
    }

    /// How many milliseconds a call must wait; 0 if it left.
    fn delay(&mut self, call: Call<'_>) -> i128 {
        match self.ask(call) {
            Ok(pass) => {
                self.end(pass, Outcome::Answered);
                0
            }
            Err(hold) => self.now.duration_until(hold.until).as_millis(),
        }
    }

    fn sends(&mut self, times: usize, call: Call<'_>) -> &mut Self {
        for time in 0..times {
            assert_eq!(self.delay(call), 0, "call {time}");
        }
        self
    }

    fn end(&mut self, pass: Pass, outcome: Outcome) {
        self.throttle.settle(pass, outcome, self.now, 0.0);
    }

    fn fails(&mut self) {
        let pass = self.ask(live(Place::Nowhere)).expect("nothing holds it");
        self.end(pass, Outcome::Silent);
    }
}

#[test]
fn one_message_a_second_goes_to_a_customer() {
    let mut story = story(TELEGRAM);
    story.sends(1, live(Place::Private("ivan")));
    assert_eq!(story.delay(live(Place::Private("ivan"))), 1000);
    assert_eq!(story.delay(live(Place::Private("maria"))), 0);
    story.wait(1000).sends(1, live(Place::Private("ivan")));
}

#[test]
fn an_edit_to_a_customer_is_no_message() {
    let mut story = story(TELEGRAM);
    story.sends(1, live(Place::Private("ivan")));
    story.sends(3, live(Place::Change("ivan")));
}

#[test]
fn a_call_counts_until_its_answer_is_here() {
    let mut story = story(TELEGRAM);
    let pass = story.ask(live(Place::Private("ivan"))).unwrap();
    story.wait(1500).end(pass, Outcome::Answered);
    assert_eq!(story.delay(live(Place::Private("ivan"))), 1000);
}

#[test]
fn an_album_costs_its_parts_in_the_group() {
    let mut story = story(TELEGRAM);
    let album = Call {
        cost: 10,
        ..live(Place::Group("desk"))
    };
    story.sends(2, album);
    assert_eq!(story.delay(live(Place::Group("desk"))), 60_000);
}

#[test]
fn an_album_to_a_customer_goes_when_the_chat_is_quiet() {
    let mut story = story(TELEGRAM);
    let album = Call {
        cost: 10,
        ..live(Place::Private("ivan"))
    };
    story.sends(1, album);
    assert_eq!(story.delay(album), 1000);
}

#[test]
fn cards_leave_room_for_what_customers_say() {
    let mut story = story(TELEGRAM);
    story.sends(14, service(Place::Group("desk")));
    assert_eq!(story.delay(service(Place::Group("desk"))), 60_000);
    story.sends(6, live(Place::Group("desk")));
}

#[test]
fn an_album_that_waits_is_not_overtaken_by_cards() {
    let mut story = story(TELEGRAM);
    let album = Call {
        cost: 10,
        ..live(Place::Group("desk"))
    };
    story.sends(10, live(Place::Group("desk"))).wait(30_000);
    story.sends(2, live(Place::Group("desk")));
    assert_eq!(story.delay(album), 30_000);
    // The first ten are gone: the cards would fit, and take the album's room.
    story.wait(30_000);
    assert_eq!(story.delay(service(Place::Group("desk"))), 500);
    story
        .sends(1, album)
        .sends(2, service(Place::Group("desk")));
}

#[test]
fn a_broadcast_leaves_a_sixth_to_the_dialogs() {
    let mut story = story(TELEGRAM);
    let names: Vec<_> = (0..30).map(|n| format!("customer {n}")).collect();
    for name in &names[..25] {
        story.sends(1, bulk(Place::Private(name)));
    }
    let hold = story.ask(bulk(Place::Private(&names[25]))).unwrap_err();
    assert_eq!(
        hold,
        Hold {
            until: story.at(1000),
            channel: true
        }
    );
    for name in &names[25..] {
        story.sends(1, live(Place::Private(name)));
    }
}

#[test]
fn five_thousand_get_it_at_the_limit_while_dialogs_go_on() {
    let mut story = story(TELEGRAM);
    let (mut left, mut given) = (Vec::new(), 0);
    for tick in 0..2000 {
        story.wait(10);
        // Five live messages a second, each to a chat that is quiet: none of them waits.
        if tick % 20 == 0 {
            story.sends(1, live(Place::Private(&format!("dialog {tick}"))));
            left.push(tick);
        }
        while story.delay(bulk(Place::Private(&format!("reader {given}")))) == 0 {
            given += 1;
            left.push(tick);
        }
    }
    let most = left.iter().map(|from| {
        let second = left.iter().filter(|at| (*from..from + 100).contains(*at));
        second.count()
    });
    assert!(most.max() <= Some(30), "Telegram's limit over everything");
    // Of the 25 a second that broadcasts may fill, five are the dialogs'.
    assert!((390..=420).contains(&given), "{given} in twenty seconds");
}

#[test]
fn a_broadcast_takes_no_room_that_a_dialog_waits_for() {
    let mut story = story(TELEGRAM);
    let album = Call {
        cost: 10,
        ..live(Place::Nowhere)
    };
    story.sends(25, bulk(Place::Nowhere));
    assert_eq!(story.delay(album), 1000);
    story.wait(1000);
    assert!(story.delay(bulk(Place::Nowhere)) > 0);
    story.sends(1, album).sends(15, bulk(Place::Nowhere));
}

#[test]
fn a_429_is_obeyed_to_the_second_and_by_that_chat_alone() {
    let mut story = story(TELEGRAM);
    let pass = story.ask(live(Place::Group("desk"))).unwrap();
    let until = story.at(17_000);
    story.end(pass, Outcome::Asked(until));
    assert_eq!(story.delay(live(Place::Group("desk"))), 17_000);
    assert_eq!(story.delay(live(Place::Private("ivan"))), 0);
    story.wait(16_999);
    assert_eq!(story.delay(live(Place::Group("desk"))), 1);
    story.wait(1).sends(1, live(Place::Group("desk")));
}

#[test]
fn an_edit_heeds_the_429_of_its_chat() {
    let mut story = story(Limits::OFF);
    let until = story.at(5000);
    story.throttle.obey(Some("ivan"), until, story.now);
    assert_eq!(story.delay(live(Place::Change("ivan"))), 5000);
}

#[test]
fn three_chats_told_to_wait_mean_the_channel() {
    let mut story = story(TELEGRAM);
    for chat in ["ivan", "maria", "olga"] {
        let pass = story.ask(live(Place::Private(chat))).unwrap();
        let until = story.at(3000);
        story.end(pass, Outcome::Asked(until));
    }
    assert_eq!(
        story.ask(live(Place::Nowhere)),
        Err(Hold {
            until: story.at(3000),
            channel: true
        })
    );
    story.wait(3000).sends(1, live(Place::Nowhere));
}

#[test]
fn with_limits_off_only_a_429_is_obeyed() {
    let mut story = story(Limits::OFF);
    story.sends(1000, bulk(Place::Group("desk")));
    let until = story.at(2000);
    story.throttle.obey(None, until, story.now);
    assert_eq!(story.delay(live(Place::Nowhere)), 2000);
}

#[test]
fn a_silent_messenger_is_tried_by_one_call_at_a_time() {
    let mut story = story(TELEGRAM);
    story.fails();
    assert_eq!(story.delay(live(Place::Private("ivan"))), 500);
    story.wait(500);
    let probe = story.ask(live(Place::Private("ivan"))).unwrap();
    assert!(
        story
            .ask(live(Place::Private("maria")))
            .unwrap_err()
            .channel
    );
    story.end(probe, Outcome::Answered);
    story.sends(1, live(Place::Private("maria")));
}

#[test]
fn a_try_that_takes_long_does_not_bar_the_way() {
    let mut story = story(TELEGRAM);
    story.fails();
    let upload = story.wait(500).ask(live(Place::Private("ivan"))).unwrap();
    story.wait(4999);
    assert_eq!(story.delay(live(Place::Nowhere)), 1000);
    story.wait(1).sends(2, live(Place::Nowhere));
    story.end(upload, Outcome::Silent);
}

#[test]
fn each_failed_try_doubles_the_wait_up_to_half_a_minute() {
    let mut story = story(TELEGRAM);
    let mut waits = Vec::new();
    for _ in 0..8 {
        story.fails();
        let wait = story.delay(live(Place::Nowhere));
        story.wait(i64::try_from(wait).unwrap());
        waits.push(wait);
    }
    assert_eq!(waits, [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
}

#[test]
fn ten_calls_lost_in_one_outage_count_once() {
    let mut story = story(TELEGRAM);
    let passes: Vec<_> = (0..10)
        .map(|_| story.ask(live(Place::Nowhere)).unwrap())
        .collect();
    for pass in passes {
        story.end(pass, Outcome::Silent);
    }
    assert_eq!(story.delay(live(Place::Nowhere)), 500);
}

#[test]
fn chance_takes_up_to_half_of_a_wait() {
    assert_eq!(backoff(1, 1.0).as_millis(), 250);
    assert_eq!(backoff(u32::MAX, 0.0).as_secs(), 30);
    assert_eq!(backoff(0, 0.5).as_millis(), 375);
}

#[test]
fn a_quiet_chat_is_forgotten_and_a_held_one_is_not() {
    let mut story = story(TELEGRAM);
    let until = story.at(3_600_000);
    story.throttle.obey(Some("desk"), until, story.now);
    for n in 0..100 {
        story
            .wait(100)
            .sends(1, live(Place::Private(&n.to_string())));
    }
    story.wait(240_000).sends(1, live(Place::Nowhere));
    assert_eq!(story.throttle.chats(), 1);
    assert!(story.delay(live(Place::Group("desk"))) > 0);
}

#[test]
fn a_clock_that_goes_back_opens_no_window() {
    let mut story = story(TELEGRAM);
    story
        .wait(10_000)
        .sends(1, live(Place::Private("ivan")))
        .wait(-5000);
    assert_eq!(story.delay(live(Place::Private("ivan"))), 6000);
}
