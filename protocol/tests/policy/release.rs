//! Release times, and how large a batch may be.

use noren::authority::{Cover, MAX_COVER, Policy, PolicyError, covered_count, covered_entries};
use noren::keys::MasterSecretKey;
use noren::log::Append;
use noren::time::Day;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng as _;

use crate::{file, shipped};

fn with(more: &str) -> Result<Policy, PolicyError> {
    Policy::from_toml(&file(&format!("decision = \"staff\"\n{more}")))
}

fn refused(more: &str, words: &str) {
    let error = with(more).expect_err("not a sound policy").to_string();
    assert!(error.contains(words), "{more}: {error}");
}

#[test]
fn times_and_multiple_come_out_in_order() {
    // [POL-12] [POL-13]
    let policy = with("[release]\ntimes = [\"18:00\", \"00:00\", \"09:05\"]\nmultiple = 8\n");
    let policy = policy.expect("a sound policy");
    let release = policy.release().expect("release times");
    let times: Vec<String> = release.times().iter().map(ToString::to_string).collect();
    assert_eq!(times, ["00:00", "09:05", "18:00"]);
    assert_eq!((release.multiple(), release.longest_pause()), (8, 545));
    assert_eq!(policy.cover(), Some(Cover { multiple: 8, days: 15 }), "today and 14 days");
    let one = with("retention_days = 1\n[release]\ntimes = [\"23:59\"]\nmultiple = 1024\n");
    let one = one.expect("a sound policy");
    assert_eq!(one.release().expect("release times").longest_pause(), 1_440);
    assert_eq!(one.cover(), Some(Cover { multiple: 1024, days: 2 }));
}

#[test]
fn what_is_no_time_of_the_day_is_refused() {
    // [POL-12]
    for time in
        ["24:00", "12:60", "9:00", "09:0", "0900", "", "09:00 ", "+9:00", "０9:00", "09:00:00"]
    {
        let words = "release.times[2] is ";
        refused(&format!("[release]\ntimes = [\"12:00\", \"{time}\"]\nmultiple = 8\n"), words);
    }
    refused("[release]\ntimes = []\nmultiple = 8\n", "release.times is empty");
    let twice = "[release]\ntimes = [\"12:00\", \"13:00\", \"12:00\"]\nmultiple = 8\n";
    refused(twice, "release.times[3] is there already");
    let many: Vec<String> = (0..25).map(|minute| format!("\"12:{minute:02}\"")).collect();
    let many = format!("[release]\ntimes = [{}]\nmultiple = 8\n", many.join(","));
    refused(&many, "release.times has 25 members, the limit is 24");
    for multiple in ["0", "1025"] {
        let number = format!("[release]\ntimes = [\"12:00\"]\nmultiple = {multiple}\n");
        refused(&number, "release.multiple is ");
    }
    refused("[release]\nmultiple = 8\n", "times");
    refused("[release]\ntimes = [\"12:00\"]\n", "multiple");
    refused("[release]\ntimes = [\"12:00\"]\nmultiple = 8\nday = 1\n", "day");
    let both = "[cover]\nmultiple = 8\ndays = 7\n[release]\ntimes = [\"12:00\"]\nmultiple = 8\n";
    refused(both, "cover does not go with release");
}

#[test]
fn cover_that_no_append_holds_is_refused() {
    // [POL-14]
    refused("[cover]\nmultiple = 1024\ndays = 14\n", "28672 entries of cover");
    refused("[cover]\nmultiple = 293\ndays = 14\n", "one append takes 8192");
    with("[cover]\nmultiple = 292\ndays = 14\n").expect("it fits");
    let release = |multiple| format!("[release]\ntimes = [\"12:00\"]\nmultiple = {multiple}\n");
    refused(&release(274), "release.multiple makes batches of 8220 entries");
    with(&release(273)).expect("it fits");
    refused(&format!("retention_days = 60\n{}", release(68)), "counting 61 days");
}

#[test]
fn the_most_cover_leaves_room_in_one_append_for_thousands_of_notices() {
    // [POL-14] [LOG-11]
    let (mut rng, today) =
        (ChaCha20Rng::from_seed([7; 32]), Day::containing(noren::UnixSeconds::MAX));
    let cover = Some(Cover { multiple: 2, days: 3 });
    let patient_key = MasterSecretKey::generate(&mut rng);
    for key in [None, Some(&patient_key)] {
        let entries = covered_entries(&[], cover, today, key, &mut rng).expect("cover");
        assert_eq!(entries.len(), covered_count(&[], cover, today, key));
        let most = vec![entries[0].clone(); MAX_COVER as usize + 2_900];
        assert!(Append::holds(&most), "{} bytes each", entries[0].len());
        assert!(entries.iter().all(|entry| entry.len() == entries[0].len()));
    }
    let append = |entries: Vec<Vec<u8>>| {
        Append { old_size: 0, entries, checkpoint: "x".repeat(8_192) }.to_bytes()
    };
    for (length, most) in [(640, 13_000), (0, Append::MAX_ENTRIES)] {
        let count =
            (1..=most + 1).rev().find(|&count| Append::holds(&vec![vec![7; length]; count]));
        let count = count.expect("some fit");
        append(vec![vec![7; length]; count]).expect("it holds what it says");
    }
    assert!(!Append::holds(&vec![vec![]; Append::MAX_ENTRIES + 1]));
}

#[test]
fn shipped_policies_publish_at_once_and_say_why() {
    // [POL-11] [POL-12]
    for each in Policy::shipped() {
        let policy = shipped(each.name);
        assert_eq!(policy.release(), None, "{}", each.name);
        let open = policy.left_open().iter().find(|open| open.setting == "release");
        assert!(open.is_some_and(|open| open.why.contains("[release]")), "{}", each.name);
        assert!(each.toml.contains("# Chosen: publications go out at once"), "{}", each.name);
    }
}
