//! The HTTPS client for addresses that settings name: a webhook, a single sign-on. It speaks to whatever
//! the administrator wrote down; what the press links to is fetched by another, which is more careful.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Client;
use reqwest::redirect::Policy;
use rustls::crypto::ring::default_provider;
use rustls::{ClientConfig, RootCertStore};

/// Trusts what this machine trusts; where it knows no authority, those browsers trust. Follows no
/// redirect; an answer has to be whole within `patience`.
///
/// # Errors
/// When TLS cannot be set up, as a text.
pub fn client(patience: Duration) -> Result<Client, String> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    let tls = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|e| e.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Client::builder()
        .tls_backend_preconfigured(tls)
        .redirect(Policy::none())
        .timeout(patience)
        .build()
        .map_err(|e| e.to_string())
}

/// Whether a host is this machine, to which nothing needs to be encrypted.
#[must_use]
pub fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.trim_matches(['[', ']']).parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}
