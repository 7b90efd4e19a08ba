//! The HTTP client that every service is asked through.
//!
//! What must stay true: a body is read up to a cap and only if it came whole; addresses are never part
//! of an error's text (published sheets' addresses are secrets), and nothing is sent on to a host that
//! the caller did not allow.

use std::{error::Error, time::Duration};

use bytes::{Bytes, BytesMut};
use reqwest::{Client, Response, Url, redirect::Policy};

/// How long a connection may take to come about.
const CONNECT_WITHIN: Duration = Duration::from_secs(10);

/// How long an unused connection is kept.
const IDLE_AT_MOST: Duration = Duration::from_secs(20);

/// Most redirects that are followed.
const MOST_REDIRECTS: usize = 5;

/// Why no client can be built: the system has no root certificates.
#[derive(Debug, thiserror::Error)]
#[error("no HTTP client can be built: the system has no root certificates (ca-certificates)")]
pub struct NoClient;

/// A client that is answered within `answer_within`, body included, and follows redirects where
/// `may_go(from, to)` says so.
pub(crate) fn client(
    answer_within: Duration,
    may_go: impl Fn(&Url, &Url) -> bool + Send + Sync + 'static,
) -> Result<Client, NoClient> {
    let policy = Policy::custom(move |attempt| {
        let known = attempt
            .previous()
            .first()
            .is_some_and(|from| may_go(from, attempt.url()));
        if known && attempt.previous().len() <= MOST_REDIRECTS {
            attempt.follow()
        } else {
            attempt.stop()
        }
    });
    Client::builder()
        .user_agent(concat!("zabota/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT_WITHIN)
        .timeout(answer_within)
        .pool_idle_timeout(IDLE_AT_MOST)
        .redirect(policy)
        // As with messengers: the environment's proxies are not for them.
        .no_proxy()
        .build()
        .map_err(|_| NoClient)
}

/// Whether two addresses lead to one server.
pub(crate) fn same_host(one: &Url, other: &Url) -> bool {
    one.scheme() == other.scheme()
        && one.host() == other.host()
        && one.port_or_known_default() == other.port_or_known_default()
}

/// Why there is no whole body.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoBody {
    /// It is larger than what is read.
    #[error("the answer is larger than {0} bytes")]
    TooLarge(usize),
    /// The rest of it did not come.
    #[error("{0}")]
    BrokeOff(String),
}

/// A body of at most `cap` bytes, whole; otherwise why not.
pub(crate) async fn whole(mut response: Response, cap: usize) -> Result<Bytes, NoBody> {
    let promised = response.content_length();
    if promised.is_some_and(|promised| promised > cap as u64) {
        return Err(NoBody::TooLarge(cap));
    }
    let broken = |error| NoBody::BrokeOff(why(&error));
    let mut read = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(broken)? {
        if read.len() + chunk.len() > cap {
            return Err(NoBody::TooLarge(cap));
        }
        read.extend_from_slice(&chunk);
    }
    if promised.is_some_and(|promised| promised > read.len() as u64) {
        return Err(NoBody::BrokeOff("the answer broke off".to_owned()));
    }
    Ok(read.freeze())
}

/// The same, with the reason in words.
pub(crate) async fn body(response: Response, cap: usize) -> Result<Bytes, String> {
    whole(response, cap).await.map_err(|why| why.to_string())
}

/// The innermost reason in words; the outer ones name the address or say nothing.
pub(crate) fn why(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "no answer in time".to_owned();
    }
    let mut inner: Option<&dyn Error> = error.source();
    while let Some(next) = inner.and_then(Error::source) {
        inner = Some(next);
    }
    inner.map_or_else(|| "the connection failed".to_owned(), ToString::to_string)
}

/// What a server says about a failure, short and on one line.
pub(crate) fn words(text: &str) -> String {
    const MOST: usize = 200;
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut short: String = line.chars().take(MOST).collect();
    if short.len() < line.len() {
        short.push('…');
    }
    short
}
