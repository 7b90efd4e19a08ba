//! Bots Long Poll. VK keeps the events; what was read is told by the next `ts` only, so that asking
//! with an older one gives the same events again.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use reqwest::Url;
use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use super::{
    client::{Client, Form},
    errors::Failed,
    read::KINDS,
    types::{VERSION, text},
};
use crate::{Batch, Undelivered};

/// How long one poll waits, in seconds: VK's advice, as proxies end what lasts longer (Bots Long
/// Poll; at most 90).
const WAIT: u32 = 25;

/// How much later than promised an empty answer may come.
const GRACE: Duration = Duration::from_secs(15);

/// Codes that say only that the token may not change settings (permission, access, community token,
/// access to the community): then they stay as the owner has made them.
const NOT_OURS: [i64; 4] = [7, 15, 27, 203];

/// Where to ask, and with which key: good until VK says otherwise. Only `ts` outlives the process.
#[derive(Default)]
pub(super) struct Server(Mutex<Option<Session>>);

#[derive(Clone, Deserialize)]
struct Session {
    server: String,
    key: String,
    /// Text as a rule, and a number beside `failed`.
    ts: Value,
}

/// An answer of the long poll server.
#[derive(Deserialize)]
struct Checked<'a> {
    ts: Option<Value>,
    #[serde(borrow, default)]
    updates: Vec<&'a RawValue>,
    failed: Option<i64>,
}

impl Server {
    /// Notes where the events stand now: without a cursor they are read from there.
    pub(super) async fn begin(&self, client: &Client, group: &str) -> Result<(), Undelivered> {
        self.session(client, group).await.map(drop)
    }

    /// Asks for what came after `cursor`, and waits for it.
    pub(super) async fn next(
        &self,
        client: &Client,
        group: &str,
        cursor: Option<&str>,
    ) -> Result<Batch, Undelivered> {
        // Twice: the first key may be too old.
        for _ in 0..2 {
            let session = self.session(client, group).await?;
            let Some(ts) = cursor else {
                // Stored before anything is waited for: what comes while nobody asks is read later.
                return Ok(nothing(&session.ts));
            };
            // Whatever ends a poll, the server may have moved on.
            let body = session
                .check(client, ts)
                .await
                .inspect_err(|_| self.forget())?;
            let checked: Checked = serde_json::from_slice(&body).map_err(|error| {
                self.forget();
                Undelivered::Unreached(format!("unreadable updates: {error}"))
            })?;
            match (checked.failed, checked.ts) {
                (None, Some(ts)) => {
                    let updates = checked.updates.iter();
                    return Ok(Batch {
                        updates: updates
                            .map(|raw| body.slice_ref(raw.get().as_bytes()))
                            .collect(),
                        cursor: Some(text(&ts)),
                    });
                }
                // Events before this one are gone.
                (Some(1), Some(ts)) => return Ok(nothing(&ts)),
                (Some(2), _) => self.forget(),
                (Some(3), _) => {
                    self.forget();
                    let session = self.session(client, group).await?;
                    return Ok(nothing(&session.ts));
                }
                (failed, _) => {
                    self.forget();
                    let why =
                        failed.map_or("no ts".to_owned(), |failed| format!("failed {failed}"));
                    return Err(Undelivered::Unreached(format!(
                        "the long poll server answered {why}"
                    )));
                }
            }
        }
        Err(Undelivered::Unreached(
            "the long poll server does not take its own key".to_owned(),
        ))
    }

    async fn session(&self, client: &Client, group: &str) -> Result<Session, Undelivered> {
        let known = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        if let Some(known) = known {
            return Ok(known);
        }
        let form = Form::default().set("group_id", group);
        let session: Session = client.ask("groups.getLongPollServer", form).await?;
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(session.clone());
        Ok(session)
    }

    fn forget(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl Session {
    async fn check(&self, client: &Client, ts: &str) -> Result<Bytes, Undelivered> {
        let address = if self.server.contains("://") {
            self.server.clone()
        } else {
            format!("https://{}", self.server)
        };
        let mut url = Url::parse(&address).map_err(|_| {
            Undelivered::Unreached("the long poll server has no address".to_owned())
        })?;
        url.query_pairs_mut()
            .append_pair("act", "a_check")
            .append_pair("key", &self.key)
            .append_pair("ts", ts)
            .append_pair("wait", &WAIT.to_string());
        client
            .poll(url, Duration::from_secs(WAIT.into()) + GRACE)
            .await
    }
}

fn nothing(ts: &Value) -> Batch {
    Batch {
        updates: Vec::new(),
        cursor: Some(text(ts)),
    }
}

/// Switches Bots Long Poll on, with the kinds that are read. A token without the right to settings is
/// no trouble: then the community's owner has chosen them.
pub(super) async fn prepare(client: &Client, group: &str) -> Result<(), Undelivered> {
    let form = Form::default()
        .set("group_id", group)
        .set("enabled", "1")
        .set("api_version", VERSION);
    let form = KINDS
        .into_iter()
        .fold(form, |form, kind| form.set(kind, "1"));
    match client
        .ask::<Value>("groups.setLongPollSettings", form)
        .await
    {
        Ok(_) => Ok(()),
        Err(Failed {
            code: Some(code), ..
        }) if NOT_OURS.contains(&code) => Ok(()),
        Err(failed) => Err(failed.into()),
    }
}
