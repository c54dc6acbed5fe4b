//! The kernel's wall behind the guard, as far as it stands in the way of what the operator means to reach.

use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, UdpSocket};

/// The name servers that the system names.
pub fn system_name_servers() -> Vec<IpAddr> {
    let read = hickory_resolver::system_conf::read_system_conf();
    let mut servers: Vec<IpAddr> =
        read.map(|(config, _)| config.name_servers().iter().map(|server| server.ip).collect()).unwrap_or_default();
    let mut seen = Vec::new();
    servers.retain(|server| {
        !seen.contains(server) && {
            seen.push(*server);
            true
        }
    });
    servers
}

/// Whether the kernel keeps this process from sending to an address, as `IPAddressDeny=` of a unit does. An empty datagram
/// tells; it goes no further than to whoever stands at the address.
pub fn is_shut_out(address: IpAddr) -> bool {
    let own: IpAddr = if address.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let sent = UdpSocket::bind((own, 0)).and_then(|socket| {
        socket.connect((address, DISCARD))?;
        socket.send(&[])
    });
    sent.is_err_and(|error| error.kind() == ErrorKind::PermissionDenied)
}

/// The port of the service that throws everything away.
const DISCARD: u16 = 9;
