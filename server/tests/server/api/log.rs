//! Appending to the log.

use axum::http::StatusCode;
use noren::log::{Append, Checkpoint, LogPosition};
use serde_json::json;

use super::harness::{START, World};
use crate::authority::{at, entry};

const CBOR: &str = "application/cbor";

#[tokio::test]
async fn entries_are_appended_and_the_whole_log_verifies() {
    // [API-9] [API-11]
    let mut world = World::new().await;
    let mut next = 0;
    for count in [0, 1, 2, 253, 1, 255, 300, 0, 700] {
        world.publish((next..next + count).map(entry).collect()).await;
        next += count;
        world.pass(1);
        assert_eq!(world.state.published.check().await.unwrap(), next);
    }
    let mut world = world.restart().await;
    assert_eq!(world.state.published.check().await.unwrap(), next);
    world.publish(vec![entry(next)]).await;
    assert_eq!(world.state.published.check().await.unwrap(), next + 1);
}

#[tokio::test]
async fn a_stale_append_is_told_the_current_size() {
    // [API-9]
    let mut world = World::new().await;
    let stale = world.authority.append(vec![entry(9)], START);
    world.publish(vec![entry(0), entry(1)]).await;
    let answer = world.append(&stale).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert_eq!(answer.problem(), "size-conflict");
    assert_eq!(answer.json()["size"], 2);
    // An authority that is ahead of its server is told as well.
    let mut ahead = world.authority.append(vec![entry(2)], START);
    ahead.old_size = 7;
    let answer = world.append(&ahead).await;
    assert_eq!((answer.status, &answer.json()["size"]), (StatusCode::CONFLICT, &json!(2)));
    assert_eq!(world.state.published.check().await.unwrap(), 2);
}

#[tokio::test]
async fn an_append_that_was_made_is_confirmed_when_it_comes_again() {
    // [API-9]
    let mut world = World::new().await;
    let append = world.authority.append(vec![entry(0)], START);
    for _ in 0..3 {
        let answer = world.append(&append).await;
        assert_eq!((answer.status, answer.json()), (StatusCode::OK, json!({"size": 1})));
    }
    world.authority.advance(&append);
    let heartbeat = world.authority.append(vec![], START + 1);
    for _ in 0..2 {
        let answer = world.append(&heartbeat).await;
        assert_eq!((answer.status, answer.json()), (StatusCode::OK, json!({"size": 1})));
    }
    let answer = world.append(&append).await;
    assert_eq!((answer.status, &answer.json()["size"]), (StatusCode::CONFLICT, &json!(1)));
}

#[tokio::test]
async fn what_does_not_lead_to_the_signed_root_is_refused() {
    // [API-9]
    let mut world = World::new().await;
    world.publish(vec![entry(0), entry(1)]).await;
    let good = world.authority.append(vec![entry(2)], START);
    let other_entry = Append { entries: vec![entry(3)], ..good.clone() };
    let more = Append { entries: vec![entry(2), entry(3)], ..good.clone() };
    let none = Append { entries: vec![], ..good.clone() };
    // Another past of the same size.
    let fork = Append::sign(
        &LogPosition::start(),
        vec![entry(7), entry(1)],
        &world.authority.origin,
        &world.authority.keys.log_keys(),
        at(START),
    );
    let fork = Append { old_size: 2, entries: vec![], ..fork.unwrap() };
    for append in [other_entry, more, none, fork] {
        let answer = world.append(&append).await;
        assert_eq!((answer.status, &answer.json()["size"]), (StatusCode::CONFLICT, &json!(2)));
    }
    assert_eq!(world.state.published.size(), 2);
    assert_eq!(world.append(&good).await.status, StatusCode::OK);
}

#[tokio::test]
async fn checkpoints_of_others_of_the_past_and_of_the_far_future_are_refused() {
    // [API-9]
    let mut world = World::new().await;
    world.publish(vec![entry(0)]).await;
    let good = world.authority.append(vec![entry(1)], START);
    let sign = |origin: &str, key: [u8; 32], time: u64| {
        let mut range = world.authority.position.range.clone();
        range.push(noren::log::leaf_hash(&entry(1)));
        let origin = noren::log::Origin::new(origin).unwrap();
        let checkpoint = Checkpoint { origin, size: 2, root: range.root() };
        let key = noren::keys::SignSecretKey::from_bytes(&key);
        Append { checkpoint: checkpoint.sign(&(&key).into(), at(time)).unwrap(), ..good.clone() }
    };
    let cases = [
        ("another key", sign("health.example/log", [2; 32], START)),
        ("another origin", sign("other.example/log", [1; 32], START)),
        ("an earlier time", sign("health.example/log", [1; 32], START - 1)),
        ("five minutes and a second ahead", sign("health.example/log", [1; 32], START + 301)),
        ("no signature", Append { checkpoint: "health.example/log\n".to_owned(), ..good.clone() }),
    ];
    for (what, append) in &cases {
        let answer = world.append(append).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{what}");
        assert_eq!(answer.problem(), "append-refused");
    }
    let ahead = sign("health.example/log", [1; 32], START + 300);
    assert_eq!(world.append(&ahead).await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_append_is_well_formed_and_within_the_limits() {
    // [API-9] [API-13]
    let world = World::new().await;
    let good = world.authority.append(vec![entry(0)], START).to_bytes().unwrap();
    let send = async |body: &[u8]| world.signed("POST", "/v1/log", CBOR, body).await.status;
    assert_eq!(send(b"").await, StatusCode::BAD_REQUEST);
    assert_eq!(send(&good[1..]).await, StatusCode::BAD_REQUEST);
    assert_eq!(send(&[&good[..], b"\0"].concat()).await, StatusCode::BAD_REQUEST);
    assert_eq!(send(&vec![0; Append::MAX_LENGTH + 1]).await, StatusCode::PAYLOAD_TOO_LARGE);
    let answer = world.signed("POST", "/v1/log", "application/json", &good).await;
    assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert_eq!(send(&good).await, StatusCode::OK);
}

#[tokio::test]
async fn of_sixteen_appends_to_one_tree_one_wins() {
    // [API-10]
    let mut world = World::new().await;
    for round in 0..5_u64 {
        let appends: Vec<_> = (0..16)
            .map(|racer| world.authority.append(vec![entry(round * 16 + racer)], world.now()))
            .collect();
        let racers = appends.iter().map(|append| world.append(append));
        let answers = futures_util::future::join_all(racers).await;
        let won: Vec<_> =
            (0..16).filter(|racer| answers[*racer].status == StatusCode::OK).collect();
        assert_eq!(won.len(), 1, "round {round}");
        for (racer, answer) in answers.iter().enumerate() {
            let expected = if won.contains(&racer) { StatusCode::OK } else { StatusCode::CONFLICT };
            assert_eq!((answer.status, &answer.json()["size"]), (expected, &json!(round + 1)));
        }
        world.authority.advance(&appends[won[0]]);
        assert_eq!(world.state.published.check().await.unwrap(), round + 1);
    }
}

#[tokio::test]
async fn who_stops_waiting_does_not_stop_an_append() {
    // [API-10] [API-11]
    let mut world = World::new().await;
    for patience in 1..12 {
        let size = world.authority.position.range.size();
        let first = world.authority.append(many(size, 1), START);
        let second = world.authority.append(many(size, 2), START);
        let patience = std::time::Duration::from_millis(patience);
        let waited = tokio::time::timeout(patience, world.append(&first)).await.is_ok();
        // Another one at once. It waits its turn, and finds the tree as it was or as it is now.
        let answer = world.append(&second).await;
        let won = if answer.status == StatusCode::OK { &second } else { &first };
        assert!(!waited || answer.status == StatusCode::CONFLICT);
        assert_eq!(world.append(won).await.status, StatusCode::OK);
        world.authority.advance(won);
        assert_eq!(world.state.published.check().await.unwrap(), size + 600);
    }
}

/// Entries that no other append has.
fn many(size: u64, mark: u8) -> Vec<Vec<u8>> {
    (size..size + 600).map(|number| [entry(number), vec![mark; 500]].concat()).collect()
}

#[tokio::test]
async fn a_failing_disk_loses_nothing_and_a_later_append_succeeds() {
    // [API-11] [API-19]
    let mut world = World::new().await;
    world.publish(vec![entry(0)]).await;
    let scratch = world.config.data.join("scratch");
    std::fs::remove_dir(&scratch).unwrap();
    std::fs::write(&scratch, "in the way").unwrap();
    let append = world.authority.append(vec![entry(1)], START);
    let answer = world.append(&append).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.header("retry-after"), "5");
    assert_eq!(world.ops("/health").await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.json().get("detail"), None);
    assert_eq!(world.state.published.size(), 1);
    world.pass(7_200);
    let feed = world.get("/v3/traceKeys").await;
    assert_eq!(noren::messages::unwrap_events(&feed.body).unwrap(), [entry(0)]);
    std::fs::remove_file(&scratch).unwrap();
    assert_eq!(world.ops("/health").await.status, StatusCode::OK);
    assert_eq!(world.append(&append).await.status, StatusCode::OK);
    assert_eq!(world.state.published.check().await.unwrap(), 2);
}

#[tokio::test]
async fn after_a_failure_the_disk_says_where_the_log_stands() {
    // [API-11]
    let mut world = World::new().await;
    let mut twin = World::new().await;
    world.publish(vec![entry(0)]).await;
    twin.publish(vec![entry(0)]).await;
    let append = world.authority.append(vec![entry(1)], START);
    let (scratch, kept) = (world.config.data.join("scratch"), world.data.path().join("kept"));
    std::fs::rename(&scratch, &kept).unwrap();
    std::fs::write(&scratch, "in the way").unwrap();
    assert_eq!(world.append(&append).await.status, StatusCode::SERVICE_UNAVAILABLE);
    // As if only the last sync had failed: all is on the disk, and the server does not know.
    assert_eq!(twin.append(&append).await.status, StatusCode::OK);
    let copied = std::process::Command::new("cp")
        .arg("-r")
        .arg(twin.config.data.join("public"))
        .arg(&world.config.data)
        .status();
    assert!(copied.unwrap().success());
    // Nobody is told that it is there before it is written durably.
    let answer = world.append(&append).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    std::fs::remove_file(&scratch).unwrap();
    std::fs::rename(&kept, &scratch).unwrap();
    let other = world.authority.append(vec![entry(7)], START);
    let answer = world.append(&other).await;
    assert_eq!((answer.status, &answer.json()["size"]), (StatusCode::CONFLICT, &json!(2)));
    let answer = world.append(&append).await;
    assert_eq!((answer.status, answer.json()), (StatusCode::OK, json!({"size": 2})));
    world.authority.advance(&append);
    world.publish(vec![entry(2)]).await;
    assert_eq!(world.state.published.check().await.unwrap(), 3);
}

#[tokio::test]
async fn what_a_crash_left_beyond_the_checkpoint_does_no_harm() {
    // [API-2] [API-11]
    let mut world = World::new().await;
    world.publish(vec![entry(0)]).await;
    let public = world.config.data.join("public");
    let checkpoint = std::fs::read(public.join("checkpoint")).unwrap();
    // As if the power had gone just before the checkpoint was replaced.
    let lost = world.authority.append((1..400).map(entry).collect(), START);
    assert_eq!(world.append(&lost).await.status, StatusCode::OK);
    let world = world
        .restart_after(|data| std::fs::write(data.join("public/checkpoint"), &checkpoint).unwrap())
        .await;
    assert_eq!(world.state.published.size(), 1);
    assert_eq!(world.get("/tile/entries/000").await.status, StatusCode::NOT_FOUND);
    // Another append takes the place, with the same file names and other content.
    let mut world = world;
    world.publish((1_000..1_399).map(entry).collect()).await;
    assert_eq!(world.state.published.check().await.unwrap(), 400);
    assert_eq!(world.get("/tile/entries/000").await.status, StatusCode::OK);
    world.pass(7_200);
    let feed = world.get("/v3/traceKeys").await;
    assert_eq!(noren::messages::unwrap_events(&feed.body).unwrap().len(), 400);
}
