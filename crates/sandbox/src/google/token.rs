//! Access tokens for a JWT that the service account has signed (RFC 7523), as Google's token endpoint gives them.

use serde::Deserialize;
use serde_json::{Value, json};

use super::error::TokenError;
use super::key;
use super::state::Token;
use crate::args::Args;
use crate::clock::{self, Millis};
use crate::world::World;

const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/// What Google takes as its own name, besides the address that the call came to.
const AUDIENCES: [&str; 3] = [
    "https://oauth2.googleapis.com/token",
    "https://www.googleapis.com/oauth2/v4/token",
    "https://accounts.google.com/o/oauth2/token",
];
const SCOPES: &str = "https://www.googleapis.com/auth/";
/// Seconds that a JWT may be valid.
const LONGEST: i64 = 3600;
/// Seconds that two clocks may differ by.
const SKEW: i64 = 300;
/// Seconds that an access token is valid.
const LIFETIME: i64 = 3599;

/// What the desk says in its JWT.
#[derive(Debug, Deserialize)]
pub(crate) struct Claims {
    iss: Option<String>,
    /// On whose behalf, where a whole company has allowed it.
    sub: Option<String>,
    scope: Option<String>,
    aud: Option<String>,
    /// Seconds since 1970.
    iat: Option<i64>,
    exp: Option<i64>,
}

/// Gives a token, or says why not. `here`: the address that the call came to.
pub(crate) fn give(world: &World, args: &Args, here: &str) -> Result<Value, TokenError> {
    match args.text("grant_type") {
        Some(GRANT) => {}
        Some(other) => {
            let what = format!("Invalid grant_type: {other}");
            return Err(TokenError::new("unsupported_grant_type", &what));
        }
        None => return Err(missing("grant_type")),
    }
    let jwt = args.text("assertion").ok_or_else(|| missing("assertion"))?;
    let claims = key::open(jwt).ok_or_else(|| grant("Invalid JWT Signature."))?;
    let scopes = check(world, &claims, here)?;
    Ok(world.act(|scene| {
        let until = scene.now + LIFETIME * 1000;
        let now = scene.now;
        let token = scene.google.give(Token { scopes, until }, now);
        json!({ "access_token": token, "expires_in": LIFETIME, "token_type": "Bearer" })
    }))
}

/// The scopes, if everything about the claims is as it should be.
fn check(world: &World, claims: &Claims, here: &str) -> Result<Vec<String>, TokenError> {
    if claims.iss.as_deref() != Some(key::EMAIL) {
        return Err(grant("Invalid grant: account not found"));
    }
    if claims.sub.as_deref().is_some_and(|sub| sub != key::EMAIL) {
        let what = "Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of the scopes requested.";
        return Err(TokenError::new("unauthorized_client", what));
    }
    let is_ours = |aud: &str| aud == here || AUDIENCES.contains(&aud);
    if !claims.aud.as_deref().is_some_and(is_ours) {
        let what = format!(
            "Invalid JWT: Failed audience check. The right audience is {}",
            AUDIENCES[0]
        );
        return Err(grant(&what));
    }
    // The stage's clock may have been moved; whoever calls us lives by the real one.
    if ![world.clock.millis(), clock::wall()]
        .iter()
        .any(|now| is_timely(claims, *now))
    {
        return Err(grant(
            "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.",
        ));
    }
    let scopes: Vec<String> = claims
        .scope
        .as_deref()
        .unwrap_or_default()
        .split_whitespace()
        .map(str::to_owned)
        .collect();
    if scopes.is_empty() || !scopes.iter().all(|scope| scope.starts_with(SCOPES)) {
        let what = "Invalid OAuth scope or ID token audience provided.";
        return Err(TokenError::new("invalid_scope", what));
    }
    Ok(scopes)
}

fn is_timely(claims: &Claims, now: Millis) -> bool {
    let now = now / 1000;
    claims.iat.zip(claims.exp).is_some_and(|(iat, exp)| {
        iat <= now + SKEW && exp > now - SKEW && (1..=LONGEST).contains(&exp.saturating_sub(iat))
    })
}

fn grant(what: &str) -> TokenError {
    TokenError::new("invalid_grant", what)
}

fn missing(name: &str) -> TokenError {
    let what = format!("Missing required parameter: {name}");
    TokenError::new("invalid_request", &what)
}
