//! The proxy on the way to a server, as the environment names it. One that is named is used, or the
//! request fails: nothing goes around it.

use std::env;
use std::net::IpAddr;

use anyhow::anyhow;
use ureq::Proxy;
use url::{Host, Url};

/// Where the proxy for `https` is looked for, first to last. Plain `http` is for this machine alone,
/// so that `http_proxy` never applies.
const NAMES: [&str; 4] = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
const EXCEPTIONS: [&str; 2] = ["no_proxy", "NO_PROXY"];

/// The proxy for a server; none for this machine, and for what `NO_PROXY` lists.
pub(super) fn for_server(server: &Url) -> anyhow::Result<Option<Proxy>> {
    // [CLI-37]
    // A value that is no text is no proxy either: it is refused by its name, and not passed over.
    choose(server, |name| env::var_os(name).map(|value| value.to_string_lossy().into_owned()))
}

fn choose(
    server: &Url,
    variable: impl Fn(&str) -> Option<String>,
) -> anyhow::Result<Option<Proxy>> {
    let set = |name: &&'static str| -> Option<(&'static str, String)> {
        let value = variable(name)?.trim().to_owned();
        (!value.is_empty()).then_some((*name, value))
    };
    let Some((name, value)) = NAMES.iter().find_map(set) else { return Ok(None) };
    let excepted = EXCEPTIONS.iter().find_map(set);
    if is_local(server) || excepted.is_some_and(|(_, list)| is_excepted(server, &list)) {
        return Ok(None);
    }
    // The value may hold a password, and is not repeated.
    let proxy = Proxy::new(&value).map_err(|_| {
        anyhow!("{name} does not name a proxy; it looks like http://proxy.example:3128 or socks5h://proxy.example:1080")
    })?;
    Ok(Some(proxy))
}

/// Whether a server is on this machine.
pub(super) fn is_local(server: &Url) -> bool {
    match server.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

fn is_excepted(server: &Url, list: &str) -> bool {
    list.split([',', ' ']).map(str::trim).filter(|entry| !entry.is_empty()).any(|entry| {
        let (entry, port) = match entry.rsplit_once(':') {
            Some((host, port)) if !host.contains(':') || host.ends_with(']') => {
                (host, port.parse().ok())
            }
            _ => (entry, None),
        };
        let here = port.is_none() || port == server.port_or_known_default();
        here && (entry == "*" || is_host(server, entry))
    })
}

/// Whether an entry is the server's name, a domain above it, its address, or a range around it.
fn is_host(server: &Url, entry: &str) -> bool {
    let address = match server.host() {
        Some(Host::Domain(name)) => {
            let domain = entry.trim_start_matches('*').trim_matches('.').to_ascii_lowercase();
            let above =
                name.strip_suffix(&domain).is_some_and(|sub| sub.is_empty() || sub.ends_with('.'));
            return above && !domain.is_empty();
        }
        Some(Host::Ipv4(ip)) => IpAddr::V4(ip),
        Some(Host::Ipv6(ip)) => IpAddr::V6(ip),
        None => return false,
    };
    let (start, length) = match entry.split_once('/') {
        Some((start, length)) => (start, length.parse().ok()),
        None => (entry, Some(128)),
    };
    let start = start.trim_matches(['[', ']']).parse::<IpAddr>();
    start.ok().zip(length).is_some_and(|(start, length)| shares_bits(start, address, length))
}

/// Whether two addresses begin with the same bits.
fn shares_bits(one: IpAddr, other: IpAddr, length: u32) -> bool {
    let (one, other, width) = match (one, other) {
        (IpAddr::V4(one), IpAddr::V4(other)) => {
            (u128::from(one.to_bits()), u128::from(other.to_bits()), 32)
        }
        (IpAddr::V6(one), IpAddr::V6(other)) => (one.to_bits(), other.to_bits(), 128),
        _ => return false,
    };
    let differ = one ^ other;
    differ.checked_shr(width - length.min(width)).unwrap_or(0) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(server: &str, variables: &[(&str, &str)]) -> Result<Option<String>, String> {
        let server = Url::parse(server).expect("an address");
        let variable = |name: &str| {
            let (_, value) = variables.iter().find(|(known, _)| *known == name)?;
            Some((*value).to_owned())
        };
        let proxy = choose(&server, variable).map_err(|error| error.to_string())?;
        Ok(proxy.map(|proxy| format!("{} {}:{}", proxy.protocol(), proxy.host(), proxy.port())))
    }

    #[test]
    fn every_variable_counts_for_what_it_is_for() {
        // [CLI-37]
        let server = "https://health.example/noren";
        for (variables, expected) in [
            (&[][..], None),
            (&[("https_proxy", "http://a:1")][..], Some("HTTP a:1")),
            (&[("HTTPS_PROXY", "http://a:1")][..], Some("HTTP a:1")),
            (&[("ALL_PROXY", "socks5://a:1")][..], Some("SOCKS5 a:1")),
            (&[("all_proxy", "socks5h://a")][..], Some("SOCKS5h a:1080")),
            (&[("https_proxy", "socks4a://a:9")][..], Some("SOCKS4a a:9")),
            (&[("https_proxy", "socks://u:p@a:9")][..], Some("SOCKS5 a:9")),
            (&[("https_proxy", "https://a")][..], Some("HTTPS a:443")),
            (&[("HTTPS_PROXY", "a:3128")][..], Some("HTTP a:3128")),
            (&[("https_proxy", "http://a:1"), ("ALL_PROXY", "http://b:1")][..], Some("HTTP a:1")),
            (&[("https_proxy", " "), ("ALL_PROXY", "http://b:1")][..], Some("HTTP b:1")),
            // Plain http is for this machine alone.
            (&[("HTTP_PROXY", "http://a:1"), ("http_proxy", "http://a:1")][..], None),
        ] {
            assert_eq!(chosen(server, variables), Ok(expected.map(str::to_owned)), "{variables:?}");
        }
    }

    #[test]
    fn this_machine_and_what_is_excepted_is_reached_directly() {
        // [CLI-37]
        for (server, list, direct) in [
            ("http://127.0.0.1:8080", "", true),
            ("http://localhost:8080", "", true),
            ("http://[::1]:8080", "", true),
            ("https://127.1.2.3", "", true),
            ("https://health.example", "", false),
            ("https://health.example", "*", true),
            ("https://health.example", "health.example", true),
            ("https://health.example", "HEALTH.example", true),
            ("https://health.example", "other.example, .example", true),
            ("https://health.example", "*.example", true),
            ("https://a.health.example", "health.example", true),
            ("https://myhealth.example", "health.example", false),
            ("https://health.example", "ealth.example", false),
            ("https://health.example", "a.health.example", false),
            ("https://health.example", ".,", false),
            ("https://health.example", "health.example:443", true),
            ("https://health.example", "health.example:8443", false),
            ("https://10.1.2.3", "10.0.0.0/8", true),
            ("https://10.1.2.3", "10.1.2.4/31", false),
            ("https://10.1.2.3", "10.1.2.3", true),
            ("https://10.1.2.3", "0.0.0.0/0", true),
            ("https://[fd00::1]", "fd00::/8", true),
            ("https://[fd00::1]", "[fd00::1]", true),
            ("https://[fd00::1]:444", "[fd00::1]:443", false),
            ("https://[fd00::1]", "10.0.0.0/8", false),
        ] {
            let variables = [("https_proxy", "http://proxy:1"), ("no_proxy", list)];
            let chosen = chosen(server, &variables).expect("a way");
            assert_eq!(chosen.is_none(), direct, "{server} {list}");
        }
    }

    #[test]
    fn a_proxy_that_cannot_be_used_is_an_error_without_its_password() {
        // [CLI-37]
        for value in [
            "ftp://u:secret@a:1",
            "socks6://u:secret@a",
            "http://",
            "http://u:secret@",
            "not a proxy",
        ] {
            let error =
                chosen("https://health.example", &[("HTTPS_PROXY", value)]).expect_err(value);
            assert!(error.contains("HTTPS_PROXY") && !error.contains("secret"), "{error}");
        }
    }
}
