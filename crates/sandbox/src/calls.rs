//! What was asked of the sandbox and what it answered, for reading back.
//!
//! Bounded by number and by bytes, so that a load test does not eat the machine; answers are shared with the
//! response, not copied.

use std::collections::VecDeque;

use bytes::Bytes;
use serde_json::{Value, json};

use crate::clock::Millis;
use crate::messenger::Messenger;

const MAX_CALLS: usize = 100_000;
const MAX_BYTES: usize = 64 << 20;
const MAX_VIOLATIONS: usize = 10_000;

/// One call.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) at: Millis,
    pub(crate) messenger: Messenger,
    /// The bot, the community or the page.
    pub(crate) bot: i64,
    pub(crate) method: String,
    /// JSON text of the parameters, files named by size and type.
    pub(crate) params: String,
    pub(crate) status: u16,
    /// JSON text of the answer.
    pub(crate) answer: Bytes,
    pub(crate) fault: Option<&'static str>,
}

/// A call that broke the published schema or a limit.
#[derive(Debug)]
struct Violation {
    at: Millis,
    messenger: Messenger,
    bot: i64,
    method: String,
    what: String,
}

/// The log. Calls are numbered from 1.
#[derive(Debug, Default)]
pub(crate) struct CallLog {
    calls: VecDeque<Call>,
    first: u64,
    bytes: usize,
    violations: VecDeque<Violation>,
}

impl CallLog {
    pub(crate) fn record(&mut self, call: Call) {
        self.bytes += weight(&call);
        self.calls.push_back(call);
        while self.calls.len() > MAX_CALLS || self.bytes > MAX_BYTES {
            let Some(old) = self.calls.pop_front() else {
                break;
            };
            self.bytes -= weight(&old);
            self.first += 1;
        }
    }

    pub(crate) fn blame(
        &mut self,
        at: Millis,
        messenger: Messenger,
        bot: i64,
        method: &str,
        what: String,
    ) {
        if self.violations.len() == MAX_VIOLATIONS {
            self.violations.pop_front();
        }
        self.violations.push_back(Violation {
            at,
            messenger,
            bot,
            method: method.to_owned(),
            what,
        });
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Calls numbered above `since`, of one messenger or method if named.
    pub(crate) fn read(
        &self,
        since: u64,
        messenger: Option<Messenger>,
        method: Option<&str>,
    ) -> Value {
        let skip = usize::try_from(since.saturating_sub(self.first)).unwrap_or(usize::MAX);
        let calls: Vec<Value> = (self.first + 1..)
            .zip(&self.calls)
            .skip(skip)
            .filter(|(_, call)| {
                messenger.is_none_or(|wanted| wanted == call.messenger)
                    && method.is_none_or(|wanted| wanted.eq_ignore_ascii_case(&call.method))
            })
            .map(|(n, call)| call_json(n, call))
            .collect();
        json!({ "calls": calls })
    }

    pub(crate) fn violations(&self) -> Value {
        let list: Vec<Value> = self
            .violations
            .iter()
            .map(|v| json!({ "at": seconds(v.at), "messenger": v.messenger, "bot": v.bot, "method": v.method, "what": v.what }))
            .collect();
        json!({ "violations": list })
    }
}

fn weight(call: &Call) -> usize {
    call.params.len() + call.answer.len() + call.method.len() + 128
}

fn call_json(n: u64, call: &Call) -> Value {
    let mut out = json!({
        "n": n,
        "at": seconds(call.at),
        "messenger": call.messenger,
        "bot": call.bot,
        "method": call.method,
        "params": serde_json::from_str::<Value>(&call.params).unwrap_or(Value::Null),
        "status": call.status,
        "answer": serde_json::from_slice::<Value>(&call.answer).unwrap_or(Value::Null),
    });
    if let Some(fault) = call.fault {
        out["fault"] = fault.into();
    }
    out
}

/// Milliseconds as fractional seconds, the unit of everything else in the API.
fn seconds(at: Millis) -> Value {
    #[expect(
        clippy::cast_precision_loss,
        reason = "milliseconds of this millennium fit into 52 bits"
    )]
    let seconds = at as f64 / 1000.0;
    seconds.into()
}
