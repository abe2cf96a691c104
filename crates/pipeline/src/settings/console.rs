//! `[console]`: where the console answers and whom it believes.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use super::model::ConsoleSettings;
use super::table::Table;

const PORT: u16 = 8080;

pub(super) fn read(t: &Table) -> ConsoleSettings {
    let listen = t.parsed("listen", "an address such as \"127.0.0.1:8080\"", |s| s.parse::<SocketAddr>().ok());
    let public_url = t.parsed("public_url", "an address such as \"https://diembao.example.vn\"", public_url);
    let trusted_proxies = t.strings("trusted_proxies");
    let addresses = trusted_proxies.iter().filter_map(|s| {
        let parsed = s.parse::<IpAddr>().ok();
        if parsed.is_none() {
            t.report("trusted_proxies", format!("{s:?} is not an IP address"));
        }
        parsed
    });
    let trusted: Vec<IpAddr> = addresses.collect();
    let header = |s: &str| {
        let good = !s.is_empty() && s.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        good.then(|| s.to_ascii_lowercase())
    };
    let user_header = t.parsed("user_header", "the name of a header such as \"X-Remote-User\"", header);
    if user_header.is_some() && trusted.is_empty() {
        t.report("user_header", "needs trusted_proxies: else anybody could send it");
    }
    let idle = t.duration("idle", Duration::from_secs(30 * 60));
    let longest = t.duration("longest", Duration::from_secs(12 * 3600));
    if idle > longest {
        t.report("idle", "is longer than longest");
    }
    let console = ConsoleSettings {
        listen: listen.unwrap_or_else(|| SocketAddr::new(Ipv4Addr::LOCALHOST.into(), PORT)),
        public_url: public_url.unwrap_or_else(|| "http://127.0.0.1:8080".into()),
        key_file: t.string("key_file").unwrap_or_else(|| "console.key".into()).into(),
        idle,
        longest,
        trusted_proxies: trusted,
        user_header,
    };
    t.finish();
    console
}

fn public_url(s: &str) -> Option<String> {
    let rest = s.strip_prefix("https://").or_else(|| s.strip_prefix("http://"))?;
    let host = rest.trim_end_matches('/');
    let good = !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || b".-:[]".contains(&b));
    good.then(|| s.trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::parse;

    #[test]
    fn a_header_nobody_is_trusted_with_is_a_mistake() {
        let text = "[console]\nuser_header = \"X-Remote-User\"\nidle = \"2d\"\npublic_url = \"diembao.vn\"\n";
        let problems: Vec<String> = parse(text, "d.toml").unwrap_err().iter().map(ToString::to_string).collect();
        assert_eq!(
            problems,
            [
                "d.toml:2: console.user_header: needs trusted_proxies: else anybody could send it",
                "d.toml:3: console.idle: is longer than longest",
                "d.toml:4: console.public_url: expected an address such as \"https://diembao.example.vn\"",
            ]
        );
    }

    #[test]
    fn a_proxy_is_named_by_its_address() {
        let text = "[console]\ntrusted_proxies = [\"10.0.0.1\"]\nuser_header = \"X-Remote-User\"\n";
        let console = parse(text, "d.toml").unwrap().console;
        assert_eq!(console.user_header.as_deref(), Some("x-remote-user"));
        assert!(parse("[console]\ntrusted_proxies = [\"proxy\"]\n", "d.toml").is_err());
    }
}
