//! What the log of the server says about its clients: nothing.

use std::net::TcpStream;

use noren::messages::UploadTicket;
use serde_json::Value;

use crate::authority::Authority;
use crate::process::{Process, Site, exchange, now, until, upload_headers};

/// A connection from an address that only a client has.
fn from_elsewhere(process: &Process) -> TcpStream {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let addr = process.addr;
    let stream = runtime.block_on(async move {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind("127.9.8.7:0".parse().unwrap()).unwrap();
        socket.connect(addr).await.unwrap().into_std().unwrap()
    });
    stream.set_nonblocking(false).unwrap();
    stream
}

/// The lines about requests, once there are `count`.
fn request_lines(process: &Process, count: usize) -> Vec<Value> {
    let mut requests = vec![];
    until("the lines are written", || {
        let log = process.log();
        let events = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        requests = events.filter(|event| event["message"] == "request").collect();
        requests.len() >= count
    });
    requests
}

#[test]
fn the_log_holds_no_address_code_body_or_query() {
    // [API-14]
    let authority = Authority::new(1);
    let site = Site::new(&authority).set("LOG_LEVEL", "trace");
    let process = site.start();
    let code = UploadTicket::generate(&mut rand::rng());
    let hash = hex::encode(code.hash().as_bytes());
    let case = format!("/v1/cases/{hash}");
    let expires = format!("{{\"expires\":{}}}", now() + 3_600);
    process.signed(&authority, "PUT", &case, "application/json", expires.as_bytes()).unwrap();
    let body = b"BODYMARK".repeat(8_192);
    let mut ports = vec![];
    let mut elsewhere = |method: &str, path: &str, headers: &[(String, String)], body: &[u8]| {
        let stream = from_elsewhere(&process);
        ports.push(stream.local_addr().unwrap().port());
        exchange(stream, method, path, headers, body).unwrap().status
    };
    let text = code.to_text();
    assert_eq!(elsewhere("POST", "/v1/uploads", &upload_headers(&text, false), &body), 202);
    assert_eq!(elsewhere("POST", "/v1/uploads", &upload_headers(&text, true), &body), 202);
    assert_eq!(elsewhere("POST", "/v1/uploads", &upload_headers("QQQQQQ", false), &body), 403);
    assert_eq!(elsewhere("POST", "/v1/uploads", &upload_headers(&text, false), b"BODYMARK"), 400);
    assert_eq!(elsewhere("GET", "/v3/traceKeys?lastKeyBundleTag=QUERYMARK", &[], b""), 400);
    assert_eq!(elsewhere("GET", "/PATHMARK?QUERYMARK", &[], b""), 404);
    assert_eq!(elsewhere("METHODMARK", "/checkpoint", &[], b""), 405);
    let forwarded = [("x-forwarded-for".to_owned(), "127.9.8.7".to_owned())];
    assert_eq!(elsewhere("DELETE", &case, &forwarded, b""), 401);
    let lines = request_lines(&process, 5);
    assert_eq!(lines.len(), 5);
    for line in &lines {
        let mut keys: Vec<_> = line.as_object().unwrap().keys().map(String::as_str).collect();
        keys.sort_unstable();
        let known = [
            "level",
            "message",
            "method",
            "milliseconds",
            "route",
            "status",
            "target",
            "timestamp",
        ];
        assert_eq!(keys, known);
    }
    let log = process.log();
    let plain = text.replace('-', "");
    for secret in [
        "127.9.8.7",
        &hash,
        text.as_str(),
        &plain,
        "QQQQQQ",
        "BODYMARK",
        "QUERYMARK",
        "PATHMARK",
        "METHODMARK",
        "NOREN_",
        &hex::encode("BODYMARK"),
    ] {
        assert!(!log.contains(secret), "{secret}");
    }
    for port in ports {
        assert!(!log.contains(&format!(":{port}")), "{port}");
    }
    // No line of an upload or dummy, and no time finer than a minute.
    for line in &lines {
        assert_ne!((&line["method"], &line["route"]), (&"POST".into(), &"/v1/uploads".into()));
    }
    for line in log.lines() {
        let event: Value = serde_json::from_str(line).unwrap();
        let time = event["timestamp"].as_str().unwrap();
        assert!(time.len() == 17 && time.ends_with('Z'), "{time}");
    }
    // Nor is an address among what it keeps.
    let kept = crate::process::read_all(&site.data());
    assert!(!kept.windows(9).any(|window| window == b"127.9.8.7"));
    assert!(!kept.windows(4).any(|window| window == [127, 9, 8, 7]));
}
