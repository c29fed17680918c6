//! Starting, stopping, and what operators see.

use std::io::{Read, Write};
use std::process::{Command, Stdio};

use super::process::{Site, connect, exchange, head, now, parse, until, upload_headers};
use crate::authority::{Authority, entry};

fn output(arguments: &[&str], folder: &std::path::Path) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_noren-server"));
    command.env_clear().current_dir(folder).args(arguments).stdout(Stdio::null());
    let output = command.output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn a_server_that_cannot_start_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let (code, message) = output(&[], folder.path());
    assert_eq!(code, Some(2));
    assert!(message.contains("--authority FILE"), "{message}");
    std::fs::write(folder.path().join("c.toml"), "lisen = 'x'").unwrap();
    let (code, message) = output(&["--config", "c.toml"], folder.path());
    assert_eq!(code, Some(2));
    assert!(message.contains("lisen"), "{message}");
    let (code, message) = output(&["--config", "missing.toml"], folder.path());
    assert_eq!(code, Some(2));
    assert!(message.contains("missing.toml"), "{message}");
}

#[test]
fn an_address_that_is_taken_is_told_with_its_setting() {
    // [CLI-48]
    let authority = Authority::new(1);
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("profile"), authority.profile(now()).as_bytes()).unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = listener.local_addr().unwrap().to_string();
    for (setting, other, variable) in [
        ("listen", "ops_listen", "(NOREN_SERVER_LISTEN)"),
        ("ops_listen", "listen", "(NOREN_SERVER_OPS_LISTEN)"),
    ] {
        for (address, instead) in [
            (taken.as_str(), "another program listens there"),
            ("192.0.2.1:8470", "no interface of this machine has this address"),
        ] {
            let config = format!("{setting} = '{address}'\n{other} = '127.0.0.1:0'\n");
            std::fs::write(folder.path().join("c.toml"), config).unwrap();
            let words = ["--config", "c.toml", "--authority", "profile", "--data", setting];
            let (code, message) = output(&words, folder.path());
            assert_eq!(code, Some(2));
            for told in [address, &format!("the setting `{setting}`"), variable, instead] {
                assert!(message.contains(told), "{told} in {message}");
            }
        }
    }
}

#[test]
fn a_file_that_is_empty_is_told_with_its_setting() {
    // [CLI-48]
    let authority = Authority::new(1);
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).unwrap();
    write("profile", authority.profile(now()).as_bytes());
    write("empty", b"");
    write("text", b"hello");
    let told = |config: &str, profile: &str, words: &[&str]| {
        write("c.toml", config.as_bytes());
        let arguments = ["--config", "c.toml", "--authority", profile, "--data", "data"];
        let (code, message) = output(&arguments, folder.path());
        assert_eq!(code, Some(2), "{message}");
        assert!(words.iter().all(|word| message.contains(word)), "{words:?} in {message}");
    };
    told("", "empty", &["the file empty is empty", "`authority` (NOREN_SERVER_AUTHORITY"]);
    let certificate = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    write("certificate", certificate.cert.pem().as_bytes());
    for (file, lacks) in [("empty", "is empty"), ("text", "holds no")] {
        let config = format!("[tls]\ncertificate = '{file}'\nkey = '{file}'\n");
        told(&config, "profile", &[file, "NOREN_SERVER_TLS_CERTIFICATE", lacks]);
        let config = format!("[tls]\ncertificate = 'certificate'\nkey = '{file}'\n");
        told(&config, "profile", &[file, "NOREN_SERVER_TLS_KEY", lacks]);
    }
}

#[test]
fn a_configuration_file_is_enough() {
    let authority = Authority::new(1);
    let site = Site::new(&authority);
    let config = site.folder.path().join("noren.toml");
    std::fs::write(&config, "[inbox]\nretention_days = 3\n[log]\nlevel = 'info'\n").unwrap();
    let mut command = site.command();
    command.arg("--config").arg(&config);
    let mut child = command.spawn().unwrap();
    let mut stderr = std::io::BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    std::io::BufRead::read_line(&mut stderr, &mut line).unwrap();
    assert!(line.contains("listening"), "{line}");
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn operators_have_an_address_of_their_own() {
    // [API-15]
    let authority = Authority::new(1);
    let site = Site::new(&authority);
    let process = site.start();
    let ops = |path: &str| exchange(connect(process.ops).unwrap(), "GET", path, &[], b"").unwrap();
    assert_eq!(ops("/health").status, 200);
    let metrics = String::from_utf8(ops("/metrics").body).unwrap();
    assert!(metrics.ends_with("# EOF\n"));
    assert!(metrics.contains("noren_connections"));
    assert_eq!(ops("/v1/authority").status, 404);
    for path in ["/health", "/metrics"] {
        assert_eq!(process.send("GET", path, &[], b"").unwrap().status, 404);
    }
}

#[test]
fn a_replayed_request_is_refused_also_after_a_restart() {
    // [API-8] [API-7]
    let authority = Authority::new(1);
    let site = Site::new(&authority);
    let process = site.start();
    let headers = authority.sign("GET", "/v1/uploads", b"", now());
    let send = |process: &super::process::Process| {
        process.send("GET", "/v1/uploads", &headers, b"").unwrap().status
    };
    assert_eq!(send(&process), 200);
    assert_eq!(send(&process), 401);
    drop(process);
    assert_eq!(send(&site.start()), 401);
    let process = site.start();
    let wrong_path = authority.sign("GET", "/v1/uploads", b"", now());
    let path = format!("/v1/uploads/{}", "0".repeat(32));
    assert_eq!(process.send("GET", &path, &wrong_path, b"").unwrap().status, 401);
    let stale = authority.sign("GET", "/v1/uploads", b"", now() - 120);
    assert_eq!(process.send("GET", "/v1/uploads", &stale, b"").unwrap().status, 401);
}

#[test]
fn a_signal_lets_requests_under_way_end() {
    // [API-18]
    for signal in ["-TERM", "-INT"] {
        let mut authority = Authority::new(1);
        let site = Site::new(&authority).set("LIMITS_HEADER_SECONDS", "300");
        let mut process = site.start();
        let append = authority.append((0..100).map(entry).collect(), now());
        let body = append.to_bytes().unwrap();
        let mut headers = authority.sign("POST", "/v1/log", &body, now());
        headers.push(("content-type".to_owned(), "application/cbor".to_owned()));
        let mut under_way = connect(process.addr).unwrap();
        under_way.write_all(&head("POST", "/v1/log", &headers, body.len())).unwrap();
        under_way.write_all(&body[..500]).unwrap();
        let mut idle = connect(process.addr).unwrap();
        idle.write_all(b"GET /v1/authority HTTP/1.1\r\nhost: localhost\r\n\r\n").unwrap();
        let mut first = [0; 12];
        idle.read_exact(&mut first).unwrap();
        process.signal(signal);
        // The idle connection is closed, the other one is heard to the end.
        idle.read_to_end(&mut vec![]).unwrap();
        until("nobody is let in any more", || connect(process.addr).is_err());
        under_way.write_all(&body[500..]).unwrap();
        let mut answer = vec![];
        under_way.read_to_end(&mut answer).unwrap();
        assert_eq!(parse(&answer).unwrap().status, 200);
        assert_eq!(process.child.wait().unwrap().code(), Some(0), "{signal}");
        authority.advance(&append);
        let process = site.start();
        let checkpoint = process.send("GET", "/checkpoint", &[], b"").unwrap();
        assert_eq!(checkpoint.body, append.checkpoint.as_bytes());
    }
}

#[test]
fn a_request_that_does_not_end_does_not_keep_the_server_alive() {
    // [API-18]
    let site = Site::new(&Authority::new(1)).set("LIMITS_SHUTDOWN_SECONDS", "1");
    let mut process = site.start();
    let mut stuck = connect(process.addr).unwrap();
    let headers = upload_headers("ABCDEF-GHJKMN-PQRSTV", false);
    stuck.write_all(&head("POST", "/v1/uploads", &headers, 65_536)).unwrap();
    stuck.write_all(&[0; 100]).unwrap();
    // Wait until the server has accepted it.
    assert_eq!(process.send("GET", "/v1/authority", &[], b"").unwrap().status, 200);
    process.signal("-TERM");
    assert_eq!(process.child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_server_whose_log_nobody_reads_goes_on() {
    // [CLI-43] As `noren-server 2>&1 | head -1` leaves it.
    let site = Site::new(&Authority::new(1)).set("LOG_LEVEL", "trace");
    let mut command = site.command();
    let mut child = command.spawn().unwrap();
    let mut stderr = std::io::BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    let found = loop {
        line.clear();
        assert!(std::io::BufRead::read_line(&mut stderr, &mut line).unwrap() > 0, "it has ended");
        let event: serde_json::Value = serde_json::from_str(&line).unwrap();
        if event["message"] == "listening" {
            break event["api"].as_str().unwrap().parse().unwrap();
        }
    };
    drop(stderr);
    for _ in 0..20 {
        let answer = exchange(connect(found).unwrap(), "GET", "/nothing", &[], b"").unwrap();
        assert_eq!(answer.status, 404);
    }
    let id = child.id().to_string();
    Command::new("sh").args(["-c", "kill -TERM $0", &id]).status().unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
