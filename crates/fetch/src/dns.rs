//! Name resolution that yields only addresses that may be connected to.
//!
//! The check stands after resolution, in the resolver the connection itself uses, so that a name
//! cannot show one address to the check and another to the connection.

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, ToSocketAddrs};
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::sync::Semaphore;
use url::Url;

use crate::AddressPolicy;
use crate::address::refusal;
use crate::error::Problem;

/// The system's resolver blocks a thread while a name server is silent: so many threads at most.
const MAX_LOOKUPS: usize = 32;
/// More addresses of one name are not tried.
const MAX_ADDRESSES: usize = 16;

/// Resolves through the operating system and refuses what the policy forbids.
pub(crate) struct Guard {
    policy: AddressPolicy,
    lookups: Arc<Semaphore>,
}

/// The error the connection carries out of the resolver.
#[derive(Debug)]
pub(crate) struct ResolveError(pub(crate) Problem);

impl fmt::Display for ResolveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for ResolveError {}

impl Guard {
    pub(crate) fn new(policy: AddressPolicy) -> Self {
        Self { policy, lookups: Arc::new(Semaphore::new(MAX_LOOKUPS)) }
    }
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let policy = self.policy;
        let lookups = Arc::clone(&self.lookups);
        Box::pin(async move {
            let name = name.as_str().to_owned();
            if is_localhost(&name) {
                let local = vec![SocketAddr::from((Ipv4Addr::LOCALHOST, 0))];
                return Ok(permitted(&name, local, policy).map_err(ResolveError)?);
            }
            let permit = lookups.acquire_owned().await?;
            let addresses = tokio::task::spawn_blocking(move || {
                let found = look_up(&name).and_then(|found| permitted(&name, found, policy));
                drop(permit);
                found
            });
            Ok(addresses.await?.map_err(ResolveError)?)
        })
    }
}

/// `localhost` and every name under it are loopback (RFC 6761, 6.3).
fn is_localhost(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost")
}

fn look_up(name: &str) -> Result<Vec<SocketAddr>, Problem> {
    let found = (name, 0).to_socket_addrs().map_err(|e: io::Error| Problem::Dns(e.to_string()))?;
    Ok(found.take(MAX_ADDRESSES).collect())
}

fn permitted(name: &str, found: Vec<SocketAddr>, policy: AddressPolicy) -> Result<Addrs, Problem> {
    let Some(first) = found.first().copied() else {
        return Err(Problem::Dns(format!("{name} has no address")));
    };
    let allowed: Vec<SocketAddr> = found.into_iter().filter(|a| refusal(a.ip(), policy).is_none()).collect();
    if allowed.is_empty() {
        let reason = refusal(first.ip(), policy).unwrap_or("forbidden");
        return Err(Problem::PrivateAddress(first.ip().to_string(), reason));
    }
    Ok(Box::new(allowed.into_iter()))
}

/// Checks a host that is itself an address: no resolver is asked for those.
pub(crate) fn check_literal(url: &Url, policy: AddressPolicy) -> Result<(), Problem> {
    let ip = match url.host() {
        Some(url::Host::Ipv4(ip)) => IpAddr::V4(ip),
        Some(url::Host::Ipv6(ip)) => IpAddr::V6(ip),
        Some(url::Host::Domain(name)) if !name.trim_matches('.').is_empty() => return Ok(()),
        _ => return Err(Problem::Address("it names no host".to_owned())),
    };
    match refusal(ip, policy) {
        Some(reason) => Err(Problem::PrivateAddress(ip.to_string(), reason)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn literal(url: &str, policy: AddressPolicy) -> Result<(), Problem> {
        check_literal(&Url::parse(url).unwrap(), policy)
    }

    #[test]
    fn disguised_loopback_addresses_are_seen() {
        for url in [
            "http://127.0.0.1/",
            "http://127.1/",
            "http://2130706433/",
            "http://0x7f.0.0.1/",
            "http://0177.0.0.1/",
            "http://[::1]/",
            "http://[::ffff:127.0.0.1]/",
            "http://[::ffff:7f00:1]/",
            "http://①②⑦.0.0.1/",
        ] {
            assert!(matches!(literal(url, AddressPolicy::PublicOnly), Err(Problem::PrivateAddress(..))), "{url}");
            assert_eq!(literal(url, AddressPolicy::AllowLoopback), Ok(()), "{url}");
        }
        assert_eq!(literal("http://bao.vn/", AddressPolicy::PublicOnly), Ok(()));
        assert!(literal("http://10.0.0.1/", AddressPolicy::AllowLoopback).is_err());
    }

    async fn resolve(name: &str, policy: AddressPolicy) -> Result<Vec<SocketAddr>, String> {
        let guard = Guard::new(policy);
        guard.resolve(name.parse().unwrap()).await.map(Iterator::collect).map_err(|e| e.to_string())
    }

    #[tokio::test]
    async fn names_under_localhost_are_loopback() {
        let found = resolve("bao-a.localhost", AddressPolicy::AllowLoopback).await.unwrap();
        assert_eq!(found, [SocketAddr::from((Ipv4Addr::LOCALHOST, 0))]);
        for name in ["localhost", "LOCALHOST.", "bao-a.localhost"] {
            assert!(resolve(name, AddressPolicy::PublicOnly).await.unwrap_err().contains("loopback"), "{name}");
        }
    }

    #[test]
    fn a_name_with_one_public_address_uses_only_that() {
        let found = vec![SocketAddr::from(([10, 0, 0, 1], 0)), SocketAddr::from(([8, 8, 8, 8], 0))];
        let kept: Vec<_> = permitted("bao.vn", found, AddressPolicy::PublicOnly).ok().unwrap().collect();
        assert_eq!(kept, [SocketAddr::from(([8, 8, 8, 8], 0))]);
    }
}
