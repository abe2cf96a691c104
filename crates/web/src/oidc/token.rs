//! ID tokens: what an `OpenID` Connect provider signs about a user, and whether it may be believed.
//! `OpenID` Connect Core 1.0, section 3.1.3.7; RFC 7515, 7517, 7518. Reads no clock and no network.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use ring::signature::{self, RsaPublicKeyComponents, UnparsedPublicKey};
use serde::Deserialize;
use serde_json::{Map, Value};

/// Between two clocks that both are right.
const SKEW: TimeDelta = TimeDelta::seconds(60);
/// No token was made longer ago than somebody takes to sign in.
const OLDEST: TimeDelta = TimeDelta::minutes(15);
const MAX_TOKEN: usize = 32 * 1024;

/// Why a token is not believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TokenError {
    #[error("the token is no signed JSON")]
    Form,
    #[error("the token is signed with {0:?}; only RS256 and ES256 are taken")]
    Algorithm(String),
    #[error("the provider has no key {0:?} for this token")]
    Key(String),
    #[error("the signature is not the provider's")]
    Signature,
    #[error("the token is from {0:?}")]
    Issuer(String),
    #[error("the token is for another client")]
    Audience,
    #[error("the token's time is over or has not come")]
    Time,
    #[error("the token answers another question")]
    Nonce,
    #[error("the token names nobody")]
    Subject,
}

/// One public key of the provider.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Jwk {
    kty: String,
    #[serde(default)]
    kid: Option<String>,
    #[serde(default, rename = "use")]
    usage: Option<String>,
    #[serde(default)]
    alg: Option<String>,
    #[serde(default)]
    n: String,
    #[serde(default)]
    e: String,
    #[serde(default)]
    crv: String,
    #[serde(default)]
    x: String,
    #[serde(default)]
    y: String,
}

/// What a token must say.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Expected<'a> {
    pub(crate) issuer: &'a str,
    pub(crate) client_id: &'a str,
    pub(crate) nonce: &'a str,
    pub(crate) now: DateTime<Utc>,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    #[serde(default)]
    kid: Option<String>,
    #[serde(default)]
    crit: Option<Value>,
}

/// The claims of a token, once its signature and everything it says about itself are right.
pub(crate) fn verify(token: &str, keys: &[Jwk], expected: Expected<'_>) -> Result<Map<String, Value>, TokenError> {
    let (signed, signature) = token.rsplit_once('.').ok_or(TokenError::Form)?;
    let (header, payload) = signed.split_once('.').ok_or(TokenError::Form)?;
    if token.len() > MAX_TOKEN || payload.contains('.') {
        return Err(TokenError::Form);
    }
    let header: Header = serde_json::from_slice(&decode(header)?).map_err(|_| TokenError::Form)?;
    if header.crit.is_some() {
        return Err(TokenError::Form);
    }
    is_signed(&header, keys, signed.as_bytes(), &decode(signature)?)?;
    let claims: Map<String, Value> = serde_json::from_slice(&decode(payload)?).map_err(|_| TokenError::Form)?;
    check(&claims, expected)?;
    Ok(claims)
}

fn decode(part: &str) -> Result<Vec<u8>, TokenError> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| TokenError::Form)
}

/// The algorithm decides which keys are looked at, never the other way round: a token cannot turn a
/// public key into a shared secret, nor do without a signature.
fn is_signed(header: &Header, keys: &[Jwk], message: &[u8], signature: &[u8]) -> Result<(), TokenError> {
    let kind = match header.alg.as_str() {
        "RS256" => "RSA",
        "ES256" => "EC",
        other => return Err(TokenError::Algorithm(other.chars().take(20).collect())),
    };
    let fits = |key: &&Jwk| {
        key.kty == kind
            && key.usage.as_deref().is_none_or(|u| u == "sig")
            && key.alg.as_deref().is_none_or(|a| a == header.alg)
            && (header.kid.is_none() || key.kid == header.kid)
    };
    let mut fitting = keys.iter().filter(fits).peekable();
    if fitting.peek().is_none() {
        return Err(TokenError::Key(header.kid.clone().unwrap_or_default().chars().take(80).collect()));
    }
    if fitting.any(|key| key.has_signed(message, signature)) { Ok(()) } else { Err(TokenError::Signature) }
}

impl Jwk {
    fn has_signed(&self, message: &[u8], signature: &[u8]) -> bool {
        let bytes = |part: &str| URL_SAFE_NO_PAD.decode(part).unwrap_or_default();
        match self.kty.as_str() {
            "RSA" => {
                let (n, e) = (bytes(&self.n), bytes(&self.e));
                let n = &n[n.iter().take_while(|b| **b == 0).count()..];
                let key = RsaPublicKeyComponents { n, e: e.as_slice() };
                key.verify(&signature::RSA_PKCS1_2048_8192_SHA256, message, signature).is_ok()
            }
            "EC" if self.crv == "P-256" => {
                let point = [&[4_u8][..], &bytes(&self.x), &bytes(&self.y)].concat();
                let key = UnparsedPublicKey::new(&signature::ECDSA_P256_SHA256_FIXED, point);
                key.verify(message, signature).is_ok()
            }
            _ => false,
        }
    }
}

fn check(claims: &Map<String, Value>, expected: Expected<'_>) -> Result<(), TokenError> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let issuer = text("iss").unwrap_or_default();
    if issuer != expected.issuer {
        return Err(TokenError::Issuer(issuer.chars().take(80).collect()));
    }
    let audiences: Vec<&str> = match claims.get("aud") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let party = text("azp");
    let is_ours = audiences.contains(&expected.client_id)
        && party.is_none_or(|azp| azp == expected.client_id)
        && (audiences.len() == 1 || party.is_some());
    if !is_ours {
        return Err(TokenError::Audience);
    }
    let time = |name: &str| DateTime::from_timestamp(claims.get(name)?.as_f64()?.floor() as i64, 0);
    let (made, ends) = (time("iat").ok_or(TokenError::Time)?, time("exp").ok_or(TokenError::Time)?);
    let begins = time("nbf").unwrap_or(made);
    let now = expected.now;
    if now >= ends + SKEW || made > now + SKEW || begins > now + SKEW || now - made > OLDEST {
        return Err(TokenError::Time);
    }
    if text("nonce") != Some(expected.nonce) {
        return Err(TokenError::Nonce);
    }
    if !text("sub").is_some_and(|s| !s.is_empty() && s.len() <= 255) {
        return Err(TokenError::Subject);
    }
    Ok(())
}
