//! The operators' bot introduces itself: to the log, to whoever opens its menu, and the operators to the
//! desk.

use std::sync::Arc;

use channels::{Channel, telegram::MenuOf};
use engine::{event::Event, ids::ChannelId, phrases::Locale, scenario::DialogPlace};
use store::{Intake, NewUpdate};
use tracing::{info, warn};

use crate::desk::Desk;

/// Asks who the bot and its operators are. Nothing depends on the answers: an operator whom the group
/// does not name as an administrator is known once they speak or press there.
pub(super) async fn operators(desk: Arc<Desk>) {
    let me = tokio::select! {
        () = desk.closing.cancelled() => return,
        me = desk.telegram.me() => me,
    };
    match me {
        Ok(me) => {
            info!(username = me.username, "the bot");
            desk.answers(desk.telegram.id());
        }
        Err(failed) => warn!(%failed, "the bot cannot be asked who it is"),
    }
    menus(&desk).await;
    let administrators = desk.telegram.administrators(&desk.policy.group).await;
    let people = match administrators {
        Ok(people) => people,
        Err(failed) => {
            warn!(%failed, "the operators' group cannot be read: is the bot in it, as an administrator?");
            return;
        }
    };
    let updates = people.into_iter().map(|who| NewUpdate {
        key: format!("operator/{}", who.id),
        lane: who.chat.to_string(),
        raw: Vec::new(),
        heard: Ok(Event::Member { who, inside: true }),
    });
    let intake = Intake {
        channel: ChannelId::new("desk"),
        updates: updates.collect(),
        cursor: None,
    };
    match desk.store.take_in(intake, desk.clock.now()).await {
        Ok(taken) => desk.mail.handle(taken),
        Err(error) => warn!(%error, "the operators cannot be noted"),
    }
}

/// What stands behind the «/» of a chat with the bot. Names of commands are latin there (Bot API,
/// BotCommand).
async fn menus(desk: &Desk) {
    let locale = desk.policy.phrases.locale();
    let bye = match locale {
        Locale::Ru => "Завершить диалог: ответом на сообщение клиента",
        Locale::En => "Finish a dialog: in reply to the customer",
    };
    set_menu(desk, &MenuOf::Private, &[begin(locale)]).await;
    if desk.policy.dialog == DialogPlace::Group {
        let group = MenuOf::Chat(desk.policy.group.clone());
        set_menu(desk, &group, &[("bye", bye)]).await;
    }
}

/// The owners' menus. One who has never written to the bot has no chat with it: the menu comes with their
/// first word.
pub(super) async fn owners(desk: Arc<Desk>) {
    let locale = desk.policy.phrases.locale();
    let mut commands = vec![begin(locale)];
    commands.extend(owners_commands(locale));
    if desk.policy.sheet_every.is_none() {
        commands.retain(|(name, _)| *name != "sync");
    }
    let mut without: Vec<_> = desk.policy.owners.values().cloned().collect();
    loop {
        for chat in std::mem::take(&mut without) {
            if !set_menu(&desk, &MenuOf::Chat(chat.clone()), &commands).await {
                without.push(chat);
            }
        }
        if without.is_empty() {
            return;
        }
        tokio::select! {
            () = desk.closing.cancelled() => return,
            () = desk.owner_spoke.notified() => {}
        }
    }
}

fn begin(locale: Locale) -> (&'static str, &'static str) {
    match locale {
        Locale::Ru => ("start", "Начать сначала"),
        Locale::En => ("start", "Start anew"),
    }
}

fn owners_commands(locale: Locale) -> [(&'static str, &'static str); 3] {
    match locale {
        Locale::Ru => [
            ("broadcast", "Рассылка клиентам"),
            ("email", "Запись клиента: посмотреть и исправить"),
            ("sync", "Обновить клиентов из таблицы"),
        ],
        Locale::En => [
            ("broadcast", "A message to many clients"),
            ("email", "A client's record: look and correct"),
            ("sync", "Update clients from the sheet"),
        ],
    }
}

/// Whether it is set.
async fn set_menu(desk: &Desk, of: &MenuOf, commands: &[(&str, &str)]) -> bool {
    let set = desk.telegram.set_commands(of, None, commands).await;
    if let Err(failed) = &set {
        warn!(%failed, "a menu of commands cannot be set");
    }
    set.is_ok()
}
