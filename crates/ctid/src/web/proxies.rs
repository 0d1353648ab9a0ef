//! Who is behind a reverse proxy. Only what proxies of ours say is believed: the rest of `X-Forwarded-For` is written
//! by whoever sends the request.

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use hyper::HeaderMap;

/// Header that each proxy appends the address of its own client to.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// Addresses of reverse proxies in front of us.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Proxies(pub Vec<Network>);

/// Addresses that begin alike, written like `10.0.0.0/8`; one address without a length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    length: u8,
}

impl FromStr for Network {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (address, length) = text.split_once('/').map_or((text, None), |(one, other)| (one, Some(other)));
        let address: IpAddr = address.parse().map_err(|_| ())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let length = length.map_or(Ok(most), str::parse).map_err(|_| ())?;
        if length <= most { Ok(Self { address, length }) } else { Err(()) }
    }
}

impl Network {
    /// True for an address of it.
    pub(crate) fn contains(self, address: IpAddr) -> bool {
        let length = u32::from(self.length);
        match (self.address, address) {
            (IpAddr::V4(ours), IpAddr::V4(theirs)) => {
                (ours.to_bits() ^ theirs.to_bits()).checked_shr(32 - length).unwrap_or(0) == 0
            }
            (IpAddr::V6(ours), IpAddr::V6(theirs)) => {
                (ours.to_bits() ^ theirs.to_bits()).checked_shr(128 - length).unwrap_or(0) == 0
            }
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }
}

impl Proxies {
    /// The address a request comes from: read from the last hop backwards, the first one that is no proxy of ours.
    pub(super) fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.to_canonical();
        let lines: Vec<&str> =
            headers.get_all(FORWARDED_FOR).iter().map(|line| line.to_str().unwrap_or_default()).collect();
        let mut hops = lines.iter().rev().flat_map(|line| line.rsplit(','));
        while self.0.iter().any(|network| network.contains(client)) {
            // What a proxy of ours cannot have written ends the chain there.
            let Some(hop) = hops.next().and_then(address) else { break };
            client = hop.to_canonical();
        }
        client
    }
}

/// Some proxies write the port as well.
fn address(hop: &str) -> Option<IpAddr> {
    let hop = hop.trim();
    let with_port = || hop.parse::<SocketAddr>().ok().map(|one| one.ip());
    let in_brackets = || hop.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    hop.parse().ok().or_else(with_port).or_else(in_brackets)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(peer: &str, lines: &[&'static str]) -> String {
        let proxies = ["10.0.0.0/8", "127.0.0.1", "2001:db8:1::/48"];
        let proxies = Proxies(proxies.iter().map(|one| one.parse().unwrap()).collect());
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(FORWARDED_FOR, line.parse().unwrap());
        }
        proxies.client(peer.parse().unwrap(), &headers).to_string()
    }

    // covers: SEC-06
    #[test]
    fn the_last_hop_that_is_no_proxy_of_ours_is_the_client() {
        assert_eq!(client("192.0.2.1", &["198.51.100.7"]), "192.0.2.1", "anybody may write the header");
        assert_eq!(client("10.1.2.3", &["198.51.100.7"]), "198.51.100.7");
        assert_eq!(client("::ffff:10.1.2.3", &["198.51.100.7"]), "198.51.100.7");
        assert_eq!(client("10.1.2.3", &["203.0.113.9, 198.51.100.7, 10.9.9.9"]), "198.51.100.7");
        assert_eq!(client("10.1.2.3", &["203.0.113.9", "198.51.100.7", "10.9.9.9"]), "198.51.100.7");
        assert_eq!(client("127.0.0.1", &["[2001:db8:2::1]:4711"]), "2001:db8:2::1");
        assert_eq!(client("127.0.0.1", &["198.51.100.7:4711"]), "198.51.100.7");
        assert_eq!(client("2001:db8:1:ffff::1", &["[2001:db8:2::1]"]), "2001:db8:2::1");
        for (lines, last) in [
            (&[][..], "10.1.2.3"),
            (&["198.51.100.7, unknown"], "10.1.2.3"),
            (&["198.51.100.7, what?, 10.9.9.9"], "10.9.9.9"),
            (&["10.9.9.9"], "10.9.9.9"),
        ] {
            assert_eq!(client("10.1.2.3", lines), last, "{lines:?}");
        }
    }

    #[test]
    fn a_network_is_an_address_with_a_length_that_fits() {
        let all = "0.0.0.0/0".parse::<Network>().unwrap();
        assert!(all.contains("192.0.2.1".parse().unwrap()) && !all.contains("::1".parse().unwrap()));
        let one = "::1".parse::<Network>().unwrap();
        assert!(one.contains("::1".parse().unwrap()) && !one.contains("::2".parse().unwrap()));
        for bad in ["", "proxy", "10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8/8"] {
            assert_eq!(bad.parse::<Network>(), Err(()), "{bad}");
        }
    }
}
