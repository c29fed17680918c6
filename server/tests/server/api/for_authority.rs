//! The authority's door: who gets in.

use axum::http::{HeaderValue, StatusCode};

use super::harness::{Answer, START, World, case_path, request, sealed};
use crate::authority::{Authority, at, entry};

fn assert_refused(answer: &Answer) {
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert_eq!(answer.problem(), "request-signature-refused");
    assert_eq!(answer.header("www-authenticate"), "Signature");
    assert_eq!(answer.json().get("detail"), None, "one answer for every cause");
}

/// Every operation that only the authority may use.
fn operations() -> Vec<(&'static str, String)> {
    let (id, code) = ("0".repeat(32), "0".repeat(64));
    vec![
        ("PUT", "/v1/authority".to_owned()),
        ("GET", "/v1/uploads".to_owned()),
        ("GET", format!("/v1/uploads/{id}")),
        ("DELETE", format!("/v1/uploads/{id}")),
        ("PUT", format!("/v1/cases/{code}")),
        ("DELETE", format!("/v1/cases/{code}")),
        ("POST", "/v1/log".to_owned()),
        ("POST", "/v1/log/turn".to_owned()),
        ("GET", "/v1/log/turn".to_owned()),
    ]
}

#[tokio::test]
async fn without_the_authoritys_signature_nothing_opens() {
    // [API-7]
    let world = World::new().await;
    let stranger = Authority::new(2);
    for (method, path) in operations() {
        assert_refused(&world.send(request(method, &path, "", &[], b"")).await);
        let headers = stranger.sign(method, &path, b"", world.now());
        assert_refused(&world.send(request(method, &path, "", &headers, b"")).await);
        let good = world.authority.sign(method, &path, b"", world.now());
        for missing in 0..3 {
            let mut headers = good.clone();
            headers.remove(missing);
            assert_refused(&world.send(request(method, &path, "", &headers, b"")).await);
        }
        for doubled in 0..3 {
            let mut headers = good.clone();
            headers.push(headers[doubled].clone());
            assert_refused(&world.send(request(method, &path, "", &headers, b"")).await);
        }
        let answer = world.send(request(method, &path, "", &good, b"")).await;
        assert_ne!(answer.status, StatusCode::UNAUTHORIZED, "{method} {path}");
    }
}

#[tokio::test]
async fn a_signature_is_good_for_one_request_only() {
    // [API-8]
    let world = World::new().await;
    let headers = world.authority.sign("GET", "/v1/uploads", b"", world.now());
    let once = request("GET", "/v1/uploads", "", &headers, b"");
    assert_eq!(world.send(once).await.status, StatusCode::OK);
    for _ in 0..2 {
        assert_refused(&world.send(request("GET", "/v1/uploads", "", &headers, b"")).await);
    }
    // Neither a restart nor the last second of its time brings it back.
    world.pass(60);
    let world = world.restart().await;
    assert_refused(&world.send(request("GET", "/v1/uploads", "", &headers, b"")).await);
}

#[tokio::test]
async fn sixteen_replays_at_once_pass_once() {
    // [API-8]
    let world = World::new().await;
    let headers = world.authority.sign("GET", "/v1/uploads", b"", world.now());
    let racers = (0..16).map(|_| world.send(request("GET", "/v1/uploads", "", &headers, b"")));
    let answers = futures_util::future::join_all(racers).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == StatusCode::OK).count(), 1);
}

#[tokio::test]
async fn a_signature_is_good_for_a_minute_either_way() {
    // [API-8]
    let world = World::new().await;
    for (signed, good) in
        [(START - 61, false), (START - 60, true), (START + 60, true), (START + 61, false)]
    {
        let headers = world.authority.sign("GET", "/v1/uploads", b"", signed);
        let answer = world.send(request("GET", "/v1/uploads", "", &headers, b"")).await;
        assert_eq!(answer.status == StatusCode::OK, good, "{signed}");
    }
}

#[tokio::test]
async fn a_signature_covers_method_path_query_and_body() {
    // [API-7]
    let world = World::new().await;
    let path = format!("/v1/cases/{}", "0".repeat(64));
    let other = format!("/v1/cases/{}", "1".repeat(64));
    let body = format!("{{\"expires\":{}}}", START + 60);
    let json = "application/json";
    let sign = || world.authority.sign("PUT", &path, body.as_bytes(), world.now());
    let wrong_path = request("PUT", &other, json, &sign(), body.as_bytes());
    assert_refused(&world.send(wrong_path).await);
    let wrong_method = request("DELETE", &path, "", &sign(), b"");
    assert_refused(&world.send(wrong_method).await);
    let query = format!("{path}?a=1");
    let wrong_query = request("PUT", &query, json, &sign(), body.as_bytes());
    assert_refused(&world.send(wrong_query).await);
    let longer = format!("{{\"expires\":{}}}", START + 3_600);
    let wrong_body = request("PUT", &path, json, &sign(), longer.as_bytes());
    assert_refused(&world.send(wrong_body).await);
    let no_body = request("PUT", &path, json, &sign(), b"");
    assert_refused(&world.send(no_body).await);
    let right = request("PUT", &path, json, &sign(), body.as_bytes());
    assert_eq!(world.send(right).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn a_signature_is_for_one_server_whatever_the_request_says() {
    // [API-7]
    let world = World::with(|config| {
        config.address = Some("https://Health.example:443/noren".to_owned());
    })
    .await;
    let (path, now) = ("/v1/uploads", world.now());
    for (authority, signed, good) in [
        ("127.0.0.1:8470", "/v1/uploads", true),
        // A proxy takes the path of the address off.
        ("health.example", "/noren/v1/uploads", true),
        ("health.example", "/v1/uploads", false),
        ("127.0.0.1:8470", "/noren/v1/uploads", false),
        ("127.0.0.1", "/v1/uploads", false),
        ("mirror.example", "/noren/v1/uploads", false),
        ("health.example.evil.example", "/noren/v1/uploads", false),
        ("health.example:8443", "/noren/v1/uploads", false),
        ("", "/v1/uploads", false),
    ] {
        for host in ["health.example", "127.0.0.1:8470", "mirror.example"] {
            let headers = world.authority.sign_for(authority, "GET", signed, b"", now);
            let mut asked = request("GET", path, "", &headers, b"");
            asked.headers_mut().insert("host", HeaderValue::from_static(host));
            let answer = world.send(asked).await;
            assert_eq!(answer.status == StatusCode::OK, good, "{authority}{signed} at {host}");
        }
    }
}

#[tokio::test]
async fn a_case_needs_a_hash_and_an_end_in_the_coming_31_days() {
    // [API-6]
    let world = World::new().await;
    let path = format!("/v1/cases/{}", "a".repeat(64));
    let put = async |path: &str, body: String| {
        world.signed("PUT", path, "application/json", body.as_bytes()).await
    };
    let until = |end: u64| format!("{{\"expires\":{end}}}");
    for body in [
        until(START),
        until(START + 31 * 86_400 + 1),
        until(u64::MAX),
        "{}".to_owned(),
        "{\"expires\":-1}".to_owned(),
        "{\"expires\":\"1\"}".to_owned(),
        format!("{{\"expires\":{},\"more\":1}}", START + 1),
        "nonsense".to_owned(),
    ] {
        let answer = put(&path, body.clone()).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}");
        assert_eq!(answer.problem(), "malformed-request");
    }
    for hash in ["A".repeat(64), "a".repeat(63), "a".repeat(66), "g".repeat(64)] {
        let answer = put(&format!("/v1/cases/{hash}"), until(START + 1)).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{hash}");
    }
    for end in [START + 1, START + 31 * 86_400, START + 5] {
        assert_eq!(put(&path, until(end)).await.status, StatusCode::CREATED);
    }
    let long = format!("{}{}", until(START + 1), " ".repeat(300));
    assert_eq!(put(&path, long).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    let answer = world.signed("PUT", &path, "text/plain", until(START + 1).as_bytes()).await;
    assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

#[tokio::test]
async fn opening_a_case_again_moves_its_end_and_never_frees_a_used_code() {
    // [API-4] [API-6]
    let world = World::new().await;
    let code = world.case().await;
    let path = case_path(&code);
    let body = format!("{{\"expires\":{}}}", START + 10);
    world.signed("PUT", &path, "application/json", body.as_bytes()).await;
    world.pass(10);
    let text = code.to_text();
    assert_eq!(world.upload(&text, false, &sealed(1)).await.status, StatusCode::FORBIDDEN);
    let body = format!("{{\"expires\":{}}}", START + 20);
    world.signed("PUT", &path, "application/json", body.as_bytes()).await;
    assert_eq!(world.upload(&text, false, &sealed(1)).await.status, StatusCode::ACCEPTED);
    world.signed("PUT", &path, "application/json", body.as_bytes()).await;
    assert_eq!(world.upload(&text, false, &sealed(2)).await.status, StatusCode::FORBIDDEN);
    // Closing it takes the upload along.
    assert_eq!(world.signed("DELETE", &path, "", b"").await.status, StatusCode::NO_CONTENT);
    assert_eq!(world.signed("GET", "/v1/uploads", "", b"").await.json(), serde_json::json!([]));
    assert_eq!(world.signed("DELETE", &path, "", b"").await.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn the_profile_gives_way_to_a_newer_one_of_the_same_keys_only() {
    // [API-7]
    let mut world = World::new().await;
    let cbor = "application/cbor";
    let first = world.get("/v1/authority").await;
    assert_eq!(first.body, world.authority.profile(START).as_bytes());
    let newer = world.authority.profile(START + 5);
    let answer = world.signed("PUT", "/v1/authority", cbor, newer.as_bytes()).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    let second = world.get("/v1/authority").await;
    assert_eq!(second.body, newer.as_bytes());
    assert_ne!(first.header("etag"), second.header("etag"));
    for refused in [world.authority.profile(START), Authority::new(2).profile(START + 9)] {
        let answer = world.signed("PUT", "/v1/authority", cbor, refused.as_bytes()).await;
        assert_eq!(answer.status, StatusCode::CONFLICT);
        assert_eq!(answer.problem(), "profile-conflict");
    }
    let answer = world.signed("PUT", "/v1/authority", cbor, b"nonsense").await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    world.publish(vec![entry(1)]).await;
    // The file that was given at the first start is older: what was put stays.
    let world = world.restart().await;
    assert_eq!(world.get("/v1/authority").await.body, newer.as_bytes());
}

#[tokio::test]
async fn after_a_handover_only_the_new_keys_are_heard() {
    // [API-7] [API-9] [API-11] [PRO-5] [PRO-7]
    let mut world = World::new().await;
    let cbor = "application/cbor";
    world.publish(vec![entry(1)]).await;
    let old = world.authority.profile(START + 1);
    let next = world.authority.keys.successor(&mut rand::rng());
    let signed = old.profile().hand_over(&world.authority.keys, &next, at(START + 2)).unwrap();
    // The new key is nobody before the old one has said so.
    let mut heir = Authority { keys: next, ..Authority::new(1) };
    heir.position = world.authority.position.clone();
    let put = |by: &Authority, body: &[u8]| {
        let headers = by.sign("PUT", "/v1/authority", body, START);
        request("PUT", "/v1/authority", cbor, &headers, body)
    };
    let early = world.send(put(&heir, signed.as_bytes())).await;
    assert_eq!(early.status, StatusCode::UNAUTHORIZED);
    let taken = world.send(put(&world.authority, signed.as_bytes())).await;
    assert_eq!(taken.status, StatusCode::NO_CONTENT);
    // From here on the old key is nobody, neither for requests nor for the log.
    let late = world.send(put(&world.authority, old.as_bytes())).await;
    assert_eq!(late.status, StatusCode::UNAUTHORIZED);
    let forged = world.authority.append(vec![entry(2)], START);
    let before = std::mem::replace(&mut world.authority, heir);
    assert_eq!(world.append(&forged).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    for old in [&old, &before.profile(START + 9)] {
        let back = world.send(put(&world.authority, old.as_bytes())).await;
        assert_eq!(back.problem(), "profile-conflict");
    }
    // Until the next append the old key's checkpoint stands, over a restart with the old file too.
    let head = world.get("/checkpoint").await.body;
    let mut world = world.restart().await;
    assert_eq!(world.get("/checkpoint").await.body, head);
    assert_eq!(world.get("/v1/authority").await.body, signed.as_bytes());
    world.publish(vec![]).await;
    assert_ne!(world.get("/checkpoint").await.body, head);
    world.publish(vec![entry(2)]).await;
    let world = world.restart().await;
    assert_eq!(world.state.published.size(), 2);
}
