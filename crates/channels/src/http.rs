//! The HTTP client that every channel speaks through, and what a failed request means.
//!
//! Two things must stay true. A failure is [`Undelivered::Unreached`] only if nothing of the request
//! can have been accepted; when in doubt it is [`Undelivered::Unknown`]. And no secret leaves in an
//! error, a log line or a `Debug`: tokens stand in URLs, so no URL is ever part of an error's text.

use std::{error::Error, fmt, time::Duration};

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use reqwest::{Client, Proxy, Response, Url, redirect::Policy};

use crate::{Download, Undelivered, checks::PROXIES};

/// How long a connection may take to come about: name, TCP, proxy and TLS together.
const CONNECT_WITHIN: Duration = Duration::from_secs(10);

/// How long an unused connection is kept. Short, so that a request seldom meets a connection that the
/// other side is just closing: its outcome would be unknown.
const IDLE_AT_MOST: Duration = Duration::from_secs(20);

/// How long a file may stand still on its way.
const STALLED_AFTER: Duration = Duration::from_secs(30);

/// Most redirects that are followed, all of them on the same host.
const MOST_REDIRECTS: usize = 5;

/// A token or password. Its `Debug` shows nothing of it, and it has no `Display`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret.
    pub fn new(secret: impl Into<String>) -> Self {
        Self(secret.into())
    }

    /// The secret itself, for the one place that must send it.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// `text` with every appearance of the secret blotted out.
    pub fn blot(&self, text: &str) -> String {
        if self.0.is_empty() {
            return text.to_owned();
        }
        text.replace(&self.0, "…")
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// A setting that a channel cannot begin with. Names the setting, never its value.
#[derive(Debug, thiserror::Error)]
#[error("{setting}: {reason}")]
pub struct BadSetting {
    /// Which one.
    pub setting: &'static str,
    /// What is wrong, and what would be right.
    pub reason: &'static str,
}

/// A client with our manners. Only the proxy named here is used: the environment's proxy variables
/// are not for messengers.
pub fn client(proxy: Option<&str>) -> Result<Client, BadSetting> {
    let mut builder = Client::builder()
        .user_agent(concat!("zabota/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT_WITHIN)
        .pool_idle_timeout(IDLE_AT_MOST)
        .redirect(same_host())
        .no_proxy();
    if let Some(url) = proxy {
        let proxy = PROXIES
            .iter()
            .any(|scheme| url.starts_with(scheme))
            .then(|| Proxy::all(url).ok())
            .flatten()
            .ok_or(BadSetting {
                setting: "proxy",
                reason: "not an address such as http://host:3128 or socks5://user:word@host:1080",
            })?;
        builder = builder.proxy(proxy);
    }
    builder.build().map_err(|_| BadSetting {
        setting: "proxy",
        reason: "no HTTP client can be built with it, or the system has no root certificates",
    })
}

/// A token must not wander to a host that we did not choose.
fn same_host() -> Policy {
    Policy::custom(|attempt| {
        let known = attempt.previous().first().is_some_and(|first| {
            first.scheme() == attempt.url().scheme()
                && first.host() == attempt.url().host()
                && first.port_or_known_default() == attempt.url().port_or_known_default()
        });
        if known && attempt.previous().len() <= MOST_REDIRECTS {
            attempt.follow()
        } else {
            attempt.stop()
        }
    })
}

/// Whether an address that a messenger handed out leads to one of its own hosts, over TLS: `hosts` are
/// names such as `vk.com`, good for `a.vk.com` too.
pub fn is_at(url: &Url, hosts: &[&str]) -> bool {
    let at = |host: &str| {
        hosts
            .iter()
            .any(|known| host == *known || host.ends_with(&format!(".{known}")))
    };
    url.scheme() == "https" && url.host_str().is_some_and(at)
}

/// The body of a successful answer as a file on its way; it may not stand still for long. `size` and
/// `name` are what the messenger says besides.
pub fn download(response: Response, size: Option<u64>, name: Option<String>) -> Download {
    let size = response.content_length().or(size);
    let chunks = stream::unfold(Some(response), |response| async move {
        let mut response = response?;
        match tokio::time::timeout(STALLED_AFTER, response.chunk()).await {
            Ok(Ok(Some(chunk))) => Some((Ok::<Bytes, _>(chunk), Some(response))),
            Ok(Ok(None)) => None,
            Ok(Err(error)) => Some((Err(failed_reading(&error)), None)),
            Err(_) => {
                let why = "the file stands still".to_owned();
                Some((Err(Undelivered::Unreached(why)), None))
            }
        }
    });
    Download {
        bytes: chunks.boxed(),
        size,
        name,
    }
}

/// Why what was being sent along could not be read to its end: the request was not whole, so nothing of
/// it was accepted.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Broken(pub(crate) Undelivered);

/// What to do about a request that got no whole answer.
pub fn failure(error: &reqwest::Error) -> Undelivered {
    if let Some(Broken(why)) = broken(error) {
        return why.clone();
    }
    let what = cause(error);
    // A connection that never came about carried nothing: refused, no such name, bad certificate.
    if error.is_connect() || error.is_builder() {
        return Undelivered::Unreached(what);
    }
    Undelivered::Unknown(what)
}

fn broken(error: &reqwest::Error) -> Option<&Broken> {
    let mut inner = error.source();
    while let Some(error) = inner {
        if let Some(broken) = error.downcast_ref() {
            return Some(broken);
        }
        inner = error.source();
    }
    None
}

/// What to do about something that was only being read: asking again costs nothing.
pub fn failed_reading(error: &reqwest::Error) -> Undelivered {
    Undelivered::Unreached(cause(error))
}

/// The innermost reason in words. The outer ones name the URL or say nothing.
fn cause(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return if error.is_connect() {
            "no connection in time".to_owned()
        } else {
            "no answer in time".to_owned()
        };
    }
    let Some(mut inner) = error.source() else {
        return if error.is_builder() {
            "the request cannot be built".to_owned()
        } else {
            "the connection failed".to_owned()
        };
    };
    while let Some(next) = inner.source() {
        inner = next;
    }
    inner.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    #[test]
    fn a_secret_shows_nothing_of_itself() {
        let secret = Secret::new("123:abc");
        assert_eq!(format!("{secret:?}"), "Secret(…)");
        assert_eq!(secret.blot("GET /bot123:abc/getMe"), "GET /bot…/getMe");
    }

    #[test]
    fn a_proxy_of_an_unknown_kind_is_named_without_its_value() {
        let error = client(Some("ftp://user:word@host"))
            .unwrap_err()
            .to_string();
        assert!(error.starts_with("proxy: "), "{error}");
        assert!(!error.contains("ftp://"), "{error}");
        assert!(client(Some("socks5://127.0.0.1:1080")).is_ok());
    }

    #[test]
    fn only_the_messengers_own_hosts_are_asked_for_files() {
        let at = |url: &str| is_at(&Url::parse(url).unwrap(), &["vk.com", "userapi.com"]);
        assert!(at("https://vk.com/doc1"));
        assert!(at("https://sun9-1.userapi.com/a.jpg"));
        for url in [
            "http://vk.com/doc1",
            "https://notvk.com/",
            "https://vk.com.evil.ru/",
            "https://127.0.0.1/",
            "https://vk.com@evil.ru/",
        ] {
            assert!(!at(url), "{url}");
        }
    }

    async fn ask(url: &str) -> Undelivered {
        let request = client(None).unwrap().get(url);
        let error = request
            .timeout(Duration::from_millis(300))
            .send()
            .await
            .unwrap_err();
        failure(&error)
    }

    #[tokio::test]
    async fn a_refused_connection_accepted_nothing() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        let failed = ask(&format!("http://{address}/bot1:s/getMe")).await;
        assert!(
            matches!(&failed, Undelivered::Unreached(why) if !why.contains("1:s")),
            "{failed}"
        );
        let nowhere = ask("http://no-such-host.invalid/bot1:s/getMe").await;
        assert!(
            matches!(&nowhere, Undelivered::Unreached(why) if !why.contains("1:s")),
            "{nowhere}"
        );
    }

    #[tokio::test]
    async fn a_connection_dropped_after_the_request_leaves_us_in_doubt() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 1024];
            let _ = stream.read(&mut request).await;
        });
        let failed = ask(&format!("http://{address}/bot1:s/getMe")).await;
        assert!(
            matches!(&failed, Undelivered::Unknown(why) if !why.contains("1:s")),
            "{failed}"
        );
    }

    #[tokio::test]
    async fn a_redirect_to_another_host_is_not_followed() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let answer =
            "HTTP/1.1 302 Found\r\nlocation: http://localhost:1/\r\ncontent-length: 0\r\n\r\n";
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let _ = stream.read(&mut [0; 1024]).await;
            stream.write_all(answer.as_bytes()).await.unwrap();
        });
        let request = client(None).unwrap().get(format!("http://{address}/"));
        assert_eq!(request.send().await.unwrap().status(), 302);
    }

    #[tokio::test]
    async fn silence_leaves_us_in_doubt() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let failed = ask(&format!("http://{address}/")).await;
        assert_eq!(failed, Undelivered::Unknown("no answer in time".to_owned()));
    }
}
