//! One call of the Graph API: what to call in, answer or [`Undelivered`] out.
//!
//! The token goes in a header, never in an address. Each call proves that it comes from whoever has the
//! app's secret (`appsecret_proof`). A gateway's 5xx page means that nothing was accepted as far as
//! anyone can know; an answer that was cut off means that nobody knows.

use std::{fmt::Write, time::Duration};

use engine::phrases::Locale;
use hmac::Mac;
use reqwest::{Client as Http, RequestBuilder, StatusCode, Url, header::LOCATION, multipart::Form};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use super::{
    errors::{self, Failed, GraphError},
    webhook::hmac,
};
use crate::{
    Undelivered,
    http::{self, BadSetting, Secret},
};

/// The version whose reference this folder follows.
const VERSION: &str = "v25.0";

/// How long an ordinary call may take.
const ANSWER_WITHIN: Duration = Duration::from_secs(20);

/// How long an upload may take: Facebook looks into a film for up to 75 s before it answers.
const UPLOAD_WITHIN: Duration = Duration::from_mins(3);

/// How long a wait may be that nobody asked for: the call is a courtesy.
const COURTESY_WITHIN: Duration = Duration::from_secs(3);

/// Speaks with the Graph API as one page.
pub(super) struct Client {
    http: Http,
    base: Url,
    page: String,
    token: Secret,
    proof: String,
    /// The language of what operators read.
    pub(super) locale: Locale,
}

#[derive(Deserialize)]
struct Refusal {
    error: GraphError,
}

impl Client {
    pub(super) fn new(
        api_url: &str,
        page: &str,
        token: Secret,
        app_secret: &Secret,
        proxy: Option<&str>,
    ) -> Result<Self, BadSetting> {
        let base = Url::parse(api_url)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
            .ok_or(BadSetting {
                setting: "api_url",
                reason: "not an address such as https://graph.facebook.com",
            })?;
        let mut proof = String::new();
        for byte in hmac(app_secret, token.reveal().as_bytes())
            .finalize()
            .into_bytes()
        {
            // Writing into a string cannot fail.
            let _ = write!(proof, "{byte:02x}");
        }
        Ok(Self {
            http: http::client(proxy)?,
            base,
            page: page.to_owned(),
            token,
            proof,
            locale: Locale::default(),
        })
    }

    /// Reads something; asking again costs nothing. `id` is the page's, or a person's.
    pub(super) async fn get<T: DeserializeOwned>(
        &self,
        path: &[&str],
        fields: &str,
    ) -> Result<T, Failed> {
        let request = self.http.get(self.url(path)).query(&[("fields", fields)]);
        let answer = self.call(request.timeout(ANSWER_WITHIN)).await;
        answer.map_err(|failed| match failed.undelivered {
            Undelivered::Unknown(why) => Undelivered::Unreached(why).into(),
            _ => failed,
        })
    }

    /// Posts to an edge of the page.
    pub(super) async fn post<T: DeserializeOwned>(
        &self,
        edge: &str,
        body: &Value,
    ) -> Result<T, Failed> {
        let request = self.http.post(self.url(&[&self.page, edge])).json(body);
        self.call(request.timeout(ANSWER_WITHIN)).await
    }

    /// The same with a file in it.
    pub(super) async fn upload<T: DeserializeOwned>(
        &self,
        edge: &str,
        form: Form,
    ) -> Result<T, Failed> {
        let request = self
            .http
            .post(self.url(&[&self.page, edge]))
            .multipart(form);
        self.call(request.timeout(UPLOAD_WITHIN)).await
    }

    /// The same, where it does not matter what comes of it.
    pub(super) async fn hint(&self, edge: &str, body: &Value) {
        let request = self.http.post(self.url(&[&self.page, edge])).json(body);
        let _ = self.call::<Value>(request.timeout(COURTESY_WITHIN)).await;
    }

    /// The page's id.
    pub(super) fn page(&self) -> &str {
        &self.page
    }

    /// Whether an address is on the API's own host.
    pub(super) fn is_own(&self, url: &Url) -> bool {
        url.scheme() == self.base.scheme()
            && url.host() == self.base.host()
            && url.port_or_known_default() == self.base.port_or_known_default()
    }

    /// Opens a file, without the token. An answer, or where it is instead.
    pub(super) async fn open(&self, url: Url) -> Result<Opened, Undelivered> {
        let request = self.http.get(url.clone()).send();
        let response = tokio::time::timeout(ANSWER_WITHIN, request)
            .await
            .map_err(|_| Undelivered::Unreached("no answer in time".to_owned()))?
            .map_err(|e| http::failed_reading(&e))?;
        let status = response.status();
        if status.is_redirection() {
            let location = response.headers().get(LOCATION);
            let next = location
                .and_then(|location| location.to_str().ok())
                .and_then(|location| url.join(location).ok());
            return next.map(Opened::Elsewhere).ok_or_else(|| refused(status));
        }
        if status.is_success() {
            return Ok(Opened::File(response));
        }
        Err(match status {
            StatusCode::TOO_MANY_REQUESTS => errors::pause(response.headers()).map_or_else(
                || Undelivered::Unreached(status.to_string()),
                Undelivered::Wait,
            ),
            status if status.is_client_error() => refused(status),
            status => Undelivered::Unreached(format!("the server answered {status}")),
        })
    }

    fn url(&self, segments: &[&str]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().push(VERSION).extend(segments);
        }
        url.query_pairs_mut()
            .append_pair("appsecret_proof", &self.proof);
        url
    }

    async fn call<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, Failed> {
        let request = request.bearer_auth(self.token.reveal());
        let response = request.send().await.map_err(|e| self.failure(&e))?;
        let status = response.status();
        let pause = errors::pause(response.headers());
        let body = match response.bytes().await {
            Ok(body) => body,
            Err(_) if status.is_server_error() => return Err(stranger(status, pause).into()),
            Err(error) => return Err(self.failure(&error).into()),
        };
        if let Ok(Refusal { mut error }) = serde_json::from_slice(&body) {
            error.message = self.token.blot(&error.message);
            return Err(errors::read(&error, pause, self.locale));
        }
        if !status.is_success() {
            return Err(stranger(status, pause).into());
        }
        // It was accepted, but what came of it cannot be read.
        serde_json::from_slice(&body)
            .map_err(|error| Undelivered::Unknown(format!("unreadable answer: {error}")).into())
    }

    fn failure(&self, error: &reqwest::Error) -> Undelivered {
        match http::failure(error) {
            Undelivered::Unreached(why) => Undelivered::Unreached(self.token.blot(&why)),
            Undelivered::Unknown(why) => Undelivered::Unknown(self.token.blot(&why)),
            other => other,
        }
    }
}

/// What stands at a file's address.
pub(super) enum Opened {
    /// The file.
    File(reqwest::Response),
    /// A way on, to an address that may be anybody's.
    Elsewhere(Url),
}

fn refused(status: StatusCode) -> Undelivered {
    Undelivered::Refused {
        reason: format!("the file is not there (any more): {status}"),
    }
}

/// An answer that is not the Graph API's: a gateway or a proxy stands in the way.
fn stranger(status: StatusCode, pause: Option<Duration>) -> Undelivered {
    match (status, pause) {
        (StatusCode::TOO_MANY_REQUESTS, Some(pause)) => Undelivered::Wait(pause),
        (StatusCode::UNAUTHORIZED | StatusCode::NOT_FOUND, _) => {
            Undelivered::Locked(format!("no Graph API answers at this address: {status}"))
        }
        (StatusCode::PAYLOAD_TOO_LARGE, _) => Undelivered::Refused {
            reason: status.to_string(),
        },
        (status, _) => Undelivered::Unreached(format!("something in between answered {status}")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    use super::*;

    /// What a message becomes that is answered so, byte by byte; and the request.
    async fn answered(answer: &'static str) -> (Undelivered, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/base/", listener.local_addr().unwrap());
        let server = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 4096];
            let read = stream.read(&mut request).await.unwrap();
            stream.write_all(answer.as_bytes()).await.unwrap();
            String::from_utf8_lossy(&request[..read]).into_owned()
        });
        let (token, secret) = (Secret::new("EAAG-token"), Secret::new("app-secret"));
        let client = Client::new(&url, "1040", token, &secret, None).unwrap();
        let called = client.post::<Value>("messages", &json!({})).await;
        let failed = called.unwrap_err().undelivered;
        (failed, server.await.unwrap())
    }

    #[tokio::test]
    async fn no_secret_stands_in_an_address_or_an_error() {
        let refused = "HTTP/1.1 400 Bad\r\ncontent-length: 55\r\n\r\n{\"error\":{\"code\":100,\"message\":\"no EAAG-token please\"}}";
        let (failed, request) = answered(refused).await;
        assert_eq!(failed.to_string(), "refused: no … please");
        // The HMAC of the token under the app's secret.
        let proof = "d402b447efc46005b36c8e1f71fb619235c471fc7a8348fa3529923d2f42f4d4";
        let line = request.lines().next().unwrap();
        let expected = format!("POST /base/v25.0/1040/messages?appsecret_proof={proof}");
        assert!(line.starts_with(&expected), "{line}");
        assert!(!line.contains("EAAG") && !request.contains("app-secret"));
        let request = request.to_lowercase();
        assert!(request.contains("authorization: bearer eaag-token"));
    }

    #[tokio::test]
    async fn an_answer_that_is_cut_off_leaves_us_in_doubt() {
        let (cut, _) = answered("HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{\"reci").await;
        assert!(matches!(cut, Undelivered::Unknown(_)), "{cut}");
        let (page, _) = answered("HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\n<html>").await;
        assert!(matches!(page, Undelivered::Unknown(_)), "{page}");
    }

    #[tokio::test]
    async fn a_gateway_is_understood_by_its_status() {
        let (page, _) = answered("HTTP/1.1 502 Bad\r\ncontent-length: 99\r\n\r\n<ht").await;
        assert!(matches!(page, Undelivered::Unreached(_)), "{page}");
        let busy = "HTTP/1.1 429 Too Many\r\nretry-after: 9\r\ncontent-length: 1\r\n\r\n<";
        assert_eq!(
            answered(busy).await.0,
            Undelivered::Wait(Duration::from_secs(9))
        );
        let (nowhere, _) = answered("HTTP/1.1 404 Not Found\r\ncontent-length: 1\r\n\r\n<").await;
        assert!(matches!(nowhere, Undelivered::Locked(_)), "{nowhere}");
    }
}
