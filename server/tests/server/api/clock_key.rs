//! The clock key: it renews the date of the head, and opens nothing else.

use axum::http::StatusCode;
use noren::log::{Append, SignedCheckpoint};

use super::harness::{Answer, START, World, request};
use crate::authority::{Authority, at, entry};

/// A server whose authority has a clock key of its own, and one entry in its log.
async fn world() -> World {
    let mut world = World::of(Authority::with_clock(1), |_| {}).await;
    world.publish(vec![entry(0)]).await;
    world
}

/// Sends an append in a request that the clock key alone has signed.
async fn by_clock(world: &World, path: &str, append: &Append) -> Answer {
    let body = append.to_bytes().unwrap();
    let headers = world.authority.clock_alone().sign("POST", path, &body, world.now());
    world.send(request("POST", path, "application/cbor", &headers, &body)).await
}

fn renewed(world: &World, time: u64) -> Append {
    let text = world.state.published.head().unwrap().text;
    let keys = world.authority.keys.log_public_keys();
    let head = SignedCheckpoint::verify(&text, &world.authority.origin, &keys).unwrap();
    Append::renew(&head, world.authority.keys.clock_key(), at(time)).unwrap()
}

#[tokio::test]
async fn the_clock_key_renews_the_date_with_and_without_a_turn_of_the_desk() {
    // [PRO-9]
    let mut world = world().await;
    for (turn, time) in [(false, START + 10), (true, START + 20)] {
        if turn {
            let body = format!(
                "{{\"seat\":1,\"id\":\"{}\",\"turn\":\"{}\"}}",
                "01".repeat(16),
                "02".repeat(16)
            );
            let path = "/v1/log/turn";
            let taken = world.signed("POST", path, "application/json", body.as_bytes()).await;
            assert_eq!(taken.status, StatusCode::OK);
        }
        let answer = by_clock(&world, "/v1/log", &renewed(&world, time)).await;
        assert_eq!((answer.status, &answer.json()["size"]), (StatusCode::OK, &1.into()));
        assert_eq!(world.state.published.head().unwrap().timestamp, at(time));
    }
    // The desk's turn is still its own, and its next append is later.
    let append = world.authority.append(vec![entry(1)], START + 30);
    let body = append.to_bytes().unwrap();
    let path = format!("/v1/log?turn={}", "02".repeat(16));
    let answer = world.signed("POST", &path, "application/cbor", &body).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.json());
    world.authority.advance(&append);
    let world = world.restart().await;
    assert_eq!(world.state.published.size(), 2);
    let earlier = renewed(&world, START + 30);
    assert_eq!(by_clock(&world, "/v1/log", &earlier).await.status, StatusCode::OK, "the same");
}

#[tokio::test]
async fn the_clock_key_appends_nothing_and_opens_nothing_else() {
    // [PRO-9] [API-7]
    let world = world().await;
    // Signed by both keys as it should be, and handed in by the clock.
    let append = world.authority.append(vec![entry(1)], START + 1);
    let part = Append::part(1, vec![entry(1)]).unwrap();
    // Signed by the clock key in both places.
    let alone = world.authority.clock_alone().append(vec![entry(1)], START + 1);
    for refused in [append, part, alone] {
        let answer = by_clock(&world, "/v1/log", &refused).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(answer.problem(), "append-refused");
    }
    let no_tree = world.authority.clock_alone().append(vec![], START + 1);
    assert_eq!(by_clock(&world, "/v1/log", &no_tree).await.problem(), "append-refused");
    assert_eq!(world.state.published.size(), 1);
    let clock = world.authority.clock_alone();
    for (method, path) in [
        ("PUT", "/v1/authority"),
        ("GET", "/v1/uploads"),
        ("POST", "/v1/log/turn"),
        ("GET", "/v1/log/turn"),
        ("GET", "/v1/log/missing"),
    ] {
        let headers = clock.sign(method, path, b"", world.now());
        let answer = world.send(request(method, path, "", &headers, b"")).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{method} {path}");
    }
}

#[tokio::test]
async fn an_authority_with_one_key_goes_over_by_a_handover() {
    // [PRO-7] [PRO-8]
    let mut world = World::new().await;
    world.publish(vec![entry(0)]).await;
    let next = Authority::with_clock(3);
    let profile = world.authority.profile(START);
    let profile = profile.profile();
    let named = noren::profile::Profile {
        clock_key: next.keys.clock_key().public_key(),
        ..profile.clone()
    };
    let same_keys = named.sign(&world.authority.keys).unwrap();
    let media = "application/cbor";
    let answer = world.signed("PUT", "/v1/authority", media, same_keys.as_bytes()).await;
    assert_eq!(answer.problem(), "profile-conflict", "another clock key alone");
    let handed = profile.hand_over(&world.authority.keys, &next.keys, at(START)).unwrap();
    let answer = world.signed("PUT", "/v1/authority", media, handed.as_bytes()).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    // What the one key signed stands until the next append, across a start.
    let mut world = world.restart().await;
    assert_eq!(world.state.published.size(), 1);
    let position = world.authority.position.clone();
    world.authority = Authority { position, ..next };
    world.publish(vec![entry(1)]).await;
    assert_eq!(
        by_clock(&world, "/v1/log", &renewed(&world, START + 5)).await.status,
        StatusCode::OK
    );
}
