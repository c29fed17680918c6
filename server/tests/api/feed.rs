//! The trace key feed.

use axum::http::StatusCode;
use noren::messages::trace::unwrap_events;

use crate::authority::entry;
use crate::harness::{Answer, START, World};

const BUCKET: u64 = 7_200;

fn entries(answer: &Answer) -> Vec<Vec<u8>> {
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header("content-type"), "application/x-protobuf");
    assert_eq!(answer.header("content-length"), answer.body.len().to_string());
    unwrap_events(&answer.body).unwrap()
}

fn tag(answer: &Answer) -> u64 {
    answer.header("x-key-bundle-tag").parse().unwrap()
}

#[tokio::test]
async fn a_client_that_follows_the_tag_gets_every_entry_once() {
    // [API-3]
    let mut world = World::new().await;
    let mut followed = vec![];
    let mut last = None;
    for round in 0..30_u64 {
        world.publish(vec![entry(2 * round), entry(2 * round + 1)]).await;
        // Twice in some buckets, not at all in others.
        world.pass([BUCKET / 3, BUCKET, 3 * BUCKET][round as usize % 3]);
        let query = last.map_or(String::new(), |tag| format!("?lastKeyBundleTag={tag}"));
        let answer = world.get(&format!("/v3/traceKeys{query}")).await;
        followed.extend(entries(&answer));
        assert_eq!(tag(&answer) % (BUCKET * 1_000), 0);
        last = Some(tag(&answer));
    }
    world.pass(BUCKET);
    let answer = world.get(&format!("/v3/traceKeys?lastKeyBundleTag={}", last.unwrap())).await;
    followed.extend(entries(&answer));
    assert_eq!(followed, (0..60).map(entry).collect::<Vec<_>>());
    let all = world.get("/v3/traceKeys").await;
    assert_eq!(entries(&all), followed);
}

#[tokio::test]
async fn an_entry_appears_when_its_bucket_is_over_and_goes_after_14_days() {
    // [API-3]
    let mut world = World::new().await;
    world.pass(10);
    world.publish(vec![entry(7)]).await;
    let answer = world.get("/v3/traceKeys").await;
    assert_eq!(entries(&answer), Vec::<Vec<u8>>::new());
    assert_eq!(tag(&answer), START * 1_000);
    world.pass(BUCKET - 11);
    assert!(entries(&world.get("/v3/traceKeys").await).is_empty());
    world.pass(1);
    let answer = world.get("/v3/traceKeys").await;
    assert_eq!(entries(&answer), [entry(7)]);
    assert_eq!(tag(&answer), (START + BUCKET) * 1_000);
    assert_eq!(answer.header("cache-control"), "public, max-age=300");
    world.pass(BUCKET - 20);
    assert_eq!(world.get("/v3/traceKeys").await.header("cache-control"), "public, max-age=20");
    world.pass(14 * 86_400 - BUCKET + 19);
    assert_eq!(entries(&world.get("/v3/traceKeys").await).len(), 1);
    world.pass(1);
    assert_eq!(entries(&world.get("/v3/traceKeys").await).len(), 0);
    let old = format!("/v3/traceKeys?lastKeyBundleTag={}", START * 1_000);
    assert_eq!(entries(&world.get(&old).await).len(), 0);
}

#[tokio::test]
async fn a_tag_that_is_no_bucket_of_the_past_is_refused() {
    // [API-3]
    let mut world = World::new().await;
    world.publish(vec![entry(1)]).await;
    world.pass(BUCKET);
    for tag in ["1", "-7200000", "1700006400001", "9223372036854775807"] {
        let answer = world.get(&format!("/v3/traceKeys?lastKeyBundleTag={tag}")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{tag}");
        assert_eq!(answer.problem(), "key-bundle-tag-refused");
    }
    let next = (START + 2 * BUCKET) * 1_000;
    let answer = world.get(&format!("/v3/traceKeys?lastKeyBundleTag={next}")).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    for tag in ["", "x", "1.5", "99999999999999999999", "0&lastKeyBundleTag=0"] {
        let answer = world.get(&format!("/v3/traceKeys?lastKeyBundleTag={tag}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{tag}");
        assert_eq!(answer.problem(), "malformed-request");
    }
    let now = (START + BUCKET) * 1_000;
    assert!(entries(&world.get(&format!("/v3/traceKeys?lastKeyBundleTag={now}")).await).is_empty());
    let zero = world.get("/v3/traceKeys?x=1&lastKeyBundleTag=0").await;
    assert_eq!(entries(&zero).len(), 1);
}

#[tokio::test]
async fn what_was_given_out_as_complete_stays_so_when_the_clock_goes_back() {
    // [API-3]
    let mut world = World::new().await;
    world.publish(vec![entry(0)]).await;
    world.pass(BUCKET);
    let first = world.get("/v3/traceKeys").await;
    let seen = tag(&first);
    assert_eq!(entries(&first).len(), 1);
    world.set(START + BUCKET - 5);
    let append = world.authority.append(vec![entry(1)], START + 1);
    assert_eq!(world.append(&append).await.status, StatusCode::OK);
    world.set(START + 2 * BUCKET);
    let second = world.get(&format!("/v3/traceKeys?lastKeyBundleTag={seen}")).await;
    assert_eq!(entries(&second), [entry(1)]);
}

#[tokio::test]
async fn a_long_answer_ends_at_a_bucket_and_its_tag_leads_on() {
    // [API-3]
    let mut world = World::new().await;
    let big = |number: u8| vec![number; 60_000];
    for round in 0..6_u8 {
        world.publish((0..80).map(|_| big(round)).collect()).await;
        world.pass(BUCKET);
    }
    let first = world.get("/v3/traceKeys").await;
    let taken = entries(&first).len();
    assert!(taken < 480, "{taken}");
    assert!(tag(&first) < (START + 6 * BUCKET) * 1_000);
    let rest = world.get(&format!("/v3/traceKeys?lastKeyBundleTag={}", tag(&first))).await;
    assert_eq!(taken + entries(&rest).len(), 480);
    assert_eq!(tag(&rest), (START + 6 * BUCKET) * 1_000);
}

#[tokio::test]
async fn the_feed_survives_a_restart_and_the_loss_of_the_database() {
    // [API-3] [API-11]
    let mut world = World::new().await;
    world.publish(vec![entry(0), entry(1)]).await;
    world = world.restart().await;
    world.pass(BUCKET);
    assert_eq!(entries(&world.get("/v3/traceKeys").await).len(), 2);
    world = world.restart_without_database().await;
    assert_eq!(entries(&world.get("/v3/traceKeys").await).len(), 2);
}
