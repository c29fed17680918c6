//! Servers that hand out the page, honest and dishonest, and what an auditor finds.

use noren_server::{PAGE_FIELDS, PAGE_POLICY};
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

/// A file as the page's own server hands it out, but for these header fields.
fn file(path: &str, other: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let tag = format!("\"{}\"", &hex::encode(Sha256::digest(body))[..32]);
    let name = if path.starts_with('?') || path.is_empty() { "index.html" } else { path };
    let content_type = match name {
        "SHA256SUMS" => "text/plain; charset=utf-8",
        _ => noren_page::content_type(name),
    };
    let own = [POLICY, ("content-type", content_type), ("etag", &tag), ("vary", "Accept-Encoding")];
    let own = own.into_iter().chain([("cache-control", "no-cache")]).chain(PAGE_FIELDS);
    let own = own.filter(|(name, _)| other.iter().all(|(other, _)| other != name));
    let given = other.iter().copied().filter(|(_, value)| !value.is_empty());
    answer(&own.chain(given).collect::<Vec<_>>(), body)
}

/// A host of the page that answers programs and browsers alike.
fn host() -> Site {
    let site = Site::new("Health Office", &[]);
    for (path, bytes) in FILES {
        site.answer(path, file(path, &[], bytes));
    }
    for path in ["", "?v=3"] {
        site.answer(path, file(path, &[], FILES[0].1));
    }
    site.answer("SHA256SUMS", file("SHA256SUMS", &[], list().as_bytes()));
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
    assert_eq!((&report["files"], &report["pages"][0]["equal"]), (&5.into(), &5.into()));
    assert_eq!(report["pages"][0]["further_fields"], serde_json::json!([]));
    assert_eq!(report["pages"][0]["connects_to"], serde_json::json!(["https://other.example"]));
    // Another release.
    person.write(
        "SHA256SUMS",
        list().replace(&hex::encode(Sha256::digest("keep();")), &"0".repeat(64)),
    );
    let (ran, report) = audit(&person, &[&address]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert_eq!(findings(&report, 0), [("differs", "worker.js"), ("differs", "SHA256SUMS")]);
    assert_eq!((&report["equal"], &report["pages"][0]["equal"]), (&false.into(), &3.into()));
    let shown = person.noren(&["auditor", "page", "--digests", "SHA256SUMS", &address], b"");
    assert_eq!(shown.code, Some(1));
    assert!(shown.out.contains("3 of 5 files are the listed ones"), "{shown:?}");
    assert!(shown.out.contains("FINDING: worker.js: it is another file"), "{shown:?}");
    assert!(shown.out.contains("(however it is asked for)"), "{shown:?}");
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
        "another index for whoever scanned",
        |site| site.answer("?v=3", file("", &[], b"<script src=other.js></script>")),
        &[("differs", "index.html")],
    ),
    (
        "another index for programs alone",
        |site| {
            let other = file("", &[], b"<script src=other.js></script>");
            site.by_head(move |head| (!head.contains("mozilla")).then(|| other.clone()));
        },
        &[
            ("differs", "index.html"),
            ("differs", "page.js"),
            ("header", "page.js"),
            ("differs", "texts/ja.js"),
            ("header", "texts/ja.js"),
            ("differs", "worker.js"),
            ("header", "worker.js"),
            ("differs", "SHA256SUMS"),
            ("header", "SHA256SUMS"),
        ],
    ),
    ("a file that is gone", |site| site.remove("texts/ja.js"), &[("missing", "texts/ja.js")]),
    ("no list", |site| site.remove("SHA256SUMS"), &[("missing", "SHA256SUMS")]),
    (
        "another list",
        |site| site.answer("SHA256SUMS", file("SHA256SUMS", &[], b"0  index.html")),
        &[("differs", "SHA256SUMS")],
    ),
    (
        "another file by its own name",
        |site| site.answer("index.html", file("", &[], b"<script src=other.js></script>")),
        &[("differs", "index.html")],
    ),
    (
        "a file that leads elsewhere",
        |site| {
            let to = "HTTP/1.1 302 Found\r\nlocation: /other.js\r\ncontent-length: 0\r\n\r\n";
            site.answer("worker.js", to.as_bytes().to_vec());
        },
        &[("missing", "worker.js")],
    ),
    (
        "no policy",
        |site| site.answer("worker.js", file("worker.js", &[(POLICY.0, "")], b"keep();")),
        &[("policy", "worker.js")],
    ),
    (
        "a policy that lets scripts come from elsewhere",
        |site| {
            let policy = PAGE_POLICY.replace("script-src 'self'", "script-src 'self' https:");
            site.answer("", file("", &[(POLICY.0, &policy)], FILES[0].1));
        },
        &[("policy", "index.html")],
    ),
    (
        "another file, packed",
        |site| {
            let fields = [("content-encoding", "br")];
            site.answer("page.js", file("page.js", &fields, &packed(b"start_();")));
        },
        &[("differs", "page.js")],
    ),
    (
        "packed as nothing opens",
        |site| {
            let fields = [("content-encoding", "br")];
            site.answer("page.js", file("page.js", &fields, &packed(b"start();")[..5]));
        },
        &[("differs", "page.js")],
    ),
    (
        "packed as nobody can compare",
        |site| {
            let fields = [("content-encoding", "zstd")];
            site.answer("page.js", file("page.js", &fields, b"start();"));
        },
        &[("differs", "page.js")],
    ),
    (
        "another type",
        |site| {
            let fields = [("content-type", "text/html")];
            site.answer("page.js", file("page.js", &fields, b"start();"));
        },
        &[("header", "page.js")],
    ),
    (
        "a type that reads letters otherwise",
        |site| {
            let fields = [("content-type", "text/html; charset=utf-7")];
            site.answer("", file("", &fields, FILES[0].1));
        },
        &[("header", "index.html")],
    ),
];

/// Parts of a request's head by which a server could tell people from an auditor.
const MARKS: [&str; 16] = [
    "mozilla",
    "chrome/",
    "version/26",
    "firefox/",
    "get / http",
    "get /?v=3 ",
    "get /index.html ",
    "sec-fetch-dest: document",
    "sec-fetch-dest: script",
    "sec-fetch-dest: worker",
    "sec-fetch-dest: empty",
    "sec-fetch-mode: navigate",
    "accept-language: ja",
    "zstd",
    "if-none-match",
    "upgrade-insecure-requests",
];

#[test]
fn a_server_that_has_another_page_for_people_is_found_out_by_whatever_it_tells_them() {
    // [CLI-49]
    let person = auditor();
    for mark in MARKS {
        let site = host();
        site.by_head(move |head| {
            head.contains(mark).then(|| file("", &[], b"<script src=other.js></script>"))
        });
        let (ran, report) = audit(&person, &[&site.url]);
        let found = findings(&report, 0);
        assert!(found.iter().any(|(kind, _)| *kind == "differs"), "{mark}: {ran:?}");
        assert_eq!(ran.code, Some(1), "{mark}");
    }
}

#[test]
fn who_has_the_file_may_be_told_so_and_what_is_told_then_counts() {
    // [CLI-49]
    let person = auditor();
    let told = |fields: &'static str| {
        let site = host();
        site.by_head(move |head| {
            let answer = format!("HTTP/1.1 304 Not Modified\r\n{fields}\r\n");
            head.contains("if-none-match").then(|| answer.into_bytes())
        });
        let (_, report) = audit(&person, &[&site.url]);
        let kinds = findings(&report, 0).into_iter().map(|(kind, _)| kind.to_owned());
        kinds.collect::<std::collections::BTreeSet<_>>().into_iter().collect::<Vec<_>>()
    };
    assert_eq!(told(""), Vec::<String>::new());
    assert_eq!(told("content-security-policy: default-src *\r\n"), ["policy"]);
    assert_eq!(told("set-cookie: id=4711\r\n"), ["header"]);
    assert_eq!(told("permissions-policy: geolocation=*\r\n"), ["header"]);
}

/// Header fields that the page's own server never sends, or not so.
const FOREIGN: [(&str, &str); 18] = [
    ("cache-control", "public, max-age=31536000, immutable"),
    ("set-cookie", "you=1"),
    ("set-cookie", "id=vict\u{e9}m; Max-Age=99999999"),
    ("link", "<https://spy.example/\u{e9}>; rel=preconnect"),
    ("clear-site-data", "\"storage\", \"cache\""),
    ("content-security-policy-report-only", "default-src 'none'; report-uri https://spy.example"),
    ("accept-ch", "Sec-CH-UA-Model"),
    ("alt-svc", "h3=\"spy.example:443\""),
    ("speculation-rules", "\"/spy.json\""),
    ("x-sourcemap", "https://spy.example/m"),
    ("service-worker-allowed", "/"),
    ("access-control-allow-origin", "*"),
    ("what-nobody-knows-yet", "1"),
    ("permissions-policy", "geolocation=*, microphone=*"),
    ("cross-origin-opener-policy", "unsafe-none"),
    ("referrer-policy", ""),
    ("x-content-type-options", ""),
    ("content-type", ""),
];

#[test]
fn every_header_field_that_the_pages_own_server_does_not_send_is_found() {
    // [CLI-49]
    let person = auditor();
    for (name, value) in FOREIGN {
        let site = host();
        // Bytes as they are, also those that are no letters of ASCII.
        let sent = file("page.js", &[(name, value)], b"start();");
        site.answer(
            "page.js",
            sent.iter().map(|byte| if *byte == 0xc3 { 0xe9 } else { *byte }).collect(),
        );
        let (ran, report) = audit(&person, &[&site.url]);
        assert_eq!(findings(&report, 0), [("header", "page.js")], "{name}: {ran:?}");
        let text = report["pages"][0]["findings"][0]["text"].as_str().unwrap();
        assert!(text.contains(name) || name == "content-type", "{text}");
    }
}

#[test]
fn a_hosts_own_harmless_fields_are_told_and_no_fault() {
    // [CLI-49]
    let (person, site) = (auditor(), host());
    let fields = [
        ("server", "nginx"),
        ("etag", "\"of-its-own\""),
        ("cache-control", "max-age=600"),
        ("strict-transport-security", "max-age=31536000"),
        ("last-modified", "Fri, 27 Nov 2026 00:00:00 GMT"),
    ];
    site.answer("page.js", file("page.js", &fields, b"start();"));
    let (ran, report) = audit(&person, &[&site.url]);
    assert_eq!((ran.code, findings(&report, 0)), (Some(0), vec![]), "{ran:?}");
    let told = ["cache-control", "etag", "last-modified", "server", "strict-transport-security"];
    assert_eq!(report["pages"][0]["further_fields"], serde_json::json!(told));
}

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
    let fields = [("content-encoding", "br")];
    honest.answer("page.js", file("page.js", &fields, &packed(b"start();")));
    let (ran, report) = audit(&person, &[&honest.url]);
    assert_eq!((ran.code, findings(&report, 0)), (Some(0), vec![]), "{ran:?}");
    let asked = honest.asked();
    for path in ["", "?v=3", "index.html", "page.js", "texts/ja.js", "worker.js", "SHA256SUMS"] {
        assert!(asked.iter().any(|asked| asked == path), "{path}: {asked:?}");
    }
    // Several vantage points, one of which is not there: the others are told, and it is an error.
    other.answer("worker.js", file("worker.js", &[], b"tell();"));
    let (ran, report) = audit(&person, &[&honest.url, &other.url, "http://127.0.0.1:1"]);
    ran.ends(2, "cannot reach the server at http://127.0.0.1:1");
    assert_eq!(findings(&report, 0), []);
    assert_eq!(findings(&report, 1), [("differs", "worker.js")]);
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
