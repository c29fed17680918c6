//! The page by the real program, over TCP: set in the environment, and never told in the log.

use std::process::Command;

use noren_server::PAGE_POLICY;

use super::process::{Process, Site, until};
use crate::api::page::{PACKED_INDEX, page};
use crate::authority::Authority;

fn field(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

fn told(command: Command) -> String {
    Process::try_start(command).map(drop).expect_err("did not start")
}

#[test]
fn a_page_is_set_in_the_environment_and_handed_out_whole() {
    // [API-33] [API-36] [API-14]
    let folder = page();
    let site = Site::new(&Authority::new(1))
        .set("PAGE_FOLDER", folder.path().to_str().unwrap())
        .set("PAGE_CONNECT", "https://a.example https://b.example")
        .set("LOG_LEVEL", "trace");
    let process = site.start();
    let module = process.send("GET", "/module.wasm", &[], b"").unwrap();
    assert_eq!(module.status, 200);
    assert_eq!(module.body, std::fs::read(folder.path().join("module.wasm")).unwrap());
    assert!(module.head.contains("\r\ncontent-type: application/wasm\r\n"), "{}", module.head);
    let policy = PAGE_POLICY
        .replace("connect-src 'self'", "connect-src 'self' https://a.example https://b.example");
    let line = format!("\r\ncontent-security-policy: {policy}\r\n").to_lowercase();
    assert!(module.head.contains(&line), "{}", module.head);
    let packed = process.send("GET", "/?v=3", &[field("Accept-Encoding", "br")], b"").unwrap();
    assert_eq!((packed.status, hex::encode(&packed.body)), (200, PACKED_INDEX.to_owned()));
    let stream = super::process::connect(process.addr).unwrap();
    let head = super::process::head("HEAD", "/module.wasm", &[], 0);
    let length = format!("\r\ncontent-length: {}\r\n", module.body.len());
    assert!(sent_head(stream, &head).to_lowercase().contains(&length));
    // By the template alone: a name could tell a language.
    assert_eq!(process.send("GET", "/texts/ja.js", &[], b"").unwrap().status, 200);
    until("the lines are written", || process.log().matches("\"/{file}\"").count() >= 3);
    let log = process.log();
    assert!(
        !log.contains("ja.js") && !log.contains("module.wasm") && !log.contains("v=3"),
        "{log}"
    );
}

/// Sends a head and reads to the end: a head without a body, if that is what comes.
fn sent_head(mut stream: std::net::TcpStream, head: &[u8]) -> String {
    use std::io::{Read as _, Write as _};
    stream.write_all(head).unwrap();
    let mut bytes = vec![];
    stream.read_to_end(&mut bytes).unwrap();
    assert!(bytes.ends_with(b"\r\n\r\n"));
    String::from_utf8(bytes).unwrap()
}

#[test]
fn what_a_browser_asks_before_an_upload_is_not_told() {
    // [API-14] [API-35]
    let site = Site::new(&Authority::new(1)).set("PAGE_ORIGIN", "https://page.example");
    let process = site.start();
    let asked =
        [field("Origin", "https://page.example"), field("Access-Control-Request-Method", "POST")];
    let answer = process.send("OPTIONS", "/v1/uploads", &asked, b"").unwrap();
    assert_eq!(answer.status, 204);
    let line = "\r\naccess-control-allow-origin: https://page.example\r\n";
    assert!(answer.head.contains(line), "{}", answer.head);
    assert_eq!(process.send("GET", "/nowhere", &[], b"").unwrap().status, 404);
    until("the line is written", || process.log().contains("404"));
    assert!(!process.log().contains("OPTIONS"), "{}", process.log());
}

#[test]
fn a_page_that_cannot_be_served_is_told_with_its_setting() {
    // [API-33] [CLI-48]
    let folder = page();
    std::fs::write(folder.path().join("page.js"), "changed").unwrap();
    let empty = tempfile::tempdir().unwrap();
    let path = |folder: &tempfile::TempDir| folder.path().to_str().unwrap().to_owned();
    let packed = page();
    std::fs::copy(packed.path().join("service-worker.js.br"), packed.path().join("index.html.br"))
        .unwrap();
    for (settings, expected) in [
        (vec![("PAGE_FOLDER", path(&folder))], "page.js is not the file"),
        (vec![("PAGE_FOLDER", path(&packed))], "index.html.br does not open"),
        (vec![("PAGE_FOLDER", path(&empty))], "page.folder"),
        (vec![("PAGE_FOLDER", String::new())], "the setting page.folder is empty"),
        (vec![("PAGE_ORIGIN", "https://page.example/".to_owned())], "page.origin"),
        (vec![("PAGE_CONNECT", "https://a.example *".to_owned())], "page.connect"),
        (vec![("PAGE_OFF", "perhaps".to_owned())], "NOREN_SERVER_PAGE_OFF"),
        (vec![("PAGE_OFF", "true".to_owned()), ("PAGE_FOLDER", path(&empty))], "page.off"),
    ] {
        let mut site = Site::new(&Authority::new(1));
        for (key, value) in &settings {
            site = site.set(key, value);
        }
        let said = told(site.command());
        assert!(said.contains(expected), "{settings:?}: {said}");
    }
}
