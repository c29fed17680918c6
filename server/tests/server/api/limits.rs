//! Refusals that have nothing to do with what was asked, and the operators' address.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use futures_util::stream;

use super::harness::{BODY, World, sealed};
use crate::authority::entry;

#[tokio::test]
async fn what_does_not_exist_is_a_problem_document() {
    // [API-12]
    let world = World::new().await;
    let answer = world.get("/nothing/here").await;
    assert_eq!((answer.status, answer.problem()), (StatusCode::NOT_FOUND, "no-such-path".into()));
    let request = Request::patch("/checkpoint").body(Body::empty()).unwrap();
    let answer = world.send(request).await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(answer.problem(), "about:blank");
    assert!(answer.header("allow").contains("GET"));
    for path in ["/health", "/metrics"] {
        // [API-15]
        assert_eq!(world.get(path).await.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn a_body_that_never_ends_times_out() {
    // [API-13]
    let world = World::with(|config| config.limits.request_seconds = 1).await;
    let code = world.case().await;
    let mut request = super::harness::upload_request(&code.to_text(), false, &sealed(1));
    *request.body_mut() = Body::from_stream(stream::pending::<Result<Vec<u8>, std::io::Error>>());
    let answer = world.send(request).await;
    assert_eq!(answer.status, StatusCode::REQUEST_TIMEOUT);
    assert_eq!(answer.problem(), "about:blank");
    // A busy machine may need more than that second for a sound one, too.
    let accepted = loop {
        let answer = world.upload(&code.to_text(), false, &sealed(1)).await;
        if answer.status != StatusCode::REQUEST_TIMEOUT {
            break answer.status;
        }
    };
    assert_eq!(accepted, StatusCode::ACCEPTED);
}

#[tokio::test]
async fn a_stranger_cannot_make_the_server_keep_a_body() {
    // [API-13] [API-7]
    let world = World::new().await;
    let read = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counter = std::sync::Arc::clone(&read);
    let endless = stream::repeat_with(move || {
        counter.fetch_add(BODY, std::sync::atomic::Ordering::SeqCst);
        Ok::<_, std::io::Error>(vec![0_u8; BODY])
    });
    let request = Request::post("/v1/log").body(Body::from_stream(endless)).unwrap();
    assert_eq!(world.send(request).await.status, StatusCode::UNAUTHORIZED);
    assert!(read.load(std::sync::atomic::Ordering::SeqCst) <= 2 << 20);
}

#[tokio::test]
async fn operators_see_health_and_metrics() {
    // [API-15] [API-14]
    let mut world = World::new().await;
    let health = world.ops("/health").await;
    assert_eq!(health.status, StatusCode::OK);
    assert_eq!(health.json()["checkpoint_age_seconds"], serde_json::Value::Null);
    world.publish(vec![entry(0), entry(1)]).await;
    let code = world.case().await;
    world.upload(&code.to_text(), false, &sealed(1)).await;
    world.upload(&code.to_text(), true, &sealed(2)).await;
    world.upload("nonsense", false, &sealed(2)).await;
    world.get("/some/path/ABCDEF").await;
    let secret = Request::builder().method("SECRET").uri("/checkpoint");
    world.send(secret.body(Body::empty()).unwrap()).await;
    world.pass(5);
    let health = world.ops("/health").await.json();
    assert_eq!(
        health,
        serde_json::json!({"status": "ok", "log_entries": 2, "checkpoint_age_seconds": 5})
    );
    let metrics = world.ops("/metrics").await;
    assert!(metrics.header("content-type").starts_with("application/openmetrics-text"));
    let text = String::from_utf8(metrics.body).unwrap();
    for line in [
        "noren_log_entries 2",
        "noren_uploads_total{outcome=\"Accepted\"} 2",
        "noren_uploads_total{outcome=\"Refused\"} 1",
        "noren_appends_total{outcome=\"Accepted\"} 1",
        "noren_http_requests_total{method=\"PUT\",route=\"/v1/cases/{code_hash}\",status=\"201\"} 1",
        "noren_http_requests_total{method=\"GET\",route=\"none\",status=\"404\"} 1",
        "noren_http_requests_total{method=\"other\",route=\"/checkpoint\",status=\"405\"} 1",
    ] {
        assert!(text.contains(line), "{line} is missing in\n{text}");
    }
    for secret in ["ABCDEF", "SECRET", &hex::encode(code.hash().as_bytes()), "127.0.0.1"] {
        assert!(!text.contains(secret), "{secret}");
    }
    assert_eq!(world.ops("/checkpoint").await.status, StatusCode::NOT_FOUND);
    // Without its database a server is not well.
    world.state.close().await;
    let answer = world.ops("/health").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    answer.problem();
}
