//! The service account of this sandbox: its key file, and whether a JWT was signed with it.
//!
//! The key pair lies in the repository and opens nothing but sandboxes.

use std::sync::LazyLock;

use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::{Value, json};

use super::token::Claims;

const PRIVATE: &str = include_str!("test-key.pem");
const PUBLIC: &str = include_str!("test-key.pub.pem");
const KEY_ID: &str = "5a4db0c5a4db0c5a4db0c5a4db0c5a4db0c5a4db";
const PROJECT: &str = "zabota-sandbox";
/// The address that sheets are shared with.
pub(crate) const EMAIL: &str = "desk@zabota-sandbox.iam.gserviceaccount.com";

static KEY: LazyLock<DecodingKey> = LazyLock::new(|| {
    DecodingKey::from_rsa_pem(PUBLIC.as_bytes()).expect("the key in the repository is one")
});

/// A key file as Google's console gives it out, except that its tokens come from `token_uri`.
pub(crate) fn file(token_uri: &str) -> Value {
    json!({
        "type": "service_account",
        "project_id": PROJECT,
        "private_key_id": KEY_ID,
        "private_key": PRIVATE,
        "client_email": EMAIL,
        "client_id": "100000000000000000001",
        "auth_uri": "https://accounts.google.com/o/oauth2/auth",
        "token_uri": token_uri,
        "auth_provider_x509_cert_url": "https://www.googleapis.com/oauth2/v1/certs",
        "client_x509_cert_url": format!("https://www.googleapis.com/robot/v1/metadata/x509/{EMAIL}"),
        "universe_domain": "googleapis.com",
    })
}

/// What a JWT claims, if it was signed with this account's key (RS256).
pub(crate) fn open(jwt: &str) -> Option<Claims> {
    // Times and audience are Google's to judge, in its own words.
    let mut validation = Validation::new(Algorithm::RS256);
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    let opened = jsonwebtoken::decode::<Claims>(jwt, &KEY, &validation).ok()?;
    let is_ours = opened.header.kid.is_none_or(|id| id == KEY_ID);
    is_ours.then_some(opened.claims)
}
