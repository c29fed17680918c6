//! Requests that could be read in two ways, and those that could not.

use axum::body::Body;
use axum::http::{Request, StatusCode, Version};

use super::harness::{START, World, case_path, request, sealed, upload_request};

fn ask(target: &str, fields: &[(&str, &str)]) -> Request<Body> {
    let mut request = Request::get(target);
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    request.body(Body::empty()).unwrap()
}

#[tokio::test]
async fn a_server_is_named_once_and_well() {
    // [API-26]
    let world = World::new().await;
    for (hosts, right) in [
        (&["localhost"][..], true),
        (&["health.example"], true),
        (&["Health.Example:443"], true),
        (&["127.0.0.1:8470"], true),
        (&["[::1]:8470"], true),
        (&["xn--bcher-kva.example"], true),
        (&["localhost:"], true),
        (&[], false),
        (&[""], false),
        (&["localhost", "localhost"], false),
        (&["localhost", "other"], false),
        (&["a, b"], false),
        (&["a b"], false),
        (&["user@localhost"], false),
        (&["localhost/"], false),
        (&["localhost?x"], false),
        (&["localhost#x"], false),
        (&["http://localhost"], false),
        (&["localhost:x"], false),
        (&["localhost:65536"], false),
        (&["localhost:+1"], false),
        (&["localhost:1:2"], false),
        (&[":80"], false),
        (&["[::1"], false),
    ] {
        let fields: Vec<_> = hosts.iter().map(|host| ("host", *host)).collect();
        let answer = world.send_as_it_is(ask("/v1/authority", &fields)).await;
        let expected = if right { StatusCode::OK } else { StatusCode::BAD_REQUEST };
        assert_eq!(answer.status, expected, "{hosts:?}");
        if !right {
            assert_eq!(answer.problem(), "malformed-request");
            assert_eq!(answer.header("connection"), "close");
        }
    }
    // HTTP/1.0 knows no such field, and may not say it twice either.
    let mut old = ask("/v1/authority", &[]);
    *old.version_mut() = Version::HTTP_10;
    assert_eq!(world.send_as_it_is(old).await.status, StatusCode::OK);
    let mut old = ask("/v1/authority", &[("host", "a"), ("host", "a")]);
    *old.version_mut() = Version::HTTP_10;
    assert_eq!(world.send_as_it_is(old).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_target_is_a_path_of_this_server() {
    // [API-26]
    let world = World::new().await;
    for (target, status) in [
        ("/v1/authority", StatusCode::OK),
        ("http://localhost/v1/authority", StatusCode::OK),
        ("https://health.example:443/v1/authority", StatusCode::OK),
        ("ftp://localhost/v1/authority", StatusCode::BAD_REQUEST),
        ("http://user@localhost/v1/authority", StatusCode::BAD_REQUEST),
        ("http://user:word@localhost/v1/authority", StatusCode::BAD_REQUEST),
        ("localhost:443", StatusCode::BAD_REQUEST),
        ("*", StatusCode::BAD_REQUEST),
        ("//v1/authority", StatusCode::NOT_FOUND),
        ("/v1//authority", StatusCode::NOT_FOUND),
        ("/v1/authority/", StatusCode::NOT_FOUND),
        ("/v1/./authority", StatusCode::NOT_FOUND),
        ("/V1/authority", StatusCode::NOT_FOUND),
    ] {
        let answer = world.send(ask(target, &[])).await;
        assert_eq!(answer.status, status, "{target}");
        if status != StatusCode::OK {
            answer.problem();
        }
    }
    for (method, target, status) in [
        ("CONNECT", "localhost:443", StatusCode::BAD_REQUEST),
        ("OPTIONS", "*", StatusCode::BAD_REQUEST),
        ("OPTIONS", "/v1/authority", StatusCode::METHOD_NOT_ALLOWED),
        ("TRACE", "/v1/authority", StatusCode::METHOD_NOT_ALLOWED),
        ("CONNECT", "/v1/authority", StatusCode::METHOD_NOT_ALLOWED),
        ("PRI", "*", StatusCode::BAD_REQUEST),
    ] {
        let request = Request::builder().method(method).uri(target);
        let answer = world.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, status, "{method} {target}");
        answer.problem();
    }
}

#[tokio::test]
async fn a_field_that_says_one_thing_is_given_once() {
    // [API-26]
    let world = World::new().await;
    let code = world.case().await;
    for name in [
        "content-length",
        "content-type",
        "upload-ticket",
        "x-chaff",
        "expect",
        "content-encoding",
        "user-agent",
    ] {
        for second in ["same", "other", "empty"] {
            let mut request = upload_request(&code.to_text(), false, &sealed(1));
            let fields = request.headers_mut();
            let first = match name {
                "expect" => "100-continue",
                "content-encoding" => "identity",
                _ => "0",
            };
            let first = fields.entry(name).or_insert(first.parse().unwrap()).clone();
            let second = match second {
                "same" => first,
                "other" => "1".parse().unwrap(),
                _ => "".parse().unwrap(),
            };
            fields.append(name, second);
            let answer = world.send(request).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{name}");
            assert_eq!(answer.problem(), "malformed-request");
        }
    }
    for name in ["if-none-match", "if-modified-since", "range", "authorization", "host"] {
        let answer = world.send(ask("/v1/authority", &[(name, "\"a\""), (name, "\"a\"")])).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{name}");
    }
    // Lists may go on in a second field.
    for name in ["accept", "accept-encoding", "via", "x-forwarded-for", "cache-control", "cookie"] {
        let answer = world.send(ask("/v1/authority", &[(name, "a"), (name, "b")])).await;
        assert_eq!(answer.status, StatusCode::OK, "{name}");
    }
    // Nothing of this has used the code up.
    let answer = world.upload(&code.to_text(), false, &sealed(1)).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED);
}

#[tokio::test]
async fn a_signature_that_is_given_twice_is_none_anywhere() {
    // [API-26] [API-7]
    let world = World::new().await;
    for name in ["signature", "signature-input", "content-digest"] {
        for (method, path) in [("GET", "/v1/uploads"), ("GET", "/v1/authority")] {
            let headers = world.authority.sign(method, path, b"", START);
            let mut request = request(method, path, "", &headers, b"");
            let value = request.headers()[name].clone();
            request.headers_mut().append(name, value);
            let answer = world.send(request).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{name} {path}");
            assert_eq!(answer.problem(), "request-signature-refused");
        }
    }
}

#[tokio::test]
async fn bodies_are_framed_in_one_way_expected_in_one_way_and_never_decompressed() {
    // [API-26]
    let world = World::new().await;
    let code = world.case().await;
    for (name, value, status) in [
        ("transfer-encoding", "chunked", StatusCode::BAD_REQUEST),
        ("expect", "200-ok", StatusCode::EXPECTATION_FAILED),
        ("expect", "", StatusCode::EXPECTATION_FAILED),
        ("content-encoding", "gzip", StatusCode::UNSUPPORTED_MEDIA_TYPE),
        ("content-encoding", "identity, gzip", StatusCode::UNSUPPORTED_MEDIA_TYPE),
    ] {
        let mut request = upload_request(&code.to_text(), false, &sealed(1));
        request.headers_mut().insert(name, value.parse().unwrap());
        let answer = world.send(request).await;
        assert_eq!(answer.status, status, "{name}: {value}");
        answer.problem();
    }
    let body = b"{\"expires\":1700010000}";
    let path = case_path(&code);
    let headers = world.authority.sign("PUT", &path, body, START);
    let mut request = request("PUT", &path, "application/json", &headers, body);
    request.headers_mut().insert("content-encoding", "br".parse().unwrap());
    assert_eq!(world.send(request).await.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let mut request = upload_request(&code.to_text(), false, &sealed(1));
    request.headers_mut().insert("expect", "100-Continue".parse().unwrap());
    request.headers_mut().insert("content-encoding", "identity".parse().unwrap());
    assert_eq!(world.send(request).await.status, StatusCode::ACCEPTED);
}
