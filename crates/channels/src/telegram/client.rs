//! One call of the Bot API: method and parameters in, result or [`Undelivered`] out.
//!
//! Status and body are both looked at. A gateway's 5xx page means that nothing was accepted as far
//! as anyone can know; an answer that was cut off means that nobody knows.

use std::time::Duration;

use bytes::Bytes;
use engine::ids::ChannelId;
use reqwest::{Client as Http, RequestBuilder, Response, StatusCode, Url, header::RETRY_AFTER};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;

use super::{
    errors::{self, Failed, Parameters},
    files::Attached,
    params::Params,
};
use crate::{
    Undelivered,
    http::{self, BadSetting, Secret},
    transfer,
};

/// How long an ordinary call may take.
pub(super) const ANSWER_WITHIN: Duration = Duration::from_secs(20);

/// Speaks with one Bot API server as one bot.
pub(super) struct Client {
    channel: ChannelId,
    http: Http,
    base: Url,
    token: Secret,
}

/// Every answer of the Bot API ("Making requests").
#[derive(Deserialize)]
struct Reply<'a> {
    ok: bool,
    #[serde(borrow)]
    result: Option<&'a RawValue>,
    #[serde(default)]
    error_code: Option<u16>,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    parameters: Option<Parameters>,
}

impl Client {
    pub(super) fn new(
        channel: ChannelId,
        api_url: &str,
        token: Secret,
        proxy: Option<&str>,
    ) -> Result<Self, BadSetting> {
        let base = Url::parse(api_url)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
            .ok_or(BadSetting {
                setting: "api_url",
                reason: "not an address such as https://api.telegram.org",
            })?;
        Ok(Self {
            channel,
            http: http::client(proxy)?,
            base,
            token,
        })
    }

    /// Calls a method and reads its result.
    pub(super) async fn call<T: DeserializeOwned>(
        &self,
        method: &str,
        parameters: &impl Serialize,
    ) -> Result<T, Failed> {
        result_in(&self.post(method, parameters, ANSWER_WITHIN).await?)
    }

    /// The same with files inside it.
    pub(super) async fn call_with<T: DeserializeOwned>(
        &self,
        method: &str,
        parameters: Params,
        files: Vec<Attached>,
    ) -> Result<T, Failed> {
        if files.is_empty() {
            return self.call(method, &parameters).await;
        }
        let within = files.iter().map(|file| sent_within(file.size)).sum();
        let form = parameters
            .into_fields()
            .fold(transfer::form(), |form, (name, value)| {
                form.text(name, value)
            });
        let form = files
            .into_iter()
            .fold(form, |form, file| form.part(file.name, file.part));
        let request = self.request(method, within).multipart(form);
        result_in(&self.exchange(request).await?)
    }

    /// Calls a method whose result is of no interest.
    pub(super) async fn tell(
        &self,
        method: &str,
        parameters: &impl Serialize,
    ) -> Result<(), Failed> {
        self.post(method, parameters, ANSWER_WITHIN).await.map(drop)
    }

    /// Calls a method and gives the whole body of its successful answer.
    pub(super) async fn post(
        &self,
        method: &str,
        parameters: &impl Serialize,
        within: Duration,
    ) -> Result<Bytes, Failed> {
        let request = self.request(method, within).json(parameters);
        self.exchange(request).await
    }

    fn request(&self, method: &str, within: Duration) -> RequestBuilder {
        let url = self.url(&[&format!("bot{}", self.token.reveal()), method]);
        self.http.post(url).timeout(within)
    }

    async fn exchange(&self, request: RequestBuilder) -> Result<Bytes, Failed> {
        let response = request.send().await.map_err(|e| self.failure(&e))?;
        let status = response.status();
        let retry_after = retry_after(&response);
        let body = response.bytes().await;
        if status.is_server_error() {
            return Err(Undelivered::Unreached(format!("the server answered {status}")).into());
        }
        let body = body.map_err(|e| self.failure(&e))?;
        self.judge(status, retry_after, &body)?;
        Ok(body)
    }

    /// Opens a file by the path that `getFile` gave.
    pub(super) async fn open(&self, path: &str) -> Result<Response, Undelivered> {
        let bot = format!("bot{}", self.token.reveal());
        let segments: Vec<&str> = ["file", bot.as_str()]
            .into_iter()
            .chain(path.split('/'))
            .collect();
        let request = self.http.get(self.url(&segments)).send();
        let response = tokio::time::timeout(ANSWER_WITHIN, request)
            .await
            .map_err(|_| Undelivered::Unreached("no answer in time".to_owned()))?
            .map_err(|e| http::failed_reading(&e))?;
        match response.status() {
            status if status.is_success() => Ok(response),
            StatusCode::UNAUTHORIZED => Err(Undelivered::Locked("the file is refused".to_owned())),
            StatusCode::TOO_MANY_REQUESTS => Err(Undelivered::Wait(errors::wait(
                &Parameters::default(),
                retry_after(&response),
            ))),
            status if status.is_client_error() => Err(Undelivered::Refused {
                reason: format!("the file is not there: {status}"),
            }),
            status => Err(Undelivered::Unreached(format!(
                "the server answered {status}"
            ))),
        }
    }

    fn url(&self, segments: &[&str]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        url
    }

    /// Whether an answer that came whole is a success; if not, what it means.
    fn judge(
        &self,
        status: StatusCode,
        retry_after: Option<Duration>,
        body: &[u8],
    ) -> Result<(), Failed> {
        let Ok(reply) = serde_json::from_slice::<Reply>(body) else {
            return Err(stranger(status, retry_after).into());
        };
        if reply.ok {
            return Ok(());
        }
        let code = reply.error_code.unwrap_or(status.as_u16());
        let description = self
            .token
            .blot(reply.description.as_deref().unwrap_or_default());
        let parameters = reply.parameters.unwrap_or_default();
        Err(errors::read(
            &self.channel,
            code,
            &description,
            &parameters,
            retry_after,
        ))
    }

    fn failure(&self, error: &reqwest::Error) -> Undelivered {
        match http::failure(error) {
            Undelivered::Unreached(why) => Undelivered::Unreached(self.token.blot(&why)),
            Undelivered::Unknown(why) => Undelivered::Unknown(self.token.blot(&why)),
            other => other,
        }
    }
}

/// How long sending a file may take: as long as an ordinary call, and a second for each 100 kB; if
/// nobody knows how many bytes it has, as the largest.
fn sent_within(size: Option<u64>) -> Duration {
    let size = size.unwrap_or(super::ABILITIES.upload);
    ANSWER_WITHIN + Duration::from_secs(size / 100_000)
}

/// The result inside a successful answer, read. The call was accepted, whatever comes of that.
fn result_in<T: DeserializeOwned>(body: &[u8]) -> Result<T, Failed> {
    serde_json::from_str(result_of(body)?.get())
        .map_err(|error| Undelivered::Unknown(format!("unreadable result: {error}")).into())
}

/// The result inside a successful answer.
pub(super) fn result_of(body: &[u8]) -> Result<&RawValue, Undelivered> {
    serde_json::from_slice::<Reply>(body)
        .ok()
        .and_then(|reply| reply.result)
        .ok_or_else(|| Undelivered::Unknown("an answer without a result".to_owned()))
}

/// An answer that is not the Bot API's: a gateway or a proxy stands in the way.
fn stranger(status: StatusCode, retry_after: Option<Duration>) -> Undelivered {
    match status {
        StatusCode::TOO_MANY_REQUESTS => {
            Undelivered::Wait(errors::wait(&Parameters::default(), retry_after))
        }
        StatusCode::UNAUTHORIZED | StatusCode::NOT_FOUND => {
            Undelivered::Locked(format!("no Bot API answers at this address: {status}"))
        }
        StatusCode::PAYLOAD_TOO_LARGE => Undelivered::Refused {
            reason: status.to_string(),
        },
        status if status.is_success() => Undelivered::Unknown("an unreadable answer".to_owned()),
        status => Undelivered::Unreached(format!("something in between answered {status}")),
    }
}

/// Seconds only: the Bot API never gives the header as a date.
fn retry_after(response: &Response) -> Option<Duration> {
    let seconds = response.headers().get(RETRY_AFTER)?.to_str().ok()?;
    seconds.trim().parse().ok().map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    use super::*;

    /// What a call becomes that is answered so, byte by byte.
    async fn answered(answer: &'static str) -> Undelivered {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/base/", listener.local_addr().unwrap());
        let server = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 4096];
            let read = stream.read(&mut request).await.unwrap();
            stream.write_all(answer.as_bytes()).await.unwrap();
            String::from_utf8_lossy(&request[..read]).into_owned()
        });
        let token = Secret::new("1:secret");
        let client = Client::new(ChannelId::new("t"), &url, token, None).unwrap();
        let failed = client.call::<Value>("getMe", &json!({})).await.unwrap_err();
        let request = server.await.unwrap();
        assert!(
            request.starts_with("POST /base/bot1:secret/getMe "),
            "{request}"
        );
        assert!(!failed.undelivered.to_string().contains("secret"));
        failed.undelivered
    }

    #[tokio::test]
    async fn an_answer_that_is_cut_off_leaves_us_in_doubt() {
        let cut = answered("HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{\"ok\":true,").await;
        assert!(matches!(cut, Undelivered::Unknown(_)), "{cut}");
        let page = answered("HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\n<html>").await;
        assert!(matches!(page, Undelivered::Unknown(_)), "{page}");
    }

    #[tokio::test]
    async fn a_gateway_is_understood_by_its_status() {
        let page = answered("HTTP/1.1 502 Bad Gateway\r\ncontent-length: 99\r\n\r\n<ht").await;
        assert!(matches!(page, Undelivered::Unreached(_)), "{page}");
        let busy = "HTTP/1.1 429 Too Many\r\nretry-after: 9\r\ncontent-length: 1\r\n\r\n<";
        assert_eq!(
            answered(busy).await,
            Undelivered::Wait(Duration::from_secs(9))
        );
        let nowhere = answered("HTTP/1.1 404 Not Found\r\ncontent-length: 1\r\n\r\n<").await;
        assert!(matches!(nowhere, Undelivered::Locked(_)), "{nowhere}");
    }

    #[test]
    fn an_address_that_is_none_is_named() {
        for url in ["", "api.telegram.org", "ftp://api.telegram.org"] {
            let made = Client::new(ChannelId::new("t"), url, Secret::new("1:s"), None);
            assert_eq!(made.err().unwrap().setting, "api_url");
        }
    }
}
