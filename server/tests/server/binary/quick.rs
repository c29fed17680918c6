//! What is answered without the router: the same as with it.

use std::io::{Read as _, Write as _};

use serde_json::Value;

use super::process::{Answer, Process, Site, connect, now, parse, until};
use crate::authority::{Authority, entry};

/// What a full bundle of long entries, short files and refusals are asked by.
const PATHS: [&str; 8] = [
    "/checkpoint",
    "/v1/authority",
    "/tile/0/000",
    "/tile/0/001.p/44",
    "/tile/entries/000",
    "/tile/entries/001.p/44",
    "/tile/entries/002",
    "/tile/entries/0",
];

fn publish(process: &Process, authority: &mut Authority, entries: Vec<Vec<u8>>) {
    let append = authority.append(entries, now());
    let body = append.to_bytes().unwrap();
    let sent = process.signed(authority, "POST", "/v1/log", "application/cbor", &body).unwrap();
    assert_eq!(sent.status, 200, "{}", sent.head);
    authority.advance(&append);
}

/// A request without a body or anything else that it does not need.
fn ask(process: &Process, method: &str, target: &str, fields: &str) -> Answer {
    let mut stream = connect(process.addr).unwrap();
    let head =
        format!("{method} {target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{fields}\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    let mut bytes = vec![];
    stream.read_to_end(&mut bytes).unwrap();
    parse(&bytes).unwrap()
}

/// The lines of a head that do not tell the time, in one order.
fn lines(answer: &Answer) -> Vec<&str> {
    let mut lines: Vec<_> = answer.head.lines().filter(|line| !line.starts_with("date:")).collect();
    lines.sort_unstable();
    lines
}

fn site(authority: &Authority) -> Site {
    Site::new(authority).set("LOG_LEVEL", "debug")
}

#[test]
fn both_ways_give_one_answer() {
    // [API-1] [API-2] [API-16] [API-31] [API-35] [API-37]
    let mut authority = Authority::new(1);
    let site = site(&authority);
    let process = site.start();
    let long = |number| [&entry(number)[..], &[7; 800]].concat();
    publish(&process, &mut authority, (0..300).map(long).collect());
    for path in PATHS {
        let first = ask(&process, "GET", path, "");
        let tag = first.head.lines().find_map(|line| line.strip_prefix("etag: "));
        let known = format!("if-none-match: {}\r\n", tag.unwrap_or("\"none\""));
        for fields in ["", "if-none-match: \"other\"\r\n", &known, "origin: https://a.example\r\n"]
        {
            // A query takes the way through the router, and says nothing here.
            let [short, other] = [path.to_owned(), format!("{path}?")]
                .map(|target| ask(&process, "GET", &target, fields));
            assert_eq!(lines(&short), lines(&other), "{path} {fields}");
            assert!(short.body == other.body, "{path} {fields}");
            // What the kernel took out of a file in memory is what lies on the disk.
            if short.status == 200 && path.starts_with("/tile/") {
                let stored = std::fs::read(site.data().join("public").join(&path[1..])).unwrap();
                assert!(short.body == stored, "{path} {fields}");
            }
            assert_eq!(short.head.matches("\r\ndate: ").count(), 1, "{path}");
            assert!(fields != known || tag.is_none() || short.status == 304, "{path}");
        }
    }
}

#[test]
fn a_checkpoint_and_a_profile_are_the_newest_at_once() {
    // [API-1] [API-9]
    let mut authority = Authority::new(1);
    let site = site(&authority);
    let process = site.start();
    for size in 1..20 {
        publish(&process, &mut authority, vec![entry(size)]);
        let note = String::from_utf8(ask(&process, "GET", "/checkpoint", "").body).unwrap();
        assert_eq!(note.lines().nth(1), Some(&size.to_string()[..]));
        let profile = authority.profile(now() + size);
        let media = "application/cbor";
        let path = "/v1/authority";
        let put = process.signed(&authority, "PUT", path, media, profile.as_bytes()).unwrap();
        assert_eq!(put.status, 204);
        assert_eq!(ask(&process, "GET", path, "").body, profile.as_bytes());
        let tile = format!("/tile/entries/000.p/{size}");
        assert_eq!(ask(&process, "GET", &tile, "").status, 200, "{tile}");
        let beyond = format!("/tile/entries/000.p/{}", size + 1);
        assert_eq!(ask(&process, "GET", &beyond, "").status, 404, "{beyond}");
    }
}

#[test]
fn the_short_way_is_not_a_way_around_a_rule() {
    // [API-26] [API-12]
    let mut authority = Authority::new(1);
    let site = site(&authority);
    let process = site.start();
    publish(&process, &mut authority, vec![entry(1)]);
    for path in ["/checkpoint", "/v1/authority", "/tile/entries/000.p/1"] {
        assert_eq!(ask(&process, "GET", path, "").status, 200);
        assert_eq!(ask(&process, "GET", path, "host: x\r\n").status, 400, "{path}");
        assert_eq!(ask(&process, "GET", path, "range: a\r\nrange: b\r\n").status, 400, "{path}");
        assert_eq!(ask(&process, "GET", path, "signature: a\r\nsignature: b\r\n").status, 401);
        assert_eq!(ask(&process, "GET", path, "expect: x\r\n").status, 417, "{path}");
        assert_eq!(ask(&process, "GET", &format!("{path}#x"), "").status, 400, "{path}");
        assert_eq!(ask(&process, "POST", path, "content-length: 0\r\n").status, 405, "{path}");
        let percent = path.replace("entries", "%65ntries");
        assert_eq!(ask(&process, "GET", &percent, "").status, 200, "{percent}");
    }
}

#[test]
fn what_everybody_reads_is_counted_and_has_a_line_for_who_looks_for_one() {
    // [API-14] [API-15]
    let mut authority = Authority::new(1);
    for (level, lines) in [("debug", 3), ("info", 0)] {
        let site = Site::new(&authority).set("LOG_LEVEL", level);
        let process = site.start();
        authority.position = noren::log::LogPosition::start();
        publish(&process, &mut authority, vec![entry(1)]);
        for target in ["/tile/entries/000.p/1", "/tile/entries/000.p/1", "/checkpoint?"] {
            assert_eq!(ask(&process, "GET", target, "").status, 200);
        }
        assert_eq!(ask(&process, "GET", "/nowhere", "").status, 404);
        let mut requests: Vec<Value> = vec![];
        until("the last line is there", || {
            let log = process.log();
            let events = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
            requests = events.filter(|event| event["message"] == "request").collect();
            requests.iter().any(|event| event["status"] == 404)
        });
        requests.retain(|event| event["method"] == "GET" && event["status"] == 200);
        assert_eq!(requests.len(), lines, "{level}");
        assert!(lines == 0 || requests[0]["route"] == "/tile/{*path}");
        let mut stream = connect(process.ops).unwrap();
        stream.write_all(b"GET /metrics HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").unwrap();
        let mut metrics = String::new();
        stream.read_to_string(&mut metrics).unwrap();
        let counted = "{method=\"GET\",route=\"/tile/{*path}\",status=\"200\"} 2";
        assert!(metrics.contains(counted), "{metrics}");
    }
}
