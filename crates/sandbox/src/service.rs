//! Services that are no messengers: how a call to one of them meets its fault, is answered and is logged.

use axum::body::Body;
use axum::response::{IntoResponse, Response};

use crate::calls::Call;
use crate::faults::FaultKind;
use crate::messenger::Messenger;
use crate::net::Line;
use crate::reply::{self, Reply};
use crate::world::World;

/// A call to a service.
pub(crate) struct Asked {
    service: Messenger,
    method: &'static str,
    /// JSON text of the parameters.
    params: String,
}

impl Asked {
    pub(crate) fn new(service: Messenger, method: &'static str, params: String) -> Self {
        Self {
            service,
            method,
            params,
        }
    }

    /// What shall go wrong about it.
    pub(crate) fn strike(&self, world: &World) -> Option<FaultKind> {
        world.strike(self.service, self.method, 0, None)
    }

    /// Logs the answer, and sends as much of it as the fault lets through.
    pub(crate) fn finish(
        self,
        world: &World,
        line: &Line,
        fault: Option<&FaultKind>,
        mut reply: Reply,
    ) -> Response {
        if matches!(fault, Some(FaultKind::Half)) {
            reply.body.truncate(reply.body.len() / 2);
        }
        let at = world.clock.millis();
        world.calls().record(Call {
            at,
            messenger: self.service,
            bot: 0,
            method: self.method.to_owned(),
            params: self.params,
            status: reply.status,
            answer: reply.body.clone(),
            fault: fault.map(FaultKind::name),
        });
        let is_cut = matches!(fault, Some(FaultKind::DropAfter));
        if is_cut && reply.body.is_empty() {
            line.cut();
        }
        let whole = reply.body.clone();
        let mut response = reply.into_response();
        if is_cut {
            *response.body_mut() = reply::download(&whole, fault);
        } else {
            *response.body_mut() = Body::from(whole);
        }
        response
    }
}

/// Holds the call up as long as its fault says.
pub(crate) async fn wait(fault: Option<&FaultKind>) {
    if let Some(fault) = fault {
        tokio::time::sleep(fault.delay()).await;
    }
}
