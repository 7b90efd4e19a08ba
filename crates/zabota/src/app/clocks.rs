//! What runs by the clock is looked at once at each start: the sheet, reminders, broadcasts that were
//! going out. Each sets its own timer anew then, so that a timer that got lost, or that was set by
//! another `TIMEZONE` or `REMINDER_TIME`, is put right.

use std::sync::Arc;

use engine::{
    event::{Event, Timer},
    ids::ChannelId,
};
use store::{Intake, NewUpdate};
use tracing::warn;

use crate::desk::{Desk, Patience};

/// Sets them going.
pub(super) async fn start(desk: Arc<Desk>) {
    let mut patience = Patience::default();
    while let Err(error) = look(&desk).await {
        warn!(%error, "what runs by the clock cannot be set going");
        if !desk.pause(patience.next_pause()).await {
            return;
        }
    }
}

async fn look(desk: &Desk) -> store::Result<()> {
    let in_use: Vec<_> = desk.channels.keys().cloned().collect();
    desk.store.pick_up_broadcasts(&in_use).await?;
    let broadcasts = desk.store.running_broadcasts().await?;
    let sheet = desk.policy.sheet_every.map(|_| Timer::Sheet);
    let timers = sheet
        .into_iter()
        .chain([Timer::Reminders])
        .chain(broadcasts.into_iter().map(Timer::Broadcast));
    let updates = timers.map(|timer| NewUpdate {
        // Once for each start.
        key: format!("start/{}/{}", desk.store.me().as_str(), timer.key()),
        lane: timer.key(),
        raw: Vec::new(),
        heard: Ok(Event::Due(timer)),
    });
    let intake = Intake {
        channel: ChannelId::new("desk"),
        updates: updates.collect(),
        cursor: None,
    };
    let taken = desk.store.take_in(intake, desk.clock.now()).await?;
    desk.mail.handle(taken);
    Ok(())
}
