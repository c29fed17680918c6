//! Requests as bytes: what no library would send.

use std::io::{Read, Write};
use std::net::Shutdown;

use super::process::{Process, Site, connect, parse, upload_headers};
use crate::authority::Authority;

/// Sends bytes, closes this half, and reads to the end.
fn say(process: &Process, bytes: &[u8]) -> Vec<u8> {
    let mut stream = connect(process.addr).unwrap();
    let _ = stream.write_all(bytes);
    let _ = stream.shutdown(Shutdown::Write);
    let mut answer = vec![];
    let _ = stream.read_to_end(&mut answer);
    answer
}

fn statuses(answer: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(answer);
    text.match_indices("HTTP/1.").map(|(at, _)| text[at + 9..at + 12].to_owned()).collect()
}

#[test]
fn each_form_of_a_request_has_its_answer() {
    // [API-26] [API-12]
    let site = Site::new(&Authority::new(1));
    let process = site.start();
    let get = |rest: &str| format!("GET /v1/authority HTTP/1.1\r\n{rest}\r\n\r\n");
    let put = |rest: &str| format!("POST /v1/uploads HTTP/1.1\r\nhost: x\r\n{rest}");
    let many: String = (0..60).map(|number| format!("x-{number}: y\r\n")).collect();
    for (request, expected) in [
        (get("host: x"), &["200"][..]),
        // Who has closed its half still gets the answer; requests may come together.
        (get("host: x") + &get("host: y"), &["200", "200"]),
        ("\r\n\r\n".to_owned() + &get("host: x"), &["200"]),
        (get(&format!("{many}host: x")), &["200"]),
        ("GET /v1/authority HTTP/1.0\r\n\r\n".to_owned(), &["200"]),
        ("GET /v1/authority HTTP/1.0\r\nhost: x\r\n\r\n".to_owned() + &get("host: x"), &["200"]),
        ("GET http://x/v1/authority HTTP/1.1\r\nhost: x\r\n\r\n".to_owned(), &["200"]),
        (get("x: y"), &["400"]),
        (get("host: x\r\nhost: x"), &["400"]),
        (get("host: x\r\ncontent-length: 0\r\ncontent-length: 0"), &["400"]),
        (get("host: x\r\ncontent-length: 0\r\ncontent-length: 1"), &["400"]),
        (get("host: x\r\ncontent-length: 0, 0"), &["400"]),
        (get("host: x\r\ncontent-length: +0"), &["400"]),
        (get("host: x\r\ncontent-length: -1"), &["400"]),
        (get("host: x\r\ncontent-length: 99999999999999999999"), &["400"]),
        (get("host: x\r\ntransfer-encoding: gzip"), &["400"]),
        (get("host: x\r\ntransfer-encoding: chunked\r\ncontent-length: 5") + "0\r\n\r\n", &["400"]),
        (get("host: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked") + "0\r\n\r\n", &["400"]),
        (get("host: x\r\n folded: y"), &["400"]),
        (get("host: x\r\nbad name: y"), &["400"]),
        (get("host : x"), &["400"]),
        ("GET /v1/authority HTTP/1.1\nhost: x\n\n".to_owned(), &["400"]),
        ("GET /v1/authority#x HTTP/1.1\r\nhost: x\r\n\r\n".to_owned(), &["400"]),
        ("GET /v1/authority HTTP/2.0\r\nhost: x\r\n\r\n".to_owned(), &["400"]),
        ("GET /v1/authority\r\n\r\n".to_owned(), &["400"]),
        ("CONNECT x:443 HTTP/1.1\r\nhost: x:443\r\n\r\n".to_owned(), &["400"]),
        ("OPTIONS * HTTP/1.1\r\nhost: x\r\n\r\n".to_owned(), &["400"]),
        ("TRACE /v1/authority HTTP/1.1\r\nhost: x\r\n\r\n".to_owned(), &["405"]),
        (get("host: x").replace("GET", "get"), &["405"]),
        (get("host: x\r\nexpect: the-best"), &["417"]),
        (get(&format!("{many}{many}host: x")), &["431"]),
        // Nobody who asks first is told to send what is not wanted.
        (put("expect: 100-continue\r\ncontent-length: 65536\r\n\r\n"), &["415"]),
        (
            put(
                "expect: 100-continue\r\nsignature: x\r\nsignature: x\r\ncontent-length: 9\r\n\r\n",
            ),
            &["401"],
        ),
    ] {
        let answer = say(&process, request.as_bytes());
        assert_eq!(statuses(&answer), expected, "{request}");
    }
}

#[test]
fn an_upload_may_come_in_the_smallest_chunks_and_only_when_asked_for() {
    // [API-26] [API-13]
    let site = Site::new(&Authority::new(1));
    let process = site.start();
    let mut head = "POST /v1/uploads HTTP/1.1\r\nhost: x\r\n".to_owned();
    for (name, value) in upload_headers("ABCDEF-GHJKMN-PQRSTV", true) {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    let chunked =
        format!("{head}transfer-encoding: chunked\r\n\r\n{}", "1\r\nx\r\n".repeat(65_536));
    // What comes after it is not read: the connection ends with the answer.
    let next = "GET /v1/authority HTTP/1.1\r\nhost: x\r\n\r\n";
    let answer = say(&process, format!("{chunked}0\r\n\r\n{next}").as_bytes());
    assert_eq!(statuses(&answer), ["202"]);
    let longer = format!("{chunked}1\r\nx\r\n0\r\n\r\n");
    assert_eq!(statuses(&say(&process, longer.as_bytes())), ["413"]);
    let mut stream = connect(process.addr).unwrap();
    let asking =
        format!("{head}connection: close\r\nexpect: 100-continue\r\ncontent-length: 65536\r\n\r\n");
    stream.write_all(asking.as_bytes()).unwrap();
    let mut go = [0; 25];
    stream.read_exact(&mut go).unwrap();
    assert_eq!(&go, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(&[0; 65_536]).unwrap();
    let mut answer = vec![];
    stream.read_to_end(&mut answer).unwrap();
    assert_eq!(parse(&answer).unwrap().status, 202);
}

#[test]
fn a_body_that_comes_in_drops_is_answered_with_408() {
    // [API-24]
    let site = Site::new(&Authority::new(1)).set("LIMITS_STALL_SECONDS", "1");
    let process = site.start();
    let mut stream = connect(process.addr).unwrap();
    let headers = upload_headers("ABCDEF-GHJKMN-PQRSTV", false);
    stream.write_all(&super::process::head("POST", "/v1/uploads", &headers, 65_536)).unwrap();
    let mut writer = stream.try_clone().unwrap();
    let drip = std::thread::spawn(move || {
        while writer.write_all(b"a").is_ok() {
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
    });
    let mut answer = vec![];
    let _ = stream.read_to_end(&mut answer);
    assert_eq!(parse(&answer).unwrap().status, 408);
    drop(stream);
    drip.join().unwrap();
}
