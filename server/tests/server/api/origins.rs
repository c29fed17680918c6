//! Pages of other origins: what they may read, and which one may hand in.

use axum::body::Body;
use axum::http::{Request, StatusCode};

use super::harness::{Answer, World, sealed, upload_request};
use crate::authority::entry;

const PAGE: &str = "https://page.example";
const READER: &str = "access-control-allow-origin";

async fn ask(world: &World, method: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    world.send(request.body(Body::empty()).unwrap()).await
}

async fn with_page() -> World {
    World::with(|config| config.page.origin = Some(PAGE.to_owned())).await
}

#[tokio::test]
async fn everybody_reads_what_is_public_and_nothing_else() {
    // [API-35]
    for mut world in [World::new().await, with_page().await] {
        for (path, is_public) in [
            ("/checkpoint", true),
            ("/v1/authority", true),
            ("/tile/0/000.p/1", true),
            ("/archive/2023-11-15", true),
            ("/v3/traceKeys", true),
            ("/openapi.json", false),
            ("/", false),
            ("/nothing", false),
            ("/v1/uploads", false),
            ("/v1/log/turn", false),
        ] {
            // Before anything is published, too: a page has to see that there is nothing.
            for _ in 0..2 {
                for method in ["GET", "HEAD"] {
                    let answer = ask(&world, method, path, &[("origin", PAGE)]).await;
                    let expected = if is_public { "*" } else { "" };
                    assert_eq!(answer.header(READER), expected, "{method} {path}");
                    assert_eq!(answer.header("access-control-allow-credentials"), "");
                    let readable = answer.header("access-control-expose-headers");
                    assert_eq!(readable.contains("Date"), is_public, "{path}");
                }
                if world.get("/checkpoint").await.status == StatusCode::NOT_FOUND {
                    world.publish(vec![entry(1)]).await;
                }
            }
        }
        // Nothing is changed from another page.
        for (method, path) in
            [("PUT", "/v1/authority"), ("POST", "/v1/log"), ("OPTIONS", "/v1/log")]
        {
            let answer = ask(&world, method, path, &[("origin", PAGE)]).await;
            assert_eq!(answer.header(READER), "", "{method} {path}");
        }
    }
}

#[tokio::test]
async fn a_tag_that_matches_leaves_the_answer_readable() {
    // [API-35]
    let world = World::new().await;
    let tag = world.get("/v1/authority").await.header("etag").to_owned();
    let answer = ask(&world, "GET", "/v1/authority", &[("if-none-match", &tag)]).await;
    assert_eq!((answer.status, answer.header(READER)), (StatusCode::NOT_MODIFIED, "*"));
}

#[tokio::test]
async fn uploads_are_taken_from_the_page_of_the_settings_alone() {
    // [API-35]
    let world = with_page().await;
    for (origin, right) in [
        (PAGE, true),
        ("https://page.example:444", false),
        ("http://page.example", false),
        ("https://page.example.evil.example", false),
        ("https://other.example", false),
        ("null", false),
    ] {
        let asked = [
            ("origin", origin),
            ("access-control-request-method", "POST"),
            ("access-control-request-headers", "content-type,upload-ticket,x-chaff"),
        ];
        let answer = ask(&world, "OPTIONS", "/v1/uploads", &asked).await;
        assert_eq!((answer.status, answer.body.len()), (StatusCode::NO_CONTENT, 0), "{origin}");
        let reader = if right { PAGE } else { "" };
        assert_eq!(answer.header(READER), reader, "{origin}");
        assert_eq!(answer.header("access-control-allow-methods") == "POST", right, "{origin}");
        let fields = answer.header("access-control-allow-headers").to_lowercase();
        for field in ["content-type", "upload-ticket", "x-chaff"] {
            assert_eq!(fields.contains(field), right, "{origin} {field}");
        }
        assert_eq!(answer.header("vary"), "Origin");
        assert_eq!(answer.header("access-control-allow-credentials"), "");
        // An upload, a dummy and a refusal are read by the same page.
        let code = world.case().await;
        for (ticket, chaff, status) in [
            (code.to_text(), false, StatusCode::ACCEPTED),
            (code.to_text(), true, StatusCode::ACCEPTED),
            ("nonsense".to_owned().into(), false, StatusCode::FORBIDDEN),
        ] {
            let mut request = upload_request(&ticket, chaff, &sealed(1));
            request.headers_mut().insert("origin", origin.parse().unwrap());
            let answer = world.send(request).await;
            assert_eq!(answer.status, status, "{origin}");
            assert_eq!((answer.header(READER), answer.header("vary")), (reader, "Origin"));
        }
    }
    // The list of uploads is the authority's.
    let listed = world.signed("GET", "/v1/uploads", "", b"").await;
    assert_eq!((listed.status, listed.header(READER)), (StatusCode::OK, ""));
}

#[tokio::test]
async fn without_such_a_page_no_other_origin_hands_in() {
    // [API-35]
    let world = World::new().await;
    let asked = [("origin", PAGE), ("access-control-request-method", "POST")];
    let answer = ask(&world, "OPTIONS", "/v1/uploads", &asked).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    assert!(!answer.headers.keys().any(|name| name.as_str().starts_with("access-control")));
    let code = world.case().await;
    let mut request = upload_request(&code.to_text(), false, &sealed(1));
    request.headers_mut().insert("origin", PAGE.parse().unwrap());
    let answer = world.send(request).await;
    assert_eq!((answer.status, answer.header(READER)), (StatusCode::ACCEPTED, ""));
}
