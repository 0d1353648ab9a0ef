//! Where events may be posted: never into the house, unless the configuration names the network.
//!
//! An administrator of webhooks is not one of the network. So an address is checked twice: as it is written, and each
//! time a connection is made, on the very addresses that are then connected to. A name that leads elsewhere a moment
//! later leads nowhere.

use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use crate::web::Network;

/// Ports below this are those of other services, but for these two.
const FIRST_FREE_PORT: u16 = 1_024;
const WEB_PORTS: [u16; 2] = [80, 443];

/// Looks a name up.
pub(super) type LookUp =
    Arc<dyn Fn(String) -> Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>> + Send + Sync>;

/// What the system says of a name.
pub(super) fn system() -> LookUp {
    Arc::new(|name| {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name, 0)).await?;
            Ok(found.map(|one| one.ip()).collect())
        })
    })
}

/// Which addresses may be connected to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Guard {
    allowed: Vec<Network>,
}

impl Guard {
    pub(super) fn new(allowed: Vec<Network>) -> Self {
        Self { allowed }
    }

    /// Checks an address as an administrator writes it. The words say what is wrong and how to mend it.
    pub(super) fn check(&self, text: &str) -> Result<Url, String> {
        let url = Url::parse(text).map_err(|error| {
            format!("this is no address ({error}): write it like https://erp.example/hooks/tieline")
        })?;
        let Some(host) = url.host() else {
            return Err("it names no server: write it like https://erp.example/hooks/tieline".to_owned());
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err("leave name and password out: the signature proves who posts".to_owned());
        }
        if url.fragment().is_some() {
            return Err("leave out what follows `#`: it would not be sent".to_owned());
        }
        let literal = match host {
            Host::Ipv4(address) => Some(IpAddr::V4(address)),
            Host::Ipv6(address) => Some(IpAddr::V6(address)),
            Host::Domain(_) => None,
        };
        if let Some(address) = literal
            && !self.admits(address)
        {
            return Err(inner(address));
        }
        match url.scheme() {
            "https" => {}
            // Where a name leads is checked when it is connected to.
            "http" if literal.map_or(!self.allowed.is_empty(), |address| self.is_allowed(address)) => {}
            "http" => {
                return Err("begin it with https://; http is for networks of `[relay] allow_networks` only"
                    .to_owned());
            }
            other => return Err(format!("`{other}` cannot be posted to: begin it with https://")),
        }
        let port = url.port_or_known_default().unwrap_or(0);
        if port < FIRST_FREE_PORT && !WEB_PORTS.contains(&port) {
            return Err(format!("port {port} belongs to another service: take 443, 80 or one from 1024 on"));
        }
        if url.as_str() == text { Ok(url) } else { Err(format!("it would be sent as `{url}`: write it so")) }
    }

    /// True when this address may be connected to.
    pub(super) fn admits(&self, address: IpAddr) -> bool {
        self.is_allowed(address) || is_public(address)
    }

    fn is_allowed(&self, address: IpAddr) -> bool {
        let plain = address.to_canonical();
        self.allowed.iter().any(|network| network.contains(plain))
    }
}

/// What is said of an address that may not be connected to.
fn inner(address: IpAddr) -> String {
    format!(
        "{address} is an inner address: name its network in `[relay] allow_networks` of the configuration"
    )
}

/// Looks names up for connections, and gives only what may be connected to.
#[derive(Clone)]
pub(super) struct Checked {
    guard: Guard,
    /// Without TLS only networks that the configuration names are connected to.
    is_plain: bool,
    look_up: LookUp,
}

impl Checked {
    pub(super) fn new(guard: Guard, is_plain: bool, look_up: LookUp) -> Self {
        Self { guard, is_plain, look_up }
    }

    async fn addresses(self, name: String) -> Result<Vec<SocketAddr>, String> {
        let found = (self.look_up)(name.clone()).await;
        let found = found.map_err(|error| format!("the name {name} is not known: {error}"))?;
        let admitted = |address: &&IpAddr| {
            if self.is_plain { self.guard.is_allowed(**address) } else { self.guard.admits(**address) }
        };
        let fine: Vec<SocketAddr> =
            found.iter().filter(admitted).map(|one| SocketAddr::new(*one, 0)).collect();
        match (fine.is_empty(), found.first()) {
            (false, _) => Ok(fine),
            (true, None) => Err(format!("the name {name} has no address")),
            (true, Some(first)) if self.is_plain => Err(format!(
                "{name} leads to {first}, which is in none of `[relay] allow_networks`: post by https"
            )),
            (true, Some(first)) => Err(format!("{name} leads into the house: {}", inner(*first))),
        }
    }
}

impl Resolve for Checked {
    fn resolve(&self, name: Name) -> Resolving {
        let own = self.clone();
        let name = name.as_str().to_owned();
        Box::pin(async move {
            let fine = own.addresses(name).await?;
            let addresses: Addrs = Box::new(fine.into_iter());
            Ok(addresses)
        })
    }
}

/// True for addresses of the public internet (the registries of special addresses of IANA).
fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

/// Networks of IPv4 that are nobody's on the internet: first address and length.
const SPECIAL_V4: [([u8; 4], u32); 16] = [
    ([0, 0, 0, 0], 8),
    ([10, 0, 0, 0], 8),
    ([100, 64, 0, 0], 10),
    ([127, 0, 0, 0], 8),
    ([169, 254, 0, 0], 16),
    ([172, 16, 0, 0], 12),
    ([192, 0, 0, 0], 24),
    ([192, 0, 2, 0], 24),
    ([192, 31, 196, 0], 24),
    ([192, 52, 193, 0], 24),
    ([192, 88, 99, 0], 24),
    ([192, 168, 0, 0], 16),
    ([198, 18, 0, 0], 15),
    ([198, 51, 100, 0], 24),
    ([203, 0, 113, 0], 24),
    // Multicast, reserved, broadcast.
    ([224, 0, 0, 0], 3),
];

fn is_public_v4(address: Ipv4Addr) -> bool {
    let bits = address.to_bits();
    let is_in = |network: Ipv4Addr, length: u32| (network.to_bits() ^ bits) >> (32 - length) == 0;
    !SPECIAL_V4.iter().any(|(network, length)| is_in(Ipv4Addr::from(*network), *length))
}

/// Only 2000::/3 is given out. Of it, some stand for other addresses or for none.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let bits = address.to_bits();
    let is_in = |network: u128, length: u32| (network ^ bits) >> (128 - length) == 0;
    // NAT64: the address of IPv4 that it stands for counts.
    if is_in(0x0064_FF9B_u128 << 96, 96) {
        let [_, _, _, _, _, _, _, _, _, _, _, _, a, b, c, d] = address.octets();
        return is_public_v4(Ipv4Addr::new(a, b, c, d));
    }
    let given_out = is_in(0x2000_u128 << 112, 3);
    let special = [
        (0x2001_0000_u128 << 96, 23), // protocols, Teredo among them
        (0x2001_0DB8_u128 << 96, 32), // examples
        (0x2002_u128 << 112, 16),     // 6to4
        (0x3FFF_u128 << 112, 20),     // examples
    ];
    given_out && !special.iter().any(|(network, length)| is_in(*network, *length))
}

#[cfg(test)]
mod tests;
