//! A visitor's device and the logs that it follows, some of them bad: what they cost is bounded, and
//! the others are read.

use std::sync::{Arc, Mutex};

use noren::log::{MAX_ENTRY, MAX_SIZE, TreeHash, archived_path, encode_bundle};
use noren::time::Day;

use crate::support::office::now;
use crate::support::person::{Person, Ran};
use crate::support::site::{Site, entries, tree};

/// Somebody who follows some sites.
fn follower(sites: &[&Site]) -> Person {
    let person = Person::new();
    for site in sites {
        // The same name for all of them would be refused.
        person.json(&["visitor", "follow", &site.url], b"");
    }
    person
}

fn sync(person: &Person) -> Ran {
    person.noren(&["visitor", "sync"], b"")
}

fn kept(person: &Person, name: &str) -> Vec<std::path::PathBuf> {
    let Ok(folder) = std::fs::read_dir(person.path(name)) else { return Vec::new() };
    folder.map(|entry| entry.unwrap().path()).filter(|path| !path.ends_with("lock")).collect()
}

/// A good authority beside the bad one: another origin, by the desk's own server.
fn neighbour() -> crate::support::desk::Desk {
    crate::support::desk::Desk::new("Neighbour")
}

#[test]
fn a_head_that_says_too_much_costs_little_and_the_next_log_is_read() {
    // [CLI-25]
    let (bad, good) = (Site::new("Bad", &entries(3)), neighbour());
    let person = follower(&[&bad]);
    person.json(&["visitor", "follow", &good.url()], b"");
    bad.sign(MAX_SIZE, TreeHash([7; 32]), now());
    bad.asked();
    let ran = sync(&person);
    ran.fails("is not there");
    ran.fails("Bad: not read");
    let asked = bad.asked();
    // An archived head of eight days was asked for, and a file on each connection.
    assert!(asked.len() <= 3 + 8 + 8, "{asked:?}");
    // The other one was read: its checkpoint is kept.
    let caches = kept(&person, "home/cache");
    assert_eq!(caches.iter().filter(|cache| cache.join("checkpoint").exists()).count(), 1);
}

#[test]
fn nothing_is_tried_before_everything_is_downloaded() {
    // [MAT-11]
    let sites = [
        Site::of("one.example/log", "One", &entries(3)),
        Site::of("other.example/log", "Other", &entries(5)),
    ];
    let person = follower(&sites.each_ref());
    assert_eq!(sync(&person).code, Some(1));
    // Both have grown; who is asked sees the vault as it was before either was tried.
    let vault = person.path("home/visitor/vault");
    let before = std::fs::read(&vault).unwrap();
    let seen = Arc::new(Mutex::new(Vec::new()));
    for site in &sites {
        let grown = entries(20);
        site.publish(&grown);
        site.remove("tile/entries/000.p/20");
        let (vault, seen) = (vault.clone(), Arc::clone(&seen));
        let bundle = encode_bundle(&grown).unwrap();
        site.otherwise(move |path| {
            let is_last = path == "tile/entries/000.p/20";
            is_last.then(|| {
                seen.lock().unwrap().push(std::fs::read(&vault).unwrap());
                bundle.clone()
            })
        });
    }
    assert_eq!(sync(&person).code, Some(1));
    assert_eq!(*seen.lock().unwrap(), [before.clone(), before.clone()]);
    assert_ne!(std::fs::read(&vault).unwrap(), before, "then both were");
}

#[test]
fn nothing_new_costs_two_short_answers_and_no_look_at_what_was_kept() {
    // [LOG-16] [API-37]
    let site = Site::new("Good", &entries(600));
    let person = follower(&[&site]);
    assert_eq!(sync(&person).code, Some(1));
    site.asked();
    let caches = kept(&person, "home/cache");
    let bundle = caches[0].join("tile_entries_000");
    std::fs::write(&bundle, b"not what it was").unwrap();
    assert_eq!(sync(&person).code, Some(1));
    assert_eq!(site.asked(), ["v1/authority", "304", "checkpoint"]);
    assert_eq!(std::fs::read(&bundle).unwrap(), b"not what it was");
    // One that is gone is fetched again, whatever the vault holds.
    std::fs::remove_file(&bundle).unwrap();
    assert_eq!(sync(&person).code, Some(1));
    assert_eq!(site.asked(), ["v1/authority", "304", "checkpoint", "tile/entries/000"]);
}

#[test]
fn bundles_are_asked_for_several_at_once_and_taken_as_they_come() {
    // [LOG-16]
    let log = entries(256 * 20);
    let site = Site::new("Good", &[]);
    let person = follower(&[&site]);
    site.sign(256 * 20, tree(&log).root(), now());
    let (waiting, most) = (Arc::new(Mutex::new(0)), Arc::new(Mutex::new(0)));
    let (asked, seen) = (Arc::clone(&waiting), Arc::clone(&most));
    site.otherwise(move |path| {
        let index: usize = path.strip_prefix("tile/entries/")?.parse().ok()?;
        *asked.lock().unwrap() += 1;
        // The earlier ones come later.
        std::thread::sleep(std::time::Duration::from_millis(if index.is_multiple_of(8) {
            400
        } else {
            100
        }));
        let mut asked = asked.lock().unwrap();
        let mut seen = seen.lock().unwrap();
        *seen = (*seen).max(*asked);
        *asked -= 1;
        encode_bundle(&log[index * 256..][..256]).ok()
    });
    assert_eq!(sync(&person).code, Some(1));
    assert_eq!((*most.lock().unwrap(), *waiting.lock().unwrap()), (8, 0));
}

#[test]
fn who_is_new_begins_at_an_archived_head_and_keeps_no_earlier_file() {
    // [LOG-18] [LOG-19]
    let log = entries(6_000);
    let site = Site::new("Good", &log);
    let then = now().minus(15 * 86_400);
    let note = site.sign(5_000, tree(&log[..5_000]).root(), then);
    site.publish(&log);
    let path = archived_path(Day::containing(then));
    site.put(&path, note.as_bytes());
    let person = follower(&[&site]);
    site.asked();
    assert_eq!(sync(&person).code, Some(1));
    let asked = site.asked();
    assert!(asked.contains(&path) && asked.contains(&"tile/0/019".to_owned()), "{asked:?}");
    let entries = asked.iter().filter(|path| path.starts_with("tile/entries/"));
    assert_eq!(entries.count(), 24 - 19, "{asked:?}");
    assert_eq!(sync(&person).code, Some(1));
    assert_eq!(site.asked(), ["v1/authority", "304", "checkpoint"]);
    let cache = &kept(&person, "home/cache")[0];
    assert!(!cache.join("tile_entries_018").exists() && cache.join("tile_entries_019").exists());
    // What is left of a time when more was needed goes.
    std::fs::write(cache.join("tile_entries_007"), b"old").unwrap();
    assert_eq!(sync(&person).code, Some(1));
    assert!(!cache.join("tile_entries_007").exists());
}

#[test]
fn entries_that_were_read_and_are_gone_everywhere_keep_nobody_from_new_ones() {
    // [CLI-26] [VLT-9]
    let site = Site::new("Good", &entries(300));
    let person = follower(&[&site]);
    assert_eq!(sync(&person).code, Some(1));
    let position = || std::fs::read(person.path("home/visitor/vault")).unwrap();
    let before = position();
    std::fs::remove_dir_all(person.path("home/cache")).unwrap();
    site.publish(&entries(310));
    site.remove("tile/entries/000");
    assert_eq!(sync(&person).code, Some(1), "there is no visit to try the old ones on");
    assert_ne!(position(), before, "the new ones were read");
}

#[test]
fn bundles_without_end_are_read_so_far_and_on_from_there() {
    // [CLI-25]
    let bad = Site::new("Bad", &[]);
    let person = follower(&[&bad]);
    bad.sign(MAX_SIZE, TreeHash([7; 32]), now());
    let bundle = encode_bundle(&vec![b""; 256]).unwrap();
    bad.otherwise(move |path| path.starts_with("tile/entries").then(|| bundle.clone()));
    bad.asked();
    sync(&person).fails("sync again to go on");
    let bundles = |asked: Vec<String>| {
        let bundles = asked.into_iter().filter(|path| path.starts_with("tile/entries"));
        bundles.collect::<Vec<_>>()
    };
    let first = bundles(bad.asked());
    assert_eq!(first.len(), 4_096);
    sync(&person).fails("sync again to go on");
    let second = bundles(bad.asked());
    assert_eq!(second.len(), 4_096);
    assert!(second.iter().all(|path| !first.contains(path)), "none is asked for twice");
    // Long ones end by their bytes.
    let long = encode_bundle(&vec![vec![0; MAX_ENTRY]; 256]).unwrap();
    let bad = Site::new("Bad", &[]);
    let person = follower(&[&bad]);
    bad.sign(MAX_SIZE, TreeHash([7; 32]), now());
    bad.otherwise(move |path| path.starts_with("tile/entries").then(|| long.clone()));
    sync(&person).fails("sync again to go on");
    let asked = bad.asked().len();
    assert!(asked < 30, "{asked}");
}

#[test]
fn answers_of_any_sort_are_refused_and_none_takes_the_memory() {
    // [CLI-25]
    let bad = Site::new("Bad", &entries(3));
    let person = follower(&[&bad]);
    let endless = b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n".to_vec();
    let long = [&endless[..], &vec![b'x'; 1 << 20]].concat();
    let packed =
        b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 3\r\n\r\nabc".to_vec();
    let moved = b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:9/\r\ncontent-length: 0\r\n\r\n"
        .to_vec();
    let broken = b"HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n".to_vec();
    for path in ["v1/authority", "checkpoint", "tile/entries/000.p/3"] {
        for (answer, words) in [
            (&long, "longer than"),
            (&packed, "packed"),
            (&moved, "points elsewhere to http://127.0.0.1:9/"),
            (&broken, "503"),
        ] {
            let before = Site::mirror(&bad);
            bad.answer(path, answer.clone());
            sync(&person).fails(words);
            bad.restore(&before, path);
        }
    }
    assert_eq!(sync(&person).code, Some(1));
}

#[test]
fn a_partial_bundle_that_is_gone_is_taken_from_a_wider_one() {
    // [API-2]
    for wider in [300, 700] {
        let (old, new) = (entries(270), entries(wider));
        let site = Site::new("Good", &old);
        let person = follower(&[&site]);
        site.publish(&new);
        site.remove("tile/entries/001.p/14");
        // The old head is still shown, by a cache on the way.
        site.sign(270, tree(&old).root(), now());
        assert_eq!(sync(&person).code, Some(1), "{wider}");
        site.sign(wider, tree(&new).root(), now());
        assert_eq!(sync(&person).code, Some(1), "{wider}");
    }
}

#[test]
fn a_fork_a_rollback_and_a_rewritten_past_are_kept_as_evidence() {
    // [LOG-8] [LOG-14]
    let (honest, other) = (entries(5), entries(9)[3..8].to_vec());
    let site = Site::new("Forked", &honest);
    let person = follower(&[&site]);
    assert_eq!(sync(&person).code, Some(1));
    let evidence = || {
        let mut pieces = kept(&person, "home/evidence");
        pieces.sort();
        pieces
    };
    let compare = |piece: &std::path::Path, more: &[&str]| {
        let piece = piece.to_str().unwrap();
        person.noren(&[&["--json", "auditor", "compare", piece], more].concat(), b"")
    };
    // The same size, another root.
    site.sign(5, tree(&other).root(), now());
    for _ in 0..3 {
        let ran = sync(&person);
        ran.ends(3, "two different histories");
        ran.ends(3, &format!("--log {}", site.url));
    }
    let [fork] = &evidence()[..] else { panic!("one piece: {:?}", evidence()) };
    assert!(fork.file_name().unwrap().to_str().unwrap().starts_with("health.example-log_5_5_"));
    let ran = compare(fork, &[]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.out.contains(r#""verdict": "fork""#) && ran.out.contains(r#""proof": true"#));
    // Fewer entries, signed later.
    site.sign(2, tree(&honest[..2]).root(), now());
    sync(&person).ends(3, "went back from 5 to 2");
    let rollback = evidence().into_iter().find(|piece| piece.to_str().unwrap().contains("_5_2_"));
    let readme =
        rollback.as_ref().map(|piece| std::fs::read_to_string(piece.join("README")).unwrap());
    assert!(readme.unwrap().contains("--log names the log's address"));
    assert!(rollback.is_some_and(|piece| piece.join("seen.checkpoint").exists()));
    // More entries, and the first ones are other ones.
    let longer = [&other[..], &entries(2)].concat();
    site.publish(&longer);
    sync(&person).ends(3, "not those that the authority signed");
    let rewritten = evidence().into_iter().find(|piece| piece.to_str().unwrap().contains("_5_7_"));
    let rewritten = rewritten.unwrap();
    compare(&rewritten, &[]).fails("with --log");
    let ran = compare(&rewritten, &["--log", &site.url]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.out.contains(r#""verdict": "rewritten""#), "{ran:?}");
    // It never grows without an end.
    for size in 10..40 {
        site.sign(5, tree(&entries(size)).root(), now());
        sync(&person).ends(3, "two different histories");
    }
    assert_eq!(evidence().len(), 16);
    // What is honest is still read.
    site.publish(&entries(6));
    assert_eq!(sync(&person).code, Some(1));
}
