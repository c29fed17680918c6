//! Proxies, authorities of certificates, servers that are silent or speak something else.

use std::net::{SocketAddr, TcpListener};
use std::process::Command;

use noren_server::{Config, Server};
use tokio::runtime::Runtime;

use crate::support::office::Keys;
use crate::support::person::{Person, Ran, run};
use crate::support::tunnel::Tunnel;

/// A server with TLS under a name that only a proxy can lead to, and the certificate of who vouches
/// for it.
struct Town {
    address: SocketAddr,
    certificate: String,
    profile: Vec<u8>,
    _folder: tempfile::TempDir,
    _runtime: Runtime,
}

const URL: &str = "https://health.example";

impl Town {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let names = ["health.example".to_owned(), "localhost".to_owned()];
        let issued = rcgen::generate_simple_self_signed(names).unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("certificate.pem"), issued.cert.pem()).unwrap();
        std::fs::write(path("key.pem"), issued.signing_key.serialize_pem()).unwrap();
        let profile = Keys::new().profile("Health Office", URL);
        std::fs::write(path("authority.profile"), &profile).unwrap();
        let mut config = Config { data: path("data"), ..Config::default() };
        config.listen.set_port(0);
        config.ops_listen.set_port(0);
        config.authority = Some(path("authority.profile"));
        config.tls =
            Some(noren_server::Tls { certificate: path("certificate.pem"), key: path("key.pem") });
        let runtime = Runtime::new().unwrap();
        let server = runtime.block_on(Server::bind(config)).unwrap();
        let address = server.addr;
        runtime.spawn(server.serve(std::future::pending()));
        let certificate = issued.cert.pem();
        Self { address, certificate, profile, _folder: folder, _runtime: runtime }
    }

    /// Somebody who follows it, and has the certificate.
    fn guest(&self) -> Person {
        let guest = Person::new();
        guest.write("health.profile", &self.profile);
        guest.write("ca.pem", &self.certificate);
        guest.json(&["visitor", "follow", "health.profile"], b"");
        guest
    }
}

fn with(guest: &Person, words: &[&str], variables: &[(&str, &str)]) -> Ran {
    let mut command: Command = guest.command(words);
    run(command.envs(variables.iter().copied()), b"")
}

/// The server answers, though it has published nothing yet.
#[track_caller]
fn reached(ran: &Ran) {
    assert!(ran.err.contains("has published no checkpoint") || ran.code == Some(0), "{ran:?}");
    assert!(!ran.err.contains("cannot reach"), "{ran:?}");
}

#[test]
fn a_proxy_is_used_for_every_scheme_and_variable() {
    // [CLI-37]
    let town = Town::new();
    let (guest, tunnel) = (town.guest(), Tunnel::to(town.address));
    let sync = ["visitor", "sync", "--ca", "ca.pem"];
    let (connect, socks) = ("CONNECT health.example:443", "SOCKS health.example");
    let mut expected = Vec::new();
    for (name, scheme, asked) in [
        ("https_proxy", "http", connect),
        ("HTTPS_PROXY", "http", connect),
        ("ALL_PROXY", "socks5h", socks),
        ("all_proxy", "socks5h", socks),
        ("https_proxy", "socks5h", socks),
    ] {
        let ran = with(&guest, &sync, &[(name, &format!("{scheme}://{}", tunnel.address))]);
        reached(&ran);
        expected.push(asked.to_owned());
        let fresh = tunnel.asked().split_off(expected.len() - 1);
        assert!(!fresh.is_empty() && fresh.iter().all(|one| one == asked), "{name}: {fresh:?}");
        expected = tunnel.asked();
    }
    // One that leads nowhere, and one that cannot be read: nothing goes around it.
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for value in [format!("http://{closed}"), format!("socks5h://u:secret@{closed}")] {
        let ran = with(&guest, &sync, &[("https_proxy", &value)]);
        assert!(ran.code == Some(2) && ran.err.contains("cannot reach"), "{ran:?}");
        assert!(!ran.err.contains("secret"), "{ran:?}");
    }
    let ran = with(&guest, &sync, &[("ALL_PROXY", "socks9://u:secret@proxy.example")]);
    assert!(ran.err.contains("ALL_PROXY does not name a proxy"), "{ran:?}");
    assert!(!ran.err.contains("secret"), "{ran:?}");
    assert_eq!(tunnel.asked(), expected);
}

#[test]
fn this_machine_and_exceptions_are_reached_without_a_proxy() {
    // [CLI-37]
    let town = Town::new();
    let tunnel = Tunnel::to(town.address);
    let proxy = format!("http://{}", tunnel.address);
    let guest = Person::new();
    guest.write("ca.pem", &town.certificate);
    let follow = format!("https://localhost:{}", town.address.port());
    let words = ["visitor", "follow", &follow, "--ca", "ca.pem"];
    let ran = with(&guest, &words, &[("HTTPS_PROXY", &proxy), ("ALL_PROXY", &proxy)]);
    assert!(!ran.err.contains("cannot reach"), "{ran:?}");
    // The whole loop on this machine, with every variable set to what leads nowhere.
    let nowhere =
        ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
    let nowhere = nowhere.map(|name| (name, "http://127.0.0.1:1"));
    let ran = with(&guest, &["demo"], &nowhere);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    // Without the proxy the name leads nowhere: that it was tried shows in the words.
    let guest = town.guest();
    for list in ["health.example", ".example", "*"] {
        let variables = [("https_proxy", &*proxy), ("NO_PROXY", list)];
        let ran = with(&guest, &["visitor", "sync", "--ca", "ca.pem"], &variables);
        assert!(ran.err.contains("cannot reach"), "{list}: {ran:?}");
    }
    assert_eq!(tunnel.asked(), Vec::<String>::new());
}

#[test]
fn an_authority_of_certificates_is_named_by_file_or_by_the_machine() {
    // [CLI-38]
    let town = Town::new();
    let (guest, tunnel) = (town.guest(), Tunnel::to(town.address));
    let proxy = format!("http://{}", tunnel.address);
    let sync = ["visitor", "sync"];
    let ran = with(&guest, &sync, &[("https_proxy", &proxy)]);
    assert!(ran.code == Some(2) && ran.err.contains("--ca"), "{ran:?}");
    let path = guest.path("ca.pem");
    let file = path.to_str().unwrap();
    for name in ["SSL_CERT_FILE", "NOREN_CA"] {
        reached(&with(&guest, &sync, &[("https_proxy", &proxy), (name, file)]));
    }
    reached(&with(&guest, &["--ca", file, "visitor", "sync"], &[("https_proxy", &proxy)]));
    // What was named is believed, or nothing is.
    guest.write("empty.pem", "");
    guest.write("other.pem", Town::new().certificate);
    guest.write("key.pem", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
    for (file, words) in [
        ("empty.pem", "the file empty.pem is empty"),
        ("key.pem", "no certificate"),
        ("health.profile", "no certificate"),
        ("absent.pem", "there is no file"),
        ("other.pem", "nobody whom this machine trusts"),
    ] {
        with(&guest, &["visitor", "sync", "--ca", file], &[("https_proxy", &proxy)]).fails(words);
    }
    for name in ["SSL_CERT_FILE", "SSL_CERT_DIR"] {
        let variables = [("https_proxy", &*proxy), (name, "/nonexistent")];
        with(&guest, &sync, &variables).fails(name);
    }
}

#[test]
fn a_server_that_speaks_something_else_is_told_as_that() {
    // [CLI-39]
    let town = Town::new();
    let plain = crate::support::office::Office::open();
    let person = Person::new();
    let port = plain.address().port();
    let follow = |url: &str| person.noren(&["visitor", "follow", url], b"");
    follow(&format!("https://localhost:{port}")).fails("speaks no TLS");
    follow(&format!("http://localhost:{}", town.address.port())).fails("may be a server of https");
    follow("http://health.example").fails("use https");
    follow("ftp://health.example").fails("begins with https://");
    follow("https://nowhere.invalid").fails("no server has this name");
}

#[test]
fn a_silent_server_is_given_up_with_a_word() {
    // [CLI-39]
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let person = Person::new();
    // What says how long is held against the constant, not against this machine's pace.
    person.noren(&["visitor", "follow", &url], b"").fails("it was silent for 20 seconds");
}
