//! What the database is told: what became of the last calls, and which come next, in one transaction.
//! What must stay true: no first call of a row is made before the row is noted as started.

use engine::ids::DeliveryId;
use store::{Settled, Settlement, Started};
use tokio::task::JoinHandle;
use tracing::warn;

use super::Round;
use crate::{
    desk::Patience,
    throttle::{self, Pass},
};

/// A transaction under way: what it notes, what it starts, and its answer.
pub(super) type Settling = JoinHandle<(Vec<Settlement>, Vec<DeliveryId>, store::Result<Settled>)>;

impl Round {
    pub(super) fn start(&mut self, id: DeliveryId, pass: Pass) {
        if self.lanes.pieces(id).is_some() {
            self.send(id, pass);
        } else {
            self.starts.push(id);
            self.passes.insert(id, pass);
        }
    }

    pub(super) fn settle(&mut self) -> Option<Settling> {
        if self.settlements.is_empty() && self.starts.is_empty() {
            return None;
        }
        let settlements = std::mem::take(&mut self.settlements);
        let starts = std::mem::take(&mut self.starts);
        let (store, now) = (self.desk.store.clone(), self.desk.clock.now());
        Some(tokio::spawn(async move {
            let result = store.settle(settlements.clone(), starts.clone(), now).await;
            (settlements, starts, result)
        }))
    }

    pub(super) async fn settled(
        &mut self,
        settlements: Vec<Settlement>,
        starts: Vec<DeliveryId>,
        result: store::Result<Settled>,
    ) {
        match result {
            Ok(settled) => {
                self.patience = Patience::default();
                let desk = self.desk.clone();
                desk.mail.handle(settled.inbox);
                for settlement in &settlements {
                    self.unsettled.remove(&settlement.id);
                    self.lanes.settled(settlement.id);
                }
                let started: Vec<DeliveryId> = settled.started.iter().map(|s| s.id).collect();
                for started in settled.started {
                    self.started(started);
                }
                let rest = starts.into_iter().filter(|id| !started.contains(id));
                self.not_started(rest.collect()).await;
            }
            Err(error) => {
                warn!(%error, "outcomes cannot be noted");
                self.answer_lost = true;
                self.settlements.splice(0..0, settlements);
                self.starts.splice(0..0, starts);
                self.desk.pause(self.patience.next_pause()).await;
            }
        }
    }

    fn started(&mut self, started: Started) {
        let Some(pass) = self.passes.remove(&started.id) else {
            return;
        };
        self.lanes.started(
            started.id,
            started.effect,
            started.attempts,
            started.progress,
        );
        self.send(started.id, pass);
    }

    /// Rows that could not be started have left already, or are gone: a broadcast took them back. After a
    /// lost answer it was perhaps this copy that started them.
    async fn not_started(&mut self, rows: Vec<DeliveryId>) {
        let by_us = if self.answer_lost && !rows.is_empty() {
            match self.desk.store.are_started(&rows).await {
                Ok(by_us) => by_us,
                Err(error) => {
                    warn!(%error, "whether rows were started cannot be looked up");
                    self.starts.splice(0..0, rows);
                    return;
                }
            }
        } else {
            Vec::new()
        };
        self.answer_lost = false;
        for id in rows {
            let Some(pass) = self.passes.remove(&id) else {
                continue;
            };
            if by_us.contains(&id) {
                self.lanes.counted(id);
                self.send(id, pass);
            } else {
                self.give_back(id, pass);
                self.lanes.finish(id);
            }
        }
    }

    /// No call is made after all.
    pub(super) fn give_back(&mut self, id: DeliveryId, pass: Pass) {
        self.crossing.end(id);
        self.many.end(id);
        let now = self.desk.clock.now();
        self.throttle
            .settle(pass, throttle::Outcome::Answered, now, 0.0);
    }
}
