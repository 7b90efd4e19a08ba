//! One call of VK's API: method and parameters in, result or [`Undelivered`] out. The token goes in
//! the form of a POST, never in an address.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use reqwest::{Client as Http, Response, StatusCode, Url, header::LOCATION, header::RETRY_AFTER};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::value::RawValue;
use tokio::{
    runtime::Handle,
    sync::{OwnedSemaphorePermit, Semaphore},
    time::sleep,
};

use super::{
    errors::{self, Answered, Failed},
    types::VERSION,
};
use crate::{
    Undelivered,
    http::{self, BadSetting, Secret},
};

/// How long an ordinary call may take.
const ANSWER_WITHIN: Duration = Duration::from_secs(20);

/// How long an upload may take: 200 MB over a slow line.
const UPLOADED_WITHIN: Duration = Duration::from_mins(10);

/// Calls that prepare a delivery or look something up, which nobody else counts, within [`A_WHILE`]. VK
/// takes 20 calls a second: [`super::ABILITIES`] leaves seven of them to these.
const UNCOUNTED: usize = 7;

/// How long such a call counts after its answer: before that VK may have counted it at any moment.
const A_WHILE: Duration = Duration::from_secs(1);

/// How long is waited when a 429 does not say how long. VK itself answers error 6 instead.
const WAIT_AT_LEAST: Duration = Duration::from_secs(5);

/// Most redirects that a file's address may make.
const MOST_REDIRECTS: usize = 5;

/// Where VK keeps files. Addresses come with messages: nothing else is ever fetched, but the host of
/// the configured API.
const HOSTS: [&str; 14] = [
    "mycdn.me",
    "okcdn.ru",
    "userapi.com",
    "vk-cdn.me",
    "vk-cdn.net",
    "vk.com",
    "vk.me",
    "vk.ru",
    "vkontakte.ru",
    "vkuser.net",
    "vkuseraudio.com",
    "vkuseraudio.net",
    "vkuserlive.net",
    "vkuservideo.net",
];

/// Speaks with VK as one community.
pub(super) struct Client {
    http: Http,
    base: Url,
    token: Secret,
    /// Leave to make calls that nobody else counts.
    turns: Arc<Semaphore>,
}

/// Leave to make one call that nobody else counts; it is free again a while after the call has ended,
/// however it has.
struct Turn(Option<OwnedSemaphorePermit>);

impl Drop for Turn {
    fn drop(&mut self) {
        if let (Some(permit), Ok(runtime)) = (self.0.take(), Handle::try_current()) {
            runtime.spawn(async move {
                sleep(A_WHILE).await;
                drop(permit);
            });
        }
    }
}

/// The parameters of a call.
#[derive(Clone, Debug, Default)]
pub(super) struct Form(Vec<(&'static str, String)>);

impl Form {
    /// One more parameter.
    pub(super) fn set(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.0.push((name, value.into()));
        self
    }

    /// The same, where there is a value.
    pub(super) fn maybe(self, name: &'static str, value: Option<impl Into<String>>) -> Self {
        match value {
            Some(value) => self.set(name, value),
            None => self,
        }
    }
}

/// Every answer of the API.
#[derive(Deserialize)]
struct Reply<'a> {
    #[serde(borrow)]
    response: Option<&'a RawValue>,
    error: Option<Answered>,
}

impl Client {
    pub(super) fn new(
        api_url: &str,
        token: Secret,
        proxy: Option<&str>,
    ) -> Result<Self, BadSetting> {
        let base = Url::parse(api_url)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
            .ok_or(BadSetting {
                setting: "api_url",
                reason: "not an address such as https://api.vk.ru",
            })?;
        Ok(Self {
            http: http::client(proxy)?,
            base,
            token,
            turns: Arc::new(Semaphore::new(UNCOUNTED)),
        })
    }

    /// Calls a method that shows something to somebody: once, as the courier has counted it.
    pub(super) async fn call<T: DeserializeOwned>(
        &self,
        method: &str,
        form: Form,
    ) -> Result<T, Failed> {
        let body = self.post(method, form).await?;
        let result = response_of(&body)?;
        // It was accepted, but what came of it cannot be read.
        serde_json::from_str(result.get())
            .map_err(|error| Undelivered::Unknown(format!("unreadable result: {error}")).into())
    }

    /// Calls a method that shows nothing to anybody: whatever becomes of it, it can be called again.
    pub(super) async fn ask<T: DeserializeOwned>(
        &self,
        method: &str,
        form: Form,
    ) -> Result<T, Failed> {
        let _turn = self.turn().await;
        self.call(method, form).await.map_err(|failed| Failed {
            undelivered: nothing_shown(failed.undelivered),
            code: failed.code,
        })
    }

    /// Asks a long poll server.
    pub(super) async fn poll(&self, url: Url, within: Duration) -> Result<Bytes, Undelivered> {
        let request = self.http.get(url).timeout(within);
        let response = request.send().await.map_err(|e| self.unread(&e))?;
        let status = response.status();
        if !status.is_success() {
            return Err(Undelivered::Unreached(format!(
                "the long poll server answered {status}"
            )));
        }
        response.bytes().await.map_err(|e| self.unread(&e))
    }

    /// Brings a file to an upload server. Nobody sees it yet: nothing is in doubt when it fails.
    pub(super) async fn upload(
        &self,
        url: Url,
        form: reqwest::multipart::Form,
    ) -> Result<Bytes, Undelivered> {
        let request = self.http.post(url).timeout(UPLOADED_WITHIN).multipart(form);
        let answered = async {
            let response = request.send().await.map_err(|e| http::failure(&e))?;
            let status = response.status();
            match status {
                // Addresses for uploads are good for a while only: the next one is another.
                StatusCode::NOT_FOUND => {
                    Err(Undelivered::Unreached("no such upload address".to_owned()))
                }
                status if status.is_success() => {
                    response.bytes().await.map_err(|e| http::failure(&e))
                }
                status => Err(gateway(status, retry_after(&response))),
            }
        };
        let bytes = answered.await;
        bytes.map_err(|undelivered| nothing_shown(self.blotted(undelivered)))
    }

    /// Opens a file at an address that came with a message.
    pub(super) async fn open(&self, address: &str) -> Result<Response, Undelivered> {
        let mut url = Url::parse(address).map_err(|_| stranger())?;
        for _ in 0..=MOST_REDIRECTS {
            if !self.is_ours(&url) {
                return Err(stranger());
            }
            let request = self.http.get(url.clone()).send();
            let response = tokio::time::timeout(ANSWER_WITHIN, request)
                .await
                .map_err(|_| Undelivered::Unreached("no answer in time".to_owned()))?
                .map_err(|e| self.unread(&e))?;
            let status = response.status();
            if !status.is_redirection() {
                return self.opened(response);
            }
            let location = response.headers().get(LOCATION);
            let location = location.and_then(|location| location.to_str().ok());
            url = location
                .and_then(|location| response.url().join(location).ok())
                .ok_or_else(|| Undelivered::Unreached("a redirect to nowhere".to_owned()))?;
        }
        Err(Undelivered::Unreached("too many redirects".to_owned()))
    }

    fn opened(&self, response: Response) -> Result<Response, Undelivered> {
        // A redirect inside one host was followed already: it led where its host does.
        if !self.is_ours(response.url()) {
            return Err(stranger());
        }
        match response.status() {
            status if status.is_success() => Ok(response),
            StatusCode::TOO_MANY_REQUESTS => Err(gateway(
                StatusCode::TOO_MANY_REQUESTS,
                retry_after(&response),
            )),
            status if status.is_client_error() => Err(Undelivered::Refused {
                reason: format!("the file is not there any more: {status}"),
            }),
            status => Err(Undelivered::Unreached(format!(
                "the server of the file answered {status}"
            ))),
        }
    }

    /// Whether an address is one of VK's, or of the API server that was configured.
    fn is_ours(&self, url: &Url) -> bool {
        let configured = url.host_str() == self.base.host_str()
            && ["https", self.base.scheme()].contains(&url.scheme());
        configured || http::is_at(url, &HOSTS)
    }

    /// Waits for the turn of a call that nobody else counts.
    async fn turn(&self) -> Turn {
        // It is never closed.
        Turn(self.turns.clone().acquire_owned().await.ok())
    }

    async fn post(&self, method: &str, form: Form) -> Result<Bytes, Failed> {
        let mut url = self.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(["method", method]);
        }
        let form = form
            .set("access_token", self.token.reveal())
            .set("v", VERSION);
        let request = self.http.post(url).timeout(ANSWER_WITHIN).form(&form.0);
        let response = request.send().await.map_err(|e| self.failure(&e))?;
        let status = response.status();
        let wait = retry_after(&response);
        let body = response.bytes().await;
        if status.is_server_error() {
            return Err(gateway(status, wait).into());
        }
        let body = body.map_err(|e| self.failure(&e))?;
        match serde_json::from_slice::<Reply>(&body) {
            Ok(Reply {
                error: Some(error), ..
            }) => {
                let words = self.blot(&error.error_msg);
                Err(errors::read(error.error_code, &words))
            }
            Ok(Reply {
                response: Some(_), ..
            }) => Ok(body),
            Ok(_) | Err(_) => Err(gateway(status, wait).into()),
        }
    }

    /// Words of VK's without the token.
    pub(super) fn blot(&self, words: &str) -> String {
        self.token.blot(words)
    }

    fn failure(&self, error: &reqwest::Error) -> Undelivered {
        self.blotted(http::failure(error))
    }

    fn unread(&self, error: &reqwest::Error) -> Undelivered {
        self.blotted(http::failed_reading(error))
    }

    fn blotted(&self, undelivered: Undelivered) -> Undelivered {
        match undelivered {
            Undelivered::Unreached(why) => Undelivered::Unreached(self.blot(&why)),
            Undelivered::Unknown(why) => Undelivered::Unknown(self.blot(&why)),
            other => other,
        }
    }
}

/// The `response` of an answer that was looked at before.
fn response_of(body: &[u8]) -> Result<&RawValue, Undelivered> {
    let reply: Option<Reply> = serde_json::from_slice(body).ok();
    reply
        .and_then(|reply| reply.response)
        .ok_or_else(|| Undelivered::Unknown("an unreadable answer".to_owned()))
}

/// What a failure means where nobody can have seen anything.
fn nothing_shown(undelivered: Undelivered) -> Undelivered {
    match undelivered {
        Undelivered::Unknown(why) => Undelivered::Unreached(why),
        other => other,
    }
}

/// An answer that is not VK's, understood by its status.
fn gateway(status: StatusCode, retry_after: Option<Duration>) -> Undelivered {
    match status {
        StatusCode::TOO_MANY_REQUESTS => Undelivered::Wait(retry_after.unwrap_or(WAIT_AT_LEAST)),
        StatusCode::NOT_FOUND => {
            Undelivered::Locked(format!("VK does not answer at this address: {status}"))
        }
        StatusCode::PAYLOAD_TOO_LARGE => Undelivered::Refused {
            reason: status.to_string(),
        },
        status if status.is_success() => Undelivered::Unknown("an unreadable answer".to_owned()),
        status => Undelivered::Unreached(format!("the server answered {status}")),
    }
}

fn stranger() -> Undelivered {
    Undelivered::Refused {
        reason: "the file is not on a server of VK's".to_owned(),
    }
}

fn retry_after(response: &Response) -> Option<Duration> {
    let seconds = response.headers().get(RETRY_AFTER)?.to_str().ok()?;
    seconds.trim().parse().ok().map(Duration::from_secs)
}
