//! Access tokens of Google's for a service account: a signed claim is exchanged for one, and that is
//! kept until shortly before it expires.
//!
//! The request: <https://developers.google.com/identity/protocols/oauth2/service-account>.

use std::{fmt, io, path::Path};

use engine::sheet::Unread;
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use reqwest::{Client, StatusCode, Url};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use super::NotRead;
use crate::http;

/// What we ask leave for.
const SCOPE: &str = "https://www.googleapis.com/auth/spreadsheets.readonly";

/// Whom the claim is for: always this, wherever `token_uri` leads.
const AUDIENCE: &str = "https://oauth2.googleapis.com/token";

const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// How long a claim is good: the longest that Google allows.
const CLAIM: SignedDuration = SignedDuration::from_hours(1);

/// So long before it expires a token is used no more.
const EARLY: SignedDuration = SignedDuration::from_mins(2);

const LARGEST_ANSWER: usize = 64 << 10;

/// Who is asked, for the log.
const WHO: &str = "Google's tokens";

/// A service account's key file.
pub struct KeyFile {
    email: String,
    id: Option<String>,
    key: EncodingKey,
    token_uri: Url,
}

/// Why a key file is none, as what goes on after the setting's name.
#[derive(Debug, thiserror::Error)]
pub enum BadKey {
    /// It cannot be read.
    #[error("the key file cannot be read: {0}")]
    Unreadable(#[from] io::Error),
    /// It is something else.
    #[error(
        "the file is no key of a service account (JSON from Google Cloud: IAM, service accounts, keys)"
    )]
    NoKey,
    /// Its private key is broken.
    #[error("the private key in the file is broken: download the file once more")]
    Broken,
}

impl fmt::Debug for KeyFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyFile")
            .field("email", &self.email)
            .finish_non_exhaustive()
    }
}

impl KeyFile {
    /// Reads the file.
    pub fn open(path: &Path) -> Result<Self, BadKey> {
        Self::read(&std::fs::read(path)?)
    }

    /// Reads what stands in the file.
    pub fn read(json: &[u8]) -> Result<Self, BadKey> {
        #[derive(Deserialize)]
        struct Fields {
            r#type: String,
            client_email: String,
            private_key: SecretString,
            private_key_id: Option<String>,
            token_uri: Option<String>,
        }
        let fields: Fields = serde_json::from_slice(json).map_err(|_| BadKey::NoKey)?;
        if fields.r#type != "service_account" {
            return Err(BadKey::NoKey);
        }
        let key = EncodingKey::from_rsa_pem(fields.private_key.expose_secret().as_bytes());
        let token_uri = fields.token_uri.as_deref().unwrap_or(AUDIENCE);
        let key = Self {
            email: fields.client_email,
            id: fields.private_key_id,
            key: key.map_err(|_| BadKey::Broken)?,
            token_uri: token_uri.parse().map_err(|_| BadKey::NoKey)?,
        };
        key.claim(Timestamp::UNIX_EPOCH)
            .map_err(|_| BadKey::Broken)?;
        Ok(key)
    }

    /// The account's address: the sheet has to be shared with it.
    pub fn email(&self) -> &str {
        &self.email
    }

    fn claim(&self, now: Timestamp) -> jsonwebtoken::errors::Result<String> {
        #[derive(Serialize)]
        struct Claim<'a> {
            iss: &'a str,
            scope: &'a str,
            aud: &'a str,
            iat: i64,
            exp: i64,
        }
        let claim = Claim {
            iss: &self.email,
            scope: SCOPE,
            aud: AUDIENCE,
            iat: now.as_second(),
            exp: now.as_second() + CLAIM.as_secs(),
        };
        let mut header = Header::new(Algorithm::RS256);
        header.kid.clone_from(&self.id);
        jsonwebtoken::encode(&header, &claim, &self.key)
    }
}

/// The token in use.
#[derive(Debug)]
pub(super) struct Tokens {
    pub(super) key: KeyFile,
    kept: Mutex<Option<Kept>>,
}

#[derive(Debug)]
struct Kept {
    token: SecretString,
    until: Timestamp,
}

#[derive(Deserialize)]
struct Granted {
    access_token: SecretString,
    #[serde(default)]
    expires_in: u32,
}

#[derive(Default, Deserialize)]
struct Denied {
    #[serde(default)]
    error: String,
    #[serde(default)]
    error_description: String,
}

impl Tokens {
    pub(super) fn new(key: KeyFile) -> Self {
        Self {
            key,
            kept: Mutex::new(None),
        }
    }

    /// A token that is good now: the one that is kept, or a new one.
    pub(super) async fn token(
        &self,
        client: &Client,
        now: Timestamp,
    ) -> Result<SecretString, NotRead> {
        let mut kept = self.kept.lock().await;
        if let Some(kept) = kept.as_ref().filter(|kept| now < kept.until) {
            return Ok(kept.token.clone());
        }
        let granted = self.ask(client, now).await?;
        let lasts = SignedDuration::from_secs(granted.expires_in.into());
        *kept = Some(Kept {
            token: granted.access_token.clone(),
            until: now.saturating_add(lasts - EARLY).unwrap_or(now),
        });
        Ok(granted.access_token)
    }

    /// A token that was refused is not used again.
    pub(super) async fn forget(&self) {
        *self.kept.lock().await = None;
    }

    async fn ask(&self, client: &Client, now: Timestamp) -> Result<Granted, NotRead> {
        let unsigned = |_| {
            let detail = "Google's key file: nothing can be signed with it";
            NotRead::new(Unread::BadKey, detail)
        };
        let claim = self.key.claim(now).map_err(unsigned)?;
        let form = [("grant_type", GRANT), ("assertion", &claim)];
        let answer = client
            .post(self.key.token_uri.clone())
            .form(&form)
            .send()
            .await;
        let answer = answer
            .map_err(|error| NotRead::new(Unread::Away, format!("{WHO}: {}", http::why(&error))))?;
        let status = answer.status();
        let body = http::whole(answer, LARGEST_ANSWER).await;
        let body = body.map_err(|why| NotRead::no_body(WHO, &why))?;
        if status.is_success() {
            return serde_json::from_slice(&body).map_err(|_| {
                NotRead::new(
                    Unread::CutOff,
                    format!("{WHO}: an answer that makes no sense"),
                )
            });
        }
        Err(denied(
            status,
            &serde_json::from_slice(&body).unwrap_or_default(),
        ))
    }
}

/// What to do about a refusal. A wrong clock, a removed key and a closed account are all answered with
/// `invalid_grant`; only the words tell them apart.
fn denied(status: StatusCode, denied: &Denied) -> NotRead {
    let Denied {
        error,
        error_description: words,
    } = denied;
    let words = http::words(&format!("{error} {words}"));
    let detail = format!("{WHO}: {status} {words}").trim_end().to_owned();
    match (status.as_u16(), error.as_str()) {
        (400, "invalid_grant") if words.contains("iat and exp") => {
            NotRead::new(Unread::WrongClock, detail)
        }
        (400, "invalid_grant" | "invalid_client") | (401 | 403, _) => {
            NotRead::new(Unread::BadKey, detail)
        }
        _ => NotRead::of_status(status, detail),
    }
}
