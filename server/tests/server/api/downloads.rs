//! The static files.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use noren::log::{SignedCheckpoint, TilePath, tiles_of_append};

use super::harness::{START, World};
use crate::authority::entry;

#[tokio::test]
async fn before_the_first_append_there_is_no_checkpoint() {
    // [API-1] [API-12]
    let world = World::new().await;
    let answer = world.get("/checkpoint").await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert_eq!(answer.problem(), "no-checkpoint");
    assert_eq!(answer.header("cache-control"), "no-store");
}

#[tokio::test]
async fn the_checkpoint_is_never_kept_and_the_tiles_for_ever() {
    // [API-1]
    let mut world = World::new().await;
    world.publish((0..300).map(entry).collect()).await;
    let answer = world.get("/checkpoint").await;
    assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
    assert_eq!(answer.header("cache-control"), "no-store");
    let key = world.authority.keys.log_public_keys();
    let signed = SignedCheckpoint::verify(&answer.body, &world.authority.origin, &key).unwrap();
    assert_eq!(signed.checkpoint().size, 300);
    for path in tiles_of_append(0, 300) {
        let answer = world.get(&format!("/{path}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert_eq!(answer.header("content-type"), "application/octet-stream");
        assert_eq!(answer.header("cache-control"), "public, max-age=31536000, immutable");
        if let TilePath::Hash { width, .. } = path {
            assert_eq!(answer.body.len(), usize::from(width.get()) * 32);
        }
    }
}

#[tokio::test]
async fn who_has_a_file_gets_304() {
    // [API-1]
    let mut world = World::new().await;
    world.publish(vec![entry(1)]).await;
    let mut tags = vec![];
    for path in ["/tile/0/000.p/1", "/tile/entries/000.p/1", "/v1/authority", "/openapi.json"] {
        let tag = world.get(path).await.header("etag").to_owned();
        if path == "/v1/authority" {
            // [API-37] The tag that a device computes.
            assert_eq!(tag, world.authority.profile(START).entity_tag());
        }
        assert!(tag.starts_with('"') && tag.len() > 10, "{tag}");
        let conditional = async |value: &str| {
            let request = Request::get(path).header("if-none-match", value);
            world.send(request.body(Body::empty()).unwrap()).await
        };
        for value in [tag.clone(), format!("\"x\", W/{tag}"), "*".to_owned()] {
            let answer = conditional(&value).await;
            assert_eq!(answer.status, StatusCode::NOT_MODIFIED, "{path} {value}");
            assert_eq!(answer.header("etag"), tag);
            assert!(answer.body.is_empty());
        }
        assert_eq!(conditional("\"other\"").await.status, StatusCode::OK);
        tags.push(tag);
    }
    tags.sort();
    tags.dedup();
    assert_eq!(tags.len(), 4);
}

#[tokio::test]
async fn nothing_beyond_the_checkpoint_is_served_even_if_it_is_on_the_disk() {
    // [API-2]
    let mut world = World::new().await;
    world.publish((0..3).map(entry).collect()).await;
    let folder = world.config.data.join("public/tile/0/000.p");
    std::fs::write(folder.join("4"), [0; 128]).unwrap();
    std::fs::write(world.config.data.join("public/tile/0/000"), [0; 8_192]).unwrap();
    for path in
        ["/tile/0/000.p/4", "/tile/0/000", "/tile/1/000.p/1", "/tile/entries/000", "/tile/0/001"]
    {
        let answer = world.get(path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(answer.problem(), "not-covered");
        assert_eq!(answer.header("cache-control"), "no-store");
    }
    // Old partial tiles stay.
    world.publish(vec![entry(3)]).await;
    for path in ["/tile/0/000.p/3", "/tile/0/000.p/4", "/tile/entries/000.p/3"] {
        assert_eq!(world.get(path).await.status, StatusCode::OK, "{path}");
    }
}

#[tokio::test]
async fn no_spelling_of_a_path_leads_to_another_file() {
    // [API-2]
    let mut world = World::new().await;
    world.publish(vec![entry(1)]).await;
    for path in [
        "/tile/../checkpoint",
        "/tile/0/../../checkpoint",
        "/tile/%2e%2e/checkpoint",
        "/tile/..%2f..%2fnoren.sqlite",
        "/tile/0/..%2f..%2f..%2fnoren.sqlite",
        "/tile//etc/passwd",
        "/tile/%2fetc%2fpasswd",
        "/tile/0/000.p/1/",
        "/tile/0/000.p/01",
        "/tile/0/000.p/+1",
        "/tile/0/0",
        "/tile/00/000.p/1",
        "/tile/0/x000/000.p/1",
        "/tile/0/000.p/256",
        "/tile/0/000.p/0",
        "/tile/entries/000.p/1%00",
        "/tile/entries/%ff",
        "/tile/0/000%2ep/1/..",
        "/tile/",
        "/tile",
        "/noren.sqlite",
        "/public/checkpoint",
        "//checkpoint",
        "/checkpoint/",
    ] {
        let answer = world.get(path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        answer.problem();
    }
    // Escaping alone changes nothing about which file is meant.
    assert_eq!(world.get("/tile/entries/000%2ep/1").await.status, StatusCode::OK);
}

#[tokio::test]
async fn head_is_get_without_the_body() {
    // [API-1]
    let mut world = World::new().await;
    world.publish(vec![entry(1)]).await;
    for path in ["/checkpoint", "/tile/0/000.p/1", "/v1/authority", "/v3/traceKeys"] {
        let get = world.get(path).await;
        let head = world.send(Request::head(path).body(Body::empty()).unwrap()).await;
        assert_eq!(head.status, get.status);
        assert_eq!(head.header("content-length"), get.body.len().to_string(), "{path}");
        assert!(head.body.is_empty());
    }
}
