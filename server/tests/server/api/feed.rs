//! The trace key feed.

use axum::http::StatusCode;
use noren::authority::{Case, review, shuffled_entries};
use noren::messages::{Layout, Notice, UploadCode, Venue, VenueDetails, unwrap_events};
use noren::profile::Pin;
use noren::time::{UnixSeconds, Window};
use noren::visitor::{FeedSync, News, Stay, Vault};
use rand::SeedableRng as _;

use super::harness::{Answer, START, World};
use crate::authority::entry;

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
    let now = (START + BUCKET) * 1_000;
    assert!(entries(&world.get(&format!("/v3/traceKeys?lastKeyBundleTag={now}")).await).is_empty());
    let zero = world.get("/v3/traceKeys?lastKeyBundleTag=0").await;
    assert_eq!(entries(&zero).len(), 1);
}

#[tokio::test]
async fn a_tag_has_one_spelling() {
    // [API-26] [API-3]
    let mut world = World::new().await;
    world.publish(vec![entry(1)]).await;
    world.pass(BUCKET);
    for query in [
        "",
        "x",
        "x=1",
        "lastKeyBundleTag",
        "lastKeyBundleTag=",
        "lastKeyBundleTag=x",
        "lastKeyBundleTag=+0",
        "lastKeyBundleTag=%2B0",
        "lastKeyBundleTag=-0",
        "lastKeyBundleTag=00",
        "lastKeyBundleTag=07200000",
        "lastKeyBundleTag=-07200000",
        "lastKeyBundleTag=%30",
        "lastKeyBundleTag=0%20",
        "lastKeyBundleTag=%200",
        "lastKeyBundleTag=0+",
        "lastKeyBundleTag=1.5",
        "lastKeyBundleTag=0.0",
        "lastKeyBundleTag=1e3",
        "lastKeyBundleTag=0x0",
        "lastKeyBundleTag=0,0",
        "lastKeyBundleTag=7_200_000",
        "lastKeyBundleTag=9223372036854775808",
        "lastKeyBundleTag=18446744073709551616",
        "lastKeyBundleTag=99999999999999999999",
        "lastKeyBundleTag=0&lastKeyBundleTag=0",
        "lastKeyBundleTag=0&",
        "&lastKeyBundleTag=0",
        "lastKeyBundleTag=0&x=1",
        "x=1&lastKeyBundleTag=0",
        "lastkeybundletag=0",
        "lastKeyBundleTag%3D0",
        "%6castKeyBundleTag=0",
        "lastKeyBundleTag=0;x",
        "lastKeyBundleTag=%D9%A0",
    ] {
        let answer = world.get(&format!("/v3/traceKeys?{query}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{query}");
        assert_eq!(answer.problem(), "malformed-request");
    }
    for tag in [0, 7_200_000, START * 1_000, (START + BUCKET) * 1_000] {
        let answer = world.get(&format!("/v3/traceKeys?lastKeyBundleTag={tag}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{tag}");
    }
}

#[tokio::test]
async fn the_pieces_of_a_long_answer_are_all_its_entries_in_their_order() {
    // [API-25] [API-3]
    let mut world = World::new().await;
    let long = |number: u64| [entry(number), vec![7; 1_000 * (number as usize % 40)]].concat();
    let mut next = 0;
    for count in [1, 250, 10, 300, 3] {
        world.publish((next..next + count).map(long).collect()).await;
        next += count;
        if count > 9 {
            world.pass(BUCKET);
        }
    }
    world.pass(BUCKET);
    let all: Vec<_> = (0..next).map(long).collect();
    assert!(entries(&world.get("/v3/traceKeys").await) == all);
    let second = (START + BUCKET) * 1_000;
    let answer = world.get(&format!("/v3/traceKeys?lastKeyBundleTag={second}")).await;
    assert!(entries(&answer) == all[251..]);
    // And those of a bundle.
    let bundle = world.get("/tile/entries/001").await;
    assert_eq!(bundle.header("content-length"), bundle.body.len().to_string());
    let expected = all[256..512]
        .iter()
        .flat_map(|entry| [&(entry.len() as u16).to_be_bytes()[..], entry].concat());
    assert!(bundle.body.iter().copied().eq(expected));
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

#[tokio::test]
async fn a_device_that_has_nothing_but_the_feed_is_warned() {
    // [API-3] [MAT-12]
    let mut world = World::new().await;
    let mut rng = rand_chacha::ChaCha20Rng::seed_from_u64(5);
    let at = |seconds| UnixSeconds::new(START - 86_400 + seconds).unwrap();
    let evening = Window::new(at(0), at(3_600)).unwrap();
    let venue = Venue::new("Bar", "Umeda", evening, VenueDetails::default()).unwrap();
    let upload_key = world.authority.keys.upload_public_key();
    let (entry_code, trace_code) = noren::venue::set_up(venue, &upload_key, &mut rng).unwrap();
    let mut vault = Vault::new();
    let stay = Stay::new(at(60), at(3_000)).unwrap();
    drop(vault.visit(&entry_code, stay, &mut rng).unwrap());
    let code = UploadCode::generate(&mut rng).binding();
    let upload = noren::venue::upload(&trace_code, evening, code, evening.over_at()).unwrap();
    let sealed = upload.seal(&upload_key, &mut rng).unwrap();
    let case = Case { code, window: evening };
    let review =
        review(world.authority.keys.upload_key(), &case, &sealed, evening.over_at()).unwrap();
    let notice = Notice { window: Some(evening), message: String::new(), details: None };
    let of_hours = review.pre_traces.iter();
    let traces: Vec<_> =
        of_hours.map(|each| each.trace(&notice, Layout::WithTimes, &mut rng).unwrap()).collect();
    world.publish(shuffled_entries(&traces, &mut rng)).await;
    world.publish(vec![entry(1)]).await;
    world.pass(BUCKET);
    for round in 0..3 {
        let now = at(86_400 + BUCKET + round);
        let mut sync = FeedSync::new(&vault, "https://noren.example", now);
        sync.give(&world.get("/v3/traceKeys").await.body).unwrap();
        while let Some(work) = sync.work() {
            sync.take(work.run());
        }
        assert_eq!(sync.finish(&mut vault).unwrap().events, traces.len() as u64 + 1);
        let news = vault.news::<Pin>(&[]);
        let told: Vec<_> = news.iter().map(|(news, exposure)| (*news, exposure.stay)).collect();
        assert_eq!(told, if round == 0 { vec![(News::New, stay)] } else { vec![] });
        news.iter().for_each(|(_, exposure)| vault.announce(exposure));
    }
}
