//! Which addresses may be connected to. Sources: the IANA special-purpose address registries
//! (RFC 6890 and its updates) and the metadata addresses of hosting providers.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Which addresses may be connected to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AddressPolicy {
    /// Only addresses of the public internet.
    PublicOnly,
    /// Also loopback, for demonstrations and tests; names under `.localhost` then lead to 127.0.0.1.
    AllowLoopback,
}

/// Why an address may not be connected to; none when it may.
pub(crate) fn refusal(ip: IpAddr, policy: AddressPolicy) -> Option<&'static str> {
    let reason = match ip {
        IpAddr::V4(v4) => special_v4(v4),
        IpAddr::V6(v6) => special_v6(v6),
    };
    match (reason, policy) {
        (Some("loopback"), AddressPolicy::AllowLoopback) => None,
        (reason, _) => reason,
    }
}

fn special_v4(ip: Ipv4Addr) -> Option<&'static str> {
    Some(match ip.octets() {
        [127, ..] => "loopback",
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] => "private",
        [169, 254, ..] => "link-local",
        [100, 64..=127, ..] => "shared by carriers",
        // The metadata and health address of one large hosting provider lies in public space.
        [168, 63, 129, 16] => "a metadata address",
        [0, ..] => "unspecified",
        [224..=239, ..] => "multicast",
        [240..=255, ..] => "reserved",
        [192, 0, 0 | 2, _] | [192, 88, 99, _] | [198, 18 | 19, ..] | [198, 51, 100, _] | [203, 0, 113, _] => "reserved",
        _ => return None,
    })
}

fn special_v6(ip: Ipv6Addr) -> Option<&'static str> {
    if let Some(v4) = embedded_v4(ip) {
        return special_v4(v4);
    }
    let s = ip.segments();
    Some(match s {
        [0, 0, 0, 0, 0, 0, 0, 1] => "loopback",
        [0, 0, 0, 0, 0, 0, 0, 0] => "unspecified",
        [0xfc00..=0xfdff, ..] | [0xfec0..=0xfeff, ..] => "private",
        [0xfe80..=0xfebf, ..] => "link-local",
        [0xff00..=0xffff, ..] => "multicast",
        // Public unicast is 2000::/3; what special purposes took of it goes too.
        [0x2001, 0x0000..=0x01ff, ..] | [0x2001, 0x0db8, ..] | [0x3fff, 0x0000..=0x0fff, ..] => "reserved",
        [0x2000..=0x3fff, ..] => return None,
        _ => "reserved",
    })
}

/// The IPv4 address that is really meant by a mapped, 6to4 or NAT64 address.
fn embedded_v4(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    let join = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match ip.segments() {
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => {
            Some(join(high, low))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(ip: &str, expect: Option<&str>) {
        assert_eq!(refusal(ip.parse().unwrap(), AddressPolicy::PublicOnly), expect, "{ip}");
    }

    #[test]
    fn only_public_addresses_pass() {
        for public in ["8.8.8.8", "113.160.0.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2402:800::1"] {
            check(public, None);
        }
        check("127.8.9.1", Some("loopback"));
        check("10.0.0.1", Some("private"));
        check("172.31.255.255", Some("private"));
        check("192.168.1.1", Some("private"));
        check("169.254.169.254", Some("link-local"));
        check("100.100.100.200", Some("shared by carriers"));
        check("168.63.129.16", Some("a metadata address"));
        check("0.0.0.0", Some("unspecified"));
        check("0.1.2.3", Some("unspecified"));
        check("224.0.0.1", Some("multicast"));
        check("255.255.255.255", Some("reserved"));
        check("198.18.0.1", Some("reserved"));
    }

    #[test]
    fn ipv6_does_not_open_a_side_door() {
        check("::1", Some("loopback"));
        check("::", Some("unspecified"));
        check("::ffff:127.0.0.1", Some("loopback"));
        check("::ffff:10.0.0.1", Some("private"));
        check("::ffff:8.8.8.8", None);
        check("64:ff9b::a9fe:a9fe", Some("link-local"));
        check("2002:7f00:1::", Some("loopback"));
        check("::127.0.0.1", Some("reserved"));
        check("fe80::1", Some("link-local"));
        check("fd00:ec2::254", Some("private"));
        check("ff02::1", Some("multicast"));
        check("2001::1", Some("reserved"));
        check("2001:db8::1", Some("reserved"));
        check("100::1", Some("reserved"));
        check("64:ff9b:1::1", Some("reserved"));
    }

    #[test]
    fn the_demonstration_may_use_loopback_and_nothing_else() {
        let allowed = |ip: &str| refusal(ip.parse().unwrap(), AddressPolicy::AllowLoopback).is_none();
        assert!(allowed("127.0.0.1") && allowed("127.3.2.1") && allowed("::1") && allowed("::ffff:127.0.0.1"));
        assert!(allowed("8.8.8.8"));
        assert!(!allowed("10.0.0.1") && !allowed("169.254.169.254") && !allowed("0.0.0.0"));
    }
}
