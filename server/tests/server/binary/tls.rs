//! TLS with a certificate of the operator's.

use std::sync::Arc;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use super::flood::{connections, fill};
use super::process::{Process, Site, connect, exchange, head, until};
use crate::authority::Authority;

fn site() -> (Site, rcgen::CertifiedKey<rcgen::KeyPair>) {
    with_tls(Site::new(&Authority::new(1)))
}

fn with_tls(site: Site) -> (Site, rcgen::CertifiedKey<rcgen::KeyPair>) {
    let issued = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (certificate, key) = (site.folder.path().join("c.pem"), site.folder.path().join("k.pem"));
    std::fs::write(&certificate, issued.cert.pem()).unwrap();
    std::fs::write(&key, issued.signing_key.serialize_pem()).unwrap();
    let site = site
        .set("TLS_CERTIFICATE", certificate.to_str().unwrap())
        .set("TLS_KEY", key.to_str().unwrap());
    (site, issued)
}

fn client(roots: RootCertStore) -> ClientConfig {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    config
}

fn dial(
    process: &Process,
    config: ClientConfig,
) -> StreamOwned<ClientConnection, std::net::TcpStream> {
    let name = ServerName::try_from("localhost").unwrap();
    let connection = ClientConnection::new(Arc::new(config), name).unwrap();
    StreamOwned::new(connection, connect(process.addr).unwrap())
}

#[test]
fn with_a_certificate_the_api_speaks_tls_and_nothing_else() {
    // [API-16]
    let (site, issued) = site();
    let process = site.start();
    let mut roots = RootCertStore::empty();
    roots.add(issued.cert.der().clone()).unwrap();
    let mut stream = dial(&process, client(roots));
    let answer = exchange(&mut stream, "GET", "/v1/authority", &[], b"").unwrap();
    assert_eq!(answer.status, 200);
    assert_eq!(stream.conn.alpn_protocol(), Some(&b"http/1.1"[..]));
    // Who does not know the certificate does not talk.
    let stranger = dial(&process, client(RootCertStore::empty()));
    assert!(exchange(stranger, "GET", "/v1/authority", &[], b"").is_err());
    // Plain HTTP gets no answer in HTTP.
    assert!(process.send("GET", "/v1/authority", &[], b"").is_err());
    // The operators' address stays plain. [API-15]
    let health = exchange(connect(process.ops).unwrap(), "GET", "/health", &[], b"").unwrap();
    assert_eq!(health.status, 200);
}

#[test]
fn a_handshake_that_never_ends_is_cut_off() {
    // [API-16] [API-13]
    let (site, _) = site();
    let site = site.set("LIMITS_HEADER_SECONDS", "1");
    let process = site.start();
    let mut silent = connect(process.addr).unwrap();
    let mut bytes = vec![];
    std::io::Read::read_to_end(&mut silent, &mut bytes).unwrap();
    assert!(bytes.is_empty());
}

#[test]
fn who_never_reads_is_cut_off_under_tls_as_well() {
    // [API-24]
    let mut authority = Authority::new(1);
    let site = Site::new(&authority).set("LIMITS_STALL_SECONDS", "1");
    let site = site.set("LIMITS_HEADER_SECONDS", "600");
    fill(&site.start(), &mut authority);
    let (site, issued) = with_tls(site);
    let process = site.start();
    let mut roots = RootCertStore::empty();
    roots.add(issued.cert.der().clone()).unwrap();
    let mut stuck = dial(&process, client(roots));
    std::io::Write::write_all(&mut stuck, &head("GET", "/tile/entries/000", &[], 0)).unwrap();
    std::io::Read::read_exact(&mut stuck, &mut [0; 12]).unwrap();
    assert_eq!(connections(&process), 1);
    until("it is cut off", || connections(&process) == 0);
    let mut rest = vec![];
    let _ = std::io::Read::read_to_end(&mut stuck, &mut rest);
    assert!(rest.len() < 15_000_000);
}

#[test]
fn silent_handshakes_give_way() {
    // [API-23]
    let (site, issued) = site();
    let site = site.set("LIMITS_HEADER_SECONDS", "600").set("LIMITS_CONNECTIONS", "4");
    let process = site.start();
    let _silent: Vec<_> = (0..20).map(|_| connect(process.addr).unwrap()).collect();
    let mut roots = RootCertStore::empty();
    roots.add(issued.cert.der().clone()).unwrap();
    let answer = exchange(dial(&process, client(roots)), "GET", "/v1/authority", &[], b"").unwrap();
    assert_eq!(answer.status, 200);
}

#[test]
fn a_certificate_that_is_none_is_an_error() {
    // [API-16]
    let (site, _) = site();
    std::fs::write(site.folder.path().join("k.pem"), "nonsense").unwrap();
    let output = site.command().output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains("k.pem"));
}
