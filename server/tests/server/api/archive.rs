//! Archived heads: the first of each day, for readers that join late.

use axum::body::Body;
use axum::http::{Request, StatusCode};

use super::harness::World;
use crate::authority::entry;

const DAY: u64 = 86_400;
/// The first two days of the harness's clock.
const FIRST: &str = "/archive/2023-11-15";
const SECOND: &str = "/archive/2023-11-16";

#[tokio::test]
async fn the_first_head_of_a_day_stays_its_archived_one() {
    // [API-38] [LOG-17]
    let mut world = World::new().await;
    assert_eq!(world.get(FIRST).await.status, StatusCode::NOT_FOUND);
    world.publish(vec![entry(0)]).await;
    let first = world.get("/checkpoint").await.body;
    for _ in 0..2 {
        world.pass(600);
        world.publish(vec![entry(1)]).await;
    }
    let answer = world.get(FIRST).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.body, first);
    assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
    assert_eq!(answer.header("cache-control"), "public, max-age=31536000, immutable");
    let request = Request::get(FIRST).header("if-none-match", answer.header("etag"));
    let again = world.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(again.status, StatusCode::NOT_MODIFIED);
    assert_eq!(world.get(SECOND).await.status, StatusCode::NOT_FOUND);
    world.pass(DAY);
    // A heartbeat is a head as well.
    world.publish(vec![]).await;
    let second = world.get("/checkpoint").await.body;
    let mut world = world.restart().await;
    world.publish(vec![entry(2)]).await;
    assert_eq!(world.get(SECOND).await.body, second);
    assert_eq!(world.get(FIRST).await.body, first);
}

#[tokio::test]
async fn what_is_no_head_of_that_day_is_not_handed_out() {
    // [API-38]
    let mut world = World::new().await;
    world.publish(vec![entry(0)]).await;
    world.pass(DAY);
    world.publish(vec![entry(1)]).await;
    for path in ["/archive/", "/archive/2023-11-15/", "/archive/2023-11-5", "/archive/%2e%2e"] {
        assert_eq!(world.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let folder = world.config.data.join("public/archive");
    let (first, second) = (folder.join("2023-11-15"), folder.join("2023-11-16"));
    // A later head in an earlier one's place would hide warnings.
    std::fs::copy(&second, &first).unwrap();
    assert_eq!(world.get(FIRST).await.status, StatusCode::NOT_FOUND);
    // A damaged one of today is written again, by the next head of the day.
    std::fs::write(&second, b"damaged").unwrap();
    assert_eq!(world.get(SECOND).await.status, StatusCode::NOT_FOUND);
    world.state.published.inspect().await;
    assert_eq!(world.get(SECOND).await.body, world.get("/checkpoint").await.body);
}
