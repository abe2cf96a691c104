//! Signing in through an `OpenID` Connect provider: the authorization code flow with PKCE (RFC 6749,
//! 7636, 9207; `OpenID` Connect Core and Discovery 1.0).
//!
//! Nothing is remembered here between the two halves of a sign-in: state, nonce and the verifier are
//! made with the console's key from one cookie of the browser that began. That costs no memory, survives
//! a restart, and works with several processes.

mod token;

use std::time::Duration;

use anyhow::{Context, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use diembao_mail::{Secret, https};
use diembao_pipeline::settings::OidcSettings;
use diembao_pipeline::{Claimed, Home};
use reqwest::{Client, RequestBuilder, Url};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use tokio::sync::Mutex;

use self::token::{Expected, Jwk, TokenError, verify};
use crate::key::Key;

/// How long the provider may take for one answer, and how much it may say.
const PATIENCE: Duration = Duration::from_secs(8);
const MAX_ANSWER: usize = 512 * 1024;
/// What the provider says about itself is asked again after this; its keys also when one is missing,
/// but not more often than every minute.
const KEEP: TimeDelta = TimeDelta::hours(1);
const AGAIN: TimeDelta = TimeDelta::minutes(1);
/// Somebody signs in within this.
const SIGN_IN_TIME: TimeDelta = TimeDelta::minutes(10);

/// The provider of the settings.
pub(crate) struct Provider {
    settings: OidcSettings,
    secret: Option<Secret>,
    /// Where it sends people back to.
    back: String,
    client: Client,
    known: Mutex<Option<Known>>,
}

#[derive(Clone)]
struct Known {
    at: DateTime<Utc>,
    metadata: Metadata,
    keys: Vec<Jwk>,
}

#[derive(Debug, Clone, Deserialize)]
struct Metadata {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Vec<String>,
}

#[derive(Deserialize)]
struct Keys {
    keys: Vec<Value>,
}

#[derive(Deserialize)]
struct Tokens {
    id_token: String,
}

/// What one sign-in is recognised by; all of it follows from the cookie.
pub(crate) struct Attempt<'k> {
    key: &'k Key,
    cookie: String,
}

impl<'k> Attempt<'k> {
    /// A new one.
    pub(crate) fn begin(key: &'k Key, now: DateTime<Utc>) -> anyhow::Result<Self> {
        let (random, _) = diembao_pipeline::new_token()?;
        Ok(Self { key, cookie: format!("{}-{random}", now.timestamp()) })
    }

    /// The one a cookie belongs to; none when its time is over.
    pub(crate) fn of(key: &'k Key, cookie: String, now: DateTime<Utc>) -> Option<Self> {
        let began = DateTime::from_timestamp(cookie.split_once('-')?.0.parse().ok()?, 0)?;
        (now - began <= SIGN_IN_TIME).then_some(Self { key, cookie })
    }

    /// For the browser to keep.
    pub(crate) fn cookie(&self) -> &str {
        &self.cookie
    }

    fn secret(&self, what: &str) -> String {
        self.key.form_token(&format!("oidc/{what}/{}", self.cookie))
    }

    /// What the provider gives back, with where to go afterwards.
    pub(crate) fn state(&self, next: &str) -> String {
        format!("{}.{}", self.secret(&format!("state/{next}")), URL_SAFE_NO_PAD.encode(next))
    }

    /// Where to go afterwards, if the state is the one of this sign-in.
    pub(crate) fn next(&self, state: &str) -> Option<String> {
        let (mac, next) = state.split_once('.')?;
        let next = String::from_utf8(URL_SAFE_NO_PAD.decode(next).ok()?).ok()?;
        let seed = format!("oidc/state/{next}/{}", self.cookie);
        self.key.is_form_token(&seed, mac).then_some(next)
    }
}

impl Provider {
    /// The provider of a home's settings, if there is one. Asks it nothing yet.
    pub(crate) fn of(home: &Home) -> anyhow::Result<Option<Self>> {
        let console = &home.settings.console;
        let Some(settings) = console.oidc.clone() else {
            return Ok(None);
        };
        let secret = diembao_pipeline::client_secret(&settings)?;
        let client = https::client(PATIENCE).map_err(anyhow::Error::msg)?;
        let back = format!("{}/login/oidc/back", console.public_url);
        Ok(Some(Self { settings, secret, back, client, known: Mutex::new(None) }))
    }

    /// Its name for itself.
    pub(crate) fn issuer(&self) -> &str {
        &self.settings.issuer
    }

    /// Where a browser goes to sign in.
    pub(crate) async fn address(
        &self,
        attempt: &Attempt<'_>,
        next: &str,
        now: DateTime<Utc>,
    ) -> anyhow::Result<String> {
        let known = self.known(now, KEEP).await?;
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(attempt.secret("verifier")));
        let mut url = address_of(&known.metadata.authorization_endpoint)?;
        let scope = ["openid"].into_iter().chain(self.settings.scopes.iter().map(String::as_str));
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.settings.client_id)
            .append_pair("redirect_uri", &self.back)
            .append_pair("scope", &scope.collect::<Vec<_>>().join(" "))
            .append_pair("state", &attempt.state(next))
            .append_pair("nonce", &attempt.secret("nonce"))
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256");
        Ok(url.into())
    }

    /// Who signed in, from the code the provider gave.
    pub(crate) async fn redeem(
        &self,
        attempt: &Attempt<'_>,
        code: &str,
        now: DateTime<Utc>,
    ) -> anyhow::Result<Claimed> {
        let known = self.known(now, KEEP).await?;
        let tokens: Tokens =
            ask(self.token_request(&known.metadata, attempt, code)?).await.context("token endpoint")?;
        let nonce = attempt.secret("nonce");
        let expected =
            Expected { issuer: &self.settings.issuer, client_id: &self.settings.client_id, nonce: &nonce, now };
        let claims = match verify(&tokens.id_token, &known.keys, expected) {
            Err(TokenError::Key(_)) => {
                // Perhaps it has a new one.
                let known = self.known(now, AGAIN).await?;
                verify(&tokens.id_token, &known.keys, expected)?
            }
            verified => verified?,
        };
        self.claimed(&claims)
    }

    fn token_request(&self, metadata: &Metadata, attempt: &Attempt<'_>, code: &str) -> anyhow::Result<RequestBuilder> {
        let client_id = self.settings.client_id.as_str();
        let verifier = attempt.secret("verifier");
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "authorization_code")
            .append_pair("code", code)
            .append_pair("redirect_uri", &self.back)
            .append_pair("code_verifier", &verifier);
        let methods = &metadata.token_endpoint_auth_methods_supported;
        let basic = methods.is_empty() || methods.iter().any(|m| m == "client_secret_basic");
        let mut request = self.client.post(address_of(&metadata.token_endpoint)?);
        match &self.secret {
            Some(secret) if basic => {
                let encoded = |s: &str| url::form_urlencoded::byte_serialize(s.as_bytes()).collect::<String>();
                request = request.basic_auth(encoded(client_id), Some(encoded(secret.reveal())));
            }
            Some(secret) => {
                form.append_pair("client_id", client_id).append_pair("client_secret", secret.reveal());
            }
            None => {
                form.append_pair("client_id", client_id);
            }
        }
        Ok(request.header("content-type", "application/x-www-form-urlencoded").body(form.finish()))
    }

    /// What the provider says about itself and its keys, at most this old.
    async fn known(&self, now: DateTime<Utc>, keep: TimeDelta) -> anyhow::Result<Known> {
        let mut held = self.known.lock().await;
        if let Some(known) = held.as_ref().filter(|k| (k.at..k.at + keep).contains(&now)) {
            return Ok(known.clone());
        }
        let issuer = &self.settings.issuer;
        let place = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
        let metadata: Metadata = ask(self.client.get(address_of(&place)?)).await.context(place)?;
        ensure!(metadata.issuer == *issuer, "{issuer} calls itself {:?}; write that in issuer", metadata.issuer);
        let keys: Keys = ask(self.client.get(address_of(&metadata.jwks_uri)?)).await.context("the provider's keys")?;
        let keys = keys.keys.into_iter().filter_map(|key| serde_json::from_value(key).ok()).collect();
        let known = Known { at: now, metadata, keys };
        *held = Some(known.clone());
        Ok(known)
    }

    fn claimed(&self, claims: &Map<String, Value>) -> anyhow::Result<Claimed> {
        let settings = &self.settings;
        let text = |name: &str| claim(claims, name).and_then(Value::as_str).map(str::trim);
        let given = text(&settings.name_claim)
            .with_context(|| format!("the token has no {:?}; ask for a scope that brings it", settings.name_claim))?;
        let name = match &settings.name_domain {
            Some(domain) => given
                .split_once('@')
                .filter(|(_, d)| d.eq_ignore_ascii_case(domain))
                .map(|(name, _)| name)
                .with_context(|| format!("{given:?} is not of the domain {domain}"))?,
            None => given,
        };
        let display: String = text("name").unwrap_or(name).chars().take(80).collect();
        let role = match &settings.role_claim {
            None => None,
            Some(role_claim) => {
                let values = values(claim(claims, role_claim));
                let found = settings.roles.iter().find(|(_, names)| names.iter().any(|n| values.contains(&n.as_str())));
                let (role, _) = found.with_context(|| format!("none of {given:?}'s {role_claim} makes a role"))?;
                let unit = settings.unit_claim.as_deref().filter(|_| *role == diembao_store::Role::Unit);
                let unit = unit.map(|c| text(c).with_context(|| format!("{given:?} has no {c:?}"))).transpose()?;
                Some((*role, unit.map(str::to_owned)))
            }
        };
        let subject = format!("{}#{}", settings.issuer, text("sub").unwrap_or_default());
        Ok(Claimed { subject, name: name.to_lowercase(), display, role })
    }
}

/// A claim by its name, or by its way through objects: `realm_access.roles`.
fn claim<'c>(claims: &'c Map<String, Value>, name: &str) -> Option<&'c Value> {
    claims.get(name).or_else(|| {
        let (first, rest) = name.split_once('.')?;
        claim(claims.get(first)?.as_object()?, rest)
    })
}

fn values(claim: Option<&Value>) -> Vec<&str> {
    match claim {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// An address the provider gave; never an unencrypted one beyond this machine.
fn address_of(text: &str) -> anyhow::Result<Url> {
    let url = Url::parse(text).with_context(|| format!("{text:?} is no address"))?;
    let here = url.scheme() == "http" && url.host_str().is_some_and(https::is_loopback);
    ensure!(url.scheme() == "https" || here, "{text} is not encrypted");
    Ok(url)
}

async fn ask<T: DeserializeOwned>(request: RequestBuilder) -> anyhow::Result<T> {
    let mut response =
        request.header("accept", "application/json").send().await.map_err(reqwest::Error::without_url)?;
    let status = response.status();
    ensure!(status.is_success(), "status {}", status.as_u16());
    let mut body = Vec::new();
    while let Some(part) = response.chunk().await? {
        ensure!(body.len() + part.len() <= MAX_ANSWER, "the answer is longer than {MAX_ANSWER} bytes");
        body.extend_from_slice(&part);
    }
    serde_json::from_slice(&body).context("the answer is not what the standard says")
}
