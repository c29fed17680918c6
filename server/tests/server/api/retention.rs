//! Entries that no device needs any more: what may be removed of a log, and what stays.

use std::time::Instant;

use axum::http::StatusCode;
use noren_server::Sweeper;

use super::harness::World;
use crate::authority::entry;

const DAY: u64 = 86_400;

/// A log of some days with 300 entries on the first one and one on each after it.
async fn old_log(days: u64, removes: bool) -> World {
    let mut world = World::new().await;
    world.publish((0..300).map(entry).collect()).await;
    let mut sweeper = Sweeper::new(&world.state, 14, Instant::now()).removing_past(removes);
    for day in 1..=days {
        world.pass(DAY);
        world.publish(vec![entry(300 + day)]).await;
        // Whatever can be had is in memory.
        for path in LATER_PAST {
            world.get(path).await;
        }
        sweeper.sweep(&world.state, Instant::now()).await;
    }
    world
}

const LATER_PAST: [&str; 3] =
    ["/tile/entries/000", "/tile/entries/000.p/255", "/tile/entries/000.p/7"];

async fn status(world: &World, path: &str) -> StatusCode {
    world.get(path).await.status
}

#[tokio::test]
async fn bundles_that_are_past_go_and_the_tree_stays_provable() {
    // [API-39]
    let mut world = old_log(24, true).await;
    for path in LATER_PAST {
        let answer = world.get(path).await;
        assert_eq!(
            (answer.status, answer.problem()),
            (StatusCode::GONE, "past".to_owned()),
            "{path}"
        );
    }
    for path in ["/tile/0/000", "/tile/entries/001.p/68", "/tile/1/000.p/1", "/archive/2023-11-16"]
    {
        assert_eq!(status(&world, path).await, StatusCode::OK, "{path}");
    }
    for restart in [false, true] {
        if restart {
            world = world.restart().await;
        }
        // It is no damage, and need not be given back.
        world.state.published.inspect().await;
        assert_eq!(world.ops("/health").await.status, StatusCode::OK);
        let missing = world.signed("GET", "/v1/log/missing", "", b"").await;
        assert_eq!(missing.json()["missing"], serde_json::json!([]));
        assert_eq!(world.state.published.check().await.unwrap(), 324);
        world.publish(vec![]).await;
    }
    // A hash tile is held against those above it, and a bundle that is not past is still missed.
    world.publish((0..200).map(entry).collect()).await;
    let folder = world.config.data.join("public/tile/entries");
    std::fs::remove_file(folder.join("001")).unwrap();
    assert_eq!(status(&world, "/tile/entries/001").await, StatusCode::SERVICE_UNAVAILABLE);
    assert!(world.state.published.check().await.is_err());
}

#[tokio::test]
async fn what_somebody_else_removed_is_not_handed_out_from_memory() {
    // [API-39]
    let mut world = old_log(22, false).await;
    let bundle = "/tile/entries/000";
    assert_eq!(status(&world, bundle).await, StatusCode::OK);
    std::fs::remove_file(world.config.data.join("public").join(&bundle[1..])).unwrap();
    assert_eq!(status(&world, bundle).await, StatusCode::OK, "from memory");
    for day in 23..=24 {
        world.pass(DAY);
        world.publish(vec![entry(300 + day)]).await;
    }
    assert_eq!(status(&world, bundle).await, StatusCode::GONE);
    assert_eq!(status(&world, "/tile/0/000").await, StatusCode::OK);
}

#[tokio::test]
async fn what_another_server_removed_is_not_handed_out_from_memory() {
    // [API-39] Where several share a bucket.
    let mut world = old_log(22, false).await;
    let Some(other) = world.beside().await else { return };
    let bundle = "/tile/entries/000";
    assert_eq!(status(&other, bundle).await, StatusCode::OK);
    let mut sweeper = Sweeper::new(&world.state, 14, Instant::now()).removing_past(true);
    for day in 23..=24 {
        world.pass(DAY);
        world.publish(vec![entry(300 + day)]).await;
        sweeper.sweep(&world.state, Instant::now()).await;
    }
    assert_eq!(status(&world, bundle).await, StatusCode::GONE);
    assert_eq!(status(&other, "/checkpoint").await, StatusCode::OK);
    assert_eq!(status(&other, bundle).await, StatusCode::GONE);
    assert_eq!(status(&other, "/tile/0/000").await, StatusCode::OK);
}

#[tokio::test]
async fn nothing_goes_too_early_nor_unasked() {
    // [API-39]
    for (days, removes) in [(22, true), (40, false)] {
        let world = old_log(days, removes).await;
        assert_eq!(status(&world, "/tile/entries/000").await, StatusCode::OK, "{days}");
    }
    // Without archived heads nobody knows what is past.
    let world = old_log(24, false).await;
    std::fs::remove_dir_all(world.config.data.join("public/archive")).unwrap();
    let world = world.restart().await;
    let mut sweeper = Sweeper::new(&world.state, 14, Instant::now()).removing_past(true);
    sweeper.sweep(&world.state, Instant::now()).await;
    std::fs::remove_file(world.config.data.join("public/tile/entries/000")).unwrap();
    assert_eq!(status(&world, "/tile/entries/000").await, StatusCode::SERVICE_UNAVAILABLE);
}
