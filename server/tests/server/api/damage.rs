//! Published files that are damaged on the disk: they are made again from others, or refused.

use std::path::PathBuf;

use axum::body::Body;
use axum::http::{Request, StatusCode};

use super::harness::{Answer, World};
use crate::authority::entry;

/// A log with full and partial files on three levels of names, and older partial ones.
async fn world() -> World {
    // Every answer comes from the disk.
    let mut world = World::with(|config| config.limits.cached_mebibytes = 0).await;
    world.publish((0..300).map(entry).collect()).await;
    world.publish((300..600).map(entry).collect()).await;
    world
}

fn on_disk(world: &World, path: &str) -> PathBuf {
    world.config.data.join("public").join(path)
}

async fn conditional(world: &World, path: &str, tag: &str) -> Answer {
    let request = Request::get(format!("/{path}")).header("if-none-match", tag);
    world.send(request.body(Body::empty()).unwrap()).await
}

/// A flipped bit, a cut and a longer file, none at all, and another file's bytes.
const DAMAGES: [fn(&mut Vec<u8>); 5] = [
    |bytes| bytes[9] ^= 4,
    |bytes| bytes.truncate(20),
    |bytes| bytes.push(0),
    |bytes| bytes.clear(),
    |bytes| bytes.reverse(),
];

#[tokio::test]
async fn what_others_hold_is_made_again() {
    // [API-20]
    let world = world().await;
    for path in [
        "tile/0/000",
        "tile/0/001",
        "tile/0/002.p/88",
        "tile/0/001.p/44",
        "tile/1/000.p/1",
        "tile/1/000.p/2",
        "tile/entries/001.p/44",
    ] {
        let good = world.get(&format!("/{path}")).await;
        assert_eq!(good.status, StatusCode::OK, "{path}");
        for damage in DAMAGES {
            let mut bytes = std::fs::read(on_disk(&world, path)).unwrap();
            assert_eq!(bytes, good.body);
            damage(&mut bytes);
            std::fs::write(on_disk(&world, path), bytes).unwrap();
            let again = world.get(&format!("/{path}")).await;
            assert_eq!((again.status, &again.body), (StatusCode::OK, &good.body), "{path}");
            assert_eq!(again.header("etag"), good.header("etag"));
            assert_eq!(std::fs::read(on_disk(&world, path)).unwrap(), good.body, "{path}");
        }
    }
    assert_eq!(world.ops("/health").await.status, StatusCode::OK);
    let metrics = String::from_utf8(world.ops("/metrics").await.body).unwrap();
    assert!(metrics.contains("noren_healed_files_total 35"), "{metrics}");
    assert!(metrics.contains("noren_damaged_files 0"));
    assert_eq!(world.state.published.check().await.unwrap(), 600);
}

#[tokio::test]
async fn what_nobody_else_holds_is_refused_until_it_is_repaired() {
    // [API-20] [API-15]
    let mut world = world().await;
    for path in ["tile/entries/000", "tile/entries/001", "tile/entries/002.p/88"] {
        // Also when nobody read it before the damage.
        for read_before in [true, false] {
            let good = std::fs::read(on_disk(&world, path)).unwrap();
            if read_before {
                world.get(&format!("/{path}")).await;
            }
            for damage in DAMAGES {
                let mut bytes = good.clone();
                damage(&mut bytes);
                std::fs::write(on_disk(&world, path), bytes).unwrap();
                let answer = world.get(&format!("/{path}")).await;
                assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{path}");
                assert_eq!(answer.header("cache-control"), "no-store");
                answer.problem();
                assert_eq!(conditional(&world, path, "*").await.status.as_u16(), 503);
                let health = world.ops("/health").await;
                assert_eq!(health.status, StatusCode::SERVICE_UNAVAILABLE);
                let detail = health.json()["detail"].as_str().unwrap().to_owned();
                assert!(detail.contains(path), "{detail}");
                let metrics = String::from_utf8(world.ops("/metrics").await.body).unwrap();
                assert!(metrics.contains("noren_damaged_files 1"));
            }
            std::fs::remove_file(on_disk(&world, path)).unwrap();
            assert_eq!(world.get(&format!("/{path}")).await.status.as_u16(), 503);
            std::fs::write(on_disk(&world, path), &good).unwrap();
            // Nobody has to read the file for the server to be well again.
            assert_eq!(world.ops("/health").await.status, StatusCode::OK);
            let answer = world.get(&format!("/{path}")).await;
            assert_eq!(answer.body, good);
            let tag = answer.header("etag");
            assert_eq!(conditional(&world, path, tag).await.status, StatusCode::NOT_MODIFIED);
            world = world.restart().await;
        }
    }
}

#[tokio::test]
async fn the_feed_and_the_next_append_take_no_damaged_bundle() {
    // [API-20] [API-3]
    let mut world = world().await;
    let path = on_disk(&world, "tile/entries/002.p/88");
    let good = std::fs::read(&path).unwrap();
    let mut bad = good.clone();
    bad[9] ^= 4;
    std::fs::write(&path, bad).unwrap();
    world.pass(7_200);
    let feed = world.get("/v3/traceKeys").await;
    assert_eq!(feed.status, StatusCode::SERVICE_UNAVAILABLE);
    let append = world.authority.append((600..700).map(entry).collect(), world.now());
    assert_eq!(world.append(&append).await.status, StatusCode::SERVICE_UNAVAILABLE);
    std::fs::write(&path, good).unwrap();
    let feed = world.get("/v3/traceKeys").await;
    assert_eq!(noren::messages::unwrap_events(&feed.body).unwrap().len(), 600);
    assert_eq!(world.append(&append).await.status, StatusCode::OK);
    // A damaged tile at the edge does not stop an append: it is made again on the way.
    world.authority.advance(&append);
    std::fs::write(on_disk(&world, "tile/0/002.p/188"), "nonsense").unwrap();
    world.publish((700..800).map(entry).collect()).await;
    assert_eq!(world.state.published.check().await.unwrap(), 800);
}

#[tokio::test]
async fn an_inspection_finds_what_nobody_reads() {
    // [API-20]
    let world = world().await;
    let good: Vec<_> = ["checkpoint", "v1/authority", "tile/0/000", "tile/entries/001"]
        .map(|path| (path, std::fs::read(on_disk(&world, path)).unwrap()))
        .to_vec();
    for (path, bytes) in &good {
        let mut bytes = bytes.clone();
        bytes[9] ^= 4;
        std::fs::write(on_disk(&world, path), bytes).unwrap();
    }
    world.state.published.inspect().await;
    for (path, bytes) in &good[..3] {
        assert_eq!(&std::fs::read(on_disk(&world, path)).unwrap(), bytes, "{path}");
    }
    let detail = world.ops("/health").await.json()["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains("tile/entries/001"), "{detail}");
}

#[tokio::test]
async fn what_was_proved_is_handed_out_from_memory_whatever_becomes_of_the_file() {
    // [API-20]
    let mut world = World::new().await;
    world.publish((0..300).map(entry).collect()).await;
    for path in ["tile/0/000", "tile/entries/000", "tile/entries/001.p/44"] {
        let good = world.get(&format!("/{path}")).await;
        for damage in DAMAGES {
            let mut bytes = good.body.clone();
            damage(&mut bytes);
            std::fs::write(on_disk(&world, path), bytes).unwrap();
            let again = world.get(&format!("/{path}")).await;
            assert_eq!((again.status, &again.body), (StatusCode::OK, &good.body), "{path}");
            assert_eq!(again.header("etag"), good.header("etag"));
        }
    }
    // It is no proof that the file is whole.
    world.state.published.inspect().await;
    let detail = world.ops("/health").await.json()["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains("3 published files are damaged"), "{detail}");
}

#[tokio::test]
async fn the_tag_is_the_contents() {
    // [API-1]
    let (mut one, mut other) = (World::new().await, World::new().await);
    one.publish(vec![entry(1)]).await;
    other.publish(vec![entry(2)]).await;
    let path = "/tile/entries/000.p/1";
    let (one, other) = (one.get(path).await, other.get(path).await);
    assert_ne!(one.header("etag"), other.header("etag"));
}
