//! What goes back over HTTP, also in place of an answer.

use axum::body::Body;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::StreamExt;

use crate::faults::{FaultKind, OwnError};
use crate::net::Line;

/// Neither JSON nor text.
const GARBAGE: &[u8] = b"{\"\xff\xfe\0<<garbage";

/// An answer.
pub(crate) struct Reply {
    /// 0: nothing goes back.
    pub(crate) status: u16,
    pub(crate) body: Bytes,
    pub(crate) mime: &'static str,
    /// Seconds, for 429.
    pub(crate) retry_after: Option<i64>,
}

impl Reply {
    /// JSON text.
    pub(crate) fn new(status: u16, body: impl Into<Bytes>) -> Self {
        Self {
            status,
            body: body.into(),
            mime: "application/json",
            retry_after: None,
        }
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, [(header::CONTENT_TYPE, self.mime)], self.body).into_response();
        if let Some(seconds) = self.retry_after {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

/// What a fault answers in a call's place; `None` when the call is made all the same. `too_many` (given the seconds
/// to wait) and `error` are in the messenger's own words.
pub(crate) fn instead(
    fault: &FaultKind,
    line: &Line,
    too_many: impl FnOnce(i64) -> Reply,
    error: impl FnOnce(&OwnError) -> Reply,
) -> Option<Reply> {
    match fault {
        FaultKind::TooMany { retry_after } => Some(too_many(*retry_after)),
        FaultKind::Error(own) => Some(error(own)),
        FaultKind::Html { status } => {
            let page = format!("<html><body><h1>{status}</h1></body></html>\n");
            Some(Reply {
                mime: "text/html",
                ..Reply::new(*status, page)
            })
        }
        FaultKind::DropBefore => {
            line.cut();
            Some(Reply::new(0, ""))
        }
        FaultKind::Empty => Some(Reply::new(200, "")),
        FaultKind::Garbage => Some(Reply::new(200, GARBAGE)),
        FaultKind::DropAfter | FaultKind::Slow { .. } | FaultKind::Half | FaultKind::Twice => None,
    }
}

/// A file's bytes; with `drop_after` they break off in the middle.
pub(crate) fn download(bytes: &Bytes, fault: Option<&FaultKind>) -> Body {
    match fault {
        Some(FaultKind::DropAfter) => half(bytes),
        Some(
            FaultKind::TooMany { .. }
            | FaultKind::Error(_)
            | FaultKind::Html { .. }
            | FaultKind::DropBefore
            | FaultKind::Slow { .. }
            | FaultKind::Empty
            | FaultKind::Garbage
            | FaultKind::Half
            | FaultKind::Twice,
        )
        | None => Body::from(bytes.clone()),
    }
}

fn half(bytes: &Bytes) -> Body {
    let first = Ok(bytes.slice(..bytes.len() / 2));
    let broken = Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset));
    // The server writes what it has when it must wait; an error at once would swallow the first half.
    let halves = futures_util::stream::iter([first, broken]).then(async |part| {
        tokio::task::yield_now().await;
        part
    });
    Body::from_stream(halves)
}
