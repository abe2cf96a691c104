//! Signing in through an `OpenID` Connect provider that signs real tokens, and that lies.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use diembao_store::{AuditFilter, Role, User};
use ring::rand::SystemRandom;
use ring::signature::{self, EcdsaKeyPair, KeyPair as _, RsaKeyPair};
use ring::{hmac, rsa};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::support::{Browser, Desk, Got, PASSWORD};

/// Made for these tests; signs nothing anybody trusts.
const SIGNING_KEY: &str = include_str!("signing-key.txt");
const SECRET: &str = "bí mật của hai bên";

/// In which way the provider's next token is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bend {
    Rs256,
    Es256,
    OtherNonce,
    OtherAudience,
    TwoAudiences,
    OtherParty,
    Expired,
    NotYet,
    Old,
    AlgNone,
    NoSignature,
    Hs256,
    OtherIssuer,
    UnknownKey,
    OtherKey,
    Changed,
    Nobody,
}

struct Idp {
    issuer: OnceLock<String>,
    now: DateTime<Utc>,
    rsa: RsaKeyPair,
    ec: EcdsaKeyPair,
    stranger: EcdsaKeyPair,
    bend: Mutex<Bend>,
    claims: Mutex<Value>,
    /// Nonce and challenge of codes that were not redeemed.
    codes: Mutex<HashMap<String, (String, String)>>,
    n_asked: AtomicUsize,
}

fn elliptic() -> EcdsaKeyPair {
    let (kind, random) = (&signature::ECDSA_P256_SHA256_FIXED_SIGNING, SystemRandom::new());
    let made = EcdsaKeyPair::generate_pkcs8(kind, &random).unwrap();
    EcdsaKeyPair::from_pkcs8(kind, made.as_ref(), &random).unwrap()
}

impl Idp {
    async fn start(now: DateTime<Utc>) -> Arc<Self> {
        let text: String = SIGNING_KEY.split_whitespace().collect();
        let idp = Arc::new(Self {
            issuer: OnceLock::new(),
            now,
            rsa: RsaKeyPair::from_pkcs8(&STANDARD.decode(text).unwrap()).unwrap(),
            ec: elliptic(),
            stranger: elliptic(),
            bend: Mutex::new(Bend::Rs256),
            claims: Mutex::new(json!({"preferred_username": "Lan", "name": "Nguyễn Thị Lan", "groups": ["truc"]})),
            codes: Mutex::default(),
            n_asked: AtomicUsize::new(0),
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        idp.issuer.set(format!("http://{}/realms/byt", listener.local_addr().unwrap())).unwrap();
        let app = Router::new()
            .route("/realms/byt/.well-known/openid-configuration", get(metadata))
            .route("/keys", get(keys))
            .route("/token", post(token))
            .with_state(Arc::clone(&idp));
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        idp
    }

    fn issuer(&self) -> &str {
        self.issuer.get().unwrap()
    }

    fn base(&self) -> &str {
        self.issuer().strip_suffix("/realms/byt").unwrap()
    }

    /// Somebody signs in there: the code, and the state as it came.
    fn authorize(&self, address: &str) -> (String, String) {
        let url = url::Url::parse(address).unwrap();
        let asked: HashMap<String, String> = url.query_pairs().into_owned().collect();
        assert_eq!(url.path(), "/authorize");
        for (name, value) in [
            ("response_type", "code"),
            ("client_id", "diembao"),
            ("redirect_uri", "http://127.0.0.1:8080/login/oidc/back"),
            ("scope", "openid profile email"),
            ("code_challenge_method", "S256"),
        ] {
            assert_eq!(asked[name], value);
        }
        let code = format!("ma-{}", self.n_asked.fetch_add(1, Ordering::Relaxed));
        let kept = (asked["nonce"].clone(), asked["code_challenge"].clone());
        self.codes.lock().unwrap().insert(code.clone(), kept);
        (code, asked["state"].clone())
    }

    fn id_token(&self, nonce: &str) -> String {
        let bend = *self.bend.lock().unwrap();
        let (made, now) = (self.now - TimeDelta::seconds(5), self.now);
        let mut claims = json!({"iss": self.issuer(), "sub": "nguoi-1", "aud": "diembao", "nonce": nonce,
            "iat": made.timestamp(), "exp": (made + TimeDelta::minutes(5)).timestamp()});
        for (name, value) in self.claims.lock().unwrap().as_object().unwrap() {
            claims[name] = value.clone();
        }
        match bend {
            Bend::OtherNonce => claims["nonce"] = "cua-lan-khac".into(),
            Bend::OtherAudience => claims["aud"] = "mot-trang-khac".into(),
            Bend::TwoAudiences => claims["aud"] = json!(["diembao", "mot-trang-khac"]),
            Bend::OtherParty => claims["azp"] = "mot-trang-khac".into(),
            Bend::Expired => claims["exp"] = (now - TimeDelta::minutes(2)).timestamp().into(),
            Bend::NotYet => claims["nbf"] = (now + TimeDelta::minutes(9)).timestamp().into(),
            Bend::Old => claims["iat"] = (now - TimeDelta::hours(1)).timestamp().into(),
            Bend::OtherIssuer => claims["iss"] = "https://mot-noi-khac.example".into(),
            Bend::Nobody => claims["sub"] = "".into(),
            _ => {}
        }
        let header = match bend {
            Bend::AlgNone => json!({"alg": "none"}),
            Bend::Hs256 => json!({"alg": "HS256", "kid": "r1"}),
            Bend::UnknownKey => json!({"alg": "ES256", "kid": "khong-co"}),
            Bend::Es256 | Bend::OtherKey => json!({"alg": "ES256", "kid": "e1"}),
            _ => json!({"alg": "RS256", "kid": "r1"}),
        };
        let part = |v: &Value| URL_SAFE_NO_PAD.encode(v.to_string());
        let signed = format!("{}.{}", part(&header), part(&claims));
        let signature = self.sign(bend, signed.as_bytes());
        if bend == Bend::Changed {
            claims["sub"] = "quan-tri".into();
            return format!("{}.{}.{}", part(&header), part(&claims), URL_SAFE_NO_PAD.encode(signature));
        }
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    fn sign(&self, bend: Bend, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match bend {
            Bend::AlgNone | Bend::NoSignature => Vec::new(),
            Bend::Hs256 => {
                let key = hmac::Key::new(hmac::HMAC_SHA256, self.rsa.public().as_ref());
                hmac::sign(&key, message).as_ref().to_vec()
            }
            Bend::Es256 | Bend::UnknownKey => self.ec.sign(&random, message).unwrap().as_ref().to_vec(),
            Bend::OtherKey => self.stranger.sign(&random, message).unwrap().as_ref().to_vec(),
            _ => {
                let mut made = vec![0; self.rsa.public().modulus_len()];
                self.rsa.sign(&signature::RSA_PKCS1_SHA256, &random, message, &mut made).unwrap();
                made
            }
        }
    }
}

async fn metadata(State(idp): State<Arc<Idp>>) -> Json<Value> {
    let at = |path: &str| format!("{}{path}", idp.base());
    Json(json!({"issuer": idp.issuer(), "authorization_endpoint": at("/authorize"), "token_endpoint": at("/token"),
        "jwks_uri": at("/keys"), "token_endpoint_auth_methods_supported": ["client_secret_basic"]}))
}

async fn keys(State(idp): State<Arc<Idp>>) -> Json<Value> {
    let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let parts = rsa::PublicKeyComponents::<Vec<u8>>::from(idp.rsa.public());
    let point = &idp.ec.public_key().as_ref()[1..];
    Json(json!({"keys": [
        {"kty": "oct", "kid": "la"},
        {"kty": "RSA", "kid": "r1", "use": "sig", "alg": "RS256", "n": part(&parts.n), "e": part(&parts.e)},
        {"kty": "EC", "kid": "e1", "crv": "P-256", "x": part(&point[..32]), "y": part(&point[32..])},
    ]}))
}

async fn token(State(idp): State<Arc<Idp>>, headers: HeaderMap, body: String) -> Response {
    let form: HashMap<String, String> = url::form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    let encoded: String = url::form_urlencoded::byte_serialize(SECRET.as_bytes()).collect();
    let expected = format!("Basic {}", STANDARD.encode(format!("diembao:{encoded}")));
    let known = idp.codes.lock().unwrap().remove(&form["code"]);
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&form["code_verifier"]));
    match known {
        Some((nonce, of)) if of == challenge && headers["authorization"] == expected => {
            Json(json!({"access_token": "x", "token_type": "Bearer", "id_token": idp.id_token(&nonce)})).into_response()
        }
        _ => StatusCode::BAD_REQUEST.into_response(),
    }
}

/// A console that knows the provider, with roles from its groups or without.
async fn desk(idp: &Idp, roles: &str) -> Desk {
    let file = std::env::temp_dir().join(format!("diembao-oidc-{}", idp.base().replace([':', '/'], "")));
    std::fs::write(&file, SECRET).unwrap();
    let table = format!(
        "\n[console.oidc]\nissuer = \"{}\"\nclient_id = \"diembao\"\nclient_secret_file = \"{}\"\n{roles}",
        idp.issuer(),
        file.display()
    );
    let desk = Desk::with("", &table).await;
    std::fs::remove_file(file).unwrap();
    desk
}

const ROLES: &str = "role_claim = \"groups\"\nunit_claim = \"org.name\"\n[console.oidc.roles]\nofficer = [\"truc\"]\n\
    admin = [\"quan-tri\"]\nunit = [\"don-vi\"]\n";

fn begin() -> DateTime<Utc> {
    super::support::BEGIN.parse().unwrap()
}

/// The whole way, to where the console leads afterwards.
async fn sign_in(desk: &Desk, idp: &Idp, browser: &mut Browser) -> Got {
    let left = desk.get(browser, "/login/oidc?next=%2Fcases").await;
    assert_eq!(left.status, StatusCode::SEE_OTHER, "{}", left.body);
    let (code, state) = idp.authorize(left.header("location"));
    desk.get(browser, &format!("/login/oidc/back?code={code}&state={state}")).await
}

#[tokio::test]
async fn an_officer_signs_in_with_the_ministrys_account() {
    let idp = Idp::start(begin()).await;
    let desk = desk(&idp, ROLES).await;
    let form = desk.get(&mut Browser::default(), "/login?next=%2Fcases").await;
    let link = "href=\"/login/oidc?next=%2Fcases\"";
    assert!(form.body.replace("&#x2f;", "/").contains(link), "{}", form.body);
    for bend in [Bend::Rs256, Bend::Es256] {
        *idp.bend.lock().unwrap() = bend;
        let mut browser = Browser::default();
        let got = sign_in(&desk, &idp, &mut browser).await;
        assert_eq!((got.status, got.header("location")), (StatusCode::SEE_OTHER, "/cases"), "{bend:?} {}", got.body);
        assert!(browser.cookie("diembao").is_some_and(|c| c.len() == 43) && browser.cookie("diembao-oidc").is_none());
        let page = desk.get(&mut browser, "/cases").await;
        assert!(page.body.contains("Nguyễn Thị Lan") && page.body.contains("Cán bộ trực"), "{}", page.body);
    }
    let users = desk.console.p.store.users().await.unwrap();
    assert_eq!(users.len(), 1, "added once");
    let got = desk.sign_in(&mut Browser::default(), "lan", PASSWORD).await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY, "there is no password to guess");

    // Another group tomorrow: another role, and the sessions of before are over.
    let mut before = Browser::default();
    sign_in(&desk, &idp, &mut before).await;
    idp.claims.lock().unwrap()["groups"] = json!(["truc", "quan-tri"]);
    let mut after = Browser::default();
    sign_in(&desk, &idp, &mut after).await;
    assert_eq!(desk.get(&mut after, "/users").await.status, StatusCode::OK);
    assert_eq!(desk.get(&mut before, "/").await.status, StatusCode::SEE_OTHER);
    let filter = AuditFilter { n_max: 50, ..AuditFilter::default() };
    let trail = desk.console.p.store.audit(&filter).await.unwrap();
    let actions: Vec<&str> = trail.iter().rev().map(|e| e.action.as_str()).collect();
    assert_eq!(actions[..3], ["user.add", "user.bind", "login"]);
    assert!(actions.contains(&"user.role"), "{actions:?}");
}

/// What a provider, or somebody between, might send instead.
#[tokio::test]
async fn a_token_that_is_not_right_in_every_way_opens_nothing() {
    let idp = Idp::start(begin()).await;
    let desk = desk(&idp, ROLES).await;
    for bend in [
        Bend::OtherNonce,
        Bend::OtherAudience,
        Bend::TwoAudiences,
        Bend::OtherParty,
        Bend::Expired,
        Bend::NotYet,
        Bend::Old,
        Bend::AlgNone,
        Bend::NoSignature,
        Bend::Hs256,
        Bend::OtherIssuer,
        Bend::UnknownKey,
        Bend::OtherKey,
        Bend::Changed,
        Bend::Nobody,
    ] {
        *idp.bend.lock().unwrap() = bend;
        let mut browser = Browser::default();
        let got = sign_in(&desk, &idp, &mut browser).await;
        assert_eq!(got.status, StatusCode::FORBIDDEN, "{bend:?}");
        assert!(browser.cookie("diembao").is_none(), "{bend:?}");
        assert!(got.body.contains("không xác nhận được bạn"), "{bend:?} {}", got.body);
    }
    assert!(desk.console.p.store.users().await.unwrap().is_empty(), "nobody was added");
    *idp.bend.lock().unwrap() = Bend::Rs256;
    assert_eq!(sign_in(&desk, &idp, &mut Browser::default()).await.status, StatusCode::SEE_OTHER, "else all is well");
}

#[tokio::test]
async fn an_answer_belongs_to_one_browser_and_one_attempt() {
    let idp = Idp::start(begin()).await;
    let desk = desk(&idp, ROLES).await;
    let refused = async |browser: &mut Browser, query: &str, why: &str| {
        let got = desk.get(browser, &format!("/login/oidc/back?{query}")).await;
        assert_eq!(got.status, StatusCode::FORBIDDEN, "{why}");
        assert!(browser.cookie("diembao").is_none(), "{why}");
    };
    let mut victim = Browser::default();
    let left = desk.get(&mut victim, "/login/oidc").await;
    let (code, state) = idp.authorize(left.header("location"));
    refused(&mut Browser::default(), &format!("code={code}&state={state}"), "an attacker's own answer").await;
    let mut other = Browser::default();
    let of_other = idp.authorize(desk.get(&mut other, "/login/oidc").await.header("location")).1;
    refused(&mut victim.clone(), &format!("code={code}&state={of_other}"), "another browser's state").await;
    refused(&mut victim.clone(), &format!("code={code}"), "no state").await;
    refused(&mut victim.clone(), &format!("code={code}&state={state}&iss=https://evil.example"), "mixed up").await;
    refused(&mut victim.clone(), &format!("error=access_denied&state={state}"), "refused there").await;
    let (mac, _) = state.split_once('.').unwrap();
    let elsewhere = format!("{mac}.{}", URL_SAFE_NO_PAD.encode("//evil.example"));
    refused(&mut victim.clone(), &format!("code={code}&state={elsewhere}"), "led elsewhere").await;
    let answer = format!("/login/oidc/back?code={code}&state={state}");
    let copy = victim.clone();
    assert_eq!(desk.get(&mut victim, &answer).await.status, StatusCode::SEE_OTHER, "the right one");
    let mut again = Browser { cookies: victim.cookies.clone(), address: None };
    again.cookies.retain(|(name, _)| name != "diembao");
    refused(&mut again, &format!("code={code}&state={state}"), "the same answer again").await;
    refused(&mut copy.clone(), &format!("code={code}&state={state}"), "again, by who copied the cookie").await;
    let mut slow = Browser::default();
    let (code, state) = idp.authorize(desk.get(&mut slow, "/login/oidc").await.header("location"));
    desk.wait(TimeDelta::minutes(11));
    refused(&mut slow, &format!("code={code}&state={state}"), "after ten minutes").await;
}

#[tokio::test]
async fn the_ministrys_account_takes_nobodys_place() {
    let idp = Idp::start(begin()).await;
    let desk = desk(&idp, "").await;
    let in_as = async |name: &str, sub: &str| {
        *idp.claims.lock().unwrap() = json!({"preferred_username": name, "sub": sub});
        sign_in(&desk, &idp, &mut Browser::default()).await.status
    };
    assert_eq!(in_as("khong-co", "s1").await, StatusCode::FORBIDDEN, "users are added here");
    desk.user("quan-tri", Role::Admin).await;
    assert_eq!(in_as("quan-tri", "s2").await, StatusCode::FORBIDDEN, "who has a password here stays who they are");
    let store = &desk.console.p.store;
    let minh = User {
        name: "minh".into(),
        display: "Minh".into(),
        role: Role::Officer,
        unit: None,
        created_at: begin(),
        disabled_at: None,
    };
    assert!(store.add_user(&minh, None).await.unwrap());
    assert_eq!(in_as("minh", "s3").await, StatusCode::SEE_OTHER);
    assert_eq!(in_as("minh", "s4").await, StatusCode::FORBIDDEN, "a namesake is somebody else");
    assert_eq!(in_as("minh-moi", "s3").await, StatusCode::SEE_OTHER, "who was renamed there is the same");
    assert_eq!(in_as("Tên lạ'; --", "s5").await, StatusCode::FORBIDDEN);
    store.set_disabled("minh", Some(begin())).await.unwrap();
    assert_eq!(in_as("minh", "s3").await, StatusCode::FORBIDDEN, "who is shut out here is shut out");
    assert_eq!(store.users().await.unwrap().len(), 2);
}

#[tokio::test]
async fn groups_units_and_domains_are_read_as_set() {
    let idp = Idp::start(begin()).await;
    let desk = desk(&idp, &format!("name_claim = \"email\"\nname_domain = \"byt.example.vn\"\n{ROLES}")).await;
    let in_as = async |claims: Value| {
        *idp.claims.lock().unwrap() = claims;
        sign_in(&desk, &idp, &mut Browser::default()).await.status
    };
    let unit = json!({"sub": "u", "email": "attp@byt.example.vn", "groups": "don-vi", "org": {"name": "Cục An toàn thực phẩm"}});
    assert_eq!(in_as(unit).await, StatusCode::SEE_OTHER);
    let user = desk.console.p.store.user("attp").await.unwrap().unwrap();
    assert_eq!((user.role, user.unit.as_deref()), (Role::Unit, Some("Cục An toàn thực phẩm")));
    for claims in [
        json!({"sub": "a", "email": "lan@evil.example", "groups": ["truc"]}),
        json!({"sub": "a", "email": "lan@byt.example.vn", "groups": ["khac"]}),
        json!({"sub": "a", "email": "lan@byt.example.vn"}),
        json!({"sub": "a", "email": "lan@byt.example.vn", "groups": ["don-vi"]}),
        json!({"sub": "a", "groups": ["truc"]}),
    ] {
        assert_eq!(in_as(claims.clone()).await, StatusCode::FORBIDDEN, "{claims}");
    }
}

/// The provider is down: the console says so, and passwords still work.
#[tokio::test]
async fn a_provider_that_does_not_answer_harms_nobody_else() {
    let gone = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let table = format!("\n[console.oidc]\nissuer = \"http://{gone}\"\nclient_id = \"diembao\"\n");
    let desk = Desk::with("", &table).await;
    let got = desk.get(&mut Browser::default(), "/login/oidc").await;
    assert_eq!(got.status, StatusCode::BAD_GATEWAY);
    desk.user("lan", Role::Viewer).await;
    assert_eq!(desk.sign_in(&mut Browser::default(), "lan", PASSWORD).await.status, StatusCode::SEE_OTHER);
    let without = Desk::new().await;
    assert_eq!(without.get(&mut Browser::default(), "/login/oidc").await.status, StatusCode::NOT_FOUND);
}
