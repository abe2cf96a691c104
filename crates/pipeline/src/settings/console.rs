//! `[console]`: where the console answers and whom it believes.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use diembao_store::Role;

use super::model::{ConsoleSettings, OidcSettings, PasswordSource};
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
        oidc: oidc(&t.table("oidc")),
    };
    t.finish();
    console
}

/// The gravest rights first: who is in several groups has the widest role.
const ROLES: [(&str, Role); 5] = [
    ("admin", Role::Admin),
    ("officer", Role::Officer),
    ("editor", Role::Editor),
    ("unit", Role::Unit),
    ("viewer", Role::Viewer),
];

fn oidc(t: &Table) -> Option<OidcSettings> {
    if !t.is_present() {
        return None;
    }
    let issuer = t.parsed("issuer", "an https address such as \"https://sso.example.vn/realms/byt\"", issuer);
    let client_secret = match (t.string("client_secret_env"), t.string("client_secret_file")) {
        (Some(name), None) => PasswordSource::Env(name),
        (None, Some(file)) => PasswordSource::File(file.into()),
        (None, None) => PasswordSource::None,
        (Some(_), Some(_)) => {
            t.report("client_secret_env", "stands beside client_secret_file; keep one");
            PasswordSource::None
        }
    };
    let (role_claim, unit_claim) = (t.string("role_claim"), t.string("unit_claim"));
    let table = t.table("roles");
    let roles: Vec<(Role, Vec<String>)> =
        ROLES.iter().map(|(name, role)| (*role, table.strings(name))).filter(|(_, v)| !v.is_empty()).collect();
    table.finish();
    if role_claim.is_some() == roles.is_empty() {
        t.report("roles", "belongs with role_claim: name both or neither");
    }
    if roles.iter().any(|(role, _)| *role == Role::Unit) && unit_claim.is_none() {
        t.report("unit_claim", "is missing: the role unit needs the name of the unit");
    }
    let settings = OidcSettings {
        issuer: issuer.unwrap_or_else(|| t.required("issuer")),
        client_id: t.required("client_id"),
        client_secret,
        scopes: t.strings_or("scopes", &["profile", "email"]),
        name_claim: t.string("name_claim").unwrap_or_else(|| "preferred_username".into()),
        name_domain: t.string("name_domain"),
        role_claim,
        unit_claim,
        roles,
    };
    t.finish();
    Some(settings)
}

fn issuer(s: &str) -> Option<String> {
    let rest = match s.strip_prefix("https://") {
        Some(rest) => rest,
        None => s
            .strip_prefix("http://")
            .filter(|r| ["127.0.0.1", "[::1]", "localhost"].iter().any(|h| r.starts_with(h)))?,
    };
    (!rest.is_empty() && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~:/[]%".contains(&b)))
        .then(|| s.to_owned())
}

fn public_url(s: &str) -> Option<String> {
    let rest = s.strip_prefix("https://").or_else(|| s.strip_prefix("http://"))?;
    let host = rest.trim_end_matches('/');
    let good = !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || b".-:[]".contains(&b));
    good.then(|| s.trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use diembao_store::Role;

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
    fn a_single_sign_on_is_encrypted_and_its_roles_have_a_claim() {
        let text = "[console.oidc]\nissuer = \"https://sso.example.vn\"\nclient_id = \"diembao\"\nrole_claim = \"groups\"\n\
            [console.oidc.roles]\nofficer = [\"truc\"]\nadmin = [\"quan-tri\"]\n";
        let oidc = parse(text, "d.toml").unwrap().console.oidc.unwrap();
        assert_eq!(oidc.roles[0], (Role::Admin, vec!["quan-tri".to_owned()]), "the widest is tried first");
        let text = "[console.oidc]\nissuer = \"http://sso.example.vn\"\n[console.oidc.roles]\nunit = [\"attp\"]\n";
        let problems: Vec<String> = parse(text, "d.toml").unwrap_err().iter().map(ToString::to_string).collect();
        assert_eq!(
            problems,
            [
                "d.toml:1: console.oidc.unit_claim: is missing: the role unit needs the name of the unit",
                "d.toml:1: console.oidc.client_id: is missing",
                "d.toml:2: console.oidc.issuer: expected an https address such as \"https://sso.example.vn/realms/byt\"",
                "d.toml:3: console.oidc.roles: belongs with role_claim: name both or neither",
            ]
        );
    }

    #[test]
    fn links_lead_to_a_console_that_others_can_reach() {
        let reached = |url: &str| {
            let settings = parse(&format!("[console]\npublic_url = \"{url}\"\n"), "d.toml").unwrap();
            settings.console.reached_at().map(str::to_owned)
        };
        for here in ["http://127.0.0.1:8080", "http://localhost:8080", "http://[::1]:8080"] {
            assert_eq!(reached(here), None, "{here}");
        }
        assert_eq!(reached("https://diembao.example.vn/").as_deref(), Some("https://diembao.example.vn"));
        let old = parse("[desk]\nurl = \"https://diembao.example.vn\"\n", "d.toml").unwrap_err();
        assert_eq!(old[0].to_string(), "d.toml:2: desk.url: has gone: links in alerts lead to console.public_url");
    }

    #[test]
    fn a_proxy_is_named_by_its_address() {
        let text = "[console]\ntrusted_proxies = [\"10.0.0.1\"]\nuser_header = \"X-Remote-User\"\n";
        let console = parse(text, "d.toml").unwrap().console;
        assert_eq!(console.user_header.as_deref(), Some("x-remote-user"));
        assert!(parse("[console]\ntrusted_proxies = [\"proxy\"]\n", "d.toml").is_err());
    }
}
