//! The web page as a browser asks for it, and what stands there where there is none.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use noren::messages::Level;
use noren::profile::{Contact, Profile};
use noren_server::PAGE_POLICY;
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use super::harness::{Answer, START, World};
use crate::authority::at;

/// Longer than one piece.
const MODULE: usize = 200_000;

/// A file's path, its bytes, and what stands beside it as packed.
type Entry<'a> = (&'a str, &'a [u8], Option<&'a str>);

const INDEX: &[u8] =
    b"<!doctype html><title>Noren</title><p>Noren</p><p>Noren</p><p>Noren</p><p>Noren\
    </p><p>Noren</p><p>Noren</p><p>Noren</p><p>Noren</p>";
pub(crate) const PACKED_INDEX: &str =
    "a11004c0e0382dd6fcac60b8847b7b491ea7b27293830d38700a34a28016a761636c2b08edd6f2ed53c21f01";
/// What brotli made of the module, and of `keep();`, which became longer.
const PACKED_MODULE: &str = "533f0d83fee2c08e958135a47ae0a861e3d60ec4c0b6ed4d56ebe0bc90fb4e71705ec9\
    79c441b8c1d89a9bd02e431e4d242026d8c4b17bbfa67f6000408409655c48a58d753ec4944b6d7dccb5cf7d1f00211841\
    319c20299a61395e1025595135dd302ddb713d3f08a33849b3bc28abba69bb7e18a77959b7fd38affb79bfdf1f40308262\
    38415234c372bc204ab2a26aba615ab6e37a7e104671926679515675d376fd304ef3b26efb715ef7f37e3f800813cab890\
    4a1beb7c104671926679515675d376fd304ef3b26efb715ef7f37e3f284756cfde3701";
const PACKED_KEEP: &str = "211800046b65657028293b03";

/// A folder as `web/build` writes it.
pub(crate) fn page() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let module: Vec<u8> = (0..MODULE).map(|place| (place % 253) as u8).collect();
    let files: [Entry<'_>; 5] = [
        ("index.html", INDEX, Some(PACKED_INDEX)),
        ("module.wasm", &module, Some(PACKED_MODULE)),
        ("page.js", b"start();", None),
        ("service-worker.js", b"keep();", Some(PACKED_KEEP)),
        ("texts/ja.js", b"export {};", None),
    ];
    let mut list = String::new();
    for (path, plain, brotli) in files {
        let place = folder.path().join(path);
        std::fs::create_dir_all(place.parent().unwrap()).unwrap();
        std::fs::write(&place, plain).unwrap();
        if let Some(brotli) = brotli {
            std::fs::write(folder.path().join(format!("{path}.br")), hex::decode(brotli).unwrap())
                .unwrap();
        }
        list += &format!("{}  {path}\n", hex::encode(Sha256::digest(plain)));
    }
    std::fs::write(folder.path().join("SHA256SUMS"), list).unwrap();
    std::fs::write(folder.path().join("table.rs"), "[]").unwrap();
    folder
}

async fn serving(folder: &TempDir) -> World {
    World::with(|config| config.page.folder = Some(folder.path().to_owned())).await
}

async fn ask(world: &World, path: &str, fields: &[(&str, &str)]) -> Answer {
    let mut request = Request::get(path);
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    world.send(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn files_are_handed_out_by_their_exact_names_and_types() {
    // [API-33]
    let (folder, html) = (page(), "text/html; charset=utf-8");
    let world = serving(&folder).await;
    for (path, file, content_type) in [
        ("/", "index.html", html),
        ("/?v=3", "index.html", html),
        ("/?", "index.html", html),
        ("/index.html", "index.html", html),
        ("/module.wasm", "module.wasm", "application/wasm"),
        ("/page.js", "page.js", "text/javascript; charset=utf-8"),
        ("/texts/ja.js", "texts/ja.js", "text/javascript; charset=utf-8"),
        ("/SHA256SUMS", "SHA256SUMS", "text/plain; charset=utf-8"),
    ] {
        let answer = world.get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert_eq!(answer.header("content-type"), content_type, "{path}");
        assert_eq!(answer.body, std::fs::read(folder.path().join(file)).unwrap(), "{path}");
        assert_eq!(answer.header("content-length"), answer.body.len().to_string(), "{path}");
        let head = world.send(Request::head(path).body(Body::empty()).unwrap()).await;
        assert_eq!((head.status, head.body.len()), (StatusCode::OK, 0), "{path}");
        assert_eq!(head.header("content-length"), answer.body.len().to_string(), "{path}");
        assert_eq!(head.header("etag"), answer.header("etag"), "{path}");
    }
}

#[tokio::test]
async fn no_other_name_leads_to_a_file() {
    // [API-33] [API-12]
    let world = serving(&page()).await;
    for path in [
        "/Index.html",
        "/index.html/",
        "//index.html",
        "/./index.html",
        "/texts/../index.html",
        "/texts",
        "/texts/",
        "/%69ndex.html",
        "/texts%2fja.js",
        "/table.rs",
        "/index.html.br",
        "/SHA256SUMS/",
        "/../../../etc/passwd",
        "/%2e%2e/secret",
    ] {
        for method in [Method::GET, Method::HEAD, Method::POST, Method::OPTIONS] {
            let request = Request::builder().method(method).uri(path);
            let answer = world.send(request.body(Body::empty()).unwrap()).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        }
        assert_eq!(world.get(path).await.problem(), "no-such-path", "{path}");
    }
    for path in ["/page.js?", "/page.js?v=3", "/index.html?x"] {
        let answer = world.get(path).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path}");
        assert_eq!(answer.problem(), "malformed-request");
    }
    for (method, path) in [("POST", "/page.js"), ("DELETE", "/"), ("OPTIONS", "/module.wasm")] {
        let request = Request::builder().method(method).uri(path);
        let answer = world.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
        assert_eq!(answer.header("allow"), "GET,HEAD");
        answer.problem();
    }
}

#[tokio::test]
async fn a_browser_is_told_what_the_page_may_do_and_of_all_else_that_it_may_do_nothing() {
    // [API-33] [API-16]
    let world = serving(&page()).await;
    for path in ["/", "/page.js", "/module.wasm", "/texts/ja.js", "/service-worker.js"] {
        let answer = world.get(path).await;
        assert_eq!(answer.header("content-security-policy"), PAGE_POLICY, "{path}");
        assert!(answer.header("permissions-policy").starts_with("camera=(self), microphone=()"));
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin");
        assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("access-control-allow-origin"), "", "{path}");
        assert_eq!(answer.header("set-cookie"), "");
    }
    for path in ["/v1/authority", "/checkpoint", "/openapi.json", "/nothing", "/page.js?x"] {
        let answer = world.get(path).await;
        assert_eq!(answer.header("content-security-policy"), "default-src 'none'", "{path}");
        assert_eq!(answer.header("permissions-policy"), "", "{path}");
    }
    let further = World::with(|config| {
        config.page.connect = vec!["https://other.example".to_owned()];
        config.page.folder = Some(page().keep());
    })
    .await;
    let policy = further.get("/").await.header("content-security-policy").to_owned();
    assert!(policy.contains("; connect-src 'self' https://other.example; "), "{policy}");
}

#[tokio::test]
async fn who_unpacks_brotli_gets_it_and_who_has_a_file_gets_304() {
    // [API-36]
    let folder = page();
    let world = serving(&folder).await;
    let plain = ask(&world, "/", &[]).await;
    let packed = ask(&world, "/", &[("accept-encoding", "gzip, deflate, br, zstd")]).await;
    assert_eq!(packed.body, hex::decode(PACKED_INDEX).unwrap());
    assert_eq!(packed.header("content-encoding"), "br");
    assert_eq!(packed.header("content-length"), packed.body.len().to_string());
    assert_ne!(packed.header("etag"), plain.header("etag"));
    for answer in [&plain, &packed] {
        assert_eq!(answer.header("vary"), "Accept-Encoding");
        assert_eq!(answer.header("cache-control"), "no-cache");
    }
    for (accepted, is_packed) in [
        ("br", true),
        ("BR", true),
        ("gzip;q=1.0, br;q=0.1", true),
        ("br ; q=0.5", true),
        ("br;q=0", false),
        ("br;q=0.000", false),
        ("br;q=x", false),
        ("brotli", false),
        ("gzip", false),
        ("*", false),
        ("", false),
    ] {
        let answer = ask(&world, "/module.wasm", &[("accept-encoding", accepted)]).await;
        assert_eq!(answer.header("content-encoding") == "br", is_packed, "{accepted}");
        let expected = if is_packed { PACKED_MODULE.len() / 2 } else { MODULE };
        assert_eq!(answer.body.len(), expected, "{accepted}");
    }
    // What is longer packed is not packed.
    let answer = ask(&world, "/service-worker.js", &[("accept-encoding", "br")]).await;
    assert_eq!((answer.header("content-encoding"), &answer.body[..]), ("", &b"keep();"[..]));
    for (fields, tag) in
        [(vec![], plain.header("etag")), (vec![("accept-encoding", "br")], packed.header("etag"))]
    {
        let same = [&fields[..], &[("if-none-match", tag)]].concat();
        let answer = ask(&world, "/?v=3", &same).await;
        assert_eq!((answer.status, answer.body.len()), (StatusCode::NOT_MODIFIED, 0));
        assert_eq!(answer.header("etag"), tag);
        assert_eq!(answer.header("vary"), "Accept-Encoding");
        assert_eq!(answer.header("content-security-policy"), PAGE_POLICY);
        let other = [&fields[..], &[("if-none-match", "\"other\"")]].concat();
        assert_eq!(ask(&world, "/", &other).await.status, StatusCode::OK);
    }
    // One's packed copy says nothing about the plain file.
    let crossed = ask(&world, "/", &[("if-none-match", packed.header("etag"))]).await;
    assert_eq!(crossed.status, StatusCode::OK);
    // A changed file has another tag.
    let before = world.get("/page.js").await.header("etag").to_owned();
    std::fs::write(folder.path().join("page.js"), "other();").unwrap();
    let list = std::fs::read_to_string(folder.path().join("SHA256SUMS")).unwrap();
    let old = hex::encode(Sha256::digest("start();"));
    let list = list.replace(&old, &hex::encode(Sha256::digest("other();")));
    std::fs::write(folder.path().join("SHA256SUMS"), list).unwrap();
    let world = world.restart().await;
    assert_ne!(world.get("/page.js").await.header("etag"), before);
}

/// Every language's section: its tag and text.
fn sections(text: &str) -> Vec<(&str, &str)> {
    let sections = text.split("<section lang=\"").skip(1);
    sections.map(|section| section.split_once('"').unwrap()).collect()
}

const LANGUAGES: [&str; 6] = ["ja", "en", "ko", "zh-Hans", "pt", "vi"];

#[tokio::test]
async fn where_the_page_stands_elsewhere_words_lead_there() {
    // [API-34]
    let world = World::with(|config| {
        config.page.origin = Some("https://page.example".to_owned());
    })
    .await;
    for path in ["/", "/?v=3"] {
        let answer = world.get(path).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
        assert_eq!(answer.header("cache-control"), "no-cache");
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; ") && !policy.contains("script"));
        let text = String::from_utf8(answer.body.clone()).unwrap();
        assert!(!text.contains("<script") && !text.contains("style"));
        let sections = sections(&text);
        assert_eq!(sections.iter().map(|(tag, _)| *tag).collect::<Vec<_>>(), LANGUAGES);
        for (tag, section) in sections {
            assert!(section.contains("Health Office"), "{tag}");
            assert!(section.contains("<a href=\"https://page.example/\">"), "{tag}");
        }
        let again = ask(&world, path, &[("if-none-match", answer.header("etag"))]).await;
        assert_eq!(again.status, StatusCode::NOT_MODIFIED);
    }
    for path in ["/index.html", "/SHA256SUMS", "/page.js"] {
        assert_eq!(world.get(path).await.problem(), "no-such-path", "{path}");
    }
}

#[tokio::test]
async fn where_there_is_no_page_words_say_so_with_the_authoritys_name_and_lines() {
    // [API-34]
    let mut world = World::with(|config| config.page.off = true).await;
    let text = String::from_utf8(world.get("/").await.body).unwrap();
    assert_eq!(sections(&text).len(), LANGUAGES.len());
    assert!(!text.contains("<a ") && text.contains("Health Office"));
    // A newer profile counts from then on, and nothing in it becomes a tag.
    let contact = |level, language: &str, label: &str| Contact {
        level,
        language: language.to_owned(),
        label: label.to_owned(),
        value: "06-0000-0000".to_owned(),
        hours: String::new(),
    };
    let profile = Profile {
        name: "A & B <script>".to_owned(),
        contacts: vec![
            contact(None, "en", "Call <centre>"),
            contact(Some(Level::Attention), "en", "Only for the warned"),
        ],
        ..world.authority.profile(START).profile().clone()
    };
    let newer = Profile { issued: at(START + 1), ..profile }.sign(&world.authority.keys).unwrap();
    world.pass(1);
    let path = "/v1/authority";
    let answer = world.signed("PUT", path, "application/cbor", newer.as_bytes()).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    world = world.restart().await;
    let text = String::from_utf8(world.get("/").await.body).unwrap();
    assert!(text.contains("A &amp; B &lt;script&gt;") && !text.contains("<script"), "{text}");
    assert!(text.contains("<p>Call &lt;centre&gt; 06-0000-0000</p>"), "{text}");
    assert!(!text.contains("Only for the warned"));
}

#[tokio::test]
async fn without_a_setting_the_page_is_the_one_that_was_built_in() {
    // [API-33]
    let world = World::new().await;
    let answer = world.get("/").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.body, noren_page::file("index.html").unwrap().plain);
    assert_eq!(answer.header("content-security-policy"), PAGE_POLICY);
    for file in noren_page::FILES {
        let answer = world.get(&format!("/{}", file.path)).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", file.path);
        assert_eq!(hex::encode(Sha256::digest(&answer.body)), file.sha256, "{}", file.path);
        assert_eq!(answer.header("content-type"), file.content_type, "{}", file.path);
    }
}
