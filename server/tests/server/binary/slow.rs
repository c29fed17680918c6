//! Clients that take their time. No test here measures any: each only waits for an end.

use std::io::{Read, Write};

use super::process::{Process, Site, connect, head, parse, upload_headers};
use crate::authority::Authority;

fn site() -> Site {
    let site = Site::new(&Authority::new(1));
    site.set("LIMITS_HEADER_SECONDS", "1").set("LIMITS_REQUEST_SECONDS", "1")
}

/// Reads until the server has had enough; it is a failure if this side has to give up.
fn rest(mut stream: impl Read) -> Vec<u8> {
    let mut bytes = vec![];
    if let Err(error) = stream.read_to_end(&mut bytes) {
        assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
    }
    bytes
}

fn assert_alive(process: &Process) {
    assert_eq!(process.send("GET", "/v1/authority", &[], b"").unwrap().status, 200);
}

#[test]
fn a_head_that_never_ends_is_cut_off() {
    // [API-13]
    let site = site();
    let process = site.start();
    let mut stream = connect(process.addr).unwrap();
    stream.write_all(b"GET /checkpoint HTTP/1.1\r\nhost: localhost\r\nx-slow: ").unwrap();
    let mut writer = stream.try_clone().unwrap();
    let drip = std::thread::spawn(move || {
        while writer.write_all(b"a").is_ok() {
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
    });
    assert!(!rest(stream).starts_with(b"HTTP/1.1 2"));
    drip.join().unwrap();
    assert_alive(&process);
}

#[test]
fn silence_is_cut_off_before_and_between_requests() {
    // [API-13]
    let site = site();
    let process = site.start();
    assert!(rest(connect(process.addr).unwrap()).is_empty());
    let mut stream = connect(process.addr).unwrap();
    stream.write_all(b"GET /v1/authority HTTP/1.1\r\nhost: localhost\r\n\r\n").unwrap();
    let bytes = rest(&stream);
    assert!(bytes.starts_with(b"HTTP/1.1 200"));
    assert_alive(&process);
}

#[test]
fn a_body_that_never_comes_is_answered_with_408() {
    // [API-13] [API-12]
    let site = site();
    let process = site.start();
    let mut stream = connect(process.addr).unwrap();
    let headers = upload_headers("ABCDEF-GHJKMN-PQRSTV", false);
    stream.write_all(&head("POST", "/v1/uploads", &headers, 65_536)).unwrap();
    stream.write_all(&[0; 1_000]).unwrap();
    let answer = parse(&rest(stream)).unwrap();
    assert_eq!(answer.status, 408);
    assert!(answer.head.contains("application/problem+json"));
    assert_alive(&process);
}

#[test]
fn a_body_that_comes_in_drops_is_answered_with_408() {
    // [API-24] Long before the time that the request has.
    let site = Site::new(&Authority::new(1));
    let process =
        site.set("LIMITS_STALL_SECONDS", "1").set("LIMITS_REQUEST_SECONDS", "500").start();
    let mut stream = connect(process.addr).unwrap();
    let headers = upload_headers("ABCDEF-GHJKMN-PQRSTV", false);
    stream.write_all(&head("POST", "/v1/uploads", &headers, 65_536)).unwrap();
    let mut writer = stream.try_clone().unwrap();
    let drip = std::thread::spawn(move || {
        while writer.write_all(b"a").is_ok() {
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
    });
    let bytes = rest(&stream);
    let _ = stream.shutdown(std::net::Shutdown::Both);
    drip.join().unwrap();
    assert_eq!(parse(&bytes).unwrap().status, 408);
    assert_alive(&process);
}

#[test]
fn a_body_that_is_too_long_gets_its_answer() {
    // [API-13] [API-12]
    let site = Site::new(&Authority::new(1));
    let process = site.start();
    let headers = upload_headers("ABCDEF-GHJKMN-PQRSTV", false);
    for length in [65_537, 500_000] {
        let answer = process.send("POST", "/v1/uploads", &headers, &vec![0; length]).unwrap();
        assert_eq!(answer.status, 413, "{length}");
        assert!(answer.head.contains("application/problem+json"));
    }
    // Nor is a sender reset who still sends when the refusal is clear already.
    let mut stream = connect(process.addr).unwrap();
    stream.write_all(&head("POST", "/v1/log", &[], 1_000_000)).unwrap();
    for _ in 0..10 {
        stream.write_all(&[0; 100_000]).unwrap();
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    assert_eq!(parse(&rest(stream)).unwrap().status, 401);
    // A stated length that no server would wait for.
    let mut stream = connect(process.addr).unwrap();
    stream.write_all(&head("POST", "/v1/uploads", &headers, usize::MAX / 4)).unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    let bytes = rest(stream);
    assert!(!bytes.starts_with(b"HTTP/1.1 2"));
    assert_alive(&process);
}

#[test]
fn nonsense_ends_the_connection_and_not_the_server() {
    // [API-13]
    let site = Site::new(&Authority::new(1));
    let process = site.start();
    let long = format!("GET /{} HTTP/1.1\r\nhost: x\r\n\r\n", "a".repeat(100_000));
    let fields = format!("GET / HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(1_000));
    let nonsense: [&[u8]; 4] =
        [b"\x16\x03\x01\x02\x00\x01\x00", b"\0\r\n\r\n", long.as_bytes(), fields.as_bytes()];
    for bytes in nonsense {
        let mut stream = connect(process.addr).unwrap();
        let _ = stream.write_all(bytes);
        let _ = stream.shutdown(std::net::Shutdown::Write);
        assert!(!rest(stream).starts_with(b"HTTP/1.1 2"));
    }
    assert_alive(&process);
}
