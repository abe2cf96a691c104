//! Reading and setting the console's cookies.

use axum::http::{HeaderMap, HeaderValue, header};

/// The cookie of a session.
pub(crate) const SESSION: &str = "diembao";
/// The cookie of a login form that was handed out.
pub(crate) const FORM: &str = "diembao-form";

/// The cookie of a sign-in that has gone to another system.
pub(crate) const SIGN_ON: &str = "diembao-oidc";

/// Whether cookies are for TLS only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transport {
    Plain,
    Tls,
}

impl Transport {
    /// Browsers let only the host itself, over TLS, set a cookie of this prefix.
    fn named(self, name: &str) -> String {
        match self {
            Self::Plain => name.to_owned(),
            Self::Tls => format!("__Host-{name}"),
        }
    }
}

/// The value of a cookie.
pub(crate) fn read(headers: &HeaderMap, transport: Transport, name: &str) -> Option<String> {
    let name = transport.named(name);
    let all = headers.get_all(header::COOKIE).iter().filter_map(|v| v.to_str().ok());
    let mut pairs = all.flat_map(|v| v.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let value = pairs.find(|(key, _)| *key == name)?.1;
    let good = value.len() <= 128 && value.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    good.then(|| value.to_owned())
}

/// A header that sets a cookie for the browser's session, or takes it back (an empty value).
pub(crate) fn set(transport: Transport, name: &str, value: &str) -> HeaderValue {
    let secure = if transport == Transport::Tls { "; Secure" } else { "" };
    let age = if value.is_empty() { "; Max-Age=0" } else { "" };
    let text = format!("{}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{age}", transport.named(name));
    HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn behind_tls_a_cookie_is_bound_to_its_host() {
        let set = set(Transport::Tls, SESSION, "abc");
        assert_eq!(set, "__Host-diembao=abc; Path=/; HttpOnly; SameSite=Lax; Secure");
    }

    #[test]
    fn a_cookie_is_found_among_others_and_never_holds_odd_bytes() {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, HeaderValue::from_static("a=b; diembao=xy-z_1; c"));
        assert_eq!(read(&headers, Transport::Plain, SESSION).as_deref(), Some("xy-z_1"));
        assert_eq!(read(&headers, Transport::Tls, SESSION), None, "without TLS it does not count behind TLS");
        headers.insert(header::COOKIE, HeaderValue::from_static("diembao=x\"y"));
        assert_eq!(read(&headers, Transport::Plain, SESSION), None);
    }
}
