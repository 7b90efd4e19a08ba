//! A decision together with what proves that it still stands: the version of everything it was made from.

use store::{By, Commit};

use engine::decide::Decision;

use super::{facts::Loaded, lanes};

/// A decision as it is to be stored.
pub(super) fn commit(by: &By, loaded: &Loaded, decision: Decision) -> Commit {
    let conversations = decision.conversations.into_iter().map(|conversation| {
        let version = loaded.version(&conversation.who.chat);
        (conversation, version)
    });
    let operators = decision.operators.into_iter().map(|operator| {
        let version = loaded.operator_version(&operator.who.id);
        (operator, version)
    });
    let clients = decision.clients.into_iter().map(|client| {
        let version = loaded.client_version(&client.email);
        (client, version)
    });
    let broadcast = decision.broadcast.map(|broadcast| {
        let version = loaded.broadcast_version(broadcast.id);
        (broadcast, version)
    });
    let reading = decision.reading.map(|it| (it, loaded.reading_version()));
    Commit {
        by: by.clone(),
        new_client: decision.new_client,
        conversations: conversations.collect(),
        operators: operators.collect(),
        closed: decision.closed,
        rated: decision.rated,
        clients: clients.collect(),
        payments: decision.payments,
        entries: decision.entries,
        tariffs: decision.tariffs,
        reading,
        reminded: decision.reminded,
        learned: decision.learned,
        broadcast,
        given: decision.given,
        missed: decision.missed,
        history: decision.history,
        revised: decision.revised,
        effects: decision.effects,
        timers: decision.timers,
        events: decision.events.into_iter().map(lanes::follow_up).collect(),
    }
}
