//! Servers that hand out the page, honest and dishonest, and what an auditor finds.

use noren_server::PAGE_POLICY;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::support::office::Office;
use crate::support::person::{Person, Ran};
use crate::support::site::Site;

const FILES: [(&str, &[u8]); 4] = [
    ("index.html", b"<!doctype html><script src=page.js></script>"),
    ("page.js", b"start();"),
    ("texts/ja.js", b"export {};"),
    ("worker.js", b"keep();"),
];

fn list() -> String {
    FILES.iter().fold(String::new(), |list, (path, bytes)| {
        format!("{list}{}  {path}\n", hex::encode(Sha256::digest(bytes)))
    })
}

fn auditor() -> Person {
    let person = Person::new();
    person.write("SHA256SUMS", list());
    person
}

/// An answer with these header fields.
fn answer(fields: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let fields: String =
        fields.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let head = format!("HTTP/1.1 200 OK\r\n{fields}content-length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

const POLICY: (&str, &str) = ("content-security-policy", PAGE_POLICY);

/// A host of the page that answers programs and browsers alike.
fn host() -> Site {
    let site = Site::new("Health Office", &[]);
    for (path, bytes) in FILES {
        site.answer(path, answer(&[POLICY], bytes));
    }
    for path in ["", "?v=3"] {
        site.answer(path, answer(&[POLICY], FILES[0].1));
    }
    site
}

/// Packed as brotli packs what it leaves as it is (RFC 7932, section 9.2): a window of 4 MiB, one run of
/// bytes, and an empty end.
fn packed(bytes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(bytes.len() - 1).unwrap();
    assert!(length < 1 << 16);
    let head = 0x0b | length << 7 | 1 << 23;
    [&head.to_le_bytes()[..3], bytes, &[3]].concat()
}

fn audit(person: &Person, addresses: &[&str]) -> (Ran, Value) {
    let words = [&["--json", "auditor", "page", "--digests", "SHA256SUMS"], addresses].concat();
    let ran = person.noren(&words, b"");
    let report = serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{ran:?}"));
    (ran, report)
}

/// The kinds of the findings at an address, with their files.
fn findings(report: &Value, page: usize) -> Vec<(&str, &str)> {
    let findings = report["pages"][page]["findings"].as_array().unwrap().iter();
    findings
        .map(|found| (found["kind"].as_str().unwrap(), found["path"].as_str().unwrap()))
        .collect()
}

#[test]
fn the_real_server_hands_out_what_the_list_has_and_what_changed_is_told() {
    // [CLI-49] [API-33]
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("texts")).unwrap();
    for (path, bytes) in FILES {
        std::fs::write(folder.path().join(path), bytes).unwrap();
    }
    std::fs::write(folder.path().join("SHA256SUMS"), list()).unwrap();
    let office = Office::open_with(|config| {
        config.page.folder = Some(folder.path().to_owned());
        config.page.connect = vec!["https://other.example".to_owned()];
    });
    let (person, address) = (auditor(), format!("http://{}", office.address()));
    let (ran, report) = audit(&person, &[&address]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(report["equal"], true);
    assert_eq!((&report["files"], &report["pages"][0]["equal"]), (&4.into(), &4.into()));
    assert_eq!(report["pages"][0]["connects_to"], serde_json::json!(["https://other.example"]));
    // Another release.
    person.write(
        "SHA256SUMS",
        list().replace(&hex::encode(Sha256::digest("keep();")), &"0".repeat(64)),
    );
    let (ran, report) = audit(&person, &[&address]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert_eq!(findings(&report, 0), [("differs", "worker.js"); 2]);
    assert_eq!((&report["equal"], &report["pages"][0]["equal"]), (&false.into(), &3.into()));
    let shown = person.noren(&["auditor", "page", "--digests", "SHA256SUMS", &address], b"");
    assert_eq!(shown.code, Some(1));
    assert!(shown.out.contains("3 of 4 files are the listed ones"), "{shown:?}");
    assert!(shown.out.contains("FINDING: worker.js, asked as a browser: it is another file"));
    assert!(!shown.out.contains("as strict"), "{shown:?}");
}

#[test]
fn the_page_in_the_program_is_what_its_own_server_hands_out() {
    // [CLI-49]
    let office = Office::open();
    let address = format!("http://{}", office.address());
    let ran = Person::new().noren(&["auditor", "page", &address], b"");
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.out.contains("exactly the listed page"), "{ran:?}");
}

/// What is done to a host, and the findings.
type Case = (&'static str, fn(&Site), &'static [(&'static str, &'static str)]);

const DISHONEST: &[Case] = &[
    (
        "another index for browsers alone",
        |site| site.answer("?v=3", answer(&[POLICY], b"<script src=other.js></script>")),
        &[("differs", "index.html")],
    ),
    (
        "another index for programs alone",
        |site| site.answer("", answer(&[POLICY], b"<script src=other.js></script>")),
        &[("differs", "index.html")],
    ),
    ("a file that is gone", |site| site.remove("texts/ja.js"), &[("missing", "texts/ja.js"); 2]),
    (
        "a file that leads elsewhere",
        |site| {
            let to = "HTTP/1.1 302 Found\r\nlocation: /other.js\r\ncontent-length: 0\r\n\r\n";
            site.answer("worker.js", to.as_bytes().to_vec());
        },
        &[("missing", "worker.js"); 2],
    ),
    (
        "no policy",
        |site| site.answer("worker.js", answer(&[], b"keep();")),
        &[("policy", "worker.js"); 2],
    ),
    (
        "a policy that lets scripts come from elsewhere",
        |site| {
            let policy = PAGE_POLICY.replace("script-src 'self'", "script-src 'self' https:");
            site.answer("", answer(&[("content-security-policy", &policy)], FILES[0].1));
        },
        &[("policy", "index.html")],
    ),
    (
        "a cookie",
        |site| site.answer("page.js", answer(&[POLICY, ("set-cookie", "you=1")], b"start();")),
        &[("header", "page.js"); 2],
    ),
    (
        "another file, packed",
        |site| {
            let fields = [POLICY, ("content-encoding", "br")];
            site.answer("page.js", answer(&fields, &packed(b"start_();")));
        },
        &[("differs", "page.js"); 2],
    ),
    (
        "packed as nothing opens",
        |site| {
            let fields = [POLICY, ("content-encoding", "br")];
            site.answer("page.js", answer(&fields, &packed(b"start();")[..5]));
        },
        &[("differs", "page.js"); 2],
    ),
    (
        "packed as nobody asked",
        |site| {
            let fields = [POLICY, ("content-encoding", "gzip")];
            site.answer("page.js", answer(&fields, b"start();"));
        },
        &[("differs", "page.js"); 2],
    ),
];

#[test]
fn each_dishonest_host_is_found_out() {
    // [CLI-49]
    let person = auditor();
    for (what, change, expected) in DISHONEST {
        let site = host();
        change(&site);
        let (ran, report) = audit(&person, &[&site.url]);
        assert_eq!(findings(&report, 0), *expected, "{what}: {ran:?}");
        assert_eq!(ran.code, Some(1), "{what}");
    }
}

#[test]
fn what_is_packed_is_compared_as_it_opens_and_every_address_is_told() {
    // [CLI-49]
    let (person, honest, other) = (auditor(), host(), host());
    let fields = [POLICY, ("content-encoding", "br")];
    honest.answer("page.js", answer(&fields, &packed(b"start();")));
    let (ran, report) = audit(&person, &[&honest.url]);
    assert_eq!((ran.code, findings(&report, 0)), (Some(0), vec![]), "{ran:?}");
    let asked = honest.asked();
    for path in ["", "?v=3", "page.js", "texts/ja.js", "worker.js"] {
        assert!(asked.iter().any(|asked| asked == path), "{path}: {asked:?}");
    }
    // Several vantage points, one of which is not there: the others are told, and it is an error.
    other.answer("worker.js", answer(&[POLICY], b"tell();"));
    let (ran, report) = audit(&person, &[&honest.url, &other.url, "http://127.0.0.1:1"]);
    ran.ends(2, "cannot reach the server at http://127.0.0.1:1");
    assert_eq!(findings(&report, 0), []);
    assert_eq!(findings(&report, 1), [("differs", "worker.js"); 2]);
    assert!(report["pages"][2]["error"].as_str().unwrap().contains("cannot reach"));
    assert_eq!(report["equal"], false);
    let (ran, _) = audit(&person, &[&honest.url, &other.url]);
    assert_eq!(ran.code, Some(1));
}

#[test]
fn what_is_no_list_and_no_address_is_refused() {
    // [CLI-49] [CLI-48]
    let person = auditor();
    person.write("empty", "");
    person.write("prose", "no list\n");
    person.write("climbing", format!("{}{}  ../secret\n", list(), "0".repeat(64)));
    person.write("headless", format!("{}  page.js\n", "0".repeat(64)));
    for (file, words) in [
        ("empty", "--digests: the file empty is empty"),
        ("prose", "line 1 is no line"),
        ("climbing", "line 5 is no line"),
        ("headless", "lists no index.html"),
        ("absent", "absent"),
    ] {
        let words_typed = ["auditor", "page", "--digests", file, "http://127.0.0.1:1"];
        person.noren(&words_typed, b"").fails(words);
    }
    for address in ["health.example", "https://health.example/?v=3", "https://health.example/#x"] {
        let words = ["auditor", "page", "--digests", "SHA256SUMS", address];
        person.noren(&words, b"").fails("no address of a page");
    }
    let words = ["auditor", "page", "--digests", "SHA256SUMS", "http://health.example"];
    person.noren(&words, b"").fails("use https");
}
