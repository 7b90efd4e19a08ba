//! A call on its way: what shall go wrong about it, and the log.

use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde_json::Value;

use super::error::{ApiError, error};
use crate::calls;
use crate::faults::{FaultKind, OwnError};
use crate::messenger::Messenger;
use crate::net::Line;
use crate::reply::{self, Reply};
use crate::world::World;

/// A call on its way, for faults and the log.
pub(super) struct Call<'a> {
    pub(super) world: &'a Arc<World>,
    pub(super) line: &'a Line,
    pub(super) community: i64,
    pub(super) method: &'a str,
    /// JSON text.
    pub(super) params: String,
}

impl Call<'_> {
    /// Makes the call, with whatever shall go wrong about it; the call itself logs what came of it.
    pub(super) async fn faulty<F>(
        &self,
        chat: Option<i64>,
        call: impl FnOnce(Option<&'static str>) -> F,
    ) -> Response
    where
        F: Future<Output = Reply> + Send,
    {
        let fault = self
            .world
            .strike(Messenger::Vk, self.method, self.community, chat);
        let Some(fault) = fault else {
            return call(None).await.into_response();
        };
        if let Some(refused) = self.refused_by(&fault) {
            return refused.into_response();
        }
        tokio::time::sleep(fault.delay()).await;
        let reply = call(Some(fault.name())).await;
        if matches!(fault, FaultKind::DropAfter) {
            self.line.cut();
        }
        reply.into_response()
    }

    /// What the fault answers in the call's place; it is logged.
    pub(super) fn refused_by(&self, fault: &FaultKind) -> Option<Reply> {
        let say = |refused: ApiError, status: u16| {
            let params = serde_json::from_str::<Value>(&self.params).unwrap_or_default();
            let params = params.as_object().cloned().unwrap_or_default();
            Reply::new(status, refused.body(self.method, &params).to_string())
        };
        let reply = reply::instead(
            fault,
            self.line,
            |_| say(error(6), 200),
            |own| say(in_words(own), own.status.unwrap_or(200)),
        )?;
        self.record(reply.status, reply.body.clone(), Some(fault.name()));
        Some(reply)
    }

    pub(super) fn record(&self, status: u16, answer: Bytes, fault: Option<&'static str>) {
        let at = self.world.clock.millis();
        self.world.calls().record(calls::Call {
            at,
            messenger: Messenger::Vk,
            bot: self.community,
            method: self.method.to_owned(),
            params: self.params.clone(),
            status,
            answer,
            fault,
        });
    }
}

fn in_words(own: &OwnError) -> ApiError {
    let usual = error(own.code.unwrap_or(10));
    ApiError {
        message: own.description.clone().unwrap_or(usual.message),
        ..usual
    }
}
