//! Reminders of a payment, told as stories: what goes out, what is held back, and the key under it.

use engine::{
    event::{Event, Timer},
    scenario::DialogPlace,
};
use expect_test::expect;
use jiff::SignedDuration;

use crate::world::{World, at, business::tariff, script::play};

/// Clients who have said who they are, with the day that each is paid for; the transcript begins after it.
fn with_clients(clients: &[(&str, &str)]) -> World {
    let mut world = World::new("subscription", DialogPlace::Group);
    world.business.tariffs = vec![tariff("Базовый", "199", "CNY", 30)];
    for (name, until) in clients {
        let plain = name.trim_start_matches("other-");
        play(
            &mut world,
            &format!("10:00 {name}: /start\n{name}: {plain}@mail.ru"),
        );
        paid_until(&mut world, plain, until);
    }
    world.transcript.clear();
    world
}

fn paid_until(world: &mut World, name: &str, until: &str) {
    let email = format!("{name}@mail.ru");
    let mut clients = world.business.clients.iter_mut();
    let client = clients.find(|client| client.email.as_str() == email);
    let client = client.expect("a client");
    client.paid_until = Some(until.parse().expect("a day"));
    let client = client.clone();
    for conversation in world.conversations.values_mut() {
        let known = conversation.client.as_mut();
        if let Some(known) = known.filter(|known| known.email == client.email) {
            *known = client.clone();
        }
    }
}

/// The clock says so; reminders are looked at.
fn look(world: &mut World, hour: i8, minute: i8) {
    world.wait_until(at(hour, minute));
    world.happen(&Event::Due(Timer::Reminders));
}

#[test]
fn once_each_where_the_client_was_heard_last() {
    let mut world = with_clients(&[
        ("ivan", "2026-11-23"),
        ("other-vera", "2026-11-21"),
        ("oleg", "2026-11-20"),
    ]);
    look(&mut world, 12, 59);
    look(&mut world, 13, 5);
    world.transcript.push_str("two days later\n");
    world.wait_until(at(13, 5) + SignedDuration::from_hours(48));
    expect![[r#"
          → ivan: remind_days «Ваша подписка оплачена до 23.11.2026, осталось дней: 3. Продлить её можно уже сейчас.» [Оплата]
          ⏰ ivan@mail.ru: Sent
          → other-vera: remind_tomorrow «Завтра, 21.11.2026, последний оплаченный день вашей подписки. Не забудьте, пожалуйста, её продлить.» [Оплата]
          ⏰ vera@mail.ru: Sent
          → oleg: remind_today «Сегодня, 20.11.2026, последний оплаченный день вашей подписки. Продлите её, пожалуйста, чтобы она не прервалась.» [Оплата]
          ⏰ oleg@mail.ru: Sent
        two days later
        (no dialogs are open)
          ⏰ vera@mail.ru: WindowClosed
        (no dialogs are open)
          → ivan: remind_tomorrow «Завтра, 23.11.2026, последний оплаченный день вашей подписки. Не забудьте, пожалуйста, её продлить.» [Оплата]
          ⏰ ivan@mail.ru: Sent
    "#]].assert_eq(&world.transcript);
}

#[test]
fn whoever_cannot_be_reminded_is_told_of_with_the_reason() {
    let mut world = with_clients(&[
        ("ivan", "2026-11-23"),
        ("anna", "2026-11-23"),
        ("other-vera", "2026-11-23"),
        ("oleg", "2026-11-23"),
    ]);
    play(&mut world, "10:01 ivan blocks\nanna is silent");
    let vera = crate::world::chat("other-vera");
    let known = world.conversations.get_mut(&vera).expect("Vera");
    known.heard_at = Some(at(13, 0) - SignedDuration::from_hours(24));
    world.conversations.remove(&crate::world::chat("oleg"));
    look(&mut world, 13, 0);
    // Anna had blocked the bot, and nobody knew.
    assert!(world.conversations[&crate::world::chat("anna")].blocked);
    expect![[r#"
        10:01 ivan blocks
        anna is silent
          ⏰ ivan@mail.ru: Blocked
          ⏰ vera@mail.ru: WindowClosed
          ⏰ oleg@mail.ru: NoChat
          ⏰ anna@mail.ru: Blocked
    "#]]
    .assert_eq(&world.transcript);
}

#[test]
fn what_could_not_leave_in_time_or_is_not_true_any_more_does_not_leave() {
    let mut world = with_clients(&[
        ("ivan", "2026-11-23"),
        ("anna", "2026-11-23"),
        ("oleg", "2026-11-23"),
        ("other-vera", "2026-11-23"),
    ]);
    world.down = true;
    look(&mut world, 13, 0);
    paid_until(&mut world, "ivan", "2026-12-23");
    play(&mut world, "13:10 anna blocks");
    world.wait_until(at(23, 59));
    let held = std::mem::take(&mut world.held).into_iter();
    for (nth, (reminder, say)) in held.enumerate() {
        if nth == 2 {
            world.now += SignedDuration::from_mins(1);
        }
        world.remind(reminder, say);
    }
    expect![[r#"
        13:10 anna blocks
          ⏰ ivan@mail.ru: Moved
          ⏰ anna@mail.ru: Blocked
          ⏰ oleg@mail.ru: Late
          ⏰ vera@mail.ru: Late
    "#]]
    .assert_eq(&world.transcript);
}

#[test]
fn the_key_opens_payment_at_once() {
    let mut world = with_clients(&[("ivan", "2026-11-23")]);
    look(&mut world, 13, 0);
    play(
        &mut world,
        "15:00 ivan presses «Оплата»
        ivan forges pay
        ivan sends photo
        reader reads: ¥199.00
        16:00 ivan sends photo
        ivan forges pay
        ivan sends photo
        17:00 stranger forges pay",
    );
    expect![[r#"
          → ivan: remind_days «Ваша подписка оплачена до 23.11.2026, осталось дней: 3. Продлить её можно уже сейчас.» [Оплата]
          ⏰ ivan@mail.ru: Sent
        (no dialogs are open)
        15:00 ivan presses «Оплата»
          → ivan: payment
          ▣ № 1 · Оплата | ivan · Telegram | Почта: ivan@mail.ru | Ждёт с 20.11 15:00 [Взять в работу]
        ivan forges pay
          → ivan: pay_here
        ivan sends photo
          → group: <№ 1 · ivan · Telegram> photo ↩ ticket-1
        reader reads: ¥199.00
          ✎ ivan@mail.ru: Базовый, 2026-12-23
          → ivan: payment_thanks «Спасибо! Оплата 199 ¥ зачтена: тариф Базовый, оплачено до 23.12.2026.»
          → group: payment_credited «№ 1 · ivan: оплата 199 ¥ зачтена. Тариф Базовый, оплачено до 23.12.2026 (было: 23.11.2026). | На скриншоте: ¥199.00.» ↩ «» [Отменить]
        16:00 ivan sends photo
          → group: <№ 1 · ivan · Telegram · Базовый> photo ↩ ticket-1
        ivan forges pay
          → ivan: pay_here
        ivan sends photo
          → group: <№ 1 · ivan · Telegram · Базовый> photo ↩ ticket-1
        17:00 stranger forges pay
        (a key of somebody unknown)
          (Эта кнопка уже не действует.)
    "#]].assert_eq(&world.transcript);
}

#[test]
fn the_key_works_days_later_and_after_start() {
    let mut world = with_clients(&[("ivan", "2026-11-23")]);
    look(&mut world, 13, 0);
    play(
        &mut world,
        "14:00 ivan: /start
        15:00 ivan forges pay",
    );
    expect![[r#"
          → ivan: remind_days «Ваша подписка оплачена до 23.11.2026, осталось дней: 3. Продлить её можно уже сейчас.» [Оплата]
          ⏰ ivan@mail.ru: Sent
        (no dialogs are open)
        14:00 ivan: /start
          → ivan: menu [Связаться с поддержкой | Оплата | Изменить почту]
        15:00 ivan forges pay
          → ivan: payment
          ▣ № 1 · Оплата | ivan · Telegram | Почта: ivan@mail.ru | Ждёт с 20.11 15:00 [Взять в работу]
    "#]].assert_eq(&world.transcript);
}

#[test]
fn whose_address_is_not_known_any_more_is_asked_for_it() {
    let mut world = with_clients(&[("ivan", "2026-11-23")]);
    let known = world.conversations.get_mut(&crate::world::chat("ivan"));
    known.expect("Ivan").client = None;
    play(&mut world, "15:00 ivan forges pay");
    expect![[r#"
        15:00 ivan forges pay
          → ivan: email
    "#]]
    .assert_eq(&world.transcript);
}

#[test]
fn a_desk_without_payments_has_no_key_for_them() {
    let mut world = with_clients(&[("ivan", "2026-11-23")]);
    world.policy = crate::world::policy("care", DialogPlace::Group);
    world.transcript.push_str("another scenario\n");
    look(&mut world, 13, 0);
    expect![[r#"
        another scenario
          → ivan: remind_days «Ваша подписка оплачена до 23.11.2026, осталось дней: 3. Продлить её можно уже сейчас.»
          ⏰ ivan@mail.ru: Sent
    "#]].assert_eq(&world.transcript);
}
