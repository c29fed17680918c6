//! Log files that are damaged: the server starts all the same, serves what is sound, says what is not,
//! and takes it back from the authority.

use std::path::{Path, PathBuf};

use axum::http::StatusCode;
use noren::log::Append;

use noren_server::Clock;

use super::harness::{Answer, START, World, opened};
use crate::authority::{Authority, entry};

/// What happens to a file, in words and in deed.
type Damage = (&'static str, fn(&Path));

const DAMAGES: [Damage; 4] = [
    ("a flipped bit", |path| {
        let mut bytes = std::fs::read(path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 4;
        std::fs::write(path, bytes).unwrap();
    }),
    ("cut", |path| {
        let bytes = std::fs::read(path).unwrap();
        std::fs::write(path, &bytes[..bytes.len() / 3]).unwrap();
    }),
    ("empty", |path| std::fs::write(path, b"").unwrap()),
    ("missing", |path| std::fs::remove_file(path).unwrap()),
];

/// Files of every kind, alone and together, in a log of 600 entries and in one of 512.
const SETS: [(u64, &[&str]); 12] = [
    (600, &["tile/entries/002.p/88"]),
    (600, &["tile/entries/000"]),
    (600, &["tile/0/002.p/88"]),
    (600, &["tile/0/001"]),
    (600, &["tile/1/000.p/2"]),
    (600, &["tile/entries/002.p/88", "tile/0/002.p/88"]),
    (600, &["tile/entries/001", "tile/0/001"]),
    (600, &["tile/entries/000", "tile/0/000", "tile/1/000.p/2"]),
    (600, &["tile/entries/000", "tile/0/002.p/88"]),
    (600, &["tile/entries/000", "tile/entries/001", "tile/entries/002.p/88", "tile/0/001"]),
    (512, &["tile/entries/001"]),
    (512, &["tile/entries/001", "tile/0/001", "tile/1/000.p/2"]),
];

async fn world(size: u64) -> World {
    // Every answer comes from the disk.
    let mut world = World::with(|config| config.limits.cached_mebibytes = 0).await;
    world.publish((0..300).map(entry).collect()).await;
    world.publish((300..size).map(entry).collect()).await;
    world
}

fn public(world: &World, path: &str) -> PathBuf {
    world.config.data.join("public").join(path)
}

/// Every file that the checkpoint covers, as it is served.
async fn all(world: &World, size: u64) -> Vec<Answer> {
    let mut answers = vec![world.get("/checkpoint").await];
    for path in noren::log::tiles_of_append(0, size) {
        answers.push(world.get(&format!("/{path}")).await);
    }
    answers
}

async fn missing(world: &World) -> Vec<(u64, u64)> {
    let answer = world.signed("GET", "/v1/log/missing", "", b"").await;
    assert_eq!(answer.status, StatusCode::OK);
    let answer = answer.json();
    let number = |run: &serde_json::Value, name: &str| run[name].as_u64().unwrap();
    let runs = answer["missing"].as_array().unwrap().iter();
    runs.map(|run| (number(run, "from"), number(run, "to"))).collect()
}

/// Gives entries back in parts that end anywhere.
async fn give_back(world: &World, from: u64, to: u64) {
    let entries: Vec<u64> = (from..to).collect();
    for part in entries.chunks(100) {
        let append = Append::part(part[0], part.iter().copied().map(entry).collect()).unwrap();
        let answer = world.append(&append).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", String::from_utf8_lossy(&answer.body));
        assert_eq!(answer.json()["size"], part[0] + part.len() as u64);
    }
}

/// Damages files in one way, stopped or running; the world after it, and whether anything was lost.
async fn struck(
    mut world: World,
    set: &[&str],
    how: fn(&Path),
    stopped: bool,
    what: &str,
) -> World {
    let damage = |data: &Path| set.iter().for_each(|path| how(&data.join("public").join(path)));
    if stopped {
        world = world.restart_after(damage).await;
    } else {
        damage(&world.config.data);
    }
    for path in set {
        let answer = world.get(&format!("/{path}")).await;
        let expected = if answer.status == StatusCode::OK { 200 } else { 503 };
        assert_eq!(answer.status.as_u16(), expected, "{what}: {path}");
        if expected == 503 {
            assert_eq!(answer.problem(), "damaged-file", "{what}");
            let detail = answer.json()["detail"].as_str().unwrap().to_owned();
            assert!(detail.contains(path) && detail.contains("restore-log"), "{what}: {detail}");
            assert_eq!(answer.header("cache-control"), "no-store");
        }
    }
    world
}

#[tokio::test]
async fn what_is_damaged_is_given_back_and_everything_is_served() {
    // [API-29] [API-20] [API-11] [API-15]
    for (size, set) in SETS {
        let mut world = world(size).await;
        let good = all(&world, size).await;
        for (name, how) in DAMAGES {
            for stopped in [false, true] {
                let what = format!("{size} {set:?} {name}, stopped: {stopped}");
                world = struck(world, set, how, stopped, &what).await;
                let lost = missing(&world).await;
                assert!(lost.windows(2).all(|two| two[0].1 < two[1].0), "{what}: {lost:?}");
                let needs = set.iter().any(|path| path.contains("entries"));
                assert_eq!(lost.is_empty(), !needs, "{what}: {lost:?}");
                let health = world.ops("/health").await;
                assert_eq!(health.status == StatusCode::OK, !needs, "{what}");
                if needs {
                    let detail = health.json()["detail"].as_str().unwrap().to_owned();
                    assert!(detail.contains("restore-log"), "{what}: {detail}");
                }
                for (from, to) in lost {
                    give_back(&world, from, to).await;
                }
                assert!(missing(&world).await.is_empty(), "{what}");
                for (good, now) in good.iter().zip(all(&world, size).await) {
                    assert_eq!(now.status, StatusCode::OK, "{what}");
                    assert!(now.body == good.body, "{what}");
                    assert_eq!(now.header("etag"), good.header("etag"), "{what}");
                }
                assert_eq!(world.state.published.check().await.unwrap(), size, "{what}");
                assert_eq!(world.ops("/health").await.status, StatusCode::OK, "{what}");
            }
        }
        // The log goes on.
        world.publish((size..size + 300).map(entry).collect()).await;
        assert_eq!(world.restart().await.state.published.check().await.unwrap(), size + 300);
    }
}

#[tokio::test]
async fn a_damaged_checkpoint_is_a_lost_one() {
    // [API-29] [API-11]
    let mut world = world(600).await;
    let (path, good) = (public(&world, "checkpoint"), all(&world, 600).await);
    let note = std::fs::read(&path).unwrap();
    for (name, how) in DAMAGES {
        world = world.restart_after(|data| how(&data.join("public/checkpoint"))).await;
        let answer = world.get("/checkpoint").await;
        let (status, slug) =
            if name == "missing" { (404, "no-checkpoint") } else { (503, "damaged-file") };
        assert_eq!((answer.status.as_u16(), &answer.problem()[..]), (status, slug), "{name}");
        let detail = world.ops("/health").await.json()["detail"].as_str().unwrap().to_owned();
        assert!(detail.contains("checkpoint"), "{name}: {detail}");
        // All entries, and the note that the authority has kept.
        give_back(&world, 0, 500).await;
        let entries = (500..600).map(entry).collect();
        let checkpoint = String::from_utf8(note.clone()).unwrap();
        let last = Append { old_size: 500, entries, checkpoint };
        assert_eq!(world.append(&last).await.status, StatusCode::OK, "{name}");
        for (good, now) in good.iter().zip(all(&world, 600).await) {
            assert!(now.body == good.body, "{name}");
        }
        assert_eq!(world.ops("/health").await.status, StatusCode::OK, "{name}");
    }
    // Damaged below a running server it is written again, also by what comes after a failure.
    std::fs::write(&path, "").unwrap();
    assert_eq!(world.get("/checkpoint").await.status, StatusCode::OK);
    world.state.published.inspect().await;
    assert_eq!(std::fs::read(&path).unwrap(), note);
    // A part that is given up has the server look at the disk before the next append.
    let part = Append::part(600, vec![entry(9)]).unwrap();
    assert_eq!(world.append(&part).await.status, StatusCode::OK);
    std::fs::write(&path, "").unwrap();
    world.publish(vec![entry(600)]).await;
    assert_eq!(world.state.published.check().await.unwrap(), 601);
}

#[tokio::test]
async fn a_width_at_which_no_append_ended_is_not_made() {
    // [API-2] [API-20] Whoever asks for all of them makes the server write none.
    let world = world(600).await;
    for path in ["tile/entries/002.p/44", "tile/0/002.p/44", "tile/entries/000.p/7"] {
        assert_eq!(world.get(&format!("/{path}")).await.problem(), "not-covered", "{path}");
        assert!(!public(&world, path).exists(), "{path}");
    }
}

#[tokio::test]
async fn only_what_the_checkpoint_covers_is_taken_back() {
    // [API-29]
    let world = world(600).await;
    let (path, tile) = (public(&world, "tile/entries/001"), public(&world, "tile/0/001"));
    let good = std::fs::read(&path).unwrap();
    std::fs::write(&path, b"").unwrap();
    std::fs::write(&tile, b"").unwrap();
    assert_eq!(missing(&world).await, [(256, 512)]);
    let part = |old_size: u64, entries: Vec<Vec<u8>>| Append::part(old_size, entries).unwrap();
    let mut wrong: Vec<_> = (256..512).map(entry).collect();
    wrong[200] = entry(9);
    for (what, append) in [
        ("another entry", part(256, wrong)),
        ("the middle of a file", part(300, (300..512).map(entry).collect())),
        ("more than the log has", part(512, (512..601).map(entry).collect())),
    ] {
        let answer = world.append(&append).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.problem()[..]),
            (409, "size-conflict"),
            "{what}"
        );
        assert_eq!(std::fs::read(&path).unwrap(), b"", "{what}");
        assert_eq!(world.get("/tile/entries/001").await.status.as_u16(), 503, "{what}");
    }
    // A run that was cut off is begun again.
    give_back(&world, 256, 400).await;
    give_back(&world, 256, 512).await;
    assert_eq!(world.get("/tile/entries/001").await.body, good);
    // What is whole already is left alone.
    give_back(&world, 0, 256).await;
    let metrics = String::from_utf8(world.ops("/metrics").await.body).unwrap();
    assert!(metrics.contains("noren_damaged_files 0"), "{metrics}");
    assert_eq!(world.state.published.check().await.unwrap(), 600);
}

#[tokio::test]
async fn entries_that_lead_elsewhere_are_not_believed_where_no_tree_is_left() {
    // [API-29]
    let world = world(600).await;
    let world = world
        .restart_after(|data| {
            std::fs::remove_dir_all(data.join("public/tile")).unwrap();
        })
        .await;
    assert_eq!(world.get("/checkpoint").await.status, StatusCode::OK);
    assert_eq!(missing(&world).await, [(0, 600)]);
    let append = world.authority.append(vec![entry(600)], world.now());
    let answer = world.append(&append).await;
    assert_eq!((answer.status.as_u16(), &answer.problem()[..]), (503, "damaged-file"));
    give_back(&world, 0, 500).await;
    let wrong = (500..600).map(|number| entry(number + 1)).collect();
    let answer = world.append(&Append::part(500, wrong).unwrap()).await;
    assert_eq!(answer.status.as_u16(), 409);
    assert_eq!(world.get("/tile/entries/000").await.status.as_u16(), 503, "not proved yet");
    give_back(&world, 0, 600).await;
    assert_eq!(world.append(&append).await.status, StatusCode::OK);
    assert_eq!(world.state.published.check().await.unwrap(), 601);
}

#[tokio::test]
async fn a_damaged_profile_is_replaced_by_the_authoritys_own_and_by_no_others() {
    // [API-29] [PRO-2]
    let world = world(300).await;
    let (config, path) = (world.config.clone(), public(&world, "v1/authority"));
    let good = std::fs::read(&path).unwrap();
    let _keep = world.stop().await;
    for (name, how) in &DAMAGES[..3] {
        std::fs::write(&path, &good).unwrap();
        how(&path);
        let mut without = config.clone();
        let given = without.authority.take().unwrap();
        let error = opened(&without, Clock::system).await.map(drop).unwrap_err().to_string();
        assert!(error.contains("public/v1/authority") && error.contains("--authority"), "{error}");
        let stranger = given.with_file_name("stranger");
        std::fs::write(&stranger, Authority::new(2).profile(START).as_bytes()).unwrap();
        let other = noren_server::Config { authority: Some(stranger), ..config.clone() };
        assert!(opened(&other, Clock::system).await.is_err(), "{name}");
        let state = opened(&config, Clock::system).await.unwrap();
        assert_eq!(state.published.check().await.unwrap(), 300, "{name}");
        assert_eq!(std::fs::read(&path).unwrap(), good, "{name}");
        state.close().await;
    }
}
