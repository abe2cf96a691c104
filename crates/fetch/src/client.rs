//! The HTTP client as this crate wants it, and what its errors mean.

use std::error::Error as _;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Client;
use reqwest::header::{self, HeaderMap, HeaderValue};
use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};

use crate::dns::{Guard, ResolveError};
use crate::error::Problem;
use crate::fetcher::timeout;
use crate::settings::FetchSettings;

pub(crate) fn client(settings: &FetchSettings) -> Result<Client, Problem> {
    let mut headers = HeaderMap::new();
    headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("gzip, br, zstd"));
    headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static("vi, en;q=0.5"));
    headers.insert(
        header::ACCEPT,
        HeaderValue::from_static("text/html, application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, */*;q=0.8"),
    );
    Client::builder()
        .user_agent(&settings.user_agent)
        .default_headers(headers)
        .tls_backend_preconfigured(encryption()?)
        .dns_resolver(Guard::new(settings.addresses))
        // A proxy from the environment would resolve names itself, past the check of addresses.
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .retry(reqwest::retry::never())
        .connect_timeout(settings.timeouts.connect)
        .pool_idle_timeout(Duration::from_secs(30))
        .pool_max_idle_per_host(settings.pace.concurrency.max(1))
        .http1_max_headers(settings.limits.max_headers)
        .http1_ignore_invalid_headers_in_responses(true)
        .http2_max_header_list_size(u32::try_from(settings.limits.header_bytes).unwrap_or(u32::MAX))
        // Bodies are unpacked here, where both sizes are counted.
        .no_gzip()
        .no_brotli()
        .no_zstd()
        .build()
        .map_err(|e| Problem::Setup(chain(&e)))
}

/// TLS 1.2 and 1.3, trusting the authorities this machine trusts; on a machine that knows none, as in
/// the smallest containers, the ones browsers trust.
fn encryption() -> Result<ClientConfig, Problem> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|e| Problem::Setup(e.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// An error with its causes, on one line.
pub(crate) fn chain(error: &reqwest::Error) -> String {
    let mut text = String::new();
    let mut cause = error.source();
    while let Some(e) = cause {
        if !text.is_empty() {
            text.push_str(": ");
        }
        text.push_str(&e.to_string());
        cause = e.source();
    }
    if text.is_empty() { error.to_string() } else { text }
}

/// What stopped a request before its answer's headers were complete.
pub(crate) fn problem_of(error: &reqwest::Error, connect: Duration) -> Problem {
    let mut cause = error.source();
    while let Some(e) = cause {
        if let Some(ResolveError(problem)) = e.downcast_ref() {
            return problem.clone();
        }
        if let Some(tls) = tls_error(e) {
            return Problem::Tls(tls.to_string());
        }
        cause = e.source();
    }
    let text = chain(error);
    if error.is_timeout() && error.is_connect() {
        timeout("connecting", connect)
    } else if error.is_connect() && text.contains("tls handshake") {
        Problem::Tls(text)
    } else if error.is_connect() {
        Problem::Connect(text)
    } else if text.contains("too large") {
        Problem::Headers(text)
    } else if text.contains("invalid") {
        Problem::Protocol(text)
    } else {
        Problem::Interrupted(text)
    }
}

/// The TLS error inside, however many I/O errors it is wrapped in: those do not name it as their source.
fn tls_error<'a>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a rustls::Error> {
    let mut error = error;
    loop {
        if let Some(tls) = error.downcast_ref() {
            return Some(tls);
        }
        error = error.downcast_ref::<io::Error>()?.get_ref()?;
    }
}
