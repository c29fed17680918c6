//! An authority and its server whose clocks were ahead together, and are right again.

use std::time::{Duration, Instant};

use axum::http::StatusCode;
use noren::log::Append;
use noren_server::Sweeper;

use super::harness::{START, World};
use crate::authority::{at, entry};

const DAY: u64 = 86_400;

/// A log whose head was signed two days ahead of the time that it is now.
async fn two_days_ahead() -> World {
    let mut world = World::new().await;
    world.publish(vec![entry(0)]).await;
    world.pass(2 * DAY);
    world.publish(vec![entry(1)]).await;
    world.set(START + 60);
    world
}

fn sign(world: &World, entries: Vec<Vec<u8>>, time: u64) -> Append {
    let position = world.authority.position.by_clock(at(time));
    let (origin, key) = (&world.authority.origin, world.authority.keys.log_keys());
    Append::sign(&position, entries, origin, &key, at(time)).unwrap()
}

#[tokio::test]
async fn an_append_is_taken_at_once_when_the_clocks_are_right_again() {
    // [API-30] [LOG-15]
    let mut world = two_days_ahead().await;
    for restart in [false, true] {
        if restart {
            world = two_days_ahead().await.restart().await;
            world.set(START + 60);
        }
        // Not before what the clock allows.
        let append = sign(&world, vec![entry(2)], START + 60 - 301);
        let answer = world.append(&append).await;
        assert_eq!(
            (answer.status, answer.problem()),
            (StatusCode::UNPROCESSABLE_ENTITY, "append-refused".to_owned())
        );
        let append = sign(&world, vec![entry(2)], START + 60);
        assert_eq!(world.append(&append).await.status, StatusCode::OK);
        assert_eq!(world.state.published.head().unwrap().timestamp, at(START + 60));
        // From here on the time does not go back.
        world.authority.position = Append::verify(
            &append,
            &world.authority.position.by_clock(at(START + 60)),
            &world.authority.origin,
            &world.authority.keys.log_public_keys(),
        )
        .unwrap()
        .0;
        let back = sign(&world, vec![], START + 60);
        let earlier = Append::sign(
            &noren::log::LogPosition { timestamp: at(START), ..world.authority.position.clone() },
            vec![],
            &world.authority.origin,
            &world.authority.keys.log_keys(),
            at(START + 59),
        );
        assert_eq!(world.append(&earlier.unwrap()).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(world.append(&back).await.status, StatusCode::OK);
        assert_eq!(world.state.published.check().await.unwrap(), 3);
    }
}

#[tokio::test]
async fn the_feed_goes_on_at_once_as_well() {
    // [API-30]
    let mut world = World::new().await;
    world.publish(vec![entry(0)]).await;
    world.pass(2 * DAY);
    world.publish(vec![entry(1)]).await;
    world.pass(7_200);
    let tag = |world: &World| world.now() / 7_200 * 7_200 * 1_000 - 7_200_000;
    // Somebody has asked for the feed by the wrong clock.
    assert_eq!(
        world.get(&format!("/v3/traceKeys?lastKeyBundleTag={}", tag(&world))).await.status,
        StatusCode::OK
    );
    world.set(START + 60);
    let append = sign(&world, vec![entry(2)], START + 60);
    assert_eq!(world.append(&append).await.status, StatusCode::OK);
    world.pass(7_200);
    let answer = world.get(&format!("/v3/traceKeys?lastKeyBundleTag={}", tag(&world))).await;
    assert_eq!(answer.status, StatusCode::OK);
    let events = noren::messages::unwrap_events(&answer.body).unwrap();
    assert!(events.contains(&entry(2)), "{events:?}");
}

#[tokio::test]
async fn health_tells_of_a_head_ahead_of_the_clock() {
    // [API-31]
    let world = two_days_ahead().await;
    let health = world.ops("/health").await;
    assert_eq!(health.status, StatusCode::SERVICE_UNAVAILABLE);
    let detail = health.json()["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains("2 days after this server's clock"), "{detail}");
    // As far as clocks may differ, it is well.
    world.set(START + 2 * DAY - 300);
    assert_eq!(world.ops("/health").await.status, StatusCode::OK);
    world.set(START + 2 * DAY - 301);
    assert_eq!(world.ops("/health").await.status, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn every_answer_is_dated_by_the_servers_clock() {
    // [API-31]
    let world = two_days_ahead().await;
    for path in ["/checkpoint", "/v1/authority", "/nothing"] {
        assert_eq!(world.get(path).await.header("date"), "Wed, 15 Nov 2023 00:01:00 GMT", "{path}");
    }
}

#[tokio::test]
async fn a_clock_that_is_wrong_for_a_while_deletes_nothing() {
    // [API-32]
    let mut world = World::new().await;
    world.publish(vec![entry(0)]).await;
    let code = world.case().await;
    world.upload(&code.to_text(), false, &vec![1; 65_536]).await;
    world.case().await;
    let start = Instant::now();
    let hour = Duration::from_secs(3_600);
    let mut sweeper = Sweeper::new(&world.state, 14, start);
    sweeper.sweep(&world.state, start).await;
    let held = async |world: &World| world.state.inbox.list().await.unwrap().len();
    // It jumps, runs on for twenty hours, and is set right.
    for hours in 0..20 {
        world.set(START + 400 * DAY + hours * 3_600);
        sweeper.sweep(&world.state, start + hour * u32::try_from(hours).unwrap()).await;
        assert_eq!(held(&world).await, 1, "after {hours} hours");
    }
    world.set(START + 20 * 3_600);
    sweeper.sweep(&world.state, start + hour * 20).await;
    assert_eq!(held(&world).await, 1);
    let feed = world.get("/v3/traceKeys").await;
    assert!(!feed.body.is_empty(), "what was appended is in the feed");
    // Nor does another start, or a head that was signed by the same clock, make it right.
    world.set(START + 16 * DAY);
    world.publish(vec![entry(1)]).await;
    let mut world = world.restart().await;
    let mut sweeper = Sweeper::new(&world.state, 14, start);
    sweeper.sweep(&world.state, start + hour * 21).await;
    assert_eq!(held(&world).await, 1);
    // Day by day, it goes.
    for day in 0..16 {
        world.set(START + day * DAY);
        world = world.restart().await;
        sweeper = Sweeper::new(&world.state, 14, start);
        sweeper.sweep(&world.state, start).await;
        assert_eq!(held(&world).await, usize::from(day < 15), "day {day}");
    }
}

#[tokio::test]
async fn a_clock_that_runs_evenly_for_a_day_is_right() {
    // [API-6] [API-32]
    let world = World::new().await;
    let code = world.case().await;
    world.upload(&code.to_text(), false, &vec![1; 65_536]).await;
    let start = Instant::now();
    Sweeper::new(&world.state, 14, start).sweep(&world.state, start).await;
    world.set(START + 16 * DAY);
    let mut sweeper = Sweeper::new(&world.state, 14, start);
    for (seconds, left) in [(0, 1), (DAY - 1, 1), (DAY + 100, 0)] {
        world.set(START + 16 * DAY + seconds);
        sweeper.sweep(&world.state, start + Duration::from_secs(seconds)).await;
        assert_eq!(world.state.inbox.list().await.unwrap().len(), left, "{seconds}");
    }
}
