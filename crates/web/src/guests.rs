//! Connections by the address they come from: who opens many and keeps them open keeps nobody else out. A reverse proxy
//! speaks for many and is not counted.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};

/// Who is connected, and how often.
pub(crate) struct Guests {
    of: Mutex<HashMap<IpAddr, usize>>,
    n_max: usize,
    proxies: Vec<IpAddr>,
}

/// A connection that is open; its place is free when it is dropped.
pub(crate) struct Guest {
    guests: Arc<Guests>,
    address: IpAddr,
}

impl Guests {
    /// So many of one address at most.
    pub(crate) fn new(n_max: usize, proxies: &[IpAddr]) -> Arc<Self> {
        Arc::new(Self { of: Mutex::default(), n_max, proxies: proxies.to_vec() })
    }

    /// A place for one more; none when the address has all of its own.
    pub(crate) fn enter(self: &Arc<Self>, peer: IpAddr) -> Option<Guest> {
        let peer = peer.to_canonical();
        let address = household(peer);
        let mut of = self.of.lock().unwrap_or_else(PoisonError::into_inner);
        let n = of.entry(address).or_default();
        if *n >= self.n_max && !self.proxies.contains(&peer) {
            return None;
        }
        *n += 1;
        Some(Guest { guests: Arc::clone(self), address })
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        let mut of = self.guests.of.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(n) = of.get_mut(&self.address) {
            *n -= 1;
            if *n == 0 {
                of.remove(&self.address);
            }
        }
    }
}

/// Of version 6 a whole network of 64 bits is one customer's.
fn household(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64)),
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_address_has_its_places_and_gives_them_back() {
        let guests = Guests::new(2, &["10.0.0.1".parse().unwrap()]);
        let enter = |address: &str| guests.enter(address.parse().unwrap());
        let first = enter("192.0.2.1");
        let _second = enter("::ffff:192.0.2.1");
        assert!(first.is_some() && enter("192.0.2.1").is_none(), "it is one address in two spellings");
        assert!(enter("192.0.2.2").is_some());
        drop(first);
        let _again = enter("192.0.2.1").unwrap();
        let _v6: Vec<Guest> = ["2001:db8::1", "2001:db8::2"].iter().filter_map(|a| enter(a)).collect();
        assert!(enter("2001:db8::3").is_none() && enter("2001:db8:0:1::1").is_some());
        let proxied: Vec<Guest> = (0..50).filter_map(|_| enter("10.0.0.1")).collect();
        assert_eq!(proxied.len(), 50);
        drop(proxied);
        assert_eq!(guests.of.lock().unwrap().len(), 2, "who has left is forgotten");
    }
}
